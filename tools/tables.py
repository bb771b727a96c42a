"""Makes crashguard/scrub/_tables.py of tools/vocabulary.toml: `python tools/tables.py`.

The vocabulary is written to be read and changed: wrapped words, sources, an example and a counter-example for
every pattern. The tables are written to be loaded by a dying process: words in long texts that are
searched, patterns joined, and the index by which a text is searched for all plain texts at once already made.

`python tools/tables.py --check` writes nothing and fails where the two have drifted apart; a test asks the
same.
"""

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
VOCABULARY = ROOT / "tools" / "vocabulary.toml"
TABLES = ROOT / "crashguard" / "scrub" / "_tables.py"

LEVELS = ("none", "weak", "medium", "strong", "number")
ALPHABETS = {
    "n": "0123456789",
    "h": "0123456789abcdef",
    "u": "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
    "l": "abcdefghijklmnopqrstuvwxyz0123456789",
    "a": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
    "w": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-",
}
_SETS = ("about", "data_keys", "counts", "trailing", "harmless", "common", "nobody")
_TEMPLATE = (
    "said", "errors", "schema", "schema_behind", "schema_locals", "message_locals", "capitalised", "endings",
    "personal", "personal_vague", "settings", "standard",
)  # fmt: skip
_WIDTH = 108
_HEAD = '''"""The words and patterns of crashguard.scrub, made of tools/vocabulary.toml.

Do not edit: `python tools/tables.py` writes this file, and a test compares the two.
"""

from crashguard.scrub.prepared import Meanings, Rows, Words

# fmt: off
'''


class Rule(NamedTuple):
    """A pattern and all that the vocabulary says of it.

    Attributes:
        kind: What it finds; a judge may name another kind.
        pattern: The regular expression, its parts joined.
        gates: Plain texts in small letters of which one must occur in a line.
        judge: The function of crashguard.scrub that judges a match, such as `addresses.email`, or nothing.
        raw: Whether the text is seen as it was written, escapes and all.
        example: A text in which it finds something.
        stays: A text that looks similar and must stay as it is.
    """

    kind: str
    pattern: str
    gates: tuple[str, ...]
    judge: str
    raw: bool
    example: str
    stays: str


class Token(NamedTuple):
    """A token that its issuer made recognisable: a prefix, and so many characters of an alphabet."""

    kind: str
    prefix: str
    alphabet: str
    length: int
    issuer: str


class Example(NamedTuple):
    """A kind, a text in which it is found, and a text that must stay as it is."""

    kind: str
    text: str
    stays: str


class Vocabulary:
    """tools/vocabulary.toml, its patterns composed.

    Attributes:
        names: Names in one word, each with its level and kind.
        words: Lists of words by their name.
        tokens: The issuers' tokens.
        rules: The patterns, in the order in which they are tried on a line.
        foreign: One pattern for the names of other languages, its groups named in English.
        foreign_stems: A plain text for each such name of Latin letters, which stands in all of its forms.
    """

    def __init__(self, path: Path = VOCABULARY) -> None:
        source = tomllib.loads(path.read_text(encoding="utf-8"))
        self._parts = {name: self._joined(part) for name, part in source["parts"].items()}
        self.names = {
            word: (LEVELS.index(level), "" if level == "none" else kind)
            for level, kinds in source["names"].items()
            for kind, words in kinds.items()
            for word in words.split()
        }
        self.words = {name: tuple(words.split()) for name, words in source["words"].items()}
        self.tokens = [Token(*row) for group in source["issuers"] for row in group["tokens"]]
        self.rules = [
            *(self._rule(entry, self._joined(entry["pattern"])) for entry in source["rules"]),
            *(self._rule(entry, self._command(entry)) for entry in source["commands"]),
            *(self._rule(entry, self._label(entry)) for entry in source["labels"]),
        ]
        self.detected = [Example(row["kind"], row["example"], row["stays"]) for row in source["detected"]]
        self.template: dict[str, Any] = source["template"]
        self.foreign = _foreign(source["foreign"])
        self.foreign_stems = _stems("|".join(source["foreign"]["latin"].values()).replace("\n", ""))

    @property
    def examples(self) -> list[Example]:
        """What is recognised, each with a text and a similar one that stays."""
        return [*self.detected, *(Example(rule.kind, rule.example, rule.stays) for rule in self.rules)]

    @property
    def kinds(self) -> set[str]:
        """Every kind that a mark may name."""
        kinds = {kind for _, kind in self.names.values() if kind} | {token.kind for token in self.tokens}
        return kinds | {example.kind for example in self.examples} | set(self.words["kinds"])

    def _joined(self, pattern: str | list[str | dict[str, str]]) -> str:
        if isinstance(pattern, str):
            return pattern
        return "".join(piece if isinstance(piece, str) else self._parts[piece["part"]] for piece in pattern)

    def _rule(self, entry: dict[str, Any], pattern: str) -> Rule:
        re.compile(pattern)
        return Rule(
            entry.get("kind", "password"),
            pattern,
            tuple(dict.fromkeys(gate.lower() for gate in entry["gates"])),
            entry.get("judge", ""),
            entry.get("raw", False),
            entry["example"],
            entry["stays"],
        )

    def _command(self, entry: dict[str, str]) -> str:
        """Programs, any other arguments, a switch, and the password as the `value` of the entry says."""
        gap, value = self._parts["gap"], self._parts["value"]
        programs, switches = _any_of(entry["programs"]), _any_of(entry["switches"])
        follows = {
            "glued": value,
            "next": f"(?:{gap}|=){value}",
            "user": f"(?:{gap}|=){self._parts['user_and_value']}",
        }[entry["value"]]
        return rf"\b{programs}\b\\?['\"]?(?:[^\n|;]{{0,300}}?)(?<!\s){gap}{switches}{follows}"

    def _label(self, entry: dict[str, Any]) -> str:
        """A label in any case, what may stand behind it, and a number of so many digits at least."""
        labels = self._joined(entry["labels"])
        number = rf"(?=(?:[^\d\n]{{0,8}}\d){{{entry['digits']}}}){self._parts['label_number']}"
        label = f"(?i:(?<![A-Za-z]){_first_letter(labels)}(?:{labels}))"
        return f"{label}{self._parts['label_gap']}(?P<secret>{number})"


def _first_letter(pattern: str) -> str:
    """A look ahead at the letters with which alternatives begin, so that most places cost one question."""
    found, depth = [""], 0
    for character in pattern:
        depth += (character == "(") - (character == ")")
        if character == "|" and not depth:
            found.append("")
        else:
            found[-1] += character
    letters = "".join(sorted({each[0] for each in found}))
    return f"(?=[{letters}])" if letters.isalpha() else ""


def _foreign(sections: dict[str, dict[str, str]]) -> str:
    """One pattern for the names of other languages."""
    latin, other = (
        {name: text.replace("\n", "") for name, text in sections[part].items()} for part in ("latin", "other")
    )
    groups = [
        rf"(?P<{name}>(?<![A-Za-z0-9])(?:{latin[name]})(?![A-Za-z0-9])|(?:{other[name]}))" for name in latin
    ]
    return rf"(?i)(?:{'|'.join(groups)})(?P<copula>\s?(?:是|为|為|は|가|는|은)\s?)?"


def _stems(pattern: str) -> list[str]:
    """For each alternative of a pattern the longest plain text that stands in all that it matches."""
    stems = set()
    for alternative in _alternatives(pattern):
        without_choices = re.sub(
            r"\(\?:[^()]*(?:\([^()]*\)[^()]*)*\)\??|\[[^\]]*\]\??|\\s\??|.\?", "\0", alternative
        )
        stems.add(max(without_choices.split("\0"), key=len).lower())
    return sorted(stems)


def _alternatives(pattern: str) -> Iterator[str]:
    """The alternatives of a pattern, those in its groups left as they are."""
    depth = start = 0
    for at, character in enumerate(pattern):
        depth += (character == "(") - (character == ")")
        if character == "|" and not depth:
            yield pattern[start:at]
            start = at + 1
    yield pattern[start:]


def _any_of(words: str) -> str:
    return f"(?:{'|'.join(re.escape(word) for word in words.split())})"


def tables(vocabulary: Vocabulary) -> str:
    """The text of crashguard/scrub/_tables.py."""
    rules = [*vocabulary.rules, _issued(vocabulary.tokens)]
    issuers = _by_start((token.prefix, *token[:1], *token[2:4]) for token in vocabulary.tokens)
    words = vocabulary.words
    template = vocabulary.template
    return "\n".join(
        [
            _HEAD,
            "# How a name ends, as one word: how sure it is (NONE to NUMBER of `names`), which kind.",
            *_names(vocabulary.names),
            *(f"{name.upper()} = {_words(words[name])}" for name in _SETS),
            *(f"{name.upper()} = {_words(template[name].split())}" for name in _TEMPLATE),
            "# What a name holds, whatever else, that says of its value that it is a secret.",
            f"TELLING = {_text(' '.join(_telling(vocabulary)))}.split()",
            f"BEFORE_VALUES = {_text(template['before_values'].replace(chr(92) + chr(10), ''))}",
            f"NAMED_BEHIND = {_text(template['named_behind'])}",
            f"SPOKEN_BEFORE = {_text(template['spoken_before'])}",
            "# What libraries and servers say, one in a line.",
            f"PHRASES = {_text(template['phrases'].strip())}",
            f"PORTS = {_text(template['ports'])}",
            "# Places of data without quotes: a text that must occur, a pattern (group `datum` or `value`).",
            'PLACES: "tuple[tuple[str, str], ...]" = (',
            *(f"    ({place['gate']!r}, {_text(place['pattern'])})," for place in template["places"]),
            ")",
            "# Names in other languages, each in a group that has the English name.",
            f"FOREIGN = {_text(vocabulary.foreign)}",
            "# In a text in plain ASCII one of these occurs where that pattern finds something.",
            f"FOREIGN_STEMS = {_text(' '.join(vocabulary.foreign_stems))}.split()",
            f"RUN_TOGETHER = tuple({_text(' '.join(words['run_together']))}.split())",
            f"KINDS = {_words(vocabulary.kinds)}",
            "# Kind, pattern, the function that judges a match, whether it sees escapes as written.",
            'RULES: "tuple[tuple[str, str, str, bool], ...]" = (',
            *(f"    ({r.kind!r}, {_text(r.pattern)}, {r.judge!r}, {r.raw})," for r in rules),
            ")",
            "# Plain texts by their first two characters, the longest first: the text, how much of it is the",
            "# stem of a name, the rules it opens. A text opens what those open that it begins with.",
            "WORDS = Rows({",
            *_rows(_index(rules, words["stems"])),
            "})",
            "# Prefixes of tokens by their first two characters, the longest first: kind, alphabet, length.",
            "ISSUERS = Rows({",
            *_rows(issuers),
            "})",
            "",
        ]
    )


def _issued(tokens: list[Token]) -> Rule:
    """The rule for prefixes with a dot or the like, with which no run of token characters begins."""
    odd = [token.prefix for token in tokens if not token.prefix.replace("_", "").replace("-", "").isalnum()]
    pattern = rf"(?:{'|'.join(re.escape(prefix) for prefix in odd)})(?P<rest>[A-Za-z0-9_\-]*)"
    gates = tuple(prefix.lower() for prefix in odd)
    return Rule("token", pattern, gates, "tokens.issued", raw=False, example="", stays="")


def _telling(vocabulary: Vocabulary) -> list[str]:
    """The shortest texts of which one is in every name that says so: `pass`, and not `passphrase` too."""
    sure = (LEVELS.index("medium"), LEVELS.index("strong"))
    names = {name for name, (level, _) in vocabulary.names.items() if level in sure}
    found: list[str] = []
    for name in sorted(
        {"key", *names, *vocabulary.words["run_together"]}, key=lambda name: (len(name), name)
    ):
        if name.isascii() and not any(shorter in name for shorter in found):
            found.append(name)
    return found


def _words(words: Iterable[str]) -> str:
    text = _text(" ".join(sorted(set(words))))
    return f"Words{text if text.startswith('(') else f'({text})'}"


def _names(names: dict[str, tuple[int, str]]) -> Iterator[str]:
    values = sorted(set(names.values()))
    entries = [f"{name}:{values.index(value)}" for name, value in sorted(names.items())]
    yield "NAMES = Meanings(("
    yield from (f"        {value!r}," for value in values)
    yield f"    ), {_text(' '.join(entries))})"


def _index(rules: list[Rule], stems: Iterable[str]) -> dict[str, list[tuple[object, ...]]]:
    """Every gate and stem with what it opens, by the first two characters."""
    stems = set(stems)
    opens: dict[str, set[int]] = {stem: set() for stem in sorted(stems)}
    for number, rule in enumerate(rules):
        for gate in rule.gates:
            opens.setdefault(gate, set()).add(number)
    rows = []
    for word in opens:
        begins = [other for other in opens if word.startswith(other)]
        stem = max((len(other) for other in begins if other in stems), default=0)
        numbers = sorted(set().union(*(opens[other] for other in begins)))
        rows.append((word, stem, " ".join(map(str, numbers))))
    return _by_start(rows)


def _by_start(rows: Iterable[tuple[Any, ...]]) -> dict[str, list[tuple[object, ...]]]:
    index: dict[str, list[tuple[object, ...]]] = {}
    for row in sorted(rows, key=lambda row: (row[0][:2], -len(row[0]), row[0])):
        index.setdefault(row[0][:2], []).append(row)
    return index


def _rows(index: dict[str, list[tuple[object, ...]]]) -> Iterator[str]:
    """The entries of a `Rows`, a row in a line."""
    for start, rows in index.items():
        lines = ["\t".join(map(str, row)) for row in rows]
        if len(lines) == 1:
            yield f"    {start!a}: {lines[0]!a},"
            continue
        yield f"    {start!a}: ("
        for line in lines[:-1]:
            yield f"        {line + chr(10)!a}"
        yield f"        {lines[-1]!a}"
        yield "    ),"


def _text(text: str) -> str:
    """A text as Python has it, on several lines where it is long."""
    if len(ascii(text)) <= 50:
        return ascii(text)
    is_words = " " in text and all(c.isalnum() or c in " -_':" for c in text)
    if is_words:
        lines = [""]
        for word in text.split():
            if len(ascii(f"{lines[-1]} {word}")) > _WIDTH - 10:
                lines.append("")
            lines[-1] = f"{lines[-1]} {word}".lstrip()
        pieces = [f"{line} " for line in lines[:-1]] + lines[-1:]
    else:
        pieces = [""]
        for character in text:
            if len(ascii(pieces[-1] + character)) > _WIDTH - 10:
                pieces.append("")
            pieces[-1] += character
    return "(\n" + "\n".join(f"        {piece!a}" for piece in pieces) + "\n    )"


def main(arguments: list[str]) -> None:
    """Write the tables, or only compare them."""
    made = tables(Vocabulary())
    if "--check" in arguments:
        if TABLES.read_text(encoding="utf-8") != made:
            sys.exit(f"{TABLES} is not what {VOCABULARY} says: run python tools/tables.py")
    else:
        TABLES.write_text(made, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
