"""The detached process that sends: `python -I uploader.py SPOOL PID SECONDS`, started by `spawn`.

Run as a file, so that it needs neither a search path nor a working directory of its starter. It closes
what it inherited, lets the process that crashed finish (PID; its last figures belong to the report), waits
until nothing crashed for SECONDS where a host may start that process again, sends what waits and ends: at
once where nothing does, after some minutes whatever happens.

Where a shell put it into the background, it is a grandchild of its starter. Where there is no shell, it
makes itself one: `uploader.py SPOOL PID SECONDS fork`.
"""

import os
import sys
import time

_MOST_SECONDS = 240
_WAIT_FOR_STARTER = 10.0  # seconds


def main(root: str, pid: int, more: float = 0.0) -> None:
    """Send what waits in `root`, once the process `pid` is gone or has had its time.

    Args:
        root: The spool's folder.
        pid: The process that started this one; 0 for none.
        more: Seconds in which no further crash must have come, so that a host's attempts to start
            its plugin are one report with a count.
    """
    _detach()
    _wait_for_end_of(pid)
    from crashguard import recovery, telemetry_level

    left = recovery.pending(root, thoroughly=True)
    if not left:
        return
    from crashguard.spool.store import Spool

    env_var = Spool(root).metadata() or telemetry_level.ENV_VAR
    level = telemetry_level.resolve(env_var=env_var, app=os.path.basename(root), strict=False)
    try:
        if recovery.REPORTS in left:
            from crashguard.transport.upload import upload

            _wait_for_quiet(root, more)
            upload(root, level)
        if recovery.STATS in left:
            from crashguard.transport import upload_stats

            upload_stats.upload(root, level)
    except OSError:
        pass  # the lock cannot be made, say: the next run tries again


def _detach() -> None:
    if hasattr(os, "setsid"):
        import signal

        try:
            os.setsid()
        except OSError:
            pass  # it leads a session already: posix_spawn did it
        signal.signal(signal.SIGALRM, signal.SIG_DFL)  # ignored signals are inherited
        signal.pthread_sigmask(signal.SIG_SETMASK, ())  # and so are blocked ones
        signal.alarm(_MOST_SECONDS)
    else:
        import threading

        clock = threading.Timer(_MOST_SECONDS, os._exit, (1,))
        clock.daemon = True
        clock.start()
    _close_inherited()
    try:
        os.chdir(os.path.abspath(os.sep))
    except OSError:
        pass  # then it keeps a folder from being unmounted for some minutes


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
                pass  # the one that listed the others


def _wait_for_end_of(pid: int) -> None:
    from crashguard import files

    end = time.monotonic() + _WAIT_FOR_STARTER
    while pid > 0 and not files.is_gone(pid) and time.monotonic() < end:
        time.sleep(0.02)


def _wait_for_quiet(root: str, seconds: float) -> None:
    """Until no report came for so long; four times as long at most."""
    from crashguard import files, paths

    end = time.monotonic() + 4 * seconds
    folders = [os.path.join(root, state) for state in (paths.WAITING, paths.LOCAL, paths.RECORDING)]
    while time.monotonic() < end and min(map(files.age, folders)) < seconds:
        time.sleep(0.05)


if __name__ == "__main__":
    _root, _starter, *_more = sys.argv[1:]
    if "fork" in _more and os.fork():
        os._exit(0)
    # `-I` took the script's folder out of the path; behind everything else, ours cannot hide a module.
    sys.path.extend(path for path in os.environ.get("CRASHGUARD_PATH", "").split(os.pathsep) if path)
    # The starter may be of the version before an upgrade, which gave no seconds.
    main(_root, int(_starter), float(_more[0]) if _more and _more[0] != "fork" else 0.0)
