"""One word, one meaning: words that were given up for the field's own do not come back in what people read."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import ROOT

# What is no longer said, and what is said instead.
RETIRED = {
    r"last words": "minimal record",
    r"settl(?:e|es|ed|ing)": "recover (dead processes), apply (an outcome)",
    r"silenc(?:e|es|ed|ing)": "ignore (an exception), suppress (a report)",
    r"(?:im)?patien(?:ce|t)": "backoff, a timeout",
    r"hand(?:s|ed|ing)? over": "enqueue (a report), pass on (a setting)",
    r"needles?": "private literals",
    r"doors?": "hooks, the function that everything goes through",
    r"(?:crash|death|report)s? of (?:a|one|this|that) kind": "group",
    r"saved level|level of consent|consent level": "telemetry level",
}
FILES = sorted(
    path
    for folder in ("crashguard", "docs", "tests", "tools", "samples", "benchmarks", ".")
    for pattern in ("*.py", "*.md")
    for path in ((ROOT / folder).rglob(pattern) if folder != "." else ROOT.glob(pattern))
    if path != Path(__file__) and "corpus" not in path.parts
)


def _prose_of_python(path: Path) -> Iterator[str]:
    """Docstrings and comments of a program; names in backquotes are code."""
    source = path.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield ast.get_docstring(node) or ""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


def _prose(path: Path) -> str:
    """What people read in a file, without code."""
    if path.suffix == ".py":
        try:
            texts = "\n".join(_prose_of_python(path))
        except SyntaxError:
            return ""  # a program that is wrong on purpose
    else:
        texts = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`\n]*`|\w+\([^()\n]*=[^()\n]*\)|^\s*\w+: ", "", texts, flags=re.MULTILINE)


def test_a_word_that_was_given_up_stays_away() -> None:
    """No docstring, comment or page says a word that the field has a better one for."""
    any_of_them = re.compile(rf"(?i)\b(?:{'|'.join(RETIRED)})\b")
    found = [
        f"{path.relative_to(ROOT)}: {match[0]!r}; say instead: {better}"
        for path in FILES
        if any_of_them.search(path.read_text(encoding="utf-8"))  # to read a file as Python takes far longer
        for words, better in RETIRED.items()
        for match in re.finditer(rf"(?i)\b(?:{words})\b", _prose(path))
    ]

    assert found == []
