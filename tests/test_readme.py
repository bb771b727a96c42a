"""The README, run as it stands: each block is a command, a program, or output that is compared."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import attrs
import pytest

from crashguard import spool as folders
from crashguard import transport
from crashguard.report import envelope
from crashguard.spool import store
from tests.conftest import ROOT, Run

README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
GOLDEN = (ROOT / "tests/golden/event.json").read_text()
SET_UP = "python3.11 -m venv .venv && .venv/bin/pip install -q -e '.[cli,test]' && "


def blocks(language: str) -> list[str]:
    return [text for each, text in BLOCKS if each == language]


BEFORE, NOTE, PLAN = blocks("text")
MAIN_JOB, TESTS, LOOK, REFUSE = blocks("sh")
PROGRAMS = blocks("python")


@attrs.frozen
class Checkout:
    """What a newcomer has after the first half of the first command: a folder with a venv in it."""

    root: Path
    home: Path

    def shell(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in this folder, in an environment that says nothing."""
        return subprocess.run(
            [str(shutil.which("bash")), "-c", command],
            cwd=self.root,
            env={"HOME": str(self.home), "PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def reports(self) -> list[Path]:
        return sorted(self.home.glob(".local/state/crashguard/*/*/*.envelope"))


@pytest.fixture
def checkout(tmp_path: Path, home: Path) -> Checkout:
    if not shutil.which("crashguard", path=str(Path(sys.prefix) / "bin")):
        pytest.skip("the command `crashguard` is not installed beside this interpreter")
    root = tmp_path / "crashguard"
    shutil.copytree(ROOT / "samples", root / "samples", ignore=shutil.ignore_patterns("__pycache__"))
    (root / ".venv").symlink_to(sys.prefix)
    return Checkout(root, home)


def stable(text: str, root: Path | None = None) -> list[str]:
    """Output without what differs from run to run and from machine to machine, line by line."""
    if root is not None:
        text = text.replace(str(root), "/home/ada/crashguard")
    text = re.sub(r"\b[0-9a-f]{8}\b", "[..]", text)
    text = re.sub(r", line \d+", ", line [..]", text)
    return [line for line in text.splitlines() if line.strip(" ^~")]  # carets differ between Pythons


def matches(expected: list[str], actual: list[str]) -> bool:
    """Whether lines agree, where a line of `[..]` stands for any number of them."""
    pattern = "".join("(?:.*\n)*" if line.strip() == "[..]" else re.escape(line) + "\n" for line in expected)
    return re.fullmatch(pattern, "\n".join(actual) + "\n") is not None


def test_the_first_command_runs_the_main_job(checkout: Checkout) -> None:
    """After the set-up the sample works, crashes, tells where the report is, and `list` lists it."""
    assert MAIN_JOB.startswith(SET_UP)

    done = checkout.shell(MAIN_JOB.removeprefix(SET_UP))

    before, _, note = done.stderr.partition("\n\n")
    assert matches(stable(BEFORE), stable(before, checkout.root)), done.stderr
    assert stable(NOTE) == stable(note, checkout.root)
    [report] = checkout.reports()
    assert "companies                64 rows" in done.stdout
    assert report.stem[-32:][:8] in done.stdout.partition("companies")[2]
    assert done.returncode == 0


def test_switched_off_it_looks_as_without(checkout: Checkout) -> None:
    """With crashguard off the crash is the traceback that the README shows first, and nothing else."""
    command = MAIN_JOB.removeprefix(SET_UP).partition(";")[0]

    done = checkout.shell(f"MINISYNC_TELEMETRY_LEVEL=none {command}")

    assert matches(stable(BEFORE), stable(done.stderr, checkout.root)), done.stderr
    assert done.returncode == 1
    assert checkout.reports() == []


def test_the_second_command_is_what_ci_runs() -> None:
    """The README's test command stands in .ci/run as it is."""
    lines = (ROOT / ".ci/run").read_text().splitlines()
    assert TESTS.strip() in [line.partition(" || ")[0] for line in lines]


@pytest.mark.slow
def test_the_report_can_be_looked_at(checkout: Checkout) -> None:
    """`show` prints the report, `show --json` the very bytes in its file, `status` who decided."""
    checkout.shell(MAIN_JOB.removeprefix(SET_UP).partition(";")[0])
    [report] = checkout.reports()
    for_people, as_json, status = [
        checkout.shell(line.replace("c866ee94", report.stem[-32:][:8])) for line in LOOK.splitlines()
    ]

    assert [0, 0, 0] == [for_people.returncode, as_json.returncode, status.returncode]
    assert "[scrubbed:email]" in for_people.stdout
    assert "soerensen" not in for_people.stdout
    shown = json.loads(as_json.stdout.strip().splitlines()[-1])
    assert shown == envelope.unseal(report.read_bytes())[1]
    for word in ("all", "default", "minisync", "local"):
        assert word in status.stdout


@pytest.mark.slow
def test_no_is_one_command(checkout: Checkout) -> None:
    """`level none` is kept: the next crash leaves nothing. `purge` deletes what the one before left."""
    job = MAIN_JOB.removeprefix(SET_UP).partition(";")[0]
    checkout.shell(job)

    done = checkout.shell("set -e\n" + REFUSE)
    after = checkout.shell(job)

    assert done.returncode == 0, done.stderr
    assert checkout.reports() == []
    assert (1, False) == (after.returncode, "crashed" in after.stderr)


@pytest.mark.parametrize("program", PROGRAMS)
def test_each_program_runs(run: Run, program: str) -> None:
    """The README's programs run as they stand, print nothing and leave nothing."""
    done = run(program)

    assert (0, "", "") == (done.status, done.stdout, done.stderr)
    assert done.left == []


def test_five_lines_report_a_crash(run: Run) -> None:
    """The lines to start with are enough: what crashes after them is on record, unless the flag says no."""
    program = PROGRAMS[0] + "\n{}['missing']\n"

    done = run(program)
    refused = run(program, "--telemetry-level", "none")

    assert [1, 1] == [done.status, refused.status]
    assert "mytool crashed." in done.stderr
    assert "mytool crashed." not in refused.stderr
    [event] = done.events("mytool")
    assert event["release"] == "mytool@1.2.3"
    assert event["exception"]["values"][0]["type"] == "KeyError"


ENDINGS = {
    "thread": """
import threading
threading.Thread(target=divmod, args=(1, 0)).start()
""",
    "worker process": """
import multiprocessing
worker = multiprocessing.get_context("fork").Process(target=divmod, args=(1, 0))
worker.start()
worker.join()
""",
    "finalizer": """
class Open:
    def __del__(self):
        1 / 0
Open()
""",
    "asyncio task": """
import asyncio
async def lost():
    1 / 0
async def main():
    task = asyncio.create_task(lost())
    await asyncio.sleep(0)
asyncio.run(main())
""",
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_crashes_come_in_where_the_readme_says(run: Run, ending: str) -> None:
    """Threads, worker processes, finalizers and tasks that nobody asks are reported, once."""
    assert "in threads, worker processes, finalizers and asyncio tasks too" in README

    done = run("import crashguard\ncrashguard.install(app='mytool', version='1.2.3')\n" + ENDINGS[ending])

    [event] = done.events("mytool")
    assert event["exception"]["values"][0]["type"] == "ZeroDivisionError"


def test_guards_and_capture_are_one_report(run: Run) -> None:
    """What the README says of its second program: two guards and a capture are one report."""
    done = run("import crashguard\ncrashguard.install(app='mytool', version='1.2.3')\n" + PROGRAMS[1])

    assert done.status == 0
    [event] = done.events("mytool")
    assert event["tags"]["guard"] == "first table"


def test_the_payload_is_a_real_one(run: Run) -> None:
    """The payload in the README is that of tests/golden, and that is what the sample's crash makes."""
    done = run(
        str(ROOT / "samples/minisync.py"), "sync", str(ROOT / "samples/data/demo.toml"), "--to", "copy.db"
    )

    assert blocks("json") == [GOLDEN]
    [made] = done.events("minisync")
    assert wildcarded(made) == wildcarded(json.loads(GOLDEN))
    assert list(made) == list(json.loads(GOLDEN))


def wildcarded(event: dict[str, Any]) -> dict[str, Any]:
    """An event in which what differs from run to run is replaced by its type."""
    contexts = {
        name: {
            key: type(value).__name__ if name in ("device", "process", "os", "program") else value
            for key, value in context.items()
        }
        for name, context in event["contexts"].items()
    }
    contexts["runtime"]["version"] = "[..]"
    values = json.loads(json.dumps(event["exception"]["values"]))
    for value in values:
        for frame in value["stacktrace"]["frames"]:
            frame["lineno"] = "[..]"
    return {
        **event,
        "event_id": len(event["event_id"]),
        "timestamp": type(event["timestamp"]).__name__,
        "exception": {"values": values},
        "contexts": contexts,
    }


def test_the_table_names_each_part_of_the_payload() -> None:
    """Each top-level field of the payload has its row, and each name in a row is a field."""
    rows = re.findall(r"^\| (`.*?`) \| `", README.partition("```json")[2], re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`([^`]+)`", row) if name not in ("none", "all")}
    payload = json.loads(GOLDEN)

    assert set(payload) <= named
    assert named - set(payload) == {"environment", "contexts.crashguard"}


def test_the_figures_are_those_of_the_code() -> None:
    """Counts, bytes, days, seconds and states in the README are the constants of the code."""
    assert f"at most {store.MOST_REPORTS} reports and {store.MOST_BYTES // 2**20} MiB" in README
    assert f"more than {folders.MOST_SECONDS // 86400} days" in README
    assert transport.INLINE_SECONDS == 2.0
    assert "for two seconds at most" in README
    said = README.partition("Its folder is its state: ")[2].partition(". ")[0]
    assert tuple(re.findall(r"`(\w+)`", said)) == store.STATES


def test_the_plan_names_what_is_there() -> None:
    """Each path in the plan of the house exists."""
    for word in re.findall(r"^[\w/]+(?:\.py)?|\w+\.py(?=:? )", PLAN, re.MULTILINE):
        found = [ROOT / word, *(ROOT / "crashguard").rglob(word.rpartition("/")[2])]
        assert any(path.exists() for path in found), word


def test_the_readme_is_short() -> None:
    """A newcomer reads it in one sitting: no badges, no more than 240 lines, the table of costs apart."""
    before, _, rest = README.partition("<!-- cost:begin -->")
    assert "![" not in README
    assert len((before + rest.partition("<!-- cost:end -->")[2]).splitlines()) <= 240
