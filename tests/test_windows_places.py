"""Where programs live on Windows: consoles, job objects, folders of people, files that others hold, code pages."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.servers import Server, eventually
from tests.usage_server import TEAM, TOKEN, UsageServer
from tests.windows import Windows

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

QUIET = "import crashguard\ncrashguard.install(app='APP', version='1.0', note=False)\n"
# Starts the next program with a console of its own, which nobody sees; what it prints goes into a file.
CONSOLE = """
import subprocess, sys
with open("printed", "wb") as printed:
    done = subprocess.run([sys.executable, *sys.argv[1:]], creationflags=0x08000000, stdin=subprocess.DEVNULL,
                          stdout=printed, stderr=subprocess.STDOUT)
sys.stdout.write(open("printed", encoding="utf-8").read())
sys.exit(done.returncode)
"""
# Presses Ctrl-C in the console that it shares with the program, once that says it is ready.
PRESSES = """
import ctypes, signal, subprocess, sys, threading
signal.signal(signal.SIGINT, lambda *_: None)
child = subprocess.Popen([sys.executable, *sys.argv[1:]], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
said = []
for line in child.stdout:
    said.append(line)
    if line == "ready\\n":
        ctypes.windll.kernel32.GenerateConsoleCtrlEvent(0, 0)
print("".join(said), child.wait())
"""
WAITS = """
import sys, time
print("ready", flush=True)
try:
    for _ in range(600): time.sleep(0.1)
except KeyboardInterrupt:
    print("cleaned up", flush=True)
    sys.exit(7)
"""
# A job object whose programs all end with it; `more` are its further limits.
JOB = """
import ctypes, sys
from ctypes import wintypes
class Limits(ctypes.Structure):
    _fields_ = [("times", ctypes.c_int64 * 2), ("flags", wintypes.DWORD), ("set", ctypes.c_size_t * 2),
                ("processes", wintypes.DWORD), ("affinity", ctypes.c_size_t), ("classes", wintypes.DWORD * 2),
                ("io", ctypes.c_uint64 * 6), ("memory", ctypes.c_size_t * 4)]
kernel = ctypes.WinDLL("kernel32", use_last_error=True)
kernel.CreateJobObjectW.restype = kernel.GetCurrentProcess.restype = wintypes.HANDLE
kernel.SetInformationJobObject.argtypes = [wintypes.HANDLE, ctypes.c_int, ctypes.c_void_p, wintypes.DWORD]
kernel.AssignProcessToJobObject.argtypes = [wintypes.HANDLE, wintypes.HANDLE]
job = kernel.CreateJobObjectW(None, None)
limits = Limits(flags=0x2000 | int(sys.argv[1], 16))
assert kernel.SetInformationJobObject(job, 9, ctypes.byref(limits), ctypes.sizeof(limits)), ctypes.get_last_error()
assert kernel.AssignProcessToJobObject(job, kernel.GetCurrentProcess()), ctypes.get_last_error()
"""


@pytest.fixture
def windows(tmp_path: Path) -> Iterator[Windows]:
    made = Windows(tmp_path)
    yield made
    made.forget()


def written(folder: Path, **sources: str) -> None:
    for name, source in sources.items():
        (folder / f"{name}.py").write_text(source, encoding="utf-8")


@pytest.mark.parametrize("before", [(), ("-m", "crashguard", "run", "--app", "APP")], ids=["alone", "run"])
def test_ctrl_c_is_the_programs_to_handle(before: tuple[str, ...], windows: Windows, tmp_path: Path) -> None:
    """Under `crashguard run` it cleans up, prints and exits as without, and there is no report."""
    written(tmp_path, console=CONSOLE, presses=PRESSES, waits=WAITS)
    options = [option.replace("APP", windows.app) for option in before]
    done = windows.python("console.py", "presses.py", *options, "waits.py")

    assert "ready\ncleaned up\n 7\n" == done.stdout, done.stderr
    assert [] == done.files(windows.app)


@pytest.mark.parametrize(
    "end", ["1 / 0", "import faulthandler; faulthandler._read_null()"], ids=["crash", "native"]
)
def test_run_ends_as_the_program_does(end: str, windows: Windows, tmp_path: Path) -> None:
    """Traceback and exit status are the program's, and its crash is reported."""
    alone = windows.run(end + "\n")
    done = windows.python("-m", "crashguard", "run", "--app", windows.app, "program.py")

    assert alone.status == done.status != 0
    printed, by_itself = (re.sub("thread [0-9a-f]+", "thread", text) for text in (done.stderr, alone.stderr))
    assert printed.startswith(by_itself)
    windows.command("send", "--app", windows.app)
    assert 1 == len(done.files(windows.app))


def test_the_uploader_shares_a_console_that_nobody_sees(windows: Windows, tmp_path: Path) -> None:
    """The python.exe of a venv starts the real one as another process: that has no console of its own either."""
    written(
        tmp_path,
        real="import ctypes\nkernel = ctypes.windll.kernel32\n"
        "there = kernel.GetConsoleProcessList((ctypes.c_uint32 * 9)(), 9)\n"
        "seen = ctypes.windll.user32.IsWindowVisible(kernel.GetConsoleWindow())\n"
        "open('found', 'w').write(f'{there} {seen}')\n",
        venv="import subprocess, sys\nsubprocess.run([sys.executable, 'real.py'])\n",
    )
    done = windows.run(
        "import os, sys\nfrom crashguard.transport import spawn\n"
        "spawn._start_on_windows([sys.executable, 'venv.py'], dict(os.environ))\n"
    )

    assert 0 == done.status, done.stderr
    found = tmp_path / "found"
    eventually(lambda: found.exists() and found.read_text(), seconds=60)
    assert "2 0" == found.read_text()


@pytest.mark.parametrize(
    "more", ["0x0800", "0x1000", "0x0000"], ids=["breakaway", "silent breakaway", "none"]
)
def test_a_report_leaves_a_job_whose_end_ends_all(more: str, windows: Windows) -> None:
    """A detached uploader outlives it where it may leave; where none may, the dying process or the next run sends."""
    with Server() as server:
        install = QUIET.replace("note", f"dsn={server.dsn!r}, note")
        done = windows.run(JOB + install + "1 / 0\n", more)
        assert 1 == done.status, done.stderr
        assert "ZeroDivisionError" in done.stderr
        if more == "0x0000" and not server.events:
            windows.run(install)
        eventually(lambda: server.events, seconds=60)

    assert 1 == len({event["event_id"] for event in server.events})


PERSON = """
import os, subprocess, sys
base = os.path.join(os.getcwd(), *NAMES)
os.makedirs(base, exist_ok=True)
env = {**os.environ, "LOCALAPPDATA": base, "USERPROFILE": base, "USERNAME": NAMES[-1]}
for command in COMMANDS:
    done = subprocess.run([sys.executable, *command], env=env, capture_output=True, text=True, encoding="utf-8")
    print(done.stdout, done.stderr, "status", done.returncode)
"""


@pytest.mark.parametrize(
    "names",
    [("Users", "Jürgen Maß"), ("Users", "ada & co (x86)"), tuple("x" * 60 for _ in range(5))],
    ids=["umlauts", "ampersand", "long"],
)
def test_any_folder_of_a_person_will_do(names: tuple[str, ...], windows: Windows, tmp_path: Path) -> None:
    """Umlauts, blanks, what cmd takes for its own, more than 260 characters: recorded, listed, shown and deleted."""
    written(tmp_path, crash=QUIET.replace("APP", windows.app).replace(", note=False", "") + "1 / 0\n")
    commands = [
        ["crash.py"],
        *(["-m", "crashguard", *words] for words in (["list"], ["level", "errors"], ["purge", "--yes"])),
    ]
    done = windows.run(PERSON.replace("NAMES", repr(names)).replace("COMMANDS", repr(commands)))

    assert 0 == done.status, done.stderr
    assert ["1", "0", "0", "0"] == re.findall(r"status (\d+)$", done.stdout, re.MULTILINE), done.stdout
    assert "See it:" in done.stdout
    assert "ZeroDivisionError: division by zero" in done.stdout
    folder = tmp_path.joinpath(*names)
    assert [] == list(folder.rglob("*.envelope"))
    assert (folder / "crashguard").is_dir()


def test_a_report_that_another_process_holds_is_sent_and_stored_once(
    windows: Windows, tmp_path: Path
) -> None:
    """A virus scanner has it open without sharing: nothing fails, and what cannot be moved keeps its id."""
    with Server() as server:
        first = windows.run(
            QUIET.replace("note", f"dsn={server.dsn!r}, delivery='deferred', note") + "1 / 0\n"
        )
        [report] = first.files(windows.app)
        done = windows.run(
            "import _winapi, subprocess, sys\n"
            "held = _winapi.CreateFile(sys.argv[1], _winapi.GENERIC_READ, 0x1, 0, 3, 0x80, 0)\n"
            "for _ in range(2):\n"
            "    done = subprocess.run([sys.executable, '-m', 'crashguard', 'send', '--app', 'APP'],"
            " capture_output=True, text=True)\n"
            "    print(done.returncode, 'Traceback' in done.stderr)\n",
            "Z:" + str(report).replace("/", "\\"),
        )
        assert ["False", "False"] == [line.split()[1] for line in done.stdout.splitlines()], done.stderr
        windows.command("send", "--app", windows.app)

        assert 1 == len({event["event_id"] for event in server.events})
    assert ["sent"] == [path.parent.name for path in first.files(windows.app)]


def test_files_hold_the_bytes_that_leave(windows: Windows) -> None:
    """Reports have no line ends of Windows, whatever is in them."""
    done = windows.run(
        "import crashguard\n"
        "crashguard.install(app='APP', version='1.0', note=False, delivery='deferred')\n"
        "raise ValueError('one\\ntwo')\n"
    )

    [report] = done.files(windows.app)
    assert b"\r" not in report.read_bytes()
    assert "one\\ntwo" in report.read_text()
    assert "one\\ntwo" in windows.command("show", done.events(windows.app)[0]["event_id"], "--json")


def test_hosts_and_domains_stay_on_the_machine(windows: Windows) -> None:
    r"""The name in \\server\share and the domain of the company are in no report."""
    done = windows.run(
        "import os\nos.environ.update(USERDOMAIN='TANNENHOF', COMPUTERNAME='BUCHHALTUNG7', USERDNSDOMAIN='tannenhof.example')\n"
        + QUIET
        + r"raise OSError(53, 'not found', r'\\fileserver01\share\q3.xlsx \\FILESERVER01\x TANNENHOF\ada buchhaltung7')"
        + "\n"
    )

    text = done.files(windows.app)[0].read_text().lower()
    assert not [word for word in ("fileserver01", "tannenhof", "buchhaltung7", "q3") if word in text]


@pytest.mark.parametrize("encoding", ["cp437", "cp1252"])
def test_the_commands_print_on_any_code_page(encoding: str, windows: Windows) -> None:
    """What the code page does not have is shown in another way; no command fails for it."""
    done = windows.run(QUIET + "raise ValueError('日本 ü €')\n")
    identity = done.events(windows.app)[0]["event_id"][:8]
    for words in (["list"], ["show", identity], ["show", identity, "--markdown"], ["status"], ["doctor"]):
        shown = windows.python("-m", "crashguard", *words, PYTHONIOENCODING=encoding)
        assert (0, "") == (shown.status, shown.stderr), words


def test_the_whole_path_works(windows: Windows) -> None:
    """doctor crashes a process, a detached one sends, the server takes it; send says what it has sent."""
    with Server() as server:
        windows.run(QUIET.replace("note", f"dsn={server.dsn!r}, delivery='deferred', note") + "1 / 0\n")
        said = windows.command("send", "--app", windows.app)
        assert "ZeroDivisionError" == server.events[0]["exception"]["values"][0]["type"]
        assert "1" in said
        told = windows.command("doctor", "--dsn", server.dsn)
        assert "took the report" in told
        assert "a detached process" in told
        assert "FAILED" not in told


def test_a_premium_plugin_counts_its_rows(windows: Windows, tmp_path: Path) -> None:
    """The sample's premium sync reports all rows to the licensing server, and leaves nothing to send."""
    script, spec = (
        "Z:" + str(ROOT / "samples" / name).replace("/", "\\")
        for name in ("minisync.py", "data/premium.toml")
    )
    with UsageServer() as server:
        done = windows.python(
            script, "sync", spec, "--to", "copy.db",
            MINISYNC_LICENSING=server.url, CLOUDQUERY_API_KEY=TOKEN, _CQ_TEAM_NAME=TEAM, MINISYNC_TELEMETRY_LEVEL="none",
        )  # fmt: skip

        assert 0 == done.status, done.stderr
        assert (240, []) == (server.rows, server.violations)


def test_workers_are_reported_with_their_frames(windows: Windows) -> None:
    """A worker of a pool, which Windows starts anew: the report of the parent names the function in the worker."""
    done = windows.run(
        "import concurrent.futures, crashguard\n"
        "def work(number): return 1 // number\n"
        "if __name__ == '__main__':\n"
        "    crashguard.install(app='APP', version='1.0', note=False)\n"
        "    with concurrent.futures.ProcessPoolExecutor(1) as pool: pool.submit(work, 0).result()\n"
    )

    assert 1 == done.status
    [event] = done.events(windows.app)
    assert "work" == event["exception"]["values"][0]["stacktrace"]["frames"][-1]["function"]
    assert "Z:" not in done.files(windows.app)[0].read_text()
