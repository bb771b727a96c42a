"""docs/telemetry.md and CHANGELOG.md, held to the code: names, fields, limits, folders, order of sources."""

import contextlib
import http.server
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import crashguard
from crashguard import (
    config,
    minimal_record,
    paths,
    registry,
    report,
    reporter,
    scrub,
    stats,
    telemetry_level,
)
from crashguard import spool as folders
from crashguard.client import current_client
from crashguard.consent import choices
from crashguard.recovery.recover import recover
from crashguard.registry import Registry
from crashguard.report import envelope, event
from crashguard.spool import rate_limit, reports, store
from crashguard.spool.store import Spool
from crashguard.stats import config as stats_config
from crashguard.transport import sentry
from crashguard.usage import usage_folder, wire
from tests.conftest import ROOT, Run
from tests.wheels import lay_out

PAGE = (ROOT / "docs/telemetry.md").read_text()
CHANGES = (ROOT / "CHANGELOG.md").read_text()


def section(title: str, text: str = PAGE) -> str:
    """A section of a page, up to the next heading of its rank or above."""
    start = re.search(rf"^(#+) {re.escape(title)}$", text, re.MULTILINE)
    assert start, f"there is no section {title!r}"
    rest = text[start.end() :]
    end = re.search(rf"^#{{1,{len(start[1])}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def table(text: str) -> list[list[str]]:
    """The rows of the first table in a text, without its head."""
    found = re.search(r"^(?:\|.*\n)+", text, re.MULTILINE)
    assert found
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in found[0].splitlines()[2:]]


def quoted(text: str) -> list[str]:
    """What stands in backticks."""
    return re.findall(r"`([^`]+)`", text)


def fields(value: object, path: str = "") -> set[str]:
    """The paths of all values in an event; lists count as what they hold, and names of packages as one."""
    if isinstance(value, dict) and path != "modules":
        return {name for key, each in value.items() for name in fields(each, f"{path}.{key}".lstrip("."))}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return {name for each in value for name in fields(each, path)}
    return {path}


@contextlib.contextmanager
def captured() -> Iterator[list[dict[str, Any]]]:
    """The events that are recorded inside, in place of files."""
    client = current_client()
    client.captured = events = []
    client.registry = Registry()
    try:
        yield events
    finally:
        client.captured = None


def a_tree() -> BaseException:
    """A group with a cause that was raised in the standard library."""
    try:
        try:
            json.loads("{")
        except ValueError as cause:
            raise ExceptionGroup("two", [OSError("one"), KeyError("other")]) from cause
    except ExceptionGroup as group:
        return group
    raise AssertionError("json read a brace")


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[dict[str, Any]]:
    """Events of every sort that this package makes."""
    plugin = crashguard.Plugin("acme", "source", "files", "1.0.0", official=True)
    monkeypatch.setenv(config.RUN_ID, "0" * 32)
    crashguard.install(app="demo", version="1.0.0", environment="production", needles=["of-nobody"])
    client = current_client()
    made: list[dict[str, Any]] = []
    for handled in (False, True):
        with captured() as here:
            tags = dict.fromkeys(event.TAGS, "something")
            crash = registry.Crash(a_tree(), "guard", handled=handled, plugin=plugin, tags=tags)
            reporter.report(client, crash)
            made += here
    # A private literal that only the final bytes hold: what the tripwire is for.
    with captured() as here, monkeypatch.context() as patched:
        patched.setattr(scrub.Scrubber, "leaks", lambda *_: ["private"])
        reporter.report(client, registry.Crash(a_tree(), "guard", handled=True))
        made += here
    # An event that cannot be scrubbed, and a process that died before it could say more.
    made.append(scrub._bare({"event_id": "0" * 32, "timestamp": 1.0, "platform": "python"}))
    raised = a_tree()
    assert client.prepared is not None
    path = minimal_record.write(client.prepared, "excepthook", raised, raised.__traceback__)
    assert path is not None
    made.append(envelope.unseal(Path(path).read_bytes())[1])
    made.append(native_death(tmp_path))
    made.append(of_installed_tool(tmp_path / "site-packages"))
    return made


def of_installed_tool(site: Path) -> dict[str, Any]:
    """The event of a tool that was installed, was given an option and failed by every code there is."""
    work = (
        "class StatusError(OSError): pass\n"
        "def work():\n"
        "    error = StatusError(2, 'no')\n"
        "    error.__dict__.update(sqlstate='23505', sqlite_errorname='SQLITE_BUSY', status=404, returncode=1)\n"
        "    raise error\n"
    )
    lay_out(site, "of_tool", "1.0", {"of_tool/__init__.py": "", "of_tool/work.py": work})
    program = (
        f"import argparse, sys\nsys.path.insert(0, {str(site)!r})\n"
        "import crashguard, of_tool.work\n"
        "from crashguard.integrations.argparse import add_telemetry_level\n"
        "crashguard.install(app='demo', version='1', packages=['of_tool'])\n"
        "parser = argparse.ArgumentParser()\nadd_telemetry_level(parser)\nparser.parse_args()\n"
        "of_tool.work.work()\n"
    )
    home = site.parent / "of-the-installed"
    home.mkdir()
    subprocess.run(
        [sys.executable, "-c", program, "--telemetry-level", "all"],
        env={"HOME": str(home), "PYTHONPATH": str(ROOT)},
        check=False,
    )
    [stored] = reports.reports(Spool(str(home / ".local/state/crashguard/demo")))
    return stored.event


def native_death(folder: Path) -> dict[str, Any]:
    """The event of a process that died by a signal."""
    home = folder / "of-the-dead"
    home.mkdir()
    subprocess.run(
        [
            sys.executable,
            "-c",
            "import crashguard, ctypes; crashguard.install(app='demo', version='1'); ctypes.string_at(0)",
        ],
        env={"HOME": str(home), "PYTHONPATH": str(ROOT)},
        check=False,
    )
    spool = Spool(str(home / ".local/state/crashguard/demo"))
    recover(spool)
    [stored] = reports.reports(spool)
    return stored.event


def test_every_field_is_documented(events: list[dict[str, Any]]) -> None:
    """The page's table holds each field that any report can hold, and no other."""
    documented = {
        name for row in table(section("What a report holds")) for name in quoted(row[0]) if len(row) == 3
    }
    made = {name for each in events for name in fields(each)}

    assert len(events) == 7
    # What the platform decides: Linux has no os.version here, others no kernel_version or open_files.
    assert made - documented == set()
    of_platform = {
        "contexts.asyncio.awaited_by",
        "contexts.os.version",
        "contexts.program.frozen",
        "contexts.codes.winerror",
    }
    late = {
        "contexts.crashguard.comment",
        "contexts.crashguard.held_back",
        "contexts.crashguard.kept_because",
        "contexts.sync.tables",
    }
    assert documented - made <= of_platform | late


def test_fields_that_are_added_late_are_documented() -> None:
    """Each name that any file writes into an event's own context has its row on the page."""
    code = "\n".join(path.read_text() for path in (ROOT / "crashguard").rglob("*.py"))
    added = set(re.findall(r"""\["contexts"\]\["crashguard"\]\["(\w+)"\] =""", code))

    assert {"held_back", "kept_because", "tripwire", "occurrences", "run_id"} <= added
    assert [name for name in added if f"`contexts.crashguard.{name}`" not in PAGE] == []
    assert [name for name in added if f"`contexts.crashguard.{name}`" not in CHANGES] == []


def test_every_field_stands_in_the_changelog(events: list[dict[str, Any]]) -> None:
    """The changelog's Payload section names the payload version and each field."""
    payload = section("Payload", section("Unreleased", CHANGES))
    listed = set(quoted(payload))

    assert f"Payload version {event.PAYLOAD_VERSION}" in payload
    assert {name for each in events for name in fields(each)} - listed == set()


def test_each_example_is_a_field_of_a_real_report(run: Run) -> None:
    """What the page gives as examples of type, value, function and file is what the sample's report holds."""
    done = run(
        str(ROOT / "samples/minisync.py"), "sync", str(ROOT / "samples/data/demo.toml"), "--to", "copy.db"
    )
    [made] = done.events("minisync")
    [value] = made["exception"]["values"]
    frame = value["stacktrace"]["frames"][-1]
    examples = {row[0]: quoted(row[1]) for row in table(section("What a report holds"))}

    assert examples["`exception.values.value`"] == [value["value"]]
    assert list(examples.values()).count([value["type"], value["module"]]) == 1
    assert [frame["function"], frame["module"]] in examples.values()
    assert [frame["filename"], str(frame["lineno"])] in examples.values()
    assert set(examples["`fingerprint`"]) <= set(made["fingerprint"])


def test_what_never_leaves_does_not(run: Run) -> None:
    """A report holds no local variable, argument, environment, host, user, path or source of the program."""
    program = (
        "import crashguard, os, sys\n"
        "crashguard.install(app='demo', version='1.0.0')\n"
        "def broken(argument):\n"
        "    local = 'a-local-' + argument\n"
        "    return {}['key']  # a-source-comment\n"
        "broken('an-argument')\n"
    )

    done = run(program, "--word=on-the-command-line", env={"SOME_SETTING": "in-the-environment"})

    [path] = done.files()
    kept = path.read_text()
    private = [
        "an-argument",
        "a-local-",
        "a-source-comment",
        "on-the-command-line",
        "in-the-environment",
        "SOME_SETTING",
        os.uname().nodename,
        str(done.state.parents[2]),
        "sentry-sdk",
        str(ROOT),
    ]
    assert [text for text in private if text and text in kept] == []
    assert "KeyError" in kept


def test_the_levels_are_those_of_the_resolver() -> None:
    """The table of telemetry levels says what the resolver does with each value."""
    rows = table(section("Controlling what is sent"))

    assert [quoted(row[0])[0] for row in rows] == list(telemetry_level.CHOICES)
    for name, errors, of_stats in rows:
        level = telemetry_level.resolve(quoted(name)[0])
        assert (errors, of_stats) == (
            "yes" if level.sends_errors else "no",
            "yes" if level.sends_stats else "no",
        )
    [default] = [row[0] for row in rows if "(default)" in row[0]]
    assert quoted(default) == [telemetry_level.DEFAULT]


def test_the_sources_stand_in_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each source in the page's table wins over all below it."""
    rows = [(row[1].strip("`"), row[2]) for row in table(section("Which one counts"))]
    environ = {"CQ_TELEMETRY_LEVEL": "stats", "CQ_NO_TELEMETRY": "1", "DO_NOT_TRACK": "1"}
    choices.save_choice("errors", since="2026-01-31T12:00:00Z")
    monkeypatch.setattr("crashguard.paths.machine_dir", lambda: str(tmp_path / "etc"))
    choices.save_machine_choice("stats", since="2026-01-31T12:00:00Z", final=False)
    flag: str | None = "none"

    winners = []
    for name, _ in rows:
        winners.append(telemetry_level.resolve(flag, environ=environ).source)
        flag = None
        environ.pop(name, None)
        if name in ("saved choice", "machine's choice"):
            os.unlink(str(telemetry_level.resolve(environ={}).path))

    assert winners[:-1] == [name for name, _ in rows][:-1]
    assert telemetry_level.resolve(environ={}).source == rows[-1][0]


def test_the_switches_mean_what_the_page_says() -> None:
    """Empty variables are unset, CQ_NO_TELEMETRY=0 refuses, and DO_NOT_TRACK knows the five words for no."""
    rows = {row[1].strip("`"): row[2] for row in table(section("Which one counts"))}
    words = [word for word in quoted(rows["DO_NOT_TRACK"]) if word != "none"]

    assert set(words) == set(telemetry_level._SWITCHED_OFF)
    assert "unless it is empty" in rows["DO_NOT_TRACK"]
    for word in ("", *words, words[-1].upper()):
        assert telemetry_level.resolve(environ={"DO_NOT_TRACK": word}).value == "all"
    assert telemetry_level.resolve(environ={"DO_NOT_TRACK": "1"}).value == "none"
    assert "even `0`" in rows["CQ_NO_TELEMETRY"]
    assert telemetry_level.resolve(environ={"CQ_NO_TELEMETRY": "0"}).value == "none"
    assert "empty is unset" in rows["CQ_TELEMETRY_LEVEL"]
    assert telemetry_level.resolve(environ={"CQ_TELEMETRY_LEVEL": ""}).value == "all"


@pytest.mark.parametrize(
    ("system", "platform", "environ"),
    [
        ("Linux", "linux", {}),
        ("macOS", "darwin", {}),
        ("Windows", "win32", {"LOCALAPPDATA": "%LOCALAPPDATA%"}),
    ],
)
def test_files_lie_where_the_page_says(
    system: str, platform: str, environ: dict[str, str], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folders of reports and of the saved choice are those of the page, on each system."""
    folders = {row[0]: [quoted(cell)[0] for cell in row[1:]] for row in table(section("Where files lie"))}
    monkeypatch.setattr(sys, "platform", platform)
    for name in environ:
        monkeypatch.setenv(name, str(home / "local"))

    reports, choice = (
        path.replace("~", str(home)).replace("%LOCALAPPDATA%", str(home / "local")).replace("\\", "/")
        for path in folders[system]
    )

    assert paths.spool_dir("APP") == reports
    assert choices.save_choice("none", since="2026-01-31T12:00:00Z") == choice


def test_the_folders_are_the_states() -> None:
    """The page lists the states of the spool, in the order of a report's life."""
    rows = [quoted(row[0])[0] for row in table(section("Where files lie").partition("is its state")[2])]

    assert tuple(rows) == store.STATES


def test_the_limits_are_those_of_the_spool() -> None:
    """Numbers, bytes and days on the page are the constants of the code."""
    said = section("How long reports are kept")

    assert f"at most {store.MOST_REPORTS} reports" in said
    assert f"at most {store.MOST_BYTES // 2**20} MiB" in said
    assert f"older than {folders.MOST_SECONDS // 86400} days" in said
    assert f"{report.MOST_ENVELOPE:,} bytes" in said


def test_how_often_is_what_the_spool_says() -> None:
    """Hours and numbers of what is sent in a day are the constants of the code."""
    said = section("Who sends")

    assert f"once in {rate_limit.SECONDS / 3600:.0f} hours" in said
    assert f"no more than {rate_limit.MOST} reports" in said


def test_reports_age_without_an_uploader(run: Run, home: Path) -> None:
    """A tool that names no destination drops reports that are too old as it keeps a new one."""
    old = home / ".local/state/crashguard/demo/local" / f"1700000000000-aaaaaaaa-{'0' * 32}.envelope"
    old.parent.mkdir(parents=True)
    old.parent.chmod(0o700)
    old.write_bytes(envelope.seal({"event_id": "0" * 32}, None))

    run("import crashguard\ncrashguard.install(app='demo', version='1')\n1 / 0\n")

    assert not old.exists()


@pytest.mark.slow
def test_commands_are_those_of_the_command_line() -> None:
    """The page names each command of `crashguard`, and none that is not there."""
    pytest.importorskip("click", reason="click is not installed: the extra is `cli`")
    told = subprocess.run(
        [sys.executable, "-m", "crashguard", "--help"], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout
    there = set(re.findall(r"^  ([a-z]+)  ", told.partition("Commands:")[2], re.MULTILINE))
    rows = {quoted(row[0])[0].split()[1]: row[1] for row in table(section("See, send and delete"))}

    assert set(rows) == there
    for command, does in rows.items():
        usage = subprocess.run(
            [sys.executable, "-m", "crashguard", command, "--help"],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
        ).stdout
        assert [option for option in quoted(does) if option.startswith("--") and option not in usage] == []
    for mentioned in re.findall(r"`crashguard ([a-z]+)", PAGE):
        assert mentioned in there


def test_every_variable_is_read_by_the_code() -> None:
    """Each environment variable on the page occurs in the package, and Sentry's do not."""
    code = "\n".join(path.read_text() for path in (ROOT / "crashguard").rglob("*.py"))
    named = set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", PAGE)) - {"MYTOOL_TELEMETRY_LEVEL", "SENTRY_DSN"}

    assert {"CQ_TELEMETRY_LEVEL", "CRASHGUARD_DSN", "DO_NOT_TRACK", "XDG_STATE_HOME"} <= named
    assert [name for name in named if f'"{name}"' not in code] == []
    assert '"SENTRY_' not in code


def test_a_server_of_your_own(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """CRASHGUARD_DSN replaces the tool's destination; an address that is none sends nothing and says so."""
    monkeypatch.setenv("SENTRY_DSN", "https://key@sentry.invalid/9")
    monkeypatch.setenv("CRASHGUARD_DSN", "https://key@own.invalid/1")
    assert config.Config(app="a", version="1", dsn="https://key@host.invalid/2").dsn == (
        "https://key@own.invalid/1"
    )

    monkeypatch.setenv("CRASHGUARD_DSN", "own.invalid")
    assert config.Config(app="a", version="1", dsn="https://key@host.invalid/2").dsn is None
    assert "CRASHGUARD_DSN" in capsys.readouterr().err

    monkeypatch.delenv("CRASHGUARD_DSN")
    assert config.Config(app="a", version="1").dsn is None


def test_the_connection_adds_what_the_page_says() -> None:
    """Beside the file, a server is sent the name and version of the sending library and nothing about you."""
    seen: list[dict[str, str]] = []

    class Server(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            seen.append({key.lower(): value for key, value in self.headers.items()})
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        data = envelope.seal({"event_id": "0" * 32}, None)
        outcome = sentry.send(data, f"http://key@127.0.0.1:{server.server_port}/1")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

    assert outcome.kind == "sent"
    [headers] = seen
    of_http = {"host", "accept-encoding", "content-type", "content-encoding", "content-length", "connection"}
    assert set(headers) - of_http == {"user-agent", "x-sentry-auth"}
    assert re.fullmatch(r"crashguard/[0-9.]+", headers["user-agent"])
    assert "of the library that sends (`crashguard`)" in " ".join(section("What a report holds").split())


def test_stats_are_those_of_the_messages() -> None:
    """The page names each event and each property of the messages that stats are made of."""
    crashguard.install(app="demo", version="1.0.0", environment="production", delivery="deferred")
    stats.configure(url="https://events.example.com", write_key="key")
    stats.identify("user-1", team="acme", email="ada@example.com")
    with (
        stats.command("sync"),
        stats.sync(source="cloudquery/aws@v1.2.3", registry="cloudquery", name="nightly"),
    ):
        pass
    stats.login()
    stats_config.reset()

    rows = {quoted(row[0])[0]: set(quoted(row[1])) for row in table(section("Stats"))}
    rows["sync_run_started"] |= rows["login_success"]
    rows["sync_run_completed"] |= rows["sync_run_started"]

    assert {each.event: set(each.properties) for each in stats.stored("demo")} == rows


def test_licensing_data_are_those_of_the_request() -> None:
    """The page names the fields that the licensing server is sent, and the four things that they say."""
    rows = table(section("Licensing data"))
    meta = wire.Meta("acme", "source", "files", "0" * 64)
    body = wire.Batch("00000000-0000-4000-8000-000000000000", meta, 5, (("orders", 5),)).body()

    assert [row[0] for row in rows if row[0]] == [
        "plugin name",
        "plugin kind",
        "table name",
        "resource count",
    ]
    assert {name for row in rows for name in quoted(row[1])} == set(body)
    assert "tables" not in wire.Batch("00000000-0000-4000-8000-000000000000", meta, 5).body()
    assert Path(usage_folder()).name == "crashguard-usage"
    assert Path(usage_folder()).parent == Path(paths.state_dir()).parent


def test_no_level_reaches_licensing_data() -> None:
    """Premium usage never asks for the telemetry level: none of its files imports the resolver."""
    for path in (ROOT / "crashguard/usage").rglob("*.py"):
        assert "telemetry_level" not in path.read_text(), path
    assert "You cannot switch this off" in section("Licensing data")


def test_every_promise_of_the_page_is_there() -> None:
    """Both sorts of stats, the flag and the variable each have their place."""
    for event_name in ("Login", "Sync Started", "Sync Finished"):
        assert event_name in section("Stats")
    assert "`--telemetry-level none`" in section("The flag")
    assert "`CQ_TELEMETRY_LEVEL=none`" in section("The variable")


def test_links_lead_somewhere() -> None:
    """Each relative link of the pages leads to a file of the project."""
    for page in (ROOT / "README.md", ROOT / "docs/telemetry.md", ROOT / "CHANGELOG.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
