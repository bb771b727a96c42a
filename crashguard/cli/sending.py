"""`send`: send waiting reports and stats now, and show the outcome of each."""

import click

from crashguard import config, paths
from crashguard.cli import apps, ids, output, stats, view
from crashguard.cli.command import Command
from crashguard.cli.progress import Bar
from crashguard.cli.terminal import Console
from crashguard.exceptions import TelemetryLevelError
from crashguard.recovery import recover
from crashguard.spool import journal
from crashguard.spool import reports as stored
from crashguard.spool.reports import StoredReport
from crashguard.spool.store import Spool
from crashguard.transport.http import REJECTED, RETRY, SENT, Outcome
from crashguard.transport.upload import upload

_SAID = {SENT: "sent to", REJECTED: "refused by", RETRY: "not sent to"}


@click.command(cls=Command, short_help="Send the reports and stats that wait, now.")
@click.argument("event_ids", metavar="[ID]...", nargs=-1, shell_complete=ids.offered)
@apps.option
def send(event_ids: tuple[str, ...], app: str | None) -> None:
    """Send the reports and stats that wait, now; or only the reports with the given IDs.

    The telemetry level is checked once more: if it says no, waiting reports and stats are deleted and not
    sent. The command does not wait for a backoff or for the time that a server asked for.

    Exit status: 0 all was sent or nothing waits, 1 something was not sent.

    Example:
      crashguard send
    """
    out = output.console()
    apps.recover(app)
    meant = [ids.find(event_id, app) for event_id in event_ids]
    arrived = [_explain(out, report) for report in meant if report.state != paths.WAITING]
    waiting: dict[str, list[StoredReport]] = {}
    for report in meant:
        if report.state == paths.WAITING:
            waiting.setdefault(report.app, []).append(report)
    if not event_ids:
        for name in apps.chosen(app):
            waiting[name] = stored.reports(apps.spool_of(name), paths.WAITING)
    total = sum(map(len, waiting.values()))
    failed = not all(arrived)
    with Bar(out, "sending", total) as bar:
        outcomes = _Outcomes(out, bar)
        for name, found in waiting.items():
            if found:
                failed |= not _send(outcomes, name, found)
    if not event_ids:
        if not total:
            out.print("No report waits to be sent.")
        failed |= not stats.send(out, app)
        _explain_local(out, app)
    if failed:
        raise click.exceptions.Exit(1)


def _send(outcomes: "_Outcomes", app: str, waiting: list[StoredReport]) -> bool:
    """Send the waiting reports of one spool; whether all were sent."""
    spool = apps.spool_of(app)
    level = apps.level_of(app)
    if level.problem is not None:
        raise TelemetryLevelError(f"{level.problem}; nothing was sent")
    names = {report.name for report in waiting}
    summary = upload(
        spool.root,
        level,
        ask=lambda: apps.level_of(app),
        ignore_backoff=True,
        only=names,
        on_result=outcomes.on_result,
        recovered=True,
    )
    if summary.busy:
        outcomes.say(f"{app}: another process is sending right now; see `{output.command()} list`")
        return False
    _show_rest(outcomes, spool, waiting)
    level = apps.level_of(app)
    if level.problem is None and not level.sends_errors:
        recover.forget(spool)
    return not (summary.rejected or summary.left or summary.withheld)


def _show_rest(outcomes: "_Outcomes", spool: Spool, waiting: list[StoredReport]) -> None:
    """Show the outcome of the reports without an attempt."""
    deleted = {entry[2]: entry[3] for entry in journal.entries(spool.root) if entry[1] == "deleted"}
    for report in waiting:
        if report.event_id in outcomes.shown:
            continue
        if report.event_id in deleted:
            outcomes.say(f"{_name(report)}  deleted and not sent: {output.plain(deleted[report.event_id])}")
        elif report.dsn is None:
            outcomes.say(f"{_name(report)}  not sent: no destination was known when it crashed")
        else:
            outcomes.say(f"{_name(report)}  another process has handled it")


def _explain(out: Console, report: StoredReport) -> bool:
    """Say why a chosen report does not wait; whether it was sent."""
    entries = journal.entries(apps.spool_of(report.app).root)
    history = [entry for entry in entries if entry[2] == report.event_id]
    output.line(out, f"{_name(report)}  {view.fate(report, history)}")
    return report.state == paths.SENT


def _explain_local(out: Console, app: str | None) -> None:
    """Show how many reports stay on this machine, and why."""
    reasons: dict[str, int] = {}
    for name in apps.chosen(app):
        for report in stored.reports(apps.spool_of(name), paths.LOCAL):
            why = view.why_kept(report)
            reasons[why] = reasons.get(why, 0) + 1
    for why, number in reasons.items():
        output.line(out, f"{output.count(number, 'report stays', 'reports stay')} on this machine: {why}.")


def _name(report: StoredReport) -> str:
    return output.first_line(report.event_id[:8])


class _Outcomes:
    """Prints a line for each report, above the bar."""

    def __init__(self, out: Console, bar: Bar) -> None:
        self.shown: set[str] = set()
        self._out = out
        self._bar = bar

    def on_result(self, report: StoredReport, outcome: Outcome) -> None:
        """Print the outcome of one report; `upload` calls this."""
        self.shown.add(report.event_id)
        to = output.plain(config.without_key(report.dsn or ""))
        later = "; it is tried again later" if outcome.kind == RETRY else ""
        self.say(f"{_name(report)}  {_SAID[outcome.kind]} {to}: {output.plain(outcome.reason)}{later}")

    def say(self, line: str) -> None:
        """Print a line, and advance the bar."""
        output.line(self._out, line)
        self._bar.advance()
