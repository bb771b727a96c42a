"""A prompt that a program offers with the standard library's `code`: a typo there looks as it did without us.

Up to Python 3.12, `code` hands a hook other than the interpreter's own the frames of `code` itself as well
(python/cpython#67307): with a hook in place, and ours passes on to the interpreter's, each typo would show
two lines more. So the same exception is printed as `code` prints it where nobody has set a hook.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType, TracebackType


def is_typing(caller: "FrameType | None") -> bool:
    """Whether the frame that called a hook is that of `code`, which shows what somebody typed."""
    return caller is not None and caller.f_code.co_filename == getattr(sys.modules["code"], "__file__", None)


def show(exc_type: type[BaseException], exc: BaseException, tb: "TracebackType | None") -> None:
    """Print an exception by the interpreter's own hook, without the frames of `code` and `codeop`."""
    ours = {getattr(sys.modules.get(name), "__file__", None) for name in ("code", "codeop")}
    while tb is not None and tb.tb_frame.f_code.co_filename in ours:
        tb = tb.tb_next
    sys.__excepthook__(exc_type, exc.with_traceback(tb), tb)
