"""Regular expressions that are made at their first use, of code that was compiled beforehand.

A dying process pays for the patterns that its texts need. `_compiled` holds the code of each, made by
`python -m tools.patterns`; where that code is not for this interpreter, `re` compiles the pattern.
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
