"""The installed distributions whose code may be told: those that the tool's own distribution requires.

A frame in any other distribution is a stranger's, for example in a plugin that the user's company wrote and
installed beside the tool. A script that belongs to no distribution requires what its own modules import.

The look-up reads the metadata by hand, because importing importlib.metadata costs more than the whole report.
It is made when a frame belongs neither to the tool nor to the standard library. The answer stays in the spool
until something is installed or removed.
"""

import os

from crashguard import files
from crashguard.program import SHARED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crashguard.program import Program

_CACHE = "libraries"  # the file in the spool
_FORMAT = "1"
_MOST_BYTES = 12_000_000  # of metadata, in one look-up; a large environment has five
_MOST_FILE = 2_000_000
_MOST_NAMES = 20_000  # in one folder of `sys.path`, which may be any folder of the user's
_MOST_SOURCES = 100  # modules of a script whose imports are read
_EDITABLE = "*"  # in place of a module: all that the tool's own source folder holds
_INFOS = (".dist-info", ".egg-info")


class Distribution:
    """An installed distribution, as far as it may be told.

    Attributes:
        name: Its name.
        version: Its version.
        is_own: Whether it is the tool's own distribution.
        site: The folder (`/` at the end) that it is installed in.
    """

    __slots__ = ("is_own", "name", "site", "version")

    def __init__(self, name: str, version: str, *, is_own: bool, site: str) -> None:
        self.name = name
        self.version = version
        self.is_own = is_own
        self.site = site


class Distributions:
    """Finds the distribution of a module, if it may be told.

    Args:
        program: The tool's own code.
        path: `sys.path` of the process whose modules are asked about.
        spool: The folder of the app's reports, where the answer is kept; None keeps it nowhere.
    """

    def __init__(self, program: "Program", path: "Iterable[object]", spool: str | None) -> None:
        self._program = program
        self._sites = tuple(_sites(program, path))
        self._spool = spool
        self._told: dict[str, Distribution] | None = None
        self._siblings: set[str] | None = None

    def of_module(self, name: str, root: str) -> Distribution | None:
        """The distribution of a module imported from the folder `root`; None where it may not be told."""
        told = self.told()
        if _EDITABLE in told and root == told[_EDITABLE].site:
            return told[_EDITABLE]
        if root not in self._sites:
            return None
        parts = name.split(".")
        for count in range(1, len(parts) + 1):
            found = told.get(".".join(parts[:count]))
            if found is not None:
                return found if found.site == root else None
        return None

    def of_file(self, path: str) -> "tuple[Distribution, str] | None":
        """The distribution of a file and the file's place in it, for frames of printed tracebacks."""
        for root in self._sites:
            tail = path[len(root) :]
            if path.startswith(root) and self._program.is_module(tail):
                name = tail.rpartition(".")[0].replace("/", ".").removesuffix(".__init__")
                found = self.of_module(name, root)
                return None if found is None else (found, tail)
        return None

    def is_sibling(self, path: str) -> str | None:
        """The place of a file beside the main script, if the tool's own modules import it.

        For frames of printed tracebacks, which do not say under which name a file was imported.
        """
        for root in self._program.folders:
            tail = path[len(root) :]
            if path.startswith(root) and self._program.is_module(tail):
                if self._siblings is None:
                    self._siblings = imports(self._program)
                return tail if tail.partition("/")[0].removesuffix(".py") in self._siblings else None
        return None

    def told(self) -> dict[str, Distribution]:
        """The packages and modules that may be told, by name. Never raises."""
        if self._told is None:
            try:
                self._told = self._look_up()
            except (OSError, ValueError, MemoryError, RecursionError):
                self._told = {}
        return self._told

    def _look_up(self) -> dict[str, Distribution]:
        key = self._key()
        path = None if self._spool is None else os.path.join(self._spool, _CACHE)
        if path is not None:
            try:
                lines = files.read(path, _MOST_FILE).decode("utf-8", "replace").split("\n")
            except OSError:
                lines = []
            if lines[:1] == [key]:
                return dict(_entry(line) for line in lines[1:] if line.count("\t") == 4)
        told = _Metadata(self._sites).required_by(self._program)
        if path is not None:
            text = "\n".join([key, *(_line(prefix, each) for prefix, each in sorted(told.items()))])
            try:
                files.write(path, text.encode("utf-8", "replace"), durable=False)
            except OSError:
                pass  # then the next crash looks again
        return told

    def _key(self) -> str:
        """What the answer depends on: the tool's modules, and the time of the last change of each folder."""
        changed = [(site, os.stat(site).st_mtime_ns) for site in self._sites]
        return ascii((_FORMAT, sorted(self._program.homes), self._program.main, changed))


def imports(program: "Program") -> set[str]:
    """The top-level modules that the tool's own modules import, read from their sources."""
    found: set[str] = set()
    todo = list(_sources(program))
    seen = set(todo)
    while todo and len(seen) < _MOST_SOURCES:
        try:
            text = files.read(todo.pop(), _MOST_FILE, links=True).decode("utf-8", "replace")
        except OSError:
            continue
        new = set(_imported(text)) - found
        found |= new
        for folder in program.folders:
            for name in new:
                for source in _sources_of(folder + name):
                    if source not in seen:
                        seen.add(source)
                        todo.append(source)
    return found


def _imported(text: str) -> "Iterator[str]":
    for line in text.split("\n"):
        words = line.lstrip()
        if words.startswith("import "):
            for each in words[7:].split(","):
                yield each.strip().partition(" ")[0].partition(".")[0]
        elif words.startswith("from ") and words[5:6] != ".":
            yield words[5:].partition(" ")[0].partition(".")[0]


def _sources(program: "Program") -> "Iterator[str]":
    """The files of the tool's own modules, as far as they are known without importing anything."""
    yield from program.main
    for home, roots in program.facts()["homes"].items():
        for root in roots:
            yield from _sources_of(root + home.replace(".", "/"))


def _sources_of(stem: str) -> "Iterator[str]":
    if os.path.isfile(f"{stem}.py"):
        yield f"{stem}.py"
    for folder, _, names in os.walk(stem) if os.path.isfile(f"{stem}/__init__.py") else ():
        yield from (f"{folder}/{name}" for name in names if name.endswith(".py"))


class _Metadata:
    """The metadata of the distributions in some folders."""

    def __init__(self, sites: "Iterable[str]") -> None:
        self._left = _MOST_BYTES
        self._infos: dict[
            str, tuple[str, str, str]
        ] = {}  # normal name -> folder, name of the info folder, name
        for site in sites:
            for info in _names(site):
                if info.endswith(_INFOS):
                    name = info.rpartition(".")[0].partition("-")[0]
                    self._infos.setdefault(_normal(name), (site, info, name))
        self._files: dict[str, list[str]] = {}

    def required_by(self, program: "Program") -> dict[str, Distribution]:
        """The modules of the tool's distribution and of all that it requires, by their names."""
        own = {key for home in program.homes if (key := self._of_home(home, program)) is not None}
        wanted = sorted(imports(program)) if program.main or not own else ()
        todo = [*own, *(key for key in map(self._of_top, wanted) if key is not None)]
        told: dict[str, Distribution] = {}
        seen = set(todo)
        while todo:
            key = todo.pop()
            site, _, name = self._infos[key]
            header = self._header(key)
            version = next((line[9:].strip() for line in header if line.startswith("Version: ")), "")
            found = Distribution(name, version, is_own=key in own, site=site)
            if found.is_own and self._editable(key) is not None:
                sources = {root for roots in program.facts()["homes"].values() for root in roots} - {site}
                told.update(
                    (_EDITABLE, Distribution(name, version, is_own=True, site=root)) for root in sources
                )
            for prefix in _prefixes(self._contents(key)):
                if found.is_own or prefix not in told:
                    told[prefix] = found
            for required in self._requirements(key, header):
                if required in self._infos and required not in seen:
                    seen.add(required)
                    todo.append(required)
        return told

    def _of_home(self, home: str, program: "Program") -> str | None:
        """The distribution that one of the tool's packages came with."""
        stem = home.replace(".", "/")
        roots = program.facts()["homes"][home]
        for key in self._likely(home):
            site = self._infos[key][0]
            if site in roots and any(
                each.startswith(f"{stem}/") or each == f"{stem}.py" for each in self._contents(key)
            ):
                return key
            source = self._editable(key)
            if source is not None and any(root.startswith(source) for root in roots):
                return key
        return None

    def _of_top(self, name: str) -> str | None:
        """The distribution that has a top-level module."""
        for key in self._likely(name):
            if any(each.startswith(f"{name}/") or each == f"{name}.py" for each in self._contents(key)):
                return key
        return None

    def _likely(self, name: str) -> "list[str]":
        """All distributions, first the one that is called like the module."""
        first = _normal(name)
        return sorted(self._infos, key=lambda key: (key != first, key))

    def _contents(self, key: str) -> "list[str]":
        """The files of a distribution, from the list that its installer wrote."""
        if key not in self._files:
            record = self._read(key, "RECORD")
            if record:
                listed = [line.partition(",")[0] for line in record]
            else:  # of setuptools before wheels, and of Debian: the names of its top-level modules
                listed = [
                    name
                    for top in self._read(key, "top_level.txt")
                    if top
                    for name in (f"{top}/__init__.py", f"{top}.py")
                ]
            self._files[key] = listed
        return self._files[key]

    def _editable(self, key: str) -> str | None:
        """The folder of the sources of an editable install."""
        text = "\n".join(self._read(key, "direct_url.json"))
        if '"editable"' not in text or "true" not in text:
            return None
        url = text.partition('"url"')[2].partition('"')[2].partition('"')[0]
        if not url.startswith("file://"):
            return None
        from urllib.parse import unquote  # rare: an editable install belongs to a developer

        path = unquote(url[7:])
        return (path[1:] if path[2:3] == ":" else path).rstrip("/") + "/"

    def _header(self, key: str) -> "list[str]":
        lines = self._read(key, "METADATA") or self._read(key, "PKG-INFO")
        return lines[: lines.index("")] if "" in lines else lines

    def _requirements(self, key: str, header: "Iterable[str]") -> "Iterator[str]":
        """What a distribution requires, also for extras and other systems: a name too many tells nothing."""
        for line in header:
            if line.startswith("Requires-Dist: "):
                yield _normal(_leading_name(line[15:]))
        for line in self._read(key, "requires.txt"):
            yield _normal(_leading_name(line))

    def _read(self, key: str, name: str) -> "list[str]":
        site, info, _ = self._infos[key]
        if self._left <= 0:
            return []
        try:
            data = files.read(f"{site}{info}/{name}", _MOST_FILE, links=True)
        except OSError:
            return []
        self._left -= len(data)
        return data.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")


def _sites(program: "Program", path: "Iterable[object]") -> "Iterator[str]":
    """The folders of `sys.path` that distributions may be installed in."""
    for entry in path:
        if type(entry) is str and entry:
            folder = os.path.abspath(entry).replace("\\", "/").rstrip("/") + "/"
            listed = folder.rstrip("/").endswith(SHARED) or any(
                name.endswith(_INFOS) for name in _names(folder)
            )
            if listed and folder not in program.stdlib and os.path.isdir(folder):
                yield folder


def _names(folder: str) -> "list[str]":
    """The names in a folder; none of one that holds too many."""
    names: list[str] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                names.append(entry.name)
                if len(names) > _MOST_NAMES:
                    return []
    except OSError:
        return []
    return names


def _prefixes(listed: "Iterable[str]") -> set[str]:
    """The outermost packages and modules among files. Of a namespace package others may have a part too."""
    modules = [
        name for name in listed if name.endswith((".py", ".so", ".pyd")) and name[:1] not in ("/", ".")
    ]
    packages = {name.removesuffix("/__init__.py") for name in modules if name.endswith("/__init__.py")}
    found = set()
    for name in modules:
        parts = name.split("/")
        parts[-1] = parts[-1].partition(".")[0]
        count = next((n for n in range(1, len(parts)) if "/".join(parts[:n]) in packages), len(parts))
        found.add(".".join(parts[:count]))
    return {name for name in found if name}


def _leading_name(text: str) -> str:
    for position, letter in enumerate(text):
        if not (letter.isalnum() or letter in "-_."):
            return text[:position]
    return text


def _normal(name: str) -> str:
    """A distribution's name for comparison. Source: PyPA's specification "Names and normalization"."""
    return "-".join(part for part in name.lower().replace("_", "-").replace(".", "-").split("-") if part)


def _line(prefix: str, found: Distribution) -> str:
    return "\t".join([prefix, found.name, found.version, "own" if found.is_own else "", found.site])


def _entry(line: str) -> tuple[str, Distribution]:
    prefix, name, version, is_own, site = line.split("\t")
    return prefix, Distribution(name, version, is_own=bool(is_own), site=site)
