"""The time of the next attempt: the server's Retry-After or our own backoff, kept in a file across processes.

The file is one line of plain text, so that a start can read it without a parser: the time before which
nothing is sent, the number of attempts that failed in a row, and the time at which it was written. A clock
that shows less than that was set back: then the wait is over, because it could last for hours.
"""

import os
import time

from crashguard import files

_NAME = "backoff"
_FIRST, _MOST = 30.0, 6 * 3600.0  # seconds: the first wait after a failure, and the longest
_SLACK = 5.0  # seconds by which a clock that is corrected bit by bit may go back
_MOST_WAIT = 25 * 3600  # seconds, longer than any wait


def is_time(spool: str, *, now: float | None = None) -> bool:
    """Whether something may be sent now."""
    now = time.time() if now is None else now
    return not_before(spool, now=now) <= now


def not_before(spool: str, *, now: float | None = None) -> float:
    """When sending may begin again, in seconds since 1970; 0.0 without a backoff."""
    found, _, written = _read(spool)
    now = time.time() if now is None else now
    return found if written <= now + _SLACK and found <= now + _MOST_WAIT else 0.0


def wait(spool: str, seconds: float, *, now: float | None = None) -> None:
    """Send nothing for some seconds, because the server asked for that."""
    _, failures, _ = _read(spool)
    _write(spool, time.time() if now is None else now, seconds, failures)


def failed(spool: str, *, now: float | None = None) -> None:
    """An attempt failed: wait twice as long as the last time, plus or minus a quarter."""
    _, failures, _ = _read(spool)
    # When a server goes down, many machines fail at the same moment. They must not all come back at once.
    jitter = 0.75 + int.from_bytes(os.urandom(2), "big") / 0xFFFF / 2
    pause = min(_MOST, _FIRST * 2 ** min(failures, 20)) * jitter
    _write(spool, time.time() if now is None else now, pause, failures + 1)


def succeeded(spool: str) -> None:
    """An attempt succeeded: the next failure begins with the shortest wait."""
    files.remove(os.path.join(spool, _NAME))


def _read(spool: str) -> tuple[float, int, float]:
    """(time before which nothing is sent, failures in a row, when that was written)."""
    try:
        words = files.read(os.path.join(spool, _NAME), 100).decode("ascii").split()
        not_before, failures, written = *words, *["0"] * (3 - len(words))  # older versions wrote two
        return float(not_before), int(failures), float(written)
    except (OSError, ValueError):
        return 0.0, 0, 0.0


def _write(spool: str, now: float, seconds: float, failures: int) -> None:
    line = f"{now + seconds:.0f} {failures} {now:.0f}\n"
    try:
        files.write(os.path.join(spool, _NAME), line.encode("ascii"), durable=True)
    except OSError:
        pass  # then the next run asks the server again
