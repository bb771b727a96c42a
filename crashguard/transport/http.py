"""HTTP for everything that is sent: whom to trust, which proxy to use, what an answer means.

    trust     the system's authorities and certifi's; a CA bundle and a client certificate of the user's own
    proxies   the system's settings and `no_proxy`; never for this machine's own addresses
    answers   sent, rejected or retry, and how long the server wants nothing more

A request is made once and follows no redirect: it goes to the server that was named. What is sent, and when
it is sent again, is the callers' matter. urllib3 is imported with the first request.
"""

import os

import attrs

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping
    from typing import Any

    from urllib3 import PoolManager
    from urllib3.response import BaseHTTPResponse

SENT = "sent"
REJECTED = "rejected"
RETRY = "retry"

SECONDS = 15.0  # for connecting and for each answer of a server

_NOT_FINAL = (407, 408, 425, 429)  # proxy authentication, too slow, too early, too many
_MOST_WAIT = 24 * 3600.0
_USUAL_WAIT = 60.0  # after a 429 that does not say
_MOST_BODY = 64 << 10


@attrs.frozen
class Outcome:
    """What became of one attempt.

    Attributes:
        kind: `sent`, `rejected` or `retry`.
        reason: For people: `200`, `413`, `network: ConnectTimeoutError` ...
        wait: Seconds for which the server wants nothing more, 0.0 where it did not say.
    """

    kind: str
    reason: str
    wait: float = 0.0


@attrs.frozen
class Answer:
    """What a server answered.

    Attributes:
        status: The HTTP status.
        headers: By lower-case name.
        body: At most the first 64 KiB.
    """

    status: int
    headers: "Mapping[str, str]" = attrs.field(factory=dict)
    body: bytes = b""

    @property
    def is_success(self) -> bool:
        """Whether it is a 2xx."""
        return 200 <= self.status < 300

    @property
    def retry_after(self) -> float | None:
        """Seconds for which the server wants to be left alone; None where it did not say."""
        return retry_after(self.headers)


class NoAnswerError(Exception):
    """There was no answer. Whether the server acted on the request is unknown.

    Attributes:
        meaning: What went wrong, for people.
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
) -> Answer:
    """Send one request.

    Args:
        method: `GET` or `POST`.
        url: The whole address.
        headers: To send.
        body: To send.
        seconds: Time limit for connecting and for each read.
        trust: A context that `tls()` made; for who sends often.

    Raises:
        NoAnswerError: There was no answer. Neither its text nor its causes quote a header or the body.
    """
    try:
        with pool(url, seconds, trust=trust) as connections:
            response = connections.request(
                method, url, headers=headers, body=body, redirect=False, preload_content=False
            )
            return Answer(response.status, lower(response.headers), _body(response))
    except Exception as error:  # noqa: BLE001 (urllib3's errors, and those below it)
        raise NoAnswerError(type(error).__name__, _meaning(error)) from None


def pool(url: str, seconds: float, *, trust: "ssl.SSLContext | None" = None) -> "PoolManager":
    """Connections for requests to one server.

    Args:
        url: Its address.
        seconds: Time limit for connecting and for each read.
        trust: A context that `tls()` made.

    Raises:
        OSError: A CA bundle or a client certificate that the environment names cannot be read.
        ImportError: The proxy speaks SOCKS, and PySocks is not installed.
    """
    import urllib3

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


def tls() -> "ssl.SSLContext":
    """Whom to trust: the system's authorities, certifi's, and those of `REQUESTS_CA_BUNDLE`.

    `SSL_CERT_FILE` and `SSL_CERT_DIR` take the place of the system's: OpenSSL reads them. Takes a tenth of a
    second.

    Raises:
        OSError: A file that the environment names cannot be read.
    """
    import ssl

    context = ssl.create_default_context()
    try:
        import certifi

        context.load_verify_locations(certifi.where())
    except (ImportError, OSError):
        pass  # Python knows the system's authorities, mostly
    if bundle := os.environ.get("REQUESTS_CA_BUNDLE"):
        context.load_verify_locations(**{"capath" if os.path.isdir(bundle) else "cafile": bundle})
    if certificate := os.environ.get("CLIENT_CERT_FILE"):
        context.load_cert_chain(certificate, os.environ.get("CLIENT_KEY_FILE"))
    return context


def proxy_for(url: str) -> str | None:
    """The proxy for an address; None where there is none, or none is to be used for it."""
    import urllib.parse
    import urllib.request

    parts = urllib.parse.urlsplit(url)
    host = parts.hostname or ""
    if is_loopback(host) or urllib.request.proxy_bypass(host):
        return None
    proxy = urllib.request.getproxies().get(parts.scheme)
    if not proxy:
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, by its name or address alone: no resolver is asked."""
    import ipaddress

    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def outcome(status: int, headers: "Mapping[str, str]", *, wait: float = 0.0) -> Outcome:
    """What an answer means for what was sent.

    Args:
        status: The HTTP status.
        headers: By lower-case name.
        wait: Seconds that the server asked for in a way of its own.
    """
    if status in (429, 503):
        asked = retry_after(headers)
        if asked is None and status == 429 and not wait:
            asked = _USUAL_WAIT
        wait = max(wait, asked or 0.0)
    wait = min(wait, _MOST_WAIT)
    if 200 <= status < 300:
        # The page at which a hotel or an airport asks for a room number says 200 as well.
        if headers.get("content-type", "").startswith("text/html"):
            return Outcome(RETRY, f"{status}, but it is a web page that answers", wait)
        return Outcome(SENT, str(status), wait)
    if 400 <= status < 500 and status not in _NOT_FINAL:
        return Outcome(REJECTED, str(status), wait)
    return Outcome(RETRY, str(status), wait)


def retry_after(headers: "Mapping[str, str]") -> float | None:
    """Seconds of `Retry-After`, a number or a date (RFC 9110, 10.2.3), a day at most; None if neither."""
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
    from urllib3.exceptions import HTTPError

    try:
        return response.read(_MOST_BODY, decode_content=True)
    except HTTPError:
        return b""  # a status was read, so the server has acted; only who needs the body has lost anything


def _meaning(error: Exception) -> str:
    from urllib3 import exceptions

    # In this order: some of these are kinds of others.
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
