"""A plugin's process that died: whether the report that it made itself is one of this death."""

import pytest

from tests.conftest import Run

# The plugin crashes and reports that itself. Then it is started again, and killed, in the same run of the host.
HOST = """
import subprocess, sys, crashguard
from crashguard import hosts
crashguard.install(app="demo", version="1.0", note=False)
plugin = crashguard.Plugin("cloudquery", "source", "go", "1.0.0")
begins = (
    "import crashguard, os; crashguard.install(app='cloudquery-source-go', version='1.0.0', note=False, "
    "plugin=crashguard.Plugin('cloudquery', 'source', 'go', '1.0.0'))\\n"
)
def ends(how):
    process = subprocess.Popen([sys.executable, "-c", how], env=hosts.environment(), stderr=subprocess.DEVNULL)
    print(hosts.report_exit(plugin, process.wait()), flush=True)
"""
CRASHES = 'ends(begins + "1 / 0")\n'
SILENT = 'ends("import os; os._exit(1)")\n'
KILLED = 'ends("import os; os.kill(os.getpid(), 9)")\n'
LATER = """
import time
from pathlib import Path
[report] = (Path.home() / ".local/state/crashguard/cloudquery-source-go").glob("*/*.envelope")
_, rest = report.name.split("-", 1)
report.rename(report.with_name(f"{{int((time.time() - {hours} * 3600) * 1000)}}-{{rest}}"))
"""


UNASKED = """
subprocess.run([sys.executable, "-c", begins + "1 / 0"], env=hosts.environment(), stderr=subprocess.DEVNULL)
"""


@pytest.mark.parametrize("hours", [0.1, 12, 23])
def test_a_plugins_own_report_of_the_same_day_is_the_report(run: Run, hours: float) -> None:
    """It has the stack; the host that asks much later adds none."""
    done = run(HOST + UNASKED + LATER.format(hours=hours) + "print(hosts.report_exit(plugin, 1))")

    [own] = done.events("cloudquery-source-go")
    assert done.stdout.split() == [own["event_id"]]
    assert [] == done.events("demo")


@pytest.mark.parametrize("hours", [25, 200])
def test_a_plugins_own_report_of_another_day_is_not_that_of_this_death(run: Run, hours: float) -> None:
    """A host that runs for weeks: a plugin that ends today is reported, though it crashed last week."""
    done = run(HOST + UNASKED + LATER.format(hours=hours) + "print(hosts.report_exit(plugin, 1))")

    [event] = done.events("demo")
    assert (done.stdout.strip(), "exit status 1") == (
        event["event_id"],
        event["exception"]["values"][0]["value"],
    )


DEATHS = {
    # how the processes of one run end, one after the other; reports of the plugin, the host's count of its own
    "each by the same bug": (CRASHES * 3, 3, []),
    "by a bug, then without a word": (CRASHES + SILENT, 1, [1]),
    "in turn": ((CRASHES + SILENT) * 2, 2, [2]),
    "without a word": (SILENT * 3, 0, [3]),
}


@pytest.mark.parametrize("dsn", [None, "http://k@127.0.0.1:9/1"])
@pytest.mark.parametrize("how", DEATHS)
def test_each_death_by_one_exit_status_is_known(run: Run, how: str, dsn: str | None) -> None:
    """A report of the plugin's own stands for one process; of the others the host makes one, with their number."""
    program, own, counts = DEATHS[how]
    done = run(HOST.replace("note=False", f"note=False, dsn={dsn!r}, delivery='deferred'") + program)

    theirs = {event["event_id"] for event in done.events("cloudquery-source-go")}
    ours = done.events("demo")
    assert (own, counts) == (
        len(theirs),
        [event["contexts"]["crashguard"]["occurrences"] for event in ours],
    )
    assert theirs | {event["event_id"] for event in ours} == set(done.stdout.split())


OTHER_ENDS = {
    # another process of the same plugin in the same run, and how the host's report says that it ended
    "killed": (KILLED, "signal SIGKILL"),
    "killed in a container": ("print(hosts.report_exit(plugin, 137))\n", "exit status 137 (SIGKILL)"),
    "an abort of another": ("print(hosts.report_exit(plugin, -11))\n", "signal SIGSEGV"),
}


@pytest.mark.parametrize("end", OTHER_ENDS)
def test_the_report_of_one_process_does_not_hide_the_death_of_another(run: Run, end: str) -> None:
    """Two processes of one plugin in one run: an exception ends the first, and has its report; the second is killed."""
    program, how = OTHER_ENDS[end]
    done = run(HOST + CRASHES + program)

    first, second = done.stdout.split()
    assert first != second
    [event] = done.events("demo")
    assert (second, how) == (event["event_id"], event["exception"]["values"][0]["value"])


def test_what_a_plugin_lived_on_after_is_not_its_death(run: Run) -> None:
    """A destructor fails and is reported; later the process is ended by something that nobody saw."""
    done = run(HOST + 'ends(begins + "class A:\\n def __del__(self): 1 / 0\\nA()\\nos._exit(3)")\n')

    [own] = done.events("cloudquery-source-go")
    [event] = done.events("demo")
    assert "unraisable" == own["exception"]["values"][-1]["mechanism"]["type"]
    assert (done.stdout.strip(), "exit status 3") == (
        event["event_id"],
        event["exception"]["values"][0]["value"],
    )


@pytest.mark.parametrize("status", [-2, -15, -1, 130, 143, 0xC000013A])
def test_a_plugin_that_was_asked_to_end_has_not_crashed(run: Run, status: int) -> None:
    """Ctrl-C goes to all processes of a terminal; a supervisor sends SIGTERM; a terminal that closes SIGHUP."""
    done = run(HOST + f"print(hosts.report_exit(plugin, {status}))")

    assert "None\n" == done.stdout
    assert [] == done.events("demo")


NATIVE = """
import signal, subprocess, sys, crashguard
from crashguard import hosts
crashguard.install(app="demo", version="1.0", note=False)
plugin = crashguard.Plugin("cloudquery", "source", "go", "1.0.0")
crash = (
    "import os, signal, crashguard; crashguard.install(app='cloudquery-source-go', version='1.0.0', note=False, "
    "plugin=crashguard.Plugin('cloudquery', 'source', 'go', '1.0.0')); os.kill(os.getpid(), signal.SIGSEGV)"
)
process = subprocess.Popen([sys.executable, "-c", crash], env=hosts.environment(), stderr=subprocess.DEVNULL)
print(hosts.report_exit(plugin, process.wait()))
"""


def test_a_plugins_native_death_is_one_report(run: Run) -> None:
    """A plugin that dies by SIGSEGV has its own report, with the stacks; the host finds it and adds none."""
    done = run(NATIVE)

    [event] = done.events("cloudquery-source-go")
    assert done.stdout.split() == [event["event_id"]]
    assert [] == done.events("demo")
