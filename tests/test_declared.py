"""Which names of commands and options are the tool's own: those that stand in its sources."""

from pathlib import Path
from typing import Any

import pytest

from crashguard.program import Program
from crashguard.report.declared import Declared
from crashguard.report.origins import Origins


class Sources(dict[str, str]):
    """The sources of a tool, as files that a Declared reads; `asked` has their names in order."""

    def __init__(self, folder: Path, **texts: str) -> None:
        self.folder = folder
        self.asked: list[str] = []
        (folder / "tool").mkdir(exist_ok=True)
        for name, text in {"__init__": "", **texts}.items():
            (folder / f"tool/{name}.py").touch()
            self[f"{folder}/tool/{name}.py"] = text

    def read(self, file: str, most: int) -> bytes:
        self.asked.append(Path(file).stem)
        return self[file].encode()[:most]

    def declared(self, read: Any = None, tracebacks: Any = ()) -> Declared:
        program = Program()
        program.homes["tool"] = (f"{self.folder}/",)
        return Declared(Origins(program), read or self.read, tracebacks)


@pytest.mark.parametrize(
    ("source", "name", "has"),
    [
        ("parser.add_argument('--dry-run')", "--dry-run", True),
        ("parser.add_argument('--Dry-Run')", "--dry-run", True),
        ("def sync(dry_run): pass", "--dry-run", True),
        ("def sync(color=True): pass", "--no-color", True),
        ("def sync(use_color_scheme=True): pass", "--use-color-scheme", True),
        ("def sync(color_scheme=True): pass", "--no-color-scheme", True),
        ("def sync(): pass", "sync", True),
        ("sync", "sync", True),
        ("def sync_command(): pass", "sync", True),
        ("def sync_all(): pass", "sync", False),
        ("def resync(): pass", "sync", False),
        ("def re_sync(): pass", "sync", False),
        ("sync2", "sync", False),
        ("resync, sync", "sync", True),
        ("'--dry-runs'", "--dry-run", False),
        ("sync", "", False),
        ("nothing", "--help", True),
    ],
)
def test_a_name_is_the_tools_if_its_sources_have_the_word(
    source: str, name: str, has: bool, tmp_path: Path
) -> None:
    """As it is typed, or as the function or parameter that a parser makes it of; a part of a word is none."""
    assert has == Sources(tmp_path, work=source).declared().has(name)


def test_where_no_source_can_be_read_every_name_is_the_tools(tmp_path: Path) -> None:
    """It is in an archive, or was shipped without: what a parser knows is then all there is to know."""

    def read(file: str, most: int) -> bytes:
        raise OSError(file, most)

    assert Sources(tmp_path, work="").declared(read).has("--of-the-tool")
    assert not Sources(tmp_path, work="1").declared().has("--of-ada")


def test_the_command_that_crashed_and_the_usual_places_are_read_first(tmp_path: Path) -> None:
    """Of a tool with thousands of files only some are read, so those with the parser must be among them."""
    names = {f"a{number}": "x" for number in range(200)}
    sources = Sources(tmp_path, **names, cli="--target", crashed="--crashed", near="--near")
    spaces: dict[str, Any] = {"__name__": "tool.crashed"}
    exec(compile("def fails(): raise KeyError", f"{tmp_path}/tool/crashed.py", "exec"), spaces)
    with pytest.raises(KeyError) as caught:
        spaces["fails"]()
    declared = sources.declared(tracebacks=[caught.value.__traceback__])

    assert declared.has("--near", near=f"{tmp_path}/tool/near.py")
    assert ["near"] == sources.asked
    assert declared.has("--target")
    assert ["near", "crashed", "cli"] == sources.asked
    assert declared.has("--crashed")
    assert not declared.has("--of-ada")
    assert 60 <= len(sources.asked) <= 120
    assert len(sources.asked) == len(set(sources.asked))


def test_of_large_sources_a_million_characters_are_read(tmp_path: Path) -> None:
    """A process that dies is not held: so much of each file, and of all of them."""
    names = {f"a{number}": "#" * 150_000 + f"--a{number}" + "#" * 300_000 for number in range(50)}
    sources = Sources(tmp_path, **names)
    declared = sources.declared()

    assert not declared.has("--of-ada")
    assert 4 <= len(sources.asked) <= 8
    assert declared.has(f"--{next(name for name in sources.asked if name != '__init__')}")
