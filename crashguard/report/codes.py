"""The codes by which a failure says what it was: errno, SQLSTATE, HTTP status, exit status.

A code is an integer, or a text of a closed alphabet, so that it cannot hold data. It is read without foreign
code: from the namespace of the instance, from plain values of the class, and from members of C classes. A
property is not asked.
"""

import errno
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

_MRO = vars(type)["__mro__"].__get__
_NAMESPACE = vars(type)["__dict__"].__get__
_NAME = vars(type)["__name__"].__get__
_ERRNO = vars(OSError)["errno"].__get__
_MEMBER = type(vars(slice)["start"])  # a member of a C class, or a slot: it is read without a call

_DIGITS_AND_CAPITALS = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_SQLITE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ_")
# Their errno counts in a table of their own: 1 is no EPERM there.
_OTHER_TABLES = frozenset(("SSLError", "gaierror", "herror"))
# `code` and `status` are words of everybody's; a class with one of these in its name or a base's means HTTP.
_SPEAKS_HTTP = ("http", "response", "api", "status")


def codes_of(exceptions: "Iterable[BaseException]") -> "dict[str, Any]":
    """The codes of the first of these exceptions that has them, each code for itself; empty where none has.

    Args:
        exceptions: What was raised, then its causes.
    """
    found: dict[str, Any] = {}
    for exc in exceptions:
        for name, code in _of_one(exc).items():
            found.setdefault(name, code)
    if "errno_name" in found and found["errno_name"] != errno.errorcode.get(found["errno"]):
        del found["errno_name"]  # the number came from another exception
    return found


def _of_one(exc: BaseException) -> "dict[str, Any]":
    is_os_error = issubclass(type(exc), OSError)
    found: dict[str, Any] = {
        "errno": _integer(_ERRNO(exc) if is_os_error else _plain(exc, "errno"), 0, 99_999),
        "sqlite": _word(_plain(exc, "sqlite_errorname"), _SQLITE, 7, 60),
        "sqlstate": _sqlstate(_plain(exc, "sqlstate")) or _sqlstate(_plain(exc, "pgcode")),
        "http_status": _http_status(exc),
        "exit_status": _integer(_plain(exc, "returncode"), -128, 2**32),
    }
    if is_os_error and _OTHER_TABLES.isdisjoint(_NAME(base) for base in _MRO(type(exc))):
        found["errno_name"] = errno.errorcode.get(found["errno"])
    if sys.platform == "win32" and is_os_error:
        found["winerror"] = _integer(_plain(exc, "winerror"), 0, 2**32)
    return {name: code for name, code in found.items() if code is not None}


def _http_status(exc: BaseException) -> int | None:
    speaks_http = any(word in _NAME(base).lower() for base in _MRO(type(exc)) for word in _SPEAKS_HTTP)
    for name in ("status_code", "code", "status") if speaks_http else ("status_code",):
        if (status := _integer(_plain(exc, name), 100, 599)) is not None:
            return status
    for held in ("response", "resp"):
        answer = _plain(exc, held)
        for name in ("status_code", "status"):
            if (status := _integer(_plain(answer, name), 100, 599)) is not None:
                return status
        if type(answer) is dict:  # of boto
            about = answer.get("ResponseMetadata")
            if type(about) is dict:
                return _integer(about.get("HTTPStatusCode"), 100, 599)
    return None


def _integer(value: "Any", least: int, most: int) -> int | None:
    """An integer of a range, also out of a subclass such as an enum; else None."""
    if not issubclass(type(value), int) or type(value) is bool:
        return None
    number = int.__add__(value, 0)  # int() would ask the subclass
    return number if least <= number <= most else None


def _word(value: "Any", letters: frozenset[str], least: int, most: int) -> str | None:
    return value if type(value) is str and least <= len(value) <= most and letters.issuperset(value) else None


def _sqlstate(value: "Any") -> str | None:
    """Five digits and capitals; five capitals alone are a word."""
    state = _word(value, _DIGITS_AND_CAPITALS, 5, 5)
    return None if state is None or state.isalpha() else state


def _plain(thing: object, name: str) -> "Any":
    """An attribute, if it can be read without foreign code; else None.

    The namespace of an instance is not asked for as a whole: that would make one where there is none, and a
    pickled exception would show it.
    """
    value: Any = next((names[name] for cls in _MRO(type(thing)) if name in (names := _NAMESPACE(cls))), None)
    if type(value) not in (type(None), int, str, _MEMBER):
        return value if issubclass(type(value), int) else None
    try:
        return object.__getattribute__(thing, name)
    except AttributeError:
        return None
