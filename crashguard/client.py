"""The one object of this process: what install() was told, the hooks that are in place, what was reported.

`current()` is read from the reporter upward; everything below is handed plain values. A start pays for this
file, so what it holds is imported where it is made.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from crashguard.config import Config
    from crashguard.plugin import Plugin
    from crashguard.recovery.minimal_record import Prepared
    from crashguard.recovery.run_marker import Run
    from crashguard.registry import Registry
    from crashguard.transport import Dispatcher


class Client:
    """The state of this process.

    Attributes:
        config: What the last install() was told; None before the first, and after uninstall().
        hooks: The hooks that are in place.
        plugins: The plugins that are guarded in this process, installed or not.
        prepared: What the minimal record needs.
        run: This run's files in the spool.
        registry: What this process has reported; made with the first crash.
        stays: Whether a plugin that may not send runs in this process (`policy.why_not_plugin`), so that a
            crash of unknown origin stays on the machine.
        captured: Where events go instead of the spool, in tests of programs that use crashguard.
    """

    __slots__ = (
        "_dispatcher",
        "captured",
        "config",
        "hooks",
        "plugins",
        "prepared",
        "registry",
        "run",
        "stays",
    )

    def __init__(self) -> None:
        self.config: Config | None = None
        self.hooks: list[Any] = []
        self.plugins: list[Plugin] = []
        self.prepared: Prepared | None = None
        self.run: Run | None = None
        self.registry: Registry | None = None
        self._dispatcher: Dispatcher | None = None
        self.stays = False
        self.captured: list[dict[str, Any]] | None = None

    def dispatcher(self, config: "Config") -> "Dispatcher":
        """Who sends for this process, with the settings of the last install()."""
        from crashguard.transport import Dispatcher

        if self._dispatcher is None:
            self._dispatcher = Dispatcher(config)
        self._dispatcher.config = config
        return self._dispatcher


_client = Client()  # a process has one: hooks and guards have no other place to look


def current() -> Client:
    """The client of this process."""
    return _client


def config() -> "Config | None":
    """What the last install() was told, or None."""
    return _client.config
