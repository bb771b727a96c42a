"""For a tool that starts plugins as processes: pass the telemetry level on, and report a plugin that died.

    process = subprocess.Popen(command, env=hosts.environment())
    ...
    hosts.report_exit(plugin, process.wait())

The plugin gets the telemetry level and a run id by its environment. The host reports a plugin in any language
by its exit status. A plugin that uses crashguard reports its own crash, with the stack; the host then adds
no second report. What a plugin reported and lived on after is not its death, and neither is the death of
another process of the same plugin.
"""

import signal
import time

from crashguard import paths, registry, reporter
from crashguard.capture import handover
from crashguard.client import current_client, current_config
from crashguard.config import RUN_ID
from crashguard.exceptions import CrashguardError
from crashguard.fork_gate import fork_gate
from crashguard.minimal_record import new_id
from crashguard.plugin import Plugin
from crashguard.recovery.recover import recover
from crashguard.spool import reports
from crashguard.spool.store import Spool

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from crashguard.client import Client

_RECENT = 24 * 3600  # seconds: a run's own reports are not older
_STOPS = ("SIGINT", "SIGTERM", "SIGHUP")  # a person, a supervisor or a terminal asks a program to end
_CONTROL_C = 0xC000013A  # Windows' own status for it (ntstatus.h)
_LIVES_ON = ("cloudquery", "unraisable", "asyncio")  # mechanisms after which a plugin goes on


class PluginProcessDied(CrashguardError):  # noqa: N818 (it says what happened)
    """A plugin's process ended with an error or by a signal; the host's report is made from this."""


def environment(environ: "Mapping[str, str] | None" = None) -> dict[str, str]:
    """The environment for a plugin's process: the resolved telemetry level, and this run's id.

    Args:
        environ: The variables to start from; `os.environ` by default.
    """
    handed = handover.child_environment(environ)
    config = current_config()
    if config is not None:
        if config.run_id is None:
            config.run_id = new_id()
        handed[RUN_ID] = config.run_id
    return handed


def report_exit(plugin: Plugin, returncode: int | None, *, stopped: bool = False) -> str | None:
    """Report a plugin whose process died, as a crash of the plugin and not of the tool.

    Call it once for each process. SIGINT, SIGTERM and SIGHUP, and the exit statuses that stand for them, are
    no crash.

    Args:
        plugin: The plugin.
        returncode: As in `subprocess.Popen.returncode`: 0 is success, a negative number a signal, None a
            process that still runs.
        stopped: Whether the tool itself stopped the process. Its exit status is then not a crash.

    Returns:
        The event id of the plugin's own report, or of the one made here; None where there is no report.
    """
    client = current_client()
    config = client.config
    if config is None or not returncode or stopped or not config.level.sends_errors:
        return None
    signal_name = _signal_of(returncode)
    if signal_name in _STOPS or returncode == _CONTROL_C:
        return None
    with fork_gate:  # a fork in another thread must not fall into an import
        own = _own_report(client, plugin, config.run_id, returncode=returncode, signal_name=signal_name)
        return own or _reported(client, plugin, returncode)


def _reported(client: "Client", plugin: Plugin, returncode: int) -> str | None:
    how = _how(returncode)
    crash = registry.Crash(
        PluginProcessDied(how),
        "process",
        handled=True,
        plugin=plugin,
        grouping=(f"{plugin.team}/{plugin.kind}/{plugin.name}", how),
    )
    record = reporter.report(client, crash)
    if record is None:
        return None
    reporter.enqueue(client, record, dying=False)
    return record.event_id


def app_of(plugin: Plugin) -> str:
    """The app name of a plugin's own process: it names the spool and begins the release."""
    return f"{plugin.team}-{plugin.kind}-{plugin.name}"


def _own_report(
    client: "Client", plugin: Plugin, run_id: str | None, *, returncode: int, signal_name: str | None
) -> str | None:
    """The report that the plugin's own process made of this death, in this run.

    Each process makes its own, so that each stands for one death.
    """
    if run_id is None:
        return None
    spool = Spool(paths.spool_dir(app_of(plugin)))
    recover(spool)
    for report in reports.reports(spool)[::-1]:
        context = report.event.get("contexts", {}).get("crashguard", {})
        if (
            context.get("run_id") == run_id
            and report.event_id not in client.deaths
            and report.seconds > time.time() - _RECENT
            and _is_of_death(report.event, returncode, signal_name)
        ):
            client.deaths.add(report.event_id)
            return report.event_id
    return None


def _is_of_death(event: "Mapping[str, Any]", returncode: int, signal_name: str | None) -> bool:
    """Whether a report tells of a process that ended in this way."""
    values = event.get("exception", {}).get("values") or [{}]
    mechanism = values[-1].get("mechanism", {}).get("type")
    if mechanism == "signalhandler":  # a native crash
        return values[-1].get("type") == signal_name or returncode > _MOST_STATUS
    if mechanism in _LIVES_ON:
        return False
    # An exception ends a process by an exit status. Qt, say, ends one by an abort after an exception.
    return signal_name in (None, "SIGABRT")


# Exit statuses that say more than their number: those of a POSIX shell, and of Windows (ntstatus.h).
_STATUSES = {
    126: "not executable",
    127: "command not found",
    0xC0000005: "access violation",
    0xC00000FD: "stack overflow",
    0xC0000374: "heap corruption",
    0xC0000409: "fail fast",
}
_MOST_STATUS = 255  # what is above is a status of Windows
_OF_A_SHELL = 128  # a shell or a container engine adds it to the number of the signal


def _how(returncode: int) -> str:
    """How a process ended, in words; the number of a status of Windows is written as its header has it."""
    name = _signal_of(returncode)
    if returncode < 0:
        return f"signal {name or -returncode}"
    number = hex(returncode) if returncode > 0xFFFF else str(returncode)
    named = _STATUSES.get(returncode) or name
    return f"exit status {number} ({named})" if named else f"exit status {number}"


def _signal_of(returncode: int) -> str | None:
    """The signal that ended a process, also where a shell or a container engine tells it; else None."""
    try:
        return signal.Signals(-returncode if returncode < 0 else returncode - _OF_A_SHELL).name
    except ValueError:
        return None
