"""The tutorial and the other guides: what they show runs as it stands; every argument and variable has its words."""

import inspect
import re
from pathlib import Path

import pytest

import crashguard
from tests import outside
from tests.conftest import ROOT, Run

DOCS = ROOT / "docs"
TEXT = "\n".join(path.read_text() for path in [*DOCS.rglob("*.md"), ROOT / "README.md"])
TUTORIAL = (DOCS / "tutorial.md").read_text()


def blocks(page: str, language: str) -> list[str]:
    """The blocks of a page in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", (DOCS / page).read_text(), re.MULTILINE | re.DOTALL)


PROGRAMS = [
    (page, number) for page in ("howto.md", "calm.md") for number in range(len(blocks(page, "python")))
]


@pytest.mark.parametrize(("page", "number"), PROGRAMS)
def test_each_block_runs(run: Run, page: str, number: int) -> None:
    """Each block of Python is a whole program that ends well and prints nothing."""
    done = run(blocks(page, "python")[number])

    assert (done.status, done.stdout, done.stderr) == (0, "", "")


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


def test_every_argument_of_install_is_explained() -> None:
    """Each argument of install() has its words in the docstring, of which the reference is made."""
    explained = re.findall(
        r"^ {8}(\w+): ", inspect.getsource(crashguard.install).partition("Raises:")[0], re.MULTILINE
    )

    assert explained == list(inspect.signature(crashguard.install).parameters)


def test_every_variable_is_explained() -> None:
    """Each variable by which a user can change something stands on a page."""
    code = "\n".join(path.read_text() for path in Path(crashguard.__file__).parent.rglob("*.py"))
    read = set(re.findall(r"[\"'](CRASHGUARD_[A-Z_]+)[\"']", code))

    assert "CRASHGUARD_DSN" in read
    assert {name for name in read - INTERNAL if name not in TEXT} == set()


# One process tells them to another; nobody sets them.
INTERNAL = {"CRASHGUARD_LEVEL_VARIABLE", "CRASHGUARD_PATH", "CRASHGUARD_STARTUP_"}


def test_every_page_is_in_the_menu() -> None:
    """The site leads to each page, and the API pages."""
    menu = (ROOT / "mkdocs.yml").read_text().partition("\nnav:")[2]

    assert {
        path.relative_to(DOCS).as_posix()
        for path in DOCS.rglob("*.md")
        if path.relative_to(DOCS).as_posix() not in menu
    } == set()
