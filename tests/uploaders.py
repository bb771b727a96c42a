"""Watching uploaders: which run for a spool, what they are, when they are gone; and letting time pass."""

import contextlib
import os
import signal
from pathlib import Path

from crashguard.spool import journal
from tests.servers import eventually


def of(spool: Path) -> list[int]:
    """The process ids of the uploaders that run for a spool, and of shells that are just starting one."""
    pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    return [pid for pid in pids if is_uploader(pid, spool)]


def is_uploader(pid: int, spool: Path) -> bool:
    """Whether a process is an uploader of this spool, or will be."""
    try:
        return os.fsencode(spool) in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False


def gone(spool: Path) -> None:
    """Wait until no uploader runs for a spool."""
    eventually(lambda: not of(spool), lambda: f"{of(spool)} {journal.entries(str(spool))[-5:]}")


def kill(spool: Path) -> None:
    """Kill those that run."""
    for pid in of(spool):
        with contextlib.suppress(ProcessLookupError):  # it has just ended by itself
            os.kill(pid, signal.SIGKILL)
    gone(spool)


def outcomes(spool: Path) -> list[tuple[str, str]]:
    """(outcome, reason) of what the journal says about sending."""
    entries = journal.entries(str(spool))
    return [
        (outcome, reason) for _, outcome, _, reason in entries if outcome in ("sent", "rejected", "retry")
    ]


def much_later(spool: Path) -> None:
    """As if hours had gone by: whatever was to be waited for is over."""
    for name in ("backoff", "resumed"):
        (spool / name).unlink(missing_ok=True)
