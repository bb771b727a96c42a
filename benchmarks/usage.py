"""What counting premium usage costs a sync: a call of increase(), with keeping and sending going on beside it.

The client is whole: its threads keep every second and every 100 000 rows on a real disk, and send full batches to
a server in this process that takes everything. Beside it the least that could be written by hand: one integer
under a lock.
"""

import statistics
import tempfile
import threading
import time
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import measure
from benchmarks.rows import Row, spread_of

GROUP = "Premium usage: counting rows"
LIMIT = 300  # ns for a call, from the issue that asked for it


class _Takes:
    """A licensing server that takes everything at once."""

    rows = 0

    def increase(self, team: str, batch: Any, *, seconds: float) -> Any:
        from crashguard.usage import Answer

        self.rows += batch.rows
        return Answer(204)

    def quota(self, team: str, meta: Any) -> Any:
        raise NotImplementedError


class _Locked:
    """The floor: one integer, or one dict of them, under a lock."""

    def __init__(self) -> None:
        self.rows = 0
        self.tables: dict[str, int] = {}
        self.lock = threading.Lock()

    def increase(self, rows: int) -> None:
        with self.lock:
            self.rows += rows

    def increase_for_table(self, table: str, rows: int) -> None:
        with self.lock:
            self.tables[table] = self.tables.get(table, 0) + rows
            self.rows += rows


def run(args: Namespace) -> list[Row]:
    measure.say("usage")
    loops, repeats = (20_000, 3) if args.quick else (500_000, 9)
    rows: list[Row] = []
    for what, call in (
        ("increase(1)", lambda subject: subject.increase),
        (
            "increase_for_table(name, 1)",
            lambda subject: lambda rows: subject.increase_for_table("orders", rows),
        ),
    ):
        floor = _samples(call(_Locked()), loops, repeats)
        rows.append(_row(what, "a lock", floor, None, None))
        with tempfile.TemporaryDirectory() as folder:
            subject = _client(folder)
            samples = _samples(call(subject), loops, repeats)
            rows.append(_row(what, "crashguard", samples, statistics.median(floor), LIMIT))
            subject.close()
    rows.append(_threads(loops, repeats))
    rows.append(_checkpoint(repeats))
    return rows


def _client(folder: str) -> Any:
    from crashguard.plugin import Plugin
    from crashguard.usage import UsageClient

    return UsageClient(Plugin("acme", "source", "orders", "1"), team="acme", api=_Takes(), folder=folder)


def _samples(call: Callable[[int], None], loops: int, repeats: int) -> list[float]:
    """Nanoseconds of a call, without the loop round it."""

    def nothing(rows: int) -> None:
        pass

    def once(call: Callable[[int], None]) -> float:
        start = time.perf_counter()
        for _ in range(loops):
            call(1)
        return (time.perf_counter() - start) / loops * 1e9

    once(call)
    return [once(call) - once(nothing) for _ in range(repeats)]


def _threads(loops: int, repeats: int) -> Row:
    """Four threads at once: the time of a call by the clock, as a program with one interpreter lock has it."""
    samples = []
    with tempfile.TemporaryDirectory() as folder:
        subject = _client(folder)

        def work() -> None:
            for _ in range(loops // 4):
                subject.increase(1)

        for _ in range(repeats):
            threads = [threading.Thread(target=work) for _ in range(4)]
            start = time.perf_counter()
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            samples.append((time.perf_counter() - start) / (loops // 4 * 4) * 1e9)
        subject.close()
    return _row("increase(1), four threads at once", "crashguard", samples, None, LIMIT)


def _checkpoint(repeats: int) -> Row:
    """Making what was counted durable: two fsyncs."""
    samples = []
    with tempfile.TemporaryDirectory(dir=Path.home()) as folder:
        subject = _client(folder)
        for _ in range(repeats * 10):
            subject.increase(1)
            start = time.perf_counter()
            subject.checkpoint()
            samples.append((time.perf_counter() - start) * 1e3)
        subject.close()
    return Row(
        GROUP,
        "checkpoint()",
        "crashguard",
        statistics.median(samples),
        "ms",
        spread_of(samples),
        len(samples),
    )


def _row(what: str, subject: str, samples: list[float], floor: float | None, limit: float | None) -> Row:
    median = statistics.median(samples)
    ratio = None if floor is None else median / floor
    return Row(GROUP, what, subject, median, "ns", spread_of(samples), len(samples), ratio, limit)
