"""The text form of a report: the exceptions, the circumstances, and what happens to the report.

It reads the event as foreign data: any field may be missing or have another type.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from crashguard import config, paths, policy
from crashguard.cli import output
from crashguard.cli.terminal import Console, Text
from crashguard.spool.reports import StoredReport

Entry = tuple[int, str, str, str]  # of the journal

_LINKS = {
    "__cause__": "The above exception was the direct cause of the following exception:",
    "__context__": "During handling of the above exception, another exception occurred:",
}
_DEEPEST = 20
_PLUGIN = ("plugin.team", "plugin.kind", "plugin.name", "plugin.version")


def title(report: StoredReport) -> str:
    """Type and message of a report in one line."""
    try:
        return output.first_line(report.title)
    except (AttributeError, IndexError, KeyError, TypeError):
        return "?"


def draw(out: Console, report: StoredReport, history: list[Entry]) -> None:
    """Print a report.

    Args:
        out: The console.
        report: The report.
        history: The journal's entries about it, oldest first.
    """
    out.print(Text(title(report), style="bold red"))
    out.print()
    output.pairs(out, _facts(report), indent=0)
    out.print()
    for line in exceptions(_list(_at(report.event, "exception", "values"))):
        out.print(line)
    out.print()
    output.pairs(out, _contexts(report.event), indent=0)
    out.print()
    for sentence in fate(report, history):
        out.print(Text(sentence))


def occurrences(report: StoredReport) -> int:
    """How often the crash happened: in its process, and in others while the report waited."""
    number = _at(report.event, "contexts", "crashguard", "occurrences")
    return number if isinstance(number, int) else 1


def release(report: StoredReport) -> str:
    """`app@version`."""
    return output.first_line(report.event.get("release", f"{report.app}@?"))


def why_kept(report: StoredReport) -> str:
    """The sentence for the reason, stored in the report, why it is never sent."""
    tags = _dict(report.event.get("tags"))
    plugin = f"{tags.get('plugin.team', '?')}/{tags['plugin.name']}" if "plugin.name" in tags else ""
    return output.plain(policy.explain(report.kept_because or "it does not say why", plugin))


def fate(report: StoredReport, history: list[Entry]) -> list[str]:
    """Sentences about what happened to the report, or will, and why."""
    to = output.plain(config.without_key(report.dsn)) if report.dsn else ""
    when, outcome, _, reason = history[-1] if history else (0, "", "", "")
    said = f"{output.when(when)}: {output.plain(reason)}"
    if report.state == paths.SENT:
        line = f"It was sent to {to}" + (f", {said}" if outcome == "sent" else "") + ". What left:"
    elif report.state == paths.REJECTED:
        line = (
            f"The server at {to} refused it"
            + (f", {said}" if outcome == "rejected" else "")
            + ". What was sent:"
        )
    elif report.state == paths.WAITING and to:
        line = f"It waits to be sent to {to}" + (
            f"; the last attempt failed, {said}" if outcome == "retry" else ""
        )
        line += ". What would leave:"
    else:
        why = why_kept(report) if report.state == paths.LOCAL else "no destination was known when it crashed"
        return [f"It stays on this machine: {why}.", _bytes("What is in its file:", report)]
    return [_bytes(line, report)]


def _bytes(line: str, report: StoredReport) -> str:
    return f"{line} {output.command()} show {report.event_id[:8]} --json ({len(report.data):,} bytes)"


def _facts(report: StoredReport) -> list[tuple[str, str]]:
    event = report.event
    tags = _dict(event.get("tags"))
    own = _dict(_at(event, "contexts", "crashguard"))
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
        rows.append(("shapes", "[shape:Aaaa 99] stands for data: A a capital, a a small letter, 9 a digit"))
    if occurrences(report) > 1:
        rows.append(("happened", f"{occurrences(report)} times"))
    if own.get("complete") is False:
        rows.append(("complete", "no: the process died before its full report was written"))
    rows.append(("bug", output.plain(" > ".join(str(part) for part in _list(event.get("fingerprint"))))))
    rows.append(("file", output.short_path(report.path)))
    return [row for row in rows if row[1]]


def _plugin(tags: Mapping[str, Any]) -> str:
    team, kind, name, version = (output.first_line(tags.get(field, "?")) for field in _PLUGIN)
    return f"{team}/{kind}/{name}@{version}"


def _contexts(event: Mapping[str, Any]) -> list[tuple[str, str]]:
    rows = []
    for name, context in _dict(event.get("contexts")).items():
        if name == "crashguard":
            continue
        facts = {key: value for key, value in _dict(context).items() if key != "type"}
        head = " ".join(str(facts.pop(key)) for key in ("name", "version") if key in facts)
        figures = [head] if head else []
        figures += [
            f"{key.removesuffix('_seconds').replace('_', ' ')} {_figure(key, value)}"
            for key, value in facts.items()
        ]
        rows.append((output.first_line(name), output.plain(", ".join(figures))))
    modules = _dict(event.get("modules"))
    if modules:
        rows.append(("modules", output.plain(", ".join(f"{name} {modules[name]}" for name in modules))))
    return rows


def _figure(key: str, value: object) -> str:
    if "memory" in key and isinstance(value, int):
        return f"{value / 2**30:.1f} GiB" if value >= 2**30 else f"{value / 2**20:.1f} MiB"
    if isinstance(value, list):
        return " ".join(map(str, value))
    return f"{value} s" if key.endswith("_seconds") else str(value)


def exceptions(values: list[Any]) -> Iterator[Text]:
    """The exceptions of a report, as Python prints a traceback, with the source lines that the report has."""
    known = [_dict(value) for value in values]
    children: dict[int | None, list[dict[str, Any]]] = {}
    for value in known[:-1]:
        children.setdefault(_number(value, "parent_id"), []).append(value)
    for value in children.pop(None, []):  # cut marks, and exceptions without a parent
        yield Text(_headline(value))
        yield Text()
    if known:
        yield from _one(known[-1], children, "", 0)


def _one(
    value: dict[str, Any], children: dict[int | None, list[dict[str, Any]]], indent: str, depth: int
) -> Iterator[Text]:
    below = children.pop(_number(value, "exception_id"), []) if depth < _DEEPEST else []
    members = []
    for child in below:
        link = _LINKS.get(str(_at(child, "mechanism", "source")))
        if link is None:
            members.append(child)
            continue
        yield from _one(child, children, indent, depth + 1)
        yield Text()
        yield Text(indent + link)
        yield Text()
    frames = _list(_at(value, "stacktrace", "frames"))
    if frames:
        yield Text(f"{indent}Traceback (most recent call last):")
    yield from _frames(frames, indent)
    first, *rest = _headline(value).split("\n")
    yield Text(indent + first, style="bold")
    for line in rest:
        yield Text(indent + line)
    for number, member in enumerate(reversed(members), start=1):
        yield Text(f"{indent}  +-- {number} of {len(members)}", style="dim")
        yield from _one(member, children, indent + "  |   ", depth + 1)


def _headline(value: Mapping[str, Any]) -> str:
    module = str(value.get("module") or "")
    prefix = "" if module in ("", "builtins", "__main__") else f"{module}."
    name = prefix + str(value.get("type", "?"))
    message = str(value.get("value") or "")
    return output.plain(f"{name}: {message}" if message else name)


def _frames(frames: list[Any], indent: str) -> Iterator[Text]:
    hidden = 0
    for frame in [*map(_dict, frames), None]:
        if frame is not None and frame.get("filename") == "<external>":
            hidden += 1
            continue
        if hidden:
            yield Text(f"{indent}  {output.count(hidden, 'frame')} of external code, not named", style="dim")
            hidden = 0
        if frame is None:
            return
        function = output.first_line(frame.get("function", "?"))
        if frame.get("filename") == "<cut>":
            yield Text(f"{indent}  {function}", style="dim")
            continue
        line = f", line {frame['lineno']}" if isinstance(frame.get("lineno"), int) else ""
        filename = output.first_line(frame.get("filename", "?"))
        yield Text(
            f'{indent}  File "{filename}"{line}, in {function}', style="" if frame.get("in_app") else "dim"
        )
        if isinstance(frame.get("context_line"), str):
            yield Text(f"{indent}    {output.first_line(frame['context_line']).strip()}")


def _at(value: object, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _number(value: dict[str, Any], key: str) -> int | None:
    """A number of an exception in its tree; None for a value of another type."""
    found = _at(value, "mechanism", key)
    return found if isinstance(found, int) else None


def _dict(value: object) -> dict[str, Any]:
    return {str(key): each for key, each in value.items()} if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
