"""`--telemetry-level`, and commands about the reports, for tools on Typer, whose click may be one of its own.

@tool.callback()
def main(telemetry_level: str | None = telemetry_level_option(app="mytool")) -> None:
crashguard.install(app="mytool", version="1.2.3", telemetry_level=telemetry_level)

add_telemetry_commands(tool, app="mytool")
"""

from typing import Any

from crashguard import telemetry_level
from crashguard.client import current_client
from crashguard.integrations import _below
from crashguard.integrations._mount import Mount
from crashguard.integrations.argparse import MOUNTED_HELP, help_text


def telemetry_level_option(
    *, app: str | None = None, env_var: str | None = None, default_level: str = telemetry_level.DEFAULT
) -> Any:
    """Make the default of a parameter that is `--telemetry-level`, of the tool's callback or of a command.

    It may stand in `Annotated[str | None, telemetry_level_option(app="mytool")]` as well.

    The subcommands below a callback take the option too; after a subcommand it counts by itself. The function
    gets the user's value or None, as `install(telemetry_level=...)` takes it. A wrong value ends the program
    with status 2 and one message. That holds for the flag, and without the flag for the environment and the
    saved choice.

    Args:
        app: The tool's name: it names the variable and the saved choice.
        env_var: The variable in which users of this tool set their telemetry level, where `install()` names
            one too.
        default_level: The one that `install()` is given.
    """
    import typer  # type: ignore[import-not-found,unused-ignore]  # it is the tool that brings it

    def checked(context: Any, value: Any) -> Any:
        return _below.checked(context, value, app, env_var)

    checked.__annotations__["context"] = typer.Context
    option = typer.Option(
        ...,
        _below.OPTION,
        default_factory=lambda: None,
        metavar=_below.METAVAR,
        allow_from_autoenv=False,  # the variable is a source of its own
        callback=checked,
        help=help_text(app, env_var, default_level),
        show_default=False,
    )
    option.__class__ = _in_either_style(type(option))
    return option


def _in_either_style(option: Any) -> Any:
    """A class of options that stand as a parameter's default and in `Annotated` alike.

    Typer wants the default as an argument in the one style, and behind the parameter in the other, and not
    together with a factory.
    """

    class Either(option):  # type: ignore[misc]  # Typer's own class
        default_factory: Any

        @property
        def default(self) -> Any:
            return self.__dict__["default"]

        @default.setter
        def default(self, value: Any) -> None:
            if value is not self.default_factory:
                self.default_factory = None
            self.__dict__["default"] = value

    return Either


def add_telemetry_commands(tool: Any, *, app: str, name: str = "telemetry") -> None:
    """Make crashguard's commands commands of the tool: `mytool telemetry status`, `level`, `show` and others.

    They are about this tool alone. The note after a crash names them in place of `crashguard`. The tool's own
    completion in a shell completes them, and the ids of its reports.

    Args:
        tool: The `typer.Typer` of the tool.
        app: The tool's name, as `install()` has it.
        name: The name of the command that has them below it.
    """
    import typer  # type: ignore[import-not-found,unused-ignore]  # it is the tool that brings it
    from typer.core import TyperCommand  # type: ignore[import-not-found,unused-ignore]

    class Mounted(TyperCommand):  # type: ignore[misc,unused-ignore]  # as above
        def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
            from crashguard.cli import mounted

            before = ctx.params.get("arguments") or ()
            return mounted.completions(app, ctx.command_path, before, incomplete)

    def offered(context: Any, incomplete: str) -> list[tuple[str, str]]:
        found = context.command.shell_complete(context, incomplete)
        return [(str(each.value), each.help or "") for each in found]

    offered.__annotations__.update(context=typer.Context, incomplete=str)
    typed = typer.Argument(None, autocompletion=offered)

    def run(context: Any, arguments: Any = typed) -> None:
        from crashguard.cli import mounted

        mounted.run(app, context.command_path, arguments or ())

    run.__annotations__.update(context=typer.Context, arguments=list[str])
    current_client().mounted = Mount(Mounted, typer.Typer, typer.main.get_command)
    settings = {"ignore_unknown_options": True, "allow_extra_args": True, "allow_interspersed_args": False}
    tool.command(
        name, cls=Mounted, context_settings=settings, add_help_option=False, short_help=MOUNTED_HELP
    )(run)
