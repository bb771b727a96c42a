"""A calm end, as the users of three tools have it: a wheel in a fresh environment, `ending="calm"` and no more."""

import json
from pathlib import Path

import pytest

from tests import outside, terminal
from tests.conftest import Run

TOOLS = ("calm-argparse", "calm-click", "calm-typer")


@pytest.mark.slow
@pytest.mark.parametrize("name", TOOLS)
def test_a_sentence_names_the_command_that_failed(home: Path, name: str) -> None:
    """In a pipe and on a terminal: the command, what to do, and the note; the report has the traceback."""
    tool = outside.tool(home)
    variable = name.upper().replace("-", "_")

    failed = tool.run("fail", command=name)
    status, on_screen = terminal.shown(
        [str(tool.bin / name), "fail"], columns=80, env=terminal.home_of(tool.home)
    )

    for shown in (failed.stderr, on_screen):
        lines = terminal.lines(shown)
        assert lines[:3] == [
            f"{name} fail failed because of a fault in {name}.",
            "Try again, or tell its makers.",
            f"For the technical details, run it again with {variable}_TRACEBACK=1.",
        ]
        assert lines[4].startswith(f"{name} crashed.")
        assert "Traceback" not in shown
        assert "lost" not in shown
    assert (failed.returncode, failed.stdout, status) == (1, "", 1)
    report = tool.run("-m", "crashguard", "show", "--app", name, "--json", command="python").stdout
    event = json.loads(report.splitlines()[-1])
    assert event["exception"]["values"][-1]["stacktrace"]["frames"]


@pytest.mark.slow
@pytest.mark.parametrize("name", TOOLS)
def test_the_traceback_is_there_for_who_asks(home: Path, name: str) -> None:
    """By the tool's variable and by the tool's option; at `none` the end is as calm, and leaves nothing."""
    tool = outside.tool(home)
    variable = f"{name.upper().replace('-', '_')}_TRACEBACK"

    for asked in (
        tool.run("fail", command=name, **{variable: "1"}),
        tool.run("--traceback", "fail", command=name),
    ):
        assert "failed because of a fault" not in asked.stderr
        assert "Traceback" in asked.stderr
        assert "ValueError: lost" in asked.stderr
    calm = tool.run("--telemetry-level", "none", "fail", command=name, HOME=str(home / "other"))

    assert "Traceback" not in calm.stderr
    assert len(calm.stderr.splitlines()) == 3
    assert not (home / "other").exists()


def test_what_is_no_crash_ends_as_ever(run: Run) -> None:
    """Ctrl-C and an expected exception keep their traceback, and a hook of the host still runs below."""
    start = (
        "import sys\ndef own(*about):\n    print('the hook ran')\n    sys.stderr.write('and wrote')\n"
        "sys.excepthook = own\n"
        "import crashguard\n"
        "crashguard.install(app='demo', version='1', ending='calm', ignore=KeyError)\n"
    )

    crashed, expected, stopped = (
        run(start + f"raise {what}") for what in ("ValueError('lost')", "KeyError", "KeyboardInterrupt")
    )

    assert crashed.stderr.startswith("demo failed because of a fault in demo.")
    assert crashed.stdout == expected.stdout == stopped.stdout == "the hook ran\n"
    assert expected.stderr == stopped.stderr == "and wrote"


def test_the_calm_end_says_where_the_makers_are_told(run: Run) -> None:
    """By the contact that the tool names for its page."""
    settings = "app='demo', version='1', ending='calm', contact='help@example.com', note=False"
    done = run(f"import crashguard\ncrashguard.install({settings})\nraise ValueError('lost')")

    assert "Try again, or tell its makers: help@example.com" == done.stderr.splitlines()[1]


def test_a_later_install_ends_the_calm_and_uninstall_puts_the_hook_back(run: Run) -> None:
    """`ending="traceback"` shows the traceback again, and uninstall() leaves no hook of ours."""
    start = "import sys, crashguard\ncrashguard.install(app='demo', version='1', ending='calm')\n"
    again = run(start + "crashguard.install(app='demo', version='1', ending='traceback')\n1 / 0")
    gone = run(start + "crashguard.uninstall()\nprint(sys.excepthook is sys.__excepthook__)\n1 / 0")

    assert again.stderr.startswith("Traceback")
    assert (gone.stdout, gone.stderr.startswith("Traceback")) == ("True\n", True)


def test_another_thread_may_write_while_the_hook_below_is_silent(run: Run) -> None:
    """Only what the dying thread writes is dropped; a value of `off` asks for no traceback."""
    done = run(
        "import sys, threading\n"
        "def own(*about):\n"
        "    other = threading.Thread(target=lambda: sys.stderr.write('from another\\n'))\n"
        "    other.start()\n    other.join()\n    sys.stderr.write('dropped')\n"
        "sys.excepthook = own\n"
        "import crashguard\n"
        "crashguard.install(app='demo', version='1', ending='calm')\n1 / 0",
        env={"DEMO_TRACEBACK": "off"},
    )

    assert done.stderr.startswith("from another\ndemo failed")
    assert "dropped" not in done.stderr


def test_an_ending_of_no_kind_is_an_error(run: Run) -> None:
    """The error says what was given and what there is."""
    done = run("import crashguard\ncrashguard.install(app='demo', version='1', ending='loud')\n")

    assert "ending='loud': choose one of traceback, calm" in done.stderr
