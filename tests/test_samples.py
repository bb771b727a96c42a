"""The samples, as a newcomer runs them: whole programs in processes of their own."""

import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, Finished, Run, component

SAMPLES = ROOT / "samples"
DEMO = SAMPLES / "data/demo.toml"
JUNE = SAMPLES / "data/june.toml"
ADDRESS = "marta.soerensen@tannenhof-foods.example"  # stands in the cell that minisync_crm cannot read


def minisync(run: Run, *arguments: str | Path, env: dict[str, str] | None = None) -> Finished:
    # With the command on PATH the note is the same wherever the checkout lies: it leaves words out to keep to 80 columns.
    path = os.pathsep.join((os.path.dirname(sys.executable), os.environ["PATH"]))
    return run(str(SAMPLES / "minisync.py"), *map(str, arguments), env={"PATH": path, **(env or {})})


def rows(database: Path, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(database)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def without_note(stderr: str) -> str:
    """What stood on stderr before crashguard's note."""
    return stderr.partition("\nminisync crashed. ")[0]


def test_minisync_does_its_work_on_good_input(run: Run, tmp_path: Path) -> None:
    """minisync copies every row with its types, says so on stdout and leaves nothing behind."""
    done = minisync(run, "sync", DEMO, "--only", "billing", "--to", "copy.db")

    assert done.status == 0
    assert done.stderr == ""
    *tables, summary = done.stdout.splitlines()
    assert [line.split()[:2] for line in tables] == [
        ["customers", "36"],
        ["invoices", "305"],
        ["payment_habits", "36"],
    ]
    assert summary.startswith("3 tables, 377 rows into copy.db in ")
    assert done.left == []

    original = rows(SAMPLES / "data/billing.sqlite", "SELECT count(*), sum(cents), count(paid) FROM invoice")
    [(count, amount, paid)] = rows(
        tmp_path / "copy.db", "SELECT count(*), sum(amount), count(paid) FROM invoices"
    )
    assert original == [(count, pytest.approx(amount * 100), paid)]
    assert rows(
        tmp_path / "copy.db", "SELECT DISTINCT typeof(id), typeof(issued), typeof(amount) FROM invoices"
    ) == [("integer", "text", "real")]


def test_minisync_lists_tables(run: Run) -> None:
    """`tables` names the tables of both plugins without reading a row."""
    done = minisync(run, "tables", DEMO)

    assert done.status == 0
    assert [line.split()[0] for line in done.stdout.splitlines()] == [
        "customers",
        "invoices",
        "payment_habits",
        "companies",
        "contacts",
        "deals",
    ]


def test_the_official_plugin_crashes_on_the_shipped_data(run: Run) -> None:
    """One row of contacts.csv ends the sync: status 1, the traceback, then the note, and one report."""
    done = minisync(run, "sync", DEMO, "--to", "copy.db")

    assert done.status == 1
    assert (
        f"ValueError: Invalid isoformat string: '2025-03-11 via {ADDRESS}'"
        == (without_note(done.stderr).splitlines()[-1])
    )
    [path] = done.files("minisync")
    event_id = path.stem[-32:][:8]
    empty, one, two, three = done.stderr.splitlines()[-4:]
    assert empty == ""
    assert one.startswith("minisync crashed. ")
    assert "It is not sent: no destination is configured." in f"{one}\n{two}"
    assert f"crashguard show {event_id}" in done.stderr
    assert "Say no: MINISYNC_TELEMETRY_LEVEL=none" in three  # with more words where the folder's name is long
    assert path.parent.name == "local"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_report_says_where_and_not_what(run: Run) -> None:
    """The report names plugin, function and line, and holds nothing of the data but their shape."""
    done = minisync(run, "sync", DEMO, "--to", "copy.db")

    [event] = done.events("minisync")
    [value] = event["exception"]["values"]
    assert value["value"] == "Invalid isoformat string: '[shape:9999-99-99 aaa] [scrubbed:email]'"
    assert (
        value["stacktrace"]["frames"][-1]["filename"],
        value["stacktrace"]["frames"][-1]["function"],
    ) == ("minisync_crm.py", "day")
    assert event["release"] == "minisync@1.4.0"
    assert (
        event["tags"]["component"],
        event["tags"]["plugin.team"],
        event["tags"]["plugin.name"],
        event["tags"]["plugin.version"],
    ) == ("plugin", "minisync", "crm", "2.0.3")
    [path] = done.files("minisync")
    kept = path.read_text()
    for private in (ADDRESS, "tannenhof", "copy.db", str(ROOT), str(done.state.parents[2])):
        assert private not in kept


def test_a_crash_leaves_whole_tables_behind(run: Run, tmp_path: Path) -> None:
    """The tables before the crash are there, and of the one that crashed the rows of the last good sync."""
    done = minisync(run, "sync", DEMO, "--only", "billing", "--to", "copy.db")
    rows(tmp_path / "copy.db", "SELECT 1")
    connection = sqlite3.connect(tmp_path / "copy.db")
    with connection:
        connection.execute("CREATE TABLE contacts AS SELECT 'of yesterday' AS email")
    connection.close()

    done = minisync(run, "sync", DEMO, "--to", "copy.db")

    assert done.status == 1
    assert rows(tmp_path / "copy.db", "SELECT count(*) FROM companies") == [(64,)]
    assert rows(tmp_path / "copy.db", "SELECT email FROM contacts") == [("of yesterday",)]


def test_the_other_plugin_never_sends(run: Run) -> None:
    """A crash of the plugin that is not official stays on the machine, whatever the destination."""
    done = minisync(run, "--dsn", "http://key@127.0.0.1:9/1", "sync", JUNE, "--to", "copy.db")

    assert done.status == 1
    # Up to 3.13 it says "float division".
    assert (
        without_note(done.stderr).splitlines()[-1].replace("float ", "")
        == "ZeroDivisionError: division by zero"
    )
    assert "It is not sent: the plugin harbour/billing is not an official one." in done.stderr
    assert [path.parent.name for path in done.files("minisync")] == ["local"]
    [event] = done.events("minisync")
    assert (event["tags"]["plugin.team"], event["tags"]["plugin.name"]) == ("harbour", "billing")
    assert event["exception"]["values"][0]["stacktrace"]["frames"][-1]["function"] == "<external>"


@pytest.mark.slow
@pytest.mark.parametrize("level", ["none", "stats"])
def test_a_refusal_leaves_the_crash_alone(run: Run, level: str) -> None:
    """At the telemetry levels without errors the same crash looks the same, less the note, and nothing is kept."""
    usual = minisync(run, "sync", DEMO, "--to", "copy.db")
    for path in usual.files("minisync"):
        path.unlink()

    by_flag = minisync(run, "--telemetry-level", level, "sync", DEMO, "--to", "copy.db")
    by_variable = minisync(run, "sync", DEMO, "--to", "copy.db", env={"MINISYNC_TELEMETRY_LEVEL": level})

    for refused in (by_flag, by_variable):
        assert (usual.status, usual.stdout) == (refused.status, refused.stdout)
        assert without_note(usual.stderr) == refused.stderr
        assert refused.files("minisync") == []


def test_the_dsn_of_the_user_wins(run: Run) -> None:
    """CRASHGUARD_DSN is where reports of the sample go, also where the tool names a server itself."""
    done = minisync(
        run,
        "--dsn",
        "http://key@127.0.0.1:9/1",
        "sync",
        DEMO,
        env={"CRASHGUARD_DSN": "http://key@127.0.0.1:10/2", "CI": "1"},
    )

    assert "It is sent to 127.0.0.1:10" in done.stderr
    [path] = done.files("minisync", "waiting")
    assert b'"dsn":"http://key@127.0.0.1:10/2"' in path.read_bytes()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--telemetry-level", "some", "tables", DEMO], "some"),
        (["sync", "nowhere.toml"], "nowhere.toml cannot be read as a spec"),
        (["sync", SAMPLES / "data/billing.sqlite"], "billing.sqlite cannot be read as a spec"),
        (["--dsn", "nonsense", "sync", DEMO], "nonsense"),
    ],
)
def test_a_mistake_of_the_user_is_no_crash(run: Run, arguments: list[str | Path], complaint: str) -> None:
    """A wrong option, spec or DSN is a message and status 2; nothing is recorded."""
    done = minisync(run, *arguments)

    assert done.status == 2
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr
    assert done.files("minisync") == []


def test_threads_go_on(run: Run) -> None:
    """Two threads that die of one bug are one report that counts two; the program ends well."""
    done = run(str(SAMPLES / "threads.py"))

    assert done.status == 0
    assert done.stdout == "6 of 8 parcels, 182.7 litres, 3 workers\n"
    assert done.stderr.count("Traceback (most recent call last):") == 2
    assert done.stderr.count("parcels crashed.") == 1
    [event] = done.events("parcels")
    assert event["contexts"]["crashguard"]["occurrences"] == 2
    assert event["exception"]["values"][0]["mechanism"]["type"] == "threading"


def test_a_task_group_crashes_once(run: Run) -> None:
    """A crash that passes two guards and a TaskGroup is one report, and the innermost plugin's."""
    done = run(str(SAMPLES / "asyncio_app.py"))

    assert done.status == 1
    assert len(done.stdout.splitlines()) == 5
    assert done.stderr.count("weather crashed.") == 1
    [event] = done.events("weather")
    assert event["exception"]["values"][-1]["type"] == "IndexError"
    assert event["tags"]["plugin.name"] == "stations"


def test_a_plugin_process_inherits_the_level(run: Run) -> None:
    """The plugin's process reports under the host's telemetry level, also when that came from the flag."""
    usual = run(str(SAMPLES / "plugin_host.py"))

    assert usual.status == 1
    assert usual.stdout == "2 stones, 144 kg\n"
    [event] = usual.events("quarry")
    assert (event["tags"]["component"], event["tags"]["plugin.name"]) == ("plugin", "stones")
    for path in usual.files("quarry"):
        path.unlink()

    refused = run(str(SAMPLES / "plugin_host.py"), "--telemetry-level", "none")

    assert (usual.status, usual.stdout) == (refused.status, refused.stdout)
    assert "KeyError: 'marble'" in refused.stderr
    assert "quarry crashed" not in refused.stderr
    assert refused.files("quarry") == []


def test_own_rules_and_needles_are_applied(run: Run) -> None:
    """What the sample prints as scrubbed is what its report holds."""
    done = run(str(SAMPLES / "own_scrubber.py"))

    assert done.status == 1
    assert "after:  LIB-[scrubbed:membership] ([scrubbed:email]) owes [scrubbed:private] 3.20" in done.stdout
    [event] = done.events("library")
    assert event["exception"]["values"][0]["value"] == "'LIB-[scrubbed:membership] at [scrubbed:private]'"


def test_the_spool_can_be_read_without_crashguard(run: Run) -> None:
    """The sample prints a line for each report, or says that there is none."""
    before = run(str(SAMPLES / "read_the_spool.py"))
    run(str(SAMPLES / "threads.py"))
    run(str(SAMPLES / "own_scrubber.py"))

    everything = run(str(SAMPLES / "read_the_spool.py"))
    one = run(str(SAMPLES / "read_the_spool.py"), "parcels")

    assert before.status == 1
    assert "no reports below " in before.stdout
    assert (everything.status, len(everything.stdout.splitlines())) == (0, 2)
    [line] = one.stdout.splitlines()
    assert "  local     parcels@0.2.0  ValueError: invalid literal for int() with base 10: ''" in line


def test_each_sample_says_how_to_run_it() -> None:
    """The first lines of a sample hold the command that runs it, or say which sample uses it."""
    for path in sorted(SAMPLES.glob("*.py")):
        head = path.read_text().partition('"""\n')[0]
        assert f"python samples/{path.name}" in head or "Not run by itself: see minisync.py." in head, path


def test_samples_name_no_destination() -> None:
    """No sample holds a DSN: reports of a sample stay where it was run, unless the user says otherwise."""
    for path in SAMPLES.rglob("*.py"):
        assert "://" not in path.read_text(), path


@pytest.mark.slow
def test_the_cloudquery_plugin_runs_with_one_command(home: Path) -> None:
    """The real SDK, driven over gRPC: rows come, one table crashes, and its report is listed."""
    done = subprocess.run(
        [str(SAMPLES / "cloudquery_plugin/run.sh")],
        env={
            "HOME": str(home),
            "PATH": os.environ["PATH"],
            "PYTHON": component("CRASHGUARD_CLOUDQUERY_PYTHON"),
            "PYTHONPATH": str(ROOT),
        },
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )

    assert "the plugin says: weather_means: division by zero" in done.stdout
    assert "6 rows synced; the plugin ended as after every sync (status -2)" in done.stdout
    assert "ZeroDivisionError: division by zero" in done.stdout.splitlines()[-1]
    assert len(list(home.rglob("*.envelope"))) == 1
