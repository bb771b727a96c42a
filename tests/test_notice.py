"""The first-use notice in the tool's own words, and where it is not printed."""

import io
from pathlib import Path

import pytest

from crashguard import ConfigurationError, Plugin, capture, paths, stats
from crashguard.client import current_client

DSN = "https://key@reports.example/1"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(monkeypatch: pytest.MonkeyPatch, **more: object) -> str:
    """What a tool shows on a terminal from its start to its end."""
    terminal = Terminal()
    with monkeypatch.context() as patch:
        patch.setattr("sys.stderr", terminal)
        arguments = {"app": "demo", "version": "1.0", "dsn": DSN, "delivery": "deferred", **more}
        capture.install(**arguments)  # type: ignore[arg-type]
        current_client().say_due()
    return terminal.getvalue()


def test_it_names_the_server_and_the_way_to_say_no(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three lines, once, however often install() is called."""
    first, what, refuse = shown(monkeypatch).splitlines()
    assert "" == shown(monkeypatch)

    assert "demo" in first
    assert "reports.example" in first
    assert "key" not in first
    assert what == "where and why it failed, without private data. This is said once."
    assert "DEMO_TELEMETRY_LEVEL=none" in refuse


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


@pytest.mark.parametrize("given", [lambda text: 1 / 0, lambda text: 3])
def test_a_function_that_fails_takes_the_notice_from_nobody(
    monkeypatch: pytest.MonkeyPatch, given: object
) -> None:
    """install() goes on, and the person is told in crashguard's words, once."""
    assert "reports.example" in shown(monkeypatch, notice=given)
    assert "" == shown(monkeypatch, notice=given)


class Broken(Terminal):
    def write(self, text: str) -> int:
        raise BlockingIOError(11, text)


def test_what_nobody_has_seen_is_said_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal that takes nothing has not shown the notice."""
    with monkeypatch.context() as patch:
        patch.setattr("sys.stderr", Broken())
        capture.install(app="demo", version="1.0", dsn=DSN, delivery="deferred")
        current_client().say_due()
    assert "reports.example" in shown(monkeypatch)


@pytest.mark.parametrize(
    ("variable", "value", "is_ci"),
    [
        ("CI", "true", True),
        ("CI", "1", True),
        ("CI", "false", False),
        ("CI", "0", False),
        ("CI", "", False),
        ("JENKINS_URL", "https://ci.example", True),
        ("TF_BUILD", "True", True),
    ],
)
def test_in_ci_nobody_reads(monkeypatch: pytest.MonkeyPatch, variable: str, value: str, is_ci: bool) -> None:
    """The systems that say so themselves; a person who has switched CI off is a person."""
    monkeypatch.setenv(variable, value)
    assert ("" if is_ci else "demo") in shown(monkeypatch)
    assert is_ci == (not (Path(paths.spool_dir("demo")) / paths.NOTICE).exists())


def test_reports_and_stats_have_each_their_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    """One at the start, one before the first record; a tool's own text stands for both, and is said once."""
    stats.configure(url="https://events.example", write_key="key", page="https://page.example/telemetry")

    def told(app: str, **more: object) -> list[str]:
        terminal = Terminal()
        first = shown(monkeypatch, app=app, **more)
        with monkeypatch.context() as patch:
            patch.setattr("sys.stderr", terminal)
            for _ in range(2):
                with stats.command("sync"):
                    pass
        return [first, terminal.getvalue()]

    reports, numbers = told("demo")
    assert "reports.example" in reports
    assert "events.example" in numbers
    assert 1 == numbers.count("This is said once.")
    assert "More: https://page.example/telemetry\n" in numbers
    assert max(len(line) for line in (reports + numbers).splitlines() if "`" not in line) <= 80
    assert ["Own words.\n", ""] == told("other", notice="Own words.")
    assert ["", "Own words.\n"] == told("third", notice="Own words.", dsn=None)
    assert ["", ""] == told("fourth", notice=False)


def test_a_wrong_notice_is_refused() -> None:
    """The error says what to give."""
    with pytest.raises(ConfigurationError, match="notice=3: give True, False, a text or a function"):
        capture.install(app="demo", version="1.0", notice=3)  # type: ignore[arg-type]
