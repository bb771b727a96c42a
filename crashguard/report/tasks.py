"""Who waits for a task of asyncio: the coroutines that a failure reaches next, which no traceback holds yet.

Since CPython 3.14 a task knows the tasks that wait for it (`asyncio.capture_call_graph`). They are read here
without that function, which describes the frames of everybody. Before 3.14 there is nothing to read.
"""

import sys

from crashguard import report
from crashguard.frames import locals_of
from crashguard.report import running

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType, TracebackType
    from typing import Any

_MOST_NAMES = 20
_MOST_TASKS = 100


def awaiters(
    tb: "TracebackType | None", is_own: "Callable[[FrameType], bool]", *, is_guarded: bool
) -> list[str]:
    """The tool's own coroutines that wait for the task that fails, the nearest first: `module:function`.

    Args:
        tb: The traceback of the crash.
        is_own: Whether the code of a frame is the tool's own.
        is_guarded: Whether a guard sees the crash. Then it is on its way out of the task that runs, and the
            function that the guard is on has ended. What others see may have been the failure of another.
    """
    names: dict[str, None] = {}
    try:
        for frame in _waiting_frames(tb, is_guarded):
            if is_own(frame):
                name = f"{frame.f_globals.get('__name__')}:{frame.f_code.co_qualname}"
                names[name[: report.MOST_NAME]] = None
    except Exception:  # noqa: BLE001, S110 (a loop of another make: the crash is reported without them)
        pass
    return list(names)[:_MOST_NAMES]


def _waiting_frames(tb: "TracebackType | None", is_guarded: bool) -> "Iterator[FrameType]":
    """The frames of the coroutines that wait for the task that fails, level by level."""
    asyncio: Any = sys.modules.get("asyncio")
    loop = None if asyncio is None else _running_loop(asyncio, tb, is_guarded)
    task = None if loop is None else asyncio.current_task(loop)
    known = (asyncio.Task, asyncio.Future) if task is not None else ()  # of a subclass, code could run
    level, seen = [task], {id(task)}
    while level and len(seen) < _MOST_TASKS:
        above = []
        for waited_for in level:
            for waiter in getattr(waited_for, "_asyncio_awaited_by", None) or ():
                if type(waiter) in known and id(waiter) not in seen:
                    seen.add(id(waiter))
                    above.append(waiter)
                    yield from _frames_of(waiter)
        level = above


def _running_loop(asyncio: "Any", tb: "TracebackType | None", is_guarded: bool) -> object:
    """The event loop that runs the code which crashed; None where none does."""
    loop: object = asyncio._get_running_loop()
    is_there = is_guarded
    for frame in running.frames_of_crash():
        is_there = is_there or (tb is not None and frame is tb.tb_frame)
        if (
            loop is None  # this thread makes the report of another one, which runs the loop
            and is_there
            and frame.f_code.co_name == "run_forever"
            and frame.f_globals.get("__name__") == "asyncio.base_events"
        ):
            loop = locals_of(frame).get("self")
    return loop if is_there else None


def _frames_of(waiter: "Any") -> "Iterator[FrameType]":
    """The frames of a task's coroutine and of those that it awaits, innermost first."""
    frames: list[FrameType] = []
    coroutine: Any = waiter.get_coro() if hasattr(waiter, "get_coro") else None
    while type(coroutine).__name__ == "coroutine" and len(frames) < _MOST_TASKS:
        if coroutine.cr_frame is not None:
            frames.append(coroutine.cr_frame)
        coroutine = coroutine.cr_await
    yield from reversed(frames)
