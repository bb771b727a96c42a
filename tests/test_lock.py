"""The lock of a spool: who gets it, who does not keep it, and what may lie in its place."""

import os
import socket
import stat
from pathlib import Path

import pytest

from crashguard.spool.lock import Lock, in_its_place, is_held
from tests.conftest import Run
from tests.servers import Server, eventually


def test_a_forked_child_does_not_keep_the_lock(tmp_path: Path) -> None:
    """A worker that was forked while its parent sent lives on; the next sender gets the lock all the same."""
    with Lock(str(tmp_path)) as mine:
        assert mine
        reads, writes = os.pipe()
        child = os.fork()
        if not child:
            os.close(writes)
            os.read(reads, 1)
            os._exit(0)
    with Lock(str(tmp_path)) as again:
        assert again
    os.close(writes)
    os.close(reads)
    os.waitpid(child, 0)


@pytest.mark.parametrize("what", ["folder", "link", "link to a device", "pipe", "socket", "device"])
def test_what_lies_in_the_place_of_the_lock_does_not_stop_delivery(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """It is moved out of the way, untouched."""
    place = tmp_path / "lock"
    if what == "folder":
        place.mkdir()
        (place / "precious").write_text("x")
    elif what == "pipe":
        os.mkfifo(place)
    elif what == "socket":
        monkeypatch.chdir(tmp_path)  # a path of a socket is short
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(place.name)
    elif what == "device":
        try:
            os.mknod(place, stat.S_IFCHR | 0o600, os.makedev(1, 5))  # /dev/zero
        except PermissionError:
            pytest.skip("only root makes devices")
    else:
        place.symlink_to("/dev/zero" if what == "link to a device" else tmp_path / "elsewhere")
    assert not is_held(str(tmp_path))
    assert [str(place)] == in_its_place(str(tmp_path))
    with Lock(str(tmp_path)) as mine:
        assert mine
    assert place.is_file()
    assert not (tmp_path / "elsewhere").exists()
    assert 2 == len(list(tmp_path.glob("lock*")))
    assert 1 == len(in_its_place(str(tmp_path)))


@pytest.mark.slow
@pytest.mark.parametrize("command", ["status", "doctor"])
@pytest.mark.parametrize("below", ["", "stats-anonymous"])
def test_the_commands_name_what_lies_in_the_place_of_a_lock(
    home: Path, run: Run, command: str, below: str
) -> None:
    """Before it is moved away and after, of reports and of stats."""
    root = home / ".local/state/crashguard/demo" / below
    root.mkdir(parents=True, mode=0o700)
    os.mkfifo(root / "lock")
    program = f"import sys; sys.argv[1:] = [{command!r}]\nfrom crashguard.__main__ import main\nmain()"
    environment = {"DEMO_TELEMETRY_LEVEL": "none", "CRASHGUARD_DOCTOR_TELEMETRY_LEVEL": "none"}

    assert "lock is no file of crashguard's" in " ".join(run(program, env=environment).stdout.split())
    with Lock(str(root)):
        pass
    assert "is no file of crashguard's" in " ".join(run(program, env=environment).stdout.split())


@pytest.mark.slow
@pytest.mark.parametrize("name", ["resumed", "backoff", "lock", "journal", "about"])
def test_a_pipe_in_the_place_of_a_file_does_not_keep_reports_from_the_next_run(
    home: Path, run: Run, name: str
) -> None:
    """What was left goes with the next run all the same."""
    with Server() as server:
        install = f"import crashguard\ncrashguard.install(app='demo', version='1', dsn={server.dsn!r}"
        run(f"{install}, delivery='deferred')\n1 / 0\n")
        place = home / ".local/state/crashguard/demo" / name
        place.unlink(missing_ok=True)
        os.mkfifo(place)
        os.utime(place, (0, 0))  # the minute of `resumed` is over
        run(f"{install})\n")
        eventually(lambda: len(server.posted) == 1)
