"""What a tool may name as expected: `ignore=` of `install()`, of guards and of integrations.

The module is imported where a tool names more than exception types. A text would be read as its letters, and
what an async function returns counts as true: it would hide every crash.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Ignored = type[BaseException] | Callable[[BaseException], object]

_LATER = 0x20 | 0x80 | 0x200  # in co_flags: a generator, a coroutine, an asynchronous generator
_MOST = 100  # characters of what came


def checked(given: "Any") -> "tuple[Ignored, ...]":
    """The exception types and functions that were named.

    Args:
        given: One of them, or several.

    Raises:
        ConfigurationError: It holds something else.
    """
    is_single = isinstance(given, (type, str, bytes)) or not hasattr(given, "__iter__")
    named: tuple[Any, ...] = (given,) if is_single else tuple(given)
    for each in named:
        if (wrong := _wrong(each)) is not None:
            from crashguard.exceptions import ConfigurationError

            raise ConfigurationError(
                f"ignore: {wrong}: give exception types, and functions that get the exception and say at "
                "once whether it is expected, as in ignore=(KeyError, is_expected)"
            )
    return named


def _wrong(named: object) -> str | None:
    """What is wrong with something that was named; None where nothing is."""
    if isinstance(named, type):
        return None if issubclass(named, BaseException) else f"the class {named.__name__} is no exception"
    if isinstance(named, (str, bytes)):
        return f"{_shown(named)} is a text"
    if not callable(named):
        return f"{_shown(named)} is of type {type(named).__name__}"
    if _answers_later(named):
        return f"{getattr(named, '__name__', None) or _shown(named)} answers later"
    return None


def _answers_later(function: "Any") -> bool:
    while type(function).__name__ == "partial" and hasattr(function, "func"):
        function = function.func
    code = getattr(function, "__code__", None) or getattr(type(function).__call__, "__code__", None)
    flags = getattr(code, "co_flags", 0)
    return isinstance(flags, int) and bool(flags & _LATER)


def _shown(named: object) -> str:
    text = " ".join(repr(named).split())
    return text if len(text) <= _MOST else f"{text[:_MOST]}..."
