"""HTTP for everything that is sent: TLS, proxies, and the meaning of an answer.

    consent   asked once a connection stands, right before the first byte of the request
    TLS       the system's certificate authorities and certifi's; the user's CA bundle and client certificate
    proxies   the system's settings and `no_proxy`; never for this machine's own addresses
    answers   sent, rejected or retry, and for how long the server asked to wait

A request is made once and follows no redirect, so that it goes only to the configured server. Callers decide
what to send and when to send it again. urllib3 is imported with the first request.
"""

import os
from types import MappingProxyType
from typing import NamedTuple

from crashguard.transport import limit

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping
    from typing import Any

    from urllib3 import PoolManager
    from urllib3.response import BaseHTTPResponse

SENT = "sent"
REJECTED = "rejected"
RETRY = "retry"
WITHDRAWN = "withdrawn"  # a no came before the first byte had left

SECONDS = 15.0  # for connecting and for each answer of a server

_NOT_FINAL = (407, 408, 425, 429)  # proxy authentication, too slow, too early, too many
_MOST_WAIT = 24 * 3600.0
_USUAL_WAIT = 60.0  # after a 429 without Retry-After
_MOST_BODY = 64 << 10
_LOGGERS = ("urllib3.connectionpool", "urllib3.connection", "urllib3.poolmanager", "urllib3.util.retry")


class Outcome(NamedTuple):
    """The outcome of one attempt.

    Attributes:
        kind: `sent`, `rejected`, `retry` or `withdrawn`.
        reason: For people: `200`, `413`, `network: ConnectTimeoutError` ...
        wait: Seconds for which the server asked to wait; 0.0 where it did not ask.
    """

    kind: str
    reason: str
    wait: float = 0.0


class Answer(NamedTuple):
    """A server's answer.

    Attributes:
        status: The HTTP status.
        headers: By lower-case name.
        body: At most the first 64 KiB.
    """

    status: int
    headers: "Mapping[str, str]" = MappingProxyType({})
    body: bytes = b""

    @property
    def is_success(self) -> bool:
        """Whether it is a 2xx."""
        return 200 <= self.status < 300

    @property
    def retry_after(self) -> float | None:
        """Seconds for which the server asked to wait; None where it did not ask."""
        return retry_after(self.headers)


class NoAnswerError(Exception):
    """No answer came. It is not known whether the server acted on the request.

    Attributes:
        meaning: The cause, for people.
    """

    def __init__(self, name: str, meaning: str) -> None:
        super().__init__(name)
        self.meaning = meaning


def request(
    method: str,
    url: str,
    *,
    headers: "Mapping[str, str]",
    body: bytes | None = None,
    seconds: float = SECONDS,
    trust: "ssl.SSLContext | None" = None,
    still: "Callable[[], bool] | None" = None,
) -> Answer:
    """Send one request.

    Args:
        method: `GET` or `POST`.
        url: The whole address.
        headers: To send.
        body: To send.
        seconds: Time limit for connecting and for each read. The whole request may take twice as long, which
            bounds a server that answers a byte at a time.
        trust: A context from `tls()`, for callers that send often.
        still: Whether it may still be sent. It is asked once the connection stands, which may take as long as
            `seconds`, right before the first byte of the request.

    Raises:
        NoAnswerError: No answer came. Neither its text nor its causes quote a header or the body.
        WithdrawnError: `still` said no.
    """
    connections = limit.Connections(still)

    def work() -> Answer:
        with pool(url, seconds, trust=trust) as manager:
            connections.watch(manager, url)
            response = manager.request(
                method, url, headers=headers, body=body, redirect=False, preload_content=False
            )
            try:
                if connections.are_shut:  # in the middle of the headers
                    raise TimeoutError
                return Answer(response.status, lower(response.headers), _body(response))
            finally:
                response.close()  # there may be more of it, without end

    try:
        return limit.within(2 * seconds, work, connections)
    except limit.WithdrawnError:
        raise
    except TimeoutError:
        raise NoAnswerError(f"no answer in {2 * seconds:.0f} s", "it did not answer in time") from None
    except Exception as error:  # noqa: BLE001 (urllib3's errors, and those below it)
        raise NoAnswerError(type(error).__name__, _meaning(error)) from None


def load() -> None:
    """Import what a request imports on its way. Never raises: the request says what is missing."""
    try:
        import email.utils  # noqa: F401
        import encodings.idna  # noqa: F401 (the resolver encodes a host's name)
        import ipaddress  # noqa: F401
        import ssl  # noqa: F401
        import urllib.request  # noqa: F401
        import zlib  # noqa: F401

        import certifi  # noqa: F401
        import urllib3.exceptions
        import urllib3.util.ssl_  # noqa: F401 (as all of these)
    except Exception:  # noqa: BLE001, S110 (a broken installation, or certifi, which is no dependency)
        pass


def pool(url: str, seconds: float, *, trust: "ssl.SSLContext | None" = None) -> "PoolManager":
    """Connections for requests to one server.

    Args:
        url: Its address.
        seconds: Time limit for connecting and for each read.
        trust: A context from `tls()`.

    Raises:
        OSError: A CA bundle or client certificate from the environment cannot be read.
        ImportError: The proxy is a SOCKS proxy, and PySocks is not installed.
    """
    import logging

    import urllib3

    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_is_of_host)  # once, however often it is called
    settings: dict[str, Any] = {
        "ssl_context": (trust or tls()) if url.startswith("https:") else None,
        "timeout": urllib3.Timeout(connect=seconds, read=seconds),
        "retries": False,
    }
    proxy = proxy_for(url)
    if proxy is None:
        return urllib3.PoolManager(**settings)
    if proxy.startswith("socks"):
        from urllib3.contrib.socks import SOCKSProxyManager

        return SOCKSProxyManager(proxy, **settings)
    return urllib3.ProxyManager(proxy, **settings)


def _is_of_host(record: object) -> bool:  # noqa: ARG001 (a filter is called so)
    """Whether a record of urllib3 is about a request of the host's, whose log ours have no place in."""
    import threading

    return threading.current_thread().name != limit.THREAD


def tls() -> "ssl.SSLContext":
    """A TLS context that trusts the system's certificate authorities, certifi's and `REQUESTS_CA_BUNDLE`'s.

    OpenSSL reads `SSL_CERT_FILE` and `SSL_CERT_DIR`; they replace the system's authorities. Making a context
    takes a tenth of a second.

    Raises:
        OSError: A file from the environment cannot be read.
    """
    import ssl

    context = ssl.create_default_context()
    try:
        import certifi

        context.load_verify_locations(certifi.where())
    except (ImportError, OSError):
        pass  # then only the system's authorities are trusted
    if bundle := os.environ.get("REQUESTS_CA_BUNDLE"):
        context.load_verify_locations(**{"capath" if os.path.isdir(bundle) else "cafile": bundle})
    if certificate := os.environ.get("CLIENT_CERT_FILE"):
        context.load_cert_chain(certificate, os.environ.get("CLIENT_KEY_FILE"))
    return context


def proxy_for(url: str) -> str | None:
    """The proxy for an address; None where no proxy is configured for it."""
    import urllib.parse
    import urllib.request

    parts = urllib.parse.urlsplit(url)
    host = parts.hostname or ""
    if is_loopback(host) or urllib.request.proxy_bypass(host):
        return None
    proxies = urllib.request.getproxies()
    # As sentry-sdk does: a network that names one proxy means it for everything.
    proxy = proxies.get(parts.scheme) or proxies.get("all") or proxies.get("http")
    if not proxy:
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, by its name or address only, without a resolver."""
    import ipaddress

    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def outcome(status: int, headers: "Mapping[str, str]", *, wait: float = 0.0) -> Outcome:
    """The outcome of an attempt, from the server's answer.

    Args:
        status: The HTTP status.
        headers: By lower-case name.
        wait: Seconds that the server asked for in another header.
    """
    if status in (429, 503):
        asked = retry_after(headers)
        if asked is None and status == 429 and not wait:
            asked = _USUAL_WAIT
        wait = max(wait, asked or 0.0)
    wait = min(wait, _MOST_WAIT)
    if 200 <= status < 300:
        # The login page of a hotel's or an airport's network answers 200, too.
        if headers.get("content-type", "").startswith("text/html"):
            return Outcome(RETRY, f"{status}, but a web page answered", wait)
        return Outcome(SENT, str(status), wait)
    if 400 <= status < 500 and status not in _NOT_FINAL:
        return Outcome(REJECTED, str(status), wait)
    return Outcome(RETRY, str(status), wait)


def retry_after(headers: "Mapping[str, str]") -> float | None:
    """Seconds of `Retry-After`, a number or a date (RFC 9110, 10.2.3), at most a day; None without it."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text), _MOST_WAIT)
    import email.utils
    import time

    try:
        asked = email.utils.parsedate_to_datetime(text).timestamp() - time.time()
    except (TypeError, ValueError, OverflowError):
        return None
    return min(max(0.0, asked), _MOST_WAIT)


def lower(headers: "Mapping[str, str]") -> dict[str, str]:
    """Headers by lower-case name."""
    return {name.lower(): value for name, value in headers.items()}


def _body(response: "BaseHTTPResponse") -> bytes:
    """The beginning of the body. It is bounded before it is decompressed and after."""
    from urllib3.exceptions import HTTPError

    try:
        body = response.read(_MOST_BODY, decode_content=False)
    except HTTPError:
        return b""  # a status was read, so the server has acted; only the body is lost
    if response.headers.get("Content-Encoding", "").lower() in ("gzip", "deflate"):
        import zlib

        try:
            return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(body, _MOST_BODY)
        except zlib.error:
            return b""
    return body


def _meaning(error: Exception) -> str:
    from urllib3 import exceptions

    # In this order: some of these are subclasses of others.
    meanings = (
        (exceptions.ProxyError, "the proxy cannot be used"),
        (exceptions.SSLError, "its TLS certificate cannot be verified"),
        (exceptions.NameResolutionError, "its name cannot be resolved"),
        (exceptions.NewConnectionError, "the connection was refused or is impossible"),
        (exceptions.ConnectTimeoutError, "it cannot be reached in time"),
        (exceptions.ReadTimeoutError, "it did not answer in time"),
        (exceptions.ProtocolError, "the connection broke off"),
    )
    for error_type, meaning in meanings:
        if isinstance(error, error_type):
            return meaning
    return f"the request failed ({type(error).__name__})"
