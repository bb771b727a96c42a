"""Names of code that a report may not name, which Python puts into messages of its own.

Theory of operation. `'Payroll' object has no attribute 'x'` is raised in a function of the tool, about a
class in a file of the user's: no frame of that file is on the traceback. So the words of a message are looked
up in the modules that are loaded, in what the innermost functions hold, and in the object that Python says it
is about. What is found is judged by the module that made it. With a class or a function go the names within
it, those of its methods and arguments. A class that its module does not have was made at run time, by a name
that may be anything. A word that code of the tool has too says nothing of the user, and stays.

Nothing is read by attribute where a class of the program could answer, so no foreign code runs.
"""

import sys

from crashguard.frames import locals_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import CodeType, FrameType
    from typing import Any

    Known = Callable[[str, dict[str, Any]], bool]
    IsMade = Callable[[type], bool]

_MODULE, _FUNCTION = type(sys), type(lambda: None)
_METHOD = type((lambda: None).__get__(0))
_CONTAINERS = (tuple, list, dict)
_NAMESPACE: "Callable[[type], Any]" = vars(type)["__dict__"].__get__
_QUALIFIED: "Callable[[type], str]" = vars(type)["__qualname__"].__get__
_MODULE_OF: "Callable[[type], Any]" = vars(type)["__module__"].__get__
_FLAGS: "Callable[[type], int]" = vars(type)["__flags__"].__get__
_HEAP = 1 << 9  # Py_TPFLAGS_HEAPTYPE: made by a class statement, or at run time
_US = __name__.partition(".scrub.")[0]
_MOST = 200  # members of a class, values of a function
_DEEPEST = 3  # functions in functions
_FRAMES = 3  # the innermost ones of a traceback


class Outside:
    """The names of code that may not be named, as far as a message has them.

    Args:
        frames: The frames of a report's tracebacks, innermost first.
        objects: What its exceptions are about, by their own word.
        is_known: As for `Constants`.
        is_made: Whether a class was made at run time.
    """

    def __init__(
        self, frames: "list[list[FrameType]]", objects: "list[object]", is_known: "Known", is_made: "IsMade"
    ) -> None:
        self._frames = frames
        self._objects = objects
        self._is_known = is_known
        self._is_made = is_made

    def among(self, words: "set[str]", text: str) -> "set[str]":
        """Those of some words of a text that are names of such code, and of no other code."""
        found: set[str] = set()
        told: set[str] = set()
        for value in self._held():
            self._add(value, found)
        for name, module in list(sys.modules.items()):
            if type(module) is not _MODULE or type(name) is not str:
                continue
            space = object.__getattribute__(module, "__dict__")
            for word in words:
                value = space.get(word)
                if type(value) is _FUNCTION or issubclass(type(value), type):
                    theirs: set[str] = set()
                    self._add(value, theirs)
                    found.update(theirs)
                    if not theirs:
                        told.add(word)
            if name in text and not words.isdisjoint(name.split(".")) and _stands_in(text, name):
                self._add(module, found)
        return words & (found - told)

    def _held(self) -> "Iterator[object]":
        yield from self._objects
        for frames in self._frames:
            for frame in frames[:_FRAMES]:
                for value in list(locals_of(frame).values())[:_MOST]:
                    yield value
                    if type(value) in _CONTAINERS:
                        yield from list(value.values() if type(value) is dict else value)[:_MOST]

    def _add(self, value: object, found: "set[str]") -> None:
        """Add the names of a value's code, if a report may not name that."""
        kind = type(value)
        if kind is _METHOD:
            value, kind = value.__func__, type(value.__func__)  # type: ignore[attr-defined]
        if kind is _MODULE:
            name = object.__getattribute__(value, "__dict__").get("__name__")
            if type(name) is str and not self._is_told(name):
                found.update(name.split("."))
        elif kind is _FUNCTION:
            if not self._is_known(value.__code__.co_filename, value.__globals__):  # type: ignore[attr-defined]
                _add_code(value.__code__, found, _DEEPEST)  # type: ignore[attr-defined]
        else:
            self._add_class(value if issubclass(kind, type) else kind, found)  # type: ignore[arg-type]

    def _add_class(self, cls: type, found: "set[str]") -> None:
        if not _FLAGS(cls) & _HEAP:
            return
        module = _MODULE_OF(cls)
        if type(module) is not str or module.partition(".")[0] in sys.stdlib_module_names:
            return
        if self._is_told(module):
            if self._is_made(cls):
                found.update(_identifiers(_QUALIFIED(cls)))
            return
        found.update(_identifiers(f"{module}.{_QUALIFIED(cls)}"))
        for name, member in list(_NAMESPACE(cls).items())[:_MOST]:
            found.update(_identifiers(name))
            member = getattr(member, "__func__", member) if type(member) in _WRAPPED else member  # noqa: PLW2901
            if type(member) is _FUNCTION:
                _add_code(member.__code__, found, _DEEPEST)

    def _is_told(self, name: str) -> bool:
        """Whether a report may name a module."""
        top = name.partition(".")[0]
        if top in sys.stdlib_module_names or name == _US or name.startswith(f"{_US}."):
            return True
        module = sys.modules.get(name)
        if type(module) is not _MODULE:
            return False
        space = object.__getattribute__(module, "__dict__")
        file = space.get("__file__")
        return self._is_known(file if type(file) is str else "", space)


_WRAPPED = (staticmethod, classmethod)


def _add_code(code: "CodeType", found: "set[str]", depth: int) -> None:
    """Add what a function is called, its arguments, and those of the functions in it."""
    found.update(_identifiers(code.co_qualname), *map(_identifiers, code.co_varnames))
    for constant in code.co_consts:
        if type(constant) is type(code) and depth:
            _add_code(constant, found, depth - 1)


def _stands_in(text: str, name: str) -> bool:
    """Whether a module's whole name stands in a text, and not within a longer one or a path."""
    at = text.find(name)
    while at >= 0:
        before, after = text[at - 1 : at], text[at + len(name) : at + len(name) + 1]
        if not (before.isalnum() or before in ("_", ".", "/", "\\")) and not (
            after.isalnum() or after == "_"
        ):
            return True
        at = text.find(name, at + 1)
    return False


def _identifiers(path: object) -> "list[str]":
    """The names in a dotted path, but for those of special methods."""
    parts = path.split(".") if type(path) is str else []
    return [part for part in parts if part.isidentifier() and part[:2] != "__"]
