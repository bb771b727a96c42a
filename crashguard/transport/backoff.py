"""When to try again: what servers asked for and our own backoff, kept in a file across processes.

A plain text line, so that a start can look at it without a parser: the time before which nothing is
sent, and how many attempts failed in a row.
"""

import os
import time

from crashguard import files

_NAME = "backoff"
_FIRST, _MOST = 30.0, 6 * 3600.0  # seconds: the first wait after a failure, and the longest
# A date further ahead than any wait can be was written under another clock.
_IMPLAUSIBLE = 25 * 3600


def is_time(spool: str, *, now: float | None = None) -> bool:
    """Whether something may be sent now."""
    now = time.time() if now is None else now
    return not_before(spool, now=now) <= now


def not_before(spool: str, *, now: float | None = None) -> float:
    """When sending may begin again, in seconds since 1970; 0.0 where nothing is in the way."""
    found, _ = _read(spool)
    now = time.time() if now is None else now
    return found if found <= now + _IMPLAUSIBLE else 0.0


def wait(spool: str, seconds: float, *, now: float | None = None) -> None:
    """Send nothing for that long: the server said so."""
    _, failures = _read(spool)
    _write(spool, (time.time() if now is None else now) + seconds, failures)


def failed(spool: str, *, now: float | None = None) -> None:
    """Another attempt failed: twice as long as the last time, give or take a quarter."""
    _, failures = _read(spool)
    # Many machines fail at the same moment, when a server goes down. They must not come back at one, too.
    jitter = 0.75 + int.from_bytes(os.urandom(2), "big") / 0xFFFF / 2
    pause = min(_MOST, _FIRST * 2 ** min(failures, 20)) * jitter
    _write(spool, (time.time() if now is None else now) + pause, failures + 1)


def succeeded(spool: str) -> None:
    """An attempt went well: the next failure waits short again."""
    files.remove(os.path.join(spool, _NAME))


def _read(spool: str) -> tuple[float, int]:
    try:
        not_before, failures = files.read(os.path.join(spool, _NAME), 100).decode("ascii").split()
        return float(not_before), int(failures)
    except (OSError, ValueError):
        return 0.0, 0


def _write(spool: str, not_before: float, failures: int) -> None:
    try:
        files.write(
            os.path.join(spool, _NAME), f"{not_before:.0f} {failures}\n".encode("ascii"), durable=True
        )
    except OSError:
        pass  # then the next run asks the server again
