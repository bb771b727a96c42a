"""Mistakes that were written after the rules of a third round: rules were made on some of them since.

As in `crashes_blind`: each has the words of its message that an engineer needs.
"""

import argparse
import ast
import asyncio
import codecs
import configparser
import datetime
import decimal
import enum
import importlib
import inspect
import ipaddress
import json
import os
import pathlib
import pickle
import re
import shutil
import socket
import sqlite3
import statistics
import string
import subprocess
import sys
import tomllib
import types
import unicodedata
import urllib.request
import xml.etree.ElementTree as ET
import zoneinfo
from collections.abc import Callable
from typing import Any

ROWS: list[tuple[str, Callable[..., object]]] = []
BUGS: list[tuple[str, Callable[[], object], tuple[str, ...]]] = []


def bug(library: str, *words: str) -> Callable[[Callable[[], object]], Callable[[], object]]:
    """A mistake, and the words of its message that an engineer needs."""

    def keep(function: Callable[[], object]) -> Callable[[], object]:
        BUGS.append((library, function, words))
        return function

    return keep


@bug("builtins", "unexpected keyword argument", "retires")
def keyword() -> object:
    def fetch(retries: int = 3) -> None: ...

    return fetch(retires=4)


@bug("builtins", "missing 1 required positional argument", "timeout")
def positional() -> object:
    def fetch(timeout: int) -> None: ...

    return fetch(*[])


@bug("builtins", "Settings", "max_pages")
def attribute() -> object:
    class Settings:
        pass

    return Settings().max_pages


@bug("builtins", "not supported between instances of", "NoneType", "int")
def comparison() -> object:
    return max([None, 3][0], 3)


@bug("builtins", "can only concatenate str", "int")
def concatenation() -> object:
    return "page " + len("x")


@bug("builtins", "too many values to unpack", "expected 2")
def unpack() -> object:
    first, second = ["a", "b", "c"]
    return first, second


@bug("builtins", "sync_mode")
def key_of_config() -> object:
    return json.loads('{"mode": "full"}')["sync_mode"]


@bug("builtins", "list index out of range")
def index() -> object:
    return [].__getitem__(3) if not sys.argv[9:] else None


@bug("builtins", "object is not callable", "dict")
def called() -> object:
    return {}()


@bug("builtins", "division by zero")
def division() -> object:
    return 3 % int("0")


@bug("builtins", "abstract", "Reader", "open_stream")
def abstract() -> object:
    import abc

    class Reader(abc.ABC):
        @abc.abstractmethod
        def open_stream(self) -> None: ...

    return Reader()


@bug("importlib", "No module named", "crmlib")
def no_module() -> object:
    return importlib.import_module("crmlib.client")


@bug("importlib", "cannot import name", "JSONDecodr", "json")
def no_name() -> object:
    from json import JSONDecodr

    return JSONDecodr


@bug("argparse", "conflicting option string", "--region")
def twice() -> object:
    parser = argparse.ArgumentParser()
    parser.add_argument("--region")
    return parser.add_argument("--region")


@bug("configparser", "No section", "destination")
def no_section() -> object:
    parser = configparser.ConfigParser()
    parser.read_string("[source]\nkind = aws\n")
    return parser.get("destination", "kind")


@bug("configparser", "No option", "write_mode", "source")
def no_option() -> object:
    parser = configparser.ConfigParser()
    parser.read_string("[source]\nkind = aws\n")
    return parser.get("source", "write_mode")


@bug("tomllib", "Cannot overwrite a value", "line 2")
def toml_twice() -> object:
    return tomllib.loads("workers = 3\nworkers = 4\n")


@bug("json", "Expecting property name enclosed in double quotes", "line 1 column 2")
def bad_json() -> object:
    return json.loads("{workers: 3}")


@bug("json", "datetime", "not JSON serializable")
def dumped() -> object:
    return json.dumps({"when": datetime.datetime(2025, 1, 1)})


@bug("enum", "append_only", "WriteMode")
def enumeration() -> object:
    class WriteMode(enum.Enum):
        OVERWRITE = "overwrite"

    return WriteMode["append_only"] if not sys.argv[9:] else WriteMode("append_only")


@bug("sqlite3", "no such column", "updated_at")
def column() -> object:
    return sqlite3.connect(":memory:").execute("SELECT updated_at FROM sqlite_master")


@bug("sqlite3", "UNIQUE constraint failed", "orders.id")
def unique() -> object:
    base = sqlite3.connect(":memory:")
    base.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY)")
    base.execute("INSERT INTO orders VALUES (1)")
    return base.execute("INSERT INTO orders VALUES (1)")


@bug("sqlite3", "syntax error", "SELCT")
def sql() -> object:
    return sqlite3.connect(":memory:").execute("SELCT 1")


@bug("socket", "Connection refused")
def refused() -> object:
    return socket.create_connection(("127.0.0.1", 1), timeout=3)


@bug("urllib", "unknown url type", "htps")
def scheme() -> object:
    return urllib.request.urlopen("htps://api.example.com/v1/orders")


@bug("ipaddress", "has host bits set")
def network() -> object:
    return ipaddress.ip_network("10.1.0.1/16")


@bug("zoneinfo", "No time zone found with key", "America/New_Yrok")
def zone() -> object:
    return zoneinfo.ZoneInfo("America/New_Yrok")


@bug("datetime", "does not match format", "%Y-%m-%d")
def date() -> object:
    return datetime.datetime.strptime("2025/03/11", "%Y-%m-%d")


@bug("datetime", "can't compare offset-naive and offset-aware datetimes")
def naive() -> object:
    return datetime.datetime(2025, 1, 1) < datetime.datetime.now(datetime.UTC)


@bug("decimal", "InvalidOperation")
def number() -> object:
    return decimal.Decimal("1.2.3")


@bug("codecs", "unknown encoding", "utf9")
def encoding() -> object:
    return codecs.lookup("utf9")


@bug("builtins", "ascii", "codec can't decode byte 0xc3")
def decoding() -> object:
    return "é".encode().decode("ascii")


@bug("re", "unterminated character set", "position 3")
def expression() -> object:
    return re.compile("abc[d")


@bug("os", "No such file or directory", "spec.yml")
def no_file() -> object:
    return pathlib.Path("/etc/mytool/spec.yml").read_text()


@bug("os", "Permission denied")
def permission() -> object:
    raise PermissionError(13, os.strerror(13), "/var/lib/mytool/state.db")


@bug("shutil", "unknown archive format", "rar")
def archive() -> object:
    return shutil.make_archive("/tmp/x", "rar", "/tmp")


@bug("subprocess", "No such file or directory", "terrafrom")
def no_program() -> object:
    return subprocess.run(["terrafrom", "plan"], check=True)


@bug("subprocess", "returned non-zero exit status 4", "export")
def failed() -> object:
    return subprocess.run([sys.executable, "-c", "raise SystemExit(4)", "export"], check=True)


@bug("asyncio", "asyncio.run() cannot be called from a running event loop")
def nested_loop() -> object:
    async def inner() -> None: ...

    async def outer() -> None:
        work = inner()
        try:
            asyncio.run(work)
        finally:
            work.close()

    return asyncio.run(outer())


@bug("pickle", "pickle", "lambda")
def pickled() -> object:
    return pickle.dumps(lambda: 0)


@bug("statistics", "mean requires at least one data point")
def mean() -> object:
    return statistics.mean([])


@bug("string", "region")
def template() -> object:
    return string.Template("s3://$bucket/$region").substitute(bucket="x")


@bug("xml", "mismatched tag", "line 1")
def xml() -> object:
    return ET.fromstring("<a><b></a>")


@bug("unicodedata", "undefined character name")
def character() -> object:
    return unicodedata.lookup("LATIN SMALL LETTER X WITH HAT")


@bug("types", "mappingproxy", "does not support item assignment")
def proxy() -> object:
    types.MappingProxyType({})["a"] = 1  # type: ignore[index]
    return None


@bug("inspect", "no signature found")
def signature() -> object:
    return inspect.signature(type("X", (), {"__call__": 3})())


@bug("ast", "malformed node or string")
def literal() -> object:
    return ast.literal_eval("os.getcwd()")


@bug("own", "batch_size", "must be between 1 and 5000", "12000")
def own_range() -> object:
    settings = {"batch_size": 12000}
    raise ValueError(f"batch_size must be between 1 and 5000, not {settings['batch_size']}"[:60])


@bug("own", "unknown destination", "bigqery")
def own_destination() -> object:
    spec = json.loads('{"destination": "bigqery"}')
    raise LookupError(f"unknown destination {spec['destination']!r}")


@bug("own", "plugin", "cloudquery/aws", "v27.1.0", "protocol 3")
def own_version() -> object:
    plugin, version, protocol = "cloudquery/aws", "v27.1.0", 3
    raise RuntimeError(f"plugin {plugin} {version} does not speak protocol {protocol}")


@bug("own", "table", "aws_s3_buckets", "primary key")
def own_table() -> object:
    table = json.loads('{"name": "aws_s3_buckets"}')["name"]
    raise ValueError(f"table {table} has no primary key")


@bug("own", "Cannot resolve column", "orders.total_amount")
def own_column() -> object:
    column = ".".join(json.loads('["orders", "total_amount"]'))
    raise ValueError(f"Cannot resolve column '{column}' in projection")


@bug("own", "deadline exceeded", "ListBuckets", "us-east-1")
def own_deadline() -> object:
    call = {"operation": "ListBuckets", "region": "us-east-1"}
    raise TimeoutError("deadline exceeded in {operation} of {region}".format(**call))


@bug("own", "unsupported type", "Decimal128", "column", "price")
def own_type() -> object:
    field = {"name": "price", "type": "Decimal128"}
    raise TypeError(f"unsupported type {field['type']} of column {field['name']}")


@bug("own", "Missing environment variable", "WAREHOUSE_HOST")
def own_variable() -> object:
    name = "_".join(["WAREHOUSE", "HOST"])
    raise RuntimeError(f"Missing environment variable {name}")


@bug("own", "HTTP 429", "Retry-After", "30")
def own_rate() -> object:
    response = {"status": 429, "headers": {"Retry-After": "30"}}
    raise RuntimeError(f"HTTP {response['status']}, Retry-After: {response['headers']['Retry-After']}")


@bug("own", "migration", "0042_add_index", "depends on", "0041_orders")
def own_migration() -> object:
    nodes = json.loads('["0042_add_index", "0041_orders"]')
    raise RuntimeError(f"migration {nodes[0]} depends on {nodes[1]}, which was not applied")


@bug("own", "Schema mismatch", "int64", "string", "customer_id")
def own_schema() -> object:
    want, got, name = json.loads('["int64", "string", "customer_id"]')
    raise TypeError(f"Schema mismatch: {name} is {got}, expected {want}")


@bug("requests", "Invalid URL", "No scheme supplied")
def no_scheme() -> object:
    import requests

    return requests.get("api.example.com/v1", timeout=3)


@bug("jsonschema", "is a required property", "connection")
def required() -> object:
    import jsonschema

    return jsonschema.validate({}, {"type": "object", "required": ["connection"]})


@bug("jsonschema", "is not one of", "overwrite", "append")
def choices() -> object:
    import jsonschema

    return jsonschema.validate("upsrt", {"enum": ["overwrite", "append"]})


@bug("yaml", "found character", "cannot start any token")
def yaml_tab() -> object:
    import yaml

    return yaml.safe_load("spec:\n\tkind: source\n")


@bug("yaml", "could not determine a constructor for the tag", "!include")
def yaml_tag() -> object:
    import yaml

    return yaml.safe_load("spec: !include other.yml")


@bug("pandas", "total_amount")
def pandas_column() -> object:
    import pandas

    return pandas.DataFrame({"total": [1]})["total_amount"]


@bug("numpy", "shapes (2,) and (3,)")
def numpy_shapes() -> object:
    import numpy

    return numpy.dot(numpy.ones(2), numpy.ones(3))


@bug("pydantic", "batch_size", "valid integer", "int_parsing")
def model() -> object:
    import pydantic

    made: Any = pydantic.create_model("Spec", batch_size=(int, ...))
    return made(batch_size="many")


@bug("sqlalchemy", "Could not parse SQLAlchemy URL")
def engine() -> object:
    import sqlalchemy

    return sqlalchemy.create_engine("postgres//db/app")


@bug("attrs", "unexpected keyword argument", "worker_count")
def attrs_class() -> object:
    import attrs

    made: Any = attrs.make_class("Pool", ["workers"])
    return made(workers=1, worker_count=2)


@bug("marshmallow", "batch_size", "Not a valid integer")
def marshmallow_field() -> object:
    import marshmallow

    made: Any = marshmallow.Schema.from_dict({"batch_size": marshmallow.fields.Int()})
    return made().load({"batch_size": "many"})


@bug("click", "No such option", "--regoin")
def click_option() -> object:
    import click

    @click.command()
    @click.option("--region")
    def run(region: str) -> None: ...

    return run.main(["--regoin", "x"], standalone_mode=False)
