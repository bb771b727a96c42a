"""One sender a folder. The system frees the lock when its holder dies, however it dies."""

import os

from crashguard import files


class Lock:
    """A context manager that says whether the lock is this process's.

    Args:
        root: The folder; the lock is a file in it.

    Raises:
        OSError: The file cannot be made.
    """

    __slots__ = ("_descriptor", "_path")

    def __init__(self, root: str) -> None:
        self._path = os.path.join(root, "lock")
        self._descriptor = -1

    def __enter__(self) -> bool:
        self._descriptor = files.open_lock(self._path)
        try:
            return files.lock(self._descriptor)
        except OSError:
            return True  # a file system without locks: what two senders send twice is stored once

    def __exit__(self, *exc: object) -> None:
        try:
            os.close(self._descriptor)
        except OSError:
            pass  # it is closed all the same
