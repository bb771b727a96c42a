"""What the licensing server says about the size of a batch holds from its answer on."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crashguard import Plugin
from crashguard.usage import Steering, UsageClient
from tests.usage_server import TEAM, TOKEN, UsageServer

pytestmark = pytest.mark.slow


PLUGIN = Plugin("acme", "source", "orders", "1.2.3")
Make = Callable[[int], UsageClient]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[UsageServer]:
    monkeypatch.setenv("CLOUDQUERY_API_KEY", TOKEN)
    monkeypatch.setenv("_CQ_TEAM_NAME", TEAM)
    with UsageServer() as server:
        yield server


@pytest.fixture
def make(server: UsageServer, tmp_path: Path) -> Iterator[Make]:
    """Makes a client that sends full batches only: no interval ends while a test runs."""
    made: list[UsageClient] = []

    def make(limit: int) -> UsageClient:
        steering = Steering(batch_limit=limit, minimum_interval=0.001, maximum_interval=1000)
        made.append(
            UsageClient(
                PLUGIN, url=server.url, folder=tmp_path / "usage", steering=steering, durable_seconds=1000
            )
        )
        return made[-1]

    yield make
    for usage in made:
        usage.close(send=False)


def test_a_smaller_batch_is_sent_as_soon_as_it_is_full(make: Make, server: UsageServer) -> None:
    """The server asks for batches of seven: the seventh row after that is sent, not the thousandth."""
    server.headers = {"x-cq-batch-limit": "7"}
    usage = make(1000)
    usage.increase(1)
    usage.flush()
    for _ in range(7):
        usage.increase(1)

    server.wait_for(lambda: server.rows == 8)


def test_a_larger_batch_is_waited_for(make: Make, server: UsageServer) -> None:
    """The server asks for batches of a hundred: two rows are none, whatever was agreed before."""
    server.headers = {"x-cq-batch-limit": "100"}
    usage = make(2)
    usage.increase(2)
    server.wait_for(lambda: server.rows == 2)
    usage.flush()
    for _ in range(99):
        usage.increase(1)
    assert 1 == len(server.posts)
    usage.increase(1)

    server.wait_for(lambda: server.rows == 102)
    assert [2, 100] == [seen.body["rows"] for seen in server.posts]
