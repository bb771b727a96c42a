"""Consent in every order of events: a state machine over real files and a real server.

It plays the user (flag, variable, saved choice), the administrator, the program (starts, second installs, crashes,
fatal signals) and the uploader. Beside it runs a model of what the user has said, which knows nothing of crashguard.
"""

import os
import tempfile
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from crashguard import capture, paths, telemetry_level
from crashguard.client import current_client
from crashguard.transport import Dispatcher, uploader
from crashguard.transport.upload import upload
from tests.servers import Server

SINCE = "2026-01-31T12:00:00Z"
LEVELS = ["none", "stats", "errors", "all"]
NOBODY = 4_100_000  # above the highest process id that Linux gives

levels = st.sampled_from(LEVELS)


def _errors(level: str) -> bool:
    return level in ("errors", "all")


class Consent(RuleBasedStateMachine):
    """What was recorded under a no never leaves; what was recorded under a yes and never refused arrives."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.patch = pytest.MonkeyPatch()
        self.patch.setenv("HOME", self.folder.name)
        self.patch.setattr("crashguard.paths.machine_dir", lambda: f"{self.folder.name}/etc")
        self.patch.setattr("crashguard.telemetry_level._ADMINISTRATOR", os.geteuid())
        # The state machine is the uploader.
        self.patch.setattr(Dispatcher, "resume", lambda self, left: None)
        self.server = Server().__enter__()
        self.flag: str | None = None
        self.variable = self.saved = self.machine = ""
        self.is_final = self.installed = self.records = False
        self.number = 0
        self.refused: set[str] = set()  # crashes that must never arrive
        self.waiting: set[str] = set()  # crashes that must arrive unless a no comes
        self.natives: list[str] = []  # fatal signals of runs that nobody has found yet

    def level(self, *, flag: bool = True) -> str:
        """What counts now, as the page for users says it."""
        said = (self.flag if flag else None) or self.variable or self.saved or self.machine or "all"
        if self.machine and self.is_final:
            errors = _errors(said) and _errors(self.machine)
            stats = said in ("stats", "all") and self.machine in ("stats", "all")
            said = LEVELS[2 * errors + stats]
        return said

    def refuse(self) -> None:
        """A no has come to the spool: what waits is deleted."""
        self.refused |= self.waiting
        self.waiting.clear()

    @rule(value=st.one_of(st.just(""), levels))
    def say_by_variable(self, value: str) -> None:
        self.variable = value
        self.patch.setenv("DEMO_TELEMETRY_LEVEL", value)

    @rule(value=levels)
    def save(self, value: str) -> None:
        self.saved = value
        telemetry_level.save_choice(value, since=SINCE)

    @rule(value=levels, final=st.booleans())
    def administer(self, value: str, final: bool) -> None:
        self.machine, self.is_final = value, final
        telemetry_level.save_machine_choice(value, since=SINCE, final=final)

    @rule(value=st.one_of(st.none(), levels))
    def start(self, value: str | None) -> None:
        """The program starts, with or without the flag."""
        capture.uninstall()
        current_client().__init__()  # type: ignore[misc]
        self.flag, self.installed = value, True
        self.install(telemetry_level=value)

    @rule(value=levels)
    def install_again(self, value: str) -> None:
        """The command line is parsed, or a setting is changed."""
        if self.installed:
            self.flag = value
            self.install(telemetry_level=value)

    @rule()
    def install_and_name_nothing(self) -> None:
        if self.installed:
            self.install()

    def install(self, **more: Any) -> None:
        dsn = {"dsn": self.server.dsn} if "telemetry_level" in more else {}
        capture.install(app="demo", version="1.0", delivery="deferred", note=False, **dsn, **more)
        self.records = _errors(self.level())
        if not self.records:
            self.refuse()

    @rule()
    def crash(self) -> None:
        """An exception of a kind of its own, so that no other stands for it. A no holds for the rest of a run."""
        if not self.installed:
            return
        self.number += 1
        name = f"Crash{self.number}"
        told = _capture(name)
        self.records = self.records and _errors(self.level())
        assert self.records == (told is not None)
        (self.waiting if told else self.refused).add(name)

    @rule()
    def die(self) -> None:
        """A fatal signal ends the run: its native file has a dump, and its process is gone."""
        run = current_client().run
        if not self.installed or run is None or run.native is None:
            return
        folder, _, name = run.native.rpartition("/")
        began = name.partition("-")[0]
        self.number += 1
        header = Path(run.native).read_bytes().partition(b"\n")[0]
        dump = f'\nFatal Python error: Segmentation fault\n\nCurrent thread 0x01 (most recent call first):\n  File "demo.py", line 1 in f{self.number}\n'
        Path(f"{folder}/{began}-{NOBODY + self.number}.native").write_bytes(header + dump.encode())
        self.waiting.add(f"f{self.number}")

    @rule()
    def send(self) -> None:
        """The uploader of a later run, which knows no flag."""
        root = paths.spool_dir("demo")
        if not os.path.isdir(root):
            return
        upload(root, uploader._level(root), ask=lambda: uploader._level(root))
        if not _errors(self.level(flag=False)):
            self.refuse()
        assert self.waiting <= self.arrived(), (self.waiting, self.arrived())
        self.waiting.clear()

    @rule(hours=st.sampled_from([-30, 30]))
    def step_the_clock(self, hours: int) -> None:
        """What lies there is from another time."""
        for path in Path(paths.spool_dir("demo")).rglob("*"):
            when = path.stat().st_mtime + hours * 3600
            os.utime(path, (when, when))

    def arrived(self) -> set[str]:
        names = set()
        for event in self.server.events:
            value = event["exception"]["values"][-1]
            frames = value.get("stacktrace", {}).get("frames", [{}])
            names.add(value["type"] if value["type"].startswith("Crash") else frames[-1].get("function"))
        return names

    @invariant()
    def nothing_refused_has_left(self) -> None:
        if hasattr(self, "server"):
            assert not self.arrived() & self.refused

    def teardown(self) -> None:
        if not hasattr(self, "server"):
            return
        try:
            capture.uninstall()
            self.patch.delenv("DEMO_TELEMETRY_LEVEL", raising=False)
            for folder in (f"{self.folder.name}/etc", f"{self.folder.name}/.config"):
                path = Path(folder) / "crashguard/telemetry-level"
                for each in (path, Path(folder) / "telemetry-level"):
                    each.unlink(missing_ok=True)
            self.variable = self.saved = self.machine = ""
            self.send()
            assert not self.arrived() & self.refused
        finally:
            self.server.__exit__()
            self.patch.undo()
            self.folder.cleanup()


def _capture(name: str) -> str | None:
    """Raise an exception of a type of this name, and capture it."""
    from crashguard.capture.api import capture_exception

    try:
        raise type(name, (Exception,), {})
    except Exception as error:  # noqa: BLE001 (it was raised for this)
        return capture_exception(error)


@pytest.mark.slow
def test_no_order_of_events_lets_a_refused_report_leave() -> None:
    """Whoever says no, however and whenever, nothing recorded under it leaves; a yes is withheld for ever by nothing."""
    # An order that fails is shown as it was found: to shorten it would take minutes of real files and requests.
    phases = [hypothesis.Phase.generate]
    options = hypothesis.settings(max_examples=40, stateful_step_count=20, deadline=None, phases=phases)
    run_state_machine_as_test(Consent, settings=options)
