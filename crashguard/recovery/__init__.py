"""What dead processes left, and how the next run recovers a crash from it.

    last_run         how the run before this one ended, from its marker
    native_crash     faulthandler's output -> an event
    recorded         the fingerprint of a crash of which only the minimal record is left
    recover          the files of dead processes -> reports that wait; or their deletion, after a no

`minimal_record` and `capture.run` write these files. Those of runs lie in `runs/` of a spool. Their names are
`MILLISECONDS-PROCESS` and a suffix; PROCESS is a `files.process_token()`. `pending()` is the only function
that says what earlier processes left to be done. The start, the uploader and the command call it.
"""

import os

from crashguard import files, paths, processes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

REPORTS, STATS = "reports", "stats"

_FORGOTTEN = 24 * 3600.0  # seconds after which a run elsewhere counts as over, if nothing tells that it lives
_SETTLED = 2.0  # seconds after which a native file is locked, and a crash in it is written
# Seconds from a minimal record to its report: twice the deadline of all that a crash waits for. A record of
# another container is taken after them.
MOST_TO_REPORT = 5.0
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
    if any(
        state in there and not files.is_empty(os.path.join(root, state)) for state in paths.TO_SEND
    ) or any(_native_crashes(root)):
        left.append(REPORTS)
    if any(
        kind in there and not files.is_empty(os.path.join(root, kind, paths.WAITING)) for kind in paths.STATS
    ):
        left.append(STATS)
    return left


def is_to_be_recovered(root: str) -> bool:
    """Whether a minimal record or a native crash lies in a spool, of which `recover` makes a report."""
    return not files.is_empty(os.path.join(root, paths.RECORDING)) or any(_native_crashes(root))


def age_of_reports(root: str) -> float:
    """Seconds since the last thing in a spool could be sent first; infinite for nothing.

    That is since it came, and of a minimal record since it would be taken, wherever it came from.
    """
    crashes = [os.path.join(root, paths.RUNS, name) for name in _native_crashes(root)]
    ages = [files.age(path) for path in (*crashes, os.path.join(root, paths.WAITING))]
    recording = os.path.join(root, paths.RECORDING)
    if not files.is_empty(recording):
        ages.append(files.age(recording) - MOST_TO_REPORT)
    return min(ages)


def _native_crashes(root: str) -> "Iterator[str]":
    """The native files that tell of a crash and whose process is gone.

    These are few, so that here it is found out for each whether another process has its pid now.
    """
    names = [name for name in files.names(os.path.join(root, paths.RUNS)) if name.endswith(paths.NATIVE)]
    mine = files.process_token() if names else ""
    for name in names:
        if is_over(root, name, mine) and is_native_crash(root, name):
            yield name


def of_dead_processes(root: str, *, thoroughly: bool = False) -> list[str]:
    """The names of the files in `runs/` whose process is gone, oldest first.

    Args:
        root: The spool's folder.
        thoroughly: See `processes.is_gone`.
    """
    names = [name for name in files.names(os.path.join(root, paths.RUNS)) if name != paths.LAST]
    mine = files.process_token() if names else ""
    return [name for name in names if is_over(root, name, mine, thoroughly=thoroughly)]


def tells_of_runs(root: str, *, also_verdict: bool) -> bool:
    """Whether `runs/` tells of a run that is over.

    Args:
        root: The spool's folder.
        also_verdict: Whether the verdict on the last run counts, too.
    """
    verdict = also_verdict and paths.LAST in files.names(os.path.join(root, paths.RUNS))
    return verdict or bool(of_dead_processes(root))


def is_over(root: str, name: str, mine: str, *, thoroughly: bool = True) -> bool:
    """Whether the run of a file in `runs/` is over, however it ended.

    Args:
        root: The spool's folder.
        name: The file's name.
        mine: The token of this process.
        thoroughly: See `processes.is_gone`.
    """
    parsed = parse(name)
    if parsed is None:
        return False
    since, token = parsed
    has_ended = processes.is_over(
        token, since, mine, elsewhere=lambda: _is_over_elsewhere(root, name), thoroughly=thoroughly
    )
    return has_ended and not (name.endswith(paths.NATIVE) and _is_shared(root, name))


def _is_shared(root: str, name: str) -> bool:
    """Whether a forked child goes on with a native file of its parent.

    What killed another of them is read all the same, once it is written: a worker without a parent may hang.
    """
    path = os.path.join(root, paths.RUNS, name)
    is_read = is_native_crash(root, name) and files.age(path) > _SETTLED
    return not is_read and processes.is_held_by_children(path)


def is_replaced(name: str) -> bool:
    """Whether the process of a run's file lives on as another program, after `os.execv`."""
    parsed = parse(name)
    return parsed is not None and processes.fate_of(parsed[1], files.process_token()) == processes.REPLACED


def _is_over_elsewhere(root: str, name: str) -> bool:
    """Of another container, boot or machine only the lock of its native file, or of its marker, is known."""
    stem = os.path.join(root, paths.RUNS, name.partition(".")[0])
    natives = [path for path in (stem + paths.NATIVE, stem + paths.NATIVE_LOCAL) if os.path.exists(path)]
    if natives:
        # One that was made a moment ago is not locked yet.
        settled = any(
            is_native_crash(root, os.path.basename(path)) or files.age(path) > _SETTLED for path in natives
        )
        return settled and not any(map(processes.is_locked, natives))
    path = os.path.join(root, paths.RUNS, name)
    return files.age(path) > _FORGOTTEN and not processes.is_locked(path)


def parse(name: str) -> tuple[float, str] | None:
    """(start of the run in seconds since 1970, token of its process) from a name; None for another name."""
    started, _, rest = name.partition("-")
    token = rest.partition(".")[0]
    pid = token.partition("_")[0]
    if not (started.isdigit() and pid.isdigit() and name.isascii() and len(started) < 20 and len(pid) < 10):
        return None
    return int(started) / 1000, token


def is_native_crash(root: str, name: str) -> bool:
    """Whether a native file holds a crash: faulthandler writes it below the header."""
    try:
        with open(files.open_to_read(os.path.join(root, paths.RUNS, name)), "rb") as file:
            return bool(file.readline(_MOST_HEADER) and file.read(len(paths.ENDED)) not in (b"", paths.ENDED))
    except OSError:
        return False


def says_ended(root: str, name: str) -> bool:
    """Whether the process of a native file ended cleanly and could only say so in it."""
    try:
        with open(files.open_to_read(os.path.join(root, paths.RUNS, name)), "rb") as file:
            return bool(file.readline(_MOST_HEADER) and file.read(len(paths.ENDED)) == paths.ENDED)
    except OSError:
        return False


def has_living_child(root: str, name: str) -> bool:
    """Whether a forked child of a run lives: a daemon, whose first process ends when it has forked."""
    stem = os.path.join(root, paths.RUNS, name.partition(".")[0])
    if any(processes.is_held_by_children(stem + ending) for ending in (paths.NATIVE, paths.NATIVE_LOCAL)):
        return True
    try:
        said = files.read(os.path.join(root, paths.RUNS, name), paths.MOST_MARKER)
    except OSError:
        return False
    mine = files.process_token()
    return any(
        processes.fate_of(token, mine) in (processes.ALIVE, processes.REPLACED)
        for token in paths.forked(said)
    )
