"""A report as a person reads it: like a traceback of Python's, on the terminal, in an issue and in the browser."""

import re

import pytest

from tests.conftest import Run
from tests.test_cli_issue import piped

RECURSION = """
import crashguard
crashguard.install(app="demo", version="1.2.3")
def down(depth):
    if depth:
        down(depth - 1)
    raise ValueError("lost")
down({depth})
"""


def frames(text: str) -> list[str]:
    """The function of each frame, or how often a line is repeated."""
    return re.findall(r", in (?:\S*\.)?(\w+|<module>)$|^  (\[Previous.*\])$", text, re.MULTILINE)


@pytest.mark.parametrize("depth", [1, 3, 4, 5, 50])
def test_a_recursion_is_counted_as_python_does(run: Run, depth: int) -> None:
    """The report shows the frames that the traceback on the screen has, and the same count of the others."""
    done = run(RECURSION.format(depth=depth))

    shown = piped("show").stdout

    assert frames(shown) == frames(done.stderr.partition("\n\n")[0])
    assert ("repeated" in shown) == (depth > 3)


GROUP = """
import crashguard
crashguard.install(app="demo", version="1.2.3")
def one():
    try:
        {}["x"]
    except KeyError as error:
        raise ValueError("lost") from error
errors = []
try:
    one()
except ValueError as error:
    errors.append(error)
raise ExceptionGroup("several", errors)
"""


def test_the_bar_of_a_group_has_no_gap(run: Run) -> None:
    """Each line of a member stands behind the bar, those between it and its cause too."""
    assert run(GROUP).status == 1

    shown = piped("show", "--markdown").stdout

    member = shown.partition("+-- 1 of 1\n")[2].partition("\n```")[0].splitlines()
    assert len(member) > 6
    assert {line[:3] for line in member} == {"  |"}


def test_the_page_tells_the_tools_frames_from_those_of_libraries(run: Run) -> None:
    """On the HTML page frames of libraries are paler than the tool's own, and the exception stands out."""
    run("import crashguard, json\ncrashguard.install(app='demo', version='1')\njson.loads('{')")

    page = piped("show", "--html").stdout

    assert re.search(r'<span class="dim">  File &quot;json/decoder.py&quot;, line \d+, in ', page)
    assert re.search(r"^(<pre.*>)?  File &quot;\S+&quot;, line 3, in &lt;module&gt;$", page, re.MULTILINE)
    assert '<span class="bold">json.decoder.JSONDecodeError: ' in page
    assert "<dt>program</dt><dd>terminal no, " in page
