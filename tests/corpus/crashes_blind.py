"""Crash functions that nobody tunes on: written after the rules, measured, and left alone.

Whoever changes a rule because of one of these moves it into `crashes` and writes another one here.
"""

import csv
import datetime
import email.message
import gettext
import html.parser
import io
import json
import logging
import optparse
import plistlib
import re
import shlex
import socket
import sqlite3
import string
import struct
import types
import urllib.parse
import uuid
import zipfile
from collections import ChainMap, deque, namedtuple
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


@row("builtins")
def complex_of(r: Row) -> object:
    return complex(r["full_name"])


@row("builtins")
def bytes_of(r: Row) -> object:
    return bytes.fromhex(r["full_name"])


@row("builtins")
def format_of(r: Row) -> object:
    return "{0[x]}".format({r["full_name"]: 1}) if r["first"] is None else format(3, r["full_name"])


@row("builtins")
def set_remove(r: Row) -> object:
    return {"a", "b"}.remove(r["full_name"])


@row("builtins")
def list_remove(r: Row) -> object:
    people = [r["first"], r["last"]]
    people.remove(r["full_name"])
    return people


@row("builtins")
def walrus(r: Row) -> object:
    if (who := r["full_name"]) not in ("x",):
        raise PermissionError(f"{who}: may not see the ward of {r['city']}")
    return None


@row("builtins")
def joined(r: Row) -> object:
    parts = [r["first"], r["last"], r["street"]]
    raise ValueError("label too long: " + " / ".join(parts))


@row("builtins")
def formatted(r: Row) -> object:
    raise ValueError("Could not geocode {street}, {city}".format(**r))


@row("builtins")
def titled(r: Row) -> object:
    raise ValueError(f"greeting failed for Dear {r['full_name'].title()}")


@row("builtins")
def upper_case(r: Row) -> object:
    surname = r["last"]
    raise RuntimeError("label %s does not fit" % surname.upper())


@row("builtins")
def with_note(r: Row) -> object:
    error = ValueError("one row could not be copied")
    error.add_note(f"row: {list(r.values())}")
    raise error


@row("builtins")
def noted_text(r: Row) -> object:
    raise ValueError(f"note {r['note'][:20]!r} is cut")


@row("builtins")
def exception_args(r: Row) -> object:
    raise RuntimeError("import failed", r["full_name"], {"city": r["city"]})


@row("builtins")
def from_none(r: Row) -> object:
    try:
        return {}[r["full_name"]]
    except KeyError as error:
        raise LookupError(f"customer {error} is unknown") from None


@row("builtins")
def stop_in_generator(r: Row) -> object:
    def cells() -> Any:
        for cell in r.values():
            yield int(cell)

    return list(cells())


@row("builtins")
def comprehension(r: Row) -> object:
    return [float(cell) for key, cell in r.items() if key == "note"]


@row("builtins")
def method(r: Row) -> object:
    class Ward:
        def __init__(self, patient: str) -> None:
            self.patient = patient

        def admit(self) -> None:
            raise RuntimeError("no bed for patient " + self.patient + " tonight")

    return Ward(r["full_name"]).admit()


@row("builtins")
def slots(r: Row) -> object:
    class Cell:
        __slots__ = ("text",)

        def __init__(self, text: str) -> None:
            self.text = text

        def number(self) -> float:
            return float(self.text)

    return Cell(r["street"]).number()


@row("collections")
def tuple_of(r: Row) -> object:
    person = namedtuple("person", "name city")(r["full_name"], r["city"])
    raise ValueError(f"duplicate {person}")


@row("collections")
def chain_map(r: Row) -> object:
    return ChainMap({}, {})[r["full_name"]]


@row("collections")
def deque_index(r: Row) -> object:
    return deque(["a"]).index(r["full_name"])


@row("types")
def namespace(r: Row) -> object:
    person = types.SimpleNamespace(**r)
    raise ValueError(f"cannot invoice {person.full_name!s}, born {person.born}")


@row("csv")
def csv_line(r: Row) -> object:
    text = io.StringIO("name,amount\n" + r["full_name"].replace(",", "") + "," + r["note"] + "\n")
    return [int(line["amount"]) for line in csv.DictReader(text)]


@row("json")
def json_document(r: Row) -> object:
    body = json.dumps({"patient": r["full_name"], "diagnosis": r["note"]})
    answer = json.loads(body)
    raise RuntimeError(f"unexpected answer: {json.dumps(answer)[:60]}")


@row("datetime")
def timestamp(r: Row) -> object:
    return datetime.datetime.fromisoformat(r["full_name"])


@row("datetime")
def strptime_date(r: Row) -> object:
    return datetime.datetime.strptime(r["born"], "%d.%m.%Y")


@row("email")
def header(r: Row) -> object:
    message = email.message.EmailMessage()
    message["Subject"] = r["full_name"] + "\nx"
    return message


@row("html")
def html_page(r: Row) -> object:
    class Parser(html.parser.HTMLParser):
        def handle_data(self, data: str) -> None:
            raise ValueError(f"unexpected text {data!r}")

    return Parser().feed(f"<p>{r['full_name']}</p>")


@row("optparse")
def option_value(r: Row) -> object:
    parser = optparse.OptionParser()
    parser.add_option("--age", type=int)
    parser.error = lambda text: (_ for _ in ()).throw(ValueError(text))  # type: ignore[method-assign]
    return parser.parse_args(["--age", r["full_name"]])


@row("plistlib")
def plist(r: Row) -> object:
    return plistlib.loads(f"<plist><integer>{r['full_name']}</integer></plist>".encode())


@row("shlex")
def shell_words(r: Row) -> object:
    words = shlex.split(f"mail -s '{r['first']}' x")
    raise RuntimeError(f"command failed: {words}")


@row("socket")
def host_name(r: Row) -> object:
    raise socket.gaierror(-2, "Name or service not known: " + r["last"])


@row("sqlite3")
def sqlite_check(r: Row) -> object:
    base = sqlite3.connect(":memory:")
    base.execute("create table t (name text check (length(name) < 3))")
    try:
        return base.execute("insert into t values (?)", (r["full_name"],))
    except sqlite3.IntegrityError as error:
        raise RuntimeError(f"{error} for {r['full_name']!r}") from error


@row("sqlite3")
def sqlite_token(r: Row) -> object:
    base = sqlite3.connect(":memory:")
    return base.execute("select " + r["last"].replace("'", "") + " from " + r["city"])


@row("string")
def template_key(r: Row) -> object:
    return string.Template("Dear $name, ${" + r["last"].replace("'", "") + "}").substitute(name=r["first"])


@row("struct")
def struct_format(r: Row) -> object:
    raise struct.error("bad record " + repr(r["full_name"].encode()))


@row("urllib")
def percent_encoded(r: Row) -> object:
    raise ValueError("GET failed: https://api.example/find?q=" + urllib.parse.quote(r["full_name"]))


@row("urllib")
def plus_encoded(r: Row) -> object:
    raise ValueError(
        "GET failed: https://api.example/find?" + urllib.parse.urlencode({"name": r["full_name"]})
    )


@row("uuid")
def bad_uuid(r: Row) -> object:
    try:
        return uuid.UUID(r["full_name"])
    except ValueError as error:
        raise ValueError(f"{r['full_name']} -> {error}") from error


@row("zipfile")
def member(r: Row) -> object:
    data = io.BytesIO()
    zipfile.ZipFile(data, "w").close()
    return zipfile.ZipFile(data).read(r["full_name"] + ".pdf")


@row("logging")
def logged(r: Row) -> object:
    record = logging.LogRecord("x", 20, "f", 1, "stored %s in %s", (r["full_name"], r["city"]), None)
    raise RuntimeError(record.getMessage())


@row("gettext")
def plural(r: Row) -> object:
    return gettext.c2py(r["full_name"])


@row("re")
def group_name(r: Row) -> object:
    return re.compile("(?P<" + r["full_name"] + ">x)")


@row("glom")
def glom_path(r: Row) -> object:
    import glom

    return glom.glom(r, "full_name." + r["last"].replace("'", ""))


@row("colander")
def colander_int(r: Row) -> object:
    import colander

    return colander.SchemaNode(colander.Int()).deserialize(r["full_name"])


@row("wtforms")
def wtforms_field(r: Row) -> object:
    import wtforms

    class Form(wtforms.Form):
        age = wtforms.IntegerField()

    form = Form(data={"age": r["full_name"]})
    form.process(None, data={"age": r["full_name"]})
    raise ValueError(f"{form.age.data} is no age, {form.errors}")


@row("trafaret")
def trafaret_int(r: Row) -> object:
    import trafaret

    return trafaret.Dict({"age": trafaret.Int()}).check({"age": r["full_name"]})


@row("beartype")
def beartype_argument(r: Row) -> object:
    from beartype import beartype

    @beartype
    def age(value: int) -> int:
        return value

    return age(r["full_name"])


@row("configobj")
def configobj_line(r: Row) -> object:
    import configobj

    return configobj.ConfigObj([r["full_name"]])


@row("toml")
def toml_line(r: Row) -> object:
    import toml

    return toml.loads("name = " + r["full_name"])


@row("rtoml")
def rtoml_line(r: Row) -> object:
    import rtoml

    return rtoml.loads("name = " + r["full_name"])


@row("furl")
def furl_port(r: Row) -> object:
    import furl

    return furl.furl("http://h").set(port=r["last"])


@row("parsimonious")
def parsimonious_text(r: Row) -> object:
    from parsimonious.grammar import Grammar

    return Grammar('number = ~"[0-9]+"').parse(r["full_name"])


@row("mako")
def mako_template(r: Row) -> object:
    from mako.template import Template

    return Template("${" + r["last"].replace("'", "") + " 3}").render()


@row("petl")
def petl_convert(r: Row) -> object:
    import petl

    table = petl.convert([["name"], [r["full_name"]]], "name", int, failonerror=True)
    return list(table)


@row("agate")
def agate_number(r: Row) -> object:
    import agate

    return agate.Table([[r["full_name"]]], ["age"], [agate.Number()])


@row("ijson")
def ijson_items(r: Row) -> object:
    import ijson

    return list(ijson.items(io.BytesIO(('{"a": ' + r["full_name"] + "}").encode()), "a"))


@row("ujson")
def ujson_loads(r: Row) -> object:
    import ujson

    try:
        return ujson.loads(r["full_name"])
    except ValueError as error:
        raise ValueError(f"line {r['full_name']!r}: {error}") from error


@row("demjson3")
def demjson_decode(r: Row) -> object:
    import demjson3

    return demjson3.decode("{" + r["full_name"] + "}")


@row("jmespath")
def jmespath_search(r: Row) -> object:
    import jmespath

    return jmespath.search(r["full_name"], {})


@row("jsonpath-ng")
def jsonpath_parse(r: Row) -> object:
    import jsonpath_ng

    return jsonpath_ng.parse("$." + r["full_name"])


@row("pymysql")
def pymysql_error(r: Row) -> object:
    import pymysql

    raise pymysql.err.IntegrityError(1062, f"Duplicate entry '{r['full_name']}' for key 'people.name'")


@row("pymongo")
def mongo_duplicate(r: Row) -> object:
    import pymongo.errors

    raise pymongo.errors.DuplicateKeyError(
        'E11000 duplicate key error collection: crm.people index: name_1 dup key: { name: "%s" }'
        % r["full_name"]
    )


@row("bson")
def object_id(r: Row) -> object:
    import bson

    return bson.ObjectId(r["full_name"])


@row("botocore")
def boto_error(r: Row) -> object:
    import botocore.exceptions

    raise botocore.exceptions.ClientError(
        {"Error": {"Code": "NoSuchKey", "Message": f"The key letters/{r['full_name']}.pdf does not exist"}},
        "GetObject",
    )


@row("redis")
def redis_error(r: Row) -> object:
    import redis

    raise redis.ResponseError(f"WRONGTYPE key 'person:{r['full_name']}' holds another kind of value")


@row("elasticsearch")
def parsing(r: Row) -> object:
    raise ValueError(
        f"failed to parse field [born] of type [date] in document with id '7'. Preview of field's value: '{r['full_name']}'"
    )


@row("ldap3")
def distinguished(r: Row) -> object:
    from ldap3.utils.dn import parse_dn

    return parse_dn("cn=" + r["full_name"] + ",ou")


@row("netaddr")
def netaddr_address(r: Row) -> object:
    import netaddr

    return netaddr.IPAddress(r["full_name"])


@row("icalendar")
def calendar_line(r: Row) -> object:
    import icalendar

    return icalendar.Calendar.from_ical("BEGIN:VCALENDAR\n" + r["full_name"] + "\nEND:VCALENDAR")


@row("vobject")
def vobject_line(r: Row) -> object:
    import vobject

    return vobject.readOne("BEGIN:VCARD\n" + r["full_name"] + "\nEND:VCARD")


@row("aniso8601")
def aniso(r: Row) -> object:
    import aniso8601

    return aniso8601.parse_date(r["full_name"])


@row("ciso8601")
def ciso(r: Row) -> object:
    import ciso8601

    return ciso8601.parse_datetime(r["full_name"])


@row("holidays")
def holidays_of(r: Row) -> object:
    import holidays

    return holidays.country_holidays(r["city"])


@row("sympy")
def sympy_parse(r: Row) -> object:
    import sympy

    return sympy.sympify(r["full_name"] + " ((")


@row("networkx")
def graph_node(r: Row) -> object:
    import networkx

    return networkx.shortest_path(networkx.path_graph(3), r["full_name"], 1)


@row("shapely")
def shape_text(r: Row) -> object:
    import shapely

    return shapely.from_wkt(r["full_name"])


@row("pyproj")
def projection(r: Row) -> object:
    import pyproj

    return pyproj.CRS(r["full_name"])


@row("pypdf")
def pdf(r: Row) -> object:
    import pypdf

    return pypdf.PdfReader(f"/nowhere/{r['full_name']}.pdf")


@row("xlsxwriter")
def sheet(r: Row) -> object:
    import xlsxwriter

    book = xlsxwriter.Workbook(io.BytesIO())
    return book.add_worksheet(r["full_name"] + ": all of the customers of " + r["city"])


@row("hl7")
def hl7_message(r: Row) -> object:
    import hl7

    return hl7.parse(r["full_name"])


@row("nameparser")
def own_name_error(r: Row) -> object:
    from nameparser import HumanName

    name = HumanName(r["full_name"])
    raise ValueError(f"no salutation for {name.last}")


@row("tablib")
def tablib_row(r: Row) -> object:
    import tablib

    data = tablib.Dataset(headers=["a", "b"])
    data.append([r["full_name"], 1])
    return data[r["full_name"]]


@row("webob")
def webob_status(r: Row) -> object:
    import webob

    return webob.Response(status=r["full_name"])


@row("werkzeug")
def werkzeug_key(r: Row) -> object:
    from werkzeug.datastructures import MultiDict

    return MultiDict({"a": 1})[r["full_name"]]


@row("moneyed")
def currency(r: Row) -> object:
    import moneyed

    return moneyed.Money(r["amount"], r["last"])


@row("uncertainties")
def uncertain(r: Row) -> object:
    import uncertainties

    return uncertainties.ufloat_fromstr(r["full_name"])


@row("convertdate")
def stored(r: Row) -> object:
    saved: dict[str, list[str]] = {}

    def store(key: str, values: list[str]) -> None:
        if len(values) < 9:
            raise OverflowError("record %r has only %d cells: %s" % (key, len(values), "; ".join(values)))
        saved[key] = values

    return store(r["last"], [r["first"], r["born"], r["note"]])


# ---- Mistakes


@bug("builtins", "list", "append", "tuple")
def tuple_append() -> object:
    return ().append(1)  # type: ignore[attr-defined]


@bug("builtins", "invalid literal for int()", "base 10")
def int_of_version() -> object:
    return int("3.11")


@bug("builtins", "not enough values to unpack", "expected 2, got 1")
def too_few() -> object:
    key, value = "novalue".split("=")
    return key, value


@bug("builtins", "Retry-After")
def header_missing() -> object:
    headers = {"Content-Type": "text/html", "Server": "x"}
    return headers["Retry-After"]


@bug("builtins", "CRM_TOKEN_FILE")
def variable() -> object:
    import os

    return os.environ["CRM_TOKEN_FILE"]


@bug("builtins", "is not callable", "module")
def module_called() -> object:
    return json()  # type: ignore[operator]


@bug("builtins", "batch_size", "1000")
def own_limit() -> object:
    spec = json.loads('{"batch_size": 100000}')
    raise ValueError(f"batch_size must not be over 1000: {spec['batch_size']}")


@bug("builtins", "sources", "destinations", "version")
def own_spec() -> object:
    spec = json.loads('{"kind": "sources"}')
    raise ValueError(f"spec of kind {spec['kind']!r} needs 'version', and 'destinations' in its list")


@bug("builtins", "append", "write_mode", "overwrite-delete-stale")
def own_mode() -> object:
    mode = "append"
    raise ValueError(f"write_mode {mode!r} does not go with 'overwrite-delete-stale'")


@bug("builtins", "permission_denied", "arn:aws:iam::aws:policy/ReadOnlyAccess")
def own_policy() -> object:
    raise PermissionError("permission_denied: attach arn:aws:iam::aws:policy/ReadOnlyAccess to the role")


@bug("builtins", "protocol", "v3", "v2")
def own_protocol() -> object:
    theirs = "v2"
    raise RuntimeError(f"plugin speaks protocol {theirs}, this version needs v3")


@bug("builtins", "timed out after 30", "get_token")
def own_timeout() -> object:
    raise TimeoutError("get_token timed out after 30 s")


@bug("builtins", "Permission denied", "spool.db")
def os_error() -> object:
    raise PermissionError(13, "Permission denied", "/var/lib/tool/spool.db")


@bug("builtins", "Address already in use")
def address() -> object:
    raise OSError(98, "Address already in use")


@bug("builtins", "circular import", "tool.plugins")
def circular() -> object:
    raise ImportError(
        "cannot import name 'load' from partially initialized module 'tool.plugins' (most likely due to a circular import)"
    )


@bug("builtins", "Invoice")
def missing_invoice() -> object:
    rows = [{"Date": 1, "Total": 2}]
    return rows[0]["Invoice"]


@bug("builtins", "generator", "subscriptable")
def generator() -> object:
    return (x for x in ())[0]  # type: ignore[index]


@bug("csv", "line contains NUL", "new-line")
def csv_error() -> object:
    raise csv.Error("line contains NUL; new-line character seen in unquoted field")


@bug("datetime", "day is out of range")
def day() -> object:
    return datetime.date(2025, 2, 30)


@bug("datetime", "does not match format", "%H:%M")
def hour() -> object:
    return datetime.datetime.strptime("25h", "%H:%M")


@bug("json", "Extra data", "line 1 column 3")
def extra() -> object:
    return json.loads("{}{}")


@bug("json", "keys must be str", "tuple")
def tuple_key() -> object:
    return json.dumps({(1, 2): 3})


@bug("plistlib", "Invalid file")
def bad_plist() -> object:
    return plistlib.loads(b"xx")


@bug("re", "bad character range z-a")
def bad_range() -> object:
    return re.compile("[z-a]")


@bug("re", "no such group")
def no_group() -> object:
    return re.match("x", "x").group("year")  # type: ignore[union-attr]


@bug("shlex", "No closing quotation")
def unclosed() -> object:
    return shlex.split("a 'b")


@bug("sqlite3", "Incorrect number of bindings", "uses 2", "1 supplied")
def bindings() -> object:
    return sqlite3.connect(":memory:").execute("select ?, ?", (1,))


@bug("sqlite3", "NOT NULL constraint failed", "orders.customer")
def not_null() -> object:
    base = sqlite3.connect(":memory:")
    base.execute("create table orders (customer text not null)")
    return base.execute("insert into orders values (null)")


@bug("sqlite3", "no such function", "GREATEST")
def no_function() -> object:
    return sqlite3.connect(":memory:").execute("select GREATEST(1, 2)")


@bug("sqlite3", "has no column named", "total")
def no_column_named() -> object:
    base = sqlite3.connect(":memory:")
    base.execute("create table orders (id int)")
    return base.execute("insert into orders (total) values (1)")


@bug("string", "total")
def template_variable() -> object:
    return string.Template("$total").substitute()


@bug("struct", "bad char in struct format")
def bad_struct() -> object:
    return struct.pack("z9", 1)


@bug("uuid", "badly formed hexadecimal UUID string")
def no_uuid() -> object:
    return uuid.UUID("x")


@bug("zipfile", "There is no item named", "manifest.json")
def no_member() -> object:
    data = io.BytesIO()
    zipfile.ZipFile(data, "w").close()
    return zipfile.ZipFile(data).read("manifest.json")


@bug("zipfile", "not a zip file")
def no_zip() -> object:
    return zipfile.ZipFile(io.BytesIO(b"x"))


@bug("urllib", "Port could not be cast", "https")
def bad_port() -> object:
    return urllib.parse.urlsplit("http://h:https/").port


@bug("glom", "could not access", "total", "order")
def glom_missing() -> object:
    import glom

    return glom.glom({"order": {}}, "order.total")


@bug("trafaret", "customer_id", "is required")
def trafaret_required() -> object:
    import trafaret

    return trafaret.Dict({"customer_id": trafaret.Int()}).check({})


@bug("configobj", "Parsing failed", "line 1")
def configobj_bad() -> object:
    import configobj

    return configobj.ConfigObj(["[a"])


@bug("toml", "Key name found without value")
def toml_key() -> object:
    import toml

    return toml.loads("a")


@bug("mako", "total", "not defined")
def mako_missing() -> object:
    from mako.template import Template

    return Template("${total}", strict_undefined=True).render()


@bug("petl", "customer_id")
def petl_field() -> object:
    import petl

    return list(petl.cut([["a"], [1]], "customer_id"))


@bug("ijson", "lexical error")
def ijson_bad() -> object:
    import ijson

    return list(ijson.items(io.BytesIO(b"{x"), "a"))


@bug("jmespath", "Unknown function", "sizee")
def jmespath_function() -> object:
    import jmespath

    return jmespath.search("sizee(@)", {})


@bug("botocore", "AccessDenied", "ListBuckets")
def access_denied() -> object:
    import botocore.exceptions

    raise botocore.exceptions.ClientError(
        {"Error": {"Code": "AccessDenied", "Message": "Access Denied"}}, "ListBuckets"
    )


@bug("botocore", "ap-souteast-2", "endpoint")
def bad_region() -> object:
    import botocore.exceptions

    region = json.loads('"ap-souteast-2"')
    raise botocore.exceptions.EndpointConnectionError(endpoint_url=f"https://s3.{region}.amazonaws.com/")


@bug("botocore", "Unable to locate credentials")
def no_credentials() -> object:
    import botocore.exceptions

    raise botocore.exceptions.NoCredentialsError


@bug("boto3", "Unknown service", "s4")
def bad_service() -> object:
    import boto3

    return boto3.client("s4", region_name="us-east-1")


@bug("holidays", "XX", "not available")
def no_country() -> object:
    import holidays

    return holidays.country_holidays("XX")


@bug("networkx", "Node", "z", "not in")
def no_node() -> object:
    import networkx

    return networkx.shortest_path(networkx.path_graph(3), 0, "z")


@bug("lark", "start")
def lark_rule() -> object:
    import lark

    return lark.Lark("start: missing").parse("x")


@bug("cerberus", "unknown rule", "allowd")
def cerberus_rule() -> object:
    import cerberus

    return cerberus.Validator({"city": {"allowd": ["x"]}})


@bug("msgspec", "missing required field", "customer_id")
def msgspec_missing() -> object:
    import msgspec

    return msgspec.convert({}, msgspec.defstruct("Order", [("customer_id", int)]))


@bug("msgspec", "Expected `int`, got `str`", "$.total")
def msgspec_type() -> object:
    import msgspec

    return msgspec.convert({"total": "x"}, msgspec.defstruct("Order", [("total", int)]))


@bug("cattrs", "Order")
def cattrs_missing() -> object:
    import attrs
    import cattrs

    return cattrs.structure({}, attrs.make_class("Order", {"customer_id": attrs.field(type=int)}))


@bug("dacite", "missing value for field", "customer_id")
def dacite_missing() -> object:
    import dataclasses

    import dacite

    return dacite.from_dict(dataclasses.make_dataclass("Order", [("customer_id", int)]), {})


@bug("arrow", "MM/DD", "match")
def arrow_bad() -> object:
    import arrow

    return arrow.get("2024", "MM/DD")


@bug("werkzeug", "404 Not Found")
def werkzeug_missing() -> object:
    import werkzeug.exceptions

    raise werkzeug.exceptions.NotFound


@bug("builtins", "gcp_projects", "gcp_storage_buckets")
def own_cycle() -> object:
    names = json.loads('["gcp_projects", "gcp_storage_buckets"]')
    raise ValueError(f"relations of table {names[0]} and table {names[1]} form a circle")


@bug("subprocess", "git", "128")
def git_failed() -> object:
    import subprocess

    raise subprocess.CalledProcessError(128, ["git", "fetch"])


@bug("yarl", "absolute", "path")
def yarl_relative() -> object:
    import yarl

    return yarl.URL.build(host="h", path="x")


@bug("simplejson", "Invalid control character", "line 1")
def simplejson_control() -> object:
    import simplejson

    return simplejson.loads('{"a": "\n"}')


@bug("sqlalchemy", "no such column", "total")
def sqlalchemy_column() -> object:
    import sqlalchemy

    with sqlalchemy.create_engine("sqlite://").connect() as connection:
        connection.execute(sqlalchemy.text("create table orders (id int)"))
        return connection.execute(sqlalchemy.text("select total from orders"))


@bug("decimal", "InvalidOperation")
def decimal_bad() -> object:
    import decimal

    return decimal.Decimal("1").quantize(decimal.Decimal("1e-99"))
