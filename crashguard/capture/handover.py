"""A no that only this run knows, in the tool's variable, for the processes that the program starts.

A child process does not see the flag of its parent. So install() puts the lower telemetry level into the
tool's own variable (`MYTOOL_TELEMETRY_LEVEL`) in this process, and `subprocess` and its kin hand it on. It
sets no other variable, and no value that allows more than the child would allow by itself. A child that the
program gives an environment of its own gets it by `child_environment()`.

This module is imported only where the flag, or another switch of the tool, was given.
"""

import os

from crashguard import telemetry_level

TYPE_CHECKING = False
if TYPE_CHECKING:
    from crashguard.config import Config


def hand_over(config: "Config") -> None:
    """Set the tool's variable, if a child process would be allowed more than this one."""
    by_itself = telemetry_level.resolve(
        app=config.app, env_var=config.variables, default_level=config.default_level, strict=False
    )
    lowered = by_itself.at_most(config.level.value, telemetry_level.FLAG)
    if lowered is not by_itself:
        config.handed = (config.env_var, lowered.value, os.environ.get(config.env_var))
        os.environ[config.env_var] = lowered.value


def take_back(config: "Config") -> None:
    """Put back what the variable was, unless the program has set it since."""
    if config.handed is not None:
        name, value, before = config.handed
        config.handed = None
        if os.environ.get(name) != value:
            return
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
