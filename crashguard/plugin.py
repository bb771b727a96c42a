"""Plugin: publisher, kind, name and version of a plugin, and whether its crashes may leave the machine."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

KINDS = ("source", "destination", "transformer")


class Plugin:
    """A plugin, as its publisher describes it in code and never as a user's configuration does.

    Attributes:
        team: Who publishes it: `cloudquery`.
        kind: `source`, `destination` or `transformer`.
        name: Its name within the team: `aws`.
        version: Its version; `development` never sends.
        official: Whether its crashes may be sent at all. By default true for the team `cloudquery` only.
        packages: Its top-level Python packages. A crash in them belongs to the plugin even without a guard.
            In a report, frames of an official plugin's packages keep their names. Where an official plugin
            names none, it is the package of the code that makes its guards.
    """

    __slots__ = ("kind", "name", "official", "packages", "team", "version")

    team: str
    kind: str
    name: str
    version: str
    official: bool
    packages: tuple[str, ...]

    def __init__(
        self,
        team: str,
        kind: str,
        name: str,
        version: str,
        *,
        official: bool | None = None,
        packages: "Iterable[str]" = (),
    ) -> None:
        for field, value in (("team", team), ("name", name), ("version", version)):
            if not isinstance(value, str) or not value or len(value) > 200 or not value.isprintable():
                raise _error(f"Plugin: {field}={value!r}: give a short, printable name")
        if kind not in KINDS:
            raise _error(f"Plugin: kind={kind!r}: choose one of {', '.join(KINDS)}")
        values: dict[str, object] = {
            "team": team,
            "kind": kind,
            "name": name,
            "version": version,
            "official": team == "cloudquery" if official is None else bool(official),
            "packages": (packages,) if isinstance(packages, str) else tuple(packages),
        }
        for field, checked in values.items():
            object.__setattr__(self, field, checked)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"Plugin is frozen: {name} cannot be set")

    def __reduce__(self) -> "tuple[object, ...]":
        """How it is pickled and copied: a frozen object takes no attributes from outside."""
        return _remade, self._key()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Plugin) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        official = "official" if self.official else "not official"
        return f"<Plugin {self} ({official})>"

    def __str__(self) -> str:
        return f"{self.team}/{self.kind}/{self.name}@{self.version}"

    def _key(self) -> tuple[object, ...]:
        return (self.team, self.kind, self.name, self.version, self.official, self.packages)


def _remade(*key: "Any") -> Plugin:
    *names, official, packages = key
    return Plugin(*names, official=official, packages=packages)


def _error(problem: str) -> Exception:
    from crashguard.exceptions import ConfigurationError

    return ConfigurationError(problem)
