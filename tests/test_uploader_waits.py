"""The detached uploader lets the process that started it finish: its last figures belong to the report."""

import os
import subprocess
import sys
from pathlib import Path

import psutil

from crashguard.report import envelope
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
