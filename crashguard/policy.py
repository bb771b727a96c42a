"""May something leave this machine, and if not, why: the one page that decides.

    at recording   `why_not()` with what is known then. TELEMETRY_LEVEL: nothing is written at all. Any other
                   reason: a crash report is kept on the machine with that reason in it, stats are not
                   written.
    at sending     `why_not()` again with the telemetry level of that moment and the one that the record was
                   made under; whoever sends asks, also the process that has just recorded.
    unattributed   a minimal record or a native crash does not know whose crash it is. Where a plugin runs
    in the
                   process of which `why_not_plugin()` says no, it is kept.

The rate limit of a bug (`spool.rate_limit`) and the process's own bound give reasons from this page, too. A
reason is a word that is stored in the report (`contexts.crashguard.kept_because`); `explain()` has the
sentence.
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

_SENTENCES = {
    TELEMETRY_LEVEL: "the telemetry level says no",
    RECORDED_UNDER_NO: "it was recorded under a telemetry level that says no",
    UNOFFICIAL_PLUGIN: "the plugin {plugin} is not an official one",
    DEVELOPMENT_BUILD: "this is a development build",
    NO_DESTINATION: "no destination is configured",
    UNATTRIBUTED: "a plugin that may not send was loaded, and nothing tells whose crash it was",
    REPEATS_WAITING: "the same crash waits to be sent already; this one is counted",
    REPEATS_SENT: "the same crash was sent within the last 24 hours; this one is counted",
    DAILY_LIMIT: "as many reports as may be were sent within the last 24 hours; this one is counted",
}


def why_not(
    what: "Literal['errors', 'stats']",
    level: "TelemetryLevel | None",
    *,
    version: str,
    plugin: "Plugin | None" = None,
    destination: object = None,
    recorded: object = None,
) -> str | None:
    """Why a crash report or stats may not leave, or None if they may.

    Args:
        what: `errors` for a crash report, `stats` for stats.
        level: The telemetry level now; None where it was asked already.
        version: The tool's version, or a release that ends in it.
        plugin: The plugin that it comes out of; None for the tool itself.
        destination: Where it would go; None or empty for nowhere.
        recorded: At sending, the value of the telemetry level that it was recorded under.
    """
    if level is not None and not (level.sends_errors if what == "errors" else level.sends_stats):
        return TELEMETRY_LEVEL
    if recorded is not None and recorded not in (what, "all"):
        return RECORDED_UNDER_NO
    if plugin is not None and (reason := why_not_plugin(plugin)):
        return reason
    if is_development(version):
        return DEVELOPMENT_BUILD
    return None if destination else NO_DESTINATION


def why_not_plugin(plugin: "Plugin") -> str | None:
    """Why what comes out of a plugin may never leave, or None if it may."""
    if not plugin.official:
        return UNOFFICIAL_PLUGIN
    return DEVELOPMENT_BUILD if is_development(plugin.version) else None


def is_development(version: str) -> bool:
    """Whether a version, or a release that ends in it, is that of a build that never sends."""
    return version.lower().rpartition("@")[2] == "development"


def explain(reason: str, plugin: str = "") -> str:
    """The sentence for a reason.

    Args:
        reason: One of this page's; any other is returned as it is.
        plugin: The name of the plugin it is about, `team/name`.
    """
    sentence = _SENTENCES.get(reason)
    if sentence is None:
        return reason
    return (
        sentence.format(plugin=plugin)
        if plugin
        else sentence.replace("plugin {plugin}", "plugin it came from")
    )
