"""Several threads, tasks or processes that meet one bug at one moment: one report, the right count; by the server."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import uploaders
from tests.conftest import ROOT
from tests.servers import Server, eventually

pytestmark = pytest.mark.slow

THREADS = 8
PROGRAM = """
import sys
import threading
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
        "for each in start({threads}, False): each.join()\nprint('on', flush=True)\nsys.stdin.read()\n"
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
            stdin=subprocess.PIPE,
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


MEETS = """
import asyncio, os, sys
import crashguard
from crashguard import transport
transport.INLINE_SECONDS = 30.0
crashguard.install(app="demo", version="1.0", dsn=sys.argv[1], note=False)
def work():
    raise ValueError("no such table")
"""
MEETINGS = {
    # Each is a program of its own that says "ready" and begins when stdin ends.
    "programs": "print('ready', flush=True)\nsys.stdin.read()\nwork()\n",
    # One program whose forked workers wait for one another.
    "workers": (
        "gate = os.pipe()\nimport multiprocessing\nfork = multiprocessing.get_context('fork')\n"
        "def one():\n    os.close(gate[1])\n    os.read(gate[0], 1)\n    work()\n"
        "workers = [fork.Process(target=one) for _ in range(8)]\nfor each in workers: each.start()\n"
        "print('ready', flush=True)\nsys.stdin.read()\nos.close(gate[1])\nfor each in workers: each.join()\n"
    ),
    # Tasks of one event loop, the program goes on after them.
    "tasks": (
        "print('ready', flush=True)\nsys.stdin.read()\nasync def one(gate):\n    await gate.wait()\n    with crashguard.guard(): work()\n"
        "async def main():\n    gate = asyncio.Event()\n    tasks = [asyncio.create_task(one(gate)) for _ in range(8)]\n"
        "    gate.set()\n    await asyncio.gather(*tasks, return_exceptions=True)\nasyncio.run(main())\n"
    ),
}


@pytest.mark.parametrize("settings", [{}, {"CI": "1"}], ids=["auto", "on CI"])
@pytest.mark.parametrize("who", MEETINGS)
def test_processes_and_tasks_that_meet_one_bug_make_one_report(
    home: Path, who: str, settings: dict[str, str]
) -> None:
    """One report arrives, once; it and the counts that wait for the next one say how many there were."""
    with Server() as server:
        programs = [
            subprocess.Popen(
                [sys.executable, "-c", MEETS + MEETINGS[who], server.dsn],
                env={"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **settings},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
            for _ in range(THREADS if who == "programs" else 1)
        ]
        for program in programs:
            assert program.stdout is not None
            assert "ready\n" == program.stdout.readline()
        for program in programs:
            assert program.stdin is not None
            program.stdin.close()
        for program in programs:
            program.wait(120)
            assert program.stdout is not None
            program.stdout.close()
        spool = home / ".local/state/crashguard/demo"
        eventually(lambda: server.stored)
        uploaders.gone(spool)

        assert (1, 1) == (len(server.stored), len(server.posted))
        [event] = server.events
    suppressed = sum(path.stat().st_size for path in spool.glob("suppressed/*"))
    assert THREADS == event["contexts"]["crashguard"]["occurrences"] + suppressed
    assert [] == [*spool.glob("recording/*"), *spool.glob("waiting/*")]
