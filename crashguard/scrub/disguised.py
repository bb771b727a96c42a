r"""A text as a program would have written it in plain ASCII, and where each piece of that stands in the text.

Theory of operation. The grammar of names and values reads ASCII: `password = "value"`. Names are written in
many other ways: escaped for a page, a URL or JSON, once or more often; with invisible characters; in wide
characters; in the words of other languages. `spelt` reads such a text in three steps:

    decoded     `&#34;`, `%2522`, `\u00f1`, colours: each is replaced by the character that it stands for
    folded      letters with accents become bare ones, quotes and colons of any script those of ASCII, and
                invisible characters nothing
    translated  "mot de passe", and the like in other scripts: replaced by the English name

What is found in the outcome is found in the text: `Spelt.place` leads back. A text is read in both forms, and
what either shows is private, so nothing that is wrong here can hide a secret.

This file is imported only when a text gives a reason for it.
"""

from crashguard.scrub._tables import FOREIGN, FOREIGN_STEMS
from crashguard.scrub.prepared import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Callable

    Piece = tuple[int, int, int, int]

_DEEPEST = 3  # encodings within encodings: JSON in a URL in a page
_ENCODED = Pattern(
    r"""(?x)
    (?P<colour>(?:\x1b|\\{1,4}(?:x1[bB]|033|u001[bB]))\[[0-9;]{0,12}[A-Za-z])
    |&(?:amp;){0,4}(?:\#(?P<decimal>[0-9]{1,7})|\#[xX](?P<hexadecimal>[0-9a-fA-F]{1,6})|(?P<name>[A-Za-z]{2,6}));
    |(?P<octets>(?:%(?:25){0,4}[89a-fA-F][0-9a-fA-F]){2,12}|(?:\\{1,4}x[89a-fA-F][0-9a-fA-F]){2,12})
    |%(?:25){0,4}(?P<percent>[2-7][0-9a-fA-F]|0[9aAdD])
    |\\{1,4}(?:u(?P<unit>[0-9a-fA-F]{4})|x(?P<octet>[2-9a-fA-F][0-9a-fA-F]))
    """
)
_ENTITIES = {
    "quot": '"', "apos": "'", "amp": "&", "lt": "<", "gt": ">", "equals": "=", "colon": ":", "nbsp": " ",
    "sol": "/", "commat": "@", "lbrace": "{", "rbrace": "}", "lcub": "{", "rcub": "}", "lowbar": "_",
    "shy": "", "comma": ",", "semi": ";", "period": ".", "num": "#", "ldquo": '"', "rdquo": '"', "laquo": '"',
    "raquo": '"', "lsquo": "'", "rsquo": "'", "zwj": "", "zwnj": "",
}  # fmt: skip
# Latin letters with accents, wide forms, blanks, quotes, colons, and what is not seen at all.
_ODD = Pattern(
    "[\u00a0\u00ab\u00ad\u00bb\u00c0-\u024f\u02d0\u0300-\u036f\u061c\u180e\u1e00-\u1eff\u2000-\u206f\u2190-\u21ff\u2236"
    "\u3000-\u3020\u3099\u309a\ufe00-\ufe6f\ufeff\uff01-\uff65\ua789]"
)
# U+00C0 to U+017F, and U+1E00 to U+1EFF; a dot where there is no bare letter.
_BARE = (
    "AAAAAAACEEEEIIIIDNOOOOO.OUUUUYTsaaaaaaaceeeeiiiidnooooo.ouuuuytyAaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGg"
    "GgGgHhHhIiIiIiIiIiIiJjKkkLlLlLlLlLlNnNnNnnNnOoOoOoOoRrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs"
)
_BARE_MORE = (
    "AaBbBbBbCcDdDdDdDdDdEeEeEeEeEeFfGgHhHhHhHhHhIiIiKkKkKkLlLlLlLlMmMmMmNnNnNnNnOoOoOoOoPpPpRrRrRrRr"
    "SsSsSsSsSsTtTtTtTtUuUuUuUuUuVvVvWwWwWwWwWwXxXxYyZzZzZzhtwyas....AaAaAaAaAaAaAaAaAaAaAaAaEeEeEeEe"
    "EeEeEeEeIiIiOoOoOoOoOoOoOoOoOoOoOoOoUuUuUuUuUuUuUuYyYyYyYy......"
)
_SIGNS = {
    **dict.fromkeys("\u00ab\u00bb\u201c\u201d\u201e\u201f\u300a\u300b\u300d\u300f\u301d\u301e\u301f", '"'),
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2039\u203a", "'"),
    **dict.fromkeys("\u02d0\u2236\ufe30\ufe55\ua789\u2192\u21d2", ":"),
    **dict.fromkeys("\u00a0\u202f\u205f\u3000", " "),
    **dict.fromkeys("\u2028\u2029", "\n"),
    "\ufe66": "=",
    "\u300c": ':"',  # what a name stands before is its value
    "\u300e": ':"',
    "\u3001": ",",
    "\u3002": ".",
    "\u3010": "[",
    "\u3011": "]",
}
_FOREIGN = Pattern(FOREIGN)


class Spelt:
    """A text in plain ASCII, as far as it can be told, and the way back.

    Attributes:
        text: The text as it reads.
    """

    __slots__ = ("_steps", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._steps: list[list[Piece]] = []

    def step(self, pattern: Pattern, replacement: "Callable[[re.Match[str]], str | None]") -> bool:
        """Replace what a pattern finds, where the replacement is a text; whether there was anything."""
        pieces: list[Piece] = []
        parts: list[str] = []
        position = size = 0
        for match in pattern.finditer(self.text):
            new = replacement(match)
            if new is None:
                continue
            start, end = match.span()
            parts += (self.text[position:start], new)
            size += start - position
            pieces.append((size, size + len(new), start, end))
            size += len(new)
            position = end
        if not pieces:
            return False
        parts.append(self.text[position:])
        self.text = "".join(parts)
        self._steps.append(pieces)
        return True

    def place(self, start: int, end: int) -> "tuple[int, int]":
        """Where a stretch of the outcome stands in the text."""
        for pieces in reversed(self._steps):
            start, end = _back(pieces, start, True), _back(pieces, end, False)
        return start, max(start, end)


def _back(pieces: "list[Piece]", at: int, is_start: bool) -> int:
    """A place before a step: behind what was dropped for a start, before it for an end."""
    low, high = 0, len(pieces)
    while low < high:  # how many pieces begin before the place, or with it
        middle = (low + high) // 2
        begin = pieces[middle][0]
        if begin < at or (is_start and begin == at):
            low = middle + 1
        else:
            high = middle
    if not low:
        return at
    begin, stop, old_start, old_end = pieces[low - 1]
    if at >= stop:
        return old_end + at - stop
    return old_start if is_start else old_end


def spelt(text: str) -> "Spelt | None":
    """How a text reads; None where it reads as it is written."""
    reading = Spelt(text)
    changed = False
    for _ in range(_DEEPEST):
        if not reading.step(_ENCODED, _decoded):
            break
        changed = True
    if not reading.text.isascii():
        changed = reading.step(_ODD, _folded) or changed
    if _may_be_foreign(reading.text):
        changed = reading.step(_FOREIGN, _translated) or changed
    return reading if changed else None


def _may_be_foreign(text: str) -> bool:
    """Whether a name of another language may stand in a text: the search for its stem is the quicker one."""
    if not text.isascii():
        return True
    low = text.lower()
    return any(stem in low for stem in FOREIGN_STEMS)


def _decoded(match: "re.Match[str]") -> "str | None":
    kind = match.lastgroup or ""
    written = match[kind]
    if kind == "colour":
        return ""
    if kind == "name":
        return _ENTITIES.get(written)
    if kind == "octets":
        digits = written.replace("%25", "%").replace("%", "").replace("\\", "").replace("x", "")
        while "25" in digits[:2]:
            digits = digits.replace("25", "", 1)
        try:
            return bytes.fromhex(digits).decode("utf-8", "replace")
        except ValueError:
            return None
    number = int(written, 10 if kind == "decimal" else 16)
    return chr(number) if 8 < number < 0x110000 and not 0xD800 <= number < 0xF900 else None


def _folded(match: "re.Match[str]") -> "str | None":
    sign = match[0]
    known = _SIGNS.get(sign)
    if known is not None:
        return known
    number = ord(sign)
    bare = "."
    if 0xC0 <= number < 0x180:
        bare = _BARE[number - 0xC0]
    elif 0x1E00 <= number < 0x1F00:
        bare = _BARE_MORE[number - 0x1E00]
    elif 0xFF01 <= number <= 0xFF5E:
        return chr(number - 0xFEE0)
    elif 0x2000 <= number <= 0x200A:
        return " "
    elif 0x2010 <= number <= 0x2015:
        return "-"
    elif 0x0300 <= number <= 0x036F or number in _UNSEEN:
        return ""
    return None if bare == "." else bare


_UNSEEN = frozenset(
    (0xAD, 0x34F, 0x61C, 0x180E, 0x3099, 0x309A, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F),
     *range(0x2060, 0x2070), *range(0xFE00, 0xFE10))
)  # fmt: skip


def _translated(match: "re.Match[str]") -> str:
    name = match.lastgroup or ""
    if name == "copula":  # the name is what the group before it says
        name = next(group for group, found in match.groupdict().items() if found and group != "copula")
        return f"{name}="
    return name
