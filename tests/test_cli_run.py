"""`crashguard run`: any program as it would run without us, and a report when it crashes."""

import os
import subprocess
import sys
from pathlib import Path

import attrs
import pytest

from crashguard.cli.run import app_name
from tests.conftest import ROOT

PROGRAMS = {
    "arguments": "import sys\nprint(sys.argv, __name__, __file__, sys.path[0], len(sys.path))\n",
    "exit_status": "import sys\nsys.exit(7)\n",
    "exit_message": "import sys\nsys.exit('a last word')\n",
    "crash": "def broken(word):\n    return int(word)\nbroken('x')\n",
    "chain": "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    raise KeyError('later') from error\n",
    "syntax": "def broken(:\n    pass\n",
    "recursion": "def down(n):\n    return down(n + 1)\ndown(0)\n",
    "input": "import sys\nprint(sys.stdin.read().upper())\n",
    "environment": "import os\nprint(sorted(name for name in os.environ if 'CRASHGUARD' in name), os.environ.get('PYTHONPATH'))\n",
    "modules": "import sys\nprint('crashguard' in vars(), 'sitecustomize' in sys.modules, [p for p in sys.path if 'startup' in p])\n",
    "thread": "import threading\nthread = threading.Thread(target=int, args=('x',), name='worker')\nthread.start()\nthread.join()\n",
    "finally": "import atexit\natexit.register(print, 'at the end')\nprint(globals().keys() - {'__builtins__'} == {'__name__', '__doc__', '__package__', '__loader__', '__spec__', '__annotations__', '__file__', '__cached__', 'atexit'})\n",
    "system_error": "raise SystemExit(None)\n",
    "pickling": "import pickle\nclass Kept: pass\nprint(type(pickle.loads(pickle.dumps(Kept()))))\n",
}
CRASHES = {"crash", "chain", "syntax", "recursion", "thread"}


@attrs.frozen
class Ended:
    status: int
    stdout: str
    stderr: str


def ended(*command: str, cwd: Path, env: dict[str, str] | None = None) -> Ended:
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(env or {})},
        input="words\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def without_note(stderr: str, app: str) -> str:
    return stderr.partition(f"\n{app} crashed. ")[0]


@pytest.mark.slow
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_script_runs_as_without_us(name: str, tmp_path: Path, home: Path) -> None:
    """Output, traceback, exit status, argv, path, environment and namespace are those of `python SCRIPT`."""
    script = tmp_path / f"{name}.py"
    script.write_text(PROGRAMS[name])

    bare = ended(sys.executable, script.name, "one", "--two", cwd=tmp_path)
    ours = ended(sys.executable, "-m", "crashguard", "run", script.name, "one", "--two", cwd=tmp_path)

    assert ours.stdout == bare.stdout
    assert ours.status == bare.status
    assert without_note(ours.stderr, name) == bare.stderr
    assert len(list(home.rglob("*.envelope"))) == (name in CRASHES)


def test_a_module_runs_as_without_us(tmp_path: Path, home: Path) -> None:
    """-m works as in python -m: packages, __main__, sys.path and the traceback through runpy."""
    package = tmp_path / "tool"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "__main__.py").write_text(
        "import sys\nfrom tool import __name__ as name\nprint(sys.argv[1:], name, sys.path[0])\nint('x')\n"
    )

    bare = ended(sys.executable, "-m", "tool", "one", cwd=tmp_path)
    ours = ended(sys.executable, "-m", "crashguard", "run", "-m", "tool", "one", cwd=tmp_path)

    assert (ours.status, ours.stdout) == (bare.status, bare.stdout) == (1, f"['one'] tool {tmp_path}\n")
    assert without_note(ours.stderr, "tool") == bare.stderr
    assert len(list(home.rglob("tool/local/*.envelope"))) == 1


def test_a_report_names_the_program(tmp_path: Path, home: Path) -> None:
    """--app and --app-version are the release, --dsn the destination; the script's frames are in it."""
    (tmp_path / "nightly.py").write_text(PROGRAMS["crash"])

    ended(
        *(sys.executable, "-m", "crashguard", "run", "--app", "reports", "--app-version", "3.1"),
        *("--dsn", "http://key@127.0.0.1:9/1", "nightly.py"),
        cwd=tmp_path,
        env={"CI": "true"},
    )

    [path] = home.rglob("reports/waiting/*.envelope")
    kept = path.read_text()
    assert '"release":"reports@3.1"' in kept.replace('": "', '":"')
    assert "nightly.py" in kept
    assert "broken" in kept


def test_a_program_with_its_own_crashguard_keeps_its_settings(tmp_path: Path, home: Path) -> None:
    """install() inside of the program is the one that counts."""
    (tmp_path / "own.py").write_text(
        "import crashguard\ncrashguard.install(app='own-name', version='9.9.9')\nint('x')\n"
    )

    ended(sys.executable, "-m", "crashguard", "run", "--app", "other", "own.py", cwd=tmp_path)

    assert [path.parent.parent.name for path in home.rglob("*.envelope")] == ["own-name"]


def test_options_of_the_interpreter_are_handed_on(tmp_path: Path) -> None:
    """`python -X dev -W error -m crashguard run` runs the program with -X dev -W error."""
    (tmp_path / "flags.py").write_text("import sys\nprint(sys.flags.dev_mode, sys.warnoptions)\n")

    bare = ended(sys.executable, "-X", "dev", "-W", "error", "flags.py", cwd=tmp_path)
    ours = ended(
        sys.executable, "-X", "dev", "-W", "error", "-m", "crashguard", "run", "flags.py", cwd=tmp_path
    )

    assert (ours.stdout, ours.stderr) == (bare.stdout, bare.stderr)


def test_a_machines_own_sitecustomize_has_its_turn(tmp_path: Path) -> None:
    """What a machine does at every start still happens, once."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site/sitecustomize.py").write_text("print('the machine says hello')\n")
    (tmp_path / "quiet.py").write_text("print('the program')\n")

    ours = ended(
        *(sys.executable, "-m", "crashguard", "run", "quiet.py"),
        cwd=tmp_path,
        env={"PYTHONPATH": f"{tmp_path / 'site'}{os.pathsep}{ROOT}"},
    )

    assert ours.stdout.splitlines()[-2:] == ["the machine says hello", "the program"]


def test_a_program_that_is_not_there_is_pythons_error(tmp_path: Path, home: Path) -> None:
    """A wrong path gets Python's own words and status, and is no crash."""
    bare = ended(sys.executable, "nowhere.py", cwd=tmp_path)
    ours = ended(sys.executable, "-m", "crashguard", "run", "nowhere.py", cwd=tmp_path)

    assert ours == bare
    assert list(home.rglob("*.envelope")) == []


def test_a_wrong_name_is_found_before_the_program_runs(tmp_path: Path) -> None:
    """An app's name that can be no folder, or a malformed DSN, ends with status 2, and nothing has run."""
    (tmp_path / "effect.py").write_text("print('ran')\n")

    for wrong in (("--app", "a/b"), ("--dsn", "nonsense")):
        ours = ended(sys.executable, "-m", "crashguard", "run", *wrong, "effect.py", cwd=tmp_path)

        assert (ours.status, ours.stdout) == (2, "")
        assert wrong[1] in ours.stderr


@pytest.mark.parametrize(
    ("program", "is_module", "name"),
    [
        ("report.py", False, "report"),
        ("./tools/nightly run.py", False, "nightly-run"),
        ("tool.cli", True, "tool.cli"),
        ("pkg/__main__.py", False, "pkg"),
        ("...", False, "program"),
    ],
)
def test_an_app_is_named_after_its_program(program: str, is_module: bool, name: str) -> None:
    """The script's name without its suffix, or the module's, in letters that a folder can have."""
    assert app_name(program, is_module=is_module) == name
