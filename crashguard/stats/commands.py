"""A command: which one ran, and how it ended. Never its arguments, its options or what it said.

    command_completed     anonymous: `command` is the tool's name and the subcommands, `status` one of
                          success, error, usage, interrupted

A command that only showed its help or a version did not run and is not recorded.

Must live here: what a command tells. Must not be known here: click, argparse, files.
"""

import os

from crashguard import client as clients
from crashguard.stats import endings, recording

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType
    from typing import Literal

COMPLETED = "command_completed"

_WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
_MOST_WORDS, _MOST_LETTERS = 6, 40


class command:  # noqa: N801 (used like a function: `with stats.command("plugin publish"): ...`)
    """Record a command: `with stats.command("plugin publish"): ...`.

    For tools that are built on click, typer or argparse, one line does it for all commands: see
    `crashguard.integrations.commands`. An exception goes on.

    Args:
        path: The subcommand's words as your program knows them, not as the user typed them. From the first
            word on that looks like no subcommand's name, the rest is left out.
    """

    __slots__ = ("_path", "_pid")

    def __init__(self, path: str) -> None:
        self._path = path.split()
        self._pid = os.getpid()

    def __enter__(self) -> None:
        self._pid = os.getpid()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        tb: "TracebackType | None",
    ) -> "Literal[False]":
        if os.getpid() == self._pid:  # a forked child leaves through here too
            record(self._path, endings.of(exc))
        return False


def record(path: "Sequence[str]", status: str) -> None:
    """Record a command that ended. Never raises.

    Args:
        path: The subcommand's words.
        status: One of the words of `endings`.
    """
    config = clients.config()
    if config is None:
        return
    words = [config.app]
    for word in path[:_MOST_WORDS]:
        if not word or len(word) > _MOST_LETTERS or word[0] == "-" or not set(word) <= _WORD:
            break
        words.append(word)
    recording.record_anonymous(COMPLETED, {"command": " ".join(words), "status": status})
