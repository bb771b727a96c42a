"""A message of which this process holds no value: it was made in a worker. And sentences that a name stands for."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Run

pytestmark = pytest.mark.slow

POOLS = {
    "fork": "multiprocessing.get_context('fork').Pool(1).map(work, [sys.argv[1]])",
    "spawn": "multiprocessing.get_context('spawn').Pool(1).map(work, [sys.argv[1]])",
    "executor": "concurrent.futures.ProcessPoolExecutor(1).submit(work, sys.argv[1]).result()",
}
PROGRAM = """
import concurrent.futures, json, multiprocessing, sys
import crashguard

def row(path):
    with open(path) as file:
        return json.load(file)

GONE = "pallet %s wobbles"

class Texts:
    gone = "harvester {{}} stalls"

def work(path):
    r = row(path)
    {fails}

if __name__ == "__main__":
    crashguard.install(app="demo", version="1.0", note=False, messages={level!r})
    {pool}
"""
FAILS = {
    "raise ValueError('worker cannot handle ' + r['name'] + ' in ' + r['city'])": (
        "worker cannot handle [shape:Aaaa Aaaa] in [shape:Aaaa]"
    ),
    "raise ValueError(r['name'].lower())": "[shape:aaa aaa]",
    "raise ValueError(f\"{r['name']} in {r['city']}\".lower())": "[shape:aaa aaa] in [shape:aaa]",
    "raise ValueError('the note is: ' + r['note'])": "the note is: [shape:aaa aaa aa aaa..]",
    "int(r['name'])": "invalid literal for int() with base 10: '[shape:Aaaa Aaaa]'",
    "int(r['note'])": "invalid literal for int() with base 10: '[shape:aaa aaa aa aaa..]'",
    "raise LookupError(GONE % r['name'])": "pallet [shape:Aaaa Aaaa] wobbles",
    "raise LookupError(Texts.gone.format(r['name']))": "harvester [shape:Aaaa Aaaa] stalls",
    "r['mobile_phone']": "'mobile_phone'",
    "path.fly_away": "'str' object has no attribute 'fly_away'",
}


def crashed(run: Run, tmp_path: Path, fails: str, pool: str, level: str = "shapes") -> str:
    row = tmp_path / "row.json"
    row.write_text(
        json.dumps({"name": "Marta Ruizova", "city": "Zagreb", "note": "user not in group and invalid"})
    )
    done = run(PROGRAM.format(fails=fails, pool=POOLS[pool], level=level), str(row))
    value: dict[str, Any] = done.event["exception"]["values"][-1]
    for word in ("ruizova", "zagreb", "not in group"):
        assert word not in json.dumps(done.event).lower()
    return str(value["value"])


@pytest.mark.parametrize("fails", FAILS)
def test_a_worker_that_reads_its_own_row_tells_nothing_of_it(run: Run, tmp_path: Path, fails: str) -> None:
    """The program's words stay: its code says them, which this process has too."""
    assert FAILS[fails] == crashed(run, tmp_path, fails, "executor")


@pytest.mark.parametrize("pool", ["fork", "spawn"])
def test_so_in_each_kind_of_pool(run: Run, tmp_path: Path, pool: str) -> None:
    """Also where the worker imports the program again."""
    fails = next(iter(FAILS))

    assert FAILS[fails] == crashed(run, tmp_path, fails, pool)


def test_so_at_template(run: Run, tmp_path: Path) -> None:
    """Less is said, not more."""
    assert "worker cannot handle [value] in [value]" == crashed(
        run, tmp_path, next(iter(FAILS)), "executor", "template"
    )


def test_of_code_that_this_process_does_not_have_only_the_words_of_libraries_stay(
    run: Run, tmp_path: Path
) -> None:
    """The worker made the function of a text."""
    fails = "exec(\"raise ValueError('giraffe ' + r['name'] + ' not found')\")"

    assert "[shape:aaa Aaaa Aaaa] not found" == crashed(run, tmp_path, fails, "executor")


PUT_TOGETHER = """
import sys
import crashguard
crashguard.install(app="demo", version="1.0", note=False)
GIVEN = '{"name": "' + sys.argv[1] + '"} %s'
def fails():
    raise ValueError(GIVEN % 1)
fails()
"""


def test_a_text_that_was_put_together_at_run_time_is_no_sentence_of_the_program(run: Run) -> None:
    """A global of the module that the function names may hold anything; only what its source says stays."""
    [raised] = run(PUT_TOGETHER, "ruiz of zagreb").event["exception"]["values"]

    assert "ruiz" not in raised["value"]
    assert "zagreb" not in raised["value"]
