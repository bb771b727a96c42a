"""Which code may have made a message, and of which pieces; what code refers to by name.

Theory of operation. A message is made by the function that raises, by the exception's class or by a function
that called. Each is a `Maker` with the fixed pieces of its texts: of its constants, those of comprehensions
and functions inside of it, and the sentences that it refers to by name. What the tool's own function calls
has left the traceback when it raises, so the functions that it names are read as well.

A program may keep its sentences apart from the functions that use them: as a constant of the module
(`GONE = "pallet %s is gone"`), as an attribute of a class, in a dict, or in another module. The code of the
function holds only the name. So the names that a function uses are looked up in its module, and in the
modules that it names there. What is found counts as the program's own text if a source says it (`sources`):
any other text may have been given to the program. Nothing is looked up by attribute, so no foreign code runs.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import CodeType
    from typing import Any

    from crashguard.scrub.constants import Constants, Function, Known
    from crashguard.scrub.sources import Sources

_DEEPEST = 2  # functions inside of functions
_MOST = 40  # texts of one container
_MOST_TEXTS = 200  # of one function
_MOST_CALLED = 30
_MOST_FILES = 20
_LONGEST = 2_000  # characters
_NAMESPACE = vars(type)["__dict__"].__get__
_MODULE = type(sys)
_SPACE = vars(_MODULE)["__dict__"].__get__
_CONTAINERS = (tuple, list, dict, set, frozenset)


class Maker:
    """What a function may have put into a message.

    Attributes:
        pieces: The fixed pieces of its texts, with the blanks at their ends.
        has_raised: Whether the last thing that it did was a `raise`.
        is_own: Whether it is the tool's own.
    """

    __slots__ = ("has_raised", "is_own", "pieces")

    def __init__(self, texts: "list[str]", *, has_raised: bool = False, is_own: bool = False) -> None:
        self.pieces = [piece for text in texts if len(text) < _LONGEST for piece in _pieces(text)]
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
    """The texts among the constants of a function and of those inside of it, such as comprehensions.

    Of a module the functions do not count, which are each a maker of their own.
    """
    found: list[str] = []
    for constant in code.co_consts:
        if type(constant) is str:
            found.append(constant)
        elif type(constant) is not type(code) or not depth:
            continue
        elif code.co_name != "<module>" or constant.co_name[:1] == "<":
            found += texts_of(constant, depth - 1)
    return found


def _pieces(text: str) -> "list[str]":
    """The fixed pieces of a text that may be a format."""
    if "%" not in text and "{" not in text and "$" not in text:
        return [text]
    from crashguard.scrub.formats import pieces

    return pieces(text)


def referred(code: "CodeType", module: "dict[str, Any]") -> "list[str]":
    """The sentences that a function refers to by name, also those in classes and containers.

    Args:
        code: The function's code.
        module: The namespace of its module.
    """
    found: list[str] = []
    for value in _named(code, module):
        if len(found) < _MOST_TEXTS:
            _add(found, value, 2)
    return found


def _add(found: "list[str]", value: object, depth: int) -> None:
    kind = type(value)
    if kind is str:
        if " " in value and len(value) <= _LONGEST:  # type: ignore[operator, arg-type]
            found.append(value)  # type: ignore[arg-type]
    elif depth and any(kind is each for each in _CONTAINERS):
        inside = list(value.values()) if type(value) is dict else list(value)  # type: ignore[call-overload]
        for each in inside[:_MOST]:
            _add(found, each, depth - 1)
    elif depth and issubclass(kind, type):
        for each in list(_NAMESPACE(value).values())[:_MOST]:
            _add(found, each, depth - 1)


def called(code: "CodeType", module: "dict[str, Any]") -> "list[Function]":
    """The functions that a function names: of its module, of modules that it names, of its class."""
    found: list[Function] = []
    values = list(_named(code, module))
    cls = module.get(code.co_qualname.partition(".")[0])
    if issubclass(type(cls), type):  # isinstance() may ask the value itself
        spaces = [_NAMESPACE(each) for each in type.__getattribute__(cls, "__mro__")]
        values += [space[name] for name in code.co_names for space in spaces if name in space]
    for value in values:
        if type(value) is property:
            value = value.fget  # noqa: PLW2901 (the function of it)
        elif type(value) is staticmethod or type(value) is classmethod:  # a metaclass may have an `__eq__`
            value = value.__func__  # noqa: PLW2901 (as above)
        if type(value) is not type(called) or len(found) >= _MOST_CALLED:
            continue
        if type(value.__code__) is type(code) and type(value.__globals__) is dict:
            found.append((value.__code__, value.__globals__))
    return found


def files_of(functions: "Iterable[Function]", sources: "Sources", is_own: "Known | None") -> "list[str]":
    """The files of some functions of the tool, and those of its modules that these files import.

    Args:
        functions: Code, and the namespace of its module.
        sources: Reads the files.
        is_own: Says of a file and the namespace of a module whether that is the tool's.
    """
    packages = {code.co_filename: _text(module.get("__package__")) for code, module in functions}
    files = dict.fromkeys(packages)
    for file, package in packages.items():
        for name in sources.imported(file, package):
            held = sys.modules.get(name)
            space = _SPACE(held) if type(held) is _MODULE else {}
            path = _text(space.get("__file__"))
            if path and is_own is not None and is_own(path, space):
                files.setdefault(path)
    return list(files)[:_MOST_FILES]


def translations(texts: "list[str]") -> "list[str]":
    """What some texts are in other languages, in the catalogues that the program has loaded with gettext."""
    loaded = getattr(sys.modules.get("gettext"), "_translations", None)
    found: list[str] = []
    for each in list(loaded.values()) if type(loaded) is dict else ():
        catalogue = vars(each).get("_catalog")
        if type(catalogue) is dict:
            keys = [key for text in texts for key in (text, (text, 0), (text, 1))]
            found += [each for each in map(catalogue.get, keys) if type(each) is str]
    return found


def _named(code: "CodeType", module: "dict[str, Any]") -> "Iterator[Any]":
    """What the names of a function stand for, in its module and in modules that it names."""
    for name in dict.fromkeys((*code.co_names, code.co_qualname.partition(".")[0])):
        value = module.get(name)
        if type(value) is _MODULE:
            space = _SPACE(value)
            yield from [space[other] for other in code.co_names if other in space]
        elif value is not None:
            yield value


def _text(value: object) -> str:
    return value if type(value) is str else ""
