"""What a later run computes the fingerprint of a crash from, where only its minimal record is left.

The fingerprint of a full report is made of classes, of the code objects of frames and the offsets in them,
and of whose code that is. A dying process that may not live to compute it takes these down, in plain values
and code objects, and `recovery.recorded` reads them. They stay on the machine: the run that reads them writes
the fingerprint into the report, and removes them before anything is sent.

They are code and names, no values: no message, no local variable.
"""

import _imp
import marshal
import sys

from crashguard.frames import bounded
from crashguard.program import MAIN, module_of_namespace, search_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, TracebackType
    from typing import Any

    from crashguard.program import Program

    # The name of the module, the code (see `_Facts._code`), the offset in it.
    Frame = tuple[str | None, tuple[Any, ...], int]

_FORMAT = "1"
_MOST_TEXT = 256 * 1024  # characters; of more nothing is kept
_MOST_EXCEPTIONS = 60
_MOST_FRAMES = 2_000  # innermost ones of each traceback
_MOST_CALLERS = 50  # frames outside of a traceback
_MOST_CODE, _MOST_STANDARD = 16, 4  # code objects of each traceback; of which the standard library's
_MOST_POSITIONS = 40_000  # bytes of the positions of all code objects, which tell how large they are
_COROUTINE = 0x0280  # in co_flags: a coroutine or asynchronous generator
_BEGIN = "Traceback (most recent call last):"
_MOST_PRINTED = 20_000  # characters of the frames of a printed traceback
# The descriptors of the built-in classes, not the attributes, which subclasses may have replaced.
_NAME, _MODULE = vars(type)["__qualname__"].__get__, vars(type)["__module__"].__get__
_TRACEBACK, _CAUSE = vars(BaseException)["__traceback__"].__get__, vars(BaseException)["__cause__"].__get__
_CONTEXT = vars(BaseException)["__context__"].__get__
_MEMBERS = vars(BaseExceptionGroup)["exceptions"].__get__
_VARIADIC = 0x0C  # in co_flags: *args, **kwargs


def text(facts: "tuple[Any, ...]") -> str:
    """Plain values and code objects as a text on one line.

    Raises:
        ValueError: They are too many, or something else is among them.
    """
    data = marshal.dumps(facts)
    if 2 * len(data) > _MOST_TEXT:
        raise ValueError(f"{len(data)} bytes are too many")
    return f"{_FORMAT}.{_magic()}.{_imp.source_hash(0, data).hex()}.{data.hex()}"


def read(said: str) -> "Any":
    """What `text` has written.

    Raises:
        ValueError: It was written by another Python or another crashguard, or is damaged. Damaged code is not
            read, because that can end the process.
    """
    written, _, rest = said.partition(".")
    magic, _, rest = rest.partition(".")
    checksum, _, rest = rest.partition(".")
    data = bytes.fromhex(rest)
    if (written, magic, checksum) != (_FORMAT, _magic(), _imp.source_hash(0, data).hex()):
        raise ValueError("written by another version, or damaged")
    return marshal.loads(data)  # noqa: S302 (only this user can write into the folder that it lies in)


def _magic() -> str:
    """The format of code objects of this interpreter, as in the files of compiled modules."""
    number: bytes = vars(sys.modules["_frozen_importlib_external"])["MAGIC_NUMBER"]
    return number.hex()


def of(
    exc: BaseException, tb: "TracebackType | None", program: "Program", *, is_stopped: bool
) -> "tuple[Any, ...]":
    """The facts about an exception.

    Args:
        exc: The exception.
        tb: Its traceback.
        program: Whose code a frame is.
        is_stopped: Whether something stopped it on its way, so that callers are not in its traceback.
    """
    facts = _Facts(program)
    exceptions = facts.exceptions(exc, tb, is_stopped=is_stopped)
    return program.facts(), search_path(), facts.modules, exceptions


def cause_of(exc: BaseException) -> BaseException | None:
    """What an exception was made of: its cause, or what a decorator has translated into it.

    `try: return f(*args) except KeyError as e: raise ToolError(e)` is the same with and without `from e`.
    """
    cause: BaseException | None = _CAUSE(exc)
    context: BaseException | None = _CONTEXT(exc)
    if cause is not None or context is None:
        return cause
    raised, caught = _TRACEBACK(exc), _TRACEBACK(context)
    while raised is not None and raised.tb_next is not None:
        raised = raised.tb_next
    if raised is None or caught is None or caught.tb_next is None or caught.tb_frame is not raised.tb_frame:
        return None
    code = raised.tb_frame.f_code
    is_decorators = code.co_flags & _VARIADIC and code.co_freevars and ".<locals>." in code.co_qualname
    return context if is_decorators else None


class _Facts:
    """Takes down exceptions, and the modules that they name.

    Attributes:
        modules: The file of each module, and which names of classes it defines.
    """

    __slots__ = ("_codes", "_left", "_program", "modules")

    def __init__(self, program: "Program") -> None:
        self.modules: dict[str, tuple[str | None, list[str]]] = {}
        self._program = program
        self._codes: dict[int, tuple[Any, ...]] = {}
        self._left = _MOST_POSITIONS

    def exceptions(
        self, exc: BaseException, tb: "TracebackType | None", *, is_stopped: bool
    ) -> "list[tuple[Any, ...]]":
        """An exception and its causes and members; each has the numbers of its own ones."""
        self._module("__main__")
        todo: list[tuple[BaseException, TracebackType | None]] = [(exc, tb or _TRACEBACK(exc))]
        numbers = {id(exc): 0}
        found = []
        for current, entry in todo:  # which grows meanwhile
            is_group = issubclass(type(current), BaseExceptionGroup)
            members = _MEMBERS(current)[:_MOST_EXCEPTIONS] if is_group else ()
            cause = cause_of(current)
            for child in (cause, *members):
                if child is not None and id(child) not in numbers and len(todo) < _MOST_EXCEPTIONS:
                    numbers[id(child)] = len(todo)
                    todo.append((child, _TRACEBACK(child)))
            below = [numbers[id(member)] for member in members if id(member) in numbers]
            frames = self._frames(bounded(entry)[0])
            callers = self._callers(entry) if is_stopped or current is not exc else []
            printed = self._printed(current)
            classes = self._classes(current)
            found.append((classes, frames, callers, numbers.get(id(cause), -1), below, printed))
        return found

    def _classes(self, exc: BaseException) -> "list[tuple[str, str]]":
        """Module and name of the class and its base classes."""
        found = []
        for cls in type.__getattribute__(type(exc), "__mro__"):
            module, name = _MODULE(cls), _NAME(cls)
            if type(module) is str:
                self._module(module, name.partition(".")[0])
                found.append((module, name))
        return found

    def _frames(self, tb: "TracebackType | None") -> "list[Frame]":
        """The frames of a traceback, innermost first."""
        entries = []
        while tb is not None:
            entries.append(tb)
            if len(entries) > 2 * _MOST_FRAMES:
                del entries[:_MOST_FRAMES]
            tb = tb.tb_next
        left = [_MOST_CODE, _MOST_STANDARD]
        return [
            self._frame(each.tb_frame.f_globals, each.tb_frame.f_code, each.tb_lasti, left)
            for each in entries[: -_MOST_FRAMES - 1 : -1]
        ]

    def _callers(self, tb: "TracebackType | None") -> "list[Frame]":
        """The frames outside of a traceback, innermost first. A coroutine has nobody who called it."""
        found: list[Frame] = []
        if tb is None or tb.tb_frame.f_code.co_flags & _COROUTINE:
            return found
        frame = tb.tb_frame.f_back
        left = [_MOST_CODE, _MOST_STANDARD]
        while frame is not None and len(found) < _MOST_CALLERS:
            found.append(self._frame(frame.f_globals, frame.f_code, frame.f_lasti, left))
            frame = frame.f_back
        return found

    def _frame(self, names: "dict[str, Any]", code: "CodeType", lasti: int, left: list[int]) -> "Frame":
        name = module_of_namespace(names, code.co_filename)
        known = self._codes.get(id(code))
        if known is None:
            if name is not None:
                self._module(name)
            known = self._codes[id(code)] = self._code(name, code, left)
        return name, known, lasti

    def _code(self, name: str | None, code: "CodeType", left: list[int]) -> "tuple[Any, ...]":
        """File, name, qualified name and, as far as there is room, the code object itself."""
        size = len(code.co_linetable)
        kind = int(self._program.standard(name, code.co_filename) is not None)
        is_kept = size <= self._left and left[kind] > 0
        if is_kept:
            self._left -= size
            left[kind] -= 1
        kept = _without_functions(code) if is_kept else None
        return code.co_filename, code.co_name, code.co_qualname, kept

    def _printed(self, exc: BaseException) -> "tuple[str, str | None, str, str] | None":
        """What it tells of a failure in another process or interpreter: see `report.exceptions.Elsewhere`.

        Of the message there is only kept whether there is one.
        """
        name = _NAME(type(exc))
        if name in ("_RemoteTraceback", "RemoteTraceback"):
            printed = _texts(exc).get("tb")
            return None if printed is None else (_lines(printed), None, "", "")
        if name == "ExecutionFailed" and _MODULE(type(exc)) == "concurrent.interpreters":
            told = _attributes(exc).get("excinfo")
            kind = _texts(_attributes(told).get("type"))
            module, of_kind = kind.get("__module__", ""), kind.get("__qualname__", "")
            self._module(MAIN[0] if module in MAIN else module, of_kind.partition(".")[0])
            return _lines(_texts(told).get("errdisplay", "")), "", of_kind, module
        return None

    def _module(self, name: str, defined: str = "") -> None:
        """Take down a module's file, and a name if it defines that."""
        module = self._program.module(name)
        names = getattr(module, "__dict__", None)
        if type(names) is dict:
            file = names.get("__file__")
            known = self.modules.setdefault(name, (file if type(file) is str else None, []))
            if defined in names:
                known[1].append(defined)


def _without_functions(code: "CodeType") -> "CodeType":
    """A code object without those of the functions and classes in it, which have no part in its words."""
    constants = [None if type(c) is type(code) and c.co_name[:1] != "<" else c for c in code.co_consts]
    return code.replace(co_consts=tuple(constants))


def _lines(printed: str) -> str:
    """Of a printed traceback the lines with frames, which hold no value."""
    lines = printed.rpartition(_BEGIN)[2][-_MOST_PRINTED:].split("\n")
    return "\n".join([line for line in lines if line.lstrip(" |").startswith('File "')])


def _attributes(thing: object) -> "dict[str, Any]":
    """The namespace of an instance, read without its code."""
    found = object.__getattribute__(thing, "__dict__")
    return found if type(found) is dict else {}


def _texts(thing: object) -> "dict[str, str]":
    return {name: value for name, value in _attributes(thing).items() if type(value) is str}
