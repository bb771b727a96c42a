"""What stats cost: counting a row in a sync loop, and recording a command at its end.

Beside counting stands the least that could be written by hand: one integer under a lock. Beside recording, a
bare write and rename of as many bytes.
"""

import os
import statistics
import tempfile
import threading
import time
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

from benchmarks import measure
from benchmarks.rows import Row, spread_of

GROUP = "Stats: counting and recording"
LIMIT = 150  # ns for a row, from the issue that asked for it


class _Locked:
    """The floor: a number for each table, under a lock."""

    def __init__(self) -> None:
        self.tables: dict[str, int] = {}
        self.lock = threading.Lock()

    def resource(self, table: str) -> None:
        with self.lock:
            self.tables[table] = self.tables.get(table, 0) + 1


def run(args: Namespace) -> list[Row]:
    measure.say("stats")
    loops, repeats = (20_000, 3) if args.quick else (1_000_000, 9)
    from crashguard.stats.counters import Counters

    counters = Counters()
    floor = _each(_Locked().resource, loops, repeats)
    ours = _each(counters.resource, loops, repeats)
    batch = _each(lambda table: counters.resources(table, 1_000), loops // 10, repeats)
    return [
        _row("resource(table), one row", "a lock", floor, "ns"),
        _row("resource(table), one row", "crashguard", ours, "ns", floor, LIMIT),
        _row("resources(table, 1000), a call", "crashguard", batch, "ns"),
        _row("resources(table, 1000), a row", "crashguard", [each / 1_000 for each in batch], "ns"),
        *_recording(20 if args.quick else 300),
    ]


def _each(call: Callable[[str], None], loops: int, repeats: int) -> list[float]:
    """Nanoseconds of a call, without the loop round it."""

    def nothing(table: str) -> None:
        pass

    def once(call: Callable[[str], None]) -> float:
        start = time.perf_counter()
        for _ in range(loops):
            call("customers")
        return (time.perf_counter() - start) / loops * 1e9

    once(call)
    return [once(call) - once(nothing) for _ in range(repeats)]


def _recording(count: int) -> list[Row]:
    """A command's record, in a process that is warm, without the start of an uploader."""
    import crashguard
    from crashguard import stats

    with tempfile.TemporaryDirectory(dir=Path.home()) as folder:
        before = {name: os.environ.get(name) for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME")}
        os.environ.update(dict.fromkeys(before, folder))
        try:
            crashguard.install(app="demo", version="1", telemetry_level="all", delivery="deferred")
            stats.configure(url="https://127.0.0.1:9", write_key="key")
            ours = []
            for _ in range(count):
                start = time.perf_counter()
                with stats.command("sync"):
                    pass
                ours.append((time.perf_counter() - start) * 1e6)
        finally:
            crashguard.uninstall()
            for name, value in before.items():
                os.environ.pop(name)
                if value is not None:
                    os.environ[name] = value
        floor = []
        for number in range(count):
            start = time.perf_counter()
            partial, path = f"{folder}/.{number}", f"{folder}/{number}"
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            os.write(descriptor, b"x" * 600)
            os.close(descriptor)
            os.rename(partial, path)
            floor.append((time.perf_counter() - start) * 1e6)
    return [
        _row("record of a command", "bare write + rename", floor, "us"),
        _row("record of a command", "crashguard", ours[1:], "us", floor),
    ]


def _row(
    what: str,
    subject: str,
    samples: list[float],
    unit: str,
    floor: list[float] | None = None,
    limit: float | None = None,
) -> Row:
    median = statistics.median(samples)
    ratio = None if floor is None else median / statistics.median(floor)
    return Row(GROUP, what, subject, median, unit, spread_of(samples), len(samples), ratio, limit)
