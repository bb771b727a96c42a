"""Premium usage: rows that a licensed plugin synced, metered for the vendor. Not telemetry.

    client       UsageClient: settings, threads, lifetime
    meter        the order: count, keep, seal, send, confirm; books: where the rows are
    counter      the hot path
    steering     when to send, as the server wants it
    store        batches on disk; disk and owner: writes and locks
    api          the server's requests; wire: what is said; http: the only door to urllib3
    account      whose account it goes to; credentials: token and team
    licence      offline licences
    quota        stopping a sync
    loop         a thread

Must not be known here: crash reports, stats, the telemetry level, sentry_sdk. `import crashguard` does not
lead here.
"""

from crashguard.usage.api import Api, Quota
from crashguard.usage.client import UsageClient, usage_folder
from crashguard.usage.errors import (
    CredentialsError,
    LicenceError,
    NoQuotaError,
    QuotaCheckError,
    UsageClosedError,
    UsageConfigurationError,
    UsageCountError,
    UsageError,
    UsageNotSentError,
    UsageRejectedError,
    UsageServerError,
    UsageUnavailableError,
)
from crashguard.usage.licence import Licence
from crashguard.usage.quota import QuotaWatch
from crashguard.usage.steering import Steering

__all__ = [
    "Api",
    "CredentialsError",
    "Licence",
    "LicenceError",
    "NoQuotaError",
    "Quota",
    "QuotaCheckError",
    "QuotaWatch",
    "Steering",
    "UsageClient",
    "UsageClosedError",
    "UsageConfigurationError",
    "UsageCountError",
    "UsageError",
    "UsageNotSentError",
    "UsageRejectedError",
    "UsageServerError",
    "UsageUnavailableError",
    "usage_folder",
]
