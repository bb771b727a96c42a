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
