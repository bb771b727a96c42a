"""A run that lives is left alone, wherever it lives and whatever shape it has taken; one that is over is judged."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests import namespaces
from tests.conftest import ROOT, Run
from tests.servers import Server, eventually

INSTALL = "import crashguard, os, sys, time\ncrashguard.install(app='demo', version='1.0', dsn={dsn!r}, note=False)\n"
LIVES = INSTALL + "print('on', flush=True)\nsys.stdin.read()\n"
ASKS = INSTALL + "run = crashguard.last_run()\nprint(run and run.verdict)\n"
NOWHERE = "http://key@127.0.0.1:9/1"
pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="what tells processes apart is known on Linux"
)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


def start(home: Path, program: str, *before: str) -> "subprocess.Popen[str]":
    """A program in a home; `before` may put it into a container."""
    return subprocess.Popen(
        [*before, sys.executable, "-c", program],
        env={"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def said(home: Path, program: str, *before: str) -> str:
    """What a program prints."""
    with start(home, program, *before) as process:
        return process.communicate(timeout=120)[0]


def runs(home: Path) -> list[str]:
    return sorted(path.name for path in home.glob(".local/state/crashguard/demo/runs/*"))


def tell(process: "subprocess.Popen[str]", line: str = "on\n") -> None:
    """Wait for a line of a process."""
    assert process.stdout is not None
    assert line == process.stdout.readline()


@pytest.mark.parametrize("inside", ["the living one", "the asking one", "both"])
@pytest.mark.parametrize("dumps", ["ours", "the program's"])
def test_a_run_in_another_container_is_left_alone(home: Path, inside: str, dumps: str) -> None:
    """Two containers on one home have the same process ids: neither judges the other, nor takes its files.

    Also after days, where the program itself uses faulthandler, so that nothing but a marker tells of the run.
    """
    living = namespaces.container() if inside != "the asking one" else ()
    asking = namespaces.container() if inside != "the living one" else ()
    enable = "" if dumps == "ours" else "import faulthandler\nfaulthandler.enable()\n"
    with start(home, enable + LIVES.format(dsn=NOWHERE), *living) as process:
        tell(process)
        before = runs(home)
        assert (2 if dumps == "ours" else 1) == len(before)
        for name in before:  # it has run for a while
            os.utime(home / ".local/state/crashguard/demo/runs" / name, (1.8e9, 1.7e9))
        assert "None\n" == said(home, ASKS.format(dsn=NOWHERE), *asking)
        assert before == runs(home)
        process.communicate("", timeout=60)
    assert [] == runs(home)


def test_a_run_that_was_killed_in_another_container_is_judged(home: Path) -> None:
    """Its lock went with it: the next container's run says so."""
    with start(home, LIVES.format(dsn=NOWHERE), *namespaces.container()) as process:
        tell(process)
        [inside] = psutil.Process(process.pid).children()
        inside.kill()
    for name in runs(home):
        os.utime(home / ".local/state/crashguard/demo/runs" / name, (1.7e9, 1.7e9))
    ask = ASKS.format(dsn=NOWHERE)
    eventually(
        lambda: said(home, ask, *namespaces.container()) == "killed\n"
    )  # its processes need a moment to die


def test_a_native_crash_in_a_container_arrives_with_the_next_one(home: Path, server: Server) -> None:
    """Each run of an image is a container of its own; the fatal signal of one is sent by the next, once."""
    said(
        home, INSTALL.format(dsn=server.dsn) + "import ctypes\nctypes.string_at(0)\n", *namespaces.container()
    )
    patient = "from crashguard import transport\ntransport.INLINE_SECONDS = 30.0\n"  # the machine may be busy
    for _ in range(2):
        said(home, patient + INSTALL.format(dsn=server.dsn), *namespaces.container())
    eventually(lambda: server.stored, lambda: runs(home))
    assert ["SIGSEGV"] == [event["exception"]["values"][-1]["type"] for event in server.events]


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_is_set_does_not_end_a_run(home: Path, hours: int) -> None:
    """The start of a process is told in ticks since the boot; a name that is an hour off is a living run's."""
    with start(home, LIVES.format(dsn=NOWHERE)) as process:
        tell(process)
        folder = home / ".local/state/crashguard/demo/runs"
        for name in runs(home):
            began, dash, rest = name.partition("-")
            (folder / name).rename(folder / f"{int(began) + hours * 3_600_000}{dash}{rest}")
        before = runs(home)
        assert "None\n" == said(home, ASKS.format(dsn=NOWHERE))
        assert before == runs(home)
        process.kill()


def test_a_daemon_is_one_run(home: Path, tmp_path: Path) -> None:
    """The first process ends without a word when it has forked; the run goes on in the grandchild, and ends with it."""
    daemon = (
        INSTALL.format(dsn=NOWHERE)
        + f"if os.fork():\n    os._exit(0)\nos.setsid()\nif os.fork():\n    os._exit(0)\n"
        f"os.mkfifo({str(tmp_path / 'end')!r})\nopen({str(tmp_path / 'end')!r}).read()\n"
    )
    with start(home, daemon) as process:
        process.wait(60)
        eventually((tmp_path / "end").exists)
        assert "None\n" == said(home, ASKS.format(dsn=NOWHERE))
        (tmp_path / "end").write_text("")
        process.communicate()
    eventually(lambda: not runs(home), lambda: runs(home))
    assert "None\n" == said(home, ASKS.format(dsn=NOWHERE))


@pytest.mark.parametrize(
    ("ends", "verdict"),
    [("os.kill(os.getpid(), 9)", "killed"), ("raise ValueError", "crashed"), ("os.abort()", "crashed")],
)
def test_the_verdict_on_a_run_that_forked_is_as_on_any_other(run: Run, ends: str, verdict: str) -> None:
    """Its children, many or few, have ended before it."""
    forks = "for _ in range(40):\n    if not os.fork(): os._exit(0)\n    os.wait()\n"
    run(INSTALL.format(dsn=NOWHERE) + forks + ends + "\n")

    assert f"{verdict}\n" == run(ASKS.format(dsn=NOWHERE)).stdout


def test_a_sub_interpreter_is_part_of_its_process(run: Run) -> None:
    """Its install() judges nobody and takes nothing: the process' own files are there until the process ends."""
    program = (
        INSTALL.format(dsn=NOWHERE)
        + "try:\n    import _interpreters as inner\nexcept ImportError:\n    import _xxsubinterpreters as inner\n"
        "folder = os.path.expanduser('~/.local/state/crashguard/demo/runs')\n"
        "before = sorted(os.listdir(folder))\nmade = inner.create()\n"
        "try:\n    found = inner.run_string(made, " + repr(INSTALL.format(dsn=NOWHERE)) + ")\n"
        "finally:\n    after = sorted(os.listdir(folder))\n    inner.destroy(made)\n"
        "print(before == after == sorted(os.listdir(folder)), crashguard.last_run())\n"
    )
    done = run(program)
    assert (0, "True None\n") == (done.status, done.stdout), done.stderr
    assert [] == list(done.state.glob("demo/runs/*"))


@pytest.mark.skipif(
    shutil.which("setpriv") is None or os.geteuid() != 0, reason="only root can become another user"
)
def test_a_process_that_became_another_user_was_not_killed(home: Path) -> None:
    """setuid() after install(): its end is clean, though it cannot remove its files."""
    home.chmod(0o755)
    drop = "os.setgroups([])\nos.setgid(54321)\nos.setuid(54321)\n"
    assert "" == said(home, INSTALL.format(dsn=NOWHERE) + drop)
    assert "None\n" == said(home, ASKS.format(dsn=NOWHERE))
    assert [] == runs(home)


READS = (
    "import sys\nfrom crashguard.recovery.recover import recover\nfrom crashguard.spool.store import Spool\n"
    "print('on', flush=True)\nsys.stdin.read()\nrecover(Spool(sys.argv[1]))\n"
)


@pytest.mark.slow
def test_one_native_death_is_one_report_however_many_read_it(home: Path) -> None:
    """A start, an uploader and a command at one moment: they make the same report, with the same id."""
    said(home, INSTALL.format(dsn=NOWHERE) + "import ctypes\nctypes.string_at(0)\n")
    spool = home / ".local/state/crashguard/demo"
    readers = [start(home, READS.replace("sys.argv[1]", repr(str(spool)))) for _ in range(8)]
    for reader in readers:
        tell(reader)
    for reader in readers:
        assert reader.stdin is not None
        reader.stdin.close()
    for reader in readers:
        reader.wait(60)

    assert 1 == len(list(spool.glob("waiting/*")))
    assert [] == list(spool.glob("runs/*.native"))


def test_the_record_of_a_forked_child_in_a_container_tells_which_process_wrote_it(
    home: Path, server: Server
) -> None:
    """By more than a number, which a process of the machine has too: its record becomes a report in the next run."""
    dies = (
        "sys.excepthook = lambda *args: os._exit(3)\n"
        + INSTALL.format(dsn=server.dsn)
        + "if not os.fork(): {}['x']\nos.wait()\n"
    )
    said(home, "import os, sys\n" + dies, *namespaces.container())
    [record] = home.glob(".local/state/crashguard/demo/recording/*.envelope")
    assert 5 == len(record.name.split("-")[2].split(".")[0].split("_"))
    os.utime(record, (1.7e9, 1.7e9))
    said(home, INSTALL.format(dsn=server.dsn) + "crashguard.flush(60)\n")
    eventually(lambda: server.stored)

    assert ["KeyError"] == server.types


def test_the_first_process_of_a_container_waits_for_its_own_children_alone(
    home: Path, server: Server
) -> None:
    """It inherits what has no parent: the senders of children that crash are none of those."""
    program = INSTALL.format(dsn=server.dsn) + (
        "from crashguard import transport\ntransport.INLINE_SECONDS = 60.0\n"
        "children = set()\n"
        "for number in range(3):\n"
        "    child = os.fork()\n"
        "    if not child: [][number]\n"
        "    children.add(child)\n"
        "print(children == {os.wait()[0] for _ in range(3)})\n"
    )
    with start(home, program, *namespaces.container()) as process:
        said = process.communicate(timeout=120)[0]

    assert "True" == said.splitlines()[-1]
    assert ["IndexError"] == server.types


def test_the_record_of_another_container_goes_with_the_first_run_that_may_take_it(
    home: Path, server: Server
) -> None:
    """A run that came too early for it does not keep the next one from trying."""
    dies = "import sys\nsys.excepthook = lambda *args: os._exit(3)\n" + INSTALL.format(dsn=server.dsn)
    said(home, "import os\n" + dies + "{}['x']\n", *namespaces.container())
    spool = home / ".local/state/crashguard/demo"
    [record] = spool.glob("recording/*.envelope")
    now = record.stat().st_mtime
    run = (
        INSTALL.format(dsn=server.dsn) + "from crashguard import transport\ntransport.INLINE_SECONDS = 60.0\n"
    )
    early = run.replace("crashguard.install", f"time.time = lambda: {now + 1.0}\ncrashguard.install", 1)
    said(home, early, *namespaces.container())
    assert record.exists()
    os.utime(spool / "resumed", (now + 1, now + 1))
    os.utime(spool / "recording", (now, now))
    later = run.replace("crashguard.install", f"time.time = lambda: {now + 8.0}\ncrashguard.install", 1)
    said(home, later, *namespaces.container())

    assert ["KeyError"] == server.types
