"""Programs that run for months: a million guarded calls and 100,000 handled crashes leave nothing behind.

Measured in one process after a warm-up: resident memory, descriptors, threads, child processes.
"""

import json
import subprocess
import tempfile
from argparse import Namespace
from pathlib import Path

from benchmarks import crash, endpoints, measure, peers
from benchmarks.rows import Row

GROUP = "Long-lived: what grows in one process"
LIMIT_MB = 2.0

_PROGRAM = """
import gc, json, os
def state():
    gc.collect()
    pages = int(open("/proc/self/statm", "rb").read().split()[1])
    children = open(f"/proc/self/task/{os.getpid()}/children").read().split()
    return [pages * os.sysconf("SC_PAGE_SIZE"), len(os.listdir("/proc/self/fd")),
            len(os.listdir("/proc/self/task")), len(children)]
def work(number):
    return number
guarded = crashguard.guard("work")(work)
def guard(number):
    for count in range(number):
        guarded(count)
def read(row):
    raise ValueError(f"cannot read row {row}")
def handle(number):
    for count in range(number):
        try: read(count)
        except ValueError as exc: crashguard.capture_exception(exc)
def make(number):
    # Code that is made as it runs: each crash comes from a function that exists once.
    for count in range(number):
        names = {"__name__": "__main__"}
        exec(f"def f{count}(): raise ValueError('cannot read')", names)
        try: names[f"f{count}"]()
        except ValueError as exc: crashguard.capture_exception(exc)
figures = []
for name, function, number in WHAT:
    function(min(number, 3_000))  # warm: what is made once is not growth
    before = state()
    function(number)
    figures.append((name, before, state()))
print(json.dumps(figures))
"""


def run(args: Namespace) -> list[Row]:
    measure.say("longlived")
    few = 100 if args.quick else 1
    what = (
        f'WHAT = [("{1_000_000 // few:,} guarded calls", guard, {1_000_000 // few}), '
        f'("{100_000 // few:,} handled crashes of one kind", handle, {100_000 // few}), '
        f'("{100_000 // few:,} handled crashes, each from code of its own", make, {100_000 // few})]\n'
    )
    with tempfile.TemporaryDirectory() as folder, endpoints.Endpoint("healthy") as endpoint:
        program = Path(folder) / "program.py"
        body, _, end = _PROGRAM.partition("figures = []")
        program.write_text(peers.CRASHGUARD.program(endpoint.url) + body + what + "figures = []" + end)
        done = subprocess.run(
            [peers.CRASHGUARD.python, str(program)],
            env=measure.clean_environment(Path(folder)),
            capture_output=True,
            text=True,
            check=True,
        )
        crash.wait_for_uploaders(folder)
    rows = []
    for name, before, after in json.loads(done.stdout.splitlines()[-1]):
        memory, files, threads, children = (now - then for then, now in zip(before, after, strict=True))
        note = f"{files:+d} descriptors, {threads:+d} threads, {children:+d} child processes"
        rows.append(Row(GROUP, name, "crashguard", memory / 1e6, "MB added", limit=LIMIT_MB, note=note))
    return rows
