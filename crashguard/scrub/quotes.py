r"""Where a text quotes something: one pass over its characters, no regular expression.

Theory of operation. Two lists are made of the places of quotes. A quote *opens* where no letter or digit
stands before it. It *closes* where no letter or digit stands behind it, so that `'Liam O'Rourke'` is one
quotation. A quote that backslashes precede pairs only with one that as many precede: `\'x\'` inside of
`'...'` is part of the content. For each kind of quote its closing places are a list that is read once from
left to right, so the work is linear in the text whatever it holds.

A quotation ends on its line. One that opens a bracket (`'['a', 'b']'`) ends behind that bracket where it can.
A quotation inside of another is not listed; whoever judges the outer one looks into it again.
"""

from crashguard.scrub.detect import ZEROS

_PAIRS = {"“": "”", "„": "“”", "«": "»", "\u2018": "\u2019", "\u2039": "\u203a", "「": "」"}
_CLOSING = frozenset("”»\u2019\u203a」")
_PLAIN = "'\"`"
_BRACKETS = {"[": "]", "{": "}", "(": ")"}
QUOTES = frozenset(_PLAIN).union(_PAIRS)
_PREFIXES = frozenset("bBrRuUfF")  # of a text's repr: b'...'
_LONGEST = 20_000  # characters of a quotation
_LONG = 20_000  # characters from which a text is read line by line
_AHEAD = 60  # closing quotes among which that behind a bracket is looked for


def quotations(text: str) -> "list[tuple[int, int]]":
    """Where the contents of quotations begin and end, in order; none is inside of another.

    Args:
        text: Any text.
    """
    if len(text) < _LONG:
        return _quotations(text)
    found: list[tuple[int, int]] = []
    known: dict[str, list[tuple[int, int]]] = {}  # lines that differ in digits quote at the same places
    start = 0
    for line in text.split("\n"):
        if "'" in line or '"' in line or "`" in line or not line.isascii():
            alike = line.translate(ZEROS)
            places = known.get(alike)
            if places is None:
                places = known[alike] = _quotations(line)
            found += [(start + low, start + high) for low, high in places]
        start += len(line) + 1
    return found


def _quotations(text: str) -> "list[tuple[int, int]]":
    closing = _Closing(text)
    opening: list[tuple[int, str, int]] = []
    for at, character in _quotes_in(text):
        slashes = 0
        while text[at - slashes - 1 : at - slashes] == "\\":
            slashes += 1
        level = min(slashes, 8)
        if _closes(text, at, character):
            closing.add(character, level, at)
        if character in QUOTES and _opens(text, at - slashes):
            opening.append((at, character, level))
    found: list[tuple[int, int]] = []
    done = line = 0
    for at, character, level in opening:
        if at < done:
            continue
        if line <= at:
            line = text.find("\n", at)
            line = line if line >= 0 else len(text)
        end = closing.after(at, min(at + _LONGEST, line), _PAIRS.get(character, character), level)
        if end > at:
            found.append((at + 1, end - level))
            done = end + 1
    return found


def _quotes_in(text: str) -> "list[tuple[int, str]]":
    """The places of all quotes, in order."""
    places: list[tuple[int, str]] = []
    for character in _PLAIN if text.isascii() else QUOTES | _CLOSING:
        at = text.find(character)
        while at >= 0:
            places.append((at, character))
            at = text.find(character, at + 1)
    places.sort()
    return places


def _opens(text: str, start: int) -> bool:
    """Whether a quote that begins at a place, with its backslashes, may open: after no letter or digit."""
    if start <= 0 or not (text[start - 1].isalnum() or text[start - 1] == "_"):
        return True
    if text[start - 1] in _PREFIXES:
        before = text[start - 2 : start - 1]
        return not (before.isalnum() or before == "_")
    return False


def _closes(text: str, at: int, quote: str) -> bool:
    after = text[at + 1 : at + 2]
    if after.isalnum() or after == "_":
        return False
    # '' inside of a word is one quote of SQL: 'it''s'
    is_doubled = (
        quote == "'" and after == "'" and text[at + 2 : at + 3].isalnum() and text[at - 1 : at].isalnum()
    )
    return not is_doubled


class _Closing:
    """The places where quotations may end, each kind in order; places are asked for from left to right."""

    __slots__ = ("_places", "_read", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._places: dict[tuple[str, int], list[int]] = {}
        self._read: dict[tuple[str, int], int] = {}

    def add(self, quote: str, level: int, at: int) -> None:
        self._places.setdefault((quote, level), []).append(at)

    def after(self, at: int, limit: int, quotes: str, level: int) -> int:
        """The place of the quote that closes the one at a place; less than zero where there is none.

        Args:
            at: Where the quotation opens.
            limit: Where it must have ended.
            quotes: The quotes that close it.
            level: How many backslashes must precede them.
        """
        bracket = _BRACKETS.get(self._text[at + 1 : at + 2], "")
        best = -1
        for quote in quotes:
            places = self._places.get((quote, level), [])
            index = self._read.get((quote, level), 0)
            while index < len(places) and places[index] <= at:
                index += 1
            self._read[quote, level] = index
            if index == len(places) or places[index] > limit:
                continue
            end = places[index]
            if bracket and self._text[end - level - 1] != bracket:
                for later in places[index + 1 : index + _AHEAD]:
                    if later <= limit and self._text[later - level - 1] == bracket:
                        end = later
                        break
            best = end if best < 0 else min(best, end)
        return best
