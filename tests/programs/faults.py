"""Walks the path of a crash or of its sending in forked children, each with one fault at one system call.

A line of JSON on stdin is a case, a line on stdout says what came of it:

    {"path": "crash", "home": HOME, "dsn": DSN, "how": "deferred", "at": 17, "fault": "ENOSPC"}
    {"calls": ["os.mkdir", "os.open", ...], "status": 0}

Paths: `crash` (a hook is called with an exception, to the end of the process), `start` (install() with something
waiting), `send` (the uploader), `native` (install(), then a fatal signal), `sync` (stats of a sync are recorded),
`command` (`crashguard send`), `held` (the uploader while the first report waits) and `lives` (a thread of a program that
goes on sends). Faults: the name of an errno, `SIGKILL` (before the call), `short` (half is written),
`torn` (half is written, then SIGKILL); with `"lasting": true` every later call that writes fails as well.

Every function of Python through which crashguard asks the system for something is counted; `CALLS` names them.
Processes that would be started are replaced by one that does nothing.
"""

import atexit
import builtins
import ctypes
import errno
import fcntl
import gc
import importlib
import json
import mmap
import os
import posix
import signal
import socket
import sys
import threading
import types
from collections.abc import Callable
from typing import Any

READING = (
    "lstat",
    "stat",
    "fstat",
    "scandir",
    "listdir",
    "access",
    "readlink",
    "waitpid",
    "chdir",
    "read",
    "pipe",
    "set_blocking",
    "dup",
    "dup2",
    "lockf",
)
WRITING = (
    "open",
    "write",
    "fsync",
    "close",
    "replace",
    "rename",
    "unlink",
    "mkdir",
    "rmdir",
    "chmod",
    "utime",
)
NETWORK = ("__init__", "connect", "sendall", "recv_into")
CALLS = {
    *(f"os.{name}" for name in (*READING, *WRITING, "posix_spawn")),
    *(f"socket.{name}" for name in NETWORK),
    "open",
    "file.read",
    "fcntl.flock",
    "thread.start",
}
_LASTING = {f"os.{name}" for name in ("write", "fsync", "mkdir", "replace")}


class Faults:
    """Counts calls, and has one of them fail."""

    def __init__(self, log: mmap.mmap, at: int, fault: str, lasting: bool) -> None:
        self._log, self._at, self._fault, self._lasting = log, at, fault, lasting
        self._number = 0
        self.armed = False
        self._kill, self._getpid, self._write = os.kill, os.getpid, os.write

    def meet(self, name: str, real: Callable[..., Any], args: tuple[Any, ...], more: dict[str, Any]) -> Any:
        """Do a call, unless it is the one that is to fail."""
        if not self.armed:
            return real(*args, **more)
        number, self._number = self._number, self._number + 1
        self._log.write(name.encode() + b"\n")
        mine = number == self._at or (self._lasting and number > self._at and name in _LASTING)
        if not mine or not self._fault:
            return real(*args, **more)
        if self._fault == "short":
            return self._write(args[0], bytes(args[1])[: len(args[1]) // 2])
        if self._fault == "torn":
            self._write(args[0], bytes(args[1])[: len(args[1]) // 2])
        if self._fault in ("torn", "SIGKILL"):
            self._kill(self._getpid(), signal.SIGKILL)
        if name == "os.close":
            real(*args, **more)  # Linux gives the number free whatever it answers
        if name in ("socket.sendall", "socket.recv_into"):
            args[0].shutdown(socket.SHUT_RDWR)  # a connection that broke stays broken
        if name == "thread.start":
            raise RuntimeError("can't start new thread")
        number = getattr(errno, self._fault)
        raise OSError(number, os.strerror(number))

    def wrap(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        """A call that is counted."""

        def call(*args: Any, **more: Any) -> Any:
            return self.meet(name, real, args, more)

        return call


class _File:
    """A file whose reading is counted."""

    def __init__(self, faults: Faults, file: Any) -> None:
        self._file = file
        for name in ("read", "readline", "readlines", "write"):
            setattr(self, name, faults.wrap("file.read", getattr(file, name)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> "_File":
        self._file.__enter__()
        return self

    def __exit__(self, *exc: object) -> Any:
        return self._file.__exit__(*exc)

    def __iter__(self) -> Any:
        return iter(self._file)


def _intercept(faults: Faults) -> None:
    # What the import system asks for is not tried here: it takes each error for a missing module.
    importlib._bootstrap_external._os = types.SimpleNamespace(**vars(posix))  # type: ignore[attr-defined]
    for name in (*READING, *WRITING):
        counted = faults.wrap(f"os.{name}", getattr(os, name))
        setattr(os, name, counted)
        setattr(posix, name, counted)
    spawn = os.posix_spawn
    os.posix_spawn = faults.wrap(  # type: ignore[assignment]
        "os.posix_spawn", lambda path, args, env, **more: spawn("/bin/true", ["true"], env, **more)
    )
    posix.posix_spawn = os.posix_spawn
    for name in NETWORK:
        setattr(socket.socket, name, faults.wrap(f"socket.{name}", getattr(socket.socket, name)))
    fcntl.flock = faults.wrap("fcntl.flock", fcntl.flock)
    threading.Thread.start = faults.wrap("thread.start", threading.Thread.start)  # type: ignore[method-assign]
    really_open = faults.wrap("open", open)
    builtins.open = lambda *args, **more: _File(faults, really_open(*args, **more))  # type: ignore[assignment]


def _crash(case: dict[str, Any], faults: Faults) -> None:
    import crashguard

    crashguard.install(app="demo", version="1.0", dsn=case["dsn"], delivery=case["how"])
    try:
        raise ValueError("no such table")
    except ValueError as exc:
        faults.armed = True
        sys.excepthook(type(exc), exc, exc.__traceback__)
    atexit._run_exitfuncs()


def _start(case: dict[str, Any], faults: Faults) -> None:
    import crashguard

    faults.armed = True
    crashguard.install(app="demo", version="1.0", dsn=case["dsn"], delivery=case["how"])
    atexit._run_exitfuncs()


def _send(case: dict[str, Any], faults: Faults) -> None:
    from crashguard.transport import upload, uploader

    upload.SPACING = 0.0
    faults.armed = True
    uploader.main(os.path.join(case["home"], ".local/state/crashguard/demo"), 0)


def _held(case: dict[str, Any], faults: Faults) -> None:
    from crashguard.transport import hold

    hold.SECONDS = 0.1
    hold.begin(os.path.join(case["home"], ".local/state/crashguard/demo"))
    _send(case, faults)


def _lives(case: dict[str, Any], faults: Faults) -> None:
    import crashguard
    from crashguard.client import current_client

    crashguard.install(app="demo", version="1.0", dsn=case["dsn"], delivery=case["how"])
    try:
        raise ValueError("no such table")
    except ValueError as exc:
        faults.armed = True
        crashguard.capture_exception(exc)
    client = current_client()
    assert client.config is not None
    client.dispatcher(client.config).rest(30.0, list if client.registry is None else client.registry.unsent)
    atexit._run_exitfuncs()


def _native(case: dict[str, Any], faults: Faults) -> None:
    import crashguard

    faults.armed = True
    crashguard.install(app="demo", version="1.0", dsn=case["dsn"], delivery=case["how"])
    faults.armed = False
    ctypes.string_at(0)


def _sync(case: dict[str, Any], faults: Faults) -> None:
    import crashguard
    from crashguard import stats

    crashguard.install(app="demo", version="1.0", dsn=case["dsn"], delivery=case["how"])
    stats.configure(url=case["dsn"].replace("key@", "").rpartition("/")[0], write_key="key")
    faults.armed = True
    with stats.sync(source=crashguard.Plugin("cloudquery", "source", "aws", "1.2.3"), destinations=[]):
        pass
    atexit._run_exitfuncs()


def _command(case: dict[str, Any], faults: Faults) -> None:
    from crashguard.cli.main import crashguard as command
    from crashguard.transport import upload

    upload.SPACING = 0.0
    faults.armed = True
    command(["send"], standalone_mode=False)


_PATHS = {
    "crash": _crash,
    "start": _start,
    "send": _send,
    "native": _native,
    "sync": _sync,
    "command": _command,
    "held": _held,
    "lives": _lives,
}


def _run(case: dict[str, Any], log: mmap.mmap) -> int:
    """One case, in a child; its exit status, negative for a signal."""
    log.seek(0)
    log.write(bytes(len(log)))
    log.seek(0)
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    status = 9
    try:
        null = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(null, standard)
        os.environ["HOME"] = case["home"]
        faults = Faults(log, case.get("at", -1), case.get("fault", ""), case.get("lasting", False))
        _intercept(faults)
        _PATHS[case["path"]](case, faults)
        status = 0
    except BaseException as error:
        faults.armed = False
        log.seek(0)
        log.write(f"\nraised {error!r}\n".encode())
    finally:
        os._exit(status)


def main() -> None:
    import sentry_sdk.utils
    import urllib3

    from crashguard import reporter
    from crashguard.capture import handled
    from crashguard.transport import sentry, upload, uploader
    from crashguard.capture import crash

    gc.freeze()  # the children share what is there
    log = mmap.mmap(-1, 1 << 14)
    for line in sys.stdin:
        status = _run(json.loads(line), log)
        calls = bytes(log[:]).rstrip(b"\0").decode().split("\n")
        print(json.dumps({"status": status, "calls": [call for call in calls if call]}), flush=True)


if __name__ == "__main__":
    main()
