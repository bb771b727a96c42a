"""The report that an engineer fixes a bug from: of three installed tools, as a real server has it and shows it.

The tools are set up with README's lines and no more: on click, on Typer and on argparse.
"""

import html
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests import bugsink, outside
from tests.bugsink import Project
from tests.conftest import ROOT, component

# pip builds an environment, and Bugsink takes seconds to start.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

GIVEN = ("db", "migrate", "-n", "--target", "secret-host", "name-of-ada")
# command: (the tool's own innermost function, the line that crashed, codes, a library on the stack)
TOOLS: dict[str, tuple[str, str, dict[str, Any], str | None]] = {
    "clicked-db": (
        "read",
        'return open("/of-nobody/" + name)',
        {"errno": 2, "errno_name": "ENOENT"},
        "click",
    ),
    "typed-db": (
        "write",
        'sqlite3.connect(":memory:").execute("insert into missing values (1)")',
        {"sqlite": "SQLITE_ERROR"},
        "typer",
    ),
    "parsed": (
        "call",
        'subprocess.run([sys.executable, "-c", "exit(7)"], check=True)',
        {"exit_status": 7},
        None,
    ),
}


@pytest.fixture
def project() -> Project:
    return bugsink.shared().new_project()


@pytest.mark.parametrize("command", TOOLS)
def test_the_report_says_what_ran_and_where(
    home: Path, project: Project, tmp_path: Path, command: str
) -> None:
    """Subcommand, options, codes, versions and source lines arrive, are shown, and hold no value of the user's."""
    function, line, codes, library = TOOLS[command]
    tool = outside.tool(home, OUTSIDE_DSN=project.dsn)
    given = [word for word in GIVEN if command != "typed-db" or word != "-n"]
    tool.run(*given, command=command)
    [stored] = project.await_events(1)
    event = stored["data"]

    assert event["tags"]["command"] == "db migrate"
    options = ["--target"] if command == "typed-db" else ["--dry-run", "--target"]
    assert event["contexts"]["command"] == {"options": options}
    assert codes.items() <= event["contexts"]["codes"].items()
    assert event["modules"].pop("outside_tool") == "1.2.3"
    assert set(event["modules"]) == ({library} if library else set())
    assert event["contexts"]["program"] == {"terminal": False, "encoding": "utf-8", "installer": "pip"}
    frames = event["exception"]["values"][-1]["stacktrace"]["frames"]
    [frame] = [frame for frame in frames if frame["function"] == function]
    assert frame["context_line"].strip() == line
    assert len(frame["pre_context"]) == 5
    assert [each["module"] for each in frames if "context_line" in each] == (
        ["outside_tool." + command.replace("-", "_")]
        * len([each for each in frames if "context_line" in each])
    )
    assert not re.search("secret-host|name-of-ada", re.sub('"value": "[^"]*"', "", json.dumps(event)))

    page = "".join(html.unescape(re.sub(r"<[^>]+>", " ", project.pages(event["event_id"]))).split())
    shown = [
        "db migrate",
        *options,
        line,
        "outside_tool",
        *map(str, codes.values()),
        "pip",
        *filter(None, [library]),
    ]
    assert [text for text in shown if "".join(text.split()) not in page] == []

    [envelope] = (path for path in tool.files if path.suffix == ".envelope")
    found = subprocess.run(
        [component("CRASHGUARD_RELAY_PYTHON"), str(ROOT / "tests/relay.py"), str(envelope)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(found.stdout) == []
