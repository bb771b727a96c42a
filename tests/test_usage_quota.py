"""The quota: asked before a sync and while it runs; without an answer the sync does not go on."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from crashguard.plugin import Plugin
from crashguard.usage import (
    NoQuotaError,
    Quota,
    QuotaCheckError,
    QuotaWatch,
    UsageClient,
    UsageError,
    UsageUnavailableError,
    metered,
)
from crashguard.usage.quota import no_quota_error
from tests.usage_server import TEAM, TOKEN, Fault, UsageServer

PLUGIN = Plugin("acme", "source", "orders", "1.2.3")
FAST = 0.005  # seconds between two checks


@pytest.fixture
def server() -> Iterator[UsageServer]:
    with UsageServer() as server:
        yield server


@pytest.fixture
def usage(server: UsageServer, tmp_path: Path) -> Iterator[UsageClient]:
    with UsageClient(PLUGIN, team=TEAM, api_key=TOKEN, url=server.url, folder=tmp_path / "usage") as usage:
        yield usage


def test_the_question_names_customer_and_plugin(usage: UsageClient, server: UsageServer) -> None:
    """GET /teams/{team}/usage/{plugin_team}/{plugin_kind}/{plugin_name}."""
    server.quota_headers = {"x-cq-query-interval": "45"}

    assert Quota(1000, 45.0) == usage.check_quota()
    assert f"/teams/{TEAM}/usage/acme/source/orders" == server.seen[-1].path
    assert f"Bearer {TOKEN}" == server.seen[-1].headers["authorization"]


@pytest.mark.parametrize(
    ("left", "is_left"), [({"remaining_rows": 1}, True), ({"remaining_rows": 0}, False), ({}, True)]
)
def test_a_quota_is_left_if_rows_remain_or_none_are_counted(
    usage: UsageClient, server: UsageServer, left: dict[str, int], is_left: bool
) -> None:
    """remaining_rows absent means without limit."""
    server.quota = left

    assert is_left is usage.check_quota().is_left


def test_without_quota_a_sync_does_not_begin(usage: UsageClient, server: UsageServer) -> None:
    """And the user reads what happened and what to do."""
    server.quota = {"remaining_rows": 0}
    with pytest.raises(NoQuotaError, match=f"Team {TEAM} has reached its usage limit for acme/source/orders"):
        usage.watch_quota()


def test_the_message_says_where_the_limit_is_raised() -> None:
    """CloudQuery's own billing page for CloudQuery's own server, the vendor for others."""
    own = str(no_quota_error("acme/source/orders", TEAM, f"https://cloud.cloudquery.io/teams/{TEAM}/billing"))

    assert f"at https://cloud.cloudquery.io/teams/{TEAM}/billing" in own
    assert "with its vendor" in str(no_quota_error("acme/source/orders", TEAM, None))


@pytest.mark.parametrize("status", [401, 403, 404])
def test_without_an_answer_a_sync_does_not_begin(
    usage: UsageClient, server: UsageServer, status: int
) -> None:
    """Fails closed: nobody said that there is quota."""
    server.quota_faults = [Fault(status)]
    with pytest.raises(QuotaCheckError, match="not started"):
        usage.watch_quota()


@pytest.mark.parametrize("quota", [[], {"remaining_rows": "many"}, {"remaining_rows": True}, None])
def test_an_answer_that_makes_no_sense_is_none(usage: UsageClient, server: UsageServer, quota: Any) -> None:
    """Fails closed."""
    server.quota = quota
    with pytest.raises(QuotaCheckError, match="makes no sense"):
        usage.watch_quota()


def test_a_quota_that_ends_stops_the_sync(usage: UsageClient, server: UsageServer) -> None:
    """The callback is called once with the reason, which is raised at the end as well."""
    reasons: list[UsageError] = []
    stopped = threading.Event()

    def stop(reason: UsageError) -> None:
        reasons.append(reason)
        stopped.set()

    with pytest.raises(NoQuotaError) as raised, usage.watch_quota(stop, interval=FAST) as watch:
        assert watch.reason is None
        watch.raise_if_stopped()
        server.quota = {"remaining_rows": 0}
        assert stopped.wait(20)

    assert [raised.value] == reasons
    assert isinstance(watch.reason, NoQuotaError)


def test_the_syncs_own_error_is_not_masked(usage: UsageClient, server: UsageServer) -> None:
    """What the callback made the sync raise is what its caller sees."""
    stopped = threading.Event()
    with pytest.raises(TimeoutError), usage.watch_quota(lambda _: stopped.set(), interval=FAST):
        server.quota = {"remaining_rows": 0}
        assert stopped.wait(20)
        raise TimeoutError


def test_a_sync_without_quota_ends_in_its_own_generator(usage: UsageClient, server: UsageServer) -> None:
    """What stands round the sync, its stats say, learns that it ended, and why."""
    server.quota_headers = {"x-cq-query-interval": "1"}
    ended: list[BaseException] = []

    def sync() -> Iterator[str]:
        try:
            while True:
                server.quota = {"remaining_rows": 0}
                yield "a message"
        except BaseException as error:
            ended.append(error)
            raise

    with pytest.raises(NoQuotaError) as raised:
        for _ in metered(sync(), usage):
            pass

    assert [raised.value] == ended


def watched(answers: list[Quota | UsageError], **settings: Any) -> tuple[QuotaWatch, Callable[[], None]]:
    """A watch whose checks are made by hand: after the first, the thread finds that it is never time."""
    clock = [0.0]

    def ask() -> Quota:
        answer = answers.pop(0)
        if isinstance(answer, UsageError):
            raise answer
        return answer

    watch = QuotaWatch(
        ask, lambda: no_quota_error("p", "t", None), clock=lambda: clock[0], **{"interval": 30.0, **settings}
    )
    return watch, watch.check


def test_ten_failures_in_a_row_stop_the_sync() -> None:
    """Nine do not; an answer in between starts the count anew."""
    failure = UsageUnavailableError("no answer")
    reasons: list[UsageError] = []
    answers = [Quota(), *[failure] * 9, Quota(5), *[failure] * 10]
    watch, check = watched(answers, stop=reasons.append)
    for _ in range(9 + 1 + 9):
        check()
    assert [] == reasons
    check()

    assert [QuotaCheckError] == [type(reason) for reason in reasons]
    assert failure is reasons[0].__cause__
    with pytest.raises(QuotaCheckError, match="10 checks"):
        watch.raise_if_stopped()
    assert None is watch.time_to_check()


def test_the_server_sets_the_pace() -> None:
    """x-cq-query-interval replaces the 30 seconds, from the first answer on."""
    watch, check = watched([Quota(interval=7.0), Quota(interval=90.0), Quota()])
    paces = [watch.time_to_check()]
    for _ in range(2):
        check()
        paces.append(watch.time_to_check())
    watch.close()

    assert [7.0, 90.0, 90.0] == paces


def test_a_closed_watch_asks_no_more(usage: UsageClient, server: UsageServer) -> None:
    """Its thread ends with the sync."""
    with usage.watch_quota(interval=FAST):
        server.wait_for(lambda: len(server.seen) >= 3)
    thread = [thread for thread in threading.enumerate() if thread.name == "crashguard-usage-quota"]
    for each in thread:
        each.join(20)

    assert [] == [thread for thread in threading.enumerate() if thread.name == "crashguard-usage-quota"]
