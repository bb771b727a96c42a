"""What a run leaves while it goes on, so that the next one learns how it ended.

Two files in `runs/` of the spool, gone after a clean end:

    .run      the marker: when the run began and, once it crashed, the report's id
    .native   what `faulthandler` writes on a fatal signal, below a header of ours

A marker whose process is gone is a run that was killed: by SIGKILL, the OOM killer, a power cut, or
`os._exit()`. Where the host wants to know of clean ends as well, the marker becomes `last` at the end.
Forked children share their parent's native file and have no marker.

Every start pays for this file: what becomes of the files of earlier runs stands in `last_run` and `recover`.
"""

import os
import time

from crashguard import files, paths, recovery

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

CRASHED = "crashed"

# A host that closes all descriptors, as daemons do, gets the lowest numbers for its own files again. Under
# one of those faulthandler would write into them. Below the smallest usual limit, 256.
_OUT_OF_THE_WAY = 250


class Run:
    """This process's own files in `runs/`; they are begun with `leave_marker()` and `watch()`.

    Args:
        spool: The folder of the app's reports.
    """

    __slots__ = (
        "_descriptor",
        "_header_size",
        "_identity",
        "_keeps_last",
        "_pid",
        "_stem",
        "marker",
        "native",
        "spool",
    )

    def __init__(self, spool: str) -> None:
        self._pid = os.getpid()
        self.spool = spool
        self._stem = _stem(os.path.join(spool, paths.RUNS))
        self._keeps_last = False
        self._descriptor = -1
        self._identity: os.stat_result | None = None
        self._header_size = 0
        self.marker: str | None = None
        self.native: str | None = None

    @property
    def is_mine(self) -> bool:
        """Whether it is of this process: a forked child has a copy of its parent's."""
        return self._pid == os.getpid()

    @property
    def is_watched(self) -> bool:
        """Whether fatal signals are written down for this process."""
        return self.native is not None

    def make_folder(self) -> bool:
        """Make the folder; whether earlier runs left something in it that is to be judged.

        Raises:
            OSError: It cannot be made.
        """
        folder = os.path.dirname(self._stem)
        names = files.names(folder)
        if not names:
            files.private_folder(folder)
        return names not in ([], [recovery.LAST])

    def leave_marker(self, *, clean_ends: bool) -> None:
        """Leave the marker, unless it is there.

        Args:
            clean_ends: Keep it at a clean end as well, for `last_run()`.

        Raises:
            OSError: It cannot be written.
        """
        self._keeps_last = clean_ends
        if self.marker is None:
            path = self._stem + recovery.MARKER
            files.append(path, os.path.basename(path).partition("-")[0].encode())
            self.marker = path

    def watch(self, header: "dict[str, Any]", *, local_only: bool) -> None:
        """Have fatal signals write the stacks of all threads below a header, unless somebody listens already.

        There is one faulthandler in a process and it writes to one file: a host or user who enabled it gets
        what they asked for, and such a death is known by the marker alone.

        Args:
            header: What the process says about itself while it is well; texts, numbers, lists and None.
            local_only: Whether the death must never be sent.

        Raises:
            OSError: The file cannot be made.
            ImportError: Python 3.12 has no faulthandler in a sub-interpreter that shares nothing.
        """
        import faulthandler

        if faulthandler.is_enabled():
            return
        ending = recovery.NATIVE_LOCAL if local_only else recovery.NATIVE
        path = self._stem + ending
        try:
            descriptor = files.create_to_append(path)
        except FileExistsError:  # an earlier install() of this run began it, and a forked child died into it
            path = _stem(os.path.dirname(path)) + ending
            descriptor = files.create_to_append(path)
        self._descriptor = _out_of_the_way(descriptor)
        self.native = path
        self._identity = os.fstat(self._descriptor)
        self._header_size = os.write(self._descriptor, ascii(header).encode("ascii") + b"\n")
        faulthandler.enable(file=self._descriptor, all_threads=True)

    def unwatch(self, *, disable: bool) -> None:
        """Remove the native file, unless a child of ours died into it.

        Args:
            disable: Switch faulthandler off, too. Not at the end of a process: until its last moment the
                host may have made it its own.
        """
        native, descriptor = self.native, self._descriptor
        self.native, self._descriptor = None, -1
        if native is None:
            return
        if disable:
            import faulthandler

            faulthandler.disable()
            if self._is_ours(descriptor):
                os.close(descriptor)
        try:
            if os.stat(native).st_size <= self._header_size:
                os.unlink(native)
        except FileNotFoundError:
            pass  # somebody cleared the spool

    def keep_local(self) -> None:
        """From now on a native crash may be that of a plugin whose crashes are not sent."""
        if self.native is not None and self.is_mine and not self.native.endswith(recovery.NATIVE_LOCAL):
            local = self.native.removesuffix(recovery.NATIVE) + recovery.NATIVE_LOCAL
            try:
                os.replace(self.native, local)
                self.native = local
            except OSError:
                pass  # the header says whether it may be sent, too

    def crashed(self, event_id: str) -> None:
        """Write into the marker that this run did not end well."""
        if self.marker is not None and self.is_mine:
            note_crash(self.marker, event_id)

    def end(self, *, disable: bool = False) -> None:
        """A clean end, or one after a crash that was recorded. Never raises.

        Args:
            disable: See `unwatch`.
        """
        try:
            if not self.is_mine:
                return
            marker, self.marker = self.marker, None
            self.unwatch(disable=disable)
            if marker is None:
                return
            last = os.path.join(os.path.dirname(marker), recovery.LAST)
            if self._keeps_last or CRASHED.encode() in files.read(marker, 200):
                os.replace(marker, last)
                return
            os.unlink(marker)
            os.unlink(last)
        except Exception:  # noqa: BLE001, S110 (no verdict; or the host has replaced what this needs, as tests do)
            pass

    def _is_ours(self, descriptor: int) -> bool:
        """Whether the number still is our file: the host may have closed it and opened one of its own."""
        try:
            return self._identity is not None and os.path.samestat(self._identity, os.fstat(descriptor))
        except OSError:
            return False


def note_crash(marker: str, event_id: str) -> None:
    """Write into a run's marker, if it has one, that it crashed. Never raises."""
    try:
        files.append(marker, f" {CRASHED} {event_id}".encode(), create=False)
    except OSError:
        pass


def _stem(folder: str) -> str:
    return os.path.join(folder, f"{time.time_ns() // 1_000_000}-{os.getpid()}")


def _out_of_the_way(descriptor: int) -> int:
    """The same file under a number that is not given again soon, where there is one."""
    try:
        os.fstat(_OUT_OF_THE_WAY)
    except OSError:
        try:
            moved = os.dup2(descriptor, _OUT_OF_THE_WAY, inheritable=False)
        except OSError:
            return descriptor  # beyond the limit of this process
        os.close(descriptor)
        return moved
    return descriptor  # it is the host's
