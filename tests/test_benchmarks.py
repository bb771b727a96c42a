"""The benchmarks run and say what they say they do. Nothing here judges a time: `.ci/gate` judges counts."""

import argparse
import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from benchmarks import __main__ as runner
from benchmarks import endpoints, measure, peers, tables
from benchmarks.rows import Row, of_dict, spread_of

ROOT = Path(__file__).parent.parent
OURS = [
    "startup",
    "guard",
    "crash",
    "stages",
    "report",
    "storm",
    "spool",
    "growth",
    "hosts",
    "uploader",
    "longlived",
]

if os.environ.get("CRASHGUARD_NO_SKIPS"):  # CI: made now, while the environment is still that of CI
    assert peers.CRASHGUARD.python

needs_venv = pytest.mark.skipif(
    not (peers.FOLDER / "crashguard" / "complete").exists(),
    reason="no .components/peers/crashguard: `python -m benchmarks startup` makes it",
)


@pytest.mark.slow
@needs_venv
@pytest.mark.parametrize("name", OURS)
def test_a_benchmark_runs_and_measures_crashguard(name: str, tmp_path: Path) -> None:
    """Each benchmark of our own runs in its quick mode, without peers, and its figures are of crashguard."""
    file = tmp_path / "rows.json"
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", name, "--quick", "--peer", "none", "--json", str(file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    rows = tables.from_json(file)
    assert any(row.subject == "crashguard" for row in rows)
    assert all(row.what in done.stdout for row in rows)


def test_every_module_with_a_run_is_found() -> None:
    """The one command runs every benchmark there is, ours first."""
    assert runner.names()[: len(OURS)] == OURS


def test_a_benchmark_may_return_rows_or_write_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Modules join in by a `run(args)` that returns rows or dicts, or by a `main` that writes JSON."""
    args = argparse.Namespace(quick=True, peers=[])

    class Returning:
        @staticmethod
        def run(args: argparse.Namespace) -> list[object]:
            return [Row("G", "w", "s", 1, "ms"), {"what": "x", "value": 2, "unit": "us", "more": 3}]

    class Writing:
        @staticmethod
        def main(arguments: list[str]) -> None:
            assert arguments[0] == "--json"
            Path(arguments[1]).write_text(json.dumps({"rows": [{"group": "G", "what": "y", "value": 3}]}))

    for module in (Returning, Writing):
        monkeypatch.setattr(runner.importlib, "import_module", lambda _, module=module: module)
        rows = runner.take("other", args)
        assert all(isinstance(row, Row) for row in rows)
        assert rows[-1].value == (2 if module is Returning else 3)


def test_a_broken_benchmark_does_not_hide_the_others(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One that fails is named and makes the exit status 1; the figures of the others are printed."""

    def take(name: str, args: argparse.Namespace) -> list[Row]:
        if name == "guard":
            raise RuntimeError("out of order")
        return [Row("Group", "what was done", "crashguard", 1.5, "ms")]

    monkeypatch.setattr(runner, "take", take)

    assert runner.main(["startup", "guard", "--peer", "none"]) == 1
    said = capsys.readouterr()
    assert "what was done" in said.out
    assert "guard: RuntimeError: out of order" in said.err


def test_the_table_marks_what_is_over_its_limit() -> None:
    """A figure over what crashguard set itself says so; a peer has no limit."""
    ours = Row("G", "start", "crashguard", 1.2, "ms added", 0.1, 5, 1.1, 1.0)
    peer = Row("G", "start", "sentry-sdk", 142.0, "ms added", 3.0, 5, 13.5)

    table = tables.table([ours, peer])

    assert "| start | crashguard | **1.20 ms added** | 0.1 | 1.10x | 1 | **over** |" in table.replace(
        "0.10 |", "0.1 |"
    )
    assert "| start | sentry-sdk | 142 ms added | 3 | 13.5x |  |  |" in table


def test_rows_survive_json(tmp_path: Path) -> None:
    """What is written as JSON is read back as the same rows."""
    rows = [
        Row("G", "w", "crashguard", 1.25, "ms", 0.5, 3, 2.0, 1.0, "note"),
        Row("G", "n", "floor", 2, "modules"),
    ]
    file = tmp_path / "rows.json"
    file.write_text(tables.to_json(rows, "2026-01-01", "a machine", "none"))

    assert tables.from_json(file) == rows
    assert of_dict({"what": "w", "value": 1}).subject == "crashguard"


def test_the_short_table_goes_between_the_markers() -> None:
    """The README keeps everything around its markers, and filling it twice is filling it once."""
    row = Row("Start: import + install, over bare `python -c pass`", "wall", "crashguard", 0.9, "ms added")
    text = tables.short([row], "2026-01-01", "a machine")
    page = f"# Title\n\n{tables.BEGIN}\nold\n{tables.END}\n\nMore.\n"

    once = tables.put_between(page, text)

    assert "| import + install, wall | 0.90 ms added |" in once
    assert "old" not in once
    assert once.startswith("# Title\n")
    assert once.endswith("\n\nMore.\n")
    assert tables.put_between(once, text) == once


@pytest.mark.parametrize("page", ["", "text", tables.BEGIN, tables.END + tables.BEGIN])
def test_a_page_without_markers_is_refused(page: str) -> None:
    """Nothing is written into a page that does not say where."""
    with pytest.raises(ValueError, match="needs one"):
        tables.put_between(page, "text")


def test_the_short_table_names_rows_that_exist() -> None:
    """Every line of the README's table is a group and a row of the benchmarks' sources."""
    sources = "".join(
        path.read_text() for path in (ROOT / "benchmarks").glob("*.py") if path.name != "tables.py"
    )

    for _, group, _ in tables.SHORT:
        assert f'"{group}"' in sources, group


def test_the_spread_is_between_the_quarters() -> None:
    """Half of all figures lie within the spread; of few, all do."""
    assert spread_of([1, 2, 3, 4, 5, 6, 7]) == 4
    assert spread_of([1.0, 4.0]) == 3.0


@pytest.mark.slow
def test_pairs_are_taken_in_turn() -> None:
    """Base and subject run equally often, and what is added is their difference pair by pair."""
    calls: list[str] = []

    def take(name: str, value: float) -> float:
        calls.append(name)
        return value

    figures = measure.pairs(lambda: take("base", 1.0), lambda: take("subject", 3.0), 4, warmups=0)

    assert sorted(calls) == ["base"] * 4 + ["subject"] * 4
    assert measure.added(*figures) == [2.0] * 4


@pytest.mark.slow
@pytest.mark.skipif(not measure.has_valgrind(), reason="no valgrind: apt-get install valgrind")
def test_instruction_counts_repeat() -> None:
    """The same program gives the same count to one in a thousand: that is what the gate stands on."""
    command = [sys.executable, "-S", "-c", "pass"]  # -I would ignore the fixed hash seed
    first, second = (measure.instructions(command, {}) for _ in range(2))

    assert abs(first - second) < first / 1000


def test_endpoints_have_their_moods() -> None:
    """Healthy answers and keeps the body, 429 and 500 say so, refused and black hole cannot be reached."""
    with endpoints.Endpoint("healthy") as healthy:
        with urllib.request.urlopen(healthy.url, b"body") as answer:
            assert answer.status == 200
        assert healthy.bodies == [b"body"]
    for mood in ("429", "500"):
        with endpoints.Endpoint(mood) as unwilling:
            with pytest.raises(urllib.error.HTTPError) as raised:
                urllib.request.urlopen(unwilling.url, b"body")
            assert raised.value.code == int(mood)
            assert unwilling.bodies == []
    for mood in ("refused", "black hole"):
        with endpoints.Endpoint(mood) as gone:
            assert not endpoints.is_reachable(gone.url), mood
    with endpoints.Endpoint("hanging") as hanging:
        assert endpoints.is_reachable(hanging.url)


def test_the_gate_fails_on_a_figure_that_is_too_high() -> None:
    """.ci/gate judges: over the figure is a line that says what, how much and what is allowed."""
    source = (ROOT / ".ci" / "gate").read_text()
    gate: dict[str, object] = {"__name__": "gate", "__file__": str(ROOT / ".ci" / "gate")}
    exec(compile(source, "gate", "exec"), gate)  # it has no suffix to be imported by
    judge = gate["_judge"]

    assert callable(judge)
    assert judge("modules", 5, 5) == []
    assert judge("modules", 6, 5) == [
        "modules is 6.000, at most 5 is allowed: see `python -m benchmarks` for where it goes"
    ]
