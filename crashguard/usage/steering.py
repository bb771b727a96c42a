"""When to send: the batch limit and the intervals, which the server steers with each success.

Rows are sent once there are `batch_limit` of them, but not more often than every `minimum_interval`; and
whatever there is after `maximum_interval`. Source of names and defaults: the API's own Go client.
"""

import logging
from collections.abc import Mapping
from typing import Any

import attrs

from crashguard.usage.errors import UsageConfigurationError

logger = logging.getLogger("crashguard.usage")

BATCH_LIMIT = "x-cq-batch-limit"  # rows
MINIMUM_INTERVAL = "x-cq-minimum-update-interval"  # seconds
MAXIMUM_INTERVAL = "x-cq-maximum-update-interval"  # seconds
QUERY_INTERVAL = "x-cq-query-interval"  # seconds between two checks of the quota

_MOST = 2**31 - 1  # the Go client reads 32 bits; a larger figure is a mistake, not a wish


def _is_positive(_: object, attribute: "attrs.Attribute[Any]", value: float) -> None:
    if not value > 0:
        raise UsageConfigurationError(f"{attribute.name}={value!r}: give a figure above zero")


@attrs.frozen
class Steering:
    """How much is sent how often.

    Attributes:
        batch_limit: Rows that are worth a request.
        minimum_interval: Seconds between two requests, however many rows there are.
        maximum_interval: Seconds after which fewer rows are sent too.
    """

    batch_limit: int = attrs.field(default=1000, validator=_is_positive)
    minimum_interval: float = attrs.field(default=10.0, validator=_is_positive)
    maximum_interval: float = attrs.field(default=30.0, validator=_is_positive)

    def told(self, headers: Mapping[str, str]) -> "Steering":
        """What holds after an answer with these headers; what makes no sense changes nothing, with a warning.

        Args:
            headers: By lower-case name.
        """
        limit = positive(headers, BATCH_LIMIT)
        least = positive(headers, MINIMUM_INTERVAL)
        most = positive(headers, MAXIMUM_INTERVAL)
        return Steering(
            self.batch_limit if limit is None else limit,
            self.minimum_interval if least is None else float(least),
            self.maximum_interval if most is None else float(most),
        )

    def wait(self, rows: int, *, since_start: float, since_attempt: float | None) -> float | None:
        """Seconds until that many rows are due; 0.0 if they are, None if there is nothing to send.

        Args:
            rows: Rows that are not sent yet.
            since_start: Seconds since the client was made.
            since_attempt: Seconds since the last request, None if there was none: a full batch goes at once.
        """
        if rows <= 0:
            return None
        full = 0.0 if since_attempt is None else self.minimum_interval - since_attempt
        if rows >= self.batch_limit:
            return max(0.0, full)
        return max(
            0.0, full, self.maximum_interval - (since_start if since_attempt is None else since_attempt)
        )


def positive(headers: Mapping[str, str], name: str) -> int | None:
    """The whole number above zero that a header holds; None, with a warning, if it holds anything else."""
    text = headers.get(name)
    if text is None or text == "":
        return None
    if text.isascii() and text.isdigit() and len(text) <= 10 and 0 < int(text) <= _MOST:
        return int(text)
    logger.warning(
        "the licensing server sent %s: %.40r, which is not a number above zero: ignored", name, text
    )
    return None
