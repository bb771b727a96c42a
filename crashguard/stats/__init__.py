"""Stats: how much a tool is used and how often that fails, under the shared telemetry level.

    from crashguard import stats

    stats.configure(write_key="...", url="https://events.example.com")
    stats.identify("6f1c2a", team="acme")                       # only where somebody is logged in
    with stats.sync(source=plugin, destinations=[other]) as run:
        run.resource("customers")

Anonymous stats say nothing about who; identifiable ones exist only after `identify()`. The two never share
an id, a file, a folder or a request. Recording writes one small file; the detached uploader sends it later.
At the telemetry levels `none` and `errors` nothing is written.

    settings     what the tool said: destination, page, who is logged in
    tally        the counters of a sync: the hot path
    endings      how something ended: success, error, usage error, interrupted
    registry     which name of a plugin may leave
    message      one Segment message: the bytes that leave
    syncs, commands, logins     what is recorded, and when
    recording    the conductor: consent, echo, notice, keep, hand over
    notice       the one notice on a terminal
    store        folders, files, bounds
    reading      what is stored, for people and the uploader
    batches, transport, upload  sending

This file holds names, nothing else; what a name stands for is imported when it is first used.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from crashguard.stats.commands import command
    from crashguard.stats.logins import login
    from crashguard.stats.reading import StoredRecord, counts, purge, stored
    from crashguard.stats.settings import configure, destination, forget, identify
    from crashguard.stats.store import withdraw
    from crashguard.stats.syncs import Run, sync
    from crashguard.stats.tally import Totals
    from crashguard.stats.upload import flush

_HOMES = {
    "Run": "syncs",
    "StoredRecord": "reading",
    "Totals": "tally",
    "command": "commands",
    "configure": "settings",
    "counts": "reading",
    "destination": "settings",
    "flush": "upload",
    "forget": "settings",
    "identify": "settings",
    "login": "logins",
    "purge": "reading",
    "stored": "reading",
    "sync": "syncs",
    "withdraw": "store",
}

__all__ = [
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
    # __import__ with a list returns the submodule itself; importlib would be one more import at a start
    value = getattr(__import__(f"{__name__}.{home}", fromlist=("*",)), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
