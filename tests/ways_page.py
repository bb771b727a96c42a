"""Writes the table of docs/ways-to-die.md from the table that drives the tests: `python -m tests.ways_page`."""

from pathlib import Path

from tests.programs.ways.table import ELSEWHERE, METHODS, WAYS

PAGE = Path(__file__).parent.parent / "docs/ways-to-die.md"
BEGIN, END = "<!-- begin: ways -->", "<!-- end -->"


def page() -> str:
    """The page with its table as the rows have it now."""
    before, _, rest = PAGE.read_text().partition(BEGIN)
    return f"{before}{BEGIN}\n\n{table()}\n{END}{rest.partition(END)[2]}"


def table() -> str:
    """A line for each way; what differs in the start method, the signal or the option alone is one line."""
    lines: dict[str, None] = {}
    for row in sorted((*WAYS, *ELSEWHERE), key=lambda row: row.number):
        way = row.way.removeprefix("a fatal signal: ")
        if way != row.way:
            way = "a fatal signal: SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL"
        for method in METHODS:
            way = way.replace(f"({method})", f"({', '.join(METHODS)})")
        records, unseen = (text[:1].upper() + text[1:] for text in (row.records, row.unseen))
        way = way if way.startswith("asyncio") else way[:1].upper() + way[1:]
        lines[f"| {way} | {records} | {unseen} |"] = None
    return (
        "\n".join(("| way of dying | what we record | what no reporter can see |", "|---|---|---|", *lines))
        + "\n"
    )


if __name__ == "__main__":
    PAGE.write_text(page())
