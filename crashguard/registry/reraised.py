"""Whether a recorded exception was raised for another reason since, or is still on its way.

The traceback of an exception that was raised more than once holds the entries of all raises, the latest
first. Each `raise` among those that came since is looked at, with the function that called both it and what
was raised before:

    it calls from an `except`, a `finally` or an `__exit__`    the exception is on its way
    it calls from elsewhere                                    it had caught it: this is another failure
    the same, and it is an attribute or item that is raised    another failure, if the function has let it
                                                               out before; else on its way, unless the program
                                                               keeps the object
    it raises it itself, from elsewhere                        on its way, unless the program keeps the object
    a library's function calls it, or none does                the same: an event loop or a pool handed it on

What a library raises is what it was given. The same statement again is another failure. So is one after
which the entries of the earlier raise are gone, unless it raises what it handles, or what was made for that
raise. New entries may lie where those lay in memory: `_Again.is_at_same_addresses`.
"""

import sys

from crashguard import program as programs
from crashguard.registry import seen
from crashguard.report.exceptions import cause_of, context_of, traceback_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, FrameType, TracebackType

    from crashguard.program import Program
    from crashguard.registry.seen import Entry

_HAND_ON = ("asyncio", "concurrent", "multiprocessing")  # packages that raise what they were given
_ENDS = ("asyncio", "guard", "threading", "unraisable")  # by these mechanisms a raise comes once
_MOST_CAUSES = 20
_MOST_ENTRIES = 500  # of the raises that came since, outermost first


def latest(
    exc: BaseException, entry: "Entry", program: "Program | None", mechanism: str = ""
) -> "TracebackType | None":
    """The traceback of another failure of a recorded exception, without the entries of the earlier ones.

    Args:
        exc: The exception.
        entry: What is known of it.
        program: Whose code a frame runs; None where every frame is the tool's own.
        mechanism: What sees it now.
    """
    again = _Again(exc, entry, program)
    whole: TracebackType | None = traceback_of(exc)
    if entry.is_as_recorded(exc):
        return whole if again.is_at_same_addresses(whole, mechanism) else None
    since: list[TracebackType] = []
    tb = whole
    outermost = entry.entries[:1]
    while tb is not None and ((id(tb),) != outermost or seen.ids_of(tb) != entry.entries):
        if len(since) < _MOST_ENTRIES:
            since.append(tb)
        tb = tb.tb_next
    if tb is None or not entry.is_raised_at(seen.innermost_of(tb)):
        return whole if again.is_anew_by_itself(whole) else None
    for number, each in enumerate(since):
        if seen.is_raise(each) and again.is_anew(since[: number + 1], [*since[number + 1 :], tb]):
            return _cut(since[: number + 1])
    return None


def _is_running(frame: "FrameType") -> bool:
    """Whether a frame is on the stack of a thread."""
    for running in sys._current_frames().values():
        caller: FrameType | None = running
        while caller is not None and caller is not frame:
            caller = caller.f_back
        if caller is frame:
            return True
    return False


def _cut(entries: "list[TracebackType]") -> "TracebackType | None":
    cut = None
    for each in reversed(entries):
        cut = type(each)(cut, each.tb_frame, each.tb_lasti, each.tb_lineno)
    return cut


class _Again:
    """One exception that was raised again. See `latest`."""

    def __init__(self, exc: BaseException, entry: "Entry", program: "Program | None") -> None:
        self._exc = exc
        self._entry = entry
        self._program = program

    def is_anew_by_itself(self, whole: "TracebackType | None") -> bool:
        """Whether it was raised for another reason after the traceback that it had was taken off."""
        raised = seen.innermost_of(whole)
        if raised is None or not seen.is_raise(raised) or self._entry.is_shorter(whole):
            return False
        if self._entry.is_raised_at(raised) and seen.is_made_by(raised, self._exc):
            return False  # libraries make new entries for the same frames
        if self._entry.is_made and not self._entry.is_kept and seen.place_of(raised) != self._entry.place:
            return False  # it is handed on without its traceback
        return not self._hands_on(raised) and not self._is_handling(raised.tb_frame, raised.tb_lasti)

    def is_at_same_addresses(self, whole: "TracebackType | None", mechanism: str) -> bool:
        """Whether it was raised for another reason, although its traceback has the addresses that it had.

        It was if it comes a second time to where it leaves a thread, a destructor or a guard. Whoever handles
        it may see it more than once, when the function that it left has ended: by a future, say.
        """
        raised = seen.innermost_of(whole)
        if whole is None or raised is None or seen.is_made_by(raised, self._exc):
            return False
        if not _is_running(whole.tb_frame):
            is_there_again = mechanism == self._entry.mechanism and mechanism in _ENDS
            is_guard = is_there_again and mechanism == "guard"
            if not is_there_again or (is_guard and self._entry.stand != seen.stand_of(whole)):
                return False
        return not self._hands_on(raised) and not self._is_handling(raised.tb_frame, raised.tb_lasti)

    def is_anew(self, raised: "list[TracebackType]", inner: "list[TracebackType]") -> bool:
        """Whether it was raised for another reason.

        Args:
            raised: The entries up to the `raise`, which is the last one.
            inner: Those after it, which begin with the raise before that, up to the recorded ones.
        """
        last, before = raised[-1], inner[0]
        place = seen.place_of(last)
        is_again = place == self._entry.place
        if self._is_library(last.tb_frame) and (self._hands_on(last) or not is_again):
            return False
        caller = _common_caller(raised, before.tb_frame)
        is_itself = caller is not None and caller[0] is last.tb_frame
        if is_itself and is_again:
            return last.tb_frame is before.tb_frame  # in a loop; else in a recursion
        if caller is None or self._is_library(caller[0]):
            return is_again or self._entry.is_kept
        if is_again and self._is_library(last.tb_frame):
            return True
        if self._is_handling(*caller):
            return False
        if not self._entry.is_kept and seen.raises_what_is_stored(last):
            # Else it is the outcome of a job, which is asked for once.
            return place in map(seen.place_of, inner) or _has_let_out(last.tb_frame, inner)
        return self._entry.is_kept or not is_itself

    def _hands_on(self, raised: "TracebackType") -> bool:
        """Whether a `raise` is in code that raises what others raised."""
        name = raised.tb_frame.f_globals.get("__name__")
        return type(name) is str and name.partition(".")[0] in _HAND_ON

    def _is_library(self, frame: "FrameType") -> bool:
        if self._program is None:
            return False
        file = frame.f_code.co_filename
        return self._program.own(programs.module_of_namespace(frame.f_globals, file), file) is None

    def _is_handling(self, frame: "FrameType", offset: int) -> bool:
        """Whether a frame handles this exception, as far as it can be seen, and not another one."""
        if not _is_in_handler(frame.f_code, offset):
            return False
        other = context_of(self._exc)
        if other is None or id(other) == self._entry.context:
            return True
        caught = traceback_of(other)
        return caught is None or caught.tb_frame is not frame or self._is_cause_of(other)

    def _is_cause_of(self, other: BaseException) -> bool:
        cause = cause_of(other)
        for _ in range(_MOST_CAUSES):
            if cause is None or cause is self._exc:
                break
            cause = cause_of(cause)
        return cause is self._exc


def _has_let_out(frame: "FrameType", inner: "list[TracebackType]") -> bool:
    """Whether the function of a frame has let the exception out before: it raises anew what it keeps.

    The outermost entry of the earlier raise is that of the function which caught it.
    """
    codes = {id(each.tb_frame.f_code) for each in inner[1:]}
    entry = inner[-1].tb_next
    for _ in range(_MOST_ENTRIES):
        if entry is None:
            break
        codes.add(id(entry.tb_frame.f_code))
        entry = entry.tb_next
    return id(frame.f_code) in codes


def _common_caller(raised: "list[TracebackType]", before: "FrameType") -> "tuple[FrameType, int] | None":
    """The innermost frame that has called both, and where it was when it called the later one."""
    callers = set()
    frame: FrameType | None = before
    while frame is not None:
        callers.add(id(frame))
        frame = frame.f_back
    for entry in reversed(raised):
        if id(entry.tb_frame) in callers:
            return entry.tb_frame, entry.tb_lasti
    frame = raised[0].tb_frame.f_back
    while frame is not None and id(frame) not in callers:
        frame = frame.f_back
    return None if frame is None else (frame, frame.f_lasti)


def _is_in_handler(code: "CodeType", offset: int) -> bool:
    """Whether an instruction is in an `except`, in a `finally` after an exception, or calls an `__exit__`.

    All these end in the same way if something is raised in them: with the instruction that begins a clean-up.
    """
    if _BEGIN == _NONE:
        return True  # another interpreter: nobody can tell
    table = _exception_table(code)
    operations = code.co_code
    for _ in range(len(table)):  # from block to block, outwards
        target = _target(table, offset)
        if target is None:
            return False
        if operations[target] == _CLEAN_UP:
            return True
        if operations[target] == _BEGIN:  # the offset was in a `try`; what lies outside of that?
            target = _target(table, target)
            if target is None:
                return False
        offset = target
    return False


def _target(table: "list[tuple[int, int, int]]", offset: int) -> int | None:
    return next((target for start, end, target in table if start <= offset < end), None)


def _exception_table(code: "CodeType") -> "list[tuple[int, int, int]]":
    """Where the interpreter goes on after an exception between two offsets.

    Source: Objects/exception_handling_notes.txt in CPython. Four numbers an entry, six bits a byte.
    """
    numbers: list[int] = []
    number = 0
    for byte in getattr(code, "co_exceptiontable", b""):
        number = number << 6 | byte & 63
        if not byte & 64:
            numbers.append(2 * number)
            number = 0
    return [(numbers[at], numbers[at] + numbers[at + 1], numbers[at + 2]) for at in range(0, len(numbers), 4)]


_NONE = -1  # in place of the number of an instruction


def _sample() -> None:
    try:
        _sample()
    except ValueError:
        pass


def _numbers() -> "tuple[int, int]":
    """The instructions at which a handler and its clean-up begin."""
    code = _sample.__code__
    table = _exception_table(code)
    if not table:
        return _NONE, _NONE
    begin = table[0][2]
    return code.co_code[begin], code.co_code[_target(table, begin) or 0]


_BEGIN, _CLEAN_UP = _numbers()
