"""The program: which modules are the tool's own. install() finds that out while the process is healthy.

The tool is whoever calls install(). Its own code is

    the package of the caller      the outermost regular package of its module, wherever it was imported from
    the main script                where the caller is the main script, or lies beside it
    what lies beside that script   its sibling modules and their sub-packages
    the packages that it names     `install(packages=...)`

A module's name alone proves nothing, because a program can load a user's file under any name. A frame belongs
to a module where its file spells the module's name (`a.b.c` is `.../a/b/c.py`) below a folder from which the
tool was imported. The part that spells the name is the file name that a report may hold: it is made of the
module's name, so it holds no folder of the machine.

A minimal record asks too, also while the interpreter clears the modules. So `own` and `standard` use nothing
but builtins and what the object holds.
"""

import os
import sys

from crashguard.files import keep_builtins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

keep_builtins(__name__)

# The second is multiprocessing's, for the main script in a child process. The third is that of a copy which
# CPython 3.14 runs in a sub-interpreter for a function of the main script; no module is loaded under it.
MAIN = ("__main__", "__mp_main__", "<fake __main__>")
SHARED = ("site-packages", "dist-packages")  # folders that hold the packages of others too
_ENDS = (".py", "/__init__.py", ".pyx")  # a frame of Cython code has the .pyx file
_COMPILED = (".pyc", ".so", ".pyd")  # the file of a module that was shipped without its source
_TEXT = "<text>"  # which no module is called
_MODULE = type(sys)


def module_of_namespace(names: object, file: str) -> str | None:
    """The name of the module that code runs in; None where its namespace says none.

    A program may run a user's text under the file name and the module name of one of its own modules. If the
    namespace is not the module's, the code has a name that no module has.

    Args:
        names: The globals of the frame.
        file: The file of its code. Generated code has none, and a namespace of its own.
    """
    if type(names) is not dict or type(name := names.get("__name__")) is not str:
        return None
    if name in MAIN or file[:1] == "<":  # runpy and multiprocessing run a main script in copies
        return name
    module = _loaded(name)
    if type(module) is not _MODULE or module.__dict__ is names:
        return name  # one of a derived class has taken the module's place, and the module's code still runs
    # An earlier import of the module has a spec of its own; a copy of its namespace has the same one.
    spec = names.get("__spec__")
    return _TEXT if spec is None or spec is module.__dict__.get("__spec__") else name


def _loaded(name: str) -> object:
    """A module that this process has loaded; else None."""
    try:
        return sys.modules.get(name)
    except AttributeError:  # the interpreter has cleared this module, too
        return None


def search_path() -> list[str]:
    """The folders of `sys.path`; none where a program has put something else than a list in its place."""
    path = getattr(sys, "path", None)
    return [entry for entry in path if type(entry) is str] if isinstance(path, (list, tuple)) else []


class Program:
    """Whose code is the tool's own, and where the standard library lies.

    Attributes:
        homes: The tool's own packages and modules; each with the folders (`/` at the end) that it was
            imported from. They are looked up when a frame asks, for a package that is not imported yet.
        main: The files of the main script, in every spelling that a frame may have; the last one names it.
        main_name: The real name of the module `__main__`, for `python -m`.
        folders: The folder of the main script, for the modules beside it.
        bundle: The folders of a frozen or zipped program. All that lies in them was shipped by its author.
        packer: What packed the program into one file or folder; None where it runs from plain files.
        stdlib: The folders of the standard library.
        copy: The namespace of a main script that a sub-interpreter runs in a copy.
        modules: The modules of a dead process, as far as it left their names; None for those of this one.
    """

    __slots__ = (
        "bundle",
        "copy",
        "folders",
        "homes",
        "main",
        "main_name",
        "modules",
        "packer",
        "stdlib",
    )

    def __init__(self) -> None:
        self.homes: dict[str, tuple[str, ...]] = {}
        self.main: tuple[str, ...] = ()
        self.main_name: str | None = None
        self.folders: tuple[str, ...] = ()
        self.bundle: tuple[str, ...] = _frozen()
        self.copy: Mapping[str, object] = {}
        self.modules: Mapping[str, object] | None = None
        self.packer = _packer()
        self.stdlib = _stdlib()

    def add_caller(self, names: "Mapping[str, Any]", file: str) -> None:
        """Add the code of whoever calls install(). Never raises, because a program must start.

        Args:
            names: The namespace of the caller's module.
            file: The file of the caller's code.
        """
        try:
            self._add_caller(names, file)
        except Exception:  # noqa: BLE001, S110 (a host may have put anything into its module's attributes)
            pass

    def add_packages(self, names: "Iterable[str]") -> None:
        """Add packages by their names."""
        for name in names:
            self.homes.setdefault(name, ())

    def add_script(self, file: str) -> None:
        """Add the main script, and what lies beside it.

        Python looks for the modules of a script beside the file that a link to the script leads to, and so
        are they looked for here. The script is told by the name of that file, whatever its links are called.

        Args:
            file: The script's file.
        """
        path = os.path.abspath(file)
        if os.path.dirname(path) not in search_path():
            path = os.path.realpath(path)
        self.main += tuple(each for each in dict.fromkeys((file, path)) if each not in self.main)
        folder = os.path.dirname(path).replace("\\", "/").rstrip("/") + "/"
        shared = folder.endswith(tuple(f"/{name}/" for name in SHARED)) or folder in self.stdlib
        if not shared and folder not in (*self.folders, *self.bundle):
            self.folders += (folder,)

    def add_main_module(self, name: str) -> None:
        """Add the module that `python -m` runs, before it is imported."""
        self.main_name = name
        parts = name.split(".")  # which of them is a regular package is seen once they are imported
        self.add_packages(".".join(parts[:count]) for count in range(1, len(parts) + 1))

    def own(self, name: object, file: str) -> str | None:
        """The file name that a report may hold, if a frame is the tool's own code; else None.

        Args:
            name: What `module_of_namespace` says of the frame. Without one, as in printed tracebacks and
                while the interpreter clears modules, the file must lie in one of the tool's packages.
            file: The file of the frame's code.
        """
        path = file.replace("\\", "/")
        if name in MAIN:
            if file in self.main:
                return self._main_file()
            name = self.main_name
        if type(name) is not str:
            return self._own_file(file, path)
        told = self._own_module(name, path)
        if told is None and name == self.main_name:
            told = self._own_module(name + ".__main__", path)
        return told

    def standard(self, name: object, file: str) -> str | None:
        """The same for code of the standard library and of the interpreter."""
        if type(name) is str and name.partition(".")[0] not in sys.stdlib_module_names:
            return None
        if file.startswith("<frozen "):
            return file if file[8:-1].partition(".")[0] in sys.stdlib_module_names else None
        path = file.replace("\\", "/")
        if type(name) is str:
            root, told = self.spelled(name, path)
            return told if self._is_standard(root) or self.is_bundled(name, root) else None
        for root in self.stdlib:
            told = path[len(root) :]
            top = told.partition("/")[0].removesuffix(".py")
            if path.startswith(root) and self.is_module(told) and top in sys.stdlib_module_names:
                return told
        return None

    def installed_main(self) -> str:
        """The file of the main script if it is a module that was installed; else empty."""
        for file in reversed(self.main):
            if file.replace("\\", "/").rpartition("/")[0].endswith(SHARED):
                return file
        return ""

    def tells_of(self, module: str, name: str) -> bool:
        """Whether a class may be named: it is the interpreter's, the standard library's or the tool's own.

        Args:
            module: Its module.
            name: Its qualified name.
        """
        if not self.declares(module, name):
            return False
        if module == "builtins":
            return True
        file = self.file_of(module)
        if file is None:
            return module in MAIN and bool(self.main or self.main_name)
        return self.own(module, file) is not None or self.standard(module, file) is not None

    def file_of(self, name: str) -> str | None:
        """The file of a module that is loaded; None where it has none.

        Of an extension module, whose file names the interpreter's version too, it is that of its source.

        Args:
            name: The module's name.
        """
        file = getattr(self.module(name), "__file__", None)
        if type(file) is not str or file.endswith(".py"):
            return file if type(file) is str else None
        folder, base = os.path.split(file)
        return f"{folder}/{base.partition('.')[0]}.py"

    def declares(self, module: str, name: str) -> bool:
        """Whether a module, if it is loaded, has a class, or what the class was made in.

        A class statement in a text that the program runs, as a user's rule, is of the module in whose
        namespace it runs; without one it is of `builtins`.

        Args:
            module: The module that the class says.
            name: The qualified name of the class.
        """
        names = self.copy if module == MAIN[2] else getattr(self.module(module), "__dict__", None)
        return type(names) is not dict or name.partition(".")[0] in names

    def spelled(self, name: str, path: str) -> "tuple[str | None, str]":
        """The folder and the rest of a path that spells a module's name; (None, "") where it does not.

        Args:
            name: The module's name.
            path: The file, with `/` between its parts.
        """
        stem = name.replace(".", "/")
        for end in _ENDS:
            if path.endswith(stem + end):
                root = path[: -len(stem + end)]
                if not root or root[-1] == "/":
                    return root, stem + end
        return None, ""

    def compiled(self, name: str, path: str) -> "tuple[str | None, str]":
        """The same for a module that was shipped without its source, as Cython's or as a `.pyc`.

        Its code has the file name of the machine that compiled it. So the file of the module decides, if it
        and the file of the code are called alike.

        Args:
            name: The module's name.
            path: The file of the code, with `/` between its parts.
        """
        is_main = name in (self.main_name, f"{self.main_name}.__main__")
        file = getattr(self.module(MAIN[0] if is_main else name), "__file__", None)
        if type(file) is not str or not file.endswith(_COMPILED):
            return None, ""
        folder, slash, base = file.replace("\\", "/").rpartition("/")
        stem = base.partition(".")[0]
        last = path.rpartition("/")[2]
        if last not in (stem + ".py", stem + ".pyx"):
            return None, ""
        root, told = self.spelled(name, f"{folder}{slash}{stem}.py")
        return root, told[: -len(".py")] + last[len(stem) :]

    def is_bundled(self, name: str, root: str | None) -> bool:
        """Whether a module whose file lies in a folder belongs to a frozen or zipped program.

        The code of a frozen program has relative file names, or those of the machine that built it. There the
        file of the module itself decides.
        """
        if root is None or not self.bundle:
            return False
        if not root.startswith(self.bundle):
            file = self.file_of(name)
            root = None if file is None else self.spelled(name, file.replace("\\", "/"))[0]
        return root is not None and root.startswith(self.bundle)

    def is_module(self, tail: str) -> bool:
        """Whether the end of a path could be a module's: `a/b/c.py`."""
        stem, dot, ending = tail.rpartition(".")
        return dot + ending in _ENDS and all(part.isidentifier() for part in stem.split("/"))

    def facts(self) -> "dict[str, Any]":
        """All of this in plain values, for a child process and for whoever reads this process's files."""
        roots = {name: list(self._roots(name)) for name in self.homes}
        return {
            "homes": roots,
            "main": list(self.main),
            "main_name": self.main_name,
            "folders": list(self.folders),
            "bundle": list(self.bundle),
            "stdlib": list(self.stdlib),
        }

    @classmethod
    def of_facts(cls, facts: "Mapping[str, Any]") -> "Program":
        """The program of another process."""
        program = cls()
        program.homes = {name: tuple(roots) for name, roots in facts["homes"].items()}
        program.main, program.main_name = tuple(facts["main"]), facts["main_name"]
        program.folders, program.bundle = tuple(facts["folders"]), tuple(facts["bundle"])
        program.stdlib = tuple(facts["stdlib"])
        return program

    def _is_standard(self, root: str | None) -> bool:
        """Whether modules of the standard library lie in a folder, also those that are written in C.

        Those lie in `lib-dynload` below the others, on Windows in `DLLs` beside `Lib`. Where the others are
        in an archive, they lie beside it, or below the folder that it stands for.
        """
        unpacked = f"python{sys.version_info[0]}.{sys.version_info[1]}/"
        for each in self.stdlib if root is not None else ():
            above = each[: each[:-1].rfind("/") + 1]
            beside = ("", f"{unpacked}lib-dynload/") if each.endswith(".zip/") else ("DLLs/",)
            if root in (each, f"{each}lib-dynload/", *(above + name for name in beside)):
                return True
        return False

    def _add_caller(self, names: "Mapping[str, Any]", file: str) -> None:
        name = names.get("__name__")
        if type(name) is not str or name == "sitecustomize":  # the machine's, which installs it for others
            return
        main = sys.modules.get("__main__")
        real = getattr(getattr(main, "__spec__", None), "name", None)
        package = names.get("__package__")
        if type(real) is not str and name in MAIN and type(package) is str and package:
            real = package + ".__main__"  # somebody has removed the module's spec
        path = file.replace("\\", "/")
        if name == MAIN[2]:
            self.copy = names
            real = _module_below_path(path)  # it runs without a spec
        if name in MAIN:
            root, _ = self.spelled(real, path) if type(real) is str else (None, "")
            if root is None or real in MAIN:
                self._add_main_script(main, file)
                return
            name = str(real)
            if "." not in name:  # python -m NAME, of one module
                self._add_main_script(main, file)
        if type(real) is str and real not in MAIN:
            self.main_name = real
        if name.partition(".")[0] in sys.stdlib_module_names:
            return
        home = _home_of(name)
        root, _ = self.spelled(name, path)
        self.homes[home] = tuple({*self.homes.get(home, ()), *(() if root is None else (root,))})
        if root and getattr(names.get("__loader__"), "archive", None):
            self.bundle += (root,)
        beside = getattr(main, "__file__", None)
        if type(beside) is str and root and os.path.abspath(root) == os.path.dirname(os.path.abspath(beside)):
            self._add_main_script(main, beside)

    def _add_main_script(self, main: object, file: str) -> None:
        """Add the main script and what lies beside it; of an archive, what no library in it has."""
        if file.startswith("<"):
            return  # `python -c`, a prompt, a notebook
        loader: Any = getattr(main, "__loader__", None)
        files = [each for each in (file, getattr(main, "__file__", None)) if type(each) is str]
        if not getattr(loader, "archive", None):
            for each in files:
                self.add_script(each)
            return
        from crashguard.program import archive

        # A packager may name the main module otherwise than its code, whose name is that of the script.
        self.main += tuple(files[::-1])
        root = loader.archive.replace("\\", "/") + "/"
        self.bundle += (root,)
        for name in archive.own_modules(loader):
            self.homes.setdefault(name, (root,))

    def _main_file(self) -> str:
        """The file name of the main script that a report may hold."""
        return self.main[-1].replace("\\", "/").rpartition("/")[2]

    def _own_module(self, name: str, path: str) -> str | None:
        root, told = self.spelled(name, path)
        for home in self.homes:
            if name == home or name.startswith(home + "."):
                roots = self._roots(home)
                if root in roots and (root or self.is_bundled(name, root)):
                    return told
                compiled = self.compiled(name, path)
                if compiled[0] in roots:
                    return compiled[1]
        return told if root in self.folders else None

    def _own_file(self, file: str, path: str) -> str | None:
        if file in self.main:
            return self._main_file()
        for home in self.homes:
            stem = home.replace(".", "/")
            for root in self._roots(home):
                told = path[len(root) :]
                if path.startswith(root + stem) and (told == stem + ".py" or told.startswith(stem + "/")):
                    return told if self.is_module(told) else None
        return None

    def module(self, name: str) -> object:
        """A module that the process has loaded; else None."""
        return _loaded(name) if self.modules is None else self.modules.get(name)

    def _roots(self, home: str) -> "tuple[str, ...]":
        """The folders that one of the tool's packages was imported from."""
        module = self.module(home)
        found = self.homes.get(home, ())
        paths = getattr(module, "__path__", None)
        if type(paths) is list:
            stem = "/" + home.replace(".", "/")
            folders = [path.replace("\\", "/") for path in paths if type(path) is str]
            found += tuple(path[: -len(stem) + 1] for path in folders if path.endswith(stem))
        else:
            file = getattr(module, "__file__", None)
            root = self.spelled(home, file.replace("\\", "/"))[0] if type(file) is str else None
            found += () if root is None else (root,)
        return found


def _module_below_path(file: str) -> str | None:
    """The module that a file is by the first folder of `sys.path` that it is in; None in none of them."""
    for root in search_path():
        above = root.replace("\\", "/").rstrip("/") + "/"
        if file.startswith(above):
            return file[len(above) :].removesuffix(".py").replace("/", ".")
    return None


def _home_of(name: str) -> str:
    """The outermost regular package of a module. A namespace package has no file and belongs to nobody."""
    parts = name.split(".")
    for count in range(1, len(parts)):
        prefix = ".".join(parts[:count])
        if getattr(sys.modules.get(prefix), "__file__", None) is not None:
            return prefix
    return name


def _stdlib() -> "tuple[str, ...]":
    """The folders of the standard library; in a frozen program there may be none."""
    file = getattr(os, "__file__", None)
    found = {os.path.dirname(file) if type(file) is str else None, getattr(sys, "_stdlib_dir", None)}
    return tuple(path.replace("\\", "/") + "/" for path in found if type(path) is str)


def _packer() -> str | None:
    """What packed the program into one file or folder; None where an interpreter runs it from plain files."""
    main = sys.modules.get("__main__")
    if hasattr(sys, "_MEIPASS"):
        return "PyInstaller"
    if "__compiled__" in getattr(main, "__dict__", ()):
        return "Nuitka"
    if getattr(sys, "frozen", False):
        return "cx_Freeze" if "__startup__" in sys.modules else "other"
    try:
        loader = getattr(main, "__dict__", {}).get("__loader__")
        return "zipapp" if getattr(loader, "archive", None) else None
    except Exception:  # noqa: BLE001 (a loader of the host's; a program must start)
        return None


def _frozen() -> "tuple[str, ...]":
    """The folders of a frozen program: PyInstaller names its own, others put all beside the executable."""
    if not getattr(sys, "frozen", False):
        return ()
    unpacked = getattr(sys, "_MEIPASS", None)
    folder = unpacked if type(unpacked) is str else os.path.dirname(sys.executable or "")
    return (folder.replace("\\", "/") + "/",) if folder else ()
