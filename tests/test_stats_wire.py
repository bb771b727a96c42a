"""Our requests beside those of Segment's and RudderStack's own clients: one event, one sink, compared."""

import os
import subprocess
from typing import Any

import pytest

import crashguard
from crashguard import stats
from crashguard.stats import config, recorder
from tests.conftest import component
from tests.sink import Request, Sink

PROPERTIES = {"sync_run_id": "run-7", "total_rows": 42, "destination_paths": ["cloudquery/postgresql"]}
CLIENTS = {
    "segment": (
        "import sys, json, segment.analytics as client\n"
        "client.write_key, client.host = 'the-key', sys.argv[1]\n"
        "client.gzip = client.sync_mode = True\n"
        "client.track('user-1', 'sync_run_completed', json.loads(sys.argv[2]))\n"
    ),
    "rudderstack": (
        "import sys, json, rudderstack.analytics as client\n"
        "client.write_key, client.dataPlaneUrl = 'the-key', sys.argv[1]\n"
        "client.gzip = client.sync_mode = True\n"
        "client.track('user-1', 'sync_run_completed', json.loads(sys.argv[2]))\n"
    ),
}


def of_client(client: str, sink: Sink) -> Request:
    import json

    subprocess.run(
        [component("CRASHGUARD_SEGMENT_PYTHON"), "-c", CLIENTS[client], sink.url, json.dumps(PROPERTIES)],
        env={"PATH": os.environ["PATH"]},
        check=True,
    )
    return sink.requests.pop()


def of_ours(sink: Sink) -> Request:
    crashguard.install(app="demo", version="1.2.3", telemetry_level="all", delivery="deferred")
    stats.configure(url=sink.url, write_key="the-key")
    stats.identify("user-1")
    recorder.record("sync_run_completed", dict(PROPERTIES), config.current().identity)
    assert stats.flush()
    config.reset()
    return sink.requests.pop()


@pytest.mark.parametrize("client", CLIENTS)
def test_our_requests_are_those_of_the_clients(client: str) -> None:
    """Path, authorization, encoding and each field that a client sends are the same in ours."""
    with Sink() as sink:
        theirs, ours = of_client(client, sink), of_ours(sink)

    assert (ours.path, ours.key) == (theirs.path, theirs.key) == ("/v1/batch", "the-key")
    for header in ("Content-Type", "Content-Encoding", "Authorization"):
        assert ours.headers[header] == theirs.headers[header]
    assert set(ours.body) == set(theirs.body) - {"writeKey"}  # Segment's has it in the body as well
    [message], [model] = ours.messages, theirs.messages
    assert set(message) - {"channel"} == set(model) - {"channel"}
    assert model.get("channel", "server") == message["channel"]
    for field in ("type", "event", "userId"):
        assert message[field] == model[field]
    assert {name: message["properties"][name] for name in PROPERTIES} == model["properties"]
    assert _shape(message["context"]["library"]) == _shape(model["context"]["library"])
    for moment in (message["timestamp"], ours.body["sentAt"]):
        assert _is_iso(moment)


def _shape(value: dict[str, Any]) -> dict[str, type]:
    return {name: type(each) for name, each in value.items()}


def _is_iso(text: str) -> bool:
    from datetime import datetime

    return datetime.fromisoformat(text).tzinfo is not None
