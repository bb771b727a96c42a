"""The minimal record: the first file that a crash writes, when the process may be broken in any way.

It is written with builtins and with values that `Prepared` computed at the start: no import, no foreign
`__str__`, no large allocation, no lock. It is a complete Sentry envelope with little content: the type of the
exception, and the functions and lines of its frames. Frames are named only in the tool's own code and in the
standard library, because to know what else may be told takes a look at files. It has no message. The full
report replaces it moments later; if the process dies before that, a later run sends the minimal record.

That run computes the fingerprint, which is that of the full report. What it needs for that is added below
the envelope, once that is written, and stays on the machine: `fingerprint_facts`.

JSON is put together by hand from texts that need no escaping, because the import of json may fail. After a
MemoryError a memory reserve is released first. Where no descriptor is free, one that was held for that is
given up: `spare.Spare`. A record that cannot be written all the same is kept in memory until it can.
"""

import os
import sys
from time import time, time_ns  # the program may replace those in the module

from crashguard import files, paths
from crashguard import program as programs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType
    from typing import Any

    from crashguard.plugin import Plugin
    from crashguard.program import Program
    from crashguard.spare import Spare

files.keep_builtins(__name__)

_HEAD, _TAIL = 10, 40  # frames kept from the outer and the inner end
_KEY_FRAMES = 30
_LONG = 6_000  # entries of a traceback: `frames.MOST`, which a start does not import
_MOST_CAUSES = 20  # causes, groups and members of a group that are looked at
# Bytes. After a MemoryError the report is made with this memory. Until then it costs address space only: the
# system maps a page when it is first written to.
_RESERVE = 4 * 1024 * 1024
# The descriptors of the built-in classes, not the attributes, which subclasses may have replaced. They are
# defined here too, so that only this module and `files` are needed when the interpreter clears modules.
_NAME, _MODULE = vars(type)["__qualname__"].__get__, vars(type)["__module__"].__get__
traceback_of = vars(BaseException)["__traceback__"].__get__
_CAUSE, _MEMBERS = vars(BaseException)["__cause__"].__get__, vars(BaseExceptionGroup)["exceptions"].__get__
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.<>-+@")


_SOURCE = " ',"  # beside _PLAIN, in the source of a telemetry level


class Prepared:
    """What a minimal record needs, computed while the process is healthy.

    Args:
        spool: The folder of the app's reports.
        release: `app@version`.
        dsn: The destination for a later run that sends the record, or None.
        program: Whose code a frame is.
        level: The telemetry level, and its source.
        plugins: Asks for the plugins that have a guard in this process.
        spare: The descriptor that this process holds for its crash.
    """

    __slots__ = ("dsn", "level", "pid", "plugins", "program", "release", "reserve", "spare", "spool", "token")

    def __init__(
        self,
        spool: str,
        release: str,
        dsn: str | None,
        program: "Program",
        level: tuple[str, str],
        *,
        plugins: "Callable[[], Sequence[Plugin]]" = list,
        spare: "Spare",
    ) -> None:
        self.spare = spare
        self.level = level
        self.plugins = plugins
        self.spool = spool
        self.release = release
        self.dsn = dsn
        self.reserve = [bytes(_RESERVE)]
        self.program = program
        self.pid = files.system.getpid()
        self.token = files.process_token()

    def in_child(self, token: str) -> None:
        """In a forked child: from now on records bear its own token."""
        self.pid = files.system.getpid()
        self.token = token
        self.spare.written.clear()


def new_id() -> str:
    """A random event id in Sentry's form: a version 4 UUID in 32 hexadecimal digits."""
    raw = bytearray(files.system.urandom(16))
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

    Where no descriptor is free, it is kept in memory, and the path is the one at which it will be.

    Never raises. It is not fsynced, because the full report follows at once and is.

    Args:
        prepared: The values that were computed at the start.
        mechanism: The hook that received the exception.
        exc: The exception.
        tb: Its traceback.
        event_id: The id of the full report; a new one by default.
        goes_on: Whether the program goes on, so that the event's level is `error` and not `fatal`.
        local_only: Whether the record must never be sent.
    """
    try:
        if issubclass(type(exc), MemoryError):
            prepared.reserve.clear()
        tb = _ends(tb)
        site = _innermost(exc, tb)
        if (path := prepared.spare.written.pop(site, None)) is not None:
            return path
        lent = prepared.spare.lend(dying=mechanism == "excepthook")
        try:
            event_id = event_id or new_id()
            folder = f"{prepared.spool}{os.sep}{paths.RECORDING}"  # os.path needs builtins that may be gone
            files.state_folder(folder)
            suffix = ".local" if local_only else ""
            # A child that looked up no token of its own does not do it now: there may be no descriptor.
            writer = prepared.token if files.system.getpid() == prepared.pid else files.system.getpid()
            name = f"{time_ns() // 1_000_000}-{event_id}-{writer}{suffix}.envelope"
            path = f"{folder}{os.sep}{name}"
            level = "error" if goes_on else "fatal"
            bug = _bug(exc, tb, prepared.program)
            event = _event(prepared, event_id, level, bug + _value(mechanism, exc, tb, prepared.program))
            sealed = _sealed(event, event_id, prepared.dsn)
            try:
                files.create(path, sealed)
            except OSError as error:
                if error.errno in files.NO_DESCRIPTOR:
                    return prepared.spare.keep(site, path, sealed)
                return None
            prepared.spare.unwritten.pop(site, None)  # a guard met it before
            if mechanism in ("guard", "capture"):  # no report could be made; the hook above may meet it
                prepared.spare.written[site] = path
            _add_facts(path, prepared, mechanism, exc, tb)
            return path
        finally:
            prepared.spare.take_back(lent)
    except BaseException:  # noqa: BLE001 (whatever fails here, the crash must look as without crashguard)
        return None


def note_in_marker(marker: str, event_id: str) -> None:
    """Write into a run's marker, if it has one, that it crashed. Never raises."""
    try:
        files.append(marker, f" {paths.CRASHED} {event_id}".encode(), create=False)
    except OSError:
        pass


def site_of(exc: BaseException, tb: "TracebackType | None" = None) -> tuple[object, ...]:
    """The site of a crash: the exception's type and its innermost instructions.

    Two crashes with the same site are the same bug; the comparison takes microseconds. The site holds names
    and offsets and no code objects: a reference would keep a code object alive, and its hash is computed anew
    each time.
    """
    site: list[object] = []
    tb = tb or traceback_of(exc)
    while tb is not None:
        code = tb.tb_frame.f_code
        site += (code.co_qualname, code.co_filename, tb.tb_lasti)
        if len(site) > 12 * _KEY_FRAMES:
            del site[: -3 * _KEY_FRAMES]
        tb = tb.tb_next
    return (_NAME(type(exc)), *site[-3 * _KEY_FRAMES :])


def _innermost(exc: BaseException, tb: "TracebackType | None") -> tuple[object, ...]:
    """A crash as a guard and the hook above it see it, whose tracebacks begin in different frames."""
    name, *site = site_of(exc, tb)
    return (name, *site[-3:])


def _outliving() -> "Callable[[], None]":
    """A function that gives this module and those it needs their names back.

    The interpreter sets the names in a module to None when it clears modules. What is called here keeps them,
    and the function puts them back; it uses no name of this module itself.
    """
    kept = [(names, names.copy()) for names in (globals(), vars(files), vars(paths), vars(programs))]

    def put_back() -> None:
        for names, copy in kept:
            names.update(copy)

    return put_back


def last_hook(
    prepared: Prepared,
    previous: "Callable[[Any], object]",
    expected: "tuple[type[BaseException], ...]",
    seen: "set[tuple[object, ...]]",
    *,
    local_only: bool,
) -> "Callable[[Any], object]":
    """An unraisable hook for the time when the interpreter clears modules: it refers to all that it needs.

    Args:
        prepared: What the records need.
        previous: The hook that was there before; it is called last.
        expected: Exceptions that are no crash.
        seen: The sites of the crashes that have a report, each with its level.
        local_only: Whether a record must never be sent.
    """
    put_back, record, place_of = _outliving(), write, site_of
    silent: tuple[type[BaseException], ...] = (
        KeyboardInterrupt,
        SystemExit,
        GeneratorExit,
        BrokenPipeError,
        *expected,
    )
    # Their last flush finds a full disk or a reader that went away. Ids, because references keep files alive.
    # Since 3.13 the interpreter says in words which file it was, and passes no object.
    output = (id(sys.stdout), id(sys.stderr))
    shown = [name for name in (_file_as_shown(sys.stdout), _file_as_shown(sys.stderr)) if name]
    in_words = ("flushing sys.stdout", "flushing sys.stderr", *(f"finalizing file {name}" for name in shown))

    def hook(args: "Any") -> None:
        exc = args.exc_value
        try:
            put_back()
            site = place_of(exc)
            said = args.err_msg
            of_output = id(args.object) in output or (type(said) is str and said.endswith(in_words))
            is_known = (site, "error") in seen or (site, "fatal") in seen
            if not issubclass(type(exc), silent) and not is_known and not of_output:
                seen.add((site, "error"))
                record(prepared, "unraisable", exc, args.exc_traceback, goes_on=True, local_only=local_only)
        except BaseException:  # noqa: BLE001, S110 (there may be nothing left to work with)
            pass
        previous(args)

    return hook


def _file_as_shown(file: object) -> str:
    """How a message of the interpreter names a file (3.14); empty for anything but one of its own files."""
    try:
        return repr(file) if type(file) is sys.modules["_io"].TextIOWrapper else ""
    except Exception:  # noqa: BLE001 (its name may be an object of the host)
        return ""


def _event(prepared: Prepared, event_id: str, level: str, content: str) -> bytes:
    value, source = prepared.level
    return (
        f'{{"event_id":"{event_id}","timestamp":{int(time())},"platform":"python","level":"{level}",'
        f'"release":"{_plain(prepared.release)}",{content},'
        f'"contexts":{{"crashguard":{{"complete":false,"telemetry_level":"{value}",'
        f'"telemetry_level_source":"{_plain(source, _SOURCE)}"}}}}}}'
    ).encode("ascii", "replace")


def _bug(exc: BaseException, tb: "TracebackType | None", program: "Program") -> str:
    """The fingerprint and the headline. They are the beginning of what `report.fingerprint` would make.

    The exception that decides is a cause or a member of a group, if that has a frame of the tool's own.
    """
    kind, place = _type_name(exc, program), _place(tb, program)
    current: BaseException | None = exc
    for _ in range(_MOST_CAUSES):
        members = _MEMBERS(current) if issubclass(type(current), BaseExceptionGroup) else ()
        own = [each for each in members[:_MOST_CAUSES] if _place(_ends(traceback_of(each)), program)]
        current = (own or members or (_CAUSE(current),))[0]
        if current is None:
            break
        if found := _place(_ends(traceback_of(current)), program):
            kind, place = _type_name(current, program), found
    if issubclass(type(exc), RecursionError) or not place:
        return f'"fingerprint":["4","{kind}"],'
    module, function = place
    return f'"fingerprint":["4","{kind}","{module}:{function}"],"transaction":"{module} in {function}",'


def _ends(tb: "TracebackType | None") -> "TracebackType | None":
    """A traceback without the middle of a long one, if that can be left out now."""
    entry = tb
    for _ in range(_LONG):
        if entry is None:
            return tb
        entry = entry.tb_next
    try:
        from crashguard import frames

        return frames.bounded(tb)[0]
    except BaseException:  # noqa: BLE001 (nothing can be imported any more)
        return tb


def _place(tb: "TracebackType | None", program: "Program") -> "tuple[str, str] | None":
    """Module and function of the innermost frame of the tool's own code, which is no comprehension."""
    own = code = before = None
    while tb is not None:
        called = tb.tb_frame.f_code
        # A recursion is the same function again and again.
        if called is not before and not called.co_name.endswith("comp>"):
            filename = program.own(
                programs.module_of_namespace(tb.tb_frame.f_globals, called.co_filename), called.co_filename
            )
            if filename is not None:
                own, code = filename, called
        before = called
        tb = tb.tb_next
    if own is None or code is None:
        return None
    stem = own.rpartition(".")[0].replace("/", ".").removesuffix(".__init__")
    return _plain(stem), _plain(code.co_qualname)


def _type_name(exc: BaseException, program: "Program") -> str:
    """The name of the class, or of its nearest base class that may be named."""
    for cls in type.__getattribute__(type(exc), "__mro__"):
        module, name = _MODULE(cls), _NAME(cls)
        if type(module) is str and program.tells_of(module, name):
            return _plain(name)
    return "Exception"


def _value(mechanism: str, exc: BaseException, tb: "TracebackType | None", program: "Program") -> str:
    return (
        f'"exception":{{"values":[{{"type":"{_type_name(exc, program)}","value":"[not collected]",'
        f'"mechanism":{{"type":"{mechanism}","handled":false}},'
        f'"stacktrace":{{"frames":[{_frames(tb, program)}]}}}}]}}'
    )


def _sealed(event: bytes, event_id: str, dsn: str | None) -> bytes:
    to = f'"dsn":"{dsn}",' if dsn and '"' not in dsn and "\\" not in dsn else ""
    header = f'{{{to}"event_id":"{event_id}"}}\n{{"type":"event","length":{len(event)}}}\n'
    return header.encode("ascii", "replace") + event + b"\n"


def _frames(tb: "TracebackType | None", program: "Program") -> str:
    head: list[TracebackType] = []
    tail: list[TracebackType] = []
    while tb is not None:
        if len(head) < _HEAD:
            head.append(tb)
        else:
            tail.append(tb)
            if len(tail) > 2 * _TAIL:
                del tail[:-_TAIL]
        tb = tb.tb_next
    return ",".join([_frame(entry, program) for entry in head + tail[-_TAIL:]])


def _frame(entry: "TracebackType", program: "Program") -> str:
    code = entry.tb_frame.f_code
    name = programs.module_of_namespace(entry.tb_frame.f_globals, code.co_filename)
    own = program.own(name, code.co_filename)
    filename = own or program.standard(name, code.co_filename)
    if filename is None:
        return '{"function":"<external>","filename":"<external>","in_app":false}'
    module = f'"module":"{_plain(name)}",' if type(name) is str else ""
    return (
        f'{{"function":"{_plain(code.co_qualname)}","filename":"{_plain(filename, "/")}",{module}'
        f'"in_app":{"false" if own is None else "true"},"lineno":{entry.tb_lineno or 1}}}'
    )


def _plain(text: str, also: str = "") -> str:
    return "".join(c if c in _PLAIN or c in also else "?" for c in text[:200])


def _add_facts(
    path: str, prepared: Prepared, mechanism: str, exc: BaseException, tb: "TracebackType | None"
) -> None:
    """Add what the whole fingerprint is computed from. Without it, that is a coarser one."""
    try:
        from crashguard.minimal_record import fingerprint_facts

        plugins = [(list(plugin.packages), plugin.official) for plugin in prepared.plugins()]
        is_stopped = mechanism in ("guard", "capture")
        facts = fingerprint_facts.of(exc, tb, prepared.program, is_stopped=is_stopped)
        text = fingerprint_facts.text((prepared.release, plugins, is_stopped, *facts))
        files.append(path, text.encode("ascii"), create=False)
    except BaseException:  # noqa: BLE001, S110 (nothing can be imported any more, the disk is full)
        pass
