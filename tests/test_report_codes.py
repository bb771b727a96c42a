"""Codes: a failure's number is told, whatever library it is of, and no code of the library's is run for it."""

import errno
import http.client
import socket
import sqlite3
import ssl
import subprocess
import urllib.error
from email.message import Message
from typing import Any

import pytest

from crashguard.report import codes, exceptions
from tests.conftest import Run


def made(**attributes: Any) -> BaseException:
    """An exception as libraries make them: attributes in its own namespace."""
    exc = type(attributes.pop("named", "LibraryError"), (Exception,), {})("x")
    exc.__dict__.update(attributes)
    return exc


def of_class(**attributes: Any) -> BaseException:
    """An exception whose class says the code, as psycopg's and werkzeug's do."""
    return type("NotFoundHTTPError", (Exception,), attributes)("x")  # type: ignore[no-any-return]


class Slotted(Exception):
    """As psycopg2's, whose codes are members of a C class."""

    __slots__ = ("pgcode",)


def slotted() -> BaseException:
    exc = Slotted("x")
    exc.pgcode = "40P01"
    return exc


def of_sqlite() -> BaseException:
    try:
        sqlite3.connect(":memory:").execute("select of nobody")
    except sqlite3.Error as error:
        return error
    raise AssertionError("sqlite answers everything")


class Holder:
    """A response of a library."""

    def __init__(self, **attributes: Any) -> None:
        self.__dict__.update(attributes)


CODES = {
    "a file": (lambda: FileNotFoundError(2, "no"), {"errno": 2, "errno_name": "ENOENT"}),
    "a full disk": (lambda: OSError(errno.ENOSPC, "full"), {"errno": errno.ENOSPC, "errno_name": "ENOSPC"}),
    "an unknown number": (lambda: OSError(4242, "x"), {"errno": 4242}),
    "no number": (lambda: OSError("x"), {}),
    "a name that has no address": (lambda: socket.gaierror(2, "x"), {"errno": 2}),
    "TLS": (lambda: ssl.SSLError(1, "x"), {"errno": 1}),
    "a subclass of OSError": (
        lambda: type("Own", (ConnectionError,), {})(errno.ECONNRESET, "x"),
        {"errno": errno.ECONNRESET, "errno_name": "ECONNRESET"},
    ),
    "MySQL": (lambda: made(errno=1062, sqlstate="23000"), {"errno": 1062, "sqlstate": "23000"}),
    "psycopg": (lambda: of_class(sqlstate="23505"), {"sqlstate": "23505"}),
    "psycopg2": (slotted, {"sqlstate": "40P01"}),
    "sqlite": (of_sqlite, {"sqlite": "SQLITE_ERROR"}),
    "urllib": (lambda: urllib.error.HTTPError("http://x", 503, "x", Message(), None), {"http_status": 503}),
    "requests": (lambda: made(response=Holder(status_code=404)), {"http_status": 404}),
    "boto": (
        lambda: made(response={"ResponseMetadata": {"HTTPStatusCode": 403}}),
        {"http_status": 403},
    ),
    "google": (lambda: of_class(code=http.client.NOT_FOUND), {"http_status": 404}),
    "kubernetes": (lambda: made(named="ApiException", status=409), {"http_status": 409}),
    "an API": (lambda: made(status_code=429), {"http_status": 429}),
    "a code that is not HTTP's": (lambda: made(code=404), {}),
    "a program": (lambda: subprocess.CalledProcessError(3, ["x"]), {"exit_status": 3}),
    "a program that was killed": (lambda: subprocess.CalledProcessError(-9, ["x"]), {"exit_status": -9}),
    "texts": (lambda: made(errno="ada", sqlstate="ada's password", status_code="404", returncode="x"), {}),
    "a SQLSTATE that is none": (lambda: made(sqlstate="abcde", pgcode=12345), {}),
    "numbers out of range": (lambda: made(errno=-1, status_code=1_795_423, returncode=2**40), {}),
    "truth": (lambda: made(errno=True, returncode=False), {}),
}


@pytest.mark.parametrize("name", CODES)
def test_a_failure_says_its_code(name: str) -> None:
    """The codes of the libraries that tools use most, and nothing that is not a code."""
    make, told = CODES[name]

    assert codes.codes_of([make()]) == told


def hostile(kind: str) -> BaseException:
    def explode(*_: object) -> Any:
        raise SystemExit("foreign code was run")

    names: dict[str, Any] = {
        "property": {"errno": property(explode), "status_code": property(explode), "returncode": property(explode)},
        "getattr": {"__getattr__": explode},
        "getattribute": {"__getattribute__": explode},
        "dict": {"__dict__": property(explode)},
        "descriptor": {"response": type("D", (), {"__get__": explode})()},
        "integer": {
            "errno": type("I", (int,), dict.fromkeys(("__int__", "__index__", "__hash__", "__lt__"), explode))(7)
        },
    }[kind]  # fmt: skip
    return type("Hostile", (Exception,), names)("x")  # type: ignore[no-any-return]


@pytest.mark.parametrize("kind", ["property", "getattr", "getattribute", "dict", "descriptor", "integer"])
def test_no_foreign_code_is_run(kind: str) -> None:
    """What only a library's code could tell is not asked for."""
    assert codes.codes_of([hostile(kind)]) == ({"errno": 7} if kind == "integer" else {})


def test_a_cause_adds_its_codes() -> None:
    """A 503 that was caused by a lost connection says both; of two statuses that of what was raised."""
    cause = ConnectionResetError(errno.ECONNRESET, "x")
    cause.__cause__ = made(status_code=500)
    raised = made(status_code=503)
    raised.__cause__ = cause

    assert codes.codes_of(each.exc for each in exceptions.tree(raised)) == {
        "http_status": 503,
        "errno": errno.ECONNRESET,
        "errno_name": "ECONNRESET",
    }


PROGRAM = """
import crashguard
crashguard.install(app="demo", version="1.0", note=False)
{ends}
"""
ENDS: dict[str, tuple[str, Any]] = {
    "open": ("open('/of-nobody')", {"errno": 2, "errno_name": "ENOENT"}),
    "a child": (
        "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'exit(7)'], check=True)",
        {"exit_status": 7},
    ),
    "none": ("1 / 0", None),
}


@pytest.mark.parametrize("name", ENDS)
def test_a_report_holds_the_codes(run: Run, name: str) -> None:
    """A crash that has a code says it; a crash that has none has no field for it."""
    ends, told = ENDS[name]

    assert run(PROGRAM.format(ends=ends)).event["contexts"].get("codes") == told
