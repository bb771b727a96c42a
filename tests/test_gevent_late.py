"""A program that has gevent patch the standard library after crashguard has made locks, or a thread that sends."""

from collections.abc import Iterator

import pytest

from tests.conftest import Run, component
from tests.servers import Server, eventually

PROGRAM = """
import signal, sys
import crashguard
crashguard.install(app="demo", version="1.0", note=False, dsn={dsn!r}, delivery="inline")
def report(error):
    try:
        raise error
    except Exception as exc:
        crashguard.capture_exception(exc)
{before}
import warnings
warnings.simplefilter("ignore")
from gevent import monkey
monkey.patch_all()
import gevent, threading
@crashguard.guard("work", reraise=False)
def work():
    raise RuntimeError("in a greenlet")
gevent.joinall([gevent.spawn(work) for _ in range(3)])
thread = threading.Thread(target=report, args=(LookupError("in a thread"),))
thread.start()
thread.join()
print("went on", flush=True)
{{}}["end"]
"""
BEFORE = {
    "a report": "report(ValueError('before'))",
    "a thread": "import threading\nthread = threading.Thread(target=report, args=(ValueError('before'),))\n"
    "thread.start()\nthread.join()",
    "a handler": "signal.signal(signal.SIGUSR1, print)\nreport(ValueError('before'))",
}


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.mark.slow
@pytest.mark.parametrize("before", BEFORE)
def test_a_program_that_patches_late_is_not_held(run: Run, server: Server, before: str) -> None:
    """It goes on and ends as it would; its reports arrive, once each, from it or from a later run."""
    python = component("CRASHGUARD_FRAMEWORKS_PYTHON")
    done = run(PROGRAM.format(dsn=server.dsn, before=BEFORE[before]), python=python)

    assert (1, "went on\n", "KeyError: 'end'") == (
        done.status,
        done.stdout,
        done.stderr.splitlines()[-1],
    ), done.stderr
    assert 1 == done.stderr.count("Traceback")
    install = PROGRAM.partition("def report")[0].format(dsn=server.dsn)
    for backoff in done.state.glob(
        "demo/backoff"
    ):  # an attempt that was under way has failed, and an hour is over
        backoff.unlink()
    run(f"{install}crashguard.flush(30)\n", python=python)
    eventually(
        lambda: (
            sorted(event["exception"]["values"][-1]["type"] for event in server.events)
            == ["KeyError", "LookupError", "RuntimeError", "ValueError"]
        ),
        lambda: server.events,
    )
