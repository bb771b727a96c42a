"""What a run leaves behind, and what the next one makes of it.

    minimal_record   what a crash writes first; all there is where the process dies before its full report
    run_marker       a file that says that a run goes on, and one for the native crash it may die of
    last_run         how the run before this one ended, from its marker
    native_crash     from what faulthandler wrote to an event
    recover          from what dead processes left to reports that wait; or its deletion, after a no

The files of runs lie in `runs/` of a spool and are named `MILLISECONDS-PID` and an ending. `pending()` is the
one answer to the question what earlier processes left to be done: the start of a program, the uploader and
the command ask it.
"""

import os

from crashguard import files, paths

MARKER, NATIVE, LAST = ".run", ".native", "last"
NATIVE_LOCAL = ".local" + NATIVE  # a native crash that must not be sent, whatever its header says

REPORTS, STATS = "reports", "stats"

_TO_SEND = (paths.WAITING, paths.RECORDING)

_MOST_HEADER = 1_000_000  # bytes of the first line of a native file


def pending(root: str, *, thoroughly: bool = False) -> list[str]:
    """What earlier processes left in a spool to be done.

    Args:
        root: The spool's folder; there may be none.
        thoroughly: Also find what was left by a process whose pid another one has now (`files.is_gone`).

    Returns:
        REPORTS where reports wait, minimal records lie or somebody died of a native crash; STATS where stats
        wait; both or none.
    """
    there = files.names(root)  # a fresh spool holds little, and each look costs a start
    left = []
    if any(state in there and not files.is_empty(os.path.join(root, state)) for state in _TO_SEND) or any(
        name.endswith(NATIVE) and is_native_crash(root, name)
        for name in of_the_dead(root, thoroughly=thoroughly)
    ):
        left.append(REPORTS)
    if any(
        kind in there and not files.is_empty(os.path.join(root, kind, paths.WAITING)) for kind in paths.STATS
    ):
        left.append(STATS)
    return left


def of_the_dead(root: str, *, thoroughly: bool = False) -> list[str]:
    """The names of the files in `runs/` whose process is gone, oldest first.

    Args:
        root: The spool's folder.
        thoroughly: See `files.is_gone`.
    """
    found = []
    for name in files.names(os.path.join(root, paths.RUNS)):
        parsed = None if name == LAST else parse(name)
        if parsed is not None and files.is_gone(parsed[1], parsed[0], thoroughly=thoroughly):
            found.append(name)
    return found


def parse(name: str) -> tuple[float, int] | None:
    """(seconds when it began, pid) of a run's file by its name; None where the name is not one of ours."""
    started, _, rest = name.partition("-")
    pid, _, _ = rest.partition(".")
    if not (started.isdigit() and pid.isdigit() and name.isascii() and len(started) < 20 and len(pid) < 10):
        return None
    return int(started) / 1000, int(pid)


def is_native_crash(root: str, name: str) -> bool:
    """Whether something stands below the header of a native file: nobody died of it otherwise."""
    try:
        with open(files.open_to_read(os.path.join(root, paths.RUNS, name)), "rb") as file:
            return bool(file.readline(_MOST_HEADER) and file.read(1))
    except OSError:
        return False
