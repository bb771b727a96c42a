"""The program of `crashguard demo`: it prints a harvest, and one row has a value that it cannot read.

It is an ordinary program with two lines for crashguard. It has no statement whose purpose is to crash.
"""

import csv
import io
import sys

import crashguard

crashguard.install(app="crashguard-demo", version=crashguard.__version__)

HARVEST = """\
tree,kilos,mail
boskoop,112.5,ines@orchard.example
elstar,98.0,ines@orchard.example
topaz,"87,5 (weighed twice, ask jon@orchard.example)",jon@orchard.example
"""


def kilos(row: dict[str, str]) -> float:
    """The weight in a row."""
    return float(row["kilos"])


def main() -> None:
    """Print the harvest, tree by tree."""
    for row in csv.DictReader(io.StringIO(HARVEST)):
        weight = kilos(row)
        sys.stdout.write(f"{row['tree']:<10}{weight:>8.1f} kg\n")


if __name__ == "__main__":
    main()
