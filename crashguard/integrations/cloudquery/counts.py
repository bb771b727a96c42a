"""The stats of a plugin's syncs, counted where the SDK's scheduler hands out its messages.

    self._scheduler = watch(Scheduler(concurrency=10, logger=self._logger), PLUGIN)

    resources    the rows of the messages
    errors       what the author expects (`serve_guard(ignore=...)`), and an exception that ends the sync
    panics       what nothing expected: the exceptions that are a crash report where these are wanted

The scheduler goes on after the exceptions of a row, a table or a multiplex, so none of them ends a sync.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import MethodType
from typing import Any, TypeVar

import attrs

from crashguard.client import current_config
from crashguard.integrations.cloudquery import scheduler as patches
from crashguard.integrations.cloudquery.recorder import is_close, is_crash, is_end
from crashguard.plugin import Plugin
from crashguard.stats import exit_status
from crashguard.stats.events import Run, sync

_Scheduler = TypeVar("_Scheduler")


def watch(
    scheduler: _Scheduler, source: Plugin, *, destinations: Iterable[Plugin | str | tuple[str, str]] = ()
) -> _Scheduler:
    """Record each sync of a scheduler of the SDK, like `with stats.sync(source)`.

    What leaves, where the telemetry level allows stats and `stats.configure()` names a destination: the sums
    of rows, errors and panics, the duration, how the sync ended, the plugin's name and version where it is
    official. No name of a table.

    Args:
        scheduler: A `cloudquery.sdk.scheduler.Scheduler`. It works as before.
        source: The plugin.
        destinations: Where the rows go, as for `stats.sync()`; a plugin is not told.

    Returns:
        The scheduler.
    """
    syncs = _Syncs()
    patches.listen(scheduler, syncs.begin, syncs.count)
    kind, destinations = type(scheduler), list(destinations)

    def recorded(self: Any, client: Any, resolvers: Any, *args: Any, **kw: Any) -> Iterator[Any]:
        if isinstance(resolvers, list):
            resolvers = resolvers[:]  # a list of this sync's own, by which it is known
        with _Recording(source=source, destinations=destinations) as run, syncs.running(run, resolvers):
            for message in kind.sync(self, client, resolvers, *args, **kw):  # type: ignore[attr-defined]
                record = getattr(message, "record", None)
                if record is not None:
                    run.resources("", record.num_rows)
                yield message

    setattr(scheduler, "sync", MethodType(recorded, scheduler))  # noqa: B010 (its type is not known here)
    return scheduler


class _Recording(sync):
    """A sync in a server, where the end of a program or of a task is an end that nobody asked for."""

    def _ended(self, exc: BaseException | None) -> str:
        if exc is None or not is_end(exc) or is_close(exc):
            return super()._ended(exc)
        self._run.error()
        return exit_status.ERROR


class _Syncs:
    """The syncs of one scheduler that run now; there may be several at once."""

    def __init__(self) -> None:
        self._running: list[_Sync] = []

    @contextmanager
    def running(self, run: Run, resolvers: object) -> Iterator[None]:
        """Count for a run what its sync goes on after."""
        one = _Sync(run, resolvers)
        self._running.append(one)
        try:
            yield
        finally:
            self._running.remove(one)

    def begin(self, resolvers: object, queue: object) -> None:
        """A sync has its queue now."""
        for one in self._running:
            if one.queue is None and one.resolvers is resolvers:
                one.queue = queue
                return

    def count(self, exc: BaseException, queue: object) -> None:
        """Count what the sync of a queue goes on after; nothing where that sync has ended."""
        running = list(self._running)
        for one in running:
            if one.queue is queue or (one.queue is None and len(running) == 1):
                config = current_config()
                ignore = () if config is None else config.ignore
                (one.run.panic if is_crash(exc, ignore) else one.run.error)()


@attrs.define(eq=False)
class _Sync:
    run: Run
    resolvers: object
    queue: object = None
