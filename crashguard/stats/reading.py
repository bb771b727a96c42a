"""Reading stats back: what people are shown and the uploader works through.

Must live here: the view of one stored record. Must not be known here: how it is printed or sent.
"""

import json
import os
from typing import Any

import attrs

from crashguard import files, paths
from crashguard.spool import journal
from crashguard.stats import store

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
        properties = self.message["properties"]
        return properties if isinstance(properties, dict) else {}

    @property
    def seconds(self) -> float:
        """When it was written, in seconds since 1970; finer than the message says."""
        return store.seconds_of(self.name) or 0.0

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


def stored(app: str, *, states: tuple[str, ...] = store.STATES) -> list[StoredRecord]:
    """The records of an app, oldest first; broken files are set aside.

    Args:
        app: The tool's name.
        states: Which folders.
    """
    spool = paths.spool_dir(app)
    found = [
        record
        for kind in store.KINDS
        for state in states
        if state != store.BROKEN
        for name in store.names(store.root_of(spool, kind), state)
        if (record := read(spool, kind, state, name)) is not None
    ]
    return sorted(found, key=lambda record: record.name)


def read(spool: str, kind: str, state: str, name: str) -> StoredRecord | None:
    """One record; None where the file is gone, or is none and was set aside."""
    root = store.root_of(spool, kind)
    path = os.path.join(root, state, name)
    try:
        with open(files.open_to_read(path), "rb") as file:
            content = file.read(_MOST_FILE + 1)
    except OSError:
        return None
    try:
        header, data = _parsed(content)
        message = json.loads(data)
        _check(message, kind)
    except (ValueError, RecursionError) as error:
        store.set_aside(root, state, name, str(error) or type(error).__name__)
        return None
    return StoredRecord(os.path.basename(spool), kind, state, name, path, header, data, message)


def counts(app: str) -> dict[str, dict[str, int]]:
    """How many files there are by kind and state: `{"anonymous": {"waiting": 2, ...}, ...}`."""
    spool = paths.spool_dir(app)
    return {
        kind: {state: len(store.names(store.root_of(spool, kind), state)) for state in store.STATES}
        for kind in store.KINDS
    }


def purge(app: str, *, states: tuple[str, ...] = store.STATES) -> int:
    """Delete the records of an app, whatever their state; how many files that were.

    Args:
        app: The tool's name.
        states: Which folders.
    """
    spool = paths.spool_dir(app)
    deleted = 0
    for kind in store.KINDS:
        root = store.root_of(spool, kind)
        gone = sum(
            files.remove(os.path.join(root, state, name))
            for state in states
            for name in store.names(root, state)
        )
        if gone:
            journal.note(root, "deleted", "-", f"{gone} by the user")
        deleted += gone
    return deleted


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
    if kind == store.ANONYMOUS and message.get("userId") is not None:
        raise ValueError("a user in an anonymous record")
