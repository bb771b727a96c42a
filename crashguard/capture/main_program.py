"""Whether the code that calls install() is the program that the user started, so that `sys.argv` is its own.

This module is imported only where the command line holds `--telemetry-level`, or where a second app calls
install().
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

_PACKAGE = __name__.partition(".capture")[0]
# multiprocessing runs the main module once more in a child process, under the second name.
_MAIN = ("__main__", "__mp_main__")
_LIBRARIES = ("site-packages", "dist-packages")
_COMMANDS = ("bin", "scripts")  # folders in which pip puts the commands of a distribution


def is_caller(frame: "FrameType | None") -> bool:
    """Whether a frame, or the first one above it that is not of this package, belongs to the main program.

    It does where it runs as the main module, in the package of `python -m PACKAGE`, from a file beside or
    below the main module, or where a command that pip made imports its package by name.

    Args:
        frame: Of the code that called install().
    """
    while frame is not None and f"{_name(frame)}.".startswith(f"{_PACKAGE}."):
        frame = frame.f_back
    return frame is not None and is_part(_name(frame), frame.f_code.co_filename, frame)


def is_part(name: str, code_file: str, frame: "FrameType") -> bool:
    """Whether a module belongs to the main program.

    Args:
        name: Its name.
        code_file: Its file.
        frame: A frame below which the main program runs.
    """
    if name in _MAIN:
        return True
    main = sys.modules.get("__main__")
    spec = getattr(main, "__spec__", None)
    if spec is not None and _top(name) == _top(str(spec.name)):
        return True
    file = getattr(main, "__file__", None)
    if not isinstance(file, str):
        return False
    folder = os.path.dirname(os.path.realpath(file))
    if _is_below(os.path.realpath(code_file), folder):
        return True
    if folder.endswith(".exe"):  # on Windows pip's command is a zip file with a program in front
        folder = os.path.dirname(folder)
    return os.path.basename(folder).lower() in _COMMANDS and _top(name) in _imported_by_main(frame)


def _name(frame: "FrameType") -> str:
    return str(frame.f_globals.get("__name__", ""))


def _top(name: str) -> str:
    return name.partition(".")[0]


def _is_below(file: str, folder: str) -> bool:
    """Whether a file lies in a folder or below, and not among the libraries that may lie there, too."""
    below = file[len(folder) :]
    return file.startswith(folder + os.sep) and not any(name in below for name in _LIBRARIES)


def _imported_by_main(frame: "FrameType | None") -> set[str]:
    """The packages that the main module's code on this stack imports by name."""
    names: set[str] = set()
    while frame is not None:
        if _name(frame) in _MAIN:
            names.update(map(_top, frame.f_code.co_names))
        frame = frame.f_back
    return names
