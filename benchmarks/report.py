"""What making a report costs, warm: describe, scrub and seal, over growing and hostile exceptions.

The floor walks the traceback and the chain and dumps what it sees as JSON: no names looked up, no scrubbing.
"""

import json
import statistics
import subprocess
import tempfile
from argparse import Namespace
from pathlib import Path

from benchmarks import measure, peers
from benchmarks.rows import Row, of_dict, spread_of

GROUP = "Report: from exception to bytes, warm"
LIMITS = {
    "10 frames": 0.5,
    "1,000 frames": 3.0,
    "50,000 frames": 45.0,
    "1 MB message": 10.0,
    "100 MB local": 0.5,
    "repr that sleeps": 0.5,
}
LIMIT_KB = 100

_CASES = """
import json, sys, time
class Sleeper:
    def __repr__(self): time.sleep(5)
def deep(frames):
    if frames <= 1: raise ValueError("cannot read row 17 of table 'orders'")
    return deep(frames - 1)
def message(): raise ValueError("row 17: " + "the quick brown fox, 42 of 99. " * 33_000)
def local():
    held = "x" * 100_000_000
    raise ValueError(f"cannot read row {len(held)}")
def sleeper():
    held = Sleeper()
    raise ValueError("cannot read row 17")
def caught(function, *arguments):
    try: function(*arguments)
    except BaseException as exc: return exc
sys.setrecursionlimit(200_000)
CASES = {"10 frames": (deep, 9), "1,000 frames": (deep, 999), "50,000 frames": (deep, 49_999),
         "1 MB message": (message,), "100 MB local": (local,), "repr that sleeps": (sleeper,)}
figures = {}
def measure(report, runs):
    for name, (function, *arguments) in CASES.items():
        exc = caught(function, *arguments)
        times, size = [], 0
        for number in range(runs + 1):
            exc.args = (exc.args[0].replace("row ", f"row {number}", 1),)  # no two messages are the same
            start = time.perf_counter()
            size = len(report(exc))
            times.append((time.perf_counter() - start) * 1000)
            if times[-1] > 1000: break
        figures[name] = (times[1:] or times, size)
    print(json.dumps(figures))
"""
_FLOOR = """
def report(exc):
    frames, tb = [], exc.__traceback__
    while tb is not None:
        code = tb.tb_frame.f_code
        frames.append((code.co_filename, code.co_name, tb.tb_lineno))
        tb = tb.tb_next
    return json.dumps({"type": type(exc).__name__, "value": str(exc)[:7000], "frames": frames[:50] + frames[-190:]})
measure(report, %d)
"""
_OURS = """
from crashguard import client, registry, reporter
from crashguard.report import envelope
ours = client.current_client()
ours.captured = []
def report(exc):
    ours.registry = registry.Registry(); ours.captured.clear(); vars(exc).clear()
    made = reporter.report(ours, registry.Crash(exc, "excepthook", handled=False))
    return envelope.seal(made.event, "http://key@127.0.0.1:9/1")
measure(report, %d)
"""
_SENTRY = """
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport
class Sealing(Transport):
    def capture_envelope(self, envelope): self.sealed = envelope.serialize()
sealing = Sealing()
sentry_sdk.init(dsn="http://key@127.0.0.1:9/1", release="demo@1.0.0", transport=sealing)
sentry_sdk.get_client().options["integrations"] = []
def report(exc):
    from sentry_sdk.utils import event_from_exception
    event, hint = event_from_exception(exc, client_options=sentry_sdk.get_client().options)
    sentry_sdk.capture_event(event, hint)
    return sealing.sealed
measure(report, %d)
"""
_BUGSNAG = """
from bugsnag.event import Event
from bugsnag.configuration import RequestConfiguration
from bugsnag.legacy import configuration
def report(exc):
    event = Event(exc, configuration, RequestConfiguration(), severity="error",
                  severity_reason={"type": "unhandledException"}, unhandled=True)
    return event._payload()
measure(report, %d)
"""


def run(args: Namespace) -> list[Row]:
    rows = _pass(args, "floor", peers.CRASHGUARD.python, "", _FLOOR, {})
    floors = {row.what: row.value for row in rows if row.unit == "ms"}
    bodies = {"crashguard": _OURS, "sentry-sdk": _SENTRY, "bugsnag": _BUGSNAG}
    for subject in peers.subjects(args.peers):
        start = subject.program("http://127.0.0.1:9")
        rows += _pass(args, subject.name, subject.python, start, bodies[subject.name], floors)
    return rows


def _pass(
    args: Namespace, name: str, python: str, start: str, body: str, floors: dict[str, float]
) -> list[Row]:
    measure.say(f"report: {name}")
    with tempfile.TemporaryDirectory() as folder:
        # A file, because the peers read source lines around each frame.
        program = Path(folder) / "program.py"
        program.write_text(f"{start}{_CASES}{body % (2 if args.quick else 15)}")
        done = measure.undisturbed(
            lambda: subprocess.run(
                [python, str(program)],
                capture_output=True,
                text=True,
                env=measure.clean_environment(Path(folder)),
                check=False,
            ),
            tries=6 if name in ("floor", "crashguard") else 2,
        )
    if done.returncode:
        raise RuntimeError(f"{name}: {done.stderr[-800:]}")
    rows = []
    own = name == "crashguard"
    for what, (samples, size) in json.loads(done.stdout.splitlines()[-1]).items():
        median = statistics.median(samples)
        common = {"group": GROUP, "what": what, "subject": name, "runs": len(samples)}
        rows.append(
            of_dict(
                {
                    **common,
                    "value": median,
                    "unit": "ms",
                    "spread": spread_of(samples),
                    "ratio": median / floors[what] if what in floors else None,
                    "limit": LIMITS[what] if own else None,
                    "note": f"payload {size / 1000:,.0f} kB" + (" (over)" * (own and size > LIMIT_KB * 1000)),
                }
            )
        )
    return rows
