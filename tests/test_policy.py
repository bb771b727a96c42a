"""May something leave this machine: every reason why not, which of them counts first, and what people are told."""

import pytest

from crashguard import Plugin, TelemetryLevel, policy, telemetry_level

OFFICIAL = Plugin("cloudquery", "source", "aws", "1.2.3")
DEVELOPED = Plugin("cloudquery", "source", "aws", "development")
STRANGE = Plugin("acme", "source", "aws", "1.2.3", official=False)
DSN = "https://key@errors.example.com/1"


def at(level: str) -> TelemetryLevel:
    return telemetry_level.resolve(level)


@pytest.mark.parametrize(("what", "levels"), [("errors", {"errors", "all"}), ("stats", {"stats", "all"})])
@pytest.mark.parametrize("level", ["none", "stats", "errors", "all"])
def test_the_telemetry_level_now_decides(what: str, levels: set[str], level: str) -> None:
    """Crash reports and stats each have their own say in it."""
    reason = policy.why_not(what, at(level), version="1.0", destination=DSN)  # type: ignore[arg-type]

    assert (None if level in levels else policy.TELEMETRY_LEVEL) == reason


@pytest.mark.parametrize(("what", "levels"), [("errors", {"errors", "all"}), ("stats", {"stats", "all"})])
@pytest.mark.parametrize("recorded", ["none", "stats", "errors", "all", "", "ALL", 7, ["all"]])
def test_the_telemetry_level_of_the_record_decides_as_well(
    what: str, levels: set[str], recorded: object
) -> None:
    """A later yes does not make one of a no, nor of a word that means nothing."""
    reason = policy.why_not(what, at("all"), version="1.0", destination=DSN, recorded=recorded)  # type: ignore[arg-type]

    assert (None if recorded in tuple(levels) else policy.RECORDED_UNDER_NO) == reason


@pytest.mark.parametrize(
    ("plugin", "version", "destination", "reason"),
    [
        (None, "1.0", DSN, None),
        (None, "1.0", None, policy.NO_DESTINATION),
        (None, "1.0", "", policy.NO_DESTINATION),
        (None, "development", DSN, policy.DEVELOPMENT_BUILD),
        (None, "Development", DSN, policy.DEVELOPMENT_BUILD),
        (None, "demo@development", DSN, policy.DEVELOPMENT_BUILD),
        (None, "development@1.0", DSN, None),
        (None, "1.0-development", DSN, None),
        (OFFICIAL, "1.0", DSN, None),
        (OFFICIAL, "1.0", None, policy.NO_DESTINATION),
        (OFFICIAL, "development", DSN, policy.DEVELOPMENT_BUILD),
        (DEVELOPED, "1.0", DSN, policy.DEVELOPMENT_BUILD),
        (STRANGE, "1.0", DSN, policy.UNOFFICIAL_PLUGIN),
        (STRANGE, "development", None, policy.UNOFFICIAL_PLUGIN),
    ],
)
@pytest.mark.parametrize("level", [None, "all"])
def test_whose_it_is_and_where_it_would_go_decide(
    plugin: Plugin | None, version: str, destination: str | None, reason: str | None, level: str | None
) -> None:
    """An unofficial plugin first, then a build that is being developed, then whether there is a server at all."""
    asked = None if level is None else at(level)
    assert reason == policy.why_not("errors", asked, version=version, plugin=plugin, destination=destination)


def test_a_no_counts_before_everything_else() -> None:
    """Whatever else would keep it: the user is told of their own decision."""
    reason = policy.why_not("errors", at("none"), version="development", plugin=STRANGE, recorded="none")

    assert policy.TELEMETRY_LEVEL == reason
    assert policy.RECORDED_UNDER_NO == policy.why_not(
        "errors", at("all"), version="development", plugin=STRANGE, recorded="none"
    )


REASONS = (
    policy.TELEMETRY_LEVEL,
    policy.RECORDED_UNDER_NO,
    policy.UNOFFICIAL_PLUGIN,
    policy.DEVELOPMENT_BUILD,
    policy.NO_DESTINATION,
    policy.UNATTRIBUTED,
    policy.REPEATS_WAITING,
    policy.REPEATS_SENT,
    policy.DAILY_LIMIT,
)


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_has_a_sentence_of_its_own(reason: str) -> None:
    """With the plugin's name where there is one, and without a gap where there is none."""
    for plugin in ("", "acme/aws"):
        sentence = policy.explain(reason, plugin)
        assert reason != sentence
        assert not {"{", "}"} & set(sentence)
    assert len(REASONS) == len({policy.explain(each) for each in REASONS})


def test_the_plugin_is_named() -> None:
    """Which of several it was."""
    assert "the plugin acme/aws is not an official one" == policy.explain(
        policy.UNOFFICIAL_PLUGIN, "acme/aws"
    )
    assert "the plugin it came from is not an official one" == policy.explain(policy.UNOFFICIAL_PLUGIN)


def test_a_reason_of_another_version_is_shown_as_it_is() -> None:
    """A report may have been written by a newer crashguard."""
    assert "moon-phase" == policy.explain("moon-phase", "acme/aws")
