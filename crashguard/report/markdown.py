"""A report as Markdown, for an issue tracker: what crashed, on what system, and the traceback, which folds.

Everything that comes out of the report stands in a code span or a code block, whose fence is longer than any
row of backticks in it. So no text of a report becomes a link, a mention, HTML or the end of its block.
"""

from crashguard.report import readable
from crashguard.report.readable import at, mapping, sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_MOST_TITLE = 120
_MARKS = (
    "`[scrubbed:...]` and `[shape:...]` stand for data that was taken out before this report was written: "
    "`A` is a capital, `a` a small letter, `9` a digit."
)


def title(event: "Mapping[str, Any]") -> str:
    """A title for an issue, in one line of at most 120 characters."""
    text = readable.title(event)
    return text if len(text) <= _MOST_TITLE else text[: _MOST_TITLE - 3] + "..."


def bug_word(event: "Mapping[str, Any]") -> str:
    """One word for the bug, the same in each of its reports, that the search of an issue tracker finds."""
    import hashlib

    parts = "\0".join(str(part) for part in sequence(event.get("fingerprint")))
    return "crash" + hashlib.sha256(parts.encode("utf-8", "replace")).hexdigest()[:12]


def of(event: "Mapping[str, Any]", *, most: int | None = None, width: int | None = None) -> str:
    """The text of an issue.

    Args:
        event: The scrubbed event.
        most: The number of the traceback's lines that stay, half of them at each end; None for all.
        width: The number of characters of a line and of a fact that stay; None for all.
    """
    facts = [f"- {name}: {span(_cut(said, width))}" for name, said in _facts(event) if said]
    lines = [line for line, _ in readable.traceback(sequence(at(event, "exception", "values")))]
    if most is not None:
        lines = [_cut(line, width) for line in _shortened(lines, most)]
    block = "\n".join(lines)
    return "\n".join(
        [
            *facts,
            "",
            "<details><summary>Traceback</summary>",
            "",
            *_block(block),
            "",
            "</details>",
            "",
            _MARKS,
            "",
        ]
    )


def _facts(event: "Mapping[str, Any]") -> "list[tuple[str, str]]":
    contexts = mapping(event.get("contexts"))
    tags = mapping(event.get("tags"))
    plugin = "/".join(str(tags.get(f"plugin.{part}", "?")) for part in ("team", "kind", "name"))
    return [
        ("what", title(event)),
        ("release", str(event.get("release", ""))),
        ("plugin", f"{plugin} {tags.get('plugin.version', '')}" if "plugin.name" in tags else ""),
        ("command", str(tags.get("command", ""))),
        ("comment", str(at(contexts, "crashguard", "comment") or "")),
        ("python", _named(contexts.get("runtime"))),
        ("system", f"{_named(contexts.get('os'))} {at(contexts, 'device', 'arch') or ''}".strip()),
        ("report", str(event.get("event_id", ""))),
        ("bug", bug_word(event)),
    ]


def _named(context: object) -> str:
    known = mapping(context)
    return " ".join(str(known[key]) for key in ("name", "version", "kernel_version") if key in known)


def _cut(text: str, width: int | None) -> str:
    return text if width is None or len(text) <= width else text[: width - 3] + "..."


def _shortened(lines: "list[str]", most: int) -> "list[str]":
    if len(lines) <= most:
        return lines
    first, last = most // 2, most - most // 2
    return [*lines[:first], f"  ... {len(lines) - most} lines are left out ...", *lines[len(lines) - last :]]


def span(text: str) -> str:
    """A text as a code span (CommonMark 6.1); its fence is longer than any row of backticks in it."""
    line = " ".join(readable.plain(text).split())
    fence = "`" * (_longest_row(line) + 1)
    return f"{fence} {line} {fence}" if "`" in line else f"{fence}{line}{fence}"


def _block(text: str) -> "list[str]":
    fence = "`" * max(3, _longest_row(text) + 1)
    return [f"{fence}text", text, fence]


def _longest_row(text: str) -> int:
    longest = row = 0
    for character in text:
        row = row + 1 if character == "`" else 0
        longest = max(longest, row)
    return longest
