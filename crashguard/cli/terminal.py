"""The classes that print: rich's where it is installed (extra `cli`), else the plain ones."""

try:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text
except ModuleNotFoundError:  # what is used of rich's classes, the plain ones have
    from crashguard.cli.plain import Console, Table, Text  # type: ignore[assignment]

__all__ = ["Console", "Table", "Text"]
