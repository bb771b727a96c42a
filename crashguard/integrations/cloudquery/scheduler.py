"""Patches of the SDK's scheduler, which goes on after an exception of a resolver.

1. It logs the `Exception`s of a table and of a row, each in a line of its own with `exc_info`. Only these two
   lines are looked at: the logger of the scheduler is watched, whether the plugin gave it or not, and only
   what the scheduler's own code logs as an error.
2. Two of its functions run in executors. What else they raise stays in futures that nobody reads.

Observed with SDK 0.1.56.
"""

import functools
import sys
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, Protocol
from weakref import WeakSet

from crashguard.integrations.cloudquery.recorder import SCHEDULER, Recorder, at_table, name_of


class Listener(Protocol):
    """Who is told of the exceptions that the scheduler goes on after."""

    def record(self, exc: BaseException) -> None:
        """Called in the thread of the exception. Never raises."""


def watch(recorder: Recorder, put_back: ExitStack) -> None:
    """Patch the scheduler's class, and undo that at the end."""
    try:
        from cloudquery.sdk.scheduler.scheduler import Scheduler  # type: ignore[import-not-found,unused-ignore]
    except Exception:  # noqa: BLE001 (a broken installation; the plugin's own import raises it in the guard)
        return
    loggers = _Loggers(recorder)
    put_back.callback(loggers.put_back)
    resolve = _resolve_of(Scheduler)
    resolving, submitting = getattr(Scheduler, resolve), Scheduler._sync
    put_back.callback(setattr, Scheduler, resolve, resolving)
    put_back.callback(setattr, Scheduler, "_sync", submitting)
    setattr(Scheduler, resolve, _resolving(resolving, recorder, loggers))
    Scheduler._sync = _submitting(submitting, recorder)


def listen(scheduler: Any, listener: Listener) -> None:
    """Tell a listener of what one scheduler goes on after, as long as the scheduler lives."""
    _watch_logger(scheduler, listener)
    for name in (_resolve_of(type(scheduler)), "_sync"):
        setattr(scheduler, name, _telling(scheduler, name, listener))


def _telling(scheduler: Any, name: str, listener: Listener) -> Callable[..., Any]:
    kind = type(scheduler)

    def tell(*args: Any, **kw: Any) -> Any:
        try:
            # The class is asked at each call: a guard round the plugin's server patches it later.
            return getattr(kind, name)(scheduler, *args, **kw)
        except BaseException as exc:
            listener.record(exc)
            raise

    return tell


def _resolve_of(kind: type) -> str:
    # The inner function where there is one: what it raises is told before the table counts as finished.
    return "_resolve_table" if hasattr(kind, "_resolve_table") else "resolve_table"


class _Logger:
    """A scheduler's logger, which tells of the exceptions that the scheduler logs as errors."""

    def __init__(self, logger: Any) -> None:
        self.watched = logger
        self.listeners: list[Listener] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.watched, name)

    def error(self, *args: Any, **kw: Any) -> Any:
        exc = kw.get("exc_info")
        if isinstance(exc, BaseException) and sys._getframe(1).f_globals.get("__name__") == SCHEDULER:
            for listener in self.listeners:
                listener.record(exc)
        return self.watched.error(*args, **kw)


class _Loggers:
    """The schedulers whose logger is watched. They are not kept alive: a scheduler's end ends its threads."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._schedulers: WeakSet[Any] = WeakSet()

    def watch(self, scheduler: Any) -> None:
        """Watch the logger of a scheduler, once."""
        if scheduler not in self._schedulers and _watch_logger(scheduler, self._recorder):
            self._schedulers.add(scheduler)

    def put_back(self) -> None:
        """Give each scheduler its logger back, unless somebody else listens to it."""
        for scheduler in list(self._schedulers):
            scheduler._logger.listeners.remove(self._recorder)
            if not scheduler._logger.listeners:
                scheduler._logger = scheduler._logger.watched


def _watch_logger(scheduler: Any, listener: Listener) -> bool:
    """Have a listener told of what a scheduler logs; False where it has no logger."""
    logger = getattr(scheduler, "_logger", None)
    if logger is None:
        return False
    if not isinstance(logger, _Logger):
        logger = scheduler._logger = _Logger(logger)
    logger.listeners.append(listener)
    return True


def _resolving(function: Callable[..., Any], recorder: Recorder, loggers: _Loggers) -> Callable[..., Any]:
    @functools.wraps(function)
    def resolve(
        self: Any, resolver: Any, depth: Any, client: Any, parent_item: Any, *args: Any, **kw: Any
    ) -> Any:
        loggers.watch(self)
        if recorder.names is not None:
            recorder.names.add(resolver.table)
        token = at_table.set((name_of(resolver.table), name_of(getattr(parent_item, "_table", None))))
        try:
            return function(self, resolver, depth, client, parent_item, *args, **kw)
        except BaseException as exc:
            recorder.record(exc, "resolve")
            raise
        finally:
            at_table.reset(token)

    return resolve


def _submitting(function: Callable[..., Any], recorder: Recorder) -> Callable[..., Any]:
    @functools.wraps(function)
    def submit(self: Any, client: Any, resolvers: Any, *args: Any, **kw: Any) -> Any:
        if recorder.names is not None:
            for resolver in resolvers:
                recorder.names.add(resolver.table)
        try:
            return function(self, client, resolvers, *args, **kw)
        except BaseException as exc:
            recorder.record(exc)
            raise

    return submit
