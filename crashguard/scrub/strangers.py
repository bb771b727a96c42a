"""Names in code that is neither the tool's nor installed, which Python puts into messages of its own.

`name 'payroll' is not defined` quotes what somebody typed at a prompt. So the names that only such code has
are data where Python writes names: in quotes, with dots, or as a function.
"""

import builtins
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType

    from crashguard.scrub.spans import Span

_QUOTES = ("'", '"', "`")
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


def spans(text: str, names: "set[str]") -> "list[Span]":
    """Where some names stand as Python writes them; those of the language are nobody's."""
    found: list[Span] = []
    for name in names:
        at = text.find(name)
        if at >= 0 and not hasattr(builtins, name) and name not in sys.stdlib_module_names:
            while at >= 0:
                end = at + len(name)
                if _is_named(text, at, end):
                    found.append((at, end))
                at = text.find(name, end)
    return found


def _is_named(text: str, start: int, end: int) -> bool:
    """Whether a word stands where Python writes names: in quotes, with dots, or as a function."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if before.isalnum() or before == "_" or after.isalnum() or after == "_":
        return False
    is_dotted = before == "." or (after == "." and text[end + 1 : end + 2].isidentifier())
    return is_dotted or before in _QUOTES or after in _QUOTES or text.startswith("()", end)
