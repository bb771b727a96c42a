"""Which exception objects this process has recorded, without a mark on them and without keeping them alive.

A mark in the exception's `__dict__` would show in `vars()`, in copies and in pickles. So the exceptions are
remembered here by their `id()`. An id is given anew after the object's end, so each entry has a token, which
tells whether the object at this id is still the same one:

    a weak reference         classes written in Python
    its `args`               other exceptions with plain arguments; an equal tuple of ours takes their place
    its `__dict__`           other exceptions, as long as nothing but plain values is in it

The last two are held, and given up once nobody else holds them. No local, frame or other object of the host
is held. What has none of the three is not remembered: it is another occurrence when it is seen again.

One object may be raised for more than one reason, so an entry says how it was raised when it was recorded:
`reraised.py` compares that with how it is raised now. The numbers of instructions are read from code of this
file, because they differ between versions. Where a compiler makes other code (Nuitka, PyPy), nothing is known
of a statement.
"""

import _weakref
import sys

from crashguard.files import keep_builtins
from crashguard.report.exceptions import attributes_of, context_of, traceback_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, TracebackType
    from typing import Any

    from crashguard.registry.records import Record

keep_builtins(__name__)

_ARGS = vars(BaseException)["args"]
_PLAIN = (str, int, float, bool, bytes, type(None))
_MOST_ITEMS = 100  # of the arguments, and in one of them
_LONGEST = 10_000  # characters or bytes of a text that a token may hold
_FEWEST, _MOST = 32, 10_000  # entries before a sweep, and at all
_NAME = vars(type)["__name__"].__get__  # not the attribute, which a metaclass may have replaced
_TAKES_OFF = ("with_traceback", "__traceback__")  # who names them raises what is there already
_LONGEST_NAME = 8  # the parts of `raise package.module.ERROR`
_MOST_ENTRIES = 20
_MOST_CALLERS = 40  # two numbers for each
_STATEMENT = 200  # bytes of the instructions of such a statement
_HAS_AN_UNSEEN_DICT = sys.implementation.name == "pypy"


class Entry:
    """What is known of a recorded exception.

    Attributes:
        token: See the head of this file.
        record: Its record.
        handled: Whether the program had handled it by then.
        entries: The `id()` of each entry of its traceback, outermost first; of a long one those of the first.
        innermost: That of the frame of the last one.
        mechanism: What saw it; empty for a cause or a member of that.
        stand: Where it was seen: see `stand_of`. None where it was not seen by itself.
        context: That of its `__context__`.
        place: The statement that raised it first.
        is_made: Whether it was made for that.
        is_kept: Whether the program keeps the object, and may raise it for one reason and another.
    """

    __slots__ = (
        "context",
        "entries",
        "handled",
        "innermost",
        "is_kept",
        "is_made",
        "mechanism",
        "place",
        "record",
        "stand",
        "token",
    )

    def __init__(
        self, token: "Any", record: "Record | None", exc: BaseException, *, handled: bool, is_kept: bool
    ) -> None:
        whole = traceback_of(exc)
        innermost = innermost_of(whole)
        self.token = token
        self.record = record
        self.handled = handled
        self.entries = ids_of(whole)
        self.innermost = 0 if innermost is None else id(innermost.tb_frame)
        self.mechanism = ""
        self.stand: tuple[int, int] | None = None
        self.context = id(context_of(exc))
        self.place = None if innermost is None else place_of(innermost)
        self.is_kept = is_kept
        self.is_made = innermost is None or is_made_by(innermost, exc)

    def is_of(self, exc: BaseException) -> bool:
        """Whether it is the exception's, and not that of an earlier one with this id."""
        token = self.token
        if type(token) is _weakref.ref:
            return token() is exc
        if type(token) is tuple:
            return token is _ARGS.__get__(exc)
        # To read `__dict__` makes one, which a pickle shows as a third part; not in PyPy.
        is_made = _HAS_AN_UNSEEN_DICT or len(BaseException.__reduce__(exc)) == 3
        return is_made and token is attributes_of(exc)

    def is_raised_at(self, innermost: "TracebackType | None") -> bool:
        """Whether the last entry of a traceback is that of its first raise."""
        if innermost is None or self.place is None:
            return True
        # A new frame may lie where the old one lay in memory. Libraries make new entries for the same frames.
        return id(innermost.tb_frame) == self.innermost and place_of(innermost) == self.place

    def is_as_recorded(self, exc: BaseException) -> bool:
        """Whether an exception has the traceback that it had, as far as addresses tell."""
        whole = traceback_of(exc)
        return ids_of(whole) == self.entries and self.is_raised_at(innermost_of(whole))

    def is_shorter(self, whole: "TracebackType | None") -> bool:
        """Whether a traceback is the inner part of the one that was recorded."""
        left = ids_of(whole)
        at = self.entries.index(left[0]) if left and left[0] in self.entries else len(self.entries)
        kept = self.entries[at:]
        is_all = len(left) == len(kept) or len(self.entries) == _MOST_ENTRIES
        return bool(kept) and is_all and left[: len(kept)] == kept and self.is_raised_at(innermost_of(whole))

    def is_seen_from_elsewhere(self, exc: BaseException) -> bool:
        """Whether an exception with that traceback is seen from another place in the same call.

        A traceback that was taken off may be followed by another one at the same addresses. An exception on
        its way up comes by no place twice, and one call of a function has the callers that it had.
        """
        whole = traceback_of(exc)
        if self.stand is None or whole is None:
            return True
        offset, callers = stand_of(whole)
        return callers == self.stand[1] and offset != self.stand[0]

    def is_gone(self) -> bool:
        """Whether the exception is gone: nobody else holds the token."""
        if type(self.token) is _weakref.ref:
            return self.token() is None
        return _holders(self) <= _ALONE


class Seen:
    """The exceptions that were recorded, each with its record."""

    __slots__ = ("_by_id", "_keeps", "_sweep_at")

    def __init__(self) -> None:
        self._by_id: dict[int, Entry] = {}
        self._keeps: dict[int, bool] = {}  # by the statement: to look at a module takes its time
        self._sweep_at = _FEWEST

    def add(self, exc: BaseException, record: "Record", *, handled: bool, mechanism: str = "") -> None:
        """Remember the record of an exception. Of one that has a record, it is that of another raise.

        Args:
            exc: The exception.
            record: Its record.
            handled: Whether the program has handled it.
            mechanism: What saw it; empty for a cause or a member of that.
        """
        before = self._by_id.get(id(exc))
        is_kept = before is not None and before.is_of(exc)
        token = _token(exc)
        if token is None:
            return
        self._by_id[id(exc)] = entry = Entry(token, record, exc, handled=handled, is_kept=is_kept)
        if entry.place is not None and not is_kept:
            entry.is_kept = self._is_kept(exc, entry.place)
        whole = traceback_of(exc)
        if mechanism and whole is not None:
            entry.mechanism = mechanism
            entry.stand = stand_of(whole)
        if len(self._by_id) >= self._sweep_at:
            self._sweep()

    def get(self, exc: BaseException) -> "Record | None":
        """The record of this very exception; None where it was not recorded, or is not remembered."""
        entry = self._by_id.get(id(exc))  # asked for each member of a group
        return entry.record if entry is not None and entry.is_of(exc) else None

    def is_handled(self, exc: BaseException) -> bool:
        """Whether the program has handled a recorded exception."""
        entry = self.entry(exc)
        return entry is not None and entry.handled

    def handle(self, exc: BaseException) -> None:
        """Note that the program has handled a recorded exception."""
        entry = self.entry(exc)
        if entry is not None:
            entry.handled = True

    def entry(self, exc: BaseException) -> Entry | None:
        """What is known of this very exception."""
        entry = self._by_id.get(id(exc))
        return entry if entry is not None and entry.is_of(exc) else None

    def _is_kept(self, exc: BaseException, place: int) -> bool:
        is_kept = self._keeps.get(place)
        if is_kept is None:
            raised = innermost_of(traceback_of(exc))
            is_kept = raised is not None and _raises_what_is_kept(raised, exc)
            if len(self._keeps) < _MOST:
                self._keeps[place] = is_kept
        return is_kept

    def _sweep(self) -> None:
        """Forget the exceptions that are gone, and the oldest of too many."""
        for key, entry in list(self._by_id.items()):
            if entry.is_gone():
                self._by_id.pop(key, None)
        for key in list(self._by_id)[: max(0, len(self._by_id) - _MOST // 2)]:
            self._by_id.pop(key, None)
        self._sweep_at = max(_FEWEST, 2 * len(self._by_id))


def _token(exc: BaseException) -> "Any":
    try:
        return _weakref.ref(exc)
    except TypeError:
        pass
    args: tuple[Any, ...] = _ARGS.__get__(exc)
    if 0 < len(args) < _MOST_ITEMS and all(map(_is_plain, args)):
        own = (*args,)  # a new tuple: the arguments may be a constant that many exceptions share
        _ARGS.__set__(exc, own)
        if _ARGS.__get__(exc) is _ARGS.__get__(exc):  # PyPy makes a new tuple each time
            return _ARGS.__get__(exc)
    attributes = attributes_of(exc)
    if attributes is not None and all(map(_is_plain, attributes.values())):
        return attributes
    return None


def _is_plain(value: object, depth: int = 2) -> bool:
    if type(value) in (tuple, list):
        return depth > 0 and len(value) < _MOST_ITEMS and all(_is_plain(each, depth - 1) for each in value)  # type: ignore[arg-type,attr-defined]
    return type(value) in _PLAIN and (not isinstance(value, (str, bytes)) or len(value) <= _LONGEST)


def name_of(exc: BaseException) -> str:
    """The name of its class."""
    return _NAME(type(exc))  # type: ignore[no-any-return]


def innermost_of(tb: "TracebackType | None") -> "TracebackType | None":
    """The last entry of a traceback."""
    last = None
    while tb is not None:
        last = tb
        tb = tb.tb_next
    return last


def ids_of(tb: "TracebackType | None") -> "tuple[int, ...]":
    """The addresses of the outermost entries of a traceback."""
    found: list[int] = []
    while tb is not None and len(found) < _MOST_ENTRIES:
        found.append(id(tb))
        tb = tb.tb_next
    return (*found,)


def place_of(entry: "TracebackType") -> int:
    """A statement, as a number: a reference to the code would keep it alive."""
    code = entry.tb_frame.f_code
    return hash((code.co_filename, code.co_qualname, code.co_firstlineno, entry.tb_lasti))


def stand_of(outermost: "TracebackType") -> "tuple[int, int]":
    """Where the outermost function of a traceback is by now, and where its callers are, as two numbers."""
    frame = outermost.tb_frame
    offset, caller = frame.f_lasti, frame.f_back
    callers: list[int] = []
    while caller is not None and len(callers) < _MOST_CALLERS:
        callers += (id(caller.f_code), caller.f_lasti)
        caller = caller.f_back
    return offset, hash((*callers,))


def is_raise(entry: "TracebackType") -> bool:
    """Whether it is a `raise` of an exception; one without makes no entry, and an `await` another."""
    return _operations(entry.tb_frame.f_code, entry.tb_lasti)[-1:] == [_RAISE]


def raises_a_global(entry: "TracebackType") -> bool:
    """Whether it is `raise NAME` or `raise NAME.attribute` with a global name, whatever is behind `from`."""
    raised = _raised(entry)
    while raised[-1:] == [_LOAD_ATTR]:
        raised.pop()
    return bool(raised) and raised[-1] in (_LOAD_GLOBAL, _LOAD_NAME)


def is_made_by(entry: "TracebackType", exc: BaseException) -> bool:
    """Whether an exception was made where it was raised: by C code, or by a function that names its class."""
    names = entry.tb_frame.f_code.co_names
    return not is_raise(entry) or (name_of(exc) in names and not {*_TAKES_OFF}.intersection(names))


def raises_what_is_stored(entry: "TracebackType") -> bool:
    """Whether it is `raise THING.attribute` or `raise THING[item]`, and no global name."""
    return _raised(entry)[-1:] in ([_LOAD_ATTR], [_LOAD_ITEM]) and not raises_a_global(entry)


def _raises_what_is_kept(entry: "TracebackType", exc: BaseException) -> bool:
    """Whether an exception was not made for the `raise` that it came from: the program keeps it.

    That is so where the statement names a global, an attribute or an item. Of anything else, it is so where
    the module of the function or a class in it holds the exception, unless the function names its class.
    """
    raised = _raised(entry)
    if raises_what_is_stored(entry) or raises_a_global(entry):
        return True
    frame = entry.tb_frame
    if not raised or name_of(exc) in frame.f_code.co_names or type(frame.f_globals) is not dict:
        return False
    held = list(frame.f_globals.values())
    return any(id(exc) in map(id, each) for each in (held, *_held_by_classes(held)))


def _held_by_classes(values: "list[object]") -> "list[list[object]]":
    namespaces = [type.__getattribute__(each, "__dict__") for each in values if type(each) is type]
    return [list(names.values()) for names in namespaces]


def _raised(entry: "TracebackType") -> list[int]:
    """The last instructions of the expression that a `raise` raises; none of anything else."""
    code = entry.tb_frame.f_code
    found = _operations(code, entry.tb_lasti)
    if found[-1:] != [_RAISE]:
        return []
    has_cause = code.co_code[entry.tb_lasti + 1] == 2
    return found[: -2 if has_cause else -1][-_LONGEST_NAME:]


def _operations(code: "CodeType", end: int) -> list[int]:
    """The last instructions of a function up to an offset, without the inline caches (number 0)."""
    return [operation for operation in code.co_code[max(0, end - _STATEMENT) : end + 2 : 2] if operation]


def _sample() -> None:
    """It is never called: the numbers of instructions are read from its code, and differ between versions."""

    class _Body:
        raise _LONGEST  # type: ignore[misc]

    if _LONGEST:
        raise _LONGEST[0]  # type: ignore[index]
    raise _LONGEST.name  # type: ignore[attr-defined]


def _numbers() -> "tuple[int, ...]":
    """The numbers of five instructions; none of them where another compiler made no byte code."""
    code = _sample.__code__
    # Not by compile(): its first call in a process makes a class for every kind of syntax, 10 M instructions.
    bodies = [each for each in code.co_consts if type(each) is type(code)]
    found = _operations(code, len(code.co_code))
    if len(found) < 3 or not bodies:
        return (-1, -1, -1, -1, -1)
    last = found[-1]
    return (*found[-3:], _operations(bodies[0], len(bodies[0].co_code))[-2], found[found.index(last) - 1])


_LOAD_GLOBAL, _LOAD_ATTR, _RAISE, _LOAD_NAME, _LOAD_ITEM = _numbers()


def _holders(entry: Entry) -> int:
    """The number of references to a token; only its entry has one when the exception is gone."""
    return _getrefcount(entry.token)


# PyPy has no reference counts: there the oldest entries go.
_getrefcount = getattr(sys, "getrefcount", lambda _: 1 << 30)
_ALONE = 0
if hasattr(sys, "getrefcount"):
    _ALONE = _holders(Entry({}, None, KeyError(), handled=False, is_kept=False))
