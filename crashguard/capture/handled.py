"""The report of an exception that the program handles: what `capture_exception()` does.

It is imported at the first call. In a program with signal handlers that call is made in a thread of its own
(`interrupts`), because what a handler raises in an import ends the import.
"""

from crashguard import registry, reporter
from crashguard.capture.guard import innermost_plugin
from crashguard.capture.ignored import is_crash

TYPE_CHECKING = False
if TYPE_CHECKING:
    from crashguard.client import Client


def report(client: "Client", exc: BaseException) -> str | None:
    """Report an exception that the program handles.

    Args:
        client: The client of this process.
        exc: The exception.

    Returns:
        The id of its report; None where nothing was recorded.
    """
    if client.config is None or not is_crash(exc, client.config.ignore):
        return None
    crash = registry.Crash(exc, "capture", handled=True, plugin=innermost_plugin())
    record = reporter.report(client, crash)
    if record is None:
        return None
    reporter.enqueue(client, record, dying=False)
    return record.event_id
