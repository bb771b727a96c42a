"""The journal: the outcome of each report, one line each, for `crashguard status` and for people.

A line is appended with a single write, so that processes need no lock. Over its limit the file is cut in
half. A line may be lost; no writer ever waits.
"""

import os
import time

from crashguard import files

NAME = "journal"
_MOST_BYTES = 64 * 1024
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
        if files.is_foreign(path):
            files.move(path, f"{path}.{os.urandom(4).hex()}")
        if files.append(path, line.encode("utf-8", "replace")) > _MOST_BYTES:
            _halve(path)
    except OSError:
        pass  # a full disk, for example; the journal is only for people to read


def entries(spool: str) -> list[tuple[int, str, str, str]]:
    """(seconds since 1970, outcome, event id, reason) of each line, oldest first."""
    try:
        lines = files.read(os.path.join(spool, NAME), 2 * _MOST_BYTES).decode("utf-8", "replace").splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        when, _, rest = line.partition(" ")
        outcome, _, rest = rest.partition(" ")
        event_id, _, reason = rest.partition(" ")
        if when.isascii() and when.isdigit() and len(when) < 12 and outcome:
            found.append((int(when), outcome, event_id, reason))
    return found


def _halve(path: str) -> None:
    data = files.read(path, 2 * _MOST_BYTES)
    files.write(path, data[len(data) // 2 :].partition(b"\n")[2], durable=True)
