r"""User names in paths: /home/NAME, /Users/NAME, C:\Users\NAME, UNC shares, WSL mounts and 8.3 names.

Must live here: where a path holds a name, and which names are nobody's.
Must not be known here: this machine's own user (`needles`).
"""

from crashguard.scrub import lines
from crashguard.scrub.lazy import Lazy

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re

_POSIX = Lazy(
    r"(?:(?<![A-Za-z0-9.])/(?:var/|export/|usr/|private/|data/|net/|nfs/|System/Volumes/Data/)?(?:home|Users|homes)\d?/"
    r"|/(?:mnt/|cygdrive/|host_mnt/)?[A-Za-z]/Users/|/(?:run/)?media/(?=[^/\s]+/)|/private/var/folders/(?=\w\w/)"
    r"|(?:(?<=[\s'\"=:])|^)~(?=[a-z][\w.\-]{2,}/)"
    r"|\\?/(?:home|Users)\\?/|%2F(?:home|Users)%2F)"
    r"(?P<name>(?:[^/\s:\"'<>|\\,;()\[\]{}?*&#=%!`$]|\\\ |\$(?![A-Za-z{(])){1,64})"
)
_WINDOWS = Lazy(
    r"(?:[\\/]{1,8}(?:users|benutzer|utilisateurs|usuarios|documents and settings|docume~\d|home|homes|home\$"
    r"|users\$|profiles?\$?|userdata\$?|redirected)[\\/]{1,8})"
    r"(?P<name>[^/\\\n\r\t:\"'<>|,;()\[\]{}?*&#=%]{1,64})",
    2,  # re.IGNORECASE
)
_POSIX_GATES = (
    "home/",
    "home\\/",
    "homes/",
    "home1/",
    "home2/",
    "/users",
    "\\/users",
    "/media/",
    "~",
    "%2fhome",
    "%2fusers",
    "/folders/",
)
_WINDOWS_GATES = ("users", "benutzer", "utilisateurs", "usuarios", "documents and", "docume~", "home\\", "homes\\", "home/", "homes/",
                  "home$", "profile", "userdata", "redirected")  # fmt: skip
_NOBODY = """ root user users runner ubuntu admin administrator public shared default app www-data ec2-user debian
 vagrant circleci jenkins builder build node git postgres mysql linuxbrew airflow vscode codespace gitpod nobody guest
 username name me you runneradmin vsts vsts_azpcontainer azureuser centos fedora opc pi home nonroot worker service
 lambda jovyan site travis containeruser containeradministrator defaultapppool sbx_user1051 all python src lib
 appuser deploy docker code coder rails django flask gradle spark hadoop elasticsearch redis grafana prometheus
 nginx steam buildozer conan vcap heroku render dev data bin local oracle gitlab-runner buildkite-agent teamcity
 bamboo sonarqube kafka zookeeper mongodb rabbitmq superset hive presto trino flink nifi dagster prefect ...  """


def spans(text: str, low: str) -> "list[tuple[int, int, str]]":
    """Where such names stand: start, end, kind."""
    found: list[tuple[int, int, str]] = []
    for start, end in lines.holding(low, _POSIX_GATES):
        found += [
            (*match.span("name"), "user")
            for match in _POSIX.finditer(text, start, end)
            if not _is_nobody(match["name"])
        ]
    for start, end in lines.holding(low, _WINDOWS_GATES):
        for match in _WINDOWS.finditer(text, start, end):
            span = _windows_name(text, match)
            if span is not None:
                found.append((*span, "user"))
    return found


def _windows_name(text: str, match: "re.Match[str]") -> "tuple[int, int] | None":
    """The extent of the name in one match: names may hold blanks, and so may what follows a path."""
    if match[0][0] == "/" and "\\" not in match[0] and not _has_drive(text, match.start()):
        return None
    start, end = match.span("name")
    name = match["name"]
    if " " in name and text[end : end + 1] not in ("\\", "/"):
        # not followed by more path: the name ends at the first blank, unless the path is quoted
        if text[end : end + 1] not in ("'", '"') or len(name) > 30:
            end = start + name.index(" ")
    return None if end == start or _is_nobody(text[start:end]) else (start, end)


def _is_nobody(name: str) -> bool:
    low = name.lower().rstrip(".")
    if low.startswith(("$", "%", "{", "<", "~", "default", "all users", "public")) or not low:
        return True
    return f" {low} " in _NOBODY or "\n" in low or not any(map(str.isalnum, low))


def _has_drive(text: str, start: int) -> bool:
    """Whether what stands before a forward slash is a drive or a share: C:/Users, //server/users."""
    if start and text[start - 1] == ":":
        return True
    share = text.rfind("//", max(start - 60, 0), start)
    return share >= 0 and (share == 0 or text[share - 1] != ":") and " " not in text[share:start]
