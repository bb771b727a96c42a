"""How earlier runs ended, from what they left in `runs/`.

Must live here: the verdict on a run that is gone. Must not be known here: what becomes of a native file.
"""

import os

from crashguard import paths
from crashguard.recovery import run_marker

_MOST_HEADER = 1_000_000
CLEAN, CRASHED, KILLED = "clean", run_marker.CRASHED, "killed"


class LastRun:
    """How the run before this one ended.

    Attributes:
        verdict: `clean`, `crashed` (an exception that nothing caught, or a fatal signal) or `killed`.
        started: When it began, in seconds since 1970.
        event_id: The id of the report of its crash, where there is one.
    """

    __slots__ = ("event_id", "started", "verdict")

    def __init__(self, verdict: str, started: float, event_id: str | None = None) -> None:
        self.verdict = verdict
        self.started = started
        self.event_id = event_id

    def __repr__(self) -> str:
        return f"LastRun({self.verdict!r}, started={self.started}, event_id={self.event_id!r})"


def last_run() -> LastRun | None:
    """How the last run of this tool ended, for an offer such as `--resume` or a safe mode.

    Call it after `install()`. Its answer stays the same until another run of the tool ends.

    Returns:
        The verdict on the run that ended, or was found dead, last. None on a first run and, unless
        `install(markers=True)` asked for clean ends too, after a clean one.
    """
    from crashguard import capture

    config = capture.current()
    if config is None:
        return None
    try:
        sweep(config.spool, thoroughly=True)
        with open(
            paths.open_to_read(os.path.join(config.spool, run_marker.FOLDER, run_marker.LAST)), "rb"
        ) as file:
            began, verdict, event_id, *_ = (*file.read(200).decode("ascii", "replace").split(), "", "", "")
    except OSError:
        return None
    seconds = int(began) / 1000 if began.isdigit() and len(began) < 20 else 0.0
    return LastRun(verdict if verdict in (CRASHED, KILLED) else CLEAN, seconds, event_id or None)


def sweep(spool: str, *, thoroughly: bool = False) -> bool:
    """Judge the runs whose process is gone; whether one of them left word of a fatal signal.

    Args:
        spool: The spool's folder.
        thoroughly: Also find those whose pid another process has now. A start does without: that takes
            an import that costs more than the rest of it, for something that hardly ever happens.

    Raises:
        OSError: The files cannot be read.
    """
    folder = os.path.join(spool, run_marker.FOLDER)
    died: set[str] = set()
    dead = []
    for name in sorted(os.listdir(folder)):
        parsed = parse(name)
        if parsed is not None and not run_marker.is_mine(name) and is_gone(*parsed, thoroughly=thoroughly):
            dead.append(name)
    for name in dead:
        path = os.path.join(folder, name)
        if name.endswith(run_marker.NATIVE):
            if _is_told(path):
                died.add(name.partition(".")[0])
            else:
                os.unlink(path)
    for name in dead:
        if name.endswith(run_marker.MARKER):
            _judge(folder, name, spool, died)
    return bool(died)


def parse(name: str) -> tuple[float, int] | None:
    """(seconds when it began, pid) of a file in `runs/`; None where the name is not one of ours."""
    started, _, rest = name.partition("-")
    pid, _, _ = rest.partition(".")
    if not (started.isdigit() and pid.isdigit() and name.isascii() and len(started) < 20 and len(pid) < 10):
        return None
    return int(started) / 1000, int(pid)


def is_gone(started: float, pid: int, *, thoroughly: bool = True) -> bool:
    """Whether the process that began a run is dead: its pid is free, or given to another one since."""
    if pid == os.getpid():
        return True  # ours now, and what is our own was not asked for
    if os.name != "nt":  # where os.kill(pid, 0) would be Ctrl-C
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        except OSError:
            pass  # it exists and is somebody else's
        if not thoroughly:
            return False
    import psutil

    try:
        return psutil.Process(pid).create_time() > started + 1
    except psutil.NoSuchProcess:
        return True
    except (psutil.Error, OSError):
        return False


def _is_told(path: str) -> bool:
    """Whether something stands below the header of a native file."""
    try:
        with open(paths.open_to_read(path, links=False), "rb") as file:
            return bool(file.readline(_MOST_HEADER) and file.read(1))
    except OSError:
        return False


def _judge(folder: str, name: str, spool: str, died: set[str]) -> None:
    path = os.path.join(folder, name)
    try:
        with open(paths.open_to_read(path, links=False), "rb") as file:
            told = CRASHED.encode() in file.read(200)
    except OSError:
        os.unlink(path)  # not a marker of ours
        return
    verdict = None if told else CRASHED if name.partition(".")[0] in died else KILLED
    if verdict is not None:
        with open(path, "ab") as file:
            file.write(f" {verdict}".encode())
    if verdict == KILLED:
        from crashguard.spool import journal

        journal.note(spool, KILLED, reason="a run ended without a word")
    os.replace(path, os.path.join(folder, run_marker.LAST))
