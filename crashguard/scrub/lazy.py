"""Patterns that are compiled when they are first used: a dying process pays for what its message needs.

Must live here: late compilation. Must not be known here: any pattern.
"""

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_END = 1 << 60


class Lazy:
    """A pattern that compiles itself at its first use."""

    __slots__ = ("_compiled", "flags", "pattern")

    def __init__(self, pattern: str, flags: int = 0) -> None:
        self.pattern = pattern
        self.flags = flags
        self._compiled: re.Pattern[str] | None = None

    @property
    def is_compiled(self) -> bool:
        """Whether it was used before."""
        return self._compiled is not None

    @property
    def regex(self) -> "re.Pattern[str]":
        """The compiled pattern."""
        if self._compiled is None:
            self._compiled = re.compile(self.pattern, self.flags)
        return self._compiled

    def match(self, text: str, start: int = 0, end: int = _END) -> "re.Match[str] | None":
        """As `re.Pattern.match`."""
        return (self._compiled or self.regex).match(text, start, end)

    def search(self, text: str, start: int = 0, end: int = _END) -> "re.Match[str] | None":
        """As `re.Pattern.search`."""
        return (self._compiled or self.regex).search(text, start, end)

    def fullmatch(self, text: str) -> "re.Match[str] | None":
        """As `re.Pattern.fullmatch`."""
        return (self._compiled or self.regex).fullmatch(text)

    def finditer(self, text: str, start: int = 0, end: int = _END) -> "Iterator[re.Match[str]]":
        """As `re.Pattern.finditer`."""
        return (self._compiled or self.regex).finditer(text, start, end)

    def count(self, text: str) -> int:
        """How many matches there are."""
        return len((self._compiled or self.regex).findall(text))
