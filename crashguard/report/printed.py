"""Frames from a printed traceback: a worker process's, which its parent gets as text, or faulthandler's.

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
_BEGIN = "Traceback (most recent call last):"


def frames_of_last(text: str, origins: Origins, most: int) -> "list[dict[str, Any]]":
    """The frames of the last traceback in a text, outermost first; a long traceback keeps both ends."""
    return frames_of(text.rpartition(_BEGIN)[2], origins, most)


def frames_of(text: str, origins: Origins, most: int) -> "list[dict[str, Any]]":
    """The frames in a text, in its order.

    Args:
        text: The printed text.
        origins: Finds out whose code a file is.
        most: The largest number of frames to keep.
    """
    import re

    found: list[tuple[str, str, str]] = re.findall(_FRAME, text)
    head, tail = found[: most // 4], found[most // 4 :]
    cut = max(0, len(tail) - (most - most // 4))
    frames = [_frame(each, origins) for each in head]
    if cut:
        frames.append(report.cut_mark(cut))
    return frames + [_frame(each, origins) for each in tail[cut:]]


def _frame(found: tuple[str, str, str], origins: Origins) -> "dict[str, Any]":
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
