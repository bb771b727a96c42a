"""What stands on the stack, as it was installed: distributions and versions, the installer, source lines.

A frame's module has a file. The folder that the file was installed into holds a `*.dist-info` folder for each
distribution, whose name tells name and version and whose RECORD lists the files with their hashes. Source:
the packaging specification "Recording installed projects". `importlib.metadata` gives the same answers and
costs more than the rest of a crash. So the distribution of the tool is found here by its name, and those of
libraries by the look-up that has just decided that they may be told (`crashguard.distributions`).

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

    from crashguard.distributions import Distribution

    Read = Callable[[str, int], bytes]

_MOST_MODULES = 50
_MOST_ENTRIES = 20_000  # in one folder, which may be any folder of the user's
_MOST_RECORD = 2_000_000  # bytes
_MOST_SOURCE = 500_000  # bytes of one file
_MOST_SOURCE_FILES = 8
_MOST_SOURCE_FRAMES = 8  # scrubbing the lines of one takes half a millisecond
_AROUND = 5  # lines before and after
_LONGEST_LINE = 200
INSTALLERS = ("pip", "uv", "conda", "poetry", "pdm")


class Installed:
    """Looks up the distributions of the frames of one report.

    Args:
        read: Reads a file up to a number of bytes, and raises OSError where it cannot.
        distribution_of: Finds the distribution of a module, by its name and the folder that it was imported
            from. It is asked where the name of a package does not lead to its distribution.
        since: When this process started, in seconds since 1970. A file that changed later is not what runs.
    """

    def __init__(
        self, read: "Read", distribution_of: "Callable[[str, str], Distribution | None]", since: float
    ) -> None:
        self._read = read
        self._distribution_of = distribution_of
        self._since = since
        self._infos: dict[str, str] = {}  # the `*.dist-info` folder of each file of the tool's own
        self._records: dict[str, bytes] = {}
        self._lines: dict[str, list[str] | None] = {}
        self._own: str | None = None  # the `*.dist-info` folder of the tool; empty where it lies elsewhere

    def modules(self, values: "list[dict[str, Any]]") -> "dict[str, str]":
        """Name and version of each distribution that named frames stand in.

        Args:
            values: The values of the exceptions.
        """
        found: dict[str, str] = {}
        for frame in _named_frames(values):
            path, filename = _file_of(frame)
            if not path or len(found) >= _MOST_MODULES:
                continue
            info = self._info_beside(path, filename) if frame["in_app"] else ""
            if info:
                name, _, version = os.path.basename(info).removesuffix(".dist-info").partition("-")
            else:
                known = self._distribution_of(_name_of(frame), path[: -len(filename)].replace("\\", "/"))
                if known is None:
                    continue
                name, version = known.name, known.version
                info = f"{known.site}{name}-{version}.dist-info"
            found[name[: report.MOST_NAME]] = version[: report.MOST_NAME]
            if frame["in_app"]:
                self._own = self._infos[path] = info
        return dict(sorted(found.items()))

    def installer(self) -> str | None:
        """What installed the tool, after `modules`; None for a program that was not installed."""
        if self._own is None:
            return None
        if not os.path.isdir(self._own) or b'"editable":true' in self._text("direct_url.json").replace(
            b" ", b""
        ):
            return "editable"
        for receipt, manager in (("pipx_metadata.json", "pipx"), ("uv-receipt.toml", "uv")):
            if os.path.exists(os.path.join(sys.prefix, receipt)):
                return manager
        name = self._text("INSTALLER").strip().decode("ascii", "replace").lower()
        if name in ("debian", "rpm") or (not name and "dist-packages" in self._own):
            return "system"
        return name if name in INSTALLERS else "other"

    def add_source_lines(self, values: "list[dict[str, Any]]") -> None:
        """Give the frames of the tool's own published files their lines, innermost first, after `modules`."""
        left = _MOST_SOURCE_FRAMES
        for frame in _named_frames(values):
            if left > 0 and frame["in_app"] and "lineno" in frame:
                lines = self._source(*_file_of(frame))
                if lines is not None and frame["lineno"] <= len(lines):
                    left -= 1
                    _add_lines(frame, lines)

    def _source(self, path: str, filename: str) -> list[str] | None:
        """The lines of a file that is as it was published; None for any other."""
        if path not in self._lines and path in self._infos and len(self._lines) < _MOST_SOURCE_FILES:
            self._lines[path] = None
            try:
                data = self._read(path, _MOST_SOURCE + 1)
                listed = f"\n{filename},sha256={_hash(data)},".encode()
                unchanged = os.stat(path).st_ctime <= self._since and len(data) <= _MOST_SOURCE
                if unchanged and listed in self._record_of(self._infos[path]):
                    lines = data.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n").split("\n")
                    self._lines[path] = lines
            except (OSError, ValueError):
                pass
        return self._lines.get(path)

    def _info_beside(self, path: str, filename: str) -> str:
        """The `*.dist-info` folder beside a package that is called like it and lists the file; else empty."""
        if path not in self._infos:
            root = path[: -len(filename)]
            parts = [_normal(part.removesuffix(".py")) for part in filename.split("/")[:4]]
            likely = {"-".join(parts[:count]) for count in range(1, len(parts) + 1)}
            self._infos[path] = next(
                (
                    os.path.join(root, info)
                    for info in _infos_in(root)
                    if _normal(info.partition("-")[0]) in likely
                    and f"\n{filename},".encode() in self._record_of(os.path.join(root, info))
                ),
                "",
            )
        return self._infos[path]

    def _record_of(self, info: str) -> bytes:
        if info not in self._records:
            try:
                self._records[info] = b"\n" + self._read(os.path.join(info, "RECORD"), _MOST_RECORD)
            except OSError:
                self._records[info] = b""
        return self._records[info]

    def _text(self, name: str) -> bytes:
        try:
            return self._read(os.path.join(self._own or "", name), 1_000)
        except OSError:
            return b""


def _infos_in(folder: str) -> list[str]:
    """The names of the `*.dist-info` folders in a folder; none of one that holds too many names."""
    found = []
    try:
        with os.scandir(folder) as entries:
            for number, entry in enumerate(entries):
                if number > _MOST_ENTRIES:
                    return []
                if entry.name.endswith(".dist-info"):
                    found.append(entry.name)
    except OSError:
        return []
    return found


def _name_of(frame: "dict[str, Any]") -> str:
    """The name of a frame's module; of `python -m`, the name that its file has in the package."""
    if frame["module"] != "__main__":
        return str(frame["module"])
    return str(frame["filename"]).removesuffix(".py").replace("/", ".")


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


def _normal(name: str) -> str:
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
