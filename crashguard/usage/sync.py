"""Metering a sync of CloudQuery's Python SDK: its messages go through, and their rows are counted.

Only attributes of the messages are read, so nothing of the SDK is imported here.
"""

from collections.abc import Generator, Iterable, Iterator
from typing import Any, TypeVar

from crashguard.usage.client import UsageClient
from crashguard.usage.errors import UsageError
from crashguard.usage.quota import QuotaWatch

_Message = TypeVar("_Message")
_TABLE = b"cq:table_name"  # in an Arrow schema's metadata, as the SDK writes it (cloudquery.sdk.schema.arrow)


def metered(
    messages: Iterable[_Message], usage: UsageClient, *, static_tables: bool = True
) -> Iterator[_Message]:
    """Count the rows of a sync, and end the sync when the quota does.

        with UsageClient(PLUGIN) as usage:
            yield from metered(self._scheduler.sync(client, resolvers), usage)

    A row counts once its message was taken. The quota is checked before the first message, and while the sync
    runs; the sync ends at the next message after the quota did.

    Args:
        messages: What `Scheduler.sync()` gives.
        usage: The client, which counts and reports.
        static_tables: Whether the plugin defines its tables' names, so that they may be reported. False for
            tables that come from the user's data: then only the sum of all rows is.

    Raises:
        NoQuotaError: No rows are left.
        QuotaCheckError: Whether rows are left is not known.
    """
    stream = iter(messages)
    with usage.watch_quota() as quota:
        for message in stream:
            _go_on(quota, stream)
            yield message
            record: Any = getattr(message, "record", None)
            if record is None or not record.num_rows:
                continue
            if static_tables:
                table = (record.schema.metadata or {}).get(_TABLE, b"")
                usage.increase_for_table(str(table, "utf-8", "replace"), record.num_rows)
            else:
                usage.increase(record.num_rows)


def _go_on(quota: QuotaWatch, stream: Iterator[Any]) -> None:
    """Raise why the sync has to end, in the stream as well: it would wait for its next turn for ever."""
    try:
        quota.raise_if_stopped()
    except UsageError as reason:
        if isinstance(stream, Generator):
            try:
                stream.throw(reason)
            except BaseException:  # noqa: BLE001, S110 (its end, which is this one)
                pass
        raise
