"""Frames out of a traceback that was printed: a worker's, which its parent gets as text.

Such a text holds source lines and absolute paths. None of it is told but what a live frame would tell:
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
    """The frames of the last traceback in a text, outermost first, of a long one both ends."""
    return frames_of(text.rpartition(_BEGIN)[2], origins, most)


def frames_of(text: str, origins: Origins, most: int) -> "list[dict[str, Any]]":
    """The frames in a text, in its order.

    Args:
        text: What was printed.
        origins: Tells whose code a file is.
        most: How many frames are kept.
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
