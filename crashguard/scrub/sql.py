"""Secrets in INSERT statements, where the name of a value stands in another list.

Must live here: matching columns to values. Must not be known here: `name = value` in SQL (`keyvalue`).
"""

from crashguard.scrub import benign, keys
from crashguard.scrub.lazy import Lazy

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re

_INSERT = Lazy(
    r"(?i:insert\s+into|replace\s+into|merge\s+into)\s+[^\s(]{1,120}\s*\((?P<columns>[^()]{1,2000})\)\s*(?i:values?|output)\s*"
)
_ROW = Lazy(
    r"\s*,?\s*\((?P<row>(?:[^()'\"]|'(?:[^'\\]|''|\\.){0,4000}'|\"(?:[^\"\\]|\\.){0,4000}\"|\([^()]{0,200}\)){1,8000})\)"
)
_ITEM = Lazy(
    r"\s*(?:[NEbBxX]?(?P<q>['\"])(?P<text>(?:(?!(?P=q))[^\\]|\\.|(?P=q)(?P=q))*)(?P=q)|(?P<bare>[^,'\"]+))\s*(?:,|$)"
)


def spans(text: str, low: str) -> "list[tuple[int, int, str]]":
    """Where the values of telling columns stand: start, end, kind."""
    found: list[tuple[int, int, str]] = []
    for insert in _inserts(text, low):
        columns = [keys.classify(name.strip(" \t\r\n`\"'[]\\")) for name in insert["columns"].split(",")]
        if all(level in (keys.NONE, keys.WEAK) for level, _ in columns):
            continue
        row = _ROW.match(text, insert.end())
        while row is not None:
            found += _values(text, *row.span("row"), columns)
            row = _ROW.match(text, row.end())
    return found


def _inserts(text: str, low: str) -> "list[re.Match[str]]":
    found = []
    for verb in ("insert into", "replace into", "merge into"):
        at = low.find(verb)
        while at >= 0:
            insert = _INSERT.match(text, at)
            if insert is not None:
                found.append(insert)
            at = low.find(verb, at + 1)
    return found


def _values(
    text: str, start: int, end: int, columns: "list[tuple[int, str]]"
) -> "list[tuple[int, int, str]]":
    found = []
    position = start
    for level, kind in columns:
        item = _ITEM.match(text, position, end)
        if item is None or position >= end:
            break
        position = item.end()
        group = "text" if item["text"] is not None else "bare"
        value = item[group].strip()
        if (
            level in (keys.NONE, keys.WEAK)
            or benign.is_stand_in(value)
            or value.startswith((":", "?", "@", "%"))
        ):
            continue
        if group == "text" or value.isdigit():
            found.append((*item.span(group), kind))
    return found
