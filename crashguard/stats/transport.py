"""One request to one data plane: the only door to urllib3 in stats.

`POST {data plane}/v1/batch`, JSON, gzip, Basic authorization with the write key as the user: Segment's HTTP
tracking API, which RudderStack and others take as well. No cookies, no redirects, a connection of its own
for each request, TLS verified.

Outcomes are those of crash reports: sent, rejected (4xx but 408 and 429), retry.

Must live here: HTTP. Must not be known here: records, files, the telemetry level.
"""

import base64
import email.utils
import gzip
import ssl
import time
import urllib.request
from collections.abc import Mapping

import urllib3

from crashguard import __version__
from crashguard.transport.sentry import REJECTED, RETRY, SENT, Outcome

SECONDS = 15.0  # for connecting and for each answer

_PATH = "/v1/batch"
_NOT_FINAL = (408, 429)
_MOST_WAIT = 24 * 3600.0
_USUAL_WAIT = 60.0  # after a 429 that does not say


def send(body: bytes, url: str, key: str, *, seconds: float = SECONDS) -> Outcome:
    """Send one batch and say what became of it. Never raises.

    Args:
        body: The request's body, not compressed.
        url: The data plane.
        key: The write key.
        seconds: Time limit for connecting and for each read.
    """
    headers = {
        "Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode("ascii"),
        "Content-Encoding": "gzip",
        "Content-Type": "application/json",
        "User-Agent": f"crashguard/{__version__}",
    }
    try:
        with _pool(url) as pool:
            response = pool.request(
                "POST",
                url + _PATH,
                body=gzip.compress(body, mtime=0),
                headers=headers,
                timeout=urllib3.Timeout(connect=seconds, read=seconds),
                retries=False,
                redirect=False,
                preload_content=False,
            )
            status, answered = response.status, {k.lower(): v for k, v in response.headers.items()}
            response.close()
    except Exception as error:  # noqa: BLE001 (urllib3's errors, and those below it)
        return Outcome(RETRY, f"network: {type(error).__name__}")
    return outcome(status, answered)


def outcome(status: int, headers: Mapping[str, str]) -> Outcome:
    """What a status means, and how long the server wants nothing more.

    Args:
        status: The HTTP status.
        headers: Names in lower case.
    """
    wait = 0.0
    if status in (429, 503):
        wait = _retry_after(headers.get("retry-after", ""), status)
    if 200 <= status < 300:
        return Outcome(SENT, str(status), wait)
    if 400 <= status < 500 and status not in _NOT_FINAL:
        return Outcome(REJECTED, str(status), wait)
    return Outcome(RETRY, str(status), wait)


def _retry_after(text: str, status: int) -> float:
    """Seconds: `Retry-After` is a number or a date (RFC 9110, 10.2.3)."""
    if text.isascii() and text.isdigit():
        return min(float(text), _MOST_WAIT)
    if text:
        try:
            asked = email.utils.parsedate_to_datetime(text).timestamp() - time.time()
        except (TypeError, ValueError):
            return _USUAL_WAIT
        return min(max(0.0, asked), _MOST_WAIT)
    return _USUAL_WAIT if status == 429 else 0.0


def _pool(url: str) -> urllib3.PoolManager:
    scheme, _, rest = url.partition("://")
    host = rest.partition("/")[0]
    tls = _tls() if scheme == "https" else None
    # http is for loopback addresses only, and those never go through a proxy
    proxy = (
        None
        if scheme == "http" or urllib.request.proxy_bypass(host)
        else urllib.request.getproxies().get(scheme)
    )
    if not proxy:
        return urllib3.PoolManager(ssl_context=tls)
    return urllib3.ProxyManager(proxy if "://" in proxy else f"http://{proxy}", ssl_context=tls)


def _tls() -> ssl.SSLContext:
    """The system's authorities, and certifi's where Python was built without any."""
    context = ssl.create_default_context()
    try:
        import certifi

        context.load_verify_locations(certifi.where())
    except (ImportError, OSError):
        pass
    return context
