"""The `crashguard` command, as a person uses it: on reports that real crashes left."""

import json
import os
import pty
import re
import select
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import crashguard
from crashguard import paths, stats, telemetry_level
from crashguard.cli.main import crashguard as command
from crashguard.report import envelope
from crashguard.spool import store
from crashguard.spool.store import Spool
from crashguard.stats import config as stats_config
from crashguard.transport import hold
from tests import bugsink
from tests.conftest import ROOT, Finished, Run
from tests.servers import Server
from tests.sink import Sink

Cli = Callable[..., Result]

CRASH = (
    "import crashguard\n"
    "crashguard.install(app={app!r}, version='1.2.3', dsn={dsn!r}, delivery='deferred', note=False)\n"
    "def broken(word):\n    raise {what}\n"
    "broken('x')\n"
)


@pytest.fixture
def cli() -> Cli:
    """Run the command in this process, as far as a process is no part of the claim."""

    def cli(*arguments: str, stdin: str | None = None, env: dict[str, str | None] | None = None) -> Result:
        return CliRunner().invoke(command, list(arguments), input=stdin, env=env, prog_name="crashguard")

    return cli


@pytest.fixture
def crash(run: Run) -> Callable[..., Finished]:
    """Leave the report of a real crash."""

    def crash(what: str = "ValueError('bad word')", *, app: str = "demo", dsn: str | None = None) -> Finished:
        done = run(CRASH.format(app=app, dsn=dsn, what=what))
        assert done.status == 1
        (
            done.state / app / "resumed"
        ).touch()  # as if it had just been tried: the next start lets wait what waits
        return done

    return crash


def process(
    *arguments: str, env: dict[str, str] | None = None, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "crashguard", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), **(env or {})},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def id_of(path: Path) -> str:
    return path.stem.split("-")[-1][:8]


def test_a_newcomer_is_told_enough(cli: Cli) -> None:
    """Each command says in --help what it does, shows an example, and the group the exit statuses."""
    assert "Exit status: 0 done, 1 something could not be done, 2 wrong usage." in cli("--help").stdout
    for name in command.commands:
        told = cli(name, "--help").stdout
        assert f"Example:\n    crashguard {name}" in told, name
        assert "..." not in told.partition("Options:")[0].replace("]...", ""), name
    assert "..." not in cli("--help").stdout.partition("Commands:")[2]


def test_without_reports_every_command_says_so(cli: Cli, home: Path) -> None:
    """On a machine where nothing has crashed nothing is an error, and nothing is created."""
    assert cli("list").stdout == "No reports.\n"
    assert cli("list", "--json").stdout == "[]\n"
    assert "nothing has crashed" in cli("status").stdout
    assert cli("send").stdout == "No report waits to be sent.\n"
    assert cli("purge", "--yes").stdout == "There is nothing to delete.\n"
    assert list(home.iterdir()) == []


def test_list_has_a_line_a_report_newest_first(cli: Cli, crash: Callable[..., Finished]) -> None:
    """Id, time, release, state, count and what happened; in a pipe nothing is cut."""
    crash("ValueError('first ' + 'of two ' * 30)")
    [first] = crash("KeyError('second')", app="other").files("demo")

    done = cli("list")

    head, newest, oldest = done.stdout.splitlines()
    assert head.split() == ["ID", "WHEN", "RELEASE", "STATE", "TIMES", "WHAT"]
    assert "other@1.2.3" in newest
    assert "KeyError: 'second'" in newest
    assert oldest.startswith(id_of(first))
    assert oldest.endswith("of two")
    assert cli("list", "--app", "other").stdout.count("\n") == 2


def test_list_as_json_is_for_programs(cli: Cli, crash: Callable[..., Finished]) -> None:
    """One array with the report's id, app, release, state, time, count, title and path."""
    [path] = crash().files()

    [entry] = json.loads(cli("list", "--json").stdout)

    assert entry["path"] == str(path)
    assert (entry["app"], entry["release"], entry["state"]) == ("demo", "demo@1.2.3", "local")
    assert (entry["title"], entry["occurrences"]) == ("ValueError: bad word", 1)
    assert path.stem.endswith(entry["id"])


def test_show_reads_like_a_traceback(cli: Cli, crash: Callable[..., Finished]) -> None:
    """What happened, where, what becomes of it and why, in words."""
    [path] = crash().files()

    told = cli("show", id_of(path)).stdout

    assert told.startswith("ValueError: bad word\n")
    assert "Traceback (most recent call last):" in told
    assert ", in broken\n" in told
    assert "It stays on this machine: no destination is configured." in told
    assert "under telemetry level all (default)" in told


def test_show_says_what_ran_and_with_what(cli: Cli, crash: Callable[..., Finished]) -> None:
    """Subcommand, options, codes, versions and the line of code, where the report has them."""
    [path] = crash().files()
    _, event = envelope.unseal(path.read_bytes())
    event["tags"]["command"] = "db migrate"
    event["contexts"] |= {"command": {"options": ["--dry-run", "--env"]}, "codes": {"errno": 2}}
    event["modules"] = {"click": "8.1.7", "tool": "1.2.3"}
    event["exception"]["values"][-1]["stacktrace"]["frames"][-1]["context_line"] = "    raise the_line"
    path.write_bytes(envelope.seal(event, None))

    told = cli("show", id_of(path)).stdout
    lines = {" ".join(line.split()) for line in told.splitlines()}
    assert {
        "command db migrate",
        "command options --dry-run --env",
        "codes errno 2",
        "modules click 8.1.7, tool 1.2.3",
        "raise the_line",
    } <= lines


def test_show_json_is_the_very_bytes(crash: Callable[..., Finished]) -> None:
    """show --json writes the file as it is: what leaves, or would."""
    [path] = crash(dsn="http://key@127.0.0.1:9/1").files()

    done = subprocess.run(
        [sys.executable, "-m", "crashguard", "show", id_of(path), "--json"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
    )

    assert done.stdout == path.read_bytes()
    assert envelope.unseal(done.stdout)[1]["exception"]["values"][-1]["value"] == "bad word"


def test_show_survives_a_tree_that_is_none(cli: Cli, crash: Callable[..., Finished]) -> None:
    """Exceptions whose numbers are no numbers are shown all the same."""
    [path] = crash().files()
    _, event = envelope.unseal(path.read_bytes())
    event["exception"]["values"] *= 2
    for value in event["exception"]["values"]:
        value["mechanism"] = {"exception_id": [1], "parent_id": {}}
    path.write_bytes(envelope.seal(event, None))

    assert "bad word" in cli("show", id_of(path)).stdout


@pytest.mark.parametrize("wanted", ["ffffffff", "../../etc/passwd", "", "g0"])
def test_an_id_that_is_not_there_is_an_error(cli: Cli, crash: Callable[..., Finished], wanted: str) -> None:
    """Status 1 or 2 and one line that says what to do; no traceback."""
    crash()

    done = cli("show", wanted)

    assert done.exit_code in (1, 2)
    assert "crashguard list" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_an_ambiguous_id_is_an_error(cli: Cli, crash: Callable[..., Finished]) -> None:
    """Two reports that begin alike are not guessed between."""
    [path] = crash().files()
    event_id = path.stem.split("-")[-1]
    other = event_id[:-1] + ("0" if event_id[-1] != "0" else "1")
    path.with_name(path.name.replace(event_id, other)).write_bytes(
        path.read_bytes().replace(event_id.encode(), other.encode())
    )

    done = cli("show", event_id[:8])

    assert done.exit_code == 1
    assert "2 reports" in done.stderr or "more than one" in done.stderr or "both" in done.stderr
    assert cli("show", event_id).exit_code == 0


def test_status_says_who_decides(cli: Cli, crash: Callable[..., Finished]) -> None:
    """Level, source, folder, counts and destination of each app; a stronger variable is named."""
    crash(dsn="http://key@127.0.0.1:9/1")
    crash("KeyError('stays')", app="quiet")
    cli("level", "errors")

    told = cli("status").stdout
    assert re.search(r"telemetry level +errors \(saved choice, since 20..-..-.. ..:..:.., in ~/", told)
    assert "~/.local/state/crashguard/demo" in told
    assert re.search(r"reports +1 waiting", told)
    assert re.search(r"reports +1 local", told)
    assert re.search(r"goes to +http://127.0.0.1:9/1", told)
    assert "key@" not in told

    overridden = cli("status", env={"DEMO_TELEMETRY_LEVEL": "none"}).stdout
    assert re.search(r"telemetry level +none \(DEMO_TELEMETRY_LEVEL\)", overridden)
    assert "the saved choice, errors, does not count while DEMO_TELEMETRY_LEVEL is set" in overridden


def test_status_of_one_tool_is_its_own_before_it_has_left_anything(cli: Cli) -> None:
    """Whoever refused from the start has no folder: what is said first is what counts for that tool."""
    refused = {"DEMO_TELEMETRY_LEVEL": "none"}

    told = cli("status", "--app", "demo", env=refused).stdout
    assert re.match(r"telemetry level +none \(DEMO_TELEMETRY_LEVEL\)\n +nothing is recorded or sent\n", told)
    assert 1 == told.count("telemetry level  ")
    found = json.loads(cli("status", "--app", "demo", "--json", env=refused).stdout)
    assert "none" == found["telemetry_level"]["value"]


def test_status_counts_what_broke(cli: Cli, crash: Callable[..., Finished]) -> None:
    """A corrupted file is set aside, counted, and hurts nothing else."""
    [path] = crash().files()
    path.with_name("1700000000000-aaaaaaaa-" + "b" * 32 + ".envelope").write_bytes(b"no envelope")

    assert len(cli("list").stdout.splitlines()) == 2
    told = cli("status").stdout

    assert "1 local" in told
    assert "1 broken" in told or "broken files set aside" in told


@pytest.mark.parametrize(("level", "left"), [("none", 0), ("stats", 0), ("errors", 1), ("all", 1)])
def test_a_saved_no_deletes_what_waits(
    cli: Cli, crash: Callable[..., Finished], level: str, left: int
) -> None:
    """level VALUE saves the choice with its date; one without errors deletes what waits to be sent."""
    done = crash(dsn="http://key@127.0.0.1:9/1")

    told = cli("level", level)

    assert told.exit_code == 0
    assert f"Saved: {level}" in told.stdout
    assert len(done.files(folder="waiting")) == left
    found = telemetry_level.resolve()
    assert (found.value, found.source) == (level, "saved choice")
    assert f"{level} (saved choice" in cli("level").stdout
    folder = paths.config_dir()
    assert folder is not None
    assert stat.S_IMODE((Path(folder) / "telemetry-level").stat().st_mode) == 0o600


def test_a_level_for_one_app_leaves_the_others(cli: Cli) -> None:
    """--app saves a choice that counts for that tool alone."""
    assert cli("level", "none", "--app", "demo", "--yes").exit_code == 0

    assert telemetry_level.resolve(app="demo").value == "none"
    assert telemetry_level.resolve(app="other").value == "all"


def test_a_level_for_an_app_that_was_never_here_asks(cli: Cli, crash: Callable[..., Finished]) -> None:
    """A name with a slip of the pen saves nothing, and says what to do if the name is right."""
    done = cli("level", "none", "--app", "dmeo")
    assert done.exit_code == 2
    assert "no tool named dmeo has been seen" in done.stderr
    assert "--yes" in done.stderr
    assert telemetry_level.saved_choice("dmeo") is None

    crash()
    assert cli("level", "none", "--app", "demo").exit_code == 0
    assert telemetry_level.resolve(app="demo").value == "none"


def test_the_machines_level_is_saved_and_shown(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """level --machine VALUE --final, then status names the machine as the source."""
    monkeypatch.setattr("crashguard.paths.machine_dir", lambda: str(tmp_path / "etc"))
    monkeypatch.setattr("crashguard.telemetry_level._ADMINISTRATOR", os.geteuid())

    assert "for every user of this machine" in cli("level", "none", "--machine", "--final").stdout
    assert re.search(r"telemetry level +none \(machine's choice, since 20", cli("status").stdout)
    assert "" == cli("level", "none").stderr
    told = cli("level", "all")
    assert "But machine's choice counts here in its place: none" in told.stderr
    told = cli("level", "none", "--machine")
    assert "But saved choice counts here in its place: all\n" == told.stderr
    for wrong in (("--machine",), ("none", "--final"), ("none", "--machine", "--app", "demo")):
        assert cli("level", *wrong).exit_code == 2


def test_a_choice_that_is_not_believed_is_named(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A yes in a file that others can write counts for nobody, and status says so."""
    monkeypatch.setattr("crashguard.paths.machine_dir", lambda: str(tmp_path / "etc"))
    cli("level", "stats", "--machine")
    (tmp_path / "etc/telemetry-level").chmod(0o666)
    for name in ("status", "level"):
        told = " ".join(cli(name).stdout.split())
        assert f"stats in {tmp_path}/etc/telemetry-level counts for a no only" in told
        assert "telemetry level stats (default, lowered by machine's choice" in told


def test_who_is_no_administrator_is_told_so(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line, and nothing is saved."""

    def refused(path: str, data: bytes) -> None:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr("crashguard.files.share", refused)
    told = cli("level", "none", "--machine")
    assert 1 == told.exit_code
    assert "can only be written by the administrator; nothing was saved" in told.stderr


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["level", "--json", "loud"], 2, "'loud' is not one of"),
        (["level", "none", "--json", "--app", "never-seen"], 2, "no tool named never-seen"),
        (["status", "--json", "--nope"], 2, "--nope"),
        (["list", "--json", "--app", "../x"], 2, "an app's name has letters"),
        (["show", "--json", "ffffffff"], 1, "no report's id begins with"),
        (["doctor", "--json", "--dsn", "nowhere"], 2, "is not a DSN"),
    ],
)
def test_an_error_of_a_command_that_prints_json_is_json(words: list[str], status: int, said: str) -> None:
    """On stdout, with the exit status of the error, and nothing on stderr."""
    done = subprocess.run(
        [sys.executable, "-m", "crashguard", *words], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (status, "")
    assert said in json.loads(done.stdout)["error"]


def test_status_says_that_the_first_report_is_held(cli: Cli, crash: Callable[..., Finished]) -> None:
    """How long, and why; also for programs."""
    crash(dsn="https://key@127.0.0.1:9/1")
    hold.begin(paths.spool_dir("demo"))
    assert re.search(r"next attempt +in \d+ s\w*: the first report waits for a no", cli("status").stdout)
    assert json.loads(cli("status", "--json").stdout)["apps"]["demo"]["held"] is True
    mark = Path(paths.spool_dir("demo")) / "first-report"
    os.utime(mark, (mark.stat().st_mtime - 61,) * 2)
    assert "waits for a no" not in cli("status").stdout


def test_status_and_level_for_programs(cli: Cli, crash: Callable[..., Finished]) -> None:
    """--json: the level, its source and its problem, and the reports in each state."""
    crash()
    env = {"DEMO_TELEMETRY_LEVEL": "ALL"}
    told = json.loads(cli("status", "--json", env=env).stdout)
    assert ("all", "default") == (told["telemetry_level"]["value"], told["telemetry_level"]["source"])
    demo = told["apps"]["demo"]
    assert 1 == demo["reports"]["local"]
    assert "DEMO_TELEMETRY_LEVEL: 'ALL'" in demo["telemetry_level"]["problem"]
    assert "all" == json.loads(cli("level", "--json").stdout)["value"]
    saved = json.loads(cli("level", "stats", "--json").stdout)
    assert "stats" == saved["saved"]


def test_programs_are_told_what_people_are(cli: Cli, crash: Callable[..., Finished]) -> None:
    """--json has what the text has: outcomes, why the last attempt failed, when the next one may be."""
    crash(dsn="http://key@127.0.0.1:9/1")
    before = json.loads(cli("status", "--json").stdout)["apps"]["demo"]
    assert (before["outcomes"], before["last_failure"], before["not_before"]) == ({}, None, None)

    cli("send")  # nothing listens there
    told = json.loads(cli("status", "--json").stdout)["apps"]["demo"]
    said = cli("status").stdout

    assert told["outcomes"] == {"retry": 1}
    assert told["last_failure"] in said
    assert told["not_before"] > datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert told["stats"]["waiting"] == {"anonymous": 0, "identified": 0}
    assert told["not_used"] is None


def test_status_says_each_fact_once(cli: Cli, crash: Callable[..., Finished]) -> None:
    """What holds for every tool is not said again for each; a wrong variable is one line."""
    crash()
    crash(app="other")
    assert 1 == cli("status").stdout.count("telemetry level ")
    told = cli("status", env={"DEMO_TELEMETRY_LEVEL": "ALL"})
    assert 1 == (told.stdout + told.stderr).count("'ALL'")


def test_a_choice_that_does_not_count_is_told(cli: Cli, crash: Callable[..., Finished]) -> None:
    """Who saves a choice while a variable decides hears of it at once."""
    crash()
    done = cli("level", "none", env={"DEMO_TELEMETRY_LEVEL": "all"})

    assert "DEMO_TELEMETRY_LEVEL counts here in its place: all" in done.stderr


@pytest.mark.parametrize(
    "arguments", [("level", "loud"), ("purge", "--state", "lost"), ("list", "--app", "../x")]
)
def test_wrong_usage_has_status_2(cli: Cli, arguments: tuple[str, ...]) -> None:
    """A wrong value is named, with what would be right."""
    done = cli(*arguments)

    assert done.exit_code == 2
    assert arguments[-1] in done.stderr


def test_an_unreadable_choice_is_told_and_refuses(cli: Cli) -> None:
    """A saved choice that is no telemetry level counts as no; status names the file, and level puts it right."""
    cli("level", "none")
    folder = paths.config_dir()
    assert folder is not None
    (Path(folder) / "telemetry-level").write_text("perhaps")

    told = cli("status")
    assert told.exit_code == 0
    assert "'perhaps' is not a telemetry level; choose one of none, stats, errors, all" in told.stdout
    assert "nothing is recorded or sent until this value is corrected" in told.stdout

    assert cli("level", "errors").exit_code == 0
    assert telemetry_level.resolve().value == "errors"


def test_no_home_is_told(tmp_path: Path) -> None:
    """Without a usable home a telemetry level cannot be saved, and the error says so."""
    done = process("level", "none", env={"HOME": str(tmp_path / "nowhere")})

    assert done.returncode in (1, 2)
    assert "home" in done.stderr
    assert "Traceback" not in done.stderr
    assert process("status", env={"HOME": str(tmp_path / "nowhere")}).returncode == 0


def test_purge_asks_and_deletes(cli: Cli, crash: Callable[..., Finished]) -> None:
    """Nothing goes without a yes; --state and --app say what goes."""
    crash(dsn="http://key@127.0.0.1:9/1")
    done = crash("KeyError('stays')", app="quiet")

    refused = cli("purge")
    assert refused.exit_code == 2
    assert "2 reports would be deleted; give --yes" in refused.stderr
    assert cli("purge", "--yes", "--state", "waiting").stdout == "1 report deleted.\n"
    assert done.files("demo") == []
    assert len(done.files("quiet")) == 1
    assert cli("purge", "--yes", "--app", "quiet").stdout == "1 report deleted.\n"
    assert cli("list").stdout == "No reports.\n"


def test_send_says_what_became_of_each(cli: Cli, crash: Callable[..., Finished]) -> None:
    """One line a report; those that were sent lie in `sent`, byte for byte, and those without destination stay."""
    with Server() as server:
        crash(dsn=server.dsn)
        crash("KeyError('second')", dsn=server.dsn)
        done = crash("OSError('stays')")

        told = cli("send")

        assert told.exit_code == 0
        assert len(re.findall(r"^[0-9a-f]{8}  sent to http://127.0.0.1", told.stdout, re.MULTILINE)) == 2
        assert "1 report stays on this machine: no destination is configured" in told.stdout
        assert len(server.stored) == 2
    assert len(done.files(folder="sent")) == 2
    assert cli("send").exit_code == 0


def test_send_takes_single_reports(cli: Cli, crash: Callable[..., Finished]) -> None:
    """With an id only that report goes."""
    with Server() as server:
        [first] = crash(dsn=server.dsn).files()
        done = crash("KeyError('second')", dsn=server.dsn)

        assert cli("send", id_of(first)).exit_code == 0

        assert [path.name for path in done.files(folder="sent")] == [first.name]
        assert len(done.files(folder="waiting")) == 1


@pytest.mark.parametrize(
    ("mood", "said", "state"), [("400", "refused by", "rejected"), ("500", "not sent to", "waiting")]
)
def test_send_fails_where_something_was_not_sent(
    cli: Cli, crash: Callable[..., Finished], mood: str, said: str, state: str
) -> None:
    """A refusal and a failure are told apart, and both end with status 1."""
    with Server(mood) as server:
        done = crash(dsn=server.dsn)
        told = cli("send")

    assert told.exit_code == 1
    assert said in told.stdout
    assert len(done.files(folder=state)) == 1


def test_send_asks_for_consent_again(cli: Cli, crash: Callable[..., Finished]) -> None:
    """Where the telemetry level now says no, what waits is deleted and nothing leaves."""
    with Server() as server:
        done = crash(dsn=server.dsn)

        told = cli("send", env={"DEMO_TELEMETRY_LEVEL": "none"})

        assert told.exit_code == 1
        assert "deleted and not sent: telemetry level is none (DEMO_TELEMETRY_LEVEL)" in told.stdout
        assert server.posted == []
    assert done.files() == []


def on_a_terminal(*arguments: str) -> str:
    """What the command shows on a terminal of 100 columns."""
    parent, child = pty.openpty()
    running = subprocess.Popen(
        [sys.executable, "-m", "crashguard", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "100"},
        stdin=child,
        stdout=child,
        stderr=child,
    )
    os.close(child)
    shown = b""
    try:
        while select.select([parent], [], [], 60)[0]:
            piece = os.read(parent, 65536)
            if not piece:
                break
            shown += piece
    except OSError:
        pass  # Linux says EIO when the other end is closed
    finally:
        os.close(parent)
        running.wait(60)
    return shown.decode()


def test_send_shows_a_bar_on_a_terminal(crash: Callable[..., Finished]) -> None:
    """On a terminal there is a progress bar, and still a line for each report."""
    with Server() as server:
        crash(dsn=server.dsn)
        crash("KeyError('second')", dsn=server.dsn)

        shown = on_a_terminal("send")

        assert "sending" in shown
        assert "2/2" in shown
        assert shown.count("sent to http://127.0.0.1") == 2


def test_reports_do_not_control_the_terminal(crash: Callable[..., Finished]) -> None:
    """Escape sequences in a message are shown, not obeyed; a list is cut to the terminal's width."""
    crash("ValueError('\\x1b[2Jgone \\u202e' + 'and more ' * 40)")

    shown = on_a_terminal("list")

    assert "\x1b[2J" not in shown
    assert "\u202e" not in shown
    plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown)
    assert max(len(line) for line in plain.splitlines()) <= 100


def test_scrub_filters_files_and_pipes(tmp_path: Path) -> None:
    """A text comes out without its secrets and otherwise as it was, undecodable bytes and line ends too."""
    log = tmp_path / "tool.log"
    log.write_bytes(b"start\r\nlogin password=hunter2-of-ada from ada@orchard.example\n\xff\xfe\nlast")

    from_file = subprocess.run(
        [sys.executable, "-m", "crashguard", "scrub", str(log)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
    )
    from_pipe = subprocess.run(
        [sys.executable, "-m", "crashguard", "scrub"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        input=log.read_bytes(),
        capture_output=True,
        check=True,
    )

    assert (
        from_file.stdout
        == b"start\r\nlogin password=[scrubbed:password] from [scrubbed:email]\n\xff\xfe\nlast"
    )
    assert from_pipe.stdout == from_file.stdout


def test_demo_crashes_and_says_what_to_look_at(home: Path) -> None:
    """The demo's traceback and note are real, and its report can be shown with what it prints."""
    done = process("demo")

    assert done.returncode == 0
    assert "ValueError: could not convert string to float" in done.stderr
    assert "crashguard-demo crashed. " in done.stderr
    [path] = home.rglob("*.envelope")
    assert f"show {id_of(path)}" in done.stdout
    assert b"orchard.example" not in path.read_bytes()
    assert process("show", id_of(path)).returncode == 0


def test_demo_honours_a_refusal(home: Path) -> None:
    """At none the demo shows a bare crash, says why, and leaves nothing."""
    done = process("demo", env={"CRASHGUARD_DEMO_TELEMETRY_LEVEL": "none"})

    assert done.returncode == 0
    assert (
        "Nothing was recorded: your telemetry level is none (CRASHGUARD_DEMO_TELEMETRY_LEVEL)." in done.stdout
    )
    assert list(home.rglob("*.envelope")) == []


def test_doctor_proves_the_whole_path() -> None:
    """A real server has the marked test report when doctor says so."""
    project = bugsink.shared().new_project()

    done = process("doctor", "--dsn", project.dsn)

    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"ok +server +took the report", done.stdout)
    [event] = project.await_events(1)
    assert event["data"]["exception"]["values"][-1]["type"] == "DoctorTest"


def test_doctor_without_a_destination_looks_at_this_machine(home: Path) -> None:
    """Crash and spool are tried, sending is not, and that is no fault."""
    done = process("doctor")

    assert done.returncode == 0
    assert re.search(r"ok +spool", done.stdout)
    assert re.search(r"- +sending +not tried: no destination", done.stdout)
    assert len(list(home.rglob("*.envelope"))) == 1


@pytest.mark.parametrize("mood", ["401", "500"])
def test_doctor_finds_a_server_that_does_not_take_it(mood: str) -> None:
    """What the server answered is named, and the status is 1."""
    with Server(mood) as server:
        done = process("doctor", "--dsn", server.dsn)

    assert done.returncode == 1
    assert re.search(rf"FAILED +server.*{mood}", done.stdout), done.stdout


def test_doctor_names_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """A state folder that is a file is named; reports lie under the temporary directory."""
    (tmp_path / "state").write_text("in the way")

    done = process("doctor", env={"XDG_STATE_HOME": str(tmp_path / "state"), "TMPDIR": str(tmp_path)})

    assert done.returncode == 1
    assert re.search(r"FAILED +folder", done.stdout)
    assert f"{tmp_path / 'state'} is not a folder" in done.stdout
    assert re.search(r"ok +spool", done.stdout)


@pytest.mark.slow
@pytest.mark.parametrize("given", ["nonsense", "https://host/1"])
def test_doctor_refuses_a_wrong_dsn(given: str) -> None:
    """A malformed DSN is an error with an example of a right one, on the command line and in the variable."""
    told = process("doctor", "--dsn", given)
    assert told.returncode == 2
    assert "a DSN looks like https://KEY@HOST/PROJECT" in told.stderr

    from_variable = process("doctor", env={"CRASHGUARD_DSN": given})
    assert from_variable.returncode == 1
    assert "CRASHGUARD_DSN is not a DSN" in from_variable.stdout


def test_the_command_says_what_it_needs() -> None:
    """Without click one line says what to install, with status 2."""
    program = "import sys; sys.modules['click'] = None; sys.argv = ['crashguard']; import crashguard.__main__ as m; m.main()"

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=ROOT
    )

    assert done.returncode == 2
    assert done.stderr == ("crashguard: the command needs click; install it with: pip install click\n")


@pytest.mark.slow
def test_the_command_works_without_the_extra(crash: Callable[..., Finished]) -> None:
    """The note names the command, so it works without rich; what is no terminal gets the same bytes as with it."""
    report = crash().event["event_id"][:8]
    start = "import sys; import crashguard.__main__ as m; m.main()"

    for arguments in (["list"], ["show", report], ["status"], ["send"], ["level"], ["purge", "--yes"]):
        with_rich, without = (
            subprocess.run(
                [sys.executable, "-c", first + start, *arguments],
                capture_output=True,
                text=True,
                check=False,
                cwd=ROOT,
            )
            for first in ("", "import sys; sys.modules['rich'] = None\n")
        )
        assert (with_rich.returncode, "") == (without.returncode, without.stderr)
        if arguments[0] != "purge":
            assert with_rich.stdout == without.stdout


def test_a_reader_that_leaves_is_no_error(crash: Callable[..., Finished]) -> None:
    """`crashguard list | head -0` ends without a word on stderr."""
    crash()

    done = subprocess.run(
        [str(shutil.which("bash")), "-c", f"{sys.executable} -m crashguard list | true"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stderr == ""


def test_a_foreign_folder_among_the_spools_is_left_alone(cli: Cli, crash: Callable[..., Finished]) -> None:
    """Files that are not ours beside the spools change nothing."""
    crash()
    other = Path(paths.state_dir()) / "notes.txt"
    other.write_text("mine")

    assert len(cli("list").stdout.splitlines()) == 2
    assert cli("status").exit_code == 0
    assert other.read_text() == "mine"
    assert Spool(paths.spool_dir("demo")).names(store.LOCAL) != []


@pytest.fixture
def recorded(home: Path) -> Iterator[Sink]:
    """A command, a sync and a login that wait to be sent to a data plane."""
    with Sink() as sink:
        crashguard.install(app="demo", version="1.2.3", delivery="deferred")
        stats.configure(url=sink.url, write_key="key")
        stats.identify("user-1")
        with stats.command("sync"), stats.sync(source="cloudquery/aws@v1.2.3", registry="cloudquery") as run:
            run.resource("customers")
        stats.login()
        stats.forget()
        yield sink
        stats_config.reset()


def test_stats_are_listed_below_the_reports(cli: Cli, recorded: Sink) -> None:
    """Each record has a line with its kind and what it says, also for programs."""
    told = cli("list").stdout
    entries = json.loads(cli("list", "--json").stdout)

    assert "No reports.\n" in told
    assert "command_completed demo sync success" in told
    assert sorted(entry["kind"] for entry in entries) == ["anonymous"] * 2 + ["identified"] * 3
    assert len([line for line in told.splitlines() if " waiting " in line]) == 5


def test_a_record_is_shown_and_its_bytes_too(cli: Cli, recorded: Sink) -> None:
    """show works for stats: in words, and with --json what leaves, byte for byte."""
    [entry] = [each for each in json.loads(cli("list", "--json").stdout) if "sync_summary" in each["title"]]

    told = cli("show", entry["id"][:8]).stdout
    data = cli("show", entry["id"], "--json").stdout
    assert 2 == cli("show", entry["id"], "--html").exit_code

    assert "it does not identify a person" in told
    assert re.search(r"source_path +cloudquery/aws", told)
    assert f"It waits to be sent to {recorded.url.partition('//')[2]}" in told
    assert data == Path(entry["path"]).read_text().splitlines()[1] + "\n"


def test_status_counts_stats(cli: Cli, recorded: Sink) -> None:
    """How many wait, of which kind, and where they go."""
    told = cli("status").stdout

    assert re.search(r"stats +5 waiting \(2 anonymous, 3 identified\)", told)
    assert re.search(rf"stats go to +{recorded.url.partition('//')[2]}", told)


def test_purge_deletes_stats(cli: Cli, recorded: Sink) -> None:
    """purge names them, and they are gone."""
    assert "5 records of stats would be deleted" in cli("purge").stderr
    assert cli("purge", "--yes", "--state", "sent").stdout == "There is nothing to delete.\n"
    assert cli("purge", "--yes").stdout == "5 records of stats deleted.\n"
    assert cli("list").stdout == "No reports.\n"


def test_send_sends_stats(cli: Cli, recorded: Sink) -> None:
    """A line a request, one for each kind; what was sent is listed as sent."""
    told = cli("send")

    assert told.exit_code == 0
    assert "2 anonymous records sent to" in told.stdout
    assert "3 identified records sent to" in told.stdout
    assert len(recorded.stored) == 5
    assert " waiting " not in cli("list").stdout


def test_send_tells_of_stats_that_were_refused(cli: Cli, recorded: Sink) -> None:
    """A server that is down is an exit status of 1, and the records wait on."""
    recorded.statuses = [500, 500]

    told = cli("send")

    assert told.exit_code == 1
    assert "not sent to" in told.stdout
    assert cli("list").stdout.count(" waiting ") == 5


@pytest.mark.parametrize(("level", "left"), [("none", 0), ("errors", 0), ("stats", 5)])
def test_a_saved_no_deletes_stats(cli: Cli, recorded: Sink, level: str, left: int) -> None:
    """level none and errors delete the stats that wait."""
    told = cli("level", level).stdout

    assert ("5 records of stats that waited to be sent: deleted." in told) == (left == 0)
    assert cli("list").stdout.count(" waiting ") == left
