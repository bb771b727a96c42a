"""The sample tool's premium plugin, in real processes, with a licensing server beside it."""

from pathlib import Path

import pytest

from tests.conftest import ROOT, Finished, Run
from tests.usage_server import TEAM, TOKEN, Fault, UsageServer

SPEC = str(ROOT / "samples/data/premium.toml")


def sync(run: Run, **env: str) -> Finished:
    return run(str(ROOT / "samples/minisync.py"), "sync", SPEC, "--to", "copy.db", env=env)


def keys(server: UsageServer) -> dict[str, str]:
    return {"MINISYNC_LICENSING": server.url, "CLOUDQUERY_API_KEY": TOKEN, "_CQ_TEAM_NAME": TEAM}


@pytest.mark.parametrize("level", ["all", "none"])
def test_a_sync_is_metered_at_every_telemetry_level(run: Run, level: str) -> None:
    """All rows are reported, by table, also where telemetry is switched off; nothing is left to send."""
    with UsageServer() as server:
        done = sync(run, **keys(server), MINISYNC_TELEMETRY_LEVEL=level)

        assert (done.status, done.stderr) == (0, "")
        assert "rates                   240 rows" in done.stdout
        assert (server.rows, server.tables) == (240, {"rates": 240})
        assert server.violations == []
    assert list(done.state.parent.rglob("*.json")) == []


def test_without_a_key_it_says_so(run: Run) -> None:
    """No key is no crash: exit status 2, what is missing and where to put it, and no report."""
    done = sync(run)

    assert done.status == 2
    assert "CLOUDQUERY_API_KEY" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.files("minisync") == []


@pytest.mark.slow
def test_a_server_that_is_down_loses_no_row(run: Run, tmp_path: Path) -> None:
    """What could not be told lies on disk, and the next run tells it, once."""
    with UsageServer() as server:
        server.faults = [Fault(status=403)] * 20
        first = sync(run, **keys(server))
        assert first.status == 2
        assert server.rows == 0

        server.faults = []
        second = sync(run, **keys(server))

        assert second.status == 0
        assert server.rows == 480
        assert server.violations == []


def test_the_key_is_in_no_report(run: Run) -> None:
    """Neither the key nor the rows are in anything that a crash of the plugin leaves."""
    with UsageServer() as server:
        program = (
            "import sys; sys.path.insert(0, sys.argv[1])\n"
            "import crashguard\n"
            "crashguard.install(app='demo', version='1', note=False)\n"
            "import minisync_rates, pathlib\n"
            "for rows in minisync_rates.batches(pathlib.Path(sys.argv[1]) / 'data/rates.csv', 'rates'):\n"
            "    raise RuntimeError('half way')\n"
        )
        done = run(program, str(ROOT / "samples"), env=keys(server))

    assert done.status == 1
    [path] = done.files()
    assert TOKEN not in path.read_text()
