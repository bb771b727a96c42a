"""Counting in many threads without a lock: nothing is lost, nothing is doubled, close() draws a clean line."""

import itertools
import sys
import threading
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crashguard.usage import UsageClosedError
from crashguard.usage.counter import Counter, Totals, _Cell


@pytest.fixture(autouse=True)
def _busy() -> Iterator[None]:
    """Threads change as often as the interpreter can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def in_threads(number: int, work: Callable[[int], None]) -> None:
    """Run `work(0)`, `work(1)` ... at the same time."""
    barrier = threading.Barrier(number)
    errors: list[BaseException] = []

    def run(index: int) -> None:
        barrier.wait()
        try:
            work(index)
        except BaseException as error:  # noqa: BLE001 (told to the test)
            errors.append(error)

    threads = [threading.Thread(target=run, args=(index,)) for index in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [] == errors


def test_many_threads_lose_nothing() -> None:
    """Eight threads, 5000 calls each, all rows are there."""
    counter = Counter(lambda: None)
    in_threads(8, lambda _: [counter.add(rows) for rows in (1, 2, 3, 4, 5) * 1000] and None)

    assert Totals(8 * 15 * 1000) == counter.totals()
    assert 8 * 15 * 1000 == counter.rows()


def test_many_threads_lose_no_table() -> None:
    """The same by table, while another thread reads: what it sees only grows, and its sum is its tables' sum."""
    counter = Counter(lambda: None)
    last = 0

    def work(index: int) -> None:
        nonlocal last
        if index == 0:
            while last < 7 * 4000:
                seen = counter.totals()
                assert sum(seen.tables.values()) == seen.rows >= last
                last = seen.rows
            return
        for number in range(4000):
            counter.add_for_table(f"t{number % 3}", 1)

    in_threads(8, work)

    assert 7 * 4000 == counter.totals().rows
    assert {"t0", "t1", "t2"} == set(counter.totals().tables)


@pytest.mark.parametrize("by_table", [False, True])
def test_close_counts_a_row_or_raises_never_neither(by_table: bool) -> None:
    """Every thread knows which of its rows were counted, and close() agrees to the row."""
    for _ in range(30):
        counter = Counter(lambda: None)
        counted = [0] * 5
        final: list[Totals] = []

        def work(
            index: int,
            counter: Counter = counter,
            counted: list[int] = counted,
            final: list[Totals] = final,
        ) -> None:
            if index == 0:
                while counter.rows() < 300:
                    pass
                final.append(counter.close())
                return
            try:
                while True:
                    if by_table:
                        counter.add_for_table(f"t{counted[index] % 2}", index)
                    else:
                        counter.add(index)
                    counted[index] += index
            except UsageClosedError:
                pass

        in_threads(5, work)

        assert [sum(counted)] == [totals.rows for totals in final]
        assert final == [counter.totals()]


def test_a_reader_never_sees_half_an_addition() -> None:
    """Between the table and the sum of a call a reader sees neither or both: rows are the tables' sum."""
    cell = _Cell(has_tables=True)
    cell.tables["orders"] = 3
    assert Totals(3, {"orders": 3}) == cell.totals()
    cell.tables.clear()
    cell.rows = 3

    assert Totals(0, {}) == cell.totals()


def test_a_thread_for_each_task_piles_nothing_up() -> None:
    """The cells of threads that ended are added up, and forgotten."""
    counter = Counter(lambda: None)
    for _ in range(50):
        in_threads(4, lambda _: counter.add(1))
        assert counter.totals().rows == counter.rows()

    assert Totals(200) == counter.totals()
    assert () == counter._parts[1]


@given(budget=st.integers(1, 500), calls=st.lists(st.integers(1, 50), min_size=1, max_size=60))
def test_the_budget_is_overrun_by_one_call_at_most(budget: int, calls: list[int]) -> None:
    """Whoever counts the row that uses the budget up is told before it counts another."""
    unseen = 0

    def reached() -> None:
        nonlocal unseen
        unseen = 0
        counter.set_budget(budget)

    counter = Counter(reached)
    for rows in calls:
        unseen += rows
        counter.add(rows)
        assert unseen < budget


def test_the_budget_is_shared_by_all_threads() -> None:
    """Four threads together do not count four budgets before somebody looks."""
    looks: list[int] = []
    lock = threading.Lock()

    def reached() -> None:
        with lock:
            looks.append(counter.rows())
            counter.set_budget(100)

    counter = Counter(reached)
    in_threads(4, lambda _: [counter.add(1) for _ in range(1000)] and None)
    gaps = [later - earlier for earlier, later in itertools.pairwise(looks)]

    assert max(gaps) <= 100 + 4 * 2
