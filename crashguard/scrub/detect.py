"""Where secrets stand in a text, as spans; nothing is changed.

Theory of operation. Three kinds of knowledge are asked: the rules of the vocabulary, the grammar of names and
values (`keyvalue`), and the detectors of `shapes`. Escaped line ends and quotes are seen as themselves, at
their old places (`_unescaped`), but not by rules that are marked as raw.

*Gates* make it cheap. A rule of the vocabulary is tried only on lines that hold one of its gates, and the
grammar only behind the stem of a telling name. One search finds all gates and stems of a text, and a pattern
that no text of a report has opened is never compiled. How the search is done depends on the length: in a
short text each character is looked up, in a longer one each gate is searched for, in a long one each of those
that its words can hold.
"""

from crashguard.scrub import keyvalue, shapes
from crashguard.scrub._tables import RULES, WORDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    Word = tuple[str, int, tuple[int, ...]]

# What is known by its look wherever it stands, and need not be looked for.
PERSONAL = frozenset("email ip mac phone card iban ssn user home host birth-date one-time-code".split())


def secrets_in(written: str) -> "list[tuple[int, int, str]]":
    """What rules, grammar and detectors find in a text. Of two spans alike the first gives the kind."""
    view = _unescaped(written)
    low = lowered(view)
    found, judged, stems = _behind_gates(written, view, low)
    found += keyvalue.spans(view, low, stems)
    found += judged
    for detect in (shapes.pgpass, shapes.manifests, shapes.tokens, shapes.addresses, shapes.numbers):
        found += detect(view)
    return found


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
    if "&" in text and ";" in text:
        text = _in_place(text, _ENTITIES)
    if "\x1b[" in text:  # a colour between a name and its value
        text = _COLOUR.regex.sub(lambda match: " " * len(match[0]), text)
    return text


_COLOUR = shapes.Pattern(r"\x1b\[[0-9;]{0,12}[A-Za-z]")


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

_MODULES = {"keyvalue": keyvalue, "shapes": shapes}  # where judges live
_PATTERNS = tuple(shapes.Pattern(row[1]) for row in RULES)
_SINGLE = tuple(start for start in WORDS if len(start) == 1)
_LOOKED_UP = 300  # characters up to which looking each of them up is cheaper than searching for each gate
_SIFTED = 10_000  # characters from which it pays to sift the gates first
_LETTERS = shapes.Pattern("[a-z]+")


def _behind_gates(
    written: str, view: str, low: str
) -> "tuple[list[tuple[int, int, str]], list[tuple[int, int, str]], list[tuple[int, int]]]":
    """What rules find behind their gates, by themselves and judged, and where the stems of names stand.

    Args:
        written: The text as it was written.
        view: The same with escapes as themselves.
        low: The view in small letters.
    """
    matched: list[tuple[int, int, str]] = []
    judged: list[tuple[int, int, str]] = []
    stems: list[tuple[int, int]] = []
    done: dict[int, int] = {}  # where the last line ends that a rule was tried on
    for at, (word, stem, numbers) in _words_in(low):
        if stem:
            stems.append((at, at + stem))
        for number in numbers:
            if done.get(number, -1) > at:
                continue
            kind, _, judge, raw = RULES[number]
            text = written if raw else view
            end = text.find("\n", at + len(word) - 1)
            done[number] = end = end if end >= 0 else len(text)
            pattern = _PATTERNS[number].regex
            matches = pattern.finditer(text, text.rfind("\n", 0, at) + 1, end)
            if judge:
                module, _, function = judge.partition(".")
                ask = getattr(_MODULES[module], function)
                judged += [span for match in matches for span in ask(text, match)]
                continue
            group = "secret" if "secret" in pattern.groupindex else 0
            matched += [(*match.span(group), kind) for match in matches if match[group]]
    return matched, judged, stems


def _words_in(low: str) -> "list[tuple[int, Word]]":
    """Where gates and stems stand in a text in small letters, in order, at each place the longest."""
    if len(low) <= _LOOKED_UP:
        found = {}
        for at in range(len(low) - 1):
            for row in WORDS.get(low[at : at + 2], ()):
                if low.startswith(row[0], at):
                    found[at] = row
                    break
        _search(low, (row for start in _SINGLE for row in WORDS[start]), found)
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
    rows = [row for rows in WORDS.values() for row in rows]
    if len(low) <= _SIFTED:
        return rows
    letters = "\n".join(set(_LETTERS.regex.findall(low)))
    return [row for row in rows if max(_LETTERS.regex.findall(row[0]), key=len, default="") in letters]
