"""docs/command.md is what the command says of itself; `python tests/test_command_page.py` writes it anew."""

import sys
from pathlib import Path

from click.testing import CliRunner

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs/command.md"
BEGIN, END = "<!-- begin: --help of each command -->", "<!-- end -->"


def generated() -> str:
    """The help of the command and of each of its commands, as Markdown."""
    from crashguard.cli.main import crashguard as command

    def told(*arguments: str) -> str:
        done = CliRunner().invoke(
            command, [*arguments, "--help"], prog_name="crashguard", terminal_width=90, env={"COLUMNS": "90"}
        )
        return f"```text\n{done.stdout.rstrip()}\n```\n"

    parts = [told()]
    for name, each in command.commands.items():
        parts.append(f"## crashguard {name}\n\n{told(name)}")
        below = getattr(each, "commands", ())
        parts += [f"## crashguard {name} {other}\n\n{told(name, other)}" for other in below]
    return "\n".join(parts)


def page_with(text: str) -> str:
    before, _, rest = PAGE.read_text().partition(BEGIN)
    return f"{before}{BEGIN}\n\n{text}\n{END}{rest.partition(END)[2]}"


def test_the_page_is_what_the_command_says() -> None:
    """Each command's --help stands on the page as it is."""
    assert PAGE.read_text() == page_with(generated()), "run: python tests/test_command_page.py"


def test_exit_statuses_are_on_the_page() -> None:
    """The three statuses have their row."""
    text = PAGE.read_text()
    assert all(f"| {status} |" in text for status in (0, 1, 2))


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    PAGE.write_text(page_with(generated()))
