"""minisync's premium plugin: reads exchange rates, and is paid for by the row.

Not run by itself: see minisync.py. It counts its rows for the licensing server, which has nothing to do with
the telemetry level (docs/usage.md): without a key it does not run. MINISYNC_LICENSING names a server of your
own. The guard stands round the plugin's own code: that there is no key is no crash.
"""

import csv
import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import crashguard
from crashguard.usage import UsageClient
from crashguard.usage.api import URL

PLUGIN = crashguard.Plugin("minisync", "source", "rates", "1.1.0", official=True, packages=["minisync_rates"])

TABLES = {"rates": {"day": "DATE", "currency": "TEXT", "euros": "REAL"}}

BATCH = 50


def batches(path: Path, table: str) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of a table, fifty at a time, each counted once it was taken."""
    server = os.environ.get("MINISYNC_LICENSING", URL)
    with UsageClient(PLUGIN, url=server) as usage, usage.watch_quota() as quota:
        for rows in read(path):
            yield rows
            usage.increase_for_table(table, len(rows))
            quota.raise_if_stopped()


@crashguard.guard(plugin=PLUGIN)
def read(path: Path) -> Iterator[list[tuple[Any, ...]]]:
    """What the file holds."""
    with open(path, newline="", encoding="utf-8") as file:
        lines = csv.DictReader(file)
        while rows := [
            (line["day"], line["currency"], float(line["euros"])) for line in islice(lines, BATCH)
        ]:
            yield rows
