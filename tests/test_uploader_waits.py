"""The detached uploader lets the process that started it finish: its last figures belong to the report."""

import itertools
import os
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from crashguard import files
from crashguard.report import envelope
from crashguard.transport import hold, uploader
from tests import namespaces, uploaders
from tests.conftest import ROOT
from tests.servers import Server, eventually

# Goes on after its first error, until it is told to end.
PROGRAM = """
import sys
import crashguard
crashguard.install(app="demo", version="1.0", note=False, dsn=sys.argv[1])

def fails():
    try:
        raise ValueError("x")
    except ValueError:
        crashguard.capture_exception()

fails()
input()
for _ in range(6):
    fails()
"""
_LOOKS = 25  # times that an uploader gave the processor away: more than it does while it imports


def is_waiting(spool: Path) -> bool:
    """Whether an uploader of this spool looks again and again whether something has changed."""
    try:
        return any(psutil.Process(pid).num_ctx_switches().voluntary > _LOOKS for pid in uploaders.of(spool))
    except psutil.NoSuchProcess:
        return False


@pytest.mark.slow
def test_the_figures_of_a_program_that_goes_on_are_in_what_is_sent(home: Path) -> None:
    """An error that happens once more, six times, while the uploader waits: one report, and it says seven."""
    spool = home / ".local/state/crashguard/demo"
    with (
        Server() as server,
        subprocess.Popen(
            [*namespaces.on_a_machine(), sys.executable, "-c", PROGRAM, server.dsn],
            env={"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
        ) as process,
    ):
        eventually(lambda: server.posted or is_waiting(spool))
        process.communicate(b"\n")
        eventually(lambda: server.stored)
        uploaders.gone(spool)

        [arrived] = server.stored.values()
        assert 1 == len(server.posted)
    assert 7 == envelope.unseal(arrived)[1]["contexts"]["crashguard"]["occurrences"]


@pytest.mark.parametrize("hours", [1, -1])
def test_the_minute_of_the_first_report_is_not_shortened_by_a_clock_that_is_set(
    hours: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A no still has the whole minute, by a clock that nobody sets; the other one is set a moment after it began."""
    hold.begin(str(tmp_path))
    ticks = itertools.count()
    wall = SimpleNamespace(time=time.time)

    class Clock:
        @staticmethod
        def monotonic() -> float:
            return next(ticks) / 10

        @staticmethod
        def sleep(seconds: float) -> None:
            wall.time = lambda: time.time() + 3600 * hours

    monkeypatch.setattr(uploader, "time", Clock)
    monkeypatch.setattr(files, "time", wall)
    uploader._wait_for_a_no(str(tmp_path))

    assert next(ticks) / 10 >= hold.SECONDS
