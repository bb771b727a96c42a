"""A traceback of any length, as one of a bounded length: its two ends.

A report looks at the entries of a traceback more than once. Of an endless recursion under a high limit there
are a million.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

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
