"""What is taken out, line by line: where a secret begins and ends, and what looks like one and stays.

tests/corpus/lines.txt has the texts, each with what becomes of it. The corpora say how much is found on the whole;
this says where each boundary lies.
"""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crashguard.scrub import Rule, Scrubber, engine, event, private
from crashguard.scrub._tables import KINDS, NAMES
from crashguard.scrub.names import MEDIUM, NONE, STRONG, classify
from crashguard.scrub.private import of_environment, of_machine, of_traceback
from tests.conftest import ROOT
from tools.tables import Vocabulary

VOCABULARY = Vocabulary()

TOPICS = [
    topic.splitlines()
    for topic in re.split(r"\n(?=\[\w+\] )", (ROOT / "tests/corpus/lines.txt").read_text(encoding="utf-8"))
]


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic[0].partition("]")[0].strip("["))
def test_a_line_says_what_becomes_of_it(topic: list[str]) -> None:
    """Each text of a topic becomes what stands behind its bar; a text without a bar stays as it is."""
    wrong = []
    for line in filter(None, topic[1:]):
        text, bar, becomes = line.partition("¦")
        scrubbed = Scrubber(messages="full").text(text.replace("¶", "\n")).replace("\n", "¶")
        if scrubbed != (becomes if bar else text):
            wrong.append((text, scrubbed))

    assert wrong == [], topic[0]


# ---- Long texts

SECRET = re.compile(r"hunter2x9|16C7e42F292c6912E7710c838347Ae178B4a")


@pytest.mark.parametrize("length", [400, 12_000, 60_000])
def test_a_long_text_is_scrubbed_as_its_lines_are(length: int) -> None:
    """However long a text is, each of its secrets goes, wherever it stands, and every other word stays."""
    lines = [f"{number} rows were read from the table of orders" for number in range(length // 45)]
    told = ["password=hunter2x9", "see ghp_16C7e42F292c6912E7710c838347Ae178B4a", "name: token", "the end"]
    lines[:0] = told
    lines[len(lines) // 2 : len(lines) // 2] = told
    lines += told

    assert Scrubber().text("\n".join(lines)).split("\n") == [
        line.replace("hunter2x9", "[scrubbed:password]").replace(
            "ghp_16C7e42F292c6912E7710c838347Ae178B4a", "[scrubbed:github-token]"
        )
        for line in lines
    ]


def test_in_a_long_text_a_mark_changes_what_stands_beside_it() -> None:
    """A value two lines from another secret goes too, at the start, in the middle and at the end of a long text."""
    part = "password=¶[scrubbed:token]¶https://ada:hunter2x9@git.example¶hunter2x9 again".replace("¶", "\n")
    padding = "\n" + "rows were read from the table of orders\n" * 1_000
    once = Scrubber().text(part)
    text = part + padding + part + padding + part

    assert Scrubber().text(text) == once + padding + once + padding + once
    assert "hunter2x9" not in once

    middle = padding + part + padding  # neither the first line nor the last one is near a secret
    assert Scrubber().text(middle) == padding + once + padding


def test_a_text_that_is_too_long_is_cut_at_a_blank() -> None:
    """Whole words are kept up to the bound; of a text without blanks the last two thousand characters go too."""
    words = Scrubber(max_chars=5_000).text("words " * 2_000)
    assert words.endswith("words [scrubbed:cut]")
    assert 4_970 < len(words) <= 5_000

    run = Scrubber(max_chars=5_000).text("-" * 10_000)
    assert run == "-" * 2_985 + " [scrubbed:cut]"
    assert Scrubber(max_chars=5_000).text("-" * 5_000) == "-" * 5_000
    assert Scrubber(max_chars=1).text("-" * 1_000) == "-" * 1_000


# ---- One report


def test_a_secret_is_known_in_the_whole_report() -> None:
    """What is recognised in one text goes from all others, before it and behind it; short or plain words stay."""
    event = {
        "message": "rosebud7 and garden7 and rosebuds",
        "extra": {
            "first": "password=rosebud7",
            "second": "password=garden7",
            "third": "password=rosebuds",
            "fourth": "x-rosebud7-rosebud7",
        },
    }
    scrubbed = Scrubber().event(event)

    assert scrubbed["message"] == "[scrubbed:password] and garden7 and rosebuds"
    assert scrubbed["extra"]["fourth"] == "x-[scrubbed:password]-[scrubbed:password]"


def test_a_hundred_secrets_are_known_in_the_rest_of_the_report() -> None:
    """Of ninety passwords that are named once, none is left where it stands without its name."""
    secrets = [f"garden{number}gate" for number in range(90)]
    event = {
        "message": " ".join(secrets),
        "extra": {f"x{at}": f"password={each}" for at, each in enumerate(secrets)},
    }

    assert "garden" not in repr(Scrubber().event(event))


def test_two_that_see_different_halves_take_out_the_whole() -> None:
    """Where a literal ends inside of a password, both go as one, and what stands before them stays."""
    scrubber = Scrubber({"seven password=hun": "private"})

    assert scrubber.text("password=tulips22 and seven password=hunter2x9, too") == (
        "password=[scrubbed:password] and [scrubbed:private], too"
    )


def test_a_value_keeps_its_number_over_all_texts() -> None:
    """The second password of a report is #2 wherever it stands, and numbers of marks that were there are not reused."""
    scrubber = Scrubber()

    assert scrubber.text("password=hunter2x9") == "password=[scrubbed:password]"
    assert scrubber.text("password=tulips22") == "password=[scrubbed:password#2]"
    assert scrubber.text("a password=hunter2x9") == "a password=[scrubbed:password]"
    assert scrubber.text("[scrubbed:token#7]") == "[scrubbed:token#7]"
    assert scrubber.text("token=abcdef012345") == "token=[scrubbed:token#8]"


class Text(str):
    """A text of a class of somebody else's."""

    __slots__ = ()

    def __str__(self) -> str:
        return "harmless"


@pytest.mark.parametrize("size", [0, 400])
def test_a_text_of_another_class_is_a_text(size: int) -> None:
    """A subclass of str is scrubbed by what it holds, not by what it says of itself."""
    padding = "." * size

    assert Scrubber().text(Text(f"{padding} password=hunter2x9")) == f"{padding} password=[scrubbed:password]"
    scrubbed = Scrubber().event({"extra": {"x": Text("password=hunter2x9")}})
    assert scrubbed == {"extra": {"x": "password=[scrubbed:password]"}}


# ---- Private literals

LITERALS = {
    "ada-l": "user",
    "analytical": "host",
    "/home/ada-l": "home",
    "blue bird/7": "private",
    'quo"te\\d': "password",
    "Zürich7": "private",
    "tulip": "private",
    "orchids": "private",
    "crocuses": "private",
}


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("of ada-l, ADA-L and Ada-L", "of [scrubbed:user], [scrubbed:user#2] and [scrubbed:user#3]"),
        ("xada-l ada-lx ada-l7 7ada-l", "xada-l ada-lx ada-l7 7ada-l"),
        (r"\nada-l \tada-l", r"\n[scrubbed:user] \t[scrubbed:user]"),
        ("ada-l", "[scrubbed:user]"),
        ("/home/ada-l/x", "[scrubbed:home]/x"),
        ("on ANALYTICAL: analytical.example", "on [scrubbed:host]: [scrubbed:host#2].example"),
        ("İ on Analytical, on analytical", "İ on [scrubbed:host], on [scrubbed:host#2]"),
        ("xblue bird/7x", "x[scrubbed:private]x"),
        ("Blue bird/7", "[scrubbed:private]"),
        ("GET /blue%20bird%2F7 /blue%20bird/7", "GET /[scrubbed:private] /[scrubbed:private#2]"),
        ('a quo"te\\d b', "a [scrubbed:password] b"),
        ('a quo\\"te\\\\d b', "a [scrubbed:password] b"),
        ('a quo\\"te\\\\\\\\d b', 'a quo\\"te\\\\\\\\d b'),
        ("in Z\\u00fcrich7", "in [scrubbed:private]"),
        ("tulip tulips tulip7", "[scrubbed:private] tulips tulip7"),
        ("xorchids orchids xcrocuses", "xorchids [scrubbed:private] x[scrubbed:private#2]"),
        ("[scrubbed:private#2] tulip", "[scrubbed:private#2] [scrubbed:private#3]"),
    ],
)
def test_a_literal_is_found_as_it_travels(text: str, becomes: str) -> None:
    """All go in any case, names of users and hosts as words only, others in JSON, a repr and a URL, short ones as words."""
    assert Scrubber(LITERALS).text(text) == becomes


def test_the_tripwire_names_what_is_left() -> None:
    """Kinds of literals in final bytes are named once each and in order; other secrets are not its business."""
    scrubber = Scrubber(LITERALS)

    assert scrubber.leaks(b"tulip of ada-l, tulip \xff") == ["private", "user"]
    assert scrubber.leaks(b"password=hunter2x9 tulips") == []


# ---- Rules of a tool's author


def test_a_rule_is_tried_on_the_lines_with_its_gates() -> None:
    """One of several gates opens a line, in any case; a match ends with its line, and an empty one is none."""
    rule = Rule("member", r"(?:no|nr)\.\s*(?P<secret>[A-Z]*[0-9]*)", ("No.", "nr."))
    text = "NO. 1\nno. A1 and nr. B2\nnr.\nC3 no. x\nno 4"

    assert Scrubber(rules=[rule]).text(text) == (
        "NO. 1\nno. [scrubbed:member] and nr. [scrubbed:member#2]\nnr.\nC3 no. x\nno 4"
    )
    assert Scrubber(rules=[rule]).text("no. A1") == "no. [scrubbed:member]"
    assert rule.gates == ("no.", "nr.")
    assert Rule("member", "x", "No.").gates == ("no.",)


def test_a_rule_without_gates_is_tried_on_the_whole_text() -> None:
    """Without gates a match may go over lines; without a group it is taken out whole."""
    rule = Rule("member", r"A1\nB2")

    assert Scrubber(rules=[rule]).text("see A1\nB2 now") == "see [scrubbed:member] now"
    assert (
        Scrubber(rules=[rule]).text("[scrubbed:member#2] A1\nB2") == "[scrubbed:member#2] [scrubbed:member#3]"
    )
    assert repr(rule) == r"Rule('member', 'A1\\nB2')"


# ---- Events

MARK = "[scrubbed:password]"


@pytest.mark.parametrize(
    ("field", "value", "becomes"),
    [
        # what stands under a telling key, whatever it looks like
        ("extra", {"password": "abc"}, {"password": MARK}),
        ("extra", {"password": "none", "b": ""}, {"password": "none", "b": ""}),
        ("extra", {"password": ""}, {"password": ""}),
        ("extra", {"password": MARK}, {"password": MARK}),
        ("extra", {"password": f"{MARK} x"}, {"password": f"{MARK} x"}),
        ("extra", {"password": ["abc", {"x": "def"}]}, {"password": [MARK, {"x": "[scrubbed:password#2]"}]}),
        ("extra", {"password": {"name": "abc", "token": "defgh"}}, {"password": {"name": MARK, "token": "[scrubbed:token]"}}),
        ("extra", {"token": {"name": "abc"}}, {"token": {"name": "abc"}}),
        ("extra", {"token": "plain"}, {"token": "[scrubbed:token]"}),
        ("extra", {"key": "plain"}, {"key": "plain"}),
        ("extra", {"phone": "none yet", "fax": "call 12"}, {"phone": "none yet", "fax": "[scrubbed:phone]"}),
        ("extra", {"password": b"abc", "x": bytearray(b"y")}, {"password": MARK, "x": "y"}),
        # numbers
        ("extra", {"password": 1, "pin": 2}, {"password": MARK, "pin": "[scrubbed:pin]"}),
        ("extra", {"token": 123, "session": 1234}, {"token": 123, "session": "[scrubbed:session]"}),
        ("extra", {"n": 4111111111111111}, {"n": "[scrubbed:card]"}),
        ("extra", {"n": 4222222222222, "m": 1234567890123}, {"n": "[scrubbed:card]", "m": 1234567890123}),
        ("extra", {"n": 1.5, "b": True, "c": None}, {"n": 1.5, "b": True, "c": None}),
        # headers
        ("extra", {"h": [["Cookie", "plain"]]}, {"h": [["Cookie", "[scrubbed:cookie]"]]}),
        ("extra", {"h": ("password", "abc")}, {"h": ["password", MARK]}),
        ("extra", {"h": ["password", "abc", "d"]}, {"h": ["password", "abc", "d"]}),
        ("extra", {"h": ["name", "abc"]}, {"h": ["name", "abc"]}),
        ("extra", {"h": {"password"}}, {"h": ["password"]}),
        # ids and addresses
        ("extra", {"id": "a" * 20 + "0B1c2D3e4F5A6b7C8d9E"}, {"id": "a" * 20 + "0B1c2D3e4F5A6b7C8d9E"}),
        ("extra", {"id": "0B1c2D3e4F5A6b7C" * 4}, {"id": "0B1c2D3e4F5A6b7C" * 4}),
        ("extra", {"id": "0B1c2D3e4F5A6b7C" * 4 + "8"}, {"id": "[scrubbed:token]"}),
        ("extra", {"id": "password=hunter2x9"}, {"id": f"password={MARK}"}),
        ("extra", {"server_ip": "8.8.8.8", "addr": "1.2.3"}, {"server_ip": "[scrubbed:ip]", "addr": "1.2.3"}),
        ("extra", {"ip": "a.b.c.d", "x": "8.8.8.8"}, {"ip": "a.b.c.d", "x": "8.8.8.8"}),
        # keys, and what is no text
        ("extra", {"ada@orchard.example": 1}, {"[scrubbed:email]": 1}),
        ("extra", {3: "x", None: "y", (1,): "z"}, {3: "x", None: "y", "[scrubbed:failed]": "z"}),
        ("extra", {"x": object()}, {"x": "[scrubbed:object]"}),
        # what the reporter made
        ("release", "demo@password=hunter2x9", f"demo@password={MARK}"),
        ("modules", {"x": ("1.0", "password=hunter2x9")}, {"x": ["1.0", f"password={MARK}"]}),
        ("sdk", {"name": "x", "packages": [{"name": "tulip"}]}, {"name": "x", "packages": [{"name": "tulip"}]}),
        ("release", "demo@tulip", "demo@[scrubbed:private]"),
        ("fingerprint", ["a:b", "tulip", "password=hunter2x9"], ["a:b", "[scrubbed:private]", f"password={MARK}"]),
        ("fingerprint", "password=hunter2x9", f"password={MARK}"),
        # exceptions and stacktraces
        (
            "exception",
            {"values": [{"type": "password=hunter2x9", "module": "m", "thread_id": "9", "value": "password=hunter2"}]},
            {"values": [{"type": f"password={MARK}", "module": "m", "thread_id": "9", "value": "password=[scrubbed:password#2]"}]},
        ),
        (
            "exception",
            {"values": [{"stacktrace": {"frames": [{"function": "password=hunter2x9", "vars": {"password": "abc"}}]}}]},
            {"values": [{"stacktrace": {"frames": [{"function": f"password={MARK}", "vars": {"password": "[scrubbed:password#2]"}}]}}]},
        ),
        (
            "stacktrace",
            {"frames": [{"lineno": 3, "filename": "/home/ada-l/x.py", "abs_path": None, "function": "tulip"}]},
            {"frames": [{"lineno": 3, "filename": "/home/[scrubbed:user]/x.py", "abs_path": None, "function": "[scrubbed:private]"}]},
        ),
        ("threads", {"values": [{"id": "tulip", "name": "password=hunter2x9"}]}, {"values": [{"id": "[scrubbed:private]", "name": f"password={MARK}"}]}),
        ("threads", {"values": [{"function": "f", "filename": b"password=hunter2x9"}]}, {"values": [{"function": "f", "filename": f"password={MARK}"}]}),
        ("threads", {"filename": "password", "platform": "password=hunter2x9"}, {"filename": "password", "platform": f"password={MARK}"}),
        ("threads", {"platform": "password=hunter2x9"}, {"platform": f"password={MARK}"}),
        ("exception", "password=hunter2x9", f"password={MARK}"),
        ("exception", {"password": "abc"}, {"password": MARK}),
        (
            "exception",
            {"mechanism": {"type": "password=hunter2x9", "data": {"password": "abc"}, "description": "password=hunter2"}},
            {"mechanism": {"type": f"password={MARK}", "data": {"password": "[scrubbed:password#2]"}, "description": "password=[scrubbed:password#3]"}},
        ),
        ("exception", {"mechanism": "password=hunter2x9"}, {"mechanism": f"password={MARK}"}),
    ],
)  # fmt: skip
def test_a_field_of_an_event_becomes(field: str, value: Any, becomes: Any) -> None:
    """A telling key, a header, a number, a frame: each field is scrubbed by what it is."""
    assert Scrubber({"tulip": "private"}).event({field: value}) == {field: becomes}


def test_without_messages_their_fields_are_gone() -> None:
    """With messages="none" no message, note, breadcrumb or extra is left; type, frames and tags are."""
    event = {
        "message": "a",
        "logentry": {"message": "a"},
        "breadcrumbs": [{"message": "a"}],
        "extra": {"x": "a"},
        "tags": {"x": "b"},
        "exception": {"values": [{"type": "T", "value": "a", "notes": ["a"], "mechanism": {"type": "m", "data": {"x": "a"}}}]},
    }  # fmt: skip

    assert Scrubber(messages="none").event(event) == {
        "tags": {"x": "b"},
        "exception": {"values": [{"type": "T", "mechanism": {"type": "m"}}]},
    }
    assert Scrubber(messages="full").event(event) == event


def nested(depth: int) -> dict[str, Any]:
    value: dict[str, Any] = {"x": "password=hunter2x9"}
    for _ in range(depth):
        value = {"x": value}
    return {"event_id": "1", "timestamp": 2.5, "release": "demo@1", "user": "x", "extra": value}


@pytest.mark.slow
def test_of_an_event_without_end_the_bare_facts_are_left() -> None:
    """Thirty levels are scrubbed; of fifty, and of a quarter of a million values, only what names the event is left."""
    bare = {"tags": {"crashguard.scrub": "failed"}, "event_id": "1", "timestamp": 2.5, "release": "demo@1"}

    assert "hunter2x9" not in repr(Scrubber().event(nested(30)))
    assert Scrubber().event(nested(30))["user"] == "x"
    assert Scrubber().event(nested(50)) == bare
    assert Scrubber().event({**nested(1), "exception": {"values": [[[]] * 250_000]}}) == bare
    assert Scrubber().event({**nested(1), "extra": [[]] * 250_000}) == bare
    assert Scrubber().event({**nested(1), "extra": [1] * 100_000})["user"] == "x"
    assert Scrubber().event([1]) == {"tags": {"crashguard.scrub": "failed"}}  # type: ignore[arg-type]


# ---- What the machine and the process know to be private


def test_the_environment_says_what_is_private() -> None:
    """Values of telling names of six characters or more; no harmless word, no short number, no path, no plain folder."""
    environ = {
        "DB_PASSWORD": "tulips",
        "OLD_PASSWORD": "pansy",
        "API_TOKEN": " quiet-river ",
        "SIGNING_KEY": "x" * 4_001,
        "MASTER_KEY": "y1" * 2_000,
        "SESSION_KEY": "1234567",
        "CARD_PASSWORD": "12345678",
        "TLS_PASSWORD": "/etc/tls/key.pem",
        "SSH_PASSWORD": "./key.pem",
        "GPG_PASSWORD": "/slash-and-more",
        "NO_PASSWORD": "disabled",
        "PASSWORD_POLICY": "at-least-8",
        "PRIMARY_KEY": "quiet-stone",
        "MY_SECRET": "${DB_PASSWORD}",
        "PWD": "/srv/work",
        "OLDPWD": "/srv",
    }
    assert of_environment(environ) == {
        "tulips": "password",
        "quiet-river": "token",
        "y1" * 2_000: "encryption-key",
        "y1" * 6: "encryption-key",
        "12345678": "password",
        "/slash-and-more": "password",
        "/srv/work": "directory",
    }


def test_an_environment_that_cannot_be_read_says_nothing() -> None:
    """A mapping that raises, and one that holds no texts, give nothing."""

    class Broken(dict[str, str]):
        def items(self) -> Any:
            raise RuntimeError("no")

    assert of_environment(Broken()) == {}
    assert of_environment({"PWD": 3, "PASSWORD": 4, 5: "tulips2"}) == {}  # type: ignore[dict-item]
    assert len(of_environment({f"PASSWORD_{n}": f"tulips-{n}" for n in range(300)})) == 200


_some_names = st.lists(
    st.sampled_from(sorted(NAMES)) | st.sampled_from(["url", "id", "2", "FOO", "Db", "service", "HOST", "x"]),
    min_size=1,
    max_size=4,
)


@pytest.mark.slow
@given(st.lists(st.tuples(_some_names, st.sampled_from(["_", "-", ".", "", "__"])), min_size=11, max_size=30))
def test_a_search_of_all_names_at_once_misses_none(made: list[tuple[list[str], str]]) -> None:
    """A variable whose name says that its value is secret is found among many, however the name is spelled."""
    names = [seam.join(words) for words, seam in made]
    names += [name.upper() for name in names] + [name.title() for name in names]
    said = {name for name in names if classify(name)[0] in (MEDIUM, STRONG)}

    assert said <= private._telling(names)


def test_the_reporters_own_keys_say_nothing_of_their_values() -> None:
    """What is not looked up because the reporter chose the name would say nothing."""
    assert [name for name in event._NAMES if classify(name)[0] != NONE] == []


def test_nothing_is_found_in_one_short_word(monkeypatch: pytest.MonkeyPatch) -> None:
    """A short word that is not looked through would have stayed as it is: names of secrets, starts of tokens."""
    words = {
        word
        for name in [*NAMES, *KINDS, *(token.prefix for token in VOCABULARY.tokens)]
        for word in re.findall("[A-Za-z]+", name)
    }
    words = {spelled[:8] for word in words for spelled in (word, word.upper(), word.title())}
    monkeypatch.setattr(engine, "_is_word_only", lambda text: False)

    assert [word for word in sorted(words) if Scrubber().text(word) != word] == []


def test_local_variables_say_what_is_private() -> None:
    """Texts, bytes and dicts of telling names along the traceback, three dicts deep, and no object of any class."""

    class Foreign(str):
        __slots__ = ()

    def inner() -> None:
        password = "tulips-inner"  # noqa: F841
        api_key = b"tulips-bytes"  # noqa: F841
        n = {"password": "tulips-one", "x": {"y": {"token": "tulips-three", "z": {"pw": "tulips-four"}}}}  # noqa: F841
        secret = Foreign("tulips-foreign")  # noqa: F841
        many = {**dict.fromkeys(map(str, range(100))), "password": "tulips-many"}  # noqa: F841
        raise ValueError

    def outer() -> None:
        db_password = "tulips-outer"  # noqa: F841
        inner()

    with pytest.raises(ValueError) as caught:  # noqa: PT011
        outer()

    assert of_traceback(caught.tb) == {
        "tulips-outer": "password",
        "tulips-inner": "password",
        "tulips-bytes": "api-key",
        "tulips-one": "password",
        "tulips-three": "token",
    }
    assert of_traceback(None) == {}


def test_no_code_of_a_foreign_namespace_runs() -> None:
    """The body of a class may have a namespace of any class, which is left alone."""
    asked = []

    class Loud(dict[str, Any]):
        def items(self) -> Any:
            asked.append("items")
            return super().items()

    class Meta(type):
        @classmethod
        def __prepare__(cls, *_: Any, **__: Any) -> Loud:
            return Loud()

    with pytest.raises(ValueError) as caught:  # noqa: PT011

        class Body(metaclass=Meta):
            password = "tulips-of-a-class"
            raise ValueError

    assert "tulips-of-a-class" not in of_traceback(caught.tb)
    assert asked == []


def deep(frames: int) -> None:
    password = f"tulips-at-{frames}"  # noqa: F841
    if frames:
        deep(frames - 1)
    raise ValueError


def test_a_deep_traceback_says_two_hundred_private_texts() -> None:
    """As many texts are looked for as a dying process has time for."""
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        deep(300)

    assert len(of_traceback(caught.tb)) == 200


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"HOME": "/srv/homes/ada-l/"}, {"/srv/homes/ada-l": "home", "ada-l": "user"}),
        ({"USERPROFILE": "C:\\Users\\ada-l"}, {"C:\\Users\\ada-l": "home", "ada-l": "user"}),
        ({"HOME": "/root"}, {}),
        ({"HOME": "/ada-l"}, {}),
        ({"HOME": "/a/bc"}, {}),
        ({"USER": "ada-l"}, {"ada-l": "user"}),
        ({"SUDO_USER": "al"}, {}),
        ({"LOGNAME": "admin-2"}, {}),
        ({"USERNAME": "abc"}, {"abc": "user"}),
        ({"HOSTNAME": "analytical.example"}, {"analytical.example": "host", "analytical": "host"}),
        ({"COMPUTERNAME": "ANALYTICAL"}, {"ANALYTICAL": "host"}),
        ({"HOSTNAME": "10.1.2.3"}, {"10.1.2.3": "host"}),
        ({"HOSTNAME": "localhost"}, {}),
    ],
    ids=repr,
)
def test_the_machine_says_what_is_private(
    environ: dict[str, str], said: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Home, user and host are private, but for names that half the world has, and paths that say nothing."""
    names = ("HOME", "USERPROFILE", "USER", "LOGNAME", "USERNAME", "SUDO_USER", "HOSTNAME", "COMPUTERNAME")
    for name in names:
        monkeypatch.setenv(name, "/root" if name == "HOME" else "")
    without = of_machine()
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    assert {value: kind for value, kind in of_machine().items() if value not in without} == said


@pytest.mark.parametrize("end", ["\n", "\n    ", "\\\n", "\r\n"])
def test_a_password_that_a_line_end_cuts_in_two_goes_as_a_whole(end: str) -> None:
    """A terminal, a mail and a shell's line break a URL anywhere; a port and an address below it stay apart."""
    scrubbed = Scrubber(messages="full").text(
        f"cannot clone https://svc:S3cr3t{end}Pw9x@git.example/repo.git"
    )

    assert "S3cr3t" not in scrubbed
    assert "Pw9x" not in scrubbed
    assert scrubbed.endswith("@git.example/repo.git")
    harmless = f"cannot reach http://db:5432{end}see svc2@git.example"
    assert "http://db:5432" in Scrubber(messages="full").text(harmless)
