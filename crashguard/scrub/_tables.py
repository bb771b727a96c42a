"""The words and patterns of crashguard.scrub, made of tools/vocabulary.toml.

Do not edit: `python tools/tables.py` writes this file, and a test compares the two.
"""

from crashguard.scrub.prepared import Meanings, Rows, Words

# fmt: off

# How a name ends, as one word: how sure it is (NONE to NUMBER of `names`), which kind.
NAMES = Meanings((
        (0, ''),
        (1, 'hash'),
        (1, 'key'),
        (1, 'license-key'),
        (1, 'one-time-code'),
        (1, 'token'),
        (2, 'api-key'),
        (2, 'connection-string'),
        (2, 'cookie'),
        (2, 'credentials'),
        (2, 'encryption-key'),
        (2, 'jwt'),
        (2, 'license-key'),
        (2, 'nonce'),
        (2, 'one-time-code'),
        (2, 'password'),
        (2, 'private-key'),
        (2, 'salt'),
        (2, 'secret'),
        (2, 'session'),
        (2, 'signature'),
        (2, 'token'),
        (2, 'webhook'),
        (3, 'account-key'),
        (3, 'aws-secret-key'),
        (3, 'connection-string'),
        (3, 'credentials'),
        (3, 'encryption-key'),
        (3, 'one-time-code'),
        (3, 'passphrase'),
        (3, 'password'),
        (3, 'private-key'),
        (3, 'secret'),
        (3, 'secret-key'),
        (3, 'seed-phrase'),
        (3, 'signing-key'),
        (3, 'token'),
        (4, 'bank-account'),
        (4, 'birth-date'),
        (4, 'card'),
        (4, 'device-id'),
        (4, 'driving-licence'),
        (4, 'iban'),
        (4, 'national-id'),
        (4, 'passport'),
        (4, 'phone'),
        (4, 'pin'),
        (4, 'ssn'),
        (4, 'tax-id'),
    ), (
        'aadhaar:43 aadhaarnumber:43 aadhar:43 accesscode:14 accesskey:6 accesskeyid:6 accesskeys:6 '
        'accesstoken:21 accountid:0 accountkey:23 accountno:37 accountnumber:37 acctno:37 acctnumber:37 '
        'activationkey:12 adgangskode:30 adminkey:6 adminpass:30 adminpw:30 aeskey:27 ahv:43 apikey:6 '
        'apikeyid:0 apikeys:6 apitoken:21 appkey:6 applicationkey:6 assertion:5 auth:9 authcode:14 '
        'authentication:9 authheader:9 authkey:6 authorization:9 authorizationcode:14 authpass:30 '
        'authtoken:21 authuserinfo:9 avs:43 backupcode:28 backupcodes:28 bankaccount:37 basicauth:9 '
        'bearer:21 becomepass:15 bic:0 bindpw:30 birthdate:38 birthday:38 bsn:43 card:39 cardno:39 '
        'cardnum:39 cardnumber:39 cc:39 ccnum:39 ccnumber:39 cell:45 cellphone:45 challenge:5 '
        'chavesecreta:33 chiavesegreta:33 cipherkey:27 citizenid:43 clavesecreta:33 clesecrete:33 '
        'clientkey:6 clientsecret:32 cnp:43 cnpj:43 code:4 codeverifier:18 codicefiscale:43 community:15 '
        'communitystring:15 confirmationcode:14 connectionstring:25 connectsid:19 consumerkey:6 '
        'contrasena:30 contrase\xf1a:30 cookie:8 cookies:8 cpf:43 cprnumber:43 credential:26 '
        'credentials:26 creditcard:39 creditcardnumber:39 creds:26 csc:39 csrf:21 csrftoken:21 curp:43 '
        'cvc:39 cvc2:39 cvv:39 cvv2:39 datakey:27 dateofbirth:38 dbpass:30 dbpw:30 debitcard:39 '
        'decryptionkey:27 depasse:30 deploykey:6 devicecode:21 digest:1 dlnumber:41 dni:43 dob:38 '
        'driverlicence:41 driverlicense:41 driverlicensenumber:41 driverslicense:41 '
        'driverslicensenumber:41 drivinglicence:41 drivinglicencenumber:41 drivinglicense:41 dsn:7 egn:43 '
        'ein:48 emiratesid:43 encryptionkey:27 encryptkey:27 expdate:0 facode:14 fax:45 faxnumber:45 '
        'fernetkey:27 fodselsnummer:43 ftppass:30 functionkey:6 geheimnis:33 geslo:30 gpgkey:16 hash:1 '
        'haslo:30 has\u0142o:30 healthcard:43 heslo:30 hetu:43 hkid:43 hmac:20 hmackey:27 homephone:45 '
        'hostkey:6 httpauth:9 iban:42 iccid:40 idcard:43 idcardnumber:43 identitycardnumber:43 '
        'identitynumber:43 idnumber:43 idtoken:21 imei:40 imsi:40 ingestionkey:6 ingestkey:6 insee:43 '
        'instrumentationkey:6 insurancenumber:43 integrationkey:6 itin:48 jelszo:30 jelsz\xf3:30 '
        'jsessionid:19 jwt:11 katasandi:30 kennwort:30 key:2 keybase:33 keyfilejson:16 keypass:30 '
        'keyring:0 keys:2 kodeord:30 kubeconfig:9 licence:3 licencekey:12 license:3 licensecode:12 '
        'licensekey:12 licensenumber:41 logincode:14 loginpass:30 losenord:30 lozinka:30 l\xf6senord:30 '
        'machinekey:27 mailpass:30 masterkey:27 mastertoken:21 medicalrecordnumber:43 medicare:43 '
        'medicarenumber:43 mfacode:14 mnemonic:34 mnemonicphrase:34 mobile:45 mobileno:45 mobilenumber:45 '
        'motdepasse:30 mrn:43 msisdn:45 mynumber:43 mysqlpass:30 nationalid:43 nationalidentifier:43 '
        'nationalidnumber:43 nationalinsurance:43 nationalinsurancenumber:43 nhs:43 nhsnumber:43 nie:43 '
        'nif:43 nino:43 nir:43 nonce:13 nric:43 onetimecode:14 otp:14 otpcode:14 otpsecret:32 '
        'palavrapasse:30 pan:39 pancard:43 pannumber:43 parola:30 parool:30 pass:15 passcode:30 '
        'passhash:15 passkey:15 passord:30 passphrase:29 passport:44 passportid:44 passportno:44 '
        'passportnumber:44 passw:30 passwd:30 passwdhash:15 passwod:30 password:30 passwordhash:30 '
        'passwords:30 passwort:30 passwrd:30 paswd:30 pasword:30 pat:21 pepper:17 personalid:43 '
        'personalnumber:43 personnummer:43 pesel:43 phone:45 phoneno:45 phonenumber:45 phpsessid:19 '
        'pin:46 pincode:46 pinnumber:46 ppsn:43 ppsnumber:43 presharedkey:27 privatekey:31 privatekeyid:6 '
        'privatekeypem:31 privkey:31 productkey:12 proxyauthorization:9 proxypass:30 psk:27 pswd:30 '
        'publishablekey:6 pushkey:6 pw:15 pwd:30 pwdhash:15 pwhash:15 pword:15 readkey:6 recoverycode:28 '
        'recoverycodes:28 recoveryphrase:34 redispass:30 refreshtoken:21 requirepass:15 residentid:43 '
        'residentregistrationnumber:43 restkey:6 rfc:43 rootpass:30 rootpw:30 roottoken:21 routingkey:0 '
        'routingnumber:37 rrn:43 rsakey:16 salasana:30 salt:17 sandi:30 sas:20 sasltoken:36 sastoken:36 '
        'secret:32 secretaccesskey:24 secretbase:33 secretid:32 secretkey:33 secreto:33 secrets:32 '
        'secretstring:32 secrettoken:36 secretvalue:32 securitycode:14 seed:18 seedphrase:34 segredo:33 '
        'senha:30 serialkey:12 serverkey:6 serviceaccountjson:16 serviceaccountkey:16 servicekey:6 '
        'sessid:19 session:19 sessionid:19 sessionkey:19 sessionsecret:18 sessiontoken:19 setcookie:8 '
        'sharedaccesskey:23 sharedkey:23 sharedsecret:32 sid:19 sifre:30 sig:20 signature:20 '
        'signaturekey:35 signingkey:35 signkey:35 sin:43 smscode:14 smtppass:30 socialsecurity:47 '
        'socialsecurityno:47 socialsecuritynumber:47 sortcode:37 sozialversicherungsnummer:43 sshkey:16 '
        'sshpass:30 ssn:47 state:5 steuerid:43 steuernummer:43 storagekey:23 storepass:30 '
        'subscriptionkey:6 taxfilenumber:48 taxid:48 taxnumber:48 taxpayerid:48 tel:45 telephone:45 '
        'telephonenumber:45 teudatzehut:43 tfn:43 ticket:5 tin:48 token:21 tokens:21 totp:14 '
        'totpsecret:32 twofactorcode:14 unsealkey:10 unsealkeys:10 usercode:14 userkey:6 userpass:30 '
        'userpw:30 validationkey:27 vat:48 vatid:48 vatnumber:48 verificationcode:14 vin:40 voterid:43 '
        'wachtwoord:30 wachtwoorden:30 webhook:22 webhookkey:18 webhooksecret:18 webhookurl:22 wepkey:10 '
        'whatsapp:45 workphone:45 wpapsk:27 writekey:6 xsrf:21 xsrftoken:21 zaporka:30 \u015fifre:30 '
        '\u03ba\u03c9\u03b4\u03b9\u03ba\u03cc\u03c2:30 \u043f\u0430\u0440\u043e\u043b\u044c:30 '
        '\u30d1\u30b9\u30ef\u30fc\u30c9:30 \u5bc6\u7801:30 \u5bc6\u78bc:30 \ube44\ubc00\ubc88\ud638:30'
    ))
ABOUT = Words(
        'action actions age alg algorithm allowed api arg args arn at attempts audience backend bits '
        'board bound bounds bucket budget bytes cache callback change changed changes check checker class '
        'client cls column columns comment context count counts created date days decoder desc '
        'description dict dir directory disabled domain duration ed enabled encoder encoding endpoint env '
        'er error errors event events example exception exists expiration expired expires expiry factory '
        'failed failure field fields file filename files flow fn form format func function generator '
        'group groups handler hasher hint host id ids index ing input interval invalid issuer iterator '
        'ization kind label len length level levels lexer lifetime limit limits list location manager map '
        'max message method methods middleware min missing mode model module ms name names needed note '
        'notes ok on option options order output owner page param parameter params parser path paths per '
        'permission permissions placeholder plugin policies policy port prefix present prompt provider '
        'providers range rate realm ref reference refs region remaining request required reset response '
        'result results retries retry ring role roles rotation schema scope scopes seconds server service '
        'set size sort source sources spec stage state status step steps storage store stream strength '
        'subject success supported table template test tests text time timestamp title tokenizer total '
        'ttl type types updated uri url usage used user username uuid valid validation validator var '
        'variable vars verified verify version view window word words zone'
    )
DATA_KEYS = Words(
        'a any arrow attr attribute bad blob bucket by cache cached candidate child cluster clustering '
        'cmk column composite config configuration context current data dedup dedupe dict dictionary '
        'distribution duplicate each element env environment etag event extra feature field file filter '
        'first flag for foreign group grouping header hot idempotency in index invalid issue item jira '
        'join json kafka keyboard keyword kms known kwargs label last leaf left lock lookup map memcached '
        'merkle message method metric missing modifier msg natural nested new next no node normalized '
        'object old optional order ordering param parameter parent partition path press pressed previous '
        'primary project props pub public query record redirect redis reduce registry release required '
        'right routing row search second setting settings shard shortcut sort sorting state surrogate tag '
        'that the this top translation tree unexpected unhashable unique unknown variable with wrong yaml'
    )
COUNTS = Words(
        'billed cached completion input max min n new num output prompt reasoning total used'
    )
TRAILING = Words(
        'again b b64 base bytes clear cleartext confirm confirmation content current data dev encoded '
        'hash header hex live new no num number old pem plain plaintext prev previous primary prod raw '
        'repeat secondary staging str string test val value'
    )
HARMLESS = Words(
        'a absent accepted access admin after again all already always always-on an and anonymous any api'
        ' apikey are argument as asis at attribute auth authentication authorization basic be bearer beca'
        'use been before being blank bool boolean but by bytes can cannot changed char characters chars c'
        'heck client cls column confidential contains could created credentials current decrypted default'
        ' deleted denied dict did digest disabled do does does-not-match due during else empty enabled en'
        'crypted enter env environment error example expected expired expired_token failed failure false '
        'field fields file filtered float for found from generated generating given got guest had has has'
        'hed have header hidden id if in incorrect inf infinity input int integer interactive invalid inv'
        'alid_grant invalid_token is it its jwt kerberos key keychain keyring ldap least length list loca'
        'lhost long masked match matched matches maximum may might minimum mismatch missing missing_token'
        ' most must n/a na name nan negotiate never new nil no none not nothing notset null number oauth '
        'oauth2 object of off ok old on only optional or param parameter parse parsed parsing passwd pass'
        'word password-protected placeholder plain-text plaintext please policy present previous private '
        'prompt provided public read received redacted refresh refused rejected removed request required '
        'required_field reset response revoked root rotated saml sample scrubbed secret see self send sen'
        't server set short should since specified stdin still str string strong success supplied tbd tes'
        't text that the then these this those to todo token too true try type undefined unexpected unkno'
        'wn unless unset until updated use used user username using valid value values varchar vault veri'
        'fied void was weak when while will with without would write wrong yes'
    )
COMMON = Words(
        'admin administrator airflow alpine anonymous ansible apache api app application apps arch azureu'
        'ser backup base bin build builder buildkite celery centos ci circleci client cloud cloudquery cl'
        'uster codespace computer container crashguard daemon data database db debian debug default demo '
        'desktop dev devel develop developer django docker ec2-user err error etc false fedora flask flin'
        'k gateway git github gitlab gitlab-runner gitpod guest hadoop home host hostname imac info jenki'
        'ns jovyan k8s kafka kube kubernetes lambda laptop lib linux local localdomain localhost localhos'
        't.localdomain log logs mac macbook macbook-air macbook-pro machine mail main master mongo mongod'
        'b mysql news nginx no nobody node none nonroot null off on opc operator opt pc pi postgres prod '
        'production proxy public python redis root run runner runneradmin sandbox sbx_user server service'
        ' services shared spark src stage staging support sync sys system temp terraform test tester test'
        'ing tests tmp trace travis true ubuntu unknown user users usr vagrant var vscode web windows wor'
        'k worker www www-data yes'
    )
NOBODY = Words(
        '... admin administrator airflow all app appuser azureuser bamboo bin build builder buildkite-age'
        'nt buildozer centos circleci code coder codespace conan containeradministrator containeruser dag'
        'ster data debian default defaultapppool deploy dev django docker ec2-user elasticsearch fedora f'
        'lask flink git gitlab-runner gitpod gradle grafana guest hadoop heroku hive home jenkins jovyan '
        'kafka lambda lib linuxbrew local me mongodb mysql name nginx nifi nobody node nonroot opc oracle'
        ' pi postgres prefect presto prometheus public python rabbitmq rails redis render root runner run'
        'neradmin sbx_user1051 service shared site sonarqube spark src steam superset teamcity travis tri'
        'no ubuntu user username users vagrant vcap vscode vsts vsts_azpcontainer worker www-data you zoo'
        'keeper'
    )
SAID = Words(
        'a able abort aborted about above absolute abstract accept accepted access acquire action active '
        'actual add added address addresses administrator after again against alias aliases all allocate '
        'allocated allocation allow allowed already also am ambiguous an and annotation annotations '
        'another any api app appear appears append application applied apply appropriate archive are arg '
        'args argument arguments around array as ascii asgi assign assignment async asynchronous asyncio '
        'at atomic attempt attempted attr attribute attributes auth authenticate authenticated '
        'authentication authorize authorized auto automatic available await aware backend bad badly bare '
        'base based batch batches be because been before begin being below between binary binding bit '
        'block blocking body bool boolean both bound bounds brace bracket branch broken broker brokers '
        'bucket buckets buffer bug build built builtin but by byte bytearray bytes cache cached call '
        'callable callback called calling calls can cancelled cannot capture case cast category cert '
        'certfile certificate chain change changed channel channels char character characters check child '
        'choices chunk chunked chunksize class classes clause click client clone close closed closing cls '
        'cluster cmd code codec col collection colon color column columns com combine combined comma '
        'command comment commit common compare compatible compilation compile compiled compiler complete '
        'completed complex component components compressed compression concrete condition config '
        'configuration configure configured conflict conflicting conflicts connect connected connection '
        'consider constraint construct constructor consumer contact contain contained container '
        'containers containing contains content context continuation control conversion convert converted '
        'cookie copy core coroutine correct corrupt corrupted could couldn count create created creating '
        'credential credentials curl current currently cursor custom daemon data database date datetime '
        'day days deadlock decimal declaration declare declared decode decorator default define defined '
        'definition delete deleted delimiter delivery denied dependencies dependency deploy deployment '
        'deprecated depth description descriptor destination detail details detected determine device '
        'dict dictionary dicts did didn different digest digit digits dir directive directly directory '
        'dirs disable disabled disconnected disk display distribution distributions division django do '
        'docs docstring document documentation does doesn domain don done dot dotted double down download '
        'downloaded dst dt due duplicate duplicated duration during each either element elements ellipsis '
        'else email empty enable enabled enclosed encode encoded encoding encountered end ended endpoint '
        'endpoints enough ensure enter entered entry enum env environment eof equal err error errors '
        'escape eval event exactly example exc exceed exceeded exceeding exceeds except exception exclude '
        'exclusive exec executable execute executor exist existing exists exit exited expect expected '
        'expecting expects expired explicit explicitly exponent export expr expression ext extended '
        'extension extensions extra extract factory failed failing fallback false family fatal fd feature '
        'fetch field fields file filename files filesystem filter filters find finished firewall first '
        'fix fixed flag flags float fn folder folders followed following for forbidden foreign forget '
        'form format formatted found frame from full fully func function functions future futures gateway '
        'generate generated generator generic get getaddrinfo getting gib git github give given global go '
        'gone got greater group grouping groups had handle handled handler handshake happen happened has '
        'hash hashable have having he header headers help her here hex high hint his host hostname hour '
        'how html http https hyphens i id identifier ids if ignore illegal image images immutable '
        'implement implementation implemented import imported in include incompatible incomplete '
        'inconsistent incorrect index indices infinite infinity info information inherit init initial '
        'initialization initialized initializer input insert inside install installation installed '
        'instance instances instantiate instantiated instead int integer integers intended interface '
        'internal interpreter into invalid io ip ipv is isinstance isn iso isoformat issue issuer issues '
        'it item items iter iterable iterator its join json kernel key keyfile keys keyword keywords kib '
        'kind know known kubectl kwargs label lambda language large larger last later leap least left len '
        'length less letters level lib library like likely limit limited line lineno link list listening '
        'lists literal load loaded loader loading local locale locate location lock locked log login '
        'logout long longer look loop macro magic mailbox main make malformed manager manifest many map '
        'mapping marker mask match matched matches matching max maximum may maybe me mean means meant '
        'member memory merge message messages metadata method methods metric metrics mib might migration '
        'migrations min minute mismatch missing mix mixed mode model modify module modules modulo month '
        'more most mount mounted move moved msg msvc much multipart multiple must mutually my naive name '
        'named names namespace namespaces nan native near need needed needs negative neither nested '
        'network never new newer newline newlines next no node nodename nodes non none nor not nothing '
        'now npm null num number numbers numeric obj object objects occurred of offline offset old on '
        'once one only op open opened operand operands operation operations operator opt option optional '
        'options or order ordering ordinal org origin original os other our out output outside over '
        'overflow overridden override overwrite own owner package packages pad parallel param parameter '
        'parameters params parent parentheses parenthesis parse parsed parser parsing part partial '
        'partition partitions parts pass passed passing password path pathlike paths pattern payload peer '
        'per perform perhaps permission persist pib pickle pickled pip pipe placeholder plain plan plat '
        'platform please plugin pod point pointer points pool pop port pos position positional positive '
        'possibilities possible pre precision prefix present previous primary private probably procedure '
        'process processed processes processing project property protocol provide provided proxy psql '
        'public pull push py pydantic python qualname query queue quota quote quoted quotes raise raised '
        'range rate rather raw rb re reached read read-only readable reading ready real reason receive '
        'received recipient recognized record recursion recursive reduce refer reference refused refusing '
        'regex register registered registry regular relation relative release released reload remote '
        'remove removed repeat replace replicas report repositories repository repr representation '
        'request requested requests require required requirement requires reserved reset resolution '
        'resolve resolved resource response result resulting retry retrying return returned returns '
        'revision right rollback root round row rows rule run running runtime safe same samples saved '
        'saving scalar schema scheme scope script search second section see seek segment select self '
        'self-signed semaphore send sender sendfile sense sent separated separator sequence serialize '
        'serializer server service servname session set setting settings setup shards shared shell short '
        'should shouldn show shutdown side sig sign signal signature simple since single size skip slice '
        'slices small snapshot snapshots so sock socket sockets some something sorry sorted source '
        'sources spec special specific specification specified specifier specifiers specifies specify '
        'specifying split sqlite ssh ssl sslcontext stack start started starting state statement status '
        'stderr stdin stdout step still stop stopped stopping storage store str stream streams strict '
        'string strings style subclass subclasses subprocess subscript subscriptable subscription such '
        'suffix suitable supplied supply support supported supports supposed sure surrogate surrogates '
        'switch sync synced syncing syntax sys system systems table tables tag take takes target task '
        'tasks template temporarily terminated terraform test text than that the their them then there '
        'these they this those thread three through tib time timed timedelta timeout times timestamp '
        'timezone tls to together token tokens too top topic total traceback transaction transactions '
        'transfer transport tree tried trigger true truncated truth try trying tuple tuples twice two '
        'type types tz tzinfo uid un unable unauthorized unavailable unbuffered undefined under underflow '
        'underlying unexpected unhandled unhashable unicode union unique unix unknown unless unpack '
        'unreachable unrecognized unsupported unterminated up update upgrade upload uploaded upstream uri '
        'url urls us usage use used user username uses using utf uuid val valid validation value values '
        'var variable variables verification verify version via view violates volume volumes wait waiting '
        'want warehouse warning was way we week were what when where which while whitespace who whom '
        'whose why width will window windows with within without work worker workers works would wrap '
        'wrapper writable write writing written wrong wrote xml year yet yield you your zero zip zone'
    )
ERRORS = Words(
        "aborted already ambiguous can't cannot conflict corrupt corrupted could deadlock denied "
        "disallowed does doesn't don't error errors exceeded exceeds exists expected expired failed fails "
        'failure fatal forbidden illegal incorrect insufficient invalid larger locked malformed missing '
        'must not refused rejected required timed timeout unable unauthorized undefined unexpected '
        'unknown unreachable unrecognized unsupported violates violation'
    )
SCHEMA = Words(
        'alias app application arg args argument arguments attribute attributes backend class cls codec '
        'collection column columns command commands component config connector constraint converter '
        'database dataset decorator destination dialect dictionary directive directory distribution '
        'driver encoding endpoint engine enum env environment event exchange extension extra extras '
        'feature field fields filter flag format function functions handler header headers hook index '
        'instance interface interpreter keys keyword language layer library loader locale lookup macro '
        'method methods migration mode model module modules namespace node object operator option options '
        'package packages param parameter parameters params parser permission pipeline placeholder plugin '
        'policy prefix procedure profile program property protocol provider queue ref registry relation '
        'renderer requirement resource revision route rule schema scheme scope section serializer server '
        'service setting settings sheet shell signal slot step strategy stream struct style switch symbol '
        'table tables tag task template theme timezone tool topic trigger type types variable variables '
        'variant version view volume widget worksheet zone'
    )
SCHEMA_BEHIND = Words(
        'argument arguments attribute attributes class codec column columns command constraint directive '
        'field fields flag function header instance instances keyword method module object objects option '
        'options package parameter parameters plugin property relation setting table tables tag type '
        'types variable'
    )
SCHEMA_LOCALS = Words(
        'alias allowed app arg args argument arguments attr attribute attributes backend base basename '
        'braced charset choice choices class cls cmd codec col colname cols column columns command '
        'commands component config constraint converter database dataset db delimiter dialect dialects '
        'dir directory dirname distribution driver dtype encoding endpoint engine enum env error_type '
        'errors event executable ext extension extra extras feature field fieldname fieldnames fields '
        'filename filepath filter flag flags fmt folder format func funcname function group handler '
        'header headers hook host hostname import index instance interface interpreter k key keys keyword '
        'keywords kind kwarg label lang language layer level lib library loader locale lookup macro '
        'method methods mod mode model models modname module modules named namespace node ns opt option '
        'options package packages param parameter parameters params parser path paths pattern permission '
        'pkg placeholder plugin policy port prefix prefixes prog program project prop property props '
        'protocol provider qualname query queue regex registry relation renderer repo requirement '
        'resource route rule schema scheme scope section sep separator serializer server service setting '
        'settings sheet sheetname shell signal sql statement step strategy stream struct style suffix '
        'switch symbol table tablename tables tag tags target task template theme timezone tool topic '
        'trigger typ type typename types tz tzname unit unit_name uri url user_agent var variable '
        'variables variant version view widget worksheet zone'
    )
MESSAGE_LOCALS = Words(
        '_message cause desc description_text detail err errmsg error error_message error_msg errormsg '
        'exc_msg exception explanation extra_msg failure failure_message formatted formatted_message '
        'full_message full_msg info_text line_text message messages msg msgs notice orig_msg problem '
        'reason reasons report status_text stderr strerror tb text_message traceback usage warning'
    )
CAPITALISED = Words(
        'ALTER ASCII Accept Accept-Encoding Accept-Language Alter Any Append Argument Array Attribute '
        'Authorization BETWEEN BIGINT BOOLEAN Basic Bearer Begin Bool Boolean Bytes COLUMN CONNECT '
        'CONSTRAINT CREATE CRITICAL CROSS Callable Class Client Close Column Commit Connection '
        'Content-Encoding Content-Length Content-Type Cookie Create DATETIME DEBUG DECIMAL DEDENT DEFAULT '
        'DELETE DISTINCT DOUBLE Darwin Date DateTime Decimal Default Delete Dict Digest Docker Document '
        'Double Drop ENDMARKER ERROR EXISTS Element End Enum Error Exception FALSE FATAL FLOAT FOREIGN '
        'False Field Float Fortran Function GROUP Grant HAVING HTTPS Host IDENTIFIER INDENT INDEX INNER '
        'INSERT INTEGER If-Match If-None-Match Ignore Index Insert Int Integer Iterable Java Json LATIN '
        'LIMIT Latin Linux List Literal Location Mapping Method Model Module NEWLINE NOTSET NULL NUMBER '
        'NUMERIC Node None Null Number OFFSET OPTIONS ORDER OUTER Object Open Optional Origin Overwrite '
        'PATCH POST PRIMARY PUBLIC Parameter Parser Path Property Python Query REFERENCES RETURNING RIGHT '
        'Read Referer Request Response Retry-After Rollback SELECT SMALLINT STRING Schema Select Sequence '
        'Server Session Set Set-Cookie Start Stop Str String TABLE TIMESTAMP TRACE TRUE Table Text Time '
        'Timestamp Token Traceback Transfer-Encoding True Tuple Type UNION UNIQUE UPDATE USING Unicode '
        'Union Update Upgrade User-Agent Uuid VALUES VARCHAR View WARNING WHERE WWW-Authenticate Warning '
        'Windows Write X-Forwarded-For'
    )
ENDINGS = Words(
        'bak bat c cfg conf cpp crt css csv db dll dylib egg env exe go gz h html ini jar java js json '
        'key lock log md parquet pem pid proto ps1 py pyc pyi pyx rs rst sh so sock sql sqlite tar tmp '
        'toml ts tsv txt whl xml yaml yml zip'
    )
PERSONAL = Words(
        'accountholder achternaam adressepostale alergias allergien allergies allergy anschrift apelido '
        'apellido apellidos befund beneficiary billingaddress birthplace bydli\u0161t\u011b cadde calle '
        'cardholder clientname codepostal codicepostale codigopostal cognome customername diagnos '
        'diagnose diagnoses diagnosi diagnosis diagnostic diagnostico diagn\xf3stico diagn\xf3za '
        'dijagnoza doente domicilio efternamn einkommen employeename endereco endere\xe7o ethnicity '
        'etternavn familienname familyname firstname fornamn fornavn fullname f\xf6rnamn gata gatuadress '
        'geboorteplaats geburtsname geburtsort gehalt givenname hasta hausnummer homeaddress housenumber '
        'imie imi\u0119 income indirizzo ingresos inkomen inkomst jmeno jm\xe9no kundenname lastname '
        'lieudenaissance loenn lohn loon lugardenacimiento luogodinascita l\xf6n l\xf8nn maas maa\u015f '
        'maidenname maritalstatus medication medications medikamente middlename miejscezamieszkania '
        'morada nachname nationality nationalit\xe9 nazwisko nextofkin nombrecompleto nomcomplet '
        'nomdefamille nomecompleto ordenado paciente pacijent pacjent patient patientin patientname '
        'pati\xebnt paziente pensja personname placa placeofbirth plat pla\u0107a postaladdress postcode '
        'prenom prescription prezime prijmeni pr\xe9nom p\u0159\xedjmen\xed reddito religion rendimento '
        'revenu rozpoznanie rua salaire salario salaris salary sal\xe1rio shippingaddress sobrenome soyad '
        'soyadi soyad\u0131 spouse staatsangeh\xf6rigkeit stipendio straat straatnaam strasse stra\xdfe '
        'street streetaddress streetname sueldo surname symptoms te\u015fhis treatment ulica ulice '
        'voornaam vorname wage wages wohnort woonplaats wynagrodzenie zipcode'
    )
PERSONAL_VAGUE = Words(
        'addr address addresses adres adresa adress adresse anteckning anteckningar author '
        'a\xe7\u0131klama bemerkung bemerkungen bilje\u0161ka cidade citta citt\xe0 city ciudad client '
        'cliente comentario coment\xe1rio comment commentaire commento comments contact county customer '
        'destinataire direccion direcci\xf3n district doctor employee grad guardian ime isim klant klient '
        'klijent komentarz kommentar kund kunde kundin memo merknad mesto miasto m\u011bsto naam name '
        'names namn napomena navn nazwa nom nombre nome nota notas note notes notiz notizen observaciones '
        'observacoes observa\xe7\xf5es opmerking opmerkingen ort owner person physician plaats poznamka '
        'pozn\xe1mka recipient remark remarks remarque remarques rue sehir sender stad stadt title town '
        'uwagi village ville \u015fehir'
    )
SETTINGS = Words(
        '0.0.0.0 127.0.0.1 ::1 aarch64 amd64 arm64 auto bash console cpu critical cuda darwin debug dev d'
        'evelopment disabled dist-packages docker enabled english error false fatal github gitlab http ht'
        'tps info json kubernetes level lib lib64 linux local localhost main mariadb master memory mongod'
        'b mysql notset oracle postgres postgresql prod production python redis site-packages sqlite sqli'
        'te3 sqlserver stage staging stderr stdout test testing text trace true utc verbose warn warning '
        'win32 windows x86_64 yaml yes'
    )
STANDARD = Words(
        'ALLUSERSPROFILE APPDATA CI COLORTERM COLUMNS COMMONPROGRAMFILES COMSPEC CONDA_DEFAULT_ENV '
        'CONDA_PREFIX DEBIAN_FRONTEND DISPLAY DYLD_LIBRARY_PATH EDITOR FORCE_COLOR GITHUB_ACTIONS '
        'GITHUB_EVENT_NAME GPG_KEY HOME HOSTTYPE IFS INFOPATH JAVA_HOME LANG LANGUAGE LD_LIBRARY_PATH '
        'LESS LESSCLOSE LESSOPEN LINES LOCALAPPDATA LS_COLORS MACHTYPE MAIL MANPATH MOTD_SHOWN NODE_ENV '
        'NO_COLOR NUMBER_OF_PROCESSORS OLDPWD OS OSTYPE PAGER PATH PATHEXT PIP_DISABLE_PIP_VERSION_CHECK '
        'PROCESSOR_ARCHITECTURE PROCESSOR_IDENTIFIER PROGRAMDATA PROGRAMFILES PROMPT PS1 PS2 PWD '
        'RUNNER_ARCH RUNNER_OS SHELL SHLVL SYSTEMDRIVE SYSTEMROOT TEMP TERM TERMINFO TERM_PROGRAM '
        'TERM_PROGRAM_VERSION TMP TMPDIR TZ VIRTUAL_ENV VIRTUAL_ENV_PROMPT VISUAL WINDIR WSLENV '
        'WSL_DISTRO_NAME'
    )
# What a name holds, whatever else, that says of its value that it is a secret.
TELLING = (
        'pw dsn jwt key otp pat psk sas sid sig auth csrf hmac pass pswd salt seed xsrf creds geslo haslo '
        'heslo nonce paswd sandi senha sifre token bearer cookie facode jelszo parola parool pepper '
        'secret kodeord lozinka pasword segredo session smscode webhook zaporka kennwort losenord '
        'mnemonic salasana usercode community geheimnis logincode accesscode backupcode contrasena '
        'credential devicecode kubeconfig wachtwoord adgangskode licensecode onetimecode codeverifier '
        'recoverycode securitycode chiavesegreta twofactorcode recoveryphrase confirmationcode '
        'connectionstring verificationcode serviceaccountjson'
    ).split()
BEFORE_VALUES = (
        'with base \\d+|could not convert string to (?:float|int|complex)|(?i:isoformat|isocalendar) stri'
        'ng|input_value|time data|Invalid literal for (?:Fraction|Decimal)|badly formed hexadecimal|[Dd]u'
        'plicate entry|nrecognized (?:date|time) format|\\b[Vv]alues?|\\b(?:[Pp]arse|[Pp]arsing)|\\b(?:[P'
        'p]ars|[Cc]onvert|[Dd]ecod)(?:e|ing)? (?:[a-z]+ )?string|nvalid (?:number|integer|float|decimal|b'
        'oolean|date|time|datetime|timestamp|interval)(?: field)?(?: format)?|for type [a-z0-9 ]{2,32}|va'
        'lue for enum [\\w.]{1,30}|(?:array|record|range) literal|value out of range'
    )
NAMED_BEHIND = (
        'is (?:undefined|not defined|a required|unknown|unsupported|deprecated|not supported|not implemen'
        'ted)|has no|object|not in index'
    )
SPOKEN_BEFORE = (
        'message|messages|reason|detail|details|error|errors|description|title|hint|msg|because|says|said'
        '|failed with|caused by'
    )
# What libraries and servers say, one in a line.
PHRASES = (
        '(Background on this error at: https://sqlalche.me/e/\n(Caused by\n(choose from\n(connect timeout'
        '=\n(using password: NO)\n(using password: YES)\n201 Created\n202 Accepted\n207 Multi-Status\n302'
        ' Found\n401 Unauthorized\n403 Forbidden\n409 Conflict\n410 Gone\n423 Locked\nAPI rate limit exce'
        'eded for\nAccess denied for user\nAdditional properties are not allowed (\nAll connection attemp'
        'ts failed\nAlready Reported\nAn error occurred (\nAuthentication failed.\nBad Gateway\nBad Reque'
        'st\nBad Request for url:\nBad magic number for central directory\nBinder Error: Referenced colum'
        "n\nBroken pipe\nCHECK constraint failed:\nCan't connect to MySQL server on\nCan't load plugin:\n"
        "Can't locate revision identified by\nCandidate bindings:\nCannot add or update a child row: a fo"
        'reign key constraint fails\nCannot connect to host\nCannot connect to proxy.\nCannot connect to '
        'the Docker daemon at\nCannot delete or update a parent row: a foreign key constraint fails\nCata'
        'log Error: Table with name\nClient Error:\nConnectTimeoutError(\nConnection aborted.\nConnection'
        ' broken:\nConnection refused\nConnection reset by peer\nConnection timed out\nContent Too Large'
        '\nConversion Error: Could not convert string\nCould not connect to the endpoint URL:\nCould not '
        'parse SQLAlchemy URL from\nCould not read from remote repository.\nCould not resolve host:\nDB::'
        'Exception: Syntax error: failed at position\nData too long for column\nDeadline Exceeded\nDirect'
        'ory not empty:\nDuplicate entry\nDuring handling of the above exception, another exception occur'
        'red:\nE11000 duplicate key error collection:\nEarly Hints\nError 111 connecting to\nError bindin'
        'g parameter\nError from server (Forbidden):\nError from server (NotFound):\nError response from '
        'daemon:\nError tokenizing data. C error: Expected\nExceeded 30 redirects.\nExpectation Failed\nE'
        "xpected '=' after a key in a key/value pair (at line\nExpected one of:\nExpecting ',' delimiter:"
        " line\nExpecting ':' delimiter: line\nExpecting property name enclosed in double quotes: line\nE"
        'xpecting value: line\nExtra data: line\nExtra inputs are not permitted\nFOREIGN KEY constraint f'
        'ailed\nFailed Dependency\nFailed to connect to remote host:\nFailed to establish a new connectio'
        'n:\nFailed to resolve\nFailed validating\nField required\nFile contains no section headers.\nFil'
        'e exists:\nFile is not a zip file\nFor further information visit https://errors.pydantic.dev/\nF'
        'or more information check: https://developer.mozilla.org/en-US/docs/Web/HTTP/Status/\nForbidden '
        'for url:\nGateway Time-out\nGateway Timeout\nHTTP Error\nHTTP Version Not Supported\nHTTPConnect'
        'ion(host=\nHTTPConnectionPool(host=\nHTTPSConnection(host=\nHTTPSConnectionPool(host=\nHost key '
        "verification failed.\nHostname mismatch, certificate is not valid for\nI'm a Teapot\nI/O operati"
        'on on closed file\nIM Used\nIllegal trailing comma before end of object: line\nIncompleteRead(\n'
        'Incorrect integer value:\nIncorrect number of bindings supplied. The current statement uses\nInc'
        'orrect syntax near\nInput should be a valid\nInsufficient Storage\nInternal Server Error\nInvali'
        'd URL\nInvalid \\escape: line\nInvalid column name\nInvalid control character at: line\nInvalid '
        'isoformat string:\nInvalid object name\nInvalid statement (at line\nInvalid value (at line\nIs a'
        ' directory:\nIs the server running locally and accepting connections on that socket?\nIs the ser'
        'ver running on that host and accepting TCP/IP connections?\nLength Required\nLength mismatch: Ex'
        'pected axis has\nLock wait timeout exceeded; try restarting transaction\nLogin failed for user\n'
        'Loop Detected\nLost connection to MySQL server during query\nMax retries exceeded with url:\nMax'
        'RetryError(\nMethod Not Allowed\nMisdirected Request\nMissing dependencies for SOCKS support.\nM'
        'oved Permanently\nMulti-Status\nMultiple Choices\nMySQL server has gone away\nNOAUTH Authenticat'
        'ion required.\nNOT NULL constraint failed:\nName or service not known\nNameResolutionError(\nNet'
        'work Authentication Required\nNetwork is unreachable\nNewConnectionError(\nNo Content\nNo connec'
        'tion adapters were found for\nNo module named\nNo operator matches the given name and argument t'
        'ypes.\nNo option\nNo replica set members found yet, Timeout:\nNo route to host\nNo scheme suppli'
        'ed. Perhaps you meant\nNo section:\nNo space left on device\nNo such container:\nNo such file or'
        ' directory:\nNon-Authoritative Information\nNone of [Index([\nNot Acceptable\nNot Extended\nNot '
        'Found\nNot Found for url:\nNot Implemented\nNot Modified\nNot a directory:\nNot a gzipped file ('
        '\nNumerical result out of range\nOn instance\nOpening and ending tag mismatch:\nOperation timed '
        'out\nParser Error: syntax error at or near\nPartial Content\nPayload Too Large\nPayment Required'
        '\nPerhaps you meant to reference the column\nPerhaps you meant to reference the table alias\nPer'
        'manent Redirect\nPermission denied (publickey\nPermission denied, please try again.\nPermission '
        'denied:\nPlease make sure you have the correct access rights\nPrecondition Failed\nPrecondition '
        'Required\nProtocolError(\nProxy Authentication Required\nProxyError(\nQuota exceeded for\nQuota '
        'exceeded for quota metric\nRange Not Satisfiable\nRead timed out. (read timeout=\nReadTimeoutErr'
        'or(\nRemote end closed connection without response\nRequest Entity Too Large\nRequest Header Fie'
        'lds Too Large\nRequest Timeout\nRequest had insufficient authentication scopes.\nRequest-URI Too'
        ' Long\nRequested Range Not Satisfiable\nRequested entity was not found.\nReset Content\nSQL comp'
        'ilation error:\nSQL execution internal error:\nSSL connection has been closed unexpectedly\nSSLC'
        'ertVerificationError(\nSSLError(\nSee Other\nServer disconnected\nServer disconnected without se'
        'nding a response.\nServerSelectionTimeoutError\nService Temporarily Unavailable\nService Unavail'
        'able\nSession is closed\nSignature expired:\nStatusCode.UNAVAILABLE\nSwitching Protocols\nTNS:co'
        'uld not resolve the connect identifier specified\nTemporary Redirect\nTemporary failure in name '
        'resolution\nThe above exception was the direct cause of the following exception:\nThe access tok'
        'en expired\nThe caller does not have permission\nThe refresh token has expired\nThe security tok'
        'en included in the request is expired\nThe security token included in the request is invalid\nTh'
        'e specified bucket does not exist\nThe specified key does not exist.\nThis probably means the se'
        'rver terminated abnormally\nToken has been expired or revoked.\nToo Early\nToo Many Requests\nTr'
        'aceback (most recent call last):\nUNIQUE constraint failed:\nURI Too Long\nUnable to connect to '
        'the server:\nUnable to locate credentials\nUnable to parse string\nUnauthorized for url:\nUnavai'
        'lable For Legal Reasons\nUnknown column\nUnknown database\nUnknown string format:\nUnprocessable'
        ' Content\nUnprocessable Entity\nUnsupported Media Type\nUnterminated string starting at: line\nU'
        'pgrade Required\nUse Proxy\nVariant Also Negotiates\nWRONGTYPE Operation against a key holding t'
        'he wrong kind of value\nYou are trying to merge on\nYou have an error in your SQL syntax; check '
        'the manual that corresponds to your MariaDB server version for the right syntax to use near\nYou'
        ' have an error in your SQL syntax; check the manual that corresponds to your MySQL server versio'
        'n for the right syntax to use near\nYou might need to add explicit type casts.\n[SSL: CERTIFICAT'
        'E_VERIFY_FAILED] certificate verify failed:\n[SSL: UNEXPECTED_EOF_WHILE_READING] EOF occurred in'
        ' violation of protocol\n[SSL: WRONG_VERSION_NUMBER] wrong version number\n[type=\nalready exists'
        ' and is not an empty directory.\nambiguous option:\nand the repository exists.\nare in the [colu'
        'mns]\nare in the [index]\nattempt to write a readonly database\nattempted relative import with n'
        'o known parent package\nbadly formed hexadecimal UUID string\nbefore or while processing the req'
        'uest.\nbytes read,\ncan only concatenate str (not\ncanceling statement due to\ncannot access\nca'
        'nnot access local variable\ncannot import name\ncannot list resource\ncannot reindex on an axis '
        "with duplicate labels\ncertificate has expired\ncodec can't decode byte\ncodec can't decode byte"
        "s in position\ncodec can't encode character\ncodec can't encode characters in position\ncolumn 1"
        ' (char 0)\ncommand not found\ncomplex() arg is a malformed string\nconnection to server at\nconn'
        'ection to server on socket\ncould not connect to server:\ncould not convert string to complex:\n'
        "could not convert string to float:\ncould not find expected ':'\ncould not serialize access due "
        'to\ncould not translate host name\ncurrent transaction is aborted, commands ignored until end of'
        ' transaction block\ndatabase disk image is malformed\ndatabase is locked\ndate/time field value '
        'out of range:\nday is out of range for month\ndeadlock detected\ndestination path\ndictionary ch'
        'anged size during iteration\ndid not contain a loop with signature matching types\ndid not match'
        ' any file(s) known to git\ndied with <Signals.\ndivision by zero\ndoes not appear to be a git re'
        'pository\ndoes not exist or not authorized.\ndoes not exist!\ndoes not match\ndoes not match for'
        'mat\nduplicate key value violates unique constraint\nelements, new values have\nembedded null by'
        'te\nerror: pathspec\nexpected <block end>, but found\nexpected one argument\nexpected str, bytes'
        ' or os.PathLike object, not\nexpected string or bytes-like object\nfailed to connect to all addr'
        'esses; last error:\nfatal: Authentication failed for\nfatal: not a git repository (or any of the'
        ' parent directories): .git\nfatal: unable to access\nfield larger than field limit (\nfields in '
        "line\nfile is not a database\nfloat division by zero\nfor url:\nfound character '\\t' that canno"
        't start any token\ngetaddrinfo failed\ngot an unexpected keyword argument\ngot multiple values f'
        'or argument\nhas no attribute\nhas no column named\nhour must be in 0..23\nin API group\nin a re'
        'ad-only transaction\nincomplete input\ninconsistent use of tabs and spaces in indentation\nindic'
        'es must be integers or slices, not\nindices must be integers, not\ninput_type=\ninput_value=\nin'
        'sufficient_scope\ninvalid choice:\ninvalid continuation byte\ninvalid identifier\ninvalid input '
        'syntax for type\ninvalid literal for int() with base\ninvalid start byte\ninvalid syntax\ninvali'
        'd username/password; logon denied\ninvalid_client\ninvalid_grant\ninvalid_token\nis a required p'
        'roperty\nis ambiguous\nis forbidden: User\nis not JSON serializable\nis not a valid\nis not defi'
        'ned. Did you mean:\nis not in the subpath of\nis not of type\nis not one of [\nis not present in'
        ' table\nis out of range\nis still referenced from table\njunk after document element: line\nkex_'
        'exchange_identification: Connection closed by remote host\nline contains NUL\nlist index out of '
        'range\nlistener does not currently know of service requested in connect descriptor\nmapping valu'
        'es are not allowed here\nmaximum recursion depth exceeded\nminute must be in 0..59\nmismatched t'
        'ag: line\nmissing required argument\nmonth must be in 1..12\nmore expected)\nmost likely due to '
        'a circular import\nmust be owner of\nnew-line character seen in unquoted field\nno element found'
        ': line\nno pg_hba.conf entry for host\nno such column:\nno such function:\nno such table:\nnoden'
        'ame nor servname provided, or not known\nnot a gzip file\nnot a valid value for enumeration\nnot'
        ' enough values to unpack (expected\nnot found in FROM clause!\nnot in index\nnot readable\nnot s'
        'upported between instances of\nnot well-formed (invalid token): line\nnot writable\nnull value i'
        'n column\nnumeric field overflow\nobject cannot be interpreted as an integer\nobject does not su'
        'pport item assignment\nobject does not support item deletion\nobject does not support the contex'
        't manager protocol\nobject has no attribute\nobject is not an iterator\nobject is not callable\n'
        'object is not iterable\nobject is not subscriptable\noperands could not be broadcast together wi'
        'th shapes\noperation (reached max retries:\noperation:\noperator does not exist:\nordinal not in'
        ' range(128)\nordinal not in range(256)\npartially initialized module\npassword authentication fa'
        'iled for user\npermission denied for schema\npermission denied for table\npop from empty\npositi'
        'onal arguments but\npull access denied for\nrate limit exceeded\nremaining connection slots are '
        'reserved\nrepository does not exist or may require\nrequired positional argument\nreturned non-z'
        'ero exit status\nsecond must be in 0..59\nself-signed certificate\nself-signed certificate in ce'
        'rtificate chain\nserver closed the connection unexpectedly\nstring index out of range\nsyntax er'
        'ror at or near\nsyntax error line\ntable or view does not exist\ntakes no arguments (\ntakes no '
        'keyword arguments\nterminating connection due to administrator command\nthe following arguments '
        'are required:\ntimed out after\ntoo many connections\ntoo many values to unpack (expected\ntuple'
        ' index out of range\nunable to get local issuer certificate\nunable to open database file\nunabl'
        'e to parse string as\nunauthorized_client\nunconverted data remains:\nundefined entity\nunexpect'
        'ed EOF while parsing\nunexpected end of data\nunhashable type:\nunique constraint (\nunknown enc'
        'oding:\nunrecognized arguments:\nunrecognized token:\nunsupported operand type(s) for\nuntermina'
        'ted string literal (detected at line\nvalidation error for\nvalidation errors for\nvalue larger '
        'than specified precision allowed for this column\nvalue too long for type\nviolates check constr'
        'aint\nviolates foreign key constraint\nviolates not-null constraint\nwas unexpected)\nwere unexp'
        'ected)\nwhen calling the\nwhere it is not associated with a value\nwhile parsing a block collect'
        'ion\nwhile parsing a block mapping\nwhile parsing a flow mapping\nwhile scanning a simple key\nw'
        'hile scanning for the next token'
    )
PORTS = (
        '11211|15672|16379|19530|25672|26257|27017|27018|27019|28015|50051|61616'
    )
# Places of data without quotes: a text that must occur, a pattern (group `datum` or `value`).
PLACES: "tuple[tuple[str, str], ...]" = (
    ('=(', (
        '\\)=\\((?P<datum>[^()\\n]{1,400})\\)(?= (?:already|is|conflicts|does)|\\.|$)'
    )),
    ('row contains (', 'ow contains \\((?P<datum>[^\\n]{1,2000})\\)'),
    ('uid=|cn=|CN=|sn=|mail=|givenName=', (
        '\\b(?:uid|cn|CN|sn|mail|givenName)=(?P<datum>[^,\\n\\"\']{2,120})'
    )),
    ('[parameters: ', '\\[parameters: (?P<datum>[^\\n]{1,4000})\\]'),
    ('e(', (
        '\\b(?:datetime|date|time|Date|DateTime)\\((?P<datum>\\d+(?:, \\d+){1,6})[,)]'
    )),
    ('64(', (
        '\\b(?:float|int|uint)64\\((?P<datum>-?[\\d.]+)\\)'
    )),
    ('UUID(', (
        '\\bUUID\\([\\\'\\"](?P<datum>[0-9a-fA-F\\-]{32,36})[\\\'\\"]\\)'
    )),
    ('ine: ', (
        '(?:riginal|ffending|nvalid|alformed|[Bb]ad) [Ll]ine: (?P<value>[^\\n]{1,2000})'
    )),
    (' columns, got ', (
        'xpected \\d+ columns, got \\d+: (?P<value>[^\\n]{1,2000})'
    )),
    (' values: [', (
        'out of \\d+ values: (?P<value>\\[[^\\n]{1,2000}\\])'
    )),
    ('nable to parse: |string format: ', (
        '(?:nable to parse|string format): (?P<value>[^\\n\'\\"]{1,400}?)(?=, at position|\\n|$)'
    )),
)
# Names in other languages, each in a group that has the English name.
FOREIGN = (
        '(?i)(?:(?P<password>(?<![A-Za-z0-9])(?:contrasen(?:y)?as?|clave(?=\\s(?:incorrecta|invalida|erro'
        'nea|no\\svalida)|\\sde\\sacceso)(?:\\sde\\sacceso)?|mots?\\sde\\spasse|palavra[\\s-]passe|senha|'
        'hasl[oa]|heslo|lozinka|geslo|jelszo|losen(?:ord)?|passord|adgangskode|kodeord|salasana|parol[aeo'
        "]|parola\\sd'ordine|parool|sifre(?:si)?|zaporka|mat\\skhau|kata\\ssandi|kennwort|passwort|wachtw"
        'oord|slaptazodis|lykilord)(?![A-Za-z0-9])|(?:\u043f\u0430\u0440\u043e\u043b(?:\u044c|\u044f|'
        '\u044e|\u0435\u043c|\u0438)|\u03ba\u03c9\u03b4\u03b9\u03ba[\u03bf\u03cc][\u03c2\u03c3](?:\\s'
        '\u03c0\u03c1[\u03bf\u03cc]\u03c3\u03b2\u03b1\u03c3\u03b7\u03c2)?|\u5bc6\u7801|\u5bc6\u78bc|'
        '\u53e3\u4ee4|\u30d1\u30b9\u30ef\u30fc\u30c9|\u30cf\u30b9\u30ef\u30fc\u30c8|\u6697\u8a3c\u756a'
        '\u53f7|\ube44\ubc00\ubc88\ud638|\uc554\ud638|\u1107\u1175\u1106\u1175\u11af\u1107\u1165\u11ab'
        '\u1112\u1169|\u110b\u1161\u11b7\u1112\u1169|\u0643\u0644\u0645[\u0629\u0647]\\s(?:\u0627\u0644)?'
        '(?:\u0645\u0631\u0648\u0631|\u0633\u0631)|\u0631\u0645\u0632\\s?\u0639\u0628\u0648\u0631|\u06af'
        '\u0630\u0631\u0648\u0627\u0698\u0647|\u05e1\u05d9?\u05e1\u05de[\u05d4\u05d0\u05ea]|\u092a\u093e'
        '\u0938\u0935\u0930\u094d\u0921|\u0915\u0942\u091f\u0936\u092c\u094d\u0926|\u0e23\u0e2b\u0e31'
        '\u0e2a\u0e1c\u0e48\u0e32\u0e19|\u0997\u09cb\u09aa\u09a8\u09b8\u0982\u0995\u09c7\u09a4|\u0b95'
        '\u0b9f\u0bb5\u0bc1\u0b9a\u0bcd\u0b9a\u0bca\u0bb2\u0bcd))|(?P<secret_key>(?<![A-Za-z0-9])(?:cle\\'
        'ssecrete|clave\\ssecreta|chave\\ssecreta|chiave\\ssegreta|geheimschlussel|geheimer\\sschlussel|g'
        'eheime\\ssleutel|hemlig\\snyckel|hemmelig\\sn[oa]kkel|tajny\\skl(?:ucz|ic)|gizli\\sanahtar|secre'
        'to|segredo|geheimnis)(?![A-Za-z0-9])|(?:(?:\u0441\u0435\u043a\u0440\u0435\u0442\u043d|\u0437'
        '\u0430\u043a\u0440\u044b\u0442|\u043f\u0440\u0438\u0432\u0430\u0442\u043d)[\u0430-\u044f\u0456]{'
        '1,3}\\s\u043a\u043b\u044e\u0447[\u0430-\u044f]?|\u0441\u0435\u043a\u0440\u0435\u0442|\u5bc6'
        '\u94a5|\u5bc6\u9470|\u79c1\u94a5|\u79d8\u5bc6\u9375|\u79d8\u5bc6\u30ad\u30fc|\u30b7\u30fc\u30af'
        '\u30ec\u30c3\u30c8(?:\u30ad\u30fc)?|\ube44\ubc00\\s?\ud0a4|\u0627\u0644\u0645\u0641\u062a\u0627'
        '\u062d\\s\u0627\u0644\u0633\u0631\u064a|\u05de\u05e4\u05ea\u05d7\\s\u05e1\u05d5\u05d3\u05d9))|(?'
        'P<token>(?<![A-Za-z0-9])(?:jeton|ficha\\sde\\sacceso)(?![A-Za-z0-9])|(?:\u0442\u043e\u043a\u0435'
        '\u043d[\u0430-\u044f\u0456]{0,2}|\u4ee4\u724c|\u30c8\u30fc\u30af\u30f3|\ud1a0\ud070|\u0631\u0645'
        '\u0632\\s\u0627\u0644\u0648\u0635\u0648\u0644|\u05d8\u05d5\u05e7\u05df))|(?P<api_key>(?<![A-Za-z'
        "0-9])(?:clave\\s(?:de\\s)?(?:la\\s)?api|cle\\s(?:d'|de\\s)?api|chave\\s(?:d[ea]\\s)?api|api[\\s-"
        ']?schlussel|chiave\\sapi|klucz\\sapi)(?![A-Za-z0-9])|(?:api[\\s-]?(?:\u043a\u043b\u044e\u0447|'
        '\u5bc6\u94a5|\u5bc6\u9470|\u30ad\u30fc|\ud0a4)|\u043a\u043b\u044e\u0447\\sapi|\u0645\u0641\u062a'
        '\u0627\u062d\\sapi)))(?P<copula>\\s?(?:\u662f|\u4e3a|\u70ba|\u306f|\uac00|\ub294|\uc740)\\s?)?'
    )
# In a text in plain ASCII one of these occurs where that pattern finds something.
FOREIGN_STEMS = (
        "acceso acceso) adgangskode anahtar chave chiave clave cle contrasen d'ordine geheime geheimnis g"
        'eheimschlussel geslo hasl hemlig hemmelig heslo jelszo jeton kennwort khau klucz kodeord losen l'
        'ozinka lykilord palavra parol parool passe passord passwort salasana sandi schlussel secreta sec'
        'rete secreto segredo segreta senha sifre slaptazodis tajny wachtwoord zaporka'
    ).split()
RUN_TOGETHER = tuple((
        'password passwd passphrase pwd secret passwort privatekey secretkey credentials apikey accesskey '
        'authtoken accesstoken token sessionid sessid authkey cookie'
    ).split())
KINDS = Words(
        'account-key adobe-key agekey airtable-token alibaba-key anthropic-key api-key apify-token '
        'artifactory-key astra-token atlassian-token authress-key aws-key aws-secret-key '
        'aws-session-token axiom-token azure-key bank-account birth-date bitbucket-token bitwarden-token '
        'braintree-token brevo-key browserstack-key buildkite-token card cerebras-key circleci-token '
        'clickup-token client-secret clojars-token cloudflare-key cloudquery-key confluent-key '
        'connection-string contentful-token cookie crates-token credentials cursor-key cut '
        'databricks-token datadog-key dbt-token defined-token device-id digitalocean-token directory '
        'docker-token doppler-token driving-licence dropbox-token duffel-token dust-key dynatrace-token '
        'e2b-key easypost-key elastic-key email encryption-key exoscale-key facebook-token failed '
        'figma-token firecrawl-key fireworks-key flutterwave-key fly-token frameio-token gitea-token '
        'github-token gitlab-token google-key google-token grafana-token groq-key harness-token hash '
        'helicone-key heroku-key hex-key home honeycomb-key host hubspot-token huggingface-token iban '
        'inngest-key instagram-token ionic-token ip jina-key jwt key klaviyo-key knock-key kong-token '
        'kubernetes-token langfuse-key langsmith-key launchdarkly-key license-key linear-key linode-token '
        'llamacloud-key logfire-token mac mailchimp-key mailersend-key mailgun-key mapbox-token '
        'matrix-token microsoft-key modal-token national-id neon-key netlify-token newrelic-key nonce '
        'notion-token npm-token nuget-key nvidia-key object one-time-code onepassword-token openai-key '
        'openrouter-key openshift-token paddle-key passphrase passport password password-hash '
        'perplexity-key phone pin pinecone-key plaid-token planetscale-token portkey-key posthog-key '
        'postman-key prefect-key private private-key pulumi-token pypi-token railway-token razorpay-key '
        'readme-key render-key replicate-token resend-key retool-key rootly-key rubygems-key runpod-key '
        'salesforce-token salt scaleway-key scalingo-token seam-key secret secret-key seed-phrase '
        'sendgrid-key sentry-token session shippo-token shopify-token signature signing-key slack-token '
        'snyk-token sonar-token sourcegraph-token spectral-token square-token ssn storyblok-token '
        'stripe-key stytch-key supabase-key tailscale-key tavily-key tax-id telegram-token telnyx-key '
        'temporal-key tencent-key terraform-token together-key token trigger-key twilio-key twilio-sid '
        'twitter-token typeform-token url-password url-signature url-token user vault-token vercel-token '
        'voyage-key wandb-key webhook workos-key xai-key yandex-key yandex-token'
    )
# Kind, pattern, the function that judges a match, whether it sees escapes as written.
RULES: "tuple[tuple[str, str, str, bool], ...]" = (
    ('webhook', (
        '(?:hooks\\.slack(?:-gov)?\\.com|hooks\\.zapier\\.com|maker\\.ifttt\\.com|hook\\.[a-z0-9.]{0,10}m'
        'ake\\.com|hook\\.integromat\\.com|outlook\\.office(?:365)?\\.com/webhook|[a-z0-9\\-]{1,40}\\.web'
        'hook\\.office\\.com|discord(?:app)?\\.com/api/(?:v\\d+/)?webhooks|open\\.(?:feishu\\.cn|larksuit'
        'e\\.com)/open-apis/bot|events\\.pagerduty\\.com/integration|hc-ping\\.com|api\\.telegram\\.org/b'
        'ot|chat\\.googleapis\\.com/v1/spaces|oapi\\.dingtalk\\.com/robot|qyapi\\.weixin\\.qq\\.com/cgi-b'
        'in/webhook|webhook\\.site|[a-z0-9.\\-]{1,40}\\.logic\\.azure\\.com(?::443)?/workflows|[a-z0-9\\-'
        ']{1,40}\\.m\\.pipedream\\.net|hooks\\.glip\\.com|mm\\.[a-z.]{3,40}/hooks|mattermost\\.[a-z.]{2,4'
        '0}/hooks)/?(?P<secret>[^\\s\\"\'<>\\\\)\\]}|]{6,600})'
    ), '', False),
    ('telegram-token', (
        '(?<![0-9A-Za-z])\\d{8,10}:AA[A-Za-z0-9_\\-]{20,40}'
    ), '', False),
    ('jwt', (
        '(?<![A-Za-z0-9+/=])ey[JK][A-Za-z0-9_\\-+/]{8,16000}(?:(?:\\.|%2[eE])[A-Za-z0-9_\\-+/]{2,16000}){'
        '0,4}={0,2}(?:\\.{2,3}[A-Za-z0-9_\\-]{0,20}|\u2026)?'
    ), '', False),
    ('terraform-token', (
        '(?<![A-Za-z0-9])[A-Za-z0-9]{14}\\.atlasv1\\.[A-Za-z0-9_\\-]{10,}'
    ), '', False),
    ('braintree-token', (
        'access_token\\$(?:production|sandbox)\\$[a-z0-9]{16}\\$[0-9a-f]{10,32}'
    ), '', False),
    ('doppler-token', (
        '(?<![A-Za-z0-9.])dp\\.(?:pt|st|ct|sa|scim|audit|said)\\.(?:[a-z0-9\\-_]{2,35}\\.)?[A-Za-z0-9]{12'
        ',50}'
    ), '', False),
    ('google-token', (
        '(?<![A-Za-z0-9/])(?:1//0[A-Za-z0-9_\\-]{20,200}|4/0A[A-Za-z0-9_\\-]{20,100})'
    ), '', False),
    ('astra-token', 'AstraCS:[A-Za-z0-9]{4,40}(?::[0-9a-f]{8,64})?', '', False),
    ('newrelic-key', '(?<![0-9A-Za-z])[0-9a-f]{36}NRAL', '', False),
    ('mailchimp-key', (
        '(?<![0-9A-Za-z])[0-9a-f]{32}-us\\d{1,2}(?![0-9A-Za-z])'
    ), '', False),
    ('salesforce-token', (
        '(?<![0-9A-Za-z])00D[A-Za-z0-9]{12,15}![A-Za-z0-9._]{20,120}'
    ), '', False),
    ('azure-key', (
        '(?<![A-Za-z0-9_~.\\-])[A-Za-z0-9_~.\\-]{3}[78]Q~[A-Za-z0-9_~.\\-]{20,40}'
    ), '', False),
    ('url-signature', (
        '[?&;](?:sig|signature|X-Amz-Signature|X-Goog-Signature|X-Amz-Credential|hmac|token|AWSAccessKeyI'
        'd|GoogleAccessId|Key-Pair-Id|Policy|se_sig)=(?P<secret>[A-Za-z0-9%+/=_\\-~.]{12,2000})'
    ), '', False),
    ('email', (
        "(?<![\\w.%+\\-])(?<!//)(?!git@|hg@|svn@|ssh@|noreply@|no-reply@)[^\\W_](?:[\\w.+\\-']|%2[bB]){0,"
        '63}(?:@|%40|\\\\{1,4}u0040|&\\#64;)(?:[^\\W_](?:[\\w\\-]{0,61}[^\\W_])?\\.){1,8}(?!(?:service|ta'
        'rget|socket|timer|mount|slice|js|py|git|so|dll)\\b)[^\\W\\d_]{2,24}(?![\\w@])'
    ), 'addresses.email', False),
    ('password', (
        'connect\\(\\s{0,4}(?:[bu]?(?P<q>[\'\\"])[^\'\\"\\n]{0,200}(?P=q),\\s{0,4}){2}[bu]?(?P=q)(?P<secr'
        'et>[^\'\\"\\n]{1,200})(?P=q)'
    ), '', False),
    ('password', (
        '(?i:\\b(?:oracledb|cx_Oracle)\\.connect(?:ion)?)\\(\\s{0,4}(?P<q>[\'\\"])[^\'\\"\\n]{0,200}(?P=q'
        '),\\s{0,4}(?P=q)(?P<secret>[^\'\\"\\n]{1,200})(?P=q)'
    ), '', False),
    ('password', (
        '(?i:ftp(?:_tls)?)\\(\\s{0,4}(?:[bu]?(?P<q>[\'\\"])[^\'\\"\\n]{0,200}(?P=q),\\s{0,4}){2}[bu]?(?P='
        'q)(?P<secret>[^\'\\"\\n]{1,200})(?P=q)'
    ), '', False),
    ('password', (
        '\\brabbitmqctl[^\\n]{0,80}?(?:add_user|change_password|authenticate_user)[\'\\"]?,?\\s+[\'\\"]?['
        '^\\s\'\\"]+[\'\\"]?,?\\s+[\'\\"]?(?P<secret>[^\\s\'\\"]+)'
    ), '', False),
    ('password', (
        '(?<![^\\s\'\\"])/(?i:p(?:ass(?:word)?|wd?)?):[\'\\"]?(?P<secret>[^\\s\'\\"=;]{4,200})(?![^\\s\''
        '\\"])'
    ), '', False),
    ('url-password', (
        '\\bORA-\\d{5}\\b[^\\n]{0,300}?[\'\\"][A-Za-z_][\\w$#]{0,30}/(?P<secret>[^\\s/@\\"\'<>]{3,60})@['
        '\\w.\\-:/]+[\'\\"]'
    ), '', False),
    ('url-password', (
        '(?<=[A-Za-z]:/)(?P<user>[A-Za-z_][\\w.\\-]{0,60})?:(?P<secret>[^\\s:@\\"\'<>/]{4,120})@[A-Za-z0-'
        '9\\[]'
    ), '', False),
    ('password', (
        '[Oo]ption\\s{0,2}:?\\s{0,2}[\'\\"](?P<name>[^\'\\"\\n]{1,80})[\'\\"][^\\n]{0,300}?[Rr]aw\\s?val('
        '?:ue)?\\s{0,2}:\\s{0,2}[\'\\"]?(?P<secret>[^\\n\'\\"]{3,400})'
    ), 'keyvalue.named', False),
    ('token', (
        '\\b(?:vault\\s+login(?:\\s+-\\S+)*|snyk\\s+auth|gh\\s+auth\\s+login[^\\n]{0,60}?<<<)\\s+[\'\\"]?'
        '(?P<secret>[A-Za-z0-9_.\\-]{8,200})'
    ), '', False),
    ('secret', (
        '\\b(?:put|set|put-parameter)\\s+(?:-\\S+\\s+)*[^\\s=\'\\"]{0,80}(?i:pass(?:word|wd)?|pwd|secret|'
        'token|api_?key)\\s+(?!--)[\'\\"]?(?P<secret>[^\\s\'\\"=]{6,200})'
    ), '', False),
    ('password', (
        '\\bsigntool\\b[^\\n]{0,300}?\\s/p\\s+[\'\\"]?(?P<secret>[^\\s\'\\"]{4,200})'
    ), '', False),
    ('client-secret', (
        '(?:Secret|Password|Key|Token|Login)Credentials?\\([^()\\n]{0,200}?[\'\\"](?P<secret>[^\'\\"\\n]{'
        '4,200})[\'\\"]\\s{0,4}\\)'
    ), '', False),
    ('password', (
        '\\bsend(?:line)?[ (]{1,2}[bru]?[\'\\"](?P<secret>[^\\n\'\\"\\\\]{3,200})(?:\\\\{1,2}[rn])*[\'\\"'
        ']\\)?(?=[^\\n]{0,40}[Pp]assw)'
    ), '', False),
    ('password', (
        "(?i:\\bsp_(?:addlogin|password))\\s{1,4}N?'[^'\\n]{0,100}',\\s{0,4}N?'(?P<secret>[^'\\n]{3,200})"
    ), '', False),
    ('encryption-key', (
        '(?i:\\bpragma\\s{1,4}(?:re|hex)?key)\\s{0,4}=\\s{0,4}[\'\\"](?P<secret>[^\'\\"\\n]{3,200})'
    ), '', False),
    ('password', (
        '(?i:\\b(?:password|passphrase|token|secret))\\s[(\\[](?=[^\\s()\\[\\]]{0,80}\\d)(?=[^\\s()\\[\\]'
        ']{0,80}[A-Za-z])(?P<secret>[^\\s()\\[\\]\'\\"=,:]{6,80})[)\\]]'
    ), '', False),
    ('token', (
        '\\b\\w{0,40}(?:[Cc]lient|[Ss]ession|[Aa]pi|API|[Hh]andler|[Hh]ub|[Ll]ab|Bot|Account|[Cc]onnect(?'
        ':ion)?|[Ll]og_?in|[Dd]atabase|UserData)\\((?P<rest>[^()\\n]{1,400})'
    ), 'nearby.argument', False),
    ('password', (
        '(?<![\\w\\-])(?:-[uU]|--(?:user|userpwd|userpass|proxy-user|http-user|auth|basic-auth|creds?|cre'
        'dentials|login))(?:[ =]|[\'\\"],\\s?)[\'\\"]?[A-Za-z][\\w.@\\-]{0,60}:(?P<secret>[^\\s\'\\"]{6,2'
        '00})'
    ), 'nearby.typed', False),
    ('password', (
        'must be followed by \'%\' or \'\\(\', found: (?P<secret>[\'\\"][^\\n]{1,200}[\'\\"])'
    ), '', False),
    ('password', (
        '(?:invalid connection option \\"|Could not consume arg: |\\bkey [\'\\"](?=[^\'\\"\\s]{1,200}[\''
        '\\"] (?:is )?too short)|with base 10: \'(?=[^\'\\s]{1,200}@[\\w.\\-]{1,100}\'))(?P<secret>(?:(?!'
        '@[\\w.\\-]{1,100}\')[^\'\\"\\s]){6,200})'
    ), 'nearby.typed', False),
    ('password', (
        '(?i)(?:pass(?:word|phrase)[^\\n\'\\"]{0,20}[\'\\"][^\\n\'\\"]{0,20}send(?:line)?\\(b?[\'\\"]|b['
        '\'\\"](?=[^\'\\"\\s]{1,200}[\'\\"] after b[\'\\"]pass))(?P<secret>[^\'\\"\\s\\\\]{4,200})'
    ), '', True),
    ('secret', (
        'fs\\.azure\\.account\\.(?:key|oauth2\\.client\\.secret)\\.[\\w.\\-]{1,100}[\'\\"]?\\s?[=:,]\\s?['
        '\'\\"]?(?P<secret>[^\\s\'\\"]{8,200})'
    ), '', False),
    ('password', (
        '(?:\\b[Cc]lient|\\b[Bb]ot)(?:\\([^()\\n]{0,80}\\))?\\.run\\([\'\\"](?P<secret>[^\'\\"\\s]{20,200'
        '})[\'\\"]'
    ), 'nearby.drawn', False),
    ('password', (
        '[\\s\'\\"](?:-[pPkwWt]|/rp)(?:\\s{1,4}|[\'\\"],\\s?)[\'\\"]?(?P<secret>[^\\s\'\\"]{8,200})'
    ), 'nearby.drawn', False),
    ('password', (
        '\\b(?:login|auth|apikey)(?:=|\\s{1,4}(?:(?:--?[a-z\\-]{1,20}|set|add|init)\\s{1,4}){0,3})[\'\\"]'
        '?(?P<secret>[^\\s\'\\"]{8,200})'
    ), 'nearby.drawn', False),
    ('password', (
        '\\b(?:net\\s+user\\s+\\S{1,60}|runas\\s[^\\n\\"]{0,60}/user:\\S{1,60})\\s+[\\"\']?(?P<secret>[^'
        '\\s\'\\"]{4,200})'
    ), 'nearby.typed', False),
    ('password', (
        '\\b(?:auth\\s(?:sha|md5)(?:-\\d{3})?|priv\\s(?:aes|des|3des)(?:\\s\\d{3})?|IDENTIFY)\\s(?P<secre'
        't>[^\\s\'\\"]{6,200})'
    ), 'nearby.typed', False),
    ('password', (
        '\\b\\w{0,30}(?:decrypt|unlock|setpassword|load_key|hashpw)\\((?:\\w{1,20}=)?[bru]?[\'\\"](?P<sec'
        'ret>[^\\s\'\\"]{5,200})[\'\\"]'
    ), 'nearby.typed', False),
    ('password', (
        '--?(?:cert|E|key)(?:[ =]|[\'\\"],\\s?)[\'\\"]?[^\\s:\'\\"]{1,200}\\.(?:pem|p12|pfx|crt):(?P<secr'
        'et>[^\\s\'\\"]{4,200})'
    ), 'nearby.typed', False),
    ('password', (
        '\\b(?:verify|hash|hashpw|checkpw|decode|encode)\\((?:[^()\\n\'\\"]{0,60},\\s?)?b?[\'\\"](?P<secr'
        'et>[^\\s\'\\"$][^\\s\'\\"]{4,200})[\'\\"]'
    ), 'nearby.typed', False),
    ('url-password', (
        '(?i:\\bport)\\b[^\\n\'\\"]{0,60}[\'\\"](?P<secret>[^\\s\'\\"@/]{4,200})@'
    ), '', False),
    ('password', (
        '(?i:\\bacl\\s+setuser)\\b[^\\n]{0,300}?\\s[>#](?P<secret>[^\\s]{4,200})'
    ), '', False),
    ('one-time-code', (
        '(?:[?&]code=|/t/)(?P<secret>[A-Za-z0-9_\\-.%]{8,400})(?=/|[&][^\\s]{0,200}state=|[^\\s]{0,400}[&'
        ']state=)'
    ), 'nearby.typed', False),
    ('password', 'missing "=" after "(?P<secret>[^"\\n]{4,400})"', 'nearby.typed', False),
    ('password', (
        '\\bhttp-basic[.\\s]\\S{1,60}\\s\\S{1,60}\\s[\'\\"]?(?P<secret>[^\\s\'\\"]{4,200})'
    ), '', False),
    ('password', (
        '(?:\\b[A-Z]{0,4}\\d{1,6}\\s+LOGIN|\\bLOGIN\\s?(?:=>|:|->))\\s+[^\\s\'\\"\\\\]+\\s+\\\\?[\\"\']?('
        '?P<secret>[^\\s\'\\"\\\\]{3,200})'
    ), '', False),
    ('password', (
        '\\bAUTH[\'\\"]?,?\\s+[\'\\"]?default[\'\\"]?,?\\s+[\'\\"]?(?P<secret>[^\\s\'\\"]{4,200})'
    ), '', False),
    ('password', (
        '\\b(?:machine\\s+\\S+|default)\\s+login\\s+\\S+\\s+(?:account\\s+\\S+\\s+)?password\\s+(?P<secre'
        't>[^\\s\'\\"]+)'
    ), '', False),
    ('url-password', '[A-Za-z]://', 'urls.wrapped_userinfo', False),
    ('url-password', (
        '(?<=[A-Za-z0-9:\\"\'\\\\])(?:/\\\\{0,4}/)(?P<rest>[^\\s\\"\'<>`|/][^\\s\\"\'<>`|]{0,600})'
    ), 'urls.userinfo', False),
    ('url-password', (
        '(?<![\\w/:.@\\-])(?P<user>[A-Za-z_][\\w.\\-]{0,60}):(?P<secret>[^\\s:@\\"\'<>/]{4,120})@(?:tcp|u'
        'dp|unix|[A-Za-z_][\\w\\-]*(?:\\.[\\w\\-]+)*)(?:[(:/]|\\.\\w)'
    ), 'urls.bare_userinfo', False),
    ('url-password', (
        '(?:\\b(?:sqlplus|impdp|expdp|exp|imp|rman|sqlldr|sqlcl|sql)(?:\\s-\\w+)*\\s|thin:|oci8?:|\\b)(?P'
        '<user>[A-Za-z_][\\w$#]{0,30})/(?P<secret>[^\\s/@\\"\'<>]{3,60})@(?P<host>(?://)?[\\w.\\-]+(?::\\'
        'd+)?[/:]?)'
    ), 'urls.oracle', False),
    ('user', (
        '(?:(?<![A-Za-z0-9.])/(?:var/|export/|usr/|private/|data/|net/|nfs/|System/Volumes/Data/)?(?:home'
        '|Users|homes)\\d?/|/(?:mnt/|cygdrive/|host_mnt/)?[A-Za-z]/Users/|/(?:run/)?media/(?=[^/\\s]+/)|/'
        'private/var/folders/(?=\\w\\w/)|(?:(?<=[\\s\'\\"=:])|^)~(?=[a-z][\\w.\\-]{2,}/)|\\\\?/(?:home|Us'
        'ers)\\\\?/|%2F(?:home|Users)%2F)(?P<name>(?:[^/\\s:\\"\'<>|\\\\,;()\\[\\]{}?*&#=%!`$]|\\\\\\ |\\'
        '$(?![A-Za-z{(])){1,64})'
    ), 'homes.posix_user', True),
    ('user', (
        '(?i:(?:[\\\\/]{1,8}(?:users|benutzer|utilisateurs|usuarios|documents and settings|docume~\\d|hom'
        'e|homes|home\\$|users\\$|profiles?\\$?|userdata\\$?|redirected)[\\\\/]{1,8})(?P<name>[^/\\\\\\n'
        '\\r\\t:\\"\'<>|,;()\\[\\]{}?*&#=%]{1,64}))'
    ), 'homes.windows_user', True),
    ('private-key', (
        '-{4,5}\\s?BEGIN [A-Z0-9 ]{0,40}(?:PRIVATE KEY|MESSAGE|SECRET)[A-Z0-9 ]{0,10}\\s?-{4,5}'
    ), 'keyfiles.armour', True),
    ('private-key', 'Private-Lines: \\d+', 'keyfiles.putty', True),
    ('password', '(?i:insert|replace|merge)\\s(?i:into)\\s', 'statements.insert', False),
    ('password', (
        '\\bpass(?:in|out|word)?[\'\\"]?(?:\\s+|=|[\'\\"],\\s*[\'\\"])pass:(?P<secret>[^\\s\'\\"\\\\]+)'
    ), '', False),
    ('password', (
        '\\bhtpasswd(?:\\s{1,40}|\\\\?[\'\\"],\\s*\\\\?[\'\\"])-\\w*b\\w*(?:\\s{1,40}|\\\\?[\'\\"],\\s*\\'
        '\\?[\'\\"])\\S+(?:\\s{1,40}|\\\\?[\'\\"],\\s*\\\\?[\'\\"])\\S+(?:\\s{1,40}|\\\\?[\'\\"],\\s*\\\\'
        '?[\'\\"])(?P<secret>[^\\s\'\\"]+)'
    ), '', False),
    ('password', (
        '\\becho\\s+(?:-n\\s+)?[\'\\"]?(?P<secret>[^\\s\'\\"|$]+)[\'\\"]?\\s*\\|\\s*(?:sudo\\b[^|\\n]{0,8'
        '0}-S|docker\\s+login|podman\\s+login|passwd|chpasswd|su\\b|kinit|cryptsetup|gpg)'
    ), '', False),
    ('password', (
        '(?i:\\bidentified\\s+(?:with\\s+\\S+\\s+)?(?:by|as|using)\\s+(?:password\\s+|values\\s+)?)\\\\*('
        '?P<q>[\'\\"])?(?(q)|(?:(?=[^\\s;]*[\\d$!#%^&*])|(?<=IDENTIFIED BY )))(?P<secret>(?(q)(?:[^\'\\"'
        '\\\\]|\'\'(?=\\w))+|[^\\s\'\\"\\\\;]+))'
    ), '', False),
    ('credentials', (
        '(?i:\\bAUTH\\s(?:PLAIN|LOGIN|XOAUTH2|CRAM-MD5)\\s)(?P<secret>[A-Za-z0-9+/]{8,2000}={0,2})'
    ), '', False),
    ('password', (
        '(?i:auth)[`\'\\"],?\\swith\\sargs\\sbeginning\\swith:\\s{0,4}(?:[`\'][^`\'\\n]{1,100}[`\']\\s)?['
        "`'](?P<secret>[^`'\\n]{1,400})[`']"
    ), '', False),
    ('password', (
        '(?i:\\bset\\s+password\\s+for\\s+\\S{1,80}\\s*=\\s*(?:password\\()?)\\\\*[\'\\"](?P<secret>[^\''
        '\\"\\\\]+)'
    ), '', False),
    ('password', (
        '\\bnet\\s+use\\s(?:[^\\n|;]{0,200}?/user:\\S{1,80}\\s+|(?:\\S{1,3}:\\s)?\\\\\\\\\\S{1,200}\\s(?='
        '[^\\s/*]+\\s+/user:))(?P<secret>[^\\s\'\\"/]+)'
    ), '', False),
    ('password', (
        'ConvertTo-SecureString\\s+(?:-String\\s+)?\\\\?[\'\\"](?P<secret>[^\'\\"\\\\]+)'
    ), '', False),
    ('password', (
        '(?:\\bsnmp-server\\s+community\\s+|\\bcommunity(?:\\s+string)?\\s+(?=[^\\s\'\\",]*\\d)|\\b(?:sec'
        'ret|password|key|key-string)\\s+[05789]\\s+)(?P<secret>[^\\s\'\\",]{4,})'
    ), '', False),
    ('password', (
        '(?i:--?[\\w-]{0,40}(?:api-?key|token|secret|passw(?:or)?d|passphrase|pwd)[\\w-]{0,20}(?:/-\\w)?:'
        '\\s(?:invalid|expected|not a valid)[^:\'\\"]{0,40}:\\s)[\'\\"](?P<secret>[^\'\\"]+)'
    ), '', False),
    ('password-hash', (
        '\\$(?:1|2[abxy]?|5|6|7|y|gy|apr1|sha1|md5|argon2(?:id|i|d)(?:\\$v=\\d+)?\\$[mtp=,\\d]+|pbkdf2[\\'
        'w\\-]*|scrypt|bcrypt-sha256)\\$[^\\s:\\"\',;]{8,300}|\\bpbkdf2_sha\\d+\\$\\d+\\$[^\\s:\\"\',;]{8'
        ',200}|\\{S{0,2}(?:SHA|MD5|CRYPT)\\d*\\}[A-Za-z0-9+/=$.]{12,}'
    ), '', False),
    ('password', (
        '\\b(?:HTTP\\w{0,10}Auth|BasicAuth|ProxyAuth|auth\\s?=\\s?|\\.login|\\.authenticate|\\.username_p'
        'w_set|set_?[aA]uth|(?:set_|Plain)?[cC]redentials|UserPass\\w*|PlainTextAuthProvider)\\(\\s*\\\\?'
        '[\'\\"][^\'\\"\\\\]{0,100}\\\\?[\'\\"],\\s*\\\\?[\'\\"](?P<secret>[^\'\\"\\\\]+)'
    ), '', False),
    ('signature', (
        '\\bDigest\\s[^\\n]{0,400}?\\bresponse=\\\\*[\'\\"]?(?P<secret>[^\\s\'\\"\\\\,]{8,})'
    ), '', False),
    ('token', (
        '(?:^|[^\\w-])(?i:bearer|ssws|geniekey|apikey|splunk|bot|jwt|dpop|token)\\s(?![a-z]+(?:_(?:[a-z]+'
        '|v?\\d{1,2}))+(?![\\w\\-.~+/]))(?P<secret>(?=[A-Za-z_.\\-~+/]*\\d)[A-Za-z0-9_.\\-~+/]{16,}={0,2}'
        ')(?![\\w=(])'
    ), '', False),
    ('credentials', (
        '\\b[Bb]asic\\s(?P<secret>[A-Za-z0-9+/\\-_]{8,}={0,2})(?![\\w=])(?<![a-z]{8})'
    ), '', False),
    ('birth-date', (
        '(?i:(?<![A-Za-z])(?:date of birth|birth[ _-]?date|dob|d\\.o\\.b\\.|born(?: on)?|geburtsdatum|bir'
        'thday))(?:\\s?(?:is|was|=|:)){0,2}\\s{0,3}[\\"\'`(]{0,2}(?P<secret>\\d{1,4}[./\\-]\\d{1,2}[./\\-'
        ']\\d{1,4}|\\d{1,2}(?:st|nd|rd|th)? [A-Z][a-z]{2,8},? \\d{4}|[A-Z][a-z]{2,8} \\d{1,2},? \\d{4})'
    ), '', False),
    ('phone', (
        '(?i:(?<![A-Za-z])(?:phone|tel|telephone|mobile|cell|fax|whatsapp|sms)(?:[ _-]?(?:number|no\\.?|n'
        'r\\.?))?)(?:\\s?(?:is|was|to|=|:|\\.|\\#)){0,2}\\s{0,3}[\\"\'`]{0,2}(?P<secret>\\+?\\(?\\d(?:[ ('
        ').\\-/]{0,2}\\d){6,14})(?![\\w.])'
    ), '', False),
    ('one-time-code', (
        '(?i:\\b(?:verification|security|login|confirmation|one[- ]time|authentication|auth|access|2fa|mf'
        'a|sms|otp)[ _-]?(?:code|password|pin|passcode)|\\botp|\\bpasscode)(?:\\s?(?:is|was|=|:|->)){0,2}'
        '\\s{0,3}[\\"\'`]{0,2}(?P<secret>\\d{3}[ -]?\\d{3,5}|\\d{4})(?![\\w.])'
    ), '', False),
    ('password', (
        '\\b(?:mysql|mysqldump|mysqladmin|mysqlimport|mysqlsh|mysqlpump|mariadb|mariadb\\-dump|7z|7za|rar'
        '|unrar)\\b\\\\?[\'\\"]?(?:[^\\n|;]{0,300}?)(?<!\\s)(?:\\s{1,40}|\\\\?[\'\\"],\\s*\\\\?[\'\\"])(?'
        ':\\-p)\\\\?[\'\\"]?(?P<secret>(?!\\d+:\\d+|\\d{1,5}(?![^\\s\'\\"]))[^\\s\'\\"\\\\,][^\\s\'\\"\\'
        '\\]*)'
    ), '', False),
    ('password', (
        '\\b(?:sshpass|docker|podman|buildah|skopeo|nerdctl|helm|az|mongo|mongosh|mongodump|mongorestore|'
        'mongoexport|mongoimport|cqlsh|influx|rdesktop|xfreerdp|oc|twine|cf|ibmcloud|vsql|nzsql|ipmitool|'
        'kinit|arangosh|acli)\\b\\\\?[\'\\"]?(?:[^\\n|;]{0,300}?)(?<!\\s)(?:\\s{1,40}|\\\\?[\'\\"],\\s*\\'
        '\\?[\'\\"])(?:\\-p|\\-P|\\-\\-pass|\\-pw)(?:(?:\\s{1,40}|\\\\?[\'\\"],\\s*\\\\?[\'\\"])|=)\\\\?['
        '\'\\"]?(?P<secret>(?!\\d+:\\d+|\\d{1,5}(?![^\\s\'\\"]))[^\\s\'\\"\\\\,][^\\s\'\\"\\\\]*)'
    ), '', False),
    ('password', (
        '\\b(?:curl|wget|http|https|httpie|xh|ab|lftp|siege|hey|wrk|aria2c|smbclient|rpcclient|net|winexe'
        '|crackmapexec|mount|mount\\.cifs|elasticdump|mosquitto_pub|sqlcmd|svn|git|rclone|evil\\-winrm)\\'
        'b\\\\?[\'\\"]?(?:[^\\n|;]{0,300}?)(?<!\\s)(?:\\s{1,40}|\\\\?[\'\\"],\\s*\\\\?[\'\\"])(?:\\-u|\\-'
        '\\-user|\\-U|\\-\\-proxy\\-user|\\-\\-auth|\\-a|\\-A|\\-\\-authentication|\\-\\-credentials)(?:('
        '?:\\s{1,40}|\\\\?[\'\\"],\\s*\\\\?[\'\\"])|=)\\\\?[\'\\"]?[^\\s\'\\":%,]{1,80}[:%,](?P<secret>[^'
        '\\s\'\\"\\\\]+)'
    ), '', False),
    ('password', (
        '\\b(?:redis\\-cli|redis\\-benchmark|keydb\\-cli|valkey\\-cli)\\b\\\\?[\'\\"]?(?:[^\\n|;]{0,300}?'
        ')(?<!\\s)(?:\\s{1,40}|\\\\?[\'\\"],\\s*\\\\?[\'\\"])(?:\\-a|\\-\\-pass)(?:(?:\\s{1,40}|\\\\?[\''
        '\\"],\\s*\\\\?[\'\\"])|=)\\\\?[\'\\"]?(?P<secret>(?!\\d+:\\d+|\\d{1,5}(?![^\\s\'\\"]))[^\\s\'\\"'
        '\\\\,][^\\s\'\\"\\\\]*)'
    ), '', False),
    ('password', (
        '\\b(?:ldapsearch|ldapadd|ldapmodify|ldapwhoami|ldapdelete|ldappasswd)\\b\\\\?[\'\\"]?(?:[^\\n|;]'
        '{0,300}?)(?<!\\s)(?:\\s{1,40}|\\\\?[\'\\"],\\s*\\\\?[\'\\"])(?:\\-w|\\-s|\\-a)(?:(?:\\s{1,40}|\\'
        '\\?[\'\\"],\\s*\\\\?[\'\\"])|=)\\\\?[\'\\"]?(?P<secret>(?!\\d+:\\d+|\\d{1,5}(?![^\\s\'\\"]))[^\\'
        's\'\\"\\\\,][^\\s\'\\"\\\\]*)'
    ), '', False),
    ('password', (
        '\\b(?:sqlcmd|bcp|isql|osql|tsql|zip|unzip|fastexport|fast\\-export|plink|pscp|puttygen|evil\\-wi'
        'nrm|mosquitto_sub|mosquitto_pub|mqtt)\\b\\\\?[\'\\"]?(?:[^\\n|;]{0,300}?)(?<!\\s)(?:\\s{1,40}|\\'
        '\\?[\'\\"],\\s*\\\\?[\'\\"])(?:\\-P|\\-pw)(?:(?:\\s{1,40}|\\\\?[\'\\"],\\s*\\\\?[\'\\"])|=)\\\\?'
        '[\'\\"]?(?P<secret>(?!\\d+:\\d+|\\d{1,5}(?![^\\s\'\\"]))[^\\s\'\\"\\\\,][^\\s\'\\"\\\\]*)'
    ), '', False),
    ('password', (
        '\\b(?:snmpget|snmpwalk|snmpset|snmpbulkwalk|snmptrap)\\b\\\\?[\'\\"]?(?:[^\\n|;]{0,300}?)(?<!\\s'
        ')(?:\\s{1,40}|\\\\?[\'\\"],\\s*\\\\?[\'\\"])(?:\\-c|\\-A|\\-X)(?:(?:\\s{1,40}|\\\\?[\'\\"],\\s*'
        '\\\\?[\'\\"])|=)\\\\?[\'\\"]?(?P<secret>(?!\\d+:\\d+|\\d{1,5}(?![^\\s\'\\"]))[^\\s\'\\"\\\\,][^'
        '\\s\'\\"\\\\]*)'
    ), '', False),
    ('password', (
        '\\b(?:keytool|jarsigner|apksigner)\\b\\\\?[\'\\"]?(?:[^\\n|;]{0,300}?)(?<!\\s)(?:\\s{1,40}|\\\\?'
        '[\'\\"],\\s*\\\\?[\'\\"])(?:\\-storepass|\\-keypass|\\-srcstorepass|\\-deststorepass|\\-\\-ks\\-'
        'pass|\\-\\-key\\-pass)(?:(?:\\s{1,40}|\\\\?[\'\\"],\\s*\\\\?[\'\\"])|=)\\\\?[\'\\"]?(?P<secret>('
        '?!\\d+:\\d+|\\d{1,5}(?![^\\s\'\\"]))[^\\s\'\\"\\\\,][^\\s\'\\"\\\\]*)'
    ), '', False),
    ('ssn', (
        '(?i:(?<![A-Za-z])(?=[is])(?:social[ _-]?security|ssn|itin))(?:\\s?\\([^()\\n]{1,20}\\))?(?:\\s?('
        '?:number|no\\.?|nr\\.?|num|code|id|\\#))?(?:\\s?(?:is|was|of|=|:|\\#|->|=>|,)){0,2}\\s{0,3}[\\"'
        "'`(]{0,2}(?P<secret>(?=(?:[^\\d\\n]{0,8}\\d){4})[A-Z0-9][A-Za-z0-9./\\-]{1,24}(?: (?=[A-Z./\\-]{"
        '0,4}\\d)[A-Z0-9./\\-]{1,12}){0,6}(?: [A-Z]\\b)?)'
    ), '', False),
    ('national-id', (
        '(?i:(?<![A-Za-z])(?=[abcdefhijmnoprstv])(?:national[ _-]?insurance|ni|nino|national[ _-]?id(?:en'
        'tity|entification)?(?:[ _-]?card)?|identity[ _-]?card|aadhaar|aadhar|pan[ _-]?card|cpf|cnpj|dni|'
        'nie|nif|nuss|codice[ _-]?fiscale|bsn|burgerservicenummer|pesel|insee|nir|ahv|avs|personnummer|f'
        '\\u00f8dselsnummer|fodselsnummer|cpr|hetu|egn|cnp|curp|rfc(?=[ :=]{1,3}[a-z]{3,4}\\d{6})|nric|hk'
        'id|rrn|my[ _-]?number|medicare|nhs|tfn|tax[ _-]?file|sin|social[ _-]?insurance|health[ _-]?card|'
        'medical[ _-]?record|patient|voter[ _-]?id|emirates[ _-]?id|teudat[ _-]?zehut|pps|steuer(?:liche)'
        '?[ _-]?(?:id|identifikationsnummer|nummer)|sozialversicherungsnummer|personalausweis(?:nummer)?|'
        'rodn\\u00e9[ _]\\u010d\\u00edslo|oib|jmbg))(?:\\s?\\([^()\\n]{1,20}\\))?(?:\\s?(?:number|no\\.?|'
        'nr\\.?|num|code|id|\\#))?(?:\\s?(?:is|was|of|=|:|\\#|->|=>|,)){0,2}\\s{0,3}[\\"\'`(]{0,2}(?P<sec'
        'ret>(?=(?:[^\\d\\n]{0,8}\\d){4})[A-Z0-9][A-Za-z0-9./\\-]{1,24}(?: (?=[A-Z./\\-]{0,4}\\d)[A-Z0-9.'
        '/\\-]{1,12}){0,6}(?: [A-Z]\\b)?)'
    ), '', False),
    ('passport', (
        '(?i:(?<![A-Za-z])(?=[pr])(?:passport|reisepass(?:nummer)?))(?:\\s?\\([^()\\n]{1,20}\\))?(?:\\s?('
        '?:number|no\\.?|nr\\.?|num|code|id|\\#))?(?:\\s?(?:is|was|of|=|:|\\#|->|=>|,)){0,2}\\s{0,3}[\\"'
        "'`(]{0,2}(?P<secret>(?=(?:[^\\d\\n]{0,8}\\d){4})[A-Z0-9][A-Za-z0-9./\\-]{1,24}(?: (?=[A-Z./\\-]{"
        '0,4}\\d)[A-Z0-9./\\-]{1,12}){0,6}(?: [A-Z]\\b)?)'
    ), '', False),
    ('driving-licence', (
        "(?i:(?<![A-Za-z])(?=[df])(?:driv(?:er|ing)(?:'?s)?[ _-]?licen[cs]e|f\\u00fchrerschein(?:nummer)?"
        '|dl))(?:\\s?\\([^()\\n]{1,20}\\))?(?:\\s?(?:number|no\\.?|nr\\.?|num|code|id|\\#))?(?:\\s?(?:is|'
        'was|of|=|:|\\#|->|=>|,)){0,2}\\s{0,3}[\\"\'`(]{0,2}(?P<secret>(?=(?:[^\\d\\n]{0,8}\\d){4})[A-Z0-'
        '9][A-Za-z0-9./\\-]{1,24}(?: (?=[A-Z./\\-]{0,4}\\d)[A-Z0-9./\\-]{1,12}){0,6}(?: [A-Z]\\b)?)'
    ), '', False),
    ('tax-id', (
        '(?i:(?<![A-Za-z])(?=[etuv])(?:tax(?:payer)?[ _-]?id(?:entification)?|ein|vat(?:[ _-]?id)?|ust-?i'
        'd(?:-?nr)?|tin))(?:\\s?\\([^()\\n]{1,20}\\))?(?:\\s?(?:number|no\\.?|nr\\.?|num|code|id|\\#))?(?'
        ':\\s?(?:is|was|of|=|:|\\#|->|=>|,)){0,2}\\s{0,3}[\\"\'`(]{0,2}(?P<secret>(?=(?:[^\\d\\n]{0,8}\\d'
        '){4})[A-Z0-9][A-Za-z0-9./\\-]{1,24}(?: (?=[A-Z./\\-]{0,4}\\d)[A-Z0-9./\\-]{1,12}){0,6}(?: [A-Z]'
        '\\b)?)'
    ), '', False),
    ('bank-account', (
        '(?i:(?<![A-Za-z])(?:(?:bank[ _-]?)?account[ _-]?(?:number|no\\.?|nr\\.?|\\#)|acct\\.?(?:[ _-]?(?'
        ':number|no\\.?|\\#))?|routing(?:[ _-]?(?:number|no\\.?))|sort[ _-]?code|kontonummer|iban|bsb))(?'
        ':\\s?\\([^()\\n]{1,20}\\))?(?:\\s?(?:number|no\\.?|nr\\.?|num|code|id|\\#))?(?:\\s?(?:is|was|of|'
        '=|:|\\#|->|=>|,)){0,2}\\s{0,3}[\\"\'`(]{0,2}(?P<secret>(?=(?:[^\\d\\n]{0,8}\\d){4})[A-Z0-9][A-Za'
        '-z0-9./\\-]{1,24}(?: (?=[A-Z./\\-]{0,4}\\d)[A-Z0-9./\\-]{1,12}){0,6}(?: [A-Z]\\b)?)'
    ), '', False),
    ('card', (
        '(?i:(?<![A-Za-z])(?:(?:credit|debit|payment)[ _-]?card|card[ _-]?(?:number|no\\.?|\\#)|cvv2?|cvc'
        '2?))(?:\\s?\\([^()\\n]{1,20}\\))?(?:\\s?(?:number|no\\.?|nr\\.?|num|code|id|\\#))?(?:\\s?(?:is|w'
        'as|of|=|:|\\#|->|=>|,)){0,2}\\s{0,3}[\\"\'`(]{0,2}(?P<secret>(?=(?:[^\\d\\n]{0,8}\\d){3})[A-Z0-9'
        '][A-Za-z0-9./\\-]{1,24}(?: (?=[A-Z./\\-]{0,4}\\d)[A-Z0-9./\\-]{1,12}){0,6}(?: [A-Z]\\b)?)'
    ), '', False),
    ('token', (
        '(?:ya29\\.|AQ\\.Ab|t1\\.9eu|v1\\.0\\-|hvs\\.|hvb\\.|hvr\\.|snyk_uat\\.|pat\\.|xoxe\\.|SG\\.|mlsn'
        '\\.|dt0c01\\.|dt0s16\\.|pk\\.eyJ|sk\\.eyJ|tk\\.eyJ|sha256\\~|k8s\\-aws\\-v1\\.|sl\\.)(?P<rest>[A'
        '-Za-z0-9_\\-]*)'
    ), 'tokens.issued', False),
)
# Plain texts by their first two characters, the longest first: the text, how much of it is the
# stem of a name, the rules it opens. A text opens what those open that it begins with.
WORDS = Rows({
    " '": (
        " '-k'\t0\t37\n"
        " '-p'\t0\t37\n"
        " '-t'\t0\t37\n"
        " '-w'\t0\t37"
    ),
    ' -': (
        ' -k \t0\t37\n'
        ' -p \t0\t37\n'
        ' -t \t0\t37\n'
        ' -w \t0\t37'
    ),
    ' /': ' /rp \t0\t37',
    ' n': ' ni \t0\t89',
    '" ': '" after b"pass\t0\t34',
    '$1': '$1$\t0\t72',
    '$2': (
        '$2a$\t0\t72\n'
        '$2b$\t0\t72\n'
        '$2x$\t0\t72\n'
        '$2y$\t0\t72\n'
        '$2$\t0\t72'
    ),
    '$5': '$5$\t0\t72',
    '$6': '$6$\t0\t72',
    '$7': '$7$\t0\t72',
    '$a': (
        '$argon2\t0\t72\n'
        '$apr1$\t0\t72'
    ),
    '$b': '$bcrypt\t0\t72',
    '$g': '$gy$\t0\t72',
    '$m': '$md5$\t0\t72',
    '$s': (
        '$scrypt\t0\t72\n'
        '$sha1$\t0\t72'
    ),
    '$y': '$y$\t0\t72',
    '%4': '%40\t0\t13',
    '&#': '&#64;\t0\t13',
    "' ": "' after b'pass\t0\t34",
    ').': (
        ').run("\t0\t36\n'
        ").run('\t0\t36"
    ),
    '--': (
        '--basic\t0\t31\n'
        '--login\t0\t31\n'
        '--auth\t0\t31\n'
        '--cred\t0\t31'
    ),
    '-c': '-code\t0\t79',
    '-u': (
        '-user\t0\t9 31\n'
        '-u \t0\t31\n'
        '-u"\t0\t31\n'
        "-u'\t0\t31\n"
        '-us\t0\t9'
    ),
    '.a': (
        '.authenticate(\t0\t73\n'
        '.atlasv1.\t0\t3'
    ),
    '.c': '.crt:\t0\t42',
    '.l': '.login(\t0\t73',
    '.p': (
        '.p12:\t0\t42\n'
        '.pem:\t0\t42\n'
        '.pfx:\t0\t42'
    ),
    '.s': (
        '.set_credentials(\t0\t73\n'
        '.set_auth(\t0\t73'
    ),
    '.u': '.username_pw_set(\t0\t73',
    '/b': '/bot\t0\t0',
    '/f': '/folders/\t0\t56',
    '/m': '/media/\t0\t56',
    '/p': (
        '/password:\t0\t18\n'
        '/pass:\t0\t18\n'
        '/pwd:\t0\t18\n'
        '/pw:\t0\t18\n'
        '/p:\t0\t18'
    ),
    '/t': '/t/\t0\t46',
    '00': '00d\t0\t10',
    '1/': '1//0\t0\t6',
    '4/': '4/0a\t0\t6',
    '7z': '7z\t0\t80',
    ':/': '://\t0\t52',
    ':a': ':aa\t0\t1',
    '@': '@\t0\t13 20 53 54 55',
    '_c': '_code\t0\t79',
    'a ': (
        'a password\t0\t79\n'
        'a code\t0\t79\n'
        'a pin\t0\t79'
    ),
    'aa': 'aadhaar\t7\t',
    'ab': 'ab \t0\t82',
    'ac': (
        'access_token$\t0\t4\n'
        'accesskeyid\t0\t12\n'
        'acl setuser\t0\t45\n'
        'account #\t7\t93\n'
        'account n\t7\t93\n'
        'account-#\t7\t93\n'
        'account-n\t7\t93\n'
        'account_#\t7\t93\n'
        'account_n\t7\t93\n'
        'account#\t7\t93\n'
        'account(\t7\t30\n'
        'accountn\t7\t93\n'
        'account\t7\t\n'
        'acct\t0\t93\n'
        'acli\t0\t81'
    ),
    'ad': (
        'adgang\t6\t\n'
        'adha\t0\t89'
    ),
    'ah': 'ahv\t3\t89',
    'ap': (
        'apksigner\t0\t87\n'
        'apikey \t0\t38\n'
        'api(\t0\t30'
    ),
    'aq': 'aq.ab\t0\t95',
    'ar': (
        'arango\t0\t81\n'
        'argon2\t0\t43'
    ),
    'as': (
        'astracs:\t0\t7\n'
        'asic \t0\t76'
    ),
    'at': (
        'ational\t0\t89\n'
        'atient\t0\t89'
    ),
    'au': (
        "auth', 'default\t4\t50\n"
        'auth cram-md5 \t4\t38 65\n'
        "auth' 'default\t4\t50\n"
        'auth xoauth2 \t4\t38 65\n'
        'auth default\t4\t38 50\n'
        'authprovider\t4\t73\n'
        'auth login \t4\t22 38 65\n'
        'auth plain \t4\t38 65\n'
        'auth login\t4\t22 38\n'
        'auth = (\t4\t38 73\n'
        'auth md5\t4\t38 40\n'
        'auth sha\t4\t38 40\n'
        'auth=(\t4\t73\n'
        'auth \t4\t38\n'
        'auth(\t4\t73\n'
        'auth\t4\t'
    ),
    'av': 'avs\t0\t89',
    'az': (
        'azure.com\t0\t0\n'
        'az \t0\t81\n'
        "az'\t0\t81"
    ),
    'bc': (
        'bcrypt\t0\t43\n'
        'bcp\t0\t85'
    ),
    'be': (
        'benutzer\t0\t57\n'
        'bearer\t6\t\n'
        'begin \t0\t58'
    ),
    'bi': 'birth\t5\t77',
    'bo': (
        'bot.run(\t0\t36\n'
        'born \t0\t77\n'
        'born:\t0\t77\n'
        'bot \t0\t75\n'
        'bot(\t0\t30'
    ),
    'bs': (
        'bsb\t0\t93\n'
        'bsn\t3\t89'
    ),
    'bu': 'buildah\t0\t81',
    'ca': 'card\t4\t94',
    'ce': (
        'cell\t4\t78\n'
        'cert\t4\t'
    ),
    'cf': 'cf \t0\t81',
    'cl': (
        'client.run(\t0\t36\n'
        'client(\t0\t30'
    ),
    'cn': 'cnpj\t4\t89',
    'co': (
        'could not consume arg: \t0\t33\n'
        'connection(\t10\t30\n'
        'config set\t0\t23\n'
        'connection\t10\t\n'
        'contrasena\t10\t\n'
        'community\t8\t70\n'
        'communit\t8\t\n'
        'connect(\t0\t14 30\n'
        'cookie\t6\t\n'
        'code=\t4\t46\n'
        'code\t4\t'
    ),
    'cp': (
        'cpf\t3\t89\n'
        'cpr\t0\t89'
    ),
    'cq': 'cqlsh\t0\t81',
    'cr': (
        'credentials(\t10\t25 73\n'
        'credential(\t10\t25\n'
        'credential\t10\t\n'
        'cred\t4\t'
    ),
    'cs': 'csc\t3\t',
    'cu': (
        'curl\t0\t82\n'
        'curp\t4\t89'
    ),
    'cv': (
        'cvc\t3\t94\n'
        'cvv\t3\t94'
    ),
    'cx': (
        'cx_oracle.connection(\t0\t15\n'
        'cx_oracle.connect(\t0\t15'
    ),
    'd.': 'd.o.b\t0\t77',
    'da': 'database(\t0\t30',
    'de': (
        'default login\t0\t51\n'
        'decrypt(\t0\t41\n'
        'dentit\t0\t89'
    ),
    'di': (
        'dingtalk\t0\t0\n'
        'digest \t0\t74'
    ),
    'dl': (
        'dl \t0\t91\n'
        'dl:\t0\t91'
    ),
    'dn': 'dni\t3\t89',
    'do': (
        'documents and\t0\t57\n'
        'docume~\t0\t57\n'
        'docker\t0\t81\n'
        'dob\t3\t77'
    ),
    'dp': (
        'dpop \t0\t75\n'
        'dp.\t0\t5'
    ),
    'dr': (
        'driving\t0\t91\n'
        'driver\t6\t91'
    ),
    'ds': (
        'dselsnummer\t0\t89\n'
        'dsn\t3\t'
    ),
    'dt': (
        'dt0c01.\t0\t95\n'
        'dt0s16.\t0\t95'
    ),
    'e ': (
        'e password\t0\t79\n'
        'e code\t0\t79\n'
        'e pin\t0\t79'
    ),
    'ea': (
        'earer \t0\t75\n'
        'ealth\t0\t89'
    ),
    'ec': 'echo \t0\t63',
    'ed': (
        'edicare\t0\t89\n'
        'edical\t0\t89'
    ),
    'ei': (
        'ein \t3\t92\n'
        'ein:\t3\t92\n'
        'ein\t3\t'
    ),
    'el': 'elasticdump\t0\t82',
    'er': (
        'ersonalausweis\t0\t89\n'
        'ersonnummer\t0\t89'
    ),
    'et': 'etcdctl put\t0\t23',
    'ex': 'expected \t0\t71',
    'ey': (
        'eyj\t0\t2\n'
        'eyk\t0\t2'
    ),
    'fa': 'fax\t3\t78',
    'fi': (
        'fiscale\t6\t89\n'
        'fiscal\t6\t'
    ),
    'fs': 'fs.azure.account.\t0\t35',
    'ft': (
        'ftp_tls(\t0\t16\n'
        'ftp(\t0\t16'
    ),
    'ge': (
        'geniekey \t0\t75\n'
        'geburts\t0\t77\n'
        'geheim\t6\t\n'
        'geslo\t5\t'
    ),
    'go': 'googleapis.com/v1/spaces\t0\t0',
    'h ': (
        'h password\t0\t79\n'
        'h code\t0\t79\n'
        'h pin\t0\t79'
    ),
    'ha': (
        'handler(\t0\t30\n'
        'hashpw(\t4\t41\n'
        'haslo\t5\t\n'
        'hash\t4\t\n'
        'has\u0142\t4\t'
    ),
    'hc': 'hc-ping\t0\t0',
    'he': (
        'heslo\t5\t\n'
        'helm\t0\t81\n'
        'hetu\t4\t'
    ),
    'hk': 'hkid\t0\t89',
    'hm': 'hmac\t4\t12',
    'ho': (
        'home\t0\t56 57\n'
        'hook\t4\t0'
    ),
    'hr': 'hrerschein\t0\t91',
    'ht': (
        'http-basic\t0\t48 82\n'
        'htpasswd\t0\t62\n'
        'http\t0\t82'
    ),
    'hu': 'hub(\t0\t30',
    'hv': (
        'hvb.\t0\t95\n'
        'hvr.\t0\t95\n'
        'hvs.\t0\t95'
    ),
    'ib': (
        'ibmcloud\t0\t81\n'
        'iban\t4\t93'
    ),
    'id': (
        'identified\t0\t64\n'
        'identify \t0\t40'
    ),
    'if': 'ifttt.com\t0\t0',
    'ig': 'ignature\t0\t12',
    'im': (
        'imei\t4\t\n'
        'imsi\t4\t'
    ),
    'in': (
        'invalid connection option \t0\t33 71\n'
        'insert into\t0\t60\n'
        'insurance\t9\t\n'
        'invalid \t0\t71\n'
        'influx\t0\t81\n'
        'insee\t5\t89'
    ),
    'ip': 'ipmitool\t0\t81',
    'is': 'isql\t0\t85',
    'it': 'itin\t0\t88',
    'ja': 'jarsigner\t0\t87',
    'je': 'jelsz\t5\t',
    'jm': 'jmbg\t0\t89',
    'jo': 'jose.\t0\t43',
    'jw': (
        'jwt \t3\t75\n'
        'jwt.\t3\t43\n'
        'jwt\t3\t'
    ),
    'k8': 'k8s-aws-v1.\t0\t95',
    'ke': (
        'key-pair-id\t3\t12\n'
        'key-string\t3\t70\n'
        'keydb-cli\t3\t83\n'
        'kennwort\t8\t\n'
        'keytool\t3\t87\n'
        'key 0\t3\t70\n'
        'key 7\t3\t70\n'
        'key\t3\t'
    ),
    'ki': 'kinit\t0\t81',
    'ko': (
        'kontonummer\t0\t93\n'
        'kodeord\t7\t'
    ),
    'kv': (
        'kv put\t0\t23\n'
        'kv set\t0\t23'
    ),
    'la': 'lab(\t0\t30',
    'ld': 'ldap\t0\t84',
    'lf': 'lftp\t0\t82',
    'li': 'licen\t5\t',
    'lo': (
        'load_key(\t0\t41\n'
        'losenord\t8\t\n'
        'log_in(\t0\t30\n'
        'lozinka\t7\t\n'
        'login \t5\t38 49\n'
        'login(\t5\t30 38\n'
        'login\t5\t38'
    ),
    'l\xf6': 'l\xf6senord\t8\t',
    'ma': (
        'machine \t0\t51\n'
        'mariadb\t0\t80'
    ),
    'me': (
        'merge into\t0\t60\n'
        'medicare\t8\t'
    ),
    'mi': (
        'missing "="\t0\t47\n'
        'mirates\t0\t89'
    ),
    'ml': 'mlsn.\t0\t95',
    'mn': 'mnemonic\t8\t',
    'mo': (
        'mosquitto\t0\t82 85\n'
        'mobile\t6\t78\n'
        'mongo\t0\t81'
    ),
    'mq': 'mqtt\t0\t85',
    'mr': 'mrn\t3\t',
    'mu': "must be followed by '%' or '('\t0\t32",
    'my': 'mysql\t0\t80',
    'n ': (
        'n password\t0\t79\n'
        'n code\t0\t79\n'
        'n pin\t0\t79'
    ),
    'na': 'national\t8\t',
    'ne': (
        'net user\t0\t39 68 82\n'
        'nerdctl\t0\t81\n'
        'net use\t0\t68 82\n'
        'net \t0\t82'
    ),
    'nh': 'nhs\t3\t89',
    'ni': (
        'nino\t4\t89\n'
        'ni \t0\t89\n'
        'nie\t0\t89\n'
        'nif\t3\t89\n'
        'nir\t3\t89'
    ),
    'no': (
        'not a valid \t0\t71\n'
        'nonce\t5\t'
    ),
    'nr': (
        'nral\t0\t8\n'
        'nric\t4\t89'
    ),
    'ns': 'nsurance\t0\t89',
    'nz': 'nzsql\t0\t81',
    'oc': 'oc \t0\t81',
    'oi': 'oib\t0\t89',
    'ok': 'oken \t0\t75',
    'or': (
        'oracledb.connect(\t0\t15\n'
        'ora-\t0\t19'
    ),
    'os': 'osql\t0\t85',
    'ot': (
        'oter\t0\t89\n'
        'otp\t3\t79'
    ),
    'oz': 'ozial\t0\t89',
    'p ': (
        'p password\t0\t79\n'
        'p code\t0\t79\n'
        'p pin\t0\t79'
    ),
    'pa': (
        'passphrase (\t4\t29\n'
        'password for\t4\t26\n'
        'passphrase:\t4\t26\n'
        'password (\t4\t29\n'
        'password 0\t4\t70\n'
        'password 5\t4\t70\n'
        'password 7\t4\t70\n'
        'password [\t4\t29\n'
        'pagerduty\t0\t0\n'
        'password:\t4\t26\n'
        'passcode\t4\t79\n'
        'passport\t4\t90\n'
        'passlib\t4\t43\n'
        'passord\t7\t\n'
        'parool\t6\t\n'
        'parol\t5\t\n'
        'pass:\t4\t61\n'
        'paswd\t5\t\n'
        'pass\t4\t\n'
        'pasw\t4\t\n'
        'pat.\t3\t95\n'
        'pan\t3\t89\n'
        'pat\t3\t'
    ),
    'pb': 'pbkdf2\t0\t72',
    'pe': (
        'personnummer\t12\t\n'
        'pepper\t6\t\n'
        'pesel\t5\t89'
    ),
    'ph': (
        'phrase\t6\t\n'
        'phone\t5\t78'
    ),
    'pi': (
        'pipedream\t0\t0\n'
        'pincode\t7\t\n'
        'pikey \t0\t75\n'
        'pin\t3\t'
    ),
    'pk': 'pk.eyj\t0\t95',
    'pl': 'plink\t0\t85',
    'po': (
        'podman\t0\t81\n'
        'port\t0\t44'
    ),
    'pp': 'pps\t3\t89',
    'pr': (
        'private-lines\t7\t59\n'
        'priv aes\t0\t40\n'
        'priv des\t0\t40\n'
        'private\t7\t\n'
        'profile\t0\t57\n'
        'pragma\t0\t28'
    ),
    'ps': (
        'pscp\t0\t85\n'
        'psk\t3\t'
    ),
    'pu': 'put-parameter\t0\t23',
    'pw': (
        'pwd\t3\t\n'
        'pw\t2\t'
    ),
    'q~': 'q~\t0\t11',
    'ra': (
        'rabbitmqctl\t0\t17\n'
        'raw value\t0\t21\n'
        'raw val\t0\t21\n'
        'rawval\t0\t21\n'
        'rar\t0\t80'
    ),
    'rd': (
        'rdesktop\t0\t81\n'
        'rdp\t0\t81'
    ),
    're': (
        'redis-benchmark\t0\t83\n'
        'replace into\t0\t60\n'
        'redirected\t0\t57\n'
        'redis-cli\t0\t83\n'
        'reisepass\t0\t90\n'
        'requirep\t8\t\n'
        'resident\t8\t'
    ),
    'rf': 'rfc\t3\t89',
    'ro': (
        'routing n\t7\t93\n'
        'routing-n\t7\t93\n'
        'routing_n\t7\t93\n'
        'routingn\t7\t93\n'
        'routing\t7\t'
    ),
    'rp': 'rpcclient\t0\t82',
    'rr': 'rrn\t0\t89',
    'ru': 'runas\t0\t39',
    's ': (
        's password\t0\t79\n'
        's code\t0\t79\n'
        's pin\t0\t79'
    ),
    'sa': (
        'salasana\t8\t\n'
        'salt\t4\t\n'
        'sas\t3\t'
    ),
    'se': (
        'securestring\t0\t69\n'
        'set password\t0\t67\n'
        'setpassword(\t0\t41\n'
        'secrets set\t6\t23\n'
        'secret set\t6\t23\n'
        'sendline(\t0\t34\n'
        'secret (\t6\t29\n'
        'secret 0\t6\t70\n'
        'secret 5\t6\t70\n'
        'secret 8\t6\t70\n'
        'secret 9\t6\t70\n'
        'security\t8\t\n'
        'session(\t4\t30\n'
        'setauth(\t0\t73\n'
        'secret\t6\t\n'
        'segred\t6\t\n'
        'segret\t6\t\n'
        'senha\t5\t\n'
        'seed\t4\t\n'
        'sess\t4\t'
    ),
    'sg': 'sg.\t0\t95',
    'sh': 'sha256~\t0\t95',
    'si': (
        'signature\t9\t12\n'
        'signtool\t3\t12 24\n'
        'signing\t7\t12\n'
        'sifre\t5\t\n'
        'sid\t3\t\n'
        'sig\t3\t12\n'
        'sin\t3\t89'
    ),
    'sk': (
        'sk.eyj\t0\t95\n'
        'skopeo\t0\t81'
    ),
    'sl': 'sl.\t0\t95',
    'sm': (
        'smbclient\t0\t82\n'
        'sms\t0\t78'
    ),
    'sn': (
        'snyk auth\t0\t22\n'
        'snyk_uat.\t0\t95\n'
        'snmp\t0\t86'
    ),
    'so': (
        'sort code\t4\t93\n'
        'sort-code\t4\t93\n'
        'sort_code\t4\t93\n'
        'sortcode\t4\t93\n'
        'social\t6\t88\n'
        'sort\t4\t'
    ),
    'sp': (
        'sp_addlogin\t0\t27\n'
        'sp_password\t0\t27\n'
        'splunk \t0\t75'
    ),
    'sq': 'sqlcmd\t0\t85',
    'ss': (
        'sshpass\t0\t81\n'
        'ssws \t0\t75\n'
        'ssn\t3\t88'
    ),
    'st': 'steuer\t6\t',
    'sv': 'sv-\t0\t89',
    't1': 't1.9eu\t0\t95',
    'ta': (
        'tax \t3\t89 92\n'
        'tax\t3\t92'
    ),
    'te': (
        'teuer\t0\t89\n'
        'tel \t3\t78\n'
        'tel.\t3\t78\n'
        'tel:\t3\t78\n'
        'tel\t3\t'
    ),
    'tf': 'tfn\t3\t89',
    'ti': (
        'tin \t3\t92\n'
        'tin:\t3\t92\n'
        'tin\t3\t'
    ),
    'tk': 'tk.eyj\t0\t95',
    'to': (
        'too short\t0\t33\n'
        'token (\t5\t29\n'
        'token [\t5\t29\n'
        'token=\t5\t12\n'
        'token\t5\t\n'
        'totp\t4\t'
    ),
    'ts': 'tsql\t0\t85',
    'tw': 'twine\t0\t81',
    'u0': 'u0040\t0\t13',
    'um': 'umber\t0\t89',
    'un': 'unlock(\t0\t41',
    'us': (
        'userdata(\t0\t30 57\n'
        'userdata\t0\t57\n'
        'userpass\t0\t73\n'
        'usuarios\t0\t57\n'
        'ust-id\t0\t92\n'
        'users\t0\t56 57\n'
        'ustid\t0\t92'
    ),
    'ut': 'utilisateurs\t0\t57',
    'v1': 'v1.0-\t0\t95',
    'va': (
        'vault login\t0\t22\n'
        'valkey-cli\t0\t83\n'
        'vat \t3\t92\n'
        'vat:\t3\t92\n'
        'vat_\t3\t92\n'
        'vat\t3\t'
    ),
    'vi': 'vin\t3\t',
    'vs': 'vsql\t0\t81',
    'wa': 'wachtwoord\t10\t',
    'we': 'webhook\t7\t',
    'wg': 'wget\t0\t82',
    'wh': 'whatsapp\t0\t78',
    'wi': (
        'with args beginning with\t0\t66\n'
        "with base 10: '\t0\t33\n"
        'winexe\t0\t82\n'
        'winrm\t0\t85'
    ),
    'x-': 'x-amz-c\t0\t12',
    'xh': 'xh \t0\t82',
    'xo': 'xoxe.\t0\t95',
    'y ': (
        'y password\t0\t79\n'
        'y code\t0\t79\n'
        'y pin\t0\t79'
    ),
    'ya': 'ya29.\t0\t95',
    'za': 'zaporka\t7\t',
    'zi': 'zip -\t0\t85',
    '{c': '{crypt\t0\t72',
    '{m': '{md5\t0\t72',
    '{s': (
        '{sscrypt\t0\t72\n'
        '{scrypt\t0\t72\n'
        '{ssmd5\t0\t72\n'
        '{sssha\t0\t72\n'
        '{smd5\t0\t72\n'
        '{ssha\t0\t72\n'
        '{sha\t0\t72'
    ),
    '~': '~\t0\t56',
    '\u015fi': '\u015fifre\t5\t',
    '\u03ba\u03c9': '\u03ba\u03c9\u03b4\u03b9\u03ba\u03cc\u03c2\t7\t',
    '\u043f\u0430': '\u043f\u0430\u0440\u043e\u043b\u044c\t6\t',
    '\u30d1\u30b9': '\u30d1\u30b9\u30ef\u30fc\u30c9\t5\t',
    '\u5bc6\u7801': '\u5bc6\u7801\t2\t',
    '\u5bc6\u78bc': '\u5bc6\u78bc\t2\t',
    '\ube44\ubc00': '\ube44\ubc00\ubc88\ud638\t4\t',
})
# Prefixes of tokens by their first two characters, the longest first: kind, alphabet, length.
ISSUERS = Rows({
    'AA': 'AAAAAAAAAAAAAAAAAAAAA\ttwitter-token\tw\t80',
    'AB': (
        'ABIA\taws-key\tu\t16\n'
        'ABSK\taws-key\tw\t100'
    ),
    'AC': (
        'ACCA\taws-key\tu\t16\n'
        'AC\ttwilio-sid\th\t32'
    ),
    'AG': 'AGE-SECRET-KEY-1\tagekey\tu\t58',
    'AI': 'AIza\tgoogle-key\tw\t35',
    'AK': (
        'AKCp\tartifactory-key\ta\t69\n'
        'AKIA\taws-key\tu\t16\n'
        'AKID\ttencent-key\ta\t32'
    ),
    'AQ': (
        'AQ.Ab\tgoogle-token\tw\t40\n'
        'AQVN\tyandex-key\tw\t36'
    ),
    'AS': 'ASIA\taws-key\tu\t16',
    'AT': (
        'ATATT3x\tatlassian-token\tw\t180\n'
        'ATCTT3x\tatlassian-token\tw\t180\n'
        'ATSTT3x\tatlassian-token\tw\t180\n'
        'ATBB\tbitbucket-token\ta\t32'
    ),
    'BB': 'BBDC-\tbitbucket-token\tw\t44',
    'CC': (
        'CCIPAT_\tcircleci-token\tw\t40\n'
        'CCIPRJ_\tcircleci-token\tw\t40'
    ),
    'CF': 'CFPAT-\tcontentful-token\tw\t43',
    'CL': 'CLOJARS_\tclojars-token\tl\t60',
    'EA': (
        'EAAAE\tsquare-token\tw\t59\n'
        'EAAA\tsquare-token\tw\t60\n'
        'EAA\tfacebook-token\ta\t90'
    ),
    'EX': 'EXO\texoscale-key\th\t24',
    'EZ': (
        'EZAK\teasypost-key\ta\t54\n'
        'EZTK\teasypost-key\ta\t54'
    ),
    'Ew': 'EwB\tmicrosoft-key\tw\t100',
    'FL': (
        'FLWPUBK\tflutterwave-key\tw\t30\n'
        'FLWSECK\tflutterwave-key\tw\t30'
    ),
    'FQ': 'FQoGZXIvYXdz\taws-session-token\tw\t100',
    'Fl': 'FlyV1\tfly-token\tw\t100',
    'Fw': 'FwoGZXIvYXdz\taws-session-token\tw\t100',
    'GO': (
        'GOCSPX-\tgoogle-key\tw\t28\n'
        'GOOG1E\tgoogle-key\tu\t55'
    ),
    'GR': 'GR1348941\tgitlab-token\tw\t20',
    'HR': 'HRKU-\theroku-key\tw\t36',
    'IG': 'IGQV\tinstagram-token\tw\t100',
    'IQ': 'IQoJb3JpZ2lu\taws-session-token\tw\t100',
    'KE': 'KEY0\ttelnyx-key\tw\t50',
    'LT': 'LTAI\talibaba-key\ta\t20',
    'NR': (
        'NRAK-\tnewrelic-key\tu\t27\n'
        'NRII-\tnewrelic-key\tw\t32\n'
        'NRIQ-\tnewrelic-key\tw\t32\n'
        'NRJS-\tnewrelic-key\th\t19\n'
        'NRRA-\tnewrelic-key\th\t42\n'
        'NRSP-\tnewrelic-key\tw\t32'
    ),
    'PM': (
        'PMAK-\tpostman-key\tw\t59\n'
        'PMAT-\tpostman-key\tu\t26'
    ),
    'SC': 'SCW\tscaleway-key\tu\t17',
    'SG': 'SG.\tsendgrid-key\tw\t22',
    'SK': 'SK\ttwilio-key\th\t32',
    'YC': (
        'YCAJE\tyandex-key\tw\t20\n'
        'YCM\tyandex-key\tw\t37'
    ),
    'ac': (
        'access-development-\tplaid-token\tw\t36\n'
        'access-production-\tplaid-token\tw\t36\n'
        'access-sandbox-\tplaid-token\tw\t36'
    ),
    'ak': 'ak-\tmodal-token\ta\t22',
    'ap': (
        'apify_api_\tapify-token\ta\t36\n'
        'api_org_\thuggingface-token\ta\t34\n'
        'api-\tlaunchdarkly-key\tu\t36'
    ),
    'as': 'as-\tmodal-token\ta\t22',
    'bk': (
        'bkaj_\tbuildkite-token\tw\t40\n'
        'bkct_\tbuildkite-token\tw\t40\n'
        'bkua_\tbuildkite-token\th\t40'
    ),
    'bs': 'bstack_\tbrowserstack-key\ta\t20',
    'bw': 'bws_\tbitwarden-token\tw\t60',
    'cf': (
        'cfat_\tcloudflare-key\tw\t40\n'
        'cfut_\tcloudflare-key\tw\t40\n'
        'cflt\tconfluent-key\tw\t60'
    ),
    'ci': 'cio\tcrates-token\ta\t32',
    'cq': (
        'cqstm_\tcloudquery-key\tw\t24\n'
        'cqpd_\tcloudquery-key\tw\t24\n'
        'cqsr_\tcloudquery-key\tw\t24\n'
        'cqk_\tcloudquery-key\tw\t24\n'
        'cqt_\tcloudquery-key\tw\t24\n'
        'cq_\tcloudquery-key\tw\t32'
    ),
    'cr': 'crsr_\tcursor-key\th\t64',
    'cs': 'csk-\tcerebras-key\tl\t48',
    'da': 'dapi\tdatabricks-token\th\t32',
    'db': (
        'dbtc_\tdbt-token\tw\t40\n'
        'dbts_\tdbt-token\tw\t40\n'
        'dbtu_\tdbt-token\tw\t40'
    ),
    'dc': (
        'dckr_oat_\tdocker-token\tw\t32\n'
        'dckr_pat_\tdocker-token\tw\t27'
    ),
    'dd': 'ddapp_\tdatadog-key\ta\t34',
    'dk': 'dkea\tdatabricks-token\th\t32',
    'dn': 'dnkey-\tdefined-token\tw\t60',
    'do': (
        'doo_v1_\tdigitalocean-token\th\t64\n'
        'dop_v1_\tdigitalocean-token\th\t64\n'
        'dor_v1_\tdigitalocean-token\th\t64\n'
        'dose\tdatabricks-token\th\t32'
    ),
    'dt': (
        'dt0c01.\tdynatrace-token\tw\t24\n'
        'dt0s16.\tdynatrace-token\tw\t24'
    ),
    'du': (
        'duffel_live_\tduffel-token\tw\t43\n'
        'duffel_test_\tduffel-token\tw\t43'
    ),
    'e2': 'e2b_\te2b-key\th\t40',
    'es': 'essu_\telastic-key\tw\t60',
    'ey': 'eyJrIjoi\tgrafana-token\tw\t60',
    'fc': 'fc-\tfirecrawl-key\th\t32',
    'fi': (
        'fio-u-\tframeio-token\tw\t64\n'
        'figd_\tfigma-token\tw\t40\n'
        'figo_\tfigma-token\tw\t40'
    ),
    'fm': (
        'fm1a_\tfly-token\tw\t100\n'
        'fm1r_\tfly-token\tw\t100\n'
        'fm2_\tfly-token\tw\t100'
    ),
    'fo': 'fo1_\tfly-token\tw\t43',
    'fw': 'fw_\tfireworks-key\ta\t22',
    'gh': (
        'gho_\tgithub-token\ta\t36\n'
        'ghp_\tgithub-token\ta\t36\n'
        'ghr_\tgithub-token\ta\t36\n'
        'ghs_\tgithub-token\tw\t36\n'
        'ghu_\tgithub-token\ta\t36'
    ),
    'gi': 'github_pat_\tgithub-token\tw\t82',
    'gl': (
        'glagent-\tgitlab-token\tw\t50\n'
        'glffct-\tgitlab-token\tw\t20\n'
        'glsoat-\tgitlab-token\tw\t20\n'
        'glcbt-\tgitlab-token\tw\t20\n'
        'glimt-\tgitlab-token\tw\t25\n'
        'gloas-\tgitlab-token\th\t64\n'
        'glpat-\tgitlab-token\tw\t20\n'
        'glptt-\tgitlab-token\th\t40\n'
        'glrtr-\tgitlab-token\tw\t20\n'
        'gldt-\tgitlab-token\tw\t20\n'
        'glft-\tgitlab-token\tw\t20\n'
        'glrt-\tgitlab-token\tw\t20\n'
        'glsa_\tgrafana-token\tw\t41\n'
        'glwt-\tgitlab-token\tw\t20\n'
        'glc_\tgrafana-token\tw\t100'
    ),
    'gs': 'gsk_\tgroq-key\ta\t52',
    'gt': 'gta_\tgitea-token\th\t40',
    'hc': (
        'hcaik_\thoneycomb-key\tw\t58\n'
        'hcamk_\thoneycomb-key\tw\t58\n'
        'hcbik_\thoneycomb-key\tw\t58'
    ),
    'he': 'hexpm_\thex-key\th\t32',
    'hf': 'hf_\thuggingface-token\ta\t34',
    'hv': (
        'hvb.\tvault-token\tw\t138\n'
        'hvr.\tvault-token\tw\t90\n'
        'hvs.\tvault-token\tw\t90'
    ),
    'io': 'ion_\tionic-token\ta\t42',
    'ji': 'jina_\tjina-key\tw\t50',
    'k8': 'k8s-aws-v1.\tkubernetes-token\tw\t100',
    'ke': 'key-\tmailgun-key\th\t32',
    'kp': 'kpat_\tkong-token\ta\t40',
    'li': (
        'lin_oauth_\tlinear-key\th\t64\n'
        'lin_api_\tlinear-key\ta\t40\n'
        'lin_wh_\tlinear-key\ta\t40'
    ),
    'll': 'llx-\tllamacloud-key\tw\t48',
    'ln': 'lnd_\tlinode-token\th\t60',
    'ls': (
        'lsv2_pt_\tlangsmith-key\tw\t40\n'
        'lsv2_sk_\tlangsmith-key\tw\t40'
    ),
    'mc': 'mct_\tmatrix-token\tw\t30',
    'md': 'md-\tmailchimp-key\tw\t22',
    'ml': 'mlsn.\tmailersend-key\th\t64',
    'na': 'napi_\tneon-key\tl\t60',
    'nf': (
        'nfc_\tnetlify-token\ta\t36\n'
        'nfp_\tnetlify-token\ta\t36'
    ),
    'np': (
        'npg_\tneon-key\ta\t12\n'
        'npm_\tnpm-token\ta\t36'
    ),
    'nt': 'ntn_\tnotion-token\ta\t46',
    'nv': 'nvapi-\tnvidia-key\tw\t60',
    'op': 'ops_eyJ\tonepassword-token\tw\t250',
    'oy': 'oy2\tnuget-key\tl\t43',
    'p8': (
        'p8e-\tadobe-key\ta\t32\n'
        'p8e\tadobe-key\ta\t32'
    ),
    'pa': (
        'pat-eu1-\thubspot-token\tw\t36\n'
        'pat-na1-\thubspot-token\tw\t36\n'
        'pat.\tharness-token\tw\t60\n'
        'pa-\tvoyage-key\tw\t40\n'
        'pat\tairtable-token\ta\t14'
    ),
    'pc': 'pcsk_\tpinecone-key\tw\t60',
    'pd': 'pdl_\tpaddle-key\tw\t50',
    'ph': (
        'phc_\tposthog-key\ta\t43\n'
        'phs_\tposthog-key\ta\t43\n'
        'phx_\tposthog-key\ta\t43'
    ),
    'pk': (
        'pk_live_\tklaviyo-key\tw\t24\n'
        'pk_test_\tstripe-key\ta\t24\n'
        'pk-lf-\tlangfuse-key\tw\t36\n'
        'pk.eyJ\tmapbox-token\tw\t50\n'
        'pk-\tportkey-key\tw\t30\n'
        'pk_\tclickup-token\tw\t32'
    ),
    'pn': (
        'pnb_\tprefect-key\ta\t36\n'
        'pnu_\tprefect-key\ta\t36'
    ),
    'pp': 'pplx-\tperplexity-key\ta\t48',
    'ps': (
        'pscale_oauth_\tplanetscale-token\tw\t32\n'
        'pscale_tkn_\tplanetscale-token\tw\t32\n'
        'pscale_pw_\tplanetscale-token\tw\t32'
    ),
    'pu': (
        'pul-\tpulumi-token\th\t40\n'
        'pub\tdatadog-key\th\t32'
    ),
    'py': (
        'pylf_v1_\tlogfire-token\tw\t40\n'
        'pypi-AgE\tpypi-token\tw\t100\n'
        'pypi-\tpypi-token\tw\t100'
    ),
    'r8': 'r8_\treplicate-token\ta\t37',
    'rd': 'rdme_\treadme-key\tl\t70',
    're': (
        'retool_\tretool-key\tw\t26\n'
        're_\tresend-key\tw\t32'
    ),
    'rk': (
        'rk_live_\tstripe-key\ta\t24\n'
        'rk_prod_\tstripe-key\ta\t24\n'
        'rk_test_\tstripe-key\ta\t24'
    ),
    'rl': 'rlwy_\trailway-token\tw\t40',
    'rn': 'rnd_\trender-key\ta\t28',
    'ro': 'rootly_\trootly-key\th\t64',
    'rp': 'rpa_\trunpod-key\tu\t42',
    'ru': 'rubygems_\trubygems-key\th\t48',
    'rz': (
        'rzp_live_\trazorpay-key\ta\t14\n'
        'rzp_test_\trazorpay-key\ta\t14'
    ),
    'sb': (
        'sb_publishable_\tsupabase-key\tw\t31\n'
        'sb_secret_\tsupabase-key\tw\t31\n'
        'sbp_\tstoryblok-token\th\t40'
    ),
    'sc': 'sc_\tauthress-key\tw\t40',
    'sd': 'sdk-\tlaunchdarkly-key\tw\t36',
    'se': (
        'secret-live-\tstytch-key\tw\t36\n'
        'secret-test-\tstytch-key\tw\t36\n'
        'secret_\tnotion-token\ta\t43\n'
        'seam_\tseam-key\tw\t32\n'
        'sess-\topenai-key\ta\t40'
    ),
    'sg': (
        'sgd_\tsourcegraph-token\th\t64\n'
        'sgp_\tsourcegraph-token\tw\t40'
    ),
    'sh': (
        'shippo_live_\tshippo-token\th\t40\n'
        'shippo_test_\tshippo-token\th\t40\n'
        'sha256~\topenshift-token\tw\t43\n'
        'shptka_\tshopify-token\th\t32\n'
        'shpat_\tshopify-token\th\t32\n'
        'shpca_\tshopify-token\th\t32\n'
        'shppa_\tshopify-token\th\t32\n'
        'shpss_\tshopify-token\th\t32\n'
        'shpua_\tshopify-token\th\t32'
    ),
    'si': 'signkey-\tinngest-key\tw\t40',
    'sk': (
        'sk-helicone-\thelicone-key\tw\t30\n'
        'sk-svcacct-\topenai-key\tw\t48\n'
        'sk-admin-\topenai-key\tw\t48\n'
        'sk-or-v1-\topenrouter-key\th\t64\n'
        'sk-None-\topenai-key\tw\t48\n'
        'sk-dust-\tdust-key\tw\t32\n'
        'sk-proj-\topenai-key\tw\t48\n'
        'sk_live_\tstripe-key\ta\t24\n'
        'sk_prod_\tstripe-key\ta\t24\n'
        'sk_test_\tknock-key\tw\t24\n'
        'sk-ant-\tanthropic-key\tw\t90\n'
        'sk-lf-\tlangfuse-key\tw\t36\n'
        'sk.eyJ\tmapbox-token\tw\t50\n'
        'sk-\topenai-key\tw\t32\n'
        'sk_\tworkos-key\tw\t40'
    ),
    'sl': (
        'slk_\tsourcegraph-token\th\t64\n'
        'sl.\tdropbox-token\tw\t100'
    ),
    'sn': (
        'snyk_uat.\tsnyk-token\tw\t60\n'
        'sntrya_\tsentry-token\th\t64\n'
        'sntrys_\tsentry-token\tw\t100\n'
        'sntryu_\tsentry-token\th\t64'
    ),
    'sp': 'spu-\tspectral-token\th\t32',
    'sq': (
        'sq0atp-\tsquare-token\tw\t22\n'
        'sq0csp-\tsquare-token\tw\t43\n'
        'sq0idp-\tsquare-token\tw\t22\n'
        'sqa_\tsonar-token\th\t40\n'
        'sqp_\tsonar-token\th\t40\n'
        'squ_\tsonar-token\th\t40'
    ),
    'sy': 'syt_\tmatrix-token\tw\t30',
    't1': 't1.9eu\tyandex-token\tw\t80',
    'tf': 'tfp_\ttypeform-token\tw\t44',
    'tg': 'tgp_v1_\ttogether-key\tw\t43',
    'tk': (
        'tk-us-\tscalingo-token\tw\t48\n'
        'tk.eyJ\tmapbox-token\tw\t50'
    ),
    'tm': 'tmprl_\ttemporal-key\tw\t40',
    'tr': (
        'tr_prod_\ttrigger-key\tw\t20\n'
        'tr_dev_\ttrigger-key\tw\t20'
    ),
    'ts': 'tskey-\ttailscale-key\tw\t30',
    'tv': 'tvly-\ttavily-key\tw\t32',
    'v1': 'v1.0-\tcloudflare-key\th\t24',
    'vc': (
        'vck_\tvercel-token\ta\t56\n'
        'vcp_\tvercel-token\ta\t56'
    ),
    've': 'vercel_blob_rw_\tvercel-token\ta\t30',
    'wa': 'wandb_v1_\twandb-key\tw\t60',
    'wh': 'whsec_\tstripe-key\tw\t32',
    'xa': (
        'xaat-\taxiom-token\tw\t36\n'
        'xapp-\tslack-token\tw\t60\n'
        'xapt-\taxiom-token\tw\t36\n'
        'xai-\txai-key\ta\t70'
    ),
    'xk': 'xkeysib-\tbrevo-key\tw\t81',
    'xo': (
        'xoxa-\tslack-token\tw\t50\n'
        'xoxb-\tslack-token\tw\t50\n'
        'xoxc-\tslack-token\tw\t50\n'
        'xoxd-\tslack-token\tw\t50\n'
        'xoxe-\tslack-token\tw\t100\n'
        'xoxe.\tslack-token\tw\t100\n'
        'xoxo-\tslack-token\tw\t50\n'
        'xoxp-\tslack-token\tw\t50\n'
        'xoxr-\tslack-token\tw\t50\n'
        'xoxs-\tslack-token\tw\t50'
    ),
    'xs': 'xsmtpsib-\tbrevo-key\tw\t81',
    'xw': 'xwfp-\tslack-token\tw\t50',
    'y0': 'y0_A\tyandex-token\tw\t50',
    'ya': 'ya29.\tgoogle-token\tw\t60',
})
