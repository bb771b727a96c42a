"""For tests of programs that use crashguard: reports as Python values in place of files.

    from crashguard.testing import captured_reports

    def test_a_bad_row_is_reported() -> None:
        with captured_reports() as reports, pytest.raises(ValueError):
            mytool.main(["sync", "bad.csv"])

        [report] = reports
        assert report.type == "ValueError"
        assert report.tags["plugin.name"] == "files"

With pytest, the fixture `crash_reports` captures reports for a whole test; import it in `conftest.py`:

    from crashguard.testing import crash_reports  # noqa: F401

All steps before the disk run as they do for users: an ignored exception makes no report, the same crash is
counted, messages are scrubbed. Files are written to a temporary folder only. Nothing is sent.
"""

import copy
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, overload

import attrs

from crashguard import capture, telemetry_level
from crashguard.capture import hooks
from crashguard.client import Client, current_client
from crashguard.config import Config
from crashguard.program import Program
from crashguard.registry import Registry

_FOLDERS = ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "LOCALAPPDATA")


@attrs.frozen
class CapturedReport:
    """One report.

    Attributes:
        event: The scrubbed Sentry event; `docs/telemetry.md` explains its fields.
    """

    event: dict[str, Any]

    @property
    def type(self) -> str:
        """The class name of the exception that was raised last."""
        return str(self._last["type"])

    @property
    def message(self) -> str:
        """The exception's message, scrubbed."""
        return str(self._last["value"])

    @property
    def functions(self) -> list[str]:
        """The functions in its traceback, outermost first; `<external>` for a function that is not named."""
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
    """Capture reports instead of keeping them.

    The code under test may call `install()` before or inside of the block, or use guards only. Inside of
    the block the telemetry level is `all`: variables and the saved choice of this machine are hidden. A
    test of a refusal sets a variable inside of the block, or passes `telemetry_level=`. At the end of the
    block all settings are as they were before.

    Yields:
        The reports, a sequence that grows.

    Raises:
        RuntimeError: Another capture is under way in this process.
    """
    client = current_client()
    if client.captured is not None:
        raise RuntimeError("captured_reports() is under way already: one capture at a time in a process")
    before, registry = client.config, client.registry
    client.parsed = None  # what an earlier test typed
    events: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="crashguard-testing-") as folder, _elsewhere(folder, before):
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
                hooks.install(client, capture.install)


def _moved(config: Config, folder: str) -> Config:
    """The settings of a program, with its files in `folder` and without this machine's telemetry level."""
    moved = copy.copy(config)
    moved.spool = os.path.join(folder, config.app)
    outside = (*telemetry_level.switches(config.variables), telemetry_level.SAVED, telemetry_level.MACHINE)
    if any(each.removeprefix("lowered by ") in outside for each in config.level.source.split(", ")):
        moved.level = telemetry_level.TelemetryLevel(telemetry_level.DEFAULT, "default")
    return moved


def _use(client: Client, config: Config) -> None:
    client.config = config
    client.prepare(config, client.program or Program())


@contextmanager
def _elsewhere(folder: str, config: Config | None) -> Iterator[None]:
    """An environment without telemetry settings, with all folders below `folder`."""
    # The telemetry settings of this machine must not decide a test; a test may set them again.
    foreign = [name for name in os.environ if name.endswith("_TELEMETRY_LEVEL")]
    foreign += [*telemetry_level.switches(() if config is None else config.variables), "CRASHGUARD_DSN"]
    before = {name: os.environ.pop(name, None) for name in (*foreign, *_FOLDERS)}
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
