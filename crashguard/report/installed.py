"""What stands on the stack, as it was installed: distributions and versions, the installer, source lines.

The distribution of the tool is found by its name, and those of libraries by the look-up that has just decided
that they may be told (`crashguard.program.distributions`).

Source lines are told of a file only if its hash is that of RECORD: then it is the file that was published,
and holds nothing of the user's.
"""

import os
import sys

from crashguard import report
from crashguard.program.metadata import ENDINGS, Metadata, likely, names_in, normal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from crashguard.program.distributions import Distribution

    Read = Callable[[str, int], bytes]

_MOST_MODULES = 50
_MOST_SOURCE = 500_000  # bytes of one file
_MOST_SOURCE_FILES = 8
_MOST_SOURCE_FRAMES = 8  # scrubbing the lines of one takes half a millisecond
_AROUND = 5  # lines before and after
_LONGEST_LINE = 200
# Base64 for URLs (RFC 4648). Of binascii a file of the user's may have the name.
_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
INSTALLERS = ("pip", "uv", "conda", "poetry", "pdm")


class Installed:
    """Looks up the distributions of the frames of one report.

    Args:
        read: Reads a file up to a number of bytes, and raises OSError where it cannot.
        distribution_of: Finds the distribution of a module, by its name, the folder that it was imported
            from and its file below that. It is asked where the name of a package does not lead to it.
        since: When this process started, in seconds since 1970. A file that changed later is not what runs.
        main: The file of the main script, if that is a module which was installed; else empty.
    """

    def __init__(
        self,
        read: "Read",
        distribution_of: "Callable[[str, str, str], Distribution | None]",
        since: float,
        main: str,
    ) -> None:
        self._read = read
        self._distribution_of = distribution_of
        self._since = since
        self._main = main
        self._beside: dict[str, dict[str, Metadata]] = {}  # by the folder of modules, then by normal name
        self._of_file: dict[str, Metadata | None] = {}  # of the tool's own files
        self._lines: dict[str, list[str] | None] = {}
        self._own: Metadata | None = None

    def modules(self, values: "list[dict[str, Any]]") -> "dict[str, str]":
        """Name and version of each distribution that named frames stand in.

        Args:
            values: The values of the exceptions.
        """
        found: dict[str, str] = {}
        for frame in self._named_frames(values):
            path, filename = self._file_of(frame)
            if not path or len(found) >= _MOST_MODULES:
                continue
            name, root = _name_of(frame), path[: -len(filename)].replace("\\", "/")
            metadata = self._called_like(name, root, path, filename) if frame["in_app"] else None
            if metadata is None:
                known = self._distribution_of(name, root, filename)
                if known is None:
                    continue
                metadata = known.metadata
            found[metadata.name[: report.MOST_NAME]] = metadata.version[: report.MOST_NAME]
            if frame["in_app"]:
                self._own = self._of_file[path] = metadata
        return dict(sorted(found.items()))

    def installer(self) -> str | None:
        """What installed the tool, after `modules`; None for a program that was not installed."""
        if self._own is None:
            return None
        if self._own.sources is not None:
            return "editable"
        for receipt, manager in (("pipx_metadata.json", "pipx"), ("uv-receipt.toml", "uv")):
            if os.path.exists(os.path.join(sys.prefix, receipt)):
                return manager
        name = self._own.text("INSTALLER", 100).strip().decode("ascii", "replace").lower()
        if name in ("debian", "rpm") or (not name and "dist-packages" in self._own.folder):
            return "system"
        return name if name in INSTALLERS else "other"

    def add_source_lines(self, values: "list[dict[str, Any]]") -> None:
        """Give the frames of the tool's own published files their lines, innermost first, after `modules`."""
        left = _MOST_SOURCE_FRAMES
        for frame in self._named_frames(values):
            if left > 0 and frame["in_app"] and "lineno" in frame:
                lines = self._source(*self._file_of(frame))
                if lines is not None and frame["lineno"] <= len(lines):
                    left -= 1
                    _add_lines(frame, lines)

    def _named_frames(self, values: "list[dict[str, Any]]") -> "Iterator[dict[str, Any]]":
        for value in reversed(values):
            for frame in reversed(value.get("stacktrace", {}).get("frames", ())):
                module, filename = frame.get("module"), frame["filename"]
                if module is None or filename[:1] == "<":
                    continue
                is_script = module == "__main__" and "/" not in filename and not self._main
                if module.partition(".")[0] not in sys.stdlib_module_names and not is_script:
                    yield frame

    def _file_of(self, frame: "dict[str, Any]") -> tuple[str, str]:
        """(path of a frame's file, the part of it that the frame tells); ("", "") where they do not agree."""
        path = getattr(sys.modules.get(frame["module"]), "__dict__", {}).get("__file__")
        filename = frame["filename"]
        if frame["module"] == "__main__" and "/" not in filename:
            path = self._main
        if type(path) is not str or not path.replace("\\", "/").endswith("/" + filename):
            return "", ""
        return path, filename

    def _source(self, path: str, filename: str) -> list[str] | None:
        """The lines of a file that is as it was published; None for any other."""
        metadata = self._of_file.get(path)
        if path not in self._lines and metadata is not None and len(self._lines) < _MOST_SOURCE_FILES:
            self._lines[path] = None
            try:
                data = self._read(path, _MOST_SOURCE + 1)
                listed = f"\n{filename},sha256={_hash(data)},".encode()
                unchanged = os.stat(path).st_ctime <= self._since and len(data) <= _MOST_SOURCE
                if unchanged and listed in metadata.record:
                    lines = data.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n").split("\n")
                    self._lines[path] = lines
            except (OSError, ValueError):
                pass
        return self._lines.get(path)

    def _called_like(self, name: str, root: str, path: str, filename: str) -> Metadata | None:
        """The distribution beside a package that is called like it and lists the file; else None."""
        if path not in self._of_file:
            if root not in self._beside:
                infos = [Metadata(root, info) for info in names_in(root) if info.endswith(ENDINGS[0])]
                self._beside[root] = {normal(each.name): each for each in infos}
            beside = self._beside[root]
            called = [beside[key] for key in likely(name) if key in beside]
            self._of_file[path] = next((each for each in called if each.lists(filename)), None)
        return self._of_file[path]


def _name_of(frame: "dict[str, Any]") -> str:
    """The name of a frame's module; of `python -m`, the name that its file has in the package."""
    if frame["module"] != "__main__":
        return str(frame["module"])
    return str(frame["filename"]).removesuffix(".py").replace("/", ".")


def _hash(data: bytes) -> str:
    """The SHA-256 of a file as RECORD spells it. hashlib would load OpenSSL; what is below it is small."""
    try:
        from _sha2 import sha256  # type: ignore[import-not-found]  # CPython 3.12 and later
    except ImportError:
        try:
            from _sha256 import sha256  # type: ignore[import-not-found]  # CPython 3.11
        except ImportError:
            from hashlib import sha256
    number = int.from_bytes(sha256(data).digest(), "big") << 2  # 43 digits of six bits
    return "".join([_DIGITS[number >> place & 63] for place in range(252, -1, -6)])


def _add_lines(frame: "dict[str, Any]", lines: list[str]) -> None:
    at = frame["lineno"] - 1
    frame["pre_context"] = [line[:_LONGEST_LINE] for line in lines[max(0, at - _AROUND) : at]]
    frame["context_line"] = lines[at][:_LONGEST_LINE]
    frame["post_context"] = [line[:_LONGEST_LINE] for line in lines[at + 1 : at + 1 + _AROUND]]
