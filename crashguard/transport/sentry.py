"""One envelope to one server. Only this module imports sentry_sdk: it makes address and key header of a DSN.

Of sentry-sdk, `Dsn` and what it makes are used and nothing that has a state: no client, hub or transport. So
no `SENTRY_*` variable is read, nothing is added after scrubbing, the host's own sentry-sdk is not changed,
and the bytes that leave are those of the file. A version without these is named in the outcome.

TLS, proxies, bounds and the meaning of an answer are those of `http`. This module reads the server's rate
limits. Source: Sentry's developer documentation, "Rate Limiting" and "Envelopes".
"""

import gzip
from collections.abc import Callable, Mapping

from crashguard._version import __version__
from crashguard.transport import http
from crashguard.transport.http import REJECTED, RETRY, SECONDS, WITHDRAWN, Outcome
from crashguard.transport.limit import WithdrawnError

_AGENT = f"crashguard/{__version__}"


def load() -> None:
    """Import what `send` imports on its way. Never raises: the outcome says what is missing."""
    try:
        import sentry_sdk.utils  # noqa: F401 (that it is loaded is the point)
    except Exception:  # noqa: BLE001, S110 (as in `_address`)
        pass


def send(
    data: bytes, dsn: str, *, seconds: float = SECONDS, still: Callable[[], bool] | None = None
) -> Outcome:
    """Send one envelope and return the outcome. Never raises.

    Args:
        data: The envelope, as it lies in the spool.
        dsn: Its destination.
        seconds: Time limit for connecting and for each read; see `http.request`.
        still: Whether it may still be sent, asked right before its first byte leaves.
    """
    try:
        url, key = _address(dsn)
    except http.NoAnswerError as error:
        return Outcome(RETRY, error.meaning)
    except ValueError:
        return Outcome(REJECTED, "its destination is not a DSN")
    headers = {
        "Content-Encoding": "gzip",
        "Content-Type": "application/x-sentry-envelope",
        "User-Agent": _AGENT,
        "X-Sentry-Auth": key,
    }
    try:
        body = gzip.compress(data, mtime=0)
        answer = http.request("POST", url, headers=headers, body=body, seconds=seconds, still=still)
    except WithdrawnError:
        return Outcome(WITHDRAWN, "it may not be sent any more")
    except http.NoAnswerError as error:
        return Outcome(RETRY, f"network: {error}")
    return http.outcome(answer.status, answer.headers, wait=_rate_limit(answer.headers))


def _address(dsn: str) -> tuple[str, str]:
    """(address for envelopes, header that names the key) of a DSN.

    Raises:
        ValueError: It is not a DSN.
        NoAnswerError: sentry-sdk cannot be used.
    """
    try:
        from sentry_sdk.utils import BadDsn, Dsn
    except Exception as error:  # noqa: BLE001 (a broken installation must not lose the report)
        raise _unusable(error) from None
    try:
        auth = Dsn(dsn).to_auth(_AGENT)
        return auth.get_api_url(), auth.to_header()
    except (BadDsn, ValueError):
        raise ValueError(dsn) from None
    except Exception as error:  # noqa: BLE001 (of a version that is not written yet)
        raise _unusable(error) from None


def _unusable(error: Exception) -> http.NoAnswerError:
    try:
        import importlib.metadata

        version = importlib.metadata.version("sentry-sdk")
    except Exception:  # noqa: BLE001 (whatever is broken there)
        version = "?"
    name = type(error).__name__
    return http.NoAnswerError(name, f"sentry-sdk {version} cannot be used ({name}); install another version")


def _rate_limit(headers: Mapping[str, str]) -> float:
    """Seconds for which the server wants no more errors. It sends rate limits with successes, too."""
    waits = [0.0]
    for limit in headers.get("x-sentry-rate-limits", "").split(","):
        seconds, _, rest = limit.strip().partition(":")
        categories = rest.partition(":")[0].split(";") if rest.partition(":")[0] else []
        if seconds.isdecimal() and (not categories or "error" in categories):
            waits.append(float(seconds))
    return max(waits)
