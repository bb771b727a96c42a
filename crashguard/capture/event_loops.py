"""asyncio: callbacks that raised, and tasks whose exception was never retrieved.

An event loop passes these exceptions to its exception handler, and the default handler logs them on the
logger "asyncio". A filter on that logger sees them. So no event loop and no class is changed, other event
loops (uvloop) are covered too, and exceptions for a host's own exception handler stay with that handler.
"""

from crashguard import minimal_record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from logging import LogRecord

_ERROR = 40  # logging.ERROR


class LoopWatch:
    """The filter on asyncio's logger. asyncio.log is loaded, except where imports are lazy (3.15).

    Args:
        crashed: `hooks.crashed`; it takes mechanism, exception and traceback.
    """

    __slots__ = ("_crashed", "_logger")

    def __init__(self, crashed: "Callable[..., None]") -> None:
        self._crashed = crashed
        from asyncio.log import logger

        self._logger = logger
        logger.addFilter(self)

    def unwatch(self) -> None:
        """Take the filter off."""
        self._logger.removeFilter(self)

    def follow(self) -> None:
        """In a forked child: nothing to do, the child has its parent's filter."""

    def filter(self, record: "LogRecord") -> bool:
        """Look at a log record. Every record passes the filter."""
        try:
            exc = record.exc_info[1] if record.exc_info else None
            if exc is not None and record.levelno >= _ERROR:
                self._crashed("asyncio", exc, minimal_record.traceback_of(exc))
        except BaseException:  # noqa: BLE001, S110 (also: modules that are being taken apart)
            pass
        return True
