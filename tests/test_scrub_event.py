"""Scrubbing whole events: every text in them, by keys and by shapes, for our reports and for anybody's."""

import copy
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import crashguard
from crashguard import scrub_event
from crashguard.recovery.recover import recover
from crashguard.scrub import Rule, Scrubber
from crashguard.spool.store import Spool
from crashguard.testing import captured_reports
from tests.conftest import PROGRAMS, ROOT, Run, component
from tests.corpus import measure

EVENT: dict[str, Any] = {
    "event_id": "5c0ffee5c0ffee5c0ffee5c0ffee5c0f",
    "timestamp": 1765432100.123,
    "platform": "python",
    "release": "demo@1.2.3",
    "message": "login with password=hunter2-of-ada",
    "logentry": {"message": "user %s", "params": ["ada@orchard.example"]},
    "exception": {
        "values": [
            {
                "type": "ValueError",
                "module": "builtins",
                "value": "bad token ghp_16C7e42F292c6912E7710c838347Ae178B4a",
                "stacktrace": {
                    "frames": [
                        {
                            "function": "main",
                            "filename": "/home/ada-l/app/main.py",
                            "abs_path": "/home/ada-l/app/main.py",
                            "lineno": 3,
                            "vars": {"password": "plain words", "count": 3, "rows": ["a", "b"]},
                        }
                    ]
                },
            }
        ]
    },
    "tags": {"server": "10.2.3.4", "api_key": "anything at all"},
    "contexts": {"app": {"settings": {"secret": "words", "region": "eu-west-1"}}},
    "breadcrumbs": {
        "values": [{"message": "GET https://u:pw12345678@h/x", "data": {"Authorization": "Basic eHg6eXk="}}]
    },
    "request": {"headers": {"Cookie": "session=abcdef0123456789"}, "url": "https://h/?token=abcdef012345"},
    "extra": {"note": "card 4111 1111 1111 1111"},
}
SECRETS = (
    "hunter2", "ada@orchard", "ghp_16C7", "ada-l", "plain words", "10.2.3.4", "anything at all", '"words"',
    "pw12345678", "eHg6eXk", "abcdef0123456789", "abcdef012345", "4111",
)  # fmt: skip


def test_every_text_of_an_event_is_looked_at() -> None:
    """Messages, parameters, frames, variables, tags, contexts, breadcrumbs, request and extra hold no secret."""
    text = json.dumps(scrub_event(EVENT))

    assert [secret for secret in SECRETS if secret in text] == []


def test_what_the_reporter_made_stays() -> None:
    """Ids, times, release, type, function, line numbers and harmless values are untouched."""
    scrubbed = scrub_event(EVENT)

    for field in ("event_id", "timestamp", "platform", "release"):
        assert scrubbed[field] == EVENT[field]
    [value] = scrubbed["exception"]["values"]
    assert (value["type"], value["module"]) == ("ValueError", "builtins")
    frame = value["stacktrace"]["frames"][0]
    assert (frame["function"], frame["lineno"], frame["vars"]["count"]) == ("main", 3, 3)
    assert scrubbed["contexts"]["app"]["settings"]["region"] == "eu-west-1"


@pytest.mark.parametrize(
    "key", ["trace_id", "span_id", "parent_span_id", "thread_id", "id", "op", "origin", "status", "lineno"]
)
def test_a_key_of_an_id_hides_no_text(key: str) -> None:
    """A random number under such a key stays; anything else there is a text like any other."""
    kept = {} if key in ("op", "origin", "status", "lineno") else {key: "0af7651916cd43dd8448eb211c80319c"}
    assert scrub_event({"contexts": {"trace": kept}}) == {"contexts": {"trace": kept}}

    told = {"x": {key: "failed: https://svc:Kj8sLm2Qp9xWz4vB@db.example.com/x"}}
    assert "Kj8sLm2Qp9xWz4vB" not in repr(scrub_event({"extra": told, "contexts": told, "tags": told}))


def test_a_fingerprint_of_a_host_hides_no_text() -> None:
    """Names of functions stay as they are; a message that somebody groups by is scrubbed."""
    names = ["ValueError", "app.sync:Table.password_of.<locals>.read"]

    scrubbed = scrub_event({"fingerprint": [*names, "login failed: password=hunter2x9"]})
    assert scrubbed == {"fingerprint": [*names, "login failed: password=[scrubbed:password]"]}


def test_the_event_that_is_passed_stays_as_it_is() -> None:
    """A host's own event object is not changed under its feet."""
    before = copy.deepcopy(EVENT)

    scrub_event(EVENT)

    assert before == EVENT


def test_scrubbing_an_event_twice_changes_nothing() -> None:
    """scrub_event(scrub_event(x)) == scrub_event(x)."""
    once = scrub_event(EVENT)

    assert scrub_event(once) == once


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text() | st.sampled_from(["password", "token", "exception", "tags"]), inner, max_size=4
        )
    ),
    max_leaves=15,
)


@given(st.dictionaries(st.sampled_from([*EVENT, "x"]), VALUES, max_size=5))
def test_no_event_is_too_strange(event: dict[str, Any]) -> None:
    """Whatever stands where, nothing is raised, and twice is as once."""
    once = scrub_event(event)

    assert repr(scrub_event(once)) == repr(once)


class Hostile:
    def __str__(self) -> str:
        raise RuntimeError("no")

    __repr__ = __str__
    __hash__ = None  # type: ignore[assignment]


def test_hostile_and_endless_events_end() -> None:
    """Objects that raise, and a dict that holds itself, give an event that says little and leaks nothing."""
    endless: dict[str, Any] = {"event_id": "0" * 32}
    endless["contexts"] = {"again": endless}
    for event in (endless, {"event_id": "0" * 32, "extra": {"object": Hostile()}}):
        assert scrub_event(event)["event_id"] == "0" * 32


def test_it_is_a_before_send_for_sentry_sdk(run: Run) -> None:
    """A host with a sentry-sdk of its own passes scrub_event as before_send, and its events are clean."""
    program = (
        "import json, sentry_sdk, crashguard\n"
        "from sentry_sdk.transport import Transport\n"
        "class Kept(Transport):\n"
        "    def capture_envelope(self, envelope):\n"
        "        print(json.dumps(envelope.get_event()))\n"
        "sentry_sdk.init('http://key@127.0.0.1:9/1', transport=Kept, before_send=crashguard.scrub_event)\n"
        "password = 'plain-words-of-ada'\n"
        "try:\n"
        "    raise ValueError('token=abcdef0123456789 from ada@orchard.example')\n"
        "except ValueError:\n"
        "    sentry_sdk.capture_exception()\n"
    )

    done = run(program)

    event = json.loads(done.stdout)
    value = event["exception"]["values"][-1]["value"]
    assert value == "token=[scrubbed:token] from [scrubbed:email]"
    assert "ada@orchard" not in done.stdout
    assert "abcdef0123456789" not in done.stdout


def report_of(error: Exception, **options: Any) -> dict[str, Any]:
    with captured_reports() as reports:
        crashguard.install(app="demo", version="1.2.3", note=False, **options)
        with crashguard.guard(reraise=False):
            raise error
        [report] = reports
        return report.event


def test_what_secret_named_locals_hold_is_private() -> None:
    """A value that stands in a variable called `password` goes from the message, where nothing tells."""

    def fails() -> None:
        db_password = "marigold-tuesday"
        raise RuntimeError(f"the server did not like {db_password} at all")

    with captured_reports() as reports, pytest.raises(RuntimeError), crashguard.guard():
        fails()

    assert "marigold" not in json.dumps(reports[0].event)
    assert reports[0].message.startswith("the server did not like [scrubbed:")


def test_a_short_password_is_private_and_a_shorter_one_is_not() -> None:
    """Six letters are enough to be looked for as a secret; five are a value like any other."""

    def fails() -> None:
        db_password, old_password = "tulips", "pansy"
        raise RuntimeError(f"refused: {db_password}, and {old_password} before")

    with captured_reports() as reports, pytest.raises(RuntimeError), crashguard.guard():
        fails()

    assert reports[0].message == "refused: [scrubbed:password], and [shape:aaa] before"


def test_secret_looking_variables_of_the_environment_are_private(monkeypatch: pytest.MonkeyPatch) -> None:
    """The value of API_TOKEN goes wherever it stands."""
    monkeypatch.setenv("ACME_API_TOKEN", "quiet-river-stone")

    assert "quiet-river" not in json.dumps(report_of(RuntimeError("got quiet-river-stone back")))


def test_users_add_private_literals_and_rules() -> None:
    """install(needles=..., rules=...) takes out what only the tool's author knows."""
    event = report_of(
        RuntimeError("project bluebird, ticket TKT-123456"),
        needles=["bluebird"],
        rules=[Rule("ticket", r"TKT-\d{6}", ("tkt-",), "TKT-123456", "TKT-1")],
    )

    assert event["exception"]["values"][-1]["value"] == "project [scrubbed:private], ticket [scrubbed:ticket]"


def test_messages_can_be_left_out() -> None:
    """messages="none": type and frames, no word of the message."""
    event = report_of(RuntimeError("customer 4711"), messages="none")

    assert "4711" not in json.dumps(event)
    assert event["exception"]["values"][-1]["type"] == "RuntimeError"


def test_the_tripwire_withholds_messages_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Should a private literal be left in the final bytes, the frames stay, messages go, and the event tells it."""
    monkeypatch.setattr(Scrubber, "text", lambda self, text: text)
    monkeypatch.setattr("crashguard.scrub.engine.Engine.text", lambda self, text: text)
    monkeypatch.setattr("crashguard.scrub.engine.Engine.message", lambda self, text, judge=None: text)

    event = report_of(RuntimeError("of bluebird only"), needles=["bluebird"])

    assert "bluebird" not in json.dumps(event)
    [value] = event["exception"]["values"]
    assert value["value"].startswith("[withheld:")
    assert value["stacktrace"]["frames"]
    assert event["contexts"]["crashguard"]["tripwire"] is True


def test_ids_that_we_make_never_look_like_a_secret() -> None:
    """Event ids, run ids and fingerprints pass the scrubber unchanged, a thousand of them."""
    from crashguard import minimal_record

    for _ in range(1_000):
        event_id = minimal_record.new_id()
        assert scrub_event({"event_id": event_id, "contexts": {"crashguard": {"run_id": event_id}}}) == {
            "event_id": event_id,
            "contexts": {"crashguard": {"run_id": event_id}},
        }


def stripped(events: list[dict[str, Any]]) -> list[list[str]]:
    """What Relay with a server's defaults would still change, event by event."""
    done = subprocess.run(
        [component("CRASHGUARD_RELAY_PYTHON"), str(PROGRAMS / "relay_strip.py")],
        input=json.dumps(events),
        capture_output=True,
        text=True,
        check=True,
    )
    left: list[list[str]] = json.loads(done.stdout)
    return left


@pytest.mark.slow
def test_sentrys_own_scrubber_finds_nothing_left_in_a_report() -> None:
    """Relay with a server's defaults strips nothing from reports of ours, whatever secret the message held."""
    events = []
    for number, sample in enumerate(measure.tuning(seed=4, each=1)):
        event = copy.deepcopy(EVENT)
        event["event_id"] = f"{number:032x}"
        event["exception"]["values"][0]["value"] = sample.text
        scrubbed = scrub_event(event)
        for frame in scrubbed["exception"]["values"][0]["stacktrace"]["frames"]:
            del frame["vars"]  # reports of ours have none
        events.append({name: scrubbed[name] for name in ("event_id", "timestamp", "platform", "exception")})

    assert [each for each in stripped(events) if each] == []


def test_sentrys_own_scrubber_finds_no_shape_left() -> None:
    """Where Relay looks for shapes (log messages), it finds none in 357 kinds that were scrubbed."""
    marks = re.compile(r"\[scrubbed:[^]]*\]")
    texts = [scrub_event({"message": sample.text})["message"] for sample in measure.tuning(seed=4, each=1)]
    # It takes any word behind "Bearer" for a token, a mark as well, and a user of that name for an address.
    known = ("Bearer [scrubbed:", "x-oauth-basic@")
    events = [{"platform": "python", "logentry": {"formatted": marks.sub("[]", text)}} for text in texts]

    left = [(each, text) for each, text in zip(stripped(events), texts, strict=True) if each]
    assert [pair for pair in left if not any(word in pair[1] for word in known)] == []


def test_a_crash_loads_few_files_and_a_rule_loads_one(run: Run) -> None:
    """A ValueError with a secret in its message loads few files of ours; who writes a rule loads one, and no re."""
    loaded = "import atexit, sys\natexit.register(lambda: print(*(m for m in sys.modules if m in WATCHED or 'scrub' in m)))\n"
    rule = f"WATCHED = {{'re'}}\n{loaded}from crashguard.scrub import Rule\nRule('ticket', 'TKT-[0-9]+')\n"
    crash = (
        f"WATCHED = {{'crashguard.reporter'}}\n{loaded}import crashguard\n"
        "crashguard.install(app='demo', version='1.0.0', dsn='http://k@127.0.0.1:9/1', delivery='deferred')\n"
        "def fails(depth):\n"
        "    if depth: fails(depth - 1)\n"
        "    raise ValueError('login failed: password=S3cr3tPw9')\n"
        "fails(9)\n"
    )

    assert run(rule).stdout.split() == ["crashguard.scrub"]
    assert len([name for name in run(crash).stdout.split() if name.startswith("crashguard.scrub")]) == 19


PAGE = (ROOT / "docs/scrubbing.md").read_text()


@pytest.mark.parametrize("program", re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
def test_the_pages_programs_run(run: Run, program: str) -> None:
    """Each block of docs/scrubbing.md runs as it stands."""
    done = run(program)

    assert (done.status, done.stderr) == (0, "")


def test_the_pages_tables_are_made_of_the_rules() -> None:
    """What is recognised, with examples, is generated: `python -m tests.scrub_page` writes it anew."""
    from tests import scrub_page

    assert scrub_page.page() == PAGE, "run: python -m tests.scrub_page"


@pytest.mark.parametrize("secret", ["Xk9mutton", "S3cr3tPw9"])
@pytest.mark.parametrize(
    "arguments",
    [
        ["mytool", "--password", "%s"], ["mysql", "-p%s", "-h", "db"], ["curl", "-u", "svc:%s", "https://h"],
        ["mytool", "--db-password", "%s", "sync"], ["mytool", "-psvc%s"], ["x", "-usvc:%s"], ["'--api-token'", "'%s'", "'x'"],
        ["run", "--", "sshpass", "-p", "%s", "ssh", "h"], ["--token", "%s", "-v"], ["x", "--proxy-user", "me:%s"],
    ],
)  # fmt: skip
def test_a_secret_among_the_arguments_of_a_command_is_taken_out(arguments: list[str], secret: str) -> None:
    """Under whatever key the list stands, as sentry-sdk adds `sys.argv`, and as a repr."""
    given = [each.replace("%s", secret) for each in arguments]
    for event in (
        {"extra": {"sys.argv": given}}, {"extra": {"cmd": tuple(given)}}, {"contexts": {"x": {"run": [given]}}},
        {"exception": {"values": [{"stacktrace": {"frames": [{"function": "f", "vars": {"a": given}}]}}]}},
    ):  # fmt: skip
        assert secret not in json.dumps(scrub_event(event))


def test_arguments_that_are_none_stay() -> None:
    """A port, a profile, an option that another one follows, a mask."""
    given = [
        "mytool",
        "-p8080",
        "--profile",
        "prod1",
        "--password",
        "--verbose",
        "-P",
        "3306",
        "--token",
        "***",
    ]

    assert {"extra": {"sys.argv": given}} == scrub_event({"extra": {"sys.argv": given}})


@pytest.mark.parametrize(
    "message",
    [
        "login %s with password %s",
        "user={} pwd={}",
        "connect as %(user)s, secret: %(secret)s",
        "%s: api key '%s'",
    ],
)
def test_a_value_that_a_log_line_calls_a_password_is_taken_out(message: str) -> None:
    """The words before its place say so; the other value stays."""
    for key in ("logentry", "extra"):
        told = scrub_event({key: {"message": message, "params": ["svc", "S3cr3tPw9"]}})

        assert ["svc", "[scrubbed"] == [each.partition(":")[0] for each in told[key]["params"]]


def test_the_value_of_every_cookie_is_taken_out() -> None:
    """Whatever it is called."""
    assert "S3cr3tPw8" not in str(
        scrub_event({"request": {"cookies": {"any": "S3cr3tPw8", "theme": "dark"}}})
    )


@pytest.mark.parametrize("end", ["raise KeyError('nope')", "import faulthandler; faulthandler._sigsegv()"])
@pytest.mark.parametrize(("app", "script"), [("salesdb", "salesdb.py"), ("other", "salesdb.py")])
def test_a_user_who_is_called_like_the_tool_takes_no_name_away(
    run: Run, tmp_path: Path, app: str, script: str, end: str
) -> None:
    """Services and containers have such users; the report is that of every other user, and their home stays private."""
    (tmp_path / script).write_text(
        f"import crashguard\ncrashguard.install(app={app!r}, version='1', note=False)\n{end}\n"
    )
    program = f"import runpy, sys\nsys.argv = [{script!r}]\nrunpy.run_path({script!r}, run_name='__main__')\n"
    next_run = f"import crashguard\ncrashguard.install(app={app!r}, version='1', delivery='deferred')\n"
    reports = []
    for user in ("salesdb", "marta-s"):
        home = tmp_path / "homes" / user
        home.mkdir(parents=True)
        env = {"USER": user, "HOME": str(home)}
        done = run(program, env=env)
        if not done.events(app):
            run(next_run, env=env)
            recover(Spool(str(done.state / app)))
        [event] = done.events(app)
        assert str(home) not in json.dumps(event)
        reports.append((event["release"], event["fingerprint"], event.get("transaction")))

    assert reports[0] == reports[1]
    assert f"{app}@1" == reports[0][0]
