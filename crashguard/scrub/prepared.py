"""What was prepared beforehand and is made at its first use: regular expressions, and tables of words.

A dying process pays for what its texts need. `_compiled` holds the code of each pattern, made by
`python -m tools.patterns`; where that code is not for this interpreter, `re` compiles the pattern.

A table stays a text until it is asked for often. A dying process asks each a few dozen times: a search in
a text takes less than making a set of its words, and taking that apart at the end of the process. A long log
asks thousands of times, so that the set is made. Rows are made of their lines for the beginnings that a text
has.
"""

import sys

from crashguard.scrub._compiled import GROUPS, PATTERNS

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

_END = 1 << 60


class Pattern:
    """A regular expression that is made at its first use: a dying process pays for what it needs."""

    __slots__ = ("_compiled", "source")

    def __init__(self, source: str) -> None:
        self.source = source
        self._compiled: re.Pattern[str] | None = None

    @property
    def regex(self) -> "re.Pattern[str]":
        """The compiled pattern."""
        if self._compiled is None:
            self._compiled = _of_table(self.source) or _by_compiler(self.source)
        return self._compiled

    def match(self, text: str, start: int = 0, end: int = _END) -> "re.Match[str] | None":
        """As `re.Pattern.match`."""
        return (self._compiled or self.regex).match(text, start, end)

    def search(self, text: str, start: int = 0, end: int = _END) -> "re.Match[str] | None":
        """As `re.Pattern.search`."""
        return (self._compiled or self.regex).search(text, start, end)

    def fullmatch(self, text: str, start: int = 0, end: int = _END) -> "re.Match[str] | None":
        """As `re.Pattern.fullmatch`."""
        return (self._compiled or self.regex).fullmatch(text, start, end)

    def finditer(self, text: str, start: int = 0, end: int = _END) -> "Iterator[re.Match[str]]":
        """As `re.Pattern.finditer`."""
        return (self._compiled or self.regex).finditer(text, start, end)


# The versions of the machine language whose words are those of the table: CPython 3.11, 3.12, 3.13 to 3.15.
_MAGICS = (20220615, 20221023, 20230612)


def _of_table(source: str) -> "re.Pattern[str] | None":
    """A pattern made of the compiled code in the table, without `re`; None where that is not possible."""
    if sys.implementation.name != "cpython" or sys.byteorder != "little":
        return None
    try:
        import _sre  # type: ignore[import-not-found]  # built in; what re.compile calls in the end

        if _sre.MAGIC not in _MAGICS or _sre.CODESIZE != 4:
            return None
        flags, groups, large, *words = memoryview(PATTERNS[source]).cast("H").tolist()
        end = len(words) - 3 * large
        for at in range(end, len(words), 3):
            words[words[at]] = words[at + 1] | words[at + 2] << 16
        del words[end:]
        names = GROUPS.get(source, "").split()
        by_name = {name: number for number, name in enumerate(names, 1) if name != "-"}
        by_number = (None, *(None if name == "-" else name for name in names or ["-"] * groups))
        made: re.Pattern[str] = _sre.compile(source, flags, words, groups, by_name, by_number)
    except Exception:  # noqa: BLE001 (a private function of the interpreter: then the compiler has to do)
        return None
    return made


def _by_compiler(source: str) -> "re.Pattern[str]":
    import re

    return re.compile(source)


# Questions. Making a set of a thousand words takes as long as about a hundred searches in their text.
_OFTEN = 100


class Words:
    """A set of words.

    Args:
        text: The words, with a blank between two.
    """

    __slots__ = ("_asked", "_set", "_text")

    def __init__(self, text: str) -> None:
        self._text = f" {text} "
        self._set: frozenset[str] | None = None
        self._asked = 0

    def __contains__(self, word: str) -> bool:
        if self._set is not None:
            return word in self._set
        self._asked += 1
        if self._asked > _OFTEN:
            self._set = frozenset(self._text.split())
        return f" {word} " in self._text and " " not in word

    def __iter__(self) -> "Iterator[str]":
        return iter(self._text.split())


class Meanings:
    """A dict of words.

    Args:
        values: The values.
        text: `WORD:NUMBER` of each word, with a blank between two: which of the values is its own.
    """

    __slots__ = ("_asked", "_dict", "_text", "_values")

    def __init__(self, values: tuple[tuple[int, str], ...], text: str) -> None:
        self._values = values
        self._text = f" {text} "
        self._dict: dict[str, tuple[int, str]] | None = None
        self._asked = 0

    def get(self, word: str) -> tuple[int, str] | None:
        """The value of a word; None for another word."""
        if self._dict is not None:
            return self._dict.get(word)
        self._asked += 1
        if self._asked > _OFTEN:
            self._dict = {each: self._values[number] for each, number in self._entries()}
        start = self._text.find(f" {word}:") + len(word) + 2
        if start == len(word) + 1 or not word.isalnum():
            return None
        return self._values[int(self._text[start : self._text.index(" ", start)])]

    def __contains__(self, word: str) -> bool:
        return self.get(word) is not None

    def __iter__(self) -> "Iterator[str]":
        return (word for word, _ in self._entries())

    def _entries(self) -> "Iterator[tuple[str, int]]":
        for entry in self._text.split():
            word, _, number = entry.partition(":")
            yield word, int(number)


class Rows:
    """Rows of fields, by the text with which each begins. They are made at the first look at that text.

    Args:
        lines: The rows of each beginning: a line each, with a tab between two fields.
    """

    __slots__ = ("_made", "lines")

    def __init__(self, lines: dict[str, str]) -> None:
        self.lines = lines
        self._made: dict[str, tuple[tuple[str, ...], ...]] = {}

    def at(self, start: str) -> tuple[tuple[str, ...], ...]:
        """The rows of a beginning; none where there is no such one."""
        made = self._made.get(start)
        if made is None:
            lines = self.lines.get(start)
            if lines is None:
                return ()
            made = self._made[start] = tuple(tuple(line.split("\t")) for line in lines.split("\n"))
        return made
