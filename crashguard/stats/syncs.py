"""A sync: counted while it runs, recorded when it ends, however it ends.

    sync_summary          anonymous, at the end
    sync_run_started      identifiable, at the start
    sync_run_completed    identifiable, at the end; the run id links the two

The identifiable events have the fields of CloudQuery's command line (cli/internal/analytics), the anonymous
one those of its sync summary. The duration of the anonymous one is in whole seconds: nanoseconds
would be as good as an id.

Must live here: what a sync tells. Must not be known here: how it is kept or sent.
"""

import os
import time

from crashguard.stats import endings, message, recording, registry, settings
from crashguard.stats.tally import Counters

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType
    from typing import Any, Literal

    from crashguard.plugin import Plugin

SUMMARY = "sync_summary"
STARTED = "sync_run_started"
COMPLETED = "sync_run_completed"

_SECOND = 1_000_000_000
_MOST_DESTINATIONS = 50
_MOST_NAME = 200
_MOST_REASON = 1000
_EXIT_REASONS = {
    endings.SUCCESS: "completed",
    endings.INTERRUPTED: "interrupted",
    endings.ERROR: "failed",
    endings.USAGE: "failed",
}

_invocation: list[tuple[int, str]] = []


class Run(Counters):
    """A sync that is running: what the sync loop counts with, from any thread.

    Attributes:
        run_id: A random id of this run; only identifiable stats carry it.
    """

    def __init__(self, run_id: str) -> None:
        super().__init__()
        self.run_id = run_id


class sync:  # noqa: N801 (used like a function: `with stats.sync(...)`)
    """Record a sync: `with stats.sync(source=..., destinations=[...]) as run: run.resource("customers")`.

    One record without who at the end, also when an exception ends the block, which then goes on; and, where
    somebody is logged in, one at the start and one at the end with who. Without `crashguard.install()`, or
    where the telemetry level says no, it counts and records nothing. A process that is killed records no end.

    What leaves: the sums, never a table's name; plugins as the registry names them; how it ended.

    Args:
        source: The plugin: a `Plugin`, or the registry's `team/name@version`. Any other text (a path, an
            address) leaves as `local` or `grpc` only.
        destinations: The same, for where the rows go.
        name: The sync's name in the user's spec; only identifiable stats carry it.
        run_id: The tool's own id for this run, for identifiable stats only; random by default.
    """

    __slots__ = ("_destinations", "_name", "_pid", "_run", "_source", "_start", "_who")

    def __init__(
        self,
        *,
        source: "Plugin | str",
        destinations: "Iterable[Plugin | str]" = (),
        name: str | None = None,
        run_id: str | None = None,
    ) -> None:
        self._source = registry.described(source)
        self._destinations = [registry.described(each) for each in destinations][:_MOST_DESTINATIONS]
        self._name = name
        self._run = Run(run_id or message.new_id())
        self._who: settings.Identity | None = None
        self._pid = os.getpid()
        self._start = time.perf_counter_ns()

    def __enter__(self) -> Run:
        self._pid = os.getpid()
        self._who = settings.identity()
        if self._who is not None:
            recording.record_identified(STARTED, self._identifying(), self._who, ends=False)
        self._start = time.perf_counter_ns()
        return self._run

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        tb: "TracebackType | None",
    ) -> "Literal[False]":
        if os.getpid() != self._pid:
            return False  # a forked child leaves through here too; the sync is its parent's
        duration = time.perf_counter_ns() - self._start
        ended = endings.of(exc)
        if ended == endings.ERROR and not isinstance(exc, SystemExit):
            self._run.panic()  # the one that ended it
        totals = self._run.totals
        if self._who is not None:
            finished: dict[str, Any] = {
                **self._identifying(),
                "duration": duration,
                "status": endings.SUCCESS if ended == endings.SUCCESS else endings.ERROR,
                "total_rows": totals.resources,
                "errors": totals.errors,
                "panics": totals.panics,
                "warnings": totals.warnings,
                "aborted_due_to_error": _reason(exc, ended),
            }
            recording.record_identified(COMPLETED, finished, self._who)
        summary = {
            "source_path": self._source[0],
            "source_version": self._source[1],
            "destinations": [{"path": path, "version": version} for path, version in self._destinations],
            "resources": totals.resources,
            "errors": totals.errors,
            "panics": totals.panics,
            "warnings": totals.warnings,
            "duration": -(-duration // _SECOND) * _SECOND,
            "exit_reason": _EXIT_REASONS[ended],
        }
        recording.record_anonymous(SUMMARY, summary)
        return False

    def _identifying(self) -> "dict[str, Any]":
        known: dict[str, Any] = {
            "invocation_uuid": invocation_id(),
            "sync_run_id": self._run.run_id,
            "source_path": self._source[0],
            "source_version": self._source[1],
            "destination_paths": [path for path, _ in self._destinations],
        }
        if self._name is not None:
            known["sync_name"] = self._name[:_MOST_NAME]
        environment = recording.environment()
        if environment is not None:
            known["environment"] = environment
        return known


def invocation_id() -> str:
    """A random id of this process; a forked child is another one. Never that of crash reports."""
    if not _invocation or _invocation[0][0] != os.getpid():
        _invocation[:] = [(os.getpid(), message.new_id())]
    return _invocation[0][1]


def _reason(exc: BaseException | None, ended: str) -> str:
    """Type and scrubbed message of what ended a sync; the type alone where that is all that may leave."""
    if exc is None or ended == endings.SUCCESS:
        return ""
    from crashguard.report import text

    kind = text.type_name(type(exc))
    if ended == endings.INTERRUPTED:
        return f"interrupted: {kind}"
    try:
        return _scrubbed(exc, f"{kind}: {text.message_of(exc)}") or kind
    except Exception:  # noqa: BLE001 (what could not be scrubbed must not pass)
        return kind


def _scrubbed(exc: BaseException, reason: str) -> str | None:
    """The text as it may leave, or None where nothing of it may."""
    from crashguard import report, scrub

    config = recording.allowed()
    if config is None or config.messages == "none":
        return None
    private = {**scrub.of_environment(os.environ), **scrub.of_machine()}
    if exc.__traceback__ is not None:
        private.update(scrub.of_traceback(exc.__traceback__))
    private.update(dict.fromkeys(config.needles, "private"))
    scrubber = scrub.Scrubber(needles=private, rules=config.rules)
    scrubbed = report.cut(scrubber.text(reason), _MOST_REASON)
    return None if scrubber.leaks(scrubbed.encode("utf-8", "replace")) else scrubbed
