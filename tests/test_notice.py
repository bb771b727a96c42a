"""The first-use notice in the tool's own words, and where it is not printed."""

import io
from pathlib import Path

import pytest

from crashguard import ConfigurationError, Plugin, capture, paths

DSN = "https://key@reports.example/1"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(monkeypatch: pytest.MonkeyPatch, **more: object) -> str:
    """What a tool's start shows on a terminal."""
    terminal = Terminal()
    with monkeypatch.context() as patch:
        patch.setattr("sys.stderr", terminal)
        arguments = {"app": "demo", "version": "1.0", "dsn": DSN, "delivery": "deferred", **more}
        capture.install(**arguments)  # type: ignore[arg-type]
    return terminal.getvalue()


def test_it_names_the_server_and_the_way_to_say_no(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two lines, once, however often install() is called."""
    first, second = shown(monkeypatch).splitlines()
    assert "" == shown(monkeypatch)

    assert "demo" in first
    assert "reports.example" in first
    assert "key" not in first
    assert "DEMO_TELEMETRY_LEVEL=none" in second


@pytest.mark.parametrize(
    ("given", "printed"),
    [
        ("Own words.", "Own words.\n"),
        (lambda text: text.upper(), "IF DEMO CRASHES"),
        (lambda text: None, ""),
        (False, ""),
        ("", ""),
    ],
)
def test_a_tool_says_it_in_its_own_words(
    monkeypatch: pytest.MonkeyPatch, given: object, printed: str
) -> None:
    """A text, a function of the notice, or nothing."""
    told = shown(monkeypatch, notice=given)

    assert told.startswith(printed)
    assert printed or told == ""


@pytest.mark.parametrize(
    "more",
    [
        {"dsn": None},
        {"telemetry_level": "stats"},
        {"version": "development"},
        {"plugin": Plugin("cloudquery", "source", "aws", "1.0")},
        {"default_level": "none"},
    ],
)
def test_where_nothing_can_leave_nothing_is_said(
    monkeypatch: pytest.MonkeyPatch, more: dict[str, object]
) -> None:
    """And the notice still waits for the run in which something can."""
    assert shown(monkeypatch, **more) == ""
    assert not (Path(paths.spool_dir("demo")) / paths.NOTICE).exists()


def test_a_function_that_raises_disturbs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """install() goes on."""

    def broken(text: str) -> str:
        raise OSError(text)

    assert shown(monkeypatch, notice=broken) == ""


def test_a_wrong_notice_is_refused() -> None:
    """The error says what to give."""
    with pytest.raises(ConfigurationError, match="notice=3: give True, False, a text or a function"):
        capture.install(app="demo", version="1.0", notice=3)  # type: ignore[arg-type]
