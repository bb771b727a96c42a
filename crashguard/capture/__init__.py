"""install() and uninstall(): the hooks that are always on.

    hooks             sys, threading, unraisable exceptions, imports to watch, the end of the interpreter
    crash             what they all do once something has crashed
    event_loops       asyncio
    child_processes   multiprocessing
    interactive       a prompt that a program offers
    guard, api        what a program calls by itself
    ignored           what is no crash
    message           the note after a crash

What install() imports is what a start can afford; the rest of the package is imported when something
crashes. A test counts the modules.
"""

import os
import sys

from crashguard import client as clients
from crashguard import recovery
from crashguard.capture import hooks
from crashguard.config import Config
from crashguard.recovery.minimal_record import Prepared
from crashguard.recovery.run_marker import Run
from crashguard.telemetry_level import ENV_VAR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, Literal

    from crashguard.client import Client
    from crashguard.config import Delivery, Note
    from crashguard.plugin import Plugin


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
    client = clients.current()
    client.config = config
    client.prepared = Prepared(config.spool, config.release, config.dsn, sys.path)
    if plugin is not None:
        from crashguard import policy

        client.stays = client.stays or policy.why_not_plugin(plugin) is not None
    hooks.install(client, arrive)
    _begin_run(
        client,
        marked=config.level.sends_errors if markers is None else markers,
        clean_ends=markers is True,
        watched=native and config.level.sends_errors,
    )
    if os.path.isdir(config.spool):
        _tend(config)


def uninstall() -> None:
    """Put back what install() replaced and forget what it was told.

    A hook that somebody set after install() stays; ours, underneath, only passes on from then on.
    """
    client = clients.current()
    client.config = None
    hooks.remove(client)
    if client.run is not None:
        client.run.end(disable=True)
        client.run = None


def child_environment(environ: "Mapping[str, str] | None" = None) -> dict[str, str]:
    """The environment for a plugin process: this one's, with the telemetry level that was resolved here.

    A level that came from the flag reaches the plugin only this way.

    Args:
        environ: What to start from; `os.environ` by default.
    """
    handed = dict(os.environ if environ is None else environ)
    config = clients.config()
    if config is not None:
        handed[config.env_var] = config.level.value
    return handed


def arrive(settings: "dict[str, Any] | None", plugin: "dict[str, Any] | None") -> object:
    """In a child process that is a new interpreter: install what its parent installed. Never raises.

    Args:
        settings: Arguments of install(); None where the parent has none to hand over.
        plugin: Arguments of Plugin; None where the parent is no plugin's process.

    Returns:
        What stands for the settings in this process and travels on to its children.
    """
    from crashguard.capture.child_processes import Settings
    from crashguard.plugin import Plugin

    client = clients.current()
    try:
        if client.config is None and settings is not None:  # else its main module has done so
            install(**settings, plugin=None if plugin is None else Plugin(**plugin))
        hooks.follow_in_child(client)
    except Exception:  # noqa: BLE001, S110 (the child's work comes first)
        pass
    return Settings(arrive)


def _begin_run(client: "Client", *, marked: bool, clean_ends: bool, watched: bool) -> None:
    """Leave the files of this run, and judge the runs that are gone. Never raises.

    Another install() is the same run: its marker stays. One that wants less takes back what is too much.
    """
    config = client.config
    assert config is not None  # noqa: S101 (install() has just set it)
    run = client.run
    if run is not None and (not run.is_mine or run.spool != config.spool or not (marked or watched)):
        run.end(disable=True)
        run = client.run = None
    if not (marked or watched):
        return
    try:
        if run is None:
            run = client.run = Run(config.spool)
            if run.make_folder():
                from crashguard.recovery import last_run

                last_run.judge(config.spool)
        run.unwatch(disable=True)
        if marked:
            run.mark(clean_ends=clean_ends)
        if watched:
            try:
                run.watch(_about_process(config), stays=client.stays)
            except ImportError:
                pass  # Python 3.12 has no faulthandler in a sub-interpreter that shares nothing
    except Exception:  # noqa: BLE001, S110 (no place for it, mostly: then this run leaves no trace of its end)
        pass


def _about_process(config: Config) -> "dict[str, Any]":
    """What the process says about itself while it is well, for the report of its native crash.

    Whose code a frame is, is worked out by whoever reads this: `Origins.of_process`.
    """
    plugin = config.plugin
    main = sys.modules.get("__main__")
    return {
        "release": config.release,
        "dsn": config.dsn,
        "environment": config.environment,
        "telemetry_level": config.level.value,
        "telemetry_level_source": config.level.source,
        "plugin": plugin and [plugin.team, plugin.kind, plugin.name, plugin.version],
        "main": getattr(main, "__file__", None),
        "main_package": getattr(getattr(main, "__spec__", None), "parent", None),
        "packages": list(config.packages),
        "plugin_packages": [] if plugin is None or not plugin.official else list(plugin.packages),
        "path": [entry for entry in sys.path if type(entry) is str],
        "stdlib": os.path.dirname(os.__file__),
        "version": sys.version_info[:3],
    }


def _tend(config: Config) -> None:
    """Look after what earlier runs left: what the telemetry level forbids is deleted, the rest is sent."""
    level = config.level
    if level.problem is not None:
        return  # a value that could not be read is nobody's decision
    try:
        left = recovery.pending(config.spool)
        if not level.sends_errors and (recovery.REPORTS in left or recovery.of_the_dead(config.spool)):
            from crashguard.recovery.recover import withdraw
            from crashguard.spool.store import Spool

            withdraw(Spool(config.spool))
            left = [what for what in left if what != recovery.REPORTS]
        if not level.sends_stats and recovery.STATS in left:
            from crashguard.spool import stats_store

            stats_store.withdraw(config.spool)
            left = [what for what in left if what != recovery.STATS]
        if left:
            clients.current().dispatcher(config).resume(left)
    except Exception:  # noqa: BLE001, S110 (a healthy run is not disturbed by the spool's state)
        pass
