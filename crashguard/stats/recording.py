"""The conductor of stats: the one file that knows the order in which an event becomes a record.

    consent -> identity -> message -> echo, or notice -> keep -> hand over

Nothing here raises, waits for a network or starts a thread. Handing over starts the detached uploader, at
most once a minute; where none can live the record waits for the next run, or for `flush()`.

Must live here: that order. Must not be known here: what the events are.
"""

import os
import sys
import time

from crashguard import capture, paths
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
    config = capture.current()
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
    config = capture.current()
    return None if config is None else config.environment


def target(config: "Config") -> tuple[str, str] | None:
    """Where records of this process go; None where they may go nowhere, and then none is kept.

    A crash report serves the person who has it. Numbers about a sync serve only whom they are sent to.
    """
    if config.is_development or (config.plugin is not None and not config.plugin.may_send):
        return None
    return settings.destination()


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
        _hand_over(config)
    return path


def _hand_over(config: "Config") -> None:
    from crashguard.transport import dispatch

    if config.delivery == "inline":  # the tool asked to send in this process, under a deadline
        if not _leaving:
            import atexit

            _leaving.append(True)
            atexit.register(_send_at_exit)
        return
    if dispatch.method(config) != "background":
        return
    mark = os.path.join(config.spool, _MARK)
    try:
        if abs(time.time() - os.stat(mark).st_mtime) < _EVERY:
            return
    except OSError:
        pass
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | paths.NO_WAIT | getattr(os, "O_NOFOLLOW", 0)
    os.close(os.open(mark, flags, 0o600))
    os.utime(mark)
    dispatch.start(config)


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
