"""Whose files are whose: one lock a process, held as long as it lives.

Every process that keeps usage takes a name nobody ever had and holds an flock on `<name>.lock`. The
kernel drops it however the process dies, so that whoever can lock it knows that its owner is gone.
A pid would not do: pids come back, and are not the same inside a container and outside.

Must live here: locks. Must not be known here: what is owned.
"""

import fcntl
import os
import secrets

SUFFIX = ".lock"


class Owner:
    """A name in a folder, and the proof that its process lives.

    Attributes:
        name: 32 hexadecimal digits.

    Raises:
        OSError: The folder cannot be written, or its file system knows no locks.
    """

    def __init__(self, folder: str) -> None:
        while True:
            self.name = secrets.token_hex(16)
            self._path = os.path.join(folder, self.name + SUFFIX)
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            if _lock(self._descriptor) and _is_at(self._descriptor, self._path):
                return
            # Between open and flock another process took it for a dead one's, and removed it.
            os.close(self._descriptor)

    def close(self, *, remove: bool) -> None:
        """Give the name up: whatever still bears it belongs to whoever claims it next.

        Args:
            remove: Remove the lock's file; only where nothing bears the name any more.
        """
        if remove:
            unlink(self._path)
        self.let_go()

    def let_go(self) -> None:
        """Close the lock's file without unlocking it: what a forked child does with its parent's."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


class Claim:
    """The right to a dead process' files, as a context manager; `is_granted` says whether it was obtained."""

    def __init__(self, folder: str, name: str) -> None:
        self._path = os.path.join(folder, name + SUFFIX)
        self._descriptor = -1
        self.is_granted = False

    def __enter__(self) -> "Claim":
        try:
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_NOFOLLOW)
        except FileNotFoundError:
            self.is_granted = True  # without a lock nobody lives; two who claim then meet at the rename
            return self
        self.is_granted = _lock(self._descriptor)
        return self

    def __exit__(self, *_: object) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)

    def done(self) -> None:
        """Remove the lock: nothing bears the dead process' name any more."""
        unlink(self._path)


def unlink(path: str) -> None:
    """Remove a file if it is there."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_at(descriptor: int, path: str) -> bool:
    """Whether a file is still the one that bears the name."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except FileNotFoundError:
        return False
