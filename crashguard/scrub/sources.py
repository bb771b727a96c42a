r"""What stands in the sources of a program: names, texts in quotes, and the texts that its code is made with.

Theory of operation. The code of a module is gone once it has run: the interpreter keeps that of its
functions. What a table of messages, a class or an enumeration was made with is therefore looked up in the
module's source. A text is searched for with a quote before it, and read on from there, with those literals
that follow, which the compiler joins. What stands in quotes within a longer literal is none by itself.
"""

from crashguard.scrub.prepared import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Read = Callable[[str, int], bytes]

_MOST_SOURCE = 1_000_000  # bytes
_LONGEST_LITERAL, _LONGEST_IMPORT = 4_000, 2_500  # bytes
_MOST_IMPORTED = 200  # names
_MOST_TRIES = 40  # places where a text may begin
_QUOTES = ("'", '"')
_HEAD = 12  # characters of a text by which it is looked for: a literal may go on in the next line
_ESCAPE = Pattern(r"[\\\"'\n\t]")
_QUOTE = Pattern(r"[#\"']")
_OPENING = Pattern(r"[ \t\r\n\\]*(?P<prefix>[A-Za-z]{0,2})(?P<quote>\"\"\"|'''|[\"'])")
_IMPORT = Pattern(
    r"(?:from[ \t]+(?P<origin>[\w.]+)[ \t]+)?import[ \t]+(?P<names>\([^()]{0,2000}\)|[\w., \t]{1,400})"
)
_ESCAPED = (("\\\n", ""), ("\\n", "\n"), ("\\t", "\t"), ("\\'", "'"), ('\\"', '"'), ("\\\\", "\\"))


class Sources:
    """The sources of some files, each read once.

    Args:
        read: Reads a file up to a number of bytes; None where no file can be read.
    """

    __slots__ = ("_names", "_read", "_texts")

    def __init__(self, read: "Read | None") -> None:
        self._read = read
        self._texts: dict[str, bytes] = {}
        self._names: dict[tuple[str, bytes], bool] = {}  # the answers of `has_name`

    def text(self, file: str) -> bytes:
        """The source of a file; empty where it cannot be read."""
        if file not in self._texts:
            try:
                self._texts[file] = b"" if self._read is None else self._read(file, _MOST_SOURCE)
            except (OSError, ValueError):
                self._texts[file] = b""
        return self._texts[file]

    def has_name(self, file: str, name: bytes) -> bool:
        """Whether a name, or a piece of a path, stands in a source, not as a part of a longer name."""
        if (file, name) not in self._names:
            self._names[file, name] = self._has_name(file, name)
        return self._names[file, name]

    def _has_name(self, file: str, name: bytes) -> bool:
        source = self.text(file)
        at = source.find(name)
        while at >= 0:
            behind = at + len(name)
            if not (
                (_is_of_name(name[:1]) and _is_of_name(source[max(at - 1, 0) : at]))
                or (_is_of_name(name[-1:]) and _is_of_name(source[behind : behind + 1]))
            ):
                return True
            at = source.find(name, at + 1)
        return False

    def quotes(self, files: "Sequence[str]", word: str) -> bool:
        """Whether a word stands in quotes in a source, also within a longer literal."""
        wanted = [f"{quote}{word}{quote}".encode("utf-8", "replace") for quote in _QUOTES]
        return any(text in self.text(file) for file in files for text in wanted)

    def imported(self, file: str, package: str) -> "list[str]":
        """The names of what a module imports when it is loaded: modules, and what may be one.

        Args:
            file: The file.
            package: The name of its package.
        """
        found: dict[str, None] = {}
        source = b"\n" + self.text(file)
        for opening in (b"\nimport ", b"\nfrom "):
            at = source.find(opening)
            while at >= 0 and len(found) < _MOST_IMPORTED:
                match = _IMPORT.match(source[at + 1 : at + _LONGEST_IMPORT].decode("utf-8", "replace"))
                if match is not None:
                    listed = match["names"].strip("() \n").split(",")
                    names = [each.split()[0] for each in listed if each.strip()]
                    found.update(dict.fromkeys(_of_import(match["origin"], names, package)))
                at = source.find(opening, at + 1)
        return list(found)

    def has_literal(self, file: str, text: str) -> bool:
        """Whether a text is a literal of a source as a whole."""
        escaped = _ESCAPE.search(text, 0, _HEAD)
        head = text[: _HEAD if escaped is None else escaped.start()]
        if not head.strip():
            return False
        source = self.text(file)
        for quote in _QUOTES:
            begin = f"{quote}{head}".encode("utf-8", "replace")
            at = source.find(begin)
            tries = _MOST_TRIES
            while at >= 0 and tries:
                first = at - 2 if source[at - 2 : at] == begin[:1] * 2 else at  # of three quotes
                if _literal(source, first) == text and _opens(source, first):
                    return True
                at = source.find(begin, at + 1)
                tries -= 1
        return False


def _is_of_name(byte: bytes) -> bool:
    """Whether a byte is a letter, a digit or `_`."""
    return byte == b"_" or byte.decode("latin-1").isalnum()


def _of_import(origin: "str | None", names: "list[str]", package: str) -> "list[str]":
    """What may be a module of `from ORIGIN import NAMES`, or of `import NAMES`."""
    if origin is None:
        return names
    bare = origin.lstrip(".")
    above = package.split(".")[: package.count(".") + 2 - (len(origin) - len(bare))] if bare != origin else []
    module = ".".join([*above, *filter(None, [bare])])
    return [module, *[f"{module}.{name}" for name in names]]


def _opens(source: bytes, at: int) -> bool:
    """Whether the quote at a place opens a literal, and none before it goes on there."""
    if any(source.count(quote * 3, 0, at) % 2 for quote in (b'"', b"'")):
        return False  # within a text of several lines
    before = source[max(at - _LONGEST_LITERAL, 0) : at].rstrip(b"rRuUfFbB").rstrip(b" \t\r\n\\")
    if before.endswith((b'"', b"'")):
        return False
    line = source[source.rfind(b"\n", 0, at) + 1 : at].decode("utf-8", "replace")
    position = 0
    while (quote := _QUOTE.search(line, position)) is not None:
        position = _closing(line, quote[0], quote.end()) + 1
        if quote[0] == "#" or not position:
            return False
    return True


def _literal(source: bytes, at: int) -> str:
    """The text of the literal that begins at a place, with those that go on behind it."""
    rest = source[at : at + _LONGEST_LITERAL].decode("utf-8", "replace")
    is_raw = source[max(at - 2, 0) : at].lower().endswith((b"r", b"rb", b"rf"))
    parts: list[str] = []
    position = 0
    while (opening := _OPENING.match(rest, position)) is not None:
        quote = opening["quote"]
        end = _closing(rest, quote, opening.end())
        if end < 0:
            break
        body = rest[opening.end() : end]
        parts.append(body if is_raw or "r" in opening["prefix"].lower() else _unescaped(body))
        position = end + len(quote)
    return "".join(parts)


def _closing(text: str, quote: str, start: int) -> int:
    """Where the quote stands that ends a literal; less than zero where none does."""
    end = text.find(quote, start)
    while end >= 0:
        slashes = end
        while text[slashes - 1] == "\\":
            slashes -= 1
        if (end - slashes) % 2 == 0:
            return end
        end = text.find(quote, end + 1)
    return end


def _unescaped(body: str) -> str:
    if "\\" in body:
        for escape, character in _ESCAPED:
            body = body.replace(escape, character)
    return body
