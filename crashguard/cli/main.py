"""The group of commands, and the handling of errors: one line on stderr, never a traceback."""

import errno
import io
import sys
from collections.abc import Sequence
from typing import Any

import click

from crashguard._version import __version__
from crashguard.cli import (
    comment,
    demo,
    docs,
    doctor,
    issue,
    level,
    output,
    reports,
    run,
    scrubbing,
    sending,
    status,
)
from crashguard.cli.command import Command
from crashguard.exceptions import ConfigurationError, CrashguardError

_GONE = (errno.EPIPE, errno.EIO)  # the reader, the terminal


class Group(Command, click.Group):
    """A group whose commands may raise crashguard's errors and OSError."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; its errors become one line on stderr."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result
        except ConfigurationError as error:
            raise click.UsageError(_said(error)) from error
        except CrashguardError as error:
            raise click.ClickException(_said(error)) from error
        except OSError as error:
            if error.errno == errno.EPIPE:  # the reader had enough (`| head`), which is no error
                sys.stdout = io.StringIO()  # else the interpreter tries to write the rest once more
                raise click.exceptions.Exit(0) from None
            name = f"{output.short_path(str(error.filename))}: " if error.filename else ""
            raise click.ClickException(f"{name}{error.strerror or error}") from error

    def main(self, args: Sequence[str] | None = None, *more: Any, **options: Any) -> Any:
        """Run the command line. A terminal that is gone by the end is no fault of a program."""
        try:
            return self._main(args, *more, **options)
        except OSError as error:
            if error.errno not in _GONE:
                raise
            sys.stdout = sys.stderr = io.StringIO()  # else the interpreter tries to write the rest once more
            sys.exit(1)

    def _main(self, args: Sequence[str] | None, *more: Any, **options: Any) -> Any:
        """Run the command line. Where a command is to print JSON, its error is JSON on stdout, too."""
        words = list(sys.argv[1:] if args is None else args)
        if not self._prints_json(words) or not options.get("standalone_mode", True):
            return super().main(words, *more, **options)
        try:
            status = super().main(words, *more, **{**options, "standalone_mode": False})
        except click.ClickException as error:
            output.write_json({"error": error.format_message()})
            status = error.exit_code
        except click.Abort:
            output.write_json({"error": "aborted"})
            status = 1
        sys.exit(status if isinstance(status, int) else 0)

    def _prints_json(self, words: Sequence[str]) -> bool:
        """Whether a command line has `--json` for a command that knows it; others may hand it on."""
        command = next((self.commands[word] for word in words if word in self.commands), None)
        return command is not None and "--json" in words and any("--json" in p.opts for p in command.params)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        """The names in the order in which a newcomer needs them."""
        return list(self.commands)


def _said(error: CrashguardError) -> str:
    """An error's text, with the command as it is called here."""
    return output.plain(error).replace("`crashguard ", f"`{output.command()} ")


SETTINGS: dict[str, Any] = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
STATUSES = "Exit status: 0 done, 1 something could not be done, 2 wrong usage."


@click.group(
    cls=Group,
    context_settings=SETTINGS,
    epilog=STATUSES,
)
@click.version_option(__version__, prog_name="crashguard", message="%(prog)s %(version)s")
def crashguard() -> None:
    """See, send and delete the crash reports on this machine, and choose what may be recorded and sent.

    Example:
      crashguard status   the telemetry level, and the reports on this machine
      crashguard demo     crash a small program and look at its report
    """


# These are commands of a tool too, if it mounts them.
OF_A_TOOL = (
    status.status,
    level.level,
    reports.list_reports,
    reports.show,
    issue.issue,
    comment.comment,
    sending.send,
    reports.purge,
)
for command in (
    *OF_A_TOOL,
    run.run,
    scrubbing.scrub,
    demo.demo,
    doctor.doctor,
    docs.docs,
):
    crashguard.add_command(command)


def main() -> None:
    """Run the command line and end the process with its exit status."""
    output.prepare_streams()
    crashguard(prog_name="crashguard")
