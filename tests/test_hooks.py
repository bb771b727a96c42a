"""The hooks, in real processes: what the user sees stays as it was, and the report is there."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from crashguard import ConfigurationError, DSNError, TelemetryLevelError, capture
from crashguard.capture import handover
from crashguard.client import current_config
from crashguard.spool import store
from crashguard.spool.store import Spool
from tests.conftest import ROOT, Run, differs_on_pypy

INSTALL = "import crashguard\ncrashguard.install(app='demo', version='1.0')\n"
QUIET = "import crashguard\ncrashguard.install(app='demo', version='1.0', note=False)\n"


def without_us(program: str) -> str:
    """The same program, line for line, without crashguard."""
    return program.replace("import crashguard\n", "pass\n", 1).replace(
        program.splitlines()[1] + "\n", "pass\n", 1
    )


def same_but_for_the_report(run: Run, program: str, **options: Any) -> list[dict[str, Any]]:
    """Run it with and without us: stdout, stderr and exit status must be equal. Returns the reports."""
    ours, bare = run(program, **options), run(without_us(program), **options)

    assert (bare.status, bare.stdout, bare.stderr) == (ours.status, ours.stdout, ours.stderr)
    return ours.events()


def test_a_crash_is_reported_and_looks_as_it_would_without(run: Run) -> None:
    """The traceback to the byte, the exit status, one report."""
    [event] = same_but_for_the_report(run, QUIET + "def f():\n    return 1 / 0\nf()\n")

    assert ("fatal", "demo@1.0") == (event["level"], event["release"])
    [value] = event["exception"]["values"]
    assert ("ZeroDivisionError", "excepthook", False) == (
        value["type"],
        value["mechanism"]["type"],
        value["mechanism"]["handled"],
    )
    assert ["<module>", "f"] == [frame["function"] for frame in value["stacktrace"]["frames"]]


def test_the_note_follows_the_traceback(run: Run) -> None:
    """Where the report is, whether and why it is sent, how to see it, how to say no."""
    done = run(INSTALL + "1 / 0\n")
    [report] = done.events()

    traceback, _, note = done.stderr.partition("\n\n")
    assert traceback.endswith("ZeroDivisionError: division by zero")
    assert note.startswith("demo crashed. ")
    assert "It is not sent: no destination is configured." in note
    assert f"show {report['event_id'][:8]}" in note
    assert "DEMO_TELEMETRY_LEVEL=none" in note


def test_the_note_names_server_level_and_source(run: Run) -> None:
    """With a destination the note says where to and on whose word; the key is not shown."""
    program = INSTALL.replace(
        "version='1.0'", "version='1.0', dsn='http://k3y@127.0.0.1:9/1', delivery='deferred'"
    )
    done = run(program + "1 / 0\n")

    assert "It is sent to 127.0.0.1:9 by the next run: telemetry level all, the default." in done.stderr
    assert "k3y" not in done.stderr
    assert 1 == len(done.files(folder="waiting"))


def test_the_host_may_replace_the_note(run: Run) -> None:
    """A callable gets the text and returns another, or none."""
    program = INSTALL.replace("version='1.0'", "version='1.0', note=lambda text: f'[{len(text) > 80}]\\n'")

    assert run(program + "1 / 0\n").stderr.endswith("division by zero\n[True]\n")


@pytest.mark.parametrize("level", ["none", "stats"])
def test_off_leaves_no_trace(run: Run, level: str) -> None:
    """At none and stats a crash writes nothing at all."""
    done = run(INSTALL + "1 / 0\n", env={"DEMO_TELEMETRY_LEVEL": level})

    assert (1, False) == (done.status, done.state.exists())
    assert done.stderr.endswith("ZeroDivisionError: division by zero\n")


def test_a_clean_run_leaves_no_trace(run: Run) -> None:
    """Nothing happens, no file is left."""
    done = run(INSTALL + "print('ok')\n")

    assert (0, "ok\n", "", []) == (done.status, done.stdout, done.stderr, done.left)


def test_a_wrong_variable_is_one_line_and_no_report(run: Run) -> None:
    """A telemetry level that cannot be read: told once, the program goes on, nothing is recorded."""
    done = run(INSTALL + "print('ok')\n1 / 0\n", env={"DEMO_TELEMETRY_LEVEL": "NONE"})

    first, _, rest = done.stderr.partition("\n")
    assert (
        "crashguard: DEMO_TELEMETRY_LEVEL: 'NONE' is not a telemetry level; choose one of none, stats"
        in first
    )
    assert (1, "ok\n", False) == (done.status, done.stdout, done.state.exists())
    assert rest.startswith("Traceback")


def test_a_thread_is_reported(run: Run) -> None:
    """An exception that ends a thread; the program goes on and ends well."""
    program = (
        QUIET
        + "import threading\nt = threading.Thread(target=lambda: 1 / 0)\nt.start()\nt.join()\nprint('on')\n"
    )
    ours, bare = run(program), run(without_us(program))

    name = re.compile(r"Thread-\d+ \(<lambda>\)")
    assert (0, "on\n") == (ours.status, ours.stdout)
    assert name.sub("T", bare.stderr) == name.sub("T", ours.stderr)
    assert "threading" == ours.event["exception"]["values"][0]["mechanism"]["type"]


def test_a_thread_that_exits_is_silent(run: Run) -> None:
    """SystemExit in a thread ends the thread and nothing else."""
    program = QUIET + "import threading, sys\nt = threading.Thread(target=sys.exit)\nt.start()\nt.join()\n"

    assert [] == same_but_for_the_report(run, program)


@pytest.mark.parametrize(
    "ending",
    [
        "raise KeyboardInterrupt",
        "raise SystemExit(3)",
        "import sys\nsys.exit('message')",
        "raise GeneratorExit",
        "import asyncio\nraise asyncio.CancelledError",
        "import argparse\np = argparse.ArgumentParser(prog='x')\np.parse_args(['--no'])",
    ],
)
def test_what_is_not_a_crash_is_silent(run: Run, ending: str) -> None:
    """Ctrl-C, exits, cancellation, usage errors: same output, same status, no report."""
    assert [] == same_but_for_the_report(run, QUIET + ending + "\n")


def test_a_closed_stdout_pipe_is_silent(home: Path, tmp_path: Path) -> None:
    """`tool | head`: the reader went away, and that is no crash."""
    program = tmp_path / "chatty.py"
    program.write_text(QUIET + "for n in range(100_000):\n    print('line', n)\n")
    done = subprocess.run(
        ["/bin/sh", "-c", f'"{sys.executable}" "{program}" | head -1'],
        env={"HOME": str(home), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert "line 0\n" == done.stdout
    assert "BrokenPipeError" in done.stderr
    assert [] == [path for path in home.rglob("*") if path.is_file()]


def test_a_previous_hook_runs_first_and_once(run: Run) -> None:
    """What was hooked before still speaks, before us."""
    program = (
        "import sys\nsys.excepthook = lambda *args: print('mine', args[1], file=sys.stderr)\n"
        + INSTALL.replace("import crashguard\n", "import crashguard;")
        + "1 / 0\n"
    )
    done = run(program)

    assert done.stderr.startswith("mine division by zero\n\ndemo crashed.")
    assert 1 == len(done.events())


@differs_on_pypy("its words for a hook that raises are others")
def test_a_previous_hook_that_raises_is_shown_as_python_shows_it(run: Run) -> None:
    """CPython's own words for a broken hook, to the byte, and the report all the same."""
    program = QUIET + "1 / 0\n"
    before = "import sys\ndef broken(*args):\n    raise LookupError('hook')\nsys.excepthook = broken\n"
    ours, bare = run(before + program), run(before + "pass\npass\n1 / 0\n")

    assert (bare.status, bare.stderr) == (ours.status, ours.stderr)
    assert "ZeroDivisionError" == ours.event["exception"]["values"][-1]["type"]


@pytest.mark.parametrize(
    "last",
    [
        "import os\n    os._exit(7)",
        pytest.param("raise SystemExit(7)", marks=differs_on_pypy("that ends its hook and not the process")),
    ],
)
def test_a_previous_hook_that_ends_the_process_does_not_lose_the_crash(run: Run, last: str) -> None:
    """os._exit in the previous hook: its status counts, and the minimal record is on disk."""
    program = f"import sys\ndef last(*args):\n    {last}\nsys.excepthook = last\n" + QUIET + "1 / 0\n"
    done = run(program)

    assert 7 == done.status
    assert "ZeroDivisionError" == done.event["exception"]["values"][-1]["type"]


@differs_on_pypy("it has no `_thread._excepthook`")
def test_uninstall_puts_everything_back(run: Run) -> None:
    """The hooks of before are there again, in threading too whenever it was imported."""
    program = (
        "import sys, _thread\nbefore = (sys.excepthook, _thread._excepthook)\n"
        "import crashguard\ncrashguard.install(app='demo', version='1.0')\n"
        "import threading\nassert threading.excepthook is not before[1]\n"
        "crashguard.install(app='demo', version='1.1')\n"
        "crashguard.uninstall()\n"
        "assert (sys.excepthook, _thread._excepthook) == before\n"
        "assert threading.excepthook is threading.__excepthook__ is before[1]\n"
        "1 / 0\n"
    )
    done = run(program)

    assert done.stderr.endswith("    1 / 0\n    ~~^~~\nZeroDivisionError: division by zero\n")
    assert [] == done.left


def test_a_hook_set_over_ours_survives_uninstall(run: Run) -> None:
    """Somebody chained on top of us: they stay, and calling us from there does nothing any more."""
    program = (
        "import sys\n" + INSTALL + "ours = sys.excepthook\n"
        "def top(*args):\n    print('top', file=sys.stderr)\n    ours(*args)\n"
        "sys.excepthook = top\ncrashguard.uninstall()\nassert sys.excepthook is top\n1 / 0\n"
    )
    done = run(program)

    assert done.stderr.startswith("top\nTraceback")
    assert [] == done.left


def test_installing_again_over_somebody_elses_hook_reports_once(run: Run) -> None:
    """install, another chaining hook, install: no recursion, one traceback, one report, one note."""
    program = (
        "import sys\n" + INSTALL + "below = sys.excepthook\nsys.excepthook = lambda *args: below(*args)\n"
        "crashguard.install(app='demo', version='1.0')\n1 / 0\n"
    )
    done = run(program)

    assert (1, 1, 1) == (
        len(done.events()),
        done.stderr.count("Traceback"),
        done.stderr.count("demo crashed"),
    )


def test_an_interactive_session_is_left_alone(home: Path) -> None:
    """python -i and the prompt: a typing error is not a crash."""
    done = subprocess.run(
        [sys.executable, "-i"],
        input=f"{INSTALL}1 / 0\n",
        env={"HOME": str(home), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert "division by zero" in done.stderr
    assert [] == [*home.rglob("*.envelope")]


@differs_on_pypy("the status is 120 where stderr is a full disk, and it says `debug:` of one that is closed")
@pytest.mark.parametrize("stderr", ["None", "open('/dev/full', 'w', buffering=1)", "Closed()"])
def test_a_stderr_that_is_of_no_use_changes_nothing(run: Run, stderr: str) -> None:
    """stderr None, full or closed: no second traceback, the same status, and the report is there."""
    program = (
        "import sys, io\nclass Closed(io.StringIO):\n    def __init__(self):\n        super().__init__(); self.close()\n"
        f"sys.stderr = {stderr}\n"
    )
    ours, bare = run(program + INSTALL + "1 / 0\n"), run(program + "pass\npass\n1 / 0\n")

    numbers = re.compile(r": (0x)?[0-9a-f]+\n")  # CPython prints addresses and reference counts
    assert (bare.status, bare.stdout) == (ours.status, ours.stdout)
    assert numbers.sub(": N\n", bare.stderr) == numbers.sub(": N\n", ours.stderr)
    assert 1 == len(ours.events())


def test_no_home_at_all(run: Run, tmp_path: Path) -> None:
    """Without a usable home the spool lies in a private folder under the temporary directory."""
    import os

    done = run(INSTALL + "1 / 0\n", env={"HOME": "/nonexistent", "TMPDIR": str(tmp_path)})

    [file] = (tmp_path / f"crashguard-{os.geteuid()}").glob("demo/local/*.envelope")
    assert 1 == done.status
    assert f"show {file.stem[-32:][:8]}" in done.stderr


@pytest.mark.parametrize("where", ["a file", "read-only"])
def test_a_home_that_cannot_be_written(run: Run, home: Path, tmp_path: Path, where: str) -> None:
    """The report lies in a private folder under the temporary directory, and the command finds it there."""
    import os

    env = {"TMPDIR": str(tmp_path)}
    if where == "a file":
        (home / ".local").write_text("")
    else:
        env["XDG_STATE_HOME"] = "/proc/self"
    done = run(INSTALL + "1 / 0\n", env=env)

    [file] = (tmp_path / f"crashguard-{os.geteuid()}").glob("demo/local/*.envelope")
    assert 1 == done.status
    assert f"show {file.stem[-32:][:8]}" in done.stderr


def test_a_full_disk(run: Run) -> None:
    """Every write fails with ENOSPC: the crash looks as it would without us, no temporary file stays."""
    program = (
        QUIET + "import os\nreal = os.write\n"
        "def full(fd, data):\n"
        "    if fd > 2: raise OSError(28, 'No space left on device')\n"
        "    return real(fd, data)\n"
        "import posix\nposix.write = full\n1 / 0\n"
    )
    done = run(program)

    assert 1 == done.status
    assert done.stderr.endswith("ZeroDivisionError: division by zero\n")
    assert [] == [path for path in done.state.rglob("*") if path.is_file() and path.stat().st_size]


def test_a_crash_in_our_own_pipeline_leaves_the_minimal_record(run: Run) -> None:
    """When describing fails, the words that were written first remain, without any message."""
    program = (
        QUIET + "import crashguard.report.event as event\n"
        "def broken(*args, **kwargs): raise MemoryError\n"
        "event.describe = broken\nraise ValueError('password=hunter2')\n"
    )
    done = run(program)

    assert (1, False) == (done.status, done.event["contexts"]["crashguard"]["complete"])
    assert "ValueError" == done.event["exception"]["values"][0]["type"]
    assert "hunter2" not in done.files()[0].read_text()


def test_an_emptied_module_table_leaves_the_minimal_record(run: Run) -> None:
    """Nothing can be imported any more: what was prepared at the start still works."""
    done = run(QUIET + "import sys\nsys.path.clear()\nsys.meta_path.clear()\nraise ValueError('x')\n")

    assert 1 == done.status
    assert "ValueError" == done.event["exception"]["values"][0]["type"]


def test_the_users_own_file_is_not_named(run: Run, tmp_path: Path) -> None:
    """A module that is neither tool, plugin, distribution nor standard library is <external>."""
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "acme_secret_rules.py").write_text(
        "class AcmeError(Exception): pass\ndef merge_with_globex(): raise AcmeError('deal')\n"
    )
    more = "import sys\nsys.path.insert(0, 'rules')\n"
    done = run(QUIET + more + "import acme_secret_rules\nacme_secret_rules.merge_with_globex()\n")

    text = done.files()[0].read_text()
    assert not re.search("acme|globex|Acme", text)
    frames = done.event["exception"]["values"][0]["stacktrace"]["frames"]
    assert ["<module>", "<external>"] == [frame["function"] for frame in frames]


def test_what_is_private_on_this_machine_stays_here(run: Run, home: Path) -> None:
    """Home, secret-looking variables, values of secret-named locals: in the message, not in the report."""
    program = (
        QUIET + "import os\ndef login(user, password):\n"
        "    raise RuntimeError(f'cannot log in with {password} at {os.path.expanduser(\"~\")}/x, ' + os.environ['ACME_TOKEN'])\n"
        "login('u', 'correct horse battery')\n"
    )
    done = run(program, env={"ACME_TOKEN": "zq81-PLMN-00aa"})

    assert "correct horse battery" in done.stderr
    text = done.files()[0].read_text()
    for private in ("correct horse", "zq81-PLMN", str(home), home.name + "/x"):
        assert private not in text, private
    assert "cannot log in with [scrubbed:" in text


def test_the_minimal_record_does_not_stay(run: Run) -> None:
    """It is replaced by the full report."""
    done = run(QUIET + "1 / 0\n")

    assert [] == done.files(folder=store.RECORDING)
    assert done.event["contexts"]["crashguard"]["complete"]


def test_a_no_deletes_what_earlier_runs_left_waiting(run: Run) -> None:
    """Recorded under a yes, withdrawn by a no before it was sent: gone."""
    program = QUIET.replace("note=False", "dsn='http://k@127.0.0.1:9/1', delivery='deferred'")
    first = run(program + "1 / 0\n")
    assert 1 == len(first.files(folder="waiting"))

    run(program, env={"DEMO_TELEMETRY_LEVEL": "stats"})
    assert [] == first.files(folder="waiting")


def test_messages_can_be_switched_off(run: Run) -> None:
    """messages='none': the report holds types and frames, the terminal shows everything."""
    done = run(QUIET.replace("note=False", "messages='none'") + "raise ValueError('customer 4711')\n")

    assert "customer 4711" in done.stderr
    assert "4711" not in done.files()[0].read_text()


@pytest.mark.parametrize(
    ("settings", "error", "said"),
    [
        ({"app": "a/b"}, ConfigurationError, "app='a/b'"),
        ({"app": ".."}, ConfigurationError, "app="),
        ({"version": ""}, ConfigurationError, "version=''"),
        ({"version": "1 2"}, ConfigurationError, "version="),
        ({"dsn": "https://example.com/1"}, DSNError, "not a DSN"),
        ({"dsn": "k3y"}, DSNError, "not a DSN"),
        ({"telemetry_level": "off"}, TelemetryLevelError, "none, stats, errors, all"),
        ({"needles": "bluebird"}, ConfigurationError, "needles: give a list"),
        ({"packages": "json"}, ConfigurationError, "packages: give a list"),
        ({"packages": [1]}, ConfigurationError, "packages: give a list"),
        ({"rules": ["a"]}, ConfigurationError, "crashguard.scrub.Rule"),
        ({"plugin": "p"}, ConfigurationError, "crashguard.Plugin"),
        ({"env_var": ""}, ConfigurationError, "env_var=''"),
        ({"note": 3}, ConfigurationError, "note=3"),
        ({"delivery": "never"}, ConfigurationError, "auto, background, inline, deferred"),
    ],
)
def test_what_makes_no_sense_is_refused_at_once(
    settings: dict[str, Any], error: type[Exception], said: str
) -> None:
    """install() says what was wrong and what to write, and leaves everything as it was."""
    before = sys.excepthook
    with pytest.raises(error, match=said):
        capture.install(**{"app": "demo", "version": "1.0", **settings})

    assert (before, None) == (sys.excepthook, current_config())


def test_the_key_of_a_wrong_dsn_is_not_shown() -> None:
    """The error names the DSN without its key."""
    with pytest.raises(DSNError) as raised:
        capture.install(app="demo", version="1", dsn="ftp://s3cr3t@host/1")

    assert "s3cr3t" not in str(raised.value)


def test_the_user_may_name_a_server_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """CRASHGUARD_DSN replaces the tool's destination; SENTRY_DSN is never read."""
    monkeypatch.setenv("SENTRY_DSN", "http://k@127.0.0.1/2")
    capture.install(app="demo", version="1")
    assert (config := current_config()) is not None
    assert config.dsn is None

    monkeypatch.setenv("CRASHGUARD_DSN", "http://k@127.0.0.1/3")
    capture.install(app="demo", version="1", dsn="http://k@127.0.0.1/1")
    assert (config := current_config()) is not None
    assert "http://k@127.0.0.1/3" == config.dsn


def test_a_plugin_process_is_handed_the_resolved_level() -> None:
    """A telemetry level from the flag reaches a child through the environment."""
    capture.install(app="demo", version="1", telemetry_level="stats")

    assert "stats" == handover.child_environment({"DEMO_TELEMETRY_LEVEL": "all"})["DEMO_TELEMETRY_LEVEL"]


def test_a_damaged_spool_does_not_disturb_a_start(run: Run) -> None:
    """Foreign files where the spool should be: the program runs as if nothing were there."""
    folder = Path(run("pass").state) / "demo"
    folder.mkdir(parents=True)
    (folder / store.WAITING).write_text("a file, not a folder")
    done = run(
        INSTALL.replace("version='1.0'", "version='1.0', dsn='http://k@127.0.0.1:9/1'") + "print('ok')\n"
    )

    assert (0, "ok\n", "") == (done.status, done.stdout, done.stderr)
    assert [] == Spool(str(folder)).names(store.WAITING)


def test_a_crash_after_a_prompt_of_the_program_is_recorded(run: Run) -> None:
    """What was typed at `code.interact()` is no crash, and what comes after it is: in a guard and uncaught."""
    after = (
        "import code\ncode.interact(banner='', exitmsg='')\ndef later():\n    raise LookupError('later')\n"
    )
    done = run(
        QUIET + after + "with crashguard.guard('work', reraise=False):\n    [][0]\nlater()\n", stdin="1/0\n"
    )
    types = [event["exception"]["values"][-1]["type"] for event in done.events()]

    assert ["IndexError", "LookupError"] == sorted(types)
    assert ["LookupError"] == [
        event["exception"]["values"][-1]["type"]
        for event in same_but_for_the_report(run, QUIET + after + "later()\n", stdin="1/0\n")[-1:]
    ]


SYSTEM = (
    *("access", "close", "fstat", "fsync", "getpid", "geteuid", "kill", "listdir", "lstat", "mkdir", "open"),
    *("read", "readlink", "replace", "scandir", "stat", "unlink", "urandom", "utime", "write"),
)


@pytest.mark.parametrize("error", ["RuntimeError('not allowed')", "PermissionError(13, 'not allowed')"])
@pytest.mark.parametrize("name", SYSTEM)
def test_a_program_that_replaces_a_function_of_os_is_reported(run: Run, name: str, error: str) -> None:
    """Whatever its function raises: the crash looks as without crashguard, is on record, and the next run knows of it."""
    replaced = f"import os\ndef broken(*_, **__):\n    raise {error}\nos.{name} = broken\n"
    installed = (
        "import crashguard\ncrashguard.install(app='demo', version='1.0', note=False, delivery='deferred')\n"
    )
    done = run(installed + replaced + "print('on', flush=True)\nraise ValueError('lost')\n")

    assert (1, "on\n") == (done.status, done.stdout)
    # PyPy's printer of tracebacks needs it, and expects no other error of it than an OSError.
    is_printed = (name, error[:7], sys.implementation.name) != ("stat", "Runtime", "pypy")
    assert is_printed == done.stderr.count("Traceback")
    assert done.stderr.endswith("ValueError: lost\n")
    again = run(
        installed + "from crashguard.recovery import recover\nfrom crashguard.spool import store\n"
        "last = crashguard.last_run()\nprint(last.verdict, last.event_id)\n"
        "from crashguard.client import current_client\n"
        "recover.recover(store.Spool(current_client().config.spool))\n"
    )
    assert f"crashed {again.event['event_id']}\n" == again.stdout


def test_a_program_that_replaced_os_open_before_is_reported(run: Run) -> None:
    """install() and a crash go as without crashguard."""
    replaced = "import os\ndef opened(*_, **__):\n    raise RuntimeError('not allowed')\nos.open = opened\n"
    installed = "import crashguard\ncrashguard.install(app='demo', version='1.0', note=False)\n"
    done = run(replaced + installed + "print('on', flush=True)\nraise ValueError('lost')\n")

    assert (1, "on\n", 1) == (done.status, done.stdout, len(done.events()))
    assert done.stderr.endswith("ValueError: lost\n")


def test_a_crash_of_a_program_without_any_hook_is_reported(run: Run) -> None:
    """The program deleted the hook: the interpreter says so, and still has the exception at the end."""
    done = run(
        "import sys\nimport crashguard\ncrashguard.install(app='demo', version='1.0', note=False)\n"
        "del sys.excepthook\nraise ValueError('lost')\n"
    )

    assert 1 == done.status
    assert "ValueError" == done.event["exception"]["values"][-1]["type"]
