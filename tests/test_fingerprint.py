"""The rule of the fingerprint, clause by clause: which exception decides, which function, and whether its caller counts."""

import json
from typing import Any

import pytest

from crashguard.report import fingerprint
from tests import grouping
from tests.conftest import differs_on_pypy
from tests.programs.grouping import ledger
from tests.test_grouping import bugs, module

# A small tool. `seen` gets what it catches, at that moment, as a guard that stands there does.
TOOL = """
import asyncio

class ToolError(Exception):
    pass

def get(row, key):
    return row[key]

def guarded(row, key):
    try:
        return row[key]
    except KeyError as error:
        seen(error)

def translated(row, key):
    try:
        return row[key]
    except KeyError as error:
        raise ValueError("x") from error

def reports(*args, **kwargs):
    return get({{}}, "a")

def translates(function):
    def inner(*args, **kwargs):
        try:
            return function(*args, **kwargs)
        except KeyError:
            raise ToolError("x")
    return inner

def gives_up(row, key):
    try:
        return row[key]
    except KeyError:
        raise ToolError("x")

def retries(attempts):
    def inner(row, key):
        try:
            return get(row, key)
        except KeyError:
            raise ToolError(attempts)
    return inner

def by_one(function):
    return function({{}}, "a")

def by_another(function):
    return function({{}}, "a")

def whole(rows):
    return [row for row in map({kind}, rows)]

def looks_up(row):
    return row[lambda: one_name]

def looks_up_another(row):
    return row[lambda: another_name]

def a(depth):
    return b(depth - 1) if depth else {{}}[a]

def b(depth):
    return c(depth - 1)

def c(depth):
    return a(depth - 1)

class Table:
    def keys(self, rows):
        return [row["name"] for row in rows]

async def loaded(row, key):
    try:
        return row[key]
    except KeyError as error:
        seen(error)

async def stream(row, key):
    try:
        yield row[key]
    except KeyError as error:
        seen(error)

async def awaits(row, key):
    return await loaded(row, key)

async def awaits_too(row, key):
    return await loaded(row, key)

async def reads(row, key):
    return [each async for each in stream(row, key)]

def runs(function, *given):
    asyncio.run(function(*given))
"""
NAME = ledger.__name__


def small_tool(monkeypatch: pytest.MonkeyPatch, kind: str = "int") -> tuple[dict[str, Any], list[list[str]]]:
    """The tool, and the fingerprints of what it catches."""
    seen: list[list[str]] = []
    own = grouping.origins()
    names = module(TOOL.format(kind=kind), monkeypatch)
    names["seen"] = lambda error: seen.append(fingerprint.bugs_of(error, own, stopped=True)[0].fingerprint)
    return names, seen


@differs_on_pypy("a fingerprint does not hold the words of the failing instruction")
def test_where_a_failure_is_stopped_its_caller_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """The traceback ends at the guard; who called the helper stands outside of it, and is to blame."""
    tool, seen = small_tool(monkeypatch)
    tool["by_one"](tool["guarded"])
    tool["by_another"](tool["guarded"])
    left = bugs(tool["get"], {}, "a")[0].fingerprint

    assert [f"{NAME}:by_one", f"{NAME}:by_another"] == [each[4] for each in seen]
    assert f"{NAME}:get" == left[-2]  # nobody of the tool's own has called it


@differs_on_pypy("a fingerprint does not hold the words of the failing instruction")
def test_the_caller_of_what_was_translated_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cause decides, and its traceback ends where it was caught; its callers stand in the other one."""
    tool, _ = small_tool(monkeypatch)
    one, another = (bugs(tool[by], tool["translated"])[0].fingerprint for by in ("by_one", "by_another"))

    assert ["4", "KeyError", f"{NAME}:translated"] == one[:3] == another[:3]
    assert [f"{NAME}:by_one", f"{NAME}:by_another"] == [one[4], another[4]]


@differs_on_pypy("a fingerprint does not hold the words of the failing instruction")
def test_what_a_decorator_has_translated_is_the_bug_below_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """With and without `from`: its own exception tells where the decorator stands, which is on every way.

    Of a function that gives up by itself that exception is the bug.
    """
    tool, _ = small_tool(monkeypatch)
    translated = bugs(tool["by_one"], tool["translates"](tool["get"]))[0].fingerprint
    gave_up = bugs(tool["by_one"], tool["gives_up"])[0].fingerprint
    retried = bugs(tool["by_one"], tool["retries"](3))[0].fingerprint

    assert ["4", "KeyError", f"{NAME}:get"] == translated[:3]
    assert f"{NAME}:by_one" == translated[4]
    assert ["4", "ToolError", f"{NAME}:gives_up"] == gave_up[:3]
    assert ["4", "ToolError", f"{NAME}:retries.<locals>.inner"] == retried[:3]


@differs_on_pypy("a fingerprint does not hold the words of the failing instruction")
def test_a_function_that_takes_anything_and_hands_on_nothing_is_a_caller(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`def reports(*args, **kwargs)` looks like the inner function of a decorator; it calls a helper by itself."""
    tool, _ = small_tool(monkeypatch)
    [bug] = bugs(tool["by_one"], tool["reports"])

    assert [f"{NAME}:get", f"{NAME}:reports"] == bug.fingerprint[2::2]


def test_what_was_caught_before_a_decorator_fails_is_not_the_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    """It was only being handled, by somebody outside: what the decorator's call fails at is the bug."""
    tool, _ = small_tool(monkeypatch)

    def handles(_: int) -> None:
        try:
            tool["get"]({}, "older")
        except KeyError:
            tool["by_one"](tool["translates"](None))

    [bug] = fingerprint.bugs_of(grouping.raised_by(handles, 0), grouping.origins())
    assert ["4", "TypeError", f"{NAME}:translates.<locals>.inner"] == bug.fingerprint[:3]


def test_who_awaits_a_coroutine_is_no_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    """A task is run by the loop, so whoever awaits a coroutine is there on one way and missing on another."""
    tool, seen = small_tool(monkeypatch)
    for name in ("awaits", "awaits_too", "loaded", "reads"):
        tool["runs"](tool[name], {}, "a")

    assert [f"{NAME}:loaded"] * 3 + [f"{NAME}:stream"] == [each[2] for each in seen]
    assert {4} == {len(each) for each in seen}


def _never_raised(*members: BaseException) -> BaseException:
    return BaseExceptionGroup("several", members)


def test_members_with_own_frames_are_the_first_bugs_of_a_group(monkeypatch: pytest.MonkeyPatch) -> None:
    """However deep, and whatever stands before them; also where the group is the cause of something else."""
    tool, _ = small_tool(monkeypatch)
    failed = grouping.raised_by(lambda _: tool["get"]({}, "a"), 0)
    group = _never_raised(ValueError("never raised"), _never_raised(OSError(), failed))
    caused = RuntimeError("the run failed")
    caused.__cause__ = group
    for exc in (group, caused):
        bugs = fingerprint.bugs_of(exc, grouping.origins())
        assert [("get", True), ("", False), ("", False)] == [(bug.function, bug.is_own) for bug in bugs]
        assert ["KeyError", "ValueError", "OSError"] == [bug.fingerprint[1] for bug in bugs]


def test_a_group_without_failures_is_one_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of ends and interrupts the first with own frames decides; without any, the group's class is all there is."""
    tool, _ = small_tool(monkeypatch)

    def ends(error: type[BaseException]) -> BaseException:
        tool["seen"] = lambda _: (_ for _ in ()).throw(error())
        return grouping.raised_by(lambda _: tool["guarded"]({}, "a"), 0)

    own = grouping.origins()
    [bug] = fingerprint.bugs_of(_never_raised(SystemExit(), _never_raised(ends(KeyboardInterrupt))), own)
    assert ["4", "KeyboardInterrupt", f"{NAME}:guarded"] == bug.fingerprint[:3]
    [bug] = fingerprint.bugs_of(_never_raised(SystemExit()), own)
    assert ["4", "BaseExceptionGroup"] == bug.fingerprint


def test_generated_code_has_no_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever wrote its text chose them; only a special method, which libraries write, has its own."""
    tool, _ = small_tool(monkeypatch)
    found = []
    for name in ("rule_of_ada", "__init__"):
        exec(f"def {name}(row):\n    return row['of ada']\n", tool)
        found.append(bugs(tool[name], {})[0].fingerprint)

    assert [["4", "KeyError", f"<generated>:{name}", "_"] for name in ("<generated>", "__init__")] == found


def test_of_a_workers_traceback_own_functions_count() -> None:
    """A worker sends its traceback as a text; the innermost function of the tool's own decides."""
    remote = type("RemoteTraceback", (Exception,), {})()  # as in multiprocessing
    remote.tb = (
        "Traceback (most recent call last):\n"
        f'  File "{ledger.__file__}", line 3, in work\n    load()\n'
        f'  File "{ledger.__file__}", line 9, in load\n    json.loads("{{")\n'
        f'  File "{json.__file__}", line 300, in loads\n    raise\n'
        '  File "/home/ada/secret.py", line 1, in secret\n'
        "ValueError: x\n"
    )
    failed = ValueError("x")
    failed.__cause__ = remote
    [bug] = fingerprint.bugs_of(failed, grouping.origins())

    assert ["4", "ValueError", f"{NAME}:load", "_", f"{NAME}:work", "_"] == bug.fingerprint
    assert f"{NAME} in load" == bug.culprit


def test_a_native_crash_has_the_innermost_function_and_its_caller() -> None:
    """Code in C works on what it was given. Of what is external or was cut nothing is told."""

    def frame(function: str, filename: str, *, in_app: bool = True) -> dict[str, Any]:
        return {"function": function, "filename": filename, "in_app": in_app}

    outer = [frame("main", "tool/__main__.py"), frame("... 9 frames", "<cut>"), frame("dies", "tool/c.py")]
    inner = [
        frame("<external>", "<external>", in_app=False),
        frame("loads", "json/__init__.py", in_app=False),
    ]
    found, culprit = fingerprint.of_signal("SIGSEGV", [*outer, outer[-1], *inner])

    assert ["4", "SIGSEGV", "tool.c:dies", "tool.__main__:main"] == found
    assert "tool.c in dies" == culprit
    assert (["4", "SIGSEGV", "json:loads"], "json in loads") == fingerprint.of_signal("SIGSEGV", inner)
    assert (["4", "SIGSEGV"], "") == fingerprint.of_signal("SIGSEGV", inner[:1])


def test_a_comprehension_is_a_part_of_its_function(monkeypatch: pytest.MonkeyPatch) -> None:
    """So it is since CPython 3.12; before, it was a function of its own."""
    tool, _ = small_tool(monkeypatch)
    [bug] = bugs(tool["Table"]().keys, [{}])

    assert "Table.keys" == bug.function


@differs_on_pypy("a fingerprint does not hold the words of the failing instruction")
def test_what_a_comprehension_reads_from_tells_it_from_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong there may be the iterator, whose names stand in the function around it."""
    tool, _ = small_tool(monkeypatch)
    [one] = bugs(tool["whole"], ["x"])
    tool, _ = small_tool(monkeypatch, kind="float")
    [other] = bugs(tool["whole"], ["x"])

    assert one.fingerprint[:3] == other.fingerprint[:3]
    assert one.fingerprint[3] != other.fingerprint[3]
