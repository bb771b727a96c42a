"""For tests of programs that use crashguard: the reports that would be made, as values in place of files.

    from crashguard.testing import captured_reports

    def test_a_bad_row_is_reported() -> None:
        with captured_reports() as reports, pytest.raises(ValueError):
            mytool.main(["sync", "bad.csv"])

        [report] = reports
        assert report.type == "ValueError"
        assert report.tags["plugin.name"] == "files"

With pytest, the fixture `crash_reports` is the same for a whole test; import it in `conftest.py`:

    from crashguard.testing import crash_reports  # noqa: F401

Everything runs as it will for users, up to the disk: what is not a crash makes no report, the same crash
is counted, messages are scrubbed. Nothing is written outside of a temporary folder, nothing is sent.

"""

import copy
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, overload

import attrs

from crashguard import capture, telemetry_level
from crashguard import client as clients
from crashguard.capture import hooks
from crashguard.client import Client
from crashguard.config import Config
from crashguard.recovery.minimal_record import Prepared
from crashguard.registry import Registry

# What this machine's owner says about telemetry is not the tests' business; a test may set it again.
_FOREIGN = (*telemetry_level.variables(), "CRASHGUARD_DSN")
_FOLDERS = ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "LOCALAPPDATA")


@attrs.frozen
class CapturedReport:
    """One report, as it would leave.

    Attributes:
        event: The Sentry event, scrubbed; `docs/telemetry.md` explains its fields.
    """

    event: dict[str, Any]

    @property
    def type(self) -> str:
        """The name of the exception's class, of the one that was raised last."""
        return str(self._last["type"])

    @property
    def message(self) -> str:
        """What the exception said, scrubbed."""
        return str(self._last["value"])

    @property
    def functions(self) -> list[str]:
        """The functions on its traceback, outermost first; `<external>` for code that is not named."""
        return [frame["function"] for frame in self._last.get("stacktrace", {}).get("frames", ())]

    @property
    def handled(self) -> bool:
        """Whether the program went on."""
        return bool(self._last["mechanism"]["handled"])

    @property
    def mechanism(self) -> str:
        """What caught it: `excepthook`, `threading`, `guard`, `capture` ..."""
        return str(self._last["mechanism"]["type"])

    @property
    def tags(self) -> dict[str, str]:
        """Its tags: `component`, `guard`, `plugin.name` ..."""
        return dict(self.event["tags"])

    @property
    def occurrences(self) -> int:
        """How often it happened since the capture began."""
        return int(self.event["contexts"]["crashguard"]["occurrences"])

    @property
    def _last(self) -> Mapping[str, Any]:
        value: Mapping[str, Any] = self.event["exception"]["values"][-1]
        return value


class CapturedReports(Sequence[CapturedReport]):
    """The reports since the capture began, oldest first; it grows while the program runs."""

    def __init__(self, events: list[dict[str, Any]]) -> None:
        self._events = events

    @overload
    def __getitem__(self, index: int) -> CapturedReport: ...
    @overload
    def __getitem__(self, index: slice) -> list[CapturedReport]: ...
    def __getitem__(self, index: int | slice) -> CapturedReport | list[CapturedReport]:
        if isinstance(index, slice):
            return [CapturedReport(event) for event in self._events[index]]
        return CapturedReport(self._events[index])

    def __len__(self) -> int:
        return len(self._events)

    def __repr__(self) -> str:
        return f"<captured: {', '.join(f'{each.type}: {each.message}' for each in self) or 'no reports'}>"


@contextmanager
def captured_reports() -> Iterator[CapturedReports]:
    """Catch reports instead of keeping them.

    Works whether the code under test calls `install()` itself, before or inside, or only uses guards.
    Inside, the telemetry level is `all` whatever this machine's owner decided: the variables and the
    saved choice that say otherwise are out of sight. A test of a refusal sets them, or passes
    `telemetry_level=`. At the end everything is as it was before.

    Yields:
        The reports, a sequence that grows.

    Raises:
        RuntimeError: Another capture is under way in this process.
    """
    client = clients.current()
    if client.captured is not None:
        raise RuntimeError("captured_reports() is under way already: one capture at a time in a process")
    before, registry = client.config, client.registry
    events: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="crashguard-testing-") as folder, _elsewhere(folder):
        client.registry = Registry(most=float("inf"))
        client.captured = events
        try:
            if before is None:
                capture.install(app="tests", version="0", note=False)
            else:
                _use(client, _moved(before, folder))
            yield CapturedReports(events)
        finally:
            client.captured = None
            client.registry = registry
            if before is None:
                capture.uninstall()
            else:
                _use(client, before)
                hooks.install(client, capture.arrive)


def _moved(config: Config, folder: str) -> Config:
    """The settings of a program, with its files elsewhere and without this machine's say on telemetry."""
    moved = copy.copy(config)
    moved.spool = os.path.join(folder, config.app)
    if config.level.source in (*telemetry_level.variables(config.env_var), "saved choice"):
        moved.level = telemetry_level.TelemetryLevel(telemetry_level.DEFAULT, "default")
    return moved


def _use(client: Client, config: Config) -> None:
    client.config = config
    client.prepared = Prepared(config.spool, config.release, config.dsn, sys.path)


@contextmanager
def _elsewhere(folder: str) -> Iterator[None]:
    """An environment that says nothing of telemetry and whose folders are below `folder`."""
    before = {name: os.environ.pop(name, None) for name in (*_FOREIGN, *_FOLDERS)}
    os.environ.update(dict.fromkeys(_FOLDERS, folder))
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


try:
    import pytest
except ModuleNotFoundError:
    pass  # unittest and others use the context manager
else:

    @pytest.fixture
    def crash_reports() -> Iterator[CapturedReports]:
        """The reports of one test, captured instead of kept; see `captured_reports`."""
        with captured_reports() as reports:
            yield reports
