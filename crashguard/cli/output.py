"""How texts reach a terminal, a pipe or a file.

On a terminal lines are cut or wrapped to its width and may have colours; anywhere else they are as long
as they are, so that grep finds what it looks for. What comes out of reports never controls the terminal.
"""

import os
import shutil
import sys
import time
from collections.abc import Iterable, Sequence
from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from crashguard.capture import message

_ENDLESS = 100_000  # columns: where nobody looks at a line's length
_THIS_YEAR = 180 * 24 * 3600


def console(*, stderr: bool = False) -> Console:
    """A console on stdout or stderr. rich looks at NO_COLOR and TERM; nothing is taken for its markup."""
    file = sys.stderr if stderr else sys.stdout
    made = Console(file=file, markup=False, highlight=False, emoji=False)
    return (
        made
        if made.is_terminal
        else Console(file=file, markup=False, highlight=False, emoji=False, width=_ENDLESS)
    )


def command() -> str:
    """What to type to get here again: `crashguard` where the shell finds it, else what was typed."""
    typed = sys.argv[0]
    if os.path.basename(typed) == "__main__.py":
        return f"{os.path.basename(sys.executable)} -m crashguard"
    return "crashguard" if shutil.which("crashguard") else short_path(typed)


def prepare_streams() -> None:
    """Let no character end a command: what the encoding does not have is written as an escape."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def plain(text: object) -> str:
    """A text that can be shown: control characters and the like become escapes, line ends stay."""
    return "".join(
        c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode("ascii") for c in str(text)
    )


def first_line(text: object) -> str:
    """The first line of a text that can be shown."""
    return plain(str(text).partition("\n")[0])


def table(out: Console, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows in columns; on a terminal the last column is cut to what is left of the width."""
    made = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for head in heads:
        last = head is heads[-1]
        made.add_column(head, no_wrap=True, overflow="ellipsis", min_width=None if last else len(head))
    for row in rows:
        made.add_row(*(Text(cell) for cell in row))
    lines(out, made)


def pairs(out: Console, rows: Iterable[tuple[str, str]], indent: int = 2) -> None:
    """Print names and what is said of them; on a terminal long texts are wrapped within their column."""
    made = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    made.add_column(no_wrap=True, style="dim")
    made.add_column(overflow="fold")
    for name, said in rows:
        made.add_row(Text(" " * indent + name), Text(said))
    lines(out, made)


def lines(out: Console, what: object) -> None:
    """Print something, without the blanks with which rich fills its columns where nobody sees them."""
    if out.is_terminal:
        out.print(what)
        return
    with out.capture() as caught:
        out.print(what)
    for line in caught.get().splitlines():
        out.print(Text(line.rstrip()))


def short_path(path: str) -> str:
    """A path as people write it: `~` for their home; it controls no terminal."""
    return plain(message.short_path(path))


def when(seconds: float) -> str:
    """A moment in local time, to the second."""
    return _format(seconds, "%Y-%m-%d %H:%M:%S")


def when_short(seconds: float) -> str:
    """A moment in local time, in 12 characters as `ls` writes it."""
    recent = abs(time.time() - seconds) < _THIS_YEAR
    return _format(seconds, "%d %b %H:%M" if recent else "%d %b  %Y")


def when_iso(text: str) -> str:
    """A moment that was written down as ISO 8601, in local time."""
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
    """A span of time, roughly."""
    if seconds < 90:
        return f"{max(0, round(seconds))} s"
    if seconds < 5400:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"


def count(number: int, singular: str, plural: str | None = None) -> str:
    """A number with its noun: `1 report`, `2 reports`."""
    return f"{number} {singular if number == 1 else plural or singular + 's'}"
