"""`list`, `show` and `purge`: the reports and stats on this machine."""

import os
import sys

import click

from crashguard import paths
from crashguard.cli import apps, html, ids, output, stats, view
from crashguard.cli.command import Command
from crashguard.exceptions import SpoolError
from crashguard.report import markdown
from crashguard.spool import Folder, journal, lock, store
from crashguard.spool.reports import StoredReport
from crashguard.spool.store import Spool


@click.command("list", cls=Command, short_help="List the reports and stats on this machine.")
@apps.option
@click.option("--json", "as_json", is_flag=True, help="One JSON array, for programs.")
def list_reports(app: str | None, as_json: bool) -> None:
    """List the reports on this machine, newest first, and the stats below them.

    A report has one of these states:
      waiting    to be sent
      local      never to be sent; `crashguard show` says why
      sent       has left this machine
      rejected   the server refused it

    Every command takes an ID by its first digits. On a terminal WHAT is cut to the width, and one of less
    than 120 columns shows eight digits, or as many as differ; in a pipe nothing is cut.

    Example:
      crashguard list --app mytool
    """
    apps.recover(app)
    found = ids.newest_first(app)
    out = output.console()
    records = stats.of_apps(app)
    if as_json:
        entries = [_summary(report) for report in found] + [stats.summary(record) for record in records]
        output.write_json(entries)
        return
    if not found:
        output.line(out, f"No reports{f' of {app}' if app else ''}{ids.why_none(app)}.")
    else:
        rows = [
            (
                known,
                output.when_short(report.seconds),
                view.release(report)[:30],
                report.state,
                str(view.occurrences(report)),
                view.title(report),
            )
            for known, report in zip(ids.shown(out, (each.event_id for each in found)), found, strict=True)
        ]
        output.table(out, ("ID", "WHEN", "RELEASE", "STATE", "TIMES", "WHAT"), rows, ("RELEASE", "WHEN"))
    if records:
        out.print()
        stats.table(out, records)


def _summary(report: StoredReport) -> dict[str, object]:
    return {
        "kind": "crash",
        "id": report.event_id,
        "app": report.app,
        "release": view.release(report),
        "state": report.state,
        "seconds": report.seconds,
        "occurrences": view.occurrences(report),
        "title": view.title(report),
        "path": report.path,
    }


@click.command(cls=Command)
@click.argument("event_id", metavar="[ID]", required=False, shell_complete=ids.offered)
@apps.option
@click.option("--json", "as_json", is_flag=True, help="The envelope itself, byte for byte what leaves.")
@click.option("--markdown", "as_markdown", is_flag=True, help="The text for an issue.")
@click.option("--html", "as_html", is_flag=True, help="One HTML file, to look at in a browser.")
def show(event_id: str | None, app: str | None, as_json: bool, as_markdown: bool, as_html: bool) -> None:
    """Show one report, or one record of stats. ID is the beginning of its id; without one, the last report.

    With --json: only the bytes that would leave this machine, or have left it. The first line of a
    report's file names the destination, the last line is the report.

    Example:
      crashguard show c866ee94
    """
    if as_json + as_markdown + as_html > 1:
        raise click.UsageError("give one of --json, --markdown and --html")
    apps.recover(app)
    record = None if event_id is None else stats.find(event_id, app)
    if record is not None:
        if as_markdown or as_html:
            raise click.UsageError("a record of stats has no --markdown and no --html")
        if as_json:
            _write(record.data + b"\n")
        else:
            stats.draw(output.console(), record)
        return
    report = ids.find(event_id, app)
    if as_json:
        _write(report.data)
        return
    if as_markdown:
        click.echo(markdown.of(report.event), nl=False)
        return
    history = [
        entry for entry in journal.entries(apps.spool_of(report.app).root) if entry[2] == report.event_id
    ]
    if as_html:
        click.echo(html.page(report, view.fate(report, history)))
        return
    view.draw(output.console(), report, history)


def _write(data: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


@click.command(cls=Command, short_help="Delete reports and stats from this machine.")
@click.argument("event_ids", metavar="[ID]...", nargs=-1, shell_complete=ids.offered)
@apps.option
@click.option("--state", type=click.Choice([*store.KEPT, paths.BROKEN]), help="Only reports in this state.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def purge(event_ids: tuple[str, ...], app: str | None, state: str | None, yes: bool) -> None:
    """Delete reports and stats from this machine: those with the given IDs, of one app or state, or all.

    Reports that were sent stay on the server. The command asks first; without a terminal it needs --yes.

    Example:
      crashguard purge --app mytool --state sent
    """
    apps.recover(app)
    if event_ids:
        if state is not None:
            raise click.UsageError("give IDs or --state, not both")
        _purge(_meant(event_ids, app), yes)
        return
    states = (state,) if state else (*store.KEPT, paths.BROKEN)
    spools = [apps.spool_of(name) for name in apps.chosen(app)]
    folders = [*spools, *(records for spool in spools for records in stats.folders(spool.root))]
    _purge(
        [(folder, each, name) for folder in folders for each in states for name in folder.names(each)], yes
    )


_File = tuple[Folder, str, str]  # the state and the name


def _meant(event_ids: tuple[str, ...], app: str | None) -> list[_File]:
    """The reports and the records of stats with these ids.

    Raises:
        SpoolError: One of them is not there; then nothing is deleted.
    """
    found: dict[str, _File] = {}
    for event_id in event_ids:
        record = stats.find(event_id, app)
        if record is not None:
            found[record.path] = (stats.folder_of(record), record.state, record.name)
        else:
            report = ids.find(event_id, app)
            found[report.path] = (apps.spool_of(report.app), report.state, report.name)
    return list(found.values())


def _purge(found: list[_File], yes: bool) -> None:
    if not found:
        click.echo("There is nothing to delete.")
        return
    if not yes:
        what = _counted([folder for folder, _, _ in found])
        if not sys.stdin.isatty():
            raise click.UsageError(f"{what} would be deleted; give --yes to delete without a question.")
        click.confirm(f"Delete {what}?", abort=True, err=True)
    is_sending = any(lock.is_held(root) for root in {folder.root for folder, _, _ in found})
    gone = [folder for folder, state, name in found if folder.discard(name, state, "purged")]
    click.echo(f"{_counted(gone)} deleted.")
    if is_sending and gone:
        click.echo(output.MAY_HAVE_LEFT)
    left = [
        os.path.join(folder.folder(state), name)
        for folder, state, name in found
        if name in folder.names(state)
    ]
    if left:
        raise SpoolError(f"{len(left)} could not be deleted: {output.short_path(left[0])}")


def _counted(folders: list[Folder]) -> str:
    """The numbers of reports and of records of stats that lie in these folders; a zero is left out."""
    reports = sum(isinstance(folder, Spool) for folder in folders)
    records = len(folders) - reports
    parts = [output.count(reports, "report")] if reports or not records else []
    if records:
        parts.append(output.count(records, "record of stats", "records of stats"))
    return " and ".join(parts)
