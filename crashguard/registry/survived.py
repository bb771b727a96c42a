"""A crash that ends the program after the program had handled it: `capture_exception()`, and then `raise`.

It is one failure, so its report is changed. Where that is too late, the end has a report of its own.
"""

import os

from crashguard import files, policy
from crashguard.registry.records import sealed
from crashguard.spool.lock import Lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from crashguard.config import Config
    from crashguard.registry.records import Record


def end(record: "Record", config: "Config", mechanism: str) -> bool:
    """Have a report say that the crash ended the program; whether what leaves says so.

    It does not where the report has left, is on its way, or stays here because another one stands for it.

    Args:
        record: The report.
        config: The settings.
        mechanism: What saw the end.
    """
    if record.kept_because in policy.REPETITIONS:
        return False
    if not record.path:
        _say(record.event, mechanism)
        return not (record.unsaved and record.enqueued)
    try:
        with Lock(config.spool) as mine:  # whoever sends holds it
            if not mine or not os.path.exists(record.path):
                return False
            _say(record.event, mechanism)
            files.write(record.path, sealed(record, config.dsn), durable=True, again=True)
    except OSError:
        return False
    return True


def _say(event: "dict[str, Any]", mechanism: str) -> None:
    event["level"] = "fatal"
    values = event["exception"]["values"]
    for value in values:
        value["mechanism"]["handled"] = False
    values[-1]["mechanism"]["type"] = mechanism
