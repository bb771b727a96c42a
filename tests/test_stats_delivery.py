"""When stats leave: under the telemetry level they were recorded at, and not with a process for each of them."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import namespaces, uploaders
from tests.conftest import ROOT, Finished, Run
from tests.servers import eventually
from tests.sink import Sink

# Prints how many processes were started while it ran.
PROGRAM = """
import sys
started = []
sys.addaudithook(lambda name, _: started.append(name) if name in ("os.posix_spawn", "subprocess.Popen") else None)
import crashguard
from crashguard import stats
crashguard.install(app="demo", version="1.0", note=False, delivery=sys.argv[2])
stats.configure(url=sys.argv[1], write_key="key")
with stats.command("sync"):
    pass
print(len(started))
"""


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


def spool_of(done: Finished) -> Path:
    return done.state / "demo"


def send(home: Path) -> subprocess.CompletedProcess[str]:
    """What a person types to have all that waits sent now."""
    return subprocess.run(
        [sys.executable, "-m", "crashguard", "send"],
        env={"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def recorded_at(done: Finished, level: str) -> None:
    """As if the records that wait had been made at another telemetry level."""
    files = [path for path in done.left if b'"telemetry_level":"stats"' in path.read_bytes()]
    assert files
    for path in files:
        path.write_bytes(
            path.read_bytes().replace(b'"telemetry_level":"stats"', f'"telemetry_level":"{level}"'.encode())
        )


@pytest.mark.slow
@pytest.mark.parametrize("level", ["stats", "all"])
def test_what_was_recorded_with_consent_leaves(run: Run, home: Path, sink: Sink, level: str) -> None:
    """Recorded at `stats` or `all`, sent under the default."""
    done = run(PROGRAM, sink.url, "deferred", env={"DEMO_TELEMETRY_LEVEL": "stats"})
    recorded_at(done, level)

    assert 0 == send(home).returncode
    assert ["command_completed"] == sink.events


@pytest.mark.slow
@pytest.mark.parametrize("level", ["none", "errors", "", "ALL"])
def test_what_was_recorded_without_consent_never_leaves(run: Run, home: Path, sink: Sink, level: str) -> None:
    """Consent belongs to the record: a later yes does not make one of a no. The record is deleted."""
    done = run(PROGRAM, sink.url, "deferred", env={"DEMO_TELEMETRY_LEVEL": "stats"})
    recorded_at(done, level)

    send(home)
    assert [] == sink.requests
    assert not [path for path in done.left if b"command_completed" in path.read_bytes()]


@pytest.mark.slow
def test_a_tool_that_is_used_all_the_time_starts_an_uploader_a_minute(run: Run, sink: Sink) -> None:
    """Ten commands in a shell's loop: one process for the first, the others' records wait; a minute later all leave."""
    machine = namespaces.on_a_machine()
    done = run(PROGRAM, sink.url, "auto", before=machine)
    assert "1\n" == done.stdout
    eventually(lambda: sink.stored)
    uploaders.gone(spool_of(done))

    assert ["0\n"] * 9 == [run(PROGRAM, sink.url, "auto", before=machine).stdout for _ in range(9)]
    assert [] == uploaders.of(spool_of(done))
    assert 1 == len(sink.stored)

    before = time.time() - 90
    for path in done.left:
        os.utime(path, (before, before))
    assert "1\n" == run(PROGRAM, sink.url, "auto", before=machine).stdout
    eventually(lambda: 11 == len(sink.stored))
    uploaders.gone(spool_of(done))


FLUSH = """
import os, sys
import crashguard
from crashguard import stats
from crashguard.consent import choices
ABOUT = dict(app="demo", version="1.0", note=False, delivery="deferred")
crashguard.install(**ABOUT)
stats.configure(url=sys.argv[1], write_key="key")
with stats.command("sync"):
    pass
{no}
stats.flush(20)
"""
SAVED = "choices.save_choice({value!r}, since='2026-01-31T12:00:00Z'{more})"
FORKED = """
ready, go = os.pipe()
pid = os.fork()
if pid:
    crashguard.install(**ABOUT, telemetry_level="errors")
    os.write(go, b"x")
    os.waitpid(pid, 0)
    os._exit(0)
os.read(ready, 1)
"""


@pytest.mark.parametrize(
    "no",
    [
        "os.environ['DEMO_TELEMETRY_LEVEL'] = 'none'",
        "os.environ['DEMO_TELEMETRY_LEVEL'] = 'errors'",
        "os.environ['DEMO_TELEMETRY_LEVEL'] = 'loud'",
        "os.environ['DO_NOT_TRACK'] = '1'",
        SAVED.format(value="none", more=""),
        SAVED.format(value="errors", more=", app='demo'"),
        "open(choices.save_choice('all', since='2026-01-31T12:00:00Z'), 'w').close()",
        "crashguard.install(**ABOUT, telemetry_level='errors')",
        "crashguard.install(**ABOUT, default_level='none')",
        "sys.argv.append('--telemetry-level=none'); crashguard.install(**ABOUT)",
        "os.environ['DEMO_TELEMETRY_LEVEL'] = 'none'; crashguard.install(**ABOUT, env_var='DEMO_PRIVACY')",
        "os.environ['OLD'] = 'none'; crashguard.install(**ABOUT, env_var=['NEW', 'OLD'])",
        pytest.param(
            FORKED, marks=pytest.mark.skipif(not hasattr(os, "fork"), reason="this system forks no process")
        ),
    ],
)
def test_a_flush_asks_for_every_kind_of_no(run: Run, sink: Sink, no: str) -> None:
    """What was recorded under a yes a moment before does not leave."""
    assert 0 == run(FLUSH.format(no=no), sink.url).status

    assert [] == sink.requests
