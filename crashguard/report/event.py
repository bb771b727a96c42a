"""One event, in Sentry's shape: this module is the allow-list of what a report may hold.

A field that this module does not make is not in a report: no server name, no user, no request, no list of all
that is installed, no extra, no breadcrumbs. Source of the shape: Sentry's developer documentation, "Event
Payloads".
"""

import sys

from crashguard import report
from crashguard.report import contexts, exceptions
from crashguard.report.origins import APP, PLUGIN, Origins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import FrameType
    from typing import Any

    from crashguard.plugin import Plugin
    from crashguard.report.exceptions import Found
    from crashguard.report.fingerprint import Bug
    from crashguard.report.installed import Read

PAYLOAD_VERSION = 1

_CLICKS = ("click.core", "typer._click.core")  # typer has one of its own

# The subcommand, how children ended, the guard's name; for a plugin the phase, table and column that it was
# at, the table's parent, and the version of the SDK.
TAGS = ("command", "children", "guard", "phase", "table", "parent_table", "column", "sdk.version")

OF_A_TABLE = ("table", "parent_table", "phase", "column")  # tags that name a table, and where it failed
MOST_TABLES = 50  # tables of one bug that are named in its report, with phase and column


def describe(
    found: "Sequence[Found]",
    *,
    bug: "Bug",
    event_id: str,
    timestamp: int,
    release: str,
    environment: str | None,
    origins: Origins,
    plugin: "Plugin | None",
    tags: "Mapping[str, str]",
    mechanism: str,
    handled: bool,
    level: str,
    messages: str,
    telemetry_level: str,
    source: str,
    run_id: str | None = None,
    arguments: "tuple[Any, Sequence[str]] | None" = None,
    read: "Read | None" = None,
    since: float = 0.0,
    source_lines: bool = True,
    raised: "Sequence[Found] | None" = None,
) -> "dict[str, Any]":
    """Turn a live exception into an event that is not scrubbed yet.

    Args:
        found: The exception with its causes and members: `exceptions.tree`.
        bug: What identifies the bug: the fingerprint, and the function that becomes the headline.
        event_id: 32 hexadecimal digits. It never changes, so that a server stores a report once.
        timestamp: When it happened, in whole seconds since 1970, UTC: a fraction tells one machine's crash
            from all others of that second.
        release: `app@version`.
        environment: The Sentry environment, or None.
        origins: Finds out whose code a frame runs.
        plugin: The plugin that crashed, or None for the tool itself.
        tags: Facts about the circumstances; only the names in `TAGS` are kept.
        mechanism: What caught it.
        handled: Whether the program handles it.
        level: How bad it is: `error` where the program goes on, else `fatal`.
        messages: What messages may hold: a level of `messages=`; `none` leaves them out.
        telemetry_level: The telemetry level at recording, which stays that of the report.
        source: What decided that telemetry level.
        run_id: A random id that links the reports of one run of a tool and its plugins.
        arguments: The argparse parser of the tool, and what it was given; None where it is not known.
        read: Reads a file of the installation up to a number of bytes; None where nothing may be read.
        since: When this process started, in seconds since 1970.
        source_lines: Whether the event may hold lines of the tool's own published files.
        raised: The `tree` of what was raised, where `found` is a member of it: the subcommand stands there.
    """
    values = exceptions.values_of(
        found, origins, mechanism=mechanism, handled=handled, messages=messages != "none"
    )
    of_command = _command(found if raised is None else raised, arguments, origins, read)
    event: dict[str, Any] = {
        "event_id": event_id,
        "timestamp": timestamp,
        "platform": "python",
        "level": level,
        "release": release,
        "fingerprint": list(bug.fingerprint),
        **({"transaction": bug.culprit} if bug.culprit else {}),
        "exception": {"values": values},
        "tags": _tags(plugin, {**of_command, **tags}),
        "contexts": {
            **contexts.contexts(dying=not handled, packer=origins.program.packer),
            "crashguard": {
                "payload_version": PAYLOAD_VERSION,
                "complete": True,
                "occurrences": 1,
                "telemetry_level": telemetry_level,
                "telemetry_level_source": source,
                "messages": messages,
            },
        },
    }
    if of_command.get("options"):
        event["contexts"]["command"] = {"options": of_command["options"]}
    try:
        if waiting := _waiting(found, origins, is_guarded=mechanism == "guard"):
            event["contexts"]["asyncio"] = {"awaited_by": waiting}
        if codes := _codes(found):
            event["contexts"]["codes"] = codes
        if read is not None:
            _add_installed(event, read, since, origins, source_lines=source_lines)
    except Exception:  # noqa: BLE001, S110 (these fields help; the report is complete without them)
        pass
    if environment is not None:
        event["environment"] = environment
    if run_id is not None:
        event["contexts"]["crashguard"]["run_id"] = run_id
    return event


def add_table(event: "dict[str, Any]", tags: "Mapping[str, str]") -> bool:
    """Name one more table in which the bug of a scrubbed event happened; whether the event has changed.

    Args:
        event: The event. Its tags name the first one.
        tags: The scrubbed tags of a further crash: its table, that table's parent, the phase and the column.
    """
    first, table = (
        {name: each[name] for name in OF_A_TABLE if name in each} for each in (event["tags"], tags)
    )
    tables = event["contexts"].get("sync", {}).get("tables", [first])
    if "table" not in first or table in tables or len(tables) >= MOST_TABLES:
        return False
    event["contexts"]["sync"] = {"tables": [*tables, table]}
    return True


def _tags(plugin: "Plugin | None", more: "Mapping[str, str]") -> dict[str, str]:
    tags = {"component": "cli" if plugin is None else "plugin"}
    if plugin is not None:
        tags["plugin.team"] = plugin.team
        tags["plugin.kind"] = plugin.kind
        tags["plugin.name"] = plugin.name
        tags["plugin.version"] = plugin.version
    tags.update((name, more[name]) for name in TAGS if more.get(name))
    return {name: value[: report.MOST_TAG] for name, value in tags.items()}


def _command(
    found: "Sequence[Found]",
    arguments: "tuple[Any, Sequence[str]] | None",
    origins: Origins,
    read: "Read | None",
) -> "dict[str, Any]":
    """The subcommand and the options that were given, where a parser is known."""
    if read is None or (arguments is None and not any(name in sys.modules for name in _CLICKS)):
        return {}
    from crashguard.report import command
    from crashguard.report.declared import Declared

    tracebacks = [each.traceback for each in found]
    path, options = command.find(tracebacks, arguments, Declared(origins, read, tracebacks)) or ([], [])
    return {"command": " ".join(path), "options": options}


def _waiting(found: "Sequence[Found]", origins: Origins, *, is_guarded: bool) -> list[str]:
    """The tool's own coroutines that wait for the task that fails."""
    if sys.version_info < (3, 14) or "asyncio" not in sys.modules:
        return []
    from crashguard.report import tasks

    def is_own(frame: "FrameType") -> bool:
        return origins.of_frame(frame.f_code.co_filename, frame.f_globals)[0] in (APP, PLUGIN)

    return tasks.awaiters(found[0].traceback, is_own, is_guarded=is_guarded)


def _codes(found: "Sequence[Found]") -> "dict[str, Any]":
    """The codes of the exceptions. Those of the interpreter itself have none, but for OSError."""
    raised = [each.exc for each in found if each.source != exceptions.CUT]
    if not any(
        issubclass(type(exc), OSError) or exceptions.module_of(type(exc)) != "builtins" for exc in raised
    ):
        return {}
    from crashguard.report import codes

    return codes.codes_of(raised)


def _add_installed(
    event: "dict[str, Any]", read: "Read", since: float, origins: Origins, *, source_lines: bool
) -> None:
    """Distributions, installer and source lines, where a frame stands in something that was installed."""
    values = event["exception"]["values"]
    main = origins.program.installed_main()
    if not main and not any(
        (top := frame.get("module", "__main__").partition(".")[0]) not in sys.stdlib_module_names
        and (top != "__main__" or "/" in frame["filename"])
        for value in values
        for frame in value.get("stacktrace", {}).get("frames", ())
    ):
        return  # a script
    from crashguard.report.installed import Installed

    installed = Installed(read, origins.distribution_of, since, main)
    if modules := installed.modules(values):
        event["modules"] = modules
    if installer := installed.installer():
        event["contexts"]["program"]["installer"] = installer
    if source_lines:
        installed.add_source_lines(values)
