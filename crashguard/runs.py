"""How this run and the one before end: a marker, and a file for what faulthandler writes on a fatal signal.

Both are there only where the host asks (`install(markers=True)`, `install(native=True)`), because both
write to the disk of a healthy run. They lie in `runs/` of the spool, named `MILLISECONDS-PID`:

    .run      the marker: when it began and, once it crashed, the report's id. Its end renames it to `last`.
    .native   what `faulthandler` writes on a fatal signal, below a header of ours; removed at a clean end.

A marker whose process is gone is a run that was killed: by SIGKILL, the OOM killer, a power cut, or
`os._exit()`. Forked children share their parent's native file and have no marker.

Must live here: beginning and end of a run. Must not be known here: what becomes of a native file.
"""

import atexit
import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from crashguard.config import Config

FOLDER = "runs"
MARKER, NATIVE, LAST = ".run", ".native", "last"
STAYS = ".local" + NATIVE  # a native file that must not be sent, whatever its header says

CLEAN, CRASHED, KILLED = "clean", "crashed", "killed"


class LastRun:
    """How the run before this one ended.

    Attributes:
        verdict: `clean`, `crashed` (an exception that nothing caught, or a fatal signal) or `killed`.
        started: When it began, in seconds since 1970.
        event_id: The id of the report of its crash, where there is one.
    """

    __slots__ = ("event_id", "started", "verdict")

    def __init__(self, verdict: str, started: float, event_id: str | None = None) -> None:
        self.verdict = verdict
        self.started = started
        self.event_id = event_id

    def __repr__(self) -> str:
        return f"LastRun({self.verdict!r}, started={self.started}, event_id={self.event_id!r})"


_last: LastRun | None = None
_marker: str | None = None
_native: str | None = None
_native_file: "Any" = None
_header_size = 0
_pid = 0


def last_run() -> LastRun | None:
    """How the last run of this tool ended, for an offer such as `--resume` or a safe mode.

    Returns:
        The verdict on the run that ended, or was found dead, last; None on a first run and without
        `install(markers=True)`.
    """
    return _last


def begin(config: "Config", *, markers: bool, native: bool) -> bool:
    """Look at how earlier runs ended and leave the files of this one. Never raises.

    Called again by another install(): the marker stays, the native file is a new one.

    Returns:
        Whether an earlier run left a native file that tells of a death.
    """
    global _pid, _marker, _native, _native_file  # noqa: PLW0603 (a process is one run)
    if _pid != os.getpid():
        _marker = _native = _native_file = None  # a new process, or a forked one
    _pid = os.getpid()
    folder = os.path.join(config.spool, FOLDER)
    died = False
    try:
        _stop_listening()
        _make(folder)
        died = _sweep(folder, config.spool)
        stem = os.path.join(folder, f"{time.time_ns() // 1_000_000}-{_pid}")
        if markers and _marker is None:
            _mark(folder, stem)
        if native and config.level.sends_errors:
            _listen(config, stem)
        atexit.unregister(end)
        atexit.register(end)
    except OSError:
        pass  # no place for it: then this run leaves no trace of its end
    return died


def end() -> None:
    """A clean end, or one after a crash that was recorded: the next run finds `last` and no marker."""
    global _marker  # noqa: PLW0603 (as above)
    if _pid != os.getpid():
        return  # a forked child: these are its parent's
    atexit.unregister(end)
    try:
        _stop_listening()
        if _marker is not None:
            os.replace(_marker, os.path.join(os.path.dirname(_marker), LAST))
    except OSError:
        pass  # somebody cleared the spool
    _marker = None


def is_listening() -> bool:
    """Whether fatal signals are written down for this process."""
    return _native is not None


def crashed(event_id: str) -> None:
    """Write into the marker that this run did not end well."""
    if _marker is not None and _pid == os.getpid():
        try:
            _append(_marker, f" {CRASHED} {event_id}")
        except OSError:
            pass


def must_stay() -> None:
    """From now on a native death may be that of a plugin whose crashes are not sent."""
    global _native  # noqa: PLW0603 (as above)
    if _native is not None and not _native.endswith(STAYS):
        stays = _native.removesuffix(NATIVE) + STAYS
        try:
            os.rename(_native, stays)
            _native = stays
        except OSError:
            pass


def parse(name: str) -> tuple[float, int] | None:
    """(seconds when it began, pid) of a file in `runs/`; None where the name is not one of ours."""
    started, _, rest = name.partition("-")
    pid, _, _ = rest.partition(".")
    if not (started.isdigit() and pid.isdigit() and name.isascii()):
        return None
    return int(started) / 1000, int(pid)


def is_gone(pid: int, started: float) -> bool:
    """Whether the process that began a run is dead: its pid is free, or given to another one since."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        pass  # it exists and is somebody else's
    import psutil

    try:
        return psutil.Process(pid).create_time() > started + 1
    except psutil.NoSuchProcess:
        return True
    except psutil.Error:
        return False


def _mark(folder: str, stem: str) -> None:
    global _last, _marker  # noqa: PLW0603 (as above)
    try:
        with open(os.path.join(folder, LAST), encoding="ascii", errors="replace") as file:
            began, verdict, event_id, *_ = (*file.read(200).split(), "", "", "")
        seconds = int(began) / 1000 if began.isdigit() else 0.0
        _last = LastRun(verdict if verdict in (CRASHED, KILLED) else CLEAN, seconds, event_id or None)
    except FileNotFoundError:
        _last = None
    _append(stem + MARKER, os.path.basename(stem).partition("-")[0])
    _marker = stem + MARKER


def _append(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0), 0o600)
    try:
        os.write(descriptor, text.encode("ascii"))
    finally:
        os.close(descriptor)


def _sweep(folder: str, spool: str) -> bool:
    """Judge the runs whose process is gone; whether one of them left word of a fatal signal."""
    died: set[str] = set()
    dead = []
    for name in sorted(os.listdir(folder)):
        parsed = parse(name)
        if parsed is not None and is_gone(parsed[1], parsed[0]):
            dead.append(name)
    for name in dead:
        path = os.path.join(folder, name)
        if name.endswith(NATIVE):
            with open(path, "rb") as file:
                if file.readline() and file.read(1):
                    died.add(name.partition(".")[0])
                    continue
            os.unlink(path)
    for name in dead:
        if name.endswith(MARKER):
            _judge(folder, name, spool, died)
    return bool(died)


def _judge(folder: str, name: str, spool: str, died: set[str]) -> None:
    path = os.path.join(folder, name)
    with open(path, encoding="ascii", errors="replace") as file:
        told = CRASHED in file.read(200)
    if not told and name.partition(".")[0] in died:
        _append(path, f" {CRASHED}")
    elif not told:
        from crashguard.spool import journal

        _append(path, f" {KILLED}")
        journal.note(spool, KILLED, reason="a run ended without a word")
    os.replace(path, os.path.join(folder, LAST))


def _listen(config: "Config", stem: str) -> None:
    """Have fatal signals write the stacks of all threads below a header, unless somebody listens already.

    There is one faulthandler in a process and it writes to one file: a host or user who enabled it gets
    what they asked for, and such a death is known by the marker alone.
    """
    global _native, _native_file, _header_size  # noqa: PLW0603 (as above)
    import faulthandler

    if faulthandler.is_enabled():
        return
    from crashguard import identity, lastwords

    plugin = config.plugin
    sendable = config.dsn is not None and not config.is_development
    header = {
        "release": config.release,
        "dsn": config.dsn,
        "environment": config.environment,
        "telemetry_level": config.level.value,
        "telemetry_level_source": config.level.source,
        "may_send": sendable and (plugin is None or plugin.may_send),
        "plugin": plugin and [plugin.team, plugin.kind, plugin.name, plugin.version],
        "places": identity.Origins(config.packages, identity.known_plugins()).places,
        "version": sys.version_info[:3],
    }
    _native = stem + (NATIVE if lastwords.may_send else STAYS)
    descriptor = os.open(_native, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
    _native_file = open(descriptor, "wb", buffering=0)  # noqa: SIM115 (it stays open until the end)
    _header_size = _native_file.write(ascii(header).encode("ascii") + b"\n")
    faulthandler.enable(file=_native_file, all_threads=True)


def _stop_listening() -> None:
    global _native, _native_file  # noqa: PLW0603 (as above)
    native, file = _native, _native_file
    _native = _native_file = None
    if native is None:
        return
    import faulthandler

    faulthandler.disable()
    empty = os.fstat(file.fileno()).st_size <= _header_size
    file.close()
    if empty:  # otherwise a child of ours died into it
        os.unlink(native)


def _make(folder: str) -> None:
    try:
        os.mkdir(folder, 0o700)
    except FileExistsError:
        pass
    except FileNotFoundError:
        _make(os.path.dirname(folder))
        _make(folder)
