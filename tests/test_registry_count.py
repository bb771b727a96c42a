"""The count in a report: what threads count at one moment is all counted."""

import sys
import threading
from types import FrameType
from typing import Any

from crashguard.registry import Registry, records
from crashguard.registry.records import Record
from crashguard.registry.workers import Report


def test_what_another_thread_counts_in_the_middle_is_counted() -> None:
    """At whatever step of a thread's count another thread counts too, the report has both."""
    step, was_there = 0, True
    while was_there:
        record = Record.new()
        record.event = {"contexts": {"crashguard": {"occurrences": 1}}}

        was_there = _count_with_another_in_the_middle(record, step)

        assert 2 + was_there == record.occurrences == record.event["contexts"]["crashguard"]["occurrences"]
        step += 1
    assert step > 20


def _count_with_another_in_the_middle(record: Record, step: int) -> bool:
    """Count in this thread, and in another before a given step of this one; whether there is such a step."""
    steps = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal steps
        if frame.f_code.co_filename != records.__file__:
            return None
        frame.f_trace_opcodes = True
        if event == "opcode":
            if steps == step:
                other = threading.Thread(target=record.count)
                other.start()
                other.join()
            steps += 1
        return trace

    before = sys.gettrace()
    sys._getframe().f_trace_opcodes = True  # CPython 3.12 looks for it where the trace begins
    sys.settrace(trace)
    try:
        record.count()
    finally:
        sys.settrace(before)
    return steps > step


def test_copies_that_threads_meet_at_one_moment_are_no_more_than_the_worker_counted() -> None:
    """Of the threads that take a copy each of one worker's report, as many get it as it has occurrences."""
    there = Report({"event_id": "0" * 32, "contexts": {"crashguard": {"occurrences": 3}}}, "/nowhere", 0)
    registry = Registry()
    taken: list[Record | None] = []
    together = threading.Barrier(8)

    def take() -> None:
        together.wait()
        taken.append(registry.of_worker(there, all_of_them=False))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert 3 == sum(record is not None for record in taken)
