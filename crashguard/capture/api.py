"""flush() and last_run(): functions that a program calls."""

import os
import time

from crashguard import files, paths
from crashguard.client import current_client, current_config
from crashguard.fork_gate import fork_gate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from crashguard.config import Config
    from crashguard.recovery.last_run import LastRun


def flush(timeout: float = 2.0) -> bool:
    """Wait until the reports of this tool are sent or rejected.

    Args:
        timeout: Seconds to wait at most.

    Returns:
        Whether no report waits any more. False when the time is over or the server asked to wait, and at
        once where the tool's first report waits a minute for a no, on a terminal.
    """
    config = current_config()
    try:
        return config is None or _flush(config, timeout)
    except Exception:  # noqa: BLE001 (nobody can write the spool, or nothing can be imported any more)
        return False


def _flush(config: "Config", timeout: float) -> bool:
    client = current_client()
    method = client.spare.lending(lambda: _begin(config))
    end = time.monotonic() + timeout
    waiting = os.path.join(config.spool, paths.WAITING)
    # A detached uploader waits for the end of this process first, so this process sends.
    if config.dsn is not None and method != "deferred":
        client.dispatcher(config).send_here(timeout)
    # Or in memory, which no disk takes.
    while client.dispatcher(config).has_unsaved or any(
        not files.is_partial(name) for name in files.names(waiting)
    ):
        # Also where this process sends: its other thread, which had the lock, may be about to be done.
        left = end - time.monotonic()
        if left <= 0 or method == "deferred" or _is_held(config.spool, left):
            return False
        time.sleep(0.02)
    return True


def _begin(config: "Config") -> str:
    """Who sends. Where only the next run may, a no that came meanwhile still counts now."""
    with fork_gate:
        from crashguard import transport

        method = transport.method(config)
    if method == "deferred":
        with fork_gate:
            from crashguard.capture import leftovers

        leftovers.withdraw(config, config.level_now())
    return method


def _is_held(spool: str, seconds: float) -> bool:
    """Whether what waits is held for longer than some seconds, so that a no still catches it."""
    with fork_gate:
        from crashguard.transport import hold

    return hold.seconds_left(spool) > seconds


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
    try:
        with fork_gate:
            from crashguard.recovery import last_run as runs

        runs.judge(config.spool, thoroughly=True)
    except Exception:  # noqa: BLE001 (as in `flush`)
        return None
    return runs.read(config.spool)
