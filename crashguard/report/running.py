"""The frames that run while a report is made: of this thread, and of the main thread.

A report may be made in a thread of its own, while the main thread waits for it. What the program was doing
then stands on the stack of the main thread.
"""

import sys

from crashguard import interrupts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType, TracebackType
    from typing import Any

_MOST_FRAMES = 2_000
_MOST_AS_TRACEBACK = 60  # the innermost
_US = __name__.partition(".report.")[0]


def frames() -> "Iterator[FrameType]":
    """The frames of this thread, then those of the main thread, innermost first."""
    yield from _outward(sys._getframe())
    yield from frames_of_main_thread()


def frames_of_crash() -> "Iterator[FrameType]":
    """The frames of the thread that crashed, innermost first; that thread may wait for this one."""
    frame = None
    for frame in _outward(sys._getframe()):
        yield frame
    if frame is not None and interrupts.begins_report_of_main_thread(frame):
        yield from frames_of_main_thread()


def frames_of_main_thread() -> "Iterator[FrameType]":
    """The frames of the main thread, innermost first; none where threads run at once, without a lock."""
    main = getattr(sys.modules.get("threading"), "_main_thread", None)
    has_lock = getattr(sys, "_is_gil_enabled", None)
    if main is not None and (has_lock is None or has_lock()):
        yield from _outward(sys._current_frames().get(main.ident))


def _outward(frame: "FrameType | None") -> "Iterator[FrameType]":
    left = _MOST_FRAMES
    while frame is not None and left:
        yield frame
        frame, left = frame.f_back, left - 1


def as_traceback() -> "TracebackType | None":
    """What the program runs now, as the traceback of an exception that nobody has raised."""
    of_program = _outside(_outward(sys._getframe())) or _outside(frames_of_main_thread())
    made: TracebackType | None = None
    for frame in of_program[:_MOST_AS_TRACEBACK]:
        made = _TRACEBACK(made, frame, max(frame.f_lasti, 0), frame.f_lineno or 1)
    return made


def _outside(stack: "Iterator[FrameType]") -> "list[FrameType]":
    """The frames of a stack from the innermost that is none of crashguard's."""
    frames = list(stack)
    while frames and _is_ours(frames[0].f_globals.get("__name__")):
        del frames[0]
    return frames


def _is_ours(module: object) -> bool:
    return type(module) is str and (module == _US or module.startswith(_US + "."))


def _traceback() -> "TracebackType | None":
    try:
        raise LookupError
    except LookupError as error:
        return error.__traceback__


_TRACEBACK: "Callable[..., Any]" = type(_traceback())  # `types` would be an import
