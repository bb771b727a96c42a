"""The state of this process in one object: the settings, the hooks that are in place, the crashes reported.

Only the reporter and the rooms above it call `current_client()`; lower rooms get plain values as arguments.
Every start imports this file, so it imports the classes of its parts only when it makes one.
"""

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
            self._dispatcher = Dispatcher(config)
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


def current_client() -> Client:
    """The client of this process."""
    return _client


def current_config() -> "Config | None":
    """The settings of the last install(), or None."""
    return _client.config
