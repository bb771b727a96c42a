"""The crash message (the note): where the report is, whether it is sent and why, how to see it and to say no.

It is printed on stderr below the traceback, once for each report. The host may replace it or switch it off.
"""

import os
import sys

from crashguard import files, paths, policy, transport
from crashguard.client import current_client

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from crashguard.config import Config
    from crashguard.registry.records import Record

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./\\:+-@=,")
COLUMNS = 80  # what most terminals have at least


def show(config: "Config", record: "Record") -> None:
    """Print the note, or the host's text in its place.

    It may raise where stderr is closed or the host's function raises.
    """
    leaves = record.kept_because is None and config.dsn is not None
    unsaved = record.unsaved and leaves and config.delivery != "deferred"
    if record.noted or config.note is False or not (record.path or unsaved):
        return
    record.noted = True
    held = bool(record.path) and leaves and not config.is_unread and _is_held(config)
    text: str | None = note(config, record, held=held)
    if callable(config.note):
        text = config.note(text or "")
    if text:
        sys.stderr.write(text + _about_folder(config, record))
        sys.stderr.flush()


def _about_folder(config: "Config", record: "Record") -> str:
    """Why a folder is not used, which is said once where anything can be kept."""
    unsafe = paths.why_not_used(config.app)
    if unsafe is None:
        return ""
    try:
        files.create(os.path.join(config.spool, paths.UNSAFE_NOTICE))
    except FileExistsError:
        return ""
    except OSError:
        pass  # nothing can be kept anywhere: it is said each time
    why = "".join(c if c.isprintable() else "?" for c in unsafe)
    is_elsewhere = record.path and paths.why_not_used() is not None
    return f"Reports are kept elsewhere: {why}.\n" if is_elsewhere else f"A folder is not used: {why}.\n"


def note(config: "Config", record: "Record", *, held: bool = False) -> str:
    """The note's text, with the newline at its end.

    Args:
        config: The settings.
        record: The record of the report.
        held: Whether the report waits a minute for a no of its reader.
    """
    typed = command()
    known = record.event_id[:8]
    crashed = f"{config.app} crashed."
    see = f"See it: {typed} show {known}" if typed else f"See it: {_cat(config, record)}"
    refuse = say_no(config)
    more = " records nothing at all" if record.kept_because is not None else f", or `{typed} level none`"
    refuse_fully = refuse + (more if typed or record.kept_because is not None else "")
    if len(refuse_fully) > COLUMNS:
        # A variable is for runs to come; only a saved choice still catches a report that waits.
        refuse_fully = f"Say no: {typed} level none" if held and typed else refuse
    report_it = (f"Report it: {typed} issue {known}",) if typed and config.issue_url else ()
    fates = _fates(config, record, held=held)
    for fate in fates:
        if not record.path:
            kept = f"{crashed} Its report, {known}, could not be kept on this machine"
            if _has_minimal(record):
                kept = f"{crashed} Of its report, {known}, only type and functions could be kept"
            return f"\n{kept}\n{fate}\n{refuse_fully}\n"
        where = f"{crashed} Its report, {known}, is in {short_path(config.spool)}"
        for lines in (
            *([] if held else [(where, fate, f"{see}    {refuse}")]),
            (f"{crashed} {see}", fate, refuse_fully),
            (f"{crashed} {fate}", see, refuse_fully),
            *([] if held else [(f"{crashed} {refuse}", fate, see)]),
        ):
            # A command in a deep folder may be longer than a line by itself. That is no reason to say less.
            if all(len(each) <= COLUMNS or each is see for each in (lines[:2] if held else lines)):
                return "\n" + "\n".join((*lines, *report_it)) + "\n"
    # Names or a host are too long for two in a line.
    fate = next((each for each in fates if len(each) <= COLUMNS), fates[-1])
    return "\n" + "\n".join((crashed, fate, see, refuse_fully, *report_it)) + "\n"


def say_no(config: "Config") -> str:
    """The line that names the variable of consent. To cmd it is a command; PowerShell has another one."""
    variable = f"{config.env_var}=none"
    return f"Say no: set {variable} (cmd)" if sys.platform == "win32" else f"Say no: {variable}"


def _fates(config: "Config", record: "Record", *, held: bool) -> "list[str]":
    """What becomes of the report, the fullest wording first."""
    if record.kept_because is not None:
        why = policy.explain(record.kept_because, record.plugin)
        return [f"It is not sent: {why}.", "It is not sent."]
    if config.is_unread:
        return ["It is not sent: no valid telemetry level can be read now."]
    level = config.level
    source = f"the {level.source}" if level.source.startswith("default") else f"set by {level.source}"
    to = f"It is sent to {_server(config)}"
    if not record.path and transport.is_shadowed():
        return ["It is lost: a file beside the program hides a module of Python's that sending needs."]
    unsaved = " now, or those by the next run" if _has_minimal(record) else " now, or it is lost"
    when = _when_held(config) if held else _when(config) if record.path else unsaved
    fully = f"{to}{when}: telemetry level {level.value}, {source}."
    return [fully, f"{to}{when}."] if held else [fully, f"{to}{when}.", f"{to}."]


def _has_minimal(record: "Record") -> bool:
    """Whether the minimal record of a report is on disk."""
    return record.minimal_path is not None and os.path.isfile(record.minimal_path)


def _cat(config: "Config", record: "Record") -> str:
    """The command that prints a report's file: by a pattern, because its name is longer than a line."""
    if sys.platform == "win32":
        return line(["type", _shortened(record.path or "")])  # `cat` is PowerShell's alone
    if not set(config.spool) <= _PLAIN:
        return line(["cat", _shortened(record.path or "")])
    return f"cat {short_path(config.spool)}/*/*{record.event_id[:8]}*"


def short_path(path: str) -> str:
    """A path as people write it: `~` for the home directory, which means nothing to a shell of Windows."""
    if sys.platform == "win32":
        return path
    where = os.path.expanduser("~")
    return "~" + path[len(where) :] if path.startswith(where + os.sep) else path


def _when(config: "Config") -> str:
    """When it is sent, where that is not by a detached process in a moment."""
    return {"deferred": " by the next run", "inline": " now, or by the next run"}.get(
        transport.method(config), ""
    )


def _when_held(config: "Config") -> str:
    """When a report is sent that waits a minute: an uploader waits, or else the next run sends it."""
    waits = transport.method(config) == "background"
    return " in a minute" if waits else " in a minute, by the next run"


def _is_held(config: "Config") -> bool:
    """Whether the report waits a minute from now on; one for the next run waits then."""
    if config.delivery == "deferred" or not transport.is_read():
        return False
    from crashguard.transport import hold

    return hold.begin_if_first(config)


def _server(config: "Config") -> str:
    return (config.dsn or "").rpartition("@")[2].partition("/")[0]


def command() -> str | None:
    """The command to type, as this installation has it; None where a frozen program has none."""
    python = _python()
    mounted = current_client().mounted
    words = None if mounted is None else mounted(None)
    if words is not None:
        return f"{_program(python)} {words}"
    package = __name__.partition(".capture.")[0]  # crashguard may be vendored under another name
    root = os.path.abspath(__file__)
    for _ in __name__.split("."):
        root = os.path.dirname(root)
    if getattr(sys, "frozen", False) or "__compiled__" in vars(sys.modules["__main__"]):
        hook = os.path.join(root, *package.split("."), "packagers", "pyi_rth_crashguard.py")
        return line([_shortened(python), "--crashguard"]) if os.path.exists(hook) else None
    for name in ("crashguard", "crashguard.exe"):
        own = os.path.join(os.path.dirname(python), name)
        if package == "crashguard" and os.access(own, os.X_OK) and os.path.isfile(own):
            found = _on_path(name)
            is_it = found and os.path.samefile(found, own)
            return "crashguard" if is_it else line([_shortened(own)])
    module = [_interpreter(python), "-m", package]
    site: Any = sys.modules.get("site")
    users = getattr(site, "USER_SITE", None) or sys.prefix
    if root.startswith((sys.prefix + os.sep, sys.base_prefix + os.sep, users)):
        return line(module)
    if "PEX" in os.environ:  # pex sets it to the path of its file, and reads the other
        return f"PEX_MODULE={package} {line([_shortened(os.environ['PEX'])])}"
    return line(module, _shortened(root))


def _python() -> str:
    """The interpreter that runs; on Windows the one that has a console, where a command can answer."""
    python = sys.executable or "python3"
    folder, name = os.path.split(python)
    with_console = os.path.join(folder, name.lower().replace("pythonw", "python"))
    is_without = sys.platform == "win32" and name.lower().startswith("pythonw")
    return with_console if is_without and os.path.isfile(with_console) else python


def _program(python: str) -> str:
    """The program that runs, as it can be started again."""
    path = sys.argv[0] if getattr(sys, "argv", None) else ""
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    if spec is not None and spec.name != "__main__":  # started by `python -m`; an archive is `__main__`
        return line([_interpreter(python), "-m", spec.name.removesuffix(".__main__")])
    if path.endswith((".py", ".pyw")) or not os.access(path, os.X_OK):
        return line([_interpreter(python), _shortened(os.path.abspath(path))])
    name = os.path.basename(path)
    found = _on_path(name)
    stem = name.removesuffix(".exe")
    is_it = found and os.path.samefile(found, path)
    return stem if is_it else line([_shortened(os.path.abspath(path))])


def _interpreter(python: str) -> str:
    """The interpreter by its name, where PATH leads to it. A link to it elsewhere may have other packages."""
    folder, name = os.path.split(python)
    found = _on_path(name)
    is_it = found and os.path.samefile(os.path.dirname(found), folder)
    return name.removesuffix(".exe") if is_it else _shortened(python)


# Variables of tools that run one command with an environment's folder in front of PATH: uv, Poetry, PDM,
# Pipenv, Hatch. The shell in which the user types next does not have it there.
_RUNNERS = ("UV_RUN_RECURSION_DEPTH", "POETRY_ACTIVE", "PDM_RUN_CWD", "PIPENV_ACTIVE", "HATCH_ENV_ACTIVE")


def _on_path(name: str) -> str:
    """The program that a shell starts by this name; an empty text where it finds none."""
    folders = os.environ.get("PATH", "").split(os.pathsep)
    if any(runner in os.environ for runner in _RUNNERS):
        folders = folders[1:]
    paths = (os.path.join(folder, name) for folder in folders if folder)
    return next((each for each in paths if os.access(each, os.X_OK)), "")


def line(words: "list[str]", pythonpath: str = "") -> str:
    """A command to paste into the user's shell.

    Args:
        words: The program and its arguments.
        pythonpath: Where it imports from, beside where it does anyway.
    """
    if sys.platform == "win32":
        from crashguard.capture import windows_shell

        return windows_shell.line(words, pythonpath)
    before = (f"PYTHONPATH={_quoted(pythonpath)}",) if pythonpath else ()
    return " ".join((*before, *map(_quoted, words)))


def _quoted(word: str) -> str:
    return short_path(word) if set(word) <= _PLAIN else "'" + word.replace("'", "'\\''") + "'"


def _shortened(path: str) -> str:
    """A path from the working directory, where it is below."""
    if not path.startswith(os.getcwd() + os.sep):
        return path
    path = os.path.relpath(path)
    return path if os.sep in path else os.path.join(".", path)  # a shell looks for a bare name on PATH
