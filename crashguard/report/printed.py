"""Frames from a printed traceback: of a worker process, of a sub-interpreter, or of faulthandler.

The text holds source lines and absolute paths. The frames keep only what a frame of a live traceback keeps:
function, line, and a file name that is relative to its package.
"""

from crashguard import report
from crashguard.report.origins import APP, EXTERNAL, PLUGIN, Origins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Tracebacks of exceptions have a comma before "in", those of faulthandler have none.
_FRAME = r'(?m)^[ |]*File "([^"\n]*)", line (\d+|\?\?\?),? in ([^\n]+)$'
Entry = tuple[str, str, str]
_BEGIN = "Traceback (most recent call last):"
_REPEATED, _SHOWN = "[Previous line repeated ", 3  # of an endless recursion so many frames are printed


def frames_of_last(text: str, origins: Origins, most: int) -> "list[dict[str, Any]]":
    """The frames of the last traceback in a text, outermost first; a long traceback keeps both ends."""
    return _frames(entries_of_last(text), origins, most)


def innermost(text: str, origins: Origins, most: int) -> "list[tuple[int, dict[str, Any]]]":
    """Line and frame of the innermost frames of the last traceback in a text, the innermost first."""
    last = text.rpartition(_BEGIN)[2]
    if _REPEATED in last:
        most = _SHOWN  # from there on the text has fewer frames than the stack
    found = entries_of(last)[: -most - 1 : -1]
    return [(int(each[1]) if each[1].isdecimal() else 0, _frame(each, origins)) for each in found]


def frames_of(text: str, origins: Origins, most: int) -> "list[dict[str, Any]]":
    """The frames in a text, in its order.

    Args:
        text: The printed text.
        origins: Finds out whose code a file is.
        most: The largest number of frames to keep.
    """
    return _frames(entries_of(text), origins, most)


def entries_of_last(text: str) -> list[Entry]:
    """File, line and function of each frame of the last traceback in a text, outermost first."""
    return entries_of(text.rpartition(_BEGIN)[2])


def entries_of(text: str) -> list[Entry]:
    """File, line and function of each frame in a text, in its order."""
    import re

    found: list[Entry] = re.findall(_FRAME, text)
    return found


def _frames(found: list[Entry], origins: Origins, most: int) -> "list[dict[str, Any]]":
    head, tail = found[: most // 4], found[most // 4 :]
    cut = max(0, len(tail) - (most - most // 4))
    frames = [_frame(each, origins) for each in head]
    if cut:
        frames.append(report.cut_mark(cut))
    return frames + [_frame(each, origins) for each in tail[cut:]]


def _frame(found: Entry, origins: Origins) -> "dict[str, Any]":
    file, line, function = found
    owner, filename = origins.of_frame(file, {})
    if owner == EXTERNAL:
        return {"function": "<external>", "filename": "<external>", "in_app": False}
    frame: dict[str, Any] = {
        "function": function.strip()[: report.MOST_NAME],
        "filename": filename[-report.MOST_NAME :],
        "in_app": owner in (APP, PLUGIN),
    }
    if line.isdecimal() and len(line) < 10 and int(line) > 0:
        frame["lineno"] = int(line)
    return frame
