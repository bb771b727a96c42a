"""From the spool to a server, outside of the dying process wherever that is possible.

    place          whether a detached process can outlive this one
    spawn          the start of an uploader
    uploader       the process that sends, detached or waited for
    upload         one pass over the waiting reports: telemetry level, backoff, send, move
    upload_stats   one pass over the waiting stats
    unsaved        reports in memory, where no disk takes any
    shadowed       whether this process would import a file of the user's, if it sent by itself
    hold           the minute for which the first report of a tool waits
    backoff        the time of the next attempt: Retry-After and failures, kept across processes
    sentry         one envelope to one server; the only module that imports sentry_sdk
    segment        one batch of stats to one data plane; analytics: the same over gRPC
    in_process     what this process sends by itself
    worker         its threads; threads: what one needs
    limit          the time of a whole request, whatever a server does
    http           TLS, proxies, and the meaning of an answer

This module chooses the sender: a detached uploader, this process, or the next run.

A dying process imports this module, so it imports only small modules. A detached uploader waits a few
seconds for the end of the process that started it, and then sends all reports that wait. So a process starts
no second uploader while its first one still waits.
"""

import os
import sys
import time

from crashguard import files, paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import AbstractContextManager

    from crashguard.config import Config
    from crashguard.transport.in_process import InProcess
    from crashguard.transport.unsaved import Unsaved

INLINE_SECONDS = 2.0
_RESUME_EVERY = 60.0  # seconds between two attempts at what earlier runs left
WAIT_FOR_STARTER = 10.0  # seconds for which an uploader waits for the process that started it
_STILL_WAITS = WAIT_FOR_STARTER - 2.0  # of that, what is certainly left after the start of an interpreter
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

    __slots__ = (
        "_ended",
        "_gives_up",
        "_is_left_to_uploader",
        "_loading",
        "_pid",
        "_senders",
        "_started",
        "config",
    )

    def __init__(self, config: "Config", loading: "AbstractContextManager[object]") -> None:
        self.config = config
        self._loading = loading
        self._pid = os.getpid()
        self._started = ("", float("-inf"))  # the spool and the time of the last uploader's start
        self._senders: dict[int, InProcess] = {}  # by process: a forked child has its own
        self._is_left_to_uploader = False  # whether no thread of this process can send
        self._ended = False  # whether the program has ended, so that no thread outlives what is going on
        self._gives_up: float | None = None  # a time.monotonic(): from its first wait on, a process is dying

    def enqueue(self, *, dying: bool) -> None:
        """Have this process's reports sent. Never waits beyond a deadline.

        Args:
            dying: Whether this process is about to end.
        """
        try:
            chosen = method(self.config)
            if chosen == "deferred":
                return
            self._hold_the_first()
            if chosen == "background" and (dying or not _is_child_seen()) and self.start_uploader():
                return
            if dying or not self._send_from_thread():
                self.send_before_end(dying=dying)
        except Exception:  # noqa: BLE001, S110 (the report is on disk; the next run tries again)
            pass

    def enqueue_unsaved(self, report: "Unsaved", *, dying: bool) -> None:
        """Have a report sent that no disk took. Never waits beyond a deadline.

        Args:
            report: The report. What is not sent now is tried again at the end of this process.
            dying: Whether this process is about to end.
        """
        try:
            self._drop_state_of_parent()
            sender = self._sender()
            sender.hold(report)
            if report.dsn is None or not self._sends_unsaved():
                return
            if dying or not self._send_from_thread():
                sender.send_unsaved_before_end()
        except Exception:  # noqa: BLE001, S110 (no thread and no import is left: it is lost, as the note says)
            pass

    @property
    def has_unsaved(self) -> bool:
        """Whether a report that is to be sent is in memory only."""
        sender = self._senders.get(os.getpid())
        return sender is not None and sender.has_unsaved

    def _sends_unsaved(self) -> bool:
        """Whether this process may send what is in memory: no uploader could."""
        return self.config.delivery != "deferred" and not is_shadowed()

    def _sender(self) -> "InProcess":
        """The sender of this process. Threads that come at one moment get one by setdefault."""
        sender = self._senders.get(os.getpid())
        if sender is None:
            from crashguard.transport.in_process import InProcess

            made = InProcess(lambda: self.config, self._seconds_left, self._loading)
            sender = self._senders.setdefault(os.getpid(), made)
        return sender

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
            self._hold_the_first()
            folders.append(self.config.spool)
            since = min(since, recovery.age_of_reports(self.config.spool))
        if recovery.STATS in left:
            folders += [os.path.join(self.config.spool, kind) for kind in paths.STATS]
        if self._is_time(folders, since) and not (why_inline() is None and self.start_uploader(waits=False)):
            self._send_from_thread()

    def _hold_the_first(self) -> None:
        """Where a person reads on a terminal that reports leave, have the tool's first one wait for a no."""
        if is_read():
            from crashguard.transport import hold

            hold.begin_if_first(self.config)

    def enqueue_stats(self, folder: str) -> None:
        """Have this process's stats sent, unless a run tried within the last minute.

        Where no uploader can live they wait for the next run. A plugin's process goes on after a sync, and
        what it left may end with its container: a thread of it sends.

        Args:
            folder: The folder of the records.
        """
        chosen = method(self.config)
        if chosen == "background" and self._is_time([folder], _RESUME_EVERY):
            self.start_uploader()
        elif chosen == "inline" and self.config.plugin is not None:
            self._send_from_thread()

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
        try:
            files.touch(resumed)
        except OSError:
            from crashguard.spool.store import Spool

            if not files.is_foreign(resumed):
                raise
            Spool(self.config.spool).set_aside(resumed, "not a file of crashguard")
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

    def send_before_end(self, *, dying: bool) -> None:
        """Send what waits and wait for it, before this process ends. All waits have one deadline.

        An uploader that is waited for needs nothing of this interpreter, which may be unable to start a
        thread or to import a module any more. Where none can be started, a thread of this process sends.
        """
        left = self._seconds_left()
        if not self._wait_for_uploader(left, dying=dying) and not _is_uploaders():
            self.send_here(left)

    def send_here(self, seconds: float) -> bool:
        """Send from this process, for at most `seconds`; whether the upload finished."""
        if _is_uploaders():
            return self._wait_for_uploader(seconds)
        return self._sender().send_within(seconds)

    def _wait_for_uploader(self, seconds: float, *, dying: bool = False) -> bool:
        """Have an uploader send and wait for it, for at most `seconds`; False where none can be started."""
        from crashguard.transport import spawn

        try:
            if spawn.why_not() is not None:
                return False
            spawn.start_and_wait(self.config, seconds, dying=dying)
            return True
        except (OSError, ValueError):
            return False

    def _send_from_thread(self) -> bool:
        """Have a thread of this process send at once; False where the interpreter starts none any more.

        A forked child does not have its parent's thread and starts its own. Where the imports of a thread
        would run a file of the user's, gevent has patched what a thread sends with, or a thread had no
        descriptors, an uploader sends, as long as this process lives.
        """
        from crashguard.transport import threads

        self._drop_state_of_parent()
        if self._ended:
            return False
        if _is_uploaders() or not threads.has_descriptors():
            self._is_left_to_uploader = True
            return self.start_uploader(waits=False)
        return self._sender().wake()

    def rest(self, seconds: float, unsent: "Callable[[], list[str]]") -> None:
        """Where this process sends by itself, wait until nothing is left that can be sent now.

        Args:
            seconds: The longest wait.
            unsent: The paths of the reports of this process that are to be sent and are not.
        """
        end = time.monotonic() + seconds
        sender = self._senders.get(os.getpid())
        if (sender is None or not sender.has_thread) and unsent() and method(self.config) == "inline":
            self._send_from_thread()
            sender = self._senders.get(os.getpid())
        if sender is not None:
            sender.rest(end - time.monotonic(), unsent)

    def finish(self) -> None:
        """The program has ended: wait for the thread that sends, within the deadline."""
        self._drop_state_of_parent()
        self._ended = True
        if self._is_left_to_uploader and why_inline() is not None:
            self._wait_for_uploader(self._seconds_left())
        sender = self._senders.get(os.getpid())
        if sender is not None:
            sender.finish()
            self._end_unsaved(sender)

    def _end_unsaved(self, sender: "InProcess") -> None:
        """Make files of the reports in memory, now that there may be room, or send them."""
        try:
            if sender.keep_unsaved():
                self.enqueue(dying=True)
            if self._sends_unsaved():
                sender.send_unsaved_before_end()
        except Exception:  # noqa: BLE001, S110 (as above)
            pass

    def _seconds_left(self) -> float:
        """Seconds for which the end of this process may still be held."""
        if self._gives_up is None:
            self._gives_up = time.monotonic() + INLINE_SECONDS
        return max(0.0, self._gives_up - time.monotonic())

    def _drop_state_of_parent(self) -> None:
        """In a forked child: drop the parent's thread and uploader, which do not send for the child."""
        if self._pid != os.getpid():
            self._pid = os.getpid()
            self._started = ("", float("-inf"))
            self._gives_up, self._ended = None, False
            self._is_left_to_uploader = False


def is_shadowed() -> bool:
    """Whether this process would import a file of the user's for Python's, if it sent by itself."""
    from crashguard.transport import shadowed

    return shadowed.is_any()


def _is_uploaders() -> bool:
    """Whether an uploader has to send, because what a thread of this process does may not end.

    A thread from before gevent patched locks and sockets waits by one kind of lock and is woken by another.
    """
    from crashguard.transport import spawn

    return is_shadowed() or ("gevent.monkey" in sys.modules and spawn.why_not() is None)


def is_read() -> bool:
    """Whether what this process writes to stderr is shown on a terminal."""
    try:
        return bool(sys.stderr.isatty())
    except Exception:  # noqa: BLE001 (None, closed, or replaced by anything)
        return False


def _is_child_seen() -> bool:
    from crashguard.transport import spawn

    return spawn.is_seen()
