"""A crash that ends the program after the program had handled it: `capture_exception()`, and then `raise`.

It is one failure, so its report is changed. Where that has left already, it stays the only one.
"""

import os

from crashguard import files
from crashguard.registry.records import sealed
from crashguard.spool.lock import Lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from crashguard.config import Config
    from crashguard.registry.records import Record


def end(record: "Record", config: "Config", mechanism: str) -> None:
    """Have a report say that the crash ended the program, unless it has left or is on its way.

    Args:
        record: The report.
        config: The settings.
        mechanism: What saw the end.
    """
    if not record.path:
        _say(record.event, mechanism)
        return
    try:
        with Lock(config.spool) as mine:  # whoever sends holds it
            if mine and os.path.exists(record.path):
                _say(record.event, mechanism)
                files.write(record.path, sealed(record, config.dsn), durable=True, again=True)
    except OSError:
        pass  # then it says what it said


def _say(event: "dict[str, Any]", mechanism: str) -> None:
    event["level"] = "fatal"
    values = event["exception"]["values"]
    for value in values:
        value["mechanism"]["handled"] = False
    values[-1]["mechanism"]["type"] = mechanism
