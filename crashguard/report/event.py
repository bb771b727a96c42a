"""One event, in Sentry's shape: everything a report may hold stands in this file.

This is the allow-list. A field that is not made here is not in a report: no server name, no user, no
request, no modules, no extra, no breadcrumbs. Source of the shape: Sentry's developer documentation,
"Event Payloads".

Must live here: which fields there are. Must not be known here: scrubbing, which comes after, and disk.
"""

from crashguard import identity
from crashguard.report import contexts, exceptions, fingerprint, limits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PAYLOAD_VERSION = 1


def describe(
    exc: BaseException,
    *,
    event_id: str,
    timestamp: float,
    release: str,
    environment: str | None,
    origins: identity.Origins,
    plugin: identity.Plugin | None,
    guard: str | None,
    mechanism: str,
    handled: bool,
    messages: bool,
    telemetry_level: str,
    decided_by: str,
) -> "dict[str, Any]":
    """Turn a live exception into an event that is not scrubbed yet.

    Args:
        exc: The exception.
        event_id: 32 hexadecimal digits, fixed here for good: sending twice stores once.
        timestamp: When it happened, in seconds since 1970, UTC.
        release: `app@version`.
        environment: The Sentry environment, or None.
        origins: Tells whose code a frame is.
        plugin: The plugin it came out of, or None for the tool itself.
        guard: The name of the guard that caught it, or None.
        mechanism: What caught it.
        handled: Whether the program goes on.
        messages: Whether exception messages may be told at all.
        telemetry_level: The telemetry level it is recorded under: consent belongs to the report.
        decided_by: The source of that telemetry level.
    """
    values = exceptions.values_of(exc, origins, mechanism=mechanism, handled=handled, messages=messages)
    event: dict[str, Any] = {
        "event_id": event_id,
        "timestamp": timestamp,
        "platform": "python",
        "level": "error" if handled else "fatal",
        "release": release,
        "fingerprint": fingerprint.fingerprint_of(values),
        "exception": {"values": values},
        "tags": _tags(plugin, guard),
        "contexts": {
            **contexts.contexts(dying=not handled),
            "crashguard": {
                "type": "crashguard",
                "payload_version": PAYLOAD_VERSION,
                "complete": True,
                "occurrences": 1,
                "telemetry_level": telemetry_level,
                "telemetry_level_source": decided_by,
            },
        },
    }
    if environment is not None:
        event["environment"] = environment
    return event


def _tags(plugin: identity.Plugin | None, guard: str | None) -> dict[str, str]:
    tags = {"component": "cli" if plugin is None else "plugin"}
    if plugin is not None:
        tags["plugin.team"] = plugin.team
        tags["plugin.kind"] = plugin.kind
        tags["plugin.name"] = plugin.name
        tags["plugin.version"] = plugin.version
    if guard is not None:
        tags["guard"] = guard
    return {key: value[: limits.TAG] for key, value in tags.items()}
