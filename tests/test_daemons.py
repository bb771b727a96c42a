"""A daemon is what is left of a process that forked and ended: its native death arrives, and a healthy one leaves no file."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.servers import Server, eventually

INSTALL = (
    "import crashguard, os, sys\ncrashguard.install(app='demo', version='1.0', dsn={dsn!r}, note=False)\n"
)
TWICE = "if os.fork(): {end}\nos.setsid()\nif os.fork(): {end}\n"
# A daemon does nothing before its parent is gone: whose end is the later one is what counts here.
WAITS = "import time\nopen({ready!r}, 'w').write(str(os.getpid()))\nwhile not os.path.exists({go!r}): time.sleep(0.01)\n"
DIES = "import ctypes\nctypes.string_at(0)\n"
pytestmark = [
    pytest.mark.core,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks on Windows"),
]


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


class Daemon:
    """A program that forks, and whose child goes on until it is told to."""

    def __init__(self, home: Path, folder: Path, program: str) -> None:
        self._go, self._ready = folder / "go", folder / "ready"
        self._env = {"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
        self._runs = home / ".local/state/crashguard/demo/runs"
        places = {"{ready!r}": repr(str(self._ready)), "{go!r}": repr(str(self._go))}
        for name, place in places.items():
            program = program.replace(name, place)
        with subprocess.Popen(
            [sys.executable, "-c", program],
            env=self._env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as parent:
            self.status = parent.wait(60)
        eventually(lambda: self._ready.exists() and self._ready.read_text())
        self.pid = int(self._ready.read_text())

    def go_on(self) -> None:
        """Let it go on, and wait for its end."""
        self._go.touch()
        eventually(self._is_gone)

    def _is_gone(self) -> bool:
        try:
            return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
        except OSError:
            return not Path("/proc/self").exists() or not Path(f"/proc/{self.pid}").exists()

    def runs(self) -> list[str]:
        return sorted(path.name for path in self._runs.glob("*"))

    def next_run(self, dsn: str) -> str:
        """A run of the same tool that says how the last one ended."""
        program = INSTALL.format(dsn=dsn) + "last = crashguard.last_run()\nprint(last and last.verdict)\n"
        return subprocess.run(
            [sys.executable, "-c", program], env=self._env, capture_output=True, text=True, check=True
        ).stdout.strip()


@pytest.mark.slow
@pytest.mark.parametrize("end", ["sys.exit(0)", "os._exit(0)", "raise ValueError"])
@pytest.mark.parametrize("between", ["nothing", "a run", "install() again"])
def test_the_native_death_of_a_daemon_arrives(
    home: Path, tmp_path: Path, server: Server, end: str, between: str
) -> None:
    """However its parents have ended, and though the tool was run meanwhile."""
    again = INSTALL.format(dsn=server.dsn) if between == "install() again" else ""
    daemon = Daemon(
        home, tmp_path, INSTALL.format(dsn=server.dsn) + TWICE.format(end=end) + again + WAITS + DIES
    )
    if between == "a run":
        daemon.next_run(server.dsn)
    daemon.go_on()
    daemon.next_run(server.dsn)

    eventually(lambda: server.types.count("SIGSEGV"), lambda: (server.types, daemon.runs()))
    assert 1 == server.types.count("SIGSEGV")


@pytest.mark.parametrize("end", ["sys.exit(0)", "os._exit(0)"])
def test_a_daemon_that_ends_well_leaves_nothing(home: Path, tmp_path: Path, end: str) -> None:
    """The last of a family of processes removes its files."""
    daemon = Daemon(
        home, tmp_path, INSTALL.format(dsn="http://key@127.0.0.1:9/1") + TWICE.format(end=end) + WAITS
    )
    daemon.go_on()

    assert [] == daemon.runs()


def test_a_child_that_outlives_its_parent_does_not_make_a_killed_run(home: Path, tmp_path: Path) -> None:
    """A worker that ends without a word, after a clean end of the program: the next run has no verdict and removes the rest."""
    program = INSTALL.format(dsn="http://key@127.0.0.1:9/1") + "if os.fork(): sys.exit(0)\n" + WAITS
    daemon = Daemon(home, tmp_path, program + "os._exit(0)\n")
    assert "None" == daemon.next_run("http://key@127.0.0.1:9/1")
    daemon.go_on()

    assert "None" == daemon.next_run("http://key@127.0.0.1:9/1")
    assert [] == daemon.runs()


def test_what_a_child_started_by_another_name_holds_nothing(home: Path, tmp_path: Path) -> None:
    """A program that the child has become outlives the parent: the next run removes what is left, and it lives on."""
    program = INSTALL.format(dsn="http://key@127.0.0.1:9/1") + (
        "if not os.fork(): os.execv('/bin/sh', ['sh', '-c', "
        "'echo $$ > {ready}; while ! test -e {go}; do sleep 0.01; done'])\n"
    ).replace("{ready}", str(tmp_path / "ready")).replace("{go}", str(tmp_path / "go"))
    daemon = Daemon(home, tmp_path, program)
    assert "None" == daemon.next_run("http://key@127.0.0.1:9/1")
    assert [] == daemon.runs()
    daemon.go_on()


def test_the_death_of_a_worker_is_told_though_another_one_hangs(
    home: Path, tmp_path: Path, server: Server
) -> None:
    """Orphans of a parent that died may live for ever: its native death arrives meanwhile."""
    program = INSTALL.format(dsn=server.dsn) + "if not os.fork():\n    {}\n".format(
        WAITS.replace("\n", "\n    ")
    )
    daemon = Daemon(
        home,
        tmp_path,
        program + "    os._exit(0)\nwhile not os.path.exists({ready!r}): pass\n" + DIES,
    )
    assert -signal.SIGSEGV == daemon.status
    for path in home.glob(".local/state/crashguard/demo/runs/*.native"):
        os.utime(path, (time.time() - 60,) * 2)
    daemon.next_run(server.dsn)
    eventually(lambda: server.types.count("SIGSEGV"))
    daemon.go_on()
    assert 1 == server.types.count("SIGSEGV")


@pytest.mark.slow
@pytest.mark.parametrize("end", ["sys.exit(0)", "os._exit(0)"])
@pytest.mark.parametrize(
    ("dies", "verdict"),
    [
        ("os.kill(os.getpid(), 9)", "killed"),
        ("os.abort()", "crashed"),
        ("raise ValueError", "crashed"),
        ("sys.exit(1)", "None"),
    ],
)
def test_a_daemon_has_the_verdict_of_its_own_end(
    home: Path, tmp_path: Path, end: str, dies: str, verdict: str
) -> None:
    """However its parents have ended; while it lives there is none."""
    dsn = "http://key@127.0.0.1:9/1"
    daemon = Daemon(home, tmp_path, INSTALL.format(dsn=dsn) + TWICE.format(end=end) + WAITS + dies + "\n")
    assert "None" == daemon.next_run(dsn)
    daemon.go_on()

    assert verdict == daemon.next_run(dsn)
    assert [] == [name for name in daemon.runs() if name.endswith(".run")]
