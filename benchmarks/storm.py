"""10,000 crashes caught in a loop: the same one, and one that is different each time.

What is measured is the loop with the reporter in it, less the same loop without. The server answers at once.
How many reports arrive, or wait on disk, stands beside: a cheap loop that loses them is no bargain.
"""

import json
import subprocess
import tempfile
import time
from argparse import Namespace
from pathlib import Path

from benchmarks import crash, endpoints, measure, peers
from benchmarks.rows import Row

GROUP = "Storm: 10,000 crashes caught in a loop"
LIMITS = {"identical": 15.0, "distinct": 60.0}

_PROGRAM = """
import json, os, resource, sys, threading, time
def deep(frames, function):
    if frames: return deep(frames - 1, function)
    return function()
NUMBER = {number}
source = "".join(f"def f{{n}}():\\n    raise ValueError('cannot read row {{n}}')\\n" for n in range(NUMBER))
names = {{"__name__": "__main__"}}
exec(compile(source, __file__, "exec"), names)
functions = [names["f%d" % (0 if {identical} else n)] for n in range(NUMBER)]
most = [1]
def loop(capture):
    start = time.perf_counter()
    for function in functions:
        try: deep(8, function)
        except ValueError as exc:
            if capture: report(exc)
    return time.perf_counter() - start
def report(exc):
    {capture}
bare = min(loop(False), loop(False))
{start}
took = loop(True)
print(json.dumps([(took - bare) / NUMBER * 1e6, threading.active_count(),
                  resource.getrusage(resource.RUSAGE_SELF).ru_maxrss]), flush=True)
"""


def run(args: Namespace) -> list[Row]:
    rows = []
    number = 20 if args.quick else 10_000
    for subject in peers.subjects(args.peers):
        for kind in ("identical", "distinct"):
            measure.say(f"storm: {subject.name}, {kind}")
            rows += _storm(subject, kind, number, 1 if args.quick or subject is not peers.CRASHGUARD else 3)
    return rows


def _storm(subject: peers.Subject, kind: str, number: int, runs: int) -> list[Row]:
    samples = []

    def storm() -> tuple[float, int, str]:
        """Microseconds for each, threads at the end, what became of the reports."""
        with tempfile.TemporaryDirectory() as folder, endpoints.Endpoint("healthy") as endpoint:
            program = Path(folder) / "program.py"
            program.write_text(
                _PROGRAM.format(
                    number=number,
                    identical=kind == "identical",
                    start=subject.program(endpoint.url),
                    capture=subject.capture,
                )
            )
            done = subprocess.run(
                [subject.python, str(program)],
                env=measure.clean_environment(Path(folder)),
                capture_output=True,
                text=True,
                timeout=600,
                check=True,
            )
            each, threads, _ = json.loads(done.stdout.splitlines()[-1])
            crash.wait_for_uploaders(folder)
            _settle(endpoint)
            return each, threads, _told(subject, Path(folder), endpoint, kind, number)

    own = subject is peers.CRASHGUARD
    for _ in range(runs):
        each, threads, told = measure.undisturbed(storm, tries=6 if own else 2)
        samples.append(each)
    samples.sort()
    return [
        Row(
            GROUP,
            f"{kind}, each",
            subject.name,
            samples[len(samples) // 2],
            "us",
            samples[-1] - samples[0] if own else None,
            runs,
            limit=LIMITS[kind] if own else None,
            note=f"{told}; {threads} threads at the end",
        )
    ]


def _settle(endpoint: endpoints.Endpoint) -> None:
    """Wait until nothing arrives any more."""
    seen = -1
    while len(endpoint.bodies) != seen:
        seen = len(endpoint.bodies)
        time.sleep(0.2)


def _told(subject: peers.Subject, home: Path, endpoint: endpoints.Endpoint, kind: str, number: int) -> str:
    arrived = len(endpoint.bodies)
    if subject is not peers.CRASHGUARD:
        return f"{arrived} requests for {number} crashes"
    counts = [_occurrences(body) for body in endpoint.bodies]
    counts += [_occurrences(path.read_bytes()) for path in home.rglob("waiting/*.envelope")]
    suppressed = [
        line
        for path in home.rglob("journal")
        for line in path.read_text().splitlines()
        if "suppressed" in line
    ]
    text = f"{len(counts)} report{'s' * (len(counts) != 1)}, greatest count {max(counts, default=0)}"
    return (
        f"{text}, {suppressed[-1].split('suppressed - ')[1]}" if suppressed and kind == "distinct" else text
    )


def _occurrences(envelope: bytes) -> int:
    for line in envelope.splitlines():
        event = json.loads(line)
        if "exception" in event:
            return int(event["contexts"]["crashguard"]["occurrences"])
    return 0
