"""What a dying process takes down is enough: the bug computed from it is the one of the live exception."""

import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from crashguard.minimal_record import fingerprint_facts
from crashguard.report import fingerprint
from tests import grouping
from tests.test_fingerprint import small_tool
from tests.test_minimal_fingerprint import again


def remote(tool: dict[str, Any]) -> BaseException:
    """What a worker process sends: its traceback is a text."""
    failed = tool["ToolError"]("x")
    failed.__cause__ = type("RemoteTraceback", (Exception,), {})()
    file = tool["__file__"]
    vars(failed.__cause__)["tb"] = (
        "Traceback (most recent call last):\n  | not this one\n\nTraceback (most recent call last):\n"
        + f'  File "{file}", line 3, in work\n    load("of ada")\n' * 100
        + f'  File "{file}", line 9, in load\n    raise ToolError("of ada")\n'
        + "ToolError: of ada\n"
    )
    return failed  # type: ignore[no-any-return]


def interpreter(tool: dict[str, Any]) -> BaseException:
    """What a sub-interpreter tells of its failure, since CPython 3.14."""
    failed = type("ExecutionFailed", (Exception,), {"__module__": "concurrent.interpreters"})()
    kind = SimpleNamespace(__module__=tool["__name__"], __qualname__="ToolError")
    shown = f'Traceback (most recent call last):\n  File "{tool["__file__"]}", line 3, in work\n'
    failed.excinfo = SimpleNamespace(type=kind, msg="of ada", errdisplay=shown)
    return failed


def in_a_circle(tool: dict[str, Any]) -> BaseException:
    """Three exceptions, each the cause of another."""
    found = [grouping.raised_by(lambda _, key=key: tool["by_one"](tool[key]), 0) for key in CIRCLE]  # type: ignore[misc]
    for exc, cause in zip(found, [*found[1:], found[0]], strict=True):
        exc.__cause__ = cause
    return found[0]


def from_afar(function: Any, depth: int) -> Any:
    """Call a function through many frames of somebody else."""
    return function({}, "a") if depth <= 0 else from_afar(function, depth - 1)


CIRCLE = ("get", "gives_up", "looks_up")
TAKEN: dict[str, Any] = {
    "translated": lambda tool: tool["by_one"](tool["translated"]),
    "given up": lambda tool: tool["by_one"](tool["gives_up"]),
    "a decorator": lambda tool: tool["by_one"](tool["translates"](tool["get"])),
    "no decorator": lambda tool: tool["by_one"](tool["retries"](3)),
    "a comprehension": lambda tool: tool["whole"](["x"]),
    "a lambda": lambda tool: tool["looks_up"]({}),
    "a recursion": lambda tool: tool["a"](2_001),
    "a group": lambda tool: raising(ExceptionGroup("x", [caught(tool, "get"), caught(tool, "gives_up")])),
    "a worker": lambda tool: raising(remote(tool)),
    "an interpreter": lambda tool: raising(interpreter(tool)),
    "a circle": lambda tool: raising(in_a_circle(tool)),
}
STOPPED: dict[str, Any] = {
    "a caller": lambda tool: tool["by_one"](tool["guarded"]),
    "a caller far away": lambda tool: tool["by_one"](lambda *_: from_afar(tool["guarded"], 40)),
    "a coroutine": lambda tool: tool["runs"](tool["awaits"], {}, "a"),
    "a stream": lambda tool: tool["runs"](tool["reads"], {}, "a"),
}


def raising(exc: BaseException) -> None:
    raise exc


def caught(tool: dict[str, Any], name: str) -> Exception:
    exc = grouping.raised_by(lambda _: tool["by_one"](tool[name]), 0)
    assert isinstance(exc, Exception)
    return exc


@pytest.fixture
def deep() -> Iterator[None]:
    """Room for some thousand frames."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(10_000)
    yield
    sys.setrecursionlimit(limit)


@pytest.mark.usefixtures("deep")
@pytest.mark.parametrize("name", [*TAKEN, *STOPPED])
def test_what_was_taken_down_is_the_same_bug(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each thing that the rule looks at is there: causes, members, callers, classes, lambdas, printed frames."""
    tool, _ = small_tool(monkeypatch)
    monkeypatch.setattr(
        fingerprint_facts, "search_path", list
    )  # nothing is installed: the tests are a stranger's
    own = grouping.origins()
    found: list[tuple[list[str], list[str]]] = []

    def compare(exc: BaseException, *, is_stopped: bool) -> None:
        live = fingerprint.bugs_of(exc, own, stopped=is_stopped)[0].fingerprint
        found.append((live, again(exc, own.program, is_stopped=is_stopped).fingerprint))

    tool["seen"] = lambda exc: compare(exc, is_stopped=True)
    if name in TAKEN:
        compare(grouping.raised_by(lambda _: TAKEN[name](tool), 0), is_stopped=False)
    else:
        STOPPED[name](tool)

    [(live, taken)] = found
    assert live == taken
    assert len(live) >= 4
