"""The facts beside the crash: how bad it was, whose it was, and what the process and its machine were like."""

import json
import os
import platform
import subprocess
import sys
import time
import zipapp
from pathlib import Path

import pytest

from crashguard.report import contexts, envelope
from tests.conftest import ROOT, Run

INSTALL = """
import sys
import crashguard
crashguard.install(app="demo", version="1.0", note=False{more})
"""
HANDLED = "try:\n    1 / 0\nexcept ZeroDivisionError:\n    crashguard.capture_exception()\n"
GUARDED = "with crashguard.guard('load', reraise=False):\n    1 / 0\n"
PASSES = "try:\n    with crashguard.guard('load'):\n        1 / 0\nexcept ZeroDivisionError:\n    pass\n"
THREAD = "import threading\nthread = threading.Thread(target=lambda: 1 / 0)\nthread.start()\nthread.join()\n"
FINALIZER = "class Box:\n    def __del__(self):\n        1 / 0\nBox()\n"


@pytest.mark.parametrize(
    ("ends", "level", "handled", "mechanism"),
    [
        ("1 / 0\n", "fatal", False, "excepthook"),
        (THREAD, "fatal", False, "threading"),
        (FINALIZER, "error", False, "unraisable"),
        (HANDLED, "error", True, "capture"),
        (GUARDED, "error", True, "guard"),
        (PASSES, "fatal", False, "guard"),
    ],
    ids=["uncaught", "thread", "finalizer", "handled", "swallowed", "passes"],
)
def test_how_bad_it_was(run: Run, ends: str, level: str, handled: bool, mechanism: str) -> None:
    """Fatal is what ended the program or a thread of it; what it went on after is an error."""
    event = run(INSTALL.format(more="") + ends).event
    told = event["exception"]["values"][-1]["mechanism"]

    assert (level, handled, mechanism) == (event["level"], told["handled"], told["type"])


PLUGIN = ', plugin=crashguard.Plugin("cloudquery", "source", "aws", "1.2.3")'


def test_whose_it_was(run: Run) -> None:
    """The tool's own, or the plugin's with all that names it; a guard's name where there was one."""
    own = run(INSTALL.format(more="") + GUARDED).event
    assert {"component": "cli", "guard": "load"} == own["tags"]
    assert "environment" not in own
    assert "demo@1.0" == own["release"]


def test_a_process_that_is_a_plugin_says_so(run: Run) -> None:
    """Team, kind, name and version; and the environment that its host named."""
    event = run(INSTALL.format(more=PLUGIN + ', environment="production"') + "1 / 0\n").event

    assert {
        "component": "plugin",
        "plugin.team": "cloudquery",
        "plugin.kind": "source",
        "plugin.name": "aws",
        "plugin.version": "1.2.3",
    } == event["tags"]
    assert "production" == event["environment"]


RUN_ID = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("given", "told"), [(RUN_ID, RUN_ID), ("", None), ("not an id", None), (RUN_ID[:-1], None)]
)
def test_the_run_is_named_if_its_host_named_it(run: Run, given: str, told: str | None) -> None:
    """Random, of that run only; what is no such id is nothing that would leave."""
    event = run(INSTALL.format(more="") + "1 / 0\n", env={"CRASHGUARD_RUN_ID": given}).event

    assert told == event["contexts"]["crashguard"].get("run_id")
    assert "not an id" not in str(event)


def test_a_report_says_that_it_is_whole_and_under_which_telemetry_level_it_was_made(run: Run) -> None:
    """The report says the telemetry level under which it was recorded, and its source."""
    event = run(INSTALL.format(more="") + "1 / 0\n", env={"DEMO_TELEMETRY_LEVEL": "errors"}).event

    about = event["contexts"]["crashguard"]
    assert (True, 1, "errors", "DEMO_TELEMETRY_LEVEL") == (
        about["complete"],
        about["occurrences"],
        about["telemetry_level"],
        about["telemetry_level_source"],
    )


# Prints what the system says, then ends as it is told. Three threads, some open files, some work done.
FACTS = """
import os, threading, time
held = [open(os.devnull) for _ in range(5)]
go = threading.Event()
for _ in range(3):
    threading.Thread(target=go.wait, daemon=True).start()
end = time.process_time() + 1.1
while time.process_time() < end:
    pass
memory = bytearray(b"x" * 30_000_000)
fields = open("/proc/self/stat").read().rpartition(")")[2].split()
print(len(os.listdir("/proc/self/fd")) - 1, int(fields[21]) * os.sysconf("SC_PAGE_SIZE"), flush=True)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize(
    "ends",
    ["1 / 0\n", "import psutil\n1 / 0\n", HANDLED, PASSES],
    ids=["dying", "dying with psutil", "goes on", "guarded"],
)
def test_what_the_process_was_like(run: Run, ends: str) -> None:
    """Memory, threads, open files, age and processor time: as the system says, down to a power of two."""
    began = time.time()
    done = run(INSTALL.format(more="") + FACTS + ends)
    event = done.event
    files, memory = map(int, done.stdout.split())
    process = event["contexts"]["process"]

    assert 4 == process["threads"]
    assert (files - 3) / 2 < process["open_files"] <= files + 3
    assert (memory - 15_000_000) / 2 < process["memory_resident"] < memory + 15_000_000
    assert 1 <= process["cpu_seconds"] < 60
    assert 1 <= process["uptime_seconds"] <= event["timestamp"] - began + 3
    assert all(type(figure) is int and figure & figure - 1 == 0 for figure in process.values())


@pytest.mark.skipif(sys.platform != "linux", reason="compares with Linux's own figures")
def test_what_the_machine_was_like(run: Run) -> None:
    """Products and coarse numbers; never its name."""
    event = run(INSTALL.format(more="") + "1 / 0\n").event
    facts = event["contexts"]

    assert {
        "type": "runtime",
        "name": platform.python_implementation(),
        "version": platform.python_version().rstrip("+"),
    } == facts["runtime"]
    kernel = ".".join(os.uname().release.split(".")[:2])
    assert {"type": "os", "name": "Linux", "kernel_version": kernel} == facts["os"]
    page = os.sysconf("SC_PAGE_SIZE")
    device = facts["device"]
    size, free, processors = (device.pop(name) for name in ("memory_size", "free_memory", "processor_count"))
    assert {"type": "device", "arch": os.uname().machine} == device
    assert 0 <= size - os.sysconf("SC_PHYS_PAGES") * page < max(2**30, size / 8)
    assert 0 == size % 2**30
    assert abs(free - os.sysconf("SC_AVPHYS_PAGES") * page) < 0.3 * size
    assert free in [size * tenth // 10 for tenth in range(11)]
    assert processors <= (os.cpu_count() or 0) < 2 * processors
    assert os.uname().nodename not in json.dumps(event)


@pytest.mark.parametrize(
    ("release", "told"),
    [
        ("6.8.0-45-generic", "6.8"),
        ("5.15.167.4-microsoft-standard-WSL2", "5.15"),
        ("4.9-ada-custom-1", "4.9"),
        ("23.6.0", "23.6"),
        ("7-of-ada.8", "7"),
        ("ada", ""),
    ],
)
def test_of_a_kernel_two_numbers_are_told(release: str, told: str) -> None:
    """What stands behind them names a distribution, a cloud, or the person who built it."""
    assert told == contexts._major_and_minor(release)


def test_a_report_holds_the_second_of_the_crash(run: Run) -> None:
    """A fraction of a second would tell one crash from all others of that second; a minimal record has none either."""
    assert type(run(INSTALL.format(more="") + "1 / 0\n").event["timestamp"]) is int


@pytest.mark.parametrize("error", ["ValueError", "OSError", "AttributeError"])
def test_a_system_that_does_not_know_its_memory_is_reported_all_the_same(run: Run, error: str) -> None:
    """Another system has other names for it, or none."""
    more = f"import os\ndef sysconf(name):\n    raise {error}(name)\nos.sysconf = sysconf\n"
    device = run(INSTALL.format(more="") + more + "1 / 0\n").event["contexts"]["device"]

    assert {"type", "processor_count", "arch"} == set(device)


@pytest.mark.parametrize(
    ("clock", "ends"),
    [("time.time = lambda: 1.0", HANDLED), ("time.clock_gettime = lambda clock: 0.0", "1 / 0\n")],
)
def test_a_clock_that_was_set_back_makes_nobody_younger_than_nothing(run: Run, clock: str, ends: str) -> None:
    """A process that began in the future is as old as it can be told: not at all."""
    event = run(INSTALL.format(more="") + f"import time\n{clock}\n" + ends).event

    assert 0 == event["contexts"]["process"]["uptime_seconds"]


def test_a_process_loads_nothing_to_tell_its_figures(run: Run) -> None:
    """psutil's import would take longer than all the rest, in a dying process and in one that goes on."""
    loads = "import atexit\natexit.register(lambda: print('psutil' in sys.modules))\n"

    assert "False\n" == run(INSTALL.format(more="") + loads + "1 / 0\n").stdout
    assert "False\n" == run(INSTALL.format(more="") + loads + HANDLED).stdout


# Where /proc is hidden and psutil is broken, in a sandbox for instance.
HIDDEN = """
import builtins, os
real_open, real_list = builtins.open, os.listdir
def hide(real):
    def wrapper(path, *args, **kwargs):
        if str(path).startswith("/proc"):
            raise PermissionError(13, "hidden", path)
        return real(path, *args, **kwargs)
    return wrapper
builtins.open, os.listdir = hide(real_open), hide(real_list)
"""


def test_a_process_that_cannot_look_at_itself_is_reported_all_the_same(run: Run) -> None:
    """Facts are extras: what the system hides is left out."""
    event = run(INSTALL.format(more="") + HIDDEN + "1 / 0\n").event

    assert "ZeroDivisionError" == event["exception"]["values"][-1]["type"]
    assert {"cpu_seconds"} == set(event["contexts"]["process"])


def test_a_program_says_whether_it_has_a_terminal(home: Path, tmp_path: Path) -> None:
    """By its stderr: where its messages go."""
    program = tmp_path / "program.py"
    program.write_text(INSTALL.format(more="") + "1 / 0\n")
    ours, theirs = os.openpty()
    environment = {"HOME": str(home), "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, str(program)], stderr=theirs, env=environment, check=False)
    os.close(theirs)
    os.close(ours)

    [path] = home.rglob("*.envelope")
    assert envelope.unseal(path.read_bytes())[1]["contexts"]["program"]["terminal"] is True


@pytest.mark.parametrize("closes", ["sys.stderr.close()", "import os\nos.close(2)"])
def test_a_program_without_a_stderr_has_no_terminal(run: Run, closes: str) -> None:
    """A closed stderr is none, and breaks no report."""
    event = run(INSTALL.format(more="") + f"{closes}\n1 / 0\n").event

    assert event["contexts"]["program"] == {"terminal": False, "encoding": "utf-8"}


@pytest.mark.parametrize(
    ("looks", "told"),
    [
        ("sys.frozen = True; sys._MEIPASS = '/tmp/x'", "PyInstaller"),
        ("__compiled__ = object()", "Nuitka"),
        ("sys.frozen = True; sys.modules['__startup__'] = sys", "cx_Freeze"),
        ("sys.frozen = 'console_exe'", "other"),
        ("sys.path[:0] = [b'x']", None),
        ("sys.path.clear()", None),
        ("sys.modules['__main__'] = None", None),
    ],
)
def test_what_packed_a_program_is_told(run: Run, looks: str, told: str | None) -> None:
    """By the marks that each packer leaves in the interpreter; nothing where there is none, whatever follows."""
    lines = [f"import os, json, re, sys\n{looks}\n", INSTALL.format(more="")]
    event = run("".join(lines if told else lines[::-1]) + "1 / 0\n").event

    assert event["contexts"]["program"].get("frozen") == told


def test_a_zipapp_is_told(home: Path, tmp_path: Path) -> None:
    """A program in one archive, run by an interpreter."""
    source, archive = tmp_path / "source", tmp_path / "tool.pyz"
    source.mkdir()
    (source / "__main__.py").write_text(INSTALL.format(more="") + "1 / 0\n")
    zipapp.create_archive(source, archive)
    environment = {"HOME": str(home), "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, str(archive)], env=environment, check=False, capture_output=True)

    [path] = home.rglob("*.envelope")
    assert envelope.unseal(path.read_bytes())[1]["contexts"]["program"]["frozen"] == "zipapp"
