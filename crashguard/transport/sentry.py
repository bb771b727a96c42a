"""One envelope to one server, through sentry-sdk's transport. No other module imports sentry_sdk.

It makes a private client with every option set: no `SENTRY_*` variable is read, no integration is set up and
no event is prepared, so that nothing is added after scrubbing. The host's own sentry-sdk is not changed.

TLS, proxies and the meaning of an answer are those of `http`. This module reads the server's rate limits.
Source: Sentry's developer documentation, "Rate Limiting" and "Envelopes".
"""

import threading
from typing import Any

from crashguard.transport import http
from crashguard.transport.http import REJECTED, RETRY, SECONDS, Outcome


def send(data: bytes, dsn: str, *, seconds: float = SECONDS) -> Outcome:
    """Send one envelope and return the outcome. Never raises.

    Args:
        data: The envelope, as it lies in the spool.
        dsn: Its destination.
        seconds: Time limit for connecting and for each read. The whole attempt may take twice as long, which
            bounds a server that answers a byte at a time.
    """
    outcomes: list[Outcome] = []
    # An event in place of join(): a thread in which sentry-sdk imports eventlet ends and cannot be joined.
    done = threading.Event()

    def work() -> None:
        outcomes.append(_send(data, dsn, seconds))
        done.set()

    try:
        threading.Thread(target=work, name="crashguard-send", daemon=True).start()
    except RuntimeError:  # the interpreter ends and starts no more threads
        return _send(data, dsn, seconds)
    done.wait(2 * seconds)
    return outcomes[0] if outcomes else Outcome(RETRY, f"network: no answer in {2 * seconds:.0f} s")


def _send(data: bytes, dsn: str, seconds: float) -> Outcome:
    try:
        import sentry_sdk
        from sentry_sdk.envelope import Envelope
        from sentry_sdk.utils import BadDsn
    except Exception as error:  # noqa: BLE001 (a broken installation must not lose the report)
        return Outcome(RETRY, f"sentry-sdk cannot be imported: {type(error).__name__}")
    try:
        client = sentry_sdk.Client(
            dsn=dsn,
            transport=_transport_class(),
            release="",
            environment="",
            server_name="",
            debug=False,
            spotlight=False,
            default_integrations=False,
            auto_enabling_integrations=False,
            auto_session_tracking=False,
            enable_backpressure_handling=False,
            enable_logs=False,
            send_client_reports=False,
            traces_sample_rate=None,
            shutdown_timeout=0,
        )
    except BadDsn:
        return Outcome(REJECTED, "its destination is not a DSN")
    except Exception as error:  # noqa: BLE001 (whatever a proxy setting or a certificate file can break)
        return Outcome(RETRY, f"no client for this destination: {type(error).__name__}")
    transport: Any = client.transport
    try:
        transport._pool = http.pool(dsn, seconds)
        transport._send_envelope(Envelope.deserialize(data))
    except Exception as error:  # noqa: BLE001 (urllib3's errors, and those below it)
        return Outcome(RETRY, f"network: {type(error).__name__}")
    finally:
        transport.kill()
    wait = _rate_limit(transport.headers)
    return http.outcome(transport.status, transport.headers, wait=wait)


def _rate_limit(headers: dict[str, str]) -> float:
    """Seconds for which the server wants no more errors. It sends rate limits with successes, too."""
    waits = [0.0]
    for limit in headers.get("x-sentry-rate-limits", "").split(","):
        seconds, _, rest = limit.strip().partition(":")
        categories = rest.partition(":")[0].split(";") if rest.partition(":")[0] else []
        if seconds.isdecimal() and (not categories or "error" in categories):
            waits.append(float(seconds))
    return max(waits)


class _Answered:
    """The answer that sentry-sdk gets: a success. On an error it would log, which prints on stderr."""

    status = 200
    data = b""

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}

    def close(self) -> None:
        pass


_classes: list[type] = []
_classes_lock = threading.Lock()


def _transport_class() -> type:
    """A subclass of sentry-sdk's HTTP transport that keeps the answer; made late: its import takes 100 ms."""
    with _classes_lock:
        if not _classes:
            from sentry_sdk.transport import HttpTransport

            class _OneShot(HttpTransport):
                def __init__(self, options: Any) -> None:
                    super().__init__(options)
                    self.status = 0
                    self.headers: dict[str, str] = {}

                def _request(self, *args: Any, **kwargs: Any) -> Any:
                    response = super()._request(*args, **kwargs)
                    self.status = response.status
                    self.headers = http.lower(response.headers)
                    response.close()
                    return _Answered()

            _classes.append(_OneShot)
        return _classes[0]
