"""docs/usage.md, held to the code: what an auditor reads there is what happens."""

import inspect
import json
import re
from pathlib import Path
from typing import Any

import attrs
import jsonschema
import pytest

import crashguard.usage
from crashguard.plugin import Plugin
from crashguard.usage import Steering, UsageClient, api, client, credentials, http, quota, steering
from crashguard.usage import meter as meter_module
from crashguard.usage.wire import Batch
from tests.usage_server import TEAM, TOKEN, USAGE_SCHEMA, UsageServer

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/usage.md").read_text()


def block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


def test_the_request_shown_is_one_that_is_sent() -> None:
    """It holds to the API's schema, and crashguard makes it byte for byte from its fields."""
    body = json.loads(block("json"))
    jsonschema.validate(body, USAGE_SCHEMA)

    assert body == json.loads(Batch.from_body(body).encoded())


def test_every_field_is_explained() -> None:
    """The table has a row for each field that the API knows, and for no other."""
    rows = PAGE.partition("| field |")[2].partition("\n\n")[0]
    named = set(re.findall(r"`([a-z_]+)`", "".join(line.split("|")[1] for line in rows.splitlines()[2:])))

    assert set(USAGE_SCHEMA["properties"]) == named  # type: ignore[call-overload]


def test_the_figures_are_those_of_the_code() -> None:
    """Batches, intervals, retries, limits, statuses."""
    default = Steering()
    expected = [
        f"Once {default.batch_limit} rows are counted",
        f"not more often than every {default.minimum_interval:.0f} seconds",
        f"fewer rows after {default.maximum_interval:.0f} seconds",
        f"up to {http.RETRIES} times in {http.SECONDS:.0f} seconds",
        f"never more than {client.DURABLE_ROWS:,} rows".replace(",", " "),
        "in the last second",
        f"every {quota.INTERVAL:.0f} seconds",
        ", ".join(str(status) for status in sorted(http.RETRIED)),
        ", ".join(str(status) for status in meter_module._REFUSED_FOR_GOOD),
        api.URL,
        api.LOGIN_URL,
        steering.BATCH_LIMIT,
        steering.MINIMUM_INTERVAL,
        steering.MAXIMUM_INTERVAL,
        credentials.API_KEY,
        credentials.TEAM,
        client.INSTALLATION_ID,
    ]
    flowing = " ".join(PAGE.split())

    assert [] == [text for text in expected if text not in flowing]
    assert 1.0 == client.DURABLE_SECONDS
    assert 10 == quota.FAILURES
    assert credentials.MARKETPLACE


def test_the_example_runs_as_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a sync of two tables, against a server."""
    monkeypatch.setenv("CLOUDQUERY_API_KEY", TOKEN)
    monkeypatch.setenv("_CQ_TEAM_NAME", TEAM)
    with UsageServer() as server:
        defaults = dict(UsageClient.__init__.__kwdefaults__ or {})
        monkeypatch.setattr(UsageClient.__init__, "__kwdefaults__", {**defaults, "url": server.url})
        scope: dict[str, Any] = {"sync": lambda: [("orders", 3), ("customers", 2)]}
        exec(block("python"), scope)

        assert {"orders": 3, "customers": 2} == server.tables
    assert Plugin("acme", "source", "orders", "1.2.3") == scope["plugin"]


def test_everything_public_is_explained() -> None:
    """Each name that can be imported says what it is, and each setting of the client is in its docstring."""
    for name in crashguard.usage.__all__:
        assert inspect.getdoc(getattr(crashguard.usage, name)), name
    described = UsageClient.__doc__ or ""
    for parameter in list(inspect.signature(UsageClient).parameters):
        assert re.search(rf"^ +{parameter}: ", described, re.MULTILINE), parameter
    assert attrs.fields(Steering)
