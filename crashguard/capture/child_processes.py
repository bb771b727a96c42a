"""Child processes of multiprocessing: how their crashes are seen, and how they get the settings.

A child process prints the exception that ended it and calls `os._exit`, so no hook is called. In the child
only, the caller of `Process.run()` is wrapped; the traceback shows no frame of crashguard. A forked child has
a copy of the settings. To a new interpreter (spawn, forkserver) the settings travel inside the Process object
that is pickled for the child: neither an environment variable nor a command line shows them.

This module is imported while multiprocessing is imported, so it imports only modules that are loaded already.
"""

import sys

from crashguard import minimal_record
from crashguard.client import current_client
from crashguard.program import Program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

    Install = Callable[..., None]

_SETTINGS = (
    *("app", "version", "dsn", "default_level", "environment"),
    *("delivery", "packages", "needles", "source_lines", "issue_url"),
)
_PLUGIN = ("team", "kind", "name", "version", "official", "packages")


class ChildWatch:
    """Passes the settings to every process that is made from now on; multiprocessing.process is loaded.

    Args:
        crashed: `hooks.crashed`; it takes mechanism, exception and traceback.
        install: `crashguard.install`, for a child that is a new interpreter.
    """

    __slots__ = ("_crashed",)

    def __init__(self, crashed: "Callable[..., None]", install: "Install") -> None:
        self._crashed = crashed
        # Every Process object has a copy of this dict from the process that makes it.
        sys.modules["multiprocessing.process"].current_process()._config[__package__] = Settings(install)

    def unwatch(self) -> None:
        """Stop passing the settings on."""
        sys.modules["multiprocessing.process"].current_process()._config.pop(__package__, None)

    def follow(self) -> None:
        """In a child, before its `run()`: watch for an exception that leaves `run()`."""
        base = getattr(sys.modules.get("multiprocessing.process"), "BaseProcess", None)
        bootstrap = getattr(base, "_bootstrap", None)
        if base is None or bootstrap is None or getattr(bootstrap, "__module__", None) == __name__:
            return
        crashed = self._crashed

        def _bootstrap(process: "Any", *args: "Any", **kwargs: "Any") -> "Any":
            process.run = _followed(process, process.run, crashed)
            return bootstrap(process, *args, **kwargs)

        base._bootstrap = _bootstrap


def calling_back(spec: "ModuleSpec", then: "Callable[[], None]") -> "ModuleSpec":
    """Have `then` called when the module of a spec has been loaded."""
    spec.loader = _Loader(spec.loader, then)  # type: ignore[assignment]  # it has what the import system calls
    return spec


class _Loader:
    """A loader that puts the real one back in its place and calls back after it."""

    __slots__ = ("_loader", "_then")

    def __init__(self, loader: "Any", then: "Callable[[], None]") -> None:
        self._loader = loader
        self._then = then

    def __getattr__(self, name: str) -> "Any":
        return getattr(self._loader, name)

    def create_module(self, spec: "ModuleSpec") -> "ModuleType | None":
        return self._loader.create_module(spec)  # type: ignore[no-any-return]

    def exec_module(self, module: "ModuleType") -> None:
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        self._then()


def _followed(
    process: "Any", run: "Callable[[], object]", crashed: "Callable[..., None]"
) -> "Callable[[], None]":
    def followed() -> None:
        del process.run
        try:
            run()
        except BaseException as exc:
            tb = minimal_record.traceback_of(exc)
            if tb is not None:
                tb = tb.tb_next  # without our own frame; a bare `raise` does not add it again
                BaseException.with_traceback(exc, tb)
            crashed("multiprocessing", exc, tb)
            raise

    return followed


def _can_be_found(thing: "Any") -> bool:
    """Whether a type or function can be pickled: by its name. Without it the child records more."""
    found = sys.modules.get(getattr(thing, "__module__", None) or "")
    for name in str(getattr(thing, "__qualname__", "")).split("."):
        found = getattr(found, name, None)
    return found is thing


class Settings:
    """A stand-in for the settings of this process: unpickling it calls install() with them.

    Args:
        install: `crashguard.install`.
    """

    __slots__ = ("_install",)

    def __init__(self, install: "Install") -> None:
        self._install = install

    def __reduce__(self) -> "tuple[Callable[..., object], tuple[object, ...]]":
        client = current_client()
        config = client.config
        if config is None or not (config.level.sends_errors or config.is_told):
            return _arrive, (self._install, None, None)
        settings: dict[str, Any] = {name: getattr(config, name) for name in _SETTINGS}
        settings["env_var"] = config.variables
        settings["refused_by"] = config.named.get("refused_by")
        # Rules may not be picklable. Without them the child must be stricter: it leaves messages out.
        settings["messages"] = "none" if config.rules else config.messages
        settings["ignore"] = [each for each in config.ignore if _can_be_found(each)]
        if not callable(config.vocabulary):  # a function may not be picklable either; without one less stays
            settings["vocabulary"] = config.vocabulary
        settings["note"] = config.note is True
        settings["notice"] = False
        settings["native"] = config.named.get("native", True)
        settings["program"] = (Program() if client.program is None else client.program).facts()
        settings["markers"] = False  # the parent sees how its child ended
        if config.level.source.partition(", ")[0] == "--telemetry-level":
            settings["telemetry_level"] = config.level.value
        plugin = config.plugin and {name: getattr(config.plugin, name) for name in _PLUGIN}
        return _arrive, (self._install, settings, plugin)


def _arrive(
    install: "Install", settings: "dict[str, Any] | None", plugin: "dict[str, Any] | None"
) -> Settings:
    """In a child process that is a new interpreter: call install() as the parent did. Never raises.

    Args:
        install: `crashguard.install`.
        settings: Its arguments, and `program`: whose code is the tool's own. None where the parent has no
            settings to pass on.
        plugin: Arguments of Plugin; None where the parent is not a plugin's process.

    Returns:
        The stand-in for the settings, for the children of this process.
    """
    client = current_client()
    try:
        from crashguard.plugin import Plugin

        config = client.config
        if settings is not None:
            program = Program.of_facts(settings.pop("program"))
        if settings is not None and config is None:
            client.program = program
            install(**settings, plugin=None if plugin is None else Plugin(**plugin))
        elif settings is not None:  # its main module has done so; what the parent was told counts here too
            if client.program is not None and config is not None and config.app == settings["app"]:
                _add(client.program, program)  # when it did so, it had no main module yet
            kept = ("messages", "ignore", "vocabulary", "note", "notice")  # pickled, these may say less
            install(**{name: value for name, value in settings.items() if name not in kept})
        client.follow_in_child()
    except Exception:  # noqa: BLE001, S110 (the child's work comes first)
        pass
    return Settings(install)


def _add(program: Program, other: Program) -> None:
    """Add to a program what another process of the same tool knows of it."""
    for name, roots in other.homes.items():
        program.homes[name] = tuple(dict.fromkeys((*program.homes.get(name, ()), *roots)))
    program.main = tuple(dict.fromkeys((*program.main, *other.main)))
    program.main_name = program.main_name or other.main_name
    program.folders = tuple(dict.fromkeys((*program.folders, *other.folders)))
    program.bundle = tuple(dict.fromkeys((*program.bundle, *other.bundle)))
