"""A progress bar on a terminal, for work that may take seconds; none in a pipe or without the extra `cli`."""

from crashguard.cli.terminal import HAS_COLOURS, Console

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class Bar:
    """A bar, which goes away at its end; a context manager.

    What is printed meanwhile, by the same console, stands above it.
    """

    def __init__(self, out: Console, what: str, total: float) -> None:
        """Make it.

        Args:
            out: The console.
            what: What is done, as `sending`.
            total: How much there is to do; for less than two nothing is shown.
        """
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        if HAS_COLOURS and out.is_terminal and total > 1:
            from rich import progress

            columns = (
                progress.TextColumn(what),
                progress.BarColumn(),
                progress.TextColumn("{task.completed:.0f}/{task.total:.0f}"),
            )
            self._bar = progress.Progress(*columns, console=out, transient=True)
            self._task = self._bar.add_task("", total=total)

    def __enter__(self) -> "Bar":
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(self, *exc: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def advance(self, by: float = 1) -> None:
        """So much more is done."""
        if self._bar is not None and self._task is not None:
            self._bar.advance(self._task, by)
