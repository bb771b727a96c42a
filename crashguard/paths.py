"""Where files lie: the folder of reports (state), the folder of the user's choice (config), parts of a spool.

The rules are those of the XDG base directories on Linux and of the platform's own folders elsewhere, as in
platformdirs. They are written out here because install() and the dying process need them, and an import of
platformdirs costs more than the rest of a start. A test compares the two.

This module creates no folder. It hands out no folder that another user could have put there: `why_unsafe()`.
"""

import os
import stat
import sys

from crashguard import files

files.keep_builtins(__name__)


_FOLDER = "crashguard"
_EFFECTIVE = os.access in os.supports_effective_ids  # after seteuid() it is that user who writes
_MOST_LINKS = 20  # in a path, each behind the other
_MOST_BYTES = 1_000_000  # of the machine's lists of users and groups

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
UNSAFE_NOTICE = "folder-notice"  # the same: why this folder is used, and not the one where reports should be
TO_SEND = (WAITING, RECORDING)
# The files in `runs/`. `last` is the marker of the run before, where that tells something.
MARKER, NATIVE, LAST = ".run", ".native", "last"
NATIVE_LOCAL = ".local" + NATIVE  # of a native crash that must not be sent, whatever the file's header says
CRASHED = "crashed"  # in a marker, before the id of the report
FORKED = "fork:"  # in a marker, before the token of a forked child
MOST_MARKER = 8000  # bytes of a marker
ENDED = b"ended"  # below the header of a native file: the process became another user and could not remove it
STATS = ("stats-anonymous", "stats-identified")  # each with states of its own
_FOLDERS = (RECORDING, WAITING, LOCAL, SENT, REJECTED, BROKEN, RUNS, *STATS)


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


REMEDY = "set XDG_STATE_HOME to a folder that only you can write into"

# What is handed out where no folder is safe: nothing can be read or written there.
_NOWHERE = os.path.join(os.devnull, _FOLDER)


def state_dir() -> str:
    """The folder that holds one spool for each app: reports are state, not configuration and not cache.

    Without a usable home, and where another user could have put something in its place, it is a folder of
    this user under the temporary directory. Where that is unsafe too, it is a path at which nothing can be.
    """
    return next((path for path in _state_dirs() if why_unsafe(path) is None), _NOWHERE)


def why_none() -> str | None:
    """Why no folder is used at all, as a sentence; None where one is."""
    return None if state_dir() != _NOWHERE else why_unsafe(_state_dirs()[-1])


def why_not_used(app: str | None = None) -> str | None:
    """Why the folder of reports is not where it should be, as a sentence; None where it is."""
    state = _state_dirs()[0]
    found = _why_no_home() or why_unsafe(state)
    if found is not None or app is None:
        return found
    spool = os.path.join(state, app)
    found = why_unsafe(spool, below=state)
    for folder in () if found is not None else files.names(spool):
        path = os.path.join(spool, folder)
        if folder in _FOLDERS and os.path.isdir(path) and not os.path.islink(path):  # else it is moved away
            found = found or why_unsafe(path, below=spool)
    return found


def _why_no_home() -> str | None:
    """Whose the home is, where it is another user's and would be used; None elsewhere."""
    path = home(to_read=True)
    if len(_state_dirs()) > 1 or path is None or not os.path.lexists(path):
        return None
    return f"{path} belongs to another user"


def why_unsafe(folder: str, *, below: str | None = None) -> str | None:
    """Why reports must not be kept in a folder, as a sentence; None where they may.

    It must be a real folder of this user into which nobody else can write. The folders above it may be links;
    they must belong to this user or to the system, and nobody else may put another in its place: whoever can
    write into a folder can rename what is in it, but for a sticky one (`/tmp`).

    Args:
        folder: The folder.
        below: A folder above it that was found safe a moment ago, so that it is not looked at again.
    """
    if sys.platform == "win32":
        return None
    me = os.geteuid()
    is_made = True
    try:
        found = os.lstat(folder)
    except OSError:
        is_made = False
    else:
        if found.st_uid != me:
            return f"{folder} belongs to another user"
        if not stat.S_ISDIR(found.st_mode):
            return f"{folder} is not a folder" if not stat.S_ISLNK(found.st_mode) else f"{folder} is a link"
        if _can_others_write(found):
            return f"other users can write into {folder}"
    above = os.path.dirname(folder)
    return None if above in (folder, below) else _why_unsafe_above(above, below, _MOST_LINKS, is_made)


def _why_unsafe_above(path: str, below: str | None, links: int, is_made: bool = True) -> str | None:
    """Why somebody else can put something in the place of what is below a folder; None where nobody can.

    Where that is not made yet, also why it cannot be: `sudo pip` leaves a `~/.local` of root's.
    """
    if sys.platform == "win32":
        return None
    try:
        system = os.stat(os.sep).st_uid  # in a user namespace another one than 0
    except OSError:
        system = 0
    while True:
        try:
            found = os.lstat(path)
            to = os.readlink(path) if stat.S_ISLNK(found.st_mode) else None
            is_open = is_made or os.access(path, os.W_OK | os.X_OK, effective_ids=_EFFECTIVE)
        except OSError:
            pass  # not made yet
        else:
            if found.st_uid not in (os.geteuid(), 0, system):
                return f"{path} belongs to another user"
            if to is not None:
                behind = os.path.join(os.path.dirname(path), to)
                why = _why_unsafe_above(behind, None, links - 1) if links else f"{path} is a link of links"
                if why is not None:
                    return why
            elif not found.st_mode & stat.S_ISVTX and _can_others_write(found):
                return f"other users can rename what is in {path}"
            if not is_open:
                return f"{path} cannot be written" if os.path.isdir(path) else f"{path} is not a folder"
            is_made = True
        path, before = os.path.dirname(path), path
        if path in (before, below):
            return None


def _can_others_write(found: "os.stat_result") -> bool:
    """Whether users other than this one and the system can write into a folder, by its mode."""
    if found.st_mode & stat.S_IWOTH:
        return True
    return bool(found.st_mode & stat.S_IWGRP) and not _is_own_group(found.st_gid)


def _is_own_group(group: int) -> bool:
    """Whether a group has no member but this user, as far as the machine's own files tell.

    Most Linux systems give each user a group of the same name, and make folders that it can write into.
    Images for any user (OpenShift) have folders of the group 0, as which they run. What a directory service
    says is not asked for: a start would wait for a network.
    """
    if sys.platform == "win32":
        return True
    me = os.geteuid()
    if group == 0:
        return True
    if group != os.getegid():
        return False
    users = [parts for parts in _entries("/etc/passwd") if len(parts) > 3]
    mine = [parts[0] for parts in users if parts[2] == str(me)]
    if any(parts[3] == str(group) and parts[2] not in (str(me), "0") for parts in users):
        return False
    for parts in _entries("/etc/group"):
        if len(parts) > 3 and parts[2] == str(group):
            is_of_me = group == me or parts[0] in mine
            return is_of_me and all(name in mine for name in parts[3].split(",") if name)
    return group == me  # a user of a container, of whom no file knows


def _entries(path: str) -> list[list[str]]:
    try:
        text = files.read(path, _MOST_BYTES, links=True).decode("utf-8", "replace")
    except OSError:
        return []
    return [line.split(":") for line in text.splitlines()]


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


def forked(said: bytes) -> "list[str]":
    """The tokens of the forked children that a run's marker names."""
    words = said.decode("ascii", "replace").split()
    return [word[len(FORKED) :] for word in words if word.startswith(FORKED)]
