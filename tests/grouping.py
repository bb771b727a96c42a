"""The labelled set of crashes: how well the fingerprint tells bugs apart, and holds one bug together.

`python -m tests.grouping` prints the figures of docs/grouping.md for this interpreter; with `--write` it writes
`tests/golden/fingerprints.json`, one fingerprint a bug, anew. The figures over all versions of Python follow from
that file, because a test compares it on each of them.

Needs no pytest, so that any interpreter can run it.
"""

import asyncio
import concurrent.futures
import itertools
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from crashguard.program import Program
from crashguard.report import fingerprint
from crashguard.report.origins import Origins
from tests.programs.grouping import ledger

FROZEN = Path(__file__).parent / "golden" / "fingerprints.json"
LABELS = {function: label for label, functions in ledger.SAME.items() for function in functions}
BUGS = {name: function for name, function in vars(ledger).items() if name.startswith("bug_")}
DATA = (1, 3, 40)

Bug = Callable[[int], object]


def label(name: str) -> str:
    """The bug that a function of the set sets off."""
    return LABELS.get(name, name)


def origins() -> Origins:
    """The set as the tool's own code; this file, with the entry points, is somebody else's."""
    program = Program()
    program.homes[ledger.__name__] = (str(Path(__file__).parent.parent) + "/",)
    return Origins(program)


def raised_by(call: Bug, argument: int) -> BaseException:
    """What a call raises."""
    try:
        call(argument)
    except BaseException as exc:  # noqa: BLE001 (the set raises what it likes)
        return exc
    raise AssertionError(f"{call} raised nothing")


def _directly(bug: Bug, argument: int) -> None:
    bug(argument)


def _in_a_pool(bug: Bug, argument: int) -> None:
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        pool.submit(bug, argument).result()


def _in_a_loop(bug: Bug, argument: int) -> None:
    async def main() -> None:
        await asyncio.to_thread(bug, argument)

    asyncio.run(main())


def _in_a_task_group(bug: Bug, argument: int) -> None:
    async def run() -> None:
        bug(argument)

    async def main() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(run())

    asyncio.run(main())


def _in_two_groups(bug: Bug, argument: int) -> None:
    caught = raised_by(bug, argument)
    raise ExceptionGroup(
        "all", [ExceptionGroup("some", [caught]) if isinstance(caught, Exception) else caught]
    )


def _with_a_cause(bug: Bug, argument: int) -> None:
    try:
        bug(argument)
    except BaseException as exc:
        raise RuntimeError("the run failed") from exc


def _by_a_dispatcher(bug: Bug, argument: int) -> None:
    for command in [bug]:
        commands = {"run": command}
        commands["run"](argument)


ENTRIES = (
    _directly,
    _in_a_pool,
    _in_a_loop,
    _in_a_task_group,
    _in_two_groups,
    _with_a_cause,
    _by_a_dispatcher,
)


def crashes() -> Iterator[tuple[str, tuple[str, ...]]]:
    """(label of the bug, fingerprint) of each bug, by each entry point, with each data."""
    own = origins()
    for (name, bug), entry, argument in itertools.product(BUGS.items(), ENTRIES, DATA):
        exc = raised_by(lambda argument, bug=bug, entry=entry: entry(bug, argument), argument)  # type: ignore[misc]
        yield label(name), tuple(fingerprint.bugs_of(exc, own)[0].fingerprint)


def figures(found: list[tuple[str, tuple[str, ...]]]) -> dict[str, float]:
    """Bugs, issues, pairwise precision (1: no two bugs in one issue) and recall (1: no bug in two issues)."""

    def pairs(counts: Counter[object]) -> int:
        return sum(number * (number - 1) // 2 for number in counts.values())

    both = pairs(Counter(found))
    return {
        "crashes": len(found),
        "bugs": len({bug for bug, _ in found}),
        "issues": len({issue for _, issue in found}),
        "precision": round(both / pairs(Counter(issue for _, issue in found)), 3),
        "recall": round(both / pairs(Counter(bug for bug, _ in found)), 3),
    }


def frozen() -> dict[str, list[str]]:
    """The fingerprint of each function of the set, as it is on this interpreter."""
    own = origins()
    return {name: fingerprint.bugs_of(raised_by(bug, 3), own)[0].fingerprint for name, bug in BUGS.items()}


if __name__ == "__main__":
    if "--write" in sys.argv:
        lines = [f"{json.dumps(name)}: {json.dumps(parts)}" for name, parts in frozen().items()]
        FROZEN.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(figures(list(crashes())))
