"""The order in which an event becomes a record, and the record is sent.

    telemetry level -> message -> echo, or notice -> keep -> dispatch

Recording raises nothing and waits for no network. It starts a detached uploader, once a minute at most;
where none can live the record waits for the next run, or for `flush()`. In the process of a plugin, which
serves on, a thread sends there.
"""

import os
import sys
import time

from crashguard import paths, policy, telemetry_level
from crashguard.client import current_client, current_config
from crashguard.fork_gate import fork_gate
from crashguard.spool import stats_store
from crashguard.spool.stats_store import Records
from crashguard.spool.store import Spool
from crashguard.stats import config as settings
from crashguard.stats import message

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from crashguard.config import Config
    from crashguard.stats.config import Identity

_INLINE_SECONDS = 2.0


def record(
    event: str, properties: "dict[str, Any]", who: "Identity | None" = None, *, ends: bool = True
) -> None:
    """Record an event. Never raises.

    Args:
        event: Its name.
        properties: What it says, checked by the caller: this is what leaves.
        who: Whom it is about; None makes it anonymous.
        ends: Whether what it is about is over, so that it is time to send.
    """
    try:
        config = current_config()
        if config is not None:
            _record(config, event, properties, who, ends=ends)
    except Exception:  # noqa: BLE001, S110 (a number that is lost disturbs nobody; the command goes on)
        pass


def flush(timeout: float = 2.0) -> bool:
    """Send this tool's stats now, from this process. Returns whether all were sent. Never raises.

    For tools that want to send at their end instead of leaving it to the uploader. Waits for at most
    `timeout` seconds; records that are not sent by then wait for the next run. While the tool's first report
    waits a minute for a no, on a terminal, nothing is sent.

    Args:
        timeout: Seconds.
    """
    with fork_gate:  # a fork in another thread must not fall into these imports
        import threading

        from crashguard.transport import upload, upload_stats

    upload.load(fork_gate)

    config = current_config()
    if config is None:
        return True
    deadline = time.monotonic() + timeout

    def send() -> None:
        try:
            ask = config.level_now
            upload_stats.upload(config.spool, ask(), ask=ask, deadline=deadline, loading=fork_gate)
        except OSError:
            pass  # no lock can be made here: the next run tries again

    try:
        worker = threading.Thread(target=send, name="crashguard-stats", daemon=True)
        worker.start()
        worker.join(timeout)
    except RuntimeError:
        return False  # no more threads, or the interpreter is ending
    return not any(records.names(paths.WAITING) for records in stats_store.of_app(config.spool))


def _record(
    config: "Config", event: str, properties: "dict[str, Any]", who: "Identity | None", *, ends: bool
) -> None:
    config.level = config.level_now()  # a no may have been saved since the start
    to = settings.destination(event)
    reason = policy.why_not(
        "stats", config.level, version=config.version, plugin=config.plugin, destination=to
    )
    if reason == policy.TELEMETRY_LEVEL:
        # A no deletes what an earlier yes left. A value that could not be read is nobody's decision.
        if config.level.problem is None and not config.may_grow and os.path.isdir(config.spool):
            stats_store.withdraw(config.spool)
        return
    kind = stats_store.ANONYMOUS if who is None else stats_store.IDENTIFIED
    made = message.make(event, properties, (config.app, config.version), who, seconds=time.time())
    text = message.encode(made)
    if settings.echoes():
        sys.stderr.write(f"crashguard: stats ({kind}): {text}\n")
        return
    # A crash report serves the person who has it. Numbers serve only whom they are sent to.
    if reason is not None or to is None or len(text) > stats_store.MOST_MESSAGE:
        return
    _show_notice(config, to[0])
    header = {
        "url": to[0],
        "write_key": to[1],
        "telemetry_level": config.level.value,
        "telemetry_level_source": config.level.source,
    }
    data = f"{message.encode(header)}\n{text}\n".encode("ascii")
    Records(config.spool, kind).keep(data, made["messageId"])
    Spool(config.spool).set_metadata(telemetry_level.describe(config.variables, config.default_level))
    if ends:
        _enqueue(config, kind)


def _show_notice(config: "Config", url: str) -> None:
    """Print the first-use notice about stats, if nobody has seen it."""
    if config.notice is False or os.path.lexists(os.path.join(config.spool, paths.STATS_NOTICE)):
        return
    from crashguard.capture import notice

    said = (
        f"{config.app} sends stats to {settings.host_of(url)}:\n"
        "which commands run and how they end, numbers about syncs, and your user or team\n"
        "when you are logged in. No arguments, data or error texts."
    )
    notice.show(config, "stats", said, settings.current().page)


def _enqueue(config: "Config", kind: str) -> None:
    if (
        config.delivery == "inline" and config.plugin is None
    ):  # the tool asked to send in this process, under a deadline
        if not settings.current().sends_at_exit:
            import atexit

            settings.current().sends_at_exit = True
            atexit.register(_send_at_exit)
        return
    current_client().dispatcher(config).enqueue_stats(Records(config.spool, kind).root)


def _send_at_exit() -> None:
    try:
        flush(_INLINE_SECONDS)
    except Exception:  # noqa: BLE001, S110 (it stays for the next run)
        pass
