"""A plugin in a container, as Docker runs and stops it: what it swallowed has arrived while it lived."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PROGRAMS
from tests.servers import Server
from tests.test_cloudquery import JSON, drive

CONTAINER = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]
PLACES = {
    "the plugin is the first process": [],
    "an entrypoint script starts the plugin": ["sh", "-c", '"$@"; exit $?', "entrypoint.sh"],
    "an init starts the plugin": [sys.executable, str(PROGRAMS / "cloudquery" / "init.py")],
}


@pytest.mark.slow
@pytest.mark.parametrize("place", PLACES)
def test_a_container_has_sent_everything_before_docker_stops_it(tmp_path: Path, place: str) -> None:
    """Two bugs that the SDK swallows, then SIGTERM, and SIGKILL after ten seconds; nothing is left for a next run."""
    if subprocess.run([*CONTAINER, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody make a PID namespace")
    with Server() as server:
        env = {"FAIL": "several", "PLUGIN_DSN": server.dsn, "STOP": "DOCKER"}
        driven = drive(tmp_path, "init,sync", *JSON, UNDER=json.dumps(CONTAINER + PLACES[place]), **env)
        phases = sorted(event["tags"]["phase"] for event in server.events)

    assert {"inserts": 3, "errors": ["broken: broken in resolve: password=hunter2hunter2"]} == driven.calls[
        "sync"
    ]
    assert ["resolve", "resolve_column"] == phases
    assert ["sent", "sent"] == [state for state, _ in driven.events]
