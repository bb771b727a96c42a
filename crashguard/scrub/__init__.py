"""Takes secrets and personal data out of a report, and leaves everything else as it was.

    __init__    one report: what its scrubber knows
    event       every text of an event, and what its place says about it
    private     what this machine and this process know to be private
    held        which secrets the variables of its frames hold
    engine      one text: rounds
    spans, marks    stretches of a text; what leaves in their place

Where secrets are:

    detect      rules, gates, and all that is asked
    keyvalue, names, written    notations; what a name says about its value; where a value ends
    arguments   the same in a list of arguments, or of values of a log line
    statements  the same in an INSERT
    nearby      secrets near a telling word, without a notation
    tokens, urls, addresses, digits, homes, keyfiles    what gives itself away without a name
    disguised   how a text reads whose names are escaped, invisible in part, or of another language

What is data:

    template    which pieces of a message are data
    remainder   what may stay where only the program's words and those of libraries may
    quotes      where a text quotes something
    quoted      which quotations are data
    places      where a library writes data without quotes
    excerpts    where a server prints a piece of the statement that it was given
    directories  where absolute paths of this machine stand
    interpreter  what Python itself puts into messages
    identifiers  whether a word is a name of a program or a schema
    personal    what stands behind the names of personal things
    constants   what the program itself says: constants and names of the code that a crash passed through
    strangers, outside    names in code that is nobody's, which Python puts into messages
    makers      which code may have made a message, and of which pieces; what code refers to by name
    sources     what stands in the sources of a program
    formats     the fixed pieces of format texts
    values      what the variables of its frames hold
    environment  what the environment gave to the program
    heap        many values, of which a message finds the few that share a word with it
    `needles`   where those values stand in a message
    spellings   how repr, JSON, SQL and URLs write a value
    alignment   what stands between the words of the code that made a message

What they know by heart:

    _tables     words and patterns, made of tools/vocabulary.toml
    prepared, _compiled    patterns and tables that are made at their first use

Public are `scrub_text`, `scrub_event`, `Scrubber` and `Rule`. To import this package costs a file: the others
are imported when the first text is scrubbed. This runs while a process dies, so nothing of size is imported
beside them, and no pattern is compiled that the text gives no reason for.
"""

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from types import CodeType, TracebackType
    from typing import Any, Literal

    from crashguard.scrub.constants import Constants
    from crashguard.scrub.needles import Needles
    from crashguard.scrub.template import Judge

    Messages = Literal["none", "template", "shapes", "names", "full"]
    Called = tuple[CodeType, int, dict[str, Any]]
    Read = Callable[[str, int], bytes]
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
            options. A callable is asked for each word: one may stay for which its answer counts as true.
    """

    __slots__ = ("_engine", "_facts", "_judge", "_messages", "_published", "_vocabulary")

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
        self._facts: frozenset[str] = frozenset()  # of the event that was scrubbed last
        self._published = ""  # the lines of code in it
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
        read: "Read | None" = None,
        elsewhere: "Sequence[Sequence[Called]]" = (),
        own: "Collection[str]" = (),
        is_own: "Callable[[str, dict[str, Any]], bool] | None" = None,
    ) -> "Scrubber":
        """A scrubber for the report of a crash, which knows the private values of this process.

        Args:
            exceptions: The exceptions of the report with their tracebacks, that which was raised last first.
                For one that was never raised, the frames that run where it is reported.
            is_known: Says of a file name and the globals of its module whether the code is the tool's or
                installed: its texts may stay in a message.
            needles: Private texts beside those that are found.
            rules: As for `Scrubber`.
            messages: As for `Scrubber`.
            vocabulary: As for `Scrubber`.
            read: Reads a file up to a number of bytes, and raises OSError where it cannot. A sentence that a
                function refers to by name is the program's if it stands in the program's source.
            elsewhere: For each exception that came from another process or interpreter the code that failed
                there, as far as this process has it, innermost first: code, line, namespace of its module.
                This process has no values of that one, so what no code and no library says is data.
            own: The tool's own names, in small letters (`private.own_names`).
            is_own: Says, as `is_known`, whether the code is the tool's: any text that it was made with may
                stay, and what it raises is its own text and data, nothing else.
        """
        from crashguard.scrub.private import of_environment, of_machine, of_traceback

        private = {**of_environment(os.environ), **of_machine(own)}
        for _, tb in exceptions:
            private.update(of_traceback(tb))
        if messages in ("names", "full"):
            from crashguard.scrub.held import of_variables

            private.update(of_variables(exceptions))
        if messages != "full":
            from crashguard.scrub.private import renamed_functions

            private.update(dict.fromkeys(renamed_functions(exceptions), "function"))
        private.update(dict.fromkeys(needles, "private"))
        made = cls(private, rules, messages, vocabulary=vocabulary)
        if messages != "full":
            from crashguard.scrub.constants import Constants

            program = Constants(is_known, read, is_own)
            made._judge = _judge_of(messages, made._vocabulary, exceptions, program, elsewhere)
        return made

    def text(self, text: str) -> str:
        """The text without secrets, its data as shapes. Never raises."""
        return self._engine.message(text, self._judge)

    def event(self, event: "dict[str, Any]") -> "dict[str, Any]":
        """A scrubbed copy of a Sentry event. Never raises, and leaves its argument alone."""
        try:
            from crashguard.scrub.event import Walk

            walk = Walk(self._engine, self._messages, self._judge)
            scrubbed: dict[str, Any] = walk.again(walk.event(event))
            self._facts = frozenset(walk.facts)
            self._published = "\n".join(walk.code)
            return scrubbed
        except Exception:  # noqa: BLE001 (an event that cannot be walked must not pass)
            return _bare(event)

    def leaks(self, data: bytes) -> "list[str]":
        """The tripwire over final bytes: kinds of private texts that are in there, none when all is well."""
        try:
            text = data.decode("utf-8", "replace")
            kinds = {kind for _, _, kind in self._engine.literals.spans(text)}
            if self._judge.is_left(text, self._facts, self._published):
                kinds.add("value")
            return sorted(kinds)
        except Exception:  # noqa: BLE001 (what cannot be looked through is not known to be clean)
            return ["unreadable"]


def _judge_of(
    level: str,
    vocabulary: "frozenset[str] | Callable[[str], object]",
    exceptions: "list[tuple[BaseException, TracebackType | None]]",
    program: "Constants",
    elsewhere: "Sequence[Sequence[Called]]",
) -> "Judge":
    """A judge that knows what the program says, and what its frames hold once a message asks for it."""
    from crashguard.scrub.constants import hidden, names_made_at_run_time
    from crashguard.scrub.template import Judge

    program.read([*exceptions, *hidden(exceptions)])
    for called in elsewhere:
        program.read_called(called)
    made = names_made_at_run_time([exc for exc, _ in exceptions], program)

    def walk() -> "Needles":
        from crashguard.scrub import environment, values
        from crashguard.scrub.needles import Needles

        given = [*environment.given(), *values.reached(exceptions)]
        return Needles(*values.read(exceptions), program, given)

    return Judge(level, vocabulary, program, walk, made, is_blind=bool(elsewhere))


def scrub_text(text: str) -> str:
    """A text without secrets and personal data, each replaced by a mark like `[scrubbed:aws-key]`.

    Knows shapes (tokens, keys, URLs with credentials, addresses ...) and this machine's home, user and host.
    Never raises; nothing leaves the machine.

    Args:
        text: Any text; NUL and lone surrogates too. Past 32 million characters it is cut, visibly.
    """
    try:
        from crashguard.scrub.private import of_machine

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
        from crashguard.scrub.private import of_machine, own_names

        return Scrubber(of_machine(own_names(event))).event(event)
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
