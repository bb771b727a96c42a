"""The detached uploader lets the process that started it finish: its last figures belong to the report."""

from crashguard.report import envelope
from tests import uploaders
from tests.conftest import Run
from tests.servers import Server, eventually

# Goes on after its first error for as long as an uploader that does not wait needs to send the report, or for three
# seconds, which an uploader that waits is ready to wait.
PROGRAM = """
import sys, time
from pathlib import Path
import crashguard
crashguard.install(app="demo", version="1.0", note=False, dsn=sys.argv[1])

def fails():
    try:
        raise ValueError("x")
    except ValueError:
        crashguard.capture_exception()

fails()
sent = Path.home() / ".local/state/crashguard/demo/sent"
end = time.monotonic() + 3
while time.monotonic() < end and not sent.exists():
    time.sleep(0.05)
for _ in range(6):
    fails()
"""


def test_the_figures_of_a_program_that_goes_on_are_in_what_is_sent(run: Run) -> None:
    """An error that happens once more, six times, seconds after the first: one report, and it says seven."""
    with Server() as server:
        done = run(PROGRAM, server.dsn)
        eventually(lambda: server.stored)
        uploaders.gone(done.state / "demo")

        [arrived] = server.stored.values()
        assert 1 == len(server.posted)
    assert 7 == envelope.unseal(arrived)[1]["contexts"]["crashguard"]["occurrences"]
