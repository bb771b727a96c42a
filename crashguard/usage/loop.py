"""A thread that does one thing whenever it is time, and sleeps while there is nothing to do."""

import logging
import threading
from collections.abc import Callable

from crashguard.usage.errors import UsageError

logger = logging.getLogger("crashguard.usage")


class Loop:
    """A daemonic thread that works when `time_to_work` says so.

    Args:
        name: The thread's name.
        time_to_work: Seconds until there is work, None while there is none; asked again after wake().
        work: Does it. A UsageError is logged, and any other error too: the thread goes on.
    """

    def __init__(self, name: str, time_to_work: Callable[[], float | None], work: Callable[[], None]) -> None:
        self._name = name
        self._time_to_work = time_to_work
        self._work = work
        self._woken = threading.Event()
        self._stopped = False
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def start(self) -> None:
        """Start the thread unless it runs, or was stopped."""
        if self._thread is not None or self._stopped:
            return
        with self._starting:
            if self._thread is not None:
                return
            thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            try:
                thread.start()
            except RuntimeError as error:  # no more threads, or the interpreter is shutting down
                logger.warning("%s cannot be started: %s", self._name, error)
            self._thread = thread

    def wake(self) -> None:
        """Have it ask again when to work."""
        self._woken.set()

    def stop(self, timeout: float) -> bool:
        """Ask it to end and wait. Whether it ended in time."""
        self._stopped = True
        self._woken.set()
        thread = self._thread
        if thread is None or thread.ident is None or thread is threading.current_thread():
            return True
        thread.join(timeout)
        return not thread.is_alive()

    def _run(self) -> None:
        while not self._stopped:
            wait = self._time_to_work()
            if wait is not None and wait <= 0:
                self._do()
                continue
            self._woken.wait(wait)
            self._woken.clear()

    def _do(self) -> None:
        try:
            self._work()
        except UsageError as error:
            logger.warning("%s", error)
        except Exception:
            logger.exception("%s failed, and goes on", self._name)
