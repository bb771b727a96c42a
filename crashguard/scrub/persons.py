"""A person's numbers behind their name in plain words: "social security number 078-05-1120", "born on ...".

Must live here: labels of several words. Must not be known here: labels that are one name (`keyvalue`).
"""

from crashguard.scrub.rule import Rule

# The number itself: capitals and digits in groups, four digits at least.
_NUMBER = (
    r"(?:\s?\([^()\n]{1,20}\))?(?:\s?(?:number|no\.?|nr\.?|num|code|id|\#))?(?:\s?(?:is|was|of|=|:|\#|->|=>|,)){0,2}\s{0,3}[\"'`(]{0,2}"
    r"(?P<secret>(?=(?:[^\d\n]{0,8}\d){4})[A-Z0-9][A-Za-z0-9./\-]{1,24}(?: (?=[A-Z./\-]{0,4}\d)[A-Z0-9./\-]{1,12}){0,6}(?: [A-Z]\b)?)"
)


def _labelled(labels: str) -> str:
    return rf"(?i:(?<![A-Za-z])(?:{labels}))" + _NUMBER


RULES: "tuple[Rule, ...]" = (
    Rule(
        "ssn",
        _labelled(r"social[ _-]?security|ssn|itin"),
        ("social", "ssn", "itin"),
        "social security number 078-05-1120",
        "social security office",
    ),
    Rule(
        "national-id",
        _labelled(
            r"national[ _-]?insurance|ni|nino|national[ _-]?id(?:entity|entification)?(?:[ _-]?card)?|identity[ _-]?card|aadhaar|aadhar"
            r"|pan[ _-]?card|cpf|cnpj|dni|nie|nif|nuss|codice[ _-]?fiscale|bsn|burgerservicenummer|pesel|insee|nir|ahv|avs|personnummer"
            r"|f\u00f8dselsnummer|fodselsnummer|cpr|hetu|egn|cnp|curp|rfc(?=[ :=])|nric|hkid|rrn|my[ _-]?number|medicare|nhs|tfn|tax[ _-]?file|sin"
            r"|social[ _-]?insurance|health[ _-]?card|medical[ _-]?record|patient|voter[ _-]?id|emirates[ _-]?id|teudat[ _-]?zehut|pps"
            r"|steuer(?:liche)?[ _-]?(?:id|identifikationsnummer|nummer)|sozialversicherungsnummer|personalausweis(?:nummer)?|rodn\u00e9[ _]\u010d\u00edslo|oib|jmbg"
        ),
        (
            "nsurance",
            " ni ",
            "NI ",
            "NINO",
            "dentit",
            "ational",
            "adha",
            "PAN",
            "CPF",
            "cpf",
            "CNPJ",
            "DNI",
            "NIE",
            "NIF",
            "fiscale",
            "BSN",
            "bsn",
            "PESEL",
            "pesel",
            "INSEE",
            "NIR",
            "AHV",
            "AVS",
            "ersonnummer",
            "dselsnummer",
            "CPR",
            "CURP",
            "RFC",
            "NRIC",
            "nric",
            "HKID",
            "RRN",
            "umber",
            "edicare",
            "NHS",
            "nhs",
            "TFN",
            "tfn",
            "Tax ",
            "tax ",
            "SIN",
            "ealth",
            "edical",
            "atient",
            "oter",
            "mirates",
            "PPS",
            "teuer",
            "ozial",
            "ersonalausweis",
            "OIB",
            "JMBG",
            "SV-",
        ),
        "NHS number 943 476 5919",
        "the national grid",
    ),
    Rule(
        "passport",
        _labelled(r"passport|reisepass(?:nummer)?"),
        ("passport", "reisepass"),
        "passport no. C01X00T47",
        "passport control",
    ),
    Rule(
        "driving-licence",
        _labelled(r"driv(?:er|ing)(?:'?s)?[ _-]?licen[cs]e|f\u00fchrerschein(?:nummer)?|dl"),
        ("driver", "driving", "hrerschein", "dl ", "dl:"),
        "driver's license D1234567",
        "driver version",
    ),
    Rule(
        "tax-id",
        _labelled(r"tax(?:payer)?[ _-]?id(?:entification)?|ein|vat(?:[ _-]?id)?|ust-?id(?:-?nr)?|tin"),
        ("tax", "ein ", "ein:", "vat ", "vat:", "vat_", "ust-id", "ustid", "tin ", "tin:"),
        "VAT number DE123456789",
        "tax is due",
    ),
    Rule(
        "bank-account",
        _labelled(
            r"(?:bank[ _-]?)?account[ _-]?(?:number|no\.?|nr\.?|\#)|acct\.?(?:[ _-]?(?:number|no\.?|\#))?|routing(?:[ _-]?(?:number|no\.?))|sort[ _-]?code|kontonummer|iban|bsb"
        ),
        ("account", "acct", "routing", "sort code", "sort_code", "sort-code", "kontonummer", "iban", "bsb"),
        "account number 12345678",
        "your account is locked",
    ),
    Rule(
        "card",
        _labelled(r"(?:credit|debit|payment)[ _-]?card|card[ _-]?(?:number|no\.?|\#)|cvv2?|cvc2?").replace(
            "{4})", "{3})"
        ),
        ("card", "cvv", "cvc"),
        "credit card 4111 1111 1111 1111",
        "credit card declined",
    ),
    Rule(
        "birth-date",
        r"(?i:(?<![A-Za-z])(?:date of birth|birth[ _-]?date|dob|d\.o\.b\.|born(?: on)?|geburtsdatum|birthday))(?:\s?(?:is|was|=|:)){0,2}\s{0,3}[\"'`(]{0,2}"
        r"(?P<secret>\d{1,4}[./\-]\d{1,2}[./\-]\d{1,4}|\d{1,2}(?:st|nd|rd|th)? [A-Z][a-z]{2,8},? \d{4}|[A-Z][a-z]{2,8} \d{1,2},? \d{4})",
        ("birth", "dob", "d.o.b", "born ", "born:", "geburts"),
        "date of birth 14/03/1982",
        "born in a barn",
    ),
    Rule(
        "phone",
        r"(?i:(?<![A-Za-z])(?:phone|tel|telephone|mobile|cell|fax|whatsapp|sms)(?:[ _-]?(?:number|no\.?|nr\.?))?)(?:\s?(?:is|was|to|=|:|\.|\#)){0,2}\s{0,3}[\"'`]{0,2}"
        r"(?P<secret>\+?\(?\d(?:[ ().\-/]{0,2}\d){6,14})(?![\w.])",
        ("phone", "tel ", "tel:", "tel.", "mobile", "cell", "fax", "whatsapp", "sms"),
        "tel. 030 1234567",
        "hotel 12",
    ),
    Rule(
        "one-time-code",
        r"(?i:\b(?:verification|security|login|confirmation|one[- ]time|authentication|auth|access|2fa|mfa|sms|otp)[ _-]?(?:code|password|pin|passcode)|\botp|\bpasscode)(?:\s?(?:is|was|=|:|->)){0,2}\s{0,3}[\"'`]{0,2}(?P<secret>\d{3}[ -]?\d{3,5}|\d{4})(?![\w.])",
        (" code", "otp", "passcode", " pin", "_code", "-code", " password"),
        "your verification code is 482913",
        "verification code expired",
    ),
)
