"""Secrets in what the variables of a crash hold, found by the rules for texts.

Theory of operation. A settings object, a list of arguments and a connection string say which of their parts
is secret in the same ways as texts do. So each variable is written down as a text, `Config(user='svc',
password='x')`, and so is each call, `login('svc', 'x')`. What the rules find in that text is private from
then on, wherever it stands without its name. Nothing that is written here leaves this file but those secrets.

At the level `shapes` and below every value of a variable goes from a message, secret or not, so this is for
the levels that keep values. As in `values`, no foreign code runs: objects are read by their plans.
"""

from crashguard.scrub import values
from crashguard.scrub.constants import frames_of
from crashguard.scrub.detect import PERSONAL, secrets_in
from crashguard.scrub.private import keep_secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any

    from crashguard.scrub.constants import Exceptions

_MOST_NODES = 1_500
_MOST_ITEMS = 60  # of one container
_DEEPEST = 5
_LONGEST = 4_000  # characters of one text
_MOST_FOUND = 200
_HAS_MORE_ARGUMENTS = 4  # inspect.CO_VARARGS


def of_variables(exceptions: "Exceptions") -> "dict[str, str]":
    """The secrets that the frames of some exceptions hold, each with its kind."""
    found: dict[str, str] = {}
    for _, tb in exceptions:
        writer = _Writer()
        for frame in frames_of(tb):
            try:
                for text in writer.frame(frame):
                    _keep(text, found)
            except Exception:  # noqa: BLE001, S112 (namespaces may be of any class)
                continue
    return found


def _keep(text: str, found: "dict[str, str]") -> None:
    for start, end, kind in secrets_in(text):
        if kind not in PERSONAL and len(found) < _MOST_FOUND:
            secret = text[start:end]
            keep_secret(found, secret, kind)
            if "\\" in secret:  # as its repr has it
                keep_secret(found, secret.replace("\\\\", "\\").replace("\\'", "'"), kind)


class _Writer:
    """Writes values down, each object once."""

    __slots__ = ("_left", "_plans", "_seen")

    def __init__(self) -> None:
        self._left = _MOST_NODES
        self._seen: set[int] = set()
        self._plans: dict[int, list[tuple[str, object]]] = {}

    def frame(self, frame: "FrameType") -> "list[str]":
        """The variables of a frame, each as a text, and the call that began it."""
        held = values.locals_of(frame)
        code = frame.f_code
        by_name = dict(held)
        arguments = [by_name[name] for name in code.co_varnames[: code.co_argcount] if name in by_name]
        if code.co_flags & _HAS_MORE_ARGUMENTS:
            more = by_name.get(code.co_varnames[code.co_argcount + code.co_kwonlyargcount])
            arguments += more if type(more) is tuple else ()
        texts = [
            value[:_LONGEST] if type(value) is str else f"{name}={self._value(value, 0)}"
            for name, value in held
        ]
        is_plain = len(arguments) > 1 and all(type(each) in (str, int, type(None)) for each in arguments)
        return [*texts, f"x.{code.co_name}({', '.join(map(_plain, arguments))})"] if is_plain else texts

    def _value(self, value: object, depth: int) -> str:
        self._left -= 1
        kind = type(value)
        if kind is str or kind is bytes:
            return _plain(value)
        if self._left <= 0 or depth > _DEEPEST or value is None or kind is bool or kind is float:
            return "None"
        if kind is int:
            return int.__repr__(value)
        if id(value) in self._seen or values.is_skipped(kind):
            return "None"
        self._seen.add(id(value))
        return self._container(value, depth + 1)

    def _container(self, value: "Any", depth: int) -> str:
        kind = type(value)
        if issubclass(kind, str):
            return _plain(str.__str__(value))
        if issubclass(kind, dict):
            pairs = values.first(dict.items(value), _MOST_ITEMS)
            written = [f"{self._value(key, depth)}: {self._value(item, depth)}" for key, item in pairs]
            return f"{{{', '.join(written)}}}"
        if issubclass(kind, tuple):
            return self._tuple(value, depth)
        if issubclass(kind, list) or kind is set or kind is frozenset:
            items = list.__iter__(value) if issubclass(kind, list) else value
            return f"[{', '.join(self._value(item, depth) for item in values.first(items, _MOST_ITEMS))}]"
        plan = self._plans.get(id(kind))
        if plan is None:
            plan = self._plans[id(kind)] = values.plan_of(type.__getattribute__(kind, "__mro__"))
        return self._named(values.attributes_of(value, plan), depth)

    def _tuple(self, value: "tuple[object, ...]", depth: int) -> str:
        items = values.first(tuple.__iter__(value), _MOST_ITEMS)
        fields = values.fields_of(type(value))
        if len(fields) == len(items) and fields:
            return self._named(list(zip(fields, items, strict=True)), depth)
        return "(" + ", ".join(self._value(item, depth) for item in items) + ")"

    def _named(self, attributes: "list[tuple[str, object]]", depth: int) -> str:
        written = [
            f"{name}='https://{item}'"
            if name == "netloc" and type(item) is str
            else f"{name}={self._value(item, depth)}"
            for name, item in attributes
        ]
        return f"Held({', '.join(written)})"


def _plain(value: object) -> str:
    return repr(value[:_LONGEST]) if type(value) is str or type(value) is bytes else repr(value)
