"""The host's side: telemetry level and run id are passed on, a plugin that died is reported once and as itself."""

import json
import subprocess
import sys

import pytest

from crashguard import Plugin, capture, hosts
from tests.conftest import ROOT, Run

PLUGIN = Plugin("cloudquery", "source", "go", "1.0.0")

HOST = """
import subprocess, sys, crashguard
from crashguard import hosts
crashguard.install(app='demo', version='1.0', telemetry_level=LEVEL, note=False)
plugin = crashguard.Plugin('cloudquery', 'source', 'go', '1.0.0')
process = subprocess.Popen([sys.executable, '-c', PLUGIN_CODE], env=hosts.environment())
"""
ASKS = "print(hosts.report_exit(plugin, process.wait()))\n"
SILENT = "import os; os._exit(3)"
KILLED = "import os; os.kill(os.getpid(), 9)"
OWN = (
    "import crashguard; crashguard.install(app='cloudquery-source-go', version='1.0.0', note=False, "
    "plugin=crashguard.Plugin('cloudquery', 'source', 'go', '1.0.0')); 1 / 0"
)


def host(code: str, level: str = "all", *, asks: int = 2) -> str:
    """A host that asks for each of two processes that ended alike, or for one."""
    program = HOST.replace("PLUGIN_CODE", repr(code)).replace("LEVEL", repr(level))
    return program + ASKS * asks


@pytest.mark.parametrize(("code", "how"), [(SILENT, "exit status 3"), (KILLED, "signal SIGKILL")])
def test_a_plugin_that_died_silently_is_reported_as_itself(run: Run, code: str, how: str) -> None:
    """Exit status or signal, once, tagged as the plugin."""
    done = run(host(code))

    event = done.event
    value = event["exception"]["values"][0]
    assert ("PluginProcessDied", how) == (value["type"], value["value"])
    assert ("plugin", "go") == (event["tags"]["component"], event["tags"]["plugin.name"])
    assert 2 == event["contexts"]["crashguard"]["occurrences"]
    assert [event["event_id"]] * 2 == done.stdout.split()


def test_two_plugins_that_die_are_two_bugs(run: Run) -> None:
    """There is no stack to tell them apart; the plugin and how it died do."""
    program = host(SILENT) + "print(hosts.report_exit(plugin, -9))\n"
    program += "print(hosts.report_exit(crashguard.Plugin('cloudquery', 'source', 'x', '1'), 3))\n"

    assert 3 == len(run(program).events())


def test_a_plugin_that_reported_itself_is_not_reported_again(run: Run) -> None:
    """The plugin's own report has the stack; the run id links both, and the host adds nothing."""
    done = run(host(OWN, asks=1))

    assert [] == done.events("demo")
    [event] = done.events("cloudquery-source-go")
    assert [event["event_id"]] == done.stdout.split()
    assert 32 == len(event["contexts"]["crashguard"]["run_id"])


@pytest.mark.parametrize("code", [OWN, SILENT])
def test_a_no_of_the_host_is_the_plugins_too(run: Run, code: str) -> None:
    """The telemetry level came from the flag; the environment passes it on; nothing is written anywhere."""
    done = run(host(code, "none"))

    assert "None\nNone\n" == done.stdout
    assert not done.state.exists()


def test_an_end_that_the_host_asked_for_is_none() -> None:
    """A good end, a running process and one that the host stopped are no crashes."""
    capture.install(app="demo", version="1.0")

    assert [None] * 3 == [
        hosts.report_exit(PLUGIN, 0),
        hosts.report_exit(PLUGIN, None),
        hosts.report_exit(PLUGIN, -2, stopped=True),
    ]


def test_only_level_and_run_id_go_over() -> None:
    """The environment that is passed on differs from the given one by three variables; the id is this run's only."""
    capture.install(app="demo", version="1.0", telemetry_level="errors", dsn="http://k@127.0.0.1:9/1")
    handed = hosts.environment({"A": "b"})

    assert {
        "A",
        "DEMO_TELEMETRY_LEVEL",
        "CRASHGUARD_LEVEL_VARIABLE",
        "CRASHGUARD_RUN_ID",
    } == set(handed)
    assert handed == hosts.environment({"A": "b"})
    code = "import os, json; print(json.dumps(os.environ.get('CRASHGUARD_RUN_ID')))"
    told = subprocess.run([sys.executable, "-c", code], env=handed, capture_output=True, check=True, cwd=ROOT)
    assert handed["CRASHGUARD_RUN_ID"] == json.loads(told.stdout)


@pytest.mark.parametrize(
    ("status", "how"),
    [
        (2, "exit status 2"),
        (127, "exit status 127 (command not found)"),
        (137, "exit status 137 (SIGKILL)"),
        (139, "exit status 139 (SIGSEGV)"),
        (0xC0000005, "exit status 0xc0000005 (access violation)"),
    ],
)
def test_an_exit_status_is_named(run: Run, status: int, how: str) -> None:
    """What a shell, a container engine or Windows says by a number, the host's report says by its name."""
    done = run(
        "import crashguard; from crashguard import hosts; crashguard.install(app='demo', version='1.0', note=False)\n"
        f"hosts.report_exit(crashguard.Plugin('cloudquery', 'source', 'x', '1'), {status})\n"
    )

    [event] = done.events("cloudquery-source-x") or done.events("demo")
    assert how == event["exception"]["values"][0]["value"]
