"""What a dying run pays: from raise to exit, over a bare crash, with a server in every mood.

Two programs: a bare one, and one that has imported argparse, json and logging, as most tools have. Each run
has a home of its own, so that every crash is a first crash. Our own note is switched off: both programs then
write the same to stderr, which is checked before anything is measured.
"""

import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from argparse import Namespace
from pathlib import Path

from benchmarks import endpoints, measure, peers
from benchmarks.rows import Row

GROUP = "Crash: raise to exit, added to a bare crash"
LOST = "Reports lost"
LIMITS = {"bare program": 15.0, "argparse, json, logging": 5.0}
CAP = 8.0  # seconds after which a process counts as held for good

_IMPORTS = {"bare program": "", "argparse, json, logging": "import argparse, json, logging\n"}
_PROGRAM = """
def read(table, row):
    if row == 17:
        raise ValueError(f"cannot read row {row} of table {table!r}")
    return row

def sync(tables):
    for table in tables:
        for row in range(100):
            read(table, row)

def main():
    sync(["accounts", "regions"])

import os, time
os.write(1, b"%d" % time.monotonic_ns())
main()
"""


class Crash:
    """One program that crashes, under one reporter, in a folder of its own."""

    def __init__(self, folder: Path, program: str, subject: peers.Subject | None, url: str) -> None:
        self.folder = folder
        start = "" if subject is None else subject.program(url)
        if subject is peers.CRASHGUARD:
            start = start.replace('/1")', '/1", note=False)')
        self.file = folder / "program.py"
        self.file.write_text(_IMPORTS[program] + start + _PROGRAM)
        self._numbers = itertools.count()

    def home(self) -> Path:
        """A home that nothing was ever written to."""
        home = self.folder / f"home{next(self._numbers)}"
        home.mkdir()
        return home

    def once(self, python: str, cap: float = CAP) -> float:
        """Milliseconds from raise to exit; the uploader that it started is ended afterwards."""
        home = self.home()
        env = measure.clean_environment(home)
        done = measure.process([python, str(self.file)], env, cwd=self.folder, cap=cap)
        end_uploaders(str(home))
        shutil.rmtree(home, ignore_errors=True)
        return done.end * 1000 - int(done.stdout) / 1e6


def run(args: Namespace) -> list[Row]:
    rows: list[Row] = []
    runs = 2 if args.quick else 25
    moods = ("healthy",) if args.quick else ("healthy", "refused", "hanging", "dripping", "black hole")
    with tempfile.TemporaryDirectory() as folder:
        for subject in peers.subjects(args.peers):
            own = subject is peers.CRASHGUARD
            for number, program in enumerate(_IMPORTS):
                for mood in moods:
                    if mood not in ("healthy", "refused") and not own and number:
                        continue  # what holds a peer does not depend on the program
                    measure.say(f"crash: {subject.name}, {program}, endpoint {mood}")
                    where = Path(tempfile.mkdtemp(dir=folder))
                    few = runs if own or mood in ("healthy", "refused") else 3
                    rows.append(_row(where, program, subject, mood, few))
        if measure.has_valgrind() and not args.quick:
            rows += _instructions(Path(folder))
        if not args.quick:
            rows += [_lost(Path(folder), subject) for subject in peers.subjects(args.peers)]
    return rows


def _row(folder: Path, program: str, subject: peers.Subject, mood: str, runs: int) -> Row:
    (folder / "bare").mkdir()
    (folder / "with").mkdir()
    with endpoints.Endpoint(mood) as endpoint:
        bare = Crash(folder / "bare", program, None, "")
        with_it = Crash(folder / "with", program, subject, endpoint.url)
        differs = _stderr(bare, subject.python) != _stderr(with_it, subject.python)
        figures = measure.pairs(
            lambda: bare.once(subject.python), lambda: with_it.once(subject.python), runs, warmups=0
        )
    notes = []
    if max(figures[1]) >= CAP * 1000:
        notes.append(f"killed after {CAP:.0f} s")
    if differs:
        notes.append("stderr differs")
    limit = LIMITS[program] if subject is peers.CRASHGUARD else None
    return measure.paired_row(
        GROUP, f"{program}, endpoint {mood}", subject.name, figures, limit=limit, note=", ".join(notes)
    )


def _instructions(folder: Path) -> list[Row]:
    """The same in instructions, for crashguard: what `.ci/gate` holds."""
    rows = []
    python = peers.CRASHGUARD.python
    for program in _IMPORTS:
        bare, with_it = crash_instructions(Path(tempfile.mkdtemp(dir=folder)), program, python)
        note = f"{(with_it - bare) / 1e6:.1f} M more than {bare / 1e6:.1f} M"
        rows.append(
            Row(GROUP, f"{program}, instructions", "crashguard", with_it / bare, "x bare crash", note=note)
        )
    return rows


def crash_instructions(folder: Path, program: str, python: str) -> tuple[int, int]:
    """Instructions of a bare crash and of one that crashguard keeps, with no server: start and crash."""
    counts = []
    for subject in (None, peers.CRASHGUARD):
        where = Path(tempfile.mkdtemp(dir=folder))
        crash = Crash(where, program, subject, "http://127.0.0.1:9")
        if subject is not None:  # the uploader is a process of its own and no part of this one's count
            crash.file.write_text(crash.file.read_text().replace("note=False", 'delivery="deferred"'))
        command = [python, str(crash.file)]
        env = measure.clean_environment(crash.home())
        counts.append(measure.instructions(command, env, cwd=where))
    return counts[0], counts[1]


def _lost(folder: Path, subject: peers.Subject) -> Row:
    """In how many moods a crash is neither acknowledged by the server nor on disk after the process."""
    lost = []
    for mood in endpoints.MOODS:
        measure.say(f"lost: {subject.name}, endpoint {mood}")
        where = Path(tempfile.mkdtemp(dir=folder))
        with endpoints.Endpoint(mood) as endpoint:
            crash = Crash(where, "bare program", subject, endpoint.url)
            home = crash.home()
            env = measure.clean_environment(home)
            measure.process([subject.python, str(crash.file)], env, cwd=where, cap=CAP)
            wait_for_uploaders(str(home), CAP)
            end_uploaders(str(home))
            kept = [path for path in home.rglob("*.envelope") if path.stat().st_size]
            if not kept and not endpoint.bodies:
                lost.append(mood)
    return Row(
        LOST,
        f"over {len(endpoints.MOODS)} moods of a server",
        subject.name,
        len(lost),
        f"of {len(endpoints.MOODS)}",
        limit=0 if subject is peers.CRASHGUARD else None,
        note=", ".join(lost),
    )


def _stderr(crash: Crash, python: str) -> str:
    home = crash.home()
    try:
        done = subprocess.run(
            [python, str(crash.file)],
            env=measure.clean_environment(home),
            cwd=crash.folder,
            capture_output=True,
            text=True,
            timeout=CAP,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        return (late.stderr or b"").decode("utf-8", "replace")
    finally:
        end_uploaders(str(home))
    # Line numbers and folders differ between the two programs; what is printed about the crash must not.
    return "\n".join(line for line in done.stderr.splitlines() if not line.startswith("  File "))


def wait_for_uploaders(home: str, seconds: float = 20.0) -> float:
    """Wait until nothing that was started for a home runs any more; the seconds that took."""
    start = time.monotonic()
    while time.monotonic() - start < seconds and _runs_for(home):
        time.sleep(0.005)
    return time.monotonic() - start


def end_uploaders(home: str) -> None:
    """End what was started for a home: with a server that hangs an uploader would wait until its own timeout."""
    while pids := _runs_for(home):
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass  # it has just ended by itself
        time.sleep(0.005)


def _runs_for(home: str) -> list[int]:
    """The processes whose command line names a path in a home of ours."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) != os.getpid():
            try:
                with open(f"/proc/{name}/cmdline", "rb") as file:
                    if f"{home}/".encode() in file.read():
                        found.append(int(name))
            except OSError:
                continue
    return found
