"""The minimal record: what a crash writes first, when nothing can be relied on any more.

It is written with builtins and with what `Prepared` computed at the start: no import, no foreign `__str__`,
no allocation of size, no lock. What it writes is a complete Sentry envelope that says little: the type of the
exception and its frames' functions and lines, and of these only those in files of the standard library,
of installed distributions or of the main program; no message. The full report replaces it moments
later; where that never happens, a later run takes it as it is.

JSON is put together by hand from words that need no escaping: an import of json may be what fails.
Where memory is what is missing, a reserve is let go first; where descriptors are, the dying main thread
lends the one of its stdin.
"""

import os
import sys
import time

from crashguard import files, paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any

_HEAD, _TAIL = 10, 40  # frames kept from the outer and the inner end
_KEY_FRAMES = 30
# Bytes that the crash of a program without memory is reported with. Untouched, they cost address space
# and no memory: the system maps pages when they are first written to.
_RESERVE = 4 * 1024 * 1024
# The descriptors of the built-in classes, not the attributes, which others may have replaced. They stand
# here too, so that nothing but this file and `files` is needed when the interpreter takes modules apart.
_NAME, _MODULE = vars(type)["__name__"].__get__, vars(type)["__module__"].__get__
traceback_of = vars(BaseException)["__traceback__"].__get__
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.<>-+@")


class Prepared:
    """What a minimal record needs, computed while the process is healthy.

    Args:
        spool: The folder of the app's reports.
        release: `app@version`.
        dsn: Where the record goes when a later run sends it, or None.
        path: `sys.path`.
    """

    __slots__ = ("dsn", "known", "release", "reserve", "spool")

    def __init__(self, spool: str, release: str, dsn: str | None, path: "list[str]") -> None:
        self.spool = spool
        self.release = release
        self.dsn = dsn
        self.reserve = [bytes(_RESERVE)]
        main = getattr(sys.modules.get("__main__"), "__file__", None)
        known = [os.path.dirname(os.__file__) + os.sep]
        known += [p + os.sep for p in path if p.endswith(("site-packages", "dist-packages"))]
        if type(main) is str:
            known.append(main)
        self.known = tuple(known)


def new_id() -> str:
    """A random event id as Sentry wants it: a version 4 UUID in 32 hexadecimal digits."""
    raw = bytearray(os.urandom(16))
    raw[6] = raw[6] & 0x0F | 0x40
    raw[8] = raw[8] & 0x3F | 0x80
    return raw.hex()


def id_of(path: str | None) -> str | None:
    """The event id in the path of a minimal record."""
    return None if path is None else os.path.basename(path).split("-")[1]


def write(
    prepared: Prepared,
    mechanism: str,
    exc: BaseException,
    tb: "TracebackType | None",
    *,
    event_id: str | None = None,
    goes_on: bool = False,
    local_only: bool = False,
) -> str | None:
    """Write the minimal record of a crash; return its path, or None where that was not possible.

    Never raises. Not fsynced: the full report, which follows at once, is.

    Args:
        prepared: What was computed at the start.
        mechanism: The hook that it came to.
        exc: The exception.
        tb: Its traceback.
        event_id: The id that the full report will have; a new one by default.
        goes_on: Whether the program goes on after it, so that it is an error and not fatal.
        local_only: Whether it must never be sent.
    """
    try:
        if issubclass(type(exc), MemoryError):
            prepared.reserve.clear()
        lent = mechanism == "excepthook" and lend_descriptor()
        try:
            event_id = event_id or new_id()
            folder = os.path.join(prepared.spool, paths.RECORDING)
            files.private_folder(folder)
            suffix = ".local" if local_only else ""
            name = f"{time.time_ns() // 1_000_000}-{event_id}-{os.getpid()}{suffix}.envelope"
            path = os.path.join(folder, name)
            level = "error" if goes_on else "fatal"
            event = _event(prepared, event_id, level, _value(mechanism, exc, tb, prepared.known))
            files.create(path, _sealed(event, event_id, prepared.dsn))
            return path
        finally:
            if lent:
                return_descriptor()
    except BaseException:  # noqa: BLE001 (whatever is broken, the crash must look as it would without us)
        return None


def lend_descriptor() -> bool:
    """Close stdin if no descriptor is left; whether that was so. For the dying main thread only.

    Nobody reads what is typed to a program whose main thread is dead, and without a descriptor nothing
    can be written.
    """
    try:
        os.close(files.open_null())
    except OSError as error:
        if error.errno in files.NO_DESCRIPTOR:
            os.close(0)
            return True
    return False


def return_descriptor() -> None:
    """Put the null device where stdin was: the lowest free number is the one that was lent."""
    files.open_null()


def site_of(exc: BaseException) -> tuple[object, ...]:
    """Type and innermost instructions: what tells in microseconds that a crash is one that was just seen.

    Names and offsets, not code objects: those would be kept alive by whoever keeps the answer, and their hash
    is computed anew each time.
    """
    site: list[object] = []
    tb = traceback_of(exc)
    while tb is not None:
        code = tb.tb_frame.f_code
        site += (code.co_qualname, code.co_filename, tb.tb_lasti)
        if len(site) > 12 * _KEY_FRAMES:
            del site[: -3 * _KEY_FRAMES]
        tb = tb.tb_next
    return (_NAME(type(exc)), *site[-3 * _KEY_FRAMES :])


def outliving() -> "dict[str, Any]":
    """`write` and `site_of`, under their names, for the time when the interpreter takes modules apart.

    It then sets the names in a module to None. These copies look theirs up in a namespace of their own.
    """
    namespace: Any = type(sys.implementation)  # SimpleNamespace, without an import
    names = _copied(globals())
    names["files"] = namespace(**_copied(vars(files)))
    names["paths"] = namespace(RECORDING=paths.RECORDING)
    return names


def _copied(module: "dict[str, Any]") -> "dict[str, Any]":
    """The names of a module, its functions bound to the copy."""
    names: dict[str, Any] = dict(module)
    function = type(_copied)
    for name, value in module.items():
        if type(value) is function:
            copy = names[name] = function(value.__code__, names, name, value.__defaults__)
            copy.__kwdefaults__ = value.__kwdefaults__
    return names


def _event(prepared: Prepared, event_id: str, level: str, value: str) -> bytes:
    return (
        f'{{"event_id":"{event_id}","timestamp":{time.time():.3f},"platform":"python","level":"{level}",'
        f'"release":"{_plain(prepared.release)}","exception":{{"values":[{value}]}},'
        f'"contexts":{{"crashguard":{{"complete":false}}}}}}'
    ).encode("ascii", "replace")


def _value(mechanism: str, exc: BaseException, tb: "TracebackType | None", known: tuple[str, ...]) -> str:
    exc_type = type(exc)
    module = _MODULE(exc_type)
    name = _plain(_NAME(exc_type)) if type(module) is str and module == "builtins" else "Exception"
    return (
        f'{{"type":"{name}","value":"[not collected]","mechanism":{{"type":"{mechanism}","handled":false}},'
        f'"stacktrace":{{"frames":[{_frames(tb, known)}]}}}}'
    )


def _sealed(event: bytes, event_id: str, dsn: str | None) -> bytes:
    to = f'"dsn":"{dsn}",' if dsn and '"' not in dsn and "\\" not in dsn else ""
    header = f'{{{to}"event_id":"{event_id}"}}\n{{"type":"event","length":{len(event)}}}\n'
    return header.encode("ascii", "replace") + event + b"\n"


def _frames(tb: "TracebackType | None", known: tuple[str, ...]) -> str:
    head: list[str] = []
    tail: list[str] = []
    while tb is not None:
        code = tb.tb_frame.f_code
        if code.co_filename.startswith(known):
            function = _plain(code.co_name)
            filename = "/".join(code.co_filename.replace("\\", "/").split("/")[-2:])
        else:
            function = filename = "<external>"
        text = (
            f'{{"function":"{function}","filename":"{_plain(filename, "/")}","lineno":{tb.tb_lineno or 1}}}'
        )
        if len(head) < _HEAD:
            head.append(text)
        else:
            tail.append(text)
            if len(tail) > 2 * _TAIL:
                del tail[:-_TAIL]
        tb = tb.tb_next
    return ",".join(head + tail[-_TAIL:])


def _plain(text: str, also: str = "") -> str:
    return "".join(c if c in _PLAIN or c in also else "?" for c in text[:200])
