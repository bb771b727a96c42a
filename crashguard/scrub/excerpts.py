"""Where a server prints a piece of the statement that it was given: `LINE 1: ... values ('1988-02-3...`.

Theory of operation. A server shows the place of a mistake in the text that it has read. What stands in
quotes there are values, and a cut goes through one: nine of the ten characters of a date are no value of a
variable, and no second quote tells where they end. So the piece is read as SQL. A quote opens behind a sign
or a blank, and closes before one. What is open where the piece ends is data up to there. What closes where
it begins is data from there on.

Outside of quotes the program's own statement is read. Of that go long numbers, and a word that a cut has
gone through. So do words in the place of a value, and the one at which the server stumbled, if no source
has them: they were put into the statement without quotes. The server may name them as a column, too.
"""

from crashguard.scrub.identifiers import DIGITS
from crashguard.scrub.prepared import Pattern
from crashguard.scrub.spans import joined, occurrences, without

TYPE_CHECKING = False
if TYPE_CHECKING:
    from crashguard.scrub.constants import Constants
    from crashguard.scrub.spans import Span
    from crashguard.scrub.template import Judge

# A text that is there, and what goes on behind it. PostgreSQL, DuckDB; MySQL, SQLite, SQL Server; SQLAlchemy;
# Snowflake; ANTLR (Trino, Spark); ClickHouse; BigQuery.
_EXCERPTS = (
    ("LINE ", Pattern(r"\bLINE \d{1,6}: (?P<piece>[^\n]+)")),
    ("ear '", Pattern(r"\b[Nn]ear '(?P<piece>[^\n]{1,2000}?(?=' at line \d)|[^'\n]{1,400}(?='))")),
    ('ear "', Pattern(r"\b[Nn]ear \"(?P<piece>[^\n]{1,2000}?)\"(?=[.;:,)]|\s*$|\n)")),
    ("[SQL: ", Pattern(r"\[SQL: (?P<piece>[^\[\]]{1,8000}(?:\[[^\[\]\n]{0,200}\][^\[\]]{0,8000}){0,20})\]")),
    ("nexpected '", Pattern(r"\bunexpected '(?P<piece>[^'\n]{1,400})'")),
    (" input '", Pattern(r"\b(?:mismatched|extraneous|alternative at) input '(?P<piece>[^'\n]{1,400})'")),
    ("t position ", Pattern(r"position \d{1,9} \([^\n]{1,99}?\)[^\n:]{0,9}: (?P<piece>[^\n]{1,999}?)\. Exp")),
    ("ected ", Pattern(r"Unexpected (?:identifier|keyword|string \w+) (?P<piece>[\"'`][^\n]{1,99}?) at \[")),
)  # fmt: skip
# Of the others the first word is the one at which the server stumbled.
_WHOLE = ("LINE ", "[SQL: ")
_WORD = Pattern(r"[^\W\d_]\w*")
_HYPHENATED = Pattern(r"[^\W\d_]+(?=-[^\W\d_])|(?<=[^\W\d_]-)[^\W\d_]+")
_NUMBER = Pattern(r"(?<![\w.])\d[\d.\-:/ ]*\d(?![\w])")
# Bare words in the place of a value: behind a comparison, and first in a list of values.
_COMPARED = Pattern(
    r"(?i:[=<>]|\blike|\bvalues ?\(|\bin ?\()[ \t]*(?P<words>[^\W\d_]\w*(?:[ \t]+[^\W\d_]\w*)*)(?![\w.(])"
)
_SHOWN = Pattern(
    r"\n {4,12}(?P<before>\.\.\. )?(?P<piece>[^\n]{1,200}?)(?P<behind> \.\.\.)? ?\n {4,200}\^(?=\n|$)"
)
_DOTS = "..."
_BEFORE, _BEHIND = " \t\r\n(,=<>!+|[:{", " \t\r\n),;=<>!+|]:}-"


def read(text: str, judge: "Judge") -> "tuple[list[Span], list[Span]]":
    """The excerpts of a text, and what is data in it for their sake.

    Args:
        text: Any text.
        judge: Says which words are the program's.
    """
    pieces: list[Span] = []
    found: list[Span] = []
    bare: set[str] = set()
    for gate, pattern in _EXCERPTS:
        if gate not in text:
            continue
        for match in pattern.finditer(text):
            start, end = match.span("piece")
            pieces.append((match.start(), end))
            quoted = _literals(text, start, end)
            found += [span for span in quoted if not _is_known(text[slice(*span)], judge)]
            found += _cut(text, start, end, quoted, judge)
            if not judge.is_live:
                continue
            words = _values(text, start, end, quoted, judge)
            first = None if gate in _WHOLE else _WORD.match(text, start, end)
            if first is not None and not judge.is_written(first[0]):
                words.append(first.span())
            found += words
            bare.update(text[slice(*span)] for span in words)
    return pieces, joined(found + [span for word in bare for span in _words(text, word)])


def complete(
    text: str,
    pieces: "list[Span]",
    found: "list[Span]",
    kept: "list[Span]",
    *,
    judge: "Judge",
    program: "Constants | None",
) -> None:
    """Add what is known once a whole text was looked through.

    Quoted names of a statement stay that the tool's code holds. Of a line that YAML shows cut, what is before
    and behind data goes, too.

    Args:
        text: Any text.
        pieces: The excerpts in it.
        found: What is data is added to it.
        kept: What may stay is added to it.
        judge: Says what was given to the program.
        program: What the code says.
    """
    for low, high in found:
        is_quoted = text[low - 1 : low] == text[high : high + 1] == '"'
        if not is_quoted or not any(start <= low and high <= end for start, end in pieces):
            continue
        if program is not None and not judge.is_given(text[low:high]) and program.has_quoted(text[low:high]):
            kept.append((low, high))
    for match in _SHOWN.finditer(text):
        start, end = match.span("piece")
        within = [span for span in found if start <= span[0] and span[1] <= end]
        if within and match["behind"]:
            found.append((min(within)[0], end))
        if within and match["before"]:
            found.append((start, max(high for _, high in within)))


def _literals(text: str, start: int, end: int) -> "list[Span]":
    """The contents of quotations in a piece; of one that was cut what is left of it."""
    found: list[Span] = []
    low, high = _within_dots(text, start, end)
    at, opened = text.find("'", low, high), -1
    if at > low and _is_closing(text, at, high):
        found.append((low, at))
        at = text.find("'", at + 1, high)
    while at >= 0:
        if opened < 0:
            opened = at + 1
        elif text[at + 1 : at + 2] == "'" and at + 1 < high:
            at += 1  # doubled: a quote within the literal
        else:
            found.append((opened, at))
            opened = -1
        at = text.find("'", at + 1, high)
    if opened >= 0:
        found.append((opened, high))
    return [(first, last) for first, last in found if first < last]


def _is_closing(text: str, at: int, end: int) -> bool:
    """Whether the first quote of a piece ends a literal whose beginning was cut off."""
    opens = text[at - 1] in _BEFORE
    return not opens and (at + 1 >= end or text[at + 1] in _BEHIND)


def _within_dots(text: str, start: int, end: int) -> "Span":
    """A piece without the dots that stand for what was cut."""
    if text.startswith(_DOTS, start):
        start += len(_DOTS)
    if text.endswith(_DOTS, start, end):
        end -= len(_DOTS)
    return start, end


def _cut(text: str, start: int, end: int, quoted: "list[Span]", judge: "Judge") -> "list[Span]":
    """Outside of literals: the words that a cut has gone through, and long numbers."""
    low, high = _within_dots(text, start, end)
    words: list[Span] = []
    if low > start and text[low : low + 1].isalnum():
        words += [match.span() for match in [_WORD.match(text, low, high)] if match is not None]
    if high < end and text[high - 1 : high].isalnum():
        words += [
            match.span() for match in _WORD.finditer(text, max(high - 80, low), high) if match.end() == high
        ]
    found = [span for span in words if not judge.is_written(text[slice(*span)])]
    for first, last in without([(low, high)], quoted):
        found += [
            match.span()
            for match in _NUMBER.finditer(text, first, last)
            if sum(map(str.isdigit, match[0])) > DIGITS
        ]
    return without(found, quoted)


def _values(text: str, start: int, end: int, quoted: "list[Span]", judge: "Judge") -> "list[Span]":
    """Bare words in the place of a value that no source has, and parts of a value with a hyphen."""
    found: list[Span] = []
    for first, last in without([(start, end)], quoted):
        found += [
            match.span()
            for match in _HYPHENATED.finditer(text, first, last)
            if judge.holds_values() and judge.outweighs(match[0], "")
        ]
        for match in _COMPARED.finditer(text, first, last):
            low = match.start("words")
            found += [
                each.span()
                for each in _WORD.finditer(text, low, match.end())
                if not judge.is_written(each[0])
            ]
    return found


def _is_known(literal: str, judge: "Judge") -> bool:
    """Whether a literal is the program's: its statement says it, or the vocabulary."""
    return judge.keeps(literal) or judge.says(literal) or not any(map(str.isalnum, literal))


def _words(text: str, word: str) -> "list[Span]":
    """Where a word stands as a whole."""
    return [
        (start, end)
        for start, end in occurrences(text, word)
        if not (text[start - 1 : start].isalnum() or text[end : end + 1].isalnum())
    ]
