"""What a server can do to a program that crashes, and to its report: nothing, and nothing.

For every mood of a server: how long the program takes from raise to exit over a bare crash, whether the report arrives
once the server has recovered and the program was started again an hour later, and how often it arrives. A report that
a server refused for good, or that no server can be found for, is not lost as long as it lies on the disk.
"""

import tempfile
from argparse import Namespace
from collections.abc import Iterable
from pathlib import Path

from benchmarks import crash, endpoints, measure, peers
from benchmarks.rows import Row

GROUP = "Delivery: raise to exit, added to a bare crash, by what the server does"
FATE = "Delivery: what becomes of the report"
LIMIT = 1.3  # times what it takes with a healthy server
_PROGRAM = "bare program"
_MARK = b"cannot read row"  # stands in every report of the program


def run(args: Namespace) -> list[Row]:
    moods: Iterable[str] = ("healthy", "refused") if args.quick else endpoints.ALL_MOODS
    moods = [mood for mood in moods if mood != "no trust" or endpoints.can_distrust()]
    rows = []
    for subject in peers.subjects(args.peers):
        own = subject is peers.CRASHGUARD
        lost, twice = [], []
        of_moods = []
        for mood in moods:
            measure.say(f"delivery: {subject.name}, endpoint {mood}")
            fate, arrived = _fate(subject, mood)
            of_moods.append(_held(subject, mood, 1 if args.quick else 15 if own else 2, fate))
            lost += [mood] if fate == "lost" else []
            twice += [mood] if arrived > 1 else []
        rows += of_moods
        worst = max(of_moods, key=lambda row: row.value)
        times = worst.value / of_moods[0].value
        rows.append(
            Row(GROUP, "worst, times healthy", subject.name, times, "x", limit=LIMIT if own else None,
                note=worst.what)
        )  # fmt: skip
        limit = 0.0 if own else None
        unit = f"of {len(moods)}"
        rows.append(Row(FATE, "lost", subject.name, len(lost), unit, limit=limit, note=", ".join(lost)))
        rows.append(
            Row(FATE, "arrived twice", subject.name, len(twice), unit, limit=limit, note=", ".join(twice))
        )
    return rows


def _held(subject: peers.Subject, mood: str, runs: int, fate: str) -> Row:
    """The row of one mood: what it costs the program, and beside it what became of the report."""
    with tempfile.TemporaryDirectory() as folder, endpoints.Endpoint(mood) as endpoint:
        for name in ("bare", "with"):
            Path(folder, name).mkdir()
        bare = _program(Path(folder, "bare"), None, "")
        with_it = _program(Path(folder, "with"), subject, endpoint.url)
        figures = measure.pairs(
            lambda: _once(bare, subject.python), lambda: _once(with_it, subject.python), runs, warmups=0
        )
    notes = [fate]
    if max(figures[1]) >= crash.CAP * 1000:
        notes.append(f"killed after {crash.CAP:.0f} s")
    return measure.paired_row(GROUP, mood, subject.name, figures, note=", ".join(notes))


def _once(program: crash.Crash, python: str) -> float:
    """Milliseconds from raise to exit; what was started behind it is ended."""
    home = program.home()
    env = measure.clean_environment(home)
    done = measure.process([python, str(program.file)], env, cwd=program.folder, cap=crash.CAP)
    crash.end_uploaders(str(home))
    return done.end * 1000 - int(done.stdout) / 1e6


def _fate(subject: peers.Subject, mood: str) -> tuple[str, int]:
    """(what became of a report, how often it arrived)."""
    with tempfile.TemporaryDirectory() as folder, endpoints.Endpoint(mood) as endpoint:
        program = _program(Path(folder), subject, endpoint.url)
        home = program.home()
        env = measure.clean_environment(home)
        command = [subject.python, str(program.file)]
        measure.process(command, env, cwd=Path(folder), cap=crash.CAP)
        crash.wait_for_uploaders(str(home), 5 if mood in ("hanging", "dripping", "black hole") else 60)
        crash.end_uploaders(str(home))
        before = len(_reports(endpoint.bodies))
        if mood not in endpoints.FINAL:
            endpoint.recover()
        for name in ("backoff", "resumed"):  # an hour goes by
            for path in home.rglob(name):
                path.unlink()
        healthy = program.file.read_text().removesuffix("main()\n")
        program.file.write_text(healthy)
        measure.process(command, env, cwd=Path(folder), cap=crash.CAP)
        crash.wait_for_uploaders(str(home), 60)
        arrived = len(_reports(endpoint.bodies))
        kept = [path.parent.name for path in home.rglob("*.envelope") if path.stat().st_size]
    if arrived:
        return "arrived at once" if before else "arrived later", arrived
    return (f"kept: {kept[0]}" if kept else "lost"), 0


def _reports(bodies: list[bytes]) -> list[bytes]:
    """The requests that carried the report; peers send other things as well."""
    return [body for body in bodies if _MARK in body]


def _program(folder: Path, subject: peers.Subject | None, url: str) -> crash.Crash:
    """The crashing program, with an endpoint of either scheme."""
    made = crash.Crash(folder, _PROGRAM, subject, url.replace("https:", "http:"))
    if url.startswith("https:"):
        made.file.write_text(made.file.read_text().replace("http:", "https:"))
    return made
