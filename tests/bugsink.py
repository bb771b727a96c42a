"""A real Bugsink on 127.0.0.1: one server a test session, a project of its own for each test.

Bugsink digests an event before it answers and checks it against Sentry's schema: what it refuses or finds
invalid is not stored, so that a stored event is a valid one.

The server belongs to a guardian process that ends it and removes its folder as soon as the pipe from this
process is closed, however this process ends.
"""

import atexit
import contextlib
import functools
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import urllib.request
import uuid
from pathlib import Path
from typing import Any

import attrs

from tests.conftest import component
from tests.servers import eventually

_SETTINGS = """
from bugsink.settings.default import *
SECRET_KEY = "only-for-tests-" + "0123456789abcdefghijklmnopqrstuvwxyz" * 2
ALLOWED_HOSTS = ["127.0.0.1"]
DATABASES["default"]["NAME"] = "{folder}/db.sqlite3"
DATABASES["snappea"]["NAME"] = "{folder}/snappea.sqlite3"
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
SNAPPEA = dict(
    TASK_ALWAYS_EAGER=True, NUM_WORKERS=1, WAKEUP_CALLS_DIR="{folder}/wakeup", PID_FILE="{folder}/pid"
)
BUGSINK = dict(
    BASE_URL="http://127.0.0.1:{port}",
    INGEST_STORE_BASE_DIR="{folder}/ingestion",
    PHONEHOME=False,
    KEEP_ENVELOPES=100_000,
    VALIDATE_ON_DIGEST="strict",
    MAX_EVENTS_PER_PROJECT_PER_5_MINUTES=10**6,
    MAX_EVENTS_PER_PROJECT_PER_HOUR=10**6,
    MAX_EVENTS_PER_5_MINUTES=10**6,
    MAX_EVENTS_PER_HOUR=10**6,
)
"""

_SEED = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("migrate", "snappea", database="snappea", verbosity=0)
from bsmain.models import AuthToken
from teams.models import Team
Team.objects.create(name="tests")
AuthToken.create_full_access()
"""

_PAGES = """
import sys
import django
django.setup()
from django.contrib.auth import get_user_model
from django.test import Client
from events.models import Event
model = get_user_model()
user = model.objects.filter(is_superuser=True).first() or model.objects.create_superuser("ada", password="x")
client = Client(headers={"host": "127.0.0.1"})
client.force_login(user)
event = Event.objects.get(event_id=sys.argv[1])
for tab in ("", "details/"):
    answer = client.get(f"/issues/issue/{event.issue_id}/event/{event.id}/{tab}")
    assert answer.status_code == 200, (answer.status_code, answer.content[:500])
    print(answer.content.decode())
"""

# Run with the component's own interpreter. Gunicorn leads a group that the guardian can end as a whole.
_GUARDIAN = """
import os, shutil, signal, subprocess, sys
folder, *command = sys.argv[1:]
log = open(os.path.join(folder, "log"), "wb")
server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
sys.stdin.buffer.read()
server.terminate()
try:
    server.wait(5)
except subprocess.TimeoutExpired:
    pass
try:
    os.killpg(server.pid, signal.SIGKILL)
except ProcessLookupError:
    pass
server.wait()
shutil.rmtree(folder, ignore_errors=True)
"""


@attrs.frozen
class Project:
    """An empty project of the server; `dsn` is where its events go."""

    server: "Bugsink"
    number: int
    dsn: str

    def issues(self) -> list[dict[str, Any]]:
        """The issues, as the list in its user interface shows them."""
        return list(self.server.ask(f"issues/?project={self.number}")["results"])

    def events(self) -> list[dict[str, Any]]:
        """The stored events, whole: `data` of each is what was sent."""
        found = self.server.rows("select id from events_event where project_id = ?", self.number)
        return [self.server.ask(f"events/{uuid.UUID(row[0])}/") for row in found]

    def event_ids(self) -> list[str]:
        """The ids of the stored events, as the sender gave them."""
        rows = self.server.rows("select event_id from events_event where project_id = ?", self.number)
        return [uuid.UUID(row[0]).hex for row in rows]

    def pages(self, event_id: str) -> str:
        """The pages of one event as a person sees them: its stack and its details."""
        return self.server.run(_PAGES, event_id)

    def received(self) -> int:
        """How many envelopes were posted, whatever became of them."""
        [[count]] = self.server.rows("select count(*) from ingest_envelope where project_pk = ?", self.number)
        return int(count)

    def await_events(self, count: int) -> list[dict[str, Any]]:
        """The stored events, once there are so many."""
        eventually(lambda: len(self.event_ids()) >= count, lambda: self.server.log()[-3000:])
        return self.events()


class Bugsink:
    """A running server; `shared()` is the one of this test session."""

    def __init__(self, bin_dir: Path) -> None:
        self._bin_dir = bin_dir
        self._folder = Path(tempfile.mkdtemp(prefix="bugsink-"))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._url = f"http://127.0.0.1:{free.getsockname()[1]}"
        port = int(self._url.rpartition(":")[2])
        (self._folder / "bugsink_conf.py").write_text(_SETTINGS.format(folder=self._folder, port=port))
        self._environment = {
            "HOME": str(self._folder),
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(self._folder),
            "DJANGO_SETTINGS_MODULE": "bugsink_conf",
        }
        try:
            self._make_databases(bin_dir)
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        self._guardian = subprocess.Popen(
            [
                *(bin_dir / "python", "-c", _GUARDIAN, self._folder, bin_dir / "gunicorn"),
                *("--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "8"),
                *("--no-control-socket", "bugsink.wsgi"),
            ],
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        atexit.register(self.stop)
        eventually(self._is_ready, self.log)
        [[self._token]] = self.rows("select token from bsmain_authtoken")
        [[team]] = self.rows("select id from teams_team")
        self._team = str(uuid.UUID(team))

    def stop(self) -> None:
        """End it and remove its folder."""
        atexit.unregister(self.stop)
        assert self._guardian.stdin is not None
        self._guardian.stdin.close()
        self._guardian.wait(30)

    def new_project(self) -> Project:
        """An empty project."""
        number = int(self.ask("projects/", {"name": uuid.uuid4().hex, "team": self._team})["id"])
        return Project(self, number, self.ask(f"projects/{number}/")["dsn"])

    def ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """A question to its REST interface."""
        request = urllib.request.Request(
            f"{self._url}/api/canonical/0/{path}",
            None if body is None else json.dumps(body).encode(),
            {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def rows(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        """A question to its database."""
        uri = f"file:{self._folder}/db.sqlite3?mode=ro"
        with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=30)) as connection:
            return connection.execute(query, parameters).fetchall()

    def run(self, program: str, *arguments: str) -> str:
        """The output of a program inside of Bugsink's own installation, with its database."""
        return subprocess.run(
            [self._bin_dir / "python", "-c", program, *arguments],
            cwd=self._folder,
            env=self._environment,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout

    def log(self) -> str:
        """What it has written: why an event was not stored stands there."""
        return (self._folder / "log").read_text(errors="replace")

    def _make_databases(self, bin_dir: Path) -> None:
        """Migrate once for each installation of Bugsink; afterwards the empty databases are copied."""
        seeded = bin_dir.parent / "empty-databases"
        if not seeded.exists():
            subprocess.run(
                [bin_dir / "python", "-c", _SEED],
                cwd=self._folder, env=self._environment, check=True, capture_output=True,
            )  # fmt: skip
            partial = Path(tempfile.mkdtemp(dir=bin_dir.parent))
            for path in self._folder.glob("*.sqlite3"):
                shutil.copy(path, partial)
            try:
                partial.rename(seeded)
            except OSError:  # another test session was quicker
                shutil.rmtree(partial)
        for path in seeded.glob("*.sqlite3"):
            shutil.copy(path, self._folder)

    def _is_ready(self) -> bool:
        try:
            urllib.request.urlopen(f"{self._url}/health/ready", timeout=10).close()
        except OSError:
            return False
        return True


@functools.cache
def _started(bin_dir: Path) -> Bugsink:
    return Bugsink(bin_dir)


def shared() -> Bugsink:
    """The server of this test session, started when it is first asked for; skips where it is not installed."""
    return _started(Path(component("CRASHGUARD_BUGSINK_BIN")))
