"""Who is who: a plugin, whether it is official, and whose code a file is.

The rule that everything else follows: only the tool itself and official plugins transmit, and only
frames of known code are named. Known is what the tool, an official plugin, an installed distribution or
the standard library brought along; all else is somebody's own code and stays `<external>`.

Must live here: who code belongs to. Must not be known here: exceptions, reports, the telemetry level.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

KINDS = ("source", "destination", "transformer")

APP = "app"
PLUGIN = "plugin"
LIBRARY = "library"
STDLIB = "stdlib"
EXTERNAL = "external"


class Plugin:
    """An integration, as its publisher describes it in code; never as a user's configuration does.

    Attributes:
        team: Who publishes it: `cloudquery`.
        kind: `source`, `destination` or `transformer`.
        name: Its name within the team: `aws`.
        version: Its version; `development` never sends.
        official: Whether its crashes may be sent at all. By default true for the team `cloudquery` only.
        packages: Its top-level Python packages. A crash that comes out of them is the plugin's even
            where no guard stood between; frames of an official plugin's packages are named.
    """

    __slots__ = ("kind", "name", "official", "packages", "team", "version")

    team: str
    kind: str
    name: str
    version: str
    official: bool
    packages: tuple[str, ...]

    def __init__(
        self,
        team: str,
        kind: str,
        name: str,
        version: str,
        *,
        official: bool | None = None,
        packages: "Iterable[str]" = (),
    ) -> None:
        for field, value in (("team", team), ("name", name), ("version", version)):
            if not isinstance(value, str) or not value or len(value) > 200 or not value.isprintable():
                raise _error(f"Plugin: {field}={value!r}: give a short, printable name")
        if kind not in KINDS:
            raise _error(f"Plugin: kind={kind!r}: choose one of {', '.join(KINDS)}")
        values: dict[str, object] = {
            "team": team,
            "kind": kind,
            "name": name,
            "version": version,
            "official": team == "cloudquery" if official is None else bool(official),
            "packages": (packages,) if isinstance(packages, str) else tuple(packages),
        }
        for field, checked in values.items():
            object.__setattr__(self, field, checked)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"Plugin is frozen: {name} cannot be set")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Plugin) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        official = "official" if self.official else "not official"
        return f"<Plugin {self} ({official})>"

    def __str__(self) -> str:
        return f"{self.team}/{self.kind}/{self.name}@{self.version}"

    def _key(self) -> tuple[object, ...]:
        return (self.team, self.kind, self.name, self.version, self.official, self.packages)

    @property
    def may_send(self) -> bool:
        """Whether a crash of this plugin may leave the machine at all."""
        return self.official and self.version.lower() != "development"


_known: "list[Plugin]" = []


def know(plugin: Plugin) -> None:
    """Remember that a plugin is guarded in this process: its packages tell a crash that no guard saw."""
    if plugin not in _known:
        _known.append(plugin)


def known_plugins() -> "tuple[Plugin, ...]":
    """The plugins that are guarded in this process."""
    return tuple(_known)


class Origins:
    """Tells whose code a frame runs, and the file name that may be told: never an absolute path.

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
    def of_process(cls, told: "Mapping[str, Any]") -> "Origins":
        """The origins of a process that is gone, from what it wrote about itself (`crashguard.runs`).

        Where its packages lie is looked up on disk: it may not have imported them when it wrote.
        """
        origins = cls.__new__(cls)
        origins._cache, origins._modules, origins._owners = {}, {}, []
        path = [os.path.abspath(entry) for entry in told["path"]]
        own = [told["main_package"].partition(".")[0]] if told["main_package"] else []
        if type(told["main"]) is str:
            for file in {told["main"], os.path.abspath(told["main"])}:
                origins._owners.append((file, APP, len(file) - len(os.path.basename(file))))
        for names, owner in (((*own, *told["packages"]), APP), (told["plugin_packages"], PLUGIN)):
            for name in names:
                origins._find_package(name, owner, path)
        for entry in path:
            if entry.endswith(("site-packages", "dist-packages")):
                origins._owners.append((entry + os.sep, LIBRARY, len(entry) + 1))
        stdlib = told["stdlib"] + os.sep
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
        """(owner, file name relative to where its package lies) of a frame's code.

        The owner is one of the constants of this module; for EXTERNAL the name is `<external>`.
        """
        known = self._cache.get(filename)
        if known is None:
            known = self._look_up(filename, module_globals)
            if filename[:1] != "<":
                self._cache[filename] = known
        return known

    def of_module(self, name: object) -> str:
        """The owner of a module by its name: for classes, which carry no file."""
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
        if filename[:1] == "<":  # generated code: it is whose module it runs in
            owner = self.of_module(module_globals.get("__name__"))
            return owner, "<external>" if owner == EXTERNAL else "<generated>"
        for place, owner, cut in self._owners:
            if filename == place or (place.endswith(os.sep) and filename.startswith(place)):
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


def _error(problem: str) -> Exception:
    from crashguard.exceptions import ConfigurationError

    return ConfigurationError(problem)
