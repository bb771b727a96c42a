"""The text of foreign objects, with protection against their code.

A `__str__` or `__repr__` may raise, exit, recurse, hang or return a gigabyte. If only C code over plain
values is involved, it is called directly. Other code runs in a thread of its own, under a deadline. (The
interpreter runs the same code for an uncaught exception, but not for one that a guard swallows.)
"""

import _thread
import sys

from crashguard import report

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

UNAVAILABLE = "[message unavailable]"

_PLAIN = (str, int, float, bool, bytes, complex, type(None))
_SLOT = type(BaseException.__str__)  # a __str__ written in C
_MOST_ITEMS, _MOST_LENGTH = 1_000, 100_000  # arguments, and what is in one: more take more than a millisecond
# What the C __str__ of built-in exceptions formats beside `args`.
_SHOWN = ("filename", "filename2", "strerror", "errno", "msg", "name", "path", "text")


_NAMESPACE = vars(type)["__dict__"].__get__  # a metaclass may have replaced `__dict__`


def message_of(exc: BaseException) -> str:
    """`str(exc)`, cut to the limits; a text in brackets where `__str__` raised or did not return."""
    try:
        if _is_plain(exc):
            text = str(exc) if _is_small(exc.args) else _shortened(exc.args)
        else:
            text = _within_deadline(exc)
    except BaseException as error:  # noqa: BLE001 (a __str__ may raise anything, SystemExit too)
        return f"{UNAVAILABLE[:-1]}: __str__ raised {type_name(type(error))}]"
    return report.cut(text, report.MOST_MESSAGE, report.MOST_MESSAGE_TAIL)


def notes_of(exc: BaseException) -> list[str]:
    """The notes of PEP 678 that are texts, cut to the limits."""
    # To read `__dict__` would make one for an exception that has none, which shows when it is pickled.
    if any("__notes__" in _NAMESPACE(cls) for cls in type.__getattribute__(type(exc), "__mro__")):
        return []  # a class attribute may be foreign code
    try:
        notes = object.__getattribute__(exc, "__notes__")
    except BaseException:  # noqa: BLE001 (there are none, or a class has replaced its own __dict__)
        return []
    if type(notes) is not list:
        return []
    kept = [
        report.cut(note, report.MOST_MESSAGE // 4) for note in notes[: report.MOST_NOTES] if type(note) is str
    ]
    if len(notes) > len(kept):
        kept.append(f"[... {len(notes) - len(kept)} notes cut ...]")
    return kept


def type_name(cls: type) -> str:
    """The name of a class, read without its metaclass, which may have replaced `__qualname__`."""
    try:
        name = type.__getattribute__(cls, "__qualname__")
    except BaseException:  # noqa: BLE001 (as above)
        return "<unknown>"
    return name[: report.MOST_NAME] if type(name) is str else "<unknown>"


def _is_plain(exc: BaseException) -> bool:
    """Whether str(exc) runs only C code over plain values."""
    cls = type(exc)
    if type(cls) is not type or type(cls.__str__) is not _SLOT or cls.__getattribute__ is not _GETATTRIBUTE:
        return False
    if cls.__repr__ is not BaseException.__repr__ and type(cls.__repr__) is not _SLOT:
        return False
    values = list(exc.args[:_MOST_ITEMS])  # of more, no more is shown
    for name in _SHOWN:
        values.append(getattr(exc, name, None))  # noqa: PERF401 (plain getattr: it was checked just above)
    return all(type(value) in _PLAIN or _is_plain_tuple(value) for value in values)


_GETATTRIBUTE = BaseException.__getattribute__


def _is_plain_tuple(value: object) -> bool:
    if type(value) not in (tuple, list):
        return False
    return all(type(item) in _PLAIN for item in value[:_MOST_ITEMS])  # type: ignore[index]  # of more, no more is shown


def _is_small(args: "tuple[Any, ...]") -> bool:
    """Whether the text of plain arguments is made quickly; that of a single text is the text itself."""
    if len(args) == 1 and type(args[0]) is str:
        return True
    return len(args) <= _MOST_ITEMS and all(_head(value) is None for value in args)


def _head(value: "Any") -> "Any":
    """The beginning of a plain argument that is too large to be shown; None where it is not."""
    most = _MOST_LENGTH if type(value) in (str, bytes) else _MOST_ITEMS
    return value[:most] if hasattr(value, "__len__") and len(value) > most else None


def _shortened(args: "tuple[Any, ...]") -> str:
    """The text of plain arguments of any size, as their tuple shows them, with a mark at its end."""
    heads = [value if (head := _head(value)) is None else head for value in args[:_MOST_ITEMS]]
    mark = f" [... {len(args)} arguments cut ...]"
    return repr(tuple(heads))[: report.MOST_MESSAGE - len(mark)] + mark


def _within_deadline(exc: BaseException) -> str:
    if issubclass(type(exc), BaseExceptionGroup) and type(type(exc).__str__) is _SLOT:
        # Its C code formats the message (a str by construction) and the number of members.
        return str(exc)
    if sys.is_finalizing():
        return UNAVAILABLE  # no thread can be started any more
    answer: list[str] = []
    failure: list[BaseException] = []
    done = _thread.allocate_lock()
    done.acquire()

    def ask() -> None:
        try:
            text = str(exc)
            answer.append(text if type(text) is str else str.__str__(text))
        except BaseException as error:  # noqa: BLE001 (carried to the caller)
            failure.append(error)
        finally:
            done.release()

    _thread.start_new_thread(ask, ())
    if not done.acquire(timeout=report.STR_SECONDS):
        return f"{UNAVAILABLE[:-1]}: __str__ did not return]"
    if failure:
        raise failure[0]
    return answer[0]
