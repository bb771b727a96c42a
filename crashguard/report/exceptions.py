"""From an exception to the values of Sentry's exception interface: chains, groups, notes, mechanism.

Sentry orders them oldest first; the last one is the exception that was raised last. `exception_id` and
`parent_id` in the mechanism keep the tree of causes and groups. Source: Sentry's developer documentation,
"Exception Interface".

A frame holds module, function, line, file relative to its package, and whether it is the tool's own code. It
never holds source lines, local variables or an absolute path. A long traceback keeps both ends.
"""

import os

from crashguard import report
from crashguard.frames import bounded
from crashguard.program import MAIN
from crashguard.report import words
from crashguard.report.origins import APP, EXTERNAL, GENERATED, PLUGIN, Origins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import CodeType, TracebackType
    from typing import Any

# The descriptors of the built-in classes, not the attributes: a subclass may have replaced those.
traceback_of = vars(BaseException)["__traceback__"].__get__
cause_of: "Callable[[BaseException], BaseException | None]" = vars(BaseException)["__cause__"].__get__
context_of = vars(BaseException)["__context__"].__get__
_SUPPRESS = vars(BaseException)["__suppress_context__"].__get__
_MEMBERS = vars(BaseExceptionGroup)["exceptions"].__get__
module_of = vars(type)["__module__"].__get__


# The file of the guard. Its frames are in every traceback that passes a guard, and have no part in the crash.
_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_HIDDEN = os.path.join(_PACKAGE, "capture", "guard.py")

CUT = "cut"
UNNAMED = " (<external> subclass)"  # behind a base class: the name of the class may not leave
REMOTE = ("_RemoteTraceback", "RemoteTraceback")  # of concurrent.futures (loky too) and of multiprocessing


class Found:
    """An exception of a tree, or the mark for those that were cut.

    Attributes:
        exc: The exception.
        parent: The number of its parent exception; for a cut mark, minus the number of exceptions cut.
        source: Its relation to the parent in Sentry's notation (`__cause__`); CUT for a cut mark.
        traceback: Its traceback, without the middle of a long one; None for a cut mark.
        left_out: The number of entries in that middle.
    """

    __slots__ = ("exc", "left_out", "parent", "source", "traceback")

    def __init__(self, exc: BaseException, parent: int | None, source: str) -> None:
        self.exc = exc
        self.parent = parent
        self.source = source
        self.traceback, self.left_out = bounded(None if source == CUT else traceback_of(exc))


def values_of(
    found: "Iterable[Found]", origins: Origins, *, mechanism: str, handled: bool, messages: bool = True
) -> "list[dict[str, Any]]":
    """Describe an exception with its causes and members.

    Args:
        found: Its `tree()`.
        origins: Finds out whose code a frame or a class is.
        mechanism: What caught it: `excepthook`, `threading`, `guard` ...
        handled: Whether the program went on.
        messages: False leaves out every message and note.
    """
    return _Walk(origins, mechanism, handled, messages).run(found)


def tree(exc: BaseException, is_known: "Callable[[BaseException], bool] | None" = None) -> "Iterator[Found]":
    """An exception with its causes, its contexts unless suppressed, and the members of groups.

    Each object comes once, so that a cycle ends. The walk is breadth first and iterative, because a chain may
    be deeper than the stack. The limits of `crashguard.report` apply.

    Args:
        exc: The exception.
        is_known: Whether an exception has a report. Of a group with too many members, those come last.
    """
    left_out = 0
    seen = {id(exc)}
    todo: list[tuple[BaseException, int | None, str, int]] = [(exc, None, "", 0)]  # done up to `number`
    number = 0
    while number < len(todo) and number < report.MOST_EXCEPTIONS:
        current, parent, source, depth = todo[number]
        yield Found(current, parent, source)
        children, more = _children(current, is_known)
        left_out += more
        for child, how in children:
            deeper = depth + how.startswith("exceptions[")
            if deeper > report.MOST_GROUP_DEPTH:
                left_out += 1
            elif id(child) not in seen:
                seen.add(id(child))
                todo.append((child, number, how, deeper))
        number += 1
    left_out += len(todo) - number
    if left_out:
        yield Found(exc, -left_out, CUT)


def raised_of(found: "Iterable[Found]") -> "list[tuple[BaseException, TracebackType | None]]":
    """The exceptions of a report with their tracebacks, for the scrubber."""
    raised = [(each.exc, each.traceback) for each in found if each.source != CUT]
    if raised and raised[0][1] is None:  # never raised: what it holds comes from what runs now
        from crashguard.report import running

        raised[0] = raised[0][0], running.as_traceback()
    return raised


class Elsewhere:
    """What an exception tells of a failure in another process or interpreter.

    `str()` of such an exception holds the whole printed traceback, with source lines and absolute paths.

    Attributes:
        printed: The printed traceback.
        message: The message of the exception there; None where it is that of another exception here.
    """

    __slots__ = ("_kind", "_module", "message", "printed")

    def __init__(self, printed: str, message: str | None = None, kind: str = "", module: str = "") -> None:
        self.printed = printed
        self.message = message
        self._kind = kind
        self._module = module

    def named_type(self, origins: Origins) -> "tuple[str, str | None] | None":
        """The name and module of the class there, as far as they may be told; None where it is known here.

        Of its base classes nothing is known.
        """
        if self.message is None:
            return None
        module = module_told(self._module)
        if origins.of_class(module, self._kind) != EXTERNAL:
            return self._kind, module
        return f"Exception{UNNAMED}", None


def elsewhere(exc: BaseException) -> Elsewhere | None:
    """What an exception tells of a failure in a worker process or, since CPython 3.14, a sub-interpreter."""
    name = report.type_name(type(exc))
    if name in REMOTE:
        printed = _texts_of(exc).get("tb")
        return None if printed is None else Elsewhere(_bounded(printed))
    if name != "ExecutionFailed" or module_of(type(exc)) != "concurrent.interpreters":
        return None
    told = (attributes_of(exc) or {}).get("excinfo")
    there, kind = _texts_of(told), _texts_of((attributes_of(told) or {}).get("type"))
    return Elsewhere(
        _bounded(there.get("errdisplay", "")),
        there.get("msg", ""),
        kind.get("__qualname__", "Exception")[: report.MOST_NAME],
        kind.get("__module__", ""),
    )


def _bounded(printed: str) -> str:
    """A printed traceback without the middle of a message of millions of characters; its frames are left."""
    return printed if len(printed) <= 2 * _HALF else f"{printed[:_HALF]}\n{printed[-_HALF:]}"


_HALF = 200_000  # characters


def attributes_of(thing: object) -> "dict[str, Any] | None":
    """The namespace of an instance, read without its code; None where it has none of the usual kind."""
    try:
        found = object.__getattribute__(thing, "__dict__")
    except BaseException:  # noqa: BLE001 (a class may have replaced its own __dict__)
        return None
    return found if type(found) is dict else None


def _texts_of(thing: object) -> dict[str, str]:
    return {name: value for name, value in (attributes_of(thing) or {}).items() if type(value) is str}


class _Walk:
    """One pass over a tree of exceptions; the limit of frames holds over the whole tree."""

    def __init__(self, origins: Origins, mechanism: str, handled: bool, messages: bool) -> None:
        self.origins = origins
        self.mechanism = mechanism
        self.handled = handled
        self.messages = messages
        self.frames_left = report.MOST_FRAMES

    def run(self, found: "Iterable[Found]") -> "list[dict[str, Any]]":
        values: list[dict[str, Any]] = []
        for each in found:
            if each.source == CUT:
                mark = {"type": f"[... {-(each.parent or 0)} more exceptions cut ...]", "value": ""}
                values.append({**mark, "mechanism": {"type": "chained", "handled": self.handled}})
            else:
                values.append(self._value(each, len(values)))
        values.reverse()
        return values

    def _value(self, found: Found, number: int) -> "dict[str, Any]":
        exc, parent = found.exc, found.parent
        there = elsewhere(exc)
        told = None if there is None else there.named_type(self.origins)
        name, module = told or named_type(exc, self.origins)
        value: dict[str, Any] = {"type": name}
        if module:
            value["module"] = module
        message = None
        if self.messages:
            message = report.message_of(exc) if there is None else there.message
        if message is not None:
            said = "\n".join([message, *report.notes_of(exc)])
            value["value"] = report.cut(said, report.MOST_VALUE, report.MOST_MESSAGE_TAIL)
        mechanism: dict[str, Any] = {
            "type": self.mechanism if parent is None else "chained",
            "handled": self.handled,
            "exception_id": number,
        }
        if parent is not None:
            mechanism["parent_id"] = parent
            mechanism["source"] = found.source
        if is_group(exc):
            mechanism["is_exception_group"] = True
        value["mechanism"] = mechanism
        kept = frames_of(found.traceback, self.origins, self.frames_left, found.left_out)
        if there is not None:
            from crashguard.report import printed

            most = min(240, self.frames_left - len(kept))
            kept += printed.frames_of_last(there.printed, self.origins, most)
        self.frames_left -= len(kept)
        if kept:
            value["stacktrace"] = {"frames": kept}
        return value


def named_type(exc: BaseException, origins: Origins) -> "tuple[str, str | None]":
    """The name and module of the class; for an external class those of its nearest known base class."""
    for cls in type.__getattribute__(type(exc), "__mro__"):
        module, name = module_of(cls), report.type_name(cls)
        if type(module) is str and origins.of_class(module, name) != EXTERNAL:
            own = cls is type(exc)
            return name if own else f"{name}{UNNAMED}", module_told(module)
    return "Exception", None


def _children(
    exc: BaseException, is_known: "Callable[[BaseException], bool] | None"
) -> "tuple[list[tuple[BaseException, str]], int]":
    """The cause or context of an exception and its members, and how many members were left out."""
    found: list[tuple[BaseException, str]] = []
    cause, context = cause_of(exc), context_of(exc)
    if cause is not None:
        found.append((cause, "__cause__"))
    elif context is not None and not _SUPPRESS(exc):
        found.append((context, "__context__"))
    if is_group(exc):
        everyone = _MEMBERS(exc)
        members = list(enumerate(everyone[: report.MOST_MEMBERS]))
        if is_known is not None and len(members) > report.MOST_EXCEPTIONS // 2:
            members.sort(key=lambda member: is_known(member[1]))
        members = members[: report.MOST_EXCEPTIONS]
        found += [(member, f"exceptions[{index}]") for index, member in members]
        return found, len(everyone) - len(members)
    return found, 0


def leaves_of(group: BaseException) -> "Iterator[BaseException]":
    """The exceptions in a group and in the groups in it; of too many of them the group itself is the last."""
    todo = [group]  # no recursion: groups may be nested deeper than the stack
    for _ in range(report.MOST_MEMBERS):
        if not todo:
            return
        each = todo.pop()
        if is_group(each):
            todo += _MEMBERS(each)[: report.MOST_MEMBERS]
        else:
            yield each
    yield group


def members_of(group: BaseException) -> "tuple[BaseException, ...]":
    """The members of an exception group."""
    members: tuple[BaseException, ...] = _MEMBERS(group)
    return members


def is_group(exc: BaseException) -> bool:
    """Whether an exception is a group; by its type, because isinstance() reads a foreign `__class__`."""
    return issubclass(type(exc), BaseExceptionGroup)


def frames_of(
    tb: "TracebackType | None", origins: Origins, most: int = report.MOST_FRAMES, left_out: int = 0
) -> "list[dict[str, Any]]":
    """The frames of a traceback, outermost first, as Sentry orders them.

    Args:
        tb: The traceback; None gives no frames.
        origins: Finds out whose code a frame runs.
        most: The largest number of frames to keep.
        left_out: The number of entries that its middle has lost.
    """
    head_most = min(report.MOST_FRAMES_HEAD, most // 4)
    tail_most = min(report.MOST_FRAMES_TAIL, most - head_most)
    head: list[TracebackType] = []
    tail: list[TracebackType] = []
    seen = 0
    while tb is not None:
        if tb.tb_frame.f_code.co_filename != _HIDDEN:
            seen += 1
            if len(head) < head_most:
                head.append(tb)
            else:
                tail.append(tb)
                if len(tail) > 4 * tail_most:
                    del tail[:-tail_most]
        tb = tb.tb_next
    tail = tail[-tail_most:] if tail_most else []
    frames = [_frame(entry, origins) for entry in head]
    cut = left_out + seen - len(head) - len(tail)
    if cut:
        frames.append(report.cut_mark(cut))
    frames += [_frame(entry, origins) for entry in tail]
    return frames


def _frame(entry: "TracebackType", origins: Origins) -> "dict[str, Any]":
    frame = entry.tb_frame
    code: CodeType = frame.f_code
    module_globals = frame.f_globals if type(frame.f_globals) is dict else {}
    owner, filename = origins.of_frame(code.co_filename, module_globals)
    if owner == EXTERNAL:
        return {"function": "<external>", "filename": "<external>", "in_app": False}
    module = module_globals.get("__name__")
    # Servers make the headline of the innermost frame that is in_app: not of a decorator that hands on.
    hands_on = entry.tb_next is not None and words.is_forwarder(code, entry.tb_lasti)
    described: dict[str, Any] = {
        "function": _function(code, filename)[: report.MOST_NAME],
        "filename": filename[-report.MOST_NAME :],
        "in_app": owner in (APP, PLUGIN) and filename != GENERATED and not hands_on,
    }
    if type(module) is str:
        described["module"] = module_told(module)
    line: int | None = entry.tb_lineno
    if line is not None and line > 0:
        described["lineno"] = line
    return described


def module_told(name: str) -> str:
    """The name of a module; that of the main script is the same in each of its copies."""
    return MAIN[0] if name in MAIN else name[: report.MOST_NAME]


def _function(code: "CodeType", filename: str) -> str:
    """The name of a function; in generated code only a special method's, because others may be the user's."""
    if filename != GENERATED:
        return code.co_qualname
    return code.co_name if code.co_name[:2] == "__" == code.co_name[-2:] else GENERATED
