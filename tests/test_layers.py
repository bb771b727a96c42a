"""The house: which file may import which, and what a start may cost. Each rule is a look at the imports."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import crashguard

PACKAGE = Path(crashguard.__file__).parent
ROOT = PACKAGE.parent

# Lower floors first. A file may import from its own folder and from floors below, never from above.
FLOORS = [
    {"exceptions", "paths", "plugin"},
    {"telemetry_level", "files"},
    {"config"},
    {"report", "scrub"},
    {"spool"},
    {"recovery"},
    {"transport"},
    {"reporter"},
    {"capture"},
    {"hosts"},
    {"stats", "usage"},
    {"integrations", "testing"},
    {"cli"},
    {"__main__"},
]
# Calls up that the rebuilding of the house has not removed yet.
CALLS_UP = {
    "plugin": {"exceptions"},
    "report": {"recovery"},
    "spool": {"recovery"},
    "recovery": {"capture"},
    "transport": {"stats"},
    "reporter": {"capture"},
    "capture": {"stats"},
}
DOORS = {
    "sentry_sdk": {"transport/sentry.py"},
    "urllib3": {"transport/sentry.py", "stats/transport.py", "usage"},
    "psutil": {"report/contexts.py", "recovery"},
    "attrs": {"spool/reports.py", "transport", "usage", "stats", "cli", "integrations", "testing.py"},
    "click": {"cli", "integrations/click.py"},
    "rich": {"cli"},
}


def _files() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def _imports(path: Path, *, only_at_top: bool = False) -> set[str]:
    """Modules that a file imports, except for type checkers."""
    found: set[str] = set()

    def visit(node: ast.AST) -> None:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            return
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)) and only_at_top:
            return
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.module == "crashguard":
                found.update(f"crashguard.{alias.name}" for alias in node.names)
            else:
                found.add(node.module)
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(ast.parse(path.read_text()))
    return found


def _part(module: str) -> str | None:
    """The file or folder that is imported; None for other packages and for the face's own names."""
    parts = module.split(".")
    if parts[0] != "crashguard" or len(parts) == 1 or parts[1] == "__version__":
        return None
    return parts[1]


def _floor(part: str) -> int:
    for number, parts in enumerate(FLOORS):
        if part in parts:
            return number
    raise AssertionError(f"{part} has no floor in tests/test_layers.py")


@pytest.mark.parametrize("path", _files(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_go_downwards(path: Path) -> None:
    """A file imports from its own folder and from the floors below it; edges do not import edges."""
    relative = path.relative_to(PACKAGE)
    part = relative.parts[0].removesuffix(".py")
    if part == "__init__":
        return
    allowed = CALLS_UP.get(part, set())
    for module in _imports(path):
        used = _part(module)
        if used is None or used == part:
            continue
        assert used in allowed or _floor(used) < _floor(part), f"{relative} imports {module}"


@pytest.mark.parametrize("library", DOORS)
def test_each_library_has_its_doors(library: str) -> None:
    """A third-party library is imported through few files, so that it can be watched and replaced."""
    for path in _files():
        if any(name.split(".")[0] in (library, library.rstrip("s")) for name in _imports(path)):
            relative = path.relative_to(PACKAGE).as_posix()
            assert any(relative == d or relative.startswith(d + "/") for d in DOORS[library]), relative


def test_the_report_is_pure() -> None:
    """From exception to bytes nothing opens a file (but /proc) or a socket."""
    for path in (PACKAGE / "report").glob("*.py"):
        assert not _imports(path) & {"socket", "urllib3", "sentry_sdk", "shutil", "tempfile"}, path


def _modules(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    return set(done.stdout.split())


def test_a_start_imports_nothing_of_size() -> None:
    """install() loads eight small files of ours, atexit and faulthandler, which are built in: no attrs, json ..."""
    installed = "import crashguard; crashguard.install(app='demo', version='1', dsn='http://k@127.0.0.1/1')"
    added = _modules(installed) - _modules("pass")

    assert {
        "atexit",
        "crashguard",
        "crashguard.config",
        "crashguard.capture",
        "crashguard.capture.hooks",
        "crashguard.recovery.minimal_record",
        "crashguard.paths",
        "crashguard.recovery.run_marker",
        "crashguard.telemetry_level",
        "faulthandler",
    } == added


def test_a_guard_imports_nothing_of_size() -> None:
    """Decorating a function at import time costs context variables and our own files."""
    guarded = "import crashguard; crashguard.guard('x')(len)"
    added = _modules(guarded) - _modules("import contextvars, atexit")

    assert {name for name in added if not name.startswith("crashguard")} == set()


def test_the_face_tells_the_truth() -> None:
    """Everything in __all__ can be had, and nothing is missing from it."""
    for name in crashguard.__all__:
        assert getattr(crashguard, name) is not None

    assert sorted(crashguard.__all__) == sorted(crashguard._HOMES)
    assert set(crashguard.__all__) <= set(dir(crashguard))


def test_every_file_says_what_it_is_for() -> None:
    """A module docstring states what must not be known in the file, or lists what is where."""
    for path in _files():
        assert ast.get_docstring(ast.parse(path.read_text())), path
