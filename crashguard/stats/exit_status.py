"""How a command or a sync ended, by the exception that ended it.

success        nothing was raised, or an exit with status 0
usage          the user typed a wrong command: exit status 2, as argparse, click and getopt
               based tools have it, and click's UsageError
interrupted    a request to stop: Ctrl-C (KeyboardInterrupt), click's Abort, a cancelled
               task, an exit with status 130 or 143 (128 + SIGINT, SIGTERM), a reader of our output that
               went away
error          everything else
"""

SUCCESS = "success"
ERROR = "error"
USAGE = "usage"
INTERRUPTED = "interrupted"

_STATUSES = {0: SUCCESS, 2: USAGE, 130: INTERRUPTED, 143: INTERRUPTED}


def of(exc: BaseException | None) -> str:
    """One of the four words.

    Args:
        exc: What ended it; None where it came to its end. A signal handler of a tool's own tells an
            interruption by raising something that is no `Exception`, or `SystemExit` with the statuses above.
    """
    if exc is None:
        return SUCCESS
    kind = type(exc)  # isinstance() would ask a foreign __class__
    if issubclass(kind, SystemExit):
        return _of_status(exc.code)  # type: ignore[attr-defined]
    own = of_click(exc)
    if own is not None:
        return own
    if not issubclass(kind, Exception) or issubclass(kind, BrokenPipeError):
        return INTERRUPTED
    return ERROR


def of_click(exc: BaseException) -> str | None:
    """The word for an exception of click's; None for any other.

    By names: Typer brings a click of its own (`typer._click`, `typer.exceptions`), and neither need be
    installed here.
    """
    names = {
        base.__name__
        for base in type(exc).__mro__
        if base.__module__.endswith(("click.exceptions", "typer.exceptions"))
    }
    if "UsageError" in names:
        return USAGE
    if "Abort" in names:
        return INTERRUPTED
    if "Exit" in names:
        return _of_status(getattr(exc, "exit_code", 1))
    return ERROR if names else None


def _of_status(code: object) -> str:
    if code is None:
        return SUCCESS
    return _STATUSES.get(code, ERROR) if type(code) is int else ERROR
