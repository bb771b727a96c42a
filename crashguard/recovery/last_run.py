"""How earlier runs ended, from their markers in `runs/`."""

import os

from crashguard import files, paths, recovery

CLEAN, KILLED = "clean", "killed"


class LastRun:
    """How the run before this one ended.

    Attributes:
        verdict: `clean`, `crashed` (an uncaught exception or a fatal signal) or `killed`.
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


def read(root: str) -> LastRun | None:
    """The verdict on the run that ended last, or was judged last; None without a verdict.

    Args:
        root: The spool's folder.
    """
    try:
        said = files.read(os.path.join(root, paths.RUNS, paths.LAST), paths.MOST_MARKER)
    except OSError:
        return None
    words = [each for each in said.decode("ascii", "replace").split() if not each.startswith(paths.FORKED)]
    began, verdict, event_id, *_ = (*words, "", "", "")
    seconds = int(began) / 1000 if began.isdigit() and len(began) < 20 else 0.0
    return LastRun(verdict if verdict in (paths.CRASHED, KILLED) else CLEAN, seconds, event_id or None)


def judge(root: str, *, thoroughly: bool = False) -> None:
    """Judge the runs whose process is gone, and remove native files without a crash.

    Args:
        root: The spool's folder.
        thoroughly: See `processes.is_gone`.

    Raises:
        OSError: The files cannot be moved.
    """
    folder = os.path.join(root, paths.RUNS)
    died: set[str] = set()
    ended: set[str] = set()  # without a verdict: as another user, or as another program
    dead = recovery.of_dead_processes(root, thoroughly=thoroughly)
    for name in dead:
        if name.endswith(paths.NATIVE):
            if recovery.is_native_crash(root, name):
                died.add(name.partition(".")[0])
            else:
                if recovery.says_ended(root, name):
                    ended.add(name.partition(".")[0])
                files.remove(os.path.join(folder, name))
    for name in dead:
        if name.endswith(paths.MARKER):
            if name.partition(".")[0] in ended or recovery.is_replaced(name):
                files.remove(os.path.join(folder, name))
            elif not recovery.has_living_child(root, name):
                _judge(root, name, died)


def _judge(root: str, name: str, died: set[str]) -> None:
    path = os.path.join(root, paths.RUNS, name)
    try:
        known = paths.CRASHED.encode() in files.read(path, paths.MOST_MARKER)
    except OSError:
        files.remove(path)  # not a marker of ours
        return
    verdict = None
    if not known:
        verdict = paths.CRASHED if name.partition(".")[0] in died else KILLED
        try:
            files.append(path, f" {verdict}".encode(), create=False)
        except FileNotFoundError:
            return  # another start has judged it meanwhile
    last = os.path.join(root, paths.RUNS, paths.LAST)
    if os.path.isdir(last):  # in its place it would stop each later run from being watched
        files.move(last, os.path.join(root, f"{paths.LAST}.{os.urandom(4).hex()}"))
    try:
        files.move(path, last)
    except FileNotFoundError:
        return  # as above: one line in the journal is enough
    if verdict == KILLED:
        from crashguard.spool import journal

        journal.note(root, KILLED, reason="a run ended without a crash or an exit")
