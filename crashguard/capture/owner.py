"""Which of two apps that call install() in one process owns it: the tool, and not a library of the tool's.

What a caller is, is seen from where its code lies:

    MAIN       the main script itself
    BESIDE     the package that was started (`python -m`, pip's command), and what lies beside the main script
    BELOW      what lies below the main script, in a folder of its own on `sys.path`
    LIBRARY    everything else: installed packages, and what lies in a folder for the code of others

The one that is nearer to the main script is the tool. Of two that are equally near, the first one is if it
has called or imported the second one; else the later one is.

This module is imported where a second app calls install().
"""

import os
import sys

from crashguard import files
from crashguard.capture import main_program
from crashguard.program import MAIN as MAIN_NAMES
from crashguard.program import SHARED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

    from crashguard.client import Client

_LIBRARY, _BELOW, _BESIDE, _MAIN = range(4)
# Folders in which tools keep the code of others, beside those that pip installs into.
_OF_OTHERS = {
    *SHARED,
    *("vendor", "vendors", "vendored", "thirdparty", "3rdparty", "third-party", "third-parties"),
    *("third_party", "third_parties", "lib", "libs", "deps", "dependencies"),
    *("extern", "external", "externals"),
}
_MOST_RECORD = 10_000_000  # bytes of the list of a distribution's files


def takes_over(client: "Client", app: str, caller: "FrameType") -> bool:
    """Whether a second app becomes the owner of this process. If not, one line on stderr says so once.

    Args:
        client: The client of this process, with the settings of the first app.
        app: The second app.
        caller: The frame that called install() for it.
    """
    assert client.config is not None  # noqa: S101 (the caller has looked)
    frame = main_program.outside(caller) or caller
    first = _Module(*client.installer)
    second = _Module(main_program.name_of(frame), frame.f_code.co_filename)
    if first.unit == second.unit:
        return True
    nearer = second.nearness(frame) - first.nearness(frame)
    if nearer > 0 or (nearer == 0 and not first.is_on_stack(frame)):
        return True
    if app in client.refused:
        return False
    client.refused = (*client.refused, app)
    try:
        sys.stderr.write(
            f"crashguard: install(app={app!r}) has no effect: the crashes of this program are those of "
            f"{client.config.app}; a library uses crashguard.guard(plugin=...)\n"
        )
    except Exception:  # noqa: BLE001, S110 (stderr may be None or closed: then nothing can be said)
        pass
    return False


class _Module:
    """A module that has called install().

    Args:
        name: Its name.
        file: Its file, as its code names it.

    Attributes:
        unit: The package that it is a part of: the outermost one, or one that lies in another as a library.
    """

    __slots__ = ("_file", "_name", "unit")

    def __init__(self, name: str, file: str) -> None:
        self._name = name
        self._file = os.path.realpath(file)
        parts = name.split(".")
        inner = max((n for n, part in enumerate(parts[:-1], 1) if _is_of_others(part)), default=0)
        self.unit = ".".join(parts[: inner + 1])

    def nearness(self, frame: "FrameType") -> int:
        """How near to the main script it lies.

        Args:
            frame: A frame below which the main program runs.
        """
        if self._name in MAIN_NAMES:
            return _MAIN
        if "." in self.unit:
            return _LIBRARY
        if main_program.is_started(self._name, frame):
            return _BESIDE
        folder = main_program.folder_of_main()
        if not main_program.is_below(self._file, folder):
            return _LIBRARY
        root = self._root()
        if any(map(_is_of_others, root[len(folder) :].split(os.sep))) or _is_installed(root, self.unit):
            return _LIBRARY
        return _BESIDE if root == folder else _BELOW

    def is_on_stack(self, frame: "FrameType | None") -> bool:
        """Whether a module of its unit runs: in this frame or above it."""
        while frame is not None:
            if f"{main_program.name_of(frame)}.".startswith(f"{self.unit}."):
                return True
            frame = frame.f_back
        return False

    def _root(self) -> str:
        """The folder that it was imported from."""
        folder = os.path.dirname(self._file)
        if os.path.basename(self._file) == "__init__.py":
            folder = os.path.dirname(folder)
        for _ in range(self._name.count(".")):
            folder = os.path.dirname(folder)
        return folder


def _is_of_others(folder: str) -> bool:
    return folder.lower().strip("_") in _OF_OTHERS


def _is_installed(root: str, top: str) -> bool:
    """Whether an installer has put a package into a folder: `pip install --target`."""
    try:
        names = os.listdir(root)
    except OSError:  # an archive
        return False
    for name in names:
        if name.endswith(".dist-info"):
            try:
                listed = files.read(os.path.join(root, name, "RECORD"), _MOST_RECORD, links=True).decode()
            except (OSError, ValueError):
                continue
            if any(line.startswith((f"{top}/", f"{top}.py,")) for line in listed.splitlines()):
                return True
    return False
