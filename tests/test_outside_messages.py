"""What a server holds of a customer's row: nothing, whatever died and wherever the report says it.

An installed tool of README's lines reads a row at run time and dies of it in many ways. Every byte that a real server
received is looked through, for each word of the row.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import outside
from tests.servers import Server, eventually
from tests.sink import Sink

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]  # pip builds an environment first

ROW = {
    "name": "Marta Quillfeather",
    "surname": "Quillfeather",
    "note": "prefers quince marmalade before vespers",
    "pet": "zubrowka",
    "phone": "0171-5550133",
    "born": "12/03/1971",
    "number": "8472615509",
}
GIVEN = {
    "ROW_PET": ROW["pet"],
    "ROW_NAME": ROW["name"],
    "ROW_DESK": "desk7.zubrowka-quince.internal",
    "ROW_FOLDER": "/srv/Quillfeather",
}
PIECES = {word.lower() for value in ROW.values() for word in re.findall(r"[\w\-/]{4,}", value)} - {"before"}

PROGRAM = """
import argparse, asyncio, concurrent.futures, ctypes, json, multiprocessing, os, sys, threading, types, warnings

import crashguard

ABOUT = {"app": "rows-" + os.environ.get("APP", sys.argv[1]).replace("_", "-"), "version": "1.2.3", "dsn": os.environ["OUTSIDE_DSN"]}


def row():
    with open(os.environ["ROW"]) as file:
        return json.load(file)


def plain(r):
    raise LookupError(f"no inbox of {r['name']}, {r['note']}, {r['phone']}, {r['born']}, {r['number']}")


def number(r):
    return int(r["note"])


def key(r):
    return {}[r["pet"]]


def note(r):
    error = ValueError("row failed")
    error.add_note("while reading " + r["name"])
    error.add_note(r["note"])
    raise error


def foreign_note(r):
    def made():
        error = ValueError("row failed")
        error.add_note("while reading " + r["name"])
        return error

    error = made()
    del r
    raise error


def cause(r):
    try:
        int(r["name"])
    except ValueError as error:
        raise RuntimeError("cannot read " + r["note"]) from error


def context(r):
    try:
        {}[r["note"]]
    except KeyError:
        raise RuntimeError("again " + r["name"])


def group(r):
    raise ExceptionGroup("rows of " + r["name"], [ValueError(r["note"]), ExceptionGroup(r["pet"], [KeyError(r["name"])])])


def made_class(r):
    raise type("No_" + r["surname"], (Exception,), {})("x")


def made_plain_class(r):
    raise type(r["pet"], (Exception,), {"__module__": r["surname"]})("x")


def made_function(r):
    space = {}
    exec(f"def read_{r['surname']}(): raise ValueError('x')", space)
    space["read_" + r["surname"]]()


def warning(r):
    warnings.simplefilter("error")
    warnings.warn(f"odd row of {r['name']}: {r['note']}")


def source(r):
    compile(f"x = {r['name']}", f"/data/{r['surname']}.sql", "exec")


def file(r):
    open(f"/data/{r['surname']}/{r['pet']}.csv")


def text(r):
    (r["name"] + "\\u00e9").encode("ascii")


def arguments(r):
    raise ValueError("row", r["name"], r)


def guard_name(r):
    with crashguard.guard("copying " + r["name"]):
        raise ValueError("x")


def thread(r):
    worker = threading.Thread(target=plain, args=(r,), name=r["name"])
    worker.start()
    worker.join()


def task(r):
    async def work():
        plain(r)

    async def main():
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(work(), name="reading " + r["name"])

    asyncio.run(main())


def never_raised(r):
    crashguard.capture_exception(ValueError("no inbox of " + r["name"] + ": " + r["note"]))


def loop(r):
    async def main():
        asyncio.get_running_loop().call_exception_handler(
            {"message": "loop of " + r["name"], "exception": ValueError("x " + r["note"])}
        )

    asyncio.run(main())


def finalizer(r):
    class Held:
        def __del__(self):
            raise ValueError("no inbox of " + r["name"])

    Held()


def pool(r):
    with multiprocessing.Pool(1) as workers:
        workers.map(plain, [r])


def executor(r):
    with concurrent.futures.ProcessPoolExecutor(1) as workers:
        workers.submit(note, r).result()


def child(r):
    process = multiprocessing.Process(target=plain, args=(r,), name=r["name"])
    process.start()
    process.join()
    sys.exit(process.exitcode)


def interpreter(r):
    from concurrent import interpreters

    made = interpreters.create()
    made.prepare_main(name=r["name"], note=r["note"])
    made.exec("raise LookupError('no inbox of ' + name + ': ' + note)")


def native(r):
    threading.current_thread().name = r["name"]
    with crashguard.guard("copying " + r["name"]):
        ctypes.string_at(0)


class Unfit(Exception):
    def __str__(self):
        return "unfit for " + row()["pet"]


class Told(Exception):
    def __init__(self):
        super().__init__(f"no inbox of {row()['pet']} for {row()['name']}")


SETTINGS = types.SimpleNamespace()


def fail(message):
    raise LookupError(message)


def environment(r):
    del r
    raise ValueError("no table of " + os.environ["ROW_PET"])


def environment_in_a_sentence(r):
    del r
    raise ValueError(f"{os.environ['ROW_PET']} and {os.getenv('ROW_NAME')} at {os.environ['ROW_DESK']} are gone")


def environment_in_a_library(r):
    del r
    open(os.environ["ROW_FOLDER"] + "/rows.csv")


def environment_alone(r):
    del r
    raise ValueError(os.environ["ROW_PET"])


def of_a_call(r):
    del r
    raise LookupError("no inbox of " + row()["pet"] + f" in {row()['name']!r}: {row()['number']}")


def of_a_call_in_a_list(r):
    del r
    raise LookupError("no inboxes: " + str([row()["pet"], row()["surname"]]))


def of_a_call_joined(r):
    del r
    raise LookupError(" ".join(["no", "inbox", row()["pet"]]))


def of_a_call_alone(r):
    del r
    raise LookupError(row()["pet"])


def of_a_call_in_a_short_form(r):
    del r
    raise LookupError("pet=" + row()["pet"])


def of_a_call_by_a_helper(r):
    del r
    fail("no inbox of " + row()["pet"])


def of_a_call_in_a_warning(r):
    del r
    warnings.simplefilter("error", UserWarning)
    warnings.warn("no inbox of " + row()["pet"])


def of_a_call_in_a_note(r):
    del r
    error = ValueError("row failed")
    error.add_note("while reading " + row()["pet"])
    raise error


def of_a_call_in_a_cause(r):
    del r
    try:
        raise KeyError("no inbox of " + row()["pet"])
    except KeyError as error:
        raise RuntimeError(f"cannot go on: {error}") from error


def of_a_call_in_a_group(r):
    del r
    raise ExceptionGroup("pets of " + row()["pet"], [ValueError("no inbox of " + row()["pet"])])


def of_a_class(r):
    del r
    raise Unfit


def of_a_class_that_is_told(r):
    del r
    raise Told


def of_an_assertion(r):
    del r
    assert not SETTINGS, "no inbox of %s" % row()["pet"]


def of_an_object(r):
    SETTINGS.pet, SETTINGS.desk = r["pet"], r["pet"] + "_desk-7"
    del r
    raise LookupError(f"no inbox of {SETTINGS.pet}, {SETTINGS.desk}")


def subcommand(r):
    from crashguard.integrations.argparse import add_telemetry_level

    parser = argparse.ArgumentParser()
    add_telemetry_level(parser, app=ABOUT["app"])
    below = parser.add_subparsers().add_parser(r["pet"])
    below.add_argument("--" + r["surname"], action="store_true")
    parser.parse_args([r["pet"], "--" + r["surname"]])
    raise ValueError("x")


def environment_of_the_tool(r):
    crashguard.install(**ABOUT, messages=os.environ["MESSAGES"], environment=r["pet"])
    raise ValueError("x")


def ok(r):
    print("done")


def main():
    crashguard.install(**ABOUT, messages=os.environ.get("MESSAGES", "shapes"))
    if os.environ.get("PLUGIN"):
        plugin = crashguard.Plugin("acme", "source", "files", row()["surname"], official=True)
        with crashguard.guard(plugin=plugin):
            globals()[sys.argv[1]](row())
    if os.environ.get("STATS"):
        from crashguard import stats

        stats.configure(url=os.environ["STATS"], write_key="write-key-1")
        stats.identify("6f1c2a", team="acme")
        source = crashguard.Plugin("acme", "source", "files", "v1.0.0", official=True)
        with stats.sync(source=source, name="nightly"):
            globals()[sys.argv[1]](row())
    globals()[sys.argv[1]](row())


if __name__ == "__main__":
    main()
"""
DEATHS = re.findall(r"^def (\w+)\(r\)", PROGRAM, re.MULTILINE)
ALONE = ("ok", "native", "interpreter")
NAMED = ("subcommand", "environment_of_the_tool")  # by names that look like a program's own
WORDED = tuple(how for how in DEATHS if how.startswith(("environment", "of_a_call")) and how not in NAMED)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


def _pieces_in(received: str) -> list[str]:
    """Words of the row in what was received, as they are or escaped."""
    both = f"{received}\n{received.encode().decode('unicode_escape', 'replace')}".lower()
    return sorted(piece for piece in PIECES if piece in both)


class Rows:
    """The tool, its row and the server."""

    def __init__(self, home: Path, server: Server) -> None:
        self.server = server
        self.tool = outside.tool(
            home, OUTSIDE_DSN=server.dsn, CRASHGUARD_DELIVERY="inline", ROW=str(home / "row.json"), **GIVEN
        )
        home.mkdir(exist_ok=True)
        (home / "row.json").write_text(json.dumps(ROW))
        (home / "rows.py").write_text(PROGRAM)

    def die(self, how: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the program once."""
        return self.tool.run("rows.py", how, command="python", **environment)

    def left(self) -> list[str]:
        """Words of the row that the server holds."""
        return _pieces_in(b"\n".join(self.server.stored.values()).decode())


@pytest.mark.parametrize("level", ["shapes", "template", "none"])
def test_no_report_of_a_death_holds_a_word_of_the_row(home: Path, server: Server, level: str) -> None:
    """Notes, causes, groups, classes, workers, tasks, guards: the server has each report and no piece of the row."""
    rows = Rows(home, server)
    # Where no text is sent at all, it makes no difference how one was put together.
    left_out = (*ALONE, *{"none": WORDED, "shapes": NAMED}.get(level, ()))
    for count, how in enumerate((how for how in DEATHS if how not in left_out), 1):
        rows.die(how, MESSAGES=level)
        eventually(lambda count=count: len(server.stored) >= count, lambda how=how: how)
        assert not rows.left(), (how, json.dumps(server.events[-1]))


IN_A_SYNC = (
    "plain number key note foreign_note cause context group made_class made_function warning source file text "
    "arguments environment environment_in_a_sentence environment_in_a_library environment_alone of_a_call "
    "of_a_call_in_a_list of_a_call_joined of_a_call_alone of_a_call_by_a_helper of_a_call_in_a_warning "
    "of_a_class of_a_class_that_is_told of_an_assertion of_an_object"
)


def test_no_reason_why_a_sync_was_aborted_holds_a_word_of_the_row(home: Path, server: Server) -> None:
    """`aborted_due_to_error` leaves with the stats of a known user: type and template, whatever the report says."""
    rows = Rows(home, server)
    with Sink() as sink:
        for how in IN_A_SYNC.split():
            rows.die(how, STATS=sink.url)
            reasons = eventually(lambda how=how: _reasons(sink, how))

            assert not _pieces_in(json.dumps([request.body for request in sink.requests])), reasons


def _reasons(sink: Sink, how: str) -> list[str]:
    """Why the syncs of one program were aborted, as the data plane has it."""
    return [
        message["properties"]["aborted_due_to_error"]
        for message in sink.stored.values()
        if message.get("event") == "sync_run_completed"
        and message["context"]["app"]["name"] == "rows-" + how.replace("_", "-")
    ]


@pytest.mark.parametrize("level", ["shapes", "template", "none"])
def test_a_native_death_holds_no_word_of_the_row(home: Path, server: Server, level: str) -> None:
    """Though a guard and a thread were named after it."""
    rows = Rows(home, server)
    assert rows.die("native", MESSAGES=level).returncode < 0
    rows.die("ok", MESSAGES=level, APP="native")

    eventually(lambda: server.stored)
    assert not rows.left(), server.events


@pytest.mark.since(3, 14)
def test_the_traceback_of_a_sub_interpreter_holds_no_word_of_the_row(home: Path, server: Server) -> None:
    """It is printed text by the time it arrives, and no variable of this interpreter holds the value as a whole."""
    rows = Rows(home, server)
    rows.die("interpreter")

    eventually(lambda: server.stored)
    assert not rows.left(), server.events


def test_the_version_of_a_plugin_is_a_name_like_any_other(home: Path, server: Server) -> None:
    """A plugin that took its version from a row does not send the row."""
    rows = Rows(home, server)
    rows.die("plain", PLUGIN="1")

    eventually(lambda: server.stored)
    assert not rows.left(), server.events
