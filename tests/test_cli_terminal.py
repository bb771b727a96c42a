"""The command as a person has it: on a real terminal of several widths, with rich and without it."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from crashguard.cli.main import crashguard
from tests import terminal
from tests.conftest import ROOT, Finished, Run
from tests.servers import Server

WITHOUT_RICH = "import sys; sys.modules['rich'] = None"
CRASH = (
    "import crashguard\n"
    "crashguard.install(app={app!r}, version={version!r}, dsn={dsn!r}, delivery='deferred', note=False)\n"
    "def broken(word):\n    raise {what}\n"
    "broken('x')\n"
)
Crash = Callable[..., Path]


@pytest.fixture
def crash(run: Run) -> Crash:
    """Leave the report of a real crash; the path of its file."""

    def crash(
        what: str = "ValueError('bad word')",
        app: str = "demo",
        version: str = "1.2.3",
        dsn: str | None = None,
    ) -> Path:
        before = set(_files(run(CRASH.format(app=app, version=version, what=what, dsn=dsn)), app))
        return max(before, key=lambda path: path.name)

    return crash


def _files(done: Finished, app: str) -> list[Path]:
    assert done.status == 1
    (done.state / app / "resumed").touch()  # as if it had just been tried
    return done.files(app)


def id_of(path: Path, most: int = 8) -> str:
    return path.stem.split("-")[-1][:most]


def piped(*arguments: str) -> str:
    """The command in a pipe."""
    done = subprocess.run(
        [sys.executable, "-m", "crashguard", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == "" or arguments[:1] in (("demo",), ("docs",))  # these say something beside it
    return done.stdout


@pytest.mark.parametrize("start", ["", WITHOUT_RICH], ids=["rich", "plain"])
@pytest.mark.parametrize("columns", [60, 80, 100, 120])
def test_a_list_shows_ids_and_what_happened_at_every_width(crash: Crash, columns: int, start: str) -> None:
    """What commands take for an id, state, times and the beginning of WHAT stand in each line, and no line is wrapped.

    Where there is room the id is whole.
    """
    paths = [
        crash(
            "ValueError('the first of ' + 'many words ' * 30)", app="a-tool-with-a-name", version="1.2.3rc4"
        ),
        crash("KeyError('\u6771\u4eac\u90fd' * 40)", dsn="http://key@127.0.0.1:9/1"),
    ]

    status, text = terminal.crashguard("list", columns=columns, start=start)

    head, *rows = [line for line in terminal.lines(text) if line]
    assert status == 0
    assert head.split()[0] == "ID"
    assert ("RELEASE" in head) == (columns >= 100)
    assert max(map(_cells, [head, *rows])) <= columns
    for path, row, state, what in zip(
        paths[::-1], rows, ("waiting", "local"), ("KeyError: '", "ValueError: the f"), strict=True
    ):
        assert row.startswith(f"{id_of(path, 32 if columns == 120 else 8)}  ")
        assert f"  {state}" in row
        assert what in row
        assert row.endswith("...")


def _cells(line: str) -> int:
    return sum(2 if character > "\u2e7f" else 1 for character in line)


@pytest.mark.parametrize("start", ["", WITHOUT_RICH], ids=["rich", "plain"])
def test_a_shown_report_stays_within_its_columns(crash: Crash, start: str) -> None:
    """Long values are wrapped below their beginning, at a blank, so that names stay a column of their own."""
    crash("ValueError('bad')", app="a-tool-with-a-name")

    status, text = terminal.crashguard("show", columns=60, start=start)

    assert status == 0
    [first, *_] = [line for line in terminal.lines(text) if line.startswith("device")]
    following = terminal.lines(text)[terminal.lines(text).index(first) + 1]
    assert following.startswith(" " * 9)
    assert max(len(line) for line in terminal.lines(text) if "/" not in line) <= 60


@pytest.mark.parametrize("start", ["", WITHOUT_RICH], ids=["rich", "plain"])
def test_what_doctor_finds_stays_in_its_column(home: Path, start: str) -> None:
    """On a narrow terminal a finding is wrapped below its beginning."""
    _, text = terminal.crashguard("doctor", columns=60, start=start)

    lines = [line for line in terminal.lines(text) if line and "waiting" not in line]
    assert max(len(line) for line in lines if "/" not in line) <= 60
    assert all(line[:8].strip() in ("ok", "-") or not line[:26].strip() for line in lines)
    assert any(not line[:26].strip() for line in lines)


@pytest.mark.slow
@pytest.mark.parametrize("start", ["", WITHOUT_RICH], ids=["rich", "plain"])
@pytest.mark.parametrize("arguments", ["status", "level none", "show", "send", "doctor", "demo"])
def test_what_is_pasted_is_in_one_piece(crash: Crash, arguments: str, start: str) -> None:
    """A terminal of 40 columns breaks neither a path, nor an address, nor a command: a paste would break, too."""
    crash(app="a-tool-with-a-name", dsn="http://key@127.0.0.1:9/a-project-with-a-rather-long-name/1")
    crash(app="another-tool-with-a-name")

    _, shown = terminal.crashguard(*arguments.split(), columns=40, start=start)

    lines = [_ID.sub("ID", line) for line in terminal.lines(shown)]
    pasted = _PASTED.findall(_ID.sub("ID", piped(*arguments.split())))
    assert pasted
    for each in pasted:
        assert any(each in line for line in lines), (each, shown)


_ID = re.compile(r"\b[0-9a-f]{8}\b")  # each run of the doctor and the demo has its own
_PASTED = re.compile(r"`[^`]+`|(?:~|https?:/)?/[^\s;:,]+|^ +\S*crashguard \S+(?: \S+)*", re.MULTILINE)


@pytest.mark.parametrize("name", ["", *crashguard.commands, "docs telemetry-page"])
def test_help_fits_a_terminal(name: str) -> None:
    """No line of any help is wrapped by a terminal of 80 columns, examples included."""
    status, text = terminal.crashguard(*name.split(), "--help")

    assert status == 0
    assert max(map(len, terminal.lines(text))) <= 80


def test_the_last_report_is_shown_without_an_id(crash: Crash) -> None:
    """`show` alone shows what happened last, of the named app where one is named."""
    crash("ValueError('first')")
    crash("ValueError('second')", app="other")

    assert piped("show").startswith("ValueError: second\n")
    assert piped("show", "--app", "demo").startswith("ValueError: first\n")


def test_nothing_to_show_is_said(home: Path) -> None:
    """Without reports `show` says that there is none, with status 1."""
    status, text = terminal.crashguard("show")

    assert status == 1
    assert "there is no report on this machine" in text


@pytest.mark.parametrize("arguments", ["show", "issue", "comment 'I was tired'", "list", "list --app demo"])
def test_where_a_no_keeps_none_it_is_said(run: Run, home: Path, arguments: str) -> None:
    """Who looks for a report of a crash that they saw, under a no, reads why there is none."""
    run(CRASH.format(app="demo", version="1", what="ValueError('lost')", dsn=None), env={"DO_NOT_TRACK": "1"})
    done = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m crashguard {arguments}"],
        env={"HOME": str(home), "PYTHONPATH": str(ROOT), "DO_NOT_TRACK": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert "telemetry level none (DO_NOT_TRACK) keeps none" in done.stdout + done.stderr


def test_single_reports_are_purged(crash: Crash) -> None:
    """`purge ID` deletes that report and no other; an id that is not there deletes nothing."""
    first, second, third = (crash(f"ValueError('{word}')", app=word) for word in ("one", "two", "three"))

    status, text = terminal.crashguard("purge", id_of(first), "ffffffff", "--yes")
    assert status == 1
    assert "no report's id begins with 'ffffffff'" in text
    assert first.exists()

    status, text = terminal.crashguard("purge", id_of(first), id_of(third), typed=b"y\n")
    assert status == 0
    assert "Delete 2 reports? [y/N]" in text
    assert "2 reports deleted." in text
    assert (first.exists(), second.exists(), third.exists()) == (False, True, False)


def test_a_purge_that_is_not_confirmed_deletes_nothing(crash: Crash) -> None:
    """Any answer but yes keeps the reports."""
    path = crash()

    status, _ = terminal.crashguard("purge", id_of(path), typed=b"\n")

    assert status == 1
    assert path.exists()


def test_ids_that_begin_alike_are_told_apart(crash: Crash) -> None:
    """A list on a narrow terminal shows as many digits as it takes, so that each can be given to `show`."""
    path = crash()
    event_id = path.stem.split("-")[-1]
    other = event_id[:9] + ("0" if event_id[9] != "0" else "1") + event_id[10:]
    path.with_name(path.name.replace(event_id, other)).write_bytes(
        path.read_bytes().replace(event_id.encode(), other.encode())
    )

    shown = {line.split()[0] for line in terminal.lines(terminal.crashguard("list")[1])[1:] if line}

    assert shown == {event_id[:10], other[:10]}
    assert {line.split()[0] for line in piped("list").splitlines()[1:]} == {event_id, other}
    assert piped("show", event_id[:10]).startswith("ValueError")


def test_programs_get_json(crash: Crash) -> None:
    """status, level, list and doctor answer in JSON; the numbers are those on the disk."""
    path = crash(dsn="http://key@127.0.0.1:9/1")

    status = json.loads(piped("status", "--json"))
    [listed] = json.loads(piped("list", "--json"))
    doctor = json.loads(piped("doctor", "--json"))

    assert status["apps"]["demo"]["reports"]["waiting"] == 1
    assert status["apps"]["demo"]["folder"] == str(path.parent.parent)
    assert status["apps"]["demo"]["destinations"] == ["http://127.0.0.1:9/1"]
    assert status["telemetry_level"] == json.loads(piped("level", "--json"))
    assert listed["id"].startswith(id_of(path))
    assert doctor["ok"] is True
    assert {"step": "telemetry level", "ok": True, "found": "all (default)"} in doctor["steps"]


@pytest.mark.parametrize("command", ["list", "show", "status", "list --json", "status --json", "show --json"])
def test_a_reader_may_leave_early(crash: Crash, command: str) -> None:
    """A pipe whose reader is gone gets no word on stderr, and is no error."""
    crash()

    done = subprocess.run(
        [
            str(shutil.which("bash")),
            "-c",
            f"set -o pipefail; {sys.executable} -m crashguard {command} | true",
        ],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        *((f"crashguard {name} ", "{id}") for name in ("show", "issue", "comment", "send", "purge")),
        *(
            (f"crashguard {name} --app ", "demo")
            for name in ("status", "level", "list", "show", "issue", "comment", "send", "purge")
        ),
        ("crashguard docs telemetry-page --app ", "demo"),
    ],
)
def test_completion_knows_ids_and_tools(crash: Crash, words: str, offered: str) -> None:
    """A shell offers the ids of the reports, and the names of the apps."""
    path = crash()

    done = subprocess.run(
        [sys.executable, "-c", "import crashguard.__main__ as m; m.main()"],
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "_CRASHGUARD_COMPLETE": "bash_complete",
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(words.split())),
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert f"plain,{offered.format(id=id_of(path))}" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["doctor"], "waiting for the server"),
        (["doctor", "--json"], "waiting for the server"),
        (["docs", "telemetry-page", "--app", "demo"], "reading reports"),
    ],
)
def test_long_work_shows_a_bar_on_a_terminal_only(
    monkeypatch: pytest.MonkeyPatch, home: Path, arguments: list[str], what: str
) -> None:
    """A bar shows that the command goes on; in a pipe, and without the extra `cli`, there is none."""
    with Server() as server:
        monkeypatch.setenv("CRASHGUARD_DSN", server.dsn)

        assert what in terminal.crashguard(*arguments)[1]
        assert what not in terminal.crashguard(*arguments, start=WITHOUT_RICH)[1]
        assert what not in piped(*arguments)
