"""What a run leaves behind while it goes on, so that the next one learns how it ended.

Two files in `runs/` of the spool, named `MILLISECONDS-PID`, gone after a clean end:

    .run      the marker: when it began and, once it crashed, the report's id
    .native   what `faulthandler` writes on a fatal signal, below a header of ours

A marker whose process is gone is a run that was killed: by SIGKILL, the OOM killer, a power cut, or
`os._exit()`. Where the host wants to know of clean ends as well, the marker becomes `last` at the end.
Forked children share their parent's native file and have no marker.

Every start pays for this file: reading what others left is `ended`.

Must live here: beginning and end of a run. Must not be known here: what becomes of what is left.
"""

import atexit
import os
import sys
import time

from crashguard import paths
from crashguard.recovery import minimal_record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from crashguard.config import Config

FOLDER = "runs"
MARKER, NATIVE, LAST = ".run", ".native", "last"
STAYS = ".local" + NATIVE  # a native file that must not be sent, whatever its header says
CRASHED = "crashed"

_marker: str | None = None
_keeps_last = False
_native: str | None = None
_descriptor = -1
_identity: os.stat_result | None = None
_header_size = 0
_pid = 0
# A host that closes all descriptors, as daemons do, gets the lowest numbers for its own files again. Under
# one of those faulthandler would write into them. Below the smallest usual limit, 256.
_OUT_OF_THE_WAY = 250


def begin(config: "Config", *, markers: bool, clean_ends: bool, native: bool) -> bool:
    """Leave the files of this run, and look whether earlier ones left some. Never raises.

    Called again by another install(): the marker stays, the native file is a new one.

    Args:
        config: The settings of this process.
        markers: Leave a marker.
        clean_ends: Keep it at a clean end as well, for `last_run()`.
        native: Have fatal signals written down.

    Returns:
        Whether an earlier run left a native file that tells of a death.
    """
    global _pid, _marker, _native, _keeps_last  # noqa: PLW0603 (a process is one run)
    if _pid != os.getpid():
        _marker = _native = None  # a new process, or a forked one
    _pid = os.getpid()
    _keeps_last = clean_ends
    folder = os.path.join(config.spool, FOLDER)
    died = False
    try:
        _stop_listening(disable=True)
        try:
            names = os.listdir(folder)
        except FileNotFoundError:
            names = []
            _make(folder)
        if any(name != LAST and name != os.path.basename(_marker or "") for name in names):
            from crashguard.recovery import last_run

            died = last_run.sweep(config.spool)
        stem = os.path.join(folder, f"{time.time_ns() // 1_000_000}-{_pid}")
        if markers and _marker is None:
            _append(stem + MARKER, os.path.basename(stem).partition("-")[0])
            _marker = stem + MARKER
        if native:
            try:
                _listen(config, stem)
            except ImportError:
                pass  # Python 3.12 has no faulthandler in a sub-interpreter that shares nothing
        atexit.unregister(end)
        atexit.register(end)
    except Exception:  # noqa: BLE001, S110 (no place for it, mostly: then this run leaves no trace of its end)
        pass
    return died


def end(*, disable: bool = False) -> None:
    """A clean end, or one after a crash that was recorded.

    Args:
        disable: Switch faulthandler off, too. Not at the end of a process: until its last moment the
            host may have made it its own.
    """
    global _marker
    try:
        if _pid != os.getpid():
            return  # a forked child: these are its parent's
        atexit.unregister(end)
        marker, _marker = _marker, None
        _stop_listening(disable=disable)
        if marker is None:
            return
        folder = os.path.dirname(marker)
        with open(paths.open_to_read(marker, links=False), "rb") as file:
            crashed = CRASHED.encode() in file.read(200)
        if crashed or _keeps_last:
            os.replace(marker, os.path.join(folder, LAST))
            return
        os.unlink(marker)
        os.unlink(os.path.join(folder, LAST))
    except Exception:  # noqa: BLE001, S110 (no verdict; or the host has replaced what this needs, as tests do)
        pass


def is_listening() -> bool:
    """Whether fatal signals are written down for this process."""
    return _native is not None


def is_mine(name: str) -> bool:
    """Whether a file in `runs/` is this run's own."""
    return _pid == os.getpid() and name in (os.path.basename(_marker or ""), os.path.basename(_native or ""))


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
            os.replace(_native, stays)
            _native = stays
        except OSError:
            pass


def _append(path: str, text: str) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | paths.NO_WAIT | getattr(os, "O_NOFOLLOW", 0)
    descriptor = os.open(path, flags, 0o600)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def _listen(config: "Config", stem: str) -> None:
    """Have fatal signals write the stacks of all threads below a header, unless somebody listens already.

    There is one faulthandler in a process and it writes to one file: a host or user who enabled it gets
    what they asked for, and such a death is known by the marker alone.
    """
    global _native, _descriptor, _identity, _header_size  # noqa: PLW0603 (as above)
    import faulthandler

    if faulthandler.is_enabled():
        return
    plugin = config.plugin
    main = sys.modules.get("__main__")
    header = {
        "release": config.release,
        "dsn": config.dsn,
        "environment": config.environment,
        "telemetry_level": config.level.value,
        "telemetry_level_source": config.level.source,
        "may_send": config.dsn is not None
        and not config.is_development
        and (plugin is None or plugin.may_send),
        "plugin": plugin and [plugin.team, plugin.kind, plugin.name, plugin.version],
        # Whose code a frame is, worked out by whoever reads this: `origins.Origins.of_process`.
        "main": getattr(main, "__file__", None),
        "main_package": getattr(getattr(main, "__spec__", None), "parent", None),
        "packages": list(config.packages),
        "plugin_packages": [] if plugin is None or not plugin.official else list(plugin.packages),
        "path": [entry for entry in sys.path if type(entry) is str],
        "stdlib": os.path.dirname(os.__file__),
        "version": sys.version_info[:3],
    }
    _native = stem + (NATIVE if minimal_record.may_send else STAYS)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | getattr(os, "O_BINARY", 0)
    _descriptor = _out_of_the_way(os.open(_native, flags, 0o600))
    _identity = os.fstat(_descriptor)
    _header_size = os.write(_descriptor, ascii(header).encode("ascii") + b"\n")
    faulthandler.enable(file=_descriptor, all_threads=True)


def _stop_listening(*, disable: bool) -> None:
    global _native, _descriptor
    native, descriptor = _native, _descriptor
    _native, _descriptor = None, -1
    if native is None:
        return
    if disable:
        import faulthandler

        faulthandler.disable()
        if _is_ours(descriptor):
            os.close(descriptor)
    try:
        if os.stat(native).st_size <= _header_size:  # otherwise a child of ours died into it
            os.unlink(native)
    except FileNotFoundError:
        pass  # somebody cleared the spool


def _out_of_the_way(descriptor: int) -> int:
    """The same file under a number that is not given again soon, where there is one."""
    try:
        os.fstat(_OUT_OF_THE_WAY)
    except OSError:
        try:
            moved = os.dup2(descriptor, _OUT_OF_THE_WAY, inheritable=False)
        except OSError:
            return descriptor  # beyond the limit of this process
        os.close(descriptor)
        return moved
    return descriptor  # it is the host's


def _is_ours(descriptor: int) -> bool:
    """Whether the number still is our file: the host may have closed it and opened one of its own."""
    try:
        return _identity is not None and os.path.samestat(_identity, os.fstat(descriptor))
    except OSError:
        return False


def _make(folder: str) -> None:
    try:
        os.mkdir(folder, 0o700)
    except FileExistsError:
        pass
    except FileNotFoundError:
        _make(os.path.dirname(folder))
        os.mkdir(folder, 0o700)
