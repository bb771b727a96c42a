"""Keeping reports: durable writes by the spool, beside the system calls that it cannot do without.

One write after the other, and reports a second from 1 and from 16 processes that write into one spool at once, with
fsync and without (without, it is the code that is measured and not the disk).
"""

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

from benchmarks import measure
from benchmarks.rows import Row, spread_of

GROUP = "Spool: one report kept, fsync and rename included"
RATES = "Spool: reports kept a second, by processes that write at once"
LIMIT = 1.3
_DATA = b'{"event_id":"0"}\n{"type":"event"}\n' + b"x" * 4000 + b"\n"

# Both begin with the folder made and the modules loaded; a line on stdin starts them.
_WRITER = """
import os, sys, time
sys.path.insert(0, sys.argv[1])
from crashguard import files
from crashguard.spool.store import Spool
from benchmarks import spool as bench
root, how, fsync, number = sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5])
if fsync == "no fsync":
    os.fsync = files.system.fsync = lambda descriptor: None
spool, folder, me = Spool(root), os.path.join(root, "waiting"), os.getpid()
print("ready", flush=True)
sys.stdin.readline()
start = time.monotonic()
for n in range(number):
    if how == "floor":
        bench.write(os.path.join(folder, f"floor-{me}-{n}"))
    else:
        spool.keep(bench._DATA, f"{me:016x}{n:016x}", "00000000", 1, "waiting")
print(start, time.monotonic())
"""


def run(args: Namespace) -> list[Row]:
    sys.path.insert(0, str(measure.ROOT))
    from crashguard.spool.store import Spool

    number = 20 if args.quick else 300
    with tempfile.TemporaryDirectory(dir=os.path.expanduser("~")) as folder:
        spool = Spool(os.path.join(folder, "demo"))
        spool.keep(_DATA, "0" * 32, "00000000", 1, "waiting")
        ids = iter(range(1, 1_000_000))

        def floor() -> float:
            path = os.path.join(folder, "demo", "waiting", f"floor{next(ids)}")
            return _timed(lambda: write(path))

        def keep() -> float:
            name = f"{next(ids):032x}"
            return _timed(lambda: spool.keep(_DATA, name, "00000000", 1, "waiting"))

        measure.say("spool: one write")
        of_floor, of_spool = measure.pairs(floor, keep, number)
    least, ours = statistics.median(of_floor), statistics.median(of_spool)
    note = "open, write, fsync, close, rename"
    rows = [
        Row(GROUP, "write", "floor", least, "us", spread_of(of_floor), number, note=note),
        Row(GROUP, "write", "crashguard", ours, "us", spread_of(of_spool), number, ours / least),
        Row(GROUP, "write, times the floor", "crashguard", ours / least, "x", runs=number, limit=LIMIT),
    ]
    for processes in (1, 16):
        for fsync in ("fsync", "no fsync"):
            measure.say(f"spool: {processes} processes, {fsync}")
            rows += _rates(processes, fsync, args.quick)
    return rows


def write(path: str) -> None:
    """The floor: what no durable write can leave out."""
    descriptor = os.open(path + ".partial", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    os.write(descriptor, _DATA)
    os.fsync(descriptor)
    os.close(descriptor)
    os.rename(path + ".partial", path)


def _rates(processes: int, fsync: str, quick: bool) -> list[Row]:
    number = (20 if quick else 400 if fsync == "fsync" else 4_000) // processes + 1
    rounds = 1 if quick else 7
    rates: dict[str, list[float]] = {"floor": [], "crashguard": []}
    for _ in range(rounds):
        for how in random.sample(list(rates), 2):
            rates[how].append(_rate(how, processes, fsync, number))
    least, ours = (statistics.median(rates[how]) for how in ("floor", "crashguard"))
    what = f"{processes} {'process' if processes == 1 else 'processes'}, {fsync}"
    # The disk's own pace wanders by more than the code costs: neighbours are compared, not medians of all.
    times = statistics.median(
        floor / spool for floor, spool in zip(rates["floor"], rates["crashguard"], strict=True)
    )
    return [
        Row(RATES, what, "floor", least, "a second", spread_of(rates["floor"]), rounds),
        Row(RATES, what, "crashguard", ours, "a second", spread_of(rates["crashguard"]), rounds, times),
        Row(RATES, f"{what}, times the floor", "crashguard", times, "x", runs=rounds, limit=LIMIT),
    ]


def _rate(how: str, processes: int, fsync: str, number: int) -> float:
    """Reports a second of all processes together, from the first start to the last end."""
    with tempfile.TemporaryDirectory(dir=os.path.expanduser("~")) as folder:
        root = Path(folder, "demo")
        (root / "waiting").mkdir(parents=True, mode=0o700)
        command = [sys.executable, "-c", _WRITER, str(measure.ROOT), str(root), how, fsync, str(number)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        started = [subprocess.Popen(command, text=True, **pipes) for _ in range(processes)]
        for each in started:
            assert each.stdout is not None
            each.stdout.readline()
        for each in started:
            assert each.stdin is not None
            each.stdin.write("go\n")
            each.stdin.flush()
        times = [each.communicate()[0].split() for each in started]
        kept = len(list((root / "waiting").iterdir()))
    if kept != processes * number:
        raise RuntimeError(f"{kept} of {processes * number} files are there")
    return kept / (max(float(end) for _, end in times) - min(float(start) for start, _ in times))


def _timed(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1e6
