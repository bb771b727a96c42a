"""What the byte code at an entry of a traceback says of the statement there.

The numbers of instructions are read from code of this file, because they differ between versions. Another
compiler (Nuitka) makes no byte code, and PyPy another one: there nothing is known of a statement.
"""

from crashguard.files import keep_builtins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, TracebackType

keep_builtins(__name__)

_NAME = vars(type)["__name__"].__get__  # not the attribute, which a metaclass may have replaced
_LONGEST_NAME = 8  # the parts of `raise package.module.ERROR`
_LONGEST = 200  # bytes of the instructions of such a statement


def innermost(tb: "TracebackType | None") -> "TracebackType | None":
    """The last entry of a traceback."""
    while tb is not None and tb.tb_next is not None:
        tb = tb.tb_next
    return tb


def place(entry: "TracebackType") -> int:
    """A statement, as a number: a reference to the code would keep it alive."""
    code = entry.tb_frame.f_code
    return hash((code.co_filename, code.co_qualname, code.co_firstlineno, entry.tb_lasti))


def is_raise(entry: "TracebackType") -> bool:
    """Whether it is a `raise` of an exception; one without makes no entry, and an `await` another."""
    return _operations(entry.tb_frame.f_code, entry.tb_lasti)[-1:] == [_RAISE]


def raises_a_global(entry: "TracebackType") -> bool:
    """Whether it is `raise NAME` or `raise NAME.attribute` with a global name, whatever is behind `from`."""
    raised = _raised(entry)
    while raised[-1:] == [_LOAD_ATTR]:
        raised.pop()
    return bool(raised) and raised[-1] in (_LOAD_GLOBAL, _LOAD_NAME)


def raises_what_is_kept(entry: "TracebackType", exc: BaseException) -> bool:
    """Whether an exception was not made for the `raise` that it came from: the program keeps it.

    That is so where the statement names a global, an attribute or an item. Of anything else, it is so where
    the module of the function or a class in it holds the exception, unless the function names its class.
    """
    raised = _raised(entry)
    if raised[-1:] in ([_LOAD_ATTR], [_LOAD_ITEM]) or raises_a_global(entry):
        return True
    frame = entry.tb_frame
    if not raised or _NAME(type(exc)) in frame.f_code.co_names or type(frame.f_globals) is not dict:
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
    return [operation for operation in code.co_code[max(0, end - _LONGEST) : end + 2 : 2] if operation]


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
