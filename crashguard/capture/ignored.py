"""Exceptions that are not a crash, because a person or the program asked for that end.

These are Ctrl-C, `sys.exit()`, a closed generator, a cancelled task, a debugger that was left, a reader of
the output that went away, and every exception at an interactive prompt. Apport and ABRT, the crash reporters
of Linux distributions, ignore the same. A tool names further ones, which it expects: `install(ignore=...)`.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import FrameType

    from crashguard.expected import Ignored

_MOST_MEMBERS = 2_000  # a group with more members is a crash without a look at the others
# The descriptor, not the attribute: a subclass may have put anything in its place.
_MEMBERS = vars(BaseExceptionGroup)["exceptions"].__get__
_ENDS = (KeyboardInterrupt, SystemExit, GeneratorExit)
# The functions in which a prompt stands while a person types: module and name.
_PROMPTS = {
    ("code", "interact"),
    ("IPython.terminal.interactiveshell", "mainloop"),
    ("IPython.terminal.interactiveshell", "interact"),
    ("IPython.core.interactiveshell", "run_cell"),
    ("ipykernel.kernelapp", "start"),
}
# Exceptions of libraries, among them a command line's messages to its user: wrong options, "Aborted!". Only
# loaded modules are looked at, because the exceptions of others cannot exist.
_ASKED_FOR = {
    "asyncio.exceptions": ("CancelledError",),
    "concurrent.futures._base": ("CancelledError",),
    "bdb": ("BdbQuit",),  # `q` at a debugger's prompt
    "trio": ("Cancelled",),
    "grpc.aio": ("AbortError",),  # context.abort(): an answer to the client
    "click.exceptions": ("Exit", "Abort", "ClickException"),
    "typer.exceptions": ("Exit", "Abort"),  # Typer has a click of its own since 0.26
    "typer._click.exceptions": ("ClickException",),
    # A test that is skipped, a job that is to be tried again: what the program says to whoever runs it.
    "unittest.case": ("SkipTest",),
    "_pytest.outcomes": ("OutcomeException",),
    "celery.exceptions": ("TaskPredicate",),
    "dramatiq.errors": ("Retry",),
    "dramatiq.middleware.shutdown": ("Shutdown",),
    "huey.exceptions": ("CancelExecution", "RetryTask"),
    "airflow.sdk.exceptions": ("AirflowSkipException", "AirflowRescheduleException", "TaskDeferred"),
    # A premium plugin has no key, licence or quota, or its server is away. The customer can correct that.
    f"{__package__.rpartition('.')[0]}.usage.errors": (
        "CredentialsError",
        "LicenceError",
        "NoQuotaError",
        "QuotaCheckError",
        "UsageNotSentError",
        "UsageServerError",
    ),
}


def is_crash(exc: BaseException, ignore: "Iterable[Ignored]" = ()) -> bool:
    """Whether an exception that ended a program, a thread or a guarded block is a crash.

    An exception group is a crash if one of its leaves is.

    Args:
        exc: The exception.
        ignore: The exceptions that the tool expects: types, and functions that get the exception. Where a
            function raises, its answer is not known, and the exception counts as a crash.
    """
    if _is_at_prompt():
        return False
    todo = [exc]  # no recursion: groups may be nested deeper than the stack
    for _ in range(_MOST_MEMBERS):
        if not todo:
            return False
        each = todo.pop()
        exc_type = type(each)  # isinstance() would read a foreign __class__
        if issubclass(exc_type, BaseExceptionGroup):
            todo += _MEMBERS(each)[:_MOST_MEMBERS]
        elif _is_crash(each, exc_type) and not is_expected(each, ignore):
            return True
    return True


def _is_at_prompt() -> bool:
    """Whether a person types at a prompt of Python, of `code` or of IPython.

    `code.interact()` and `IPython.embed()` leave `sys.ps1` behind in the program that called them. There, a
    prompt is one that a thread stands in now.
    """
    if sys.flags.interactive:
        return True
    if not hasattr(sys, "ps1"):
        return False
    arguments = getattr(sys, "argv", None)
    if not arguments or arguments[0] == "":
        return True  # the interpreter was started without a program
    for frame in sys._current_frames().values():
        caller: FrameType | None = frame
        while caller is not None:
            if (caller.f_globals.get("__name__"), caller.f_code.co_name) in _PROMPTS:
                return True
            caller = caller.f_back
    return False


def is_expected(exc: BaseException, ignore: "Iterable[Ignored]") -> bool:
    """Whether the tool has named an exception as expected."""
    for each in ignore:
        try:
            if issubclass(type(exc), each) if isinstance(each, type) else each(exc):
                return True
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 (a wrong function, or metaclass, hides no crash and ends nothing)
            _say_wrong(each, error)
    return False


def _say_wrong(named: object, error: BaseException) -> None:
    from crashguard.client import current_client

    if (config := current_client().config) is not None:
        name = getattr(named, "__qualname__", type(named).__qualname__)
        config.warn_once(f"ignore: {name} raised {type(error).__name__}; it hides no crash")


def _is_crash(exc: BaseException, exc_type: type[BaseException]) -> bool:
    if issubclass(exc_type, _ENDS):
        return False
    if issubclass(exc_type, BrokenPipeError) or (sys.platform == "win32" and _is_invalid_argument(exc)):
        return not _output_is_gone()
    try:
        loaded = [module for module in _ASKED_FOR if module in sys.modules]
    except Exception:  # noqa: BLE001 (a program may put anything in the place of sys.modules)
        return True
    return not any(_is_asked_for(exc_type, module) for module in loaded)


def _is_asked_for(exc_type: type[BaseException], module: str) -> bool:
    """Whether it is one of the exceptions that a loaded module has for this."""
    for name in _ASKED_FOR[module]:
        try:
            end = getattr(sys.modules[module], name, None)
            if isinstance(end, type) and issubclass(exc_type, end):
                return True
        except Exception:  # noqa: BLE001, S110 (it may put anything into it, too)
            pass
    return False


_EINVAL = 22  # on every system; the module errno makes a hundred names


def _is_invalid_argument(exc: BaseException) -> bool:
    """Whether it is what the C library of Windows makes of a write to a pipe that nobody reads any more."""
    return type(exc) is OSError and exc.errno == _EINVAL and exc.filename is None


def _has_reader(descriptor: int) -> bool:
    """Whether a standard stream is anything but a pipe of Windows whose reader has closed it."""
    if sys.platform == "win32":
        import _winapi
        import msvcrt

        pipe, broken, no_data = 3, 109, 232
        try:
            handle = msvcrt.get_osfhandle(descriptor)
            if _winapi.GetFileType(handle) == pipe:
                _winapi.WriteFile(handle, b"")  # writes nothing, and fails where nobody reads
        except OSError as error:
            return error.winerror not in (broken, no_data)
    return True


def _output_is_gone() -> bool:
    """Whether stdout or stderr is a pipe or socket whose reader has closed it (`tool | head`)."""
    if sys.platform == "win32":
        return not all(map(_has_reader, (1, 2)))
    try:
        import select

        poll = select.poll()
        for descriptor in (1, 2):
            poll.register(descriptor, 0)
        return any(happened & (select.POLLERR | select.POLLHUP) for _, happened in poll.poll(0))
    except (ImportError, AttributeError, OSError):
        return True  # not known: a broken pipe is most likely that of the output
