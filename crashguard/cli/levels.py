"""A telemetry level in words and in JSON, as `status` and `level` tell it."""

from crashguard import telemetry_level
from crashguard.cli import output
from crashguard.consent import choices
from crashguard.telemetry_level import TelemetryLevel


def as_json(level: TelemetryLevel) -> dict[str, object]:
    """The level, what decided it, and what is wrong with it."""
    return {
        "value": level.value,
        "source": level.source,
        "since": level.since,
        "path": level.path,
        "problem": level.problem,
    }


def line(level: TelemetryLevel) -> str:
    """The level and what decided it, in one line."""
    if level.problem is not None:
        return f"none: {output.plain(level.problem)}"
    since = f", since {output.when_iso(level.since)}" if level.since else ""
    where = f", in {output.short_path(level.path)}" if level.path else ""
    return f"{level.value} ({level.source}{since}{where})"


def rows(level: TelemetryLevel, app: str | None) -> list[tuple[str, str]]:
    """The level, what it lets leave, and what does not count now."""
    return [("telemetry level", line(level)), ("", _meaning(level)), *overridden(level, app)]


def overridden(level: TelemetryLevel, app: str | None) -> list[tuple[str, str]]:
    """Rows about choices that do not count now; no row without one."""
    found = [("", output.plain(sentence)) for sentence in choices.not_believed(app)]
    saved = telemetry_level.saved_choice(app, strict=False)
    if saved is None or level.path == saved.path or level.problem is not None:
        return found
    return [*found, ("", f"the saved choice, {saved.value}, does not count while {level.source} is set")]


def _meaning(level: TelemetryLevel) -> str:
    if level.problem is not None:
        return "nothing is recorded or sent until this value is corrected"
    return {
        "none": "nothing is recorded or sent",
        "stats": "stats may be sent; crashes are not recorded",
        "errors": "crash reports may be sent, stats may not",
        "all": "crash reports and stats may be sent",
    }[level.value]
