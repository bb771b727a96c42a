"""Addresses of persons and machines: e-mail, IPv4, IPv6, MAC. Versions and times of day look similar."""

from crashguard.scrub.prepared import Pattern
from crashguard.scrub.tokens import has_digit

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re

_IPV4 = Pattern(r"[0-9][0-9]{0,2}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}(?![0-9A-Za-z_]|\.[0-9]|-[a-z])")
_NO_ADDRESS_BEFORE = frozenset("0123456789.-_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
# A group between two colons, but for the middle of a time of day: 12:00:01.
_GROUP = Pattern(r":[0-9A-Fa-f]{0,4}:(?:(?<=::)|(?![0-9A-Fa-f]{0,4}(?![0-9A-Fa-f:%])))")
_GROUPS = Pattern(r"[0-9A-Fa-f:]{0,45}(?:%[A-Za-z0-9]{1,15})?")
_VERSION_BEFORE = Pattern(r"(?i:version|ver|release|v|rev|build|[=<>~!^]=|[a-z0-9]@)[ :=\"']{0,3}$")
_PRODUCT_BEFORE = Pattern(r"(?:^|\s|[\"'])[A-Za-z][A-Za-z+]{2,20}[ /]$")
_VERSION_AFTER = Pattern(
    r"\s(?:is|are|or|and|has|installed|required|was|to)"
    r"\s(?:required|not|newer|later|above|older|installed|too|incompatible)|$"
)
_IPV6 = Pattern(
    r"(?:(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}|(?:[0-9A-Fa-f]{1,4}:){1,7}:|(?:[0-9A-Fa-f]{1,4}:){1,6}"
    r"(?::[0-9A-Fa-f]{1,4}){1,6}|::(?:[0-9A-Fa-f]{1,4}:){0,6}[0-9A-Fa-f]{1,4})(?:%[A-Za-z0-9]{1,15})?"
)
_MAC = Pattern(r"[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}")
_MAC_OTHER = Pattern(
    r"(?<![0-9A-Fa-f\-.])(?:[0-9A-Fa-f]{2}(?:-[0-9A-Fa-f]{2}){5}|[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4})"
    r"(?![0-9A-Fa-f\-.])"
)
_MAC_PART = Pattern(r"-[0-9A-Fa-f]{2}-[0-9A-Fa-f]{2}-|\.[0-9A-Fa-f]{4}\.")
_ADDRESS_BEFORE = Pattern(
    r"(?i:(?<![a-z])(?:ip|ipv4|ip_address|addr|address|host|hostname|from|client|peer|server|remote|to|at|connect"
    r"|connecting|dns|gateway|inet|upstream|node|for|of|by|via)s?)[ :=\"'\[(]{1,4}$|//$|@$"
)


def email(text: str, match: "re.Match[str]") -> "list[tuple[int, int, str]]":
    """A judge: an e-mail address, unless its `@` is that of a URL: scheme://user:x-oauth-basic@host."""
    start = match.start()
    if start and text[start - 1] == ":":
        scheme = text.rfind("//", max(start - 300, 0), start)
        if scheme >= 0 and not any(character in " \t\n\"'<>" for character in text[scheme:start]):
            return []
    return [(start, match.end(), "email")]


def addresses(text: str) -> "list[tuple[int, int, str]]":
    """A detector: IPv4, IPv6 and MAC addresses."""
    found: list[tuple[int, int, str]] = []
    if text.count(".") >= 3:
        for match in _IPV4.finditer(text):
            start = match.start()
            if start and (text[start - 1] in _NO_ADDRESS_BEFORE or text[start - 2 : start] == "=="):
                continue
            if max(map(int, match[0].split("."))) < 256 and not _is_version(text, start, match[0]):
                found.append((*match.span(), "ip"))
    if text.count(":") >= 2:
        found += _between_colons(text)
    if len(text) < 14 or (text.count("-") < 5 and text.count(".") < 2):
        return found  # a MAC address with dots has 14 characters, one with hyphens has five of them
    for part in _MAC_PART.finditer(text):
        whole = _MAC_OTHER.search(text, max(part.start() - 5, 0), part.end() + 12)
        if whole is not None and whole[0].strip("0fF-."):
            found.append((*whole.span(), "mac"))
    return found


def _between_colons(text: str) -> "list[tuple[int, int, str]]":
    """IPv6 and MAC addresses, from the inside: a group between two colons."""
    found: list[tuple[int, int, str]] = []
    done = 0
    for group in _GROUP.finditer(text):
        start = group.start()
        if start < done:
            continue
        while start > done and group.start() - start < 5 and text[start - 1] in "0123456789abcdefABCDEF":
            start -= 1
        whole = _GROUPS.match(text, start)
        done = whole.end() if whole else group.end()
        address = text[start:done]
        before, after = text[start - 1 : start], text[done : done + 1]
        if len(address) < 6 or before.isalnum() or before in (":", "_") or after.isalnum() or after == "_":
            continue
        if address.endswith(":") and not address.endswith("::"):
            address = address[:-1]
        if _MAC.fullmatch(address):
            if address.strip("0fF:"):
                found.append((start, start + len(address), "mac"))
        elif _IPV6.fullmatch(address) and _is_ipv6(address):
            found.append((start, start + len(address), "ip"))
    return found


def _is_version(text: str, start: int, address: str) -> bool:
    if address.startswith(("127.", "0.", "255.255")):
        return True
    if _VERSION_BEFORE.search(text, max(start - 12, 0), start):
        return True
    if address.startswith(("10.", "192.168.", "172.")):
        return False
    if max(map(int, address.split("."))) < 32 and not _ADDRESS_BEFORE.search(text, max(start - 30, 0), start):
        return True  # an outline, an object identifier, a version: hardly any address has four small parts
    return bool(
        _PRODUCT_BEFORE.search(text, max(start - 24, 0), start)
        and _VERSION_AFTER.match(text, start + len(address))
    )


def _is_ipv6(address: str) -> bool:
    """No time of day, no C++ scope: enough groups, or a compression among digits."""
    return address.count(":") >= 7 or ("::" in address and has_digit(address))
