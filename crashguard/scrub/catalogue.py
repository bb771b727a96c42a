"""Texts that a function refers to by name.

Theory of operation. A program may keep its sentences apart from the functions that use them: as a constant of
the module (`GONE = "pallet %s is gone"`), as an attribute of a class, or in a dict. The code of
the function holds only the name. So the names that a function uses are looked up in its module, and what is
found there counts as the program's own text if it has a place for a value and stands in the module's source
(`constants`): any other text may have been given to the program. Nothing is looked up by attribute, so no
foreign code runs.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any

_MOST = 40  # texts of one container
_MOST_TEXTS = 200  # of one function
_LONGEST = 2_000  # characters
_NAMESPACE = vars(type)["__dict__"].__get__
_CONTAINERS = (tuple, list, dict)


def referred(code: "CodeType", module: "dict[str, Any]") -> "list[str]":
    """The texts that a function refers to by name, also those in classes and containers.

    Args:
        code: The function's code.
        module: The namespace of its module.
    """
    found: list[str] = []
    for name in code.co_names:
        value = module.get(name)
        if value is not None and len(found) < _MOST_TEXTS:
            _add(found, value, 2)
    return found


def _add(found: "list[str]", value: object, depth: int) -> None:
    kind = type(value)
    if kind is str:
        if ("%" in value or "{" in value) and len(value) <= _LONGEST:  # type: ignore[operator, arg-type]
            found.append(value)  # type: ignore[arg-type]
    elif depth and any(kind is each for each in _CONTAINERS):
        inside = list(value.values()) if type(value) is dict else list(value)  # type: ignore[call-overload]
        for each in inside[:_MOST]:
            _add(found, each, depth - 1)
    elif depth and issubclass(kind, type):
        for each in list(_NAMESPACE(value).values())[:_MOST]:
            _add(found, each, depth - 1)
