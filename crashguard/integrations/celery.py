"""Celery: a task that fails is recorded, in the process that ran it.

    record_task_failures()

Celery sends its signal `task_failure` for a failure, but not for `Retry`, `Ignore` and `Reject`, which are
not crashes. A guard round a task could not distinguish them.
"""

from typing import Any

from crashguard.capture.guard import guard
from crashguard.config import checked_ignore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from crashguard.config import Ignore


def record_task_failures(*, ignore: "Ignore" = ()) -> None:
    """Record every task that fails from now on, under the task's name; its arguments are not read.

    Args:
        ignore: Expected exceptions: types, and functions as in `crashguard.install(ignore=...)`.
    """
    from celery.signals import task_failure  # type: ignore[import-not-found,import-untyped,unused-ignore]

    expected = checked_ignore(ignore)

    def failed(sender: Any = None, exception: Any = None, **_: Any) -> None:
        if isinstance(exception, BaseException):
            name = getattr(sender, "name", None)
            watch = guard(name if isinstance(name, str) else "celery", ignore=expected)
            watch.__exit__(type(exception), exception, exception.__traceback__)

    task_failure.connect(failed, weak=False, dispatch_uid=__name__)
