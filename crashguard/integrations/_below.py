"""`--telemetry-level` after a subcommand of click's or Typer's: `mytool sync --telemetry-level none`.

A group that has the option offers it to its subcommands, as it finds them: some groups load theirs late. The
value is taken at once, because the group's function has run before it is read, and the subcommand's need not
hand it over. Of the values at several places the lowest counts.

Click is not imported here, because Typer has a click of its own; both have the same methods.
"""

import copy
import functools
from typing import Any

from crashguard import capture, telemetry_level
from crashguard.client import current_client
from crashguard.exceptions import TelemetryLevelError
from crashguard.integrations.argparse import is_right

OPTION = telemetry_level.FLAG
METAVAR = "[" + "|".join(telemetry_level.CHOICES) + "]"

_NAME = "crashguard_telemetry_level"  # another than that of a parameter of the tool
_OFFERS = "_crashguard_offers"
_LOWEST = "crashguard.telemetry_level"  # in what click keeps for a command line


def checked(context: Any, value: str | None, app: str | None, env_var: str | None) -> str | None:
    """The value of the option on the command to which the tool gave it; its subcommands take it from now on.

    Args:
        context: The context of the command.
        value: What the user typed; None without the option.
        app: The tool.
        env_var: The variable in which its users set their telemetry level, where it names one.
    """
    check = functools.partial(_counted, app=app, env_var=env_var)
    if hasattr(context.command, "get_command"):
        [option] = (each for each in context.command.params if OPTION in each.opts)
        _offer_below(context.command, option, check)
    return check(context, value)


def _counted(context: Any, value: str | None, *, app: str | None, env_var: str | None) -> str | None:
    """The lowest value of the option up to here; one after a subcommand counts at once.

    A value that is wrong, or that of another source, ends the program with status 2 and one message.
    """
    if context.resilient_parsing:  # a shell asks for completions
        return value
    try:
        is_well = is_right(value, app, env_var)
    except TelemetryLevelError as error:
        context.fail(str(error))
    if not is_well:
        context.exit(2)
    above = context.meta.setdefault(_LOWEST)  # one for the whole command line
    if value is not None:
        context.meta[_LOWEST] = value if above is None else telemetry_level.lower(above, value)
    lowest: str | None = context.meta[_LOWEST]
    current_client().parsed = None if lowest is None else (app, lowest)
    if value is not None and lowest is not None and context.parent is not None:
        capture.take_telemetry_level(lowest, app)
    return lowest


def _offer_below(group: Any, option: Any, check: Any) -> None:
    if getattr(group, _OFFERS, False):
        return
    setattr(group, _OFFERS, True)
    get_command = group.get_command

    @functools.wraps(get_command)
    def find(context: Any, name: str) -> Any:
        found = get_command(context, name)
        if found is not None and not _hands_on(found):
            _offer(found, option, check)
        return found

    group.get_command = find


def _hands_on(command: Any) -> bool:
    """Whether a command takes options that it does not know, as those of another program."""
    settings = command.context_settings or {}
    return bool(settings.get("ignore_unknown_options", command.ignore_unknown_options))


def _offer(command: Any, option: Any, check: Any) -> None:
    if not any(OPTION in each.opts for each in command.params):
        below = copy.copy(option)
        below.name, below.hidden, below.expose_value = _NAME, True, False
        below.callback = functools.partial(_taken, check=check)
        command.params.append(below)
    if hasattr(command, "get_command"):
        _offer_below(command, option, check)


def _taken(context: Any, _option: Any, value: str | None, *, check: Any) -> None:
    if value is not None:
        check(context, value)
