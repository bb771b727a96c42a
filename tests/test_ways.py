"""Every way to die, as the table says it: what the user sees is as without us, and so many reports are there."""

import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from crashguard.recovery.recover import recover
from crashguard.spool import store
from crashguard.spool.store import Spool
from tests.conftest import COMPONENTS, PROGRAMS, ROOT, Finished, differs_on_pypy
from tests.programs.ways.table import WAYS, Way

FOLDER = PROGRAMS / "ways"
# Addresses, process numbers (3.15 has them in a sentence), and where a future was when its result came.
_DIFFERS = re.compile(r"0x[0-9a-f]+|(?<=pid=)\d+|(?<=Process )\d+|(?<=/_base\.py\", line )\d+")


def die(way: Way, home: Path, *, ours: bool, python: str = sys.executable) -> Finished:
    """Run a way's program to its end, with crashguard or with the stub that has its names only."""
    home.mkdir(exist_ok=True)
    command = [python, *_program(way), *way.arguments]
    done = subprocess.run(
        command,
        env={
            "HOME": str(home),
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": f"{ROOT if ours else FOLDER / 'without'}:{FOLDER}",
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        cwd=home,
        input=_stdin(way),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    return Finished(done.returncode, done.stdout, done.stderr, home / ".local/state/crashguard")


def _program(way: Way) -> Iterator[str]:
    source = FOLDER / f"{way.program}.py"
    if way.options == ("-c",):
        yield from ("-c", source.read_text())
    elif way.options == ("-m",):
        yield from ("-m", way.program)
    elif way.options == ("-",):
        yield "-"
    else:
        yield from (*way.options, str(source))


def _stdin(way: Way) -> str:
    return (FOLDER / f"{way.program}.py").read_text() if way.options == ("-",) else way.stdin


def reports_of(done: Finished) -> list[tuple[str, str]]:
    """(mechanism, type) of every report, minimal records of the dead included."""
    recover(Spool(str(done.state / "demo")))
    values = [event["exception"]["values"][-1] for event in done.events()]
    return sorted((value["mechanism"]["type"], value["type"]) for value in values)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "way", [way for way in WAYS if way.since <= sys.version_info], ids=lambda way: way.name
)
def test_a_way_to_die(way: Way, tmp_path: Path) -> None:
    """The same output and status as without us; as many reports as the table says, of that kind."""
    bare, ours = die(way, tmp_path / "bare", ours=False), die(way, tmp_path / "ours", ours=True)

    assert (bare.status, bare.stdout) == (ours.status, ours.stdout), ours.stderr
    here, there = (_DIFFERS.sub("*", text) for text in (ours.stderr, bare.stderr))
    assert there.replace(str(tmp_path / "bare"), "~") == here.replace(str(tmp_path / "ours"), "~")
    if way.program == "fork_storm":
        return
    assert sorted(way.reports) == reports_of(ours)
    assert way.minimal or all(event["contexts"]["crashguard"]["complete"] for event in ours.events())
    assert [] == ours.files(folder=store.RECORDING)
    if not way.reports:
        assert not ours.files()


def _of(program: str, *arguments: str) -> Way:
    return next(way for way in WAYS if way.program == program and way.arguments == arguments)


def test_every_program_has_its_row() -> None:
    """No program that nothing runs, no row without a program, no two rows alike."""
    assert {path.stem for path in FOLDER.glob("*.py")} - {"table", "marked"} == {way.program for way in WAYS}
    assert len(WAYS) == len({way.name for way in WAYS})


@differs_on_pypy("what a finalizer raises may come at the end, when it is lost")
def test_what_happens_again_and_again_is_one_report_that_counts(tmp_path: Path) -> None:
    """Three __del__ that raise at one place: one report, three occurrences, an error and not fatal."""
    event = die(_of("del"), tmp_path / "home", ours=True).event

    assert (3, "error") == (event["contexts"]["crashguard"]["occurrences"], event["level"])


@pytest.mark.parametrize("way", [_of("process_pool"), _of("pool", "spawn")], ids=lambda way: way.name)
def test_the_frames_of_a_worker_are_in_its_parents_report(way: Way, tmp_path: Path) -> None:
    """The printed traceback of the worker becomes frames; its text, with paths and source lines, stays."""
    done = die(way, tmp_path / "home", ours=True)
    remote = done.event["exception"]["values"][0]

    assert ("work", f"{way.program}.py", True) == tuple(
        remote["stacktrace"]["frames"][-1][key] for key in ("function", "filename", "in_app")
    )
    assert remote["type"].endswith("RemoteTraceback")
    assert "work" in done.event["fingerprint"][2]
    text = done.files()[0].read_text()
    assert "return 1 // number" in done.stderr
    assert "return 1 // number" not in text
    assert str(FOLDER) not in text


def test_the_signal_that_killed_a_worker_is_told(tmp_path: Path) -> None:
    """A pool that broke says what became of its workers."""
    assert "SIGKILL" in die(_of("worker_killed"), tmp_path / "home", ours=True).event["tags"]["children"]


@pytest.mark.slow
@pytest.mark.parametrize("round_", range(int(COMPONENTS.get("CRASHGUARD_STORM_ROUNDS", "1"))))
def test_a_storm_of_forks_under_a_reporting_thread_loses_no_child(tmp_path: Path, round_: int) -> None:
    """Sixty children a round, forked while a thread of the parent reports: each ends, and reports, once.

    A spool keeps a hundred reports, hence rounds: CRASHGUARD_STORM_ROUNDS=24 makes it 1,440 children.
    """
    done = die(_of("fork_storm", "60"), tmp_path / "home", ours=True)

    assert "60\n" == done.stdout, round_
    assert 60 == reports_of(done).count(("excepthook", "ValueError"))


@differs_on_pypy("its stack ends earlier than 50,000 frames")
def test_a_deep_stack_is_cut_in_the_middle(tmp_path: Path) -> None:
    """50,000 frames: both ends are there and the mark says how many are not."""
    frames = die(_of("deep_stack"), tmp_path / "home", ours=True).event["exception"]["values"][0][
        "stacktrace"
    ]["frames"]

    assert "<module>" == frames[0]["function"]
    assert len(frames) < 250
    assert any("49,7" in frame["function"] or "497" in frame["function"] for frame in frames)


def test_a_spawned_child_has_its_parents_settings(tmp_path: Path) -> None:
    """Release, telemetry level from the flag and packages reach a child that is a new interpreter."""
    program = tmp_path / "program.py"
    program.write_text(
        "import multiprocessing, crashguard\n"
        "def work():\n    raise ValueError('child')\n"
        "if __name__ == '__main__':\n"
        "    crashguard.install(app='demo', version='9.9', note=False, telemetry_level='errors', environment='test')\n"
        "    child = multiprocessing.get_context('spawn').Process(target=work)\n"
        "    child.start(); child.join()\n"
    )
    done = subprocess.run(
        [sys.executable, str(program)],
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    event = Finished(done.returncode, "", "", tmp_path / ".local/state/crashguard").event
    about = event["contexts"]["crashguard"]
    assert ("demo@9.9", "test") == (event["release"], event["environment"])
    assert ("errors", "--telemetry-level") == (about["telemetry_level"], about["telemetry_level_source"])


def test_a_refusal_travels_to_spawned_children(tmp_path: Path) -> None:
    """At `none` nothing is passed on to children, and neither program nor child writes a file."""
    program = tmp_path / "program.py"
    program.write_text(
        (FOLDER / "process.py").read_text().replace("note=False", "note=False, telemetry_level='none'")
    )
    subprocess.run(
        [sys.executable, str(program), "spawn"],
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
    )
    assert not (tmp_path / ".local").exists()


@pytest.mark.parametrize(
    ("options", "taken", "reports"),
    [
        ("ro", 0, 0),
        ("size=40k", 40, 0),
        ("size=12k", 0, 1),
    ],
    ids=["read-only", "full", "room-for-a-page"],
)
def test_a_disk_that_takes_little_or_nothing_disturbs_nobody(
    options: str, taken: int, reports: int, tmp_path: Path
) -> None:
    """On a real file system that is read-only or full: the same end as without us; what fits is recorded."""
    isolated = ["unshare", "--mount", "--map-root-user"]
    if subprocess.run([*isolated, "true"], capture_output=True, check=False).returncode:
        return  # no mount namespaces for this user: there is no such disk to be had
    ends = []
    for ours in (False, True):
        home = tmp_path / ("ours" if ours else "bare")
        (home / ".local").mkdir(parents=True)
        script = (
            f'mount -t tmpfs -o {options} none "$HOME/.local"\n'
            f'head -c {taken}k /dev/zero > "$HOME/.local/taken" 2>/dev/null\n'
            f'"{sys.executable}" "{FOLDER / "main.py"}"\n'
            "echo $?\n"
            'find "$HOME/.local" -name "*.envelope" -size +0 | wc -l\n'
        )
        ends.append(
            subprocess.run(
                [*isolated, "sh", "-c", script],
                env={
                    "HOME": str(home),
                    "PATH": "/usr/bin:/bin:/usr/sbin:/sbin",
                    "PYTHONPATH": str(ROOT if ours else FOLDER / "without"),
                    "PYTHONDONTWRITEBYTECODE": "1",
                },
                cwd=home,
                capture_output=True,
                text=True,
                timeout=60,
                check=True,
            )
        )
    bare, ours = ends
    assert ("1\n0\n", f"1\n{reports}\n") == (bare.stdout, ours.stdout)
    assert bare.stderr.replace("/bare/", "/ours/") == ours.stderr


def test_a_typo_at_the_prompt_of_a_terminal_is_no_crash(tmp_path: Path) -> None:
    """A real prompt on a real terminal: what is shown is as without us, and nothing is recorded."""
    shown = []
    for name, path in (("bare", FOLDER / "without"), ("ours", ROOT)):
        home = tmp_path / name
        home.mkdir()
        leader, follower = pty.openpty()
        typed = (
            "import crashguard; crashguard.install(app='demo', version='1.0', note=False)\n1 / 0\nexit(3)\n"
        )
        os.write(leader, typed.encode())
        process = subprocess.Popen(
            [sys.executable, "-q"],
            env={"HOME": str(home), "PATH": "/usr/bin:/bin", "PYTHON_BASIC_REPL": "1", "TERM": "dumb"},
            cwd=path,
            stdin=follower,
            stdout=follower,
            stderr=follower,
        )
        os.close(follower)
        text = b""
        try:
            while chunk := os.read(leader, 65536):
                text += chunk
        except OSError:
            pass  # nobody has the other end any more
        os.close(leader)
        assert 3 == process.wait()
        shown.append(text.decode())
        assert not [*home.rglob("*.envelope")]
    assert "ZeroDivisionError" in shown[0]
    assert sorted(shown[0].splitlines()) == sorted(shown[1].splitlines())
