"""Records of stats in `list`, `show`, `status`, `send` and `purge`."""

import json
from typing import Any

from crashguard.cli import apps, ids, output
from crashguard.cli.terminal import Console
from crashguard.paths import WAITING
from crashguard.spool.stats_store import STATES, Records
from crashguard.spool.stats_store import of_app as folders
from crashguard.stats import StoredRecord, counts, stored
from crashguard.stats.config import host_of
from crashguard.telemetry_level import TelemetryLevel
from crashguard.transport.http import REJECTED, RETRY, SENT, Outcome
from crashguard.transport.upload_stats import upload

__all__ = [
    "counts",
    "draw",
    "find",
    "folder_of",
    "folders",
    "of_apps",
    "send",
    "status_rows",
    "summary",
    "table",
]

_SAID = {SENT: "sent to", REJECTED: "refused by", RETRY: "not sent to"}


def of_apps(app: str | None) -> list[StoredRecord]:
    """The records of one app, or of all, newest first."""
    found = [record for name in apps.chosen(app) for record in stored(name)]
    return sorted(found, key=lambda record: record.seconds, reverse=True)


def find(message_id: str, app: str | None) -> StoredRecord | None:
    """The record whose id begins with `message_id`; None for no record or several."""
    given = message_id.lower()
    found = [record for record in of_apps(app) if record.message_id.startswith(given)]
    return found[0] if given and len(found) == 1 else None


def folder_of(record: StoredRecord) -> Records:
    """The folder that a record lies in."""
    return Records(apps.spool_of(record.app).root, record.kind)


def table(out: Console, records: list[StoredRecord]) -> None:
    """Print one line for each record."""
    shown = ids.shown(out, (record.message_id for record in records))
    rows = [
        (
            known,
            output.when_short(record.seconds),
            output.first_line(record.app),
            record.state,
            record.kind,
            output.first_line(record.title),
        )
        for known, record in zip(shown, records, strict=True)
    ]
    output.table(out, ("ID", "WHEN", "APP", "STATE", "KIND", "STATS"), rows, ("KIND", "APP", "WHEN"))


def summary(record: StoredRecord) -> dict[str, object]:
    """One record as JSON values."""
    return {
        "kind": record.kind,
        "id": record.message_id,
        "app": record.app,
        "state": record.state,
        "seconds": record.seconds,
        "title": record.title,
        "path": record.path,
    }


def draw(out: Console, record: StoredRecord) -> None:
    """Print a record: its properties, state and destination."""
    output.line(out, output.first_line(record.title), style="bold")
    out.print()
    rows = [
        ("record", output.first_line(record.message_id)),
        ("when", output.when(record.seconds)),
        ("kind", f"{record.kind}: {_MEANING[record.kind]}"),
        ("state", record.state),
        *((output.first_line(name), _said(value)) for name, value in record.properties.items()),
        ("file", output.short_path(record.path)),
    ]
    output.pairs(out, rows, indent=0)
    out.print()
    to = host_of(record.destination[0]) if record.destination else None
    fate = {
        WAITING: f"It waits to be sent to {output.plain(to or '?')}. What would leave",
        SENT: f"It was sent to {output.plain(to or '?')}. What left",
        REJECTED: f"The server at {output.plain(to or '?')} refused it. What was sent",
    }.get(record.state, "It stays on this machine. What is in its file")
    output.line(out, f"{fate} ({len(record.data):,} bytes):")
    output.whole(out, f"  {output.command()} show {record.message_id[:8]} --json")


_MEANING = {"anonymous": "it does not identify a person", "identified": "it names the user or team"}


def _said(value: Any) -> str:
    return output.plain(value if isinstance(value, str) else json.dumps(value))


def figures(app: str) -> dict[str, dict[str, int]]:
    """For each state, how many records of each kind of stats an app has on this machine."""
    return {state: {kind: found[state] for kind, found in counts(app).items()} for state in STATES}


def status_rows(app: str) -> list[tuple[str, str]]:
    """The rows of `status` about an app's stats; no rows without stats."""
    lines = [
        f"{sum(kinds.values())} {state} ({', '.join(f'{n} {kind}' for kind, n in kinds.items() if n)})"
        for state, kinds in figures(app).items()
        if any(kinds.values())
    ]
    if not lines:
        return []
    hosts = {host_of(each.destination[0]) for each in stored(app, states=(WAITING,)) if each.destination}
    rows = [("stats", ", ".join(lines))]
    rows += [("stats go to", output.plain(host)) for host in sorted(hosts)]
    return rows


def send(out: Console, app: str | None) -> bool:
    """Send the stats that wait, with a line for each request; whether all were sent."""
    well = True
    for name in apps.chosen(app):
        if not any(kind[WAITING] for kind in counts(name).values()):
            continue
        level = apps.level_of(name)

        def ask(name: str = name) -> TelemetryLevel:
            return apps.level_of(name)

        def on_result(batch: list[StoredRecord], outcome: Outcome) -> None:
            to = output.plain(host_of(batch[0].destination[0]) if batch[0].destination else "?")
            what = output.count(len(batch), f"{batch[0].kind} record")
            output.line(out, f"stats     {what} {_SAID[outcome.kind]} {to}: {output.plain(outcome.reason)}")

        done = upload(
            apps.spool_of(name).root,
            level,
            ask=ask,
            ignore_backoff=True,
            on_result=on_result,
        )
        if done.withheld:
            why = f"telemetry level {level.value} ({level.source})"
            output.line(out, f"stats     {output.count(done.withheld, 'record')} deleted and not sent: {why}")
        well &= not (done.rejected or done.left or done.withheld or done.busy)
    return well
