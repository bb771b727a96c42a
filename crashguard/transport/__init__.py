"""From the spool to a server, outside of the dying process wherever that is possible.

    spawn          the start of a detached uploader
    uploader       the detached process
    upload         one pass over the reports that wait: consent, backoff, send, move
    upload_stats   the same over stats
    lock           one sender a folder
    backoff        when to try again: Retry-After and failures, kept across processes
    sentry         one envelope to one server; the only door to sentry_sdk
    segment        one batch of stats to one data plane
    http           whom to trust, which proxy to use, what an answer means

This file decides who sends: a detached uploader, this process under a deadline, or the next run.

A dying process needs this file: it imports nothing of size. An uploader waits for its starter to end, but not
for long, and then takes all that is there. So a process that has one which still waits starts no other.
"""

import os
import time

from crashguard import files, paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from threading import Event

    from crashguard.config import Config

INLINE_SECONDS = 2.0
_LIVING_SECONDS = 30.0  # for a thread of a program that goes on
_RESUME_EVERY = 60.0  # seconds between two attempts at what earlier runs left
# Seconds for which an uploader certainly waits for its starter (see `uploader._WAIT_FOR_STARTER`).
_STILL_WAITS = 8.0
# A host starts a plugin that died again: the CloudQuery CLI three times, a second apart. What crashes in
# these seconds is counted in the report of the first. Nobody waits for a plugin's uploader.
_MORE_OF_A_PLUGIN = 6.0


def method(config: "Config") -> str:
    """How this process delivers what it records: what `delivery` says; `auto` looks at what can live."""
    if config.delivery != "auto":
        return config.delivery
    return "background" if can_outlive() else "inline"


def can_outlive() -> bool:
    """Whether a detached uploader could outlive this process.

    A container ends with its first process, and systemd ends what the main process of a service leaves
    behind (source: systemd.exec(5) and systemd.kill(5)); so does a CI runner with what a step leaves.
    """
    from crashguard.transport import spawn

    pid = os.getpid()
    is_main = pid == 1 or os.environ.get("SYSTEMD_EXEC_PID") == str(pid)
    return not (is_main or os.environ.get("CI")) and spawn.can_spawn()


class Dispatcher:
    """Sees to it that what this process records, and what others left, is sent. Nothing here raises."""

    __slots__ = ("_at_end", "_ends", "_pid", "_started", "config")

    def __init__(self, config: "Config") -> None:
        self.config = config
        self._pid = os.getpid()
        self._started = ("", float("-inf"))  # the spool that an uploader of ours was started for, and when
        self._ends: Event | None = None  # of the thread that sends from this process, where there is one
        self._at_end = False  # whether that thread has something to send at the end

    def enqueue(self, *, dying: bool) -> None:
        """See to it that what this process recorded is sent. Never waits beyond a deadline.

        Args:
            dying: Whether this process is about to end. One that lives sends inline only at its end.
        """
        try:
            chosen = method(self.config)
            if chosen == "background" and self.start_uploader():
                return
            if chosen == "deferred":
                return
            if dying:
                self.send_here(INLINE_SECONDS)
            else:
                self._send_from_thread(at_once=False)
        except Exception:  # noqa: BLE001, S110 (the report is on disk; the next run tries again)
            pass

    def resume(self, left: "Iterable[str]") -> None:
        """Send what earlier runs left, whatever `delivery` says of this one, if nobody tried a moment ago.

        Where no uploader can live, a thread sends while the program runs, and its end waits for that within
        the deadline.

        Args:
            left: What there is to send, as `recovery.pending` says it.
        """
        from crashguard import recovery  # a start has it loaded; usage, which comes here for HTTP, has not

        folders = []
        if recovery.REPORTS in left:
            folders.append(self.config.spool)
        if recovery.STATS in left:
            folders += [os.path.join(self.config.spool, kind) for kind in paths.STATS]
        if self._is_time(folders) and not (can_outlive() and self.start_uploader(waits=False)):
            self._send_from_thread(at_once=True)

    def enqueue_stats(self, folder: str) -> None:
        """See to it that stats of this process are sent, if nobody tried a moment ago.

        Args:
            folder: Where they lie.
        """
        if method(self.config) == "background" and self._is_time([folder]):
            self.start_uploader()

    def _is_time(self, folders: "Iterable[str]") -> bool:
        """Whether nobody tried within the last minute and a server may be asked again; then this run tries.

        Args:
            folders: Where something may lie, each with a backoff of its own.
        """
        from crashguard.transport import backoff

        resumed = os.path.join(self.config.spool, "resumed")
        if files.age(resumed) < _RESUME_EVERY or not any(map(backoff.is_time, folders)):
            return False
        files.touch(resumed)
        return True

    def start_uploader(self, *, waits: bool = True) -> bool:
        """See to it that there is a detached uploader; whether that worked.

        Args:
            waits: Whether it waits for the end of this process, whose last figures belong to the report.
        """
        from crashguard.transport import spawn

        self._drop_state_of_parent()
        spool, when = self._started
        if spool == self.config.spool and time.monotonic() - when < _STILL_WAITS:
            return True
        if not spawn.can_spawn():
            return False
        try:
            quiet = 0.0 if self.config.plugin is None else _MORE_OF_A_PLUGIN
            spawn.start(self.config, self._pid if waits else 0, quiet)
        except (OSError, ValueError):
            return False
        if waits:
            self._started = (self.config.spool, time.monotonic())
        return True

    def send_here(self, seconds: float) -> bool:
        """Send from this process, for at most that long; whether it got to the end."""
        import threading

        done = threading.Event()

        def send() -> None:
            self._upload(seconds)
            done.set()

        try:
            threading.Thread(target=send, name="crashguard-upload", daemon=True).start()
        except RuntimeError:  # the interpreter ends and starts no more threads
            return False
        return done.wait(seconds)

    def _send_from_thread(self, *, at_once: bool) -> None:
        """Have a thread of this process send: at once, or at the end of the program.

        The thread is started now and sleeps: once the end has begun, Python 3.12 starts no more, and
        without one there is no deadline. A forked child has lost it and gets its own.
        """
        import threading

        self._drop_state_of_parent()
        self._at_end = self._at_end or not at_once
        if self._ends is not None:
            return
        ends = self._ends = threading.Event()

        def work() -> None:
            if at_once:
                self._upload(_LIVING_SECONDS)
                self._upload_stats(_LIVING_SECONDS)
            ends.wait()
            if self._at_end:
                self._upload(INLINE_SECONDS)

        worker = threading.Thread(target=work, name="crashguard-upload", daemon=True)
        worker.start()

        def finish() -> None:
            ends.set()
            worker.join(INLINE_SECONDS)

        threading._register_atexit(finish)  # type: ignore[attr-defined]

    def _upload(self, seconds: float) -> None:
        try:
            from crashguard.transport.upload import upload

            upload(self.config.spool, self.config.level, deadline=time.monotonic() + seconds)
        except Exception:  # noqa: BLE001, S110 (no lock can be made, say; a thread's traceback is no help)
            pass

    def _upload_stats(self, seconds: float) -> None:
        try:
            from crashguard.transport import upload_stats

            upload_stats.upload(self.config.spool, self.config.level, deadline=time.monotonic() + seconds)
        except Exception:  # noqa: BLE001, S110 (as above)
            pass

    def _drop_state_of_parent(self) -> None:
        """A forked child has neither its parent's threads nor an uploader that waits for it."""
        if self._pid != os.getpid():
            self._pid = os.getpid()
            self._started = ("", float("-inf"))
            self._ends, self._at_end = None, False


def send_unsaved(data: bytes, dsn: str) -> None:
    """Send a report that no file would take, under the deadline of a dying process."""
    import threading

    from crashguard.transport import sentry

    worker = threading.Thread(
        target=lambda: sentry.send(data, dsn, seconds=INLINE_SECONDS), name="crashguard-upload", daemon=True
    )
    worker.start()
    worker.join(INLINE_SECONDS)
