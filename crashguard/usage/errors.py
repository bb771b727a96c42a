"""The errors of premium usage, for callers to catch.

    UsageError (CrashguardError)
    ├── UsageConfigurationError (ConfigurationError)   an argument makes no sense
    ├── CredentialsError                               no token, a token that cannot be used, or no team
    ├── UsageCountError (ValueError)                   rows that are not a number above zero, or mixed methods
    ├── UsageClosedError                               counted after close()
    ├── UsageServerError                               the licensing server gave an error, or no answer
    │   ├── UsageUnavailableError                      network, 429, 5xx: worth another try
    │   └── UsageRejectedError                         401, 403, 404, 422 ...: something has to be changed
    ├── UsageNotSentError                              flush() or close() left rows unsent; says where
    ├── NoQuotaError                                   the usage limit is reached
    ├── QuotaCheckError                                the quota is not known
    └── LicenceError                                   an offline licence that does not hold

No message and no attribute ever holds a token.
"""

from crashguard.exceptions import ConfigurationError, CrashguardError


class UsageError(CrashguardError):
    """Base of every error that `crashguard.usage` raises on purpose."""


class UsageConfigurationError(UsageError, ConfigurationError):
    """An argument makes no sense; the message says which, and what to write instead."""


class CredentialsError(UsageError):
    """No token, a token that cannot be used, or no team; the message says where each may come from."""


class UsageCountError(UsageError, ValueError):
    """Rows that are not a whole number above zero, a table without a name, or both ways of counting mixed."""


class UsageClosedError(UsageError):
    """Rows were counted after `close()`; these rows are not counted."""


class UsageServerError(UsageError):
    """An answer of the licensing server that is no success, or none at all.

    Attributes:
        status: The HTTP status, None where there was no answer.
        retry_after: Seconds until the next request, None if the server names none.
    """

    def __init__(self, message: str, *, status: int | None = None, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after


class UsageUnavailableError(UsageServerError):
    """The server could not be reached, was busy or broken (429, 5xx): the same request may succeed later."""


class UsageRejectedError(UsageServerError):
    """The server refused (4xx): the same request succeeds only once somebody changed something."""


class UsageNotSentError(UsageError):
    """Rows are left unsent; the reason is the `__cause__`.

    Attributes:
        rows: How many rows are unsent.
        kept: Whether they are durably on disk, so that the next run sends them.
        status: The HTTP status of the last attempt, None where there was no answer.
    """

    def __init__(self, message: str, *, rows: int, kept: bool, status: int | None) -> None:
        super().__init__(message)
        self.rows = rows
        self.kept = kept
        self.status = status


class NoQuotaError(UsageError):
    """The team has no rows left for this plugin: the sync has to stop."""


class QuotaCheckError(UsageError):
    """Whether there is quota could not be found out: without an answer the sync has to stop."""


class LicenceError(UsageError):
    """An offline licence that does not hold: not readable, wrongly signed, or not within its dates."""
