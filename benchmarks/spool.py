"""Keeping one report: a durable write by the spool, beside the system calls it cannot do without.

Must not be known here: what is in a report.
"""

import os
import statistics
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Callable

from benchmarks import measure
from benchmarks.rows import Row, spread_of

GROUP = "Spool: one report kept, fsync and rename included"
LIMIT = 1.3
_DATA = b'{"event_id":"0"}\n{"type":"event"}\n' + b"x" * 4000 + b"\n"


def run(args: Namespace) -> list[Row]:
    sys.path.insert(0, str(measure.ROOT))
    from crashguard.spool import Spool

    number = 20 if args.quick else 300
    with tempfile.TemporaryDirectory(dir=os.path.expanduser("~")) as folder:
        spool = Spool(os.path.join(folder, "demo"))
        spool.keep(_DATA, "0" * 32, "00000000", 1, "waiting")
        ids = iter(range(1, 1_000_000))

        def floor() -> float:
            path = os.path.join(folder, "demo", "waiting", f"floor{next(ids)}")
            return _timed(lambda: _write(path))

        def keep() -> float:
            name = f"{next(ids):032x}"
            return _timed(lambda: spool.keep(_DATA, name, "00000000", 1, "waiting"))

        measure.say("spool")
        of_floor, of_spool = measure.pairs(floor, keep, number)
    least, ours = statistics.median(of_floor), statistics.median(of_spool)
    return [
        Row(
            GROUP,
            "write",
            "floor",
            least,
            "us",
            spread_of(of_floor),
            number,
            note="open, write, fsync, close, rename",
        ),
        Row(GROUP, "write", "crashguard", ours, "us", spread_of(of_spool), number, ours / least),
        Row(GROUP, "write, times the floor", "crashguard", ours / least, "x", runs=number, limit=LIMIT),
    ]


def _write(path: str) -> None:
    descriptor = os.open(path + ".partial", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    os.write(descriptor, _DATA)
    os.fsync(descriptor)
    os.close(descriptor)
    os.rename(path + ".partial", path)


def _timed(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1e6
