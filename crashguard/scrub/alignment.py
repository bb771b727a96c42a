"""What stands between the words of the code that made a message.

Theory of operation. A message was made from constants and from values, by the function that raised, by the
exception's class or by a function that called. The constants of each are laid on the message, longest first,
none on the place of another. If they cover enough of it, the *gaps* between them are values: also those that
stand in no variable any more, and those that were changed on the way (an initial, a title's capitals). Lines
that none of the constants is on were written by somebody else, a note of another function for example.

A gap stays if the code says it, behind a word that announces a name (`table x`), if it is put together as
names are (`max_rows`, `acme/plugin`), holds a number of four digits at most, or is itself a sentence of
messages: most likely that of another exception. What such a sentence quotes is judged as any quotation. Of
the repr of a container each text is judged by itself.
"""

from crashguard.scrub._tables import ERRORS, SAID, SETTINGS
from crashguard.scrub.identifiers import is_name
from crashguard.scrub.pattern import Pattern
from crashguard.scrub.spans import joined

TYPE_CHECKING = False
if TYPE_CHECKING:
    from crashguard.scrub.spans import Span
    from crashguard.scrub.template import Judge

_LEAST = 0.15  # of the message that the constants cover
_MUCH = 0.4  # the same, where they are single words
_MOST_PIECES = 200
_DIGITS = 4
_SHORTEST = 3  # letters of a word that may be a value
_FEW = 4  # words of a message that may be nothing but a value
_QUOTES = frozenset("'\"`“”«»")
_WORD = Pattern(r"[^\W_]+(?:['\u2019][^\W_]+)?")
_EDGES = " \t\r\n.,:;!?()[]{}<>'\"`-=/|"


def gaps(text: str, makers: "list[tuple[list[str], bool]]", judge: "Judge") -> "list[Span]":
    """Where values stand in a message, as far as the constants of some code tell.

    Args:
        text: The message.
        makers: Of each code that may have made it the fixed pieces of its constants, with the blanks at their
            ends, and whether the last thing that it did was a `raise`. Of code that did not raise, a piece of
            several words has to bear out that the message is its own.
        judge: Says which words may stay.
    """
    covered = laid(text, makers)
    if not covered:
        has_raised = any(has_raised for _, has_raised in makers) and not judge.is_of_names
        return [(0, len(text))] if has_raised and _is_bare(text, judge) else []
    covered += judge.said_by_python(text)
    found: list[Span] = []
    position = 0
    for start, end in [*joined(covered), (len(text), len(text))]:
        for low, high in _lines(text, position, start):
            found += _judged(text, low, high, judge)
        position = max(position, end)
    return found


def laid(text: str, makers: "list[tuple[list[str], bool]]") -> "list[Span]":
    """Where the constants of some code stand in a message that it made; none where they do not bear that out.

    Args:
        text: The message.
        makers: As for `gaps`.
    """
    covered: list[Span] = []
    opening: list[Span] = []  # a class may put a word before what was raised: `argument -n: ...`
    for pieces, has_raised in makers:
        places = _laid(text, pieces)
        if _made(text, places, has_raised=has_raised):
            covered += places
        else:
            opening += [place for place in places if place[0] == 0 and text[place[1] - 1] == " "]
    return covered + opening if covered else []


def _laid(text: str, pieces: "list[str]") -> "list[Span]":
    """Where pieces cover a text, each with quotes that are right around it."""
    covered: list[Span] = []
    for piece in sorted(pieces, key=len, reverse=True)[:_MOST_PIECES]:
        if len(piece) < 2 or not any(map(str.isalnum, piece)):
            continue
        at = text.find(piece)
        while at >= 0 and any(start < at + len(piece) and at < end for start, end in covered):
            at = text.find(piece, at + 1)
        if at >= 0:
            end = at + len(piece)
            is_quoted = at > 0 and text[at - 1] in _QUOTES and text[at - 1] == text[end : end + 1]
            covered.append((at - 1, end + 1) if is_quoted else (at, end))
    return covered


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


def _lines(text: str, start: int, end: int) -> "list[Span]":
    """The first and the last line of a stretch: those that something else is on."""
    first = text.find("\n", start, end)
    if first < 0:
        return [(start, end)]
    last = text.rfind("\n", start, end) + 1
    return [(start, first)] * (start > 0) + [(last, end)] * (end < len(text))


def _judged(text: str, start: int, end: int, judge: "Judge") -> "list[Span]":
    """What is data in one gap."""
    start, end = _trimmed(text, start, end, " \t\r\n")
    if not _QUOTES.isdisjoint(text[start:end]):
        from crashguard.scrub.quotes import quotations

        quoted = [(low + start, high + start) for low, high in quotations(text[start:end])]
        if quoted:
            return _of_container(text, start, end, quoted, judge)
    start, end = _trimmed(text, start, end, _EDGES)
    return [(start, end)] if start < end and not _stays(text, start, end, judge) else []


def _of_container(text: str, start: int, end: int, quoted: "list[Span]", judge: "Judge") -> "list[Span]":
    """What is data in the repr of a text or a container; none where words stand around what is quoted."""
    found: list[Span] = []
    position = start
    for low, high in [*quoted, (end, end)]:
        if any(map(str.isalpha, text[position:low])):
            return []
        between = _trimmed(text, position, low, _EDGES)
        is_key = text[high + 1 : high + 2] == ":" and "{" in text[start:low]
        content = (low, low) if is_key else (low, high)
        found += [each for each in (between, content) if each[0] < each[1] and not _stays(text, *each, judge)]
        position = high
    return found


def _trimmed(text: str, start: int, end: int, edges: str) -> "Span":
    while start < end and text[start] in edges:
        start += 1
    while start < end and text[end - 1] in edges:
        end -= 1
    return start, end


def _is_structured(word: str) -> bool:
    """Whether a word looks like a name and is none of a person: `cloudquery/aws`, `v27.1.0`, `max_rows`."""
    return is_name(word) and not word.isalpha()


def _is_bare(text: str, judge: "Judge") -> bool:
    """Whether a message is a value and nothing else: a few words that neither programs nor messages say."""
    words = _WORD.regex.findall(text)
    if not 0 < len(words) <= _FEW or not _QUOTES.isdisjoint(text) or "\n" in text:
        return False
    return not any(word.lower() in SAID for word in words) and not _stays(text, 0, len(text), judge)


def _stays(text: str, start: int, end: int, judge: "Judge") -> bool:
    gap = text[start:end]
    if judge.says(gap) or judge.keeps(gap) or gap in SETTINGS:
        return True
    if ", " in gap and all(judge.says(each) or judge.is_literal(each) for each in gap.split(", ")):
        return True  # choices, written out
    if judge.is_value(gap):
        return False
    if not any(map(str.isalpha, gap)):
        return sum(map(str.isdigit, gap)) <= _DIGITS
    if is_name(gap) and " " not in gap and judge.announces(text, start, end):
        return True
    if gap.isalpha() and gap.islower():
        return gap in SAID or len(gap) < _SHORTEST or text[max(start - 2, 0) : start] == "--"
    if judge.is_given(gap):
        return False
    if is_name(gap) or all(map(_is_structured, gap.split(" "))):
        return True
    words = _WORD.regex.findall(gap)
    known = sum(word.lower() in SAID or (word.isdigit() and len(word) <= _DIGITS) for word in words)
    if known == len(words):
        return True
    if any(word.lower() in ERRORS for word in words) and known * 2 >= len(words):
        return True  # a sentence of messages
    return "/" in gap and " " not in gap
