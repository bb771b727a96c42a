"""Crash functions over libraries: what a row makes them raise, and the errors of programmers.

Rules may be tuned on these; `crashes_blind` has those that nobody tunes on. Each function of ROWS takes a row that was
read at run time. Each of BUGS is a mistake in a program or its configuration, with the words an engineer needs.
"""

import argparse
import ast
import base64
import calendar
import collections
import configparser
import csv
import datetime
import decimal
import email.utils
import enum
import fractions
import importlib
import io
import ipaddress
import json
import operator
import optparse
import pathlib
import sqlite3
import statistics
import struct
import time
import uuid
import xml.etree.ElementTree as ET
import zoneinfo
from collections.abc import Callable
from typing import Any

Row = dict[str, Any]
ROWS: list[tuple[str, Callable[[Row], object]]] = []
BUGS: list[tuple[str, Callable[[], object], tuple[str, ...]]] = []


def row(library: str) -> Callable[[Callable[[Row], object]], Callable[[Row], object]]:
    """A function that a row makes crash."""

    def keep(function: Callable[[Row], object]) -> Callable[[Row], object]:
        ROWS.append((library, function))
        return function

    return keep


def bug(library: str, *words: str) -> Callable[[Callable[[], object]], Callable[[], object]]:
    """A mistake, and the words of its message that an engineer needs."""

    def keep(function: Callable[[], object]) -> Callable[[], object]:
        BUGS.append((library, function, words))
        return function

    return keep


# ---- builtins and the standard library


@row("builtins")
def int_of(r: Row) -> object:
    return int(r["full_name"])


@row("builtins")
def float_of_note(r: Row) -> object:
    cell = r["note"]
    return float(cell)


@row("builtins")
def float_of_amount(r: Row) -> object:
    return sum(float(cell) for cell in [r["amount"]])


@row("builtins")
def key_of(r: Row) -> object:
    prices = {"a": 1, "b": 2}
    return prices[r["full_name"]]


@row("builtins")
def key_of_city(r: Row) -> object:
    return {"north": 1}[r["city"]]


@row("builtins")
def key_pair(r: Row) -> object:
    return {}[(r["first"], r["last"])]


@row("builtins")
def index_of(r: Row) -> object:
    return ["x", "y"].index(r["last"])


@row("builtins")
def attribute_of(r: Row) -> object:
    return getattr(collections.OrderedDict(), r["full_name"])


@row("builtins")
def own_message(r: Row) -> object:
    name = r["full_name"]
    raise ValueError(f"no inbox for {name}")


@row("builtins")
def own_percent(r: Row) -> object:
    raise RuntimeError("cannot bill {} living at {}".format(r["full_name"], r["street"]))


@row("builtins")
def own_local_message(r: Row) -> object:
    text = "customer " + r["full_name"] + " has no address in " + r["city"]
    raise LookupError(text)


@row("builtins")
def own_initial(r: Row) -> object:
    raise ValueError(f"duplicate letter to {r['first'][0]}. {r['last'].upper()} today")


@row("builtins")
def own_repr(r: Row) -> object:
    raise ValueError(f"bad row: {r!r}")


@row("builtins")
def own_json(r: Row) -> object:
    body = json.dumps(r)
    raise RuntimeError("server said 422 for " + body)


@row("builtins")
def own_assert(r: Row) -> object:
    note = r["note"]
    assert len(note) < 5, "note too long: " + note


@row("builtins")
def value_alone(r: Row) -> object:
    raise ValueError(r["full_name"])


class BadRecordError(Exception):
    """An exception with attributes and a text of its own."""

    def __init__(self, record: Row) -> None:
        super().__init__(record)
        self.record = record

    def __str__(self) -> str:
        return f"record of {self.record['full_name']} ({self.record['born']}) is not valid"


@row("builtins")
def own_class(r: Row) -> object:
    raise BadRecordError(r)


@row("builtins")
def chained(r: Row) -> object:
    try:
        return int(r["full_name"])
    except ValueError as error:
        raise RuntimeError(f"row 17 failed: {error}") from error


@row("builtins")
def grouped(r: Row) -> object:
    raise ExceptionGroup(
        "two cells", [ValueError(f"bad name {r['full_name']}"), TypeError(f"bad note {r['note']}")]
    )


@row("builtins")
def deleted(r: Row) -> object:
    name = r["full_name"]
    problem = f"no account of {name} at all"
    del name
    r = {}
    raise ValueError(problem)


@row("builtins")
def encode_ascii(r: Row) -> object:
    raise ValueError(f"cannot print {r['full_name']!a} here")


@row("builtins")
def open_file(r: Row) -> object:
    return open(f"/nowhere/{r['full_name']}/letter.txt")


@row("builtins")
def import_name(r: Row) -> object:
    return importlib.import_module(r["full_name"].replace(" ", "_") + "x")


@row("datetime")
def iso(r: Row) -> object:
    return datetime.date.fromisoformat(r["born"])


@row("datetime")
def strptime(r: Row) -> object:
    return datetime.datetime.strptime(r["full_name"], "%Y-%m-%d")


@row("time")
def time_strptime(r: Row) -> object:
    return time.strptime(r["note"], "%H:%M")


@row("decimal")
def decimal_of(r: Row) -> object:
    value = r["amount"]
    try:
        return decimal.Decimal(value)
    except decimal.InvalidOperation as error:
        raise ValueError(f"{value!r} is no amount") from error


@row("fractions")
def fraction(r: Row) -> object:
    return fractions.Fraction(r["amount"])


@row("ipaddress")
def address(r: Row) -> object:
    return ipaddress.ip_address(r["full_name"])


@row("ipaddress")
def network(r: Row) -> object:
    return ipaddress.ip_network(r["street"])


@row("zoneinfo")
def zone(r: Row) -> object:
    return zoneinfo.ZoneInfo(r["city"] + r["last"])


@row("enum")
def enumeration(r: Row) -> object:
    status = enum.Enum("Status", "OPEN CLOSED")
    return status(r["full_name"])


@row("uuid")
def uuid_of(r: Row) -> object:
    raise ValueError(f"{r['phone']} is no uuid") if uuid.UUID(int=5).hex != r["phone"] else None


@row("configparser")
def config(r: Row) -> object:
    return configparser.ConfigParser().read_string(r["full_name"] + " likes " + r["city"])


@row("configparser")
def config_interpolation(r: Row) -> object:
    parser = configparser.ConfigParser()
    parser.read_string("[a]\nx = %(" + r["full_name"] + ")s")
    return parser.get("a", "x")


@row("csv")
def csv_column(r: Row) -> object:
    writer = csv.DictWriter(io.StringIO(), ["a"])
    return writer.writerow({r["full_name"]: 1})


@row("json")
def json_doc(r: Row) -> object:
    document = '{"name": "' + r["full_name"] + '", }'
    try:
        return json.loads(document)
    except json.JSONDecodeError as error:
        raise ValueError(f"{error} in {document}") from error


@row("json")
def json_type(r: Row) -> object:
    return json.dumps(
        {"x": {1: object()}, "who": r["full_name"]},
        default=lambda value: 1 / 0 if r is None else int(r["last"]),
    )


@row("struct")
def packed(r: Row) -> object:
    raise struct.error(f"cannot pack {r['full_name']!r} with format 'i'")


@row("codecs")
def lookup_codec(r: Row) -> object:
    return "x".encode(r["full_name"])


@row("base64")
def b64(r: Row) -> object:
    return int(base64.b64decode(base64.b64encode(r["full_name"].encode())))


@row("xml")
def xml_entity(r: Row) -> object:
    return ET.fromstring(f"<a><name>{r['full_name']}</nam></a>")


@row("xml")
def xml_value(r: Row) -> object:
    tree = ET.fromstring("<a><name/></a>")
    tree[0].text = r["full_name"]
    return int(tree[0].text)


@row("sqlite3")
def sqlite_near(r: Row) -> object:
    base = sqlite3.connect(":memory:")
    return base.execute("select * from t where name = '" + r["full_name"] + "' '" + r["last"])


@row("sqlite3")
def sqlite_convert(r: Row) -> object:
    sqlite3.register_converter("date9", lambda raw: datetime.date.fromisoformat(raw.decode()))
    base = sqlite3.connect(":memory:", detect_types=sqlite3.PARSE_DECLTYPES)
    base.execute("create table t (d date9)")
    base.execute("insert into t values (?)", (r["full_name"],))
    return base.execute("select d from t").fetchall()


@row("ast")
def literal(r: Row) -> object:
    return ast.literal_eval(r["full_name"].replace(" ", "-x."))


@row("pathlib")
def read_path(r: Row) -> object:
    return (pathlib.Path("/nowhere") / r["full_name"] / "scan.pdf").read_bytes()


@row("argparse")
def argument(r: Row) -> object:
    parser = argparse.ArgumentParser(exit_on_error=False)
    parser.add_argument("--age", type=int)
    return parser.parse_args(["--age", r["full_name"]])


@row("argparse")
def argument_choice(r: Row) -> object:
    parser = argparse.ArgumentParser(exit_on_error=False)
    parser.add_argument("--city", choices=["north", "south"])
    return parser.parse_args(["--city", r["city"]])


@row("email")
def mail(r: Row) -> object:
    parsed = email.utils.parseaddr(r["full_name"] + " <" + r["last"] + ">")
    raise ValueError(f"address {parsed} has no host")


@row("calendar")
def month(r: Row) -> object:
    return {name: number for number, name in enumerate(calendar.month_name)}[r["first"]]


@row("operator")
def getter(r: Row) -> object:
    return operator.itemgetter(r["full_name"])(r)


@row("statistics")
def mean(r: Row) -> object:
    return statistics.mean([1, r["full_name"]])


@row("urllib")
def url(r: Row) -> object:
    from urllib.request import urlopen

    return urlopen(r["full_name"])


@row("locale")
def set_locale(r: Row) -> object:
    raise ValueError("unsupported locale: {!r}".format(r["city"]))


# ---- others


@row("marshmallow")
def marshmallow_load(r: Row) -> object:
    from marshmallow import Schema, fields, validate

    schema = Schema.from_dict(
        {
            "name": fields.Int(),
            "city": fields.Str(validate=validate.OneOf(["x"], error="{input} is not one of {choices}")),
        }
    )
    return schema().load({"name": r["full_name"], "city": r["city"]})


@row("cattrs")
def cattrs_structure(r: Row) -> object:
    import cattrs

    return cattrs.structure({"a": r["full_name"]}, dict[str, int])


@row("attrs")
def attrs_validate(r: Row) -> object:
    import attrs

    made = attrs.make_class("Person", {"age": attrs.field(validator=attrs.validators.instance_of(int))})
    return made(r["full_name"])


@row("attrs")
def attrs_in(r: Row) -> object:
    import attrs

    made = attrs.make_class("Person", {"city": attrs.field(validator=attrs.validators.in_(["x", "y"]))})
    return made(r["city"])


@row("jsonschema")
def jsonschema_type(r: Row) -> object:
    import jsonschema

    return jsonschema.validate({"age": r["full_name"]}, {"properties": {"age": {"type": "integer"}}})


@row("jsonschema")
def jsonschema_enum(r: Row) -> object:
    import jsonschema

    return jsonschema.validate(r, {"properties": {"city": {"enum": ["north", "south"]}}})


@row("msgspec")
def msgspec_decode(r: Row) -> object:
    import msgspec

    try:
        return msgspec.convert({"age": r["full_name"]}, dict[str, int])
    except msgspec.ValidationError as error:
        raise ValueError(f"{error}: {r['full_name']}") from error


@row("pydantic")
def pydantic_model(r: Row) -> object:
    import pydantic

    model = pydantic.create_model("Person", age=(int, ...))
    return model(age=r["full_name"])


@row("pydantic")
def pydantic_dict(r: Row) -> object:
    import pydantic

    model = pydantic.create_model("Person", born=(datetime.date, ...), mail=(int, ...))
    return model(born=r["note"], mail=r["mail"])


@row("phonenumbers")
def phone(r: Row) -> object:
    import phonenumbers

    number = r["full_name"]
    try:
        return phonenumbers.parse(number, "DE")
    except phonenumbers.NumberParseException as error:
        raise ValueError(f"{number}: {error}") from error


@row("babel")
def babel_number(r: Row) -> object:
    from babel.numbers import parse_decimal

    return parse_decimal(r["full_name"], locale="de")


@row("babel")
def babel_locale(r: Row) -> object:
    from babel import Locale

    return Locale.parse(r["full_name"])


@row("PyYAML")
def yaml_snippet(r: Row) -> object:
    import yaml

    return yaml.safe_load("name: " + r["full_name"] + ": " + r["city"])


@row("PyYAML")
def yaml_tag(r: Row) -> object:
    import yaml

    return yaml.safe_load("name: !" + r["last"] + " x")


@row("tomli")
def toml_value(r: Row) -> object:
    import tomli

    return tomli.loads("name = " + r["full_name"])


@row("regex")
def pattern(r: Row) -> object:
    import re

    return re.compile("(" + r["full_name"])


@row("httpx")
def httpx_url(r: Row) -> object:
    import httpx

    return httpx.get(r["full_name"])


@row("requests")
def requests_url(r: Row) -> object:
    import requests

    return requests.get(r["full_name"])


@row("requests")
def requests_header(r: Row) -> object:
    import requests

    return requests.Request("GET", "http://127.0.0.1:9/", headers={"X-Name": r["full_name"] + "\n"}).prepare()


@row("email-validator")
def validator(r: Row) -> object:
    import email_validator

    return email_validator.validate_email(r["full_name"], check_deliverability=False)


@row("arrow")
def arrow_get(r: Row) -> object:
    import arrow

    return arrow.get(r["full_name"])


@row("arrow")
def arrow_format(r: Row) -> object:
    import arrow

    return arrow.get(r["born"], "YYYY-MM-DD")


@row("pendulum")
def pendulum_parse(r: Row) -> object:
    import pendulum

    return pendulum.parse(r["full_name"])


@row("dateutil")
def dateutil_parse(r: Row) -> object:
    from dateutil import parser

    return parser.parse(r["full_name"])


@row("voluptuous")
def voluptuous_schema(r: Row) -> object:
    import voluptuous

    return voluptuous.Schema({"age": int})({r["full_name"]: 1})


@row("schema")
def schema_validate(r: Row) -> object:
    import schema

    return schema.Schema({"age": int}).validate({"age": r["full_name"]})


@row("cerberus")
def cerberus_schema(r: Row) -> object:
    import cerberus

    checker = cerberus.Validator({"city": {"allowed": ["x"]}})
    if not checker.validate({"city": r["city"]}):
        raise ValueError(f"not valid: {checker.errors}")
    return None


@row("jinja2")
def template(r: Row) -> object:
    import jinja2

    return jinja2.Template("{{ name.x.y }}").render(name={"who": r["full_name"]})


@row("jinja2")
def template_filter(r: Row) -> object:
    import jinja2

    return jinja2.Template(
        "{{ name | int('x') + 'a' }}" if r is None else "Dear " + r["full_name"] + " {{ nope( }}"
    ).render()


@row("openpyxl")
def cell(r: Row) -> object:
    import openpyxl

    sheet = openpyxl.Workbook().active
    sheet["A1"] = r["full_name"]
    return int(sheet["A1"].value)


@row("openpyxl")
def sheet_name(r: Row) -> object:
    import openpyxl

    return openpyxl.Workbook()[r["full_name"]]


@row("lxml")
def lxml_parse(r: Row) -> object:
    from lxml import etree

    return etree.fromstring("<a>" + r["full_name"] + "<" + r["last"].replace("'", "") + "></a>")


@row("pandas")
def pandas_column(r: Row) -> object:
    import pandas

    return pandas.DataFrame([r])[r["full_name"]]


@row("pandas")
def pandas_number(r: Row) -> object:
    import pandas

    return pandas.to_numeric(pandas.Series([r["full_name"]]))


@row("pandas")
def pandas_date(r: Row) -> object:
    import pandas

    return pandas.to_datetime([r["note"]])


@row("pandas")
def pandas_astype(r: Row) -> object:
    import pandas

    return pandas.Series([r["amount"]]).astype(float)


@row("numpy")
def numpy_float(r: Row) -> object:
    import numpy

    return numpy.array([r["full_name"]]).astype(float)


@row("sqlalchemy")
def sqlalchemy_statement(r: Row) -> object:
    import sqlalchemy

    engine = sqlalchemy.create_engine("sqlite://")
    with engine.connect() as connection:
        return connection.execute(
            sqlalchemy.text("insert into t values (:name, :note)"), r | {"name": r["full_name"]}
        )


@row("sqlalchemy")
def sqlalchemy_unique(r: Row) -> object:
    import sqlalchemy

    engine = sqlalchemy.create_engine("sqlite://")
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text("create table t (name text unique, note text)"))
        for _ in range(2):
            connection.execute(sqlalchemy.text("insert into t values (:full_name, :note)"), r)


@row("stripe")
def own_wrapped(r: Row) -> object:
    import stripe

    raise stripe.InvalidRequestError(f"No such customer: '{r['full_name']}'", param="id")


@row("orjson")
def orjson_dump(r: Row) -> object:
    import orjson

    try:
        return orjson.loads(r["full_name"])
    except orjson.JSONDecodeError as error:
        raise ValueError(f"bad document {error.doc!r}: {error}") from error


@row("simplejson")
def simplejson_loads(r: Row) -> object:
    import simplejson

    return simplejson.dumps({"x": r["full_name"], "y": int(r["street"])})


@row("pycountry")
def country(r: Row) -> object:
    import pycountry

    return pycountry.countries.lookup(r["city"])


@row("typeguard")
def guarded(r: Row) -> object:
    import typeguard

    value = {"a": r["full_name"]}
    return typeguard.check_type(value["a"], int)


@row("pint")
def quantity(r: Row) -> object:
    import pint

    return pint.UnitRegistry()(r["last"].lower().replace("'", "") + " metre")


@row("peewee")
def peewee_get(r: Row) -> object:
    import peewee

    base = peewee.SqliteDatabase(":memory:")
    return base.execute_sql("select '" + r["full_name"] + "' from '" + r["last"])


@row("tinydb")
def raised_by_helper(r: Row) -> object:
    def check(value: str) -> None:
        if value:
            raise KeyError("unknown customer " + value)

    return check(r["full_name"])


@row("pyparsing")
def parsed(r: Row) -> object:
    import pyparsing

    return pyparsing.Word(pyparsing.nums).parse_string(r["full_name"])


@row("lark")
def lark_parse(r: Row) -> object:
    import lark

    return lark.Lark('start: "a"+').parse(r["full_name"])


@row("isodate")
def isodate_parse(r: Row) -> object:
    import isodate

    return isodate.parse_date(r["full_name"])


@row("croniter")
def cron(r: Row) -> object:
    import croniter

    return croniter.croniter(r["full_name"])


@row("python-stdnum")
def iban(r: Row) -> object:
    from stdnum import iban

    number = r["phone"]
    try:
        return iban.validate(number)
    except Exception as error:
        raise ValueError(f"{number!r} of {r['full_name']} is no IBAN") from error


@row("dacite")
def dacite_from(r: Row) -> object:
    import dataclasses

    import dacite

    made = dataclasses.make_dataclass("Person", [("age", int)])
    return dacite.from_dict(made, {"age": r["full_name"]})


@row("yarl")
def yarl_url(r: Row) -> object:
    import yarl

    return yarl.URL("http://h:" + r["last"] + "/")


@row("dateparser")
def own_dataclass(r: Row) -> object:
    import dataclasses

    made = dataclasses.make_dataclass("Person", [("name", str), ("note", str)])
    raise RuntimeError(f"cannot save {made(r['full_name'], r['note'])}")


@row("ruamel.yaml")
def ruamel(r: Row) -> object:
    import ruamel.yaml

    return ruamel.yaml.YAML(typ="safe", pure=True).load("a: " + r["full_name"] + ": b")


# ---- Mistakes of programs and their configuration


@bug("builtins", "customer_id")
def missing_key() -> object:
    return {"id": 1}["customer_id"]


@bug("builtins", "Account")
def missing_capital() -> object:
    return {"Date": 1, "Amount": 2}["Account"]


@bug("builtins", "NoneType", "strip")
def none_attribute() -> object:
    value = None
    return value.strip()  # type: ignore[attr-defined]


@bug("builtins", "int", "str")
def add_types() -> object:
    return 1 + "a"  # type: ignore[operator]


@bug("builtins", "missing_key", "positional", "b")
def missing_argument() -> object:
    def missing_key(a: int, b: int) -> int:
        return a + b

    return missing_key(1)  # type: ignore[call-arg]


@bug("builtins", "unexpected keyword", "colour")
def keyword() -> object:
    return missing_key(colour=1)  # type: ignore[call-arg]


@bug("builtins", "no_such_module")
def no_module() -> object:
    return importlib.import_module("no_such_module")


@bug("builtins", "cannot import name", "nope", "json")
def no_name() -> object:
    from json import nope  # type: ignore[attr-defined]

    return nope


@bug("builtins", "No such file", "config.yml")
def no_file() -> object:
    return open("/nowhere/config.yml")


@bug("builtins", "unknown encoding", "utf9")
def no_encoding() -> object:
    return "x".encode("utf9")


@bug("builtins", "ascii", "ordinal")
def not_ascii() -> object:
    return "\xe9".encode("ascii")


@bug("builtins", "expected 2", "3")
def unpack() -> object:
    a, b = [1, 2, 3]
    return a, b


@bug("builtins", "eu-wst-1", "region")
def own_config() -> object:
    config = {"region": "eu-wst-1"}
    raise ValueError(f"region {config['region']!r} is not one of ['eu-west-1', 'us-east-1']")


@bug("builtins", "max_rows", "positive")
def own_option() -> object:
    settings = json.loads('{"max_rows": -5}')
    raise ValueError(f"option 'max_rows' must be positive, got {settings['max_rows']}")


@bug("builtins", "plan.toml", "sections")
def own_path() -> object:
    path = "conf/plan.toml"
    raise FileNotFoundError(f"{path}: no sections in it")


@bug("builtins", "resolver", "orders")
def own_table() -> object:
    table = json.loads('"orders"')
    raise RuntimeError(f"resolver of table {table} returned None")


@bug("builtins", "unhashable", "dict")
def unhashable() -> object:
    return {{}: 1}  # type: ignore[dict-item]


@bug("builtins", "division by zero")
def divide() -> object:
    return 1 / 0


@bug("builtins", "list index out of range")
def index() -> object:
    return [][1]


@bug("builtins", "recursion")
def recursion() -> object:
    return recursion()


@bug("builtins", "can't compare", "naive")
def naive() -> object:
    return datetime.datetime.now() < datetime.datetime.now(datetime.UTC)


@bug("zoneinfo", "Europe/Atlantis")
def no_zone() -> object:
    return zoneinfo.ZoneInfo("Europe/Atlantis")


@bug("configparser", "No section", "database")
def no_section() -> object:
    return configparser.ConfigParser().get("database", "url")


@bug("configparser", "No option", "url")
def no_option() -> object:
    parser = configparser.ConfigParser()
    parser.read_string("[database]\nhost = x")
    return parser.get("database", "url")


@bug("json", "Expecting property name", "line 1 column 2")
def bad_json() -> object:
    return json.loads("{x}")


@bug("json", "datetime", "serializable")
def not_json() -> object:
    return json.dumps(datetime.datetime.now())


@bug("struct", "unpack requires a buffer of 4 bytes")
def short_struct() -> object:
    return struct.unpack("<I", b"abc")


@bug("sqlite3", "no such table", "orders")
def no_table() -> object:
    return sqlite3.connect(":memory:").execute("select * from orders")


@bug("sqlite3", "no such column", "customer_id")
def no_column() -> object:
    base = sqlite3.connect(":memory:")
    base.execute("create table orders (id int)")
    return base.execute("select customer_id from orders")


@bug("sqlite3", "syntax error", "selct")
def bad_sql() -> object:
    return sqlite3.connect(":memory:").execute("selct 1")


@bug("sqlite3", "UNIQUE constraint failed", "orders.id")
def unique() -> object:
    base = sqlite3.connect(":memory:")
    base.execute("create table orders (id int unique)")
    base.execute("insert into orders values (1)")
    return base.execute("insert into orders values (1)")


@bug("argparse", "unrecognized", "--colour")
def bad_option() -> object:
    parser = argparse.ArgumentParser(exit_on_error=False)
    _known, rest = parser.parse_known_args(["--colour"])
    raise SystemError(f"unrecognized arguments: {' '.join(rest)}")


@bug("csv", "extras", "total_amount")
def csv_fields() -> object:
    return csv.DictWriter(io.StringIO(), ["a"]).writerow({"total_amount": 1}) or missing_key()


@bug("re", "unterminated", "position 0")
def bad_pattern() -> object:
    import re

    return re.compile("(abc")


@bug("datetime", "%Y-%m-%d", "unconverted")
def bad_format() -> object:
    return datetime.datetime.strptime("2024-01-02T00", "%Y-%m-%d")


@bug("urllib", "unknown url type", "htps")
def bad_scheme() -> object:
    from urllib.request import urlopen

    return urlopen("htps://example.com")


@bug("xml", "mismatched tag", "line 1")
def bad_xml() -> object:
    return ET.fromstring("<a><b></a>")


@bug("pandas", "Total Amount")
def pandas_key() -> object:
    import pandas

    return pandas.DataFrame({"Date": [1]})["Total Amount"]


@bug("pandas", "merge", "customer_id")
def pandas_merge() -> object:
    import pandas

    return pandas.DataFrame({"a": [1]}).merge(pandas.DataFrame({"a": [1]}), on="customer_id")


@bug("pandas", "Unknown format code", "str")
def bad_format_code() -> object:
    return f"{'x':d}" if False else "{:d}".format("x")


@bug("numpy", "operands could not be broadcast", "(2,)", "(3,)")
def numpy_shapes() -> object:
    import numpy

    return numpy.ones(2) + numpy.ones(3)


@bug("marshmallow", "Unknown field", "colour")
def marshmallow_unknown() -> object:
    from marshmallow import Schema, fields

    return Schema.from_dict({"a": fields.Int()})().load({"colour": 1})


@bug("marshmallow", "Missing data for required field", "customer_id")
def marshmallow_missing() -> object:
    from marshmallow import Schema, fields

    return Schema.from_dict({"customer_id": fields.Int(required=True)})().load({})


@bug("attrs", "age", "int")
def attrs_type() -> object:
    import attrs

    return attrs.make_class("Person", {"age": attrs.field(validator=attrs.validators.instance_of(int))})("x")


@bug("jsonschema", "customer_id", "required property")
def jsonschema_required() -> object:
    import jsonschema

    return jsonschema.validate({}, {"required": ["customer_id"]})


@bug("pydantic", "customer_id", "Field required")
def pydantic_required() -> object:
    import pydantic

    return pydantic.create_model("Order", customer_id=(int, ...))()


@bug("jinja2", "undefined", "customer")
def jinja_undefined() -> object:
    import jinja2

    return jinja2.Template("{{ customer.name.x }}", undefined=jinja2.StrictUndefined).render()


@bug("jinja2", "No filter named", "moneyy")
def jinja_filter() -> object:
    import jinja2

    return jinja2.Template("{{ x | moneyy }}")


@bug("jinja2", "letter.html")
def jinja_missing() -> object:
    import jinja2

    return jinja2.Environment(loader=jinja2.DictLoader({}), autoescape=True).get_template("letter.html")


@bug("sqlalchemy", "no such table", "orders")
def sqlalchemy_table() -> object:
    import sqlalchemy

    with sqlalchemy.create_engine("sqlite://").connect() as connection:
        return connection.execute(sqlalchemy.text("select * from orders"))


@bug("sqlalchemy", "sqlalchemy.dialects", "postgrs")
def sqlalchemy_dialect() -> object:
    import sqlalchemy

    return sqlalchemy.create_engine("postgrs://h/d")


@bug("openpyxl", "Umsatz 2024", "does not exist")
def openpyxl_sheet() -> object:
    import openpyxl

    return openpyxl.Workbook()["Umsatz 2024"]


@bug("requests", "No connection adapters", "ftpx")
def requests_adapter() -> object:
    import requests

    return requests.get("ftpx://example.com/x")


@bug("httpx", "Unsupported protocol", "ftpx")
def httpx_scheme() -> object:
    import httpx

    return httpx.get("ftpx://example.com")


@bug("PyYAML", "could not determine a constructor", "!Ref")
def yaml_constructor() -> object:
    import yaml

    return yaml.safe_load("a: !Ref b")


@bug("PyYAML", "mapping values are not allowed", "line 1")
def yaml_mapping() -> object:
    import yaml

    return yaml.safe_load("a: b: c")


@bug("tomli", "Expected '='", "line 1")
def toml_bad() -> object:
    import tomli

    return tomli.loads("[a]\nx") if False else tomli.loads("x")


@bug("voluptuous", "extra keys not allowed", "colour")
def voluptuous_extra() -> object:
    import voluptuous

    return voluptuous.Schema({"a": int})({"colour": 1})


@bug("babel", "unknown locale", "xx_YY")
def babel_unknown() -> object:
    from babel import Locale

    return Locale.parse("xx_YY")


@bug("lxml", "Opening and ending tag mismatch", "b line 1 and a")
def lxml_tag() -> object:
    from lxml import etree

    return etree.fromstring("<a><b></a>")


@bug("pint", "furlongz", "not defined")
def pint_unit() -> object:
    import pint

    return pint.UnitRegistry()("3 furlongz")


@bug("importlib", "Distribution", "no-such-dist")
def no_distribution() -> object:
    import importlib.metadata

    return importlib.metadata.version("no-such-dist")


@bug("subprocess", "no-such-program")
def no_program() -> object:
    import subprocess

    return subprocess.run(["no-such-program"])  # noqa: PLW1510


@bug("subprocess", "returned non-zero exit status 3")
def exit_status() -> object:
    import subprocess
    import sys

    return subprocess.run([sys.executable, "-c", "raise SystemExit(3)"], check=True)


@bug("socket", "Name or service not known")
def no_host() -> object:
    raise OSError(-2, "Name or service not known")


@bug("enum", "shipped", "OrderStatus")
def bad_enum() -> object:
    status = enum.Enum("OrderStatus", {"OPEN": "open"})
    return status("shipped")


@bug("logging", "Unknown level", "LOUD")
def bad_level() -> object:
    import logging

    return logging.getLogger("x").setLevel("LOUD")


@bug("logging", "formatter", "brief")
def bad_logging() -> object:
    import logging.config

    return logging.config.dictConfig(
        {"version": 1, "handlers": {"h": {"class": "logging.StreamHandler", "formatter": "brief"}}}
    )


@bug("click", "No such option", "--colour")
def click_option() -> object:
    import click

    raise RuntimeError(str(click.exceptions.NoSuchOption("--colour")))


@bug("dataclasses", "__init__", "unexpected keyword", "colour")
def dataclass_keyword() -> object:
    import dataclasses

    return dataclasses.make_dataclass("Order", ["id"])(colour=1)


@bug("builtins", "aws_s3_buckets", "aws_iam_roles")
def own_tables() -> object:
    skipped = json.loads('["aws_s3_buckets"]')
    raise ValueError(f"table {skipped[0]} cannot be skipped, because aws_iam_roles depends on it")


@bug("optparse", "no such option", "--sped")
def bad_switch() -> object:
    parser = optparse.OptionParser()
    parser.error = lambda text: (_ for _ in ()).throw(ValueError(text))  # type: ignore[method-assign]
    return parser.parse_args(["--sped"])


@bug("colander", "customer_id", "Required")
def colander_required() -> object:
    import colander

    schema = colander.SchemaNode(colander.Mapping())
    schema.add(colander.SchemaNode(colander.Int(), name="customer_id"))
    return schema.deserialize({})


@bug("netaddr", "10.0.0.0/40")
def bad_network() -> object:
    import netaddr

    return netaddr.IPNetwork("10.0.0.0/40")


@bug("peewee", "no such table", "orders")
def peewee_table() -> object:
    import peewee

    return peewee.SqliteDatabase(":memory:").execute_sql("select 1 from orders")


@bug("pendulum", "Europe/Berln")
def pendulum_zone() -> object:
    import pendulum

    return pendulum.timezone("Europe/Berln")
