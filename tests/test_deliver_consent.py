"""Consent is asked for again when a report is sent, and a no is final."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from crashguard import telemetry_level, transport
from crashguard.consent import choices
from crashguard.recovery import recover
from crashguard.report import envelope
from crashguard.spool import journal, rate_limit, store
from crashguard.spool.store import Spool
from crashguard.telemetry_level import TelemetryLevel
from crashguard.transport import upload as upload_module
from crashguard.transport.upload import upload
from tests import uploaders
from tests.conftest import Run
from tests.servers import Server, eventually

PROGRAM = (
    "import crashguard\n"
    "crashguard.install(app='demo', version={version!r}, dsn={dsn!r}, delivery={how!r}{more})\n{body}\n"
)
YES = telemetry_level.resolve("all", app="demo")


def program(
    dsn: str, body: str = "1 / 0", how: str = "deferred", version: str = "1.0", more: str = ""
) -> str:
    return PROGRAM.format(dsn=dsn, body=body, how=how, version=version, more=more)


def keep(root: Path, dsn: str, **more: object) -> Spool:
    spool = Spool(str(root))
    event = {"event_id": "a" * 32, "release": "demo@1.0", **more}
    spool.keep(envelope.seal(event, dsn), "a" * 32, "aaaa", int(time.time() * 1000), store.WAITING)
    return spool


@pytest.mark.parametrize("value", ["none", "stats"])
def test_a_no_at_sending_deletes_what_waits(tmp_path: Path, value: str) -> None:
    """The report goes, nothing reaches the server, and the journal says who decided it."""
    with Server() as server:
        spool = keep(tmp_path / "demo", server.dsn)
        summary = upload(spool.root, telemetry_level.resolve(value, app="demo"))

        assert (1, 0, []) == (summary.withheld, summary.left, server.posted)
    assert [] == spool.names(store.WAITING)
    assert ("deleted", "a" * 32, f"telemetry level is {value} (--telemetry-level)") == journal.entries(
        spool.root
    )[-1][1:]


def test_a_choice_that_cannot_be_read_sends_nothing_and_deletes_nothing(tmp_path: Path) -> None:
    """It may have been a yes: the report waits until it can be read."""
    unreadable = TelemetryLevel("none", "the saved choice", problem="it cannot be read")
    with Server() as server:
        spool = keep(tmp_path / "demo", server.dsn)
        assert (0, 0, 1) == (
            (done := upload(spool.root, unreadable)).sent,
            done.withheld,
            done.left,
        )
        assert [] == server.posted
        assert 1 == upload(spool.root, YES).sent


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        (
            {"contexts": {"crashguard": {"telemetry_level": "none"}}},
            "recorded under a telemetry level that says no",
        ),
        (
            {"contexts": {"crashguard": {"telemetry_level": "stats"}}},
            "recorded under a telemetry level that says no",
        ),
        ({"release": "demo@development"}, "development build"),
        ({"release": "demo@Development"}, "development build"),
    ],
)
def test_a_report_that_should_not_have_been_made_to_be_sent_is_deleted(
    tmp_path: Path, more: dict[str, object], reason: str
) -> None:
    """Consent belongs to the report: whatever put it among those that wait, it does not leave."""
    with Server() as server:
        spool = keep(tmp_path / "demo", server.dsn, **more)
        summary = upload(spool.root, YES, ignore_backoff=True)

        assert (1, []) == (summary.withheld, server.posted)
    assert [] == spool.names(store.WAITING)
    assert reason in journal.entries(spool.root)[-1][3]


@pytest.mark.parametrize("no", ["none", "stats"])
def test_a_later_yes_does_not_release_an_earlier_no(run: Run, no: str) -> None:
    """A crash under a no leaves no file; nothing of it is there to be sent when the telemetry level is all."""
    with Server() as server:
        done = run(program(server.dsn), env={"DEMO_TELEMETRY_LEVEL": no})
        assert (1, []) == (done.status, list(done.state.rglob("*")))
        run(program(server.dsn, "", "background"), env={"DEMO_TELEMETRY_LEVEL": "all"})
        uploaders.gone(done.state / "demo")
        assert [] == server.posted


@pytest.mark.parametrize("no", ["none", "stats"])
def test_a_later_no_deletes_what_waits_and_a_yes_after_that_finds_nothing(run: Run, no: str) -> None:
    """Recorded under all, refused by the next run, allowed by the one after: it stays unsent."""
    with Server() as server:
        done = run(program(server.dsn))
        assert 1 == len(done.files(folder="waiting"))
        run(program(server.dsn, ""), env={"DEMO_TELEMETRY_LEVEL": no})
        assert [] == done.files()
        run(program(server.dsn, "", "background"))
        uploaders.gone(done.state / "demo")
        assert [] == server.posted


def test_a_no_that_is_saved_while_the_uploader_waits_counts(run: Run, home: Path) -> None:
    """Between the crash and the sending the user said no: the uploader asks, and deletes."""
    with Server() as server:
        done = run(program(server.dsn))
        choices.save_choice("none", since="2026-01-31T12:00:00Z")
        script = Path(transport.__file__).with_name("uploader.py")
        subprocess.run(
            [sys.executable, "-I", script, str(done.state / "demo"), "0", "0"],
            env={"HOME": str(home), "CRASHGUARD_PATH": str(script.parents[2])}, check=True, timeout=60,
        )  # fmt: skip
        assert ([], []) == (server.posted, done.files(folder="waiting"))


@pytest.mark.parametrize(
    ("version", "more"),
    [
        ("1.0", ", plugin=crashguard.Plugin('acme', 'source', 'crm', '1.0')"),
        ("development", ""),
        ("Development", ""),
        ("1.0", ", plugin=crashguard.Plugin('cloudquery', 'source', 'aws', 'development')"),
    ],
)
def test_what_is_never_sent_stays_on_the_machine(run: Run, version: str, more: str) -> None:
    """A plugin that is not official, a development build: kept here without a destination, never among what waits."""
    with Server() as server:
        done = run(program(server.dsn, how="inline", version=version, more=more))
        run(program(server.dsn, "", "background"))
        uploaders.gone(done.state / "demo")

        [path] = done.files()
        assert ("local", []) == (path.parent.name, server.posted)
        assert b"dsn" not in path.read_bytes().partition(b"\n")[0]


NO_MEANWHILE = """
from crashguard.consent import choices
choices.save_choice("none", since="2026-01-31T12:00:00Z")
"""


HANDLED = "try: 1 / 0\nexcept ZeroDivisionError as error: crashguard.capture_exception(error)\n"
FLUSHED = "{no}import crashguard.client as c; c.current_config().delivery = 'inline'\ncrashguard.flush()"


@pytest.mark.parametrize(
    ("how", "body"),
    [
        ("inline", "{no}1 / 0"),
        ("background", "{no}1 / 0"),
        ("inline", HANDLED + "{no}"),
        ("deferred", HANDLED + FLUSHED),
    ],
    ids=["before an inline crash", "before a crash", "before the end", "before flush()"],
)
def test_a_no_that_is_saved_while_the_program_runs_counts(run: Run, how: str, body: str) -> None:
    """Whoever sends asks at that moment, this process too; what was recorded before is deleted."""
    body = body.format(no=NO_MEANWHILE)
    with Server() as server:
        server.mood = "500"  # so that nothing has left before the no
        done = run(program(server.dsn, body, how))
        server.posted.clear()
        server.mood = "healthy"
        run(program(server.dsn, "", how))
        uploaders.gone(done.state / "demo")
        assert [] == done.files(folder="waiting")
        assert [] == server.posted


@pytest.mark.parametrize("by_hand", [True, False])
def test_flush_hears_a_no_although_the_next_run_would_send(run: Run, by_hand: bool) -> None:
    """`delivery="deferred"`: what waits is deleted at once, and flush() says that nothing waits any more."""
    no = NO_MEANWHILE
    if by_hand:
        no = (
            "import os; where = os.path.expanduser('~/.config/crashguard'); os.makedirs(where)\n"
            "open(where + '/telemetry-level', 'w').write('none\\n')\n"
        )
    body = f"{HANDLED}{no}print(crashguard.flush(), flush=True); os.system('find ~/.local -type f')"
    done = run(program("http://key@127.0.0.1:9/1", f"import os\n{body}"))

    assert ("True", 0) == (done.stdout.splitlines()[0], done.status)
    assert [] == [line for line in done.stdout.splitlines()[1:] if "envelope" in line or "journal" in line]


def test_a_no_in_the_middle_of_a_backlog_stops_the_rest(tmp_path: Path) -> None:
    """Consent is asked for before each report, not once for all of them."""
    with Server() as server:
        spool = keep(tmp_path / "demo", server.dsn)
        for number in "bc":
            event = {"event_id": number * 32, "release": "demo@1.0"}
            data = envelope.seal(event, server.dsn)
            spool.keep(data, number * 32, number * 4, int(time.time() * 1000), store.WAITING)

        def ask() -> TelemetryLevel:
            return telemetry_level.resolve("none" if server.posted else "all")

        summary = upload(spool.root, ask(), ask=ask)

        assert (1, 2, 1) == (summary.sent, summary.withheld, len(server.posted))


def test_a_report_that_left_while_it_was_deleted_is_told(tmp_path: Path) -> None:
    """It was on its way when the no came: the journal says that it was sent, and not only that it was deleted."""
    with Server("slow") as server:
        spool = keep(tmp_path / "demo", server.dsn)

        def answered() -> None:
            eventually(lambda: server.posted)
            spool.withdraw()
            server.mood = "healthy"

        other = threading.Thread(target=answered)
        other.start()
        assert 1 == upload(spool.root, YES).sent
        other.join()
    told = [(outcome, reason) for _, outcome, _, reason in journal.entries(spool.root)]
    assert ["deleted", "sent"] == [outcome for outcome, _ in told]
    assert "while a process was sending: it may have left" in told[0][1]
    assert "it was on its way" in told[-1][1]


def test_a_sender_that_is_killed_leaves_the_truth_behind(run: Run, home: Path) -> None:
    """A no came while a report was on its way, and nobody learns of the answer: what was deleted may have left."""
    with Server("slow") as server:
        done = run(program(server.dsn))
        script = Path(transport.__file__).with_name("uploader.py")
        sender = subprocess.Popen(
            [sys.executable, "-I", script, str(done.state / "demo"), "0", "0"],
            env={"HOME": str(home), "CRASHGUARD_PATH": str(script.parents[2])},
        )
        eventually(lambda: server.posted)
        command = [sys.executable, "-m", "crashguard", "level", "none"]
        env = {"HOME": str(home), "PYTHONPATH": str(script.parents[2])}
        said = subprocess.run(command, env=env, check=True, capture_output=True, text=True, timeout=60).stdout
        sender.kill()
        sender.wait()
    assert "A process is sending right now: of what was deleted, something may have left." in said
    [(_, outcome, _, reason)] = journal.entries(str(done.state / "demo"))
    assert ("deleted", "telemetry level says no, while a process was sending: it may have left") == (
        outcome,
        reason,
    )


def test_the_last_question_before_a_request_is_for_consent(tmp_path: Path) -> None:
    """A no that comes while a report is made ready still keeps it here."""
    answers = iter(["all", "none"])
    with Server() as server:
        spool = keep(tmp_path / "demo", server.dsn)
        summary = upload(spool.root, YES, ask=lambda: telemetry_level.resolve(next(answers)))

        assert (0, 1, []) == (summary.sent, summary.withheld, server.posted)
    assert [] == spool.names(store.WAITING)


@pytest.mark.parametrize("state", ["waiting", "local"])
def test_what_a_no_deletes_while_it_is_changed_does_not_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    """A sender adds a count to a report, or keeps a repetition here, and another run says no by its flag."""
    with Server() as server:
        spool = keep(tmp_path / "demo", server.dsn)
        if state == "local":
            spool.keep(b"", "b" * 32, "aaaa", int(time.time() * 1000), store.SENT)
        rate_limit.suppress(spool.root, "aaaa", 3)

        class Late(recover.OneReader):
            """The other run was a moment quicker."""

            def __enter__(self) -> None:
                spool.withdraw()
                super().__enter__()

        monkeypatch.setattr(upload_module, "OneReader", Late)
        upload(spool.root, YES)

        assert [] == server.posted
    assert [] == spool.names(store.WAITING)
    assert [] == spool.names(store.LOCAL)


def test_a_report_that_leaves_without_a_file_is_told(run: Run) -> None:
    """No disk takes it: it is sent from the dying process, and the note says so and how to say no."""
    nowhere = {"XDG_STATE_HOME": "/proc/nowhere"}
    with Server() as server:
        done = run(program(server.dsn, how="auto"), env=nowhere)
        assert 1 == len(server.events)
        assert "could not be kept on this machine" in done.stderr
        assert f"It is sent to 127.0.0.1:{server.port} now" in done.stderr
        assert "DEMO_TELEMETRY_LEVEL=none" in done.stderr

        done = run(program(server.dsn, how="auto"), env={**nowhere, "DEMO_TELEMETRY_LEVEL": "none"})
        assert "crashed. Its report" not in done.stderr
        assert 1 == len(server.posted)


@pytest.mark.parametrize(
    ("arguments", "env", "level"),
    [
        ((), {}, ("errors", "default, which allows a plugin no stats")),
        ((), {"CQ_TELEMETRY_LEVEL": "all"}, ("all", "CQ_TELEMETRY_LEVEL")),
        (
            (),
            {"CRASHGUARD_LEVEL_VARIABLE": "HOST_TELEMETRY_LEVEL", "HOST_TELEMETRY_LEVEL": "errors"},
            ("errors", "HOST_TELEMETRY_LEVEL"),
        ),
        (("--no-sentry",), {"CQ_TELEMETRY_LEVEL": "all"}, None),
        (("--telemetry-level", "none"), {"CQ_TELEMETRY_LEVEL": "all"}, None),
    ],
    ids=["told nothing", "variable", "handed over", "--no-sentry", "flag"],
)
def test_a_plugins_report_says_what_its_host_has_said(
    run: Run, arguments: tuple[str, ...], env: dict[str, str], level: tuple[str, str] | None
) -> None:
    """A plugin that was told nothing does not claim a level that nobody chose; --no-sentry leaves nothing."""
    plugin = ", plugin=crashguard.Plugin('cloudquery', 'source', 'aws', '1.0')"
    done = run(program("http://key@127.0.0.1:9/1", more=plugin), *arguments, env=env)
    if level is None:
        assert [] == list(done.state.rglob("*"))
    else:
        about = done.event["contexts"]["crashguard"]
        assert level == (about["telemetry_level"], about["telemetry_level_source"])
