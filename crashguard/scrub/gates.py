"""One look through a text for every plain text that opens the way to a pattern.

Must live here: what a word that was found opens. Must not be known here: what lies behind it.
"""

from crashguard.scrub import commands, keys, lines, persons, places

TYPE_CHECKING = False
if TYPE_CHECKING:
    from crashguard.scrub.rule import Rule

RULES: "tuple[Rule, ...]" = (*places.RULES, *commands.RULES, *persons.RULES)
_WORDS = tuple(dict.fromkeys([*keys.STEMS, *(gate for rule in RULES for gate in rule.gates)]))

# What a word opens: rules, and where in it the stem of a name stands. A longer word hides those inside it,
# so it opens what they open. Filled as words are met.
_opens: "dict[str, tuple[tuple[Rule, ...], tuple[int, int] | None]]" = {}


def spans(text: str, low: str) -> "tuple[list[tuple[int, int, str]], list[tuple[int, int]]]":
    """What the rules find (start, end, kind), and where stems of telling names stand.

    Args:
        text: Any text.
        low: The same in lower case, character for character.
    """
    found: list[tuple[int, int, str]] = []
    stems: list[tuple[int, int]] = []
    start, end = 0, -1
    tried: list[Rule] = []
    for at, to in lines.places(low, _WORDS):
        rules, stem = _opens.get(low[at:to]) or _opened(low[at:to])
        if stem is not None:
            stems.append((at + stem[0], at + stem[1]))
        if not rules:
            continue
        if at >= end:
            start, end = lines.around(low, at, to)
            tried = []
        for rule in rules:
            if rule not in tried:
                tried.append(rule)
                found += rule.within(text, start, end)
    return found, stems


def _opened(word: str) -> "tuple[tuple[Rule, ...], tuple[int, int] | None]":
    rules = tuple(rule for rule in RULES if any(gate in word for gate in rule.gates))
    stem = None
    for text in keys.STEMS:
        at = word.find(text)
        if at >= 0 and (stem is None or at < stem[0] or (at == stem[0] and at + len(text) > stem[1])):
            stem = (at, at + len(text))
    _opens[word] = rules, stem
    return rules, stem
