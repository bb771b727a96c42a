"""The note after a crash, as the user of an installed tool has it: three lines, and a command that can be pasted."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from crashguard.capture import note
from crashguard.config import Config
from crashguard.registry.records import Record
from tests import outside, terminal
from tests.conftest import ROOT, Run
from tests.servers import Server


@pytest.mark.slow
@pytest.mark.parametrize("command", ["outside", "clicked-db"])
def test_the_note_fits_and_its_command_can_be_pasted(tmp_path: Path, command: str) -> None:
    """Three lines of at most 80 columns; a shell that gets the command as it stands shows that report."""
    tool = outside.tool(tmp_path / "home")
    tool.home.mkdir(exist_ok=True)
    arguments = {"outside": ["first"], "clicked-db": ["db", "migrate", "x"]}[command]

    status, shown = terminal.shown(
        [str(tool.bin / command), *arguments], columns=80, env=terminal.home_of(tool.home)
    )

    note = terminal.lines(shown)[-4:-1]
    assert status == 1
    assert terminal.lines(shown)[-5] == ""
    assert max(map(len, note)) <= 80, note
    assert note[0].startswith(f"{command} crashed.")
    [typed] = re.findall(r"See it: (.*? show [0-9a-f]{8})", "\n".join(note))
    told = subprocess.run(
        typed, shell=True, env=terminal.home_of(tool.home), capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
    assert "Error" in told.stdout.splitlines()[0]
    assert any("Say no: " in line and "_TELEMETRY_LEVEL=none" in line for line in note)


@pytest.mark.slow
@pytest.mark.parametrize("command", ["outside", "mounted-click"])
@pytest.mark.parametrize("runner", ["UV_RUN_RECURSION_DEPTH", "POETRY_ACTIVE", "PDM_RUN_CWD"])
def test_the_command_of_a_run_by_uv_works_in_the_shell_behind_it(
    tmp_path: Path, runner: str, command: str
) -> None:
    """`uv run mytool` and its like put the environment on PATH for that one command."""
    tool = outside.tool(tmp_path / "home", **{runner: "1"})
    path = f"{tool.bin}{os.pathsep}{os.environ['PATH']}"
    done = tool.run({"outside": "first"}.get(command, "fail"), command=command, PATH=path)

    [typed] = re.findall(r"See it: (.*? show [0-9a-f]{8})", done.stderr)
    told = subprocess.run(
        typed,
        shell=True,
        cwd=tool.home,
        env=terminal.home_of(tool.home),
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, (typed, told.stderr)


@pytest.mark.parametrize(
    ("app", "dsn"),
    [
        ("demo", None),
        ("a-tool-with-quite-a-long-name", None),
        ("demo", "https://key@o4505123456789012.ingest.us.sentry.io/4505123456789012"),
        ("a-tool-with-quite-a-long-name", "http://key@127.0.0.1:9/1"),
    ],
)
def test_every_note_is_three_lines(run: Run, app: str, dsn: str | None) -> None:
    """Whatever the names are, the note has who crashed, what becomes of the report, how to see it, how to say no."""
    settings = f"app={app!r}, version='1', dsn={dsn!r}, delivery='deferred'"
    done = run(f"import crashguard\ncrashguard.install({settings})\nraise ValueError")

    *_, empty, one, two, three = done.stderr.splitlines()

    assert empty == ""
    assert max(map(len, (one, two, three))) <= 80
    assert one.startswith(f"{app} crashed.")
    assert re.search(r"See it: .* show [0-9a-f]{8}", f"{one}\n{two}\n{three}")
    assert ("It is sent to " if dsn else "It is not sent") in f"{one}\n{two}"
    assert "Say no: " in three


@pytest.mark.parametrize("app", ["x", "a-tool-with-a-name", "the-longest-name-that-anybody-gave-to-a-tool"])
@pytest.mark.parametrize("host", ["e.example", "o4507123456789012.ingest.de.sentry.io"])
@pytest.mark.parametrize("held", [False, True])
@pytest.mark.parametrize(
    "typed", ["mytool telemetry", "/home/ada/.local/share/uv/tools/a-tool-with-a-name/bin/crashguard"]
)
def test_whatever_the_names_are_nothing_wraps(
    monkeypatch: pytest.MonkeyPatch, app: str, host: str, held: bool, typed: str
) -> None:
    """No line but a command alone is longer than 80 columns; where two do not fit into one, there are four."""
    monkeypatch.setattr(note, "command", lambda: typed)
    config = Config(app=app, version="1", dsn=f"https://key@{host}/1")
    record = Record("c866ee94b636407daecc68bfedaf8e71", 0.0)
    record.path = "/report"

    empty, *lines, end = note.note(config, record, held=held).split("\n")

    assert (empty, end) == ("", "")
    assert len(lines) in (3, 4)
    assert [line for line in lines if len(line) > 80 and typed not in line] == []
    said = " ".join(lines)
    for each in (f"{app} crashed.", f"It is sent to {host}", f"See it: {typed} show c866ee94", "Say no: "):
        assert each in said


@pytest.mark.parametrize("length", [20, 45, 90])
def test_a_long_path_takes_no_reason_away(run: Run, tmp_path: Path, length: int) -> None:
    """Where the command lies deep, and alone is longer than a line, the note still says why nothing is sent."""
    folder = tmp_path / ("d" * length) / "bin"
    folder.mkdir(parents=True)
    python = folder / "python"
    python.symlink_to(sys.executable)
    (folder.parent / "pyvenv.cfg").write_text(f"home = {os.path.dirname(os.path.realpath(sys.executable))}\n")
    (folder / "crashguard").write_text("#!/bin/sh\n")
    (folder / "crashguard").chmod(0o700)
    program = (
        "import crashguard\n"
        "crashguard.install(app='demo', version='1', dsn='http://k@127.0.0.1:9/1', delivery='deferred')\n"
        "raise ValueError"
    )
    paths = os.pathsep.join([str(ROOT), *sys.path])

    run(program, python=str(python), env={"PYTHONPATH": paths})
    done = run(program, python=str(python), env={"PYTHONPATH": paths})

    *_, empty, one, two, three = done.stderr.splitlines()
    why = "a report of the same crash waits already; this one is counted."
    assert (empty, two) == ("", f"It is not sent: {why}")
    assert one.startswith("demo crashed.")
    assert max(len(line) for line in (one, two, three) if not line.startswith("See it: ")) <= 80
    assert "Say no: DEMO_TELEMETRY_LEVEL=none" in one + three
    assert "/bin/crashguard show " in one + three


def test_the_note_does_not_promise_what_the_choice_of_this_moment_forbids(run: Run) -> None:
    """Written while the program ran, and no choice: the sender reads it again, and so does the note."""
    with Server() as server:
        done = run(
            "import crashguard, os, pathlib\n"
            f"crashguard.install(app='demo', version='1.0', dsn={server.dsn!r}, delivery='inline')\n"
            "file = pathlib.Path('~/.config/crashguard/telemetry-level').expanduser()\n"
            f"file.parent.mkdir(parents=True)\nfile.write_text('nonsense')\n1 / 0\n"
        )

        assert "It is not sent: no valid telemetry level can be read now." in done.stderr
        assert not server.posted


def test_the_note_says_where_a_report_is_lost(run: Run, tmp_path: Path) -> None:
    """Nothing can be written, and this process may not send: it would import the file beside the program."""
    (tmp_path / "queue.py").write_text("raise SystemExit('run')\n")
    with Server() as server:
        done = run(
            f"import crashguard\ncrashguard.install(app='demo', version='1.0', dsn={server.dsn!r})\n1 / 0\n",
            env={"HOME": "/proc", "TMPDIR": "/proc", "TMP": "/proc", "TEMP": "/proc"},
        )

        assert "It is lost: a file beside the program hides a module of Python's" in done.stderr
        assert not server.posted
