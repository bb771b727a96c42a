"""The shared telemetry level: what may leave this machine, who decided it, and since when.

| telemetry level   | crash reports sent | stats sent |
|-------------------|--------------------|------------|
| `none`            | no                 | no         |
| `stats`           | no                 | yes        |
| `errors`          | yes                | no         |
| `all` (default)   | yes                | yes        |

Rule 1: this file is the only one that reads the environment for it. Crash reports, stats, the
command line and every plugin ask `resolve()`.
Rule 2: a value that cannot be read never sends anything.

Sources, strongest first: the command-line flag, the host tool's variable (`CQ_TELEMETRY_LEVEL`), its
legacy switch (`CQ_NO_TELEMETRY`: any non-empty value means none, even "0", as CloudQuery has always
read it), `DO_NOT_TRACK`, the user's saved choice, the default. Premium usage (`crashguard.usage`) is a
contract outside of all this and never asks here.
"""

import os

from crashguard import files, paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

CHOICES = ("none", "stats", "errors", "all")
DEFAULT = "all"
ENV_VAR = "CQ_TELEMETRY_LEVEL"

_FILE = "telemetry-level"
_SAVED = "saved choice"
# consoledonottrack.com: DO_NOT_TRACK=1 refuses; these are what people write to take a switch back.
_SWITCHED_OFF = ("0", "false", "no", "off")


class TelemetryLevel:
    """One answer of the resolver. Compare its `value`, or ask what it allows.

    Attributes:
        value: One of `none`, `stats`, `errors`, `all`.
        source: Who decided, in words for a person: `--telemetry-level`, `CQ_TELEMETRY_LEVEL`,
            `DO_NOT_TRACK`, `saved choice`, `default`. Never a path: it goes into reports.
        since: When a saved choice was made, as ISO 8601 in UTC; None for every other source,
            whose answer holds for this run.
        path: The file of a saved choice; None for every other source.
        problem: What was wrong with a value that could not be read; the level is then `none`.
        sends_errors: Whether crash reports may be recorded and sent.
        sends_stats: Whether stats may be recorded and sent.
    """

    __slots__ = ("path", "problem", "sends_errors", "sends_stats", "since", "source", "value")

    def __init__(
        self,
        value: str,
        source: str,
        since: str | None = None,
        path: str | None = None,
        problem: str | None = None,
    ) -> None:
        self.value = value
        self.source = source
        self.since = since
        self.path = path
        self.problem = problem
        self.sends_errors = value in ("errors", "all")
        self.sends_stats = value in ("stats", "all")

    def without_errors(self, source: str) -> "TelemetryLevel":
        """This telemetry level with crash reports refused by somebody else: `--no-sentry`, for instance."""
        if not self.sends_errors:
            return self
        return TelemetryLevel("stats" if self.sends_stats else "none", source, problem=self.problem)

    def __repr__(self) -> str:
        return f"TelemetryLevel({self.value!r}, source={self.source!r}, since={self.since!r})"


def resolve(
    flag: str | None = None,
    *,
    env_var: str = ENV_VAR,
    app: str | None = None,
    environ: "Mapping[str, str] | None" = None,
    strict: bool = True,
) -> TelemetryLevel:
    """Decide the telemetry level for this run.

    Args:
        flag: What the user gave to `--telemetry-level`; None if nothing.
        env_var: The variable of the host tool. Its legacy switch is the same name with
            `NO_TELEMETRY` in place of `TELEMETRY_LEVEL`.
        app: The tool whose own saved choice counts before the one for all tools.
        environ: The environment to read; `os.environ` by default. An empty variable is unset.
        strict: Raise for a value that cannot be read. With False the answer is `none` and carries
            the problem: for places where an error would break somebody else's program.

    Raises:
        TelemetryLevelError: The deciding source holds something else than the four choices.
    """
    environ = os.environ if environ is None else environ
    if flag is not None:
        return _checked(flag, "--telemetry-level", strict)
    if given := environ.get(env_var):
        return _checked(given, env_var, strict)
    legacy = legacy_variable(env_var)
    if legacy and environ.get(legacy):
        return TelemetryLevel("none", legacy)
    if environ.get("DO_NOT_TRACK", "").lower() not in ("", *_SWITCHED_OFF):
        return TelemetryLevel("none", "DO_NOT_TRACK")
    return saved_choice(app, strict=strict) or TelemetryLevel(DEFAULT, "default")


def variables(env_var: str = ENV_VAR) -> tuple[str, ...]:
    """The environment variables that decide for a tool: what its tests have to put out of sight."""
    legacy = legacy_variable(env_var)
    return (env_var, "DO_NOT_TRACK") if legacy is None else (env_var, legacy, "DO_NOT_TRACK")


def legacy_variable(env_var: str) -> str | None:
    """The older all-or-nothing switch that belongs to a variable: CQ_NO_TELEMETRY for CQ_TELEMETRY_LEVEL."""
    stem = env_var.removesuffix("TELEMETRY_LEVEL")
    return None if stem == env_var else f"{stem}NO_TELEMETRY"


def saved_choice(app: str | None = None, *, strict: bool = True) -> TelemetryLevel | None:
    """What `crashguard level` saved: for this app, else for all of them; None if nothing was.

    Raises:
        TelemetryLevelError: A file is there and cannot be read as a choice (with `strict`).
    """
    folder = paths.config_dir()
    if folder is None:
        return None
    for path in _choice_files(folder, app):
        try:
            words = files.read(path, 200, links=True).decode("ascii", "replace").split()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            return _refused(f"{path} cannot be read: {error.strerror}", _SAVED, strict)
        since = words[1] if len(words) == 2 else None
        level = _checked(" ".join(words[:1]), _SAVED, strict, where=path)
        return TelemetryLevel(level.value, _SAVED, since, path, level.problem)
    return None


def save_choice(value: str, *, since: str, app: str | None = None) -> str:
    """Save the user's choice and return the file's path.

    A choice for all tools replaces what was chosen for single ones: the last word counts.

    Args:
        value: One of the four choices.
        since: Now, as ISO 8601 in UTC (`2026-01-31T12:00:00Z`): consent has a date.
        app: The tool it is for; None for every tool that uses crashguard.

    Raises:
        TelemetryLevelError: `value` is none of the four, or there is no home to save it in.
        OSError: The file cannot be written.
    """
    level = _checked(value, "the given level", strict=True)
    folder = paths.config_dir()
    if folder is None:
        raise _error("there is no home directory of this user's own to save a telemetry level in")
    path = _choice_files(folder, app)[0]
    files.private_folder(os.path.dirname(path))
    files.write(path, f"{level.value} {since}\n".encode("ascii"), durable=True)
    if app is None:
        for entry in os.scandir(folder):
            if entry.is_dir(follow_symlinks=False):
                own = os.path.join(entry.path, _FILE)
                if os.path.lexists(own):
                    os.unlink(own)
    return path


def _choice_files(folder: str, app: str | None) -> list[str]:
    everywhere = os.path.join(folder, _FILE)
    return [everywhere] if app is None else [os.path.join(folder, app, _FILE), everywhere]


def _checked(value: str, source: str, strict: bool, where: str | None = None) -> TelemetryLevel:
    if value in CHOICES:
        return TelemetryLevel(value, source)
    shown = value if len(value) <= 40 else value[:40] + "..."
    problem = f"{where or source}: {shown!r} is no telemetry level; choose one of {', '.join(CHOICES)}"
    return _refused(problem, source, strict)


def _refused(problem: str, source: str, strict: bool) -> TelemetryLevel:
    if strict:
        raise _error(problem)
    return TelemetryLevel("none", source, problem=problem)


def _error(problem: str) -> Exception:
    from crashguard.exceptions import TelemetryLevelError

    return TelemetryLevelError(problem)
