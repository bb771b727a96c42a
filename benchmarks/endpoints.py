"""A server on 127.0.0.1 in every mood that servers and networks have.

healthy     answers 200 at once
refused     nobody listens
hanging     takes the request and never answers
dripping    answers, a byte every half second
reset       resets the connection instead of an answer
429, 500    says so; "429 an hour" says so with a Retry-After of an hour
black hole  a full backlog: connecting is never answered
no trust    a certificate that nobody knows
no name     a name that nobody can resolve
"""

import gzip
import select
import shutil
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
import zlib
from pathlib import Path
from types import TracebackType

MOODS = ("healthy", "refused", "hanging", "dripping", "429", "500", "black hole")
# The moods that a report can outlive, and then those that a server cannot change.
ALL_MOODS = (*MOODS, "reset", "429 an hour", "413", "503", "no trust", "no name")
FINAL = ("413", "no trust", "no name")
_ANSWER = b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
_STATUS = {
    "healthy": b"200 OK",
    "413": b"413 Content Too Large",
    "429": b"429 Too Many Requests",
    "429 an hour": b"429 Too Many Requests\r\nRetry-After: 3600",
    "500": b"500 Internal Server Error",
    "503": b"503 Service Unavailable",
}


class Endpoint:
    """One server; a context manager. `url` is where it is, `bodies` what it was sent and acknowledged."""

    def __init__(self, mood: str) -> None:
        self.mood = mood
        self.bodies: list[bytes] = []
        self._recovered = threading.Event()
        self._tls: ssl.SSLContext | None = None
        self._blockers: list[socket.socket] = []
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        if mood == "no trust":
            self._tls = _self_signed()
            self.url = self.url.replace("http:", "https:")
        elif mood == "no name":
            self.url = "http://crashguard.invalid"

    def recover(self) -> None:
        """Become healthy; requests that hang are dropped without an answer."""
        was, self.mood = self.mood, "healthy"
        self._recovered.set()
        if was in ("refused", "black hole"):
            while self._blockers:
                self._blockers.pop().close()
            self._socket.listen(128)
            threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> "Endpoint":
        if self.mood == "refused":
            pass  # bound, so that nobody else gets the port, and not listening
        elif self.mood == "black hole":
            self._socket.listen(0)
            for _ in range(8):
                blocker = socket.socket()
                blocker.setblocking(False)
                blocker.connect_ex(self._socket.getsockname())
                self._blockers.append(blocker)
        else:
            self._socket.listen(128)
            threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._recovered.set()
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # it never listened
        for each in (self._socket, *self._blockers):
            each.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                if self._tls is not None:
                    connection = self._tls.wrap_socket(connection, server_side=True)
                while (body := _request(connection)) is not None:
                    if self.mood in _STATUS:
                        if self.mood == "healthy":
                            self.bodies.append(body)
                        connection.sendall(_ANSWER % _STATUS[self.mood])
                    elif self.mood == "hanging":
                        self._recovered.wait()
                        return
                    elif self.mood == "reset":
                        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                        return
                    else:
                        for byte in _ANSWER % b"200 OK":
                            if self._recovered.wait(0.5):
                                return
                            connection.sendall(bytes([byte]))
            except OSError:
                return


def _request(connection: socket.socket) -> bytes | None:
    """The body of the next request on a connection, unpacked; None at its end."""
    head = b""
    while b"\r\n\r\n" not in head:
        piece = connection.recv(65536)
        if not piece:
            return None
        head += piece
    head, _, body = head.partition(b"\r\n\r\n")
    fields = {}
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        fields[name.strip().lower()] = value.strip()
    if fields.get(b"transfer-encoding", b"").lower() == b"chunked":
        while not body.endswith(b"0\r\n\r\n"):
            body += connection.recv(65536)
    else:
        while len(body) < int(fields.get(b"content-length", b"0")):
            body += connection.recv(65536)
    encoding = fields.get(b"content-encoding", b"")
    if encoding == b"gzip":
        return gzip.decompress(body)
    return zlib.decompress(body) if encoding == b"deflate" else body


def can_distrust() -> bool:
    """Whether the mood `no trust` can be had: openssl makes its certificate."""
    return shutil.which("openssl") is not None


def _self_signed() -> ssl.SSLContext:
    with tempfile.TemporaryDirectory() as folder:
        key, certificate = Path(folder, "key.pem"), Path(folder, "certificate.pem")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=nobody",
             "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
            check=True, capture_output=True,
        )  # fmt: skip
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
    return context


def is_reachable(url: str) -> bool:
    """Whether connecting succeeds within a tenth of a second: a check of the black hole itself."""
    with socket.socket() as probe:
        probe.setblocking(False)
        host, _, port = url.removeprefix("http://").partition(":")
        probe.connect_ex((host, int(port)))
        writable = select.select([], [probe], [], 0.1)[1]
        return bool(writable) and probe.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
