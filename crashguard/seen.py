"""Which exception objects this process has recorded, without a mark on them and without keeping them alive.

A mark in the exception's `__dict__` would show in `vars()`, in copies and in pickles. So the exceptions are
remembered here by their `id()`. An id is given anew after the object's end, so each entry has a token, which
tells whether the object at this id is still the same one:

    a weak reference         classes written in Python
    its `args`               other exceptions with plain arguments; an equal tuple of ours takes their place
    its `__dict__`           other exceptions, as long as nothing but plain values is in it

The last two are held, and given up once nobody else holds them. No local, frame or other object of the host
is held. What has none of the three is not remembered: it is another occurrence when it is seen again.

One object may be raised for more than one reason: `raise ERROR`, where ERROR is a global that is made once.
Its traceback then holds the frames of all raises. `raised_anew` tells such a raise from an exception that
goes on its way.
"""

import _thread
import _weakref
import sys

from crashguard.report.exceptions import attributes_of, traceback_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, FrameType, TracebackType
    from typing import Any

    from crashguard.registry import Record

_ARGS = vars(BaseException)["args"]
_PLAIN = (str, int, float, bool, bytes, type(None))
_MOST_ITEMS = 100  # of the arguments, and in one of them
_LONGEST = 10_000  # characters or bytes of a text that a token may hold
_FEWEST, _MOST = 32, 10_000  # entries before a sweep, and at all


class Seen:
    """The exceptions that were recorded, each with its record."""

    __slots__ = ("_by_id", "_sweep_at")

    def __init__(self) -> None:
        self._by_id: dict[int, tuple[Any, Record, int, int]] = {}
        self._sweep_at = _FEWEST

    def add(self, exc: BaseException, record: "Record") -> None:
        """Remember the record of an exception."""
        token = _token(exc)
        if token is None:
            return
        self._by_id[id(exc)] = (token, record, _thread.get_ident(), id(traceback_of(exc)))
        if len(self._by_id) >= self._sweep_at:
            self._sweep()

    def get(self, exc: BaseException) -> "Record | None":
        """The record of this very exception; None where it was not recorded, or is not remembered."""
        entry = self._by_id.get(id(exc))
        return entry[1] if entry is not None and _is_of(entry[0], exc) else None

    def raised_anew(self, exc: BaseException) -> "TracebackType | None":
        """The traceback of another raise of a recorded exception, without the frames of the earlier ones."""
        entry = self._by_id.get(id(exc))
        if entry is None or entry[2] != _thread.get_ident():
            return None  # a future or a queue hands an exception on to another thread
        entries: list[TracebackType] = []
        tb = traceback_of(exc)
        while tb is not None and id(tb) != entry[3]:
            entries.append(tb)
            tb = tb.tb_next
        if tb is None or not entries or _is_on_the_way(tb.tb_frame, entries[-1].tb_frame):
            return None
        if not _raises_a_global(entries[-1].tb_frame.f_code, entries[-1].tb_lasti):
            return None
        cut = None
        for each in reversed(entries):
            cut = type(each)(cut, each.tb_frame, each.tb_lasti, each.tb_lineno)
        return cut

    def _sweep(self) -> None:
        """Forget the exceptions that are gone, and the oldest of too many."""
        for key, entry in list(self._by_id.items()):
            if entry[0]() is None if type(entry[0]) is _weakref.ref else _holders(entry) <= _ALONE:
                self._by_id.pop(key, None)
        del entry
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
        return _ARGS.__get__(exc)
    attributes = attributes_of(exc)
    if attributes is not None and all(map(_is_plain, attributes.values())):
        return attributes
    return None


def _is_of(token: "Any", exc: BaseException) -> bool:
    if type(token) is _weakref.ref:
        return token() is exc
    if type(token) is tuple:
        return token is _ARGS.__get__(exc)
    # To read `__dict__` makes one, which shows when the exception is pickled, as a third part.
    return len(BaseException.__reduce__(exc)) == 3 and token is attributes_of(exc)


def _is_plain(value: object, depth: int = 2) -> bool:
    if type(value) in (tuple, list):
        return depth > 0 and len(value) < _MOST_ITEMS and all(_is_plain(each, depth - 1) for each in value)  # type: ignore[arg-type,attr-defined]
    return type(value) in _PLAIN and (not isinstance(value, (str, bytes)) or len(value) <= _LONGEST)


def _holders(entry: "tuple[Any, ...]") -> int:
    """The number of references to a token; only its entry has one when the exception is gone."""
    return _getrefcount(entry[0])


# PyPy has no reference counts: there the oldest entries go.
_getrefcount = getattr(sys, "getrefcount", lambda _: 1 << 30)
_ALONE = _holders((dict(),)) if hasattr(sys, "getrefcount") else 0  # noqa: C408 (a new object)


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
