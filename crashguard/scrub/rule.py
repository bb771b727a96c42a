"""What a rule is: a kind of secret, the pattern that finds it, and the gate that makes looking cheap.

Must live here: the shape of a rule. Must not be known here: any rule, and how rules are applied.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re


class Rule:
    """One kind of secret that a pattern finds.

    Args:
        kind: Its name, as it stands in the marker `[scrubbed:KIND]`: lower case letters, digits and hyphens.
        pattern: A regular expression. A group named `secret` is what is taken out; without one, the whole match is.
            It has to run in linear time: no nested repeats.
        gates: Plain texts of which one must occur, in this spelling, before the pattern is even compiled.
            Without gates it is tried on every text.
        example: A text in which the rule finds something; tests and documentation are made of it.
        counter_example: A text that looks similar and must stay as it is.
        flags: Flags of `re.compile`.
    """

    __slots__ = ("_compiled", "counter_example", "example", "flags", "gates", "kind", "pattern")

    def __init__(
        self,
        kind: str,
        pattern: str,
        gates: "tuple[str, ...]" = (),
        example: str = "",
        counter_example: str = "",
        flags: int = 0,
    ) -> None:
        self.kind = kind
        self.pattern = pattern
        self.gates = (gates,) if type(gates) is str else tuple(gates)
        self.example = example
        self.counter_example = counter_example
        self.flags = flags
        self._compiled: re.Pattern[str] | None = None

    def __repr__(self) -> str:
        return f"Rule({self.kind!r}, {self.pattern!r})"

    def spans(self, text: str) -> "list[tuple[int, int, str]]":
        """Where the rule finds something: start, end, kind."""
        for gate in self.gates:
            if gate in text:
                break
        else:
            if self.gates:
                return []
        found = self._compiled
        if found is None:
            import re

            found = self._compiled = re.compile(self.pattern, self.flags)
        group = "secret" if "secret" in found.groupindex else 0
        kind = self.kind
        return [(*match.span(group), kind) for match in found.finditer(text) if match.group(group)]
