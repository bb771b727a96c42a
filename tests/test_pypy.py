"""What PyPy lacks, taken from a real program on any interpreter: a crash is on record and arrives all the same."""

import pytest

from tests.conftest import Run
from tests.servers import Server, eventually

PROGRAM = """
import os
os.__dict__.pop("posix_spawn", None)
import crashguard
crashguard.install(app="demo", version="1.0", dsn={dsn!r}, delivery={how!r}, note=False)
1 / 0
"""


@pytest.mark.parametrize("how", ["background", "inline"])
def test_a_crash_arrives_where_there_is_no_posix_spawn(run: Run, how: str) -> None:
    """From a detached uploader, and from one that the dying process waits for."""
    with Server() as server:
        done = run(PROGRAM.format(dsn=server.dsn, how=how))
        eventually(lambda: server.stored)

    assert (1, 1) == (done.status, done.stderr.count("Traceback"))
    assert 1 == len(server.stored)
