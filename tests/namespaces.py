"""Namespaces of a test's own, so that what it shows does not depend on the place where the tests run.

`NEW` gives a container, and `on_a_machine()` a place where a detached uploader lives, wherever that is asked.
"""

import functools
import subprocess
import sys
from pathlib import Path

import pytest

from crashguard.transport import place

_PROCESSES = ("--pid", "--fork", "--kill-child")
_USERS = ("--user", "--map-current-user")  # who is not root may make other namespaces in one of these only

# Process 1 of a machine, by its name: it takes every orphan as its child, and ends when all of them have ended.
_INIT = """
import os, sys
command = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ)
status = 0
while True:
    try:
        pid, how = os.wait()
    except ChildProcessError:
        sys.exit(status)
    if pid == command:
        code = os.waitstatus_to_exitcode(how)
        status = code if code >= 0 else 128 - code
"""
_NAMED = 'exec -a /sbin/init "$@"'


@functools.cache
def entering(*more: str) -> tuple[str, ...]:
    """What is put before a command so that it is process 1 of a PID namespace; nothing where nobody may make one.

    Args:
        more: More options of unshare(1).
    """
    for users in ((), _USERS):
        words = ("unshare", *users, *_PROCESSES, *more)
        if subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0:
            return words
    return ()


def container(*more: str) -> tuple[str, ...]:
    """As `entering`, with a /proc of its own; skips the test by name where nobody may make one."""
    words = entering("--mount-proc")
    if not words:
        pytest.skip("this machine lets nobody make a PID namespace")
    return (*words, *more)


def is_machine() -> bool:
    """Whether a detached process can live here, as far as the kernel tells."""
    return place._why_not_on_linux() is None


def on_a_machine() -> tuple[str, ...]:
    """What is put before a command so that it runs where a detached process can live; it ends with that process.

    Nothing where this is such a place, and where nobody may make a PID namespace.
    """
    words = () if is_machine() else entering("--mount-proc", "--cgroup")
    return (*words, "bash", "-c", _NAMED, "bash", sys.executable, "-IS", "-c", _INIT) if words else ()


# Mounts the caller's folder over /etc, so that what is changed in /etc lies there and the machine's is as it was.
_ETC = 'mount -t overlay -o "lowerdir=/etc,upperdir=$0/etc,workdir=$0/work" overlay /etc && exec "$@"'


def machine_of_its_own(folder: Path) -> tuple[str, ...]:
    """What is put before a command so that it is root on a machine whose /etc/crashguard is `folder/etc/crashguard`.

    Skips the test by name where nobody may make such a namespace.

    Args:
        folder: Keeps what is written to /etc, from one command to the next.
    """
    for name in ("etc", "work"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for users in ((), ("--user", "--map-root-user")):
        words = ("unshare", *users, "--mount", "sh", "-c", _ETC, str(folder))
        if subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0:
            return words
    pytest.skip("this machine lets nobody put a folder over /etc in a namespace")


def as_another_user() -> tuple[str, ...]:
    """What is put before a command so that it runs under another uid than that of the files of uid 54321.

    Who runs the tests is uid 1000 in there, and everybody else is nobody. Skips the test by name where nobody may
    make such a namespace.
    """
    words = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
    if subprocess.run([*words, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine lets nobody make a user namespace")
    return words
