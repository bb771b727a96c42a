"""An installed tool with ten planted bugs, and the issues that a real server makes of its reports."""

from collections import Counter
from pathlib import Path

import pytest

from tests import bugsink, outside
from tests.servers import eventually

pytestmark = pytest.mark.slow  # an environment is made, and Bugsink takes seconds to start

COMMANDS = ("price", "tax", "total_type", "names", "order", "size", "colour", "wrapped", "tasks")
CULPRITS = {
    *("total", "names", "order.<locals>.<lambda>", "get", "wrapped"),
    *("tasks.<locals>.load", "tasks.<locals>.save"),
}


@pytest.mark.timeout(400)  # twenty-seven runs, and the server digests each report
@pytest.mark.parametrize("delivery", ["inline", "background"])
def test_ten_bugs_are_ten_issues_with_the_tools_own_functions_as_headlines(home: Path, delivery: str) -> None:
    """Few types and few functions; again on the same machine and on a second one nothing new; one note a crash."""
    project = bugsink.shared().new_project()
    machines = [
        outside.tool(home / name, OUTSIDE_DSN=project.dsn, OUTSIDE_DELIVERY=delivery) for name in ("a", "b")
    ]

    for number, tool in enumerate((machines[0], machines[0], machines[1])):
        for command in COMMANDS:
            done = tool.run(command, command="planted")
            assert 1 == done.returncode
            assert 1 == done.stderr.count("planted crashed."), done.stderr
        if number != 1:
            project.await_events(10 if number == 0 else 20)
        if delivery == "background":
            eventually(lambda tool=tool: not [path for path in tool.files if path.parent.name == "waiting"])
        events = project.events()
        assert len(events) == (20 if number == 2 else 10)
        assert 10 == len(project.issues())

    issues = {event["issue"] for event in events}
    assert 10 == len(issues)
    assert {2} == set(Counter(event["issue"] for event in events).values())
    headlines = {event["data"]["transaction"] for event in events}
    assert headlines == {f"outside_tool.planted in {function}" for function in CULPRITS}
    shown = {issue["transaction"] for issue in project.issues()}
    assert shown == headlines
