"""Every telemetry level, logged in or not, every end: what reaches the data plane, as docs/stats.md has it.

`python -m tests.test_stats_golden` writes the page's table anew.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from crashguard import spool as folders
from crashguard import telemetry_level
from crashguard.spool import stats_store
from tests.sink import Sink

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs/stats.md"
BEGIN, END = "<!-- begin: what reaches the server -->", "<!-- end -->"

Rows = list[tuple[str, str]]


def observed(level: str, logged_in: bool, home: str) -> Rows:
    """(deed, what came of it at the data plane) of a real process."""
    rows = []
    with Sink() as sink:
        running = subprocess.Popen(
            [
                sys.executable,
                str(ROOT / "tests/programs/stats_golden.py"),
                sink.url,
                level,
                "yes" if logged_in else "no",
            ],
            env={"HOME": home, "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert running.stdin is not None
        assert running.stdout is not None
        for line in running.stdout:
            deed, through = json.loads(line)
            assert through
            rows.append((deed, told(sink)))
            sink.requests.clear()
            running.stdin.write("\n")
            running.stdin.flush()
        running.stdin.close()
        running.stdout.close()
        assert running.wait() == 0
    return rows


def told(sink: Sink) -> str:
    """The messages of some requests, in words; anonymous ones first."""
    words = []
    for request, message in sink.accepted:
        kinds = {"identifiable" if each["userId"] else "anonymous" for each in request.messages}
        assert len(kinds) == 1
        said = message["properties"]
        how = said.get("status") or said.get("exit_reason")
        words.append(f"`{message['event']}`" + (f" {how}" if how else "") + f" ({kinds.pop()})")
    return ", ".join(sorted(words, key=lambda each: ("anonymous" not in each, each))) or "nothing"


def table(results: dict[tuple[str, bool], Rows]) -> str:
    """One row a deed and login; telemetry levels with the same result share a column."""
    lines = ["| what happens | logged in | `none`, `errors` | `stats`, `all` |", "|---|---|---|---|"]
    for logged_in in (False, True):
        columns = {level: dict(results[level, logged_in]) for level in telemetry_level.CHOICES}
        assert columns["none"] == columns["errors"]
        assert columns["stats"] == columns["all"]
        for deed, sent in columns["stats"].items():
            lines.append(f"| {deed} | {'yes' if logged_in else 'no'} | {columns['none'][deed]} | {sent} |")
    return "\n".join(lines)


def golden() -> str:
    with tempfile.TemporaryDirectory() as folder:
        results = {}
        for level in telemetry_level.CHOICES:
            for logged_in in (False, True):
                home = Path(folder) / f"{level}-{logged_in}"
                home.mkdir()
                results[level, logged_in] = observed(level, logged_in, str(home))
                if level in ("none", "errors"):
                    assert list(home.rglob("stats*")) == []
    return table(results)


def page_with(text: str) -> str:
    before, _, rest = PAGE.read_text().partition(BEGIN)
    return f"{before}{BEGIN}\n\n{text}\n\n{END}{rest.partition(END)[2]}"


@pytest.mark.slow
def test_what_reaches_the_server_is_what_the_page_says() -> None:
    """All telemetry levels, logged in or not, all ends: real processes and a real sink give the page's table."""
    assert PAGE.read_text() == page_with(golden()), "run: python -m tests.test_stats_golden"


@pytest.mark.parametrize(
    "figure",
    [
        f"{stats_store.MOST_RECORDS:,} records",
        f"{stats_store.MOST_BYTES // 2**20} MiB",
        f"{folders.MOST_SECONDS // 86400} days",
    ],
)
def test_the_bounds_are_those_of_the_code(figure: str) -> None:
    """Count, bytes and age on the page are what the store holds to."""
    assert figure in PAGE.read_text()


if __name__ == "__main__":
    PAGE.write_text(page_with(golden()))
