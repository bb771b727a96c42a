"""A prompt that a program offers with the standard library's `code`: errors print as without crashguard.

Python itself has such prompts: `python -m asyncio`, and since 3.13 the one on a terminal.

Up to Python 3.12, `code` passes its own frame to every hook but the interpreter's own (python/cpython#67307).
With our hook in place, each typing error would show two lines more. So the exception is printed without that
frame, as `code` prints it without a hook.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType, TracebackType


def is_typing(caller: "FrameType | None") -> bool:
    """Whether a frame of `code` called the hook: the exception comes from a line that a person typed."""
    return caller is not None and caller.f_code.co_filename == getattr(sys.modules["code"], "__file__", None)


def shown(
    caller: "FrameType | None", exc: BaseException, tb: "TracebackType | None"
) -> "tuple[BaseException, TracebackType | None]":
    """The exception with the part of its traceback that `code` shows where there is no hook.

    Args:
        caller: The function of `code` that called the hook.
        exc: The exception.
        tb: The traceback that it passed to the hook.
    """
    name = "" if caller is None else caller.f_code.co_name
    if name == "showsyntaxerror":
        tb = None
    elif name == "showtraceback" and tb is not None:  # 3.13: _showtraceback, which does it
        tb = tb.tb_next
    return exc.with_traceback(tb), tb
