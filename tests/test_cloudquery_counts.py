"""A real plugin's syncs over real gRPC: their stats at a data plane, and their rows at a licensing server."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import namespaces
from tests.conftest import PROGRAMS
from tests.servers import eventually
from tests.sink import Sink
from tests.test_cloudquery import JSON, drive
from tests.usage_server import TEAM, TOKEN, UsageServer

pytestmark = pytest.mark.slow

GOOD = {"inserts": 15, "errors": []}  # three rows of each top table, three children of each row of "broken"


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


@pytest.fixture
def server() -> Iterator[UsageServer]:
    with UsageServer() as server:
        yield server


def keys(server: UsageServer) -> dict[str, str]:
    return {"LICENSING": server.url, "CLOUDQUERY_API_KEY": TOKEN, "_CQ_TEAM_NAME": TEAM}


# What breaks, and then (rows, errors, panics, how the sync ended).
COUNTS: dict[str, tuple[int, int, int, str]] = {
    "nothing": (15, 0, 0, "completed"),
    "resolve": (7, 0, 1, "completed"),
    "resolve-expected": (7, 1, 0, "completed"),
    "resolve-exit": (7, 0, 1, "completed"),
    "resolve-cancelled": (7, 0, 1, "completed"),
    "pre": (3, 0, 3, "completed"),
    "pre-expected": (3, 3, 0, "completed"),
    "multiplex": (3, 0, 1, "completed"),
    "multiplex-exit": (3, 0, 1, "completed"),
    "resolve-unprintable": (7, 0, 1, "completed"),
    "pre-unprintable": (3, 0, 3, "completed"),
    "post-sync": (15, 1, 0, "failed"),
}


@pytest.mark.parametrize(
    ("fail", "level"), [*((fail, "stats") for fail in COUNTS), ("resolve", "all"), ("pre", "all")]
)
def test_a_sync_counts_its_rows_errors_and_panics(tmp_path: Path, sink: Sink, fail: str, level: str) -> None:
    """Whether or not crash reports are wanted; the sync itself ends as without it."""
    env = {"FAIL": fail, "CQ_TELEMETRY_LEVEL": level}
    plain = drive(tmp_path, "init,sync", *JSON, UNGUARDED="1", **env)
    driven = drive(tmp_path, "init,sync", *JSON, STATS_TO=sink.url, **env)

    assert plain.calls == driven.calls
    eventually(lambda: sink.stored)
    [sent] = sink.stored.values()
    properties: dict[str, Any] = sent["properties"]
    counted = [properties[name] for name in ("resources", "errors", "panics", "exit_reason")]
    assert COUNTS[fail] == tuple(counted)
    assert ("cloudquery/demo", "1.2.3") == (properties["source_path"], properties["source_version"])
    assert not any(table in str(sent) for table in ("good", "broken", "child"))


def test_the_end_of_a_program_in_a_hook_is_no_good_end_of_a_sync(tmp_path: Path, sink: Sink) -> None:
    """`sys.exit(0)` ends the thread of the call; the CLI never hears that the sync was completed."""
    env = {"FAIL": "post-sync-exit-0", "CQ_TELEMETRY_LEVEL": "stats", "DEADLINE": "4"}
    driven = drive(tmp_path, "init,sync", *JSON, STATS_TO=sink.url, **env)

    assert "DEADLINE_EXCEEDED" in driven.calls["sync"]
    eventually(lambda: sink.stored)
    [sent] = sink.stored.values()
    assert ("failed", 1) == (sent["properties"]["exit_reason"], sent["properties"]["errors"])


@pytest.mark.parametrize("level", ["stats", "all"])
def test_two_syncs_at_once_are_counted_apart(tmp_path: Path, sink: Sink, level: str) -> None:
    """One scheduler, two calls of the CLI: the panic is that of the sync that met it."""
    env = {"FAIL": "one of two", "CQ_TELEMETRY_LEVEL": level}
    driven = drive(tmp_path, "init,two syncs", *JSON, STATS_TO=sink.url, **env)

    assert ["broken: the second sync only"] in [each["errors"] for each in driven.calls["two syncs"]]
    eventually(lambda: len(sink.stored) == 2)
    said = [each["properties"] for each in sink.stored.values()]
    assert [(3, 1, "completed"), (15, 0, "completed")] == sorted(
        (each["resources"], each["panics"], each["exit_reason"]) for each in said
    )


@pytest.mark.parametrize("level", ["none", "errors", ""])
def test_without_a_yes_no_stats_leave_a_plugin(tmp_path: Path, sink: Sink, level: str) -> None:
    """Nor where the host handed no telemetry level over."""
    driven = drive(tmp_path, "init,sync", *JSON, STATS_TO=sink.url, CQ_TELEMETRY_LEVEL=level)

    assert GOOD == driven.calls["sync"]
    assert [] == list(tmp_path.rglob("stats-*"))
    assert {} == sink.stored


@pytest.mark.parametrize("delivery", ["auto", "inline"])
@pytest.mark.parametrize("fail", ["nothing", "resolve"])
def test_the_stats_of_a_container_leave_before_its_end(
    tmp_path: Path, sink: Sink, fail: str, delivery: str
) -> None:
    """As the CLI runs a Python plugin: process 1, SIGTERM, SIGKILL after ten seconds, and no next run on its disk."""
    settings = json.dumps({"delivery": delivery})
    env = {"FAIL": fail, "CQ_TELEMETRY_LEVEL": "all", "STOP": "DOCKER", "SETTINGS": settings}
    env["UNDER"] = json.dumps(namespaces.container())
    drive(tmp_path, "init,sync", *JSON, STATS_TO=sink.url, **env)

    [sent] = sink.stored.values()
    assert COUNTS[fail][0] == sent["properties"]["resources"]


def test_the_stats_of_a_plugin_that_an_init_ends_are_sent_once(tmp_path: Path, sink: Sink) -> None:
    """The init hands SIGTERM on while they may be on their way: they lie on the disk, for the next plugin on it."""
    env = {"CQ_TELEMETRY_LEVEL": "stats", "STOP": "DOCKER", "STATS_TO": sink.url}
    init = [sys.executable, str(PROGRAMS / "cloudquery" / "init.py")]
    drive(tmp_path, "init,sync", *JSON, UNDER=json.dumps(namespaces.container(*init)), **env)
    waits = len(list(tmp_path.rglob("stats-anonymous/waiting/*")))
    assert waits + len(sink.stored) >= 1  # both, where it ends between the answer and the move

    drive(tmp_path, "init,sync", *JSON, UNDER=json.dumps(namespaces.container()), **env)
    assert [15, 15] == [each["properties"]["resources"] for each in sink.stored.values()]


def test_one_line_meters_a_sync_by_table(tmp_path: Path, server: UsageServer) -> None:
    """At the telemetry level none, too: usage is no telemetry."""
    driven = drive(tmp_path, "init,sync", *JSON, **keys(server), CQ_TELEMETRY_LEVEL="none")

    assert GOOD == driven.calls["sync"]
    assert (15, {"good": 3, "broken": 3, "child": 9}) == (server.rows, server.tables)
    assert [] == server.violations


def test_tables_of_the_users_data_are_not_named(tmp_path: Path, server: UsageServer) -> None:
    """Only the sum of their rows is reported."""
    drive(tmp_path, "init,sync", *JSON, **keys(server), DYNAMIC="1")

    assert (15, {}) == (server.rows, server.tables)


def test_a_sync_without_quota_does_not_begin(tmp_path: Path, server: UsageServer) -> None:
    """The person at the CLI reads why, and it is no crash."""
    server.quota = {"remaining_rows": 0}
    driven = drive(tmp_path, "init,sync", *JSON, **keys(server))

    assert "reached its usage limit for cloudquery/source/demo" in driven.calls["sync"]
    assert (0, []) == (server.rows, driven.events)
