"""The shared telemetry level: what may leave this machine, who decided it, and since when.

| telemetry level   | crash reports sent | stats sent |
|-------------------|--------------------|------------|
| `none`            | no                 | no         |
| `stats`           | no                 | yes        |
| `errors`          | yes                | no         |
| `all` (default)   | yes                | yes        |

Rule 1: only this module reads the environment for the telemetry level. Crash reports, stats, the command
line and every plugin call `resolve()`.
Rule 2: a value that is not valid never sends anything.

Sources, strongest first: the command-line flag, the host tool's variable (`CQ_TELEMETRY_LEVEL`), its
legacy switch (`CQ_NO_TELEMETRY`: any non-empty value means none, even "0", as CloudQuery has always
read it), `DO_NOT_TRACK`, the user's saved choice, the default. Premium usage (`crashguard.usage`) is part of
a contract and does not depend on the telemetry level.
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
# consoledonottrack.com: DO_NOT_TRACK=1 refuses. With one of these values people switch that off again.
_SWITCHED_OFF = ("0", "false", "no", "off")


class TelemetryLevel:
    """A resolved telemetry level. Compare its `value`, or read what it allows.

    Attributes:
        value: One of `none`, `stats`, `errors`, `all`.
        source: What decided: `--telemetry-level`, `CQ_TELEMETRY_LEVEL`, `DO_NOT_TRACK`, `saved choice`,
            `default`. Never a path, because reports contain it.
        since: When a saved choice was made, as ISO 8601 in UTC; None for every other source, which holds
            for this run only.
        path: The file of a saved choice; None for every other source.
        problem: What is wrong with a value that is not valid; the telemetry level is then `none`.
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
        """This telemetry level without crash reports, which another switch refused (`--no-sentry`)."""
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
        flag: The user's value for `--telemetry-level`; None without the flag.
        env_var: The variable of the host tool. Its legacy switch has the same name with `NO_TELEMETRY` in
            place of `TELEMETRY_LEVEL`.
        app: The tool. A saved choice for it counts before the saved choice for all tools.
        environ: The environment to read; `os.environ` by default. An empty variable counts as unset.
        strict: Whether to raise for a value that is not valid. With False the answer is `none` and names the
            problem: for callers in which an error would break another program.

    Raises:
        TelemetryLevelError: The value of the deciding source is not one of the four choices.
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
    """The environment variables that decide for a tool; its tests have to remove them."""
    legacy = legacy_variable(env_var)
    return (env_var, "DO_NOT_TRACK") if legacy is None else (env_var, legacy, "DO_NOT_TRACK")


def legacy_variable(env_var: str) -> str | None:
    """The older all-or-nothing switch that belongs to a variable: CQ_NO_TELEMETRY for CQ_TELEMETRY_LEVEL."""
    stem = env_var.removesuffix("TELEMETRY_LEVEL")
    return None if stem == env_var else f"{stem}NO_TELEMETRY"


def saved_choice(app: str | None = None, *, strict: bool = True) -> TelemetryLevel | None:
    """The choice that `crashguard level` saved for this app, else for all apps; None without a saved choice.

    Raises:
        TelemetryLevelError: The file exists and does not hold a valid choice (with `strict`).
    """
    folder = paths.config_dir()
    if folder is None:
        return None
    for path in _choice_files(folder, app):
        try:
            parts = files.read(path, 200, links=True).decode("ascii", "replace").split()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            return _refused(f"{path} cannot be read: {error.strerror}", _SAVED, strict)
        since = parts[1] if len(parts) == 2 else None
        level = _checked(" ".join(parts[:1]), _SAVED, strict, where=path)
        return TelemetryLevel(level.value, _SAVED, since, path, level.problem)
    return None


def save_choice(value: str, *, since: str, app: str | None = None) -> str:
    """Save the user's choice and return the file's path.

    A choice for all tools deletes earlier choices for single tools: the latest choice counts.

    Args:
        value: One of the four choices.
        since: Now, as ISO 8601 in UTC (`2026-01-31T12:00:00Z`): consent has a date.
        app: The tool; None for every tool that uses crashguard.

    Raises:
        TelemetryLevelError: `value` is not one of the four, or this user has no home directory to save it in.
        OSError: The file cannot be written.
    """
    level = _checked(value, "the given level", strict=True)
    folder = paths.config_dir()
    if folder is None:
        raise _error("a telemetry level cannot be saved: this user has no home directory")
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
    problem = f"{where or source}: {shown!r} is not a telemetry level; choose one of {', '.join(CHOICES)}"
    return _refused(problem, source, strict)


def _refused(problem: str, source: str, strict: bool) -> TelemetryLevel:
    if strict:
        raise _error(problem)
    return TelemetryLevel("none", source, problem=problem)


def _error(problem: str) -> Exception:
    from crashguard.exceptions import TelemetryLevelError

    return TelemetryLevelError(problem)
