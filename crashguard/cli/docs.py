"""`docs telemetry-page`: the page about telemetry that a tool gives to its users."""

import contextlib
import os
import sys
from importlib import metadata

import click

from crashguard import config, paths
from crashguard.cli import apps, output, telemetry_page
from crashguard.cli.command import Command, keep_indented
from crashguard.cli.progress import Bar
from crashguard.client import current_client, current_config
from crashguard.exceptions import ConfigurationError
from crashguard.spool import reports, store
from crashguard.spool.store import Spool
from crashguard.stats import config as stats
from crashguard.telemetry_level import described

_HELP = """Write a page of documentation for the users of a tool.

Example:
  crashguard docs telemetry-page --app mytool > TELEMETRY.md
"""


@click.group(help=keep_indented(_HELP), short_help="Write the page about telemetry for a tool's users.")
def docs() -> None:
    """Hold the pages."""


@docs.command("telemetry-page", cls=Command, short_help="The page, as Markdown, on stdout.")
@click.option("--app", metavar="NAME", required=True, help="The tool.", shell_complete=apps.offered)
@click.option("--controller", metavar="TEXT", help="Who is responsible for the data.")
@click.option("--contact", metavar="TEXT", help="Where to ask, and to have a report deleted.")
@click.option("--dsn", metavar="DSN", help="Where reports go.  [default: as the tool has said]")
def page(app: str, controller: str | None, contact: str | None, dsn: str | None) -> None:
    """Print the page about telemetry that a tool gives to its users, as Markdown.

    It has the telemetry levels, the variables, the destination, each field of a report with its reason, the
    events of stats, how long data is kept, who is responsible, and how to have a sent report deleted. As a
    command of the tool it knows all that install() was given. So it does of a tool that is installed beside
    crashguard with a command called NAME, if that command's module calls install() when it is imported; else
    it knows what the tool left on this machine.

    Example:
      crashguard docs telemetry-page --app mytool > TELEMETRY.md
    """
    apps.check(app)
    if dsn is not None and not config.is_dsn(dsn):
        raise ConfigurationError(
            f"--dsn: {config.without_key(dsn)!r} is not a DSN (https://KEY@HOST/PROJECT)"
        )
    about = _configured(app)
    if about is not None:
        tool = telemetry_page.Tool(
            app=app,
            version=about.version,
            variables=about.variables,
            default_level=about.default_level,
            dsn=dsn or about.dsn,
            issue_url=about.issue_url,
            messages=about.messages,
            source_lines=about.source_lines,
            controller=controller or about.controller,
            contact=contact or about.contact,
            command=output.mounted() or _mounted(app) or "crashguard",
            stats=stats.hosts(),
            events=tuple(stats.current().events.values()),
        )
    else:
        spool = apps.spool_of(app)
        names, default_level = described(spool.metadata(), app)
        known = dsn or _last_destination(spool)
        tool = telemetry_page.Tool(
            app=app,
            variables=names,
            default_level=default_level,
            dsn=known,
            issue_url=spool.issue_url(),
            controller=controller or "",
            contact=contact or "",
            stats=None if _has_stats(app, spool) else (),
        )
        _say_what_is_not_known(app, is_seen=apps.is_known(app))
    click.echo(telemetry_page.page(tool), nl=False)


def _configured(app: str) -> config.Config | None:
    """What install() was given: in this process, else when the module of the tool's command is imported."""
    about = current_config()
    if about is None:
        for command in metadata.entry_points(group="console_scripts", name=app):
            _load(command)
        about = current_config()
    return about if about is not None and about.app == app else None


def _load(command: metadata.EntryPoint) -> None:
    """Import the module of a tool's command, whose words are no part of the page."""
    try:
        with contextlib.redirect_stdout(sys.stderr):
            command.load()
    except (Exception, SystemExit) as error:  # noqa: BLE001 (a tool may raise anything; the page is made without it)
        said = output.first_line(f"{type(error).__name__}: {error}")
        output.line(output.console(stderr=True), f"{command.module} could not be imported: {said}")


def _mounted(app: str) -> str | None:
    """What is typed before our commands in a tool that was imported; None where they are not its own."""
    place = current_client().mounted
    if place is None:
        return None
    commands = metadata.entry_points(group="console_scripts", name=app)
    started_by = [getattr(sys.modules.get(each.module), each.attr, None) for each in commands]
    words = place(None, started_by)
    return None if words is None else f"{app} {words}"


def _has_stats(app: str, spool: Spool) -> bool:
    """Whether a tool that is not imported records stats, as far as is known here."""
    return app == telemetry_page.OF_CLOUDQUERY or any(
        os.path.isdir(os.path.join(spool.root, kind)) for kind in paths.STATS
    )


def _say_what_is_not_known(app: str, *, is_seen: bool) -> None:
    """A page for others must not say by mistake what only the tool itself knows."""
    known = (
        "its variable, its default and its destination are known here" if is_seen else "nothing is known here"
    )
    output.line(
        output.console(stderr=True),
        f"Of {app} {known}; all else on the page is what holds without settings. As a command of the tool "
        "itself (`telemetry docs telemetry-page`) the page has all that install() was given.",
    )


def _last_destination(spool: Spool) -> str:
    """Where the last of an app's reports goes or went; empty where none has a destination."""
    known = []
    with Bar(output.console(stderr=True), "reading reports", len(store.KEPT)) as bar:
        for state in store.KEPT:
            known += [(report.seconds, report.dsn) for report in reports.reports(spool, state) if report.dsn]
            bar.advance()
    return max(known, default=(0, ""))[1]
