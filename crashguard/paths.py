"""Where files lie: the folder of reports (state), the folder of the user's choice (config), parts of a spool.

The rules are those of the XDG base directories on Linux and of the platform's own folders elsewhere, as in
platformdirs. They are written out here because install() and the dying process need them, and an import of
platformdirs costs more than the rest of a start. A test compares the two.

This module creates no folder.
"""

import os
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
NOTICE = "notice"  # an empty file: the first-use notice was printed
STATS = ("stats-anonymous", "stats-identified")  # each with states of its own


def home() -> str | None:
    """The user's home directory, or None where this user has none.

    None for a uid that has neither a passwd entry nor HOME (containers), and for a HOME of another user:
    `sudo` keeps HOME, and files of root's in a user's home would lock that user out.
    """
    path = os.path.expanduser("~")
    if not os.path.isabs(path):
        return None
    if hasattr(os, "geteuid"):
        try:
            if os.stat(path).st_uid != os.geteuid():
                return None
        except OSError:
            return None
    return path


def _base(variable: str, under_home: str) -> str | None:
    """The folder in a variable if it is absolute, as the XDG specification requires, else the default."""
    given = os.environ.get(variable, "")
    if os.path.isabs(given):
        return given
    where = home()
    return None if where is None else os.path.join(where, *under_home.split("/"))


def state_dir() -> str:
    """The folder that holds one spool for each app: reports are state, not configuration and not cache.

    Without a usable home it is a folder of this user under the temporary directory; the spool checks that
    no other user made it.
    """
    if sys.platform == "win32":
        base = _base("LOCALAPPDATA", "AppData/Local")
    elif sys.platform == "darwin":
        base = _base("XDG_STATE_HOME", "Library/Application Support")
    else:
        base = _base("XDG_STATE_HOME", ".local/state")
    if base is not None:
        return os.path.join(base, _FOLDER)
    owner = os.geteuid() if hasattr(os, "geteuid") else "user"
    return os.path.join(os.environ.get("TMPDIR") or "/tmp", f"{_FOLDER}-{owner}")  # noqa: S108 (checked by the spool)


def config_dir() -> str | None:
    """The folder that holds the user's saved telemetry level, or None where there is no usable home."""
    if sys.platform == "win32":
        base = _base("LOCALAPPDATA", "AppData/Local")
    elif sys.platform == "darwin":
        base = _base("XDG_CONFIG_HOME", "Library/Application Support")
    else:
        base = _base("XDG_CONFIG_HOME", ".config")
    return None if base is None else os.path.join(base, _FOLDER)


def spool_dir(app: str) -> str:
    """The spool of one app."""
    return os.path.join(state_dir(), app)
