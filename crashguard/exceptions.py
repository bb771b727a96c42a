"""The errors that crashguard raises on purpose, in one file that every room may import.

    CrashguardError
    ├── ConfigurationError (ValueError)     an argument of install(), guard() or Plugin() is not valid
    │   ├── TelemetryLevelError             a telemetry level is not one of the four
    │   └── DSNError                        a DSN does not name a server
    └── SpoolError                          the spool cannot be read or written; only its readers raise it

A crash hook raises none of these errors.
"""


class CrashguardError(Exception):
    """Base of every error that crashguard raises on purpose."""


class ConfigurationError(CrashguardError, ValueError):
    """A setting is not valid; the message names the setting and says what to write instead."""


class TelemetryLevelError(ConfigurationError):
    """A telemetry level is not one of the four; the message names its source and the choices."""


class DSNError(ConfigurationError):
    """A DSN does not name a server; the message shows the DSN without its key."""


class SpoolError(CrashguardError):
    """The spool cannot be read or written; the message names the folder and the reason."""
