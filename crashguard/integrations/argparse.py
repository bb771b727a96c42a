"""`--telemetry-level` for tools that parse their arguments with argparse.

add_telemetry_level(parser, app="mytool")
crashguard.install(app="mytool", version="1.2.3", telemetry_level=parser.parse_args().telemetry_level)
"""

import argparse

from crashguard import telemetry_level
from crashguard.exceptions import TelemetryLevelError

# argparse puts a default that is a text through `type` as well, once it knows that no flag was given; that is
# where the environment is looked at.
_NOT_GIVEN = "<not given>"


def help_text(env_var: str) -> str:
    """What `--help` says about the option; the same for every library."""
    return (
        "What may be sent to the makers of this tool: nothing, stats only, crash reports only, or both. "
        f"[default: {telemetry_level.DEFAULT}; environment variable: {env_var}]"
    )


def add_telemetry_level(
    parser: argparse.ArgumentParser, *, env_var: str = telemetry_level.ENV_VAR, app: str | None = None
) -> None:
    """Add `--telemetry-level` to a parser.

    The parsed value is what the user gave, or None: what `install(telemetry_level=...)` takes. A wrong value
    ends the program with status 2 and one message, whether it stands on the command line or, where no
    flag overrides it, in the environment or the saved choice.

    Args:
        parser: The parser.
        env_var: The variable in which users of this tool set their telemetry level.
        app: The tool's name, for its saved choice.
    """

    def checked(value: str) -> str | None:
        given = None if value is _NOT_GIVEN else value
        try:
            telemetry_level.resolve(given, env_var=env_var, app=app)
        except TelemetryLevelError as error:
            # Without the action, whose name would stand before it: the text says where the value is from.
            raise argparse.ArgumentError(None, str(error)) from None
        return given

    parser.add_argument(
        "--telemetry-level",
        metavar="{" + ",".join(telemetry_level.CHOICES) + "}",
        default=_NOT_GIVEN,
        type=checked,
        help=help_text(env_var),
    )
