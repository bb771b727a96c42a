"""How often one bug is sent: once a day from one machine, with a count of what was suppressed.

A service that crashes at its start and is started again makes the same report every second. Each crash
has its report on the machine; one a day is sent. Those that come while it waits are counted in it (its
occurrences); of those that come when it is gone, the next day's tells (held back). What is one bug is told
by the group in a report's name: fingerprint and version.

The count is the size of a file that every crash adds one byte to: no lock, and nothing to be half written.
"""

import os

from crashguard import files, policy
from crashguard.paths import REJECTED, SENT, WAITING
from crashguard.spool.store import group_of

SECONDS = 24 * 3600.0  # one report of a group in this time
MOST = 100  # reports of all groups in this time

_SUPPRESSED = "suppressed"
_FINAL = (SENT, REJECTED)  # what happened to an earlier one, so that another would be a repetition


def why_not(root: str, group: str, now: float, *, also_waiting: bool = True) -> str | None:
    """Why a report of this group is not sent now, a reason of `crashguard.policy`; None if it may be.

    Args:
        root: The spool's folder.
        group: Digest of fingerprint and version, as in the names of reports.
        now: Seconds since 1970.
        also_waiting: Whether one that waits counts as well. False for one that waits itself.
    """
    if also_waiting and any(group_of(name) == group for name in _names(root, WAITING)):
        return policy.REPEATS_WAITING
    for state in _FINAL:
        names = _names(root, state)
        same = [name for name in names if group_of(name) == group]
        if any(_is_recent(os.path.join(root, state, name), now) for name in same):
            return policy.REPEATS_SENT
        recent = len(names) >= MOST and sum(_is_recent(os.path.join(root, state, n), now) for n in names)
        if recent >= MOST:
            return policy.DAILY_LIMIT
    return None


def has_sibling(root: str, name: str) -> bool:
    """Whether another report of the same group waits, or went: what a report that stays here may repeat."""
    group = group_of(name)
    return any(
        other != name and group_of(other) == group
        for state in (WAITING, *_FINAL)
        for other in _names(root, state)
    )


def suppress(root: str, group: str, number: int = 1) -> None:
    """Count one that was suppressed, or several. Never raises."""
    folder = os.path.join(root, _SUPPRESSED)
    try:
        files.private_folder(folder)
        files.append(os.path.join(folder, group), b"." * number)
    except OSError:
        pass  # a figure is lost, not a report


def take_suppressed(root: str, group: str) -> int:
    """How many of a group were suppressed since the last one that was sent; they count from 0 again."""
    path = os.path.join(root, _SUPPRESSED, group)
    mine = f"{path}.{os.getpid()}"
    try:
        os.replace(path, mine)  # of two that ask at once one gets the figure
        suppressed = os.stat(mine).st_size
        os.unlink(mine)
    except OSError:
        return 0
    return suppressed


def delete_counts(root: str, *, older_than: float | None = None) -> None:
    """Remove the counts: all, or those to which nothing was added since a time in seconds since 1970."""
    folder = os.path.join(root, _SUPPRESSED)
    for name in _names(root, _SUPPRESSED):
        path = os.path.join(folder, name)
        try:
            if older_than is None or os.lstat(path).st_mtime < older_than:
                files.remove(path)
        except OSError:
            continue


def _names(root: str, state: str) -> list[str]:
    return files.names(os.path.join(root, state))


def _is_recent(path: str, now: float) -> bool:
    """Whether a report came into its state within the time. One from the future has another clock's time."""
    try:
        return abs(now - os.lstat(path).st_mtime) < SECONDS
    except OSError:
        return False
