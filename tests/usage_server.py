"""A licensing server for the tests: the API over HTTP on 127.0.0.1, schema-checked, with faults on demand.

The schema is written from the API's description, not from crashguard's code, so that the two check each
other. As the real server, it counts a request_id once. As no real server does, it remembers every request
and fails in the ways that it was told to.
"""

import json
import socket
import ssl
import threading
import urllib.parse
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

import attrs
import jsonschema

TOKEN = "cqk_made-up-for-the-tests-0123456789"
TEAM = "acme-corp"

NAME = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[a-z](-?[a-z0-9]+)+$"}
USAGE_SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "additionalProperties": False,
    "required": ["plugin_kind", "plugin_name", "plugin_team", "request_id", "rows"],
    "properties": {
        "request_id": {
            "type": "string",
            "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
        },
        "plugin_team": {"type": "string", "minLength": 1},
        "plugin_kind": {"enum": ["source", "destination", "transformer"]},
        "plugin_name": NAME,
        "rows": {"type": "integer", "minimum": 0},
        "tables": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["name", "rows"],
                "properties": {
                    "name": {"type": "string", "minLength": 1},
                    "rows": {"type": "integer", "minimum": 0},
                },
            },
        },
        "installation_id": {"type": "string", "pattern": "^[a-z0-9]{64}$"},
    },
}
_VALIDATOR = jsonschema.Draft202012Validator(USAGE_SCHEMA)


@attrs.define
class Fault:
    """What the server does in place of a success, once.

    Attributes:
        status: Answer this, and do not count. None with `apply_then_drop` or `hang`.
        headers: To answer.
        body: To answer, as JSON.
        apply_then_drop: Count the request, then close the connection without an answer.
        drop: Close the connection without counting.
        hang: Answer nothing until the server is closed.
    """

    status: int | None = None
    headers: dict[str, str] = attrs.field(factory=dict)
    body: Any = None
    apply_then_drop: bool = False
    drop: bool = False
    hang: bool = False


@attrs.define
class Seen:
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


class UsageServer:
    """The server; a context manager. All attributes may be changed while it runs.

    Attributes:
        faults: Taken from the front, one for each request to the usage endpoint.
        quota_faults: The same for the quota endpoint.
        headers: Answered with each success.
        quota: Body of the quota's answer.
        quota_headers: Headers of the quota's answer.
        teams: Names that GET /teams answers.
        login: Answers of the login service, by refresh token.
        seen: Every request, in order.
        batches: Counted requests by request_id.
        violations: What broke the schema, or came twice with another content.
    """

    def __init__(self, *, tls: tuple[str, str] | None = None) -> None:
        self.faults: list[Fault] = []
        self.quota_faults: list[Fault] = []
        self.headers: dict[str, str] = {}
        self.quota: dict[str, Any] = {"plugin_name": "orders", "remaining_rows": 1000}
        self.quota_headers: dict[str, str] = {}
        self.teams = [TEAM]
        self.tokens = {TOKEN}
        self.login: dict[str, dict[str, str]] = {}
        self.seen: list[Seen] = []
        self.batches: dict[str, dict[str, Any]] = {}
        self.violations: list[str] = []
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.usage = self
        self._scheme = "http"
        if tls is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
            self._scheme = "https"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.server_address[1]}"

    @property
    def rows(self) -> int:
        """Rows counted, each request_id once."""
        return sum(body["rows"] for body in self.batches.values())

    @property
    def tables(self) -> dict[str, int]:
        """Rows of each table, each request_id once."""
        found: dict[str, int] = {}
        for body in self.batches.values():
            for table in body.get("tables", []):
                found[table["name"]] = found.get(table["name"], 0) + table["rows"]
        return found

    @property
    def posts(self) -> list[Seen]:
        return [seen for seen in self.seen if seen.method == "POST" and seen.path.endswith("/usage")]

    def wait_for(self, condition: Callable[[], bool], timeout: float = 20.0) -> None:
        """Wait until a condition on this server holds."""
        with self._changed:
            assert self._changed.wait_for(condition, timeout), (self.rows, self.seen, self.violations)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
        if kind is None:
            assert [] == self.violations

    def close(self) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    # What a request does

    def answer(self, handler: "_Handler", seen: Seen) -> None:
        with self._changed:
            self.seen.append(seen)
            fault, status, headers, body = self._decide(seen)
            self._changed.notify_all()
        if fault is not None and fault.hang:
            self._closing.wait()
            return handler.drop()
        if fault is not None and (fault.drop or fault.apply_then_drop):
            return handler.drop()
        return handler.answer(status, headers, body)

    def _decide(self, seen: Seen) -> tuple[Fault | None, int, dict[str, str], Any]:
        path = urllib.parse.urlsplit(seen.path).path
        if path == "/v1/token":
            return self._log_in(seen)
        if seen.headers.get("authorization") not in {f"Bearer {token}" for token in self.tokens}:
            return None, 401, {}, {"message": "Unauthorized", "status": 401}
        if path == "/teams":
            return None, 200, {}, {"items": [{"name": name} for name in self.teams], "metadata": {}}
        parts = [urllib.parse.unquote(part) for part in path.split("/")[1:]]
        if parts[:1] != ["teams"] or parts[2:3] != ["usage"] or parts[1] not in self.teams:
            return None, 404, {}, {"message": "no such team", "status": 404}
        if seen.method == "GET" and len(parts) == 6:
            return self._quota()
        if seen.method == "POST" and len(parts) == 3:
            return self._count(seen)
        return None, 405, {}, {"message": "method not allowed"}

    def _count(self, seen: Seen) -> tuple[Fault | None, int, dict[str, str], Any]:
        fault = self.faults.pop(0) if self.faults else None
        problems = [error.message for error in _VALIDATOR.iter_errors(seen.body)]
        if seen.headers.get("content-type") != "application/json":
            problems.append(f"content type {seen.headers.get('content-type')}")
        if problems:
            self.violations.extend(problems)
            return fault, 422, {}, {"message": "; ".join(problems)}
        if fault is not None and fault.status is not None:
            return fault, fault.status, fault.headers, fault.body
        if fault is None or fault.apply_then_drop:
            before = self.batches.setdefault(seen.body["request_id"], seen.body)
            if before != seen.body:
                self.violations.append(f"{seen.body['request_id']} came again with another content")
        return fault, 204, self.headers, None

    def _quota(self) -> tuple[Fault | None, int, dict[str, str], Any]:
        fault = self.quota_faults.pop(0) if self.quota_faults else None
        if fault is not None and fault.status is not None:
            return fault, fault.status, fault.headers, fault.body
        return fault, 200, self.quota_headers, self.quota

    def _log_in(self, seen: Seen) -> tuple[Fault | None, int, dict[str, str], Any]:
        form = dict(urllib.parse.parse_qsl(seen.body))
        answer = self.login.get(form.get("refresh_token", ""))
        if form.get("grant_type") != "refresh_token" or answer is None:
            return None, 400, {}, {"error": {"code": 400, "message": "TOKEN_EXPIRED"}}
        return None, 200, {}, answer


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    usage: UsageServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed in mid-request is part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        is_json = self.headers.get("Content-Type", "").startswith("application/json")
        self._handle(json.loads(raw) if is_json else raw.decode())

    def do_GET(self) -> None:
        self._handle(None)

    def _handle(self, body: Any) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.usage.answer(self, Seen(self.command, self.path, headers, body))

    def answer(self, status: int, headers: dict[str, str], body: Any) -> None:
        content = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def drop(self) -> None:
        """Reset the connection in the middle of things."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.connection.close()

    def log_message(self, *args: Any) -> None:
        pass
