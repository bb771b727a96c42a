"""What the command needs of rich, without colours and widths, for an installation without the extra `cli`.

The note after a crash names the command, so the command works wherever crashguard is installed.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO


class Text:
    """A text; its style is dropped."""

    def __init__(self, text: str = "", style: str = "") -> None:  # noqa: ARG002 (rich's signature)
        self.plain = text

    @classmethod
    def assemble(cls, *parts: Any) -> "Text":
        """A text of several parts, each a text or a pair of text and style."""
        return cls("".join(part[0] if isinstance(part, tuple) else str(part) for part in parts))

    def __str__(self) -> str:
        return self.plain


class Table:
    """Rows in columns that are as wide as their widest cell."""

    def __init__(self, *, show_header: bool = True, **_: Any) -> None:
        self._shows_heads = show_header
        self._heads: list[str] = []
        self._rows: list[list[str]] = []

    def add_column(self, head: str = "", **_: Any) -> None:
        """Add a column."""
        self._heads.append(head)

    def add_row(self, *cells: Any) -> None:
        """Add a row."""
        self._rows.append([str(cell) for cell in cells])

    def __str__(self) -> str:
        rows = [*([self._heads] if self._shows_heads else []), *self._rows]
        widths = [max(len(row[column]) for row in rows) for column in range(len(self._heads))] if rows else []
        lines = ((cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
        return "\n".join("  ".join(line).rstrip() for line in lines)


class Console:
    """Prints to a file, however it is shown."""

    is_terminal = False

    def __init__(self, *, file: TextIO, **_: Any) -> None:
        self.file = file

    def print(self, *what: Any, **_: Any) -> None:
        """Print a line."""
        self.file.write(" ".join(map(str, what)) + "\n")

    @contextmanager
    def capture(self) -> Iterator["_Captured"]:
        """Take what is printed in place of the file."""
        before, self.file = self.file, io.StringIO()
        try:
            yield _Captured(self.file)
        finally:
            self.file = before


class _Captured:
    def __init__(self, file: io.StringIO) -> None:
        self._file = file

    def get(self) -> str:
        return self._file.getvalue()
