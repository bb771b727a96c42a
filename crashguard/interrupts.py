"""What the host's signal handlers raise while a report is made reaches the program, after the report.

The interpreter runs handlers in the main thread, between any two instructions: `sys.exit()` at SIGTERM, an
exception at an alarm. In the middle of a report such an exception would be taken for a fault of the report,
in whatever line it comes. So a report is made in a thread of its own (`report`) while the main thread does
nothing but wait: whatever is raised in it then is the handler's.

Nothing that a hook raises reaches the program: the interpreter prints it, an event loop logs it. So a hook
keeps the exception (`Held`) and simulates a signal, whose handler raises it in the next line of the program.
"""

import _thread
import os
import sys
import time

from crashguard.files import keep_builtins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, TracebackType
    from typing import Any

keep_builtins(__name__)

_OURS = os.path.dirname(__file__) + os.sep
_HOOKS = tuple(os.path.join(_OURS, "capture", name) for name in ("hooks.py", "event_loops.py"))
_MOST = 1000  # exceptions of handlers in one report
_PAUSE = 0.0005  # seconds between two looks at what the main thread does
_LAST_OF_FAULTS = 11  # SIGSEGV: the handlers up to it may be those of faulthandler


def report(work: "Callable[[], None]") -> BaseException | None:
    """Run a function that makes a report, once. Never raises.

    Args:
        work: The function.

    Returns:
        What a signal handler raised meanwhile, without the frames of crashguard; or None.
    """
    raised = aside = None
    for _ in range(_MOST):  # a function that the program replaced may raise each time: it is no handler
        try:
            if aside is None:
                aside = _Aside(work)
            return aside.run() or raised
        except BaseException as error:  # noqa: BLE001 (a handler may raise anything, in any line)
            of_handler = raised_by_handler(error)
            if of_handler is None:
                return raised
            raised = raised or of_handler  # the first one counts
    return raised


class Held:
    """What signal handlers raised in one call of a hook. It runs each of our steps there.

    Args:
        raised: What one raised before.
    """

    __slots__ = ("_raised",)

    def __init__(self, raised: BaseException | None) -> None:
        self._raised = raised

    def run(self, step: "Callable[[], None]") -> None:
        """Run a step. The first exception of a handler counts."""
        raised = report(step)
        self._raised = self._raised or raised

    def keep(self, error: BaseException) -> bool:
        """Keep what was raised between two steps, if it came from a handler; whether it did."""
        raised = raised_by_handler(error)
        self._raised = self._raised or raised
        return raised is not None

    def keep_own(self, error: BaseException) -> bool:
        """Keep what the hook before ours raised, if it was a handler in our own code; whether it was.

        What a handler raises in that hook ends there, with crashguard and without.
        """
        below = without_our_frames(error.__traceback__)
        return (below is None or below.tb_frame.f_code in _handlers()) and self.keep(error)

    def surface(self) -> None:
        """Have it raised once the hook has returned. The hook must do nothing after it."""
        if self._raised is not None:
            raised, self._raised = self._raised, None
            again = _Again(raised)
            if again.number is not None:
                again.number.now  # noqa: B018 (see _Signal)


def raised_by_handler(error: BaseException) -> BaseException | None:
    """The exception, without the frames of crashguard, where a signal handler raised it in code of ours.

    The handler's frame tells it. What is no `Exception` (SystemExit, KeyboardInterrupt) is never ours.
    """
    tb = without_our_frames(error.__traceback__)
    if tb is None and issubclass(type(error), Exception):
        return None
    return error.with_traceback(tb)


def without_our_frames(tb: "TracebackType | None") -> "TracebackType | None":
    """A traceback from the first frame on that is not crashguard's."""
    while tb is not None and tb.tb_frame.f_code.co_filename.startswith((_OURS, "<frozen importlib")):
        tb = tb.tb_next
    return tb


def _handlers() -> "list[Any]":
    """The code of the functions that handle signals."""
    signals = sys.modules["signal"]
    handlers = [signals.getsignal(number) for number in signals.valid_signals()]
    found = [getattr(each, "__func__", each) for each in handlers]
    return [
        getattr(each, "__code__", None) or getattr(type(each).__call__, "__code__", None) for each in found
    ]


def begins_report_of_main_thread(frame: "FrameType") -> bool:
    """Whether the first frame of a thread is that of one which makes a report while the main thread waits."""
    return frame.f_code is _Aside._work_aside.__code__


def _is_needed() -> bool:
    """Whether a handler of the host's can run in this thread."""
    threading = sys.modules.get("threading")
    # Not by the function that tells it, which the program may have replaced, as it may have the module. No
    # `except` here: it would take what a handler raises for a fault.
    if issubclass(type(threading), type(sys)):
        main = getattr(threading, "_main_thread", None)
        if main is not None and getattr(main, "ident", None) != _thread.get_ident():
            return False
    elif threading is not None:
        return False
    signals = sys.modules.get("_signal")
    if signals is None or "gevent.monkey" in sys.modules:
        return False  # without signal there are no handlers; gevent's threads are not threads
    # Compared by identity: a handler's own `__eq__` or `__hash__` is not called.
    without = map(id, (signals.SIG_DFL, signals.SIG_IGN, None, signals.default_int_handler))
    return not set(without).issuperset(map(id, map(signals.getsignal, signals.valid_signals())))


class _Aside:
    """One report. `run()` may be called again after a signal handler has raised in it.

    Args:
        work: The function that makes the report.
    """

    __slots__ = ("_context", "_done", "_ended", "_failed", "_started", "_todo")

    def __init__(self, work: "Callable[[], None]") -> None:
        self._todo = [work]  # pop() is atomic: of two threads one has the work
        self._started = False
        self._ended: list[bool] = []
        self._failed: list[BaseException] = []
        self._done = _thread.allocate_lock()
        self._done.acquire()
        self._context: Any = None

    def run(self) -> BaseException | None:
        """Do the work, or wait for the thread that does; what a signal handler raised in it."""
        if not self._started:
            if not _is_needed():
                self._work()
                return self._fault()
            import threading  # noqa: F401 (the thread that imports it first is the main thread for it)
            from _contextvars import copy_context

            self._context = copy_context()
            try:
                _thread.start_new_thread(self._work_aside, ())
                self._started = True
            except RuntimeError:  # no thread can be started: at the end of the interpreter, or at a limit
                self._work()
        while self._started and not self._ended:
            self._done.acquire()
        return self._fault()

    def _work(self) -> None:
        try:
            work = self._todo.pop()
        except IndexError:
            return
        try:
            work()
        except BaseException as error:  # noqa: BLE001 (Ctrl-C, or a fault of the report's: told by run())
            self._failed.append(error)

    def _work_aside(self) -> None:
        if not self._todo:
            return
        try:
            self._context.run(self._work)
        finally:
            self._ended.append(True)
            self._done.release()

    def _fault(self) -> BaseException | None:
        """What a handler raised. Code of the program that the report calls raises as well: that ends here."""
        error = self._failed[0] if self._failed else None
        if error is None:
            return None
        could_be = not self._started and (_is_needed() or "gevent.monkey" in sys.modules)
        return raised_by_handler(error) if could_be or issubclass(type(error), KeyboardInterrupt) else None


class _Signal(int):
    """The number of a signal. Reading `now` simulates its arrival.

    The interpreter asks for signals after each call, also after the one that simulates it. That would be in
    the hook still. It does not ask after reading an attribute, so an attribute of an `int` makes that call.
    """

    now = property(_thread.interrupt_main)


class _Again:
    """A signal handler that raises an exception once, where no hook is under way.

    Args:
        error: The exception.
    """

    __slots__ = ("_error", "_waits", "number")

    def __init__(self, error: BaseException) -> None:
        import _signal  # type: ignore[import-not-found]  # built in; the host has loaded signal

        self._error = error
        self._waits = False
        unused = _unused(_signal)
        self.number = None if unused is None else _Signal(unused)
        if self.number is not None:
            _signal.signal(self.number, self)

    def __call__(self, number: int, frame: "FrameType | None") -> None:
        if not _is_in_hook(frame):
            import _signal

            _signal.signal(number, _signal.SIG_DFL)
            self.number = None
            raise self._error
        if not self._waits:
            self._waits = True
            _thread.start_new_thread(self._wait, (_thread.get_ident(),))

    def _wait(self, main: int) -> None:
        """In a thread: simulate the signal again when the main thread has left the hook."""
        while self.number is not None:
            if not _is_in_hook(sys._current_frames().get(main)):
                self.number.now  # noqa: B018 (as above)
            time.sleep(_PAUSE)


def _is_in_hook(frame: "FrameType | None") -> bool:
    """Whether what is raised now would be lost: in a hook, or where asyncio reports what it caught."""
    while frame is not None:
        code = frame.f_code
        if code.co_filename in _HOOKS or code.co_name == "call_exception_handler":
            return True
        frame = frame.f_back
    return False


def _unused(signals: "Any") -> int | None:
    """A signal that the program does not use; None where there is none, as on Windows."""
    ours = [
        number
        for number in signals.valid_signals()
        if number > _LAST_OF_FAULTS and signals.getsignal(number) == signals.SIG_DFL
    ]
    return max(ours, default=None) if sys.platform != "win32" else None
