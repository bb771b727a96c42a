"""Minimal records of processes that are gone: from `recording` to the reports that wait, or stay.

Must live here: whether such a process is dead, and what becomes of its record. Must not be known here: how
a minimal record is written.
"""

import os
import time

from crashguard import files, paths
from crashguard.report import envelope, fingerprint
from crashguard.spool import store


def settle(spool: "store.Spool") -> None:
    """Take over the records of the dead.

    One whose full report is there was left by a process that was killed between the two.
    """
    names = spool.names(store.RECORDING)
    complete = _ids(spool) if names else set()
    for name in names:
        milliseconds, event_id, last = store.parse_name(name) or (0, "", "")
        pid, _, local = last.partition(".")
        path = os.path.join(spool.folder(store.RECORDING), name)
        if event_id in complete:
            files.remove(path)
        elif _is_gone(pid, milliseconds / 1000):
            # The name gains a kind and loses the pid, the mark ".local" becomes the state.
            target = spool.folder(store.LOCAL if local else store.WAITING)
            to = os.path.join(target, f"{milliseconds}-{_kind(path)}-{event_id}{store.SUFFIX}")
            try:
                files.private_folder(target)
                os.replace(path, to)
            except OSError:
                continue


def is_alive(pid: int) -> bool:
    """Whether there is a process of this id."""
    import psutil

    return bool(psutil.pid_exists(pid))


def _ids(spool: "store.Spool") -> set[str]:
    """The event ids of the full reports."""
    parsed = [store.parse_name(name) for state in store.KEPT for name in spool.names(state)]
    return {each[2] for each in parsed if each is not None}


def _kind(path: str) -> str:
    """The kind of a minimal record: type, functions and version, which is all it has."""
    try:
        with open(paths.open_to_read(path, links=False), "rb") as file:
            _, event = envelope.unseal(file.read(store.MOST_BYTES))
        value = event["exception"]["values"][-1]
        functions = [frame["function"] for frame in value["stacktrace"]["frames"]]
        return fingerprint.digest(["minimal", event["release"], value["type"], *functions])
    except (OSError, ValueError, KeyError, IndexError, TypeError):
        return "minimal"


def _is_gone(pid: str, recorded: float) -> bool:
    """Whether the process that wrote a record is dead: its pid is free or was given again."""
    if not (pid.isascii() and pid.isdigit() and len(pid) < 10):
        return True
    import psutil

    try:
        return psutil.Process(int(pid)).create_time() > recorded
    except psutil.NoSuchProcess:
        return True
    except (psutil.Error, OSError):  # no descriptor is left to look with, for instance
        return time.time() - recorded > store.ABANDONED
