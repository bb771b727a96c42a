r"""What stands in the sources of a program: names, texts in quotes, and the texts that its code is made with.

Theory of operation. The code of a module is gone once it has run: the interpreter keeps that of its
functions. What a table of messages, a class or an enumeration was made with is therefore looked up in the
module's source. A text is searched for with a quote before it. Where there is one, the literals of the file
are read, those that follow each other as one, as the compiler joins them. What stands in quotes within a
longer literal is none by itself.
"""

from crashguard.scrub.pattern import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Read = Callable[[str, int], bytes]

_MOST_SOURCE = 1_000_000  # bytes
_MOST_READ = 100_000  # characters of a file whose literals are read
_QUOTES = ("'", '"')
_HEAD = 12  # characters of a text by which it is looked for: a literal may go on in the next line
_OPENING = Pattern(r"#|(?P<prefix>[A-Za-z]{0,2})(?P<quote>\"\"\"|'''|[\"'])")
_IMPORT = Pattern(
    r"(?m)^[ \t]*(?:from[ \t]+(?P<origin>[\w.]+)[ \t]+)?import[ \t]+"
    r"(?P<names>\([^()]{0,2000}\)|[\w., \t]{1,400})"
)
_ESCAPED = (("\\\n", ""), ("\\n", "\n"), ("\\t", "\t"), ("\\'", "'"), ('\\"', '"'), ("\\\\", "\\"))


class Sources:
    """The sources of some files, each read once.

    Args:
        read: Reads a file up to a number of bytes; None where no file can be read.
    """

    __slots__ = ("_literals", "_read", "_texts")

    def __init__(self, read: "Read | None") -> None:
        self._read = read
        self._texts: dict[str, bytes] = {}
        self._literals: dict[str, frozenset[str]] = {}

    def text(self, file: str) -> bytes:
        """The source of a file; empty where it cannot be read."""
        if file not in self._texts:
            try:
                self._texts[file] = b"" if self._read is None else self._read(file, _MOST_SOURCE)
            except (OSError, ValueError):
                self._texts[file] = b""
        return self._texts[file]

    def has_name(self, file: str, name: bytes) -> bool:
        """Whether a name stands in a source, not as a part of a longer one."""
        source = self.text(file)
        at = source.find(name)
        while at >= 0:
            around = source[max(at - 1, 0) : at] + source[at + len(name) : at + len(name) + 1]
            if not any(chr(byte).isalnum() or byte == ord("_") for byte in around):
                return True
            at = source.find(name, at + 1)
        return False

    def quotes(self, files: "Sequence[str]", word: str) -> bool:
        """Whether a word stands in quotes in a source, also within a longer literal."""
        wanted = [f"{quote}{word}{quote}".encode("utf-8", "replace") for quote in _QUOTES]
        return any(text in self.text(file) for file in files for text in wanted)

    def imported(self, file: str, package: str) -> "list[str]":
        """The names of what a source imports: modules, and what may be one.

        Args:
            file: The file.
            package: The name of its package.
        """
        found: dict[str, None] = {}
        for match in _IMPORT.finditer(self.text(file).decode("utf-8", "replace")):
            names = [each.split()[0] for each in match["names"].strip("() \n").split(",") if each.strip()]
            origin = match["origin"]
            if origin is None:
                found.update(dict.fromkeys(names))
                continue
            dots = len(origin) - len(origin.lstrip("."))
            above = package.split(".")[: max(len(package.split(".")) - dots + 1, 0)] if dots else []
            module = ".".join([*above, *filter(None, [origin.lstrip(".")])])
            found[module] = None
            found.update(dict.fromkeys(f"{module}.{name}" for name in names))
        return list(found)

    def has_literal(self, file: str, text: str) -> bool:
        """Whether a text is a literal of a source as a whole."""
        head = text[:_HEAD].partition("\n")[0].replace("\\", "\\\\")
        source = self.text(file)
        begins = (quote + head.replace(quote, f"\\{quote}") for quote in _QUOTES)
        is_near = any(begin.encode("utf-8", "replace") in source for begin in begins)
        return is_near and text in self._literals_of(file)

    def _literals_of(self, file: str) -> "frozenset[str]":
        if file not in self._literals:
            source = self.text(file).decode("utf-8", "replace")
            self._literals[file] = frozenset(literals(source) if len(source) <= _MOST_READ else ())
        return self._literals[file]


def literals(source: str) -> "list[str]":
    """The texts that the literals of a source make; those with nothing between them make one."""
    found: list[str] = []
    parts: list[str] = []
    at = 0
    while (opening := _OPENING.search(source, at)) is not None:
        if parts and source[at : opening.start()].strip(" \t\r\n\\"):
            found.append("".join(parts))
            parts = []
        start, quote = opening.end(), opening["quote"]
        if quote is None:  # a comment
            at = source.find("\n", start)
            if at < 0:
                break
            continue
        end = _closing(source, quote, start)
        if end < 0:
            break
        at = end + len(quote)
        parts.append(source[start:end] if "r" in opening["prefix"].lower() else _unescaped(source[start:end]))
    return [*found, "".join(parts)]


def _closing(source: str, quote: str, start: int) -> int:
    """Where the quote stands that ends a literal; less than zero where none does."""
    end = source.find(quote, start)
    while end >= 0:
        slashes = end
        while source[slashes - 1] == "\\":
            slashes -= 1
        if (end - slashes) % 2 == 0:
            return end
        end = source.find(quote, end + 1)
    return end


def _unescaped(body: str) -> str:
    if "\\" in body:
        for escape, character in _ESCAPED:
            body = body.replace(escape, character)
    return body
