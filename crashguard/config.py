"""The settings that install() received, checked once and then passed to all code that works on a crash.

This file imports little, because every start of a program imports it.
"""

import os
import sys

from crashguard import files, paths, telemetry_level

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, Literal

    from crashguard.expected import Ignored
    from crashguard.plugin import Plugin
    from crashguard.telemetry_level import TelemetryLevel

    Messages = Literal["none", "template", "shapes", "names", "full"]
    Vocabulary = Iterable[str] | Callable[[str], object]
    Delivery = Literal["auto", "background", "inline", "deferred"]
    Ending = Literal["traceback", "calm"]
    OnReport = Callable[[Any], object] | None
    Note = Callable[[str], str | None]
    Notice = bool | str | Note
    Ignore = Ignored | Iterable[Ignored] | None

_MESSAGES: "tuple[Messages, ...]" = ("none", "template", "shapes", "names", "full")
_DELIVERIES = ("auto", "background", "inline", "deferred")
_ENDINGS = ("traceback", "calm")


_PARENT = "parent process"  # the source of a telemetry level

_MOST_FORMER = 4  # names of the variable that earlier versions of a tool had


class Config:
    """The settings of this process. `install()` explains each.

    Args:
        flag: The user's value for `--telemetry-level`, as the program says it.
        limits: Values of the flag that nobody has parsed, or that an earlier install() was given. They take
            away and never give. One that is not valid counts as none; the program's parser tells what is
            wrong with it.
        former: Variables that count for a no only, because an earlier install() named them.
        strict: Whether a wrong flag raises an error; else the telemetry level is none.

    Attributes:
        level: The telemetry level at the time of install().
        env_var: The variable that users set.
        variables: That one, then its former names.
        named: The arguments that install() was given.
        handed: The variables that this process has set for its child processes, each with its value and the
            value before (`capture.handover`).
        may_grow: Whether the command line has a flag that allows more, which the program has not parsed yet.
        is_unread: Whether no valid telemetry level could be read at the last crash, so that nothing is sent.
            What waits is not deleted meanwhile.
        parents: In a forked child, the telemetry levels of its parents by now, in shared memory.
        is_told: Whether the program itself brought the telemetry level or a refusal, which a child process
            finds nowhere else.

    Raises:
        ConfigurationError: A setting is not valid (TelemetryLevelError and DSNError are subclasses).
    """

    parents: "tuple[Any, ...]" = ()
    is_warned = False

    def __init__(
        self,
        *,
        app: str,
        version: str,
        dsn: str | None = None,
        flag: str | None = None,
        limits: "Iterable[str]" = (),
        former: "Iterable[str]" = (),
        strict: bool = True,
        env_var: "str | Iterable[str] | None" = None,
        default_level: str = telemetry_level.DEFAULT,
        environment: str | None = None,
        delivery: "Delivery" = "auto",
        packages: "Iterable[str]" = (),
        plugin: "Plugin | None" = None,
        note: "bool | Note" = True,
        notice: "Notice" = True,
        needles: "Iterable[str]" = (),
        rules: "Iterable[Any]" = (),
        messages: "Messages" = "shapes",
        vocabulary: "Vocabulary" = (),
        source_lines: bool = True,
        refused_by: str | None = None,
        ignore: "Ignore" = (),
        issue_url: str | None = None,
        on_report: "OnReport" = None,
        ending: "Ending" = "traceback",
        controller: str = "",
        contact: str = "",
    ) -> None:
        if not isinstance(app, str) or not app or not set(app) <= _NAME or app[0] == ".":
            raise _error(f"app={app!r}: give the tool's name in letters, digits, '-', '_' and '.'")
        if not isinstance(version, str) or not version or set(version) & set("@/\\ \t\r\n"):
            raise _error(f"version={version!r}: give one such as '1.2.3', without blanks, '@' and slashes")
        _check_choice("delivery", delivery, _DELIVERIES)
        _check_choice("ending", ending, _ENDINGS)
        if not isinstance(notice, (bool, str)) and not callable(notice):
            raise _error(f"notice={notice!r}: give True, False, a text or a function that takes the notice")
        if plugin is not None and not hasattr(plugin, "official"):
            raise _error(f"plugin={plugin!r}: give a crashguard.Plugin")
        self.variables = telemetry_level.variables(app, env_var, plugin)
        self.spool = paths.spool_dir(app)
        self.variables += _former(self.spool, app, self.variables, former)
        if not self.variables or not all(map(telemetry_level.is_variable, self.variables)):
            raise _error(f"env_var={env_var!r}: give the name of an environment variable")
        _check_choice("default_level", default_level, telemetry_level.CHOICES)
        if not isinstance(note, bool) and not callable(note):
            raise _error(f"note={note!r}: give True, False or a function that takes the note")
        self.app = app
        self.version = version
        self.dsn = _destination(dsn)
        self.plugin = plugin
        self.env_var = self.variables[0]
        self.default_level = default_level
        self._flag = flag
        self._limits = tuple(limits)
        self._refused_by = refused_by
        self.handed: dict[str, tuple[str, str | None]] = {}
        self.level = self.level_now(strict=strict and plugin is None)
        self.may_grow = self.is_unread = False
        self.named: dict[str, Any] = {}
        self.is_told = flag is not None or refused_by is not None
        self.environment = environment
        self.delivery = delivery
        self.packages = _texts("packages", packages)
        self.note, self.notice = note, notice
        self.controller, self.contact = _texts("controller, contact", (controller, contact))
        self.needles = _texts("needles", needles)
        self.rules = tuple(rules)
        if not all(hasattr(rule, "spans") for rule in self.rules):
            raise _error("rules: give a list of crashguard.scrub.Rule")
        self.messages = checked_messages(messages)
        self.ignore = checked_ignore(ignore)
        self.issue_url = None if issue_url is None else _form(issue_url)
        self.on_report = _checked_on_report(on_report)
        self.ending = ending
        self.source_lines = source_lines
        self.vocabulary = checked_vocabulary(vocabulary)
        self.run_id = _run_id()
        self.release = f"{app}@{version}"  # Sentry's name for this version of the tool

    def level_now(self, *, strict: bool = False) -> "TelemetryLevel":
        """The telemetry level of this moment: the variables and the saved choice are read again.

        Args:
            strict: Whether a wrong flag raises an error. A wrong variable never does.
        """
        return self._below_parents(self._level_by_itself(strict=strict))

    def hear(self) -> None:
        """Take what a parent allows less by now. Cheap; it reads neither a file nor the environment."""
        self.level = self._below_parents(self.level)

    def _below_parents(self, level: "TelemetryLevel") -> "TelemetryLevel":
        for byte in self.parents:
            level = level.at_most(telemetry_level.CHOICES[byte[0]], _PARENT)
        return level

    def _level_by_itself(self, *, strict: bool) -> "TelemetryLevel":
        level = telemetry_level.resolve(
            self._flag,
            app=self.app,
            env_var=self.variables,
            default_level=self.default_level,
            environ=self._environ(),
            strict=strict and self._flag is not None,
        )
        for value in self._limits:
            if value in telemetry_level.CHOICES:
                level = level.at_most(value, telemetry_level.FLAG)
            elif level.problem is None:
                level = telemetry_level.resolve(value, strict=False)
        if self.plugin is not None:
            if self._refused_by == telemetry_level.NO_SENTRY:
                return level.at_most("none", telemetry_level.NO_SENTRY)
            level, told = telemetry_level.still_allowed(level), level
            if level.sends_stats and not telemetry_level.is_of_run(told.source):
                source = f"{level.source}, which allows a plugin no stats"
                value = level.at_most("errors", source).value
                level = telemetry_level.TelemetryLevel(value, source, level.since, level.path)
        return level if self._refused_by is None else level.at_most("stats", self._refused_by)

    def _environ(self) -> "Mapping[str, str]":
        """The environment as the user set it, without what this process put there for its child processes."""
        own = {
            name: before or ""
            for name, (value, before) in self.handed.items()
            if os.environ.get(name) == value
        }
        if self.plugin is not None:  # it asks its host's telemetry level: `still_allowed`
            own[telemetry_level.HANDED] = ""
        return {**os.environ, **own} if own else os.environ

    def lower_flags(self) -> tuple[str, ...]:
        """The values of the flag that a later install() must not forget, because they may say no."""
        values = self._limits if self._flag is None else (*self._limits, self._flag)
        return tuple(value for value in values if value in telemetry_level.CHOICES)

    def warn(self, before: "Config | None") -> None:
        """Say on stderr which value is wrong, once for a process and a value; the parser speaks of the flag.

        Args:
            before: The settings until now.
        """
        problem = self.level.problem
        if problem is None or (self._flag is None and self.level.source == telemetry_level.FLAG):
            return
        is_said = before is not None and before.level.problem == problem
        is_said |= os.environ.get(telemetry_level.SAID) == problem  # by the process that started this one
        if not is_said and not telemetry_level.is_quiet(self.level):
            _warn(f"{problem}; nothing is recorded or sent")

    def warn_once(self, problem: str) -> None:
        """Say on stderr what is wrong with code of the host; the same problem may come at each report."""
        if not self.is_warned:
            self.is_warned = True
            _warn(problem)


_NAME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


def _former(spool: str, app: str, names: tuple[str, ...], also: "Iterable[str]") -> tuple[str, ...]:
    """The former variables, as far as this process and the spool know them: a no in them still counts."""
    found = [*also]
    try:
        about = files.read(os.path.join(spool, paths.ABOUT), 1000).decode("ascii", "replace")
        found += telemetry_level.described(about, app)[0]
    except OSError:
        pass  # no report was kept here yet
    return tuple(dict.fromkeys(name for name in found if name not in names))[:_MOST_FORMER]


def _check_choice(name: str, given: object, choices: tuple[str, ...]) -> None:
    if given not in choices:
        raise _error(f"{name}={given!r}: choose one of {', '.join(choices)}")


def checked_messages(messages: "Messages") -> "Messages":
    """A level of `messages=`, if it is one."""
    _check_choice("messages", messages, _MESSAGES)
    return messages


def stricter_messages(one: "Messages | None", other: "Messages") -> "Messages":
    """The level of two that lets less out: a plugin's guard cannot say more than the tool allows."""
    return other if one is None else _MESSAGES[min(_MESSAGES.index(one), _MESSAGES.index(other))]


def checked_vocabulary(vocabulary: "Vocabulary") -> "Vocabulary":
    """A vocabulary: a function, or a list of texts."""
    return vocabulary if callable(vocabulary) else _texts("vocabulary", vocabulary)


def _texts(name: str, given: "Iterable[str]") -> tuple[str, ...]:
    """The texts of a list. A single text is refused: it would be read as a list of its letters.

    The error does not quote the texts, because private literals are among them.
    """
    texts = () if isinstance(given, str) else tuple(given)
    if isinstance(given, str) or not all(isinstance(text, str) for text in texts):
        raise _error(f"{name}: give a list of texts, as in {name}=['one', 'another']")
    return texts


def checked_ignore(given: "Ignore") -> "tuple[Ignored, ...]":
    """The exception types and functions of an `ignore=`, which may be a single one, or nothing.

    Raises:
        ConfigurationError: It holds something else.
    """
    kinds: Any = given if type(given) in (tuple, list) else () if given is None else (given,)
    if all(isinstance(each, type) and issubclass(each, BaseException) for each in kinds):
        return tuple(kinds)
    from crashguard import expected

    return expected.checked(given)


def _checked_on_report(given: "OnReport") -> "OnReport":
    if given is not None and not callable(given):
        raise _error(f"on_report={given!r}: give a function that takes the report")
    return given


def _form(issue_url: str) -> str:
    from crashguard import issue_tracker

    return issue_tracker.form(issue_url)


def _destination(dsn: str | None) -> str | None:
    """The user's own DSN if there is one, else the host's. With a wrong DSN of the user's nothing is sent."""
    if dsn and not is_dsn(dsn):
        from crashguard.exceptions import DSNError

        raise DSNError(f"dsn: {without_key(dsn)!r} is not a DSN; a DSN looks like https://KEY@HOST/PROJECT")
    own = os.environ.get("CRASHGUARD_DSN")
    if own and not is_dsn(own):
        _warn("CRASHGUARD_DSN is not a DSN (https://KEY@HOST/PROJECT); reports are kept and not sent")
        return None
    given = own or dsn
    return _with_ascii_host(given) if given else None


def _with_ascii_host(dsn: str) -> str:
    """A DSN with its international host name as DNS and HTTP have it (RFC 3490, "xn--"), for every sender."""
    if dsn.isascii():
        return dsn
    before, at, where = dsn.rpartition("@")
    host, slash, path = where.partition("/")
    return before + at + host.encode("idna").decode("ascii") + slash + path


RUN_ID = "CRASHGUARD_RUN_ID"


def _run_id() -> str | None:
    """The id that the host gave to its run. It links the reports of the host and of its plugins."""
    given = os.environ.get(RUN_ID, "")
    return given if len(given) == 32 and set(given) <= set("0123456789abcdef") else None


def is_dsn(dsn: object) -> bool:
    """Whether a text has the shape of a Sentry DSN: `http(s)://KEY[:SECRET]@HOST[:PORT]/[PATH/]PROJECT`.

    It does not use urllib.parse, whose import costs more than the whole of install(). sentry-sdk parses the
    DSN again before it sends anything. Source: Sentry's SDK documentation, "DSN".
    """
    if not isinstance(dsn, str):
        return False
    try:
        dsn = _with_ascii_host(dsn)
    except UnicodeError:
        return False
    scheme, _, rest = dsn.partition("://")
    key, at, where = rest.rpartition("@")
    host, slash, path = where.partition("/")
    project = path.rpartition("/")[2]
    name, colon, port = host.rpartition(":")
    if not colon or port.endswith("]"):
        name, port = host, "1"
    return bool(
        scheme in ("http", "https")
        and at
        and slash
        and key
        and _is_host(name)
        and port.isdigit()
        and 0 < int(port) < 65536
        and project.isdigit()
        and dsn.isascii()
        and not set(dsn) & set(' \t\r\n"\\?#')
    )


def _is_host(name: str) -> bool:
    """Whether a text is a host's name or address, an IPv6 address in brackets (RFC 3986, section 3.2.2)."""
    if name[:1] == "[":
        return name[-1:] == "]" and ":" in name and not set(name[1:-1]) - set("0123456789abcdefABCDEF:.")
    labels = name.removesuffix(".").split(".")
    return all(0 < len(label) < 64 and label.replace("-", "").replace("_", "").isalnum() for label in labels)


def without_key(dsn: str) -> str:
    """A DSN for people to read: scheme, host and project, without the key."""
    scheme, separator, rest = dsn.partition("://")
    return scheme + separator + rest.rpartition("@")[2]


def _warn(problem: str) -> None:
    try:
        sys.stderr.write(f"crashguard: {problem}\n")
    except Exception:  # noqa: BLE001, S110 (stderr may be None or closed: then no warning can be shown)
        pass


def _error(problem: str) -> Exception:
    from crashguard.exceptions import ConfigurationError

    return ConfigurationError(problem)
