"""Which name of a plugin may leave: the one that the registry knows it by, or none.

A spec names a plugin by its registry name, by a path on this disk or by the address of a server. Only the
first says nothing about the user. A text counts as a registry name with its version only
(`cloudquery/aws@v1.2.3`): without one it may as well be a relative path.
"""

from crashguard.plugin import Plugin

LOCAL = "local"
GRPC = "grpc"
DOCKER = "docker"
UNOFFICIAL = "unofficial"
OTHER = "other"

_LOWER = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_NAME = _LOWER | {"-", "_"}
_VERSION = _LOWER | frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ.-+_")
_MOST = 64  # characters of each part


def described(plugin: "Plugin | str") -> tuple[str, str]:
    """(path, version) as they may leave.

    Args:
        plugin: A `Plugin`, or what the spec says. Of a plugin that is not official, only that it is not.

    Returns:
        `("cloudquery/aws", "v1.2.3")`, or `local`, `grpc`, `docker`, `unofficial`, `other` and no version.

    Raises:
        ConfigurationError: It is neither.
    """
    if isinstance(plugin, Plugin):
        if not plugin.official:
            return UNOFFICIAL, ""
        return _named(plugin.team, plugin.name, plugin.version) or (OTHER, "")
    if not isinstance(plugin, str):
        raise _error(f"a plugin is a crashguard.Plugin or a text of a spec, not {type(plugin).__name__}")
    if plugin in (LOCAL, GRPC, DOCKER, UNOFFICIAL):
        return plugin, ""
    path, at, version = plugin.partition("@")
    team, slash, name = path.partition("/")
    if at and slash:
        named = _named(team, name, version)
        if named is not None:
            return named
    return _kind_of(plugin), ""


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


def _error(problem: str) -> Exception:
    from crashguard.exceptions import ConfigurationError

    return ConfigurationError(problem)
