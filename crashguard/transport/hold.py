"""The minute for which the first report of a tool on a machine waits, so that a no still catches it.

It begins where the note after the crash was seen on a terminal. A file in the spool marks its beginning, and
says from then on that the first report was held. Senders that a person has asked to send do not wait.
"""

import os

from crashguard import files, paths

SECONDS = 60.0

_MARK = "first-report"


def is_first(spool: str) -> bool:
    """Whether no report of this tool was held or sent on this machine yet.

    Args:
        spool: The spool's folder.
    """
    return not os.path.lexists(os.path.join(spool, _MARK)) and files.is_empty(os.path.join(spool, paths.SENT))


def begin(spool: str) -> None:
    """Hold what waits in a spool from now on.

    Raises:
        OSError: The spool cannot be written.
    """
    files.touch(os.path.join(spool, _MARK))


def seconds_left(spool: str) -> float:
    """How much of the minute is left: nothing where it never began, and after a step of the clock."""
    return max(0.0, SECONDS - files.age(os.path.join(spool, _MARK)))


def is_held(spool: str) -> bool:
    """Whether the minute is not over yet."""
    return seconds_left(spool) > 0
