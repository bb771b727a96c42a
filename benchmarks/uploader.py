"""What sending costs outside of the program: CPU and memory of the uploader for 1 and for 100 reports.

The spool's bound is 100 waiting reports; the figure for 1,000 is ten such runs. There is no process at all
while nothing waits, which is checked.

Must not be known here: how anything is sent.
"""

import subprocess
import tempfile
from argparse import Namespace
from pathlib import Path

from benchmarks import crash, endpoints, growth, measure, peers
from benchmarks.rows import Row

GROUP = "Uploader: a process of its own, while something waits"

_UPLOAD = """
import resource, sys
from crashguard import telemetry_level
from crashguard.transport import upload
upload.SPACING = 0  # waiting is no cost
summary = upload.upload(sys.argv[1], telemetry_level.resolve())
used = resource.getrusage(resource.RUSAGE_SELF)
print(summary.sent, used.ru_utime + used.ru_stime, used.ru_maxrss)
"""


def run(args: Namespace) -> list[Row]:
    rows = []
    for number in (1, 10) if args.quick else (1, 100):
        measure.say(f"uploader: {number} reports")
        sent, cpu, memory = _upload(number)
        note = f"{sent} of {number} sent"
        rows += [
            Row(GROUP, f"CPU, {number} reports", "crashguard", cpu * 1000, "ms", note=note),
            Row(GROUP, f"memory at most, {number} reports", "crashguard", memory / 1000, "MB", note=note),
        ]
    by_report = (rows[2].value - rows[0].value) / ((10 if args.quick else 100) - 1)
    rows.append(
        Row(
            GROUP,
            "CPU, each further 1,000 reports",
            "crashguard",
            by_report * 1000,
            "ms",
            note="extrapolated",
        )
    )
    rows.append(_idle())
    return rows


def _upload(number: int) -> tuple[int, float, float]:
    python = peers.CRASHGUARD.python
    with tempfile.TemporaryDirectory() as folder, endpoints.Endpoint("healthy") as endpoint:
        where = Path(folder)
        program = crash.Crash(where, "bare program", peers.CRASHGUARD, endpoint.url)
        text = program.file.read_text().replace("note=False", 'note=False, delivery="deferred"')
        program.file.write_text(text)
        home = where / "filled"
        growth.fill(home, program.file, python, number)
        [spool] = (path.parent.parent for path in [next(home.rglob("waiting/*.envelope"))])
        done = subprocess.run(
            [python, "-c", _UPLOAD, str(spool)],
            env=measure.clean_environment(home),
            capture_output=True,
            text=True,
            check=True,
        )
    sent, cpu, memory = done.stdout.split()
    return int(sent), float(cpu), float(memory)


def _idle() -> Row:
    """CPU of everything that is still there a moment after a healthy run: nothing."""
    with tempfile.TemporaryDirectory() as folder, endpoints.Endpoint("healthy") as endpoint:
        env = measure.clean_environment(Path(folder))
        code = peers.CRASHGUARD.program(endpoint.url)
        subprocess.run([peers.CRASHGUARD.python, "-c", code], env=env, cwd=folder, check=True)
        waited = crash.wait_for_uploaders(folder, 5)
        left = sorted(str(path) for path in Path(folder).rglob("*"))
    return Row(
        GROUP,
        "processes left by a run that did not crash",
        "crashguard",
        float(waited > 0.5),
        "processes",
        limit=0,
        note=f"{len(left)} files left, {len(endpoint.bodies)} requests",
    )
