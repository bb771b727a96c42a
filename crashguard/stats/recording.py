"""The conductor of stats: the one file that knows the order in which an event becomes a record.

    consent -> identity -> message -> echo, or notice -> keep -> hand over

Nothing here raises, waits for a network or starts a thread. Handing over starts the detached uploader, at
most once a minute; where none can live the record waits for the next run, or for `flush()`.

Must live here: that order. Must not be known here: what the events are.
"""

import os
import sys
import time

from crashguard import client as clients
from crashguard import files, policy
from crashguard.stats import message, notice, settings, store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from crashguard.config import Config
    from crashguard.stats.settings import Identity

_EVERY = 60.0  # seconds between two uploaders that are started for stats
_MARK = "stats-resumed"
_INLINE_SECONDS = 2.0

_leaving: list[bool] = []


def record_anonymous(event: str, properties: "dict[str, Any]", *, ends: bool = True) -> str | None:
    """Record an event without who. Never raises.

    Args:
        event: Its name.
        properties: What it says, checked by the caller: this is what leaves.
        ends: Whether what it is about is over, so that it is time to send.

    Returns:
        The path of its file, or None where nothing was kept.
    """
    return _record(store.ANONYMOUS, event, properties, None, ends)


def record_identified(
    event: str, properties: "dict[str, Any]", who: "Identity", *, ends: bool = True
) -> str | None:
    """Record an event about a user or a team; otherwise as `record_anonymous`."""
    return _record(store.IDENTIFIED, event, properties, who, ends)


def allowed() -> "Config | None":
    """The settings of this process if stats may be recorded at all; None if not.

    A no deletes what an earlier yes left waiting.
    """
    config = clients.config()
    if config is None:
        return None
    if not config.level.sends_stats:
        # a value that could not be read is nobody's decision: it records nothing and deletes nothing
        if config.level.problem is None and os.path.isdir(config.spool):
            _quietly_withdraw(config)
        return None
    return config


def environment() -> str | None:
    """The environment that the tool named to `install()`."""
    config = clients.config()
    return None if config is None else config.environment


def target(config: "Config") -> tuple[str, str] | None:
    """Where records of this process go; None where they may go nowhere, and then none is kept.

    A crash report serves the person who has it. Numbers about a sync serve only whom they are sent to.
    """
    to = settings.destination()
    reason = policy.why_not(
        "stats", config.level, version=config.version, plugin=config.plugin, destination=to
    )
    return to if reason is None else None


def _record(
    kind: str, event: str, properties: "dict[str, Any]", who: "Identity | None", ends: bool
) -> str | None:
    try:
        config = allowed()
        if config is None:
            return None
        app = (config.app, config.version)
        now = time.time()
        if who is None:
            made = message.anonymous(event, properties, app, seconds=now)
        else:
            made = message.identified(event, properties, app, who, seconds=now)
        text = message.encode(made)
        if settings.echoes():
            sys.stderr.write(f"crashguard: stats ({kind}): {text}\n")
            return None
        to = target(config)
        if to is None or len(text) > message.MOST_BYTES:
            return None  # nobody would take it
        return _keep(config, kind, text, made["messageId"], to, ends=ends)
    except Exception:  # noqa: BLE001 (a number that is lost disturbs nobody; the command goes on)
        return None


def _keep(config: "Config", kind: str, text: str, message_id: str, to: tuple[str, str], *, ends: bool) -> str:
    notice.show_once(config, to)
    header = {"url": to[0], "write_key": to[1], "telemetry_level": config.level.value}
    data = f"{message.encode(header)}\n{text}\n".encode("ascii")
    path = store.keep(config.spool, kind, data, message_id, env_var=config.env_var)
    if ends:
        _enqueue(config)
    return path


def _enqueue(config: "Config") -> None:
    from crashguard.transport import dispatch

    if config.delivery == "inline":  # the tool asked to send in this process, under a deadline
        if not _leaving:
            import atexit

            _leaving.append(True)
            atexit.register(_send_at_exit)
        return
    mark = os.path.join(config.spool, _MARK)
    if dispatch.method(config) != "background" or files.age(mark) < _EVERY:
        return
    files.touch(mark)
    from crashguard.transport.dispatch import dispatcher_of

    dispatcher_of(clients.current(), config).start_uploader()


def _send_at_exit() -> None:
    try:
        from crashguard.stats.upload import flush

        flush(_INLINE_SECONDS)
    except Exception:  # noqa: BLE001, S110 (it stays for the next run)
        pass


def _quietly_withdraw(config: "Config") -> None:
    try:
        store.withdraw(config.spool)
    except OSError:
        pass  # the uploader asks for consent again
