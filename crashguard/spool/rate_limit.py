"""The rate limit: reports of one group are sent once a day from one machine, with a count of the suppressed.

A service that crashes at its start and is started again makes the same report every second. Each crash has
its report on the machine; one report a day is sent. Crashes while that report waits are counted in it
(`occurrences`). Crashes after it was sent are counted in the report of the next day (`held_back`). The group
in a report's name, a digest of fingerprint, version and whether the program survived, identifies the bug.

The count is the size of a file to which every crash adds one byte. So it needs no lock, and it is never half
written. While a report may be on its way, its own process counts for it in a file of its own (`apart`): two
processes that made a report of one bug at one moment take nothing from each other.
"""

import os

from crashguard import files, policy
from crashguard.paths import REJECTED, SENT, WAITING
from crashguard.spool.store import group_of

SECONDS = 24 * 3600.0  # one report of a group in this time
MOST = 100  # reports of all groups in this time

_SUPPRESSED = "suppressed"
_FINAL = (SENT, REJECTED)  # the states of an earlier report that make a further one a repetition


def why_not(root: str, group: str, now: float, *, also_waiting: bool = True) -> str | None:
    """The reason of `crashguard.policy` why a report of this group is not sent now; None if it may be sent.

    Args:
        root: The spool's folder.
        group: The digest in the names of its reports.
        now: Seconds since 1970.
        also_waiting: Whether a waiting report counts. False for a report that waits itself.
    """
    if also_waiting and _of_group(_names(root, WAITING), group):
        return policy.REPEATS_WAITING
    for state in _FINAL:
        names = _names(root, state)
        if any(_is_recent(os.path.join(root, state, name), now) for name in _of_group(names, group)):
            return policy.REPEATS_SENT
        recent = len(names) >= MOST and sum(_is_recent(os.path.join(root, state, n), now) for n in names)
        if recent >= MOST:
            return policy.DAILY_LIMIT
    return None


def apart(group: str, event_id: str) -> str:
    """What counts for one report of a group, in the place of the group, until it is sent."""
    return f"{group}-{event_id}"


def suppress(root: str, group: str, number: int = 1) -> None:
    """Count suppressed crashes of a group. Never raises."""
    folder = os.path.join(root, _SUPPRESSED)
    try:
        files.state_folder(folder)
        files.append(os.path.join(folder, group), b"." * number)
    except OSError:
        pass  # the count is lost, not a report


def suppressed(root: str, group: str) -> int:
    """How many crashes of a group were suppressed since its last sent report; the count goes on."""
    try:
        return os.stat(os.path.join(root, _SUPPRESSED, group)).st_size
    except OSError:
        return 0


def take_suppressed(root: str, group: str) -> int:
    """How many crashes of a group were suppressed since its last sent report; the count restarts at 0."""
    path = os.path.join(root, _SUPPRESSED, group)
    mine = f"{path}.{os.getpid()}"
    try:
        files.move(path, mine)  # of two processes that ask at once, one gets the count
        suppressed = os.stat(mine).st_size
    except OSError:
        return 0
    return suppressed if files.remove(mine) else 0


def delete_counts(root: str, *, older_than: float | None = None) -> None:
    """Delete the counts: all of them, or those that did not change since a time in seconds since 1970."""
    folder = os.path.join(root, _SUPPRESSED)
    for name in _names(root, _SUPPRESSED):
        path = os.path.join(folder, name)
        try:
            if older_than is None or os.lstat(path).st_mtime < older_than:
                files.remove(path)
        except OSError:
            continue


def _of_group(names: list[str], group: str) -> list[str]:
    """The names of reports of a group. Ten thousand may lie there, so that few are taken apart."""
    part = f"-{group}-"
    return [name for name in names if part in name and group_of(name) == group]


def _names(root: str, state: str) -> list[str]:
    return files.names(os.path.join(root, state))


def _is_recent(path: str, now: float) -> bool:
    """Whether a report came into its state within `SECONDS`, also by a clock that has changed since."""
    try:
        return abs(now - os.lstat(path).st_mtime) < SECONDS
    except OSError:
        return False
