"""Taking figures: whole processes in pairs, calls in loops, instructions under valgrind."""

import functools
import math
import os
import platform
import random
import select
import shutil
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from benchmarks.rows import Row, spread_of

ROOT = Path(__file__).resolve().parent.parent
T = TypeVar("T")


def machine() -> str:
    """The machine in a line: figures of different machines are not compared."""
    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    return (
        f"{os.cpu_count()} cores, {model}, {platform.system()} {platform.release().partition('-')[0]}, "
        f"{platform.python_implementation()} {platform.python_version()}, load {os.getloadavg()[0]:.1f}"
    )


def compile_all(python: str) -> None:
    """Have byte code lie where an installation leaves it, whatever PYTHONDONTWRITEBYTECODE says here."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run([python, "-m", "compileall", "-q", str(ROOT / "crashguard")], env=environment, check=False)


@dataclass(frozen=True)
class Finished:
    """A process that ran: when it was spawned and gone (`time.monotonic()`), and what it wrote."""

    start: float
    end: float
    stdout: bytes
    killed: bool

    @property
    def milliseconds(self) -> float:
        """From spawn to exit."""
        return (self.end - self.start) * 1000


def process(
    command: Sequence[str], env: Mapping[str, str], *, cwd: Path | None = None, cap: float = 30.0
) -> Finished:
    """Run one process; kill it after `cap` seconds.

    stderr goes to the null device: a pipe would add its reader's scheduling. stdout is read after the end and
    must fit into a pipe.
    """
    null = os.open(os.devnull, os.O_RDWR)
    out, into = os.pipe()
    before = os.getcwd()
    try:
        actions = [
            (os.POSIX_SPAWN_DUP2, null, 0),
            (os.POSIX_SPAWN_DUP2, into, 1),
            (os.POSIX_SPAWN_DUP2, null, 2),
        ]
        os.chdir(cwd or before)
        start = time.monotonic()
        pid = os.posix_spawn(command[0], list(command), dict(env), file_actions=actions)
        end, killed = _wait(pid, cap)
        os.set_blocking(out, False)
        try:
            stdout = os.read(out, 65536)
        except BlockingIOError:
            stdout = b""
        return Finished(start, end, stdout, killed)
    finally:
        os.chdir(before)
        for descriptor in (null, out, into):
            os.close(descriptor)


def _wait(pid: int, cap: float) -> tuple[float, bool]:
    """(when it ended, whether it had to be killed)."""
    descriptor = os.pidfd_open(pid)
    try:
        killed = not select.select([descriptor], [], [], cap)[0]
        end = time.monotonic()
        if killed:
            os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        return end, killed
    finally:
        os.close(descriptor)


_share = [1.0]


def set_share(share: float) -> None:
    """Take so many of the runs that a benchmark asks for, but eight of them at least; and wait less for quiet."""
    _share[0] = share


def pairs(
    base: Callable[[], float], subject: Callable[[], float], runs: int, *, warmups: int = 1
) -> tuple[list[float], list[float]]:
    """Figures of two things that are done in turn, each pair in random order: (base, subject)."""
    for _ in range(warmups):
        base()
        subject()

    def pair() -> tuple[float, float]:
        if random.random() < 0.5:
            return base(), subject()
        second = subject()
        return base(), second

    taken = [undisturbed(pair) for _ in range(fewer(runs))]
    return [first for first, _ in taken], [second for _, second in taken]


def fewer(runs: int) -> int:
    """How many runs are taken where a benchmark asks for so many."""
    return runs if _share[0] == 1.0 else min(runs, max(_LEAST_RUNS, round(runs * _share[0])))


_LEAST_RUNS = 8  # a median and a spread of fewer say nothing


def undisturbed(take: Callable[[], T], *, tries: int = 6) -> T:
    """What `take` measured while nobody else worked this machine; the least disturbed of `tries` otherwise.

    Others are whoever used processor time that neither we nor our children did, by the kernel's books. One that
    takes less than a third of one core leaves us the others.
    """
    least, kept = math.inf, None
    for _ in range(tries if _share[0] == 1.0 else 2):
        _wait_for_quiet(2.0 * _share[0])
        before = _others_cpu()
        start = time.monotonic()
        kept_now = take()
        elapsed = time.monotonic() - start
        share = max(_others_cpu() - before - _TICK, 0.0) / elapsed
        if share < least:
            least, kept = share, kept_now
        if share < 0.3:
            break
    return kept  # type: ignore[return-value]  # tries is never 0


def _wait_for_quiet(seconds: float) -> None:
    """Wait for a moment in which no other process is running or wants to, for so long at most."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        running = Path("/proc/loadavg").read_text().split()[3].partition("/")[0]
        if int(running) <= 1:  # that is us
            return
        time.sleep(0.01)


_TICK = 0.02  # seconds: the kernel books in hundredths, at the beginning and at the end


def _others_cpu() -> float:
    """Processor time in seconds that was not used by this process and those of its children that ended."""
    user, nice, system, _idle, _wait, irq, softirq, steal, *_ = map(
        int, Path("/proc/stat").read_text().split("\n")[0].split()[1:]
    )
    busy = (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")
    used = os.times()
    return busy - used.user - used.system - used.children_user - used.children_system


def added(of_base: list[float], of_subject: list[float]) -> list[float]:
    """What the subject adds, pair by pair."""
    return [mine - other for other, mine in zip(of_base, of_subject, strict=True)]


def paired_row(
    group: str,
    what: str,
    subject: str,
    figures: tuple[list[float], list[float]],
    *,
    limit: float | None = None,
    note: str = "",
) -> Row:
    """The row of a paired measurement in milliseconds: what it adds, and how many times the base."""
    of_base, of_subject = figures
    extra = added(of_base, of_subject)
    return Row(
        group,
        what,
        subject,
        statistics.median(extra),
        "ms added",
        spread_of(extra),
        len(extra),
        statistics.median(of_subject) / statistics.median(of_base),
        limit,
        note,
    )


@functools.cache
def has_valgrind() -> bool:
    """Whether instructions can be counted here."""
    return shutil.which("valgrind") is not None


def instructions(command: Sequence[str], env: Mapping[str, str], *, cwd: Path | None = None) -> int:
    """Instructions that a process executes in user space, as valgrind's callgrind counts them.

    The same program gives the same count to about one in ten thousand, whatever else the machine does:
    hash randomisation is switched off.

    Raises:
        RuntimeError: valgrind is missing or counted nothing.
    """
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        raise RuntimeError("valgrind is not installed: apt-get install valgrind")
    done = subprocess.run(
        [valgrind, "--tool=callgrind", "--callgrind-out-file=/dev/null", *command],
        env={**env, "PYTHONHASHSEED": "0", "PATH": os.environ.get("PATH", "")},
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    for line in done.stderr.splitlines():
        if "Collected" in line:
            return int(line.rpartition(":")[2])
    raise RuntimeError(f"valgrind counted nothing for {command}: {done.stderr[-500:]}")


def clean_environment(home: Path, **more: str) -> dict[str, str]:
    """An environment that says nothing: no consent, no CI, no proxies."""
    return {"HOME": str(home), "PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", **more}


def say(text: str) -> None:
    """Progress, on stderr: tables go to stdout."""
    print(text, file=sys.stderr, flush=True)
