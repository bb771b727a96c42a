"""The start of a detached uploader.

The uploader is a grandchild: a shell starts it in the background and ends at once, so that nobody has to reap
it and the host's `waitpid(-1)` does not see it. (It can see the shell, in the two milliseconds that this
lives, from another thread.) No Python code runs between fork and exec (`posix_spawn`), so threads and locks
of the host do not matter. A dying process needs this file: it imports nothing of size.
"""

import os
import sys

from crashguard import files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from crashguard.config import Config

_SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "uploader.py")
# The folder from which this package was imported, under whatever name somebody vendored it.
_HOME = os.path.abspath(__file__)
for _ in __name__.split("."):
    _HOME = os.path.dirname(_HOME)
_SHELL = "/bin/sh"

# What sending may need: where the home is, how to get out, whom to trust. Nothing else is passed on.
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
        wait_for: The pid of a process whose end it waits for; 0 for none.
        quiet_seconds: Seconds in which no further crash must have come before it sends.

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
    # What a flag or a variable decided holds for this run. A saved choice, or none, is looked up when
    # it comes to sending: it may have become a no.
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
