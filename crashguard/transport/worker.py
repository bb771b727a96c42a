"""The threads that send from this process: one of a program that goes on, and one that is waited for.

The module is loaded where such a thread is started. A daemon thread that still runs when the interpreter ends
must be able to end: see `crashguard.transport.threads`.
"""

import _thread
import sys
import time

from crashguard.transport import threads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event, Thread


class Worker:
    """A thread of a program that goes on, which sends each time that it is woken.

    The end of the program wakes it a last time and waits for it within the deadline. It is a daemon thread,
    because the interpreter waits for other threads without a deadline.

    Args:
        send: Sends; it is told whether the program ends.
        left: Seconds for which the end of the program may be held.
    """

    __slots__ = (
        "_asked",
        "_ends",
        "_is_greenlet",
        "_left",
        "_send",
        "_sends",
        "_starting",
        "_thread",
        "_wakes",
    )

    def __init__(self, send: "Callable[[bool], None]", left: "Callable[[], float]") -> None:
        self._send = send
        self._left = left
        self._asked = self._sends = self._ends = False
        self._is_greenlet = _is_patched()
        self._thread: Thread | None = None
        self._wakes: Event | None = None
        self._starting = _thread.allocate_lock()  # of several threads that wake it, one starts it

    @property
    def was_woken(self) -> bool:
        """Whether it was woken at least once: the lock of its start is never given back."""
        return self._starting.locked()

    def wake(self) -> bool:
        """Have it send; False where the interpreter ends and starts no thread any more."""
        if self._ends:
            return False
        self._asked = True  # before anything else: who starts the thread wakes it for all that came meanwhile
        if self._starting.acquire(blocking=False) and not self._start():
            return False
        if self._wakes is not None:
            self._wakes.set()
        return True

    def _start(self) -> bool:
        import threading

        wakes = threading.Event()
        thread = threading.Thread(target=self._work, args=(wakes,), name="crashguard-upload", daemon=True)
        try:
            threading._register_atexit(self.finish)  # type: ignore[attr-defined]
            thread.start()
        except RuntimeError:
            self._ends, self._asked = True, False
            return False
        self._wakes, self._thread = wakes, thread
        return True

    def _work(self, wakes: "Event") -> None:
        while True:
            wakes.wait()
            wakes.clear()
            self._sends = True  # before the question is taken back: `rest` sees one of the two
            ends, asked, self._asked = self._ends, self._asked, False
            if asked:
                self._send(ends)
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
        if self._is_greenlet != _is_patched():
            threads.let_end()  # gevent came since: neither can wake the other or wait for it
        elif self._wakes is not None and self._thread is not None:
            self._wakes.set()
            self._thread.join(self._left())
            if self._thread.is_alive():
                threads.let_end()


def _is_patched() -> bool:
    return "gevent.monkey" in sys.modules


def within(seconds: float, work: "Callable[[], object]") -> bool:
    """Do something in a thread and wait for it, `seconds` at most; whether it is done.

    Once the interpreter ends, CPython 3.12 starts no thread. Then it is done in this one: each request has
    its time limit, and only a name server could hold the process longer. So it is where descriptors are
    short, as a thread that hangs could not end there.
    """
    import threading

    done = threading.Event()

    def run() -> None:
        work()
        done.set()

    try:
        if not threads.has_descriptors():
            raise RuntimeError
        threading.Thread(target=run, name="crashguard-upload", daemon=True).start()
    except RuntimeError:
        work()
        return True
    if not done.wait(seconds):
        threads.let_end()
        return False
    return True
