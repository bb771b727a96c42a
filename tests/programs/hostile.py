"""Exceptions that fight back when they are looked at; each is raised by name, and is reported by the hook, the call or the guard that is asked for."""

import sys

import crashguard


class Evil(BaseException):
    """What they raise: nothing that `except Exception` would hold."""


class _Metaclass(type):
    def __getattribute__(cls, name: str) -> object:
        raise Evil(name)

    def __hash__(cls) -> int:
        raise Evil("hash")

    def __eq__(cls, other: object) -> bool:
        raise Evil("eq")


class Metaclass(Exception, metaclass=_Metaclass):
    """Cannot be asked for its name, nor be a key of a dict."""


class Attributes(Exception):
    """Cannot be asked for anything."""

    def __getattribute__(self, name: str) -> object:
        raise Evil(name)


class Module(Exception):
    """Says that it comes out of a number, and has a name that breaks lines."""


Module.__module__ = 7  # type: ignore[assignment]
Module.__qualname__ = "Module\n\x00\ud800"


def deep_group() -> Exception:
    """Groups in groups, deeper than the stack."""
    inner: Exception = ValueError("x")
    for _ in range(5_000):
        inner = ExceptionGroup("deep", [inner])
    return inner


def circular_group() -> Exception:
    """A group whose member was raised from the group."""
    member = ValueError("x")
    group = ExceptionGroup("circular", [member])
    member.__cause__ = group
    return group


RAISED = {
    "metaclass": lambda: Metaclass("x"),
    "attributes": lambda: Attributes("x"),
    "module": lambda: Module("x"),
    "deep-group": deep_group,
    "circular-group": circular_group,
}

if __name__ == "__main__":
    crashguard.install(app="demo", version="1.0", note=False)
    reported_by, name = sys.argv[1:]
    match reported_by:
        case "hook":
            raise RAISED[name]()
        case "capture":
            try:
                raise RAISED[name]()
            except BaseException as exc:
                print(crashguard.capture_exception(exc) is not None)
        case "guard":
            with crashguard.guard(reraise=False):
                raise RAISED[name]()
            print(True)
