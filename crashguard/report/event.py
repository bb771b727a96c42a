"""One event, in Sentry's shape: this module is the allow-list of what a report may hold.

A field that this module does not make is not in a report: no server name, no user, no request, no modules, no
extra, no breadcrumbs. Source of the shape: Sentry's developer documentation, "Event Payloads".
"""

from crashguard import report
from crashguard.report import contexts, exceptions, fingerprint
from crashguard.report.origins import Origins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from crashguard.plugin import Plugin
    from crashguard.report.exceptions import Found

PAYLOAD_VERSION = 1

# The guard's name; for a plugin the phase, table and column that it was at, and the version of the SDK.
TAGS = ("children", "guard", "phase", "table", "column", "sdk.version")


def describe(
    found: "Iterable[Found]",
    *,
    event_id: str,
    timestamp: int,
    release: str,
    environment: str | None,
    origins: Origins,
    plugin: "Plugin | None",
    tags: "Mapping[str, str]",
    mechanism: str,
    handled: bool,
    goes_on: bool,
    messages: bool,
    telemetry_level: str,
    source: str,
    run_id: str | None = None,
) -> "dict[str, Any]":
    """Turn a live exception into an event that is not scrubbed yet.

    Args:
        found: The exception with its causes and members: `exceptions.tree`.
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
        goes_on: Whether the program goes on after the exception, although nothing handled it.
        messages: Whether the event may hold exception messages.
        telemetry_level: The telemetry level at recording: consent belongs to the report.
        source: What decided that telemetry level.
        run_id: A random id that links the reports of one run of a tool and its plugins.
    """
    values = exceptions.values_of(found, origins, mechanism=mechanism, handled=handled, messages=messages)
    event: dict[str, Any] = {
        "event_id": event_id,
        "timestamp": timestamp,
        "platform": "python",
        "level": "error" if handled or goes_on else "fatal",
        "release": release,
        "fingerprint": fingerprint.fingerprint_of(values),
        "exception": {"values": values},
        "tags": _tags(plugin, tags),
        "contexts": {
            **contexts.contexts(dying=not handled),
            "crashguard": {
                "payload_version": PAYLOAD_VERSION,
                "complete": True,
                "occurrences": 1,
                "telemetry_level": telemetry_level,
                "telemetry_level_source": source,
            },
        },
    }
    if environment is not None:
        event["environment"] = environment
    if run_id is not None:
        event["contexts"]["crashguard"]["run_id"] = run_id
    return event


def _tags(plugin: "Plugin | None", more: "Mapping[str, str]") -> dict[str, str]:
    tags = {"component": "cli" if plugin is None else "plugin"}
    if plugin is not None:
        tags["plugin.team"] = plugin.team
        tags["plugin.kind"] = plugin.kind
        tags["plugin.name"] = plugin.name
        tags["plugin.version"] = plugin.version
    tags.update((name, more[name]) for name in TAGS if more.get(name))
    return {name: value[: report.MOST_TAG] for name, value in tags.items()}
