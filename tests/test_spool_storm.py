"""Ten thousand crashes from several processes: what is kept, what is sent, what is counted."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from crashguard import registry, telemetry_level
from crashguard.report import envelope
from crashguard.spool import journal, rate_limit, store
from crashguard.spool.store import Spool
from crashguard.transport.upload import upload
from tests.conftest import ROOT
from tests.servers import Server

PROCESSES = 4
CRASHES = 2_500  # in each of them

# Each process begins when all are ready, so that they really write at once.
STORM = """
import sys
import crashguard
crashguard.install(app="demo", version="1.0", dsn=sys.argv[1], delivery="deferred", note=False)
print("ready", flush=True)
sys.stdin.readline()
names = {"__name__": "__main__"}
def made(text):
    exec(compile(text, __file__, "exec"), names)
%s
for number in range(%d):
    try:
        %s
    except ValueError as exc:
        crashguard.capture_exception(exc)
"""
SAME = STORM % ("made('def fail(n): raise ValueError(n)')", CRASHES, "names['fail'](number)")
DISTINCT = STORM % (
    f"for n in range({CRASHES}): made(f'def fail{{sys.argv[2]}}_{{n}}(): raise ValueError({{n}})')",
    CRASHES,
    "names[f'fail{sys.argv[2]}_{number}']()",
)


def storm(program: str, home: Path, dsn: str) -> Spool:
    script = home / "storm.py"
    script.write_text(program)
    processes = [
        subprocess.Popen(
            [sys.executable, str(script), dsn, str(index)],
            env={"HOME": str(home), "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for index in range(PROCESSES)
    ]
    for process in processes:
        assert process.stdout is not None
        assert "ready\n" == process.stdout.readline()
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        _, stderr = process.communicate(timeout=60)
        assert (0, "") == (process.returncode, stderr)
    return Spool(str(home / ".local/state/crashguard/demo"))


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


def test_ten_thousand_identical_crashes_are_one_report_with_a_count(home: Path, server: Server) -> None:
    """Each process makes one and counts the rest in it; of the four, one is sent, and says so."""
    spool = storm(SAME, home, server.dsn)
    kept = [
        envelope.unseal(Path(spool.folder(state), name).read_bytes())[1]
        for state in (store.WAITING, store.LOCAL)
        for name in spool.names(state)
    ]
    assert [CRASHES] * PROCESSES == [event["contexts"]["crashguard"]["occurrences"] for event in kept]
    assert 1 == len({tuple(event["fingerprint"]) for event in kept})

    upload(spool.root, telemetry_level.resolve("all"))
    [sent] = server.stored.values()
    assert CRASHES + PROCESSES - 1 == envelope.unseal(sent)[1]["contexts"]["crashguard"]["occurrences"]
    assert [] == spool.names(store.WAITING)


@pytest.mark.slow
def test_ten_thousand_different_crashes_stay_within_the_bounds(home: Path, server: Server) -> None:
    """A process reports its first fifty kinds and counts the rest; all together keep and send a hundred."""
    spool = storm(DISTINCT, home, server.dsn)
    names = spool.names(store.WAITING)

    assert 0.9 * store.MOST_REPORTS <= len(names) <= store.MOST_REPORTS + PROCESSES
    assert len(names) == len({store.parse_name(name)[1] for name in names if store.parse_name(name)})
    assert not any(name.startswith(".") for state in store.STATES for name in spool.names(state))
    told = [reason for _, outcome, _, reason in journal.entries(spool.root) if outcome == "suppressed"]
    most = [int(number) for reason in told for number in re.findall(r"^(\d+) crashes beyond", reason)]
    assert PROCESSES == most.count(CRASHES - registry.MOST_GROUPS)
    assert any(outcome == "pruned" for _, outcome, _, _ in journal.entries(spool.root))

    upload_all(spool)
    assert [] == spool.names(store.WAITING)
    assert len(server.stored) == len(server.posted) == min(len(names), rate_limit.MOST)


def upload_all(spool: Spool) -> None:
    """Send what waits, without the pauses between reports."""
    import crashguard.transport.upload as module

    spacing, module.SPACING = module.SPACING, 0.0
    try:
        upload(spool.root, telemetry_level.resolve("all"))
    finally:
        module.SPACING = spacing
