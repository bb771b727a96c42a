"""From exception to event: chains, groups, frames, limits, hostile objects."""

import asyncio
import itertools
import json
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crashguard import Plugin, report
from crashguard.program import Program
from crashguard.report import envelope, event, exceptions, fingerprint
from crashguard.report.origins import Origins
from tests.conftest import differs_on_pypy


def caught(raise_it: Callable[[], object]) -> BaseException:
    try:
        raise_it()
    except BaseException as error:  # noqa: BLE001
        return error
    raise AssertionError("nothing was raised")


def values(exc: BaseException, **options: Any) -> list[dict[str, Any]]:
    return exceptions.values_of(
        exceptions.tree(exc), own_origins(), mechanism="excepthook", handled=False, **options
    )


def own_origins() -> Origins:
    """This file as the tool's own code."""
    program = Program()
    program.homes[__name__] = (__file__.removesuffix(__name__.replace(".", "/") + ".py"),)
    return Origins(program)


def divide() -> float:
    return 1 / 0


def test_an_exception_has_type_message_and_frames() -> None:
    """The plain case: what was raised, what it said, where."""
    [value] = values(caught(divide))

    assert ("ZeroDivisionError", "division by zero") == (value["type"], value["value"])
    last = value["stacktrace"]["frames"][-1]
    line = divide.__code__.co_firstlineno + 1
    assert ("divide", "tests/test_report.py", line, True) == (
        last["function"],
        last["filename"],
        last["lineno"],
        last["in_app"],
    )


def test_frames_hold_nothing_but_what_is_allowed() -> None:
    """Module, function, file within its package, line, in_app: no source, no locals, no absolute path."""
    [value] = values(caught(lambda: json.loads("{")))

    for frame in value["stacktrace"]["frames"]:
        assert set(frame) <= {"module", "function", "filename", "lineno", "in_app"}
        assert not frame["filename"].startswith("/")
    assert value["stacktrace"]["frames"][-1]["filename"] in ("json/decoder.py", "json/__init__.py")


def test_a_chain_is_told_oldest_first() -> None:
    """raise ... from: the cause comes first, what was raised comes last and knows its cause."""

    def chained() -> None:
        try:
            divide()
        except ZeroDivisionError as error:
            raise LookupError("no such thing") from error

    cause, raised = values(caught(chained))

    assert ("ZeroDivisionError", "LookupError") == (cause["type"], raised["type"])
    assert (0, 0, "__cause__") == (
        raised["mechanism"]["exception_id"],
        cause["mechanism"]["parent_id"],
        cause["mechanism"]["source"],
    )


def test_a_suppressed_context_is_not_told() -> None:
    """raise ... from None: what the interpreter does not show, the report does not tell."""

    def suppressed() -> None:
        try:
            divide()
        except ZeroDivisionError:
            raise LookupError("no such thing") from None

    assert ["LookupError"] == [value["type"] for value in values(caught(suppressed))]


def test_a_cycle_of_causes_ends() -> None:
    """Two exceptions that cause each other are told once each."""
    one, two = ValueError("one"), ValueError("two")
    one.__cause__, two.__cause__ = two, one

    assert ["two", "one"] == [value["value"] for value in values(one)]


def test_a_long_chain_is_cut_visibly() -> None:
    """Five thousand causes: the limit holds and a mark says how many are missing."""
    exc = ValueError("0")
    for number in range(1, 5_000):
        outer = ValueError(str(number))
        outer.__cause__ = exc
        exc = outer

    told = values(exc)
    assert report.MOST_EXCEPTIONS + 1 == len(told)
    assert "more exceptions cut" in told[0]["type"]


def test_a_group_is_told_as_a_tree() -> None:
    """ExceptionGroup: every member, whose parent is whose, bounded in depth."""
    group = ExceptionGroup("both", [ValueError("a"), ExceptionGroup("inner", [KeyError("b"), OSError("c")])])

    told = values(group)
    by_id = {value["mechanism"]["exception_id"]: value for value in told}
    tree = {
        value["type"]: by_id[value["mechanism"]["parent_id"]]["type"]
        for value in told
        if "parent_id" in value["mechanism"]
    }
    assert {"ValueError": "ExceptionGroup", "KeyError": "ExceptionGroup", "OSError": "ExceptionGroup"} == {
        key: parent for key, parent in tree.items() if key != "ExceptionGroup"
    }
    assert told[-1]["mechanism"]["is_exception_group"]

    deep: BaseException = ValueError("leaf")
    for _ in range(100):
        deep = ExceptionGroup("layer", [deep])
    assert len(values(deep)) <= report.MOST_GROUP_DEPTH + 2


def test_a_wide_group_is_cut_visibly() -> None:
    """A thousand members: fifty are told, the mark counts the others."""
    told = values(ExceptionGroup("many", [ValueError(str(n)) for n in range(1_000)]))

    assert report.MOST_EXCEPTIONS + 1 == len(told)
    assert "951 more exceptions cut" in told[0]["type"]


def test_notes_belong_to_the_message() -> None:
    """Notes of PEP 678 follow the message; what is no text among them is passed over."""
    exc = ValueError("message")
    exc.add_note("while reading row 7")
    exc.__notes__.append(object())  # type: ignore[arg-type]

    [value] = values(exc)
    assert value["value"].startswith("message\nwhile reading row 7")


def test_messages_can_be_left_out() -> None:
    """messages=False: type and frames only."""
    exc = caught(divide)
    exc.add_note("secret")

    [value] = values(exc, messages=False)
    assert "value" not in value
    assert "secret" not in json.dumps(value)


def test_a_deep_recursion_keeps_both_ends() -> None:
    """A RecursionError: the first and the last frames, and a mark for those between."""

    def down(n: int) -> int:
        return down(n - 1) + 1 if n else 1 // n

    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)
    try:
        exc = caught(lambda: down(5_000))
    finally:
        sys.setrecursionlimit(limit)

    kept = exceptions.frames_of(exc.__traceback__, own_origins())
    assert report.MOST_FRAMES_HEAD + 1 + report.MOST_FRAMES_TAIL == len(kept)
    assert "frames cut" in kept[report.MOST_FRAMES_HEAD]["function"]
    assert "caught" == kept[0]["function"]


def test_somebody_elses_class_is_told_by_its_known_base() -> None:
    """The name of a user's own exception class is not ours to tell; what it is derived from is."""
    kind = type("AcmePayrollError", (KeyError,), {"__module__": "acme_payroll"})

    [value] = values(kind("x"))
    assert "KeyError (<external> subclass)" == value["type"]
    assert "Acme" not in json.dumps(value["type"])


class Hostile(Exception):
    """An exception that fights back wherever it can."""

    def __init__(self, how: str) -> None:
        super().__init__(how)
        self.how = how

    def __str__(self) -> str:
        if self.how == "raise":
            raise ValueError("from __str__")
        if self.how == "exit":
            raise SystemExit(9)
        if self.how == "recurse":
            return str(self)
        if self.how == "big":
            return "x" * 50_000_000
        if self.how == "surrogate":
            return "\udc80\ud800 \0"
        if self.how == "not text":
            return 7  # type: ignore[return-value]  # noqa: PLE0307 (hostile)
        while self.how == "hang":  # pragma: no branch
            pass
        return "?"


@pytest.mark.parametrize("how", ["raise", "exit", "recurse", "big", "surrogate", "not text"])
def test_a_hostile_str_is_survived(how: str) -> None:
    """A __str__ that raises, exits, recurses, floods or lies: the report is made, bounded and valid."""
    [value] = values(Hostile(how))

    assert len(value["value"]) < 2 * report.MOST_MESSAGE
    assert json.loads(json.dumps(value)) == value


def test_a_hanging_str_is_not_waited_for() -> None:
    """A __str__ that never returns: the report says so. In a process of its own, which it ends with."""
    import subprocess

    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from crashguard import report\n"
        "class Hang(Exception):\n"
        "    def __str__(self):\n"
        "        while True: pass\n"
        "print(report.message_of(Hang()))\n"
    )
    root = str(__import__("pathlib").Path(__file__).parent.parent)
    done = subprocess.run(
        [sys.executable, "-c", program, root], capture_output=True, text=True, timeout=60, check=True
    )

    assert "[message unavailable: __str__ did not return]\n" == done.stdout


class Liar(Exception):
    """Lies about its class, its dict, its causes and its traceback."""

    @property
    def __class__(self) -> Any:
        raise RuntimeError("no class")

    @property
    def __traceback__(self) -> Any:
        raise RuntimeError("no traceback")

    @property
    def __cause__(self) -> Any:
        raise RuntimeError("no cause")

    @property
    def __dict__(self) -> Any:
        raise RuntimeError("no dict")

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError(f"no {name}")


@differs_on_pypy("its `raise` asks the exception for its traceback")
def test_an_exception_that_lies_about_itself_is_told() -> None:
    """Overridden __class__, __cause__, __traceback__, __dict__ and __getattribute__ change nothing."""
    [value] = values(caught(lambda: (_ for _ in ()).throw(Liar("x"))))

    assert "Liar" in value["type"]
    assert value["stacktrace"]["frames"]


def test_an_argument_with_a_hostile_repr_is_not_asked() -> None:
    """A KeyError of a foreign object: its __repr__ runs in the one guarded function."""

    class Key:
        def __repr__(self) -> str:
            raise SystemExit(3)

    assert "SystemExit" in report.message_of(KeyError(Key()))


def test_a_long_message_keeps_both_ends_and_cuts_at_blanks() -> None:
    """A megabyte: head and tail stay, the mark counts, and no word is cut in half."""
    message = " ".join(f"word{n:06}" for n in range(100_000))

    kept = report.message_of(ValueError(message))
    assert len(kept) <= report.MOST_MESSAGE + 100
    assert "characters cut" in kept
    words = [word for word in kept.replace("[...", "\n").replace("...]", "\n").split() if "word" in word]
    assert {10} == {len(word) for word in words}


@given(st.text(max_size=300), st.integers(1, 200), st.integers(0, 50))
def test_a_cut_is_never_longer_than_text_and_mark(whole: str, most: int, tail: int) -> None:
    """cut() keeps short texts and bounds long ones."""
    kept = report.cut(whole, most, min(tail, most))

    assert kept == whole if len(whole) <= most else len(kept) <= most + 45


def test_the_fingerprint_is_the_bug_not_the_data() -> None:
    """The same bug with another message, line or recursion depth has the same fingerprint; another has not."""

    def fail(message: str, depth: int) -> None:
        if depth:
            fail(message, depth - 1)
        raise ValueError(message)

    one, same = [_fingerprint(caught(lambda name=name: fail(name, 0))) for name in ("alice", "bob")]
    other = _fingerprint(caught(divide))
    deep, deeper = [_fingerprint(caught(lambda depth=depth: fail("x", depth))) for depth in (9, 50)]

    assert one == same != other
    assert deep == deeper
    assert not any("alice" in part for part in one)


def _fingerprint(exc: BaseException) -> list[str]:
    return fingerprint.bugs_of(exc, own_origins())[0].fingerprint


def _described(exc: BaseException, **changes: Any) -> dict[str, Any]:
    options: dict[str, Any] = {
        "event_id": "0" * 31 + "1",
        "timestamp": 1_700_000_000.0,
        "release": "demo@1.0",
        "environment": None,
        "origins": own_origins(),
        "plugin": None,
        "tags": {},
        "mechanism": "excepthook",
        "handled": False,
        "level": "fatal",
        "messages": True,
        "telemetry_level": "all",
        "source": "default",
        **changes,
    }
    bug = fingerprint.bugs_of(exc, options["origins"])[0]
    return event.describe(exceptions.tree(exc), bug=bug, **options)


def test_an_event_holds_what_is_allowed_and_nothing_else() -> None:
    """The allow-list: the keys of an event, of its contexts and of its tags."""
    plugin = Plugin("cloudquery", "source", "aws", "1.2.3")
    made = _described(
        caught(divide), plugin=plugin, tags={"guard": "sync", "argv": "x"}, environment="production"
    )

    assert {
        "event_id",
        "timestamp",
        "platform",
        "level",
        "release",
        "environment",
        "fingerprint",
        "transaction",
        "exception",
        "tags",
        "contexts",
    } == set(made)
    assert {"runtime", "os", "device", "process", "program", "crashguard"} == set(made["contexts"])
    assert {
        "component": "plugin",
        "guard": "sync",
        "plugin.team": "cloudquery",
        "plugin.kind": "source",
        "plugin.name": "aws",
        "plugin.version": "1.2.3",
    } == made["tags"]


def test_process_facts_are_there_with_psutil_and_without() -> None:
    """Where psutil is loaded it is asked; else the same figures are read from /proc."""
    from crashguard.report import contexts

    facts = contexts._from_psutil()
    assert {"memory_resident", "threads", "uptime_seconds", "open_files"} == set(facts)
    if sys.platform == "linux":
        cheap = contexts._from_standard_library()
        assert set(facts) == set(cheap)
        assert cheap["threads"] == facts["threads"]
        assert abs(cheap["memory_resident"] - facts["memory_resident"]) < 20_000_000
        assert abs(cheap["uptime_seconds"] - facts["uptime_seconds"]) < 60


def test_an_envelope_comes_back_as_it_was() -> None:
    """seal and unseal are each other's inverse; the DSN is in the header."""
    made = _described(caught(divide))

    header, event_ = envelope.unseal(envelope.seal(made, "http://key@127.0.0.1/1"))
    assert made == event_
    assert {"event_id": made["event_id"], "dsn": "http://key@127.0.0.1/1"} == header


def test_an_envelope_never_exceeds_what_servers_take() -> None:
    """Whatever was described, the bytes stay under a mebibyte."""
    long = "é" * 6_000
    group = ExceptionGroup("g", [ValueError(long, n) for n in range(60)])
    made = _described(group)
    for value in made["exception"]["values"]:
        frame = {"function": long[:200], "filename": "a.py", "in_app": True, "lineno": 1}
        value["stacktrace"] = {"frames": [dict(frame) for _ in range(240)]}

    assert len(envelope.seal(made, None)) < 1024 * 1024


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"not json\n{}\n",
        b'{}\n{"type":"event","length":9}\n{}',
        b'{}\n{"type":"session"}\n{}',
        b"[]\n[]\n[]",
    ],
)
def test_what_is_no_envelope_is_told(data: bytes) -> None:
    """A damaged file is a ValueError, whatever is damaged."""
    with pytest.raises(ValueError, match="."):
        envelope.unseal(data)


def test_what_is_not_a_crash() -> None:
    """Ends that somebody asked for are silent, in a group too; the rest are crashes."""
    from crashguard.capture.ignored import is_crash

    silent = [KeyboardInterrupt(), SystemExit(3), GeneratorExit(), asyncio.CancelledError()]
    assert not any(map(is_crash, silent))
    assert not is_crash(BaseExceptionGroup("g", [KeyboardInterrupt(), SystemExit()]))
    assert is_crash(BaseExceptionGroup("g", [KeyboardInterrupt(), ValueError()]))
    assert is_crash(BaseException())
    assert is_crash(Liar())


def test_a_broken_pipe_is_silent_only_for_our_own_output() -> None:
    """With stdout intact, a BrokenPipeError comes from somewhere else and is a crash."""
    from crashguard.capture.ignored import is_crash

    assert is_crash(BrokenPipeError(32, "Broken pipe"))


def test_the_names_of_reports_tell_no_secret() -> None:
    """Event ids are random version 4 UUIDs without dashes."""
    from crashguard import minimal_record

    ids = {minimal_record.new_id() for _ in range(100)}
    assert 100 == len(ids)
    assert all(len(i) == 32 and i[12] == "4" and i[16] in "89ab" for i in itertools.chain(ids))
