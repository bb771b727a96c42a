"""The uploader, as other processes and the system see it; when it runs, and when it does not."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from crashguard import transport
from crashguard.transport import spawn
from tests import uploaders
from tests.conftest import Finished, Run
from tests.servers import Server, eventually

UPLOADER = Path(transport.__file__).with_name("uploader.py")
INSTALL = (
    "import crashguard\ncrashguard.install(app='demo', version='{version}', dsn={dsn!r}, delivery={how!r})\n"
)
CRASH = "raise ValueError('no such table')\n"


def program(dsn: str, body: str = CRASH, how: str = "background", version: str = "1.0") -> str:
    return INSTALL.format(dsn=dsn, how=how, version=version) + body


def spool_of(done: Finished) -> Path:
    return done.state / "demo"


def running(done: Finished) -> Path:
    """The folder under /proc of the one uploader that runs."""
    eventually(lambda: uploaders.of(spool_of(done)))
    [pid] = uploaders.of(spool_of(done))
    return Path(f"/proc/{pid}")


def test_it_lives_apart_from_everything(run: Run) -> None:
    """Own session, no terminal, null streams, no inherited descriptor, working directory /, a bare environment."""
    host = (
        "import os\n"
        "os.set_inheritable(os.open('secret.txt', os.O_RDWR | os.O_CREAT), True)\n"
        "for n in range(1500): os.dup2(os.open('/dev/zero', os.O_RDONLY), 2000 + n % 3, inheritable=True)\n"
        "import signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM, signal.SIGTERM})\n"
    )
    with Server("hanging") as server:
        done = run(
            program(server.dsn, host + CRASH),
            env={"ACME_TOKEN": "zq81-PLMN-00aa", "DEMO_TELEMETRY_LEVEL": "errors", "LD_PRELOAD": ""},
        )
        eventually(lambda: server.posted)
        process = running(done)

        files = {int(fd.name): os.readlink(fd) for fd in (process / "fd").iterdir()}
        assert {"/dev/null"} == {files.pop(number) for number in (0, 1, 2)}
        assert {"lock", "socket"} == {Path(target).name.partition(":")[0] for target in files.values()}
        stat = (process / "stat").read_text().rpartition(")")[2].split()
        parent, session, terminal = int(stat[1]), int(stat[3]), int(stat[4])
        assert os.getpid() != parent
        assert os.getsid(0) != session
        assert 0 == terminal
        assert "/" == os.readlink(process / "cwd")
        names = {each.partition("=")[0] for each in (process / "environ").read_text().split("\0") if each}
        assert names <= {
            *spawn._ENVIRONMENT,
            "DEMO_TELEMETRY_LEVEL",
            "CRASHGUARD_LEVEL_VARIABLE",
            "CRASHGUARD_PATH",
            "PWD",
            "OLDPWD",
            "_",
            "SHLVL",
        }
        blocked = next(line for line in (process / "status").read_text().splitlines() if "SigBlk" in line)
        ignored = next(line for line in (process / "status").read_text().splitlines() if "SigIgn" in line)
        alarm = 1 << (signal.SIGALRM - 1)
        assert 0 == int(blocked.split()[1], 16)
        assert 0 == int(ignored.split()[1], 16) & alarm
        uploaders.kill(spool_of(done))


def test_the_destination_is_not_in_the_list_of_processes(run: Run) -> None:
    """Neither key nor server is in a command line or an environment: other users could read them there."""
    with Server("hanging") as server:
        done = run(program(server.dsn.replace("key@", "k3yk3y@")))
        eventually(lambda: server.posted)
        process = running(done)

        for file in ("cmdline", "environ"):
            assert b"k3yk3y" not in (process / file).read_bytes()
            assert str(server.port).encode() not in (process / file).read_bytes()
        uploaders.kill(spool_of(done))


@pytest.mark.slow
def test_a_host_that_waits_for_children_does_not_see_it(run: Run) -> None:
    """os.wait() in a loop: no child of ours, and none that stays as a zombie."""
    host = (
        "import os\ntry:\n    1 / 0\nexcept ZeroDivisionError:\n    crashguard.capture_exception()\n"
        "mine = os.spawnv(os.P_NOWAIT, '/bin/true', ['true'])\nseen = []\n"
        "try:\n    while True:\n        seen.append(os.wait()[0])\nexcept ChildProcessError:\n    pass\n"
        "assert seen == [mine], (seen, mine)\n"
        # The kernel knows children of every sort, those of other threads and of clone() without SIGCHLD too.
        "try:\n    print(os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT | 0x40000000))  # __WALL\n"
        "except ChildProcessError:\n    print('no child')\n"
    )
    with Server() as server:
        done = run(program(server.dsn, host))

        assert (0, "no child\n") == (done.status, done.stdout), done.stderr
        eventually(lambda: server.stored)
    uploaders.gone(spool_of(done))


@pytest.mark.slow
@pytest.mark.parametrize("handler", ["signal.SIG_IGN", "lambda *args: os.waitpid(-1, os.WNOHANG)"])
def test_a_host_with_a_handler_for_children_is_not_confused(run: Run, handler: str) -> None:
    """SIGCHLD ignored, or a handler that reaps whatever there is: delivered, no error."""
    long_deadline = "from crashguard import transport\ntransport.INLINE_SECONDS = 30.0\n"  # a busy machine
    host = f"{long_deadline}import os, signal\nsignal.signal(signal.SIGCHLD, {handler})\n"
    with Server() as server:
        done = run(program(server.dsn, host + CRASH))

        assert (1, 1) == (done.status, done.stderr.count("Traceback"))
        eventually(lambda: server.stored)
    uploaders.gone(spool_of(done))


SUPERVISOR = """
import os, signal, subprocess, sys, threading
{told}

def fail():
    for number in range(40):
        try:
            exec(f"def bug{{number}}(): raise KeyError\\nbug{{number}}()", {{}})
        except KeyError:
            crashguard.capture_exception()
    proc.stdin.close()  # and so it ends

proc = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
threading.Thread(target=fail).start()
{waits}
assert seen == [proc.pid], (seen, proc.pid)
proc.returncode = 0
"""


HANDLER = """
seen = []
def handler(*_): seen.append(os.waitpid(-1, os.WNOHANG)[0])
signal.signal(signal.SIGCHLD, handler)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("told", "waits"),
    [
        ("", "seen = [os.wait()[0]]"),
        (HANDLER, "while not seen: signal.pause()"),
        (
            "signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})",
            "seen = [signal.sigwaitinfo({signal.SIGCHLD}).si_pid]",
        ),
    ],
    ids=["wait", "handler", "sigwait"],
)
def test_a_host_that_waits_for_any_child_is_told_of_its_own_only(run: Run, told: str, waits: str) -> None:
    """Forty reports of another thread arrive, by a thread of the program itself."""
    with Server() as server:
        done = run(program(server.dsn, SUPERVISOR.format(told=told, waits=waits)))

        assert (0, "") == (done.status, done.stderr)
        eventually(lambda: server.stored)
    uploaders.gone(spool_of(done))


@pytest.mark.slow
def test_there_is_one_at_a_time_and_a_kill_frees_the_lock(run: Run) -> None:
    """A second crash while the first is being sent: its uploader ends, and after a kill the next run sends both."""
    with Server("hanging") as server:
        done = run(program(server.dsn))
        eventually(lambda: server.posted)
        first = running(done)
        run(program(server.dsn, "raise KeyError('another')\n"))
        eventually(lambda: [int(first.name)] == uploaders.of(spool_of(done)))
        assert 1 == len(server.posted)

        uploaders.kill(spool_of(done))
        server.mood = "healthy"
        uploaders.much_later(spool_of(done))
        run(program(server.dsn, ""))
        uploaders.gone(spool_of(done))
        assert 2 == len(server.stored)


@pytest.mark.slow
def test_what_came_while_it_was_sending_goes_out_as_well(run: Run) -> None:
    """The crash that found the lock taken relies on its holder, and no further run is needed."""
    with Server("slow") as server:
        done = run(program(server.dsn))
        eventually(lambda: server.posted)
        first = running(done)
        run(program(server.dsn, "raise KeyError('another')\n"))
        eventually(lambda: [int(first.name)] == uploaders.of(spool_of(done)))
        server.mood = "healthy"
        uploaders.gone(spool_of(done))

        assert 2 == len(server.stored) == len(server.posted)


def test_with_nothing_to_do_it_ends_at_once(home: Path) -> None:
    """No spool, or an empty one: it imports neither sentry_sdk nor anything else of size."""
    spool = home / "spool"
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-X", "importtime", "-I", UPLOADER, str(spool), "0"],
            env={"HOME": str(home), "CRASHGUARD_PATH": str(UPLOADER.parents[2])},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        spool.mkdir(exist_ok=True)

        imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
        assert not imported & {"sentry_sdk", "urllib3", "attrs", "attr", "psutil", "json", "crashguard.spool"}
    assert [] == list(spool.iterdir())


def test_it_imports_what_sending_needs_and_no_more(run: Run) -> None:
    """A report is read, sent and moved without attrs, psutil and the command's libraries."""
    with Server() as server:
        spool = spool_of(run(program(server.dsn, how="deferred")))
        libraries = os.pathsep.join([str(UPLOADER.parents[2]), *(p for p in sys.path if "-packages" in p)])
        done = subprocess.run(
            [sys.executable, "-X", "importtime", "-I", UPLOADER, str(spool), "0"],
            env={"HOME": str(spool.parents[3]), "CRASHGUARD_PATH": libraries},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )

        assert 1 == len(server.stored)
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert not imported & {"attrs", "attr", "psutil", "click", "rich", "crashguard.usage"}


@pytest.mark.slow
def test_it_is_not_allowed_to_grow_old(run: Run) -> None:
    """An alarm ends it, whatever a server does with it; then the lock is free."""
    with Server("dripping") as server:
        done = run(program(server.dsn, how="deferred"))
        old = (
            "import sys; sys.path.insert(0, sys.argv.pop(1))\nimport uploader\nsys.path.pop(0)\nfrom crashguard.transport import sentry\n"
            "uploader._MOST_SECONDS = 1\nuploader.main(sys.argv[1], 0)\n"
        )
        ended = subprocess.run(
            [sys.executable, "-c", old, UPLOADER.parent, spool_of(done)],
            env={"HOME": str(done.state), "PYTHONPATH": str(UPLOADER.parents[2])},
            check=False,
            timeout=60,
        )

        assert -signal.SIGALRM == ended.returncode
        server.mood = "healthy"
        run(program(server.dsn, ""))
        uploaders.gone(spool_of(done))
        assert 1 == len(server.stored)


def test_a_process_that_reports_much_starts_one(run: Run) -> None:
    """Twenty different errors one after another in a living program: one uploader is started, not twenty."""
    host = (
        "import os\nfrom crashguard.transport import spawn as module\nreal, started = module._spawn, []\n"
        "def spawn(*args):\n    started.append(1)\n    return real(*args)\nmodule._spawn = spawn\n"
        "for n in range(20):\n"
        "    try:\n        exec(f'def f{n}(): 1 / 0\\nf{n}()')\n    except ZeroDivisionError:\n"
        "        crashguard.capture_exception()\n"
        "print(len(started))\n"
    )
    with Server() as server:
        done = run(program(server.dsn, host))
        assert (0, "1\n") == (done.status, done.stdout), done.stderr
        eventually(lambda: len(server.stored) == len(server.posted) > 0)
    uploaders.gone(spool_of(done))


def test_a_forked_child_starts_its_own(run: Run) -> None:
    """What the parent started waits for the parent; the child's crash does not wait for that."""
    host = (
        "import os\ntry:\n    1 / 0\nexcept ZeroDivisionError:\n    crashguard.capture_exception()\n"
        "pid = os.fork()\nif not pid:\n    raise KeyError('child')\nos.waitpid(pid, 0)\nprint('on')\n"
    )
    with Server() as server:
        done = run(program(server.dsn, host))
        eventually(lambda: 2 == len(server.stored))
    assert (0, "on\n") == (done.status, done.stdout)
    uploaders.gone(spool_of(done))


def test_the_last_figures_of_its_starter_are_sent(run: Run) -> None:
    """A handled error that happens seven times: the report that arrives says so."""
    host = (
        "def load():\n    raise ValueError('x')\n"
        "for n in range(7):\n    try:\n        load()\n    except ValueError:\n        crashguard.capture_exception()\n"
    )
    with Server() as server:
        done = run(program(server.dsn, host))
        eventually(lambda: server.stored)
        [envelope] = server.stored.values()

    assert b'"occurrences":7' in envelope
    uploaders.gone(spool_of(done))


def test_a_healthy_run_with_nothing_waiting_starts_nothing(run: Run) -> None:
    """Reports that were sent, or stay here, are no reason for a process."""
    with Server() as server:
        done = run(program(server.dsn))
        uploaders.gone(spool_of(done))
        quiet = "import sys\nprint([m for m in sys.modules if m.startswith('crashguard.transport')])\n"
        assert "[]\n" == run(program(server.dsn, quiet)).stdout
    assert not (spool_of(done) / "resumed").exists()


def test_on_windows_it_leaves_its_job_or_is_not_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a window, silent, out of the job; of a job that lets nobody out the dying process is told."""
    started = []

    class Popen:
        def __init__(self, command: list[str], **options: object) -> None:
            started.append(options)

    monkeypatch.setattr(subprocess, "Popen", Popen)
    spawn._start_on_windows(["python", "uploader.py"], {"HOME": "C:\\Users\\me"})
    [options] = started
    assert (0x00000200 | 0x08000000 | 0x01000000) == options["creationflags"]
    assert {subprocess.DEVNULL} == {options[name] for name in ("stdin", "stdout", "stderr")}
    assert ({"HOME": "C:\\Users\\me"}, True) == (options["env"], options["close_fds"])

    def refuse(*args: object, **options: object) -> None:
        raise PermissionError(13, "Access is denied")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    with pytest.raises(PermissionError):
        spawn._start_on_windows(["python", "uploader.py"], {})


def test_one_that_cannot_be_started_is_made_up_for(run: Run) -> None:
    """No process to be had, or a Windows job that lets nobody out: the dying process sends, and sends once."""
    host = (
        "from crashguard import transport\nfrom crashguard.transport import spawn\n"
        "def refuse(*args):\n    raise PermissionError(13, 'Access is denied')\nspawn._spawn = refuse\n"
        "transport.INLINE_SECONDS = 30.0\n"
    )
    with Server() as server:
        done = run(program(server.dsn, host + CRASH))
        assert (1, 1) == (done.status, len(server.stored))
        assert not uploaders.of(spool_of(done))
    assert 1 == len(done.files(folder="sent"))
