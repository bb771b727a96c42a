"""From one text to the same text without secrets.

Theory of operation. Everything that knows a secret names *spans* (start, end, kind) and changes nothing: the
private literals of this process, the rules of the tool's author, and what `detect` finds. Spans that overlap
are united, so that no half of a secret is left where two of them saw different halves. Each united span is
replaced by a mark. That is one *round*.

Rounds go on until one finds nothing, because a mark changes what stands around it. This makes scrubbing
idempotent: the last round has shown that scrubbing the result again changes nothing. In between, secrets that
were recognised are looked for in the rest of the report as well. A text that has not come to rest after
`ROUNDS` rounds, and one that any of the parties broke on, is dropped as a whole.

Marks that a text already holds are holes to everything that looks for secrets.
"""

from crashguard.scrub.detect import is_plain, lowered, secrets_in
from crashguard.scrub.marks import SHAPE, Marks
from crashguard.scrub.prepared import Pattern
from crashguard.scrub.spans import by_start, joined, united, without

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crashguard.scrub import Rule
    from crashguard.scrub.template import Judge

ROUNDS = 16
CUT = "[scrubbed:cut]"
FAILED = "[scrubbed:failed]"
_ANY_OPENING = Pattern(r"\[(?:scrubbed|shape):|\[value\]")
# What `is_plain` asks for. It begins with a set of characters, which the machine skips to.
_ODD = Pattern(r"[&\\%\x1b\x80-\U0010ffff](?:(?<!&)|#?[A-Za-z0-9]{1,8};)")
_HOLE = "\ue000"  # no letter, no digit, no blank
_SEAM = "\n\ue001\n"  # between stretches that are looked at together; a line of no text's own
_REPEATED = 300  # characters up to which the answer for a text is kept for the next time
_LONG = 20_000  # characters from which another round looks at the changed lines only
_OPEN_BLOCK = Pattern(
    r"-----BEGIN [A-Z0-9 ]{0,40}-----[\s\\nr]{0,8}\[scrubbed:[a-z0-9#\-]{1,50}\]"
    r"(?![\s\\nr]{0,8}-----END [A-Z0-9 ]{0,40}-----)"
)
_CONTEXT = 2  # lines around a mark that may read otherwise now
_NEAR = 2_000  # how far back from a cut a blank is looked for


# Short texts in which nothing was found: file names, functions and versions are the same in every report.
# What is private here and now (literals, rules of the user) is looked for in them all the same.
_harmless: "set[str]" = set()
_MOST_HARMLESS = 1_000


class Engine:
    """Scrubs the texts of one report: within it the same secret has the same mark everywhere.

    Args:
        private: Private texts, each with its kind.
        rules: Rules of the user, tried before our own.
        max_chars: What is longer is cut, visibly.
        judge: Says which pieces of a text are data; None keeps them all.
    """

    __slots__ = ("_judge", "_known", "_marks", "_max_chars", "_rules", "_texts", "literals")

    def __init__(
        self,
        private: "Mapping[str, str]",
        rules: "Iterable[Rule]",
        max_chars: int,
        judge: "Judge | None" = None,
    ) -> None:
        self._judge = judge
        self._rules = tuple(rules)
        self.literals = Literals(private)
        self._max_chars = max(max_chars, 1000)
        # A report says the same file, function and key over and over; a mark that was given stays given.
        self._texts: dict[str, str] = {}
        self._known: dict[str, str] = {}
        self._marks = Marks({rule.kind for rule in self._rules} | set(private.values()))

    def text(self, text: str) -> str:
        """The text without secrets. Never raises: what cannot be scrubbed is dropped as a whole."""
        try:
            if type(text) is not str or len(text) > _REPEATED:
                return self._text(text, None)
            scrubbed = self._texts.get(text)
            if scrubbed is None:
                scrubbed = self._texts[text] = self._text(text, None)
            return scrubbed
        except Exception:  # noqa: BLE001 (whatever goes wrong, an unscrubbed text must not pass)
            return FAILED

    def message(self, text: str, judge: "Judge | None" = None) -> str:
        """The text without secrets, its data as shapes. Never raises, as `text`.

        Args:
            text: A message.
            judge: Says which pieces of it are data, where it knows more than that of the engine.
        """
        try:
            return self._text(text, judge or self._judge)
        except Exception:  # noqa: BLE001 (as above)
            return FAILED

    def learned(self, text: str) -> str:
        """The text without secrets that were recognised elsewhere in this report, behind a name or not."""
        found: list[tuple[int, int, str]] = []
        for value, kind in self._marks.secrets():
            at = text.find(value)
            while at >= 0:
                found.append((at, at + len(value), kind))
                at = text.find(value, at + len(value))
        return self._without(text, found, self._marks.existing(text)) if found else text

    def known(self, text: str) -> str:
        """The text without private literals, for texts that no shape may change."""
        scrubbed = self._known.get(text)
        if scrubbed is None:
            found = self.literals.spans(text)
            scrubbed = self._without(text, found, self._marks.existing(text)) if found else text
            if len(text) <= _REPEATED:
                self._known[text] = scrubbed
        return scrubbed

    def mark(self, text: str, kind: str) -> str:
        """The mark for a whole text that a key says is secret."""
        kept = self._marks.existing(text)
        if kept and _is_marks_only(text, 0, len(text), kept):
            return text
        return self._marks.mark(text, kind)

    def shape(self, text: str, judge: "Judge") -> str:
        """What a whole text leaves as that is data."""
        return self._marks.shape(text, judge)

    def _text(self, text: str, judge: "Judge | None") -> str:
        if type(text) is not str:
            text = str.__str__(text)
        text = _cut(text, self._max_chars)
        bound = 8 * len(text) + 200
        scrubbed = self._round(text, judge)
        if judge is not None and judge.is_live:
            judge = None  # it knows the text as it was, and has seen all of it
        for _ in range(ROUNDS):
            if scrubbed == text:
                scrubbed = self.learned(text)
                if scrubbed == text:
                    break
            text, scrubbed = scrubbed, self._again(scrubbed, judge)
        else:
            return FAILED
        limit = min(bound, self._max_chars)
        return text if len(text) <= limit else self._text(_cut(text, limit), judge)

    def _again(self, text: str, judge: "Judge | None") -> str:
        """Another round, in a long text only where marks are: what no mark is near cannot have changed.

        A block of a key is as long as it likes: where nothing ends it near its mark, its end may be anywhere.
        """
        if len(text) < _LONG or _OPEN_BLOCK.search(text):
            return self._round(text, judge)
        pieces: list[str] = []  # what stays, what is looked at, in turn
        position = begin = 0
        end = -1
        for mark in _ANY_OPENING.finditer(text):
            at = mark.start()
            if at < end:  # within the stretch before: it goes on
                end = position = _line(text, at, _CONTEXT)
                pieces[-1] = text[begin:end]
                continue
            begin = max(_line(text, at, -_CONTEXT), position)
            end = _line(text, at, _CONTEXT)
            pieces += (text[position:begin], text[begin:end])
            position = end
        pieces[1::2] = self._all(pieces[1::2], judge)
        pieces.append(text[position:])
        return "".join(pieces)

    def _all(self, pieces: "list[str]", judge: "Judge | None") -> "list[str]":
        """A round through several stretches, in one go: to begin costs more than to go on."""
        whole = _SEAM.join(pieces)
        if whole.count(_SEAM) == len(pieces) - 1:
            scrubbed = self._round(whole, judge).split(_SEAM)
            if len(scrubbed) == len(pieces):
                return scrubbed
        return [self._round(piece, judge) for piece in pieces]

    def _round(self, text: str, judge: "Judge | None") -> str:
        kept = self._marks.existing(text)
        found = self.literals.spans(text)
        if self._rules:
            low = lowered(text)
            for rule in self._rules:
                found += rule.spans(text, low)
        written = _masked(text, kept) if kept else text
        if not found and not kept and (text in _harmless or _is_word_only(text)):
            return self._without(text, found, kept, judge.spans(text)) if judge is not None else text
        found += secrets_in(written)
        if not is_plain(text):
            found += self._in_other_words(written)
        data = judge.spans(written) if judge is not None else []
        if found or data:
            return self._without(text, found, kept, data)
        if not kept and len(text) <= _REPEATED:
            if len(_harmless) >= _MOST_HARMLESS:
                _harmless.clear()
            _harmless.add(text)
        return text

    def _in_other_words(self, text: str) -> "list[tuple[int, int, str]]":
        """What a text shows when escapes, invisible characters and foreign names are read as ASCII.

        Of a long text only lines are read that hold such a thing, and those around them.
        """
        from crashguard.scrub.disguised import spelt

        found: list[tuple[int, int, str]] = []
        for begin, stop in _odd_lines(text) if len(text) >= _LONG else [(0, len(text))]:
            reading = spelt(text[begin:stop])
            if reading is not None:
                for start, end, kind in self.literals.spans(reading.text) + secrets_in(reading.text):
                    low, high = reading.place(start, end)
                    found.append((begin + low, begin + high, kind))
        return found

    def _without(
        self,
        text: str,
        found: "list[tuple[int, int, str]]",
        kept: "list[tuple[int, int]]",
        data: "list[tuple[int, int]] | None" = None,
    ) -> str:
        """The text with marks in place of what was found; marks that were there stay whole.

        Args:
            text: The text.
            found: Secrets.
            kept: Marks that are in the text.
            data: What leaves as its shape, unless it is a secret.
        """
        pieces: list[str] = []
        position = 0
        index = 0
        secrets = united(found)
        if data:
            left = without(joined(data), sorted([*kept, *((start, end) for start, end, _ in secrets)]))
            secrets = sorted([*secrets, *((start, end, SHAPE) for start, end in left)], key=by_start)
        for first, last, kind in secrets:
            while index < len(kept) and kept[index][1] <= first:
                index += 1
            inside = [mark for mark in kept[index : index + last - first] if mark[0] < last]
            low, high = (min(first, inside[0][0]), max(last, inside[-1][1])) if inside else (first, last)
            if inside and _is_marks_only(text, low, high, inside):
                continue
            start, end = _stripped(text, max(low, position), high)
            if start >= end or (kind == SHAPE and not any(map(str.isalnum, text[start:end]))):
                continue
            pieces.append(text[position:start])
            pieces.append(
                self._marks.shape(text[start:end], self._judge)
                if kind == SHAPE
                else self._marks.mark(text[start:end], kind)
            )
            position = end
        pieces.append(text[position:])
        return "".join(pieces)


# ---- Spans and lines


def _stripped(text: str, start: int, end: int) -> "tuple[int, int]":
    """A stretch without the blanks around it."""
    while start < end and text[end - 1].isspace():
        end -= 1
    while start < end and text[start].isspace():
        start += 1
    return start, end


def _is_marks_only(text: str, start: int, end: int, marks: "list[tuple[int, int]]") -> bool:
    """Whether a stretch holds nothing but marks and punctuation."""
    position = start
    for low, high in marks:
        if any(map(str.isalnum, text[position:low])):
            return False
        position = high
    return not any(map(str.isalnum, text[position:end]))


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


def _odd_lines(text: str) -> "list[tuple[int, int]]":
    """The lines that are not plain, with those around them; neighbours as one stretch."""
    found: list[tuple[int, int]] = []
    at = 0
    while at < len(text):
        odd = _ODD.search(text, at)
        if odd is None:
            break
        begin = max(_line(text, odd.start(), -_CONTEXT), found[-1][1] if found else 0)
        at = _line(text, odd.start(), _CONTEXT)
        if found and found[-1][1] == begin:
            begin = found.pop()[0]
        found.append((begin, at))
    return found


def _cut(text: str, most: int) -> str:
    """At most `most` characters, cut at a blank: half a secret would not be recognised."""
    if len(text) <= most:
        return text
    end = most - len(CUT) - 1
    for position in range(end, max(end - _NEAR, 0), -1):
        if text[position].isspace():
            return f"{text[:position]} {CUT}"
    return f"{text[: max(end - _NEAR, 0)]} {CUT}"


def _masked(text: str, marks: "list[tuple[int, int]]") -> str:
    pieces: list[str] = []
    position = 0
    for start, end in marks:
        pieces += (text[position:start], _HOLE * (end - start))
        position = end
    pieces.append(text[position:])
    return "".join(pieces)


_LONGEST_WORD = 8  # characters; every token and number that is known by its look is longer


def _is_word_only(text: str) -> bool:
    """Whether a text is one short word of plain letters, in which nothing can be found but literals."""
    return len(text) <= _LONGEST_WORD and text.isalpha() and text.isascii()


# ---- Private literals


class Literals:
    """Private texts that are known word for word, found in the spellings in which they travel.

    Args:
        private: The texts, each with its kind. They are found in any case: `urlsplit` makes the pieces of a
            password small that it takes for a host. Names of users and hosts are found as words only.
    """

    __slots__ = ("_spellings",)

    _NAMES = frozenset(("user", "host", "function"))

    def __init__(self, private: "Mapping[str, str]") -> None:
        spellings: dict[str, tuple[str, bool]] = {}
        for literal, kind in private.items():
            for spelling in _spellings(literal):
                spellings.setdefault(spelling, (kind, kind in self._NAMES or len(literal) < 8))
        # longer ones first: a home holds the name of its user
        self._spellings = sorted(
            ((spelling, spelling.lower(), kind, word) for spelling, (kind, word) in spellings.items()),
            key=lambda row: -len(row[0]),
        )

    def spans(self, text: str) -> "list[tuple[int, int, str]]":
        """Where one of them stands: start, end, kind."""
        found: list[tuple[int, int, str]] = []
        low = text.lower()
        in_any_case = len(low) == len(text)  # else the places differ
        haystack = low if in_any_case else text
        for spelling, small, kind, word in self._spellings:
            needle = small if in_any_case else spelling
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


def _spellings(literal: str) -> "set[str]":
    """A literal as it stands in a text, in JSON, in a repr, in a URL."""
    escaped = literal.replace("\\", "\\\\").replace('"', '\\"')
    spellings = {literal, escaped, escaped.replace("\\", "\\\\"), literal.replace("\\", "/")}
    if not literal.isalnum():
        quoted = "".join(
            character
            if character.isalnum() or character in "_.-~"
            else "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "surrogatepass"))
            for character in literal
        )
        spellings |= {quoted, quoted.replace("%2F", "/")}
    if not literal.isascii():
        spellings.add("".join(c if c.isascii() else f"\\u{ord(c):04x}" for c in literal))
    return spellings - {""}
