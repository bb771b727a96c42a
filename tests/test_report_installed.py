"""What a report says of what is installed: versions on the stack, the installer, lines of published files."""

import json
import os
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Finished, Run
from tests.wheels import lay_out

TOOL = """\
import of_library.deep

LIMIT = 3


def first(row):
    # a comment of the author's
    return second(row)


def second(row):
    checked = row
    return of_library.deep.parse(checked)


def third():
    raise KeyError("x")
"""
LIBRARY = "def parse(row):\n    return 1 / row  # a library's line\n"
PROGRAM = """
import sys
sys.path.insert(0, {site!r})
import crashguard
crashguard.install(app="demo", version="1.0", note=False, packages=["of_tool"]{more})
import of_tool.work
{before}
of_tool.{call}
"""


def lay_out_tool(folder: Path, **more: str) -> None:
    """Install the tool, with further modules."""
    shutil.rmtree(folder / "of_tool-4.5.6.dist-info", ignore_errors=True)
    files = {"of_tool/__init__.py": "", "of_tool/work.py": TOOL}
    files |= {f"of_tool/{name}.py": text for name, text in more.items()}
    lay_out(folder, "of_tool", "4.5.6", files, requires=["other-name>=7"])


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with a tool, its library under another name, and a package that has no part in the crash."""
    folder = tmp_path / "lib" / "site-packages"
    lay_out_tool(folder)
    lay_out(folder, "Other_Name", "7.8", {"of_library/__init__.py": "", "of_library/deep.py": LIBRARY})
    lay_out(folder, "bystander", "9", {"bystander.py": ""})
    return folder


@pytest.fixture
def crash(run: Run, site: Path) -> Any:
    """Have the tool crash, and give its report."""

    def crash(
        call: str = "work.first(0)", more: str = "", before: str = "", where: object = site
    ) -> Finished:
        return run(PROGRAM.format(site=str(where), more=more, before=before, call=call))

    return crash


def frame_of(done: Finished, function: str) -> dict[str, Any]:
    """The frame of a function in the only report."""
    frames = done.event["exception"]["values"][-1]["stacktrace"]["frames"]
    return next(frame for frame in frames if frame["function"] == function)  # type: ignore[no-any-return]


def test_the_versions_on_the_stack_are_told(crash: Any) -> None:
    """The tool and the library that it was in, by name and version; nothing else that is installed."""
    assert crash().event["modules"] == {"Other_Name": "7.8", "of_tool": "4.5.6"}
    assert crash("work.third()").events()[-1]["modules"] == {"of_tool": "4.5.6"}


def test_a_script_has_no_modules(run: Run) -> None:
    """No distribution stands on its stack: no field."""
    event = run("import crashguard\ncrashguard.install(app='demo', version='1')\n1 / 0\n").event

    assert "modules" not in event
    assert "installer" not in event["contexts"]["program"]


def test_the_lines_of_a_published_file_are_told(crash: Any) -> None:
    """Five lines on each side of each of the tool's own frames, as the file has them; none of a library's."""
    done = crash()
    lines = TOOL.split("\n")

    frame = frame_of(done, "first")
    at = frame["lineno"] - 1
    assert frame["context_line"] == lines[at] == "    return second(row)"
    assert frame["pre_context"] == lines[at - 5 : at]
    assert frame["post_context"] == lines[at + 1 : at + 6]
    assert frame_of(done, "second")["context_line"] == "    return of_library.deep.parse(checked)"
    assert "context_line" not in frame_of(done, "parse")


def test_the_first_and_the_last_line_have_fewer_around_them(crash: Any, site: Path) -> None:
    """At the edges of a file there is nothing more to tell."""
    lay_out_tool(site, edge="def work(): return {}['x']")

    frame = frame_of(crash("edge.work()", before="import of_tool.edge"), "work")
    assert (frame["pre_context"], frame["post_context"]) == ([], [])
    assert frame["context_line"] == "def work(): return {}['x']"


def edited(site: Path) -> None:
    """Somebody has put something of their own into the file."""
    (site / "of_tool/work.py").write_text(TOOL.replace("LIMIT = 3", "LIMIT = 'ada@home'"))


def same_length(site: Path) -> None:
    """One character was changed."""
    (site / "of_tool/work.py").write_text(TOOL.replace("LIMIT = 3", "LIMIT = 4"))


def without_record(site: Path) -> None:
    """A system's package manager has dropped RECORD."""
    (site / "of_tool-4.5.6.dist-info/RECORD").unlink()


def without_hash(site: Path) -> None:
    """RECORD has no hash of it."""
    (site / "of_tool-4.5.6.dist-info/RECORD").write_text("of_tool/work.py,,\n")


def of_another_file(site: Path) -> None:
    """The hash stands in RECORD, but as that of a file of another folder."""
    record = site / "of_tool-4.5.6.dist-info/RECORD"
    record.write_text(record.read_text().replace("of_tool/work.py", "vendor/of_tool/work.py"))


def without_metadata(site: Path) -> None:
    """It was copied there."""
    for path in (site / "of_tool-4.5.6.dist-info").iterdir():
        path.unlink()
    (site / "of_tool-4.5.6.dist-info").rmdir()


def not_text(site: Path) -> None:
    """RECORD is no text."""
    (site / "of_tool-4.5.6.dist-info/RECORD").write_bytes(os.urandom(5000))


def a_folder(site: Path) -> None:
    """RECORD is a folder."""
    without_record(site)
    (site / "of_tool-4.5.6.dist-info/RECORD").mkdir()


CHANGES = [
    edited,
    same_length,
    without_record,
    without_hash,
    without_metadata,
    not_text,
    a_folder,
]


def test_nothing_is_told_of_a_file_that_the_tool_does_not_list(crash: Any, site: Path) -> None:
    """Its hash stands in RECORD, but as that of a file of another folder."""
    of_another_file(site)

    done = crash()
    assert "of_tool" not in json.dumps(done.event["exception"])


@pytest.mark.parametrize("change", CHANGES)
def test_no_line_is_told_of_a_file_that_is_not_as_published(crash: Any, site: Path, change: Any) -> None:
    """What somebody changed, or what cannot be known to be unchanged, keeps its lines; the crash is reported."""
    change(site)

    done = crash()
    assert "context" not in done.files()[0].read_text().replace('"contexts"', "")
    assert frame_of(done, "second")["module"] == "of_tool.work"


def test_a_file_that_was_replaced_under_the_running_program_keeps_its_lines(crash: Any, site: Path) -> None:
    """An upgrade of the tool while it runs: its lines are not those of the code that crashed."""
    newer = "# one line more\n" + TOOL
    again = f"import tests.wheels, pathlib; s = pathlib.Path({str(site)!r}); import shutil"
    again += "; shutil.rmtree(s / 'of_tool-4.5.6.dist-info')"
    again += f"; tests.wheels.lay_out(s, 'of_tool', '4.5.7', {{'of_tool/work.py': {newer!r}}})"

    assert "context_line" not in frame_of(crash(before=again), "first")


def test_source_lines_can_be_left_out(crash: Any) -> None:
    """install(source_lines=False) tells versions and no line."""
    done = crash(more=", source_lines=False")

    assert done.event["modules"] == {"Other_Name": "7.8", "of_tool": "4.5.6"}
    assert "context_line" not in done.files()[0].read_text()


def test_source_lines_are_scrubbed(crash: Any, site: Path) -> None:
    """A credential that its author published does not leave once more."""
    text = 'KEY = "AKIAQ3EGRIZJ2N4T5W6Z"\ndef work(): return {}["x"]\n'
    lay_out_tool(site, keyed=text)

    done = crash("keyed.work()", before="import of_tool.keyed")
    assert "AKIAQ3EGRIZJ2N4T5W6Z" not in done.files()[0].read_text()
    assert frame_of(done, "work")["context_line"] == 'def work(): return {}["x"]'


def test_an_archive_has_no_lines(crash: Any, site: Path, tmp_path: Path) -> None:
    """A package in a zip file: reported, without lines and versions."""
    archive = tmp_path / "site-packages"
    with zipfile.ZipFile(archive, "w") as file:
        for path in site.rglob("*"):
            file.write(path, path.relative_to(site))

    done = crash(where=archive)
    assert "context_line" not in done.files()[0].read_text()
    assert "ZeroDivisionError" == done.event["exception"]["values"][-1]["type"]


@pytest.mark.parametrize(
    ("installer", "told"),
    [
        ("pip", "pip"),
        ("uv", "uv"),
        ("debian", "system"),
        ("conda", "conda"),
        ("of-ada", "other"),
        ("", "other"),
    ],
)
def test_the_installer_is_told(run: Run, tmp_path: Path, installer: str, told: str) -> None:
    """By a name of a short list."""
    folder = tmp_path / "site-packages"
    lay_out(
        folder,
        "of_tool",
        "1",
        {"of_tool/__init__.py": "", "of_tool/work.py": "def f(): 1 / 0\n"},
        installer=installer,
    )
    event = run(PROGRAM.format(site=str(folder), more="", before="", call="work.f()")).event

    assert event["contexts"]["program"]["installer"] == told


@pytest.mark.parametrize("receipt", ["pipx_metadata.json", "uv-receipt.toml"])
def test_the_manager_of_an_environment_is_told(run: Run, tmp_path: Path, receipt: str, site: Path) -> None:
    """pipx and `uv tool` leave a receipt in the environment that they made."""
    (tmp_path / receipt).touch()
    before = f"sys.prefix = {str(tmp_path)!r}"
    event = run(PROGRAM.format(site=str(site), more="", before=before, call="work.first(0)")).event

    assert (
        event["contexts"]["program"]["installer"] == receipt[: receipt.index("-" if "-" in receipt else "_")]
    )


def test_an_editable_tool_is_told_as_one_and_without_lines(run: Run, tmp_path: Path) -> None:
    """Its files lie in a checkout and may have been changed: name and version, and no line."""
    checkout, folder = tmp_path / "src", tmp_path / "site-packages"
    (checkout / "of_tool").mkdir(parents=True)
    (checkout / "of_tool/__init__.py").touch()
    (checkout / "of_tool/work.py").write_text(TOOL.replace("import of_library.deep\n", ""))
    url = '{"dir_info": {"editable": true}, "url": "file://CHECKOUT"}'.replace("CHECKOUT", str(checkout))
    lay_out(folder, "of_tool", "4.5.6", {"_of_tool.pth": str(checkout)}, direct_url=url)
    done = run(
        PROGRAM.format(
            site=str(checkout), more="", before=f"sys.path.append({str(folder)!r})", call="work.third()"
        )
    )

    assert done.event["contexts"]["program"]["installer"] == "editable"
    assert done.event["modules"] == {"of_tool": "4.5.6"}
    assert "context_line" not in done.files()[0].read_text()


def test_many_packages_and_a_large_file_are_bounded(crash: Any, site: Path) -> None:
    """Of a file of megabytes no line is read, and a stack through many files tells lines of a few."""
    names = [f"m{number}" for number in range(30)]
    chain = {
        name: f"def work():\n    import of_tool.m{number + 1} as below\n    below.work()\n"
        for number, name in enumerate(names[:-1])
    }
    chain[names[-1]] = "def work():\n    1 / 0\n" + "#" * 600_000
    lay_out_tool(site, **chain)
    done = crash("m0.work()", before="import of_tool.m0")

    frames = done.event["exception"]["values"][-1]["stacktrace"]["frames"]
    told = [frame["module"] for frame in frames if "context_line" in frame]
    assert 5 <= len(told) <= 8
    assert "of_tool.m29" not in told
    assert "of_tool.m28" in told
    assert done.event["modules"] == {"of_tool": "4.5.6"}


def test_a_distribution_of_another_name_is_found(run: Run, tmp_path: Path) -> None:
    """The tool's package is called otherwise than what was installed: version, installer and lines are told."""
    folder = tmp_path / "site-packages"
    files = {"of_tool/__init__.py": "", "of_tool/work.py": "def f():\n    1 / 0\n"}
    lay_out(folder, "ada_tools", "2.0", files)
    done = run(PROGRAM.format(site=str(folder), more="", before="", call="work.f()"))

    assert done.event["modules"] == {"ada_tools": "2.0"}
    assert done.event["contexts"]["program"]["installer"] == "pip"
    assert frame_of(done, "f")["context_line"] == "    1 / 0"


def test_a_script_with_siblings_looks_nothing_up(run: Run, tmp_path: Path) -> None:
    """What lies beside a script was not installed: no metadata is read for it."""
    (tmp_path / "sibling.py").write_text("def f():\n    1 / 0\n")
    done = run(
        "import crashguard\ncrashguard.install(app='demo', version='1')\nimport sibling\nsibling.f()\n"
    )

    assert frame_of(done, "f")["in_app"]
    assert "modules" not in done.event
    assert not (done.state / "demo/libraries").exists()
