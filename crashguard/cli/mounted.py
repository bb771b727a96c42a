"""Our commands as commands of a tool: `mytool telemetry status`. They are about that tool alone.

The integrations call this module when a person has typed such a command. A start of the tool does not
import it.
"""

import copy
import functools
from collections.abc import Sequence

import click

from crashguard.cli import docs, main, output

# What a tool decides for its users: it is known, and it is no place for an administrator.
_FIXED: dict[str, object] = {"app": None, "machine": False, "final": False}


def run(app: str, typed: str, arguments: Sequence[str]) -> None:
    """Run one of the commands and end the process with its exit status.

    Args:
        app: The tool.
        typed: What the person types before the name of a command, as in `mytool telemetry`.
        arguments: The command and its arguments.
    """
    output.prepare_streams()
    group = main.Group(
        name=typed,
        help=f"See, send and delete the crash reports of {app} on this machine, and choose what may be sent.",
        context_settings=main.SETTINGS,
        epilog=main.STATUSES,
        commands=[
            *(_mounted(command, app, typed) for command in main.OF_A_TOOL),
            click.Group(
                "docs",
                help=_said(docs.docs.help, typed),
                short_help=docs.docs.short_help,
                commands=[_mounted(docs.page, app, typed)],
            ),
        ],
    )
    group.main(args=list(arguments), prog_name=typed, obj=typed)


def _mounted(command: click.Command, app: str, typed: str) -> click.Command:
    fixed = {
        parameter.name: _FIXED[parameter.name] for parameter in command.params if parameter.name in _FIXED
    }
    made = copy.copy(command)
    made.params = [parameter for parameter in command.params if parameter.name not in fixed]
    assert command.callback is not None  # noqa: S101 (each of them is a function)
    made.callback = functools.partial(command.callback, **{**fixed, "app": app})
    made.help = _said(command.help, typed)
    made.epilog = _said(command.epilog, typed) or None
    return made


def _said(text: str | None, typed: str) -> str:
    return (text or "").replace("crashguard ", f"{typed} ").replace(" --app mytool", "")
