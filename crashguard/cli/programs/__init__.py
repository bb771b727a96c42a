"""Programs that crash: each is run as a script, in a process of its own."""

import os


def path_of(name: str) -> str:
    """The file of a program."""
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), f"{name}.py")


def environment() -> dict[str, str]:
    """This process's environment, in which the program imports the same crashguard."""
    package = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    paths = [package, *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in paths if path)}
