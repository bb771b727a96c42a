"""Shapes that one pattern describes whole: web tokens, webhooks, e-mail addresses, some issuers' own forms.

Must live here: rules whose pattern says it all. Must not be known here: names before values, and numbers.
"""

from crashguard.scrub.rule import Rule

RULES: "tuple[Rule, ...]" = (
    Rule(
        "webhook",
        r"(?:hooks\.slack(?:-gov)?\.com|hooks\.zapier\.com|maker\.ifttt\.com|hook\.[a-z0-9.]{0,10}make\.com|hook\.integromat\.com"
        r"|outlook\.office(?:365)?\.com/webhook|[a-z0-9\-]{1,40}\.webhook\.office\.com|discord(?:app)?\.com/api/(?:v\d+/)?webhooks"
        r"|open\.(?:feishu\.cn|larksuite\.com)/open-apis/bot|events\.pagerduty\.com/integration|hc-ping\.com|api\.telegram\.org/bot"
        r"|chat\.googleapis\.com/v1/spaces|oapi\.dingtalk\.com/robot|qyapi\.weixin\.qq\.com/cgi-bin/webhook|webhook\.site"
        r"|[a-z0-9.\-]{1,40}\.logic\.azure\.com(?::443)?/workflows|[a-z0-9\-]{1,40}\.m\.pipedream\.net|hooks\.glip\.com|mm\.[a-z.]{3,40}/hooks"
        r"|mattermost\.[a-z.]{2,40}/hooks)/?(?P<secret>[^\s\"'<>\\)\]}|]{6,600})",
        (
            "hook",
            "ifttt.com",
            "/bot",
            "hc-ping",
            "pagerduty",
            "googleapis.com/v1/spaces",
            "dingtalk",
            "azure.com",
            "pipedream",
        ),
        "POST https://hooks.slack.com/services/T0ABCDEF1/B0ABCDEF2/aBcDeFgH1jKlMnOpQrStUvWx",
        "see https://hooks.slack.com/",
    ),
    Rule(
        "telegram-token",
        r"(?<![0-9A-Za-z])\d{8,10}:AA[A-Za-z0-9_\-]{20,40}",
        (":AA",),
        "telegram 110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw",
        "ratio 12:AAB",
    ),
    Rule(
        "jwt",
        r"(?<![A-Za-z0-9+/=])ey[JK][A-Za-z0-9_\-+/]{8,16000}(?:(?:\.|%2[eE])[A-Za-z0-9_\-+/]{2,16000}){0,4}={0,2}(?:\.{2,3}[A-Za-z0-9_\-]{0,20}|…)?",
        ("eyJ", "eyK"),
        "sent eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
        "eyJ is how a JWT starts",
    ),
    Rule(
        "terraform-token",
        r"(?<![A-Za-z0-9])[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_\-]{10,}",
        (".atlasv1.",),
        "A1b2C3d4E5f6G7.atlasv1.A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8S9t0",
        "the .atlasv1. part of a token",
    ),
    Rule(
        "braintree-token",
        r"access_token\$(?:production|sandbox)\$[a-z0-9]{16}\$[0-9a-f]{10,32}",
        ("access_token$",),
        "access_token$production$a1b2c3d4e5f6a7b8$0123456789abcdef0123456789abcdef",
        "access_token$production is the prefix",
    ),
    Rule(
        "doppler-token",
        r"(?<![A-Za-z0-9.])dp\.(?:pt|st|ct|sa|scim|audit|said)\.(?:[a-z0-9\-_]{2,35}\.)?[A-Za-z0-9]{12,50}",
        ("dp.",),
        "dp.st.dev.a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0u1V",
        "dp.st.dev is a config",
    ),
    Rule(
        "google-token",
        r"(?<![A-Za-z0-9/])(?:1//0[A-Za-z0-9_\-]{20,200}|4/0A[A-Za-z0-9_\-]{20,100})",
        ("1//0", "4/0A"),
        "1//0gA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7",
        "1//0 is how it starts",
    ),
    Rule(
        "astra-token",
        r"AstraCS:[A-Za-z0-9]{4,40}(?::[0-9a-f]{8,64})?",
        ("AstraCS:",),
        "AstraCS:aBcDeFgHiJkLmNoPqRsTuVwX:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "AstraCS: is a prefix",
    ),
    Rule(
        "newrelic-key",
        r"(?<![0-9A-Za-z])[0-9a-f]{36}NRAL",
        ("NRAL",),
        "0123456789abcdef0123456789abcdef0123NRAL",
        "NRAL is a suffix",
    ),
    Rule(
        "mailchimp-key",
        r"(?<![0-9A-Za-z])[0-9a-f]{32}-us\d{1,2}(?![0-9A-Za-z])",
        ("-us",),
        "0123456789abcdef0123456789abcdef-us14",
        "us-east-1 and -us2",
    ),
    Rule(
        "salesforce-token",
        r"(?<![0-9A-Za-z])00D[A-Za-z0-9]{12,15}![A-Za-z0-9._]{20,120}",
        ("00D",),
        "00D5g000004abcd!AQEAQK1a2b3c4d5e6f7g8h9i0jKLMNOP",
        "record 00D5g000004abcd",
    ),
    Rule(
        "azure-key",
        r"(?<![A-Za-z0-9_~.\-])[A-Za-z0-9_~.\-]{3}[78]Q~[A-Za-z0-9_~.\-]{20,40}",
        ("Q~",),
        "abc8Q~A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7",
        "8Q~ is in the middle",
    ),
    Rule(
        "url-signature",
        r"[?&;](?:sig|signature|X-Amz-Signature|X-Goog-Signature|X-Amz-Credential|hmac|token|AWSAccessKeyId|GoogleAccessId|Key-Pair-Id|Policy|se_sig)=(?P<secret>[A-Za-z0-9%+/=_\-~.]{12,2000})",
        ("sig", "ignature", "hmac", "X-Amz-C", "token=", "AccessKeyId", "Key-Pair-Id"),
        "https://acme.blob.example.com/c?sv=2024&sig=A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7%3D",
        "https://acme.example.com/?signature=none",
    ),
)
