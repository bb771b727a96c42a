"""One Segment message: the recorded bytes are the bytes that leave.

The shape is that of Segment's HTTP tracking API ("track", "batch", "common fields"), as the clients of
Segment and RudderStack send it; a test compares. Pure: time and ids are arguments or random.

An anonymous message stands alone. Its ids are random and used once; its time is cut to the hour, so that
it does not lie beside the identifiable message of the same second. `context.ip` is 0.0.0.0 in all of them:
servers that fill in the address of the sender take the one that is given.

JSON is written by hand: an import of json takes longer than everything else that a short command pays.
"""

import os
import time

try:
    from _json import encode_basestring_ascii as _quoted  # the C half of json, without the rest
except ImportError:
    from json.encoder import py_encode_basestring_ascii as _quoted

from crashguard._version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from crashguard.stats.config import Identity

HOUR = 3600

_NO_ADDRESS = "0.0.0.0"  # noqa: S104 (no address to listen on: it stands for none)


def make(
    event: str,
    properties: "dict[str, Any]",
    app: tuple[str, str],
    who: "Identity | None",
    *,
    seconds: float,
) -> "dict[str, Any]":
    """An anonymous message, or one about a user, or about a team where the user is not known.

    Args:
        event: The event's name.
        properties: Texts, whole numbers, lists and dicts of them; who it is about is added.
        app: The tool's name and version.
        who: The user, the team; None for an anonymous message.
        seconds: When, since 1970.
    """
    user_id: str | None = None
    about: dict[str, Any] = {}
    if who is None:
        seconds = seconds // HOUR * HOUR
    else:
        user_id = who.user_id
        if who.team is not None:
            about["team"] = who.team
            about["$groups"] = {"team": who.team}
        if user_id is not None:
            about["user_id"] = user_id
        if who.email is not None:
            about["user_email"] = who.email
    message: dict[str, Any] = {
        "type": "track",
        "event": event,
        "messageId": new_id(),
        "anonymousId": new_id(),
        "userId": user_id,
        "timestamp": _timestamp(seconds),
        "properties": {**properties, **about},
        "context": {
            "app": {"name": app[0], "version": app[1]},
            "library": {"name": "crashguard", "version": __version__},
            "ip": _NO_ADDRESS,
        },
        "integrations": {},
        "channel": "server",
    }
    if who is not None and who.team is not None:
        message["context"]["groupId"] = who.team
    return message


def new_id() -> str:
    """A random id: a version 4 UUID."""
    raw = bytearray(os.urandom(16))
    raw[6] = raw[6] & 0x0F | 0x40
    raw[8] = raw[8] & 0x3F | 0x80
    digits = raw.hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def encode(value: "Any") -> str:
    """JSON of texts, whole numbers, bools, None, lists and dicts.

    Raises:
        TypeError: Something else is in it.
    """
    kind = type(value)
    if kind is str:
        return str(_quoted(value))
    if kind is int:
        return int.__repr__(value)
    if kind is dict:
        return "{" + ",".join(f"{_quoted(key)}:{encode(each)}" for key, each in value.items()) + "}"
    if kind is list:
        return "[" + ",".join([encode(each) for each in value]) + "]"
    if value is None or kind is bool:
        return {None: "null", True: "true", False: "false"}[value]
    raise TypeError(f"{kind.__name__} has no place in a record")


def _timestamp(seconds: float) -> str:
    """ISO 8601 in UTC with milliseconds, as Segment's own clients write it."""
    whole = int(seconds)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole)) + f".{int((seconds - whole) * 1000):03d}Z"
