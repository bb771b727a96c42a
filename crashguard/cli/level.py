"""`level`: shows the telemetry level, and saves a choice."""

import os
from collections.abc import Collection
from datetime import UTC, datetime

import click

from crashguard import paths, telemetry_level
from crashguard.cli import apps, levels, output
from crashguard.cli.command import Command
from crashguard.cli.terminal import Console
from crashguard.consent import choices
from crashguard.recovery import recover
from crashguard.spool import lock
from crashguard.stats import withdraw


@click.command(cls=Command)
@click.argument("value", required=False, type=click.Choice(telemetry_level.CHOICES))
@click.option("--app", metavar="NAME", help="Only for this app.", shell_complete=apps.offered)
@click.option("--yes", is_flag=True, help="Also for an app that has not been seen on this machine.")
@click.option(
    "--machine", is_flag=True, help="Save VALUE for every user of this machine, as its administrator."
)
@click.option("--final", is_flag=True, help="With --machine: nobody's choice, variable or flag allows more.")
@click.option("as_json", "--json", is_flag=True, help="Print JSON, for programs.")
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
            more = {"apps": {name: levels.as_json(each) for name, each in others.items()}} if others else {}
            output.write_json({**levels.as_json(found), **more})
            return
        rows = levels.rows(found, app)
        rows += [(name, levels.line(each)) for name, each in others.items()]
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
