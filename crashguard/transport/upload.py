"""Send the reports that wait in a spool, one process at a time: ask the telemetry level, send, move."""

import os
import time
from collections.abc import Callable, Container, Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import partial

from crashguard import files, paths, policy, recovery
from crashguard import spool as folders
from crashguard.consent import choices
from crashguard.recovery.recover import OneReader, recover
from crashguard.report import envelope
from crashguard.spool import journal, rate_limit, reports, store
from crashguard.spool.lock import Lock
from crashguard.spool.reports import StoredReport
from crashguard.spool.store import Spool
from crashguard.telemetry_level import TelemetryLevel
from crashguard.transport import backoff, hold, http, sentry
from crashguard.transport.http import REJECTED, RETRY, SECONDS, SENT, WITHDRAWN, Outcome

SPACING = 0.1  # seconds between two reports, so that a backlog is no burst

ANY_TIME = nullcontext()  # in a process without other threads

_ON_ITS_WAY = "it was on its way when it was deleted here"

OnResult = Callable[[StoredReport, Outcome], None]
Ask = Callable[[], TelemetryLevel]


class Summary:
    """The result of an upload, in numbers of reports or of records of stats.

    Attributes:
        sent: Accepted by a server.
        rejected: Refused by a server for good.
        withheld: Deleted because the telemetry level does not allow sending.
        suppressed: Repetitions of a report that was sent today; they stay on the machine.
        left: Left to be sent later.
        busy: Whether another process was sending, so that this one did nothing.
    """

    def __init__(self) -> None:
        self.sent = 0
        self.rejected = 0
        self.withheld = 0
        self.suppressed = 0
        self.left = 0
        self.busy = False


def load(loading: AbstractContextManager[object]) -> None:
    """Import what an upload imports on its way, a part at a time. Never raises.

    Args:
        loading: Entered for each part. A fork in another thread waits meanwhile.
    """
    with loading:
        http.load()
    with loading:
        sentry.load()
    with loading:
        import json  # noqa: F401 (the reports that wait are read with it)


def upload(
    root: str,
    level: TelemetryLevel,
    *,
    ask: Ask | None = None,
    deadline: float | None = None,
    ignore_backoff: bool = False,
    only: Container[str] | None = None,
    on_result: OnResult | None = None,
    recovered: bool = False,
    loading: AbstractContextManager[object] = ANY_TIME,
) -> Summary:
    """Send the reports that wait in a spool.

    Args:
        root: The spool's folder.
        level: The telemetry level now. If it says no, waiting reports are deleted. If its value is not valid,
            reports are neither sent nor deleted, because that is not a decision of the user's.
        ask: Finds out the telemetry level of the moment, before each report; without it `level` holds for
            all of them.
        deadline: A `time.monotonic()` after which no further request begins.
        ignore_backoff: Whether to send without regard to the backoff and the rate limit, because a person
            asks for it.
        only: The names of the reports to send; all that wait by default.
        on_result: Called after each attempt with the report and its outcome.
        recovered: Whether the caller has called `recover` already.
        loading: Entered for what may import, so that no child is forked meanwhile (`load`).

    Raises:
        OSError: The spool's lock cannot be made.
    """
    summary = Summary()
    spool = Spool(root)
    if level.problem is not None:
        summary.left = len(spool.names(paths.WAITING))
        return summary
    if hold.is_held(root) and level.sends_errors and not ignore_backoff:
        summary.left = len(spool.names(paths.WAITING))
        return summary
    seen: set[str] = set()
    barren = 0
    while barren < 2:
        before = len(seen)
        with Lock(root) as mine:
            if not mine:
                summary.busy = not seen
                return summary
            if not recovered:
                with loading:
                    recover(spool)
                recovered = True
            _pass(
                spool,
                (lambda: level) if ask is None else ask,
                seen,
                summary,
                deadline=deadline,
                ignore_backoff=ignore_backoff,
                only=only,
                on_result=on_result,
            )
        # A process that found the lock taken leaves all that waits to the holder, so the holder looks once
        # more after it has freed the lock. It ends when that was in vain twice: under the lock it may have no
        # descriptor left to see them with.
        recovered = not recovery.is_to_be_recovered(root)
        if recovered and seen.issuperset(spool.names(paths.WAITING)):
            break
        barren = barren + 1 if len(seen) == before else 0
    return summary


def _pass(
    spool: Spool,
    ask: Ask,
    seen: set[str],
    summary: Summary,
    *,
    deadline: float | None,
    ignore_backoff: bool,
    only: Container[str] | None,
    on_result: OnResult | None,
) -> None:
    """Send the waiting reports that are not in `seen`, while the lock is held."""
    for state in (*store.KEPT, paths.BROKEN):
        spool.prune(state)
    rate_limit.delete_counts(spool.root, older_than=time.time() - folders.MOST_SECONDS)
    sent_before = False
    for name in _unseen(spool, seen, newest_first=deadline is not None):
        seen.add(name)
        is_meant = only is None or name in only
        report = reports.read(spool, paths.WAITING, name) if is_meant else None
        if report is None or not _may_leave(spool, report, ask, summary):
            continue
        late = deadline is not None and time.monotonic() >= deadline
        if report.dsn is None or late or not (ignore_backoff or backoff.is_time(spool.root)):
            summary.left += 1
            continue
        if not ignore_backoff and _is_repetition(spool, report):
            summary.suppressed += 1
            continue
        if sent_before:
            time.sleep(SPACING)
        sent_before = True
        if not ignore_backoff:
            summary.suppressed += _suppress_others(spool, name)
        report = _with_count(spool, report)
        still = partial(_may_still_leave, spool, report, ask, summary)
        if not still():  # else a server would be called for nothing
            continue
        send = partial(sentry.send, report.data, str(report.dsn), still=still)
        outcome = attempt(spool.root, send, deadline)
        if outcome.kind == WITHDRAWN:
            continue
        _apply(spool, report, outcome, summary)
        if on_result is not None:
            on_result(report, outcome)


def _unseen(spool: Spool, seen: set[str], *, newest_first: bool) -> Iterator[str]:
    """The names of waiting reports that are not in `seen`, to which the caller adds each.

    Whoever has little time begins with the newest one, also if it comes meanwhile: it may be what ends the
    program.
    """
    if not newest_first:
        yield from [name for name in spool.names(paths.WAITING) if name not in seen]
        return
    names: list[str] = []
    looked = float("-inf")
    while True:
        if not names or time.monotonic() - looked > SPACING:
            names, looked = (
                [name for name in spool.names(paths.WAITING) if name not in seen],
                time.monotonic(),
            )
        if not names:
            return
        yield names.pop()


def _may_leave(spool: Spool, report: StoredReport, ask: Ask, summary: Summary) -> bool:
    """Whether a report may be sent now. After a no it is deleted; where nobody can tell, it is left."""
    level = ask()
    if level.problem is not None:
        summary.left += 1
        return False
    refused = why_withheld(report, level)
    if refused is not None:
        spool.discard(report.name, paths.WAITING, refused)
        summary.withheld += 1
    return refused is None


def _may_still_leave(spool: Spool, report: StoredReport, ask: Ask, summary: Summary) -> bool:
    """The last question before a request. A no also comes by another run's flag, which deletes what waits."""
    if not os.path.exists(report.path):
        journal.note(spool.root, WITHDRAWN, report.event_id, "it was deleted here before it left")
        return False
    return _may_leave(spool, report, ask, summary)


def why_withheld(report: StoredReport, level: TelemetryLevel) -> str | None:
    """The reason why a waiting report may not be sent now, as a sentence; None if it may.

    Args:
        report: The report; it holds the telemetry level at recording.
        level: The telemetry level now.
    """
    about = report.event.get("contexts", {}).get("crashguard", {})
    source = about.get("telemetry_level_source")
    reason = policy.why_not(
        "errors",
        level,
        version=str(report.event.get("release", "")),
        destination=True,
        recorded=about.get("telemetry_level"),
        moment=report.seconds,
        refused_until=choices.refused_until(report.app, "errors", source),
    )
    if reason == policy.TELEMETRY_LEVEL:
        return f"telemetry level is {level.value} ({level.source})"
    return None if reason is None else policy.explain(reason)


def _is_repetition(spool: Spool, report: StoredReport) -> bool:
    """Whether a report repeats one that was sent today; then it is counted and stays on the machine.

    That happens when two processes crash at the same time.
    """
    group = store.group_of(report.name)
    reason = rate_limit.why_not(spool.root, group, time.time(), also_waiting=False)
    if reason is None:
        return False
    rate_limit.suppress(spool.root, group)
    _keep_local(spool, report, reason)
    return True


def _suppress_others(spool: Spool, name: str) -> int:
    """Suppress the other waiting reports of the same group, from simultaneous crashes; how many."""
    group = store.group_of(name)
    suppressed = 0
    for other in spool.names(paths.WAITING):
        report = None
        if other != name and store.group_of(other) == group:
            report = reports.read(spool, paths.WAITING, other)
        if report is not None and _keep_local(spool, report, policy.REPEATS_WAITING):
            rate_limit.suppress(spool.root, group)
            suppressed += 1
    return suppressed


def _keep_local(spool: Spool, report: StoredReport, reason: str) -> bool:
    """Move a report to `local`, with the reason in it; False where it was gone."""
    report.event.setdefault("contexts", {}).setdefault("crashguard", {})["kept_because"] = reason
    try:
        write_again(spool, report, envelope.seal(report.event, None), durable=False)
    except OSError:
        pass  # it is moved all the same, if it is there; the journal has the reason
    return spool.move(report.name, paths.WAITING, paths.LOCAL, "suppressed", policy.explain(reason))


def _with_count(spool: Spool, report: StoredReport) -> StoredReport:
    """The report, with the suppressed crashes of its group added to its occurrences.

    Only this number changes after scrubbing, and the file on disk changes with it.
    """
    parsed = spool.parse(report.name)
    assert parsed is not None  # noqa: S101 (it was found by its name)
    group = parsed[1]
    counts = (group, rate_limit.apart(*parsed[1:]))
    suppressed = sum(rate_limit.take_suppressed(spool.root, count) for count in counts)
    about = report.event.get("contexts", {}).get("crashguard", {})
    known = about.get("occurrences", 1)
    if not suppressed or not isinstance(known, int):
        return report
    about["occurrences"] = known + suppressed
    data = envelope.seal(report.event, report.dsn)
    try:
        write_again(spool, report, data, durable=True)
    except FileNotFoundError:
        return report  # a no has deleted it, and the count with it
    except OSError:
        rate_limit.suppress(spool.root, group, suppressed)
        return report
    return report._replace(data=data)


def write_again(spool: Spool, report: StoredReport, data: bytes, *, durable: bool) -> None:
    """Change a report on disk. One that a no has deleted meanwhile does not come back.

    Args:
        spool: Its spool, whose lock the caller has.
        report: The report.
        data: Its new envelope.
        durable: As in `files.write`.

    Raises:
        OSError: It is gone (FileNotFoundError), or cannot be written.
    """
    with OneReader(spool.root):
        files.write(report.path, data, durable=durable, again=True)


def attempt(root: str, send: Callable[..., Outcome], deadline: float | None) -> Outcome:
    """Make one request within the time that is left, and write the backoff for the next one.

    Args:
        root: The folder of the backoff.
        send: Makes the request; `seconds=` is its time limit.
        deadline: A `time.monotonic()` at which it should have ended.
    """
    seconds = SECONDS
    if deadline is not None:
        seconds = max(0.1, min(seconds, deadline - time.monotonic()))
    outcome = send(seconds=seconds)
    if outcome.kind == RETRY:
        backoff.failed(root)
    elif outcome.kind != WITHDRAWN:
        backoff.succeeded(root)
    if outcome.wait:
        backoff.wait(root, outcome.wait)
    return outcome


def _apply(spool: Spool, report: StoredReport, outcome: Outcome, summary: Summary) -> None:
    if outcome.kind == RETRY:
        gone = not os.path.exists(report.path)
        more = f", {_ON_ITS_WAY}" if gone else ""
        journal.note(spool.root, "retry", report.event_id, outcome.reason + more)
        summary.left += not gone
        return
    to = paths.SENT if outcome.kind == SENT else paths.REJECTED
    if not spool.move(report.name, paths.WAITING, to, outcome.kind, outcome.reason):
        if not os.path.exists(report.path):  # a no, or a person, has deleted it meanwhile
            reason = f"{outcome.reason}, {_ON_ITS_WAY}"
            journal.note(spool.root, outcome.kind, report.event_id, reason)
        if outcome.kind == REJECTED and os.path.exists(report.path):
            # The report cannot be moved, and must not be deleted without a copy. It is tried again later.
            backoff.failed(spool.root)
            summary.left += 1
            return
        spool.discard(report.name, paths.WAITING, f"{outcome.kind}, and could not be kept")
    if outcome.kind == SENT:
        summary.sent += 1
    else:
        summary.rejected += 1
