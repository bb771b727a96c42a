"""`demo`: a real crash of a small program, so that a newcomer sees what there is to see."""

import subprocess
import sys

import click
from rich.text import Text

from crashguard import config
from crashguard.cli import apps, output, programs
from crashguard.cli.command import Command
from crashguard.spool import reports

APP = "crashguard-demo"


@click.command(cls=Command)
def demo() -> None:
    """Crash a small program, and say what to look at then.

    The program runs in a process of its own, under your telemetry level. Its report is kept apart, under
    the name crashguard-demo, and goes nowhere unless CRASHGUARD_DSN names a server of yours.

    Example:
      crashguard demo
    """
    out = output.console()
    spool = apps.spool_of(APP)
    before = {report.event_id for report in reports.reports(spool)}
    path = programs.path_of("demo")
    out.print(Text(f"$ python {output.short_path(path)}"), style="bold")
    sys.stdout.flush()
    done = subprocess.run([sys.executable, path], env=programs.environment(), check=False)  # noqa: S603 (our own program)
    out.print()
    if done.returncode != 1:
        raise click.ClickException(f"the program was to crash, but it ended with status {done.returncode}")
    level = apps.level_of(APP)
    if not level.sends_errors:
        why = (
            output.plain(level.problem)
            if level.problem
            else f"your telemetry level is {level.value} ({level.source})"
        )
        out.print(Text(f"Nothing was recorded: {why}."))
        out.print("That is what a crash looks like without crashguard, too.")
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
    out.print(Text(f"That was the program's traceback, then crashguard's note. The report {fate}. Now try:"))
    out.print()
    output.pairs(
        out,
        [
            (f"{typed} show {report.event_id[:8]}", "what the report says: no address, no source, no values"),
            (f"{typed} show {report.event_id[:8]} --json", "the same, byte for byte"),
            (f"{typed} list", "all reports on this machine"),
            (f"{typed} status", "who decides what leaves it"),
            (f"{typed} purge --app {APP}", "delete what this left behind"),
        ],
    )
