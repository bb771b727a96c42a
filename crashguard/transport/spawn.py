"""The start of a detached uploader.

The uploader is a grandchild: a shell starts it in the background and ends at once. So this process does not
have to reap the uploader, and the host's `waitpid(-1)` does not see it. (Another thread can see the shell,
which lives for two milliseconds.) No Python code runs between fork and exec (`posix_spawn`), so threads and
locks of the host do not matter. A dying process imports this module, so it imports only small modules.
"""

import os
import sys

from crashguard import files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from crashguard.config import Config

_SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "uploader.py")
# The folder from which this package was imported, also where it is vendored under another name.
_HOME = os.path.abspath(__file__)
for _ in __name__.split("."):
    _HOME = os.path.dirname(_HOME)
_SHELL = "/bin/sh"

# The variables that sending may need: home directory, proxies, certificates. No others are passed on.
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


def can_spawn() -> bool:
    """Whether this interpreter can be started again to run the uploader."""
    # A frozen program's executable is the program: it must not be started again.
    name = os.path.basename(sys.executable or "").lower()
    return bool(name.startswith(("python", "pypy")) and not getattr(sys, "frozen", False)) and (
        hasattr(os, "posix_spawn") or os.name == "nt"
    )


def start(config: "Config", wait_for: int, quiet_seconds: float) -> None:
    """Start an uploader for the spool of this process.

    Args:
        config: The settings of this process.
        wait_for: The pid of a process whose end it waits for; 0 for no wait.
        quiet_seconds: Seconds that must pass without a further crash before it sends.

    Raises:
        OSError, ValueError: It cannot be started.
    """
    command = [sys.executable, "-I", _SCRIPT, config.spool, str(wait_for), f"{quiet_seconds:.1f}"]
    if os.name == "nt":
        _start_on_windows(command, _environment(config))
        return
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


def _environment(config: "Config") -> dict[str, str]:
    handed = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    # A telemetry level from a flag or a variable holds for this run. The saved choice is read again at
    # sending, because it may be a no by then.
    if config.level.path is None and config.level.source != "default":
        handed[config.env_var] = config.level.value
    libraries = [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
    handed["CRASHGUARD_PATH"] = os.pathsep.join([_HOME, *libraries])
    return handed


def _spawn(path: str, arguments: list[str], environment: dict[str, str]) -> int:
    null = files.open_null()
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
    """Descriptors above stderr that a new process would inherit: a C library's may be, Python's never are."""
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
    """Start the uploader outside of the job object of this process.

    Terminals, editors and CI runners put their processes into a job that ends all of them. A job without
    breakaway refuses with "access denied"; there a detached process cannot live, and this process sends.
    Without a job the flag has no effect. Source: Microsoft's documentation, "Process Creation Flags".

    Raises:
        OSError: The job does not allow it.
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
    started.returncode = 0  # no one waits for it; without this its destructor warns
