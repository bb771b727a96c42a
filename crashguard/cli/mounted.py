"""Our commands as commands of a tool: `mytool telemetry status`. They are about that tool alone.

The integrations call this module when a person has typed such a command. A start of the tool does not
import it.
"""

import copy
import functools
from collections.abc import Sequence

import click
from click.shell_completion import CompletionItem, ShellComplete

from crashguard import capture, telemetry_level
from crashguard.cli import docs, main, output
from crashguard.client import current_client
from crashguard.exceptions import TelemetryLevelError

# What a tool decides for its users: it is known, and it is no place for an administrator.
_FIXED: dict[str, object] = {"app": None, "machine": False, "final": False}
_FIXED_OF: dict[str | None, dict[str, object]] = {"level": {"yes": True}}


def run(app: str, typed: str, arguments: Sequence[str]) -> None:
    """Run one of the commands and end the process with its exit status.

    Args:
        app: The tool.
        typed: What the person types before the name of a command, as in `mytool telemetry`.
        arguments: The command and its arguments.
    """
    output.prepare_streams()
    parsed = current_client().parsed
    if parsed is not None:  # argparse runs this command while it parses
        capture.take_telemetry_level(parsed[1], app)
    current_client().say_due()  # while the tool's command line runs, which knows where these commands are
    _group(app, typed).main(args=list(arguments), prog_name=typed, obj=typed)


def completions(app: str, typed: str, before: Sequence[str], incomplete: str) -> list[CompletionItem]:
    """What a shell offers after Tab: commands, options, the ids of this tool's reports.

    Args:
        app: The tool.
        typed: What the person types before the name of a command.
        before: The words after that which are complete.
        incomplete: The beginning of the next word.
    """
    return ShellComplete(_group(app, typed), {}, typed, "").get_completions(list(before), incomplete)


def _group(app: str, typed: str) -> click.Group:
    return main.Group(
        name=typed,
        help=f"See, send and delete the crash reports of {app} on this machine, and choose what may be sent.",
        context_settings=main.SETTINGS,
        epilog=main.STATUSES,
        params=[_option(app)],
        commands=[
            *(_mounted(command, app, typed) for command in main.OF_A_TOOL),
            click.Group(
                "docs",
                params=[_option(app)],
                help=_said(docs.docs.help, typed),
                short_help=docs.docs.short_help,
                commands=[_mounted(docs.page, app, typed)],
            ),
        ],
    )


def _mounted(command: click.Command, app: str, typed: str) -> click.Command:
    known = {**_FIXED, **_FIXED_OF.get(command.name, {})}
    fixed = {each.name: known[each.name] for each in command.params if each.name in known}
    made = copy.copy(command)
    made.params = [parameter for parameter in command.params if parameter.name not in fixed]
    made.params.append(_option(app))
    assert command.callback is not None  # noqa: S101 (each of them is a function)
    made.callback = functools.partial(command.callback, **{**fixed, "app": app})
    made.help = _said(command.help, typed)
    made.epilog = _said(command.epilog, typed) or None
    return made


def _option(app: str) -> click.Option:
    """`--telemetry-level`, which counts here as before: of several values the lowest."""

    def take(context: click.Context, _option: click.Parameter, value: str | None) -> None:
        if value is None or context.resilient_parsing:
            return
        try:
            telemetry_level.checked(value, telemetry_level.FLAG, strict=True)
        except TelemetryLevelError as error:
            context.fail(str(error))
        client = current_client()
        if client.parsed is not None:
            value = telemetry_level.lower(client.parsed[1], value)
        client.parsed = (app, value)
        capture.take_telemetry_level(value, app)

    return click.Option([telemetry_level.FLAG], expose_value=False, hidden=True, callback=take)


def _said(text: str | None, typed: str) -> str:
    return (text or "").replace("crashguard ", f"{typed} ").replace(" --app mytool", "")
