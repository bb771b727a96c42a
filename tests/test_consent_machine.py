"""Consent in every order of events: a state machine over real files and a real server.

It plays the user (flag, variable, saved choice), the administrator, the program (starts, second installs, crashes,
fatal signals) and the uploader. Beside it runs a model of what the user has said, which knows nothing of crashguard.
"""

import os
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from crashguard import ConfigurationError, capture, choices, paths
from crashguard.client import current_client
from crashguard.transport import Dispatcher, uploader
from crashguard.transport.upload import upload
from tests.servers import Server

LEVELS = ["none", "stats", "errors", "all"]
WRONG = "nnoe"
NOBODY = 4_100_000  # above the highest process id that Linux gives
VARIABLE = "DEMO_TELEMETRY_LEVEL"

levels = st.sampled_from(LEVELS)


def _errors(level: str) -> bool:
    return level in ("errors", "all")


def _both(one: str, other: str) -> str:
    """What two telemetry levels allow."""
    stats = one in ("stats", "all") and other in ("stats", "all")
    return LEVELS[2 * (_errors(one) and _errors(other)) + stats]


def _now() -> str:
    """The date of a choice. What follows has another millisecond than what was before."""
    now = time.time()
    while time.time() < now + 0.003:
        pass
    return datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


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
        self.typed: str | None = None  # a flag that nobody has parsed
        self.shell = self.variable = self.saved = self.machine = ""
        self.is_final = self.installed = self.records = False
        self.number = 0
        self.refused: set[str] = set()  # crashes that must never arrive
        self.waiting: dict[str, str] = {}  # crashes that must arrive unless a no comes, and who said yes
        self.begun = ""  # who said yes when the run began to watch for fatal signals

    def level(self, *, flag: bool = True) -> str:
        """What counts now, as the page for users says it: in this run, or in one without a flag."""
        said = (flag and self.flag) or (self.variable if flag else self.shell)
        said = said or self.saved or self.machine or "all"
        said = "none" if said == WRONG else said
        if flag and self.flag is None and self.typed:
            said = _both(said, self.typed)
        return _both(said, self.machine) if self.machine and self.is_final else said

    def who(self) -> str:
        """Who said yes in this run: the run itself, the saved choice, or nobody stronger than the machine."""
        if self.machine and self.is_final and self.machine != "all":
            return "the machine"
        return "the run" if self.flag or self.variable or self.typed else "saved" if self.saved else "default"

    def refuse(self, *whose: str) -> None:
        """A no has come to the spool: what waits is deleted, or that to which one of these said yes."""
        gone = [name for name, who in self.waiting.items() if not whose or who in whose]
        self.refused.update(gone)
        for name in gone:
            del self.waiting[name]

    @rule(value=st.one_of(st.just(""), levels))
    def say_by_variable(self, value: str) -> None:
        """In the shell from which programs are started from now on."""
        self.shell = value

    @rule(value=levels)
    def save(self, value: str) -> None:
        if not _errors(self.saved or self.machine or "all") and _errors(value):
            self.refuse("saved", "default", "the machine")
        self.saved = value
        choices.save_choice(value, since=_now())
        _now()

    @rule(value=levels, final=st.booleans())
    def administer(self, value: str, final: bool) -> None:
        if self.machine and not _errors(self.machine) and (_errors(value) or not final):
            if self.is_final:
                self.refuse()
            elif not self.saved:
                self.refuse("default", "the machine")
        # One that was recorded before the user spoke is refused by a machine that never spoke to that user.
        self.waiting = {k: v for k, v in self.waiting.items() if v not in ("default", "the machine")}
        self.machine, self.is_final = value, final
        choices.save_machine_choice(value, since=_now(), final=final)
        _now()

    @rule(value=st.one_of(st.none(), levels), typed=st.one_of(st.none(), levels))
    def start(self, value: str | None, typed: str | None) -> None:
        """The program starts, with or without the flag, which it has parsed or which it may not have parsed."""
        capture.uninstall()
        current_client().__init__()  # type: ignore[misc]
        self.flag, self.typed, self.installed = value, typed, True
        self.variable = self.shell
        self.patch.setenv(VARIABLE, self.shell)
        self.patch.setattr("sys.argv", [sys.argv[0], *([f"--telemetry-level={typed}"] if typed else [])])
        self.install(dsn=self.server.dsn, **({} if value is None else {"telemetry_level": value}))

    @rule(value=levels)
    def install_again(self, value: str) -> None:
        """The command line is parsed, or a setting is changed."""
        if self.installed:
            self.flag = value
            self.install(telemetry_level=value)

    @rule(more=st.sampled_from([{"telemetry_level": WRONG}, {"telemetry_level": "none", "dsn": "nowhere"}]))
    def install_with_an_error(self, more: dict[str, str]) -> None:
        if self.installed:
            self.flag = more["telemetry_level"]
            with pytest.raises(ConfigurationError):
                self.install(**more)
            self.after_install()

    @rule()
    def install_and_name_nothing(self) -> None:
        if self.installed:
            self.install()

    def install(self, **more: Any) -> None:
        capture.install(app="demo", version="1.0", delivery="deferred", note=False, **more)
        self.after_install()

    def after_install(self) -> None:
        self.records = _errors(self.level())
        self.begun = self.who()
        if not self.records and (self.flag or self.variable) != WRONG:
            self.refuse()  # a value that is wrong is nobody's decision

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
        self.keep(name, self.who(), allowed=told is not None)

    def keep(self, name: str, who: str, *, allowed: bool) -> None:
        if allowed:
            self.waiting[name] = who
        else:
            self.refused.add(name)

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
        native = Path(f"{folder}/{began}-{NOBODY + self.number}.native")
        native.write_bytes(header + dump.encode())
        now = time.time()  # more exact than the clock of the file system
        os.utime(native, (now, now))
        self.keep(f"f{self.number}", self.begun, allowed=_errors(self.level()))

    @rule()
    def send(self) -> None:
        """The uploader of a later run, which knows no flag."""
        root = paths.spool_dir("demo")
        if not os.path.isdir(root):
            return
        if not _errors(self.level(flag=False)):
            self.refuse()
        elif not _errors(self.saved or self.machine or "all"):  # a variable says yes to a run of its own only
            self.refuse(*(["saved"] if self.saved else []), "default", "the machine")
        with self.patch.context() as patch:
            patch.setenv(VARIABLE, self.shell)
            upload(root, uploader._level(root), ask=lambda: uploader._level(root))
        assert set(self.waiting) <= self.arrived(), (self.waiting, self.arrived())
        self.waiting.clear()

    @rule(hours=st.sampled_from([-30, 30]))
    def step_the_clock(self, hours: int) -> None:
        """What lies there is from another time: whether it was before a no, or after it, nobody knows any more."""
        for path in Path(paths.spool_dir("demo")).rglob("*"):
            when = path.stat().st_mtime + hours * 3600
            os.utime(path, (when, when))
        if self.saved or self.machine:
            self.waiting.clear()

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
            self.shell = "all"
            if not (self.machine and self.is_final):
                self.save("all")
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
