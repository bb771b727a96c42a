"""The tutorial and the other guides: what they show runs as it stands; every argument and variable has its words."""

import inspect
import os
import re
import subprocess
from pathlib import Path

import pytest

import crashguard
from tests import outside
from tests.conftest import ROOT, Run, component
from tests.test_api_reference import INTEGRATIONS, MODULES
from tests.usage_server import TEAM, TOKEN, UsageServer

DOCS = ROOT / "docs"
TEXT = "\n".join(path.read_text() for path in [*DOCS.rglob("*.md"), ROOT / "README.md"])
TUTORIAL = (DOCS / "tutorial.md").read_text()


def blocks(page: str, language: str) -> list[str]:
    """The blocks of a page in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", (DOCS / page).read_text(), re.MULTILINE | re.DOTALL)


PROGRAMS = [
    (page, number)
    for page in ("howto.md", "calm.md", "command.md")
    for number in range(len(blocks(page, "python")))
]


@pytest.mark.parametrize(("page", "number"), PROGRAMS)
def test_each_block_runs(run: Run, page: str, number: int) -> None:
    """Each block of Python is a whole program that ends well and prints nothing."""
    done = run(blocks(page, "python")[number])

    assert (done.status, done.stdout, done.stderr) == (0, "", "")


FRAGMENTS = [
    (page, number) for page in ("cloudquery.md", "usage.md") for number in range(len(blocks(page, "python")))
]
# What stands round a fragment: a plugin's own names.
AROUND = """
import subprocess
import sys
from types import SimpleNamespace
import crashguard
from crashguard import usage

plugin = PLUGIN = crashguard.Plugin("acme", "source", "orders", "1.2.3")
command = [sys.executable, "-c", ""]
self = SimpleNamespace(_logger=None)
Scheduler = SimpleNamespace
sync = dict(orders=3).items
usage.UsageClient.__init__.__kwdefaults__["url"] = {url!r}
{fragment}
"""


@pytest.mark.parametrize(("page", "number"), FRAGMENTS)
def test_each_fragment_runs_where_it_belongs(run: Run, page: str, number: int) -> None:
    """A block that shows a part of a plugin runs in one, with a licensing server where it counts rows."""
    with UsageServer() as server:
        program = AROUND.format(url=server.url, fragment=blocks(page, "python")[number])
        done = run(program, env={"CLOUDQUERY_API_KEY": TOKEN, "_CQ_TEAM_NAME": TEAM})

    assert (done.status, done.stderr) == (0, "")


@pytest.mark.slow
@pytest.mark.timeout(600)  # it builds an environment, and starts its tool ten times
@pytest.mark.parametrize("library", ["argparse", "click", "Typer"])
def test_the_tutorial_does_what_it_says(home: Path, library: str) -> None:
    """Each of its tools works, crashes with a note, and has every command that the page types."""
    section = TUTORIAL.partition(f"## {library}\n")[2]
    tool = outside.tool(home)
    home.mkdir(exist_ok=True)
    program = home / "mytool.py"
    program.write_text(re.findall(r"^```python\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)[0])
    typed = [line.partition("#")[0].split()[1:] for line in "".join(blocks("tutorial.md", "sh")).splitlines()]
    _, crash, *others = typed

    well = tool.run(str(program), "divide", "4", command="python")
    failed = tool.run(str(program), *crash[1:], command="python")

    assert (well.returncode, well.stdout, well.stderr) == (0, "25\n", "")
    assert failed.returncode == 1
    assert "ZeroDivisionError" in failed.stderr
    assert re.search(r"See it: .*mytool\.py telemetry show [0-9a-f]{8}", failed.stderr)
    assert "It is not sent" in failed.stderr
    assert "MYTOOL_TELEMETRY_LEVEL=none" in failed.stderr
    said = {}
    for _, *arguments in others:
        done = tool.run(str(program), *arguments, command="python")
        assert done.returncode == 0, done.stderr
        said[arguments[-1]] = done.stdout
    assert "ZeroDivisionError" in said["list"]
    assert said["show"].startswith("ZeroDivisionError")
    assert "Saved: none" in said["none"]
    page = tool.run(str(program), "telemetry", "docs", "telemetry-page", command="python")
    assert "MYTOOL_TELEMETRY_LEVEL" in page.stdout
    refused = tool.run(str(program), "--telemetry-level", "none", "divide", "0", command="python")
    assert "crashed." not in refused.stderr


@pytest.mark.slow
def test_the_commands_for_bugsink_start_one_that_lets_its_user_in(tmp_path: Path) -> None:
    """With the variables of the page, and the settings of its container, the user can log in and the DSN is as shown."""
    bin_dir = Path(component("CRASHGUARD_BUGSINK_BIN"))
    container = next(
        line
        for line in "".join(blocks("howto.md", "sh")).replace("\\\n", "").splitlines()
        if "docker run" in line
    )
    given = dict(re.findall(r"-e (\w+)=(\".*?\"|\S+)(?= )", container))
    user, _, password = given["CREATE_SUPERUSER"].partition(":")
    assert f"the user `{user}` and the password `{password}`" in " ".join(HOWTO.split())
    assert given["SECRET_KEY"] == '"$(openssl rand -hex 50)"'
    (tmp_path / "settings.py").write_text(CONTAINER.format(folder=tmp_path))
    (tmp_path / "use.py").write_text(USE.format(user=user, password=password))

    done = subprocess.run(
        [bin_dir / "python", str(tmp_path / "use.py")],
        env={
            **given,
            "SECRET_KEY": "0123456789" * 10,
            "DATABASE_PATH": str(tmp_path / "db.sqlite3"),
            "DJANGO_SETTINGS_MODULE": "settings",
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    shown = done.stdout.splitlines()[-1]
    assert re.sub("[0-9a-f]{32}", "KEY", shown) in HOWTO


HOWTO = (DOCS / "howto.md").read_text()
# The settings of Bugsink's container, with files in a folder of the test's, and nothing that calls its makers.
CONTAINER = """
from pathlib import Path
import bugsink
exec((Path(bugsink.__file__).parent / "conf_templates/docker.py.template").read_text())
DATABASES["snappea"]["NAME"] = "{folder}/snappea.sqlite3"
SNAPPEA["TASK_ALWAYS_EAGER"] = True
BUGSINK["PHONEHOME"] = False
BUGSINK["INGEST_STORE_BASE_DIR"] = "{folder}/ingestion"
"""
USE = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("migrate", "snappea", database="snappea", verbosity=0)
call_command("prestart")
from django.test import Client
from projects.models import Project
from teams.models import Team
client = Client(headers={{"host": "localhost"}})
answer = client.post("/accounts/login/", {{"username": "{user}", "password": "{password}"}})
assert answer.status_code == 302, answer.content
print(Project.objects.create(name="demo", team=Team.objects.create(name="demo")).dsn)
"""


def test_every_argument_of_install_is_explained() -> None:
    """Each argument of install() has its words in the docstring, of which the reference is made."""
    explained = re.findall(
        r"^ {8}(\w+): ", inspect.getsource(crashguard.install).partition("Raises:")[0], re.MULTILINE
    )

    assert explained == list(inspect.signature(crashguard.install).parameters)


@pytest.mark.parametrize("name", [*MODULES, *INTEGRATIONS])
def test_every_option_of_a_public_function_is_explained(name: str) -> None:
    """Each argument that need not be given has its words in the docstring, of which the reference is made."""
    module = pytest.importorskip(name, exc_type=ImportError)
    own = [each for each, found in vars(module).items() if getattr(found, "__module__", "") == name]
    names = getattr(module, "__all__", None) or [each for each in own if not each.startswith("_")]
    silent = []
    for public in names:
        found = getattr(module, public)
        inner = vars(found).items() if inspect.isclass(found) else ()
        methods = [each for key, each in inner if key == "__init__" or not key.startswith("_")]
        for function in filter(inspect.isfunction, [found, *methods]):
            words = f"{inspect.getdoc(function)}\n{inspect.getdoc(found)}"
            silent += [
                f"{function.__qualname__} {argument.name}"
                for argument in inspect.signature(function).parameters.values()
                if argument.default is not argument.empty
                and not re.search(rf"^ *{argument.name}: |`{argument.name}`", words, re.MULTILINE)
            ]

    assert silent == []


def test_every_variable_is_explained() -> None:
    """Each variable by which a user can change something stands on a page."""
    code = "\n".join(path.read_text() for path in Path(crashguard.__file__).parent.rglob("*.py"))
    read = set(re.findall(r"[\"'](CRASHGUARD_[A-Z_]+)[\"']", code))

    assert "CRASHGUARD_DSN" in read
    assert {name for name in read - INTERNAL if name not in TEXT} == set()


# One process tells them to another; nobody sets them.
INTERNAL = {
    "CRASHGUARD_LEVEL_LIMIT",
    "CRASHGUARD_LEVEL_VARIABLE",
    "CRASHGUARD_PATH",
    "CRASHGUARD_SAID",
    "CRASHGUARD_STARTUP_",
}


def test_every_page_is_in_the_menu() -> None:
    """The site leads to each page, and the API pages."""
    menu = (ROOT / "mkdocs.yml").read_text().partition("\nnav:")[2]

    assert {
        path.relative_to(DOCS).as_posix()
        for path in DOCS.rglob("*.md")
        if path.relative_to(DOCS).as_posix() not in menu
    } == set()
