"""A real terminal (pty) of a given width, in which a program runs, and what it shows."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
from pathlib import Path

from tests.conftest import ROOT

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b\][^\x07]*\x07")


def shown(
    command: list[str], *, columns: int = 80, typed: bytes = b"", env: dict[str, str] | None = None
) -> tuple[int, str]:
    """Run a command in a terminal; its exit status and all that the terminal got.

    Args:
        command: The command.
        columns: The width of the terminal.
        typed: What the person types ahead.
        env: The variables, in place of those of this process.
    """
    parent, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    environment = dict(os.environ if env is None else env)
    environment.pop("COLUMNS", None)
    running = subprocess.Popen(
        command, env={**environment, "TERM": "xterm"}, stdin=child, stdout=child, stderr=child
    )
    os.close(child)
    if typed:
        os.write(parent, typed)
    got = b""
    try:
        while select.select([parent], [], [], 60)[0]:
            piece = os.read(parent, 65536)
            if not piece:
                break
            got += piece
    except OSError:
        pass  # Linux says EIO when the other end is closed
    finally:
        os.close(parent)
        status = running.wait(60)
    return status, got.decode()


def crashguard(*arguments: str, columns: int = 80, typed: bytes = b"", start: str = "") -> tuple[int, str]:
    """Run the command of this checkout in a terminal; `start` is code that runs before it."""
    code = f"{start}\nimport crashguard.__main__ as m; m.main()"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code, *arguments]
    return shown(command, columns=columns, typed=typed, env=environment)


def lines(text: str) -> list[str]:
    """The lines that a person sees, without colours."""
    return [line.rstrip() for line in _CONTROL.sub("", text).replace("\r", "").split("\n")]


def home_of(path: Path) -> dict[str, str]:
    """The variables of a user whose home is this folder."""
    return {"PATH": os.environ["PATH"], "HOME": str(path)}
