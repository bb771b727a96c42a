"""Reports by the first digits of their ids: found, shortened for people, and offered by a shell after Tab."""

from collections.abc import Iterable

import click
from click.shell_completion import CompletionItem

from crashguard.cli import apps, output, view
from crashguard.cli.terminal import Console
from crashguard.exceptions import SpoolError
from crashguard.spool import reports
from crashguard.spool.reports import StoredReport

_DIGITS = 8  # as in the note
_WIDE = 120  # columns from which a whole id takes no room from the rest


def newest_first(app: str | None) -> list[StoredReport]:
    """The reports of one app, or of all, newest first."""
    found = [report for name in apps.chosen(app) for report in reports.reports(apps.spool_of(name))]
    return sorted(found, key=lambda report: report.seconds, reverse=True)


def find(event_id: str | None, app: str | None) -> StoredReport:
    """The report whose id begins with the given digits; without digits the last one.

    Raises:
        SpoolError: There is no such report, or there are several.
    """
    if event_id is not None:
        return reports.find(event_id, *apps.chosen(app))
    found = newest_first(app)
    if not found:
        raise SpoolError(f"there is no report{f' of {app}' if app else ''} on this machine{why_none(app)}")
    return found[0]


def why_none(app: str | None) -> str:
    """Why there may be no report, after a statement that there is none: the telemetry level refuses them."""
    level = apps.level_of(app) if app else apps.level_of_all()
    if level.problem is not None:
        return f": {output.plain(level.problem)}"
    return "" if level.sends_errors else f": telemetry level {level.value} ({level.source}) keeps none"


def shown(out: Console, found: Iterable[str]) -> list[str]:
    """These ids as a table shows them: whole, and where that is too wide, the digits that tell them apart."""
    ids = list(found)
    most = _digits(ids) if output.columns(out) < _WIDE else None
    return [output.first_line(each[:most]) for each in ids]


def _digits(found: list[str]) -> int:
    ids = set(found)
    return next((most for most in range(_DIGITS, 32) if len({each[:most] for each in ids}) == len(ids)), 32)


def offered(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The ids that begin with what was typed, newest first, each with its report's title.

    A command of a tool's own has the tool as a fixed argument, and offers no other tool's reports.
    """
    fixed = getattr(context.command.callback, "keywords", {})
    found = newest_first(context.params.get("app") or fixed.get("app"))
    most = _digits([report.event_id for report in found])
    return [
        CompletionItem(output.first_line(report.event_id[:most]), help=view.title(report))
        for report in found
        if report.event_id.startswith(incomplete.lower())
    ]
