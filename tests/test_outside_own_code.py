"""Whose code a frame is, in each way in which a tool reaches a machine.

A small real tool is built and installed as its users get it, with README's lines and no setting. Four questions are
asked of each: it starts; its own functions are named and in_app, and a user's file is not; two bugs are two reports;
the command in the note works.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

from tests.conftest import ROOT, component
from tests.environments import fresh_environment, once, pip_into

pytestmark = pytest.mark.slow

# The tool. `{p}` is the package that its modules lie in, with a dot at its end; a script has none.
CLI = """
import sys
import crashguard
crashguard.install(app="ledger", version="1.0")
from {p}books import first, ok, user
from {p}deep.pages import second

def main():
    command = {"ok": ok, "first": first, "second": second, "user": user}[sys.argv[1]]
    command(*sys.argv[2:])
"""
BOOKS = """
import importlib.util, sys

def ok():
    print("done")

def first():
    return lookup({}, "one")

def lookup(table, key):
    return table[key]

def user(how, path):
    if how == "exec":
        space = {"__name__": "rules"}
        with open(path) as file:
            exec(compile(file.read(), path, "exec"), space)
        space["private_rule"]()
    elif how == "spec":
        spec = importlib.util.spec_from_file_location("ledger.user_conf", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.private_rule()
    else:
        import os
        sys.path.insert(0, os.path.dirname(path))
        import rules
        rules.private_rule()
"""
PAGES = """
def second():
    return {}["two"]
"""
RULES = """
def private_rule():
    raise ValueError("x")
"""
MAIN = "from {p}cli import main\nmain()\n"
PROJECT = """
[build-system]
requires = ["{backend}"]
build-backend = "{api}"
[project]
name = "acme-{name}"
version = "1.0"
dependencies = ["crashguard"]
[project.scripts]
{name} = "{package}.cli:main"
"""
HATCHLING = '[tool.hatch.build.targets.wheel]\npackages = ["{top}"]\n'


def sources(folder: Path, package: str = "ledger") -> Path:
    """The tool's modules; below a namespace package where the name has a dot, and as a script without a name."""
    place = folder.joinpath(*package.split("."))
    (place / "deep").mkdir(parents=True)
    prefix = f"{package}." if package else ""
    if package:
        (place / "__init__.py").write_text("")
        (place / "__main__.py").write_text(MAIN.replace("{p}", prefix))
        (place / "cli.py").write_text(CLI.replace("{p}", prefix))
    else:
        (place / "main.py").write_text(CLI.replace("{p}", "") + "\nmain()\n")
    (place / "books.py").write_text(BOOKS)
    (place / "deep" / "__init__.py").write_text("")
    (place / "deep" / "pages.py").write_text(PAGES)
    return folder


def project(folder: Path, name: str, package: str, backend: str = "hatchling") -> Path:
    api = "hatchling.build" if backend == "hatchling" else "setuptools.build_meta"
    text = PROJECT.format(name=name, package=package, backend=backend, api=api)
    text += HATCHLING.format(top=package.partition(".")[0]) if backend == "hatchling" else ""
    sources(folder, package)
    (folder / "pyproject.toml").write_text(text)
    return folder


@attrs.frozen
class Place:
    """A home, in which the tool is run."""

    home: Path

    def run(self, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.home), **more}
        return subprocess.run(
            command, env=environment, cwd=self.home, capture_output=True, text=True, timeout=100, check=False
        )

    @property
    def events(self) -> list[dict[str, Any]]:
        """The reports, the oldest first."""
        files = sorted(
            self.home.glob(".local/state/crashguard/ledger/*/*.envelope"), key=lambda path: path.name
        )
        return [json.loads(path.read_text().split("\n")[2]) for path in files]

    @property
    def frames(self) -> list[list[dict[str, Any]]]:
        """The frames of each report."""
        return [event["exception"]["values"][-1]["stacktrace"]["frames"] for event in self.events]


def ask(home: Path, *command: str, prefix: str = "ledger/", **environment: str) -> None:
    """The four questions."""
    place = Place(home)
    users = home / "theirs" / "rules.py"
    users.parent.mkdir(parents=True)
    users.write_text(RULES)

    started = place.run(*command, "ok", **environment)
    assert (0, "done\n", "") == (started.returncode, started.stdout, started.stderr)

    crashed = place.run(*command, "first", **environment)
    assert "KeyError: 'one'" in crashed.stderr
    own = [(each["function"], each["filename"]) for each in place.frames[-1] if each["in_app"]]
    script = "__main__.py" if command[-1].endswith(".pyz") else "main.py"
    cli = f"{prefix}cli.py" if prefix else script
    assert [("main", cli), ("first", f"{prefix}books.py"), ("lookup", f"{prefix}books.py")] == own[-3:]
    assert {name for name, _ in own[:-3]} <= {"<module>"}

    place.run(*command, "second", **environment)
    assert [1, 2] == [len(place.frames[:1]), len(place.frames)]
    assert ("second", f"{prefix}deep/pages.py", True) == told(place.frames[-1][-1])

    for how in ("exec", "spec", "path"):
        private = place.run(*command, "user", how, str(users), **environment)
        assert "private_rule" in private.stderr
        assert ("user", f"{prefix}books.py", True) == told(place.frames[-1][-2])
        assert "<external>" == place.frames[-1][-1]["function"]

    note = re.search(r"See it: (.*?)(?:    Say no|$)", crashed.stderr, re.MULTILINE)
    assert note is not None, crashed.stderr
    shown = place.run("sh", "-c", note[1], **environment)
    assert (0, "") == (shown.returncode, shown.stderr), note[1]
    assert "lookup" in shown.stdout


def told(frame: dict[str, Any]) -> tuple[str, str, bool]:
    return frame["function"], frame["filename"], frame["in_app"]


def _wheels(root: Path) -> None:
    projects = [
        project(root / "ledger", "ledger", "ledger"),
        project(root / "corp", "corp-ledger", "corp.ledger"),
        several_tops(root / "tops"),
    ]
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    done = subprocess.run(
        [*build, "-w", str(root / "wheels"), str(ROOT), *map(str, projects)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == done.returncode, done.stderr


def wheels() -> Path:
    """A folder with wheels of this checkout and of the tools."""
    return once("own", _wheels) / "wheels"


def several_tops(folder: Path) -> Path:
    """A distribution whose command lies in one package and the rest in another."""
    project(folder, "tops", "ledger")
    shutil.move(folder / "ledger", folder / "engine")
    (folder / "tops_cli").mkdir()
    (folder / "tops_cli" / "__init__.py").write_text("")
    (folder / "tops_cli" / "cli.py").write_text(CLI.replace("{p}", "engine."))
    text = (
        (folder / "pyproject.toml")
        .read_text()
        .replace('"ledger"', '"engine", "tops_cli"')
        .replace("ledger.cli", "tops_cli.cli")
    )
    (folder / "pyproject.toml").write_text(text)
    return folder


def _environment(root: Path) -> None:
    installed = [str(path) for path in wheels().glob("*.whl")]
    builders = ["hatchling", "editables", "setuptools>=77"]
    if pip_into(fresh_environment(root / "venv"), *builders, *installed).returncode:
        shutil.rmtree(root / "venv")


def environment() -> Path:
    """The folder of the commands of a fresh environment with all tools; skips where pip cannot fill one."""
    commands = once("own-environment", _environment) / "venv" / "bin"
    if not commands.exists():
        pytest.skip("pip cannot install crashguard's dependencies into a fresh environment here")
    return commands


def script(tmp_path: Path) -> list[str]:
    return [str(environment() / "python"), str(sources(tmp_path / "code", "") / "main.py")]


def run_by_the_command(tmp_path: Path) -> list[str]:
    """A script that knows nothing of crashguard."""
    python, path = script(tmp_path)
    text = (
        Path(path)
        .read_text()
        .replace('crashguard.install(app="ledger", version="1.0")', "")
        .replace("import crashguard", "")
    )
    Path(path).write_text(text)
    return [str(Path(python).parent / "crashguard"), "run", "--app", "ledger", path]


def linked(tmp_path: Path) -> list[str]:
    """As pipx and uv lay a command out: a link in a folder of the user's."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "ledger").symlink_to(environment() / "ledger")
    return [str(tmp_path / "bin" / "ledger")]


def zipapp(tmp_path: Path) -> list[str]:
    """An archive with all that the tool needs, where that is pure Python."""
    site = next((environment().parent / "lib").glob("python*")) / "site-packages"
    with zipfile.ZipFile(tmp_path / "ledger.pyz", "w") as archive:
        archive.writestr("__main__.py", MAIN.replace("{p}", "ledger."))
        for top in ("ledger", "crashguard", "attr", "attrs", "click"):
            for path in (site / top).rglob("*.py"):
                archive.write(path, path.relative_to(site).as_posix())
    return [str(environment() / "python"), str(tmp_path / "ledger.pyz")]


def zipapp_of_scripts(tmp_path: Path) -> list[str]:
    """An archive of a script, the modules beside it, and the libraries that pip put there."""
    site = next((environment().parent / "lib").glob("python*")) / "site-packages"
    sources(tmp_path / "sources", "")
    (tmp_path / "sources" / "main.py").rename(tmp_path / "sources" / "__main__.py")
    libraries = ("crashguard", "attr", "attrs", "click")
    with zipfile.ZipFile(tmp_path / "ledger.pyz", "w", zipfile.ZIP_DEFLATED) as archive:
        for folder, pattern in (
            (tmp_path / "sources", "**/*.py"),
            *((site, f"{top}/**/*.py") for top in libraries),
            *((site, f"{top}-*.dist-info/*") for top in libraries),
        ):
            for path in folder.glob(pattern):
                archive.write(path, path.relative_to(folder).as_posix())
    return [str(environment() / "python"), str(tmp_path / "ledger.pyz")]


LAYOUTS: dict[str, tuple[Callable[[Path], list[str]], str]] = {
    "script": (script, ""),
    "python -m": (lambda _: [str(environment() / "python"), "-m", "ledger"], "ledger/"),
    "console script": (lambda _: [str(environment() / "ledger")], "ledger/"),
    "linked console script": (linked, "ledger/"),
    "namespace package": (lambda _: [str(environment() / "corp-ledger")], "corp/ledger/"),
    "namespace package, python -m": (
        lambda _: [str(environment() / "python"), "-m", "corp.ledger"],
        "corp/ledger/",
    ),
    "crashguard run": (run_by_the_command, ""),
    "zipapp": (zipapp, "ledger/"),
    "zipapp of scripts": (zipapp_of_scripts, ""),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_tools_own_code_is_known(layout: str, home: Path, tmp_path: Path) -> None:
    """Own functions are named, a user's are not, two bugs are two reports, and the note names a command that works."""
    make, prefix = LAYOUTS[layout]
    ask(home, *make(tmp_path), prefix=prefix)


@pytest.mark.parametrize("backend", ["hatchling", "setuptools"])
def test_the_code_of_an_editable_install_is_known(backend: str, home: Path, tmp_path: Path) -> None:
    """By a path file (hatchling) or by an import hook (setuptools)."""
    commands = environment()
    folder = project(tmp_path / "checkout", f"{backend}-ledger", "edited", backend)
    done = pip_into(commands, "--no-deps", "--no-build-isolation", "-e", str(folder))
    assert 0 == done.returncode, done.stderr

    ask(home, str(commands / f"{backend}-ledger"), prefix="edited/")


def test_all_packages_of_a_distribution_are_the_tools(home: Path) -> None:
    """RECORD says which."""
    place = Place(home)
    place.run(str(environment() / "tops"), "first")

    assert [
        ("main", "tops_cli/cli.py", True),
        ("first", "engine/books.py", True),
        ("lookup", "engine/books.py", True),
    ] == [told(frame) for frame in place.frames[-1][-3:]]


# A tool as its users freeze it


def _site(folder: Path) -> None:
    ours = [
        str(path) for path in wheels().glob("*.whl") if path.name.startswith(("crashguard", "acme_ledger"))
    ]
    subprocess.run(
        [packager("pip"), "install", "-q", "--no-deps", "--target", str(folder), *ours],
        check=True,
        capture_output=True,
    )
    (folder / "run_ledger.py").write_text(MAIN.replace("{p}", "ledger."))


def site() -> Path:
    """The wheels, unpacked beside the packagers' own libraries."""
    component("CRASHGUARD_PACKAGERS_BIN")
    return once("own-site", _site)


def packager(name: str) -> str:
    return str(Path(component("CRASHGUARD_PACKAGERS_BIN")) / name)


def build(folder: Path, name: str, *arguments: str) -> None:
    folder.mkdir(exist_ok=True)
    done = subprocess.run(
        [packager(name), *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(site()), "CCFLAGS": "-O0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == done.returncode, done.stderr[-3000:]


SPEC = """
a = Analysis([{script!r}], excludes=["cryptography", "rich", "tkinter", "sentry_sdk.integrations"])
pyz = PYZ(a.pure)
EXE(pyz, a.scripts, a.binaries, a.datas, name="one", console=True)
COLLECT(EXE(pyz, a.scripts, exclude_binaries=True, name="ledger", console=True), a.binaries, a.datas, name="folder")
"""


@pytest.mark.timeout(600)
def test_the_code_of_a_program_of_pyinstaller_is_known(home: Path, tmp_path: Path) -> None:
    """In one file and in one folder; the hook that comes with crashguard is found without a setting."""
    (tmp_path / "ledger.spec").write_text(SPEC.format(script=str(site() / "run_ledger.py")))
    build(tmp_path, "pyinstaller", "--log-level", "ERROR", "ledger.spec")

    for each, path in (("one", "dist/one"), ("folder", "dist/folder/ledger")):
        (home / each).mkdir()
        ask(home / each, str(tmp_path / path))


@pytest.mark.timeout(300)
def test_the_code_of_a_program_of_cx_freeze_is_known(home: Path, tmp_path: Path) -> None:
    """Its os module has no file, and its frames have the file names of the machine that built it."""
    build(
        tmp_path,
        "cxfreeze",
        "build",
        "--script",
        str(site() / "run_ledger.py"),
        "--target-name",
        "ledger",
        "--target-dir",
        "cx",
        "--silent",
    )

    ask(home, str(tmp_path / "cx" / "ledger"))


@pytest.mark.timeout(300)
def test_the_code_of_a_shiv_is_known(home: Path, tmp_path: Path) -> None:
    """It unpacks itself into the user's home."""
    shutil.copytree(site(), tmp_path / "all")
    libraries = next((Path(packager("python")).parent.parent / "lib").glob("python*")) / "site-packages"
    for top in ("attr", "attrs", "click", "psutil"):
        shutil.copytree(libraries / top, tmp_path / "all" / top)
    build(
        tmp_path, "shiv", "--site-packages", "all", "-e", "ledger.cli:main", "-o", "ledger.pyz", "--no-modify"
    )

    ask(home, packager("python"), str(tmp_path / "ledger.pyz"))


@pytest.mark.timeout(300)
def test_the_code_of_a_pex_is_known(home: Path, tmp_path: Path) -> None:
    """Each of its distributions lies in a folder of its own."""
    repository = environment().parent
    build(
        tmp_path,
        "pex",
        "acme-ledger",
        "--venv-repository",
        str(repository),
        "-c",
        "ledger",
        "-o",
        "ledger.pex",
    )

    ask(home, packager("python"), str(tmp_path / "ledger.pex"))


def _downloaded(folder: Path) -> None:
    options = ["-q", "--disable-pip-version-check", "-d", str(folder), "--only-binary", ":all:"]
    done = subprocess.run(
        [packager("pip"), "download", *options, "-f", str(wheels()), "crashguard", "pip"],
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode == 0:
        for wheel in wheels().glob("*.whl"):
            shutil.copy(wheel, folder)


def downloaded() -> Path:
    """A folder with the wheels, all that crashguard requires, and a pip for pipx: for installers without an index."""
    folder = once("own-downloaded", _downloaded)
    if not any(folder.iterdir()):
        pytest.skip("pip cannot download crashguard's dependencies here")
    return folder


@pytest.mark.timeout(300)
def test_the_code_of_a_tool_of_uv_is_known(home: Path) -> None:
    """`uv tool install` makes an environment of the tool's own, and a link to its command."""
    place = Place(home)
    offline = ["--no-index", "--find-links", str(downloaded())]
    done = place.run(
        packager("uv"), "tool", "install", "-q", "--python", packager("python"), *offline, "acme-ledger"
    )
    assert 0 == done.returncode, done.stderr

    ask(home, str(home / ".local" / "bin" / "ledger"))
    assert "uv" == place.events[-1]["contexts"]["program"]["installer"]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("backend", ["pip", "uv"])
def test_the_code_of_a_tool_of_pipx_is_known(home: Path, backend: str) -> None:
    """`pipx install` does the same, by pip or by uv."""
    place = Place(home)
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(downloaded()), "UV_OFFLINE": "1"}
    done = place.run(
        *(packager("pipx"), "install", "--backend", backend, "--python", packager("python"), "acme-ledger"),
        *("--pip-args", f"--no-index --find-links {downloaded()}"),
        **{**offline, "PATH": f"{Path(packager('uv')).parent}:{os.environ['PATH']}"},
    )
    assert 0 == done.returncode, done.stderr

    ask(home, str(home / ".local" / "bin" / "ledger"))
    assert "pipx" == place.events[-1]["contexts"]["program"]["installer"]


@pytest.mark.timeout(300)
def test_the_code_of_a_tool_in_the_users_own_folder_is_known(home: Path) -> None:
    """`pip install --user` puts it beside the interpreter that all use, into the home."""
    place = Place(home)
    options = ["-q", "--user", "--break-system-packages", "--no-index", "--find-links", str(downloaded())]
    base = sys._base_executable  # type: ignore[attr-defined]
    done = place.run(sys.executable, "-m", "pip", "--python", base, "install", *options, "acme-ledger")
    assert 0 == done.returncode, done.stderr

    ask(home, str(home / ".local" / "bin" / "ledger"))
    assert "pip" == place.events[-1]["contexts"]["program"]["installer"]
    assert {"acme_ledger": "1.0"} == place.events[-1]["modules"]


TYPER = """
import crashguard, typer
crashguard.install(app="ledger", version="1.0")
from books import first
app = typer.Typer()

@app.command()
def main() -> None:
    first()

app()
"""
RICH = """
import crashguard
crashguard.install(app="ledger", version="1.0")
import rich.traceback
from books import first
rich.traceback.install()

def main() -> None:
    first()

main()
"""
THREAD = """
import crashguard, threading
crashguard.install(app="ledger", version="1.0")
from books import first

def main() -> None:
    threading.main_thread().join()
    first()

threading.Thread(target=main).start()
"""


@pytest.mark.parametrize("program", [TYPER, RICH, THREAD], ids=["typer", "rich", "thread"])
def test_own_code_is_known_after_the_main_script_is_gone(home: Path, tmp_path: Path, program: str) -> None:
    """Frameworks replace the hook, so that the report is made at exit; a thread may outlive the script."""
    folder = sources(tmp_path / "code", "")
    (folder / "main.py").write_text(program)
    python = str(environment() / "python") if program is THREAD else packager("python")
    place = Place(home)
    place.run(python, str(folder / "main.py"), **({} if program is THREAD else {"PYTHONPATH": str(site())}))

    own = [told(frame) for frame in place.frames[-1] if frame["in_app"]]
    assert [("main", "main.py", True), ("first", "books.py", True), ("lookup", "books.py", True)] == own[-3:]


@pytest.mark.timeout(900)
def test_the_code_of_a_program_of_nuitka_is_known(home: Path, tmp_path: Path) -> None:
    """Compiled, without the parts that the tool does not use; the compiler takes 80 seconds of processor time."""
    left_out = "tkinter,unittest,pytest,sentry_sdk,urllib3,attr,attrs,psutil,click,rich,certifi,asyncio,multiprocessing,email,http,ssl"
    ours = ",".join(
        f"crashguard.{each}" for each in ("testing", "integrations", "packagers", "cli", "usage", "stats")
    )
    options = [
        "--standalone",
        "--quiet",
        "--lto=no",
        "--output-filename=ledger",
        f"--nofollow-import-to={left_out},{ours}",
    ]
    build(tmp_path, "python", "-m", "nuitka", *options, str(site() / "run_ledger.py"))

    ask(home, str(tmp_path / "run_ledger.dist" / "ledger"))
