"""`list`, `show` and `purge`: the reports and stats on this machine."""

import json
import os
import sys

import click

from crashguard import paths
from crashguard.cli import apps, output, stats, view
from crashguard.cli.command import Command
from crashguard.spool import journal, reports, store
from crashguard.spool.reports import StoredReport


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

    Example:
      crashguard list --app mytool
    """
    apps.recover(app)
    found = sorted(
        (report for name in apps.chosen(app) for report in reports.reports(apps.spool_of(name))),
        key=lambda report: report.seconds,
        reverse=True,
    )
    out = output.console()
    records = stats.of_apps(app)
    if as_json:
        entries = [_summary(report) for report in found] + [stats.summary(record) for record in records]
        sys.stdout.write(json.dumps(entries, indent=2) + "\n")
        return
    if not found:
        out.print(f"No reports{f' of {app}' if app else ''}.")
    else:
        rows = [
            (
                output.first_line(report.event_id[:8]),
                output.when_short(report.seconds),
                view.release(report)[:30],
                report.state,
                str(view.occurrences(report)),
                view.title(report),
            )
            for report in found
        ]
        output.table(out, ("ID", "WHEN", "RELEASE", "STATE", "TIMES", "WHAT"), rows)
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
@click.argument("event_id", metavar="ID")
@apps.option
@click.option("--json", "as_json", is_flag=True, help="The envelope itself, byte for byte what leaves.")
def show(event_id: str, app: str | None, as_json: bool) -> None:
    """Show one report, or one record of stats. ID is the beginning of its id.

    With --json: only the bytes that would leave this machine, or have left it. The first line of a
    report's file names the destination, the last line is the report.

    Example:
      crashguard show c866ee94
    """
    record = stats.find(event_id, app)
    if record is not None:
        if as_json:
            _write(record.data + b"\n")
        else:
            stats.draw(output.console(), record)
        return
    report = find(event_id, app)
    if as_json:
        _write(report.data)
        return
    history = [
        entry for entry in journal.entries(apps.spool_of(report.app).root) if entry[2] == report.event_id
    ]
    view.draw(output.console(), report, history)


def _write(data: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def find(event_id: str, app: str | None) -> StoredReport:
    """The report whose id begins with the given digits.

    Raises:
        SpoolError: No report's id begins so, or several do.
    """
    return reports.find(event_id, *apps.chosen(app))


@click.command(cls=Command, short_help="Delete reports and stats from this machine.")
@apps.option
@click.option("--state", type=click.Choice([*store.KEPT, paths.BROKEN]), help="Only reports in this state.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def purge(app: str | None, state: str | None, yes: bool) -> None:
    """Delete reports and stats from this machine: all of them, or those of one app or state.

    Reports that were sent stay on the server. The command asks first; without a terminal it needs --yes.

    Example:
      crashguard purge --app mytool --state sent
    """
    states = (state,) if state else (*store.KEPT, paths.BROKEN)
    apps.recover(app)
    spools = [apps.spool_of(name) for name in apps.chosen(app)]
    found = [(spool, each, name) for spool in spools for each in states for name in spool.names(each)]
    names = apps.chosen(app)
    records = sum(
        counts.get(each, 0) for name in names for counts in stats.counts(name).values() for each in states
    )
    if not found and not records:
        click.echo("There is nothing to delete.")
        return
    if not yes:
        what = _counted(len(found), records)
        if not sys.stdin.isatty():
            raise click.UsageError(f"{what} would be deleted; give --yes to delete without a question.")
        click.confirm(f"Delete {what}?", abort=True, err=True)
    gone = sum(spool.discard(name, each, "purged") for spool, each, name in found)
    gone_records = sum(stats.purge(name, states=states) for name in names) if records else 0
    click.echo(f"{_counted(gone, gone_records)} deleted.")
    left = [
        os.path.join(spool.folder(each), name) for spool, each, name in found if name in spool.names(each)
    ]
    if left:
        raise click.ClickException(f"{len(left)} could not be deleted: {output.short_path(left[0])}")


def _counted(reports: int, records: int) -> str:
    """The numbers of reports and of records of stats; a zero is left out."""
    parts = [output.count(reports, "report")] if reports or not records else []
    if records:
        parts.append(output.count(records, "record of stats", "records of stats"))
    return " and ".join(parts)
