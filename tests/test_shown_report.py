"""A report as a person reads it: like a traceback of Python's, on the terminal, in an issue and in the browser."""

import re
from typing import Any

import pytest

from crashguard.report import markdown, readable
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


def value(kind: str, said: str = "", number: int | None = None, **mechanism: Any) -> dict[str, Any]:
    """One exception of a report."""
    return {"type": kind, "value": said, "mechanism": {"exception_id": number, **mechanism}}


def frame(function: str = "f", **more: Any) -> dict[str, Any]:
    return {"function": function, "filename": "tool.py", "lineno": 7, **more}


def shown(*values: Any) -> list[str]:
    """The lines of a traceback."""
    return [line for line, _ in readable.traceback(list(values))]


def test_a_chain_is_shown_as_python_prints_it() -> None:
    """What came first stands first, and a line says how the next one came of it."""
    cause = value("KeyError", "'a'", 2, parent_id=1, source="__cause__") | {"module": "builtins"}
    context = value("Odd", "", 1, parent_id=0, source="__context__") | {"module": "tool.errors"}
    raised = value("RuntimeError", "lost\nand found", 0) | {"stacktrace": {"frames": [frame(in_app=True)]}}

    assert [
        "KeyError: 'a'",
        "",
        "The above exception was the direct cause of the following exception:",
        "",
        "tool.errors.Odd",
        "",
        "During handling of the above exception, another exception occurred:",
        "",
        "Traceback (most recent call last):",
        '  File "tool.py", line 7, in f',
        "RuntimeError: lost",
        "and found",
    ] == shown(cause, context, raised)


def test_the_members_of_a_group_are_numbered_below_it() -> None:
    """In the order in which they were raised, each behind a bar; what is theirs stands with them."""
    members = [value("KeyError", "", 3, parent_id=1, source="__cause__")]
    members += [
        value(kind, "", number, parent_id=0, source="exceptions[0]") for number, kind in ((2, "B"), (1, "A"))
    ]

    assert [
        "ExceptionGroup: two",
        "  +-- 1 of 2",
        "  |   KeyError",
        "  |",
        "  |   The above exception was the direct cause of the following exception:",
        "  |",
        "  |   A",
        "  +-- 2 of 2",
        "  |   B",
    ] == shown(*members, value("ExceptionGroup", "two", 0))


def test_what_was_cut_is_shown_before_the_rest() -> None:
    """A mark stands for exceptions that the report has no room for; it has no parent."""
    mark = {"type": "[... 3 more exceptions cut ...]", "value": ""}

    assert ["[... 3 more exceptions cut ...]", "", "A"] == shown(mark, value("A", "", 0))


def test_frames_without_names_are_counted() -> None:
    """External ones stand together in one line; where frames were cut, the report's own mark says how many."""
    external = {"function": "<external>", "filename": "<external>", "in_app": False}
    frames = [
        external,
        frame("g", lineno="x"),
        external,
        external,
        frame("... 9 frames cut ...", filename="<cut>"),
    ]
    frames += [frame("h", context_line="    return 1  \n", in_app=True)]
    lines = [*readable.traceback([value("A", "", 0) | {"stacktrace": {"frames": frames}}])]

    assert [
        ("Traceback (most recent call last):", ""),
        ("  1 frame of external code, not named", "dim"),
        ('  File "tool.py", in g', "dim"),
        ("  2 frames of external code, not named", "dim"),
        ("  ... 9 frames cut ...", "dim"),
        ('  File "tool.py", line 7, in h', ""),
        ("    return 1", ""),
        ("A", "bold"),
    ] == lines


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"exception": None},
        {"exception": {"values": {}}},
        {"exception": {"values": [None, 5, {"mechanism": 3, "stacktrace": {"frames": [7, {"lineno": []}]}}]}},
        {"exception": {"values": [value("A", "", 0, parent_id="x"), value("B", "", 0, parent_id=0)]}},
        {"contexts": [], "tags": 5, "fingerprint": {"a": 1}},
    ],
)
def test_a_report_of_another_shape_is_shown_as_far_as_it_goes(event: dict[str, Any]) -> None:
    """A file may be somebody else's, or damaged: any field may be missing or of another type."""
    values = readable.sequence(readable.at(event, "exception", "values"))

    assert len(readable.title(event)) < 80
    assert "Traceback</summary>" in markdown.of(event)
    assert bool(values) == bool(shown(*values))


@pytest.mark.parametrize("source", ["__cause__", "exceptions[0]"])
def test_exceptions_without_end_are_shown_to_a_depth_of_twenty(source: str) -> None:
    """A report has fewer; a foreign file may have as many as it likes."""
    chain = [value("A", "", n + 1, parent_id=n, source=source) for n in reversed(range(500))]

    assert 15 < len([line for line in shown(*chain, value("A", "", 0)) if line.endswith("A")]) < 30


def test_no_text_of_a_report_controls_the_terminal() -> None:
    """Control characters and marks that turn the writing direction become escapes; a title is one line."""
    event = {"exception": {"values": [value("A\x1b", "é\x07\u202e\nsecond", 0)]}}

    assert "A\\x1b: é\\x07\\u202e" == readable.title(event)
    assert ["A\\x1b: é\\x07\\u202e", "second"] == shown(*event["exception"]["values"])
    several = [value("Cause", "", 1), value("A", " ", 0)]
    assert "A" == readable.title({"exception": {"values": several}})


def test_the_title_of_an_issue_is_short() -> None:
    """120 characters, with a mark where it goes on."""
    whole, cut = (
        markdown.title({"exception": {"values": [value("A", "x" * number, 0)]}}) for number in (117, 118)
    )

    assert "A: " + "x" * 117 == whole
    assert "A: " + "x" * 114 + "..." == cut


FACTS = {
    "event_id": "0a1b",
    "release": "demo@1.2",
    "fingerprint": ["4", "A"],
    "tags": {"plugin.team": "acme", "plugin.name": "orders", "plugin.version": "2", "command": "sync all"},
    "contexts": {
        "runtime": {"name": "CPython", "version": "3.11"},
        "os": {"name": "Linux", "kernel_version": "6.1"},
        "device": {"arch": "x86_64"},
        "crashguard": {"comment": "it was `late`"},
    },
    "exception": {"values": [value("A", "lost", 0)]},
}


def test_an_issue_says_what_crashed_and_where() -> None:
    """Each fact in a line of its own; of what the report does not say there is no line."""
    lines = markdown.of(FACTS).splitlines()

    assert [
        "- what: `A: lost`",
        "- release: `demo@1.2`",
        "- plugin: `acme/?/orders 2`",
        "- command: `sync all`",
        "- comment: `` it was `late` ``",
        "- python: `CPython 3.11`",
        "- system: `Linux 6.1 x86_64`",
        "- report: `0a1b`",
        f"- bug: `{markdown.bug_word(FACTS)}`",
    ] == lines[:9]
    named = [line.partition(":")[0] for line in markdown.of({"exception": FACTS["exception"]}).splitlines()]
    assert ["- what", "- bug"] == [name for name in named if name.startswith("-")]


def test_a_traceback_of_an_issue_can_be_cut_in_the_middle_and_at_the_side() -> None:
    """So many lines stay, half of them at each end, and so many characters of a line; a line says what is missing."""
    frames = [frame(f"f{number}", filename="x" * 100) for number in range(10)]
    event = {"exception": {"values": [value("A", "lost", 0) | {"stacktrace": {"frames": frames}}]}}
    block = markdown.of(event, most=5, width=40).partition("```text\n")[2].partition("\n```")[0].splitlines()
    long = f'  File "{"x" * 29}...'

    assert ["Traceback (most recent call last):", long, "  ... 7 lines are left out ..."] == block[:3]
    assert [long, long, "A: lost"] == block[3:]
    assert markdown.of(event, most=12, width=200) == markdown.of(event)


@pytest.mark.parametrize(
    ("text", "span"),
    [("plain", "`plain`"), ("a\n b", "`a b`"), ("a`b", "`` a`b ``"), ("``x`y", "``` ``x`y ```")],
)
def test_a_text_stays_in_its_code_span(text: str, span: str) -> None:
    """The fence is longer than any row of backticks in it; so is that of a block."""
    assert span == markdown.span(text)
    event = {"exception": {"values": [value("A", "`" * 5, 0)]}}
    assert "\n``````text\n" in markdown.of(event)
    assert "\n```text\n" in markdown.of(FACTS)
