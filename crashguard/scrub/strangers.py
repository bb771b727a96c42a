"""Names in code that is neither the tool's nor installed, which Python puts into messages of its own.

`name 'payroll' is not defined` quotes what somebody typed at a prompt. So the names that only such code has
are data where Python writes names: in quotes, with dots, or as a function.
"""

import builtins
import sys

from crashguard.scrub._tables import SAID
from crashguard.scrub.spans import occurrences, without

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType

    from crashguard.scrub.spans import Span

_QUOTES = ("'", '"', "`")
_LIST_OF_NAMES = "abstract methods "
_BEFORE_NAMES = ("class", "method", "methods", "type", "function")
_MOST_PLACES = 50  # of one word in a message
_DEEPEST = 2  # functions inside of functions
_MOST = 500  # constants of one function


def names_of(code: "CodeType", depth: int = _DEEPEST) -> "set[str]":
    """The names in some code, and those of its arguments."""
    found: set[str] = set()
    for name in (*code.co_names, *code.co_varnames, *code.co_freevars, code.co_qualname):
        # Not `.0`, the argument of a comprehension, nor `<locals>`.
        found.update(filter(str.isidentifier, name.split(".")))
    for constant in code.co_consts[:_MOST]:
        # The names of arguments stand in a tuple.
        texts = constant[:_MOST] if type(constant) is tuple else (constant,)
        found.update(each for each in texts if type(each) is str and each.isidentifier())
        if type(constant) is type(code) and depth:
            found |= names_of(constant, depth - 1)
    return found


def words_in(text: str, judged: "list[Span]") -> "set[str]":
    """The words of a message that may be names of code, beside what is judged already."""
    for start, end in judged:
        text = text[:start] + " " * (end - start) + text[end:]
    words = set("".join(c if c.isalnum() or c == "_" else " " for c in text).split())
    words = {each for each in words if each.isidentifier() and not _is_pythons(each)}
    return {
        each
        for each in words
        if any(_may_be_named(text, *at) for at in occurrences(text, each)[:_MOST_PLACES])
    }


def spans(text: str, names: "set[str]", outside: "set[str]", said: "list[Span]") -> "list[Span]":
    """Where names stand as Python writes them; those of the language are nobody's.

    Args:
        text: The message.
        names: Names of code on the tracebacks.
        outside: Names of other code, which Python also writes without quotes.
        said: What the program says itself.
    """
    found: list[Span] = []
    for name in names | outside:
        if name not in text or _is_pythons(name):
            continue
        for start, end in occurrences(text, name):
            is_bare = name in outside and _may_be_named(text, start, end) and without([(start, end)], said)
            if _is_named(text, start, end) or is_bare:
                found.append((start, end))
    return found


def _is_pythons(name: str) -> bool:
    return hasattr(builtins, name) or name in sys.stdlib_module_names


def _may_be_named(text: str, start: int, end: int) -> bool:
    """Whether a word may name a class or a method, also without quotes: `abstract class Payroll`."""
    if _is_named(text, start, end):
        return True
    before, after = text[start - 1 : start], text[end : end + 1]
    if before.isalnum() or before == "_" or after.isalnum() or after == "_":
        return False
    said = text[:start].rstrip().rpartition(" ")[2].lstrip("<(")
    is_listed = said[-1:] == "," and _LIST_OF_NAMES in text[:start]
    return (
        said in _BEFORE_NAMES
        or is_listed
        or (not text[start:end].islower() and text[start:end].lower() not in SAID)
    )


def _is_named(text: str, start: int, end: int) -> bool:
    """Whether a word stands where Python writes names: in quotes, with dots, or as a function."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if before.isalnum() or before == "_" or after.isalnum() or after == "_":
        return False
    is_dotted = before == "." or (after == "." and text[end + 1 : end + 2].isidentifier())
    is_dotted = is_dotted or text.startswith(".<", end)  # `outer.<locals>.inner`
    return is_dotted or before in _QUOTES or after in _QUOTES or text.startswith("()", end)
