"""A person's comment: scrubbed, shown, asked for, and with those who get the report."""

import json
import os
import re
import subprocess
import sys

import pytest

from tests import terminal
from tests.conftest import ROOT, Finished, Run
from tests.servers import Server

PROGRAM = """
import crashguard
crashguard.install(app="demo", version="1.2.3", dsn={dsn!r}, delivery='deferred', note=False)
1 / 0
"""
SAID = "the token sk_live_4eC39HqLyjWDarjtT1zdp7dc was new"


def command(*arguments: str, said: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    """The command in a pipe."""
    return subprocess.run(
        [sys.executable, "-m", "crashguard", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), **more},
        input=said,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def crash(run: Run, dsn: str | None) -> Finished:
    done = run(PROGRAM.format(dsn=dsn))
    assert 1 == done.status
    return done


def test_a_comment_goes_along_with_a_report_that_waits(run: Run) -> None:
    """What the server gets has the text without its secret; the person has seen just that."""
    with Server() as server:
        crash(run, server.dsn)
        told = command("comment", "--yes", said=SAID)
        assert (0, "") == (told.returncode, told.stderr)
        assert re.search(r"the token \[scrubbed:[a-z-]+\] was new", told.stdout)
        assert 0 == command("send").returncode

    [envelope] = server.stored.values()
    comment = json.loads(envelope.splitlines()[2])["contexts"]["crashguard"]["comment"]
    assert comment in told.stdout
    assert "4eC39" not in envelope.decode()


def test_a_second_comment_is_added_to_the_first(run: Run) -> None:
    """Nothing that a person has said is lost; what is too long together is an error, and the first stays."""
    done = crash(run, None)
    for said in ("the token was new", "and the proxy was off"):
        assert 0 == command("comment", "--yes", said=said).returncode
    told = command("comment", "--yes", said="x" * 3_990)

    assert "more than 4,000 characters" in told.stderr
    both = "the token was new\n\nand the proxy was off"
    assert both == done.event["contexts"]["crashguard"]["comment"]


@pytest.mark.slow
def test_a_comment_follows_a_report_that_was_sent(run: Run) -> None:
    """It is Sentry's user feedback on that report, with neither name nor address."""
    with Server() as server:
        done = crash(run, server.dsn)
        assert 0 == command("send").returncode
        [path] = done.files(folder="sent")
        told = command("comment", path.stem[-32:][:8], SAID, "--yes")
        assert (0, "") == (told.returncode, told.stderr)
        feedback = server.bodies[-1].splitlines()

    assert 2 == len(server.posted)
    assert "user_report" == json.loads(feedback[1])["type"]
    said = json.loads(feedback[2])
    assert {"event_id", "name", "email", "comments"} == said.keys()
    assert (path.stem[-32:], "", "") == (said["event_id"], said["name"], said["email"])
    assert "sk_live_4eC39" not in said["comments"]
    assert "was new" in said["comments"]
    shown = command("show").stdout
    assert "It was sent to" in shown
    assert 1 == shown.count("A comment of yours followed it, 20")


def test_what_is_shown_is_what_leaves(run: Run) -> None:
    """Escapes of a terminal and what turns a text around are shown, and sent, as text; its lines stay."""
    with Server() as server:
        crash(run, server.dsn)
        told = command("comment", "--yes", said="I pressed\x1b[2J\tF5\r\nand \u202eoops")
        assert 0 == command("send").returncode

    text = "I pressed\\x1b[2J F5\nand \\u202eoops"
    assert f"\n\n{text}\n\n" in told.stdout
    assert text == server.events[0]["contexts"]["crashguard"]["comment"]


def test_a_no_keeps_a_comment_here(run: Run) -> None:
    """Consent is asked again by whoever sends: a no since then sends nothing, and says so."""
    with Server() as server:
        crash(run, server.dsn)
        assert 0 == command("send").returncode
        assert 0 == command("level", "none").returncode
        told = command("comment", "--yes", said="hello")

        assert 1 == told.returncode
        assert "nothing was sent: telemetry level is none" in told.stderr
        assert "" == told.stdout  # also not that it is sent now
        assert 1 == len(server.posted)


def test_a_comment_stays_with_a_report_that_stays(run: Run) -> None:
    """It is in the text of an issue, harmless there, and on the screen."""
    crash(run, None)
    told = command("comment", "--yes", said="I typed `x` </details> \x1b[2J [y](https://z.example)")

    assert 0 == told.returncode
    assert "\x1b" not in told.stdout
    assert "</details>" in command("show", "--markdown").stdout.split("<details>")[0]
    assert "- comment: `` I typed `x` </details>" in command("show", "--markdown").stdout
    assert "I typed `x`" in command("show").stdout
    assert "<b>" not in command("show", "--html").stdout


@pytest.mark.parametrize(
    ("arguments", "said", "why"),
    [
        (["--yes"], "x" * 1_000_000, "at most 4,000 characters"),
        (["--yes"], " \n", "give a text"),
        ([], "hello", "give --yes"),
        (["ffffffff", "--yes"], "hello", "no report"),
    ],
)
def test_what_is_not_valid_is_a_clear_error(run: Run, arguments: list[str], said: str, why: str) -> None:
    """A megabyte, nothing, nobody who can be asked, a report that is gone: one line, and nothing is changed."""
    done = crash(run, None)
    [path] = done.files(folder="local")
    before = path.read_bytes()

    told = command("comment", *arguments, said=said)

    assert 0 != told.returncode
    assert why in told.stderr
    assert "Traceback" not in told.stderr
    assert before == path.read_bytes()


def test_a_person_is_asked_for_the_text_and_whether_to_add_it(run: Run) -> None:
    """On a terminal; a no adds nothing."""
    done = crash(run, None)
    [path] = done.files(folder="local")

    status, shown = terminal.crashguard("comment", typed=b"I pressed enter\nn\n")
    assert 1 == status
    assert "I pressed enter" in shown
    assert b"pressed" not in path.read_bytes()

    status, _ = terminal.crashguard("comment", typed=b"I pressed enter\ny\n")
    assert 0 == status
    assert b"I pressed enter" in path.read_bytes()


def test_a_text_alone_is_about_the_last_crash(run: Run) -> None:
    """What cannot be the beginning of an id is the text."""
    done = crash(run, None)
    [path] = done.files(folder="local")

    assert 0 == command("comment", "I pressed enter", "--yes").returncode
    assert b"I pressed enter" in path.read_bytes()
