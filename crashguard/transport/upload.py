"""Working through what waits in a spool: ask for consent, send, move. One at a time per spool.

Must live here: the order of sending and what follows from each outcome. Must not be known here: HTTP,
processes.
"""

import os
import time
from collections.abc import Callable, Container

import attrs

from crashguard import files
from crashguard.report import envelope
from crashguard.spool import Spool, journal, rate_limit, reports, store
from crashguard.spool.reports import StoredReport
from crashguard.telemetry_level import TelemetryLevel
from crashguard.transport import backoff, consent, sentry

SPACING = 0.1  # seconds between two reports, so that a backlog is no burst

Told = Callable[[StoredReport, sentry.Outcome], None]


@attrs.define
class Summary:
    """What was done, in numbers of reports.

    Attributes:
        sent: A server took them.
        rejected: A server refused them for good.
        withheld: Deleted for want of consent.
        held: They repeat what was sent today; they stay on the machine.
        left: For later.
        busy: Nothing was done: another process is sending.
    """

    sent: int = 0
    rejected: int = 0
    withheld: int = 0
    held: int = 0
    left: int = 0
    busy: bool = False


def upload(
    root: str,
    level: TelemetryLevel,
    *,
    deadline: float | None = None,
    impatient: bool = False,
    only: Container[str] | None = None,
    told: Told | None = None,
) -> Summary:
    """Send what waits in a spool.

    Args:
        root: The spool's folder.
        level: The telemetry level now; where it says no, what waits is deleted. Where it could not be
            read, nothing is sent and nothing deleted: that is no word of the user's.
        deadline: A `time.monotonic()` after which nothing new is begun.
        impatient: A person asks: try even where a server asked to wait or the last attempts failed, and
            send what repeats a report of the same day.
        only: The names of the reports that are meant; all that wait by default.
        told: Called after each report with what became of it.

    Raises:
        OSError: The spool's lock cannot be made.
    """
    summary = Summary()
    spool = Spool(root)
    if level.problem is not None:
        summary.left = len(spool.names(store.WAITING))
        return summary
    seen: set[str] = set()
    while True:
        with Lock(root) as mine:
            if not mine:
                summary.busy = not seen
                return summary
            _pass(spool, level, seen, summary, deadline=deadline, impatient=impatient, only=only, told=told)
        # Who found the lock taken relies on its holder: look once more now that it is free.
        if seen.issuperset(spool.names(store.WAITING)):
            return summary


def _pass(
    spool: Spool,
    level: TelemetryLevel,
    seen: set[str],
    summary: Summary,
    *,
    deadline: float | None,
    impatient: bool,
    only: Container[str] | None,
    told: Told | None,
) -> None:
    """Work through what waits and was not `seen` before."""
    spool.settle()
    for state in (*store.KEPT, store.BROKEN):
        spool.prune(state)
    rate_limit.forget(spool.root, older_than=time.time() - store.MOST_SECONDS)
    sent_before = False
    for name in spool.names(store.WAITING):
        meant = name not in seen and (only is None or name in only)
        report = reports.read(spool, store.WAITING, name) if meant else None
        seen.add(name)
        if report is None:
            continue
        refused = consent.refusal(report.event, level)
        if refused is not None:
            spool.discard(name, store.WAITING, refused)
            summary.withheld += 1
            continue
        late = deadline is not None and time.monotonic() >= deadline
        if report.dsn is None or late or not (impatient or backoff.is_time(spool.root)):
            summary.left += 1
            continue
        repeated = None if impatient else _repetition(spool, name)
        if repeated is not None:
            spool.move(name, store.WAITING, store.LOCAL, "held-back", repeated)
            summary.held += 1
            continue
        if sent_before:
            time.sleep(SPACING)
        sent_before = True
        if not impatient:
            summary.held += _hold_others(spool, name)
        report = _with_count(spool, report)
        outcome = _send(spool.root, report, deadline)
        _settle(spool, report, outcome, summary)
        if told is not None:
            told(report, outcome)


def _repetition(spool: Spool, name: str) -> str | None:
    """Why a report repeats what was sent today, if it does; it is counted. Two that crashed at once may."""
    _, kind, _ = store.parse_name(name) or (0, "", "")
    reason = rate_limit.why_not(spool.root, kind, time.time(), also_waiting=False)
    if reason is not None:
        rate_limit.hold(spool.root, kind)
    return reason


def _hold_others(spool: Spool, name: str) -> int:
    """Hold back what else waits of the same kind, from processes that crashed at once; how many."""
    _, kind, _ = store.parse_name(name) or (0, "", "")
    held = 0
    for other in spool.names(store.WAITING):
        if other != name and (store.parse_name(other) or (0, "", ""))[1] == kind:
            reason = "the same crash is being sent; this one is counted"
            if spool.move(other, store.WAITING, store.LOCAL, "held-back", reason):
                rate_limit.hold(spool.root, kind)
                held += 1
    return held


def _with_count(spool: Spool, report: StoredReport) -> StoredReport:
    """The report, with the same crashes of other processes that came while it waited in its occurrences.

    A number is all that changes after scrubbing, and the file says so before the server does.
    """
    _, kind, _ = store.parse_name(report.name) or (0, "", "")
    held = rate_limit.release(spool.root, kind)
    about = report.event.get("contexts", {}).get("crashguard", {})
    known = about.get("occurrences", 1)
    if not held or not isinstance(known, int):
        return report
    about["occurrences"] = known + held
    data = envelope.seal(report.event, report.dsn)
    try:
        files.write_durably(report.path, data)
    except OSError:
        rate_limit.hold(spool.root, kind, held)
        return report
    return attrs.evolve(report, data=data)


def _send(root: str, report: StoredReport, deadline: float | None) -> sentry.Outcome:
    seconds = sentry.SECONDS
    if deadline is not None:
        seconds = max(0.1, min(seconds, deadline - time.monotonic()))
    outcome = sentry.send(report.data, str(report.dsn), seconds=seconds)
    if outcome.kind == sentry.RETRY:
        backoff.failed(root)
    else:
        backoff.succeeded(root)
    if outcome.wait:
        backoff.wait(root, outcome.wait)
    return outcome


def _settle(spool: Spool, report: StoredReport, outcome: sentry.Outcome, summary: Summary) -> None:
    if outcome.kind == sentry.RETRY:
        journal.note(spool.root, "retry", report.event_id, outcome.reason)
        summary.left += 1
        return
    to = store.SENT if outcome.kind == sentry.SENT else store.REJECTED
    if not spool.move(report.name, store.WAITING, to, outcome.kind, outcome.reason):
        if outcome.kind == sentry.REJECTED and os.path.exists(report.path):
            # Deleted, it would be nowhere at all. Asked again in a while, the server refuses it again.
            backoff.failed(spool.root)
            summary.left += 1
            return
        spool.discard(report.name, store.WAITING, f"{outcome.kind}, and could not be kept")
    if outcome.kind == sentry.SENT:
        summary.sent += 1
    else:
        summary.rejected += 1


class Lock:
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
        except (BlockingIOError, PermissionError):
            return False
        except OSError:
            pass  # a file system without locks: what two senders send twice is stored once
        return True

    def __exit__(self, *exc: object) -> None:
        try:
            os.close(self._descriptor)
        except OSError:
            pass  # it is closed all the same
