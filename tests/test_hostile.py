"""Exceptions that fight back, in the hook, the call and the guard: one report each, and the program goes on as it would have."""

import sys

import pytest

from tests.conftest import Run, differs_on_pypy
from tests.programs.hostile import RAISED

_PRINTER = differs_on_pypy("its printer of tracebacks needs what the program took away")


@pytest.mark.parametrize("reported_by", ["hook", "capture", "guard"])
@pytest.mark.parametrize("name", RAISED)
def test_an_exception_that_fights_back_is_reported_once(name: str, reported_by: str, run: Run) -> None:
    """Whatever its class, metaclass, causes or members do, it is one whole report and no other exception."""
    done = run("hostile.py", reported_by, name)

    assert (
        (1, "") == (done.status, done.stdout)
        if reported_by == "hook"
        else (0, "True\n") == (done.status, done.stdout)
    )
    # PyPy's own hook asks the metaclass and raises: there the minimal record is what is on disk.
    hook_raises = (name, reported_by, sys.implementation.name) == ("metaclass", "hook", "pypy")
    assert done.event["contexts"]["crashguard"]["complete"] is not hook_raises


def test_ctrl_c_during_a_report_is_not_lost(run: Run) -> None:
    """Pressed while a handled exception is being recorded, it still stops the program; the crash is on disk."""
    done = run(
        "import crashguard\n"
        "from crashguard import reporter\n"
        "crashguard.install(app='demo', version='1.0', note=False)\n"
        "def pressed(*_, **__): raise KeyboardInterrupt\n"
        "reporter.event.describe = pressed\n"
        "try:\n"
        "    crashguard.capture_exception(ValueError('x'))\n"
        "except KeyboardInterrupt:\n"
        "    print('stopped')\n"
    )

    assert "stopped\n" == done.stdout
    assert [False] == [event["contexts"]["crashguard"]["complete"] for event in done.events()]


@pytest.mark.parametrize(
    "what",
    [
        *("os.stat", "os.unlink", "os.open", "os.getpid"),
        *(pytest.param(f"builtins.{name}", marks=_PRINTER) for name in ("isinstance", "open")),
    ],
)
def test_what_a_program_broke_breaks_nothing_more_at_its_end(what: str, run: Run) -> None:
    """Where a program replaced a function by one that raises, its stderr is the traceback of its own crash."""
    broken = (
        "import builtins, os\n"
        "def broken(*_, **__): raise RuntimeError('replaced')\n"
        f"{what} = broken\n"
        "raise ValueError('x')\n"
    )
    install = "import crashguard; crashguard.install(app='demo', version='1.0', note=False);"

    assert run(broken).stderr == run(install + broken).stderr.replace(install, "")


@_PRINTER
@pytest.mark.parametrize("how", ["builtins.{} = None", "del builtins.{}", "builtins.{} = broken"])
@pytest.mark.parametrize(
    "what",
    [
        "len",
        "isinstance",
        "issubclass",
        "getattr",
        "type",
        "map",
        "str",
        "open",
        "hash",
        "OSError",
        "__import__",
    ],
)
def test_a_crash_is_on_record_once_whatever_became_of_the_builtins(run: Run, what: str, how: str) -> None:
    """Seen by a guard and by the hook: where no report can be made, there is the minimal record."""
    done = run(
        "import builtins\nimport crashguard; crashguard.install(app='demo', version='1.0', note=False)\n"
        "def broken(*_, **__): raise RuntimeError('replaced')\n"
        "guard, error = crashguard.guard(), ValueError('x')\n"
        f"{how.format(what)}\nwith guard: raise error\n"
    )

    assert ["ValueError"] == [event["exception"]["values"][-1]["type"] for event in done.events()]


@pytest.mark.parametrize(
    "what",
    ["time.time", "time.monotonic", "os.getpid", "os.path.join", "threading.main_thread", "json.dumps"],
)
def test_a_guard_lets_a_program_go_on_whatever_became_of_a_library(run: Run, what: str) -> None:
    """What raises where crashguard calls it is neither raised in the program nor the end of its record."""
    done = run(
        f"import crashguard, sys, {what.rpartition('.')[0]}\n"
        "crashguard.install(app='demo', version='1.0', note=False)\n"
        "guard = crashguard.guard(reraise=False)\n"
        "def broken(*_, **__): raise RuntimeError('replaced')\n"
        f"before, {what} = {what}, broken\n"
        "with guard: raise ValueError('x')\n"
        f"{what} = before\n"
    )

    assert (0, "") == (done.status, done.stderr)
    assert ["ValueError"] == [event["exception"]["values"][-1]["type"] for event in done.events()]


@_PRINTER
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    "what", ["sys.path = None", "del sys.path", "sys.path = 5", "sys.path = ()", "sys.path = [None, b'x']"]
)
def test_a_program_may_put_anything_into_sys_path(run: Run, what: str, when: str) -> None:
    """install() and a crash go as without it, and the report is whole."""
    both = ["crashguard.install(app='demo', version='1.0', note=False)\n", f"{what}\n"]
    calls = "".join(both if when == "after" else both[::-1])
    done = run(f"import crashguard, sys\n{calls}raise KeyError('x')\n")

    assert 1 == done.stderr.count("Traceback")
    assert done.event["contexts"]["crashguard"]["complete"]
    assert done.event["exception"]["values"][-1]["stacktrace"]["frames"][-1]["in_app"]


@_PRINTER
@pytest.mark.parametrize("what", ["sys.modules = None", "del sys.modules"])
def test_a_program_may_take_sys_modules_away(run: Run, what: str) -> None:
    """Nothing can be imported any more: the traceback is that of the program, and the minimal record is on disk."""
    done = run(
        "import crashguard; crashguard.install(app='demo', version='1.0', note=False)\n"
        f"import sys; {what}\nraise KeyError('x')\n"
    )

    assert 1 == done.stderr.count("Traceback")
    assert not done.event["contexts"]["crashguard"]["complete"]


def test_a_program_without_descriptors_is_not_hurt_by_a_capture(run: Run) -> None:
    """capture_exception() and flush() raise nothing into the handler that called them: it has enough to do."""
    done = run(
        "import os, resource\n"
        "import crashguard\n"
        "from crashguard import capture_exception, flush\n"
        "crashguard.install(app='demo', version='1.0', note=False)\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))\n"
        "try:\n"
        "    while True:\n"
        "        os.dup(0)\n"
        "except OSError as error:\n"
        "    print(capture_exception(error), flush(0))\n"
    )

    assert (0, "") == (done.status, done.stderr)
    assert [done.event["event_id"], "True"] == done.stdout.split()


def test_ctrl_c_behind_a_kept_report_makes_no_second_one(run: Run) -> None:
    """Pressed between the report's file and the end of the call: what is on disk is the report."""
    done = run(
        "import crashguard\n"
        "from crashguard import reporter\n"
        "crashguard.install(app='demo', version='1.0', note=False)\n"
        "def pressed(*_, **__): raise KeyboardInterrupt\n"
        "reporter.Spool.limit = pressed\n"
        "try:\n"
        "    crashguard.capture_exception(ValueError('x'))\n"
        "except KeyboardInterrupt:\n"
        "    print('stopped')\n"
    )

    assert "stopped\n" == done.stdout
    assert [True] == [event["contexts"]["crashguard"]["complete"] for event in done.events()]
