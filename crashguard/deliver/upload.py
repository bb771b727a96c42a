"""One pass over what waits in a spool: ask for consent, send, move. One at a time per spool.

Must live here: the order of sending and what follows from each outcome. Must not be known here: HTTP,
processes.
"""

import os
import time
from collections.abc import Callable

import attrs

from crashguard.deliver import consent, patience, transport
from crashguard.spool import Spool, journal, reports, store
from crashguard.spool.reports import StoredReport
from crashguard.telemetry_level import TelemetryLevel

SPACING = 0.1  # seconds between two reports, so that a backlog is no burst

Told = Callable[[StoredReport, transport.Outcome], None]


@attrs.define
class Summary:
    """What one pass did: reports sent, rejected, withheld for want of consent, and left for later."""

    sent: int = 0
    rejected: int = 0
    withheld: int = 0
    left: int = 0
    busy: bool = False


def upload(
    root: str,
    level: TelemetryLevel,
    *,
    deadline: float | None = None,
    impatient: bool = False,
    told: Told | None = None,
) -> Summary:
    """Send what waits in a spool.

    Args:
        root: The spool's folder.
        level: The telemetry level now; where it says no, what waits is deleted.
        deadline: A `time.monotonic()` after which nothing new is begun.
        impatient: Try even where a server asked to wait or the last attempts failed.
        told: Called after each report with what became of it.

    Raises:
        OSError: The spool's lock cannot be made.
    """
    summary = Summary()
    spool = Spool(root)
    with _Lock(root) as mine:
        if not mine:
            return attrs.evolve(summary, busy=True)
        spool.settle()
        for state in (store.WAITING, store.LOCAL, store.SENT, store.REJECTED):
            spool.prune(state)
        names = spool.names(store.WAITING)
        for position, name in enumerate(names):
            report = reports.read(spool, store.WAITING, name)
            if report is None:
                continue
            refused = consent.refusal(report.event, level)
            if refused is not None:
                spool.discard(name, store.WAITING, refused)
                summary.withheld += 1
                continue
            late = deadline is not None and time.monotonic() >= deadline
            if report.dsn is None or late or not (impatient or patience.is_time(root)):
                summary.left += 1
                continue
            if position:
                time.sleep(SPACING)
            outcome = _send(root, report, deadline)
            _settle(spool, report, outcome, summary)
            if told is not None:
                told(report, outcome)
    return summary


def _send(root: str, report: StoredReport, deadline: float | None) -> transport.Outcome:
    seconds = transport.SECONDS
    if deadline is not None:
        seconds = max(0.1, min(seconds, deadline - time.monotonic()))
    outcome = transport.send(report.data, str(report.dsn), seconds=seconds)
    if outcome.kind == transport.RETRY:
        patience.failed(root)
    else:
        patience.succeeded(root)
    if outcome.wait:
        patience.wait(root, outcome.wait)
    return outcome


def _settle(spool: Spool, report: StoredReport, outcome: transport.Outcome, summary: Summary) -> None:
    if outcome.kind == transport.SENT:
        spool.move(report.name, store.WAITING, store.SENT, "sent", outcome.reason)
        summary.sent += 1
    elif outcome.kind == transport.REJECTED:
        spool.move(report.name, store.WAITING, store.REJECTED, "rejected", outcome.reason)
        summary.rejected += 1
    else:
        journal.note(spool.root, "retry", report.event_id, outcome.reason)
        summary.left += 1


class _Lock:
    """One uploader a spool. The system frees it when its holder dies, however it dies."""

    def __init__(self, root: str) -> None:
        self._path = os.path.join(root, "lock")
        self._descriptor = -1

    def __enter__(self) -> bool:
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
        try:
            if os.name == "nt":
                import msvcrt

                msvcrt.locking(self._descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
            else:
                import fcntl

                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def __exit__(self, *exc: object) -> None:
        os.close(self._descriptor)
