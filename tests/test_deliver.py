"""What a server does to a program that crashes: nothing. And what becomes of its report: it arrives once."""

from pathlib import Path

import pytest

from crashguard.spool import reports, store
from crashguard.spool.store import Spool
from tests import uploaders
from tests.conftest import Finished, Run
from tests.servers import Server, eventually

INSTALL = (
    "import crashguard\ncrashguard.install(app='demo', version='1.0', dsn={dsn!r}, delivery={how!r}{more})\n"
)
CRASH = "def sync():\n    raise ValueError('no such table')\nsync()\n"
# A dying process sends for two seconds at most, in which a machine under load may not get through the imports.
LONG_DEADLINE = "from crashguard import transport\ntransport.INLINE_SECONDS = 30.0\n"
BARE = "pass\npass\n" + CRASH

RECOVERING = (
    "healthy",
    "refused",
    "full",
    "hanging",
    "dripping",
    "reset",
    "portal",
    "redirect",
    "407",
    "408",
    "429",
    "500",
    "503",
)
REFUSING = ("400", "401", "403", "404", "413")


def program(dsn: str, how: str = "auto", body: str = CRASH, more: str = "") -> str:
    return INSTALL.format(dsn=dsn, how=how, more=more) + body


def spool_of(done: Finished) -> Path:
    return done.state / "demo"


def without_note(stderr: str) -> str:
    return stderr.partition("\ndemo crashed. ")[0]


def assert_nobody_was_held(done: Finished, bare: Finished) -> None:
    """Same exit status, same output, and the note below."""
    assert (bare.status, bare.stdout, bare.stderr) == (done.status, done.stdout, without_note(done.stderr))
    assert "It is sent to 127.0.0.1" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("mood", RECOVERING)
def test_a_report_outlives_the_bad_mood_of_a_server(run: Run, mood: str) -> None:
    """The program ends as ever while the server is in this mood; when it has recovered, the report arrives once."""
    bare = run(BARE)
    with Server(mood) as server:
        done = run(program(server.dsn, "background"))
        assert_nobody_was_held(done, bare)
        spool = spool_of(done)
        if mood in ("hanging", "dripping", "full"):
            if mood != "full":
                eventually(lambda: server.posted)
            uploaders.kill(spool)  # or it would wait for its time limit
        else:
            eventually(lambda: uploaders.outcomes(spool))
            uploaders.gone(spool)
        server.mood = "healthy"
        uploaders.much_later(spool)
        run(program(server.dsn, "background", "print('ok')\n"))
        uploaders.gone(spool)

        [path] = done.files(folder="sent")
        assert {done.event["event_id"]: path.read_bytes()} == server.stored


@pytest.mark.slow
@pytest.mark.parametrize("status", REFUSING)
def test_what_a_server_refuses_for_good_is_set_aside(run: Run, status: str) -> None:
    """It is not sent again, and the journal has the reason."""
    with Server(status) as server:
        done = run(program(server.dsn, "background"))
        spool = spool_of(done)
        eventually(lambda: uploaders.outcomes(spool))
        server.mood = "healthy"
        uploaders.much_later(spool)
        run(program(server.dsn, "background", ""))
        uploaders.gone(spool)

        assert (1, {}) == (len(server.posted), server.stored)
        assert [("rejected", status)] == uploaders.outcomes(spool)
        assert 1 == len(done.files(folder="rejected"))


@pytest.mark.slow
@pytest.mark.parametrize("mood", ["healthy", "refused", "full", "hanging", "dripping", "reset", "429", "500"])
def test_sending_while_dying_has_a_deadline(run: Run, mood: str) -> None:
    """In-process delivery (a CI runner): the same end, though the server never answers; the rest goes later."""
    bare = run(BARE)
    with Server(mood) as server:
        done = run(program(server.dsn), env={"CI": "1"})
        assert_nobody_was_held(done, bare)
        uploaders.gone(spool_of(done))

        server.mood = "healthy"
        uploaders.much_later(spool_of(done))
        run(program(server.dsn, "background", ""))
        uploaders.gone(spool_of(done))
        assert [done.event["event_id"]] == list(server.stored)


def test_a_name_that_cannot_be_resolved(run: Run) -> None:
    """No DNS: noted as a network error; the report waits."""
    bare = run(BARE)
    done = run(program("http://key@crashguard.invalid/1", "background"))

    assert (bare.status, bare.stderr) == (done.status, without_note(done.stderr))
    eventually(lambda: uploaders.outcomes(spool_of(done)), seconds=110)
    [(outcome, reason)] = uploaders.outcomes(spool_of(done))
    assert ("retry", True) == (outcome, reason.startswith("network: "))
    assert 1 == len(done.files(folder="waiting"))


def test_a_certificate_is_checked_and_may_be_the_users_own(run: Run, certificate: Path) -> None:
    """An unknown certificate gets no report; with SSL_CERT_FILE, as sentry-sdk has it, it does."""
    with Server(certificate=certificate) as server:
        done = run(program(server.dsn, "background"))
        eventually(lambda: uploaders.outcomes(spool_of(done)))
        [(outcome, reason)] = uploaders.outcomes(spool_of(done))
        assert ("retry", "network: SSLError", []) == (outcome, reason, server.posted)

        uploaders.much_later(spool_of(done))
        run(program(server.dsn, "background", ""), env={"SSL_CERT_FILE": str(certificate)})
        uploaders.gone(spool_of(done))
        assert [done.event["event_id"]] == list(server.stored)


def test_a_proxy_is_used(run: Run) -> None:
    """http_proxy, as sentry-sdk has it: the proxy is asked for the server's address."""
    with Server() as proxy:
        done = run(
            program("http://key@crashguard.invalid/1", "background"),
            env={"http_proxy": f"http://127.0.0.1:{proxy.port}"},
        )
        eventually(lambda: proxy.stored)

        [(line, _)] = proxy.requests
        assert "POST http://crashguard.invalid/api/1/envelope/ HTTP/1.1" == line
    uploaders.gone(spool_of(done))


def test_what_is_stored_says_where_it_goes(run: Run) -> None:
    """The destination is the report's own: a later run with another one does not redirect it."""
    with Server() as mine, Server() as other:
        done = run(program(mine.dsn, "deferred"))
        run(program(other.dsn, "background", ""))
        uploaders.gone(spool_of(done))

        assert ([done.event["event_id"]], {}) == (list(mine.stored), other.stored)


def test_a_user_may_name_a_server_of_their_own(run: Run) -> None:
    """CRASHGUARD_DSN takes the place of the host's destination."""
    with Server() as users, Server() as hosts:
        done = run(program(hosts.dsn, "background"), env={"CRASHGUARD_DSN": users.dsn})
        eventually(lambda: users.stored)

        assert {} == hosts.stored
    uploaders.gone(spool_of(done))


def test_backoff_is_kept_across_runs(run: Run) -> None:
    """The next runs send nothing to a server that asked to wait, until the time is over."""
    with Server("429") as server:
        server.headers = {"Retry-After": "3600"}
        done = run(program(server.dsn, "background"))
        spool = spool_of(done)
        eventually(lambda: uploaders.outcomes(spool))
        server.mood = "healthy"
        (spool / "resumed").unlink(missing_ok=True)
        run(program(server.dsn, "background", ""))
        uploaders.gone(spool)
        assert (1, {}) == (len(server.posted), server.stored)

        uploaders.much_later(spool)
        run(program(server.dsn, "background", ""))
        uploaders.gone(spool)
        assert 1 == len(server.stored)


def test_runs_do_not_start_uploaders_one_after_another(run: Run) -> None:
    """Within a minute one run looks after what waits, the others leave it alone."""
    done = run(program("http://key@127.0.0.1:9/1", "deferred"))
    quiet = program("http://key@127.0.0.1:9/1", "background", "")
    run(quiet)
    uploaders.gone(spool_of(done))
    (spool_of(done) / "backoff").unlink()
    run(quiet)
    uploaders.gone(spool_of(done))

    assert 1 == len(uploaders.outcomes(spool_of(done)))


@pytest.mark.parametrize("how", ["background", "inline"])
def test_handled_exceptions_go_out_while_a_program_lives(run: Run, how: str) -> None:
    """capture_exception() and flush(): five different errors, sent by the time that flush says so."""
    body = (
        "import sys\nfor kind in (ValueError, KeyError, OSError, TypeError, LookupError):\n"
        "    try:\n        raise kind('x')\n    except Exception:\n        crashguard.capture_exception()\n"
        "print(crashguard.flush(60))\n"
    )
    with Server() as server:
        done = run(program(server.dsn, how, body))

        assert (0, "True\n", "") == (done.status, done.stdout, done.stderr)
        assert 5 == len(server.stored) == len(server.posted)
    uploaders.gone(spool_of(done))


def test_handled_exceptions_go_out_at_the_end_of_a_program_on_ci(run: Run) -> None:
    """Nothing is flushed and nothing crashes: the end of the program sends, in time for threads."""
    body = "try:\n    1 / 0\nexcept ZeroDivisionError:\n    crashguard.capture_exception()\nprint('on')\n"
    with Server() as server:
        done = run(program(server.dsn, "auto", LONG_DEADLINE + body), env={"CI": "1"})

        assert (0, "on\n", "") == (done.status, done.stdout, done.stderr)
        assert 1 == len(server.stored)


def test_a_full_disk_does_not_keep_a_report_from_the_server(run: Run) -> None:
    """No file can be written: the report goes out from memory, before the program ends."""
    body = (
        "import os\nreal = os.write\n"
        "def full(fd, data):\n    if fd > 2: raise OSError(28, 'No space left on device')\n    return real(fd, data)\n"
        "import posix\nposix.write = full\n"
    )
    with Server() as server:
        done = run(program(server.dsn, "background", LONG_DEADLINE + body + CRASH))

        assert 1 == done.status
        assert 1 == len(server.stored)
    assert [] == done.files()


def test_a_home_that_cannot_be_written_does_not_keep_a_report_from_the_server(run: Run) -> None:
    """A read-only file system: as with a full disk."""
    with Server() as server:
        done = run(
            program(server.dsn, body=LONG_DEADLINE + CRASH),
            env={"XDG_STATE_HOME": "/proc/self", "TMPDIR": "/proc/self"},
        )

        assert (1, 1) == (done.status, len(server.stored))
        assert "ValueError: no such table\n\ndemo crashed." in done.stderr


MANY = """
def fails(number):
    exec(compile(f"def f{number}():\\n    raise KeyError({number})\\nf{number}()", __file__, "exec"), {"__name__": "__main__"})
for number in range(40):
    try:
        fails(number)
    except KeyError as exc:
        crashguard.capture_exception(exc)
"""


@pytest.mark.slow
def test_what_ends_the_program_is_sent_before_what_it_has_handled(run: Run) -> None:
    """A process that sends by itself has no time for all of a backlog; nobody may come for the rest."""
    with Server() as server:
        done = run(program(server.dsn, "inline", MANY + CRASH))

        sent = [event["exception"]["values"][-1]["type"] for event in server.events]
        assert (1, 1) == (done.status, sent.count("ValueError"))
        assert len(sent) < 41


def test_a_program_whose_descriptors_close_later_is_not_held(run: Run, tmp_path: Path) -> None:
    """gevent's `os.close` closes in a loop, which nothing drives at the end: the wait for an uploader would go on."""
    (tmp_path / "queue.py").write_text("")  # beside the program, so that an uploader has to send
    patched = "import os, sys\ntransport.INLINE_SECONDS = 300.0\nos.close = lambda descriptor: None\n"
    with Server() as server:
        done = run(program(server.dsn, "inline", LONG_DEADLINE + patched + CRASH))

        assert (1, 1) == (done.status, len(server.stored))


def test_the_main_process_of_a_service_sends_by_itself(run: Run) -> None:
    """systemd ends what its service leaves behind; a process that the service started is left to its uploader."""
    mine = "import os\nos.environ['SYSTEMD_EXEC_PID'] = str(os.getpid())\n"
    with Server() as server:
        done = run(program(server.dsn, "auto", LONG_DEADLINE + mine + CRASH))
        assert (1, 1, []) == (done.status, len(server.stored), uploaders.of(spool_of(done)))
        reason = "from crashguard.transport import place\nprint(place.why_not() == place.SERVICE)\n"
        child = run(program(server.dsn, "auto", reason), env={"SYSTEMD_EXEC_PID": "1"})
        assert "False\n" == child.stdout


@pytest.mark.parametrize(
    "obstacle",
    [
        "import sys; sys.frozen = True",
        "import sys; sys.executable = ''",
        "import sys; sys.executable = '/opt/tool'",
    ],
)
def test_a_program_that_is_no_interpreter_is_not_started_again(run: Run, obstacle: str) -> None:
    """A frozen program, an embedded interpreter: it sends by itself."""
    with Server() as server:
        done = run(program(server.dsn, "auto", LONG_DEADLINE + obstacle + "\n" + CRASH))

        assert (1, 1) == (done.status, len(server.stored))
        assert 1 == len(done.files(folder="sent"))


def test_without_a_shell_the_uploader_detaches_itself(run: Run) -> None:
    """A container without /bin/sh: delivered, and the host has no child left."""
    body = (
        "import os\nfrom crashguard.transport import spawn\nspawn._SHELL = '/nonexistent/sh'\n"
        "try:\n    1 / 0\nexcept ZeroDivisionError:\n    crashguard.capture_exception()\n"
        "try:\n    os.wait()\nexcept ChildProcessError:\n    print('no child')\n"
    )
    with Server() as server:
        done = run(program(server.dsn, "background", body))

        assert (0, "no child\n") == (done.status, done.stdout)
        eventually(lambda: server.stored)
    uploaders.gone(spool_of(done))


def test_a_report_of_a_broken_file_is_set_aside(run: Run, home: Path) -> None:
    """One damaged file does not keep the others from being sent."""
    with Server() as server:
        done = run(program(server.dsn, "deferred"))
        sound = done.event["event_id"]
        spool = Spool(str(spool_of(done)))
        damaged = Path(spool.folder(store.WAITING)) / f"1795424000000-aaaaaaaa-{'0' * 32}.envelope"
        damaged.write_bytes(b'{"event_id":"0"}\n{"type":"event","length":999}\n{}')
        run(program(server.dsn, "background", ""))
        uploaders.gone(spool_of(done))

        assert [sound] == list(server.stored)
        assert [damaged.name] == [path.name for path in done.files(folder="broken")]
        assert 1 == len(reports.reports(spool))
