"""`--telemetry-level`, and commands about the reports, for tools that parse their arguments with click.

@click.command()
@telemetry_level_option(app="mytool")
def main(telemetry_level: str | None) -> None:
crashguard.install(app="mytool", version="1.2.3", telemetry_level=telemetry_level)
"""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from crashguard import telemetry_level
from crashguard.client import current_client
from crashguard.integrations import _below
from crashguard.integrations._mount import Mount
from crashguard.integrations.argparse import MOUNTED_HELP, help_text

_F = TypeVar("_F", bound=Callable[..., Any])


def telemetry_level_option(
    *, app: str | None = None, env_var: str | None = None, default_level: str = telemetry_level.DEFAULT
) -> Callable[[_F], _F]:
    """Add `--telemetry-level` to a command or group, as the parameter `telemetry_level`.

    The subcommands of a group take the option too; after a subcommand it counts by itself. The function gets
    the user's value or None, as `install(telemetry_level=...)` takes it. A wrong value ends the program with
    status 2 and one message. That holds for the flag, and without the flag for the environment and the saved
    choice.

    Args:
        app: The tool's name: it names the variable and the saved choice.
        env_var: The variable in which users of this tool set their telemetry level, where `install()` names
            one too.
        default_level: The one that `install()` is given.
    """

    def checked(context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
        return _below.checked(context, value, app, env_var)

    return click.option(
        _below.OPTION,
        metavar=_below.METAVAR,
        default=None,
        allow_from_autoenv=False,  # the variable is a source of its own
        callback=checked,
        help=help_text(app, env_var, default_level),
    )


def telemetry_commands(*, app: str, name: str = "telemetry") -> click.Command:
    """Make crashguard's commands commands of the tool: `mytool telemetry status`, `level`, `show` and others.

    They are about this tool alone. The note after a crash names them in place of `crashguard`. The tool's own
    completion in a shell completes them, and the ids of its reports.

        cli.add_command(telemetry_commands(app="mytool"))

    Args:
        app: The tool's name, as `install()` has it.
        name: The name of the command that has them below it.
    """

    def run(arguments: tuple[str, ...]) -> None:
        from crashguard.cli import mounted

        mounted.run(app, click.get_current_context().command_path, arguments)

    class Mounted(click.Command):
        def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
            from crashguard.cli import mounted

            return mounted.completions(app, ctx.command_path, ctx.params["arguments"] or (), incomplete)

    def offered(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[Any]:
        return context.command.shell_complete(context, incomplete)

    current_client().mounted = Mount(Mounted, click.Group, lambda group: group)
    return Mounted(
        name,
        callback=run,
        params=[click.Argument(["arguments"], nargs=-1, type=click.UNPROCESSED, shell_complete=offered)],
        context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
        add_help_option=False,
        short_help=MOUNTED_HELP,
    )
