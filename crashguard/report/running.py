"""The frames that run while a report is made: of this thread, and of the main thread.

A report may be made in a thread of its own, while the main thread waits for it. What the program was doing
then stands on the stack of the main thread.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

_MOST_FRAMES = 2_000


def frames() -> "Iterator[FrameType]":
    """The frames of this thread, then those of the main thread, innermost first."""
    yield from _outward(sys._getframe())
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
