"""A tool's page about telemetry, for its users: docs/telemetry.md, with that tool's names and settings.

That page is the template: it is the page of CloudQuery, and tests hold its fields, limits, folders and events
to the code. What stands between its marks `only:cloudquery` is left out for other tools, between
`only:command` for tools with commands of their own, between `only:stats` for tools without stats. What stands
between `about` is made from the tool's settings.
"""

import itertools
import os
import re

import attrs

from crashguard import config, files, telemetry_level
from crashguard.stats.own_events import OTHER, Event

_TEMPLATE = os.path.join(os.path.dirname(__file__), "telemetry.md")  # in a checkout a link
_MOST = 200_000  # bytes of the template
OF_CLOUDQUERY = "cloudquery"
_COMMAND = "crashguard"
_MARKS = re.compile(r"<!-- (?:only|end):\w+ -->\n")
_ABOUT = re.compile(r"<!-- about -->\n.*?<!-- end:about -->\n", re.DOTALL)
_LINK = re.compile(r"\[(?:[a-z-]+\.md|([^\]]+))\]\(([a-z-]+)\.md\)")
_SOURCE_LINES = re.compile(r"^\| `[\w.]*\.context_line`.*\n", re.MULTILINE)
_SOURCES = re.compile(r"^\| \d \| .*\n", re.MULTILINE)
_ALL_TOOLS = "every tool on this machine that uses crashguard"
_LAST_EVENT = re.compile(r"^\| `sync_run_completed` .*\n", re.MULTILINE)
_LEGACY = "`CQ_NO_TELEMETRY`"
_NOT_MOUNTED = ("run", "scrub", "demo", "doctor")


@attrs.frozen
class Tool:
    """What the page says of a tool.

    Attributes:
        app: Its name.
        version: Its version, for examples.
        variables: The variables that users set; the first counts.
        default_level: The telemetry level of a user who has said nothing.
        dsn: The destination of reports; None where there is none, empty where it is not known.
        issue_url: The form for a new issue; None where there is none.
        messages: What messages keep.
        source_lines: Whether reports have lines of the tool's own code.
        controller: Who is responsible for the data.
        contact: Where to ask, and to have a report deleted.
        command: The command that a user types, `crashguard` or `mytool telemetry`.
        stats: The hosts to which stats go; None where that is not known.
        events: The events that the tool has declared.
    """

    app: str
    version: str = "1.2.3"
    variables: tuple[str, ...] = ()
    default_level: str = telemetry_level.DEFAULT
    dsn: str | None = None
    issue_url: str | None = None
    messages: str = "shapes"
    source_lines: bool = True
    controller: str = ""
    contact: str = ""
    command: str = _COMMAND
    stats: tuple[str, ...] | None = None
    events: tuple[Event, ...] = ()


def page(tool: Tool) -> str:
    """The page, as Markdown."""
    text = files.read(os.path.realpath(_TEMPLATE), _MOST).decode()
    text = _ABOUT.sub(lambda _: about(tool), text)
    text = _only(text, "cloudquery", holds=tool.app == OF_CLOUDQUERY)
    text = _only(text, "command", holds=tool.command == _COMMAND)
    text = _only(
        text, "stats", holds=tool.stats != (), else_="This tool names none, so it records no stats.\n\n"
    )
    if tool.app != OF_CLOUDQUERY:
        text = _MARKS.sub("", text)
        text = _renumbered("".join(line for line in text.splitlines(keepends=True) if _LEGACY not in line))
        text = text.replace("CQ_TELEMETRY_LEVEL", tool.variables[0])
        text = text.replace("the tool `APP`", f"`{tool.app}`")
        text = text.replace("crashguard/APP", f"crashguard/{tool.app}")
        text = text.replace("crashguard\\APP", f"crashguard\\{tool.app}")
        text = text.replace("cloudquery@6.41.0", f"{tool.app}@{tool.version}")
        text = text.replace("`cloudquery`, `source`", f"`{tool.app}`, `source`")
        text = _LINK.sub(_named, text)
        text = text.replace("`all`, unless the tool says less", f"`{tool.default_level}`")
    if not tool.source_lines:
        text = _SOURCE_LINES.sub("", text)
    text = _LAST_EVENT.sub(lambda found: found[0] + _own_events(tool), text)
    text = _with_default(text, tool.default_level)
    return text if tool.command == _COMMAND else _mounted(text, tool)


def _only(text: str, mark: str, *, holds: bool, else_: str = "") -> str:
    """The page without what stands between marks that do not hold for the tool."""
    marked = re.compile(f"<!-- only:{mark} -->\n.*?<!-- end:{mark} -->\n+", re.DOTALL)
    return text if holds else marked.sub(else_, text)


def about(tool: Tool) -> str:
    """The section that says who is responsible and how the tool is set up."""
    who = _cell(tool.controller) or "the makers of the tool"
    where = _cell(tool.contact) or "the tool's own contact address"
    to = f"`{_cell(config.without_key(tool.dsn or ''))}`"
    if not tool.dsn:
        kept = "nowhere: they stay on your machine"
        to = kept if tool.dsn is None else f"what `{tool.command} status` shows"
    rows = [
        ("who is responsible for the data", who),
        ("where to ask", where),
        ("where crash reports go", to),
        ("telemetry level without a choice of yours", f"`{tool.default_level}`"),
        ("variable", f"`{tool.variables[0]}`"),
        ("messages of exceptions", f"`{tool.messages}`"),
        ("lines of the tool's own code", "yes" if tool.source_lines else "no"),
    ]
    if tool.stats is not None:
        rows.insert(3, ("where stats go", ", ".join(f"`{_cell(host)}`" for host in tool.stats) or "nowhere"))
    if tool.issue_url:
        rows.append(("issue tracker, where you send a report yourself", f"<{_cell(tool.issue_url)}>"))
    table = "".join(f"| {name} | {said} |\n" for name, said in rows)
    return f"""## Who is responsible

| | {tool.app} |
|---|---|
{table}
A report has no name, no address and no id of you or your machine. {_how_to_delete(tool, where)}
"""


def _how_to_delete(tool: Tool, where: str) -> str:
    own = tool.command
    if tool.dsn is None:
        issue = "\nAn issue that you have filed is deleted where you filed it." if tool.issue_url else ""
        return f"It stays on your machine, where `{own} purge` deletes it.{issue}"
    return f"""So nobody can find your reports by who you
are; they are found by the report's own id.
`{own} list` shows what was sent, and `{own} show` the whole id of a report. To have it deleted
from the server, send this id to {where}.
On your machine `{own} purge` deletes it."""


def _own_events(tool: Tool) -> str:
    """A row for each event that the tool declared: what may stand in its fields, and what it is for."""
    rows = []
    for event in tool.events:
        whom = "about the user who is logged in" if event.identifiable else "anonymous"
        fields = ", ".join(f"`{_cell(name)}` ({_kind(of)})" for name, of in event.fields.items())
        rows.append(f"| `{_cell(event.name)}` ({whom}) | {fields or 'no field'}: {_cell(event.why)} |\n")
    return "".join(rows)


def _kind(of: type | tuple[str, ...]) -> str:
    if isinstance(of, tuple):
        return "one of " + ", ".join(_cell(word) for word in (*of, OTHER))
    return "yes or no" if of is bool else "a number"


def _cell(text: str) -> str:
    """A text of the tool's, harmless in a table of Markdown."""
    return " ".join("".join(c for c in text if c not in "\\`|<>[]").split())


def _with_default(text: str, level: str) -> str:
    if level == telemetry_level.DEFAULT:
        return text
    text = text.replace(f"| `{telemetry_level.DEFAULT}` (default) |", f"| `{telemetry_level.DEFAULT}` |")
    return text.replace(f"\n| `{level}` |", f"\n| `{level}` (default) |")


def _renumbered(text: str) -> str:
    """The rows of the sources, numbered without a gap."""
    numbers = itertools.count(1)
    return _SOURCES.sub(lambda found: f"| {next(numbers)}{found[0][3:]}", text)


def _named(link: re.Match[str]) -> str:
    """A link to another page of crashguard's, as a text."""
    page = f"docs/{link[2]}.md of crashguard"
    return f"{link[1]} ({page})" if link[1] else page


def _mounted(text: str, tool: Tool) -> str:
    """The page with the tool's own commands, and without those that it does not have.

    What they save is for this tool alone; an administrator still has the command `crashguard`.
    """
    gone = tuple(f"| `crashguard {name}` |" for name in _NOT_MOUNTED)
    text = "".join(line for line in text.splitlines(keepends=True) if not line.startswith(gone))
    text = text.replace(_ALL_TOOLS, tool.app)
    for slash in "/\\":
        text = text.replace(
            f"crashguard{slash}telemetry-level` |", f"crashguard{slash}{tool.app}{slash}telemetry-level` |"
        )
    return re.sub("`crashguard (?!.* --machine`)", f"`{tool.command} ", text)
