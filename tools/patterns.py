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
import struct
import sys
from pathlib import Path

from crashguard.scrub import (
    addresses,
    alignment,
    detect,
    digits,
    directories,
    disguised,
    engine,
    excerpts,
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
    prepared,
    quoted,
    quotes,
    sources,
    statements,
    template,
    tokens,
    urls,
    values,
    written,
)

TABLE = Path(prepared.__file__).parent / "_compiled.py"
# Whatever holds a pattern has to be imported for it to be found.
MODULES = (
    addresses,
    alignment,
    detect,
    digits,
    directories,
    engine,
    excerpts,
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
    prepared,
    quoted,
    quotes,
    disguised,
    sources,
    statements,
    template,
    tokens,
    urls,
    values,
    written,
)
_WIDTH = 108
_HEAD = '''"""The patterns of crashguard.scrub as compiled code, made of the patterns in its modules.

Do not edit: `python -m tools.patterns` writes this file, and a test compares it with the compiler. A pattern
that is not in here is compiled at run time.
"""

# fmt: off

# Of each pattern numbers of 16 bits, the lower byte first: its flags, the number of its groups, the number of
# large words, the lower halves of the words of its code, and of each large word its place and both halves.
PATTERNS = {
'''
_MIDDLE = """}

# Of patterns with named groups the names, in the order of the groups; one without a name is "-".
GROUPS = {
"""


def sources() -> list[str]:
    """The sources of all patterns that crashguard.scrub holds, in order."""
    return sorted({each.source for each in gc.get_objects() if type(each) is prepared.Pattern})


def words_of(source: str) -> bytes:
    """The row of one pattern in `PATTERNS`, as the compiler of this interpreter has it."""
    parsed = re._parser.parse(source, 0)  # type: ignore[attr-defined]  # what re.compile does before it calls _sre
    code = [int(word) for word in re._compiler._code(parsed, 0)]  # type: ignore[attr-defined]  # as above
    made = re.compile(source)
    large = [(place, word) for place, word in enumerate(code) if word > 0xFFFF]
    halves = [half for place, word in large for half in (place, word & 0xFFFF, word >> 16)]
    row = [made.flags, made.groups, len(large), *(word & 0xFFFF for word in code), *halves]
    return struct.pack(f"<{len(row)}H", *row)


def groups_of(source: str) -> str:
    """The row of one pattern in `GROUPS`; empty for a pattern without named groups."""
    made = re.compile(source)
    names = ["-"] * made.groups
    for name, number in made.groupindex.items():
        names[number - 1] = name
    return " ".join(names) if made.groupindex else ""


def table() -> str:
    """The text of crashguard/scrub/_compiled.py."""
    if _sre.CODESIZE != 4:
        raise SystemExit("this interpreter's patterns are not made of 32-bit words")
    every = sources()
    named = [(source, groups_of(source)) for source in every]
    return (
        _HEAD
        + "".join(f"    {_literal(source)}: {_literal(words_of(source))},\n" for source in every)
        + _MIDDLE
        + "".join(f"    {_literal(source)}: {_literal(groups)},\n" for source, groups in named if groups)
        + "}\n"
    )


def _literal(value: str | bytes) -> str:
    """A text or bytes as Python has them, on several lines where they are long."""
    if len(ascii(value)) <= _WIDTH - 20:
        return ascii(value)
    lines = []
    while value:
        most = _WIDTH - 12
        while len(ascii(value[:most])) > _WIDTH - 8:
            most -= max(1, (len(ascii(value[:most])) - _WIDTH + 8) // 6)
        lines.append(f"        {value[:most]!a}\n")
        value = value[most:]
    return "(\n" + "".join(lines) + "    )"


def main(arguments: list[str]) -> None:
    """Write the table, or only compare it."""
    made = table()
    if "--check" not in arguments:
        TABLE.write_text(made, encoding="ascii")
    elif TABLE.read_text(encoding="ascii") != made:
        sys.exit(f"{TABLE} is not what the patterns say: run python -m tools.patterns")


if __name__ == "__main__":
    main(sys.argv[1:])
