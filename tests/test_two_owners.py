"""A library that calls install() for itself, in a tool that does so too: the tool owns its process."""

from pathlib import Path

import pytest

from tests.conftest import Run

LIBRARY = """
import crashguard

def begin():
    crashguard.install(app="library", version="9.0", delivery="deferred", note=False)
"""
TOOL = """
import crashguard
crashguard.install(app="tool", version="1.0", delivery="deferred", note=False)
"""


@pytest.fixture
def library(tmp_path: Path) -> dict[str, str]:
    """The environment of a program that finds the library among installed packages."""
    folder = tmp_path / "lib" / "site-packages"
    folder.mkdir(parents=True)
    (folder / "acme_library.py").write_text(LIBRARY)
    return {"PYTHONPATH": f"{folder}:{Path(__file__).parent.parent}"}


def test_a_library_does_not_take_the_tools_crashes(run: Run, library: dict[str, str]) -> None:
    """Its call is refused with one line that says what it wants; the crash is the tool's."""
    done = run(TOOL + "import acme_library\nacme_library.begin()\nraise KeyError('x')\n", env=library)

    assert 1 == len(done.events("tool"))
    assert [] == done.events("library")
    [line] = [line for line in done.stderr.splitlines() if line.startswith("crashguard:")]
    assert "install(app='library') has no effect" in line
    assert "tool" in line
    assert "guard(plugin=" in line


def test_a_tool_that_comes_later_is_the_owner(run: Run, library: dict[str, str]) -> None:
    """The library was imported first and installed itself; nothing is said, and the crash is the tool's."""
    done = run("import acme_library\nacme_library.begin()\n" + TOOL + "raise KeyError('x')\n", env=library)

    assert 1 == len(done.events("tool"))
    assert [] == done.events("library")
    assert "crashguard:" not in done.stderr


def test_a_library_in_a_program_of_nobody_keeps_its_crashes(run: Run, library: dict[str, str]) -> None:
    """A script that has nothing to do with crashguard uses it."""
    done = run("import acme_library\nacme_library.begin()\nraise KeyError('x')\n", env=library)

    assert 1 == len(done.events("library"))


def test_a_tool_may_change_its_own_name(run: Run) -> None:
    """Two calls of one program with two names: the last one counts, as ever."""
    done = run(TOOL + TOOL.replace('"tool"', '"other"') + "raise KeyError('x')\n")

    assert 1 == len(done.events("other"))
    assert "crashguard:" not in done.stderr
