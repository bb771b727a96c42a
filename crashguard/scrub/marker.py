"""The mark that stands where a secret stood: `[scrubbed:KIND]`, and `[scrubbed:KIND#2]` for a second one.

Within one report the same value always gets the same mark and another value of the same kind the next
number, so that an engineer can follow a value through a message without knowing it.

Must live here: writing marks, and telling marks from text that merely looks like one.
Must not be known here: what is a secret.
"""

from crashguard.scrub.lazy import Lazy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

OPENING = "[scrubbed:"
# Recognised wherever they stand, so that they need not be looked for twice.
_PERSONAL = frozenset(
    [
        "email",
        "ip",
        "mac",
        "phone",
        "card",
        "iban",
        "ssn",
        "user",
        "home",
        "host",
        "birth-date",
        "one-time-code",
    ]
)
_SHORTEST, _LONGEST, _MOST = 8, 4_000, 100
CUT = "[scrubbed:cut]"
_MARK = Lazy(r"\[scrubbed:([a-z][a-z0-9-]{0,39})(?:#([1-9][0-9]{0,6}))?\]")


class Marker:
    """Gives out the marks of one report.

    Args:
        is_kind: Whether there is such a kind; asked only of a text that holds what looks like a mark. A text like
            `[scrubbed:hunter2]` is no mark, and hides nothing.
    """

    __slots__ = ("_counts", "_given", "_is_kind", "_secrets")

    def __init__(self, is_kind: "Callable[[str], bool]") -> None:
        self._is_kind = is_kind
        self._given: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._secrets: list[tuple[str, str]] = []

    def mark(self, value: str, kind: str) -> str:
        """The mark for a value; the kind under which it was first seen stays its kind."""
        mark = self._given.get(value)
        if mark is None:
            number = self._counts.get(kind, 0) + 1
            self._counts[kind] = number
            mark = f"[scrubbed:{kind}]" if number == 1 else f"[scrubbed:{kind}#{number}]"
            self._given[value] = mark
            if kind not in _PERSONAL and is_particular(value):
                self._secrets.append((value, kind))
        return mark

    def secrets(self) -> "list[tuple[str, str]]":
        """The secrets that were given a mark and are particular enough to be looked for on their own."""
        return self._secrets[:_MOST]

    def existing(self, text: str) -> "list[tuple[int, int]]":
        """Where a text already holds marks. Their numbers are not given to other values from now on."""
        if OPENING not in text:
            return []
        spans = []
        for match in _MARK.finditer(text):
            kind, number = match.groups()
            if self._is_kind(kind):
                spans.append(match.span())
                self._counts[kind] = max(self._counts.get(kind, 0), int(number or 1))
        return spans


def is_particular(value: str) -> bool:
    """Whether a value can hardly occur by chance: long, of one word, letters and digits."""
    if not _SHORTEST <= len(value) <= _LONGEST or OPENING in value or any(map(str.isspace, value)):
        return False
    return any(map(str.isdigit, value)) and any(map(str.isalpha, value))
