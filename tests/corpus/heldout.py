"""A second corpus, written apart from the rules: other notations, other kinds, other harmless texts.

It is measured, not tuned on: what is learned from it is not written back into `crashguard.scrub`
(the figures in `docs/scrubbing.md` name both sets). `\x01` stands around the secret in a template.
"""

import random

from tests.corpus import harmless as tuning_harmless_module
from tests.corpus import shapes
from tests.corpus.measure import Sample

# kind | template; the secret stands between two `¦`
TEMPLATES = r"""
argparse-error | usage: tool [-h]¶tool: error: argument --api-key: invalid key value: '¦{a:32}¦'
requests-url | requests.exceptions.ConnectionError: HTTPSConnectionPool(host='api.acme.io', port=443): Max retries exceeded with url: /v2/data?apikey=¦{a:32}¦&q=x (Caused by NewConnectionError)
requests-token | 401 Client Error: Unauthorized for url: https://api.acme.io/items?access_token=¦{w:40}¦
sqlalchemy-url | sqlalchemy.exc.ArgumentError: Could not parse rfc1738 URL from string 'postgresql//svc_user:¦{p:14}¦@db-host/sales'
sqlalchemy-params | [SQL: INSERT INTO users (name, password) VALUES (%(name)s, %(password)s)]¶[parameters: {'name': 'bob', 'password': '¦{p:12}¦'}]
psycopg-dsn | psycopg2.OperationalError: invalid dsn: missing "=" after "x" in connection info string: dbname=sales user=svc password=¦{a:14}¦ x
pymongo-uri | pymongo.errors.InvalidURI: Invalid URI scheme: mongo://svc:¦{a:18}¦@cluster0.ab1cd.mongodb.net/test?retryWrites=true
redis-auth | redis.exceptions.AuthenticationError: Client sent AUTH ¦{a:24}¦, but no password is set
kafka-conf | KafkaError: Unable to configure {'sasl.username': 'svc', 'sasl.password': '¦{a:20}¦', 'security.protocol': 'SASL_SSL'}
boto-repr | <Credentials access_key=¦AKIA{2:16}¦ method=env>
boto-secret | ClientError(credentials=Credentials(access_key='AK', secret_key='¦{b:40}¦', token=None))
azure-conn | ValueError: Connection string missing required connection details: DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=¦{b:86}==¦
gcp-json | {"type": "service_account", "project_id": "acme", "private_key": "-----BEGIN PRIVATE KEY-----\n¦{b:64}\n{b:64}\n{b:40}¦\n-----END PRIVATE KEY-----\n", "client_id": "1"}
docker-auths | {"auths": {"registry.acme.io": {"auth": "¦{a:30}==¦"}}}
kubeconfig | users:¶- name: admin¶  user:¶    client-key-data: ¦{b:200}==¦
kubeconfig-token | users:¶- name: ci¶  user:¶    token: ¦{w:60}¦
k8s-secret | apiVersion: v1¶kind: Secret¶data:¶  password: ¦{a:23}=¦
terraform-var | Error: Invalid value for variable: var.db_password is "¦{p:16}¦"
ansible-out | fatal: [web1]: FAILED! => {"changed": false, "invocation": {"module_args": {"login_password": "¦{p:16}¦", "login_user": "root"}}}
git-remote | remote: HTTP Basic: Access denied¶fatal: Authentication failed for 'https://ci:¦{w:20}¦@git.acme.io/a/b.git/'
pip-index | Looking in indexes: https://aws:¦{a:60}¦@acme-1.d.codeartifact.eu-west-1.amazonaws.com/pypi/x/simple/
npm-log | npm ERR! //npm.acme.io/:_authToken=¦{h:8}-{h:4}-{h:4}-{h:4}-{h:12}¦
curl-verbose | > GET /v1 HTTP/1.1¶> Host: api.acme.io¶> Authorization: Bearer ¦{w:45}¦¶> Accept: */*
curl-basic | > Authorization: Basic ¦{a:27}=¦
httpx-headers | Headers([('host', 'x'), ('authorization', 'Bearer ¦{w:45}¦'), ('accept', '*/*')])
wsgi-environ | {'HTTP_HOST': 'x', 'HTTP_AUTHORIZATION': 'Token ¦{h:40}¦', 'HTTP_COOKIE': 'a=b'}
wsgi-cookie | {'HTTP_COOKIE': 'csrftoken=¦{a:32}¦; theme=dark'}
header-bytes | (b'x-api-key', b'¦{a:32}¦')
header-custom | X-Auth-Token: ¦{h:32}¦
header-vendor | 'X-Shopify-Access-Token': 'shpat_¦{h:32}¦'
header-lower | x-vault-token: ¦s.{a:24}¦
graphql | {"query": "mutation { login(email: \"x\", password: \"¦{p:12}¦\") { id } }"}
json-nested | {"config": {"credentials": {"key": "¦{a:32}¦"}}}
json-array | {"api_keys": ["¦{a:32}¦", "x"]}
json-number-pin | {"pin": ¦{n:6}¦}
json-camel | {"apiSecret":"¦{a:32}¦","dbUser":"x"}
json-pretty | {¶  "clientSecret": "¦{a:36}¦",¶  "region": "eu"¶}
json-error | json.decoder.JSONDecodeError: Expecting ',' delimiter: {"password": "¦{p:14}¦" "user": "x"}
json-single-escape | payload="{\"refresh_token\":\"¦{a:50}¦\",\"n\":1}"
json-double-escape | "{\\\"passwd\\\":\\\"¦{a:12}¦\\\",\\\"n\\\":1}"
json-go-escape | url=https://x/cb?state=1\u0026access_token=¦{a:40}¦\u0026n=1
html-escape | <a href="https://x/cb?n=1&amp;token=¦{a:40}¦&amp;m=2">
percent-escape | redirect_uri=https%3A%2F%2Fx%2Fcb%3Ftoken%3D¦{a:40}¦%26n%3D1
form-body | grant_type=password&username=svc&password=¦{a:14}¦&scope=all
multipart | Content-Disposition: form-data; name="password"¶¶¦{a:14}¦¶--bound
xml-elem | <soap:Body><UserName>svc</UserName><Password>¦{a:14}¦</Password></soap:Body>
xml-wsse | <wsse:Password Type="http://docs.oasis-open.org/x#PasswordText">¦{a:14}¦</wsse:Password>
xml-attr | <user name="svc" password="¦{a:14}¦" role="x"/>
web-config | <add name="db" connectionString="Server=db;Database=x;User Id=svc;Password=¦{a:14}¦;" />
maven-settings | <server><id>x</id><username>svc</username><password>¦{a:14}¦</password></server>
properties | db.url=jdbc:h2:mem¶db.password=¦{a:14}¦¶db.pool=5
ini-colon | [db]¶user: svc¶pass: ¦{p:14}¦
toml | [database]¶password = "¦{p:14}¦"¶port = 1
env-file | DB_HOST=x¶DB_PASS=¦{p:14}¦¶DB_PORT=1
env-quoted | export STRIPE_KEY="sk_live_¦{a:24}¦"
env-dump | environ({'HOME': '/root', 'SLACK_API_TOKEN': 'xoxb-¦{n:12}-{n:12}-{a:24}¦', 'LANG': 'C'})
env-list | ['PATH=/bin', 'GITHUB_TOKEN=ghp_¦{a:36}¦', 'LANG=C']
printenv | AWS_SECRET_ACCESS_KEY=¦{b:40}¦
docker-run | docker run -e POSTGRES_PASSWORD=¦{a:16}¦ -p 5432:5432 postgres
docker-compose | environment:¶  - MYSQL_ROOT_PASSWORD=¦{a:16}¦¶  - TZ=UTC
subprocess-list | subprocess.CalledProcessError: Command '['psql', 'postgresql://svc:¦{a:16}¦@db/x']' returned non-zero exit status 2.
subprocess-p | Command '['mysql', '-usvc', '-p¦{a:16}¦', 'x']' returned non-zero exit status 1.
subprocess-long | Command ['vault', 'login', '-method=userpass', 'username=svc', 'password=¦{a:16}¦'] failed
argv | sys.argv = ['tool', '--db-password', '¦{p:12}¦', '-v']
argv-token | tool sync --token ¦{a:32}¦ --output x
argv-secret | ./deploy.sh --client-secret=¦{w:34}¦ --env=prod
psql-url | psql: error: connection to "postgres://svc:¦{a:16}¦@db:5432/x" failed
rsync | RSYNC_PASSWORD=¦{a:12}¦ rsync -a x svc@db::m
sshpass-quoted | sshpass -p '¦{a:12}¦' ssh svc@db
lftp | lftp -u svc,¦{a:12}¦ ftp.acme.io
openssl-pass | openssl enc -aes-256-cbc -pass pass:¦{a:12}¦ -in x
keytool | keytool -import -alias x -storepass ¦{a:12}¦ -file y
htpasswd | htpasswd -b /etc/x svc ¦{a:12}¦
net-use | net use Z: \\files\share /user:svc ¦{a:5}!{a:6}¦
runas-ps | ConvertTo-SecureString "¦{a:12}¦" -AsPlainText -Force
ps-param | Connect-Thing -UserName svc -Password '¦{a:12}¦'
mysql-err-args | OperationalError: connect(host='db', user='svc', passwd='¦{p:12}¦')
kwargs-repr | TypeError: connect() got unexpected kwargs {'host': 'db', 'pwd': '¦{a:12}¦'}
dataclass-nested | App(db=Db(host='db', password='¦{p:12}¦', port=1), debug=True)
pydantic-settings | Settings(db_url=Url('postgres://svc:¦{a:16}¦@db/x'), debug=False)
attrs-repr | Client(base_url='x', api_token='¦{a:40}¦')
namedtuple | Creds(user='svc', secret='¦{a:30}¦')
bytes-repr | b'{"password":"¦{a:12}¦"}'
bytes-header | b'Authorization: Bearer ¦{a:40}¦\r\nHost: x\r\n'
tuple-cred | auth=('svc', '¦{a:14}¦')
basic-auth-obj | HTTPBasicAuth(username='svc', password='¦{a:14}¦')
basic-auth-pos | requests.get(url, auth=HTTPBasicAuth('svc', '¦{a:14}¦'))
go-struct | panic: &config.Config{Host:"db", Password:"¦{a:14}¦", Port:1}
go-map | failed with options map[apiKey:¦{a:32}¦ region:eu]
go-error | rpc error: code = Unauthenticated desc = invalid token "¦{w:40}¦"
rust-debug | Err(Auth { user: "svc", token: "¦{w:40}¦" })
java-exc | java.sql.SQLException: Access denied; url=jdbc:mysql://db/x?user=svc&password=¦{a:14}¦
java-tostring | DataSource[url=x, username=svc, password=¦{a:14}¦]
java-d | java -Djavax.net.ssl.keyStorePassword=¦{a:12}¦ -jar x.jar
node-obj | { user: 'svc', password: '¦{a:12}¦', host: 'db' }
node-template | apiKey: '¦{a:32}¦',
ruby-hash | {"user"=>"svc", "password"=>"¦{a:12}¦"}
ruby-sym | {:api_key=>"¦{a:32}¦"}
php-dump | ["password"]=> string(12) "¦{a:12}¦"
php-print-r | [password] => ¦{a:12}¦
perl-dump | 'password' => '¦{a:12}¦',
csharp-conn | Data Source=db;Initial Catalog=x;User Id=svc;Pwd=¦{a:12}¦;Trusted_Connection=False
snowflake-uri | snowflake://svc:¦{p:6}{a:6}¦@acme-xy12345/db/public?warehouse=wh
bigquery-uri | bigquery://acme?credentials_base64=¦{a:120}==¦
s3-uri | s3://¦AKIA{2:16}¦:{a:40}@bucket/x
s3fs-secret | s3://AKIAXXXXXXXXXXXXXXXX:¦{a:40}¦@bucket/x
clickhouse-uri | clickhouse://default:¦{a:16}¦@ch.acme.io:9440/x?secure=true
mssql-uri | mssql+pyodbc://sa:¦{a:10}%40{a:4}¦@db/x?driver=ODBC+Driver+17
odbc-quoted | mssql+pyodbc:///?odbc_connect=DRIVER%3D%7BODBC%7D%3BUID%3Dsvc%3BPWD%3D¦{a:14}¦%3B
odbc-brace | Driver={ODBC Driver 18 for SQL Server};Server=db;Uid=svc;Pwd={¦{a:5};{a:5}¦};
amqp-vhost | amqp://svc:¦{a:16}¦@mq:5672/%2F
smtp-url | smtp://svc%40acme.io:¦{a:16}¦@smtp.acme.io:587
ldap-bind | ldap.INVALID_CREDENTIALS: {'bind_dn': 'cn=svc', 'bind_password': '¦{a:14}¦'}
ftp-url | ftp://svc:¦{a:12}¦@ftp.acme.io/pub
redis-url | redis://default:¦{a:32}¦@redis-1.acme.io:6379
es-url | https://elastic:¦{a:24}¦@es.acme.io:9200
sentry-dsn | https://¦{h:32}¦@o1.ingest.sentry.io/5
sentry-dsn-old | https://¦{h:32}:{h:32}¦@sentry.acme.io/5
netrc-one | machine api.acme.io login svc password ¦{a:20}¦
netrc-heroku | machine api.heroku.com¶  login svc¶  password ¦{h:8}-{h:4}-{h:4}-{h:4}-{h:12}¦
npmrc-b64 | //npm.acme.io/:_password="¦{a:24}==¦"
pypirc | [distutils]¶[pypi]¶username=__token__¶password=pypi-¦AgEIcHlwaS5vcmc{w:150}¦
pgpass | db.acme.io:5432:*:svc:¦{a:14}¦
mycnf | [client]¶user=svc¶password="¦{p:12}¦"
boto-cfg | [default]¶aws_access_key_id = ¦AKIA{2:16}¦
boto-cfg-secret | aws_secret_access_key = ¦{b:40}¦
gitconfig | [url "https://¦{a:40}¦:x-oauth-basic@github.com/"]
git-extraheader | http.extraheader=AUTHORIZATION: basic ¦{a:60}==¦
gem-cred | :rubygems_api_key: rubygems_¦{h:48}¦
cargo-cred | [registry]¶token = "cio¦{a:32}¦"
hub-config | github.com:¶- user: svc¶  oauth_token: ¦{h:40}¦
gh-hosts | oauth_token: gho_¦{a:36}¦
sql-create | CREATE USER svc WITH ENCRYPTED PASSWORD '¦{a:12}¦'
sql-alter | ALTER ROLE svc PASSWORD '¦{a:12}¦'
sql-grant | GRANT ALL ON *.* TO 'svc'@'%' IDENTIFIED BY '¦{a:12}¦'
sql-oracle | CREATE USER svc IDENTIFIED BY ¦{a:12}¦ DEFAULT TABLESPACE x
sql-insert | INSERT INTO accounts (email_hash, password) VALUES ('x', '¦{a:12}¦')
sql-where | SELECT 1 FROM users WHERE name = 'svc' AND password = '¦{a:12}¦'
sql-snowflake | CREATE STAGE s CREDENTIALS = (AWS_KEY_ID = 'x' AWS_SECRET_KEY = '¦{b:40}¦')
sql-redshift | COPY t FROM 's3://b' CREDENTIALS 'aws_access_key_id=x;aws_secret_access_key=¦{a:40}¦'
sql-dblink | SELECT * FROM dblink('host=db user=svc password=¦{a:12}¦', 'select 1')
sql-mssql | CREATE LOGIN svc WITH PASSWORD = N'¦{a:12}¦'
pg-detail | DETAIL:  Key (ssn)=(¦{n:1}23-45-{n:4}¦) already exists.
mysql-dup | Duplicate entry '¦jane.{L:6}@acme.io¦' for key 'users.email'
log-kv | ts=2026-01-02 lvl=warn msg="login failed" user=svc password=¦{a:12}¦ ip=x
log-json | {"ts":"2026","level":"warn","ctx":{"token":"¦{w:40}¦"}}
log-spaces | [WARN] Using API key ¦{a:32}¦ for project x
log-colon | [WARN] API Key: ¦{a:32}¦
log-quote | auth failed with token "¦{w:40}¦"
log-secret-is | the client secret is ¦{a:32}¦
log-password-was | password was "¦{p:12}¦"
log-arrow | password -> ¦{a:12}¦
log-trunc | Authorization: Bearer ¦eyJhbGciOiJIUzI1NiJ9.eyJ{w:20}¦
log-trunc-ellipsis | token=ghp_¦{a:14}¦...
log-trunc-quote | {"api_key": "¦{a:20}¦
otp-sms | Your verification code is ¦{n:6}¦
otp-key | {"otp": "¦{n:6}¦"}
totp-uri | otpauth://totp/x:svc?secret=¦{2:32}¦&issuer=x
seed | mnemonic: "¦abandon ability able about above absent absorb abstract absurd abuse access accident¦"
wallet | private_key=0x¦{h:64}¦
wif | private key 5¦{a:50}¦
ssh-pub-comment | ssh-rsa AAAAB3Nza{b:100} ¦jane@laptop-jane.local¦
jwt-cookie | Set-Cookie: session=¦eyJhbGciOiJIUzI1NiJ9.eyJ{w:40}.{w:43}¦; HttpOnly
jwt-query | wss://x/ws?jwt=¦eyJhbGciOiJIUzI1NiJ9.eyJ{w:40}.{w:43}¦
aws-presign | https://b.s3.amazonaws.com/k?X-Amz-Credential=¦AKIA{2:16}¦%2F20260102%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Expires=60
aws-presign-sig | https://b.s3.amazonaws.com/k?X-Amz-Expires=60&X-Amz-Signature=¦{h:64}¦
aws-presign-token | https://b.s3.amazonaws.com/k?X-Amz-Security-Token=¦{a:200}%3D¦&X-Amz-Expires=60
azure-sas | https://x.blob.core.windows.net/c/b?sv=2022-11-02&sp=r&sig=¦{a:42}%3D¦
gcs-sign | https://storage.googleapis.com/b/o?GoogleAccessId=x&Expires=1&Signature=¦{a:60}¦
cloudfront | https://d1.cloudfront.net/x?Expires=1&Signature=¦{w:60}__¦&Key-Pair-Id=K
slack-hook | https://hooks.slack.com/services/¦T{u:8}/B{u:10}/{a:24}¦
discord-hook | https://discordapp.com/api/webhooks/¦{n:18}/{w:68}¦
telegram-url | https://api.telegram.org/bot¦{n:9}:AA{w:33}¦/sendMessage
cq-key | CLOUDQUERY_API_KEY=cqpd_¦{a:32}¦
hf | huggingface_hub: Invalid token hf_¦{a:34}¦
anthropic | anthropic.AuthenticationError: invalid x-api-key sk-ant-api03-¦{w:95}¦
openai | openai.AuthenticationError: Incorrect API key provided: sk-¦{a:48}¦. You can find
github-url | https://github_pat_¦{a:22}_{a:59}¦@github.com/x/y
gitlab-ci | CI_JOB_TOKEN=glcbt-64_¦{w:20}¦
datadog | DD_API_KEY: ¦{h:32}¦
twilio | Twilio(account_sid='AC{h:32}', auth_token='¦{h:32}¦')
sendgrid | sendgrid.SendGridAPIClient(api_key='SG.¦{w:22}.{w:43}¦')
mailgun | auth=("api", "key-¦{h:32}¦")
algolia | algoliasearch(app_id='X', api_key='¦{h:32}¦')
pagerduty | Authorization: Token token=¦{w:20}¦
opsgenie | Authorization: GenieKey ¦{h:8}-{h:4}-{h:4}-{h:4}-{h:12}¦
splunk | Authorization: Splunk ¦{h:8}-{h:4}-{h:4}-{h:4}-{h:12}¦
zendesk | svc@acme.io/token:¦{a:40}¦
newrelic | NEW_RELIC_LICENSE_KEY=¦{h:36}NRAL¦
snow-key | private_key_passphrase='¦{a:14}¦'
email-plain | User ¦maria.{L:7}@gmail.com¦ not found
email-angle | From: Maria <¦maria.{L:7}@acme.co.uk¦>
email-url | https://x/unsubscribe?email=¦maria.{L:6}%40acme.io¦
email-mailto | mailto:¦{L:7}@acme.io¦
email-quoted | ValueError: '¦{L:7}_{L:4}@acme.io¦' is not a valid choice
phone-us | Call ¦+1 (415) 555-{n:4}¦ failed
phone-de | phone: ¦+49 30 {n:7}¦
phone-fr | ¦+33 1 {n:2} {n:2} {n:2} {n:2}¦ unreachable
phone-e164 | to=¦+4479{n:8}¦
phone-json | {"mobile": "¦0{n:10}¦"}
ip-log | ¦{n:1}3.12{n:1}.{n:2}.1{n:2}¦ - - [02/Jan/2026:03:04:05 +0000] "GET / HTTP/1.1" 200 5
ip-refused | ConnectionRefusedError: [Errno 111] Connect call failed ('¦10.1{n:1}.{n:2}.{n:2}¦', 5432)
ip-port | dial tcp ¦172.2{n:1}.{n:2}.{n:2}¦:443: i/o timeout
ip-peer | peer ¦192.168.{n:2}.1{n:2}¦ closed
ipv6-bracket | connect to [¦2001:db8:{h:4}:{h:4}::1¦]:443 failed
ipv6-full | from ¦2a02:8109:{h:4}:{h:4}:{h:4}:{h:4}:{h:4}:{h:4}¦
mac-colon | link/ether ¦{h:2}:{h:2}:{h:2}:{h:2}:{h:2}:1f¦ brd ff:ff:ff:ff:ff:ff
mac-cisco | mac ¦{h:4}.{h:4}.1a2b¦
home-py | File "/home/¦{L:6}{n:2}¦/work/x.py", line 3, in f
home-win | PermissionError: [WinError 5] Access is denied: 'C:\\Users\\¦{L:7}¦\\AppData\\x'
home-win-raw | C:\Users\¦{L:5}.{L:6}¦\Documents\x.xlsx not found
home-mac | /Users/¦{L:8}¦/Library/Caches/x
home-uri | file:///Users/¦{L:8}¦/x.html
home-win-uri | file:///C:/Users/¦{L:8}¦/x.html
home-wsl | \\wsl.localhost\Ubuntu\home\¦{L:8}¦\x
home-unc | \\fs01\homes\¦{L:8}¦\x.doc
home-cyg | /cygdrive/c/Users/¦{L:8}¦/x
home-short | C:\Users\¦{U:6}~1¦\AppData\Local\Temp
home-msys | /c/Users/¦{L:8}¦/x
home-json | {"cwd":"C:\\Users\\¦{L:8}¦\\src"}
home-env | HOME=/home/¦{L:8}¦
home-tilde | ~¦{L:8}¦/src/x.py
home-colon | PYTHONPATH=/opt/x:/home/¦{L:8}¦/lib:/y
card-visa | card ¦4{n:3}CARD¦ declined
iban-de | IBAN ¦IBAN¦ is blocked
ssn-label | SSN: ¦{n:1}34-56-{n:4}¦
ssn-json | {"ssn":"¦{n:9}¦"}
nino | NI number ¦AB{n:6}C¦
passport | passport no. ¦{U:2}{n:7}¦
dob | dob=¦19{n:2}-03-14¦
cpf | CPF: ¦{n:3}.{n:3}.{n:3}-{n:2}¦
codice | codice_fiscale=¦RSSMRA{n:2}T10A{n:3}S¦
license-plate-key | license key: ¦{u:5}-{u:5}-{u:5}-{u:5}-{u:5}¦
snmp | snmp-server community ¦{a:10}¦ RO
cisco | enable secret 5 ¦$1${a:4}${a:22}¦
wpa | psk="¦{a:16}¦"
shadow | root:¦$6${a:16}${a:86}¦:19000:0:99999:7:::
bcrypt | hash mismatch for ¦$2b$12${a:53}¦
argon | ¦$argon2id$v=19$m=65536,t=3,p=4${a:22}${a:43}¦
"""

HARMLESS = r"""
error: pathspec '{h:8}' did not match any file(s) known to git
Cloning into 'repo'... HEAD detached at {h:12}
Successfully built {h:12}
go: github.com/acme/x@v1.2.{n:1}: verifying module: checksum mismatch
  downloaded: h1:{b:43}=
ERROR: Could not find a version that satisfies the requirement acme==1.2.3.dev{n:3}
WARNING: Retrying (Retry(total=4)) after connection broken by 'NewConnectionError'
<module 'acme.auth' from '/usr/lib/python3/dist-packages/acme/auth.py'>
<acme.tokens.TokenBucket object at 0x7f{h:10}>
pydantic.errors: field required (type=value_error.missing) at token
1 validation error for Settings¶api_key¶  Field required [type=missing, input_value={{}}, input_type=dict]
botocore.errorfactory.ResourceNotFoundException: Secrets Manager can't find the specified secret.
arn:aws:secretsmanager:eu-west-1:{n:12}:secret:prod/db-{a:6}
arn:aws:kms:us-east-1:{n:12}:key/{h:8}-{h:4}-{h:4}-{h:4}-{h:12}
ecr: {n:12}.dkr.ecr.us-west-2.amazonaws.com/app:{h:7}
AccessDenied: User: arn:aws:sts::{n:12}:assumed-role/deploy/i-0{h:16} is not authorized
RequestId: {h:8}-{h:4}-{h:4}-{h:4}-{h:12}, Extended Request
projects/p/secrets/db-password/versions/latest not found
google.api_core.exceptions.PermissionDenied: 403 Permission 'secretmanager.versions.access' denied
Azure correlation id {h:8}-{h:4}-{h:4}-{h:4}-{h:12} timestamp 2026-01-02 03:04:05Z
ORA-01017: invalid username/password; logon denied
ERROR 1045 (28000): Access denied for user 'root'@'localhost' (using password: NO)
FATAL: password authentication failed for user "postgres"
pq: no pg_hba.conf entry for user "app", SSL off
HTTP 401: {{"error":"invalid_token","error_description":"The access token expired"}}
{{"token_type":"Bearer","expires_in":3599,"scope":"openid"}}
{{"error": {{"code": 401, "message": "API key not valid. Please pass a valid API key.", "status": "UNAUTHENTICATED"}}}}
usage: tool [-h] [--password PASSWORD] [--token TOKEN] [--api-key KEY]
  --password TEXT  The password to use  [required]
Set the environment variable API_TOKEN to your token
export API_TOKEN=<token>
def verify_password(password: str, hashed: str) -> bool:
        password = getpass.getpass("Password: ")
    return jwt.decode(token, key, algorithms=["RS256"])
        raise ValueError(f"unknown key: {{key}}")
    self.session_key = session_key
    secret = client.secrets.get(name)
if (token == null) throw new IllegalStateException("token");
const token = await getToken();
let key = map.keys().next();
for key, value in items.items():
keys: ['id', 'name', 'created_at']
cache miss for key session:{n:4}
sorted by key=lambda kv: kv[1]
dict keys do not match: {{'a', 'b'}}
foreign key constraint fails (`db`.`t`, CONSTRAINT `fk_1` FOREIGN KEY (`uid`))
PRIMARY KEY must be unique
passphrase is too short
pass 2 of 3 complete
5 passed, 1 failed in 3.2s
token count 4096 exceeds the limit of 2048
Parser error: unexpected token ';' at 12:34
the author is unknown
authority=https://login.example.com tenant=common
auth: method none
OAuth2 client_id=web-app grant_type=client_credentials
ssl: cert_reqs=CERT_NONE ca_certs=None
certificate verify failed: self-signed certificate in chain
public key: RSA 2048 bits
fingerprint SHA256:{b:43} is unknown
MD5 (x.iso) = {h:32}
{h:64}  dist/tool-1.0.tar.gz
build 20260102.{n:1} of branch main
Python 3.11.{n:1} (main, Jan  2 2026, 03:04:05) [GCC 12.2.0] on linux
pip 23.2.1 from /usr/lib/python3/dist-packages/pip (python 3.11)
Linux 5.10.0-{n:2}-amd64 #1 SMP Debian 5.10.{n:3}-1
glibc 2.36 gcc 12.2.0 clang 14.0.6
schema version mismatch: 1.10.0.3 vs 1.10.0.4
upgrade to version 10.2.3.4 or later
Expected 12345678901 rows, got 9876543210
offset 1234567890123 length 65536
elapsed 00:12:34.567
2026-01-02T03:04:05.678901+00:00
epoch 1767323045.123
shard 3/16 of index logs-2026.01.02 is unassigned
consumer group cg-{h:8} lag 1234567
partition=12 offset={n:9} leader=3
job_id=bquxjob_{h:8}_{h:11}
container {h:64} exited with 137
cri-o://{h:64}
pod/api-{h:9}-{L:5} OOMKilled
node ip-10-0-1-23.ec2.internal NotReady
https://s3.eu-west-1.amazonaws.com/acme-public/logo.png
https://console.cloud.google.com/logs?project=acme
https://docs.python.org/3/library/secrets.html#secrets.token_hex
GET /api/v1/users/{n:5}/tokens HTTP/1.1 404
POST /oauth/token 400 Bad Request
{h:8}:{h:4} invalid opcode
RIP: 0010:do_something+0x{h:2}/0x{h:3}
rax={h:16} rbx={h:16}
at Foo.bar (webpack:///./src/foo.ts?{h:4}:{n:2}:{n:1})
com.acme.Foo$Bar$$EnhancerBySpringCGLIB$${h:8}.call(<generated>)
_ZNSt6vectorIiSaIiEE9push_backERKi
core::ops::function::FnOnce::call_once::h{h:16}
$LN23@Foo::bar
Microsoft.Data.SqlClient.SqlException (0x80131904): Login failed for user 'app'.
E/AndroidRuntime({n:5}): FATAL EXCEPTION: main
CUDA error: device-side assert triggered at /opt/x.cu:{n:3}
ISBN 978-3-16-148410-0
order #{n:8} total 1,234.56 EUR
lat 52.5{n:3} lon 13.4{n:3}
color #a1b2c3 background #ffffff
size 1024x768 ratio 16:9
table tbl_{n:4} column col_{n:2}
feature flag new-auth-flow enabled
cloudquery sync failed: plugin aws v27.{n:1}.0 exited with code 1
table aws_iam_access_keys resolver failed: context deadline exceeded
column secret_access_key_last_rotated is null
aws_secretsmanager_secrets: 12 resources, 0 errors
destination postgresql: migrate: column "api_key_source" type mismatch
"""


def samples(seed: int = 7, each: int = 8) -> list[Sample]:
    """The held-out samples."""
    rng = random.Random(seed)
    made = []
    for line in TEMPLATES.strip("\n").splitlines():
        kind, _, template = line.partition(" | ")
        for _ in range(each):
            text = shapes.expand(template.replace("¶", "\n"), rng)
            if "CARD" in text:
                text = text.replace("CARD", "")
                digits = shapes.with_luhn("4" + shapes.expand("{n:14}", rng))
                text = f"card ¦{digits}¦ declined"
            text = text.replace("¦IBAN¦", f"¦{shapes.iban('DE', shapes.expand('{n:18}', rng))}¦")
            before, secret, after = text.split("¦")
            made.append(Sample(kind, before + secret + after, secret.replace("\\n", "\n")))
    return made


def harmless(seed: int = 7, each: int = 3) -> list[str]:
    """The held-out harmless texts."""
    return tuning_harmless_module.texts(random.Random(seed), each, HARMLESS)
