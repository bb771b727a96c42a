"""Batches that are owed, on disk: kept before they are sent, removed once they are confirmed.

A batch is one file, `<owner>.<request_id>.json`. Its owner may save it again with more rows until it is
sent for the first time; from then on it stays as it is, because the server counts an id once. A dead
owner's batches are claimed by renaming them, so that two processes never send the same one.

    <folder>/<owner>.lock                    its owner lives
    <folder>/<owner>.<request_id>.json       a batch
    <folder>/set-aside/                      what cannot be read, and what the server refuses for good

Every process that keeps usage takes a name nobody ever had and holds a lock on `<name>.lock`. The system
frees it however the process dies, so that whoever can lock it knows that its owner is gone. A pid would not
do: a pid is used again, and differs inside and outside of a container.

No file exists before there is a row to keep. When a call returns, the file and its name are on disk: usage is
money, so the fsync of the folder is worth its price. A crash report does without it.
"""

import json
import logging
import os
import re
import secrets

from crashguard import files, processes
from crashguard.usage.wire import Batch

logger = logging.getLogger("crashguard.usage")

SET_ASIDE = "set-aside"
_FORMAT = 1
_LOCK = ".lock"
_NAME = re.compile(r"\.?(?P<owner>[0-9a-f]{32})\.(?:lock|[0-9a-f-]{36}\.json(?:\..*\.partial)?)\Z")
_MOST_BYTES = 16 << 20  # a batch with 100 000 tables is a tenth of that


class Store:
    """The batches that this process owes to one team's account on one server.

    Args:
        folder: Where; made with mode 0700 when the first batch is saved.
        account: Server and team, as a text. Batches of other accounts are left alone.
    """

    def __init__(self, folder: str, account: str) -> None:
        self.folder = folder
        self._account = account
        self._owner: Owner | None = None
        self._saved: dict[str, tuple[str, int]] = {}  # path and rows, by request id

    def save(self, batch: Batch) -> None:
        """Keep a batch, in place of an earlier state of the same batch. On disk when this returns.

        Raises:
            OSError: The earlier state is still there.
        """
        content = {"format": _FORMAT, "account": self._account, "usage": batch.body()}
        path = os.path.join(self.folder, self._name(batch))
        files.write(path, json.dumps(content).encode(), durable=True)
        files.sync_folder(self.folder)
        self._saved[batch.request_id] = (path, batch.rows)

    def has(self, batch: Batch) -> bool:
        """Whether the batch is kept as it is, not only an earlier state of it."""
        return batch.request_id in self._saved and self._saved[batch.request_id][1] == batch.rows

    def remove(self, batch: Batch) -> None:
        """The server confirmed the batch.

        Raises:
            OSError: It is still there. The next run sends it again, and the server does not count it again.
        """
        if batch.request_id in self._saved:
            # If a power cut undoes it, the same id is sent again: no fsync.
            _unlink(self._saved[batch.request_id][0])
            del self._saved[batch.request_id]

    def set_aside(self, batch: Batch) -> str | None:
        """The server will never take the batch: keep it for people. Where it lies, None if nowhere."""
        if batch.request_id not in self._saved:
            return None
        path, _ = self._saved.pop(batch.request_id)
        return self._put_aside(os.path.basename(path))

    def claim(self) -> list[Batch]:
        """Take over what dead processes owed, the oldest first. Never raises; what is broken is set aside."""
        found: dict[str, list[str]] = {}
        try:
            for name in os.listdir(self.folder):
                match = _NAME.match(name)
                if match and (self._owner is None or match["owner"] != self._owner.name):
                    found.setdefault(match["owner"], []).append(name)
        except FileNotFoundError:
            return []
        except OSError as error:
            logger.warning("usage of earlier runs cannot be looked for in %s: %s", self.folder, error)
            return []
        claimed: list[tuple[float, Batch]] = []
        for owner in found:
            try:
                self._claim_of(owner, claimed)
            except OSError as error:
                logger.warning("usage of an earlier run cannot be taken over from %s: %s", self.folder, error)
        return [batch for _, batch in sorted(claimed, key=lambda aged: aged[0])]

    def close(self) -> None:
        """Release all batches: the next run claims them."""
        if self._owner is not None:
            self._owner.close(remove=not self._saved)
            self._owner = None

    def forget(self) -> None:
        """In a forked child: drop all batches, which are the parent's."""
        if self._owner is not None:
            self._owner.let_go()
            self._owner = None
        self._saved = {}

    def _name(self, batch: Batch) -> str:
        if self._owner is None:
            _make_own(self.folder)
            self._owner = Owner(self.folder)
        return f"{self._owner.name}.{batch.request_id}.json"

    def _claim_of(self, owner: str, claimed: list[tuple[float, Batch]]) -> None:
        with Claim(self.folder, owner) as claim:
            if not claim.is_granted:
                return
            # Listed again: before the lock was ours, its owner or somebody who claimed it was still at work.
            names = [name for name in os.listdir(self.folder) if name.lstrip(".").startswith(owner + ".")]
            left = False
            for name in names:
                if name.startswith("."):
                    _unlink(os.path.join(self.folder, name))  # its writer died before the rename
                elif not name.endswith(_LOCK):
                    left = not self._take(name, claimed) or left
            if not left:
                claim.done()

    def _take(self, name: str, claimed: list[tuple[float, Batch]]) -> bool:
        """Make a dead process' file ours. False if it is to stay with the dead."""
        path = os.path.join(self.folder, name)
        try:
            content = json.loads(files.read(path, _MOST_BYTES))
            if (
                isinstance(content, dict)
                and type(content.get("format")) is int
                and content["format"] > _FORMAT
            ):
                return False  # a newer crashguard wrote it, and will know what to do
            if content["format"] != _FORMAT or not isinstance(content["account"], str):
                raise ValueError("it has no format or no account")
            batch = Batch.from_body(content["usage"])
            if batch.request_id not in name:
                raise ValueError("its name is not its own")
            age = os.stat(path).st_mtime
        except FileNotFoundError:
            return True  # somebody else was faster
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            logger.warning("stored usage %s cannot be read (%s) and is set aside", path, error)
            self._put_aside(name)
            return True
        if content["account"] != self._account:
            return False
        try:
            mine = os.path.join(self.folder, self._name(batch))
            files.move(path, mine)
        except FileNotFoundError:
            return True
        self._saved[batch.request_id] = (mine, batch.rows)
        claimed.append((age, batch))
        return True

    def _put_aside(self, name: str) -> str | None:
        aside = os.path.join(self.folder, SET_ASIDE)
        try:
            _make_own(aside)
            files.move(os.path.join(self.folder, name), os.path.join(aside, name))
        except OSError as error:
            logger.warning("stored usage %s cannot be set aside: %s", name, error)
            return None
        return os.path.join(aside, name)


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
            self._path = os.path.join(folder, self.name + _LOCK)
            self._descriptor = processes.open_lock(self._path)
            if processes.lock(self._descriptor) and _is_at(self._descriptor, self._path):
                return
            # Between open and lock another process took it for a dead one's, and removed it.
            files.system.close(self._descriptor)

    def close(self, *, remove: bool) -> None:
        """Give the name up: whatever still bears it belongs to whoever claims it next.

        Args:
            remove: Remove the lock's file; only where nothing bears the name any more.
        """
        if remove:
            _unlink(self._path)
        self.let_go()

    def let_go(self) -> None:
        """Close the lock's file without unlocking it: what a forked child does with its parent's."""
        if self._descriptor >= 0:
            files.system.close(self._descriptor)
            self._descriptor = -1


class Claim:
    """The right to a dead process' files, as a context manager; `is_granted` says whether it was obtained."""

    def __init__(self, folder: str, name: str) -> None:
        self._path = os.path.join(folder, name + _LOCK)
        self._descriptor = -1
        self.is_granted = False

    def __enter__(self) -> "Claim":
        # Made where it is missing. Of two that hold a lock on two files of this name, the rename decides.
        self._descriptor = processes.open_lock(self._path)
        self.is_granted = processes.lock(self._descriptor)
        return self

    def __exit__(self, *_: object) -> None:
        files.system.close(self._descriptor)

    def done(self) -> None:
        """Remove the lock: nothing bears the dead process' name any more."""
        _unlink(self._path)


def _make_own(folder: str) -> None:
    """A folder that is this user's alone, whatever its modes were."""
    files.private_folder(folder, also_open=True)
    files.narrow_folder(folder)


def _unlink(path: str) -> None:
    """Remove a file if it is there.

    Raises:
        OSError: It is there still.
    """
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass


def _is_at(descriptor: int, path: str) -> bool:
    """Whether a file is still the one that bears the name."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except FileNotFoundError:
        return False
