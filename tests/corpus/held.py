"""Crashes that quote a secret, or a piece of it, without its name: the process holds it under a name of some kind.

Each function gets a secret that is read at run time, and crashes in the way that programs and libraries do. Rules may be
tuned on every second one, `looked at`; the others are `sealed`: they are measured, and nobody looks at what they miss.
"""

import argparse
import base64
import configparser
import dataclasses
import json
import os
import random
import subprocess
import sys
import types
import urllib.parse
from collections import namedtuple
from collections.abc import Callable
from typing import NamedTuple

CRASHES: list[Callable[[str], object]] = []
_WORDS = ("Bluebell", "Sommer", "Kestrel", "harbour", "Mandarin", "oktober", "Winter", "Tulip")


def held(function: Callable[[str], object]) -> Callable[[str], object]:
    """Keep a crash function."""
    CRASHES.append(function)
    return function


def crashes(part: str) -> list[Callable[[str], object]]:
    """The functions of a part, `looked at` or `sealed`."""
    return CRASHES[part == "sealed" :: 2]


def secrets(function: Callable[[str], object]) -> list[str]:
    """Three secrets: one with signs that end pieces, one of words, one of letters and digits."""
    rng = random.Random(function.__name__)
    word = rng.choice(_WORDS)
    signs = "".join(rng.choice("/#?@%:*") for _ in range(2))
    drawn = "".join(rng.choice("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789") for _ in range(18))
    return [
        f"{drawn[:6]}{signs[0]}{drawn[6:12]}{signs[1]}{word}",
        f"{word}-{rng.choice(_WORDS)}{rng.randint(10, 99)}",
        drawn,
    ]


def survives(secret: str, text: str) -> bool:
    """Whether a piece of six characters is still in a text, or a word of four between two signs."""
    pieces = {secret[at : at + 6] for at in range(len(secret) - 5)}
    return any(piece in text for piece in pieces)


def refused(what: object) -> None:
    """The end of most: a text that quotes what it was given, without a name."""
    raise ValueError(f"the server did not like {what}")


# ---- Locals of many names


@held
def in_url(s: str) -> None:
    url = f"postgres://svc:{s}@db.internal/app"
    refused(url.split(":", 2)[2].rpartition("@")[0])


@held
def in_dsn(s: str) -> None:
    dsn = f"host=db user=svc password='{s}' dbname=app"
    refused(dsn.split("'")[1])


@held
def in_conninfo(s: str) -> None:
    conninfo = f"user=svc password={s} host=db"
    refused(conninfo.split("password=")[1].split(" ", maxsplit=1)[0])


@held
def in_connection_string(s: str) -> None:
    connection_string = f"DRIVER={{x}};SERVER=y;UID=svc;PWD={s};"
    refused(connection_string.split("PWD=")[1].rstrip(";"))


@held
def in_broker(s: str) -> None:
    broker = f"amqp://svc:{urllib.parse.quote(s, safe='')}@rabbit:5672//"
    refused(urllib.parse.urlsplit(broker).password)


@held
def in_target_decoded(s: str) -> None:
    target = f"https://svc:{urllib.parse.quote(s, safe='')}@host/x"
    refused(urllib.parse.unquote(urllib.parse.urlsplit(target).password or ""))


@held
def in_headers(s: str) -> None:
    headers = {"Accept": "*/*", "Authorization": f"Bearer {s}"}
    refused(headers["Authorization"].split(" ")[1])


@held
def in_basic_header(s: str) -> None:
    headers = {"Authorization": "Basic " + base64.b64encode(f"svc:{s}".encode()).decode()}
    refused(base64.b64decode(headers["Authorization"][6:]).decode())


@held
def in_auth_pair(s: str) -> None:
    auth = ("svc", s)
    refused(auth[1])


@held
def in_arguments(s: str) -> None:
    command = ["tool", "--password", s, "--verbose"]
    refused(command[2])


@held
def in_argument_with_sign(s: str) -> None:
    command = ["tool", f"--api-key={s}"]
    refused(command[1].partition("=")[2])


@held
def in_short_argument(s: str) -> None:
    args = ["mysqldump", "-h", "db", f"-p{s}", "app"]
    refused(args[3][2:])


@held
def in_pairs(s: str) -> None:
    pairs = [("user", "svc"), ("password", s)]
    refused(pairs[1][1])


@held
def in_name_value(s: str) -> None:
    env = [{"name": "TZ", "value": "UTC"}, {"name": "DB_PASSWORD", "value": s}]
    refused(env[1]["value"])


@held
def in_list_of_dicts(s: str) -> None:
    accounts = [{"login": "a", "role": "x"}, {"login": "b", "password": s}]
    refused(accounts[1]["password"])


@held
def in_nested(s: str) -> None:
    config = {"sources": [{"spec": {"connection": {"secret_key": s}}}]}
    refused(config["sources"][0]["spec"]["connection"]["secret_key"])


@held
def in_bytes(s: str) -> None:
    fields = {b"user": b"svc", b"password": s.encode()}
    refused(fields[b"password"])


@held
def in_json_text(s: str) -> None:
    body = json.dumps({"client_secret": s, "x": 1})
    refused(json.loads(body)["client_secret"])


@held
def in_yaml_text(s: str) -> None:
    text = f"db:\n  user: svc\n  password: {s}\n  port: x\n"
    refused(text.splitlines()[2].split(": ")[1])


@held
def in_ini_line(s: str) -> None:
    line = f"password = {s}"
    _, _, value = line.partition(" = ")
    refused(value)


@held
def in_env_file(s: str) -> None:
    lines = ["TZ=UTC", f"API_TOKEN={s}"]
    parsed = dict(each.split("=", 1) for each in lines)
    refused(parsed["API_TOKEN"])


# ---- Objects


class Config:
    """A plain object of settings."""

    def __init__(self, password: str) -> None:
        self.host = "db"
        self.password = password


class Hidden:
    """An object with a mangled name."""

    def __init__(self, value: str) -> None:
        self.__password = value

    def tell(self) -> str:
        return self.__password


class Slotted:
    """An object without a dictionary."""

    __slots__ = ("host", "token")

    def __init__(self, token: str) -> None:
        self.host = "x"
        self.token = token


@dataclasses.dataclass
class Database:
    """A dataclass of a dataclass."""

    user: str
    passwd: str


@dataclasses.dataclass
class Settings:
    """Settings that hold others."""

    name: str
    database: Database


Login = namedtuple("Login", "user pwd")


class Typed(NamedTuple):
    """A typed tuple."""

    user: str
    api_key: str


class Quiet:
    """An object that hides its secret in its repr, as pydantic's SecretStr does."""

    def __init__(self, value: str) -> None:
        self._secret_value = value

    def get_secret_value(self) -> str:
        return self._secret_value

    def __repr__(self) -> str:
        return "Quiet('**********')"


@held
def in_config_object(s: str) -> None:
    config = Config(s)
    refused(config.password)


@held
def in_hidden(s: str) -> None:
    keeper = Hidden(s)
    refused(keeper.tell())


@held
def in_slots(s: str) -> None:
    keeper = Slotted(s)
    refused(keeper.token)


@held
def in_dataclass(s: str) -> None:
    settings = Settings("x", Database("svc", s))
    refused(settings.database.passwd)


@held
def in_namedtuple(s: str) -> None:
    login = Login("svc", s)
    refused(login.pwd)


@held
def in_typed_tuple(s: str) -> None:
    found = [Typed("svc", s)]
    refused(found[0].api_key)


@held
def in_secret_str(s: str) -> None:
    password = Quiet(s)
    refused(password.get_secret_value())


@held
def in_namespace(s: str) -> None:
    options = argparse.Namespace(host="x", token=s)
    refused(options.token)


@held
def in_simple_namespace(s: str) -> None:
    context = types.SimpleNamespace(db=types.SimpleNamespace(password=s))
    refused(context.db.password)


@held
def in_url_object(s: str) -> None:
    parts = urllib.parse.urlsplit(f"https://svc:{urllib.parse.quote(s, safe='')}@host/x")
    refused(parts.password)


@held
def in_config_parser(s: str) -> None:
    parser = configparser.RawConfigParser()
    parser.read_dict({"db": {"password": s}})
    refused(parser["db"]["password"])


@held
def in_repr(s: str) -> None:
    shown = f"<Connection user='svc' password={s!r} at 0x7f00>"
    refused(shown.split("password='")[1].split("'", maxsplit=1)[0])


@held
def in_dataclass_repr(s: str) -> None:
    shown = repr(Database("svc", s))
    refused(shown.split("passwd='")[1].split("'")[0])


@held
def in_own_method(s: str) -> None:
    class Client:
        def __init__(self) -> None:
            self._token = s

        def call(self) -> None:
            raise ConnectionError(f"401 with {self._token}")

    Client().call()


# ---- Arguments of calls


def connect(host: str, user: str, password: str, database: str) -> None:
    refused(password)


def open_it(*args: str) -> None:
    refused(args[2])


def open_with(**options: str) -> None:
    refused(options["passwd"])


@held
def positional(s: str) -> None:
    connect("db", "svc", s, "app")


@held
def positional_packed(s: str) -> None:
    open_it("db", "svc", s, "app")


@held
def by_keyword(s: str) -> None:
    open_with(host="db", passwd=s)


@held
def positional_later(s: str) -> None:
    settings = {"password": s}

    def login(who: str, what: str) -> None:
        refused(what)

    login("svc", settings.pop("password"))


@held
def in_outer_frame(s: str) -> None:
    def inner() -> None:
        refused(given)

    password = s
    given = password[::1] + ""
    inner()


# ---- The environment


@held
def in_database_url(s: str) -> None:
    os.environ.update({"DATABASE_URL": f"mysql://svc:{urllib.parse.quote(s, safe='')}@db/app"})
    refused(urllib.parse.unquote(urllib.parse.urlsplit(os.environ["DATABASE_URL"]).password or ""))


@held
def in_variable(s: str) -> None:
    os.environ.update({"ACME_API_TOKEN": s})
    refused(os.environ["ACME_API_TOKEN"])


@held
def in_variable_of_broker(s: str) -> None:
    os.environ.update({"CELERY_BROKER": f"redis://:{urllib.parse.quote(s, safe='')}@cache/0"})
    refused(urllib.parse.urlsplit(os.environ["CELERY_BROKER"]).password)


@held
def in_variable_of_conninfo(s: str) -> None:
    os.environ.update({"WAREHOUSE": f"Server=x;User Id=y;Password={s};"})
    refused(os.environ["WAREHOUSE"].split("Password=")[1].rstrip(";"))


# ---- Pieces, and other spellings


@held
def port_of_url(s: str) -> None:
    url = f"https://svc:{s}@host/x"
    assert urllib.parse.urlsplit(url.replace("@", "", 1)).port != 1
    refused(
        url.split("//")[1]
        .split("/", maxsplit=1)[0]
        .split("#", maxsplit=1)[0]
        .split("?", maxsplit=1)[0]
        .rpartition(":")[2]
    )


@held
def number_of_piece(s: str) -> None:
    url = f"redis://:{s}@cache/0"
    int(url.split(":")[2].split("@", maxsplit=1)[0].split("/", maxsplit=1)[0])


@held
def encoded(s: str) -> None:
    password = s
    refused(urllib.parse.quote(password, safe=""))


@held
def encoded_with_plus(s: str) -> None:
    password = s + " x"
    refused(urllib.parse.urlencode({"q": password}))


@held
def in_base64(s: str) -> None:
    password = s
    refused(base64.b64encode(f"svc:{password}".encode()).decode())


@held
def cut(s: str) -> None:
    password = s
    refused(repr(password[:8]) + "...")


@held
def lower_case(s: str) -> None:
    token = s
    refused(token.lower())


@held
def reversed_pair(s: str) -> None:
    credentials = f"{s}:svc"
    refused(credentials.rpartition(":")[0])


# ---- Libraries


@held
def process_failed(s: str) -> None:
    subprocess.run([sys.executable, "-c", "raise SystemExit(3)", "--password", s], check=True)


@held
def process_failed_short(s: str) -> None:
    subprocess.run([sys.executable, "-c", "raise SystemExit(3)", f"-p{s}"], check=True)


@held
def config_without_section(s: str) -> None:
    configparser.ConfigParser().read_string(f"password = {s}\n[x]\n", source="x.cfg")


@held
def config_interpolation(s: str) -> None:
    parser = configparser.ConfigParser()
    parser.read_string(f"[db]\npassword = {s}%zz\n")
    parser.get("db", "password")


@held
def config_parsing(s: str) -> None:
    configparser.ConfigParser().read_string(f"[db]\nuser = x\npassword {s}\n")


@held
def key_of_settings(s: str) -> None:
    settings = {"password": s}
    {}[settings["password"]]


@held
def call_of_settings(s: str) -> None:
    settings = {"password": s, "host": "db"}
    connect(**settings)  # type: ignore[call-arg]


@held
def attribute_of_bytes(s: str) -> None:
    secret = s.encode()
    refused(secret)
