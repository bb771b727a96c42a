"""The reports of the exceptions that the SDK swallows, with the place in the sync where they happened."""

import dis
import os
import sys
import time
from collections import deque
from contextvars import ContextVar, copy_context
from importlib import metadata
from threading import Event, Lock, Thread
from types import CodeType, TracebackType
from typing import Any

from crashguard import registry, reporter, scrub, transport
from crashguard.capture import ignored
from crashguard.client import Client, current_client
from crashguard.config import Config
from crashguard.frames import locals_of
from crashguard.integrations.cloudquery.names import Names
from crashguard.plugin import Plugin
from crashguard.registry.records import Record
from crashguard.report import event, exceptions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from crashguard.expected import Ignored

SCHEDULER = "cloudquery.sdk.scheduler.scheduler"
SERVICER = "cloudquery.sdk.internal.servers.plugin_v3.plugin"
_OF_A_ROW = ("pre_resource_resolve", "resolve_column", "post_resource_resolve")
_ENDS = (SystemExit, KeyboardInterrupt, GeneratorExit)

_MOST_WAIT = 3.0  # seconds for a status to go out; where gRPC fails to print an exception it never does
_MOST_REST = 2.0  # seconds, as for the end of any other program

# The table that this thread resolves, and its parent.
at_table: ContextVar[tuple[str | None, str | None]] = ContextVar("crashguard_table", default=(None, None))


class Recorder:
    """Makes the reports for all patches.

    Args:
        plugin: The plugin.
        names: The names of tables and columns, where they may not leave; None where they may.
    """

    def __init__(self, plugin: Plugin, names: Names | None) -> None:
        self.names = names
        self._plugin = plugin
        self._tags = {"sdk.version": _sdk_version()}
        self._recorded = 0
        self._rested = (0, 0)  # what was recorded, and how many bugs were known, at the last wait
        self._naming = Lock()
        self._tables = _Tables()
        self._waiting: deque[tuple[BaseException, str, Any, Event]] = deque()
        self._crashed: set[str | None] = set()  # the tables that crashed

    def see(self, resolvers: "Iterable[Any]") -> None:
        """Take the names of their tables, where these may not leave."""
        if self.names is not None:
            for resolver in resolvers:
                self.names.add(resolver.table)

    def record(self, exc: BaseException, phase: str | None = None) -> None:
        """Record an exception that the SDK is about to swallow. Never raises.

        SystemExit, KeyboardInterrupt and a cancelled task count: in a worker thread they silently end the
        table or the call and nothing else.

        Args:
            exc: The exception.
            phase: What the SDK was doing, where the frames do not say it.
        """
        try:
            client = current_client()
            config = client.config
            if config is None or not config.level.sends_errors or not is_crash(exc, config.ignore):
                return
            self._crashed.add(at_table.get()[0])
            crash = registry.Crash(
                exc, "cloudquery", handled=True, plugin=self._plugin, tags=self._tags_of(exc, phase)
            )
            record = reporter.report(client, crash)
            if record is not None:
                if "table" in crash.tags:
                    self._add_table(client, config, record, crash.tags)
                self._recorded += 1
                reporter.enqueue(client, record, dying=False)
        except Exception:  # noqa: BLE001, S110 (the sync goes on as it would have)
            pass

    def has_seen(self, table: str) -> bool:
        """Whether a crash of a table was recorded or counted in this process."""
        return table in self._crashed

    def _add_table(self, client: Client, config: Config, record: Record, tags: "Mapping[str, str]") -> None:
        """Name a further table of one bug in its report, as long as that is not sent."""
        self._tables.add(record, tags)
        if not self._tables.wait:
            return  # a further row of one that is named
        with self._naming:
            scrubber = scrub.Scrubber(
                dict.fromkeys(config.needles, "private"),
                config.rules,
                config.messages,
                vocabulary=config.vocabulary,
            )
            changed: dict[str, Record] = {}
            for one, named in self._tables.take():
                if event.add_table(one.event, scrubber.event({"tags": named})["tags"]):
                    changed[one.event_id] = one
            for one in changed.values():
                if client.registry is not None:
                    client.registry.write_count(one, config, anew=True)

    def record_later(self, exc: BaseException, phase: str, context: Any) -> None:
        """Record an exception once the CLI has its status, so that it hears the reason when it would have.

        Args:
            exc: The exception, of which gRPC makes a status.
            phase: The call.
            context: The call's `grpc.ServicerContext`.
        """
        is_out = Event()
        self._waiting.append((exc, phase, copy_context(), is_out))
        if not context.add_callback(is_out.set):
            is_out.set()

        def record() -> None:
            is_out.wait(_MOST_WAIT)
            self.record_what_waits()

        try:
            # gRPC's threads are daemons. This one is none: the interpreter's end, which comes with the CLI's
            # SIGINT, waits for it, so that a report that has begun is finished.
            Thread(target=record, name="crashguard", daemon=False).start()
        except RuntimeError:  # no thread can be started any more
            self.record_what_waits()

    def record_what_waits(self) -> None:
        """Record the exceptions of calls that were answered. The end of the plugin calls it once more."""
        while True:
            try:
                exc, phase, context, is_out = self._waiting.popleft()
            except IndexError:
                return
            is_out.set()  # its thread need not wait any longer
            context.run(self.record, exc, phase)
            del exc  # else this frame keeps the locals of the call

    @property
    def sends_itself(self) -> bool:
        """Whether this process sends its reports, because no other can: in a container, for example."""
        config = current_client().config
        return config is not None and transport.method(config) == "inline"

    def rest(self) -> None:
        """Wait until what was recorded since the last wait is sent, where this process sends by itself.

        In a container the CLI's stop may be the end of the process and of its disk. Never raises.
        """
        try:
            client = current_client()
            # The plugin's own threads and guards report bugs, too. A call without a crash waits for nothing.
            known = client.registry
            if known is None or client.config is None:
                return
            recorded = (self._recorded, len(known.sites()))
            if recorded != self._rested:
                end = time.monotonic() + _MOST_REST
                while known.is_busy and time.monotonic() < end:
                    time.sleep(0.001)
                client.dispatcher(client.config).rest(end - time.monotonic(), known.unsent)
                self._rested = recorded
        except Exception:  # noqa: BLE001, S110 (the call is answered as it would have been)
            pass

    def _tags_of(self, exc: BaseException, phase: str | None) -> dict[str, str]:
        table, parent = at_table.get()
        found, column, multiplexed = _where(exc.__traceback__)
        tags = {"phase": found or phase, **self._tags}
        if self.names is None:
            tags.update({"table": multiplexed or table, "parent_table": parent, "column": column})
        return {name: value for name, value in tags.items() if value}


class _Tables:
    """The tables in which bugs happened, by the tags that name them, their parents, phases and columns."""

    def __init__(self) -> None:
        self._known: dict[str, set[tuple[str | None, ...]]] = {}  # by the id of the report
        self._waiting: deque[tuple[Record, dict[str, str]]] = deque()

    @property
    def wait(self) -> bool:
        """Whether there are tables that are not named yet."""
        return bool(self._waiting)

    def add(self, record: Record, tags: "Mapping[str, str]") -> None:
        """Have a crash's table wait to be named, unless it was added before with this phase and column."""
        named = tuple(map(tags.get, event.OF_A_TABLE))
        known = self._known.setdefault(record.event_id, set())
        if named not in known and len(known) < event.MOST_TABLES:
            known.add(named)
            self._waiting.append((record, {name: tags[name] for name in event.OF_A_TABLE if name in tags}))

    def take(self) -> "Iterator[tuple[Record, Mapping[str, str]]]":
        """The tables that can be named now, each with its report.

        While another thread makes that report, which may become a part of an earlier one, a table waits on:
        that thread's own table comes after it. One whose report was sent is not named any more.
        """
        for _ in range(len(self._waiting)):
            claimed, tags = self._waiting.popleft()
            record = claimed.outcome or claimed
            if not record.path:
                self._waiting.append((claimed, tags))
            elif os.path.exists(record.path):
                yield record, tags


def is_crash(exc: BaseException, ignore: "Iterable[Ignored]") -> bool:
    """Whether an exception that the SDK swallows is a crash.

    Elsewhere the end of a program, of a task and of a generator is none. Here each ends a table or a call and
    nothing else: rows are missing, and the sync says that it succeeded.
    """
    ends = [each for each in exceptions.leaves_of(exc) if is_end(each)]
    return any(not ignored.is_expected(each, ignore) for each in ends) or ignored.is_crash(exc, ignore)


def is_end(exc: BaseException) -> bool:
    """Whether an exception is the end of a program or of a task, which no thread of a server has to give."""
    # Modules that are not loaded have raised nothing.
    cancelling = (sys.modules.get("asyncio.exceptions"), sys.modules.get("concurrent.futures._base"))
    ends = (*_ENDS, *(each.CancelledError for each in cancelling if each is not None))
    return issubclass(type(exc), ends)


def is_close(exc: BaseException) -> bool:
    """Whether a generator of ours was closed where it stood, because nobody wants its values any more.

    `exc` is in the `except` of that generator. What the plugin raised has frames of the plugin.
    """
    tb = exc.__traceback__
    return type(exc) is GeneratorExit and (tb is None or tb.tb_next is None)


def _where(tb: TracebackType | None) -> tuple[str | None, str | None, str | None]:
    """(phase, column, table of a multiplex), from the functions of the SDK's frames and their locals."""
    phase = column = table = None
    while tb is not None:
        frame = tb.tb_frame
        module, function = frame.f_globals.get("__name__"), frame.f_code.co_name
        if module == SCHEDULER and function in ("_resolve_table", "resolve_table"):
            phase = "resolve"
        elif module == SCHEDULER and function == "_sync":
            phase = "multiplex"
            table = name_of(locals_of(frame).get("resolver"), "table")
        elif module == SCHEDULER and function == "resolve_resource":
            phase = _method_of_a_row(frame.f_code, tb.tb_lasti) or phase
            if phase == "resolve_column":
                column = getattr(locals_of(frame).get("column"), "name", None)
        tb = tb.tb_next
    return phase, column, table


def _method_of_a_row(code: CodeType, last: int) -> str | None:
    """The resolver's method that the SDK was calling at an instruction of `resolve_resource`.

    Its code calls them one after the other. The frame of the method has another name under a decorator, and
    a compiled method has no frame.
    """
    called = None
    for instruction in dis.get_instructions(code):
        if instruction.offset > last:
            break
        if instruction.argval in _OF_A_ROW:
            called = instruction.argval
    return called


def name_of(owner: Any, attribute: str) -> str | None:
    """The name of the table that something of the SDK has; a plugin's own kind of it may do anything."""
    try:
        name = getattr(owner, attribute).name
    except Exception:  # noqa: BLE001 (a property of the plugin's; or there is none)
        return None
    return name if isinstance(name, str) else None


def _sdk_version() -> str:
    try:
        return metadata.version("cloudquery-plugin-sdk")
    except metadata.PackageNotFoundError:
        return ""
