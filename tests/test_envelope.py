"""The bytes of a report: the same whether json is loaded or not, and never more than a server takes."""

import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crashguard.report import envelope

ID = "0123456789ab4def8123456789abcdef"
DSN = "https://key@errors.example.com/1"


@pytest.fixture
def dying() -> Iterator[None]:
    """As in a process that has not loaded json and is about to end."""
    loaded = {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] == "json"}
    yield
    sys.modules.update(loaded)


def lines_of(data: bytes) -> list[bytes]:
    *lines, rest = data.split(b"\n")
    assert b"" == rest
    return lines


def event(frames: int, values: int, message: str = "", **more: Any) -> dict[str, Any]:
    """An event with so many exceptions, each with so many frames of about a thousand bytes."""
    return {
        "event_id": ID,
        "fingerprint": ["x"],
        "exception": {
            "values": [
                {
                    "type": f"type {number}",
                    "value": message,
                    "stacktrace": {
                        "frames": [
                            {"function": f"{at} {'f' * 900}", "filename": "a.py", "in_app": True}
                            for at in range(frames)
                        ]
                    },
                }
                for number in range(values)
            ]
        },
        **more,
    }


def sealed(made: dict[str, Any]) -> tuple[int, list[dict[str, Any]]]:
    """(bytes, exceptions) of what would be kept."""
    data = envelope.seal(made, DSN)
    return len(data), envelope.unseal(data)[1]["exception"]["values"]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(value=JSON)
def test_what_is_written_by_hand_is_what_json_writes(value: Any) -> None:
    """To the byte: any text, half surrogates and control characters too, any number, empty and nested."""
    made = {"event_id": ID, "exception": {"values": []}, "contexts": {"x": value}}
    with_json = envelope.seal(made, DSN)
    loaded = {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] == "json"}
    try:
        by_hand = envelope.seal(made, DSN)
    finally:
        sys.modules.update(loaded)

    assert with_json == by_hand
    payload = lines_of(by_hand)[2]
    assert json.dumps(made, separators=(",", ":")).encode("ascii") == payload


@pytest.mark.parametrize(
    "text", ['"', "\\", "\b\f\n\r\t", "\0\x1f\x7f", "~ ", "é ~", "\ud800", "\U00010330", "\u2028"]
)
def test_each_kind_of_character_is_escaped_as_json_does(dying: None, text: str) -> None:
    """Printable ASCII stands for itself, all else is an escape of ASCII."""
    payload = lines_of(envelope.seal({"event_id": ID, "exception": {"values": []}, "m": text}, None))[2]

    assert payload.isascii()
    assert f'"m":{json.dumps(text)}}}'.encode() == payload[payload.index(b'"m"') :]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), {1}, b"bytes", object()])
@pytest.mark.parametrize("loaded", [True, False])
def test_what_json_has_no_word_for_is_an_error(
    value: object, loaded: bool, request: pytest.FixtureRequest
) -> None:
    """A server would refuse it; the caller falls back on the minimal record."""
    if not loaded:
        request.getfixturevalue("dying")
    with pytest.raises((ValueError, TypeError)):
        envelope.seal({"event_id": ID, "exception": {"values": []}, "m": value}, None)


def test_an_envelope_is_three_lines() -> None:
    """Header with id and destination, the item's header with its length, the event; each ends with a newline."""
    made = event(1, 1)
    header, item, payload = lines_of(envelope.seal(made, DSN))

    assert {"event_id": ID, "dsn": DSN} == json.loads(header)
    assert {"type": "event", "length": len(payload), "content_type": "application/json"} == json.loads(item)
    assert made == json.loads(payload)


@pytest.mark.parametrize("dsn", [None, ""])
def test_what_is_to_stay_has_no_destination(dsn: str | None) -> None:
    """No process has to be told where it must not go."""
    header, _, _ = lines_of(envelope.seal(event(1, 1), dsn))

    assert {"event_id": ID} == json.loads(header)


def test_a_report_that_a_server_takes_is_not_touched() -> None:
    """Eight hundred kilobytes go as they are."""
    made = event(200, 4, "m" * 7_000)
    size, values = sealed(made)

    assert 700_000 < size < 900_000
    assert made["exception"]["values"] == values


@pytest.mark.parametrize(
    ("frames", "values", "kept_frames", "kept_values"),
    [
        (200, 6, 40, 6),  # frames go first: of each exception the inner end
        (30, 40, 20, 10),  # then the older exceptions
        (41, 16, 41, 16),
        (60, 20, 40, 20),
        (100, 51, 20, 10),
        (10, 120, 10, 50),
    ],
)
def test_a_report_that_is_too_large_loses_what_is_farthest_from_the_crash(
    frames: int, values: int, kept_frames: int, kept_values: int
) -> None:
    """Outer frames, then older exceptions; what was raised last stays, and marks say how much is missing."""
    made = event(frames, values)
    size, told = sealed(made)

    assert size <= 2**20
    before = made["exception"]["values"][-kept_values:]
    assert [value["type"] for value in before] == [value["type"] for value in told]
    for value, whole in zip(told, before, strict=True):
        kept, all_of_it = value["stacktrace"]["frames"], whole["stacktrace"]["frames"]
        if len(all_of_it) > kept_frames:
            mark, *kept = kept
            assert f"[... {len(all_of_it) - kept_frames} frames cut ...]" == mark["function"]
        assert all_of_it[-kept_frames:] == kept


def test_the_messages_of_a_report_that_is_too_large_are_cut() -> None:
    """The beginning of each stays, with a mark."""
    _, told = sealed(event(100, 12, "the message " * 500))

    for value in told:
        assert value["value"].startswith("the message the message")
        assert "characters cut" in value["value"]
        assert 300 < len(value["value"]) < 600


def test_nothing_is_said_of_frames_that_were_not_cut() -> None:
    """Where shorter messages are enough."""
    made = event(40, 20, "the message " * 1_000)
    _, told = sealed(made)

    assert [value["stacktrace"] for value in made["exception"]["values"]] == [
        value["stacktrace"] for value in told
    ]
    assert {True} == {"characters cut" in value["value"] for value in told}


def test_the_last_that_a_report_loses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the names alone are too much: two exceptions, ten frames of each."""
    made = event(60, 30)
    for value in made["exception"]["values"]:
        for frame in value["stacktrace"]["frames"]:
            frame["function"] += "\U00010330" * 400
    size, told = sealed(made)

    assert size <= 2**20
    assert ["type 28", "type 29"] == [value["type"] for value in told]
    assert [11, 11] == [len(value["stacktrace"]["frames"]) for value in told]


def test_a_report_without_messages_or_stacks_can_be_too_large() -> None:
    """What is not there is not made."""
    made = {"event_id": ID, "exception": {"values": [{"type": "T" * 20_000} for _ in range(60)]}}
    size, told = sealed(made)

    assert size <= 2**20
    assert [{"type": "T" * 20_000}] * len(told) == told
    assert 10 == len(told)


def test_what_stands_beside_the_exceptions_is_kept() -> None:
    """Release, tags, contexts: whatever else is cut."""
    _, event_ = envelope.unseal(envelope.seal(event(200, 60, release="demo@1.0", tags={"a": "b"}), None))

    assert ("demo@1.0", {"a": "b"}, ["x"]) == (event_["release"], event_["tags"], event_["fingerprint"])


def whole() -> bytes:
    return envelope.seal(event(1, 1), DSN)


def without_length(data: bytes) -> bytes:
    header, _, payload = lines_of(data)
    return b"\n".join((header, b'{"type":"event"}', payload, b""))


def test_an_item_without_a_length_ends_at_its_line() -> None:
    """The format allows it, and other programs write it."""
    assert event(1, 1) == envelope.unseal(without_length(whole()))[1]
    assert event(1, 1) == envelope.unseal(without_length(whole()) + b'{"type":"attachment"}\nmore')[1]


def test_what_comes_after_the_event_is_not_read() -> None:
    """Its length says where it ends."""
    assert event(1, 1) == envelope.unseal(whole() + b'{"type":"attachment","length":1}\nx\n')[1]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (whole()[:-20], "cut short"),
        (b'{}\n{"type":"event","length":2}\n{}', "no id"),
        (b'{}\n{"type":"event","length":2}\n[]', "no id"),
        (b'{}\n{"type":"event"}\n{"event_id":7}\n', "no id"),
        (b'{}\n{"type":"session"}\n{}', "no event"),
        (b'[]\n{"type":"event"}\n{}', "no event"),
        (b"{}\n[]\n{}", "no event"),
    ],
    ids=["short", "no id", "list", "number", "session", "header", "item"],
)
def test_what_is_wrong_with_an_envelope_is_said(data: bytes, said: str) -> None:
    """People look into broken/ and want to know why a file is there."""
    with pytest.raises(ValueError, match=said):
        envelope.unseal(data)


def test_source_lines_go_before_frames() -> None:
    """Where a report is too large, lines of code are left out first, and every frame stays."""
    frame: dict[str, Any] = {"function": "f", "filename": "f.py", "in_app": True, "lineno": 3}
    frame["context_line"] = "x" * 10_000
    values = [{"type": "KeyError", "stacktrace": {"frames": [frame] * 100}}, {"type": "ValueError"}]
    event = {"event_id": "0" * 32, "exception": {"values": values}}

    [value, _] = envelope.unseal(envelope.seal(event, None))[1]["exception"]["values"]
    del frame["context_line"]
    assert value["stacktrace"]["frames"] == [frame] * 100
