"""What stands between the words of the `raise` that made a message.

Theory of operation. Where the last instruction of the innermost frame is a `raise`, that function most likely
made the message, from constants of its own and from values. The constants are laid on the message, longest
first, none on the place of another. If they cover enough of it, the *gaps* between them are values: also
those that stand in no variable any more, and those that were changed on the way (an initial, a title's
capitals).

A gap stays if it looks like a name, holds a number of four digits at most, or is itself a sentence of
messages: most likely that of another exception. What such a sentence quotes is judged as any quotation.
"""

from crashguard.scrub._tables import ERRORS, SAID
from crashguard.scrub.shapes import Pattern
from crashguard.scrub.template import is_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from crashguard.scrub.template import Judge, Span

_LEAST = 0.15  # of the message that the constants cover
_MOST_PIECES = 200
_DIGITS = 4
_QUOTES = frozenset("'\"`“”«»")
_WORD = Pattern(r"[^\W_]+(?:['\u2019][^\W_]+)?")
_EDGES = " \t\r\n.,:;!?()[]{}<>'\"`-=/|"


def gaps(text: str, pieces: "list[str]", judge: "Judge") -> "list[Span]":
    """Where values stand in a message, as far as its constants tell.

    Args:
        text: The message.
        pieces: The fixed pieces of the constants of the function that raised, with the blanks at their ends.
        judge: Says which words may stay.
    """
    covered: list[Span] = []
    is_prose = False
    for piece in sorted(pieces, key=len, reverse=True)[:_MOST_PIECES]:
        if len(piece) < 2 or not any(map(str.isalnum, piece)):
            continue
        at = text.find(piece)
        if at >= 0 and all(end <= at or start >= at + len(piece) for start, end in covered):
            covered.append((at, at + len(piece)))
            is_prose = is_prose or " " in piece
    if not is_prose or sum(end - start for start, end in covered) < _LEAST * len(text):
        return []
    found: list[Span] = []
    position = 0
    for start, end in [*sorted(covered), (len(text), len(text))]:
        gap = _trimmed(text, position, start)
        if gap[0] < gap[1] and not _stays(text[gap[0] : gap[1]], judge):
            found.append(gap)
        position = max(position, end)
    return found


def _trimmed(text: str, start: int, end: int) -> "Span":
    while start < end and text[start] in _EDGES:
        start += 1
    while start < end and text[end - 1] in _EDGES:
        end -= 1
    return start, end


def _stays(gap: str, judge: "Judge") -> bool:
    if judge.says(gap) or "\n" in gap:
        return True
    if _QUOTES.intersection(gap):
        from crashguard.scrub.quotes import quotations

        if quotations(gap):
            return True
    if not any(map(str.isalpha, gap)):
        return sum(map(str.isdigit, gap)) <= _DIGITS
    if is_name(gap) or judge.keeps(gap):
        return True
    words = _WORD.regex.findall(gap)
    known = sum(word.lower() in SAID for word in words)
    if known == len(words):
        return True
    if any(word.lower() in ERRORS for word in words) and known * 2 >= len(words):
        return True  # a sentence of messages
    return "/" in gap and " " not in gap
