"""Stopping a sync that has no quota: asked before it begins, and every half minute while it runs.

Fails closed where the API's own client does: without an answer to the first question a sync does not
begin, and ten failures in a row end it (five minutes at the default interval). Source: CloudQuery's
plugin-sdk, premium/monitor.go.
"""

import logging
from collections.abc import Callable
from types import TracebackType

from crashguard.usage.api import Quota
from crashguard.usage.errors import NoQuotaError, QuotaCheckError, UsageError
from crashguard.usage.loop import Loop

logger = logging.getLogger("crashguard.usage")

INTERVAL = 30.0  # seconds
FAILURES = 10  # in a row


class QuotaWatch:
    """Watches the quota until it is closed; a context manager.

    Args:
        ask: Asks the server what is left; raises UsageError.
        no_quota: What to say when nothing is.
        stop: Called once, in the watch's own thread, with the reason for which the sync has to stop.
        interval: Seconds between two checks, until the server says otherwise.
        failures: Failed checks in a row after which the sync has to stop.
        clock: Seconds that never run backwards.

    Raises:
        NoQuotaError: No rows are left, so the sync must not begin.
        QuotaCheckError: The quota is not known, so the sync must not begin.
    """

    def __init__(
        self,
        ask: Callable[[], Quota],
        no_quota: Callable[[], NoQuotaError],
        *,
        stop: Callable[[UsageError], object] | None = None,
        interval: float = INTERVAL,
        failures: int = FAILURES,
        clock: Callable[[], float],
    ) -> None:
        self._ask = ask
        self._no_quota = no_quota
        self._stop = stop
        self._interval = interval
        self._most_failures = failures
        self._failures = 0
        self._clock = clock
        self._reason: UsageError | None = None
        try:
            quota = ask()
        except UsageError as error:
            raise QuotaCheckError(
                f"the sync was not started: whether there is quota is unknown, {error}"
            ) from error
        if not quota.is_left:
            raise no_quota()
        self._pace(quota)
        self._last = clock()
        self._loop = Loop("crashguard-usage-quota", self.time_to_check, self.check)
        self._loop.start()

    def __enter__(self) -> "QuotaWatch":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
        if error is None:
            self.raise_if_stopped()

    @property
    def reason(self) -> UsageError | None:
        """Why the sync has to stop, None while it may go on."""
        return self._reason

    def raise_if_stopped(self) -> None:
        """For loops that ask, in place of a callback.

        Raises:
            NoQuotaError: Nothing is left.
            QuotaCheckError: Too many checks in a row failed.
        """
        if self._reason is not None:
            raise self._reason

    def close(self) -> None:
        """Stop watching. Does not wait for a check that runs."""
        self._loop.stop(timeout=0)

    def time_to_check(self) -> float | None:
        """Seconds until the next check, None when there is none any more."""
        if self._reason is not None:
            return None
        return max(0.0, self._last + self._interval - self._clock())

    def check(self) -> None:
        """Ask now, and stop the sync if it has to."""
        try:
            quota = self._ask()
        except UsageError as error:
            self._failures += 1
            logger.warning("check %d of the quota failed: %s", self._failures, error)
            if self._failures >= self._most_failures:
                reason = QuotaCheckError(
                    f"the sync was stopped: {self._failures} checks of the quota in a row failed, {error}"
                )
                reason.__cause__ = error
                self._end(reason)
            return
        finally:
            self._last = self._clock()
        self._failures = 0
        self._pace(quota)
        if not quota.is_left:
            self._end(self._no_quota())

    def _pace(self, quota: Quota) -> None:
        if quota.interval is not None:
            self._interval = quota.interval

    def _end(self, reason: UsageError) -> None:
        if self._reason is None:
            self._reason = reason
            self._loop.stop(timeout=0)
            if self._stop is not None:
                self._stop(reason)


def no_quota_error(plugin: str, team: str, billing: str | None) -> NoQuotaError:
    """What a user reads when nothing is left.

    Args:
        plugin: `team/kind/name`.
        team: The customer's.
        billing: Where the limit is raised, None where that is unknown.
    """
    where = f"at {billing}" if billing else "with its vendor"
    return NoQuotaError(
        f"Team {team} has reached its usage limit for {plugin}, so the sync was stopped. "
        f"Upgrade the plan or raise the limit {where}, then run the sync again."
    )
