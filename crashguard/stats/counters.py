"""Counting in many threads without a lock: every thread has tallies that nobody else writes.

A tally only grows and only its own thread writes it, so nothing can be lost between reading and writing; a
reader adds the threads up. A lock around one number was measured at more than twice the time
(benchmarks/stats.py). Tables are counted for the tool's own use: they are names, and only numbers leave.
"""

import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class _Tally(dict[str, int]):
    """Numbers by table; what was never counted is 0."""

    def __missing__(self, table: str) -> int:
        return 0


class _Own(threading.local):
    """The tallies of one thread; the interpreter calls `__init__` anew in each."""

    def __init__(self, threads: "list[dict[str, _Tally]]") -> None:
        self.resources = _Tally()
        self.errors = _Tally()
        self.panics = _Tally()
        self.warnings = _Tally()
        threads.append(self.__dict__)


class Totals:
    """What was counted, in numbers.

    Attributes:
        resources: Rows.
        errors: Errors that the sync went on after.
        panics: Crashes that the sync went on after.
        warnings: Warnings.
    """

    __slots__ = ("errors", "panics", "resources", "warnings")

    def __init__(self, resources: int, errors: int, panics: int, warnings: int) -> None:
        self.resources = resources
        self.errors = errors
        self.panics = panics
        self.warnings = warnings

    def __repr__(self) -> str:
        return (
            f"Totals(resources={self.resources}, errors={self.errors}, panics={self.panics}, "
            f"warnings={self.warnings})"
        )


class Counters:
    """Resources, errors, panics and warnings, counted from any thread."""

    def __init__(self) -> None:
        self._threads: list[dict[str, _Tally]] = []
        self._own = _Own(self._threads)

    def resource(self, table: str) -> None:
        """Count one row of a table."""
        self._own.resources[table] += 1

    def resources(self, table: str, count: int) -> None:
        """Count many rows of a table at once.

        Raises:
            ValueError: `count` is below 0.
        """
        if count < 0:
            raise ValueError(f"resources({table!r}, {count}): rows are counted, not taken back")
        self._own.resources[table] += count

    def error(self, table: str = "") -> None:
        """Count an error that the sync goes on after; what the error says is not looked at."""
        self._own.errors[table] += 1

    def panic(self, table: str = "") -> None:
        """Count a crash, of a resolver for instance, that the sync goes on after."""
        self._own.panics[table] += 1

    def warning(self, table: str = "") -> None:
        """Count a warning."""
        self._own.warnings[table] += 1

    @property
    def totals(self) -> Totals:
        """The sums so far."""
        return Totals(
            *(_sum(self._of(kind)) for kind in ("resources", "errors", "panics", "warnings")),
        )

    def by_table(self, kind: str = "resources") -> dict[str, int]:
        """The numbers of each table so far, for the tool's own summary; they never leave the machine.

        Args:
            kind: `resources`, `errors`, `panics` or `warnings`.
        """
        added: dict[str, int] = {}
        for tally in self._of(kind):
            for table, count in tally.items():
                added[table] = added.get(table, 0) + count
        return added

    def _of(self, kind: str) -> "list[dict[str, int]]":
        # copy() is one step in C: a thread that still counts cannot change the size meanwhile
        return [thread[kind].copy() for thread in self._threads.copy()]


def _sum(tallies: "Iterable[dict[str, int]]") -> int:
    return sum(sum(tally.values()) for tally in tallies)
