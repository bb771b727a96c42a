"""For a tool that starts its plugins as processes: hand consent over, and notice a plugin that died.

    process = subprocess.Popen(command, env=hosts.environment())
    ...
    hosts.report_exit(plugin, process.wait())

The telemetry level and a run id go over in the environment and nowhere else. A plugin of any language is
covered by how it ended; one that uses crashguard reports its own crash, with its stack, and is not
reported a second time.

"""

import signal
import time

from crashguard import capture, paths, registry, reporter
from crashguard import client as clients
from crashguard.config import RUN_ID
from crashguard.exceptions import CrashguardError
from crashguard.plugin import Plugin
from crashguard.recovery.minimal_record import new_id
from crashguard.recovery.recover import recover
from crashguard.spool import reports
from crashguard.spool.store import Spool

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_RECENT = 24 * 3600  # seconds: a run's own reports are not older


class PluginProcessDied(CrashguardError):  # noqa: N818 (it says what happened)
    """A plugin's process ended by itself, not well; what a host's report of it is made of."""


def environment(environ: "Mapping[str, str] | None" = None) -> dict[str, str]:
    """The environment for a plugin's process: the resolved telemetry level, and this run's id.

    Args:
        environ: What to start from; `os.environ` by default.
    """
    handed = capture.child_environment(environ)
    config = clients.config()
    if config is not None:
        if config.run_id is None:
            config.run_id = new_id()
        handed[RUN_ID] = config.run_id
    return handed


def report_exit(plugin: Plugin, returncode: int | None, *, stopped: bool = False) -> str | None:
    """Report a plugin whose process died, once, as the plugin's crash and not the tool's.

    Args:
        plugin: The plugin.
        returncode: As `subprocess.Popen.returncode` says it: 0 is a good end, negative a signal, None still
            running.
        stopped: Whether the tool itself stopped the process: then however it ended is no crash.

    Returns:
        The event id of the report: the host's, or that of the plugin's own; None where there is none.
    """
    client = clients.current()
    config = client.config
    if config is None or not returncode or stopped or not config.level.sends_errors:
        return None
    own = _own_report(plugin, config.run_id)
    if own is not None:
        return own
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
    """The name under which a plugin's own process reports: its spool and the first part of its release."""
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


def _how(returncode: int) -> str:
    if returncode > 0:
        return f"exit status {returncode}"
    try:
        return f"signal {signal.Signals(-returncode).name}"
    except ValueError:
        return f"signal {-returncode}"
