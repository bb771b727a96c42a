"""The sample tool's stats: a real sync, a real crash, a real login, and what a data plane is told of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import namespaces
from tests.conftest import ROOT, Finished, Run
from tests.servers import eventually
from tests.sink import Sink

DEMO = str(ROOT / "samples/data/demo.toml")


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


def minisync(run: Run, sink: Sink, *arguments: str, **env: str) -> Finished:
    before = namespaces.on_a_machine()  # stats leave by an uploader
    return run(str(ROOT / "samples/minisync.py"), "--stats-to", sink.url, *arguments, env=env, before=before)


def properties(sink: Sink, event: str) -> list[dict[str, Any]]:
    return [each["properties"] for each in sink.stored.values() if each["event"] == event]


def test_a_sync_and_a_crash_are_told_without_who(run: Run, sink: Sink, home: Path) -> None:
    """Rows are counted for real, a crash ends its source's sync as failed, and no path or name is told."""
    done = minisync(run, sink, "sync", DEMO, "--to", "copy.db")

    assert done.status == 1
    eventually(lambda: len(sink.stored) == 3)
    official, other = sorted(properties(sink, "sync_summary"), key=lambda said: said["source_path"])
    assert (official["source_path"], official["source_version"]) == ("minisync/crm", "2.0.3")
    assert (official["exit_reason"], official["errors"], official["panics"]) == ("failed", 1, 0)
    assert (other["source_path"], other["exit_reason"], other["panics"]) == ("unofficial", "completed", 0)
    assert other["resources"] > 100
    assert properties(sink, "command_completed") == [{"command": "minisync sync", "status": "error"}]
    told = str(sink.requests)
    assert [text for text in (str(home), DEMO, "demo", "tannenhof", "Traceback") if text in told] == []


@pytest.mark.slow
def test_a_login_is_told_and_then_syncs_say_who(run: Run, sink: Sink) -> None:
    """After `login` a sync has a start and an end with user and team; after `logout` it has none."""
    minisync(run, sink, "login", "user-7", "--team", "harbour")
    minisync(run, sink, "sync", DEMO, "--only", "billing", "--to", "copy.db")
    minisync(run, sink, "logout")
    minisync(run, sink, "sync", DEMO, "--only", "billing", "--to", "copy.db")

    # An uploader takes what is there when it looks; the last command's may be left for the next run.
    run(
        "import crashguard\n"
        "from crashguard import stats\n"
        "crashguard.install(app='minisync', version='1.4.0')\n"
        "stats.flush(20)\n"
    )
    eventually(lambda: len(sink.stored) == 9)
    assert sorted(sink.events) == [
        *["command_completed"] * 4,
        "login_success",
        "sync_run_completed",
        "sync_run_started",
        *["sync_summary"] * 2,
    ]
    [finished] = properties(sink, "sync_run_completed")
    assert (finished["user_id"], finished["team"], finished["sync_name"]) == ("user-7", "harbour", "demo")
    assert finished["total_rows"] == properties(sink, "sync_summary")[0]["resources"]


@pytest.mark.parametrize("level", ["none", "errors"])
def test_a_refusal_is_kept(run: Run, sink: Sink, level: str) -> None:
    """At none and errors the tool works as before and tells nobody."""
    done = minisync(
        run, sink, "sync", DEMO, "--only", "billing", "--to", "copy.db", MINISYNC_TELEMETRY_LEVEL=level
    )

    assert done.status == 0
    assert list(done.state.rglob("*.jsonl")) == []
    assert sink.requests == []
