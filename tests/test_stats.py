"""Stats: what a sync, a command and a login record, and what of it reaches a data plane."""

import contextlib
import itertools
import json
import os
import pty
import re
import select
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import crashguard
from crashguard import paths, stats, telemetry_level
from crashguard.spool import stats_store
from crashguard.spool.stats_store import Records
from crashguard.stats import config, events, plugin_names
from crashguard.transport import backoff, hold, segment, spawn, upload_stats
from tests.conftest import ROOT, Run, component
from tests.servers import eventually
from tests.sink import Sink

AWS = crashguard.Plugin("cloudquery", "source", "aws", "v1.2.3", official=True)
OWN = crashguard.Plugin("acme", "destination", "files", "v0.1.0", official=False)
KEY = "write-key-1"
UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@pytest.fixture(autouse=True)
def _stats_as_new() -> Iterator[None]:
    config.reset()
    yield
    config.reset()


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


def installed(sink: Sink | None = None, level: str | None = "all", **options: Any) -> None:
    """A tool that has said where its stats go."""
    crashguard.install(
        **{"app": "demo", "version": "1.2.3", "telemetry_level": level, "delivery": "deferred", **options}
    )
    stats.configure(url=sink.url if sink else "https://events.example.com", write_key=KEY)


def a_sync(**options: Any) -> None:
    with stats.sync(**{"source": AWS, "destinations": [OWN], "name": "nightly", **options}) as run:
        run.resource("customers")
        run.resources("orders", 41)
        run.error("orders")
        run.panic("orders")
        run.warning("customers")


def reason() -> str:
    """Why the sync was aborted."""
    [finished] = [each for each in records("identified") if each.event == "sync_run_completed"]
    return str(finished.properties["aborted_due_to_error"])


def files(home: Path) -> list[Path]:
    """Records of any state; what else a run leaves is not about stats."""
    return list(home.rglob("stats*"))


def records(kind: str | None = None, state: str | None = None) -> list[stats.StoredRecord]:
    return [
        each for each in stats.stored("demo") if kind in (None, each.kind) and state in (None, each.state)
    ]


def anonymous() -> Records:
    """The folder of the anonymous records."""
    return Records(paths.spool_dir("demo"), "anonymous")


def test_a_sync_is_counted_for_real(sink: Sink) -> None:
    """Resources, errors, panics, warnings, duration, plugins, versions and exit reason reach the server."""
    installed(sink)

    a_sync()
    assert stats.flush()

    [(request, sent)] = sink.accepted
    assert (request.path, request.key) == ("/v1/batch", KEY)
    assert sent["event"] == "sync_summary"
    assert sent["context"]["app"] == {"name": "demo", "version": "1.2.3"}
    properties = sent["properties"]
    assert properties.pop("duration") > 0
    assert properties == {
        "source_path": "cloudquery/aws",
        "source_version": "v1.2.3",
        "destinations": [{"path": "unofficial", "version": ""}],
        "resources": 42,
        "errors": 1,
        "panics": 1,
        "warnings": 1,
        "exit_reason": "completed",
    }


@pytest.mark.parametrize(
    ("raised", "left"),
    [
        (lambda place: RuntimeError(f"cannot sync at {place}"), "RuntimeError: cannot sync at [value]"),
        (open, "FileNotFoundError: [Errno 2] No such file or directory: '[value]'"),
    ],
    ids=["a text of the program", "the system's"],
)
@pytest.mark.parametrize(
    "place",
    [
        "/".join(["", "var", "lib", "data"]),
        ".".join(["server", "data"]) + ":5432",
        "\\".join(["C:", "data", "user.db"]),
    ],
    ids=["path", "host", "path of Windows"],
)
def test_a_place_of_common_words_does_not_leave_with_a_reason(
    raised: Callable[[str], object], left: str, place: str
) -> None:
    """A path or a host is data though each of its words is an engineer's; the words of the system stay."""
    installed()
    stats.identify("user-1")

    with pytest.raises((RuntimeError, OSError)), stats.sync(source=AWS):
        error = raised(place)
        if isinstance(error, RuntimeError):
            raise error

    assert reason() in (left, left.partition(":")[0])  # the type alone, where the last look finds a value


@pytest.mark.parametrize(
    ("raised", "reason", "status"),
    [
        (ValueError("bad"), "failed", "error"),
        (KeyboardInterrupt(), "interrupted", "error"),
        (SystemExit(0), "completed", "success"),
        (SystemExit(3), "failed", "error"),
        (SystemExit(130), "interrupted", "error"),
        (SystemExit(143), "interrupted", "error"),
    ],
)
def test_a_sync_that_ends_badly_is_recorded_too(raised: BaseException, reason: str, status: str) -> None:
    """A failed and an interrupted sync have their record, and the exception goes on."""
    installed()
    stats.identify("user-1")

    with pytest.raises(type(raised)), stats.sync(source=AWS):
        raise raised

    [summary] = records("anonymous")
    [finished] = [each for each in records("identified") if each.event == "sync_run_completed"]
    assert summary.properties["exit_reason"] == reason
    assert finished.properties["status"] == status


def test_a_logged_in_sync_has_the_fields_of_the_wire(sink: Sink) -> None:
    """sync_run_started and sync_run_completed carry CloudQuery's fields, linked by the run id."""
    installed(sink, environment="production")
    stats.identify("user-1", team="acme")

    a_sync(run_id="run-7")
    assert stats.flush()

    by_event = {each["event"]: each for each in sink.stored.values()}
    started, completed = by_event["sync_run_started"], by_event["sync_run_completed"]
    common = {
        "invocation_uuid": events.invocation_id(),
        "sync_run_id": "run-7",
        "sync_name": "nightly",
        "source_path": "cloudquery/aws",
        "source_version": "v1.2.3",
        "destination_paths": ["unofficial"],
        "environment": "production",
        "team": "acme",
        "$groups": {"team": "acme"},
        "user_id": "user-1",
    }
    assert started["properties"] == common
    duration = completed["properties"].pop("duration")
    assert completed["properties"] == {
        **common,
        "status": "success",
        "total_rows": 42,
        "errors": 1,
        "panics": 1,
        "warnings": 1,
        "aborted_due_to_error": "",
    }
    assert 0 < duration < 60 * 10**9
    assert started["userId"] == completed["userId"] == "user-1"
    assert UUID4.fullmatch(started["anonymousId"])


def test_why_a_sync_was_aborted_is_scrubbed_text() -> None:
    """The reason is a text, with type and message, and without the secrets that the message held."""
    installed()
    stats.identify("user-1")

    with pytest.raises(OSError, match="cannot"), stats.sync(source=AWS):
        raise OSError("cannot log in with password=hunter2-of-ada from ada@orchard.example")

    assert reason() == "OSError: cannot log in with password=[scrubbed:password] from [scrubbed:email]"


@pytest.mark.parametrize(
    ("host", "table", "path"), [("db7.orchard.example", "payroll_2024", "/srv/orchard/spec.yml")]
)
def test_the_reason_names_no_host_table_or_path(host: str, table: str, path: str) -> None:
    """What a message was filled with at run time does not leave; the program's own words do."""
    installed()
    stats.identify("user-1")
    pieces = (
        host.split(".")[1],
        table.split("_", maxsplit=1)[0],
    )  # a constant of this function is the program's word

    with pytest.raises(LookupError, match="cannot"), stats.sync(source=AWS):
        raise LookupError(f"cannot read {table} from {host} as {path} says")

    assert reason().startswith("LookupError: cannot read ")
    assert not any(word in reason() for word in (host, table, path, *pieces))


def test_messages_can_be_left_out() -> None:
    """install(messages="none") holds for the reason of an aborted sync as well."""
    installed(messages="none")
    stats.identify("user-1")

    with pytest.raises(OSError, match="secret words"), stats.sync(source=AWS):
        raise OSError("secret words")

    assert reason() == "OSError"


def test_records_of_the_two_kinds_share_nothing(sink: Sink) -> None:
    """Anonymous and identifiable records have no id, file, folder or request in common."""
    installed(sink)
    stats.identify("user-1", team="acme")

    a_sync()
    stats.login()
    assert stats.flush()

    anonymous = [each for each in records() if each.kind == "anonymous"]
    identified = [each for each in records() if each.kind == "identified"]
    assert {Path(each.path).parents[1] for each in anonymous} & {
        Path(each.path).parents[1] for each in identified
    } == set()
    of_one = set(UUID4.findall(" ".join(each.data.decode() for each in anonymous)))
    of_other = set(UUID4.findall(" ".join(each.data.decode() for each in identified)))
    assert len(of_one) == 2
    assert of_one & of_other == set()
    for request in sink.requests:
        assert len({sent["userId"] for sent in request.messages}) == 1
    assert all(b"user-1" not in each.data and b"acme" not in each.data for each in anonymous)


def test_anonymous_records_stand_alone() -> None:
    """Of two syncs of one process nothing repeats but what was synced: no id, no name, a time of an hour."""
    installed()

    a_sync()
    a_sync()

    one, other = [each.message for each in records("anonymous")]
    same = {name for name in one if one[name] == other[name]}
    assert same >= {"type", "event", "userId", "context", "channel"}
    assert not same & {"messageId", "anonymousId"}
    assert one["userId"] is None
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:00:00.000Z", one["timestamp"])
    text = json.dumps(one)
    for private in (os.uname().nodename, str(Path.home()), "nightly", "customers"):
        assert private not in text


@pytest.mark.parametrize(
    ("spec", "path", "version"),
    [
        (("cloudquery/aws@v22.1.0", "cloudquery"), "cloudquery/aws", "v22.1.0"),
        (("cloudquery/aws", "cloudquery"), "local", ""),
        (("/home/ada/secret@v1", "cloudquery"), "local", ""),
        (("ada/aws@v22.1.0", "local"), "local", ""),
        (("ada/aws@v22.1.0", "grpc"), "grpc", ""),
        (("ada/aws@v22.1.0", "docker"), "docker", ""),
        (("ada/aws@v22.1.0", "unofficial"), "unofficial", ""),
        ("cloudquery/aws@v22.1.0", "local", ""),
        ("/home/ada/plugins/aws", "local", ""),
        ("./plugins/aws", "local", ""),
        ("C:\\plugins\\aws.exe", "local", ""),
        ("plugins/aws", "local", ""),
        ("127.0.0.1:47771", "grpc", ""),
        ("grpc://db.internal:7777", "grpc", ""),
        ("aws", "local", ""),
        ("ada@example.com/x@v1", "local", ""),
        ("docker", "docker", ""),
        (OWN, "unofficial", ""),
        (AWS, "cloudquery/aws", "v1.2.3"),
    ],
)
def test_only_registry_names_leave(spec: Any, path: str, version: str) -> None:
    """A local path, a host or a port never leaves; what cannot be told apart counts as one."""
    assert plugin_names.described(spec) == (path, version)


@given(st.text())
def test_no_text_of_a_spec_leaves_but_a_registry_name(text: str) -> None:
    """Whatever a spec holds, what leaves is a fixed word or team/name with a version."""
    assert plugin_names.described(text)[0] in ("local", "grpc", "docker", "unofficial")
    path, version = plugin_names.described(text, "cloudquery")

    if path not in ("local", "grpc", "docker", "unofficial", "other"):
        assert text == f"{path}@{version}"
        assert re.fullmatch(r"[a-z0-9][a-z0-9_-]*/[a-z0-9][a-z0-9_-]*", path)


def test_an_event_of_the_tools_own_reaches_the_server(sink: Sink) -> None:
    """With the declared fields and no other; a word that is not declared is `other`."""
    installed(sink)
    exported = stats.Event(
        "export_finished", why="formats", fields={"format": ("csv", "json"), "rows": int, "dry": bool}
    )

    exported.record(format="csv", rows=3, dry=True, path="/home/ada")
    exported.record(format="/home/ada/secret", rows="many", dry=1)
    assert stats.flush()

    sent = [each["properties"] for each in sink.stored.values() if each["event"] == "export_finished"]
    assert [{"format": "csv", "rows": 3, "dry": True}, {"format": "other"}] == sorted(
        sent, key=len, reverse=True
    )
    assert "/home" not in str(sink.requests)


def test_an_identifiable_event_needs_somebody(sink: Sink) -> None:
    """Nothing is recorded before identify(), and then it says who."""
    installed(sink)
    invited = stats.Event("team_invited", why="teams", fields={"size": int}, identifiable=True)

    invited.record(size=1)
    stats.identify("user-1", team="acme")
    invited.record(size=2)

    assert [] == records("anonymous")
    [record] = records("identified")
    assert (2, "user-1") == (record.properties["size"], record.properties["user_id"])


@pytest.mark.parametrize(
    ("name", "why", "fields", "says"),
    [
        ("sync_summary", "why", {}, "a name has"),
        ("Export", "why", {}, "a name has"),
        ("", "why", {}, "a name has"),
        ("exported", " ", {}, "why: say in one sentence"),
        ("exported", "why", {"user_id": int}, "'user_id' is no name of a field"),
        ("exported", "why", {"path": str}, "path is int, bool, or a list"),
        ("declared", "other", {"rows": int}, "another event of this name is declared"),
        ("exported", "why", {"path": ()}, "path is int, bool, or a list"),
        ("exported", "why", {f"f{number}": int for number in range(21)}, "at most 20 fields"),
    ],
)
def test_a_wrong_declaration_says_what_is_wrong(name: str, why: str, fields: Any, says: str) -> None:
    """At once, when the module is imported; the same declaration again, as by a second import, is none."""
    for _ in range(2):
        declared = stats.Event("declared", why="why", fields={"rows": int})
    with pytest.raises(crashguard.ConfigurationError, match=says):
        stats.Event(name, why=why, fields=fields)
    assert {"declared": declared} == config.current().events


def test_many_threads_lose_no_count() -> None:
    """Eight threads that count at once add up."""
    run = events.Run("x")

    def work(table: str) -> None:
        for _ in range(2_000):
            run.resource(table)
            run.error(table)
        run.resources("batch", 500)

    threads = [threading.Thread(target=work, args=(f"table{number % 3}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (run.totals.resources, run.totals.errors) == (8 * 2_500, 8 * 2_000)
    assert run.by_table()["batch"] == 4_000


@pytest.mark.parametrize(
    ("raised", "status"),
    [
        (None, "success"),
        (SystemExit(), "success"),
        (SystemExit("message"), "error"),
        (SystemExit(2), "usage"),
        (SystemExit(143), "interrupted"),
        (KeyboardInterrupt(), "interrupted"),
        (BrokenPipeError(), "interrupted"),
        (RuntimeError("with words"), "error"),
    ],
)
def test_a_command_tells_its_name_and_how_it_ended(raised: BaseException | None, status: str) -> None:
    """Subcommand path and one of four words; no arguments, no error text."""
    installed()

    with contextlib.suppress(BaseException), stats.command("plugin publish"):
        if raised is not None:
            raise raised

    [told] = records()
    assert told.properties == {"command": "demo plugin publish", "status": status}


def test_what_looks_like_an_argument_is_no_command() -> None:
    """From the first word on that no subcommand can be called, nothing is recorded."""
    installed()

    with stats.command("sync /home/ada/spec.yml --force"):
        pass

    assert records()[0].properties["command"] == "demo sync"


def test_a_login_is_told_only_when_somebody_is_logged_in() -> None:
    """login_success has who and no key; without identify() there is nothing to tell."""
    installed(environment="production")

    stats.login()
    assert records() == []
    stats.identify("user-1", team="acme")
    stats.login()
    [told] = records("identified")

    assert told.event == "login_success"
    assert told.properties == {
        "invocation_uuid": events.invocation_id(),
        "environment": "production",
        "team": "acme",
        "$groups": {"team": "acme"},
        "user_id": "user-1",
    }


def test_internal_people_and_logged_out_ones_are_not_identified() -> None:
    """The vendor's own people, and whoever logged out, have anonymous stats only."""
    installed()
    stats.identify("user-1", internal=True)
    a_sync()
    stats.identify("user-2")
    stats.forget()
    a_sync()

    assert [each.kind for each in records()] == ["anonymous", "anonymous"]


@pytest.mark.parametrize("wrong", ["ada@example.com", "", "x" * 300, "two\nlines"])
def test_an_identity_is_checked(wrong: str) -> None:
    """An e-mail address as an id, and what is no short text, is refused."""
    with pytest.raises(crashguard.ConfigurationError):
        stats.identify(wrong)


@pytest.mark.parametrize("level", ["none", "errors"])
def test_a_refusal_writes_nothing(home: Path, level: str) -> None:
    """At none and errors there is no file, no folder and no request."""
    installed(level=level)
    stats.identify("user-1")

    a_sync()
    stats.login()
    with stats.command("sync"):
        pass

    assert files(home) == []


def test_a_later_no_deletes_what_waits(sink: Sink) -> None:
    """The next start of the tool at a telemetry level without stats deletes what waits, of both kinds."""
    installed(sink)
    stats.identify("user-1")
    a_sync()
    assert len(records(state="waiting")) == 3

    installed(sink, level="errors")

    assert records(state="waiting") == []
    assert sink.requests == []


def test_consent_is_asked_again_at_sending(sink: Sink) -> None:
    """What waits when the telemetry level has become a no is deleted by the sender, not sent."""
    installed(sink)
    a_sync()

    summary = upload_stats.upload(paths.spool_dir("demo"), telemetry_level.resolve("errors"))

    assert (summary.withheld, summary.sent) == (1, 0)
    assert sink.requests == []
    assert records() == []


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ('"telemetry_level":"all"', '"telemetry_level":"errors"'),
        ('"telemetry_level":"all"', '"telemetry_level":"none"'),
        (',"telemetry_level":"all"', ""),
        ('"version":"1.2.3"', '"version":"development"'),
    ],
)
def test_consent_belongs_to_the_record(sink: Sink, said: str, instead: str) -> None:
    """A yes of today releases nothing that was recorded under a no, or by a build that never sends."""
    installed(sink)
    a_sync()
    path = Path(records()[0].path)
    text = path.read_text()
    assert said in text
    path.write_text(text.replace(said, instead))

    summary = upload_stats.upload(paths.spool_dir("demo"), telemetry_level.resolve("all"))

    assert (summary.withheld, summary.sent, records()) == (1, 0, [])
    assert sink.requests == []


def test_a_level_that_cannot_be_read_sends_and_deletes_nothing(
    sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong value is nobody's decision."""
    installed(sink)
    a_sync()
    monkeypatch.setenv("DEMO_TELEMETRY_LEVEL", "perhaps")

    upload_stats.upload(paths.spool_dir("demo"), telemetry_level.resolve(app="demo", strict=False))

    assert sink.requests == []
    assert len(records(state="waiting")) == 1


@pytest.mark.parametrize("options", [{}, {"version": "development"}, {"plugin": OWN}])
def test_what_may_not_be_sent_is_not_kept(home: Path, options: dict[str, Any]) -> None:
    """Without a destination, in a development build, in an unofficial plugin's process: no file at all."""
    installed(level=None, **options)
    if not options:
        stats.configure()

    a_sync()

    assert files(home) == []


@pytest.mark.parametrize(
    ("status", "state"),
    [(401, "rejected"), (500, "waiting"), (429, "waiting"), (425, "waiting"), (407, "waiting")],
)
def test_outcomes_are_those_of_crash_reports(sink: Sink, status: int, state: str) -> None:
    """4xx is final; 5xx, 429 and what speaks of now or a proxy are tried again, with the same message id."""
    installed(sink)
    sink.statuses = [status]
    sink.headers = {"Retry-After": "0"} if status == 429 else {}
    a_sync()

    stats.flush()
    assert [each.state for each in records()] == [state]

    backoff.succeeded(anonymous().root)
    stats.flush()
    assert len({sent["messageId"] for request in sink.requests for sent in request.messages}) == 1
    assert len(sink.stored) == (state == "waiting")


def test_they_wait_for_a_no_with_the_first_report(sink: Sink) -> None:
    """One notice, one minute: whatever it speaks of can still be refused."""
    installed(sink)
    a_sync()
    hold.begin(paths.spool_dir("demo"))

    assert not stats.flush()
    assert [] == sink.requests
    os.utime(Path(paths.spool_dir("demo")) / "first-report", (0, 0))
    assert stats.flush()
    assert 1 == len(sink.requests)


def test_a_web_page_is_no_data_plane(sink: Sink) -> None:
    """A hotel answers 200 with its page of room numbers: the record waits for a real server."""
    installed(sink)
    sink.headers = {"Content-Type": "text/html"}
    a_sync()

    assert not stats.flush()
    assert [each.state for each in records()] == ["waiting"]


def test_no_proxy_is_asked_for_this_machine(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    """A data plane on a loopback address is reached, whatever proxy the environment names."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    installed(sink)
    a_sync()

    assert stats.flush()
    assert sink.events == ["sync_summary"]


def test_retry_after_is_kept_across_processes(sink: Sink) -> None:
    """A server that asks for an hour is left alone until then, by the next process too."""
    installed(sink)
    sink.statuses = [503]
    sink.headers = {"Retry-After": "3600"}
    a_sync()

    stats.flush()
    stats.flush()

    assert len(sink.requests) == 1
    assert backoff.not_before(anonymous().root) > time.time() + 3000  # it was asked for an hour, a moment ago


def test_one_bad_record_does_not_take_the_others_along(sink: Sink) -> None:
    """A batch that is refused for one message is halved until only that message is refused."""
    installed(sink)
    for number in range(9):
        with stats.command(f"number-{number}"):
            pass
    sink.refuses = "number-4"

    assert stats.flush(10.0)

    assert sorted(each["properties"]["command"] for each in sink.stored.values()) == [
        f"demo number-{number}" for number in range(9) if number != 4
    ]
    assert [each.properties["command"] for each in records(state="rejected")] == ["demo number-4"]


def test_nothing_is_lost_while_the_server_is_away() -> None:
    """A refused connection leaves the record where it is."""
    installed()
    stats.configure(url="http://127.0.0.1:9", write_key=KEY)
    a_sync()

    assert not stats.flush()

    assert [each.state for each in records()] == ["waiting"]


@pytest.mark.parametrize(
    ("messages", "size", "batched"),
    [(1, 100, [1]), (100, 100, [100]), (101, 100, [100, 1]), (20, 32_000, [14, 6]), (0, 1, [])],
)
def test_batches_are_within_the_limits(messages: int, size: int, batched: list[int]) -> None:
    """At most 100 messages and 475 000 bytes in a request."""

    class Fake:
        data = b"x" * size

    split = list(segment.batches([Fake()] * messages))

    assert [len(batch) for batch in split] == batched
    assert all(len(segment.body(batch, "2026-01-01T00:00:00.000Z")) < 500_000 for batch in split)


def test_a_record_that_no_server_takes_is_not_kept() -> None:
    """A message has at most 32 KiB: a spec with endless names cannot fill the disk."""
    installed()
    stats.identify("user-1")

    a_sync(name="n" * 100_000, destinations=[f"team/{'x' * 60}@v{number}" for number in range(10_000)])

    assert all(len(each.data) <= stats_store.MOST_MESSAGE for each in records())
    assert len(records("anonymous")) == 1


def test_the_number_of_records_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest go first, by count and by bytes; what was recorded last stays."""
    installed()
    monkeypatch.setattr(stats_store, "MOST_RECORDS", 10)
    clock = itertools.count(
        time.time_ns(), 1_000_000
    )  # a millisecond each: the order of names is that of time
    monkeypatch.setattr(stats_store.time, "time_ns", lambda: next(clock))
    for number in range(25):
        with stats.command(f"number-{number}"):
            pass

    left = [each.properties["command"] for each in records()]
    assert 9 <= len(left) <= 10
    assert left == [f"demo number-{number}" for number in range(25 - len(left), 25)]

    monkeypatch.setattr(stats_store, "MOST_BYTES", 1000)
    assert anonymous().prune("waiting") == len(left) - 1
    assert records()[0].properties["command"] == "demo number-24"


def test_age_bounds_records() -> None:
    """After 29 days a record is gone, sent or not."""
    installed()
    a_sync()

    assert anonymous().prune("waiting", now=time.time() + 28 * 24 * 3600) == 0
    assert anonymous().prune("waiting", now=time.time() + 30 * 24 * 3600) == 1


def test_files_are_private() -> None:
    """Folders 0700, files 0600: a write key lies beside what waits."""
    installed()
    a_sync()

    for path in Path(paths.state_dir()).rglob("*"):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path


def test_echo_prints_instead_of_keeping(
    sink: Sink, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    """CRASHGUARD_ECHO=1 shows each record as it would leave, and neither keeps nor sends it."""
    monkeypatch.setenv("CRASHGUARD_ECHO", "1")
    installed(sink)

    with stats.command("sync"):
        pass

    line = capsys.readouterr().err
    assert line.startswith("crashguard: stats (anonymous): {")
    assert json.loads(line.partition(": {")[2].join(["{", ""]))["event"] == "command_completed"
    assert list(home.rglob("*.jsonl")) == []
    assert sink.requests == []


def test_the_users_own_destination_wins(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    """CQ_RUDDERSTACK_DATA_PLANE_URL and CQ_RUDDERSTACK_WRITE_KEY are honoured before what the tool says."""
    installed()
    stats.configure(url="https://events.example.com", write_key="other")
    monkeypatch.setenv("CQ_RUDDERSTACK_DATA_PLANE_URL", sink.url + "/")
    monkeypatch.setenv("CQ_RUDDERSTACK_WRITE_KEY", "of-the-user")

    a_sync()
    stats.flush()

    assert [request.key for request in sink.requests] == ["of-the-user"]


@pytest.mark.parametrize(
    "wrong",
    ["events.example.com", "http://events.example.com", "https://key@host", "ftp://x", "https://h/?q=1"],
)
def test_a_wrong_address_is_refused(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tool hears of it at once; a user's variable sends nothing anywhere."""
    with pytest.raises(crashguard.ConfigurationError, match="url"):
        stats.configure(url=wrong, write_key=KEY)

    stats.configure(url="https://events.example.com", write_key=KEY)
    monkeypatch.setenv("CQ_RUDDERSTACK_DATA_PLANE_URL", wrong)
    assert stats.destination() is None


def test_what_is_no_record_is_set_aside(sink: Sink) -> None:
    """Broken and foreign files, and an anonymous record that names a user, are not sent."""
    installed(sink)
    a_sync()
    [good] = records()
    folder = Path(good.path).parent
    (folder / "notes.txt").write_text("mine")
    now = int(time.time() * 1000)
    (folder / f"{now}-{'a' * 32}.jsonl").write_text("{}\nno json\n")
    named = Path(good.path).read_text().replace('"userId":null', '"userId":"user-1"')
    (folder / f"{now}-{'b' * 32}.jsonl").write_text(named)

    assert stats.flush()

    assert len(sink.stored) == 1
    assert len(list((folder.parent / "broken").iterdir())) == 3


def test_a_forked_child_ends_no_sync() -> None:
    """A child that leaves the block of its parent's sync records nothing."""
    installed()
    with stats.sync(source=AWS):
        child = os.fork()
        if child == 0:
            break_out = True
        else:
            break_out = False
            os.waitpid(child, 0)
    if break_out:
        os._exit(0)

    assert len(records()) == 1


PROGRAM = """
import crashguard
from crashguard import stats
crashguard.install(app="demo", version="1.2.3", {options})
stats.configure(url={url!r}, write_key="key")
with stats.command("sync"):
    with stats.sync(source="cloudquery/aws@v1.2.3", registry="cloudquery") as run:
        run.resource("customers")
{more}
"""


def test_a_command_is_sent_behind_its_back(run: Run, sink: Sink) -> None:
    """A detached process sends what a command recorded; the command itself opens no connection."""
    options = 'delivery="background"'
    done = run(PROGRAM.format(url=sink.url, options=options, more=""))

    assert (done.status, done.stdout, done.stderr) == (0, "", "")
    eventually(lambda: sorted(sink.events) == ["command_completed", "sync_summary"])


def test_a_minute_has_one_uploader_for_stats(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands that follow each other wait for one uploader; the first one after a minute starts another."""
    started: list[str] = []
    monkeypatch.setattr(spawn, "start", lambda config, *rest: started.append(config.spool))
    monkeypatch.delenv("CI", raising=False)
    spool = paths.spool_dir("demo")

    def in_another_process(later: float) -> int:
        """Uploaders so far, once a new process, that many seconds later, has recorded a command."""
        client = crashguard.client.current_client()
        client._dispatcher = None
        client._first_dispatcher.clear()
        for each in Path(spool).glob("resumed"):
            os.utime(each, (each.stat().st_atime, each.stat().st_mtime - later))
        with stats.command("sync"):
            pass
        return len(started)

    installed(sink, delivery="background")

    assert [in_another_process(later) for later in (0, 0, 50, 15, 0)] == [1, 1, 1, 2, 2]


def test_what_a_run_in_ci_left_goes_with_the_next(run: Run, sink: Sink) -> None:
    """Where no uploader can live, the next run sends what waits, and stats are not forgotten beside reports."""
    env = {"CI": "true"}
    done = run(PROGRAM.format(url=sink.url, options="", more=""), env=env)
    assert sink.requests == []

    with subprocess.Popen(
        [sys.executable, "-c", "import crashguard\ncrashguard.install(app='demo', version='1.2.3')\ninput()"],
        env={**env, "HOME": str(done.state.parents[2]), "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
    ) as process:
        eventually(lambda: sorted(sink.events) == ["command_completed", "sync_summary"])
        process.communicate(b"\n")
    assert not list(done.state.rglob("waiting/*"))


def test_a_command_is_not_held_by_a_dead_server(run: Run) -> None:
    """Output and status are the same with a server that is not there, and the record waits."""
    done = run(PROGRAM.format(url="http://127.0.0.1:9", options="delivery='deferred'", more=""))

    assert (done.status, done.stdout, done.stderr) == (0, "", "")
    assert len(list(done.state.rglob("waiting/*.jsonl"))) == 2


def test_recording_imports_nothing_of_size(run: Run) -> None:
    """A command that is recorded loads no json, no HTTP, no attrs, no threads' worth of modules."""
    more = "import sys\nprint([m for m in ('json', 'urllib3', 'attrs', 'sentry_sdk', 're', 'asyncio') if m in sys.modules])"

    done = run(PROGRAM.format(url="http://127.0.0.1:9", options="delivery='deferred'", more=more))

    assert done.stdout == "[]\n"


def test_no_thread_and_no_connection_while_recording(run: Run) -> None:
    """Recording is one file: no thread is started and no socket opened."""
    more = (
        "import threading, os\n"
        "print(threading.active_count(), [os.readlink(f'/proc/self/fd/{fd}') for fd in os.listdir('/proc/self/fd')"
        " if os.path.exists(f'/proc/self/fd/{fd}')][3:])"
    )

    done = run(
        PROGRAM.format(url="http://127.0.0.1:9", options="delivery='deferred', native=False", more=more)
    )

    # Held for the report of a crash, and the run marker, whose lock says that this process lives.
    assert re.fullmatch(r"1 \['/dev/null', '[^']+/demo/runs/[^'/]+\.run'\]\n", done.stdout)


def on_a_terminal(home: Path, program: str, **env: str) -> str:
    """What a program shows on a terminal, stdout and stderr together."""
    parent, child = pty.openpty()
    running = subprocess.Popen(
        [sys.executable, "-c", program],
        env={"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **env},
        stdin=child,
        stdout=child,
        stderr=child,
    )
    os.close(child)
    shown = b""
    try:
        while select.select([parent], [], [], 60)[0]:
            piece = os.read(parent, 65536)
            if not piece:
                break
            shown += piece
    except OSError:
        pass  # Linux says EIO when the other end is closed
    finally:
        os.close(parent)
        running.wait(60)
    return shown.decode()


def test_the_notice_is_printed_once_on_a_terminal(home: Path, run: Run) -> None:
    """First use says what is collected, where it goes, how to refuse and where the page is; then never again."""
    program = PROGRAM.format(
        url="https://events.example.com", options="delivery='deferred'", more=""
    ).replace('write_key="key"', 'write_key="key", page="https://example.com/page"')

    quiet = [
        on_a_terminal(home, program, CI="true"),
        on_a_terminal(home, program.replace("delivery=", "notice=False, delivery=")),
        on_a_terminal(home, program, DEMO_TELEMETRY_LEVEL="none"),
        run(program).stderr,
    ]
    first, second = on_a_terminal(home, program), on_a_terminal(home, program)

    assert quiet == ["", "", "", ""]
    for word in (
        "which commands run",
        "events.example.com",
        "DEMO_TELEMETRY_LEVEL=none",
        "https://example.com/page",
    ):
        assert word in first
    assert second == ""


PAGE = (ROOT / "docs/stats.md").read_text()


@pytest.mark.parametrize("program", re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
def test_the_pages_programs_run(run: Run, program: str) -> None:
    """Each block of docs/stats.md runs as it stands, with stats and without anybody who is told."""
    has_grpc = "analytics=" in program
    python = component("CRASHGUARD_FRAMEWORKS_PYTHON") if has_grpc else sys.executable
    done = run(program, env={"DEMO_TELEMETRY_LEVEL": "stats"}, python=python)

    assert (done.status, done.stdout, done.stderr) == (0, "", "")


def test_the_page_names_every_field() -> None:
    """What a record of each event holds is what the page lists for it."""
    installed(environment="production")
    stats.identify("user-1", team="acme", email="ada@example.com")
    a_sync()
    stats.login()
    with stats.command("sync"):
        pass
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| [^|]+ \| (.+) \|$", PAGE, re.MULTILINE)
    fields = {event: set(re.findall(r"`([^`]+)`", listed)) for event, _, listed in rows}
    fields["sync_run_started"] |= fields["login_success"]
    fields["sync_run_completed"] |= fields["sync_run_started"]

    assert {each.event: set(each.properties) for each in records()} == fields
    assert {each.event: {"identified": "identifiable"}.get(each.kind, each.kind) for each in records()} == {
        event: kind for event, kind, _ in rows
    }
