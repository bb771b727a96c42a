"""What lies where our files should be and is none of ours holds nobody and stops nothing."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from crashguard.transport import hold
from tests.conftest import Run
from tests.servers import Server, eventually

CRASH = """\
import crashguard
crashguard.install(app="demo", version="1.0", dsn="http://key@127.0.0.1:9/1")
1 / 0
"""
REPORT = f"1763900000000-deadbeef-{'ab' * 16}.envelope"
PLACES = [
    *(f".local/state/crashguard/demo/{name}" for name in ("journal", "about", "lock", "backoff", "resumed")),
    *(
        f".local/state/crashguard/demo/{state}/{REPORT}"
        for state in ("recording", "waiting", "local", "sent")
    ),
    *(
        f".local/state/crashguard/demo/runs/{name}"
        for name in ("1763900000000-999999.run", "1763900000000-999999.native", "last")
    ),
    ".config/crashguard/demo/telemetry-level",
]


def pipe(path: Path) -> None:
    """Opening it waits for somebody at the other end."""
    os.mkfifo(path)


def endless(path: Path) -> None:
    """Reading it comes to no end."""
    path.symlink_to("/dev/zero")


COMMAND = "import sys; sys.argv[1:] = {!r}\nfrom crashguard.__main__ import main\nmain()"


def command_of(run: Run, command: str) -> str:
    """What a command of ours says on stderr."""
    return run(COMMAND.format(command.split())).stderr


@pytest.mark.slow
@pytest.mark.parametrize("make", [pipe, endless])
@pytest.mark.parametrize("of_a_file", [True, False], ids=["with-choice", "without"])
def test_pipes_and_devices_in_our_place(
    make: Callable[[Path], None], of_a_file: bool, home: Path, run: Run
) -> None:
    """A crash, and each command after it, ends as it should."""
    for place in PLACES[: None if of_a_file else -1]:
        (home / place).parent.mkdir(parents=True, exist_ok=True)
        make(home / place)

    assert 1 == run(CRASH).status
    for command in ("status", "list", "show", "doctor", "send", "purge --yes"):
        assert "Traceback" not in command_of(run, command), command


@pytest.mark.slow
@pytest.mark.parametrize(
    ("place", "content"),
    [
        (f"runs/1-{'9' * 30}.run", ""),
        (f"runs/{'9' * 40}-{'9' * 30}.native", "{}\nx"),
        (f"waiting/{'9' * 100}-deadbeef-{'ab' * 16}.envelope", ""),
        (f"recording/1763900000000-{'ab' * 16}-{'9' * 40}.envelope", ""),
        ("journal", f"{'9' * 5000} sent x y\n² sent x y\n"),
    ],
    ids=lambda value: value[:20],
)
def test_numbers_that_are_none(place: str, content: str, home: Path, run: Run) -> None:
    """What looks like a number, and is none that a pid or a time could be, breaks no start and no command."""
    path = home / ".local/state/crashguard/demo" / place
    path.parent.mkdir(parents=True)
    path.write_text(content)

    done = run(CRASH)
    assert (1, 1) == (done.status, done.stderr.count("Traceback"))
    assert "ZeroDivisionError" in done.stderr
    for command in ("status", "list", "send"):
        assert "Traceback" not in command_of(run, command)


@pytest.mark.parametrize("make", [pipe, Path.mkdir])
def test_what_lies_in_the_place_of_the_minutes_mark_holds_nothing(
    make: Callable[[Path], None], tmp_path: Path
) -> None:
    """Its date is of no minute of ours."""
    make(tmp_path / "first-report")
    assert not hold.is_held(str(tmp_path))


MAKE: "dict[str, Callable[[Path], None]]" = {
    "file": lambda path: path.write_text("mine") and None,
    "link": lambda path: path.symlink_to("/nowhere"),
    "pipe": pipe,
    "device": endless,
}
FOLDERS = ("recording", "waiting", "sent", "runs", "local", "suppressed")


@pytest.mark.slow
@pytest.mark.parametrize("what", MAKE)
@pytest.mark.parametrize("folder", FOLDERS)
def test_what_lies_in_the_place_of_a_folder_is_moved_away(
    home: Path, run: Run, folder: str, what: str
) -> None:
    """The report is kept and sent as ever, once, and the note says so; `status` names what lay there."""
    spool = home / ".local/state/crashguard/demo"
    spool.mkdir(parents=True, mode=0o700)
    MAKE[what](spool / folder)
    with Server() as server:
        crash = f'import crashguard\ncrashguard.install(app="demo", version="1.0", dsn="{server.dsn}", delivery="inline")\n'
        done = run(f"{crash}1 / 0\n")
        assert "or by the next run" in done.stderr
        assert "not used" not in done.stderr
        assert "elsewhere" not in done.stderr
        known = done.event["event_id"]
        run(crash)  # sends it, where the first one had no time to
        eventually(lambda: known in server.posted)
        run(f"{crash}1 / 0\n")  # the second of the day stays here, and is counted
        eventually(
            lambda: sorted(path.parent.name for path in spool.glob("*/*.envelope")) == ["local", "sent"]
        )
        assert {known} == set(server.posted)

    assert [f"{folder}."] == [path.name[:-8] for path in spool.glob("*.*")]
    program = "import sys; sys.argv[1:] = ['status']\nfrom crashguard.__main__ import main\nmain()"
    assert f"demo/{folder}." in "".join(run(program).stdout.split())


@pytest.mark.slow
def test_a_folder_in_the_place_of_a_file_is_moved_away(home: Path, run: Run) -> None:
    """Later runs are watched, a native death arrives, and outcomes are counted; `status` and `doctor` name the folders."""
    spool = home / ".local/state/crashguard/demo"
    for path in (spool / "runs/last", spool / "journal"):
        path.mkdir(parents=True, mode=0o700)
        (path / "mine").touch()
    for path in (spool, spool / "runs"):
        path.chmod(0o700)
    with Server() as server:
        install = f'import crashguard, os\ncrashguard.install(app="demo", version="1.0", dsn="{server.dsn}", note=False)\n'
        run(f"{install}os.kill(os.getpid(), 9)\n")
        run(f"{install}import ctypes\nctypes.string_at(0)\n")
        asked = run(f"{install}print(crashguard.last_run().verdict)\n").stdout
        eventually(lambda: server.types == ["SIGSEGV"], lambda: server.types)
        eventually(lambda: list(spool.glob("sent/*")))

    assert "crashed\n" == asked
    assert sorted(path.name[:-8] for path in spool.glob("*.*")) == ["journal.", "last."]
    assert all((path / "mine").exists() for path in spool.glob("*.*"))
    status = "".join(run(COMMAND.format(["status"])).stdout.split())
    for said in (status, "".join(run(COMMAND.format(["doctor"])).stdout.split())):
        assert "demo/journal." in said
        assert "demo/last." in said
    assert "1sent" in status


@pytest.mark.parametrize("mood", ["healthy", "500"])
def test_a_report_for_which_there_is_no_folder_leaves_once(home: Path, run: Run, mood: str) -> None:
    """It is sent from memory, and the minimal record goes with it; where that fails, the next run sends that."""
    waiting = home / ".local/state/crashguard/demo/waiting"
    waiting.mkdir(parents=True)
    waiting.parent.chmod(0o700)
    waiting.chmod(0o777)
    with Server(mood) as server:
        crash = f'import crashguard\ncrashguard.install(app="demo", version="1.0", dsn="{server.dsn}", delivery="inline")\n'
        done = run(f"{crash}1 / 0\n")

    assert "only type and functions could be kept" in done.stderr
    assert " now, or those by the next run" in done.stderr
    assert "A folder is not used: other users can write into" in done.stderr.replace("\n", " ")
    is_left = not server.stored
    assert is_left or mood == "healthy"
    assert ["recording"] * is_left == [path.parent.name for path in waiting.parent.glob("*/*.envelope")]
