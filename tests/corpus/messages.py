"""What messages keep, measured on live crashes: `python -m tests.corpus.messages [tuned|blind] [LEVEL] [-v]`.

Each crash function is called with rows of four kinds. Counted are crashes whose raw message holds a piece of the row; a
*leak* is a piece that is still there after scrubbing, in any case. Of mistakes in programs it is counted how many lost
a word that an engineer needs. Libraries that are not installed are skipped, and said.
"""

import contextlib
import io
import random
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from crashguard import report
from crashguard.report import exceptions
from crashguard.scrub import Scrubber
from tests.corpus import people

STYLES = ("caps", "mixed", "lower", "upper")
CAPS, HARD = ("caps",), ("mixed", "lower", "upper")


class Crash(NamedTuple):
    """One crash: the messages of all its exceptions before and after."""

    name: str
    raw: str
    scrubbed: str
    pieces: list[str]

    @property
    def quoted(self) -> list[str]:
        """Pieces of the row that the raw messages hold."""
        low = _folded(self.raw)
        return [piece for piece in self.pieces if _holds(low, piece.lower())]

    @property
    def leaked(self) -> list[str]:
        """Those that the scrubbed messages still hold."""
        low = _folded(self.scrubbed)
        return [piece for piece in self.quoted if _holds(low, piece.lower())]


def _holds(text: str, piece: str) -> bool:
    """Whether a text holds a piece, not in the middle of a word: Turin is not in `structuring`."""
    at = text.find(piece)
    while at >= 0:
        if not text[at - 1 : at].isalpha() or not piece[0].isalpha():
            return True
        at = text.find(piece, at + 1)
    return False


def _folded(message: str) -> str:
    low = message.lower()
    with contextlib.suppress(Exception):
        low += (
            "\n" + message.encode("latin-1", "backslashreplace").decode("unicode_escape", "replace").lower()
        )
    from urllib.parse import unquote

    return low + "\n" + unquote(low)


_PROGRAM = (people.__file__.removesuffix("people.py"), sys.prefix, sys.base_prefix)


def _is_program(file: str, module: dict[str, Any]) -> bool:
    """The crash functions stand for the tool's own code; the standard library and what is installed count too."""
    return file.startswith(_PROGRAM)


def _is_own(file: str, module: dict[str, Any]) -> bool:
    return file.startswith(_PROGRAM[0])


def scrubbed(exc: BaseException, level: str = "shapes", vocabulary: Any = ()) -> tuple[str, str]:
    """The messages of an exception, its causes and members: as they are, and as they leave."""
    inside = (
        exc.__traceback__.tb_next if exc.__traceback__ is not None else None
    )  # without the caller's own frame
    exc = exc.with_traceback(inside)
    found = [(each.exc, each.traceback) for each in exceptions.tree(exc) if each.source != exceptions.CUT]
    scrubber = Scrubber.of_crash(
        found,
        _is_program,
        messages=level,
        vocabulary=vocabulary,
        read=lambda path, most: Path(path).read_bytes()[:most],
        is_own=_is_own,
    )  # type: ignore[arg-type]
    raw = [report.message_of(each) for each, _ in found]
    clean = [scrubber.text(message) for message in raw]
    return "\n".join(raw), "\n".join(clean)


def rows(module: Any, level: str, seed: int = 7) -> Iterator[tuple[str, Crash]]:
    """Every row function with a row of each style: the style and the crash."""
    for number, (library, function) in enumerate(module.ROWS):
        for style in STYLES:
            row = people.row(random.Random(f"{seed} {number} {style}"), style)
            pieces = people.pieces(row)
            with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
                try:
                    function(row)
                except ModuleNotFoundError as exc:
                    if exc.name and not any(piece.lower() in exc.name.lower() for piece in pieces):
                        yield "missing", Crash(library, "", "", [])
                        break
                    raw, clean = scrubbed(exc, level)
                except BaseException as exc:  # noqa: BLE001 (whatever a library raises)
                    raw, clean = scrubbed(exc, level)
                else:
                    raw = clean = ""
            yield style, Crash(f"{library}:{function.__name__}", raw, clean, pieces)


def bugs(module: Any, level: str, vocabulary: Any = ()) -> Iterator[tuple[str, tuple[str, ...], str, str]]:
    """Every mistake: its name, the words that were lost, the message before and after."""
    for library, function, words in module.BUGS:
        try:
            function()
        except ModuleNotFoundError as exc:
            if not any(word in str(exc) for word in words):
                continue
            raw, clean = scrubbed(exc, level, vocabulary)
        except BaseException as exc:  # noqa: BLE001 (as above)
            raw, clean = scrubbed(exc, level, vocabulary)
        else:
            continue
        yield (
            f"{library}:{function.__name__}",
            tuple(w for w in words if w in raw and w not in clean),
            raw,
            clean,
        )


def _say(*words: object) -> None:
    print(*words, file=sys.__stdout__, flush=True)  # a crash function may have replaced sys.stdout


def main(arguments: list[str]) -> None:
    """Print the figures."""
    level = next((each for each in arguments if each in ("template", "shapes", "names", "full")), "shapes")
    name = "crashes_blind" if "blind" in arguments else "crashes"
    module = import_module(f"tests.corpus.{name}")
    found: dict[str, list[Crash]] = {}
    for style, crash in rows(module, level):
        found.setdefault(style, []).append(crash)
    missing = sorted({crash.name for crash in found.pop("missing", [])})
    libraries = {library for library, _ in module.ROWS} - set(missing)
    _say(
        f"{name}, {level}: {len(module.ROWS)} functions, {len(libraries)} libraries; not installed: {missing}"
    )
    for title, styles in (("capitalised rows", CAPS), ("hard rows", HARD)):
        quoting = [crash for style in styles for crash in found.get(style, []) if crash.quoted]
        leaking = [crash for crash in quoting if crash.leaked]
        _share(title, len(quoting) - len(leaking), len(quoting))
        for crash in leaking if "-v" in arguments else ():
            _say("  LEAK", crash.name, crash.leaked, *_shown(crash.raw, crash.scrubbed))
    judged = list(bugs(module, level))
    lost = [each for each in judged if each[1]]
    _share("bugs that lost a word", len(lost), len(judged))
    for bug, words, raw, clean in lost if "-v" in arguments else ():
        _say("  LOST", bug, words, *_shown(raw, clean))


def _share(title: str, part: int, whole: int) -> None:
    _say(f"  {title}: {part} of {whole} = {100 * part / max(whole, 1):.1f} %")


def _shown(raw: str, clean: str) -> tuple[str, str]:
    """Both messages, each on a line."""
    first, second = (text[:300].replace("\n", "|") for text in (raw, clean))
    return f"\n      {first}", f"\n      {second}"


if __name__ == "__main__":
    main(sys.argv[1:])
