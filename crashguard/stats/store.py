"""Where stats lie: two folders in the app's spool, one file a record, states as folders.

    APP/stats-anonymous/   waiting/  sent/  rejected/  broken/
    APP/stats-identified/  the same

A file `MILLISECONDS-ID.jsonl` is two lines of JSON: the header (destination, telemetry level), then the
message, byte for byte as it leaves. It is written under a temporary name and renamed, so that a reader sees
all of it or nothing. Unlike a crash report it is not fsynced: that takes longer than the whole record, and
a number that a power cut takes is no loss.

Each state is bounded by count, bytes and age. The oldest go first: what is used now says more than what was.

Must live here: folders, names, bounds. Must not be known here: what a record says, HTTP.
"""

import os
import time

from crashguard import files
from crashguard.spool import journal
from crashguard.spool.store import Spool

ANONYMOUS = "anonymous"
IDENTIFIED = "identified"
KINDS = (ANONYMOUS, IDENTIFIED)

WAITING = "waiting"
SENT = "sent"
REJECTED = "rejected"
BROKEN = "broken"
STATES = (WAITING, SENT, REJECTED, BROKEN)

SUFFIX = ".jsonl"
MOST_RECORDS = 1000  # in one state of one kind
MOST_BYTES = 4 * 1024 * 1024
MOST_SECONDS = 29 * 24 * 3600  # as for crash reports
_LOOK_EVERY = 64  # records between two looks at bytes and age
_ABANDONED = 600  # seconds after which a partial file belongs to nobody


def root_of(spool: str, kind: str) -> str:
    """The folder of one kind of stats in an app's spool."""
    return os.path.join(spool, f"stats-{kind}")


def keep(spool: str, kind: str, data: bytes, message_id: str, *, env_var: str) -> str:
    """Write a record that is to be sent; return its path.

    Args:
        spool: The app's spool.
        kind: `anonymous` or `identified`.
        data: The file's content.
        message_id: The id of its message.
        env_var: The variable of the tool's telemetry level; the uploader reads it.

    Raises:
        OSError: It could not be written.
    """
    root = root_of(spool, kind)
    folder = os.path.join(root, WAITING)
    name = f"{time.time_ns() // 1_000_000}-{message_id.replace('-', '')}{SUFFIX}"
    path = os.path.join(folder, name)
    try:
        _write(folder, name, data)
    except FileNotFoundError:
        files.private_folder(folder)
        Spool(spool).set_metadata(env_var)
        _write(folder, name, data)
    count = len(os.listdir(folder))
    if count > MOST_RECORDS or count % _LOOK_EVERY == 0:
        prune(root, WAITING)
    return path


def names(root: str, state: str) -> list[str]:
    """The names of the records in a state, oldest first. What is no record is set aside."""
    try:
        entries = list(os.scandir(os.path.join(root, state)))
    except OSError:
        return []
    found = []
    for entry in entries:
        if entry.name.endswith(".partial"):
            _sweep(entry)
        elif state != BROKEN and (seconds_of(entry.name) is None or not entry.is_file(follow_symlinks=False)):
            set_aside(root, state, entry.name, "not a record of crashguard")
        else:
            found.append(entry.name)
    return sorted(found)


def seconds_of(name: str) -> float | None:
    """When a record was written, in seconds since 1970, by its name; None where it is none."""
    milliseconds, dash, message_id = name.removesuffix(SUFFIX).partition("-")
    if not name.endswith(SUFFIX) or not dash or len(milliseconds) >= 20:
        return None
    if not milliseconds.isascii() or not milliseconds.isdigit():
        return None
    return int(milliseconds) / 1000 if len(message_id) == 32 and message_id.isalnum() else None


def move(root: str, name: str, state: str, to: str) -> bool:
    """Move a record to another state; False where it was gone."""
    target = os.path.join(root, to)
    try:
        files.private_folder(target)
        os.replace(os.path.join(root, state, name), os.path.join(target, name))
    except OSError:
        return False
    return True


def set_aside(root: str, state: str, name: str, reason: str) -> None:
    """Move what is no record out of the way, where people can look at it."""
    if move(root, name, state, BROKEN):
        journal.note(root, "broken", "-", f"{name}: {reason}")


def prune(root: str, state: str, *, now: float | None = None) -> int:
    """Hold a state to its bounds, dropping the oldest; how many records were dropped."""
    now = time.time() if now is None else now
    kept: list[tuple[str, int]] = []
    drop = []
    for name in names(root, state):
        try:
            status = os.lstat(os.path.join(root, state, name))
        except OSError:
            continue
        written = seconds_of(name)
        age = now - (status.st_mtime if written is None else written)
        if age > MOST_SECONDS:
            drop.append(name)
        else:
            kept.append((name, status.st_size))
    total = sum(size for _, size in kept)
    for position, (name, size) in enumerate(kept):
        if len(kept) - position <= MOST_RECORDS and total <= MOST_BYTES:
            break
        total -= size
        drop.append(name)
    dropped = sum(files.remove(os.path.join(root, state, name)) for name in drop)
    if dropped:
        journal.note(root, "deleted", "-", f"{dropped} in {state}: over the bounds")
    return dropped


def withdraw(spool: str) -> int:
    """Delete what waits to be sent: a no does not leave yesterday's yes waiting. How many that were.

    Args:
        spool: The app's spool; where it holds no stats, this is two look-ups.
    """
    withdrawn = 0
    for kind in KINDS:
        root = root_of(spool, kind)
        gone = sum(files.remove(os.path.join(root, WAITING, name)) for name in names(root, WAITING))
        if gone:
            journal.note(root, "deleted", "-", f"{gone} in {WAITING}: telemetry level says no")
        withdrawn += gone
    return withdrawn


def _write(folder: str, name: str, data: bytes) -> None:
    files.write(os.path.join(folder, name), data, durable=False)


def _sweep(entry: "os.DirEntry[str]") -> None:
    try:
        if entry.stat(follow_symlinks=False).st_mtime < time.time() - _ABANDONED:
            files.remove(entry.path)
    except OSError:
        pass
