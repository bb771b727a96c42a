"""A prompt that a program offers with the standard library's `code`: errors print as without crashguard.

Up to Python 3.12, `code` passes the frames of `code` itself to every hook but the interpreter's own
(python/cpython#67307). With our hook in place, each typing error would show two lines more. So the exception
is printed without those frames, as `code` prints it without a hook.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType, TracebackType


def is_typing(caller: "FrameType | None") -> bool:
    """Whether a frame of `code` called the hook: the exception comes from a line that a person typed."""
    return caller is not None and caller.f_code.co_filename == getattr(sys.modules["code"], "__file__", None)


def show(exc_type: type[BaseException], exc: BaseException, tb: "TracebackType | None") -> None:
    """Print an exception by the interpreter's own hook, without the frames of `code` and `codeop`."""
    ours = {getattr(sys.modules.get(name), "__file__", None) for name in ("code", "codeop")}
    while tb is not None and tb.tb_frame.f_code.co_filename in ours:
        tb = tb.tb_next
    sys.__excepthook__(exc_type, exc.with_traceback(tb), tb)
