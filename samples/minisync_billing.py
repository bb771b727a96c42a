"""A plugin for minisync that somebody else wrote: reads the database of a billing program.

Not run by itself: see minisync.py. It is not official, so that its crashes never leave the machine. The
guard stands as a decorator, which works for generators too.
"""

import sqlite3
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import crashguard

PLUGIN = crashguard.Plugin("harbour", "source", "billing", "0.3.1", packages=["minisync_billing"])

TABLES = {
    "customers": {"id": "INTEGER", "name": "TEXT", "contact": "TEXT", "city": "TEXT"},
    "invoices": {
        "id": "INTEGER",
        "customer_id": "INTEGER",
        "issued": "DATE",
        "paid": "DATE",
        "amount": "REAL",
        "currency": "TEXT",
    },
    "payment_habits": {"customer_id": "INTEGER", "invoices": "INTEGER", "paid_after_days": "REAL"},
}

BATCH = 100


@crashguard.guard(plugin=PLUGIN)
def batches(path: Path, table: str) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of a table, a hundred at a time."""
    database = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    try:
        rows = READERS[table](database)
        while batch := list(islice(rows, BATCH)):
            yield batch
    finally:
        database.close()


def customers(database: sqlite3.Connection) -> Iterator[tuple[Any, ...]]:
    """Who is billed."""
    yield from database.execute("SELECT id, name, contact, city FROM customer ORDER BY id")


def invoices(database: sqlite3.Connection) -> Iterator[tuple[Any, ...]]:
    """What was billed, in whole units of money."""
    columns = "id, customer_id, issued, paid, cents / 100.0, currency"
    yield from database.execute(f"SELECT {columns} FROM invoice ORDER BY id")


def payment_habits(database: sqlite3.Connection) -> Iterator[tuple[Any, ...]]:
    """How long each customer takes to pay, on average."""
    query = (
        "SELECT customer.id, count(invoice.id), count(paid), total(julianday(paid) - julianday(issued)) "
        "FROM customer LEFT JOIN invoice ON customer_id = customer.id GROUP BY customer.id ORDER BY 1"
    )
    for customer, billed, paid, days in database.execute(query):
        yield customer, billed, round(days / paid, 1)


READERS = {"customers": customers, "invoices": invoices, "payment_habits": payment_habits}
