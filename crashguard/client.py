"""The state of this process in one object: the settings, the hooks that are in place, the crashes reported.

Only the reporter and the rooms above it call `current_client()`; lower rooms get plain values as arguments.
Every start imports this file, so it imports the classes of its parts only when it makes one.
"""

import _thread
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from crashguard.capture.run import Run
    from crashguard.config import Config
    from crashguard.minimal_record import Prepared
    from crashguard.plugin import Plugin
    from crashguard.program import Program
    from crashguard.registry import Registry
    from crashguard.transport import Dispatcher


_FORK_WAITS = 10.0  # seconds, at most: some hundred files are imported to send, on a busy machine


def _lock_of_logging() -> "Any":
    return getattr(sys.modules.get("logging"), "_lock", None)


class ForkGate:
    """Keeps a fork from happening in the middle of a report, or of an import for one.

    A child that is forked while another thread imports a module waits for that import for ever. So a fork
    waits for the threads that are inside, for ten seconds at most.
    """

    __slots__ = ("_forking", "_inside")

    def __init__(self) -> None:
        self._forking = _thread.allocate_lock()
        self._inside: list[int] = []  # append and remove are atomic

    def __enter__(self) -> None:
        me = _thread.get_ident()
        # The fork waits for a thread that is inside; that one must not wait for the fork.
        if me not in self._inside and self._forking.acquire(timeout=_FORK_WAITS):
            self._forking.release()
        self._inside.append(me)

    def __exit__(self, *exc: object) -> None:
        try:
            self._inside.remove(_thread.get_ident())
        except ValueError:
            pass  # this is a forked child

    def before_fork(self) -> None:
        """Wait for the threads that are inside, and let no other one in."""
        # Logging takes its lock before a fork and frees it after. A thread that is inside may need it. And
        # where such a thread imports logging while this fork waits, the fork calls only the second.
        lock = _lock_of_logging()
        held = lock is not None and lock._is_owned()
        if held:
            lock.release()
        self._forking.acquire(timeout=_FORK_WAITS)
        end = time.monotonic() + _FORK_WAITS
        me = _thread.get_ident()
        while any(thread != me for thread in self._inside) and time.monotonic() < end:
            time.sleep(0.001)
        if held or lock is None:
            lock = _lock_of_logging()
            if lock is not None:
                lock.acquire()

    def after_fork(self) -> None:
        """Let threads in again."""
        try:
            self._forking.release()
        except RuntimeError:
            pass  # two threads forked at once, and one of them did not wait

    def in_child(self) -> None:
        """Begin anew, without the threads of the parent."""
        self._forking = _thread.allocate_lock()
        self._inside.clear()


class Client:
    """The state of this process.

    Attributes:
        config: The settings of the last install(); None before the first install() and after uninstall().
        hooks: The hooks that are in place.
        plugins: The plugins that have a guard in this process, with or without install().
        program: Whose code is the tool's own, as the callers of install() determined it.
        prepared: What a minimal record needs, computed in advance.
        run: The files of this run in the spool.
        registry: The crashes that this process has reported; made at the first crash.
        first_registry: The same by pid, for threads that make it at one moment: of several, one is put here.
        callers: Who called install(), each with its module's namespace and its file, until `program` has it.
        installer: The name and the file of the module that called install() last.
        local_only: Whether a plugin that may not send runs in this process (`policy.why_not_plugin`). Then a
            crash of unknown origin stays on the machine.
        mounted: The tool's command that has ours below it, as in `mytool telemetry status`.
        began: When this process imported crashguard, in seconds since 1970.
        arguments: The argparse parser of the tool and what it was given, for the names of the command and its
            options: `integrations.argparse`.
        captured: The list that takes events in place of the spool, in tests (`crashguard.testing`).
        ends: Whether the program has ended: the interpreter is at its exit callbacks.
    """

    __slots__ = (
        "_dispatcher",
        "arguments",
        "began",
        "callers",
        "captured",
        "config",
        "ends",
        "first_registry",
        "hooks",
        "installer",
        "local_only",
        "mounted",
        "plugins",
        "prepared",
        "program",
        "registry",
        "run",
    )

    def __init__(self) -> None:
        self.began = time.time()
        self.callers: list[tuple[dict[str, Any], str]] = []
        self.installer = ("", "")
        self.config: Config | None = None
        self.hooks: list[Any] = []
        self.plugins: list[Plugin] = []
        self.program: Program | None = None
        self.prepared: Prepared | None = None
        self.run: Run | None = None
        self.registry: Registry | None = None
        self.first_registry: dict[int, Registry] = {}
        self._dispatcher: Dispatcher | None = None
        self.local_only = False
        self.mounted: str | None = None
        self.arguments: tuple[Any, list[str]] | None = None
        self.captured: list[dict[str, Any]] | None = None
        self.ends = False

    def reconfigure(self) -> None:
        """Give the settings of a later install() to who sends already."""
        if self._dispatcher is not None and self.config is not None:
            self._dispatcher.config = self.config

    def dispatcher(self, config: "Config") -> "Dispatcher":
        """Who sends for this process, with the settings of the last install()."""
        from crashguard.transport import Dispatcher

        if self._dispatcher is None:
            self._dispatcher = Dispatcher(config, fork_gate)
        self._dispatcher.config = config
        if self.ends:
            self._dispatcher.finish()
        return self._dispatcher

    def end(self) -> None:
        """The program has ended: what is being sent is waited for, within a deadline."""
        self.ends = True
        if self._dispatcher is not None:
            self._dispatcher.finish()


_client = Client()  # a process has one: hooks and guards have no other place to look
fork_gate = ForkGate()  # a fork must find it whatever became of the client


def current_client() -> Client:
    """The client of this process."""
    return _client


def current_config() -> "Config | None":
    """The settings of the last install(), or None."""
    return _client.config
