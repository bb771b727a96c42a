"""The code behind the frames of a printed traceback, as far as this process has loaded the same modules.

A worker process hands its traceback over as a text: file, line and function of each frame. The functions of a
module that this process has loaded too are found in that module's namespace. No code of theirs is run.
"""

import os
import sys

from crashguard.report import printed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType
    from typing import Any

    Called = tuple[CodeType, int, dict[str, Any]]

_MOST_FRAMES = 20  # innermost ones
_MOST_CODES = 5_000  # of one module
_MOST_PARTS = 10  # of a module's name
_DEEPEST = 4  # functions within functions, or within classes
_FUNCTION, _MODULE = type(lambda: None), type(sys)
_NAMESPACE = vars(type)["__dict__"].__get__


def called(text: str) -> "list[Called]":
    """The code of the frames in a printed text, the innermost first: code, line, namespace of its module."""
    entries = printed.entries_of(text)[-_MOST_FRAMES:]
    modules = {file: _module_of(file) for file in {file for file, _, _ in entries}}
    found: list[Called] = []
    for file, line, name in reversed(entries):
        module = modules[file]
        number = int(line) if line.isdecimal() and len(line) < 10 else 0
        for code in _codes(module):
            if code.co_name == name and any(number == each for _, _, each in code.co_lines()):
                found.append((code, number, module))
                break
    return found


def _module_of(file: str) -> "dict[str, Any]":
    """The namespace of the loaded module that has a file; an empty one where there is none."""
    path = os.path.abspath(file)
    parts = path.replace("\\", "/").removesuffix(".py").removesuffix("/__init__").split("/")
    names = [".".join(parts[-count:]) for count in range(1, min(len(parts), _MOST_PARTS))]
    for name in ("__main__", *names):
        module = sys.modules.get(name)
        if type(module) is _MODULE:
            namespace: dict[str, Any] = object.__getattribute__(module, "__dict__")
            if any(os.path.abspath(known) == path for known in _files_of(namespace)):
                return namespace
    return {}


def _files_of(namespace: "dict[str, Any]") -> "Iterator[str]":
    """The file of a module. `__main__` has none once the script has ended (3.14); its functions say it."""
    known = namespace.get("__file__")
    if type(known) is str:
        yield known
        return
    for value in namespace.copy().values():
        if type(value) is _FUNCTION and value.__globals__ is namespace:
            yield value.__code__.co_filename


def _codes(module: "dict[str, Any]") -> "Iterator[CodeType]":
    """The code of the functions of a module, of its classes and of what they hold."""
    level: list[object] = list(module.values())
    left, seen = _MOST_CODES, set()
    for _ in range(_DEEPEST):
        deeper: list[object] = []
        for each in level:
            left -= 1
            if left < 0:
                return
            if id(each) in seen:
                continue
            seen.add(id(each))
            kind = type(each)
            if kind is _FUNCTION:
                deeper += [each.__code__, each.__dict__.get("__wrapped__")]  # type: ignore[attr-defined]
            elif kind is type(_module_of.__code__):
                yield each  # type: ignore[misc]
                deeper += each.co_consts  # type: ignore[attr-defined]
            elif kind is classmethod or kind is staticmethod:
                deeper.append(each.__func__)  # type: ignore[attr-defined]
            elif kind is property:
                deeper += [each.fget, each.fset]  # type: ignore[attr-defined]
            elif issubclass(kind, type) and _belongs(each, module):
                deeper += _NAMESPACE(each).values()
        level = deeper


def _belongs(cls: object, module: "dict[str, Any]") -> bool:
    """Whether a class is of a module, and not imported by it."""
    name = _NAMESPACE(cls).get("__module__")
    return type(name) is str and name == module.get("__name__")
