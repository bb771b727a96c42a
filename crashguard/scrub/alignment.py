"""What stands between the words of the code that made a message.

Theory of operation. A message was made from constants and from values, by the function that raised, by the
exception's class or by a function that called. The constants of each are laid on the message, longest first,
none on the place of another. If they cover enough of it, the *gaps* between them are values: also those that
stand in no variable any more, and those that were changed on the way (an initial, a title's capitals).

What the tool's own code raises it has *told*: the message is its text and data, and nothing else. So each
line of a gap is judged there, be it a line of a table or one of fifty errors, and a message that no constant
is on is one gap. What code of a library raised may hold a note of another function: lines that none of the
constants is on stay there.

A gap stays if the code says it, behind a word that announces a name (`table x`), or holds a number of
four digits at most. In what a library raised it stays as well if it is put together as names are. In what
the tool has told its look is no reason: what fills a hole is data, unless a source has it. So is what
follows a text of the tool in the middle of a word (`/people/`, `name=`), whoever raised: what a library
quotes there was put together by the tool.

If a gap is itself a sentence of messages, most likely that of another exception, the words go that neither
messages nor the program say. What is quoted in a gap is judged by itself.
"""

from crashguard.scrub._tables import ERRORS, SAID, SETTINGS
from crashguard.scrub.identifiers import WORD, is_name, is_term, segments
from crashguard.scrub.prepared import Pattern
from crashguard.scrub.quotes import quotations
from crashguard.scrub.spans import joined, without

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from crashguard.scrub.makers import Maker
    from crashguard.scrub.spans import Span
    from crashguard.scrub.template import Judge

_LEAST = 0.15  # of the message that the constants cover
_MUCH = 0.4  # the same, where they are single words
_MOST_PIECES = 200
_DIGITS = 4
_LONGEST_NAME = 120  # characters around a word that may be one name with it
_SHORTEST = 3  # letters of a word that may be a value
_FEW = 4  # words of a message that may be nothing but a value
_QUOTES = frozenset("'\"`“”«»")
_NUMBER = Pattern(r"(?<!\w)\d(?:[ .:/\-]?\d|,\d)*(?!\w)")  # a date, an amount, a telephone number
_URL = Pattern(r"[A-Za-z][A-Za-z0-9+.\-]{1,20}://[^\s\"'<>]+")
_PART = Pattern(r"[^\s=(),:;\[\]{}|<>]+")
_JOINTS = frozenset("/?&=.:@_-#+")  # signs between the parts of a path, an address, a name
_MARKUP = frozenset("&;")  # of a page
_BETWEEN = frozenset(":=>→")
_EDGES = " \t\r\n.,:;!?()[]{}<>'\"`-=/|"


def gaps(text: str, makers: "Sequence[Maker]", judge: "Judge", said: "list[Span]") -> "list[Span]":
    """Where values stand in a message, as far as the constants of some code tell.

    Args:
        text: The message.
        makers: The code that may have made it.
        judge: Says which words may stay.
        said: Where phrases of the program stand, whichever of its functions says them.
    """
    is_told = not judge.is_of_names and has_told(makers)
    placed = [(maker, _laid(text, maker.pieces)) for maker in makers]
    covered = _borne_out(text, placed, is_told=is_told)
    if not covered and not is_told:
        has_raised = any(maker.has_raised for maker in makers) and not judge.is_of_names
        return [(0, len(text))] if has_raised and _is_bare(text, judge) else []
    covered += judge.said_by_python(text)
    if is_told:
        covered += said
    own = [place for maker, places in placed if maker.is_own and not is_told for place in places]
    ends, starts = _joints(text, own)
    found: list[Span] = []
    quoted: list[Span] | None = None
    position = 0
    for start, end in [*joined(covered), (len(text), len(text))]:
        is_filled = is_told or position in ends or start in starts
        for line in _lines(text, position, start, is_told=is_told):
            if quoted is None:
                quoted = quotations(text) if not _QUOTES.isdisjoint(text) else []
            for low, high in _within_quotes(*line, quoted):
                found += _judged(text, low, high, quoted, judge, is_told=is_filled)
        position = max(position, end)
    return found


def _joints(text: str, own: "list[Span]") -> "tuple[set[int], set[int]]":
    """Where texts of the tool's code end and begin that a value follows, or precedes, without a blank.

    What a library quotes as a whole is put together there: `/people/` and a name, `name=` and another.
    """
    places = [(start, end) for start, end in own if not text[start:end].isalnum()]
    ends = {end for _, end in places if text[end - 1] in _JOINTS}
    return ends, {start for start, _ in places if text[start] in _JOINTS}


def _within_quotes(start: int, end: int, quoted: "list[Span]") -> "list[Span]":
    """A gap, parted where a quotation ends that began before it, and where one begins that ends behind."""
    for low, high in quoted:
        if low <= start <= high < end:
            return [(start, high), *_within_quotes(high + 1, end, quoted)]
        if start < low <= end <= high:
            return [(start, low - 1), (low, end)]
    return [(start, end)]


def has_told(makers: "Sequence[Maker]") -> bool:
    """Whether the tool's own code raised."""
    return any(maker.has_raised and maker.is_own for maker in makers)


def laid(text: str, makers: "Sequence[Maker]", *, is_told: bool) -> "list[Span]":
    """Where the constants of some code stand in a message that it made; none where they do not bear that out.

    Args:
        text: The message.
        makers: As for `gaps`.
        is_told: Whether the tool's own code raised: what that says is borne out.
    """
    return _borne_out(text, [(maker, _laid(text, maker.pieces)) for maker in makers], is_told=is_told)


def _borne_out(text: str, placed: "list[tuple[Maker, list[Span]]]", *, is_told: bool) -> "list[Span]":
    """The places of constants, less those of code that they do not bear out to have made the message."""
    covered: list[Span] = []
    opening: list[Span] = []  # a class may put a word before what was raised: `argument -n: ...`
    for maker, places in placed:
        if _made(text, places, has_raised=maker.has_raised):
            covered += places
        elif is_told and maker.is_own:
            covered += [place for place in places if not text[slice(*place)].isalnum()]
        else:
            opening += [place for place in places if place[0] == 0 and text[place[1] - 1] == " "]
    return covered + opening if covered else []


def _laid(text: str, pieces: "list[str]") -> "list[Span]":
    """Where pieces cover a text, each with quotes that are right around it."""
    covered: list[Span] = []
    taken = bytearray(len(text))
    for piece in sorted(dict.fromkeys(pieces), key=len, reverse=True)[:_MOST_PIECES]:
        if len(piece) < 2 or not (any(map(str.isalnum, piece)) or _parts_values(piece)):
            continue
        at = text.find(piece)
        while at >= 0:
            end = at + len(piece)
            is_free = taken.find(1, at, end) < 0 and (
                piece[:1] != ":" or text[at - 1 : at] not in _QUOTES
            )  # of a dict
            if is_free and not _is_within(text, at, end):
                is_quoted = at > 0 and text[at - 1] in _QUOTES and text[at - 1] == text[end : end + 1]
                covered.append((at - 1, end + 1) if is_quoted else (at, end))
                taken[at:end] = b"\1" * (end - at)
                if piece.isalnum():
                    break  # a word by itself, such as a key: only what stands around values is said again
            at = text.find(piece, end if is_free else at + 1)
    return covered


def _parts_values(piece: str) -> bool:
    """Whether a piece without letters stands between two values that are no list: `3: Ada`, `Ada -> 3`."""
    return " " in piece and not _BETWEEN.isdisjoint(piece)


def _is_within(text: str, start: int, end: int) -> bool:
    """Whether a stretch begins or ends in the middle of a word."""
    return (text[start].isalpha() and text[start - 1 : start].isalpha()) or (
        text[end - 1].isalpha() and text[end : end + 1].isalpha()
    )


def _made(text: str, covered: "list[Span]", *, has_raised: bool) -> bool:
    """Whether what covers a text bears out that its code made it."""
    size = sum(end - start for start, end in covered)
    if has_raised and covered == [(0, len(text))]:
        return True
    phrases = [(start, end) for start, end in covered if " " in text[start:end].strip()]
    if not has_raised:
        return bool(phrases) and size >= _LEAST * len(text)
    if any(start == 0 and text[:end].endswith((" ", ": ", "=")) for start, end in phrases):
        return True  # what it begins with goes on, however long that is
    is_prose = any(" " in text[start:end] or not text[end - 1].isalnum() for start, end in covered)
    return (is_prose and size >= _LEAST * len(text)) or (len(covered) > 1 and size >= _MUCH * len(text))


def _lines(text: str, start: int, end: int, *, is_told: bool) -> "list[Span]":
    """The lines of a stretch. Of what a library raised, the first and the last: something else is on them."""
    if not is_told:
        first = text.find("\n", start, end)
        if first < 0:
            return [(start, end)]
        last = text.rfind("\n", start, end) + 1
        return [(start, first)] * (start > 0) + [(last, end)] * (end < len(text))
    found: list[Span] = []
    while start < end:
        stop = text.find("\n", start, end)
        stop = stop if stop >= 0 else end
        found.append((start, stop))
        start = stop + 1
    return found


def _judged(
    text: str, start: int, end: int, quoted: "list[Span]", judge: "Judge", *, is_told: bool
) -> "list[Span]":
    """What is data in one gap, which may hold some of the quotations of the message."""
    start, end = _trimmed(text, start, end, " \t\r\n")
    inside = [(low, high) for low, high in quoted if start < low and high < end]
    if inside:
        return _of_quoted(text, start, end, inside, judge, is_told=is_told)
    return _data(text, *_trimmed(text, start, end, _EDGES), judge, is_told=is_told)


def _of_quoted(
    text: str, start: int, end: int, quoted: "list[Span]", judge: "Judge", *, is_told: bool
) -> "list[Span]":
    """What is data in a gap with quotations, such as the repr of a container.

    Where a library's words may stand around what is quoted, that is left to the rules for quotations.
    """
    around = without([(start, end)], quoted)
    if not is_told and any(any(map(str.isalpha, text[low:high])) for low, high in around):
        return []
    words = [word for span in around for word in _words(text, *span)] if is_told else []
    unsaid = [word for word in words if not _is_said(text, *word, judge, (start, end))]
    is_sentence = _is_sentence(text, words, unsaid)
    found: list[Span] = []
    for low, high in around:
        found += _data(
            text, *_trimmed(text, low, high, _EDGES), judge, is_told=is_told, is_sentence=is_sentence
        )
    for low, high in quoted:
        is_key = text[high + 1 : high + 2] == ":" and (is_told or "{" in text[start:low])
        if not (is_key and (not is_told or is_name(text[low:high]))):
            found += _data(text, low, high, judge, is_told=is_told)
    return found


def _trimmed(text: str, start: int, end: int, edges: str) -> "Span":
    while start < end and text[start] in edges:
        start += 1
    while start < end and text[end - 1] in edges:
        end -= 1
    return start, end


def _is_structured(word: str, judge: "Judge") -> bool:
    """Whether a word looks like a name and is none of a person: `cloudquery/aws`, `v27.1.0`, `max_rows=5`."""
    if word.isalpha() or not is_name(word) or not _MARKUP.isdisjoint(word) or "</" in word:
        return False
    if word.count("<") != word.count(">"):
        return False
    key, equals, value = word.partition("=")
    return not equals or all(
        part.lower() in SAID or judge.says(part) or _is_structured(part, judge)
        for part in (key, value)
        if part
    )


def _is_bare(text: str, judge: "Judge") -> bool:
    """Whether a message is a value and nothing else: a few words that neither programs nor messages say."""
    words = WORD.regex.findall(text)
    if not 0 < len(words) <= _FEW or not _QUOTES.isdisjoint(text) or "\n" in text:
        return False
    return not any(word.lower() in SAID for word in words) and not _stays(
        text, 0, len(text), judge, is_told=False
    )


def _data(
    text: str, start: int, end: int, judge: "Judge", *, is_told: bool, is_sentence: bool = False
) -> "list[Span]":
    """What is data in a stretch: nothing, all of it, or the words of a sentence that nobody says."""
    urls = [match.span() for match in _URL.finditer(text, start, end)]
    if start >= end or (not urls and _stays(text, start, end, judge, is_told=is_told)):
        return []
    if judge.is_value(text[start:end]):
        return [(start, end)]
    if urls:
        found = [span for url in urls for span in _of_url(text, *url, judge, is_told=is_told)]
        for low, high in without([(start, end)], urls):
            low, high = _trimmed(text, low, high, _EDGES)  # noqa: PLW2901 (the same stretch, trimmed)
            found += _data(text, low, high, judge, is_told=is_told, is_sentence=is_sentence)
        return found
    if is_told and " " not in text[start:end]:
        return _of_word(text, start, end, judge)
    words = _words(text, start, end)
    unsaid = [span for span in words if not _is_said(text, *span, judge, (start, end))]
    if not words or (unsaid and not (is_sentence or _is_sentence(text, words, unsaid))):
        return [(start, end)]
    numbers = [match.span() for match in _NUMBER.finditer(text, start, end)]
    return unsaid + [
        (low, high)
        for low, high in numbers
        if sum(map(str.isdigit, text[low:high])) > _DIGITS and not judge.states(text[low:high])
    ]


def _of_word(text: str, start: int, end: int, judge: "Judge") -> "list[Span]":
    """What is data in a word that fills a hole: all of it, but for what the program says: `Row(name=`."""
    if not any(map(str.isalpha, text[start:end])):
        return [(start, end)]
    found: list[Span] = []
    for low, high in (match.span() for match in _PART.finditer(text, start, end)):
        if "/" in text[low:high] or "\\" in text[low:high]:
            found += _of_path(text, low, high, judge)
        elif not _is_proven(text[low:high], judge) and not _stays_as_number(text[low:high], judge):
            found.append((low, high))
    return found


def _stays_as_number(word: str, judge: "Judge") -> bool:
    return word.isdigit() and (len(word) <= _DIGITS or judge.states(word))


def _is_sentence(text: str, words: "list[Span]", unsaid: "list[Span]") -> bool:
    """Whether some words are a sentence of messages: one of them says so, and half of them are known."""
    return len(unsaid) * 2 <= len(words) and any(text[low:high].lower() in ERRORS for low, high in words)


def _words(text: str, start: int, end: int) -> "list[Span]":
    return [match.span() for match in WORD.finditer(text, start, end) if not match[0].isdigit()]


def _of_url(text: str, start: int, end: int, judge: "Judge", *, is_told: bool) -> "list[Span]":
    """What is data in a URL: segments that are no names, and what is asked for behind them."""
    query = text.find("?", start, end)
    query = query if query >= 0 else end
    if is_told:
        found = _of_path(text, text.find("://", start, query) + 3, query, judge)
    else:
        found = [(low + start, high + start) for low, high in segments(text[start:query], judge)]
    position = query
    for at in range(query, end + 1):
        if at == end or text[at] in "?&=;#":
            found += _data(text, position, at, judge, is_told=True)
            position = at + 1
    return found


def _of_path(text: str, start: int, end: int, judge: "Judge") -> "list[Span]":
    """The segments of a path or address that no source has, a host as one of them.

    The name of a file of this machine is judged as such names are.
    """
    is_local = text[start] in "/~" or text[start - 1 : start] in ("/", "\\", ":")
    found: list[Span] = []
    position = start
    for at in range(start, end + 1):
        if at == end or text[at] in "/\\":
            segment = text[position:at]
            is_file = at == end and is_local and "." in segment and not segments(segment, judge)
            if (
                segment
                and not is_file
                and not judge.is_written(segment)
                and not _stays_as_number(segment, judge)
            ):
                found.append((position, at))
            position = at + 1
    return found


def _is_said(text: str, start: int, end: int, judge: "Judge", gap: "Span") -> bool:
    """Whether messages or the program say a word of a gap, or it is a part of a name that lies in the gap."""
    word = text[start:end]
    if word.lower() in SAID or len(word) < 2 or judge.says(word) or is_term(word):
        return True
    before = text[max(start - _LONGEST_NAME, gap[0]) : start]
    behind = text[end : min(end + _LONGEST_NAME, gap[1])]
    low = start - (0 if not before or before[-1].isspace() else len(before.split()[-1]))
    high = end + (0 if not behind or behind[0].isspace() else len(behind.split(None, 1)[0]))
    token = text[slice(*_trimmed(text, low, high, _EDGES))]
    return _is_structured(token, judge) or (is_name(token) and judge.announces(text, start, end))


def _is_proven(word: str, judge: "Judge") -> bool:
    """Whether more than its look says that a word is a name: a source has it, or no value is written so."""
    return word[:2] == "--" or is_term(word) or (is_name(word) and judge.is_written(word))


def _stays(text: str, start: int, end: int, judge: "Judge", *, is_told: bool) -> bool:
    """Whether a stretch stays as a whole."""
    gap = text[start:end]
    if judge.says(gap) or judge.keeps(gap) or gap in SETTINGS:
        return True
    if ", " in gap and all(judge.says(each) or judge.is_literal(each) for each in gap.split(", ")):
        return True  # choices, written out
    if judge.is_value(gap):
        return False
    if not any(map(str.isalpha, gap)):
        return sum(map(str.isdigit, gap)) <= _DIGITS or judge.states(gap)
    if is_name(gap) and " " not in gap and judge.announces(text, start, end):
        return True
    if gap.isalpha() and gap.islower():
        return gap in SAID or len(gap) < _SHORTEST or text[max(start - 2, 0) : start] == "--"
    if judge.is_given(gap):
        return False
    if is_told:
        return all(_is_proven(word, judge) for word in gap.split(" "))
    if is_name(gap) or all(_is_structured(word, judge) for word in gap.split(" ")):
        return True
    return "/" in gap and " " not in gap and "=" not in gap and _MARKUP.isdisjoint(gap)
