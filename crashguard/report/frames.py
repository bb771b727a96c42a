"""From a traceback to the frames of a Sentry stacktrace.

A frame says module, function, line, file relative to its package, and whether it is the tool's own. It
never holds source lines, local variables or an absolute path. Of long tracebacks both ends are kept.

Must live here: walking tracebacks. Must not be known here: exceptions, their messages.
"""

import os

from crashguard.report import limits
from crashguard.report.origins import APP, EXTERNAL, PLUGIN, Origins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, TracebackType
    from typing import Any

# The guard's own frames stand in every traceback that passes one and say nothing about the crash.
_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
HIDDEN = (os.path.join(_PACKAGE, "capture", "guard.py"), os.path.join(_PACKAGE, "cli", "run.py"))


def frames_of(
    tb: "TracebackType | None", origins: Origins, most: int = limits.FRAMES_TOTAL
) -> "list[dict[str, Any]]":
    """The frames of a traceback, outermost first, as Sentry orders them.

    Args:
        tb: Where the exception passed through; None gives no frames.
        origins: Tells whose code a frame is.
        most: How many frames may be kept here at all.
    """
    head_most = min(limits.FRAMES_HEAD, most // 4)
    tail_most = min(limits.FRAMES_TAIL, most - head_most)
    head: list[tuple[TracebackType, int]] = []
    tail: list[tuple[TracebackType, int]] = []
    seen = 0
    while tb is not None:
        if tb.tb_frame.f_code.co_filename not in HIDDEN:
            seen += 1
            if len(head) < head_most:
                head.append((tb, tb.tb_lineno))
            else:
                tail.append((tb, tb.tb_lineno))
                if len(tail) > 4 * tail_most:
                    del tail[:-tail_most]
        tb = tb.tb_next
    tail = tail[-tail_most:] if tail_most else []
    frames = [_frame(entry, line, origins) for entry, line in head]
    cut = seen - len(head) - len(tail)
    if cut:
        frames.append(limits.cut_mark(cut))
    frames += [_frame(entry, line, origins) for entry, line in tail]
    return frames


def _frame(entry: "TracebackType", line: int | None, origins: Origins) -> "dict[str, Any]":
    frame = entry.tb_frame
    code: CodeType = frame.f_code
    module_globals = frame.f_globals if type(frame.f_globals) is dict else {}
    owner, filename = origins.of_frame(code.co_filename, module_globals)
    if owner == EXTERNAL:
        return {"function": "<external>", "filename": "<external>", "in_app": False}
    module = module_globals.get("__name__")
    described: dict[str, Any] = {
        "function": code.co_qualname[: limits.NAME],
        "filename": filename[-limits.NAME :],
        "in_app": owner in (APP, PLUGIN),
    }
    if type(module) is str:
        described["module"] = module[: limits.NAME]
    if line is not None and line > 0:
        described["lineno"] = line
    return described
