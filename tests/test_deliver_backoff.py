"""When it is tried again: what servers ask for, backoff, and clocks that jump."""

import math
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crashguard import telemetry_level
from crashguard.report import envelope
from crashguard.spool import store
from crashguard.spool.store import Spool
from crashguard.transport import backoff, sentry, upload
from tests.conftest import ROOT
from tests.servers import Server

YES = telemetry_level.resolve("all", app="demo")
NOW = 1_800_000_000.0


@pytest.fixture
def spool(home: Path) -> Spool:
    return Spool(str(home / "spool"))


def keep(spool: Spool, dsn: str, number: int) -> str:
    event_id = f"{number:032x}"
    data = envelope.seal({"event_id": event_id, "release": "demo@1"}, dsn)
    spool.keep(data, event_id, f"{number:08x}", int(time.time() * 1000) + number, store.WAITING)
    return event_id


@pytest.mark.parametrize(
    ("status", "headers", "kind", "wait"),
    [
        ("healthy", {}, "sent", 0.0),
        ("healthy", {"X-Sentry-Rate-Limits": "90:error:organization"}, "sent", 90.0),
        ("healthy", {"X-Sentry-Rate-Limits": "90::organization"}, "sent", 90.0),
        ("healthy", {"X-Sentry-Rate-Limits": "90:transaction;session:key"}, "sent", 0.0),
        ("healthy", {"X-Sentry-Rate-Limits": "5:transaction:key, 70:default;error:org"}, "sent", 70.0),
        ("healthy", {"X-Sentry-Rate-Limits": "soon:error:org"}, "sent", 0.0),
        ("healthy", {"X-Sentry-Rate-Limits": "\xb2:error:org"}, "sent", 0.0),  # a digit, but of no number
        ("429", {"Retry-After": "\xb2"}, "retry", 60.0),
        ("429", {"Retry-After": "9" * 5_000}, "retry", 24 * 3600.0),
        ("healthy", {"Retry-After": "50"}, "sent", 0.0),
        ("429", {}, "retry", 60.0),
        ("429", {"Retry-After": "17"}, "retry", 17.0),
        ("429", {"Retry-After": "some day"}, "retry", 60.0),
        ("429", {"Retry-After": "Thu, 01 Jan 2004 00:00:00 GMT"}, "retry", 0.0),
        ("429", {"Retry-After": "Thu, 01 Jan 2099 00:00:00 GMT"}, "retry", 24 * 3600.0),
        ("429", {"Retry-After": "17", "X-Sentry-Rate-Limits": "99:error:key"}, "retry", 99.0),
        ("429", {"Retry-After": "999999999"}, "retry", 24 * 3600.0),
        ("503", {"Retry-After": "20"}, "retry", 20.0),
        ("500", {}, "retry", 0.0),
        ("413", {}, "rejected", 0.0),
        ("403", {"X-Sentry-Rate-Limits": "30:error:key"}, "rejected", 30.0),
    ],
)
def test_what_a_server_asks_for_is_understood(
    status: str, headers: dict[str, str], kind: str, wait: float
) -> None:
    """Retry-After in seconds or as a date, X-Sentry-Rate-Limits for errors or for everything; a day at most."""
    with Server(status) as server:
        server.headers = headers
        outcome = sentry.send(envelope.seal({"event_id": "a" * 32}, server.dsn), server.dsn)
    assert (kind, wait) == (outcome.kind, outcome.wait)


def test_a_limit_that_comes_with_a_success_holds_back_the_rest(spool: Spool) -> None:
    """The first of three is taken and says so; the others wait, for another process as well."""
    with Server() as server:
        server.headers = {"X-Sentry-Rate-Limits": "600:error:organization"}
        for number in range(3):
            keep(spool, server.dsn, number)
        first = upload.upload(spool.root, YES)
        later = (
            "import sys\nfrom crashguard import telemetry_level\nfrom crashguard.transport.upload import upload\n"
            "print(upload(sys.argv[1], telemetry_level.resolve('all')).left)\n"
        )
        other = subprocess.run(
            [sys.executable, "-c", later, spool.root],
            env={"HOME": spool.root, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert (1, 2, 1, "2\n") == (first.sent, first.left, len(server.posted), other.stdout)
    assert 590 < backoff.not_before(spool.root) - time.time() <= 601


def test_a_server_that_is_down_is_asked_once_for_a_whole_backlog(spool: Spool) -> None:
    """The first of twenty fails; the others are not even tried, and all wait."""
    with Server("500") as server:
        for number in range(20):
            keep(spool, server.dsn, number)
        summary = upload.upload(spool.root, YES)
        assert (20, 1) == (summary.left, len(server.posted))
    assert 20 == len(spool.names(store.WAITING))


def test_a_backlog_is_spaced_and_oldest_first(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two reports there is a pause, none before the first and none after the last."""
    pauses: list[float] = []
    monkeypatch.setattr(upload.time, "sleep", pauses.append)
    with Server() as server:
        ids = [keep(spool, server.dsn, number) for number in range(5)]
        upload.upload(spool.root, YES)
        assert ids == server.posted
    assert [upload.SPACING] * 4 == pauses


def test_a_person_may_ignore_the_backoff(spool: Spool) -> None:
    """Only `crashguard send` asks a server again that asked to wait."""
    with Server() as server:
        keep(spool, server.dsn, 1)
        backoff.wait(spool.root, 3600)
        assert 0 == upload.upload(spool.root, YES).sent
        assert 1 == upload.upload(spool.root, YES, ignore_backoff=True).sent


@pytest.mark.slow
@given(failures=st.integers(1, 40))
def test_backoff_doubles_has_jitter_and_an_end(
    tmp_path_factory: pytest.TempPathFactory, failures: int
) -> None:
    """Half a minute, a minute ... six hours, each a quarter more or less; a success begins again."""
    root = str(tmp_path_factory.mktemp("spool"))
    for _ in range(failures):
        backoff.failed(root, now=NOW)
    pause = backoff.not_before(root, now=NOW) - NOW
    usual = min(6 * 3600.0, 30.0 * 2 ** (failures - 1))

    assert 0.75 * usual - 1 <= pause <= 1.25 * usual + 1
    assert not backoff.is_time(root, now=NOW + pause - 1)
    assert backoff.is_time(root, now=NOW + pause + 1)
    backoff.succeeded(root)
    assert backoff.is_time(root, now=NOW)


@pytest.mark.slow
def test_machines_that_fail_at_one_moment_do_not_come_back_at_one(tmp_path: Path) -> None:
    """Fifty spools whose server went down together: hardly two have the same pause."""
    pauses = set()
    for number in range(50):
        root = tmp_path / str(number)
        root.mkdir()
        for _ in range(6):
            backoff.failed(str(root), now=NOW)
        pauses.add(backoff.not_before(str(root), now=NOW))
    assert 40 < len(pauses)


@given(jump=st.floats(-1e9, 1e9))
def test_a_clock_that_jumps_delays_by_a_day_at_most(
    tmp_path_factory: pytest.TempPathFactory, jump: float
) -> None:
    """However wrong the clock was when a pause began, sending is possible again about a day later."""
    root = str(tmp_path_factory.mktemp("spool"))
    backoff.wait(root, 24 * 3600, now=NOW + jump)

    assert backoff.is_time(root, now=NOW + 26 * 3600) or jump > 0
    assert backoff.not_before(root, now=NOW) - NOW <= 25 * 3600


@given(
    content=st.one_of(st.binary(max_size=200), st.text("0123456789.-+einfa_ ", max_size=60).map(str.encode))
)
def test_a_damaged_backoff_file_is_no_backoff(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    """Whatever stands in it, there is an answer, and a failure is counted."""
    root = str(tmp_path_factory.mktemp("spool"))
    Path(root, "backoff").write_bytes(content)

    assert math.isfinite(backoff.not_before(root, now=NOW))
    backoff.failed(root, now=NOW)
    assert NOW < backoff.not_before(root, now=NOW) <= NOW + 1.25 * 6 * 3600 + 1
    assert ["backoff"] == os.listdir(root)
