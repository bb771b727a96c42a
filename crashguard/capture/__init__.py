"""install() and uninstall(), and the rooms where a crash comes in.

    hooks             sys, threading, unraisable exceptions, imports to watch, the end of the interpreter
    crash             the steps of a hook after a crash
    event_loops       asyncio
    child_processes   multiprocessing
    interactive       a prompt that a program offers
    guard             guard(); callables: over what is not a plain function
    handled           capture_exception()
    api               flush() and last_run()
    ignored           exceptions that are not a crash
    note              the crash message (the note); windows_shell: its commands on Windows
    notice            the first-use notice
    leftovers         what earlier runs left
    calm              a sentence in the place of the traceback
    forks             the telemetry level for children that were forked before a no
    handover          the same for processes that the program starts
    run               the files of this run, from which the next one learns how it ended
    owner             which of two apps that call install() owns the process
    main_program      whether the flag on the command line is meant for this tool

install() imports few modules; the rest of the package is imported at the first crash. A test counts the
modules.
"""

import os
import sys

from crashguard import files, paths
from crashguard import telemetry_level as levels
from crashguard.client import apart, current_client
from crashguard.config import Config

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import FrameType
    from typing import Any, Literal

    from crashguard.client import Client
    from crashguard.config import Delivery, Ending, Ignore, Messages, Note, Notice, OnReport, Vocabulary
    from crashguard.plugin import Plugin


# The default of install()'s arguments: of one that a second call does not name, the first call's value stays.
NOT_GIVEN: "Any" = ...


def install(
    *,
    app: str,
    version: str,
    dsn: str | None = NOT_GIVEN,
    telemetry_level: str | None = NOT_GIVEN,
    env_var: "str | Iterable[str] | None" = NOT_GIVEN,
    default_level: 'Literal["none", "stats", "errors", "all"]' = NOT_GIVEN,
    environment: str | None = NOT_GIVEN,
    delivery: "Delivery" = NOT_GIVEN,
    packages: "Iterable[str]" = NOT_GIVEN,
    plugin: "Plugin | None" = NOT_GIVEN,
    note: "bool | Note" = NOT_GIVEN,
    notice: "Notice" = NOT_GIVEN,
    needles: "Iterable[str]" = NOT_GIVEN,
    rules: "Iterable[Any]" = NOT_GIVEN,
    messages: "Messages" = NOT_GIVEN,
    vocabulary: "Vocabulary" = NOT_GIVEN,
    source_lines: bool = NOT_GIVEN,
    refused_by: str | None = NOT_GIVEN,
    markers: bool | None = NOT_GIVEN,
    native: bool = NOT_GIVEN,
    ignore: "Ignore" = NOT_GIVEN,
    issue_url: str | None = NOT_GIVEN,
    on_report: "OnReport" = NOT_GIVEN,
    ending: "Ending" = NOT_GIVEN,
    controller: str = NOT_GIVEN,
    contact: str = NOT_GIVEN,
) -> None:
    """Report this program's crashes from now on: in threads, child processes and finalizers too.

    The tool that a person started owns the process. Where a library calls install() with an app of its own
    after the tool has done so, one line on stderr says that it has no effect. Where the tool calls it later,
    the tool's call replaces the library's. The tool is the main script or the package that was started, else
    what lies beside the script; a library is what is installed or lies in a folder for the code of others.

    Call it first in a program. Call it again to change a setting: the telemetry level, once the command line
    is parsed. A second call for the same app changes what it names and keeps the rest. If it takes something
    back (a lower telemetry level, `native=False`, `markers=False`), what the first call began is undone: its
    files are removed and its hooks put back, and what this run has recorded is deleted.

    Hooks that were in place before still run, and run first. A run without a crash sends no report of its own
    and leaves no file behind; reports that earlier runs left may be sent while it runs. At the telemetry
    levels `none` and `stats` no hook is set and nothing is written.

    A no by the user's `--telemetry-level` counts from the first call on, before the program has parsed its
    command line: install() looks for it in `sys.argv`, up to `--`. What is found there only takes away,
    because it may belong to another program or option; a yes by the flag counts once the program hands it
    over. A value that is not valid counts as `none` until the program's parser has said what is wrong, where
    the caller is the program that was started. In a program of somebody else that only imports the caller it
    does not count.

    A telemetry level that the flag or `refused_by` lowers is put into the tool's variable in this process,
    so that child processes of every kind get it. No other variable is set, and never one that allows more.

    Args:
        app: The tool's name: the first part of the release, and the name of the spool's folder.
        version: The tool's version. `development` records but never sends.
        dsn: The destination of reports: any server that speaks the Sentry protocol. None keeps them on the
            machine. A user can name a server of their own in `CRASHGUARD_DSN`; `SENTRY_*` variables are
            never read.
        telemetry_level: The user's value for `--telemetry-level`, as the program's parser has it, or None
            where the parser found none. None takes no earlier no back. After a call with a wrong value
            nothing is recorded until a right one comes.
        env_var: The variable in which users of this tool set their telemetry level. By default it is named
            after the app: `MYTOOL_TELEMETRY_LEVEL` for `mytool`. For CloudQuery and its plugins it is
            `CQ_TELEMETRY_LEVEL`, and a plugin's host may hand its own one over (`child_environment()`). Of
            several names the first counts; the others, the former names, count for a no.
        default_level: The telemetry level of a user who has said nothing: `all` by default, `none` for a tool
            that asks its users first.
        environment: The Sentry environment of the reports, for example `production`.
        delivery: `background` (a detached uploader), `inline` (in the dying process, under a deadline),
            `deferred` (the next run) or `auto`, which uses the first of these that works here.
        packages: Further packages that belong to the tool. Known without it are the package of the module
            that calls install(), all that its distribution holds, and for a script the modules beside it.
        plugin: The plugin, in a process that runs one plugin: crashes belong to the plugin.
        note: False prints no note after a crash. A callable gets the note and returns the text to print in
            its place, or None for no text.
        notice: The first-use notice, on a terminal before the first report can leave, and where the tool has
            stats, before the first record. It says what may leave, to whom, and how to say no.
            False prints none. A text is printed in its place, once for both. A callable gets each notice
            and returns the text to print, or None for no text; where it raises, the notice is printed as it
            is. Each is printed once for a user of a machine, and never in a pipe, in CI and in a plugin's
            process.
        needles: Private literals: texts that must never appear in a report, beside those that crashguard
            finds by itself.
        rules: `crashguard.scrub.Rule`s of your own, beside those of crashguard.
        messages: What messages keep beside the program's own text. `none`: there are no messages.
            `template`: no value and no name that was typed at run time. `shapes`: of values their shapes,
            names of options, columns and files. `names`: single words too. `full`: everything but secrets.
        vocabulary: Names of tables, columns and options that may stay in messages: a list, or a callable that
            takes a word and whose answer counts as true for those.
        source_lines: False leaves out the lines of code around the frames of the tool and of official
            plugins. Lines are told of installed files only, which by their hash in RECORD are as published.
        refused_by: The name of another switch by which the user refused crash reports (`--no-sentry`), or
            None. It takes errors out of any telemetry level and does not change stats. In a process that runs
            a plugin, `--no-sentry` in `sys.argv` is found without it, and means `none`: the CloudQuery CLI
            says nothing else to its plugins.
        markers: Whether to leave a run marker: a small file in the spool while the program runs. A marker
            whose process is gone means that the run was killed. So a tool that ends by `os.execv()` or one of
            its kin calls `uninstall()` before. True also keeps the verdict on clean ends (`last_run()`), at
            every telemetry level; it never leaves the machine. False leaves no file. None leaves a marker
            where the telemetry level allows crash reports.
        native: Whether to report native crashes (SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL): `faulthandler`
            writes the stacks of all threads to a file, and the next run reports them. It takes a file, those
            five handlers and a descriptor: number 250 where it is free, because a host that closes all
            descriptors gets low numbers again for its own files. If faulthandler is enabled already, it is
            not changed.
        ignore: Exceptions that are expected and not recorded: exception types (with their subclasses), and
            functions that get an exception and return whether it is expected. One or a list; None names
            nothing. A group of exceptions is ignored if all of its members are. Where a function raises, the
            exception is recorded, and one line on stderr names the function.
        issue_url: The form for a new issue, as `https://github.com/OWNER/REPO/issues/new`, or the repository
            (GitHub, GitLab, Gitea, Forgejo), or any URL with `{title}` and `{body}`. Then the note names the
            command `crashguard issue ID`, which fills in the form in the user's browser. Nothing leaves but
            what the user sends there.
        on_report: A function that gets each report once, after it was written: an object with `id`, `title`,
            `fingerprint`, `release`, `path`, `event` and `markdown()`. It runs before the process ends, so it
            should be quick. What it raises is dropped, and said once on stderr. In child processes it is not
            called.
        ending: `traceback`, or `calm` for a tool whose users do not program: in the place of the traceback of
            an exception that ends the program, lines name the command that failed and say what to do. The
            report has the traceback. `MYTOOL_TRACEBACK=1`, and `--traceback` in a tool with that option, show
            it on the screen. It holds at every telemetry level, and nothing more leaves the machine.
        controller: Who is responsible for the data, for the page that `mytool telemetry docs telemetry-page`
            prints for the tool's users. Empty by default. It never leaves the machine.
        contact: Where users ask about their data, and have a sent report deleted, for the same page. The calm
            end names it too.

    Raises:
        ConfigurationError: An argument is not valid (TelemetryLevelError and DSNError are subclasses). A
            wrong value in the environment or in a saved file raises no error: one line on stderr says so,
            and nothing is sent.
    """
    arguments = {
        "dsn": dsn,
        "telemetry_level": telemetry_level,
        "env_var": env_var,
        "default_level": default_level,
        "environment": environment,
        "delivery": delivery,
        "packages": packages,
        "plugin": plugin,
        "note": note,
        "notice": notice,
        "needles": needles,
        "rules": rules,
        "messages": messages,
        "vocabulary": vocabulary,
        "source_lines": source_lines,
        "refused_by": refused_by,
        "markers": markers,
        "native": native,
        "ignore": ignore,
        "issue_url": issue_url,
        "on_report": on_report,
        "ending": ending,
        "controller": controller,
        "contact": contact,
    }
    client = current_client()
    caller = sys._getframe(1)
    if client.config is not None and client.config.app != app:
        try:
            from crashguard.capture import owner
        except _NOT_LOADED:
            return  # who has the process keeps it
        if not owner.takes_over(client, app, caller):
            return
    before = client.config if client.config is not None and client.config.app == app else None
    if before is not None and before.handed:
        from crashguard.capture import handover

        handover.take_back(before)
    given = {name: value for name, value in arguments.items() if value is not NOT_GIVEN}
    named = given if before is None else {**before.named, **given}
    try:
        config = _configured(app, version, named, before, caller, strict="telemetry_level" in given)
    except _NOT_LOADED:
        if before is None:
            raise
        client.config = None  # what the call wants is not known: nothing more is recorded
        return
    except Exception:
        if before is not None:  # a call that fails takes away all the same, and gives nothing
            less = {**before.named, **{name: given[name] for name in _TAKES_AWAY if name in given}}
            config = _configured(app, before.version, less, before, caller, strict=False)
            _put_in_place(client, config, caller)
        raise
    config.warn(before)
    try:
        _put_in_place(client, config, caller)
    except _NOT_LOADED:
        if before is None:
            raise


# What an import raises: no such file, no right or no descriptor to read it, half of another version's. After
# the first install() that does not reach the program.
_NOT_LOADED = (ImportError, OSError, EOFError, SyntaxError)

# Arguments by which a later install() takes something back.
_TAKES_AWAY = ("telemetry_level", "refused_by", "native", "markers")


def take_telemetry_level(value: str, app: str | None) -> None:
    """Take the telemetry level that a parser found after the tool's install(); all other settings stay.

    Args:
        value: One of the four.
        app: The tool; None for the one that called install().
    """
    client = current_client()
    before = client.config
    if before is not None and app in (None, before.app):
        named = {**before.named, "telemetry_level": value}
        config = _configured(before.app, before.version, named, before, sys._getframe(), strict=True)
        _put_in_place(client, config, None)


def _put_in_place(client: "Client", config: Config, caller: "FrameType | None") -> None:
    """Set the hooks, make the files of this run, and handle what earlier runs left, as the settings say."""
    named = config.named
    is_first = client.config is None or client.config.app != config.app
    if caller is not None:
        client.installer = (str(caller.f_globals.get("__name__", "")), caller.f_code.co_filename)
        if client.config is not None and client.config.app != config.app:
            client.program = None
            client.callers.clear()
        client.callers.append(_code_of(caller))
    client.config = config
    if client.shared:
        from crashguard.capture import forks

        forks.tell(client)
    if config.plugin is not None:
        from crashguard import policy

        client.local_only = client.local_only or policy.why_not_plugin(config.plugin) is not None
    client.reconfigure()
    if config.is_told or config.lower_flags() or config.level.problem is not None:
        from crashguard.capture import handover

        handover.hand_over(config)
    wanted = named.get("markers")
    with_marker = config.level.sends_errors if wanted is None else wanted
    if config.level.sends_errors or config.is_told or with_marker or client.hooks or client.run is not None:
        from crashguard.capture import run

        run.begin(
            client,
            install,
            with_marker=with_marker,
            clean_ends=wanted is True,
            with_native=named.get("native", True) and config.level.sends_errors,
        )
    if config.ending == "calm":
        from crashguard.capture import calm

        calm.install(client)
    if config.level.sends_errors and config.dsn is not None and config.notice is not False:
        _announce(client, config, is_first=is_first)
    else:
        client.due = None
    _tend(client, config)


def _code_of(frame: "FrameType") -> "tuple[dict[str, Any], str]":
    """The namespace and the file of whoever calls install(); frames of crashguard itself are passed over."""
    us = __name__.rpartition(".")[0]
    while frame.f_back is not None:
        name = frame.f_globals.get("__name__")
        if type(name) is not str or not (name == us or name.startswith(us + ".")):
            break
        frame = frame.f_back
    return frame.f_globals, frame.f_code.co_filename


def _announce(client: "Client", config: Config, *, is_first: bool) -> None:
    """Have the first-use notice printed on a terminal, if nobody has seen it. Never raises.

    At the first call it waits for the place where the tool mounts our commands: for a later call, for what
    may leave, or for the end of the run.
    """

    def show(leaves: bool) -> bool:
        try:
            from crashguard.capture import notice

            return notice.of_crash_reports(config, leaves=leaves)
        except _NOT_LOADED:
            return True  # nothing leaves either

    try:
        is_due = sys.stderr.isatty() and not os.path.lexists(os.path.join(config.spool, paths.NOTICE))
        client.due = show if is_due else None
        if not is_first:
            client.say_due()
    except Exception:  # noqa: BLE001, S110 (stderr may be None, closed, or replaced by anything)
        pass


def _configured(
    app: str,
    version: str,
    named: "dict[str, Any]",
    before: Config | None,
    caller: "FrameType",
    *,
    strict: bool,
) -> Config:
    """The settings that were named, and the no that the command line shows by itself.

    Raises:
        ConfigurationError: A setting is not valid.
    """
    settings = {name: value for name, value in named.items() if name not in ("markers", "native")}
    arguments = getattr(sys, "argv", None) or ()  # an embedding program may have none
    if settings.get("plugin") is not None and any(map(levels.is_no_sentry, arguments)):
        settings["refused_by"] = levels.NO_SENTRY
    is_named = "telemetry_level" in settings
    flag = settings.pop("telemetry_level", None)
    limits: tuple[str, ...] = ()
    every = _typed(arguments)
    typed = every[-1] if every else None  # of several in one place the last counts, as parsers do
    if flag is None:
        before_said = None if before is None else before.named.get("telemetry_level")
        if is_named and typed in levels.CHOICES and typed == before_said:
            flag = typed  # a group had the flag, and its subcommand, which has the option too, had not
            named = {**named, "telemetry_level": flag}
    if flag is None:
        limits = before.lower_flags() if is_named and before is not None else ()
        # Until the parser has spoken each of them counts: one may stand before a subcommand, another behind
        # it. A wrong value stays a no: a group's parser has not seen what its subcommand's will refuse.
        limits = (*limits, *(each for each in every if each in levels.CHOICES or _is_main(caller)))
    elif typed in levels.CHOICES:  # a subcommand's parser may find what its group's has not
        limits = (typed,)
    parsed = current_client().parsed
    if parsed is not None and parsed[0] in (None, app):
        limits = (*limits, parsed[1])
    may_grow = typed in levels.CHOICES and not is_named
    former = () if before is None else before.variables
    config = Config(
        app=app, version=version, flag=flag, limits=limits, former=former, strict=strict, **settings
    )
    config.named = named
    config.may_grow = may_grow and config.level.at_most(str(typed), levels.FLAG).value != typed
    return config


def _typed(arguments: "Iterable[object]") -> "Sequence[str]":
    """The values of the flag on a command line that nobody has parsed yet; mostly there is no flag."""
    if not any(isinstance(each, str) and each.startswith("--tel") for each in arguments):
        return ()
    from crashguard.capture import main_program

    return main_program.typed(arguments)


def _is_main(caller: "FrameType") -> bool:
    """Whether the command line is that of the program which calls install()."""
    from crashguard.capture import main_program

    return main_program.is_caller(caller)


def capture_exception(exc: BaseException | None = None) -> str | None:
    """Record an exception that the program handles.

    The report has the same content as after a crash and needs the same telemetry level.

    Args:
        exc: The exception; by default the one that is being handled.

    Returns:
        The report's event id, 32 hexadecimal digits. None where nothing was recorded: without `install()`,
        under a telemetry level without errors, for an object that is not an exception, and for an ignored
        exception (Ctrl-C, `sys.exit()`, those of `install(ignore=...)`).

    Raises:
        BaseException: Whatever a signal handler of the program raised while the report was made.
    """
    client = current_client()
    exc = sys.exception() if exc is None else exc
    if client.config is not None and client.config.parents:
        client.config.hear()
    if client.config is None or exc is None or not client.config.level.sends_errors:
        return None
    if not issubclass(type(exc), BaseException):  # a text, a class or exc_info() was passed by mistake
        return None
    made: list[str | None] = []

    def report() -> None:
        from crashguard.fork_gate import fork_gate

        with fork_gate:
            from crashguard.capture import handled

            made.append(handled.report(client, exc))

    interrupts, raised = client.load_interrupts()
    if interrupts is not None:
        raised = interrupts.report(lambda: apart(lambda: client.spare.lending(report))) or raised
    if raised is not None:
        raise raised
    return made[0] if made else None


def uninstall() -> None:
    """Put back the hooks that install() replaced, and drop its settings.

    A hook that other code set after install() stays in place. The hook of crashguard below it only calls the
    hook before it from then on.
    """
    client = current_client()
    if client.config is not None and client.config.handed:
        from crashguard.capture import handover

        handover.take_back(client.config)
    client.config = client.program = client.due = client.parsed = None
    client.left = []
    client.callers.clear()
    if client.hooks or client.run is not None:
        from crashguard.capture import run

        run.undo(client)


def _tend(client: "Client", config: Config) -> None:
    """Handle what earlier runs left, if they left something. Never raises."""
    try:
        # A value that is not valid is no decision of the user's, and neither is one that the flag replaces.
        if config.level.problem is not None or config.may_grow or not _is_something_left(client, config):
            return
        from crashguard.fork_gate import fork_gate

        with fork_gate:
            from crashguard.capture import leftovers

            leftovers.tend(client, config)
    except Exception:  # noqa: BLE001, S110 (a healthy run is not disturbed by the spool's state)
        pass


def _is_something_left(client: "Client", config: Config) -> bool:
    """Whether there may be work in the spool. A start looks no closer, because mostly there is none."""
    spool, run = config.spool, client.run
    there = files.names(spool)
    folders = [state for state in paths.TO_SEND if state in there]
    folders += [os.path.join(kind, paths.WAITING) for kind in paths.STATS if kind in there]
    if any(not files.is_empty(os.path.join(spool, folder)) for folder in folders):
        return True
    # Files of other runs. The verdict on the last one goes with a no, unless the host asks for it.
    keeps_verdict = config.level.sends_errors or config.named.get("markers") is True
    return paths.RUNS in there and any(
        (name != paths.LAST or not keeps_verdict) and not (run is not None and run.owns(name))
        for name in files.names(os.path.join(spool, paths.RUNS))
    )
