"""docs/ways-to-die.md is the table of the tests, and the table has every way."""

from tests import test_frameworks, ways_page
from tests.programs.ways.table import ELSEWHERE, WAYS


def test_the_page_is_the_table_of_the_tests() -> None:
    """Row by row, as the table has it now."""
    assert ways_page.PAGE.read_text() == ways_page.page(), "run: python -m tests.ways_page"


def test_no_way_is_missing() -> None:
    """All 47 ways have a row, and what frameworks do is shown by a case that exists."""
    assert set(range(1, 48)) == {row.number for row in (*WAYS, *ELSEWHERE)}
    cases = {*test_frameworks.ON_THE_PAGE, *test_frameworks.ELSEWHERE, test_frameworks.QT, "pytest", ""}
    assert {row.shown_by for row in ELSEWHERE} <= cases
