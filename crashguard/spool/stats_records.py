"""Reading stats back: what people are shown and the uploader works through."""

import json
import os
from typing import Any

import attrs

from crashguard import files, paths
from crashguard.spool import stats_store
from crashguard.spool.stats_store import Records

_MOST_FILE = 2 * 1024 * 1024  # far more than a record; what is larger was written by somebody else


@attrs.frozen
class StoredRecord:
    """One record on disk.

    Attributes:
        app: Whose spool it is in.
        kind: `anonymous` or `identified`.
        state: Which folder: `waiting`, `sent`, `rejected`.
        name: Its file name.
        path: Its file.
        header: The destination, the telemetry level it was recorded under.
        data: The message, byte for byte as it leaves (or would leave) the machine.
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
        """What the record says."""
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
        """When it was written, in seconds since 1970; finer than the message says."""
        return (Records.parse(self.name) or (0, "", ""))[0] / 1000

    @property
    def destination(self) -> tuple[str, str] | None:
        """(data plane, write key) it goes to, or None."""
        url, key = self.header.get("url"), self.header.get("write_key")
        return (url, key) if isinstance(url, str) and isinstance(key, str) and url and key else None

    @property
    def title(self) -> str:
        """A line for people: `command_completed demo sync success`."""
        said = self.properties
        parts = (said.get("command"), said.get("source_path"), said.get("status"), said.get("exit_reason"))
        return " ".join([self.event, *(part for part in parts if isinstance(part, str) and part)])


def read(records: Records, state: str, name: str) -> StoredRecord | None:
    """One record; None where the file is gone, or is none and was set aside."""
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
    """The records of an app, oldest first; broken files are set aside.

    Args:
        app: The tool's name.
        states: Which folders.
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
    """How many files there are by kind and state: `{"anonymous": {"waiting": 2, ...}, ...}`."""
    return {
        records.kind: {state: len(records.names(state)) for state in stats_store.STATES}
        for records in stats_store.of_app(paths.spool_dir(app))
    }


def purge(app: str, *, states: tuple[str, ...] = stats_store.STATES) -> int:
    """Delete the records of an app, whatever their state; how many files that were.

    Args:
        app: The tool's name.
        states: Which folders.
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
    """A message that is about somebody has no place among those that are about nobody."""
    if not isinstance(message, dict):
        raise ValueError("no message")
    for name in ("type", "event", "messageId", "anonymousId", "timestamp"):
        if not isinstance(message.get(name), str):
            raise ValueError(f"no {name}")
    if kind == stats_store.ANONYMOUS and message.get("userId") is not None:
        raise ValueError("a user in an anonymous record")
