"""Where the rows are: counted, in a batch that is open, in batches that wait, or with the server.

The ledger is one frozen value. Each change makes a new ledger, which replaces the old one in one assignment.
An interruption at any point leaves either the old one or the new one. Counted rows are always the sum of
sealed and open rows; no number is moved from one place to another.
"""

import attrs

from crashguard.usage.counter import Totals
from crashguard.usage.wire import Batch, Meta


@attrs.frozen
class Ledger:
    """Where the rows are.

    Attributes:
        meta: Whose usage it is.
        request_id: The id that the open batch will be sent under.
        sealed: Everything that is or was in a sealed batch of this run.
        pending: Batches that are sealed and not confirmed, in the order of sending.
        refused: Batches that the server will never take.
    """

    meta: Meta
    request_id: str
    sealed: Totals = attrs.field(factory=Totals)
    pending: tuple[Batch, ...] = ()
    refused: tuple[Batch, ...] = ()

    @property
    def waiting(self) -> int:
        """Rows in sealed batches that the server has not confirmed and may still take."""
        return sum(batch.rows for batch in self.pending)

    def open(self, totals: Totals) -> Batch | None:
        """The batch of all rows that no sealed one holds; None if there are none."""
        rows = totals.rows - self.sealed.rows
        if rows <= 0:
            return None
        new = {table: count - self.sealed.tables.get(table, 0) for table, count in totals.tables.items()}
        tables = tuple(sorted((table, count) for table, count in new.items() if count > 0))
        return Batch(self.request_id, self.meta, rows, tables)

    def with_sealed(self, batch: Batch, totals: Totals, next_id: str) -> "Ledger":
        """The open batch is final; the next gets another id."""
        return attrs.evolve(self, request_id=next_id, sealed=totals, pending=(*self.pending, batch))

    def with_claimed(self, batches: list[Batch]) -> "Ledger":
        """With the batches of earlier runs, which are sent first."""
        return attrs.evolve(self, pending=(*batches, *self.pending))

    def with_confirmed(self, batch: Batch) -> "Ledger":
        """The server has it."""
        return attrs.evolve(self, pending=_without(batch, self.pending))

    def with_refused(self, batch: Batch) -> "Ledger":
        """The server will never take it."""
        return attrs.evolve(self, pending=_without(batch, self.pending), refused=(*self.refused, batch))


def _without(batch: Batch, batches: tuple[Batch, ...]) -> tuple[Batch, ...]:
    return tuple(other for other in batches if other.request_id != batch.request_id)
