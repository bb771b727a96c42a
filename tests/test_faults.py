"""Every system call of recording and of sending fails once, and the process is killed before every one.

The calls are not listed here: a walk without a fault counts them, then each is given every fault that its like can
have. After each walk a healthy run follows, an hour later. Then every report that was durable is on the server, once,
nothing waits, and no temporary file is left.
"""

import ast
import functools
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crashguard import paths, recovery
from crashguard.recovery import recover
from crashguard.report import envelope
from tests import uploaders
from tests.conftest import PROGRAMS, ROOT
from tests.programs import faults
from tests.servers import Server
from tests.sink import Sink

pytestmark = pytest.mark.timeout(900)  # thousands of processes a test, and the machine may be busy

DISK = ("ENOSPC", "EIO", "EROFS", "EACCES")
LOOK = ("EIO", "EACCES")
ERRORS = {
    "os.open": (*DISK, "EMFILE", "EINTR"),
    "open": ("EIO", "EACCES", "EMFILE"),
    "os.write": ("ENOSPC", "EIO", "EINTR", "short"),
    "file.read": ("EIO",),
    "os.read": ("EIO",),
    "os.fsync": ("EIO", "ENOSPC", "EINTR"),
    "os.close": ("EIO",),
    "os.mkdir": DISK,
    "os.replace": DISK,
    "os.rename": DISK,
    "os.unlink": ("EIO", "EROFS", "EACCES"),
    "os.utime": ("EIO", "EROFS", "EACCES"),
    "os.scandir": ("EIO", "EACCES", "EMFILE"),
    "os.listdir": ("EIO", "EACCES", "EMFILE"),
    "os.readlink": ("EACCES", "EINVAL"),
    "os.posix_spawn": ("EAGAIN", "EMFILE", "EACCES"),
    "os.waitpid": ("ECHILD", "EINTR"),
    "fcntl.flock": ("ENOLCK", "EACCES", "EINTR"),
    "socket.__init__": ("EMFILE",),
    "socket.connect": ("ECONNREFUSED", "EINTR"),
    "socket.sendall": ("EPIPE", "ECONNRESET"),
    "socket.recv_into": ("ECONNRESET", "ETIMEDOUT"),
    "thread.start": ("EAGAIN",),
}


class Walker:
    """The process of tests/programs/faults.py, which forks one for each case."""

    def __init__(self, scratch: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, PROGRAMS / "faults.py"],
            env={"HOME": str(scratch), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def walk(self, path: str, home: Path, server: Server, how: str, **fault: Any) -> tuple[list[str], int]:
        """(the calls that were made, the exit status) of one walk."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        case = {"path": path, "home": str(home), "dsn": server.dsn, "how": how, **fault}
        self._process.stdin.write(json.dumps(case) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        return answer["calls"], answer["status"]

    def end(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()


@pytest.fixture(scope="module")
def memory() -> Iterator[Path]:
    """A folder in memory where the system has one: hundreds of walks need no disk to be real."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def walker(memory: Path) -> Iterator[Walker]:
    walker = Walker(memory)
    yield walker
    walker.end()


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


class Case:
    """One home, one walk with a fault in it, and what is there after it."""

    def __init__(self, memory: Path, walker: Walker, server: Server) -> None:
        self.home = Path(tempfile.mkdtemp(dir=memory))
        self.spool = self.home / ".local/state/crashguard/demo"
        self._walker, self._server = walker, server

    def walk(self, path: str, how: str = "deferred", **fault: Any) -> tuple[list[str], int]:
        return self._walker.walk(path, self.home, self._server, how, **fault)

    def durable(self) -> set[str]:
        """The ids of the whole reports that wait, told without crashguard's own eyes."""
        found = set()
        for path in (*self.spool.glob("waiting/*"), *self.spool.glob("recording/*")):
            lines = path.read_bytes().split(b"\n")
            if not path.name.startswith(".") and len(lines) == 4:
                header, item, event, _ = lines
                if len(event) == json.loads(item)["length"]:
                    found.add(json.loads(header)["event_id"])
        return found

    def next_run(self) -> None:
        """A healthy run, an hour later."""
        uploaders.much_later(self.spool)
        for path in self.spool.rglob("*"):
            if path.name.endswith(".partial"):
                os.utime(path, (time.time() - 3600,) * 2)
        if recovery.pending(str(self.spool)):  # as install() asks
            _, status = self.walk("send")
            assert 0 == status

    def stored(self, mine: set[str]) -> set[str]:
        return mine & set(self._server.stored)

    def left(self) -> list[str]:
        """What must not be there any more."""
        found = [path.relative_to(self.spool) for path in self.spool.rglob("*") if path.is_file()]
        return [
            str(path)
            for path in found
            if path.parts[0] in ("waiting", "recording")
            or path.name.endswith(".partial")
            or (path.suffix == paths.NATIVE and recovery.is_native_crash(str(self.spool), path.name))
        ]

    def forget(self) -> None:
        shutil.rmtree(self.home)


def every_fault(calls: list[str], first: int = 0) -> Iterator[dict[str, Any]]:
    """Each call with each of its faults; a kill before each, and in the middle of what it writes."""
    for at, call in enumerate(calls[first:], first):
        yield {"at": at, "fault": "SIGKILL"}
        if call == "os.write":
            yield {"at": at, "fault": "torn"}
        for fault in ERRORS.get(call, LOOK):
            yield {"at": at, "fault": fault}


def killed(fault: dict[str, Any]) -> bool:
    return fault["fault"] in ("SIGKILL", "torn")


@pytest.mark.slow
@pytest.mark.parametrize("how", ["background", "inline", "auto"])
def test_a_crash_is_delivered_once_whatever_call_of_recording_it_fails(
    memory: Path, walker: Walker, server: Server, how: str
) -> None:
    """One call that fails costs no report; a kill costs none from the moment its minimal record is written."""
    first = Case(memory, walker, server)
    calls, _ = first.walk("crash", how)
    written = calls.index("os.write")
    wrong = []
    # On its way to the hand-over one way of delivery is like the other.
    since = {"background": calls[0], "inline": "os.posix_spawn", "auto": "os.readlink"}[how]
    for fault in every_fault(calls, calls.index(since)):
        case = Case(memory, walker, server)
        before = set(server.stored)
        made, status = case.walk("crash", how, **fault)
        durable = case.durable()
        case.next_run()
        stored = set(server.stored) - before
        certain = not killed(fault) or fault["at"] > written
        if (
            (-9 if killed(fault) else 0) != status
            or not durable <= stored
            or (len(stored) != 1 and (certain or stored))
            or case.left()
        ):
            wrong.append((fault, calls[fault["at"]], made[-1:], status, durable, stored, case.left()))
        case.forget()
    assert not wrong, "\n".join(map(str, wrong[:20]))


@pytest.mark.slow
def test_a_disk_that_is_full_from_some_call_on_costs_no_report(
    memory: Path, walker: Walker, server: Server
) -> None:
    """From each call on nothing can be written any more: the report leaves from memory, or the minimal record later."""
    calls, _ = Case(memory, walker, server).walk("crash", "background")
    wrong = []
    for at in range(len(calls)):
        for fault in ("ENOSPC", "EROFS"):
            case = Case(memory, walker, server)
            before = set(server.stored)
            _, status = case.walk("crash", "background", at=at, fault=fault, lasting=True)
            case.next_run()
            stored = set(server.stored) - before
            if (status, len(stored), case.left()) != (0, 1, []):
                wrong.append((at, fault, calls[at], status, stored, case.left()))
            case.forget()
    assert not wrong, "\n".join(map(str, wrong[:20]))


@pytest.mark.slow
def test_a_start_is_not_disturbed_by_a_call_that_fails(memory: Path, walker: Walker, server: Server) -> None:
    """install() with something waiting: nothing is raised, and what waits is sent by the run after."""
    wrong = []
    template = Case(memory, walker, server)
    template.walk("crash")
    calls, _ = Template(template).new(memory, walker, server)[0].walk("start", "background")
    for fault in every_fault(calls):
        case, ids = Template(template).new(memory, walker, server)
        _, status = case.walk("start", "background", **fault)
        case.next_run()
        if (-9 if killed(fault) else 0) != status or case.stored(ids) != ids or case.left():
            wrong.append((fault, calls[fault["at"]], status, case.stored(ids), ids, case.left()))
        case.forget()
    assert not wrong, "\n".join(map(str, wrong[:20]))


class Template:
    """A spool that is laid out again and again, with new event ids."""

    def __init__(self, case: Case) -> None:
        self._home = case.home
        self._numbers = itertools.count(1)

    def new(self, memory: Path, walker: Walker, server: Server) -> tuple[Case, set[str]]:
        """A copy, and the ids of the reports that wait in it."""
        case = Case(memory, walker, server)
        shutil.copytree(self._home, case.home, dirs_exist_ok=True)
        ids = set()
        for path in [*case.spool.glob("waiting/*"), *case.spool.glob("recording/*")]:
            old = json.loads(path.read_bytes().partition(b"\n")[0])["event_id"]
            new = os.urandom(16).hex()
            path.write_bytes(path.read_bytes().replace(old.encode(), new.encode()))
            path.rename(path.with_name(path.name.replace(old, new)))
            ids.add(new)
        for path in case.spool.glob("runs/*.native"):  # its name gives the report's id
            started, dash, rest = path.name.partition("-")
            new = f"{int(started) - next(self._numbers)}{dash}{rest}"
            moved = path.rename(path.with_name(new))
            # Else it is that of a run that was killed.
            if recovery.is_native_crash(str(case.spool), moved.name):
                ids.add(recover._id_of_native(moved, 0))
        return case, ids


def laid_out(memory: Path, walker: Walker, server: Server, what: str) -> Template:
    """A full report that waits, with two more of its group counted; or what a process that is gone left."""
    case = Case(memory, walker, server)
    if what == "native":
        assert -11 == case.walk("native")[1]
        [native] = case.spool.glob("runs/*.native")
        os.utime(native, (time.time() - 60,) * 2)  # of a new one it is asked whether forked children hold it
        return Template(case)
    if what == "minimal":
        calls, _ = Case(memory, walker, server).walk("crash")
        second = calls.index("os.write", calls.index("os.write") + 1)  # what the fingerprint is computed from
        case.walk("crash", at=second + 3, fault="SIGKILL")
        assert (0, 1) == tuple(
            len(list(case.spool.glob(each))) for each in ("waiting/*.envelope", "recording/*")
        )
    else:
        for _ in range(3):
            case.walk("crash")
        [count] = case.spool.glob("suppressed/*")
        assert (1, 2) == (len(list(case.spool.glob("waiting/*"))), count.stat().st_size)
    return Template(case)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("what", "mood", "since", "until"),
    [
        ("full", "healthy", None, None),
        # From there on it is a report like the other.
        ("minimal", "healthy", None, "socket.__init__"),
        ("native", "healthy", None, "socket.__init__"),
        # Until the answer comes, one mood is like the other.
        ("full", "404", "socket.recv_into", None),
        ("full", "503", "socket.recv_into", None),
    ],
)
def test_every_report_arrives_once_whatever_call_of_sending_it_fails(
    memory: Path, walker: Walker, server: Server, what: str, mood: str, since: str | None, until: str | None
) -> None:
    """A call that fails, or a kill: the run after sends what is left; what a server refused is not sent again."""
    template = laid_out(memory, walker, server, what)
    server.mood = mood
    calls, _ = template.new(memory, walker, server)[0].walk("send")
    wrong = []
    first = calls.index(since) if since else 0
    for fault in every_fault(calls[: calls.index(until)] if until else calls, first):
        server.mood = mood
        case, ids = template.new(memory, walker, server)
        _, status = case.walk("send", **fault)
        server.mood = "healthy"
        case.next_run()
        refused = {path.name.split("-")[2][:32] for path in case.spool.glob("rejected/*")}
        stored = case.stored(ids)
        if (
            (-9 if killed(fault) else 0) != status
            or case.left()
            or stored | refused != ids
            or stored & refused
        ):
            wrong.append((fault, calls[fault["at"]], status, ids, stored, refused, case.left()))
        case.forget()
    assert not wrong, "\n".join(map(str, wrong[:20]))


@pytest.mark.slow
def test_every_report_arrives_once_whatever_call_of_the_command_fails(
    memory: Path, walker: Walker, server: Server
) -> None:
    """`crashguard send`: it may say that it could not; the run after sends what is left."""
    template = laid_out(memory, walker, server, "full")
    calls, status = template.new(memory, walker, server)[0].walk("command")
    assert 0 == status
    wrong = []
    for fault in every_fault(calls[: calls.index("socket.__init__")]):
        if calls[fault["at"]] in ("os.stat", "os.lstat"):
            continue  # there are hundreds of these, and none changes anything
        case, ids = template.new(memory, walker, server)
        case.walk("command", **fault)
        case.next_run()
        if case.left() or case.stored(ids) != ids:
            wrong.append((fault, calls[fault["at"]], ids, case.stored(ids), case.left()))
        case.forget()
    assert not wrong, "\n".join(map(str, wrong[:20]))


@pytest.mark.slow
def test_a_run_is_not_disturbed_by_a_call_of_the_start_that_fails_and_its_native_crash_arrives(
    memory: Path, walker: Walker, server: Server
) -> None:
    """install() on a machine that has seen nothing: nothing is raised; what could be watched is reported, once."""
    calls, status = Case(memory, walker, server).walk("native")
    assert -11 == status
    wrong = []
    for fault in every_fault(calls):
        case = Case(memory, walker, server)
        before = set(server.stored)
        _, status = case.walk("native", **fault)
        watched = len(list(case.spool.glob("runs/*.native")))
        case.next_run()
        stored = set(server.stored) - before
        if (-9 if killed(fault) else -11) != status or len(stored) > watched or case.left():
            wrong.append((fault, calls[fault["at"]], status, watched, stored, case.left()))
        case.forget()
    assert not wrong, "\n".join(map(str, wrong[:20]))


@pytest.mark.slow
def test_a_sync_is_not_disturbed_by_a_call_of_its_stats_that_fails(
    memory: Path, walker: Walker, server: Server
) -> None:
    """Recording stats raises nothing into the host; a record is whole or is not there."""
    calls, status = Case(memory, walker, server).walk("sync")
    assert 0 == status
    wrong = []
    for fault in every_fault(calls):
        case = Case(memory, walker, server)
        _, status = case.walk("sync", **fault)
        kept = list(case.spool.glob("stats-anonymous/waiting/*"))
        whole = all(json.loads(path.read_bytes().splitlines()[-1]) for path in kept if path.name[0] != ".")
        if (-9 if killed(fault) else 0) != status or not whole:
            wrong.append((fault, calls[fault["at"]], status, kept))
        case.forget()
    assert not wrong, "\n".join(map(str, wrong[:20]))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_stats_arrive_once_whatever_call_of_sending_them_fails(memory: Path, walker: Walker) -> None:
    """A call that fails, or a kill: the run after sends what is left; a message that is sent twice has one id."""
    with Sink() as sink, Server() as server:
        server.dsn = sink.url.replace("://", "://key@") + "/1"
        laid = Case(memory, walker, server)
        assert 0 == laid.walk("sync")[1]
        assert 1 == len(list(laid.spool.glob("stats-anonymous/waiting/*")))
        template = Template(laid)
        calls, _ = template.new(memory, walker, server)[0].walk("send")
        assert 1 == len(sink.stored)
        wrong = []
        for fault in every_fault(calls, calls.index("fcntl.flock")):  # until there it is the walk of reports
            sink.requests.clear()
            case, _ = template.new(memory, walker, server)
            _, status = case.walk("send", **fault)
            (case.spool / "stats-anonymous/backoff").unlink(missing_ok=True)  # hours later
            case.next_run()
            left = [path.name for path in case.spool.glob("stats-anonymous/waiting/*")]
            # An answer comes in more or fewer pieces, so a call may be another one than in the first walk.
            # Half a write of what is none ends the program of the walk with status 9.
            ends = {"SIGKILL": (-9, 0), "torn": (-9, 0, 9), "short": (0, 9)}.get(fault["fault"], (0,))
            if status not in ends or 1 != len(sink.stored) or left:
                wrong.append((fault, calls[fault["at"]], status, len(sink.stored), left))
            case.forget()
        assert not wrong, "\n".join(map(str, wrong[:20]))


@pytest.mark.slow
def test_the_first_report_arrives_once_whatever_call_of_its_minute_fails(
    memory: Path, walker: Walker, server: Server
) -> None:
    """The uploader that waits with it is killed, or cannot read how much of the minute is left."""
    template = laid_out(memory, walker, server, "full")
    calls, _ = template.new(memory, walker, server)[0].walk("held")
    wrong = []
    for fault in every_fault(calls[: calls.index("fcntl.flock") + 1]):
        case, ids = template.new(memory, walker, server)
        _, status = case.walk("held", **fault)
        (case.spool / "first-report").unlink(missing_ok=True)  # an hour later
        case.next_run()
        if (-9 if killed(fault) else 0) != status or case.left() or ids != case.stored(ids):
            wrong.append((fault, calls[fault["at"]], status, ids, case.stored(ids), case.left()))
        case.forget()
    assert not wrong, "\n".join(map(str, wrong[:20]))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_program_that_goes_on_is_not_disturbed_by_a_call_of_its_thread_that_fails(
    memory: Path, walker: Walker, server: Server
) -> None:
    """Its report arrives once: from the thread, or with the next run."""
    calls, status = Case(memory, walker, server).walk("lives", "inline")
    assert 0 == status
    wrong = []
    first = calls.index("thread.start")
    for fault in every_fault(calls, first):
        case = Case(memory, walker, server)
        before = set(server.stored)
        _, status = case.walk("lives", "inline", **fault)
        case.next_run()
        stored = set(server.stored) - before
        # From call to call the two threads take turns in another order, so a kill may come after the end.
        if status not in ((-9, 0) if killed(fault) else (0,)) or len(stored) != 1 or case.left():
            wrong.append((fault, calls[fault["at"]], status, stored, case.left()))
        case.forget()
    assert not wrong, "\n".join(map(str, wrong[:20]))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "laid", "least", "seen"),
    [
        ("crash", None, 80, "mkdir open write fsync replace close unlink listdir lstat posix_spawn"),
        ("start", "full", 80, "open write close listdir scandir lstat posix_spawn"),
        ("native", None, 45, "mkdir open write close dup2 lockf lstat"),
        ("send", "full", 130, "open write fsync replace utime listdir scandir lstat flock connect sendall"),
        ("send", "minimal", 150, "open write replace unlink flock connect"),
        ("send", "native", 150, "open write fsync replace unlink flock connect"),
        ("command", "full", 220, "open write replace utime flock connect sendall"),
        ("sync", None, 40, "mkdir open write replace close"),
        ("held", "full", 130, "stat flock connect"),
        ("lives", None, 150, "mkdir open write fsync replace start flock connect"),
    ],
)
def test_a_walk_sees_the_calls_that_it_is_about(
    memory: Path, walker: Walker, server: Server, path: str, laid: str | None, least: int, seen: str
) -> None:
    """A walk that made none of them would show nothing, whichever module asks the system for them."""
    case = Case(memory, walker, server)
    if laid is not None:
        case, _ = laid_out(memory, walker, server, laid).new(memory, walker, server)
    calls, _ = case.walk(path, "inline" if path == "lives" else "background")

    missing = set(seen.split()) - {call.rpartition(".")[2] for call in calls}
    assert not missing
    assert len(calls) >= least


@functools.cache
def asked_for(path: Path) -> set[str]:
    """What a module asks of the system: of `os`, of what is below it, and by way of `files`."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in _SYSTEM:
            names.add(f"os.{node.attr}")
    return names


_SYSTEM = ("os", "posix", "system", "files.system")


def test_no_call_is_overlooked() -> None:
    """Whatever the spool and the delivery ask of the system is counted, or cannot fail."""
    cannot_fail = {
        *("os.path", "os.environ", "os.getpid", "os.getuid", "os.geteuid", "os.name", "os.sep", "os.pathsep"),
        *(
            "os.devnull",
            "os.urandom",
            "os.X_OK",
            "os.W_OK",
            "os.F_TEST",
            "os.F_TLOCK",
            "os.stat_result",
            "os.getegid",
            "os.F_OK",
            "os.DirEntry",
            "os.get_inheritable",
            "os.closerange",
            "os._exit",
        ),
        *("os.setsid", "os.kill", "os.fork", "os.__file__", "os.register_at_fork"),
        *("os.getcwd", "os.sysconf"),
        *(
            "os.waitid",
            "os.P_ALL",
            "os.WEXITED",
            "os.WNOHANG",
            "os.WNOWAIT",
        ),  # whatever it raises is an answer
    }
    folders = [ROOT / "crashguard" / each for each in ("spool", "transport", "recovery")]
    modules = [path for folder in folders for path in folder.glob("*.py")]
    modules += [
        ROOT / "crashguard" / f"{each}.py"
        for each in (
            *(
                "files",
                "processes",
                "paths",
                "minimal_record/__init__",
                "registry/records",
                "reporter",
                "spare",
            ),
            *("registry/__init__", "telemetry_level", "consent/choices", "consent/refusals"),
            *("capture/note", "capture/run", "capture/notice"),
        )
    ]
    asked = set().union(*map(asked_for, modules))
    constants = {
        name for name in asked if name.split(".")[1].startswith(("O_", "POSIX_SPAWN_", "RTLD_", "supports_"))
    }

    assert set(asked - constants - cannot_fail) <= faults.CALLS | {"os.makedirs"}
    assert envelope.seal({"event_id": "0"}, None).count(b"\n") == 3, (
        "durable() tells whole reports by their lines"
    )
