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

from crashguard.scrub import shapes
from crashguard.scrub._tables import KINDS
from crashguard.scrub.detect import PERSONAL, is_plain, lowered, secrets_in
from crashguard.scrub.template import VALUE, Judge, shape, without

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crashguard.scrub import Rule

ROUNDS = 16
CUT = "[scrubbed:cut]"
FAILED = "[scrubbed:failed]"
_OPENING = "[scrubbed:"
_SHAPED = "[shape:"
_ANY_OPENING = shapes.Pattern(r"\[(?:scrubbed|shape):|\[value\]")
_SHAPE = "shape"  # the kind of a span that leaves as its shape
_HOLE = "\ue000"  # no letter, no digit, no blank
_SEAM = "\n\ue001\n"  # between stretches that are looked at together; a line of no text's own
_REPEATED = 300  # characters up to which the answer for a text is kept for the next time
_LONG = 20_000  # characters from which another round looks at the changed lines only
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
        judge: Judge | None = None,
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

    def message(self, text: str, judge: Judge | None = None) -> str:
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

    def shape(self, text: str, judge: Judge) -> str:
        """What a whole text leaves as that is data."""
        return self._marks.shape(text, judge)

    def _text(self, text: str, judge: Judge | None) -> str:
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

    def _again(self, text: str, judge: Judge | None) -> str:
        """Another round, in a long text only where marks are: what no mark is near cannot have changed."""
        if len(text) < _LONG:
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

    def _all(self, pieces: "list[str]", judge: Judge | None) -> "list[str]":
        """A round through several stretches, in one go: to begin costs more than to go on."""
        joined = _SEAM.join(pieces)
        if joined.count(_SEAM) == len(pieces) - 1:
            scrubbed = self._round(joined, judge).split(_SEAM)
            if len(scrubbed) == len(pieces):
                return scrubbed
        return [self._round(piece, judge) for piece in pieces]

    def _round(self, text: str, judge: Judge | None) -> str:
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
        """What a text shows when escapes, invisible characters and foreign names are read as ASCII."""
        from crashguard.scrub.spelling import spelt

        reading = spelt(text)
        if reading is None:
            return []
        found = self.literals.spans(reading.text) + secrets_in(reading.text)
        return [(*reading.place(start, end), kind) for start, end, kind in found]

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
        secrets = _united(found)
        if data:
            left = without(_joined(data), sorted([*kept, *((start, end) for start, end, _ in secrets)]))
            secrets = sorted([*secrets, *((start, end, _SHAPE) for start, end in left)], key=_by_start)
        for first, last, kind in secrets:
            while index < len(kept) and kept[index][1] <= first:
                index += 1
            inside = [mark for mark in kept[index : index + last - first] if mark[0] < last]
            low, high = (min(first, inside[0][0]), max(last, inside[-1][1])) if inside else (first, last)
            if inside and _is_marks_only(text, low, high, inside):
                continue
            start, end = _stripped(text, max(low, position), high)
            if start >= end or (kind == _SHAPE and not any(map(str.isalnum, text[start:end]))):
                continue
            pieces.append(text[position:start])
            pieces.append(
                self._marks.shape(text[start:end], self._judge)
                if kind == _SHAPE
                else self._marks.mark(text[start:end], kind)
            )
            position = end
        pieces.append(text[position:])
        return "".join(pieces)


# ---- Marks


class Marks:
    """Gives out the marks of one report: `[scrubbed:KIND]`, and `[scrubbed:KIND#2]` for the next value.

    The same value always gets the same mark, so that an engineer can follow it without knowing it.

    Args:
        kinds: Kinds that are known beside our own. A text like `[scrubbed:hunter2]` hides nothing.
    """

    __slots__ = ("_counts", "_given", "_kinds", "_secrets")

    _MARK = shapes.Pattern(r"\[scrubbed:([a-z][a-z0-9-]{0,39})(?:#([1-9][0-9]{0,6}))?\]")
    # Letters in a shape say only what kind of a letter there was: nothing hides behind one.
    _SHAPE_MARK = shapes.Pattern(r"\[shape:([Aau9 -/:-@\\^_`{-~]{1,30}?)(?:#([1-9][0-9]{0,6}))?\]")
    _VALUE_MARK = shapes.Pattern(r"\[value\]")
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
            mark = f"{_OPENING}{kind}]" if number == 1 else f"{_OPENING}{kind}#{number}]"
            self._given[value] = mark
            if kind not in PERSONAL and _is_particular(value):
                self._secrets.append((value, kind))
        return mark

    def shape(self, value: str, judge: "Judge | None") -> str:
        """What a value leaves as: its shape, or only that there was a value."""
        if judge is not None and judge.level in ("none", "template"):
            return VALUE
        mark = self._given.get(f"{_SHAPE}:{value}")
        if mark is None:
            like = shape(value)
            number = self._counts.get(f"{_SHAPE}:{like}", 0) + 1
            self._counts[f"{_SHAPE}:{like}"] = number
            mark = f"[shape:{like}]" if number == 1 else f"[shape:{like}#{number}]"
            self._given[f"{_SHAPE}:{value}"] = mark
        return mark

    def secrets(self) -> "list[tuple[str, str]]":
        """The secrets that were given a mark and are particular enough to be looked for on their own."""
        return self._secrets[: self._MOST]

    def existing(self, text: str) -> "list[tuple[int, int]]":
        """Where a text already holds marks. Their numbers are not given to other values from now on."""
        spans: list[tuple[int, int]] = []
        if _SHAPED in text:
            for match in self._SHAPE_MARK.finditer(text):
                spans.append(match.span())
                like = f"{_SHAPE}:{match[1]}"
                self._counts[like] = max(self._counts.get(like, 0), int(match[2] or 1))
        if VALUE in text:
            spans += [match.span() for match in self._VALUE_MARK.finditer(text)]
        if _OPENING not in text:
            return spans
        for match in self._MARK.finditer(text):
            kind, number = match.groups()
            if kind in KINDS or kind in self._kinds:
                spans.append(match.span())
                self._counts[kind] = max(self._counts.get(kind, 0), int(number or 1))
        return sorted(spans)


def _is_particular(value: str) -> bool:
    """Whether a value can hardly occur by chance: long, of one word, letters and digits."""
    if not 8 <= len(value) <= 4_000 or _OPENING in value or any(map(str.isspace, value)):
        return False
    return any(map(str.isdigit, value)) and any(map(str.isalpha, value))


# ---- Spans


def _united(found: "list[tuple[int, int, str]]") -> "list[tuple[int, int, str]]":
    """Spans in order, those that overlap as one. The first to start gives its kind, the longest of these."""
    found.sort(key=_by_start)
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


def _joined(spans: "list[tuple[int, int]]") -> "list[tuple[int, int]]":
    """Spans in order, those that overlap as one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        elif start < end:
            joined.append((start, end))
    return joined


def _by_start(span: "tuple[int, int, str]") -> "tuple[int, int]":
    return span[0], -span[1]


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
        private: The texts, each with its kind. Names of users and hosts are found as words only, in any case.
    """

    __slots__ = ("_spellings",)

    _NAMES = frozenset(("user", "host"))

    def __init__(self, private: "Mapping[str, str]") -> None:
        spellings: dict[str, tuple[str, bool]] = {}
        for literal, kind in private.items():
            for spelling in _spellings(literal):
                spellings.setdefault(spelling, (kind, kind in self._NAMES or len(literal) < 8))
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
            if kind in self._NAMES:
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
