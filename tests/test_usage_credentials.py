"""Who pays: where the token and the team come from, and offline licences, which take the place of both."""

import base64
import json
import os
import pickle
import stat
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crashguard.plugin import Plugin
from crashguard.usage import (
    CredentialsError,
    LicenceError,
    Quota,
    UsageClient,
    UsageClosedError,
    UsageConfigurationError,
    UsageCountError,
    UsageUnavailableError,
    http,
)
from crashguard.usage.credentials import Credentials, Token
from crashguard.usage.licence import valid_licence
from tests.usage_server import TEAM, TOKEN, UsageServer

PLUGIN = Plugin("acme", "source", "orders", "1.2.3")
REFRESH = "refresh-token-of-the-tests-0123456789"
_DEFAULTS = dict(http.Http.__init__.__kwdefaults__ or {})
Make = Callable[..., UsageClient]


@pytest.fixture
def server() -> Iterator[UsageServer]:
    with UsageServer() as server:
        yield server


@pytest.fixture
def make(server: UsageServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    for name in ("CLOUDQUERY_API_KEY", "_CQ_TEAM_NAME", "_CQ_INSTALLATION_ID"):
        monkeypatch.delenv(name, raising=False)
    made: list[UsageClient] = []

    def make(**settings: Any) -> UsageClient:
        given = {"url": server.url, "login_url": server.url, "folder": tmp_path / "usage"}
        made.append(UsageClient(PLUGIN, **{**given, **settings}))
        return made[-1]

    yield make
    for client in made:
        client.close(send=False)


def log_in(home: Path, team: str | None = TEAM) -> Path:
    """What `cloudquery login` leaves."""
    token = home / ".local/share/cloudquery/token"
    token.parent.mkdir(parents=True)
    token.write_text(REFRESH + "\n")
    config = home / ".config/cloudquery/config.json"
    config.parent.mkdir(parents=True)
    config.write_text(json.dumps({"team": team, "team_internal": "false"} if team else {}))
    return token


# Token


def test_without_a_token_a_sync_does_not_begin(make: Make, server: UsageServer) -> None:
    """The error says how to get one, and nobody is contacted."""
    with pytest.raises(CredentialsError, match="cloudquery login.*CLOUDQUERY_API_KEY"):
        make()

    assert [] == server.seen


def test_the_environments_key_goes_before_the_login(
    make: Make, server: UsageServer, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in CloudQuery's own command line; blanks around it do not matter."""
    log_in(home)
    monkeypatch.setenv("CLOUDQUERY_API_KEY", f" {TOKEN}\n")
    monkeypatch.setenv("_CQ_TEAM_NAME", TEAM)
    with make() as usage:
        usage.increase(1)

    assert 1 == server.rows
    assert {f"/teams/{TEAM}/usage"} == {seen.path for seen in server.seen}


def test_a_login_is_exchanged_once_and_used(make: Make, server: UsageServer, home: Path) -> None:
    """The refresh token goes to the login service only, and what it gives is used until it expires."""
    log_in(home)
    server.tokens = {"short-lived"}
    server.login[REFRESH] = {"id_token": "short-lived", "expires_in": "3600", "refresh_token": REFRESH}
    with make() as usage:
        usage.increase(1)
        usage.flush()
        usage.increase(1)

    assert 2 == server.rows
    assert ["/v1/token", f"/teams/{TEAM}/usage", f"/teams/{TEAM}/usage"] == [
        seen.path.partition("?")[0] for seen in server.seen
    ]
    assert REFRESH not in str([seen.headers for seen in server.seen])


def test_a_replaced_refresh_token_is_kept(make: Make, server: UsageServer, home: Path) -> None:
    """The old one may be void: without it the user would have to log in again."""
    path = log_in(home)
    server.login[REFRESH] = {"id_token": TOKEN, "expires_in": "3600", "refresh_token": "the-next"}
    make()

    assert "the-next" == path.read_text()
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)


def test_a_login_is_renewed_a_minute_before_it_expires(home: Path) -> None:
    """A request never bears a token that expires on its way."""
    log_in(home)
    now = [0.0]
    exchanged: list[str] = []

    def exchange(refresh_token: str) -> dict[str, Any]:
        exchanged.append(refresh_token)
        return {"id_token": f"token-{len(exchanged)}", "expires_in": "3600"}

    credentials = Credentials(exchange, environ={}, now=lambda: now[0])
    tokens = []
    for moment in (0, 3539, 3541, 7000):
        now[0] = moment
        tokens.append(credentials.token().value)

    assert ["token-1", "token-1", "token-2", "token-2"] == tokens


def test_a_login_that_was_withdrawn_is_told_as_such(make: Make, home: Path) -> None:
    """The login service refuses: log in again."""
    log_in(home)
    with pytest.raises(CredentialsError, match=r"expired or was withdrawn.*cloudquery login") as raised:
        make()

    assert REFRESH not in str(raised.value)


@pytest.mark.parametrize("answer", [{}, {"id_token": "x"}, {"id_token": "a\nb", "expires_in": "1"}])
def test_a_login_service_that_talks_nonsense_gives_no_token(
    make: Make, server: UsageServer, home: Path, answer: dict[str, str]
) -> None:
    """Nor does a sync begin with half of one."""
    log_in(home)
    server.login[REFRESH] = answer
    with pytest.raises(CredentialsError):
        make()


@pytest.mark.parametrize("value", ["", "a b", "a\r\nX-Injected: 1", "t\u00f6ken", "a\x00"])
def test_a_token_that_no_header_can_hold_is_refused_without_showing_it(value: str) -> None:
    """HTTP libraries quote a header that they cannot send, in an error that may be logged."""
    with pytest.raises(CredentialsError) as raised:
        Token(value, "API key")

    assert not value or value not in str(raised.value)


def test_a_token_shows_itself_to_nobody() -> None:
    """Not in repr, str or format, and it is not pickled."""
    token = Token(TOKEN, "API key")
    credentials = Credentials(lambda _: {}, api_key=TOKEN)

    assert TOKEN not in f"{token} {token!r} {credentials} {credentials!r} {[token]}"
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(token)


# Team


@pytest.mark.parametrize(
    ("key", "kind"),
    [("cqsr_1", "sync run key"), ("cqstc_1", "test connection key"), ("cq_1", "API key"), ("", "login")],
)
def test_the_kind_of_a_token_is_told_by_its_prefix(key: str, kind: str) -> None:
    """It decides where the team comes from."""
    assert kind == Credentials(lambda _: {}, environ={"CLOUDQUERY_API_KEY": key}).kind


def test_an_api_keys_only_team_is_asked_for(make: Make, server: UsageServer) -> None:
    """GET /teams; more than one is no answer."""
    assert TEAM == make(api_key=TOKEN).team
    server.teams.append("another")
    with pytest.raises(CredentialsError, match="belongs to 2 teams.*_CQ_TEAM_NAME"):
        make(api_key=TOKEN)
    assert {"/teams"} == {seen.path for seen in server.seen}


def test_a_team_that_is_given_goes_before_the_environments(
    make: Make, server: UsageServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And neither asks the server."""
    monkeypatch.setenv("_CQ_TEAM_NAME", "from-the-environment")

    assert "given" == make(api_key=TOKEN, team="given").team
    assert "from-the-environment" == make(api_key=TOKEN).team
    assert [] == server.seen


def test_a_sync_run_key_needs_the_environments_team(make: Make) -> None:
    """It does not say whose it is."""
    with pytest.raises(CredentialsError, match="_CQ_TEAM_NAME"):
        make(api_key="cqsr_0123456789")


def test_a_login_without_a_team_says_how_to_choose_one(make: Make, server: UsageServer, home: Path) -> None:
    """`cloudquery switch`."""
    log_in(home, team=None)
    server.login[REFRESH] = {"id_token": TOKEN, "expires_in": "3600"}
    with pytest.raises(CredentialsError, match="cloudquery switch"):
        make()


def test_a_team_is_a_part_of_a_path_and_no_more(make: Make, server: UsageServer) -> None:
    """A name with slashes does not reach another address."""
    usage = make(api_key=TOKEN, team="../user?x=")
    usage.increase(1)
    with pytest.raises(Exception, match="404"):
        usage.flush()

    assert "/teams/..%2Fuser%3Fx%3D/usage" == server.seen[-1].path


def test_a_server_that_cannot_be_asked_is_told_as_such(
    make: Make, server: UsageServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No team is guessed."""
    monkeypatch.setattr(http.Http.__init__, "__kwdefaults__", {**_DEFAULTS, "pause": lambda _: None})
    server.close()
    with pytest.raises(UsageUnavailableError, match=r"127\.0\.0\.1"):
        make(api_key=TOKEN)


def test_aws_marketplace_is_refused(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """There usage is billed by AWS; reporting it here as well would bill it twice."""
    monkeypatch.setenv("CQ_AWS_MARKETPLACE_CONTAINER", "true")
    with pytest.raises(UsageConfigurationError, match="twice"):
        make(api_key=TOKEN, team=TEAM)


# Offline licences


class Issuer:
    """A vendor who signs licences."""

    def __init__(self) -> None:
        ed25519 = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.ed25519")
        self._key = ed25519.Ed25519PrivateKey.generate()
        self.key = self._key.public_key().public_bytes_raw().hex()

    def issue(self, path: Path, now: datetime | None = None, **changes: Any) -> Path:
        now = now or datetime.now(UTC)
        fields = {
            "licensed_to": "Acme Inc",
            "plugins": ["acme/source/orders"],
            "issued_at": (now - timedelta(days=1)).isoformat(),
            "valid_from": (now - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%S.123456789Z"),
            "expires_at": (now + timedelta(days=300)).isoformat(),
            **changes,
        }
        content = json.dumps({name: value for name, value in fields.items() if value is not None}).encode()
        signature = self._key.sign(content).hex()
        path.write_text(json.dumps({"license": base64.b64encode(content).decode(), "signature": signature}))
        return path


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return Issuer()


def test_a_valid_licence_switches_reporting_off(
    make: Make, server: UsageServer, issuer: Issuer, tmp_path: Path
) -> None:
    """No token is needed, nothing is counted up, kept, sent or asked; calls are checked as ever."""
    licence = issuer.issue(tmp_path / "acme.cqlicense")
    with make(licence=licence, licence_key=issuer.key) as usage:
        for _ in range(1000):
            usage.increase_for_table("orders", 10)
        assert not usage.is_reporting
        assert usage.licence is not None
        assert "Acme Inc" == usage.licence.licensed_to
        assert Quota() == usage.check_quota()
        with usage.watch_quota(interval=0.001) as watch:
            assert None is watch.reason
        assert usage.checkpoint()
        usage.flush()
        with pytest.raises(UsageCountError):
            usage.increase_for_table("orders", 0)
    with pytest.raises(UsageClosedError):
        usage.increase_for_table("orders", 1)

    assert [] == server.seen
    assert not (tmp_path / "usage").exists()


def test_a_licence_for_other_plugins_changes_nothing(
    make: Make, server: UsageServer, issuer: Issuer, tmp_path: Path
) -> None:
    """Usage is reported, as without one."""
    licence = issuer.issue(tmp_path / "other.cqlicense", plugins=["acme/source/customers", "other/*"])
    with make(licence=licence, licence_key=issuer.key, api_key=TOKEN, team=TEAM) as usage:
        usage.increase(1)

    assert 1 == server.rows


@pytest.mark.parametrize("plugins", [None, [], ["acme/*"], ["x/y/z", "acme/source/orders"]])
def test_a_licence_covers_a_plugin_a_team_or_all(issuer: Issuer, tmp_path: Path, plugins: Any) -> None:
    """`team/kind/name`, `team/*`, or no list at all."""
    licence = issuer.issue(tmp_path / "a.cqlicense", plugins=plugins)

    assert valid_licence(licence, PLUGIN, key=issuer.key) is not None


@pytest.mark.parametrize(("days", "words"), [(-2, "not yet"), (0, None), (299, None), (301, "expired")])
def test_a_licence_has_dates(issuer: Issuer, tmp_path: Path, days: int, words: str | None) -> None:
    """Before the first and after the last it is an error that says so."""
    issued = datetime(2026, 3, 1, 12, tzinfo=UTC)
    licence = issuer.issue(tmp_path / "a.cqlicense", now=issued)
    now = issued + timedelta(days=days)
    if words is None:
        assert valid_licence(licence, PLUGIN, key=issuer.key, now=now) is not None
    else:
        with pytest.raises(LicenceError, match=words):
            valid_licence(licence, PLUGIN, key=issuer.key, now=now)


def test_a_licence_that_expires_soon_is_told(
    issuer: Issuer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Fifteen days before, so that there is time to get another."""
    now = datetime.now(UTC)
    licence = issuer.issue(tmp_path / "a.cqlicense", expires_at=(now + timedelta(days=14)).isoformat())
    valid_licence(licence, PLUGIN, key=issuer.key, now=now)

    assert "expires on" in caplog.text


def test_a_changed_licence_is_refused(make: Make, issuer: Issuer, tmp_path: Path) -> None:
    """A later date under the old signature, or another vendor's signature: neither begins a sync unmetered."""
    path = issuer.issue(tmp_path / "a.cqlicense")
    wrapper = json.loads(path.read_text())
    content = json.loads(base64.b64decode(wrapper["license"]))
    content["expires_at"] = "2099-01-01T00:00:00Z"
    path.write_text(
        json.dumps({**wrapper, "license": base64.b64encode(json.dumps(content).encode()).decode()})
    )
    with pytest.raises(LicenceError, match="not signed by the vendor"):
        make(licence=path, licence_key=issuer.key, api_key=TOKEN, team=TEAM)
    with pytest.raises(LicenceError, match="not signed by the vendor"):
        make(licence=Issuer().issue(tmp_path / "b.cqlicense"), licence_key=issuer.key)
    with pytest.raises(LicenceError, match="not signed by the vendor"):
        make(licence=Issuer().issue(tmp_path / "b.cqlicense"))  # CloudQuery did not sign it either


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b'{"license": "!", "signature": ""}',
        b'{"license": "e30=", "signature": "zz"}',
        b"[" * 10**5,
    ],
)
def test_what_is_no_licence_is_told_as_such(tmp_path: Path, content: bytes) -> None:
    """And never taken for one."""
    path = tmp_path / "a.cqlicense"
    path.write_bytes(content)
    with pytest.raises(LicenceError, match="not a licence file"):
        valid_licence(path, PLUGIN)


@pytest.mark.parametrize(
    "changes",
    [{"expires_at": None}, {"expires_at": "soon"}, {"valid_from": "2026-01-01T00:00:00"}, {"plugins": "all"}],
)
def test_a_signed_licence_in_an_unknown_form_is_refused(
    issuer: Issuer, tmp_path: Path, changes: dict[str, Any]
) -> None:
    """What is not understood is not granted."""
    with pytest.raises(LicenceError, match="not in a form"):
        valid_licence(issuer.issue(tmp_path / "a.cqlicense", **changes), PLUGIN, key=issuer.key)


def test_a_folder_of_licences_is_searched(issuer: Issuer, tmp_path: Path) -> None:
    """One that holds is enough: last year's, and those for other plugins, do not stand in its way."""
    folder = tmp_path / "licences"
    folder.mkdir()
    with pytest.raises(LicenceError, match="there is no"):
        valid_licence(folder, PLUGIN, key=issuer.key)
    issuer.issue(folder / "0.cqlicense", now=datetime(2020, 1, 1, tzinfo=UTC))
    with pytest.raises(LicenceError, match="expired"):
        valid_licence(folder, PLUGIN, key=issuer.key)
    issuer.issue(folder / "1.cqlicense", plugins=["other/*"])
    issuer.issue(folder / "2.txt")
    with pytest.raises(LicenceError, match="expired"):
        valid_licence(folder, PLUGIN, key=issuer.key)
    issuer.issue(folder / "3.cqlicense", licensed_to="This Year")
    found = valid_licence(folder, PLUGIN, key=issuer.key)

    assert found is not None
    assert "This Year" == found.licensed_to


def test_a_missing_licence_is_an_error_not_a_change_to_metering(make: Make, tmp_path: Path) -> None:
    """Who names a licence does not expect that usage is reported."""
    with pytest.raises(LicenceError, match="cannot be read: No such file"):
        make(licence=tmp_path / "none.cqlicense", api_key=TOKEN, team=TEAM)


def test_a_licence_cannot_be_checked_without_the_extra(
    issuer: Issuer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names what to install; it is not taken for valid."""
    path = issuer.issue(tmp_path / "a.cqlicense")
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)
    with pytest.raises(LicenceError, match=r"crashguard\[usage-offline\]"):
        valid_licence(path, PLUGIN, key=issuer.key)


def test_a_key_that_is_none_is_told_as_such(issuer: Issuer, tmp_path: Path) -> None:
    """64 hexadecimal digits."""
    with pytest.raises(LicenceError, match="licence key"):
        valid_licence(issuer.issue(tmp_path / "a.cqlicense"), PLUGIN, key="00")


def test_an_unreadable_login_is_told_as_such(make: Make, home: Path) -> None:
    """A folder in the token's place, say."""
    path = log_in(home)
    os.unlink(path)
    path.mkdir()
    with pytest.raises(CredentialsError, match="cannot be read"):
        make()


def test_a_busy_login_service_is_not_a_withdrawn_login(
    make: Make, server: UsageServer, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is told to log in again because a server has a bad minute."""
    log_in(home)
    monkeypatch.setattr(server, "_log_in", lambda seen: (None, 503, {"Retry-After": "3600"}, {}))
    with pytest.raises(UsageUnavailableError, match="503"):
        make()
