"""Reading records of stats from the spool, for the command and the uploader."""

import json
import os
from typing import Any, NamedTuple

from crashguard import files, paths
from crashguard.spool import stats_store
from crashguard.spool.stats_store import Records

_MOST_FILE = 2 * 1024 * 1024  # far more than a record; a larger file is foreign


class StoredRecord(NamedTuple):
    """One record on disk.

    Attributes:
        app: The app whose spool holds it.
        kind: `anonymous` or `identified`.
        state: `waiting`, `sent` or `rejected`.
        name: Its file name.
        path: Its file.
        header: The destination, and the telemetry level at recording.
        data: The message: the exact bytes that leave (or would leave) the machine.
        message: The message.
    """

    app: str
    kind: str
    state: str
    name: str
    path: str
    header: dict[str, Any]
    data: bytes
    message: dict[str, Any]

    @property
    def message_id(self) -> str:
        """The message's id; people use its first eight digits."""
        return str(self.message["messageId"])

    @property
    def event(self) -> str:
        """The event's name."""
        return str(self.message["event"])

    @property
    def properties(self) -> dict[str, Any]:
        """The properties of the record's event."""
        properties = self.message.get("properties")
        return properties if isinstance(properties, dict) else {}

    @property
    def version(self) -> str:
        """The version of the tool that made it."""
        try:
            return str(self.message["context"]["app"]["version"])
        except (KeyError, TypeError):
            return ""

    @property
    def seconds(self) -> float:
        """When it was written, in seconds since 1970; more exact than the message's timestamp."""
        return (Records.parse(self.name) or (0, "", ""))[0] / 1000

    @property
    def destination(self) -> tuple[str, str] | None:
        """Its destination as (data plane, write key), or None. A service of gRPC has no key."""
        url, key = self.header.get("url"), self.header.get("write_key")
        if not isinstance(url, str) or not isinstance(key, str) or not url:
            return None
        return (url, key) if key or is_grpc(url) else None

    @property
    def title(self) -> str:
        """A line for people: `command_completed demo sync success`."""
        said = self.properties
        parts = (said.get("command"), said.get("source_path"), said.get("status"), said.get("exit_reason"))
        return " ".join([self.event, *(part for part in parts if isinstance(part, str) and part)])


def is_grpc(url: str) -> bool:
    """Whether an address is one of gRPC, to which sync summaries go."""
    return url.startswith(("grpc://", "grpcs://"))


def read(records: Records, state: str, name: str) -> StoredRecord | None:
    """One record; None where it is gone. A file that is not a record is set aside."""
    path = os.path.join(records.folder(state), name)
    try:
        content = files.read(path, _MOST_FILE + 1)
    except OSError:
        return None
    try:
        header, data = _parsed(content)
        message = json.loads(data)
        _check(message, records.kind)
    except (ValueError, RecursionError) as error:
        records.set_aside(path, str(error) or type(error).__name__)
        return None
    app = os.path.basename(os.path.dirname(records.root))
    return StoredRecord(app, records.kind, state, name, path, header, data, message)


def stored(app: str, *, states: tuple[str, ...] = stats_store.STATES) -> list[StoredRecord]:
    """The records of an app, oldest first. A file that is not a record is set aside.

    Args:
        app: The tool's name.
        states: The states to look in.
    """
    found = [
        read(records, state, name)
        for records in stats_store.of_app(paths.spool_dir(app))
        for state in states
        if state != paths.BROKEN
        for name in records.names(state)
    ]
    return sorted((record for record in found if record is not None), key=lambda record: record.name)


def counts(app: str) -> dict[str, dict[str, int]]:
    """The number of files by kind and state: `{"anonymous": {"waiting": 2, ...}, ...}`."""
    return {
        records.kind: {state: len(records.names(state)) for state in stats_store.STATES}
        for records in stats_store.of_app(paths.spool_dir(app))
    }


def purge(app: str, *, states: tuple[str, ...] = stats_store.STATES) -> int:
    """Delete the records of an app; how many files were deleted.

    Args:
        app: The tool's name.
        states: The states to delete from.
    """
    return sum(
        records.delete(state, "by the user")
        for records in stats_store.of_app(paths.spool_dir(app))
        for state in states
    )


def _parsed(content: bytes) -> tuple[dict[str, Any], bytes]:
    if len(content) > _MOST_FILE:
        raise ValueError("larger than any record")
    head, newline, rest = content.partition(b"\n")
    data = rest.removesuffix(b"\n")
    if not newline or not data or b"\n" in data:
        raise ValueError("not two lines")
    header = json.loads(head)
    if not isinstance(header, dict):
        raise ValueError("no header")
    return header, data


def _check(message: Any, kind: str) -> None:
    """Check the shape of a message, and that an anonymous one names no user."""
    if not isinstance(message, dict):
        raise ValueError("no message")
    for name in ("type", "event", "messageId", "anonymousId", "timestamp"):
        if not isinstance(message.get(name), str):
            raise ValueError(f"no {name}")
    if kind == stats_store.ANONYMOUS and message.get("userId") is not None:
        raise ValueError("a user in an anonymous record")
