"""One bug is one issue and two bugs are two: on every Python, by every entry point, with any data."""

import json
import opcode
import subprocess
import sys
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest

from crashguard.report import fingerprint, words
from tests import grouping
from tests.conftest import differs_on_pypy
from tests.programs.grouping import ledger

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/grouping.md").read_text()


@differs_on_pypy("a fingerprint does not hold the words of the failing instruction")
def test_fingerprints_are_those_of_every_other_python() -> None:
    """A bug has the same fingerprint on each supported version; a change of the rule changes its number."""
    expected = json.loads(grouping.FROZEN.read_text())

    assert len(expected) >= 40
    assert {parts[0] for parts in expected.values()} == {fingerprint.RULE}
    assert grouping.frozen() == expected


@pytest.mark.slow
def test_bugs_are_told_apart_and_held_together() -> None:
    """Seven entry points, three kinds of data: precision and recall are those that the page states."""
    found = grouping.figures(list(grouping.crashes()))

    assert f"{found['crashes']:,} crashes of {found['bugs']} bugs" in PAGE
    assert f"precision of {found['precision']} and a recall of {found['recall']}" in PAGE


@differs_on_pypy("a fingerprint does not hold the words of the failing instruction")
def test_what_is_known_to_go_wrong_is_all_that_goes_wrong() -> None:
    """Apart from the bugs that the set names, each has an issue of its own, and one."""
    issues: dict[tuple[str, ...], set[str]] = {}
    for name, parts in grouping.frozen().items():
        if name not in ledger.KNOWN_WRONG:
            issues.setdefault(tuple(parts), set()).add(grouping.label(name))

    assert [bugs for bugs in issues.values() if len(bugs) > 1] == []
    assert len(issues) == len({bug for bugs in issues.values() for bug in bugs})


def module(source: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The namespace of a module that was imported in the place of the ledger."""
    module = ModuleType(ledger.__name__)
    module.__file__ = ledger.__file__
    monkeypatch.setitem(sys.modules, ledger.__name__, module)
    exec(compile(source, ledger.__file__, "exec"), vars(module))
    return vars(module)


def bugs(call: Any, *given: Any) -> list[fingerprint.Bug]:
    """The bugs behind what a call raises."""
    return fingerprint.bugs_of(grouping.raised_by(lambda _: call(*given), 0), grouping.origins())


def test_moved_lines_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred lines more above the code, and others between: the same fingerprints."""
    text = Path(ledger.__file__).read_text()
    moved = "\n" * 100 + text.replace("\n\n\n", "\n\n\n# a comment\n\n\n")
    own = grouping.origins()
    before = grouping.frozen()
    names = module(moved, monkeypatch)

    for name, parts in before.items():
        assert fingerprint.bugs_of(grouping.raised_by(names[name], 3), own)[0].fingerprint == parts


@differs_on_pypy("a fingerprint does not hold the words of the failing instruction")
def test_the_table_of_instructions_is_that_of_the_interpreter() -> None:
    """Each number is the one that the module `opcode` has, and no instruction is missing."""
    assert sys.version_info[:2] in words._NUMBERS
    mine = set(words._INSTRUCTIONS.split())

    there = {name: number for name, number in opcode.opmap.items() if name in mine and number < 256}
    assert there == words._IS


@pytest.mark.slow
@pytest.mark.parametrize("option", [["-X", "no_debug_ranges"], ["-OO"]])
@differs_on_pypy("a fingerprint does not hold the words of the failing instruction")
def test_code_without_positions_has_coarser_fingerprints(option: list[str], tmp_path: Path) -> None:
    """Without positions the functions are left; without asserts the other bugs are as before."""
    program = "import json; from tests import grouping; g = grouping\ng.BUGS = {n: b for n, b in g.BUGS.items() if 'assert' not in n}\nprint(json.dumps(g.frozen()))"
    done = subprocess.run(
        [sys.executable, *option, "-X", f"pycache_prefix={tmp_path}", "-c", program],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    found = json.loads(done.stdout)
    expected = json.loads(grouping.FROZEN.read_text())

    for name, parts in found.items():
        assert parts[1:3] == expected[name][1:3]
        if "no_debug_ranges" in option and parts[1] != "RecursionError":
            assert parts[3] == fingerprint.NO_WORDS
        if "-OO" in option:
            assert parts == expected[name]


def test_a_version_without_a_table_has_coarser_fingerprints(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyPy, or a CPython of the future: functions and no words."""
    monkeypatch.setattr(words, "_IS", {})

    own = grouping.origins()
    bug = fingerprint.bugs_of(grouping.raised_by(ledger.bug_total_id, 1), own)[0]
    assert bug.fingerprint[2:] == ["tests.programs.grouping.ledger:total", fingerprint.NO_WORDS]


def _long(statements: int, monkeypatch: pytest.MonkeyPatch) -> FunctionType:
    """A function of many statements, of which the last fails."""
    lines = "".join(f"    a = d['key'] + d['key{n}']\n" for n in range(statements))
    names = module(f"def long(d):\n{lines}    return d['gone']\n", monkeypatch)
    function = names["long"]
    assert isinstance(function, FunctionType)
    return function


@differs_on_pypy("a fingerprint does not hold the words of the failing instruction")
def test_a_function_of_ten_thousand_instructions_is_read_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long a function is, so many instructions are looked at and no more; far down there are no words."""
    looked: list[int] = []
    whole = words._Reader.add
    monkeypatch.setattr(words._Reader, "add", lambda *args: looked.append(1) or whole(*args))
    facts = {f"key{n}": 1 for n in range(5_000)} | {"key": 1}

    for statements, has_words in ((5, True), (500, True), (5_000, False)):
        function = _long(statements, monkeypatch)
        exc = grouping.raised_by(lambda _, function=function: function(facts), 0)  # type: ignore[misc]
        bug = fingerprint.bugs_of(exc, grouping.origins())[0]
        assert bug.function == "long"
        assert has_words == (bug.fingerprint[3] != fingerprint.NO_WORDS)
    assert len(looked) < 5_000


def test_hostile_code_objects_do_no_harm() -> None:
    """Code whose tables of names, constants and positions lie: a coarser answer, never an exception."""

    more = 1

    def victim(d: dict[str, int]) -> int:
        return d["x"] + len(d) + more

    code = victim.__code__
    for lie in (
        {"co_names": ()},
        {"co_consts": (None,)},
        {"co_linetable": b""},
        {"co_linetable": b"\xef\x00" * 10_000},
        {"co_exceptiontable": b""},
        {"co_qualname": "x" * 10_000},
    ):
        odd: CodeType = code.replace(**lie)  # type: ignore[arg-type]
        for offset in (-1, 0, 2, len(code.co_code) - 2, 10_000):
            words.place_of(odd, offset)
            words.is_forwarder(odd, offset)


def _words(source: str, name: str, monkeypatch: pytest.MonkeyPatch, *given: Any) -> list[str]:
    """The fingerprint of what a function of a source raises, without the number of the rule and the class."""
    return bugs(module(source, monkeypatch)[name], *given)[0].fingerprint[2:]


@differs_on_pypy("a fingerprint does not hold the words of the failing instruction")
def test_only_places_of_the_same_kind_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their order tells equal places apart; an attribute, a subscript and an assignment are none."""
    source = "key = 'x'\ndef f(row, other):\n    {first}\n    return row[key]\n"
    row = type("Row", (dict,), {"key": 1})()
    plain, attribute, stored, subscript = (
        _words(source.format(first=first), "f", monkeypatch, row, {})
        for first in ("pass", "row.key", "other[key] = 1", "row.key or row[key]")
    )

    assert plain == attribute == stored != subscript


@differs_on_pypy("a fingerprint does not hold the words of the failing instruction")
@pytest.mark.parametrize(
    "source",
    [
        "def f(row):\n    @row['a']\n    def inner():\n        return {body}\n",
        "def f(row):\n    class Inner(row['a']):\n        def inner(self):\n            return {body}\n",
        "def f(row):\n    class Inner(metaclass=fails):\n        def inner(self):\n            return {body}\n\ndef fails(*args):\n    raise KeyError\n",
    ],
)
def test_what_stands_in_a_function_is_no_part_of_the_statement_that_makes_it(
    source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A decorator, or a base class, that fails is the same bug whatever the function below it does."""
    one, other = (_words(source.format(body=body), "f", monkeypatch, {}) for body in ("one", "other(2)"))

    assert one == other


@differs_on_pypy("a fingerprint does not hold the words of the failing instruction")
def test_without_positions_the_caller_counts_of_what_raises_by_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """That it is a raise is known from the instruction; what an expression hands on is not known."""
    source = "def raises(row):\n    raise KeyError\ndef hands_on(row):\n    return row[row]\n"
    names = module(f"{source}def calls(function):\n    return function({{}})\n", monkeypatch)
    for name in ("raises", "hands_on"):
        lines_only = b"\xe8\x00" * (len(names[name].__code__.co_code) // 2)  # as under -X no_debug_ranges
        names[name].__code__ = names[name].__code__.replace(co_linetable=lines_only)
    raises, hands_on = (
        bugs(names["calls"], names[name])[0].fingerprint[2:] for name in ("raises", "hands_on")
    )

    assert [f"{ledger.__name__}:raises", "_", f"{ledger.__name__}:calls"] == raises[:3]
    assert [f"{ledger.__name__}:hands_on", "_"] == hands_on
