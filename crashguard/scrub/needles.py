"""What this machine and this process know to be private, as literals: never sent, only looked for.

Must live here: where needles come from, and which texts are too common to be hunted.
Must not be known here: how needles are found in a text.
"""

import os
import sys

from crashguard.scrub import benign, keys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

MIN_SECRET = 6  # characters; what is shorter would be found everywhere
MAX_SECRET = 4_000
MAX_NEEDLES = 200
MAX_FRAMES = 200
# Every shell sets these. To the vocabulary of names "pwd" is a password.
_FOLDERS = frozenset(("PWD", "OLDPWD"))

# Accounts and machines that half the world has.
COMMON = frozenset(
    [
        "root",
        "user",
        "users",
        "admin",
        "administrator",
        "localhost",
        "localhost.localdomain",
        "ubuntu",
        "debian",
        "fedora",
        "centos",
        "alpine",
        "arch",
        "ec2-user",
        "azureuser",
        "opc",
        "pi",
        "vagrant",
        "docker",
        "container",
        "runner",
        "runneradmin",
        "circleci",
        "jenkins",
        "travis",
        "gitlab-runner",
        "build",
        "builder",
        "buildkite",
        "ci",
        "github",
        "gitlab",
        "git",
        "node",
        "nobody",
        "guest",
        "default",
        "public",
        "shared",
        "app",
        "apps",
        "application",
        "web",
        "www",
        "www-data",
        "nginx",
        "apache",
        "postgres",
        "mysql",
        "mongo",
        "redis",
        "mongodb",
        "airflow",
        "service",
        "services",
        "system",
        "daemon",
        "test",
        "tests",
        "tester",
        "testing",
        "dev",
        "devel",
        "develop",
        "developer",
        "prod",
        "production",
        "staging",
        "stage",
        "local",
        "localdomain",
        "host",
        "hostname",
        "server",
        "client",
        "machine",
        "computer",
        "desktop",
        "laptop",
        "pc",
        "mac",
        "macbook",
        "macbook-pro",
        "macbook-air",
        "imac",
        "linux",
        "windows",
        "home",
        "work",
        "worker",
        "main",
        "master",
        "demo",
        "sandbox",
        "sbx_user",
        "nonroot",
        "jovyan",
        "vscode",
        "codespace",
        "gitpod",
        "lambda",
        "python",
        "cloudquery",
        "crashguard",
        "base",
        "none",
        "null",
        "unknown",
        "anonymous",
        "ansible",
        "terraform",
        "bin",
        "sys",
        "sync",
        "mail",
        "news",
        "backup",
        "operator",
        "support",
        "info",
        "temp",
        "tmp",
        "data",
        "db",
        "database",
        "proxy",
        "gateway",
        "api",
        "cloud",
        "cluster",
        "kube",
        "k8s",
        "kubernetes",
        "spark",
        "hadoop",
        "flink",
        "kafka",
        "celery",
        "django",
        "flask",
        "true",
        "false",
        "yes",
        "no",
        "on",
        "off",
        "err",
        "error",
        "debug",
        "trace",
        "log",
        "logs",
        "src",
        "lib",
        "var",
        "opt",
        "etc",
        "usr",
        "run",
    ]
)


def of_machine() -> "dict[str, str]":
    """Home directory, user and host of this machine, each with its kind; common names are left out."""
    found: dict[str, str] = {}
    try:
        homes = {os.path.expanduser("~"), os.environ.get("HOME", ""), os.environ.get("USERPROFILE", "")}
    except Exception:  # noqa: BLE001 (a machine without a home is no reason to fail)
        homes = set()
    for home in homes:
        home = home.rstrip("/\\")
        if len(home) > 5 and home != "/root" and home.replace("\\", "/").count("/") >= 2:
            found[home] = "home"
    users = {os.environ.get(name, "") for name in ("USER", "LOGNAME", "USERNAME", "SUDO_USER")}
    users |= {home.replace("\\", "/").rpartition("/")[2] for home in found}
    users.add(_account())
    for user in users:
        if is_hunted_name(user):
            found.setdefault(user, "user")
    for host in _hosts():
        if is_hunted_name(host):
            found.setdefault(host, "host")
    return found


def is_hunted_name(name: str) -> bool:
    """Whether a user's or host's name is private: not one that half the world has."""
    low = name.lower()
    return 3 <= len(name) <= 255 and low not in COMMON and low.rstrip("0123456789-_") not in COMMON


def _account() -> str:
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except (ImportError, AttributeError, KeyError, OSError):
        return ""


def _hosts() -> "set[str]":
    names = {os.environ.get("HOSTNAME", ""), os.environ.get("COMPUTERNAME", "")}
    try:
        names.add(os.uname().nodename)
    except (AttributeError, OSError):
        pass
    return names | {name.partition(".")[0] for name in names if not name.replace(".", "").isdigit()}


def of_environment(environ: "Mapping[str, str]") -> "dict[str, str]":
    """The values of environment variables whose name says that they are secret, each with its kind."""
    found: dict[str, str] = {}
    try:
        items = list(environ.items())
    except Exception:  # noqa: BLE001 (a mapping of somebody else's making)
        return found
    for name, value in items:
        if name in _FOLDERS and type(value) is str:
            if len(value) >= MIN_SECRET and value.count("/") + value.count("\\") >= 2:
                found.setdefault(value, "directory")
        elif type(name) is str and type(value) is str:
            _add(found, name, value)
    return found


def of_traceback(tb: "TracebackType | None") -> "dict[str, str]":
    """The values of secret-named local variables along a traceback, each with its kind.

    Only exact built-in texts are looked at (and those in exact dicts), so that no foreign code runs.
    """
    found: dict[str, str] = {}
    frames = 0
    while tb is not None and len(found) < MAX_NEEDLES and frames < 4 * MAX_FRAMES:
        frames += 1
        try:
            _of_frame(tb, found)
        except Exception:  # noqa: BLE001, S110 (namespaces may be of any class)
            pass
        tb = tb.tb_next
    return found


def _of_frame(tb: "TracebackType", found: "dict[str, str]") -> None:
    names = tb.tb_frame.f_locals
    if type(names) is not dict and type(names) is not type(sys._getframe().f_locals):
        return
    for name, value in list(names.items()):
        if type(name) is str:
            _add(found, name, value)


def _add(found: "dict[str, str]", name: str, value: object, depth: int = 0) -> None:
    kind = type(value)
    if kind is bytes:
        value = value[:MAX_SECRET].decode("utf-8", "replace")  # type: ignore[index]
    elif kind is dict and depth < 3:
        for key, item in list(value.items())[:100]:  # type: ignore[attr-defined]
            if type(key) is str:
                _add(found, key, item, depth + 1)
        return
    elif kind is not str:
        return
    level, label = keys.classify(name[:100])
    if level in (keys.STRONG, keys.MEDIUM) and is_hunted_secret(value) and len(found) < MAX_NEEDLES:  # type: ignore[arg-type]
        found.setdefault(value.strip(), label)  # type: ignore[attr-defined]


def is_hunted_secret(value: str) -> bool:
    """Whether a value is long and particular enough to be looked for everywhere."""
    value = value.strip()
    if not MIN_SECRET <= len(value) <= MAX_SECRET or benign.is_stand_in(value) or value.lower() in COMMON:
        return False
    if value.isdigit() and len(value) < 8:
        return False
    return not (value.startswith(("/", "./", "~/")) and "." in value)
