"""The errors that crashguard raises on purpose, factored out so that every floor may use them.

    CrashguardError
    ├── ConfigurationError (ValueError)     what install(), guard() or Plugin() was told makes no sense
    │   ├── TelemetryLevelError             a telemetry level that is none of the four
    │   └── DSNError                        a DSN that names no server
    └── SpoolError                          the folder of reports cannot be used; only readers see it

A crash hook never raises any of these: what goes wrong while a process dies is counted, not shown.
"""


class CrashguardError(Exception):
    """Base of every error that crashguard raises on purpose."""


class ConfigurationError(CrashguardError, ValueError):
    """Something crashguard was told makes no sense; the message says what, and what to write instead."""


class TelemetryLevelError(ConfigurationError):
    """A telemetry level that is none of the four; the message names the source and the choices."""


class DSNError(ConfigurationError):
    """A DSN that names no server; the message shows it without its key."""


class SpoolError(CrashguardError):
    """The folder of reports cannot be read or written; the message names the folder and the reason."""
