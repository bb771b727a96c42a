"""What is recorded: syncs, commands and logins.

    sync_summary          anonymous, when a sync ends, however it does
    sync_run_started      identifiable, at its start
    sync_run_completed    identifiable, at its end; the run id links the two
    command_completed     anonymous: which command ran and how it ended, never its arguments
    login_success         identifiable: about the one who logged in

The identifiable events have the fields of CloudQuery's command line (cli/internal/analytics), the anonymous
sync that of its sync summary. Its duration is in whole seconds: nanoseconds would be as good as an id.
"""

import os
import time

from crashguard.client import current_client, current_config
from crashguard.stats import config, exit_status, message, plugin_names, recorder
from crashguard.stats.counters import Counters

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from re import Match
    from types import TracebackType
    from typing import Any, Literal

    from crashguard.plugin import Plugin

_SECOND = 1_000_000_000
_MOST_DESTINATIONS = 50
_MOST_NAME = 200
_UNBROKEN = r"""(?:\[value\]|[^\s'"<>()\[\]{},;=])+"""  # a word, with what the scrubber left in it
_MOST_REASON = 1000
_EXIT_REASONS = {
    exit_status.SUCCESS: "completed",
    exit_status.INTERRUPTED: "interrupted",
    exit_status.ERROR: "failed",
    exit_status.USAGE: "failed",
}
_WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
_MOST_WORDS, _MOST_LETTERS = 6, 40  # of a command's path


class command:  # noqa: N801 (used like a function: `with stats.command("plugin publish"): ...`)
    """Record a command: `with stats.command("plugin publish"): ...`.

    For tools that are built on click, typer or argparse, one line does it for all commands: see
    `crashguard.integrations.commands`. An exception goes on.

    Args:
        path: The subcommand's words as your program knows them, not as the user typed them. From the first
            word on that looks like no subcommand's name, the rest is left out.
    """

    __slots__ = ("_path", "_pid")

    def __init__(self, path: str) -> None:
        self._path = path.split()

    def __enter__(self) -> None:
        self._pid = os.getpid()

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: "TracebackType | None"
    ) -> "Literal[False]":
        if os.getpid() == self._pid:  # a forked child leaves through here too
            command_completed(self._path, exit_status.of(exc))
        return False


def command_completed(path: "Sequence[str]", status: str) -> None:
    """Record a command that ended. Never raises.

    A command that only showed its help or a version did not run: callers leave it out.

    Args:
        path: The subcommand's words.
        status: One of the words of `exit_status`.
    """
    installed = current_config()
    if installed is None:
        return
    words = [installed.app]
    for word in path[:_MOST_WORDS]:
        if not word or len(word) > _MOST_LETTERS or word[0] == "-" or not set(word) <= _WORD:
            break
        words.append(word)
    recorder.record("command_completed", {"command": " ".join(words), "status": status})


def login() -> None:
    """Record that the one whom `identify()` named has logged in; nothing where nobody was. Never raises."""
    who = config.current().identity
    if who is not None:
        recorder.record("login_success", {"invocation_uuid": invocation_id(), **_environment()}, who)


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

    The end of the block makes one anonymous record, also if an exception ends it; the exception goes on. If a
    user is logged in, the start and the end make one identifiable record each. Without
    `crashguard.install()`, or where the telemetry level says no, it counts and records nothing. A process
    that is killed records no end. An exception that ends the block counts as one error.

    What leaves: the sums, never a table's name; plugins as the registry names them; how it ended.

    Args:
        source: The plugin: a `Plugin`, or the path that the user's spec names, or a pair of path and
            registry.
        destinations: The same, for where the rows go.
        registry: The registry of the paths that come without one, as the spec names it. Only a path of
            `cloudquery` leaves, as `team/name` and version. Any other leaves as `local`, `grpc`, `docker` or
            `unofficial`, and so does a path of which the registry is not known.
        name: The sync's name in the user's spec; only identifiable stats carry it.
        run_id: The tool's own id for this run, for identifiable stats only; random by default.
    """

    __slots__ = ("_destinations", "_name", "_pid", "_run", "_source", "_start", "_who")

    def __init__(
        self,
        *,
        source: "Plugin | str | tuple[str, str]",
        destinations: "Iterable[Plugin | str | tuple[str, str]]" = (),
        registry: 'Literal["cloudquery", "local", "grpc", "docker", "unofficial"] | None' = None,
        name: str | None = None,
        run_id: str | None = None,
    ) -> None:
        self._source = plugin_names.described(source, registry)
        self._destinations = [plugin_names.described(each, registry) for each in destinations][
            :_MOST_DESTINATIONS
        ]
        self._name = name
        self._run = Run(run_id or message.new_id())

    def __enter__(self) -> Run:
        self._pid = os.getpid()
        self._who = config.current().identity
        if self._who is not None:
            recorder.record("sync_run_started", self._identifying(), self._who, ends=False)
        self._start = time.perf_counter_ns()
        return self._run

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: "TracebackType | None"
    ) -> "Literal[False]":
        if os.getpid() != self._pid:
            return False  # a forked child leaves through here too; the sync is its parent's
        duration = time.perf_counter_ns() - self._start
        ended = self._ended(exc)
        totals = self._run.totals
        counts = {"errors": totals.errors, "panics": totals.panics, "warnings": totals.warnings}
        if self._who is not None:
            finished: dict[str, Any] = {
                **self._identifying(),
                "duration": duration,
                "status": exit_status.SUCCESS if ended == exit_status.SUCCESS else exit_status.ERROR,
                "total_rows": totals.resources,
                **counts,
                "aborted_due_to_error": _reason(exc, ended),
            }
            recorder.record("sync_run_completed", finished, self._who)
        summary = {
            "source_path": self._source[0],
            "source_version": self._source[1],
            "destinations": [{"path": path, "version": version} for path, version in self._destinations],
            "resources": totals.resources,
            **counts,
            "duration": -(-duration // _SECOND) * _SECOND,
            "exit_reason": _EXIT_REASONS[ended],
        }
        recorder.record(config.SUMMARY, summary)
        return False

    def _ended(self, exc: BaseException | None) -> str:
        """How it ended. An exception that ends it is one error; a panic is what it went on after."""
        ended = exit_status.of(exc)
        if ended == exit_status.ERROR and not isinstance(exc, SystemExit):
            self._run.error()
        return ended

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
        return {**known, **_environment()}


def invocation_id() -> str:
    """A random id of this process; a forked child is another one. Never that of crash reports."""
    settings = config.current()
    if settings.invocation is None or settings.invocation[0] != os.getpid():
        settings.invocation = (os.getpid(), message.new_id())
    return settings.invocation[1]


def _environment() -> dict[str, str]:
    """The environment that the tool named to `install()`."""
    installed = current_config()
    if installed is None or installed.environment is None:
        return {}
    return {"environment": installed.environment}


def _reason(exc: BaseException | None, ended: str) -> str:
    """Type and template of what ended a sync; the type alone where that is all that may leave."""
    if exc is None or ended == exit_status.SUCCESS:
        return ""
    from crashguard import report

    kind = report.type_name(type(exc))
    if ended == exit_status.INTERRUPTED:
        return f"interrupted: {kind}"
    try:
        return _scrubbed(exc, {"type": kind, "value": report.message_of(exc)})
    except Exception:  # noqa: BLE001 (what could not be scrubbed must not pass)
        return kind


def _without_place(found: "Match[str]") -> str:
    """A word of a reason, or the mark of a value where it is built like a path or a host."""
    inner = found[0].strip(".:").replace("...", "")
    return "[value]" if "/" in inner or "\\" in inner or "." in inner else found[0]


def _of_system(exc: BaseException, text: str) -> tuple[str, str]:
    """What the operating system says of an error at the beginning of a message, and the rest of it."""
    said = ""
    if isinstance(exc, OSError) and type(exc.errno) is int:
        said = f"[Errno {exc.errno}] {os.strerror(exc.errno)}"
    return (said, text.removeprefix(said)) if text.startswith(said) else ("", text)


def _scrubbed(exc: BaseException, raised: dict[str, str]) -> str:
    """Type and message as they may leave, scrubbed like those of a report.

    Of the message the program's own words stay, and the system's. A host, a table or a path in it is data,
    also one that is made of common words.
    """
    import re

    from crashguard import report, scrub
    from crashguard.report import exceptions
    from crashguard.reporter import origins_of

    installed = current_config()
    if installed is None or not installed.level.sends_stats or installed.messages == "none":
        return raised["type"]
    scrubber = scrub.Scrubber.of_crash(
        exceptions.raised_of(exceptions.tree(exc)),
        origins_of(current_client()).is_known,
        needles=installed.needles,
        rules=installed.rules,
        messages="template",
        own={installed.app.lower()},
    )
    system, raised["value"] = _of_system(exc, raised["value"])
    [left] = scrubber.event({"exception": {"values": [raised]}})["exception"]["values"]
    value = system + re.sub(_UNBROKEN, _without_place, left.get("value") or "")
    reason = report.cut(": ".join(filter(None, (left["type"], value))), _MOST_REASON)
    return left["type"] if scrubber.leaks(reason.encode("utf-8", "replace")) else reason
