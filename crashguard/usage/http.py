"""HTTP with patience: the only door to urllib3.

One request is tried again up to five times after 429, 500, 502, 503, 504 and faults of the network, with
the pauses that `Retry-After` or an exponential backoff ask for, and never for longer than a given number
of seconds in all: an attempt that could end after them is not begun. The counting is urllib3's `Retry`.

TLS is verified against the system's and certifi's authorities. Redirects are not followed: the
token is for one server. Error messages name the server and the kind of fault, never a header or a body.

Must live here: connections, retries. Must not be known here: what is sent, tokens, usage.
"""

import ipaddress
import logging
import ssl
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    InvalidHeader,
    MaxRetryError,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
    ProxyError,
    ReadTimeoutError,
    ResponseError,
    SSLError,
)
from urllib3.util.retry import Retry

from crashguard.usage.errors import UsageConfigurationError, UsageUnavailableError
from crashguard.usage.wire import Answer

if TYPE_CHECKING:
    from urllib3.response import BaseHTTPResponse

logger = logging.getLogger("crashguard.usage")

RETRIES = 5  # after the first attempt
SECONDS = 60.0  # for a request with all its retries
_ATTEMPT = 10.0  # seconds to connect, and for each read, of one attempt
_BACKOFF = 1.0  # seconds: the pauses are 0, 2, 4, 8, 16
_MOST_BODY = 64 << 10
RETRIED = frozenset({429, 500, 502, 503, 504})

_FAULTS: "tuple[tuple[type[Exception], str], ...]" = (
    (ProxyError, "the proxy cannot be used"),
    (SSLError, "its TLS certificate cannot be verified"),
    (NameResolutionError, "its name cannot be resolved"),
    (NewConnectionError, "the connection was refused or is impossible"),  # is a ConnectTimeoutError, too
    (ConnectTimeoutError, "it cannot be reached in time"),
    (ReadTimeoutError, "it did not answer in time"),
    (ProtocolError, "the connection broke off"),
)


def checked_url(url: str) -> str:
    """A base URL without a slash at its end.

    Raises:
        UsageConfigurationError: It is neither https nor a loopback address, or holds more than a place.
    """
    parts = urlsplit(url)
    if parts.username or parts.password or parts.query or parts.fragment or not parts.hostname:
        raise UsageConfigurationError(
            "url: give scheme, host, port and path only, as in https://api.cloudquery.io"
        )
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname)):
        raise UsageConfigurationError(
            f"url: {parts.scheme}://{parts.hostname} would show the token to everyone on the way: use https "
            "(http is for loopback addresses only)"
        )
    return url.rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine by its name or address alone, without asking a resolver."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Http:
    """Requests that are retried. Safe to use from many threads.

    Args:
        retries: How often a request is tried again.
        attempt: Seconds to connect, and for each read.
        backoff: Seconds; the pause before the second retry is twice that, and doubles.
        clock: Seconds that never run backwards.
        pause: Waits that many seconds.
    """

    def __init__(
        self,
        *,
        retries: int = RETRIES,
        attempt: float = _ATTEMPT,
        backoff: float = _BACKOFF,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._retries = retries
        self._attempt = attempt
        self._backoff = backoff
        self._clock = clock
        self._pause = pause
        self.forget()

    def forget(self) -> None:
        """Drop all connections: what a forked child does with its parent's."""
        self._pools: dict[tuple[str | None, bool], urllib3.PoolManager] = {}
        self._lock = threading.Lock()

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        seconds: float = SECONDS,
    ) -> Answer:
        """Send one request, with its retries, and return the last answer, whatever its status.

        Args:
            method: `GET` or `POST`; both are retried, so a POST must be safe to repeat.
            url: Whole address.
            headers: To send.
            body: To send.
            seconds: In all; at least one attempt is made, and it takes no longer than that.

        Raises:
            UsageUnavailableError: There was no answer. Whether the server acted on the request is unknown.
        """
        attempt = max(0.1, min(self._attempt, seconds))
        patience = _Patience(self._clock, self._pause, self._clock() + seconds, attempt)
        retry = _Retry(
            total=self._retries,
            status_forcelist=RETRIED,
            allowed_methods=None,
            backoff_factor=self._backoff,
            raise_on_status=False,
            redirect=0,
        )
        retry.patience = patience
        try:
            response = self._pool(url).urlopen(
                method,
                url,
                headers=dict(headers or {}),
                body=body,
                retries=retry,
                timeout=urllib3.Timeout(connect=attempt, read=attempt),
                redirect=False,
                preload_content=False,
            )
        except HTTPError as error:
            raise UsageUnavailableError(f"{_host(url)}: {_fault(error)}") from None
        return self._answer(response, url)

    def _answer(self, response: "BaseHTTPResponse", url: str) -> Answer:
        try:
            body = response.read(_MOST_BODY, decode_content=True)
        except HTTPError as error:
            # A status was read, so the server has acted; only who needs the body has lost anything.
            logger.debug("the body of %s broke off: %s", _host(url), type(error).__name__)
            body = b""
        finally:
            response.release_conn()
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status, headers, body, _retry_after(response))

    def _pool(self, url: str) -> urllib3.PoolManager:
        proxy, is_tls = proxy_for(url), url.startswith("https:")
        with self._lock:
            if (proxy, is_tls) not in self._pools:
                tls = _tls() if is_tls else None  # takes tens of milliseconds
                self._pools[proxy, is_tls] = (
                    urllib3.PoolManager(num_pools=4, ssl_context=tls)
                    if proxy is None
                    else urllib3.ProxyManager(proxy, num_pools=4, ssl_context=tls)
                )
            return self._pools[proxy, is_tls]


class _Patience:
    """How long one request with all its retries may still take."""

    def __init__(
        self, clock: Callable[[], float], pause: Callable[[float], None], deadline: float, attempt: float
    ) -> None:
        self._clock = clock
        self.pause = pause
        self._deadline = deadline
        self._attempt = attempt

    def allows(self, pause: float) -> bool:
        """Whether another attempt after this pause would end in time."""
        return self._clock() + pause + self._attempt <= self._deadline


class _Retry(Retry):
    """urllib3's Retry, which counts and reads Retry-After, with an end in time as well."""

    patience: _Patience

    def new(self, **changes: Any) -> "_Retry":
        fresh = super().new(**changes)
        fresh.patience = self.patience
        return fresh

    def increment(self, *args: Any, **given: Any) -> "_Retry":
        fresh = super().increment(*args, **given)
        if not fresh.patience.allows(fresh._wait(given.get("response"))):
            reason = given.get("error") or ResponseError("no time is left for another attempt")
            raise MaxRetryError(given["_pool"], "", reason)
        return fresh

    def sleep(self, response: Any = None) -> None:
        wait = self._wait(response)
        if wait > 0:
            self.patience.pause(wait)

    def _wait(self, response: Any) -> float:
        asked = None if response is None else _retry_after(response)
        return self.get_backoff_time() if asked is None else asked


def _retry_after(response: "BaseHTTPResponse") -> float | None:
    """Seconds from Retry-After, which is a number or a date (RFC 9110, 10.2.3); None where it is neither."""
    text = response.headers.get("Retry-After")
    if text is None:
        return None
    try:
        return float(Retry(0).parse_retry_after(text))
    except (InvalidHeader, ValueError, OverflowError):
        return None


def _fault(error: BaseException) -> str:
    """What went wrong, for people, out of urllib3's nested errors; not their texts, which quote addresses."""
    chain: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in chain:
        chain.append(following)
        following = getattr(following, "reason", None) or following.__cause__ or following.__context__
        following = following if isinstance(following, BaseException) else None
    for kind, meaning in _FAULTS:
        if any(isinstance(link, kind) for link in chain):
            return meaning
    return f"the request failed ({type(chain[-1]).__name__})"


def _host(url: str) -> str:
    parts = urlsplit(url)
    return parts.hostname or "the server"


def _tls() -> ssl.SSLContext:
    """Verification by the system's authorities, and by certifi's where Python was built without any."""
    context = ssl.create_default_context()
    try:
        import certifi

        context.load_verify_locations(certifi.where())
    except (ImportError, OSError):
        pass
    return context


def proxy_for(url: str) -> str | None:
    """The proxy that HTTPS_PROXY and NO_PROXY name, as for the Go client; None for loopback addresses."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if is_loopback(host) or urllib.request.proxy_bypass(host):
        return None
    proxy = urllib.request.getproxies().get(parts.scheme)
    if not proxy:
        return None
    return proxy if "://" in proxy else f"http://{proxy}"
