"""Working through the stats that wait: consent, batches, outcomes. What the uploader and `flush()` do.

The rules are those of crash reports: consent is asked again, one sender a folder, three outcomes, backoff
and `Retry-After` kept across processes. Each kind has a lock, a patience and requests of its own, so that an
anonymous record never travels with an identifiable one.

Must live here: the order of sending. Must not be known here: HTTP, what a record says.
"""

import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

import attrs

from crashguard import client as clients
from crashguard import files
from crashguard.spool import journal
from crashguard.stats import batches, reading, store, transport
from crashguard.stats.reading import StoredRecord
from crashguard.telemetry_level import TelemetryLevel
from crashguard.transport import backoff
from crashguard.transport.lock import Lock
from crashguard.transport.sentry import REJECTED, RETRY, SENT, Outcome
from crashguard.transport.upload import SPACING

# One bad message has the whole batch refused: then each half is tried alone. Others (401, 403) are
# about the key, and asking again would not help.
_ABOUT_THE_BATCH = ("400", "413", "422")

OnResult = Callable[[list[StoredRecord], Outcome], None]


@attrs.define
class Summary:
    """What was done, in numbers of records.

    Attributes:
        sent: A server took them.
        rejected: A server refused them for good.
        withheld: Deleted for want of consent.
        left: For later.
        busy: Another process is sending some of them.
    """

    sent: int = 0
    rejected: int = 0
    withheld: int = 0
    left: int = 0
    busy: bool = False


def upload(
    spool: str,
    level: TelemetryLevel,
    *,
    deadline: float | None = None,
    ignore_backoff: bool = False,
    on_result: OnResult | None = None,
) -> Summary:
    """Send the stats that wait in an app's spool.

    Args:
        spool: The app's spool.
        level: The telemetry level now; where it says no, what waits is deleted.
        deadline: A `time.monotonic()` after which nothing new is begun.
        ignore_backoff: A person asks: try even where a server asked to wait.
        on_result: Called after each request with its records and what became of them.

    Raises:
        OSError: A lock cannot be made.
    """
    summary = Summary()
    for kind in store.KINDS:
        root = store.root_of(spool, kind)
        if not os.path.isdir(root):
            continue
        with Lock(root) as mine:
            if not mine:
                summary.busy = True
                continue
            for state in store.STATES:
                store.prune(root, state)
            waiting = [
                record
                for name in store.names(root, store.WAITING)
                if (record := reading.read(spool, kind, store.WAITING, name)) is not None
            ]
            allowed = _with_consent(root, waiting, level, summary)
            _send_all(
                root, allowed, summary, deadline=deadline, ignore_backoff=ignore_backoff, on_result=on_result
            )
    return summary


def flush(timeout: float = 2.0) -> bool:
    """Send this tool's stats now, from this process; whether nothing waits any more. Never raises.

    For tools that want to send at their end instead of leaving it to the uploader. Waits for at most
    `timeout` seconds; what is not through by then stays for the next time.

    Args:
        timeout: Seconds.
    """
    config = clients.config()
    if config is None:
        return True
    deadline = time.monotonic() + timeout

    def send() -> None:
        try:
            upload(config.spool, config.level, deadline=deadline)
        except OSError:
            pass  # no lock can be made here: the next run tries again

    try:
        worker = threading.Thread(target=send, name="crashguard-stats", daemon=True)
        worker.start()
        worker.join(timeout)
    except RuntimeError:
        return False  # no more threads, or the interpreter is ending
    return not any(store.names(store.root_of(config.spool, kind), store.WAITING) for kind in store.KINDS)


def _with_consent(
    root: str, waiting: list[StoredRecord], level: TelemetryLevel, summary: Summary
) -> list[StoredRecord]:
    """Those that may leave under the telemetry level now and the one they were recorded under."""
    allowed = []
    for record in waiting:
        recorded = record.header.get("telemetry_level")
        if level.sends_stats and recorded in ("stats", "all"):
            allowed.append(record)
            continue
        if level.problem is not None:
            summary.left += 1  # a value that cannot be read sends nothing and deletes nothing
            continue
        if files.remove(record.path):
            summary.withheld += 1
            refused = level.value if not level.sends_stats else f"when it was recorded: {recorded!s}"
            journal.note(root, "deleted", record.message_id, f"telemetry level {refused}")
    return allowed


def _send_all(
    root: str,
    waiting: list[StoredRecord],
    summary: Summary,
    *,
    deadline: float | None,
    ignore_backoff: bool,
    on_result: OnResult | None,
) -> None:
    by_destination: dict[tuple[str, str], list[StoredRecord]] = {}
    for record in waiting:
        if record.destination is None:
            summary.left += 1
        else:
            by_destination.setdefault(record.destination, []).append(record)
    sent_before = False
    for destination, records in by_destination.items():
        todo = list(batches.split(records))
        while todo:
            batch = todo.pop(0)
            late = deadline is not None and time.monotonic() >= deadline
            if late or not (ignore_backoff or backoff.is_time(root)):
                summary.left += len(batch)
                continue
            if sent_before:
                time.sleep(SPACING)
            sent_before = True
            outcome = _send(root, batch, destination, deadline)
            if outcome.kind == REJECTED and outcome.reason in _ABOUT_THE_BATCH and len(batch) > 1:
                half = len(batch) // 2
                todo[:0] = [batch[:half], batch[half:]]
                continue
            _apply(root, batch, outcome, summary)
            if on_result is not None:
                on_result(batch, outcome)


def _send(
    root: str, batch: list[StoredRecord], destination: tuple[str, str], deadline: float | None
) -> Outcome:
    seconds = transport.SECONDS
    if deadline is not None:
        seconds = max(0.1, min(seconds, deadline - time.monotonic()))
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
    outcome = transport.send(batches.body(batch, now), *destination, seconds=seconds)
    if outcome.kind == RETRY:
        backoff.failed(root)
    else:
        backoff.succeeded(root)
    if outcome.wait:
        backoff.wait(root, outcome.wait)
    return outcome


def _apply(root: str, batch: list[StoredRecord], outcome: Outcome, summary: Summary) -> None:
    if outcome.kind == RETRY:
        summary.left += len(batch)
        journal.note(root, "retry", "-", f"{len(batch)} records: {outcome.reason}")
        return
    to = store.SENT if outcome.kind == SENT else store.REJECTED
    for record in batch:
        if not store.move(root, record.name, store.WAITING, to):
            files.remove(record.path)  # it must not be sent twice for want of a place
    journal.note(root, outcome.kind, "-", f"{len(batch)} records: {outcome.reason}")
    if outcome.kind == SENT:
        summary.sent += len(batch)
    else:
        summary.rejected += len(batch)
