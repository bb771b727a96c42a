"""The crash message (the note): where the report is, whether it is sent and why, how to see it and to say no.

It is printed on stderr below the traceback, once for each report. The host may replace it or switch it off.
"""

import os
import sys

from crashguard import policy, transport

TYPE_CHECKING = False
if TYPE_CHECKING:
    from crashguard.config import Config
    from crashguard.registry import Record


def show(config: "Config", record: "Record") -> None:
    """Print the note, or the host's text in its place.

    It may raise where stderr is closed or the host's function raises.
    """
    if record.noted or not record.path or config.note is False:
        return
    record.noted = True
    text: str | None = note(config, record)
    if callable(config.note):
        text = config.note(text or "")
    if text:
        sys.stderr.write(text)
        sys.stderr.flush()


def note(config: "Config", record: "Record") -> str:
    """The note's text, with the newline at its end."""
    level = config.level
    source = "the default" if level.source == "default" else f"set by {level.source}"
    if record.kept_because is not None:
        sent = f"It is not sent: {policy.explain(record.kept_because, record.plugin)}."
        refuse = f"{config.env_var}=none records nothing at all"
    else:
        sent = f"It is sent to {_server(config)}{_when(config)}: telemetry level {level.value}, {source}."
        refuse = f"{config.env_var}=none, or `{_command()} level none`"
    return (
        f"\n{config.app} crashed. Its report, {record.event_id[:8]}, is in {short_path(config.spool)}\n"
        f"{sent}\n"
        f"See it: {_command()} show {record.event_id[:8]}    Say no: {refuse}\n"
    )


def short_path(path: str) -> str:
    """A path as people write it: `~` for the home directory."""
    where = os.path.expanduser("~")
    return "~" + path[len(where) :] if path.startswith(where + os.sep) else path


def _when(config: "Config") -> str:
    """When it is sent, where that is not by a detached process in a moment."""
    return {"deferred": " by the next run", "inline": " now, or by the next run"}.get(
        transport.method(config), ""
    )


def _server(config: "Config") -> str:
    return (config.dsn or "").rpartition("@")[2].partition("/")[0]


def _command() -> str:
    """The command to type: `crashguard` where the shell finds it, else the one of this interpreter."""
    folders = os.environ.get("PATH", "").split(os.pathsep)
    if any(os.access(os.path.join(folder, "crashguard"), os.X_OK) for folder in folders if folder):
        return "crashguard"
    own = os.path.join(os.path.dirname(sys.executable or ""), "crashguard")
    if os.access(own, os.X_OK):
        beside = os.path.relpath(own) if own.startswith(os.getcwd() + os.sep) else own
        return short_path(beside)
    return f"{sys.executable or 'python'} -m crashguard"
