"""Reads the reports on this machine with nothing but the standard library: a report is a plain file.

    python samples/read_the_spool.py           # every app's reports, oldest first
    python samples/read_the_spool.py minisync  # one app's

Each file is a Sentry envelope: a line of JSON about the envelope, a line about its item, and a line with
the event. The folder it lies in is its state. `crashguard list` shows the same; this is for a script of
yours that wants the reports, and for whoever would rather look for themselves.
"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crashguard import paths

STATES = ("waiting", "local", "sent", "rejected")


def read(path: Path) -> dict[str, Any]:
    """The event in an envelope."""
    _, _, event = path.read_bytes().split(b"\n", 2)
    return dict(json.loads(event))


def main() -> int:
    """Print one line a report; the exit status is 1 where there is none."""
    app = sys.argv[1] if len(sys.argv) > 1 else "*"
    spool = Path(paths.state_dir())
    found = sorted(
        (path for state in STATES for path in spool.glob(f"{app}/{state}/*.envelope")), key=lambda p: p.name
    )
    for path in found:
        event = read(path)
        when = datetime.fromtimestamp(event["timestamp"], UTC).strftime("%Y-%m-%d %H:%M")
        raised = event["exception"]["values"][-1]
        print(f"{when}  {path.parent.name:<8}  {event['release']}  {raised['type']}: {raised['value']}")
    if not found:
        print(f"no reports below {spool}")
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())
