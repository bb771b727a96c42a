"""Stored reports as people and the uploader see them: which there are, what is in them, which one is meant."""

import os
import time
from pathlib import Path
from typing import Any

import pytest

from crashguard import SpoolError, paths
from crashguard.report import envelope
from crashguard.spool import reports
from crashguard.spool.store import Spool

WHEN = 1_800_000_000.123


@pytest.fixture
def spool() -> Spool:
    return Spool(paths.spool_dir("demo"))


def lay(
    spool: Spool,
    event_id: str = "a" * 32,
    *,
    state: str = paths.WAITING,
    dsn: str | None = None,
    **event: Any,
) -> Path:
    """Lay a report as the spool's own files lie."""
    folder = Path(spool.folder(state))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{int(WHEN * 1000)}-kind-{event_id}.envelope"
    path.write_bytes(envelope.seal({"event_id": event_id, "exception": {"values": []}, **event}, dsn))
    return path


def only(spool: Spool) -> reports.StoredReport:
    [report] = reports.reports(spool)
    return report


def test_a_stored_report_says_what_it_is(spool: Spool) -> None:
    """Its app, its state, its file, its bytes, when it was recorded, where it goes."""
    path = lay(spool, dsn="https://key@errors.example.com/1", release="demo@1")
    report = only(spool)

    assert ("demo", "waiting", path.name, str(path)) == (report.app, report.state, report.name, report.path)
    assert path.read_bytes() == report.data
    assert "demo@1" == report.event["release"]
    assert ("a" * 32, WHEN, "https://key@errors.example.com/1") == (
        report.event_id,
        report.seconds,
        report.dsn,
    )


@pytest.mark.parametrize("header", [b"{}", b'{"dsn":null}', b'{"dsn":5}', b'{"dsn":["x"]}'])
def test_a_report_without_a_destination_goes_nowhere(spool: Spool, header: bytes) -> None:
    """Whatever stands in its place."""
    path = lay(spool)
    path.write_bytes(header + b"\n" + path.read_bytes().partition(b"\n")[2])

    assert only(spool).dsn is None


@pytest.mark.parametrize(
    ("values", "title"),
    [
        (
            [{"type": "KeyError", "value": "first"}, {"type": "ValueError", "value": "bad\nmore"}],
            "ValueError: bad",
        ),
        ([{"type": "ValueError", "value": ""}], "ValueError"),
        ([{"type": "ValueError"}], "ValueError"),
        ([{"value": "bad"}], "?: bad"),
        ([{"type": "ValueError", "value": "\n"}], "ValueError"),
        ([{"type": "ValueError", "value": 7}], "ValueError: 7"),
        ([], "?"),
        (None, "?"),
    ],
)
def test_a_title_is_type_and_first_line_of_what_was_raised(spool: Spool, values: Any, title: str) -> None:
    """In one line, however little is there."""
    lay(spool, exception={"values": values})

    assert title == only(spool).title


@pytest.mark.parametrize(
    ("about", "reason"),
    [
        ({"crashguard": {"kept_because": "no-destination"}}, "no-destination"),
        ({"crashguard": {"kept_because": 7}}, None),
        ({"crashguard": {}}, None),
        ({}, None),
    ],
)
def test_why_a_report_stays_is_what_it_says(spool: Spool, about: dict[str, Any], reason: str | None) -> None:
    """The reason is in the report; nobody guesses one."""
    lay(spool, contexts=about)

    assert reason == only(spool).kept_because


def test_a_report_without_exceptions_has_a_title_too(spool: Spool) -> None:
    """Other programs write events, too."""
    path = lay(spool)
    path.write_bytes(envelope.seal({"event_id": "a" * 32, "message": "hello"}, None))

    assert "?" == only(spool).title


@pytest.mark.parametrize(
    "strange",
    [
        {"exception": []},
        {"exception": {"values": {"a": 1}}},
        {"exception": {"values": [{}, 1]}},
        {"contexts": "x"},
        {"contexts": {"crashguard": []}},
    ],
    ids=str,
)
def test_what_has_not_the_shape_of_a_report_is_set_aside(spool: Spool, strange: dict[str, Any]) -> None:
    """Readers look into these; whatever is deeper is only passed on."""
    path = lay(spool, **strange)

    assert [] == reports.reports(spool)
    assert not path.exists()
    assert [path.name] == os.listdir(spool.folder(paths.BROKEN))


@pytest.mark.parametrize(
    "event",
    [{"contexts": {}}, {"contexts": {"other": 5}}, {"exception": {}}, {"exception": {"values": [{}]}}],
    ids=str,
)
def test_what_lacks_a_part_is_still_a_report(spool: Spool, event: dict[str, Any]) -> None:
    """Less than was expected hurts nobody."""
    lay(spool, **event)

    assert "a" * 32 == only(spool).event_id


def test_a_report_that_is_nested_without_end_is_set_aside(spool: Spool) -> None:
    """Somebody's joke, or an attack: it holds up nobody."""
    path = lay(spool)
    deep = b'{"event_id":"' + b"a" * 32 + b'","x":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    path.write_bytes(b'{}\n{"type":"event"}\n' + deep + b"\n")
    lay(spool, "b" * 32)

    assert ["b" * 32] == [report.event_id for report in reports.reports(spool)]


def test_what_is_gone_is_no_report(spool: Spool) -> None:
    """Another process was quicker."""
    lay(spool)

    assert reports.read(spool, paths.WAITING, "1-kind-x.envelope") is None
    assert not os.path.exists(spool.folder(paths.BROKEN))


def test_a_link_is_no_report(spool: Spool, tmp_path: Path) -> None:
    """It is not followed: what it points to is not shown and not sent."""
    path = lay(spool)
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")

    assert reports.read(spool, paths.WAITING, path.name) is None
    assert [] == reports.reports(spool)


def test_reports_of_all_states_are_listed_but_broken_ones(spool: Spool) -> None:
    """By default those that people can read; or those of the states that are asked for."""
    states = (paths.WAITING, paths.LOCAL, paths.SENT, paths.REJECTED)
    for number, state in enumerate((*states, paths.BROKEN)):
        lay(spool, f"{number:032x}", state=state)

    assert list(states) == [report.state for report in reports.reports(spool)]
    assert [paths.SENT] == [report.state for report in reports.reports(spool, paths.SENT)]
    assert [paths.LOCAL, paths.SENT] == [
        report.state for report in reports.reports(spool, paths.SENT, paths.LOCAL)
    ]


def test_apps_are_the_folders_there_are(home: Path) -> None:
    """In the order of their names; a file or a link beside them is none."""
    assert [] == reports.apps()
    state = Path(paths.state_dir())
    for name in ("zebra", "ant"):
        (state / name).mkdir(parents=True)
    (state / "file").write_text("")
    (state / "link").symlink_to(home)

    assert ["ant", "zebra"] == reports.apps()


def test_a_report_is_found_by_the_beginning_of_its_id() -> None:
    """In any app, in upper case too, or in those that are named."""
    one, two = Spool(paths.spool_dir("one")), Spool(paths.spool_dir("two"))
    lay(one, "abc" + "0" * 29)
    lay(two, "abd" + "0" * 29)

    assert "one" == reports.find("abc").app
    assert "two" == reports.find("ABD").app
    assert "two" == reports.find("ab", "two").app
    with pytest.raises(SpoolError, match="no report's id begins with 'abc'"):
        reports.find("abc", "two")
    with pytest.raises(SpoolError, match="no report's id begins with 'bc'"):
        reports.find("bc")
    with pytest.raises(SpoolError, match="give at least one digit"):
        reports.find("")


def test_where_several_are_meant_they_are_shown(spool: Spool) -> None:
    """Enough of each to go on with; of many, some."""
    for number in range(9):
        lay(spool, f"abc{number}" + "0" * 28)

    with pytest.raises(SpoolError) as raised:
        reports.find("abc")
    said = str(raised.value)
    assert said.startswith("the ids of 9 reports begin with 'abc'; give more digits: abc")
    shown = said.rpartition(": ")[2].split(", ")
    assert 1 < len(shown) < 9
    for each in shown:
        assert reports.find(each).event_id.startswith(each)


def test_a_report_is_recorded_when_its_name_says(spool: Spool) -> None:
    """Moved and copied, it is as old as before; a name that cannot tell says nothing."""
    path = lay(spool)
    os.utime(path, (time.time(),) * 2)
    report = only(spool)

    assert WHEN == report.seconds
    unnamed = reports.StoredReport("demo", "waiting", "odd", str(path), b"", {}, {"event_id": "x"})
    assert 0.0 == unnamed.seconds
