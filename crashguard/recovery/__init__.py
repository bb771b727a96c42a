"""The files that a run leaves behind, and how the next run recovers a crash from them.

    minimal_record   the first record of a crash; the only one if the process dies before its full report
    run_marker       the marker of a run that goes on, and the file for its native crash
    last_run         how the run before this one ended, from its marker
    native_crash     faulthandler's output -> an event
    recover          the files of dead processes -> reports that wait; or their deletion, after a no

The files of runs lie in `runs/` of a spool. Their names are `MILLISECONDS-PID` and a suffix. `pending()` is
the only function that says what earlier processes left to be done. The start of a program, the uploader and
the command call it.
"""

import os

from crashguard import files, paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

MARKER, NATIVE, LAST = ".run", ".native", "last"
NATIVE_LOCAL = ".local" + NATIVE  # of a native crash that must not be sent, whatever the file's header says

REPORTS, STATS = "reports", "stats"

_TO_SEND = (paths.WAITING, paths.RECORDING)

_MOST_HEADER = 1_000_000  # bytes of the first line of a native file


def pending(root: str) -> list[str]:
    """What earlier processes left to be done in a spool.

    Args:
        root: The spool's folder; it may be missing.

    Returns:
        REPORTS where a report waits, a minimal record lies or a process died of a native crash. STATS where
        stats wait. The list may hold both, or be empty.
    """
    there = files.names(root)  # one listing in place of several looks, because every start pays for this
    left = []
    if any(state in there and not files.is_empty(os.path.join(root, state)) for state in _TO_SEND) or any(
        _native_crashes(root)
    ):
        left.append(REPORTS)
    if any(
        kind in there and not files.is_empty(os.path.join(root, kind, paths.WAITING)) for kind in paths.STATS
    ):
        left.append(STATS)
    return left


def age_of_reports(root: str) -> float:
    """Seconds since the last report, minimal record or native crash came into a spool; infinite for none."""
    crashes = [os.path.join(root, paths.RUNS, name) for name in _native_crashes(root)]
    folders = [os.path.join(root, state) for state in _TO_SEND]
    return min(files.age(path) for path in [*crashes, *folders])


def _native_crashes(root: str) -> "Iterator[str]":
    """The native files that tell of a crash and whose process is gone.

    These are few, so that here it is found out for each whether another process has its pid now.
    """
    for name in files.names(os.path.join(root, paths.RUNS)):
        parsed = parse(name) if name.endswith(NATIVE) and is_native_crash(root, name) else None
        if parsed is not None and files.is_gone(parsed[1], parsed[0]):
            yield name


def of_dead_processes(root: str, *, thoroughly: bool = False) -> list[str]:
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
    """(start of the run in seconds since 1970, pid) from the name of a run's file; None for another name."""
    started, _, rest = name.partition("-")
    pid, _, _ = rest.partition(".")
    if not (started.isdigit() and pid.isdigit() and name.isascii() and len(started) < 20 and len(pid) < 10):
        return None
    return int(started) / 1000, int(pid)


def is_native_crash(root: str, name: str) -> bool:
    """Whether a native file holds a crash: faulthandler writes it below the header."""
    try:
        with open(files.open_to_read(os.path.join(root, paths.RUNS, name)), "rb") as file:
            return bool(file.readline(_MOST_HEADER) and file.read(1))
    except OSError:
        return False
