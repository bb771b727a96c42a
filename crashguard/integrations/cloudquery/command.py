"""The options that the CloudQuery CLI gives to a plugin on its command line.

`--no-sentry` refuses crash reports and is stronger than every other source, also than an inherited
environment with `all` or CQ_SENTRY_ENABLED. The CLI adds it for the telemetry levels none and stats, which it
passes on in no other way. CQ_SENTRY_ENABLED is the Go SDK's opt-in. Here the telemetry level decides:
true changes nothing, and false (0, f, false, as Go reads it) refuses.

The SDK's parser does not know `--telemetry-level` and would end the plugin with status 2. So this module
reads the option and removes it.
"""

import os

import attrs

_FALSE = ("0", "f", "F", "false", "False", "FALSE")  # strconv.ParseBool


@attrs.frozen
class CommandLine:
    """The parsed command line.

    Attributes:
        argv: The command line without the options that only crashguard understands.
        telemetry_level: The value of `--telemetry-level`, or None.
        refused_by: The switch that refused crash reports, or None.
        json_logs: Whether stdout is read as JSON lines.
    """

    argv: list[str]
    telemetry_level: str | None
    refused_by: str | None
    json_logs: bool


def read(argv: list[str]) -> CommandLine:
    """Read a plugin's command line, the program's name first."""
    kept: list[str] = []
    level: str | None = None
    log_format = "text"
    arguments = iter(argv)
    for argument in arguments:
        name, equals, value = argument.partition("=")
        if name == "--telemetry-level":
            level = value if equals else next(arguments, "")
            continue
        kept.append(argument)
        if name == "--log-format":
            if not equals:
                value = next(arguments, "")
                kept.append(value)
            log_format = value
    refused_by = None
    if "--no-sentry" in argv:
        refused_by = "--no-sentry"
    elif os.environ.get("CQ_SENTRY_ENABLED") in _FALSE:
        refused_by = "CQ_SENTRY_ENABLED"
    return CommandLine(kept, level, refused_by, log_format == "json")
