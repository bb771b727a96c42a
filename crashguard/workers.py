"""The report that a worker made of an exception which this interpreter has now as a copy, or as a text.

A pool (multiprocessing, concurrent.futures, loky, joblib) pickles the exception, in whatever way its class
says, and adds the traceback as text. A sub-interpreter hands out type and traceback as texts. The report of
the worker is the one that has the same type, and the same innermost frame as that text, and was made while
this process lives.
"""

import os

from crashguard import files, paths
from crashguard.report import envelope, exceptions, type_name
from crashguard.spool.store import MOST_BYTES, Spool

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from crashguard.report.exceptions import Found
    from crashguard.report.origins import Origins

_MOST_REPORTS = 50  # the latest ones of each state are looked at


def report_of(
    found: "Sequence[Found]", origins: "Origins", spool: str, since: float
) -> "tuple[str, str, dict[str, Any]] | None":
    """The id, the path and the event of a worker's report; None where the exception is no copy, or has none.

    Args:
        found: The exception with everything that it came from.
        origins: Finds out whose code a frame runs.
        spool: The spool's folder.
        since: When this process began, in seconds since 1970.
    """
    number = 0
    there = exceptions.elsewhere(found[0].exc)
    kind = there.kind(origins) if there is not None else ""
    while there is None:  # the exception itself, or the worker's that it was relabelled from
        kind = type_name(type(found[number].exc))
        causes = (n for n, each in enumerate(found) if (each.parent, each.source) == (number, "__cause__"))
        number = next(causes, 0)
        if not number:
            return None
        there = exceptions.elsewhere(found[number].exc)
    from crashguard.report import printed

    frames = printed.frames_of_last(there.printed, origins, 8)
    if not frames:
        return None
    store = Spool(spool)
    for state in (paths.WAITING, paths.LOCAL, paths.SENT):
        for name in reversed(store.names(state)[-_MOST_REPORTS:]):
            parsed = store.parse(name)
            if parsed is None or parsed[0] / 1000 < since:
                break  # the names begin with the time
            path = os.path.join(store.folder(state), name)
            try:
                _, event = envelope.unseal(files.read(path, MOST_BYTES))
                if _is_same(event, kind, frames[-1]):
                    return event["event_id"], path, event
            except (OSError, ValueError, KeyError, TypeError, RecursionError):
                continue
    return None


def _is_same(event: "dict[str, Any]", kind: str, frame: "dict[str, Any]") -> bool:
    value = event["exception"]["values"][-1]
    theirs = value["stacktrace"]["frames"][-1]
    return (
        value["type"] == kind
        and theirs["function"].rpartition(".")[2] == frame["function"].rpartition(".")[2]
        and (theirs["filename"], theirs.get("lineno")) == (frame["filename"], frame.get("lineno"))
    )
