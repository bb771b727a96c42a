"""The installed distributions whose code may be told: those that the tool's own distribution requires.

A frame in any other distribution is a stranger's, for example in a plugin that the user's company wrote and
installed beside the tool. So is a file that somebody has put beside the modules of a library: the list of the
library's files does not hold it. A script that belongs to no distribution requires what its modules import.

The look-up is made when a frame belongs neither to the tool nor to the standard library, and reads what that
frame needs: the requirements of the tool's distributions, and the list of files of the one that is likely.
"""

import os
import sys

from crashguard import files
from crashguard.program import SHARED
from crashguard.program.metadata import Metadata, likely, names_in, normal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TypeVar

    from crashguard.program import Program

    T = TypeVar("T")

_MOST_BYTES = 12_000_000  # of lists of files, in one look-up; a large environment has five
_MOST_FILE = 2_000_000
_MOST_SOURCES = 100  # modules of a script whose imports are read


class Distribution:
    """An installed distribution that may be told, at least a part of it.

    Attributes:
        metadata: What its installer wrote.
        is_own: Whether it is the tool's own distribution.
    """

    __slots__ = ("is_own", "metadata")

    def __init__(self, metadata: Metadata, *, is_own: bool) -> None:
        self.metadata = metadata
        self.is_own = is_own


class Distributions:
    """Finds the distribution of a module, if it may be told. Never raises.

    Args:
        program: The tool's own code.
        path: `sys.path` of the process whose modules are asked about.
    """

    def __init__(self, program: "Program", path: "Iterable[object]") -> None:
        self._program = program
        self._sites: dict[str, list[str]] = dict(_sites(program, path))
        self._told: dict[str, Distribution] | None = None  # by normal name
        self._editable: dict[str, Distribution] = {}  # by the folder of the sources
        self._left = _MOST_BYTES
        self._siblings: set[str] | None = None

    def of_module(self, name: str, root: str, tail: str) -> Distribution | None:
        """The distribution of a module; None where it may not be told.

        Args:
            name: The module's name.
            root: The folder (`/` at the end) that it was imported from.
            tail: The module's file below that folder.
        """
        told = self._all_told()
        if root in self._editable:
            return self._editable[root]
        if root not in self._sites:
            return None
        for found in _likely_first(told, name):
            if found.metadata.site == root and self._may_read(found.metadata) and found.metadata.lists(tail):
                return found
        return None

    def has_list_of_own(self, root: str) -> bool:
        """Whether it is known which files of a folder (`/` at the end) are the tool's own."""
        own = [each.metadata for each in self._all_told().values() if each.is_own]
        return any(each.site == root and self._may_read(each) and each.is_whole for each in own)

    def of_file(self, path: str) -> "tuple[Distribution, str] | None":
        """The distribution of a file and the file's place in it, for frames of printed tracebacks."""
        for root in self._sites:
            tail = path[len(root) :]
            if path.startswith(root) and self._program.is_module(tail):
                name = tail.rpartition(".")[0].replace("/", ".").removesuffix(".__init__")
                found = self.of_module(name, root, tail)
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

    def _all_told(self) -> "dict[str, Distribution]":
        if self._told is None:
            self._told = {}
            try:
                self._told = self._required()
            except (OSError, ValueError, MemoryError, RecursionError):
                pass
        return self._told

    def _required(self) -> "dict[str, Distribution]":
        """The tool's distributions and all that they require, directly or through others."""
        installed: dict[str, Metadata] = {}
        for site, infos in self._sites.items():
            for info in infos:
                each = Metadata(site, info)
                installed.setdefault(normal(each.name), each)
        homes = self._program.facts()["homes"]
        own = {key for home in homes if (key := self._of_home(home, homes[home], installed)) is not None}
        todo = list(own)
        if self._program.main or not own:
            tops = sorted(imports(self._program) - sys.stdlib_module_names)
            imported = [key for top in tops if (key := self._of_top(top, installed)) is not None]
            own.update(key for key in imported if self._has_main(installed[key]))
            todo += imported
        told: dict[str, Distribution] = {}
        while todo:
            key = todo.pop()
            if key in told or key not in installed:
                continue
            told[key] = Distribution(installed[key], is_own=key in own)
            todo.extend(installed[key].requirements())
        return told

    def _of_home(self, home: str, roots: "list[str]", installed: "dict[str, Metadata]") -> str | None:
        """The distribution that one of the tool's packages came with, by its normal name."""
        stem = home.replace(".", "/")
        for key, each in _likely_first(dict(zip(installed, installed.items(), strict=True)), home):
            if each.site in roots and self._may_read(each) and each.lists_below(stem):
                return key
            sources = each.sources
            if sources is not None and any(root.startswith(sources) for root in roots):
                found = Distribution(each, is_own=True)
                self._editable.update((root, found) for root in roots if root != each.site)
                return key
        return None

    def _of_top(self, name: str, installed: "dict[str, Metadata]") -> str | None:
        """The distribution that has a top-level module, by its normal name.

        Others may install into its folder. Of a package without `__init__` it is one that has a part of it.
        """
        candidates = _likely_first(dict(zip(installed, installed.items(), strict=True)), name)
        for folder in self._program.folders:
            beside = folder + name
            if os.path.isdir(beside) or os.path.exists(f"{beside}.py"):  # it lies beside the script
                called = [(key, installed[key]) for key in likely(name) if key in installed]
                candidates = iter([(key, each) for key, each in called if each.site == folder])
                break
        has_part = None
        for key, each in candidates:
            if self._may_read(each) and each.lists_below(name):
                if each.lists(f"{name}.py") or each.lists(f"{name}/__init__.py"):
                    return key
                has_part = has_part or key
        return has_part

    def _has_main(self, metadata: Metadata) -> bool:
        """Whether the main script is one that an installer has put among the commands for a distribution."""
        try:
            tails = [os.path.relpath(file, metadata.site).replace("\\", "/") for file in self._program.main]
        except ValueError:  # on another drive
            return False
        return self._may_read(metadata) and any(f"\n{tail},".encode() in metadata.record for tail in tails)

    def _may_read(self, metadata: Metadata) -> bool:
        """Whether a list of files may still be read."""
        if self._left > 0 and not metadata.is_read:
            self._left -= len(metadata.record)
        return self._left > 0


def _likely_first(known: "dict[str, T]", name: str) -> "Iterator[T]":
    """All values; first those of the distributions that are called like a module."""
    first = [key for key in likely(name) if key in known]
    yield from (known[key] for key in first)
    yield from (value for key, value in known.items() if key not in first)


def imports(program: "Program") -> set[str]:
    """The top-level modules that the tool's own modules import, read from their sources."""
    return _read_sources(program)[0]


def sources(program: "Program") -> set[str]:
    """The files of the tool's own modules, with those that lie beside the script and are imported."""
    return _read_sources(program)[1]


def _read_sources(program: "Program") -> "tuple[set[str], set[str]]":
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
    return found, seen


def _imported(text: str) -> "Iterator[str]":
    """The modules that a text imports, also in a text of its own that it hands to a sub-interpreter."""
    for line in text.replace("'", "\n").replace('"', "\n").replace(";", "\n").split("\n"):
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


def _sites(program: "Program", path: "Iterable[object]") -> "Iterator[tuple[str, list[str]]]":
    """The folders of `sys.path` with distributions, each with the names of their metadata folders."""
    for entry in path:
        if type(entry) is str and entry:
            folder = os.path.abspath(entry).replace("\\", "/").rstrip("/") + "/"
            if folder not in program.stdlib:
                infos = names_in(folder)
                if infos or (folder.rstrip("/").endswith(SHARED) and os.path.isdir(folder)):
                    yield folder, infos
