"""The house: which file may import which, and what a start may cost. Each rule is a look at the imports."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import crashguard

PACKAGE = Path(crashguard.__file__).parent
ROOT = PACKAGE.parent

# Lower floors first. A file may import from its own room and from floors below, never from above: at the top of
# the file and inside of functions, by name (`__import__`) and out of `sys.modules` as well.
FLOORS = [
    {"_version", "exceptions", "paths"},
    {"files", "plugin"},
    {"telemetry_level"},
    {"config", "policy"},
    {"report", "scrub"},
    {"spool"},
    {"recovery"},
    {"transport"},
    {"seen", "workers"},
    {"registry"},
    {"client"},
    {"reporter"},
    {"capture"},
    {"__init__"},
    {"hosts", "stats", "usage"},
    {"integrations", "testing"},
    {"cli"},
    {"__main__"},
]
DOORS = {
    "sentry_sdk": {"transport/sentry.py"},
    "urllib3": {"transport/http.py"},
    "psutil": {"report/contexts.py", "files.py"},
    "attrs": {
        "spool/reports.py",
        "spool/stats_records.py",
        "transport",
        "usage",
        "cli",
        "integrations",
        "testing.py",
    },
    "click": {"cli", "integrations/click.py"},
    "rich": {"cli"},
}


def _files() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def _is_for_checkers(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    """Every node of a file but what is there for type checkers only."""
    yield node
    children = node.orelse if _is_for_checkers(node) else ast.iter_child_nodes(node)  # type: ignore[attr-defined]
    for child in children:
        yield from _walk(child)


def _imports(path: Path) -> set[str]:
    """The modules that a file imports, wherever in it."""
    found: set[str] = set()
    for node in _walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            found.update(_modules_of(node))
    return found


def _modules_of(node: ast.ImportFrom) -> set[str]:
    """`from a import b` is the module a.b where there is one, else a."""
    named = {f"{node.module}.{alias.name}" for alias in node.names}
    modules = {name for name in named if _file_of(name) is not None}
    return modules | ({str(node.module)} if modules != named else set())


def _file_of(module: str) -> Path | None:
    """The file of one of our modules; None for anything else."""
    where = ROOT.joinpath(*module.split("."))
    for path in (where / "__init__.py", where.with_suffix(".py")):
        if path.exists() and path.is_relative_to(PACKAGE):
            return path
    return None


def _part(module: str) -> str | None:
    """The room or file that is imported, `__init__` for the face; None for other packages."""
    parts = module.split(".")
    if parts[0] != "crashguard":
        return None
    return parts[1] if len(parts) > 1 else "__init__"


def _floor(part: str) -> int:
    for number, parts in enumerate(FLOORS):
        if part in parts:
            return number
    raise AssertionError(f"{part} has no floor in tests/test_layers.py")


@pytest.mark.parametrize("path", _files(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_go_downwards(path: Path) -> None:
    """A file imports from its own room and from the floors below it, in functions too."""
    relative = path.relative_to(PACKAGE)
    part = relative.parts[0].removesuffix(".py")
    for module in _imports(path):
        used = _part(module)
        if used is not None and used != part:
            assert _floor(used) < _floor(part), f"{relative} imports {module}"


def test_no_file_imports_itself_by_way_of_others() -> None:
    """There is no circle of imports, wherever in the files they stand."""
    arrows = {
        path: {target for module in _imports(path) if (target := _file_of(module)) is not None} - {path}
        for path in _files()
        if path != PACKAGE / "__init__.py"
    }
    done: set[Path] = set()

    def visit(path: Path, way: list[Path]) -> None:
        assert path not in way, " -> ".join(str(each.relative_to(PACKAGE)) for each in [*way, path])
        if path not in done:
            for target in sorted(arrows.get(path, ())):
                visit(target, [*way, path])
            done.add(path)

    for path in arrows:
        visit(path, [])


# Lazy faces look up what stands behind their names; nobody else loads a module by its name.
FACES = ("__init__.py", "stats/__init__.py")


def test_nobody_loads_modules_by_name() -> None:
    """No importlib, no `__import__` but in the lazy faces, and `sys.modules` is asked for modules of others only."""
    for path in _files():
        relative = path.relative_to(PACKAGE).as_posix()
        loaders = {name for name in _imports(path) if name.split(".")[0] in ("importlib", "pkgutil", "runpy")}
        assert loaders <= {"importlib", "importlib.metadata"}, relative
        assert "import_module" not in path.read_text(), relative
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Name) and node.id in ("__import__", "__builtins__", "import_module"):
                assert relative in FACES, relative
            if isinstance(node, ast.ImportFrom) and node.module == "sys":
                raise AssertionError(f"{relative}: import sys, so that a look at sys.modules can be seen")
            for key in _keys_of_sys_modules(node):
                words = set(re.findall(r"\w+", key))
                assert not {"crashguard", "__package__"} & words, f"{relative}: {key}"


def _keys_of_sys_modules(node: ast.AST) -> list[str]:
    """What `sys.modules[...]` and `sys.modules.get(...)` are asked for, as source."""
    if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "sys.modules":
        return [ast.unparse(node.slice)]
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "sys.modules.get":
        return [ast.unparse(each) for each in node.args[:1]]
    return []


# `open()` outside of files.py: of a descriptor that files.py opened, and these two.
FOREIGN_FILES = ("usage/credentials.py", "usage/licence.py")  # they read what other programs wrote
OPENED = {
    "report/contexts.py": "'/proc/self/stat'",
    "cli/scrubbing.py": "0 if file == '-' else file",  # the user's own file
}


def test_only_one_file_opens_files() -> None:
    """Flags, links, pipes and modes are thought of in one place."""
    for path in _files():
        relative = path.relative_to(PACKAGE).as_posix()
        if relative == "files.py":
            continue
        for node in _walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                assert node.module not in ("os", "io", "posix"), relative
                assert node.module != "pathlib" or relative in FOREIGN_FILES, relative
            if isinstance(node, ast.Import):
                aliases = {alias.name: alias.asname for alias in node.names}
                assert aliases.get("os") is None, relative
                assert not {"pathlib", "tempfile"} & set(aliases) or relative == "testing.py", relative
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                assert called not in ("os.open", "os.mkdir", "os.makedirs", "os.fdopen"), relative
                if called == "open":
                    what = ast.unparse(node.args[0])
                    assert what.startswith("files.open_to_read(") or what == OPENED.get(relative), (
                        f"{relative}: {what}"
                    )


@pytest.mark.parametrize("library", DOORS)
def test_each_library_has_its_importers(library: str) -> None:
    """A third-party library is imported through few files, so that it can be watched and replaced."""
    for path in _files():
        if any(name.split(".")[0] in (library, library.rstrip("s")) for name in _imports(path)):
            relative = path.relative_to(PACKAGE).as_posix()
            assert any(relative == d or relative.startswith(d + "/") for d in DOORS[library]), relative


def test_usage_stands_alone() -> None:
    """Premium usage knows no crash reports, no stats and no telemetry level, and nothing of ours knows it."""
    floor = {"exceptions", "files", "paths", "plugin", "transport.http", "usage"}
    for path in _files():
        relative = path.relative_to(PACKAGE)
        ours = {name.removeprefix("crashguard.") for name in _imports(path) if name.startswith("crashguard.")}
        if relative.parts[0] == "usage":
            assert {name if name in floor else name.partition(".")[0] for name in ours} <= floor, relative
        else:
            assert not any(name.startswith("usage") for name in ours), relative


def test_a_report_is_made_without_files_and_network() -> None:
    """From exception to bytes no module is imported that writes files or talks; test_only_one_file_opens_files has the rest."""
    for path in (PACKAGE / "report").glob("*.py"):
        assert not _imports(path) & {"socket", "urllib3", "sentry_sdk", "crashguard.files", "subprocess"}, (
            path
        )


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
    """install() loads eleven small files of ours, atexit and faulthandler, which are built in: no attrs, json ..."""
    installed = "import crashguard; crashguard.install(app='demo', version='1', dsn='http://k@127.0.0.1/1')"
    added = _modules(installed) - _modules("pass")

    assert {
        "atexit",
        "crashguard",
        "crashguard.config",
        "crashguard.capture",
        "crashguard.client",
        "crashguard.files",
        "crashguard.capture.hooks",
        "crashguard.recovery",
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


# What a process keeps in module globals, each with its reason. Everything else it knows is in the client.
STATE = {
    "client.py _client": "the one object of the process: hooks and guards have no other place to look",
    "capture/guard.py _inside": "a context variable: which plugin runs is a matter of the thread or task",
    "capture/hooks.py fork_gate": "a fork must find it whatever became of the client",
    "scrub/engine.py _harmless": "short texts that hold no secret: a report says the same names over and over",
    "scrub/keyvalue.py _known": "what a name says: looked up once a process",
    "stats/config.py _settings": "what the tool said of its stats, before or after install()",
    "transport/sentry.py _classes": "the class made of sentry-sdk's transport: its import is late",
    "transport/sentry.py _classes_lock": "two threads make that class once",
}


def test_the_state_of_a_process_is_one_object() -> None:
    """No name is set by `global`, and hardly any module holds something that changes."""
    classes = {
        node.name
        for path in _files()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef)
    } - {"Pattern"}  # compiles itself once, and is the same before and after
    found = set()
    for path in _files():
        tree = ast.parse(path.read_text())
        relative = path.relative_to(PACKAGE).as_posix()
        assert not [node for node in ast.walk(tree) if isinstance(node, ast.Global)], relative
        called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        assert not called & {"functools.cache", "functools.lru_cache", "cache", "lru_cache"}, relative
        assert relative in FACES or "globals" not in called or relative == "recovery/minimal_record.py", (
            relative
        )
        changed = _changed_names(tree)
        for name, value in _assigned(tree):
            made = isinstance(value, ast.Call) and ast.unparse(value.func).rpartition(".")[2]
            constant = isinstance(value, ast.Dict) and "_tables" in relative  # filled where it is made
            if (name in changed and not constant) or made in {*classes, "ContextVar", "Lock", "local"}:
                found.add(f"{relative} {name}")

    assert found == set(STATE)
    assert len(found) <= 10


def _assigned(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        for target in targets:
            if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(target, ast.Name) and node.value:
                yield target.id, node.value


def _changed_names(tree: ast.Module) -> set[str]:
    """Names of containers that something is put into or taken out of."""
    methods = {
        "add",
        "append",
        "clear",
        "discard",
        "extend",
        "insert",
        "pop",
        "remove",
        "setdefault",
        "update",
    }
    changed = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in methods:
            changed.add(ast.unparse(node.func.value))
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
            changed.add(ast.unparse(node.value))
        elif isinstance(node, ast.AugAssign):
            changed.add(ast.unparse(node.target))
    return changed
