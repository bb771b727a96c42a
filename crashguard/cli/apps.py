"""The apps on this machine, and the telemetry level of each."""

import os

import click
from click.shell_completion import CompletionItem

from crashguard import paths, recovery, telemetry_level
from crashguard.cli import output
from crashguard.client import current_client
from crashguard.exceptions import ConfigurationError
from crashguard.recovery.recover import recover as recover_spool
from crashguard.spool import reports
from crashguard.spool.store import Spool
from crashguard.telemetry_level import TelemetryLevel


def offered(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The names of apps that begin with what was typed."""
    return [CompletionItem(name) for name in reports.apps() if name.startswith(incomplete)]


option = click.option("--app", metavar="NAME", help="Only this app's reports.", shell_complete=offered)


def chosen(app: str | None) -> list[str]:
    """The named app, or all apps that have a spool.

    Raises:
        ConfigurationError: An app cannot have this name.
    """
    if app is None:
        return reports.apps()
    check(app)
    return [app]


def check(app: str) -> None:
    """Refuse a name that would lead out of the folder of spools.

    Raises:
        ConfigurationError: An app cannot have this name.
    """
    if not app or app[0] == "." or not all((c.isalnum() and c.isascii()) or c in "-_." for c in app):
        raise ConfigurationError(f"--app {app!r}: an app's name has letters, digits, '-', '_' and '.'")


def spool_of(app: str) -> Spool:
    """The spool of an app; it may be missing."""
    return Spool(paths.spool_dir(app))


def recover(app: str | None) -> None:
    """Recover dead processes in the chosen spools; a command does it once."""
    for name in chosen(app):
        spool = spool_of(name)
        if recovery.REPORTS in recovery.pending(spool.root):
            recover_spool(spool)


def level_of_all() -> TelemetryLevel:
    """The telemetry level of a tool that is not known here: no tool's variable counts."""
    return telemetry_level.resolve(env_var=(), strict=False)


def is_known(app: str) -> bool:
    """Whether a tool of this name has been here: it has a spool, or a choice of its own."""
    config = paths.config_dir()
    return os.path.isdir(paths.spool_dir(app)) or (
        config is not None and os.path.isdir(os.path.join(config, app))
    )


def level_of(app: str) -> TelemetryLevel:
    """The telemetry level that this app would have if it started here now, by what its spool says of it.

    In a command of the tool's own it is that of the tool, with the flag on its command line.
    """
    client, flag = current_client(), None
    if output.mounted() is not None:
        if client.config is not None and client.config.app == app:
            return client.config.level_now()
        flag = client.parsed[1] if client.parsed is not None and client.parsed[0] in (None, app) else None
    names, default = telemetry_level.described(spool_of(app).metadata(), app)
    return telemetry_level.resolve(flag, app=app, env_var=names, default_level=default, strict=False)
