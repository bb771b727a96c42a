"""Programs on a CPython for Windows that Wine runs: `.ci/windows` brings both."""

import os
import re
import secrets
import shutil
import subprocess
from pathlib import Path

from tests.conftest import ROOT, Finished, component


class Windows:
    """A Windows of which one app has the name of this test; its reports lie where Windows keeps such things.

    Attributes:
        app: The app's name, a new one for each test.
    """

    def __init__(self, folder: Path) -> None:
        python = Path(component("CRASHGUARD_WINDOWS_PYTHON"))
        self._python = python
        self._prefix = python.parent.parent / "prefix"
        self._folder = folder
        self.app = f"t{secrets.token_hex(4)}"

    @property
    def state(self) -> Path:
        """The folder of all apps."""
        [users] = self._prefix.glob("drive_c/users/[!P]*/AppData/Local")
        return users / "crashguard"

    def run(
        self, source: str, *arguments: str, stdin: str = "", windowed: bool = False, **env: str
    ) -> Finished:
        """Run Python source as a program; APP stands for the app's name in it."""
        program = self._folder / "program.py"
        program.write_text(re.sub(r"\bAPP\b", self.app, source), encoding="utf-8")
        return self.python(program.name, *arguments, stdin=stdin, windowed=windowed, **env)

    def python(self, *arguments: str, stdin: str = "", windowed: bool = False, **env: str) -> Finished:
        """Run the interpreter. In Wine 8 it starts only where all its streams are pipes."""
        python = self._python.with_name("pythonw.exe") if windowed else self._python
        return self._wine(str(python), *arguments, stdin=stdin, **env)

    def _wine(self, *command: str, stdin: str = "", **env: str) -> Finished:
        done = subprocess.run(
            ["wine", *command],
            cwd=self._folder,
            env={
                "HOME": os.path.expanduser("~"),
                "PATH": os.environ["PATH"],
                "LC_ALL": "C.UTF-8",  # else Wine can name no file with an umlaut
                "WINEPREFIX": str(self._prefix),
                "WINEDEBUG": "-all",
                "PYTHONPATH": "Z:" + str(ROOT).replace("/", "\\"),
                "PYTHONIOENCODING": "utf-8",
                **env,
            },
            input=stdin.encode(),
            capture_output=True,
            timeout=200,
            check=False,
        )
        out, error = (
            text.decode(errors="replace").replace("\r\n", "\n") for text in (done.stdout, done.stderr)
        )
        return Finished(done.returncode, out, error, self.state)

    def typed(self, line: str) -> Finished:
        """Run a line as it is typed at the prompt of cmd, where crashguard is not on the path."""
        script = self._folder / "typed.bat"
        script.write_text(f"@{line}\n", encoding="utf-8")
        return self._wine("cmd", "/c", script.name, PYTHONPATH="")

    def command(self, *arguments: str) -> str:
        """What `crashguard ARGUMENTS` prints; it must succeed."""
        done = self.python("-m", "crashguard", *arguments)
        assert 0 == done.status, done.stderr
        return done.stdout

    @property
    def left(self) -> list[str]:
        """The files of the app, relative to its folder, `about` and the verdict on the last run aside."""
        home = self.state / self.app
        found = [path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file()]
        return sorted(set(found) - {"about", "runs/last", "lock", "journal"})

    def forget(self) -> None:
        """Remove what the app left."""
        shutil.rmtree(self.state / self.app, ignore_errors=True)
