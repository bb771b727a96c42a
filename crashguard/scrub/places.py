"""Places where a library writes data without quotes: `Key (email)=(x)`, `[parameters: ('x', 3)]`.

The vocabulary lists them (`template.places`). What is printed there as a container is data value by value, so
that a reader still sees how many there were.
"""

from crashguard.scrub._tables import PLACES
from crashguard.scrub.identifiers import DIGITS, is_name
from crashguard.scrub.prepared import Pattern
from crashguard.scrub.quotes import quotations
from crashguard.scrub.spans import without

TYPE_CHECKING = False
if TYPE_CHECKING:
    from crashguard.scrub.spans import Span

_PLACES = tuple((gate.split("|"), Pattern(pattern)) for gate, pattern in PLACES)
_NUMBER = Pattern(r"-?\d[\d.]{4,}")


def placed(text: str) -> "tuple[list[Span], list[Span]]":
    """The places of a text, and what is data there.

    Args:
        text: Any text.
    """
    places = [
        match.span(match.lastgroup or 0)
        for gates, pattern in _PLACES
        if any(gate in text for gate in gates)
        for match in pattern.finditer(text)
        if match.lastgroup == "value" or _is_datum(match["datum"])
    ]
    return places, [span for place in places for span in _in_container(text, *place)]


def _is_datum(text: str) -> bool:
    """Whether what stands in a place is none of the names that may stand there as well."""
    return (any(map(str.isalpha, text)) and not is_name(text)) or sum(map(str.isdigit, text)) > DIGITS


def _in_container(text: str, start: int, end: int) -> "list[Span]":
    """The values of a container; all of a place that holds no quotations."""
    quoted = [(low + start, high + start) for low, high in quotations(text[start:end])]
    if text[start] not in "([{" or not quoted:
        return [(start, end)]
    found = [(low, high) for low, high in quoted if text[high + 1 : high + 2] != ":"]
    for low, high in without([(start, end)], quoted):
        found += [match.span() for match in _NUMBER.finditer(text, low, high)]
    return found
