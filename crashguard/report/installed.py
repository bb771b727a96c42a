"""What stands on the stack, as it was installed: distributions and versions, the installer, source lines.

A frame's module has a file. The folder that the file was installed into holds a `*.dist-info` folder for each
distribution, whose name tells name and version and whose RECORD lists the files with their hashes. Source:
the packaging specification "Recording installed projects". `importlib.metadata` gives the same answers and
costs more than the rest of a crash, so the few files are read by hand, each to a bound.

Source lines are told of a file only if its hash is that of RECORD: then it is the file that was published,
and holds nothing of the user's.
"""

import binascii
import os
import sys

from crashguard import report

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    Read = Callable[[str, int], bytes]

_MOST_MODULES = 50
_MOST_RECORD = 2_000_000  # bytes
_MOST_SEARCHED = 60  # distributions whose RECORD is looked into for one module
_MOST_OF_SEARCHED = 16_000  # bytes of each of them
_MOST_SOURCE = 500_000  # bytes of one file
_MOST_SOURCE_FILES = 8
_MOST_SOURCE_FRAMES = 8  # scrubbing the lines of one takes half a millisecond
_AROUND = 5  # lines before and after
_LONGEST_LINE = 200
INSTALLERS = ("pip", "uv", "conda", "poetry", "pdm", "debian", "rpm")


class Distribution:
    """One installed distribution.

    Attributes:
        folder: Its `*.dist-info` folder.
        name: Its name as the folder spells it.
        version: Its version.
    """

    __slots__ = ("folder", "name", "record", "version")

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.name, _, self.version = os.path.basename(folder).removesuffix(".dist-info").partition("-")
        self.record: bytes | None = None  # read when it is first asked for


class Installed:
    """Looks up distributions for the frames of one report.

    Args:
        read: Reads a file up to a number of bytes, and raises OSError where it cannot.
        since: When this process started, in seconds since 1970. A file that changed later is not what runs.
    """

    def __init__(self, read: "Read", since: float) -> None:
        self._read = read
        self._since = since
        self._folders: dict[str, dict[str, Distribution]] = {}
        self._of_file: dict[str, Distribution | None] = {}
        self._lines: dict[str, list[str] | None] = {}
        self._own: Distribution | None = None

    def modules(self, values: "list[dict[str, Any]]") -> "dict[str, str]":
        """Name and version of each distribution that named frames stand in.

        Args:
            values: The values of the exceptions.
        """
        found: dict[str, str] = {}
        for frame in _named_frames(values):
            if len(found) >= _MOST_MODULES:
                break
            path, filename = _file_of(frame)
            distribution = self._distribution(path, filename) if path else None
            if distribution is None and frame["in_app"]:
                distribution = self._own or self._editable(filename)
            if distribution is not None:
                found[distribution.name[: report.MOST_NAME]] = distribution.version[: report.MOST_NAME]
                if frame["in_app"]:
                    self._own = distribution
        return dict(sorted(found.items()))

    def installer(self) -> str | None:
        """What installed the tool, after `modules`; None for a program that was not installed."""
        if self._own is None:
            return None
        if _is_editable(self._text(self._own, "direct_url.json")):
            return "editable"
        name = self._text(self._own, "INSTALLER").strip().decode("ascii", "replace").lower()
        for receipt, manager in (("pipx_metadata.json", "pipx"), ("uv-receipt.toml", "uv")):
            if os.path.exists(os.path.join(sys.prefix, receipt)):
                return manager
        if name in ("debian", "rpm") or (not name and "dist-packages" in self._own.folder):
            return "system"
        return name if name in INSTALLERS else "other"

    def add_source_lines(self, values: "list[dict[str, Any]]") -> None:
        """Give the frames of the tool's own published files their lines, innermost first."""
        left = _MOST_SOURCE_FRAMES
        for value in reversed(values):
            for frame in reversed(value.get("stacktrace", {}).get("frames", ())):
                if left <= 0:
                    return
                if frame["in_app"] and "module" in frame and "lineno" in frame:
                    lines = self._source(*_file_of(frame))
                    if lines is not None and frame["lineno"] <= len(lines):
                        left -= 1
                        _add_lines(frame, lines)

    def _source(self, path: str, filename: str) -> list[str] | None:
        """The lines of a file that is as it was published; None for any other."""
        if path in self._lines:
            return self._lines[path]
        if not path or len(self._lines) >= _MOST_SOURCE_FILES:
            return None
        lines = None
        distribution = self._distribution(path, filename)
        if distribution is not None:
            try:
                data = self._read(path, _MOST_SOURCE + 1)
                listed = f"\n{filename},sha256={_hash(data)},".encode()
                unchanged = os.stat(path).st_ctime <= self._since
                if unchanged and len(data) <= _MOST_SOURCE and listed in self._record_of(distribution):
                    lines = data.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n").split("\n")
            except (OSError, ValueError):
                pass
        self._lines[path] = lines
        return lines

    def _distribution(self, path: str, filename: str) -> Distribution | None:
        """The distribution that installed a file.

        Args:
            path: The path of the file.
            filename: The part of it that RECORD lists, after the folder of the installation.
        """
        if path in self._of_file:
            return self._of_file[path]
        self._of_file[path] = found = self._search(self._beside(path[: -len(filename) - 1]), filename)
        return found

    def _search(self, beside: "dict[str, Distribution]", filename: str) -> Distribution | None:
        listed = f"\n{filename},".encode()
        likely = list(_by_likelihood(beside, filename))
        for each in likely:
            if listed in self._record_of(each):
                return each
        for each in likely:  # a system's packages may have no RECORD
            top = _normalised(filename.partition("/")[0])
            if _normalised(each.name) == top and self._record_of(each) == b"":
                return each
        for each in list(beside.values())[:_MOST_SEARCHED]:
            if listed in self._record_of(each, _MOST_OF_SEARCHED):
                return each
        return None

    def _editable(self, filename: str) -> Distribution | None:
        """The distribution of a file of the tool's that lies in a checkout: found by its name alone."""
        for entry in sys.path:
            if type(entry) is str and entry.endswith(("site-packages", "dist-packages")):
                for each in _by_likelihood(self._beside(entry), filename):
                    if _is_editable(self._text(each, "direct_url.json")):
                        return each
        return None

    def _beside(self, folder: str) -> "dict[str, Distribution]":
        """The distributions of a folder, by normalised name."""
        if folder not in self._folders:
            try:
                names = os.listdir(folder)
            except OSError:
                names = []
            found = [
                Distribution(os.path.join(folder, name)) for name in names if name.endswith(".dist-info")
            ]
            self._folders[folder] = {_normalised(each.name): each for each in found if each.version}
        return self._folders[folder]

    def _record_of(self, distribution: Distribution, most: int = _MOST_RECORD) -> bytes:
        if distribution.record is None:
            try:
                record = b"\n" + self._read(os.path.join(distribution.folder, "RECORD"), most)
            except OSError:
                record = b""
            if len(record) > most:
                return record  # a piece of it
            distribution.record = record
        return distribution.record

    def _text(self, distribution: Distribution, name: str) -> bytes:
        try:
            return self._read(os.path.join(distribution.folder, name), 1_000)
        except OSError:
            return b""


def _named_frames(values: "list[dict[str, Any]]") -> "Iterator[dict[str, Any]]":
    for value in reversed(values):
        for frame in reversed(value.get("stacktrace", {}).get("frames", ())):
            module, filename = frame.get("module"), frame["filename"]
            if module is None or filename[:1] == "<":
                continue
            if module.partition(".")[0] not in sys.stdlib_module_names and (
                module != "__main__" or "/" in filename
            ):
                yield frame


def _file_of(frame: "dict[str, Any]") -> tuple[str, str]:
    """(path of a frame's file, the part of it that the frame tells); ("", "") where they do not agree."""
    path = getattr(sys.modules.get(frame["module"]), "__dict__", {}).get("__file__")
    filename = frame["filename"]
    if type(path) is not str or not path.replace("\\", "/").endswith("/" + filename):
        return "", ""
    return path, filename


def _by_likelihood(beside: "dict[str, Distribution]", filename: str) -> "Iterator[Distribution]":
    """The distributions whose names resemble that of a module: equal first, then those that contain it."""
    parts = [_normalised(part.removesuffix(".py")) for part in filename.split("/")[:4]]
    equal = ["-".join(parts[:count]) for count in range(len(parts), 0, -1)]
    yield from (beside[name] for name in equal if name in beside)
    yield from (each for name, each in beside.items() if parts[0] in name and name not in equal)


def _is_editable(direct_url: bytes) -> bool:
    return b'"editable":true' in direct_url.replace(b" ", b"")


def _normalised(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def _hash(data: bytes) -> str:
    """The SHA-256 of a file as RECORD spells it. hashlib would load OpenSSL; what is below it is small."""
    try:
        from _sha2 import sha256  # type: ignore[import-not-found]  # CPython 3.12 and later
    except ImportError:
        try:
            from _sha256 import sha256  # type: ignore[import-not-found]  # CPython 3.11
        except ImportError:
            from hashlib import sha256
    digest = binascii.b2a_base64(sha256(data).digest(), newline=False)
    return digest.decode("ascii").rstrip("=").replace("+", "-").replace("/", "_")


def _add_lines(frame: "dict[str, Any]", lines: list[str]) -> None:
    at = frame["lineno"] - 1
    frame["pre_context"] = [line[:_LONGEST_LINE] for line in lines[max(0, at - _AROUND) : at]]
    frame["context_line"] = lines[at][:_LONGEST_LINE]
    frame["post_context"] = [line[:_LONGEST_LINE] for line in lines[at + 1 : at + 1 + _AROUND]]
