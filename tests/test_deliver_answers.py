"""What a server or a network answers takes neither memory nor time without a bound, and leads nobody astray."""

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from crashguard import config
from crashguard.report import envelope
from crashguard.transport import http, sentry, spawn
from tests.conftest import ROOT, Run
from tests.servers import Server, eventually

ID = "a" * 32
# What is sent: a report, a minimal record, a report at its bounds, and a native crash.
CRASHES = """
import crashguard, ctypes, sys
crashguard.install(app='demo', version='1.0', dsn=sys.argv[1], delivery='deferred')
if sys.argv[2] == 'minimal':
    sys.modules['crashguard.reporter'] = None
if sys.argv[2] == 'native':
    ctypes.string_at(0)
if sys.argv[2] == 'large':
    raise ExceptionGroup('y' * 9000, [ValueError(f'x {number}' + 'z' * 9000) for number in range(200)])
[][len(sys.argv)] if sys.argv[2] == 'minimal' else {}[sys.argv[2]]
"""
# Started between the tests and what is measured: the peak of a process begins with that of the one which started it.
MEASURE = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the unit of the peak differs between systems")
@pytest.mark.parametrize(
    ("mood", "sent"), [("healthy", 4), ("endless", 4), ("bomb", 4), ("redirect", 0), ("dripping", 0)]
)
def test_the_uploader_stays_small(mood: str, sent: int, run: Run, home: Path, certificate: Path) -> None:
    """The whole process that sends, with all that it imports, recovers and is answered: less than 60 MB at its peak."""
    spool = home / ".local/state/crashguard/demo"
    spool.mkdir(parents=True, mode=0o700)
    (spool / "backoff").write_text(f"{time.time() + 3600:.0f} 1\n")  # nothing is sent meanwhile
    with Server(mood, certificate) as server:
        for kind in ("report", "minimal", "large", "native"):
            run(CRASHES, server.dsn, kind)
        (spool / "backoff").unlink()
        environment = {
            "HOME": str(home),
            "PATH": os.environ["PATH"],
            "CRASHGUARD_PATH": os.pathsep.join([str(ROOT), *sys.path]),
            "REQUESTS_CA_BUNDLE": str(certificate),
        }
        uploader = [sys.executable, "-I", spawn._SCRIPT, str(spool), "0", "0.0", "10" if not sent else "100"]
        measured = subprocess.run(
            [sys.executable, "-IS", "-c", MEASURE, *uploader],
            env=environment,
            capture_output=True,
            check=True,
        )

        assert int(measured.stdout) < 60
        assert sent == len(server.stored), list(spool.rglob("*"))
        assert len(server.posted) == (sent or 1)


@pytest.mark.slow
@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
@pytest.mark.parametrize(
    ("mood", "status"),
    [("dripping", None), ("headed", None), ("continuing", None), ("hanging", None), ("trickling", 200)],
)
def test_no_server_holds_a_request_beyond_its_time(
    mood: str, status: int | None, tls: bool, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reports, stats and usage: each byte comes in time and the answer never does; the thread and its connection end."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    with Server(mood, certificate if tls else None) as server:
        url = server.dsn.replace("key@", "")
        body = json.dumps({"event_id": ID}).encode()
        answered = None
        with contextlib.suppress(http.NoAnswerError):
            answered = http.request("POST", url, headers={}, body=body, seconds=1.5).status
        eventually(lambda: "crashguard-send" not in [each.name for each in threading.enumerate()])

    assert status == answered
    assert 1 == len(server.posted)


def test_the_bytes_that_leave_are_those_of_the_file() -> None:
    """Nothing is added, reordered or left out on the way."""
    with Server() as server:
        data = envelope.seal({"event_id": ID, "extra": {"b": 1, "a": "é"}}, server.dsn)
        sentry.send(data, server.dsn)

        assert {ID: data} == server.stored
        [(line, headers)] = server.requests
    assert "POST /api/1/envelope/ HTTP/1.1" == line
    assert "Sentry sentry_key=key, sentry_version=7, sentry_client=" in headers["X-Sentry-Auth"]


def test_a_sentry_sdk_that_cannot_be_used_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A version without what is used of it: the report waits, nothing is asked, and the reason says what to do."""
    import sentry_sdk.utils

    class Dsn:
        def __init__(self, value: str, client: object) -> None:
            raise AssertionError

    monkeypatch.setattr(sentry_sdk.utils, "Dsn", Dsn)
    with Server() as server:
        outcome = sentry.send(envelope.seal({"event_id": ID}, server.dsn), server.dsn)
        assert [] == server.posted
    version = sentry_sdk.VERSION
    assert ("retry", f"sentry-sdk {version} cannot be used (TypeError); install another version") == (
        outcome.kind,
        outcome.reason,
    )


def test_a_header_of_a_client_is_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A CGI program: what looks like a proxy came with the request, and is not passed on to the uploader."""
    monkeypatch.setenv("HTTP_PROXY", "http://attacker.example:1")
    settings = config.Config(app="demo", version="1")
    assert "HTTP_PROXY" in spawn._environment(settings)
    monkeypatch.setenv("REQUEST_METHOD", "GET")
    assert "HTTP_PROXY" not in spawn._environment(settings)


def test_the_proxy_for_everything_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a network names one proxy only, https goes through it too, as with sentry-sdk."""
    monkeypatch.setenv("http_proxy", "http://proxy.example:3128")
    assert "http://proxy.example:3128" == http.proxy_for("https://errors.example.com/")
    monkeypatch.setenv("https_proxy", "http://secure.example:3128")
    assert "http://secure.example:3128" == http.proxy_for("https://errors.example.com/")


@pytest.mark.parametrize(
    "dsn",
    [
        "https://key@bücher.example:99999/1",
        "https://key@host:port/1",
        "https://key@host:0/1",
        "https://key@[::1/1",
        "https://key@[]/1",
        "https://key@a..b/1",
        "https://key@" + "a" * 64 + "/1",
        "https://key@/1",
        "https://key@host/team",
        "https://key@host/1?x=1",
        "https://key@host/a b/1",
    ],
)
def test_a_destination_that_could_never_be_reached_is_refused_at_once(dsn: str) -> None:
    """A port, a path or a project that no server has: install() says so, not a report months later."""
    assert not config.is_dsn(dsn)


def test_an_international_host_name_is_written_as_the_network_has_it(run: Run, home: Path) -> None:
    """In the report and in the minimal record alike, so that whoever sends finds the server."""
    program = (
        "import crashguard, os, sys\n"
        "crashguard.install(app='demo', version='1.0', dsn='https://key@b\u00fccher.example:8443/a/1', delivery='deferred')\n"
        "if len(sys.argv) > 1: sys.modules['crashguard.reporter'] = None\n"
        "1 / 0\n"
    )
    for arguments in ([], ["minimal"]):
        done = run(program, *arguments)
        header, _ = envelope.unseal(done.files()[-1].read_bytes())
        assert "https://key@xn--bcher-kva.example:8443/a/1" == header["dsn"]
        done.files()[-1].unlink()


def test_a_request_of_ours_is_not_in_the_programs_log(run: Run) -> None:
    """A program that logs everything, its own requests too: nothing is printed of what crashguard sends."""
    program = (
        "import crashguard, logging, os, sys, urllib3\n"
        "logging.basicConfig(level=logging.DEBUG)\n"
        "crashguard.install(app='demo', version='1.0', dsn=sys.argv[1], delivery='inline')\n"
        "try:\n    1 / 0\nexcept ZeroDivisionError:\n    crashguard.capture_exception()\n"
        "print(crashguard.flush(60))\n"
        "if len(sys.argv) > 2: urllib3.request('POST', sys.argv[2], body=b'{\"event_id\":\"0\"}').data\n"
    )
    with Server() as server:
        own = run(program, server.dsn)
        with_theirs = run(program, server.dsn, server.dsn.replace("key@", ""))

    assert ("True\n", "") == (own.stdout, own.stderr)
    assert 2 == with_theirs.stderr.count("DEBUG:urllib3.connectionpool:"), with_theirs.stderr
