"""The stats of a plugin's syncs, counted where the SDK's scheduler hands out its messages.

    self._scheduler = watch(Scheduler(concurrency=10, logger=self._logger), PLUGIN)

    resources    the rows of the messages
    errors       what the author expects (`serve_guard(ignore=...)`), and an exception that ends the sync
    panics       what nothing expected: the exceptions that are a crash report where these are wanted

The scheduler goes on after the exceptions of a row, a table or a multiplex, so none of them ends a sync.
"""

from collections.abc import Iterable, Iterator
from types import MethodType
from typing import Any, TypeVar

from crashguard.client import current_config
from crashguard.integrations.cloudquery import scheduler as patches
from crashguard.integrations.cloudquery.recorder import is_crash
from crashguard.plugin import Plugin
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
    counts = _Counts()
    patches.listen(scheduler, counts)
    kind, destinations = type(scheduler), list(destinations)

    def recorded(self: Any, *args: Any, **kw: Any) -> Iterator[Any]:
        with sync(source=source, destinations=destinations) as run:
            counts.run = run
            for message in kind.sync(self, *args, **kw):  # type: ignore[attr-defined]
                record = getattr(message, "record", None)
                if record is not None:
                    run.resources("", record.num_rows)
                yield message

    setattr(scheduler, "sync", MethodType(recorded, scheduler))  # noqa: B010 (its type is not known here)
    return scheduler


class _Counts:
    """Counts the exceptions that a scheduler goes on after. A scheduler runs one sync at a time."""

    def __init__(self) -> None:
        self.run: Run | None = None

    def record(self, exc: BaseException) -> None:
        if self.run is None:
            return
        config = current_config()
        ignore = () if config is None else config.ignore
        (self.run.panic if is_crash(exc, ignore) else self.run.error)()
