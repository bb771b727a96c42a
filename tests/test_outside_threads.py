"""Several threads that meet one bug at one moment: one report, one hand-over, the right count; judged by the server."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.servers import Server, eventually

pytestmark = pytest.mark.slow

THREADS = 8
PROGRAM = """
import sys
import threading
import time
import crashguard
from crashguard import transport
transport.INLINE_SECONDS = 30.0  # the machine may be busy
crashguard.install(app="demo", version="1.0", dsn={dsn!r}, note=False)
sys.setswitchinterval(1e-5)
barrier = threading.Barrier({threads})
@crashguard.guard()
def work():
    barrier.wait()
    raise ValueError("no such table")
def start(number, daemon):
    threads = [threading.Thread(target=work, daemon=daemon) for _ in range(number)]
    for each in threads: each.start()
    return threads
"""
ENDS = {
    "all join": "for each in start({threads}, False): each.join()\n",
    "main is one of them": "start({threads} - 1, False)\nwork()\n",
    "daemons end with main": "start({threads} - 1, True)\nwork()\n",
    "program lives on": (
        "for each in start({threads}, False): each.join()\nprint('on', flush=True)\ntime.sleep(600)\n"
    ),
}


@pytest.mark.parametrize("settings", [{}, {"CI": "1"}], ids=["auto", "on CI"])
@pytest.mark.parametrize("end", ENDS)
def test_threads_that_meet_one_bug_make_one_report(home: Path, end: str, settings: dict[str, str]) -> None:
    """However the program ends and whoever sends, one report arrives, once."""
    with Server() as server:
        program = (PROGRAM + ENDS[end]).format(dsn=server.dsn, threads=THREADS)
        process = subprocess.Popen(
            [sys.executable, "-c", program],
            env={"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == ("on\n" if end == "program lives on" else "")
        eventually(lambda: server.stored)
        process.kill()
        process.communicate()

        spool = home / ".local/state/crashguard/demo"
        assert (1, 1) == (len(server.stored), len(server.posted))
        assert [] == list(spool.glob("recording/*"))
        [event] = server.events
        suppressed = sum(path.stat().st_size for path in spool.glob("suppressed/*"))
        counted = event["contexts"]["crashguard"]["occurrences"] + suppressed
        if end != "daemons end with main":  # some of those are killed before they have raised
            assert THREADS == counted
