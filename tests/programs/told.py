"""Dies in many ways, each in a process of its own: `python told.py ROWS`, a file of JSON.

Each function stands for what a tool says of the rows that it was given, or of itself. None of them holds a row in a
variable of its own where a tool would not either.
"""

import collections
import csv
import dataclasses
import datetime
import decimal
import gettext
import html
import io
import json
import logging
import os
import pprint
import sqlite3
import subprocess
import sys
import textwrap
import traceback
import urllib.error
import urllib.parse
import uuid

import crashguard
import urllib3

import told_words
from told_words import LISTED, STEPS, Phase

LEAKS, WORDS = [], []
HARBOUR = "http://127.0.0.1:9"


def leaks(function):
    LEAKS.append(function)
    return function


def words(function):
    WORDS.append(function)
    return function


def rows():
    with open(sys.argv[1]) as file:
        return json.load(file)


def row():
    return rows()[1]


def typed():
    return [
        {
            "id": int(r["id"]),
            "born": datetime.date.fromisoformat(r["born"]),
            "paid": decimal.Decimal(r["paid"]),
            "seen": datetime.datetime.fromisoformat(r["born"] + "T12:34:56"),
            "key": uuid.UUID(int=int(r["id"]) << 90),
        }
        for r in rows()
    ]


# -------- tables


@leaks
def table_of_fixed_width():
    raise RuntimeError(
        "not imported:\n"
        + "\n".join(f"{r['id']:>8}  {r['name']:<20} {r['city']:<12} {r['born']}" for r in rows())
    )


@leaks
def table_of_bars():
    raise RuntimeError("not imported\n" + "\n".join(" | ".join(r.values()) for r in rows()) + "\nmend them")


@leaks
def holes_in_paths():
    raise RuntimeError(f"GET /berths/{row()['city']}/ships, /crews/{row()['name'].split()[0]} failed: 404")


@leaks
def holes_in_addresses():
    city = row()["city"]
    raise RuntimeError(
        f"{city}.harbour.example, oracle://svc/{city}@db, s3://{city}/list.csv, /lists/{city}.csv"
    )


@leaks
def holes_in_names():
    city = row()["city"]
    raise RuntimeError(f"queue berths.{city}.v1, ward-{city}-a, crew:{city}:list, crew={city}, dock_{city}")


@leaks
def address_that_a_helper_made():
    def address():
        return "/".join(("https://harbour.example", "berths", row()["city"], "ships"))

    raise RuntimeError(f"cannot fetch {address()}")


@leaks
def address_that_a_library_quotes():
    urllib3.PoolManager(retries=urllib3.Retry(0)).request("GET", f"{HARBOUR}/berths?city={row()['city']}")


@leaks
def word_of_a_statement():
    sqlite3.connect(":memory:").execute("select 1 as berth " + row()["city"] + " of a ship")


@leaks
def table_of_tabs():
    raise RuntimeError("not imported\n" + "\n".join("\t".join(r.values()) for r in rows()))


@leaks
def list_of_lists():
    raise ValueError(str([list(r.values()) for r in rows()]))


@leaks
def list_of_dicts():
    raise ValueError(f"bad rows: {rows()}")


@leaks
def pretty():
    raise ValueError("bad rows: " + pprint.pformat(rows(), width=40))


@leaks
def indented_json():
    raise ValueError("refused:\n" + json.dumps(rows(), indent=2))


@leaks
def chunk_of_csv():
    chunk = io.StringIO()
    csv.writer(chunk).writerows(r.values() for r in rows())
    raise ValueError("cannot load:\n" + chunk.getvalue())


@leaks
def tags():
    raise ValueError(
        "bad page\n"
        + "\n".join(f"<li title='{r['note']}'>{r['name']}</li><b>{r['city']}</b>" for r in rows())
    )


@leaks
def escaped_tags():
    raise ValueError("bad page " + html.escape(f"<b title='{row()['note']}'>{row()['name']}</b>"))


# -------- lists of errors


@leaks
def errors_of_a_comprehension():
    raise ValueError("\n".join(f"row {n}: {r['city']!r} is bad" for n, r in enumerate(rows())))


@leaks
def errors_of_a_generator():
    def problems():
        for n, r in enumerate(rows()):
            yield f"line {n}: unknown city {r['city']} of {r['name']}"

    raise RuntimeError("import failed:\n  " + "\n  ".join(problems()))


@leaks
def errors_of_another_module():
    raise told_words.Invalid(told_words.problems(rows()))


@leaks
def errors_of_a_class():
    raise told_words.Refused([(r["name"], r["city"]) for r in rows()])


@leaks
def errors_with_semicolons():
    raise ValueError("; ".join(f"{r['name']} has no postcode" for r in rows()))


@leaks
def names_with_commas():
    raise ValueError("unknown: " + ", ".join(r["name"] for r in rows()))


@leaks
def cities_with_and():
    raise ValueError("no rates for " + " and ".join(r["city"] for r in rows()))


@leaks
def counted():
    raise ValueError(f"twice: {collections.Counter(r['city'] for r in rows()).most_common(3)}")


@leaks
def keys_and_values():
    raise ValueError(" ".join(f"{key}={value}" for key, value in row().items()))


@leaks
def numbers():
    raise ValueError("unknown ids: " + ", ".join(r["id"] for r in rows()))


@leaks
def telephones():
    raise ValueError("bad numbers\n" + "\n".join(r["phone"] for r in rows()))


@leaks
def members_of_a_group():
    raise ExceptionGroup("import failed", [ValueError(f"no rate for {r['city']}") for r in rows()])


@leaks
def last_lines_of_a_log():
    log, told = logging.getLogger("told"), io.StringIO()
    log.propagate = False
    log.addHandler(logging.StreamHandler(told))
    for r in rows():
        log.warning("skipped %s (%s)", r["name"], r["city"])
    raise RuntimeError("job failed, it said:\n" + told.getvalue())


# -------- reprs


@leaks
def values_with_types():
    raise ValueError(f"bad rows: {typed()}")


@leaks
def tuples_with_types():
    raise ValueError(f"bad rows: {[tuple(r.values()) for r in typed()]}")


@leaks
def dataclasses_with_types():
    Customer = dataclasses.make_dataclass("Customer", ["born", "paid"])
    raise ValueError(f"refused {[Customer(r['born'], r['paid']) for r in typed()]}")


@leaks
def dates():
    raise ValueError("closed on " + ", ".join(f"{r['born']:%d.%m.%Y}" for r in typed()))


@leaks
def amounts():
    raise ValueError(f"odd amounts {[float(r['paid']) for r in rows()]}")


@leaks
def parameters_of_a_statement():
    values = tuple(row()[key] for key in ("city", "name", "note"))
    raise RuntimeError(
        f"(sqlite3.Error) no such table: people\n[SQL: insert into people values (?,?,?)]\n[parameters: {values}]"
    )


# -------- answers, long texts


@leaks
def part_of_an_answer():
    answer = json.loads(json.dumps({"errors": {"city": [f"no depot in {row()['city']}", "required"]}}))
    raise RuntimeError("server said " + answer["errors"]["city"][0])


@leaks
def part_of_a_lost_answer():
    def ask():
        return json.loads(json.dumps({"detail": [f"no depot in {row()['city']}"]}))["detail"][0]

    raise RuntimeError(ask())


@leaks
def joined_answer():
    answer = json.loads(
        json.dumps({"name": [f"{row()['name']} is taken"], "city": [f"no depot in {row()['city']}"]})
    )
    raise RuntimeError("422: " + "; ".join(f"{key}: {', '.join(value)}" for key, value in answer.items()))


@leaks
def query_of_a_url():
    raise RuntimeError(f"GET https://crm.example/people?town={urllib.parse.quote(row()['city'])} gave 409")


def long_text(length):
    return " ".join(f"{r['note']} of {r['name']} in {r['city']}" for r in rows() * 20)[:length]


@leaks
def long_cell():
    cell = long_text(250)
    raise ValueError(f"too long: {cell}")


@leaks
def very_long_cell():
    cell = long_text(2_500)
    raise ValueError(f"too long: {cell!r}")


@leaks
def beginning_of_a_cell():
    cell = long_text(2_500)
    raise ValueError(f"too long: {cell[:120]}...")


@leaks
def wrapped_cell():
    cell = long_text(2_500)
    raise ValueError("too long:\n" + textwrap.fill(cell, 40))


@leaks
def wrapped_cell_of_a_librarys_message():
    cell = long_text(2_500)
    int(textwrap.fill(cell, 40))


@leaks
def shortened_cell():
    cell = long_text(900)
    raise ValueError("too long: " + textwrap.shorten(cell, 90))


# -------- the program's own words


@leaks
def word_behind_one_that_announces_a_name():
    given = row()
    raise ValueError(f"unknown tag {given['note'].split()[1]!r}, class {given['city']}")


@leaks
def column_of_a_statement():
    given = row()
    sqlite3.connect(":memory:").execute(f"select 1 where {given['city']} = 1")


@words
def folder_of_the_source():
    open(f"/srv/wharves/{row()['city']}/manifest.csv")


@words
def program_that_was_started():
    done = subprocess.run(
        [sys.executable, "-c", "raise SystemExit('fatal: repository \\'x\\' does not exist')"],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    raise RuntimeError(f"clone failed: {done.stderr.strip()}")


@words
def entry_of_a_table():
    raise RuntimeError(told_words.MESSAGES["E1"])


@words
def format_of_a_table():
    raise RuntimeError(told_words.MESSAGES["E2"] % row()["name"])


@words
def beginning_of_a_table():
    raise RuntimeError(f"{told_words.MESSAGES['E1']}: {row()['name']}")


@words
def name_of_a_list():
    raise RuntimeError(f"step {STEPS[1]} failed")


@words
def names_of_a_list():
    raise RuntimeError(f"take one of {', '.join(LISTED)}")


@words
def list_of_names():
    raise RuntimeError(f"take one of {LISTED}")


@words
def value_of_a_member():
    raise RuntimeError(f"stuck in phase {Phase.LAST.value}")


@words
def attribute_of_a_class():
    told_words.Crane().lift()


@words
def default_of_an_argument():
    def run(mode="Levantine", *, pace="sauntering"):
        raise RuntimeError(f"cannot run {mode} at {pace}")

    run()


@words
def text_of_a_caller():
    told_words.fail("the weighbridge is locked")


@words
def text_of_a_function():
    raise RuntimeError("ask " + told_words.who())


@words
def translation():
    catalogue = gettext.translation("told", sys.argv[2], ["de"])
    raise RuntimeError(catalogue.gettext("no berth is free"))


@words
def key_of_a_constant():
    return row()[LISTED[1]]


@words
def helper_of_another_module():
    raise told_words.Invalid(told_words.problems(rows()))


@words
def class_of_another_module():
    raise told_words.Refused([(r["name"], r["city"]) for r in rows()])


@words
def library_that_is_quoted():
    try:
        sqlite3.connect(":memory:").execute("select * from stevedores")
    except sqlite3.Error as error:
        raise RuntimeError(f"cannot read: {error}") from None


@words
def system_that_is_quoted():
    try:
        raise urllib.error.URLError(ConnectionRefusedError(111, "Connection refused"))
    except OSError as error:
        raise RuntimeError(f"cannot reach the harbour: {error}") from None


@words
def messages_that_were_kept():
    failed = []
    for table in ("stevedores", "lighters"):
        try:
            sqlite3.connect(":memory:").execute("select * from " + table)
        except sqlite3.Error as error:
            failed.append(str(error))
    raise RuntimeError("\n".join(failed))


@words
def last_of_several_attempts():
    last = None
    for attempt in range(1, 3):
        try:
            urllib3.PoolManager(retries=False).request("GET", f"{HARBOUR}/v1/berths")
        except urllib3.exceptions.HTTPError as error:
            last = str(error)
    raise RuntimeError(f"gave up after {attempt}: {last}")


@words
def library_that_says_host_and_path():
    urllib3.PoolManager(retries=urllib3.Retry(0)).request("GET", f"{HARBOUR}/v1/berths/{row()['city']}")


@words
def printed_traceback():
    try:
        int(row()["city"])
    except ValueError:
        printed = traceback.format_exc()
    raise RuntimeError("the crane died:\n" + printed)


@words
def lines_of_a_letter():
    raise RuntimeError(f"Dear {row()['name']},\n\nthe parcel for {row()['city']} came back.\n\nThe harbour")


if __name__ == "__main__":
    for crash in LEAKS + WORDS:
        child = os.fork()
        if not child:
            name = crash.__name__.replace("_", "-")
            crashguard.install(
                app=name, version="1.0.0", dsn="http://k@127.0.0.1:9/1", delivery="deferred", note=False
            )
            crash()
            os._exit(3)
        os.waitpid(child, 0)
    print(json.dumps([crash.__name__ for crash in LEAKS]))
