"""The API reference: every public module has its page, every public name its entry, and the build has no warning."""

import importlib
import importlib.util
import re
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from tests.conftest import ROOT

INTEGRATIONS = sorted(
    f"crashguard.integrations.{path.stem}"
    for path in (ROOT / "crashguard/integrations").iterdir()
    if not path.name.startswith("_")
)
MODULES = ["crashguard", *(f"crashguard.{each}" for each in ("hosts", "scrub", "stats", "testing", "usage"))]


def test_each_public_module_has_its_page() -> None:
    """A new integration, and every module that a page of the docs imports from, is in the reference."""
    pages = "".join(path.read_text() for path in (ROOT / "docs/api").glob("*.md"))
    rendered = re.findall(r"^::: (\S+)$", pages, re.MULTILINE)
    documented = "".join(path.read_text() for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
    imported = set(re.findall(r"^ *from (crashguard[\w.]*) import", documented, re.MULTILINE))

    assert sorted([*MODULES, "crashguard.integrations", *INTEGRATIONS]) == sorted(rendered)
    assert set() == imported - set(rendered)


@pytest.mark.slow
def test_it_is_built_without_a_warning_and_holds_every_public_name(tmp_path: Path) -> None:
    """`mkdocs build --strict` succeeds; what is in a module's `__all__` is in its page."""
    if importlib.util.find_spec("mkdocs") is None:
        pytest.skip("mkdocs is not installed; it is in the extra `docs`")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    assert 0 == done.returncode, done.stderr

    # Sphinx's inventory: four lines of text, then `name domain:role priority uri title` compressed.
    inventory = (tmp_path / "site/objects.inv").read_bytes().split(b"\n", 4)[4]
    entries = {line.split()[0] for line in zlib.decompress(inventory).decode().splitlines()}
    for module in MODULES:
        names = getattr(importlib.import_module(module), "__all__", [])
        assert [] == [name for name in names if f"{module}.{name}" not in entries]
    assert {
        "crashguard.guard",
        "crashguard.testing.captured_reports",
        "crashguard.hosts.report_exit",
    } <= entries
    assert "crashguard.integrations.grpc.CrashInterceptor" in entries
