"""What the program itself says: the constants and names of the functions that a crash passed through.

Theory of operation. A message that a program made holds pieces of its string constants. `Constants` reads the
code of the functions on the tracebacks of a report, of their inner functions and of the exceptions' classes,
takes format texts apart into fixed *pieces*, and answers whether a word or a stretch of a message is one
of them. Only code of the tool and of what is installed counts: the constants of a notebook or of `python
-c` are the user's data. So are the names in it, which the interpreter puts into messages of its own, as
`name 'payroll' is not defined`. Each function is read once, and the number of constants has a bound.
"""

import builtins
import sys

from crashguard.scrub._tables import SAID
from crashguard.scrub.spans import occurrences, without

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import CodeType, FrameType, TracebackType
    from typing import Any

    from crashguard.scrub.outside import Outside

    Known = Callable[[str, dict[str, Any]], bool]
    Read = Callable[[str, int], bytes]
    Exceptions = list[tuple[BaseException, TracebackType | None]]
    Span = tuple[int, int]

_OF_GROUPS = ("sub-exception)", "sub-exceptions)")  # what `str()` adds to the message of a group
_MOST_CONSTANTS = 1_500
_MOST_ATTRIBUTES = 60  # of a class
_LONGEST = 2_000  # characters of a constant
_MOST_SOURCE = 1_000_000  # bytes
_MOST_FILES = 6  # that are searched for a word, those of the innermost functions
_QUOTES = ("'", '"', "`")
_MOST_NAMES = 200  # of one message that are looked up; with more of them all go
_MOST_MAKERS = 4  # functions of one traceback
_SHORTEST_NAME = 3  # of what is looked for in the whole report
_FRAMES_OUTSIDE, _FRAMES_INSIDE = 10, 60
# By id, because a metaclass may have replaced `__eq__`.
_OWN_OF_PYTHON = frozenset(map(id, (Exception, BaseException, object)))
_MAY_HOLD = frozenset(map(id, (str, dict, list, tuple, type)))  # the texts of a program
_NAMESPACE: "Callable[[type], Any]" = vars(type)["__dict__"].__get__


def _raises() -> None:
    raise ValueError


# The instruction RAISE_VARARGS: its number differs between interpreters.
_RAISE = _raises.__code__.co_code[-2]
_FUNCTION, _CODE = type(_raises), type(_raises.__code__)
# Read behind the back of a metaclass, which may have replaced what it says.
_TYPE_NAME: "Callable[[type], str]" = vars(type)["__name__"].__get__
_QUALIFIED: "Callable[[type], str]" = vars(type)["__qualname__"].__get__
_MODULE: "Callable[[type], Any]" = vars(type)["__module__"].__get__
_FLAGS: "Callable[[type], int]" = vars(type)["__flags__"].__get__
_LIST_OF_NAMES = "abstract methods "
_BEFORE_NAMES = ("class", "method", "methods", "type", "function")
_ABOUT: "Callable[[BaseException], object]" = vars(AttributeError)["obj"].__get__
_HEAP = 1 << 9  # Py_TPFLAGS_HEAPTYPE: made by a class statement, or at run time


class Constants:
    """The constants and names of the code that made a report's messages.

    Args:
        is_known: Says of a file name and the globals of its module whether the code is the tool's or
            installed.
        read: Reads a source up to a number of bytes; without it no sentence that code refers to is known.

    Attributes:
        names: Constants, their pieces, and the names that the code uses.
        phrases: Pieces of more than one word.
        openings: Single words with which a text of the program begins.
        makers: The pieces of each code that may have made a message, and whether its last instruction was a
            `raise`.
    """

    __slots__ = (
        "_exceptions",
        "_files",
        "_foreign",
        "_held",
        "_is_known",
        "_left",
        "_outside",
        "_read",
        "_seen",
        "_sentences",
        "_sources",
        "makers",
        "names",
        "openings",
        "phrases",
    )

    def __init__(self, is_known: "Known", read: "Read | None" = None) -> None:
        self._is_known = is_known
        self._read = read
        self._files: dict[str, None] = {}  # of the functions that count, in order
        self._sources: dict[str, bytes] = {}  # by file name
        self._left = _MOST_CONSTANTS
        self._seen: set[int] = set()
        self._held: set[int] = set()
        self._sentences: dict[int, list[str]] = {}  # of each function
        self._foreign: set[str] = set()  # names in code of somebody else
        self._exceptions: Exceptions = []
        self._outside: Outside | None = None  # the same of code that is not on the tracebacks
        self.names: set[str] = set()
        self.phrases: set[str] = set()
        self.openings: set[str] = set()
        self.makers: list[tuple[list[str], bool]] = []

    def read(self, exceptions: "Exceptions") -> None:
        """Read the code of all exceptions of a report."""
        self._exceptions = exceptions
        for exc, tb in exceptions:
            for frame in frames_of(tb):
                module = frame.f_globals
                self._function(frame.f_code, module if type(module) is dict else {})
            self._class(type(exc))
            self._makers_of(tb)

    def read_called(self, called: "Sequence[tuple[CodeType, int, dict[str, Any]]]") -> None:
        """Read the code that failed in another process, innermost first: code, line, its module's globals."""
        for number, (code, line, module) in enumerate(called):
            self._function(code, module)
            if number < _MOST_MAKERS and id(code) in self._held:
                raising = any(
                    each == line and _RAISE in code.co_code[start:end:2]
                    for start, end, each in code.co_lines()
                )
                self._maker(self._texts(code), has_raised=number == 0 and raising)

    def says(self, word: str) -> bool:
        """Whether a word is a constant, a piece of one, or a name."""
        return word in self.names

    def writes(self, names: "Sequence[str]") -> bool:
        """Whether one of some names stands in a source of the functions that were read, as a whole."""
        wanted = [name.encode("utf-8", "replace") for name in names]
        return any(_has_name(self._source(file), name) for file in self._files for name in wanted)

    def quotes(self, word: str) -> bool:
        """Whether a word is a text in one of these sources: a choice, a state, the default of an argument."""
        wanted = [f"{quote}{word}{quote}".encode("utf-8", "replace") for quote in _QUOTES[:2]]
        files = list(self._files)[:_MOST_FILES]
        return any(text in self._source(file) for file in files for text in wanted)

    def spans(self, text: str) -> "list[Span]":
        """Where phrases of the program stand in a text."""
        found: list[Span] = []
        said, _, count = text.partition("\n")[0].rpartition(" (")
        if count.endswith(_OF_GROUPS) and said in self.names:
            found.append((0, len(said) + len(count) + 2))
        for phrase in self.phrases:
            at = text.find(phrase)
            while at >= 0:
                found.append((at, at + len(phrase)))
                at = text.find(phrase, at + len(phrase))
        return found

    def foreign(self, text: str, data: "list[Span]") -> "list[Span]":
        """Where names stand, in quotes or as a function, that only somebody else's code has.

        Args:
            text: The message.
            data: What goes anyway.
        """
        found: list[Span] = []
        said = self.spans(text)
        outside = self._names_outside(text, [*said, *data])
        for name in (self._foreign - self.names) | outside:
            at = text.find(name)
            if at >= 0 and not _is_pythons(name):
                while at >= 0:
                    end = at + len(name)
                    is_bare = name in outside and _may_be_named(text, at, end) and without([(at, end)], said)
                    if _is_named(text, at, end) or is_bare:
                        found.append((at, end))
                    at = text.find(name, end)
        return found

    def _names_outside(self, text: str, judged: "list[Span]") -> "set[str]":
        """The words, beside what is judged already, that are names of code which is not on the tracebacks."""
        for start, end in judged:
            text = text[:start] + " " * (end - start) + text[end:]
        words = set("".join(c if c.isalnum() or c == "_" else " " for c in text).split()) - self.names
        words = {each for each in words if each.isidentifier() and not _is_pythons(each)}
        words = {each for each in words if any(_may_be_named(text, *at) for at in occurrences(text, each))}
        if not words or len(words) > _MOST_NAMES:
            return words
        if self._outside is None:
            from crashguard.scrub.outside import Outside

            self._outside = Outside(
                [frames_of(tb) for _, tb in self._exceptions],
                [_about(exc) for exc, _ in self._exceptions],
                self._is_known,
                lambda kind: is_made_at_run_time(kind, self),
            )
        return self._outside.among(words, text)

    def made(self, text: str) -> bool:
        """Whether a text is itself a message that the program made already."""
        if " " not in text:
            return False
        return any(len(phrase) > 4 and phrase in text for phrase in self.phrases) or any(
            text.startswith(opening) for opening in self.openings
        )

    def _function(self, code: "CodeType", module: "dict[str, Any]") -> None:
        """Read one function, once."""
        if id(code) in self._seen or self._left <= 0:
            return
        self._seen.add(id(code))
        is_text = code.co_filename[:1] == "<" and not code.co_filename.startswith("<frozen ")
        if not is_text and self._is_known(code.co_filename, module):
            self._held.add(id(code))
            self._files[code.co_filename] = None
            self._code(code, 2)
            sentences = [text for text in _referred(code, module) if self._is_written(text, code.co_filename)]
            self._sentences[id(code)] = sentences
            for text in sentences:
                self._constant(text)
            name = module.get("__name__")
            if type(name) is str:  # what starts a tool, and is nobody's, says it too
                self.names.update(name.split("."))
        elif code.co_name[:2] != "__":  # the special methods of a class that a decorator made are the tool's
            self._add_foreign(code, 2)

    def _add_foreign(self, code: "CodeType", depth: int) -> None:
        for name in (*code.co_names, *code.co_varnames, *code.co_freevars, code.co_qualname):
            # Not `.0`, the argument of a comprehension, nor `<locals>`.
            self._foreign.update(filter(str.isidentifier, name.split(".")))
        for constant in code.co_consts:
            self._left -= 1
            texts = (
                constant if type(constant) is tuple else (constant,)
            )  # the names of arguments stand in a tuple
            self._foreign.update(each for each in texts if type(each) is str and each.isidentifier())
            if type(constant) is type(code) and depth and self._left > 0:
                self._add_foreign(constant, depth - 1)

    def _class(self, cls: type) -> None:
        """Read the functions and texts of an exception's class and of its bases."""
        for each in type.__getattribute__(cls, "__mro__"):
            if id(each) in _OWN_OF_PYTHON or self._left <= 0:
                continue
            texts: list[str] = []
            made: list[str] = []  # what the functions of the class say
            known = False
            for value in list(_NAMESPACE(each).values())[:_MOST_ATTRIBUTES]:
                # In PyPy the methods of built-in classes are functions, whose code says nothing.
                if type(value) is _FUNCTION and type(value.__code__) is _CODE:
                    self._function(value.__code__, value.__globals__)
                    if id(value.__code__) in self._held:
                        known = True
                        made += [text for text in value.__code__.co_consts if type(text) is str]
                elif type(value) is str:
                    texts.append(value)
            if known:
                for text in texts:
                    self._constant(text)
                self._maker(texts + made, has_raised=False)

    def _code(self, code: "CodeType", depth: int) -> None:
        self.names.update(code.co_names, code.co_varnames, code.co_freevars, (code.co_name,))
        for constant in code.co_consts:
            self._left -= 1
            if self._left <= 0:
                return
            kind = type(constant)
            if kind is str:
                self._constant(constant)
            elif kind is tuple or kind is frozenset:
                for item in constant:
                    if type(item) is str:
                        self._constant(item)
            elif kind is bytes:
                self._constant(constant.decode("latin-1"))
            elif kind is type(code) and depth:
                self._code(constant, depth - 1)

    def _constant(self, text: str) -> None:
        if len(text) > _LONGEST:
            return
        self.names.add(text)
        if "://" in text:
            self.names.update(text.partition("://")[0].split("+"))  # postgresql+psycopg2://
        if "$" in text or "%(" in text or "{" in text:
            self.names.update(_placeholders(text))
        for piece in pieces(text):
            bare = piece.strip()
            if " " in bare:
                self.phrases.add(bare)
            elif piece[-1:] == " " and len(piece) > 3 and bare.isalpha():
                self.openings.add(piece)
            self.names.add(bare)

    def _makers_of(self, tb: "TracebackType | None") -> None:
        """Keep the pieces of functions that may have made a message: the one that raised, and its callers."""
        calls: list[TracebackType] = []
        while tb is not None:
            calls.append(tb)
            tb = tb.tb_next
        for number, call in enumerate(reversed(calls[-_MOST_MAKERS:])):
            code = call.tb_frame.f_code
            if id(code) in self._held and call.tb_lasti >= 0:
                has_raised = number == 0 and code.co_code[call.tb_lasti] == _RAISE
                self._maker(self._texts(code), has_raised=has_raised)

    def _texts(self, code: "CodeType") -> "list[str]":
        """The texts of a function: its constants, and the format texts that it refers to."""
        return [each for each in code.co_consts if type(each) is str] + self._sentences.get(id(code), [])

    def _source(self, file: str) -> bytes:
        """The source of a file, read once; empty where it cannot be read."""
        if file not in self._sources:
            try:
                self._sources[file] = b"" if self._read is None else self._read(file, _MOST_SOURCE)
            except (OSError, ValueError):
                self._sources[file] = b""
        return self._sources[file]

    def _is_written(self, text: str, file: str) -> bool:
        """Whether a text stands in the source of a file. Any other was put together while the program ran."""
        source = self._source(file)
        spelled = (piece.replace("\n", "\\n").replace("\t", "\\t") for piece in pieces(text))
        return all(piece.encode("utf-8", "surrogatepass") in source for piece in spelled)

    def _maker(self, texts: "list[str]", *, has_raised: bool) -> None:
        found = [piece for text in texts if len(text) < _LONGEST for piece in pieces(text)]
        if found or has_raised:
            self.makers.append((found, has_raised))


def _referred(code: "CodeType", module: "dict[str, Any]") -> "list[str]":
    """The format texts that a function refers to by name."""
    if not any(id(type(module.get(name))) in _MAY_HOLD for name in code.co_names):
        return []
    from crashguard.scrub.catalogue import referred

    return [text for text in referred(code, module) if _is_format(text)]


def _is_pythons(name: str) -> bool:
    return hasattr(builtins, name) or name in sys.stdlib_module_names


def _may_be_named(text: str, start: int, end: int) -> bool:
    """Whether a word may name a class or a method, also without quotes: `abstract class Payroll`."""
    if _is_named(text, start, end):
        return True
    before, after = text[start - 1 : start], text[end : end + 1]
    if before.isalnum() or before == "_" or after.isalnum() or after == "_":
        return False
    said = text[:start].rstrip().rpartition(" ")[2].lstrip("<(")
    is_listed = said[-1:] == "," and _LIST_OF_NAMES in text[:start]
    return (
        said in _BEFORE_NAMES
        or is_listed
        or (not text[start:end].islower() and text[start:end].lower() not in SAID)
    )


def _is_named(text: str, start: int, end: int) -> bool:
    """Whether a word stands where Python writes names: in quotes, with dots, or as a function."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if before.isalnum() or before == "_" or after.isalnum() or after == "_":
        return False
    is_dotted = before == "." or (after == "." and text[end + 1 : end + 2].isidentifier())
    is_dotted = is_dotted or text.startswith(".<", end)  # `outer.<locals>.inner`
    return is_dotted or before in _QUOTES or after in _QUOTES or text.startswith("()", end)


def _about(exc: BaseException) -> object:
    """The object that an AttributeError is about, by the interpreter's own word."""
    return _ABOUT(exc) if isinstance(exc, AttributeError) else None


def names_made_at_run_time(exceptions: "list[BaseException]", program: Constants) -> "frozenset[str]":
    """The names of those classes of exceptions that no class statement says: they may be made of data."""
    found: set[str] = set()
    for kind in {id(type(exc)): type(exc) for exc in exceptions}.values():
        if is_made_at_run_time(kind, program):
            found.update((_TYPE_NAME(kind), _QUALIFIED(kind)))
            module = _MODULE(kind)
            if type(module) is str and module not in sys.modules:
                found.add(module)
    return frozenset(found)


def renamed_functions(exceptions: "Exceptions") -> "set[str]":
    """The names of functions that no `def` gave them: `code.replace(co_name=...)` takes any text."""
    found: set[str] = set()
    for _, tb in exceptions:
        for frame in frames_of(tb):
            name, path = frame.f_code.co_name, frame.f_code.co_qualname
            module = frame.f_globals.get("__name__") if type(frame.f_globals) is dict else None
            if type(module) is str and name == path and name.startswith(f"{module}.") and _is_path(name):
                continue  # compiled by Cython, which puts the module in front of both
            if name[:1] != "<" and (not name.isidentifier() or path.rpartition(".")[2] != name):
                found.add(name)
                found.update(part for part in path.split(".") if not part.isidentifier() and part[:1] != "<")
    return {name for name in found if len(name) >= _SHORTEST_NAME}


def _is_path(name: str) -> bool:
    return all(part.isidentifier() for part in name.split("."))


def is_made_at_run_time(kind: type, program: Constants) -> bool:
    """Whether no class statement has made a class that is not named in the program."""
    name, module = _TYPE_NAME(kind), _MODULE(kind)
    if not _FLAGS(kind) & _HEAP or program.says(name):
        return False
    held = sys.modules.get(module) if type(module) is str else None
    path = _QUALIFIED(kind).split(".")
    space = object.__getattribute__(held, "__dict__") if type(held) is type(sys) else {}
    value: object = None
    for part in path:
        if part == "<locals>":
            return type(value) is not _FUNCTION or not _names_class(value.__code__, name, 3)
        value = space.get(part)
        space = _NAMESPACE(value) if isinstance(value, type) else {}
    return value is not kind


def _names_class(code: "CodeType", name: str, depth: int) -> bool:
    """Whether a function, or one inside of it, holds a class statement of that name."""
    return any(
        (type(constant) is str and constant == name)
        or (type(constant) is type(code) and depth > 0 and _names_class(constant, name, depth - 1))
        for constant in code.co_consts
    )


def pieces(text: str) -> "list[str]":
    """The fixed pieces of a format text: `no %s in {table}` says `no` and `in`."""
    if "%" not in text and "{" not in text:
        return [text] if text.strip() else []
    found: list[str] = []
    position = 0
    for start, end in _directives(text):
        found.append(text[position:start])
        position = end
    found.append(text[position:])
    return [piece for piece in found if piece.strip()]


def _has_name(source: bytes, name: bytes) -> bool:
    """Whether a name stands in a source, not as a part of a longer one."""
    at = source.find(name)
    while at >= 0:
        around = source[max(at - 1, 0) : at] + source[at + len(name) : at + len(name) + 1]
        if not any(chr(byte).isalnum() or byte == ord("_") for byte in around):
            return True
        at = source.find(name, at + 1)
    return False


def _is_format(text: str) -> bool:
    """Whether a text has a place for a value and words around it."""
    fixed = pieces(text)
    return fixed != [text] and any(map(str.isalpha, "".join(fixed)))


def places(text: str) -> "list[tuple[int, int]]":
    """Where values stand in a format text."""
    return [(start, end) for start, end in _directives(text) if text[start:end] not in ("%%", "{{}")]


def _directives(text: str) -> "list[tuple[int, int]]":
    found: list[tuple[int, int]] = []
    at = 0
    while at < len(text):
        end = _directive(text, at) if text[at] in "%{" else 0
        if end:
            found.append((at, end))
        at = end or at + 1
    return found


def _directive(text: str, at: int) -> int:
    """Where a format directive ends that begins at a place; 0 where none does."""
    if text[at] == "{":
        end = text.find("}", at, at + 80)
        return end + 1 if end >= 0 else 0
    end = at + 1
    if text[end : end + 1] == "(":
        end = text.find(")", end, end + 80) + 1
        if not end:
            return 0
    while text[end : end + 1] and text[end] in "-+ #0123456789.*":
        end += 1
    return end + 1 if text[end : end + 1] and text[end] in "sdrfgixXac%" else 0


def _placeholders(text: str) -> "list[str]":
    """The names in a format or template: `no ${table} in %(schema)s` names two."""
    found: list[str] = []
    for opening, closing in (("{", "}"), ("%(", ")")):
        at = text.find(opening)
        while at >= 0:
            end = text.find(closing, at, at + 80)
            name = text[at + len(opening) : end].partition(":")[0].partition("!")[0] if end >= 0 else ""
            if name.isidentifier():
                found.append(name)
            at = text.find(opening, at + 1)
    for word in text.split("$")[1:]:
        bare = word.lstrip("{")
        size = 0
        while size < len(bare) and (bare[size].isalnum() or bare[size] == "_"):
            size += 1
        if bare[:size].isidentifier():
            found.append(bare[:size])
    return found


def frames_of(tb: "TracebackType | None") -> "list[FrameType]":
    """The frames of a traceback, innermost first: all inner ones and some at its beginning."""
    frames = []
    while tb is not None:
        frames.append(tb.tb_frame)
        if len(frames) > 4 * _FRAMES_INSIDE:
            del frames[_FRAMES_OUTSIDE : -2 * _FRAMES_INSIDE]
        tb = tb.tb_next
    if len(frames) > _FRAMES_OUTSIDE + _FRAMES_INSIDE:
        del frames[_FRAMES_OUTSIDE:-_FRAMES_INSIDE]
    frames.reverse()
    return frames
