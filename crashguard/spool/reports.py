"""Reading reports from the spool, for the command and the uploader."""

import os
from typing import Any, NamedTuple

from crashguard import files, paths
from crashguard.exceptions import SpoolError
from crashguard.report import envelope
from crashguard.spool import store
from crashguard.spool.store import Spool


class StoredReport(NamedTuple):
    """One report on disk.

    Attributes:
        app: The app whose spool holds it.
        state: `waiting`, `local`, `sent` or `rejected`.
        name: Its file name.
        path: Its file.
        data: The envelope: the exact bytes that leave (or would leave) the machine.
        header: The envelope's header.
        event: The event in it.
    """

    app: str
    state: str
    name: str
    path: str
    data: bytes
    header: dict[str, Any]
    event: dict[str, Any]

    @property
    def event_id(self) -> str:
        """The event's id; people use its first eight digits."""
        return str(self.event["event_id"])

    @property
    def seconds(self) -> float:
        """When it was recorded, in seconds since 1970."""
        parsed = store.parse_name(self.name)
        return parsed[0] / 1000 if parsed else 0.0

    @property
    def dsn(self) -> str | None:
        """Its destination."""
        dsn = self.header.get("dsn")
        return dsn if isinstance(dsn, str) else None

    @property
    def kept_because(self) -> str | None:
        """The reason of `crashguard.policy` why it stays on the machine; None where it may leave."""
        reason = self.event.get("contexts", {}).get("crashguard", {}).get("kept_because")
        return reason if isinstance(reason, str) else None

    @property
    def title(self) -> str:
        """Type and first line of the exception that was raised."""
        values = self.event.get("exception", {}).get("values") or [{}]
        lines = str(values[-1].get("value", "")).splitlines() or [""]
        return f"{values[-1].get('type', '?')}: {lines[0]}".removesuffix(": ")


def apps() -> list[str]:
    """The apps that have a spool on this machine."""
    try:
        return sorted(e.name for e in os.scandir(paths.state_dir()) if e.is_dir(follow_symlinks=False))
    except OSError:
        return []


def read(spool: Spool, state: str, name: str) -> StoredReport | None:
    """One report; None where it is gone. A file that is not a report is set aside."""
    path = os.path.join(spool.folder(state), name)
    try:
        data = files.read(path, store.MOST_BYTES)
    except OSError:
        return None
    try:
        header, event = envelope.unseal(data)
        if not _has_shape(event):
            raise ValueError("the event does not have the fields of a report")
    except (ValueError, RecursionError) as error:
        spool.set_aside(path, str(error))
        return None
    return StoredReport(os.path.basename(spool.root), state, name, path, data, header, event)


def _has_shape(event: dict[str, Any]) -> bool:
    """Whether the fields that readers use have the right types. Other fields are only passed on."""
    exception, contexts = event.get("exception", {}), event.get("contexts", {})
    if not isinstance(exception, dict) or not isinstance(contexts, dict):
        return False
    values = exception.get("values") or []
    return (
        isinstance(values, list)
        and all(isinstance(value, dict) for value in values)
        and isinstance(contexts.get("crashguard", {}), dict)
    )


def reports(spool: Spool, *states: str) -> list[StoredReport]:
    """The reports in some states, by default in all but `recording` and `broken`; oldest first."""
    states = states or (paths.WAITING, paths.LOCAL, paths.SENT, paths.REJECTED)
    found = [read(spool, state, name) for state in states for name in spool.names(state)]
    return sorted((report for report in found if report is not None), key=lambda report: report.name)


def find(event_id: str, *app_names: str) -> StoredReport:
    """The report whose id begins with `event_id`, in any app's spool or in those named.

    Raises:
        SpoolError: No report's id begins so, or several do.
    """
    given = event_id.lower()
    if not given:
        raise SpoolError("give at least one digit of an id; `crashguard list` shows the ids")
    found = [
        report
        for app in app_names or apps()
        for report in reports(Spool(paths.spool_dir(app)))
        if report.event_id.startswith(given)
    ]
    if len(found) == 1:
        return found[0]
    if not found:
        raise SpoolError(f"no report's id begins with {event_id!r}; `crashguard list` shows the ids")
    ids = ", ".join(report.event_id[:12] for report in found[:5])
    raise SpoolError(f"the ids of {len(found)} reports begin with {event_id!r}; give more digits: {ids}")
