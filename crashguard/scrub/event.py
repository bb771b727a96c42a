"""Walks a whole Sentry event and scrubs every text in it: messages, notes, tags, contexts, breadcrumbs, frames.

What stands under a telling key (`password`, `Authorization`) is secret whatever it looks like. What the reporter
itself made (ids, times, line numbers, release, names in a fingerprint) is left as it is.

Must live here: the shape of an event. Must not be known here: any kind of secret.
"""

from crashguard.scrub import benign, keys
from crashguard.scrub.engine import FAILED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from crashguard.scrub.engine import Engine

MAX_DEPTH = 40
MAX_NODES = 200_000

# Made by the reporter or the SDK: left exactly as they are, and left but for private literals.
_FIXED = frozenset(
    (
        "event_id",
        "timestamp",
        "start_timestamp",
        "received",
        "platform",
        "level",
        "sdk",
    )
)
_OURS = frozenset(
    (
        "release",
        "dist",
        "environment",
        "type",
        "version",
        "logger",
        "modules",
        "debug_meta",
        "transaction_info",
    )
)
_ADDRESSES = ("ip", "ip_address", "addr")
_FRAME = frozenset(
    ("function", "module", "lineno", "colno", "in_app", "instruction_addr", "addr_mode", "platform")
)
# Names that the reporter itself gives in contexts and tags: no need to look for secrets in them.
_NAMES = frozenset(
    [
        "runtime",
        "os",
        "device",
        "process",
        "crashguard",
        "type",
        "name",
        "version",
        "kernel_version",
        "processor_count",
        "arch",
        "memory_size",
        "free_memory",
        "cpu_seconds",
        "memory_resident",
        "threads",
        "uptime_seconds",
        "open_files",
        "payload_version",
        "complete",
        "occurrences",
        "telemetry_level",
        "telemetry_level_source",
        "run_id",
        "component",
        "guard",
        "phase",
        "table",
        "column",
        "plugin.team",
        "plugin.kind",
        "plugin.name",
        "plugin.version",
        "sdk.version",
        "contexts",
        "tags",
        "exception",
    ]
)
# A random number under one of these is no token.
_IDS = frozenset(("trace_id", "span_id", "parent_span_id", "thread_id", "id"))
_DIGITS_OF_IDS = frozenset("0123456789abcdefABCDEF-")
_LONGEST_ID = 64
# What a fingerprint is made of here: `package.module:Class.function`. A host's own may hold a message.
_PLACE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.<>:")


class Walk:
    """One walk through one event."""

    __slots__ = ("_engine", "_messages", "_nodes")

    def __init__(self, engine: "Engine", messages: bool) -> None:
        self._engine = engine
        self._messages = messages
        self._nodes = 0

    def event(self, event: "dict[str, Any]") -> "dict[str, Any]":
        """A scrubbed copy of an event."""
        scrubbed: dict[str, Any] = {}
        for key, value in event.items():
            if key in _FIXED:
                scrubbed[key] = _copy(value)
            elif key in _OURS:
                scrubbed[key] = self._ours(value)
            elif key == "fingerprint":
                scrubbed[key] = self._fingerprint(value)
            elif key in ("exception", "threads", "stacktrace"):
                scrubbed[key] = self._structure(value, key, 0)
            elif not self._messages and key in ("message", "logentry", "breadcrumbs", "extra"):
                continue
            else:
                scrubbed[self._key(key)] = self._value(value, str(key), 1)
        return scrubbed

    def again(self, value: "Any") -> "Any":
        """What was scrubbed, without the secrets that were recognised in a later part of it."""
        if type(value) is str:
            return self._engine.learned(value)
        if type(value) is dict:
            return {key: item if key in _FIXED else self.again(item) for key, item in value.items()}
        return [self.again(item) for item in value] if type(value) is list else value

    def _ours(self, value: "Any") -> "Any":
        """A copy of what the reporter made, with nothing taken out but literals."""
        if type(value) is str:
            return self._engine.known(value)
        if type(value) is dict:
            return {key: self._ours(item) for key, item in value.items()}
        if type(value) in (list, tuple):
            return [self._ours(item) for item in value]
        return value

    def _fingerprint(self, value: "Any") -> "Any":
        if type(value) not in (list, tuple):
            return self._value(value, "", 1)
        return [
            self._ours(part) if type(part) is str and _PLACE.issuperset(part) else self._value(part, "", 2)
            for part in value
        ]

    def _structure(self, value: "Any", name: str, depth: int) -> "Any":
        """Exceptions and stacktraces: known fields by what they are, all else like any value."""
        self._count(depth)
        if type(value) in (list, tuple):
            return [self._structure(item, name, depth + 1) for item in value]
        if type(value) is not dict:
            return self._value(value, name, depth)
        is_frame = "lineno" in value or "function" in value or "filename" in value
        copy: dict[str, Any] = {}
        for key, item in value.items():
            if is_frame and key in _FRAME:
                copy[key] = self._ours(item)
            elif is_frame and key in ("filename", "abs_path"):
                copy[key] = self._text(item)
            elif key in ("type", "module", "thread_id", "current", "crashed", "mechanism", "id"):
                copy[key] = self._ours(item) if key != "mechanism" else self._mechanism(item)
            elif key in ("value", "notes") and not self._messages:
                continue
            elif key in ("values", "stacktrace", "raw_stacktrace", "frames", "exception"):
                copy[key] = self._structure(item, key, depth + 1)
            else:
                copy[self._key(key)] = self._value(item, "" if key == "value" else str(key), depth + 1)
        return copy

    def _mechanism(self, value: "Any") -> "Any":
        if type(value) is not dict:
            return self._value(value, "mechanism", 2)
        return {
            key: self._value(item, key, 3)
            if key in ("data", "description", "help_link")
            else self._ours(item)
            for key, item in value.items()
            if self._messages or key != "data"
        }

    def _value(self, value: "Any", name: str, depth: int) -> "Any":
        """A scrubbed copy of anything, with what its key says about it."""
        self._count(depth)
        kind = type(value)
        if kind is dict:
            level = keys.classify(name)[0] if name else keys.NONE
            return {
                self._key(key): self._value(
                    item, name if level == keys.STRONG and not _tells(key) else str(key), depth + 1
                )
                for key, item in value.items()
            }
        if kind in (list, tuple) and len(value) == 2 and type(value[0]) is str and _tells(value[0]):
            return [self._engine.text(value[0]), self._value(value[1], value[0], depth + 1)]  # a header
        if kind in (list, tuple, set, frozenset):
            return [self._value(item, name, depth + 1) for item in value]
        if kind is bytes or kind is bytearray:
            value, kind = bytes(value).decode("utf-8", "replace"), str
        if value is None or kind is bool:
            return value
        if kind in (int, float):
            return self._number(value, name)
        if kind is str:
            if name in _IDS and len(value) <= _LONGEST_ID and _DIGITS_OF_IDS.issuperset(value):
                return self._engine.known(value)
            return self._under(value, name)
        if isinstance(value, str):
            return self._under(str.__str__(value), name)
        if kind.__module__ == "datetime":
            return value
        return "[scrubbed:object]"

    def _under(self, text: str, name: str) -> str:
        if name.lower().endswith(_ADDRESSES) and text.count(".") == 3 and text.replace(".", "").isdigit():
            return self._engine.mark(text, "ip")
        level, kind = keys.classify(name) if name else (keys.NONE, "")
        if level >= keys.MEDIUM and text and not benign.is_stand_in(text):
            if level != keys.NUMBER or any(map(str.isdigit, text)):
                return self._engine.mark(text, kind)
        return self._engine.text(text)

    def _number(self, value: "int | float", name: str) -> "Any":
        text = repr(value)
        level, kind = keys.classify(name) if name else (keys.NONE, "")
        if level in (keys.STRONG, keys.NUMBER) or (level == keys.MEDIUM and len(text) >= 4):
            return self._engine.mark(text, kind)
        if len(text) >= 13:
            scrubbed = self._engine.text(text)
            return value if scrubbed == text else scrubbed
        return value

    def _text(self, value: "Any") -> "Any":
        return self._engine.text(value) if isinstance(value, str) else self._value(value, "", 3)

    def _key(self, key: "Any") -> "Any":
        if type(key) is str:
            return key if key in _NAMES else self._engine.text(key)
        return key if type(key) in (int, float, bool, type(None)) else FAILED

    def _count(self, depth: int) -> None:
        self._nodes += 1
        if depth > MAX_DEPTH or self._nodes > MAX_NODES:
            raise ValueError("the event is too deep or too large to be scrubbed")


def _tells(key: "Any") -> bool:
    return type(key) is not str or keys.classify(key)[0] != keys.NONE


def _copy(value: "Any") -> "Any":
    if type(value) is dict:
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if type(value) in (list, tuple) else value
