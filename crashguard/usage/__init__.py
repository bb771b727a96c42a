"""Premium usage: rows that a licensed plugin synced, metered for the vendor. Not telemetry.

    client       UsageClient: settings, threads, lifetime
    meter        the order: count, keep, seal, send, confirm; ledger: where the rows are
    counter      the hot path
    steering     when to send, as the server wants it
    store        batches on disk, and whose they are
    api          the server's requests; wire: what is said; http: how often it is tried
    credentials  whose account it goes to: token and team
    licence      offline licences
    quota        stopping a sync
    loop         a thread

Usage knows nothing of crash reports, stats and the telemetry level. Of crashguard it imports what a plugin
is, where files lie and how they are written, the base of all errors, and `transport.http`: certificates and
proxies are set once for all that leaves a machine. Nothing else of crashguard imports usage.
"""

from crashguard.transport.http import Answer
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
    "Answer",
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
