"""The report that a worker made of an exception which this interpreter has now as a copy, or as a text.

A pool (multiprocessing, concurrent.futures, loky, joblib) pickles the exception, in whatever way its class
says, and adds the traceback as text. A sub-interpreter hands out type and traceback as texts. The report of
the worker is one that has the same type and ends in the same frames as that text, and was made while this
process lives. A worker may have reported one such failure and expected another (`guard(ignore=...)`), so a
report tells of as many copies as it has occurrences.
"""

import os

from crashguard import files, paths
from crashguard.report import envelope, exceptions, printed, type_name
from crashguard.report.origins import GENERATED
from crashguard.spool import rate_limit
from crashguard.spool.store import MOST_BYTES, Spool

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from crashguard.report.exceptions import Found
    from crashguard.report.origins import Origins

_MOST_REPORTS = 50  # the latest ones of each state are looked at
_MOST_FRAMES = 6  # innermost ones, that are compared


class Report:
    """A report that a worker may have made of an exception.

    Attributes:
        event_id: Its id.
        path: Its file.
        kept_because: The reason of `crashguard.policy` why it stays on the machine, or None.
        occurrences: How often the worker has recorded this bug.
    """

    __slots__ = ("event_id", "kept_because", "occurrences", "path")

    def __init__(self, event: "dict[str, Any]", path: str, further: int) -> None:
        about = event["contexts"]["crashguard"]
        self.event_id: str = event["event_id"]
        self.path = path
        self.kept_because: str | None = about.get("kept_because")
        self.occurrences: int = about["occurrences"] + further


def reports_of(found: "Sequence[Found]", origins: "Origins", spool: str, since: float) -> "Iterator[Report]":
    """The reports that workers may have made of an exception; none where it is no copy.

    Args:
        found: The exception with everything that it came from.
        origins: Finds out whose code a frame runs.
        spool: The spool's folder.
        since: When this process began, in seconds since 1970.
    """
    number = 0
    there = exceptions.elsewhere(found[0].exc)
    told = None if there is None else there.named_type(origins)
    kind = "" if told is None else told[0]
    while there is None:  # the exception itself, or the worker's that it was relabelled from
        kind = type_name(type(found[number].exc))
        causes = (n for n, each in enumerate(found) if (each.parent, each.source) == (number, "__cause__"))
        number = next(causes, 0)
        if not number:
            return
        there = exceptions.elsewhere(found[number].exc)
    frames = printed.innermost(there.printed, origins, _MOST_FRAMES)
    if not frames:
        return
    store = Spool(spool)
    for state in (paths.WAITING, paths.LOCAL, paths.SENT):
        for name in reversed(store.names(state)[-_MOST_REPORTS:]):
            parsed = store.parse(name)
            if parsed is None or parsed[0] / 1000 < since:
                break  # the names begin with the time
            path = os.path.join(store.folder(state), name)
            try:
                _, event = envelope.unseal(files.read(path, MOST_BYTES))
                if not _is_same(event, kind, frames):
                    continue
                further = 0 if state == paths.LOCAL else _counted_apart(store, *parsed[1:])
                report = Report(event, path, further)
            except (OSError, ValueError, KeyError, TypeError, RecursionError):
                continue
            yield report


def _counted_apart(store: Spool, group: str, event_id: str) -> int:
    """The occurrences of a report that are not in its file, because it may be on its way to the server.

    Each report of the group that stays on the machine for the rate limit has added one to that number.
    """
    kept = sum(f"-{group}-" in name for name in store.names(paths.LOCAL))
    own = rate_limit.suppressed(store.root, rate_limit.apart(group, event_id))
    return own + max(0, rate_limit.suppressed(store.root, group) - kept)


def _is_same(event: "dict[str, Any]", kind: str, printed: "list[tuple[int, dict[str, Any]]]") -> bool:
    """Whether a report is of that type and ends in the printed frames, which begin with the innermost.

    A class that may not be named in one of the two interpreters is there without its name.
    """
    value = event["exception"]["values"][-1]
    theirs = value["stacktrace"]["frames"][::-1]
    is_type = value["type"] == kind or any(
        each.endswith(exceptions.UNNAMED) for each in (value["type"], kind)
    )
    return is_type and all(map(_is_same_frame, theirs, printed))


def _is_same_frame(theirs: "dict[str, Any]", printed: "tuple[int, dict[str, Any]]") -> bool:
    line, frame = printed
    if theirs["filename"] == GENERATED:  # as in a function that cloudpickle took along
        return frame["filename"] == "<external>" and theirs.get("lineno") == line
    return (
        theirs["function"].rpartition(".")[2] == frame["function"].rpartition(".")[2]
        and theirs["filename"] == frame["filename"]
        and theirs.get("lineno") == frame.get("lineno")
    )
