"""Takes secrets and personal data out of a report, and leaves everything else as it was.

    __init__    one report: every text of an event, and what this machine and process know to be private
    engine      one text: rounds, marks, gates
    template    which pieces of a message are data, and what leaves in their place
    quotes      where a text quotes something
    constants   what the program itself says: constants and names of the code that a crash passed through
    values      what the variables of its frames hold
    `needles`   where those values stand in a message
    alignment   what stands between the words of the `raise` that made a message
    keyvalue    what a name says about its value, and how the two are written down
    shapes      what gives itself away without a name: tokens, URLs, addresses, numbers, key files
    spelling    how a text reads whose names are escaped, invisible in part, or of another language
    _tables     words and patterns, made of tools/vocabulary.toml

Public are `scrub_text`, `scrub_event`, `Scrubber` and `Rule`. To import this package costs a file: the others
are imported when the first text is scrubbed. This runs while a process dies, so `re` is all that is imported
beside them, and no pattern is compiled that the text gives no reason for.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable, Mapping
    from types import TracebackType
    from typing import Any, Literal

    from crashguard.scrub.engine import Engine
    from crashguard.scrub.needles import Needles
    from crashguard.scrub.template import Judge

    Messages = Literal["none", "template", "shapes", "names", "full"]
    Vocabulary = Iterable[str] | Callable[[str], object]

__all__ = ["Rule", "Scrubber", "scrub_event", "scrub_text"]

FAILED = "[scrubbed:failed]"  # as in the engine, which may be what could not be imported


class Rule:
    """One kind of secret that a pattern finds.

    Args:
        kind: Its name, as it stands in the marker `[scrubbed:KIND]`: lower case letters, digits and hyphens.
        pattern: A regular expression. A group named `secret` is taken out; without one, the whole match is.
            It has to run in linear time: no nested repeats.
        gates: Plain texts of which one must occur in a line, in any case, before the pattern is tried.
            Without gates it is tried on every text. A match with gates stays within one line.
        example: A text in which the rule finds something; tests and documentation are made of it.
        counter_example: A text that looks similar and must stay as it is.
    """

    __slots__ = ("_compiled", "counter_example", "example", "gates", "kind", "pattern")

    def __init__(
        self,
        kind: str,
        pattern: str,
        gates: "tuple[str, ...] | str" = (),
        example: str = "",
        counter_example: str = "",
    ) -> None:
        self.kind = kind
        self.pattern = pattern
        self.gates = tuple(gate.lower() for gate in ((gates,) if isinstance(gates, str) else gates))
        self.example = example
        self.counter_example = counter_example
        self._compiled: re.Pattern[str] | None = None

    def __repr__(self) -> str:
        return f"Rule({self.kind!r}, {self.pattern!r})"

    def spans(self, text: str, low: str) -> "list[tuple[int, int, str]]":
        """Where the rule finds something: start, end, kind.

        Args:
            text: Any text.
            low: The same in lower case, character for character.
        """
        lines = _lines_with(low, self.gates) if self.gates else [(0, len(text))]
        if lines and self._compiled is None:
            import re

            self._compiled = re.compile(self.pattern)
        pattern = self._compiled
        if pattern is None:
            return []
        group = "secret" if "secret" in pattern.groupindex else 0
        return [
            (*match.span(group), self.kind)
            for start, end in lines
            for match in pattern.finditer(text, start, end)
            if match.group(group)
        ]


def _lines_with(low: str, gates: "tuple[str, ...]") -> "list[tuple[int, int]]":
    """The lines that hold one of some plain texts, each once."""
    lines = set()
    for gate in gates:
        at = low.find(gate)
        while at >= 0:
            end = low.find("\n", at + len(gate) - 1)
            end = end if end >= 0 else len(low)
            lines.add((low.rfind("\n", 0, at) + 1, end))
            at = low.find(gate, end)
    return sorted(lines)


class Scrubber:
    """Scrubs the texts of one report: within it the same secret has the same mark everywhere.

    Args:
        needles: Private texts that are taken out word for word, each with its kind; `of_machine` and others
            find them.
        rules: Rules of your own, beside those that are built in.
        messages: What a message may keep beside the program's own text: one of `none` (no messages, notes and
            breadcrumbs at all), `template` (no value), `shapes` (the shapes of values), `names` (single words
            too) and `full` (everything but secrets).
        max_chars: A text that is longer is cut, and says so.
        vocabulary: Names that may stay in messages, beside those that look like names: tables, columns,
            options. A callable is asked for each word and answers True for those that may stay.
    """

    __slots__ = ("_engine", "_judge", "_messages", "_vocabulary")

    def __init__(
        self,
        needles: "Mapping[str, str] | None" = None,
        rules: "Iterable[Rule]" = (),
        messages: "Messages" = "shapes",
        max_chars: int = 32_000_000,
        vocabulary: "Vocabulary" = (),
    ) -> None:
        from crashguard.scrub.engine import Engine
        from crashguard.scrub.template import Judge

        self._messages = messages
        self._vocabulary = vocabulary if callable(vocabulary) else frozenset(vocabulary)
        # The judge of texts that are no exception's message, and that of messages.
        self._judge = Judge(messages, self._vocabulary)
        self._engine = Engine(needles or {}, rules, max_chars, self._judge)

    @classmethod
    def of_crash(
        cls,
        exceptions: "list[tuple[BaseException, TracebackType | None]]",
        is_known: "Callable[[str, dict[str, Any]], bool]",
        *,
        needles: "Iterable[str]" = (),
        rules: "Iterable[Rule]" = (),
        messages: "Messages" = "shapes",
        vocabulary: "Vocabulary" = (),
    ) -> "Scrubber":
        """A scrubber for the report of a crash, which knows the private values of this process.

        Args:
            exceptions: The exceptions of the report with their tracebacks, that which was raised last first.
            is_known: Says of a file name and the globals of its module whether the code is the tool's or
                installed: its texts may stay in a message.
            needles: Private texts beside those that are found.
            rules: As for `Scrubber`.
            messages: As for `Scrubber`.
            vocabulary: As for `Scrubber`.
        """
        private = {**of_environment(os.environ), **of_machine()}
        for _, tb in exceptions:
            private.update(of_traceback(tb))
        private.update(dict.fromkeys(needles, "private"))
        made = cls(private, rules, messages, vocabulary=vocabulary)
        if messages in ("template", "shapes", "names"):
            made._judge = _judge_of(messages, made._vocabulary, exceptions, is_known)
        return made

    def text(self, text: str) -> str:
        """The text without secrets, its data as shapes. Never raises."""
        return self._engine.message(text, self._judge)

    def event(self, event: "dict[str, Any]") -> "dict[str, Any]":
        """A scrubbed copy of a Sentry event. Never raises, and leaves its argument alone."""
        try:
            walk = _Walk(self._engine, self._messages, self._judge)
            scrubbed: dict[str, Any] = walk.again(walk.event(event))
            return scrubbed
        except Exception:  # noqa: BLE001 (an event that cannot be walked must not pass)
            return _bare(event)

    def leaks(self, data: bytes) -> "list[str]":
        """The tripwire over final bytes: kinds of private texts that are in there, none when all is well."""
        try:
            text = data.decode("utf-8", "replace")
            kinds = {kind for _, _, kind in self._engine.literals.spans(text)}
            if self._judge.is_left(text):
                kinds.add("value")
            return sorted(kinds)
        except Exception:  # noqa: BLE001 (what cannot be looked through is not known to be clean)
            return ["unreadable"]


def _judge_of(
    level: str,
    vocabulary: "frozenset[str] | Callable[[str], object]",
    exceptions: "list[tuple[BaseException, TracebackType | None]]",
    is_known: "Callable[[str, dict[str, Any]], bool]",
) -> "Judge":
    """A judge that knows what the program says, and what its frames hold once a message asks for it."""
    from crashguard.scrub.constants import Constants
    from crashguard.scrub.template import Judge

    program = Constants(is_known)
    program.read(exceptions)

    def walk() -> "Needles":
        from crashguard.scrub import values
        from crashguard.scrub.needles import Needles

        return Needles(*values.read(exceptions), program)

    return Judge(level, vocabulary, program, walk)


def scrub_text(text: str) -> str:
    """A text without secrets and personal data, each replaced by a mark like `[scrubbed:aws-key]`.

    Knows shapes (tokens, keys, URLs with credentials, addresses ...) and this machine's home, user and host.
    Never raises; nothing leaves the machine.

    Args:
        text: Any text; NUL and lone surrogates too. Past 32 million characters it is cut, visibly.
    """
    try:
        return Scrubber(of_machine()).text(text)
    except Exception:  # noqa: BLE001 (whatever goes wrong, an unscrubbed text must not pass)
        return FAILED


def scrub_event(event: "dict[str, Any]", hint: "dict[str, Any] | None" = None) -> "dict[str, Any]":  # noqa: ARG001
    """A scrubbed copy of a Sentry event; a `before_send` for a sentry-sdk of your own.

    Args:
        event: A Sentry event; it is not changed.
        hint: What sentry-sdk passes along; not used.
    """
    try:
        return Scrubber(of_machine()).event(event)
    except Exception:  # noqa: BLE001 (an event that cannot be scrubbed must not pass)
        return _bare(event)


def _bare(event: object) -> "dict[str, Any]":
    """What is left of an event that could not be scrubbed: that it happened."""
    bare: dict[str, Any] = {"tags": {"crashguard.scrub": "failed"}}
    if type(event) is dict:
        for key in ("event_id", "timestamp", "platform", "level", "release"):
            if type(event.get(key)) in (str, int, float):
                bare[key] = event[key]
    return bare


# ---- Every text of an event
#
# What stands under a telling key (`password`, `Authorization`) is secret whatever it looks like. What the
# reporter itself made (ids, times, line numbers, release, names in a fingerprint) is left as it is.

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
# Tags whose values a program chooses at run time. A table and a column are told only where their names are
# static, so they are names of the program's.
_TYPED = ("guard", "table", "parent_table", "column")
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


class _Walk:
    """One walk through one event."""

    __slots__ = ("_engine", "_grammar", "_judge", "_level", "_messages", "_nodes")

    def __init__(self, engine: "Engine", level: str, judge: "Judge") -> None:
        from crashguard.scrub import keyvalue

        self._engine = engine
        self._grammar = keyvalue
        self._judge = judge
        self._level = level
        self._messages = level != "none"
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
            elif key == "tags" and type(value) is dict:
                scrubbed[key] = self._tags(value)
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

    def _ours(self, value: "Any") -> "Any":
        """A copy of names: of types, functions, modules, releases. A program may make one at run time."""
        if type(value) is str:
            if not _NAME_CHARACTERS.issuperset(value):
                return self._engine.message(value, self._judge)
            if len(value) >= _TOKEN_LENGTH and any(map(str.isdigit, value)):
                return self._engine.text(value)
            return self._engine.known(value)
        if type(value) is dict:
            return {key: self._ours(item) for key, item in value.items()}
        if type(value) in (list, tuple):
            return [self._ours(item) for item in value]
        return value

    def _tags(self, tags: "dict[Any, Any]") -> "dict[Any, Any]":
        """The tags; those that a program may have made of data at run time are judged as messages are."""
        scrubbed: dict[Any, Any] = {}
        for name, value in tags.items():
            if name not in _TYPED or type(value) is not str:
                scrubbed[self._key(name)] = self._value(value, str(name), 2)
            elif self._level == "template" and not self._judge.may_stay(value):
                scrubbed[name] = "[value]"
            elif name in _STATIC and self._level != "none":
                scrubbed[name] = self._engine.text(value)
            elif self._level != "none" or self._judge.may_stay(value):
                scrubbed[name] = self._engine.message(value, self._judge)
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
            return self._engine.text("\n".join(value)).split("\n") if value else []
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
            is_secret = self._said_by(name)[0] == self._grammar.STRONG
            return {
                self._key(key): self._value(
                    item, name if is_secret and not self._tells(key) else str(key), depth + 1
                )
                for key, item in value.items()
            }
        if kind in (list, tuple, set, frozenset):
            if kind in (list, tuple) and len(value) == 2 and type(value[0]) is str and self._tells(value[0]):
                return [self._engine.text(value[0]), self._value(value[1], value[0], depth + 1)]  # a header
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
        holds = (
            any(map(str.isdigit, text)) if level == self._grammar.NUMBER else level >= self._grammar.MEDIUM
        )
        if holds and text and not self._grammar.is_stand_in(text):
            return self._engine.mark(text, kind)
        return self._engine.message(text)

    def _number(self, value: "int | float", name: str) -> "Any":
        text = repr(value)
        level, kind = self._said_by(name)
        if level in (self._grammar.STRONG, self._grammar.NUMBER):
            return self._engine.mark(text, kind)
        if level == self._grammar.MEDIUM and len(text) >= 4:
            return self._engine.mark(text, kind)
        if len(text) >= 13:
            scrubbed = self._engine.text(text)
            return value if scrubbed == text else scrubbed
        return value

    def _said_by(self, name: str) -> "tuple[int, str]":
        """What a key says of its value. The reporter's own keys say nothing, and need not be taken apart."""
        return (self._grammar.NONE, "") if name in _NAMES else self._grammar.classify(name)

    def _key(self, key: "Any") -> "Any":
        if type(key) is str:
            return key if key in _NAMES else self._engine.text(key)
        return key if type(key) in (int, float, bool, type(None)) else FAILED

    def _tells(self, key: "Any") -> bool:
        return type(key) is not str or self._grammar.classify(key)[0] != self._grammar.NONE

    def _count(self, depth: int) -> None:
        self._nodes += 1
        if depth > _MAX_DEPTH or self._nodes > _MAX_NODES:
            raise ValueError("the event is too deep or too large to be scrubbed")


def _copy(value: "Any") -> "Any":
    if type(value) is dict:
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if type(value) in (list, tuple) else value


# ---- What this machine and this process know to be private, as literals: never sent, only looked for

_SHORTEST_SECRET = 6  # characters; what is shorter would be found everywhere
_LONGEST_SECRET = 4_000
_MOST_LITERALS = 200
_MOST_FRAMES = 800
_MOST_ITEMS = 100  # of a dict or list
_DEEPEST = 3
# Every shell sets these. To the vocabulary of names "pwd" is a password.
_FOLDERS = frozenset(("PWD", "OLDPWD"))


def of_machine() -> "dict[str, str]":
    """Home directory, user and host of this machine, each with its kind; common names are left out."""
    found: dict[str, str] = {}
    try:
        homes = {os.path.expanduser("~"), os.environ.get("HOME", ""), os.environ.get("USERPROFILE", "")}
    except Exception:  # noqa: BLE001 (a machine without a home is no reason to fail)
        homes = set()
    for home in homes:
        home = home.rstrip("/\\")  # noqa: PLW2901 (the same path)
        if len(home) > 5 and home != "/root" and home.replace("\\", "/").count("/") >= 2:
            found[home] = "home"
    users = {os.environ.get(name, "") for name in ("USER", "LOGNAME", "USERNAME", "SUDO_USER")}
    users |= {home.replace("\\", "/").rpartition("/")[2] for home in found}
    users.add(_account())
    for user in filter(_is_private_name, users):
        found.setdefault(user, "user")
    for host in filter(_is_private_name, _hosts()):
        found.setdefault(host, "host")
    return found


def _is_private_name(name: str) -> bool:
    """Whether a user's or host's name is private: not one that half the world has."""
    from crashguard.scrub._tables import COMMON

    low = name.lower()
    return 3 <= len(name) <= 255 and low not in COMMON and low.rstrip("0123456789-_") not in COMMON


def _account() -> str:
    if sys.platform == "win32":
        return ""  # USERNAME says it
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except (ImportError, KeyError, OSError):
        return ""


def _hosts() -> "set[str]":
    # USERDOMAIN is the company's name on a machine that the company manages; LOGONSERVER is `\\SERVER`.
    variables = ("HOSTNAME", "COMPUTERNAME", "USERDOMAIN", "USERDNSDOMAIN", "LOGONSERVER")
    names = {os.environ.get(name, "").lstrip("\\") for name in variables}
    if sys.platform != "win32":
        names.add(os.uname().nodename)
    return names | {name.partition(".")[0] for name in names if not name.replace(".", "").isdigit()}


def of_environment(environ: "Mapping[str, str]") -> "dict[str, str]":
    """The values of environment variables whose name says that they are secret, each with its kind."""
    found: dict[str, str] = {}
    try:
        items = list(environ.items())
    except Exception:  # noqa: BLE001 (a mapping of somebody else's making)
        return found
    names = [name for name, _ in items if type(name) is str]
    telling = _telling(names) if len(names) > _FEW_NAMES else frozenset(names)
    for name, value in items:
        if name in _FOLDERS and type(value) is str:
            if len(value) >= _SHORTEST_SECRET and value.count("/") + value.count("\\") >= 2:
                found.setdefault(value, "directory")
        elif type(value) is str and (name in telling or (type(name) is str and "@" in value)):
            _add(found, name, value)
    return found


_FEW_NAMES = 10  # so many are taken apart as quickly as they are looked through
_SEAMS = {number: None for number in range(128) if not chr(number).isalnum() and chr(number) != "\n"}


def _telling(names: "list[str]") -> "set[str]":
    """The names that may say of a value that it is secret; a superset, found by a search of all at once.

    An orchestrator gives a program thousands of variables, and to take a name apart costs more than all else
    that is done with it.
    """
    from crashguard.scrub._tables import TELLING

    plain = [name for name in names if name.isascii() and name.isprintable()]
    lines = "\n".join(plain).translate(_SEAMS).lower()
    ends: list[int] = []  # of the lines
    for line in lines.split("\n"):
        ends.append((ends[-1] + 1 if ends else 0) + len(line))
    found = {name for name in names if not (name.isascii() and name.isprintable())}
    for stem in TELLING:
        at = lines.find(stem)
        while at >= 0:
            number = _count_below(ends, at)
            found.add(plain[number])
            at = lines.find(stem, ends[number])
    return found


def _count_below(sorted_numbers: "list[int]", most: int) -> int:
    """How many numbers of a sorted list are below another one; `bisect` would be an import."""
    low, high = 0, len(sorted_numbers)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if sorted_numbers[middle] < most else (low, middle)
    return low


def of_traceback(tb: "TracebackType | None") -> "dict[str, str]":
    """The values of secret-named local variables along a traceback, each with its kind.

    Only exact built-in texts are looked at (and those in exact dicts), so that no foreign code runs.
    """
    found: dict[str, str] = {}
    frames = 0
    while tb is not None and len(found) < _MOST_LITERALS and frames < _MOST_FRAMES:
        frames += 1
        try:
            _of_frame(tb, found)
        except Exception:  # noqa: BLE001, S110 (namespaces may be of any class)
            pass
        tb = tb.tb_next
    return found


def _of_frame(tb: "TracebackType", found: "dict[str, str]") -> None:
    names = tb.tb_frame.f_locals
    if type(names) is not dict and type(names) is not type(sys._getframe().f_locals):
        return
    for name, value in list(names.items()):
        if type(name) is str:
            _add(found, name, value)


def _add(found: "dict[str, str]", name: str, value: object, depth: int = 0) -> None:
    from crashguard.scrub import keyvalue

    if type(value) is dict and depth < _DEEPEST:
        for key, item in list(value.items())[:_MOST_ITEMS]:
            if type(key) is str:
                _add(found, key, item, depth + 1)
        return
    if type(value) is list and depth < _DEEPEST:
        for item in value[:_MOST_ITEMS]:
            _add(found, name, item, depth + 1)
        return
    if type(value) is bytes:
        value = value[:_LONGEST_SECRET].decode("utf-8", "replace")
    if type(value) is not str:
        return
    if "://" in value and "@" in value and len(found) < _MOST_LITERALS:
        password = _password_of_url(value[:_LONGEST_SECRET])
        if _is_particular(password):
            found.setdefault(password, "url-password")
    level, kind = keyvalue.classify(name[:100])
    if level in (keyvalue.STRONG, keyvalue.MEDIUM) and len(found) < _MOST_LITERALS:
        value = value.strip()
        if _is_particular(value):
            found.setdefault(value, kind)
            for piece in _pieces(value):
                found.setdefault(piece, kind)


def _password_of_url(url: str) -> str:
    """The password in a URL, as it is written there; an empty text where it has none."""
    userinfo = url.partition("://")[2].rpartition("@")[0]
    return userinfo.partition(":")[2]


def _pieces(secret: str) -> "list[str]":
    """The pieces of a secret of which libraries quote one: at `/ # ? @ % : *` and blanks."""
    if "://" in secret or secret.count(" ") > 2:
        return []
    spaced = secret
    for sign in "/#?@%:*":
        spaced = spaced.replace(sign, " ")
    pieces = spaced.split()
    return [piece for piece in pieces if _is_particular(piece)] if len(pieces) > 1 else []


def _is_particular(value: str) -> bool:
    """Whether a value is long and particular enough to be looked for everywhere."""
    from crashguard.scrub import keyvalue
    from crashguard.scrub._tables import COMMON

    if not _SHORTEST_SECRET <= len(value) <= _LONGEST_SECRET:
        return False
    if keyvalue.is_stand_in(value) or value.lower() in COMMON or (value.isdigit() and len(value) < 8):
        return False
    return not (value.startswith(("/", "./", "~/")) and "." in value)
