"""`status`: the telemetry level, what decided it, and the reports on this machine."""

import os
import time
from collections import Counter
from datetime import UTC, datetime

import click

from crashguard import config, paths, telemetry_level
from crashguard.cli import apps, levels, machine, output, stats
from crashguard.cli.command import Command
from crashguard.consent import choices
from crashguard.spool import journal, lock, reports, store
from crashguard.telemetry_level import TelemetryLevel
from crashguard.transport import backoff, hold

# The text for each outcome in the journal, of one and of several.
_OUTCOMES = {
    "sent": ("sent", "sent"),
    "rejected": ("rejected by the server", "rejected by the server"),
    "retry": ("failed attempt", "failed attempts"),
    "suppressed": ("suppressed as a repetition", "suppressed as repetitions"),
    "deleted": ("deleted", "deleted"),
    "withdrawn": ("deleted before it left", "deleted before they left"),
    "broken": ("broken file set aside", "broken files set aside"),
    "killed": ("run that was killed", "runs that were killed"),
    journal.COMMENTED: ("comment sent", "comments sent"),
}


@click.command(cls=Command, short_help="Show the telemetry level and the reports on this machine.")
@apps.option
@click.option("as_json", "--json", is_flag=True, help="Print JSON, for programs.")
def status(app: str | None, *, as_json: bool) -> None:
    """Show the telemetry level, its source, and the reports on this machine.

    For each app that has reports: the telemetry level and its source, the folder, the number of reports
    in each state, the outcomes so far, and the destination of the reports that wait.

    Example:
      crashguard status
    """
    out = output.console()
    apps.recover(app)
    names = apps.chosen(app)
    if app is None:  # a tool that was told to be silent may have left nothing
        names = sorted({*names, *choices.apps(), *telemetry_level.named_in(os.environ)})
    first = apps.level_of_all() if app is None else apps.level_of(app)
    if as_json:
        each = {name: _App(name).as_json() for name in names}
        output.write_json({"telemetry_level": levels.as_json(first), "apps": each})
        return
    output.pairs(out, levels.rows(first, app), indent=0)
    if not any(os.path.isdir(apps.spool_of(name).root) for name in names):
        whose = f"No reports of {app}" if app else "No reports"
        where = output.short_path(paths.spool_dir(app) if app else paths.state_dir())
        why = "nothing has crashed, or the telemetry level did not allow a report"
        none = paths.why_none()
        lie = f"They would lie in {where}" if none is None else machine.FROM_MEMORY
        output.line(out, f"\n{whose}: {why}.\n{lie}")
        unsafe = [paths.why_not_used(app), none]
        rows = [("not used", output.plain(each)) for each in dict.fromkeys(unsafe) if each is not None]
        output.pairs(out, [*rows, *([("", paths.REMEDY)] if rows else [])], indent=0)
        names = [name for name in names if name in (*choices.apps(), *telemetry_level.named_in(os.environ))]
    for name in names:
        out.print(f"\n{output.plain(name)}", style="bold")
        output.pairs(out, _App(name).rows(first))


class _App:
    """What `status` tells of one app, in rows and in JSON."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.spool = apps.spool_of(name)
        self.level = apps.level_of(name)
        self.root = self.spool.root
        self.not_used = paths.why_not_used(name)
        self.entries = journal.entries(self.root)
        found = reports.reports(self.spool)
        self.states = Counter(report.state for report in found)
        for state in (paths.RECORDING, paths.BROKEN):
            self.states[state] = len(self.spool.names(state))
        self.waiting = [report for report in found if report.state == paths.WAITING]

    @property
    def outcomes(self) -> Counter[str]:
        """How often each outcome stands in the journal."""
        return Counter(outcome for _, outcome, _, _ in self.entries)

    @property
    def destinations(self) -> list[str]:
        """Where the reports that wait go to, without a key; an empty text for nowhere."""
        return [config.without_key(dsn) for dsn in sorted({report.dsn or "" for report in self.waiting})]

    @property
    def last_failure(self) -> str | None:
        """Why the last attempt to send failed; None where nothing waits or none failed."""
        failed = (reason for _, outcome, _, reason in reversed(self.entries) if outcome == "retry")
        return next(failed, None) if self.waiting else None

    def as_json(self) -> dict[str, object]:
        not_before = backoff.not_before(self.root)
        return {
            "telemetry_level": levels.as_json(self.level),
            "folder": self.root,
            "not_used": self.not_used,
            "reports": {state: self.states[state] for state in store.STATES},
            "stats": stats.figures(self.name),
            "held": hold.is_held(self.root),
            "outcomes": dict(self.outcomes),
            "destinations": self.destinations,
            "last_failure": self.last_failure,
            "not_before": _iso(not_before) if self.waiting and not_before > time.time() else None,
            "in_the_way": [*lock.in_its_place(self.root), *self.spool.moved_away()],
        }

    def rows(self, said: TelemetryLevel) -> list[tuple[str, str]]:
        """The rows of the text form.

        Args:
            said: The telemetry level that was told already.
        """
        rows = []
        if os.path.isdir(self.root):
            states = [f"{self.states[state]} {state}" for state in store.STATES if self.states[state]]
            rows = [("folder", output.short_path(self.root)), ("reports", ", ".join(states) or "none")]
        if levels.line(self.level) != levels.line(said):
            overridden = levels.overridden(self.level, self.name)
            rows = [("telemetry level", levels.line(self.level)), *overridden, *rows]
        if self.not_used is not None:
            rows.append(("not used", f"{output.plain(self.not_used)}; {paths.REMEDY}"))
        if self.outcomes:
            figures = [
                output.count(number, *_OUTCOMES.get(outcome, (output.plain(outcome),) * 2))
                for outcome, number in self.outcomes.items()
            ]
            rows.append(("so far", ", ".join(figures)))
        rows += stats.status_rows(self.name)
        rows += [("lock", machine.in_its_place(path)) for path in lock.in_its_place(self.root)]
        rows += [("moved away", machine.in_place_of_a_folder(path)) for path in self.spool.moved_away()]
        nowhere = "nowhere: no destination was known when it crashed"
        rows += [("goes to", output.plain(to) if to else nowhere) for to in self.destinations]
        own = os.environ.get("CRASHGUARD_DSN")
        if own and config.is_dsn(own):
            rows.append(("new ones to", f"{output.plain(config.without_key(own))} (CRASHGUARD_DSN)"))
        if self.last_failure is not None:
            rows.append(("last attempt", output.plain(self.last_failure)))
        if self.waiting:
            rows.append(("next attempt", _next_attempt(self.root)))
        return rows


def _next_attempt(root: str) -> str:
    held = hold.seconds_left(root)
    if held:
        own = output.command()
        return f"in {output.duration(held)}: the first report waits for a no, as by `{own} level none`"
    at = backoff.not_before(root)
    if at <= time.time():
        return f"when the app runs again, or now: `{output.command()} send`"
    wait = output.duration(at - time.time())
    return f"not before {output.when(at)}, in {wait}: the last attempt failed or the server asked to wait"


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
