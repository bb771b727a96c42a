"""What holds on Windows: real programs on python.org's CPython for Windows, which Wine runs."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import Server, eventually
from tests.windows import Windows

pytestmark = pytest.mark.slow

INSTALL = "import crashguard\ncrashguard.install(app='APP', version='1.0')\n"
QUIET = "import crashguard\ncrashguard.install(app='APP', version='1.0', note=False)\n"


@pytest.fixture
def windows(tmp_path: Path) -> Iterator[Windows]:
    made = Windows(tmp_path)
    yield made
    made.forget()


def test_a_crash_is_reported_and_its_note_can_be_typed(windows: Windows) -> None:
    """Traceback, exit status and one report; the note's command shows it, with the path as Windows writes it."""
    done = windows.run(INSTALL + "def work():\n    return 1 / 0\nwork()\n")

    assert 1 == done.status
    assert done.stderr.startswith("Traceback (most recent call last):")
    [event] = done.events(windows.app)
    assert ["<module>", "work"] == [
        frame["function"] for frame in event["exception"]["values"][0]["stacktrace"]["frames"]
    ]
    assert ("Windows", "AMD64") == (event["contexts"]["os"]["name"], event["contexts"]["device"]["arch"])
    assert f"{windows.app} crashed." in done.stderr
    assert "~" not in done.stderr.partition("crashed.")[2]
    command = re.search(r"See it: (.+)", done.stderr)
    assert command, done.stderr
    assert "ZeroDivisionError" in windows.typed(command[1]).stdout


def test_whatever_ends_a_part_of_a_program_is_reported(windows: Windows) -> None:
    """A thread, a task, a finalizer, a guard and a child process: five crashes, five reports."""
    done = windows.run(
        "import asyncio, multiprocessing, threading\n"
        "class Last:\n    def __del__(self): raise LookupError\n"
        "def child(): raise OSError('child')\n"
        "def thread(): raise ValueError('thread')\n"
        "async def task(): raise TypeError('task')\n"
        "async def main():\n    asyncio.get_running_loop().create_task(task())\n    await asyncio.sleep(0.1)\n"
        "if __name__ == '__main__':\n"
        "    import crashguard\n"
        "    crashguard.install(app='APP', version='1.0', note=False)\n"
        "    one = threading.Thread(target=thread); one.start(); one.join()\n"
        "    Last()\n"
        "    asyncio.run(main())\n"
        "    try:\n        with crashguard.guard('part'): raise KeyError\n    except KeyError: pass\n"
        "    process = multiprocessing.Process(target=child); process.start(); process.join()\n"
        "    print(process.exitcode)\n"
    )

    assert (0, "1\n") == (done.status, done.stdout)
    found = {
        (value["type"], value["mechanism"]["type"])
        for event in done.events(windows.app)
        for value in event["exception"]["values"]
    }
    assert {
        ("ValueError", "threading"),
        ("LookupError", "unraisable"),
        ("TypeError", "asyncio"),
        ("KeyError", "guard"),
        ("OSError", "multiprocessing"),
    } == found


def test_a_clean_end_leaves_nothing_and_counts_as_clean(windows: Windows) -> None:
    """Also where the program handled an access violation, which faulthandler writes down; psutil is not loaded."""
    source = (
        QUIET.replace("note=False", "note=False, markers=True") + "import ctypes, sys\n"
        "last = crashguard.last_run()\n"
        "print(last and last.verdict, 'psutil' in sys.modules)\n"
        "try: ctypes.string_at(1)\n"
        "except OSError: print('handled')\n"
    )
    assert "None False\nhandled\n" == windows.run(source).stdout
    assert [] == windows.left

    assert "clean False\nhandled\n" == windows.run(source).stdout
    assert [] == windows.left


@pytest.mark.parametrize(
    ("death", "name"),
    [("faulthandler._read_null()", "EXCEPTION_ACCESS_VIOLATION"), ("os.abort()", "SIGABRT")],
)
def test_a_native_crash_is_reported_by_the_next_run(death: str, name: str, windows: Windows) -> None:
    """Once, with the functions on the stack, and sent although nothing else waits."""
    with Server() as server:
        install = QUIET.replace("note", f"dsn={server.dsn!r}, note")
        windows.run(install + f"import faulthandler, os\ndef inner():\n    {death}\ninner()\n")
        for _ in range(2):
            windows.run(install)
        eventually(lambda: server.events, seconds=60)
        windows.command("send", "--app", windows.app)

    [event] = server.events
    [value] = event["exception"]["values"]
    assert (name, "inner") == (value["type"], value["stacktrace"]["frames"][-1]["function"])


def test_the_native_crash_of_a_plugin_that_is_not_official_stays(windows: Windows) -> None:
    """Whoever wrote the plugin has not agreed that reports of it leave the machine."""
    with Server() as server:
        install = QUIET.replace("note", f"dsn={server.dsn!r}, note")
        windows.run(
            install + "import os\n"
            "@crashguard.guard(plugin=crashguard.Plugin('acme', 'source', 'secret', '1'))\n"
            "def read(): os.abort()\nread()\n"
        )
        windows.command("send", "--app", windows.app)

        assert "SIGABRT" in windows.command("list", "--app", windows.app)
        assert [] == server.events


def test_a_reader_that_goes_away_is_no_crash(windows: Windows) -> None:
    """`tool | more` that is left: Windows calls it an invalid argument. A broken pipe of the program's own is one."""
    child = (
        QUIET + "import sys\nprint('ready', flush=True)\nsys.stdin.readline()\n"
        "for _ in range(10_000): print('x' * 100)\n"
    )
    done = windows.run(
        "import subprocess, sys\n"
        f"child = subprocess.Popen([sys.executable, '-c', {child!r}], stdin=-1, stdout=-1, stderr=-1)\n"
        "child.stdout.readline(); child.stdout.close()\n"
        "child.stdin.write(b'go'); child.stdin.close()\n"
        "print(child.stderr.read().decode(), child.wait())\n"
    )
    assert "Invalid argument" in done.stdout
    assert [] == windows.left

    windows.run(QUIET + "raise BrokenPipeError(32, 'of a socket')\n")
    assert 1 == len(done.files(windows.app))

    windows.run(QUIET + "import datetime\nraise OSError(22, 'Invalid argument')\n")
    assert 2 == len(done.files(windows.app))


def test_a_report_is_sent_in_the_background(windows: Windows) -> None:
    """By a process that outlives the one that crashed."""
    with Server() as server:
        windows.run(QUIET.replace("note", f"dsn={server.dsn!r}, delivery='background', note") + "1 / 0\n")
        eventually(lambda: server.events, seconds=60)

    assert "ZeroDivisionError" == server.events[0]["exception"]["values"][0]["type"]


def test_the_command_works(windows: Windows) -> None:
    """status, level, purge, doctor, and run with the exit status of the program."""
    windows.run(QUIET + "1 / 0\n")

    assert "Windows" in windows.command("doctor")
    assert windows.app in windows.command("status")
    windows.command("level", "none", "--app", windows.app)
    windows.run(QUIET + "[][0]\n")
    assert "IndexError" not in windows.command("list", "--app", windows.app)
    windows.command("purge", "--yes", "--app", windows.app)
    assert "ZeroDivisionError" not in windows.command("list", "--app", windows.app)
    program = windows.run("import sys\nsys.exit(7)\n")
    assert 7 == program.status
    assert 7 == windows.python("-m", "crashguard", "run", "--app", windows.app, "program.py").status


@pytest.mark.parametrize("encoding", ["cp437", "cp1252"])
def test_no_code_page_is_in_the_way(encoding: str, windows: Windows) -> None:
    """A message that the console cannot show is in the report, and the note is printed."""
    done = windows.run(INSTALL + "raise ValueError('日本 ü')\n", PYTHONIOENCODING=encoding)

    assert 1 == done.status
    assert "See it:" in done.stderr
    assert "日本" in done.events(windows.app)[0]["exception"]["values"][0]["value"]


def test_a_program_without_a_console_is_reported(windows: Windows) -> None:
    """pythonw has no stderr: nothing can be printed, and the report is there."""
    done = windows.run("import sys\nsys.stderr = sys.stdout = None\n" + INSTALL + "1 / 0\n", windowed=True)

    assert "" == done.stderr
    assert 1 == len(done.files(windows.app))


@pytest.mark.parametrize("user", ["Jürgen Maß", "ada.lovelace"])
def test_a_users_name_and_folder_stay_on_the_machine(user: str, windows: Windows) -> None:
    """In every spelling of the path."""
    done = windows.run(
        "import os\n"
        f"os.environ.update(USERPROFILE='C:\\\\Users\\\\{user}', USERNAME={user!r}, USERDOMAIN='TANNENHOF')\n"
        + QUIET
        + f"raise ValueError(r'C:\\Users\\{user}\\x C:/Users/{user}/y TANNENHOF\\{user}')\n"
    )

    text = done.files(windows.app)[0].read_text()
    assert not [word for word in (user, user.split(maxsplit=1)[0], "TANNENHOF") if word in text]


def test_usage_can_be_counted(windows: Windows) -> None:
    """The module of licensing data is there, and its lock is."""
    done = windows.run(
        "import crashguard.usage, tempfile\nfrom crashguard.usage.store import Owner\n"
        "with tempfile.TemporaryDirectory() as folder:\n"
        "    owner = Owner(folder)\n    owner.close(remove=True)\nprint('counted')\n"
    )

    assert "counted\n" == done.stdout, done.stderr
