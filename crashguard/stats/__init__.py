"""Stats: how much a tool is used and how often that fails, under the shared telemetry level.

    from crashguard import stats

    stats.configure(write_key="...", url="https://events.example.com")
    stats.identify("6f1c2a", team="acme")                       # only where somebody is logged in
    with stats.sync(source=plugin, destinations=[other]) as run:
        run.resource("customers")

Anonymous stats say nothing about who; identifiable ones exist only after `identify()`. The two never share
an id, a file, a folder or a request. Recording writes one small file; the detached uploader sends it later.
At the telemetry levels `none` and `errors` nothing is written.

    config         what the tool said: destination, page, who is logged in
    events         syncs, commands, logins: what is recorded, and when
    own_events     events that a tool declares for itself
    counters       the counters of a sync: the hot path
    exit_status    how something ended: success, error, usage error, interrupted
    plugin_names   which name of a plugin may leave
    message        one Segment message: the bytes that leave
    recorder       the order: telemetry level, message, notice, keep, dispatch

Records lie in the spool (`spool.stats_store`) and are sent by `transport.upload_stats`. This file holds
names; what a name stands for is imported when it is first used.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from crashguard.spool.stats_records import StoredRecord, counts, purge, stored
    from crashguard.spool.stats_store import withdraw
    from crashguard.stats.config import configure, destination, forget, identify
    from crashguard.stats.counters import Totals
    from crashguard.stats.events import Run, command, login, sync
    from crashguard.stats.own_events import Event
    from crashguard.stats.recorder import flush

_HOMES = {
    "Event": "stats.own_events",
    "Run": "stats.events",
    "StoredRecord": "spool.stats_records",
    "Totals": "stats.counters",
    "command": "stats.events",
    "configure": "stats.config",
    "counts": "spool.stats_records",
    "destination": "stats.config",
    "flush": "stats.recorder",
    "forget": "stats.config",
    "identify": "stats.config",
    "login": "stats.events",
    "purge": "spool.stats_records",
    "stored": "spool.stats_records",
    "sync": "stats.events",
    "withdraw": "spool.stats_store",
}

__all__ = [
    "Event",
    "Run",
    "StoredRecord",
    "Totals",
    "command",
    "configure",
    "counts",
    "destination",
    "flush",
    "forget",
    "identify",
    "login",
    "purge",
    "stored",
    "sync",
    "withdraw",
]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'crashguard.stats' has no attribute {name!r}")
    # A fork in another thread must not fall into this import: its child would wait for it for ever.
    from crashguard.fork_gate import fork_gate

    # __import__ with a list returns the submodule itself; importlib would be one more import at a start
    package = __name__.rpartition(".")[0]
    with fork_gate:
        value = getattr(__import__(f"{package}.{home}", fromlist=("*",)), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
