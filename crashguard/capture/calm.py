"""The calm end (`install(ending="calm")`), for users who do not program: lines in place of a traceback.

The report has the traceback. On the screen it is shown where the user asks for it: by the tool's variable
(`MYTOOL_TRACEBACK=1`), or by `--traceback` in a tool that has this option. What is no crash ends as ever.

The hook lies below that of `hooks`. What was there before still runs, because it may be another reporter, but
what it prints is dropped. Typer sets a hook of its own each time a tool starts; this one takes its place.
"""

import _thread
import sys

from crashguard.capture.hooks import _ExceptHook
from crashguard.client import current_client, current_config

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from types import TracebackType
    from typing import Any

    from crashguard.client import Client
    from crashguard.config import Config

_SUFFIX = "_TELEMETRY_LEVEL"
_OFF = ("", "0", "false", "no", "off")
_FLAG = "--traceback"


def install(client: "Client") -> None:
    """Put the hook below ours, or where ours would be; once."""
    end = next((hook for hook in client.hooks if isinstance(hook, _CalmEnd)), None)
    if end is None:
        end = _CalmEnd()
        client.hooks.append(end)
    end.replace_typers()


class _CalmEnd:
    """The hook. It lies on `sys.meta_path` too, to notice the import of Typer."""

    __slots__ = ("_typers", "previous")

    def __init__(self) -> None:
        self._typers: Any = None
        above = sys.excepthook
        if isinstance(above, _ExceptHook):
            self.previous = above.previous
            above.previous = self
        else:
            self.previous = above
            sys.excepthook = self
        sys.meta_path.insert(0, self)

    def remove(self) -> None:
        above = sys.excepthook
        if above is self:
            sys.excepthook = self.previous
        elif isinstance(above, _ExceptHook) and above.previous is self:
            above.previous = self.previous
        if self in sys.meta_path:
            sys.meta_path.remove(self)
        typer: Any = sys.modules.get("typer.main")
        if typer is not None and self._typers is not None:
            typer.except_hook = self._typers

    def __call__(self, exc_type: type[BaseException], exc: BaseException, tb: "TracebackType | None") -> None:
        said = None
        config = current_config()
        try:
            calm = config is not None and config.ending == "calm"
            if config is not None and calm and not is_asked_for(config) and _is_crash(exc, config):
                said = words(config, tb)
        except Exception:  # noqa: BLE001, S110 (then the traceback is better than nothing)
            pass
        if said is None:
            self.previous(exc_type, exc, tb)
            return
        if self.previous is not sys.__excepthook__:
            loud, sys.stderr = sys.stderr, _Quiet(sys.stderr)
            try:
                self.previous(exc_type, exc, tb)
            finally:
                sys.stderr = loud
        try:
            sys.stderr.write(said)
            sys.stderr.flush()
        except Exception:  # noqa: BLE001, S110 (stderr may be None or closed: then nothing can be said)
            pass

    def find_spec(self, name: str, path: "Any" = None, target: "Any" = None) -> "ModuleSpec | None":
        if name != "typer.main":
            return None
        try:
            from crashguard.capture.child_processes import calling_back
        except Exception:  # noqa: BLE001 (an import must not fail for our sake)
            return None
        for finder in sys.meta_path:
            spec = None if finder is self else finder.find_spec(name, path, target)
            if spec is not None:
                return calling_back(spec, self.replace_typers)
        return None

    def replace_typers(self) -> None:
        """Have Typer set the hook that is set already, in place of its own."""
        typer: Any = sys.modules.get("typer.main")
        own = getattr(typer, "except_hook", None)
        if own is not None and own is not sys.excepthook:
            if self._typers is None:
                self._typers = own
            typer.except_hook = sys.excepthook


class _Quiet:
    """stderr without what this thread writes."""

    def __init__(self, stream: "Any") -> None:
        self._stream = stream
        self._thread = _thread.get_ident()

    def write(self, text: str) -> int:
        return len(text) if _thread.get_ident() == self._thread else self._stream.write(text)

    def __getattr__(self, name: str) -> "Any":
        return getattr(self._stream, name)


def _is_crash(exc: BaseException, config: "Config") -> bool:
    from crashguard.capture.ignored import is_crash

    return is_crash(exc, config.ignore)


def variable(config: "Config") -> str:
    """The variable that shows the traceback: it is named as that of the telemetry level is."""
    if config.env_var.endswith(_SUFFIX):
        return config.env_var.removesuffix(_SUFFIX) + "_TRACEBACK"
    return "".join(c if c.isalnum() else "_" for c in config.app.upper()) + "_TRACEBACK"


def is_asked_for(config: "Config") -> bool:
    """Whether the user asks for the traceback on the screen."""
    import os

    arguments = list(getattr(sys, "argv", ()))
    if "--" in arguments:
        arguments = arguments[: arguments.index("--")]
    return os.environ.get(variable(config), "").lower() not in _OFF or _FLAG in arguments


def words(config: "Config", tb: "TracebackType | None") -> str:
    """What is printed: which command failed, what to do, and how to see the traceback."""
    from crashguard.report import command

    path, _ = command.find([tb], current_client().arguments) or ([], [])
    failed = " ".join((config.app, *path))
    where = f": {config.contact}" if config.contact else "."
    return (
        f"{failed} failed because of a fault in {config.app}.\n"
        f"Try again, or tell its makers{where}\n"
        f"For the technical details, run it again with {variable(config)}=1.\n"
    )
