"""Which code may have made a message, and of which pieces.

Theory of operation. A message is made by the function that raises, by the exception's class or by a function
that called. Each is a `Maker` with the fixed pieces of its texts: of its constants, those of comprehensions
and functions inside of it, and the sentences that it refers to by name. What the tool's own function calls
has left the traceback when it raises, so the functions that it names are read as well.
"""

from crashguard.scrub.catalogue import called, referred, translations
from crashguard.scrub.formats import pieces

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType

    from crashguard.scrub.constants import Constants, Function

_LONGEST = 2_000  # characters of a text
_DEEPEST = 2  # functions inside of functions


class Maker:
    """What a function may have put into a message.

    Attributes:
        pieces: The fixed pieces of its texts, with the blanks at their ends.
        has_raised: Whether the last thing that it did was a `raise`.
        is_own: Whether it is the tool's own.
    """

    __slots__ = ("has_raised", "is_own", "pieces")

    def __init__(self, texts: "list[str]", *, has_raised: bool = False, is_own: bool = False) -> None:
        self.pieces = [piece for text in texts if len(text) < _LONGEST for piece in pieces(text)]
        self.has_raised = has_raised
        self.is_own = is_own


def of_function(function: "Function", program: "Constants", *, has_raised: bool, is_own: bool) -> Maker:
    """What a function may have put into a message.

    Args:
        function: Its code, and the namespace of its module.
        program: Knows its sentences, and takes in what it calls.
        has_raised: Whether it ended with a `raise`.
        is_own: Whether it is the tool's own.
    """
    code, module = function
    texts = texts_of(code) + program.sentences(function)
    if is_own and has_raised:
        for each in called(code, module):
            if program.take(each):
                texts += texts_of(each[0]) + program.sentences(each)
    return Maker(texts, has_raised=has_raised, is_own=is_own)


def of_class(texts: "list[str]", functions: "list[CodeType]") -> Maker:
    """What the class of an exception may have put into its message, by its texts and its functions."""
    return Maker(texts + [text for code in functions for text in texts_of(code)])


def sentences(function: "Function", program: "Constants") -> "list[str]":
    """The sentences that a function refers to by name, as far as a source says them, and translations."""
    code, module = function
    written = [text for text in referred(code, module) if program.wrote(text, function)]
    return written + translations(texts_of(code))


def texts_of(code: "CodeType", depth: int = _DEEPEST) -> "list[str]":
    """The texts among the constants of a function and of those inside of it, such as comprehensions."""
    found: list[str] = []
    for constant in code.co_consts:
        if type(constant) is str:
            found.append(constant)
        elif type(constant) is type(code) and depth:
            found += texts_of(constant, depth - 1)
    return found
