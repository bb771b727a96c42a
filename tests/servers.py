"""A server on 127.0.0.1 that misbehaves on demand, and the one place of the tests that waits.

Moods, which can be changed while it runs:

    healthy      200, and what was sent is stored once, by its event id, as Sentry and Bugsink do
    refused      nobody listens
    full         the backlog is full: connecting is never answered
    hanging      the request is read and never answered
    slow         the request is read and answered after the next change of mood, in that mood
    dripping     an answer of a byte now and then that never ends
    trickling    stored, and an answer of 200 whose body is a byte now and then
    continuing   an answer of 100 after the other, as fast as they can be read
    headed       an answer whose headers never end, a byte now and then
    endless      stored, and an answer of 200 whose body never ends
    bomb         stored, and an answer of 200 whose body is a thousand times larger than what is sent of it
    reset        the connection is reset instead of an answer
    portal       a web page that says 200
    redirect     to a path where it would be healthy
    413, 500 ... any status; with headers: `server.headers`
"""

import contextlib
import gzip
import http.server
import json
import socket
import ssl
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any


def eventually(
    look: Callable[[], object], explain: Callable[[], object] = str, seconds: float = 60.0
) -> None:
    """Wait until `look` finds what it looks for: the one place of the tests that polls.

    Args:
        look: Asked again and again.
        explain: What to say when it never came.
        seconds: Far more than it can take on a machine under load.
    """
    end = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < end, f"nothing came in {seconds:.0f} s: {explain()}"
        time.sleep(0.02)


class Server(http.server.ThreadingHTTPServer):
    """A server of a mood; a context manager.

    Attributes:
        stored: What was acknowledged: event id -> envelope.
        bodies: The envelopes of all requests that were read to their end, in order.
        posted: The event ids of all requests that were read to their end, in order.
        requests: Request line and headers of each of them.
        headers: What it adds to its answers.
        pause: Seconds that it takes for an answer.
    """

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, mood: str = "healthy", certificate: Path | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler, bind_and_activate=False)
        self.stored: dict[str, bytes] = {}
        self.bodies: list[bytes] = []
        self.posted: list[str] = []
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.headers: dict[str, str] = {}
        self.pause = 0.0
        self.server_bind()
        self.port = int(self.server_address[1])
        scheme = "http" if certificate is None else "https"
        self.dsn = f"{scheme}://key@127.0.0.1:{self.port}/1"
        self._tls = certificate
        self._mood = mood
        self._changed = threading.Event()
        self._blockers: list[socket.socket] = []
        self._serving: threading.Thread | None = None

    @property
    def mood(self) -> str:
        return self._mood

    @mood.setter
    def mood(self, mood: str) -> None:
        """Become another; requests that hang are dropped without an answer."""
        self._mood = mood
        changed, self._changed = self._changed, threading.Event()
        changed.set()
        self._obey()

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events that were acknowledged, in order."""
        return [json.loads(envelope.split(b"\n")[2]) for envelope in self.stored.values()]

    @property
    def types(self) -> list[str]:
        """The type of the exception of each of them."""
        return [event["exception"]["values"][-1]["type"] for event in self.events]

    def __enter__(self) -> "Server":
        self._obey()
        return self

    def __exit__(self, *exc: object) -> None:
        self._changed.set()
        if self._serving is not None:
            self.shutdown()
        self._unblock()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are what these tests are about."""

    def get_request(self) -> tuple[socket.socket, object]:
        connection, address = super().get_request()
        if self._tls is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self._tls)
            connection = context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, address

    def wait_for_change(self, seconds: float | None = None) -> bool:
        return self._changed.wait(seconds)

    def _obey(self) -> None:
        if self._mood == "refused":
            return
        if self._mood == "full":
            self.socket.listen(0)
            for _ in range(8):
                blocker = socket.socket()
                blocker.setblocking(False)
                with contextlib.suppress(BlockingIOError):
                    blocker.connect(("127.0.0.1", self.port))
                self._blockers.append(blocker)
            return
        self._unblock()
        if self._serving is None:
            self.server_activate()
            self._serving = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)
            self._serving.start()

    def _unblock(self) -> None:
        while self._blockers:
            self._blockers.pop().close()


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65536  # an answer comes in one piece, so that a client reads it with as many calls each time
    server: Server

    def log_message(self, *args: object) -> None:
        """Nobody reads it."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        event_id = json.loads(body.partition(b"\n")[0])["event_id"]
        self.server.bodies.append(body)
        self.server.posted.append(event_id)
        self.server.requests.append((self.requestline, dict(self.headers)))
        if self.server.mood == "slow" or self.server.pause:
            self.server.wait_for_change(self.server.pause or None)
        mood = self.server.mood
        if mood == "hanging":
            self.server.wait_for_change()
            self.close_connection = True
        elif mood == "dripping":
            self._drip(b"HTTP/1.1 200 OK\r\nX-More: ")
        elif mood == "trickling":
            self.server.stored.setdefault(event_id, body)
            self._drip(b"", b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        elif mood == "headed":
            self._drip(b"", b"HTTP/1.1 200 OK\r\n")
        elif mood == "continuing":
            self._continue()
        elif mood == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
        elif mood in ("endless", "bomb"):
            self.server.stored.setdefault(event_id, body)
            self._pour(squeezed=mood == "bomb")
        elif mood == "portal":
            self._answer(200, b"<html>Your room number, please</html>", {"Content-Type": "text/html"})
        elif mood == "redirect":
            self._answer(307, b"", {"Location": f"http://127.0.0.1:{self.server.port}/elsewhere"})
            self.server.mood = "healthy"
        elif mood == "healthy":
            self.server.stored.setdefault(event_id, body)
            self._answer(200, json.dumps({"id": event_id}).encode(), {"Content-Type": "application/json"})
        else:
            self._answer(int(mood), b"{}", {})

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, **self.server.headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _pour(self, *, squeezed: bool) -> None:
        """A body without an end, until the client hangs up; squeezed, it is zeros in gzip."""
        self.close_connection = True
        self.send_response(200)
        if squeezed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        squeeze = zlib.compressobj(wbits=31)
        some = bytes(1 << 20)
        while not self.server.wait_for_change(0):
            self.wfile.write(squeeze.compress(some) if squeezed else some)

    def _continue(self) -> None:
        self.close_connection = True
        while not self.server.wait_for_change(0):
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)

    def _drip(self, slowly: bytes, at_once: bytes = b"") -> None:
        self.close_connection = True
        self.wfile.write(at_once)
        self.wfile.flush()
        for byte in self._endless(slowly):
            if self.server.wait_for_change(0.1):
                return
            self.wfile.write(byte)
            self.wfile.flush()

    @staticmethod
    def _endless(start: bytes) -> Iterator[bytes]:
        yield from (bytes([byte]) for byte in start)
        while True:
            yield b"x"
