"""The subcommand that ran and the names of the options that were given: never a value, never an argument.

A name comes from the parser's own declarations, and what the user typed is only compared with them. It is
told only if the tool has written it (`declared`). Click and Typer keep a context for each command on the
stack of calls. Argparse keeps nothing, so `integrations.argparse` keeps the parser and what it was given, and
the command line is read a second time here.
"""

from crashguard.frames import locals_of
from crashguard.report import running

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import FrameType, TracebackType
    from typing import Any

    from crashguard.report.declared import Declared

SOMEBODYS = "<external>"  # in the place of a name that is not the tool's

_CLICKS = ("click.core", "typer._click.core")  # typer has one of its own
_MRO, _DICT = vars(type)["__mro__"].__get__, vars(type)["__dict__"].__get__
_GETSET = type(vars(BaseException)["__dict__"])
_RUNNERS = ("invoke", "make_context", "parse_args", "main")  # methods of a click command
_MOST_NAMES = 30
_LONGEST_NAME = 40

Command = tuple[list[str], list[str]]  # the path of the subcommand, the options


def find(
    tracebacks: "Iterable[TracebackType | None]",
    arguments: "tuple[Any, Sequence[str]] | None",
    declared: "Declared | None" = None,
) -> Command | None:
    """The subcommand by its path, and the options; None where no parser is known.

    Args:
        tracebacks: Of the exceptions of the crash.
        arguments: A parser of argparse, and the arguments that it was given.
        declared: What the tool itself has written. None where all names may be shown, because the person who
            typed them reads them.
    """
    try:
        context = _click_context(tracebacks)
        if context is not None:
            return _of_click(context, declared)
        if arguments is None:
            return None
        path, options = of_arguments(*arguments)
        return [_told(each, declared) for each in path], _once([_told(each, declared) for each in options])
    except Exception:  # noqa: BLE001 (a parser of an unknown make; the crash is reported without it)
        return None


# ---- click


def _click_context(tracebacks: "Iterable[TracebackType | None]") -> object:
    """The context of the innermost click command: of a traceback, or of what runs at this moment."""
    for traceback in tracebacks:
        tb, found = traceback, None
        while tb is not None:
            found = context_in(tb.tb_frame) or found
            tb = tb.tb_next
        if found is not None:
            return found
    for frame in running.frames():
        found = context_in(frame)
        if found is not None:
            return found
    return None


def context_in(frame: "FrameType") -> object:
    """The context of the click command that a frame runs; None where it runs none."""
    if frame.f_code.co_name in _RUNNERS and frame.f_globals.get("__name__") in _CLICKS:
        return locals_of(frame).get("ctx")
    return None


def _of_click(context: object, declared: "Declared | None") -> Command:
    path: list[str] = []
    options: list[str] = []
    own: Any = _namespace(context)
    while own is not None and len(path) < _MOST_NAMES:
        command = _namespace(own.get("command")) or {}
        above = _namespace(own.get("parent"))
        function = _function_of(command.get("callback"))
        is_told = declared is None or _is_told(function, declared)
        near = function.__code__.co_filename if is_told and type(function) is type(find) else ""
        options[:0] = [
            _told(each, declared, near) if is_told else SOMEBODYS for each in _options_of_click(own, command)
        ]
        if above is not None:
            name = _declared_name(own, command, above)
            path.insert(0, _told(name, declared, near) if is_told else SOMEBODYS)
        own = above
    return path, _once(options)


def _declared_name(own: "dict[str, Any]", command: "dict[str, Any]", above: "dict[str, Any]") -> str:
    """The name under which a group knows its command; the command's own where code of the group finds it."""
    known = (_namespace(above.get("command")) or {}).get("commands")
    typed = own.get("info_name")
    if type(known) is dict and type(typed) is str and known.get(typed) is own.get("command"):
        return _name(typed)
    return _name(command.get("name"))


def _options_of_click(own: "dict[str, Any]", command: "dict[str, Any]") -> list[str]:
    sources = own.get("_parameter_source")
    options = []
    for each in command.get("params") or ():
        declared = _namespace(each) or {}
        source = _namespace(sources.get(declared.get("name"))) if type(sources) is dict else None
        names = _names_as_typed(declared, own.get("params"))
        if source and source.get("_name_") == "COMMANDLINE" and type(names) is list:
            options += [_name(_longest(names))] if names and names[0][:1] in "-/+" else []
    return options


def _names_as_typed(declared: "dict[str, Any]", values: object) -> object:
    """The names of an option: of `--real` or of `--fake` in `--fake/--real`, which its value tells.

    Two flags may set one value to different texts: that of the other one has no name here.
    """
    value = values.get(declared.get("name")) if type(values) is dict else None
    against = declared.get("secondary_opts")
    if value is False and type(against) is list and against:
        return against
    flag = declared.get("flag_value")
    is_other = declared.get("is_flag") is True and type(flag) is type(value) is str and flag != value
    return None if is_other else declared.get("opts")


def _function_of(callback: "Any") -> "Any":
    """The function of a command, under its decorators; None for a group that only has commands."""
    function = type(find)
    for _ in range(_MOST_NAMES):
        below = getattr(callback, "__wrapped__", None) if type(callback) is function else None
        if below is None:
            break
        callback = below
    return callback


def _is_told(function: "Any", declared: "Declared") -> bool:
    if function is None:
        return True
    return type(function) is type(find) and declared.is_code(
        function.__code__.co_filename, function.__globals__
    )


def _namespace(thing: object) -> "dict[str, Any] | None":
    """The attributes that an object itself has, read without its code; None where it keeps them elsewhere."""
    for cls in _MRO(type(thing)):
        getter = _DICT(cls).get("__dict__")
        if getter is not None:
            names = getter.__get__(thing) if type(getter) is _GETSET else None
            return names if type(names) is dict else None
    return None


# ---- argparse


def of_arguments(parser: "Any", arguments: "Sequence[str]") -> Command:
    """What a parser of argparse makes of a command line, in names that it declares.

    Args:
        parser: The outermost parser.
        arguments: What it was given.
    """
    path: list[str] = []
    options: list[str] = []
    while parser is not None and len(path) < _MOST_NAMES:
        parser, name, arguments = _read(parser, arguments, options)
        if name is not None:
            path.append(_name(name))
    return path, _once(options)


def _read(
    parser: "Any", arguments: "Sequence[str]", options: list[str]
) -> "tuple[Any, str | None, Sequence[str]]":
    """Read up to the next subcommand: its parser, its name and the arguments that are left for it."""
    choices, positionals_before = _subcommands_of(parser)
    values_of_option: float = 0
    takes_all = False  # whether these values may look like options
    only_values = False
    for index, word in enumerate(arguments):
        if word == "--" and not only_values:
            only_values, values_of_option = True, 0
            continue
        is_value = only_values or (takes_all and values_of_option > 0)
        given, has_value = ([], False) if is_value else _options_in(parser, word)
        if given:
            options += [_name(_declared(action, word)) for action in given]
            values_of_option = 0 if has_value else _values(given[-1].nargs)
            takes_all = "O" in parser._get_nargs_pattern(given[-1])  # of a fixed number, since 3.12
        elif values_of_option > 0:
            values_of_option -= 1
        elif positionals_before > 0:
            positionals_before -= 1
        elif word in choices:
            below = choices[word]
            declared = next(name for name, each in choices.items() if each is below)  # an alias comes later
            return below, declared, arguments[index + 1 :]
    return None, None, ()


def _subcommands_of(parser: "Any") -> "tuple[dict[str, Any], int]":
    """The parsers of the subcommands by name, and how many arguments stand before the subcommand."""
    before = 0
    for action in parser._actions:
        if hasattr(action, "_name_parser_map"):
            return action._name_parser_map, before
        if not action.option_strings:
            before += _values(action.nargs) if _values(action.nargs) < len(parser._actions) + 100 else 0
    return {}, 0


def _values(nargs: object) -> "Any":
    """How many arguments an option or positional takes, at most."""
    if nargs is None or nargs == "?":
        return 1
    return nargs if type(nargs) is int else float("inf")


def _options_in(parser: "Any", word: str) -> "tuple[list[Any], bool]":
    """The options that a word of the command line names, and whether it holds the value of the last one."""
    known = parser._option_string_actions
    if not word or word[0] not in parser.prefix_chars or " " in word.partition("=")[0]:
        return [], False
    if word in known:
        return [known[word]], False
    head, equals, _ = word.partition("=")
    if equals and head in known:
        return [known[head]], True
    if word[:2] in known:  # -xvf FILE, -fFILE
        return _cluster(known, word)
    if parser.allow_abbrev and len(head) > 2:
        meant = {id(action): action for name, action in known.items() if name.startswith(head)}
        if len(meant) == 1:
            return list(meant.values()), bool(equals)
    return [], False


def _declared(action: "Any", word: str) -> str:
    """The name of an option; of one with a negation (`--no-color`), the one of both that was typed."""
    names = action.option_strings
    if type(action).__name__ == "BooleanOptionalAction":
        typed = word.partition("=")[0]
        names = [name for name in names if len(name) > 2 and name.startswith(typed)] or names
    return _first_long(names)


def _cluster(known: "dict[str, Any]", word: str) -> "tuple[list[Any], bool]":
    given: list[Any] = []
    for position, letter in enumerate(word[1:], start=1):
        action = known.get(word[0] + letter)
        if action is None:
            return given, True
        given.append(action)
        if action.nargs != 0:
            return given, position + 1 < len(word)
    return given, False


# ---- both


def _told(name: str, declared: "Declared | None", near: str = "") -> str:
    return name if declared is None or name == "?" or declared.has(name, near) else SOMEBODYS


def _longest(names: "Sequence[str]") -> str:
    return max(names, key=len)


def _first_long(names: "Sequence[str]") -> str:
    return next((name for name in names if len(name) > 2), names[0])


def _name(name: object) -> str:
    """A declared name, cut to the limit; a stand-in where it holds more than letters, digits and dashes."""
    plain = type(name) is str and all(letter.isalnum() or letter in "-_.:+/" for letter in name)
    return name[:_LONGEST_NAME] if plain and type(name) is str and name else "?"


def _once(names: list[str]) -> list[str]:
    return list(dict.fromkeys(names))[:_MOST_NAMES]
