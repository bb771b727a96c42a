"""Makes crashguard/scrub/_compiled.py, the compiled patterns of crashguard.scrub: `python -m tools.patterns`.

`re` translates a pattern into the words of a small machine language, and `_sre` runs these. The translation
is most of what a pattern costs, and `re` brings a dozen files of the standard library along. So the words are
kept in a table, from which a dying process makes its patterns without `re`.

The words are the same on every CPython from 3.11 to 3.15; a test compares them on each. The interpreter
checks them when it gets them: a wrong table is an error and not a fault of memory.

`python -m tools.patterns --check` writes nothing and fails where the table is not what the compiler says.
"""

import _sre
import gc
import re
import sys
from pathlib import Path

from crashguard.scrub import (
    addresses,
    alignment,
    detect,
    digits,
    engine,
    homes,
    identifiers,
    interpreter,
    keyfiles,
    keyvalue,
    marks,
    names,
    nearby,
    needles,
    pattern,
    personal,
    places,
    quoted,
    quotes,
    sources,
    spelling,
    statements,
    template,
    tokens,
    urls,
    values,
    written,
)

TABLE = Path(pattern.__file__).parent / "_compiled.py"
# Whatever holds a pattern has to be imported for it to be found.
MODULES = (
    addresses,
    alignment,
    detect,
    digits,
    engine,
    homes,
    identifiers,
    interpreter,
    keyfiles,
    keyvalue,
    marks,
    names,
    nearby,
    needles,
    personal,
    places,
    quoted,
    quotes,
    spelling,
    sources,
    statements,
    template,
    tokens,
    urls,
    values,
    written,
)
# Larger words than this are no characters of a text: bit maps of character sets, and "as often as you like".
LARGEST = 0xD7FF
_WIDTH = 108
_HEAD = '''"""The patterns of crashguard.scrub as compiled code, made of the patterns in its modules.

Do not edit: `python -m tools.patterns` writes this file, and a test compares it with the compiler. A pattern
that is not in here is compiled at run time.
"""

# fmt: off

# Flags, number of groups, names of groups, the words of the code as characters, and the words that are too
# large for a character, each with its places.
TYPE_CHECKING = False
if TYPE_CHECKING:
    Names = tuple[tuple[str, int], ...]
    Large = tuple[tuple[int, tuple[int, ...]], ...]

PATTERNS: "dict[str, tuple[int, int, Names, str, Large]]" = {
'''

Entry = tuple[int, int, tuple[tuple[str, int], ...], str, tuple[tuple[int, tuple[int, ...]], ...]]


def sources() -> list[str]:
    """The sources of all patterns that crashguard.scrub holds, in order."""
    return sorted({each.source for each in gc.get_objects() if type(each) is pattern.Pattern})


def entry(source: str) -> Entry:
    """The row of one pattern, as the compiler of this interpreter has it."""
    parsed = re._parser.parse(source, 0)  # type: ignore[attr-defined]  # what re.compile does before it calls _sre
    words = [int(word) for word in re._compiler._code(parsed, 0)]  # type: ignore[attr-defined]  # as above
    large: dict[int, list[int]] = {}
    for at, word in enumerate(words):
        if word > LARGEST:
            large.setdefault(word, []).append(at)
    made = re.compile(source)
    return (
        made.flags,
        made.groups,
        tuple(made.groupindex.items()),
        "".join(chr(0 if word > LARGEST else word) for word in words),
        tuple((word, tuple(places)) for word, places in sorted(large.items())),
    )


def table() -> str:
    """The text of crashguard/scrub/_compiled.py."""
    if _sre.CODESIZE != 4:
        raise SystemExit("this interpreter's patterns are not made of 32-bit words")
    return (
        _HEAD
        + "".join(f"    {_text(source)}: (\n{_row(entry(source))}    ),\n" for source in sources())
        + "}\n"
    )


def _row(made: Entry) -> str:
    flags, groups, names, words, large = made
    return f"        {flags}, {groups}, {_wrapped(names)}, {_text(words)},\n        {_wrapped(large)},\n"


def _text(text: str) -> str:
    """A text as Python has it, on several lines where it is long."""
    if len(ascii(text)) <= _WIDTH - 20:
        return ascii(text)
    pieces = [""]
    for character in text:
        if len(ascii(pieces[-1] + character)) > _WIDTH - 8:
            pieces.append("")
        pieces[-1] += character
    return "(\n" + "\n".join(f"        {piece!a}" for piece in pieces) + "\n    )"


def _wrapped(value: tuple[object, ...]) -> str:
    lines = [""]
    for piece in ascii(value).split(" "):
        if len(lines[-1]) + len(piece) > _WIDTH - 20:
            lines.append("")
        lines[-1] = f"{lines[-1]} {piece}".lstrip()
    return "\n        ".join(lines)


def main(arguments: list[str]) -> None:
    """Write the table, or only compare it."""
    made = table()
    if "--check" not in arguments:
        TABLE.write_text(made, encoding="ascii")
    elif TABLE.read_text(encoding="ascii") != made:
        sys.exit(f"{TABLE} is not what the patterns say: run python -m tools.patterns")


if __name__ == "__main__":
    main(sys.argv[1:])
