"""No absolute path of the machine leaves in a message: the file's name does, and what the program itself says."""

from pathlib import Path

import pytest

from crashguard.scrub import directories
from tests.conftest import Run

PROGRAM = """
import asyncio, os, sys
import crashguard
crashguard.install(app="demo", version="1.0", note=False)
path = sys.argv[1]
def handle(): raise ValueError(f"cannot use {open(path)!r}")
def folder(): os.listdir(os.path.dirname(path) + "/none")
def url(): raise ValueError(f"file://{path} is gone")
def joined(): raise ValueError("found in " + os.path.dirname(path) + "/other.json: nothing")
async def work(): pass
def task():
    coroutine = work()
    try: raise RuntimeError(f"{coroutine.cr_code!r} was never awaited")
    finally: coroutine.close()
def own(): raise ValueError(f"no /etc/demo/{os.path.basename(path)}, no /opt/demo/defaults.toml")
def literal(): open("/opt/demo/schema/orders.json")
globals()[sys.argv[2]]()
"""


@pytest.mark.parametrize("way", ["handle", "folder", "url", "joined", "task"])
def test_a_message_tells_no_directory_of_the_machine(run: Run, tmp_path: Path, way: str) -> None:
    """In a repr of a file or of code, in a URL, in what the program puts together."""
    folder = tmp_path / "kunden" / "tannenhof"
    folder.mkdir(parents=True)
    (folder / "rows.json").write_text("{}")
    done = run(PROGRAM, str(folder / "rows.json"), way)
    [value] = done.event["exception"]["values"]

    assert "tannenhof" not in value["value"]
    assert tmp_path.parts[1] + "/" not in value["value"]
    name = {
        "handle": "rows.json",
        "url": "rows.json",
        "joined": "other.json",
        "task": "program.py",
        "folder": "none",
    }[way]
    assert name in value["value"]


def test_what_the_program_says_stays(run: Run) -> None:
    """A path in its text, and the directories of the system."""
    done = run(PROGRAM, "rows.json", "own")
    [value] = done.event["exception"]["values"]

    assert "no /etc/demo/" in value["value"]
    assert "no /opt/demo/defaults.toml" in value["value"]
    [value] = run(PROGRAM, "rows.json", "literal").events()[-1]["exception"]["values"]
    assert "'/opt/demo/schema/orders.json'" in value["value"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("open /home/ada/x.csv", ["/home/ada/"]),
        ("in '/tmp/a b/x'", ["/tmp/"]),
        ("file:///var/lib/x", ["/var/lib/"]),
        ("/home/ada/venv/lib/python3.11/site-packages/near/far.py", ["/home/ada/venv/lib/python3.11/"]),
        (r"D:\Kunden\meier\x.csv", ["D:\\Kunden\\meier\\"]),
        (r"'D:\\Kunden\\x.csv'", [r"D:\\Kunden" + "\\\\"]),
        ("/usr/lib/x86/libc.so and C:\\Windows\\System32\\x.dll", []),
        ("GET /v1/users/7, https://host/tmp/a/b, a/tmp/b, ./tmp/x/y", []),
        ("/tmp", []),
    ],
)
def test_directories_are_those_of_paths_of_this_machine(text: str, found: list[str]) -> None:
    """Not the parts of a URL, of a relative path or of a service's route."""
    assert found == [text[slice(*span)] for span in directories.spans(text)]
