"""`install(on_report=...)`: the host gets each report as an object, once, and may do with it what it likes."""

import pytest

import crashguard
from tests.conftest import Run

HOST = """
import threading
import crashguard

def told(report):
    print(report.id, report.title, report.release, report.path, report.fingerprint[1], sep="|")
    print("<details>" in report.markdown())
    {more}

crashguard.install(app="demo", version="1.2.3", note=False, on_report=told)

def broken():
    raise ValueError("bad word")
"""


@pytest.mark.parametrize(
    ("how", "status"),
    [
        ("broken()", 1),
        ("thread = threading.Thread(target=broken); thread.start(); thread.join()", 0),
        ("with crashguard.guard(reraise=False): broken()", 0),
        ("try:\n    broken()\nexcept ValueError as error:\n    crashguard.capture_exception(error)", 0),
    ],
    ids=["uncaught", "thread", "guard", "handled"],
)
def test_the_host_gets_each_report(run: Run, how: str, status: int) -> None:
    """Id, title, release, path and text are those of the report on the disk."""
    done = run(HOST.format(more="") + how + "\n")

    [path] = done.files()
    assert done.status == status
    first, second = done.stdout.splitlines()
    assert first == f"{path.stem[-32:]}|ValueError: bad word|demo@1.2.3|{path}|ValueError"
    assert second == "True"


def test_the_host_gets_the_report_of_a_plugin_that_died(run: Run) -> None:
    """A report that the host has made of a plugin's process is given to it like every other."""
    done = run(
        HOST.format(more="")
        + "from crashguard import hosts\n"
        + "hosts.report_exit(crashguard.Plugin('acme', 'source', 'files', '1.0'), 3)\n"
    )

    [path] = done.files()
    assert done.stdout.splitlines()[0].startswith(f"{path.stem[-32:]}|PluginProcessDied: exit status 3|")


def test_a_report_is_told_once(run: Run) -> None:
    """The same crash again is counted, and not told again."""
    done = run(
        HOST.format(more="") + "for _ in range(3):\n    with crashguard.guard(reraise=False): broken()\n"
    )

    assert len(done.stdout.splitlines()) == 2


def test_a_function_that_raises_changes_nothing_else(run: Run) -> None:
    """The traceback, the status and the report are as without it; one line names the function, once."""
    handled = "with crashguard.guard(reraise=False): {}[1]\n"
    done = run(HOST.format(more="raise RuntimeError('of the host')") + handled + "broken()\n")

    assert done.status == 1
    [line] = [line for line in done.stderr.splitlines() if line.startswith("crashguard: ")]
    assert "on_report: told raised RuntimeError; the report" in line
    assert "ValueError: bad word" in done.stderr
    assert "of the host" not in done.stderr
    assert len(done.files()) == 2


def test_what_is_no_function_is_said() -> None:
    """install() names the argument."""
    with pytest.raises(crashguard.ConfigurationError, match="on_report"):
        crashguard.install(app="demo", version="1", on_report="print")  # type: ignore[arg-type]


def test_a_child_process_keeps_the_issue_tracker(run: Run) -> None:
    """A crash in a child that is a new interpreter does not take back where the tool's issues go."""
    done = run(
        "import multiprocessing\nimport crashguard\n"
        "def broken():\n    raise ValueError('lost')\n"
        "if __name__ == '__main__':\n"
        "    crashguard.install(app='demo', version='1', issue_url='https://example.com/a/b/issues/new')\n"
        "    child = multiprocessing.get_context('spawn').Process(target=broken)\n"
        "    child.start(); child.join()\n"
    )

    assert len(done.files()) == 1
    assert (done.state / "demo" / "issue-url").read_text() == "https://example.com/a/b/issues/new"
