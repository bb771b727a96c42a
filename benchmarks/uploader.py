"""What sending costs outside of the program: CPU and memory of the uploader for 1 and for 100 reports.

The spool's bound is 100 waiting reports; the figure for 1,000 is ten such runs. There is no process at all
while nothing waits, which is checked.
"""

import subprocess
import tempfile
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import crash, endpoints, growth, measure, peers
from benchmarks.rows import Row

GROUP = "Uploader: a process of its own, while something waits"

_UPLOAD = """
import resource, sys
from crashguard import telemetry_level
from crashguard.transport import upload
upload.SPACING = 0  # waiting is no cost
summary = upload.upload(sys.argv[1], telemetry_level.resolve())
used = resource.getrusage(resource.RUSAGE_SELF)
print(summary.sent, used.ru_utime + used.ru_stime, used.ru_maxrss)
"""


PARTS = "Uploader: one report, by part"
LIMIT = 570  # millions of instructions, of which three quarters are sentry-sdk's
_PARTS = (
    ("a bare Python", "pass"),
    ("import of urllib3", "import urllib3"),
    (
        "import of sentry_sdk.utils, for the address and the key",
        "import urllib3, sentry_sdk.utils",
    ),
    (
        "import of crashguard's own files",
        "import urllib3, sentry_sdk.utils\nfrom crashguard.transport import upload",
    ),
)


def run(args: Namespace) -> list[Row]:
    rows = []
    for number in (1, 10) if args.quick else (1, 100):
        measure.say(f"uploader: {number} reports")
        sent, cpu, memory = _upload(number)
        note = f"{sent} of {number} sent"
        rows += [
            Row(GROUP, f"CPU, {number} reports", "crashguard", cpu * 1000, "ms", note=note),
            Row(GROUP, f"memory at most, {number} reports", "crashguard", memory / 1000, "MB", note=note),
        ]
    by_report = (rows[2].value - rows[0].value) / ((10 if args.quick else 100) - 1)
    rows.append(
        Row(
            GROUP,
            "CPU, each further 1,000 reports",
            "crashguard",
            by_report * 1000,
            "ms",
            note="extrapolated",
        )
    )
    rows.append(_idle())
    if measure.has_valgrind() and not args.quick:
        rows += _parts()
    return rows


def _parts() -> list[Row]:
    """What the imports for one report cost, in the order in which they come, and the rest: instructions and memory."""
    python = peers.CRASHGUARD.python
    rows = []
    before = memory = 0.0
    with tempfile.TemporaryDirectory() as folder:
        env = measure.clean_environment(Path(folder))
        for what, code in _PARTS:
            measure.say(f"uploader: {what}")
            count = measure.instructions([python, "-c", code], env) / 1e6
            resident = _memory(python, code, env)
            note = f"{max(resident - memory, 0):.1f} MB" if memory else f"{resident:.1f} MB"
            rows.append(Row(PARTS, what, "crashguard", count - before, "M instructions", note=note))
            before, memory = count, resident
    whole = _instructions()
    rows.append(Row(PARTS, "read, send, move, end", "crashguard", whole - before, "M instructions"))
    rows.append(Row(PARTS, "one report, whole", "crashguard", whole, "M instructions", limit=LIMIT))
    return rows


def _memory(python: str, code: str, env: dict[str, str]) -> float:
    # Not getrusage(): there a process begins with the peak of the one that started it.
    say = "\nprint(*(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"
    done = subprocess.run([python, "-c", code + say], env=env, capture_output=True, text=True, check=True)
    return int(done.stdout) / 1000


def _instructions() -> float:
    """Millions of instructions of an uploader that sends one report."""
    with _filled(1) as (home, spool):
        command = [peers.CRASHGUARD.python, "-c", _UPLOAD, str(spool)]
        return measure.instructions(command, measure.clean_environment(home)) / 1e6


@contextmanager
def _filled(number: int) -> Iterator[tuple[Path, Path]]:
    """A home with so many reports that wait for a healthy server, and the spool in it."""
    python = peers.CRASHGUARD.python
    with tempfile.TemporaryDirectory() as folder, endpoints.Endpoint("healthy") as endpoint:
        where = Path(folder)
        program = crash.Crash(where, "bare program", peers.CRASHGUARD, endpoint.url)
        text = program.file.read_text().replace("note=False", 'note=False, delivery="deferred"')
        program.file.write_text(text)
        home = where / "filled"
        growth.fill(home, program.file, python, number)
        spool = next(home.rglob("waiting/*.envelope")).parent.parent
        (spool / "backoff").unlink()  # with it nothing is sent for an hour
        yield home, spool


def _upload(number: int) -> tuple[int, float, float]:
    with _filled(number) as (home, spool):
        done = subprocess.run(
            [peers.CRASHGUARD.python, "-c", _UPLOAD, str(spool)],
            env=measure.clean_environment(home),
            capture_output=True,
            text=True,
            check=True,
        )
    sent, cpu, memory = done.stdout.split()
    return int(sent), float(cpu), float(memory)


def _idle() -> Row:
    """CPU of everything that is still there a moment after a healthy run: nothing."""
    with tempfile.TemporaryDirectory() as folder, endpoints.Endpoint("healthy") as endpoint:
        env = measure.clean_environment(Path(folder))
        code = peers.CRASHGUARD.program(endpoint.url)
        subprocess.run([peers.CRASHGUARD.python, "-c", code], env=env, cwd=folder, check=True)
        waited = crash.wait_for_uploaders(folder, 5)
        left = sorted(str(path) for path in Path(folder).rglob("*"))
    return Row(
        GROUP,
        "processes left by a run that did not crash",
        "crashguard",
        float(waited > 0.5),
        "processes",
        limit=0,
        note=f"{len(left)} files left, {len(endpoint.bodies)} requests",
    )
