"""How a program ends decides what its user reads, what is sent and what the next run is told."""

import pytest

from crashguard.report import envelope
from tests.conftest import Run
from tests.servers import Server
from tests.sink import Sink

pytestmark = pytest.mark.slow


INSTALL = """
import sys
import crashguard
crashguard.install(app="demo", version="1.0"{more})
"""
HOOK = """
import sys
def own(kind, exc, tb):
    sys.stderr.write("Something went wrong, see the log.\\n")
    {end}
sys.excepthook = own
"""


def test_a_program_that_ends_in_its_own_hook_has_the_last_word(run: Run) -> None:
    """A hook that was there before and ends the program itself: its words and its status, nothing beside them."""
    done = run(HOOK.format(end="sys.exit(7)") + INSTALL.format(more="") + "1 / 0\n")

    assert (7, "", "Something went wrong, see the log.\n") == (done.status, done.stdout, done.stderr)
    assert "ZeroDivisionError" == done.event["exception"]["values"][-1]["type"]


def test_a_program_whose_own_hook_returns_still_has_the_note(run: Run) -> None:
    """What only prints in place of the traceback does not keep the user from learning of the report."""
    done = run(HOOK.format(end="pass") + INSTALL.format(more="") + "1 / 0\n")

    assert done.stderr.startswith("Something went wrong, see the log.\n\ndemo crashed. ")
    assert done.event["event_id"][:8] in done.stderr


# typer and rich put a hook of their own over the one that crashguard has set.
REPLACED = "sys.excepthook = lambda *args: sys.stderr.write('A pretty traceback.\\n')\n1 / 0\n"


def test_a_crash_that_is_found_at_the_end_is_sent_before_the_end(run: Run) -> None:
    """Whoever replaced the hook: with inline delivery, the report has arrived when the process is gone."""
    with Server() as server:
        more = f', delivery="inline", dsn="{server.dsn}"'
        done = run(INSTALL.format(more=more) + REPLACED)

        assert 1 == done.status
        [arrived] = server.stored.values()
    assert "ZeroDivisionError" == envelope.unseal(arrived)[1]["exception"]["values"][-1]["type"]
    assert [1] == [len(done.files(folder="sent"))]


COMMAND = """
from crashguard import stats
stats.configure(url={url!r}, write_key="key")
try:
    with stats.command("sync"):
        {ends}
finally:
    assert stats.flush(30)
"""


@pytest.mark.parametrize(
    ("ends", "status"),
    [
        ("pass", "success"),
        ("sys.exit(0)", "success"),
        ("sys.exit()", "success"),
        ("sys.exit(1)", "error"),
        ("sys.exit(2)", "usage"),
        ("sys.exit(128 + 2)", "interrupted"),
        ("sys.exit(128 + 15)", "interrupted"),
        ("sys.exit(128 + 9)", "error"),
        ("sys.exit('no such file')", "error"),
        ("raise KeyboardInterrupt", "interrupted"),
        ("raise BrokenPipeError", "interrupted"),
        ("raise OSError", "error"),
    ],
)
def test_a_command_is_counted_as_it_ended(run: Run, ends: str, status: str) -> None:
    """What asks a program to stop is no error of it: Ctrl-C, SIGTERM, a reader that went away."""
    with Sink() as sink:
        run(
            INSTALL.format(more=', delivery="deferred", note=False')
            + COMMAND.format(url=sink.url, ends=ends),
        )

        [message] = sink.stored.values()
    assert {"command": "demo sync", "status": status} == message["properties"]
