"""A message keeps what the program says and shows the shape of what it was given."""

import gc
import itertools
import json
import os
import re
import string
import sys
import types
import urllib.parse
import weakref
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import crashguard
from crashguard.scrub import Scrubber, quotes, values
from crashguard.scrub.alignment import gaps
from crashguard.scrub.identifiers import is_name
from crashguard.scrub.makers import Maker
from crashguard.scrub.marks import shape
from crashguard.testing import captured_reports
from tests.conftest import ROOT, Run
from tests.corpus import crashes, messages

PAGE = (ROOT / "docs/messages.md").read_text()
ROW = json.loads('{"name": "Marta Ruiz", "city": "Zagreb", "note": "prefers calls after five"}')


def test_the_pages_examples_are_what_leaves(run: Run) -> None:
    """The ten examples of docs/messages.md print what stands below them."""
    [program] = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    [expected] = re.findall(r"^```text\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)

    assert run(program).stdout == expected


def report_of(function: Callable[[], object], **settings: Any) -> dict[str, Any]:
    with captured_reports() as reports:
        crashguard.install(app="demo", version="1.2.3", packages=["tests"], note=False, **settings)
        with crashguard.guard("copying", reraise=False):
            function()
        return reports[0].event


def message_of(function: Callable[[], object], **settings: Any) -> str:
    text: str = report_of(function, **settings)["exception"]["values"][-1].get("value", "")
    return text


def fails() -> None:
    name, city = ROW["name"], ROW["city"]
    raise LookupError(f"no inbox of {name} in {city}, column 'full_name'")


LEVELS = {
    "none": "",
    "shapes": "no inbox of [shape:Aaaa Aaaa] in [shape:Aaaa], column 'full_name'",
    "names": "no inbox of [shape:Aaaa Aaaa] in Zagreb, column 'full_name'",
    "full": "no inbox of Marta Ruiz in Zagreb, column 'full_name'",
}


@pytest.mark.parametrize("level", LEVELS)
def test_the_level_decides_what_a_message_keeps(level: str) -> None:
    """`none` has no message, `shapes` no value, `names` single words, `full` everything; the report says which."""
    event = report_of(fails, messages=level)

    assert event["exception"]["values"][-1].get("value", "") == LEVELS[level]
    assert event["contexts"]["crashguard"]["messages"] == level


def test_at_template_nothing_leaves_that_was_given() -> None:
    """Values are bare; the name of a guard, which may have been made at run time, too."""
    event = report_of(fails, messages="template")

    assert "Marta" not in json.dumps(event)
    assert ROW["city"] not in json.dumps(event)
    assert "[value]" in event["exception"]["values"][-1]["value"]
    assert event["tags"]["guard"] == "[value]"
    assert "guard" not in report_of(fails, messages="none")["tags"]


@pytest.mark.parametrize(
    ("ours", "theirs", "level"),
    [("shapes", "none", "none"), ("template", "full", "template"), ("full", "shapes", "shapes")],
)
def test_a_guard_can_only_lower_what_messages_keep(ours: Any, theirs: Any, level: str) -> None:
    """The stricter of install() and the guard counts: a plugin cannot say more than its tool allows."""
    with captured_reports() as reports:
        crashguard.install(app="demo", version="1.2.3", packages=["tests"], note=False, messages=ours)
        with crashguard.guard(reraise=False, messages=theirs):
            fails()

    assert reports[0].event["contexts"]["crashguard"]["messages"] == level
    assert (ROW["name"] in json.dumps(reports[0].event)) == (level == "full")


def test_a_wrong_level_is_an_error() -> None:
    """It names the choices, for install() and for a guard."""
    for make in (lambda: crashguard.guard(messages="all"), lambda: report_of(fails, messages="all")):  # type: ignore[arg-type]
        with pytest.raises(crashguard.ConfigurationError, match="none, template, shapes, names, full"):
            make()


def test_the_fingerprint_is_the_same_at_every_level() -> None:
    """What a bug is does not depend on what its message may keep."""
    found = {tuple(report_of(fails, messages=level)["fingerprint"]) for level in (*LEVELS, "template")}

    assert len(found) == 1


HEADER = json.loads('["Date", "Account Holder"]')


def key_of_a_header() -> None:
    raise LookupError(f"no such thing: {HEADER[1]}")


@pytest.mark.parametrize(
    "vocabulary", [[HEADER[1]], lambda word: word == HEADER[1], re.compile("[A-Za-z]+ Holder").fullmatch]
)
def test_the_vocabulary_names_what_may_stay(vocabulary: Any) -> None:
    """A list, or a function whose answer counts as true, keeps the names of a schema."""
    assert HEADER[1] not in message_of(key_of_a_header)
    assert HEADER[1] in message_of(key_of_a_header, vocabulary=vocabulary)


def test_a_vocabulary_that_raises_keeps_nothing() -> None:
    """A function of the host's that breaks lets no word pass."""

    def broken(word: str) -> bool:
        raise RuntimeError(word)

    assert ROW["city"] not in message_of(fails, vocabulary=broken)


def test_notes_causes_and_members_of_groups_are_judged() -> None:
    """The value of a row is nowhere in the report, whichever exception says it."""

    def all_of_it() -> None:
        try:
            int(ROW["name"])
        except ValueError as error:
            problem = RuntimeError(f"row failed: {error}")
            problem.add_note(f"while copying the row of {ROW['name']}")
            raise ExceptionGroup(f"of {ROW['name']}", [problem, KeyError(ROW["name"])]) from error

    event = json.dumps(report_of(all_of_it))

    assert "Marta" not in event
    assert "Ruiz" not in event
    assert event.count("[shape:Aaaa Aaaa]") >= 4


def _of_a_call() -> str:
    return "".join(("zub", "row", "ka"))  # which no literal of this file is as a whole


def _fail(message: str) -> None:
    raise LookupError(message)


class Unfit(Exception):
    """Says what it says when it is asked."""

    def __str__(self) -> str:
        return f"unfit for {_of_a_call()}"


def _environment() -> None:
    raise LookupError("no table of " + os.environ["ORCHARD_ROW"])


def _two_of_the_environment() -> None:
    raise LookupError(f"{os.environ['ORCHARD_ROW']} and {os.getenv('ORCHARD_HOST')} are gone")


def _named() -> None:
    raise LookupError(f"no table {_of_a_call()}")


def _structured() -> None:
    raise LookupError("no plan for " + "_".join(("max", "rows")))


def _setting() -> None:
    raise LookupError("unknown mode of " + os.environ["ORCHARD_MODE"])


def _call() -> None:
    raise LookupError("no inbox of " + _of_a_call())


def _representation() -> None:
    raise LookupError(f"no inbox of {_of_a_call()!r}")


def _container() -> None:
    raise LookupError("no inboxes: " + repr([_of_a_call(), {"pet": _of_a_call()}]))


def _alone() -> None:
    raise LookupError(_of_a_call())


def _helper() -> None:
    _fail("no inbox of " + _of_a_call())


def _class() -> None:
    raise Unfit


def _of_the_system() -> None:
    raise OSError(2, "no inbox of " + _of_a_call())


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (_environment, "no table of [shape:aaa]"),
        (_two_of_the_environment, "[shape:aaa] and [shape:aaa9.aaa-aaa.aaa] are gone"),
        (_setting, "unknown mode of production"),
        (_named, "no table zubrowka"),
        (_structured, "no plan for max_rows"),
        (_call, "no inbox of [shape:aaa]"),
        (_representation, "no inbox of '[shape:aaa]'"),
        (_container, "no inboxes: ['[shape:aaa]', {'pet': '[shape:aaa]'}]"),
        (_alone, "[shape:aaa]"),
        (_helper, "no inbox of [shape:aaa]"),
        (_class, "unfit for [shape:aaa]"),
        (_of_the_system, "[Errno 2] no inbox of [shape:aaa]"),
    ],
)
def test_a_value_that_no_variable_holds_is_known_by_the_words_around_it(
    function: Callable[[], None], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the environment, a call, an object of the module; names that a word announces and settings stay."""
    monkeypatch.setenv("ORCHARD_ROW", _of_a_call())
    monkeypatch.setenv("ORCHARD_HOST", ".".join(("desk7", "orchard-quince", "internal")))
    monkeypatch.setenv("ORCHARD_MODE", "production")

    assert message_of(function) == expected


def test_a_guard_that_is_named_elsewhere_keeps_its_name() -> None:
    """No constant on the traceback says it, and it is no value either."""
    guard = crashguard.guard("".join(("noct", "urne")), reraise=False)
    with captured_reports() as reports:
        crashguard.install(app="demo", version="1.2.3", packages=["tests"], note=False)
        with guard:
            _alone()

        assert reports[0].event["tags"]["guard"] == "nocturne"


def test_where_a_secret_is_known_its_mark_wins() -> None:
    """An e-mail address in a value is a mark, and what is around it a shape."""

    def both() -> None:
        cell = ROW["name"] + " marta.ruiz@orchard.example"
        int(cell)

    assert message_of(both).endswith("'[shape:Aaaa Aaaa] [scrubbed:email]'")


def test_the_constants_of_a_typed_program_are_data(run: Run) -> None:
    """What a user typed with -c is no text of the program."""
    typed = (
        "import crashguard\n"
        "from crashguard.testing import captured_reports\n"
        "with captured_reports() as reports:\n"
        "    crashguard.install(app='demo', version='1', note=False)\n"
        "    with crashguard.guard(reraise=False): raise ValueError('nobody called ' + repr('Marta Ruiz'))\n"
        "    print(reports[0].message)\n"
    )
    done = run(f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {typed!r}])\n")

    assert "Marta" not in done.stdout
    assert "[shape:" in done.stdout


SECRETS = """\
key inbox/ada@orchard.example/x.json|key inbox/[scrubbed:email]/x.json
jürgen@müller.example wrote|[scrubbed:email] wrote
hasło: S3cr3tPw9|hasło: [scrubbed:password]
пароль: S3cr3tPw9|пароль: [scrubbed:password]
lösenord=S3cr3tPw9|lösenord=[scrubbed:password]
['--password', 'S3cr3tPw9']|['--password', '[scrubbed:password]']
\x1b[1mpassword\x1b[0m: \x1b[32mS3cr3tPw9\x1b[0m|\x1b[1mpassword\x1b[0m: \x1b[32m[scrubbed:password]\x1b[0m
see RFC 9110 and RFC 7231|see RFC 9110 and RFC 7231
client.set_password('S3cr3t-Pw9')|client.set_password('[scrubbed:password]')
PasswordAuthenticator('svc', 'S3cr3t-Pw9')|PasswordAuthenticator('svc', '[scrubbed:password]')
stomp.connect('svc', 'S3cr3t#Pw9')|stomp.connect('svc', '[scrubbed:password]')
db_password must be a number, got 'S3cr3t-Pw9'|db_password must be a number, got '[scrubbed:password]'
found '%S3cr3tPw9' in option 'password'|found '[scrubbed:password]' in option 'password'
sentinel auth-pass mymaster S3cr3tPw9X|sentinel auth-pass mymaster [scrubbed:password]
login failed for (client:S3cr3tPw9X)|login failed for (client:[scrubbed:password])
psexec host -u svc -p S3cr3tPw9X2 cmd|psexec host -u svc -p [scrubbed:password] cmd
<key>password</key><string>S3cr3tPw9</string>|<key>password</key><string>[scrubbed:password]</string>
no license_key S3cr3tPw9X2 is known|no license_key [scrubbed:license-key] is known
token request id 5fGh7Jk2Lm9Q failed|token request id 5fGh7Jk2Lm9Q failed
Failed to parse: https://svc:S3cr3t Pw9@host/x|Failed to parse: https://svc:[scrubbed:url-password]@host/x
login failed with svc/S3cr3tPw9@ORCL|login failed with svc/[scrubbed:url-password]@ORCL
rman target sys/S3cr3tPw9@prod|rman target sys/[scrubbed:url-password]@prod
connected to actions/checkout@v4 of org/Setup2@2.1|connected to actions/checkout@v4 of org/Setup2@2.1
see ftp://host: mail root at 10 o'clock|see ftp://host: mail root at 10 o'clock
private key: missing|private key: missing
password must be utf8, got 'latin1'|password must be utf8, got 'latin1'
auth server 'db2-primary' is down|auth server 'db2-primary' is down
keyring.get_password('service-1', 'user2')|keyring.get_password('service-1', 'user2')""".splitlines()


@pytest.mark.parametrize("line", SECRETS)
def test_secrets_in_forms_that_were_missed_are_found(line: str) -> None:
    """Behind a slash, in other languages and alphabets, in lists of arguments, among colours; no numbers of RFCs."""
    text, _, expected = line.partition("|")

    assert Scrubber().text(text) == expected


def test_a_piece_of_a_password_is_private_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library that reads a URL quotes what stands before a `/` or `#` of a password; the URL is known from a variable."""
    monkeypatch.setenv("ACME_PASSWORD", "Gard3nX#Gate99:more")
    monkeypatch.setenv("DATABASE_URL", "postgres://svc:Tulip5-Field@db/x")

    def quotes_a_piece() -> None:
        raise ValueError("invalid port " + "Gate" + "99 of " + "Tulip5-" + "Field")

    message = message_of(quotes_a_piece, messages="full")

    assert "Gate99" not in message
    assert "Tulip5" not in message


@pytest.mark.parametrize("level", ["shapes", "full"])
@pytest.mark.parametrize(
    "made",
    [
        str.upper, str.lower, str.title, str.swapcase, lambda secret: secret[:13], lambda secret: secret[:12] + "...",
        lambda secret: urllib.parse.urlsplit(f"redis://{secret}/x@cache/0").hostname,
    ],
)  # fmt: skip
def test_a_secret_in_another_case_or_cut_is_private_too(made: Callable[[str], str], level: Any) -> None:
    """A library folds it (`urlsplit` a host, a driver a name), or cuts it."""
    for password in json.loads('["Xk9Mutton7Zebra4", "5f0e2c77a1b94d3e8c6f00aa91b2c3d4", "Grüner7Kakadu#9"]'):

        def fails(password: str = password) -> None:
            raise ValueError(f"cannot resolve {made(password)} here")

        told = message_of(fails, messages=level).lower()
        assert password[:9].lower() not in told
        assert "cannot resolve" in told


SPELLINGS: list[Callable[[str], str]] = [
    str.upper, str.title, urllib.parse.quote, urllib.parse.quote_plus,
    lambda name: name.replace(" ", "-"), lambda name: name.replace(" ", "_"), lambda name: name.replace(" ", "."),
    lambda name: name.title().replace(" ", ""), lambda name: name.upper().replace(" ", "_"),
    lambda name: "export_" + name.replace(" ", "_") + "_2024", lambda name: "/tmp/b-" + name.replace(" ", "-") + ".csv",
    lambda name: "export" + name.title().replace(" ", ""),
]  # fmt: skip


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("level", ["shapes", "template"])
@pytest.mark.parametrize("name", json.loads('["marta ruizova", "Marta Ruizova", "ana maria papadakis"]'))
def test_a_value_is_found_in_what_is_made_of_it(
    name: str, level: Any, spelling: Callable[[str], str]
) -> None:
    """A URL, an identifier, a file's name."""
    row = json.loads(json.dumps({"name": name}))

    def fails() -> None:
        raise ValueError("no bucket " + spelling(row["name"]))

    def opens() -> None:
        with open(f"/none/{spelling(row['name'])}.csv"):
            pass

    for function in (fails, opens):
        told = message_of(function, messages=level).lower()
        assert not [word for word in name.lower().split() if word in told], told


@pytest.mark.parametrize(
    "note",
    json.loads('["no access", "user not found in group", "failed to open door", "Reading", "time is over"]'),
)
def test_a_value_of_words_of_messages_is_one_where_it_stands_whole(note: str) -> None:
    """What a row holds is data, though a library could have said it."""
    row = json.loads(json.dumps({"note": note}))

    def says() -> None:
        raise LookupError("customer says: " + row["note"])

    for function in (says, lambda: {}[row["note"]], lambda: int(row["note"])):
        for level in ("shapes", "template"):
            assert note not in message_of(function, messages=level)


def test_a_name_behind_a_slash_is_no_time_zone() -> None:
    """`Europe/Marta` is followed by a surname; a zone that is wrong stays."""
    row = json.loads('{"name": "Marta Ruizova", "zone": "Europe/Atlantis"}')

    assert "'[shape:Aaaa/Aaaa Aaaa]'" == message_of(lambda: {}["Europe/" + row["name"]])
    assert "'Europe/Atlantis'" == message_of(lambda: {}[row["zone"]])


def test_names_that_are_made_at_run_time_are_judged() -> None:
    """A type, a function or an environment that was named after data leaves as any text does."""

    def makes_names() -> None:
        name = ROW["name"]
        made = type(f"No inbox of {name}", (Exception,), {"__module__": "builtins"})
        raise made("x")

    event = json.dumps(report_of(makes_names, environment=f"of {'ada'}@orchard.example"))

    assert "Ruiz" not in event
    assert "ada@orchard" not in event


# ---- The parts


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Petra Novak", "Aaaa Aaaa"),
        ("O'Rourke", "A'Aaaa"),
        ("0151-2345678", "9999-9999"),
        ("1971-03-12", "9999-99-99"),
        ("a b c d e", "a a a a.."),
        ("佐藤", "uu"),
        ("Tr0ub4dor&3", ".."),
    ],
)
def test_a_shape_says_the_kind_of_each_character(value: str, expected: str) -> None:
    """Capitals, small letters, digits; runs are cut, and what may be a password has no shape."""
    assert shape(value) == expected


@given(st.text())
def test_no_shape_holds_a_letter_of_its_value(value: str) -> None:
    """A shape is short, and its letters are A, a and u."""
    made = shape(value)

    assert len(made) <= 27
    assert {character for character in made if character.isalnum()} <= set("Aau9")


@pytest.mark.parametrize(
    "word",
    [
        "customer_id",
        "--colour",
        "os.path",
        "eu-west-1",
        "NoneType",
        "utf-8",
        "1.2.3",
        "main.py",
        "<lambda>",
        "f()",
    ],
)
def test_names_of_programs_look_like_names(word: str) -> None:
    """Options, columns, modules, types, versions, files."""
    assert is_name(word)


@pytest.mark.parametrize(
    "word",
    ["Marta", "HORVAT", "Sørensen", "McDonald", "Marie-Claire", "Petra Novak", "12/03/1971", "0151-2345678"],
)
def test_names_of_people_do_not(word: str) -> None:
    """Single capitalised words, surnames in capitals, dates and telephone numbers."""
    assert not is_name(word)


@pytest.mark.parametrize(
    ("text", "contents"),
    [
        ("near 'Liam O'Rourke' here", ["Liam O'Rourke"]),
        ("don't read 'x'", ["x"]),
        ("{'a': b'c', \"d\": 'e'}", ["a", "c", "d", "e"]),
        ("bad '['a', 'b']' end", ["['a', 'b']"]),
        (r"{\"a\": \"b\"}", ["a", "b"]),
        ("it is “here” and «there»", ["here", "there"]),
        ("x 'it''s' y", ["it''s"]),
        ("'unclosed", []),
    ],
)
def test_quotations_are_found(text: str, contents: list[str]) -> None:
    """Of every kind of quote, with apostrophes, brackets and backslashes inside."""
    assert [text[low:high] for low, high in quotes.quotations(text)] == contents


@given(st.text("'\"`\\“” a[]\n"))
def test_quotations_are_in_order_and_apart(text: str) -> None:
    """None is inside of another, and all are in the text."""
    ends = list(itertools.chain.from_iterable(quotes.quotations(text)))

    assert ends == sorted(ends)
    assert all(0 <= end <= len(text) for end in ends)


def _lines(work: Callable[[], object]) -> int:
    """How many lines are run: a measure of work that does not depend on the machine."""
    counted = itertools.count()

    def trace(frame: Any, event: str, arg: object) -> Any:
        next(counted)
        return trace

    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(None)
    return next(counted)


UNITS = [
    "'",
    "'\"",
    r"\'x ",
    "'[",
    "' ",
    "a'",
    "“",
    "'a' ",
    "`'\"",
    "Key (a)=(b) ",
    "cn=x,",
    "'a/b/c' ",
    "''a",
]


@pytest.mark.parametrize("unit", ["password got 'Abc12x' ", "auth Ab3dE5gH7j x ", "login('svc', "])
def test_looking_near_telling_words_grows_with_the_length(unit: str) -> None:
    """Four times the telling words in a line are about four times the work."""
    found = Scrubber(messages="full").text(unit * 50)

    assert "Ab" not in found
    short, long = (
        _lines(lambda n=n: Scrubber(messages="full").text(unit * n))  # type: ignore[misc]  # a number
        for n in (100, 400)
    )
    assert long < 6 * short + 2000


@pytest.mark.parametrize("unit", UNITS)
def test_judging_grows_with_the_length(unit: str) -> None:
    """Four times the text is about four times the work."""
    judge = Scrubber()._judge
    judge.spans(unit * 50)

    assert _lines(lambda: judge.spans(unit * 800)) < 6 * _lines(lambda: judge.spans(unit * 200)) + 2000


@pytest.mark.parametrize("unit", [*UNITS, "ab,", "a=b&", "http://a/b?c=d ", "error not ab ", "12.3 ", "a\n"])
def test_laying_constants_on_a_message_grows_with_its_length(unit: str) -> None:
    """The same for what the tool's own code raised, where each line is judged."""
    judge = Scrubber()._judge
    maker = Maker(["row ", ": ", " is bad"], has_raised=True, is_own=True)
    gaps(unit * 50, [maker], judge, [])

    short, long = (_lines(lambda n=n: gaps(unit * n, [maker], judge, [])) for n in (200, 800))  # type: ignore[misc]  # a number
    assert long < 6 * short + 2000


@given(st.text())
@example("'Marta Ruiz' and 'x'")
@example("[shape:Aaaa] 'Marta [shape:hunter]'")
def test_messages_come_to_rest(text: str) -> None:
    """Scrubbing twice is scrubbing once, and a text like a shape hides nothing."""
    once = Scrubber().text(text)

    assert Scrubber().text(once) == once


PIECES = st.sampled_from(
    ["'", '"', "`", "Marta", " Ruiz", "[shape:", "Aaaa", "]", "#2", "[value]", ": ", "column ", "a", "/", "\\", "=(", ")",
     "uid=", ",", "\n", "12345678", "[scrubbed:email]", "“", "”", "{", "}"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=20).map("".join))
def test_messages_come_to_rest_where_it_is_hard(text: str) -> None:
    """The same for texts made of what the rules look for."""
    once = Scrubber().text(text)

    assert Scrubber().text(once) == once
    assert len(once) <= 8 * len(text) + 200


def test_a_judge_that_breaks_lets_nothing_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the walk or a rule raises, the message is dropped as a whole."""

    def broken(*_: object) -> Any:
        raise RuntimeError("a bug")

    monkeypatch.setattr("crashguard.scrub.values.read", broken)

    assert message_of(fails) == "[scrubbed:failed]"


class Hostile:
    """An object that takes note whenever it is asked for anything."""

    touched: ClassVar[list[str]] = []

    def __init__(self) -> None:
        self.__dict__["name"] = ROW["name"]

    def __getattribute__(self, name: str) -> Any:
        Hostile.touched.append(name)
        return object.__getattribute__(self, name)

    def __repr__(self) -> str:
        Hostile.touched.append("repr")
        return "x"


def test_no_foreign_code_runs_during_the_walk() -> None:
    """An object's attributes are read behind its back, and a value in it is found all the same."""

    def walks() -> None:
        held = Hostile()
        raise RuntimeError("bad row", held)

    try:
        walks()
    except RuntimeError as exc:
        Hostile.touched.clear()
        entries, _ = values.read([(exc, exc.__traceback__)])

    assert ROW["name"] in {text for text, _ in entries}
    assert Hostile.touched == []


def test_members_of_c_types_are_not_read() -> None:
    """Objects of C types, XML elements among them, are left alone."""

    def walks() -> None:
        tree = ET.fromstring("<a><b>Marta Ruiz</b></a>")
        parser = ET.XMLParser()
        raise RuntimeError(f"{len(tree)} element, {parser is None}")

    assert message_of(walks) == "1 element, False"


def test_the_walk_has_a_bound() -> None:
    """Of a million values at most as many are looked at as the bound says."""

    def walks() -> None:
        rows = [{"name": f"Person {number}", "x": [{"y": f"deep {number}"}]} for number in range(2_000)]
        raise RuntimeError(f"{len(rows)} rows")

    try:
        walks()
    except RuntimeError as exc:
        entries, _ = values.read([(exc, exc.__traceback__)])

    assert 50 < len(entries) <= values.MOST_VALUES


class Held:
    """Something whose end can be seen."""


def test_no_object_outlives_the_walk() -> None:
    """What the frames held is free once the report is made."""
    kept: list[Any] = []

    def walks() -> None:
        held = Held()
        kept.append(weakref.ref(held))
        raise RuntimeError("gone: " + ROW["name"])

    message_of(walks)
    gc.collect()

    assert kept[0]() is None


# ---- Measured on live crashes


@pytest.mark.slow
def test_live_crashes_leak_nothing() -> None:
    """Of the crash functions that rules are tuned on, as far as their libraries are installed: 98 % and 92 %."""
    found: dict[str, list[messages.Crash]] = {}
    for style, crash in messages.rows(crashes, "shapes"):
        found.setdefault(style, []).append(crash)
    for styles, least in ((messages.CAPS, 0.98), (messages.HARD, 0.92)):
        quoting = [crash for style in styles for crash in found[style] if crash.quoted]
        leaking = [crash for crash in quoting if crash.leaked]
        assert len(leaking) <= (1 - least) * len(quoting), leaking


@pytest.mark.slow
def test_bugs_keep_the_words_that_an_engineer_needs() -> None:
    """At most 6 % of mistakes in programs and configurations lose a needed word."""
    judged = list(messages.bugs(crashes, "shapes"))
    lost = [each for each in judged if each[1]]

    assert len(lost) <= 0.06 * len(judged), lost


def test_a_comprehension_in_a_users_code_ends_no_search(run: Run) -> None:
    """Before Python 3.12 its argument is called `.0`; what stands before the dot is no name to look for."""
    done = run(
        "import crashguard\n"
        "crashguard.install(app='demo', version='1.0', note=False)\n"
        "exec('def rule(rows):\\n    raise ValueError(f\"no {[row for row in rows]}\")')\n"
        "rule(['x'])\n"
    )

    assert 1 == done.status
    assert done.event["contexts"]["crashguard"]["complete"]


QUOTED = """\
``any`` needs ``count``|``any`` needs ``count``
''orders'' is no table|''orders'' is no table
cannot add "'orders'"|cannot add "'orders'"
cannot add "'Marta Ruiz'"|cannot add "'[shape:Aaaa Aaaa]'"
answer: {"diagnosis": "lost his job in|answer: {"diagnosis": "[shape:aaa aaa aaa aa]""".splitlines()


@pytest.mark.parametrize("line", QUOTED)
def test_quotes_within_quotes_and_quotes_that_were_cut(line: str) -> None:
    """A name in two pairs of quotes stays; what stands behind a personal key goes, though its end was cut."""
    written, expected = line.split("|")

    assert Scrubber().text(written) == expected


def of_template() -> None:
    string.Template("copy $table to ${folder}").substitute(table="orders")


def of_migration() -> None:
    steps = json.loads('["0042_add_index", "0041_orders"]')
    raise LookupError(f"step {steps[0]} needs {steps[1]}")


def of_plugin() -> None:
    plugin, version = json.loads('["cloudquery/aws", "v27.1.0"]')
    raise LookupError(f"plugin {plugin} {version} is too old")


@pytest.mark.parametrize(
    ("fails", "expected"),
    [
        (of_template, "'folder'"),
        (of_migration, "step 0042_add_index needs 0041_orders"),
        (of_plugin, "plugin cloudquery/aws v27.1.0 is too old"),
    ],
    ids=["template", "migration", "plugin"],  # what a test is called is a value of pytest's
)
def test_names_of_templates_and_artefacts_stay(fails: Callable[[], None], expected: str) -> None:
    """The name of a template's gap, a numbered step and a plugin with its version are no data."""
    assert message_of(fails) == expected


@pytest.mark.parametrize("level", ["none", "template", "shapes", "names"])
def test_a_function_that_was_renamed_at_run_time_is_not_named(level: str) -> None:
    """`code.replace(co_name=...)` may take a customer's name; no `def` can, and no report says it."""

    def work() -> None:
        raise ValueError("x")

    code = work.__code__.replace(co_name=ROW["name"], co_qualname=f"sync.{ROW['name']}")
    event = json.dumps(report_of(types.FunctionType(code, globals()), messages=level))

    assert "Marta" not in event
    assert "Ruiz" not in event
