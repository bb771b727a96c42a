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
    def folder(self) -> Path:
        """Where programs are written and run."""
        return self._folder

    @property
    def program(self) -> Path:
        """The interpreter."""
        return self._python

    @property
    def state(self) -> Path:
        """The folder of all apps."""
        [users] = self._prefix.glob("drive_c/users/[!P]*/AppData/Local")
        return users / "crashguard"

    def run(
        self, source: str, *arguments: str, stdin: str = "", windowed: bool = False, **env: str
    ) -> Finished:
        """Run Python source as a program: see `write`."""
        self.write("program.py", source)
        return self.python("program.py", *arguments, stdin=stdin, windowed=windowed, **env)

    def write(self, name: str, source: str) -> None:
        """Write Python source; APP stands for the app's name in it."""
        (self._folder / name).write_text(re.sub(r"\bAPP\b", self.app, source), encoding="utf-8")

    def python(
        self, *arguments: str, stdin: str = "", windowed: bool = False, cwd: str = "", **env: str
    ) -> Finished:
        """Run the interpreter. In Wine 8 it starts only where all its streams are pipes."""
        python = self._python.with_name("pythonw.exe") if windowed else self._python
        return self._wine(str(python), *arguments, stdin=stdin, cwd=cwd, **env)

    def _wine(self, *command: str, stdin: str = "", cwd: str = "", **env: str) -> Finished:
        done = subprocess.run(
            ["wine", *command],
            cwd=self._folder / cwd,
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

    def lies_in(self, folder: str) -> None:
        """Give the interpreter another place: a folder beside the program."""
        place = self._folder / folder
        if not place.exists():
            place.symlink_to(self._python.parent)
        self._python = place / self._python.name

    def typed(self, line: str, **env: str) -> Finished:
        """Run a line as it is typed at the prompt of cmd, where crashguard is not on the path."""
        script = self._folder / "typed.bat"
        script.write_text(f"@{line}\n", encoding="utf-8")
        return self._wine("cmd", "/c", script.name, **{"PYTHONPATH": "", **env})

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
