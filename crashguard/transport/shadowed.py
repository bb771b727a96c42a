"""Whether a file of the user's would be imported in the place of a module of the standard library.

Python looks beside the program first. An uploader is started without that folder (`python -I`). A process
that sends by itself imports what sending needs from the program's own path: there, a `json.py` beside the
program would be run, and could see the reports. So where there is such a file, an uploader sends.
"""

import os
import sys

from crashguard.program import search_path

_ENDINGS = (".py", ".pyc", ".so", ".pyd")
_NEVER_NEEDED = frozenset(
    ("test", "idlelib", "tkinter", "turtledemo", "__main__")
)  # a program may have `test`


def is_any() -> bool:
    """Whether a folder that Python searches before its own has a module of the same name, not loaded yet."""
    file = getattr(os, "__file__", None)
    if file is None:
        return False  # a frozen program: all modules come out of its own archive
    home = os.path.dirname(file)
    for entry in search_path():
        folder = os.path.abspath(entry)
        if folder == home or entry.endswith(".zip"):  # Python's own archive, which is named before its folder
            return False
        if _holds_one(folder):
            return True
    return False


def _holds_one(folder: str) -> bool:
    try:
        names = os.listdir(folder)
    except OSError:
        return False
    for name in names:
        stem, dot, _ = name.partition(".")
        if stem not in sys.stdlib_module_names or stem in sys.modules or stem in _NEVER_NEEDED:
            continue
        if stem in sys.builtin_module_names:
            continue
        path = os.path.join(folder, name)
        if name.endswith(_ENDINGS) if dot else os.path.isfile(os.path.join(path, "__init__.py")):
            return True
    return False
