"""A word that announces a name, and what a variable holds: which of the two tells what a message may keep.

What is read comes from JSON whose texts are put together, so that no source has them.
"""

import enum
import json
import socket
import sqlite3
import string
from collections.abc import Callable

import pytest

from crashguard.scrub import scrub_text
from tests.test_messages import message_of, report_of

ROW = json.loads(
    json.dumps(
        {
            "first": "".join(["olu", "waseun"]),
            "last": "-".join(["ade" + "yemi", "co" + "le"]),
            "city": "".join(["iba", "dan"]),
            "illness": " ".join(["".join(["bi", "polar"]), "disorder"]),
            "plan": "".join(["Plat", "inum"]),
            "town": "".join(["Tc", "zew"]),
        }
    )
)
CONFIG = json.loads(json.dumps({"table": "".join(["or", "derz"]), "mode": "".join(["up", "srt"])}))
DATA = ["olu" + "waseun", "ade" + "yemi", "iba" + "dan", "bi" + "polar"]
NAMES = (
    "tag",
    "class",
    "type",
    "task",
    "mode",
    "object",
    "topic",
    "queue",
    "label",
    "step",
    "column",
    "option",
)


class Plan(enum.Enum):
    PLATINUM = "platinum"
    BASIC = "basic"


def quoted(name: str, row: dict[str, str], key: str) -> None:
    raise ValueError(f"unknown {name} {row[key].replace('-', ' ').split()[0]!r}")


def bare(name: str, row: dict[str, str], key: str) -> None:
    raise ValueError(f"the {name} {row[key].replace('-', ' ').split()[0]} is late")


def behind_a_colon(name: str, row: dict[str, str], key: str) -> None:
    raise ValueError(f"{name}: {row[key].replace('-', ' ').split()[0]}: failed")


@pytest.mark.parametrize("name", NAMES)
def test_what_a_row_holds_outweighs_a_word_that_announces_a_name(name: str) -> None:
    """In quotes and without, as a whole value and as one word of it."""
    for function in (quoted, bare, behind_a_colon):
        for key in ("first", "city", "illness", "last"):
            message = message_of(lambda function=function, key=key: function(name, ROW, key))
            assert not [piece for piece in DATA if piece in message]


def made_small(row: dict[str, str]) -> None:
    _look_up(lang=row["town"].lower())


def _look_up(lang: str) -> None:
    raise LookupError(f"unknown locale {lang!r}")


def no_unit(row: dict[str, str]) -> None:
    _measure(unit=row["town"].lower())


def _measure(unit: str) -> None:
    raise LookupError(f"{unit!r} is not defined in the unit registry")


@pytest.mark.parametrize("function", [made_small, no_unit])
def test_what_a_row_holds_outweighs_the_name_of_a_librarys_variable(
    function: Callable[[dict[str, str]], None],
) -> None:
    """The library has made it small, and calls its variable as names are called."""
    assert "tc" + "zew" not in message_of(lambda: function(ROW))


def unknown_table() -> None:
    raise LookupError(f"no such table: {CONFIG['table']}")


def unknown_mode() -> None:
    raise LookupError(f"unknown mode {CONFIG['mode']!r}")


def column_of_the_source() -> None:
    sqlite3.connect(":memory:").execute("select nett0 from (select 1 as brutto)")


def members() -> None:
    raise LookupError(f"{ROW['plan']!r} is none of {', '.join(map(str, Plan))}")


def template() -> None:
    raise LookupError(
        string.Template("copy of $what was refused by ${who}, ask Quaymaster").substitute(what=1, who=2)
    )


def folder() -> None:
    open(f"/srv/wharves/{ROW['city']}/manifest.csv")  # noqa: SIM115 (it is not there)


def folder_with_blanks() -> None:
    open(f"/srv/wharves/2024/{ROW['illness']}.pdf")  # noqa: SIM115 (as above)


def folder_in_the_middle() -> None:
    open(f"wharves/{ROW['illness']}/2024/scan {ROW['city']}.pdf")  # noqa: SIM115 (as above)


def port_of_the_source() -> None:
    limit = 65432
    raise LookupError(f"at most {limit} rows, and db.quay.example:26257 is down")


def status() -> None:
    raise LookupError(json.loads(json.dumps("server answered '4" + "22 Unprocessable Entity' for url")))


def refused() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        raise ConnectionError("ORA-" + "01438: value larger than specified precision allowed for this column")


def refused_by_a_service() -> None:
    code, operation = "".join(["Validation", "Exception"]), "".join(["Put", "Item"])
    raise LookupError(f"An error occurred ({code}) when calling the {operation} operation: {ROW['city']}")


def key_that_is_a_sentence() -> None:
    {}['amehcs ni tsixe ton seod "ta_detaerc" dleiF'[::-1]]  # as no source has it


@pytest.mark.parametrize(
    ("function", "needed"),
    [
        (unknown_table, CONFIG["table"]),
        (unknown_mode, CONFIG["mode"]),
        (column_of_the_source, "no such column: nett0"),
        (members, "Plan.PLATINUM, Plan.BASIC"),
        (template, ", ask Quaymaster"),
        (folder, "'/srv/wharves/[shape:aaa]/manifest.csv'"),
        (folder_with_blanks, "'/srv/wharves/2024/[shape:aaa aaa].pdf'"),
        (folder_in_the_middle, "'wharves/[shape:aaa aaa]/2024/[shape:aaa aaa#2].pdf'"),
        (port_of_the_source, "at most 65432 rows, and db.quay.example:26257"),
        (status, "'422 Unprocessable Entity'"),
        (refused, "ORA-01438: value larger than specified precision"),
        (key_that_is_a_sentence, "'Field \"created_at\" does not exist in schema'"),
        (
            refused_by_a_service,
            "An error occurred (ValidationException) when calling the PutItem operation: [shape:aaa]",
        ),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_a_name_that_its_variable_calls_so_stays(function: Callable[[], None], needed: str) -> None:
    """A table in a variable called table, and what the program's source says."""
    assert needed in message_of(function)


class TemplateRefused(Exception):
    """A type whose name begins with what functions are renamed to."""


class KoltsovaRefused(Exception):
    """The same, of a word that no message has."""


@pytest.mark.parametrize(
    ("name", "refused"), [("template", TemplateRefused), ("koltsova", KoltsovaRefused)], ids=["said", "other"]
)
def test_a_type_is_named_where_a_function_was_renamed_to_a_part_of_its_name(
    name: str, refused: type[Exception]
) -> None:
    """jinja2 names the code of a template so, and raises TemplateSyntaxError."""

    def fails() -> None:
        raise refused("no such filter")

    fails.__code__ = fails.__code__.replace(co_name=name)
    values = report_of(fails)["exception"]["values"]

    assert values[-1]["type"] == refused.__name__


@pytest.mark.parametrize(
    "text",
    [
        "CSV conversion error to int64: invalid value 'kastanien'",
        "Failed to parse string: 'kastanien' as a scalar of type int64",
        "could not parse `kastanien` as dtype `i64`\n- adding `kastanien` to the `null_values` list.",
        'conversion from `str` to `i32` failed for 2 out of 9 values: ["kastanien", "oyelaran"]',
        "Could not convert string \"kastanien\" to 'INTEGER'",
        "could not convert string 'kastanien' to float64 at row 1, column 3.",
        'invalid date field format: "kastanien", expected format is (YYYY-MM-DD)',
        'invalid input syntax for type timestamp without time zone: "kastanien"',
        'invalid input value for enum status: "kastanien"',
        "Truncated incorrect DOUBLE value: 'kastanien'",
        "Unknown datetime string format, unable to parse: kastanien",
        "CSV Error on Line: 3\nOriginal Line: 2,oyelaran,kastanien,gdynia",
        "CSV parse error: Expected 4 columns, got 5: 2,oyelaran,kastanien",
    ],
)
def test_what_words_call_a_value_is_data_however_it_looks(text: str) -> None:
    """Engines in C++ and Rust quote a file that they have read themselves: no variable holds the word."""
    scrubbed = scrub_text(text)

    assert "kastanien" not in scrubbed
    assert "oyelaran" not in scrubbed
    assert scrubbed.startswith(text[:12])


@pytest.mark.parametrize(
    "text",
    [
        "Invalid value for '--count'",
        "Cannot convert 'str' object to bytes",
        'Error when converting column "age"',
        "could not parse: no such option",
    ],
)
def test_what_stands_behind_other_words_stays(text: str) -> None:
    """An option, a type and a column are named."""
    assert text == scrub_text(text)


@pytest.mark.parametrize("rest", ["", ":5432/crm", "/crm?sslmode=require&user=a@b"])
def test_the_password_of_a_database_goes_on_to_the_last_at_sign_before_a_query(rest: str) -> None:
    """Whoever typed it has escaped none of its signs."""
    scrubbed = scrub_text(f"postgres://svc:p@ss/w#rd?x@db{rest}")

    assert scrubbed == f"postgres://svc:[scrubbed:url-password]@db{rest}"
