"""Whose account usage goes to: a server, the team that pays, and the right to say so."""

import os
from collections.abc import Callable

import attrs

from crashguard.usage import credentials
from crashguard.usage.api import LOGIN_KEY, Api, UsageApi, exchange
from crashguard.usage.errors import UsageConfigurationError
from crashguard.usage.http import Http, checked_url

MARKETPLACE = "CQ_AWS_MARKETPLACE_CONTAINER"


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
    source = credentials.Credentials(
        lambda token: exchange(http, token, url=login_url, key=LOGIN_KEY), api_key=api_key
    )
    real = UsageApi(url, http, source.token)
    source.token()
    payer = credentials.team(source, real.teams, given=team)
    return Account(real, payer, f"{url}/teams/{payer}", source.forget)
