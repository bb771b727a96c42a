"""The commands of the note on Windows: where a shell takes them, and what they do there."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from crashguard.capture import windows_shell
from tests.conftest import ROOT
from tests.windows import Windows

HERE = "Z:" + str(ROOT).replace("/", "\\")
TOOL = """
import argparse, crashguard
from crashguard.integrations.argparse import add_telemetry_commands
crashguard.install(app="APP", version="1.0")
parser = argparse.ArgumentParser()
commands = parser.add_subparsers()
add_telemetry_commands(commands, app="APP")
commands.add_parser("go").set_defaults(goes=True)
if "goes" in parser.parse_args(): 1 / 0
"""


@pytest.fixture
def windows(tmp_path: Path) -> Iterator[Windows]:
    made = Windows(tmp_path)
    yield made
    made.forget()


def see_it(shown: str) -> str:
    """The command that the note names."""
    command = re.search(r"See it: (.+?)(?:    Say no|$)", shown, re.MULTILINE)
    assert command, shown
    return command[1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("python", "tool", "begins"),
    [
        ("python", "tool", "Z:"),
        ("python", "My Tool (new) & Co", "Z:"),
        ("My Python", "tool", 'cmd /c "Z:'),
        ("My Python", "My Tool", "powershell -c \"& 'Z:"),
        ("Python (x86)", "tool", "powershell -c \"& 'Z:"),
        ("Jürgen & Söhne's", "tool", "powershell -c \"& 'Z:"),
    ],
)
def test_a_tools_command_is_typed_from_anywhere(
    windows: Windows, tmp_path: Path, python: str, tool: str, begins: str
) -> None:
    """cmd shows the report by it; where only PowerShell can, which is not here, it says so."""
    (tmp_path / tool).mkdir()
    windows.lies_in(python)
    windows.write(f"{tool}/tool.py", TOOL)
    (tmp_path / "elsewhere").mkdir()
    done = windows.python(f"..\\{tool}\\tool.py", "go", cwd="elsewhere")

    command = see_it(done.stderr)
    assert command.startswith(begins)
    if not begins.startswith("powershell"):
        assert "ZeroDivisionError" in windows.typed(command, PYTHONPATH=HERE).stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("python", "begins"), [("python", 'cmd /c "set PYTHONPATH='), ("My Python", 'powershell -c "si env:')]
)
def test_a_package_that_nobody_has_installed_is_found(windows: Windows, python: str, begins: str) -> None:
    """Its folder is a part of the command."""
    windows.lies_in(python)
    command = see_it(
        windows.run("import crashguard\ncrashguard.install(app='APP', version='1')\n1 / 0").stderr
    )

    assert command.startswith(begins)
    if not begins.startswith("powershell"):
        assert "ZeroDivisionError" in windows.typed(command).stdout


@pytest.mark.slow
def test_the_variable_is_set_as_the_note_says(windows: Windows) -> None:
    """`set NAME=none` is a command of cmd; the same line without `set` is none."""
    windows.write("program.py", "import crashguard\ncrashguard.install(app='APP', version='1')\n1 / 0")
    first = windows.python("program.py")
    refused = re.search(r"Say no: (set \w+_TELEMETRY_LEVEL=none) \(cmd\)", first.stderr)
    assert refused, first.stderr
    python = str(windows.program).replace("/", "\\")
    again = windows.typed(f"{refused[1]}&& Z:{python} program.py", PYTHONPATH=HERE)

    assert "ZeroDivisionError" in again.stderr
    assert "crashed." not in again.stderr
    assert 1 == len(first.files(windows.app))


@pytest.mark.slow
def test_the_command_of_a_program_without_a_console_has_one(windows: Windows) -> None:
    """pythonw has nowhere to print, so the command calls the python beside it."""
    source = "import crashguard, pathlib\ncrashguard.install(app='APP', version='1', note=NOTE)\n1 / 0"
    keeps = "lambda text: pathlib.Path('note').write_text(text) and None"
    windows.run(source.replace("NOTE", keeps), windowed=True)

    assert "pythonw" not in (windows.folder / "note").read_text()


@pytest.mark.parametrize(
    ("words", "pythonpath", "line"),
    [
        ([r"C:\Jürgen\python.exe", "-m", "tool"], "", r"C:\Jürgen\python.exe -m tool"),
        (["python", r"C:\My Tools\a&b.py"], "", r'python "C:\My Tools\a&b.py"'),
        (["type", r"C:\My Reports\1"], "", r'type "C:\My Reports\1"'),
        ([r"C:\My Tools\tool.exe", "-m", "x"], "", r'cmd /c "C:\My Tools\tool.exe" -m x'),
        ([r"C:\a^b\tool.exe"], "", "powershell -c \"& 'C:\\a^b\\tool.exe'\""),
        ([r"C:\O'Neill\tool.exe"], "", "powershell -c \"& 'C:\\O''Neill\\tool.exe'\""),
        (["python", "-m", "x"], r"C:\My Libs", r'cmd /c "set PYTHONPATH=C:\My Libs&& python -m x"'),
        (
            [r"C:\My Tools\python.exe", "-m", "x"],
            r"C:\a & b",
            "powershell -c \"si env:PYTHONPATH 'C:\\a & b'; & 'C:\\My Tools\\python.exe' -m x\"",
        ),
    ],
)
def test_a_line_has_the_form_that_both_shells_take(words: list[str], pythonpath: str, line: str) -> None:
    """A quoted path is at the head of no line."""
    assert line == windows_shell.line(words, pythonpath)
