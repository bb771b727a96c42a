"""The minute for which the first report of a tool on a machine waits, so that a no still catches it.

It begins where a person reads on a terminal that something leaves: at the note after a crash and at the
first-use notice. A report without a note (of a native crash, which the next start finds, or of an exception
that the program handles) begins it when it is about to be sent. A file in the spool marks its beginning, and
says what began it. After a report's minute no other report waits. Senders that a person has asked to send do
not wait.
"""

import os

from crashguard import files, paths
from crashguard.transport import place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from crashguard.config import Config

SECONDS = 60.0

_MARK = "first-report"
_BY_NOTICE = b"notice\n"  # no report has waited yet


def begin_if_first(config: "Config", *, by_notice: bool = False) -> bool:
    """Begin the minute, if it is to come; whether it goes on now. Never raises.

    The caller has looked that a person reads what this process says (`transport.is_read`). In a container, CI
    or a service nothing waits: the next run may be on another machine.

    Args:
        config: The settings.
        by_notice: Whether the notice begins it. Then the first report, when it comes, begins it again.
    """
    if config.plugin is not None or not (config.note or config.notice):
        return False
    try:
        if place.why_not() is not None:
            return False
        if _is_first(config.spool):
            begin(config.spool, by_notice=by_notice)
    except OSError:
        pass  # no disk takes the mark, and so none has kept a report
    return is_held(config.spool)


def begin(spool: str, *, by_notice: bool = False) -> None:
    """Hold what waits in a spool from now on.

    Raises:
        OSError: The spool cannot be written.
    """
    files.write(os.path.join(spool, _MARK), _BY_NOTICE if by_notice else b"", durable=False)


def _is_first(spool: str) -> bool:
    """Whether no report of this tool was held or sent on this machine yet."""
    try:
        if files.read(os.path.join(spool, _MARK), 100) != _BY_NOTICE:
            return False
    except FileNotFoundError:
        pass
    return files.is_empty(os.path.join(spool, paths.SENT))


def seconds_left(spool: str) -> float:
    """How much of the minute is left: nothing where it never began, and after a step of the clock.

    Args:
        spool: The spool's folder.
    """
    mark = os.path.join(spool, _MARK)
    return 0.0 if files.is_foreign(mark) else max(0.0, SECONDS - files.age(mark))


def begun(spool: str) -> float:
    """When the minute began, in seconds since 1970; 0 where it never did."""
    try:
        return files.system.stat(os.path.join(spool, _MARK)).st_mtime
    except OSError:
        return 0.0


def is_held(spool: str) -> bool:
    """Whether the minute is not over yet."""
    return seconds_left(spool) > 0
