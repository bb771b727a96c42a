"""Which exception objects this process has recorded, without a mark on them and without keeping them alive.

A mark in the exception's `__dict__` would show in `vars()`, in copies and in pickles. So the exceptions are
remembered here by their `id()`. An id is given anew after the object's end, so each entry has a token, which
tells whether the object at this id is still the same one:

    a weak reference         classes written in Python
    its `args`               other exceptions with plain arguments; an equal tuple of ours takes their place
    its `__dict__`           other exceptions, as long as nothing but plain values is in it

The last two are held, and given up once nobody else holds them. No local, frame or other object of the host
is held. What has none of the three is not remembered: it is another occurrence when it is seen again.

One object may be raised for more than one reason: `raise ERROR`, where ERROR is made once. Its traceback then
holds the frames of all raises, the latest first. `raised_anew` tells such a raise from an exception that goes
on its way, or that a future or a queue hands on: it is

    the same statement again    as the one that raised it first: what is handed on is raised by another
    `raise NAME`                with a global name
    any later statement         of an object for which one of the two was seen before
    a new traceback             `raise error.with_traceback(None)` has taken the old one off
"""

import _thread
import _weakref
import sys

from crashguard.report.exceptions import attributes_of, traceback_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, FrameType, TracebackType
    from typing import Any

    from crashguard.records import Record

_ARGS = vars(BaseException)["args"]
_PLAIN = (str, int, float, bool, bytes, type(None))
_MOST_ITEMS = 100  # of the arguments, and in one of them
_LONGEST = 10_000  # characters or bytes of a text that a token may hold
_FEWEST, _MOST = 32, 10_000  # entries before a sweep, and at all
_HAS_AN_UNSEEN_DICT = sys.implementation.name == "pypy"
_HAND_ON = ("asyncio", "concurrent", "multiprocessing")  # packages that raise what they were given


class _Entry:
    """What is known of a recorded exception.

    Attributes:
        token: See the head of this file.
        record: Its record.
        handled: Whether the program had handled it by then.
        thread: Where it was recorded.
        outermost: The `id()` of the first entry of its traceback.
        innermost: That of the frame of the last one.
        place: The statement that raised it first.
        is_kept: Whether the program keeps the object and raises it again and again.
    """

    __slots__ = ("handled", "innermost", "is_kept", "outermost", "place", "record", "thread", "token")

    def __init__(
        self, token: "Any", record: "Record | None", exc: BaseException, *, handled: bool, is_kept: bool
    ) -> None:
        outermost = traceback_of(exc)
        innermost = _innermost(outermost)
        self.token = token
        self.record = record
        self.handled = handled
        self.thread = _thread.get_ident()
        self.outermost = id(outermost)
        self.innermost = 0 if innermost is None else id(innermost.tb_frame)
        self.place = None if innermost is None else _place(innermost)
        self.is_kept = is_kept

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

    def is_replaced(self, latest: "TracebackType | None") -> bool:
        """Whether an exception has had its traceback taken off since, and was raised again."""
        innermost = _innermost(latest)
        if innermost is None or self.place is None or not _raises(innermost):
            return False
        # A new frame may lie where the old one lay in memory. Libraries make new entries for the same frames.
        return id(innermost.tb_frame) != self.innermost or _place(innermost) != self.place

    def is_gone(self) -> bool:
        """Whether the exception is gone: nobody else holds the token."""
        if type(self.token) is _weakref.ref:
            return self.token() is None
        return _holders(self) <= _ALONE


class Seen:
    """The exceptions that were recorded, each with its record."""

    __slots__ = ("_by_id", "_sweep_at")

    def __init__(self) -> None:
        self._by_id: dict[int, _Entry] = {}
        self._sweep_at = _FEWEST

    def add(self, exc: BaseException, record: "Record", *, handled: bool) -> None:
        """Remember the record of an exception. Of one that has a record, it is that of another raise.

        Args:
            exc: The exception.
            record: Its record.
            handled: Whether the program has handled it.
        """
        before = self._by_id.get(id(exc))
        is_kept = before is not None and before.is_of(exc)
        token = _token(exc)
        if token is None:
            return
        self._by_id[id(exc)] = _Entry(token, record, exc, handled=handled, is_kept=is_kept)
        if len(self._by_id) >= self._sweep_at:
            self._sweep()

    def get(self, exc: BaseException) -> "Record | None":
        """The record of this very exception; None where it was not recorded, or is not remembered."""
        entry = self._by_id.get(id(exc))  # asked for each member of a group
        return entry.record if entry is not None and entry.is_of(exc) else None

    def is_handled(self, exc: BaseException) -> bool:
        """Whether the program has handled a recorded exception."""
        entry = self._entry(exc)
        return entry is not None and entry.handled

    def handle(self, exc: BaseException) -> None:
        """Note that the program has handled a recorded exception."""
        entry = self._entry(exc)
        if entry is not None:
            entry.handled = True

    def _entry(self, exc: BaseException) -> _Entry | None:
        entry = self._by_id.get(id(exc))
        return entry if entry is not None and entry.is_of(exc) else None

    def raised_anew(self, exc: BaseException) -> "TracebackType | None":
        """The traceback of another raise of a recorded exception, without the frames of the earlier ones."""
        entry = self._entry(exc)
        if entry is None:
            return None
        latest: TracebackType | None = traceback_of(exc)
        if entry.is_replaced(latest):
            return latest
        entries: list[TracebackType] = []
        tb = latest
        while tb is not None and id(tb) != entry.outermost:
            entries.append(tb)
            tb = tb.tb_next
        if tb is None or not entries or not _is_anew(entry, entries[-1], tb):
            return None
        cut = None
        for each in reversed(entries):
            cut = type(each)(cut, each.tb_frame, each.tb_lasti, each.tb_lineno)
        return cut

    def _sweep(self) -> None:
        """Forget the exceptions that are gone, and the oldest of too many."""
        for key, entry in list(self._by_id.items()):
            if entry.is_gone():
                self._by_id.pop(key, None)
        for key in list(self._by_id)[: max(0, len(self._by_id) - _MOST // 2)]:
            self._by_id.pop(key, None)
        self._sweep_at = max(_FEWEST, 2 * len(self._by_id))


def _is_anew(entry: _Entry, raised: "TracebackType", recorded: "TracebackType") -> bool:
    """Whether a recorded exception was raised for another reason.

    Args:
        entry: What is known of it.
        raised: Where it was raised since: the innermost new entry of its traceback.
        recorded: The entry that was the outermost when it was recorded.
    """
    if not _raises(raised):
        return False
    place = _place(raised)
    if raised.tb_frame is recorded.tb_frame:  # of a loop, or in an `except` below the `try`
        return place == entry.place
    if _is_on_the_way(recorded.tb_frame, raised.tb_frame):
        return False
    if place == entry.place:
        return True
    if entry.thread != _thread.get_ident():
        return False  # a future or a queue hands an exception on to another thread
    return entry.is_kept or _raises_a_global(raised.tb_frame.f_code, raised.tb_lasti)


def _innermost(tb: "TracebackType | None") -> "TracebackType | None":
    while tb is not None and tb.tb_next is not None:
        tb = tb.tb_next
    return tb


def _raises(entry: "TracebackType") -> bool:
    """Whether it is at a `raise`, of code that does not hand on what others raised; an `await` does."""
    code = entry.tb_frame.f_code
    name = entry.tb_frame.f_globals.get("__name__")
    hands_on = type(name) is str and name.partition(".")[0] in _HAND_ON
    return not hands_on and _operations(code, entry.tb_lasti)[-1:] == [_RAISE]


def _place(entry: "TracebackType") -> int:
    """A statement, as a number: a reference to the code would keep it alive."""
    code = entry.tb_frame.f_code
    return hash((code.co_filename, code.co_qualname, code.co_firstlineno, entry.tb_lasti))


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


def _holders(entry: _Entry) -> int:
    """The number of references to a token; only its entry has one when the exception is gone."""
    return _getrefcount(entry.token)


# PyPy has no reference counts: there the oldest entries go.
_getrefcount = getattr(sys, "getrefcount", lambda _: 1 << 30)
_ALONE = 0
if hasattr(sys, "getrefcount"):
    _ALONE = _holders(_Entry({}, None, KeyError(), handled=False, is_kept=False))


def _is_on_the_way(inner: "FrameType", outer: "FrameType") -> bool:
    """Whether `outer` is the frame `inner` or one of its callers."""
    frame: FrameType | None = inner
    while frame is not None and frame is not outer:
        frame = frame.f_back
    return frame is outer


def _operations(code: "CodeType", end: int) -> list[int]:
    """The instructions of a function up to an offset, without the inline caches (number 0)."""
    return [operation for operation in code.co_code[: end + 2 : 2] if operation]


def _raises_a_global(code: "CodeType", offset: int) -> bool:
    """Whether an instruction is `raise NAME` or `raise NAME.attribute` with a global name."""
    *before, last = _operations(code, offset)[-_LONGEST_NAME:] or [0]
    while before and before[-1] == _LOAD_ATTR:
        before.pop()
    return last == _RAISE and bool(before) and before[-1] in (_LOAD_GLOBAL, _LOAD_NAME)


def _sample() -> None:
    """It is never called: the numbers of instructions are read from its code, and differ between versions."""

    class _Body:
        raise _ALONE  # type: ignore[misc]

    raise _ALONE.name  # type: ignore[attr-defined]


_LONGEST_NAME = 8


def _numbers() -> "tuple[int, ...]":
    """The numbers of four instructions; none of them where another compiler (Nuitka) made no byte code."""
    code = _sample.__code__
    # Not by compile(): its first call in a process makes a class for every kind of syntax, 10 M instructions.
    bodies = [each for each in code.co_consts if type(each) is type(code)]
    found = _operations(code, len(code.co_code))[-3:]
    if len(found) < 3 or not bodies:
        return (-1, -1, -1, -1)
    return (*found, _operations(bodies[0], len(bodies[0].co_code))[-2])


_LOAD_GLOBAL, _LOAD_ATTR, _RAISE, _LOAD_NAME = _numbers()
