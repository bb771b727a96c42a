"""How often one bug is sent: once a day from one machine, with a count of what was held back.

A service that crashes at its start and is started again makes the same report every second. Each crash
has its report on the machine; one a day is sent. Those that come while it waits are counted in it (its
occurrences); of those that come when it is gone, the next day's tells (held back). What is one bug is told
by the kind in a report's name: fingerprint and version.

The count is the size of a file that every crash adds one byte to: no lock, and nothing to be half written.

Must live here: whether a kind may be sent, and the count. Must not be known here: what a kind is made of.
"""

import os

from crashguard import files, paths
from crashguard.recovery import minimal_record

SECONDS = 24 * 3600.0  # one report of a kind in this time
MOST = 100  # reports of all kinds in this time

_HELD = "held"
_FINAL = ("sent", "rejected")  # what happened to an earlier one, so that another would be a repetition


def why_not(root: str, kind: str, now: float, *, also_waiting: bool = True) -> str | None:
    """Why a report of this kind is not sent now, in words for the user; None if it may be.

    Args:
        root: The spool's folder.
        kind: Fingerprint and version, as in the names of reports.
        now: Seconds since 1970.
        also_waiting: Whether one that waits counts as well. False for one that waits itself.
    """
    if also_waiting and any(_kind_of(name) == kind for name in _names(root, minimal_record.WAITING)):
        return "the same crash waits to be sent already; this one is counted"
    for state in _FINAL:
        names = _names(root, state)
        same = [name for name in names if _kind_of(name) == kind]
        if any(_is_recent(os.path.join(root, state, name), now) for name in same):
            return "the same crash was sent within the last 24 hours; this one is counted"
        recent = len(names) >= MOST and sum(_is_recent(os.path.join(root, state, n), now) for n in names)
        if recent >= MOST:
            return f"{recent} reports were sent within the last 24 hours; this one is counted"
    return None


def has_sibling(root: str, name: str) -> bool:
    """Whether another report of the same kind waits, or went: what a report that stays here may repeat."""
    kind = _kind_of(name)
    return any(
        other != name and _kind_of(other) == kind
        for state in (minimal_record.WAITING, *_FINAL)
        for other in _names(root, state)
    )


def hold(root: str, kind: str, number: int = 1) -> None:
    """Count one that was held back, or several. Never raises."""
    folder = os.path.join(root, _HELD)
    try:
        files.private_folder(folder)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | paths.NO_WAIT | getattr(os, "O_NOFOLLOW", 0)
        descriptor = os.open(os.path.join(folder, kind), flags, 0o600)
        try:
            os.write(descriptor, b"." * number)
        finally:
            os.close(descriptor)
    except OSError:
        pass  # a figure is lost, not a report


def release(root: str, kind: str) -> int:
    """How many of a kind were held back since the last one that was sent; they count from 0 again."""
    path = os.path.join(root, _HELD, kind)
    mine = f"{path}.{os.getpid()}"
    try:
        os.replace(path, mine)  # of two that ask at once one gets the figure
        held = os.stat(mine).st_size
        os.unlink(mine)
    except OSError:
        return 0
    return held


def forget(root: str, *, older_than: float | None = None) -> None:
    """Remove the counts: all, or those to which nothing was added since a time in seconds since 1970."""
    folder = os.path.join(root, _HELD)
    try:
        names = os.listdir(folder)
    except OSError:
        return
    for name in names:
        path = os.path.join(folder, name)
        try:
            if older_than is None or os.lstat(path).st_mtime < older_than:
                files.remove(path)
        except OSError:
            continue


def _names(root: str, state: str) -> list[str]:
    try:
        return os.listdir(os.path.join(root, state))
    except OSError:
        return []


def _kind_of(name: str) -> str:
    return name.partition("-")[2].partition("-")[0]


def _is_recent(path: str, now: float) -> bool:
    """Whether a report came into its state within the time. One from the future has another clock's time."""
    try:
        return abs(now - os.lstat(path).st_mtime) < SECONDS
    except OSError:
        return False
