"""Process ids are given again: what a dead process left is told from what a living one is about to finish."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.conftest import ROOT, Run
from tests.servers import eventually

INSTALL = """
import os, sys
import crashguard
crashguard.install(app="demo", version="1.0", note=False, native=False, delivery="deferred")
"""
KILLED = INSTALL + "os.kill(os.getpid(), 9)\n"
ASKS = INSTALL + "run = crashguard.last_run()\nprint(run and run.verdict)\n"


@pytest.fixture
def other() -> Iterator[psutil.Process]:
    """A process that lives, and has nothing to do with crashguard."""
    process = subprocess.Popen(["sleep", "600"])
    yield psutil.Process(process.pid)
    process.kill()
    process.wait()


def marker_of(run: Run, process: psutil.Process, seconds: float) -> Path:
    """What a run of that process' id left that began so many seconds before the process itself."""
    done = run(KILLED)
    [left] = done.state.glob("demo/runs/*.run")
    began = int((process.create_time() - seconds) * 1000)
    return left.rename(left.with_name(f"{began}-{process.pid}.run"))


@pytest.mark.parametrize("seconds", [5, 60, 900])
def test_a_run_whose_id_a_younger_process_has_is_over(
    run: Run, other: psutil.Process, seconds: float
) -> None:
    """It began before the process that has its id now was started: it was killed."""
    left = marker_of(run, other, seconds)

    assert "killed\n" == run(ASKS).stdout
    assert not left.exists()


@pytest.mark.parametrize("seconds", [0.5, 0.0, -30.0])
def test_a_run_that_is_as_old_as_its_process_goes_on(run: Run, other: psutil.Process, seconds: float) -> None:
    """The system tells the start of a process by another clock: a fraction of a second is no difference."""
    left = marker_of(run, other, seconds)

    assert "None\n" == run(ASKS).stdout
    assert left.exists()


def test_a_run_that_replaces_itself_was_not_killed(run: Run) -> None:
    """`os.execv` changes the program and not the process: the new one finds no verdict, and leaves nothing."""
    again = "if len(sys.argv) == 1:\n    os.execv(sys.executable, [sys.executable, __file__, 'again'])\n"
    done = run(INSTALL + again + "run = crashguard.last_run()\nprint(run and run.verdict)\n")

    assert (0, "None\n") == (done.status, done.stdout), done.stderr
    assert [] == list(done.state.glob("demo/runs/*"))


def test_a_run_that_became_another_program_is_not_judged_while_that_lives(run: Run) -> None:
    """It was not killed: the next run removes what is left of it, and says nothing."""
    asks = f"subprocess.run([sys.executable, '-c', {ASKS!r}])"
    other = f"import subprocess, sys\n{asks}"
    done = run(INSTALL + f"os.execv(sys.executable, [sys.executable, '-S', '-c', {other!r}])\n")

    assert (0, "None\n") == (done.status, done.stdout), done.stderr
    assert [] == list(done.state.glob("demo/runs/*"))


def test_a_tool_that_says_so_ends_by_becoming_another_program(run: Run) -> None:
    """After uninstall() nothing is left of the run: its end, which nobody sees, is not taken for a kill."""
    done = run(INSTALL + "crashguard.uninstall()\nos.execv('/bin/sh', ['sh', '-c', 'echo on'])\n")

    assert "on\n" == done.stdout
    assert [] == list(done.state.glob("demo/runs/*"))
    assert "None\n" == run(ASKS).stdout


# It has crashed, its minimal record is written, and its own hook has not returned yet: the report comes after that.
CRASHING = """
import sys
def slow(*args):
    print("crashed", flush=True)
    sys.stdin.read()
sys.excepthook = slow
import crashguard
crashguard.install(app="demo", version="1.0", note=False, delivery="deferred")
1 / 0
"""
# A system that hides the processes of others, or has no descriptor left to look with.
BLIND = """
class Error(Exception): pass
class NoSuchProcess(Error): pass
class AccessDenied(Error): pass
class ZombieProcess(NoSuchProcess): pass
class Process:
    def __init__(self, pid=None):
        raise AccessDenied(pid)
def pid_exists(pid):
    return True
"""


@pytest.fixture
def crashing(home: Path) -> Iterator[subprocess.Popen[str]]:
    """A process in the middle of its crash."""
    with subprocess.Popen(
        [sys.executable, "-c", CRASHING],
        env={"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert "crashed\n" == process.stdout.readline()
        yield process
        process.kill()


def listed(home: Path, *path: Path) -> str:
    """What `crashguard list` says."""
    done = subprocess.run(
        [sys.executable, "-m", "crashguard", "list"],
        env={
            "HOME": str(home),
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(map(str, (*path, ROOT))),
            "COLUMNS": "200",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert 0 == done.returncode, done.stderr
    return done.stdout


@pytest.fixture
def blind(tmp_path: Path) -> Path:
    """A search path on which a process that looks at others is denied it."""
    folder = tmp_path / "blind"
    folder.mkdir()
    (folder / "psutil.py").write_text(BLIND)
    return folder


def records(home: Path, folder: str) -> list[Path]:
    return sorted((home / ".local/state/crashguard/demo" / folder).glob("*.envelope"))


def test_the_record_of_a_process_that_cannot_be_looked_at_is_its_own(
    home: Path, blind: Path, crashing: subprocess.Popen[str]
) -> None:
    """Taken over too early, the crash of a living process would be two reports."""
    [record] = records(home, "recording")
    listed(home, blind)
    assert [record] == records(home, "recording")

    crashing.communicate()  # its hook returns, and the whole report takes the record's place
    listed(home, blind)
    assert ([], 1) == (records(home, "recording"), len(records(home, "local")))


def test_the_record_of_a_process_that_cannot_be_looked_at_is_not_lost(
    home: Path, blind: Path, crashing: subprocess.Popen[str]
) -> None:
    """A crash takes no quarter of an hour: what is older was left behind."""
    [record] = records(home, "recording")
    _, event_id, writer = record.name.split("-")
    pid = writer.partition("_")[0]  # of a system that tells no more of a process
    record.rename(record.with_name(f"{int((time.time() - 900) * 1000)}-{event_id}-{pid}.envelope"))

    assert event_id[:8] in listed(home, blind)
    assert [] == records(home, "recording")


def test_the_record_of_a_dead_process_is_taken_at_once(home: Path, crashing: subprocess.Popen[str]) -> None:
    """Where the system says that there is no such process, nobody waits."""
    [record] = records(home, "recording")
    listed(home)
    assert [record] == records(home, "recording")

    crashing.kill()
    crashing.wait()
    eventually(lambda: not psutil.pid_exists(crashing.pid))
    assert record.name.split("-")[1][:8] in listed(home)
    assert [] == records(home, "recording")
