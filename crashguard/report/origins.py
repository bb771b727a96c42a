"""Origins: whose code a frame runs.

Only frames of known code keep their names. Code of the tool (`crashguard.program`), of official plugins, of
libraries that may be told and of the standard library is known. All other code may be the user's, and its
frames are `<external>`.
"""

import os
import sys

from crashguard.program import MAIN, Program, module_of_namespace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from types import TracebackType
    from typing import Any

    from crashguard.plugin import Plugin
    from crashguard.program.distributions import Distribution, Distributions

APP = "app"
PLUGIN = "plugin"
LIBRARY = "library"
STDLIB = "stdlib"
EXTERNAL = "external"

GENERATED = "<generated>"  # the file of code that a program made from a text
_NOBODY = (EXTERNAL, "<external>")
_US = __name__.rpartition(".report.")[0]  # the package may be vendored under another name


class Origins:
    """Finds out whose code a frame runs, and the file name that a report may hold: never an absolute path.

    Args:
        program: The tool's own code, as install() determined it.
        plugins: Plugins whose packages are known; only those of official ones are named.
        distributions: Makes what finds the libraries that may be told, when a frame asks for it; None tells
            of none.

    Attributes:
        program: The tool's own code.
    """

    def __init__(
        self,
        program: "Program",
        plugins: "Iterable[Plugin]" = (),
        distributions: "Callable[[], Distributions] | None" = None,
    ) -> None:
        self.program = program
        self._distributions = distributions
        self._libraries: Distributions | None = None
        self._ours, self._official, self._others = Program(), Program(), Program()
        self._ours.add_packages([_US])
        for plugin in plugins:
            (self._official if plugin.official else self._others).add_packages(plugin.packages)
        self._known: dict[tuple[str | None, str], tuple[str, str]] = {}
        self._is_site: dict[str, bool] = {}  # by folder

    @classmethod
    def of_process(
        cls,
        header: "Mapping[str, Any]",
        distributions: "Callable[[Program, list[str]], Distributions]",
        modules: "Mapping[str, object] | None" = None,
    ) -> "Origins":
        """The origins of a dead process, from the header of its native file or from its minimal record.

        Packages that the process had not imported when it wrote the header are looked up on disk.

        Args:
            header: The header.
            distributions: Makes a Distributions of the process's program and `sys.path`.
            modules: The modules of the process; None where it did not leave them.
        """
        program = Program.of_facts(header["program"])
        program.modules = modules
        origins = cls(program, distributions=lambda: distributions(program, header["path"]))
        origins._official.add_packages(header["plugin_packages"])
        origins._others.add_packages(header["other_packages"])
        for each in (program, origins._official, origins._others):
            _find_packages(each, header["path"])
        return origins

    def of_frame(self, filename: str, module_globals: "Mapping[str, Any]") -> tuple[str, str]:
        """(owner, file name that may be told) of a frame's code: see `of_code`.

        Args:
            filename: The file of the frame's code.
            module_globals: The frame's globals; empty for a frame of a printed traceback.
        """
        return self.of_code(module_of_namespace(module_globals, filename), filename)

    def of_code(self, name: str | None, filename: str) -> tuple[str, str]:
        """(owner, file name that may be told) of code.

        The owner is one of the constants of this module; for EXTERNAL the file name is `<external>`. Code
        that a program made from a text belongs to the module that it runs in, and its file is GENERATED: its
        functions may have the user's names.

        Args:
            name: The name of the module that it runs in; None where it is not known.
            filename: The file of the code.
        """
        key = (name, filename)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._look_up(*key)
        return known

    def is_known(self, filename: str, module_globals: "Mapping[str, Any]") -> bool:
        """Whether a frame's code is the tool's, an official plugin's or installed."""
        return self.of_frame(filename, module_globals)[0] != EXTERNAL

    def is_own(self, filename: str, module_globals: "Mapping[str, Any]") -> bool:
        """Whether a frame's code is the tool's or an official plugin's."""
        return self.of_frame(filename, module_globals)[0] in (APP, PLUGIN)

    def of_module(self, name: object) -> str:
        """The owner of a module's generated code and classes: by its name, and its file if it is loaded."""
        if type(name) is not str:
            return EXTERNAL
        file = self.program.file_of(name)
        if file is not None:
            return self.of_code(name, file)[0]
        if name in MAIN:  # its file is gone once its last line has run: since 3.14, and in other threads
            return APP if self.program.main or self.program.main_name else EXTERNAL
        return STDLIB if name.partition(".")[0] in sys.stdlib_module_names else EXTERNAL

    def of_class(self, module: str, name: str) -> str:
        """The owner of a class.

        A class that its module does not have was made by a text that the program ran. Libraries make classes
        as they need them, so those are not asked for.

        Args:
            module: The module that the class says.
            name: The qualified name of the class.
        """
        owner = self.of_module(module)
        return owner if owner == LIBRARY or self.program.declares(module, name) else EXTERNAL

    def _look_up(self, name: str | None, filename: str) -> tuple[str, str]:
        if filename[:1] == "<" and not filename.startswith("<frozen "):
            owner = self.of_module(name)
            return _NOBODY if owner == EXTERNAL else (owner, GENERATED)
        if self._others.own(name, filename) is not None:
            return _NOBODY
        for owner, tell in (
            (PLUGIN, self._official.own),
            (APP, self.program.own),
            (STDLIB, self.program.standard),
            (LIBRARY, self._ours.own),
        ):
            told = tell(name, filename)
            if told is not None:
                return self._among_own(name, filename, told) if owner == APP else (owner, told)
        path = filename.replace("\\", "/")
        return self._installed_file(path) if name is None else self._installed_module(name, path)

    def _among_own(self, name: str | None, filename: str, told: str) -> tuple[str, str]:
        """A file among the tool's own: a library may be installed there too, and anybody may add a file.

        So the lists of what was installed there decide, where there are any.
        """
        path = filename.replace("\\", "/")
        root = path.removesuffix(told)
        if name in MAIN or root == path:
            return APP, told
        if root not in self._is_site:
            from crashguard.program.metadata import is_site

            self._is_site[root] = is_site(root)
        if not self._is_site[root]:
            return APP, told
        libraries = self.libraries()
        if libraries is None:
            return APP, told
        module = name or told.rpartition(".")[0].replace("/", ".").removesuffix(".__init__")
        found = libraries.of_module(module, root, told)
        if found is not None:
            return APP if found.is_own else LIBRARY, told
        return _NOBODY if libraries.has_list_of_own(root) else (APP, told)

    def libraries(self) -> "Distributions | None":
        """What finds the libraries that may be told; made when first asked for, since it looks at files."""
        if self._libraries is None and self._distributions is not None:
            self._libraries = self._distributions()
        return self._libraries

    def distribution_of(self, name: str, root: str, tail: str) -> "Distribution | None":
        """The distribution of a named module; None for what lies beside the main script or in a bundle.

        Args:
            name: The name of the module.
            root: The folder (`/` at the end) that it was imported from.
            tail: The module's file below that folder.
        """
        if root in self.program.folders or self.program.is_bundled(name, root):
            return None
        libraries = self.libraries()
        return None if libraries is None else libraries.of_module(name, root, tail)

    def _installed_module(self, name: str, path: str) -> tuple[str, str]:
        """A module of neither the tool's packages nor the standard library."""
        root, told = self.program.spelled(name, path)
        if self.program.is_bundled(name, root):
            return LIBRARY, told
        compiled = self.program.compiled(name, path)
        if compiled[0] is not None:
            root, told = compiled
        if root is None:
            return _NOBODY
        libraries = self.libraries()
        found = None if libraries is None else libraries.of_module(name, root, told)
        return _NOBODY if found is None else (APP if found.is_own else LIBRARY, told)

    def _installed_file(self, path: str) -> tuple[str, str]:
        """The same for a frame that does not say its module."""
        libraries = self.libraries()
        if libraries is None:
            return _NOBODY
        sibling = libraries.is_sibling(path)
        if sibling is not None:
            return APP, sibling
        found = libraries.of_file(path)
        return _NOBODY if found is None else (APP if found[0].is_own else LIBRARY, found[1])


def _find_packages(program: Program, path: "Iterable[object]") -> None:
    """Look up on disk the packages that were not imported when a process wrote its facts."""
    for name, roots in program.homes.items():
        stem = name.replace(".", "/")
        for entry in path if not roots else ():
            root = os.path.abspath(entry).replace("\\", "/").rstrip("/") + "/" if type(entry) is str else ""
            if root and (os.path.isdir(root + stem) or os.path.isfile(f"{root}{stem}.py")):
                program.homes[name] = (root,)
                break


def plugin_of(tb: "TracebackType | None", plugins: "Sequence[Plugin]") -> "Plugin | None":
    """The plugin whose package holds the innermost frames of a traceback; None where no plugin's does.

    Args:
        tb: The traceback.
        plugins: The plugins of this process; a plugin without `packages` is not recognised.
    """
    known = [plugin for plugin in plugins if plugin.packages]
    found = None
    while tb is not None and known:
        name = tb.tb_frame.f_globals.get("__name__")
        if type(name) is str:
            top = name.partition(".")[0]
            found = next((plugin for plugin in known if top in plugin.packages), found)
        tb = tb.tb_next
    return found
