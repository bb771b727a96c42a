"""The start of an uploader: a detached one, or one that this process waits for.

The uploader is a grandchild: a shell starts it in the background and ends at once. So this process does not
have to reap the uploader, and the host's `waitpid(-1)` does not see it. (The shell lives for 2 milliseconds,
and a host with a handler for SIGCHLD, or with a thread that may be waiting for any child, would see it. There
none is started.) No Python code runs between fork and exec (`posix_spawn`; `subprocess` on PyPy), so threads
and locks of the host do not matter. A dying process imports this module, so it imports only small modules.

An uploader that is waited for sends on behalf of a dying process where no detached one can live. It needs
neither a thread nor an import in the dying interpreter, which may be unable to do either.
"""

import _thread
import os
import sys
import time

from crashguard import files, telemetry_level
from crashguard.program import search_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

    from crashguard.config import Config

_SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "uploader.py")
# The folder from which this package was imported, also where it is vendored under another name.
_HOME = os.path.abspath(__file__)
for _ in __name__.split("."):
    _HOME = os.path.dirname(_HOME)
_SHELL = "/bin/sh"
_BETWEEN_LOOKS = 0.005  # seconds

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
    "SYSTEMDRIVE",
    "WINDIR",
    "TMPDIR",
    "TEMP",
    "TMP",
    "USERPROFILE",
    "PROGRAMDATA",
    "LOCALAPPDATA",
    "XDG_CONFIG_HOME",
    "XDG_STATE_HOME",
    *(name for stem in ("http", "https", "no", "all") for name in (f"{stem}_proxy", f"{stem}_proxy".upper())),
)


# What the uploader imports beside crashguard: it is given the folders of these.
_LIBRARIES = ("sentry_sdk", "urllib3", "psutil", "certifi")
_NEEDED = ("sentry_sdk", "urllib3")


def why_not() -> str | None:
    """Why no uploader can be started from this process, as a sentence; None where one can."""
    if interpreter() is None:
        return "this program has no Python interpreter that could be started again"
    if not os.path.isfile(_SCRIPT):
        return "this program is an archive, and another interpreter cannot read it"
    if not _libraries():
        return "the libraries of this program lie in no folder"
    return _why_no_child()


def _why_no_child() -> str | None:
    """A handler of the host's for SIGCHLD would be called for our shell, which it does not know."""
    if sys.platform == "win32":
        return None
    import _signal  # type: ignore[import-not-found] # built in; signal itself makes enums

    handler = _signal.getsignal(_signal.SIGCHLD)
    # Whoever blocks the signal takes it with sigwait() or a signalfd.
    if handler in (_signal.SIG_DFL, _signal.SIG_IGN) and _signal.SIGCHLD not in _blocked(_signal):
        return None
    return "this program handles the signal for ended child processes"


def _blocked(signals: "Any") -> "Collection[int]":
    if not hasattr(signals, "pthread_sigmask"):
        return ()
    blocked: Collection[int] = signals.pthread_sigmask(signals.SIG_BLOCK, ())
    return blocked


def is_seen() -> bool:
    """Whether another thread may be waiting for any child process that ends, and get our shell for one."""
    if sys.platform == "win32" or not _thread._count() or not hasattr(os, "waitid"):
        return False
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except OSError:
        return False  # there is no child to wait for
    return True


def interpreter() -> str | None:
    """The absolute path of an interpreter of this version; None in a frozen or an embedding program.

    `sys.executable` is relative where PATH holds a relative folder, and then it is wrong once the program
    changes its working directory.
    """
    # A frozen program's executable is the program: it must not be started again.
    main = sys.modules.get("__main__")
    if getattr(sys, "frozen", False) or hasattr(main, "__compiled__") or not _is_python(sys.executable):
        return None
    if _can_be_started(sys.executable):
        return sys.executable
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    own = os.path.realpath("/proc/self/exe")
    others = (os.path.join(sys.exec_prefix, "bin", version), getattr(sys, "_base_executable", None), own)
    return next((path for path in others if path and _can_be_started(path)), None)


def _can_be_started(path: str) -> bool:
    return os.path.isabs(path) and _is_python(path) and os.access(path, os.X_OK)


def _is_python(path: str | None) -> bool:
    """Whether a program is an interpreter by its name: `pythonservice.exe`, which embeds one, is not."""
    name = os.path.basename(path or "").lower().removesuffix(".exe").removesuffix("_d")
    product = next((each for each in ("pythonw", "python", "pypy") if name.startswith(each)), None)
    if product is None:
        return False
    version = name.removeprefix(product).partition("-")[0]  # python3.13-dbg, python3-intel64
    return not version.removesuffix("d").removesuffix("t").strip("0123456789.")


def _libraries() -> list[str]:
    """The folders of `sys.path` that hold the libraries of the uploader; none where one of those is missing.

    Mostly that is one folder, which pip made. A bundle (pex, Bazel) has one for each library, of any name.
    """
    folders = [path for path in search_path() if os.path.isabs(path)]
    usual = [folder for folder in folders if folder.endswith(("site-packages", "dist-packages"))]
    if _hold(usual):
        return usual
    found = [folder for folder in folders if any(_hold([folder], name) for name in _LIBRARIES)]
    return found if _hold(found) else []


def _hold(folders: list[str], *names: str) -> bool:
    """Whether each of some libraries, by default of the needed ones, lies in one of the folders."""
    return all(
        any(os.access(os.path.join(folder, name), os.F_OK) for folder in folders) for name in names or _NEEDED
    )


def start(config: "Config", wait_for: int, quiet_seconds: float) -> None:
    """Start a detached uploader for the spool of this process.

    Args:
        config: The settings of this process.
        wait_for: The pid of a process whose end it waits for; 0 for no wait.
        quiet_seconds: Seconds that must pass without a further crash before it sends.

    Raises:
        OSError, ValueError: It cannot be started.
    """
    _start(config, [str(wait_for), f"{quiet_seconds:.1f}"], None)


def start_and_wait(config: "Config", seconds: float, *, dying: bool) -> bool:
    """Start an uploader and wait for its end; whether it ended in time. It ends itself when its time is over.

    Where a program is the first process of its container, that program is told of the end of each process
    without a parent. So the uploader of a dying process is its child, where no thread waits for any child.

    Args:
        config: The settings of this process.
        seconds: Its time, and that of the wait.
        dying: Whether this process is about to end.

    Raises:
        OSError, ValueError: It cannot be started.
    """
    if sys.platform == "win32":
        raise OSError(38, "not on Windows")
    if dying and not is_seen():
        return _has_ended_within(_start_child(config, ["0", "0.0", f"{seconds:.2f}"]), seconds)
    try:
        reading, writing = os.pipe()
    except OSError as error:
        if error.errno not in files.NO_DESCRIPTOR:
            raise
        return _has_ended_within(_start_child(config, ["0", "0.0", f"{seconds:.2f}"]), seconds)
    try:
        try:
            _start(config, ["0", "0.0", f"{seconds:.2f}"], writing)
        finally:
            files.system.close(writing)
        return _is_closed_within(reading, seconds)
    finally:
        files.system.close(reading)


def _is_closed_within(descriptor: int, seconds: float) -> bool:
    """Whether the other end of a pipe is closed in time.

    A socket or `select` could wait better. But in some builds of Python these are files of the standard
    library, in place of which a file beside the program would be imported. And of sockets and of `time.sleep`
    gevent makes something that waits in a loop which nothing drives any more.
    """
    if sys.platform == "win32":
        return False
    os.set_blocking(descriptor, False)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if not os.read(descriptor, 16):
                return True
        except BlockingIOError:
            _pause()
    return False


def _pause() -> None:
    import _signal  # built in

    if hasattr(_signal, "sigtimedwait"):  # macOS has none
        _signal.sigtimedwait((), _BETWEEN_LOOKS)
    else:
        time.sleep(_BETWEEN_LOOKS)


def _start_child(config: "Config", arguments: list[str]) -> int:
    """Start an uploader as a child of this process, which takes no descriptor; return its pid."""
    command = _command(config, arguments)
    return _spawn(command[0], command, _environment(config), None)


def _has_ended_within(pid: int, seconds: float) -> bool:
    """Whether a child process has ended in time."""
    if sys.platform == "win32":
        return False
    end = time.monotonic() + seconds
    try:
        while files.system.waitpid(pid, os.WNOHANG)[0] != pid:
            if time.monotonic() >= end:
                return False
            _pause()
    except ChildProcessError:
        pass  # SIGCHLD is ignored in this program, or another thread was quicker
    return True


def _command(config: "Config", arguments: list[str]) -> list[str]:
    python = interpreter()
    if python is None:
        raise FileNotFoundError(2, "no interpreter")
    return [python, "-I", _SCRIPT, config.spool, *arguments]


def _start(config: "Config", arguments: list[str], output: int | None) -> None:
    command = _command(config, arguments)
    if sys.platform == "win32":
        _start_on_windows(command, _environment(config))
        return
    if os.access(_SHELL, os.X_OK):
        path, arguments = _SHELL, [_SHELL, "-c", '"$@" &', "sh", *command]
    else:
        path, arguments = command[0], [*command, "fork"]
    pid = _spawn(path, arguments, _environment(config), output)
    try:
        files.system.waitpid(pid, 0)
    except ChildProcessError:
        pass  # SIGCHLD is ignored in this program, or another thread was quicker


def _environment(config: "Config") -> dict[str, str]:
    handed = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    # In a CGI program HTTP_PROXY is what a client sent as the header `Proxy`. Python ignores it where
    # REQUEST_METHOD is set, which is not passed on.
    if "REQUEST_METHOD" in os.environ:
        handed.pop("HTTP_PROXY", None)
    # A telemetry level from a flag or a variable holds for this run. The saved choice is read again at
    # sending, because it may be a no by then; it can only take away from what this run was allowed.
    names = config.variables
    if telemetry_level.is_of_run(config.level.source):
        handed[config.env_var] = config.level.value
    elif ", " in config.level.source:
        handed[telemetry_level.LIMIT] = config.level.value
        names = (*names, telemetry_level.LIMIT)
    handed[telemetry_level.HANDED] = telemetry_level.describe(names, config.default_level)
    handed["CRASHGUARD_PATH"] = os.pathsep.join([_HOME, *_libraries()])
    return handed


def _spawn(path: str, arguments: list[str], environment: dict[str, str], output: int | None) -> int:
    if sys.platform == "win32":
        raise OSError(38, "not on Windows")
    if not hasattr(files.system, "posix_spawn"):
        return _fork_and_exec(path, arguments, environment, output)
    # The child opens the null device, in which descriptors are free by then. Here there may be none.
    actions: list[tuple[Any, ...]] = [(os.POSIX_SPAWN_CLOSE, descriptor) for descriptor in _inheritable()]
    actions += [(os.POSIX_SPAWN_OPEN, to, os.devnull, os.O_RDWR, 0) for to in range(3)]
    if output is not None:
        actions[-2] = (os.POSIX_SPAWN_DUP2, output, 1)
    try:
        return files.system.posix_spawn(path, arguments, environment, file_actions=actions, setsid=True)
    except NotImplementedError:  # a C library without POSIX_SPAWN_SETSID; the uploader does it itself
        return files.system.posix_spawn(path, arguments, environment, file_actions=actions)


def _fork_and_exec(path: str, arguments: list[str], environment: dict[str, str], output: int | None) -> int:
    """For PyPy, which has no `posix_spawn`: no Python code runs between fork and exec there, too."""
    import subprocess

    null = subprocess.DEVNULL
    process = subprocess.Popen(  # noqa: S603 (the command is ours)
        arguments,
        executable=path,
        env=environment,
        stdin=null,
        stdout=null if output is None else output,
        stderr=null,
        start_new_session=True,
    )
    process.returncode = 0  # our caller waits for it, and this object does not
    return process.pid


def _inheritable() -> list[int]:
    """Descriptors above stderr that a new process would inherit: a C library's may be, Python's never are.

    Those over the limit of this process cannot be named to the system. The uploader closes them.
    """
    if sys.platform == "win32":
        return []
    for folder in ("/proc/self/fd", "/dev/fd"):
        try:
            names = os.listdir(folder)
        except OSError:
            continue
        found = []
        for name in names:
            try:
                if 2 < int(name) < os.sysconf("SC_OPEN_MAX") and os.get_inheritable(int(name)):
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

    # Not DETACHED_PROCESS: the python.exe of a venv starts the real one, which without a console would get a
    # new one, with a window. With CREATE_NO_WINDOW both share a console that nobody sees.
    own_group, no_window, breakaway = 0x00000200, 0x08000000, 0x01000000
    null = subprocess.DEVNULL
    started = subprocess.Popen(  # noqa: S603 (our own interpreter and script)
        command,
        env=environment,
        stdin=null,
        stdout=null,
        stderr=null,
        close_fds=True,
        creationflags=own_group | no_window | breakaway,
    )
    started.returncode = 0  # no one waits for it; without this its destructor warns
