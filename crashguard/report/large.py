"""An exception whose text is too large to be made, as one whose text is small.

`str()` of a KeyError with a text of 100 MB, or of an OSError with such a path, takes a second, and most of it
is cut off again. So before the text is made, large texts and containers in it are shortened. The C code of
the built-in class formats a stand-in that holds what is left. The mark of the cut comes last: within quotes
it would be taken for data.

This module is imported at the first exception that is large.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_LONGEST = 5_800  # characters or bytes of one text
_MOST_ITEMS, _MOST_LENGTH = 1_000, 30_000  # items of all containers, characters of all texts in them
_DEEPEST, _LONGEST_WORD = 20, 200
_CONTAINERS = (tuple, list, dict, set, frozenset)


class _Mark:
    """What stands where something was cut."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def stand_in(exc: BaseException, size_of: "Callable[[object], int]") -> "tuple[BaseException, str]":
    """An exception whose text is the beginning of that of another one, and the mark to put behind that text.

    Args:
        exc: The exception. It stands in for itself where its `__str__` is not that of a built-in class.
        size_of: Says how many items an object has, without foreign code.
    """
    short = _Shortening(size_of)
    for cls in type.__getattribute__(type(exc), "__mro__"):
        if "__str__" in vars(type)["__dict__"].__get__(cls):
            made = _MAKERS[cls](exc, short) if cls in _MAKERS else exc
            return made, short.mark()
    return exc, ""


class _Shortening:
    """One exception's values, made short; the limits hold for all of them together."""

    __slots__ = ("_characters", "_cut", "_items", "_size_of")

    def __init__(self, size_of: "Callable[[object], int]") -> None:
        self._size_of = size_of
        self._items = _MOST_ITEMS
        self._characters = _MOST_LENGTH
        self._cut = 0

    def mark(self) -> str:
        """The mark that says how much of texts was cut; empty where nothing was."""
        return f" [... {self._cut} characters cut ...]" if self._cut else ""

    def of(self, value: "Any", depth: int = 0) -> "Any":
        """A value without what is large in it.

        Args:
            value: The value.
            depth: In how many containers it lies.
        """
        kind = type(value)
        if kind in (str, bytes, bytearray):
            most = min(_LONGEST, self._characters)
            kept = value if len(value) <= most else value[:most]
            if kept is not value and kind is str:
                head, _, word = kept.rpartition(" ")  # half of a word may be half of a secret
                kept = head if len(word) < _LONGEST_WORD else kept
            self._characters -= len(kept)
            self._cut += len(value) - len(kept)
            return kept
        if kind in _CONTAINERS:
            return _Mark("[...]") if depth > _DEEPEST else self._container(value, depth)
        size = self._size_of(value)
        return value if size <= _MOST_ITEMS else _Mark(f"[... {size} items cut ...]")

    def _container(self, value: "Any", depth: int) -> "Any":
        items = [item for _, item in zip(range(self._items), value, strict=False)]
        self._items -= len(items)
        if type(value) is dict:
            items = [key for key in items if type(key) in _KEYS]
        left = len(value) - len(items)
        mark = [_Mark(f"[... {left} items cut ...]")] if left else []
        if type(value) is dict:
            made = {self.of(key): self.of(value[key], depth + 1) for key in items}
            return {**made, **{each: _Mark("...") for each in mark}}
        short = [*(self.of(each, depth + 1) for each in items), *mark]
        return tuple(short) if type(value) is tuple else short


_KEYS = (str, int, float, bool, type(None))  # looking them up runs no foreign code
_ARGS = vars(BaseException)["args"].__get__
_MESSAGE = vars(BaseExceptionGroup)["message"].__get__
_MEMBERS = vars(BaseExceptionGroup)["exceptions"].__get__


def _of_arguments(exc: BaseException, short: _Shortening) -> BaseException:
    return BaseException(*short.of(_ARGS(exc)))


def _of_key(exc: BaseException, short: _Shortening) -> BaseException:
    return KeyError(*short.of(_ARGS(exc)))


def _of_os_error(exc: BaseException, short: _Shortening) -> BaseException:
    return _with(OSError(), exc, short, ("errno", "strerror", "filename", "filename2"))


def _of_import_error(exc: BaseException, short: _Shortening) -> BaseException:
    return _with(ImportError(), exc, short, ("msg",))


def _of_syntax_error(exc: BaseException, short: _Shortening) -> BaseException:
    return _with(SyntaxError(), exc, short, ("msg", "filename", "lineno"))


def _with(
    made: BaseException, exc: BaseException, short: _Shortening, names: "tuple[str, ...]"
) -> BaseException:
    """A stand-in with the attributes that its text is made of; without any, the arguments are."""
    values = [(name, vars(type(made))[name].__get__(exc)) for name in names]
    if all(value is None for _, value in values):
        made.args = short.of(_ARGS(exc))
    for name, value in values:
        if value is not None:
            setattr(made, name, short.of(value))
    return made


def _of_unicode_error(exc: BaseException, short: _Shortening) -> BaseException:
    """Its C code shows one character of the object, the encoding and the reason."""
    cls: Any = next(each for each in _UNICODE if issubclass(type(exc), each))
    names = ("encoding", "object", "start", "end", "reason")
    values = [vars(cls)[name].__get__(exc) for name in names if name in vars(cls)]
    made: BaseException = cls(*values[:-1], short.of(values[-1]))
    return made


def _of_group(exc: BaseException, short: _Shortening) -> BaseException:
    number = len(_MEMBERS(exc))
    return BaseException(f"{short.of(_MESSAGE(exc))} ({number} sub-exception{'' if number == 1 else 's'})")


_UNICODE = (UnicodeDecodeError, UnicodeEncodeError, UnicodeTranslateError)
# By the class whose `__str__` it is.
_MAKERS: "dict[type, Callable[[BaseException, _Shortening], BaseException]]" = {
    BaseException: _of_arguments,
    KeyError: _of_key,
    OSError: _of_os_error,
    ImportError: _of_import_error,
    SyntaxError: _of_syntax_error,
    BaseExceptionGroup: _of_group,
    **dict.fromkeys(_UNICODE, _of_unicode_error),
}
