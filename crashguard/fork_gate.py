"""Keeps a fork from happening in the middle of a report, or of an import for one.

A child that is forked while another thread imports a module waits for that import for ever. So whoever
imports something for a report is inside of the gate meanwhile, and a fork waits for all that are inside.
"""

import os
import sys
from _thread import allocate_lock, get_ident  # gevent may put others there in the middle of a report
from time import monotonic, sleep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_FORK_WAITS = 10.0  # seconds, at most: some hundred files are imported to send, on a busy machine


def _lock_of_logging() -> "Any":
    return getattr(sys.modules.get("logging"), "_lock", None)


class ForkGate:
    """Threads are inside while they report. A fork waits for them, for ten seconds at most."""

    __slots__ = ("_forking", "_inside")

    def __init__(self) -> None:
        self._forking = allocate_lock()
        self._inside: list[int] = []  # append and remove are atomic

    def __enter__(self) -> None:
        me = get_ident()
        # The fork waits for a thread that is inside; that one must not wait for the fork.
        if me not in self._inside and self._forking.acquire(timeout=_FORK_WAITS):
            self._forking.release()
        self._inside.append(me)

    def __exit__(self, *exc: object) -> None:
        try:
            self._inside.remove(get_ident())
        except ValueError:
            pass  # this is a forked child

    def __reduce__(self) -> str:
        return "fork_gate"  # pickled by its name, where dill takes all globals of a guarded function along

    def before_fork(self) -> None:
        """Wait for the threads that are inside, and let no other one in."""
        # Logging takes its lock before a fork and frees it after. A thread that is inside may need it. And
        # where such a thread imports logging while this fork waits, the fork calls only the second.
        lock = _lock_of_logging()
        held = lock is not None and lock._is_owned()
        if held:
            lock.release()
        self._forking.acquire(timeout=_FORK_WAITS)
        end = monotonic() + _FORK_WAITS
        me = get_ident()
        while any(thread != me for thread in self._inside) and monotonic() < end:
            sleep(0.001)
        if held or lock is None:
            lock = _lock_of_logging()
            if lock is not None:
                lock.acquire()

    def after_fork(self) -> None:
        """Let threads in again."""
        try:
            self._forking.release()
        except RuntimeError:
            pass  # two threads forked at once, and one of them did not wait

    def in_child(self) -> None:
        """Begin anew, without the threads of the parent."""
        self._forking = allocate_lock()
        self._inside.clear()


fork_gate = ForkGate()  # a fork must find it whatever became of the client

if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=fork_gate.before_fork,
        after_in_parent=fork_gate.after_fork,
        after_in_child=fork_gate.in_child,
    )
