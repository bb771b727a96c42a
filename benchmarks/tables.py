"""Figures as Markdown tables, as JSON, and between the markers of a page."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks.rows import Row, of_dict

BEGIN, END = "<!-- cost:begin -->", "<!-- cost:end -->"


def full(rows: list[Row], date: str, machine: str, versions: str) -> str:
    """All tables, one for each group."""
    parts = [
        (
            f"Measured {date} on {machine}.\n{versions}\n\n"
            "Medians; *spread* is the interquartile range. Wall times are of pairs that ran in turn on a "
            "shared machine: read ratios, not milliseconds. *At most* is what crashguard set itself; "
            "**over** marks where it is not reached.\n"
        )
    ]
    for group, members in _groups(rows):
        parts.append(f"\n### {group}\n\n{table(members)}")
    return "".join(parts).rstrip("\n")


def table(rows: Iterable[Row]) -> str:
    """One Markdown table."""
    lines = [
        "| what | who | median | spread | x floor | at most | |",
        "|---|---|---:|---:|---:|---:|---|",
    ]
    for row in rows:
        value = (
            f"**{_number(row.value)} {row.unit}**"
            if row.subject == "crashguard"
            else f"{_number(row.value)} {row.unit}"
        )
        spread = "" if row.spread is None else _number(row.spread)
        ratio = "" if row.ratio is None else f"{_number(row.ratio)}x"
        limit = "" if row.limit is None else _number(row.limit)
        note = "; ".join(text for text in ("**over**" if row.is_over else "", row.note) if text)
        lines.append(f"| {row.what} | {row.subject} | {value} | {spread} | {ratio} | {limit} | {note} |")
    return "\n".join(lines) + "\n"


# What the README shows: one line for each of these, ours beside the peers.
SHORT = (
    ("import + install, wall", "Start: import + install, over bare `python -c pass`", "wall"),
    ("import + install, instructions", "Start: import + install, over bare `python -c pass`", "instructions"),
    (
        "the same at telemetry level `none`",
        "Start: import + install, over bare `python -c pass`",
        "instructions, telemetry level none",
    ),
    ("import + install, memory", "Start: import + install, over bare `python -c pass`", "resident memory"),
    ("import + install, modules", "Start: import + install, over bare `python -c pass`", "modules"),
    (
        "raise to exit, healthy server",
        "Crash: raise to exit, added to a bare crash",
        "argparse, json, logging, endpoint healthy",
    ),
    (
        "raise to exit, server that never answers",
        "Crash: raise to exit, added to a bare crash",
        "bare program, endpoint hanging",
    ),
    ("reports lost over 7 moods of a server", "Reports lost", "over 7 moods of a server"),
    ("`@guard` round a call", "Guard: round a call that does not raise", "decorated function"),
    ("10 frames: describe, scrub, seal", "Report: from exception to bytes, warm", "10 frames"),
    ("10,000 identical crashes, each", "Storm: 10,000 crashes caught in a loop", "identical, each"),
)


def short(rows: list[Row], date: str, machine: str) -> str:
    """The few lines for the README, between its markers."""
    subjects = list(
        dict.fromkeys(row.subject for row in rows if row.subject in ("crashguard", "sentry-sdk", "bugsnag"))
    )
    lines = [f"| | {' | '.join(subjects)} |", f"|---|{'---:|' * len(subjects)}"]
    for title, group, what in SHORT:
        found = {row.subject: row for row in rows if row.group == group and row.what == what}
        if "crashguard" not in found:
            continue
        cells = []
        for subject in subjects:
            row = found.get(subject)
            cells.append("" if row is None else f"{_number(row.value)} {row.unit}".strip())
        lines.append(f"| {title} | {' | '.join(cells)} |")
    return (
        "\n".join(lines)
        + f"\n\nMedians, {date}, {machine}. All figures and how to take them: [docs/cost.md](docs/cost.md)."
    )


def put_between(page: str, text: str) -> str:
    """A page with `text` between its markers.

    Raises:
        ValueError: The page has no markers, or more than one pair.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end or BEGIN in after:
        raise ValueError(f"the page needs one {BEGIN} and one {END} below it")
    return f"{before}{BEGIN}\n\n{text}\n{END}{after}"


def to_json(rows: list[Row], date: str, machine: str, versions: str) -> str:
    """Everything, for programs."""
    values: dict[str, Any] = {
        "date": date,
        "machine": machine,
        "versions": versions,
        "rows": [row.as_dict() for row in rows],
    }
    return json.dumps(values, indent=1) + "\n"


def from_json(path: Path) -> list[Row]:
    """The rows of a file that `to_json` or a benchmark with a `main` of its own wrote."""
    values = json.loads(path.read_text())
    found = values.get("rows", values) if isinstance(values, dict) else values
    return [of_dict(each) for each in found]


def _groups(rows: list[Row]) -> list[tuple[str, list[Row]]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.group, []).append(row)
    return list(groups.items())


def _number(value: float) -> str:
    if value == int(value) and abs(value) < 1e6:
        return f"{int(value):,}"
    size = abs(value)
    if size >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if size >= 10 else f"{value:.2f}" if size >= 0.1 else f"{value:.3f}"
