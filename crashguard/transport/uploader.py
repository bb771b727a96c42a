"""The process that sends: `python -I uploader.py SPOOL PID SECONDS [TIME]`, started by `spawn`.

It runs as a file, so that it needs neither the search path nor the working directory of its starter. It
closes the descriptors that it inherited. It waits for the end of the crashed process PID, which writes its
last counts into the report. Where a host may start that process again, it waits until SECONDS passed without
a crash. Then it sends what waits and ends: at once if nothing waits, and after some minutes in any case.

Where no detached process can live, a dying process waits for it: then it has TIME seconds, and its stdout is
a pipe that tells the waiting process of its end.

A shell starts it in the background, so that it is a grandchild of its starter. Without a shell it forks
itself: `fork` is its last argument.
"""

import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from crashguard.telemetry_level import TelemetryLevel

_MOST_SECONDS = 240


def main(root: str, pid: int, more: float = 0.0, most: float | None = None) -> None:
    """Send what waits in `root`, once the process `pid` has ended or its time is over.

    Args:
        root: The spool's folder.
        pid: The process that started this one; 0 for no wait.
        more: Seconds that must pass without a further crash, so that a host's attempts to start its plugin
            become one report with a count.
        most: Seconds after which it ends; the crashed process waits as long for it.
    """
    _detach(_MOST_SECONDS if most is None else most)
    deadline = None if most is None else time.monotonic() + most
    _wait_for_end_of(pid)
    if most is None:
        _wait_for_a_no(root)
    from crashguard import recovery

    left = recovery.pending(root)
    if not left:
        return

    def ask() -> "TelemetryLevel":
        return _level(root)

    try:
        if recovery.REPORTS in left:
            from crashguard.transport.upload import upload

            _wait_for_quiet(root, more)
            upload(root, ask(), ask=ask, deadline=deadline)
        if recovery.STATS in left:
            from crashguard.transport import upload_stats

            upload_stats.upload(root, ask(), ask=ask, deadline=deadline)
        level = ask()
        if level.problem is None and not level.sends_errors:
            from crashguard.recovery import recover
            from crashguard.spool.store import Spool

            recover.forget(Spool(root))
    except OSError:
        pass  # for example the lock cannot be made; the next run tries again


def _level(root: str) -> "TelemetryLevel":
    """The telemetry level of this moment, by what the starter said of its tool, else by its spool."""
    from crashguard import telemetry_level
    from crashguard.spool.store import Spool

    app = os.path.basename(root)
    said = os.environ.get(telemetry_level.HANDED) or Spool(root).metadata()
    names, default = telemetry_level.described(said, app)
    return telemetry_level.resolve(app=app, env_var=names, default_level=default, strict=False)


def _detach(seconds: float) -> None:
    if sys.platform != "win32":
        import signal

        try:
            os.setsid()
        except OSError:
            pass  # posix_spawn has made it the leader of a session already
        signal.signal(signal.SIGALRM, signal.SIG_DFL)  # ignored signals are inherited
        signal.pthread_sigmask(signal.SIG_SETMASK, ())  # and so are blocked ones
        signal.setitimer(signal.ITIMER_REAL, seconds)
    else:
        import threading

        clock = threading.Timer(seconds, os._exit, (1,))
        clock.daemon = True
        clock.start()
    _close_inherited()
    try:
        os.chdir(os.path.abspath(os.sep))
    except OSError:
        pass  # then its working directory cannot be unmounted for some minutes


def _close_inherited() -> None:
    try:
        descriptors = [int(name) for name in os.listdir("/proc/self/fd")]
    except OSError:
        os.closerange(3, 1024)
        return
    for descriptor in descriptors:
        if descriptor > 2:
            try:
                os.close(descriptor)
            except OSError:
                pass  # the descriptor of the listing itself


def _wait_for_end_of(pid: int) -> None:
    from crashguard import processes, transport

    end = time.monotonic() + transport.WAIT_FOR_STARTER
    while pid > 0 and not processes.is_gone(pid) and time.monotonic() < end:
        time.sleep(0.02)


def _wait_for_a_no(root: str) -> None:
    """Wait while the first report of the tool on this machine is held.

    A clock that is set meanwhile does not shorten the minute: what was left of it is waited for by another
    clock. It may begin again, and then the rest of a minute is waited for.
    """
    from crashguard.transport import hold

    end = over = time.monotonic() + hold.SECONDS
    begun = None
    while time.monotonic() < min(end, over):
        if begun != (now := hold.begun(root)):
            begun, over = now, time.monotonic() + hold.seconds_left(root)
        time.sleep(0.1)


def _wait_for_quiet(root: str, seconds: float) -> None:
    """Wait until no report came for `seconds`; four times as long at most."""
    from crashguard import files, paths

    end = time.monotonic() + 4 * seconds
    folders = [os.path.join(root, state) for state in (paths.WAITING, paths.LOCAL, paths.RECORDING)]
    while time.monotonic() < end and min(map(files.age, folders)) < seconds:
        time.sleep(0.05)


if __name__ == "__main__":
    _root, _starter, *_more = sys.argv[1:]
    if "fork" in _more and sys.platform != "win32" and os.fork():
        os._exit(0)
    # `-I` removed the script's folder from the path. At the end of the path, ours hides no other module.
    sys.path.extend(path for path in os.environ.get("CRASHGUARD_PATH", "").split(os.pathsep) if path)
    # The starter may be of an older version, before an upgrade, which passed fewer arguments.
    _seconds = [float(each) for each in _more if each != "fork"]
    main(_root, int(_starter), *_seconds)
