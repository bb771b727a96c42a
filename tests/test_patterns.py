"""The patterns of the scrubber are made of known code, so that a dying process needs no compiler."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from crashguard.scrub import _compiled, prepared
from tests.conftest import Run
from tools import patterns


def test_the_table_is_what_the_compiler_says() -> None:
    """On this interpreter too, the compiler translates every pattern into the words of the table."""
    assert sorted(_compiled.PATTERNS) == patterns.sources(), "run python -m tools.patterns"
    for source, kept in _compiled.PATTERNS.items():
        assert kept == patterns.words_of(source), f"run python -m tools.patterns: {source}"
    named = {source: groups for source in patterns.sources() if (groups := patterns.groups_of(source))}
    assert named == _compiled.GROUPS, "run python -m tools.patterns"


@pytest.mark.skipif(sys.implementation.name != "cpython", reason="the table is for CPython")
def test_every_pattern_is_made_of_the_table() -> None:
    """A pattern of the table is the one that the compiler makes: flags, groups and their names."""
    for source in _compiled.PATTERNS:
        made, compiled = prepared._of_table(source), re.compile(source)
        assert made is not None, source
        assert made == compiled
        assert (made.flags, made.groups, made.groupindex) == (
            compiled.flags,
            compiled.groups,
            compiled.groupindex,
        )


def test_an_unknown_pattern_is_compiled() -> None:
    """A pattern that the table does not hold works all the same."""
    assert prepared.Pattern("a[xyz]{3}b").fullmatch("axyzb")


@pytest.mark.parametrize(
    "change", ["_MAGICS = ()", "PATTERNS = {}", "PATTERNS = dict.fromkeys(PATTERNS, bytes(8))"]
)
def test_without_a_table_the_compiler_does_it(change: str) -> None:
    """An interpreter with another machine language, or that refuses the code, scrubs as well."""
    name, _, value = change.partition(" = ")
    code = f"""
from crashguard.scrub import prepared, scrub_text
PATTERNS = prepared.PATTERNS
prepared.{name} = {value}
print(scrub_text("password=hunter2-of-ada from ada@example.org"))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "password=[scrubbed:password] from [scrubbed:email]\n"


# What `sys.modules` holds after a crash. The interpreter itself imports some to print a traceback (3.13 and later).
_CRASH = """
import atexit, os, sys
atexit.register(lambda: os.write(1, " ".join(sys.modules).encode()))
def read(row):
    raise ValueError(f"cannot read row {row} of 'accounts': password=hunter2-of-ada, mail ada@example.org")
read(17)
"""
_INSTALL = (
    "import crashguard\n"
    "crashguard.install(app='demo', version='1.0', dsn='http://k@127.0.0.1:9/1', delivery='deferred')\n"
)


def test_a_dying_process_imports_nothing_that_is_not_built_in(run: Run) -> None:
    """A crash imports no file of the standard library: nothing depends on what a program has on its path."""
    bare, ours = run(_CRASH), run(_INSTALL + _CRASH)
    added = set(ours.stdout.split()) - set(bare.stdout.split())
    others = {name for name in added if name.partition(".")[0] != "crashguard"}

    assert ours.event
    assert others <= set(sys.builtin_module_names) | {"faulthandler", "_locale", "pwd"}


_PLANTED = """
import os
with open(os.environ["PLANTED"], "a") as file: file.write(__name__ + chr(10))
raise ImportError("this is a file of the user's")
"""


def test_a_file_of_the_users_is_never_run(run: Run, tmp_path: Path) -> None:
    """Files beside the program that are named as modules of the standard library are not run by a start or a crash."""
    for name in sys.stdlib_module_names - {"__main__"}:
        (tmp_path / f"{name}.py").write_text(_PLANTED)
    ran = {}
    for what, start in (("bare", ""), ("ours", _INSTALL)):
        record = tmp_path / what
        record.touch()
        done = run(start + _CRASH, env={"PLANTED": str(record)})
        ran[what] = set(record.read_text().split())

    assert ran["ours"] <= ran["bare"]
    assert done.event["contexts"]["crashguard"].get("complete") is not False
    assert done.event["exception"]["values"][0]["stacktrace"]["frames"]
