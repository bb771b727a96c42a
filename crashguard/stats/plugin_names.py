"""Which name of a plugin may leave: the one that the registry knows it by, or none.

A spec names a plugin by its registry name, by a path on this disk or by the address of a server. Only the
first says nothing about the user. A text does not tell which it is: `a/b@v1` may be a folder. So the tool
says so, by the registry that the spec names. A text counts as a registry name with its version only.
"""

from crashguard.exceptions import ConfigurationError
from crashguard.plugin import Plugin

LOCAL = "local"
GRPC = "grpc"
DOCKER = "docker"
UNOFFICIAL = "unofficial"
CLOUDQUERY = "cloudquery"  # the one registry of CloudQuery's specs that has names

_LOWER = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_NAME = _LOWER | {"-", "_"}
_VERSION = _LOWER | frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ.-+_")
_MOST = 64  # characters of each part
_NAMELESS = (LOCAL, GRPC, DOCKER, UNOFFICIAL)


def described(plugin: "Plugin | str | tuple[str, str]", registry: str | None = None) -> tuple[str, str]:
    """(path, version) as they may leave.

    Args:
        plugin: A `Plugin`, or the path that the spec says, or a pair of path and registry. Of a plugin that
            is not official, only that it is not.
        registry: The registry of a path without one: `cloudquery`, `local`, `grpc`, `docker` or `unofficial`;
            None where that is not known.

    Returns:
        `("cloudquery/aws", "v1.2.3")`, or `local`, `grpc`, `docker` or `unofficial`, and no version.

    Raises:
        ConfigurationError: It is none of these, or the registry is another.
    """
    if isinstance(plugin, tuple) and len(plugin) == 2:
        plugin, registry = plugin
    if isinstance(plugin, Plugin):
        if not plugin.official:
            return UNOFFICIAL, ""
        return _named(plugin.team, plugin.name, plugin.version) or (LOCAL, "")
    if not isinstance(plugin, str):
        raise ConfigurationError(
            f"a plugin is a crashguard.Plugin or a path of a spec, not {type(plugin).__name__}"
        )
    if registry not in (None, CLOUDQUERY, *_NAMELESS):
        raise ConfigurationError(f"registry={registry!r}: give one of {', '.join((CLOUDQUERY, *_NAMELESS))}")
    if registry in _NAMELESS or plugin in _NAMELESS:
        return registry if registry in _NAMELESS else plugin, ""
    if registry is None:
        return _kind_of(plugin), ""
    path, at, version = plugin.partition("@")
    team, slash, name = path.partition("/")
    if at and slash:
        named = _named(team, name, version)
        if named is not None:
            return named
    return _kind_of(plugin), ""  # a path with the default registry of specs


def _named(team: str, name: str, version: str) -> tuple[str, str] | None:
    for part in (team, name):
        if not part or len(part) > _MOST or part[0] not in _LOWER or not set(part) <= _NAME:
            return None
    digits = version.removeprefix("v")[:1]
    if not (digits.isdigit() or version == "development") or not set(version) <= _VERSION:
        return None
    return f"{team}/{name}", version[:_MOST]


def _kind_of(place: str) -> str:
    if "://" in place and not place.startswith(("file:", "unix:")):
        return GRPC
    if "/" in place or "\\" in place or place.startswith((".", "~")):
        return LOCAL
    return GRPC if ":" in place else LOCAL
