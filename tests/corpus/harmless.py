"""Texts without any secret that look as if they held one: nothing in them may change."""

import random

from tests.corpus import shapes

SHAPES = """
commit {h:40} not found
HEAD is now at {h:7} Fix the parser
fatal: bad object {h:40}
image registry.example.com/team/app@sha256:{h:64}
sha256:{h:64} did not match
pip hash --hash=sha256:{h:64}
expected md5 {h:32}, got {h:32}
resource {h:8}-{h:4}-4{h:3}-a{h:3}-{h:12} not found
request_id={h:8}-{h:4}-4{h:3}-b{h:3}-{h:12} status=500
x-amzn-RequestId: {h:8}-{h:4}-4{h:3}-9{h:3}-{h:12}
trace_id={h:32} span_id={h:16}
traceparent: 00-{h:32}-{h:16}-01
arn:aws:iam::{n:12}:role/service-role/MyLambdaRole is not authorized to perform: s3:GetObject
arn:aws:lambda:us-east-1:{n:12}:function:ingest-worker-prod
An error occurred (NoSuchBucket) when calling the ListObjects operation: arn:aws:s3:::acme-data-{n:4}
instance i-0{h:16} in vpc-0{h:16} subnet-0{h:16}
/subscriptions/{h:8}-{h:4}-4{h:3}-a{h:3}-{h:12}/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm1
projects/acme-prod/locations/europe-west1/instances/db-{n:3}
SELECT id, name, password FROM users WHERE id = {n:5}
column "password_hash" of relation "users" does not exist
UPDATE tokens SET expires_at = now() WHERE token_id = {n:4}
INSERT INTO events (id, key, value) VALUES (%s, %s, %s)
CREATE TABLE users (id int PRIMARY KEY, password text NOT NULL, api_key varchar(64))
duplicate key value violates unique constraint "users_pkey"
KeyError: 'password'
KeyError: 'api_key'
KeyError: 'AWS_SECRET_ACCESS_KEY'
TypeError: login() got an unexpected keyword argument 'password'
TypeError: __init__() missing 1 required positional argument: 'token'
AttributeError: 'Client' object has no attribute 'access_token'
ValueError: password must not be empty
password: must be at least 8 characters
Password incorrect for this account
Invalid token: expected '}}' but got ']'
SyntaxError: unexpected token 'else' at line {n:3}
json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)
Unexpected token < in JSON at position {n:2}
token_type=bearer expires_in=3600 scope=read
max_tokens=4096 temperature=0.7 model=large
prompt tokens: {n:4}, completion tokens: {n:3}
primary_key=id sort_key=created_at
cache_key=user:list:page:{n:2}
partition key 'date=2026-01-{n:2}' not found
key=users/{n:4}/profile.json bucket=acme-data
password=None
token=null
password=********
password=[REDACTED]
api_key=<your-api-key>
api_key=${{API_KEY}}
token: ${{{{ secrets.GITHUB_TOKEN }}}}
password = os.environ["DB_PASSWORD"]
    conn = connect(user=user, password=password, host=host)
    token = self._get_token(request)
    headers = {{"Authorization": f"Bearer {{token}}"}}
    api_key=settings.API_KEY,
    if password is None:
    raise AuthError("token expired")
  File "/usr/lib/python3.11/site-packages/requests/adapters.py", line {n:3}, in send
  File "/app/src/acme/pipeline/transform.py", line {n:2}, in <module>
  File "<frozen importlib._bootstrap>", line 241, in _call_with_frames_removed
    at com.acme.auth.TokenService.refreshAccessToken(TokenService.java:{n:3})
    at Object.<anonymous> (/app/node_modules/jest-circus/build/utils.js:{n:3}:18)
goroutine 1 [running]: main.main() /go/src/app/main.go:{n:2} +0x{h:3}
thread 'main' panicked at src/main.rs:{n:2}:5: called `Option::unwrap()` on a `None` value
ModuleNotFoundError: No module named 'acme.secrets.provider'
ImportError: cannot import name 'create_access_token' from 'flask_jwt_extended'
module acme.plugins.token_store loaded
cloudquery-source-aws v{n:2}.{n:1}.{n:1}
numpy-1.26.{n:1}-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl
requires torch==2.{n:1}.1+cu121, found 2.0.0
version 1.2.3.{n:1} is not supported
ImageMagick 7.1.1.{n:2} is required
Chrome/120.0.6099.{n:3} Safari/537.36
v10.0.19045.{n:4}
openssl-3.0.{n:2}
"integrity": "sha512-{b:86}=="
h1:{b:43}= go.sum mismatch
/nix/store/{l:32}-hello-2.12.1/bin/hello
libfoo-{h:16}.rlib
main.{h:8}.js
2026-01-0{n:1}T03:04:05.{n:6}Z
2026-01-0{n:1} 03:04:05,{n:3} INFO worker started pid={n:5}
took {n:4}.{n:3} ms, {n:7} rows, {n:8} bytes
timestamp 17{n:8} is in the future
id {n:12} out of range
job 20260102_{n:6} failed
0x{h:12} at 0x{h:8}
Segmentation fault at address 0x{h:16}
region us-east-1, eu-central-1 or ap-southeast-2
connecting to localhost:{n:4}
connection to 127.0.0.1:{n:4} refused
listening on 0.0.0.0:{n:4}
https://docs.example.com/errors/auth-token-expired
https://github.com/acme/tool/commit/{h:40}
https://github.com/acme/tool/blob/main/src/auth/token.py#L{n:2}
see https://example.com/a/b?page=2&sort=name
git@github.com:acme/tool.git
pip install tool@1.2.{n:1}
npm ERR! 404 Not Found - GET @acme/tool@{n:1}.0.0
@property def password(self) -> str:
@pytest.mark.parametrize
/home/runner/work/tool/tool/src/main.py
/root/.cache/pip
/usr/local/lib/python3.11/dist-packages/boto3/session.py
C:\\Users\\Public\\Documents
C:\\Program Files\\Python311\\python.exe
/etc/ssl/certs/ca-certificates.crt
web-7d4b9c6f5d-x2x9k in namespace default is CrashLoopBackOff
pod/ingest-worker-{h:10}-{L:5} evicted
AbstractSingletonProxyFactoryBeanBuilderConfigurationManager2
_ZN5boost6system14error_categoryC2Ev
test_user_password_reset_token_expires_after_24_hours PASSED
THIS_IS_A_VERY_LONG_CONSTANT_NAME_WITH_NUMBERS_12345
getUserByEmailAndPasswordHashOrThrowException
01{u:24}
bucket acme-prod-logs-{n:12}-eu-west-1
s3://acme-prod/data/year=2026/month=01/part-0000{n:1}-{h:8}-{h:4}-4{h:3}-a{h:3}-{h:12}.snappy.parquet
dataset_20260102_v{n:1}_final_backup.csv
cus_{a:14} has no attached payment source
ETag: "{h:32}"
Content-Length: {n:5}
Content-Type: application/json; charset=utf-8
User-Agent: python-requests/2.31.{n:1}
rate limit exceeded: {n:4} requests per 60 seconds, retry after {n:2}s
HTTPSConnectionPool(host='api.example.com', port=443): Max retries exceeded with url: /v1/items?page={n:2}
<urllib3.connection.HTTPSConnection object at 0x7f{h:10}>
sqlalchemy.exc.OperationalError: (psycopg2.OperationalError) FATAL: password authentication failed for user "app"
Access denied for user 'app'@'localhost' (using password: YES)
ssl.SSLCertVerificationError: certificate verify failed: unable to get local issuer certificate (_ssl.c:{n:4})
botocore.exceptions.NoCredentialsError: Unable to locate credentials
google.auth.exceptions.DefaultCredentialsError: Your default credentials were not found
The security token included in the request is invalid
The AWS Access Key Id you provided does not exist in our records.
ExpiredToken: The provided token has expired.
secret "db-credentials" not found in namespace "prod"
secret/data/prod/db not found in vault
private key file /etc/ssl/private/server.key has wrong permissions
-----BEGIN CERTIFICATE----- missing
auth_method=oidc auth_url=https://login.example.com/authorize
session closed after {n:3} s
code=404 status=error
exit code: {n:1}
errcode={n:5} hint=check-the-table
pin memory: True
mobile devices are not supported
card not found
phone number is required
signature does not match: method MyClass.handle(int, str)
passed=12 failed=3 skipped=1
compass heading={n:3} keyboard=us author=jane tokenizer=bert-base-uncased
monkey=3 turkey=4 donkey=5
encoding=utf-8 hash=sha256 algorithm=HS256
shipping to zip 9{n:4}, order #{n:6}
lat=48.8{n:3}, lon=2.3{n:3}
ratio 1:2:3:4, time 12:34:56
C++ std::vector::at: out of range
a::b::c::Parser::parse_token
ipv6 address :: is unspecified
Snowflake query 01{h:6}-0{h:3}-{h:4}-0000-{h:16} failed
sync run cloudquery/aws->postgresql finished with {n:3} errors
schema_version=20260102{n:6}
process exited with signal 11 (SIGSEGV)
mongodb ObjectId('{h:24}') not found
error CS0246: The type or namespace name 'Token' could not be found
ORA-00942: table or view does not exist
Traceback (most recent call last):
RecursionError: maximum recursion depth exceeded while calling a Python object
UnicodeDecodeError: 'utf-8' codec can't decode byte 0x{h:2} in position {n:3}: invalid start byte
tls: handshake failure; cipher TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
"""


def texts(rng: random.Random, each: int, lines: str = SHAPES) -> list[str]:
    """`each` texts of every shape."""
    made = []
    for line in lines.strip("\n").splitlines():
        shape = line.replace("¶", "\n").replace("{{", "\x01").replace("}}", "\x02")
        made += [shapes.expand(shape, rng).replace("\x01", "{").replace("\x02", "}") for _ in range(each)]
    return made
