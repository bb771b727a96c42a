"""Send the stats that wait in a spool: ask the telemetry level, send in batches, move.

The rules are those of crash reports. Each kind has its own lock, backoff and requests, so that anonymous and
identifiable records never share a request.
"""

import os
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from functools import partial
from typing import Protocol

from crashguard import files, paths, policy
from crashguard.consent import choices
from crashguard.spool import journal, stats_records, stats_store
from crashguard.spool.lock import Lock
from crashguard.spool.stats_records import StoredRecord
from crashguard.spool.stats_store import Records
from crashguard.telemetry_level import TelemetryLevel
from crashguard.transport import backoff, hold, segment
from crashguard.transport.http import REJECTED, RETRY, SENT, WITHDRAWN, Outcome
from crashguard.transport.upload import ANY_TIME, SPACING, Ask, Summary, attempt

# With these statuses a server refuses a whole batch because of one bad message, so each half is tried alone.
# Others (401, 403) are about the key; a second request would not help.
_ABOUT_THE_BATCH = ("400", "413", "422")

OnResult = Callable[[list[StoredRecord], Outcome], None]


class _Wire(Protocol):
    """A module that knows how a destination is spoken to."""

    def batches(self, records: Iterable[StoredRecord], /) -> Iterable[list[StoredRecord]]: ...

    def body(self, records: Iterable[StoredRecord], sent_at: str, /) -> bytes: ...

    def send(
        self,
        body: bytes,
        destination: tuple[str, str],
        /,
        *,
        seconds: float = ...,
        still: Callable[[], bool] | None = ...,
    ) -> Outcome: ...


def upload(
    spool: str,
    level: TelemetryLevel,
    *,
    ask: Ask | None = None,
    deadline: float | None = None,
    ignore_backoff: bool = False,
    on_result: OnResult | None = None,
    loading: AbstractContextManager[object] = ANY_TIME,
) -> Summary:
    """Send the stats that wait in an app's spool; the summary counts records.

    Args:
        spool: The app's spool.
        level: The telemetry level now. If it says no, waiting records are deleted. If its value is not valid,
            records are neither sent nor deleted. While the tool's first report waits for a no, neither.
        ask: Finds out the telemetry level of the moment, before each request; without it `level` holds for
            all of them.
        deadline: A `time.monotonic()` after which no further request begins.
        ignore_backoff: Whether to send without regard to the backoff and that minute, because a person asks
            for it.
        on_result: Called after each request with its records and their outcome.
        loading: Entered for what may import, so that no child is forked meanwhile.

    Raises:
        OSError: A lock cannot be made.
    """
    summary = Summary()
    is_held = level.sends_stats and not ignore_backoff and hold.is_held(spool)
    for records in stats_store.of_app(spool):
        if not os.path.isdir(records.root):
            continue
        if is_held or level.problem is not None:
            summary.left += len(records.names(paths.WAITING))
            continue
        with Lock(records.root) as mine:
            if not mine:
                summary.busy = True
                continue
            for state in stats_store.STATES:
                records.prune(state)
            _Pass(
                records,
                summary,
                (lambda: level) if ask is None else ask,
                deadline=deadline,
                ignore_backoff=ignore_backoff,
                on_result=on_result,
                loading=loading,
            ).send()
    return summary


class _Pass:
    """The records of one kind, while their lock is held."""

    def __init__(
        self,
        records: Records,
        summary: Summary,
        ask: Ask,
        *,
        deadline: float | None,
        ignore_backoff: bool,
        on_result: OnResult | None,
        loading: AbstractContextManager[object],
    ) -> None:
        self._records = records
        self._summary = summary
        self._ask = ask
        self._deadline = deadline
        self._ignore_backoff = ignore_backoff
        self._on_result = on_result
        self._loading = loading
        self._sent_before = False

    def send(self) -> None:
        by_destination: dict[tuple[str, str], list[StoredRecord]] = {}
        for name in self._records.names(paths.WAITING):
            record = stats_records.read(self._records, paths.WAITING, name)
            if record is None:
                continue
            if record.destination is None:
                self._summary.left += len(self._allowed([record]))
            else:
                by_destination.setdefault(record.destination, []).append(record)
        for destination, waiting in by_destination.items():
            todo = list(self._wire(destination).batches(self._allowed(waiting)))
            while todo:
                todo[:0] = self._send(todo.pop(0), destination)

    def _allowed(self, waiting: list[StoredRecord]) -> list[StoredRecord]:
        """The records that may be sent now. A no deletes the others; where nobody can tell they are left."""
        level = self._ask()
        if level.problem is not None:
            self._summary.left += len(waiting)
            return []
        allowed = []
        for record in waiting:
            reason = why_withheld(record, level)
            if reason is not None:
                self._summary.withheld += self._records.discard(record.name, paths.WAITING, reason)
            elif os.path.exists(record.path):  # the flag of another run saves nothing, and deletes what waits
                allowed.append(record)
        return allowed

    def _send(self, batch: list[StoredRecord], destination: tuple[str, str]) -> list[list[StoredRecord]]:
        """Send one batch. Returns its halves, to be sent alone, where one bad message had it refused."""
        root = self._records.root
        late = self._deadline is not None and time.monotonic() >= self._deadline
        if late or not (self._ignore_backoff or backoff.is_time(root)):
            self._summary.left += len(batch)
            return []
        if self._sent_before:
            time.sleep(SPACING)
        self._sent_before = True
        batch = self._allowed(batch)
        if not batch:
            return []
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        wire = self._wire(destination)
        still_allowed: list[StoredRecord] | None = None

        def still() -> bool:
            nonlocal still_allowed
            still_allowed = self._allowed(batch)
            return len(still_allowed) == len(batch)

        send = partial(wire.send, wire.body(batch, now), destination, still=still)
        outcome = attempt(root, send, self._deadline)
        if outcome.kind == WITHDRAWN:  # of all of them, or of some: what is left makes another request
            return [still_allowed] if still_allowed else []
        half = len(batch) // 2
        if half and outcome.kind == REJECTED and outcome.reason in _ABOUT_THE_BATCH:
            return [batch[:half], batch[half:]]
        self._apply(batch, outcome)
        if self._on_result is not None:
            self._on_result(batch, outcome)
        return []

    def _wire(self, destination: tuple[str, str]) -> "_Wire":
        """What a destination speaks: gRPC by its scheme, else Segment's HTTP."""
        if not stats_records.is_grpc(destination[0]):
            return segment
        with self._loading:
            from crashguard.transport import analytics

            return analytics

    def _apply(self, batch: list[StoredRecord], outcome: Outcome) -> None:
        there = [record for record in batch if os.path.exists(record.path)]
        gone = len(batch) - len(there)
        more = f", {gone} of them were on their way when they were deleted here" if gone else ""
        journal.note(self._records.root, outcome.kind, reason=f"{len(batch)} records: {outcome.reason}{more}")
        if outcome.kind == RETRY:
            self._summary.left += len(there)
            return
        to = paths.SENT if outcome.kind == SENT else paths.REJECTED
        for record in there:
            if not self._records.move(record.name, paths.WAITING, to):
                files.remove(record.path)  # else it would be sent twice
        if outcome.kind == SENT:
            self._summary.sent += len(batch)
        else:
            self._summary.rejected += len(batch)


def why_withheld(record: StoredRecord, level: TelemetryLevel) -> str | None:
    """The reason why a waiting record may not be sent now, as a sentence; None if it may.

    Args:
        record: The record; it holds the telemetry level at recording.
        level: The telemetry level now.
    """
    source = record.header.get("telemetry_level_source")
    reason = policy.why_not(
        "stats",
        level,
        version=record.version,
        destination=True,
        recorded=str(record.header.get("telemetry_level")),
        moment=record.seconds,
        refused_until=choices.refused_until(record.app, "stats", source),
    )
    if reason == policy.TELEMETRY_LEVEL:
        return f"telemetry level is {level.value} ({level.source})"
    return None if reason is None else policy.explain(reason)
