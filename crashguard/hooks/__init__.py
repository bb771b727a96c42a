"""install() and uninstall(): the hooks that are always on.

Rule 1: what install() imports is what a start can afford; the rest of the package is imported when
something crashes. A test counts the modules.
Rule 2: a hook calls the hook that was there before it, whatever happens, and what that one does
(print, raise, exit) is what the user sees.
Rule 3: the minimal record comes first, because the previous hook may end the process.

Must live here: putting hooks in and taking them out. Must not be known here: what a report looks like,
where it goes. That is the reporter's, which is only called.
"""

import _thread
import os
import sys

from crashguard import lastwords
from crashguard.config import Config
from crashguard.telemetry_level import ENV_VAR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import TracebackType
    from typing import Any, Literal

    from crashguard.config import Delivery, Note
    from crashguard.identity import Plugin


_config: Config | None = None
_hooks: "list[_ExceptHook | _ThreadHook]" = []


def current() -> Config | None:
    """The configuration of the last install(), or None."""
    return _config


def install(
    *,
    app: str,
    version: str,
    dsn: str | None = None,
    telemetry_level: str | None = None,
    env_var: str = ENV_VAR,
    environment: str | None = None,
    delivery: "Delivery" = "auto",
    packages: "Iterable[str]" = (),
    plugin: "Plugin | None" = None,
    note: "bool | Note" = True,
    needles: "Iterable[str]" = (),
    rules: "Iterable[Any]" = (),
    messages: 'Literal["scrubbed", "none"]' = "scrubbed",
    refused_by: str | None = None,
) -> None:
    """Report this program's crashes from now on: sets `sys.excepthook` and `threading.excepthook`.

    May be called first thing in a program, and again to change what it was told (the telemetry level,
    once the command line is parsed). What was hooked before still runs, first. Nothing is written and
    nothing leaves the machine until something crashes; at the telemetry levels `none` and `stats`, not
    even then.

    Args:
        app: The tool's name: the first part of the release and the name of its spool folder.
        version: The tool's version. `development` records but never sends.
        dsn: Where reports go: any server that speaks the Sentry protocol. None keeps them on the
            machine. A user can name a server of their own in `CRASHGUARD_DSN`; no `SENTRY_*` variable
            is ever read.
        telemetry_level: What the user gave to `--telemetry-level`, or None.
        env_var: The variable in which users of this tool set their telemetry level.
        environment: The Sentry environment of the reports, `production` for instance.
        delivery: `background` (a detached uploader), `inline` (in the dying process, under a deadline),
            `deferred` (the next run) or `auto`, which picks the first that can work here.
        packages: Top-level packages that are the tool's own, beside the main program: their frames
            are `in_app`.
        plugin: Set in a process that is one plugin: its crashes are the plugin's.
        note: False prints no note after a crash; a callable gets the note and returns the text to print
            in its place (None for nothing).
        needles: Texts that must never appear in a report, beside those that crashguard finds itself.
        rules: `crashguard.scrub.Rule`s of your own, beside those that crashguard ships.
        messages: `none` leaves out the messages of exceptions: type and frames only.
        refused_by: The name of another switch by which the user refused crash reports (`--no-sentry`), or
            None. It takes errors out of any telemetry level and leaves stats as they are.

    Raises:
        ConfigurationError: An argument makes no sense (TelemetryLevelError and DSNError are such).
            Nothing is raised for what the environment or a saved file says: that is one line on
            stderr, and then nothing is sent.
    """
    global _config  # noqa: PLW0603 (sys.excepthook is global too: there is one configuration a process)
    config = Config(
        app=app,
        version=version,
        dsn=dsn,
        flag=telemetry_level,
        env_var=env_var,
        environment=environment,
        delivery=delivery,
        packages=packages,
        plugin=plugin,
        note=note,
        needles=needles,
        rules=rules,
        messages=messages,
        refused_by=refused_by,
    )
    _config = config
    lastwords.prepare(config.spool, config.release, config.dsn, sys.path)
    _set_hooks()
    if os.path.isdir(config.spool):
        _tend(config)


def uninstall() -> None:
    """Put back what install() replaced and forget what it was told.

    A hook that somebody set after install() stays; ours, underneath, only passes on from then on.
    """
    global _config  # noqa: PLW0603 (as above)
    _config = None
    while _hooks:
        _hooks.pop().remove()


def child_environment(environ: "Mapping[str, str] | None" = None) -> dict[str, str]:
    """The environment for a plugin process: this one's, with the telemetry level that was resolved here.

    A level that came from the flag reaches the plugin only this way.

    Args:
        environ: What to start from; `os.environ` by default.
    """
    handed = dict(os.environ if environ is None else environ)
    if _config is not None:
        handed[_config.env_var] = _config.level.value
    return handed


class _ExceptHook:
    """`sys.excepthook`: an exception that nothing caught, in the main thread."""

    __slots__ = ("active", "previous")

    def __init__(self) -> None:
        self.active = True
        self.previous = sys.excepthook
        sys.excepthook = self

    def remove(self) -> None:
        self.active = False
        if sys.excepthook is self:
            sys.excepthook = self.previous

    def __call__(self, exc_type: type[BaseException], exc: BaseException, tb: "TracebackType | None") -> None:
        if self.active:
            _crash("excepthook", exc, tb, lambda: self.previous(exc_type, exc, tb))
        else:
            self.previous(exc_type, exc, tb)


class _ThreadHook:
    """`threading.excepthook`: an exception that nothing caught, in another thread.

    Importing threading costs a third of a bare start. While nobody has imported it, the hook waits in
    `_thread._excepthook`, from which threading takes its own (and `__excepthook__`) when it is imported.
    """

    __slots__ = ("active", "previous")

    def __init__(self) -> None:
        self.active = True
        module, name = _thread_hook_place()
        self.previous: Any = getattr(module, name)
        setattr(module, name, self)

    def remove(self) -> None:
        self.active = False
        threading = sys.modules.get("threading")
        for module, name in (
            (_thread, "_excepthook"),
            (threading, "excepthook"),
            (threading, "__excepthook__"),
        ):
            if getattr(module, name, None) is self:
                setattr(module, name, self.previous)

    def __call__(self, args: "Any") -> None:
        exc = args.exc_value
        if self.active and exc is not None:
            _crash("threading", exc, args.exc_traceback, lambda: self.previous(args))
        else:
            self.previous(args)


def _thread_hook_place() -> "tuple[object, str]":
    if "threading" not in sys.modules and hasattr(_thread, "_excepthook"):
        return _thread, "_excepthook"
    import threading  # loaded already, or an interpreter other than CPython

    return threading, "excepthook"


def _set_hooks() -> None:
    if not isinstance(sys.excepthook, _ExceptHook):
        _hooks.append(_ExceptHook())
    if not isinstance(getattr(*_thread_hook_place()), _ThreadHook):
        _hooks.append(_ThreadHook())


def _crash(
    mechanism: str, exc: BaseException, tb: "TracebackType | None", previous: "Callable[[], object]"
) -> None:
    """What a hook does: minimal record, the previous hook, the report, the note."""
    config = _config
    if config is None or not config.level.sends_errors or not _is_crash(exc):
        previous()
        return
    words = lastwords.write(mechanism, exc, tb)
    try:
        previous()
    except SystemExit:
        _report(config, exc, mechanism, words, note=False)
        raise
    except BaseException as broken:  # noqa: BLE001 (CPython catches whatever a hook raises, so do we)
        _show_broken_hook(broken, exc, tb)
    _report(config, exc, mechanism, words, note=True)


def _is_crash(exc: BaseException) -> bool:
    try:
        from crashguard.silence import is_crash

        return is_crash(exc)
    except BaseException:  # noqa: BLE001 (the import system itself may be what broke)
        return not isinstance(exc, (KeyboardInterrupt, SystemExit, GeneratorExit))


def _report(config: Config, exc: BaseException, mechanism: str, words: str | None, *, note: bool) -> None:
    try:
        from crashguard import reporter

        record = reporter.record(config, exc, mechanism=mechanism, handled=False, words=words)
        if record is None:
            return
        if note:
            from crashguard.note import show

            show(config, record)
        reporter.hand_over(config, record, dying=mechanism == "excepthook")
    except BaseException:  # noqa: BLE001, S110 (a dying process must die its own death; the words are on disk)
        pass


def _show_broken_hook(broken: BaseException, exc: BaseException, tb: "TracebackType | None") -> None:
    """Say what CPython says when a hook raises (`_PyErr_PrintEx`), less our own frames."""
    try:
        stderr = sys.stderr
        stderr.write("Error in sys.excepthook:\n")
        below = broken.__traceback__
        while below is not None and below.tb_frame.f_code.co_filename == __file__:
            below = below.tb_next
        sys.__excepthook__(type(broken), broken.with_traceback(below), below)
        stderr.write("\nOriginal exception was:\n")
        sys.__excepthook__(type(exc), exc, tb)
    except BaseException:  # noqa: BLE001, S110 (nothing is left to say it with)
        pass


def _tend(config: Config) -> None:
    """Look after a spool that earlier runs left: a no deletes what waits, a yes sends it."""
    try:
        if not config.level.sends_errors:
            if config.level.problem is None:
                from crashguard.spool import Spool

                Spool(config.spool).withdraw()
        elif config.dsn and lastwords.is_pending(config.spool):
            from crashguard.deliver import launch

            launch.resume(config)
    except Exception:  # noqa: BLE001, S110 (a healthy run is not disturbed by the spool's state)
        pass
