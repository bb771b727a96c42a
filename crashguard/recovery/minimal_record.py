"""The minimal record: what is written first, when nothing can be relied on any more.

Uses builtins and what `prepare()` computed at the start: no import, no foreign `__str__`, no allocation
of size, no lock. What it writes is a complete Sentry envelope that says little: the type of the
exception and its frames' functions and lines, and of these only those in files of the standard library,
of installed distributions or of the main program; no message. The full report replaces it moments
later; where that never happens, a later run takes it as it is.

JSON is put together by hand from words that need no escaping: an import of json may be what fails.
Where memory is what is missing, a reserve is let go first; where descriptors are, the dying main thread
lends the one of its stdin.

Must live here: the minimal record. Must not be known here: the full report, the level (the caller asks).
"""

import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any

RECORDING = "recording"
WAITING = "waiting"
LOCAL = "local"

# What is caught there is an error: the program goes on. Anything else ends it, or a thread of it.
GOES_ON = ("unraisable", "asyncio")

_HEAD, _TAIL = 10, 40  # frames kept from the outer and the inner end
_KEY_FRAMES = 30
# Bytes that the crash of a program without memory is reported with. Untouched, they cost address space
# and no memory: the system maps pages when they are first written to.
_RESERVE = 4 * 1024 * 1024
_NO_DESCRIPTOR = (23, 24)  # ENFILE and EMFILE, the same on Linux, macOS, the BSDs and Windows
# The descriptors of the built-in classes, not the attributes, which others may have replaced.
_NAME, _MODULE = vars(type)["__name__"].__get__, vars(type)["__module__"].__get__
traceback_of = vars(BaseException)["__traceback__"].__get__
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.<>-+@")

_spool = ""
_release = ""
_dsn: str | None = None
_known: tuple[str, ...] = ()
_reserve: list[bytes] = []
# Set while a plugin that may not send is guarded in this process: without the full pipeline there is no
# telling whose crash it is, and what may not be sent must stay.
may_send = True


def prepare(spool: str, release: str, dsn: str | None, path: list[str]) -> None:
    """Compute, while the process is healthy, what the minimal record will need."""
    global _spool, _release, _dsn, _known  # noqa: PLW0603 (a dying process has no other place to look)
    _spool, _release, _dsn = spool, release, dsn
    _reserve[:] = (bytes(_RESERVE),)
    main = getattr(sys.modules.get("__main__"), "__file__", None)
    known = [os.path.dirname(os.__file__) + os.sep]
    known += [p + os.sep for p in path if p.endswith(("site-packages", "dist-packages"))]
    if type(main) is str:
        known.append(main)
    _known = tuple(known)


def is_pending(spool: str) -> bool:
    """Whether a spool holds anything that waits to be sent; two directory look-ups."""
    for state in (WAITING, RECORDING):
        try:
            with os.scandir(os.path.join(spool, state)) as entries:
                if next(entries, None) is not None:
                    return True
        except OSError:
            continue
    return False


def new_id() -> str:
    """A random event id as Sentry wants it: a version 4 UUID in 32 hexadecimal digits."""
    raw = bytearray(os.urandom(16))
    raw[6] = raw[6] & 0x0F | 0x40
    raw[8] = raw[8] & 0x3F | 0x80
    return raw.hex()


def id_of(path: str | None) -> str | None:
    """The event id in the path of a minimal record."""
    return None if path is None else os.path.basename(path).split("-")[1]


def write(mechanism: str, exc: BaseException, tb: "TracebackType | None") -> str | None:
    """Write the minimal record of a crash; return its path, or None where that was not possible.

    Never raises. Not fsynced: the full report, which follows at once, is.
    """
    try:
        if issubclass(type(exc), MemoryError):
            _reserve.clear()
        lent = mechanism == "excepthook" and lend_descriptor()
        try:
            return _write(mechanism, exc, tb)
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
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        if error.errno in _NO_DESCRIPTOR:
            os.close(0)
            return True
    return False


def return_descriptor() -> None:
    """Put the null device where stdin was: the lowest free number is the one that was lent."""
    os.open(os.devnull, os.O_RDONLY)


def place_of(exc: BaseException) -> tuple[object, ...]:
    """Type and innermost code: what tells in microseconds that a crash is one that was just seen."""
    codes: list[object] = []
    tb = traceback_of(exc)
    while tb is not None:
        codes.append(tb.tb_frame.f_code)
        codes.append(tb.tb_lasti)
        if len(codes) > 8 * _KEY_FRAMES:
            del codes[: -2 * _KEY_FRAMES]
        tb = tb.tb_next
    return (_NAME(type(exc)), *codes[-2 * _KEY_FRAMES :])


def outliving() -> "dict[str, Any]":
    """`write` and `place_of`, under their names, for the time when the interpreter takes modules apart.

    It then sets the names in a module to None. These copies look theirs up in a namespace of their own.
    """
    names: dict[str, Any] = dict(globals())
    function = type(outliving)
    for name, value in globals().items():
        if type(value) is function:
            names[name] = function(value.__code__, names, name, value.__defaults__)
    return names


def _write(mechanism: str, exc: BaseException, tb: "TracebackType | None") -> str:
    event_id = new_id()
    folder = os.path.join(_spool, RECORDING)
    _make_private(folder)
    suffix = "" if may_send else ".local"
    path = os.path.join(folder, f"{time.time_ns() // 1_000_000}-{event_id}-{os.getpid()}{suffix}.envelope")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags, 0o600)
    try:
        try:
            left = _envelope(event_id, mechanism, exc, tb)
            while left:
                left = left[os.write(descriptor, left) :]
        finally:
            os.close(descriptor)
    except BaseException:
        os.unlink(path)  # else the full report, which knows nothing of it, would be a second one
        raise
    return path


def _make_private(folder: str) -> None:
    """Make a folder, and what is missing above it, for this user alone."""
    try:
        os.mkdir(folder, 0o700)
    except FileExistsError:
        pass
    except FileNotFoundError:
        _make_private(os.path.dirname(folder))
        os.mkdir(folder, 0o700)


def _envelope(event_id: str, mechanism: str, exc: BaseException, tb: "TracebackType | None") -> bytes:
    kind = type(exc)
    module = _MODULE(kind)
    name = _plain(_NAME(kind)) if type(module) is str and module == "builtins" else "Exception"
    level = "error" if mechanism in GOES_ON else "fatal"
    event = (
        f'{{"event_id":"{event_id}","timestamp":{time.time():.3f},"platform":"python","level":"{level}",'
        f'"release":"{_plain(_release)}","exception":{{"values":[{{"type":"{name}",'
        f'"value":"[not collected]","mechanism":{{"type":"{mechanism}","handled":false}},'
        f'"stacktrace":{{"frames":[{_frames(tb)}]}}}}]}},'
        f'"contexts":{{"crashguard":{{"complete":false}}}}}}'
    ).encode("ascii", "replace")
    dsn = f'"dsn":"{_dsn}",' if _dsn and '"' not in _dsn and "\\" not in _dsn else ""
    header = f'{{{dsn}"event_id":"{event_id}"}}\n{{"type":"event","length":{len(event)}}}\n'
    return header.encode("ascii", "replace") + event + b"\n"


def _frames(tb: "TracebackType | None") -> str:
    head: list[str] = []
    tail: list[str] = []
    while tb is not None:
        code = tb.tb_frame.f_code
        if code.co_filename.startswith(_known):
            function = _plain(code.co_name)
            place = "/".join(code.co_filename.replace("\\", "/").split("/")[-2:])
        else:
            function = place = "<external>"
        text = f'{{"function":"{function}","filename":"{_plain(place, "/")}","lineno":{tb.tb_lineno or 1}}}'
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
