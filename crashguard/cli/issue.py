"""`issue`: report a crash in the tool's issue tracker, by a form in the browser that the person sends."""

import sys

import click

from crashguard.cli import apps, desktop, ids, issue_form, output
from crashguard.cli.command import Command
from crashguard.client import current_config
from crashguard.report import markdown


@click.command(cls=Command, short_help="Report a crash in the tool's issue tracker, in your browser.")
@click.argument("event_id", metavar="[ID]", required=False, shell_complete=ids.offered)
@apps.option
@click.option("--yes", is_flag=True, help="Do not ask.")
def issue(event_id: str | None, app: str | None, yes: bool) -> None:
    """Report a crash in the tool's issue tracker. ID is the beginning of its id; without one, the last crash.

    It shows the text, asks, copies the text to the clipboard and opens the form in your browser. crashguard
    sends nothing: you do, there. Without a browser, or in a pipe, it prints the addresses.

    Example:
      crashguard issue c866ee94
    """
    apps.recover(app)
    report = ids.find(event_id, app)
    url = _issue_url(report.app)
    if url is None:
        raise click.ClickException(
            f"{report.app} names no issue tracker. The text of an issue: "
            f"{output.command()} show {report.event_id[:8]} --markdown"
        )
    body = markdown.of(report.event)
    form, search = issue_form.form(url, report.event), issue_form.search(url, report.event)
    click.echo(f"{markdown.title(report.event)}\n\n{body}")
    asks = sys.stdin.isatty() and not yes
    if search is not None:
        if asks and click.confirm("Look first whether it is known?", default=True, err=True):
            _open(search)
        else:
            click.echo(f"Is it known? {search}")
    if not asks and not yes:
        click.echo(f"Report it: {form}")
        return
    question = "Open the form with this text? Nothing is sent before you send it there."
    if yes or click.confirm(question, err=True):
        is_copied = desktop.copy(body)
        if is_copied:
            click.echo("The text is on the clipboard.")
        if _open(form):  # a browser says nothing of a display that is gone
            text = (
                "the text"
                if is_copied
                else f"what `{output.command()} show {report.event_id[:8]} --markdown` prints"
            )
            click.echo(f"If nothing opened, paste {text} there: {url.partition('?')[0]}")


def _open(url: str) -> bool:
    """Open an address in the browser, or print it; whether there is a browser."""
    if desktop.open_browser(url):
        click.echo("Your browser was asked to open the form.")
        return True
    click.echo(f"No browser was found here. Open: {url}")
    return False


def _issue_url(app: str) -> str | None:
    """Where this app's issues go, as its install() said: here, or when it recorded its last report."""
    config = current_config()
    if config is not None and config.app == app and config.issue_url is not None:
        return config.issue_url
    return apps.spool_of(app).issue_url()
