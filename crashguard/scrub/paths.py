r"""User names in paths: /home/NAME, /Users/NAME, C:\Users\NAME, UNC shares, WSL mounts and 8.3 names.

Must live here: where a path holds a name, and which names are nobody's.
Must not be known here: this machine's own user (`needles`).
"""

from crashguard.scrub.lazy import Lazy

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
_TAIL = Lazy(r"(?:[A-Z]?[^\s\\/]{0,30} ){0,2}[^\s\\/]{1,30}[\\/]")
_NOBODY = """ root user users runner ubuntu admin administrator public shared default app www-data ec2-user debian
 vagrant circleci jenkins builder build node git postgres mysql linuxbrew airflow vscode codespace gitpod nobody guest
 username name me you runneradmin vsts vsts_azpcontainer azureuser centos fedora opc pi home nonroot worker service
 lambda jovyan site travis containeruser containeradministrator defaultapppool sbx_user1051 all python src lib
 appuser deploy docker code coder rails django flask gradle spark hadoop elasticsearch redis grafana prometheus
 nginx steam buildozer conan vcap heroku render dev data bin local oracle gitlab-runner buildkite-agent teamcity
 bamboo sonarqube kafka zookeeper mongodb rabbitmq superset hive presto trino flink nifi dagster prefect ...  """


def spans(text: str) -> "list[tuple[int, int, str]]":
    """Where such names stand: start, end, kind."""
    found: list[tuple[int, int, str]] = []
    if "/home" in text or "/Users" in text or "/media/" in text or "~" in text or "%2F" in text or "/folders/" in text:
        for match in _POSIX.finditer(text):
            if not _is_nobody(match["name"]):
                found.append((*match.span("name"), "user"))
    if "\\" in text or ":/" in text or "//" in text:
        for match in _WINDOWS.finditer(text):
            if match[0][0] == "/" and "\\" not in match[0] and not _has_drive(text, match.start()):
                continue
            start, end = match.span("name")
            name = match["name"]
            if " " in name and text[end : end + 1] not in ("\\", "/"):
                # not followed by more path: the name ends at the first blank, unless the path is quoted
                if text[end : end + 1] not in ("'", '"') or len(name) > 30:
                    end = start + name.index(" ")
            if name.strip() and not _is_nobody(text[start:end]):
                found.append((start, end, "user"))
    return found


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
