"""Twenty processes at one moment: every state of a spool survives its readers and writers, and all arrives, once."""

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from crashguard import processes, recovery, telemetry_level
from crashguard.recovery import native_crash
from crashguard.recovery.recover import recover
from crashguard.spool import store
from crashguard.spool.store import Spool
from crashguard.transport import upload as module
from crashguard.transport import upload_stats
from crashguard.transport.upload import upload
from tests import uploaders
from tests.conftest import PROGRAMS, ROOT
from tests.servers import Server
from tests.sink import Sink

pytestmark = pytest.mark.slow

ROUNDS = 5
NAMES = ["first", "fourth", "laid_minimal", "laid_native", "laid_whole", "second", "third"]


@pytest.mark.parametrize("number", range(ROUNDS))
def test_all_states_survive_twenty_readers_and_writers(
    number: int, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A report, a minimal record, a native crash, stats, a local report, a foreign and a half-written file, each twice or
    more: what may leave arrives once, what may not stays, and nothing is left over.
    """
    monkeypatch.setattr(module, "SPACING", 0.0)
    root = home / ".local/state/crashguard/demo"
    with Server() as server, Sink() as sink:
        done = subprocess.run(
            [sys.executable, str(PROGRAMS / "crowd.py"), str(home), server.dsn, sink.url],
            env={"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert "" == done.stdout
        uploaders.gone(root)
        uploaders.much_later(root)
        for path in root.glob("recording/*"):  # their processes have been gone for long
            os.utime(path, (1.7e9, 1.7e9))
        level = telemetry_level.resolve("all")
        upload(str(root), level)
        upload_stats.upload(str(root), level)

        names = sorted(
            event.get("transaction", event["exception"]["values"][-1]["type"]).rpartition(" ")[2]
            for event in server.events
        )
        assert NAMES == names
        assert len(NAMES) == len(server.posted)
        assert 2 == len(sink.stored) == len(sink.accepted)
    spool = Spool(str(root))
    assert [] == recovery.pending(str(root))
    assert [] == [*root.glob("runs/*.native"), *root.rglob("*.partial")]
    assert ["foreign.txt"] == [path.name for path in root.glob("broken/*")]
    assert 1 == len(spool.names(store.LOCAL))


def test_a_reader_waits_for_another(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A report that one reader makes, another one sends meanwhile: the first makes no second of it."""
    root = home / ".local/state/crashguard/demo"
    with Server() as server:
        lay = "from tests.programs import crowd\ncrowd.die_natively('died')\n"
        subprocess.run([sys.executable, "-c", lay, str(home), server.dsn, ""], cwd=ROOT, check=False)
        assert 1 == len(list(root.glob("runs/*.native")))
        waits = threading.Event()
        sender = threading.Thread(target=upload, args=(str(root), telemetry_level.resolve("all")))
        describe, lock = native_crash.describe, processes.lock

        def slowly(*args: Any, **more: Any) -> Any:
            if threading.current_thread() is not sender:
                sender.start()
                assert waits.wait(60)
            return describe(*args, **more)

        def told(descriptor: int) -> bool:
            mine = lock(descriptor)
            if not mine:
                waits.set()
            return mine

        monkeypatch.setattr(native_crash, "describe", slowly)
        monkeypatch.setattr(processes, "lock", told)
        recover(Spool(str(root)))
        sender.join()

        assert 1 == len(server.posted)
    assert [] == recovery.pending(str(root))
    assert 1 == len(Spool(str(root)).names(store.SENT))
