"""The reports of the exceptions that the SDK swallows, with the place in the sync where they happened."""

import dis
import functools
import os
import sys
from collections import deque
from contextlib import ExitStack
from contextvars import ContextVar, copy_context
from importlib import metadata
from threading import Lock, Thread
from types import CodeType, TracebackType
from typing import Any

from crashguard import registry, reporter, scrub
from crashguard.capture import ignored
from crashguard.client import Client, current_client
from crashguard.config import Config
from crashguard.plugin import Plugin
from crashguard.report import event

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from crashguard.config import Ignored

SCHEDULER = "cloudquery.sdk.scheduler.scheduler"
SERVICER = "cloudquery.sdk.internal.servers.plugin_v3.plugin"
_OF_A_ROW = ("pre_resource_resolve", "resolve_column", "post_resource_resolve")
_ENDS = (SystemExit, KeyboardInterrupt)

_MOST_REST = 2.0  # seconds, as for the end of any other program

# The table that this thread resolves, and its parent.
at_table: ContextVar[tuple[str | None, str | None]] = ContextVar("crashguard_table", default=(None, None))


class Recorder:
    """Makes the reports for all patches.

    Args:
        plugin: The plugin.
        names: The names of tables and columns, where they may not leave; None where they may.
    """

    def __init__(self, plugin: Plugin, names: "Names | None") -> None:
        self.names = names
        self._plugin = plugin
        self._tags = {"sdk.version": _sdk_version()}
        self._naming = Lock()
        self._tables: dict[str, dict[str, None]] = {}  # by event id: the tables that no report names yet
        self._waiting: deque[tuple[BaseException, str, Any]] = deque()

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
            crash = registry.Crash(
                exc, "cloudquery", handled=True, plugin=self._plugin, tags=self._tags_of(exc, phase)
            )
            record = reporter.report(client, crash)
            if record is not None:
                if "table" in crash.tags:
                    self._add_table(client, config, record, crash.tags["table"])
                reporter.enqueue(client, record, dying=False)
        except Exception:  # noqa: BLE001, S110 (the sync goes on as it would have)
            pass

    def _add_table(self, client: Client, config: Config, record: registry.Record, table: str) -> None:
        """Name a further table of one bug in its report, as long as that is not sent."""
        with self._naming:
            tables = self._tables.setdefault(record.event_id, {})
            tables[table] = None
            record = record.outcome or record
            # While another thread makes the report, the table waits for it: its own table comes last.
            if client.registry is None or not record.event or not os.path.exists(record.path):
                return
            scrubber = scrub.Scrubber(dict.fromkeys(config.needles, "private"), config.rules)
            names = [scrubber.event({"tags": {"table": each}})["tags"]["table"] for each in tables]
            tables.clear()
            if [name for name in names if event.add_table(record.event, name)]:
                client.registry.write_count(record, config)

    def record_later(self, exc: BaseException, phase: str, context: Any) -> None:
        """Record an exception once the CLI has its status, so that it hears the reason when it would have.

        Args:
            exc: The exception, of which gRPC makes a status.
            phase: The call.
            context: The call's `grpc.ServicerContext`.
        """
        self._waiting.append((exc, phase, copy_context()))
        if not context.add_callback(self._status_is_out):
            self.record_what_waits()

    def record_what_waits(self) -> None:
        """Record the exceptions of calls that were answered. The end of the plugin calls it once more."""
        while True:
            try:
                exc, phase, context = self._waiting.popleft()
            except IndexError:
                return
            context.run(self.record, exc, phase)
            del exc  # else this frame keeps the locals of the call

    def rest(self) -> None:
        """Wait until what was recorded is sent, where this process sends by itself.

        In a container the CLI's stop may be the end of the process and of its disk.
        """
        client = current_client()
        if client.config is not None:
            client.dispatcher(client.config).rest(_MOST_REST)

    def _status_is_out(self) -> None:
        # gRPC calls this in the thread that serves all calls, a daemon. A thread that is none is waited for
        # by the interpreter's end, which comes with the CLI's SIGINT: a report that has begun is finished.
        try:
            Thread(target=self.record_what_waits, name="crashguard", daemon=False).start()
        except RuntimeError:  # no thread can be started any more
            self.record_what_waits()

    def _tags_of(self, exc: BaseException, phase: str | None) -> dict[str, str]:
        table, parent = at_table.get()
        found, column, multiplexed = _where(exc.__traceback__)
        tags = {"phase": found or phase, **self._tags}
        if self.names is None:
            tags.update({"table": multiplexed or table, "parent_table": parent, "column": column})
        return {name: value for name, value in tags.items() if value}


class Names:
    """The names of tables and columns that come from the user's data: private literals of this run.

    Reports have no message then. These names are looked for in what else has a text: types, functions.

    Args:
        config: The settings, whose private literals they become.
    """

    _MOST = 2_000  # each report looks for all of them
    _SHORTEST = 3

    def __init__(self, config: Config) -> None:
        self._config = config
        self._given = config.needles
        self._names: set[str] = set()
        self._adding = Lock()

    def watch(self, put_back: ExitStack) -> None:
        """See every table that is made from now on."""
        try:
            from cloudquery.sdk.schema.table import Table  # type: ignore[import-not-found,unused-ignore]
        except Exception:  # noqa: BLE001 (a broken installation; the plugin's own import raises it in the guard)
            return
        make = Table.__init__

        @functools.wraps(make)
        def init(this: Any, *args: Any, **kw: Any) -> None:
            make(this, *args, **kw)
            self.add(this)

        Table.__init__ = init
        put_back.callback(setattr, Table, "__init__", make)

    def add(self, table: Any) -> None:
        """Add the names of a table and of its columns."""
        found = [table.name, *(column.name for column in table.columns)]
        new = {
            name
            for name in found
            if isinstance(name, str) and len(name) >= self._SHORTEST and name.lower() not in _OF_A_REPORT
        }
        with self._adding:
            if not new <= self._names and len(self._names) < self._MOST:
                self._names |= new
                self._config.needles = (*self._given, *self._names)


# Words that each report has by itself, in its keys and values. They tell nothing of a user, and as private
# literals they would make every report unreadable.
_OF_A_REPORT = frozenset(
    [
        "all",
        "app",
        "arch",
        "builtins",
        "command",
        "code",
        "codes",
        "complete",
        "component",
        "contexts",
        "count",
        "cpython",
        "crashguard",
        "date",
        "default",
        "description",
        "device",
        "email",
        "error",
        "errors",
        "event",
        "exception",
        "fatal",
        "file",
        "filename",
        "fingerprint",
        "frames",
        "function",
        "handled",
        "init",
        "key",
        "kernel",
        "level",
        "linux",
        "main",
        "mechanism",
        "message",
        "messages",
        "method",
        "module",
        "modules",
        "name",
        "number",
        "occurrences",
        "options",
        "phase",
        "platform",
        "plugin",
        "process",
        "processor",
        "program",
        "python",
        "read",
        "release",
        "resolve",
        "run",
        "runtime",
        "sdk",
        "server",
        "shapes",
        "source",
        "stacktrace",
        "state",
        "status",
        "sync",
        "table",
        "tags",
        "team",
        "template",
        "terminal",
        "text",
        "time",
        "timestamp",
        "title",
        "transaction",
        "type",
        "uptime",
        "user",
        "value",
        "values",
        "version",
        "write",
    ]
)


def is_crash(exc: BaseException, ignore: "Iterable[Ignored]") -> bool:
    """Whether an exception that the SDK swallows is a crash.

    Elsewhere the end of a program and of a task is none. Here either ends a table or a call and nothing else:
    rows are missing, and the sync says that it succeeded.
    """
    # Modules that are not loaded have raised nothing.
    cancelling = (sys.modules.get("asyncio.exceptions"), sys.modules.get("concurrent.futures._base"))
    ends = (*_ENDS, *(each.CancelledError for each in cancelling if each is not None))
    if not issubclass(type(exc), ends):
        return ignored.is_crash(exc, ignore)
    return not ignored.is_expected(exc, ignore)


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
            table = name_of(getattr(frame.f_locals.get("resolver"), "table", None))
        elif module == SCHEDULER and function == "resolve_resource":
            phase = _method_of_a_row(frame.f_code, tb.tb_lasti) or phase
            if phase == "resolve_column":
                column = name_of(frame.f_locals.get("column"))
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


def name_of(thing: Any) -> str | None:
    """The name of a table or column of the SDK."""
    name = getattr(thing, "name", None)
    return name if isinstance(name, str) else None


def _sdk_version() -> str:
    try:
        return metadata.version("cloudquery-plugin-sdk")
    except metadata.PackageNotFoundError:
        return ""
