"""Output to a terminal, a pipe or a file.

On a terminal lines are cut or wrapped to its width and may have colours. What a person pastes (a path, a
command) is never broken. Elsewhere lines keep their length, so that grep finds a text. Texts from reports
never control the terminal.
"""

import io
import json
import re
import shutil
import sys
import time
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import click

from crashguard.capture import note
from crashguard.cli.terminal import Console, Text
from crashguard.report.readable import first_line as first_line  # noqa: PLC0414 (exported, in mypy's words)
from crashguard.report.readable import plain as plain  # noqa: PLC0414

_ENDLESS = 100_000  # columns, for output that is not a terminal
_LEAST = 24  # columns that the last column of a table has before others are left out
_BELOW = 4  # columns before a value that stands below its name
_THIS_YEAR = 180 * 24 * 3600

_WORDS = re.compile(r"(\s*)(`[^`]+`\S*|\S+)")  # a command between backticks is one word

# Where something was deleted while a sender had the lock of its folder.
MAY_HAVE_LEFT = "A process is sending right now: of what was deleted, something may have left."


def console(*, stderr: bool = False) -> Console:
    """A console on stdout or stderr. rich reads NO_COLOR and TERM; its markup is switched off."""
    file = sys.stderr if stderr else sys.stdout
    made = Console(file=file, markup=False, highlight=False, emoji=False)
    return (
        made
        if made.is_terminal
        else Console(file=file, markup=False, highlight=False, emoji=False, width=_ENDLESS)
    )


def mounted() -> str | None:
    """What the person types before the name of a command, where these are commands of a tool's own."""
    context = click.get_current_context(silent=True)
    return None if context is None else context.find_root().obj


def command() -> str:
    """The command to type, as this installation has it: what the note after a crash names."""
    return note.command() or note.line([sys.executable, "--crashguard"])


def prepare_streams() -> None:
    """Have all three streams, and escape a character that an encoding does not have, in place of an error."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by who started the program, as `>&-` of a shell does
            setattr(sys, name, io.TextIOWrapper(io.BytesIO(), encoding="utf-8"))
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def write_json(value: object) -> None:
    """Print a value for programs, in characters that every encoding has."""
    sys.stdout.write(json.dumps(value, indent=2) + "\n")


def table(
    out: Console, heads: Sequence[str], rows: Iterable[Sequence[str]], droppable: Sequence[str] = ()
) -> None:
    """Print rows in columns. On a terminal the last column is cut to what is left of the width.

    Args:
        out: The console.
        heads: The heads of the columns.
        rows: The rows.
        droppable: Heads of columns that are left out, in this order, where less than `_LEAST` is left.
    """
    lines = [list(heads), *map(list, rows)]
    width = columns(out)
    for head in droppable:
        if width - sum(cells(part) + 2 for part in _widest(lines)[:-1]) < _LEAST:
            position = lines[0].index(head)
            for line in lines:
                del line[position]
    widths = [cells(part) for part in _widest(lines)]
    left = max(8, width - sum(each + 2 for each in widths[:-1]))
    for number, line in enumerate(lines):
        padded = [part + " " * (most - cells(part)) for part, most in zip(line[:-1], widths, strict=False)]
        out.print(
            Text("  ".join([*padded, cut(line[-1], left)]).rstrip(), style="bold" if number == 0 else "")
        )


def _widest(lines: Sequence[Sequence[str]]) -> list[str]:
    return [max(column, key=cells) for column in zip(*lines, strict=True)]


def line(out: Console, text: str, style: str = "") -> None:
    """Print a text; on a terminal it is wrapped at blanks."""
    for piece in wrapped(text, columns(out)):
        whole(out, Text(piece, style=style))


def whole(out: Console, text: str | Text) -> None:
    """Print a text in one line, however narrow the terminal is: a command, or what `wrapped` has made."""
    out.print(text, soft_wrap=True)


def pairs(out: Console, rows: Iterable[tuple[str, str]], indent: int = 2) -> None:
    """Print names with their values; on a terminal long values are wrapped within their column.

    Where the names leave too little for such a column, each value stands below its name.
    """
    known = list(rows)
    first = indent + max((cells(name) for name, _ in known), default=0) + 2
    is_below = columns(out) - first < _LEAST
    for name, said in known:
        begin = " " * indent + name
        if is_below:
            whole(out, Text(begin, style="dim"))
            begin, first = "", indent + _BELOW
        for piece in wrapped(said, columns(out) - first):
            begin += " " * (first - cells(begin))
            whole(out, Text.assemble((begin, "dim"), piece) if piece else Text(begin.rstrip()))
            begin = ""


def columns(out: Console) -> int:
    """The width of the terminal; outside of one nothing is cut."""
    return shutil.get_terminal_size().columns if out.is_terminal else _ENDLESS


def cells(text: str) -> int:
    """The cells of a terminal that a text takes: East Asian characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )


def cut(text: str, most: int) -> str:
    """A text in at most so many cells; what is cut is marked."""
    if cells(text) <= most:
        return text
    while text and cells(text) > most - 3:
        text = text[:-1]
    return text + "..."


def wrapped(text: str, most: int) -> Iterator[str]:
    """The lines of a text, broken at blanks; a word that is longer than a line stays whole."""
    for whole_line in text.split("\n"):
        piece = ""
        for blanks, word in _WORDS.findall(whole_line):
            if piece and cells(piece + blanks + word) > most:
                yield piece
                piece = word
            else:
                piece += blanks + word
        yield piece


def short_path(path: str) -> str:
    """A path as people write it, with `~` for their home; safe to show."""
    return plain(note.short_path(path))


def when(seconds: float) -> str:
    """A moment in local time, to the second."""
    return _format(seconds, "%Y-%m-%d %H:%M:%S")


def when_short(seconds: float) -> str:
    """A moment in local time, in 12 characters as `ls` writes it."""
    recent = abs(time.time() - seconds) < _THIS_YEAR
    return _format(seconds, "%d %b %H:%M" if recent else "%d %b  %Y")


def when_iso(text: str) -> str:
    """A moment from ISO 8601, in local time."""
    try:
        return when(datetime.fromisoformat(text).timestamp())
    except ValueError:
        return plain(text)


def _format(seconds: float, pattern: str) -> str:
    try:
        return datetime.fromtimestamp(seconds).strftime(pattern)
    except (OverflowError, OSError, ValueError):
        return "?"  # a file's name may claim any time


def duration(seconds: float) -> str:
    """A rounded span of time."""
    if seconds < 90:
        return f"{max(0, round(seconds))} s"
    if seconds < 5400:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"


def count(number: int, singular: str, plural: str | None = None) -> str:
    """A number with its noun: `1 report`, `2 reports`."""
    return f"{number} {singular if number == 1 else plural or singular + 's'}"
