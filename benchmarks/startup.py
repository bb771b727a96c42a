"""What a healthy run pays: importing and switching on, over a bare `python -c pass` in the same venv."""

import os
import statistics
import subprocess
import tempfile
from argparse import Namespace
from pathlib import Path

from benchmarks import measure, peers
from benchmarks.rows import Row, spread_of

GROUP = "Start: import + install, over bare `python -c pass`"
LIMIT_MS, LIMIT_MB, LIMIT_MODULES, LIMIT_RATIO = 1.0, 0.5, 5, 1.16
REFUSED, LIMIT_REFUSED = "instructions, telemetry level none", 1.17
_SIZE = (
    "\nimport sys; n = len(sys.modules); "
    "import os; os.write(1, b'%d %s' % (n, open('/proc/self/statm', 'rb').read().split()[1]))"
)


def run(args: Namespace) -> list[Row]:
    rows: list[Row] = []
    runs = 8 if args.quick else 40
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        env = measure.clean_environment(home)
        for subject in peers.subjects(args.peers):
            measure.say(f"startup: {subject.name}")
            python = subject.python
            code = subject.program("http://127.0.0.1:9")
            own = subject is peers.CRASHGUARD

            def wall(program: str, python: str = python) -> float:
                return measure.process([python, "-c", program], env, cwd=home).milliseconds

            figures = measure.pairs(lambda: wall("pass"), lambda code=code: wall(code), runs)
            rows.append(
                measure.paired_row(GROUP, "wall", subject.name, figures, limit=LIMIT_MS if own else None)
            )
            sizes = [(size(python, "pass", env, home), size(python, code, env, home)) for _ in range(5)]
            memory = [(with_it[1] - bare[1]) / 1e6 for bare, with_it in sizes]
            rows.append(
                Row(
                    GROUP,
                    "resident memory",
                    subject.name,
                    statistics.median(memory),
                    "MB added",
                    spread_of(memory),
                    len(memory),
                    limit=LIMIT_MB if own else None,
                )
            )
            rows.append(
                Row(
                    GROUP,
                    "modules",
                    subject.name,
                    sizes[0][1][0] - sizes[0][0][0],
                    "modules added",
                    limit=LIMIT_MODULES if own else None,
                )
            )
            if measure.has_valgrind() and (own or not args.quick):
                rows.append(_instructions(subject.name, python, code, env, home))
            if measure.has_valgrind() and own:
                refused = {**env, "DEMO_TELEMETRY_LEVEL": "none"}
                rows.append(_instructions(subject.name, python, code, refused, home, REFUSED))
    return rows


def _instructions(
    name: str, python: str, code: str, env: dict[str, str], home: Path, what: str = "instructions"
) -> Row:
    bare = measure.instructions([python, "-c", "pass"], env, cwd=home)
    with_it = measure.instructions([python, "-c", code], env, cwd=home)
    return Row(
        GROUP,
        what,
        name,
        with_it / bare,
        "x bare",
        note=f"{with_it / 1e6:.2f} M of {bare / 1e6:.2f} M",
        limit=(LIMIT_REFUSED if what == REFUSED else LIMIT_RATIO) if name == peers.CRASHGUARD.name else None,
    )


def size(python: str, code: str, env: dict[str, str], home: Path) -> tuple[int, int]:
    """(modules loaded, bytes resident) of a process that runs `code`."""
    done = subprocess.run(
        [python, "-c", code + _SIZE], env=env, cwd=home, capture_output=True, text=True, check=True
    )
    modules, pages = done.stdout.split()
    return int(modules), int(pages) * os.sysconf("SC_PAGE_SIZE")
