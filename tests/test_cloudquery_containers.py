"""A plugin in a container, as Docker runs and stops it: what it swallowed has arrived while it lived."""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests import namespaces
from tests.conftest import PROGRAMS, ROOT, component
from tests.servers import Server
from tests.test_cloudquery import JSON, drive

PLACES = {
    "the plugin is the first process": [],
    "an entrypoint script starts the plugin": ["sh", "-c", '"$@"; exit $?', "entrypoint.sh"],
    "an init starts the plugin": [sys.executable, str(PROGRAMS / "cloudquery" / "init.py")],
}


@pytest.mark.slow
@pytest.mark.parametrize("place", PLACES)
def test_a_container_has_sent_everything_before_docker_stops_it(tmp_path: Path, place: str) -> None:
    """Two bugs that the SDK swallows, then SIGTERM, and SIGKILL after ten seconds; nothing is left for a next run."""
    container = namespaces.container(*PLACES[place])
    with Server() as server:
        env = {"FAIL": "several", "PLUGIN_DSN": server.dsn, "STOP": "DOCKER"}
        driven = drive(tmp_path, "init,sync", *JSON, UNDER=json.dumps(container), **env)
        phases = sorted(event["tags"]["phase"] for event in server.events)

    assert {"inserts": 3, "errors": ["broken: broken in resolve: password=hunter2hunter2"]} == driven.calls[
        "sync"
    ]
    assert ["resolve", "resolve_column"] == phases
    assert ["sent", "sent"] == [state for state, _ in driven.events]


@pytest.mark.slow
@pytest.mark.parametrize(("fail", "calls"), [("init", "init"), ("sync", "init,sync"), ("read", "init,read")])
def test_a_call_that_fails_is_reported_though_the_container_ends_at_once(
    tmp_path: Path, fail: str, calls: str
) -> None:
    """An init hands SIGTERM on as soon as the CLI has its status, and the container ends with the plugin."""
    container = namespaces.container(*PLACES["an init starts the plugin"])
    with Server() as server:
        env = {"FAIL": fail, "PLUGIN_DSN": server.dsn, "STOP": "DOCKER"}
        driven = drive(tmp_path, calls, *JSON, UNDER=json.dumps(container), **env)
        phases = [event["tags"]["phase"] for event in server.events]

    assert f"broken in {fail}: password=hunter2hunter2" in driven.calls[fail]
    assert [fail] == phases


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fail", "calls", "place"),
    [
        ("thread", "init,sync", "an init starts the plugin"),
        ("guarded write", "init,write", "an init starts the plugin"),
        ("several", "init,sync", "the plugin is the first process"),
        ("thread", "init,sync", "the plugin is the first process"),
    ],
)
def test_what_a_call_goes_on_after_has_left_before_its_answer(
    tmp_path: Path, fail: str, calls: str, place: str
) -> None:
    """SIGTERM by an init, and SIGKILL for a first process, come as soon as the CLI has the answer."""
    container = namespaces.container(*PLACES[place])
    stop = "DOCKER" if "init" in place else "DOCKER KILL"
    with Server() as server:
        env = {"FAIL": fail, "PLUGIN_DSN": server.dsn, "STOP": stop}
        driven = drive(tmp_path, calls, *JSON, UNDER=json.dumps(container), **env)
        arrived = len(server.events)

    assert arrived == (2 if fail == "several" else 1)
    assert ["sent"] * arrived == [state for state, _ in driven.events]


@pytest.mark.slow
@pytest.mark.parametrize("pause", [0.0, 0.2])
@pytest.mark.parametrize("place", PLACES)
def test_bugs_at_one_moment_have_all_left_before_the_answer(tmp_path: Path, place: str, pause: float) -> None:
    """Three tables fail by three bugs at once, and SIGKILL comes as soon as the CLI has the answer."""
    container = namespaces.container(*PLACES[place])
    with Server() as server:
        server.pause = pause
        env = {"FAIL": "at once", "PLUGIN_DSN": server.dsn, "STOP": "DOCKER KILL"}
        drive(tmp_path, "init,sync", *JSON, UNDER=json.dumps(container), **env)
        phases = sorted(event["tags"]["phase"] for event in server.events)

    assert ["post_resource_resolve", "resolve", "resolve_column"] == phases


FILES = """
import pyarrow as pa
from cloudquery.sdk import plugin, schema
from cloudquery.sdk.scheduler import Scheduler, TableResolver


class Files(TableResolver):
    def __init__(self):
        super().__init__(schema.Table("files", [schema.Column("name", pa.string())]), [])

    def resolve(self, client, parent):
        yield {"name": "a.txt"}
        raise RuntimeError("on purpose")


class Client:
    def id(self):
        return "files"


class FilesPlugin(plugin.Plugin):
    def __init__(self):
        super().__init__("files", "1.2.3", plugin.plugin.Options(team="acme", kind="source"))

    def set_logger(self, logger):
        self._logger = logger

    def init(self, spec, no_connection=False):
        self._scheduler = Scheduler(concurrency=10, logger=self._logger)

    def sync(self, options):
        return self._scheduler.sync(Client(), [Files()])
"""


@pytest.mark.slow
def test_the_page_works_as_it_is_written(tmp_path: Path) -> None:
    """Its program round a plugin that crashes on purpose, in a container; then its two commands."""
    page = (ROOT / "docs/cloudquery.md").read_text()
    how = page.partition("\n## How\n")[2].partition("\n## ")[0]
    program = textwrap.dedent(how.partition("   ```python\n")[2].partition("   ```\n")[0])
    assert [f"`crashguard {name}`" in how for name in ("list", "show ID")] == [True, True]
    (tmp_path / "acme_files").mkdir()
    (tmp_path / "acme_files" / "plugin.py").write_text(FILES)
    (tmp_path / "main.py").write_text(program)

    container = namespaces.entering("--mount-proc")
    contained = {"UNDER": json.dumps(container), "STOP": "DOCKER"} if container else {}
    driven = drive(tmp_path, "init,sync", PLUGIN=str(tmp_path / "main.py"), **contained)

    assert {"inserts": 1, "errors": ["files: on purpose"]} == driven.calls["sync"]
    [(state, event)] = driven.events
    assert ("local", "files", "resolve") == (state, event["tags"]["table"], event["tags"]["phase"])
    assert event["event_id"][:8] in typed("list", home=tmp_path)
    assert "RuntimeError: on purpose" in typed("show", event["event_id"][:8], home=tmp_path)


def typed(*arguments: str, home: Path) -> str:
    """What a command of crashguard prints in the plugin's environment."""
    done = subprocess.run(
        [component("CRASHGUARD_CLOUDQUERY_PYTHON"), "-m", "crashguard", *arguments],
        env={"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout
