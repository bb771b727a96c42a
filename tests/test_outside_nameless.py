"""What is the user's stays nameless: their files, plugins, notebooks and scripts, in whatever way a tool runs them.

An installed tool runs code of MegaCorp, and it crashes. The server gets the report, with the tool's own functions, and
in all of its bytes there is no name that MegaCorp gave: of a function, a class, an attribute, a module, a file.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, component
from tests.environments import fresh_environment, once, pip_into
from tests.servers import Server, eventually

pytestmark = pytest.mark.slow

TOOL = """
import argparse
import os

import crashguard
from crashguard.integrations.argparse import add_telemetry_level

ABOUT = {"app": "vault", "version": "1.2.3", "dsn": os.environ.get("VAULT_DSN")}
crashguard.install(**ABOUT)

from vault import ways


def main():
    parser = argparse.ArgumentParser()
    add_telemetry_level(parser, app="vault")
    parser.add_argument("way")
    parser.add_argument("file")
    args = parser.parse_args()
    crashguard.install(**ABOUT, telemetry_level=args.telemetry_level)
    getattr(ways, args.way)(args.file)
"""
WAYS = """
import importlib
import importlib.metadata
import importlib.util
import os
import runpy
import sys
import threading

import crashguard


def text(file):
    with open(file) as opened:
        return opened.read()


def ok(file):
    pass


def exec_in_a_namespace(file):
    exec(text(file), {"__name__": "rules"})


def exec_in_an_empty_namespace(file):
    exec(text(file), {})


def exec_in_the_tools_namespace(file):
    exec(text(file), {**globals()})


def exec_with_its_file(file):
    exec(compile(text(file), file, "exec"), {"__name__": __name__})


def exec_as_a_template(file):
    exec(compile(text(file), "<template>", "exec"), {"__name__": __name__})


def exec_under_the_tools_file(file):
    exec(compile(text(file), __file__, "exec"), {"__name__": __name__})


def exec_under_the_tools_file_with_its_names(file):
    exec(compile(text(file), __file__, "exec"), {**globals()})


def spec_below_the_tool(file):
    spec = importlib.util.spec_from_file_location("vault.rules", file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)


def spec_as_a_module_of_the_tool(file):
    spec = importlib.util.spec_from_file_location("vault.ways", file)
    spec.loader.exec_module(importlib.util.module_from_spec(spec))


def spec_as_a_library(file):
    spec = importlib.util.spec_from_file_location("click.core", file)
    spec.loader.exec_module(importlib.util.module_from_spec(spec))


def search_path(file):
    sys.path.insert(0, os.path.dirname(file))
    importlib.import_module(os.path.basename(file)[:-3])


def working_directory(file):
    os.chdir(os.path.dirname(file))
    sys.path.insert(0, "")
    importlib.import_module(os.path.basename(file)[:-3])


def path_of_the_tools_package(file):
    import vault

    vault.__path__.append(os.path.dirname(file))
    importlib.import_module("vault." + os.path.basename(file)[:-3])


def run_as_main(file):
    runpy.run_path(file, run_name="__main__")


def plugin(file):
    for each in importlib.metadata.entry_points(group="vault.plugins"):
        each.load()()


def thread(file):
    worker = threading.Thread(target=exec_with_its_file, args=(file,))
    worker.start()
    worker.join()


def guarded(file):
    with crashguard.guard("rules", reraise=False):
        search_path(file)


def as_a_cause(file):
    try:
        search_path(file)
    except Exception as error:
        raise RuntimeError("the rules failed") from error


def dies_in_its_crash(file):
    sys.excepthook.previous = lambda *args: os._exit(3)
    search_path(file)
"""
# What MegaCorp wrote: each of these failures has another message of Python's.
ENDINGS = {
    "its own class": "raise MegacorpError('x')",
    "a method": "Megacorp().megacorp_salary(1)",
    "an attribute": "Megacorp().megacorp_bonus",
    "a name": "megacorp_unknown",
    "a key": "{}['megacorp_key']",
    "an import": "from megacorp_elsewhere import megacorp_thing",
    "an unknown argument": "megacorp_rule(megacorp_x=1, megacorp_y=2)",
    "a missing argument": "megacorp_rule()",
}
RULES = """
class MegacorpError(ValueError):
    pass


class Megacorp:
    def megacorp_salary(self):
        pass


def megacorp_rule(megacorp_x):
    {ending}


megacorp_rule(1)
"""
NATIVE = "import ctypes\n\n\ndef megacorp_rule():\n    ctypes.string_at(0)\n\n\nmegacorp_rule()\n"
PLUGIN = "def megacorp_entry():\n    megacorp_inner({})\n\n\ndef megacorp_inner(row):\n    return row.megacorp_field\n"
PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "{name}"
version = "1.0"
dependencies = ["{requires}"]
{more}
[tool.hatch.build.targets.wheel]
packages = ["{package}"]
"""


def project(folder: Path, name: str, package: str, requires: str, more: str, **files: str) -> Path:
    (folder / package).mkdir(parents=True)
    text = PROJECT.format(name=name, package=package, requires=requires, more=more)
    (folder / "pyproject.toml").write_text(text)
    for module, source in {"__init__": "", **files}.items():
        (folder / package / f"{module}.py").write_text(source)
    return folder


def _wheels(root: Path) -> None:
    command = '[project.scripts]\nvault = "vault.cli:main"'
    entry = '[project.entry-points."vault.plugins"]\nx = "megacorp_vault.megacorp_module:megacorp_entry"'
    projects = [
        project(root / "tool", "vault", "vault", "crashguard", command, cli=TOOL, ways=WAYS),
        project(root / "plugin", "megacorp-vault", "megacorp_vault", "vault", entry, megacorp_module=PLUGIN),
    ]
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    done = subprocess.run(
        [*build, "-w", str(root / "wheels"), str(ROOT), *map(str, projects)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == done.returncode, done.stderr


def wheels() -> list[str]:
    """Wheels of this checkout, of the tool, and of MegaCorp's plugin, which the tool does not require."""
    return [str(path) for path in (once("nameless", _wheels) / "wheels").glob("*.whl")]


def _environment(root: Path) -> None:
    if pip_into(fresh_environment(root / "venv"), *wheels()).returncode:
        shutil.rmtree(root / "venv")


def environment() -> Path:
    """The folder of the commands of a fresh environment; skips where pip cannot fill one."""
    commands = once("nameless-environment", _environment) / "venv" / "bin"
    if not commands.exists():
        pytest.skip("pip cannot install crashguard's dependencies into a fresh environment here")
    return commands


def run(home: Path, dsn: str, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
    variables = {"PATH": os.environ["PATH"], "HOME": str(home), "VAULT_DSN": dsn, **more}
    return subprocess.run(
        command, env=variables, cwd=home, capture_output=True, text=True, timeout=100, check=False
    )


def received(server: Server, count: int = 1) -> list[str]:
    """What came, once there is so much of it; nothing of it has one of MegaCorp's names."""
    eventually(lambda: len(server.stored) >= count)
    texts = [envelope.decode() for envelope in server.stored.values()]
    told = [text[max(at - 60, 0) : at + 30] for text in texts if (at := text.lower().find("megacorp")) >= 0]
    assert [] == told
    return texts


def rules(home: Path, ending: str) -> str:
    folder = home / "megacorp"
    folder.mkdir(exist_ok=True)
    path = folder / "megacorp_rules.py"
    path.write_text(RULES.format(ending=ending) if "{" not in ending else RULES.replace("{ending}", ending))
    return str(path)


LOADED = [
    line[4:].partition("(")[0]
    for line in WAYS.split("\n")
    if line.startswith("def ") and not line.startswith(("def text", "def ok", "def dies"))
]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("way", LOADED)
def test_a_users_code_is_nameless_in_whatever_way_a_tool_runs_it(home: Path, way: str) -> None:
    """The functions of the tool are named, and nothing of the user's: eight failures, eight messages of Python's."""
    command = str(environment() / "vault")
    with Server() as server:
        for number, ending in enumerate(ENDINGS.values()):
            own = home / str(number)
            own.mkdir()
            done = run(own, server.dsn, command, way, rules(own, ending))
            assert "Traceback" in done.stderr or way == "guarded"
        texts = received(server, len(ENDINGS))

    for text in texts:
        event = json.loads(text.split("\n")[2])
        frames = [frame for value in event["exception"]["values"] for frame in value["stacktrace"]["frames"]]
        named = {frame["function"] for frame in frames if frame["in_app"]}
        assert named & {way, "search_path", "exec_with_its_file"}
        assert "vault.ways in " in event["transaction"]


@pytest.mark.timeout(200)
def test_a_users_code_is_nameless_where_the_process_dies_in_it(home: Path) -> None:
    """By a native crash, and in the middle of a crash: the next run sends what it finds."""
    command = str(environment() / "vault")
    path = rules(home, ENDINGS["its own class"])
    with Server() as server:
        assert 3 == run(home, server.dsn, command, "dies_in_its_crash", path).returncode
        Path(path).write_text(NATIVE)
        assert -11 == run(home, server.dsn, command, "search_path", path).returncode
        run(home, server.dsn, command, "ok", path)
        texts = received(server, 2)

    transactions = [json.loads(text.split("\n")[2])["transaction"] for text in texts]
    assert ["vault.ways in search_path"] * 2 == transactions


SCRIPT = """
import sys
import vault.cli


class MegacorpError(Exception):
    pass


def megacorp_main():
    sys.argv[1:] = ["ok", "x"]
    vault.cli.main()
    {ending}


def megacorp_rule(megacorp_x):
    pass


class Megacorp:
    def megacorp_salary(self):
        pass


megacorp_main()
"""


@pytest.mark.timeout(200)
def test_a_users_script_that_uses_a_library_which_reports_is_nameless(home: Path) -> None:
    """The library called install(), so it is the tool; the script and what lies beside it are somebody else's."""
    (home / "megacorp_beside.py").write_text("def megacorp_call():\n    {}['megacorp_key']\n")
    endings = [*ENDINGS.values(), "import megacorp_beside; megacorp_beside.megacorp_call()"]
    with Server() as server:
        for number, ending in enumerate(endings):
            (home / str(number)).mkdir()
            script = home / "megacorp_script.py"
            script.write_text(SCRIPT.replace("{ending}", ending))
            run(home / str(number), server.dsn, str(environment() / "python"), str(script))
        texts = received(server, len(endings))

    for text in texts:
        event = json.loads(text.split("\n")[2])
        frames = [frame for value in event["exception"]["values"] for frame in value["stacktrace"]["frames"]]
        assert {"<external>"} == {f["function"] for f in frames if "importlib" not in f["filename"]}


CELL = """
import threading
import crashguard
import vault.cli
from vault import ways

class MegacorpError(Exception):
    pass

class Megacorp:
    def megacorp_salary(self):
        pass

def megacorp_rule(megacorp_x=1):
    {ending}

with crashguard.guard("first", reraise=False):
    megacorp_rule()
with crashguard.guard("cell", reraise=False):
    ways.plugin("x")
megacorp_thread = threading.Thread(target=megacorp_rule)
megacorp_thread.start()
megacorp_thread.join()
"""
EXECUTE = """
import nbclient, nbformat, sys
book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(open(sys.argv[1]).read())])
nbclient.NotebookClient(book, timeout=100, allow_errors=True).execute()
print(book.cells[0].outputs[-1].ename)
"""


@pytest.mark.timeout(300)
def test_a_notebook_that_runs_as_a_program_is_nameless(home: Path) -> None:
    """IPython runs the file, a guard and a thread meet its failure."""
    python = component("CRASHGUARD_NOTEBOOK_PYTHON")
    for number, ending in enumerate(ENDINGS.values()):
        (home / str(number)).mkdir()
        cell = home / f"megacorp_{number}.py"
        cell.write_text(CELL.replace("{ending}", ending))
        with Server() as server:
            run(home / str(number), server.dsn, python, "-m", "IPython", str(cell), PYTHONPATH=site())
            received(server, 2)


@pytest.mark.timeout(300)
def test_a_cell_of_a_notebook_is_no_crash(home: Path) -> None:
    """A kernel of Jupyter is a prompt: what fails there is seen by the person, and nothing is recorded."""
    python = component("CRASHGUARD_NOTEBOOK_PYTHON")
    (home / "execute.py").write_text(EXECUTE)
    (home / "cell.py").write_text(CELL.replace("{ending}", ENDINGS["its own class"]))
    with Server() as server:
        done = run(home, server.dsn, python, "execute.py", "cell.py", PYTHONPATH=site())
        assert (0, "MegacorpError") == (done.returncode, done.stdout.strip()), done.stderr
        assert {} == server.stored
    assert [] == [*home.rglob("*.envelope")]


def site() -> str:
    """The folder of the tool's modules, for an interpreter that has Jupyter."""
    return str(next((environment().parent / "lib").glob("python*")) / "site-packages")
