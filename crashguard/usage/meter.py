"""From counted rows to confirmed requests: the one file that knows the order.

    count -> keep (on disk) -> seal (its content is final) -> send -> confirmed -> removed from disk

One batch is open at a time: it holds all rows that no sealed batch holds, and is kept again and again
as they grow. A batch is sealed when it is about to be sent, kept in that state, and sent under its id
until the server confirmed it; rows that are counted meanwhile go into the next. While a sealed batch
waits, the open one grows, so that an outage of hours leaves two batches, not hundreds.
"""

import logging
import threading
import uuid
from collections.abc import Callable

from crashguard.transport.http import Answer
from crashguard.usage.api import Api
from crashguard.usage.counter import Counter, Totals
from crashguard.usage.errors import (
    CredentialsError,
    UsageError,
    UsageNotSentError,
    UsageRejectedError,
    UsageServerError,
    UsageUnavailableError,
)
from crashguard.usage.ledger import Ledger
from crashguard.usage.steering import Steering
from crashguard.usage.store import Store
from crashguard.usage.wire import Batch, Meta

logger = logging.getLogger("crashguard.usage")

# Refused for what is in them: no later attempt can go better, and they would hold up all others for ever.
_REFUSED_FOR_GOOD = (400, 413, 422)


def new_request_id() -> str:
    """A UUID v4, as the API asks."""
    return str(uuid.uuid4())


class Meter:
    """Counts rows of one plugin and gets them to the server. Safe to use from many threads.

    Args:
        meta: Whose usage it is.
        team: Who pays.
        api: The licensing server.
        store: Where batches are kept.
        steering: How much is sent how often, until the server says otherwise.
        durable_rows: Most rows that are counted and not kept: who counts more has to keep them first.
        durable_seconds: Seconds after which counted rows are to be kept.
        wake: Called when what time_to_keep() or time_to_send() said is no longer true.
        clock: Seconds that never run backwards.
        pause: Waits that many seconds.
        new_id: Makes request ids.
    """

    def __init__(
        self,
        meta: Meta,
        team: str,
        *,
        api: Api,
        store: Store,
        steering: Steering,
        durable_rows: int,
        durable_seconds: float,
        wake: Callable[[], None],
        clock: Callable[[], float],
        pause: Callable[[float], None],
        new_id: Callable[[], str] = new_request_id,
    ) -> None:
        self.counter = Counter(self._reached)
        self.steering = steering
        self._team = team
        self._api = api
        self._store = store
        self._durable_rows = durable_rows
        self._durable_seconds = durable_seconds
        self._wake = wake
        self._clock = clock
        self._pause = pause
        self._new_id = new_id
        self._ledger = Ledger(meta, new_id())
        self._keeping = threading.Lock()  # ledger and store; held for a write to disk
        self._sending = threading.Lock()  # one sender; held for requests
        self._tried = 0  # rows, of all that were ever counted, that it was tried to keep
        self._kept = 0  # ... and that are kept
        self._refusal: UsageRejectedError | None = None
        self._since: float | None = None  # when the first row was counted that is not kept
        self._start = clock()
        self._attempt: float | None = None
        self._not_before = self._start

    # Counting

    def _reached(self) -> None:
        """In a counting thread: the budget is used up. Raises nothing, because the rows are counted."""
        rows = self.counter.rows()
        if rows - self._tried >= self._durable_rows:
            self.keep()
        elif self._since is None:
            self._since = self._clock()
            self._wake()
        if rows - self._ledger.sealed.rows >= self.steering.batch_limit:
            self._wake()
        self._set_budget()

    def _set_budget(self) -> None:
        """Look again when rows have to be kept, or once a batch is full; at the next row if all are kept."""
        if self._since is not None:
            rows = self.counter.rows()
            budget = self._durable_rows - (rows - self._tried)
            until_full = self.steering.batch_limit - (rows - self._ledger.sealed.rows)
            self.counter.set_budget(min(budget, until_full) if until_full > 0 else budget)
        if self._since is None:  # or another thread has kept them meanwhile
            self.counter.set_budget(1)

    def unsent(self) -> int:
        """Rows that the server has not confirmed, with those of earlier runs that were taken over."""
        ledger = self._ledger
        refused = sum(batch.rows for batch in ledger.refused)
        return self.counter.rows() - ledger.sealed.rows + ledger.waiting + refused

    # Keeping

    def time_to_keep(self) -> float | None:
        """Seconds until counted rows are to be kept, None while there are none."""
        since = self._since
        return None if since is None else max(0.0, since + self._durable_seconds - self._clock())

    def keep(self) -> bool:
        """Put everything that was counted on disk. Whether that succeeded; a failure is logged."""
        with self._keeping:
            kept = self._keep(self.counter.totals())
        if self.counter.rows() == self._tried:
            # From here on the next row wakes whoever keeps; one between the two looks is seen by the second.
            self._since = None
            self._set_budget()
        if self.counter.rows() != self._tried:
            self._since = self._clock()
        self._wake()
        return kept

    def _keep(self, totals: Totals) -> bool:
        batch = self._ledger.open(totals)
        self._tried = totals.rows
        if batch is None or self._kept == totals.rows:
            self._kept = totals.rows
            return True
        try:
            self._store.save(batch)
        except OSError as error:
            logger.warning(
                "%d rows of usage cannot be kept in %s (%s): a kill now would lose them",
                batch.rows,
                self._store.folder,
                error.strerror or error,
            )
            return False
        self._kept = totals.rows
        return True

    def _keep_all(self) -> bool:
        """Keep the open batch, and sealed ones that could not be kept when they were sealed."""
        kept = self._keep(self.counter.totals())
        for batch in self._ledger.pending:
            if not self._store.has(batch):
                try:
                    self._store.save(batch)
                except OSError:
                    kept = False  # _keep() has logged what is wrong with the disk
        return kept

    def take_over(self) -> None:
        """Take what earlier runs of this account owed; it is sent before anything else."""
        with self._keeping:
            claimed = self._store.claim()
            if claimed:
                self._ledger = self._ledger.with_claimed(claimed)
        if claimed:
            logger.info("%d rows of usage of earlier runs are sent now", sum(batch.rows for batch in claimed))

    # Sending

    def time_to_send(self) -> float | None:
        """Seconds until something is to be sent, None while there is nothing."""
        now = self._clock()
        ledger = self._ledger
        if ledger.pending and self._attempt is None:
            wait: float | None = 0.0  # what an earlier run left
        else:
            wait = self.steering.wait(
                self.counter.rows() - ledger.sealed.rows + ledger.waiting,
                since_start=now - self._start,
                since_attempt=None if self._attempt is None else now - self._attempt,
            )
        return None if wait is None else max(0.0, wait, self._not_before - now)

    def flush(self, *, seconds: float, only_if_due: bool = False) -> None:
        """Send what there is: first batches that wait, then all rows counted before this moment.

        Args:
            seconds: In all; at least one attempt, unless the server asked for a longer pause.
            only_if_due: Look again once no other thread sends: it may have sent what was due.

        Raises:
            UsageNotSentError: Something is left, with the reason as its cause. The rows are not lost.
        """
        deadline = self._clock() + seconds
        if not self._sending.acquire(timeout=seconds):
            reason = UsageUnavailableError("another thread is still waiting for the licensing server")
            raise self._not_sent(reason) from reason
        try:
            if only_if_due and self.time_to_send() != 0:
                return
            failure = self._send_all(deadline)
        finally:
            self._sending.release()
        if failure is not None:
            raise self._not_sent(failure) from failure

    def _send_all(self, deadline: float) -> UsageError | None:
        refusal: UsageError | None = None
        has_sealed = False
        while True:
            if not self._ledger.pending:
                if has_sealed or not self._seal():
                    return refusal
                has_sealed = True
            batch = self._ledger.pending[0]
            try:
                answer = self._send(batch, deadline)
            except UsageRejectedError as error:
                if error.status not in _REFUSED_FOR_GOOD or not self._refuse(batch, error):
                    return error
                refusal = error
            except (UsageServerError, CredentialsError) as error:
                return error
            else:
                self._confirm(batch, answer)

    def _send(self, batch: Batch, deadline: float) -> Answer:
        wait = self._not_before - self._clock()
        if wait > 0:
            if self._clock() + wait > deadline:
                raise UsageUnavailableError(
                    f"the licensing server asked to be left alone for another {wait:.0f} seconds",
                    retry_after=wait,
                )
            self._pause(wait)
        try:
            return self._api.increase(self._team, batch, seconds=max(1.0, deadline - self._clock()))
        except UsageServerError as error:
            if error.retry_after is not None:
                self._not_before = self._clock() + error.retry_after
            raise
        finally:
            self._attempt = self._clock()

    def _seal(self) -> bool:
        """Make the open batch final, and open the next. Whether there was anything in it."""
        with self._keeping:
            totals = self.counter.totals()
            batch = self._ledger.open(totals)
            if batch is None:
                return False
            self._keep(totals)  # if it cannot be kept, sending it is the best that is left
            self._ledger = self._ledger.with_sealed(batch, totals, self._new_id())
        self._set_budget()
        return True

    def _confirm(self, batch: Batch, answer: Answer) -> None:
        with self._keeping:
            # First the ledger: this process does not send it again, whatever happens to the file.
            self._ledger = self._ledger.with_confirmed(batch)
            try:
                self._store.remove(batch)
            except OSError as error:
                logger.warning("confirmed usage cannot be removed from disk (%s)", error.strerror or error)
        self.steering = self.steering.told(answer.headers)
        self._set_budget()

    def _refuse(self, batch: Batch, error: UsageRejectedError) -> bool:
        """Set a batch aside that the server will never take. Whether it is safe there."""
        with self._keeping:
            path = self._store.set_aside(batch)
            if path is None:
                return False
            self._ledger = self._ledger.with_refused(batch)
        self._refusal = error
        logger.error("%d rows of usage are set aside as %s: %s", batch.rows, path, error)
        return True

    def _not_sent(self, reason: UsageError) -> UsageNotSentError:
        rows = self.unsent()
        with self._keeping:
            kept = self._keep_all()
            ledger = self._ledger
        then = f"they are kept in {self._store.folder}, and the next run sends them"
        if ledger.refused:
            then = f"those it refuses are set aside in {self._store.folder}; the next run sends the others"
        if not kept:
            then = f"they could not be kept in {self._store.folder} and are lost if this process ends now"
        return UsageNotSentError(
            f"{rows} rows of usage of {self._ledger.meta} could not be reported: {reason}; {then}",
            rows=rows,
            kept=kept,
            status=getattr(reason, "status", None),
        )

    # Ending

    def close(self) -> None:
        """Count no more, and keep everything."""
        self.counter.close()
        with self._keeping:
            self._keep_all()
            self._since = None

    def check_refused(self) -> None:
        """Raise what a request in the background had to keep to itself.

        Raises:
            UsageNotSentError: The server refused something for good.
        """
        if self._refusal is not None:
            raise self._not_sent(self._refusal) from self._refusal

    def forget(self) -> None:
        """In a forked child: drop all rows and locks, which are the parent's. No lock is taken."""
        self._store.forget()

    def let_go(self) -> None:
        """Leave the batches on disk to the next run."""
        with self._keeping:
            self._store.close()
