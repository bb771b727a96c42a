"""What is left of a message once only the words of the program and of libraries may stay.

Theory of operation. At the level `template` nothing may leave that was given to a program, and of a message
that was made in another process no variable is at hand. So the question is turned round: each word goes,
unless a constant of the program is laid on its place, a quotation is as a whole a constant or a name of the
program, or messages of libraries have the word. Where the constants show that the program made the message,
no word between them is a library's. What shapes are made of goes as well: never is more said than there.
"""

import builtins

from crashguard.scrub._tables import SAID
from crashguard.scrub.alignment import has_told, laid
from crashguard.scrub.identifiers import DIGITS, WORD
from crashguard.scrub.quotes import quotations
from crashguard.scrub.spans import without

TYPE_CHECKING = False
if TYPE_CHECKING:
    from crashguard.scrub.constants import Constants
    from crashguard.scrub.spans import Span
    from crashguard.scrub.template import Judge

# Which `'str' object has no attribute` names.
_TYPES = frozenset(name for name, value in vars(builtins).items() if type(value) is type) | {"NoneType"}


def spans(text: str, kept: "list[Span]", judge: "Judge", program: "Constants | None") -> "list[Span]":
    """The words that neither a constant nor a library says; those that follow each other are one stretch.

    Args:
        text: The message.
        kept: Where phrases of the program and of the vocabulary stand.
        judge: Says which words may stay.
        program: What the code says; None for a text without a crash.
    """
    covered = [] if program is None else laid(text, program.makers, is_told=has_told(program.makers))
    quoted = quotations(text)
    if program is not None:
        kept = [*kept, *covered, *(span for span in quoted if _is_name(text[slice(*span)], judge))]
    is_strict = bool(judge.is_blind and covered)
    inside = quoted if judge.is_blind and not covered else []
    words = [
        (start, end)
        for start, end in (match.span() for match in WORD.finditer(text))
        if (is_strict or _is_in(start, inside) or not _is_a_librarys(text, start, end, judge))
        and not judge.may_stay(text[start:end])
    ]
    return without(_runs(text, words), kept)


def _is_name(quoted: str, judge: "Judge") -> bool:
    """Whether a quotation is a constant or a name of the program, or a type of the language."""
    return judge.says(quoted) or (judge.level != "template" and quoted in _TYPES)


def _is_a_librarys(text: str, start: int, end: int, judge: "Judge") -> bool:
    """Whether a word is one of those that messages of libraries have."""
    word = text[start:end]
    if judge.level != "template" and word.isdigit() and len(word) <= DIGITS:
        return True
    return word.lower() in SAID and (word.islower() or not _is_inside(text, start))


def _runs(text: str, words: "list[Span]") -> "list[Span]":
    """Words with nothing but a blank between them as one stretch."""
    found: list[Span] = []
    for start, end in words:
        if found and start == found[-1][1] + 1 and text[start - 1] == " ":
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def _is_in(at: int, spans: "list[Span]") -> bool:
    """Whether a place is in one of some stretches."""
    return any(low <= at < high for low, high in spans)


def _is_inside(text: str, at: int) -> bool:
    """Whether a place is inside of a sentence and not at its beginning."""
    before = text[max(at - 2, 0) : at].strip()
    return bool(before) and before[-1] not in ".:;!?([\n"
