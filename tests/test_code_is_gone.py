"""The code of crashguard cannot be loaded any more while a program runs: nothing of that reaches the program."""

import shutil
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT, Run

BEGIN = """
import code, functools, os, shutil, sys
import crashguard
crashguard.install(app="demo", version="1.0", note=False, default_level={level!r})
def work(): return "worked"
def fails(): raise ValueError("of the program")
def told(call):
    try:
        return repr(call())
    except BaseException as error:
        return f"{{type(error).__name__}}({{error}})"
def block(call):
    with crashguard.guard("block"):
        return call()
async def later(): return "awaited"
{gone}
"""
GONE = {
    "deleted": "shutil.rmtree(os.path.dirname(crashguard.__file__))\n",
    "zip": "os.rename(CODE, CODE + '.old')\n",
    "replaced": "for folder, _, names in os.walk(os.path.dirname(crashguard.__file__)):\n"
    "    for name in names: open(os.path.join(folder, name), 'w').write('of another (version')\n",
    "descriptors": "import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))\n"
    "try:\n    while True: os.dup(0)\nexcept OSError: pass\n",
}
CALLS = """
plugin = crashguard.Plugin("acme", "source", "files", "1.0")
print(told(crashguard.guard("name")(work)))
print(told(crashguard.guard("name")(fails)))
print(told(crashguard.guard(plugin=plugin, ignore=[KeyError])(work)))
print(told(crashguard.guard("name")(functools.partial(work))))
print(told(crashguard.guard("name")(later)().close))
print(told(lambda: block(work)), told(lambda: block(fails)))
print(told(lambda: type(crashguard.flush(0))), told(crashguard.last_run))
print(told(lambda: crashguard.child_environment()["HOME"] == os.environ["HOME"]))
try:
    fails()
except crashguard.ConfigurationError:
    print("not one of ours")
except ValueError as error:
    print(crashguard.capture_exception(error) is None or "recorded")
print(told(lambda: crashguard.install(app="demo", version="1.0", telemetry_level={level!r}, plugin=plugin, ending="calm")))
print(told(lambda: crashguard.install(app="another", version="1.0")))
print(told(crashguard.uninstall))
"""
ANSWERS = """
'worked'
ValueError(of the program)
'worked'
'worked'
None
'worked' ValueError(of the program)
<class 'bool'> None
True
"""


def program(how: str, level: str, code: Path, calls: str = CALLS) -> str:
    gone = GONE[how].replace("CODE", repr(str(code)))
    return BEGIN.format(gone=gone, level=level) + calls.replace("{level!r}", repr(level))


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the package, of which a program may take away what it likes."""
    folder = tmp_path / "code"
    shutil.copytree(ROOT / "crashguard", folder / "crashguard", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def zipped(folder: Path) -> Path:
    path = folder.parent / "code.zip"
    with zipfile.ZipFile(path, "w") as file:
        for each in folder.rglob("*.py"):
            file.write(each, each.relative_to(folder))
    return path


@pytest.mark.parametrize("level", ["errors", "none"])
@pytest.mark.parametrize("how", GONE)
def test_no_call_raises_where_the_code_is_gone(run: Run, copied: Path, how: str, level: str) -> None:
    """A guard passes on what its function returns and raises."""
    code = zipped(copied) if how == "zip" else copied
    done = run(program(how, level, code), env={"PYTHONPATH": str(code)})

    told = [line for line in done.stderr.splitlines() if "telemetry-level cannot be read" not in line]
    assert [] == told
    *answers, captured, again, another, undone = done.stdout.splitlines()
    assert ANSWERS.split("\n")[1:-1] == answers
    assert captured in ("True", "recorded")
    assert ["None"] * 3 == [again, another, undone]


@pytest.mark.parametrize("how", GONE)
def test_a_crash_is_that_of_the_program_where_the_code_is_gone(run: Run, copied: Path, how: str) -> None:
    """The traceback, the exit status and, by the next run, a report; also of one that passed a prompt's module."""
    code = zipped(copied) if how == "zip" else copied
    done = run(program(how, "errors", code, "fails()\n"), env={"PYTHONPATH": str(code)})

    assert (1, "ValueError: of the program") == (done.status, done.stderr.splitlines()[-1])
    assert 1 == done.stderr.count("Traceback")
    assert "crashguard" not in done.stderr.replace(str(code.parent), "")
    assert 1 == len(done.events())


def test_a_child_gets_no_yes_where_the_code_is_gone(run: Run, copied: Path) -> None:
    """What was said cannot be handed on whole, so the child is told no."""
    calls = "print(crashguard.child_environment()['DEMO_TELEMETRY_LEVEL'])\n"
    done = run(program("deleted", "errors", copied, calls), env={"PYTHONPATH": str(copied)})

    assert "none\n" == done.stdout


def test_text_is_withheld_where_the_scrubber_is_gone(run: Run, copied: Path) -> None:
    """Nobody gets it as it is."""
    calls = "print(crashguard.scrub_text('hunter2'), crashguard.scrub_event({'message': 'hunter2'}))\n"
    done = run(program("deleted", "errors", copied, calls), env={"PYTHONPATH": str(copied)})

    assert "hunter2" not in done.stdout + done.stderr
    assert 0 == done.status


def test_a_process_that_imports_multiprocessing_later_runs_its_children(run: Run, copied: Path) -> None:
    """Those of every kind; the settings cannot be handed on."""
    calls = (
        "if __name__ == '__main__':\n"
        "    import asyncio, multiprocessing\n"
        "    asyncio.run(later())\n"
        "    child = multiprocessing.get_context('fork').Process(target=work)\n"
        "    child.start(); child.join(); print(child.exitcode)\n"
    )
    done = run(program("deleted", "errors", copied, calls), env={"PYTHONPATH": str(copied)})

    assert (0, "0\n", "") == (done.status, done.stdout, done.stderr)


def test_a_broken_installation_says_so_at_once(run: Run, copied: Path) -> None:
    """Before the first install() a missing module is an error, as that of any library."""
    (copied / "crashguard" / "capture" / "guard.py").unlink()
    done = run("import crashguard\ncrashguard.guard\n", env={"PYTHONPATH": str(copied)})

    assert 1 == done.status
    assert "ModuleNotFoundError" in done.stderr
