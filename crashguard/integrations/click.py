"""`--telemetry-level` for tools that parse their arguments with click.

@click.command()
@telemetry_level_option(app="mytool")
def main(telemetry_level: str | None) -> None:
crashguard.install(app="mytool", version="1.2.3", telemetry_level=telemetry_level)
"""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from crashguard import telemetry_level
from crashguard.exceptions import TelemetryLevelError
from crashguard.integrations.argparse import help_text

_F = TypeVar("_F", bound=Callable[..., Any])


def telemetry_level_option(
    *, env_var: str = telemetry_level.ENV_VAR, app: str | None = None
) -> Callable[[_F], _F]:
    """Add `--telemetry-level` to a command or group, as the parameter `telemetry_level`.

    The command gets the user's value or None, as `install(telemetry_level=...)` takes it. A wrong value ends
    the program with status 2 and one message. That holds for the flag, and without the flag for the
    environment and the saved choice.

    Args:
        env_var: The variable in which users of this tool set their telemetry level.
        app: The tool's name, for its saved choice.
    """

    def checked(context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
        if context.resilient_parsing:
            return value
        try:
            telemetry_level.resolve(value, env_var=env_var, app=app)
        except TelemetryLevelError as error:
            raise click.UsageError(str(error), ctx=context) from None
        return value

    return click.option(
        "--telemetry-level",
        metavar="[" + "|".join(telemetry_level.CHOICES) + "]",
        default=None,
        callback=checked,
        help=help_text(env_var),
    )
