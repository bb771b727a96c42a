"""What a rule is: a kind of secret, the pattern that finds it, and the gate that makes looking cheap.

Must live here: the shape of a rule. Must not be known here: any rule, and how rules are applied.
"""

from crashguard.scrub import lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re


class Rule:
    """One kind of secret that a pattern finds.

    Args:
        kind: Its name, as it stands in the marker `[scrubbed:KIND]`: lower case letters, digits and hyphens.
        pattern: A regular expression. A group named `secret` is what is taken out; without one, the whole match is.
            It has to run in linear time: no nested repeats.
        gates: Plain texts of which one must occur in a line, in any case, before the pattern is even compiled.
            Without gates it is tried on every text. A match with gates stays within one line.
        example: A text in which the rule finds something; tests and documentation are made of it.
        counter_example: A text that looks similar and must stay as it is.
        flags: Flags of `re.compile`.
    """

    __slots__ = ("_compiled", "counter_example", "example", "flags", "gates", "kind", "pattern")

    def __init__(
        self,
        kind: str,
        pattern: str,
        gates: "tuple[str, ...] | str" = (),
        example: str = "",
        counter_example: str = "",
        flags: int = 0,
    ) -> None:
        self.kind = kind
        self.pattern = pattern
        several = (gates,) if isinstance(gates, str) else gates
        self.gates = tuple(gate.lower() for gate in several)
        self.example = example
        self.counter_example = counter_example
        self.flags = flags
        self._compiled: re.Pattern[str] | None = None

    def __repr__(self) -> str:
        return f"Rule({self.kind!r}, {self.pattern!r})"

    def spans(self, text: str, low: str) -> "list[tuple[int, int, str]]":
        """Where the rule finds something: start, end, kind.

        Args:
            text: Any text.
            low: The same in lower case, character for character.
        """
        return [
            span for start, end in lines.holding(low, self.gates) for span in self.within(text, start, end)
        ]

    def within(self, text: str, start: int, end: int) -> "list[tuple[int, int, str]]":
        """The same in one stretch of a text, whatever the gates."""
        pattern = self._compiled
        if pattern is None:
            import re

            pattern = self._compiled = re.compile(self.pattern, self.flags)
        group = "secret" if "secret" in pattern.groupindex else 0
        return [
            (*match.span(group), self.kind)
            for match in pattern.finditer(text, start, end)
            if match.group(group)
        ]
