"""How cost grows with what crashes: frames, chains, groups, messages; and with what waits or crashes beside it.

A cost that must stay flat (what waits in the spool) is a ratio to the smallest size; one that may grow is
shown with it, so that a square would stand out.
"""

import json
import shutil
import statistics
import subprocess
import tempfile
import time
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import crash, endpoints, measure, peers
from benchmarks.rows import Row, spread_of

REPORT = "Growth: describe, scrub, seal, by size"
WAITING = "Growth: by what waits in the spool (start and raise to exit)"
TOGETHER = "Growth: processes that crash at once"
LARGE = "Growth: by the memory of the program"

_CASES = """
import json, sys, time
from crashguard import client, registry, reporter
from crashguard.report import envelope
sys.setrecursionlimit(1_000_000)
ours = client.current_client()
ours.captured = []
def deep(frames):
    if frames <= 1: raise ValueError("cannot read row 17")
    return deep(frames - 1)
def chain(length):
    cause = None
    for number in range(length):
        try:
            raise ValueError(f"cannot read row {number}") from cause
        except ValueError as exc:
            cause = exc
    raise cause
def group(size):
    raise ExceptionGroup("rows", [ValueError(f"cannot read row {number}") for number in range(size)])
def message(size):
    raise ValueError(("row 17: the quick brown fox, 42 of 99. " * (size // 39 + 1))[:size])
def caught(function, size):
    try: function(size)
    except BaseException as exc: return exc
figures = []
for name, unit, sizes in SIZES:
    for size in sizes:
        exc = caught(globals()[name], size)
        times = []
        for _ in range(RUNS):
            ours.registry = registry.Registry(); ours.captured.clear(); vars(exc).clear()
            if type(exc) is ValueError: exc.args = (exc.args[0].replace("row ", f"row {_}", 1),)
            start = time.perf_counter()
            made = reporter.report(ours, registry.Crash(exc, "excepthook", handled=False))
            data = envelope.seal(made.event, "http://key@127.0.0.1:9/1")
            times.append((time.perf_counter() - start) * 1000)
        figures.append((f"{size:,} {unit}", times, len(data)))
        del exc
print(json.dumps(figures))
"""
_SIZES = [
    ("deep", "frames", [10, 100, 1_000, 10_000, 100_000]),
    ("chain", "chained exceptions", [1, 10, 100, 1_000]),
    ("group", "members of a group", [1, 10, 100, 1_000]),
    ("message", "characters of message", [100, 10_000, 1_000_000, 10_000_000]),
]


def run(args: Namespace) -> list[Row]:
    rows = _reports(args)
    for number in (0, 100) if args.quick else (0, 10, 100, 1_000, 10_000):
        measure.say(f"growth: {number} reports wait")
        rows += _waiting(number, 3 if args.quick else measure.fewer(15))
    for number in (1, 4) if args.quick else (1, 4, 16, 64):
        measure.say(f"growth: {number} processes crash at once")
        rows.append(_together(number, rows[-1].limit if number > 1 else None))
    if not args.quick:
        measure.say(f"growth: {_LARGE / 1e9:.1f} GB resident")
        rows.append(_large())
    return rows


def _reports(args: Namespace) -> list[Row]:
    measure.say("growth: frames, chains, groups, messages")
    sizes = [(name, unit, few[:2] if args.quick else few) for name, unit, few in _SIZES]
    start = peers.CRASHGUARD.program("http://127.0.0.1:9")
    settings = f"SIZES = {sizes!r}\nRUNS = {2 if args.quick else 7}\n"
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [peers.CRASHGUARD.python, "-c", start + settings + _CASES],
            env=measure.clean_environment(Path(folder)),
            capture_output=True,
            text=True,
            check=True,
        )
    rows = []
    for what, samples, size in json.loads(done.stdout.splitlines()[-1]):
        note = f"payload {size / 1000:,.0f} kB"
        median = statistics.median(samples)
        rows.append(
            Row(REPORT, what, "crashguard", median, "ms", spread_of(samples), len(samples), note=note)
        )
    return rows


def _waiting(number: int, runs: int) -> list[Row]:
    """A start and a crash in a home in which so many reports wait already."""
    python = peers.CRASHGUARD.python
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder)
        (where / "crash").mkdir()
        program = crash.Crash(where / "crash", "bare program", peers.CRASHGUARD, "http://127.0.0.1:9")
        text = program.file.read_text().replace("note=False", 'note=False, delivery="deferred"')
        program.file.write_text(text)
        healthy = where / "healthy.py"
        healthy.write_text(text.partition("\ndef read")[0])
        template = where / "template"
        fill(template, program.file, python, number)
        # Of a kind of its own: a repetition of one that waits is only counted.
        program.file.write_text(text.replace("ValueError", "LookupError"))
        starts, crashes = [], []
        for count in range(runs):
            home = where / f"home{count}"
            shutil.copytree(template, home)
            env = measure.clean_environment(home)
            starts.append(measure.process([python, str(healthy)], env, cwd=where).milliseconds)
            done = measure.process([python, str(program.file)], env, cwd=where, cap=60)
            crashes.append(done.end * 1000 - int(done.stdout) / 1e6)
            shutil.rmtree(home)
        for what, samples in (("whole healthy run", starts), ("raise to exit", crashes)):
            rows.append(
                Row(
                    WAITING,
                    f"{what}, {number:,} waiting",
                    "crashguard",
                    statistics.median(samples),
                    "ms",
                    spread_of(samples),
                    runs,
                )
            )
    return rows


def fill(home: Path, program: Path, python: str, number: int) -> None:
    """A home whose spool holds so many waiting reports, all copies of a real one under names of their own."""
    home.mkdir()
    subprocess.run(
        [python, str(program)], env=measure.clean_environment(home), capture_output=True, check=False
    )
    [made] = home.rglob("waiting/*.envelope")
    # As when the server has been down for a while: no start sends what waits for the next hour.
    (made.parents[1] / "backoff").write_text(f"{time.time() + 3600:.0f} 1\n")
    data = made.read_bytes()
    milliseconds = made.name.partition("-")[0]
    if not number:
        made.unlink()
    for count in range(1, number):
        event_id = f"{count:032x}"
        # A kind of its own for each: the same bug twice a day would not be sent again.
        fresh = made.with_name(f"{int(milliseconds) - count}-{count:08x}-{event_id}.envelope")
        fresh.write_bytes(data.replace(made.stem.rpartition("-")[2].encode(), event_id.encode()))
        fresh.chmod(0o600)


def _large() -> Row:
    """Raise to exit in a program with much memory: starting the uploader must not copy its page tables."""
    python = peers.CRASHGUARD.python
    with tempfile.TemporaryDirectory() as folder, _healthy() as url:
        (Path(folder) / "bare").mkdir()
        (Path(folder) / "with").mkdir()
        bare = crash.Crash(Path(folder) / "bare", "bare program", None, "")
        with_it = crash.Crash(Path(folder) / "with", "bare program", peers.CRASHGUARD, url)
        for each in (bare, with_it):
            each.file.write_text(f"held = b'x' * {_LARGE}\n{each.file.read_text()}")
        figures = measure.pairs(lambda: bare.once(python), lambda: with_it.once(python), 15, warmups=0)
    what = f"raise to exit, {_LARGE / 1e9:.1f} GB resident"
    return measure.paired_row(LARGE, what, "crashguard", figures, limit=crash.LIMITS["bare program"])


_LARGE = 1_500_000_000  # bytes


def _together(number: int, most: float | None) -> Row:
    """So many processes crash at once in one home: how long until the last is gone, and what is on disk.

    Args:
        number: How many.
        most: What each may take at most, in milliseconds; None for twice what this one takes.
    """
    python = peers.CRASHGUARD.python
    with tempfile.TemporaryDirectory() as folder, _healthy() as url:
        where = Path(folder)
        program = crash.Crash(where, "bare program", peers.CRASHGUARD, url)
        home = program.home()
        env = measure.clean_environment(home)
        start = time.perf_counter()
        running = [
            subprocess.Popen(
                [python, str(program.file)],
                env=env,
                cwd=where,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            for _ in range(number)
        ]
        statuses = [each.wait() for each in running]
        took = (time.perf_counter() - start) * 1000
        crash.wait_for_uploaders(str(home), 60)
        kept = len(list(home.rglob("*.envelope")))
    wrong = sum(status != 1 for status in statuses)
    note = f"{kept} reports of {number} on disk or sent, {wrong} wrong exit statuses"
    return Row(
        TOGETHER,
        f"{number} processes, whole run each",
        "crashguard",
        took / number,
        "ms",
        runs=number,
        limit=2 * took / number if most is None else most,
        note=note,
    )


@contextmanager
def _healthy() -> Iterator[str]:
    with endpoints.Endpoint("healthy") as endpoint:
        yield endpoint.url
