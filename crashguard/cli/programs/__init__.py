"""Programs that crash: each is run as a script, in a process of its own."""

import os
import sys

from crashguard.transport import spawn


def path_of(name: str) -> str:
    """The file of a program."""
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), f"{name}.py")


def why_none() -> str | None:
    """Why no program can be run from here; None where one can."""
    if spawn.interpreter() is not None:
        return None
    return f"{os.path.basename(sys.executable)} holds no Python interpreter that could run another program"


def environment() -> dict[str, str]:
    """This process's environment, in which the program imports the same crashguard."""
    package = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    paths = [package, *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in paths if path)}
