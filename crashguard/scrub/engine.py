"""From a text to a text without secrets: every detector says where, the engine takes it out.

Detectors only name stretches of the text; these are united where they overlap, so that no half of a secret
is left because two detectors saw different halves. This goes on until nothing is found any more, which is
what makes scrubbing idempotent.

Must live here: the order of detectors, limits, and what happens when one of them breaks.
Must not be known here: any kind of secret.
"""

from crashguard.scrub import addresses, gates, keyvalue, literals, numbers, paths, pem, sql, tokens, urls
from crashguard.scrub.marker import CUT, OPENING, Marker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crashguard.scrub.rule import Rule

MAX_CHARS = 32_000_000
ROUNDS = 16
FAILED = "[scrubbed:failed]"
_SHORT = 300  # characters up to which the answer for a text is kept for the next time
HOLE = "\ue000"  # no letter, no digit, no blank
_SEAM = "\n\ue001\n"  # between stretches that are looked at together; a line of no text's own
_LONG = 20_000  # characters from which another round looks at the changed lines only
_CONTEXT = 2  # lines around a mark that may read otherwise now
_NEAR = 2_000  # how far back from a cut a blank is looked for


class Engine:
    """Scrubs the texts of one report.

    Args:
        needles: Private texts, each with its kind.
        rules: Rules of the user, tried before our own.
        max_chars: What is longer is cut, visibly.
    """

    __slots__ = ("_known", "_marker", "_max_chars", "_rules", "_texts", "needles")

    def __init__(self, needles: "Mapping[str, str]", rules: "Iterable[Rule]", max_chars: int) -> None:
        self._rules = tuple(rules)
        self.needles = literals.Needles(needles)
        self._max_chars = max(max_chars, 1000)
        # A report says the same file, function and key over and over; a mark that was given stays given.
        self._texts: dict[str, str] = {}
        self._known: dict[str, str] = {}
        own = {rule.kind for rule in self._rules} | set(needles.values())
        self._marker = Marker(lambda kind: kind in own or kind in _kinds())

    def text(self, text: str) -> str:
        """The text without secrets. Never raises: what cannot be scrubbed is dropped as a whole."""
        try:
            if type(text) is not str or len(text) > _SHORT:
                return self._text(text)
            scrubbed = self._texts.get(text)
            if scrubbed is None:
                scrubbed = self._texts[text] = self._text(text)
            return scrubbed
        except Exception:  # noqa: BLE001 (whatever goes wrong, an unscrubbed text must not pass)
            return FAILED

    def _text(self, text: str) -> str:
        if type(text) is not str:
            text = str.__str__(text)
        text = _cut(text, self._max_chars)
        bound = 8 * len(text) + 200
        scrubbed = self._round(text)
        for _ in range(ROUNDS):
            if scrubbed == text:
                scrubbed = self.learned(text)
                if scrubbed == text:
                    break
            text, scrubbed = scrubbed, self._again(scrubbed)
        else:
            return FAILED
        limit = min(bound, self._max_chars)
        return text if len(text) <= limit else self._text(_cut(text, limit))

    def _again(self, text: str) -> str:
        """Another round, in a long text only where marks are: what no mark is near cannot have changed."""
        if len(text) < _LONG:
            return self._round(text)
        pieces: list[str] = []  # what stays, what is looked at, in turn
        position = 0
        at = text.find(OPENING)
        while at >= 0:
            start = max(_line(text, at, -_CONTEXT), position)
            end = _line(text, at, _CONTEXT)
            following = text.find(OPENING, at + 1)
            while 0 <= following < end:
                at = following
                end = _line(text, at, _CONTEXT)
                following = text.find(OPENING, at + 1)
            pieces += (text[position:start], text[start:end])
            position = end
            at = following
        pieces[1::2] = self._all(pieces[1::2])
        pieces.append(text[position:])
        return "".join(pieces)

    def _all(self, pieces: "list[str]") -> "list[str]":
        """A round through several stretches, in one go: to begin costs more than to go on."""
        joined = _SEAM.join(pieces)
        if joined.count(_SEAM) == len(pieces) - 1:
            scrubbed = self._round(joined).split(_SEAM)
            if len(scrubbed) == len(pieces):
                return scrubbed
        return [self._round(piece) for piece in pieces]

    def learned(self, text: str) -> str:
        """The text without secrets that were recognised elsewhere in this report: a password is one, bare or not."""
        found: list[tuple[int, int, str]] = []
        for value, kind in self._marker.secrets():
            at = text.find(value)
            while at >= 0:
                found.append((at, at + len(value), kind))
                at = text.find(value, at + len(value))
        return self._without(text, _united(found), self._marker.existing(text)) if found else text

    def known(self, text: str) -> str:
        """The text without needles, for texts that no shape may change."""
        scrubbed = self._known.get(text)
        if scrubbed is None:
            found = self.needles.spans(text)
            scrubbed = self._without(text, _united(found), self._marker.existing(text)) if found else text
            if len(text) <= _SHORT:
                self._known[text] = scrubbed
        return scrubbed

    def mark(self, text: str, kind: str) -> str:
        """The mark for a whole text that a key says is secret."""
        kept = self._marker.existing(text)
        return text if kept and _nothing_between(text, 0, len(text), kept) else self._marker.mark(text, kind)

    def _round(self, text: str) -> str:
        whole = text
        kept = self._marker.existing(text)
        found = self.needles.spans(text)
        if self._rules:
            low = _lowered(text)
            for rule in self._rules:
                found += rule.spans(text, low)
        if not found and not kept and whole in _harmless:
            return whole
        if kept:
            # detectors see a mark as a hole, never as text
            text = _masked(text, kept)
        found += pem.spans(text)
        low = _lowered(text)
        found += paths.spans(text, low)
        view = unescaped(text)
        if view is not text:
            low = _lowered(view)
        by_rule, stems = gates.spans(view, low)
        found += by_rule
        found += sql.spans(view, low)
        found += urls.spans(view)
        found += keyvalue.spans(view, low, stems)
        found += tokens.spans(view)
        found += addresses.spans(view)
        found += numbers.spans(view)
        if not found:
            if not kept and len(whole) <= _SHORT:
                if len(_harmless) >= _MOST_HARMLESS:
                    _harmless.clear()
                _harmless.add(whole)
            return whole
        return self._without(whole, _united(found), kept)

    def _without(self, text: str, found: "list[tuple[int, int, str]]", kept: "list[tuple[int, int]]") -> str:
        """The text with marks in place of what was found; marks that were there stay whole."""
        pieces: list[str] = []
        position = 0
        index = 0
        for start, end, kind in found:
            while index < len(kept) and kept[index][1] <= start:
                index += 1
            inside = []
            at = index
            while at < len(kept) and kept[at][0] < end:
                inside.append(kept[at])
                at += 1
            for low, high in inside:
                start, end = min(start, low), max(end, high)
            if inside and _nothing_between(text, start, end, inside):
                continue
            start = max(start, position)
            while start < end and text[end - 1].isspace():
                end -= 1
            while start < end and text[start].isspace():
                start += 1
            if start >= end:
                continue
            pieces.append(text[position:start])
            pieces.append(self._marker.mark(text[start:end], kind))
            position = end
        pieces.append(text[position:])
        return "".join(pieces)


# Short texts in which no detector of ours found anything: file names, functions, versions are the same in every
# report of a process. What is private here and now (needles, rules of the user) is looked for all the same.
_harmless: "set[str]" = set()
_MOST_HARMLESS = 1_000
_known_kinds: "set[str]" = set()


def _kinds() -> "set[str]":
    if not _known_kinds:
        _known_kinds.update(kinds_known())
    return _known_kinds


def kinds_known() -> "set[str]":
    """Every kind that our own detectors may name."""
    from crashguard.scrub import keys, vendors

    kinds = {
        "email",
        "url-password",
        "url-token",
        "private-key",
        "token",
        "ip",
        "mac",
        "phone",
        "card",
        "iban",
        "ssn",
        "cut",
        "failed",
        "user",
        "home",
        "host",
    }
    kinds |= {rule.kind for rule in gates.RULES}
    kinds |= {row[0] for row in vendors.TOKENS}
    kinds |= keys.kinds()
    return kinds


# Characters that JSON encoders and page templates escape, as themselves and as long as their escape.
_ESCAPES = (("\\u0026", "     &"), ("\\u003d", "     ="), ("\\u003D", "     ="), ("\\u0022", '     "'),
            ("\\u0027", "     '"), ("\\u003c", "     <"), ("\\u003e", "     >"), ("\\u003C", "     <"),
            ("\\u003E", "     >"), ("\\x27", "   '"), ("\\x22", '   "'))  # fmt: skip
_ENTITIES = (
    ("&quot;", '     "'),
    ("&#34;", '    "'),
    ("&#39;", "    '"),
    ("&amp;", "    &"),
    ("&lt;", "   <"),
    ("&gt;", "   >"),
)


def _line(text: str, at: int, lines: int) -> int:
    """The beginning of the line so many lines before, or the end of the one so many lines after a place."""
    if lines < 0:
        for _ in range(1 - lines):
            at = text.rfind("\n", 0, max(at, 0))
            if at < 0:
                return 0
        return at + 1
    for _ in range(lines + 1):
        at = text.find("\n", at + 1)
        if at < 0:
            return len(text)
    return at


def _masked(text: str, marks: "list[tuple[int, int]]") -> str:
    pieces: list[str] = []
    position = 0
    for start, end in marks:
        pieces += (text[position:start], HOLE * (end - start))
        position = end
    pieces.append(text[position:])
    return "".join(pieces)


def unescaped(text: str) -> str:
    r"""The text with escaped line ends and the like as themselves, every character at its old place.

    `"name: x\\nvalue: y"` is then two lines, as it was before somebody printed it.
    """
    if "\\" in text:
        if "\\\\" in text:
            text = text.replace("\\\\\\\\n", "    \n").replace("\\\\n", "  \n")
        text = text.replace("\\n", " \n").replace("\\r", " \r").replace("\\t", " \t")
        if "\\u00" in text or "\\x2" in text:
            for escape, character in _ESCAPES:
                text = text.replace(escape, character)
    if "&" in text and ";" in text:
        for entity, character in _ENTITIES:
            text = text.replace(entity, character)
    return text


def _lowered(text: str) -> str:
    low = text.lower()
    # The one character whose small form is longer: U+0130.
    return low if len(low) == len(text) else text.replace("\u0130", "I").lower()


def _united(found: "list[tuple[int, int, str]]") -> "list[tuple[int, int, str]]":
    found.sort(key=lambda span: (span[0], -span[1]))
    united: list[tuple[int, int, str]] = []
    for start, end, kind in found:
        if united and start < united[-1][1]:
            if kind == "email":
                continue  # user:password@host looks like one from the password on
            if united[-1][2] == "email" and end < united[-1][1]:
                united[-1] = (start, end, kind)
            elif end > united[-1][1]:
                united[-1] = (united[-1][0], end, united[-1][2])
        elif start < end:
            united.append((start, end, kind))
    return united


def _nothing_between(text: str, start: int, end: int, marks: "list[tuple[int, int]]") -> bool:
    """Whether a stretch holds nothing but marks and punctuation."""
    position = start
    for low, high in marks:
        if any(map(str.isalnum, text[position:low])):
            return False
        position = high
    return not any(map(str.isalnum, text[position:end]))


def _cut(text: str, most: int) -> str:
    """At most `most` characters, cut at a blank: half a secret would not be recognised."""
    if len(text) <= most:
        return text
    end = most - len(CUT) - 1
    for position in range(end, max(end - _NEAR, 0), -1):
        if text[position].isspace():
            return f"{text[:position]} {CUT}"
    return f"{text[: max(end - _NEAR, 0)]} {CUT}"
