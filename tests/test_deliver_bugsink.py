"""The proof: real programs crash, and a real server shows their issues."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from crashguard import paths
from crashguard.transport import http, sentry
from tests import bugsink
from tests.bugsink import Project
from tests.conftest import ROOT, Finished, Run, component
from tests.servers import eventually

pytestmark = pytest.mark.slow  # Bugsink takes seconds to start

INSTALL = (
    "import crashguard\ncrashguard.install(app='demo', version='1.2.3', dsn={dsn!r}, delivery={how!r})\n"
)


@pytest.fixture
def project() -> Project:
    return bugsink.shared().new_project()


def program(project: Project, body: str, how: str = "auto") -> str:
    return INSTALL.format(dsn=project.dsn, how=how) + body


def await_sent(done: Finished, *states: str) -> None:
    """Wait until every report of a finished program lies in `sent`: the uploader is done with it."""
    waiting = (paths.WAITING, paths.RECORDING)
    eventually(lambda: done.files(folder="sent") and not any(done.files(folder=each) for each in waiting))


@pytest.mark.parametrize("how", ["auto", "background"])
def test_a_crash_becomes_an_issue(run: Run, project: Project, how: str) -> None:
    """Type, message, stack, release, environment and tags of a crashed program, sent behind its back."""
    crashing = program(
        project,
        "@crashguard.guard(plugin=crashguard.Plugin('cloudquery', 'source', 'aws', '4.5.6'))\n"
        "def sync(row):\n    return parse(row)\n"
        "def parse(row):\n    return row['size'] / row['rows']\n"
        "sync({'size': 1, 'rows': 0})\n",
        how,
    ).replace("app=", "environment='production', app=")
    done = run(crashing)

    assert 1 == done.status
    [event] = project.await_events(1)
    [issue] = project.issues()
    sent = event["data"]
    [value] = sent["exception"]["values"]
    assert ("ZeroDivisionError", "division by zero") == (
        issue["calculated_type"],
        issue["calculated_value"],
    )
    assert ["sync", "parse"] == [frame["function"] for frame in value["stacktrace"]["frames"]][-2:]
    assert ("demo@1.2.3", "production", "fatal") == (sent["release"], sent["environment"], sent["level"])
    assert {"plugin.team": "cloudquery", "plugin.kind": "source", "plugin.name": "aws"}.items() <= sent[
        "tags"
    ].items()
    await_sent(done)
    [kept] = done.files(folder="sent")
    assert sent == done.event, f"what arrived is not what {kept} shows"


def test_a_bug_is_one_issue_whatever_it_says_and_wherever_it_moved(
    run: Run, project: Project, home: Path
) -> None:
    """Another machine, message and line, a recursion of another depth: one issue."""
    body = (
        "import os\n"
        "def load(depth):\n    if depth:\n        load(depth - 1)\n    raise ValueError(os.environ['MESSAGE'])\n"
        "load(int(os.environ['DEPTH']))\n"
    )
    for blank, message, depth in ((1, "a.csv", 1), (40, "another, 9", 3)):
        machine = home / str(depth)
        machine.mkdir()
        text = program(project, "\n" * blank + body)
        await_sent(run(text, env={"HOME": str(machine), "MESSAGE": message, "DEPTH": str(depth)}))
    project.await_events(2)

    [issue] = project.issues()
    assert 2 == issue["digested_event_count"]


def test_two_bugs_with_one_message_are_two_issues(run: Run, project: Project) -> None:
    """Grouping by message alone would make them one."""
    for function in ("load", "store"):
        await_sent(
            run(program(project, f"def {function}():\n    raise ValueError('no such key')\n{function}()\n"))
        )
    project.await_events(2)

    assert 2 == len(project.issues())


def test_the_same_file_sent_twice_is_stored_once(run: Run, project: Project) -> None:
    """A sender that dies between the server's answer and its own note of it does no harm."""
    done = run(program(project, "1 / 0\n", "deferred"))
    [path] = done.files(folder="waiting")

    for _ in range(2):
        assert http.SENT == sentry.send(path.read_bytes(), project.dsn).kind
    assert 2 == project.received()
    assert [done.event["event_id"]] == project.event_ids()


def test_sentry_cli_delivers_a_file_of_the_spool(run: Run, project: Project) -> None:
    """A report is a standard envelope: Sentry's own tool reads and sends it."""
    cli = component("CRASHGUARD_SENTRY_CLI")
    done = run(program(project, "1 / 0\n", "deferred"))
    sent = subprocess.run(
        [cli, "send-envelope", str(done.files(folder="waiting")[0])],
        env={"SENTRY_DSN": project.dsn, "SENTRY_DISABLE_UPDATE_CHECK": "1", "HOME": str(done.state)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert 0 == sent.returncode, sent.stdout + sent.stderr
    assert [done.event["event_id"]] == project.event_ids()


def test_on_a_ci_runner_the_dying_process_sends_by_itself(run: Run, project: Project) -> None:
    """With CI set nothing may outlive the program: its report is on the server when it has ended."""
    long_deadline = (
        "from crashguard import transport\ntransport.INLINE_SECONDS = 30.0\n"  # the machine may be busy
    )
    done = run(program(project, long_deadline + "1 / 0\n"), env={"CI": "true"})

    assert [done.event["event_id"]] == project.event_ids()
    assert 1 == len(done.files(folder="sent"))


def test_a_deferred_report_goes_with_the_next_run(run: Run, project: Project) -> None:
    """The crash only keeps; the next start, which does nothing else, has it sent."""
    run(program(project, "1 / 0\n", "deferred"))
    assert 0 == project.received()

    await_sent(run(program(project, "print('ok')\n")))
    assert 1 == len(project.event_ids())


def test_words_of_a_killed_process_arrive(run: Run, project: Project) -> None:
    """A program that is ended in the middle of its report: the minimal record is a valid event."""
    body = "import os, sys\nsys.excepthook = sys.excepthook\n1 / 0\n"
    dying = "import sys, os\nsys.excepthook = lambda *args: os._exit(9)\n" + program(
        project, body, "deferred"
    )
    assert 9 == run(dying).status

    await_sent(run(program(project, "")))
    [event] = project.events()
    assert "ZeroDivisionError" == event["data"]["exception"]["values"][0]["type"]
    assert event["data"]["contexts"]["crashguard"]["complete"] is False


def test_the_hosts_own_sentry_sdk_is_left_alone(run: Run, project: Project) -> None:
    """A host that uses sentry-sdk itself: its client stays, its event goes to its project, ours to ours."""
    theirs = bugsink.shared().new_project()
    both = (
        f"import sentry_sdk\nsentry_sdk.init(dsn={theirs.dsn!r}, release='host@9', default_integrations=False)\n"
        "import json, sys\n"
        "def seen():\n    scope = sentry_sdk.get_global_scope()\n"
        "    return [id(sentry_sdk.get_client()), scope._tags, scope._contexts, scope._extras]\n"
        "before = seen()\n"
    ) + program(project, "", "inline")
    both += (
        "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    sentry_sdk.capture_exception(e)\n"
        "    crashguard.capture_exception(e)\n"
        "crashguard.flush(30)\nsentry_sdk.flush(30)\nassert seen() == before\nprint('same')\n"
    )
    done = run(both)

    assert (0, "same\n") == (done.status, done.stdout), done.stderr
    [host], [ours] = theirs.events(), project.events()
    assert ("host@9", "demo@1.2.3") == (host["data"]["release"], ours["data"]["release"])
    assert done.event == ours["data"]


def test_variables_of_sentry_are_not_read(run: Run, project: Project) -> None:
    """What a user has set for other programs changes neither destination nor contents."""
    other = bugsink.shared().new_project()
    settings = {
        "SENTRY_DSN": other.dsn,
        "SENTRY_RELEASE": "theirs",
        "SENTRY_ENVIRONMENT": "theirs",
        "SENTRY_DEBUG": "1",
        "SENTRY_TAGS": "a:b",
    }
    long_deadline = (
        "from crashguard import transport\ntransport.INLINE_SECONDS = 30.0\n"  # the machine may be busy
    )
    done = run(program(project, long_deadline + "1 / 0\n", "inline"), env=settings)

    assert "Sentry" not in done.stderr
    assert (0, [done.event]) == (other.received(), [event["data"] for event in project.events()])


FLOOD = """
import sys
from crashguard import client, telemetry_level
from crashguard.registry import Registry
from crashguard.transport import upload
client.current_client().registry = Registry(1_000)  # a process reports fifty bugs else
upload.SPACING = 0.0  # and politely
names = {"__name__": "__main__"}
for number in range(int(sys.argv[1])):
    exec(compile(f"def fail{number}(): raise ValueError({number})", __file__, "exec"), names)
    try:
        names[f"fail{number}"]()
    except ValueError as exc:
        crashguard.capture_exception(exc)
from crashguard.client import current_config
for attempt in range(5):  # a server under load may ask to wait, or drop a connection
    if not upload.upload(current_config().spool, telemetry_level.resolve("all"), ignore_backoff=True).left:
        break
"""


def test_a_thousand_reports_of_sixteen_machines_arrive_once_each(project: Project, home: Path) -> None:
    """All at the same time, on one server: none is lost, none is stored twice."""
    machines, each = 16, 63
    processes = []
    for number in range(machines):
        machine = home / str(number)
        machine.mkdir()
        script = machine / "flood.py"
        script.write_text(program(project, FLOOD, "deferred"))
        processes.append(
            subprocess.Popen(
                [sys.executable, str(script), str(each)],
                env={"HOME": str(machine), "PYTHONPATH": str(ROOT)},
                stderr=subprocess.PIPE,
                text=True,
            )
        )
    for process in processes:
        _, stderr = process.communicate(timeout=110)
        assert (0, "") == (process.returncode, stderr)

    ids = project.event_ids()
    sent = {path.name.split("-")[2][:32] for path in home.rglob("sent/*.envelope")}
    assert machines * each == len(ids) == len(set(ids))
    assert set(ids) == sent


SHAPES = {
    "plain": "1 / 0",
    "chain": "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise KeyError('a') from e",
    "context": "try:\n    1 / 0\nexcept ZeroDivisionError:\n    {}['b']",
    "suppressed": "try:\n    1 / 0\nexcept ZeroDivisionError:\n    raise KeyError('c') from None",
    "cycle": "a = ValueError('a'); b = ValueError('b'); a.__cause__ = b; b.__cause__ = a\nraise a",
    "group": "raise ExceptionGroup('g', [ValueError(1), ExceptionGroup('h', [TypeError(2), OSError(3)])])",
    "wide group": "raise ExceptionGroup('g', [ValueError(n) for n in range(500)])",
    "deep group": "e = ValueError(1)\nfor n in range(200):\n    e = ExceptionGroup(str(n), [e])\nraise e",
    "notes": "e = ValueError('n')\nfor n in range(50):\n    e.add_note('note ' * 500)\nraise e",
    "5000 frames": (
        "import sys\nsys.setrecursionlimit(6000)\n"
        "def f(n):\n    if n == 0:\n        raise ValueError('deep')\n    f(n - 1)\nf(5000)"
    ),
    "endless recursion": "def f():\n    f()\nf()",
    "long message": "raise ValueError('word ' * 200_000)",
    "one long word": "raise ValueError('x' * 1_000_000)",
    "surrogates": "raise ValueError('\\udc80 \\ud800 \\x00 \\x1b[31m')",
    "astral": "raise ValueError('\\U0001f600' * 5000)",
    "no message": "raise ValueError",
    "not a text": "raise ValueError(b'\\xff', None, 1.5, ['a'])",
    "names": "raise type('N' * 5000, (Exception,), {'__module__': 'm' * 500})('n')",
    "odd names": "raise type('Größe <x>\\n', (Exception,), {})('n')",
    "chain of 300": "e = None\nfor n in range(300):\n    f = ValueError(n); f.__cause__ = e; e = f\nraise e",
    "syntax": "compile('a b', '<string>', 'exec')",
    "lines": "raise ValueError('first\\nsecond\\r\\nthird')",
    "non-finite": "raise ValueError(float('nan'), float('inf'))",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_sentrys_own_validation_finds_nothing(run: Run, shape: str) -> None:
    """Relay, Sentry's ingestion code, has no complaint about an event of this shape and cuts nothing."""
    python = component("CRASHGUARD_RELAY_PYTHON")
    start = INSTALL.format(dsn="http://key@127.0.0.1:9/1", how="deferred")
    done = run(start.replace("app=", "environment='production', note=False, app=") + SHAPES[shape] + "\n")

    files = done.files(folder="waiting")
    assert (1, 1) == (done.status, len(files)), done.stderr[-2000:]
    assert [] == complaints(python, files)


def test_sentrys_own_validation_finds_nothing_in_the_minimal_record(run: Run) -> None:
    """What is written when nothing else works is as valid as the full report."""
    python = component("CRASHGUARD_RELAY_PYTHON")
    start = INSTALL.format(dsn="http://key@127.0.0.1:9/1", how="deferred")
    done = run(
        "import sys, os\nsys.excepthook = lambda *args: os._exit(9)\n" + start + SHAPES["endless recursion"]
    )

    assert [] == complaints(python, done.files(folder="recording"))


def complaints(python: str, files: list[Path]) -> Any:
    import json

    script = Path(__file__).with_name("relay.py")
    answer = subprocess.run([python, script, *files], capture_output=True, text=True, check=True, timeout=60)
    return json.loads(answer.stdout)
