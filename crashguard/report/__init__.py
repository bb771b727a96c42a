"""From a live exception to the bytes of a report. Clock, ids and paths come in as arguments.

    origins       whose code a frame runs
    exceptions    exception -> the values of Sentry's exception interface (chains, groups, frames)
    printed       a printed traceback -> frames; loaded_code: the code behind them
    words         what tells one statement of a function from another
    raised        an exception as the rule of the fingerprint sees it
    fingerprint   the identity of a bug
    contexts      runtime, operating system, process
    children      the exit statuses of child processes
    codes         errno, SQLSTATE, HTTP status, exit status
    command       the subcommand and the names of the options that were given
    declared      whether the tool itself has written such a name
    tasks         the coroutines that wait for a task of asyncio
    running       the frames that run while a report is made
    installed     distributions on the stack, the installer, source lines of published files
    event         all of these -> one event
    envelope      event <-> the bytes of a Sentry envelope
    on_report     the report as the host gets it
    readable      a report as text for people; markdown: for an issue tracker; comment: what they say about it
    large         an exception whose text is too large to be made -> one whose text is small

Events are plain dicts in Sentry's own shape. They are made in a dying process, where the import of a class
library would cost more than all other steps. `event` is the allow-list of their fields.

This module holds the limits, and makes texts of foreign objects. Each cut leaves a mark with the number of
what was cut. A report stays under 1 MiB, because Sentry, Relay and Bugsink answer 413 to more. The single
limits stay under those of Relay 0.10 (frames 250, value 8,192 characters, tag 200), which cuts what is
longer.
"""

import _thread
import sys

MOST_FRAMES_HEAD = 50
MOST_FRAMES_TAIL = 190  # the inner end, where the exception was raised; with the mark 241 frames in all
MOST_FRAMES = 1_000  # over all exceptions of one report
MOST_EXCEPTIONS = 50
MOST_MEMBERS = 1_000  # of a group, that are looked at to choose those which are in the report
MOST_GROUP_DEPTH = 10
MOST_MESSAGE = (
    6_000  # characters, before scrubbing: a scrub mark can be longer than the text that it replaces
)
MOST_MESSAGE_TAIL = 1_000
MOST_VALUE = 7_500  # characters: a message with its notes
MOST_NOTES = 10
MOST_NAME = 200
MOST_TAG = 190
MOST_ENVELOPE = 900_000  # bytes
STR_SECONDS = 0.25  # how long a foreign __str__ may take


def cut(text: str, most: int, tail: int = 0) -> str:
    """Shorten a text to about `most` characters, `tail` of them from its end, with a visible mark.

    It cuts at a blank where one is near, so that it leaves no half of a word, which may be half of a secret.
    """
    if len(text) <= most:
        return text
    head = _at_blank(text[: most - tail])
    end = _at_blank(text[len(text) - tail :][::-1])[::-1] if tail else ""
    return f"{head} [... {len(text) - len(head) - len(end)} characters cut ...] {end}".rstrip()


def _at_blank(text: str) -> str:
    for position in range(len(text) - 1, max(len(text) - 200, -1), -1):
        if text[position].isspace():
            return text[:position]
    return text


def cut_mark(count: int) -> "dict[str, object]":
    """The frame that takes the place of frames that were cut."""
    return {"function": f"[... {count} frames cut ...]", "filename": "<cut>", "in_app": False}


# ---- The text of foreign objects, with protection against their code
#
# A `__str__` or `__repr__` may raise, exit, recurse, hang or return a gigabyte. If only C code over plain
# values is involved, it is called directly. Other code runs in a thread of its own, under a deadline. (The
# interpreter runs the same code for an uncaught exception, but not for one that a guard swallows.)

UNAVAILABLE = "[message unavailable]"

_PLAIN = (str, int, float, bool, bytes, complex, type(None))
_SLOT = type(BaseException.__str__)  # a __str__ written in C; in PyPy a function, as one in Python is
_CODE = type((lambda: None).__code__)
_MOST_ITEMS, _MOST_LENGTH = 1_000, 100_000  # arguments, and what is in one: more take more than a millisecond
# What the C __str__ of built-in exceptions formats beside `args`.
_SHOWN = ("filename", "filename2", "strerror", "errno", "msg", "name", "path", "text")


_NAMESPACE = vars(type)["__dict__"].__get__  # a metaclass may have replaced `__dict__`


def message_of(exc: BaseException) -> str:
    """`str(exc)`, cut to the limits; a text in brackets where `__str__` raised or did not return."""
    try:
        shown, mark = exc, ""
        if _is_large(exc):
            from crashguard.report import large

            shown, mark = large.stand_in(exc, _size_of)
        text = str(shown) if _is_plain(shown) else _within_deadline(shown)
    except BaseException as error:  # noqa: BLE001 (a __str__ may raise anything, SystemExit too)
        return f"{UNAVAILABLE[:-1]}: __str__ raised {type_name(type(error))}]"
    return cut(text, MOST_MESSAGE, MOST_MESSAGE_TAIL) + mark


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
    # The methods of a subclass, such as that of cattrs, are foreign code; that of `str` is not.
    texts = [str.__str__(note) for note in notes[:MOST_NOTES] if issubclass(type(note), str)]
    kept = [cut(text, MOST_MESSAGE // 4) for text in texts]
    if len(notes) > len(kept):
        kept.append(f"[... {len(notes) - len(kept)} notes cut ...]")
    return kept


def type_name(cls: type) -> str:
    """The name of a class, read without its metaclass, which may have replaced `__qualname__`."""
    try:
        name = type.__getattribute__(cls, "__qualname__")
    except BaseException:  # noqa: BLE001 (as above)
        return "<unknown>"
    return name[:MOST_NAME] if type(name) is str else "<unknown>"


def _is_plain(exc: BaseException) -> bool:
    """Whether str(exc) runs only C code over plain values."""
    cls = type(exc)
    if type(cls) is not type or not _is_c(cls.__str__) or cls.__getattribute__ is not _GETATTRIBUTE:
        return False
    if cls.__repr__ is not BaseException.__repr__ and not _is_c(cls.__repr__):
        return False
    values = list(exc.args[:_MOST_ITEMS])  # of more, no more is shown
    for name in _SHOWN:
        values.append(getattr(exc, name, None))  # noqa: PERF401 (plain getattr: it was checked just above)
    return all(type(value) in _PLAIN or _is_plain_tuple(value) for value in values)


_GETATTRIBUTE = BaseException.__getattribute__


def _is_c(method: object) -> bool:
    """Whether a special method is that of a built-in class, which runs no foreign code by itself."""
    return type(method) is _SLOT and type(getattr(method, "__code__", None)) is not _CODE


def _is_plain_tuple(value: object) -> bool:
    if type(value) not in (tuple, list):
        return False
    return all(type(item) in _PLAIN for item in value[:_MOST_ITEMS])  # type: ignore[index]  # of more, no more is shown


def _size_of(value: object) -> int:
    """The number of items in an object, where C code counts them; else 0."""
    for cls in type.__getattribute__(type(value), "__mro__"):
        counts = _NAMESPACE(cls).get("__len__")
        if counts is not None:
            return len(value) if _is_c(counts) else 0  # type: ignore[arg-type]  # it has a length
    return 0


def _is_large(exc: BaseException) -> bool:
    """Whether the C `__str__` of a built-in class may take more than a millisecond for an exception."""
    args = _ARGS(exc)
    if len(args) == 1 and type(args[0]) is str and type(exc).__str__ is BaseException.__str__:
        return False  # the text is there already
    todo = [args, *(member.__get__(exc) for cls, member in _SHOWN_BY if issubclass(type(exc), cls))]
    items = length = 0
    while todo and items <= _MOST_ITEMS and length <= _MOST_LENGTH:
        value = todo.pop()
        kind = type(value)
        if kind in (str, bytes, bytearray):
            length += len(value)
        elif kind in (tuple, list, set, frozenset, dict):
            items += len(value)
            if items <= _MOST_ITEMS:
                todo += value
                todo += value.values() if kind is dict else ()
        elif kind is not int:
            items += _size_of(value)
    return items > _MOST_ITEMS or length > _MOST_LENGTH


_ARGS = vars(BaseException)["args"].__get__
_SHOWN_BY = [
    (cls, vars(cls)[name])
    for cls, name in (
        *((OSError, name) for name in ("strerror", "filename", "filename2")),
        *((SyntaxError, name) for name in ("msg", "filename")),
        (ImportError, "msg"),
        (BaseExceptionGroup, "message"),
    )
]


def _within_deadline(exc: BaseException) -> str:
    if issubclass(type(exc), BaseExceptionGroup) and _is_c(type(exc).__str__):
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
    if not done.acquire(timeout=STR_SECONDS):
        return f"{UNAVAILABLE[:-1]}: __str__ did not return]"
    if failure:
        raise failure.pop()  # in the list it would hold this frame, and by that the crash, in a circle
    return answer[0]
