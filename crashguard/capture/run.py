"""What watches this run: the hooks, and the files from which the next run learns how this one ended.

There are two files in `runs/` of the spool; a clean end removes them:

    .run      the run marker: when the run began and, after a crash, the report's id
    .native   the output of `faulthandler` after a fatal signal, below a header of ours

A marker whose process is gone means that the run was killed: by SIGKILL, the OOM killer, a power cut, or
`os._exit()`. A process that became another program (`os.execv()`) is told from that only as long as it lives.
An audit hook would be told of the call; it makes each `id()` five times as slow, and can never be removed.
Where the host asks for clean ends too, the marker is renamed to `last` at the end.

Forked children share their parent's native file and have no marker. Whoever of them ends last removes the
file, and of a daemon the marker: it outlives the process that forked it.

A start imports this module where a crash may be recorded, and not where the telemetry level says no. The
handling of earlier runs' files is in `last_run` and `recover`.
"""

import os
import sys
import time

from crashguard import files, minimal_record, paths, telemetry_level
from crashguard.capture import hooks
from crashguard.program import Program, search_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from crashguard.capture.child_processes import Install
    from crashguard.client import Client
    from crashguard.config import Config


def begin(
    client: "Client", again: "Install", *, with_marker: bool, clean_ends: bool, with_native: bool
) -> None:
    """Watch this run: hooks, what a minimal record needs, the files of the run. Or undo an earlier call.

    Args:
        client: The client of this process, with the settings.
        again: `crashguard.install`, for a child process that is a new interpreter.
        with_marker: Whether to leave a run marker.
        clean_ends: Whether to keep the marker at a clean end too, for `last_run()`.
        with_native: Whether to enable faulthandler on a file.
    """
    if sys.version_info >= (3, 15):
        _load_what_is_lazy()
    config = client.config
    assert config is not None  # noqa: S101 (install() has just set it)
    client.prepare(config, _program(client, config))
    if config.level.sends_errors:
        client.spare.hold()
        hooks.install(client, again)
    elif config.is_told:
        hooks.install_in_children(client, again)
    else:
        hooks.remove(client)
    if not config.level.sends_errors:
        client.spare.give_up()
    _begin_run(client, with_marker=with_marker, clean_ends=clean_ends, with_native=with_native)


def undo(client: "Client") -> None:
    """Put back the hooks and end the run, as if there had been no `begin`."""
    hooks.remove(client)
    client.spare.give_up()
    if client.run is not None:
        client.run.end(disable=True)
        client.run = None


def _load_what_is_lazy() -> None:
    """With `-X lazy_imports=all`, import now what a dying process may not be able to import any more."""
    for module in (hooks, minimal_record, files):
        for name in list(vars(module)):
            getattr(module, name)  # which imports it


def _program(client: "Client", config: "Config") -> Program:
    """The tool's own code: that of every caller of install() for this app."""
    program = Program() if client.program is None else client.program
    while client.callers:
        program.add_caller(*client.callers.pop(0))
    program.add_packages(config.packages)
    return program


def _token(client: "Client") -> str:
    """What tells this process from others: looked up once, by install()."""
    prepared = client.prepared
    return (
        files.process_token() if prepared is None or prepared.pid != files.system.getpid() else prepared.token
    )


def _begin_run(client: "Client", *, with_marker: bool, clean_ends: bool, with_native: bool) -> None:
    """Make the files of this run, and judge earlier runs whose process is gone. Never raises.

    A second install() continues the same run and keeps its marker. If its settings ask for fewer files, it
    removes the files that are too many, and the folders that are empty then.
    """
    config = client.config
    assert config is not None  # noqa: S101 (install() has just set it)
    run = client.run
    is_no = not config.level.sends_errors and config.level.problem is None and not config.may_grow
    if run is not None and (not run.is_mine or run.spool != config.spool or not (with_marker or with_native)):
        run.end(disable=True, drop=is_no)
        files.remove_empty(os.path.join(run.spool, paths.RUNS), most=max(3, run.made))
        run = client.run = None
    if not (with_marker or with_native):
        return
    hooks.watch_end()
    try:
        if run is None:
            run = client.run = Run(config.spool, _token(client))
            if run.make_folder():
                from crashguard.recovery import last_run

                last_run.judge(config.spool)
        run.unwatch(disable=True, drop=is_no)
        if with_marker:
            run.leave_marker(clean_ends=clean_ends)
        else:
            run.remove_marker()
        if with_native:
            try:
                run.watch(_about_process(client), local_only=client.local_only)
            except ImportError:
                pass  # Python 3.12 has no faulthandler in a sub-interpreter that shares nothing
        run.hold_marker()
    except Exception:  # noqa: BLE001, S110 (a full disk, for example: then the end of this run stays unknown)
        pass


def _about_process(client: "Client") -> "dict[str, Any]":
    """The facts about this healthy process that the report of a native crash needs.

    The reader finds out from them which code each frame belongs to: `Origins.of_process`.
    """
    config, program = client.config, client.program
    assert config is not None  # noqa: S101 (install() has just set both)
    assert program is not None  # noqa: S101
    plugin = config.plugin
    packages = [] if plugin is None else list(plugin.packages)
    return {
        "release": config.release,
        "dsn": config.dsn,
        "environment": config.environment,
        "run_id": config.run_id,
        "issue_url": config.issue_url,
        "metadata": telemetry_level.describe(config.variables, config.default_level),
        "telemetry_level": config.level.value,
        "telemetry_level_source": config.level.source,
        "plugin": plugin and [plugin.team, plugin.kind, plugin.name, plugin.version],
        "program": program.facts(),
        "plugin_packages": packages if plugin is not None and plugin.official else [],
        "other_packages": [] if plugin is not None and plugin.official else packages,
        "path": search_path(),
        "implementation": sys.implementation.name,
        "version": sys.version_info[:3],
    }


class Run:
    """This process's own files in `runs/`; `leave_marker()` and `watch()` make them.

    Args:
        spool: The folder of the app's reports.
        token: `files.process_token()`.
    """

    __slots__ = (
        "_descriptor",
        "_header_size",
        "_held",
        "_identity",
        "_is_second",
        "_keeps_last",
        "_pid",
        "_stem",
        "_token",
        "made",
        "marker",
        "native",
        "session",
        "shared",
        "spool",
    )

    def __init__(self, spool: str, token: str) -> None:
        self._pid = files.system.getpid()
        self._token = token
        self._is_second = False
        self.spool = spool
        self._stem = self._new_stem()
        self._keeps_last = False
        self._descriptor = -1
        self._held: tuple[int, os.stat_result] | None = None
        self.session: int | None = None  # of the system, at the first fork
        self.shared: tuple[int, os.stat_result] | None = None
        self._identity: os.stat_result | None = None
        self._header_size = 0
        self.made = 0  # folders, from `runs/` upward, that were not there before
        self.marker: str | None = None
        self.native: str | None = None

    @property
    def is_mine(self) -> bool:
        """Whether this object belongs to this process; a forked child has a copy of its parent's."""
        return self._pid == files.system.getpid()

    def owns(self, name: str) -> bool:
        """Whether a file in `runs/` is this run's."""
        return name.partition(".")[0] == os.path.basename(self._stem)

    def _new_stem(self) -> str:
        return os.path.join(self.spool, paths.RUNS, f"{time.time_ns() // 1_000_000}-{self._token}")

    def make_folder(self) -> bool:
        """Make the folder; whether earlier runs left files in it that have to be judged.

        Raises:
            OSError: It cannot be made.
        """
        folder = os.path.dirname(self._stem)
        names = files.names(folder)
        if not names:
            self.made = files.state_folder(folder)
        # A sub-interpreter: the process has its files, which tell of its end.
        self._is_second = any(name.endswith(f"-{self._token}{paths.MARKER}") for name in names)
        return names not in ([], [paths.LAST])

    def leave_marker(self, *, clean_ends: bool) -> None:
        """Write the run marker, unless it exists.

        Args:
            clean_ends: Whether to keep it at a clean end too, for `last_run()`.

        Raises:
            OSError: It cannot be written.
        """
        self._keeps_last = clean_ends
        if self.marker is None and not self._is_second:
            path = self._stem + paths.MARKER
            files.append(path, os.path.basename(path).partition("-")[0].encode())
            self.marker = path

    def hold_marker(self) -> None:
        """Lock the marker while this process lives, where no native file does that.

        Raises:
            OSError: It cannot be opened.
        """
        if self.native is None and self.marker is not None and self._held is None:
            held = files.move_high(files.opened(self.marker, os.O_RDWR | files.NO_LINK, 0o600))
            files.lock_while_alive(held)
            self._held = held, files.system.fstat(held)

    def _let_marker_go(self) -> None:
        held, self._held = self._held, None
        if held is not None and self.is_mine and files.is_still(*held):
            files.system.close(held[0])

    def remove_marker(self) -> None:
        """Remove the run marker, if this run has left one."""
        self._let_marker_go()
        if self.marker is not None and self.is_mine:
            files.remove(self.marker)
            self.marker = None

    def watch(self, header: "dict[str, Any]", *, local_only: bool) -> None:
        """Enable faulthandler on a file with a header, unless it is enabled already.

        A process has one faulthandler, and it writes to one file. If the host or the user enabled it, it is
        not changed; a native crash is then known from the run marker only.

        Args:
            header: Facts about this process for the report: texts, numbers, lists and None.
            local_only: Whether the native crash must never be sent.

        Raises:
            OSError: The file cannot be made.
            ImportError: Python 3.12 has no faulthandler in a sub-interpreter that shares nothing.
        """
        import faulthandler

        if self._is_second or faulthandler.is_enabled():
            return
        self._let_marker_go()
        ending = paths.NATIVE_LOCAL if local_only else paths.NATIVE
        path = self._stem + ending
        try:
            descriptor = files.create_to_append(path)
        except (
            FileExistsError
        ):  # an earlier install() of this run made it, and a forked child's crash is in it
            path = self._new_stem() + ending
            descriptor = files.create_to_append(path)
        self._descriptor = files.move_high(descriptor)
        files.lock_while_alive(self._descriptor)
        self.native = path
        self._identity = files.system.fstat(self._descriptor)
        self._header_size = files.system.write(self._descriptor, ascii(header).encode("ascii") + b"\n")
        if sys.version_info >= (3, 14):
            # Without the C stack: walking it loads a library at the start, and can fail in the signal
            # handler, where memory is broken. Its addresses and paths would not go into a report.
            faulthandler.enable(file=self._descriptor, all_threads=True, c_stack=False)
        else:
            faulthandler.enable(file=self._descriptor, all_threads=True)

    def unwatch(self, *, disable: bool, drop: bool = False) -> None:
        """Remove the native file, unless it holds the crash of a forked child.

        On Windows nothing forks, and faulthandler also writes down exceptions that the program then handles:
        whatever is in the file of a process that ends well was no crash.

        Args:
            disable: Whether to switch faulthandler off. Not at the end of a process: the host may use
                faulthandler by then.
            drop: Whether to remove it with what is in it, because the telemetry level says no now.
        """
        native, descriptor = self.native, self._descriptor
        self.native, self._descriptor = None, -1
        if native is None:
            return
        if disable:
            self._disable(descriptor)
        try:
            if not self._is_last(native) and not (drop and self.is_mine):
                return  # a parent or a forked child writes its own end into it
            if drop or sys.platform == "win32" or files.system.stat(native).st_size <= self._header_size:
                files.system.unlink(native)
        except FileNotFoundError:
            pass  # the spool was deleted

    def _is_last(self, native: str) -> bool:
        """Whether no other process has the native file: neither a forked child nor a parent."""
        shared, self.shared = self.shared, None
        if shared is None:
            return self.is_mine
        from crashguard.capture import forks

        return forks.is_last(native, shared)

    def _disable(self, descriptor: int) -> None:
        import faulthandler

        faulthandler.disable()
        if files.is_still(descriptor, self._identity):
            files.system.close(descriptor)

    def keep_local(self) -> None:
        """Keep a native crash on the machine from now on, because a plugin that may not send runs."""
        if self.native is not None and self.is_mine and not self.native.endswith(paths.NATIVE_LOCAL):
            local = self.native.removesuffix(paths.NATIVE) + paths.NATIVE_LOCAL
            try:
                files.move(self.native, local)
                self.native = local
            except OSError:
                pass  # then only the header decides whether it may be sent

    def crashed(self, event_id: str | None) -> None:
        """Write into the run marker that this run crashed.

        Args:
            event_id: The id of the report; None where a no forbids one. Then only a host that has asked for
                verdicts gets this one, without an id.
        """
        if self.marker is None or (event_id is None and not self._keeps_last):
            return
        if not self.is_mine:
            from crashguard.capture import forks

            if not forks.is_daemon(self._token, self.session):
                return
        minimal_record.note_in_marker(self.marker, event_id or "")

    def forked(self) -> str | None:
        """In a forked child: note in the parent's marker that the run may go on here, as daemons do.

        Returns:
            The child's own token, for the names of its files; None where it is not known.
        """
        if self.marker is None:
            return None
        try:
            from crashguard.capture import forks

            return forks.join(self.marker, self.session)
        except (OSError, ImportError):
            return None  # then the end of the parent is that of the run

    def end(self, *, disable: bool = False, drop: bool = False) -> None:
        """End the run: a clean end, or the end after a recorded crash. Never raises.

        Args:
            disable: See `unwatch`.
            drop: See `unwatch`.
        """
        try:
            if not self.is_mine:
                native = self.native
                self.unwatch(disable=disable)  # then what kills this child is not the parent's to report
                from crashguard.capture import forks

                forks.end_child(self, self._token, native)
                return
            if self.native is not None and not os.access(os.path.dirname(self._stem), os.W_OK):
                files.system.write(self._descriptor, paths.ENDED)  # this process became another user
                return
            self._let_marker_go()
            marker, self.marker = self.marker, None
            self.unwatch(disable=disable, drop=drop)
            if marker is None:
                return
            last = os.path.join(os.path.dirname(marker), paths.LAST)
            if self._keeps_last or paths.CRASHED.encode() in files.read(marker, paths.MOST_MARKER):
                files.move(marker, last)
                return
            if self.session is not None:
                from crashguard.capture import forks

                if forks.has_daemon(marker, self.session):
                    return
            files.system.unlink(marker)
            files.system.unlink(last)
        except Exception:  # noqa: BLE001, S110 (then there is no verdict; tests of a host may replace os functions)
            pass
