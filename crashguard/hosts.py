"""For a tool that starts plugins as processes: pass the telemetry level on, and report a plugin that died.

    process = subprocess.Popen(command, env=hosts.environment())
    ...
    hosts.report_exit(plugin, process.wait())

The plugin gets the telemetry level and a run id by its environment. The host reports a plugin in any language
by its exit status. A plugin that uses crashguard reports its own crash, with the stack; the host then adds
no second report.
"""

import signal
import time

from crashguard import capture, paths, registry, reporter
from crashguard.client import current_client, current_config, fork_gate
from crashguard.config import RUN_ID
from crashguard.exceptions import CrashguardError
from crashguard.minimal_record import new_id
from crashguard.plugin import Plugin
from crashguard.recovery.recover import recover
from crashguard.spool import reports
from crashguard.spool.store import Spool

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from crashguard.client import Client

_RECENT = 24 * 3600  # seconds: a run's own reports are not older


class PluginProcessDied(CrashguardError):  # noqa: N818 (it says what happened)
    """A plugin's process ended with an error or by a signal; the host's report is made from this."""


def environment(environ: "Mapping[str, str] | None" = None) -> dict[str, str]:
    """The environment for a plugin's process: the resolved telemetry level, and this run's id.

    Args:
        environ: The variables to start from; `os.environ` by default.
    """
    handed = capture.child_environment(environ)
    config = current_config()
    if config is not None:
        if config.run_id is None:
            config.run_id = new_id()
        handed[RUN_ID] = config.run_id
    return handed


def report_exit(plugin: Plugin, returncode: int | None, *, stopped: bool = False) -> str | None:
    """Report a plugin whose process died, once, as a crash of the plugin and not of the tool.

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
    with fork_gate:  # a fork in another thread must not fall into an import
        return _own_report(plugin, config.run_id) or _reported(client, plugin, returncode)


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


def _own_report(plugin: Plugin, run_id: str | None) -> str | None:
    """The report that the plugin's own process made in this run."""
    if run_id is None:
        return None
    spool = Spool(paths.spool_dir(app_of(plugin)))
    recover(spool)
    for report in reversed(reports.reports(spool)):
        context = report.event.get("contexts", {}).get("crashguard", {})
        if context.get("run_id") == run_id and report.seconds > time.time() - _RECENT:
            return report.event_id
    return None


# Exit statuses that say more than their number: those of a POSIX shell, and of Windows (ntstatus.h).
_STATUSES = {
    126: "not executable",
    127: "command not found",
    0xC0000005: "access violation",
    0xC00000FD: "stack overflow",
    0xC0000374: "heap corruption",
    0xC0000409: "fail fast",
}
_OF_A_SHELL = 128  # a shell or a container engine adds it to the number of the signal


def _how(returncode: int) -> str:
    """How a process ended, in words; the number of a status of Windows is written as its header has it."""
    if returncode < 0:
        return f"signal {_signal(-returncode) or -returncode}"
    number = hex(returncode) if returncode > 0xFFFF else str(returncode)
    named = _STATUSES.get(returncode) or _signal(returncode - _OF_A_SHELL)
    return f"exit status {number} ({named})" if named else f"exit status {number}"


def _signal(number: int) -> str | None:
    try:
        return signal.Signals(number).name
    except ValueError:
        return None
