"""A program that has used up its file descriptors crashes as without crashguard, and its report arrives."""

from collections.abc import Iterator

import pytest

from tests.conftest import Run
from tests.servers import Server, eventually

INSTALL = """
import os, resource, signal, sys, threading
import crashguard
crashguard.install(app="demo", version="1.0", dsn={dsn!r}, delivery={delivery!r})
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
kept = []
def fill():
    try:
        while True:
            kept.append(open(sys.executable))
    except OSError:
        pass
"""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


ENDS = {
    "a crash": "fill()\n1 / 0\n",
    "a crash that is found at the end": "sys.excepthook = lambda *error: None\nfill()\n1 / 0\n",
    "a crash in a thread": (
        "def work():\n    fill()\n    1 / 0\n"
        "thread = threading.Thread(target=work)\nthread.start()\nthread.join()\nsys.exit(1)\n"
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("delivery", ["inline", "background"])
def test_a_program_without_descriptors_has_its_own_status_and_its_report_arrives(
    run: Run, server: Server, end: str, delivery: str
) -> None:
    """At once, or with the next run: where no thread could send, and none could end, none is started."""
    install = INSTALL.format(dsn=server.dsn, delivery=delivery)
    done = run(install + ENDS[end])
    assert 1 == done.status, done.stderr

    run(install)
    eventually(lambda: server.types == ["ZeroDivisionError"], lambda: (server.types, done.stderr))


@pytest.mark.slow
def test_a_program_that_can_start_no_uploader_has_its_own_status_without_descriptors(
    run: Run, server: Server
) -> None:
    """With a handler of its own for SIGCHLD: it sends with what it has, and the next run sends the rest."""
    install = INSTALL.format(dsn=server.dsn, delivery="inline")
    server.mood = "hanging"
    handler = "signal.signal(signal.SIGCHLD, lambda *_: None)\n"
    done = run(install + handler + ENDS["a crash"])
    assert 1 == done.status, done.stderr
    server.mood = "healthy"
    for name in ("backoff", "resumed"):  # stands for the minutes that a user lets pass between two runs
        (done.state / "demo" / name).unlink(missing_ok=True)

    run(install)
    eventually(lambda: server.types == ["ZeroDivisionError"], lambda: server.types)


GUARDED = """
@crashguard.guard("step", reraise=False)
def step(number):
    return [][number]
{before}
fill()
step(0)
print(crashguard.capture_exception(ValueError("x")) is not None, flush=True)
{after}
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.slow
@pytest.mark.parametrize("delivery", ["inline", "background"])
def test_a_guard_without_descriptors_leaves_its_report_though_the_program_is_killed(
    run: Run, server: Server, delivery: str
) -> None:
    """One descriptor is held for that; after the report the program has as many as before."""
    install = INSTALL.format(dsn=server.dsn, delivery=delivery)
    more = "try: open('/dev/null')\nexcept OSError: print('none free', flush=True)"
    done = run(install + GUARDED.format(before="", after=more))
    assert "True\nnone free\n" == done.stdout, done.stderr

    run(install)
    eventually(lambda: sorted(server.types) == ["IndexError", "ValueError"], lambda: server.types)


@pytest.mark.slow
def test_a_crash_that_found_no_descriptor_is_written_once_one_is_free(run: Run, server: Server) -> None:
    """The program, a daemon, has closed even the one that was held. It is written with the next crash."""
    install = INSTALL.format(dsn=server.dsn, delivery="inline")
    program = GUARDED.format(
        before="os.closerange(3, 64)", after="kept.clear()\ncrashguard.capture_exception()"
    )
    program = program.replace("capture_exception()", "capture_exception(KeyError(1))")
    assert "False\n" == run(install + program).stdout

    run(install)
    eventually(lambda: sorted(server.types) == ["IndexError", "KeyError"], lambda: server.types)


@pytest.mark.slow
def test_a_program_without_descriptors_that_ends_well_was_not_killed(run: Run, server: Server) -> None:
    """Its marker goes as at every clean end."""
    done = run(INSTALL.format(dsn=server.dsn, delivery="inline") + "fill()\n")

    assert (0, "") == (done.status, done.stderr)
    assert [] == done.left


def test_a_program_that_closed_the_descriptor_keeps_its_own_of_that_number(run: Run, server: Server) -> None:
    """What the program opened under the number of the one that was held is not closed."""
    done = run(
        INSTALL.format(dsn=server.dsn, delivery="inline")
        + "os.closerange(3, 64)\nfill()\n"
        + "crashguard.capture_exception(ValueError('x'))\nprint(all(os.fstat(each.fileno()) for each in kept))\n"
    )
    assert "True\n" == done.stdout, done.stderr
