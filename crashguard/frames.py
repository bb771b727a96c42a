"""Frames and tracebacks of the host, read so that none of them grows by it.

A report looks at the entries of a traceback more than once. Of an endless recursion under a high limit there
are a million: then the two ends stand for the whole.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType, TracebackType
    from typing import Any

_OPTIMISED = 1  # inspect.CO_OPTIMIZED: a function, whose f_locals are a copy
MOST = 6_000  # entries: up to that number a traceback stays what it is
_HEAD, _TAIL = 1_000, 4_000
_STEP = 500


def bounded(tb: "TracebackType | None") -> "tuple[TracebackType | None, int]":
    """A traceback without its middle, where it is long, and the number of the entries that are left out.

    The outer end is a copy. The inner end is that of the traceback itself.
    """
    marks: list[TracebackType] = []
    entry, rest = tb, 0
    while entry is not None:
        marks.append(entry)
        for rest in range(_STEP):  # noqa: B007 (its last value counts, too)
            entry = entry.tb_next
            if entry is None:
                break
    if tb is None or _STEP * (len(marks) - 1) + rest < MOST:
        return tb, 0
    inner = len(marks) - _TAIL // _STEP - 1
    head: list[TracebackType] = []
    entry = tb
    while entry is not None and len(head) < _HEAD:
        head.append(entry)
        entry = entry.tb_next
    whole = marks[inner]
    for each in reversed(head):
        whole = type(each)(whole, each.tb_frame, each.tb_lasti, each.tb_lineno)
    return whole, _STEP * inner - _HEAD


def locals_of(frame: "FrameType") -> "dict[str, Any]":
    """The local variables of a frame, and no copy of them that the frame keeps.

    Up to CPython 3.12 a look at `f_locals` leaves one in the frame. With `except ValueError as e` it holds
    the exception, whose traceback holds the frame: then all locals would live until the collector comes.
    """
    names = frame.f_locals
    if type(names) is not dict and type(names) is not type(sys._getframe().f_locals):
        return {}
    copy = dict(names)
    is_copy = type(names) is dict and frame.f_code.co_flags & _OPTIMISED and hasattr(sys, "getrefcount")
    if is_copy and sys.getrefcount(names) <= 3:
        names.clear()
    return copy
