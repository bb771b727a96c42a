"""Stats on every command of a click, typer or argparse tool, in one line.

    record_commands(cli)()                  # a click command or group, a typer app
    with recorded_arguments(parser) as args:  # argparse: parses, and records how the block ends
        args.run(args)

A record holds the path of the subcommand by the program's own names, and one of `success`, `error`, `usage`,
`interrupted`: see `crashguard.stats.events`. A call that only showed help, a version or a shell's completion
is not recorded.

Click is not imported here, because typer has a click of its own; both have the same methods.
"""

import argparse
import functools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from crashguard.integrations.argparse import keep_arguments
from crashguard.stats import events, exit_status

_T = TypeVar("_T")
_PATH = "_crashguard_command"


def record_commands(tool: _T) -> _T:
    """Record each run of a click command or group, or of a typer app. Call it after all commands are defined.

    Args:
        tool: The outermost command, or the app.

    Returns:
        The same object.
    """
    if hasattr(tool, "registered_commands"):
        _record_typer(tool)
    else:
        _record_click(tool)
    return tool


@contextmanager
def recorded_arguments(
    parser: argparse.ArgumentParser, args: Sequence[str] | None = None
) -> Iterator[argparse.Namespace]:
    """Parse a command line, and record which subcommand it was and how the block ended.

    Args:
        parser: The outermost parser.
        args: The arguments to parse; those of the program by default.

    Yields:
        The result of `parser.parse_args()`.
    """
    _name_parsers(parser, ())
    keep_arguments(parser)
    try:
        parsed = parser.parse_args(args)
    except SystemExit as error:
        if error.code not in (None, 0):  # otherwise it was --help or --version
            events.command_completed((), exit_status.of(error))
        raise
    path = parsed.__dict__.pop(_PATH, ())
    ended = exit_status.SUCCESS
    try:
        yield parsed
    except BaseException as error:
        ended = exit_status.of(error)
        raise
    finally:
        events.command_completed(path, ended)


def _name_parsers(parser: argparse.ArgumentParser, path: tuple[str, ...]) -> None:
    """Have each subparser write its path into the result; the innermost chosen one writes last."""
    parser.set_defaults(**{_PATH: path})
    named: set[int] = set()
    for action in parser._actions:  # argparse has no public way to its subparsers
        if isinstance(action, argparse._SubParsersAction):
            for name, sub in action.choices.items():
                if id(sub) not in named:  # an alias comes after the name
                    named.add(id(sub))
                    _name_parsers(sub, (*path, name))


class _Running:
    """One run of a click command, from its command line to its end."""

    __slots__ = ("ended", "only_asked", "path")

    def __init__(self) -> None:
        self.path: list[str] = []
        self.ended: BaseException | None = None
        self.only_asked = False


def _record_click(root: Any) -> None:
    main = root.main
    running: list[_Running] = []

    @functools.wraps(main)
    def recorded(*args: Any, **options: Any) -> Any:
        run = _Running()
        running.append(run)
        try:
            return main(*args, **options)
        except BaseException as error:
            # main() turns an exception into an exit status; `_watch` has seen the exception itself.
            run.ended = run.ended or error
            raise
        finally:
            running.pop()
            if not run.only_asked:
                events.command_completed(run.path, exit_status.of(run.ended))

    _watch(root, running, is_root=True)
    root.main = recorded


def _watch(command: Any, running: list[_Running], *, is_root: bool) -> None:
    """Wrap a command's parsing and running, to see its path and its exception."""
    if getattr(command, "_crashguard_watched", None) is running:
        return
    command._crashguard_watched = running
    make_context, invoke = command.make_context, command.invoke

    @functools.wraps(make_context)
    def parse(info_name: str | None, *args: Any, **options: Any) -> Any:
        run = running[-1] if running else _Running()
        if not is_root:
            run.path = [*_path_above(options.get("parent")), str(command.name or info_name or "")]
        try:
            return make_context(info_name, *args, **options)
        except BaseException as error:
            # --help and --version end the program while options are parsed.
            run.only_asked = exit_status.of_click(error) == exit_status.SUCCESS
            run.ended = run.ended or error
            raise

    @functools.wraps(invoke)
    def call(context: Any) -> Any:
        run = running[-1] if running else _Running()
        try:
            return invoke(context)
        except BaseException as error:
            run.ended = run.ended or error
            raise

    command.make_context, command.invoke = parse, call
    if hasattr(command, "get_command"):
        _watch_children(command, running)


def _watch_children(group: Any, running: list[_Running]) -> None:
    """Watch subcommands as the group finds them: some groups load theirs late."""
    get_command = group.get_command

    @functools.wraps(get_command)
    def find(context: Any, name: str) -> Any:
        found = get_command(context, name)
        if found is not None:
            _watch(found, running, is_root=False)
        return found

    group.get_command = find


def _path_above(context: Any) -> list[str]:
    """The names of the groups that a command stands in, without the tool itself."""
    names: list[str] = []
    while context is not None and context.parent is not None:
        names.insert(0, str(context.command.name or context.info_name or ""))
        context = context.parent
    return names


def _record_typer(app: Any) -> None:
    """Typer makes a new click command at each call; have it make one that records."""
    import typer.core  # type: ignore[import-not-found,unused-ignore]  # it is the tool that brings it

    app.info.cls = _recording(_given(app.info.cls) or typer.core.TyperGroup)
    if len(app.registered_commands) == 1:  # an app of one command has no group
        [only] = app.registered_commands
        only.cls = _recording(_given(only.cls) or typer.core.TyperCommand)


def _given(cls: Any) -> Any:
    return cls if isinstance(cls, type) else getattr(cls, "value", None)


def _recording(cls: Any) -> Any:
    """A class of commands each of which records, when it is the outermost one."""

    class Recording(cls):  # type: ignore[misc]  # typer need not be installed where this is checked
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            _record_click(self)

    Recording.__name__ = Recording.__qualname__ = cls.__name__
    return Recording


__all__: list[str] = ["record_commands", "recorded_arguments"]
