"""docs/frameworks.md: each of its programs, and what else bypasses the hooks, run against the real framework."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from crashguard.recovery.recover import recover
from crashguard.spool.store import Spool
from tests.conftest import PROGRAMS, ROOT, Finished, Run, component

PAGE = (ROOT / "docs/frameworks.md").read_text()
SNIPPETS = dict(re.findall(r"^## (.+?)\n.*?```python\n(.*?)```", PAGE, re.MULTILINE | re.DOTALL))
WITHOUT = PROGRAMS / "ways/without"
INSTALL = 'import crashguard\ncrashguard.install(app="demo", version="1.0", note=False)\n'

Kinds = list[tuple[str, str]]

# What stands on the page: the program that is appended to drive it, and (mechanism, type) of every report.
ON_THE_PAGE: dict[str, tuple[str, Kinds]] = {
    "click": ("", [("excepthook", "ValueError")]),
    "Typer": ("", [("atexit", "ValueError")]),
    "Rich": ("", [("atexit", "ValueError")]),
    "trio": ("", [("excepthook", "ExceptionGroup")]),
    "concurrent.futures": ("", [("guard", "ValueError")]),
    "Textual": ("", [("guard", "ValueError")]),
    "FastAPI, Starlette, uvicorn": ("fastapi.py", [("guard", "KeyError"), ("guard", "ValueError")]),
    "gRPC": ("grpc.py", [("guard", "KeyError"), ("guard", "ValueError")]),
    "Celery": ("celery.py", [("guard", "KeyError"), ("guard", "ValueError")]),
    "APScheduler": ("apscheduler.py", [("guard", "ValueError")]),
    "Dramatiq": ("dramatiq.py", [("guard", "ValueError")]),
    "Huey": ("huey.py", [("guard", "ValueError")]),
    "RQ": ("rq.py", [("guard", "ValueError")]),
    "pathos": ("", [("guard", "ValueError")]),
}

GEVENT = "from gevent import monkey\nmonkey.patch_all()\n" + INSTALL.replace(
    "note=False", 'note=False, dsn="http://key@127.0.0.1:9/1"'
)
CLICK = INSTALL + "import click\n@click.command()\n@click.option('--n')\ndef main(n):\n    {body}\n{call}\n"
TYPER = INSTALL + "import typer\ndef main():\n    raise ValueError('lost')\n"
TEXTUAL = SNIPPETS["Textual"]
ELSEWHERE: dict[str, tuple[str, Kinds]] = {
    "click without standalone mode": (
        CLICK.format(body="raise ValueError('lost')", call="main(standalone_mode=False)"),
        [("excepthook", "ValueError")],
    ),
    "click, a wrong option": (CLICK.format(body="pass", call="main(['--no'])"), []),
    "click, a wrong option without standalone mode": (
        CLICK.format(body="pass", call="main(['--no'], standalone_mode=False)"),
        [],
    ),
    "click, abort": (CLICK.format(body="raise click.Abort", call="main()"), []),
    "click, ClickException": (CLICK.format(body="raise click.ClickException('no')", call="main()"), []),
    "click, Ctrl-C": (CLICK.format(body="raise KeyboardInterrupt", call="main()"), []),
    "click's test runner": (
        CLICK.format(
            body="raise ValueError('lost')",
            call="from click.testing import CliRunner\nprint(CliRunner().invoke(main, []).exit_code)",
        ),
        [],
    ),
    "typer.run": (TYPER + "typer.run(main)\n", [("atexit", "ValueError")]),
    "typer without pretty exceptions": (
        TYPER + "app = typer.Typer(pretty_exceptions_enable=False)\napp.command()(main)\napp()\n",
        [("excepthook", "ValueError")],
    ),
    "typer, imported before install": (
        "import typer\n" + TYPER + "app = typer.Typer()\napp.command()(main)\napp()\n",
        [("atexit", "ValueError")],
    ),
    "rich before install": (
        "import rich.traceback\nrich.traceback.install(width=80)\n" + INSTALL + "raise ValueError('lost')\n",
        [("excepthook", "ValueError")],
    ),
    "textual, a worker": (
        TEXTUAL.replace(
            'raise ValueError("lost")',
            'self.run_worker(self.work())\n\n    async def work(self):\n        raise ValueError("lost")',
        ),
        [("guard", "ValueError")],
    ),
    "trio, cancelled": (
        INSTALL + "import trio\nasync def main():\n    with trio.move_on_after(0):\n"
        "        await trio.sleep_forever()\ntrio.run(main)\n",
        [],
    ),
    "FastAPI, its start": (
        INSTALL
        + """
import contextlib, fastapi, uvicorn
from crashguard.integrations.asgi import CrashMiddleware
@contextlib.asynccontextmanager
async def lifespan(app):
    raise ValueError("lost")
    yield
app = fastapi.FastAPI(lifespan=lifespan)
app.add_middleware(CrashMiddleware)
uvicorn.run(app, host="127.0.0.1", port=0, log_level="critical")
""",
        [("guard", "ValueError")],
    ),
    "grpc.aio": (
        INSTALL
        + """
import asyncio, grpc
@crashguard.guard()
async def crash(request, context):
    raise ValueError("lost")
async def abort(request, context):
    await context.abort(grpc.StatusCode.NOT_FOUND, "no")
async def main():
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("demo", {
        name: grpc.unary_unary_rpc_method_handler(handler)
        for name, handler in (("crash", crash), ("abort", crashguard.guard()(abort)))
    }),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.enable_http_proxy", 0)]) as channel:
        for name in ("crash", "abort"):
            try:
                await channel.unary_unary(f"/demo/{name}")(b"")
            except grpc.RpcError as error:
                print(error.code())
    await server.stop(None)
import logging
logging.disable()
asyncio.run(main())
""",
        [("guard", "ValueError")],
    ),
    # The uploader is started as well: what waits for a child must not wait in gevent's loop.
    "gevent, the main greenlet": (GEVENT + "1 / 0\n", [("excepthook", "ZeroDivisionError")]),
    "gevent, a guarded greenlet": (
        GEVENT
        + """
import gevent
@crashguard.guard()
def crash():
    raise ValueError("lost")
gevent.joinall([gevent.spawn(crash)])
""",
        [("guard", "ValueError")],
    ),
    "IPython.embed, then a crash": (
        INSTALL
        + "import io, sys, IPython\nsys.stdin = io.StringIO('1/0\\nnone\\nexit\\n')\n"
        + "IPython.embed(colors='NoColor', display_banner=False, confirm_exit=False)\nraise ValueError('lost')\n",
        [("atexit", "ValueError")],
    ),
    "IPython": (
        INSTALL
        + "import IPython\nIPython.start_ipython(argv=['--colors=NoColor', '--quick', '-c', '1/0'])\n",
        [],
    ),
}


QT = "PyQt, PySide"
UVLOOP = INSTALL + "import asyncio, logging, logging.config, uvloop\n"
ELSEWHERE |= {
    "PySide": (SNIPPETS[QT].replace("PyQt6", "PySide6"), [("excepthook", "ValueError")]),
    "PyQt, a hook of the program that ends it": (
        "import sys\ndef hook(*args):\n    sys.exit(7)\nsys.excepthook = hook\n" + SNIPPETS[QT],
        [("excepthook", "ValueError")],
    ),
    "uvloop, a callback and a lost task": (
        UVLOOP + "logging.getLogger('asyncio').addHandler(logging.NullHandler())\n"
        "logging.getLogger('asyncio').propagate = False\n"
        "def call():\n    raise KeyError('callback')\nasync def task():\n    raise ValueError('lost')\n"
        "async def main():\n    asyncio.get_running_loop().call_soon(call)\n"
        "    work = asyncio.create_task(task())\n    await asyncio.sleep(0.01)\n    del work\nuvloop.run(main())\n",
        [("asyncio", "KeyError"), ("asyncio", "ValueError")],
    ),
    **{
        f"anyio, on {backend}": (
            INSTALL + "import anyio\nasync def child():\n    raise ValueError('lost')\nasync def main():\n"
            "    async with anyio.create_task_group() as group:\n        group.start_soon(child)\n"
            f"anyio.run(main, backend={backend!r})\n",
            [("excepthook", "ExceptionGroup")],
        )
        for backend in ("asyncio", "trio")
    },
    "jobs that are to be tried again, or given up": (
        INSTALL + "import celery.exceptions, dramatiq.errors, dramatiq.middleware.shutdown, huey.exceptions\n"
        "for error in (celery.exceptions.Retry, celery.exceptions.Ignore, celery.exceptions.Reject,\n"
        "              dramatiq.errors.Retry, dramatiq.middleware.shutdown.Shutdown,\n"
        "              huey.exceptions.RetryTask, huey.exceptions.CancelExecution):\n"
        "    try:\n        with crashguard.guard():\n            raise error\n"
        "    except error:\n        print(error.__name__)\n",
        [],
    ),
    "Jupyter, a cell that fails": (
        INSTALL + "import nbclient, nbformat\nnotebook = nbformat.v4.new_notebook()\n"
        "notebook.cells = [nbformat.v4.new_code_cell("
        '\'import crashguard\\ncrashguard.install(app="demo", version="1")\\n1 / 0\')]\n'
        "try:\n    nbclient.NotebookClient(notebook).execute()\n"
        "except nbclient.exceptions.CellExecutionError as error:\n    print(error.ename)\n",
        [],
    ),
    "debugpy, which listens": (
        INSTALL + "import debugpy\ndebugpy.listen(('127.0.0.1', 0), in_process_debug_adapter=True)\n"
        "raise ValueError('lost')\n",
        [("excepthook", "ValueError")],
    ),
}


def run(program: Path, home: Path, *, ours: bool) -> Finished:
    """Run a program to its end by the Python of the frameworks, with crashguard or with its names only."""
    home.mkdir()
    done = subprocess.run(
        [component("CRASHGUARD_FRAMEWORKS_PYTHON"), str(program)],
        env={
            "HOME": str(home),
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT if ours else WITHOUT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONHASHSEED": "0",  # textual prints sets
            "TERM": "dumb",
            "QT_QPA_PLATFORM": "offscreen",
            "COLUMNS": "80",
            "GRPC_VERBOSITY": "NONE",  # its core says, or not, that a server went away: whoever was faster
        },
        cwd=home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Finished(done.returncode, done.stdout, done.stderr, home / ".local/state/crashguard")


def told(text: str, home: Path) -> str:
    """Output without what differs in each run: addresses, numbers of processes, the home."""
    return re.sub(
        r"0x[0-9a-f]+|\b[0-9a-f]{32}\b|\d\.\d\ds - |\d\d:\d\d:\d\d[.,]?\d*", "*", text.replace(str(home), "~")
    )


def check(source: str, reports: Kinds, tmp_path: Path) -> None:
    """With crashguard as without, and so many reports."""
    program = tmp_path / "program.py"
    program.write_text(source)
    bare, ours = (run(program, tmp_path / name, ours=name == "ours") for name in ("bare", "ours"))
    assert (bare.status, told(bare.stdout, tmp_path / "bare")) == (
        ours.status,
        told(ours.stdout, tmp_path / "ours"),
    ), ours.stderr
    assert told(bare.stderr, tmp_path / "bare") == told(ours.stderr, tmp_path / "ours")
    recover(Spool(str(ours.state / "demo")))
    values = [event["exception"]["values"][-1] for event in ours.events()]
    assert sorted(reports) == sorted((value["mechanism"]["type"], value["type"]) for value in values)
    if reports:
        assert all(event["contexts"]["crashguard"]["complete"] for event in ours.events())


@pytest.mark.slow
@pytest.mark.parametrize("name", ON_THE_PAGE)
def test_a_program_of_the_page(name: str, tmp_path: Path) -> None:
    """It runs as it stands there, and leaves the reports that the framework would have lost."""
    driver, reports = ON_THE_PAGE[name]
    if driver:  # its workers log tracebacks, with the guard's frame in them, as soon as they run
        appended = (PROGRAMS / "frameworks" / driver).read_text()
        source = f"import logging\nlogging.disable()\n{SNIPPETS[name]}\n\n{appended}"
    else:
        source = SNIPPETS[name]
    check(source, reports, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", ELSEWHERE)
def test_what_else_bypasses_the_hooks(name: str, tmp_path: Path) -> None:
    """Other ways to use the frameworks, and ends that are no crashes."""
    check(*ELSEWHERE[name], tmp_path)


def test_every_program_of_the_page_is_run() -> None:
    """No snippet that nothing runs; each framework of the table that wants a line has its program."""
    assert set(SNIPPETS) == {*ON_THE_PAGE, QT}
    assert PAGE.count("```python") == len(SNIPPETS)
    assert {path.name for path in (PROGRAMS / "frameworks").glob("*.py")} == {
        driver for driver, _ in ON_THE_PAGE.values() if driver
    }


@pytest.mark.slow
def test_a_slot_of_pyqt_that_raises_ends_no_program(tmp_path: Path) -> None:
    """PyQt aborts where no hook is set, and goes on where one is: the page says so."""
    program = tmp_path / "program.py"
    program.write_text(SNIPPETS[QT])
    bare, ours = (run(program, tmp_path / name, ours=name == "ours") for name in ("bare", "ours"))
    assert (-signal.SIGABRT, "") == (bare.status, bare.stdout)
    assert (0, "0\n") == (ours.status, ours.stdout)
    assert "excepthook" == ours.event["exception"]["values"][-1]["mechanism"]["type"]


@pytest.mark.slow
def test_a_test_that_fails_under_pytest_is_no_crash(tmp_path: Path) -> None:
    """pytest takes the exception, and crashguard, installed by the tested code, records nothing."""
    (tmp_path / "test_it.py").write_text(f"{INSTALL}def test_it():\n    raise ValueError('no')\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_it.py"],
        env={"HOME": str(tmp_path), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert 1 == done.returncode
    assert "1 failed" in done.stdout
    assert not [*(tmp_path / ".local").rglob("*.envelope")]


@pytest.mark.slow
def test_a_program_that_runs_pytest_and_then_crashes_has_one_report(run: Run) -> None:
    """Of the crash, and none of the tests that failed or were skipped, in a guard too."""
    done = run(
        INSTALL
        + "import sys, pathlib, pytest\n"
        + "pathlib.Path('test_it.py').write_text('import crashguard, pytest\\n"
        + "def test_it(): assert 0\\n@crashguard.guard()\\ndef test_skipped(): pytest.skip()\\n')\n"
        + "assert 1 == pytest.main(['-q', '-p', 'no:cacheprovider', 'test_it.py'])\n"
        + "if sys.argv[1:]:\n    raise ValueError('lost')\n",
        "crash",
    )

    assert 1 == done.status
    assert "ValueError" == done.event["exception"]["values"][-1]["type"]
