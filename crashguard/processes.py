"""Other processes that use the same files: whether one that wrote a file still lives, and locks between them.

A start imports this module only where files of earlier runs lie in the spool; a forked child does at its end.
"""

import os
import sys
import time

from crashguard import files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

ALIVE, GONE, REPLACED, ELSEWHERE, UNKNOWN = "alive", "gone", "replaced", "elsewhere", "unknown"

# Seconds. The system records a process's start a moment before the process writes its first file.
_PID_SLACK = 1.0


def is_gone(pid: int, since: float | None = None, *, thoroughly: bool = True) -> bool:
    """Whether the process that wrote a file has ended: its pid is free, or belongs to a newer process.

    Args:
        pid: The pid of the process.
        since: When it wrote the file, in seconds since 1970; with None only the pid counts.
        thoroughly: Whether to look for a newer process that has the pid now. This needs psutil, whose import
            costs more than the rest of a start, and the case is rare. A program's start leaves it out.
    """
    if pid == os.getpid():
        return since is not None and since < files.LOADED  # an earlier process had our pid
    if os.name != "nt":  # where os.kill(pid, 0) would be Ctrl-C
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        except (OSError, OverflowError):
            pass  # it exists and belongs to another user, or the number is not a possible pid
        if not thoroughly or since is None:
            return False
    try:
        import psutil

        if since is None:
            return not psutil.pid_exists(pid)
        return bool(psutil.Process(pid).create_time() > since + _PID_SLACK)
    except ImportError:
        return False
    except psutil.NoSuchProcess:
        return True
    except (psutil.Error, OSError):  # for example: no descriptor is left to read /proc with
        return since is not None and time.time() - since > files.ABANDONED


def fate_of(token: str, mine: str) -> str:
    """What became of the process of a token: ALIVE, GONE, REPLACED (by `exec`), ELSEWHERE or UNKNOWN.

    Args:
        token: From `files.process_token()` of that process.
        mine: That of this process.
    """
    theirs, own = token.split("_"), mine.split("_")
    if len(theirs) != 5 or len(own) != 5:
        return UNKNOWN
    if theirs[3:] != own[3:]:
        return ELSEWHERE  # another container, another boot or another machine
    if theirs[:2] == own[:2]:
        return ALIVE if theirs[2] == own[2] else REPLACED
    try:
        files.system.kill(int(theirs[0]), 0)
    except ProcessLookupError:
        return GONE
    except OSError:
        pass  # it belongs to another user
    try:
        if files.process_of("self")[0] != files.system.getpid():
            return ALIVE  # /proc is that of a namespace above, with other numbers
        _, start, stack = files.process_of(int(theirs[0]))
    except (OSError, ValueError, IndexError):
        return ALIVE
    if start != theirs[1]:
        return GONE
    return REPLACED if stack not in ("0", theirs[2]) else ALIVE


def is_over(
    token: str, since: float, mine: str, *, elsewhere: "Callable[[], bool]", thoroughly: bool = True
) -> bool:
    """Whether the process of a token is gone, or another program by now.

    Args:
        token: From `files.process_token()` of that process; an older version's is its pid.
        since: When that process lived, in seconds since 1970.
        mine: The token of this process.
        elsewhere: The answer for a process of another container or machine, or of an earlier boot.
        thoroughly: See `is_gone`.
    """
    fate = fate_of(token, mine)
    if fate == ELSEWHERE:
        return elsewhere()
    if fate == UNKNOWN:
        return is_gone(int(token.partition("_")[0]), since, thoroughly=thoroughly)
    return fate != ALIVE


def is_locked(path: str) -> bool:
    """Whether a living process holds a file by `files.lock_while_alive`; true where that cannot be told."""
    if sys.platform == "win32":
        return True
    try:
        descriptor = files.open_to_read(path)
    except OSError:
        return False
    try:
        os.lockf(descriptor, os.F_TEST, 0)
        return not lock(descriptor)
    except OSError:
        return True
    finally:
        files.system.close(descriptor)


def is_held_by_children(path: str) -> bool:
    """Whether a forked child, or its parent, has a file that they share (`capture.forks.share_run`)."""
    if sys.platform == "win32":
        return False
    try:
        descriptor = files.open_to_read(path)
    except OSError:
        return False
    try:
        return not lock(descriptor)
    except OSError:
        return False  # a file system without locks
    finally:
        files.system.close(descriptor)


def open_lock(path: str) -> int:
    """The descriptor of a lock file, which is made where it is missing.

    What is no file is not opened: a pipe may wait for somebody, and a device may do something.

    Raises:
        OSError: It cannot be made, or something else lies in its place.
    """
    if sys.platform == "win32":
        return files.open_shared(path, os.O_RDWR, 4)  # OPEN_ALWAYS
    if files.is_foreign(path):
        raise OSError(22, "not a file", path)
    return files.opened(path, os.O_RDWR | os.O_CREAT | files.NO_LINK | files.NO_WAIT, 0o600)


def open_folder(path: str) -> int:
    """The descriptor of a folder, which can be locked and leaves no file of a lock behind.

    Raises:
        OSError: It is none, or this is Windows.
    """
    return files.opened(path, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | files.NO_LINK, 0)


def lock(descriptor: int) -> bool:
    """Lock a file or folder until its descriptor is closed; False where another process holds the lock.

    The system frees the lock when the process dies, however it dies.

    Raises:
        OSError: The file system does not support locks.
    """
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def unlock(descriptor: int) -> None:
    """Free a lock. Closing does not, while a child that was forked meanwhile has the descriptor too."""
    if sys.platform == "win32":
        return
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
    except OSError:
        pass  # a file system without locks
