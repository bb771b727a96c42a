"""Whatever an earlier run left goes with the next one: every `delivery`, every kind of leftover alone, kinds of places.

A program runs in an environment into which pip installed the wheel. Its first run leaves one thing, because no server
answers. Its second run, in a place of the same kind and with the same settings, does nothing but start and end well.
"""

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import namespaces, outside, uploaders
from tests.servers import Server, eventually
from tests.sink import Sink

pytestmark = pytest.mark.slow  # pip builds an environment first

# `minimal`: the hook that was there before ends the process, after the minimal record and before the full report.
PROGRAM = """
import ctypes
import os
import signal
import sys

if sys.argv[1] == "minimal":
    sys.excepthook = lambda *args: os.kill(os.getpid(), signal.SIGKILL)

import crashguard
from crashguard import stats

crashguard.install(
    app="leaves", version="1.2.3", dsn=os.environ["OUTSIDE_DSN"], delivery=os.environ["OUTSIDE_DELIVERY"]
)

if sys.argv[1] == "ends well":
    print("ready", flush=True)
    sys.stdin.read()
elif sys.argv[1] == "native":
    ctypes.string_at(0)
elif sys.argv[1] == "stats":
    stats.configure(write_key="key", url=os.environ["OUTSIDE_STATS"])
    with stats.sync(source=crashguard.Plugin("cloudquery", "source", "aws", "1.2.3"), destinations=[]):
        pass
else:
    {}["left"]
"""
PLACES = {
    "machine": ((), {}),
    "CI": ((), {"CI": "true"}),
    "container": ((), {}),
    "container behind a shell": (("sh", "-c", '"$@"; exit $?', "sh"), {}),
}
LEAVES = {"report": "KeyError", "minimal": "KeyError", "native": "SIGSEGV", "stats": ""}


@pytest.fixture
def server() -> Iterator[Server]:
    with Server("500") as server:
        yield server


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


def start(tool: outside.Tool, tmp_path: Path, start: tuple[str, ...], what: str) -> "subprocess.Popen[str]":
    program = tmp_path / "leaves.py"
    program.write_text(PROGRAM)
    return subprocess.Popen(
        [*start, str(tool.bin / "python"), str(program), what],
        env={"PATH": os.environ["PATH"], "HOME": str(tool.home), **tool.environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def let_time_pass(tool: outside.Tool) -> None:
    """Stand for the hour between two runs: what was to be waited for is over, and what lies there is an hour old."""
    for path in tool.files:
        if path.name in ("backoff", "resumed"):
            path.unlink()
        else:
            os.utime(path, (time.time() - 3600,) * 2)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("delivery", ["auto", "background", "inline", "deferred"])
@pytest.mark.parametrize("what", LEAVES)
def test_what_an_earlier_run_left_goes_with_the_next(
    what: str, delivery: str, place: str, home: Path, tmp_path: Path, server: Server, sink: Sink
) -> None:
    """It arrives while the second run lives, or after it, once, and nothing else does."""
    prefix, variables = PLACES[place]
    if place.startswith("container"):
        prefix = namespaces.container(*prefix)
    tool = outside.tool(
        home,
        OUTSIDE_DSN=server.dsn,
        OUTSIDE_STATS=sink.url,
        OUTSIDE_DELIVERY=delivery,
        **variables,
    )
    home.mkdir(exist_ok=True)
    sink.statuses = [500] * 20
    first = start(tool, tmp_path, prefix, what)
    first.communicate(timeout=120)
    uploaders.gone(home / ".local/state/crashguard/leaves")
    assert (what == "stats") == (first.returncode == 0)
    assert not server.stored
    assert not sink.stored
    sink.statuses, server.mood = [], "healthy"
    server.posted.clear()
    let_time_pass(tool)

    second = start(tool, tmp_path, prefix, "ends well")
    assert second.stdout is not None
    assert "ready\n" == second.stdout.readline()
    eventually(lambda: sink.stored or server.stored, lambda: tool.files)
    second.communicate(timeout=120)
    uploaders.gone(home / ".local/state/crashguard/leaves")

    assert 0 == second.returncode
    assert [LEAVES[what]] * (what != "stats") == [
        event["exception"]["values"][-1]["type"] for event in server.events
    ]
    assert len(server.posted) == len(server.stored)
    assert (what == "stats") == (1 == len(sink.accepted))
