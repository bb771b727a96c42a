"""The detached process that sends: `python -I uploader.py SPOOL PID`, started by `launch`.

Run as a file, so that it needs neither a search path nor a working directory of its starter. It closes
what it inherited, lets the process that crashed finish (PID; its last figures belong to the report),
sends what waits and ends. An alarm ends it where a server holds it.

The telemetry level it acts on is its starter's, handed over in the environment.

Must live here: being a process of its own. Must not be known here: how a report is sent.
"""

import os
import sys
import time

_MOST_SECONDS = 240
_PATIENCE_WITH_STARTER = 10.0  # seconds


def main(root: str, pid: int) -> None:
    """Send what waits in `root`, once the process `pid` is gone or has had its time."""
    _detach()
    _wait_for_end_of(pid)
    from crashguard import telemetry_level
    from crashguard.deliver.upload import upload
    from crashguard.spool import Spool

    env_var = Spool(root).about() or telemetry_level.ENV_VAR
    level = telemetry_level.resolve(env_var=env_var, app=os.path.basename(root), strict=False)
    upload(root, level)


def _detach() -> None:
    if hasattr(os, "setsid"):
        import signal

        try:
            os.setsid()
        except OSError:
            pass  # it leads a session already: posix_spawn did it
        signal.alarm(_MOST_SECONDS)
    os.closerange(3, 1024)
    os.chdir(os.path.abspath(os.sep))


def _wait_for_end_of(pid: int) -> None:
    end = time.monotonic() + _PATIENCE_WITH_STARTER
    while pid > 0 and time.monotonic() < end:
        try:
            os.kill(pid, 0)
        except OSError:
            return
        time.sleep(0.02)


if __name__ == "__main__":
    # `-I` took the script's folder out of the path; behind everything else, it cannot hide a module.
    sys.path.append(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    sys.path.extend(p for p in os.environ.get("CRASHGUARD_PATH", "").split(os.pathsep) if p)
    main(sys.argv[1], int(sys.argv[2]))
