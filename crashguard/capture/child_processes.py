"""Processes of multiprocessing: how their end is seen, and how a new interpreter gets our settings.

A child prints the exception that ended it and leaves with `os._exit`: no hook is called. So in the child,
and only there, what calls `Process.run()` is wrapped; no frame of ours is in the traceback. Forked
children have our settings. For those that start as a new interpreter (spawn, forkserver) they travel
inside the Process object that is pickled for the child: no environment variable and no command line
shows them.

It is imported while multiprocessing is, so it imports nothing that is not loaded.
"""

import sys

from crashguard import client as clients
from crashguard.recovery import minimal_record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Arrive = Callable[[dict[str, Any] | None, dict[str, Any] | None], object]

_PLUGIN = ("team", "kind", "name", "version", "official", "packages")


class ChildWatch:
    """Hands our settings to every process that is made from now on; multiprocessing.process is loaded.

    Args:
        crashed: What a hook does: takes mechanism, exception and traceback.
        arrive: What installs our settings in a child that is a new interpreter (`Settings`).
    """

    __slots__ = ("_crashed",)

    def __init__(self, crashed: "Callable[..., None]", arrive: "Arrive") -> None:
        self._crashed = crashed
        # Every Process object copies this dict from the process that makes it, and takes it along.
        sys.modules["multiprocessing.process"].current_process()._config[__package__] = Settings(arrive)

    def unwatch(self) -> None:
        """Hand nothing over any more."""
        sys.modules["multiprocessing.process"].current_process()._config.pop(__package__, None)

    def follow(self) -> None:
        """In a child, before its `run()`: see to it that an exception that leaves it is seen."""
        base = getattr(sys.modules.get("multiprocessing.process"), "BaseProcess", None)
        bootstrap = getattr(base, "_bootstrap", None)
        if base is None or bootstrap is None or getattr(bootstrap, "__module__", None) == __name__:
            return
        crashed = self._crashed

        def _bootstrap(process: "Any", *args: "Any", **kwargs: "Any") -> "Any":
            process.run = _followed(process, process.run, crashed)
            return bootstrap(process, *args, **kwargs)

        base._bootstrap = _bootstrap


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
                tb = tb.tb_next  # a bare `raise` does not put us back in
                BaseException.with_traceback(exc, tb)
            crashed("multiprocessing", exc, tb)
            raise

    return followed


class Settings:
    """Stands for the settings of this process; unpickled, it installs them.

    Args:
        arrive: Takes the arguments of install() and those of the plugin, each None where there are none.
    """

    __slots__ = ("_arrive",)

    def __init__(self, arrive: "Arrive") -> None:
        self._arrive = arrive

    def __reduce__(self) -> "tuple[Callable[..., object], tuple[object, ...]]":
        client = clients.current()
        config = client.config
        if config is None or not config.level.sends_errors:
            return self._arrive, (None, None)
        settings: dict[str, Any] = {
            name: getattr(config, name)
            for name in ("app", "version", "dsn", "env_var", "environment", "delivery", "packages", "needles")
        }
        # What cannot be pickled gives way to what is stricter: the host's rules to no message at all.
        settings["messages"] = "none" if config.rules else config.messages
        settings["note"] = config.note is True
        settings["native"] = client.run is not None and client.run.is_watched
        settings["markers"] = False  # how a child ended is its parent's to see
        if config.level.source == "--telemetry-level":
            settings["telemetry_level"] = config.level.value
        plugin = config.plugin and {name: getattr(config.plugin, name) for name in _PLUGIN}
        return self._arrive, (settings, plugin)
