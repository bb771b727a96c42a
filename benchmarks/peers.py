"""The other reporters, pinned, each in a venv of its own, and how each is switched on.

The venvs lie under .components/peers and are made when they are first asked for; crashguard has one too,
with its dependencies, so that every subject stands on the same ground.
"""

import shutil
import subprocess
import sys
from dataclasses import dataclass

from benchmarks.measure import ROOT, compile_all, say

FOLDER = ROOT / ".components" / "peers"


@dataclass(frozen=True)
class Subject:
    """A reporter.

    Attributes:
        name: Its name on the package index.
        packages: What is installed for it.
        start: Python that switches it on; `{url}` is the server's address without a path.
        capture: Python that reports the exception `exc` while it is handled.
    """

    name: str
    packages: tuple[str, ...]
    start: str
    capture: str

    @property
    def python(self) -> str:
        """The interpreter of its venv, which is made if it is not there."""
        python = FOLDER / self.name / "bin" / "python"
        mark = FOLDER / self.name / "complete"
        asked = "\n".join(self.packages)
        if not mark.exists() or mark.read_text() != asked:
            say(f"installing {' '.join(self.packages)} into {FOLDER / self.name}")
            shutil.rmtree(FOLDER / self.name, ignore_errors=True)
            subprocess.run([sys.executable, "-m", "venv", str(FOLDER / self.name)], check=True)
            pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            subprocess.run([*pip, *self.packages], check=True)
            if self.name == CRASHGUARD.name:
                [site] = (FOLDER / self.name).glob("lib/python*/site-packages")
                (site / "crashguard.pth").write_text(f"{ROOT}\n")
            mark.write_text(asked)
        if self.name == CRASHGUARD.name:
            compile_all(str(python))
        return str(python)

    def program(self, url: str) -> str:
        """Python that switches it on, for a server."""
        host = url.removeprefix("http://")
        return self.start.format(url=url, host=host)


CRASHGUARD = Subject(
    "crashguard",
    ("attrs>=23.2", "platformdirs>=4.0", "psutil>=5.9", "sentry-sdk==2.75.0"),
    'import crashguard; crashguard.install(app="demo", version="1.0.0", dsn="http://key@{host}/1")\n',
    "crashguard.capture_exception(exc)",
)
PEERS = {
    "sentry-sdk": Subject(
        "sentry-sdk",
        ("sentry-sdk==2.75.0",),
        'import sentry_sdk; sentry_sdk.init(dsn="http://key@{host}/1", release="demo@1.0.0")\n',
        "sentry_sdk.capture_exception(exc)",
    ),
    "bugsnag": Subject(
        "bugsnag",
        ("bugsnag==4.9.2",),
        'import bugsnag; bugsnag.configure(api_key="0" * 32, endpoint="{url}", session_endpoint="{url}", '
        'app_version="1.0.0", auto_capture_sessions=False)\n',
        "bugsnag.notify(exc)",
    ),
}


def subjects(names: list[str]) -> list[Subject]:
    """crashguard and the peers of these names."""
    return [CRASHGUARD, *(PEERS[name] for name in names)]
