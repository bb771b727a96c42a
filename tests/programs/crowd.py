"""Lays one thing of each state into a spool, then has twenty processes read and write it at one moment.

    python crowd.py HOME DSN STATS

The processes are forked from one that has imported all, so that nothing of a start keeps them apart. What one of them
raised is on stdout.
"""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import crashguard
import crashguard.reporter
import crashguard.transport.sentry
from crashguard import recovery, stats, telemetry_level
from crashguard.recovery import last_run
from crashguard.recovery.recover import recover
from crashguard.spool import reports, stats_records, store
from crashguard.spool.store import Spool
from crashguard.transport import upload_stats
from crashguard.transport.upload import upload

HOME, DSN, STATS = sys.argv[1:] if len(sys.argv) == 4 else ("", "", "")
ROOT = os.path.join(HOME, ".local/state/crashguard/demo")
LEVEL = telemetry_level.resolve("all")


def install(version: str = "1.0") -> None:
    crashguard.install(app="demo", version=version, dsn=DSN, delivery="deferred", note=False)


def die(name: str, version: str = "1.0", *, killed: bool = False) -> None:
    """A crash in a function of its own name, and the end of the process; or its death before the full report."""
    if killed:
        sys.excepthook = lambda *args: os.kill(os.getpid(), signal.SIGKILL)
    install(version)
    names: dict[str, Callable[[], None]] = {"__name__": "__main__"}  # type: ignore[dict-item]
    exec(compile(f"def {name}(): {{}}[0]", __file__, "exec"), names)
    try:
        names[name]()
    except KeyError as exc:
        sys.excepthook(KeyError, exc, exc.__traceback__)


def die_natively(name: str) -> None:
    install()
    names: dict[str, Callable[[], None]] = {"__name__": "__main__", "ctypes": ctypes}  # type: ignore[dict-item]
    exec(compile(f"def {name}(): ctypes.string_at(0)", __file__, "exec"), names)
    names[name]()


def count() -> None:
    install()
    stats.configure(url=STATS, write_key="key")
    with stats.sync(source=crashguard.Plugin("cloudquery", "source", "aws", "1.2.3"), destinations=[]):
        pass


def sweep() -> None:
    for state in store.STATES:
        Spool(ROOT).prune(state)
    last_run.judge(ROOT, thoroughly=True)


def look() -> None:
    reports.reports(Spool(ROOT))
    stats_records.stored("demo")
    recovery.pending(ROOT)


LAID = [
    lambda: die("laid_whole"),
    lambda: die("laid_local", "development"),
    lambda: die("laid_minimal", killed=True),
    lambda: die_natively("laid_native"),
    count,
]
CROWD = [
    *[lambda: upload(ROOT, LEVEL)] * 4,
    *[lambda: upload_stats.upload(ROOT, LEVEL)] * 2,
    *[lambda: recover(Spool(ROOT))] * 5,
    *[look] * 2,
    install,
    sweep,
    lambda: die("first"),
    lambda: die("second"),
    lambda: die("third", killed=True),
    lambda: die_natively("fourth"),
    count,
]


def child(work: Callable[[], object], gate: tuple[int, int] | None = None) -> int:
    """Do something in a forked process, once the gate is open."""
    pid = os.fork()
    if pid:
        return pid
    try:
        if gate is not None:
            os.close(gate[1])
            os.read(gate[0], 1)  # which ends when the last process has closed the other end
        work()
        os._exit(0)
    except BaseException as error:
        print(f"raised {error!r}", flush=True)
    finally:
        os._exit(1)


def main() -> None:
    os.environ["HOME"] = HOME
    for work in LAID:
        os.waitpid(child(work), 0)
    waiting = Path(ROOT, "waiting")
    (waiting / "foreign.txt").write_text("of somebody else")
    partial = waiting / ".1-0-0.envelope.1.0.partial"
    partial.write_text("half")
    os.utime(partial, (time.time() - 3600,) * 2)
    gate = os.pipe()
    crowd = [child(work, gate) for work in CROWD]
    os.close(gate[1])
    for pid in crowd:
        os.waitpid(pid, 0)


if __name__ == "__main__":
    main()
