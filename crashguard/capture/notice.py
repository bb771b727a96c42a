"""The first-use notice: two lines on a terminal, before anything leaves, once for a tool and a user.

It says what may leave, to whom, and how to say no. It is never printed in a pipe, in CI, for a shell's
completion or in a plugin's process. A file in the spool says that it was printed. The process that makes this
file prints the notice, so that two processes do not both print it.

This module is imported only where the notice has to be printed.
"""

import os
import sys

from crashguard import files, paths, policy
from crashguard.capture import message

TYPE_CHECKING = False
if TYPE_CHECKING:
    from crashguard.config import Config

# A shell asks a program for its completions by a variable: click's `_MYTOOL_COMPLETE`, argcomplete's own.
_COMPLETES = ("_COMPLETE", "_ARGCOMPLETE")


def show(config: "Config") -> None:
    """Print the notice, or the host's text in its place.

    Raises:
        OSError: The spool cannot be written; then nothing is printed. Anything else comes from the host's
            function.
    """
    if policy.why_not("errors", config.level, version=config.version, destination=config.dsn) is not None:
        return
    if any(name.endswith(_COMPLETES) for name in os.environ):
        return
    files.private_folder(config.spool)
    try:
        files.create(os.path.join(config.spool, paths.NOTICE))
    except FileExistsError:
        return
    text: str | None = words(config)
    if callable(config.notice):
        text = config.notice(text or "")
    elif isinstance(config.notice, str):
        text = config.notice
    if text:
        sys.stderr.write(text if text.endswith("\n") else f"{text}\n")
        sys.stderr.flush()


def words(config: "Config") -> str:
    """The notice's text, with the newline at its end."""
    server = (config.dsn or "").rpartition("@")[2].partition("/")[0]
    typed = message.command()
    refuse = f", or `{typed} level none`" if typed else ""
    return (
        f"If {config.app} crashes, it sends a report to {server}: where and why it failed, without private "
        "data.\n"
        f"Say no: {config.env_var}=none{refuse}. This is said once.\n"
    )
