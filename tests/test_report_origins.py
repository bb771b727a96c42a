"""Whose code a frame is, in whole programs: what is named in a report, and what never is."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from crashguard.program import Program
from tests.conftest import Finished, Run

pytestmark = pytest.mark.slow


def write(folder: Path, **files: str) -> Path:
    """A folder of modules, each under its name with `_` for `/`; `init` and `main` stand for what Python calls so."""
    for name, text in files.items():
        *packages, last = name.split("_")
        place = folder.joinpath(*packages)
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{f'__{last}__' if last in ('init', 'main') else last}.py").write_text(text)
    return folder


def installed(folder: Path, *modules: str, name: str = "library", requires: str = "") -> Path:
    """What pip writes beside the modules of a distribution."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "RECORD").write_text("".join(f"{module},sha256=x,1\n" for module in modules))
    needs = "".join(f"Requires-Dist: {each}\n" for each in requires.split())
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{needs}\nimport stranger\n"
    )
    return folder


def told(done: Finished) -> list[tuple[str, str, bool]]:
    """(function, file, whether the tool's own) of each frame of the only report."""
    frames: list[dict[str, Any]] = done.event["exception"]["values"][-1]["stacktrace"]["frames"]
    return [(frame["function"], frame["filename"], frame["in_app"]) for frame in frames]


STRANGER = ("<external>", "<external>", False)
CALLS = "def call(function, *args):\n    return function(*args)\n"
FAILS = "def fail():\n    raise LookupError('x')\n"
BEGIN = "import crashguard\ncrashguard.install(app='demo', version='1.0', note=False{more})\n"


def test_the_program_and_its_packages_are_its_own(run: Run, tmp_path: Path) -> None:
    """The main program, a package that install() names and a module that it names; a stranger's beside it is not."""
    code = write(tmp_path / "code", shop=CALLS, till_box=CALLS, till_init=CALLS, shopping=CALLS, other=FAILS)
    program = (
        BEGIN.format(more=", packages=['shop', 'till']")
        + "import shop, till, till.box, shopping, other\n"
        + "def main():\n    shop.call(till.call, till.box.call, shopping.call, other.fail)\nmain()\n"
    )
    done = run(program, env={"PYTHONPATH": f"{Path(__file__).parent.parent}:{code}"})

    assert [
        ("<module>", "program.py", True),
        ("main", "program.py", True),
        ("call", "shop.py", True),
        ("call", "till/__init__.py", True),
        ("call", "till/box.py", True),
        STRANGER,
        STRANGER,
    ] == told(done)


def test_a_file_whose_name_begins_like_the_programs_is_a_strangers(run: Run, tmp_path: Path) -> None:
    """program.py is known; what lies beside it is not, however it is called."""
    write(tmp_path, programs=FAILS)
    (tmp_path / "program.pyx").write_text(FAILS)
    more = "import importlib.machinery, importlib.util\n"
    more += "loader = importlib.machinery.SourceFileLoader('odd', 'program.pyx')\n"
    more += "odd = importlib.util.module_from_spec(importlib.util.spec_from_loader('odd', loader))\n"
    more += "loader.exec_module(odd)\nodd.fail()\n"

    assert [("<module>", "program.py", True), STRANGER] == told(run(BEGIN.format(more="") + more))


# As a user starts it: python -m tool
MODULE = "import os, sys\nos.environ['PYTHONPATH'] += ':{code}'\nos.execv(sys.executable, [sys.executable, '-m', 'tool'])\n"


def test_a_program_that_is_a_package_is_its_own(run: Run, tmp_path: Path) -> None:
    """python -m tool: every module of the package, without being named."""
    write(
        tmp_path / "code",
        tool_init="",
        tool_main=BEGIN.format(more="") + "from tool.deep import work\nwork.fail()\n",
        tool_deep_init="",
        tool_deep_work=FAILS,
    )
    done = run(MODULE.format(code=tmp_path / "code"))

    assert [("<module>", "tool/__main__.py", True), ("fail", "tool/deep/work.py", True)] == told(done)[-2:]


@pytest.mark.parametrize("folder", ["site-packages", "dist-packages"])
def test_what_is_installed_is_named_and_not_the_tools_own(run: Run, tmp_path: Path, folder: str) -> None:
    """A library's function is public; its path tells where the user keeps things."""
    place = write(tmp_path / "secret" / folder, library_inner=FAILS, library_init="")
    installed(place, "library/__init__.py", "library/inner.py")
    done = run(
        BEGIN.format(more="") + "import library.inner\nlibrary.inner.fail()\n",
        env={"PYTHONPATH": f"{Path(__file__).parent.parent}:{place}"},
    )

    assert [("<module>", "program.py", True), ("fail", "library/inner.py", False)] == told(done)
    assert "secret" not in str(done.event)


def test_the_standard_library_and_the_interpreter_are_named(run: Run) -> None:
    """By the file within it."""
    done = run(BEGIN.format(more="") + "import importlib\nimportlib.import_module('not_there')\n")

    frames = told(done)
    assert ("import_module", "importlib/__init__.py", False) in frames
    assert ("_gcd_import", "<frozen importlib._bootstrap>", False) in frames


MADE = "exec(compile('def {name}():\\n    raise LookupError(1)', '<secret name>', 'exec'), {space})\n"
GENERATED = ("<generated>", "<generated>", False)


@pytest.mark.parametrize(
    ("space", "frame"),
    [
        ("globals()", GENERATED),
        ("{'__name__': 'shop'}", GENERATED),
        ("{'__name__': 'shop.deep'}", STRANGER),
        ("{'__name__': 'json'}", GENERATED),
        ("{'__name__': 'stranger'}", STRANGER),
        ("{'__name__': 5}", STRANGER),
        ("{}", STRANGER),
    ],
)
@pytest.mark.parametrize("name", ["my_private_pipeline", "__init__"])
def test_code_that_was_made_is_that_of_its_module(
    run: Run, space: str, name: str, frame: tuple[str, str, bool], tmp_path: Path
) -> None:
    """It has no file, and its names may be the user's; only a special method (attrs and dataclasses make them) is told."""
    write(tmp_path / "code", shop="")
    program = (
        BEGIN.format(more=", packages=['shop']")
        + f"import shop\nspace = {space}\n"
        + MADE.format(space="space", name=name)
    )
    done = run(
        program + f"space['{name}']()\n",
        env={"PYTHONPATH": f"{Path(__file__).parent.parent}:{tmp_path / 'code'}"},
    )

    if frame == GENERATED and name == "__init__":
        frame = ("__init__", *GENERATED[1:])
    assert frame == told(done)[-1]
    assert "secret" not in str(done.event)
    assert "private" not in str(done.event)


PLUGIN = (
    "from crashguard import Plugin, guard\n"
    "guard(plugin=Plugin('acme', 'source', 'orders', '1.0', official={official}, packages=['orders']))\n"
)


@pytest.mark.parametrize(("official", "frame"), [(True, ("fail", "orders.py", True)), (False, STRANGER)])
def test_only_an_official_plugins_code_is_named(
    run: Run, tmp_path: Path, official: bool, frame: tuple[str, str, bool]
) -> None:
    """The function names of somebody's private plugin are theirs."""
    code = write(tmp_path / "code", orders=FAILS)
    done = run(
        BEGIN.format(more="") + PLUGIN.format(official=official) + "import orders\norders.fail()\n",
        env={"PYTHONPATH": f"{Path(__file__).parent.parent}:{code}"},
    )

    assert [("<module>", "program.py", True), frame] == told(done)


@pytest.mark.parametrize(
    ("kind", "told_as"),
    [
        ("shop.Sold", ("Sold", "shop")),
        ("stranger.Payroll", ("LookupError (<external> subclass)", "builtins")),
        ("json.JSONDecodeError", ("JSONDecodeError", "json.decoder")),
        ("library.Broken", ("Broken", "library")),
        ("Own", ("Own", "__main__")),
    ],
)
def test_a_class_is_named_if_its_module_may_be(
    run: Run, tmp_path: Path, kind: str, told_as: tuple[str, str]
) -> None:
    """Else its nearest base that may be."""
    code = write(
        tmp_path / "code",
        shop="class Sold(Exception): pass\n",
        stranger="class Payroll(LookupError): pass\n",
    )
    place = write(tmp_path / "site-packages", library="class Broken(Exception): pass\n")
    installed(place, "library.py")
    arguments = "'x', 'y', 0" if "JSON" in kind else "'x'"
    done = run(
        BEGIN.format(more=", packages=['shop']")
        + "class Own(Exception): pass\nimport json, shop, stranger, library\n"
        + f"raise {kind}({arguments})\n",
        env={"PYTHONPATH": f"{Path(__file__).parent.parent}:{code}:{place}"},
    )

    value = done.event["exception"]["values"][-1]
    assert told_as == (value["type"], value["module"])


REPLACED = {
    "imported anew": "del sys.modules['helper']; importlib.import_module('helper')",
    "replaced by itself": "sys.modules['helper'] = type('Lazy', (type(sys),), {})('helper')",
    "gone": "del sys.modules['helper']",
    "run once more": "runpy.run_module('helper')",
}


@pytest.mark.parametrize("how", REPLACED)
def test_a_function_of_a_module_that_was_replaced_is_the_tools(run: Run, tmp_path: Path, how: str) -> None:
    """Its namespace is that of the module which it was imported with, and no longer that of the one of its name."""
    code = write(tmp_path / "code", helper=BEGIN.format(more="") + FAILS)
    done = run(
        f"import importlib, runpy, sys, helper\nfail = helper.fail\n{REPLACED[how]}\nfail()\n",
        env={"PYTHONPATH": f"{Path(__file__).parent.parent}:{code}"},
    )

    assert ("fail", "helper.py", True) == told(done)[-1]


@pytest.mark.parametrize("space", ["", ", {}", ", {'__name__': __name__}"])
def test_a_class_in_a_text_that_the_tool_runs_is_not_named(run: Run, space: str) -> None:
    """Its module is that of the namespace that the text was run in, which says nothing of who wrote it."""
    text = "class Payroll(LookupError): pass\nraise Payroll(1)"
    done = run(BEGIN.format(more="") + f"def rule():\n    exec({text!r}{space})\nrule()\n")

    assert "LookupError (<external> subclass)" == done.event["exception"]["values"][-1]["type"]
    assert "LookupError" == done.event["fingerprint"][1]
    assert "Payroll" not in json.dumps(done.event)


def test_the_modules_of_a_script_lie_beside_what_a_link_leads_to(home: Path, tmp_path: Path) -> None:
    """So Python finds them. The script's name is its own, so that a link of another name is no other bug."""
    tool = BEGIN.format(more="") + "import helper\ndef main():\n    helper.fail()\nmain()\n"
    code = write(tmp_path / "code", tool=tool, helper=FAILS)
    (tmp_path / "bin").mkdir()
    (tmp_path / "elsewhere").symlink_to(code)
    for number, file in enumerate(("code/tool.py", "bin/a", "bin/b.py", "elsewhere/tool.py")):
        path = tmp_path / file
        if file.startswith("bin"):
            path.symlink_to(code / "tool.py")
        (home / str(number)).mkdir()
        environment = {"HOME": str(home / str(number)), "PYTHONPATH": str(Path(__file__).parent.parent)}
        subprocess.run([sys.executable, str(path)], env=environment, check=False, capture_output=True)

    events = [
        json.loads(path.read_text().split("\n")[2]) for path in home.rglob(".local/state/**/*.envelope")
    ]
    frames = [event["exception"]["values"][-1]["stacktrace"]["frames"] for event in events]
    named = [[(each["function"], each["filename"], each["in_app"]) for each in one] for one in frames]
    assert (
        4 * [[("<module>", "tool.py", True), ("main", "tool.py", True), ("fail", "helper.py", True)]] == named
    )
    assert 1 == len({tuple(event["fingerprint"]) for event in events})


# It dies in C code, called by the standard library, called by its own package, called by a stranger's module.
NATIVE = (
    "import crashguard, shop, stranger, library\n"
    "crashguard.install(app='demo', version='1.0', note=False, packages=['shop']{plugin})\n"
    "import ctypes, json\n"
    "def dies(*args):\n    ctypes.string_at(0)\n"
    "def main():\n"
    "    stranger.call(shop.call, library.call, json.loads, '{{}}', None)\n"
    "json.JSONDecoder.decode = lambda self, text: dies()\n"
    "main()\n"
)


def native(run: Run, tmp_path: Path, program: str) -> list[tuple[str, str, bool]]:
    code = write(tmp_path / "code", shop=CALLS, stranger=CALLS, orders=CALLS)
    place = installed(write(tmp_path / "site-packages", library=CALLS), "library.py")
    env = {"PYTHONPATH": f"{Path(__file__).parent.parent}:{code}:{place}"}
    died = run(program.replace("json.loads, '{}', None", "json.loads, '{}'"), env=env)
    assert -11 == died.status
    listed = subprocess.run(
        [sys.executable, "-m", "crashguard", "list"],
        env={"HOME": os.environ["HOME"], "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "SIGSEGV" in listed.stdout
    return told(died)


def test_a_native_crash_names_what_a_report_names(run: Run, tmp_path: Path) -> None:
    """The process is gone and told where its packages are: the same frames are named, and the same are not."""
    frames = native(run, tmp_path, NATIVE.format(plugin=""))

    assert [
        ("<module>", "program.py", True),
        ("main", "program.py", True),
        STRANGER,
        ("call", "shop.py", True),
        ("call", "library.py", False),
        ("loads", "json/__init__.py", False),
    ] == frames[:6]
    assert ("dies", "program.py", True) in frames
    assert ("string_at", "ctypes/__init__.py", False) == frames[-1]


def test_a_native_crash_of_a_plugin_names_its_packages(run: Run, tmp_path: Path) -> None:
    """In a process that is an official plugin, its packages are its own; of another, they are a stranger's."""
    plugin = ", plugin=crashguard.Plugin('acme', 'source', 'orders', '1.0', official={}, packages=['orders'])"
    program = NATIVE.replace("stranger.call(", "orders.call(").replace(
        "import crashguard,", "import crashguard, orders,"
    )

    official = native(run, tmp_path, program.format(plugin=plugin.format(True)))
    assert ("call", "orders.py", True) == official[2]


def test_a_native_crash_of_somebodys_own_plugin_names_nothing_of_it(run: Run, tmp_path: Path) -> None:
    """Its function names are theirs."""
    plugin = (
        ", plugin=crashguard.Plugin('acme', 'source', 'orders', '1.0', official=False, packages=['orders'])"
    )
    program = NATIVE.replace("stranger.call(", "orders.call(").replace(
        "import crashguard,", "import crashguard, orders,"
    )

    assert STRANGER == native(run, tmp_path, program.format(plugin=plugin))[2]


def test_a_program_that_is_a_package_and_dies_natively_is_its_own(run: Run, tmp_path: Path) -> None:
    """python -m tool: its modules are found again by whoever makes the report."""
    code = write(
        tmp_path / "code",
        tool_init="",
        tool_main=(
            "import crashguard\ncrashguard.install(app='demo', version='1.0', note=False)\n"
            "from tool.deep import work\nwork.die()\n"
        ),
        tool_deep_init="",
        tool_deep_work="import ctypes\ndef die():\n    ctypes.string_at(0)\n",
    )
    died = run(MODULE.format(code=code))
    assert -11 == died.status
    run("import runpy, sys\nsys.argv[1:] = ['list']\nrunpy.run_module('crashguard', run_name='__main__')\n")

    own = [(function, file) for function, file, in_app in told(died) if in_app]
    assert ["<module>", "die"] == [function for function, _ in own]
    assert "tool/deep/work.py" == own[-1][1]
    assert sys.prefix not in str(died.event)


ODD = {
    "os without a file": "import os\ndel os.__file__\n",
    "no spec": "del __spec__\n",
    "a file that is None": "__file__ = None\n",
    "a file that is a Path": "import pathlib\n__file__ = pathlib.Path(__file__)\n",
    "a loader that raises": (
        "class Loader:\n    def __getattr__(self, name):\n        raise RuntimeError(name)\n__loader__ = Loader()\n"
    ),
    "a name that is none": "__name__ = 5\n",
    "no main module": "import sys\nmain = sys.modules.pop('__main__')\n",
    "odd entries on the path": "import pathlib, sys\nsys.path += [pathlib.Path('x'), b'y', None, '']\n",
    "frozen": "import sys\nsys.frozen = True\nsys._MEIPASS = pathlib = 7\n",
    "frozen without an executable": "import sys\nsys.frozen = True\nsys.executable = None\n",
    "no folder of the standard library": "import os, sys\ndel os.__file__\nsys._stdlib_dir = None\n",
}


@pytest.mark.parametrize("oddity", ODD)
def test_install_never_keeps_a_program_from_starting(run: Run, oddity: str) -> None:
    """Whatever an importer, a packager or a host did to the modules: the program runs, and its crash is recorded."""
    done = run(ODD[oddity] + BEGIN.format(more="") + "print('started')\nraise LookupError('x')\n")

    assert (1, "started\n") == (done.status, done.stdout), done.stderr
    assert "LookupError" == done.event["exception"]["values"][-1]["type"]
    assert "crashguard" not in done.stderr


def test_a_second_install_adds_to_what_the_first_knew(run: Run, tmp_path: Path) -> None:
    """A package of the same tool calls install() again; of a library that only uses crashguard nothing changes."""
    code = write(
        tmp_path / "code",
        shop_init="",
        shop_cli="import crashguard\ndef begin():\n    crashguard.install(app='demo', version='1.0', note=False)\n",
        shop_work=FAILS,
    )
    program = (
        BEGIN.format(more="")
        + "from shop import cli, work\ncli.begin()\ndef main():\n    work.fail()\nmain()\n"
    )
    done = run(program, env={"PYTHONPATH": f"{Path(__file__).parent.parent}:{code}"})

    assert [("main", "program.py", True), ("fail", "shop/work.py", True)] == told(done)[-2:]


def test_a_script_of_the_user_is_not_named_by_a_library_that_installs(run: Run, tmp_path: Path) -> None:
    """The library is the one that calls install()."""
    code = write(
        tmp_path / "code",
        library_init="import crashguard\ncrashguard.install(app='demo', version='1.0', note=False)\n",
        library_work=FAILS,
    )
    program = "from library import work\ndef my_private_pipeline():\n    work.fail()\nmy_private_pipeline()\n"
    done = run(program, env={"PYTHONPATH": f"{Path(__file__).parent.parent}:{code}"})

    assert [STRANGER, STRANGER, ("fail", "library/work.py", True)] == told(done)


def test_a_library_is_named_if_the_tool_requires_it(run: Run, tmp_path: Path) -> None:
    """Directly or through others; what the user installed beside it is not, and the answer is kept in the spool."""
    place = write(
        tmp_path / "site-packages",
        tool_init="",
        tool_main=BEGIN.format(more="")
        + "import near, far, plugin\nnear.call(far.call, plugin.call, far.fail)\n",
        near=CALLS,
        far=CALLS + FAILS,
        plugin=CALLS,
    )
    installed(place, "tool/__init__.py", "tool/__main__.py", name="the_tool", requires="near>=1")
    installed(place, "near.py", name="near", requires="Far[extra];python_version>'3'")
    installed(place, "far.py", name="far")
    installed(place, "plugin.py", name="plugin", requires="the-tool")

    done = run(MODULE.format(code=place))
    expected = [("call", "near.py", False), ("call", "far.py", False), STRANGER, ("fail", "far.py", False)]
    assert expected == told(done)[-4:]
    assert not [*done.state.rglob("libraries")]


WITH_PLUGIN = """
import argparse
from crashguard.integrations.argparse import add_telemetry_level
from tool import core
from tool.plugins import acme
parser = argparse.ArgumentParser()
add_telemetry_level(parser)
parser.add_subparsers(required=False).add_parser(acme.NAME)
parser.parse_args([acme.NAME])
acme.call(core.fail)
"""


@pytest.mark.parametrize("has_distribution", [True, False])
@pytest.mark.parametrize("has_record", [True, False])
def test_what_others_put_into_the_tools_package_is_a_strangers(
    run: Run, tmp_path: Path, has_distribution: bool, has_record: bool
) -> None:
    """A plugin of somebody's that is installed below the tool's package; without lists of files nobody can tell."""
    place = write(
        tmp_path / "site-packages",
        tool_init="",
        tool_main=BEGIN.format(more="") + WITH_PLUGIN,
        tool_core=FAILS,
        tool_plugins_init="",
        tool_plugins_acme=CALLS + "NAME = 'acme-invoices'\n",
    )
    own = ["tool/__init__.py", "tool/__main__.py", "tool/core.py", "tool/plugins/__init__.py"]
    installed(place, *own, name="tool")
    if has_distribution:
        installed(place, "tool/plugins/acme.py", name="tool_acme", requires="tool")
    if not has_record:
        (place / "tool-1.0.dist-info" / "RECORD").unlink()
        (place / "tool-1.0.dist-info" / "top_level.txt").write_text("tool\n")

    done = run(MODULE.format(code=place))
    of_plugin = STRANGER if has_record else ("call", "tool/plugins/acme.py", True)
    assert [of_plugin, ("fail", "tool/core.py", True)] == told(done)[-2:]
    assert ("acme" in json.dumps(done.event)) is (not has_record)


def test_a_library_that_is_installed_beside_the_script_is_a_library(run: Run, tmp_path: Path) -> None:
    """As `pip install -t .` does it, and as functions of clouds are shipped."""
    installed(write(tmp_path, near=CALLS, own=FAILS), "near.py", name="near")
    done = run(BEGIN.format(more="") + "import near, own\nnear.call(own.fail)\n")

    assert [("call", "near.py", False), ("fail", "own.py", True)] == told(done)[-2:]


def test_an_upgrade_counts_at_once(run: Run, tmp_path: Path) -> None:
    """What the tool requires is asked anew in each crash: another version, another requirement."""
    text = BEGIN.format(more="") + "import near, far\nnear.call(far.fail)\n"
    place = write(tmp_path / "site-packages", tool_init="", tool_main=text, near=CALLS, far=FAILS)
    installed(place, "tool/__init__.py", "tool/__main__.py", name="tool", requires="near")
    near = installed(place, "near.py", name="near") / "near-1.0.dist-info"
    installed(place, "far.py", name="far")

    before = run(MODULE.format(code=place))
    assert [("call", "near.py", False), STRANGER] == told(before)[-2:]
    (near / "METADATA").write_text("Name: near\nVersion: 2.0\nRequires-Dist: far\n\n")
    near.rename(place / "near-2.0.dist-info")
    [old] = before.files()
    old.unlink()

    after = run(MODULE.format(code=place))
    assert [("call", "near.py", False), ("fail", "far.py", False)] == told(after)[-2:]
    assert {"far": "1.0", "near": "2.0", "tool": "1.0"} == after.event["modules"]


OF_THE_USER = {
    "a name": ("salary_of(1)", "NameError", "name '[shape:aaa_aa]' is not defined"),
    "a function": (
        "def salary(): pass\nsalary(1)",
        "TypeError",
        "[shape:aaa]() takes 0 positional arguments but 1 was given",
    ),
    "a method": (
        "class Payroll:\n    def salary(self): pass\nPayroll().salary(1)",
        "TypeError",
        "[shape:Aaaa].[shape:aaa]() takes 1 positional argument but 2 were given",
    ),
    "an attribute": (
        "class Payroll: pass\nPayroll().salary",
        "AttributeError",
        "'[shape:Aaaa]' object has no attribute '[shape:aaa]'",
    ),
    "a module": ("import payroll_rules", "ModuleNotFoundError", "No module named '[shape:aaa_aaa]'"),
    "a key": ("{}['salary']", "KeyError", "'[shape:aaa]'"),
    "a name of python": ("''.salary", "AttributeError", "'str' object has no attribute '[shape:aaa]'"),
}


@pytest.mark.parametrize("what", OF_THE_USER)
@pytest.mark.parametrize("file", ["rules.py", "<string>"])
def test_a_message_tells_no_name_of_a_users_code(run: Run, what: str, file: str) -> None:
    """The interpreter puts the names of functions, classes and attributes into its own messages."""
    text, kind, message = OF_THE_USER[what]
    ends = f"def rule():\n    exec(compile({text!r}, {file!r}, 'exec'), {{}})\nrule()\n"
    value = run(BEGIN.format(more="") + ends).event["exception"]["values"][-1]

    assert (kind, message) == (value["type"], value["value"])


def test_a_message_tells_the_names_of_the_tools_code(run: Run) -> None:
    """Also where the user's code has them, too."""
    text = "call(salary=1)\nsalary = other = 2\n"
    ends = f"def call(pay): pass\nsalary = 1\ndef rule():\n    exec(compile({text!r}, 'x.py', 'exec'), {{'call': call}})\n    salary\nrule()\n"
    value = run(BEGIN.format(more="") + ends).event["exception"]["values"][-1]

    assert "call() got an unexpected keyword argument 'salary'" == value["value"]


FAILURES = {
    "binascii.Error": "import base64\nbase64.b64decode('abcde')\n",
    "_queue.Empty": "import queue\nqueue.Queue().get_nowait()\n",
    "zlib.error": "import zlib\nzlib.decompress(b'x')\n",
    "_lzma.LZMAError": "import lzma\nlzma.decompress(b'x' * 40)\n",
    "_pickle.UnpicklingError": "import pickle\npickle.loads(b'abc')\n",
    "_csv.Error": "import csv\nlist(csv.reader(['\"a'], strict=True))\n",
    "pyexpat.ExpatError": "import pyexpat\npyexpat.ParserCreate().Parse('<a', True)\n",
}


@pytest.mark.parametrize("name", FAILURES)
def test_the_types_of_pythons_own_modules_in_c_are_named(run: Run, name: str) -> None:
    """They lie in a folder of their own, `lib-dynload`; in a virtual environment in that of the interpreter."""
    done = run(BEGIN.format(more="") + FAILURES[name])

    value = done.event["exception"]["values"][-1]
    assert name.rpartition(".")[2] == value["type"]
    assert "[shape:" not in value["value"]


PLACES_OF_C = {
    "/usr/lib/python3.11/": "/usr/lib/python3.11/lib-dynload/_queue.py",
    "/Library/Frameworks/Python.framework/Versions/3.13/lib/python3.13/": (
        "/Library/Frameworks/Python.framework/Versions/3.13/lib/python3.13/lib-dynload/_queue.py"
    ),
    "C:/Python313/Lib/": r"C:\Python313\DLLs\_queue.py",
    "C:/embedded/python313.zip/": r"C:\embedded\_queue.py",
    "/opt/py/lib/python3XX.zip/": "/opt/py/lib/python{}.{}/lib-dynload/_queue.py".format(*sys.version_info),
}


@pytest.mark.parametrize("folder", PLACES_OF_C)
def test_a_module_in_c_is_the_standard_librarys_in_each_layout_of_it(folder: str) -> None:
    """Unix, a framework, Windows, its archive for embedding, and a zipped standard library."""
    program = Program()
    program.stdlib = (folder,)

    assert "_queue.py" == program.standard("_queue", PLACES_OF_C[folder])
    assert program.standard("_queue", "/home/user/lib-dynload/_queue.py") is None
    assert program.standard("stranger", PLACES_OF_C[folder].replace("_queue", "stranger")) is None
