"""A disk that takes no report, in a program that goes on: the report leaves from memory, or becomes a file later.

The disk is a real one, a small file system of the test's own that is full; where no user may mount one the tests skip.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.servers import Server, eventually

# Nothing can be written below ~/.local: not even an empty file, as all of its few inodes are taken.
DISK = """
mount -t tmpfs -o size=40k,nr_inodes=60 none "$HOME/.local"
mkdir -p "$HOME/.local/state/crashguard"
chmod -R go-rwx "$HOME/.local"
head -c 40k /dev/zero > "$HOME/.local/taken" 2>/dev/null
for n in $(seq 60); do : > "$HOME/.local/$n"; done 2>/dev/null
exec "$@"
"""
INSTALL = """
import glob, os, sys, threading, crashguard
crashguard.install(app="demo", version="1.0", dsn={dsn!r}, delivery={how!r})
def fail():
    return {{}}["one"]
def free():
    for path in glob.glob(os.environ["HOME"] + "/.local/[0-9]*") + [os.environ["HOME"] + "/.local/taken"]:
        os.unlink(path)
def kept():
    return [os.path.relpath(path, os.environ["HOME"]) for path in
        glob.glob(os.environ["HOME"] + "/.local/state/crashguard/demo/*/*.envelope")]
"""
CAUGHT = {
    "a guard": "with crashguard.guard('sync', reraise=False):\n    fail()\n",
    "capture_exception()": (
        "try:\n    fail()\nexcept KeyError as error:\n    crashguard.capture_exception(error)\n"
    ),
    "a thread": "sys.stderr = None\nthread = threading.Thread(target=fail)\nthread.start()\nthread.join()\n",
    "__del__": "class Broken:\n    def __del__(self): fail()\nBroken()\n",
}
LIVES = "print('on', flush=True)\nsys.stdin.readline()\n"


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


def start(home: Path, program: str, **more: str) -> "subprocess.Popen[str]":
    """A program whose disk is full."""
    isolated = ["unshare", "--mount", "--map-root-user"]
    if subprocess.run([*isolated, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody mount a file system in a namespace")
    (home / ".local").mkdir(exist_ok=True)
    return subprocess.Popen(
        [*isolated, "bash", "-c", DISK, "bash", sys.executable, "-c", program],
        env={"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **more},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(process: "subprocess.Popen[str]", line: str = "on\n") -> None:
    assert process.stdout is not None
    assert line == process.stdout.readline()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("caught", "how"),
    [*((each, "auto") for each in CAUGHT), ("a guard", "background"), ("a guard", "inline")],
)
def test_a_report_that_no_disk_takes_is_sent_while_the_program_goes_on(
    home: Path, server: Server, caught: str, how: str
) -> None:
    """Whoever meets it, it has arrived once before the program ends, which may be by SIGKILL."""
    with start(home, INSTALL.format(dsn=server.dsn, how=how) + CAUGHT[caught] + LIVES) as process:
        wait_for(process)
        eventually(lambda: server.stored)
        process.communicate("\n", timeout=60)

    assert (0, ["KeyError"], 1) == (process.returncode, server.types, len(server.posted))


@pytest.mark.slow
@pytest.mark.parametrize("caught", ["a guard", "capture_exception()"])
def test_what_did_not_reach_the_server_is_sent_at_the_end(home: Path, server: Server, caught: str) -> None:
    """The server is down when it happens and up at the end of the program; occurrences are counted until then."""
    server.mood = "503"
    again = f"for _ in range(3):\n    {CAUGHT[caught].replace(chr(10), chr(10) + '    ')}\n"
    with start(home, INSTALL.format(dsn=server.dsn, how="auto") + again + LIVES) as process:
        wait_for(process)
        eventually(lambda: server.posted)
        server.mood = "healthy"
        process.communicate("\n", timeout=60)

    assert (0, ["KeyError"]) == (process.returncode, server.types)
    assert 3 == server.events[0]["contexts"]["crashguard"]["occurrences"]


@pytest.mark.slow
@pytest.mark.parametrize(("how", "state"), [("deferred", "waiting"), ("inline", "waiting"), (None, "local")])
def test_a_report_becomes_a_file_at_the_end_where_there_is_room_by_then(
    home: Path, server: Server, how: str | None, state: str
) -> None:
    """Also one that stays on the machine, and one that the next run is to send."""
    server.mood = "503"
    program = INSTALL.format(dsn=server.dsn if how else None, how=how or "auto")
    late = "import atexit\natexit.register(lambda: print(*kept()))\n"
    with start(home, late + program + CAUGHT["a guard"] + "free()\n") as process:
        said, _ = process.communicate("\n", timeout=60)

    assert said.startswith(f".local/state/crashguard/demo/{state}/")
    assert 1 == len(said.split())


@pytest.mark.slow
def test_a_no_that_comes_meanwhile_holds_for_what_is_in_memory(home: Path, server: Server) -> None:
    """Neither sent nor kept, though a yes follows it."""
    server.mood = "503"
    late = "import atexit\natexit.register(lambda: print(*kept()))\n"
    levels = "from crashguard.cli.main import crashguard as command\nfor level in ('none', 'all'):\n"
    levels += "    command(['level', level], standalone_mode=False)\n"
    program = INSTALL.format(dsn=server.dsn, how="inline") + CAUGHT["a guard"] + LIVES + levels + "free()\n"
    with start(home, late + program) as process:
        wait_for(process)
        eventually(lambda: server.posted)
        server.mood = "healthy"
        said, _ = process.communicate("\n", timeout=60)

    assert ([], "") == (server.types, said.splitlines()[-1])


@pytest.mark.slow
def test_flush_waits_for_what_is_in_memory(home: Path, server: Server) -> None:
    """Its answer is true once the server has it, and false as long as it has not."""
    program = INSTALL.format(dsn=server.dsn, how="auto") + CAUGHT["a guard"]
    ask = "print(crashguard.flush(20), flush=True)\n"
    with start(home, program + ask) as process:
        assert "True\n" == process.communicate("\n", timeout=60)[0]
    server.mood = "503"
    with start(home, program + ask.replace("20", "1")) as process:
        assert "False\n" == process.communicate("\n", timeout=60)[0]
