"""Patches of the three parts of the SDK that swallow exceptions, and the reports made there.

1. The logger of the plugin (`set_logger`): the scheduler logs a resolver's exception and goes on; the
   exception is in the log line's `exc_info`.
2. The scheduler's two functions that run in executors: their exceptions stay in futures that are not read.
3. The logger `grpc._server`: it logs the exception of a call from the CLI.

install() covers the fourth part, `sys.excepthook` and `threading.excepthook`. Observed with SDK 0.1.56.
"""

import functools
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib import metadata
from types import TracebackType
from typing import Any

from crashguard import registry, reporter
from crashguard.capture.ignored import is_crash
from crashguard.client import current_client
from crashguard.plugin import Plugin
from crashguard.report import contexts

_SCHEDULER = "cloudquery.sdk.scheduler.scheduler"
_SERVICER = "cloudquery.sdk.internal.servers.plugin_v3.plugin"
# The servicer's methods; their names are phases.
_CALLS = {"Init", "GetTables", "Sync", "Read", "Write", "Close"}
_LOGGING = (
    "debug",
    "info",
    "warning",
    "warn",
    "error",
    "err",
    "critical",
    "fatal",
    "exception",
    "log",
    "msg",
)


@contextmanager
def instrument(plugin: Any, described: Plugin, *, static_tables: bool) -> Iterator[None]:
    """Patch the three parts of the SDK, and undo the patches at the end."""
    seen = _Seen(described, static_tables)
    contexts.prepare()
    with ExitStack() as put_back:
        _watch_logger(plugin, seen, put_back)
        _watch_executors(seen, put_back)
        _watch_grpc(seen, put_back)
        yield


class _Seen:
    """Makes the reports for all patches."""

    def __init__(self, plugin: Plugin, static_tables: bool) -> None:
        self.plugin = plugin
        self.static_tables = static_tables
        self.tags = {"sdk.version": _sdk_version()}

    def exception(self, exc: BaseException, *, exits_too: bool = False, **tags: str | None) -> None:
        """Record an exception that the SDK is about to swallow.

        Args:
            exc: The exception.
            exits_too: Whether SystemExit and KeyboardInterrupt count. In a worker thread they silently end
                the table and nothing else.
            tags: `phase` and `table`, where known.
        """
        client = current_client()
        if (
            client.config is None
            or not client.config.level.sends_errors
            or not (exits_too or is_crash(exc, client.config.ignore))
        ):
            return
        phase, column = _where(exc.__traceback__)
        known = {"phase": phase, "column": column, **tags, **self.tags}
        if not self.static_tables:
            known.pop("table", None)
            known.pop("column", None)
        crash = registry.Crash(
            exc,
            "cloudquery",
            handled=True,
            plugin=self.plugin,
            tags={name: value for name, value in known.items() if value},
        )
        record = reporter.report(client, crash)
        if record is not None:
            reporter.enqueue(client, record, dying=False)


class _Logger:
    """The SDK's logger; it also looks at the `exc_info` of every line."""

    def __init__(self, logger: Any, seen: _Seen) -> None:
        self._crashguard_logger = logger
        self._crashguard_seen = seen

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._crashguard_logger, name)
        if name in ("bind", "new", "unbind", "try_unbind"):
            return lambda *args, **kw: _Logger(found(*args, **kw), self._crashguard_seen)
        if name not in _LOGGING:
            return found

        @functools.wraps(found)
        def log(*args: Any, **kw: Any) -> Any:
            exc = kw.get("exc_info")
            if exc is True or (name == "exception" and exc is None):
                exc = sys.exception()
            elif isinstance(exc, tuple):
                exc = exc[1]
            if isinstance(exc, BaseException):
                table = kw.get("table")
                self._crashguard_seen.exception(exc, table=table if isinstance(table, str) else None)
            return found(*args, **kw)

        return log


def _watch_logger(plugin: Any, seen: _Seen, put_back: ExitStack) -> None:
    original = plugin.set_logger

    def set_logger(logger: Any) -> Any:
        return original(_Logger(logger, seen))

    plugin.set_logger = set_logger
    put_back.callback(delattr, plugin, "set_logger")


def _watch_executors(seen: _Seen, put_back: ExitStack) -> None:
    scheduler = getattr(sys.modules.get(_SCHEDULER), "Scheduler", None)
    if scheduler is None:
        return  # a destination or transformer that schedules nothing
    # The inner function where there is one: what it raises is reported before the table counts as finished.
    resolve = "_resolve_table" if hasattr(scheduler, "_resolve_table") else "resolve_table"
    for name, phase in ((resolve, None), ("_sync", "multiplex")):
        function = getattr(scheduler, name, None)
        if function is not None:
            setattr(scheduler, name, _reporting(function, seen, phase))
            put_back.callback(setattr, scheduler, name, function)


def _reporting(function: Callable[..., Any], seen: _Seen, phase: str | None) -> Callable[..., Any]:
    @functools.wraps(function)
    def run(self: Any, resolver: Any, *args: Any, **kw: Any) -> Any:
        try:
            return function(self, resolver, *args, **kw)
        except BaseException as exc:
            table = getattr(getattr(resolver, "table", None), "name", None)
            tags = {"table": table if isinstance(table, str) else None}
            if phase is not None:
                tags["phase"] = phase
            seen.exception(exc, exits_too=True, **tags)
            raise

    return run


def _watch_grpc(seen: _Seen, put_back: ExitStack) -> None:
    handler = _GrpcHandler(seen)
    logger = logging.getLogger("grpc._server")
    logger.addHandler(handler)
    put_back.callback(logger.removeHandler, handler)


class _GrpcHandler(logging.Handler):
    """Sees the exceptions that gRPC's server logs."""

    def __init__(self, seen: _Seen) -> None:
        super().__init__(logging.ERROR)
        self._seen = seen

    def emit(self, record: logging.LogRecord) -> None:
        exc = record.exc_info[1] if record.exc_info else None
        if exc is not None and not _is_the_sdks_own_consequence(exc):
            self._seen.exception(exc)


def _is_the_sdks_own_consequence(exc: BaseException) -> bool:
    """Whether the SDK raised this exception because an old CLI does not understand a table's error.

    For CLIs before 6.22 the servicer raises a bare NotImplementedError in place of a SyncErrorMessage. The
    crash of the table has its report already.
    """
    last = exc.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    return (
        type(exc) is NotImplementedError
        and not exc.args
        and last is not None
        and last.tb_frame.f_globals.get("__name__") == _SERVICER
    )


def _where(tb: TracebackType | None) -> tuple[str | None, str | None]:
    """(phase, column) from the SDK's frames: the names of its functions, and the column in their locals."""
    phase = column = None
    while tb is not None:
        frame = tb.tb_frame
        module, function = frame.f_globals.get("__name__"), frame.f_code.co_name
        if module == _SERVICER and function in _CALLS:
            phase = "get_tables" if function == "GetTables" else function.lower()
        elif module == _SCHEDULER and function == "_resolve_table":
            phase = "resolve"
        elif module == _SCHEDULER and function == "resolve_resource" and tb.tb_next is not None:
            # The plugin's method that it called: pre_resource_resolve, resolve_column, post_resource_resolve.
            phase = tb.tb_next.tb_frame.f_code.co_name
            if phase == "resolve_column":
                name = getattr(frame.f_locals.get("column"), "name", None)
                column = name if isinstance(name, str) else None
        tb = tb.tb_next
    return phase, column


def _sdk_version() -> str:
    try:
        return metadata.version("cloudquery-plugin-sdk")
    except metadata.PackageNotFoundError:
        return ""
