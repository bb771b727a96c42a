"""A login: told once it succeeded, about the one who logged in.

    login_success     identifiable; the fields of CloudQuery's command line

Must live here: what a login tells. Must not be known here: how anybody logs in.
"""

from crashguard.stats import recording, settings
from crashguard.stats.syncs import invocation_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SUCCESS = "login_success"


def login() -> None:
    """Record that the one whom `identify()` named has logged in; nothing where nobody was. Never raises."""
    who = settings.identity()
    if who is None:
        return
    told: dict[str, Any] = {"invocation_uuid": invocation_id()}
    environment = recording.environment()
    if environment is not None:
        told["environment"] = environment
    recording.record_identified(SUCCESS, told, who)
