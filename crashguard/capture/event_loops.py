"""asyncio: a task whose exception nobody asked for, a callback that raised.

A loop hands these to its exception handler, and the default one logs them on the logger "asyncio". A
filter on that logger sees them: so neither a loop nor its class is touched, loops that are not asyncio's
own (uvloop) are seen too, and a host's own exception handler keeps what it takes.

Must live here: what is lost in a loop. Must not be known here: how it is reported. Imports nothing: it is
imported while asyncio is.
"""

import sys

from crashguard.capture import hooks
from crashguard.recovery import minimal_record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from logging import LogRecord

_ERROR = 40  # logging.ERROR


def watch() -> None:
    """Put the filter on; the module asyncio.log is loaded."""
    unwatch()
    sys.modules["asyncio.log"].logger.addFilter(_filter)


def unwatch() -> None:
    """Take the filter off."""
    sys.modules["asyncio.log"].logger.removeFilter(_filter)


class _Filter:
    __slots__ = ()

    def filter(self, record: "LogRecord") -> bool:
        try:
            exc = record.exc_info[1] if record.exc_info else None
            if exc is not None and record.levelno >= _ERROR:
                hooks.crashed("asyncio", exc, minimal_record.traceback_of(exc), hooks.nothing)
        except BaseException:  # noqa: BLE001, S110 (also: modules that are being taken apart)
            pass
        return True


_filter = _Filter()
