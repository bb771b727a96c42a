"""The conductor: the one file that knows the order in which a crash becomes a report.

    record -> describe -> scrub -> seal -> keep -> hand over

(The minimal record stands first; a hook has written it before it calls us.) Each crash once: an exception
carries the id of its report, so that guards and hooks that see it later find it; the same bug again in
this process is counted in the report that is there. No locks: what threads share are dict operations
that are atomic, so that a fork can leave nothing locked.

Must live here: the order, and what this process has reported. Must not be known here: how any step works.
"""

import atexit
import itertools
import os
import time
from collections import deque

from crashguard import files, scrub
from crashguard.plugin import Plugin, known_plugins
from crashguard.recovery import minimal_record
from crashguard.report import envelope, event, exceptions, fingerprint, text
from crashguard.report.origins import Origins
from crashguard.scrub import needles
from crashguard.spool import Spool, journal, store
from crashguard.transport import dispatch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import TracebackType
    from typing import Any

    from crashguard.config import Config

MOST_KINDS = 50  # different crashes that one process reports; more are counted
_MARK = f"__{__package__}_event_id__"  # a vendored copy under another name has its own
_KEY_FRAMES = 30
_MOST_CAUSES = 20
_MOST_PLACES = 2_000  # ways to the crashes that were seen; forgotten when there are more


class Record:
    """What became of one crash: for the note, and to count the next one of its kind.

    Attributes:
        event_id: The report's id.
        seconds: When it happened first, in seconds since 1970.
        path: The report's file.
        state: The spool's state it was kept in: `waiting` or `local`.
        why_local: Why it will not be sent, or None.
        occurrences: How often it happened in this process.
        noted: Whether the user was told.
        handed_over: Whether somebody was told to send it.
        unsaved: The envelope, where no file would take it.
    """

    __slots__ = (
        "_counter",
        "event",
        "event_id",
        "handed_over",
        "kind",
        "noted",
        "occurrences",
        "path",
        "seconds",
        "state",
        "unsaved",
        "why_local",
        "written",
    )

    def __init__(self, event_id: str, seconds: float) -> None:
        self.event_id = event_id
        self.seconds = seconds
        self.kind = ""
        self.state = ""
        self.why_local: str | None = None
        self.path = ""
        self.noted = False
        self.handed_over = False
        self.unsaved: bytes | None = None
        self.event: dict[str, Any] = {}
        self.occurrences = 1
        self.written = 1
        self._counter = itertools.count(2)

    def count(self) -> int:
        """One more of it; itertools.count is atomic where += is not."""
        self.occurrences = next(self._counter)
        return self.occurrences


# Where captured reports go instead of the spool, in tests of programs that use crashguard.
captured: "list[dict[str, Any]] | None" = None

_by_id: dict[str, Record] = {}
_by_place: dict[tuple[object, ...], Record] = {}
_by_kind: dict[str, Record] = {}
_holding_back = itertools.count(1)
_held_back = _held_back_told = 0


def record(
    config: "Config",
    exc: BaseException,
    *,
    mechanism: str,
    handled: bool,
    plugin: Plugin | None = None,
    tags: "Mapping[str, str] | None" = None,
    grouping: tuple[str, ...] = (),
    words: str | None = None,
) -> Record | None:
    """Make sure that a crash is recorded, once.

    Args:
        config: The settings of this process.
        exc: The exception.
        mechanism: What caught it: `excepthook`, `threading`, `guard`, `capture`.
        handled: Whether the program goes on.
        plugin: The plugin it came out of, where a guard knows.
        tags: What else is known about where it happened (`crashguard.report.event.TAGS`).
        grouping: What tells this bug from others beside its type and frames, where it has none.
        words: The path of the minimal record, if there is one: the report takes its place.

    Returns:
        The record, also of an exception that was recorded before; None where nothing is recorded.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed meanwhile. Nothing else is raised, whatever breaks.
    """
    if not config.level.sends_errors:
        return None
    try:
        return _record(
            config,
            exc,
            mechanism=mechanism,
            handled=handled,
            plugin=plugin,
            tags=tags or {},
            grouping=grouping,
            words=words,
        )
    except BaseException as broken:  # whatever broke: say at least that there was a crash
        if words is None and captured is None and _MARK not in _marks(exc):
            minimal_record.write(mechanism, exc, minimal_record.traceback_of(exc))
        if issubclass(type(broken), KeyboardInterrupt):
            raise
        return None


def hand_over(config: "Config", record: Record, *, dying: bool) -> None:
    """See to it that a record is sent, if it may be. Never raises."""
    if captured is not None or record.state != store.WAITING:
        return
    if record.handed_over and (not dying or dispatch.method(config) == "background"):
        return  # whoever took it the first time sees to it
    record.handed_over = True
    if record.path:
        dispatch.hand_over(config, dying=dying)
    elif dying and record.unsaved is not None and config.dsn is not None and config.delivery != "deferred":
        dispatch.send_bytes_here(record.unsaved, config.dsn)


def recorded(exc: BaseException) -> Record | None:
    """The record of this very exception, or of one that was raised again as its consequence.

    One that came pickled out of a worker process was recorded there. A group whose members are all on
    record tells nothing new: a TaskGroup has collected what guards saw in its tasks.
    """
    for current in _causes(exc):
        found = _marked(current)
        if found is None and exceptions.is_group(current):
            members = [
                each for each, _, source in exceptions.tree(current) if source.startswith("exceptions[")
            ]
            leaves = [_marked_below(each) for each in members if not exceptions.is_group(each)]
            found = leaves[0] if leaves and all(leaves) else None
        if found is not None:
            return found
    return None


def _causes(exc: BaseException) -> "Iterator[BaseException]":
    """An exception and what it was raised from; not for ever, where that is a circle."""
    current: BaseException | None = exc
    for _ in range(_MOST_CAUSES):
        if current is None:
            return
        yield current
        current = exceptions.cause_of(current)


def _marked_below(exc: BaseException) -> Record | None:
    return next(filter(None, map(_marked, _causes(exc))), None)


def _marked(exc: BaseException) -> Record | None:
    event_id = _marks(exc).get(_MARK)
    return None if event_id is None else _by_id.get(event_id) or _elsewhere(event_id)


def _elsewhere(event_id: str) -> Record:
    """The record of another process, which has handed it over."""
    found = _by_id[event_id] = Record(event_id, time.time())
    found.handed_over = True
    return found


def _locate(config: "Config", found: Record) -> None:
    """Find the file of a record of another process, so that the user can be told."""
    for state in () if found.path or found.unsaved else (store.WAITING, store.LOCAL):
        folder = os.path.join(config.spool, state)
        for name in os.listdir(folder) if os.path.isdir(folder) else ():
            if name.endswith(f"-{found.event_id}{store.SUFFIX}"):
                found.path, found.state = os.path.join(folder, name), state
                found.why_local = _why_local(config, config.plugin) if state == store.LOCAL else None


def forget() -> None:
    """Forget what this process has reported: a forked child reports for itself, and so does a new test."""
    _by_id.clear()
    _by_place.clear()
    _by_kind.clear()


def _record(
    config: "Config",
    exc: BaseException,
    *,
    mechanism: str,
    handled: bool,
    plugin: Plugin | None,
    tags: "Mapping[str, str]",
    grouping: tuple[str, ...],
    words: str | None,
) -> Record | None:
    known = recorded(exc)
    if known is not None:
        _locate(config, known)
        _take_back(words)
        return known
    place = (*_place_of(exc), *grouping)
    again = _by_place.get(place)
    if again is None and len(_by_kind) >= MOST_KINDS and captured is None:
        _hold_back(config)  # without a look at it: in a storm of new crashes each costs microseconds
        _take_back(words)
        return None
    mine = None
    if again is None:
        # Minimal and full record have one id: where both are left, or sent, a server stores one.
        mine = Record(minimal_record.id_of(words) or minimal_record.new_id(), time.time())
        # setdefault is atomic: of several threads with one crash, one makes the report, the others count.
        again = _by_place.setdefault(place, mine)
    if again is not mine:
        _count(config, again)
    else:
        if not _by_id:
            atexit.register(_write_counts)
        _by_id[mine.event_id] = mine
        made = None
        try:
            made = _make(
                config,
                exc,
                mine,
                mechanism=mechanism,
                handled=handled,
                plugin=plugin,
                tags=tags,
                grouping=grouping,
            )
        finally:
            made = mine if mine.path else made  # what is kept stays known, whatever came behind it
            if made is not mine:
                del _by_id[mine.event_id]
            if made is None:
                del _by_place[place]
            else:
                again = _by_place[place] = made
            if len(_by_place) > _MOST_PLACES:
                _by_place.clear()  # one bug in code that is made as it runs: by_kind still knows it
        if made is None:
            return None
    _marks(exc)[_MARK] = again.event_id
    # What could not be kept may still be sent from memory; if not, the minimal record is what there is.
    _take_back(None if again is mine and mine.unsaved is not None else words)
    return again


def _make(
    config: "Config",
    exc: BaseException,
    mine: Record,
    *,
    mechanism: str,
    handled: bool,
    plugin: Plugin | None,
    tags: "Mapping[str, str]",
    grouping: tuple[str, ...],
) -> Record | None:
    """Describe, scrub, seal, keep. Returns an earlier record of the same kind, None beyond the bound."""
    origins = Origins(config.packages, known_plugins())
    plugin = plugin or config.plugin or _plugin_on(exc)
    described = event.describe(
        exc,
        event_id=mine.event_id,
        timestamp=round(mine.seconds, 3),
        release=config.release,
        environment=config.environment,
        origins=origins,
        plugin=plugin,
        tags=tags,
        mechanism=mechanism,
        handled=handled,
        messages=config.messages == "scrubbed",
        telemetry_level=config.level.value,
        decided_by=config.level.source,
        run_id=config.run_id,
    )
    described["fingerprint"] += grouping
    mine.kind = fingerprint.digest([*described["fingerprint"], config.release])
    if len(_by_kind) >= MOST_KINDS and mine.kind not in _by_kind and captured is None:
        _hold_back(config)
        return None
    again = _by_kind.setdefault(mine.kind, mine)
    if again is not mine:
        _count(config, again)
        return again
    mine.why_local = _why_local(config, plugin)
    if mine.why_local is None and captured is None:
        mine.why_local, held_back = _repetition(config, mine)
        if held_back:
            described["contexts"]["crashguard"]["held_back"] = held_back
    mine.state = store.WAITING if mine.why_local is None else store.LOCAL
    try:
        mine.event = _scrubbed(config, exc, described)
        _keep(config, mine)
    except BaseException:
        if mine.path:
            _marks(exc)[_MARK] = mine.event_id  # Ctrl-C, a moment after it was kept
        else:
            del _by_kind[mine.kind]
        raise
    return mine


def _scrubbed(config: "Config", exc: BaseException, described: "dict[str, Any]") -> "dict[str, Any]":
    """The event as it may leave. Last of all, the bytes are looked at once more."""
    private = {**needles.of_environment(os.environ), **needles.of_machine()}
    for tb in _tracebacks(exc):
        private.update(needles.of_traceback(tb))
    private.update(dict.fromkeys(config.needles, "private"))
    scrubber = scrub.Scrubber(needles=private, rules=config.rules)
    scrubbed = scrubber.event(described)
    if scrubber.leaks(envelope.seal(scrubbed, None)):
        for value in scrubbed["exception"]["values"]:
            value["value"] = "[withheld: it still held something private after scrubbing]"
        scrubbed["contexts"]["crashguard"]["tripwire"] = True
    return scrubbed


def _keep(config: "Config", made: Record) -> None:
    if captured is not None:
        captured.append(made.event)
        return
    spool = Spool(config.spool)
    data = _sealed(made, config.dsn)
    try:
        made.path = spool.keep(data, made.event_id, made.kind, int(made.seconds * 1000), made.state)
    except OSError:
        made.unsaved = data  # full or read-only disk: it can only be sent from here, or is lost
        return
    spool.describe(config.env_var)
    spool.limit(made.state)
    spool.limit(store.RECORDING)


def _sealed(made: Record, dsn: str | None) -> bytes:
    """The envelope; one that is to stay has no destination."""
    return envelope.seal(made.event, dsn if made.state == store.WAITING else None)


def _repetition(config: "Config", mine: Record) -> tuple[str | None, int]:
    """(why this repeats what is sent already, or None; how many like it were held back since the last)."""
    from crashguard.spool import rate_limit

    reason = rate_limit.why_not(config.spool, mine.kind, mine.seconds)
    if reason is None:
        return None, rate_limit.release(config.spool, mine.kind)
    rate_limit.hold(config.spool, mine.kind)
    return reason, 0


def _hold_back(config: "Config") -> None:
    """One more crash that gets no report, because this process has made so many different ones."""
    global _held_back  # noqa: PLW0603 (what this process has reported is a matter of the process)
    _held_back = next(_holding_back)
    if _held_back & (_held_back - 1) == 0:  # 1, 2, 4, 8 ...: a storm must not fill the journal
        _tell_held_back(config)


def _tell_held_back(config: "Config") -> None:
    global _held_back_told  # noqa: PLW0603 (as above)
    if _held_back != _held_back_told:
        _held_back_told = _held_back
        reason = f"{_held_back} crashes beyond {MOST_KINDS} kinds in one process"
        journal.note(config.spool, "held-back", reason=reason)


def _count(config: "Config", again: Record) -> None:
    """One more of a crash that has its report, which is told at 10, 100, 1,000 ... and at the end."""
    count = again.count()
    if count in (10, 100, 1_000, 10_000, 100_000, 1_000_000) or captured is not None:
        _write_count(again, config.dsn)


def _write_counts() -> None:
    from crashguard import capture

    config = capture.current()
    if config is None or captured is not None:
        return
    try:
        for each in list(_by_id.values()):
            _write_count(each, config.dsn)
        _tell_held_back(config)
    except Exception:  # noqa: BLE001, S110 (figures; an exception here would be seen on stderr)
        pass


def _write_count(again: Record, dsn: str | None) -> None:
    if again.occurrences == again.written or not again.event:
        return  # nothing new, or another thread is still making the report
    again.written = again.occurrences
    again.event["contexts"]["crashguard"]["occurrences"] = again.occurrences
    if captured is None and os.path.exists(again.path):  # not sent yet
        try:
            files.write_durably(again.path, _sealed(again, dsn))
        except OSError:
            pass  # the report stands, with the figure it had


def _why_local(config: "Config", plugin: Plugin | None) -> str | None:
    """Why a report stays on the machine, in words for the user; None if it may be sent."""
    if plugin is not None and not plugin.official:
        return f"the plugin {plugin.team}/{plugin.name} is not an official one"
    if config.is_development or (plugin is not None and not plugin.may_send):
        return "this is a development build"
    if config.dsn is None:
        return "no destination is configured"
    return None


def _plugin_on(exc: BaseException) -> Plugin | None:
    """The guarded plugin whose package the innermost frames run in, where no guard stood in between."""
    plugins = [plugin for plugin in known_plugins() if plugin.packages]
    found = None
    tb = minimal_record.traceback_of(exc) if plugins else None
    while tb is not None:
        name = tb.tb_frame.f_globals.get("__name__")
        if type(name) is str:
            top = name.partition(".")[0]
            found = next((plugin for plugin in plugins if top in plugin.packages), found)
        tb = tb.tb_next
    return found


def _place_of(exc: BaseException) -> tuple[object, ...]:
    """Type and innermost functions: what tells in microseconds that a crash is one that was just seen.

    As fine as the fingerprint, which knows no lines either. Names, not code objects: these would be kept
    alive by the key, and their hash is computed anew each time.
    """
    functions: deque[str] = deque(maxlen=2 * _KEY_FRAMES)
    add = functions.append
    tb = minimal_record.traceback_of(exc)
    while tb is not None:
        code = tb.tb_frame.f_code
        add(code.co_qualname)
        add(code.co_filename)
        tb = tb.tb_next
    return (text.type_name(type(exc)), *functions)


def _tracebacks(exc: BaseException) -> "Iterator[TracebackType]":
    """The tracebacks of everything that the report will describe."""
    for each, _, source in exceptions.tree(exc):
        tb = minimal_record.traceback_of(each)
        if tb is not None and source != "cut":
            yield tb


def _marks(exc: BaseException) -> "dict[str, str]":
    """The exception's own dict; it travels with a copy that a worker process sends to its parent."""
    try:
        marks: dict[str, str] = object.__getattribute__(exc, "__dict__")
        return marks if type(marks) is dict else {}
    except BaseException:  # noqa: BLE001 (a class may have replaced its own __dict__)
        return {}


def _take_back(words: str | None) -> None:
    if words is not None:
        files.remove(words)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=forget)
