"""The words of told.py: tables of messages, classes and functions, in a module that is on no traceback of its own."""

import enum

MESSAGES = {"E1": "the pallet is gone", "E2": "no dock for %s", "E3": "x"}
STEPS = ("load pallets", "Weigh Pallets", "dispatch")
LISTED = ["Quay", "Account Holder", "jetty"]


class Phase(enum.Enum):
    FIRST = "idling"
    LAST = "Sprawling"


class Base:
    label = "Gantry crane"


class Crane(Base):
    states = ("resting", "Hoisting")

    def __init__(self):
        self.state = self.states[1]

    def lift(self):
        raise RuntimeError(f"{self.label} cannot stop while {self.state}")


class Invalid(Exception):
    pass


class Refused(Exception):
    def __init__(self, pairs):
        self.pairs = pairs

    def __str__(self):
        return "refused by the board: " + "; ".join(f"{one} since {other}" for one, other in self.pairs)


def problems(rows):
    found = []
    for number, row in enumerate(rows):
        found.append(f"entry {number}: {row['name']} has an unknown colour {row['city']}")
    return "\n".join(found)


def fail(message):
    raise RuntimeError(message)


def who():
    return _first(["Quartermaster"])


def _first(names):
    return names[0]
