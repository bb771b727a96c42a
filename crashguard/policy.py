"""The one module that decides whether something may leave this machine, and names the reason if it may not.

    at recording   `why_not()` with the settings of that moment. For TELEMETRY_LEVEL nothing is written. For
                   any other reason a crash report is kept on the machine, with the reason in it; stats are
                   not written.
    at sending     `why_not()` again, with the telemetry level of that moment, the telemetry level at
                   recording, and the moments of both. Every sender asks, also the process that has just
                   recorded the crash.
    recovering     `was_refused()`: a process that dies without a word may do so after a no was saved.
    unattributed   a minimal record and a native crash do not say whether a plugin crashed. They are kept on
                   the machine if a plugin ran in the process for which `why_not_plugin()` gives a reason.

The rate limit of a group (`spool.rate_limit`) uses reasons of this module, too. A reason is a short name that
is stored in the report (`contexts.crashguard.kept_because`); `explain()` returns its sentence.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from crashguard.plugin import Plugin
    from crashguard.telemetry_level import TelemetryLevel

TELEMETRY_LEVEL = "telemetry-level"
RECORDED_UNDER_NO = "recorded-under-no"
UNOFFICIAL_PLUGIN = "unofficial-plugin"
DEVELOPMENT_BUILD = "development-build"
NO_DESTINATION = "no-destination"
UNATTRIBUTED = "unattributed"
REPEATS_WAITING = "repeats-waiting"
REPEATS_SENT = "repeats-sent"
DAILY_LIMIT = "daily-limit"
REPETITIONS = (REPEATS_WAITING, REPEATS_SENT, DAILY_LIMIT)  # reasons of the rate limit

_SENTENCES = {
    TELEMETRY_LEVEL: "the telemetry level says no",
    RECORDED_UNDER_NO: "it was recorded under a telemetry level that says no",
    UNOFFICIAL_PLUGIN: "the plugin {plugin} is not an official one",
    DEVELOPMENT_BUILD: "this is a development build",
    NO_DESTINATION: "no destination is configured",
    UNATTRIBUTED: "a plugin that may not send was loaded, and it is not known which code crashed",
    REPEATS_WAITING: "a report of the same crash waits already; this one is counted",
    REPEATS_SENT: "the same crash was sent within 24 hours; this one is counted",
    DAILY_LIMIT: "the limit for 24 hours is reached; this one is counted",
}


def why_not(
    what: "Literal['errors', 'stats']",
    level: "TelemetryLevel | None",
    *,
    version: str,
    plugin: "Plugin | None" = None,
    destination: object = None,
    recorded: object = None,
    moment: float = 0.0,
    refused_until: float = 0.0,
) -> str | None:
    """The reason why a crash report or stats may not leave; None if they may.

    Args:
        what: `errors` for a crash report, `stats` for stats.
        level: The telemetry level now; None where it has been checked already.
        version: The tool's version, or a release that ends in it.
        plugin: The plugin that crashed; None for the tool itself.
        destination: Where it would go; None or empty where no destination is configured.
        recorded: At sending, the telemetry level at recording, as its value.
        moment: At sending, when it was recorded, in seconds since 1970.
        refused_until: At sending, the moment up to which a saved no held: `choices.refused_until`.
    """
    if level is not None and not (level.sends_errors if what == "errors" else level.sends_stats):
        return TELEMETRY_LEVEL
    if recorded is not None and recorded not in (what, "all"):
        return RECORDED_UNDER_NO
    if was_refused(moment, refused_until):
        return RECORDED_UNDER_NO
    if plugin is not None and (reason := why_not_plugin(plugin)):
        return reason
    if is_development(version):
        return DEVELOPMENT_BUILD
    return None if destination else NO_DESTINATION


def was_refused(moment: float, refused_until: float) -> bool:
    """Whether something was recorded before or under a saved no that has ended; see `why_not()`."""
    if not refused_until:
        return False
    from crashguard.consent import refusals

    return refusals.is_refused(moment, refused_until)


def why_not_plugin(plugin: "Plugin") -> str | None:
    """The reason why a plugin's crashes and stats may never leave; None if they may."""
    if not plugin.official:
        return UNOFFICIAL_PLUGIN
    return DEVELOPMENT_BUILD if is_development(plugin.version) else None


def is_development(version: str) -> bool:
    """Whether a version, or the version in a release, is that of a development build, which never sends."""
    return version.lower().rpartition("@")[2] == "development"


def explain(reason: str, plugin: str = "") -> str:
    """The sentence for a reason.

    Args:
        reason: A reason of this module; any other text is returned unchanged.
        plugin: The name of the plugin that the reason is about, `team/name`.
    """
    sentence = _SENTENCES.get(reason)
    if sentence is None:
        return reason
    return (
        sentence.format(plugin=plugin)
        if plugin
        else sentence.replace("plugin {plugin}", "plugin it came from")
    )
