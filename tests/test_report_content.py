"""What a report tells of a crash, word by word: made by a small package of this test's own, and captured.

`shop` is the tool. Whatever else is on a traceback (this file, pytest) is somebody else's code to it.
"""

import os
import sys
import types
import venv
from collections.abc import Callable, Iterator
from concurrent.futures.process import _RemoteTraceback  # type: ignore[attr-defined]  # what a worker's parent gets
from pathlib import Path
from typing import Any

import pytest

import crashguard
from crashguard import testing
from tests.conftest import ROOT, Run

pytestmark = pytest.mark.slow


Reports = testing.CapturedReports

SHOP = """
def fails(kind=LookupError, *args):
    raise kind(*args)

def other(kind=LookupError, *args):
    raise kind(*args)

def sells(*args):
    return fails(*args)

def down(left):
    return down(left - 1) if left else fails()

def through(functions, last):
    if functions:
        return functions[0](functions[1:], last)
    return last()

class Box:
    def opens(self):
        return fails(KeyError, "lid")

def caused(by, kind=ValueError):
    try:
        by()
    except LookupError as error:
        raise kind("why") from error

def beside(by):
    try:
        by()
    except LookupError:
        fails(KeyError)

def hidden(by):
    try:
        by()
    except LookupError:
        raise KeyError from None

class Sold(Exception):
    pass

def begins(install, **settings):
    install(**settings)
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The tool's own package, installed; what it reports is captured."""
    folder = tmp_path / "code" / "shop"
    folder.mkdir(parents=True)
    path = folder / "__init__.py"
    path.write_text(SHOP)
    module = types.ModuleType("shop")
    module.__file__ = str(path)
    monkeypatch.setitem(sys.modules, "shop", module)
    exec(compile(SHOP, str(path), "exec"), module.__dict__)
    module.begins(crashguard.install, app="demo", version="1.0", note=False)
    return module


@pytest.fixture
def reports(shop: Any) -> Iterator[Reports]:
    with testing.captured_reports() as reports:
        yield reports


def report(fails: Callable[..., object], *args: Any) -> BaseException:
    """Have a crash reported; the exception."""
    try:
        fails(*args)
    except BaseException as error:  # noqa: BLE001
        crashguard.capture_exception(error)
        return error
    raise AssertionError("nothing was raised")


def raises(exc: BaseException) -> None:
    raise exc


def values(reports: Reports, number: int = 0) -> list[dict[str, Any]]:
    """The exceptions of a report, the one that was raised last of all first."""
    told: list[dict[str, Any]] = reports[number].event["exception"]["values"]
    return told[::-1]


def frames(value: dict[str, Any]) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = value.get("stacktrace", {}).get("frames", [])
    return told


def own(value: dict[str, Any]) -> list[str]:
    """The functions of the tool on a traceback."""
    return [frame["function"] for frame in frames(value) if frame["in_app"]]


def prints(reports: Reports) -> list[list[str]]:
    return [each.event["fingerprint"] for each in reports]


# What one bug is


def bug(fails: Callable[..., object], *args: Any) -> list[str]:
    """What tells a crash from others, where it is the first of its process."""
    with testing.captured_reports() as reports:
        report(fails, *args)
        [only] = prints(reports)
    return only


def from_a_worker(printed: str) -> Callable[[], None]:
    """What a process pool raises in the parent: the worker's exception, and its traceback as text."""

    def asks() -> None:
        error = LookupError("in the worker")
        error.__cause__ = _RemoteTraceback(printed)
        raise error

    return asks


def traceback_of(shop: Any, *functions: str) -> str:
    lines = [
        f'  File "{shop.__file__}", line {n}, in {name}\n    a(line)\n' for n, name in enumerate(functions, 1)
    ]
    return '"""\nTraceback (most recent call last):\n' + "".join(lines) + 'LookupError: in the worker\n"""'


def test_a_worker_s_frames_say_where_and_no_more(shop: Any, reports: Reports) -> None:
    """Of the text of a traceback no source line and no path is told, and nothing of a stranger's file."""
    strange = '"""\nTraceback (most recent call last):\n  File "/home/alice/x.py", line 7, in secret\n    pay(alice)\n'
    own = traceback_of(shop, "works", "fails").replace(
        '"""\nTraceback (most recent call last):\n', strange, 1
    )
    report(from_a_worker(own))

    [worker] = [value for value in values(reports) if value["type"] == "_RemoteTraceback"]
    assert "value" not in worker
    assert [
        {"function": "<external>", "filename": "<external>", "in_app": False},
        {"function": "works", "filename": "shop/__init__.py", "in_app": True, "lineno": 1},
        {"function": "fails", "filename": "shop/__init__.py", "in_app": True, "lineno": 2},
    ] == frames(worker)
    assert not {"secret", "alice"} & set(str(reports[0].event).replace("'", " ").split())


@pytest.mark.parametrize(
    ("printed", "line"),
    [("1", 1), ("123456789", 123456789), ("0", None), ("1234567890", None), ("???", None)],
)
def test_a_workers_line_is_told_where_it_is_one(
    shop: Any, reports: Reports, printed: str, line: int | None
) -> None:
    """No file has a thousand million lines; a question mark is what CPython prints where it does not know."""
    text = f'"""\nTraceback (most recent call last):\n  File "{shop.__file__}", line {printed}, in works\n"""'
    report(from_a_worker(text))

    [worker] = [value for value in values(reports) if value["type"] == "_RemoteTraceback"]
    [frame] = frames(worker)
    assert ("works", line) == (frame["function"], frame.get("lineno"))


def test_what_is_only_called_like_a_workers_traceback_is_told_like_any(shop: Any, reports: Reports) -> None:
    """A class of that name that holds no text, or lets nobody look."""

    class RemoteTraceback(Exception):
        def look(self) -> Any:
            raise AttributeError("nobody looks")

        __dict__ = property(look)

    RemoteTraceback.__qualname__ = "RemoteTraceback"
    error = LookupError("in the worker")
    error.__cause__ = RemoteTraceback("message")
    error.__cause__.__cause__ = type("RemoteTraceback", (Exception,), {})("other")
    report(raises, error)

    assert ["in the worker", "message", "other"] == [value["value"] for value in values(reports)]


def test_of_several_tracebacks_in_a_workers_text_the_last_is_told(shop: Any, reports: Reports) -> None:
    """What was raised while another was handled: the text holds both, and its end is what was raised."""
    report(from_a_worker(traceback_of(shop, "first") + "\nDuring handling:\n" + traceback_of(shop, "second")))

    [worker] = [value for value in values(reports) if value["type"] == "_RemoteTraceback"]
    assert ["second"] == [frame["function"] for frame in frames(worker)]


@pytest.mark.parametrize("number", [239, 240, 241, 400])
def test_a_workers_long_traceback_keeps_both_ends(shop: Any, reports: Reports, number: int) -> None:
    """Two hundred and forty frames, a quarter of them from its outer end, and a mark that counts the others."""
    report(from_a_worker(traceback_of(shop, *(f"step{n}" for n in range(number)))))

    [worker] = [value for value in values(reports) if value["type"] == "_RemoteTraceback"]
    told = [frame["function"] for frame in frames(worker)]
    if number <= 240:
        assert [f"step{n}" for n in range(number)] == told
    else:
        assert [f"step{n}" for n in range(60)] == told[:60]
        assert f"[... {number - 240} frames cut ...]" == told[60]
        assert [f"step{n}" for n in range(number - 180, number)] == told[61:]


def test_the_names_of_reports_are_those_of_bugs(shop: Any, home: Path) -> None:
    """On disk a bug has eight digits, the same in every run; another bug, and another version, has others."""
    folder = home / ".local/state/crashguard/demo/local"
    for number in range(40):
        exec(compile(f"def bug{number}():\n    1 / 0\n", shop.__file__, "exec"), shop.__dict__)
        report(getattr(shop, f"bug{number}"))

    kinds = {path.name.split("-")[1] for path in folder.iterdir()}
    assert 40 == len(kinds)
    assert all(len(kind) == 8 and set(kind) <= set("0123456789abcdef") for kind in kinds)


# Frames


def test_a_frame_says_where_and_no_more(shop: Any, reports: Reports) -> None:
    """Module, qualified name, file within its package, line, whose code it is; a stranger's says nothing."""
    report(shop.Box().opens)

    told = frames(values(reports)[0])
    line = SHOP.splitlines().index('        return fails(KeyError, "lid")') + 1
    assert {
        "function": "Box.opens",
        "filename": "shop/__init__.py",
        "module": "shop",
        "lineno": line,
        "in_app": True,
    } == told[-2]
    assert {"function": "<external>", "filename": "<external>", "in_app": False} == told[0]


def test_a_library_is_named_and_not_the_tools_own(reports: Reports) -> None:
    """The standard library's frames tell much and are nobody's secret."""
    import json

    report(json.loads, "{")

    last = frames(values(reports)[0])[-1]
    assert ("json.decoder", "json/decoder.py", False) == (last["module"], last["filename"], last["in_app"])


@pytest.mark.parametrize("depth", [10, 236, 237, 238, 239, 240, 900])
def test_a_traceback_is_told_whole_or_with_a_mark(shop: Any, reports: Reports, depth: int) -> None:
    """Two hundred and forty frames are told; of more, the outer fifty, the inner rest, and a mark that counts."""
    error = report(shop.down, depth)
    there, tb = 0, error.__traceback__
    while tb is not None:
        there, tb = there + 1, tb.tb_next

    told = frames(values(reports)[0])
    marks = [at for at, frame in enumerate(told) if "frames cut" in frame["function"]]
    if there <= 240:
        assert ([], there) == (marks, len(told))
    else:
        assert ([50], 241) == (marks, len(told))
        assert {
            "function": f"[... {there - 240} frames cut ...]",
            "filename": "<cut>",
            "in_app": False,
        } == told[50]
    assert "fails" == told[-1]["function"]
    assert "<external>" == told[0]["function"]


@pytest.mark.parametrize(
    ("changes", "line"),
    [({}, 1), ({"co_firstlineno": 7}, 7), ({"co_firstlineno": 0}, None), ({"co_linetable": b""}, None)],
    ids=["first", "seventh", "none", "unknown"],
)
def test_a_line_is_told_where_there_is_one(
    shop: Any, reports: Reports, changes: dict[str, Any], line: int | None
) -> None:
    """The first line of a file is one; code that was made without a file may have none."""
    code = compile("1 / 0", shop.__file__, "exec").replace(**changes)
    report(exec, code, shop.__dict__)

    last = frames(values(reports)[0])[-1]
    assert ("<module>", line) == (last["function"], last.get("lineno"))


def test_a_guard_leaves_no_frame(shop: Any, reports: Reports) -> None:
    """What stands between the tool's functions only because it is guarded says nothing about the crash."""

    guarded = crashguard.guard("work", reraise=False)(shop.sells)
    guarded()

    assert ["sells", "fails"] == [frame["function"] for frame in frames(values(reports)[0])]


def test_long_names_are_cut(shop: Any, reports: Reports) -> None:
    """Sentry takes two hundred characters of a name; code that is made by code has longer ones."""
    name = "f" * 150 + "g" * 150
    exec(compile(f"def {name}():\n    1 / 0\n", shop.__file__, "exec"), shop.__dict__)
    report(getattr(shop, name))

    assert name[:200] == frames(values(reports)[0])[-1]["function"]


# Chains, groups and what they say


def test_a_chain_says_who_came_from_whom(shop: Any, reports: Reports) -> None:
    """Cause and context: number, parent and how, for each; what caught it, for the last."""
    report(shop.beside, lambda: shop.caused(shop.fails, KeyError))

    raised, cause, first = values(reports)
    assert {"type": "capture", "handled": True, "exception_id": 0} == raised["mechanism"]
    assert {
        "type": "chained",
        "handled": True,
        "exception_id": 1,
        "parent_id": 0,
        "source": "__context__",
    } == cause["mechanism"]
    assert {
        "type": "chained",
        "handled": True,
        "exception_id": 2,
        "parent_id": 1,
        "source": "__cause__",
    } == first["mechanism"]
    assert [["beside", "fails"], ["beside", "caused"], ["caused", "fails"]] == [
        own(raised),
        own(cause),
        own(first),
    ]


def test_what_the_interpreter_does_not_show_is_not_told(shop: Any, reports: Reports) -> None:
    """raise ... from None."""
    report(shop.hidden, shop.fails)

    assert ["KeyError"] == [value["type"] for value in values(reports)]


def test_a_group_says_which_member_is_whose(reports: Reports) -> None:
    """Members by their index, groups by their mark, a cause of a member below the member."""
    inner = ExceptionGroup("inner", [KeyError("b"), OSError("c")])
    second = ValueError("a")
    second.__cause__ = TypeError("why")
    report(raises, ExceptionGroup("outer", [inner, second]))

    told = {
        value["type"] + str(value["mechanism"]["exception_id"]): value["mechanism"]
        for value in values(reports)
    }
    assert {
        "ExceptionGroup0": (None, None, True),
        "ExceptionGroup1": (0, "exceptions[0]", True),
        "ValueError2": (0, "exceptions[1]", None),
        "KeyError3": (1, "exceptions[0]", None),
        "OSError4": (1, "exceptions[1]", None),
        "TypeError5": (2, "__cause__", None),
    } == {
        name: (each.get("parent_id"), each.get("source"), each.get("is_exception_group"))
        for name, each in told.items()
    }


@pytest.mark.parametrize(("number", "cut"), [(49, False), (50, False), (51, True), (60, True)])
def test_fifty_exceptions_of_a_chain_are_told(reports: Reports, number: int, cut: bool) -> None:
    """A mark stands where the oldest would."""
    exc: BaseException = ValueError("1")
    for at in range(1, number):
        outer = ValueError(str(at))
        outer.__cause__ = exc
        exc = outer
    report(raises, exc)

    told = values(reports)
    if not cut:
        assert number == len(told)
    else:
        last = told.pop()
        assert 50 == len(told)
        assert "[... 1 more exceptions cut ...]" == last["type"]
        assert {"type": "chained", "handled": True} == last["mechanism"]


def test_members_that_are_cut_are_counted(reports: Reports) -> None:
    """Of a wide group: those told, and a mark with the number of those that are not."""
    report(raises, ExceptionGroup("many", [ValueError(str(number)) for number in range(80)]))

    told = values(reports)
    assert (51, "[... 31 more exceptions cut ...]") == (len(told), told[-1]["type"])


def test_one_exception_that_belongs_to_two_is_told_once(reports: Reports) -> None:
    """The same object as a member and as a cause."""
    shared = KeyError("shared")
    other = ValueError("other")
    other.__cause__ = shared
    report(raises, ExceptionGroup("group", [shared, other]))

    assert ["ExceptionGroup", "KeyError", "ValueError"] == [value["type"] for value in values(reports)]


def test_a_class_of_the_tools_own_is_named_with_its_module(shop: Any, reports: Reports) -> None:
    """Of a stranger's class, the nearest base that may be named."""
    report(shop.fails, shop.Sold)
    report(shop.other, type("Payroll", (shop.Sold,), {"__module__": "acme_payroll"}))

    assert [("Sold", "shop"), ("Sold (<external> subclass)", "shop")] == [
        (values(reports, number)[0]["type"], values(reports, number)[0]["module"]) for number in (0, 1)
    ]
    assert "Payroll" not in str(reports[1].event["exception"])


# Messages


def test_notes_follow_the_message(shop: Any, reports: Reports) -> None:
    """Ten of them, one a line; then a mark with the number of the others."""
    error = LookupError("the message")
    for number in range(13):
        error.add_note(f"note {number}")
    report(raises, error)

    lines = values(reports)[0]["value"].splitlines()
    assert ["the message", *(f"note {number}" for number in range(10)), "[... 3 notes cut ...]"] == lines


def test_a_note_of_a_subclass_of_str_is_read_without_its_code(reports: Reports) -> None:
    """cattrs adds such notes; what a class says of itself is foreign code."""

    class Note(str):
        __slots__ = ()

        def __str__(self) -> str:
            raise AssertionError

        __repr__ = __len__ = __getitem__ = __str__  # type: ignore[assignment]

    error = ValueError("no such attribute")
    error.add_note(Note("Structuring class Person"))
    crashguard.capture_exception(error)

    assert "Structuring class Person" in reports[0].event["exception"]["values"][0]["value"]


def test_a_note_that_is_no_text_is_counted_as_missing(reports: Reports) -> None:
    """Somebody put an object there; what is a text is told."""
    error = LookupError("the message")
    error.__notes__ = ["good", object(), "also good"]
    report(raises, error)

    assert "the message\ngood\nalso good\n[... 1 notes cut ...]" == values(reports)[0]["value"]


@pytest.mark.parametrize("notes", [None, "text", ("tuple",), 7, []])
def test_notes_of_another_kind_are_none(reports: Reports, notes: object) -> None:
    """Only a list is what PEP 678 has."""
    error = LookupError("the message")
    error.__notes__ = notes  # type: ignore[assignment]
    report(raises, error)

    assert "the message" == values(reports)[0]["value"]


def test_a_long_message_keeps_its_end(reports: Reports) -> None:
    """Head and tail, whole words, and a mark that counts what is missing."""
    words = [f"word{number:06}" for number in range(2_000)]
    report(raises, LookupError(" ".join(words)))

    told = values(reports)[0]["value"]
    head, _, rest = told.partition(" [... ")
    count, _, tail = rest.partition(" characters cut ...] ")
    assert 4_500 < len(head) < 5_500
    assert 500 < len(tail) <= 1_000
    assert words[: len(head.split())] == head.split()
    assert words[-len(tail.split()) :] == tail.split()
    assert len(" ".join(words)) == len(head) + len(tail) + int(count)


@pytest.mark.parametrize(("length", "is_cut"), [(5_999, False), (6_000, False), (6_001, True)])
def test_a_message_of_six_thousand_characters_is_told_whole(
    reports: Reports, length: int, is_cut: bool
) -> None:
    """And nothing is said of what was not cut."""
    report(raises, LookupError("x" * length))

    assert is_cut == (values(reports)[0]["value"] != "x" * length)


@pytest.mark.parametrize(
    ("before", "head"), [(4_850, "x" * 4_850), (4_999, "x" * 4_999), (4_700, f"{'x' * 4_700} {'y' * 299}")]
)
def test_a_word_is_cut_only_where_it_is_very_long(reports: Reports, before: int, head: str) -> None:
    """Half of a word may be half of a secret; what goes on for hundreds of characters is no word."""
    report(raises, LookupError("x" * before + " " + "y" * 9_000))

    assert head == values(reports)[0]["value"].partition(" [... ")[0]


def test_what_a_local_variable_calls_a_secret_is_not_told(shop: Any, reports: Reports) -> None:
    """Wherever in a chain its function is: the message of another exception repeats it."""

    def connects() -> None:
        password = "correct horse battery staple"
        raise LookupError("no connection" if password else "")

    def wraps() -> None:
        try:
            connects()
        except LookupError as error:
            raise ValueError("refused: correct horse battery staple") from error

    report(wraps)

    raised, cause = values(reports)
    assert "no connection" == cause["value"]
    assert raised["value"].startswith("refused: [scrubbed")
    assert "battery" not in str(reports[0].event)


def test_a_long_note_does_not_push_out_the_message(reports: Reports) -> None:
    """Each has its share."""
    error = LookupError("the message")
    error.add_note("a long note " * 1_000)
    error.add_note("the last note")
    report(raises, error)

    told = values(reports)[0]["value"]
    assert told.startswith("the message\na long note a long note")
    assert told.endswith("\nthe last note")
    assert 1_000 < len(told) < 2_000


def test_a_message_with_many_long_notes_is_one_that_sentry_keeps(reports: Reports) -> None:
    """Sentry cuts at 8,192 characters, without a mark."""
    error = LookupError("the message " * 1_000)
    for number in range(10):
        error.add_note(f"note {number} " * 500)
    report(raises, error)

    told = values(reports)[0]["value"]
    assert 6_000 < len(told) <= 8_192
    assert told.startswith("the message the message")
    assert "characters cut" in told


def test_where_the_interpreter_lies_does_not_leave(run: Run, tmp_path: Path) -> None:
    """An ImportError names the file of the module, also below a Python that lies in somebody's folder."""
    place = tmp_path / "home of ada" / "python"
    venv.create(place, symlinks=True)
    done = run(
        "import sys, types\n"
        "import crashguard\n"
        "crashguard.install(app='demo', version='1.0', note=False)\n"
        "made = types.ModuleType('made')\n"
        "made.__file__ = sys.prefix + '/lib/made/__init__.py'\n"
        "sys.modules['made'] = made\n"
        "from made import nothing\n",
        python=str(place / "bin/python"),
        env={"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])},
    )

    [raised] = done.event["exception"]["values"]
    assert "ada" not in raised["value"]
    assert "[scrubbed:directory]/lib/made" in raised["value"]
