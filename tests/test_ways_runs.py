"""How a run ended, told to the next one: markers, and what faulthandler wrote."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from crashguard import paths
from crashguard.recovery import last_run
from crashguard.recovery.recover import recover
from crashguard.report import envelope
from crashguard.spool import journal, store
from crashguard.spool.store import Spool
from tests.conftest import PROGRAMS, ROOT, Finished

FOLDER = PROGRAMS / "ways"


def start(home: Path, program: str, *arguments: str, **env: str) -> Finished:
    """Run a program of the ways to its end."""
    done = subprocess.run(
        [sys.executable, str(FOLDER / f"{program}.py"), *arguments],
        env={"HOME": str(home), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), **env},
        cwd=home,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Finished(done.returncode, done.stdout, done.stderr, home / ".local/state/crashguard")


def verdict_after(home: Path, *arguments: str) -> str:
    """The verdict of a next run on one that ended as `arguments` say."""
    start(home, "marked", *arguments)
    told = start(home, "marked", "clean").stdout
    found = re.match(r"LastRun\('(\w+)'", told)
    return found[1] if found else told.strip()


@pytest.mark.parametrize(
    ("end", "verdict"),
    [
        (("clean",), "clean"),
        (("exit",), "clean"),
        (("SIGINT",), "clean"),
        (("crash",), "crashed"),
        (("SIGSEGV", "native"), "crashed"),
        (("SIGSEGV",), "killed"),
        (("SIGKILL",), "killed"),
        (("SIGTERM",), "killed"),
        (("os-exit",), "killed"),
        (("fork",), "clean"),
    ],
    ids="-".join,
)
def test_the_next_run_knows_how_the_last_one_ended(home: Path, end: tuple[str, ...], verdict: str) -> None:
    """Clean, crashed or killed; the verdict is about the last run, not about an earlier one."""
    assert verdict == verdict_after(home, *end)
    assert "clean" == verdict_after(home, "clean")


def test_the_first_run_knows_nothing(home: Path) -> None:
    """There was no run before: None."""
    assert "None\n" == start(home, "marked", "clean").stdout


def test_the_verdict_names_the_report(home: Path) -> None:
    """After a crash the next run has the id of its report, to show or to send."""
    start(home, "marked", "crash")
    done = start(home, "marked", "clean")

    assert f"event_id='{done.event['event_id']}'" in done.stdout


def test_a_killed_run_is_counted_once(home: Path) -> None:
    """The journal, which stats are made of, holds one line for it."""
    root = str(start(home, "marked", "SIGKILL").state / "demo")
    for _ in range(2):
        start(home, "marked", "clean")

    assert 1 == [outcome for _, outcome, _, _ in journal.entries(root)].count(last_run.KILLED)


def test_a_pid_that_was_given_again_is_no_live_run(home: Path) -> None:
    """A marker of a pid that belongs to a younger process now: that run is over."""
    folder = start(home, "marked", "clean").state / "demo" / paths.RUNS
    (folder / f"1000-{os.getpid()}.run").write_text("1000")

    assert "LastRun('killed', started=1.0" in start(home, "marked", "clean").stdout


def test_a_run_that_still_goes_on_is_left_alone(home: Path) -> None:
    """Two at once: the marker of the one that lives stays."""
    folder = start(home, "marked", "clean").state / "demo" / paths.RUNS
    alive = folder / f"99999999999999-{os.getpid()}.run"
    alive.write_text("99999999999999")

    assert "LastRun('clean'" in start(home, "marked", "clean").stdout
    assert alive.exists()


def test_a_run_without_markers_leaves_none(home: Path) -> None:
    """They are there for hosts that ask, and a clean end leaves one small file."""
    state = start(home, "marked", "clean", "native").state
    assert [paths.LAST] == os.listdir(state / "demo" / paths.RUNS)


def test_markers_work_at_none_and_tell_nothing(home: Path) -> None:
    """At the telemetry level none the host still learns of its last end; a crash leaves no report."""
    for end in ("crash", "clean"):
        done = start(home, "marked", end, DEMO_TELEMETRY_LEVEL="none")

    assert "LastRun('clean'" in done.stdout
    assert [] == done.files()


def native_event(home: Path, signal: str = "SIGSEGV", **env: str) -> Finished:
    done = start(home, "native", signal, **env)
    recover(Spool(str(done.state / "demo")))
    return done


def test_a_fatal_signal_is_reported_with_all_threads(home: Path) -> None:
    """Signal, functions and lines of every thread; no path, no string of the process."""
    done = native_event(home)
    event = done.event

    assert -11 == done.status
    [value] = event["exception"]["values"]
    assert ["<module>", "dies"] == [frame["function"] for frame in value["stacktrace"]["frames"]]
    assert {"filename": "native.py", "in_app": True} == {
        key: value["stacktrace"]["frames"][-1][key] for key in ("filename", "in_app")
    }
    threads = event["threads"]["values"]
    assert [False, True] == sorted(thread["crashed"] for thread in threads)
    assert any(f["function"] == "waits" for thread in threads for f in thread["stacktrace"]["frames"])
    text = done.files()[0].read_text()
    assert str(FOLDER) not in text
    assert sys.prefix not in text
    assert [] == list((done.state / "demo" / paths.RUNS).glob("*.native"))


def test_a_native_death_of_a_healthy_level_only(home: Path) -> None:
    """At `stats` and `none` nothing listens and nothing is written."""
    assert not start(home, "native", "SIGSEGV", DEMO_TELEMETRY_LEVEL="stats").state.exists()


def test_a_no_deletes_what_a_native_death_left(home: Path) -> None:
    """The death was written down under a yes; a later no takes it away before it becomes a report."""
    folder = start(home, "native", "SIGSEGV").state / "demo" / paths.RUNS
    assert 2 == len(list(folder.iterdir()))
    start(home, "thread", DEMO_TELEMETRY_LEVEL="none")

    assert not folder.exists()


def test_a_broken_native_file_is_set_aside(home: Path) -> None:
    """Whatever lies there: recovery goes on, nothing is executed, nothing is raised."""
    folder = home / ".local/state/crashguard/demo" / paths.RUNS
    folder.mkdir(parents=True)
    death = "Fatal Python error: Segmentation fault\n"
    (folder / "1000-1.native").write_text("__import__('os').abort()\n" + death)
    (folder / "1001-1.native").write_text("{}\n" + death)
    (folder / "1002-1.native").write_bytes(b"\xff\n" + death.encode())
    (folder / "1003-1.native").write_text("{'no': 'death'}\nhello\n")
    spool = Spool(str(folder.parent))
    recover(spool)

    assert [] == list(folder.iterdir())
    assert [] == [name for state in store.KEPT for name in spool.names(state)]


def test_a_native_report_is_an_envelope_that_goes_out(home: Path, tmp_path: Path) -> None:
    """With a destination it waits to be sent; in a process that runs a plugin that is not official, never."""
    program = tmp_path / "host.py"
    program.write_text(
        "import crashguard, signal, sys\n"
        "crashguard.install(app='demo', version='1.0', note=False, native=True, dsn='http://k@127.0.0.1:9/1',"
        " delivery='deferred')\n"
        "if sys.argv[1] == 'foreign':\n"
        "    crashguard.guard(plugin=crashguard.Plugin('acme', 'source', 'x', '1'))\n"
        "signal.raise_signal(signal.SIGSEGV)\n"
    )
    for which in ("own", "foreign"):
        where = tmp_path / which
        where.mkdir()
        subprocess.run(
            [sys.executable, str(program), which],
            env={"HOME": str(where), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
            check=False,
            timeout=60,
        )
        spool = Spool(str(where / ".local/state/crashguard/demo"))
        recover(spool)
        states = {state: len(spool.names(state)) for state in (store.WAITING, store.LOCAL)}
        assert {store.WAITING: which == "own", store.LOCAL: which == "foreign"} == states
        [path] = (where / ".local/state/crashguard/demo").glob("*/*.envelope")
        header, event = envelope.unseal(path.read_bytes())
        assert (which == "own") == ("dsn" in header)
        assert json.dumps(event)


def test_install_again_keeps_the_marker_and_the_verdict(home: Path, tmp_path: Path) -> None:
    """A second install(), after the command line was parsed, is the same run."""
    program = tmp_path / "twice.py"
    program.write_text(
        "import crashguard\n"
        "for level in (None, 'errors'):\n"
        "    crashguard.install(app='demo', version='1', markers=True, native=True, telemetry_level=level)\n"
        "    print(crashguard.last_run(), end=' ')\n"
    )
    start(home, "marked", "SIGKILL")
    env = {"HOME": str(home), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, str(program)], env=env, capture_output=True, text=True, check=True)

    assert 2 == done.stdout.count("LastRun('killed'")
    assert [paths.LAST] == os.listdir(home / ".local/state/crashguard/demo" / paths.RUNS)


def test_a_native_death_that_became_a_report_is_a_crash_and_no_kill(home: Path) -> None:
    """Whoever recovers the dead process first: the next run is told that the last one crashed, and in which report."""
    done = native_event(home)

    next_run = start(home, "marked", "clean").stdout

    assert "LastRun('crashed', started=" in next_run
    assert f"event_id='{done.event['event_id']}'" in next_run


@pytest.mark.parametrize(
    "end", [("clean",), ("clean", "everywhere"), ("uninstall",), ("uninstall", "everywhere")]
)
def test_a_host_that_closes_all_descriptors_keeps_its_own(home: Path, end: tuple[str, ...]) -> None:
    """What is open under our number by then is not ours: it is not closed, and a clean end stays one."""
    assert 0 == start(home, "closes_all", *end).status

    assert "None\n" == start(home, "marked", "clean").stdout


def test_no_stack_is_written_into_a_file_of_the_host(home: Path) -> None:
    """After a daemon closed all descriptors its first file does not get our number."""
    assert -signal.SIGSEGV == start(home, "closes_all", "SIGSEGV").status

    assert b"" == (home / "database").read_bytes()
