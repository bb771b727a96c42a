"""The rows that crash functions read: made of names nobody has, from seeds, never constants of a program."""

import json
import random
from typing import Any

FIRST = [
    "Marta",
    "Liam",
    "Søren",
    "Zoë",
    "Ngozi",
    "Anaïs",
    "Bjørn",
    "Ines",
    "Tomasz",
    "Hana",
    "Idris",
    "Yara",
    "Pavel",
    "Leila",
    "Oisín",
    "Freya",
    "Kofi",
    "Amélie",
    "Radu",
    "Mirela",
    "Dragan",
    "Saoirse",
    "Emre",
    "Thandiwe",
    "Jürgen",
    "Chiara",
    "Nadia",
    "Viktor",
    "Elif",
    "Rashid",
]
LAST = [
    "Horvat",
    "Okafor",
    "Lindqvist",
    "Sørensen",
    "O'Rourke",
    "Castellanos",
    "Nakamura",
    "Dubois",
    "Kowalczyk",
    "Haddad",
    "Brennan",
    "Vasquez",
    "Müller",
    "Adeyemi",
    "Papadakis",
    "Ferreira",
    "Novotny",
    "Eriksen",
    "Ramaswamy",
    "Delacroix",
    "Whitcombe",
    "Zielinski",
    "Abubakar",
    "Giordano",
]
STREETS = [
    "Lindenallee Hauptgasse Rosenweg Quaistraat Foxglove Lane",
    "Calle Mayor",
    "Rue des Lilas",
    "Birkeveien",
    "Elm Court",
]
CITIES = ["Zagreb", "Uppsala", "Ghent", "Porto", "Krakow", "Lagos", "Bergen", "Galway", "Turin", "Leeds"]
NOTES = [
    "prefers calls after five",
    "allergic to penicillin",
    "moved in with her sister",
    "diabetes type two",
    "lost his job in spring",
    "asked about the divorce papers",
    "chemo starts on monday",
    "behind on rent since easter",
]


def row(rng: random.Random, style: str) -> dict[str, Any]:
    """One row; styles: `caps` as names are written, `lower`, `upper`, `mixed` with dates and phones at the front."""
    first, last = rng.choice(FIRST), rng.choice(LAST)
    made = {
        "full_name": f"{first} {last}",
        "first": first,
        "last": last,
        "street": f"{rng.choice(STREETS)} {rng.randrange(2, 180)}",
        "city": rng.choice(CITIES),
        "note": rng.choice(NOTES),
        "phone": f"0{rng.randrange(151, 179)}-{rng.randrange(2_000_000, 9_999_999)}",
        "born": f"{rng.randrange(1, 29):02}/{rng.randrange(1, 13):02}/{rng.randrange(1940, 2005)}",
        "amount": f"{rng.randrange(10, 99)} {rng.randrange(100, 999)},{rng.randrange(10, 99)}",
        "mail": f"{first}.{last}@{rng.choice(CITIES)}".replace("'", ""),
    }
    if style == "lower":
        made = {key: value.lower() for key, value in made.items()}
    if style == "upper":
        made = {key: value.upper() for key, value in made.items()}
    if style == "mixed":
        made["full_name"] = rng.choice(
            (f"{last.upper()}, {first}", made["born"], made["phone"], f"{first} {last}".lower())
        )
        made["note"] = made["note"].capitalize()
    loaded: dict[str, Any] = json.loads(json.dumps(made))  # new texts: none is a constant of this module
    return loaded


def pieces(row: dict[str, Any]) -> list[str]:
    """The pieces of a row that may not leave: parts of names, words of addresses, numbers, runs of a note."""
    found = []
    for key, value in row.items():
        if key == "note":
            found += [value[at : at + 12] for at in range(0, max(len(value) - 11, 1), 4)]
        elif key in ("phone", "born", "amount"):
            found += [
                value,
                *(part for part in value.replace("/", " ").replace("-", " ").split() if len(part) > 4),
            ]
        else:
            found += [
                part
                for part in value.replace("@", " ").replace(".", " ").split()
                if len(part) > 3 and not part.isdigit()
            ]
    return sorted(set(found))
