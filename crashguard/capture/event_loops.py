"""asyncio: callbacks that raised, and tasks whose exception was never retrieved.

An event loop passes these exceptions to its exception handler, and the default handler logs them on the
logger "asyncio". A filter on that logger sees them. So no event loop and no class is changed, other event
loops (uvloop) are covered too, and exceptions for a host's own exception handler stay with that handler.

A logger that is switched off asks no filter: `logging.config.dictConfig` switches off every logger that it
does not name, `logging.disable()` all. Each error asks first whether it is enabled, so that question is
watched too.
"""

import sys

from crashguard import minimal_record
from crashguard.frames import locals_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from logging import LogRecord

_ERROR = 40  # logging.ERROR


class LoopWatch:
    """The filter on asyncio's logger. asyncio.log is loaded, except where imports are lazy (3.15).

    Args:
        crashed: `hooks.crashed`; it takes mechanism, exception and traceback.
        surface: `hooks.surface`.
    """

    __slots__ = ("_crashed", "_logger", "_surface")

    def __init__(self, crashed: "Callable[..., None]", surface: "Callable[[BaseException], object]") -> None:
        self._crashed = crashed
        self._surface = surface
        from asyncio.log import logger

        self._logger = logger
        logger.addFilter(self)
        logger.isEnabledFor = self._is_enabled  # type: ignore[method-assign]  # of this one logger

    def unwatch(self) -> None:
        """Take the filter off."""
        self._logger.removeFilter(self)
        if vars(self._logger).get("isEnabledFor") == self._is_enabled:
            del self._logger.isEnabledFor

    def follow(self) -> None:
        """In a forked child: nothing to do, the child has its parent's filter."""

    def filter(self, record: "LogRecord") -> bool:
        """Look at a log record. Every record passes the filter."""
        if record.levelno >= _ERROR:
            self._see(record.exc_info)
        return True

    def _is_enabled(self, level: int) -> bool:
        """The logger's own answer. The exception of an error that it drops is in the call that asks."""
        enabled = type(self._logger).isEnabledFor(self._logger, level)
        if not enabled and level >= _ERROR:
            asks = sys._getframe(1)
            if asks.f_code.co_name in ("error", "exception", "critical"):
                self._see(locals_of(asks).get("kwargs", {}).get("exc_info"))
        return enabled

    def _see(self, exc_info: object) -> None:
        try:
            exc = exc_info[1] if type(exc_info) is tuple else exc_info
            if isinstance(exc, BaseException):
                self._crashed("asyncio", exc, minimal_record.traceback_of(exc))
        except BaseException as error:  # noqa: BLE001 (also: modules that are being taken apart)
            self._surface(error)
