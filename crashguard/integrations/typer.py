"""Commands about the reports for tools on Typer, whose click may be one of its own.

add_telemetry_commands(tool, app="mytool")
"""

from typing import Any

from crashguard.client import current_client
from crashguard.integrations.argparse import MOUNTED_HELP


def add_telemetry_commands(tool: Any, *, app: str, name: str = "telemetry") -> None:
    """Make crashguard's commands commands of the tool: `mytool telemetry status`, `level`, `show` and others.

    They are about this tool alone. The note after a crash names them in place of `crashguard`.

    Args:
        tool: The `typer.Typer` of the tool.
        app: The tool's name, as `install()` has it.
        name: The name of the command that has them below it.
    """
    import typer  # type: ignore[import-not-found,unused-ignore]  # it is the tool that brings it

    def run(context: Any) -> None:
        from crashguard.cli import mounted

        mounted.run(app, context.command_path, context.args)

    run.__annotations__["context"] = typer.Context
    current_client().mounted = name
    settings = {"ignore_unknown_options": True, "allow_extra_args": True, "allow_interspersed_args": False}
    tool.command(name, context_settings=settings, add_help_option=False, short_help=MOUNTED_HELP)(run)
