"""Consent in every order of events: a state machine over real files and a real server.

It plays the user (flag, variable, saved choice), another user with the same home, the administrator, the program (starts,
second installs, crashes, fatal signals, stats), the clock, and everybody who sends. Beside it runs a model of what the user has
said, which knows nothing of crashguard. After each step, nothing that was refused has arrived, and on disk lies nothing
that a no forbids; after each sending, everything that was allowed has arrived.
"""

import builtins
import faulthandler
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import hypothesis
import pytest
from click.testing import CliRunner
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

import crashguard
from crashguard import ConfigurationError, capture, paths, stats, telemetry_level
from crashguard.cli.main import crashguard as command
from crashguard.client import current_client, current_config
from crashguard.consent import choices
from crashguard.spool import stats_store
from crashguard.stats import config as stats_config
from crashguard.transport import Dispatcher, hold, spawn, uploader
from tests.servers import Server
from tests.sink import Sink

LEVELS = ["none", "stats", "errors", "all"]
KINDS = ("errors", "stats")
WRONG = "nnoe"
MOST = 40  # crashes: fewer than the bugs that one process reports
NOBODY = 4_100_000  # above the highest process id that Linux gives
STRANGER = 54_321  # the uid of another user
VARIABLE = "DEMO_TELEMETRY_LEVEL"

# Often a yes, so that there is something that a no can come to, and somebody who must not be withheld.
levels = st.sampled_from(["none", "all", "errors", "all", "none", "stats"])
maybe = st.sampled_from([None, None, "all", "errors", "none", "stats"])


def _allows(kind: str, level: str) -> bool:
    return level in (kind, "all")


def _errors(level: str) -> bool:
    return _allows("errors", level)


def _both(one: str, other: str) -> str:
    """What two telemetry levels allow."""
    errors, numbers = (_allows(kind, one) and _allows(kind, other) for kind in KINDS)
    return LEVELS[2 * errors + numbers]


def _now() -> str:
    """The date of a choice. What follows has another millisecond than what was before."""
    now = time.time()
    while time.time() < now + 0.003:
        pass
    return datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Posted(list[str]):
    """What a server was sent; somebody may do something while the first report is on its way."""

    meanwhile: Callable[[], None] | None = None

    def append(self, event_id: str) -> None:
        super().append(event_id)
        act, self.meanwhile = self.meanwhile, None
        if act is not None:
            act()


class Consent(RuleBasedStateMachine):
    """What was recorded under a no never leaves; what was recorded under a yes and never refused arrives."""

    server: ClassVar[Server]
    sink: ClassVar[Sink]  # takes the stats

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        os.chmod(self.folder.name, 0o755)  # so that the other user comes as far as the folder of choices
        self.patch = pytest.MonkeyPatch()
        self.patch.setenv("HOME", self.folder.name)
        self.patch.setattr("crashguard.paths.machine_dir", lambda: f"{self.folder.name}/etc")
        self.patch.setattr("crashguard.telemetry_level._ADMINISTRATOR", os.geteuid())
        # The state machine is the uploader, which in this process must not close what others have opened.
        self.patch.setattr(Dispatcher, "resume", lambda self, left: None)
        self.patch.setattr(uploader, "_detach", lambda seconds: None)
        # What a test need not wait for.
        self.patch.setattr("crashguard.files._sync", lambda descriptor: None)
        self.patch.setattr("crashguard.transport.upload.SPACING", 0.0)
        self.server.stored.clear()
        self.server.posted = Posted()
        self.sink.requests.clear()
        stats.configure(url=self.sink.url, write_key="key")
        self.flag: str | None = None
        self.typed: str | None = None  # a flag that nobody has parsed
        self.shell = self.variable = self.saved = self.machine = ""
        self.is_final = self.records = self.held = False
        self.native, self.parsed = True, False
        self.crashes = self.number = 0
        self.refused: set[str] = set()  # what must never arrive
        # What must arrive unless a no comes, and who said yes.
        self.waiting: dict[str, dict[str, str]] = {kind: {} for kind in KINDS}
        self.begun = ""  # who said yes when the run began to watch for fatal signals
        self.start()

    # What the user has said, as the page for users says it.

    def level(self, *, flag: bool = True) -> str:
        """What counts now: in this run, or in one without a flag."""
        return self.said(flag=flag)[0]

    def said(self, *, flag: bool = True) -> tuple[str, str]:
        """What counts now, and who allowed it: the run itself, the saved choice, or nobody who is stronger."""
        variable = self.variable if flag else self.shell
        level, who = self.saved or self.machine or "all", "saved" if self.saved else "default"
        if flag and self.flag is not None:
            level, who = ("none" if self.flag == WRONG else self.flag), "the run"
        elif variable:
            level, who = variable, "the run"
        if flag and self.typed and self.flag != WRONG and _both(level, self.typed) != level:
            level = _both(level, self.typed)
        if self.machine and self.is_final:
            level = _both(level, self.machine)
        return level, who

    def refuse(self, kind: str, *whose: str) -> None:
        """A no has come to the spool: what waits is deleted, or that to which one of these said yes."""
        waiting = self.waiting[kind]
        gone = [name for name, who in waiting.items() if not whose or who in whose]
        self.refused.update(gone)
        for name in gone:
            del waiting[name]

    def refuse_the_weaker(self, kind: str) -> None:
        """A saved no, or one of the machine, holds against everybody who is not stronger."""
        if not _allows(kind, self.saved or self.machine or "all"):
            self.refuse(kind, *(["saved"] if self.saved else []), "default")

    # What happens.

    @rule(who=st.sampled_from(["user", "user", "user", "shell", "machine", "administrator"]), value=levels)
    def choose(self, who: str, value: str) -> None:
        """Somebody says something: the user for good, in a shell, or the administrator, who may have the last word."""
        if who == "user":
            self.save(value)
        elif who == "shell":
            self.shell = "" if value == self.shell else value
        else:
            self.administer(value, final=who == "administrator")

    def save(self, value: str) -> None:
        for kind in KINDS:
            if not _allows(kind, self.saved or self.machine or "all") and _allows(kind, value):
                self.refuse(kind, "saved", "default")
        self.saved = value
        choices.save_choice(value, since=_now())
        _now()

    def administer(self, value: str, final: bool) -> None:
        for kind in KINDS:
            ends = _allows(kind, value) or (self.is_final and not final)
            if self.machine and not _allows(kind, self.machine) and ends:
                if self.is_final:
                    self.refuse(kind)
                elif not self.saved:
                    self.refuse(kind, "default")
            # One that was recorded before the user spoke is refused by a machine that never spoke to that user.
            waiting = self.waiting[kind]
            self.waiting[kind] = {name: who for name, who in waiting.items() if who != "default"}
        self.machine, self.is_final = value, final
        choices.save_machine_choice(value, since=_now(), final=final)
        _now()

    @rule(value=maybe, typed=maybe)
    def start(self, value: str | None = None, typed: str | None = None) -> None:
        """The program starts, with or without the flag, which it has parsed or which it may not have parsed."""
        self.end()
        self.flag, self.typed, self.native, self.parsed = value, typed, True, False
        self.variable = self.shell
        self.patch.setenv(VARIABLE, self.shell)
        self.patch.setattr("sys.argv", [sys.argv[0], *([f"--telemetry-level={typed}"] if typed else [])])
        self.install(dsn=self.server.dsn, **({} if value is None else {"telemetry_level": value}))

    def end(self) -> None:
        capture.uninstall()
        current_client().__init__()  # type: ignore[misc]

    @rule(what=st.sampled_from([*LEVELS, "no flag", WRONG, "an error", "native", "not native"]))
    def install_again(self, what: str) -> None:
        """The command line is parsed, or a setting is changed."""
        if what == "no flag":
            self.find_no_flag()
        elif what == WRONG:
            self.install_with_an_error(telemetry_level=WRONG)
        elif what == "an error":
            self.install_with_an_error(telemetry_level="none", dsn="nowhere")
        elif what in LEVELS:
            self.flag = what
            self.install(telemetry_level=what)
        else:
            self.native = what == "native"
            self.install(native=self.native)

    def find_no_flag(self) -> None:
        """The command line is parsed, and the parser has found no flag. It takes back no earlier no."""
        if self.flag == self.typed and self.flag is not None:  # a subcommand's parser: its group had the flag
            self.install(telemetry_level=None)
        elif self.flag != WRONG:
            if self.flag is not None:
                self.typed = _both(self.flag, self.typed or "all")
            self.flag = None
            self.install(telemetry_level=None)

    def install_with_an_error(self, **more: str) -> None:
        self.flag = more["telemetry_level"]
        with pytest.raises(ConfigurationError):
            self.install(**more)
        self.after_install()

    def install(self, **more: Any) -> None:
        self.parsed = self.parsed or "telemetry_level" in more
        capture.install(app="demo", version="1.0", delivery="deferred", note=False, **more)
        self.after_install()

    def after_install(self) -> None:
        level, self.begun = self.said()
        self.records = _errors(level)
        grows = bool(self.typed) and not self.parsed and _both(level, self.typed or "all") != self.typed
        is_decided = (self.flag or self.variable) != WRONG and not grows
        for kind in KINDS:
            if not _allows(kind, level) and is_decided:
                self.refuse(kind)
                assert [] == self.files(kind)
        if not self.records:
            assert [] == self.files("a run") or not is_decided, "a run under a no leaves no file"
        run = current_client().run
        watches = run is not None and run.native is not None
        assert watches == (self.records and self.native), (
            "fatal signals are recorded under a yes, and under no other"
        )

    @rule(times=st.integers(1, 3))
    def crash(self, times: int = 1) -> None:
        """Exceptions that are different bugs. A no holds for the rest of a run."""
        for _ in range(min(times, MOST - self.crashes)):
            self.crash_once()

    def crash_once(self) -> None:
        where, kind = BUGS[self.crashes]
        self.crashes += 1
        told = where(kind)
        self.records = self.records and _errors(self.level())
        assert self.records == (told is not None)
        if told is not None:
            self.waiting["errors"][told] = self.said()[1]

    @rule()
    def count(self) -> None:
        """A command ends, and its number is recorded under the telemetry level of this moment."""
        before = set(self.files("stats"))
        with stats.command("sync"):
            pass
        config = current_config()
        assert config is not None
        new = set(self.files("stats")) - before
        level, who = self.said()
        assert len(new) == _allows("stats", level)
        if new:
            self.waiting["stats"][_message_id(new.pop())] = who
        elif config.level.problem is None and not config.may_grow:
            self.refuse("stats")
            assert [] == self.files("stats")
        self.records = _errors(level)  # it has asked for both

    @rule()
    def die(self) -> None:
        """A fatal signal ends a run like this one: its native file has a dump, and its process is gone."""
        run = current_client().run
        if run is None or run.native is None:
            return
        folder, _, name = run.native.rpartition("/")
        began = name.partition("-")[0]
        self.number += 1
        header = Path(run.native).read_bytes().partition(b"\n")[0]
        dump = f'\nFatal Python error: Segmentation fault\n\nCurrent thread 0x01 (most recent call first):\n  File "{__file__}", line 1 in f{self.number}\n'
        native = Path(f"{folder}/{began}-{NOBODY + self.number}.native")
        native.write_bytes(header + dump.encode())
        now = time.time()  # more exact than the clock of the file system
        os.utime(native, (now, now))
        if _errors(self.level()):
            self.waiting["errors"][f"f{self.number}"] = self.begun
        else:
            self.refused.add(f"f{self.number}")

    @rule()
    def run_as_another_user(self) -> None:
        """With the same home: a no counts where it can be read, or may be hidden; a yes counts for its user only."""
        if os.geteuid() != 0:
            return
        self.end()
        with tempfile.TemporaryDirectory() as other, self.patch.context() as patch:
            os.chown(other, STRANGER, STRANGER)
            patch.setenv("TMPDIR", other)
            patch.setenv(VARIABLE, self.shell)
            patch.setattr("sys.argv", [sys.argv[0]])
            os.seteuid(STRANGER)
            try:
                capture.install(
                    app="demo", version="1.0", delivery="deferred", note=False, dsn=self.server.dsn
                )
                told = _here(KeyError)
                self.end()
            finally:
                os.seteuid(0)
        said = self.shell or ("none" if self.saved else self.machine or "all")
        if self.machine and self.is_final:
            said = _both(said, self.machine)
        assert _errors(said) == (told is not None)
        self.start()

    @rule(what=st.sampled_from(["a note", "a note", "a minute", -30, 30]))
    def pass_time(self, what: str | int) -> None:
        if isinstance(what, int):
            self.step_the_clock(what)
        elif what == "a note":
            self.see_a_note()
        else:
            self.pass_a_minute()

    def see_a_note(self) -> None:
        """The first report waits a minute for a no."""
        if self.records and os.path.isdir(self.root):
            hold.begin(self.root)
            self.held = True

    def pass_a_minute(self) -> None:
        if self.held:
            before = time.time() - 61
            os.utime(f"{self.root}/first-report", (before, before))
            self.held = False

    def step_the_clock(self, hours: int) -> None:
        """What lies there is from another time: whether it was before a no, or after it, nobody knows any more."""
        self.pass_a_minute()  # the minute is over after a step
        for path in [each for each in Path(self.root).rglob("*") if each.name != "first-report"]:
            when = path.stat().st_mtime + hours * 3600
            os.utime(path, (when, when))
        if self.saved or self.machine:
            self.waiting = {kind: {} for kind in KINDS}

    # Who sends, and what is said meanwhile.

    @rule(
        who=st.sampled_from(["a later run", "a later run", "the command", "this run", "its uploader"]),
        before=st.sampled_from([None, None, None, "none", "all"]),
        no_comes=st.sampled_from([False, False, True]),
    )
    def send(self, who: str, before: str | None = None, no_comes: bool = False) -> None:
        """Somebody sends; a choice may be saved just before it looks, and a no while the first report is on its way."""
        senders = {
            "a later run": self.a_later_run_sends,
            "the command": self.the_command_sends,
            "this run": self.this_run_sends,
            "its uploader": self.its_uploader_sends,
        }
        senders[who](before, no_comes)

    def a_later_run_sends(self, before: str | None, no_comes: bool) -> None:
        """The uploader of a run without a flag."""
        self.save_unless_none(before)
        with self.environment({VARIABLE: self.shell}):
            self.look(lambda: uploader.main(self.root, 0, most=60.0), flag=False, no_comes=no_comes)

    def the_command_sends(self, before: str | None, no_comes: bool) -> None:
        """A person asks for it, who waits for nothing."""
        self.save_unless_none(before)
        self.pass_a_minute()
        with self.environment({VARIABLE: self.shell}):
            self.look(lambda: CliRunner().invoke(command, ["send"]), flag=False, no_comes=no_comes)

    def its_uploader_sends(self, before: str | None, no_comes: bool) -> None:
        """It starts under the level of this run; a choice may be saved before it looks."""
        config = current_config()
        if config is None or self.level() == "none":
            return
        config.level = config.level_now()  # as a crash would find it
        self.records = _errors(self.level())
        environment = spawn._environment(config)
        self.save_unless_none(before)
        with self.environment(environment):
            self.look(lambda: uploader.main(self.root, 0, most=60.0), flag=True, no_comes=no_comes)

    def this_run_sends(self, before: str | None, no_comes: bool) -> None:
        """From a thread of its own: `flush()`, and where no uploader can live."""
        config = current_config()
        if config is not None and (self.flag or self.variable) != WRONG:
            self.save_unless_none(before)
            sender = current_client().dispatcher(config)

            def act() -> None:
                sender.send_here(60.0)
                stats.flush(60.0)

            self.look(act, flag=True, no_comes=no_comes)

    def save_unless_none(self, value: str | None) -> None:
        if value is not None:
            self.save(value)

    def environment(self, environ: dict[str, str]) -> Any:
        """The variables of a sender."""
        context = self.patch.context()
        patch = context.__enter__()
        for name in (VARIABLE, telemetry_level.HANDED):
            patch.delenv(name, raising=False)
        for name in {VARIABLE, telemetry_level.HANDED} & set(environ):
            patch.setenv(name, environ[name])

        class Leave:
            def __enter__(self) -> None: ...

            def __exit__(self, *exc: object) -> None:
                context.__exit__(None, None, None)

        return Leave()

    def look(self, act: Callable[[], object], *, flag: bool, no_comes: bool) -> None:
        """Let somebody send, and look at what has arrived.

        Args:
            act: Sends.
            flag: Whether the sender knows what this run was told.
            no_comes: Whether a no is saved while the first report is on its way.
        """
        if not os.path.isdir(self.root):
            return
        level, who = self.said(flag=flag)
        for kind in KINDS:
            if not _allows(kind, level):
                self.refuse(kind)
            else:
                self.refuse_the_weaker(kind)
        is_held = self.held and bool(self.waiting["errors"])
        before = {kind: self.arrived(kind) for kind in KINDS}
        posted = Posted()
        if no_comes and not is_held:
            posted.meanwhile = lambda: choices.save_choice("none", since=_now()) and None
        self.server.posted = posted
        act()
        came = {kind: self.arrived(kind) - before[kind] for kind in KINDS}
        if posted and no_comes:
            self.saved = "none"
            _now()
            for kind in KINDS:
                self.see_what_came_after_a_no(kind, came[kind], who)
        assert not (self.held and came["errors"]), "the first report waits for a no"
        for kind in KINDS:
            if self.held and kind == "errors":
                continue
            waiting = self.waiting[kind]
            assert set(waiting) <= self.arrived(kind), (kind, waiting, self.arrived(kind))
            waiting.clear()
            assert [] == self.files(kind)

    def see_what_came_after_a_no(self, kind: str, came: set[str], who: str) -> None:
        """A no has been saved while the first report was on its way: nothing else follows that it is stronger than."""
        waiting = self.waiting[kind]
        stronger = {name for name in came if waiting.get(name) == "the run"} if who == "the run" else set()
        assert len(came - stronger) <= (kind == "errors"), "after a no nothing follows what was on its way"
        for name in came:
            waiting.pop(name, None)
        self.refuse(kind, *([] if who != "the run" else ["saved", "default"]))

    # What a server and the disk show.

    @property
    def root(self) -> str:
        return paths.spool_dir("demo")

    def files(self, kind: str) -> list[str]:
        """The files in the spool that hold what waits of a kind, or tell of a run."""
        folders = {
            "errors": (paths.WAITING, paths.RECORDING),
            "stats": tuple(f"{each}/{paths.WAITING}" for each in paths.STATS),
            "a run": (paths.RUNS,),
        }
        found = [path for each in folders[kind] for path in Path(self.root, each).glob("*")]
        return [path.name for path in found if path.name != paths.LAST]

    def arrived(self, kind: str) -> set[str]:
        """The ids of messages of stats, or of reports, and of fatal signals the function."""
        if kind == "stats":
            return {message.replace("-", "") for message in self.sink.stored}
        names = set()
        for event in self.server.events:
            frames = event["exception"]["values"][-1].get("stacktrace", {}).get("frames", [{}])
            is_native = event["exception"]["values"][-1]["mechanism"]["type"] == "signalhandler"
            names.add(frames[-1].get("function") if is_native else event["event_id"])
        return names

    def all_that_arrived(self) -> set[str]:
        return self.arrived("errors") | self.arrived("stats")

    @invariant()
    def nothing_refused_has_left(self) -> None:
        if hasattr(self, "folder"):
            assert not self.all_that_arrived() & self.refused

    def teardown(self) -> None:
        if not hasattr(self, "folder"):
            return
        try:
            self.end()
            self.shell = "all"
            if not (self.machine and self.is_final):
                self.save("all")
            self.pass_a_minute()
            self.send("a later run")
            assert not self.all_that_arrived() & self.refused
        finally:
            stats_config.reset()
            self.patch.undo()
            self.folder.cleanup()


def _message_id(name: str) -> str:
    """Of the file of a record."""
    return (stats_store.Records.parse(name) or ("", "", ""))[-1]


def _here(kind: type[BaseException]) -> str | None:
    return _captured(kind)


def _there(kind: type[BaseException]) -> str | None:
    return _captured(kind)


def _elsewhere(kind: type[BaseException]) -> str | None:
    return _captured(kind)


def _captured(kind: type[BaseException]) -> str | None:
    try:
        raise kind
    except BaseException as error:  # noqa: BLE001 (it was raised for this)
        return crashguard.capture_exception(error)


def _kinds() -> list[type[BaseException]]:
    found = []
    for kind in vars(builtins).values():
        if (
            isinstance(kind, type)
            and issubclass(kind, Exception)
            and kind.__name__ not in ("EncodingWarning",)
        ):
            try:
                kind()
            except TypeError:
                continue  # those of Unicode and groups want arguments
            found.append(kind)
    return found


# Bugs that differ in type or function, so that none stands for another.
BUGS = [(where, kind) for where in (_here, _there, _elsewhere) for kind in dict.fromkeys(_kinds())]


@pytest.fixture
def machine() -> Iterator[type[Consent]]:
    was_enabled = faulthandler.is_enabled()  # by pytest; then install() would leave it alone
    faulthandler.disable()
    with Server() as server, Sink() as sink:
        Consent.server, Consent.sink = server, sink
        yield Consent
    if was_enabled:
        faulthandler.enable(sys.__stderr__)


@pytest.mark.slow
def test_no_order_of_events_lets_a_refused_report_leave(machine: type[Consent]) -> None:
    """Whoever says no, however and whenever, nothing recorded under it leaves; a yes is withheld for ever by nothing."""
    # An order that fails is shown as it was found: to shorten it would take minutes of real files and requests.
    phases = [hypothesis.Phase.generate]
    options = hypothesis.settings(max_examples=100, stateful_step_count=25, deadline=None, phases=phases)
    run_state_machine_as_test(machine, settings=options)


# Orders of events in which something was wrong once, or which chance seldom finds: each a fault that a later change could
# bring back. The model judges them as it judges those that chance makes.
ORDERS: dict[str, list[tuple[Any, ...]]] = {
    "a no while reports are on their way": [
        *(
            step
            for who in ("a later run", "this run", "its uploader", "the command")
            for step in (("save", "all"), ("start",), ("crash", 3), ("send", who, None, True))
        )
    ],
    # A saved no says nothing against what the flag has allowed; that the sender asks is all that holds it.
    "a no while reports of the flag's yes are on their way": [
        *(
            step
            for who in ("a later run", "this run", "its uploader", "the command")
            for step in (
                ("save", "all"),
                ("start", "all"),
                ("crash", 3),
                ("start",),
                ("send", who, None, True),
            )
        )
    ],
    "a no before the sender looks": [
        *(
            step
            for who in ("a later run", "this run", "its uploader", "the command")
            for step in (("save", "all"), ("start", "all"), ("crash",), ("start",), ("send", who, "none"))
        )
    ],
    "a no while stats are behind a report": [
        *(
            step
            for who in ("a later run", "this run", "its uploader", "the command")
            for step in (("save", "all"), ("start",), ("crash",), ("count",), ("send", who, None, True))
        )
    ],
    "stats of the flag's yes, and a saved no": [
        *(
            step
            for who in ("a later run", "this run", "its uploader", "the command")
            for step in (("save", "none"), ("start", "stats"), ("count",), ("send", who), ("start",))
        )
    ],
    "stats that a no of the machine withholds": [
        ("count",),
        ("administer", "errors", False),
        ("send", "a later run"),
        ("administer", "all", False),
        ("send", "the command"),
    ],
    "an unparsed flag is no yes": [
        ("start", None, "errors"),
        ("crash",),
        ("send", "its uploader", "none"),
        ("start", None, "stats"),
        ("count",),
        ("send", "its uploader", "none"),
    ],
    "a no before its own uploader looks": [("crash",), ("send", "its uploader", "none")],
    "a parser that finds no flag after a no": [("start", "none"), ("find_no_flag",), ("crash",)],
    "a fatal signal under a saved no, then a yes": [
        ("save", "none"),
        ("die",),
        ("save", "all"),
        ("send", "a later run"),
    ],
    "a fatal signal under a no of the machine, then a yes": [
        ("administer", "none", False),
        ("die",),
        ("administer", "all", False),
        ("send", "a later run"),
    ],
    "a fatal signal under a final no, then none": [
        ("start", "all"),
        ("administer", "none", True),
        ("die",),
        ("administer", "none", False),
        ("start", "all"),
        ("send", "this run"),
    ],
    "a fatal signal under the flag's yes": [
        ("start", "all"),
        ("save", "none"),
        ("die",),
        ("save", "all"),
        ("send", "a later run"),
    ],
    "a variable says yes to another run": [
        ("crash",),
        ("save", "none"),
        ("choose", "shell", "all"),
        ("send", "a later run"),
    ],
    "the user refuses what the machine allows": [
        ("administer", "errors", True),
        ("start", "stats"),
        ("crash",),
    ],
    "the first report is held": [
        ("crash", 2),
        ("see_a_note",),
        ("send", "this run"),
        ("send", "a later run"),
        ("pass_a_minute",),
        ("send", "a later run"),
    ],
    "a no while the first report is held": [
        ("crash",),
        ("see_a_note",),
        ("send", "a later run", "none"),
        ("save", "all"),
        ("pass_a_minute",),
        ("send", "a later run"),
    ],
    "the flag's yes after a saved no": [
        ("save", "none"),
        ("start", "errors"),
        ("crash",),
        ("start", None, "errors"),
        ("install_again", "errors"),
        ("send", "this run"),
    ],
    "the flag's no before and after it is parsed": [
        ("start", None, "none"),
        ("crash",),
        ("find_no_flag",),
        ("crash",),
        ("start", "all"),
        ("send", "this run"),
    ],
}


@pytest.mark.parametrize("order", ORDERS)
def test_an_order_of_events(machine: type[Consent], order: str) -> None:
    """As above."""
    state = machine()
    state.begin()
    try:
        for step, *arguments in ORDERS[order]:
            getattr(state, step)(*arguments)
            state.nothing_refused_has_left()
    finally:
        state.teardown()
