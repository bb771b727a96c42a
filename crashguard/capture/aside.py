"""A report that is made in a thread of its own, while the thread that needs it waits.

A signal handler of the host may raise: `sys.exit()` at SIGTERM, an exception at an alarm. The interpreter
runs handlers in the main thread, between any two instructions. In the middle of a report such an exception
would be taken for a fault of the report, in whatever line it comes. While the main thread does nothing but
wait, whatever it raises is the handler's. It goes on its way once the report is safe.
"""

import _thread
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_OURS = os.path.dirname(os.path.dirname(__file__)) + os.sep


def report(work: "Callable[[], None]") -> BaseException | None:
    """Run a function that makes a report. Never raises.

    Args:
        work: The function. It may be called again, if a signal handler raised while it began.

    Returns:
        What a signal handler raised meanwhile, without the frames of crashguard; or None.
    """
    raised = None
    for _ in range(3):
        try:
            if _is_needed():
                return _run(work) or raised
        except BaseException as error:  # noqa: BLE001 (a handler may raise anything)
            of_handler = raised_by_handler(error)
            if of_handler is None:
                return raised
            raised = raised or of_handler
            continue
        try:
            work()
        except BaseException as error:  # noqa: BLE001 (Ctrl-C, or a fault of the report's)
            return raised or raised_by_handler(error)
        return raised
    return raised


def raised_by_handler(error: BaseException) -> BaseException | None:
    """The exception, without the frames of crashguard, where a signal handler raised it in code of ours.

    The handler's frame tells it. What is no `Exception` (SystemExit, KeyboardInterrupt) is never ours.
    """
    tb = error.__traceback__
    while tb is not None and tb.tb_frame.f_code.co_filename.startswith((_OURS, "<frozen importlib")):
        tb = tb.tb_next
    if tb is None and issubclass(type(error), Exception):
        return None
    return error.with_traceback(tb)


def _is_needed() -> bool:
    """Whether a handler of the host's can run in this thread."""
    threading = sys.modules.get("threading")
    if threading is not None and threading.main_thread().ident != _thread.get_ident():
        return False
    signals = sys.modules.get("_signal")
    if signals is None or "gevent.monkey" in sys.modules:
        return False  # without signal there are no handlers; gevent's threads are not threads
    handlers = map(signals.getsignal, signals.valid_signals())
    return any(callable(handler) and handler is not signals.default_int_handler for handler in handlers)


def _run(work: "Callable[[], None]") -> BaseException | None:
    import threading  # noqa: F401 (the thread that imports it first is the main thread for it)
    from contextvars import copy_context

    done = _thread.allocate_lock()
    done.acquire()
    context, raised = copy_context(), None

    ended, failed = [], []

    def aside() -> None:
        try:
            context.run(work)
        except BaseException as error:  # noqa: BLE001 (it is told to the thread that waits)
            failed.append(error)
        finally:
            ended.append(True)
            done.release()

    try:
        _thread.start_new_thread(aside, ())
    except RuntimeError:  # no thread can be started: at the end of the interpreter, or at a limit
        work()
        return None
    while not ended:
        try:
            done.acquire()
        except BaseException as error:  # noqa: BLE001 (the first one counts)
            raised = raised or raised_by_handler(error)
    return raised or (raised_by_handler(failed[0]) if failed else None)
