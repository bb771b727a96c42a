"""Where files lie: the folder of reports (state), the folder of the user's choice (config), parts of a spool.

The rules are those of the XDG base directories on Linux and of the platform's own folders elsewhere, as in
platformdirs. They are written out here because install() and the dying process need them, and an import of
platformdirs costs more than the rest of a start. A test compares the two.

This module creates no folder. It hands out no folder that another user could have put there: `why_unsafe()`.
"""

import os
import stat
import sys

_FOLDER = "crashguard"

# A spool, the folder of one app, holds one folder for each state of a report.
RECORDING = "recording"  # minimal records of processes that are dying right now
WAITING = "waiting"  # recorded where the telemetry level allowed it, to be sent
LOCAL = "local"  # never to be sent
SENT = "sent"  # sent; the file holds the bytes that left
REJECTED = "rejected"  # refused by a server for good
BROKEN = "broken"  # not a report: foreign, damaged or unreadable
RUNS = "runs"  # the run markers and native files of runs that go on or were killed
ABOUT = "about"  # what the installed version of the tool says of its telemetry level
ISSUE_URL = "issue-url"  # where the installed version of the tool wants its issues
CHOICE = "telemetry-level"  # the file of a saved choice, in the folders of choices
NOTICE = "notice"  # an empty file: the first-use notice about crash reports was printed
STATS_NOTICE = "stats-notice"  # the same about stats
TO_SEND = (WAITING, RECORDING)
# The files in `runs/`. `last` is the marker of the run before, where that tells something.
MARKER, NATIVE, LAST = ".run", ".native", "last"
NATIVE_LOCAL = ".local" + NATIVE  # of a native crash that must not be sent, whatever the file's header says
CRASHED = "crashed"  # in a marker, before the id of the report
FORKED = "fork:"  # in a marker, before the token of a forked child
MOST_MARKER = 8000  # bytes of a marker
ENDED = b"ended"  # below the header of a native file: the process became another user and could not remove it
STATS = ("stats-anonymous", "stats-identified")  # each with states of its own


def home(*, to_read: bool = False) -> str | None:
    """The user's home directory, or None where this user has none.

    None for a uid that has neither a passwd entry nor HOME (containers), and for a HOME of another user:
    `sudo` keeps HOME, and files of root's in a user's home would lock that user out.

    Args:
        to_read: Whether nothing is written there, so that the home of another user will do.
    """
    path = os.path.expanduser("~")
    if not os.path.isabs(path):
        return None
    if hasattr(os, "geteuid") and not to_read:
        try:
            if os.stat(path).st_uid != os.geteuid():
                return None
        except OSError:
            return None
    return path


def _base(variable: str, under_home: str, *, to_read: bool = False) -> str | None:
    """The folder in a variable if it is absolute, as the XDG specification requires, else the default."""
    given = os.environ.get(variable, "")
    if os.path.isabs(given):
        return given
    where = home(to_read=to_read)
    return None if where is None else os.path.join(where, *under_home.split("/"))


REMEDY = "remove it, or set XDG_STATE_HOME to a folder that only you can write into"

# What is handed out where no folder is safe: nothing can be read or written there.
_NOWHERE = os.path.join(os.devnull, _FOLDER)


def state_dir() -> str:
    """The folder that holds one spool for each app: reports are state, not configuration and not cache.

    Without a usable home, and where another user could have put something in its place, it is a folder of
    this user under the temporary directory. Where that is unsafe too, it is a path at which nothing can be.
    """
    return next((path for path in _state_dirs() if why_unsafe(path) is None), _NOWHERE)


def why_not_used(app: str | None = None) -> str | None:
    """Why the folder of reports is not where it should be, as a sentence; None where it is."""
    found = why_unsafe(_state_dirs()[0])
    return found if found is not None or app is None else why_unsafe(os.path.join(state_dir(), app))


def why_unsafe(folder: str, *, below: str | None = None) -> str | None:
    """Why reports must not be kept in a folder, as a sentence; None where they may, or where there is none.

    It must be a real folder of this user into which nobody else can write. The folders above it may be links;
    they must belong to this user or to the system, because their owner could put another in its place.

    Args:
        folder: The folder.
        below: A folder above it that was found safe a moment ago, so that it is not looked at again.
    """
    if not hasattr(os, "geteuid"):
        return None
    me = os.geteuid()
    try:
        trusted = (me, 0, os.stat(os.sep).st_uid)  # in a user namespace the system's uid is another one
    except OSError:
        trusted = (me, 0, 0)
    path = folder
    while True:
        try:
            found = os.lstat(path)
        except OSError:
            pass  # not made yet
        else:
            if found.st_uid not in (trusted if path != folder else (me,)):
                return f"{path} belongs to another user"
            if path == folder and not stat.S_ISDIR(found.st_mode):
                return f"{path} is not a folder" if not stat.S_ISLNK(found.st_mode) else f"{path} is a link"
            if path == folder and found.st_mode & 0o022:
                return f"other users can write into {path}"
        path, before = os.path.dirname(path), path
        if path in (before, below):
            return None


def _state_dirs() -> list[str]:
    """Where the folder of spools may be, the best place first."""
    if sys.platform == "win32":
        base = _base("LOCALAPPDATA", "AppData/Local")
    elif sys.platform == "darwin":
        base = _base("XDG_STATE_HOME", "Library/Application Support")
    else:
        base = _base("XDG_STATE_HOME", ".local/state")
    owner = os.geteuid() if hasattr(os, "geteuid") else "user"
    fallback = os.path.join(os.environ.get("TMPDIR") or "/tmp", f"{_FOLDER}-{owner}")  # noqa: S108 (see why_unsafe)
    return [fallback] if base is None else [os.path.join(base, _FOLDER), fallback]


def config_dir(*, to_read: bool = False) -> str | None:
    """The folder that holds the user's saved telemetry level, or None where there is no usable home.

    Args:
        to_read: See `home`.
    """
    if sys.platform == "win32":
        base = _base("LOCALAPPDATA", "AppData/Local", to_read=to_read)
    elif sys.platform == "darwin":
        base = _base("XDG_CONFIG_HOME", "Library/Application Support", to_read=to_read)
    else:
        base = _base("XDG_CONFIG_HOME", ".config", to_read=to_read)
    return None if base is None else os.path.join(base, _FOLDER)


def machine_dir() -> str:
    """The folder that holds the machine's telemetry level, which an administrator sets."""
    if sys.platform == "win32":
        return os.path.join(os.environ.get("PROGRAMDATA") or "C:\\ProgramData", _FOLDER)
    if sys.platform == "darwin":
        return os.path.join("/Library/Application Support", _FOLDER)
    return os.path.join("/etc", _FOLDER)


def spool_dir(app: str) -> str:
    """The spool of one app."""
    state = state_dir()
    folder = os.path.join(state, app)
    return folder if why_unsafe(folder, below=state) is None else os.path.join(_NOWHERE, app)
