"""The spool: one folder an app, one file a report, states as folders.

    files      private folders and durable writes
    store      Spool: what a dying process needs (keep) and what looks after it (settle, prune, withdraw)
    minimal    minimal records of processes that are gone
    reports    reading: StoredReport, lists and look-ups for people and the uploader
    journal    what became of each report, one line each

Must not be known here: what an exception is, how a report is sent, the telemetry level.
"""

from crashguard.spool.store import Spool

__all__ = ["Spool"]
