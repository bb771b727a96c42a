"""Whose account usage goes to: a server, the token that a request bears, and the team that pays.

    token   api_key=  >  CLOUDQUERY_API_KEY  >  the refresh token that `cloudquery login` left
    team    team=  >  _CQ_TEAM_NAME  >  the login's configuration, or the one team of an API key

Files and names are those of CloudQuery's own command line (auth/token.go, config/config.go): the refresh
token lies in the XDG data folder as `cloudquery/token`, the team in the XDG configuration folder in
`cloudquery/config.json`. A token is held in an object whose repr does not show it. It is checked before
use, because HTTP libraries quote a header that they cannot send in their error.
"""

import json
import os
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import attrs
import platformdirs

from crashguard import files
from crashguard.usage.api import Api, UsageApi, exchange
from crashguard.usage.errors import CredentialsError, UsageConfigurationError
from crashguard.usage.http import Http, checked_url

MARKETPLACE = "CQ_AWS_MARKETPLACE_CONTAINER"
API_KEY = "CLOUDQUERY_API_KEY"
TEAM = "_CQ_TEAM_NAME"
_EARLY = 60.0  # seconds before it expires that a token is renewed
_HINT = f"run `cloudquery login`, or set {API_KEY}"

LOGIN = "login"
API = "API key"
SYNC_RUN = "sync run key"
TEST_CONNECTION = "test connection key"
_PREFIXES = (("cqsr_", SYNC_RUN), ("cqstc_", TEST_CONNECTION))


class Token:
    """A bearer token whose repr does not show it.

    Attributes:
        value: The token. For the Authorization header only.
        kind: `login`, `API key`, `sync run key` or `test connection key`.

    Raises:
        CredentialsError: It holds what no header can.
    """

    __slots__ = ("kind", "value")

    def __init__(self, value: str, kind: str) -> None:
        if not value or not value.isascii() or not value.isprintable() or " " in value:
            raise CredentialsError(
                f"the {kind} is empty or holds blanks, line ends or other characters no token has: {_HINT}"
            )
        self.value = value
        self.kind = kind

    def __repr__(self) -> str:
        return f"<Token: {self.kind}>"

    def __reduce__(self) -> str:
        raise TypeError("a token is not pickled")


class Credentials:
    """The source of the token. Each request asks it, because the token of a login is valid for an hour.

    Args:
        exchange: Turns a refresh token into the login service's answer.
        api_key: In place of the environment's.
        environ: The environment.
        now: Wall clock, seconds.
    """

    def __init__(
        self,
        exchange: Callable[[str], dict[str, Any]],
        *,
        api_key: str | None = None,
        environ: Mapping[str, str] = os.environ,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._exchange = exchange
        self._key = (api_key if api_key is not None else environ.get(API_KEY, "")).strip()
        self._path = Path(platformdirs.user_data_dir()) / "cloudquery" / "token"
        self._now = now
        self._login: Token | None = None
        self._expires = 0.0
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"<Credentials: {self.kind}>"

    @property
    def kind(self) -> str:
        """Which kind of token there would be: the key's, by its prefix, or a login's."""
        if not self._key:
            return LOGIN
        return next((kind for prefix, kind in _PREFIXES if self._key.startswith(prefix)), API)

    def token(self) -> Token:
        """The token to use now. A login's is renewed a minute before it expires.

        Raises:
            CredentialsError: There is none, or it is not accepted any more.
            UsageUnavailableError: The login service cannot be reached.
        """
        if self._key:
            return Token(self._key, self.kind)
        with self._lock:
            if self._login is None or self._now() > self._expires - _EARLY:
                self._login, self._expires = self._renewed()
            return self._login

    def forget(self) -> None:
        """In a forked child: another thread of the parent may have held the lock."""
        self._lock = threading.Lock()

    def _renewed(self) -> tuple[Token, float]:
        try:
            refresh_token = self._path.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            refresh_token = ""
        except (OSError, ValueError) as error:
            raise CredentialsError(
                f"the login in {self._path} cannot be read ({type(error).__name__}): {_HINT}"
            ) from None
        if not refresh_token:
            raise CredentialsError(f"there is no token: {_HINT}")
        answer = self._exchange(refresh_token)
        try:
            lasts = float(answer["expires_in"])
            token = Token(str(answer["id_token"]), LOGIN)
        except (KeyError, ValueError):
            raise CredentialsError("the login service's answer makes no sense") from None
        self._keep(answer.get("refresh_token"), refresh_token)
        return token, self._now() + lasts

    def _keep(self, new: object, old: str) -> None:
        """Write a new refresh token to the login's file, as CloudQuery does: the old one may be void."""
        if not isinstance(new, str) or not new or new == old:
            return
        try:
            path = os.path.realpath(self._path)
            files.write(path, new.encode(), durable=True)
            files.sync_folder(os.path.dirname(path))
        except OSError as error:
            raise CredentialsError(
                f"the renewed login cannot be kept in {self._path}: {error.strerror}"
            ) from None


@attrs.frozen(repr=False)
class Account:
    """An account on a licensing server.

    Attributes:
        api: The server.
        team: The team that pays.
        name: Server and team, to tell accounts apart on disk.
        forget: In a forked child: drop the parent's locks.
    """

    api: Api
    team: str
    name: str
    forget: Callable[[], None]

    def __repr__(self) -> str:
        return f"<Account {self.name}>"


def open_account(
    url: str, *, login_url: str, team: str | None, api_key: str | None, api: Api | None = None
) -> Account:
    """Find token and team, so that a sync does not begin without.

    Args:
        url: The licensing server.
        login_url: The login service.
        team: In place of the environment's or the login's.
        api_key: The same for the token.
        api: In place of the real server: then no token is needed.

    Raises:
        UsageConfigurationError: A URL makes no sense, or usage is billed elsewhere.
        CredentialsError: There is no token or no team.
        UsageServerError: A server had to be asked for them, and did not say.
    """
    url, login_url = checked_url(url), checked_url(login_url)
    if os.environ.get(MARKETPLACE) == "true":
        raise UsageConfigurationError(
            f"{MARKETPLACE}=true: this client does not meter through AWS Marketplace, and to report "
            "the same usage to the licensing server as well would bill it twice"
        )
    if api is not None:
        return Account(api, team or "", f"{url}/teams/{team or ''}", lambda: None)
    http = Http()
    source = Credentials(lambda token: exchange(http, token, url=login_url), api_key=api_key)
    real = UsageApi(url, http, lambda: source.token().value)
    source.token()
    payer = team or _team(source, real.teams)
    return Account(real, payer, f"{url}/teams/{payer}", source.forget)


def _team(credentials: Credentials, teams: Callable[[], list[str]]) -> str:
    """The customer's team that pays, where the caller names none; `teams` asks whose an API key is."""
    if given := os.environ.get(TEAM):
        return given
    if credentials.kind == LOGIN:
        return _team_of_login()
    if credentials.kind == API:
        found = teams()
        if len(found) == 1:
            return found[0]
        raise CredentialsError(f"the API key belongs to {len(found)} teams, not to one: set {TEAM}")
    raise CredentialsError(f"a {credentials.kind} does not say whose it is: set {TEAM}")


def _team_of_login() -> str:
    path = Path(platformdirs.user_config_dir()) / "cloudquery" / "config.json"
    try:
        name = json.loads(path.read_bytes()).get("team")
    except FileNotFoundError:
        name = None
    except (OSError, ValueError, AttributeError, RecursionError) as error:
        raise CredentialsError(f"the team cannot be read from {path} ({type(error).__name__})") from None
    if not isinstance(name, str) or not name:
        raise CredentialsError(f"no team is chosen: run `cloudquery switch TEAM`, or set {TEAM}")
    return name
