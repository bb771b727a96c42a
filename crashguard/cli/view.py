"""The text form of a report: the exceptions, the circumstances, and what happens to the report.

It reads the event as foreign data: any field may be missing or have another type.
"""

from collections.abc import Mapping
from typing import Any

from crashguard import config, paths, policy
from crashguard.cli import output
from crashguard.cli.terminal import Console, Text
from crashguard.report import comment, readable
from crashguard.report.readable import at, mapping, sequence, traceback
from crashguard.spool import journal
from crashguard.spool.reports import StoredReport

Entry = tuple[int, str, str, str]  # of the journal

# What the bytes of a report are, by its state.
_BYTES = {paths.SENT: "What left", paths.REJECTED: "What was sent", paths.WAITING: "What would leave"}
_HERE = "What is in its file"

_PLUGIN = ("plugin.team", "plugin.kind", "plugin.name", "plugin.version")


def title(report: StoredReport) -> str:
    """Type and message of a report in one line."""
    return readable.title(report.event)


def draw(out: Console, report: StoredReport, history: list[Entry]) -> None:
    """Print a report.

    Args:
        out: The console.
        report: The report.
        history: The journal's entries about it, oldest first.
    """
    output.line(out, title(report), style="bold red")
    out.print()
    output.pairs(out, facts(report), indent=0)
    out.print()
    for line, style in traceback(sequence(at(report.event, "exception", "values"))):
        output.whole(out, Text(line, style=style))
    out.print()
    output.pairs(out, contexts(report.event), indent=0)
    out.print()
    what = _BYTES.get(report.state, _HERE)
    output.line(out, f"{fate(report, history)} {what} ({len(report.data):,} bytes):")
    output.whole(out, f"  {output.command()} show {report.event_id[:8]} --json")
    for when, outcome, _, _ in history:
        if outcome == journal.COMMENTED:
            output.line(out, f"A comment of yours followed it, {output.when(when)}.")


def occurrences(report: StoredReport) -> int:
    """How often the crash happened: in its process, and in others while the report waited."""
    number = at(report.event, "contexts", "crashguard", "occurrences")
    return number if isinstance(number, int) else 1


def release(report: StoredReport) -> str:
    """`app@version`."""
    return output.first_line(report.event.get("release", f"{report.app}@?"))


def why_kept(report: StoredReport) -> str:
    """The sentence for the reason, stored in the report, why it is never sent."""
    tags = mapping(report.event.get("tags"))
    plugin = f"{tags.get('plugin.team', '?')}/{tags['plugin.name']}" if "plugin.name" in tags else ""
    return output.plain(policy.explain(report.kept_because or "it does not say why", plugin))


def fate(report: StoredReport, history: list[Entry]) -> str:
    """A sentence about what happened to the report, or will, and why."""
    to = output.plain(config.without_key(report.dsn)) if report.dsn else ""
    history = [entry for entry in history if entry[1] != journal.COMMENTED]
    when, outcome, _, reason = history[-1] if history else (0, "", "", "")
    said = f", {output.when(when)}: {output.plain(reason)}"
    if report.state == paths.SENT:
        return f"It was sent to {to}{said if outcome == 'sent' else ''}."
    if report.state == paths.REJECTED:
        return f"The server at {to} refused it{said if outcome == 'rejected' else ''}."
    if report.state == paths.WAITING and to:
        failed = f"; the last attempt failed{said}" if outcome == "retry" else ""
        return f"It waits to be sent to {to}{failed}."
    why = why_kept(report) if report.state == paths.LOCAL else "no destination was known when it crashed"
    return f"It stays on this machine: {why}."


def facts(report: StoredReport) -> list[tuple[str, str]]:
    """What is known of the crash beside its exceptions and the system, as names and values."""
    event = report.event
    tags = mapping(event.get("tags"))
    own = mapping(at(event, "contexts", "crashguard"))
    rows = [
        ("report", output.first_line(report.event_id)),
        ("when", output.when(report.seconds)),
        ("release", release(report)),
    ]
    if "plugin.name" in tags:
        rows.append(("plugin", _plugin(tags)))
    rows += [
        (output.first_line(name), output.plain(value))
        for name, value in tags.items()
        if name not in (*_PLUGIN, "component")
    ]
    if isinstance(event.get("environment"), str):
        rows.append(("environment", output.plain(event["environment"])))
    rows.append(("state", report.state))
    if "telemetry_level" in own:
        source = own.get("telemetry_level_source")
        rows.append(("recorded", output.plain(f"under telemetry level {own['telemetry_level']} ({source})")))
    if "[shape:" in repr(event.get("exception")):
        rows.append(
            (
                "shapes",
                "[shape:Aaaa 99] stands for data: A for a capital, a for a small letter, 9 for a digit",
            )
        )
    if occurrences(report) > 1:
        rows.append(("happened", f"{occurrences(report)} times"))
    if own.get("complete") is False:
        rows.append(("complete", "no: the process died before its full report was written"))
    rows.append(("comment", output.plain(comment.of(event))))
    rows.append(("bug", output.plain(" > ".join(str(part) for part in sequence(event.get("fingerprint"))))))
    rows.append(("file", output.short_path(report.path)))
    return [row for row in rows if row[1]]


def _plugin(tags: Mapping[str, Any]) -> str:
    team, kind, name, version = (output.first_line(tags.get(field, "?")) for field in _PLUGIN)
    return f"{team}/{kind}/{name}@{version}"


def contexts(event: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The system and the process, as names and values."""
    rows = []
    for name, context in mapping(event.get("contexts")).items():
        if name == "crashguard":
            continue
        given = {key: value for key, value in mapping(context).items() if key != "type"}
        head = " ".join(str(given.pop(key)) for key in ("name", "version") if key in given)
        figures = [head] if head else []
        figures += [
            f"{key.removesuffix('_seconds').replace('_', ' ')} {_figure(key, value)}"
            for key, value in given.items()
        ]
        rows.append((output.first_line(name), output.plain(", ".join(figures))))
    modules = mapping(event.get("modules"))
    if modules:
        rows.append(("modules", output.plain(", ".join(f"{name} {modules[name]}" for name in modules))))
    return rows


def _figure(key: str, value: object) -> str:
    if "memory" in key and isinstance(value, int):
        return f"{value / 2**30:.1f} GiB" if value >= 2**30 else f"{value / 2**20:.1f} MiB"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " ".join(map(str, value))
    return f"{value} s" if key.endswith("_seconds") else str(value)
