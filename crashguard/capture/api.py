"""capture_exception() and flush(): for programs that catch an exception themselves.

Must live here: the two calls. Must not be known here: what a report is, how it is sent.
"""

import os
import sys
import time

from crashguard import capture
from crashguard.capture import hooks


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
    config = capture.current()
    exc = sys.exception() if exc is None else exc
    if config is None or exc is None or not config.level.sends_errors:
        return None
    if not issubclass(type(exc), BaseException):  # a text, a class, exc_info(): not what an except clause has
        return None
    event_id = None
    try:
        with hooks.gate:
            from crashguard import reporter
            from crashguard.capture.guard import innermost_plugin
            from crashguard.capture.ignored import is_crash

            if not is_crash(exc):
                return None
            record = reporter.record(
                config, exc, mechanism="capture", handled=True, plugin=innermost_plugin()
            )
            if record is not None:
                event_id = record.event_id
                reporter.hand_over(config, record, dying=False)
    except Exception:  # noqa: BLE001, S110 (no descriptor, memory or stack left: the program has handled that)
        pass
    return event_id


def flush(timeout: float = 2.0) -> bool:
    """Wait until what this tool recorded is sent or set aside.

    Args:
        timeout: Seconds to wait at most.

    Returns:
        Whether nothing waits any more. False at the end of the time, or where the server wants patience.
    """
    config = capture.current()
    if config is None:
        return True
    try:
        from crashguard.recovery import minimal_record
        from crashguard.transport import dispatch
    except Exception:  # noqa: BLE001 (as above)
        return False

    end = time.monotonic() + timeout
    waiting = os.path.join(config.spool, minimal_record.WAITING)
    # An uploader would wait for the end of this process before it looked.
    if config.dsn is not None and dispatch.method(config) != "deferred":
        dispatch.send_here(config, timeout)
    while _holds(waiting):
        if time.monotonic() >= end or dispatch.method(config) != "background":
            return False
        time.sleep(0.02)
    return True


def _holds(folder: str) -> bool:
    try:
        with os.scandir(folder) as entries:
            return any(not entry.name.startswith(".") for entry in entries)
    except OSError:
        return False
