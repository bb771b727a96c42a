"""A no that only this run knows, in the tool's variable, for the processes that the program starts.

A child process does not see the flag of its parent. So install() puts the lower telemetry level into the
tool's own variable (`MYTOOL_TELEMETRY_LEVEL`) in this process, and `subprocess` and its kin hand it on. It
sets no value that allows more than the child would allow by itself. What is left where only a part was taken
away is no yes: a second variable says so, and the child asks the saved choice and the rest again. A child
that the program gives an environment of its own gets it by `child_environment()`.

This module is imported only where the flag, or another switch of the tool, was given, and in hosts.
"""

import os

from crashguard import telemetry_level
from crashguard.client import current_config

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from crashguard.config import Config
    from crashguard.telemetry_level import TelemetryLevel


def hand_over(config: "Config") -> None:
    """Set the tool's variable, if a child process would be allowed more than this one."""
    by_itself = telemetry_level.resolve(
        app=config.app, env_var=config.variables, default_level=config.default_level, strict=False
    )
    if config.level.problem is not None and config.level.problem == by_itself.problem:
        _set(config, {telemetry_level.SAID: config.level.problem})
        return
    lowered = by_itself.at_most(config.level.value, telemetry_level.FLAG)
    if lowered is by_itself:
        return
    set_ = {config.env_var: lowered.value}
    is_part = lowered.value != "none" and not telemetry_level.is_of_run(config.level.source)
    if is_part and config.plugin is None:
        set_ = passed_on(config.level, config.env_var, config.app)
    _set(config, set_)


def _set(config: "Config", variables: "Mapping[str, str]") -> None:
    config.handed = {name: (value, os.environ.get(name)) for name, value in variables.items()}
    os.environ.update(variables)


def take_back(config: "Config") -> None:
    """Put back what the variables were, unless the program has set them since."""
    handed, config.handed = config.handed, {}
    for name, (value, before) in handed.items():
        if os.environ.get(name) != value:
            continue
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


def passed_on(level: "TelemetryLevel", name: str, app: str) -> dict[str, str]:
    """The variables by which a host tells its plugin's process a telemetry level.

    Args:
        level: The host's telemetry level.
        name: The host's variable.
        app: The host, named where the plugin has to ask again whether the saved choice still allows as much.
    """
    return {
        name: level.value,
        telemetry_level.HANDED: name if telemetry_level.is_of_run(level.source) else f"{name} {app}",
    }


def child_environment(environ: "Mapping[str, str] | None" = None) -> dict[str, str]:
    """The environment for a plugin's process, with the telemetry level that was resolved here.

    A telemetry level from the command-line flag reaches the plugin in no other way.

    Args:
        environ: The variables to start from; `os.environ` by default.
    """
    handed = dict(os.environ if environ is None else environ)
    config = current_config()
    if config is not None:
        handed.update(passed_on(config.level, config.env_var, config.app))
    return handed
