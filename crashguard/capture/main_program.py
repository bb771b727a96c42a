"""What the command line says of the telemetry level before it is parsed, and whose command line it is.

It is the tool's own where the code that calls install() is the program that the user started.

This module is imported only where the command line holds `--telemetry-level`, and by `owner`.
"""

import os
import sys

from crashguard import telemetry_level as levels
from crashguard.program import MAIN, SHARED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import FrameType

_PACKAGE = __name__.partition(".capture")[0]
_COMMANDS = ("bin", "scripts")  # folders in which pip puts the commands of a distribution


def typed(arguments: "Iterable[object]") -> list[str]:
    """The values of `--telemetry-level` on a command line that nobody has parsed yet, in their order.

    Nothing counts after `--`. A flag without a value is an empty text. A shortened flag, as argparse takes
    it, counts if one of the four choices follows.

    Args:
        arguments: `sys.argv`, with the program's name.
    """
    values: list[str] = []
    shortened = False
    follows = False  # whether the flag was the last argument
    for argument in arguments:
        if not isinstance(argument, str):
            continue
        if follows:
            follows = False
            if argument in levels.CHOICES or not shortened:
                values.append(argument)
                continue
        name, equals, after = argument.partition("=")
        if name == "--":
            break
        if not name.startswith("--tel") or not levels.FLAG.startswith(name):
            continue
        shortened = name != levels.FLAG
        if not equals:
            follows = True
        elif after in levels.CHOICES or not shortened:
            values.append(after)
    return [*values, ""] if follows and not shortened else values


def is_caller(frame: "FrameType | None") -> bool:
    """Whether a frame, or the first one above it that is not of this package, belongs to the main program.

    It does where it runs as the main module, in the package of `python -m PACKAGE`, from a file beside or
    below the main module, or where a command that pip made imports its package by name.

    Args:
        frame: Of the code that called install().
    """
    frame = outside(frame)
    if frame is None:
        return False
    name, file = name_of(frame), os.path.realpath(frame.f_code.co_filename)
    return name in MAIN or is_started(name, frame) or is_below(file, folder_of_main())


def outside(frame: "FrameType | None") -> "FrameType | None":
    """The first frame that is not of this package: this one, or one above it."""
    while frame is not None and f"{name_of(frame)}.".startswith(f"{_PACKAGE}."):
        frame = frame.f_back
    return frame


def name_of(frame: "FrameType") -> str:
    """The name of a frame's module."""
    return str(frame.f_globals.get("__name__", ""))


def is_started(name: str, frame: "FrameType | None") -> bool:
    """Whether a module is of the package that `python -m PACKAGE`, or a command that pip made, has started.

    Args:
        name: Its name.
        frame: A frame below which the main program runs.
    """
    spec = getattr(sys.modules.get("__main__"), "__spec__", None)
    if spec is not None and _top(name) == _top(str(spec.name)):
        return True
    folder = folder_of_main()
    if folder.endswith(".exe"):  # on Windows pip's command is a zip file with a program in front
        folder = os.path.dirname(folder)
    return os.path.basename(folder).lower() in _COMMANDS and _top(name) in _imported_by_main(frame)


def folder_of_main() -> str:
    """The folder of the main module's file; empty where it has no file."""
    file = getattr(sys.modules.get("__main__"), "__file__", None)
    return os.path.dirname(os.path.realpath(file)) if isinstance(file, str) else ""


def is_below(file: str, folder: str) -> bool:
    """Whether a file lies in a folder or below, and not among the libraries that may lie there, too."""
    below = file[len(folder) :]
    return bool(folder) and file.startswith(folder + os.sep) and not any(name in below for name in SHARED)


def _top(name: str) -> str:
    return name.partition(".")[0]


def _imported_by_main(frame: "FrameType | None") -> set[str]:
    """The packages that the main module's code on this stack imports by name."""
    names: set[str] = set()
    while frame is not None:
        if name_of(frame) in MAIN:
            names.update(map(_top, frame.f_code.co_names))
        frame = frame.f_back
    return names
