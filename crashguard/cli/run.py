"""`run`: run any Python program unchanged and report its crashes.

exec replaces this process by `python SCRIPT ARGS`, so that argv, `__main__`, tracebacks, recursion depth and
exit status are as without crashguard. A `sitecustomize` (`startup/`), which the interpreter imports before
the program, calls install(). It then removes its own entries from path and environment.
"""

import io
import os
import signal
import subprocess
import sys
from contextlib import redirect_stderr

import click

from crashguard.cli import output, programs
from crashguard.cli.command import Command
from crashguard.config import Config

STARTUP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "startup")
# The variables that `startup/sitecustomize.py` reads and removes.
PREFIX = "CRASHGUARD_STARTUP_"


@click.command(
    cls=Command,
    context_settings={"allow_interspersed_args": False},
    short_help="Run a Python program and report its crashes.",
)
@click.option("--app", metavar="NAME", help="The name in the reports.  [default: that of the program]")
@click.option(
    "--app-version", metavar="VERSION", default="0", show_default=True, help="The program's version."
)
@click.option("--dsn", metavar="DSN", help="Where reports go.  [default: they stay on this machine]")
@click.option("-m", "as_module", is_flag=True, help="PROGRAM is a module, as for python -m.")
@click.argument("program")
@click.argument("arguments", metavar="[ARGUMENT]...", nargs=-1, type=click.UNPROCESSED)
def run(  # noqa: PLR0917 (click passes them by name)
    app: str | None,
    app_version: str,
    dsn: str | None,
    as_module: bool,
    program: str,
    arguments: tuple[str, ...],
) -> None:
    """Run a Python program and report its crashes, without a change to the program.

    PROGRAM is a script, or with -m a module. Output, tracebacks and exit status are those of
    `python PROGRAM`, with a note after a crash. A program that installs crashguard itself keeps its own
    settings. Options before PROGRAM are for crashguard; options after it are for the program.

    Example:
      crashguard run --app nightly report.py --month may
    """
    why_none = programs.why_none()
    if why_none is not None:
        raise click.ClickException(output.plain(why_none))
    name = app or app_name(program, is_module=as_module)
    # This checks the arguments. The program's own process warns about the environment.
    with redirect_stderr(io.StringIO()):
        Config(app=name, version=app_version, dsn=dsn)
    if not sys.executable or sys.flags.ignore_environment:
        raise click.UsageError("run does not work under python -E or -I, or without sys.executable")
    environment = environment_for(os.environ, app=name, version=app_version, dsn=dsn)
    environment.update(
        {f"{PREFIX}MODULE": program} if as_module else {f"{PREFIX}FILE": os.path.abspath(program)}
    )
    command = [sys.executable, *own_options(), *(["-m"] if as_module else []), program, *arguments]
    sys.stdout.flush()
    if sys.platform == "win32":  # exec there is a new process, and the caller does not wait for it
        signal.signal(
            signal.SIGINT, signal.SIG_IGN
        )  # Ctrl-C reaches both; what it means is the program's to say
        sys.exit(subprocess.run(command, env=environment, check=False).returncode)  # noqa: S603 (the user's own command)
    os.execve(sys.executable, command, environment)  # noqa: S606 (as above)


def app_name(program: str, *, is_module: bool) -> str:
    """An app's name for a program: the script's without its suffix, or the module's."""
    stem = program if is_module else os.path.splitext(os.path.basename(os.path.abspath(program)))[0]
    if stem == "__main__":
        stem = os.path.basename(os.path.dirname(os.path.abspath(program)))
    allowed = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "-" for c in stem)
    return allowed.lstrip(".") or "program"


def environment_for(
    base: "os._Environ[str] | dict[str, str]", *, app: str, version: str, dsn: str | None
) -> dict[str, str]:
    """An environment in which the interpreter installs crashguard before it runs the program."""
    made = {**base, f"{PREFIX}APP": app, f"{PREFIX}VERSION": version}
    if dsn is not None:
        made[f"{PREFIX}DSN"] = dsn
    before = base.get("PYTHONPATH")
    if before is not None:
        made[f"{PREFIX}PYTHONPATH"] = before
    made["PYTHONPATH"] = os.pathsep.join([STARTUP, before] if before else [STARTUP])
    return made


def own_options() -> list[str]:
    """The options of this interpreter (`-X dev`, `-W error`), for the program's interpreter."""
    arguments = sys.orig_argv[1 : len(sys.orig_argv) - len(sys.argv)]
    return arguments[:-1] if arguments[-1:] == ["-m"] else arguments
