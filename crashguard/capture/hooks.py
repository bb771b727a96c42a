"""The hooks, which have to be in place before a crash.

Rule 1: a hook always calls the hook that was in place before it. The user sees what that hook does (print,
raise, exit).
Rule 2: the minimal record comes first, because the previous hook may end the process.
Rule 3: of the host nothing is replaced but the three hooks that the interpreter offers. A finder on
`sys.meta_path` sees that asyncio or multiprocessing is imported; with lazy imports it wraps that one loader.

`docs/ways-to-die.md` lists which hook sees which end of a process. The reporter, which `capture.crash` calls,
makes the report and has it sent.
"""

import _thread
import atexit
import os
import sys

from crashguard import minimal_record
from crashguard.client import apart, current_client
from crashguard.files import keep_builtins
from crashguard.fork_gate import fork_gate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.machinery import ModuleSpec
    from types import TracebackType
    from typing import Any

    from crashguard.capture.child_processes import Install
    from crashguard.client import Client
    from crashguard.expected import Ignored
    from crashguard.interrupts import Held
    from crashguard.registry import Claim

keep_builtins(__name__)

_GOES_ON = ("unraisable", "asyncio")  # the program goes on after what is caught there


def install(client: "Client", again: "Install") -> None:
    """Set the hooks that are not in place yet.

    Args:
        client: The client of this process.
        again: `crashguard.install`, for a child process that is a new interpreter.
    """
    if not isinstance(sys.excepthook, _ExceptHook):
        client.hooks.append(_ExceptHook())
    if not isinstance(getattr(*_thread_hook_owner()), _ThreadHook):
        client.hooks.append(_ThreadHook())
    if not isinstance(sys.unraisablehook, _UnraisableHook):
        client.hooks.append(_UnraisableHook())
    if not any(isinstance(hook, _ImportWatch) for hook in client.hooks):
        client.hooks.append(_ImportWatch(client, again))
    watch_end()


def install_in_children(client: "Client", again: "Install") -> None:
    """Only pass the settings on to child processes that are new interpreters: there is a no among them."""
    remove(client)
    client.hooks.append(_ImportWatch(client, again))


def watch_end() -> None:
    """End the run of this process when the interpreter ends."""
    atexit.unregister(_at_end)
    atexit.register(_at_end)


def remove(client: "Client") -> None:
    """Put back the previous hooks. A hook that other code set over ours stays; ours only passes on then."""
    atexit.unregister(_at_end)
    while client.hooks:
        client.hooks.pop().remove()


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
        if _is_loaded("code"):  # of Python's prompts
            caller = sys._getframe().f_back
            try:
                from crashguard.capture import interactive

                typed = interactive.is_typing(caller)
                if typed and self.previous is sys.__excepthook__:
                    exc, tb = interactive.shown(caller, exc, tb)
            except Exception:  # noqa: BLE001, S110 (it cannot be loaded any more)
                pass
        if self.active and not typed:
            crashed("excepthook", exc, tb, self.previous, exc_type, exc, tb)
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
            crashed("threading", exc, args.exc_traceback, self.previous, args)
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
        while True:
            try:
                is_seen = self.active and exc is not None and not _is_of_debugger(args)
                is_alive = not is_finalizing()
                break
            except BaseException as error:
                if not surface(error):
                    raise
        if not is_seen:
            self.previous(args)
        elif is_alive:
            try:
                crashed("unraisable", exc, args.exc_traceback, self.previous, args)
            except BaseException as error:
                if not surface(error):
                    raise
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

    __slots__ = ("_again", "_watchers")

    def __init__(self, client: "Client", again: "Install") -> None:
        self._again = again
        self._watchers = client.watchers
        sys.meta_path.insert(0, self)
        for name in ("asyncio.runners", _PROCESS):
            if name in sys.modules:
                self._watch(name.partition(".")[0])

    def remove(self) -> None:
        if self in sys.meta_path:
            sys.meta_path.remove(self)
        while self._watchers:
            self._watchers.popitem()[1].unwatch()

    def find_spec(self, name: str, path: "Any" = None, target: "Any" = None) -> "ModuleSpec | None":
        if name in _NEXT:
            self._watch(name.partition(".")[0])
        elif name == _PROCESS and sys.version_info >= (3, 15) and sys.get_lazy_imports() == "all":
            try:
                from crashguard.capture.child_processes import calling_back
            except Exception:  # noqa: BLE001 (as in `_watch`)
                return None
            for finder in sys.meta_path:
                spec = None if finder is self else finder.find_spec(name, path, target)
                if spec is not None:
                    return calling_back(spec, lambda: self._watch("multiprocessing"))
        return None

    def _watch(self, package: str) -> None:
        """Watch a package whose import is under way: the import system holds its lock."""
        if package in self._watchers:
            return
        try:
            if package == "asyncio":
                from crashguard.capture.event_loops import LoopWatch

                self._watchers[package] = LoopWatch(crashed, surface)
            else:
                from crashguard.capture.child_processes import ChildWatch

                self._watchers[package] = ChildWatch(crashed, self._again)
        except Exception:  # noqa: BLE001, S110 (an import must not fail for our sake)
            pass


_NEXT = ("asyncio.runners", "multiprocessing.reduction")
_PROCESS = "multiprocessing.process"


def _thread_hook_owner() -> "tuple[object, str]":
    if not _is_loaded("threading") and hasattr(_thread, "_excepthook"):
        return _thread, "_excepthook"
    try:
        import threading  # loaded already, or an interpreter other than CPython

        if callable(threading.excepthook):
            return threading, "excepthook"
    except Exception:  # noqa: BLE001, S110 (the program has put anything in its place)
        pass
    return _thread, "_excepthook"


def _at_end() -> None:
    """At exit: report a crash that a replaced hook did not pass on, write counts, end the run."""
    client = current_client()
    client.spare.give_up()  # what follows needs a descriptor, too
    try:
        if client.config is not None and client.config.level.sends_errors:
            _report_last(client, client.config.ignore)
            if client.registry is not None and client.captured is None:
                client.registry.write_counts(client.config)
        client.say_due()
        if client.left and client.config is not None:
            from crashguard.capture import leftovers

            leftovers.resume(client, client.config)
        client.end()
    except Exception:  # noqa: BLE001, S110 (the host may have set these attributes to anything)
        pass
    if client.run is not None:
        client.run.end()


def _report_last(client: "Client", ignore: "tuple[Ignored, ...]") -> None:
    seen = set() if client.registry is None else client.registry.sites()
    expected = tuple(each for each in ignore if isinstance(each, type))
    for hook in client.hooks:
        if isinstance(hook, _UnraisableHook) and client.prepared is not None:
            hook.at_the_end = minimal_record.last_hook(
                client.prepared, hook.previous, expected, seen, local_only=client.local_only
            )
    # If other code replaced the hook (typer and rich do), the interpreter still has the exception that ended
    # the program. If the hook is ours, other code set `last_exc`: pytest does so at every failed test.
    exc = getattr(sys, "last_exc", None) or getattr(sys, "last_value", None)
    if exc is None or _is_passed_on(getattr(sys, "excepthook", None)):
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


def _is_of_debugger(args: "Any") -> bool:
    """Whether the script that failed was sent into this process from outside (`sys.remote_exec`, 3.14)."""
    said = args.err_msg
    return type(said) is str and said.startswith("Error executing debugger script")


def _is_loaded(name: str) -> bool:
    """Whether a module is loaded; a program may put anything in the place of `sys.modules`."""
    try:
        return name in sys.modules
    except Exception:  # noqa: BLE001 (its own class)
        return False


def _nothing() -> None:
    """The previous hook where there is none."""


def crashed(
    mechanism: str,
    exc: BaseException,
    tb: "TracebackType | None",
    previous: "Callable[..., object]" = _nothing,
    *arguments: object,
) -> None:
    """The steps of every hook: claim, minimal record, the previous hook, the report, the note."""
    held: Held | None = None
    steps: list[Callable[[], None]] | None = None
    # Where the program may handle signals and goes on, what a handler raises must not end in this hook.
    goes_on = mechanism in _GOES_ON and _is_loaded("signal")
    while True:
        try:
            if goes_on and held is None:
                interrupts, raised = current_client().load_interrupts()
                goes_on, held = interrupts is not None, interrupts and interrupts.Held(raised)
            if steps is None:
                steps = _steps(mechanism, exc, tb, previous, *arguments, held=held)
            for step in steps:
                step()
            break
        except BaseException as error:
            if not (goes_on and (surface(error) if held is None else held.keep(error))):
                raise
    if held is not None:
        held.surface()  # the last of all


def surface(error: BaseException) -> bool:
    """Have an exception that a hook caught raised behind the hook, if a signal handler's; whether it is."""
    interrupts, _ = current_client().load_interrupts()
    raised = None if interrupts is None else interrupts.raised_by_handler(error)
    if raised is not None:
        interrupts.Held(raised).surface()
    return raised is not None


def _do(step: "Callable[[], None]", held: "Held | None") -> None:
    """Do a step; again, where a signal handler raised before it began."""
    while True:
        try:
            apart(step if held is None else lambda: held.run(step))
            return
        except BaseException as error:  # noqa: BLE001 (a __del__ may run where no stack is left)
            if held is None or not held.keep(error):
                return


def _steps(
    mechanism: str,
    exc: BaseException,
    tb: "TracebackType | None",
    previous: "Callable[..., object]",
    *arguments: object,
    held: "Held | None",
) -> "list[Callable[[], None]]":
    """What a hook does, in order. Each step is done once, however often it is called."""
    client = current_client()
    is_crash, claim, minimal_path = False, None, None
    todo = ["look", "show", "report"]
    raised: list[BaseException] = []  # a name in a closure would keep it, in a circle with that frame

    def look() -> None:
        nonlocal is_crash, claim, minimal_path
        if "look" not in todo:
            return
        todo.remove("look")
        if client.config is not None and client.config.parents:
            client.config.hear()
        if client.config is not None and client.config.level.sends_errors:
            is_crash = _is_crash(exc, client.config.ignore)
            if is_crash:
                claim, minimal_path = _claim(client, mechanism, exc, tb)

    def show() -> None:
        if "show" not in todo:
            return
        todo.remove("show")
        try:
            previous(*arguments)
        except BaseException as error:
            if held is not None and held.keep_own(error):
                return
            if not is_crash:
                raise
            raised.append(error)  # CPython catches whatever a hook raises, so do we

    def report() -> None:
        if is_crash and "report" in todo:
            todo.remove("report")
            broken = raised.pop() if raised and not issubclass(type(raised[0]), SystemExit) else None
            _report(client, exc, mechanism, claim, minimal_path, broken=broken, note=not raised)

    def end() -> None:
        if raised:
            raise raised.pop()

    return [lambda: _do(look, held), show, lambda: _do(report, held), end]


def _claim(
    client: "Client", mechanism: str, exc: BaseException, tb: "TracebackType | None"
) -> "tuple[Claim | None, str | None]":
    """The claim on a crash, and the path of its minimal record if the crash is new.

    The first crash of a process is not claimed here: its minimal record is written before the registry is
    imported.
    """
    claim = event_id = None
    if client.registry is not None:
        level = "error" if mechanism in _GOES_ON else "fatal"
        claim = client.registry.claim(exc, mechanism=mechanism, level=level)
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
    paused, lent = False, -1
    try:
        lent = client.spare.lend(dying=mechanism == "excepthook")
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
        _resume_collector()
    client.spare.take_back(lent)


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


def _resume_collector() -> None:
    """Switch the garbage collector on again.

    All that the report has made would start a collection at once. It is moved to the old objects instead,
    which the last collection of the interpreter, and every full one before it, looks through all the same.
    """
    import gc

    if hasattr(gc, "freeze") and not gc.get_freeze_count():  # PyPy has none; what a host froze stays frozen
        gc.freeze()
        gc.unfreeze()
    gc.enable()


def _before_fork() -> None:
    client = current_client()
    client.say_due()  # a daemon's parent ends without a word, and its child has no terminal
    if client.config is not None and client.config.level.value != "none":
        try:
            from crashguard.capture import forks

            forks.share(client)
            if client.run is not None:
                forks.share_run(client.run)
        except Exception:  # noqa: BLE001, S110 (no memory: the fork goes on, and the child asks for itself)
            pass


if hasattr(os, "register_at_fork"):  # after the gate's: these run while no thread is kept waiting
    os.register_at_fork(before=_before_fork, after_in_child=current_client().in_child)
