"""The same crash again and again: one report a day leaves the machine, and it says how often it happened."""

import os
import time
from pathlib import Path
from typing import Any

import pytest

from crashguard import telemetry_level
from crashguard.report import envelope
from crashguard.spool import rate_limit
from crashguard.spool.store import Spool
from crashguard.transport.upload import upload
from tests import uploaders
from tests.conftest import Run
from tests.servers import Server, eventually

PLUGIN = (
    "import crashguard\nfrom crashguard import transport\ntransport._MORE_OF_A_PLUGIN = 4.0\n"
    "crashguard.install(app='demo', version='1.0', dsn={dsn!r}, delivery={how!r},\n"
    "    plugin=crashguard.Plugin('cloudquery', 'source', 'aws', '1.0'))\n"
)
TOOL = (
    "import crashguard\ncrashguard.install(app='demo', version='1.0', dsn={dsn!r}, delivery={how!r})\n"
    "def start(n):\n    raise ValueError(f'attempt {{n}}')\n"
)
START_AGAIN = "import os\nstart(os.getpid())\n"  # other data each time, and the same statement
START = "def start():\n    raise ValueError('no such table')\nstart()\n"
YES = telemetry_level.resolve("all", app="demo")


def about(data: bytes) -> dict[str, Any]:
    """What a report says of itself."""
    context: dict[str, Any] = envelope.unseal(data)[1]["contexts"]["crashguard"]
    return context


@pytest.mark.slow
def test_the_attempts_of_a_host_to_start_its_plugin_are_one_report(run: Run) -> None:
    """A plugin that dies at its start is started three times: one report leaves, and says three."""
    with Server() as server:
        for _ in range(3):
            done = run(PLUGIN.format(dsn=server.dsn, how="background") + START)
            assert 1 == done.status
        eventually(lambda: server.stored)
        uploaders.gone(done.state / "demo")

        [sent] = server.stored.values()
        assert (1, 3) == (len(server.posted), about(sent)["occurrences"])
    assert [sent] == [path.read_bytes() for path in done.files(folder="sent")]
    assert 2 == len(done.files(folder="local"))


def test_a_tool_that_crashed_is_not_waited_for(run: Run) -> None:
    """Nobody starts it again but its user: its uploader sends as soon as it has ended."""
    with Server() as server:
        done = run(
            "import os\nfrom crashguard.transport import spawn as module\nreal = module._spawn\n"
            "def spawn(path, arguments, *more):\n    print(arguments[-1])\n"
            "    return real(path, arguments, *more)\nmodule._spawn = spawn\n"
            + TOOL.format(dsn=server.dsn, how="background")
            + "start(1)\n"
        )
        assert "0.0\n" == done.stdout
        eventually(lambda: server.stored)
    uploaders.gone(done.state / "demo")


def test_crashes_that_come_while_one_waits_are_counted_in_it(run: Run) -> None:
    """Five processes crash while the server is away: one report arrives, whole, and says five."""
    with Server("refused") as server:
        for _ in range(5):
            done = run(TOOL.format(dsn=server.dsn, how="deferred") + START_AGAIN)
            (done.state / "demo" / "resumed").touch()  # so that the next one lets wait what waits
        spool = done.state / "demo"
        server.mood = "healthy"
        summary = upload(str(spool), YES)

        assert (1, 0) == (summary.sent, summary.left)
        [sent] = server.stored.values()
        assert 5 == about(sent)["occurrences"]
        assert "held_back" not in about(sent)
    assert (1, 4) == (len(done.files(folder="sent")), len(done.files(folder="local")))
    assert ["repeats-waiting"] * 4 == [
        about(path.read_bytes())["kept_because"] for path in done.files(folder="local")
    ]
    assert "kept_because" not in about(sent)


def test_processes_that_crash_at_the_same_moment_are_counted_as_well(run: Run) -> None:
    """Each saw no other report of its group: one is sent, the others stay and are in its count."""
    with Server("refused") as server:
        for _ in range(3):
            done = run(TOOL.format(dsn=server.dsn, how="deferred") + START_AGAIN)
            (done.state / "demo" / "resumed").touch()  # so that the next one lets wait what waits
        spool = Spool(str(done.state / "demo"))
        for path in done.files(folder="local"):  # as if they had not seen each other
            _, event = envelope.unseal(path.read_bytes())
            path.write_bytes(envelope.seal(event, server.dsn))
            path.rename(path.parents[1] / "waiting" / path.name)
        rate_limit.delete_counts(spool.root)
        server.mood = "healthy"
        summary = upload(spool.root, YES)

        assert (1, 2, 1) == (summary.sent, summary.suppressed, len(server.posted))
        assert 3 == about(*server.stored.values())["occurrences"]


def test_one_a_day_is_sent_and_the_next_says_how_many_were_suppressed(run: Run) -> None:
    """Four crashes after the one that was sent stay; a day later the fifth goes out with the figure."""
    with Server() as server:
        for _ in range(5):
            done = run(TOOL.format(dsn=server.dsn, how="deferred") + START_AGAIN)
            upload(str(done.state / "demo"), YES)
        assert (1, 4) == (len(server.stored), len(done.files(folder="local")))

        tomorrow(done.state / "demo")
        run(TOOL.format(dsn=server.dsn, how="deferred") + START_AGAIN)
        upload(str(done.state / "demo"), YES)
        last = about(list(server.stored.values())[-1])
        assert (2, 4, 1) == (len(server.stored), last["held_back"], last["occurrences"])


def tomorrow(spool: Path) -> None:
    """As if a day had gone by since the reports were sent."""
    for path in (spool / "sent").iterdir():
        os.utime(path, (time.time() - rate_limit.SECONDS - 1,) * 2)


def test_another_version_is_another_bug(run: Run) -> None:
    """The same crash in the version after it is sent on the same day: the fix did not work."""
    with Server() as server:
        for version in ("1.0", "1.1"):
            program = TOOL.format(dsn=server.dsn, how="deferred").replace("'1.0'", repr(version))
            done = run(program + "start(1)\n")
            upload(str(done.state / "demo"), YES)
        assert 2 == len(server.stored)
