"""Where a telemetry level comes from when a file cannot be read, and what another switch leaves of it."""

import os
import shutil
import stat
from pathlib import Path

import pytest

from crashguard import TelemetryLevelError, files, telemetry_level, testing
from crashguard.consent import choices

SINCE = "2026-01-31T12:00:00Z"
CHOICE = ".config/crashguard/telemetry-level"


@pytest.mark.parametrize(
    ("level", "other", "left"),
    [
        ("all", "stats", "stats"),
        ("errors", "stats", "none"),
        ("stats", "stats", "stats"),
        ("none", "all", "none"),
        ("all", "errors", "errors"),
        ("all", "none", "none"),
        ("stats", "errors", "none"),
        ("errors", "all", "errors"),
    ],
)
def test_another_switch_takes_something_out_of_a_telemetry_level(level: str, other: str, left: str) -> None:
    """What it does not change keeps its source, and what is left names both: the user is told who really decided."""
    told = telemetry_level.resolve(level).at_most(other, "--no-sentry")

    lowered = "--no-sentry" if left == "none" else "--telemetry-level, lowered by --no-sentry"
    assert (left, "--telemetry-level" if left == level else lowered) == (told.value, told.source)


def test_a_problem_stays_a_problem(home: Path) -> None:
    """A value that cannot be read is no word of the user's, whatever else was switched off."""
    told = telemetry_level.resolve("perhaps", strict=False).at_most("stats", "--no-sentry")

    assert "none" == told.value
    assert "perhaps" in str(told.problem)


@pytest.mark.parametrize(
    ("variable", "decide"),
    [
        ("CQ_TELEMETRY_LEVEL", {"CQ_TELEMETRY_LEVEL", "CQ_NO_TELEMETRY", "DO_NOT_TRACK"}),
        ("ACME_PRIVACY", {"ACME_PRIVACY", "DO_NOT_TRACK"}),
    ],
)
def test_the_variables_that_decide_are_all_named(
    variable: str, decide: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of them changes the answer, and without them the machine's owner has said nothing."""
    assert decide <= set(telemetry_level.switches([variable]))
    for name in decide:
        monkeypatch.setenv(name, "none")
        assert "none" == telemetry_level.resolve(env_var=variable).value
        monkeypatch.delenv(name)
    assert "all" == telemetry_level.resolve(env_var=variable).value


@pytest.mark.parametrize("name", ["CQ_TELEMETRY_LEVEL", "CQ_NO_TELEMETRY", "DO_NOT_TRACK"])
def test_a_test_of_a_program_does_not_ask_this_machines_owner(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """captured_reports() captures, and leaves the variable as it was."""
    import crashguard

    monkeypatch.setenv(name, "none")
    with testing.captured_reports() as reports:
        crashguard.capture_exception(ValueError("x"))
        assert 1 == len(reports)
    assert "none" == os.environ[name]


def test_a_saved_choice_that_is_no_file_refuses(home: Path) -> None:
    """A folder where the choice should be: an error with its path; where nothing may be raised, nothing is sent."""
    (home / CHOICE).mkdir(parents=True)

    with pytest.raises(TelemetryLevelError, match="telemetry-level cannot be read: not a file"):
        telemetry_level.resolve()
    with pytest.raises(TelemetryLevelError, match="cannot be read"):
        telemetry_level.saved_choice()
    told = telemetry_level.resolve(strict=False)
    assert ("none", "saved choice") == (told.value, told.source)
    assert str(home / CHOICE) in str(told.problem)


@pytest.mark.skipif(
    not os.path.exists("/proc/self/mem"), reason="no file that cannot be read can be had here"
)
def test_a_saved_choice_that_the_disk_does_not_give_refuses(home: Path) -> None:
    """It opens, and reading fails, as on a disk that is about to die."""
    (home / CHOICE).parent.mkdir(parents=True)
    (home / CHOICE).symlink_to("/proc/self/mem")

    with pytest.raises(TelemetryLevelError, match="cannot be read"):
        telemetry_level.resolve()
    assert "none" == telemetry_level.resolve(strict=False).value


def test_a_saved_choice_may_be_a_link(home: Path) -> None:
    """Who keeps their settings in a repository of their own has links to it here."""
    (home / CHOICE).parent.mkdir(parents=True)
    (home / "dotfiles").write_text(f"errors {SINCE}\n")
    (home / CHOICE).symlink_to(home / "dotfiles")

    assert ("errors", SINCE) == (telemetry_level.resolve().value, telemetry_level.resolve().since)


def test_looking_up_a_saved_choice_leaves_no_descriptor_open() -> None:
    """A server asks again and again; so does a program that saves."""
    choices.save_choice("stats", since=SINCE)
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        choices.save_choice("stats", since=SINCE)
        assert "stats" == telemetry_level.resolve().value

    assert before == len(os.listdir("/proc/self/fd"))


def test_a_choice_without_its_date_is_still_a_choice(home: Path) -> None:
    """Written by hand: the word counts, and nobody makes a date up. More than a word and a date is no date."""
    (home / CHOICE).parent.mkdir(parents=True)
    for written in ("errors\n", f"errors {SINCE} by hand\n"):
        (home / CHOICE).write_text(written)
        told = telemetry_level.resolve()
        assert ("errors", None) == (told.value, told.since)


@pytest.mark.parametrize("wrong", ["perhaps", "", "ALL"])
def test_what_is_no_telemetry_level_is_not_saved(home: Path, wrong: str) -> None:
    """The choice that was saved before still holds."""
    choices.save_choice("errors", since=SINCE)
    with pytest.raises(TelemetryLevelError, match="the given level: .* is not a telemetry level"):
        choices.save_choice(wrong, since=SINCE)

    assert f"errors {SINCE}\n" == (home / CHOICE).read_text()
    assert ["telemetry-level"] == os.listdir((home / CHOICE).parent)


def test_saving_makes_private_folders_and_leaves_strangers_alone(home: Path) -> None:
    """A choice for all tools takes back a yes to a single one, and nothing else that lies there."""
    mine = Path(choices.save_choice("all", since=SINCE, app="mine"))
    assert 0o700 == stat.S_IMODE(mine.parent.stat().st_mode)
    assert home / ".config/crashguard/mine/telemetry-level" == mine
    note = mine.with_name("note")
    note.write_text("not crashguard's")
    (home / "elsewhere").mkdir()
    (home / "elsewhere/telemetry-level").write_text("not crashguard's")
    (mine.parent.parent / "link").symlink_to(home / "elsewhere")
    (mine.parent.parent / "empty").mkdir()

    choices.save_choice("errors", since=SINCE)
    assert not mine.exists()
    assert "errors" == telemetry_level.resolve(app="mine").value
    assert note.exists()
    assert (home / "elsewhere/telemetry-level").exists()


def test_a_choice_of_a_tool_is_not_taken_back_by_that_of_another(home: Path) -> None:
    """Only a choice for all of them is the last word for all of them."""
    choices.save_choice("none", since=SINCE, app="one")
    choices.save_choice("errors", since=SINCE, app="two")

    assert ["none", "errors", "all"] == [
        telemetry_level.resolve(app=app).value for app in ("one", "two", "three")
    ]


def test_nowhere_to_save_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a home of this user's own the choice cannot be kept, and the user learns that."""
    monkeypatch.setenv("HOME", "/nonexistent")

    with pytest.raises(TelemetryLevelError, match="no home directory"):
        choices.save_choice("none", since=SINCE)


def test_a_long_wrong_value_is_shown_in_part() -> None:
    """It may be a whole file, or a secret that was put into the wrong variable."""
    with pytest.raises(TelemetryLevelError) as raised:
        telemetry_level.resolve("x" * 30 + "y" * 200)
    assert "x" * 30 in str(raised.value)
    assert "y" * 20 not in str(raised.value)

    with pytest.raises(TelemetryLevelError, match="'" + "z" * 40 + "'"):
        telemetry_level.resolve("z" * 40)


@pytest.mark.parametrize(
    ("saved", "counts", "source"),
    [
        ("none", "none", "saved choice"),
        ("stats", "stats", "default, lowered by saved choice"),
        ("errors", "errors", "default, lowered by saved choice"),
        ("all", "all", "default"),
    ],
)
def test_a_choice_in_another_users_home_counts_for_a_no(
    monkeypatch: pytest.MonkeyPatch, saved: str, counts: str, source: str
) -> None:
    """An image that root built and another user runs; root with a user's HOME: what it takes away is taken away."""
    choices.save_choice(saved, since=SINCE)
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    monkeypatch.setattr(files.system, "geteuid", lambda: 54321)

    told = telemetry_level.resolve(app="demo")
    assert (counts, source) == (told.value, told.source)
    told = telemetry_level.resolve(app="demo", default_level="none")
    assert "none" == told.value


def test_a_choice_that_cannot_be_entered_refuses(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In another user's home there is a folder of choices: what stands in it is not known, so nothing is sent."""
    path = choices.save_choice("all", since=SINCE)

    def read(path: str, most: int) -> bytes:
        if path.startswith(str(home)):
            raise PermissionError(13, "Permission denied", path)
        raise FileNotFoundError(2, "No such file or directory", path)

    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    monkeypatch.setattr(files.system, "geteuid", lambda: 54321)
    monkeypatch.setattr("crashguard.files.read_owned", read)
    told = telemetry_level.resolve(strict=False)
    assert "none" == told.value
    assert path in str(told.problem)
    shutil.rmtree(home / ".config/crashguard")
    told = telemetry_level.resolve(strict=False)
    assert "none" == told.value
    assert "a no may lie there" in str(told.problem)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of the machine's choice; its administrator is whoever runs the tests."""
    monkeypatch.setattr("crashguard.paths.machine_dir", lambda: str(tmp_path / "etc/crashguard"))
    monkeypatch.setattr("crashguard.telemetry_level._ADMINISTRATOR", os.geteuid())
    return tmp_path / "etc/crashguard/telemetry-level"


def test_the_machines_choice_comes_after_the_users(machine: Path) -> None:
    """It counts where the user has said nothing, before the tool's default, and everybody can read it."""
    assert str(machine) == choices.save_machine_choice("stats", since=SINCE, final=False)
    assert (0o755, 0o644) == (
        stat.S_IMODE(machine.parent.stat().st_mode),
        stat.S_IMODE(machine.stat().st_mode),
    )

    told = telemetry_level.resolve(app="demo")
    assert ("stats", "machine's choice", SINCE) == (told.value, told.source, told.since)
    assert "all" == telemetry_level.resolve("all", app="demo").value
    choices.save_choice("errors", since=SINCE)
    assert "errors" == telemetry_level.resolve(app="demo").value


@pytest.mark.parametrize("final", ["none", "stats", "errors"])
def test_a_final_choice_takes_away_from_everybody(machine: Path, final: str) -> None:
    """Neither the flag nor a variable nor a saved choice allows what the machine's administrator has refused."""
    choices.save_machine_choice(final, since=SINCE, final=True)
    choices.save_choice("all", since=SINCE)

    for told, source in (
        (telemetry_level.resolve("all"), "--telemetry-level"),
        (
            telemetry_level.resolve(app="demo", environ={"DEMO_TELEMETRY_LEVEL": "all"}),
            "DEMO_TELEMETRY_LEVEL",
        ),
        (telemetry_level.resolve(app="demo"), "saved choice"),
    ):
        whose = "machine's choice" if final == "none" else f"{source}, lowered by machine's choice"
        assert (final, whose, str(machine)) == (told.value, told.source, told.path)
    assert "none" == telemetry_level.resolve("none").value


@pytest.mark.parametrize(("final", "flag"), [("errors", "stats"), ("stats", "errors")])
def test_a_final_choice_gives_nothing(machine: Path, final: str, flag: str) -> None:
    """Where the user refuses what the machine allows, and the machine the rest, nothing is left."""
    choices.save_machine_choice(final, since=SINCE, final=True)
    assert ("none", "--telemetry-level, lowered by machine's choice") == (
        (told := telemetry_level.resolve(flag)).value,
        told.source,
    )


@pytest.mark.parametrize("words", ["", " final"])
@pytest.mark.parametrize(
    ("value", "default", "counts"),
    [("all", "none", "none"), ("none", "all", "none"), ("stats", "all", "stats")],
)
def test_a_machines_file_that_others_can_write_is_not_believed_for_a_yes(
    machine: Path, words: str, value: str, default: str, counts: str
) -> None:
    """Anybody may say no for everybody, and nobody may say yes for others."""
    machine.parent.mkdir(parents=True)
    machine.write_text(f"{value}{words}\n")
    machine.chmod(0o666)

    assert counts == telemetry_level.resolve(app="demo", default_level=default).value


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b" \r\n\x1c", "is empty"),
        (b"\xef\xbb\xbfall\r\n", "begins with a byte order mark"),
        ("all\r\n".encode("utf-16"), "begins with a byte order mark"),
    ],
)
def test_what_an_editor_left_is_said_in_words(home: Path, content: bytes, said: str) -> None:
    """The line names the file, what is wrong with it and the four choices; until then it is a no."""
    path = home / CHOICE
    path.parent.mkdir(parents=True)
    path.write_bytes(content)

    found = telemetry_level.resolve(strict=False)

    assert found.value == "none"
    assert str(found.problem).startswith(f"{path} {said}")
    assert "; write one of none, stats, errors, all into it" in str(found.problem)


@pytest.mark.parametrize(
    "content",
    [b"", b"perhaps", b"\xff\0" * 4000, b"x" * 1_000_000, b"none FINAL", b"none 2026-01-31T12:00:00Z fianl"],
)
def test_a_machines_file_that_holds_no_choice_refuses(machine: Path, content: bytes) -> None:
    """Nothing is sent, also with a flag; and no tool of the machine ends with an error because of it."""
    machine.parent.mkdir(parents=True)
    machine.write_bytes(content)

    for told in (telemetry_level.resolve(app="demo"), telemetry_level.resolve("all")):
        assert "none" == told.value
        assert str(machine) in str(told.problem)


def test_a_tool_that_renames_its_variable_still_hears_a_no_in_the_old_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The version before it was here under another name; the command follows the version that is installed."""
    from crashguard.config import Config
    from crashguard.spool.store import Spool

    def kept(**more: str) -> Config:
        config = Config(app="demo", version="1.0", **more)  # type: ignore[arg-type]
        os.makedirs(config.spool, exist_ok=True)
        Spool(config.spool).set_metadata(telemetry_level.describe(config.variables, config.default_level))
        return config

    kept(env_var="OLD_LEVEL")
    new = kept(env_var="NEW_LEVEL", default_level="errors")
    assert (("NEW_LEVEL", "DEMO_TELEMETRY_LEVEL", "OLD_LEVEL"), "errors") == telemetry_level.described(
        Spool(new.spool).metadata(), "demo"
    )
    monkeypatch.setenv("OLD_LEVEL", "none")
    assert "none" == Config(app="demo", version="1.0", env_var="NEW_LEVEL").level.value
    monkeypatch.setenv("OLD_LEVEL", "all")
    monkeypatch.setenv("NEW_LEVEL", "stats")
    assert "stats" == Config(app="demo", version="1.0", env_var="NEW_LEVEL").level.value


def test_two_that_say_none_together_are_both_named(machine: Path) -> None:
    """A final `errors` of the machine and a saved `stats` leave nothing; neither of them alone says none."""
    choices.save_machine_choice("errors", since=SINCE, final=True)
    choices.save_choice("stats", since=SINCE)

    told = telemetry_level.resolve(app="demo")
    assert ("none", "saved choice, lowered by machine's choice") == (told.value, told.source)
