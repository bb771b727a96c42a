"""A real plugin on CloudQuery's SDK, driven over real gRPC: every way it loses an exception is a report."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import attrs
import pytest

from crashguard.integrations.cloudquery import command
from crashguard.report import envelope
from tests.conftest import PROGRAMS, ROOT, component

APP = "cloudquery-source-demo"

pytestmark = pytest.mark.timeout(300)  # two plugins, one after the other, on a machine with other work


@attrs.frozen
class Driven:
    """What the client got, how the plugin ended, and what it left."""

    calls: dict[str, Any]
    status: int
    stdout: str
    stderr: str
    events: list[tuple[str, dict[str, Any]]]

    @property
    def outcome(self) -> tuple[object, ...]:
        """What the CLI and its user see, without ports, times and object addresses."""
        lines = [
            re.sub(r"127\.0\.0\.1:\d+|\d\d:\d\d:\d\dZ|line \d+|Thread-\d+", "N", line)
            for line in self.stdout.splitlines()
        ]
        return self.calls, self.status, sorted(lines)


def drive(
    home: Path, calls: str, *arguments: str, sdk: str = "CRASHGUARD_CLOUDQUERY_PYTHON", **env: str
) -> Driven:
    python = component(sdk)
    environment = {"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **env}
    done = subprocess.run(
        [python, str(PROGRAMS / "cloudquery" / "drive.py"), calls, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=140,
        check=False,
    )
    assert "" == done.stderr
    told = json.loads(done.stdout)
    files = sorted((home / ".local/state/crashguard").glob("*/*/*.envelope"))
    events = [(path.parent.name, envelope.unseal(path.read_bytes())[1]) for path in files]
    return Driven(told["calls"], told["status"], told["stdout"], told["stderr"], events)


def sdk_version() -> str:
    """The version of the SDK in the component's environment."""
    return subprocess.run(
        [
            component("CRASHGUARD_CLOUDQUERY_PYTHON"),
            "-c",
            "from importlib import metadata; print(metadata.version('cloudquery-plugin-sdk'), end='')",
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout


JSON = ("--log-format", "json")

ROWS = {
    # what breaks: (calls, type, phase, table, occurrences)
    "resolve": ("init,sync", "ValueError", "resolve", "broken", 1),
    "resolve-exit": ("init,sync", "SystemExit", "resolve", "broken", 1),
    "resolve-close": ("init,sync", "GeneratorExit", "resolve", "broken", 1),
    "column-close": ("init,sync", "GeneratorExit", "resolve_column", "broken", 1),
    "multiplex-close": ("init,sync", "GeneratorExit", "multiplex", "broken", 1),
    "init-close": ("init", "GeneratorExit", "init", None, 1),
    "sync-close": ("init,sync", "GeneratorExit", "sync", None, 1),
    "read-close": ("init,read", "GeneratorExit", "read", None, 1),
    "resolve-base": ("init,sync", "End", "resolve", "broken", 1),
    "init-base": ("init", "End", "init", None, 1),
    "resolve-group": ("init,sync", "BaseExceptionGroup", "resolve", "broken", 1),
    "resolve-unprintable": ("init,sync", "Unprintable", "resolve", "broken", 1),
    "pre-unprintable": ("init,sync", "Unprintable", "pre_resource_resolve", "broken", 3),
    "resolve-interrupt": ("init,sync", "KeyboardInterrupt", "resolve", "broken", 1),
    "resolve-cancelled": ("init,sync", "CancelledError", "resolve", "broken", 1),
    "pre-exit": ("init,sync", "SystemExit", "pre_resource_resolve", "broken", 1),
    "pre-decorated": ("init,sync", "ValueError", "pre_resource_resolve", "broken", 3),
    "column-decorated": ("init,sync", "ValueError", "resolve_column", "broken", 3),
    "post-decorated": ("init,sync", "ValueError", "post_resource_resolve", "broken", 3),
    "pre-again": ("init,sync", "LookupError", "pre_resource_resolve", "broken", 3),
    "pre": ("init,sync", "ValueError", "pre_resource_resolve", "broken", 3),
    "column": ("init,sync", "ValueError", "resolve_column", "broken", 3),
    "post": ("init,sync", "ValueError", "post_resource_resolve", "broken", 3),
    "resolve-huge": ("init,sync", "ValueError", "resolve", "broken", 1),
    "child": ("init,sync", "ValueError", "resolve", "child", 3),
    "multiplex": ("init,sync", "ValueError", "multiplex", "broken", 1),
    "multiplex-exit": ("init,sync", "SystemExit", "multiplex", "broken", 1),
    "init": ("init,sync", "ValueError", "init", None, 1),
    "get_tables": ("init,get_tables", "ValueError", "get_tables", None, 1),
    "sync": ("init,sync", "ValueError", "sync", None, 1),
    "post-sync": ("init,sync", "ValueError", "sync", None, 1),
    "no message": ("init,sync", "NotImplementedError", "sync", None, 1),
    "sync-unprintable": ("init,sync", "Unprintable", "sync", None, 1),
    "init-exit": ("init", "SystemExit", "init", None, 1),
    "sync-exit": ("init,sync", "SystemExit", "sync", None, 1),
    "read-exit": ("init,read", "SystemExit", "read", None, 1),
    "read": ("init,read", "ValueError", "read", None, 1),
    "write": ("init,write", "ValueError", "write", None, 1),
    "close": ("init,close", "ValueError", "close", None, 1),
}


@pytest.mark.slow
@pytest.mark.parametrize("fail", ROWS)
def test_what_the_sdk_lets_go_is_reported_once(home: Path, tmp_path: Path, fail: str) -> None:
    """One report with phase, table and plugin; what the CLI sees is what it saw without us."""
    calls, kind, phase, table, occurrences = ROWS[fail]
    other = tmp_path / "other"
    other.mkdir()
    # gRPC's server never answers a call that ended by SystemExit: its client waits as long as it wants
    is_answered = phase not in ("init", "sync", "read") or kind in ("ValueError", "NotImplementedError")
    waits = {"DEADLINE": "60" if is_answered else "4"}
    bare = drive(other, calls, *JSON, FAIL=fail, UNGUARDED="1", **waits)
    ours = drive(home, calls, *JSON, FAIL=fail, **waits)

    assert bare.outcome == ours.outcome
    reports = [event for _, event in ours.events if event["tags"]["phase"] != "sync" or phase == "sync"]
    [event] = reports
    value = event["exception"]["values"][-1]
    assert (kind, occurrences) == (value["type"], event["contexts"]["crashguard"]["occurrences"])
    assert (phase, table) == (event["tags"]["phase"], event["tags"].get("table"))
    assert ("cloudquery", "source", "demo", "1.2.3", sdk_version()) == tuple(
        event["tags"][name]
        for name in ("plugin.team", "plugin.kind", "plugin.name", "plugin.version", "sdk.version")
    )
    assert ("label" if phase == "resolve_column" else None) == event["tags"].get("column")
    assert ("broken" if fail == "child" else None) == event["tags"].get("parent_table")
    assert "hunter2" not in json.dumps(event)
    assert f"{APP}@1.2.3" == event["release"]


LOWEST = "CRASHGUARD_CLOUDQUERY_LOWEST_PYTHON"


@pytest.mark.slow
@pytest.mark.parametrize("fail", ["resolve", "column", "multiplex", "init"])
def test_the_lowest_sdk_is_guarded_as_the_newest(home: Path, fail: str) -> None:
    """The same report, from the oldest version that the page names, and the status of the CLI's SIGINT."""
    calls, kind, phase, table, occurrences = ROWS[fail]
    # With relations this version of the SDK may hang at its end, also without crashguard.
    ours = drive(home, calls, *JSON, sdk=LOWEST, FAIL=fail, CHILDLESS="1")

    assert -2 == ours.status
    [event] = [event for _, event in ours.events if event["tags"]["phase"] != "sync"]
    assert (kind, occurrences) == (
        event["exception"]["values"][-1]["type"],
        event["contexts"]["crashguard"]["occurrences"],
    )
    assert (phase, table, "0.1.20") == tuple(map(event["tags"].get, ("phase", "table", "sdk.version")))


@pytest.mark.slow
def test_one_bug_in_many_tables_is_one_report_that_names_them(tmp_path: Path) -> None:
    """Up to fifty; each is counted."""
    driven = drive(tmp_path, "init,sync", *JSON, FAIL="many")

    [(_, event)] = driven.events
    tables = [each["table"] for each in event["contexts"]["sync"]["tables"]]
    assert (50, 60) == (len(set(tables)), event["contexts"]["crashguard"]["occurrences"])
    assert event["tags"]["table"] == tables[0]
    assert {f"broken_{number}" for number in range(60)} > set(tables)


@pytest.mark.slow
def test_tables_that_fail_by_one_bug_are_named_with_phase_and_column(tmp_path: Path) -> None:
    """One function of the plugin fails in another phase or column of each table."""
    [(_, event)] = drive(tmp_path, "init,sync", *JSON, FAIL="places").events

    tables = event["contexts"]["sync"]["tables"]
    assert [
        {"table": "of_id", "phase": "resolve_column", "column": "id"},
        {"table": "of_label", "phase": "resolve_column", "column": "label"},
        {"table": "of_row", "phase": "pre_resource_resolve"},
    ] == sorted(tables, key=lambda each: each["table"])
    assert tables[0] == {name: event["tags"][name] for name in tables[0]}


@pytest.mark.slow
def test_relations_that_fail_by_one_bug_are_named_with_their_parents(tmp_path: Path) -> None:
    """Each with its own; a table of one name under two parents is two, and a table without a parent has none."""
    [(_, event)] = drive(tmp_path, "init,sync", *JSON, FAIL="relations").events

    tables = event["contexts"]["sync"]["tables"]
    named = sorted((each["table"], each.get("parent_table")) for each in tables)
    assert [
        ("alone", None),
        ("of_one", "one"),
        ("of_other", "other"),
        ("shared", "one"),
        ("shared", "other"),
    ] == named
    assert tables[0] == {name: event["tags"][name] for name in tables[0]}
    assert 1 + 4 * 3 == event["contexts"]["crashguard"]["occurrences"]


@pytest.mark.slow
@pytest.mark.parametrize("level", ["template", "none"])
def test_at_a_strict_level_no_further_table_is_named(tmp_path: Path, level: str) -> None:
    """As the first one is not: the level holds for what is added to a report later, too."""
    [(_, event)] = drive(
        tmp_path, "init,sync", *JSON, FAIL="places", SETTINGS=json.dumps({"messages": level})
    ).events

    assert event["contexts"]["crashguard"]["messages"] == level
    assert "of_" not in json.dumps([event["tags"], event["contexts"]])


@pytest.mark.slow
def test_a_good_sync_is_silent(home: Path) -> None:
    """The CLI stops every plugin with SIGINT: no report, the same traceback of KeyboardInterrupt, status -2."""
    ours = drive(home, "init,get_tables,sync,read,write,close", *JSON)

    assert (-2, []) == (ours.status, ours.events)
    assert ours.stderr.rstrip().endswith("KeyboardInterrupt")
    assert {"inserts": 15, "errors": []} == ours.calls["sync"]


@pytest.mark.slow
def test_a_call_that_the_cli_leaves_is_no_crash(home: Path) -> None:
    """The server closes the generators of the call; the next sync is complete."""
    ours = drive(home, "init,leave,sync,read", *JSON, FAIL="endless")

    assert ({"inserts": 15, "errors": []}, "ok", []) == (ours.calls["sync"], ours.calls["leave"], ours.events)


@pytest.mark.slow
def test_an_old_cli_that_cannot_take_table_errors_gets_one_report(home: Path) -> None:
    """Before 6.22 the SDK answers with a second exception; the crash is still one."""
    ours = drive(home, "init,sync", *JSON, FAIL="resolve", WITHOUT_ERROR_MESSAGES="1")

    assert "UNKNOWN" in ours.calls["sync"]
    [(_, event)] = ours.events
    assert "ValueError" == event["exception"]["values"][-1]["type"]


@pytest.mark.slow
def test_a_sync_that_an_old_cli_loses_by_an_expected_error_is_seen(home: Path) -> None:
    """The SDK ends the whole sync, for want of a way to tell the table's error: that is a crash of its own."""
    ours = drive(home, "init,sync,read", *JSON, FAIL="resolve-expected", WITHOUT_ERROR_MESSAGES="1")

    assert ("UNKNOWN: Exception iterating responses: ", 1) == (ours.calls["sync"], ours.calls["read"])
    [(_, event)] = ours.events
    assert ("NotImplementedError", "sync", "broken") == (
        event["exception"]["values"][-1]["type"],
        *(event["tags"][name] for name in ("phase", "table")),
    )


@pytest.mark.slow
@pytest.mark.parametrize("level", ["debug", "error"])
def test_what_a_plugin_logs_is_no_crash(home: Path, level: str) -> None:
    """A failure that was tried again stands in the plugin's log with exc_info, at any level: no report."""
    ours = drive(home, "init,sync", *JSON, "--log-level", level, FAIL="logs")

    assert ({"inserts": 15, "errors": []}, []) == (ours.calls["sync"], ours.events)


@pytest.mark.slow
def test_a_scheduler_without_the_plugins_logger_loses_nothing(home: Path) -> None:
    """`Scheduler(concurrency)` has a logger of its own; its crashes are the same reports."""
    [(_, event)] = drive(home, "init,sync", *JSON, FAIL="column", WITHOUT_LOGGER="1").events

    assert ("broken", "resolve_column", "label", 3) == (
        *(event["tags"][name] for name in ("table", "phase", "column")),
        event["contexts"]["crashguard"]["occurrences"],
    )


@pytest.mark.slow
@pytest.mark.parametrize("odd", ["scheduler", "another SDK"])
def test_an_odd_scheduler_syncs_as_without_crashguard(home: Path, tmp_path: Path, odd: str) -> None:
    """A plugin's own kind of scheduler, and one of another version of the SDK; the crash is reported."""
    other = tmp_path / "other"
    other.mkdir()
    bare = drive(other, "init,sync", *JSON, FAIL="resolve", ODD=odd, UNGUARDED="1")
    ours = drive(home, "init,sync", *JSON, FAIL="resolve", ODD=odd)

    assert bare.outcome == ours.outcome
    assert 1 == len(bare.calls["sync"]["errors"])
    [(_, event)] = ours.events
    assert ("broken", "resolve") == tuple(event["tags"][name] for name in ("table", "phase"))


@pytest.mark.slow
@pytest.mark.parametrize("place", ["init", "resolve", "column", "multiplex", "read", "main"])
def test_an_expected_error_is_no_crash(home: Path, place: str) -> None:
    """serve_guard(ignore=...) wherever it is raised; the CLI is told as without crashguard."""
    calls = (
        "init" if place == "init" else "init,sync,read"
    )  # without a client, a sync fails for another reason
    ours = drive(home, calls, *JSON, FAIL=f"{place}-expected")

    assert [] == ours.events


@pytest.mark.slow
def test_later_syncs_of_a_plugin_are_counted(home: Path) -> None:
    """A plugin that a CLI keeps for several syncs meets one bug in each: one report, three times."""
    [(_, event)] = drive(home, "init,sync,sync,sync", *JSON, FAIL="resolve").events

    assert 3 == event["contexts"]["crashguard"]["occurrences"]


@pytest.mark.slow
def test_no_name_of_a_users_table_leaves(home: Path) -> None:
    """static_tables=False: neither the tags nor a message nor anything else names a table or column."""
    names = json.dumps({"static_tables": False})
    [(_, event)] = drive(home, "init,sync", *JSON, FAIL="names", SETTINGS=names).events

    assert "LookupError" == event["exception"]["values"][-1]["type"]
    assert {"phase": "resolve"}.items() <= event["tags"].items()
    for name in ("payroll", "salary"):
        assert name not in json.dumps(event)


@pytest.mark.slow
@pytest.mark.parametrize(("fail", "kind"), [("constructor", "ValueError"), ("import", "ModuleNotFoundError")])
def test_the_guard_stands_round_all_of_main(home: Path, fail: str, kind: str) -> None:
    """A described plugin is guarded before it is imported and made: such a crash is a report of the plugin."""
    ours = drive(home, "init", *JSON, FAIL=fail, AROUND_ALL="1")

    [(_, event)] = ours.events
    assert (1, kind, "demo") == (
        ours.status,
        event["exception"]["values"][-1]["type"],
        event["tags"]["plugin.name"],
    )


@pytest.mark.slow
def test_a_described_plugin_is_guarded_as_the_sdks_object_is(home: Path) -> None:
    """The SDK is watched from the start of the block on, though the plugin is made in it."""
    [(_, event)] = drive(home, "init,sync", *JSON, FAIL="resolve", AROUND_ALL="1").events

    assert ("demo", "broken", "resolve") == tuple(
        event["tags"][name] for name in ("plugin.name", "table", "phase")
    )


@pytest.mark.slow
def test_a_thread_of_the_plugins_own_is_reported(home: Path) -> None:
    """threading.excepthook: the plugin's, because this process is the plugin."""
    [(_, event)] = drive(home, "init,sync", *JSON, FAIL="thread").events

    assert ("threading", "demo") == (
        event["exception"]["values"][-1]["mechanism"]["type"],
        event["tags"]["plugin.name"],
    )


@pytest.mark.slow
def test_a_crash_in_main_is_reported(home: Path) -> None:
    """Before anything is served: status 1, the traceback, one report."""
    ours = drive(home, "init", *JSON, FAIL="main")

    assert (1, {}) == (ours.status, ours.calls)
    assert 1 == len(ours.events)
    assert " crashed. " not in ours.stderr


@pytest.mark.slow
def test_a_stop_by_sigterm_loses_nothing(home: Path) -> None:
    """Docker's stop runs no hook and no atexit: what was recorded is on disk already."""
    ours = drive(home, "init,sync", *JSON, FAIL="resolve", STOP="TERM")

    assert (-15, 1) == (ours.status, len(ours.events))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "env"),
    [
        (("--no-sentry",), {"CQ_TELEMETRY_LEVEL": "all"}),
        (("--no-sent",), {"CQ_TELEMETRY_LEVEL": "all"}),  # the SDK's parser takes it for the option
        ((), {"CQ_TELEMETRY_LEVEL": "none"}),
        ((), {"CQ_TELEMETRY_LEVEL": "stats"}),
        (("--telemetry-level", "none"), {"CQ_TELEMETRY_LEVEL": "all"}),
        (("--telemetry-level=stats",), {}),
        ((), {"CQ_SENTRY_ENABLED": "false"}),
        ((), {"CQ_SENTRY_ENABLED": "Off"}),
        ((), {"CQ_SENTRY_ENABLED": ""}),
        ((), {"SETTINGS": '{"opt_in": "CQ_SENTRY_ENABLED"}'}),
        ((), {"SETTINGS": '{"default_level": "none"}'}),
        (("--no-sentry",), {"CQ_SENTRY_ENABLED": "true"}),
        (("--telemetry-level", "bogus"), {}),
    ],
)
def test_refused_is_refused(home: Path, arguments: tuple[str, ...], env: dict[str, str]) -> None:
    """By telemetry level, by --no-sentry against an environment that says all, by CQ_SENTRY_ENABLED: nothing is written."""
    ours = drive(home, "init,sync", *JSON, *arguments, FAIL="resolve", **env)

    assert [] == ours.events
    assert not (home / ".local").exists()
    assert ["broken: broken in resolve: password=hunter2hunter2"] == ours.calls["sync"]["errors"]


HOST = """
import json
import sys

import crashguard
from crashguard import hosts

crashguard.install(app="acme", version="1.0.0", telemetry_level=sys.argv[1])
print(json.dumps(hosts.environment({})))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("level", "more", "reports"),
    [
        ("none", {}, 0),
        ("stats", {}, 0),
        ("errors", {}, 1),
        ("all", {"CQ_TELEMETRY_LEVEL": "none"}, 0),
        ("all", {"CQ_NO_TELEMETRY": "1"}, 0),
    ],
)
def test_a_python_host_hands_over_its_telemetry_level(
    home: Path, level: str, more: dict[str, str], reports: int
) -> None:
    """A host that is not CloudQuery's has a variable of its own; a no in the plugin's variable stays one."""
    said = subprocess.run(
        [component("CRASHGUARD_CLOUDQUERY_PYTHON"), "-c", HOST, level],
        env={"HOME": str(home), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    ours = drive(home, "init,sync", *JSON, FAIL="resolve", **json.loads(said.stdout), **more)

    assert reports == len(ours.events)
    for _, event in ours.events:
        assert "ACME_TELEMETRY_LEVEL" == event["contexts"]["crashguard"]["telemetry_level_source"]


@pytest.mark.slow
def test_an_unofficial_plugin_keeps_its_reports_here(home: Path) -> None:
    """With a destination of its own, official or not decides: not, and nothing waits to be sent."""
    dsn = "http://k@127.0.0.1:9/1"
    [(state, _)] = drive(home, "init,sync", *JSON, FAIL="resolve", TEAM="acme", PLUGIN_DSN=dsn).events

    assert "local" == state


@pytest.mark.slow
def test_nothing_that_is_printed_breaks_the_clis_log(home: Path) -> None:
    """In JSON mode every line on stdout is a JSON object under 4,096 bytes, and all are the SDK's own."""
    ours = drive(home, "init,sync", *JSON, FAIL="column")

    for line in ours.stdout.splitlines():
        assert isinstance(json.loads(line), dict)
        assert len(line) < 4096
    assert "crashguard" not in ours.stdout


@pytest.mark.parametrize(
    ("argv", "kept", "level", "refused_by", "json_logs"),
    [
        (["p", "serve"], ["p", "serve"], None, None, False),
        (["p", "serve", "--telemetry-level", "errors", "--x"], ["p", "serve", "--x"], "errors", None, False),
        (["p", "--telemetry-level=stats"], ["p"], "stats", None, False),
        (["p", "--telemetry-level"], ["p"], "", None, False),
        (["p", "serve", "--no-sentry"], ["p", "serve", "--no-sentry"], None, "--no-sentry", False),
        (["p", "serve", "--no"], ["p", "serve", "--no"], None, "--no-sentry", False),
        (["p", "serve", "--no-sentry=true"], ["p", "serve", "--no-sentry=true"], None, "--no-sentry", False),
        (["p", "serve", "--license=--no-sentry"], ["p", "serve", "--license=--no-sentry"], None, None, False),
        (["p", "--log-f", "json"], ["p", "--log-f", "json"], None, None, True),
        (["p", "--log-level", "json"], ["p", "--log-level", "json"], None, None, False),
        (["p", "--log-format", "json"], ["p", "--log-format", "json"], None, None, True),
        (["p", "--log-format=json"], ["p", "--log-format=json"], None, None, True),
    ],
)
def test_the_command_line_is_read_and_left(
    argv: list[str], kept: list[str], level: str | None, refused_by: str | None, json_logs: bool
) -> None:
    """What only we understand is taken out, everything else stays in its place."""
    told = command.read(argv)

    assert (kept, level, refused_by, json_logs) == (
        told.argv,
        told.telemetry_level,
        told.refused_by,
        told.json_logs,
    )


_SDKS_PARSER = """
import contextlib, io, json, sys
from cloudquery.sdk.serve import PluginCommand

class Parsed(PluginCommand):
    def _serve(self, args):
        self.args = args

found = []
for line in json.loads(sys.argv[1]):
    parsed = Parsed(None)
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            parsed.run(line)
        found.append(parsed.args.no_sentry)
    except SystemExit:
        found.append(None)
print(json.dumps(found))
"""


@pytest.mark.slow
def test_every_spelling_of_a_no_that_the_sdk_understands_is_one() -> None:
    """The others end the plugin with the SDK's own error, as without crashguard."""
    understood = ["--no-sentry", "--no-sentr", "--no-s", "--no-", "--no"]
    wrong = [
        "--no-sentry=true",
        "--no-sentry=1",
        "--no-sentry=",
        "--n",
        "--nosentry",
        "--no_sentry",
        "-no-sentry",
    ]
    wrong += ["--No-Sentry", "--no-sentry-at-all", "no-sentry"]
    lines = [["serve", each] for each in (*understood, *wrong)]
    lines += [["serve", "--license", "x", "--no-sentry"], ["serve", "--no-sentry", "--no-sentry"], ["serve"]]
    lines += [["serve", "--no-sentry", "true"], ["--no-sentry", "serve"], ["serve", "--license=--no-sentry"]]
    done = subprocess.run(
        [component("CRASHGUARD_CLOUDQUERY_PYTHON"), "-c", _SDKS_PARSER, json.dumps(lines)],
        capture_output=True,
        text=True,
        check=True,
    )
    said = dict(zip(map(tuple, lines), json.loads(done.stdout), strict=True))

    assert [True] * len(understood) == [said["serve", each] for each in understood]
    assert [None] * len(wrong) == [said["serve", each] for each in wrong]
    for line, no in said.items():
        if no is not None:
            assert (command.read(["plugin", *line]).refused_by == "--no-sentry") is no, line
