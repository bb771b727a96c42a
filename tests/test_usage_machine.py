"""Conservation of rows, whatever happens in whatever order: counted = confirmed + owed + lost to a kill, and no more."""

import json
import tempfile
from pathlib import Path

import attrs
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from crashguard.usage import (
    Answer,
    Quota,
    Steering,
    UsageNotSentError,
    UsageRejectedError,
    UsageUnavailableError,
)
from crashguard.usage.meter import Meter
from crashguard.usage.store import Store
from crashguard.usage.wire import Batch, Meta

META = Meta("acme", "source", "orders")
OUTCOMES = ("ok", "lost on the way", "applied without an answer", "busy", "forbidden", "refused for good")
DURABLE_ROWS = 50


@attrs.define
class Server:
    """Counts an id once, and fails as it is told to."""

    outcome: str = "ok"
    counted: dict[str, Batch] = attrs.field(factory=dict)
    refused: dict[str, Batch] = attrs.field(factory=dict)
    contents: dict[str, Batch] = attrs.field(factory=dict)
    answered: set[str] = attrs.field(factory=set)

    def increase(self, team: str, batch: Batch, *, seconds: float) -> Answer:
        assert 1.0 <= seconds <= 60.001  # differences of floats
        assert batch.request_id not in self.answered, "a confirmed batch was sent again"
        assert self.contents.setdefault(batch.request_id, batch) == batch, "an id came with another content"
        if self.outcome in ("ok", "applied without an answer"):
            self.counted[batch.request_id] = batch
        if self.outcome == "ok":
            self.answered.add(batch.request_id)
            return Answer(204, {"x-cq-batch-limit": "20"})
        if self.outcome == "busy":
            raise UsageUnavailableError("busy", status=429, retry_after=5.0)
        if self.outcome == "forbidden":
            raise UsageRejectedError("forbidden", status=403)
        if self.outcome == "refused for good" and batch.request_id not in self.counted:
            self.refused[batch.request_id] = batch
            raise UsageRejectedError("refused", status=422)
        raise UsageUnavailableError("no answer")

    def quota(self, team: str, meta: Meta) -> Quota:
        return Quota()


class Conservation(RuleBasedStateMachine):
    """One account on one machine: runs that count, flush, fail, are killed, close, and come again."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.server = Server()
        self.now = 0.0
        self.counted: dict[str, int] = {}
        self.lost: dict[str, int] = {}

    @initialize()
    def begin(self) -> None:
        self.start()

    def start(self) -> None:
        self.store = Store(str(Path(self.folder.name) / "usage"), "an account")
        self.meter = Meter(
            META,
            "acme-corp",
            api=self.server,
            store=self.store,
            steering=Steering(),
            durable_rows=DURABLE_ROWS,
            durable_seconds=1.0,
            wake=lambda: None,
            clock=lambda: self.now,
            pause=self.pass_time,
        )
        self.run: dict[str, int] = {}
        self.meter.take_over()

    def pass_time(self, seconds: float) -> None:
        self.now += seconds

    @rule(table=st.sampled_from(["orders", "customers", "\ud800", "ä"]), rows=st.integers(1, 40))
    def increase(self, table: str, rows: int) -> None:
        self.meter.counter.add_for_table(table, rows)
        self.counted[table] = self.counted.get(table, 0) + rows
        self.run[table] = self.run.get(table, 0) + rows

    @rule(outcome=st.sampled_from(OUTCOMES))
    def weather(self, outcome: str) -> None:
        self.server.outcome = outcome

    @rule(seconds=st.floats(0.5, 40))
    def wait(self, seconds: float) -> None:
        """Time passes, and the client's threads do what it is time for."""
        self.now += seconds
        if self.meter.time_to_keep() == 0.0:
            self.meter.keep()
            assert self.meter.time_to_keep() is None
        wait = self.meter.time_to_send()
        if wait is not None and wait <= 0:
            self.flush()
            left = self.meter.time_to_send()
            assert left is None or left > 0, "a failure would be repeated without a pause"

    @rule()
    def flush(self) -> None:
        try:
            self.meter.flush(seconds=60.0)
        except UsageNotSentError as failed:
            error: UsageNotSentError | None = failed
        else:
            error = None
        refused = sum(batch.rows for batch in self.meter._ledger.refused)
        if error is None:
            assert refused == self.meter.unsent()
        else:
            assert error.kept
            assert error.rows == self.meter.unsent() > 0

    @rule()
    def kill(self) -> None:
        """The process is gone; its files and the lock's end are what is left."""
        before = self.on_disk() | self.server.counted | self.server.refused
        durable: dict[str, int] = {}
        for batch in before.values():
            for table, rows in batch.tables:
                durable[table] = durable.get(table, 0) + rows
        lost = {
            table: rows - durable.get(table, 0) - self.lost.get(table, 0)
            for table, rows in self.counted.items()
        }
        assert all(rows >= 0 for rows in lost.values())
        assert sum(lost.values()) < DURABLE_ROWS + 40  # the figure that the client states, and one call
        for table, rows in lost.items():
            self.lost[table] = self.lost.get(table, 0) + rows
        self.store.forget()
        self.start()

    @rule()
    def close(self) -> None:
        """An orderly end: nothing is lost, whatever the server does."""
        self.meter.close()
        self.flush()
        self.meter.let_go()
        self.start()

    @precondition(lambda self: self.server.outcome == "ok")
    @rule()
    def close_in_good_weather(self) -> None:
        """Once the server takes everything, nothing is owed."""
        self.close()
        assert {} == {key: batch for key, batch in self.on_disk().items() if key not in self.server.refused}

    def on_disk(self) -> dict[str, Batch]:
        reader = Store(self.store.folder, "an account")
        found = {}
        for path in Path(reader.folder).glob("**/*.json"):
            batch = Batch.from_body(json.loads(path.read_bytes())["usage"])
            found[batch.request_id] = batch
        return found

    @invariant()
    def rows_are_conserved(self) -> None:
        if not hasattr(self, "meter"):
            return
        somewhere = dict(self.server.counted) | self.server.refused
        for batch in self.meter._ledger.pending:
            somewhere[batch.request_id] = batch
        open_batch = self.meter._ledger.open(self.meter.counter.totals())
        if open_batch is not None:
            somewhere[open_batch.request_id] = open_batch
        found: dict[str, int] = dict(self.lost)
        for batch in somewhere.values():
            assert batch.rows == sum(rows for _, rows in batch.tables)
            for table, rows in batch.tables:
                found[table] = found.get(table, 0) + rows
        assert self.counted == {table: rows for table, rows in found.items() if table in self.counted}

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.forget()
        self.folder.cleanup()


Conservation.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestConservation = pytest.mark.slow(Conservation.TestCase)
