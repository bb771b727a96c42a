"""The kinds of the tuning corpus: name, shape, the names it goes by, and whether it is known without one.

`open` kinds are recognisable wherever they stand; `named` ones only behind one of their names.
"""

import random
from collections.abc import Callable

from tests.corpus import shapes

Kind = tuple[str, Callable[[random.Random], str], tuple[str, ...], str]

# name | shape | names
_OPEN = """
aws-access-key | AKIA{2:16} | aws_access_key_id AWS_ACCESS_KEY_ID accessKeyId
aws-temporary-key | ASIA{2:16} | aws_access_key_id AccessKeyId
google-api-key | AIza{w:35} | google_api_key GOOGLE_API_KEY key
google-oauth-secret | GOCSPX-{w:28} | client_secret GOOGLE_CLIENT_SECRET
google-access-token | ya29.{w:120} | access_token
google-refresh-token | 1//0{w:60} | refresh_token
digitalocean | dop_v1_{h:64} | DIGITALOCEAN_TOKEN do_token
alibaba | LTAI{a:20} | ALIBABA_ACCESS_KEY access_key
yandex-api | AQVN{w:36} | YANDEX_API_KEY
netlify | nfp_{a:36} | NETLIFY_AUTH_TOKEN
vercel-blob | vercel_blob_rw_{a:16}_{a:30} | BLOB_READ_WRITE_TOKEN
tailscale | tskey-auth-{a:12}CNTRL-{a:32} | TS_AUTHKEY
pulumi | pul-{h:40} | PULUMI_ACCESS_TOKEN
terraform-cloud | {a:14}.atlasv1.{w:67} | TF_API_TOKEN token
vault-service | hvs.{w:95} | VAULT_TOKEN
vault-batch | hvb.{w:140} | VAULT_TOKEN
doppler-service | dp.st.dev.{a:43} | DOPPLER_TOKEN
doppler-personal | dp.pt.{a:43} | DOPPLER_TOKEN
onepassword | ops_eyJ{a:260} | OP_SERVICE_ACCOUNT_TOKEN
fly | fo1_{w:43} | FLY_API_TOKEN
github-pat | ghp_{a:36} | GITHUB_TOKEN token
github-oauth | gho_{a:36} | GH_TOKEN
github-app-user | ghu_{a:36} | token
github-app-server | ghs_{a:36} | GITHUB_TOKEN
github-refresh | ghr_{a:36} | refresh_token
github-fine-grained | github_pat_{a:22}_{a:59} | GITHUB_TOKEN
gitlab-pat | glpat-{w:20} | GITLAB_TOKEN PRIVATE-TOKEN
gitlab-deploy | gldt-{w:20} | CI_DEPLOY_PASSWORD
gitlab-runner | glrt-{w:20} | CI_RUNNER_TOKEN
gitlab-trigger | glptt-{h:40} | trigger_token
gitlab-feed | glft-{w:20} | feed_token
bitbucket | ATBB{a:32} | BITBUCKET_APP_PASSWORD
atlassian | ATATT3xFfGF0{w:160}={H:8} | JIRA_API_TOKEN ATLASSIAN_TOKEN
sourcegraph | sgp_{h:16}_{h:40} | SRC_ACCESS_TOKEN
npm | npm_{a:36} | NPM_TOKEN _authToken
pypi | pypi-AgEIcHlwaS5vcmc{w:130} | TWINE_PASSWORD password
rubygems | rubygems_{h:48} | GEM_HOST_API_KEY
nuget | oy2{l:43} | NUGET_API_KEY
clojars | CLOJARS_{l:60} | CLOJARS_PASSWORD
docker-pat | dckr_pat_{w:27} | DOCKER_PASSWORD
artifactory | AKCp{a:69} | ARTIFACTORY_API_KEY X-JFrog-Art-Api
buildkite | bkua_{h:40} | BUILDKITE_API_TOKEN
sonarqube | sqp_{h:40} | SONAR_TOKEN
prefect | pnu_{a:36} | PREFECT_API_KEY
postman | PMAK-{h:24}-{h:34} | POSTMAN_API_KEY
linear | lin_api_{a:40} | LINEAR_API_KEY
notion | secret_{a:43} | NOTION_TOKEN
notion-new | ntn_{n:11}{a:35} | NOTION_API_KEY
figma | figd_{w:40} | FIGMA_TOKEN
airtable | pat{a:14}.{h:64} | AIRTABLE_API_KEY
typeform | tfp_{w:44} | TYPEFORM_TOKEN
contentful | CFPAT-{w:43} | CONTENTFUL_MANAGEMENT_TOKEN
supabase | sbp_{h:40} | SUPABASE_ACCESS_TOKEN
supabase-secret | sb_secret_{w:31} | SUPABASE_KEY
planetscale | pscale_tkn_{w:43} | PLANETSCALE_TOKEN
planetscale-password | pscale_pw_{w:43} | DATABASE_PASSWORD
neon | napi_{l:64} | NEON_API_KEY
databricks | dapi{h:32} | DATABRICKS_TOKEN
databricks-suffix | dapi{h:32}-2 | DATABRICKS_TOKEN
dbt-cloud | dbtu_{w:43} | DBT_CLOUD_TOKEN
astra | AstraCS:{a:24}:{h:64} | ASTRA_DB_APPLICATION_TOKEN
cloudquery | cqpd_{a:40} | CLOUDQUERY_API_KEY
slack-bot | xoxb-{n:12}-{n:13}-{a:24} | SLACK_BOT_TOKEN token
slack-user | xoxp-{n:12}-{n:12}-{n:12}-{h:32} | SLACK_TOKEN
slack-app | xapp-1-A{u:10}-{n:13}-{h:64} | SLACK_APP_TOKEN
slack-rotating | xoxe.xoxp-1-{a:150} | SLACK_TOKEN
slack-cookie | xoxd-{a:60} | SLACK_COOKIE
telegram-bot | {n:9}:AA{w:33} | TELEGRAM_BOT_TOKEN bot_token
discord-bot | M{a:25}.G{a:5}.{w:38} | DISCORD_TOKEN
facebook | EAA{a:140} | FB_ACCESS_TOKEN access_token
twitter-bearer | AAAAAAAAAAAAAAAAAAAAA{a:80} | TWITTER_BEARER_TOKEN
sendgrid | SG.{w:22}.{w:43} | SENDGRID_API_KEY
mailgun | key-{h:32} | MAILGUN_API_KEY
mailchimp | {h:32}-us{n:2} | MAILCHIMP_API_KEY
brevo | xkeysib-{h:64}-{a:16} | BREVO_API_KEY
resend | re_{a:8}_{a:24} | RESEND_API_KEY
twilio-key | SK{h:32} | TWILIO_API_KEY
hubspot | pat-na1-{h:8}-{h:4}-{h:4}-{h:4}-{h:12} | HUBSPOT_ACCESS_TOKEN
stripe-live | sk_live_{a:24} | STRIPE_SECRET_KEY
stripe-test | sk_test_{a:99} | STRIPE_API_KEY
stripe-restricted | rk_live_{a:24} | STRIPE_KEY
stripe-webhook | whsec_{a:32} | STRIPE_WEBHOOK_SECRET
square | EAAA{w:60} | SQUARE_ACCESS_TOKEN
square-oauth | sq0csp-{w:43} | SQUARE_SECRET
braintree | access_token$production${l:16}${h:32} | BRAINTREE_TOKEN
shopify | shpat_{h:32} | SHOPIFY_ACCESS_TOKEN
plaid | access-production-{h:8}-{h:4}-{h:4}-{h:4}-{h:12} | PLAID_ACCESS_TOKEN
flutterwave | FLWSECK-{h:32}-X | FLW_SECRET_KEY
razorpay | rzp_live_{a:14} | RAZORPAY_KEY_ID
easypost | EZAK{a:54} | EASYPOST_API_KEY
shippo | shippo_live_{h:40} | SHIPPO_TOKEN
duffel | duffel_live_{w:43} | DUFFEL_ACCESS_TOKEN
openai | sk-{a:20}T3BlbkFJ{a:20} | OPENAI_API_KEY api_key
openai-project | sk-proj-{w:74}T3BlbkFJ{w:74} | OPENAI_API_KEY api_key
anthropic | sk-ant-api03-{w:93}AA | ANTHROPIC_API_KEY x-api-key
openrouter | sk-or-v1-{h:64} | OPENROUTER_API_KEY
huggingface | hf_{A:34} | HF_TOKEN
replicate | r8_{a:37} | REPLICATE_API_TOKEN
groq | gsk_{a:52} | GROQ_API_KEY
perplexity | pplx-{a:48} | PERPLEXITY_API_KEY
xai | xai-{a:80} | XAI_API_KEY
nvidia | nvapi-{w:64} | NVIDIA_API_KEY
langsmith | lsv2_pt_{h:32}_{h:10} | LANGCHAIN_API_KEY
langfuse | sk-lf-{h:8}-{h:4}-{h:4}-{h:4}-{h:12} | LANGFUSE_SECRET_KEY
llamacloud | llx-{a:48} | LLAMA_CLOUD_API_KEY
tavily | tvly-{a:32} | TAVILY_API_KEY
pinecone | pcsk_{a:6}_{a:60} | PINECONE_API_KEY
e2b | e2b_{h:40} | E2B_API_KEY
sentry-org | sntrys_eyJ{a:120}_{a:43} | SENTRY_AUTH_TOKEN
sentry-user | sntryu_{h:64} | SENTRY_AUTH_TOKEN
newrelic-user | NRAK-{u:27} | NEW_RELIC_API_KEY
newrelic-ingest | {h:36}NRAL | NEW_RELIC_LICENSE_KEY
newrelic-browser | NRJS-{h:19} | NR_BROWSER_KEY
grafana-service | glsa_{a:32}_{h:8} | GRAFANA_TOKEN
grafana-cloud | glc_eyJ{a:100} | GRAFANA_CLOUD_TOKEN
dynatrace | dt0c01.{2:24}.{2:64} | DT_API_TOKEN
honeycomb | hcaik_{l:58} | HONEYCOMB_API_KEY
posthog | phc_{a:43} | POSTHOG_API_KEY
axiom | xaat-{h:8}-{h:4}-{h:4}-{h:4}-{h:12} | AXIOM_TOKEN
mapbox-secret | sk.eyJ{a:60}.{w:22} | MAPBOX_TOKEN
age | AGE-SECRET-KEY-1{u:58} | AGE_KEY
openshift | sha256~{w:43} | token
kubernetes-eks | k8s-aws-v1.{w:150} | token
dropbox | sl.{w:130} | DROPBOX_ACCESS_TOKEN
adobe | p8e-{a:32} | client_secret
apify | apify_api_{a:36} | APIFY_TOKEN
jwt | eyJhbGciOiJIUzI1NiJ9.eyJ{w:40}.{w:43} | jwt id_token access_token
jwt-long | eyJ{w:60}.eyJ{w:200}.{w:342} | token
slack-webhook | https://hooks.slack.com/services/T{u:8}/B{u:10}/{a:24} | SLACK_WEBHOOK_URL webhook
discord-webhook | https://discord.com/api/webhooks/{n:18}/{w:68} | DISCORD_WEBHOOK
teams-webhook | https://acme.webhook.office.com/webhookb2/{h:8}-{h:4}-{h:4}-{h:4}-{h:12}@{h:8}-{h:4}-{h:4}-{h:4}-{h:12}/IncomingWebhook/{h:32}/{h:8}-{h:4}-{h:4}-{h:4}-{h:12} | TEAMS_WEBHOOK
zapier-webhook | https://hooks.zapier.com/hooks/catch/{n:7}/{l:7}/ | ZAPIER_HOOK
random-base62 | {a:40} | secret token
random-base64 | {b:43}= | secret client_secret
"""

_NAMED = """
aws-secret | {b:40} | aws_secret_access_key AWS_SECRET_ACCESS_KEY SecretAccessKey secretAccessKey
aws-session | {b:300}= | aws_session_token SessionToken X-Amz-Security-Token
azure-client-secret | {a:3}8Q~{w:34} | AZURE_CLIENT_SECRET client_secret clientSecret
azure-storage | {b:86}== | AccountKey AZURE_STORAGE_KEY account_key
azure-sas-signature | {a:43}%3D | sig
azure-devops | {l:52} | AZURE_DEVOPS_PAT SYSTEM_ACCESSTOKEN
azure-function | {w:54}== | x-functions-key
azure-subscription | {h:32} | Ocp-Apim-Subscription-Key subscription_key
azure-servicebus | {b:43}= | SharedAccessKey
azure-cosmos | {b:86}== | AccountKey COSMOS_KEY
gcp-private-key-id | {h:40} | private_key_id
datadog-api | {h:32} | DD_API_KEY dd-api-key datadog_api_key
datadog-app | {h:40} | DD_APP_KEY dd-application-key
cloudflare-global | {h:37} | CLOUDFLARE_API_KEY X-Auth-Key
cloudflare-token | {w:40} | CLOUDFLARE_API_TOKEN CF_API_TOKEN
heroku | {h:8}-{h:4}-{h:4}-{h:4}-{h:12} | HEROKU_API_KEY
fastly | {w:32} | FASTLY_API_TOKEN Fastly-Key
linode | {h:64} | LINODE_TOKEN
okta | 00{w:40} | OKTA_API_TOKEN
auth0-secret | {w:64} | AUTH0_CLIENT_SECRET
algolia | {h:32} | ALGOLIA_ADMIN_KEY X-Algolia-API-Key
twilio-auth | {h:32} | TWILIO_AUTH_TOKEN auth_token
pagerduty | {w:20} | PAGERDUTY_TOKEN
opsgenie | {h:8}-{h:4}-{h:4}-{h:4}-{h:12} | OPSGENIE_API_KEY
rollbar | {h:32} | ROLLBAR_ACCESS_TOKEN
bugsnag | {h:32} | BUGSNAG_API_KEY
splunk-hec | {h:8}-{h:4}-{h:4}-{h:4}-{h:12} | SPLUNK_HEC_TOKEN hec_token
snowflake-password | {p:14} | SNOWFLAKE_PASSWORD password
confluent-key | {u:16} | CONFLUENT_API_KEY
confluent-secret | {b:64} | CONFLUENT_API_SECRET sasl.password
elastic-api | {a:59}== | ELASTIC_API_KEY
mongodb-atlas | {h:8}-{h:4}-{h:4}-{h:4}-{h:12} | MONGODB_ATLAS_PRIVATE_KEY
circleci | {h:40} | CIRCLE_TOKEN Circle-Token
travis | {w:22} | TRAVIS_TOKEN
drone | {a:32} | DRONE_TOKEN
codecov | {h:8}-{h:4}-{h:4}-{h:4}-{h:12} | CODECOV_TOKEN
snyk | {h:8}-{h:4}-{h:4}-{h:4}-{h:12} | SNYK_TOKEN
jenkins | 11{h:32} | JENKINS_API_TOKEN
zendesk | {a:40} | ZENDESK_API_TOKEN
freshdesk | {a:20} | FRESHDESK_API_KEY
intercom | dG9rO{a:54}= | INTERCOM_ACCESS_TOKEN
mixpanel | {h:32} | MIXPANEL_SECRET
segment | {a:32} | SEGMENT_WRITE_KEY writeKey
amplitude | {h:32} | AMPLITUDE_API_KEY
rudderstack | {a:27} | RUDDERSTACK_WRITE_KEY
trello | {h:64} | TRELLO_TOKEN
asana | 1/{n:16}:{h:32} | ASANA_TOKEN
dropbox-app | {l:15} | DROPBOX_APP_SECRET
twitter-secret | {a:45} | TWITTER_ACCESS_TOKEN_SECRET
twitter-consumer | {a:50} | consumer_secret
spotify | {h:32} | SPOTIFY_CLIENT_SECRET
paypal | E{w:79} | PAYPAL_CLIENT_SECRET
salesforce | 00D{a:12}!{a:96} | SALESFORCE_TOKEN session_id sid
docusign | {h:8}-{h:4}-{h:4}-{h:4}-{h:12} | DOCUSIGN_SECRET_KEY
openweather | {h:32} | OPENWEATHER_API_KEY appid_key
cohere | {a:40} | COHERE_API_KEY
mistral | {a:32} | MISTRAL_API_KEY
together | {h:64} | TOGETHER_API_KEY
django-secret | {p:50} | SECRET_KEY DJANGO_SECRET_KEY
flask-secret | {h:48} | SECRET_KEY secret_key
rails-master | {h:32} | RAILS_MASTER_KEY
rails-base | {h:128} | SECRET_KEY_BASE secret_key_base
laravel-key | base64:{b:43}= | APP_KEY
fernet | {w:43}= | FERNET_KEY encryption_key
webhook-secret | {h:40} | WEBHOOK_SECRET webhook_secret
hmac-signature | {h:64} | X-Hub-Signature signature
csrf | {a:64} | csrf_token X-CSRFToken csrfmiddlewaretoken
session-cookie | {a:32} | sessionid session_id PHPSESSID
jsession | {H:32} | JSESSIONID
refresh | {w:64} | refresh_token refreshToken
access | {a:48} | access_token accessToken
oauth-code | {w:30} | authorization_code code_verifier
otp | {n:6} | otp otp_code mfa_code verification_code one_time_code
pin | {n:4} | pin PIN
cvv | {n:3} | cvv cvc CVV2
password-word | {L:6}{n:3} | password passwd pwd Password PASSWORD
password-mixed | {U:1}{L:6}{n:2}! | password PGPASSWORD db_password userPassword MYSQL_PWD
password-symbols | {p:12} | password DB_PASSWORD passwd admin_password spring.datasource.password
password-long | {p:28} | PASSWORD ROOT_PASSWORD ldap_bind_password smtp_password
password-phrase | {L:5}-{L:6}-{L:4}-{n:2} | passphrase password vault_password
password-short | {L:3}{n:2} | pwd passwd pw
password-letters | {L:9} | password passwd DB_PASS
wifi-psk | {a:12} | psk wpa_passphrase
snmp-community | {L:4}{n:4} | community_string snmp_password
license | {u:5}-{u:5}-{u:5}-{u:5} | license_key LICENSE_KEY product_key
bcrypt-hash | $2b$12${b:53} | password_hash passwordHash
salt | {h:32} | salt
ssh-passphrase | {a:14} | passphrase key_passphrase
keystore | {a:10} | keystore_password ssl.keystore.password javax.net.ssl.trustStorePassword
ansible-vault | {a:16} | ansible_become_pass ansible_ssh_pass vault_pass
sasl | {a:16} | sasl.jaas.password sasl_plain_password
redis-auth | {a:24} | REDIS_PASSWORD requirepass redis_auth
encryption | {b:43}= | encryption_key ENCRYPTION_KEY master_key
signing | {h:64} | signing_key JWT_SECRET jwt_secret
generic-api | {a:24} | api_key apikey API_KEY apiKey x-api-key X-API-Key
generic-token | {a:30} | token auth_token API_TOKEN authToken
generic-secret | {a:20} | secret client_secret SECRET app_secret
generic-hex | {h:40} | api_token secret_token private_token
ssn | {n:1}12-45-{n:4} | ssn SSN social_security_number
ssn-plain | 212{n:6} | ssn social_security_number
nino | QQ{n:6}C | nino national_insurance_number
sin-canada | 046 454 286 | sin social_insurance_number
aadhaar | {n:4} {n:4} {n:4} | aadhaar aadhaar_number
pan-india | {U:5}{n:4}{U:1} | pan_number
cpf | {n:3}.{n:3}.{n:3}-{n:2} | cpf
dni | {n:8}{U:1} | dni
bsn | {n:9} | bsn
pesel | {n:11} | pesel
steuer | {n:11} | steuer_id
nhs | {n:3} {n:3} {n:4} | nhs_number
tfn | {n:3} {n:3} {n:3} | tfn
nric | S{n:7}{U:1} | nric
passport | {U:1}{n:8} | passport passport_number passportNumber
driving-licence | {U:1}{n:12} | driver_license drivers_license_number
tax-id | {n:2}-{n:7} | ein tax_id
bank-account | {n:10} | account_number bank_account
routing | {n:9} | routing_number
birth-date | 19{n:2}-0{n:1}-1{n:1} | date_of_birth dob birthdate
phone-labelled | {n:10} | phone phone_number mobile
imei | {n:15} | imei
"""


def _shape(shape: str) -> Callable[[random.Random], str]:
    return lambda rng: shapes.expand(shape, rng)


def _card(rng: random.Random) -> str:
    start = rng.choice(("4", "51", "55", "6011", "37"))
    length = 14 if start == "37" else 15
    digits = shapes.with_luhn(start + "".join(rng.choice("0123456789") for _ in range(length - len(start))))
    separator = rng.choice(("", " ", "-"))
    if length == 14:
        return separator.join((digits[:4], digits[4:10], digits[10:]))
    return separator.join(digits[at : at + 4] for at in range(0, 16, 4))


def _iban(rng: random.Random) -> str:
    country, body = rng.choice(
        (("DE", "{n:18}"), ("GB", "NWBK{n:14}"), ("FR", "{n:23}"), ("NL", "ABNA{n:10}"), ("ES", "{n:20}"))
    )
    plain = shapes.iban(country, shapes.expand(body, rng))
    return plain if rng.random() < 0.5 else " ".join(plain[at : at + 4] for at in range(0, len(plain), 4))


FIRST = [
    "alice",
    "bob",
    "carlos",
    "dmitri",
    "elena",
    "fatima",
    "giulia",
    "hiroshi",
    "ingrid",
    "jamal",
    "katja",
    "liam",
    "mei",
    "nadia",
    "oscar",
    "priya",
]
LAST = [
    "keller",
    "novak",
    "okafor",
    "petrov",
    "quinn",
    "rossi",
    "sato",
    "tanaka",
    "ueda",
    "varga",
    "weber",
    "xu",
    "yilmaz",
    "zhang",
]


def person(rng: random.Random) -> str:
    """A made-up user name."""
    first, last = rng.choice(FIRST), rng.choice(LAST)
    return rng.choice(
        (first, f"{first}.{last}", f"{first[0]}{last}", f"{first}{rng.randrange(100)}", f"{last}_{first[0]}")
    )


def _email(rng: random.Random) -> str:
    host = rng.choice(("example.com", "mail.example.org", "corp.example.co.uk", "gmail.com", "acme.io"))
    return f"{person(rng)}{rng.choice(('', '+news'))}@{host}"


def _phone(rng: random.Random) -> str:
    n = "".join(rng.choice("23456789") for _ in range(10))
    return rng.choice(
        (f"+1 {n[:3]}-{n[3:6]}-{n[6:]}", f"+1{n}", f"({n[:3]}) {n[3:6]}-{n[6:]}", f"{n[:3]}-{n[3:6]}-{n[6:]}",
         f"+49 {n[:3]} {n[3:]}", f"+44 20 {n[:4]} {n[4:8]}", f"+33 6 {n[:2]} {n[2:4]} {n[4:6]} {n[6:8]}")
    )  # fmt: skip


def _ipv4(rng: random.Random) -> str:
    return rng.choice(
        (f"10.{rng.randrange(256)}.{rng.randrange(256)}.{rng.randrange(1, 255)}",
         f"192.168.{rng.randrange(256)}.{rng.randrange(1, 255)}",
         f"{rng.randrange(11, 200)}.{rng.randrange(256)}.{rng.randrange(256)}.{rng.randrange(1, 255)}")
    )  # fmt: skip


def _ipv6(rng: random.Random) -> str:
    groups = [f"{rng.randrange(1, 65536):x}" for _ in range(6)]
    return rng.choice((f"2001:db8:{':'.join(groups)}", f"fe80::{groups[0]}:{groups[1][:2]}ff:fe{groups[2][:2]}:{groups[3]}",
                       f"2a01:4f8:{groups[0]}:{groups[1]}::{groups[2]}"))  # fmt: skip


def _mac(rng: random.Random) -> str:
    separator = rng.choice(":-")
    text = separator.join(f"{rng.randrange(256):02x}" for _ in range(6))
    return text if rng.random() < 0.5 else text.upper()


def _pem(rng: random.Random) -> str:
    name = rng.choice(
        ("RSA PRIVATE KEY", "PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY", "ENCRYPTED PRIVATE KEY")
    )
    lines = [shapes.expand("{b:64}", rng) for _ in range(rng.randrange(3, 8))]
    return "\n".join(
        (f"-----BEGIN {name}-----", *lines, shapes.expand("{b:30}=", rng), f"-----END {name}-----")
    )


def _parse(table: str, sort: str) -> list[Kind]:
    rows = []
    for line in table.strip().splitlines():
        name, shape, names = (part.strip() for part in line.split(" | "))
        rows.append((name, _shape(shape), tuple(names.split()), sort))
    return rows


KINDS: list[Kind] = [
    *_parse(_OPEN, "open"),
    *_parse(_NAMED, "named"),
    ("card", _card, ("card_number", "pan"), "plain"),
    ("iban", _iban, ("iban",), "plain"),
    ("email", _email, ("email", "user_email", "to"), "plain"),
    ("phone", _phone, ("phone", "tel"), "plain"),
    ("ipv4", _ipv4, ("ip", "client_ip", "remote_addr"), "plain"),
    ("ipv6", _ipv6, ("ip", "peer"), "plain"),
    ("mac", _mac, ("mac", "hwaddr"), "plain"),
    ("pem", _pem, ("private_key",), "pem"),
    ("user-linux", person, (), "linux"),
    ("user-macos", person, (), "macos"),
    ("user-windows", person, (), "windows"),
    ("user-wsl", person, (), "wsl"),
    ("user-unc", person, (), "unc"),
    ("user-8.3", lambda rng: person(rng).upper().replace(".", "").replace("_", "")[:6] + "~1", (), "short"),
    *((f"url-{name}", _shape("{a:16}"), (scheme,), "userinfo") for name, scheme in (
        ("postgres", "postgresql"), ("mysql", "mysql+pymysql"), ("mongo", "mongodb+srv"), ("redis", "rediss"),
        ("amqp", "amqps"), ("https", "https"), ("snowflake", "snowflake"), ("clickhouse", "clickhouse"),
        ("ftp", "ftp"), ("smtp", "smtp"), ("mssql", "mssql+pyodbc"), ("nats", "nats"), ("s3", "s3"),
    )),
    ("url-odd-password", _shape("{a:4}#{a:3}/{a:4}!"), ("postgres",), "userinfo"),
    ("url-git-token", _shape("{a:30}"), ("https",), "gituser"),
    *((f"dsn-{name}", _shape("{a:15}"), (form,), "dsn") for name, form in (
        ("odbc", "DRIVER={{ODBC Driver 18}};SERVER=db.corp,1433;DATABASE=sales;UID=app;PWD={v};Encrypt=yes"),
        ("odbc-braces", "Driver={{PostgreSQL}};Server=db;Uid=app;Pwd={{{v}}};"),
        ("ado", "Server=tcp:db.corp,1433;Initial Catalog=x;User ID=app;Password={v};Connection Timeout=30;"),
        ("jdbc-postgres", "jdbc:postgresql://db:5432/x?user=app&password={v}&ssl=true"),
        ("jdbc-sqlserver", "jdbc:sqlserver://db:1433;databaseName=x;user=app;password={v};encrypt=true"),
        ("jdbc-oracle", "jdbc:oracle:thin:app/{v}@db:1521/orcl"),
        ("jdbc-mysql", "jdbc:mysql://app:{v}@db:3306/x"),
        ("libpq", "host=db port=5432 dbname=x user=app password={v} sslmode=require"),
        ("libpq-quoted", "host=db dbname=x user=app password='{v}' sslmode=require"),
        ("go-mysql", "app:{v}@tcp(db:3306)/x?parseTime=true"),
        ("go-snowflake", "app:{v}@acme-xy12345/db/public?warehouse=wh"),
        ("oracle", "sqlplus app/{v}@//db:1521/orcl"),
        ("kafka-jaas", 'org.apache.kafka.common.security.plain.PlainLoginModule required username="app" password="{v}";'),
        ("mongo-query", "mongodb://db:27017/x?authSource=admin&username=app&password={v}"),
        ("redis-colon", "redis://:{v}@cache:6379/0"),
        ("azure-storage-dsn", "DefaultEndpointsProtocol=https;AccountName=acme;AccountKey={v}aB3dE5fG==;EndpointSuffix=core.windows.net"),
        ("servicebus-dsn", "Endpoint=sb://acme.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey={v}aB3="),
        ("ldap", "ldap bind cn=admin,dc=acme,dc=io password={v}"),
        ("dblink", "dblink_connect('dbname=x user=app password={v}')"),
        ("snowflake-kwargs", "connect(user='app', password='{v}', account='acme', warehouse='wh')"),
    )),
    *((f"command-{name}", _shape("{a:12}"), (form,), "dsn") for name, form in (
        ("mysql", "mysql -h db -u app -p{v} sales"),
        ("mysqldump", "mysqldump --user=app --password={v} sales"),
        ("curl", "curl -u app:{v} https://api.example.com/v1"),
        ("curl-long", "curl --user app:{v} https://api.example.com/v1"),
        ("curl-header", "curl -H 'Authorization: Token {v}' https://api.example.com/v1"),
        ("wget", "wget --user=app --password={v} https://files.example.com/x.tgz"),
        ("psql-env", "PGPASSWORD={v} psql -h db -U app"),
        ("sshpass", "sshpass -p {v} ssh app@db"),
        ("docker", "docker login -u app -p {v} registry.example.com"),
        ("redis-cli", "redis-cli -h cache -a {v} ping"),
        ("mongo", "mongosh --host db -u app -p {v} --authenticationDatabase admin"),
        ("openssl", "openssl rsa -in key.pem -passin pass:{v}"),
        ("flag-blank", "tool --api-key {v} --verbose"),
        ("flag-equals", "tool --token={v} --verbose"),
        ("flag-list", "Command '['tool', '--password', '{v}', '--host', 'db']' returned non-zero exit status 1"),
        ("sqlcmd", "sqlcmd -S db -U app -P {v} -Q 'select 1'"),
        ("ldapsearch", "ldapsearch -D cn=admin -w {v} -b dc=acme"),
        ("smb", "smbclient //files/share -U app%{v}"),
        ("az", "az login --service-principal -u app -p {v} --tenant acme"),
        ("helm", "helm upgrade x ./chart --set db.password={v} --wait"),
        ("netrc", "machine api.example.com login app password {v}"),
        ("netrc-lines", "machine api.example.com\n  login app\n  password {v}\n"),
        ("npmrc", "//registry.example.com/:_authToken={v}"),
        ("npmrc-auth", "_auth={v}Zz09"),
        ("pypirc", "[pypi]\nusername = app\npassword = {v}\n"),
        ("pgpass", "db.example.com:5432:sales:app:{v}"),
        ("sql-identified", "CREATE USER 'app'@'%' IDENTIFIED BY '{v}'"),
        ("sql-identified-with", "ALTER USER app IDENTIFIED WITH mysql_native_password BY '{v}'"),
        ("sql-password", "CREATE ROLE app WITH LOGIN PASSWORD '{v}'"),
        ("sql-set", "SET PASSWORD FOR 'app'@'%' = '{v}'"),
        ("copy-into", "COPY INTO x FROM 's3://b/' CREDENTIALS=(AWS_KEY_ID='x' AWS_SECRET_KEY='{v}')"),
        ("basic", "Authorization: Basic {v}Zz09=="),
        ("digest", 'Authorization: Digest username="app", realm="x", nonce="n", response="{v}aB12"'),
        ("cookie", "Cookie: theme=dark; sessionid={v}; lang=en"),
        ("set-cookie", "Set-Cookie: sid={v}; Path=/; HttpOnly; SameSite=Lax"),
        ("sigv4", "Authorization: AWS4-HMAC-SHA256 Credential=x/20250101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature={v}aB12"),
        ("presigned", "https://b.s3.amazonaws.com/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=60&X-Amz-Signature={v}aB12"),
        ("k8s-env", '{{"name": "DB_PASSWORD", "value": "{v}"}}'),
        ("k8s-yaml", "- name: DB_PASSWORD\n  value: {v}\n"),
        ("pydantic", "1 validation error for Settings\npassword\n  Value error, too weak [type=value_error, input_value='{v}', input_type=str]"),
        ("postgres-key", "Key (api_key)=({v}) already exists."),
        ("xml-add", '<add key="Password" value="{v}"/>'),
        ("go-struct", "{{Host:db Port:5432 Password:{v} SSL:true}}"),
        ("spoken", "login with password {v} failed"),
        ("spoken-quoted", "the password '{v}' was not accepted"),
        ("spoken-is", "my API key is {v} and it fails"),
        ("powershell", "$env:API_KEY = \"{v}\""),
        ("windows-set", "set DB_PASSWORD={v}"),
        ("dockerfile", "ENV API_TOKEN {v}"),
        ("hcl", 'variable "db_password" {{ default = "{v}" }}'),
        ("ruby", '{{:password=>"{v}", :user=>"app"}}'),
        ("php", "['password' => '{v}', 'user' => 'app']"),
        ("java-map", "{{user=app, password={v}, host=db}}"),
        ("rust-debug", 'Config {{ user: "app", password: "{v}" }}'),
    )),
]  # fmt: skip
