"""Output to a terminal, a pipe or a file.

On a terminal lines are cut or wrapped to its width and may have colours. Elsewhere they keep their length, so
that grep finds a text. Texts from reports never control the terminal.
"""

import os
import shutil
import sys
import time
from collections.abc import Iterable, Sequence
from datetime import datetime

from crashguard.capture import message
from crashguard.cli.terminal import Console, Table, Text

_ENDLESS = 100_000  # columns, for output that is not a terminal
_THIS_YEAR = 180 * 24 * 3600


def console(*, stderr: bool = False) -> Console:
    """A console on stdout or stderr. rich reads NO_COLOR and TERM; its markup is switched off."""
    file = sys.stderr if stderr else sys.stdout
    made = Console(file=file, markup=False, highlight=False, emoji=False)
    return (
        made
        if made.is_terminal
        else Console(file=file, markup=False, highlight=False, emoji=False, width=_ENDLESS)
    )


def command() -> str:
    """The command to type: `crashguard` where the shell finds it, else the command that was typed."""
    typed = sys.argv[0]
    if getattr(sys, "frozen", False):
        return f"{short_path(typed)} --crashguard"
    if os.path.basename(typed) == "__main__.py":
        return f"{os.path.basename(sys.executable)} -m crashguard"
    return "crashguard" if shutil.which("crashguard") else short_path(typed)


def prepare_streams() -> None:
    """Write a character that the encoding does not have as an escape, in place of an error."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def plain(text: object) -> str:
    """A text that is safe to show: control characters become escapes, line ends stay."""
    return "".join(
        c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode("ascii") for c in str(text)
    )


def first_line(text: object) -> str:
    """The first line of a text, safe to show."""
    return plain(str(text).partition("\n")[0])


def table(out: Console, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows in columns; on a terminal the last column is cut to the rest of the width."""
    made = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for head in heads:
        last = head is heads[-1]
        made.add_column(head, no_wrap=True, overflow="ellipsis", min_width=None if last else len(head))
    for row in rows:
        made.add_row(*(Text(cell) for cell in row))
    lines(out, made)


def pairs(out: Console, rows: Iterable[tuple[str, str]], indent: int = 2) -> None:
    """Print names with their values; on a terminal long values are wrapped within their column."""
    made = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    made.add_column(no_wrap=True, style="dim")
    made.add_column(overflow="fold")
    for name, said in rows:
        made.add_row(Text(" " * indent + name), Text(said))
    lines(out, made)


def lines(out: Console, what: object) -> None:
    """Print something. Outside of a terminal the blanks at line ends, with which rich fills columns, go."""
    if out.is_terminal:
        out.print(what)
        return
    with out.capture() as caught:
        out.print(what)
    for line in caught.get().splitlines():
        out.print(Text(line.rstrip()))


def short_path(path: str) -> str:
    """A path as people write it, with `~` for their home; safe to show."""
    return plain(message.short_path(path))


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
