"""capture_exception(), flush() and last_run(): what a program calls by itself."""

import os
import sys
import time

from crashguard import client as clients
from crashguard import files, paths
from crashguard.capture import hooks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from crashguard.recovery.last_run import LastRun


def capture_exception(exc: BaseException | None = None) -> str | None:
    """Record an exception that the program handles and goes on after.

    What leaves the machine is what leaves after a crash, under the same telemetry level.

    Args:
        exc: The exception; by default the one that is being handled.

    Returns:
        The report's event id, 32 hexadecimal digits; None where nothing was recorded: no `install()`, a
        telemetry level without errors, nothing that is an exception, or an end that is not a crash (Ctrl-C,
        `sys.exit()`).
    """
    client = clients.current()
    exc = sys.exception() if exc is None else exc
    if client.config is None or exc is None or not client.config.level.sends_errors:
        return None
    if not issubclass(type(exc), BaseException):  # a text, a class, exc_info(): not what an except clause has
        return None
    event_id = None
    try:
        with hooks.gate:
            from crashguard import registry, reporter
            from crashguard.capture.guard import innermost_plugin
            from crashguard.capture.ignored import is_crash

            if not is_crash(exc):
                return None
            crash = registry.Crash(exc, "capture", handled=True, plugin=innermost_plugin())
            record = reporter.report(client, crash)
            if record is not None:
                event_id = record.event_id
                reporter.enqueue(client, record, dying=False)
    except Exception:  # noqa: BLE001, S110 (no descriptor, memory or stack left: the program has handled that)
        pass
    return event_id


def flush(timeout: float = 2.0) -> bool:
    """Wait until what this tool recorded is sent or set aside.

    Args:
        timeout: Seconds to wait at most.

    Returns:
        Whether nothing waits any more. False at the end of the time, or where the server wants to be left
        alone.
    """
    client = clients.current()
    config = client.config
    if config is None:
        return True
    try:
        from crashguard import transport
    except Exception:  # noqa: BLE001 (as above)
        return False

    end = time.monotonic() + timeout
    waiting = os.path.join(config.spool, paths.WAITING)
    # An uploader would wait for the end of this process before it looked.
    if config.dsn is not None and transport.method(config) != "deferred":
        client.dispatcher(config).send_here(timeout)
    while any(not files.is_partial(name) for name in files.names(waiting)):
        if time.monotonic() >= end or transport.method(config) != "background":
            return False
        time.sleep(0.02)
    return True


def last_run() -> "LastRun | None":
    """How the last run of this tool ended, for an offer such as `--resume` or a safe mode.

    Call it after `install()`. Its answer stays the same until another run of the tool ends.

    Returns:
        The verdict on the run that ended, or was found dead, last. None on a first run and, unless
        `install(markers=True)` asked for clean ends too, after a clean one.
    """
    config = clients.config()
    if config is None:
        return None
    from crashguard.recovery import last_run as runs

    try:
        runs.judge(config.spool, thoroughly=True)
    except OSError:
        return None
    return runs.read(config.spool)
