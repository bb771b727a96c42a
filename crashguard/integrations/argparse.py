"""`--telemetry-level`, and commands about the reports, for tools that parse their arguments with argparse.

add_telemetry_level(parser, app="mytool")
crashguard.install(app="mytool", version="1.2.3", telemetry_level=parser.parse_args().telemetry_level)
"""

import argparse
import functools
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

from crashguard import telemetry_level
from crashguard.client import current_client, current_config
from crashguard.exceptions import TelemetryLevelError

# argparse calls `type` for a default that is a text, too, if the flag was not given. So the environment and
# the saved choice are checked in that case.
_NOT_GIVEN = "<not given>"
_OPTION = "--telemetry-level"

MOUNTED_HELP = "See, send and delete crash reports, and choose what may be sent."


def help_text(app: str | None, env_var: str | None, default_level: str) -> str:
    """The help text of the option, the same for every library.

    Without brackets, which rich takes for its own. What an install() before it has said is not said again.
    """
    config = current_config()
    if config is not None and app in (None, config.app) and env_var in (None, *config.variables):
        variable = config.env_var if env_var is None else env_var
        default_level = config.default_level
    else:
        [variable, *_] = telemetry_level.variables(app, env_var)
    return (
        "What may be sent to the makers of this tool: nothing, stats only, crash reports only, or both "
        f"(default: {default_level}; environment variable: {variable})."
    )


def is_right(given: str | None, app: str | None, env_var: str | None) -> bool:
    """Whether the telemetry level is one; False where install() has said already what is wrong with it.

    Without the flag it is what install() has found: the variable and the saved choice are read once.

    Args:
        given: The value of the flag, or None.
        app: The tool.
        env_var: Its variable, where it names one.

    Raises:
        TelemetryLevelError: It is none.
    """
    config = current_config()
    if given is not None or config is None or app not in (None, config.app):
        telemetry_level.resolve(given, app=app, env_var=env_var)
        return True
    level = config.level
    # A wrong machine's choice is not the user's to correct, nor is a file that another user has closed. A
    # flag that the parser has not found is no flag.
    nobodys = level.source in (telemetry_level.MACHINE, telemetry_level.FLAG)
    is_closed = level.path is not None and not os.access(level.path, os.R_OK)
    return config.plugin is not None or level.problem is None or nobodys or is_closed


def add_telemetry_level(
    parser: argparse.ArgumentParser,
    *,
    app: str | None = None,
    env_var: str | None = None,
    default_level: str = telemetry_level.DEFAULT,
) -> None:
    """Add `--telemetry-level` to a parser; its subcommands take the option too.

    The parsed value is the user's value or None, as `install(telemetry_level=...)` takes it. A wrong value
    ends the program with status 2 and one message. That holds for the flag, and without the flag for the
    environment and the saved choice.

    A report then holds the names of the subcommand and of the options that were given, as the parser declares
    them, and no value.

    Args:
        parser: The outermost parser.
        app: The tool's name: it names the variable and the saved choice.
        env_var: The variable in which users of this tool set their telemetry level, where `install()` names
            one too.
        default_level: The one that `install()` is given.
    """
    found: dict[int, str] = {}  # by the depth of a parser: of several values in one place the last counts

    def checked(value: str, depth: int) -> str | None:
        given = None if value is _NOT_GIVEN else value
        try:
            if not is_right(given, app, env_var):
                parser.exit(2)
        except TelemetryLevelError as error:
            # None in place of the action, whose name argparse would put in front: the text names the source.
            raise argparse.ArgumentError(None, str(error)) from None
        if given is None:
            return None
        found[depth] = given
        lowest = functools.reduce(telemetry_level.lower, found.values())
        current_client().parsed = (app, lowest)
        return lowest

    def add(to: argparse.ArgumentParser, default: str, help: str, depth: int) -> None:  # noqa: A002 (argparse's name)
        metavar = "{" + ",".join(telemetry_level.CHOICES) + "}"
        kind = functools.partial(checked, depth=depth)
        to.add_argument(_OPTION, metavar=metavar, default=default, type=kind, help=help)

    def add_below(outer: argparse.ArgumentParser, depth: int) -> None:
        for action in outer._actions:  # argparse has no public way to its subparsers
            if isinstance(action, argparse._SubParsersAction):
                for subparser in action.choices.values():
                    theirs = subparser._option_string_actions.get(_OPTION)
                    if theirs is None:
                        add(subparser, argparse.SUPPRESS, argparse.SUPPRESS, depth)
                    elif theirs.default is _NOT_GIVEN:  # ours, by a call for the subparser
                        theirs.default = argparse.SUPPRESS  # else it would hide what was given before
                        theirs.type = functools.partial(checked, depth=depth)
                    add_below(subparser, depth + 1)

    def begin() -> None:
        found.clear()
        current_client().parsed = None
        add_below(parser, 1)

    add(parser, _NOT_GIVEN, help_text(app, env_var, default_level), 0)
    keep_arguments(parser, begin)


def add_telemetry_commands(
    subparsers: "argparse._SubParsersAction[Any]", *, app: str, name: str = "telemetry"
) -> None:
    """Make crashguard's commands commands of the tool: `mytool telemetry status`, `level`, `show` and others.

    They are about this tool alone. The note after a crash names them in place of `crashguard`. In a tool that
    uses argcomplete, a shell completes them, and the ids of its reports.

    Args:
        subparsers: What the parser's `add_subparsers()` returned.
        app: The tool's name, as `install()` has it.
        name: The name of the command that has them below it.
    """
    mounted = subparsers.add_parser(name, help=MOUNTED_HELP, add_help=False)
    current_client().mounted = lambda *_: _place(mounted, subparsers)
    current_client().say_due()
    parse = mounted.parse_known_args

    def offered(prefix: str, parsed_args: argparse.Namespace, **_: Any) -> dict[str, str]:
        from crashguard.cli import mounted as commands

        before = getattr(parsed_args, "arguments", None) or ()
        found = commands.completions(app, mounted.prog, before, prefix)
        return {str(each.value): each.help or "" for each in found}

    def run(args: Sequence[str] | None = None, namespace: Any = None) -> Any:
        if "_ARGCOMPLETE" in os.environ:  # it parses what is typed so far, which must not run meanwhile
            return parse(args, namespace)
        from crashguard.cli import mounted as commands

        return commands.run(app, mounted.prog, args or ())

    typed = mounted.add_argument("arguments", nargs=argparse.REMAINDER)
    typed.completer = offered  # argcomplete's
    mounted.parse_known_args = run


def _place(mounted: argparse.ArgumentParser, subparsers: "argparse._SubParsersAction[Any]") -> str | None:
    """The names of the command after the tool's own; None where more arguments stand between them.

    A parser below another one does not know it. Its usage does: `mytool admin telemetry`.
    """
    arguments = current_client().arguments
    root = argparse.ArgumentParser().prog if arguments is None else arguments[0].prog
    beside = getattr(getattr(subparsers, "container", None), "_actions", ())
    if any(each.required and each is not subparsers for each in beside):
        return None
    words = mounted.prog
    return words[len(root) + 1 :] if words.startswith(f"{root} ") else words.partition(" ")[2] or None


def keep_arguments(parser: argparse.ArgumentParser, before: "Callable[[], None] | None" = None) -> None:
    """Keep in memory what a parser is given, for the names in a report of a later crash.

    Args:
        parser: The outermost parser.
        before: Called before it parses, when it has all its subparsers.
    """
    parse = parser.parse_known_args

    def kept(args: Sequence[str] | None = None, *more: Any, **named: Any) -> Any:
        given = list(sys.argv[1:] if args is None else args)
        current_client().arguments = (parser, given)
        if before is not None:
            before()
        return parse(given, *more, **named)

    parser.parse_known_args = kept  # type: ignore[method-assign,assignment]
