"""Which apps there are, and the telemetry level that each of them acts on."""

import click

from crashguard import paths, recovery, telemetry_level
from crashguard.exceptions import ConfigurationError
from crashguard.recovery.recover import recover as recover_spool
from crashguard.spool import reports
from crashguard.spool.store import Spool
from crashguard.telemetry_level import TelemetryLevel

option = click.option("--app", metavar="NAME", help="Only this app's reports.")


def chosen(app: str | None) -> list[str]:
    """The app that was named, or all that have a spool.

    Raises:
        ConfigurationError: A name that no app can have.
    """
    if app is None:
        return reports.apps()
    check(app)
    return [app]


def check(app: str) -> None:
    """Let no name lead out of the folder of spools.

    Raises:
        ConfigurationError: A name that no app can have.
    """
    if not app or app[0] == "." or not all((c.isalnum() and c.isascii()) or c in "-_." for c in app):
        raise ConfigurationError(f"--app {app!r}: an app's name has letters, digits, '-', '_' and '.'")


def spool_of(app: str) -> Spool:
    """The spool of an app; it need not exist."""
    return Spool(paths.spool_dir(app))


def recover(app: str | None) -> None:
    """Take over what dead processes left in the spools that are meant; a command does it once."""
    for name in chosen(app):
        spool = spool_of(name)
        if recovery.REPORTS in recovery.pending(spool.root, thoroughly=True):
            recover_spool(spool)


def variable_of(app: str) -> str:
    """The variable in which this app's users set their telemetry level, as the app told us."""
    return spool_of(app).metadata().strip() or telemetry_level.ENV_VAR


def level_of(app: str) -> TelemetryLevel:
    """The telemetry level that this app would act on if it were started here, now."""
    return telemetry_level.resolve(env_var=variable_of(app), app=app, strict=False)
