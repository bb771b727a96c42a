"""The notations of the tuning corpus: (name of the value, value, lot) -> text. `{n}` is the name, `{v}` the value."""

import json
import random

NAMED = (
    "{n}={v}",
    "{n}: {v}",
    '{n}="{v}"',
    "{n}='{v}'",
    "{n} = '{v}'",
    "export {n}={v}",
    "RuntimeError: invalid configuration: {n}={v}",
    "2026-01-02 03:04:05,678 ERROR app.db connect failed {n}={v} host=db retries=3",
    'level=error msg="request failed" {n}={v} status=401',
    '{{"user": "app", "{n}": "{v}", "region": "eu-west-1"}}',
    "{{'user': 'app', '{n}': '{v}', 'region': 'eu-west-1'}}",
    "{{'{n}': b'{v}'}}",
    "{{b'{n}': b'{v}', b'host': b'db'}}",
    "Config(host='db', {n}='{v}', port=5432)",
    "Settings({n}=SecretHolder('{v}'), debug=False)",
    "ValueError: bad value in {{'retries': 3, '{n}': '{v}'}}",
    "host: db\n{n}: {v}\nport: 5432\n",
    'host: db\n{n}: "{v}"\nport: 5432\n',
    "[section]\n{n} = {v}\nhost = db\n",
    "GET https://api.example.com/v1/items?page=2&{n}={v}&limit=10 HTTP/1.1",
    "failed: https://api.example.com/cb?{n}={v}",
    "[('{n}', '{v}'), ('Accept', '*/*')]",
    "headers: {n}: {v}\nAccept: */*",
    "map[host:db {n}:{v} port:5432]",
    "<{n}>{v}</{n}>",
    '<property name="{n}">{v}</property>',
    "| {n} | {v} |",
    "{n} => {v}",
    "tool --{n}={v} --verbose",
    'unterminated {{"{n}": "{v}',
    "{n}={v}; Path=/",
    "got {n} '{v}' from the environment",
    "user=app;{n}={v};ssl=true",
    "argument {n}: `{v}`",
)
OPEN = (
    "{v}",
    "ValueError: cannot use {v} here",
    "401 Unauthorized for {v}",
    "request with {v} failed: 403",
    "'{v}' is not valid",
    "[{v}]",
    "({v})",
    "Authorization: Bearer {v}",
    "Authorization: token {v}",
    "{{'Authorization': 'Bearer {v}', 'Accept': '*/*'}}",
    "https://api.example.com/{v}/items",
    "first line\n{v}\nlast line",
    "args=['sync', '{v}']",
    "b'{v}'",
    "line\\n{v}\\nline",
    "incorrect key provided: {v}.",
    "curl -H 'X-Key: {v}' https://api.example.com",
)
PLAIN = (
    "{v}",
    "no record for {v} in users",
    "lookup of '{v}' failed",
    "contact={v}",
    '{{"contact": "{v}", "ok": false}}',
    "duplicate entry ({v})",
    "[{v}, 3]",
    "received {v}, giving up",
    "KeyError: '{v}'",
)
PATHS = {
    "linux": (
        'File "/home/{v}/project/app.py", line 3, in main',
        "FileNotFoundError: [Errno 2] No such file or directory: '/home/{v}/data/x.csv'",
        "file:///home/{v}/x.html",
        "PATH=/usr/bin:/home/{v}/.local/bin:/bin",
        "cannot open /home/{v}/.config/tool.toml: denied",
        "/var/home/{v}/x",
        "{{'path': '/home/{v}'}}",
        "cwd=/home/{v}",
    ),
    "macos": (
        'File "/Users/{v}/project/app.py", line 3, in main',
        "dlopen(/Users/{v}/Library/x.dylib, 2): image not found",
        "open /Users/{v}/Desktop: no",
        "'/Users/{v}'",
    ),
    "windows": (
        "C:\\Users\\{v}\\AppData\\Local\\x.log",
        "FileNotFoundError: [WinError 3] 'C:\\\\Users\\\\{v}\\\\x.csv'",
        "C:/Users/{v}/x.csv missing",
        "c:\\users\\{v}\\x",
        "C:\\Documents and Settings\\{v}\\x.txt",
        '{{"p": "C:\\\\Users\\\\{v}\\\\x"}}',
        "cd C:\\Users\\{v}",
    ),
    "wsl": ("/mnt/c/Users/{v}/x.py", "open('/mnt/c/Users/{v}/src/x')", "\\\\wsl$\\Ubuntu\\home\\{v}\\x", "/mnt/d/Users/{v}/x"),
    "unc": ("\\\\fileserver\\Users\\{v}\\x.txt", "\\\\corp\\home\\{v}\\x.txt", "\\\\files\\home$\\{v}\\docs", "//fileserver/users/{v}/x.txt"),
    "short": ("C:\\Users\\{v}\\AppData\\x", "C:\\DOCUME~1\\{v}\\x", "C:/Users/{v}/AppData/Local/Temp/x"),
}  # fmt: skip
USERINFO = (
    "{n}://app:{v}@db.example.com:5432/sales",
    "could not connect to {n}://app:{v}@db.example.com/x?ssl=true: timeout",
    "url='{n}://app:{v}@db.example.com/x'",
    '{{"url": "{n}://app:{v}@db.example.com/x"}}',
    "{n}://:{v}@cache.example.com:6379/0",
    "DATABASE_URL={n}://app:{v}@10-0-0-1.example.com/x",
    "create_engine({n}://app:{v}@db/x)",
)
GITUSER = (
    "fatal: Authentication failed for 'https://{v}@github.example.com/a/b.git/'",
    "git clone https://x-access-token:{v}@github.example.com/a/b",
    "https://{v}:x-oauth-basic@github.example.com/a/b",
    "git+https://oauth2:{v}@gitlab.example.com/a/b.git@v1",
)
AROUND = ("{t}", "RuntimeError: {t}", "2026-01-02T03:04:05Z worker-3 failed: {t}", "{t}\nmore text after")


def carry(sort: str, names: tuple[str, ...], value: str, rng: random.Random) -> str:
    """One text that holds the value."""
    if sort == "dsn":
        return _wrap(rng.choice(AROUND).replace("{t}", names[0].format(v=value)), rng)
    if sort in PATHS:
        return rng.choice(PATHS[sort]).format(v=value)
    if sort == "pem":
        name = rng.choice(names)
        escaped = value.replace("\n", "\\n")
        return rng.choice((value, f'{{"{name}": "{escaped}", "user": "app"}}', f"key:\n{value}\nend", f"{name}={escaped}",
                           f"{name}: |\n  " + value.replace("\n", "\n  ") + "\nhost: db", value[: len(value) // 2],
                           json.dumps(json.dumps({name: value}))))  # fmt: skip
    if sort == "userinfo":
        return rng.choice(USERINFO).format(n=names[0], v=value)
    if sort == "gituser":
        return rng.choice(GITUSER).format(v=value)
    if sort == "plain":
        return rng.choice(PLAIN).format(v=value) if rng.random() < 0.7 else _named(names, value, rng)
    if sort == "open" and rng.random() < 0.5:
        return rng.choice(OPEN).format(v=value)
    return _named(names, value, rng)


def _named(names: tuple[str, ...], value: str, rng: random.Random) -> str:
    text = rng.choice(NAMED).format(n=rng.choice(names), v=value)
    return _wrap(text, rng)


def _wrap(text: str, rng: random.Random) -> str:
    """Once in a while the whole text is a string inside JSON, or inside JSON inside JSON."""
    lot = rng.random()
    if lot < 0.06:
        return json.dumps({"message": text, "level": "error"})
    if lot < 0.1:
        return json.dumps({"body": json.dumps({"message": text})})
    if lot < 0.13:
        return repr({"msg": text})
    return text
