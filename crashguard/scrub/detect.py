"""Where secrets stand in a text, as spans; nothing is changed.

Theory of operation. Three kinds of knowledge are asked. A *rule* of the vocabulary is a pattern; a *judge*,
where one is named, says of each match which stretches are private: the pattern of an e-mail address also
fits `git@host`. The *grammar* of names and values is `keyvalue`. A *detector* goes through a whole text,
because no plain text announces what it looks for: tokens, addresses, numbers. Escaped line ends and quotes
are seen as themselves, at their old places (`_unescaped`), but not by rules that are marked as raw.

*Gates* make it cheap. A rule of the vocabulary is tried only on lines that hold one of its gates, and the
grammar only behind the stem of a telling name. One search finds all gates and stems of a text, and a pattern
that no text of a report has opened is never compiled. How the search is done depends on the length: in a
short text each character is looked up, in a longer one each gate is searched for, in a long one each of those
that its words can hold.
"""

from crashguard.scrub import tokens
from crashguard.scrub._tables import RULES, WORDS
from crashguard.scrub.prepared import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable

    from crashguard.scrub.spans import Found

    Ask = Callable[[str, re.Match[str]], list[Found]]
    Word = tuple[str, ...]  # a text, how much of it is the stem of a name, the numbers of the rules it opens

# What is known by its look wherever it stands, and need not be looked for.
PERSONAL = frozenset("email ip mac phone card iban ssn user home host birth-date one-time-code".split())


def secrets_in(written: str) -> "list[Found]":
    """What rules, grammar and detectors find in a text. Of two spans alike the first gives the kind."""
    view = _unescaped(written)
    low = lowered(view)
    found, judged, stems = _behind_gates(written, view, low)
    if stems and not _is_name(view):
        from crashguard.scrub import keyvalue

        found += keyvalue.spans(view, low, stems)
        if len(view) > _COUNTED or _has_mixed_word(view):
            from crashguard.scrub import nearby

            found += nearby.spans(view, stems)
    found += judged
    found += tokens.tokens(view)
    _detect_others(view, found)
    return found


_LONGEST_NAME = 80  # as the grammar reads them
_SHORTEST_SECRET = 4  # characters that no secret near a telling word is as short as
_MAC = 14  # characters of a MAC address with dots
_COUNTED = 400  # characters in which counting digits is cheaper than looking for numbers
_DIGITS = 8  # of the shortest number of a person


def _is_name(text: str) -> bool:
    """Whether a text is a name from end to end: no value stands behind it."""
    bare = text.replace("_", "").replace(".", "").replace("-", "")
    return len(text) <= _LONGEST_NAME and bare.isalnum() and bare.isascii()


def _has_mixed_word(text: str) -> bool:
    """Whether a word of a text may be a secret by its look: each that `nearby` finds has a digit."""
    return any(len(word) > _SHORTEST_SECRET and tokens.has_digit(word) for word in text.split())


def _detect_others(view: str, found: "list[Found]") -> None:
    """Ask the detectors for which a text has the signs; most have none, and load none."""
    colons, dots = view.count(":"), view.count(".")
    if colons >= 4:
        from crashguard.scrub import urls

        found += urls.pgpass(view)
    if "ecret" in view and "ata" in view:
        from crashguard.scrub import keyfiles

        found += keyfiles.manifests(view)
    digits_in = _DIGITS if len(view) > _COUNTED else sum(map(str.isdigit, view))
    may_be_mac = len(view) >= _MAC and (dots >= 2 or view.count("-") >= 5)
    if colons >= 2 or (digits_in and (dots >= 3 or may_be_mac)):
        from crashguard.scrub import addresses

        found += addresses.addresses(view)
    if digits_in >= _DIGITS:
        from crashguard.scrub import digits

        found += digits.numbers(view)


# ---- Views of a text: the same length, every character at its old place

# Characters that JSON encoders and page templates escape.
_ESCAPES = (
    ("\\u0026", "&"), ("\\u003d", "="), ("\\u003D", "="), ("\\u0022", '"'), ("\\u0027", "'"),
    ("\\u003c", "<"), ("\\u003e", ">"), ("\\u003C", "<"), ("\\u003E", ">"), ("\\x27", "'"), ("\\x22", '"'),
)  # fmt: skip
_ENTITIES = (("&quot;", '"'), ("&#34;", '"'), ("&#39;", "'"), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"))


def _unescaped(text: str) -> str:
    r"""The text with escaped line ends and the like as themselves: `name: x\\nvalue: y` is two lines."""
    if "\\" in text:
        if "\\\\" in text:
            text = text.replace("\\\\\\\\n", "    \n").replace("\\\\n", "  \n")
        text = text.replace("\\n", " \n").replace("\\r", " \r").replace("\\t", " \t")
        if "\\u00" in text or "\\x2" in text:
            text = _in_place(text, _ESCAPES)
    if "&" in text and ";" in text and _ENTITY.search(text):
        text = _in_place(text, _ENTITIES)
    if "\x1b[" in text:  # a colour between a name and its value
        text = _COLOUR.regex.sub(lambda match: " " * len(match[0]), text)
    return text


_ENTITY = Pattern(r"&(?:quot|#34|#39|amp|lt|gt);")
_COLOUR = Pattern(r"\x1b\[[0-9;]{0,12}[A-Za-z]")


def is_plain(text: str) -> bool:
    """Whether a text holds nothing that can be read in another way: no escape, and ASCII only."""
    return text.isascii() and not (
        "\\" in text or "%" in text or "\x1b" in text or ("&" in text and ";" in text)
    )


def _in_place(text: str, escapes: "tuple[tuple[str, str], ...]") -> str:
    for escape, character in escapes:
        text = text.replace(escape, character.rjust(len(escape)))
    return text


def lowered(text: str) -> str:
    """The text in small letters, character for character."""
    low = text.lower()
    # The one character whose small form is longer: U+0130.
    return low if len(low) == len(text) else text.replace("\u0130", "I").lower()


# ---- Gates

_PATTERNS = tuple(Pattern(row[1]) for row in RULES)
_SINGLE = tuple(start for start in WORDS.lines if len(start) == 1)
_LOOKED_UP = 300  # characters up to which looking each of them up is cheaper than searching for each gate
_SIFTED = 10_000  # characters from which it pays to sift the gates first


def _behind_gates(
    written: str, view: str, low: str
) -> "tuple[list[Found], list[Found], list[tuple[int, int]]]":
    """What rules find behind their gates, by themselves and judged, and where the stems of names stand.

    Args:
        written: The text as it was written.
        view: The same with escapes as themselves.
        low: The view in small letters.
    """
    matched: list[Found] = []
    judged: list[Found] = []
    stems: list[tuple[int, int]] = []
    done: dict[int, int] = {}  # where the last line ends that a rule was tried on
    for at, (word, stem, numbers) in _words_in(low):
        if stem != "0":
            stems.append((at, at + int(stem)))
        for number in map(int, numbers.split()):
            if done.get(number, -1) > at:
                continue
            kind, _, judge, raw = RULES[number]
            text = written if raw else view
            end = text.find("\n", at + len(word) - 1)
            done[number] = end = end if end >= 0 else len(text)
            pattern = _PATTERNS[number].regex
            matches = pattern.finditer(text, text.rfind("\n", 0, at) + 1, end)
            if judge:
                ask = _judge_called(judge)
                judged += [span for match in matches for span in ask(text, match)]
                continue
            group = "secret" if "secret" in pattern.groupindex else 0
            matched += [(*match.span(group), kind) for match in matches if match[group]]
    return matched, judged, stems


def _judge_called(name: str) -> "Ask":
    """The function that judges the matches of a rule. Its file is loaded with the first match."""
    module, _, function = name.partition(".")
    if module == "tokens":
        return tokens.issued
    if module == "keyvalue":
        from crashguard.scrub import keyvalue as judges
    elif module == "urls":
        from crashguard.scrub import urls as judges  # type: ignore[no-redef]
    elif module == "addresses":
        from crashguard.scrub import addresses as judges  # type: ignore[no-redef]
    elif module == "nearby":
        from crashguard.scrub import nearby as judges  # type: ignore[no-redef]
    elif module == "homes":
        from crashguard.scrub import homes as judges  # type: ignore[no-redef]
    elif module == "keyfiles":
        from crashguard.scrub import keyfiles as judges  # type: ignore[no-redef]
    else:
        from crashguard.scrub import statements as judges  # type: ignore[no-redef]
    ask: Ask = getattr(judges, function)
    return ask


def _words_in(low: str) -> "list[tuple[int, Word]]":
    """Where gates and stems stand in a text in small letters, in order, at each place the longest."""
    if len(low) <= _LOOKED_UP:
        starts, found = WORDS.lines, {}
        for at in range(len(low) - 1):
            if low[at : at + 2] not in starts:
                continue
            for row in WORDS.at(low[at : at + 2]):
                if low.startswith(row[0], at):
                    found[at] = row
                    break
        _search(low, (row for start in _SINGLE for row in WORDS.at(start)), found)
    else:
        found = {}
        _search(low, _possible(low), found)
    return sorted(found.items())


def _search(low: str, rows: "Iterable[Word]", found: "dict[int, Word]") -> None:
    """Add where each of some words stands; of two at one place the first stays."""
    for row in rows:
        at = low.find(row[0])
        while at >= 0:
            found.setdefault(at, row)
            at = low.find(row[0], at + 1)


def _possible(low: str) -> "list[Word]":
    """Gates and stems that a text can hold. Of a long one its different words say so, which are far fewer."""
    rows = [row for start in WORDS.lines for row in WORDS.at(start)]
    if len(low) <= _SIFTED:
        return rows
    words = different_words(low)
    return [row for row in rows if max(row[0].translate(ZEROS).split(), key=len, default="") in words]


ZEROS = {ord(digit): "0" for digit in "123456789"}  # the same digit for all


def different_words(text: str) -> str:
    """What stands between the blanks of a text, each once, but for which digits it has: a log has but few."""
    return "\n".join(set(text.translate(ZEROS).split()))
