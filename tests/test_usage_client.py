"""The usage client against a licensing server over real HTTP: what is sent, when, and what a failure does."""

import itertools
import json
import logging
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from crashguard.plugin import Plugin
from crashguard.transport.http import proxy_for
from crashguard.usage import (
    Steering,
    UsageClient,
    UsageClosedError,
    UsageConfigurationError,
    UsageCountError,
    UsageNotSentError,
    UsageRejectedError,
    UsageUnavailableError,
    http,
)
from tests.usage_server import TEAM, TOKEN, Fault, UsageServer

ROOT = Path(__file__).parent.parent
PLUGIN = Plugin("acme", "source", "orders", "1.2.3")
EAGER = Steering(batch_limit=1, minimum_interval=0.001, maximum_interval=0.002)
LAZY = Steering(batch_limit=10**9, minimum_interval=1000, maximum_interval=1000)  # only close() sends

Make = Callable[..., UsageClient]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[UsageServer]:
    monkeypatch.setenv("CLOUDQUERY_API_KEY", TOKEN)
    monkeypatch.setenv("_CQ_TEAM_NAME", TEAM)
    monkeypatch.delenv("_CQ_INSTALLATION_ID", raising=False)
    with UsageServer() as server:
        yield server


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Pauses between retries are written down, not waited for."""
    pauses: list[float] = []
    defaults = dict(http.Http.__init__.__kwdefaults__ or {})
    monkeypatch.setattr(http.Http.__init__, "__kwdefaults__", {**defaults, "pause": pauses.append})
    return pauses


@pytest.fixture
def make(server: UsageServer, tmp_path: Path) -> Iterator[Make]:
    made: list[UsageClient] = []

    def make(**settings: Any) -> UsageClient:
        given = {"url": server.url, "folder": tmp_path / "usage", "steering": LAZY, **settings}
        made.append(UsageClient(given.pop("plugin", PLUGIN), **given))
        return made[-1]

    yield make
    for client in made:
        client.close(send=False)


def kept(folder: Path) -> list[dict[str, Any]]:
    """The batches that lie on disk."""
    return [json.loads(path.read_bytes())["usage"] for path in sorted(folder.glob("*.json"))]


def on_disk(usage: UsageClient) -> threading.Event:
    """An event that is set whenever a batch was written."""
    saved = threading.Event()
    assert usage._meter is not None
    store = usage._meter._store
    save = store.save

    def watched(batch: Any) -> None:
        save(batch)
        saved.set()

    store.save = watched  # type: ignore[method-assign]
    return saved


# What is sent


def test_a_batch_says_what_the_api_describes_and_nothing_else(make: Make, server: UsageServer) -> None:
    """plugin_team, plugin_kind, plugin_name, rows and request_id; no tables unless rows are counted by table."""
    with make() as usage:
        usage.increase(3)
        usage.increase(4)

    [seen] = server.posts
    assert f"/teams/{TEAM}/usage" == seen.path
    assert f"Bearer {TOKEN}" == seen.headers["authorization"]
    assert {"plugin_team": "acme", "plugin_kind": "source", "plugin_name": "orders", "rows": 7} == {
        name: value for name, value in seen.body.items() if name != "request_id"
    }


def test_rows_by_table_are_sent_by_table(make: Make, server: UsageServer) -> None:
    """The sum stands beside the tables it is made of."""
    with make() as usage:
        usage.increase_for_table("orders", 2)
        usage.increase_for_table("customers", 5)
        usage.increase_for_table("orders", 1)

    [body] = server.batches.values()
    assert 8 == body["rows"]
    assert [{"name": "customers", "rows": 5}, {"name": "orders", "rows": 3}] == body["tables"]


def test_an_installation_id_is_sent_if_the_api_would_take_it(
    make: Make, server: UsageServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """64 lower-case letters and digits from _CQ_INSTALLATION_ID; anything else is left out with a warning."""
    monkeypatch.setenv("_CQ_INSTALLATION_ID", "a1" * 32)
    with make() as usage:
        usage.increase(1)
    monkeypatch.setenv("_CQ_INSTALLATION_ID", "A1" * 32)
    with make() as usage:
        usage.increase(1)

    assert ["a1" * 32, None] == [seen.body.get("installation_id") for seen in server.posts]
    assert "_CQ_INSTALLATION_ID is not 64" in caplog.text


def test_nothing_counted_is_nothing_sent_nothing_kept(
    make: Make, server: UsageServer, tmp_path: Path
) -> None:
    """A run that counts no row makes no request and no folder."""
    with make():
        pass

    assert [] == server.seen
    assert not (tmp_path / "usage").exists()


def test_every_flush_has_an_id_of_its_own(make: Make, server: UsageServer) -> None:
    """Two flushes, two request ids; a flush without new rows sends nothing."""
    with make() as usage:
        usage.increase(1)
        usage.flush()
        usage.flush()
        usage.increase(2)

    assert [1, 2] == [seen.body["rows"] for seen in server.posts]
    assert 2 == len(server.batches)


@pytest.mark.parametrize(
    "name", ["a", "Orders", "or--ders", "orders-", "1orders", "a" * 256, "or_ders", "a\n"]
)
def test_a_name_that_the_api_refuses_is_refused_here(make: Make, name: str) -> None:
    """Before a sync begins, not with a 422 at its end."""
    with pytest.raises((UsageConfigurationError, ValueError), match="name"):
        make(plugin=Plugin("acme", "source", name, "1"))


# When it is sent


def test_a_full_batch_is_sent_at_once(make: Make, server: UsageServer) -> None:
    """The first does not wait for an interval."""
    usage = make(steering=Steering(batch_limit=10, minimum_interval=1000, maximum_interval=1000))
    for _ in range(9):
        usage.increase(1)
    assert [] == server.posts
    usage.increase(1)

    server.wait_for(lambda: server.rows == 10)


def test_a_few_rows_are_sent_after_the_maximum_interval(make: Make, server: UsageServer) -> None:
    """Less than a batch does not wait for close()."""
    usage = make(steering=Steering(batch_limit=1000, minimum_interval=0.01, maximum_interval=0.02))
    for rows in (1, 3, 6):
        usage.increase(1 if rows == 1 else rows - server.rows)
        server.wait_for(lambda rows=rows: server.rows == rows)


@pytest.mark.parametrize(
    ("rows", "since_attempt", "wait"),
    [
        (0, 1000.0, None),
        (999, None, 25.0),  # 5 seconds after the start
        (1000, None, 0.0),
        (1000, 4.0, 6.0),
        (1000, 10.0, 0.0),
        (999, 10.0, 20.0),
        (1, 30.0, 0.0),
    ],
)
def test_it_is_time_when_the_batch_is_full_or_the_interval_over(
    rows: int, since_attempt: float | None, wait: float | None
) -> None:
    """The defaults: 1000 rows, not more often than every 10 seconds, at least every 30."""
    assert wait == Steering().wait(rows, since_start=5.0, since_attempt=since_attempt)


def test_the_server_steers_all_three_figures(make: Make, server: UsageServer) -> None:
    """x-cq-batch-limit, x-cq-minimum-update-interval and x-cq-maximum-update-interval hold from a success on."""
    server.headers = {
        "x-cq-batch-limit": "7",
        "X-CQ-Minimum-Update-Interval": "2",
        "x-cq-maximum-update-interval": "3",
    }
    usage = make()
    usage.increase(1)
    usage.flush()

    assert Steering(7, 2.0, 3.0) == usage.steering


def test_a_smaller_batch_limit_holds_for_the_next_rows(make: Make, server: UsageServer) -> None:
    """The answer that sets it is to the batch before: the next one is sent as soon as it has that many rows."""
    server.headers = {"x-cq-batch-limit": "5"}
    usage = make(
        steering=Steering(batch_limit=1000, minimum_interval=0.001, maximum_interval=1000),
        durable_seconds=1000,
    )
    usage.increase(1)
    usage.flush()
    usage.increase(4)
    assert 1 == server.rows
    usage.increase(1)

    server.wait_for(lambda: server.rows == 6)


@pytest.mark.parametrize("wrong", ["0", "-1", "many", "1.5", " 7", "\u0667", "4294967296", "9" * 50])
def test_a_figure_that_makes_no_sense_changes_nothing(wrong: str, caplog: pytest.LogCaptureFixture) -> None:
    """It is ignored with a warning, and the others are taken."""
    told = Steering().told({"x-cq-batch-limit": wrong, "x-cq-minimum-update-interval": "5"})

    assert Steering(1000, 5.0, 30.0) == told
    assert "x-cq-batch-limit" in caplog.text


# When that fails


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_busy_server_is_asked_again(make: Make, server: UsageServer, status: int) -> None:
    """With the same request_id and the same content, until it counts."""
    server.faults = [Fault(status), Fault(status)]
    with make() as usage:
        usage.increase(5)

    assert 5 == server.rows
    assert 3 == len(server.posts)
    assert 1 == len({seen.body["request_id"] for seen in server.posts})


def test_it_is_asked_five_times_more_at_most(make: Make, server: UsageServer, pauses: list[float]) -> None:
    """With growing pauses, 30 seconds together."""
    server.faults = [Fault(503)] * 20
    usage = make()
    usage.increase(1)
    with pytest.raises(UsageNotSentError):
        usage.flush()

    assert 6 == len(server.posts)
    assert [2.0, 4.0, 8.0, 16.0] == pauses
    server.faults = []


def test_retry_after_is_obeyed(make: Make, server: UsageServer, pauses: list[float]) -> None:
    """The pause before the next attempt is the one that the server asked for."""
    server.faults = [Fault(429, {"Retry-After": "7"})]
    with make() as usage:
        usage.increase(1)

    assert [7.0] == pauses
    assert 1 == server.rows


def test_a_long_retry_after_ends_the_attempts_and_holds_for_the_next(
    make: Make, server: UsageServer, pauses: list[float]
) -> None:
    """Nobody waits an hour, and nobody asks earlier: not even close()."""
    server.faults = [Fault(429, {"Retry-After": "3600"})]
    usage = make()
    usage.increase(1)
    with pytest.raises(UsageNotSentError, match="429"):
        usage.flush()
    with pytest.raises(UsageNotSentError, match="left alone"):
        usage.close()

    assert 1 == len(server.posts)
    assert [] == pauses


def test_no_attempt_is_begun_that_could_end_too_late() -> None:
    """60 seconds are a limit for everything together: attempts, pauses, hanging connections."""
    now = itertools.count(0, 10.0)  # each look at the clock finds it ten seconds later
    patient = http.Http(clock=lambda: next(now), pause=lambda _: None)
    with UsageServer() as server:
        server.quota_faults = [Fault(503)] * 20
        server.tokens = {"x"}
        path = f"{server.url}/teams/{TEAM}/usage/acme/source/orders"
        answer = patient.send("GET", path, headers={"Authorization": "Bearer x"})

    assert 503 == answer.status
    assert 1 <= len(server.seen) < 6


def test_a_hanging_server_is_left_in_time(make: Make, server: UsageServer) -> None:
    """Each attempt has an end, and the rows stay."""
    server.faults = [Fault(hang=True)] * 9
    usage = make()
    usage.increase(1)
    with pytest.raises(UsageNotSentError, match="did not answer in time"):
        usage.flush(seconds=0.2)

    assert 1 == usage.unsent
    server.faults = []


def test_what_was_applied_before_the_connection_broke_is_counted_once(
    make: Make, server: UsageServer
) -> None:
    """The server counts, then drops the connection: the retry has the same id, and is not counted again."""
    server.faults = [Fault(apply_then_drop=True), Fault(drop=True)]
    with make() as usage:
        usage.increase(5)

    assert 3 == len(server.posts)
    assert 5 == server.rows
    assert 1 == len(server.batches)


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, "log in again"), (403, "no right|not for"), (404, "no team"), (418, "API does not")],
)
def test_a_refusal_is_told_and_not_repeated(
    make: Make, server: UsageServer, tmp_path: Path, status: int, words: str
) -> None:
    """One attempt, an error that says what to do, rows kept for the next run."""
    server.faults = [Fault(status, body={"message": "No."})] * 2
    usage = make()
    usage.increase(5)
    with pytest.raises(UsageNotSentError, match=words) as raised:
        usage.flush()

    assert 1 == len(server.posts)
    assert (5, True, status) == (raised.value.rows, raised.value.kept, raised.value.status)
    assert isinstance(raised.value.__cause__, UsageRejectedError)
    assert [5] == [batch["rows"] for batch in kept(tmp_path / "usage")]
    server.faults = []
    usage.close()
    assert 5 == server.rows


def test_content_that_the_server_never_takes_is_set_aside(
    make: Make, server: UsageServer, tmp_path: Path
) -> None:
    """After a 422 the batch does not stand before all others, is not lost either, and close() tells."""
    usage = make()
    usage.increase(5)
    server.faults = [Fault(422, body={"message": "unknown plugin_kind"})]
    with pytest.raises(UsageNotSentError, match="set aside"):
        usage.flush()
    usage.increase(2)
    with pytest.raises(UsageNotSentError, match="unknown plugin_kind") as raised:
        usage.close()

    assert 5 == raised.value.rows
    assert 2 == server.rows
    assert [5] == [batch["rows"] for batch in kept(tmp_path / "usage" / "set-aside")]
    with make():
        pass
    assert 2 == len(server.posts)


def test_a_failure_in_mid_sync_keeps_the_rows_for_the_next_flush(
    make: Make, server: UsageServer, caplog: pytest.LogCaptureFixture
) -> None:
    """The sync goes on with a warning; the failed batch is sent again under its id, what came after in another."""
    server.faults = [Fault(403)]
    usage = make(steering=EAGER)
    usage.increase(5)
    server.wait_for(lambda: len(server.posts) >= 1)
    usage.increase(2)
    usage.close()

    assert 7 == server.rows
    assert "could not be reported" in caplog.text
    assert server.posts[0].body == server.posts[1].body


def test_a_redirect_is_not_followed(make: Make, server: UsageServer) -> None:
    """The token goes to the server that was named, and to no other."""
    with UsageServer() as other:
        server.faults = [Fault(307, {"Location": f"{other.url}/teams/{TEAM}/usage"})]
        usage = make()
        usage.increase(1)
        with pytest.raises(UsageNotSentError):
            usage.flush()
        assert [] == other.seen


# The end


def test_close_tells_of_a_failure_and_the_next_run_sends_under_the_same_id(
    make: Make, server: UsageServer, tmp_path: Path
) -> None:
    """The rows are on disk when close() raises, and gone from it once they are confirmed."""
    server.faults = [Fault(apply_then_drop=True)] + [Fault(drop=True)] * 5
    usage = make()
    usage.increase(5)
    with pytest.raises(UsageNotSentError, match="next run") as raised:
        usage.close()
    assert (5, True, None) == (raised.value.rows, raised.value.kept, raised.value.status)
    [left] = kept(tmp_path / "usage")
    assert server.posts[0].body == left

    with make() as usage:
        usage.increase(2)

    assert left == server.posts[6].body
    assert 7 == server.rows
    assert [] == list((tmp_path / "usage").iterdir())


def test_an_unreachable_server_is_a_failure_like_any_other(make: Make, server: UsageServer) -> None:
    """Connection refused: the same error, and nothing lost."""
    usage = make()
    usage.increase(5)
    url = server.url
    server.close()
    with pytest.raises(UsageNotSentError, match=r"127\.0\.0\.1: the connection") as raised:
        usage.close()

    assert isinstance(raised.value.__cause__, UsageUnavailableError)
    assert url not in str(raised.value)


def test_the_bodys_own_error_is_not_masked(
    make: Make, server: UsageServer, caplog: pytest.LogCaptureFixture
) -> None:
    """A sync that fails fails with its own error, and the failure to report is a warning."""
    server.faults = [Fault(403)] * 9
    with pytest.raises(ZeroDivisionError) as raised, make() as usage:
        usage.increase(5)
        1 / 0  # noqa: B018 (fails on purpose)

    assert raised.value.__context__ is None
    assert "5 rows of usage" in caplog.text
    server.faults = []


def test_a_sync_that_failed_is_reported_too(make: Make, server: UsageServer) -> None:
    """Its rows were used."""
    with pytest.raises(ZeroDivisionError), make() as usage:
        usage.increase(5)
        1 / 0  # noqa: B018 (fails on purpose)

    assert 5 == server.rows


def test_ctrl_c_does_not_wait_for_the_server(make: Make, server: UsageServer, tmp_path: Path) -> None:
    """The rows are on disk, and the next run sends them."""
    with pytest.raises(KeyboardInterrupt), make() as usage:
        usage.increase(5)
        raise KeyboardInterrupt

    assert [] == server.posts
    assert [5] == [batch["rows"] for batch in kept(tmp_path / "usage")]
    with make():
        pass
    assert 5 == server.rows


def test_after_close_nothing_is_counted(make: Make, server: UsageServer) -> None:
    """It says so; a second close() does nothing."""
    usage = make()
    usage.increase(1)
    usage.close()
    usage.close()
    with pytest.raises(UsageClosedError, match="after close"):
        usage.increase(1)

    assert 1 == server.rows


@pytest.mark.parametrize("rows", [0, -1, 1.5, "7", None, True])
def test_rows_are_a_number_above_zero(make: Make, rows: Any) -> None:
    """Anything else is the caller's mistake, and is named."""
    usage = make()
    with pytest.raises(UsageCountError, match="above zero"):
        usage.increase(rows)
    with pytest.raises(UsageCountError, match="above zero"):
        usage.increase_for_table("orders", rows)


@pytest.mark.parametrize("table", ["", None, 7, ["orders"]])
def test_a_table_has_a_name(make: Make, table: Any) -> None:
    """Rows of tables without one are counted with increase()."""
    with pytest.raises(UsageCountError, match=r"increase\(\)"):
        make().increase_for_table(table, 1)


def test_the_two_ways_of_counting_do_not_mix(make: Make, server: UsageServer) -> None:
    """In neither order and from no thread, and the rows of the wrong call are not counted."""
    plain, by_table = make(), make()
    plain.increase(1)
    by_table.increase_for_table("orders", 2)
    with pytest.raises(UsageCountError, match=r"began with increase\(\)"):
        plain.increase_for_table("orders", 10)
    with pytest.raises(UsageCountError, match=r"began with increase_for_table\(\)"):
        by_table.increase(10)
    plain.close()
    by_table.close()

    assert 3 == server.rows


@pytest.mark.parametrize(
    "url",
    [
        "http://licences.example",
        "ftp://127.0.0.1",
        "https://user:word@licences.example",
        "https://",
        "https://a/?b",
    ],
)
def test_only_https_or_loopback(make: Make, url: str) -> None:
    """A token is not sent in the clear."""
    with pytest.raises(UsageConfigurationError, match="url") as raised:
        make(url=url)

    assert "word" not in str(raised.value)


def test_a_certificate_that_nobody_vouches_for_is_refused(make: Make, tmp_path: Path) -> None:
    """TLS is verified: the token is not shown to whoever stands in between."""
    with UsageServer(tls=_certificate(tmp_path)) as server:
        usage = make(url=server.url)
        usage.increase(1)
        with pytest.raises(UsageNotSentError, match="certificate cannot be verified"):
            usage.close()
        assert [] == server.seen


def test_a_certificate_that_the_machine_trusts_is_taken(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SSL_CERT_FILE names an authority of one's own, as for other tools."""
    certificate = _certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", certificate[0])
    with UsageServer(tls=certificate) as server:
        with make(url=server.url) as usage:
            usage.increase(1)
        assert 1 == server.rows


def test_proxies_of_the_environment_are_used_but_never_for_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTPS_PROXY and NO_PROXY mean what they mean elsewhere."""
    monkeypatch.setenv("HTTPS_PROXY", "proxy.example:3128")
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "inside.example")

    assert "http://proxy.example:3128" == proxy_for("https://api.cloudquery.io/x")
    assert None is proxy_for("https://inside.example/x")
    assert None is proxy_for("http://127.0.0.1:1/x")


# On disk


def test_what_is_kept_is_the_users_alone(make: Make, tmp_path: Path) -> None:
    """The folder is 0700, its files 0600."""
    folder = tmp_path / "usage"
    folder.mkdir(mode=0o755)
    usage = make()
    usage.increase(5)
    assert usage.checkpoint()

    assert 0o700 == stat.S_IMODE(folder.stat().st_mode)
    assert {0o600} == {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert TOKEN not in "".join(path.read_text() for path in folder.iterdir())


def test_counted_rows_are_on_disk_within_the_durable_interval(make: Make, tmp_path: Path) -> None:
    """Without any call but increase()."""
    usage = make(durable_seconds=0.01)
    saved = on_disk(usage)
    for total in (5, 10):
        saved.clear()
        usage.increase(5)
        assert saved.wait(20)
        assert [total] == [batch["rows"] for batch in kept(tmp_path / "usage")]


def test_rows_that_are_counted_after_a_request_are_on_disk_within_the_durable_interval(
    make: Make, server: UsageServer, tmp_path: Path
) -> None:
    """A sync that goes on slowly after its rows were sent keeps the next ones as soon as the first."""
    usage = make(durable_seconds=0.01)
    usage.increase(1)
    assert usage.checkpoint()
    usage.flush()
    saved = on_disk(usage)
    usage.increase(5)

    assert saved.wait(20)
    assert [5] == [batch["rows"] for batch in kept(tmp_path / "usage")]


def test_a_flush_does_not_make_the_next_rows_leave_early(make: Make, server: UsageServer) -> None:
    """Rows are counted while flush() and the background thread both send: the intervals hold for these rows."""
    usage = make()
    usage.increase(1)
    assert usage._meter is not None
    with usage._meter._sending:  # as flush() holds it for its requests
        background = threading.Thread(target=usage._send)  # it saw rows that were due, and waits for its turn
        background.start()
        usage.increase(5)
    background.join()

    assert [] == server.posts
    assert 6 == usage.unsent


def test_never_more_than_durable_rows_are_not_on_disk(make: Make, tmp_path: Path) -> None:
    """Who counts faster than that waits for the disk; here the interval never ends."""
    usage = make(durable_seconds=1000, durable_rows=100)
    for counted in range(1, 1001):
        usage.increase(1)
        on_disk = sum(batch["rows"] for batch in kept(tmp_path / "usage"))
        assert counted - on_disk < 100


def test_a_disk_that_takes_nothing_does_not_stop_the_sync(
    make: Make, server: UsageServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Rows are counted and sent, with a warning that a kill would lose them."""
    (tmp_path / "file").write_text("")
    usage = make(folder=tmp_path / "file" / "usage", durable_rows=10)
    for _ in range(30):
        usage.increase(1)
    usage.close()

    assert 30 == server.rows
    assert "cannot be kept" in caplog.text


def test_a_failure_that_cannot_be_kept_says_so(make: Make, server: UsageServer, tmp_path: Path) -> None:
    """Neither server nor disk: the error tells that the rows are lost."""
    (tmp_path / "file").write_text("")
    server.faults = [Fault(403)] * 9
    usage = make(folder=tmp_path / "file" / "usage")
    usage.increase(5)
    with pytest.raises(UsageNotSentError, match="are lost") as raised:
        usage.close()

    assert not raised.value.kept
    server.faults = []


def test_the_default_folder_is_beside_the_crash_reports_not_among_them(
    server: UsageServer, home: Path
) -> None:
    """Purging crash reports does not destroy what is owed."""
    usage = UsageClient(PLUGIN, url=server.url, steering=LAZY)
    usage.increase(1)
    usage.close(send=False)

    assert 1 == len(kept(home / ".local/state/crashguard-usage"))


# Processes


def _program(
    server: UsageServer, folder: Path, body: str, tmp_path: Path, **env: str
) -> subprocess.CompletedProcess[str]:
    program = tmp_path / "sync.py"
    program.write_text(
        "import os, sys\n"
        "from crashguard.plugin import Plugin\n"
        "from crashguard.usage import Steering, UsageClient\n"
        "LAZY = Steering(10**9, 1000.0, 1000.0)\n"
        f"usage = UsageClient(Plugin('acme', 'source', 'orders', '1'), url={server.url!r},"
        f" folder={str(folder)!r}, steering=LAZY)\n" + body
    )
    return subprocess.run(
        [sys.executable, str(program)],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}
        | {"CLOUDQUERY_API_KEY": TOKEN, "_CQ_TEAM_NAME": TEAM}
        | {"PYTHONWARNINGS": "ignore::DeprecationWarning"}  # 3.12 warns of any fork beside a thread
        | env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_forked_child_reports_its_own_rows_only(server: UsageServer, tmp_path: Path) -> None:
    """Fork in mid-sync: the child starts at zero, and both ends together are what was counted."""
    body = """
usage.increase(5)
usage.checkpoint()
child = os.fork()
usage.increase(2 if child else 100)
usage.close()
if child:
    _, status = os.waitpid(child, 0)
    print("child", status, flush=True)
else:
    os._exit(0)
"""
    done = _program(server, tmp_path / "usage", body, tmp_path)

    assert ("child 0\n", "") == (done.stdout, done.stderr)
    assert [7, 100] == sorted(seen.body["rows"] for seen in server.posts)
    assert 107 == server.rows
    assert [] == list((tmp_path / "usage").iterdir())


def test_a_forked_child_that_counts_nothing_sends_nothing(server: UsageServer, tmp_path: Path) -> None:
    """Its copy of the parent's rows stays the parent's, even if it leaves the with block."""
    body = """
with usage:
    usage.increase(5)
    child = os.fork()
    if child:
        os.waitpid(child, 0)
"""
    done = _program(server, tmp_path / "usage", body, tmp_path)

    assert "" == done.stderr
    assert [5] == [seen.body["rows"] for seen in server.posts]


def test_a_pool_of_processes_counts_everything_once(server: UsageServer, tmp_path: Path) -> None:
    """multiprocessing ends its children without close(): their rows go with the next run."""
    body = """
import multiprocessing
def work(n):
    usage.increase(n)
    usage.checkpoint()
usage.increase(1000)
with multiprocessing.get_context("fork").Pool(3) as pool:
    pool.map(work, range(1, 11))
    pool.close()
    pool.join()
usage.close()
"""
    done = _program(server, tmp_path / "usage", body, tmp_path)
    assert "" == done.stderr
    assert 1000 == server.rows
    _program(server, tmp_path / "usage", "usage.close()", tmp_path)

    assert 1055 == server.rows


def test_a_program_that_forgets_close_leaves_its_rows_to_the_next(
    server: UsageServer, tmp_path: Path
) -> None:
    """They are kept at exit; nothing is sent then, so that the exit does not wait."""
    done = _program(server, tmp_path / "usage", "usage.increase(5)", tmp_path)
    assert (0, "") == (done.returncode, done.stderr)
    assert [] == server.posts
    _program(server, tmp_path / "usage", "usage.close()", tmp_path)

    assert 5 == server.rows


def test_usage_knows_neither_crash_reports_nor_their_telemetry_level(
    server: UsageServer, tmp_path: Path
) -> None:
    """Level none does not switch it off, and none of crashguard's other parts is even loaded."""
    body = """
usage.increase(5)
usage.close()
print(*sorted(name for name in sys.modules if name.startswith(("crashguard.", "sentry_sdk"))
              and not name.startswith("crashguard.usage")))
"""
    done = _program(server, tmp_path / "usage", body, tmp_path, CQ_TELEMETRY_LEVEL="none", DO_NOT_TRACK="1")

    assert [
        "crashguard.exceptions",
        "crashguard.files",
        "crashguard.paths",
        "crashguard.plugin",
        "crashguard.processes",
        "crashguard.transport",
        "crashguard.transport.http",
        "crashguard.transport.limit",
    ] == done.stdout.split()
    assert 5 == server.rows


def test_the_token_is_shown_to_nobody(
    make: Make, server: UsageServer, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Not in any log record at any level, any error with its causes, or any repr."""
    caplog.set_level(logging.DEBUG)
    server.faults = [Fault(403), Fault(500)] + [Fault(drop=True)] * 12
    usage = make(steering=EAGER)
    texts = [repr(usage), repr(vars(usage)), repr(usage._account)]
    usage.increase(5)
    with pytest.raises(UsageNotSentError) as raised:
        usage.close()
    error: BaseException | None = raised.value
    while error is not None:
        texts.append(repr(error) + str(error))
        error = error.__cause__ or error.__context__
    texts += [record.getMessage() for record in caplog.records] + list(capfd.readouterr())

    assert not any("POST" in text for text in texts)  # urllib3's own debug log is on, and has no line of ours
    assert not any(TOKEN in text for text in texts)


def _certificate(folder: Path) -> tuple[str, str]:
    """A certificate for 127.0.0.1 that signs itself, and its key."""
    pytest.importorskip("cryptography")
    import datetime
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = (folder / "certificate.pem", folder / "key.pem")
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return str(paths[0]), str(paths[1])
