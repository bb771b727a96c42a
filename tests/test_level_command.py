"""`crashguard level none` from outside: what waits is gone, whatever comes later, and every user of a home can see it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from crashguard.spool import lock
from tests.conftest import ROOT, Run
from tests.servers import Server

TOOL = "import crashguard, ctypes\ncrashguard.install(app='demo', version='1.0', dsn={dsn!r}, delivery='inline')\n"


def level(home: Path, value: str, *more: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "crashguard", "level", value, *more],
        env={"HOME": str(home), "PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
        umask=0o022,
    )
    return done.stdout


def test_a_native_crash_before_a_no_is_not_sent_after_a_later_yes(run: Run, home: Path) -> None:
    """A segmentation fault waits for the next run; `level none` deletes it, `level all` does not bring it back."""
    with Server() as server:
        assert -11 == run(TOOL.format(dsn=server.dsn) + "ctypes.string_at(0)\n").status
        level(home, "none")
        level(home, "all")
        done = run(TOOL.format(dsn=server.dsn) + "crashguard.flush(10)\n")

        assert (0, {}) == (done.status, server.stored)
    assert [] == done.files()


def test_a_saved_no_does_not_close_the_folder_above_it(home: Path) -> None:
    """`~/.config` is that of all programs; who runs an image under another uid must be able to see the no in it."""
    level(home, "none")

    assert 0o755 == (home / ".config").stat().st_mode & 0o777
    assert 0o700 == (home / ".config/crashguard").stat().st_mode & 0o777


LOWERED = """
import crashguard
ABOUT = dict(app='demo', version='1.0', dsn={dsn!r}, delivery='deferred')
crashguard.install(**ABOUT)
try:
    {{}}['x']
except KeyError as error:
    crashguard.capture_exception(error)
{more}
"""


def test_a_no_that_leaves_no_report_leaves_nothing_that_tells_of_one(run: Run, home: Path) -> None:
    """By a later install(), and by the command: only the name of the variable stays, for a no in it."""
    lower = "crashguard.install(**ABOUT, telemetry_level='none')"
    for more in (lower, ""):
        done = run(LOWERED.format(dsn="http://key@127.0.0.1:9/1", more=more))
        if not more:
            assert 1 == len(done.files())
            level(home, "none")
        spool = home / ".local/state/crashguard/demo"
        assert ["about"] == [path.name for path in spool.iterdir()]


def test_a_no_keeps_the_record_of_what_has_left(run: Run, home: Path) -> None:
    """The journal says what was sent, and what the no has deleted."""
    with Server() as server:
        run(LOWERED.format(dsn=server.dsn, more="").replace("deferred", "inline") + "crashguard.flush(20)\n")
        assert 1 == len(server.stored)
    run(LOWERED.format(dsn="http://key@127.0.0.1:9/1", more="").replace("['x']", "['x'].y"))
    level(home, "none")

    journal = home / ".local/state/crashguard/demo/journal"
    assert " sent " in journal.read_text()


@pytest.mark.slow
def test_a_choice_for_every_tool_keeps_the_no_to_one_and_says_so(run: Run, home: Path) -> None:
    """`level errors` after `level none --app demo`: the tool's crash stays at home. A yes that it replaces is named."""
    level(home, "none", "--app", "demo", "--yes")
    said = level(home, "errors")
    assert "demo keeps none, its own choice; to allow it too: " in said
    assert "level errors --app demo" in said
    with Server() as server:
        run(TOOL.format(dsn=server.dsn) + "1/0\n")
        assert {} == server.stored

        assert "its own choice" not in level(home, "all", "--app", "demo")
        run(TOOL.format(dsn=server.dsn) + "1/0\n")
        assert 1 == len(server.stored)
    assert "It takes the place of the choice for demo, which was all." in level(home, "none")


def test_purge_says_what_may_have_left_while_a_process_sends(run: Run, home: Path) -> None:
    """As `level none` does: the report was on its way when it was deleted."""
    run(TOOL.format(dsn="http://key@127.0.0.1:9/1") + "1/0\n")
    with lock.Lock(str(spool_of(home))) as mine:
        assert mine
        done = subprocess.run(
            [sys.executable, "-m", "crashguard", "purge", "--yes"],
            env={"HOME": str(home), "PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=True,
        )
    assert "1 report deleted." in done.stdout
    assert "something may have left" in done.stdout


def spool_of(home: Path) -> Path:
    return home / ".local/state/crashguard/demo"


def test_a_no_leaves_no_verdict_on_a_crash_that_never_left(run: Run, home: Path) -> None:
    """A crash, a server that cannot be reached, `level none`: neither the id of the report nor a journal stays."""
    run(TOOL.format(dsn="http://key@127.0.0.1:9/1") + "1/0\n")
    journal = spool_of(home) / "journal"
    assert " retry " in journal.read_text()
    assert (spool_of(home) / "runs/last").exists()
    level(home, "none")

    assert ["about"] == [path.name for path in spool_of(home).iterdir()]


@pytest.mark.parametrize("how", ["saved", "variable"])
def test_a_crash_under_a_no_that_came_while_the_tool_ran_writes_nothing(
    run: Run, home: Path, how: str
) -> None:
    """By a choice that somebody saves, and by the variable that the program sets: no id of a report in any file."""
    said = {
        "saved": "import subprocess, sys; subprocess.run([sys.executable, '-m', 'crashguard', 'level', 'none'])\n",
        "variable": "import os; os.environ['DEMO_TELEMETRY_LEVEL'] = 'none'\n",
    }
    done = run(TOOL.format(dsn="http://key@127.0.0.1:9/1") + said[how] + "1/0\n")

    assert 1 == done.status
    assert [] == [path for path in home.rglob("*") if path.is_file() and "telemetry-level" != path.name]


def test_a_verdict_of_before_goes_with_a_no_that_no_command_has_said(run: Run, home: Path) -> None:
    """A run under the variable removes it, where the host has not asked for verdicts at every telemetry level."""
    run(TOOL.format(dsn="http://key@127.0.0.1:9/1") + "1/0\n")
    for path in (spool_of(home) / "waiting").iterdir():
        path.unlink()
    last = spool_of(home) / "runs/last"
    no = "import os; os.environ['DEMO_TELEMETRY_LEVEL'] = 'none'\n"
    run(no + TOOL.format(dsn="http://key@127.0.0.1:9/1").replace("delivery", "markers=True, delivery"))
    assert last.exists()
    run(no + TOOL.format(dsn="http://key@127.0.0.1:9/1"))
    assert not last.exists()


def test_a_crash_under_a_no_is_still_a_crash_to_a_host_that_asks(run: Run, home: Path) -> None:
    """`markers=True` keeps the verdict at every telemetry level; the id of a report that is not there is not in it."""
    tool = TOOL.format(dsn="http://key@127.0.0.1:9/1").replace("delivery", "markers=True, delivery")
    no = "import os; os.environ['DEMO_TELEMETRY_LEVEL'] = 'none'\n"
    run(tool + no + "1/0\n")

    assert "LastRun('crashed'" in (said := run(no + tool + "print(crashguard.last_run())\n").stdout)
    assert "event_id=None" in said


def test_send_under_a_no_leaves_no_backoff(run: Run, home: Path) -> None:
    """What waits is deleted, and so is what tells of its attempts."""
    run(TOOL.format(dsn="http://key@127.0.0.1:9/1") + "1/0\n")
    assert (spool_of(home) / "backoff").exists()
    subprocess.run(
        [sys.executable, "-m", "crashguard", "send"],
        env={
            "HOME": str(home),
            "PYTHONPATH": str(ROOT),
            "PATH": os.environ["PATH"],
            "DEMO_TELEMETRY_LEVEL": "none",
        },
        check=False,
        capture_output=True,
    )

    assert not (spool_of(home) / "backoff").exists()


@pytest.mark.parametrize(
    ("variable", "said"),
    [
        ({"CQ_TELEMETRY_LEVEL": "nnoe"}, "none: CQ_TELEMETRY_LEVEL: 'nnoe' is not a telemetry level"),
        ({"CQ_TELEMETRY_LEVEL": "none"}, "none (CQ_TELEMETRY_LEVEL)"),
        ({"CQ_NO_TELEMETRY": "1"}, "none (CQ_NO_TELEMETRY)"),
    ],
)
@pytest.mark.parametrize("command", ["status", "level"])
def test_cloudquerys_variable_is_told_where_no_report_was_yet(
    home: Path, variable: dict[str, str], said: str, command: str
) -> None:
    """A person who has set it asks whether it counts; programs can ask, too."""
    environment = {"HOME": str(home), "PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], **variable}

    def ask(*more: str) -> str:
        typed = [sys.executable, "-m", "crashguard", command, *more]
        return subprocess.run(typed, env=environment, capture_output=True, text=True, check=True).stdout

    shown = " ".join(ask().split())
    assert "cloudquery" in shown
    assert said in shown
    found = json.loads(ask("--json"))["apps"]["cloudquery"]
    assert "none" == found.get("telemetry_level", found)["value"]


def test_a_wrong_variable_is_told_once_for_all_workers(run: Run, home: Path) -> None:
    """Each spawned worker runs install() again, and knows that it has been said."""
    done = run(
        "import os; os.environ['DEMO_TELEMETRY_LEVEL'] = 'nnoe'\n"
        + TOOL.format(dsn="http://key@127.0.0.1:9/1")
        + "import subprocess, sys\n"
        "again = \"import crashguard; crashguard.install(app='demo', version='1.0')\"\n"
        "for _ in range(2): subprocess.run([sys.executable, '-c', again], check=True)\n"
    )
    assert 1 == done.stderr.count("nnoe")


MOUNTED = """
import argparse
from crashguard.integrations.argparse import add_telemetry_commands

parser = argparse.ArgumentParser(prog="mytool")
add_telemetry_commands(parser.add_subparsers(), app="mytool")
parser.parse_args()
"""


@pytest.mark.parametrize("value", ["none", "all"])
def test_a_tools_own_command_saves_the_first_choice(run: Run, home: Path, value: str) -> None:
    """The tool is known, though a no by a variable has kept it from leaving anything here before."""
    done = run(MOUNTED, "telemetry", "level", value, env={"DO_NOT_TRACK": "1"})

    assert done.status == 0, done.stderr
    assert (home / ".config/crashguard/mytool/telemetry-level").read_text().startswith(f"{value} ")
    assert "--yes" not in run(MOUNTED, "telemetry", "level", "--help").stdout
