"""docs/architecture.md, held to what real runs do: the orders of calls, the rooms, the arrows."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, Run
from tests.servers import Server
from tests.test_layers import FLOORS

PAGE = (ROOT / "docs/architecture.md").read_text()

# Writes down which functions of ours are called, in the order of their first calls.
_WATCH = """
import atexit, json, sys
seen = []
def watch(frame, event, arg):
    code = frame.f_code
    is_function = code.co_flags & 1  # CO_OPTIMIZED: the bodies of modules and classes are not
    if event == "call" and "/crashguard/" in code.co_filename and is_function:
        call = code.co_filename.rpartition("/crashguard/")[2] + " " + code.co_qualname
        if call not in seen: seen.append(call)
"""
_END = """
def say():
    sys.setprofile(None)
    print(json.dumps(seen))
"""


def steps(title: str) -> list[str]:
    """The steps under a heading that name a file, or a file and what is called in it, in order."""
    block = re.search(rf"^## {title}\n.*?```text\n(.*?)```", PAGE, re.MULTILINE | re.DOTALL)
    assert block is not None, title
    words = [line.split()[0] for line in block[1].splitlines() if line.strip()]
    return [word for word in words if "/" in word or "." in word]


def is_called(step: str, calls: list[str]) -> int:
    """Where in the calls a step stands: a function or class of a file of ours, or any function of it."""
    file, _, name = step.partition(".")
    for number, call in enumerate(calls):
        where, _, what = call.partition(" ")
        in_file = where in (f"{file}.py", f"{file}/__init__.py") or where.startswith(f"{file}/")
        if in_file and (not name or set(name.split(".")) <= set(what.split("."))):
            return number
    return -1


def assert_in_order(title: str, calls: list[str]) -> None:
    """Every step of a heading happens, none before the step that stands above it."""
    places = [(step, is_called(step, calls)) for step in steps(title)]
    assert [step for step, place in places if place < 0] == [], calls
    assert places == sorted(places, key=lambda each: each[1])


def test_an_uncaught_exception(run: Run) -> None:
    """The order of the page is that of a program that dies."""
    with Server("refused") as server:
        done = run(
            "import crashguard\n"
            f"crashguard.install(app='demo', version='1.0', dsn={server.dsn!r}, delivery='deferred')\n"
            f"{_WATCH}{_END}atexit.register(say)\nsys.setprofile(watch)\n1 / 0\n"
        )
    assert_in_order("An uncaught exception", json.loads(done.stdout))


def test_an_exception_in_a_guard(run: Run) -> None:
    """The order of the page is that of a guard in a program that goes on."""
    done = run(
        "import crashguard\n"
        "crashguard.install(app='demo', version='1.0', dsn='http://k@127.0.0.1:9/1', delivery='deferred')\n"
        f"{_WATCH}{_END}sys.setprofile(watch)\n"
        "with crashguard.guard(reraise=False):\n    1 / 0\nsay()\n"
    )
    assert_in_order("An exception in a guard", json.loads(done.stdout))


@pytest.mark.parametrize("level", ["all", "none"])
def test_the_next_start(run: Run, level: str) -> None:
    """The order of the page is that of a start after a native crash; a no deletes what a yes would send."""
    install = (
        "crashguard.install(app='demo', version='1.0', dsn='http://k@127.0.0.1:9/1', delivery='deferred'"
    )
    run(f"import crashguard, ctypes\n{install})\nctypes.string_at(0)\n")
    done = run(
        f"import crashguard\n{_WATCH}{_END}sys.setprofile(watch)\n{install}, telemetry_level={level!r})\nsay()\n"
    )
    calls = json.loads(done.stdout)

    expected = steps("The next start")
    other = {"all": "recovery/recover.withdraw", "none": "transport.Dispatcher.resume"}[level]
    unseen = ("capture/hooks.install", "capture/run.Run", "recovery/last_run.judge")
    left_out = {other, *(unseen if level == "none" else ())}
    places = [is_called(step, calls) for step in expected if step not in left_out]
    assert -1 not in places, (expected, places, calls)
    assert places == sorted(places)


def test_the_uploader(run: Run) -> None:
    """The order of the page is that of a real uploader with one report to send."""
    with Server() as server:
        done = run(
            f"import crashguard\ncrashguard.install(app='demo', version='1', dsn={server.dsn!r}, delivery='deferred')\n1 / 0\n"
        )
        spool = done.state / "demo"
        program = (
            f"{_WATCH}{_END}sys.setprofile(watch)\n"
            f"from crashguard.transport import uploader\nuploader.main({str(spool)!r}, 0)\nsay()\n"
        )
        out = subprocess.run(
            [sys.executable, "-c", "import threading\n" + program],
            env={"HOME": str(done.state.parents[2]), "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert 1 == len(server.stored), out.stderr
    assert_in_order("The uploader, and `crashguard send`", json.loads(out.stdout))


def test_every_room_has_its_row() -> None:
    """The table of rooms and the line of arrows name what the layer test knows, and nothing else."""
    rows = re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE)
    named = {word.strip("`/").removesuffix(".py") for row in rows for word in row.split(", ")}
    known = {part for floor in FLOORS for part in floor} - {"__main__", "__init__", "_version"}
    assert known - named <= {"exceptions", "plugin", "config"}
    assert named <= known
    drawn = re.search(r"```text\n(exceptions.*?)```", PAGE, re.DOTALL)
    assert drawn is not None
    floors = [set(floor.split(", ")) for floor in " ".join(drawn[1].split()).split(" <- ")]
    faces = {"__main__", "__init__", "_version"}
    assert floors == [floor - faces for floor in FLOORS if floor - faces]

    arrows = re.search(r"```text\n(exceptions, files, fork_gate.*?)```", PAGE, re.DOTALL)
    assert arrows is not None
    floors = [{name.strip() for name in floor.split(",")} for floor in arrows[1].split("<-")]
    order = {name: number for number, floor in enumerate(floors) for name in floor}
    for number, floor in enumerate(FLOORS):
        for name in floor - {"__main__", "__init__", "_version"}:
            for lower in {each for below in FLOORS[:number] for each in below - {"_version", "__init__"}}:
                assert order[lower] <= order[name], (lower, name)


def test_the_page_is_part_of_the_way_in() -> None:
    """README and CONTRIBUTING lead to it."""
    assert "docs/architecture.md" in Path(ROOT / "README.md").read_text()


@pytest.mark.parametrize(
    "room", sorted(path.parent.name for path in (ROOT / "crashguard").glob("*/__init__.py"))
)
def test_a_room_lists_its_files(room: str) -> None:
    """Where a room's first words are a list of its files, the list is whole and names no other."""
    folder = ROOT / "crashguard" / room
    words = ast.get_docstring(ast.parse((folder / "__init__.py").read_text())) or ""
    left = re.findall(r"^    (`?[a-z_0-9]+`?(?:, [a-z_0-9]+)*)  +(.*)", words, re.MULTILINE)
    if not left:
        assert len(list(folder.glob("*.py"))) <= 4 or room == "integrations"
        return
    named = {name.strip("`") for names, _ in left for name in names.split(", ")}
    named |= {name for _, rest in left for name in re.findall(r"; (\w+):", rest)}
    there = {
        path.stem
        for path in folder.iterdir()
        if path.suffix == ".py" or (path.is_dir() and "_" != path.name[0])
    }

    assert there - {"__init__"} <= named
    assert named <= there | {"__init__"}
