"""Who sends: a detached uploader, this process under a deadline, or the next run.

Needed by dying processes: imports nothing of size. The uploader is a grandchild: a shell starts it in the
background and ends at once, so that nobody has to reap it and the host's `waitpid(-1)` does not see it.
(It can see the shell, in the two milliseconds that this lives, from another thread.) No Python code runs
between fork and exec (`posix_spawn`), so threads and locks of the host do not matter.

An uploader waits for its starter to end, but not for long, and then takes all that is there. So a process
that has one which still waits starts no other.

Must live here: the choice and the start. Must not be known here: how a report is sent.
"""

import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from crashguard.config import Config

INLINE_SECONDS = 2.0
_RESUME_EVERY = 60.0  # seconds between two uploaders started by runs that did not crash
# Seconds for which an uploader certainly waits for its starter (see `uploader._PATIENCE_WITH_STARTER`).
_STILL_WAITS = 8.0
# A host starts a plugin that died again: the CloudQuery CLI three times, a second apart. What crashes in
# these seconds is counted in the report of the first. Nobody waits for a plugin's uploader.
_MORE_OF_A_PLUGIN = 6.0
_last_start = ("", float("-inf"))

_SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "uploader.py")
# The folder from which this package was imported, under whatever name somebody vendored it.
_HOME = os.path.abspath(__file__)
for _ in __name__.split("."):
    _HOME = os.path.dirname(_HOME)
_SHELL = "/bin/sh"

# What sending may need: where the home is, how to get out, whom to trust. Nothing else is handed over.
_ENVIRONMENT = (
    "HOME",
    "LD_LIBRARY_PATH",
    "PATH",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "CLIENT_CERT_FILE",
    "CLIENT_KEY_FILE",
    "SYSTEMROOT",
    "TMPDIR",
    "TEMP",
    "USERPROFILE",
    "LOCALAPPDATA",
    "XDG_CONFIG_HOME",
    "XDG_STATE_HOME",
    *(name for stem in ("http", "https", "no", "all") for name in (f"{stem}_proxy", f"{stem}_proxy".upper())),
)


def method(config: "Config") -> str:
    """How this process delivers: what `delivery` says, `auto` decided by what can live here."""
    if config.delivery != "auto":
        return config.delivery
    pid = os.getpid()
    # A container ends with its first process, and systemd ends what the main process of a service leaves
    # behind (source: systemd.exec(5) and systemd.kill(5)); so does a CI runner with what a step leaves.
    is_main = pid == 1 or os.environ.get("SYSTEMD_EXEC_PID") == str(pid)
    if is_main or os.environ.get("CI") or not _can_spawn():
        return "inline"
    return "background"


def hand_over(config: "Config", *, dying: bool) -> None:
    """See to it that what waits is sent. Never raises, never waits beyond a deadline.

    Args:
        config: The settings of this process.
        dying: Whether this process is about to end. One that lives sends inline only at its end.
    """
    try:
        chosen = method(config)
        if chosen == "background" and start(config):
            return
        if chosen == "background":
            chosen = "inline"
        if chosen == "inline":
            if dying:
                send_here(config, INLINE_SECONDS)
            else:
                _at_exit(config)
    except Exception:  # noqa: BLE001, S110 (the report is on disk; the next run tries again)
        pass


def resume(config: "Config") -> None:
    """Send what an earlier run left, if nobody tried a moment ago."""
    from crashguard import paths
    from crashguard.transport import backoff

    mark = os.path.join(config.spool, "resumed")
    now = time.time()
    try:
        if abs(now - os.stat(mark).st_mtime) < _RESUME_EVERY:
            return
    except OSError:
        pass
    if method(config) == "background" and backoff.is_time(config.spool):
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | paths.NO_WAIT | getattr(os, "O_NOFOLLOW", 0)
        os.close(os.open(mark, flags, 0o600))
        start(config)


def send_here(config: "Config", seconds: float) -> bool:
    """Send from this process, for at most that long; whether it got to the end."""
    import threading

    from crashguard.transport.upload import upload

    done = threading.Event()

    def send() -> None:
        _quietly(upload, config.spool, config.level, deadline=time.monotonic() + seconds)
        done.set()

    try:
        threading.Thread(target=send, name="crashguard-upload", daemon=True).start()
    except RuntimeError:  # the interpreter ends and starts no more threads
        return False
    return done.wait(seconds)


def send_bytes_here(data: bytes, dsn: str) -> None:
    """Send a report that no file would take, under the deadline of a dying process."""
    import threading

    from crashguard.transport import sentry

    worker = threading.Thread(
        target=lambda: sentry.send(data, dsn, seconds=INLINE_SECONDS),
        name="crashguard-upload",
        daemon=True,
    )
    worker.start()
    worker.join(INLINE_SECONDS)


def _quietly(call: "Callable[..., object]", *args: object, **options: object) -> None:
    try:
        call(*args, **options)
    except Exception:  # noqa: BLE001, S110 (no lock can be made, say; a thread's traceback is no help)
        pass


_exits: "list[tuple[int, Config]]" = []


def _at_exit(config: "Config") -> None:
    """Have this process send at its end.

    The thread that will is started now and sleeps: once the end has begun, Python 3.12 starts no more, and
    without one there is no deadline. A forked child has lost it and gets its own.
    """
    me = os.getpid()
    begun = bool(_exits) and _exits[-1][0] == me
    _exits[:] = [(me, config)]
    if begun:
        return
    import threading

    end = threading.Event()

    def sleep_and_send() -> None:
        end.wait()
        from crashguard.transport.upload import upload

        last = _exits[-1][1]
        _quietly(upload, last.spool, last.level, deadline=time.monotonic() + INLINE_SECONDS)

    worker = threading.Thread(target=sleep_and_send, name="crashguard-upload", daemon=True)
    worker.start()

    def send() -> None:
        end.set()
        worker.join(INLINE_SECONDS)

    threading._register_atexit(send)  # type: ignore[attr-defined]


def _can_spawn() -> bool:
    # A frozen program's executable is the program: it must not be started again.
    name = os.path.basename(sys.executable or "").lower()
    return bool(name.startswith(("python", "pypy")) and not getattr(sys, "frozen", False)) and (
        hasattr(os, "posix_spawn") or os.name == "nt"
    )


def start(config: "Config") -> bool:
    """See to it that there is a detached uploader; whether that worked."""
    global _last_start  # noqa: PLW0603 (a process has one)
    me = f"{os.getpid()} {config.spool}"  # a forked child has none yet
    if _last_start[0] == me and time.monotonic() - _last_start[1] < _STILL_WAITS:
        return True
    if not _can_spawn():
        return False
    more = 0.0 if config.plugin is None else _MORE_OF_A_PLUGIN
    command = [sys.executable, "-I", _SCRIPT, config.spool, str(os.getpid()), f"{more:.1f}"]
    try:
        if os.name == "nt":
            _start_on_windows(command, _environment(config))
        else:
            if os.access(_SHELL, os.X_OK):
                path, arguments = _SHELL, [_SHELL, "-c", '"$@" &', "sh", *command]
            else:
                path, arguments = sys.executable, [*command, "fork"]
            import posix  # gevent's os.waitpid() waits in a loop that nothing drives once the program dies

            pid = _spawn(path, arguments, _environment(config))
            try:
                posix.waitpid(pid, 0)
            except ChildProcessError:
                pass  # SIGCHLD is ignored in this program, or a handler was quicker
    except (OSError, ValueError):
        return False
    _last_start = (me, time.monotonic())
    return True


def _environment(config: "Config") -> dict[str, str]:
    handed = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    # What a flag or a variable decided holds for this run. A saved choice, or none, is looked up when
    # it comes to sending: it may have become a no.
    if config.level.path is None and config.level.source != "default":
        handed[config.env_var] = config.level.value
    libraries = [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
    handed["CRASHGUARD_PATH"] = os.pathsep.join([_HOME, *libraries])
    return handed


def _spawn(path: str, arguments: list[str], environment: dict[str, str]) -> int:
    null = os.open(os.devnull, os.O_RDWR)
    try:
        actions: list[tuple[int, ...]] = [(os.POSIX_SPAWN_DUP2, null, standard) for standard in (0, 1, 2)]
        actions += [(os.POSIX_SPAWN_CLOSE, descriptor) for descriptor in _inheritable()]
        try:
            return os.posix_spawn(path, arguments, environment, file_actions=actions, setsid=True)
        except NotImplementedError:  # a C library without POSIX_SPAWN_SETSID; the uploader does it itself
            return os.posix_spawn(path, arguments, environment, file_actions=actions)
    finally:
        os.close(null)


def _inheritable() -> list[int]:
    """Descriptors beyond stderr that would outlive exec: Python's own never do, a C library's may."""
    for folder in ("/proc/self/fd", "/dev/fd"):
        try:
            names = os.listdir(folder)
        except OSError:
            continue
        found = []
        for name in names:
            try:
                if int(name) > 2 and os.get_inheritable(int(name)):
                    found.append(int(name))
            except (OSError, ValueError):
                continue
        return found
    return []


def _start_on_windows(command: list[str], environment: dict[str, str]) -> None:
    """Start it out of the job that this process is in.

    Terminals, editors and CI runners put what they start into a job that ends all of it. In a job that lets
    nobody out, this fails with "access denied", and a detached child could not live: this process sends.
    In no job the flag says nothing. Source: Microsoft's documentation, "Process Creation Flags".

    Raises:
        OSError: There is no way out.
    """
    import subprocess

    detached, own_group, no_window, breakaway = 0x00000008, 0x00000200, 0x08000000, 0x01000000
    null = subprocess.DEVNULL
    started = subprocess.Popen(  # noqa: S603 (our own interpreter and script)
        command,
        env=environment,
        stdin=null,
        stdout=null,
        stderr=null,
        close_fds=True,
        creationflags=detached | own_group | no_window | breakaway,
    )
    started.returncode = 0  # nobody waits for it, and its destructor need not warn of that
