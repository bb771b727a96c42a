"""What a guard costs round code that does not raise, beside the least that could be written by hand."""

import json
import statistics
import subprocess
import sys
from argparse import Namespace

from benchmarks import measure, peers
from benchmarks.rows import Row, of_dict, spread_of

GROUP = "Guard: round a call that does not raise"
LIMITS = {"decorated function": 90, "with, new each time": 280, "with, shared": 150}

# Run inside of each subject's own venv, with its own interpreter: an empty function, bare and guarded.
_OURS = """
guarded = crashguard.guard()(work)
shared = crashguard.guard()
def new():
    with crashguard.guard(): pass
def again():
    with shared: pass
take("decorated function", guarded); take("with, new each time", new); take("with, shared", again)
"""
_SENTRY = """
def new():
    with sentry_sdk.new_scope(): pass
take("with, new each time", new)
"""
_BUGSNAG = """
guarded = bugsnag.legacy.default_client.capture(work)
shared = bugsnag.legacy.default_client.capture()
def new():
    with bugsnag.legacy.default_client.capture(): pass
def again():
    with shared: pass
take("decorated function", guarded); take("with, new each time", new); take("with, shared", again)
"""
_FLOOR = """
def closure(function):
    def inner(*args, **kwargs):
        try:
            return function(*args, **kwargs)
        except BaseException:
            raise
    return inner
class Slotted:
    __slots__ = ("name",)
    def __init__(self, name=None): self.name = name
    def __enter__(self): return None
    def __exit__(self, kind, exc, tb): return False
guarded = closure(work)
shared = Slotted()
def new():
    with Slotted(): pass
def again():
    with shared: pass
take("decorated function", guarded); take("with, new each time", new); take("with, shared", again)
"""
_TAKE = """
import json, time
figures = {{}}
def work(): pass
def nothing(): pass
def once(call, loops={loops}):
    start = time.perf_counter()
    for _ in range(loops): call()
    return (time.perf_counter() - start) / loops * 1e9
def take(name, call):
    base = nothing if name.startswith("with") else work
    samples = []
    for _ in range({repeats}):
        bare = once(base)
        samples.append(once(call) - bare)
    figures[name] = samples
"""


def run(args: Namespace) -> list[Row]:
    rows = _pass(args, "floor", sys.executable, "", _FLOOR, {})
    floors = {row.what: row.value for row in rows}
    bodies = {"crashguard": _OURS, "sentry-sdk": _SENTRY, "bugsnag": _BUGSNAG}
    for subject in peers.subjects(args.peers):
        start = subject.program("http://127.0.0.1:9")
        rows += _pass(args, subject.name, subject.python, start, bodies[subject.name], floors)
    return rows


def _pass(
    args: Namespace, name: str, python: str, start: str, body: str, floors: dict[str, float]
) -> list[Row]:
    measure.say(f"guard: {name}")
    take = _TAKE.format(loops=2_000 if args.quick else 100_000, repeats=3 if args.quick else 9)
    done = measure.undisturbed(
        lambda: subprocess.run(
            [python, "-c", f"{start}{take}{body}\nprint(json.dumps(figures))"],
            capture_output=True,
            text=True,
            check=True,
        )
    )
    rows = []
    for what, samples in json.loads(done.stdout.splitlines()[-1]).items():
        median = statistics.median(samples)
        rows.append(
            of_dict(
                {
                    "group": GROUP,
                    "what": what,
                    "subject": name,
                    "value": median,
                    "unit": "ns",
                    "spread": spread_of(samples),
                    "runs": len(samples),
                    "ratio": median / floors[what] if what in floors else None,
                    "limit": LIMITS.get(what) if name == "crashguard" else None,
                    "note": "new_scope()" if name == "sentry-sdk" else "",
                }
            )
        )
    return rows
