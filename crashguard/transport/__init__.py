"""From the spool to a server, outside of the dying process wherever that is possible.

    spawn          the start of a detached uploader
    uploader       the detached process
    upload         one pass over the waiting reports: consent, backoff, send, move
    upload_stats   one pass over the waiting stats
    lock           one sender for each folder
    backoff        the time of the next attempt: Retry-After and failures, kept across processes
    sentry         one envelope to one server; the only module that imports sentry_sdk
    segment        one batch of stats to one data plane
    http           TLS, proxies, and the meaning of an answer

This module chooses the sender: a detached uploader, this process under a deadline, or the next run.

A dying process imports this module, so it imports only small modules. A detached uploader waits a few
seconds for the end of the process that started it, and then sends all reports that wait. So a process starts
no second uploader while its first one still waits.
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
_LIVING_SECONDS = 30.0  # the deadline of a thread in a program that goes on
_RESUME_EVERY = 60.0  # seconds between two attempts at what earlier runs left
# Seconds for which an uploader certainly waits for its starter (see `uploader._WAIT_FOR_STARTER`).
_STILL_WAITS = 8.0
# Seconds. A host starts a plugin that died again: the CloudQuery CLI three times, a second apart. A plugin's
# uploader waits for those attempts, and their crashes are counted in the report of the first.
_MORE_OF_A_PLUGIN = 6.0


def method(config: "Config") -> str:
    """How this process delivers its reports: the setting `delivery`, with `auto` resolved."""
    if config.delivery != "auto":
        return config.delivery
    return "background" if can_outlive() else "inline"


def can_outlive() -> bool:
    """Whether a detached uploader could outlive this process.

    A container ends with its first process. systemd ends the processes that the main process of a service
    leaves behind (source: systemd.exec(5) and systemd.kill(5)), and a CI runner those of a step.
    """
    from crashguard.transport import spawn

    pid = os.getpid()
    is_main = pid == 1 or os.environ.get("SYSTEMD_EXEC_PID") == str(pid)
    return not (is_main or os.environ.get("CI")) and spawn.can_spawn()


class Dispatcher:
    """Has the reports of this process, and those of earlier runs, sent.

    `enqueue` does not raise. `resume` and `enqueue_stats` raise OSError where the spool cannot be written.
    """

    __slots__ = ("_at_end", "_ends", "_pid", "_started", "config")

    def __init__(self, config: "Config") -> None:
        self.config = config
        self._pid = os.getpid()
        self._started = ("", float("-inf"))  # the spool and the time of the last uploader's start
        self._ends: Event | None = None  # set at the end, for the thread that sends from this process
        self._at_end = False  # whether that thread sends at the end

    def enqueue(self, *, dying: bool) -> None:
        """Have this process's reports sent. Never waits beyond a deadline.

        Args:
            dying: Whether this process is about to end. Until then a process does not send inline.
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
        """Send what earlier runs left, whatever `delivery` is.

        It is enough that a run tried within the last minute, unless a report came since. Where no uploader
        can live, a thread sends while the program runs. The program's end waits for it within the deadline.

        Args:
            left: The answer of `recovery.pending`.
        """
        from crashguard import recovery  # a start has it loaded; usage, which comes here for HTTP, has not

        folders, since = [], _RESUME_EVERY
        if recovery.REPORTS in left:
            folders.append(self.config.spool)
            since = min(since, recovery.age_of_reports(self.config.spool))
        if recovery.STATS in left:
            folders += [os.path.join(self.config.spool, kind) for kind in paths.STATS]
        if self._is_time(folders, since) and not (can_outlive() and self.start_uploader(waits=False)):
            self._send_from_thread(at_once=True)

    def enqueue_stats(self, folder: str) -> None:
        """Have this process's stats sent, unless a run tried within the last minute.

        Args:
            folder: The folder of the records.
        """
        if method(self.config) == "background" and self._is_time([folder], _RESUME_EVERY):
            self.start_uploader()

    def _is_time(self, folders: "Iterable[str]", since: float) -> bool:
        """Whether no run tried lately and a backoff is over; then this run tries.

        Args:
            folders: Folders with something to send, each with its own backoff.
            since: Seconds in which a run must have tried, so that this one need not.
        """
        from crashguard.transport import backoff

        resumed = os.path.join(self.config.spool, "resumed")
        if files.age(resumed) < since or not any(map(backoff.is_time, folders)):
            return False
        files.touch(resumed)
        return True

    def start_uploader(self, *, waits: bool = True) -> bool:
        """Make sure that a detached uploader runs; whether one does.

        Args:
            waits: Whether it waits for the end of this process, which writes its last counts into the report.
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
        """Send from this process, for at most `seconds`; whether the upload finished."""
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

        The thread is started now and waits: once the interpreter ends, Python 3.12 starts no thread any more,
        and without a thread there is no deadline. A forked child does not have its parent's thread and starts
        its own.
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
        """In a forked child: drop the parent's thread and uploader, which do not send for the child."""
        if self._pid != os.getpid():
            self._pid = os.getpid()
            self._started = ("", float("-inf"))
            self._ends, self._at_end = None, False


def send_unsaved(data: bytes, dsn: str) -> None:
    """Send a report that could not be written to disk, under the deadline of a dying process."""
    import threading

    from crashguard.transport import sentry

    worker = threading.Thread(
        target=lambda: sentry.send(data, dsn, seconds=INLINE_SECONDS), name="crashguard-upload", daemon=True
    )
    worker.start()
    worker.join(INLINE_SECONDS)
