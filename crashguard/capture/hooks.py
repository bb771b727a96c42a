"""The hooks, which have to be in place before a crash.

Rule 1: a hook always calls the hook that was in place before it. The user sees what that hook does (print,
raise, exit).
Rule 2: the minimal record comes first, because the previous hook may end the process.
Rule 3: this module replaces the three hooks that the interpreter offers, and wraps or patches nothing else.

`docs/ways-to-die.md` lists which hook sees which end of a process. The reporter, which `capture.crash` calls,
makes the report and has it sent.
"""

import _thread
import atexit
import os
import sys

from crashguard import minimal_record
from crashguard.client import current_client, fork_gate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.machinery import ModuleSpec
    from types import TracebackType
    from typing import Any

    from crashguard.capture.child_processes import Arrive
    from crashguard.client import Client
    from crashguard.config import Ignored
    from crashguard.registry import Claim

_GOES_ON = ("unraisable", "asyncio")  # the program goes on after what is caught there


def install(client: "Client", arrive: "Arrive") -> None:
    """Set the hooks that are not in place yet.

    Args:
        client: The client of this process.
        arrive: Calls install() in a child process that is a new interpreter.
    """
    if not isinstance(sys.excepthook, _ExceptHook):
        client.hooks.append(_ExceptHook())
    if not isinstance(getattr(*_thread_hook_owner()), _ThreadHook):
        client.hooks.append(_ThreadHook())
    if not isinstance(sys.unraisablehook, _UnraisableHook):
        client.hooks.append(_UnraisableHook())
    if not any(isinstance(hook, _ImportWatch) for hook in client.hooks):
        client.hooks.append(_ImportWatch(arrive))
    watch_end()


def install_in_children(client: "Client", arrive: "Arrive") -> None:
    """Only pass the settings on to child processes that are new interpreters: there is a no among them."""
    remove(client)
    client.hooks.append(_ImportWatch(arrive))


def watch_end() -> None:
    """End the run of this process when the interpreter ends."""
    atexit.unregister(_at_end)
    atexit.register(_at_end)


def remove(client: "Client") -> None:
    """Put back the previous hooks. A hook that other code set over ours stays; ours only passes on then."""
    atexit.unregister(_at_end)
    while client.hooks:
        client.hooks.pop().remove()


def follow_in_child(client: "Client") -> None:
    """In a new process: watch for its crash."""
    for hook in client.hooks:
        if isinstance(hook, _ImportWatch):
            for watcher in hook.watchers.values():
                watcher.follow()


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
        typed = False
        if "code" in sys.modules:
            from crashguard.capture import interactive

            caller = sys._getframe().f_back
            typed = interactive.is_typing(caller)
            if typed and self.previous is sys.__excepthook__:
                tb = interactive.shown(caller, tb)
                exc = exc.with_traceback(tb)
        if self.active and not typed:
            crashed("excepthook", exc, tb, lambda: self.previous(exc_type, exc, tb))
        else:
            self.previous(exc_type, exc, tb)


class _ThreadHook:
    """`threading.excepthook`: an exception that nothing caught, in another thread.

    Importing threading costs a third of a bare start. Until the program imports it, the hook is set as
    `_thread._excepthook`: on its import, threading takes its `excepthook` and `__excepthook__` from there.
    """

    __slots__ = ("active", "previous")
    # It replaces a function of `_thread`, and CPython's own test of threading checks the name of the module.
    __module__ = "_thread"

    def __init__(self) -> None:
        self.active = True
        module, name = _thread_hook_owner()
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
            crashed("threading", exc, args.exc_traceback, lambda: self.previous(args))
        else:
            self.previous(args)


class _UnraisableHook:
    """`sys.unraisablehook`: an exception that has no caller, from `__del__`, a weakref or C callback, atexit.

    The hook keeps no reference to its arguments: that would bring an object back that is being destroyed.
    """

    __slots__ = ("active", "at_the_end", "previous")

    def __init__(self) -> None:
        self.active = True
        self.at_the_end: Callable[[Any], object] | None = None
        self.previous: Any = sys.unraisablehook
        sys.unraisablehook = self

    def remove(self) -> None:
        self.active = False
        if sys.unraisablehook is self:
            sys.unraisablehook = self.previous

    def __call__(self, args: "Any", *, is_finalizing: "Callable[[], bool]" = sys.is_finalizing) -> None:
        exc = args.exc_value
        if not self.active or exc is None or _is_of_debugger(args):
            self.previous(args)
        elif not is_finalizing():
            crashed("unraisable", exc, args.exc_traceback, lambda: self.previous(args))
        elif self.at_the_end is not None:
            self.at_the_end(args)
        else:
            self.previous(args)


class _ImportWatch:
    """Notices that asyncio or multiprocessing is imported, so that they are watched too. It finds no module.

    It lies on `sys.meta_path`. The import system asks it for every module, also for the one that asyncio or
    multiprocessing imports right after the module to be watched; so no import has to be wrapped. It has the
    method that the import system calls; the rest of an importer's interface is optional.

    With lazy imports (3.15) nothing is imported right after multiprocessing.process. There, and only there,
    its loader is wrapped.
    """

    __slots__ = ("_arrive", "watchers")

    def __init__(self, arrive: "Arrive") -> None:
        self._arrive = arrive
        self.watchers: dict[str, Any] = {}
        sys.meta_path.insert(0, self)
        for name in ("asyncio.runners", _PROCESS):
            if name in sys.modules:
                self._watch(name.partition(".")[0])

    def remove(self) -> None:
        if self in sys.meta_path:
            sys.meta_path.remove(self)
        while self.watchers:
            self.watchers.popitem()[1].unwatch()

    def find_spec(self, name: str, path: "Any" = None, target: "Any" = None) -> "ModuleSpec | None":
        if name in _NEXT:
            self._watch(name.partition(".")[0])
        elif name == _PROCESS and sys.version_info >= (3, 15) and sys.get_lazy_imports() == "all":
            from crashguard.capture.child_processes import calling_back

            for finder in sys.meta_path:
                spec = None if finder is self else finder.find_spec(name, path, target)
                if spec is not None:
                    return calling_back(spec, lambda: self._watch("multiprocessing"))
        return None

    def _watch(self, package: str) -> None:
        """Watch a package whose import is under way: the import system holds its lock."""
        if package in self.watchers:
            return
        try:
            if package == "asyncio":
                from crashguard.capture.event_loops import LoopWatch

                self.watchers[package] = LoopWatch(crashed)
            else:
                from crashguard.capture.child_processes import ChildWatch

                self.watchers[package] = ChildWatch(crashed, self._arrive)
        except Exception:  # noqa: BLE001, S110 (an import must not fail for our sake)
            pass


_NEXT = ("asyncio.runners", "multiprocessing.reduction")
_PROCESS = "multiprocessing.process"


def _in_child() -> None:
    """In a forked child: it reports for itself."""
    fork_gate.in_child()
    client = current_client()
    client.registry = None
    if client.run is not None:
        client.run.forked()
    client.ends = False  # also one that is forked by a callback at its parent's exit
    follow_in_child(client)


def _thread_hook_owner() -> "tuple[object, str]":
    if "threading" not in sys.modules and hasattr(_thread, "_excepthook"):
        return _thread, "_excepthook"
    import threading  # loaded already, or an interpreter other than CPython

    return threading, "excepthook"


def _at_end() -> None:
    """At exit: report a crash that a replaced hook did not pass on, write counts, end the run."""
    client = current_client()
    try:
        if client.config is not None and client.config.level.sends_errors:
            _report_last(client)
            if client.registry is not None and client.captured is None:
                client.registry.write_counts(client.config)
        client.end()
    except Exception:  # noqa: BLE001, S110 (the host may have set these attributes to anything)
        pass
    if client.run is not None:
        client.run.end()


def _report_last(client: "Client") -> None:
    for hook in client.hooks:
        if isinstance(hook, _UnraisableHook):
            hook.at_the_end = _last_hook(hook.previous, client, minimal_record.outliving())
    # If other code replaced the hook (typer and rich do), the interpreter still has the exception that ended
    # the program. If the hook is ours, other code set `last_exc`: pytest does so at every failed test.
    exc = getattr(sys, "last_exc", None) or getattr(sys, "last_value", None)
    if exc is None or _is_passed_on(sys.excepthook):
        return
    tb = minimal_record.traceback_of(exc)
    # What ended the program came through the main module. A prompt (IPython's) catches what was typed.
    outermost = None if tb is None else tb.tb_frame.f_code
    if outermost is None or outermost.co_name == "<module>" or outermost.co_filename.startswith("<frozen"):
        crashed("atexit", exc, tb)


def _is_passed_on(hook: object) -> bool:
    """Whether a hook is ours, or that of another copy of this package, which calls ours."""
    while type(hook).__name__ == _ExceptHook.__name__ and not isinstance(hook, _ExceptHook):
        hook = getattr(hook, "previous", None)
    return isinstance(hook, _ExceptHook)


def _last_hook(
    previous: "Callable[[Any], object]", client: "Client", put_back: "Callable[[], None]"
) -> "Callable[[Any], object]":
    """An unraisable hook for the time when the interpreter clears modules: it refers to all that it needs."""
    write, site_of = minimal_record.write, minimal_record.site_of
    prepared, local_only = client.prepared, client.local_only
    assert prepared is not None  # noqa: S101 (install() made it)
    seen = set() if client.registry is None else client.registry.sites()
    expected = () if client.config is None else (e for e in client.config.ignore if isinstance(e, type))
    silent = (KeyboardInterrupt, SystemExit, GeneratorExit, BrokenPipeError, *expected)
    # Their last flush finds a full disk or a reader that went away. Ids, because references keep files alive.
    # Since 3.13 the interpreter says in words which file it was, and passes no object.
    output = (id(sys.stdout), id(sys.stderr))
    shown = [name for name in (_file_as_shown(sys.stdout), _file_as_shown(sys.stderr)) if name]
    in_words = ("flushing sys.stdout", "flushing sys.stderr", *(f"finalizing file {name}" for name in shown))

    def hook(args: "Any") -> None:
        exc = args.exc_value
        try:
            put_back()
            site = site_of(exc)
            said = args.err_msg
            of_output = id(args.object) in output or (type(said) is str and said.endswith(in_words))
            if not issubclass(type(exc), silent) and (site,) not in seen and not of_output:
                seen.add((site,))
                write(prepared, "unraisable", exc, args.exc_traceback, goes_on=True, local_only=local_only)
        except BaseException:  # noqa: BLE001, S110 (there may be nothing left to work with)
            pass
        previous(args)

    return hook


def _is_of_debugger(args: "Any") -> bool:
    """Whether the script that failed was sent into this process from outside (`sys.remote_exec`, 3.14)."""
    said = args.err_msg
    return type(said) is str and said.startswith("Error executing debugger script")


def _file_as_shown(file: object) -> str:
    """How a message of the interpreter names a file (3.14); empty for anything but one of its own files."""
    try:
        return repr(file) if type(file) is sys.modules["_io"].TextIOWrapper else ""
    except Exception:  # noqa: BLE001 (its name may be an object of the host)
        return ""


def _nothing() -> None:
    """The previous hook where there is none."""


def crashed(
    mechanism: str,
    exc: BaseException,
    tb: "TracebackType | None",
    previous: "Callable[[], object]" = _nothing,
) -> None:
    """The steps of every hook: claim, minimal record, the previous hook, the report, the note."""
    client = current_client()
    is_crash, claim, minimal_path = False, None, None
    try:
        if client.config is not None and client.config.level.sends_errors:
            is_crash = _is_crash(exc, client.config.ignore)
            if is_crash:
                claim, minimal_path = _claim(client, mechanism, exc, tb)
    except BaseException:  # noqa: BLE001, S110 (a __del__ may run where no stack is left)
        pass
    if not is_crash:
        previous()
        return
    try:
        previous()
    except SystemExit:
        _report(client, exc, mechanism, claim, minimal_path, broken=None, note=False)
        raise
    except BaseException as broken:  # noqa: BLE001 (CPython catches whatever a hook raises, so do we)
        _report(client, exc, mechanism, claim, minimal_path, broken=broken, note=True)
    else:
        _report(client, exc, mechanism, claim, minimal_path, broken=None, note=True)


def _claim(
    client: "Client", mechanism: str, exc: BaseException, tb: "TracebackType | None"
) -> "tuple[Claim | None, str | None]":
    """The claim on a crash, and the path of its minimal record if the crash is new.

    The first crash of a process is not claimed here: its minimal record is written before the registry is
    imported.
    """
    claim = event_id = None
    if client.registry is not None:
        claim = client.registry.claim(exc)
        if not claim.is_new or claim.record is None:
            return claim, None
        event_id = claim.record.event_id
    assert client.prepared is not None  # noqa: S101 (install() made it)
    return claim, minimal_record.write(
        client.prepared,
        mechanism,
        exc,
        tb,
        event_id=event_id,
        goes_on=mechanism in _GOES_ON,
        local_only=client.local_only,
    )


def _is_crash(exc: BaseException, ignore: "tuple[Ignored, ...]") -> bool:
    try:
        with fork_gate:
            from crashguard.capture.ignored import is_crash

        return is_crash(exc, ignore)
    except BaseException:  # noqa: BLE001 (the import system itself may be what broke)
        return not issubclass(type(exc), (KeyboardInterrupt, SystemExit, GeneratorExit))


def _report(
    client: "Client",
    exc: BaseException,
    mechanism: str,
    claim: "Claim | None",
    minimal_path: str | None,
    *,
    broken: BaseException | None,
    note: bool,
) -> None:
    lent = paused = False
    try:
        lent = mechanism == "excepthook" and minimal_record.lend_descriptor()
        paused = mechanism == "excepthook" and _pause_collector(exc)
        with fork_gate:
            from crashguard.capture import crash

            if broken is not None:
                crash.show_broken_hook(mechanism, broken, exc)
            crash.report(
                client,
                exc,
                mechanism,
                claim,
                minimal_path,
                goes_on=mechanism in _GOES_ON,
                note=note,
            )
    except BaseException:  # noqa: BLE001, S110 (the process dies as without us; the minimal record is on disk)
        pass
    if paused:
        sys.modules["gc"].enable()
    if lent:
        minimal_record.return_descriptor()


def _pause_collector(exc: BaseException) -> bool:
    """Switch the garbage collector off while a report is made; whether it was on.

    The imports for a report would start it several times, each time over all objects of the program: a tenth
    of a crash's cost in a program of ordinary size. After a MemoryError it stays on.
    """
    import gc  # built in

    if issubclass(type(exc), MemoryError) or not gc.isenabled():
        return False
    gc.disable()
    return True


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=fork_gate.before_fork, after_in_parent=fork_gate.after_fork, after_in_child=_in_child
    )
