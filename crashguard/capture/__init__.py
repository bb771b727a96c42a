"""install() and uninstall(): the hooks that are always on.

What install() imports is what a start can afford; the rest of the package is imported when something
crashes. A test counts the modules.

    doors       the hooks: sys, threading, unraisable, the end of the interpreter
    crash       what they all do once something has crashed
    loops       asyncio
    children    multiprocessing

Must live here: install(), uninstall(). Must not be known here: what a hook does.
"""

import os
import sys

from crashguard.capture import hooks
from crashguard.config import Config
from crashguard.recovery import minimal_record
from crashguard.telemetry_level import ENV_VAR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, Literal

    from crashguard.config import Delivery, Note
    from crashguard.plugin import Plugin


_PACKAGE = __package__.rpartition(".")[0]  # whatever name somebody vendored it under


def current() -> Config | None:
    """The configuration of the last install(), or None."""
    return hooks.config


def install(
    *,
    app: str,
    version: str,
    dsn: str | None = None,
    telemetry_level: str | None = None,
    env_var: str = ENV_VAR,
    environment: str | None = None,
    delivery: "Delivery" = "auto",
    packages: "Iterable[str]" = (),
    plugin: "Plugin | None" = None,
    note: "bool | Note" = True,
    needles: "Iterable[str]" = (),
    rules: "Iterable[Any]" = (),
    messages: 'Literal["scrubbed", "none"]' = "scrubbed",
    refused_by: str | None = None,
    markers: bool | None = None,
    native: bool = True,
) -> None:
    """Report this program's crashes from now on: in threads, child processes and finalizers too.

    May be called first thing in a program, and again to change what it was told (the telemetry level,
    once the command line is parsed). What was hooked before still runs, first. A run in which nothing crashes
    sends no report of its own and leaves no file of its own; what earlier runs left waiting may be sent
    while it runs. At the telemetry levels `none` and `stats` nothing is written at all.

    Args:
        app: The tool's name: the first part of the release and the name of its spool folder.
        version: The tool's version. `development` records but never sends.
        dsn: Where reports go: any server that speaks the Sentry protocol. None keeps them on the
            machine. A user can name a server of their own in `CRASHGUARD_DSN`; no `SENTRY_*` variable
            is ever read.
        telemetry_level: What the user gave to `--telemetry-level`, or None.
        env_var: The variable in which users of this tool set their telemetry level.
        environment: The Sentry environment of the reports, `production` for instance.
        delivery: `background` (a detached uploader), `inline` (in the dying process, under a deadline),
            `deferred` (the next run) or `auto`, which picks the first that can work here.
        packages: Top-level packages that are the tool's own, beside the main program: their frames
            are `in_app`.
        plugin: Set in a process that is one plugin: its crashes are the plugin's.
        note: False prints no note after a crash; a callable gets the note and returns the text to print
            in its place (None for nothing).
        needles: Texts that must never appear in a report, beside those that crashguard finds itself.
        rules: `crashguard.scrub.Rule`s of your own, beside those that crashguard ships.
        messages: `none` leaves out the messages of exceptions: type and frames only.
        refused_by: The name of another switch by which the user refused crash reports (`--no-sentry`), or
            None. It takes errors out of any telemetry level and leaves stats as they are.
        markers: While the program runs, a small file in its spool says so; a run that left one without
            ending was killed. True keeps the verdict on clean ends as well (`last_run()`), at every
            telemetry level; it never leaves the machine. False leaves no file.
        native: Report deaths by SIGSEGV, SIGABRT, SIGBUS, SIGFPE and SIGILL: `faulthandler` writes the
            stacks of all threads to a file that the next run reports. Costs a file, a descriptor (number
            250, where it is free: a host that closes all descriptors must not get it back for a file of
            its own) and those five handlers; a faulthandler that is enabled already is left alone.

    Raises:
        ConfigurationError: An argument makes no sense (TelemetryLevelError and DSNError are such).
            Nothing is raised for what the environment or a saved file says: that is one line on
            stderr, and then nothing is sent.
    """
    config = Config(
        app=app,
        version=version,
        dsn=dsn,
        flag=telemetry_level,
        env_var=env_var,
        environment=environment,
        delivery=delivery,
        packages=packages,
        plugin=plugin,
        note=note,
        needles=needles,
        rules=rules,
        messages=messages,
        refused_by=refused_by,
    )
    hooks.config = config
    minimal_record.prepare(config.spool, config.release, config.dsn, sys.path)
    hooks.open_all()
    died = False
    marked = config.level.sends_errors if markers is None else markers
    listening = native and config.level.sends_errors
    if marked or listening:
        from crashguard.recovery import run_marker

        died = run_marker.begin(config, markers=marked, clean_ends=markers is True, native=listening)
    if died or os.path.isdir(config.spool):
        _tend(config, died)


def uninstall() -> None:
    """Put back what install() replaced and forget what it was told.

    A hook that somebody set after install() stays; ours, underneath, only passes on from then on.
    """
    hooks.config = None
    hooks.close_all()
    runs = sys.modules.get(f"{_PACKAGE}.recovery.run_marker")
    if runs is not None:
        runs.end(disable=True)


def child_environment(environ: "Mapping[str, str] | None" = None) -> dict[str, str]:
    """The environment for a plugin process: this one's, with the telemetry level that was resolved here.

    A level that came from the flag reaches the plugin only this way.

    Args:
        environ: What to start from; `os.environ` by default.
    """
    handed = dict(os.environ if environ is None else environ)
    config = hooks.config
    if config is not None:
        handed[config.env_var] = config.level.value
    return handed


def _tend(config: Config, died: bool) -> None:
    """Look after a spool that earlier runs left: a no deletes what waits, a yes sends it."""
    try:
        if not config.level.sends_stats and config.level.problem is None:
            _withdraw_stats(config)
        if not config.level.sends_errors:
            if config.level.problem is None:
                from crashguard.spool import Spool

                Spool(config.spool).withdraw()
                if os.path.isdir(os.path.join(config.spool, "runs")):
                    from crashguard.recovery import natives

                    natives.withdraw(Spool(config.spool))
        elif config.dsn and (died or minimal_record.is_pending(config.spool)):
            from crashguard.transport import dispatch

            dispatch.resume(config)
    except Exception:  # noqa: BLE001, S110 (a healthy run is not disturbed by the spool's state)
        pass


def _withdraw_stats(config: Config) -> None:
    if any(
        os.path.isdir(os.path.join(config.spool, f"stats-{kind}")) for kind in ("anonymous", "identified")
    ):
        from crashguard.stats import store

        store.withdraw(config.spool)
