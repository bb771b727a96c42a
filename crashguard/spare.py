"""A file descriptor in reserve, for a crash at the limit of open files (EMFILE, ENFILE)."""

import _thread
import os

from crashguard import files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

files.keep_builtins(__name__)

_NUMBER = 29  # if it is free: within the smallest limit that somebody may set
_MOST_UNWRITTEN = 10  # records in memory


class Spare:
    """A descriptor that is held while the process is healthy, and given up where none is left for a report.

    Attributes:
        unwritten: The minimal records that had no descriptor all the same: path and content by the crash.
        written: The paths of those of guards, whose crash the hook may meet again.
    """

    __slots__ = ("_descriptor", "_identity", "unwritten", "written")

    def __init__(self) -> None:
        self._descriptor = -1
        self._identity: os.stat_result | None = None
        self.unwritten: dict[tuple[object, ...], tuple[str, bytes]] = {}
        self.written: dict[tuple[object, ...], str] = {}

    def hold(self) -> None:
        """Hold a descriptor, unless one is held already. Never raises."""
        if self._descriptor >= 0:
            return
        try:
            descriptor = files.open_null()
            # Its number is out of the way of the program's own, where no thread can take it meanwhile.
            if not _thread._count() and descriptor < _NUMBER and not _is_open(_NUMBER):
                held = files.system.dup2(descriptor, _NUMBER, inheritable=False)
                files.system.close(descriptor)
                descriptor = held
            self._descriptor, self._identity = descriptor, files.system.fstat(descriptor)
        except Exception:  # noqa: BLE001, S110 (no descriptor is left, or a function of os was replaced)
            pass

    def lend(self, *, dying: bool = False) -> int:
        """Give up a descriptor where none is free; its number for `take_back`, -1 where nothing was given up.

        Args:
            dying: Whether this is the dying main thread, which does not read stdin any more.
        """
        if self._descriptor < 0 and not dying and not self.unwritten:
            return -1
        try:
            files.system.close(files.system.dup(self._descriptor) if self._is_ours() else files.open_null())
            self.write_kept()
            self.hold()  # the program may have closed it
        except OSError as error:
            if error.errno in files.NO_DESCRIPTOR:
                return self._given_up(dying)
        except Exception:  # noqa: BLE001, S110 (as above)
            pass
        return -1

    def take_back(self, lent: int) -> None:
        """Hold again what `lend` gave up; the null device gets the number of stdin. Never raises."""
        try:
            if lent == 0:
                files.open_null()
            elif lent > 0:
                self.write_kept()
                self.hold()
        except Exception:  # noqa: BLE001, S110 (another thread has it, or the program has emptied sys.modules)
            pass

    def lending(self, work: "Callable[[], Any]") -> "Any":
        """Do something with the descriptor given up, where none is free; what it returns.

        No handler of a signal may run meanwhile: what it raised would be lost here.
        """
        lent = self.lend()
        try:
            return work()
        finally:
            self.take_back(lent)

    def give_up(self) -> None:
        """Hold none any more: the run ends, or nothing is recorded in it. Never raises."""
        try:
            self._given_up(dying=False)
            self.write_kept()
        except Exception:  # noqa: BLE001, S110 (as above)
            pass

    def keep(self, site: "tuple[object, ...]", path: str, record: bytes) -> str | None:
        """Keep a record until it can be written, one of a crash; its path, or None: too many are kept."""
        if len(self.unwritten) >= _MOST_UNWRITTEN:
            return None
        return self.unwritten.setdefault(site, (path, record))[0]

    def forget(self, path: str) -> None:
        """Drop a record, which may be kept: the report is there, or has left."""
        for site, (kept, _) in list(self.unwritten.items()):
            if kept == path:
                self.unwritten.pop(site, None)
        files.remove(path)

    def write_kept(self) -> None:
        """Write the records that had no descriptor."""
        while self.unwritten:
            site, (path, data) = self.unwritten.popitem()
            try:
                files.create(path, data)
            except FileExistsError:
                pass  # the parent of this forked child was quicker
            except OSError:
                self.unwritten[site] = (path, data)
                return

    def _is_ours(self) -> bool:
        """Whether the number still is that of our descriptor, which the program may have closed."""
        if files.is_still(self._descriptor, self._identity):
            return True
        self._descriptor = -1
        return False

    def _given_up(self, dying: bool) -> int:
        descriptor = 0 if dying else -1
        if self._descriptor >= 0 and self._is_ours():
            descriptor = self._descriptor
        self._descriptor = -1
        try:
            if descriptor >= 0:
                files.system.close(descriptor)
        except OSError:
            return -1
        return descriptor


def _is_open(descriptor: int) -> bool:
    try:
        files.system.fstat(descriptor)
    except OSError:
        return False
    return True
