"""The body of a request to the licensing server: a batch of usage, with the fields of the API and no others.

Source: the API description of `POST /teams/{team_name}/usage` (schema `UsageIncrease`): required are
request_id, plugin_team, plugin_kind, plugin_name and rows; optional are tables and installation_id; any
other field is refused (`additionalProperties: false`).
"""

import json
import re
import uuid
from typing import Any

import attrs

from crashguard.plugin import KINDS, Plugin
from crashguard.usage.errors import UsageConfigurationError

# The API's pattern is ^[a-z](-?[a-z0-9]+)+$, which takes exponential time to refuse a long name. This one
# accepts the same names in linear time; that they are at least two characters long is checked beside it.
_PLUGIN_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*\Z")
_MOST_NAME = 255
_INSTALLATION_ID = re.compile(r"[a-z0-9]{64}\Z")


def is_plugin_name(name: object) -> bool:
    """Whether the API takes a text as `plugin_name`: lower case, digits, single dashes, 2 to 255 of them."""
    return isinstance(name, str) and 2 <= len(name) <= _MOST_NAME and bool(_PLUGIN_NAME.match(name))


def is_installation_id(text: object) -> bool:
    """Whether the API takes a text as `installation_id`: 64 lower-case letters and digits."""
    return isinstance(text, str) and bool(_INSTALLATION_ID.match(text))


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 0


@attrs.frozen
class Meta:
    """Whose usage it is: what every request of one client says.

    Attributes:
        team: The plugin's team, never the customer's.
        kind: `source`, `destination` or `transformer`.
        name: The plugin's name.
        installation_id: 64 lower-case letters and digits, or None.
    """

    team: str
    kind: str
    name: str
    installation_id: str | None = None

    @classmethod
    def of(cls, plugin: Plugin, installation_id: str | None = None) -> "Meta":
        """Say what a plugin is, checked against what the API takes.

        Raises:
            UsageConfigurationError: The API would refuse the name.
        """
        if not is_plugin_name(plugin.name):
            raise UsageConfigurationError(
                f"plugin name {plugin.name!r}: the licensing server takes lower-case letters, digits and "
                f"single dashes between them, 2 to {_MOST_NAME} characters"
            )
        return cls(plugin.team, plugin.kind, plugin.name, installation_id)

    def __str__(self) -> str:
        return f"{self.team}/{self.kind}/{self.name}"


@attrs.frozen
class Batch:
    """One request: rows that are sent together, under one id, however often it takes.

    Attributes:
        request_id: UUID v4. The server counts a request once, so an id belongs to one content for ever.
        meta: Whose usage it is.
        rows: How many rows.
        tables: Name and rows of each table; empty where rows are counted without tables.
    """

    request_id: str
    meta: Meta
    rows: int
    tables: tuple[tuple[str, int], ...] = ()

    def body(self) -> dict[str, Any]:
        """The fields of the request."""
        body: dict[str, Any] = {
            "request_id": self.request_id,
            "plugin_team": self.meta.team,
            "plugin_kind": self.meta.kind,
            "plugin_name": self.meta.name,
            "rows": self.rows,
        }
        if self.tables:
            body["tables"] = [{"name": name, "rows": rows} for name, rows in self.tables]
        if self.meta.installation_id is not None:
            body["installation_id"] = self.meta.installation_id
        return body

    def encoded(self) -> bytes:
        """The request's bytes: the same for the same batch."""
        return json.dumps(self.body(), separators=(",", ":")).encode()

    @classmethod
    def from_body(cls, body: object) -> "Batch":
        """A batch from the fields of a request, as they come back from disk.

        Raises:
            ValueError: These are not the fields of a request.
        """
        if not isinstance(body, dict):
            raise ValueError("not an object")
        known = {
            "request_id",
            "plugin_team",
            "plugin_kind",
            "plugin_name",
            "rows",
            "tables",
            "installation_id",
        }
        if not body.keys() <= known:
            raise ValueError("has fields that a request has not")
        installation_id = body.get("installation_id")
        tables = body.get("tables", [])
        checks = {
            "request_id": _is_uuid(body.get("request_id")),
            "plugin_team": isinstance(body.get("plugin_team"), str) and bool(body["plugin_team"]),
            "plugin_kind": body.get("plugin_kind") in KINDS,
            "plugin_name": is_plugin_name(body.get("plugin_name")),
            "rows": _is_count(body.get("rows")),
            "installation_id": installation_id is None or is_installation_id(installation_id),
            "tables": isinstance(tables, list) and all(_is_table(table) for table in tables),
        }
        for field, holds in checks.items():
            if not holds:
                raise ValueError(f"{field} is missing or wrong")
        return cls(
            body["request_id"],
            Meta(body["plugin_team"], body["plugin_kind"], body["plugin_name"], installation_id),
            body["rows"],
            tuple((table["name"], table["rows"]) for table in tables),
        )


def _is_uuid(text: object) -> bool:
    try:
        return isinstance(text, str) and str(uuid.UUID(text)) == text
    except ValueError:
        return False


def _is_table(table: object) -> bool:
    return (
        isinstance(table, dict)
        and table.keys() == {"name", "rows"}
        and isinstance(table["name"], str)
        and bool(table["name"])
        and _is_count(table["rows"])
    )
