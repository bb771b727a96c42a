"""SIGKILL at every step of a sync: no row that was durable is lost, none is counted twice, nothing is left behind."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.usage_server import TEAM, TOKEN, UsageServer

ROOT = Path(__file__).parent.parent
PROGRAM = Path(__file__).parent / "programs" / "usage_kill.py"
ALL = 1 + 2 + 4 + 8 + 16  # what a sync of the program counts


class Killer:
    """The program, ready to be killed at any step."""

    def __init__(self, server: UsageServer, folder: Path, kind: str, home: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(PROGRAM), server.url, str(folder), kind],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(ROOT),
                "HOME": str(home),
                "CLOUDQUERY_API_KEY": TOKEN,
                "_CQ_TEAM_NAME": TEAM,
            },
        )

    def run(self, step: int) -> tuple[int, int, int]:
        """Kill a sync at a step: rows counted, rows known as durable, how it ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{step}\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        return answer["counted"], answer["durable"], answer["status"]

    def close(self) -> None:
        self._process.communicate(timeout=30)


@pytest.fixture
def server() -> Iterator[UsageServer]:
    with UsageServer() as server:
        yield server


def safe(server: UsageServer, folder: Path) -> int:
    """Rows that the server counted or that lie on disk; what is in both counts once."""
    found = {
        usage["request_id"]: usage["rows"]
        for path in folder.glob("*.json")
        for usage in [json.loads(path.read_bytes())["usage"]]
    }
    return sum((found | {key: body["rows"] for key, body in server.batches.items()}).values())


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["calls", "lines"])
def test_a_kill_at_any_step_loses_nothing_durable_and_doubles_nothing(
    server: UsageServer, tmp_path: Path, home: Path, kind: str
) -> None:
    """After each kill: at least what was durable, at most what was counted; the next run takes over what is owed."""
    folder = tmp_path / "usage"
    killer = Killer(server, folder, kind, home)
    step, before, lost = 0, 0, 0
    while True:
        if len(list(folder.glob("*.json"))) > 1:  # else more is left than a short life can take over
            assert (ALL, ALL, 0) == killer.run(10**9)
            before += ALL
            assert before == server.rows
        step += 1
        counted, durable, status = killer.run(step)
        after = safe(server, folder)
        assert durable <= after - before <= counted, (step, durable, after - before, counted)
        assert status in (0, -signal.SIGKILL)
        lost += counted - (after - before)
        before = after
        if status == 0:
            break
    # One more, which nobody kills.
    assert (ALL, ALL, 0) == killer.run(10**9)
    killer.close()

    assert step > {"calls": 30, "lines": 200}[kind]
    assert lost > 0  # rows counted after the last durable point are what a kill may cost: it was hit
    assert before + ALL == server.rows
    assert {"orders": server.rows} == server.tables
    assert [] == list(folder.iterdir())
