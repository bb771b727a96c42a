"""A tool as its users have it: a wheel of this checkout and a small tool, installed by pip into a fresh environment.

The tool is set up with README's lines and no more. What a test may look at is what a user and a server see: what
arrived, what the terminal showed, what lies on disk. Nothing of crashguard is imported here.
"""

import contextlib
import os
import pty
import shutil
import subprocess
from pathlib import Path

import attrs
import pytest

from tests.conftest import ROOT
from tests.environments import fresh_environment, once, pip_into

_CLI = """
import argparse
import os

import crashguard
from crashguard.integrations.argparse import add_telemetry_level

crashguard.install(app="outside", version="1.2.3", dsn=os.environ.get("OUTSIDE_DSN"){more})

from outside_tool import work


def main():
    parser = argparse.ArgumentParser()
    add_telemetry_level(parser, app="outside")
    parser.add_argument("--number", type=lambda text: {}[text])
    parser.add_argument("what")
    args = parser.parse_args()
    crashguard.install(
        app="outside",
        version="1.2.3",
        dsn=os.environ.get("OUTSIDE_DSN"),
        telemetry_level=args.telemetry_level{more},
    )
    getattr(work, args.what)()
"""

# The option before a subcommand and after it; what is not given in one place may be given in the other.
_CLICKED = """
import os

import click
import crashguard
from crashguard.integrations.click import telemetry_level_option

ABOUT = {"app": "outside", "version": "1.2.3", "dsn": os.environ.get("OUTSIDE_DSN")}
crashguard.install(**ABOUT)

from outside_tool import work


@click.group()
@telemetry_level_option(app="outside")
def main(telemetry_level):
    crashguard.install(app="outside", version="1.2.3", telemetry_level=telemetry_level)


@main.command()
@telemetry_level_option(app="outside")
@click.argument("what")
def do(what, telemetry_level):
    crashguard.install(app="outside", version="1.2.3", telemetry_level=telemetry_level)
    getattr(work, what)()
"""

_TYPED = """
import os
from typing import Optional

import typer
import crashguard
from crashguard.integrations.typer import telemetry_level_option

crashguard.install(app="outside", version="1.2.3", dsn=os.environ.get("OUTSIDE_DSN"))

from outside_tool import work

main = typer.Typer()


@main.callback()
def first(telemetry_level: Optional[str] = telemetry_level_option(app="outside")):
    crashguard.install(app="outside", version="1.2.3", telemetry_level=telemetry_level)


@main.command()
def do(what: str, telemetry_level: Optional[str] = telemetry_level_option(app="outside")):
    crashguard.install(app="outside", version="1.2.3", telemetry_level=telemetry_level)
    getattr(work, what)()
"""

_WORK = """
import ctypes
import multiprocessing
import os
import signal
import sys
import threading

import crashguard


def ok():
    print("done")


def first():
    return {}["one"]


def second():
    return lookup({})


def lookup(table):
    return table["two"]


def native():
    ctypes.string_at(0)


def abort():
    os.abort()


def number():
    return int("abc")


def handled():
    try:
        first()
    except KeyError as error:
        crashguard.capture_exception(error)


def flushed():
    handled()
    print("all sent" if crashguard.flush() else "not sent")


def killed():
    os.kill(os.getpid(), signal.SIGKILL)


def exits():
    os._exit(3)


def look():
    for folder, _, names in os.walk(os.environ["HOME"]):
        print(folder, *names)


def thread():
    worker = threading.Thread(target=first)
    worker.start()
    worker.join()


def child(how="fork"):
    process = multiprocessing.get_context(how).Process(target=first)
    process.start()
    process.join()
    sys.exit(process.exitcode)


def spawned():
    child("spawn")
"""

_CLICKED_DB = """
import os

import click
import crashguard

crashguard.install(app="clicked-db", version="1.2.3", dsn=os.environ.get("OUTSIDE_DSN"))


@click.group()
@click.option("--verbose", is_flag=True)
def main(verbose):
    pass


@main.group()
def db():
    pass


@db.command()
@click.option("-n", "--dry-run", is_flag=True)
@click.option("--target", default="x")
@click.argument("name")
def migrate(dry_run, target, name):
    read(name)


def read(name):
    return open("/of-nobody/" + name)
"""

_TYPED_DB = """
import os
import sqlite3

import crashguard
import typer

crashguard.install(app="typed-db", version="1.2.3", dsn=os.environ.get("OUTSIDE_DSN"))
app = typer.Typer()
db = typer.Typer()
app.add_typer(db, name="db")


@db.command()
def migrate(name: str, dry_run: bool = False, target: str = "x"):
    write(name)


@app.command()
def other():
    pass


def write(name):
    sqlite3.connect(":memory:").execute("insert into missing values (1)")
"""

_PARSED = """
import argparse
import os
import subprocess
import sys

import crashguard
from crashguard.integrations.argparse import add_telemetry_level

crashguard.install(app="parsed", version="1.2.3", dsn=os.environ.get("OUTSIDE_DSN"))


def main():
    parser = argparse.ArgumentParser()
    add_telemetry_level(parser, app="parsed")
    parser.add_argument("--verbose", action="store_true")
    migrate = parser.add_subparsers().add_parser("db").add_subparsers().add_parser("migrate")
    migrate.add_argument("-n", "--dry-run", action="store_true")
    migrate.add_argument("--target")
    migrate.add_argument("name")
    args = parser.parse_args()
    crashguard.install(
        app="parsed",
        version="1.2.3",
        dsn=os.environ.get("OUTSIDE_DSN"),
        telemetry_level=args.telemetry_level,
    )
    call(args.name)


def call(name):
    subprocess.run([sys.executable, "-c", "exit(7)"], check=True)
"""

# Ten planted bugs of four types; `tasks` has two of them.
_PLANTED = """
import argparse
import asyncio
import os

import crashguard
from crashguard.integrations.argparse import add_telemetry_level

ABOUT = {"app": "planted", "version": "1.2.3", "dsn": os.environ.get("OUTSIDE_DSN")}
crashguard.install(**ABOUT, delivery=os.environ["OUTSIDE_DELIVERY"])

ROW = {"id": 1, "n": os.getpid()}


def total(row):
    return row["price"] + row["tax"]


def price():
    total(ROW)


def tax():
    total({**ROW, "price": 1})


def total_type():
    total({**ROW, "price": "x", "tax": 1})


def names():
    return [row["name"] for row in [ROW]]


def order():
    return sorted([ROW], key=lambda row: row["order"])


def get(row, key):
    return row[key]


def size():
    get(ROW, "size")


def colour():
    get(ROW, "colour")


def wrapped():
    try:
        ROW["wrapped"]
    except KeyError as error:
        raise RuntimeError("cannot go on") from error


def tasks():
    async def load():
        return ROW.load

    async def save():
        return ROW["save"]

    async def main():
        async with asyncio.TaskGroup() as group:
            group.create_task(load())
            group.create_task(save())

    asyncio.run(main())


def main():
    parser = argparse.ArgumentParser()
    add_telemetry_level(parser, app="planted")
    parser.add_argument("what")
    args = parser.parse_args()
    crashguard.install(**ABOUT, telemetry_level=args.telemetry_level)
    globals()[args.what]()
"""

# crashguard's commands as commands of the tool, in one line for each library.
_MOUNTED = {
    "mounted_argparse": """
import argparse

import argcomplete
import crashguard
from crashguard.integrations.argparse import add_telemetry_commands

crashguard.install(app="mounted-argparse", version="1.2.3", issue_url="https://example.com/a/b/issues/new")


def main():
    parser = argparse.ArgumentParser()
    subparsers = parser.add_subparsers(dest="what", required=True)
    subparsers.add_parser("fail")
    add_telemetry_commands(subparsers, app="mounted-argparse")
    argcomplete.autocomplete(parser)
    parser.parse_args()
    raise ValueError("lost")
""",
    "mounted_click": """
import click
import crashguard
from crashguard.integrations.click import telemetry_commands

crashguard.install(app="mounted-click", version="1.2.3", issue_url="https://example.com/a/b/issues/new")


@click.group()
def main():
    pass


@main.command()
def fail():
    raise ValueError("lost")


main.add_command(telemetry_commands(app="mounted-click"))
""",
    "calm_argparse": """
import argparse

import crashguard
from crashguard.integrations.argparse import add_telemetry_level

crashguard.install(app="calm-argparse", version="1.2.3", ending="calm")


def main():
    parser = argparse.ArgumentParser()
    add_telemetry_level(parser, app="calm-argparse")
    parser.add_argument("--traceback", action="store_true")
    parser.add_subparsers(dest="what").add_parser("fail")
    args = parser.parse_args()
    crashguard.install(app="calm-argparse", version="1.2.3", telemetry_level=args.telemetry_level)
    raise ValueError("lost")
""",
    "calm_click": """
import click
import crashguard

crashguard.install(app="calm-click", version="1.2.3", ending="calm")


@click.group()
@click.option("--traceback", is_flag=True)
@click.option("--telemetry-level")
def main(traceback, telemetry_level):
    crashguard.install(app="calm-click", version="1.2.3", telemetry_level=telemetry_level)


@main.command()
def fail():
    raise ValueError("lost")
""",
    "calm_typer": """
from typing import Optional

import crashguard

crashguard.install(app="calm-typer", version="1.2.3", ending="calm")

import typer

main = typer.Typer()


@main.callback()
def first(traceback: bool = False, telemetry_level: Optional[str] = None):
    crashguard.install(app="calm-typer", version="1.2.3", telemetry_level=telemetry_level)


@main.command()
def fail():
    raise ValueError("lost")
""",
    "once_argparse": """
import argparse

import crashguard
from crashguard.integrations.argparse import add_telemetry_level

crashguard.install(app="once-argparse", version="1.2.3")


def main():
    parser = argparse.ArgumentParser()
    add_telemetry_level(parser, app="once-argparse")
    group = parser.add_subparsers(dest="what").add_parser("db").add_subparsers()
    group.add_parser("fail")
    add_telemetry_level(group.add_parser("own"), app="once-argparse")
    args = parser.parse_args()
    crashguard.install(app="once-argparse", version="1.2.3", telemetry_level=args.telemetry_level)
    raise ValueError("lost")
""",
    "once_click": """
import click
import crashguard
from crashguard.integrations.click import telemetry_level_option

crashguard.install(app="once-click", version="1.2.3")


class Late(click.Group):
    def get_command(self, context, name):
        return {"fail": fail, "own": own}.get(name)

    def list_commands(self, context):
        return ["fail"]


@click.group(context_settings={"auto_envvar_prefix": "ONCE_CLICK"})
@telemetry_level_option(app="once-click")
def main(telemetry_level):
    crashguard.install(app="once-click", version="1.2.3", telemetry_level=telemetry_level)


@main.group(cls=Late)
def db():
    pass


@click.command()
def fail():
    raise ValueError("lost")


@click.command()
@telemetry_level_option(app="once-click")
def own(telemetry_level):
    raise ValueError("lost")


@main.command(name="exec", context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def other(arguments):
    print(*arguments)
    fail.callback()
""",
    "once_typer": """
from typing import Optional

import crashguard
import typer
from crashguard.integrations.typer import telemetry_level_option

crashguard.install(app="once-typer", version="1.2.3")
main = typer.Typer()
db = typer.Typer()
main.add_typer(db, name="db")


@main.callback()
def first(telemetry_level: Optional[str] = telemetry_level_option(app="once-typer")):
    crashguard.install(app="once-typer", version="1.2.3", telemetry_level=telemetry_level)


@db.callback()
def database():
    pass


@db.command()
def fail():
    raise ValueError("lost")


@db.command()
def own(telemetry_level: Optional[str] = telemetry_level_option(app="once-typer")):
    raise ValueError("lost")


@main.command(name="exec", context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
def other(context: typer.Context):
    print(*context.args)
    fail()
""",
    "mounted_typer": """
import crashguard
import typer
from crashguard.integrations.typer import add_telemetry_commands

crashguard.install(app="mounted-typer", version="1.2.3", issue_url="https://example.com/a/b/issues/new")
main = typer.Typer()


@main.command()
def fail():
    raise ValueError("lost")


add_telemetry_commands(main, app="mounted-typer")
""",
}

_PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "outside-tool"
version = "1.2.3"
dependencies = ["crashguard", "argcomplete", "click", "typer"]
[project.scripts]
outside = "outside_tool.cli:main"
clicked = "outside_tool.clicked:main"
typed = "outside_tool.typed:main"
deferred = "outside_tool.deferred:main"
inline = "outside_tool.inline:main"
clicked-db = "outside_tool.clicked_db:main"
typed-db = "outside_tool.typed_db:app"
parsed = "outside_tool.parsed:main"
mounted-argparse = "outside_tool.mounted_argparse:main"
mounted-click = "outside_tool.mounted_click:main"
mounted-typer = "outside_tool.mounted_typer:main"
calm-argparse = "outside_tool.calm_argparse:main"
calm-click = "outside_tool.calm_click:main"
calm-typer = "outside_tool.calm_typer:main"
once-argparse = "outside_tool.once_argparse:main"
once-click = "outside_tool.once_click:main"
once-typer = "outside_tool.once_typer:main"
planted = "outside_tool.planted:main"
[tool.hatch.build.targets.wheel]
packages = ["outside_tool"]
"""


@attrs.frozen
class Tool:
    """The installed tool, and a home in which it is run.

    Attributes:
        bin: Where its commands lie.
        home: The home of its user.
        environment: What else its user has set.
    """

    bin: Path
    home: Path
    environment: dict[str, str]

    def run(self, *arguments: str, command: str = "outside", **more: str) -> subprocess.CompletedProcess[str]:
        """Start one of the tool's commands as a user does, and wait for its end."""
        self.home.mkdir(exist_ok=True)
        return subprocess.run(
            [str(self.bin / command), *arguments],
            env={"PATH": os.environ["PATH"], "HOME": str(self.home), **self.environment, **more},
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def on_a_terminal(self, *arguments: str, command: str = "outside", **more: str) -> str:
        """Start one of the tool's commands in a terminal, and return all that it showed."""
        self.home.mkdir(exist_ok=True)
        parent, child = pty.openpty()
        running = subprocess.Popen(
            [str(self.bin / command), *arguments],
            env={"PATH": os.environ["PATH"], "HOME": str(self.home), **self.environment, **more},
            cwd=self.home,
            stdin=child,
            stdout=child,
            stderr=child,
        )
        os.close(child)
        shown = b""
        with contextlib.suppress(OSError):  # Linux says EIO when the other end is closed
            while piece := os.read(parent, 65536):
                shown += piece
        os.close(parent)
        running.wait(60)
        return shown.decode().replace("\r\n", "\n")

    @property
    def files(self) -> list[Path]:
        """Every file that lies in the user's home now."""
        return sorted(path for path in self.home.rglob("*") if not path.is_dir())


def _fill(root: Path) -> None:
    """A fresh environment with the tool; none where pip cannot fill one."""
    package = root / "tool" / "outside_tool"
    package.mkdir(parents=True)
    (root / "tool" / "pyproject.toml").write_text(_PROJECT)
    (package / "__init__.py").write_text("")
    (package / "__main__.py").write_text("from outside_tool.cli import main\nmain()\n")
    sources = {
        "work": _WORK,
        "clicked": _CLICKED,
        "typed": _TYPED,
        "clicked_db": _CLICKED_DB,
        "typed_db": _TYPED_DB,
        "parsed": _PARSED,
        **_MOUNTED,
        "planted": _PLANTED,
    }
    for name, source in sources.items():
        (package / f"{name}.py").write_text(source)
    for name, more in (("cli", ""), ("deferred", ', delivery="deferred"'), ("inline", ', delivery="inline"')):
        (package / f"{name}.py").write_text(_CLI.replace("{more}", more))
    if pip_into(fresh_environment(root / "venv"), str(ROOT), str(root / "tool")).returncode:
        shutil.rmtree(root / "venv")


def tool(home: Path, **environment: str) -> Tool:
    """The installed tool in a home of its own; skips the test by name where pip reaches no packages."""
    folder = once("outside", _fill) / "venv" / "bin"
    if not folder.exists():
        pytest.skip("pip cannot install crashguard's dependencies into a fresh environment here")
    return Tool(folder, home, environment)
