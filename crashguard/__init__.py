"""Crash reports for command-line tools and plugins, under the control of the person at the terminal.

    import crashguard

    crashguard.install(app="mytool", version="1.2.3")        # sys.excepthook and threading.excepthook

    @crashguard.guard(plugin=crashguard.Plugin("acme", "source", "files", "1.0.0"))
    def main(): ...

    with crashguard.guard("sync"): ...

This file defines the public names and nothing else. The module behind a name is imported when the name is
first used: a program that does not crash pays for install() only. Where that fails after install() (the files
were deleted, or this process became a user who cannot read them), a stand-in does nothing in its place.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from crashguard._version import __version__ as __version__
    from crashguard.capture import capture_exception, install, uninstall
    from crashguard.capture.api import flush, last_run
    from crashguard.capture.guard import Guard as guard  # noqa: N813 (a class that is called like a function)
    from crashguard.capture.handover import child_environment
    from crashguard.config import Config
    from crashguard.exceptions import (
        ConfigurationError,
        CrashguardError,
        DSNError,
        SpoolError,
        TelemetryLevelError,
    )
    from crashguard.plugin import Plugin
    from crashguard.scrub import scrub_event, scrub_text
    from crashguard.telemetry_level import TelemetryLevel
    from crashguard.telemetry_level import resolve as resolve_telemetry_level

_HOMES = {
    "ConfigurationError": "exceptions",
    "CrashguardError": "exceptions",
    "DSNError": "exceptions",
    "Plugin": "plugin",
    "SpoolError": "exceptions",
    "TelemetryLevel": "telemetry_level",
    "TelemetryLevelError": "exceptions",
    "capture_exception": "capture",
    "child_environment": "capture.handover",
    "flush": "capture.api",
    "guard": "capture.guard:Guard",
    "install": "capture",
    "last_run": "capture.api",
    "resolve_telemetry_level": "telemetry_level:resolve",
    "scrub_event": "scrub",
    "scrub_text": "scrub",
    "uninstall": "capture",
}

__all__ = [
    "ConfigurationError",
    "CrashguardError",
    "DSNError",
    "Plugin",
    "SpoolError",
    "TelemetryLevel",
    "TelemetryLevelError",
    "capture_exception",
    "child_environment",
    "flush",
    "guard",
    "install",
    "last_run",
    "resolve_telemetry_level",
    "scrub_event",
    "scrub_text",
    "uninstall",
]


def __getattr__(name: str) -> object:
    home = "_version" if name == "__version__" else _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'crashguard' has no attribute {name!r}")
    try:
        value = _load(home, name)
    except Exception:
        from crashguard.client import current_client

        client = current_client()
        if client.config is None:
            raise  # a broken installation
        try:
            value = client.spare.lending(lambda: _load(home, name))
        except Exception:  # noqa: BLE001 (whatever an import raises)
            return _stand_in(name, client.config)
    globals()[name] = value
    return value


def _load(home: str, name: str) -> object:
    module, _, attribute = home.partition(":")
    if not module.startswith("capture."):
        return _import(module, attribute or name)
    # A fork in another thread must not fall into this import: its child would wait for it for ever.
    from crashguard.fork_gate import fork_gate

    with fork_gate:
        from crashguard import capture  # noqa: F401 (packagers find the modules of the table by this)

        return _import(module, attribute or name)


def _import(module: str, name: str) -> object:
    # __import__ with a list returns the submodule itself; importlib would be one more import at a start.
    # Vendored under another name, the package is that one.
    return getattr(__import__(f"{__name__}.{module}", fromlist=("*",)), name)


def _stand_in(name: str, config: "Config") -> object:
    """What does nothing in the place of a name whose module cannot be loaded any more."""
    if name[0].isupper() and name != "Plugin":
        return type(name, (Exception,), {})

    class Nothing:  # a guard that lets all pass, or a plugin of which nothing is sent
        team = kind = name = version = packages = ""
        official = False

        def __init__(self, *_: object, **__: object) -> None:
            pass

        def __call__(self, function: "Any") -> "Any":
            return function

        __enter__ = __exit__ = __init__

    if name in ("guard", "Plugin"):
        return Nothing
    answers: dict[str, object] = {"flush": False, "scrub_text": "[withheld]", "scrub_event": {}}
    if name == "child_environment":
        import os

        answers[name] = {**os.environ, config.env_var: "none"}
    return lambda *_, **__: answers.get(name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
