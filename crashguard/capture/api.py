"""capture_exception(), flush() and last_run(): the functions that a program calls."""

import os
import sys
import time

from crashguard import files, paths
from crashguard.capture.guard import innermost_plugin, raised_by_handler
from crashguard.client import current_client, current_config, fork_gate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from crashguard.recovery.last_run import LastRun


def capture_exception(exc: BaseException | None = None) -> str | None:
    """Record an exception that the program handles.

    The report has the same content as after a crash and needs the same telemetry level.

    Args:
        exc: The exception; by default the one that is being handled.

    Returns:
        The report's event id, 32 hexadecimal digits. None where nothing was recorded: without `install()`,
        under a telemetry level without errors, for an object that is not an exception, and for an ignored
        exception (Ctrl-C, `sys.exit()`, those of `install(ignore=...)`).

    Raises:
        BaseException: Whatever a signal handler of the program raised while the report was made.
    """
    client = current_client()
    exc = sys.exception() if exc is None else exc
    if client.config is None or exc is None or not client.config.level.sends_errors:
        return None
    if not issubclass(type(exc), BaseException):  # a text, a class or exc_info() was passed by mistake
        return None
    made: list[str] = []

    def report() -> None:
        with fork_gate:
            from crashguard import registry, reporter

            crash = registry.Crash(exc, "capture", handled=True, plugin=innermost_plugin())
            record = reporter.report(client, crash)
            if record is not None:
                made.append(record.event_id)
                reporter.enqueue(client, record, dying=False)
                if client.config is not None and client.config.on_report is not None:
                    from crashguard.capture import told

                    told.tell(client, record)

    raised = None
    try:
        with fork_gate:
            from crashguard.capture import aside
            from crashguard.capture.ignored import is_crash

        if is_crash(exc, client.config.ignore):
            raised = aside.report(report)
    except Exception as error:  # noqa: BLE001 (no descriptor, memory or stack left: the program has handled that)
        raised = raised_by_handler(error)
    if raised is not None:
        raise raised
    return made[0] if made else None


def flush(timeout: float = 2.0) -> bool:
    """Wait until the reports of this tool are sent or rejected.

    Args:
        timeout: Seconds to wait at most.

    Returns:
        Whether no report waits any more. False when the time is over or the server asked to wait.
    """
    client = current_client()
    config = client.config
    if config is None:
        return True
    try:
        with fork_gate:
            from crashguard import transport
    except Exception:  # noqa: BLE001 (as above)
        return False

    end = time.monotonic() + timeout
    waiting = os.path.join(config.spool, paths.WAITING)
    # A detached uploader waits for the end of this process first, so this process sends.
    if config.dsn is not None and transport.method(config) != "deferred":
        client.dispatcher(config).send_here(timeout)
    while any(not files.is_partial(name) for name in files.names(waiting)):
        # Also where this process sends: its other thread, which had the lock, may be about to be done.
        if time.monotonic() >= end or transport.method(config) == "deferred":
            return False
        time.sleep(0.02)
    return True


def last_run() -> "LastRun | None":
    """How the last run of this tool ended. A tool can offer `--resume` or a safe mode on it.

    Call it after `install()`. Its answer stays the same until another run of the tool ends.

    Returns:
        The verdict on the run that ended last, or was last found dead. None on a first run, and after a
        clean end unless `install(markers=True)` keeps those too.
    """
    config = current_config()
    if config is None:
        return None
    with fork_gate:
        from crashguard.recovery import last_run as runs

    try:
        runs.judge(config.spool, thoroughly=True)
    except OSError:
        return None
    return runs.read(config.spool)
