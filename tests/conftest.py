"""What every test gets: a home of its own, a clean environment, hooks put back, and real programs to run."""

import compileall
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import hypothesis
import pytest

from crashguard import capture
from crashguard.client import current_client
from crashguard.report import envelope
from crashguard.transport import place
from tests import environments

ROOT = Path(__file__).parent.parent
PROGRAMS = Path(__file__).parent / "programs"

# Where Python is called by a path with `..`, or found by a relative one in PATH, this is not what a program that it
# starts says of itself, nor what can be started from another folder.
sys.executable = os.path.abspath(sys.executable)

# The suite tries the same examples each time, so that a change fails for what it changed and not by chance. New ones
# are looked for on purpose: pytest --hypothesis-profile=search tests/test_scrub.py
hypothesis.settings.register_profile("suite", derandomize=True, deadline=None)
hypothesis.settings.register_profile("search", max_examples=20_000, deadline=None)
hypothesis.settings.load_profile("suite")

# Whatever the machine that runs the tests says about consent, CI or proxies is not the tests' business.
_FOREIGN = (
    "DO_NOT_TRACK",
    "NO_COLOR",
    "SYSTEMD_EXEC_PID",
    *(name for _, variables in place._VARIABLES for name in variables),
)
_FOREIGN_PREFIXES = ("CQ_", "CRASHGUARD_", "SENTRY_", "XDG_", "PYTHON")

# Where the components are that some tests need; .ci/components installs them and prints these variables.
COMPONENTS = {name: value for name, value in os.environ.items() if name.startswith("CRASHGUARD_")}


# What these show does not depend on the interpreter: .ci/run runs them on the lowest and on the newest only, and all
# else on those between. A file that is not named here runs on every interpreter. What stays: hooks, guards, the ways to
# die, code objects and tracebacks, whose code a frame is, what C code and the standard library word differently.
_ANYWHERE = re.compile(
    r"""test_ (
    api_reference | architecture | backoff | benchmarks | bugsink | cli | cloudquery | command_page |
    consent_machine | contributing | deliver | docs | durability | envelope | faults | foreign_files |
    frameworks | hosts | ignore | integrations | journal | layers | level_command | lock | macos |
    native_dumps | notice | on_report | other_users | outside_arrival | outside_fields | outside_level |
    outside_mounted | outside_note | outside_notice | platform_files | policy | process_ids | readme |
    report_bits | report_bounds | report_command | samples | scrub | situations | spool_ | stats |
    stored | telemetry | two_owners | uploader_waits | usage | version | ways_page | windows | words
    )""",
    re.VERBOSE,
)


# Of these, what reads the files of this checkout, or measures it: the same source, through the same tool. `.ci/run` runs
# it on the lowest Python only.
_ONCE = re.compile(
    r"test_ ( api_reference | benchmarks | command_page | contributing | ways_page | words )\.", re.VERBOSE
)


# What an interpreter of another make may do differently, whatever it is. CONTRIBUTING.md says how to run it there.
_CORE = re.compile(
    r"""test_ (
    endings | forks | grouping | guard_kinds | guards | hooks | hostile | interpreters | minimal_fingerprint |
    native_dumps | odd_code | outside_threads | pypy | registry_count | report\. | same_crash | spool | stress | ways_runs |
    ways\.
    )""",
    re.VERBOSE,
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what needs to be shown once only, and leave out what this Python is too old to have."""
    too_new = [
        item for item in items if any(sys.version_info < mark.args for mark in item.iter_markers("since"))
    ]
    if too_new:
        config.hook.pytest_deselected(items=too_new)
        items[:] = [item for item in items if item not in too_new]
    for item in items:
        if _ANYWHERE.match(item.path.name):
            item.add_marker("anywhere")
        if _ONCE.match(item.path.name):
            item.add_marker("once")
        if _CORE.match(item.path.name):
            item.add_marker("core")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the other files unread for `-m core`: they import libraries that have no wheel on those interpreters."""
    is_core = config.getoption("markexpr").partition(" ")[0] == "core"
    is_other = collection_path.name.startswith("test_") and not _CORE.match(collection_path.name)
    return True if is_core and is_other else None


def differs_on_pypy(reason: str) -> pytest.MarkDecorator:
    """Leave a test out on PyPy, where what it claims does not hold; docs/support.md lists each such difference."""
    return pytest.mark.skipif(sys.implementation.name == "pypy", reason=f"PyPy: {reason}")


def pytest_configure(config: pytest.Config) -> None:
    """Where several workers run the tests, what takes long to make is made once."""
    folder = getattr(config, "workerinput", {}).get("shared")
    if folder is None:
        kept = tempfile.TemporaryDirectory(prefix="crashguard-tests-", ignore_cleanup_errors=True)
        config.add_cleanup(kept.cleanup)
        folder = kept.name
        # The processes that the tests start write none, and would all compile what they import.
        compileall.compile_dir(ROOT / "crashguard", quiet=2)
    environments.shared = Path(folder)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """For `-n auto`: much of a test is waiting, which one worker more than there are processors fills."""
    return len(os.sched_getaffinity(0)) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of xdist where it is."""
    node.workerinput["shared"] = str(environments.shared)


def component(variable: str) -> str:
    """The path of a component; skips the test by name where it is not installed."""
    if not COMPONENTS.get(variable):
        pytest.skip(f"{variable} is not set; .ci/components and .ci/windows install what is named so")
    return COMPONENTS[variable]


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Where every component is installed (.ci/run), a test that skips for want of one has failed.

    A Windows cannot be had everywhere; where it cannot, .ci/run says so. What a version of Python or a place lacks
    is not installed by anybody.
    """
    reporter_plugin = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter_plugin.stats.get("skipped", []) if reporter_plugin else []
    told = [str(report.longrepr) for report in skipped]
    missing = "is not set; ", "could not import "
    skipped = [t for t in told if any(each in t for each in missing) and "CRASHGUARD_WINDOWS_PYTHON" not in t]
    if os.environ.get("CRASHGUARD_NO_SKIPS") and reporter_plugin and skipped:
        reporter_plugin.write_line("skipped tests are failures here: a component is missing", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home directory of this test's own, in an environment that says nothing else."""
    for name in list(os.environ):
        if name in _FOREIGN or name.startswith(_FOREIGN_PREFIXES):
            monkeypatch.delenv(name)
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    return folder


@pytest.fixture(autouse=True)
def _as_new() -> Iterator[None]:
    yield
    capture.uninstall()
    current_client().__init__()  # type: ignore[misc]


@attrs.frozen
class Finished:
    """A program that ran to its end, and the reports it left."""

    status: int
    stdout: str
    stderr: str
    state: Path

    def files(self, app: str = "demo", folder: str = "*") -> list[Path]:
        return sorted(self.state.glob(f"{app}/{folder}/*.envelope"))

    def events(self, app: str = "demo", folder: str = "*") -> list[dict[str, Any]]:
        return [envelope.unseal(path.read_bytes())[1] for path in self.files(app, folder)]

    @property
    def left(self) -> list[Path]:
        """Every file that is there now."""
        return [path for path in self.state.rglob("*") if not path.is_dir()]

    @property
    def event(self) -> dict[str, Any]:
        [event] = self.events()
        return event


Run = Callable[..., Finished]


@pytest.fixture
def run(home: Path, tmp_path: Path) -> Run:
    """Run Python source (or a file of tests/programs) as a program of its own, in a home of its own."""

    def run(
        program: str,
        *arguments: str,
        env: dict[str, str] | None = None,
        python: str = sys.executable,
        cwd: Path | None = None,
        stdin: str = "",
        before: tuple[str, ...] = (),
    ) -> Finished:
        path = PROGRAMS / program
        if not (program.endswith(".py") and path.exists()):
            path = tmp_path / "program.py"
            path.write_text(program)
        environment = {
            "HOME": str(home),
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            **(env or {}),
        }
        done = subprocess.run(
            [*before, python, str(path), *arguments],
            env=environment,
            cwd=cwd or tmp_path,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        state = Path(environment["HOME"]) / ".local/state/crashguard"
        return Finished(done.returncode, done.stdout, done.stderr, state)

    return run


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 that signs itself, with its key."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: it makes the certificate of this test")
    path = tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", path, "-out", tmp_path / "public.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    path.write_bytes(path.read_bytes() + (tmp_path / "public.pem").read_bytes())
    return path


def load(text: str) -> Any:
    """JSON as a value."""
    return json.loads(text)
