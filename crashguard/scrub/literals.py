"""Finds private texts that are known word for word, in the spellings in which they travel.

Must live here: spellings and borders of a literal. Must not be known here: where the literals come from.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

# Names of persons and machines: found as words only, whatever the case.
_NAMES = frozenset(("user", "host"))


class Needles:
    """A set of private texts, each with its kind."""

    __slots__ = ("_spellings",)

    def __init__(self, needles: "Mapping[str, str]") -> None:
        spellings: dict[str, tuple[str, bool]] = {}
        for needle, kind in needles.items():
            if needle:
                for spelling in _spellings(needle):
                    spellings.setdefault(spelling, (kind, kind in _NAMES or len(needle) < 8))
        # longer ones first: a home holds the name of its user
        self._spellings = sorted(
            ((spelling, kind, word) for spelling, (kind, word) in spellings.items()),
            key=lambda row: -len(row[0]),
        )

    def spans(self, text: str) -> "list[tuple[int, int, str]]":
        """Where one of them stands: start, end, kind."""
        found: list[tuple[int, int, str]] = []
        low = ""
        for spelling, kind, word in self._spellings:
            if kind in _NAMES:
                low = low or text.lower()
                haystack, needle = (low, spelling.lower()) if len(low) == len(text) else (text, spelling)
            else:
                haystack, needle = text, spelling
            at = haystack.find(needle)
            while at >= 0:
                end = at + len(needle)
                if not word or _is_word(text, at, end):
                    found.append((at, end, kind))
                at = haystack.find(needle, end)
        return found


def _is_word(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    if after.isalnum():
        return False
    # an escaped line end or blank before a name: "\nalice"
    return not before.isalnum() or text[max(start - 2, 0) : start - 1] == "\\"


def _spellings(needle: str) -> "set[str]":
    """The needle as it stands in a text, in JSON, in a repr, in a URL."""
    spellings = {needle}
    escaped = needle.replace("\\", "\\\\").replace('"', '\\"')
    spellings.add(escaped)
    spellings.add(escaped.replace("\\", "\\\\"))
    spellings.add(needle.replace("\\", "/"))
    if not needle.isalnum():
        quoted = "".join(
            character
            if character.isalnum() or character in "_.-~"
            else "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "surrogatepass"))
            for character in needle
        )
        spellings |= {quoted, quoted.replace("%2F", "/")}
    if not needle.isascii():
        spellings.add("".join(c if c.isascii() else f"\\u{ord(c):04x}" for c in needle))
    return {spelling for spelling in spellings if spelling}
