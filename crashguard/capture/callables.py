"""What a guard does with a callable that is not a plain function: over other decorators, or refused.

It is imported only where a guard decorates such a thing.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_MOST_NAMES = 3  # that an error shows
_NO_NAME = "crashguard_asks_for_a_name_that_nobody_has"
_OF_CACHES = ("cache_clear", "cache_info", "cache_parameters")  # a guarded function has them


def decorated(guard: "Callable[[Any], Any]", thing: "Any") -> "Any | None":
    """The guarded form of a descriptor or of a click command; None for whatever is called like a function.

    Raises:
        ConfigurationError: It cannot be guarded; the text says what to write.
    """
    if isinstance(thing, (classmethod, staticmethod)):
        return type(thing)(guard(thing.__func__))
    if isinstance(thing, property):
        functions: Any = (each and guard(each) for each in (thing.fget, thing.fset, thing.fdel))
        fget, fset, fdel = functions
        return type(thing)(fget, fset, fdel, thing.__doc__)
    if isinstance(thing, type):
        raise _error(
            f"guard() on the class {thing.__name__}: guard its methods, or the function that uses it"
        )
    if not callable(thing):
        kind = type(thing).__name__
        if hasattr(type(thing), "__get__"):
            raise _error(f"guard() over a {kind}: put @guard() below @{kind}, right above the function")
        raise _error(
            f"guard() on an object of type {kind}: it guards a function, or a block as in `with guard():`"
        )
    # Of its class: a mock, or a proxy of a remote object, answers to any name.
    if all(callable(getattr(type(thing), name, None)) for name in ("invoke", "main")):
        # A click command stays the same object: groups, help and tests look at its type and its parameters.
        thing.invoke = guard(thing.invoke)
        return thing
    if names := _own_names(thing):
        shown = ", ".join(names[:_MOST_NAMES]) + (", ..." if len(names) > _MOST_NAMES else "")
        raise _error(
            f"guard() over an object of type {type(thing).__name__} would hide its attributes ({shown}): "
            "put @guard() below the decorator that makes it, right above the function; to guard no more than "
            "its call, write guard()(thing.__call__)"
        )
    return None


def _own_names(thing: "Any") -> list[str]:
    """The public attributes of a callable object that a function in its place would not have.

    None where they are those of a function, a partial or a cache, and where it answers to any name, as a mock
    does. A proxy (Celery makes one) is asked for the class that it stands for.
    """
    kinds = [type(thing), getattr(thing, "__class__", None)]
    named = {name for kind in kinds if isinstance(kind, type) for name in dir(kind)}
    # Of its class: other objects take the code of their function, and Cython's functions have more names.
    if "__code__" in named or type(innermost(thing)) is not type(thing) or hasattr(thing, _NO_NAME):
        return []
    named.update(getattr(thing, "__dict__", ()))
    return sorted({name for name in named if name[:1] != "_"}.difference(_OF_CACHES), key=str.swapcase)


def innermost(function: "Callable[..., Any]") -> "Callable[..., Any]":
    """The function of a partial, which tells whether its result is a coroutine."""
    inner: Any = function
    while type(inner).__name__ == "partial" and hasattr(inner, "func"):
        inner = inner.func
    return inner  # type: ignore[no-any-return]


def flags_of(function: "Callable[..., Any]") -> int:
    """The flags of its code. A callable object is as asynchronous as its class says by `__call__`."""
    code = getattr(function, "__code__", None) or getattr(type(function).__call__, "__code__", None)
    flags = getattr(code, "co_flags", 0)
    return flags if type(flags) is int else 0


def _error(problem: str) -> Exception:
    from crashguard.exceptions import ConfigurationError

    return ConfigurationError(problem)
