"""crashguard.testing: what a tool's own tests see of its crash reports."""

import builtins
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import crashguard
from crashguard import paths
from crashguard.client import current_client, current_config
from crashguard.testing import CapturedReports, captured_reports, crash_reports  # noqa: F401 (a fixture)

PLUGIN = crashguard.Plugin("acme", "source", "files", "1.0.0", official=True)


@crashguard.guard("sync", plugin=PLUGIN)
def sync(row: str) -> int:
    return int(row)


def tool(row: str) -> int:
    """A tool as it ships: it installs crashguard itself."""
    crashguard.install(app="mytool", version="1.2.3", dsn="http://key@127.0.0.1:9/1")
    return sync(row)


def test_a_guarded_crash_is_captured(crash_reports: CapturedReports) -> None:  # noqa: F811
    """The fixture gives what a guard records, whether or not anybody called install()."""
    with pytest.raises(ValueError, match="invalid literal"):
        sync("x")

    [report] = crash_reports
    assert (report.type, report.mechanism, report.handled) == ("ValueError", "guard", False)
    assert report.message == "invalid literal for int() with base 10: '[shape:a]'"
    assert report.functions[-1] == "sync" or report.functions[-1] == "<external>"
    assert report.tags["plugin.name"] == "files"
    assert report.occurrences == 1


def test_a_tool_that_installs_itself_is_captured() -> None:
    """install() inside of the capture is the tool's, with its release."""
    with captured_reports() as reports, pytest.raises(ValueError, match="invalid"):
        tool("x")

    [report] = reports
    assert report.event["release"] == "mytool@1.2.3"
    assert current_config() is None


def test_nothing_is_written_or_started(home: Path) -> None:
    """The home of whoever runs the tests stays as it was, also when a hook saw the crash."""
    with captured_reports() as reports:
        crashguard.install(app="mytool", version="1.2.3", dsn="http://key@127.0.0.1:9/1", note=False)
        previous, sys.excepthook.previous = sys.excepthook.previous, lambda *_: None  # type: ignore[attr-defined]
        try:
            raise RuntimeError("nobody catches this")
        except RuntimeError as error:
            sys.excepthook(RuntimeError, error, error.__traceback__)
        finally:
            sys.excepthook.previous = previous  # type: ignore[attr-defined]

    [report] = reports
    assert report.mechanism == "excepthook"
    assert list(home.rglob("*")) == []
    assert not os.path.exists(paths.state_dir())


def test_an_installation_from_before_is_put_back(home: Path) -> None:
    """After the capture the program's own installation works on as before it."""
    crashguard.install(app="mytool", version="1.2.3")
    before = current_config()

    with captured_reports() as reports, pytest.raises(ValueError, match="invalid"):
        sync("x")

    assert [report.event["release"] for report in reports] == ["mytool@1.2.3"]
    assert current_config() is before
    assert list(home.rglob("*.envelope")) == []
    with pytest.raises(ValueError, match="invalid"):
        sync("x")
    assert len(list(home.rglob("*.envelope"))) == 1


@pytest.mark.parametrize("installed", [True, False])
def test_what_this_machine_says_does_not_count(installed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer who refuses telemetry on their own machine can still run the tests."""
    monkeypatch.setenv("DO_NOT_TRACK", "1")
    if installed:
        crashguard.install(app="mytool", version="1.2.3")

    with captured_reports() as reports, pytest.raises(ValueError, match="invalid"):
        sync("x")

    assert len(reports) == 1
    assert os.environ["DO_NOT_TRACK"] == "1"


def test_a_refusal_can_be_tested(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tool's own switch and a variable that the test sets are honoured."""
    with captured_reports() as reports:
        crashguard.install(app="mytool", version="1.2.3", telemetry_level="none")
        with pytest.raises(ValueError, match="invalid"):
            sync("x")
        monkeypatch.setenv("MYTOOL_TELEMETRY_LEVEL", "stats")
        crashguard.install(app="mytool", version="1.2.3")
        with pytest.raises(ValueError, match="invalid"):
            sync("x")

    assert len(reports) == 0
    assert repr(reports) == "<captured: no reports>"


def test_the_same_crash_is_counted_while_it_is_captured() -> None:
    """Twice the same is one report, and its count is up to date at once."""
    with captured_reports() as reports:
        for row in ("x", "y"):
            with pytest.raises(ValueError, match="invalid"):
                sync(row)

        [report] = reports
        assert report.occurrences == 2


def test_captures_do_not_know_of_each_other() -> None:
    """Each capture begins with nothing: the same crash is new in the next test."""
    for _ in range(2):
        with captured_reports() as reports, pytest.raises(ValueError, match="invalid"):
            sync("x")
        assert [report.occurrences for report in reports] == [1]


def test_two_captures_at_once_are_refused() -> None:
    """One process has one capture; the message says so."""
    with captured_reports(), pytest.raises(RuntimeError, match="one capture at a time"), captured_reports():
        pass
    assert current_client().captured is None


def test_messages_are_scrubbed_as_for_users() -> None:
    """A test can hold a tool to what it must not tell."""
    with captured_reports() as reports:
        crashguard.capture_exception(ValueError("cannot log in with password=hunter2-of-ada"))

    assert "hunter2" not in repr(reports)
    assert reports[0].handled
    assert reports[:1] == [reports[0]]


def test_what_is_no_crash_makes_no_report() -> None:
    """Ctrl-C and sys.exit() stay silent in tests too."""
    with captured_reports() as reports:
        for silent in (KeyboardInterrupt, SystemExit):
            with pytest.raises(silent), crashguard.guard():
                raise silent

    assert list(reports) == []


def test_a_thread_is_seen_too() -> None:
    """A crash in a thread comes in at threading.excepthook."""
    with captured_reports() as reports:
        crashguard.install(app="mytool", version="1.2.3", note=False)
        hook = threading.excepthook
        hook.previous = lambda _: None  # type: ignore[attr-defined]
        thread = threading.Thread(target=int, args=("x",))
        thread.start()
        thread.join()

    assert [report.mechanism for report in reports] == ["threading"]


def test_it_can_be_used_without_pytest(tmp_path: Path) -> None:
    """unittest and others have the context manager; pytest is not needed to import it."""
    program = (
        "import sys; sys.modules['pytest'] = None\n"
        "from crashguard.testing import captured_reports\n"
        "import crashguard\n"
        "with captured_reports() as reports:\n"
        "    with crashguard.guard(reraise=False):\n"
        "        1 / 0\n"
        "print(reports)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parent.parent,
    )

    assert done.stdout == "<captured: ZeroDivisionError: division by zero>\n"


@pytest.mark.parametrize(
    "kind", ["KeyError", "OSError", "StopIteration", "ExceptionGroup", "SyntaxError", "Own"]
)
def test_the_report_of_every_class_is_whole(kind: str) -> None:
    """Built-in classes differ between interpreters in what their methods are."""
    made = {
        "ExceptionGroup": lambda: ExceptionGroup("several", [KeyError("x")]),
        "Own": type("Own", (KeyError,), {}),
    }
    with captured_reports() as reports:
        try:
            raise made[kind]() if kind in made else getattr(builtins, kind)("x")
        except Exception as error:  # noqa: BLE001 (any class)
            crashguard.capture_exception(error)

    [report] = reports
    assert report.event["contexts"]["crashguard"]["complete"]
