"""Crashes in sub-interpreters, which the parent gets as a printed traceback (`concurrent.interpreters`, 3.14)."""

import sys
from pathlib import Path

import pytest

from tests.conftest import Run

pytestmark = pytest.mark.since(3, 14)

BUGS = """
import crashguard, sys
crashguard.install(app="demo", version="1.0", delivery="deferred", note=False)

def load(): raise ValueError("no table of " + "host-db-prod-7")  # SECRET-IN-A-COMMENT

def save(): return {}["save"]

def check(): return {}["check"]
"""


@pytest.mark.parametrize(
    "how",
    [
        (
            "from concurrent import interpreters\n"
            "for bug in (load, save, check, save):\n"
            "    interpreters.create().call_in_thread(bug).join()\n"
        ),
        (
            "from concurrent import interpreters\n"
            "for bug in (load, save, check, save):\n"
            "    try: interpreters.create().call(bug)\n"
            "    except Exception as exc: crashguard.capture_exception(exc)\n"
        ),
        (
            "import concurrent.futures\n"
            "with concurrent.futures.InterpreterPoolExecutor(1) as pool:\n"
            "    for bug in (load, save, check, save):\n"
            "        try: pool.submit(bug).result()\n"
            "        except Exception as exc: crashguard.capture_exception(exc)\n"
        ),
    ],
    ids=["thread", "call", "pool"],
)
def test_each_bug_in_a_sub_interpreter_has_its_report_with_its_frames(run: Run, how: str) -> None:
    """Three bugs are three reports that count; the frames are there; no source line and no path is."""
    done = run(BUGS + "if __name__ == '__main__':\n" + "".join(f"    {line}\n" for line in how.splitlines()))

    events = {event["fingerprint"][2].rpartition(":")[2]: event for event in done.events()}
    assert {"load": 1, "save": 2, "check": 1} == {
        name: event["contexts"]["crashguard"]["occurrences"] for name, event in events.items()
    }
    assert {"ValueError", "KeyError"} == {event["fingerprint"][1] for event in events.values()}
    for name, event in events.items():
        assert event["transaction"].endswith(f" in {name}")
        assert {event["fingerprint"][1]} == {value["type"] for value in event["exception"]["values"]}
        there = event["exception"]["values"][0]
        assert (name, True) == tuple(there["stacktrace"]["frames"][-1][key] for key in ("function", "in_app"))
    text = "".join(path.read_text() for path in done.files())
    assert "raise ValueError(" not in text
    assert "SECRET-IN-A-COMMENT" not in text
    assert str(done.state) not in text
    assert "File \\" not in text


GUARDED = """
import crashguard, sys
crashguard.install(app="demo", version="1.0", delivery="deferred", note=False)
from concurrent import interpreters

INSIDE = '''
import crashguard
crashguard.install(app="demo", version="1.0", delivery="deferred", note=False)
import program
with crashguard.guard("work"):
    program.%s()
'''

def load(): raise ValueError("no table")

def save(): return {}["save"]

if __name__ == "__main__":
    sys.path.insert(0, __file__.rpartition("/")[0])
    for bug in ("load", "save", "load"):
        try:
            interpreters.create().exec(INSIDE % bug)
        except interpreters.ExecutionFailed as exc:
            crashguard.capture_exception(exc)
    interpreters.create().exec(INSIDE % "load")
"""


def test_a_guard_inside_and_the_exception_outside_are_one_report(run: Run) -> None:
    """Each of four failures has the report that its guard has made; the parent makes none of the same failure."""
    done = run(GUARDED)

    assert ["KeyError", "ValueError", "ValueError", "ValueError"] == sorted(
        event["exception"]["values"][-1]["type"] for event in done.events()
    )
    assert {1} == {event["contexts"]["crashguard"]["occurrences"] for event in done.events()}


ONE_FILE = """
import crashguard, sys
crashguard.install(app="demo", version="1.0", delivery="deferred", note=False)
from concurrent import interpreters
from concurrent.futures import InterpreterPoolExecutor

class Refused(Exception): pass

@crashguard.guard("row")
def load(n):
    if n > 3: raise ValueError("too many rows")

@crashguard.guard("row")
def save(n):
    if n > 3: raise ValueError("no such table")

def refuse(n):
    with crashguard.guard("row"): raise Refused("not this one")

@crashguard.guard("row")
def think(n): return {}["thought"]

def in_thread(n):
    import threading
    thread = threading.Thread(target=fail, args=(n,))
    thread.start()
    thread.join()

def fail(n): raise ValueError("in the thread")

def pool(bug):
    with InterpreterPoolExecutor(1) as pool: pool.submit(bug, 5).result()

def call(bug): interpreters.create().call(bug, 5)

if __name__ == "__main__":
    for bug in (load, save, refuse, think, in_thread, load):
        try: globals()[sys.argv[1]](bug)
        except Exception as exc: crashguard.capture_exception(exc)
"""


@pytest.mark.parametrize("how", ["pool", "call"])
@pytest.mark.parametrize("place", ["program.py", "module.py", "package/module.py"])
def test_a_tool_of_one_file_has_one_report_of_each_bug_inside(
    run: Run, tmp_path: Path, place: str, how: str
) -> None:
    """The copy of the main script that a sub-interpreter runs is the main script: its frames are named."""
    if place == "program.py":
        done = run(ONE_FILE, how)
    else:
        (tmp_path / "package").mkdir()
        (tmp_path / "package" / "__init__.py").touch()
        (tmp_path / place).write_text(ONE_FILE)
        name = place.removesuffix(".py").replace("/", ".")
        done = run("", before=(sys.executable, "-m", name, how))

    events = done.events()
    bugs = sorted(event["fingerprint"][2].rpartition(":")[2] for event in events)
    assert ["fail", "load", "load", "refuse", "save", "think"] == bugs
    assert {1} == {event["contexts"]["crashguard"]["occurrences"] for event in events}
    told = [event["exception"]["values"][-1] for event in events]
    assert {"ValueError", "KeyError", "Refused"} == {value["type"] for value in told}
    frames = [value["stacktrace"]["frames"][-1] for value in told]
    assert {("__main__", place, True)} == {
        (frame["module"], frame["filename"], frame["in_app"]) for frame in frames
    }
    assert "<external>" not in "".join(path.read_text() for path in done.files())


CLASSES = """
import crashguard, json
crashguard.install(app="demo", version="1.0", delivery="deferred", note=False)
from concurrent import interpreters

class Refused(Exception): pass

def builtin(): {}["x"]

def standard(): json.loads("{")

def own(): raise Refused("not this one")

def made(): raise type("OfACustomer", (Refused,), {"__module__": "<fake __main__>"})("not this one")

@crashguard.guard()
def made_inside(): raise type("OfACustomer", (Refused,), {})("not this one")

def foreign():
    namespace = {"__name__": "of_the_user"}
    exec("class OfTheUser(Exception): pass", namespace)
    raise namespace["OfTheUser"]("not this one")

if __name__ == "__main__":
    for bug in (builtin, standard, own, made, made_inside, foreign):
        try: interpreters.create().call(bug)
        except Exception as exc: crashguard.capture_exception(exc)
"""


def test_the_headline_is_the_class_that_was_raised_inside(run: Run) -> None:
    """As far as it may be named: it is the interpreter's, the standard library's or the tool's own."""
    done = run(CLASSES)

    unnamed = ("Exception (<external> subclass)", None)
    assert {
        "builtin": ("KeyError", "builtins"),
        "standard": ("JSONDecodeError", "json.decoder"),
        "own": ("Refused", "__main__"),
        "made": unnamed,
        "made_inside": ("Refused (<external> subclass)", "__main__"),
        "foreign": unnamed,
    } == {
        event["fingerprint"][2].rpartition(":")[2]: (value["type"], value.get("module"))
        for event in done.events()
        for value in event["exception"]["values"]
    }
    text = "".join(path.read_text() for path in done.files())
    assert "OfACustomer" not in text
    assert "OfTheUser" not in text
    assert ": [shape" not in text


def test_modules_that_only_the_sub_interpreter_imports_are_named(run: Run, tmp_path: Path) -> None:
    """Where the tool's own text imports them; so two bugs in one are two."""
    (tmp_path / "worker.py").write_text(
        "class Refused(Exception): pass\n"
        "def load(): raise Refused('no table')\n"
        "def save(): raise Refused('no file')\n"
    )
    done = run(
        "import crashguard\n"
        "crashguard.install(app='demo', version='1.0', delivery='deferred', note=False)\n"
        "from concurrent import interpreters\n"
        "for name in ('load', 'save'):\n"
        "    try: interpreters.create().exec('import worker; worker.%s()' % name)\n"
        "    except Exception as exc: crashguard.capture_exception(exc)\n"
    )

    assert ["worker in load", "worker in save"] == sorted(event["transaction"] for event in done.events())
