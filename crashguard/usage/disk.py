"""Private folders and writes that survive: what is owed must not be lost to a kill or a power cut.

A file is written under a temporary name, fsynced, renamed over the real one, and the folder is fsynced:
after save() returns, the content is on disk; before, what was there before is. Unlike the spool of crash
reports, where a lost report is a pity, usage is money, so that the folder's fsync is worth its price.

Must live here: system calls of writing. Must not be known here: what is written.
"""

import os
import stat

_MOST_BYTES = 16 << 20  # a batch with 100 000 tables is a tenth of that


def private_folder(path: str) -> None:
    """Make a folder, with its parents, that only this user can enter.

    Raises:
        OSError: It cannot be made, is a link, or belongs to somebody else.
    """
    try:
        os.mkdir(path, 0o700)
    except FileNotFoundError:
        private_folder(os.path.dirname(path))
        private_folder(path)
    except FileExistsError:
        found = os.lstat(path)
        if not stat.S_ISDIR(found.st_mode):
            raise NotADirectoryError(20, "not a folder", path) from None


def own_folder(path: str) -> None:
    """Make a folder as private_folder() does, and see to it that it is this user's alone.

    Raises:
        OSError: As there, or the folder belongs to another user.
    """
    private_folder(path)
    found = os.lstat(path)
    if found.st_uid != os.geteuid():
        raise PermissionError(13, "the folder belongs to another user", path)
    if stat.S_IMODE(found.st_mode) & 0o077:
        os.chmod(path, 0o700)


def save(path: str, data: bytes) -> None:
    """Put `data` at `path`, whole or not at all, and on disk when this returns; mode 0600.

    Raises:
        OSError: At `path` is what was there before.
    """
    folder, name = os.path.split(path)
    partial = os.path.join(folder, f".{name}.partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    os.rename(partial, path)
    sync_folder(folder)


def sync_folder(path: str) -> None:
    """Have names that were made, moved or removed in a folder survive a power cut.

    Raises:
        OSError: The folder cannot be opened, or its disk reports an error.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read(path: str) -> bytes:
    """The content of a file.

    Raises:
        OSError: It cannot be read, or is larger than anything that save() wrote.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)  # neither a link nor a pipe
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(22, "not a file", path)
    with open(descriptor, "rb") as file:
        data = file.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise OSError(27, "too large", path)
    return data
