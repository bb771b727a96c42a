"""A plugin's process that died: whether the report that it made itself is one of this death."""

import pytest

from tests.conftest import Run

# The plugin crashes and reports that itself. Then it is started again, and killed, in the same run of the host.
HOST = """
import subprocess, sys, crashguard
from crashguard import hosts
crashguard.install(app="demo", version="1.0", note=False)
plugin = crashguard.Plugin("cloudquery", "source", "go", "1.0.0")
crash = (
    "import crashguard; crashguard.install(app='cloudquery-source-go', version='1.0.0', note=False, "
    "plugin=crashguard.Plugin('cloudquery', 'source', 'go', '1.0.0')); 1 / 0"
)
process = subprocess.Popen([sys.executable, "-c", crash], env=hosts.environment(), stderr=subprocess.DEVNULL)
print(hosts.report_exit(plugin, process.wait()), flush=True)
{later}
process = subprocess.Popen([sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"], env=hosts.environment())
print(hosts.report_exit(plugin, process.wait()))
"""
LATER = """
import time
from pathlib import Path
[report] = (Path.home() / ".local/state/crashguard/cloudquery-source-go").glob("*/*.envelope")
_, rest = report.name.split("-", 1)
report.rename(report.with_name(f"{{int((time.time() - {hours} * 3600) * 1000)}}-{{rest}}"))
"""


@pytest.mark.parametrize("hours", [0.1, 12, 23])
def test_a_plugins_own_report_of_the_same_day_is_the_report(run: Run, hours: float) -> None:
    """A host that starts a crashed plugin again, and stops: the crash has its report, with its stack."""
    done = run(HOST.format(later=LATER.format(hours=hours)))

    first, second = done.stdout.split()
    assert first == second
    assert [] == done.events("demo")


@pytest.mark.parametrize("hours", [25, 200])
def test_a_plugins_own_report_of_another_day_is_not_that_of_this_death(run: Run, hours: float) -> None:
    """A host that runs for weeks: a plugin that is killed today is reported, though it crashed last week."""
    done = run(HOST.format(later=LATER.format(hours=hours)))

    first, second = done.stdout.split()
    assert first != second
    [event] = done.events("demo")
    assert (second, "signal SIGKILL") == (event["event_id"], event["exception"]["values"][0]["value"])


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
