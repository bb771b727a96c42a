"""The journal: the outcome of each report, one line each, for `crashguard status` and for people.

A line is appended with a single write, so that processes need no lock. A file over its limit is renamed and
takes the place of the one before it. So whoever writes at that moment writes into a file that is still read:
no line is lost, and no writer waits.
"""

import os
import time

from crashguard import files

NAMES = EARLIER, NAME = "journal-earlier", "journal"  # in the order of their lines
_MOST_BYTES = 32 * 1024  # of one file
_MOST_READ = 128 * 1024  # of one that an earlier version wrote, too
COMMENTED = "commented"  # an outcome: a person's comment followed a report that was sent

# Outcomes with which nothing has left this machine. An attempt to send that failed for one of these reasons
# (urllib3's, after `network:`) never reached a server: there was no connection.
_AT_HOME = ("deleted", "withdrawn", "pruned", "suppressed", "killed")
_UNREACHED = ("network: NameResolutionError", "network: NewConnectionError")


def tells_of_sending(entry: tuple[int, str, str, str]) -> bool:
    """Whether something has left this machine, or may have, by a line of `entries()`."""
    _, outcome, _, reason = entry
    return outcome not in _AT_HOME and not (outcome == "retry" and reason in _UNREACHED)


def note(spool: str, outcome: str, event_id: str = "-", reason: str = "") -> None:
    """Add a line: time, outcome, report, reason. Never raises."""
    line = f"{int(time.time())} {outcome} {event_id} {' '.join(reason.split())[:200]}\n"
    path = os.path.join(spool, NAME)
    try:
        _clear(path)
        if files.append(path, line.encode("utf-8", "replace")) > _MOST_BYTES:
            _begin_anew(path, os.path.join(spool, EARLIER))
    except OSError:
        pass  # a full disk, for example; the journal is only for people to read


def entries(spool: str) -> list[tuple[int, str, str, str]]:
    """(seconds since 1970, outcome, event id, reason) of each line, oldest first."""
    newer, older = _read(spool, NAME), _read(spool, EARLIER)
    if len(newer) > _MOST_BYTES // 2 and older.startswith(newer):
        newer = b""  # it was renamed between the two
    found = []
    for line in (older + newer).decode("utf-8", "replace").splitlines():
        when, _, rest = line.partition(" ")
        outcome, _, rest = rest.partition(" ")
        event_id, _, reason = rest.partition(" ")
        if when.isascii() and when.isdigit() and len(when) < 12 and outcome:
            found.append((int(when), outcome, event_id, reason))
    return found


def _read(spool: str, name: str) -> bytes:
    try:
        return files.read(os.path.join(spool, name), _MOST_READ)
    except OSError:
        return b""


def _clear(path: str) -> None:
    """Move away what is no file and lies in the place of one."""
    if files.is_foreign(path):
        files.move(path, f"{path}.{os.urandom(4).hex()}")


def _begin_anew(path: str, earlier: str) -> None:
    """Rename a full file. Of several writers that find it full one does so: the lock is that of the file."""
    from crashguard import processes  # a file is full once in some hundred lines

    descriptor = processes.open_lock(path)
    try:
        try:
            is_turn = processes.lock(descriptor)
        except OSError:
            is_turn = True  # a file system without locks: two at one moment lose the lines before these
        found = files.system.fstat(descriptor)
        if is_turn and found.st_size > _MOST_BYTES and os.path.samestat(found, os.lstat(path)):
            _clear(earlier)
            files.system.fsync(descriptor)  # after a power cut there is still what it replaces, or all of it
            files.move(path, earlier)
    finally:
        files.system.close(descriptor)
