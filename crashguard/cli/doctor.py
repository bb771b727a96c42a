"""`doctor`: a test of the whole path: a process crashes, its report is kept and sent, and the server answers.

Before that it shows who would send a report from here, and what came of each tool's last native crash.

Every step is real. The test report belongs to an app of its own, crashguard-doctor, whose earlier reports are
deleted first. Under a telemetry level that refuses crash reports, no test report is made.
"""

import importlib.metadata
import importlib.util
import os
import platform
import subprocess
import sys
import time

import attrs
import click

from crashguard import config, files, paths, transport
from crashguard._version import __version__
from crashguard.cli import apps, machine, output, programs
from crashguard.cli.command import Command
from crashguard.cli.progress import Bar
from crashguard.cli.terminal import Console, Text
from crashguard.exceptions import DSNError
from crashguard.spool import journal, rate_limit, reports, store
from crashguard.spool.reports import StoredReport

APP = "crashguard-doctor"
_MOST_SECONDS = 40.0  # two time limits of the transport, and the uploader's start

_INDENT = 26  # columns before what was found
_LABELS = {True: ("ok", "green"), False: ("FAILED", "bold red"), None: ("-", "dim")}


@attrs.define
class _Findings:
    """The results of the steps, which are printed one by one, or as JSON at the end."""

    out: Console | None
    errors: Console
    steps: list[dict[str, object]] = attrs.field(factory=list)

    def bar(self, what: str, total: float) -> Bar:
        """A progress bar, also where the results are printed at the end."""
        return Bar(self.out or self.errors, what, total)

    @property
    def broken(self) -> bool:
        """Whether a step failed."""
        return any(step["ok"] is False for step in self.steps)

    def say(self, fine: bool | None, what: str, found: str) -> None:
        """Print the result of one step; `fine` is None for a step that was rightly left out."""
        self.steps.append({"step": what, "ok": fine, "found": found})
        if self.out is not None:
            label, style = _LABELS[fine]
            begin: tuple[str | tuple[str, str], ...] = ((f"{label:<8}", style), f"{what:<18}")
            for piece in output.wrapped(found, max(20, output.columns(self.out) - _INDENT)):
                output.whole(self.out, Text.assemble(*begin, piece))
                begin = (" " * _INDENT,)


@click.command(cls=Command, short_help="Test the whole path, from a crash to the server.")
@click.option("--dsn", metavar="DSN", help="The server to try.  [default: CRASHGUARD_DSN]")
@click.option("as_json", "--json", is_flag=True, help="Print JSON, for programs.")
def doctor(dsn: str | None, as_json: bool) -> None:
    """Test the whole path: crash, keep, send, and show the server's answer.

    It shows who would send a report from here, and what came of each tool's last native crash. Then it
    crashes a small process on purpose; the report says that it is a test. Without a destination the report
    is kept on this machine. With one it is sent, if your telemetry level allows that.

    Exit status: 0 all is well, 1 something is broken.

    Example:
      crashguard doctor --dsn https://KEY@errors.example.com/1
    """
    findings = _Findings(None if as_json else output.console(), output.console(stderr=True))
    _software(findings)
    to = _destination(findings, dsn)
    for finding in machine.findings(APP):
        findings.say(*finding)
    level = apps.level_of(APP)
    if level.problem is not None:
        findings.say(False, "telemetry level", output.plain(level.problem))
    else:
        findings.say(True, "telemetry level", f"{level.value} ({level.source})")
    why_none = programs.why_none()
    if why_none is not None:
        findings.say(None, "test report", f"not made: {output.plain(why_none)}")
    elif level.sends_errors:
        _try(findings, to)
    else:
        findings.say(None, "test report", "not made: the telemetry level refuses crash reports")
    if as_json:
        output.write_json({"ok": not findings.broken, "steps": findings.steps})
    if findings.broken:
        raise click.exceptions.Exit(1)


def _software(findings: _Findings) -> None:
    python = f"{platform.python_implementation()} {platform.python_version()}"
    findings.say(True, "crashguard", f"{__version__} on {python}, {platform.system()}")
    for name, module in (("sentry-sdk", "sentry_sdk"), ("psutil", "psutil"), ("attrs", "attrs")):
        try:
            findings.say(True, name, importlib.metadata.version(name))
        except importlib.metadata.PackageNotFoundError:  # a packed tool may have the module alone
            there = importlib.util.find_spec(module) is not None
            missing = "is not installed; pip install crashguard installs it"
            findings.say(there, name, "is there, and does not say its version" if there else missing)


def _destination(findings: _Findings, dsn: str | None) -> str | None:
    own = os.environ.get("CRASHGUARD_DSN")
    given, source = (dsn, "--dsn") if dsn is not None else (own, "CRASHGUARD_DSN")
    if not given:
        findings.say(None, "destination", "none; give --dsn or set CRASHGUARD_DSN to test one")
        return None
    if not config.is_dsn(given):
        if dsn is not None:
            shown = config.without_key(dsn)
            raise DSNError(f"--dsn: {shown!r} is not a DSN; a DSN looks like https://KEY@HOST/PROJECT")
        findings.say(
            False, "destination", "CRASHGUARD_DSN is not a DSN; one looks like https://KEY@HOST/PROJECT"
        )
        return None
    findings.say(True, "destination", f"{output.plain(config.without_key(given))} ({source})")
    return given


def _try(findings: _Findings, dsn: str | None) -> None:
    """Crash the test program and follow its report."""
    spool = apps.spool_of(APP)
    _delete_earlier(spool.root)
    # What lies on a disk that is read-only by now is another run's, and so are its outcomes.
    earlier = {report.event_id for report in reports.reports(spool)}
    environment = programs.environment()
    environment.pop("CRASHGUARD_DSN", None)  # which would win over --dsn in the process
    command = [sys.executable, programs.path_of("doctor"), *([dsn] if dsn else [])]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 (our own program)
    found = [report for report in reports.reports(spool) if report.event_id not in earlier]
    if done.returncode != 1 or "DoctorTest" not in done.stderr:
        findings.say(
            False, "test crash", output.first_line(done.stderr.strip().splitlines()[-1:] or "no traceback")
        )
        return
    findings.say(True, "test crash", "a process ended with its traceback, as without crashguard")
    if not found:
        findings.say(False, "spool", _why_not_kept(spool.root))
        return
    report = found[-1]
    findings.say(True, "spool", f"report {report.event_id[:8]} is in {output.short_path(spool.root)}")
    if dsn is None:
        findings.say(None, "sending", "not tried: no destination")
        return
    _follow(findings, spool.root, report, dsn)


def _follow(findings: _Findings, root: str, report: StoredReport, dsn: str) -> None:
    """Wait until the uploader has sent the report, and show the outcome."""
    how = transport.method(config.Config(app=APP, version=__version__, dsn=dsn))
    by = "a detached process" if how == "background" else "the crashing process itself"
    begin = now = time.monotonic()
    with findings.bar("waiting for the server, seconds", _MOST_SECONDS) as bar:
        while True:
            entries = [entry for entry in journal.entries(root) if entry[2] == report.event_id]
            if entries or now >= begin + _MOST_SECONDS:
                break
            time.sleep(0.05)
            before, now = now, time.monotonic()
            bar.advance(now - before)
    if not entries:
        findings.say(False, "uploader", f"{by} should send, and did not in {_MOST_SECONDS:.0f} s")
        return
    findings.say(True, "uploader", f"{by} took it")
    _, outcome, _, reason = entries[-1]
    said = output.plain(reason)
    if outcome == "sent":
        findings.say(True, "server", f"took the report: {said}")
    elif outcome == "rejected":
        findings.say(False, "server", f"refused the report: {said}; is it the right project and key?")
    else:
        findings.say(False, "server", f"could not be reached, or asked to try later: {said}")


def _why_not_kept(root: str) -> str:
    where = output.short_path(root)
    unsafe = paths.why_not_used(APP)
    try:
        files.private_folder(root)
        files.write(os.path.join(root, "probe"), b"", durable=True)
    except OSError as error:
        unsafe = f"{where} cannot be written: {error.strerror}"
    files.remove(os.path.join(root, "probe"))
    if unsafe is None:
        return f"{where} can be written, but holds no report"
    return f"{output.plain(unsafe)}; a report is sent from memory then, or lost"


def _delete_earlier(root: str) -> None:
    """Delete earlier test reports, the journal and the backoff: the result must show the present state."""
    spool = apps.spool_of(APP)
    for state in (*store.KEPT, paths.BROKEN):
        for name in spool.names(state):
            spool.discard(name, state, "an earlier test")
    rate_limit.delete_counts(root)
    for name in ("backoff", *journal.NAMES):
        files.remove(os.path.join(root, name))
