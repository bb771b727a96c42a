"""What the program itself says: the constants and names of the functions that a crash passed through.

Theory of operation. A message that a program made holds pieces of its string constants. `Constants` reads the
code of the functions on the tracebacks of a report, of their inner functions and of the exceptions' classes,
takes format texts apart into fixed *pieces*, and answers whether a word or a stretch of a message is one
of them. Only code of the tool and of what is installed counts: the constants of a notebook or of `python
-c` are the user's data. So are the names in it, which the interpreter puts into messages of its own, as
`name 'payroll' is not defined`. Each function is read once, and the number of constants has a bound.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import CodeType, FrameType, TracebackType
    from typing import Any

    from crashguard.scrub.makers import Maker
    from crashguard.scrub.sources import Sources

    Function = tuple[CodeType, dict[str, Any]]  # with the namespace of its module
    Known = Callable[[str, dict[str, Any]], bool]
    Read = Callable[[str, int], bytes]
    Exceptions = list[tuple[BaseException, TracebackType | None]]
    Span = tuple[int, int]

_OF_GROUPS = ("sub-exception)", "sub-exceptions)")  # what `str()` adds to the message of a group
_MOST_CONSTANTS = 1_500
_MOST_ATTRIBUTES = 60  # of a class
_LONGEST = 2_000  # characters of a constant
_MOST_FILES = 6  # that are searched for a word, those of the innermost functions
_MOST_HIDDEN = 4  # exceptions
# One of these stands in a message of small letters that Python has put a name into.
_BEFORE_A_NAME = ("'", '"', "`", ".", "()", "class ", "method", "type ", "function ")
_MOST_NAMES = 200  # of one message that are looked up; with more of them all go
_MOST_CALLS = 4  # functions of one traceback
_FRAMES_OUTSIDE, _FRAMES_INSIDE = 10, 60
# By id, because a metaclass may have replaced `__eq__`.
_OWN_OF_PYTHON = frozenset(map(id, (Exception, BaseException, object)))
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
_CONTEXT: "Callable[[BaseException], BaseException | None]" = vars(BaseException)["__context__"].__get__
_IS_HIDDEN: "Callable[[BaseException], bool]" = vars(BaseException)["__suppress_context__"].__get__
_TRACEBACK: "Callable[[BaseException], TracebackType | None]" = vars(BaseException)["__traceback__"].__get__
_ABOUT: "Callable[[BaseException], object]" = vars(AttributeError)["obj"].__get__
_HEAP = 1 << 9  # Py_TPFLAGS_HEAPTYPE: made by a class statement, or at run time


class Constants:
    """The constants and names of the code that made a report's messages.

    Args:
        is_known: Says of a file name and the globals of its module whether the code is the tool's or
            installed.
        read: Reads a source up to a number of bytes; without it no sentence that code refers to is known.
        is_own: Says whether the code is the tool's.

    Attributes:
        names: Constants, their pieces, and the names that the code uses.
        phrases: Pieces of more than one word.
        openings: Single words with which a text of the program begins.
        makers: What each function may have put into a message; none before `look_up`.
        has_raised: Whether code that counts raised one of the exceptions.
    """

    __slots__ = (
        "_calls", "_exceptions", "_foreign", "_functions", "_is_known", "_is_own", "_left", "_made",
        "_own", "_own_files", "_read", "_seen", "_sentences", "_sources", "_written",
        "has_raised", "makers", "names", "openings", "phrases",
    )  # fmt: skip

    def __init__(self, is_known: "Known", read: "Read | None" = None, is_own: "Known | None" = None) -> None:
        self._is_known = is_known
        self._is_own = is_own
        self._read = read
        self._functions: dict[int, Function] = {}  # those that count, in order
        self._own: set[int] = set()  # the tool's among them
        self._calls: list[tuple[CodeType, bool]] = []  # that may have made a message; whether it raised
        self._made: list[
            tuple[list[str], list[CodeType]]
        ] = []  # texts and functions of the exceptions' classes
        self._own_files: list[str] | None = None  # of the tool's functions, and what those import
        self._sources: Sources | None = None
        self._written: dict[str, bool] = {}  # the answers of `wrote`
        self._left = _MOST_CONSTANTS
        self._seen: set[int] = set()
        self._sentences: dict[int, list[str]] = {}  # of each function
        self._foreign: set[str] = set()  # names in code of somebody else
        self._exceptions: Exceptions = []
        self.names: set[str] = set()
        self.phrases: set[str] = set()
        self.openings: set[str] = set()
        self.makers: list[Maker] = []
        self.has_raised = False

    def read(self, exceptions: "Exceptions") -> None:
        """Read the code of all exceptions of a report."""
        self._exceptions = exceptions
        for exc, tb in exceptions:
            for frame in frames_of(tb):
                module = frame.f_globals
                self._function(frame.f_code, module if type(module) is dict else {})
            self._class(type(exc))
            self._calls_of(tb)

    def read_called(self, called: "Sequence[tuple[CodeType, int, dict[str, Any]]]") -> None:
        """Read the code that failed in another process, innermost first: code, line, its module's globals."""
        for number, (code, line, module) in enumerate(called):
            self._function(code, module)
            if number < _MOST_CALLS:
                raising = any(
                    each == line and _RAISE in code.co_code[start:end:2]
                    for start, end, each in code.co_lines()
                )
                self._call(code, has_raised=number == 0 and raising)

    def look_up(self) -> None:
        """Look up what the functions refer to, once. It costs more than to read them; few messages ask."""
        if self.makers or not self._functions:
            return
        from crashguard.scrub.makers import of_class, of_function

        called = {id(code) for code, _ in self._calls}
        for key, function in list(self._functions.items()):
            if key in self._own or key in called:
                self.sentences(function)
        for code, has_raised in self._calls:
            is_own = id(code) in self._own
            self.makers.append(
                of_function(self._functions[id(code)], self, has_raised=has_raised, is_own=is_own)
            )
        self.makers += [of_class(*each) for each in self._made]

    def take(self, function: "Function") -> bool:
        """Read a function that is on no traceback; whether it counts."""
        self._function(*function)
        return id(function[0]) in self._functions

    def sentences(self, function: "Function") -> "list[str]":
        """The sentences that a function refers to by name."""
        key = id(function[0])
        if key not in self._sentences:
            from crashguard.scrub.makers import sentences

            self._sentences[key] = sentences(function, self)
            for text in self._sentences[key]:
                self._constant(text)
        return self._sentences[key]

    def says(self, word: str) -> bool:
        """Whether a word is a constant, a piece of one, or a name."""
        return word in self.names

    def writes(self, names: "Sequence[str]") -> bool:
        """Whether one of some names stands in a source of the functions that were read, as a whole."""
        wanted = [name.encode("utf-8", "replace") for name in names]
        return any(self.sources.has_name(file, name) for file in self._files() for name in wanted)

    def quotes(self, word: str) -> bool:
        """Whether a word is a text in one of these sources: a choice, a state, the default of an argument."""
        return self.sources.quotes(self._files()[:_MOST_FILES], word)

    def has_quoted(self, name: str) -> bool:
        """Whether a name stands in quotes within a text of the tool's code, such as a statement."""
        return self.sources.quotes(self._files_of_tool(), name)

    def wrote(self, text: str, function: "Function | None" = None) -> bool:
        """Whether a text is one that the tool's code was made with: an entry of a table, a member's value.

        Args:
            text: The text.
            function: One that refers to it; the module of a library's says it, too.
        """
        if function is not None and id(function[0]) not in self._own:
            return self.sources.has_literal(function[0].co_filename, text)
        if text not in self._written:
            self._written[text] = any(self.sources.has_literal(file, text) for file in self._files_of_tool())
        return self._written[text]

    def spells(self, text: str) -> bool:
        """Whether a host or a path stands in the tool's code, alone or within an address."""
        wanted = text.encode("utf-8", "replace")
        return any(self.sources.has_name(file, wanted) for file in self._files_of_tool())

    def _files_of_tool(self) -> "list[str]":
        if self._own_files is None:
            from crashguard.scrub.makers import files_of

            own = [self._functions[key] for key in self._functions if key in self._own]
            self._own_files = files_of(own, self.sources, self._is_own)
        return self._own_files

    def _files(self) -> "list[str]":
        return list(dict.fromkeys(code.co_filename for code, _ in self._functions.values()))

    @property
    def sources(self) -> "Sources":
        """The sources of the functions that were read."""
        if self._sources is None:
            from crashguard.scrub.sources import Sources

            self._sources = Sources(self._read)
        return self._sources

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
        if not self._foreign and text[1:].islower() and not any(sign in text for sign in _BEFORE_A_NAME):
            return []
        from crashguard.scrub import strangers

        said = self.spans(text)
        words = strangers.words_in(text, [*said, *data]) - self.names
        outside = self._outside_among(words, text)
        return strangers.spans(text, self._foreign - self.names, outside, said)

    def _outside_among(self, words: "set[str]", text: str) -> "set[str]":
        """Those of some words that are names of code which is not on the tracebacks."""
        if not words or len(words) > _MOST_NAMES:
            return words
        from crashguard.scrub.outside import Outside

        outside = Outside(  # not kept: by it this object would hold itself, and the host's frames
            [frames_of(tb) for _, tb in self._exceptions],
            [_about(exc) for exc, _ in self._exceptions],
            self._is_known,
            lambda kind: is_made_at_run_time(kind, self),
        )
        return outside.among(words, text)

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
            self._functions[id(code)] = code, module
            if self._is_own is not None and self._is_own(code.co_filename, module):
                self._own.add(id(code))
            self._code(code, 2)
            name = module.get("__name__")
            if type(name) is str:  # what starts a tool, and is nobody's, says it too
                self.names.update(name.split("."))
        elif code.co_name[:2] != "__":  # the special methods of a class that a decorator made are the tool's
            from crashguard.scrub import strangers

            self._foreign |= strangers.names_of(code)

    def _class(self, cls: type) -> None:
        """Read the functions and texts of an exception's class and of its bases."""
        for each in type.__getattribute__(cls, "__mro__"):
            if id(each) in _OWN_OF_PYTHON or self._left <= 0:
                continue
            texts: list[str] = []
            made: list[CodeType] = []  # the functions of the class
            known = self._declares(each)
            for value in list(_NAMESPACE(each).values())[:_MOST_ATTRIBUTES]:
                # In PyPy the methods of built-in classes are functions, whose code says nothing.
                if type(value) is _FUNCTION and type(value.__code__) is _CODE:
                    self._function(value.__code__, value.__globals__)
                    if id(value.__code__) in self._functions:
                        known = True
                        made.append(value.__code__)
                elif type(value) is str:
                    texts.append(value)
            if known:
                for text in texts:
                    self._constant(text)
                self._made.append((texts, made))

    def _declares(self, cls: type) -> bool:
        """Whether a module whose code counts declares a class; a class by itself may be made of data."""
        module = _MODULE(cls)
        held = sys.modules.get(module) if type(module) is str else None
        space = object.__getattribute__(held, "__dict__") if type(held) is type(sys) else {}
        file = space.get("__file__")
        return type(file) is str and space.get(_TYPE_NAME(cls)) is cls and self._is_known(file, space)

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
        fixed = [text]
        if "$" in text or "%" in text or "{" in text:
            from crashguard.scrub.formats import pieces, placeholders

            self.names.update(placeholders(text))
            fixed = pieces(text)
        for piece in fixed:
            bare = piece.strip()
            if " " in bare:
                self.phrases.add(bare)
            elif piece[-1:] == " " and len(piece) > 3 and bare.isalpha():
                self.openings.add(piece)
            self.names.add(bare)

    def _calls_of(self, tb: "TracebackType | None") -> None:
        """Keep the functions that may have made a message: the one that raised, and its callers."""
        calls: list[TracebackType] = []
        while tb is not None:
            calls.append(tb)
            tb = tb.tb_next
        for number, call in enumerate(reversed(calls[-_MOST_CALLS:])):
            code = call.tb_frame.f_code
            if call.tb_lasti >= 0:
                self._call(code, has_raised=number == 0 and code.co_code[call.tb_lasti] == _RAISE)

    def _call(self, code: "CodeType", *, has_raised: bool) -> None:
        if id(code) in self._functions:
            self._calls.append((code, has_raised))
            self.has_raised |= has_raised


def hidden(exceptions: "Exceptions") -> "Exceptions":
    """What some exceptions were raised `from None` in place of: their message may quote it.

    Args:
        exceptions: Exceptions with their tracebacks.
    """
    known = {id(exc) for exc, _ in exceptions}
    found: Exceptions = []
    for exc, _ in exceptions:
        inner = _CONTEXT(exc) if _IS_HIDDEN(exc) else None
        while inner is not None and id(inner) not in known and len(found) < _MOST_HIDDEN:
            known.add(id(inner))
            found.append((inner, _TRACEBACK(inner)))
            inner = _CONTEXT(inner)
    return found


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
