"""What Python 3.14 and 3.15 brought, from outside: a wheel in a fresh environment, README's lines, a real server."""

import sys
from pathlib import Path

import pytest

from tests import outside
from tests.servers import Server, eventually

pytestmark = [pytest.mark.slow, pytest.mark.since(3, 14)]

INSTALL = """
import os
import crashguard
crashguard.install(app="newer", version="1.0", dsn=os.environ["OUTSIDE_DSN"])
"""
BUGS = """
def load(): raise ValueError("no table of " + os.environ["CUSTOMER"])  # SECRET-IN-A-COMMENT
def save(): return {}["save"]
"""
EACH = BUGS + "if __name__ == '__main__':\n    for bug in (load, save):\n        "
# name: (source after install(), functions that the reports end at, options of the interpreter)
PROGRAMS = {
    "threads of sub-interpreters": (
        "from concurrent import interpreters\n" + EACH + "interpreters.create().call_in_thread(bug).join()\n",
        {"load", "save"},
        (),
    ),
    "a call into one": (
        "from concurrent import interpreters\n"
        + BUGS
        + "if __name__ == '__main__': interpreters.create().call(load)\n",
        {"load"},
        (),
    ),
    "a pool of them": (
        "import concurrent.futures\n" + BUGS + "if __name__ == '__main__':\n"
        "    with concurrent.futures.InterpreterPoolExecutor(1) as pool: pool.submit(save).result()\n",
        {"save"},
        (),
    ),
    "a guard inside and the exception outside": (
        "from concurrent import interpreters\n"
        + BUGS
        + "if __name__ == '__main__':\n"
        + "    interpreters.create().exec('''\nimport os, sys\nsys.path.insert(0, os.getcwd())\nimport crashguard\n"
        + 'crashguard.install(app="newer", version="1.0", dsn=os.environ["OUTSIDE_DSN"])\n'
        + "import program\nwith crashguard.guard(): program.load()\n''')\n",
        {"load"},
        (),
    ),
    "a task that others wait for": (
        "import asyncio\n" + BUGS + "async def wait():\n    async with asyncio.TaskGroup() as group:\n"
        "        group.create_task(work())\nasync def work(): save()\nasyncio.run(wait())\n",
        {"save"},
        (),
    ),
    "an annotation of what is not there": (
        BUGS + "@crashguard.guard()\ndef work(table: Later) -> Never: save()\nwork(1)\n",
        {"save"},
        (),
    ),
    "a script of a debugger": (
        "import sys, time\n"
        + BUGS
        + "open('script.py', 'w').write('import __main__; __main__.over = 1; 1 / 0')\n"
        "over = 0\nsys.remote_exec(os.getpid(), os.path.abspath('script.py'))\nwhile not over: pass\nsave()\n",
        {"save"},
        (),
    ),
}
LAZY = {
    "lazily, a task that is lost": (
        "import asyncio\n" + BUGS + "async def main():\n    task = asyncio.create_task(work())\n"
        "    await asyncio.sleep(0.1)\nasync def work(): save()\nasyncio.run(main())\n",
        {"save"},
        ("-X", "lazy_imports=all"),
    ),
    "lazily, a thread and a child": (
        "import multiprocessing, threading\n" + BUGS + "if __name__ == '__main__':\n"
        "    for each in (threading.Thread(target=load), multiprocessing.Process(target=save)):\n"
        "        each.start()\n        each.join()\n",
        {"load", "save"},
        ("-X", "lazy_imports=all"),
    ),
}
if sys.version_info >= (3, 15):
    PROGRAMS |= LAZY


@pytest.mark.parametrize("name", PROGRAMS)
def test_each_bug_arrives_once_with_its_function(name: str, home: Path) -> None:
    """One report a bug, with the frames of the inside; no printed traceback, no source line, no path."""
    source, functions, options = PROGRAMS[name]
    with Server() as server:
        tool = outside.tool(home / "of-ada", OUTSIDE_DSN=server.dsn, CUSTOMER="marta@tannenhof.example")
        tool.home.mkdir()
        (tool.home / "program.py").write_text(INSTALL + source)
        done = tool.run(*options, "program.py", command="python")
        eventually(lambda: len(server.events) >= len(functions), lambda: (done.stderr, server.events))
        tool.run("-c", INSTALL + "crashguard.flush()", command="python")  # whatever else there is goes now

        ends = [
            value["stacktrace"]["frames"][-1]
            for event in server.events
            for value in event["exception"]["values"]
            if value.get("stacktrace") and value["stacktrace"]["frames"][-1].get("in_app")
        ]
        assert functions == {frame["function"] for frame in ends}, done.stderr
        assert len(functions) == len(server.events)
        text = str(server.events)
        for word in ("SECRET-IN", "raise ValueError", "tannenhof", "of-ada", "Traceback", 'File "'):
            assert word not in text


def test_a_native_crash_has_its_python_frames_and_no_addresses(home: Path) -> None:
    """faulthandler's stack of C, with paths and addresses, is not in the report that the next run sends."""
    source = BUGS + "import ctypes\ndef read(): ctypes.string_at(0)\nif os.environ.get('DIES'): read()\n"
    with Server() as server:
        tool = outside.tool(home / "of-ada", OUTSIDE_DSN=server.dsn)
        tool.home.mkdir()
        (tool.home / "program.py").write_text(INSTALL + source)
        assert 0 > tool.run("program.py", command="python", DIES="1").returncode
        assert 0 == tool.run("program.py", command="python").returncode
        eventually(lambda: server.events)

    [event] = server.events
    [value] = event["exception"]["values"]
    assert "SIGSEGV" == value["type"]
    assert "read" in [frame["function"] for frame in value["stacktrace"]["frames"]]
    assert not [word for word in ("libc", "Binary file", "of-ada", "0x") if word in str(event)]
