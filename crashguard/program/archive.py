"""A program in an archive (zipapp): which of its modules are the script's own, and which are libraries'."""

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def own_modules(loader: "Any") -> "set[str]":
    """The modules at the top of an archive that no distribution in it lists; none where nothing is listed."""
    found: set[str] = set()
    listed: set[str] | None = None
    # CPython 3.13 and later read the directory when asked; the public way to it is the module zipfile.
    files = getattr(loader, "_get_files", None)
    for name in files() if files else getattr(loader, "_files", ()):
        path = name.replace("\\", "/")
        top, slash, rest = path.partition("/")
        if rest == "RECORD" and top.endswith(".dist-info"):
            text = loader.get_data(os.path.join(loader.archive, name)).decode("utf-8", "replace")
            listed = (listed or set()).union([line.partition(",")[0] for line in text.splitlines()])
        elif path.endswith(".py") and (not slash or rest == "__init__.py"):
            found.add(path)
    left = set() if listed is None else found.difference(listed, ("__main__.py",))
    return {path.partition("/")[0].partition(".")[0] for path in left}
