"""Where the instructions of a crash go, stage by stage, and those of a start: what stands in the way of less.

A process is ended at the end of each stage, so that its count holds all before and nothing after. The program
has imported argparse, json and logging. The start is held against files that hold nothing: what the import system
asks for as many modules, whatever is in them.
"""

import tempfile
from argparse import Namespace
from pathlib import Path

from benchmarks import measure, peers
from benchmarks.rows import Row

CRASH = "Stages: where the instructions of a crash go (program with argparse, json, logging)"
START = "Stages: a start, beside a package of empty files"

# In order; each is where the process ends. None: it is not ended at all.
_STAGES = (
    ("start: import + install", "install"),
    ("minimal record on disk", "write"),
    ("traceback on stderr", "previous"),
    ("import of what makes a report", "imports"),
    ("describe", "describe"),
    ("what this machine knows to be private", "needles"),
    ("scrub, its patterns compiled", "scrub"),
    ("seal, keep", "all"),
    ("end of the interpreter", "exit"),
)
_PROGRAM = """
import argparse, json, logging, os, sys
STAGE = sys.argv[1]
if STAGE == "bare": os._exit(0)
if STAGE != "bare exit":
    import crashguard
    crashguard.install(app="demo", version="1.0.0", dsn="http://key@127.0.0.1:9/1", note=False, delivery="deferred")
    if STAGE == "install": os._exit(0)
    from crashguard import minimal_record
    from crashguard.capture import hooks
    def end(holder, name, stage, call=True):
        whole = getattr(holder, name)
        def ending(*args, **options):
            if call: whole(*args, **options)
            os._exit(0)
        if STAGE == stage: setattr(holder, name, ending)
    end(minimal_record, "write", "write")
    end(hooks, "_report", "previous", call=False)
    end(hooks, "_report", "all")
    if STAGE in ("imports", "describe", "needles", "scrub"):
        pause = hooks._pause_collector
        def patched(exc):
            paused = pause(exc)
            from crashguard.capture import crash
            if STAGE == "imports": os._exit(0)
            from crashguard import reporter
            end(reporter.event, "describe", "describe")
            end(reporter.scrub.Scrubber, "__init__", "needles", call=False)
            end(reporter, "sealed", "scrub")
            return paused
        hooks._pause_collector = patched
def read(table, row):
    raise ValueError(f"cannot read row {row} of table {table!r}")
read("accounts", 17)
"""


def run(args: Namespace) -> list[Row]:
    if not measure.has_valgrind():
        measure.say("stages: no valgrind, nothing is counted")
        return []
    return _crash(args) + _start()


def _crash(args: Namespace) -> list[Row]:
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "program.py"
        program.write_text(_PROGRAM)

        def count(stage: str) -> float:
            measure.say(f"stages: {stage}")
            home = Path(tempfile.mkdtemp(dir=folder))
            command = [peers.CRASHGUARD.python, str(program), stage]
            return measure.instructions(command, measure.clean_environment(home), cwd=home) / 1e6

        before = count("bare")
        bare_end = count("bare exit") - before
        for what, stage in _STAGES[:2] if args.quick else _STAGES:
            now = count(stage)
            spent = now - before
            note = ""
            if stage == "exit":
                spent -= bare_end
                note = f"beside {bare_end:.1f} M of a bare crash, traceback included"
            rows.append(Row(CRASH, what, "crashguard", spent, "M instructions", note=note))
            before = now
    return rows


def _start() -> list[Row]:
    """Bare, with a package of as many empty files in as many folders as install() loads, and with crashguard."""
    python = peers.CRASHGUARD.python
    names = ("empty.a", "empty.b", "empty.c", "empty.d", "empty.f", "empty.inner", "empty.inner.e")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        inner = home / "empty" / "inner"
        inner.mkdir(parents=True)
        for path in ("__init__", "a", "b", "c", "d", "f", "inner/__init__", "inner/e"):
            (home / "empty" / f"{path}.py").write_text("")
        env = measure.clean_environment(home, PYTHONPATH=folder)
        measure.process([python, "-c", f"import {', '.join(names)}"], env, cwd=home)  # leaves byte code

        def count(code: str) -> float:
            return measure.instructions([python, "-c", code], env, cwd=home) / 1e6

        bare = count("pass")
        steps = (
            ("a package of one empty file", "floor", "import empty"),
            ("of five", "floor", f"import {', '.join(names[:4])}"),
            ("of eight, which is what install() loads", "floor", f"import {', '.join(names)}"),
            ("import + install", "crashguard", peers.CRASHGUARD.program("http://127.0.0.1:9")),
        )
        rows = []
        for what, subject, code in steps:
            found = count(code)
            rows.append(Row(START, what, subject, found - bare, "M instructions", ratio=found / bare))
    return rows
