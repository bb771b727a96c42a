"""What is not a crash: ends that a person or the program asked for.

Ctrl-C, `sys.exit()`, a closed generator, a cancelled task, a reader of our output that went away, and
whatever happens at an interactive prompt. Apport and ABRT, the crash reporters of Linux distributions,
leave out the same.
"""

import sys

# The descriptor, not the attribute: a subclass may have put anything in its place.
_MEMBERS = vars(BaseExceptionGroup)["exceptions"].__get__
_ENDS = (KeyboardInterrupt, SystemExit, GeneratorExit)
# And what a command line says to its user: wrong options, "Aborted!".
# Looked up only where their module is loaded: an exception of theirs cannot exist otherwise.
_ASKED_FOR = (
    ("asyncio.exceptions", "CancelledError"),
    ("concurrent.futures._base", "CancelledError"),
    ("trio", "Cancelled"),
    ("grpc.aio", "AbortError"),  # context.abort(): an answer to the client
    ("click.exceptions", "Exit"),
    ("click.exceptions", "Abort"),
    ("click.exceptions", "ClickException"),
    ("typer.exceptions", "Exit"),  # Typer has a click of its own since 0.26
    ("typer.exceptions", "Abort"),
    ("typer._click.exceptions", "ClickException"),
    # A premium plugin without key, licence or quota, or whose server is away: the customer's to put right.
    *(
        (f"{__package__.rpartition('.')[0]}.usage.errors", name)
        for name in (
            "CredentialsError",
            "LicenceError",
            "NoQuotaError",
            "QuotaCheckError",
            "UsageNotSentError",
            "UsageServerError",
        )
    ),
)


def is_crash(exc: BaseException) -> bool:
    """Whether an exception that ended a program, a thread or a guarded block is a crash.

    A group is one if any of its leaves is.
    """
    if hasattr(sys, "ps1") or sys.flags.interactive:
        return False
    todo = [exc]  # no recursion: groups may be nested deeper than the stack
    while todo:
        each = todo.pop()
        kind = type(each)  # isinstance() would ask a foreign __class__
        if issubclass(kind, BaseExceptionGroup):
            todo += _MEMBERS(each)
        elif _is_crash(kind):
            return True
    return False


def _is_crash(kind: type[BaseException]) -> bool:
    if issubclass(kind, _ENDS):
        return False
    if issubclass(kind, BrokenPipeError):
        return not _output_is_gone()
    for module, name in _ASKED_FOR:
        end = getattr(sys.modules.get(module), name, None)
        if isinstance(end, type) and issubclass(kind, end):
            return False
    return True


def _output_is_gone() -> bool:
    """Whether stdout or stderr is a pipe or socket that nobody reads any more (`tool | head`)."""
    try:
        import select

        poll = select.poll()
        for descriptor in (1, 2):
            poll.register(descriptor, 0)
        return any(happened & (select.POLLERR | select.POLLHUP) for _, happened in poll.poll(0))
    except (ImportError, AttributeError, OSError):
        return True  # no way to tell (Windows): then a broken pipe is most likely that of the output
