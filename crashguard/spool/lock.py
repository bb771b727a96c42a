"""The lock of a folder, so that one process sends at a time. The system frees it when its holder dies."""

import os

from crashguard import files

_NAME = "lock"


def in_its_place(root: str) -> list[str]:
    """The paths of what lies in the place of a folder's lock, or was moved away from there.

    Args:
        root: The folder.
    """
    path = os.path.join(root, _NAME)
    is_foreign = os.path.lexists(path) and (os.path.islink(path) or not os.path.isfile(path))
    moved = [os.path.join(root, name) for name in files.names(root) if name.startswith(f"{_NAME}.")]
    return [path] * is_foreign + sorted(moved)


def is_held(root: str) -> bool:
    """Whether a process, this one too, sends from a folder right now.

    Args:
        root: The folder; it may be missing.
    """
    path = os.path.join(root, _NAME)
    if not os.path.isfile(path) or os.path.islink(path):
        return False
    try:
        with Lock(root) as mine:
            return not mine
    except OSError:
        return False


class Lock:
    """A context manager whose value says whether this process got the lock.

    Args:
        root: The folder; the lock is a file in it.

    Raises:
        OSError: The file cannot be made.
    """

    __slots__ = ("_descriptor", "_path")

    def __init__(self, root: str) -> None:
        self._path = os.path.join(root, _NAME)
        self._descriptor = -1

    def __enter__(self) -> bool:
        try:
            self._descriptor = files.open_lock(self._path)
        except OSError:
            # A folder, a link or a device in its place would stop delivery for ever.
            if os.path.isfile(self._path) and not os.path.islink(self._path):
                raise
            os.replace(self._path, f"{self._path}.{os.urandom(4).hex()}")
            self._descriptor = files.open_lock(self._path)
        try:
            return files.lock(self._descriptor)
        except OSError:
            return True  # a file system without locks: two senders send twice, a server stores once

    def __exit__(self, *exc: object) -> None:
        files.unlock(self._descriptor)
        try:
            os.close(self._descriptor)
        except OSError:
            pass  # it is closed all the same
