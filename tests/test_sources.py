"""Which texts a program's code was made with, as far as its source tells."""

import ast
from pathlib import Path

import pytest

from crashguard.scrub.sources import Sources
from tests.conftest import ROOT

SOURCE = r'''
"""A module about "Lisbon"."""  # 'Porto' is in a comment
TABLE = {"one": "Ada Byron", 'two': 'it\'s "here"', "three": "of a literal in two "
    "lines", "four": """of
three lines"""}
JSON = '{"name": "Marta Ruiz", "city": "Zagreb"}'
RAW = r"C:\new", b"bytes", f"{TABLE} of f"
'''


def _sources(text: str) -> Sources:
    return Sources(lambda file, most: text.encode()[:most])


@pytest.mark.parametrize(
    ("text", "is_literal"),
    [
        ("Ada Byron", True),
        ('it\'s "here"', True),
        ("of a literal in two lines", True),
        ("of\nthree lines", True),
        ("C:\\new", True),
        ("bytes", True),
        ('{"name": "Marta Ruiz", "city": "Zagreb"}', True),
        ("Marta Ruiz", False),
        ("Zagreb", False),
        ("Lisbon", False),
        ("Porto", False),
        ("lines", False),
        ("of a literal in two ", False),
        ("Ada", False),
        ("Ada Byron ", False),
    ],
)
def test_a_text_is_a_literal_as_the_compiler_has_it(text: str, is_literal: bool) -> None:
    """Literals that follow each other are one; what is quoted in a literal or a comment is none."""
    assert _sources(SOURCE).has_literal("x.py", text) is is_literal


def test_the_literals_of_real_files_are_found() -> None:
    """All but a few that the parser finds (odd numbers of three quotes mislead), and none that is quoted within one."""
    sources = Sources(lambda path, most: Path(path).read_bytes()[:most])
    missed: list[str] = []
    number = 0
    for file in sorted((ROOT / "crashguard/scrub").glob("[a-z]*.py")):
        tree = ast.parse(file.read_text())
        inside = {
            id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values
        }
        literals = {
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and id(node) not in inside and isinstance(node.value, str)
            if 1 < len(node.value) < 400 and "\\" not in node.value
        }
        quoted = {text.split("`")[1] for text in literals if text.count("`") > 1} - literals
        quoted = {text for text in quoted if len(text) > 3}

        missed += [text for text in sorted(literals) if not sources.has_literal(str(file), text)]
        number += len(literals)
        assert not [text for text in quoted if sources.has_literal(str(file), text)], file

    assert len(missed) <= 0.05 * number, missed


def test_imports_name_what_may_be_a_module() -> None:
    """Of a package, of the file's own package, of several lines."""
    text = (
        "import a, b.c as d\nfrom . import e\nfrom .f import (\n    g,  # why\n    h,\n)\nfrom ..i import j\n"
    )

    found = _sources(text).imported("x.py", "top.sub")
    assert {"a", "b.c", "top.sub.e", "top.sub.f", "top.sub.f.g", "top.i", "top.i.j"} <= set(found)


def test_a_file_that_cannot_be_read_says_nothing() -> None:
    """A frozen program has no sources."""

    def broken(path: str, most: int) -> bytes:
        raise OSError(path)

    assert not Sources(broken).has_literal("x.py", "Ada Byron")
    assert not Sources(None).has_literal("x.py", "Ada Byron")
