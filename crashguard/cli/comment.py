"""`comment`: say what you were doing when it crashed, to those who get the report."""

import string
import sys

import click

from crashguard import config, paths, scrub
from crashguard.cli import apps, ids, output
from crashguard.cli.command import Command
from crashguard.exceptions import SpoolError, TelemetryLevelError
from crashguard.report import comment as comments
from crashguard.report import envelope
from crashguard.report.readable import plain
from crashguard.spool import journal
from crashguard.spool import reports as stored
from crashguard.spool.lock import Lock
from crashguard.spool.reports import StoredReport
from crashguard.transport import sentry
from crashguard.transport.http import SENT
from crashguard.transport.upload import why_withheld, write_again


@click.command(cls=Command, short_help="Say what you were doing when it crashed.")
@click.argument("event_id", metavar="[ID]", required=False, shell_complete=ids.offered)
@click.argument("text", metavar="[TEXT]", required=False)
@apps.option
@click.option("--yes", is_flag=True, help="Do not ask.")
def comment(event_id: str | None, text: str | None, app: str | None, yes: bool) -> None:
    """Add what you were doing to a report. ID is the beginning of its id; without one, the last crash.

    It asks for the text, takes secrets out of it, shows what is left, and asks. A report that waits takes
    the text along, and one that stays here keeps it for `crashguard issue`. To a report that was sent the
    text follows at once as Sentry's user feedback, if the telemetry level still allows it; a server that
    knows no feedback drops it. In a pipe the text is read from stdin.

    Example:
      crashguard comment c866ee94 "I had just changed the token"
    """
    apps.recover(app)
    if event_id is not None and text is None and not (event_id and set(event_id) <= set(string.hexdigits)):
        event_id, text = None, event_id  # the text alone, about the last crash
    report = ids.find(event_id, app)
    if report.state == paths.SENT:
        _check_level(report)
    said = _checked(_asked() if text is None else text)
    click.echo(f"{_what_happens(report)}\n\n{said}\n")
    if not yes:
        if not sys.stdin.isatty():
            raise click.UsageError("without a terminal nobody can be asked; give --yes to add this text")
        click.confirm("Add it?", abort=True, err=True)
    click.echo(_added(report, said))


def _asked() -> str:
    if sys.stdin.isatty():
        answer: str = click.prompt("What were you doing", err=True)
        return answer
    # A character has at most four bytes; what is longer is too long anyway.
    return sys.stdin.buffer.read(4 * comments.MOST + 1).decode("utf-8", "replace")


def _checked(text: str) -> str:
    """The text as it may leave, which is how it is shown."""
    text = "\n".join(text.replace("\t", " ").strip().splitlines())
    if not text:
        raise click.UsageError("give a text")
    if len(text) > comments.MOST:
        raise click.UsageError(f"a comment has at most {comments.MOST:,} characters")
    return plain(scrub.scrub_text(text))[: comments.MOST]


def _what_happens(report: StoredReport) -> str:
    to = output.plain(config.without_key(report.dsn or ""))
    if report.state == paths.SENT:
        return f"This is sent to {to} now:"
    if report.state == paths.WAITING and to:
        return f"This goes along with the report to {to}:"
    return "The report stays on this machine, and this with it:"


def _added(report: StoredReport, text: str) -> str:
    """Add the text to the report, or send it after the report; what was done, as a sentence."""
    spool = apps.spool_of(report.app)
    with Lock(spool.root) as mine:
        if not mine:
            raise SpoolError("another process is sending right now; try again in a moment")
        # It may have been sent, or deleted, while the person was asked.
        report = stored.find(report.event_id, report.app)
        if report.state == paths.SENT:
            return _sent(report, text)
        try:
            comments.add(report.event, text)
        except ValueError as error:
            raise click.ClickException(str(error)) from None
        write_again(spool, report, envelope.seal(report.event, report.dsn), durable=True)
    return f"Added. See it: {output.command()} show {report.event_id[:8]}"


def _check_level(report: StoredReport) -> None:
    """Refuse to send anything after a report, where its tool's telemetry level does not allow it now."""
    level = apps.level_of(report.app)
    if level.problem is not None:
        raise TelemetryLevelError(f"{level.problem}; nothing was sent")
    refused = why_withheld(report, level)
    if refused is not None:
        raise click.ClickException(f"nothing was sent: {refused}")


def _sent(report: StoredReport, text: str) -> str:
    _check_level(report)
    dsn = str(report.dsn)

    def still() -> bool:
        return why_withheld(report, apps.level_of(report.app)) is None

    outcome = sentry.send(comments.feedback(report.event_id, text, dsn), dsn, still=still)
    to = output.plain(config.without_key(dsn))
    if outcome.kind != SENT:
        raise click.ClickException(f"it was not sent to {to}: {output.plain(outcome.reason)}")
    journal.note(apps.spool_of(report.app).root, journal.COMMENTED, report.event_id, outcome.reason)
    return f"Sent to {to}. A server that knows no user feedback, as Bugsink, answers the same and drops it."
