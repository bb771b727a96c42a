"""The registry of the crashes that this process has reported.

    records     the record of one report, and the number of its occurrences
    seen        which exception objects were recorded
    reraised    whether such an object was raised for another reason since
    survived    what was reported as survived before it ended the program
    workers     the report that a worker made of an exception which came from it

Guards and hooks that see an exception again find its report (`seen.py`). Another crash of the same
bug in this process raises the count in that report. What every crash asks has no lock: threads share only
dict operations, which are atomic, also without the GIL. A lock is waited for a second at most, because a
crash in a destructor may come in the middle of the same thread's.
"""

import _thread
import os
import time

from crashguard.files import keep_builtins
from crashguard.frames import bounded
from crashguard.minimal_record import site_of
from crashguard.registry import records, seen
from crashguard.registry.records import Count, Record
from crashguard.report import exceptions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    from crashguard.config import Config, Messages, Vocabulary
    from crashguard.plugin import Plugin
    from crashguard.program import Program
    from crashguard.registry.seen import Seen
    from crashguard.registry.workers import Report
    from crashguard.report.exceptions import Found
    from crashguard.report.fingerprint import Bug

keep_builtins(__name__)

MOST_GROUPS = 50  # different bugs that one process reports; further ones are only counted
_MOST_WAIT = 1.0  # seconds: a report takes a hundredth of that
_MOST_CAUSES = 20
_MOST_SITE_PARTS = 20  # exceptions of a chain or group whose sites tell one crash from another
_MOST_SITES = 2_000  # sites that are remembered; at one more all are dropped


class Crash:
    """A crash, as it is known where it is caught.

    Its `level` is that of the event: `fatal`, or `error` where the program survives.

    Args:
        exc: The exception.
        mechanism: What caught it: `excepthook`, `threading`, `guard`, `capture`.
        handled: Whether the program handles it.
        goes_on: Whether the program goes on after the exception, although nothing handled it.
        plugin: The plugin that crashed, where a guard knows it.
        tags: Further facts about the circumstances (`crashguard.report.event.TAGS`).
        grouping: What identifies the bug beside type and frames, for an exception without frames.
        messages: What its messages may keep, where a guard says otherwise than `install()`.
        vocabulary: Names that may stay in them, where a guard names some.
    """

    __slots__ = (
        "exc",
        "goes_on",
        "grouping",
        "handled",
        "level",
        "mechanism",
        "messages",
        "plugin",
        "tags",
        "vocabulary",
    )

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
        messages: "Messages | None" = None,
        vocabulary: "Vocabulary | None" = None,
    ) -> None:
        self.exc = exc
        self.messages = messages
        self.vocabulary = vocabulary
        self.mechanism = mechanism
        self.handled = handled
        self.goes_on = goes_on
        self.plugin = plugin
        self.tags = tags or {}
        self.grouping = grouping
        self.level = "error" if handled or goes_on else "fatal"


class Claim:
    """The right to report one crash, or the report that it has already.

    Attributes:
        record: The record; None where this process has reported its limit of different bugs.
        is_lasting: Whether another crash at its site is the same one. Not where a worker has made reports
            of that bug: the next copy may be of a failure that the worker expected.
        is_new: Whether the claimant must make the report and then call `Registry.finish_claim`.
        handled: Whether the program handles it.
        mechanism: See `Crash`.
        site: Where the crash was: the sites of the exception and of everything that it came from.
        found: The exception with everything that it came from, if the claim is new.
    """

    __slots__ = ("found", "handled", "is_lasting", "is_new", "mechanism", "record", "site")

    def __init__(
        self,
        record: Record | None,
        site: tuple[object, ...],
        found: "Sequence[Found] | None" = None,
        *,
        handled: bool = False,
        mechanism: str = "",
    ) -> None:
        self.record = record
        self.mechanism = mechanism
        self.handled = handled
        self.site = site
        self.is_lasting = True
        self.is_new = found is not None
        self.found = found or ()

    @property
    def is_lost(self) -> bool:
        """Whether the crash has no record at all, if nobody could make a report."""
        record = self.record
        return record is not None and not record.path and (self.is_new or not record.outcome)


class Registry:
    """The records of this process.

    Args:
        most: How many different bugs it reports; further ones are only counted.
        program: Whose code is the tool's own.

    Attributes:
        suppressed: Counts the crashes that got no report because of that limit.
    """

    def __init__(self, most: float = MOST_GROUPS, program: "Program | None" = None) -> None:
        self.most = most
        self._program = program
        self._by_id: dict[str, Record] = {}
        self._by_site: dict[tuple[object, ...], Record] = {}
        self._others: dict[tuple[object, ...], list[Record]] = {}
        self._by_group: dict[str, Record] = {}
        self._copies: dict[str, int] = {}  # of the occurrences of a worker's report, by its id
        self._seen = seen.Seen()
        self._causes = seen.Seen()  # of what is in `_seen`; they are in its reports
        self.suppressed = Count()
        # A forked child has a registry of its own. In a destructor the same thread may wait for itself.
        self._copying = _thread.allocate_lock()
        self._writing = _thread.allocate_lock()

    def claim(
        self,
        exc: BaseException,
        grouping: tuple[str, ...] = (),
        *,
        event_id: str | None = None,
        handled: bool = False,
        mechanism: str = "",
        level: str = "fatal",
        anew: bool = False,
    ) -> Claim:
        """Claim a crash: of several threads with the same bug, one makes the report and the others count.

        Args:
            exc: The exception.
            grouping: See `Crash`.
            event_id: The id of its minimal record. The report has the same id, so that a server that
                receives both stores one.
            handled: Whether the program handles it.
            mechanism: See `Crash`.
            level: The event's level. What the program survived does not stand for what ended it.
            anew: Whether the record of this very exception does not count.
        """
        known, again_from = self.known(exc), self._raised_anew(exc, self._seen, mechanism)
        if known is None:
            known, again_from = self._causes.get(exc), self._raised_anew(exc, self._causes, mechanism)
        if known is not None and again_from is None and not anew:
            if handled:
                self._seen.handle(exc)
            return Claim(known, ())
        found = list(exceptions.tree(exc, lambda each: self.known(each) is not None))
        if again_from is not None:
            found[0].traceback, found[0].left_out = bounded(again_from)
        site = (*map(_site, found[:_MOST_SITE_PARTS]), *grouping, level)
        if level != "fatal" and (*site[:-1], "fatal") in self._by_site:
            site = (*site[:-1], "fatal")
        again = self._by_site.get(site)
        if again is None and len(self._by_group) >= self.most:
            self.suppressed.add()  # no more is done: in a storm each costs microseconds
            return Claim(None, site)
        mine = None
        if again is None:
            mine = Record.new(event_id)
            again = self._by_site.setdefault(site, mine)
        if again is not mine:
            again.count()
            self._remember_all(exc, again, mechanism, handled=handled)
            for other in self._others.get(site, ()):
                other.count()
            return Claim(again, site)
        self._by_id[mine.event_id] = mine
        return Claim(mine, site, found, handled=handled, mechanism=mechanism)

    def finish_claim(
        self, claim: Claim, exc: BaseException, made: Record | None, others: "Sequence[Record]" = ()
    ) -> None:
        """Finish a new claim with its result.

        Args:
            claim: The claim.
            exc: The exception.
            made: Its own record, the record of an earlier crash of its group, or None without a report.
            others: The records of the further bugs in an exception group. They count with it.
        """
        if claim.record is None:
            return
        claim.record.outcome = made or False
        if made is not claim.record:
            self._by_id.pop(claim.record.event_id, None)
        if made is None or not claim.is_lasting:
            self._by_site.pop(claim.site, None)
        else:
            self._by_site[claim.site] = made
        if made is None:
            return
        if others:
            self._others[claim.site] = list(others)
        if len(self._by_site) > _MOST_SITES:
            self._by_site.clear()  # one bug in generated code has ever new sites; its group is still known
            self._others.clear()
        self._remember_all(exc, made, claim.mechanism, handled=claim.handled)

    def _raised_anew(self, exc: BaseException, seen: "Seen", mechanism: str) -> "TracebackType | None":
        """The traceback of another failure of a recorded exception: `reraised.latest`."""
        entry = seen.entry(exc)
        if entry is None or (entry.is_as_recorded(exc) and entry.is_seen_from_elsewhere(exc)):
            return None
        from crashguard.registry import reraised

        return reraised.latest(exc, entry, self._program, mechanism)

    def _remember_all(self, exc: BaseException, record: Record, mechanism: str, *, handled: bool) -> None:
        """Remember the record of an exception, and of those in a group that have none of their own."""
        self._seen.add(exc, record, handled=handled, mechanism=mechanism)
        cause = exceptions.cause_of(exc)
        for _ in range(_MOST_CAUSES):
            if cause is None or self._seen.get(cause) is not None or self._causes.get(cause) is not None:
                break
            self._causes.add(cause, record, handled=handled)
            cause = exceptions.cause_of(cause)
        if exceptions.is_group(exc):
            for leaf in exceptions.leaves_of(exc):
                if self._seen.get(leaf) is None:
                    self._seen.add(leaf, record, handled=handled)

    def new_bugs(self, bugs: "list[Bug]") -> "list[Bug]":
        """The bugs in a group of exceptions without those that a guard has reported; all if none is left."""
        return [bug for bug in bugs if self._of_relabelled(bug.exc) is None] or bugs

    def is_over(self, exc: BaseException, cause: BaseException) -> bool:
        """Whether a recorded cause is another failure than what is raised from it: the program went on.

        What only says anew what is on its way out of the program is the same failure.
        """
        is_on_its_way = cause is exceptions.context_of(exc) and not self._seen.is_handled(cause)
        return self._seen.get(cause) is not None and not is_on_its_way

    def remember(self, exc: BaseException, record: Record, *, handled: bool) -> None:
        """Remember the report of a member of a group."""
        self._seen.add(exc, record, handled=handled)
        self._by_id[record.event_id] = record

    def await_outcome(self, record: Record) -> Record | None:
        """The record of a crash of which another thread makes the report; None where it made none in time.

        For a thread whose end is the end of the process, and so of the thread that makes the report.
        """
        end = time.monotonic() + _MOST_WAIT
        while record.outcome is None and time.monotonic() < end:
            time.sleep(0.001)
        return record.outcome or None

    def in_group(self, record: Record, group: str, fatal: str) -> Record:
        """The first record of a group: this one, or an earlier one, which counts this crash.

        Args:
            record: The record.
            group: Its group.
            fatal: The group of crashes of the same bug that ended the program. They stand for others too.
        """
        record.group = group
        first = self._by_group.get(fatal) or self._by_group.setdefault(group, record)
        if first is not record:
            first.count()
        return first

    def leave_group(self, record: Record) -> None:
        """Undo `in_group` for a report that could not be made."""
        if self._by_group.get(record.group) is record:
            del self._by_group[record.group]

    def known(self, exc: BaseException) -> Record | None:
        """The record of this very exception; None where there is no record.

        Two kinds of exception that say nothing new have the record of what they were made from: one that was
        raised from another in the `except` that caught it, while that other one was on its way out of the
        program (a relabelled one), and a group whose members all have a record (a TaskGroup collects
        exceptions that guards in its tasks saw).
        """
        found = self._of_relabelled(exc)
        if found is None and exceptions.is_group(exc):
            for leaf in exceptions.leaves_of(exc):
                found = self._of_relabelled(leaf)
                if found is None:
                    break
        return found

    def of_worker(self, report: "Report", *, all_of_them: bool) -> Record | None:
        """The record of a report that a worker process made, and sends by itself.

        Args:
            report: The report.
            all_of_them: Whether each copy is one of its occurrences, although they are not counted exactly.

        Returns:
            The record. None where this process made the report, or has had a copy of each occurrence.
        """
        if report.event_id in self._by_id or not self._take_copy(report, all_of_them=all_of_them):
            return None
        record = Record(report.event_id, time.time())
        record.outcome = record
        record.path, record.enqueued = report.path, True
        record.kept_because = report.kept_because
        return record

    def _take_copy(self, report: "Report", *, all_of_them: bool) -> bool:
        """Take one occurrence of a worker's report; whether one was left."""
        held = self._copying.acquire(timeout=_MOST_WAIT)  # one thread for one occurrence
        try:
            copies = self._copies.get(report.event_id, 0)
            if not (all_of_them or copies < report.occurrences):
                return False
            self._copies[report.event_id] = copies + 1
            return True
        finally:
            if held:
                self._copying.release()

    def write_count(
        self, record: Record, config: "Config", *, apart: bool = False, anew: bool = False
    ) -> None:
        """Write the number of occurrences of one report, one thread at a time.

        Args:
            record: The report.
            config: The settings.
            apart: See `records.write_count`.
            anew: Whether the event has changed beside its number.
        """
        if not self._writing.acquire(timeout=_MOST_WAIT):
            return  # a crash in the middle of this, in a destructor say
        try:
            records.write_count(record, config, apart=apart, anew=anew)
        finally:
            self._writing.release()

    def write_counts(self, config: "Config") -> None:
        """Write the number of occurrences into the reports that are not sent yet. Never raises.

        Crashes after a report was sent are counted for the next one of its group.
        """
        try:
            for record in list(self._by_id.values()):
                self.write_count(record, config)
            if suppressed := self.suppressed.value:
                from crashguard.spool import journal

                reason = f"{suppressed} crashes beyond {self.most} groups in one process"
                journal.note(config.spool, "suppressed", reason=reason)
        except Exception:  # noqa: BLE001, S110 (figures; an exception here would be seen on stderr)
            pass

    @property
    def is_busy(self) -> bool:
        """Whether a thread is making a report."""
        return any(
            record.outcome is None and not (record.path or record.unsaved)
            for record in self._by_id.copy().values()
        )

    def unsent(self) -> list[str]:
        """The paths of the reports that are to be sent and are not yet."""
        return [
            record.path
            for record in self._by_id.copy().values()
            if record.path and record.kept_because is None and os.path.exists(record.path)
        ]

    def sites(self) -> "set[tuple[object, ...]]":
        """The sites of the crashes that have a report, each with the event's level."""
        return set(self._by_site)

    def _of_relabelled(self, exc: BaseException) -> Record | None:
        current: BaseException | None = exc
        for _ in range(_MOST_CAUSES):
            if current is None:
                return None
            found = self._seen.get(current)
            if found is not None:
                return found if current is exc or not self._seen.is_handled(current) else None
            cause = exceptions.cause_of(current)
            current = cause if cause is exceptions.context_of(current) else None
        return None


def _site(found: "Found") -> object:
    """The site of one exception; of one from elsewhere, which has no frames here, what was printed there."""
    there = exceptions.elsewhere(found.exc)
    return site_of(found.exc, found.traceback) if there is None else hash(there.printed)
