"""A no reaches the processes that were forked before it, and a forked child's own no is only its own."""

import textwrap
from pathlib import Path

import pytest

from tests.conftest import Run
from tests.servers import Server, eventually

PROGRAM = """
import ctypes, os, sys
import crashguard

ABOUT = dict(app="demo", version="1.0", dsn={dsn!r}, delivery="inline", note=False)
crashguard.install(**ABOUT)


def die():
    {die}


def child(ready):
    os.read(ready, 1)
    {child}
    die()


ready, go = os.pipe()
{fork}
{parent}
os.write(go, b"x" * 9)
{wait}
"""
FORK = """
pid = os.fork()
if not pid:
    child(ready)
"""
TWICE = """
pid = os.fork()
if not pid:
    inner = os.fork()
    if not inner:
        child(ready)
    os.waitpid(inner, 0)
    os._exit(0)
"""
MULTI = """
import multiprocessing
process = multiprocessing.get_context("fork").Process(target=child, args=(ready,))
process.start()
"""
WAIT, JOIN = "os.waitpid(pid, 0)", "process.join()"
RAISES, NATIVE = "{}['lost']", "ctypes.string_at(0)"
HANDLED = "try: {}['lost']\n    except KeyError as e: crashguard.capture_exception(e); crashguard.flush(20)"
NO = 'crashguard.install(**ABOUT, telemetry_level="none")'
STATS = 'crashguard.install(**ABOUT, telemetry_level="stats")'
REFUSED = 'crashguard.install(**ABOUT, refused_by="--quiet")'
YES = "crashguard.install(**ABOUT)"


def program(server: Server, **parts: str) -> str:
    return textwrap.dedent(PROGRAM).format(dsn=server.dsn, **parts)


@pytest.mark.slow
@pytest.mark.parametrize("die", [RAISES, HANDLED, NATIVE], ids=["raises", "handled", "native"])
@pytest.mark.parametrize(
    ("fork", "wait", "parent"),
    [(FORK, WAIT, NO), (FORK, WAIT, STATS), (FORK, WAIT, REFUSED), (TWICE, WAIT, NO), (MULTI, JOIN, NO)],
    ids=["fork", "stats", "refused_by", "of a child", "multiprocessing"],
)
def test_a_child_that_was_forked_before_the_no_knows_of_it(
    run: Run, die: str, fork: str, wait: str, parent: str
) -> None:
    """Its crash is not recorded, not sent, and not found by a later run that says yes."""
    with Server() as server:
        done = run(program(server, die=die, fork=fork, wait=wait, parent=parent, child="pass"))
        assert [] == [path for path in done.left if path.name != "about"]
        run(
            program(server, die="pass", fork="pid = 0", wait="crashguard.flush(20)", parent=YES, child="pass")
        )

        assert {} == server.stored


@pytest.mark.slow
@pytest.mark.parametrize("die", [RAISES, NATIVE], ids=["raises", "native"])
def test_a_childs_own_no_is_its_own(run: Run, die: str) -> None:
    """Whatever ends the child then is not reported. Its parent's crash is."""
    with Server() as server:
        first = program(server, die=die, fork=FORK, wait=WAIT + "\n{}['parent']", parent="pass", child=NO)
        run(first)
        run(
            program(server, die="pass", fork="pid = 0", wait="crashguard.flush(20)", parent=YES, child="pass")
        )
        eventually(lambda: server.stored)

        [event] = server.events
        assert event["exception"]["values"][-1]["type"] == "KeyError"
        assert "die" not in str(event["exception"])


def test_a_child_that_nobody_refused_is_reported(run: Run, home: Path) -> None:
    """Also where its parent has called install() again, with the same telemetry level or a higher one."""
    with Server() as server:
        done = run(program(server, die=RAISES, fork=FORK, wait=WAIT, parent=YES, child="pass"))

    # On a busy machine the server may answer too late for a dying process: then it waits for the next run.
    assert 1 == len(done.files(folder="sent") + done.files(folder="waiting"))


PART = """
import os, subprocess, sys
import crashguard
from crashguard import stats

ABOUT = dict(app="demo", version="1.0", dsn="http://key@127.0.0.1:9/1", delivery="deferred")
if sys.argv[1:] == ["child"]:
    crashguard.install(**ABOUT)
    from crashguard.client import current_config
    print(current_config().level)
else:
    crashguard.install(**ABOUT, {more})
    {between}
    subprocess.run([sys.executable, __file__, "child"], check=True)
    crashguard.uninstall()
    print([name for name in os.environ if "LEVEL" in name])
"""
SAVE = "from crashguard.consent import choices; choices.save_choice('none', since='2026-01-31T12:00:00Z')"
TRACK = "os.environ['DO_NOT_TRACK'] = '1'"


@pytest.mark.parametrize(
    ("more", "between", "said"),
    [
        ("refused_by='--quiet'", "pass", "'stats', source='default, lowered by DEMO_TELEMETRY_LEVEL'"),
        ("refused_by='--quiet'", SAVE, "'none', source='saved choice'"),
        ("refused_by='--quiet'", TRACK, "'none', source='DO_NOT_TRACK'"),
        ("telemetry_level='none'", "pass", "'none', source='DEMO_TELEMETRY_LEVEL'"),
        ("telemetry_level='errors'", "pass", "'errors', source='DEMO_TELEMETRY_LEVEL'"),
    ],
)
def test_what_a_refusal_leaves_is_no_yes_in_a_child(run: Run, more: str, between: str, said: str) -> None:
    """A program that the tool starts asks the saved choice and DO_NOT_TRACK itself, and gets no more than is left."""
    done = run(PART.format(more=more, between=between))

    assert said in done.stdout
    assert done.stdout.endswith("[]\n")
