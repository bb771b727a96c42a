"""INSERT statements, where the name of a value stands in another list."""

from crashguard.scrub.names import NONE, WEAK, classify, is_stand_in
from crashguard.scrub.prepared import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re

_INSERT = Pattern(
    r"(?i:insert\s+into|replace\s+into|merge\s+into)\s+[^\s(]{1,120}\s*\((?P<columns>[^()]{1,2000})\)\s*"
    r"(?i:values?|output)\s*"
)
_ROW = Pattern(
    r"\s*,?\s*\((?P<row>(?:[^()'\"]|'(?:[^'\\]|''|\\.){0,4000}'|\"(?:[^\"\\]|\\.){0,4000}\"|\([^()]{0,200}\))"
    r"{1,8000})\)"
)
_CELL = Pattern(
    r"\s*(?:[NEbBxX]?(?P<q>['\"])(?P<text>(?:(?!(?P=q))[^\\]|\\.|(?P=q)(?P=q))*)(?P=q)|(?P<bare>[^,'\"]+))\s*(?:,|$)"
)


def insert(text: str, match: "re.Match[str]") -> "list[tuple[int, int, str]]":
    """A judge: the values of telling columns."""
    found: list[tuple[int, int, str]] = []
    statement = _INSERT.match(text, match.start())
    if statement is None:
        return found
    columns = [classify(name.strip(" \t\r\n`\"'[]\\")) for name in statement["columns"].split(",")]
    if all(level in (NONE, WEAK) for level, _ in columns):
        return found
    row = _ROW.match(text, statement.end())
    while row is not None:
        position, end = row.span("row")
        for level, kind in columns:
            cell = _CELL.match(text, position, end) if position < end else None
            if cell is None:
                break
            position = cell.end()
            group = "text" if cell["text"] is not None else "bare"
            value = cell[group].strip()
            if level in (NONE, WEAK) or is_stand_in(value) or value.startswith((":", "?", "@", "%")):
                continue
            if group == "text" or value.isdigit():
                found.append((*cell.span(group), kind))
        row = _ROW.match(text, row.end())
    return found
