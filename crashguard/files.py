"""Every file of ours is opened, written and removed here, and here it is told whether its process is gone.

A file that must be whole is written under a temporary name on the same volume and renamed, so that a reader
sees all of it or nothing. A pipe, a device or another user's link in the place of a file is an error and
never waited for. Everything is private: folders 0700, files 0600.

Nothing is imported beyond what the interpreter has loaded at its start: a dying process writes through this
file.
"""

import os
import stat
import time

# A pipe without a reader is an error then, and no wait.
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
# Without it, Windows writes two bytes for a newline, and an item is longer than its header says.
_BINARY = getattr(os, "O_BINARY", 0)
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINK | _BINARY

NO_DESCRIPTOR = (23, 24)  # ENFILE and EMFILE, the same on Linux, macOS, the BSDs and Windows
PARTIAL = ".partial"
ABANDONED = 600.0  # seconds after which a partial file, or one of a process that cannot be asked, is nobody's
# A process is registered a moment before it can write its first file, and clocks are read in between.
_PID_SLACK = 1.0
_LOADED = time.time_ns() // 1_000_000 / 1000  # as exact as the times in names


def private_folder(path: str) -> None:
    """Make a folder that only this user can enter, with its parents.

    Raises:
        OSError: It cannot be made, or it belongs to somebody else, or is a link.
    """
    try:
        os.mkdir(path, 0o700)
        return
    except FileExistsError:
        pass
    except FileNotFoundError:
        private_folder(os.path.dirname(path))
        try:
            os.mkdir(path, 0o700)
        except FileExistsError:
            pass
    found = os.lstat(path)
    if not stat.S_ISDIR(found.st_mode):
        raise NotADirectoryError(20, "not a folder", path)
    if hasattr(os, "geteuid") and found.st_uid != os.geteuid():
        raise PermissionError(13, "the folder belongs to another user", path)


def narrow_folder(path: str) -> None:
    """Take everybody else's rights to a folder of this user's away.

    Raises:
        OSError: It is not there, or belongs to somebody else.
    """
    if stat.S_IMODE(os.lstat(path).st_mode) & 0o077:
        os.chmod(path, 0o700)


def sync_folder(path: str) -> None:
    """Have names that were made, moved or removed in a folder survive a power cut.

    Raises:
        OSError: The folder cannot be opened, or its disk reports an error.
    """
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def create(path: str, data: bytes = b"") -> None:
    """Make a file that must not exist yet, with some content; what was begun is removed if that fails.

    Raises:
        OSError: It exists already (FileExistsError), or cannot be written.
    """
    descriptor = os.open(path, _NEW, 0o600)
    try:
        try:
            while data:
                data = data[os.write(descriptor, data) :]
        finally:
            os.close(descriptor)
    except BaseException:
        os.unlink(path)
        raise


def create_to_append(path: str) -> int:
    """The descriptor of a new file that is only ever appended to, by forked children too.

    Raises:
        OSError: It exists already, or cannot be made.
    """
    return os.open(path, _NEW | os.O_APPEND, 0o600)


def write(path: str, data: bytes, *, durable: bool) -> None:
    """Put `data` at `path`, whole or not at all.

    Args:
        path: The file; one that is there is replaced.
        data: Its content.
        durable: Whether it is on disk when this returns. Otherwise the system writes it when it gets to it,
            and after a power cut it may be there and empty: for what the next run can make again. Waiting for
            the disk is most of what a write costs. The folder is not waited for: a rename that a power cut
            undoes leaves the state before; `sync_folder` is for who needs more.

    Raises:
        OSError: At `path` is what was there before.
    """
    folder, name = os.path.split(path)
    # Containers give the same pid again and again: a killed writer's file must not be in the way.
    partial = os.path.join(folder, f".{name}.{os.getpid()}.{os.urandom(4).hex()}{PARTIAL}")
    descriptor = os.open(partial, _NEW, 0o600)
    try:
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(descriptor, view) :]
            if durable:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(partial, path)
    except BaseException:
        remove(partial)
        raise


def append(path: str, data: bytes, *, create: bool = True) -> int:
    """Add to the end of a file with a single write, so that processes need no lock; its size after that.

    Args:
        path: The file.
        data: What to add.
        create: Whether it is made where it is missing.

    Raises:
        OSError: It cannot be written, is a link, or is missing and may not be made.
    """
    flags = os.O_WRONLY | os.O_APPEND | _NO_WAIT | _NO_LINK | _BINARY | (os.O_CREAT if create else 0)
    descriptor = os.open(path, flags, 0o600)
    try:
        os.write(descriptor, data)
        return os.fstat(descriptor).st_size
    finally:
        os.close(descriptor)


def touch(path: str) -> None:
    """Make an empty file, or empty one, so that its time of change is now.

    Raises:
        OSError: It cannot be made.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _NO_WAIT | _NO_LINK
    os.close(os.open(path, flags, 0o600))
    os.utime(path)  # an empty file that is emptied keeps its time on some systems


def age(path: str) -> float:
    """Seconds since a file or folder changed, by either clock step; infinite where there is none."""
    try:
        return abs(time.time() - os.stat(path).st_mtime)
    except OSError:
        return float("inf")


def open_to_read(path: str, *, links: bool = False) -> int:
    """The descriptor of a file; whoever reads in pieces closes it.

    Args:
        path: Where it should be.
        links: Whether it may be a link to a file.

    Raises:
        OSError: It cannot be opened, or is no file.
    """
    descriptor = os.open(path, os.O_RDONLY | _NO_WAIT | _BINARY | (0 if links else _NO_LINK))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(22, "not a file", path)
    return descriptor


def read(path: str, most: int, *, links: bool = False) -> bytes:
    """The first `most` bytes of a file.

    Raises:
        OSError: It cannot be opened, or is no file.
    """
    with open(open_to_read(path, links=links), "rb") as file:
        return file.read(most)


def remove(path: str) -> bool:
    """Remove a file if it is still there; whether it was this call that removed it."""
    try:
        os.unlink(path)
    except OSError:
        return False
    return True


def names(folder: str) -> "list[str]":
    """The names in a folder, sorted; none where it cannot be read."""
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def is_empty(folder: str) -> bool:
    """Whether nothing lies in a folder, or there is none; without reading all of a full one."""
    try:
        with os.scandir(folder) as entries:
            return next(entries, None) is None
    except OSError:
        return True


def sweep_partials(folder: str) -> None:
    """Remove what writers left that were killed long ago. Never raises."""
    for name in names(folder):
        path = os.path.join(folder, name)
        if is_partial(name) and age(path) > ABANDONED:
            remove(path)


def is_partial(name: str) -> bool:
    """Whether a name is that of a file that is being written."""
    return name[:1] == "." and name.endswith(PARTIAL)


def open_lock(path: str) -> int:
    """The descriptor of a file that is there to be locked.

    Raises:
        OSError: It cannot be made.
    """
    return os.open(path, os.O_RDWR | os.O_CREAT | _NO_LINK, 0o600)


def lock(descriptor: int) -> bool:
    """Lock a file for this process until its descriptor is closed; False where another process has it locked.

    The system frees the lock when the process dies, however it dies.

    Raises:
        OSError: The file system knows no locks.
    """
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def open_null() -> int:
    """A descriptor of the null device, to read and to write.

    Raises:
        OSError: No descriptor is left, or there is no such device.
    """
    return os.open(os.devnull, os.O_RDWR)


def is_gone(pid: int, since: float | None = None, *, thoroughly: bool = True) -> bool:
    """Whether the process that wrote a file is dead: its pid is free, or given to another process since.

    Args:
        pid: Its pid.
        since: When it wrote the file, in seconds since 1970; None asks for the pid alone.
        thoroughly: Also find out whether another process has the pid now. A start does without: that takes
            psutil, whose import costs more than the rest of a start, for something that hardly ever happens.
    """
    if pid == os.getpid():
        return since is not None and since < _LOADED  # an earlier process had our pid
    if os.name != "nt":  # where os.kill(pid, 0) would be Ctrl-C
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        except (OSError, OverflowError):
            pass  # it exists and is somebody else's, or is no number of a process
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
    except (psutil.Error, OSError):  # no descriptor is left to look with, for instance
        return since is not None and time.time() - since > ABANDONED
