"""Stats on the wire: requests within the limits of Segment's HTTP tracking API.

A request is `POST {data plane}/v1/batch` with JSON, gzip, and Basic authorization with the write key as the
user. RudderStack and other servers accept the same. No cookies, no redirects.
"""

import base64
import gzip
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

from crashguard._version import __version__
from crashguard.transport import http
from crashguard.transport.http import RETRY, SECONDS, WITHDRAWN, Outcome
from crashguard.transport.limit import WithdrawnError

# Segment's limits: "500KB per batch and 32KB per event"; it answers 400 to more. Its own libraries stop at
# 475 000 bytes and 100 messages (their `batch` and `flush_at`).
_MOST_BYTES = 475_000
_MOST_MESSAGES = 100


class _Message(Protocol):
    @property
    def data(self) -> bytes: ...


M = TypeVar("M", bound=_Message)


def batches(messages: Iterable[M]) -> Iterator[list[M]]:
    """The messages in order, in lists that each fit into one request."""
    batch: list[M] = []
    size = 0
    for message in messages:
        cost = len(message.data) + 1
        if batch and (size + cost > _MOST_BYTES or len(batch) >= _MOST_MESSAGES):
            yield batch
            batch, size = [], 0
        batch.append(message)
        size += cost
    if batch:
        yield batch


def body(messages: Iterable[_Message], sent_at: str) -> bytes:
    """The request's body; every message has the same bytes as on disk."""
    joined = b",".join(message.data for message in messages)
    return b'{"batch":[' + joined + f'],"sentAt":"{sent_at}"}}'.encode("ascii")


def send(
    body: bytes,
    destination: tuple[str, str],
    *,
    seconds: float = SECONDS,
    still: Callable[[], bool] | None = None,
) -> Outcome:
    """Send one batch and return the outcome. Never raises.

    Args:
        body: The request's body, not compressed.
        destination: The data plane and the write key.
        seconds: Time limit for connecting and for each read.
        still: Whether it may still be sent, asked right before its first byte leaves (`http.request`).
    """
    url, key = destination
    headers = {
        "Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode("ascii"),
        "Content-Encoding": "gzip",
        "Content-Type": "application/json",
        "User-Agent": f"crashguard/{__version__}",
    }
    try:
        answer = http.request(
            "POST",
            f"{url}/v1/batch",
            headers=headers,
            body=gzip.compress(body, mtime=0),
            seconds=seconds,
            still=still,
        )
    except WithdrawnError:
        return Outcome(WITHDRAWN, "it may not be sent any more")
    except http.NoAnswerError as error:
        return Outcome(RETRY, f"network: {error}")
    return http.outcome(answer.status, answer.headers)
