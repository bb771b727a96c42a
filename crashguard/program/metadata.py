"""The metadata that an installer wrote beside the modules of a distribution.

A folder of modules holds a `*.dist-info` folder for each distribution. Its name tells name and version, its
file RECORD lists the files with their hashes. Source: the packaging specification "Recording installed
projects". They are read by hand, because importing importlib.metadata costs more than the whole report, and
no more of them than is asked for. Nothing is kept, so nothing is out of date after an upgrade.
"""

import os

from crashguard import files
from crashguard.program import SHARED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

ENDINGS = (".dist-info", ".egg-info")
_MOST_NAMES = 20_000  # in one folder of `sys.path`, which may be any folder of the user's
_MOST_RECORD = 2_000_000  # bytes
_FIRST = 16_384  # bytes of METADATA: the fields stand before the description, which is long
_MOST_HEADER = 500_000


class Metadata:
    """What is known of one installed distribution.

    Attributes:
        site: The folder (`/` at the end) that it is installed in.
        folder: The folder of its metadata.
        name: Its name.
    """

    __slots__ = ("_has_only_tops", "_header", "_record", "folder", "name", "site")

    def __init__(self, site: str, info: str) -> None:
        self.site = site
        self.folder = site + info
        self.name = info.rpartition(".")[0].partition("-")[0]
        self._record: bytes | None = None
        self._has_only_tops = False
        self._header: list[str] | None = None

    @property
    def version(self) -> str:
        """Its version; empty where nothing tells it."""
        version = self.folder.rpartition(".")[0].rpartition("/")[2].partition("-")[2]
        if version and self.folder.endswith(ENDINGS[0]):
            return version
        return next((line[9:].strip() for line in self._fields() if line.startswith("Version: ")), "")

    @property
    def is_read(self) -> bool:
        """Whether the list of its files was read."""
        return self._record is not None

    @property
    def record(self) -> bytes:
        """RECORD, with an end of line at its beginning; without one, the same of what top_level.txt names."""
        if self._record is None:
            text = b"\n" + self.text("RECORD", _MOST_RECORD).replace(b"\r\n", b"\n")
            if len(text) == 1:  # of setuptools before wheels, and of Debian
                tops = self.text("top_level.txt", _MOST_RECORD).split()
                self._has_only_tops = True
                text += b"\n".join(top + b"/__init__.py,\n" + top + b".py," for top in tops)
            self._record = text
        return self._record

    @property
    def is_whole(self) -> bool:
        """Whether all of its files are known; of a list that is too long the beginning is read."""
        return len(self.record) < _MOST_RECORD

    def lists(self, tail: str) -> bool:
        """Whether a module belongs to it, by its file's place in the site; also in another, compiled form."""
        record = self.record
        if self._has_only_tops:
            return f"\n{tail.partition('/')[0].removesuffix('.py')}.py,".encode() in record
        return f"\n{tail.rpartition('.')[0]}.".encode() in record

    def lists_below(self, stem: str) -> bool:
        """Whether a module or anything of a package belongs to it, by its place in the site: `a/b`."""
        return f"\n{stem}/".encode() in self.record or f"\n{stem}.".encode() in self.record

    @property
    def sources(self) -> str | None:
        """The folder (`/` at the end) of the sources of an editable install."""
        text = self.text("direct_url.json", _FIRST).decode("utf-8", "replace")
        if '"editable"' not in text or "true" not in text:
            return None
        url = text.partition('"url"')[2].partition('"')[2].partition('"')[0]
        if not url.startswith("file://"):
            return None
        from urllib.parse import unquote  # rare: an editable install belongs to a developer

        path = unquote(url[7:])
        return (path[1:] if path[2:3] == ":" else path).rstrip("/") + "/"

    def requirements(self) -> "Iterator[str]":
        """What it requires, also for extras and other systems: a name too many tells nothing."""
        for line in self._fields():
            if line.startswith("Requires-Dist: "):
                yield normal(_leading_name(line[15:]))
        if self.folder.endswith(ENDINGS[1]):
            for line in self.text("requires.txt", _MOST_HEADER).decode("utf-8", "replace").split("\n"):
                yield normal(_leading_name(line))

    def text(self, name: str, most: int) -> bytes:
        """The first `most` bytes of one of its files; empty where it cannot be read."""
        try:
            return files.read(f"{self.folder}/{name}", most, links=True)
        except (OSError, ValueError):
            return b""

    def _fields(self) -> "list[str]":
        """The fields of METADATA, which end at the first empty line."""
        if self._header is None:
            name = "METADATA" if self.folder.endswith(ENDINGS[0]) else "PKG-INFO"
            data = self.text(name, _FIRST).replace(b"\r\n", b"\n")
            if len(data) > _FIRST // 2 and b"\n\n" not in data:
                data = self.text(name, _MOST_HEADER).replace(b"\r\n", b"\n")
            self._header = data.partition(b"\n\n")[0].decode("utf-8", "replace").split("\n")
        return self._header


def names_in(folder: str) -> "list[str]":
    """The names of the folders of metadata in a folder; none of one that holds too many names."""
    found: list[str] = []
    try:
        with os.scandir(folder) as entries:
            for number, entry in enumerate(entries):
                if number > _MOST_NAMES:
                    return []
                if entry.name.endswith(ENDINGS):
                    found.append(entry.name)
    except (OSError, ValueError):
        return []
    return found


def is_site(folder: str) -> bool:
    """Whether distributions are installed in a folder (`/` at the end)."""
    return folder.rstrip("/").endswith(SHARED) or bool(names_in(folder))


def normal(name: str) -> str:
    """A distribution's name for comparison. Source: PyPA's specification "Names and normalization"."""
    return "-".join(part for part in name.lower().replace("_", "-").replace(".", "-").split("-") if part)


def likely(name: str) -> "list[str]":
    """The normal names of distributions that a module may have come with: `a.b.c` with a, a-b or a-b-c."""
    parts = name.split(".")[:4]
    return [normal("-".join(parts[:count])) for count in range(1, len(parts) + 1)]


def _leading_name(text: str) -> str:
    for position, letter in enumerate(text):
        if not (letter.isalnum() or letter in "-_."):
            return text[:position]
    return text
