"""`demo`: a real crash of a small program, for a first look at a report."""

import subprocess
import sys

import click

from crashguard import config
from crashguard.cli import apps, output, programs
from crashguard.cli.command import Command
from crashguard.cli.terminal import Text
from crashguard.spool import reports

APP = "crashguard-demo"


@click.command(cls=Command)
def demo() -> None:
    """Crash a small program, and list commands to look at its report.

    The program runs in its own process, under your telemetry level. Its report belongs to an app of its
    own, crashguard-demo. It is not sent unless CRASHGUARD_DSN names your server.

    Example:
      crashguard demo
    """
    why_none = programs.why_none()
    if why_none is not None:
        raise click.ClickException(output.plain(why_none))
    out = output.console()
    spool = apps.spool_of(APP)
    before = {report.event_id for report in reports.reports(spool)}
    path = programs.path_of("demo")
    output.whole(out, Text(f"$ python {output.short_path(path)}", style="bold"))
    sys.stdout.flush()
    done = subprocess.run([sys.executable, path], env=programs.environment(), check=False)  # noqa: S603 (our own program)
    out.print()
    if done.returncode != 1:
        raise click.ClickException(f"the program did not crash: it ended with status {done.returncode}")
    level = apps.level_of(APP)
    if not level.sends_errors:
        why = (
            output.plain(level.problem)
            if level.problem
            else f"your telemetry level is {level.value} ({level.source})"
        )
        output.line(out, f"Nothing was recorded: {why}.")
        out.print("Without crashguard a crash looks the same.")
        return
    new = [report for report in reports.reports(spool) if report.event_id not in before]
    if not new:
        raise click.ClickException(
            f"no report was kept in {output.short_path(spool.root)}; see `crashguard doctor`"
        )
    report, typed = new[-1], output.command()
    fate = (
        f"goes to {output.plain(config.without_key(report.dsn))}" if report.dsn else "stays on this machine"
    )
    output.line(out, f"That was the program's traceback, then crashguard's note. The report {fate}. Now try:")
    out.print()
    output.pairs(
        out,
        [
            (f"{typed} show {report.event_id[:8]}", "the report: no address, no source lines, no values"),
            (f"{typed} show {report.event_id[:8]} --json", "the same as the bytes that would leave"),
            (f"{typed} list", "all reports on this machine"),
            (f"{typed} status", "the telemetry level and what decided it"),
            (f"{typed} purge --app {APP}", "delete the report of this demo"),
        ],
    )
