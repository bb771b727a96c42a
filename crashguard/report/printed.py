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


def frames_of_last(text: str, origins: Origins, most: int) -> "list[dict[str, Any]]":
    """The frames of the last traceback in a text, outermost first; a long traceback keeps both ends."""
    return _frames(entries_of_last(text), origins, most)


def frames_of(text: str, origins: Origins, most: int) -> "list[dict[str, Any]]":
    """The frames in a text, in its order.

    Args:
        text: The printed text.
        origins: Finds out whose code a file is.
        most: The largest number of frames to keep.
    """
    return _frames(_entries(text), origins, most)


def entries_of_last(text: str) -> list[Entry]:
    """File, line and function of each frame of the last traceback in a text, outermost first."""
    return _entries(text.rpartition(_BEGIN)[2])


def _entries(text: str) -> list[Entry]:
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
