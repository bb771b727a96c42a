"""The shared telemetry level: precedence, wrong values, saved choices."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crashguard import Plugin, TelemetryLevelError, paths
from crashguard import telemetry_level as tl
from crashguard.capture import main_program
from crashguard.consent import choices

SINCE = "2026-01-31T12:00:00Z"


def test_the_default_is_all() -> None:
    """Nobody said anything: everything is sent, and the source says so."""
    level = tl.resolve(environ={})

    assert ("all", "default", None) == (level.value, level.source, level.since)


@pytest.mark.parametrize(
    ("value", "errors", "stats"),
    [("none", False, False), ("stats", False, True), ("errors", True, False), ("all", True, True)],
)
def test_what_each_telemetry_level_allows(value: str, errors: bool, stats: bool) -> None:
    """The four telemetry levels allow what the table of the contract says."""
    level = tl.resolve(value)

    assert (errors, stats) == (level.sends_errors, level.sends_stats)


def test_the_order_of_sources() -> None:
    """Flag, variable, legacy switch, DO_NOT_TRACK, saved choice, default: each wins over all that follow."""
    choices.save_choice("errors", since=SINCE)
    environ = {"CQ_TELEMETRY_LEVEL": "stats", "CQ_NO_TELEMETRY": "1", "DO_NOT_TRACK": "1"}
    seen = [tl.resolve("all", environ=environ)]
    for name in list(environ):
        seen.append(tl.resolve(environ=environ))
        del environ[name]
    seen.append(tl.resolve(environ=environ))

    assert [
        ("all", "--telemetry-level"),
        ("stats", "CQ_TELEMETRY_LEVEL"),
        ("none", "CQ_NO_TELEMETRY"),
        ("none", "DO_NOT_TRACK"),
        ("errors", "saved choice"),
    ] == [(level.value, level.source) for level in seen]


def test_the_legacy_switch_refuses_with_any_value() -> None:
    """CQ_NO_TELEMETRY=0 means none: CloudQuery has always read it so."""
    assert "none" == tl.resolve(environ={"CQ_NO_TELEMETRY": "0"}).value


@pytest.mark.parametrize(
    ("app", "variable"),
    [
        ("cloudquery", "CQ_TELEMETRY_LEVEL"),
        ("cloudquery-source-aws", "CQ_TELEMETRY_LEVEL"),
        ("mytool", "MYTOOL_TELEMETRY_LEVEL"),
        ("my-tool.io", "MY_TOOL_IO_TELEMETRY_LEVEL"),
        ("7zip", "_7ZIP_TELEMETRY_LEVEL"),
    ],
)
def test_each_tool_has_a_variable_of_its_own(app: str, variable: str) -> None:
    """It is named after the tool; that of another tool says nothing here, and neither does CQ_NO_TELEMETRY."""
    others = {"CQ_TELEMETRY_LEVEL": "none", "CQ_NO_TELEMETRY": "1", "OTHER_TELEMETRY_LEVEL": "none"}
    assert ("stats", variable) == (
        (told := tl.resolve(app=app, environ={**others, variable: "stats"})).value,
        told.source,
    )
    if not app.startswith("cloudquery"):
        assert "default" == tl.resolve(app=app, environ=others).source


def test_a_tool_may_name_its_variable(home: Path) -> None:
    """What it names counts in place of the derived name, which people know from other tools: it counts for a no."""
    environ = {"ACME_PRIVACY": "errors", "ACME_TELEMETRY_LEVEL": "all"}
    assert "errors" == tl.resolve(app="acme", env_var="ACME_PRIVACY", environ=environ).value

    environ["ACME_TELEMETRY_LEVEL"] = "none"
    assert "none" == tl.resolve(app="acme", env_var="ACME_PRIVACY", environ=environ).value


@pytest.mark.parametrize(
    ("new", "old", "counts"),
    [
        ("all", "none", "none"),
        ("", "none", "none"),
        ("errors", "stats", "none"),
        ("", "errors", "errors"),
        ("none", "all", "none"),
        ("", "all", "stats"),
        ("", "perhaps", "none"),
    ],
)
def test_a_former_name_counts_for_a_no(new: str, old: str, counts: str) -> None:
    """Who said no in the variable that the tool had before has said no; an old yes gives nothing back."""
    choices.save_choice("stats" if old == "all" else "all", since=SINCE)
    environ = {"NEW_LEVEL": new, "OLD_LEVEL": old}
    told = tl.resolve(app="acme", env_var=("NEW_LEVEL", "OLD_LEVEL"), environ=environ, strict=False)

    assert counts == told.value
    assert "all" == tl.resolve("all", env_var=("NEW_LEVEL", "OLD_LEVEL"), environ=environ).value


def test_the_legacy_switch_refuses_in_a_plugin_of_another_host_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """A CloudQuery plugin gets its host's variable; what the user has said to CloudQuery counts for a no all the same."""
    monkeypatch.setenv(tl.HANDED, "HOST_TELEMETRY_LEVEL")
    names = tl.variables("cloudquery-source-aws", plugin=Plugin("cloudquery", "source", "aws", "1.0"))
    environ = {"HOST_TELEMETRY_LEVEL": "all"}
    assert "all" == tl.resolve(env_var=names, environ=environ).value
    told = tl.resolve(env_var=names, environ={**environ, "CQ_NO_TELEMETRY": "1"})
    assert ("none", "CQ_NO_TELEMETRY") == (told.value, told.source)


@pytest.mark.parametrize("default", ["none", "stats", "errors", "all"])
def test_a_tool_has_a_default_of_its_own(default: str) -> None:
    """It counts where nobody has said anything, and only there."""
    assert (default, "default") == (
        (told := tl.resolve(app="acme", default_level=default, environ={})).value,
        told.source,
    )
    choices.save_choice("errors", since=SINCE)
    assert "errors" == tl.resolve(app="acme", default_level=default, environ={}).value


def test_another_process_learns_the_variable_and_the_default() -> None:
    """What describe() says is understood; a file that says something else leaves what is derived from the app."""
    said = tl.describe(("NEW_LEVEL", "OLD_LEVEL"), "none")

    assert (("NEW_LEVEL", "OLD_LEVEL"), "none") == tl.described(said, "acme")
    for other in ("", "\0", "a=b all", "perhaps/so none"):
        assert ("ACME_TELEMETRY_LEVEL",) == tl.described(other, "acme")[0]


@pytest.mark.parametrize(
    ("arguments", "values"),
    [
        ("tool", []),
        ("tool --telemetry-level none", ["none"]),
        ("tool --telemetry-level=none sync", ["none"]),
        ("tool sync --telemetry-level none", ["none"]),
        ("tool --telemetry-level all --telemetry-level=none", ["all", "none"]),
        ("tool --telemetry-level=none sync --telemetry-level all", ["none", "all"]),
        ("tool -- --telemetry-level none", []),
        ("tool --telemetry-level stats -- --telemetry-level none", ["stats"]),
        ("tool --telemetry-level NONE", ["NONE"]),
        ("tool --telemetry-level --verbose", ["--verbose"]),
        ("tool --telemetry-level", [""]),
        ("tool --telemetry-level=", [""]),
        ("tool --telemetry-level=all --telemetry-level", ["all", ""]),
        ("tool --telemetry-levels none", []),
        ("tool -telemetry-level none", []),
        ("tool --telemetry none", ["none"]),
        ("tool --tele=none", ["none"]),
        ("tool --telemetry on --verbose", []),
        ("tool --telemetry --telemetry-level none", ["none"]),
        ("tool --te none", []),
    ],
)
def test_the_flag_is_found_on_a_command_line(arguments: str, values: list[str]) -> None:
    """Both spellings, wherever they stand before `--`, in their order; a shortened one if a choice follows."""
    assert values == main_program.typed(arguments.split())


def test_a_command_line_may_hold_anything() -> None:
    """A host may put objects on sys.argv."""
    assert ["none"] == main_program.typed(["tool", None, 3, "--telemetry-level", b"all", "none"])


@pytest.mark.parametrize("value", ["", "0", "false", "False", "no", "off"])
def test_do_not_track_can_be_taken_back(value: str) -> None:
    """An empty or negative DO_NOT_TRACK refuses nothing."""
    assert "all" == tl.resolve(environ={"DO_NOT_TRACK": value}).value


def test_an_empty_variable_is_unset() -> None:
    """An empty CQ_TELEMETRY_LEVEL decides nothing."""
    assert "default" == tl.resolve(environ={"CQ_TELEMETRY_LEVEL": ""}).source


@pytest.mark.parametrize("value", ["NONE", " none", "off", "debug", ""])
def test_a_wrong_flag_names_itself_and_the_choices(value: str) -> None:
    """A wrong value is an error that says where it came from and what to write."""
    with pytest.raises(TelemetryLevelError, match="--telemetry-level.*none, stats, errors, all"):
        tl.resolve(value, environ={})


def test_a_wrong_variable_names_itself() -> None:
    """The message names the variable."""
    with pytest.raises(TelemetryLevelError, match="^CQ_TELEMETRY_LEVEL: 'NONE' is not a telemetry level"):
        tl.resolve(environ={"CQ_TELEMETRY_LEVEL": "NONE"})


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60))
def test_a_value_that_cannot_be_read_sends_nothing(value: str) -> None:
    """Whatever stands in the variable: one of the four choices, or nothing is sent and the problem is told."""
    level = tl.resolve(environ={"CQ_TELEMETRY_LEVEL": value}, strict=False)

    if value in tl.CHOICES:
        assert (value, None) == (level.value, level.problem)
    elif value:
        assert "none" == level.value
        assert level.problem is not None


def test_a_saved_choice_has_a_date_and_a_private_file(home: Path) -> None:
    """What was saved comes back with when and where, in a file that others cannot read."""
    path = choices.save_choice("stats", since=SINCE)

    level = tl.resolve(environ={})
    assert ("stats", SINCE, path) == (level.value, level.since, level.path)
    assert str(home / ".config/crashguard/telemetry-level") == path
    assert 0o600 == os.stat(path).st_mode & 0o777


def test_one_tool_may_have_a_choice_of_its_own() -> None:
    """A tool's own choice counts before the one for all; a new one for all replaces a yes and keeps a no."""
    choices.save_choice("none", since=SINCE)
    choices.save_choice("all", since=SINCE, app="cloudquery")

    assert ["all", "none"] == [tl.resolve(app=app, environ={}).value for app in ("cloudquery", "other")]

    choices.save_choice("stats", since=SINCE)
    assert "stats" == tl.resolve(app="cloudquery", environ={}).value


@pytest.mark.parametrize(
    ("own", "general", "counts", "later"),
    [
        ("none", "errors", "none", "none"),
        ("none", "none", "none", "none"),
        ("stats", "all", "stats", "stats"),
        ("stats", "errors", "none", "none"),
        ("errors", "none", "none", "none"),
        ("all", "errors", "errors", "all"),
    ],
)
def test_a_choice_for_all_tools_allows_no_tool_more_than_its_own(
    own: str, general: str, counts: str, later: str
) -> None:
    """Of a tool's own choice and a later one for all the lower counts, also after the next one for all."""
    choices.save_choice(own, since=SINCE, app="mytool")
    choices.save_choice(general, since=SINCE)
    assert counts == tl.resolve(app="mytool", environ={}).value
    assert general == tl.resolve(app="other", environ={}).value

    choices.save_choice("all", since=SINCE)
    assert later == tl.resolve(app="mytool", environ={}).value
    choices.save_choice("all", since=SINCE, app="mytool")
    assert "all" == tl.resolve(app="mytool", environ={}).value


@pytest.mark.parametrize(
    "content", [b"", b"perhaps 2026-01-01T00:00:00Z", b"\xff\xfe\0\0", b"all\0", b"all please", b"all final"]
)
def test_a_damaged_saved_choice_sends_nothing(content: bytes) -> None:
    """A file that cannot be read as a choice is an error with its path, and means none."""
    path = Path(choices.save_choice("all", since=SINCE))
    path.write_bytes(content)

    with pytest.raises(TelemetryLevelError, match=str(path)):
        tl.resolve(environ={})
    assert "none" == tl.resolve(environ={}, strict=False).value


def test_nobody_else_reads_the_environment_for_it() -> None:
    """One resolver: no other file of the package mentions the variables."""
    package = Path(tl.__file__).parent
    readers = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if "DO_NOT_TRACK" in path.read_text() and "environ" in path.read_text()
    }

    assert {"telemetry_level.py"} == readers


def test_places_are_those_of_platformdirs(home: Path) -> None:
    """The rules written out in places.py agree with the library that states them."""
    platformdirs = pytest.importorskip("platformdirs")
    dirs = platformdirs.PlatformDirs("crashguard", appauthor=False)

    assert (dirs.user_state_dir, dirs.user_config_dir) == (paths.state_dir(), paths.config_dir())


def test_no_home_means_no_saved_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    """A home that belongs to somebody else, as sudo leaves it, is neither read nor written."""
    monkeypatch.setenv("HOME", "/nonexistent")

    assert paths.config_dir() is None
    assert "default" == tl.resolve(environ={}).source
    assert paths.state_dir().startswith(os.environ.get("TMPDIR", "/tmp"))


@pytest.mark.parametrize(
    ("argument", "is_no"),
    [
        ("--no-sentry", True),
        ("--no-sentry=true", True),
        ("--no-sentry=1", True),
        ("--no-sentry=", True),
        ("--no-sentry=false", False),
        ("--no-sentry=0", False),
        ("--no-sentry-x", False),
        (None, False),
    ],
)
def test_a_host_says_no_to_its_plugin_as_go_writes_it(argument: object, is_no: bool) -> None:
    """With a value or without; a value that is no word for false says no."""
    assert is_no == tl.is_no_sentry(argument)
