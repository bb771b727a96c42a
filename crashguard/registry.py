"""Crashes, and which of them this process has reported.

An exception carries the id of its report, so that guards and hooks that see it later find it. The same bug
again in this process is counted in the report that is there. No locks: what threads share are dict operations
that are atomic, so that a fork can leave nothing locked.
"""

import itertools
import os
import time

from crashguard import files, paths, policy
from crashguard.recovery.minimal_record import new_id, place_of
from crashguard.report import envelope, exceptions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from crashguard.config import Config
    from crashguard.plugin import Plugin
    from crashguard.report.exceptions import Found

MOST_GROUPS = 50  # different bugs that one process reports; more are counted
_MARK = f"__{__package__}_event_id__"  # a vendored copy under another name has its own
_MOST_CAUSES = 20
_MOST_PLACES = 2_000  # ways to the crashes that were seen; forgotten when there are more


class Crash:
    """What is known of a crash where it is caught.

    Args:
        exc: The exception.
        mechanism: What caught it: `excepthook`, `threading`, `guard`, `capture`.
        handled: Whether the program handles it.
        goes_on: Whether the program goes on after an exception that nothing handled.
        plugin: The plugin that it came out of, where a guard knows.
        tags: What else is known about where it happened (`crashguard.report.event.TAGS`).
        grouping: What tells this bug from others beside its type and frames, where it has none.
    """

    __slots__ = ("exc", "found", "goes_on", "grouping", "handled", "mechanism", "plugin", "tags")

    def __init__(
        self,
        exc: BaseException,
        mechanism: str,
        *,
        handled: bool,
        goes_on: bool = False,
        plugin: "Plugin | None" = None,
        tags: "Mapping[str, str] | None" = None,
        grouping: tuple[str, ...] = (),
    ) -> None:
        self.exc = exc
        self.mechanism = mechanism
        self.handled = handled
        self.goes_on = goes_on
        self.plugin = plugin
        self.tags = tags or {}
        self.grouping = grouping
        self.found: Sequence[Found] = ()  # the exception with everything it came from, once it is looked at


class Record:
    """What became of one crash: for the note, and to count the next one of its group.

    Attributes:
        event_id: The report's id.
        seconds: When it happened first, in seconds since 1970.
        group: The digest of its fingerprint and version.
        path: The report's file; empty until it is kept.
        kept_because: Why it stays on the machine, a reason of `crashguard.policy`, or None.
        occurrences: How often it happened in this process.
        written: How many of these its file tells of.
        noted: Whether the user was told.
        enqueued: Whether somebody was told to send it.
        unsaved: The envelope, where no file would take it.
        event: The event as it may leave.
        plugin: The plugin it came out of, `team/name`; empty for the tool itself.
    """

    __slots__ = (
        "_counter",
        "enqueued",
        "event",
        "event_id",
        "group",
        "kept_because",
        "noted",
        "occurrences",
        "path",
        "plugin",
        "seconds",
        "unsaved",
        "written",
    )

    def __init__(self, event_id: str, seconds: float) -> None:
        self.event_id = event_id
        self.seconds = seconds
        self.group = ""
        self.path = ""
        self.kept_because: str | None = None
        self.occurrences = 1
        self.written = 1
        self.noted = False
        self.enqueued = False
        self.unsaved: bytes | None = None
        self.event: dict[str, Any] = {}
        self.plugin = ""
        self._counter = itertools.count(2)

    def count(self) -> None:
        """One more of it; itertools.count is atomic where += is not."""
        self.occurrences = next(self._counter)
        if self.event:
            self.event["contexts"]["crashguard"]["occurrences"] = self.occurrences


class Claim:
    """The right to report one crash, or the report that it has already.

    Attributes:
        record: The record; None where this process has reported too many different bugs.
        is_new: Whether the holder of the claim has to make the report, and to call `Registry.settle`.
        place: Where the crash was, as `minimal_record.place_of` tells it.
    """

    __slots__ = ("is_new", "place", "record")

    def __init__(self, record: Record | None, place: tuple[object, ...], *, is_new: bool = False) -> None:
        self.record = record
        self.place = place
        self.is_new = is_new

    @property
    def is_lost(self) -> bool:
        """Whether the crash is on record nowhere, if its holder could make no report."""
        return self.is_new and self.record is not None and not self.record.path


class Registry:
    """The records of this process.

    Args:
        most: How many different bugs it reports; more are counted.

    Attributes:
        suppressed: How many crashes beyond that had no report.
    """

    def __init__(self, most: float = MOST_GROUPS) -> None:
        self.most = most
        self._by_id: dict[str, Record] = {}
        self._by_place: dict[tuple[object, ...], Record] = {}
        self._by_group: dict[str, Record] = {}
        self._suppressing = itertools.count(1)
        self.suppressed = 0

    def claim(
        self, exc: BaseException, grouping: tuple[str, ...] = (), *, event_id: str | None = None
    ) -> Claim:
        """Claim a crash: of several threads that meet one bug, one makes the report and the others count.

        Args:
            exc: The exception.
            grouping: What tells this bug from others beside its type and frames, where it has none.
            event_id: The id of its minimal record. Both have one id: where both are left, or sent, a server
                stores one.
        """
        known = self.known(exc)
        place = (*place_of(exc), *grouping)
        if known is not None:
            return Claim(known, place)
        again = self._by_place.get(place)
        if again is None and len(self._by_group) >= self.most:
            self.suppressed = next(self._suppressing)  # without a look at it: a storm costs microseconds each
            return Claim(None, place)
        mine = None
        if again is None:
            mine = Record(event_id or new_id(), time.time())
            again = self._by_place.setdefault(place, mine)
        if again is not mine:
            again.count()
            _set_mark(exc, again)
            return Claim(again, place)
        self._by_id[mine.event_id] = mine
        return Claim(mine, place, is_new=True)

    def settle(self, claim: Claim, exc: BaseException, made: Record | None) -> None:
        """Say what became of a new claim.

        Args:
            claim: The claim.
            exc: The exception.
            made: Its own record, that of an earlier crash of its group, or None where no report was made.
        """
        if claim.record is None:
            return
        if made is not claim.record:
            self._by_id.pop(claim.record.event_id, None)
        if made is None:
            self._by_place.pop(claim.place, None)
            return
        self._by_place[claim.place] = made
        if len(self._by_place) > _MOST_PLACES:
            self._by_place.clear()  # one bug in code that is made as it runs: its group is still known
        _set_mark(exc, made)

    def in_group(self, record: Record, group: str) -> Record:
        """The first record of a group: this one, or an earlier one, which then counts this crash."""
        record.group = group
        first = self._by_group.setdefault(group, record)
        if first is not record:
            first.count()
        return first

    def leave_group(self, record: Record) -> None:
        """Take back `in_group` for a report that could not be made."""
        if self._by_group.get(record.group) is record:
            del self._by_group[record.group]

    def known(self, exc: BaseException) -> Record | None:
        """The record of this very exception, or of one that was raised again as its consequence.

        One that came pickled out of a worker process was recorded there. A group whose members are all on
        record tells nothing new: a TaskGroup has collected what guards saw in its tasks.
        """
        for current in _causes(exc):
            found = self._marked(current)
            if found is None and exceptions.is_group(current):
                tree = exceptions.tree(current)
                members = [each.exc for each in tree if each.source.startswith("exceptions[")]
                leaves = [self._marked_below(each) for each in members if not exceptions.is_group(each)]
                found = leaves[0] if leaves and all(leaves) else None
            if found is not None:
                return found
        return None

    def locate(self, record: Record, config: "Config") -> None:
        """Find the file of a report that another process wrote, so that the user can be told."""
        if record.path or record.unsaved or record.event:
            return
        for state in (paths.WAITING, paths.LOCAL):
            folder = os.path.join(config.spool, state)
            for name in files.names(folder):
                if f"-{record.event_id}." in name:
                    record.path = os.path.join(folder, name)
                    if state == paths.LOCAL:
                        record.kept_because = policy.why_not(
                            "errors", config.level, version=config.version, destination=config.dsn
                        )

    def write_counts(self, config: "Config") -> None:
        """Write how often each crash happened into the reports that are not sent yet. Never raises."""
        try:
            for record in list(self._by_id.values()):
                if record.occurrences > record.written and os.path.exists(record.path):
                    record.written = record.occurrences
                    record.event["contexts"]["crashguard"]["occurrences"] = record.occurrences
                    files.write(record.path, sealed(record, config.dsn), durable=True)
            if self.suppressed:
                from crashguard.spool import journal

                reason = f"{self.suppressed} crashes beyond {self.most} groups in one process"
                journal.note(config.spool, "held-back", reason=reason)
        except Exception:  # noqa: BLE001, S110 (figures; an exception here would be seen on stderr)
            pass

    def places(self) -> "set[tuple[object, ...]]":
        """The places of the crashes that have a report."""
        return set(self._by_place)

    def _marked_below(self, exc: BaseException) -> Record | None:
        return next(filter(None, map(self._marked, _causes(exc))), None)

    def _marked(self, exc: BaseException) -> Record | None:
        event_id = _marks(exc).get(_MARK)
        return None if event_id is None else self._by_id.get(event_id) or self._of_another_process(event_id)

    def _of_another_process(self, event_id: str) -> Record:
        """The record of a worker process, which sees to its sending itself."""
        found = self._by_id[event_id] = Record(event_id, time.time())
        found.enqueued = True
        return found


def sealed(record: Record, dsn: str | None) -> bytes:
    """The envelope of a record; one that is to stay on the machine has no destination."""
    return envelope.seal(record.event, dsn if record.kept_because is None else None)


def _causes(exc: BaseException) -> "Iterator[BaseException]":
    """An exception and what it was raised from; not for ever, where that is a circle."""
    current: BaseException | None = exc
    for _ in range(_MOST_CAUSES):
        if current is None:
            return
        yield current
        current = exceptions.cause_of(current)


def _set_mark(exc: BaseException, record: Record) -> None:
    _marks(exc)[_MARK] = record.event_id


def _marks(exc: BaseException) -> "dict[str, str]":
    """The exception's own dict; it travels with a copy that a worker process sends to its parent."""
    try:
        marks: dict[str, str] = object.__getattribute__(exc, "__dict__")
        return marks if type(marks) is dict else {}
    except BaseException:  # noqa: BLE001 (a class may have replaced its own __dict__)
        return {}
