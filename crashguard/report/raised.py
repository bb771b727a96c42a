"""An exception as the rule of the fingerprint sees it: its class, its cause, its members, its frames.

The rule itself is in `fingerprint`. `recovery.recorded` has the same of what a dead process took down.
"""

from crashguard.frames import bounded
from crashguard.minimal_record import fingerprint_facts
from crashguard.program import module_of_namespace
from crashguard.report import exceptions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import CodeType, FrameType, TracebackType

    from crashguard.report.origins import Origins

    # The name of the module, the code, the offset in it.
    Where = tuple[str | None, CodeType, int]

MOST_LEAVES = 200  # members of groups, at any depth
_COROUTINE = 0x0280  # in co_flags: a coroutine or asynchronous generator


class Raised:
    """An exception of this process.

    Args:
        exc: The exception.
        tb: Its traceback, if not its own: an object that is raised twice has both in it.
        is_over: Whether an exception and its cause are two failures: the cause was reported by itself, and
            the program went on.
    """

    __slots__ = ("_is_over", "_tb", "exc")

    def __init__(
        self,
        exc: BaseException,
        tb: "TracebackType | None" = None,
        is_over: "Callable[[BaseException, BaseException], bool] | None" = None,
    ) -> None:
        self.exc = exc
        self._tb = tb
        self._is_over = is_over

    def is_a(self, kind: type[BaseException]) -> bool:
        """Whether its class is this one of the interpreter's, or derived from it."""
        return issubclass(type(self.exc), kind)

    @property
    def cause(self) -> "Raised | None":
        """What it was made of, unless that is over."""
        cause = fingerprint_facts.cause_of(self.exc)
        if cause is None or (self._is_over is not None and self._is_over(self.exc, cause)):
            return None
        return Raised(cause, is_over=self._is_over)

    def members(self) -> "Sequence[Raised]":
        """The members of a group; of too many the first ones. Empty for another exception."""
        if not exceptions.is_group(self.exc):
            return ()
        return [
            Raised(member, is_over=self._is_over) for member in exceptions.members_of(self.exc)[:MOST_LEAVES]
        ]

    def kind(self, origins: "Origins") -> str:
        """The name of its class, or of the nearest base class that may be named."""
        return exceptions.named_type(self.exc, origins)[0].partition(" ")[0]

    def frames(self) -> "Iterator[Where]":
        """The frames of its traceback, outermost first."""
        tb = self._tb or bounded(exceptions.traceback_of(self.exc))[0]
        while tb is not None:
            yield _module_of(tb.tb_frame), tb.tb_frame.f_code, tb.tb_lasti
            tb = tb.tb_next

    def callers(self) -> "Iterator[Where]":
        """The frames outside of its traceback, innermost first. A coroutine has nobody who called it."""
        tb = exceptions.traceback_of(self.exc)
        if tb is None or tb.tb_frame.f_code.co_flags & _COROUTINE:
            return
        frame = tb.tb_frame.f_back
        while frame is not None:
            yield _module_of(frame), frame.f_code, frame.f_lasti
            frame = frame.f_back

    def elsewhere(self) -> "exceptions.Elsewhere | None":
        """What it tells of a failure in another process or interpreter."""
        return exceptions.elsewhere(self.exc)


def _module_of(frame: "FrameType") -> str | None:
    return module_of_namespace(frame.f_globals, frame.f_code.co_filename)
