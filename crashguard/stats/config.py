"""The settings of stats: destination, page for users, and who is logged in."""

import os

from crashguard.exceptions import ConfigurationError

# CloudQuery's own names for them, from cli/internal/analytics of its command line.
URL_VARIABLE = "CQ_RUDDERSTACK_DATA_PLANE_URL"
KEY_VARIABLE = "CQ_RUDDERSTACK_WRITE_KEY"
ANALYTICS_VARIABLE = "CQ_ANALYTICS_HOST"
ECHO_VARIABLE = "CRASHGUARD_ECHO"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SUMMARY = "sync_summary"  # the event that ends each sync
_MOST = 200  # characters of an id, an address, a name
_LOOPBACK = ("localhost", "[::1]")
_DIGITS = frozenset("0123456789")


class Identity:
    """Who is logged in, as `identify()` was called.

    Attributes:
        user_id: The user's id with the vendor, or None.
        team: The team's name, or None.
        email: Only where the tool decided to pass it.
    """

    __slots__ = ("email", "team", "user_id")

    def __init__(self, user_id: str | None, team: str | None, email: str | None) -> None:
        self.user_id = user_id
        self.team = team
        self.email = email


class Settings:
    """The state of stats in this process.

    Attributes:
        url: The data plane, or None.
        write_key: The source's key, or None.
        analytics: HOST:PORT of the service that takes sync summaries, or None.
        page: The address of the page that says what is collected, or None.
        events: The events that the tool declared, by name.
        identity: Whom identifiable stats are about; None where no user is logged in, or one of the
            vendor's staff.
        invocation: (pid, random id) of this process, once something asked for it.
        sends_at_exit: Whether this process sends its records at its end.
    """

    __slots__ = (
        "analytics",
        "events",
        "identity",
        "invocation",
        "page",
        "sends_at_exit",
        "url",
        "write_key",
    )

    def __init__(self) -> None:
        self.url: str | None = None
        self.write_key: str | None = None
        self.analytics: str | None = None
        self.page: str | None = None
        self.events: dict[str, Any] = {}  # the tool's own by name: `own_events.Event`
        self.identity: Identity | None = None
        self.invocation: tuple[int, str] | None = None
        self.sends_at_exit = False


_settings = Settings()  # a process has one: a tool may configure its stats before it calls install()


def current() -> Settings:
    """The settings of this process."""
    return _settings


def configure(
    *,
    url: str | None = None,
    write_key: str | None = None,
    analytics: str | None = None,
    page: str | None = None,
) -> None:
    """Say where this tool's stats go. Without an address and a key nothing is recorded.

    The user's `CQ_RUDDERSTACK_DATA_PLANE_URL`, `CQ_RUDDERSTACK_WRITE_KEY` and, where `analytics` is given,
    `CQ_ANALYTICS_HOST` win over what is said here.

    Args:
        url: The data plane: any server that takes Segment's `POST /v1/batch`. https, or http on a loopback
            address.
        write_key: The source's write key. It lies in plain text beside the waiting records, like the key of a
            DSN.
        analytics: HOST:PORT of CloudQuery's analytics service. It gets the sync summaries over gRPC, in
            the place of the data plane: source, destinations, rows, errors, panics, version and whether the
            sync was completed. TLS, except on a loopback address with a port other than 443. Needs
            `crashguard[grpc]`.
        page: The address of the page that says what is collected; the first-use notice names it.

    Raises:
        ConfigurationError: An address is none, or would show stats to everyone on the way; or grpcio is not
            installed.
    """
    if url is not None and (problem := _problem_with(url)):
        raise ConfigurationError(f"url: {problem}")
    if write_key is not None and (not write_key.isprintable() or ":" in write_key or " " in write_key):
        raise ConfigurationError("write_key: give the key as the server shows it, without blanks and colons")
    if analytics is not None and (problem := _problem_with_service(analytics)):
        raise ConfigurationError(f"analytics: {problem}")
    _settings.url = url
    _settings.analytics = analytics
    _settings.write_key = write_key
    _settings.page = page


def identify(
    user_id: str | None = None,
    *,
    team: str | None = None,
    email: str | None = None,
    internal: bool = False,
) -> None:
    """Say who is logged in, after a login or once an API key was accepted: from now on, stats of both kinds.

    Nothing is written here. Never pass the key or the token itself.

    Args:
        user_id: An id that means something to the vendor only.
        team: The team's name.
        email: Leave it out unless your users were told that it is collected.
        internal: The user is of the vendor's staff: no identifiable stats are recorded.

    Raises:
        ConfigurationError: Neither user nor team, an e-mail address as `user_id`, or no short texts.
    """
    if user_id is None and team is None:
        raise ConfigurationError(
            "identify(): give a user_id, a team or both; forget() says that nobody is logged in"
        )
    for name, value in (("user_id", user_id), ("team", team), ("email", email)):
        if value is not None and (
            not isinstance(value, str) or not value or len(value) > _MOST or not value.isprintable()
        ):
            raise ConfigurationError(f"identify(): {name} must be a short, printable text")
    for name, value in (("user_id", user_id), ("team", team)):
        if value is not None and "@" in value:
            raise ConfigurationError(
                f"identify(): {name} holds an e-mail address; pass it as email=, and only knowingly"
            )
    _settings.identity = None if internal else Identity(user_id, team, email)


def forget() -> None:
    """The user has logged out: from now on anonymous stats only."""
    _settings.identity = None


def destination(event: str = "") -> tuple[str, str] | None:
    """(data plane, write key) of this process's stats, or None where there is none.

    A variable that holds no usable address sends nothing anywhere, as for `CRASHGUARD_DSN`.

    Args:
        event: The name of an event; a sync summary may have a destination of its own, which has no key.
    """
    if event == SUMMARY and _settings.analytics is not None:
        host = os.environ.get(ANALYTICS_VARIABLE) or _settings.analytics
        if _problem_with_service(host):
            return None
        return f"{'grpc' if _is_plain(host) else 'grpcs'}://{host}", ""
    url = os.environ.get(URL_VARIABLE) or _settings.url
    key = os.environ.get(KEY_VARIABLE) or _settings.write_key
    if not url or not key or _problem_with(url) or not key.isprintable():
        return None
    return url.rstrip("/"), key


def hosts() -> tuple[str, ...]:
    """The hosts to which this process's stats go, for people."""
    found = [host_of(to[0]) for to in (destination(), destination(SUMMARY)) if to is not None]
    return tuple(dict.fromkeys(found))


def echoes() -> bool:
    """Whether `CRASHGUARD_ECHO` asks to print records instead of keeping and sending them."""
    return os.environ.get(ECHO_VARIABLE, "") not in ("", "0")


def host_of(url: str) -> str:
    """The host and port of an address, for people."""
    return url.partition("://")[2].partition("/")[0]


def reset() -> None:
    """Drop all settings; for tests."""
    _settings.__init__()  # type: ignore[misc]


def _problem_with(url: object) -> str | None:
    """Written without urllib.parse, whose import costs more than all of this."""
    if not isinstance(url, str):
        return "give the address of a data plane as a text"
    scheme, separator, rest = url.partition("://")
    host = rest.partition("/")[0]
    if scheme not in ("http", "https") or not separator or not host or set(url) & set(" \t\r\n?#"):
        return "give scheme and host, as in https://events.example.com"
    if "@" in host:
        return "the key does not belong into the address; pass it as write_key"
    if scheme == "http" and not _is_loopback(host):
        return "http would show stats to everyone on the way; use https (http is for loopback addresses)"
    return None


def _problem_with_service(host: object) -> str | None:
    name, _, port = host.rpartition(":") if isinstance(host, str) else ("", "", "")
    if not name or not port.isdecimal() or set(name) & set(" \t\r\n?#/@"):
        return "give host and port, as in analytics.example.com:443"
    from importlib.util import find_spec

    if find_spec("grpc") is None:
        return "grpcio is not installed; install crashguard[grpc]"
    return None


def _is_plain(host: str) -> bool:
    """CloudQuery's command line uses TLS with port 443 only; here nothing passes a network without it."""
    return _is_loopback(host) and not host.endswith(":443")


def _is_loopback(host: str) -> bool:
    """Written without ipaddress, for the same reason."""
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    parts = name.split(".")
    return name in _LOOPBACK or (
        len(parts) == 4 and parts[0] == "127" and all(part and set(part) <= _DIGITS for part in parts)
    )
