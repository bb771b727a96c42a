"""A tool that loads what its user wrote: Python's own messages name that code, and no report does."""

import json
from pathlib import Path

import pytest

from tests.conftest import Run

TOOL = """
import enum, importlib, json, pickle, sys
import crashguard

crashguard.install(app="demo", version="1.2.3", note=False)

class Table:
    def read(self, first): ...

def work(what, thing):
    if what == "call": thing()
    if what == "attribute": thing.z
    if what == "attribute of one": thing().z
    if what == "slot": getattr(thing(), "mel" + "on")
    if what == "argument": thing(1)
    if what == "value": thing(7)
    if what == "sum": thing() + 1
    if what == "order": thing() < thing()
    if what == "list": list(thing())
    if what == "unpack": a, b = thing()
    if what == "join": ",".join([thing()])
    if what == "concat": "x" + thing()
    if what == "open": open(thing())
    if what == "json": json.dumps(thing())
    if what == "pickle": pickle.dumps(thing)
    if what == "with":
        with thing(): ...
    if what == "format": format(thing(), "d")
    if what == "key": {}[thing]
    if what == "repr": raise ValueError(thing)
    if what == "made": type(thing, (), {})().z
    if what == "made by enum": enum.Enum(thing, ["A"])(5)
    if what == "own attribute": Table().z
    if what == "own call": Table().read()

def run():
    plan = json.loads(sys.argv[1])
    sys.path.insert(0, plan["folder"])
    thing = plan["name"]
    if "module" in plan:
        thing = importlib.import_module(plan["module"])
    if "source" in plan:
        space = {"__name__": "of_somebody"}
        exec(compile(plan["source"], "/home/ada/typed.py", "exec"), space)
        thing = space[plan["name"]]
    elif "module" in plan:
        for part in filter(None, plan["name"].split(".")):
            thing = getattr(thing, part)
    work(plan["what"], thing)

run()
"""

PLUGIN = """
import abc, enum

class Payroll:
    def ledger(customer, region): ...

class Hidden(abc.ABC):
    @abc.abstractmethod
    def payout(self): ...

    @abc.abstractmethod
    def bonus(self): ...

class Orchard(enum.Enum):
    RED = 1

class Slot:
    __slots__ = ("melon",)

def salary_hook(customer, region): ...

def harvest():
    return lambda customer: 1

picker = harvest()
"""
WORDS = (
    "payroll",
    "ledger",
    "customer",
    "region",
    "hidden",
    "payout",
    "bonus",
    "orchard",
    "slot",
    "salary",
    "harvest",
    "ruiz",
)


def message(run: Run, tmp_path: Path, what: str, **plan: str) -> str:
    """The message in the report of one crash."""
    folder = tmp_path / "of-the-user"
    folder.mkdir()
    (folder / "acmeplugin.py").write_text(PLUGIN)
    done = run(TOOL, json.dumps({"folder": str(folder), "what": what, **plan}))
    assert done.status == 1, done.stderr
    [event] = done.events()
    told: str = event["exception"]["values"][-1]["value"]
    return told


@pytest.mark.parametrize(
    ("what", "name", "kept"),
    [
        ("call", "picker", "missing 1 required positional argument"),
        ("call", "salary_hook", "missing 2 required positional arguments"),
        ("call", "Payroll.ledger", "missing 2 required positional arguments"),
        ("call", "Hidden", "Can't instantiate abstract class"),
        ("attribute", "Payroll", "has no attribute 'z'"),
        ("attribute", "", "has no attribute 'z'"),
        ("attribute of one", "Payroll", "object has no attribute 'z'"),
        ("slot", "Slot", "object has no attribute"),
        ("argument", "Payroll", "() takes no arguments"),
        ("argument", "salary_hook", "missing 1 required positional argument"),
        ("value", "Orchard", "7 is not a valid "),
        ("sum", "Payroll", "unsupported operand type(s) for +: "),
        ("order", "Payroll", "'<' not supported between instances of "),
        ("list", "Payroll", "object is not iterable"),
        ("unpack", "Payroll", "cannot unpack non-iterable "),
        ("join", "Payroll", "sequence item 0: expected str instance, "),
        ("concat", "Payroll", "can only concatenate str (not "),
        ("open", "Payroll", "expected str, bytes or os.PathLike object, not "),
        ("json", "Payroll", "Object of type "),
        ("pickle", "picker", ".<locals>.<lambda>"),
        ("with", "Payroll", "object does not support the context manager protocol"),
        ("format", "Payroll", "unsupported format string passed to "),
        ("key", "Payroll", "<class "),
        ("repr", "salary_hook", "<"),
    ],
)
def test_the_names_of_a_users_module_stay_here(
    run: Run, tmp_path: Path, what: str, name: str, kept: str
) -> None:
    """Whatever the tool does with it: Python's sentence is told, and neither type, function, argument nor module."""
    told = message(run, tmp_path, what, module="acmeplugin", name=name)

    assert kept in told
    assert [word for word in (*WORDS, "acmeplugin") if word in told.lower()] == []


@pytest.mark.parametrize(
    ("what", "plan"),
    [
        (
            "attribute of one",
            {"source": "class Payroll:\n  def ledger(self, customer): ...", "name": "Payroll"},
        ),
        ("call", {"source": "def salary(customer): ...", "name": "salary"}),
        ("made", {"name": "Ruiz"}),
        ("made by enum", {"name": "Ruiz"}),
    ],
)
def test_so_do_those_of_code_that_no_module_has(
    run: Run, tmp_path: Path, what: str, plan: dict[str, str]
) -> None:
    """Code that a tool executes, and classes that it makes by a name which it reads."""
    told = message(run, tmp_path, what, **plan)

    assert [word for word in WORDS if word in told.lower()] == []


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("own attribute", "'Table' object has no attribute 'z'"),
        ("own call", "Table.read() missing 1 required positional argument: 'first'"),
    ],
)
def test_the_tools_own_names_are_told(run: Run, tmp_path: Path, what: str, told: str) -> None:
    """They say what the bug is."""
    assert message(run, tmp_path, what, name="") == told
