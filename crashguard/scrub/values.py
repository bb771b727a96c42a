"""What the variables of an exception's frames hold: copies of their texts, no objects.

Theory of operation. The walk goes level by level, first through what the exception and the local variables
hold themselves, innermost frames first, then through what those contain: dicts, lists, tuples, sets, plain
objects. It is bounded by numbers of steps and of values. It runs no foreign code: containers are read by
the methods of the built-in classes, and an object's attributes only by the built-in descriptors of
`__dict__` and of `__slots__` that a class statement made. The members of a C type can crash the process.
"""

import os

from crashguard import frames
from crashguard.scrub._tables import MESSAGE_LOCALS
from crashguard.scrub.constants import frames_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import FrameType
    from typing import Any

    from crashguard.scrub.constants import Exceptions

    Level = list[tuple[str, object]]

MOST_VALUES = 500
_MOST_STEPS = 1_500  # values that are looked at, whatever they are
_MOST_ITEMS = 60  # of one container
_MOST_LOCALS = 200
_DEEPEST = 5
_LONGEST_VALUE = 20_000
_MOST_REACHED = 200
_FRAMES_REACHED = 5
REACHED = "reached_"  # instead of its name, for what a global holds
LIBRARY_NAME = "name_"  # a variable called `name` in a library's function: that of an option or an attribute


def read(exceptions: "Exceptions") -> "tuple[list[tuple[str, str]], set[str]]":
    """The texts that a report's frames hold, each with the name of what held it, and keys of dicts."""
    entries: list[tuple[str, str]] = []
    keys: set[str] = set()
    for exc, tb in exceptions:
        walk = Walk(max(MOST_VALUES // len(exceptions), 10))
        walk.through(frames_of(tb), exc)
        entries += walk.entries
        keys |= walk.keys
    return entries, keys


def reached(exceptions: "Exceptions") -> "list[tuple[str, str]]":
    """The texts in objects of a module that the functions which crashed work with: settings, caches.

    A text that is such a global itself is most likely a constant of the program.
    """
    walk = Walk(_MOST_REACHED)
    for _, tb in exceptions:
        level: Level = []
        for frame in frames_of(tb)[:_FRAMES_REACHED]:
            space = frame.f_globals
            if type(space) is dict:
                held = [(name, space[name]) for name in frame.f_code.co_names if name in space]
                level += [(name, value) for name, value in held if not _is_own(value)]
        walk.walk(level)
    return [(text, REACHED) for text, _ in walk.entries]


def _is_own(value: object) -> bool:
    """Whether a global is a constant of the program, or the environment, which is looked through apart."""
    kind = type(value)  # a metaclass may have an `__eq__`
    return any(kind is each for each in (str, bytes, tuple, frozenset)) or value is os.environ


def _slotted() -> "tuple[type, type]":
    class Slotted:
        __slots__ = ("x",)

    class Plain:
        pass

    return type(vars(Slotted)["x"]), type(vars(Plain)["__dict__"])


_MEMBER, _GETSET = _slotted()
_NAME = vars(type)["__name__"].__get__  # a metaclass may have replaced what it says
_NAMESPACE: "Callable[[type], Any]" = vars(type)["__dict__"].__get__
_MODULE: "Callable[[type], Any]" = vars(type)["__module__"].__get__
_FLAGS: "Callable[[type], int]" = vars(type)["__flags__"].__get__
_HEAP, _IMMUTABLE = 1 << 9, 1 << 8  # Py_TPFLAGS_HEAPTYPE: made by a class statement; Py_TPFLAGS_IMMUTABLETYPE
_STDLIB = os.path.dirname(getattr(os, "__file__", "")) or "<frozen"  # cx_Freeze leaves it no file
_LARGEST = 1e30  # of the numbers that are looked for
_SKIPPED = frozenset(
    """
    module type function builtin_function_or_method method frame code traceback ABCMeta EnumType EnumMeta
    """.split()
)


class Walk:
    """One walk.

    Args:
        most: How many texts to keep.

    Attributes:
        entries: Texts, each with the name of the variable, key or attribute that held it.
        keys: Keys of dicts: names of a schema.
    """

    __slots__ = ("_left", "_plans", "_seen", "_steps", "entries", "keys")

    def __init__(self, most: int = MOST_VALUES) -> None:
        self._left = most
        self._steps = _MOST_STEPS
        self._seen: set[int] = set()  # ids of containers, which the frames keep alive
        self._plans: dict[int, list[tuple[str, object]]] = {}
        self.entries: list[tuple[str, str]] = []
        self.keys: set[str] = set()

    def through(self, frames: "list[FrameType]", exc: BaseException) -> None:
        """Walk through an exception and the frames that it passed, innermost first."""
        level: list[tuple[str, object]] = [("", value) for value in _of_exception(exc)]
        for frame in frames:
            level += locals_of(frame)
        self.walk(level)

    def walk(self, level: "Level") -> None:
        """Walk through some values, each with the name of what holds it."""
        for _ in range(_DEEPEST):
            deeper: list[tuple[str, object]] = []
            for name, value in level:
                self._steps -= 1
                if self._steps <= 0 or self._left <= 0:
                    return
                self._value(name, value, deeper)
            level = deeper

    def _value(self, name: str, value: object, deeper: "list[tuple[str, object]]") -> None:
        kind = type(value)
        if kind is str:
            self._text(name, value)  # type: ignore[arg-type]
        elif kind is bytes or kind is bytearray:
            self._text(name, bytes(value[:_LONGEST_VALUE]).decode("utf-8", "replace"))  # type: ignore[index]
        elif kind is int or kind is float:
            if 9999 < value < _LARGEST or -_LARGEST < value < -9999:  # type: ignore[operator]
                self._text(name, repr(value))
        elif kind is bool or value is None or is_skipped(kind) or id(value) in self._seen:
            return
        else:
            self._seen.add(id(value))
            self._container(name, value, deeper)

    def _container(self, name: str, value: object, deeper: "Level") -> None:
        kind = type(value)
        if kind is dict:
            self._dict(value, deeper)  # type: ignore[arg-type]
        elif any(kind is each for each in (list, tuple, set, frozenset)):  # a metaclass may have an `__eq__`
            deeper += [(name, item) for item in first(value)]  # type: ignore[arg-type]
        else:
            self._object(name, value, deeper)

    def _dict(self, value: "dict[object, object]", deeper: "list[tuple[str, object]]") -> None:
        for key, item in first(dict.items(value)):
            if type(key) is str:
                if key.isascii() and " " not in key and len(value) > 1:
                    self.keys.add(key)
                elif not key.isascii():
                    self._text("", key)
                deeper.append((key, item))
            else:
                deeper += [("", key), ("", item)]

    def _object(self, name: str, value: object, deeper: "list[tuple[str, object]]") -> None:
        kind = type(value)  # issubclass() asks the built-in class, never a foreign metaclass
        mro = type.__getattribute__(kind, "__mro__")
        if issubclass(kind, str):
            self._text(name, str.__str__(value))
        elif issubclass(kind, bytes):
            self._text(name, bytes.decode(value, "utf-8", "replace"))  # type: ignore[arg-type]
        elif issubclass(kind, (int, type)) or "_member_map_" in _NAMESPACE(kind):
            return  # a member of an enumeration is the program's own
        elif issubclass(kind, dict):
            self._dict(value, deeper)  # type: ignore[arg-type]
        elif issubclass(kind, list):
            deeper += [(name, item) for item in first(list.__iter__(value))]  # type: ignore[arg-type]
        elif issubclass(kind, tuple):
            deeper += [(name, item) for item in first(tuple.__iter__(value))]  # type: ignore[arg-type]
        elif _text(_MODULE(mro[0])) in _PLAIN_MODULES and _NAME(kind) in _PLAIN_TYPES:
            self._text(name, mro[0].__str__(value))
        else:
            plan = self._plans.get(id(kind))
            if plan is None:
                plan = self._plans[id(kind)] = plan_of(mro)
            deeper += attributes_of(value, plan)

    def _text(self, name: str, text: str) -> None:
        text = text[:_LONGEST_VALUE].strip()
        if len(text) < 2 or name[:2] == "__":
            return
        self._left -= 1
        self.entries.append((text, name))


_PLAIN_MODULES = frozenset(("datetime", "decimal", "uuid", "_pydatetime", "_decimal", "_datetime"))
_PLAIN_TYPES = frozenset(("date", "datetime", "time", "Decimal"))


def plan_of(mro: "tuple[type, ...]") -> "list[tuple[str, Any]]":
    """The descriptors by which the attributes of an object can be read: those that class statements made.

    Args:
        mro: The classes of the object.

    Returns:
        The name of each slot with its descriptor; that of a `__dict__` has no name.
    """
    plan: list[tuple[str, Any]] = []
    for cls in mro:
        if not _FLAGS(cls) & _HEAP or _FLAGS(cls) & _IMMUTABLE:
            continue
        names = _NAMESPACE(cls)
        getter = names.get("__dict__")
        if type(getter) is _GETSET and "__module__" in names:
            plan.append(("", getter))
        slots = names.get("__slots__")
        if type(slots) in (tuple, list):
            members = [(name, names.get(name)) for name in slots[:_MOST_ITEMS] if type(name) is str]
            plan += [(name.lstrip("_"), member) for name, member in members if type(member) is _MEMBER]
    return plan


def attributes_of(value: object, plan: "list[tuple[str, Any]]") -> "list[tuple[str, object]]":
    """The attributes of an object by its plan; no code of its classes is run."""
    found: list[tuple[str, object]] = []
    for name, descriptor in plan:
        try:
            held = descriptor.__get__(value, type(value))
        except AttributeError:
            continue  # a slot that is not set
        if name:
            found.append((name, held))
        elif type(held) is dict:
            found += [(key.lstrip("_"), item) for key, item in first(held.items()) if type(key) is str]
    return found


def fields_of(kind: type) -> "tuple[str, ...]":
    """The names of the fields of a named tuple; none for other classes."""
    for each in type.__getattribute__(kind, "__mro__"):
        fields = _NAMESPACE(each).get("_fields")
        if type(fields) is tuple and all(type(field) is str for field in fields):
            return fields
    return ()


def is_skipped(kind: type) -> bool:
    """Whether objects of a class are code, types and the like, which hold no data of anybody's."""
    return _NAME(kind) in _SKIPPED


def _of_exception(exc: BaseException) -> "list[object]":
    """What an exception holds: its attributes, containers among its arguments, and the key of a KeyError.

    A text among the arguments of another is mostly the message itself.
    """
    found: list[object] = []
    try:
        args = BaseException.args.__get__(exc)  # type: ignore[attr-defined]
        is_key = issubclass(type(exc), KeyError) and len(args) == 1
        found += [each for each in args[:_MOST_ITEMS] if is_key or type(each) in (dict, list, tuple)]
        # To read `__dict__` makes one, which shows when the exception is pickled, as a third part.
        held = object.__getattribute__(exc, "__dict__") if len(BaseException.__reduce__(exc)) == 3 else None
        if type(held) is dict:
            found.append(
                {key: item for key, item in held.items() if key not in MESSAGE_LOCALS and key[:2] != "__"}
            )
    except Exception:  # noqa: BLE001, S110 (a class may have replaced its own __dict__)
        pass
    return found


def locals_of(frame: "FrameType") -> "list[tuple[str, object]]":
    """The local variables of a frame; what a library calls `name` under a name of its own."""
    names = frames.locals_of(frame)
    is_library = "-packages" in frame.f_code.co_filename or frame.f_code.co_filename.startswith(_STDLIB)
    return [
        (LIBRARY_NAME if is_library and name == "name" else name, value)
        for name, value in first(names.items(), _MOST_LOCALS)
        if type(name) is str
    ]


def first(items: "Iterable[Any]", most: int = _MOST_ITEMS) -> "list[Any]":
    """The first items of a container, also while another thread changes it."""
    found = []
    try:
        for item in items:
            found.append(item)
            if len(found) >= most:
                break
    except RuntimeError:
        pass
    return found


def _text(value: object) -> str:
    return value if type(value) is str else ""
