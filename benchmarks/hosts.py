"""What a crash costs in a large program: instructions that it adds to the same program without crashguard.

Each host is large in one way, and has a bound of its own: what crashguard set itself at most.
"""

import base64
import hashlib
import tempfile
from argparse import Namespace
from pathlib import Path

from benchmarks import growth, measure, peers
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
            "for n in range(200): threading.Thread(target=wait, args=(900,), daemon=True).start()"
        ),
        64,
    ),
    (
        "5,000 modules",
        "import types\nfor n in range(5_000): sys.modules[f'm{n}'] = types.ModuleType(f'm{n}')",
        66,
    ),
    ("900 frames", "DEPTH = 900", 150),
    ("50,000 frames", "sys.setrecursionlimit(110_000)\nDEPTH = 50_000", 1_350),
)
WAITING = ("10,000 waiting reports, and a crash of a group of its own", 10_000, 125)
INSTALLED = ("an installed tool: versions, and lines of its own source", 90)
_PROGRAM = """
import os, sys
{start}
DEPTH = 1
{host}
def read(depth):
    if depth > 1: read(depth - 1)
    raise ValueError("cannot read row 17 of table 'accounts'")
{call}
"""
_CALL = "read(DEPTH)"


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

        def count(text: str, home: Path | None = None) -> float:
            program.write_text(text)
            home = Path(tempfile.mkdtemp(dir=folder)) if home is None else home
            return (
                measure.instructions([python, str(program)], measure.clean_environment(home), cwd=home) / 1e6
            )

        def add(what: str, added: float, most: float) -> None:
            rows.append(Row(GROUP, what, "crashguard", added, "M instructions", limit=most))

        plain = _PROGRAM.format(start="", host="", call=_CALL)
        for what, host, most in _HOSTS[: 2 if args.quick else None]:
            measure.say(f"hosts: {what}")
            with_it, without = (_PROGRAM.format(start=each, host=host, call=_CALL) for each in (start, ""))
            add(what, count(with_it) - count(without), most)
        if not args.quick:
            what, number, most = WAITING
            measure.say(f"hosts: {what}")
            program.write_text(_PROGRAM.format(start=start, host="", call=_CALL))
            home = Path(folder) / "filled"
            growth.fill(home, program, python, number)
            own = _PROGRAM.format(start=start, host="", call=_CALL).replace("ValueError", "LookupError")
            add(what, count(own, home) - count(plain.replace("ValueError", "LookupError")), most)
            what, most = INSTALLED
            measure.say(f"hosts: {what}")
            site = _installed(Path(folder), _PROGRAM.format(start=start, host="", call=""))
            first = f"import sys\nsys.path.append({str(site)!r})\nimport tool\ntool.read(1)\n"
            add(what, count(first) - count(plain), most)
    return rows


def _installed(folder: Path, text: str) -> Path:
    """A folder into which a tool was installed, as pip leaves it."""
    site = folder / "site-packages"
    about = site / "tool-1.0.0.dist-info"
    about.mkdir(parents=True)
    (site / "tool.py").write_text(text)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: tool\nVersion: 1.0.0\n")
    (about / "INSTALLER").write_text("pip\n")
    digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
    (about / "RECORD").write_text(
        f"tool.py,sha256={digest},{len(text)}\ntool-1.0.0.dist-info/METADATA,,\n"
        "tool-1.0.0.dist-info/INSTALLER,,\ntool-1.0.0.dist-info/RECORD,,\n"
    )
    return site
