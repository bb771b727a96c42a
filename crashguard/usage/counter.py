"""Counting rows in many threads without a lock: every thread has a cell that nobody else writes.

Theory of operation. Only its own thread writes a cell, and a cell only grows. So no row is lost, and no lock
is needed; a reader adds the cells up. No row is ever subtracted: if 700 of 1000 rows are sent, 300 are left.
Ctrl+C can interrupt the main thread between any two steps, and cannot lose a row or count one twice. Each
cell has a `stop`: once its rows reach it, the thread leaves the fast path and calls `reached`. The same two
comparisons catch everything else that a call must notice: a new thread, the wrong method, a closed counter. A
call costs no further check.

A lock around one integer would be simpler; it takes half as much again (benchmarks/usage.py),
and a thread that Ctrl+C hits between acquire() and try would hold it for ever.
"""

import itertools
import operator
import threading
from collections.abc import Callable

import attrs

from crashguard.usage.errors import UsageClosedError, UsageCountError


@attrs.frozen
class Totals:
    """Everything that was counted so far.

    Attributes:
        rows: All rows.
        tables: Rows of each table; empty where rows are counted without tables.
    """

    rows: int = 0
    tables: dict[str, int] = attrs.field(factory=dict)


class _Cell:
    """What one thread counted. `rows` is the sum of `tables` where there are tables."""

    __slots__ = ("final", "has_tables", "rows", "stop", "tables", "thread")

    def __init__(self, *, has_tables: bool) -> None:
        self.has_tables = has_tables
        self.rows = 0
        self.tables: dict[str, int] = {}
        self.stop = 0
        self.final: Totals | None = None
        self.thread = threading.current_thread()

    def totals(self) -> Totals:
        """What this cell holds, as one consistent value, whatever its thread does meanwhile."""
        if not self.has_tables:
            return Totals(self.rows)
        tables = (
            self.tables.copy()
        )  # one step in C, so never half of an addition; `rows` may be a step behind
        return Totals(sum(tables.values()), tables)


class _Own(threading.local):
    """This thread's cells. Only one of the two is ever made: methods do not mix."""

    plain: _Cell | None = None
    by_table: _Cell | None = None


class Counter:
    """Rows counted by many threads.

    Args:
        reached: Called, without any lock, by the thread that used the budget up. Must not raise.
    """

    def __init__(self, reached: Callable[[], None]) -> None:
        self._reached = reached
        self._own = _Own()
        self._lock = threading.Lock()
        self._has_tables: bool | None = None  # None until the first call decides
        # Threads that ended, and cells of those that live: one value, so that no row is in both or neither.
        self._parts: tuple[Totals, tuple[_Cell, ...]] = (Totals(), ())
        self._final: Totals | None = None

    def add(self, rows: int) -> None:
        """Count rows without a table.

        Raises:
            UsageCountError: `rows` is not above zero, or rows were counted by table before.
            UsageClosedError: The counter is closed; the rows are not counted.
        """
        if type(rows) is not int or rows <= 0:
            rows = _checked(rows)
        cell = self._own.plain
        if cell is None:
            cell = self._own.plain = self._new_cell(has_tables=False)
        cell.rows = counted = cell.rows + rows
        if counted >= cell.stop:
            self._stopped(cell)

    def add_for_table(self, table: str, rows: int) -> None:
        """Count rows of a table.

        Raises:
            UsageCountError: As for add(), or the table has no name.
            UsageClosedError: The counter is closed; the rows are not counted.
        """
        if type(rows) is not int or rows <= 0:
            rows = _checked(rows)
        cell = self._own.by_table
        if cell is None:
            cell = self._own.by_table = self._new_cell(has_tables=True)
        tables = cell.tables
        try:
            tables[table] += rows
        except (KeyError, TypeError):
            tables[_checked_table(table)] = rows
        cell.rows = counted = cell.rows + rows
        if counted >= cell.stop:
            self._stopped(cell)

    def rows(self) -> int:
        """All rows so far; cheaper than totals(), and at most one running call behind or ahead of it."""
        if self._final is not None:
            return self._final.rows
        ended, cells = self._parts
        return ended.rows + sum(cell.rows for cell in cells)

    def totals(self) -> Totals:
        """Everything so far."""
        with self._lock:
            if self._final is None:
                self._retire()
            return self._final or _sum(self._parts[0], [cell.totals() for cell in self._parts[1]])

    def set_budget(self, rows: int) -> None:
        """Have `reached` called after that many more rows, or earlier; later by one call a thread at most."""
        with self._lock:
            if self._final is not None:
                return
            cells = self._parts[1]
            share = max(1, rows // max(1, len(cells)))
            for cell in cells:
                cell.stop = cell.rows + share

    def close(self) -> Totals:
        """Stop counting. A call that runs at this moment is either in the answer or raises.

        Returns:
            Everything that was ever counted.
        """
        with self._lock:
            if self._final is None:
                ended, cells = self._parts
                # First the stop, then the sum: whoever read the old stop had added before, so is in the sum.
                for cell in cells:
                    cell.stop = 0
                for cell in cells:
                    cell.final = cell.totals()
                self._final = _sum(ended, [cell.final for cell in cells if cell.final is not None])
            return self._final

    def _stopped(self, cell: _Cell) -> None:
        """Off the fast path: closed, or the budget is used up."""
        with self._lock:
            if cell.final is not None:
                if cell.totals() == cell.final:
                    return  # close() came after the addition, and counted it
                cell.rows, cell.tables = cell.final.rows, dict(cell.final.tables)
                raise _closed()
        self._reached()

    def _new_cell(self, *, has_tables: bool) -> _Cell:
        with self._lock:
            if self._final is not None:
                raise _closed()
            if self._has_tables is None:
                self._has_tables = has_tables
            if self._has_tables is not has_tables:
                raise UsageCountError(
                    "rows are counted either with increase() or with increase_for_table(), never with both: "
                    f"this client began with increase{'_for_table' if self._has_tables else ''}()"
                )
            ended, cells = self._parts
            cell = _Cell(has_tables=has_tables)
            self._parts = (ended, (*cells, cell))
            return cell

    def _retire(self) -> None:
        """Add up the cells of threads that ended, so that a thread for each task does not pile up cells."""
        ended, cells = self._parts
        alive = [cell.thread.is_alive() for cell in cells]
        if not all(alive):
            gone = [cell.totals() for cell, lives in zip(cells, alive, strict=True) if not lives]
            self._parts = (_sum(ended, gone), tuple(itertools.compress(cells, alive)))


def _sum(first: Totals, others: list[Totals]) -> Totals:
    tables = dict(first.tables)
    for other in others:
        for table, rows in other.tables.items():
            tables[table] = tables.get(table, 0) + rows
    return Totals(first.rows + sum(other.rows for other in others), tables)


def _checked(rows: object) -> int:
    """Rows as an int, also from numpy's integers. Anything but an integer above zero is an error."""
    if isinstance(rows, bool):
        raise UsageCountError(f"rows={rows!r}: give a whole number above zero")
    try:
        number = operator.index(rows)  # type: ignore[arg-type]  # what is no index is told so
    except TypeError:
        raise UsageCountError(f"rows is a {type(rows).__name__}: give a whole number above zero") from None
    if number <= 0:
        raise UsageCountError(f"rows={number}: give a whole number above zero")
    return number


def _checked_table(table: object) -> str:
    if not isinstance(table, str) or not table:
        raise UsageCountError(
            f"table is {'empty' if table == '' else f'a {type(table).__name__}'}: give the table's name, "
            "or use increase() for tables whose names are not static"
        )
    return table


def _closed() -> UsageClosedError:
    return UsageClosedError("rows were counted after close(): count before, or make a new UsageClient")
