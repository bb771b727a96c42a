"""The one command: runs benchmarks, prints their tables, writes JSON and the pages that show them."""

import argparse
import datetime
import importlib
import inspect
import json
import pkgutil
import sys
import tempfile
from pathlib import Path

import benchmarks
from benchmarks import measure, peers, tables
from benchmarks.rows import Row, of_dict

RESULTS = measure.ROOT / "benchmarks" / "results"
ORDER = (
    "startup", "guard", "crash", "stages", "report", "storm", "spool", "growth", "hosts", "uploader", "longlived"
)  # fmt: skip
COST = measure.ROOT / "docs" / "cost.md"
README = measure.ROOT / "README.md"


def names() -> list[str]:
    """The benchmarks there are: every module here that has a `run` or a `main`; ours first, in order."""
    found = []
    for info in pkgutil.iter_modules(benchmarks.__path__):
        source = (Path(benchmarks.__path__[0]) / f"{info.name}.py").read_text()
        if info.name != "__main__" and ("\ndef run(" in source or "\ndef main(" in source):
            found.append(info.name)
    return sorted(found, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name))


def take(name: str, args: argparse.Namespace) -> list[Row]:
    """The rows of one benchmark, by either convention: `run(args) -> rows`, `main(["--json", PATH])`."""
    module = importlib.import_module(f"benchmarks.{name}")
    if hasattr(module, "run"):
        wants_args = bool(inspect.signature(module.run).parameters)
        found = module.run(args) if wants_args else module.run()
        return [row if isinstance(row, Row) else of_dict({"group": name, **dict(row)}) for row in found]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.json"
        module.main(["--json", str(path)])
        return tables.from_json(path)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="BENCHMARK", help=f"which: {', '.join(names())}; all by default"
    )
    parser.add_argument(
        "--peer", action="append", dest="peers", choices=[*peers.PEERS, "none"], metavar="NAME",
        help=f"measure this one in the same run: {', '.join(peers.PEERS)} (both by default), or none",
    )  # fmt: skip
    parser.add_argument(
        "--quick", action="store_true", help="few runs, small sizes: whether it works, not what it costs"
    )
    parser.add_argument(
        "--short",
        action="store_true",
        help="every figure from fewer runs, for a page in less than ten minutes",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    parser.add_argument(
        "--from", type=Path, dest="source", metavar="FILE", help="take the figures of an earlier --json"
    )
    parser.add_argument(
        "--write", action="store_true", help="put the tables into docs/cost.md and README.md, keep the JSON"
    )
    args = parser.parse_args(arguments)
    if args.write and (args.names or args.quick):
        parser.error(
            "--write needs a run of everything (--short will do), or the figures of one: --from FILE"
        )
    measure.set_share(0.25 if args.short else 1.0)
    if args.source:
        figures = json.loads(args.source.read_text())
        described = (figures["date"], figures["machine"], figures["versions"])
        publish([of_dict(row) for row in figures["rows"]], described, args)
        return 0
    args.peers = list(peers.PEERS) if args.peers is None else [name for name in args.peers if name != "none"]
    if unknown := set(args.names) - set(names()):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(names())}")

    machine = measure.machine()  # with its load before we add to it
    rows: list[Row] = []
    broken: list[str] = []
    for name in args.names or names():
        try:
            found = take(name, args)
        except Exception as error:  # the others' figures are worth having
            broken.append(f"{name}: {type(error).__name__}: {error}")
            measure.say(f"FAILED {broken[-1]}")
            continue
        rows += found
    date = datetime.datetime.now(datetime.UTC).date().isoformat()
    publish(rows, (date, machine, versions(args.peers)), args)
    for line in broken:
        print(f"failed: {line}", file=sys.stderr)
    return 1 if broken else 0


def publish(rows: list[Row], described: tuple[str, str, str], args: argparse.Namespace) -> None:
    """Print the tables; with --json and --write, leave the figures where these say."""
    print(tables.full(rows, *described))
    if args.json:
        args.json.write_text(tables.to_json(rows, *described))
    if args.write:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "cost.json").write_text(tables.to_json(rows, *described))
        COST.write_text(tables.put_between(COST.read_text(), tables.full(rows, *described)))
        README.write_text(tables.put_between(README.read_text(), tables.short(rows, *described[:2])))


def versions(chosen: list[str]) -> str:
    """What stood beside each other, for the page."""
    specs = [spec for name in chosen for spec in peers.PEERS[name].packages]
    return f"Beside it: {', '.join(specs)}, each in a venv of its own." if specs else "No peer in this run."


if __name__ == "__main__":
    sys.exit(main())
