"""The fingerprint, which is the identity of a bug. `docs/grouping.md` says the rule in plain words.

    ["4", TYPE, F0, W0]            the number of the rule, the type of the exception that decides, the
                                   innermost function of the tool's own code, and a hash of the words where
                                   it failed
    ["4", TYPE, F0, W0, F1, W1]    with the caller, where F0 raises by itself, only hands on what it got or is
                                   a helper; a caller that is a step to a helper counts as little as that

It holds no message (messages contain data), no line number (lines move with every release) and no version. So
one bug is one issue, on every machine, in every release, on every Python and by every way that leads to it.

A change of this rule makes every open issue start anew on the servers. So it changes with a new number only.
"""

from itertools import chain, islice

from crashguard import report
from crashguard.report import words
from crashguard.report.origins import APP, EXTERNAL, PLUGIN, Origins
from crashguard.report.raised import MOST_LEAVES, Raised

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import CodeType, TracebackType
    from typing import Any

RULE = "4"
NO_WORDS = "_"  # in place of a hash: the code has no positions, or the interpreter is unknown

_MOST_FRAMES = 2_000  # innermost frames of a traceback that are looked at
_MOST_STEPS = 50  # causes and groups on the way to the exception that decides
_MOST_CALLERS = 4  # of which the last counts, if all before it are steps to a helper


class Bug:
    """What identifies the bug behind an exception.

    Attributes:
        exc: The exception: the one that was raised, or a member of a group.
        fingerprint: Its fingerprint.
        module: The module of F0; empty where no frame may be named.
        function: The qualified name of F0.
        is_own: Whether F0 is the tool's own code; else it is a library's.
    """

    __slots__ = ("exc", "fingerprint", "function", "is_own", "module")

    def __init__(
        self,
        exc: BaseException,
        fingerprint: list[str],
        module: str = "",
        function: str = "",
        *,
        is_own: bool = False,
    ) -> None:
        self.exc = exc
        self.is_own = is_own
        self.fingerprint = fingerprint
        self.module = module
        self.function = function

    @property
    def culprit(self) -> str:
        """`module in function`, the headline of a report; empty where no frame may be named."""
        return _culprit(self.module, self.function) if self.module else ""


class _Frame:
    """A frame as the fingerprint sees it; of a printed traceback it has no code."""

    __slots__ = ("code", "function", "lasti", "module")

    def __init__(self, module: str, function: str, code: "CodeType | None" = None, lasti: int = -1) -> None:
        self.module = module
        self.function = function
        self.code = code
        self.lasti = lasti

    @property
    def name(self) -> str:
        return f"{self.module}:{self.function}"[: report.MOST_NAME]


def bugs_of(
    exc: BaseException,
    origins: Origins,
    tb: "TracebackType | None" = None,
    *,
    stopped: bool = False,
    is_over: "Callable[[BaseException, BaseException], bool] | None" = None,
) -> list[Bug]:
    """The bugs behind an exception: see `bugs_behind`.

    Args:
        exc: The exception.
        origins: Finds out whose code a frame runs.
        tb: Its traceback, if not its own.
        stopped: Whether a guard or `capture_exception()` stopped it, so that the program goes on.
        is_over: Whether an exception and its cause are two failures: see `Raised`.
    """
    return bugs_behind(Raised(exc, tb, is_over), origins, stopped=stopped)


def bugs_behind(raised: Raised, origins: Origins, *, stopped: bool = False) -> list[Bug]:
    """The bugs behind an exception: one, or for a group that of each different member.

    Members with own frames come first. Members that are no failures, as a cancelled task, have none.

    Args:
        raised: What was raised. Of a group, the first member with frames of the tool's own decides; of a
            chain, the cause. An exception that was only being handled (`__context__`) never decides.
        origins: Finds out whose code a frame runs.
        stopped: Whether something stopped the exception on its way, so that callers are not in its traceback.
    """
    first = _bug_of(raised, origins, stopped=stopped)
    bugs = [_bug_of(leaf, origins) for leaf in _leaves(raised)]
    if not bugs or (first.is_own and not any(bug.is_own for bug in bugs)):
        return [first]
    bugs.sort(key=lambda bug: not bug.is_own)
    different: dict[tuple[str, ...], Bug] = {}
    for bug in bugs:
        different.setdefault(tuple(bug.fingerprint), bug)
    return [*different.values()]


def of_signal(name: str, frames: "Sequence[dict[str, Any]]") -> tuple[list[str], str]:
    """The fingerprint and the headline of a native crash.

    It is `["4", SIGNAL, F0, F1]`: code in C always works on what it was given, so the caller counts.

    Args:
        name: The signal's name.
        frames: The frames of the thread that crashed, in Sentry's form: innermost last, without positions.
    """
    named = [each for each in frames if each["function"] != "<external>" and each["filename"] != "<cut>"]
    own = [each for each in named if each["in_app"]] or named
    found = [_Frame(module_of(each["filename"]), each["function"]) for each in reversed(own)]
    if not found:
        return [RULE, name], ""
    functions = [*dict.fromkeys([each.name for each in found])][:2]
    return [RULE, name, *functions], _culprit(found[0].module, found[0].function)


def group_of(fingerprint: "Sequence[str]", release: str, level: str) -> str:
    """The group of a report: its bug, the version, and whether the program survived it.

    Where it did not (`fatal`), the crash is a group of its own, so that no report of a failure which the
    program handled stands for it.
    """
    return digest([*fingerprint, release] if level == "fatal" else [*fingerprint, release, level])


def digest(fingerprint: list[str]) -> str:
    """The group in a report's file name: eight hexadecimal digits, enough for the few reports of a machine.

    It is the remainder by the largest prime below 2**32. A checksum from a library would need an import.
    """
    text = chr(0).join(fingerprint).encode("utf-8", "replace")
    return f"{int.from_bytes(text, 'big') % 4_294_967_291:08x}"


def _culprit(module: str, function: str) -> str:
    return f"{module} in {function}"[: report.MOST_NAME]


def module_of(filename: str) -> str:
    """The module of a file name that a report may hold: `tool/sync.py` is `tool.sync`.

    `__name__` is not asked, because it is `__main__` where the module is run by `-m`.
    """
    stem = filename.rpartition(".")[0] or filename
    return stem.replace("/", ".").removesuffix(".__init__") if filename[:1] != "<" else filename


def _bug_of(raised: Raised, origins: Origins, *, stopped: bool = False) -> Bug:
    deciding, kind, frames = _deciding(raised, origins)
    is_own = bool(frames)
    if not is_own:
        kind = raised.kind(origins)
        frames = _frames_of(raised, origins, own=False)
    found = [RULE, kind]
    if not frames:
        return Bug(raised.exc, found)
    innermost = frames[0]
    if deciding.is_a(RecursionError):
        found += _repeating(frames)
    else:
        outer = (frame for frame in _callers(deciding, origins) if stopped or deciding is not raised)
        found += _functions(frames, outer)
    return Bug(raised.exc, found, innermost.module, innermost.function, is_own=is_own)


def _deciding(raised: Raised, origins: Origins) -> "tuple[Raised, str, list[_Frame]]":
    """The exception that decides, its type and its own frames; without any, what was raised."""
    best: tuple[Raised, str, list[_Frame]] = (raised, "", [])
    current: Raised | None = raised
    for _ in range(_MOST_STEPS):
        if current is None:
            break
        kind, there = _elsewhere(current, origins)
        frames = there or _frames_of(current, origins)
        if frames:
            best = (current, kind or current.kind(origins), frames)
        if there:
            break
        current = _next(current, origins)
    return best


def _next(raised: Raised, origins: Origins) -> Raised | None:
    """The first member of a group, if possible one with own frames, or the cause of another exception."""
    members = raised.members()
    for member in members:
        below: Raised | None = member
        for _ in range(report.MOST_GROUP_DEPTH):
            if below is None:
                break
            if _frames_of(below, origins) or _elsewhere(below, origins)[1]:
                return member
            inner = below.members()
            below = inner[0] if inner else below.cause
    return members[0] if members else raised.cause


def _leaves(raised: Raised) -> "Iterator[Raised]":
    """The members of the outermost group on the way to the cause, and of groups in it."""
    group: Raised | None = raised
    for _ in range(_MOST_STEPS):
        if group is None or group.is_a(BaseExceptionGroup):
            break
        group = group.cause
    if group is None:
        return
    todo = [group]
    for current in todo:  # which grows meanwhile
        if current.is_a(BaseExceptionGroup):
            todo.extend(current.members()[: max(0, MOST_LEAVES - len(todo))])
        elif current.is_a(Exception):
            yield current


def _frames_of(raised: Raised, origins: Origins, *, own: bool = True) -> "list[_Frame]":
    """The frames of an exception, innermost first: own ones, or all that may be named."""
    found: list[tuple[str, CodeType, int]] = []
    for name, code, lasti in raised.frames():
        owner, filename = origins.of_code(name, code.co_filename)
        if owner in (APP, PLUGIN) if own else owner != EXTERNAL:
            found.append((filename, code, lasti))
            if len(found) >= 2 * _MOST_FRAMES:  # a recursion without end: what is taken apart is bounded
                del found[:_MOST_FRAMES]
    frames = [_frame_of(*each) for each in found[: -_MOST_FRAMES - 1 : -1]]
    return [frame for frame in frames if frame.code is not None or not own]


def _frame_of(filename: str, code: "CodeType", lasti: int) -> _Frame:
    if filename[:1] == "<":  # generated code has the names of whoever wrote its text
        return _Frame(filename, code.co_name if code.co_name[:2] == "__" else filename)
    module = module_of(filename)
    function = _function_of(code).removeprefix(f"{module}.")  # Cython's have the module's name before
    return _Frame(module, function, code, lasti)


def _elsewhere(raised: Raised, origins: Origins) -> "tuple[str, list[_Frame]]":
    """The class and the own frames of a failure in another process or interpreter, innermost first.

    A worker process sends its exception with the traceback as the cause, so the class is that of `raised`.
    """
    there = raised.elsewhere()
    cause = raised.cause if there is None else None
    if cause is not None:
        there = cause.elsewhere()
        if there is not None and there.message is not None:
            return "", []  # a sub-interpreter's: the cause itself decides
    if there is None:
        return "", []
    from crashguard.report import printed

    found = []
    for file, _, function in printed.entries_of_last(there.printed)[-_MOST_FRAMES:]:
        owner, filename = origins.of_frame(file, {})
        if owner in (APP, PLUGIN) and filename[:1] != "<":
            found.append(_Frame(module_of(filename), function.strip()))
    told = there.named_type(origins)
    return "" if told is None else told[0].partition(" ")[0], found[::-1]


def _function_of(code: "CodeType") -> str:
    """The qualified name of a function; a comprehension is a part of the function that it stands in."""
    name = code.co_qualname
    if "comp>" not in name:
        return name
    parts = [part for part in name.split(".") if part not in words.COMPREHENSIONS]
    if parts[-1:] == ["<locals>"]:
        parts.pop()
    return ".".join(parts) or "<module>"


def _callers(raised: Raised, origins: Origins) -> "Iterator[_Frame]":
    """The own frames outside of a traceback, innermost first."""
    for name, code, lasti in islice(raised.callers(), _MOST_STEPS):
        owner, filename = origins.of_code(name, code.co_filename)
        if owner in (APP, PLUGIN) and filename[:1] != "<":
            yield _Frame(module_of(filename), _function_of(code), code, lasti)


def _functions(frames: "list[_Frame]", outer: "Iterator[_Frame]") -> list[str]:
    """F0 and W0; F1 and W1 where the caller counts."""
    innermost = frames[0]
    place = _place_of(frames, 0)
    found = [innermost.name, _hash(place)]
    if place is not None and not (place.raises or place.hands_on):
        return found
    inside = ((frame, frames, number) for number, frame in enumerate(frames))
    outside = ((frame, [frame], 0) for frame in outer)
    seen = {innermost.name}
    caller: list[str] = []
    for frame, company, number in chain(inside, outside):
        if frame.name not in seen and not _is_forwarder(frame):
            seen.add(frame.name)
            place = _place_of(company, number)
            caller = [frame.name, _hash(place)]
            if place is None or not place.is_step or len(seen) > _MOST_CALLERS:
                break
    return [*found, *caller]


def _is_forwarder(frame: _Frame) -> bool:
    return frame.code is not None and words.is_forwarder(frame.code, frame.lasti)


def _place_of(frames: "list[_Frame]", number: int) -> "words.Place | None":
    """The place of a frame; None for a frame of a printed traceback."""
    frame = frames[number]
    if frame.code is None:
        return None
    around = []
    inner = frame
    for outer in frames[number + 1 : number + 5]:
        is_inside = inner.code is not None and inner.code.co_name in words.COMPREHENSIONS
        if not is_inside or outer.code is None or outer.name != frame.name:
            break
        around.append((outer.code, outer.lasti))
        inner = outer
    return words.place_of(frame.code, frame.lasti, around)


def _hash(place: "words.Place | None") -> str:
    """A hash of the words, because a constant may be something that its author wrote for himself alone."""
    return NO_WORDS if place is None or place.words is None else digest(place.words)


def _repeating(frames: "list[_Frame]") -> list[str]:
    """The functions of an endless recursion, sorted: those that are in the traceback again and again."""
    counts: dict[str, int] = {}
    for frame in frames:
        counts[frame.name] = counts.get(frame.name, 0) + 1
    often = max(counts.values()) / 4
    return sorted(name for name, count in counts.items() if count >= often)[: report.MOST_GROUP_DEPTH]
