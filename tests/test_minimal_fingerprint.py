"""A minimal record and the full report of one bug are one: they have one fingerprint, and one is sent a day."""

import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crashguard import paths
from crashguard.minimal_record import fingerprint_facts
from crashguard.program import Program
from crashguard.program.distributions import Distributions
from crashguard.recovery import recorded
from crashguard.recovery.recover import recover
from crashguard.report import fingerprint
from crashguard.report.origins import Origins
from crashguard.spool import reports
from crashguard.spool.store import Spool
from tests import grouping, outside, uploaders
from tests.conftest import Run
from tests.servers import Server, eventually

# Beside the script lies a module of its own. With `dies` the hook that was there before ends the process: after the
# minimal record and before the full report.
PROGRAM = """
import os
import signal
import sys
import threading

if sys.argv[2] == "dies":
    sys.excepthook = threading.excepthook = lambda *args: os.kill(os.getpid(), signal.SIGKILL)

import crashguard

crashguard.install(app="kinds", version="1!2.3+local", dsn=os.environ["OUTSIDE_DSN"], delivery="inline")
if sys.argv[1] == "nothing":
    sys.exit()

import kinds

if sys.argv[1] == "module_level":
    [{}][0]["module level"]
getattr(kinds, sys.argv[1])()
"""
KINDS = """
import asyncio
import functools
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass


class ToolError(Exception):
    class Inner(ValueError):
        pass


class Odd(type):
    def __hash__(cls):
        raise RuntimeError

    def __getattribute__(cls, name):
        raise RuntimeError


class Told(LookupError, metaclass=Odd):
    pass


@dataclass
class Row:
    name: str

    def check(self):
        if self.name:
            raise ToolError.Inner("x")


def get(row, key):
    return row[key]


def passes_on(function):
    @functools.wraps(function)
    def inner(*args, **kwargs):
        return function(*args, **kwargs)

    return inner


def cause():
    try:
        get({}, "a")
    except KeyError as error:
        raise ToolError("x") from error


def context():
    try:
        {}["first"]
    except KeyError:
        raise ToolError("x")


def group():
    found = []
    for function in (lambda: json.loads("{"), lambda: {}["b"], Row("x").check):
        try:
            function()
        except Exception as error:
            found.append(error)
    raise ExceptionGroup("several", [ValueError("never raised"), ExceptionGroup("inner", found)])


def tasks():
    async def load(row):
        return row["load"]

    async def save(row):
        raise ToolError("save")

    async def main():
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(load({}))
            tasks.create_task(save({}))

    asyncio.run(main())


def syntax():
    compile("x = = 1", "<rule>", "exec")


def bad_import():
    import broken


def recursion(depth=0):
    return deeper(depth + 1)


def deeper(depth):
    return recursion(depth)


def user_class():
    Row("x").check()


def odd_class():
    raise Told("x")


def made_class():
    raise type("Made", (ToolError,), {})("x")


def text_class():
    names = {"__name__": "customer"}
    exec("class Secret(KeyError): pass", names)
    raise names["Secret"]("x")


def a_lambda():
    (lambda row: row["c"] + row["d"])({})


def comprehension():
    return {key: [each[key] for each in ({},)] for key in ("e",)}


def generator():
    return sum(row["f"] for row in [{}])


def helper():
    get({"a": 1}, "g")


@passes_on
@passes_on
def wrapped():
    get({"a": 1}, "h")


def asserts():
    rows = []
    assert rows, "none"


def library():
    return json.loads("{")


def thread():
    started = threading.Thread(target=helper)
    started.start()
    started.join()


def thread_of_library():
    started = threading.Thread(target=json.loads, args=("{",))
    started.start()
    started.join()


def pool():
    with ThreadPoolExecutor(1) as threads:
        threads.submit(get, {}, "i").result()


def generated():
    names = {"__name__": __name__}
    exec("def private_rule(row):\\n    return row['j']", names)
    names["private_rule"]({})


def twice():
    error = KeyError("k")
    for _ in range(2):
        try:
            raise error
        except KeyError:
            pass
    raise error
"""
NAMES = [line.partition(" ")[2].partition("(")[0] for line in KINDS.splitlines() if line.startswith("def ")]
NAMES = ["module_level", *(name for name in NAMES if name not in ("get", "passes_on", "deeper"))]


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


def run(tool: outside.Tool, name: str, how: str) -> None:
    folder = tool.home.parent / "program"
    folder.mkdir(parents=True, exist_ok=True)
    tool.home.mkdir(exist_ok=True)
    (folder / "main.py").write_text(PROGRAM)
    (folder / "kinds.py").write_text(KINDS)
    (folder / "broken.py").write_text("x = = 1\n")
    subprocess.run(
        [str(tool.bin / "python"), str(folder / "main.py"), name, how],
        env={"PATH": os.environ["PATH"], "HOME": str(tool.home), **tool.environment},
        capture_output=True,
        timeout=120,
        check=False,
    )
    uploaders.gone(tool.home / ".local/state/crashguard/kinds")


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_minimal_record_and_the_full_report_of_a_bug_are_one(
    name: str, tmp_path: Path, server: Server
) -> None:
    """Of a killed process the server gets the fingerprint and the headline of the whole report; on a machine that
    has sent this, it gets nothing more; and what the fingerprint was computed from does not leave."""
    whole, killed = (
        outside.tool(tmp_path / each, OUTSIDE_DSN=server.dsn, CI="true") for each in ("whole", "killed")
    )
    run(whole, name, "lives")
    # Of a group with several bugs it is the last one.
    *_, name_of_whole = sorted(path.stem for path in whole.files if path.suffix == ".envelope")
    known = name_of_whole[-32:]
    eventually(lambda: known in [event["event_id"] for event in server.events])
    [full] = [event for event in server.events if event["event_id"] == known]

    run(killed, name, "dies")
    [left] = [path for path in killed.files if path.parent.name == "recording"]
    assert left.read_bytes().split(b"\n")[3].startswith(b"1.")
    before = len(server.stored)
    run(killed, "nothing", "lives")
    eventually(lambda: len(server.stored) > before)
    minimal = server.events[-1]

    assert before + 1 == len(server.stored)
    assert not minimal["contexts"]["crashguard"]["complete"]
    assert "kinds:<module>" not in full["fingerprint"]
    assert full["fingerprint"] == minimal["fingerprint"]
    assert full.get("transaction") == minimal.get("transaction")
    assert full["release"] == minimal["release"]
    for event in (full, minimal):
        frames = event["exception"]["values"][-1]["stacktrace"]["frames"]
        # Of a library's thread all frames are the library's.
        assert any(frame["in_app"] and frame["module"] for frame in frames) == (name != "thread_of_library")
    for sent in server.bodies:
        assert 3 == sent.count(b"\n")
        assert str(tmp_path).encode() not in sent
        assert str(tmp_path).encode().hex().encode() not in sent
    assert [3] == [path.read_bytes().count(b"\n") for path in killed.files if path.suffix == ".envelope"]

    run(whole, name, "dies")
    run(whole, "nothing", "lives")
    assert before + 1 == len(server.stored)


def again(exc: BaseException, program: Any, *, is_stopped: bool = False) -> fingerprint.Bug:
    """The bug behind an exception, by way of the text in a minimal record."""
    facts = fingerprint_facts.of(exc, exc.__traceback__, program, is_stopped=is_stopped)
    bug, release = recorded.bug_of(fingerprint_facts.text(("demo@1", [], is_stopped, *facts)))
    assert "demo@1" == release
    return bug


@pytest.mark.slow
def test_the_labelled_set_has_the_same_fingerprints_when_it_was_taken_down() -> None:
    """Every bug of the set, by every entry point; and where a guard has stopped the exception on its way."""
    program = grouping.origins().program
    own = Origins(program, distributions=lambda: Distributions(program, sys.path))
    for (name, bug), entry in itertools.product(grouping.BUGS.items(), grouping.ENTRIES):
        exc = grouping.raised_by(lambda argument, bug=bug, entry=entry: entry(bug, argument), 3)  # type: ignore[misc]
        for is_stopped in (False, True) if entry is grouping.ENTRIES[0] else (False,):
            live = fingerprint.bugs_of(exc, own, stopped=is_stopped)[0]
            taken = again(exc, program, is_stopped=is_stopped)
            assert (name, live.fingerprint, live.culprit) == (name, taken.fingerprint, taken.culprit)


@pytest.mark.parametrize(
    "damage", ["cut", "changed", "another Python", "nothing", "not a text", "other values"]
)
def test_damaged_facts_cost_the_fingerprint_and_not_the_report(damage: str, run: Run) -> None:
    """The report has its beginning then, and nothing of what was below it."""
    done = run(
        "import crashguard, os, sys\ncrashguard.install(app='demo', version='1', dsn='http://k@127.0.0.1:9/1')\n"
        "sys.excepthook.previous = lambda *args: os._exit(3)\n"
        "def read(row): return row['x']\nread({})\n"
    )
    [left] = (done.state / "demo" / paths.RECORDING).iterdir()
    whole, _, facts = left.read_bytes().rpartition(b"\n")
    format_, magic, checksum, data = facts.split(b".")
    other = fingerprint_facts.text(("release", 1, [None])).encode()
    changed = {
        "cut": facts[:-20],
        "changed": b".".join((format_, magic, checksum, data[:-2] + b"00")),
        "another Python": b".".join((format_, b"00000000", checksum, data)),
        "nothing": b"",
        "not a text": b"\xff\x00\n1.2",
        "other values": other,
    }
    left.write_bytes(whole + b"\n" + changed[damage])
    recover(Spool(str(done.state / "demo")))

    [minimal] = reports.reports(Spool(str(done.state / "demo")))
    assert ["4", "KeyError"] == minimal.event["fingerprint"][:2]
    assert 3 == len(minimal.event["fingerprint"])
    assert 3 == minimal.data.count(b"\n")


def test_what_is_taken_down_is_bounded() -> None:
    """Large functions, deep recursion and many exceptions: 256 KiB at most, and no more exceptions than are read."""
    long = (
        "def long(d):\n" + "".join(f"    a = d['key{n}']\n" for n in range(20_000)) + "    return d['gone']\n"
    )
    names: dict[str, Any] = {"__name__": "long"}
    exec(compile(long, "long.py", "exec"), names)

    def deep(depth: int) -> None:
        deep(depth + 1)

    raised = [grouping.raised_by(names["long"], 1), grouping.raised_by(deep, 0)]
    raised.append(ExceptionGroup("many", [KeyError(str(n)) for n in range(100_000)]))
    for exc in raised:
        facts = fingerprint_facts.of(exc, exc.__traceback__, Program(), is_stopped=True)
        assert len(fingerprint_facts.text(facts)) <= 256 * 1024
        assert len(facts[-1]) <= 60
