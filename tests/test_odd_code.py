"""Code that is not as a packager or a compiler usually leaves it: a coarser answer, and never an exception."""

import compileall
import json
import shutil
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Finished, Run, component
from tests.test_report_origins import MODULE, STRANGER, installed, told, write

pytestmark = pytest.mark.slow

INSTALL = "import crashguard\ncrashguard.install(app='demo', version='1.0', note=False)\n"
TOOL = INSTALL + "from tool import work\nwork.main()\n"
WORK = "import near\ndef main():\n    near.call(fail)\ndef fail():\n    return {}['one']\n"
NEAR = "def call(function):\n    return function()\n"
OWN = [("main", "tool/work.py", True), ("fail", "tool/work.py", True)]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with a tool and its library, as pip installs them."""
    place = write(tmp_path / "site-packages", tool_init="", tool_main=TOOL, tool_work=WORK, near=NEAR)
    modules = ("tool/__init__.py", "tool/__main__.py", "tool/work.py")
    installed(place, *modules, name="tool", requires="near")
    return installed(place, "near.py", name="near")


def crash(run: Run, site: Path, **env: str) -> Finished:
    """Have the tool crash."""
    program = MODULE.format(code=site)
    done = run(program, env=env)
    assert (1, "") == (done.status, done.stdout), done.stderr
    assert "KeyError: 'one'" in done.stderr
    assert "crashguard" not in done.stderr
    return done


def own(done: Finished) -> list[tuple[str, str, bool]]:
    return [frame for frame in told(done) if frame[2]][-2:]


def remove(site: Path, name: str) -> None:
    (site / "tool-1.0.dist-info" / name).unlink()


def record(text: bytes) -> Any:
    return lambda site: (site / "tool-1.0.dist-info" / "RECORD").write_bytes(text)


LISTS = {
    "no RECORD": lambda site: remove(site, "RECORD"),
    "no METADATA": lambda site: remove(site, "METADATA"),
    "an empty RECORD": record(b""),
    "a RECORD of other files": record(b"other.py,sha256=x,1\n"),
    "a RECORD that is no text": record(b"\xff\xfe\x00tool/work.py\x00,,\n" * 50),
    "a RECORD without an end": record(b"tool/work.py,sha256=x"),
    "a RECORD with commas and quotes": record(b'"tool/work,2.py",sha256=x,1\n",,,\n\n\ntool/work.py\n'),
    "a RECORD of absolute paths": record(b"/etc/passwd,,\n../../bin/tool,,\n\ttool/work.py\t,,\n"),
    "a RECORD of 20 megabytes": record(b"tool/other.py,sha256=x,1\n" * 800_000),
}


@pytest.mark.parametrize("what", LISTS)
def test_own_functions_are_named_without_the_list_of_files(run: Run, site: Path, what: str) -> None:
    """The list of a distribution's files is missing or was edited: only what it says is lost."""
    LISTS[what](site)

    assert OWN == own(crash(run, site))


def test_of_two_distributions_with_one_package_only_the_required_one_is_named(run: Run, site: Path) -> None:
    """Both put modules into the package `shared`; the tool requires one of them."""
    write(site, shared_init="", shared_ours=NEAR, shared_theirs=NEAR)
    work = "from shared import ours, theirs\ndef main():\n    ours.call(lambda: theirs.call(fail))\n"
    write(site, tool_work=work + "def fail():\n    return {}['one']\n")
    installed(site, "shared/__init__.py", "shared/theirs.py", name="a_stranger")
    installed(site, "shared/__init__.py", "shared/ours.py", name="required")
    (site / "tool-1.0.dist-info" / "METADATA").write_text(
        "Name: tool\nVersion: 1.0\nRequires-Dist: required\n\n"
    )

    done = crash(run, site)
    assert [
        ("main", "tool/work.py", True),
        ("call", "shared/ours.py", False),
        ("main.<locals>.<lambda>", "tool/work.py", True),
        STRANGER,
        ("fail", "tool/work.py", True),
    ] == told(done)[-5:]
    assert {"tool": "1.0", "required": "1.0"} == done.event["modules"]


def test_a_file_that_somebody_put_beside_a_library_is_not_named(run: Run, site: Path) -> None:
    """The folder is the library's, the file is the user's: the list of files does not hold it."""
    write(
        site,
        lib_init="",
        lib_mine=NEAR,
        tool_work=WORK.replace("import near", "from lib import mine as near"),
    )
    installed(site, "lib/__init__.py", name="lib")
    (site / "tool-1.0.dist-info" / "METADATA").write_text("Name: tool\nVersion: 1.0\nRequires-Dist: lib\n\n")

    assert STRANGER == told(crash(run, site))[-2]


MODULES = {
    "no spec": "del __spec__\n",
    "a spec that is none": "__spec__ = 5\n",
    "a file that is None": "__file__ = None\n",
    "no file": "del __file__\n",
    "a file that is a Path": "import pathlib\n__file__ = pathlib.Path(__file__)\n",
    "a file that is bytes": "__file__ = __file__.encode()\n",
    "a loader that raises": (
        "class Loader:\n    def __getattr__(self, name):\n        raise RuntimeError(name)\n__loader__ = Loader()\n"
    ),
    "a path that is none": "__path__ = 5\n",
    "a path that raises": (
        "class Path:\n    def __iter__(self):\n        raise RuntimeError\n__path__ = Path()\n"
    ),
}


@pytest.mark.parametrize("where", ["__init__", "work", "__main__"])
@pytest.mark.parametrize("what", MODULES)
def test_a_module_may_lack_what_modules_have(run: Run, site: Path, what: str, where: str) -> None:
    """Importers, packagers and hosts change the attributes of modules. Python itself needs some of a package's."""
    if where == "__init__":
        change = f"exec({MODULES[what]!r}, vars(__import__('tool')))"
        (site / "tool" / "__main__.py").write_text(TOOL.replace("work.main()", f"{change}; work.main()"))
    else:
        path = site / "tool" / f"{where}.py"
        path.write_text(MODULES[what] + path.read_text())

    assert OWN == own(crash(run, site))


LYING = {
    "of another module": "near.py",
    "of the user": "/home/somebody/private.py",
    "relative": "work.py",
    "empty": "",
    "of another system": "C:\\\\Users\\\\somebody\\\\private.py",
    "with a zero": "a\\x00b",
    "not text": "\\udcff.py",
    "a folder": "/",
    "long": "x" * 100_000,
}


@pytest.mark.parametrize("file", LYING)
def test_a_code_object_may_name_another_file(run: Run, site: Path, file: str) -> None:
    """A template engine or a preprocessor names the file that it made the code of; no path of it is told."""
    lies = (
        f"fail.__code__ = fail.__code__.replace(co_filename='{LYING[file]}', co_qualname='secret_rule', "
        "co_name='secret_rule')\n"
    )
    path = site / "tool" / "work.py"
    path.write_text(path.read_text() + lies)

    done = crash(run, site)
    assert STRANGER == told(done)[-1]
    assert ("main", "tool/work.py", True) == told(done)[-3]
    assert "somebody" not in json.dumps(done.event)
    assert "secret_rule" not in json.dumps(done.event)


def test_without_positions_functions_are_told_apart(run: Run, site: Path) -> None:
    """Under `-X no_debug_ranges` only the statement is lost."""
    done = crash(run, site, PYTHONNODEBUGRANGES="1")

    assert OWN == own(done)
    assert ["4", "KeyError", "tool.work:fail", "_"] == done.event["fingerprint"]


def test_code_without_sources_is_named(run: Run, site: Path) -> None:
    """Only the compiled files were shipped, beside or in place of the sources."""
    whole = crash(run, site).event
    compileall.compile_dir(str(site), legacy=True, quiet=1, stripdir=str(site))
    for path in [*site.rglob("*.py")]:
        path.unlink()
    for path in [*site.rglob("RECORD")]:
        path.write_text(path.read_text().replace(".py,", ".pyc,"))

    done = crash(run, site)
    assert whole["fingerprint"] == done.events()[-1]["fingerprint"]


def test_a_function_of_ten_thousand_instructions_is_named(run: Run, site: Path) -> None:
    """Its end is beyond what is read; the function counts."""
    lines = "".join(f"    a = len('{number}') + {number}\n" for number in range(3_000))
    path = site / "tool" / "work.py"
    path.write_text(WORK.replace("    return {}", lines + "    return {}"))

    done = crash(run, site)
    assert OWN == own(done)
    assert ["4", "KeyError", "tool.work:fail"] == done.event["fingerprint"][:3]


def test_compiled_code_is_named(run: Run, site: Path, tmp_path: Path) -> None:
    """Cython: its frames have a file and a line, and no instruction."""
    cython = component("CRASHGUARD_CYTHON")
    include = sysconfig.get_path("include")
    if shutil.which("cc") is None or not (Path(include) / "Python.h").exists():
        pytest.skip("there is no C compiler, or no headers of this interpreter")
    source = site / "tool" / "work.py"
    library = source.with_suffix(sysconfig.get_config_var("EXT_SUFFIX"))
    subprocess.run([cython, "-3", "work.py"], cwd=source.parent, check=True)
    subprocess.run(
        ["cc", "-O0", "-shared", "-fPIC", f"-I{include}", "work.c", "-o", str(library)],
        cwd=source.parent,
        check=True,
    )
    source.unlink()

    done = crash(run, site)
    named = [(f"tool.work.{name}", file, in_app) for name, file, in_app in OWN]  # as Cython names functions
    assert named == own(done)
    assert ["4", "KeyError", "tool.work:fail", "_"] == done.event["fingerprint"]
