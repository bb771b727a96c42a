"""The lock of a folder, so that one process sends at a time. The system frees it when its holder dies."""

import os

from crashguard import files, paths, processes

NAME = "lock"


def in_its_place(spool: str) -> list[str]:
    """The paths of what lies in the place of the locks of an app, or was moved away from there.

    Args:
        spool: The folder of the app's reports; stats lie in folders below it, each with its lock.
    """
    found = []
    for root in (spool, *(os.path.join(spool, kind) for kind in paths.STATS)):
        path = os.path.join(root, NAME)
        found += [path] * files.is_foreign(path)
        found += [os.path.join(root, name) for name in files.names(root) if name.startswith(f"{NAME}.")]
    return found


def is_held(root: str) -> bool:
    """Whether a process, this one too, sends from a folder right now.

    Args:
        root: The folder; it may be missing.
    """
    path = os.path.join(root, NAME)
    if not os.path.isfile(path) or files.is_foreign(path):
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
        self._path = os.path.join(root, NAME)
        self._descriptor = -1

    def __enter__(self) -> bool:
        try:
            self._descriptor = processes.open_lock(self._path)
        except OSError:
            # A folder, a link, a pipe or a device in its place would stop delivery for ever.
            if not files.is_foreign(self._path):
                raise
            files.move(self._path, f"{self._path}.{os.urandom(4).hex()}")
            self._descriptor = processes.open_lock(self._path)
        try:
            return processes.lock(self._descriptor)
        except OSError:
            return True  # a file system without locks: two senders send twice, a server stores once

    def __exit__(self, *exc: object) -> None:
        processes.unlock(self._descriptor)
        try:
            files.system.close(self._descriptor)
        except OSError:
            pass  # it is closed all the same
