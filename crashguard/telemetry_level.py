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

Sources, strongest first: the command-line flag, the tool's variable (`MYTOOL_TELEMETRY_LEVEL`; for CloudQuery
and its plugins `CQ_TELEMETRY_LEVEL`), CloudQuery's legacy switch (`CQ_NO_TELEMETRY`: any non-empty value
means none, even "0", as CloudQuery has always read it), `DO_NOT_TRACK`, the user's saved choice, the
machine's choice, the tool's default. A machine's choice that the administrator marked as final takes away
from every other source. A variable that the tool has renamed still counts for a no. Premium usage
(`crashguard.usage`) is part of a contract and does not depend on the telemetry level.
"""

import os
import stat

from crashguard import files, paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from crashguard.plugin import Plugin

CHOICES = ("none", "stats", "errors", "all")
DEFAULT = "all"
FLAG = "--telemetry-level"
NO_SENTRY = "--no-sentry"  # all that the CloudQuery CLI says to a plugin about its telemetry level
# A host gives its plugin the resolved level in its own variable, and that variable's name in this one
# (`handover.passed_on`). Where the host is named too, what the level allows is no yes: the rest is asked
# again. An uploader gets the whole of `describe()` in it.
HANDED = "CRASHGUARD_LEVEL_VARIABLE"
LIMIT = "CRASHGUARD_LEVEL_LIMIT"  # what a run was allowed at most, for processes that resolve the rest again

SAID = "CRASHGUARD_SAID"  # what a process has said is wrong with a variable, so that no child says it again

_CLOUDQUERY = "cloudquery"
_CLOUDQUERYS = "CQ_TELEMETRY_LEVEL"
_CLOUDQUERYS_LEGACY = "CQ_NO_TELEMETRY"
SAVED = "saved choice"
BY_DEFAULT = "default"
MACHINE = "machine's choice"
FINAL = "final"
_ADMINISTRATOR = 0  # the uid
_MOST_BYTES = 200  # of the file of a choice
_OTHERS_WRITE = 0o002  # not the group: with a common umask it is the user's own and may write
_FOLDERS = 4  # from the file of one app's choice up to the folder of all programs' settings
# consoledonottrack.com: DO_NOT_TRACK=1 refuses. With one of these values people switch that off again.
_SWITCHED_OFF = ("0", "false", "no", "off")


class TelemetryLevel:
    """A resolved telemetry level. Compare its `value`, or read what it allows.

    Attributes:
        value: One of `none`, `stats`, `errors`, `all`.
        source: What decided: `--telemetry-level`, `CQ_TELEMETRY_LEVEL`, `DO_NOT_TRACK`, `saved choice`,
            `machine's choice`, `default`. Where something else took a part of it away, both are named:
            `default, lowered by --no-sentry`. Never a path, because reports contain it.
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

    def allows(self, what: str) -> bool:
        """Whether `errors` or `stats` may be recorded and sent."""
        return self.sends_errors if what == "errors" else self.sends_stats

    def at_most(self, value: str, source: str) -> "TelemetryLevel":
        """What both this telemetry level and another one allow; this one where the other takes nothing away.

        What is left was still allowed by this one, so its source, date and path stay.

        Args:
            value: The other, one of the four choices.
            source: What takes something away.
        """
        errors = self.sends_errors and value in ("errors", "all")
        stats = self.sends_stats and value in ("stats", "all")
        if (errors, stats) == (self.sends_errors, self.sends_stats):
            return self
        if not (errors or stats):
            return TelemetryLevel("none", source)
        left = CHOICES[2 * errors + stats]
        return TelemetryLevel(left, f"{self.source}, lowered by {source}", self.since, self.path)

    def __repr__(self) -> str:
        return f"TelemetryLevel({self.value!r}, source={self.source!r}, since={self.since!r})"


def resolve(
    flag: str | None = None,
    *,
    app: str | None = None,
    env_var: "str | Iterable[str] | None" = None,
    default_level: str = DEFAULT,
    environ: "Mapping[str, str] | None" = None,
    strict: bool = True,
) -> TelemetryLevel:
    """Decide the telemetry level for this run.

    Args:
        flag: The user's value for `--telemetry-level`; None without the flag.
        app: The tool. It names the variable, and a saved choice for it counts before the saved choice for all
            tools. None for no tool in particular; CloudQuery's variable counts then.
        env_var: The tool's variable, where it is not named after the app. Of several the first one counts,
            and the others, which are its former names, count for a no.
        default_level: The tool's default, where nobody says anything.
        environ: The environment to read; `os.environ` by default. An empty variable counts as unset.
        strict: Whether to raise for a value that is not valid. With False the answer is `none` and names the
            problem: for callers in which an error would break another program.

    Raises:
        TelemetryLevelError: The value of the deciding source is not one of the four choices.
    """
    environ = os.environ if environ is None else environ
    default = TelemetryLevel(default_level, BY_DEFAULT)
    machine, is_final = machine_choice(default)
    weakest = default if machine is None else machine
    if flag is not None:
        level = checked(flag, FLAG, strict)
    else:
        level = _without_flag(variables(app, env_var), app, weakest, environ, strict)
    if machine is None or not (is_final or machine.problem):
        return level
    lowered = level.at_most(machine.value, MACHINE)
    if lowered is level:
        return level
    source = lowered.source
    if lowered.value == "none" != machine.value:  # neither of them alone says none
        source = f"{level.source}, lowered by {MACHINE}"
    return TelemetryLevel(lowered.value, source, machine.since, machine.path, machine.problem)


def lower(one: str, other: str) -> str:
    """What two of the four choices both allow, as one of them."""
    return TelemetryLevel(one, FLAG).at_most(other, FLAG).value


def is_of_run(source: str) -> bool:
    """Whether the flag or a variable allowed what a telemetry level allows, so that it holds for this run.

    What a saved choice, the machine or the default has allowed is asked again before something leaves.

    Args:
        source: As `TelemetryLevel.source`.
    """
    return source.partition(", ")[0] not in (SAVED, MACHINE, BY_DEFAULT)


def _without_flag(
    names: "Sequence[str]",
    app: str | None,
    weakest: TelemetryLevel,
    environ: "Mapping[str, str]",
    strict: bool,
) -> TelemetryLevel:
    name = names[0] if names else ""
    given = environ.get(name)
    limits = bool(given) and app is not None and environ.get(HANDED) == f"{name} {app}"
    if given and not limits:
        level = checked(given, name, strict)
    elif name == _CLOUDQUERYS and environ.get(_CLOUDQUERYS_LEGACY):
        level = TelemetryLevel("none", _CLOUDQUERYS_LEGACY)
    elif environ.get("DO_NOT_TRACK", "").lower() not in ("", *_SWITCHED_OFF):
        level = TelemetryLevel("none", "DO_NOT_TRACK")
    else:
        level = saved_choice(app, weakest=weakest, strict=strict) or weakest
    for former in names if limits else names[1:]:
        if given := environ.get(former):
            said = checked(given, former, strict)
            if said.problem is not None:
                return said
            level = level.at_most(said.value, former)
        elif former == _CLOUDQUERYS and environ.get(_CLOUDQUERYS_LEGACY):
            level = level.at_most("none", _CLOUDQUERYS_LEGACY)
    return level


def variables(
    app: str | None, env_var: "str | Iterable[str] | None" = None, plugin: "Plugin | None" = None
) -> tuple[str, ...]:
    """The variables in which a tool's users set their telemetry level: the one of today, then former names.

    Args:
        app: The tool, or None.
        env_var: What the tool says itself. The name that is made of `app` then still counts for a no: people
            know it from other tools, and an earlier version of the tool may have had it.
        plugin: The plugin, in a process that runs one: the variable that its host named counts first, also
            where the plugin names another, which not every host knows.
    """
    named = () if env_var is None else (env_var,) if isinstance(env_var, str) else tuple(env_var)
    if app is None and env_var is not None:
        return named
    is_cloudquerys = app is None or app == _CLOUDQUERY or app.startswith(f"{_CLOUDQUERY}-")
    if plugin is not None:
        is_cloudquerys |= plugin.team == _CLOUDQUERY
    own = _CLOUDQUERYS if is_cloudquerys else _derived(str(app))
    names = named if own in named else (*named, own)
    handed = [] if plugin is None else os.environ.get(HANDED, "").split()[:1]
    if not handed or not is_variable(handed[0]):
        return names
    return (handed[0], *(name for name in names if name != handed[0]))


def still_allowed(level: TelemetryLevel) -> TelemetryLevel:
    """In a plugin's process: what its host's saved choice, the machine or the default allow by now.

    Args:
        level: By the plugin's own variables.
    """
    name, _, host = os.environ.get(HANDED, "").partition(" ")
    if not host or level.source.partition(", ")[0] != name or level.problem is not None:
        return level
    return resolve(app=host, env_var=(), environ={}, strict=False).at_most(level.value, name)


def describe(names: "Sequence[str]", default_level: str) -> str:
    """What another process needs for a tool's telemetry level: its variable, its default, former names."""
    return " ".join((names[0], default_level, *names[1:]))


def is_no_sentry(argument: object) -> bool:
    """Whether an argument of a plugin is its host's no, also as Go writes it (`--no-sentry=true`)."""
    if not isinstance(argument, str):
        return False
    name, _, value = argument.partition("=")
    return name == NO_SENTRY and value.lower() not in ("0", "f", "false")


def described(text: str, app: str) -> tuple[tuple[str, ...], str]:
    """The variables and the default of a tool.

    Args:
        text: The answer of `describe()`, or anything else, which says nothing.
        app: The tool.
    """
    words = text.split()
    names = tuple(word for word in (*words[:1], *words[2:]) if is_variable(word))
    default = words[1] if len(words) > 1 and words[1] in CHOICES else DEFAULT
    return names or variables(app), default


def switches(names: "Iterable[str]") -> tuple[str, ...]:
    """All that decides in the environment of a tool with these variables; its tests have to remove it."""
    return (*names, _CLOUDQUERYS_LEGACY, "DO_NOT_TRACK")


def named_in(environ: "Mapping[str, str]") -> list[str]:
    """The tools that an environment speaks of by a variable that everybody knows: CloudQuery, or none."""
    is_set = environ.get(_CLOUDQUERYS) or environ.get(_CLOUDQUERYS_LEGACY)
    return [_CLOUDQUERY] if is_set else []


def is_variable(name: object) -> bool:
    """Whether a text can name an environment variable in every shell."""
    return isinstance(name, str) and name.isascii() and name.replace("_", "a").isalnum()


def _derived(app: str) -> str:
    """The variable that is named after an app: MY_TOOL_TELEMETRY_LEVEL for my-tool."""
    stem = "".join(c if c.isalnum() else "_" for c in app.upper())
    return f"{'_' if stem[:1].isdigit() else ''}{stem}_TELEMETRY_LEVEL"


def saved_choice(
    app: str | None = None, *, weakest: TelemetryLevel | None = None, strict: bool = True
) -> TelemetryLevel | None:
    """The choice that `crashguard level` saved for this app, else for all apps; None without a saved choice.

    In the home of another user (an image that root has built and another user runs; root with a user's HOME)
    a saved choice counts for a no only.

    Args:
        app: The tool, or None.
        weakest: What holds without a saved choice, from which another user's choice may take away.
        strict: Whether to raise for a choice that is not valid.

    Raises:
        TelemetryLevelError: The file exists and does not hold a valid choice (with `strict`).
    """
    folder = paths.config_dir(to_read=True)
    if folder is None:
        return None
    weakest = TelemetryLevel(DEFAULT, BY_DEFAULT) if weakest is None else weakest
    files_of_choices = choice_files(folder, app)
    if not os.path.lexists(folder):
        files_of_choices = files_of_choices[-1:]  # where there is no folder, one look tells all
    for path in files_of_choices:
        found = read_choice(path, SAVED, strict)
        if found is None:
            continue
        level, _, is_own = found
        if is_own or level.problem is not None:
            return level
        limited = weakest.at_most(level.value, SAVED)
        if limited is not weakest:
            return TelemetryLevel(limited.value, limited.source, level.since, path)
    return None


def machine_choice(default: TelemetryLevel) -> tuple[TelemetryLevel | None, bool]:
    """The machine's choice, and whether it is final; None where it changes nothing.

    It is believed for a yes only where nobody but the administrator can write the file. A value that is not
    valid is none: the user of a tool cannot correct it.
    """
    path = os.path.join(paths.machine_dir(), paths.CHOICE)
    found = read_choice(path, MACHINE, strict=False)
    if found is None:
        return None, False
    level, words, _ = found
    if level.problem is None and not is_administrators(path):
        limited = default.at_most(level.value, MACHINE)
        if limited is default:
            return None, False
        level = TelemetryLevel(limited.value, limited.source, level.since, path)
    return level, FINAL in words


def is_administrators(path: str) -> bool:
    """Whether only the administrator can write a file. On Windows its folder's rights decide that."""
    if not hasattr(os, "geteuid"):
        return True
    try:
        found = [os.stat(path), os.stat(os.path.dirname(path))]
    except OSError:
        return False
    return all(each.st_uid == _ADMINISTRATOR and not each.st_mode & 0o022 for each in found)


def read_choice(path: str, source: str, strict: bool) -> tuple[TelemetryLevel, list[str], bool] | None:
    """A choice in a file, the words after it, and whether the file is this user's; None without the file.

    Args:
        path: The file.
        source: Whose choice it is.
        strict: Whether to raise for a file that holds no choice.
    """
    try:
        data, about = files.read_owned(path, _MOST_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        odd = _in_the_way(path)
        return None if odd is None else (_refused(odd, source, strict), [], True)
    except OSError as error:
        problem = f"{path} cannot be read: {error.strerror}"
        if source == SAVED and _is_home_closed():
            problem += "; a no may lie there. Set HOME to a folder of your own, or the tool's variable"
        if strict and not isinstance(
            error, PermissionError
        ):  # what another user has closed nobody here can mend
            raise _error(problem) from error
        return TelemetryLevel("none", source, path=path, problem=problem), [], True
    parts = data.decode("ascii", "replace").split()
    words = parts[1:]
    dates = [word for word in words if word != FINAL or source != MACHINE]
    odd = _odd_text(data) if parts else "is empty"
    if odd is not None:
        level = _refused(f"{path} {odd}; write one of {', '.join(CHOICES)} into it", source, strict)
    else:
        level = checked(parts[0], source, strict, where=path)
    is_text = len(data) <= _MOST_BYTES and data.isascii() and "".join(parts).isprintable()
    # A word in the place of the date may say that the first is not meant, or be a wrong spelling of `final`.
    is_text &= not dates or (dates[0][:1].isdigit() and (source != MACHINE or len(dates) == 1))
    if level.problem is None and (not is_text or any(word in CHOICES for word in words)):
        level = _refused(f"{path}: there is more in it than {level.value} and a date", source, strict)
    since = dates[0] if len(dates) == 1 else None
    is_own = files.is_own(about) and not (hasattr(os, "geteuid") and about.st_mode & _OTHERS_WRITE)
    return TelemetryLevel(level.value, source, since, path, level.problem), words, is_own


def is_quiet(level: TelemetryLevel) -> bool:
    """Whether only `status` tells what is wrong: a tool cannot look into the home, which is another user's.

    Containers are often run under any uid and with root's HOME. A line at each start would help nobody there.
    """
    return (
        level.problem is not None and level.source == SAVED and level.path is not None and _is_home_closed()
    )


def _is_home_closed() -> bool:
    """Whether this user cannot look for the folder of choices, in the home of another user."""
    folder = paths.config_dir(to_read=True)
    return folder is not None and paths.config_dir() is None and not os.path.lexists(folder)


def _odd_text(data: bytes) -> str | None:
    """What an editor did to a text, so that it begins with no plain word; None where it does."""
    if data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        return "begins with a byte order mark, so it is no plain text (ASCII)"
    return None


def _in_the_way(path: str) -> str | None:
    """What is wrong where a file of a choice cannot be, as a sentence; None where there simply is none.

    A link that leads nowhere, or a file in the place of a folder, may hide a no. A device does not: some
    users have `/dev/null` in the place of their home.
    """
    each = path
    for _ in range(_FOLDERS):
        try:
            found = os.lstat(each)
        except (FileNotFoundError, NotADirectoryError):
            each = os.path.dirname(each)
            continue
        except OSError:
            return None
        if stat.S_ISLNK(found.st_mode):
            return None if os.path.exists(each) else f"{each} is a link that leads nowhere"
        if stat.S_ISDIR(found.st_mode) or stat.S_ISCHR(found.st_mode):
            return None
        return f"{each} is not a folder"
    return None


def choice_files(folder: str, app: str | None) -> list[str]:
    """The files in which a choice for a tool, or for all tools (None), may lie; the first counts."""
    everywhere = os.path.join(folder, paths.CHOICE)
    return [everywhere] if app is None else [os.path.join(folder, app, paths.CHOICE), everywhere]


def checked(value: str, source: str, strict: bool, where: str | None = None) -> TelemetryLevel:
    """The telemetry level of a text, or what is wrong with it.

    Args:
        value: The text.
        source: What said it.
        strict: Whether to raise where it is not one of the four choices.
        where: The file that holds it.
    """
    if value in CHOICES:
        return TelemetryLevel(value, source)
    shown = value if len(str(value)) <= 40 else value[:40] + "..."
    problem = f"{where or source}: {shown!r} is not a telemetry level; choose one of {', '.join(CHOICES)}"
    return _refused(problem, source, strict)


def _refused(problem: str, source: str, strict: bool) -> TelemetryLevel:
    if strict:
        raise _error(problem)
    return TelemetryLevel("none", source, problem=problem)


def _error(problem: str) -> Exception:
    from crashguard.exceptions import TelemetryLevelError

    return TelemetryLevelError(problem)
