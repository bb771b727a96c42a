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


def test_a_library_that_installs_itself_again_and_again_is_refused_once(
    run: Run, library: dict[str, str]
) -> None:
    """As one that does so wherever an object of it is made; another library has a line of its own."""
    other = "import crashguard, types\nspace = {'__name__': 'other_library'}\n"
    other += "exec(\"import crashguard\\ncrashguard.install(app='other', version='1.0')\", space)\n"
    done = run(TOOL + "import acme_library\nfor _ in range(3): acme_library.begin()\n" + other, env=library)

    lines = [line for line in done.stderr.splitlines() if line.startswith("crashguard:")]
    assert ["app='library'", "app='other'"] == [line.partition("(")[2].partition(")")[0] for line in lines]


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


def lay(folder: Path, files: dict[str, str]) -> Path:
    """Write a program's files; returns its main script."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder / "main.py"


PATHS = "import os, sys\nHERE = os.path.dirname(os.path.abspath(__file__))\n"
CALL = 'import crashguard\ncrashguard.install(app="{}", version="1", delivery="deferred", note=False)\n'
INSTALLS = CALL.format("tool")
ACME = CALL.format("library")
DIES = "raise KeyError('x')\n"
RECORD = "acme/__init__.py,,\nacme-1.0.dist-info/RECORD,,\n"

# The files of a program that uses a library, which lies below the folder of its main script.
BELOW = {
    "a package of the script's": {
        "main.py": INSTALLS + "import vendor.acme\n" + DIES,
        "vendor/acme.py": ACME,
    },
    "beside the script": {"main.py": INSTALLS + "import acme\n" + DIES, "acme.py": ACME},
    **{
        f"{name} on sys.path": {
            "main.py": PATHS + f"sys.path.insert(0, HERE + '/{name}')\n" + INSTALLS + "import acme\n" + DIES,
            f"{name}/acme/__init__.py": "from acme import inner\n",
            f"{name}/acme/inner.py": ACME,
        }
        for name in ("vendor", "lib", "third_party", "parts")
    },
    "a tool that is a package": {
        "main.py": PATHS + "sys.path.insert(0, HERE + '/third_party')\nimport tool.cli\ntool.cli.main()\n",
        "tool/cli.py": INSTALLS + "def main():\n    import acme\n    " + DIES,
        "third_party/acme.py": ACME,
    },
    "a tool that is a package, and its library is one beside it": {
        "main.py": "import tool.cli\ntool.cli.main()\n",
        "tool/cli.py": INSTALLS + "def main():\n    import acme\n    " + DIES,
        "acme/__init__.py": ACME,
    },
    "inside of the tool's package": {
        "main.py": "import tool.cli\n" + DIES,
        "tool/cli.py": INSTALLS + "import tool._vendor.acme\n",
        "tool/_vendor/acme.py": ACME,
    },
    "installed beside the script": {
        "main.py": "import tool\nimport acme\n" + DIES,
        "tool.py": INSTALLS,
        "acme/__init__.py": ACME,
        "acme-1.0.dist-info/RECORD": RECORD,
    },
}


@pytest.mark.parametrize("layout", BELOW)
def test_a_library_below_the_scripts_folder_is_a_library(run: Run, tmp_path: Path, layout: str) -> None:
    """Its call is refused, wherever it lies and whatever its folder is called; the crash is the tool's."""
    done = run(str(lay(tmp_path / "app", BELOW[layout])))

    assert (1, 0) == (len(done.events("tool")), len(done.events("library")))
    assert 1 == done.stderr.count("install(app='library') has no effect")


# The same where the library has called install() before the tool does.
LATER = {
    "a script": {"main.py": "import vendor.acme\n" + INSTALLS + DIES, "vendor/acme.py": ACME},
    "a script, and its library is beside it": {"main.py": "import acme\n" + INSTALLS + DIES, "acme.py": ACME},
    "a package beside the script": {
        "main.py": "import vendor.acme\nimport tool.cli\n" + DIES,
        "tool/__init__.py": "",
        "tool/cli.py": INSTALLS,
        "vendor/acme.py": ACME,
    },
    "a package that imports its library": {
        "main.py": "import tool.cli\n" + DIES,
        "tool/cli.py": "import acme\n" + INSTALLS,
        "acme/__init__.py": ACME,
    },
    "a package with its library in it": {
        "main.py": "import tool.cli\n" + DIES,
        "tool/cli.py": "import tool._vendor.acme\n" + INSTALLS,
        "tool/_vendor/acme.py": ACME,
    },
    "a package in a folder for sources": {
        "main.py": PATHS + "sys.path[:0] = [HERE + '/src', HERE + '/lib']\nimport acme, tool.cli\n" + DIES,
        "src/tool/cli.py": INSTALLS,
        "lib/acme.py": ACME,
    },
}


@pytest.mark.parametrize("layout", LATER)
def test_a_tool_that_comes_after_a_library_below_its_folder_is_the_owner(
    run: Run, tmp_path: Path, layout: str
) -> None:
    """However its code is laid out: the module that calls install() need not be the main script."""
    done = run(str(lay(tmp_path / "app", LATER[layout])))

    assert (1, 0) == (len(done.events("tool")), len(done.events("library")))
    assert "no effect" not in done.stderr


@pytest.mark.parametrize("order", ["tool first", "library first"])
@pytest.mark.parametrize("way", ["-m", "command"])
def test_a_package_that_is_run_is_the_owner(run: Run, tmp_path: Path, way: str, order: str) -> None:
    """By `python -m` or by pip's command; its library is another installed package, or lies in it."""
    site = tmp_path / "venv" / "lib" / "site-packages"
    calls = [INSTALLS, "import acme\n", "import tool.third_party.other\n"]
    text = "".join(calls if order == "tool first" else [*calls[1:], calls[0]])
    script = tmp_path / "venv" / "bin" / "tool-command.py"
    files = {
        "tool/cli.py": text + "def main():\n    " + DIES,
        "tool/__main__.py": "from tool.cli import main\nmain()\n",
        "tool/third_party/other.py": ACME.replace("library", "other"),
        "acme.py": ACME,
        str(script): "import sys\nfrom tool.cli import main\nsys.exit(main())\n",
    }
    lay(site, files)
    if way == "-m":
        script.write_text("import os, sys\nos.execv(sys.executable, [sys.executable, '-m', 'tool'])\n")
    done = run(str(script), env={"PYTHONPATH": f"{site}:{Path(__file__).parent.parent}"})

    assert 1 == len(done.events("tool"))
    assert [] == done.events("library") == done.events("other")
    assert (2 if order == "tool first" else 0) == done.stderr.count("no effect")
