"""The house: which file may import which, and what a start may cost. Each rule is a look at the imports."""

import ast
import functools
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import crashguard
from crashguard import files, paths

PACKAGE = Path(crashguard.__file__).parent
ROOT = PACKAGE.parent

# Lower floors first. A file may import from its own room and from floors below, never from above: at the top of
# the file and inside of functions, by name (`__import__`) and out of `sys.modules` as well.
FLOORS = [
    {"_version", "exceptions", "files", "fork_gate", "frames"},
    {"interrupts", "paths", "plugin", "processes", "program", "spare"},
    {"expected", "issue_tracker", "minimal_record", "telemetry_level"},
    {"config", "consent"},
    {"policy"},
    {"report", "scrub"},
    {"spool"},
    {"recovery"},
    {"transport"},
    {"registry"},
    {"client"},
    {"reporter"},
    {"capture"},
    {"__init__"},
    {"hosts", "stats", "usage"},
    {"cli"},
    {"integrations", "testing"},
    {"__main__", "packagers"},
]
IMPORTERS = {
    "sentry_sdk": {"transport/sentry.py"},
    "urllib3": {"transport/http.py"},
    "psutil": {"report/contexts.py", "processes.py"},
    "attrs": {
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


@functools.cache
def _tree(path: Path) -> ast.Module:
    """What a file says; each is read once, because every rule looks at every file."""
    return ast.parse(path.read_text())


def _is_for_checkers(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    """Every node of a file but what is there for type checkers only."""
    yield node
    children = node.orelse if _is_for_checkers(node) else ast.iter_child_nodes(node)  # type: ignore[attr-defined]
    for child in children:
        yield from _walk(child)


@functools.cache
def _imports(path: Path, *, types: bool = False) -> set[str]:
    """The modules that a file imports, wherever in it; with `types` also for type checkers only."""
    found: set[str] = set()
    for node in (ast.walk if types else _walk)(_tree(path)):
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
    """A file imports from its own room and from the floors below it, in functions and in types too."""
    relative = path.relative_to(PACKAGE)
    part = relative.parts[0].removesuffix(".py")
    for module in _imports(path, types=True):
        used = _part(module)
        if used is not None and used != part:
            assert _floor(used) < _floor(part), f"{relative} imports {module}"


@pytest.mark.slow
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
    seen = set()
    for path in _files():
        relative = path.relative_to(PACKAGE).as_posix()
        loaders = {name for name in _imports(path) if name.split(".")[0] in ("importlib", "pkgutil", "runpy")}
        assert loaders <= {"importlib", "importlib.metadata", "importlib.util"}, (
            relative
        )  # find_spec loads nothing
        assert "import_module" not in path.read_text(), relative
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.Name) and node.id in ("__import__", "__builtins__", "import_module"):
                assert relative in FACES, relative
            if isinstance(node, ast.ImportFrom) and node.module == "sys":
                raise AssertionError(f"{relative}: import sys, so that a look at sys.modules can be seen")
        for key in _keys_of_sys_modules(path):
            words = set(re.findall(r"\w+", key))
            assert not {"crashguard", "__package__"} & words, f"{relative}: {key}"
            is_text = key[:1] in "'\""
            seen.add(f"{relative} {key}")
            assert is_text or f"{relative} {key}" in LOOKED_UP, (
                f"{relative}: sys.modules[{key}] of which modules?"
            )
    assert set(LOOKED_UP) <= seen


# What `sys.modules` is asked for by a variable, and whose modules these are.
LOOKED_UP = {
    "capture/child_processes.py getattr(thing, '__module__', None) or ''": "the module of what is pickled",
    "capture/hooks.py name": "the keys of `_NEXT`: threading, asyncio and multiprocessing",
    "report/installed.py frame['module']": "the module of a frame, of which the distribution is read",
    "report/event.py name": "click, and the click that typer brings",
    "capture/ignored.py module": "the keys of `_ASKED_FOR`: click, typer, asyncio and others",
    "cli/docs.py each.module": "the module of the tool's command, which was imported for the page",
    "files.py module": "a module of this package, of which the functions keep their builtins",
    "files.py __name__": "its own module, of which the builtins are read",
    "program/__init__.py name": "the tool's own packages, of which the folders are read",
    "program/__init__.py prefix": "the packages of the caller of install(), of which the file is read",
    "transport/shadowed.py stem": "modules of the standard library",
    "scrub/constants.py module": "the module of an exception's class, in which its class statement is looked for",
    "scrub/outside.py name": "the module of a class, which says whether a report may name it",
    "scrub/outside.py *": "all: the words of a message are looked up in what they define",
    "scrub/makers.py name": "the modules that the tool's own files import, of which the files are read",
    "report/loaded_code.py name": "the modules of a printed traceback, of which the functions are read",
}


def _keys_of_sys_modules(path: Path) -> list[str]:
    """What `sys.modules` is asked for, as source. It is asked in four ways and never passed on or changed."""
    keys: list[str] = []
    used = 0
    for node in ast.walk(_tree(path)):
        used += isinstance(node, ast.Attribute) and ast.unparse(node) == "sys.modules"
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "sys.modules":
            keys.append(ast.unparse(node.slice))
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "sys.modules.get":
            keys.append(ast.unparse(node.args[0]))
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "sys.modules.items":
            keys.append("*")
        elif isinstance(node, ast.Compare) and ast.unparse(node.comparators[0]) == "sys.modules":
            keys.append(ast.unparse(node.left))
    assert used == len(keys), f"{path}: sys.modules is used in a way that cannot be followed"
    return keys


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
        for node in _walk(_tree(path)):
            if isinstance(node, ast.ImportFrom):
                assert node.module not in ("os", "io", "posix"), relative
                assert node.module != "pathlib" or relative in FOREIGN_FILES, relative
            if isinstance(node, ast.Import):
                aliases = {alias.name: alias.asname for alias in node.names}
                assert aliases.get("os") is None, relative
                assert not {"pathlib", "tempfile"} & set(aliases) or relative == "testing.py", relative
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                called = called.replace("files.system.", "os.")
                assert called not in ("os.open", "os.mkdir", "os.makedirs", "os.fdopen"), relative
                if called == "open":
                    what = ast.unparse(node.args[0])
                    assert what.startswith("files.open_to_read(") or what == OPENED.get(relative), (
                        f"{relative}: {what}"
                    )


@pytest.mark.parametrize("library", IMPORTERS)
def test_each_library_has_its_importers(library: str) -> None:
    """A third-party library is imported through few files, so that it can be watched and replaced."""
    for path in _files():
        if any(name.split(".")[0] in (library, library.rstrip("s")) for name in _imports(path)):
            relative = path.relative_to(PACKAGE).as_posix()
            assert any(relative == d or relative.startswith(d + "/") for d in IMPORTERS[library]), relative


def test_usage_stands_alone() -> None:
    """Premium usage knows no crash reports, no stats and no telemetry level, and nothing of ours knows it."""
    floor = {"exceptions", "files", "paths", "plugin", "processes", "transport.http", "usage"}
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


def _modules(code: str, environment: dict[str, str] | None = None) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment,
        check=True,
    )
    return set(done.stdout.split())


def test_a_start_imports_nothing_of_size() -> None:
    """install() loads thirteen files of ours, atexit and faulthandler, which are built in: no attrs, json ..."""
    installed = "import crashguard; crashguard.install(app='demo', version='1', dsn='http://k@127.0.0.1/1')"
    added = _modules(installed) - _modules("pass")

    assert {
        "atexit",
        "crashguard",
        "crashguard.config",
        "crashguard.capture",
        "crashguard.client",
        "crashguard.files",
        "crashguard.fork_gate",
        "crashguard.capture.hooks",
        "crashguard.capture.run",
        "crashguard.minimal_record",
        "crashguard.paths",
        "crashguard.program",
        "crashguard.spare",
        "crashguard.telemetry_level",
        "faulthandler",
    } == added


@pytest.mark.parametrize("level", ["none", "stats"])
@pytest.mark.parametrize("spool", ["new", "used"])
def test_a_start_after_a_no_imports_least(home: Path, level: str, spool: str) -> None:
    """Whoever said no pays for what finds that out and no more, also where an earlier run left its folders."""
    environment = {"HOME": str(home), "DEMO_TELEMETRY_LEVEL": level}
    if spool == "used":
        for name in (*paths.TO_SEND, paths.LOCAL, paths.SENT, paths.RUNS):
            files.private_folder(os.path.join(paths.spool_dir("demo"), name))
    installed = "import crashguard; crashguard.install(app='demo', version='1', dsn='http://k@127.0.0.1:9/1')"

    assert _modules(installed, environment) - _modules("pass", environment) == {
        "crashguard",
        "crashguard.capture",
        "crashguard.client",
        "crashguard.config",
        "crashguard.files",
        "crashguard.paths",
        "crashguard.telemetry_level",
    }


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
        assert ast.get_docstring(_tree(path)), path


# What a process keeps in module globals, each with its reason. Everything else it knows is in the client.
STATE = {
    "client.py _client": "the one object of the process: hooks and guards have no other place to look",
    "capture/guard.py _inside": "a context variable: which plugin runs is a matter of the thread or task",
    "fork_gate.py fork_gate": "a fork must find it whatever became of the client",
    "integrations/cloudquery/recorder.py at_table": "a context variable: which table is a matter of the thread",
    "integrations/cloudquery/scheduler.py _call": "a context variable: which call of the SDK, likewise",
    "scrub/engine.py _harmless": "short texts that hold no secret: a report says the same names over and over",
    "scrub/names.py _known": "what a name says: looked up once a process",
    "stats/config.py _settings": "what the tool said of its stats, before or after install()",
}


@pytest.mark.slow
def test_the_state_of_a_process_is_one_object() -> None:
    """No name is set by `global`, and hardly any module holds something that changes."""
    classes = {
        node.name for path in _files() for node in ast.walk(_tree(path)) if isinstance(node, ast.ClassDef)
    } - {"Pattern", "Words", "Meanings", "Rows"}  # they compile themselves once, and are then the same
    found = set()
    for path in _files():
        tree = _tree(path)
        relative = path.relative_to(PACKAGE).as_posix()
        assert not [node for node in ast.walk(tree) if isinstance(node, ast.Global)], relative
        called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        assert relative in FACES or "globals" not in called or relative == "minimal_record/__init__.py", (
            relative
        )
        hidden = {place for place in _hidden_state(tree) if f"{relative} {place}" not in NO_STATE}
        assert not hidden, f"{relative}: {hidden}"
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


# What looks like state that outlives a call, and is none.
NO_STATE = {
    "integrations/commands.py Recording.__name__": "of a class that this very call has made",
    "integrations/commands.py Recording.__qualname__": "the same",
}
CACHES = {"cache", "lru_cache", "cached_property"}
CONTAINERS = {
    "bytearray",
    "set",
    "dict",
    "list",
    "defaultdict",
    "deque",
    "Counter",
    "OrderedDict",
    "ChainMap",
}


@pytest.mark.parametrize(
    "source",
    [
        "@functools.cache\ndef f(): ...",
        "@lru_cache(3)\ndef f(): ...",
        "def f(): ...\nf = functools.cache(f)",
        "def f(): f.calls = 1",
        "class C:\n    def f(self): C.calls = 1",
        "class C:\n    def f(self): type(self).calls = 1",
        "class C:\n    def f(self): self.__class__.calls = 1",
        "class C:\n    @classmethod\n    def f(cls): cls.calls = 1",
        "class C:\n    calls = []",
        "def f(calls=[]): ...",
        "_calls = {}\ndef f(calls=_calls): ...",
        "_calls = {}\ndef f():\n    calls = _calls\n    calls[1] = 2",
        "from crashguard import files\ndef f(): files.calls = 1",
        "from crashguard import files\ndef f(): files.calls.append(1)",
    ],
)
def test_state_is_seen_wherever_it_hides(source: str) -> None:
    """The look at state sees caches, attributes of functions, classes and modules, defaults and aliases."""
    assert list(_hidden_state(ast.parse(source)))


def test_a_container_is_changed_by_any_method() -> None:
    """`x.__setitem__(1, 2)` and `x |= y` change x as `x[1] = 2` does."""
    for source in ("x[1] = 2", "x.__setitem__(1, 2)", "x |= y", "del x[1]", "x.popitem()"):
        assert _changed_names(ast.parse(source)) == {"x"}, source


def _hidden_state(tree: ast.Module) -> Iterator[str]:
    """Where something could be kept but in a module's names: caches, functions and classes, aliases, other modules.

    What stays unseen: a container that is passed to a function as an argument and changed there.
    """
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    defined = {node.name for node in classes} | {
        node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    containers = {name for name, value in _assigned(tree) if _is_container(value)}
    modules = {alias.asname or alias.name for node in ast.walk(tree) for alias in _ours(node)}
    modules -= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    for function in functions:
        for decorator in function.decorator_list:
            if CACHES & set(re.findall(r"\w+", ast.unparse(decorator))):
                yield f"{function.name} is cached"
        for default in [*function.args.defaults, *function.args.kw_defaults]:
            if default is not None and (_is_container(default) or ast.unparse(default) in containers):
                yield f"a default of {function.name}"
    for cls in classes:
        for statement in cls.body:
            if isinstance(statement, ast.Assign | ast.AnnAssign) and _is_container(statement.value):
                yield ast.unparse(statement)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in ("cache", "lru_cache"):
            yield ast.unparse(node)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
            owner = ast.unparse(node.value)
            if owner in defined | modules | {"cls", "type(self)"} or owner.endswith(".__class__"):
                yield ast.unparse(node)
        value = getattr(node, "value", None)
        is_bound = isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and node not in tree.body
        if is_bound and isinstance(value, ast.Name) and value.id in containers:
            yield ast.unparse(node)
    changed = (name.partition(".") for name in _changed_names(tree))
    yield from (f"{module}.{name}" for module, dot, name in changed if dot and module in modules)


def _ours(node: ast.AST) -> list[ast.alias]:
    """The names under which a statement imports modules of ours."""
    if isinstance(node, ast.ImportFrom):
        return [alias for alias in node.names if _file_of(f"{node.module}.{alias.name}") is not None]
    return [a for a in node.names if _file_of(a.name)] if isinstance(node, ast.Import) else []


def _is_container(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Call):
        return ast.unparse(value.func).rpartition(".")[2] in CONTAINERS
    return isinstance(value, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp)


def _changed_names(tree: ast.Module) -> set[str]:
    """Names of containers that something is put into or taken out of."""
    methods = re.findall(
        r"\w+",
        "add append appendleft clear difference_update discard extend insert intersection_update pop popitem popleft "
        "remove reverse setdefault sort symmetric_difference_update update "
        "__delitem__ __iadd__ __iand__ __ior__ __setitem__",
    )
    changed = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in methods:
            changed.add(ast.unparse(node.func.value))
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
            changed.add(ast.unparse(node.value))
        elif isinstance(node, ast.AugAssign):
            changed.add(ast.unparse(node.target))
    return changed
