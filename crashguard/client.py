"""The state of this process in one object: the settings, the hooks that are in place, the crashes reported.

Only the reporter and the rooms above it call `current_client()`; lower rooms get plain values as arguments.
Every start imports this file, so it imports the classes of its parts only when it makes one.
"""

import _thread
import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from crashguard.config import Config
    from crashguard.minimal_record import Prepared
    from crashguard.plugin import Plugin
    from crashguard.program import Program
    from crashguard.registry import Registry
    from crashguard.spare import Spare
    from crashguard.transport import Dispatcher

_CONTEXT = vars(BaseException)["__context__"].__get__
_DEPTH = 150  # calls in one another: a report takes fifty, beside what it calls of the program
_TRIES = 5  # imports of one module, as long as signal handlers raise in them


class Client:
    """The state of this process.

    Attributes:
        config: The settings of the last install(); None before the first install() and after uninstall().
        hooks: The hooks that are in place.
        plugins: The plugins that have a guard in this process, with or without install().
        guarded: Of official ones that name no package: the package of the code that makes their guards.
        program: Whose code is the tool's own, as the callers of install() determined it.
        prepared: What a minimal record needs, computed in advance.
        run: The files of this run in the spool.
        shared: For this process and those from which it was forked, the pid and the byte of shared memory
            with the telemetry level (`capture.forks`).
        registry: The crashes that this process has reported; made at the first crash.
        first_registry: The same by pid, for threads that make it at one moment: of several, one is put here.
        callers: Who called install(), each with its module's namespace and its file, until `program` has it.
        installer: The name and the file of the module that called install() last.
        refused: Further apps whose install() had no effect.
        local_only: Whether a plugin that may not send runs in this process (`policy.why_not_plugin`). Then a
            crash of unknown origin stays on the machine.
        mounted: Finds the names of the tool's command with ours below it: `telemetry` in `mytool telemetry
            status`; None where the tool has none. It gets the traceback of a crash, or None, and what starts
            the tool where that is another process. It returns None where the place is not known.
        parsed: The tool, or None, and the lowest value of `--telemetry-level` on its command line, as parsers
            with our option have found it, before or after a subcommand. It takes away from every install().
        due: Prints the first-use notice, which waits for the name of `mounted` as long as nothing leaves. It
            gets whether something leaves now, and returns whether it need not be asked again.
        left: What earlier runs left to be sent, as `recovery.pending`, as long as it waits for this notice.
        began: When this process imported crashguard, in seconds since 1970.
        arguments: The argparse parser of the tool and what it was given, for the names of the command and its
            options: `integrations.argparse`.
        captured: The list that takes events in place of the spool, in tests (`crashguard.testing`).
        deaths: The event ids of reports of plugins' processes, each taken for one death (`crashguard.hosts`).
        ends: Whether the program has ended: the interpreter is at its exit callbacks.
        watchers: What watches asyncio and multiprocessing, by their names, once they are imported.
    """

    __slots__ = (
        "_dispatcher",
        "_first_dispatcher",
        "_interrupts",
        "_spare",
        "arguments",
        "began",
        "callers",
        "captured",
        "config",
        "deaths",
        "due",
        "ends",
        "first_registry",
        "guarded",
        "hooks",
        "installer",
        "left",
        "local_only",
        "mounted",
        "parsed",
        "plugins",
        "prepared",
        "program",
        "refused",
        "registry",
        "run",
        "shared",
        "watchers",
    )

    def __init__(self) -> None:
        self.began = time.time()
        self.callers: list[tuple[dict[str, Any], str]] = []
        self.installer = ("", "")
        self.config: Config | None = None
        self.hooks: list[Any] = []
        self.watchers: dict[str, Any] = {}
        self.plugins: list[Plugin] = []
        self.guarded: dict[str, Plugin] = {}
        self.program: Program | None = None
        self.prepared: Prepared | None = None
        self.run: Any = None  # a room above makes it: capture.run.Run
        self._spare: Spare | None = None
        self.shared: list[tuple[int, Any]] = []
        self.registry: Registry | None = None
        self.first_registry: dict[int, Registry] = {}
        self._dispatcher: Dispatcher | None = None
        self._first_dispatcher: dict[int, Dispatcher] = {}
        self.left: list[str] = []
        self.refused: tuple[str, ...] = ()
        self.local_only = False
        self.mounted: Callable[..., str | None] | None = None
        self.parsed: tuple[str | None, str] | None = None
        self.due: Callable[[bool], bool] | None = None
        self.arguments: tuple[Any, list[str]] | None = None
        self.captured: list[dict[str, Any]] | None = None
        self.deaths: set[str] = set()
        self.ends = False
        self._interrupts: Any = None

    @property
    def spare(self) -> "Spare":
        """The descriptor in reserve for a crash. A run that records crashes holds one from its start."""
        if self._spare is None:
            from crashguard.spare import Spare

            self._spare = Spare()
        return self._spare

    def load_interrupts(self) -> "tuple[Any, BaseException | None]":
        """The module `interrupts`, or None, and what a signal handler raised while it was imported."""
        if self._interrupts is not None:
            return self._interrupts, None
        return apart(self._load_interrupts)  # type: ignore[no-any-return]

    def _load_interrupts(self) -> "tuple[Any, BaseException | None]":
        errors: list[BaseException] = []
        for _ in range(_TRIES):
            try:
                _in_thread(lambda: self.spare.lending(_interrupts))
                self._interrupts = interrupts = _interrupts()
                raised = [interrupts.raised_by_handler(error) for error in errors]
                return interrupts, next((each for each in raised if each is not None), None)
            except BaseException as error:  # noqa: BLE001 (also: no descriptor, memory or stack left)
                errors.append(error)
        return None, None

    def known_plugins(self) -> "list[Plugin]":
        """The plugins of this process with their packages. No package of the tool itself is a plugin's."""
        own = () if self.program is None else self.program.homes
        return [*self.plugins, *(each for name, each in self.guarded.items() if name not in own)]

    def prepare(self, config: "Config", program: "Program") -> None:
        """Compute what a minimal record needs.

        Args:
            config: The settings.
            program: Whose code is the tool's own.
        """
        from crashguard.minimal_record import Prepared

        self.program = program
        self.prepared = Prepared(
            config.spool,
            config.release,
            config.dsn,
            program,
            (config.level.value, config.level.source),
            plugins=self.known_plugins,
            spare=self.spare,
        )

    def say_due(self, *, leaves: bool = False) -> None:
        """Print the first-use notice now, if it is still due: something may leave, or the run ends.

        Args:
            leaves: Whether something leaves now of which nothing else tells the person.
        """
        due, self.due = self.due, None
        if due is not None and not due(leaves):
            self.due = due

    def reconfigure(self) -> None:
        """Give the settings of a later install() to the dispatcher, where there is one."""
        if self._dispatcher is not None and self.config is not None:
            self._dispatcher.config = self.config

    def make_registry(self) -> "Registry":
        """The registry of this process; of several threads that make it at one moment, all get one."""
        from crashguard.registry import Registry

        if self.registry is None:
            self.registry = self.first_registry.setdefault(os.getpid(), Registry(program=self.program))
        return self.registry

    def dispatcher(self, config: "Config") -> "Dispatcher":
        """Who sends for this process, with the settings of the last install()."""
        from crashguard.fork_gate import fork_gate
        from crashguard.transport import Dispatcher

        if self._dispatcher is None:
            made = Dispatcher(config, fork_gate)
            # Two threads may come here at one moment. Both get one: two would send against each other.
            self._dispatcher = self._first_dispatcher.setdefault(os.getpid(), made)
        self._dispatcher.config = config
        if self.ends:
            self._dispatcher.finish()
        return self._dispatcher

    def follow_in_child(self) -> None:
        """In a new process: watch for its crash."""
        for watcher in self.watchers.values():
            watcher.follow()

    def in_child(self) -> None:
        """In a forked child: it reports for itself."""
        self.registry = None
        self.left = []
        if self.config is not None:
            self.config.parents = tuple(byte for _, byte in self.shared)
        token = None if self.run is None else self.run.forked()
        if self.prepared is not None and token is not None:
            self.prepared.in_child(token)
        self.ends = False  # also one that is forked by a callback at its parent's exit
        self.follow_in_child()

    def end(self) -> None:
        """The program has ended: what is being sent is waited for, within a deadline."""
        self.ends = True
        if self._dispatcher is not None:
            self._dispatcher.finish()


def apart(work: "Callable[[], Any]") -> "Any":
    """Call a function apart from what is being handled in this thread; its result.

    Whatever is raised while an exception is handled, the interpreter looks through all contexts of that one,
    of which a program may have made 200,000. Here it is another exception, without any.
    """
    handled = sys.exception()
    if handled is None or _CONTEXT(handled) is None:
        return work()
    try:
        raise LookupError
    except LookupError as alone:
        alone.__context__ = None
        return work()


def has_stack() -> bool:
    """Whether enough of the stack is left in this thread to make a report."""
    try:
        _descend(_DEPTH)
    except RecursionError:
        return False
    return True


def _descend(levels: int) -> None:
    if levels:
        _descend(levels - 1)


def in_thread(work: "Callable[[], Any]") -> "Any":
    """Call a function in a thread, which has a stack of its own; its result, or None where there is none."""
    from _contextvars import copy_context

    if "gevent.monkey" in sys.modules:
        return None  # its threads run in this one
    result: list[Any] = []
    done = _thread.allocate_lock()
    done.acquire()
    context = copy_context()

    def run() -> None:
        try:
            result.append(context.run(work))
        finally:
            done.release()

    try:
        _thread.start_new_thread(run, ())
    except RuntimeError:
        return None
    done.acquire()
    return result[0] if result else None


def _interrupts() -> "Any":
    from crashguard import interrupts

    return interrupts


def _in_thread(load: "Callable[[], Any]") -> None:
    """Import in a thread, where no signal handler runs: to the import system an OSError is a missing file."""
    done = _thread.allocate_lock()
    done.acquire()

    def work() -> None:
        try:
            from crashguard.fork_gate import fork_gate

            with fork_gate:
                load()
        except Exception:  # noqa: BLE001, S110 (the caller tries it again)
            pass
        finally:
            done.release()

    if "signal" in sys.modules and "gevent.monkey" not in sys.modules:
        try:
            _thread.start_new_thread(work, ())
        except RuntimeError:  # none can be started
            work()
        done.acquire()
    else:
        work()


_client = Client()  # a process has one: hooks and guards have no other place to look


def current_client() -> Client:
    """The client of this process."""
    return _client


def current_config() -> "Config | None":
    """The settings of the last install(), or None."""
    return _client.config
