"""Every text of an event, and what its place says about it.

Theory of operation. A `Walk` makes a scrubbed copy. Three things decide what becomes of a text:

    its key     what stands under a telling one (`password`, `Authorization`) is secret whatever it looks like
    its place   ids, times and numbers that the reporter made stay as they are; names of types, functions and
                modules are looked through as names; messages are judged, the data in them leaves as shapes
    itself      everything else goes through the engine like any text

A secret that a later text shows to be one is taken out of the earlier ones by a second pass, `Walk.again`.
The walk has a bound, and an event beyond it is dropped by the caller.
"""

from crashguard.scrub import names
from crashguard.scrub.engine import FAILED
from crashguard.scrub.marks import VALUE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from crashguard.scrub.engine import Engine
    from crashguard.scrub.template import Judge


_MAX_DEPTH = 40
_MAX_NODES = 200_000

# Made by the reporter or the SDK: left exactly as they are, and left but for private literals.
_FIXED = frozenset("event_id timestamp start_timestamp received platform level sdk".split())
_OURS = frozenset("release dist environment type version logger modules debug_meta transaction_info".split())
_FRAME = frozenset("function module lineno colno in_app instruction_addr addr_mode platform".split())
_STRUCTURES = frozenset("values stacktrace raw_stacktrace frames exception".split())
_IN_STRUCTURES = frozenset("type module thread_id current crashed id".split())
# Names that the reporter itself gives in contexts and tags: no need to look for secrets in them.
_NAMES = frozenset(
    """
    runtime os device process program codes command crashguard type name version kernel_version
    processor_count arch memory_size free_memory cpu_seconds memory_resident threads uptime_seconds open_files
    installer frozen terminal encoding options asyncio awaited_by errno errno_name winerror sqlstate sqlite
    http_status exit_status payload_version complete occurrences telemetry_level telemetry_level_source run_id
    component guard phase table parent_table column plugin.team plugin.kind plugin.name plugin.version
    sdk.version contexts tags exception sync tables
    """.split()
)
# What the reporter says itself: words of its own, of Python and of the system, whatever messages may hold.
_FACTS = {
    "runtime": frozenset(("type", "name", "version")),
    "os": frozenset(("type", "name", "version", "kernel_version")),
    "device": frozenset(("type", "arch")),
    "program": frozenset(("frozen", "encoding", "installer")),
    "codes": frozenset(("errno_name", "sqlstate", "sqlite")),
    "crashguard": frozenset(
        ("messages", "telemetry_level", "telemetry_level_source", "run_id", "kept_because")
    ),
}
_OF_REPORTER = frozenset(("component", "phase", "children", "sdk.version"))  # the same among the tags
_STRICT = ("none", "template")  # levels at which no name leaves that was made at run time
# Tags whose values a program chooses at run time. A table and a column are told only where their names are
# static, so they are names of the program's.
_TYPED = ("guard", "table", "parent_table", "column")
_GIVEN = ("plugin.team", "plugin.kind", "plugin.name", "plugin.version")
_STATIC = ("table", "parent_table", "column")
_ADDRESSES = ("ip", "ip_address", "addr")
# A random number under one of these is no token.
_IDS = frozenset("trace_id span_id parent_span_id thread_id id".split())
_DIGITS_OF_IDS = frozenset("0123456789abcdefABCDEF-")
_LONGEST_ID = 64
# What a fingerprint is made of here: `package.module:Class.function`. A host's own may hold a message.
_PLACE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.<>:")


# Names that the language and version numbers allow. Others are texts, and judged as those.
_NAME_CHARACTERS = _PLACE | frozenset("@+-/!*")
_TOKEN_LENGTH = 16  # characters from which a name with digits may be a token


_LISTS = (("asyncio", "awaited_by"), ("command", "options"))  # names in contexts; none is another's value


class Walk:
    """One walk through one event.

    Attributes:
        facts: What the reporter says itself, which a variable may happen to hold as well.
        code: The lines of code of the event, scrubbed. A variable may hold a label that stands in them.
    """

    __slots__ = ("_engine", "_judge", "_level", "_messages", "_namer", "_nodes", "code", "facts")

    def __init__(self, engine: "Engine", level: str, judge: "Judge") -> None:
        self._engine = engine
        self._judge = judge
        self._namer = judge.of_names()
        self._level = level
        self._messages = level != "none"
        self._nodes = 0
        self.facts: set[str] = set()
        self.code: list[str] = []

    def event(self, event: "dict[str, Any]") -> "dict[str, Any]":
        """A scrubbed copy of an event."""
        scrubbed: dict[str, Any] = {}
        for key, value in event.items():
            if key in _FIXED:
                scrubbed[key] = _copy(value)
            elif key == "environment" and self._level in _STRICT:
                scrubbed[key] = self._declared(value)
            elif key in _OURS:
                scrubbed[key] = self._ours(value, is_given=True)
            elif key == "fingerprint":
                scrubbed[key] = self._fingerprint(value)
            elif key in ("exception", "threads", "stacktrace"):
                scrubbed[key] = self._structure(value, key, 0)
            elif key == "tags" and type(value) is dict:
                scrubbed[key] = self._tags(value)
            elif key == "contexts" and type(value) is dict:
                scrubbed[key] = {
                    self._key(name): self._context(str(name), each) for name, each in value.items()
                }
            elif key == "transaction" and type(value) is str and _is_culprit(value):
                scrubbed[key] = self._remembered(
                    " in ".join([self._ours(part) for part in value.split(" in ")])
                )
            elif self._messages or key not in ("message", "logentry", "breadcrumbs", "extra"):
                scrubbed[self._key(key)] = self._value(value, str(key), 1)
        return scrubbed

    def again(self, value: "Any") -> "Any":
        """What was scrubbed, without the secrets that were recognised in a later part of it."""
        if type(value) is str:
            return self._engine.learned(value)
        if type(value) is dict:
            return {key: item if key in _FIXED else self.again(item) for key, item in value.items()}
        return [self.again(item) for item in value] if type(value) is list else value

    def _ours(self, value: "Any", *, is_given: bool = False) -> "Any":
        """A copy of names: of types, functions, modules, releases. A program may make one at run time.

        Args:
            value: The names.
            is_given: Whether a caller gave them, at run time, and no code says them.
        """
        if type(value) is str:
            if self._judge.is_made_of_data(value):
                return self._engine.shape(value, self._judge)
            if not _NAME_CHARACTERS.issuperset(value) or (is_given and self._judge.tells(value)):
                return self._engine.message(value, self._namer)
            if len(value) >= _TOKEN_LENGTH and any(map(str.isdigit, value)):
                return self._engine.text(value)
            return self._engine.known(value)
        if type(value) is dict:
            return {key: self._ours(item) for key, item in value.items()}
        if type(value) in (list, tuple):
            return [self._ours(item) for item in value]
        return value

    def _context(self, name: str, value: "Any") -> "Any":
        """One of the contexts."""
        if type(value) is not dict:
            return self._value(value, name, 2)
        facts = _FACTS.get(name, frozenset())
        scrubbed: dict[Any, Any] = {}
        for key, item in value.items():
            if key in facts and type(item) is str:
                scrubbed[key] = self._fact(item)
            elif name == "command" and key == "options" and self._level in _STRICT:
                scrubbed[key] = self._declared(item)
            elif (name, key) in _LISTS:
                scrubbed[key] = self._ours(item)
            else:
                scrubbed[self._key(key)] = self._value(item, str(key), 3)
        return scrubbed

    def _fact(self, text: str) -> str:
        """What the reporter says itself, without secrets."""
        return self._remembered(self._engine.text(text))

    def _remembered(self, fact: str) -> str:
        self.facts.add(fact)
        return fact

    def _declared(self, value: "Any") -> "Any":
        """Names that a program declares: a subcommand, options. One that it made at run time is data."""
        if type(value) is list:
            return [self._declared(each) for each in value]
        if type(value) is not str:
            return self._value(value, "", 3)
        words = [word if self._judge.is_declared(word) else VALUE for word in value.split(" ")]
        return self._engine.text(" ".join(words))

    def _tags(self, tags: "dict[Any, Any]") -> "dict[Any, Any]":
        """The tags; those that a program may have made of data at run time are judged as messages are."""
        scrubbed: dict[Any, Any] = {}
        for name, value in tags.items():
            if type(value) is str and name in _GIVEN:
                scrubbed[name] = self._ours(value, is_given=True)
            elif name in _OF_REPORTER and type(value) is str:
                scrubbed[name] = self._fact(value)
            elif name == "command" and self._level in _STRICT:
                scrubbed[name] = self._declared(value)
            elif name not in _TYPED or type(value) is not str:
                scrubbed[self._key(name)] = self._value(value, str(name), 2)
            elif self._level == "template" and not self._judge.may_stay(value):
                scrubbed[name] = VALUE
            elif name in _STATIC and self._level != "none":
                scrubbed[name] = self._engine.text(value)
            elif self._level != "none" or self._judge.may_stay(value):
                scrubbed[name] = self._engine.message(value, self._namer)
        return scrubbed

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
            if key in _IN_STRUCTURES or (is_frame and key in _FRAME):
                copy[key] = self._ours(item)
            elif is_frame and key in ("filename", "abs_path"):
                copy[key] = self._engine.text(item) if isinstance(item, str) else self._value(item, "", 3)
            elif is_frame and key in ("pre_context", "post_context"):
                copy[key] = self._lines(item)
            elif is_frame and key == "context_line" and type(item) is str:
                copy[key] = self._engine.text(item)
                self.code.append(copy[key])
            elif key == "mechanism":
                copy[key] = self._mechanism(item)
            elif key in _STRUCTURES:
                copy[key] = self._structure(item, key, depth + 1)
            elif not self._messages and key in ("value", "notes"):
                continue
            elif key == "value" and type(item) is str:
                copy[key] = self._engine.message(item, self._judge)
            else:
                copy[self._key(key)] = self._value(item, "" if key == "value" else str(key), depth + 1)
        return copy

    def _lines(self, value: "Any") -> "Any":
        """Source lines, scrubbed as one text: in half the time, and a secret may have several lines."""
        if type(value) is list and all(type(line) is str for line in value):
            lines = self._engine.text("\n".join(value)).split("\n") if value else []
            self.code += lines
            return lines
        return self._value(value, "", 3)

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
            is_secret = self._said_by(name)[0] == names.STRONG
            if name == "cookies":
                return {self._key(key): self._cookie(item, str(key), depth) for key, item in value.items()}
            if type(value.get("message")) is str and type(value.get("params")) in (list, tuple):
                value = {**value, "params": self._filled(value["message"], value["params"])}
            return {
                self._key(key): self._value(
                    item, name if is_secret and not self._tells(key) else str(key), depth + 1
                )
                for key, item in value.items()
            }
        if kind in (list, tuple, set, frozenset):
            if kind in (list, tuple) and len(value) == 2 and type(value[0]) is str and self._tells(value[0]):
                return [self._engine.text(value[0]), self._value(value[1], value[0], depth + 1)]  # a header
            if kind in (list, tuple) and any(map(_is_option, value)):
                return self._arguments(value, name, depth + 1)
            return [self._value(item, name, depth + 1) for item in value]
        if kind is bytes or kind is bytearray:
            return self._under(bytes(value).decode("utf-8", "replace"), name)
        if kind in (int, float):
            return self._number(value, name)
        if isinstance(value, str):
            return self._under(value if kind is str else str.__str__(value), name)
        if value is None or kind is bool or kind.__module__ == "datetime":
            return value
        return "[scrubbed:object]"

    def _under(self, text: str, name: str) -> str:
        """A scrubbed text, with what its key says about it."""
        if name in _IDS and len(text) <= _LONGEST_ID and _DIGITS_OF_IDS.issuperset(text):
            return self._engine.known(text)
        if name.lower().endswith(_ADDRESSES) and text.count(".") == 3 and text.replace(".", "").isdigit():
            return self._engine.mark(text, "ip")
        level, kind = self._said_by(name)
        holds = any(map(str.isdigit, text)) if level == names.NUMBER else level >= names.MEDIUM
        if holds and text and not names.is_stand_in(text):
            return self._engine.mark(text, kind)
        return self._engine.message(text)

    def _arguments(self, values: "list[Any] | tuple[Any, ...]", name: str, depth: int) -> "list[Any]":
        """The arguments of a command: what stands behind `--password` is secret."""
        from crashguard.scrub.arguments import arguments

        told = arguments(values)
        scrubbed = []
        for number, each in enumerate(values):
            if number in told:
                start, kind = told[number]
                scrubbed.append(each[:start] + self._engine.mark(each[start:].rstrip("'\""), kind))
            else:
                scrubbed.append(self._value(each, name, depth))
        return scrubbed

    def _filled(self, message: str, values: "list[Any] | tuple[Any, ...]") -> "list[Any]":
        """The values of a log line, with marks for those that the words before call secret."""
        from crashguard.scrub.arguments import filled

        told = filled(message, values)
        return [
            self._engine.mark(each if type(each) is str else repr(each), told[number])
            if number in told and type(each) in (str, int) and not names.is_stand_in(str(each))
            else each
            for number, each in enumerate(values)
        ]

    def _cookie(self, value: "Any", name: str, depth: int) -> "Any":
        """The value of a cookie, of whatever name."""
        if type(value) is str and value:
            return self._engine.mark(value, "cookie")
        return self._value(value, name, depth + 1)

    def _number(self, value: "int | float", name: str) -> "Any":
        text = repr(value)
        level, kind = self._said_by(name)
        if level in (names.STRONG, names.NUMBER):
            return self._engine.mark(text, kind)
        if level == names.MEDIUM and len(text) >= 4:
            return self._engine.mark(text, kind)
        if len(text) >= 13:
            scrubbed = self._engine.text(text)
            return value if scrubbed == text else scrubbed
        return value

    def _said_by(self, name: str) -> "tuple[int, str]":
        """What a key says of its value. The reporter's own keys say nothing, and need not be taken apart."""
        return (names.NONE, "") if name in _NAMES else names.classify(name)

    def _key(self, key: "Any") -> "Any":
        if type(key) is str:
            return key if key in _NAMES else self._engine.text(key)
        return key if type(key) in (int, float, bool, type(None)) else FAILED

    def _tells(self, key: "Any") -> bool:
        return type(key) is not str or names.classify(key)[0] != names.NONE

    def _count(self, depth: int) -> None:
        self._nodes += 1
        if depth > _MAX_DEPTH or self._nodes > _MAX_NODES:
            raise ValueError("the event is too deep or too large to be scrubbed")


def _is_culprit(text: str) -> bool:
    """Whether a transaction is the reporter's own: `module in function`, both names of code."""
    module, between, function = text.partition(" in ")
    return bool(between) and _NAME_CHARACTERS.issuperset(module) and _NAME_CHARACTERS.issuperset(function)


def _is_option(value: "Any") -> bool:
    return type(value) is str and value.lstrip("'\"")[:1] == "-"


def _copy(value: "Any") -> "Any":
    if type(value) is dict:
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if type(value) in (list, tuple) else value
