"""The licensing server's four requests, and what a person can do about its refusals.

    POST /teams/{team}/usage                              rows that were used
    GET  /teams/{team}/usage/{team}/{kind}/{name}         how many rows are left
    GET  /teams                                           whose API key it is
    POST {login}/v1/token                                 a short-lived token for a login

Source: the API description and its Go client (premium/usage.go, auth/token.go).
"""

import json
from collections.abc import Callable
from typing import Any, Protocol
from urllib.parse import quote, urlencode

import attrs

from crashguard.transport.http import Answer
from crashguard.usage import steering
from crashguard.usage.errors import (
    CredentialsError,
    UsageRejectedError,
    UsageServerError,
    UsageUnavailableError,
)
from crashguard.usage.http import RETRIED, Http
from crashguard.usage.wire import Batch, Meta

URL = "https://api.cloudquery.io"
LOGIN_URL = "https://securetoken.googleapis.com"
# Names CloudQuery's project to the login service, in every copy of its command line (auth/token.go). It is
# an address, not a secret: it grants nothing without a refresh token.
LOGIN_KEY = "AIzaSyCxsrwjABEF-dWLzUqmwiL-ct02cnG9GCs"

_MEANINGS = {
    401: "the token is not accepted: log in again, or set CLOUDQUERY_API_KEY to a key that is valid",
    403: "the token is valid, but not for this and team {team}: use a token of that team, or another team",
    404: "there is no team {team}, or it has no such plugin: check both names",
    422: "the server does not take the content",
}


@attrs.frozen
class Quota:
    """What the server says is left.

    Attributes:
        remaining_rows: Rows that may still be used; None means without limit.
        interval: Seconds until the next check, None if the server names none.
    """

    remaining_rows: int | None = None
    interval: float | None = None

    @property
    def is_left(self) -> bool:
        """Whether anything may still be used."""
        return self.remaining_rows is None or self.remaining_rows > 0


class Api(Protocol):
    """What the client needs of a licensing server; `UsageApi` is the real one."""

    def increase(self, team: str, batch: Batch, *, seconds: float) -> Answer:
        """Report a batch. Returns for a 2xx answer, raises UsageServerError for any other."""

    def quota(self, team: str, meta: Meta) -> Quota:
        """Ask what is left; raises UsageServerError."""


class UsageApi:
    """The licensing server, over HTTP.

    Args:
        url: Its base address.
        http: How requests are sent.
        token: Called for each request, so that a token may expire.
    """

    def __init__(self, url: str, http: Http, token: Callable[[], str]) -> None:
        self._url = url
        self._http = http
        self._token = token

    def increase(self, team: str, batch: Batch, *, seconds: float) -> Answer:
        """Report a batch. Leaves the machine: the batch and the token.

        Raises:
            UsageUnavailableError: No answer, 429 or 5xx, after all retries.
            UsageRejectedError: Any other answer that is no success.
            CredentialsError: There is no token any more.
        """
        headers = {**self._headers(), "Content-Type": "application/json"}
        url = f"{self._url}/teams/{_part(team)}/usage"
        answer = self._http.send("POST", url, headers=headers, body=batch.encoded(), seconds=seconds)
        return _success(answer, team)

    def quota(self, team: str, meta: Meta) -> Quota:
        """Ask what is left. Leaves the machine: team, plugin and the token.

        Raises:
            UsageServerError: As increase(), or the answer makes no sense.
            CredentialsError: There is no token any more.
        """
        path = "/".join(_part(name) for name in (team, "usage", meta.team, meta.kind, meta.name))
        answer = _success(self._http.send("GET", f"{self._url}/teams/{path}", headers=self._headers()), team)
        left = _object(answer).get("remaining_rows")
        if left is not None and type(left) is not int:
            raise UsageUnavailableError(
                "the licensing server's answer on the quota makes no sense", status=answer.status
            )
        return Quota(left, steering.positive(answer.headers, steering.QUERY_INTERVAL))

    def teams(self) -> list[str]:
        """The teams that the token belongs to. Leaves the machine: the token.

        Raises:
            UsageServerError: As increase().
        """
        answer = _success(self._http.send("GET", f"{self._url}/teams", headers=self._headers()), "")
        items = _object(answer).get("items")
        found = (
            [item.get("name") for item in items if isinstance(item, dict)] if isinstance(items, list) else []
        )
        return [name for name in found if isinstance(name, str)]

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token()}", "Accept": "application/json"}


def exchange(http: Http, refresh_token: str, *, url: str = LOGIN_URL, key: str = LOGIN_KEY) -> dict[str, Any]:
    """A login's refresh token for a token that is valid an hour. Leaves the machine: the refresh token.

    Returns:
        The service's answer: `id_token`, `expires_in` (seconds, as text), `refresh_token`.

    Raises:
        UsageUnavailableError: The service cannot be reached or is busy.
        CredentialsError: It refused; the login has expired or was withdrawn.
    """
    body = urlencode({"grant_type": "refresh_token", "refresh_token": refresh_token}).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = http.send("POST", f"{url}/v1/token?key={quote(key)}", headers=headers, body=body)
    if answer.status in RETRIED:
        raise UsageUnavailableError(f"the login service answered {answer.status}", status=answer.status)
    if not answer.is_success:
        raise CredentialsError(
            f"the login has expired or was withdrawn (the login service answered {answer.status}): "
            "run `cloudquery login`, or set CLOUDQUERY_API_KEY"
        )
    return _object(answer)


def _success(answer: Answer, team: str) -> Answer:
    if answer.is_success:
        return answer
    raise _refusal(answer, team)


def _refusal(answer: Answer, team: str) -> UsageServerError:
    status = answer.status
    if status in RETRIED or status >= 500 or status == 408:
        wait = answer.retry_after
        asked = "" if wait is None else f", and asks to be left alone for {wait:.0f} seconds"
        text = f"the licensing server is busy or broken: it answered {status}{asked}"
        return UsageUnavailableError(text, status=status, retry_after=wait)
    meaning = _MEANINGS.get(status, "which its API does not know").format(
        team=repr(team) if team else "of that name"
    )
    said = _said(answer)
    return UsageRejectedError(
        f"the licensing server answered {status}: {meaning}{said}",
        status=status,
        retry_after=answer.retry_after,
    )


def _said(answer: Answer) -> str:
    """The `message` of a refusal, if it has a short printable one."""
    try:
        message = _object(answer).get("message")
    except UsageUnavailableError:
        return ""
    if not isinstance(message, str) or not message or not message.isprintable():
        return ""
    return f" (it says: {message[:200]})"


def _object(answer: Answer) -> dict[str, Any]:
    try:
        content = json.loads(answer.body)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise UsageUnavailableError("the licensing server's answer makes no sense", status=answer.status)
    return content


def _part(name: str) -> str:
    return quote(name, safe="")
