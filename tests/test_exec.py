"""A process that becomes another program has not been killed; one that only starts another program may be."""

import os
import sys
from pathlib import Path

import pytest

from tests.conftest import Run

BEGIN = "import os, signal, subprocess, sys\nimport crashguard\ncrashguard.install(app='demo', version='1.0'{more})\n"
ASKS = BEGIN.format(more="") + "run = crashguard.last_run()\nprint(run and run.verdict)\n"
DIES = "os.kill(os.getpid(), signal.SIGKILL)\n"
GONE = "['/nowhere/at/all']"
WAYS = {
    "execv": "os.execv('/bin/sh', ['sh', '-c', 'exit 5'])",
    "execve": "os.execve('/bin/sh', ['sh', '-c', 'exit $STATUS'], {'STATUS': '5'})",
    "execvp": "os.execvp('sh', ['sh', '-c', 'exit 5'])",
    "execlpe": "os.execlpe('sh', 'sh', '-c', 'exit 5', os.environ)",
    "descriptor": "os.execve(os.open('/bin/sh', os.O_RDONLY), ['sh', '-c', 'exit 5'], os.environ)",
    "after a failure": "try: os.execv(*GONE, GONE)\nexcept OSError: os.execv('/bin/sh', ['sh', '-c', 'exit 5'])".replace(
        "GONE", GONE
    ),
    "in a thread": "import threading\nthreading.Thread(target=os.execv, args=('/bin/sh', ['sh', '-c', 'exit 5'])).start()",
    "in a daemon": "first = os.getpid()\nif os.fork(): os._exit(5)\nos.setsid()\nif os.fork(): os._exit(0)\n"
    "def lives():\n"
    "    try: return open(f'/proc/{first}/stat').read().rpartition(')')[2].split()[0] not in 'ZX'\n"
    "    except FileNotFoundError: return False\n"
    "while lives(): pass\nos.execv('/bin/sh', ['sh', '-c', 'echo end'])",
}

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="it has no exec: a new process is started")


def runs(run: Run) -> list[str]:
    """What lies in `runs/`, and what the next run says of the last one."""
    asked = run(ASKS)
    return [asked.stdout, *(path.name for path in asked.state.glob("demo/runs/*"))]


@pytest.mark.parametrize("markers", ["", ", markers=True"])
@pytest.mark.parametrize("way", WAYS)
def test_a_process_that_became_another_program_was_not_killed(run: Run, way: str, markers: str) -> None:
    """However it is called, and whatever the other program does then."""
    done = run(BEGIN.format(more=markers) + WAYS[way] + "\n")

    assert (5, "") == (done.status, done.stderr)
    assert ["None\n"] == runs(run)


@pytest.mark.parametrize("native", ["", ", native=False"])
def test_a_program_that_cannot_be_executed_ends_nothing(run: Run, native: str) -> None:
    """The error is the system's, and the run goes on: killed afterwards it counts as killed."""
    fails = f"try:\n    os.execv(*{GONE}, {GONE})\nexcept FileNotFoundError as error:\n    print(error, flush=True)\n"
    done = run(BEGIN.format(more=native) + fails + DIES)

    assert -9 == done.status
    assert "[Errno 2] No such file or directory\n" == done.stdout.partition(":")[0].strip() + "\n"
    assert "killed\n" == runs(run)[0]


def test_a_call_that_fails_is_in_no_frame_of_ours(run: Run) -> None:
    """The traceback of the crash is that without crashguard, and the report has its frames."""
    fails = f"def main(): os.execv(*{GONE}, {GONE})\nmain()\n"
    done, bare = run(BEGIN.format(more=", note=False") + fails), run("import os\n\n\n" + fails)

    assert (1, bare.stderr) == (done.status, done.stderr)
    assert ["main"] == [
        frame["function"] for frame in done.event["exception"]["values"][-1]["stacktrace"]["frames"][1:]
    ]
    assert "None\n" != runs(run)[0]


@pytest.mark.parametrize(
    "starts",
    [
        "subprocess.run(['true'])",
        "subprocess.run(['true'], close_fds=False)",
        "os.waitpid(os.posix_spawn('/bin/true', ['true'], os.environ), 0)",
        "os.system('true')",
        "os.fork() or os.execv('/bin/true', ['true'])\nos.wait()",
    ],
    ids=["subprocess", "vfork", "posix_spawn", "system", "fork and exec"],
)
def test_a_program_that_was_started_is_not_the_end_of_a_run(run: Run, starts: str) -> None:
    """The process that started it goes on: killed afterwards it counts as killed."""
    done = run(BEGIN.format(more="") + starts + "\n" + DIES)

    assert -9 == done.status
    assert "killed\n" == runs(run)[0]


def test_the_verdict_on_an_earlier_run_is_that_of_the_tool_that_executes_itself(run: Run) -> None:
    """A wrapper that becomes the tool: the crash of the run before is still the last one's."""
    again = "if len(sys.argv) == 1:\n    os.execv(sys.executable, [sys.executable, __file__, 'again'])\n"
    run(BEGIN.format(more="") + "raise ValueError\n")
    done = run(BEGIN.format(more="") + again + "print(crashguard.last_run().verdict)\n")

    assert "crashed\n" == done.stdout, done.stderr
    assert ["None\n"] == runs(run)


def test_an_earlier_verdict_ends_with_a_run_that_became_another_program(run: Run) -> None:
    """It was the last run, and it has not crashed."""
    run(BEGIN.format(more="") + "raise ValueError\n")
    run(BEGIN.format(more="") + WAYS["execv"] + "\n")

    assert ["None\n"] == runs(run)


def test_the_functions_of_os_are_what_they_were(run: Run) -> None:
    """Equal, and as able; after uninstall() they are the very same."""
    done = run(
        "import os, posix, inspect\n"
        "def told(): return [(f.__name__, f.__module__, str(inspect.signature(f)), callable(f)) for f in (os.execv, os.execve)]\n"
        "before = told()\n" + BEGIN.format(more="") + "print(told() == before, os.execve in os.supports_fd)\n"
        "print(os.execv == posix.execv, {os.execv: 1}[posix.execv])\n"
        "crashguard.uninstall()\nprint(os.execv is posix.execv, os.execve is posix.execve)\n"
    )

    assert "True True\nTrue 1\nTrue True\n" == done.stdout, done.stderr


def test_what_a_program_put_in_their_place_stays(run: Run, tmp_path: Path) -> None:
    """A test's stand-in is called as it is, and uninstall() leaves it there."""
    done = run(
        BEGIN.format(more="")
        + "os.execv = lambda *args: print(args)\nos.execlp('/bin/true', 'true')\ncrashguard.uninstall()\nos.execv(1)\n"
    )

    assert (0, "('/bin/true', ('true',))\n(1,)\n") == (done.status, done.stdout), done.stderr
    assert os.listdir(tmp_path)
