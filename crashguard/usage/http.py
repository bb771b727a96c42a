"""Requests with retries: `transport.http` sends a request once, this file repeats it if needed.

One request is tried again up to five times after 429, 500, 502, 503, 504 and faults of the network, with
the pauses that `Retry-After` or an exponential backoff ask for, and never for longer than a given number
of seconds in all: an attempt that could end after them is not begun.

Redirects are not followed: the token is for one server. Error messages name the server and the kind of fault,
never a header or a body.
"""

import ssl
import time
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from crashguard.transport import http
from crashguard.transport.http import Answer
from crashguard.usage.errors import UsageConfigurationError, UsageUnavailableError

RETRIES = 5  # after the first attempt
SECONDS = 60.0  # for a request with all its retries
_ATTEMPT = 10.0  # seconds to connect, and for each read, of one attempt
_BACKOFF = 1.0  # seconds: the pauses are 0, 2, 4, 8, 16
RETRIED = frozenset({429, 500, 502, 503, 504})


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
    if parts.scheme != "https" and not (parts.scheme == "http" and http.is_loopback(parts.hostname)):
        raise UsageConfigurationError(
            f"url: {parts.scheme}://{parts.hostname} would show the token to everyone on the way: use https "
            "(http is for loopback addresses only)"
        )
    return url.rstrip("/")


class Http:
    """Requests that are retried. Safe to use from many threads, and in a forked child.

    Args:
        clock: Seconds that never run backwards.
        pause: Waits that many seconds.
    """

    def __init__(
        self, *, clock: Callable[[], float] = time.monotonic, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._clock = clock
        self._pause = pause
        self._trust: ssl.SSLContext | None = None

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
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
        host = urlsplit(url).hostname
        if self._trust is None and url.startswith("https:"):
            try:
                self._trust = http.tls()
            except OSError as error:
                text = f"{host}: a certificate that the environment names cannot be read ({error.strerror})"
                raise UsageUnavailableError(text) from None
        attempt = max(0.1, min(_ATTEMPT, seconds))
        deadline = self._clock() + seconds
        retries = 0
        while True:
            answer, asked = None, None
            try:
                answer = http.request(
                    method, url, headers=headers, body=body, seconds=attempt, trust=self._trust
                )
                if answer.status not in RETRIED:
                    return answer
                asked = answer.retry_after
            except http.NoAnswerError as error:
                meaning = error.meaning
            pause = asked if asked is not None else _BACKOFF * 2**retries if retries else 0.0
            if retries == RETRIES or self._clock() + pause + attempt > deadline:
                if answer is None:
                    raise UsageUnavailableError(f"{host}: {meaning}")
                return answer
            if pause > 0:
                self._pause(pause)
            retries += 1
