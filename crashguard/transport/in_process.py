"""What this process sends by itself: from a thread while the program goes on, and before its end.

The module is loaded where no uploader can live, where `flush()` is called, and where no disk takes a report.
"""

import time

from crashguard.transport.unsaved import Memory
from crashguard.transport.worker import Worker, within

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from crashguard.config import Config
    from crashguard.transport.unsaved import Unsaved

_LIVING_SECONDS = 30.0  # the deadline of a thread in a program that goes on


class InProcess:
    """The sender of one process. It sends reports of the spool, reports in memory, and stats.

    Args:
        settings: Returns the settings of this moment.
        left: Returns the seconds for which the end of this process may still be held.
        loading: Entered while the sending thread imports, so that no child is forked meanwhile: it would wait
            for that import for ever.
    """

    __slots__ = ("_left", "_loading", "_memory", "_settings", "_was_busy", "_worker")

    def __init__(
        self,
        settings: "Callable[[], Config]",
        left: "Callable[[], float]",
        loading: "AbstractContextManager[object]",
    ) -> None:
        self._settings = settings
        self._left = left
        self._loading = loading
        self._memory = Memory()
        self._worker = Worker(self._send_all, left)
        self._was_busy = False  # whether another sender had the lock at the last attempt

    @property
    def has_thread(self) -> bool:
        """Whether the thread was woken at least once."""
        return self._worker.was_woken

    @property
    def has_unsaved(self) -> bool:
        """Whether a report that is to be sent is in memory only."""
        return self._memory.waits

    def wake(self) -> bool:
        """Have the thread send; False where the interpreter starts none any more."""
        return self._worker.wake()

    def send_within(self, seconds: float) -> bool:
        """Send and wait for it, for at most `seconds`; whether the upload finished."""
        return within(seconds, lambda: self._upload(seconds))

    def hold(self, report: "Unsaved") -> None:
        """Take a report into memory."""
        self._memory.add(report)

    def keep_unsaved(self) -> bool:
        """Make files of the reports in memory, as far as there is room; whether there is one now."""
        return self._memory.keep(self._settings())

    def send_unsaved_before_end(self) -> None:
        """Send the reports in memory and wait for it, within the deadline of all waits."""
        left = self._left()
        if left and self._memory:
            within(left, lambda: self._send_unsaved(left))

    def rest(self, seconds: float, unsent: "Callable[[], list[str]]") -> None:
        """Wait until nothing is left that the thread can send now.

        One wait for the thread is too little: what was recorded while another sender had the lock, or while
        the thread was about to end, needs a further attempt. One that leaves all that the last one left is
        the end: a server that is not reached has its backoff.

        Args:
            seconds: The longest wait.
            unsent: The paths of the reports of this process that are to be sent and are not.
        """
        end = time.monotonic() + seconds
        left: list[str] | None = None
        while self._worker.was_woken:
            self._worker.rest(end - time.monotonic())
            before, left = left, [*unsent(), *["in memory"] * self.has_unsaved]
            if not left or (left == before and not self._was_busy) or time.monotonic() >= end:
                return
            if self._was_busy:
                time.sleep(0.01)
            self._worker.wake()

    def finish(self) -> None:
        """The program has ended: wait for the thread, within the deadline."""
        if self._worker.was_woken:
            self._worker.finish()

    def _send_all(self, ends: bool) -> None:
        seconds = self._left() if ends else _LIVING_SECONDS
        self._upload(seconds)
        self._upload_stats(seconds)

    def _upload(self, seconds: float) -> None:
        try:
            self._send_unsaved(seconds)
            self._was_busy = False
            with self._loading:
                from crashguard.transport.upload import load, upload

            load(self._loading)
            config = self._settings()
            ask = config.level_now
            end = time.monotonic() + seconds
            done = upload(config.spool, ask(), ask=ask, deadline=end, loading=self._loading)
            self._was_busy = done.busy
        except Exception:  # noqa: BLE001, S110 (no lock can be made, say; a thread's traceback is no help)
            pass

    def _upload_stats(self, seconds: float) -> None:
        try:
            with self._loading:
                from crashguard.transport import upload_stats

            config = self._settings()
            ask = config.level_now
            end = time.monotonic() + seconds
            upload_stats.upload(config.spool, ask(), ask=ask, deadline=end, loading=self._loading)
        except Exception:  # noqa: BLE001, S110 (as above)
            pass

    def _send_unsaved(self, seconds: float) -> None:
        if not self._memory:
            return
        try:
            with self._loading:
                from crashguard import policy  # noqa: F401 (what is asked before each is sent)
                from crashguard.consent import choices  # noqa: F401 (the same)
                from crashguard.transport import http, sentry

                http.load()
                sentry.load()
            self._memory.send(self._settings(), seconds)
        except Exception:  # noqa: BLE001, S110 (as above)
            pass
