"""A click command that keeps indented lines of its docstring as they are in its help."""

import inspect
from typing import Any

import click


class Command(click.Command):
    """A command."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.help = keep_indented(self.help)


def keep_indented(text: str | None) -> str | None:
    """Put click's escape (backslash, b) before each paragraph that has indented lines."""
    if text is None:
        return None
    paragraphs = inspect.cleandoc(text).split("\n\n")
    return "\n\n".join("\b\n" + each if "\n  " in each else each for each in paragraphs)
