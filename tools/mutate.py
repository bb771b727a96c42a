"""Break the pure core on purpose, a small change at a time, and see whether a test notices.

    python -m tools.mutate                               all modules that tools/mutants.toml names
    python -m tools.mutate crashguard/report             one folder, or one file
    python -m tools.mutate --sample 50 crashguard/scrub  at most 50 mutants of a module, always the same

cosmic-ray finds the places and makes the changes (https://cosmic-ray.readthedocs.io). Two kinds of change are
added to its own: a call whose result nobody uses is left out, and a number above ten is doubled or halved in
place of one more or one less. Code that decides nothing is left alone: annotations, and what only a type
checker reads.

All of it happens in copies of the working tree. Each mutant has a process of its own, forked from one that
has loaded the test tools, so that a mutant of a small module costs little more than its tests.

`tools/mutants.toml` says which tests are asked about which module, and which mutants are not counted, each
with the reason. The exit status is 1 where a module's score is below the one that the file asks for.
"""

import argparse
import ast
import concurrent.futures
import contextlib
import multiprocessing
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs

try:
    import cosmic_ray.commands
except ModuleNotFoundError:
    sys.exit("tools.mutate needs cosmic-ray; install it with: pip install -e '.[mutation]'")
import cosmic_ray.mutating
import cosmic_ray.plugins
import parso
from cosmic_ray.operators.number_replacer import NumberReplacer
from cosmic_ray.operators.operator import Example, Operator
from cosmic_ray.work_db import use_db
from cosmic_ray.work_item import MutationSpec

ROOT = Path(__file__).parent.parent
SETTINGS = Path(__file__).with_name("mutants.toml")

# Of the many replacements for an operator those that a slip of the hand makes, or that move a boundary by
# one. Whatever test kills these kills the others.
_OPERATORS = re.compile(
    r"core/(AddNot|Replace(True|False|And|Or|Break|Continue)With\w+|ExceptionReplacer|RemoveDecorator"
    r"|ZeroIterationForLoop|ReplaceUnaryOperator_(Delete_Not|Delete_USub)"
    r"|ReplaceBinaryOperator_(Add_Sub|Sub_Add|Mul_Div|Div_Mul|FloorDiv_Mul|Mod_Mul|BitAnd_BitOr|BitOr_BitAnd"
    r"|LShift_RShift|RShift_LShift|Pow_Mul)"
    r"|ReplaceComparisonOperator_(Eq_NotEq|NotEq_Eq|Lt_LtE|LtE_Lt|Gt_GtE|GtE_Gt|Lt_GtE|GtE_Lt|Gt_LtE|LtE_Gt"
    r"|Is_IsNot|IsNot_Is))"
    r"|ours/\w+"
)
_SMALL = 10  # numbers up to here change by one


class LeaveOutCall(Operator):
    """Leaves out a statement that is a call: what it did was not needed, or a test misses it."""

    def mutation_positions(self, node: Any) -> Iterator[tuple[Any, Any]]:
        """Where the operator applies."""
        if node.type == "simple_stmt" and _is_call(node.children[0]):
            yield node.children[0].start_pos, node.children[0].end_pos

    def mutate(self, node: Any, index: int) -> Any:  # noqa: ARG002 (cosmic-ray's signature)
        """Put `pass` in place of the call."""
        prefix = node.children[0].get_first_leaf().prefix
        node.children[0] = parso.parse(f"{prefix}pass")
        return node

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        """For cosmic-ray's own tests of operators."""
        return (Example("wait(1)\n", "pass\n"),)


class ChangeNumber(NumberReplacer):  # type: ignore[misc]  # cosmic-ray has no types
    """One more or less of a small number; of a larger one, of which one is no matter, twice and half."""

    def mutate(self, node: Any, index: int) -> Any:
        """Put another number in its place."""
        value = ast.literal_eval(node.value)
        if isinstance(value, complex) or abs(value) <= _SMALL:
            return super().mutate(node, index)
        changed = value * 2 if index == 0 else value // 2 if isinstance(value, int) else value / 2
        return parso.python.tree.Number(" " + repr(changed), node.start_pos)


class _Provider:
    """How cosmic-ray asks for operators."""

    _operators: dict[str, type[Operator]] = {"LeaveOutCall": LeaveOutCall, "ChangeNumber": ChangeNumber}  # noqa: RUF012

    def __iter__(self) -> Iterator[str]:
        return iter(self._operators)

    def __getitem__(self, name: str) -> type[Operator]:
        return self._operators[name]


cosmic_ray.plugins.OPERATOR_PROVIDERS["ours"] = _Provider()


def _is_call(node: Any) -> bool:
    return node.type in ("atom_expr", "power") and node.children[-1].get_code().lstrip().startswith("(")


@attrs.frozen
class Mutant:
    """One change.

    Attributes:
        spec: Where, for cosmic-ray.
        line: The number of the line.
        was: The line as it is.
        becomes: The line as the mutant has it.
    """

    spec: MutationSpec
    line: int
    was: str
    becomes: str

    def __str__(self) -> str:
        return f"{self.spec.module_path}:{self.line}\n    - {self.was}\n    + {self.becomes}"


# Which mutants there are


def mutants_of(module: str, most: int | None = None) -> list[Mutant]:
    """The mutants of a module, in the order of its lines; of many a sample, the same one each time."""
    source = Path(module).read_text(encoding="utf-8")
    passed_over = _decides_nothing(source)
    with tempfile.TemporaryDirectory() as folder, use_db(f"{folder}/work") as database:
        cosmic_ray.commands.init([Path(module)], database, {})
        specs = [item.mutations[0] for item in database.work_items]
    specs = [
        spec
        for spec in specs
        if _OPERATORS.fullmatch(spec.operator_name)
        and not any(a <= spec.start_pos < b for a, b in passed_over)
    ]
    specs.sort(key=lambda spec: (spec.start_pos, spec.operator_name, spec.occurrence))
    if most is not None:
        random.Random(module).shuffle(specs)
    found: dict[str, Mutant] = {}  # a mutant is tried once, whichever operator makes it
    for spec in specs:
        operator = cosmic_ray.plugins.get_operator(spec.operator_name)()
        code = cosmic_ray.mutating.mutate_code(source, operator, spec.occurrence)
        if code is not None and code != source and code not in found and _says_something(source, code):
            found[code] = Mutant(spec, *_difference(source, code))
        if len(found) == most:
            break
    return sorted(found.values(), key=lambda mutant: (mutant.spec.start_pos, mutant.spec.operator_name))


def _decides_nothing(source: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Ranges of a source that no run of the program can tell from others."""
    ranges = []
    for node in ast.walk(ast.parse(source)):
        parts: list[Any] = []
        if isinstance(node, ast.arg | ast.AnnAssign):
            parts = [node.annotation]
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            parts = [node.returns]
        elif (isinstance(node, ast.If) and getattr(node.test, "id", None) == "TYPE_CHECKING") or (
            isinstance(node, ast.Assign) and getattr(node.targets[0], "id", None) == "TYPE_CHECKING"
        ):
            parts = [node]
        ranges += [
            ((part.lineno, part.col_offset), (part.end_lineno, part.end_col_offset)) for part in parts if part
        ]
    return ranges


def _says_something(source: str, code: str) -> bool:
    """Whether a mutant is a program, and another one: a lone star among parameters is no product."""
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return False
    return "not not " not in code and _parameters(tree) == _parameters(ast.parse(source))


def _parameters(tree: ast.AST) -> list[list[str]]:
    """The parameters of all functions that are given by name."""
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return [[each.arg for each in function.args.kwonlyargs] for function in functions]


def _difference(source: str, code: str) -> tuple[int, str, str]:
    """(number, was, becomes) of the first line that differs."""
    lines = zip(source.splitlines(), code.splitlines(), strict=False)
    for number, (was, becomes) in enumerate(lines, 1):
        if was != becomes:
            return number, was.strip(), becomes.strip()
    raise ValueError("a mutant that is what it was")


# Trying them


@contextlib.contextmanager
def copies(number: int) -> Iterator[list[str]]:
    """So many copies of the working tree, which may be broken."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        made = [os.path.join(folder, str(index)) for index in range(number)]
        for copy in made:
            for name in filter(None, listed.split("\0")):
                target = os.path.join(copy, name)
                os.makedirs(os.path.dirname(target), exist_ok=True)
                if os.path.exists(ROOT / name):
                    shutil.copy2(ROOT / name, target, follow_symlinks=False)
        yield made


def _begin_worker(folders: Any) -> None:
    """A worker has a copy for itself, and has loaded what every run of the tests loads."""
    os.chdir(folders.get())
    os.environ.pop("PYTEST_ADDOPTS", None)
    import hypothesis  # noqa: F401
    import jsonschema  # noqa: F401
    import pytest  # noqa: F401


def _run(tests: list[str], seconds: float, *, writes_bytecode: bool = False) -> tuple[bool, str]:
    """(Whether the tests pass, the last they said), in a forked process that is given so much time."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        os.setsid()
        os.close(reading)
        for standard in (1, 2):
            os.dup2(writing, standard)
        sys.dont_write_bytecode = not writes_bytecode
        if not writes_bytecode:
            os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
        sys.path.insert(0, os.getcwd())
        import pytest

        status = 99
        try:
            options = ["-x", "-q", "--no-header", "-p", "no:cacheprovider", "--tb=line", "-r", "f"]
            status = int(pytest.main([*options, *tests]))
        finally:
            sys.stdout.flush()
            os._exit(status)
    os.close(writing)
    return _follow(pid, reading, seconds)


def _follow(pid: int, reading: int, seconds: float) -> tuple[bool, str]:
    """(Whether a process ended well, the last it said); it is killed with its children after that time."""
    import selectors

    said = b""
    end = time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        selector.register(reading, selectors.EVENT_READ)
        while (left := end - time.monotonic()) > 0:
            if not selector.select(min(left, 0.5)):
                if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                    break  # it is gone; a child of its own holds the pipe
                continue
            data = os.read(reading, 65536)
            if not data:
                break
            said = (said + data)[-20_000:]
    os.close(reading)
    gone = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    if not gone and end - time.monotonic() > 0:
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)  # a program that a test started and that never ends, too
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status) == 0, said.decode(errors="replace")


def _healthy(tests: list[str]) -> tuple[float, str | None]:
    """(Seconds that the tests need, what they said if they fail) where nothing is broken."""
    _run(tests, 900, writes_bytecode=True)
    began = time.monotonic()
    passed, said = _run(tests, 900)
    return time.monotonic() - began, None if passed else said


def _try(spec: MutationSpec, tests: list[str], seconds: float) -> tuple[bool, str]:
    """(Whether a mutant survives, the last that the tests said)."""
    operator = cosmic_ray.plugins.get_operator(spec.operator_name)()
    try:
        with cosmic_ray.mutating.use_mutation(spec.module_path, operator, spec.occurrence):
            return _run(tests, seconds)
    finally:
        # A program that a test started may have compiled the mutant. That would be taken for the module: both
        # can have one size and were written in one second.
        module = Path(spec.module_path)
        for compiled in module.parent.glob(f"__pycache__/{module.stem}.*.pyc"):
            compiled.unlink()


# What came of it


@attrs.define
class Score:
    """What came of the mutants of one module.

    Attributes:
        module: The module.
        killed: How many a test noticed.
        survivors: Those that none did.
        excluded: How many are not counted.
    """

    module: str
    killed: int = 0
    survivors: list[Mutant] = attrs.field(factory=list)
    excluded: int = 0

    @property
    def percent(self) -> float:
        """How many of a hundred were noticed."""
        counted = self.killed + len(self.survivors)
        return 100.0 * self.killed / counted if counted else 100.0


def _excluded(settings: dict[str, Any], module: str, mutant: Mutant) -> bool:
    """Whether the settings name a mutant: by module and line, and, if they say it, by what that becomes."""
    for each in settings.get("excluded", ()):
        becomes = each.get("becomes", mutant.becomes)
        if (each["module"], each["was"]) == (module, mutant.was) and (
            mutant.becomes in ([becomes] if isinstance(becomes, str) else becomes)
        ):
            return True
    return False


def _outdated(settings: dict[str, Any]) -> Iterator[str]:
    """What the settings say of code that is no longer there."""
    for module in settings["modules"]:
        if not (ROOT / module).exists():
            yield f"{SETTINGS.name}: there is no {module}"
    for each in settings.get("excluded", ()):
        path = ROOT / each["module"]
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        if each["was"] not in map(str.strip, lines):
            yield f"{SETTINGS.name}: {each['module']} has no line {each['was']!r}"


def _chosen(settings: dict[str, Any], wanted: Sequence[str]) -> dict[str, list[str]]:
    """The modules that are meant, each with its tests."""
    modules: dict[str, list[str]] = settings["modules"]
    names = [os.path.relpath(os.path.abspath(each), ROOT) for each in wanted]
    return {
        module: tests
        for module, tests in modules.items()
        if (ROOT / module).exists()
        and (not names or any(module == name or module.startswith(name + os.sep) for name in names))
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.mutate", description=str(__doc__).partition("\n")[0]
    )
    parser.add_argument("module", nargs="*", help="files or folders; by default all that the settings name")
    parser.add_argument("--sample", type=int, metavar="N", help="at most so many mutants of each module")
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="processes at once"
    )
    asked = parser.parse_args(arguments)
    settings = tomllib.loads(SETTINGS.read_text(encoding="utf-8"))
    chosen = _chosen(settings, asked.module)
    if not chosen:
        parser.error(f"{SETTINGS.name} names none of these")
    for each in _outdated(settings):
        print(each, file=sys.stderr)
    os.chdir(ROOT)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl-C does
    scores = []
    with copies(asked.jobs) as folders:
        context = multiprocessing.get_context("forkserver")
        with context.Manager() as manager:
            queue = manager.Queue()
            for folder in folders:
                queue.put(folder)
            pool = concurrent.futures.ProcessPoolExecutor(
                asked.jobs, mp_context=context, initializer=_begin_worker, initargs=(queue,)
            )
            try:
                for module, tests in chosen.items():
                    scores.append(_score(pool, settings, module, tests, asked.sample))
            finally:
                pool.shutdown(cancel_futures=True)  # at Ctrl-C only what is being tried is waited for
    return _tell(scores, float(settings["least"]))


def _score(
    pool: concurrent.futures.Executor,
    settings: dict[str, Any],
    module: str,
    tests: list[str],
    most: int | None,
) -> Score:
    """Try the mutants of a module, and say which survive."""
    began = time.monotonic()
    seconds, problem = pool.submit(_healthy, tests).result()
    if problem is not None:
        raise SystemExit(f"{module}: its tests fail where nothing is broken:\n{problem}")
    score = Score(module)
    found = mutants_of(module, most)
    mutants = [mutant for mutant in found if not _excluded(settings, module, mutant)]
    score.excluded = len(found) - len(mutants)
    tries = [pool.submit(_try, mutant.spec, tests, 20 + 10 * seconds) for mutant in mutants]
    for mutant, each in zip(mutants, tries, strict=True):
        survives, _ = each.result()
        if survives:
            score.survivors.append(mutant)
            print(mutant, flush=True)
        else:
            score.killed += 1
    print(f"{_row(score)}   {time.monotonic() - began:.0f} s\n", flush=True)
    return score


def _row(score: Score) -> str:
    counted = score.killed + len(score.survivors)
    return f"{score.module:40} {counted:5} {score.killed:7} {score.excluded:9} {score.percent:6.1f} %"


def _tell(scores: list[Score], least: float) -> int:
    """Print the table; the exit status."""
    print(f"{'module':40} {'tried':>5} {'killed':>7} {'excluded':>9} {'score':>8}")
    for score in scores:
        print(_row(score))
    whole = Score(
        "all",
        sum(score.killed for score in scores),
        [mutant for score in scores for mutant in score.survivors],
        sum(score.excluded for score in scores),
    )
    print(_row(whole))
    return int(any(score.percent < least for score in scores))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
