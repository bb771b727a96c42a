"""What a crash costs in a large program: instructions that it adds to the same program without crashguard.

Each host is large in one way, and has a bound of its own: what crashguard set itself at most.

Must not be known here: wall time, peers.
"""

import tempfile
from argparse import Namespace
from pathlib import Path

from benchmarks import measure, peers
from benchmarks.rows import Row

GROUP = "Hosts: a crash in a large program, instructions added"

# What the program does before it crashes, and what may be added then, in millions of instructions.
_HOSTS = (
    ("nothing special", "", 62),
    (
        "2,000 environment variables",
        "os.environ.update({f'S{n}_SERVICE_PORT_80_TCP_ADDR': f'tcp://10.0.0.{n}:80' for n in range(2_000)})",
        100,
    ),
    ("1,000 entries before sys.path", "sys.path[:0] = [f'/nowhere/{n}' for n in range(1_000)]", 66),
    (
        "200 threads",
        (
            "import threading\nwait = threading.Event().wait\n"
            "for n in range(200): threading.Thread(target=wait, args=(9,), daemon=True).start()"
        ),
        64,
    ),
    (
        "5,000 modules",
        "import types\nfor n in range(5_000): sys.modules[f'm{n}'] = types.ModuleType(f'm{n}')",
        66,
    ),
    ("900 frames", "DEPTH = 900", 150),
    ("40,000 frames", "sys.setrecursionlimit(90_000)\nDEPTH = 40_000", 1_100),
)
_PROGRAM = """
import os, sys
{start}
DEPTH = 1
{host}
def read(depth):
    if depth > 1: read(depth - 1)
    raise ValueError("cannot read row 17 of table 'accounts'")
read(DEPTH)
"""


def run(args: Namespace) -> list[Row]:
    """A row for each host; of a quick run only the first two."""
    if not measure.has_valgrind():
        measure.say("hosts: no valgrind, nothing is counted")
        return []
    python = peers.CRASHGUARD.python
    start = peers.CRASHGUARD.program("http://127.0.0.1:9").replace('/1")', '/1", delivery="deferred")')
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "program.py"

        def count(start: str, host: str) -> float:
            program.write_text(_PROGRAM.format(start=start, host=host))
            home = Path(tempfile.mkdtemp(dir=folder))
            return (
                measure.instructions([python, str(program)], measure.clean_environment(home), cwd=home) / 1e6
            )

        for what, host, most in _HOSTS[: 2 if args.quick else None]:
            measure.say(f"hosts: {what}")
            added = count(start, host) - count("", host)
            rows.append(Row(GROUP, what, "crashguard", added, "M instructions", limit=most))
    return rows
