"""Private folders and durable writes.

A file is written under a temporary name on the same volume, fsynced and renamed, so that a reader sees
all of it or nothing and a crash of the machine leaves at worst a temporary name. The folder itself is
not fsynced: it would cost a third of the write again, and a rename that a power cut undoes leaves the
state before the crash, never half a report.

Must live here: system calls of writing. Must not be known here: what is written.
"""

import os
import stat

# Without O_BINARY, Windows writes two bytes for a newline, and an item is longer than its header says.
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


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


def write_durably(path: str, data: bytes) -> None:
    """Put `data` at `path`, whole or not at all, on disk when this returns; mode 0600.

    Raises:
        OSError: Nothing is at `path` that was not there before.
    """
    _write(path, data, durably=True)


def write(path: str, data: bytes) -> None:
    """The same, but on disk when the system gets to it; after a power cut it may be there and empty.

    For what the next run can make again: waiting for the disk is most of what a write costs.
    """
    _write(path, data, durably=False)


def _write(path: str, data: bytes, *, durably: bool) -> None:
    folder, name = os.path.split(path)
    # Containers give the same pid again and again: a killed writer's file must not be in the way.
    partial = os.path.join(folder, f".{name}.{os.getpid()}.{os.urandom(4).hex()}.partial")
    descriptor = os.open(partial, _FLAGS, 0o600)
    try:
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(descriptor, view) :]
            if durably:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(partial, path)
    except BaseException:
        remove(partial)
        raise


def remove(path: str) -> bool:
    """Remove a file if it is still there; whether it was this call that removed it."""
    try:
        os.unlink(path)
    except OSError:
        return False
    return True
