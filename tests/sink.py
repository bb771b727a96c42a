"""A data plane on 127.0.0.1: takes Segment's `POST /v1/batch`, and answers as it is told."""

import base64
import gzip
import http.server
import json
import threading
from typing import Any

import attrs


@attrs.frozen
class Request:
    """One request as it came in."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def key(self) -> str:
        """The write key, from Basic authorization."""
        scheme, _, value = self.headers["Authorization"].partition(" ")
        assert scheme == "Basic"
        return base64.b64decode(value).decode().removesuffix(":")

    @property
    def messages(self) -> list[dict[str, Any]]:
        """What is in the batch."""
        batch: list[dict[str, Any]] = self.body["batch"]
        return batch


class Sink(http.server.ThreadingHTTPServer):
    """Keeps what it is sent; a context manager.

    Attributes:
        requests: What came, in order, also what was refused.
        statuses: What it answers next; 200 when it is empty.
        headers: What it adds to its answers.
        refuses: An event name with which a batch is refused (400).
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[Request] = []
        self.statuses: list[int] = []
        self.headers: dict[str, str] = {}
        self.refuses = ""
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def stored(self) -> dict[str, dict[str, Any]]:
        """Messages by id: a server stores each once."""
        return {message["messageId"]: message for _, message in self.accepted}

    @property
    def accepted(self) -> list[tuple[Request, dict[str, Any]]]:
        """Each message of each request that was answered with 200."""
        return [
            (request, message)
            for request in self.requests
            if request.headers["x-answered"] == "200"
            for message in request.messages
        ]

    @property
    def events(self) -> list[str]:
        """The names of what was stored."""
        return [message["event"] for message in self.stored.values()]

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that ends with its connection open is nothing to talk about."""

    def __enter__(self) -> "Sink":
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.shutdown()
        self.server_close()


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Sink

    def log_message(self, *args: object) -> None:
        """Nobody reads it."""

    def do_POST(self) -> None:
        data = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if self.headers.get("Content-Encoding") == "gzip":
            data = gzip.decompress(data)
        body = json.loads(data)
        status = self.server.statuses.pop(0) if self.server.statuses else 200
        if self.server.refuses and self.server.refuses in data.decode():
            status = 400
        headers = {**dict(self.headers), "x-answered": str(status)}
        self.server.requests.append(Request(self.path, headers, body))
        answer = b'{"success": true}'
        self.send_response(status)
        for name, value in {**self.server.headers, "Content-Length": str(len(answer))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer)
