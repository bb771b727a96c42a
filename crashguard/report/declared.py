"""Whether the tool itself has written the name of a command or of an option.

A host's plugins add their own ones to its parser, and a tool may make some of what its user has configured.
The parser does not say whose a name is. So a name is told if it stands in the sources of the tool's own
modules, as a text or as the function or parameter that a parser makes it of.
"""

from crashguard.program.distributions import sources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import TracebackType
    from typing import Any

    from crashguard.report.installed import Read
    from crashguard.report.origins import Origins

# Of argparse, of click and Typer, and of crashguard.
_USUAL = ("--help", "--version", "--install-completion", "--show-completion", "--telemetry-level")
_ENDS = ("_command", "_cmd", "_group", "_grp")  # of a function's name, which click leaves out
_MOST_FILES, _MOST_BYTES, _MOST_FILE = 100, 1_000_000, 200_000
_FIRST = ("cli", "__main__", "main", "commands", "options", "args", "arguments", "parser")  # names of modules


class Declared:
    """The names that the tool has written, and whose code a command runs.

    Args:
        origins: Finds out whose code a file is.
        read: Reads a file up to a number of bytes.
        tracebacks: Of the exceptions of the crash: their files are looked at first.
    """

    __slots__ = ("_left", "_origins", "_read", "_texts", "_todo")

    def __init__(
        self, origins: "Origins", read: "Read", tracebacks: "Iterable[TracebackType | None]" = ()
    ) -> None:
        self._origins = origins
        self._read = read
        self._texts: dict[str, str] = {}
        self._todo = self._own_files(tracebacks)
        self._left = _MOST_BYTES

    def is_code(self, filename: str, names: "dict[str, Any]") -> bool:
        """Whether a report may name the code of a file and its globals."""
        return self._origins.is_known(filename, names)

    def has(self, name: str, near: str = "") -> bool:
        """Whether the tool has written a name. True where no source of the tool can be read.

        Args:
            name: `migrate`, `--dry-run`.
            near: The file of the command that has it; empty where that is not known.
        """
        if name in _USUAL:
            return True
        forms = _forms(name)
        if near and _stands(self._text(near), forms):
            return True
        return any(_stands(text, forms) for text in self._all()) or not any(self._texts.values())

    def _all(self) -> "Iterator[str]":
        yield from list(self._texts.values())
        for file in self._todo:
            if file not in self._texts:
                yield self._text(file)

    def _text(self, file: str) -> str:
        text = self._texts.get(file)
        if text is None:
            text = ""
            if self._left > 0 and len(self._texts) < _MOST_FILES:
                try:
                    text = self._read(file, _MOST_FILE).decode("utf-8", "replace").lower()
                except (OSError, ValueError):
                    pass  # in an archive, or shipped without its source
            self._left -= len(text)
            self._texts[file] = text
        return text

    def _own_files(self, tracebacks: "Iterable[TracebackType | None]") -> "Iterator[str]":
        """The files of the tool's own code: those of the tracebacks, then those that mostly have a parser."""
        for traceback in tracebacks:
            tb = traceback
            while tb is not None:
                code = tb.tb_frame.f_code
                if self._origins.is_own(code.co_filename, tb.tb_frame.f_globals):
                    yield code.co_filename
                tb = tb.tb_next
        for file in sorted(sources(self._origins.program), key=_is_later):
            if self._origins.is_own(file, {}):  # others may install into its package
                yield file


def _is_later(file: str) -> bool:
    return file.replace("\\", "/").rpartition("/")[2].removesuffix(".py") not in _FIRST


def _forms(name: str) -> set[str]:
    """How a name may stand in a source: as it is, and as the function or parameter of which it is made."""
    low = name.lower()
    bare = low.lstrip("-+/")
    forms = {low, bare, bare.replace("-", "_")}
    if bare.startswith("no-"):
        forms |= {bare[3:], bare[3:].replace("-", "_")}
    return forms - {""}


def _stands(text: str, forms: set[str]) -> bool:
    return any(_is_in(text, form) for form in forms)


def _is_in(text: str, form: str) -> bool:
    """Whether a form stands in a text as a whole word."""
    at = text.find(form)
    while at >= 0:
        end = at + len(form)
        behind = text[end : end + 1]
        before = text[at - 1 : at] if at else ""
        begins = not (before.isalnum() or before == "_") or not form[0].isalnum()
        if begins and (not (behind.isalnum() or behind == "_") or text.startswith(_ENDS, end)):
            return True
        at = text.find(form, at + 1)
    return False
