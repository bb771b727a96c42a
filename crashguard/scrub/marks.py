"""What leaves in place of a secret or a datum: `[scrubbed:KIND]`, `[shape:Aaaa]`, `[value]`.

A shape keeps the kind of each character and hardly its number: `Marta Ruiz` is `[shape:Aaaa Aaaa]`. A run of
letters is cut at three, one of digits at four, the whole at four words or 24 characters. What may be a secret
has no shape at all. Within one report the same value has the same mark, another one of its kind a number.
"""

from crashguard.scrub._tables import KINDS
from crashguard.scrub.detect import PERSONAL
from crashguard.scrub.prepared import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from crashguard.scrub.template import Judge

VALUE = "[value]"
OPENING = "[scrubbed:"
SHAPED = "[shape:"
SHAPE = "shape"  # the kind of a span that leaves as its shape
_LETTERS, _DIGITS, _WORDS, _CHARACTERS = 3, 4, 4, 24  # where a shape is cut


def shape(value: str) -> str:
    """What a value looks like: `Aaaa Aaaa`. `..` stands for what is cut, and for what may be a secret."""
    if _may_be_secret(value):
        return ".."
    pieces: list[str] = []
    last, run, words = "", 0, 1
    for character in value:
        kind = _kind_of(character)
        run = run + 1 if kind == last else 1
        if kind == " " and run == 1:
            words += 1
        last = kind
        if words > _WORDS or len(pieces) >= _CHARACTERS:
            return "".join(pieces).rstrip() + ".."
        if run <= (_DIGITS if kind == "9" else 1 if kind == " " else _LETTERS):
            pieces.append(kind)
    return "".join(pieces)


def _kind_of(character: str) -> str:
    if character.isalpha():
        return "A" if character.isupper() else "a" if character.islower() else "u"
    if character.isdigit():
        return "9"
    if character.isspace():
        return " "
    return character if character.isascii() and character.isprintable() and character not in "[]" else "."


def _may_be_secret(value: str) -> bool:
    """Whether a value of one word mixes letters, digits and signs as passwords do."""
    if not 6 <= len(value) <= 200 or any(map(str.isspace, value)):
        return False
    bare = value.strip(".,:;")
    kinds = (
        any(map(str.isupper, bare)) + any(map(str.islower, bare)) + any(map(str.isdigit, bare))
        + any(not (c.isalnum() or c in ".,-_/:'") for c in bare)
    )  # fmt: skip
    return kinds >= 3


class Marks:
    """Gives out the marks of one report: `[scrubbed:KIND]`, and `[scrubbed:KIND#2]` for the next value.

    The same value always gets the same mark, so that an engineer can follow it without knowing it.

    Args:
        kinds: Kinds that are known beside our own. A text like `[scrubbed:hunter2]` hides nothing.
    """

    __slots__ = ("_counts", "_given", "_kinds", "_secrets")

    _MARK = Pattern(r"\[scrubbed:([a-z][a-z0-9-]{0,39})(?:#([1-9][0-9]{0,6}))?\]")
    # Letters in a shape say only what kind of a letter there was: nothing hides behind one.
    _SHAPE_MARK = Pattern(r"\[shape:([Aau9 -/:-@\\^_`{-~]{1,30}?)(?:#([1-9][0-9]{0,6}))?\]")
    _VALUE_MARK = Pattern(r"\[value\]")
    _MOST = 100  # secrets that are looked for in the rest of the report

    def __init__(self, kinds: "set[str]") -> None:
        self._kinds = kinds
        self._given: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._secrets: list[tuple[str, str]] = []

    def mark(self, value: str, kind: str) -> str:
        """The mark for a value; the kind under which it was first seen stays its kind."""
        mark = self._given.get(value)
        if mark is None:
            number = self._counts.get(kind, 0) + 1
            self._counts[kind] = number
            mark = f"{OPENING}{kind}]" if number == 1 else f"{OPENING}{kind}#{number}]"
            self._given[value] = mark
            if kind not in PERSONAL and _is_particular(value):
                self._secrets.append((value, kind))
        return mark

    def shape(self, value: str, judge: "Judge | None") -> str:
        """What a value leaves as: its shape, or only that there was a value."""
        if judge is not None and judge.level in ("none", "template"):
            return VALUE
        mark = self._given.get(f"{SHAPE}:{value}")
        if mark is None:
            like = shape(value)
            number = self._counts.get(f"{SHAPE}:{like}", 0) + 1
            self._counts[f"{SHAPE}:{like}"] = number
            mark = f"[shape:{like}]" if number == 1 else f"[shape:{like}#{number}]"
            self._given[f"{SHAPE}:{value}"] = mark
        return mark

    def secrets(self) -> "list[tuple[str, str]]":
        """The secrets that were given a mark and are particular enough to be looked for on their own."""
        return self._secrets[: self._MOST]

    def existing(self, text: str) -> "list[tuple[int, int]]":
        """Where a text already holds marks. Their numbers are not given to other values from now on."""
        spans: list[tuple[int, int]] = []
        if SHAPED in text:
            for match in self._SHAPE_MARK.finditer(text):
                spans.append(match.span())
                like = f"{SHAPE}:{match[1]}"
                self._counts[like] = max(self._counts.get(like, 0), int(match[2] or 1))
        if VALUE in text:
            spans += [match.span() for match in self._VALUE_MARK.finditer(text)]
        if OPENING not in text:
            return spans
        for match in self._MARK.finditer(text):
            kind, number = match.groups()
            if kind in KINDS or kind in self._kinds:
                spans.append(match.span())
                self._counts[kind] = max(self._counts.get(kind, 0), int(number or 1))
        return sorted(spans)


def _is_particular(value: str) -> bool:
    """Whether a value can hardly occur by chance: long, of one word, letters and digits."""
    if not 8 <= len(value) <= 4_000 or OPENING in value or any(map(str.isspace, value)):
        return False
    return any(map(str.isdigit, value)) and any(map(str.isalpha, value))
