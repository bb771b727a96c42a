"""An event as the bytes of a Sentry envelope, and back.

An envelope is a header line, an item header line and the event on one line. Source of the format: Sentry's
developer documentation, "Envelopes". The header holds the DSN, so that each report has its destination with
it; a server takes the DSN as authentication.
"""

import sys

from crashguard import report

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SOURCE = ("pre_context", "context_line", "post_context")


def seal(event: "dict[str, Any]", dsn: str | None) -> bytes:
    """The envelope of one scrubbed event. Where it would exceed the limit, source lines go, then frames."""
    payload = dump(event)
    if len(payload) > report.MOST_ENVELOPE:
        event = _without_source(event)
        payload = dump(event)
    for values_most, frames_most in ((50, 40), (10, 20), (2, 10)):
        if len(payload) <= report.MOST_ENVELOPE:
            break
        payload = dump(_smaller(event, values_most, frames_most))
    header: dict[str, Any] = {"event_id": event["event_id"]}
    if dsn:
        header["dsn"] = dsn
    item = {"type": "event", "length": len(payload), "content_type": "application/json"}
    return b"\n".join((dump(header), dump(item), payload, b""))


def unseal(data: bytes) -> "tuple[dict[str, Any], dict[str, Any]]":
    """(envelope header, event) of an envelope that holds one event.

    Raises:
        ValueError: The data is not such an envelope; the message says why.
    """
    import json

    first, _, rest = data.partition(b"\n")
    second, _, rest = rest.partition(b"\n")
    header, item = json.loads(first), json.loads(second)
    if not isinstance(header, dict) or not isinstance(item, dict) or item.get("type") != "event":
        raise ValueError("this envelope holds no event")
    length = item.get("length")
    payload = rest[:length] if isinstance(length, int) else rest.partition(b"\n")[0]
    if isinstance(length, int) and len(payload) != length:
        raise ValueError(f"the event is cut short: {len(payload)} bytes of {length}")
    event = json.loads(payload)
    if not isinstance(event, dict) or not isinstance(event.get("event_id"), str):
        raise ValueError("the event has no id")
    return header, event


def dump(value: object) -> bytes:
    """A value as JSON on one line, in ASCII."""
    # ASCII escapes lone surrogates, which a message may hold; UTF-8 would refuse them. Relay and Bugsink read
    # the escapes. NaN and infinity are not valid JSON.
    if "json" not in sys.modules:
        return _by_hand(value).encode("ascii")
    import json

    return json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode("ascii")


_SHORT_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _by_hand(value: object) -> str:
    """The output of json.dumps, in a dying process that has not loaded json.

    The import of json, with its decoder, takes longer than this function takes for any report.
    """
    cls = type(value)
    if cls is str:
        return _quoted(value)  # type: ignore[arg-type]
    if cls is dict:
        items = value.items()  # type: ignore[attr-defined]
        return "{" + ",".join([f"{_quoted(key)}:{_by_hand(item)}" for key, item in items]) + "}"
    if cls is list or cls is tuple:
        return "[" + ",".join([_by_hand(item) for item in value]) + "]"  # type: ignore[attr-defined]
    if value is None or cls is bool:
        return {None: "null", True: "true", False: "false"}[value]  # type: ignore[index]
    if cls is int or (cls is float and value - value == 0):  # type: ignore[operator]
        return repr(value)
    raise ValueError(f"an event holds no {cls.__name__}")


def _quoted(text: str) -> str:
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return '"' + "".join([c if " " <= c <= "~" and c not in '"\\' else _escape(c) for c in text]) + '"'


def _escape(character: str) -> str:
    """One character in ASCII JSON: a character beyond 16 bits becomes its two UTF-16 surrogates."""
    short = _SHORT_ESCAPES.get(character)
    if short is not None:
        return short
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join([f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4)])


def _without_source(event: "dict[str, Any]") -> "dict[str, Any]":
    """The event without source lines."""
    values = []
    for value in event["exception"]["values"]:
        stacktrace = value.get("stacktrace")
        if stacktrace is not None:
            frames = [
                {key: item for key, item in frame.items() if key not in SOURCE}
                for frame in stacktrace["frames"]
            ]
            value = {**value, "stacktrace": {"frames": frames}}  # noqa: PLW2901 (the same value, smaller)
        values.append(value)
    return {**event, "exception": {"values": values}}


def _smaller(event: "dict[str, Any]", values_most: int, frames_most: int) -> "dict[str, Any]":
    """The event with only its last exceptions, short messages and few frames."""
    values = []
    for value in event["exception"]["values"][-values_most:]:
        kept = dict(value)
        if "value" in kept:
            kept["value"] = report.cut(kept["value"], 500)
        frames = kept.get("stacktrace", {}).get("frames", [])
        if len(frames) > frames_most:
            mark = report.cut_mark(len(frames) - frames_most)
            kept["stacktrace"] = {"frames": [mark, *frames[-frames_most:]]}
        values.append(kept)
    return {**event, "exception": {"values": values}}
