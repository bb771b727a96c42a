"""The options that the CloudQuery CLI gives to a plugin on its command line.

`--no-sentry` refuses crash reports and is stronger than every other source, also than an inherited
environment with `all` or CQ_SENTRY_ENABLED. The CLI adds it for the telemetry levels none and stats, which it
passes on in no other way. CQ_SENTRY_ENABLED is the Go SDK's opt-in. Here the telemetry level decides: a yes
changes nothing, and every other value refuses. A plugin that asks first names the variable as its own opt-in.

The SDK's parser does not know `--telemetry-level` and would end the plugin with status 2. So this module
reads the option and removes it.
"""

import os

import attrs

_SENTRY_ENABLED = "CQ_SENTRY_ENABLED"
_YES = (
    "1",
    "t",
    "true",
    "y",
    "yes",
    "on",
    "enable",
    "enabled",
)  # Go's strconv.ParseBool, and what people write


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


def read(argv: list[str], opt_in: str | None = None) -> CommandLine:
    """Read a plugin's command line, the program's name first.

    Args:
        argv: The command line.
        opt_in: The variable that must say yes, or None where nobody is asked.
    """
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
        if _names(name, "--log-format", "--log-f"):
            if not equals:
                value = next(arguments, "")
                kept.append(value)
            log_format = value
    refused_by = None
    # With a value the SDK's parser ends the plugin. What earlier runs left must not be sent until then.
    if any(_names(argument.partition("=")[0], "--no-sentry", "--no") for argument in argv):
        refused_by = "--no-sentry"
    elif opt_in is not None and not _says_yes(opt_in):
        refused_by = opt_in
    elif _SENTRY_ENABLED in os.environ and not _says_yes(_SENTRY_ENABLED):
        refused_by = _SENTRY_ENABLED
    return CommandLine(kept, level, refused_by, log_format == "json")


def _names(argument: str, option: str, shortest: str) -> bool:
    """Whether an argument is an option or a beginning of it, which the SDK's parser takes for the option."""
    return argument.startswith(shortest) and option.startswith(argument)


def _says_yes(variable: str) -> bool:
    """Whether a variable says yes. What cannot be read as a yes is a no, and so is an empty one."""
    return os.environ.get(variable, "").strip().lower() in _YES
