"""The classes that print: rich's where it is installed (extra `cli`), else the plain ones."""

try:
    from rich.console import Console as _Console
    from rich.text import Text

    class Console(_Console):
        """rich's console; a reader that went away is an error for the command, which knows what to do."""

        def on_broken_pipe(self) -> None:
            """Called in the handler of the error."""
            raise  # noqa: PLE0704 (as above)

    HAS_COLOURS = True
except ModuleNotFoundError:  # what is used of rich's classes, the plain ones have
    from crashguard.cli.plain import Console, Text  # type: ignore[assignment]

    HAS_COLOURS = False

__all__ = ["HAS_COLOURS", "Console", "Text"]
