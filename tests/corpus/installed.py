"""How many harmless texts change: `python -m tests.corpus.installed [-v] FOLDER...`.

The texts are those of `raise` statements in installed packages, which programmers wrote and no user: constants,
and f-strings whose gaps are filled with a word. The folders are searched for files of Python, by default those
of this interpreter; 7,000 different texts are drawn of them, the same in each run. With -v those that changed
are shown.
"""

import ast
import random
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from crashguard.scrub import Scrubber

MOST = 7_000
_FILLED = "orders"  # stands where an f-string has a value


def texts(folders: list[Path]) -> list[str]:
    """Different texts of `raise` statements."""
    found = {
        text
        for folder in folders
        for path in folder.rglob("*.py")
        if "crashguard" not in path.parts
        for text in _raised(path)
    }
    return random.Random(7).sample(sorted(found), min(MOST, len(found)))


def _raised(path: Path) -> Iterator[str]:
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError, OSError, RecursionError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
            text = _text(node.exc.args[0])
            if len(text) > len("x y"):
                yield text


def _text(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(_text(value) for value in values)
        case ast.FormattedValue():
            return _FILLED
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _text(left) + _text(right)
        case ast.BinOp(left=left, op=ast.Mod()):
            return _text(left).replace("%s", _FILLED).replace("%r", f"'{_FILLED}'").replace("%d", "3")
    return ""


def main() -> None:
    """Print how many of them change, as secrets and as data."""
    shown = "-v" in sys.argv
    folders = [Path(each) for each in sys.argv[1:] if each != "-v"] or [Path(sysconfig.get_path("purelib"))]
    found = texts(folders)
    for level in ("full", "shapes"):
        changed = [(text, new) for text in found if (new := Scrubber(messages=level).text(text)) != text]
        print(f"{level:8} {len(changed):4} of {len(found)} changed  {100 * len(changed) / len(found):.2f} %")
        for text, new in changed if shown else ():
            print(f"    {text[:150]!r}\n -> {new[:150]!r}")


if __name__ == "__main__":
    main()
