"""May this report leave now? Asked again at sending, long after it was recorded.

Must live here: the second look at consent. Must not be known here: how to send, where files lie.
"""

from typing import Any

from crashguard.telemetry_level import TelemetryLevel


def refusal(event: dict[str, Any], level: TelemetryLevel) -> str | None:
    """Why an event that waits may not be sent, or None if it may.

    Args:
        event: The event, which carries the telemetry level it was recorded under.
        level: The telemetry level now.
    """
    if not level.sends_errors:
        return f"telemetry level is {level.value} ({level.source})"
    context = event.get("contexts", {}).get("crashguard", {})
    recorded = context.get("telemetry_level")
    if recorded is not None and recorded not in ("errors", "all"):
        return f"it was recorded under telemetry level {recorded!s}"
    if str(event.get("release", "")).lower().endswith("@development"):
        return "it comes from a development build"
    return None
