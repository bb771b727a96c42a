"""The walks of tests/test_faults.py once more, from outside: strace makes the system calls fail, or kills.

    python tests/programs/faults_kernel.py

Nothing of Python is replaced, and the imports that a dying process makes are walked as well. Each call of a crash, and of
an uploader, fails with EIO and with EMFILE, and is the last of a process that is killed: some thousand processes, some
minutes. After each, a healthy run follows; then the report must be on the server and nothing may be left behind.

Not a part of the test suite: it takes long, and strace may not be allowed to trace.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from crashguard.report import envelope
from tests.servers import Server
from tests.uploaders import much_later

CALLS = (
    "mkdir,rename,unlink,fsync,write,openat,close,utimensat,newfstatat,getdents64,read,"
    "flock,socket,connect,sendto,recvfrom,clone3"
)
FAULTS = ("error=EIO", "error=EMFILE", "signal=KILL")
MARK = "/walk-begins-here"
CRASH = """
import os, crashguard
crashguard.install(app="demo", version="1.0", dsn={dsn!r}, delivery="deferred", note=False)
def fail():
    os.path.exists("/walk-begins-here")
    raise ValueError("x")
fail()
"""
SEND = """
import os, sentry_sdk.utils, urllib3
from crashguard.transport import sentry, upload, uploader
upload.SECONDS = 2.0
os.path.exists("/walk-begins-here")
uploader.main({spool!r}, 0)
"""


class Walk:
    """One home, and programs run in it."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.home = Path(tempfile.mkdtemp(dir=folder))
        self.spool = self.home / ".local/state/crashguard/demo"
        self.crash = CRASH.format(dsn=server.dsn)
        self.send = SEND.format(spool=str(self.spool))

    def run(self, program: str, inject: str | None = None, traced: bool = True) -> int:
        strace = ["strace", "-f", "-qq", "-o", self.home / "trace", "-e", f"trace={CALLS}"]
        strace += ["-e", f"inject={inject}"] if inject else []
        done = subprocess.run(
            [*(strace if traced else ()), sys.executable, "-c", program],
            env={"HOME": str(self.home), "PATH": os.environ["PATH"], "PYTHONPATH": sys.path[0],
                 "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True, timeout=120, check=False,
        )  # fmt: skip
        return done.returncode

    def calls(self) -> list[tuple[str, int]]:
        """(name, how manieth of its name) of the calls behind the mark."""
        counts: dict[str, int] = {}
        found, begun = [], False
        for line in (self.home / "trace").read_text().splitlines():
            name = line.split(None, 1)[1].partition("(")[0]
            counts[name] = counts.get(name, 0) + 1
            if begun and name in CALLS.split(","):
                found.append((name, counts[name]))
            begun = begun or MARK in line
        return found

    def whole(self) -> set[str]:
        """The ids of the reports that can be read."""
        found = set()
        for path in (*self.spool.glob("waiting/*.envelope"), *self.spool.glob("recording/*.envelope")):
            with contextlib.suppress(ValueError):
                found.add(envelope.unseal(path.read_bytes())[1]["event_id"])
        return found

    def ids(self, *states: str) -> set[str]:
        paths = [path for state in states for path in self.spool.glob(f"{state}/*.envelope")]
        return {path.name.removesuffix(".envelope").split("-")[2] for path in paths}


def crash_walk(folder: Path, server: Server, name: str, number: int, fault: str) -> str | None:
    """What is wrong with a crash in which this call fails; None where all is well."""
    walk = Walk(folder, server)
    status = walk.run(walk.crash, f"{name}:{fault}:when={number}")
    durable = walk.whole()
    walk.run(walk.send, traced=False)
    sent, left = walk.ids("sent"), walk.ids("waiting", "recording")
    shutil.rmtree(walk.home)
    # Only a kill may lose it, and only before it was durable.
    lost = not durable <= sent or (len(sent) != 1 and (sent or fault != "signal=KILL"))
    return f"status {status}, sent {sent}, left {left}" if lost or left or status not in (1, -9) else None


def send_walk(folder: Path, server: Server, name: str, number: int, fault: str) -> str | None:
    """What is wrong with a sending in which this call fails; None where all is well."""
    walk = Walk(folder, server)
    walk.run(walk.crash, traced=False)
    [event_id] = walk.ids("waiting")
    walk.run(walk.send, f"{name}:{fault}:when={number}")
    much_later(walk.spool)
    walk.run(walk.send, traced=False)
    left, posted = walk.ids("waiting"), server.posted.count(event_id)
    partial = list(walk.spool.rglob("*.partial"))
    shutil.rmtree(walk.home)
    wrong = event_id not in server.stored or left or posted > 2 or partial
    return f"posted {posted} times, left {left} {partial}" if wrong else None


def main() -> int:
    wrong = 0
    shm = Path("/dev/shm")
    scratch = shm if os.access(shm, os.W_OK) else None
    with Server() as server, tempfile.TemporaryDirectory(dir=scratch) as folder:
        for what, check in (("crash", crash_walk), ("send", send_walk)):
            walk = Walk(Path(folder), server)
            walk.run(walk.crash)
            if what == "send":
                walk.run(walk.send)
            jobs = [(name, number, fault) for name, number in walk.calls() for fault in FAULTS]
            print(f"{what}: {len(jobs)} walks", flush=True)
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                found = pool.map(lambda job: (job, check(Path(folder), server, *job)), jobs)
                for job, problem in found:
                    wrong += problem is not None
                    print(*([] if problem is None else [*job, problem]), end="" if problem is None else "\n")
    print(f"{wrong} of them went wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
