"""Tables of words that cost little to load: they stay texts until they are asked for often.

A dying process asks each table a few dozen times. A search in a text takes less then than making a set of its
words, and taking it apart at the end of the process. A long log asks thousands of times, so that the set is
made. Rows are made from their lines for the beginnings that a text has.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

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
