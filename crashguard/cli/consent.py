"""`status` and `level`: the telemetry level, what decided it, and the reports on this machine."""

import os
import time
from collections import Counter
from collections.abc import Collection
from datetime import UTC, datetime

import click

from crashguard import config, paths, telemetry_level
from crashguard.cli import apps, machine, output, stats
from crashguard.cli.command import Command
from crashguard.cli.terminal import Console
from crashguard.consent import choices
from crashguard.recovery import recover
from crashguard.spool import journal, lock, reports, store
from crashguard.spool.store import Spool
from crashguard.stats import withdraw
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


_json = click.option("as_json", "--json", is_flag=True, help="Print JSON, for programs.")


@click.command(cls=Command, short_help="Show the telemetry level and the reports on this machine.")
@apps.option
@_json
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
        output.write_json(_as_json(first, names))
        return
    output.pairs(
        out,
        [("telemetry level", _level(first)), ("", _meaning(first)), *_overridden(first, app)],
        indent=0,
    )
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
        output.pairs(out, _of_app(name, apps.spool_of(name), first))


def _as_json(first: TelemetryLevel, names: list[str]) -> dict[str, object]:
    return {
        "telemetry_level": _level_as_json(first),
        "apps": {
            name: {
                "telemetry_level": _level_as_json(apps.level_of(name)),
                "folder": apps.spool_of(name).root,
                "reports": {
                    state: len(apps.spool_of(name).names(state)) for state in (paths.RECORDING, *store.STATES)
                },
                "held": hold.is_held(apps.spool_of(name).root),
            }
            for name in names
        },
    }


def _level_as_json(level: TelemetryLevel) -> dict[str, object]:
    return {
        "value": level.value,
        "source": level.source,
        "since": level.since,
        "path": level.path,
        "problem": level.problem,
    }


def _of_app(app: str, spool: Spool, said: TelemetryLevel) -> list[tuple[str, str]]:
    found = reports.reports(spool)
    counts = Counter(report.state for report in found)
    for state in (paths.RECORDING, paths.BROKEN):
        counts[state] = len(spool.names(state))
    states = [f"{counts[state]} {state}" for state in store.STATES if counts[state]]
    level = apps.level_of(app)
    rows = []
    if os.path.isdir(spool.root):
        rows = [("folder", output.short_path(spool.root)), ("reports", ", ".join(states) or "none")]
    if _level(level) != _level(said):  # else it has been said above
        rows = [("telemetry level", _level(level)), *_overridden(level, app), *rows]
    unsafe = paths.why_not_used(app)
    if unsafe is not None:
        rows.append(("not used", f"{output.plain(unsafe)}; {paths.REMEDY}"))
    entries = journal.entries(spool.root)
    happened = Counter(outcome for _, outcome, _, _ in entries)
    if happened:
        figures = [
            output.count(number, *_OUTCOMES.get(outcome, (output.plain(outcome),) * 2))
            for outcome, number in happened.items()
        ]
        rows.append(("so far", ", ".join(figures)))
    rows += stats.status_rows(app)
    rows += [("lock", machine.in_its_place(path)) for path in lock.in_its_place(spool.root)]
    rows += [("moved away", machine.in_place_of_a_folder(path)) for path in spool.moved_away()]
    waiting = [report for report in found if report.state == paths.WAITING]
    for dsn in sorted({report.dsn or "" for report in waiting}):
        to = (
            output.plain(config.without_key(dsn))
            if dsn
            else "nowhere: no destination was known when it crashed"
        )
        rows.append(("goes to", to))
    own = os.environ.get("CRASHGUARD_DSN")
    if own and config.is_dsn(own):
        rows.append(("new ones to", f"{output.plain(config.without_key(own))} (CRASHGUARD_DSN)"))
    failed = next((reason for _, outcome, _, reason in reversed(entries) if outcome == "retry"), None)
    if waiting and failed is not None:
        rows.append(("last attempt", output.plain(failed)))
    if waiting:
        rows.append(("next attempt", _next_attempt(spool.root)))
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


def _level(level: TelemetryLevel) -> str:
    if level.problem is not None:
        return f"none: {output.plain(level.problem)}"
    since = f", since {output.when_iso(level.since)}" if level.since else ""
    where = f", in {output.short_path(level.path)}" if level.path else ""
    return f"{level.value} ({level.source}{since}{where})"


def _meaning(level: TelemetryLevel) -> str:
    if level.problem is not None:
        return "nothing is recorded or sent until this value is corrected"
    return {
        "none": "nothing is recorded or sent",
        "stats": "stats may be sent; crashes are not recorded",
        "errors": "crash reports may be sent, stats may not",
        "all": "crash reports and stats may be sent",
    }[level.value]


def _overridden(level: TelemetryLevel, app: str | None) -> list[tuple[str, str]]:
    """Rows about choices that do not count now; no row without one."""
    rows = [("", output.plain(sentence)) for sentence in choices.not_believed(app)]
    saved = telemetry_level.saved_choice(app, strict=False)
    if saved is None or level.path == saved.path or level.problem is not None:
        return rows
    return [*rows, ("", f"the saved choice, {saved.value}, does not count while {level.source} is set")]


@click.command(cls=Command)
@click.argument("value", required=False, type=click.Choice(telemetry_level.CHOICES))
@click.option("--app", metavar="NAME", help="Only for this app.", shell_complete=apps.offered)
@click.option("--yes", is_flag=True, help="Also for an app that has not been seen on this machine.")
@click.option(
    "--machine", is_flag=True, help="Save VALUE for every user of this machine, as its administrator."
)
@click.option("--final", is_flag=True, help="With --machine: nobody's choice, variable or flag allows more.")
@_json
def level(
    value: str | None, app: str | None, *, yes: bool, machine: bool, final: bool, as_json: bool
) -> None:
    """Show your telemetry level, or save VALUE as your choice.

      none     nothing is recorded or sent
      stats    stats may be sent, crashes are not recorded
      errors   crash reports may be sent, stats may not
      all      both (the default)

    A choice counts from now on. What a choice for one tool refuses, a later choice for every tool does not
    allow: the lower of both counts. If a choice refuses crash reports or stats, those that wait to be sent
    are deleted. The licensing data of premium integrations is part of a contract and does not depend on it.

    Example:
      crashguard level none
    """
    out = output.console()
    if app is not None:
        apps.check(app)
    _check(value, app, machine=machine, final=final)
    if value is None:
        found = apps.level_of(app) if app else apps.level_of_all()
        named = telemetry_level.named_in(os.environ) if app is None else []
        others = {name: apps.level_of(name) for name in named}
        if as_json:
            more = {"apps": {name: _level_as_json(each) for name, each in others.items()}} if others else {}
            output.write_json({**_level_as_json(found), **more})
            return
        rows = [("telemetry level", _level(found)), ("", _meaning(found)), *_overridden(found, app)]
        rows += [(name, _level(each)) for name, each in others.items()]
        output.pairs(out, rows, indent=0)
        return
    if app is not None and not yes and not apps.is_known(app):
        raise click.UsageError(
            f"no tool named {app} has been seen on this machine; nothing was saved. If the name is right: "
            f"`{output.command()} level {value} --app {app} --yes`"
        )
    since = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    single: dict[str, tuple[str, str]] = {}
    if machine:
        path = _save_for_machine(value, since=since, final=final)
        scope = "for every user of this machine"
    else:
        single = choices.of_single_tools(value) if app is None else {}
        path = _save(value, since=since, app=app)
        scope = f"for {app}" if app else "for every tool that uses crashguard"
    if as_json:
        output.write_json({"saved": value, "path": path})
        out.quiet = True
    output.line(out, f"Saved: {value}, {scope}, in {output.short_path(path)}")
    for name, (before, after) in single.items():
        for sentence in _of_single(name, value, before, after):
            output.line(out, sentence)
    _delete_what_waits(out, value, app)
    for stronger in _stronger(value, app, single):
        output.line(output.console(stderr=True), stronger)


def _of_single(name: str, value: str, before: str, after: str) -> list[str]:
    """What a choice for every tool has made of the choice for a single one, where they differ."""
    if before == value:
        return []
    if after == value:
        return [f"It takes the place of the choice for {name}, which was {before}."]
    kept = "keeps" if after == before else f"had {before} and has now"
    own = output.command()
    return [f"{name} {kept} {after}, its own choice; to allow it too: `{own} level {value} --app {name}`"]


def _delete_what_waits(out: Console, value: str, app: str | None) -> None:
    """Delete what the new choice refuses, and say how much that was."""
    is_sending = any(map(_is_sending, apps.chosen(app)))
    if value not in ("errors", "all"):
        gone = sum(recover.withdraw(apps.spool_of(name)) for name in apps.chosen(app))
        out.print(
            f"{output.count(gone, 'report')} that waited to be sent: deleted."
            if gone
            else "No report waited to be sent."
        )
    if value not in ("stats", "all"):
        gone = sum(withdraw(apps.spool_of(name).root) for name in apps.chosen(app))
        if gone:
            out.print(f"{output.count(gone, 'record')} of stats that waited to be sent: deleted.")
    if is_sending and value != "all":
        output.line(out, output.MAY_HAVE_LEFT)
    if value not in ("errors", "all"):
        for name in apps.chosen(app):
            apps.spool_of(name).forget()


def _save(value: str, *, since: str, app: str | None) -> str:
    """Save the user's choice.

    Raises:
        ClickException: The disk does not take it.
    """
    try:
        return choices.save_choice(value, since=since, app=app)
    except OSError as error:
        where = output.short_path(str(error.filename or paths.config_dir()))
        why = f"{where}: {error.strerror or error}"
        raise click.ClickException(f"{why}; nothing was saved. {choices.IN_ITS_PLACE}") from error


def _is_sending(app: str) -> bool:
    """Whether a process sends this app's reports or stats right now."""
    root = apps.spool_of(app).root
    return any(map(lock.is_held, [root, *(os.path.join(root, kind) for kind in paths.STATS)]))


def _check(value: str | None, app: str | None, *, machine: bool, final: bool) -> None:
    """Refuse options that do not belong together.

    Raises:
        UsageError: They contradict each other.
    """
    if machine and app is not None:
        raise click.UsageError("--machine is for every tool; give it without --app")
    if machine and value is None:
        raise click.UsageError("--machine: give the VALUE to save, as in `level --machine none`")
    if final and not machine:
        raise click.UsageError("--final belongs to --machine")


def _save_for_machine(value: str, *, since: str, final: bool) -> str:
    """Save the machine's choice.

    Raises:
        ClickException: This user is not the administrator.
    """
    try:
        return choices.save_machine_choice(value, since=since, final=final)
    except PermissionError as error:
        raise click.ClickException(
            f"{error.filename} can only be written by the administrator; nothing was saved"
        ) from None


def _stronger(value: str, app: str | None, told: Collection[str]) -> list[str]:
    """What says something else here than the choice that was just saved, and counts in its place.

    Args:
        value: The choice.
        app: The tool that it is for; None for all.
        told: The tools of whose own choice the person has just read.
    """
    levels = {name: apps.level_of(name) for name in apps.chosen(app)}
    found = [
        each for name, each in levels.items() if name not in told or each.source != telemetry_level.SAVED
    ]
    if app is None:
        found.append(apps.level_of_all())
    stronger = {each.source: each for each in found if each.value != value}
    return [
        f"But {source} counts here in its place: "
        + (output.plain(each.problem) if each.problem else each.value)
        for source, each in stronger.items()
    ]
