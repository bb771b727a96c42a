"""asyncio: a task whose exception nobody asked for, a callback that raised.

A loop hands these to its exception handler, and the default one logs them on the logger "asyncio". A
filter on that logger sees them: so neither a loop nor its class is touched, loops that are not asyncio's
own (uvloop) are seen too, and a host's own exception handler keeps what it takes.
"""

import sys

from crashguard.recovery import minimal_record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from logging import LogRecord

_ERROR = 40  # logging.ERROR


class LoopWatch:
    """The filter on asyncio's logger; the module asyncio.log is loaded.

    Args:
        crashed: What a hook does: takes mechanism, exception and traceback.
    """

    __slots__ = ("_crashed",)

    def __init__(self, crashed: "Callable[..., None]") -> None:
        self._crashed = crashed
        sys.modules["asyncio.log"].logger.addFilter(self)

    def unwatch(self) -> None:
        """Take the filter off."""
        sys.modules["asyncio.log"].logger.removeFilter(self)

    def follow(self) -> None:
        """In a forked child: it has its parent's filter."""

    def filter(self, record: "LogRecord") -> bool:
        """Look at a line of the log; it is always let through."""
        try:
            exc = record.exc_info[1] if record.exc_info else None
            if exc is not None and record.levelno >= _ERROR:
                self._crashed("asyncio", exc, minimal_record.traceback_of(exc))
        except BaseException:  # noqa: BLE001, S110 (also: modules that are being taken apart)
            pass
        return True
