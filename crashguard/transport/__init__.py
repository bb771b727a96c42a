"""From the spool to a server, outside of the dying process wherever that is possible.

    place          whether a detached process can outlive this one
    spawn          the start of an uploader
    uploader       the process that sends, detached or waited for
    upload         one pass over the waiting reports: telemetry level, backoff, send, move
    upload_stats   one pass over the waiting stats
    hold           the minute for which the first report of a tool waits
    backoff        the time of the next attempt: Retry-After and failures, kept across processes
    sentry         one envelope to one server; the only module that imports sentry_sdk
    segment        one batch of stats to one data plane
    http           TLS, proxies, and the meaning of an answer

This module chooses the sender: a detached uploader, this process, or the next run.

A dying process imports this module, so it imports only small modules. A detached uploader waits a few
seconds for the end of the process that started it, and then sends all reports that wait. So a process starts
no second uploader while its first one still waits.
"""

import os
import time

from crashguard import files, paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import AbstractContextManager
    from threading import Event, Thread

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
    return "background" if why_inline() is None else "inline"


def why_inline() -> str | None:
    """Why this process sends by itself, as a sentence; None where a detached uploader can live."""
    from crashguard.transport import place, spawn

    reason = place.why_not()
    return spawn.why_not() if reason is None else place.explain(reason)


class Dispatcher:
    """Has the reports of this process, and those of earlier runs, sent.

    `enqueue` does not raise. `resume` and `enqueue_stats` raise OSError where the spool cannot be written.

    Args:
        config: The settings.
        loading: Entered while the sending thread imports, so that no child is forked meanwhile: it would wait
            for that import for ever.
    """

    __slots__ = ("_ended", "_gives_up", "_loading", "_pid", "_started", "_worker", "config")

    def __init__(self, config: "Config", loading: "AbstractContextManager[object]") -> None:
        self.config = config
        self._loading = loading
        self._pid = os.getpid()
        self._started = ("", float("-inf"))  # the spool and the time of the last uploader's start
        self._worker: _Worker | None = None
        self._ended = False  # whether the program has ended, so that no thread outlives what is going on
        self._gives_up: float | None = None  # a time.monotonic(): from its first wait on, a process is dying

    def enqueue(self, *, dying: bool) -> None:
        """Have this process's reports sent. Never waits beyond a deadline.

        Args:
            dying: Whether this process is about to end.
        """
        try:
            chosen = method(self.config)
            if chosen == "deferred" or (chosen == "background" and self.start_uploader()):
                return
            if dying or not self._send_from_thread():
                self.send_before_end()
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
        if self._is_time(folders, since) and not (why_inline() is None and self.start_uploader(waits=False)):
            self._send_from_thread()

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
        if spawn.why_not() is not None:
            return False
        try:
            quiet = 0.0 if self.config.plugin is None else _MORE_OF_A_PLUGIN
            spawn.start(self.config, self._pid if waits else 0, quiet)
        except (OSError, ValueError):
            return False
        if waits:
            self._started = (self.config.spool, time.monotonic())
        return True

    def send_before_end(self) -> None:
        """Send what waits and wait for it, because this process is about to end. All waits have one deadline.

        An uploader that is waited for needs nothing of this interpreter, which may be unable to start a
        thread or to import a module any more. Where none can be started, a thread of this process sends.
        """
        from crashguard.transport import spawn

        left = self._seconds_left()
        try:
            if spawn.why_not() is None:
                spawn.start_and_wait(self.config, left)
                return
        except (OSError, ValueError):
            pass
        self.send_here(left)

    def send_here(self, seconds: float) -> bool:
        """Send from this process, for at most `seconds`; whether the upload finished."""
        return _within(seconds, lambda: self._upload(seconds))

    def _send_from_thread(self) -> bool:
        """Have a thread of this process send at once; False where the interpreter starts none any more.

        A forked child does not have its parent's thread and starts its own.
        """
        self._drop_state_of_parent()
        if self._ended:
            return False
        if self._worker is None:
            self._worker = _Worker(self._send_all, self._seconds_left)
        return self._worker.wake()

    def rest(self, seconds: float) -> None:
        """Wait for the thread that sends, where there is one, for at most `seconds`."""
        if self._pid == os.getpid() and self._worker is not None:
            self._worker.rest(seconds)

    def finish(self) -> None:
        """The program has ended: wait for the thread that sends, within the deadline."""
        self._drop_state_of_parent()
        self._ended = True
        if self._worker is not None:
            self._worker.finish()

    def _send_all(self, seconds: float) -> None:
        self._upload(seconds)
        self._upload_stats(seconds)

    def _seconds_left(self) -> float:
        """Seconds for which the end of this process may still be held."""
        if self._gives_up is None:
            self._gives_up = time.monotonic() + INLINE_SECONDS
        return max(0.0, self._gives_up - time.monotonic())

    def _upload(self, seconds: float) -> None:
        try:
            with self._loading:
                from crashguard.transport.upload import load, upload

            load(self._loading)
            ask = self.config.level_now
            end = time.monotonic() + seconds
            upload(self.config.spool, ask(), ask=ask, deadline=end, loading=self._loading)
        except Exception:  # noqa: BLE001, S110 (no lock can be made, say; a thread's traceback is no help)
            pass

    def _upload_stats(self, seconds: float) -> None:
        try:
            with self._loading:
                from crashguard.transport import upload_stats

            ask = self.config.level_now
            end = time.monotonic() + seconds
            upload_stats.upload(self.config.spool, ask(), ask=ask, deadline=end, loading=self._loading)
        except Exception:  # noqa: BLE001, S110 (as above)
            pass

    def _drop_state_of_parent(self) -> None:
        """In a forked child: drop the parent's thread and uploader, which do not send for the child."""
        if self._pid != os.getpid():
            self._pid = os.getpid()
            self._started = ("", float("-inf"))
            self._worker, self._gives_up, self._ended = None, None, False


class _Worker:
    """A thread of a program that goes on, which sends each time that it is woken.

    The end of the program wakes it a last time and waits for it within the deadline. It is a daemon thread,
    because the interpreter waits for other threads without a deadline.
    """

    __slots__ = ("_asked", "_ends", "_left", "_send", "_sends", "_thread", "_wakes")

    def __init__(self, send: "Callable[[float], None]", left: "Callable[[], float]") -> None:
        self._send = send
        self._left = left  # seconds for which the end may be held
        self._asked = self._sends = self._ends = False
        self._thread: Thread | None = None
        self._wakes: Event | None = None

    def wake(self) -> bool:
        """Have it send; False where the interpreter ends and starts no thread any more."""
        import threading

        if self._ends:
            return False
        if self._wakes is None:
            wakes = threading.Event()
            thread = threading.Thread(target=self._work, args=(wakes,), name="crashguard-upload", daemon=True)
            try:
                threading._register_atexit(self.finish)  # type: ignore[attr-defined]
                thread.start()
            except RuntimeError:
                self._ends = True
                return False
            self._wakes, self._thread = wakes, thread
        self._asked = True
        self._wakes.set()
        return True

    def _work(self, wakes: "Event") -> None:
        while True:
            wakes.wait()
            wakes.clear()
            self._sends = True  # before the question is taken back: `rest` sees one of the two
            ends, asked, self._asked = self._ends, self._asked, False
            if asked:
                self._send(INLINE_SECONDS if ends else _LIVING_SECONDS)
            self._sends = False
            if ends:
                return

    def rest(self, seconds: float) -> None:
        """Wait until it has tried everything that it was woken for, for at most `seconds`."""
        end = time.monotonic() + seconds
        while (self._asked or self._sends) and time.monotonic() < end:
            time.sleep(0.01)

    def finish(self) -> None:
        """Wake it a last time, and wait for its end."""
        self._ends = True
        if self._wakes is not None and self._thread is not None:
            self._wakes.set()
            self._thread.join(self._left())


def _within(seconds: float, work: "Callable[[], object]") -> bool:
    """Do something in a thread and wait for it, `seconds` at most; whether it is done.

    Once the interpreter ends, CPython 3.12 starts no thread. Then it is done in this one: each request has
    its time limit, and only a name server could hold the process longer.
    """
    import threading

    done = threading.Event()

    def run() -> None:
        work()
        done.set()

    try:
        threading.Thread(target=run, name="crashguard-upload", daemon=True).start()
    except RuntimeError:
        work()
        return True
    return done.wait(seconds)


def send_unsaved(data: bytes, dsn: str) -> None:
    """Send a report that could not be written to disk, under the deadline of a dying process."""
    from crashguard.transport import sentry

    _within(INLINE_SECONDS, lambda: sentry.send(data, dsn, seconds=INLINE_SECONDS))
