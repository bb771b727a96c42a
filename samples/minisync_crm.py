"""minisync's official plugin: reads a CRM's export, a folder of CSV files.

Not run by itself: see minisync.py. The guard stands as a `with` round the plugin's own code.
"""

import csv
from collections.abc import Callable, Iterator
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import crashguard

PLUGIN = crashguard.Plugin("minisync", "source", "crm", "2.0.3", official=True, packages=["minisync_crm"])

TABLES = {
    "companies": {
        "id": "INTEGER",
        "name": "TEXT",
        "domain": "TEXT",
        "city": "TEXT",
        "country": "TEXT",
        "employees": "INTEGER",
        "revenue": "REAL",
    },
    "contacts": {
        "id": "INTEGER",
        "company_id": "INTEGER",
        "first_name": "TEXT",
        "last_name": "TEXT",
        "email": "TEXT",
        "phone": "TEXT",
        "created": "DATE",
        "last_contacted": "DATE",
        "newsletter": "BOOLEAN",
    },
    "deals": {
        "id": "INTEGER",
        "contact_id": "INTEGER",
        "title": "TEXT",
        "amount": "REAL",
        "stage": "TEXT",
        "closed": "DATE",
    },
}

BATCH = 50


def batches(folder: Path, table: str) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of a table, fifty at a time."""
    columns = TABLES[table]
    with open(folder / f"{table}.csv", newline="", encoding="utf-8") as file:
        lines = csv.DictReader(file)
        while True:
            with crashguard.guard(plugin=PLUGIN):
                batch = convert(list(islice(lines, BATCH)), columns)
            if not batch:
                return
            yield batch


def convert(lines: list[dict[str, str]], columns: dict[str, str]) -> list[tuple[Any, ...]]:
    """Cells as values of their columns' types; an empty cell is NULL."""
    rows = []
    for line in lines:
        row = []
        for name, kind in columns.items():
            row.append(CONVERTERS[kind](line[name]) if line[name] else None)
        rows.append(tuple(row))
    return rows


def day(cell: str) -> str:
    """A date of the export, as ISO 8601."""
    return date.fromisoformat(cell).isoformat()


def flag(cell: str) -> bool:
    """A yes or no of the export."""
    return cell == "yes"


CONVERTERS: dict[str, Callable[[str], Any]] = {
    "INTEGER": int,
    "REAL": float,
    "TEXT": str,
    "DATE": day,
    "BOOLEAN": flag,
}
