"""Sync summaries over gRPC: a real server on CloudQuery's declaration, a program that syncs, another Python."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import crashguard
from crashguard import stats
from tests.conftest import PROGRAMS, ROOT, component
from tests.sink import Sink

SYNC = """
import sys
import crashguard
from crashguard import stats

crashguard.install(app="demo", version="1.2.3", telemetry_level=sys.argv[3] if len(sys.argv) > 3 else "all")
stats.configure(url=sys.argv[1], write_key="key", analytics=sys.argv[2])
to = [("acme/sqlite@v1.0.0", "cloudquery"), ("/home/me/secret", "local")]
try:
    with stats.command("sync"), stats.sync(source="acme/crm@v2.0.1", destinations=to, registry="cloudquery") as run:
        run.resources("customers", 300)
        run.warning("customers")
        if sys.argv[4:]:
            raise ValueError("jane@example.com")
except ValueError:
    pass
print(stats.flush(20))
"""


@contextmanager
def service(answer: str = "") -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """The service's address and its process; it answers OK, or with the code of gRPC that is named."""
    with subprocess.Popen(
        [component("CRASHGUARD_CLOUDQUERY_PYTHON"), PROGRAMS / "cloudquery/analytics_server.py", answer],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        yield f"127.0.0.1:{process.stdout.readline().strip()}", process


def received(process: "subprocess.Popen[str]") -> list[dict[str, object]]:
    """What the service was sent until now; it ends."""
    return [json.loads(line) for line in process.communicate(timeout=30)[0].splitlines()]


def synced(home: Path, *arguments: str, **env: str) -> str:
    done = subprocess.run(
        [component("CRASHGUARD_CLOUDQUERY_PYTHON"), "-c", SYNC, *arguments],
        env={"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "" == done.stderr
    return done.stdout


@pytest.mark.slow
def test_a_summary_goes_to_the_service_and_the_rest_to_the_data_plane(home: Path) -> None:
    """What arrives is what CloudQuery's own command line sends: names of the registry, sums, version, ending."""
    with Sink() as sink, service() as (host, process):
        assert "True\n" == synced(home, sink.url, host)
        [got] = received(process)
        events = [each["event"] for request in sink.requests for each in request.messages]

    summary = got["sync_summary"]
    assert isinstance(summary, dict)
    assert 32 <= len(summary.pop("Invocation_UUID")) <= 36
    assert summary == {
        "Source_path": "acme/crm",
        "Source_version": "v2.0.1",
        "Destinations": [{"Path": "acme/sqlite", "Version": "v1.0.0"}, {"Path": "local"}],
        "Resources": "300",
        "Client_version": "1.2.3",
        "Exit_reason": "completed",
    }
    assert events == ["command_completed"]


@pytest.mark.slow
def test_a_sync_that_fails_was_stopped(home: Path) -> None:
    """The service knows two words for an ending, and the exception's own words are in none of its fields."""
    with Sink() as sink, service() as (host, process):
        synced(home, sink.url, host, "all", "fails")
        [got] = received(process)

    assert isinstance(got["sync_summary"], dict)
    assert ("stopped", "1") == (got["sync_summary"]["Exit_reason"], got["sync_summary"]["Errors"])
    assert "jane" not in json.dumps(got)


@pytest.mark.slow
def test_the_users_own_service_wins_and_a_no_reaches_none(home: Path) -> None:
    """CQ_ANALYTICS_HOST names another service; under a no neither hears anything."""
    with Sink() as sink, service() as (theirs, one), service() as (own, other):
        synced(home, sink.url, theirs, CQ_ANALYTICS_HOST=own)
        synced(home, sink.url, theirs, "errors", CQ_ANALYTICS_HOST=own)
        synced(home, sink.url, theirs, CQ_ANALYTICS_HOST="no address")

        assert ([], 1) == (received(one), len(received(other)))


@pytest.mark.slow
@pytest.mark.parametrize(("answer", "state"), [("INVALID_ARGUMENT", "rejected"), ("UNAVAILABLE", "waiting")])
def test_a_refused_summary_is_kept_on_the_machine(home: Path, answer: str, state: str) -> None:
    """A final answer ends it; another one is asked for again later."""
    with Sink() as sink, service(answer) as (host, process):
        synced(home, sink.url, host)
        assert received(process)

    kept = [path for path in home.rglob("*.jsonl") if "sync_summary" in path.read_text()]
    assert [state] == [path.parent.name for path in kept]


@pytest.mark.parametrize("wrong", ["analytics.example.com", "https://h:443", "h:port", "", "a b:443"])
def test_a_wrong_service_is_refused(wrong: str) -> None:
    """A tool hears of it at once."""
    with pytest.raises(crashguard.ConfigurationError, match="analytics"):
        stats.configure(url="https://events.example.com", write_key="key", analytics=wrong)


def test_a_service_needs_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without grpcio the tool's author learns what to install."""
    monkeypatch.setitem(__import__("sys").modules, "grpc", None)
    with pytest.raises(crashguard.ConfigurationError, match=r"crashguard\[grpc\]"):
        stats.configure(analytics="analytics.example.com:443")
