"""What the command needs of rich, without colours, for an installation without the extra `cli`.

The note after a crash names the command, so the command works wherever crashguard is installed.
"""

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


class Console:
    """Prints to a file."""

    def __init__(self, *, file: TextIO, **_: Any) -> None:
        self.file = file
        self.is_terminal = file.isatty()
        self.quiet = False

    def print(self, *what: Any, **_: Any) -> None:
        """Print a line."""
        if not self.quiet:
            self.file.write(" ".join(map(str, what)) + "\n")
