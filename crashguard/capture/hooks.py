"""The doors a crash comes in at, as long as nothing has crashed: the hooks themselves.

Rule 1: a hook calls the hook that was there before it, whatever happens, and what that one does
(print, raise, exit) is what the user sees.
Rule 2: the minimal record comes first, because the previous hook may end the process.
Rule 3: nothing here wraps, patches or replaces more than the three hooks that the interpreter offers.

`docs/ways-to-die.md` lists which end of a process is seen at which door.

Must live here: what has to be in place before anything crashes. Must not be known here: what a report
looks like, where it goes. That is the reporter's, which `hooks.crash` calls.
"""

import _thread
import atexit
import os
import sys
import time

from crashguard.recovery import minimal_record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Any

    from crashguard.config import Config

config: "Config | None" = None  # what install() was told

_hooks: "list[_ExceptHook | _ThreadHook | _UnraisableHook | _Modules]" = []
_seen: set[tuple[object, ...]] = set()  # places of crashes that this process has written down
_MOST_SEEN = 1_000
_FORK_WAITS = 0.5  # seconds, at most


def open_all() -> None:
    """Put the hooks in, those that are not there yet."""
    if not isinstance(sys.excepthook, _ExceptHook):
        _hooks.append(_ExceptHook())
    if not isinstance(getattr(*_thread_hook_place()), _ThreadHook):
        _hooks.append(_ThreadHook())
    if not isinstance(sys.unraisablehook, _UnraisableHook):
        _hooks.append(_UnraisableHook())
    if not any(isinstance(hook, _Modules) for hook in _hooks):
        _hooks.append(_Modules())
    atexit.unregister(_at_end)
    atexit.register(_at_end)


def close_all() -> None:
    """Put back what was there; a hook that somebody set over ours stays, and ours only passes on."""
    _seen.clear()
    atexit.unregister(_at_end)
    while _hooks:
        _hooks.pop().remove()


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
        previous = self.previous
        if "code" in sys.modules and previous is sys.__excepthook__:
            from crashguard.capture import interactive

            if interactive.is_typing(sys._getframe().f_back):
                previous = interactive.show
        if self.active:
            crashed("excepthook", exc, tb, lambda: previous(exc_type, exc, tb))
        else:
            previous(exc_type, exc, tb)


class _ThreadHook:
    """`threading.excepthook`: an exception that nothing caught, in another thread.

    Importing threading costs a third of a bare start. While nobody has imported it, the hook waits in
    `_thread._excepthook`, from which threading takes its own (and `__excepthook__`) when it is imported.
    """

    __slots__ = ("active", "previous")
    # It stands where a function of `_thread` stood, and CPython's own test of threading looks at whose it is.
    __module__ = "_thread"

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
            crashed("threading", exc, args.exc_traceback, lambda: self.previous(args))
        else:
            self.previous(args)


class _UnraisableHook:
    """`sys.unraisablehook`: an exception with nowhere to go, from `__del__`, a weakref or C callback, atexit.

    Nothing of the arguments is kept: that would bring back to life what is being destroyed.
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
        if not self.active or exc is None:
            self.previous(args)
        elif not is_finalizing():
            crashed("unraisable", exc, args.exc_traceback, lambda: self.previous(args))
        elif self.at_the_end is not None:
            self.at_the_end(args)
        else:
            self.previous(args)


class _Modules:
    """Learns that asyncio or multiprocessing is imported, to watch them too. It finds no module itself.

    It stands on `sys.meta_path` and waits to be asked for the module that each of the two imports next
    after the one we want, so that nothing has to be wrapped. What the import system calls is there; the
    rest of an importer's interface is optional.
    """

    __slots__ = ("watched",)

    def __init__(self) -> None:
        self.watched: list[Any] = []
        sys.meta_path.insert(0, self)
        for name in _NEXT:
            if name in sys.modules:
                self.find_spec(name)

    def remove(self) -> None:
        if self in sys.meta_path:
            sys.meta_path.remove(self)
        while self.watched:
            self.watched.pop().unwatch()

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:  # noqa: ARG002
        if name in _NEXT:
            try:
                # These import nothing themselves: the import system holds a lock while it asks us.
                watcher = __import__(f"{__package__}.{_NEXT[name]}", fromlist=("*",))
                watcher.watch()
                self.watched.append(watcher)
            except Exception:  # noqa: BLE001, S110 (an import must not fail for our sake)
                pass


# The module that is imported next, and who watches the one before.
_NEXT = {"asyncio.runners": "event_loops", "multiprocessing.reduction": "child_processes"}


class _Gate:
    """Keeps a fork from falling into the middle of a report.

    A child forked while another thread imports a module waits for that import for ever. A fork waits for
    reports that are being made; not for long.
    """

    __slots__ = ("_forking", "_inside")

    def __init__(self) -> None:
        self._forking = _thread.allocate_lock()
        self._inside: list[int] = []  # append and remove are atomic

    def __enter__(self) -> None:
        if self._forking.acquire(timeout=_FORK_WAITS):
            self._forking.release()
        self._inside.append(_thread.get_ident())

    def __exit__(self, *exc: object) -> None:
        try:
            self._inside.remove(_thread.get_ident())
        except ValueError:
            pass  # this is a forked child

    def before_fork(self) -> None:
        self._forking.acquire(timeout=_FORK_WAITS)
        end = time.monotonic() + _FORK_WAITS
        me = _thread.get_ident()
        while any(thread != me for thread in self._inside) and time.monotonic() < end:
            time.sleep(0.001)

    def after_fork(self) -> None:
        try:
            self._forking.release()
        except RuntimeError:
            pass  # two threads forked at once, and one of them did not wait

    def in_child(self) -> None:
        self._forking = _thread.allocate_lock()
        self._inside.clear()
        _seen.clear()
        children = sys.modules.get(f"{__package__}.child_processes")
        if config is not None and children is not None:
            children.follow()


gate = _Gate()


def _thread_hook_place() -> "tuple[object, str]":
    if "threading" not in sys.modules and hasattr(_thread, "_excepthook"):
        return _thread, "_excepthook"
    import threading  # loaded already, or an interpreter other than CPython

    return threading, "excepthook"


def _at_end() -> None:
    """Before the interpreter goes: what a replaced hook kept from us, and what comes after this."""
    if config is None or not config.level.sends_errors:
        return
    try:
        for hook in _hooks:
            if isinstance(hook, _UnraisableHook):
                hook.at_the_end = _last_hook(hook.previous, minimal_record.outliving(), set(_seen))
        # Whoever replaced the hook (typer and rich do), the interpreter keeps what ended the program. Where
        # the hook is ours, somebody else put it there: pytest does so with every failed test.
        exc = getattr(sys, "last_exc", None) or getattr(sys, "last_value", None)
        if exc is not None and not isinstance(sys.excepthook, _ExceptHook):
            crashed("atexit", exc, minimal_record.traceback_of(exc), nothing)
    except Exception:  # noqa: BLE001, S110 (the host may have put anything in these places)
        pass


def _last_hook(
    previous: "Callable[[Any], object]", words: "dict[str, Any]", seen: set[tuple[object, ...]]
) -> "Callable[[Any], object]":
    """An unraisable hook for the time when modules are taken apart: all that it needs, it has in hand."""
    write, place_of = words["write"], words["place_of"]
    silent = (KeyboardInterrupt, SystemExit, GeneratorExit, BrokenPipeError)
    # A full disk or a reader that went away, found at the last flush. To hold the files keeps them alive.
    output = (id(sys.stdout), id(sys.stderr))

    def hook(args: "Any") -> None:
        exc = args.exc_value
        try:
            place = place_of(exc)
            if not issubclass(type(exc), silent) and place not in seen and id(args.object) not in output:
                seen.add(place)
                write("unraisable", exc, args.exc_traceback)
        except BaseException:  # noqa: BLE001, S110 (there may be nothing left to work with)
            pass
        previous(args)

    return hook


def nothing() -> None:
    """What a hook calls that has no hook before it."""


def crashed(
    mechanism: str, exc: BaseException, tb: "TracebackType | None", previous: "Callable[[], object]"
) -> None:
    """What a hook does: minimal record, the previous hook, the report, the note."""
    settings, is_crash, words = config, False, None
    try:
        if settings is not None and settings.level.sends_errors:
            is_crash = _is_crash(exc)
            if is_crash:
                words = _write_once(mechanism, exc, tb)
    except BaseException:  # noqa: BLE001, S110 (a __del__ may run where no stack is left)
        pass
    if settings is None or not is_crash:
        previous()
        return
    try:
        previous()
    except SystemExit:
        _report(settings, exc, mechanism, words, broken=None, note=False)
        raise
    except BaseException as broken:  # noqa: BLE001 (CPython catches whatever a hook raises, so do we)
        _report(settings, exc, mechanism, words, broken=broken, note=True)
    else:
        _report(settings, exc, mechanism, words, broken=None, note=True)


def _write_once(mechanism: str, exc: BaseException, tb: "TracebackType | None") -> str | None:
    """The minimal record of a crash that is not one of those that were written down before."""
    place = minimal_record.place_of(exc)
    if place in _seen:
        return None
    if len(_seen) < _MOST_SEEN:
        _seen.add(place)
    return minimal_record.write(mechanism, exc, tb)


def _is_crash(exc: BaseException) -> bool:
    try:
        from crashguard.capture.ignored import is_crash

        return is_crash(exc)
    except BaseException:  # noqa: BLE001 (the import system itself may be what broke)
        return not issubclass(type(exc), (KeyboardInterrupt, SystemExit, GeneratorExit))


def _report(
    settings: "Config",
    exc: BaseException,
    mechanism: str,
    words: str | None,
    *,
    broken: BaseException | None,
    note: bool,
) -> None:
    lent = paused = False
    try:
        lent = mechanism == "excepthook" and minimal_record.lend_descriptor()
        paused = mechanism == "excepthook" and _pause_collector(exc)
        with gate:
            from crashguard.capture import crash

            if broken is not None:
                crash.show_broken_hook(mechanism, broken, exc)
            crash.report(settings, exc, mechanism, words, note=note)
    except BaseException:  # noqa: BLE001, S110 (a dying process must die its own death; the words are on disk)
        pass
    if paused:
        sys.modules["gc"].enable()
    if lent:
        minimal_record.return_descriptor()


def _pause_collector(exc: BaseException) -> bool:
    """Stop the collection of garbage while a report is made; whether it was on.

    The report's imports would set it off several times, each over all that the program has in memory: in a
    program of ordinary size a tenth of what a crash costs. Where memory is what is missing, it stays on.
    """
    import gc  # built in

    if issubclass(type(exc), MemoryError) or not gc.isenabled():
        return False
    gc.disable()
    return True


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=gate.before_fork, after_in_parent=gate.after_fork, after_in_child=gate.in_child
    )
