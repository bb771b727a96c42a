"""The versions of sentry-sdk: the lowest, the newest and a pre-release deliver, and one that cannot says so."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests import bugsink, uploaders
from tests.conftest import ROOT, Finished, Run, component
from tests.servers import Server

CRASHES = "import sys, crashguard\ncrashguard.install(app='demo', version='1.0', dsn=sys.argv[1])\n1 / 0\n"


def allowed() -> str:
    """The lowest version that pyproject.toml allows."""
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    [version] = [re.findall(r"[0-9.]+", each)[0] for each in wanted if each.startswith("sentry-sdk")]
    return str(version)


def version_of(python: str) -> str:
    return subprocess.run(
        [python, "-c", "import sentry_sdk\nprint(sentry_sdk.VERSION)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sdk", "version"),
    [("CRASHGUARD_SDK_LOWEST_PYTHON", allowed()), ("", ""), ("CRASHGUARD_SDK_NEXT_PYTHON", "3.0.0")],
    ids=["lowest", "newest", "pre-release"],
)
@pytest.mark.parametrize("place", [{}, {"CI": "true"}], ids=["uploader", "the process itself"])
def test_a_report_arrives_with_every_allowed_sentry_sdk(
    run: Run, sdk: str, version: str, place: dict[str, str]
) -> None:
    """With each, a crash is an issue on a real server, whoever sends."""
    python = component(sdk) if sdk else sys.executable
    assert version_of(python).startswith(version)
    project = bugsink.shared().new_project()
    run(CRASHES, project.dsn, python=python, env=place)

    [event] = project.await_events(1)
    assert "ZeroDivisionError" == event["data"]["exception"]["values"][-1]["type"]


def command(done: Finished, *arguments: str, path: str) -> str:
    """What the command says, with a search path of one's own."""
    return subprocess.run(
        [sys.executable, "-m", "crashguard", *arguments],
        env={"HOME": str(done.state.parents[2]), "PATH": os.environ["PATH"], "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    ).stdout


@pytest.mark.slow
def test_a_sentry_sdk_that_breaks_is_named_and_the_report_waits_for_another(run: Run, tmp_path: Path) -> None:
    """`send` and `status` say which version it is and what to do; no server is asked; the next version sends the report."""
    broken = tmp_path / "broken" / "sentry_sdk"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("")
    (broken / "utils.py").write_text("class BadDsn(ValueError):\n    pass\n")
    with Server("refused") as server:
        done = run(CRASHES, server.dsn)
        uploaders.gone(done.state / "demo")
        uploaders.much_later(done.state / "demo")
        server.mood = "healthy"
        path = f"{broken.parent}{os.pathsep}{ROOT}"
        said = command(done, "send", path=path)
        status = command(done, "status", path=path)

        for text in (said, status):
            assert re.search(
                r"sentry-sdk \S+ cannot be used \(ImportError\); install another\s+version", text
            )
        assert "next attempt" in status
        assert [] == server.posted

        command(done, "send", path=str(ROOT))
        assert 1 == len(server.stored)
