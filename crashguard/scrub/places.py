"""Shapes with a mark of their own: URLs with credentials, e-mail addresses, paths with user names, key files.

Must live here: rules whose pattern says it all. Must not be known here: names before values, and numbers.
"""

from crashguard.scrub.rule import Rule

_NOBODY = r"(?!(?:root|user|users|runner|ubuntu|admin|administrator|public|shared|default|app|www-data|ec2-user|debian|vagrant|circleci|jenkins|builder|build|node|git|postgres|mysql|linuxbrew|airflow|vscode|codespace|gitpod|nobody|guest|username|name|me|you|USER|USERNAME|runneradmin|vsts|azureuser|centos|fedora|opc|pi|home|sbx_user\d+|nonroot|worker|service|lambda|jovyan|site|travis|container(?:user|administrator)?|all users|default user|defaultapppool)(?:[/\\\s\"':;,)\]}]|$))"

RULES: tuple[Rule, ...] = (
    Rule(
        "private-key",
        r"-----BEGIN [A-Z0-9 ]{0,40}(?:PRIVATE KEY|SECRET|PGP MESSAGE)[A-Z ]{0,10}-----(?P<secret>(?:[^-]|-(?!----END)){1,20000})(?:-----END [A-Z0-9 ]{0,60}-----)?",
        ("-----BEGIN",),
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA3Tz2mr7SZiAMfQyuvBjM9Oi\n-----END RSA PRIVATE KEY-----",
        "-----BEGIN CERTIFICATE----- was expected",
    ),
    Rule(
        "url-password",
        r"[A-Za-z][A-Za-z0-9+.\-]{0,30}:(?:\\?/){2}[^\s/:@\"'<>\[\]{}]{0,200}:(?P<secret>[^\s\"'<>]{1,300}?)@(?=[A-Za-z0-9\[(_%${-])(?![^\s\"'<>/?#]{0,300}@)",
        ("://", ":\\/"),
        "postgres://app:s3cr3t-Pw@db.internal:5432/x",
        "http://localhost:8080/a@b",
    ),
    Rule(
        "url-token",
        r"[A-Za-z][A-Za-z0-9+.\-]{0,30}://(?P<secret>[A-Za-z0-9_\-.~%]{16,300})(?::[^\s/@\"'<>]{0,40})?@",
        ("://",),
        "https://0123456789abcdef0123456789abcdef@o1.ingest.example.com/5",
        "https://example.com/x@y",
    ),
    Rule(
        "webhook",
        r"(?:hooks\.slack\.com/(?:services|workflows|triggers)/|discord(?:app)?\.com/api/(?:v\d+/)?webhooks/|outlook\.office(?:365)?\.com/webhook[b2]*/|\.webhook\.office\.com/webhookb2/|hooks\.zapier\.com/hooks/catch/|maker\.ifttt\.com/(?:trigger/\w+/)?(?:json/)?with/key/|open\.(?:feishu\.cn|larksuite\.com)/open-apis/bot/v2/hook/|hook\.[a-z0-9.]{0,10}make\.com/|events\.pagerduty\.com/integration/|hc-ping\.com/|api\.telegram\.org/bot|mattermost\.[a-z.]{2,40}/hooks/|chat\.googleapis\.com/v1/spaces/)(?P<secret>[^\s\"'<>\\)\]}]{6,400})",
        (
            "hooks.",
            "webhook",
            "ifttt.com",
            "/bot",
            "hook",
            "hc-ping",
            "pagerduty",
            "googleapis.com/v1/spaces",
        ),
        "POST https://hooks.slack.com/services/T00000000/B00000000/aBcDeFgHiJkLmNoPqRsTuVwX",
        "see https://hooks.slack.com/",
    ),
    Rule(
        "telegram-token",
        r"(?<![0-9A-Za-z])\d{8,10}:AA[A-Za-z0-9_\-]{20,40}",
        (":AA",),
        "telegram 110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw",
        "12:AAB",
    ),
    Rule(
        "jwt",
        r"ey[JK][A-Za-z0-9_\-]{6,8000}(?:\.[A-Za-z0-9_\-]{2,8000}){0,4}(?:\.{2,3}[A-Za-z0-9_\-]{0,20})?",
        ("eyJ", "eyK"),
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
        "eyJ is how a JWT starts",
    ),
    Rule(
        "email",
        r"[A-Za-z0-9._%+\-]{1,64}(?:@|%40|\\u0040)(?:[A-Za-z0-9\-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![A-Za-z0-9])",
        ("@", "%40", "u0040"),
        "no such user: jane.doe+x@example.org",
        "pip install pkg@1.2.3",
    ),
    Rule(
        "user",
        r"(?:(?<![A-Za-z0-9.])/(?:home|Users|var/home|export/home|usr/home|mnt/c/Users|media|run/media|c/Users)/|file:///(?:home|Users)/)"
        + _NOBODY
        + r"(?P<secret>[^/\s:\"'<>|\\,;()\[\]{}?*&#=]{1,64})",
        ("/home/", "/Users/", "/media/"),
        "/home/jdoe/app.py",
        "/home/runner/work/app.py",
    ),
    Rule(
        "user",
        r"(?i:\\{1,4}(?:users|documents and settings|docume~1)\\{1,4}|[a-z]:/users/|/users/)"
        + _NOBODY
        + r"(?P<secret>[^/\n\r\t:\"'<>|\\,;()\[\]{}?*&#=]{1,64}?)(?=[\\/\"'\n\r,;:)\]}>]|\s\S*$|\s|$)",
        ("\\", ":/", "/users/"),
        "C:\\Users\\jdoe\\app.py",
        "C:\\Users\\Public\\x",
    ),
)
