"""Premium usage: counts the rows that a licensed plugin syncs, and reports them to the vendor. Not telemetry.

    client       UsageClient: settings, threads, lifetime
    meter        the order: count, keep, seal, send, confirm; ledger: where the rows are
    counter      the hot path
    steering     when to send, as the server wants it
    store        batches on disk, and whose they are
    api          the server's requests; wire: the bytes of a request; http: the retries
    credentials  the account that pays: token and team
    licence      offline licences
    quota        stopping a sync
    sync         metered(): round the scheduler of CloudQuery's Python SDK
    loop         a thread
    errors       what callers may catch

Usage does not depend on crash reports, stats or the telemetry level. Of crashguard it imports `plugin`,
`paths`, `files`, `exceptions` and `transport.http`, so that certificates and proxies are set in one place for
every request. No other part of crashguard imports usage.
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
from crashguard.usage.sync import metered

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
    "metered",
    "usage_folder",
]
