"""Consent is asked for when the connection stands, right before the first byte: a no that comes meanwhile keeps it here."""

import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from crashguard.spool import journal
from tests import uploaders
from tests.conftest import ROOT, Run
from tests.servers import Server, eventually

PROGRAM = """
import crashguard, sys
from crashguard import stats
crashguard.install(app='demo', version='1.0', dsn=sys.argv[1], delivery=sys.argv[2], note=False)
"""
HANDLED = "try: 1 / 0\nexcept ZeroDivisionError as error: crashguard.capture_exception(error)\n"
STATS = "stats.configure(url=sys.argv[3], write_key='key')\nwith stats.command('sync'): pass\nstats.flush(30)"


class Hesitant:
    """A server with TLS that lets something happen after each connection, before it takes what is sent.

    Attributes:
        called: How many connections were made.
        read: What was sent over each of them.
    """

    def __init__(self, certificate: Path, meanwhile: Callable[[], object]) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)
        self._meanwhile = meanwhile
        self._listens = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self._listens.getsockname()[1]}"
        self.dsn = self.url.replace("://", "://key@") + "/1"
        self.called = 0
        self.read: list[bytes] = []
        self._serving = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "Hesitant":
        self._serving.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._listens.close()

    def _serve(self) -> None:
        while True:
            try:
                plain, _ = self._listens.accept()
            except OSError:
                return
            self.called += 1
            self._meanwhile()
            try:
                with self._context.wrap_socket(plain, server_side=True) as connection:
                    self.read.append(connection.recv(65536))
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            except OSError:
                self.read.append(b"")  # it hung up without a word


def by_hand(home: Path) -> None:
    """A person writes the file of the choice with an editor."""
    folder = home / ".config" / "crashguard"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "telemetry-level").write_text("none\n")


def by_command(home: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "crashguard", "level", "none"],
        env={"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        timeout=60,
    )


def by_flag(home: Path) -> None:
    """Another run of the tool has the flag; it saves nothing and deletes what waits."""
    subprocess.run(
        [sys.executable, "-c", PROGRAM, "http://key@127.0.0.1:9/1", "deferred", "--telemetry-level", "none"],
        env={"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        timeout=60,
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("how", "body", "no"),
    [
        ("background", "1 / 0", by_hand),
        ("background", "1 / 0", by_command),
        ("background", "1 / 0", by_flag),
        ("inline", "1 / 0", by_hand),
        ("inline", HANDLED + "input()", by_hand),
        ("inline", HANDLED + "crashguard.flush(30)", by_hand),
        ("deferred", "1 / 0", by_hand),
        ("deferred", STATS, by_hand),
        ("deferred", STATS, by_command),
    ],
    ids=[
        "uploader",
        "and command",
        "and flag",
        "inline at the end",
        "inline meanwhile",
        "flush()",
        "send",
        "stats",
        "stats and command",
    ],
)
def test_a_no_while_the_connection_is_made(
    run: Run, home: Path, certificate: Path, how: str, body: str, no: Callable[[Path], None]
) -> None:
    """Nothing of the request is written, whoever sends; what waited is deleted, and nothing says that it left."""
    trust = {"SSL_CERT_FILE": str(certificate)}
    spool = home / ".local/state/crashguard/demo"
    with Hesitant(certificate, lambda: no(home)) as server:
        done = run(PROGRAM + body, server.dsn, how, server.url, env=trust, stdin="\n")
        while how == "inline" and not server.called:  # the two seconds of a dying process may be over before
            run(PROGRAM + body, server.dsn, how, server.url, env=trust, stdin="\n")
        if how == "deferred" and body != STATS:
            environment = {"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **trust}
            command = [sys.executable, "-m", "crashguard", "send"]
            said = subprocess.run(
                command, env=environment, capture_output=True, text=True, timeout=60, check=False
            )
            assert "deleted and not sent: telemetry level is none (saved choice)" in said.stdout
        eventually(lambda: server.read)
        uploaders.gone(spool)

    assert {b""} == set(server.read)
    if how != "inline":
        assert [] == [path for path in done.left if path.parent.name in ("waiting", "sent", "recording")]
    for folder in (spool, spool / "stats-anonymous"):
        assert not {"sent", "rejected"} & {entry[1] for entry in journal.entries(str(folder))}


@pytest.mark.slow
def test_a_no_while_a_report_leaves_from_memory(run: Run, home: Path, certificate: Path) -> None:
    """No disk takes the report, and the connection stands already."""
    with Hesitant(certificate, lambda: by_hand(home)) as server:
        trust = {
            "SSL_CERT_FILE": str(certificate),
            "XDG_STATE_HOME": "/proc/nowhere",
            "TMPDIR": "/proc/nowhere",
        }
        while not server.called:
            run(PROGRAM + "1 / 0", server.dsn, "inline", env=trust)
        eventually(lambda: server.read)

    assert {b""} == set(server.read)


@pytest.mark.slow
def test_a_report_that_had_left_is_told_to_have_left(run: Run, home: Path) -> None:
    """A no that comes after the bytes: by hand it was sent; by the command it was on its way, and both are said."""
    for no, told in (
        (by_hand, [("sent", "200")]),
        (
            by_command,
            [
                ("deleted", "telemetry level says no, while a process was sending: it may have left"),
                ("sent", "200, it was on its way when it was deleted here"),
            ],
        ),
    ):
        (home / ".config/crashguard/telemetry-level").unlink(missing_ok=True)
        with Server("slow") as server:
            done = run(PROGRAM + f"{{}}[{no.__name__!r}]", server.dsn, "background")
            eventually(lambda: server.posted)
            no(home)
            server.mood = "healthy"
            uploaders.gone(done.state / "demo")
        assert told == [entry[1::2] for entry in journal.entries(str(done.state / "demo"))][-len(told) :]
