"""Does everything that stats know of, once each, and says after each which records it left."""

import contextlib
import json
import sys

import crashguard
from crashguard import stats

url, level, who = sys.argv[1:]
crashguard.install(app="cloudquery", version="6.41.0", telemetry_level=level, delivery="deferred", note=False)
stats.configure(url=url, write_key="key")
if who == "yes":
    stats.identify("user-1", team="acme")


def login() -> None:
    with stats.command("login"):
        stats.login()


def sync(raised: BaseException | None = None) -> None:
    with stats.command("sync"), stats.sync(source="cloudquery/aws@v1.2.3", registry="cloudquery") as run:
        run.resource("customers")
        if raised is not None:
            raise raised


def command(raised: BaseException | None = None) -> None:
    with stats.command("tables"):
        if raised is not None:
            raise raised


DEEDS = {
    "login": login,
    "sync": sync,
    "sync that fails": lambda: sync(ValueError("bad")),
    "sync that is interrupted": lambda: sync(KeyboardInterrupt()),
    "command": command,
    "command that fails": lambda: command(ValueError("bad")),
    "command that is typed wrong": lambda: command(SystemExit(2)),
}
for name, deed in DEEDS.items():
    with contextlib.suppress(BaseException):
        deed()
    sys.stdout.write(json.dumps([name, stats.flush(20.0)]) + "\n")
    sys.stdout.flush()
    sys.stdin.readline()
