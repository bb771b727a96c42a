"""Passwords on command lines and in SQL statements, where a switch or a verb says what follows.

Must live here: one rule a program or statement. Must not be known here: `--password=x`, which `keyvalue` reads.
"""

from crashguard.scrub.rule import Rule

# Arguments are parted by blanks, or stand in the repr of a list.
_GAP = r"(?:\s{1,40}|\\?['\"],\s*\\?['\"])"
_WORDS = r"(?:[^\n|;]{0,300}?)"
_VALUE = r"\\?['\"]?(?P<secret>(?!\d+:\d+|\d{1,5}(?![^\s'\"]))[^\s'\"\\,][^\s'\"\\]*)"
_END = _GAP[:-1] + r"|$)"


def _switch(programs: str, switches: str, glued: bool = False) -> str:
    """Programs whose switches take a password, as the next word or glued to the switch."""
    gap = "" if glued else rf"(?:{_GAP}|=)"
    return rf"\b(?:{programs})\b\\?['\"]?{_WORDS}(?<!\s){_GAP}(?:{switches}){gap}{_VALUE}"


RULES: "tuple[Rule, ...]" = (
    Rule(
        "password",
        _switch(
            "mysql|mysqldump|mysqladmin|mysqlimport|mysqlsh|mysqlpump|mariadb|mariadb-dump|7z|7za|rar|unrar",
            "-p",
            True,
        ),
        ("mysql", "mariadb", "7z", "rar"),
        "mysql -u app -pS3cretPw sales",
        "mysql -p sales",
    ),
    Rule(
        "password",
        _switch(
            "sshpass|docker|podman|buildah|skopeo|nerdctl|helm|az|mongo|mongosh|mongodump|mongorestore|mongoexport"
            "|mongoimport|cqlsh|influx|rdesktop|xfreerdp|oc|twine|cf|ibmcloud|vsql|nzsql|ipmitool|kinit|arangosh|acli",
            "-p|-P|--pass|-pw",
        ),
        (
            "sshpass",
            "docker",
            "podman",
            "skopeo",
            "helm",
            "az ",
            "az'",
            "mongo",
            "cqlsh",
            "influx",
            "rdp",
            "rdesktop",
            "oc ",
            "twine",
            "cf ",
            "vsql",
            "nzsql",
            "ipmitool",
            "buildah",
            "nerdctl",
            "kinit",
            "ibmcloud",
            "acli",
            "arango",
        ),
        "sshpass -p S3cretPw ssh app@db",
        "docker run -p 8080:80 web",
    ),
    Rule(
        "password",
        _switch(
            "curl|wget|http|https|httpie|xh|ab|lftp|siege|hey|wrk|aria2c|smbclient|rpcclient|net|winexe|crackmapexec"
            "|mount|mount.cifs|elasticdump|mosquitto_pub|sqlcmd|svn|git|rclone|evil-winrm",
            "-u|--user|-U|--proxy-user|--auth|-a|-A|--authentication|--credentials",
        )[: -len(_VALUE)]
        + r"\\?['\"]?[^\s'\":%,]{1,80}[:%,](?P<secret>[^\s'\"\\]+)",
        (
            "curl",
            "wget",
            "http",
            "xh ",
            "ab ",
            "lftp",
            "smbclient",
            "rpcclient",
            "net ",
            "winexe",
            "elasticdump",
            "mosquitto",
        ),
        "curl -u app:S3cretPw https://api.example.com",
        "curl -u app https://api.example.com",
    ),
    Rule(
        "password",
        _switch("redis-cli|redis-benchmark|keydb-cli|valkey-cli", "-a|--pass"),
        ("redis-cli", "redis-benchmark", "keydb-cli", "valkey-cli"),
        "redis-cli -h cache -a S3cretPw ping",
        "redis-cli -h cache ping",
    ),
    Rule(
        "password",
        _switch("ldapsearch|ldapadd|ldapmodify|ldapwhoami|ldapdelete|ldappasswd", "-w|-s|-a"),
        ("ldap",),
        "ldapsearch -D cn=admin -w S3cretPw -b dc=acme",
        "ldapsearch -D cn=admin -W -b dc=acme",
    ),
    Rule(
        "password",
        _switch(
            "sqlcmd|bcp|isql|osql|tsql|zip|unzip|fast-?export|plink|pscp|puttygen|evil-winrm|mosquitto_sub|mosquitto_pub|mqtt",
            "-P|-pw",
        ),
        ("sqlcmd", "bcp", "isql", "osql", "tsql", "zip -", "plink", "pscp", "winrm", "mosquitto", "mqtt"),
        "sqlcmd -S db -U app -P S3cretPw -Q x",
        "sqlcmd -S db -E",
    ),
    Rule(
        "password",
        _switch("snmpget|snmpwalk|snmpset|snmpbulkwalk|snmptrap", "-c|-A|-X"),
        ("snmp",),
        "snmpwalk -v2c -c s3cretcomm host",
        "snmpwalk -v2c host",
    ),
    Rule(
        "password",
        _switch(
            "keytool|jarsigner|apksigner",
            "-storepass|-keypass|-srcstorepass|-deststorepass|--ks-pass|--key-pass",
        ),
        ("keytool", "jarsigner", "apksigner"),
        "keytool -list -storepass S3cretPw",
        "keytool -list",
    ),
    Rule(
        "password",
        r"\bpass(?:in|out|word)?['\"]?(?:\s+|=|['\"],\s*['\"])pass:(?P<secret>[^\s'\"\\]+)",
        ("pass:",),
        "openssl rsa -in key.pem -passin pass:S3cretPw",
        "two out of three pass: fine",
    ),
    Rule(
        "password",
        rf"\bhtpasswd{_GAP}-\w*b\w*{_GAP}\S+{_GAP}\S+{_GAP}(?P<secret>[^\s'\"]+)",
        ("htpasswd",),
        "htpasswd -b users app S3cretPw",
        "htpasswd users app",
    ),
    Rule(
        "password",
        r"\becho\s+(?:-n\s+)?['\"]?(?P<secret>[^\s'\"|$]+)['\"]?\s*\|\s*(?:sudo\b[^|\n]{0,80}-S|docker\s+login|podman\s+login|passwd|chpasswd|su\b|kinit|cryptsetup|gpg)",
        ("echo ",),
        "echo S3cretPw | sudo -S apt update",
        "echo hello | wc -l",
    ),
    Rule(
        "password",
        r"(?i:\bidentified\s+(?:with\s+\S+\s+)?(?:by|as|using)\s+(?:password\s+|values\s+)?)\\*(?P<q>['\"])?"
        r"(?(q)|(?:(?=[^\s;]*[\d$!#%^&*])|(?<=IDENTIFIED BY )))(?P<secret>(?(q)(?:[^'\"\\]|''(?=\w))+|[^\s'\"\\;]+))",
        ("identified",),
        "CREATE USER app IDENTIFIED BY 'S3cretPw'",
        "the user was identified by name",
    ),
    Rule(
        "credentials",
        r"(?i:\bAUTH\s(?:PLAIN|LOGIN|XOAUTH2|CRAM-MD5)\s)(?P<secret>[A-Za-z0-9+/]{8,2000}={0,2})",
        ("auth plain ", "auth login ", "auth xoauth2 ", "auth cram-md5 "),
        "send: 'AUTH PLAIN AGFwcABTM2NyZXRQdw=='",
        "AUTH PLAIN is not supported",
    ),
    Rule(
        "password",
        r"(?i:auth)[`'\"],?\swith\sargs\sbeginning\swith:\s{0,4}(?:[`'][^`'\n]{1,100}[`']\s)?[`'](?P<secret>[^`'\n]{1,400})[`']",
        ("with args beginning with",),
        "ERR unknown command `AUTH`, with args beginning with: `S3cretPw`,",
        "ERR unknown command `GETT`, with args beginning with: `orders`,",
    ),
    Rule(
        "password",
        r"(?i:\bset\s+password\s+for\s+\S{1,80}\s*=\s*(?:password\()?)\\*['\"](?P<secret>[^'\"\\]+)",
        ("set password",),
        "SET PASSWORD FOR app = 'S3cretPw'",
        "set password for app",
    ),
    Rule(
        "password",
        r"\bnet\s+use\s[^\n|;]{0,200}?/user:\S{1,80}\s+(?P<secret>[^\s'\"/]+)|\bnet\s+use\s\S+(?:\s\S+)?\s(?P<first>)(?=\S+\s/user)",
        ("net use",),
        "net use Z: \\\\files\\share /user:app S3cret!Pw",
        "net use Z: \\\\files\\share",
    ),
    Rule(
        "password",
        r"ConvertTo-SecureString\s+(?:-String\s+)?\\?['\"](?P<secret>[^'\"\\]+)",
        ("SecureString",),
        'ConvertTo-SecureString "S3cretPw" -AsPlainText -Force',
        "ConvertTo-SecureString $text -AsPlainText",
    ),
    Rule(
        "password",
        r"(?:\bsnmp-server\s+community\s+|\bcommunity(?:\s+string)?\s+(?=[^\s'\",]*\d)|\b(?:secret|password|key|key-string)\s+[05789]\s+)(?P<secret>[^\s'\",]{4,})",
        (
            "community",
            "secret 5",
            "secret 8",
            "secret 9",
            "secret 0",
            "password 5",
            "password 7",
            "password 0",
            "key 7",
            "key 0",
            "key-string",
        ),
        "snmp-server community s3cr3tComm RO",
        "the community edition",
    ),
    Rule(
        "password",
        r"(?i:--?[\w-]{0,40}(?:api-?key|token|secret|passw(?:or)?d|passphrase|pwd)[\w-]{0,20}"
        r"(?:/-\w)?:\s(?:invalid|expected|not a valid)[^:'\"]{0,40}:\s)['\"](?P<secret>[^'\"]+)",
        ("invalid ", "expected ", "not a valid "),
        "error: argument --api-key: invalid key value: '6mK2p9XwQzR4tYvB'",
        "error: argument --region: invalid choice: 'eu-west-9'",
    ),
    Rule(
        "password-hash",
        r"\$(?:1|2[abxy]?|5|6|7|y|gy|apr1|sha1|md5|argon2(?:id|i|d)(?:\$v=\d+)?\$[mtp=,\d]+|pbkdf2[\w\-]*|scrypt|bcrypt-sha256)\$[^\s:\"',;]{8,300}"
        r"|\bpbkdf2_sha\d+\$\d+\$[^\s:\"',;]{8,200}|\{S{0,2}(?:SHA|MD5|CRYPT)\d*\}[A-Za-z0-9+/=$.]{12,}",
        (
            "$1$",
            "$2$",
            "$2a$",
            "$2b$",
            "$2x$",
            "$2y$",
            "$5$",
            "$6$",
            "$7$",
            "$y$",
            "$gy$",
            "$apr1$",
            "$argon2",
            "pbkdf2",
            "$scrypt",
            "$sha1$",
            "$md5$",
            "SHA",
            "{CRYPT}",
            "{MD5}",
            "$bcrypt",
        ),
        "root:$6$a1B2c3D4$e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0:19000",
        "costs $2 or $5 a month",
    ),
    Rule(
        "password",
        r"\b(?:HTTP\w{0,10}Auth|BasicAuth|ProxyAuth|auth\s?=\s?|\.login|\.authenticate|UserPass\w*|PlainTextAuthProvider)\(\s*\\?['\"][^'\"\\]{0,100}\\?['\"],\s*\\?['\"](?P<secret>[^'\"\\]+)",
        ("Auth(", "auth=(", "auth = (", ".login(", ".authenticate(", "UserPass", "AuthProvider"),
        "HTTPBasicAuth('app', 'S3cretPw')",
        "HTTPBasicAuth(user, secret)",
    ),
    Rule(
        "signature",
        r"\bDigest\s[^\n]{0,400}?\bresponse=\\*['\"]?(?P<secret>[^\s'\"\\,]{8,})",
        ("Digest ",),
        'Digest username="app", realm="x", response="6629fae49393a05397450978507c4ef1"',
        "Digest mismatch in response",
    ),
    Rule(
        "token",
        r"(?:^|[^\w-])(?i:bearer|ssws|geniekey|apikey|splunk|bot|jwt|dpop|token)\s(?![a-z]+(?:_(?:[a-z]+|v?\d{1,2}))+(?![\w\-.~+/]))(?P<secret>(?=[A-Za-z_.\-~+/]*\d)[A-Za-z0-9_.\-~+/]{16,}={0,2})(?![\w=(])",
        ("earer ", "EARER ", "SSWS ", "GenieKey ", "piKey ", "Splunk ", "Bot ", "JWT ", "DPoP ", "oken "),
        "Authorization: Bearer 6mK2p9XwQzR4tYvB",
        "the bearer authentication scheme is unknown",
    ),
    Rule(
        "credentials",
        r"\b[Bb]asic\s(?P<secret>[A-Za-z0-9+/\-_]{8,}={0,2})(?![\w=])(?<![a-z]{8})",
        ("asic ",),
        "Authorization: Basic YXBwOlMzY3JldFB3",
        "basic authentication failed",
    ),
)
