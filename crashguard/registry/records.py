"""The record of one report of this process, and the number of its occurrences."""

import _thread
import os
import time

from crashguard import files
from crashguard.minimal_record import new_id
from crashguard.report import envelope

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal

    from crashguard.config import Config


class Count:
    """A number that several threads raise without a lock: each has its own part of it."""

    __slots__ = ("_parts",)

    def __init__(self) -> None:
        self._parts: dict[int, int] = {}  # by thread; += on one number that all share would lose some

    def add(self) -> None:
        """Raise it by one."""
        thread = _thread.get_ident()
        self._parts[thread] = self._parts.get(thread, 0) + 1

    @property
    def value(self) -> int:
        """The number, as of now."""
        return sum(self._parts.copy().values())


class Record:
    """The record of one report of this process: for the note, and to count further crashes of its group.

    Attributes:
        apart: Whether occurrences were written apart from its file.
        counted: A `time.monotonic()` at which its occurrences were last written.
        event_id: The report's id.
        seconds: When it happened first, in seconds since 1970.
        minimal_path: The path of its minimal record, if the report itself could not be written.
        outcome: What became of it: None while its report is made, then the record that holds the crash, which
            is this one, that of an earlier crash of its group, or a false value without a report.
        group: Its group (`fingerprint.group_of`).
        path: The report's file; empty until it is written.
        kept_because: The reason of `crashguard.policy` why it stays on the machine, or None.
        written: The number of occurrences in its file.
        noted: Whether the note was shown.
        told: Whether the host's `on_report` was called.
        enqueued: Whether it was handed to the dispatcher.
        unsaved: Whether it could not be written to a file.
        event: The scrubbed event.
        plugin: The plugin that crashed, `team/name`; empty for the tool itself.
    """

    __slots__ = (
        "_further",
        "apart",
        "counted",
        "enqueued",
        "event",
        "event_id",
        "group",
        "kept_because",
        "minimal_path",
        "noted",
        "outcome",
        "path",
        "plugin",
        "seconds",
        "told",
        "unsaved",
        "written",
    )

    def __init__(self, event_id: str, seconds: float) -> None:
        self.event_id = event_id
        self.seconds = seconds
        self.apart = False
        self.counted = time.monotonic()
        self.group = ""
        self.path = ""
        self.minimal_path: str | None = None
        self.kept_because: str | None = None
        self.outcome: Record | Literal[False] | None = None
        self.written = 1
        self.noted = False
        self.told = False
        self.enqueued = False
        self.unsaved = False
        self.event: dict[str, Any] = {}
        self.plugin = ""
        self._further = Count()

    @classmethod
    def new(cls, event_id: str | None = None) -> "Record":
        """The record of a crash that happens now."""
        return cls(event_id or new_id(), time.time())

    @property
    def occurrences(self) -> int:
        """How often it happened in this process."""
        return 1 + self._further.value

    def count(self) -> None:
        """Count one more occurrence."""
        self._further.add()
        about = self.event["contexts"]["crashguard"] if self.event else None
        while about is not None and about["occurrences"] != (now := self.occurrences):
            about["occurrences"] = now  # and look again: another thread may have counted meanwhile


def sealed(record: Record, dsn: str | None) -> bytes:
    """The envelope of a record; without a DSN where the report stays on the machine."""
    return envelope.seal(record.event, dsn if record.kept_because is None else None)


def write_count(record: Record, config: "Config", *, apart: bool, anew: bool = False) -> None:
    """Write the number of occurrences of one report, into its file or apart from it.

    Args:
        record: The report.
        config: The settings.
        apart: Whether a process may be sending the file, so that the number is written beside it. Then it is
            added when the report is sent, or to the next report of the group.
        anew: Whether the event has changed beside its number.
    """
    occurrences = record.occurrences
    more = occurrences - record.written
    if not record.path or not record.event or (more <= 0 and not record.apart and not anew):
        return
    from crashguard.spool import rate_limit

    record.written, record.counted = occurrences, time.monotonic()
    is_there, own = os.path.exists(record.path), rate_limit.apart(record.group, record.event_id)
    if apart or not is_there:
        record.apart |= is_there
        if more > 0:
            rate_limit.suppress(config.spool, own if is_there else record.group, more)
        return
    if record.apart:
        record.apart = False
        rate_limit.take_suppressed(config.spool, own)  # they are in its number
    record.event["contexts"]["crashguard"]["occurrences"] = occurrences
    try:
        files.write(record.path, sealed(record, config.dsn), durable=True, again=True)
    except FileNotFoundError:
        pass  # sent, or deleted by a no, a moment ago
