"""What became of each report: one line each, for `status` and for people.

Appended with a single write, so that processes need no lock; cut in half when it grows over the limit.
A line is lost rather than anybody kept waiting.

Must live here: the journal's format. Must not be known here: why something happened.
"""

import os
import time

from crashguard import files, paths

NAME = "journal"
_MOST_BYTES = 64 * 1024


def note(spool: str, outcome: str, event_id: str = "-", reason: str = "") -> None:
    """Add a line: when, what, which report, why. Never raises."""
    line = f"{int(time.time())} {outcome} {event_id} {' '.join(reason.split())[:200]}\n"
    path = os.path.join(spool, NAME)
    try:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | paths.NO_WAIT | getattr(os, "O_NOFOLLOW", 0)
        descriptor = os.open(path, flags, 0o600)
        try:
            os.write(descriptor, line.encode("utf-8", "replace"))
            size = os.fstat(descriptor).st_size
        finally:
            os.close(descriptor)
        if size > _MOST_BYTES:
            _halve(path)
    except OSError:
        pass  # the journal is for people to look at; a full disk has more important users


def entries(spool: str) -> list[tuple[int, str, str, str]]:
    """(seconds since 1970, outcome, event id, reason) of what is still on record, oldest first."""
    try:
        descriptor = paths.open_to_read(os.path.join(spool, NAME), links=False)
        with open(descriptor, encoding="utf-8", errors="replace") as file:
            lines = file.read(2 * _MOST_BYTES).splitlines()
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
    with open(paths.open_to_read(path, links=False), "rb") as file:
        data = file.read(2 * _MOST_BYTES)
    files.write_durably(path, data[len(data) // 2 :].partition(b"\n")[2])
