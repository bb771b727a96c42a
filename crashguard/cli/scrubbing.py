"""`scrub`: copy a text without its secrets, for logs that people paste into issues.

It works block by block, so that a file may be larger than the memory. A block ends at a line end and not
inside of a PEM key, so that no secret is cut in two and missed.
"""

import sys
from collections.abc import Iterator
from typing import IO, Any

import click

from crashguard.cli.command import Command
from crashguard.scrub import scrub_text

_BLOCK = 256 * 1024  # characters after which a block ends with the next line
# Characters after which a block ends in the middle of a line or key, at a blank if there is one.
_MOST = 8 * 1024 * 1024


@click.command(cls=Command)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True), default="-")
def scrub(file: str) -> None:
    """Copy FILE (or stdin) to stdout without secrets and personal data.

    It replaces keys, tokens, passwords, addresses, URLs with credentials, and this machine's home, user
    and host name by marks such as [scrubbed:email]. A filter can miss a secret: look at the result.

    Example:
      crashguard scrub < tool.log > tool-to-share.log
    """
    # Bytes that are not UTF-8 pass unchanged, and so do line ends.
    options: dict[str, Any] = {"encoding": "utf-8", "errors": "surrogateescape", "newline": ""}
    sys.stdout.reconfigure(**options)  # type: ignore[union-attr]  # it is a file here, never a StringIO
    with open(0 if file == "-" else file, closefd=file != "-", **options) as source:
        for block in blocks(source):
            sys.stdout.write(scrub_text(block))
        sys.stdout.flush()


def blocks(source: IO[str]) -> Iterator[str]:
    """The text in pieces of whole lines, except where a line or key is too long."""
    lines: list[str] = []
    size = 0
    armoured = False
    while line := source.readline(_MOST - size):
        lines.append(line)
        size += len(line)
        if "-----BEGIN " in line:
            armoured = True
        if "-----END " in line:
            armoured = False
        if size >= _MOST:
            block, rest = _at_blank("".join(lines))
            yield block
            lines, size = [rest] if rest else [], len(rest)
        elif size >= _BLOCK and not armoured and line.endswith(("\n", "\r")):
            yield "".join(lines)
            lines, size = [], 0
    if lines:
        yield "".join(lines)


def _at_blank(text: str) -> tuple[str, str]:
    """Cut a text at its last line end or blank, if there is one near its end."""
    for blank in ("\n", " ", "\t"):
        position = text.rfind(blank, len(text) - _BLOCK)
        if position >= 0:
            return text[: position + 1], text[position + 1 :]
    return text, ""
