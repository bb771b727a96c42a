"""Records into requests: of one kind, to one destination, within the limits of Segment's batch endpoint.

Pure. Must not be known here: HTTP, files.
"""

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

# Segment: "500KB per batch and 32KB per event", 400 to more. Its own clients stop at 475 000 bytes and 100
# messages (their `batch` and `flush_at`).
MOST_BYTES = 475_000
MOST_MESSAGES = 100

_HEAD, _TAIL = b'{"batch":[', b"]"


class _Message(Protocol):
    @property
    def data(self) -> bytes: ...


M = TypeVar("M", bound=_Message)


def split(messages: Iterable[M]) -> Iterator[list[M]]:
    """The messages in their order, in lists that fit into a request each."""
    batch: list[M] = []
    size = 0
    for message in messages:
        cost = len(message.data) + 1
        if batch and (size + cost > MOST_BYTES or len(batch) >= MOST_MESSAGES):
            yield batch
            batch, size = [], 0
        batch.append(message)
        size += cost
    if batch:
        yield batch


def body(messages: Iterable[_Message], sent_at: str) -> bytes:
    """The request's body, with every message byte for byte as it lies on disk."""
    joined = b",".join(message.data for message in messages)
    return _HEAD + joined + _TAIL + f',"sentAt":"{sent_at}"}}'.encode("ascii")
