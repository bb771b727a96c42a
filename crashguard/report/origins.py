"""Origins: whose code a frame runs.

Only frames of known code keep their names. Code of the tool, of official plugins, of installed distributions
and of the standard library is known. All other code may be the user's, and its frames are `<external>`.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from types import TracebackType
    from typing import Any

    from crashguard.plugin import Plugin

APP = "app"
PLUGIN = "plugin"
LIBRARY = "library"
STDLIB = "stdlib"
EXTERNAL = "external"


class Origins:
    """Finds out whose code a frame runs, and the file name that a report may hold: never an absolute path.

    Args:
        packages: Top-level packages that are the tool's own, beside the main program.
        plugins: Plugins whose packages are known; only those of official ones are named.
    """

    def __init__(self, packages: "Iterable[str]" = (), plugins: "Iterable[Plugin]" = ()) -> None:
        self._cache: dict[str, tuple[str, str]] = {}
        self._owners: list[tuple[str, str, int]] = []  # (folder or file, owner, how much to cut off)
        self._modules: dict[str, str] = {}
        self._add_main_program()
        self._add_package("crashguard", LIBRARY)  # which may be vendored, or installed from a checkout
        for plugin in plugins:
            for package in plugin.packages:
                self._add_package(package, PLUGIN if plugin.official else EXTERNAL)
        for package in packages:
            self._add_package(package, APP)
        stdlib = os.path.dirname(os.__file__) + os.sep
        for entry in sys.path:
            if type(entry) is str and entry.endswith(("site-packages", "dist-packages")):
                self._owners.append((entry + os.sep, LIBRARY, len(entry) + 1))
        self._owners.append((stdlib, STDLIB, len(stdlib)))
        self._owners.append((os.path.join(stdlib, "lib-dynload") + os.sep, STDLIB, len(stdlib)))

    @classmethod
    def of_process(cls, header: "Mapping[str, Any]") -> "Origins":
        """The origins of a dead process, from the header of its native file.

        Its packages are looked up on disk, because the process may not have imported them when it wrote the
        header.
        """
        origins = cls.__new__(cls)
        origins._cache, origins._modules, origins._owners = {}, {}, []
        path = [os.path.abspath(entry) for entry in header["path"]]
        own = [header["main_package"].partition(".")[0]] if header["main_package"] else []
        if type(header["main"]) is str:
            for file in {header["main"], os.path.abspath(header["main"])}:
                origins._owners.append((file, APP, len(file) - len(os.path.basename(file))))
        for names, owner in (((*own, *header["packages"]), APP), (header["plugin_packages"], PLUGIN)):
            for name in names:
                origins._find_package(name, owner, path)
        for entry in path:
            if entry.endswith(("site-packages", "dist-packages")):
                origins._owners.append((entry + os.sep, LIBRARY, len(entry) + 1))
        stdlib = header["stdlib"] + os.sep
        origins._owners.append((stdlib, STDLIB, len(stdlib)))
        return origins

    def _find_package(self, name: str, owner: str, path: list[str]) -> None:
        for entry in path:
            folder = os.path.join(entry, name)
            if os.path.isdir(folder):
                self._owners.append((folder + os.sep, owner, len(entry) + 1))
            elif os.path.isfile(f"{folder}.py"):
                self._owners.append((f"{folder}.py", owner, len(entry) + 1))
            else:
                continue
            return

    def of_frame(self, filename: str, module_globals: "Mapping[str, Any]") -> tuple[str, str]:
        """(owner, file name relative to the folder of its package) of a frame's code.

        The owner is one of the constants of this module; for EXTERNAL the file name is `<external>`.
        """
        known = self._cache.get(filename)
        if known is None:
            known = self._look_up(filename, module_globals)
            if filename[:1] != "<":
                self._cache[filename] = known
        return known

    def of_module(self, name: object) -> str:
        """The owner of a module by its name: for classes, which have no file."""
        if type(name) is not str:
            return EXTERNAL
        top = name.partition(".")[0]
        if top in sys.stdlib_module_names:
            return STDLIB
        if top in self._modules:
            return self._modules[top]
        if top == "__main__":
            return APP
        file = getattr(sys.modules.get(top), "__file__", None)
        return self._look_up(file, {})[0] if type(file) is str else EXTERNAL

    def _look_up(self, filename: str, module_globals: "Mapping[str, Any]") -> tuple[str, str]:
        if filename.startswith("<frozen "):
            return STDLIB, filename
        if filename[:1] == "<":  # generated code belongs to the module that it runs in
            owner = self.of_module(module_globals.get("__name__"))
            return owner, "<external>" if owner == EXTERNAL else "<generated>"
        for path, owner, cut in self._owners:
            if filename == path or (path.endswith(os.sep) and filename.startswith(path)):
                name = "<external>" if owner == EXTERNAL else filename[cut:].replace("\\", "/")
                return owner, name
        return EXTERNAL, "<external>"

    def _add_main_program(self) -> None:
        main = sys.modules.get("__main__")
        spec = getattr(main, "__spec__", None)
        file = getattr(main, "__file__", None)
        package = getattr(spec, "parent", None)
        if type(package) is str and package and package != "runpy":
            self._add_package(package.partition(".")[0], APP)
        if type(file) is str:
            for path in {file, os.path.abspath(file)}:
                self._owners.append((path, APP, len(path) - len(os.path.basename(path))))

    def _add_package(self, name: str, owner: str) -> None:
        self._modules[name] = owner
        file = getattr(sys.modules.get(name), "__file__", None)
        if type(file) is not str:
            return
        folder, base = os.path.split(file)
        if base.startswith("__init__."):
            self._owners.append((folder + os.sep, owner, len(os.path.dirname(folder)) + 1))
        else:
            self._owners.append((file, owner, len(folder) + 1))


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
