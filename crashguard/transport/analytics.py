"""Sync summaries over gRPC: the service to which CloudQuery's command line sends its anonymous stats.

The call is `/cloudquery.backend.analytics.Analytics/SendEvent`, one summary each; the service is declared in
`pb/analytics/v0` of plugin-pb-go. A summary has no field for its warnings and its duration, so these stay
here. The server fills in the time and the message's id. grpcio is an extra: `crashguard[grpc]`.
"""

import os
import threading
from collections.abc import Callable, Iterable
from typing import Any, Protocol, TypeVar

try:
    import grpc  # type: ignore[import-not-found,import-untyped,unused-ignore]
except ImportError:  # the extra is not installed for this interpreter
    grpc = None

from crashguard import files
from crashguard.transport.http import REJECTED, RETRY, SECONDS, SENT, WITHDRAWN, Outcome

METHOD = "/cloudquery.backend.analytics.Analytics/SendEvent"

# A repetition would be refused again. All other codes of gRPC tell of a moment, or of the way to the server.
_FINAL = (
    "INVALID_ARGUMENT",
    "NOT_FOUND",
    "PERMISSION_DENIED",
    "UNAUTHENTICATED",
    "FAILED_PRECONDITION",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
)
_MOST_AUTHORITIES = 8 << 20  # bytes; all that a system trusts is half a megabyte
_TEXT = 2  # the wire type of whatever has a length: texts and messages


class _Record(Protocol):
    @property
    def message(self) -> dict[str, Any]: ...

    @property
    def properties(self) -> dict[str, Any]: ...

    @property
    def version(self) -> str: ...


R = TypeVar("R", bound=_Record)


def batches(records: Iterable[R]) -> list[list[R]]:
    """Each record alone: a request holds one summary."""
    return [[record] for record in records]


def body(records: Iterable[_Record], sent_at: str) -> bytes:  # noqa: ARG001 (as in `segment`)
    """The request's bytes for one record. `sent_at` is not sent: the server has a clock."""
    [record] = records
    said = record.properties
    summary = [
        (1, record.message["messageId"]),  # Invocation_UUID; ours is random and used once
        (4, said.get("source_path")),
        (5, said.get("source_version")),
        *(
            (6, _message([(1, to.get("path")), (2, to.get("version"))]))
            for to in said.get("destinations", ())
        ),
        (8, said.get("resources")),
        (9, said.get("errors")),
        (10, said.get("panics")),
        (11, record.version),
        (12, "completed" if said.get("exit_reason") == "completed" else "stopped"),  # the service's two words
    ]
    return _message([(1, _message(summary))])


def send(
    body: bytes,
    destination: tuple[str, str],
    *,
    seconds: float = SECONDS,
    still: Callable[[], bool] | None = None,
) -> Outcome:
    """Send one summary and return the outcome. Never raises.

    Args:
        body: The request.
        destination: The address, `grpcs://HOST:PORT` or `grpc://HOST:PORT` without TLS, and no key.
        seconds: Time limit for connecting, and for the call.
        still: Whether it may still be sent, asked once the connection stands.
    """
    if grpc is None:
        return Outcome(RETRY, "grpcio is not installed here; install crashguard[grpc]")
    scheme, _, host = destination[0].partition("://")
    try:
        if scheme == "grpcs":
            channel = grpc.secure_channel(host, grpc.ssl_channel_credentials(_authorities()))
        else:  # a loopback address, which no proxy may see
            channel = grpc.insecure_channel(host, options=[("grpc.enable_http_proxy", 0)])
        with channel:
            _connect(channel, seconds)
            if still is not None and not still():
                return Outcome(WITHDRAWN, "it may not be sent any more")
            channel.unary_unary(METHOD)(body, timeout=seconds)
    except grpc.RpcError as error:
        code = error.code().name
        return Outcome(REJECTED if code in _FINAL else RETRY, f"grpc: {code}")
    except Exception as error:  # noqa: BLE001 (an address that gRPC cannot parse, say)
        return Outcome(RETRY, f"grpc: {type(error).__name__}")
    return Outcome(SENT, "OK")


def _connect(channel: Any, seconds: float) -> None:
    """Wait until a channel is connected, or cannot be: the call then says why."""
    known = threading.Event()
    settled = (
        grpc.ChannelConnectivity.READY,
        grpc.ChannelConnectivity.TRANSIENT_FAILURE,
        grpc.ChannelConnectivity.SHUTDOWN,
    )

    def changed(state: Any) -> None:
        if state in settled:
            known.set()

    channel.subscribe(changed, try_to_connect=True)
    known.wait(seconds)
    channel.unsubscribe(changed)


def _authorities() -> bytes | None:
    """The user's own certificate authorities; None for those that gRPC brings."""
    path = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE")
    return files.read(path, _MOST_AUTHORITIES, links=True) if path else None


def _message(fields: Iterable[tuple[int, Any]]) -> bytes:
    """A message of protocol buffers, version 3, which leaves out what is empty: protobuf.dev, "Encoding"."""
    out = bytearray()
    for number, value in fields:
        if isinstance(value, int) and value > 0:
            out += _varint(number << 3) + _varint(value)
        elif isinstance(value, str | bytes) and value:
            data = value.encode() if isinstance(value, str) else value
            out += _varint(number << 3 | _TEXT) + _varint(len(data)) + data
    return bytes(out)


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)
