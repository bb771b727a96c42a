"""What a report says of a machine does not tell it from others: the bits are counted over a made-up population."""

import os
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from math import log2
from typing import Any, NamedTuple

import pytest

from crashguard.report import contexts

MACHINES = 20_000
PAGE = 4096
GIB = 2**30

# What is sold and rented, and how often it runs a command-line tool: laptops, cloud machines, containers, a few
# large servers. Weights are a guess on the safe side: a real population has more machines of the same kind.
MEMORY = {1: 4, 2: 6, 4: 10, 8: 20, 16: 28, 24: 3, 32: 16, 48: 1, 64: 8, 128: 3, 256: 1}  # GiB
PROCESSORS = {1: 5, 2: 16, 4: 20, 6: 5, 8: 24, 10: 6, 12: 8, 14: 2, 16: 10, 20: 2, 32: 3, 48: 1, 64: 1, 96: 1}
KERNELS = {
    "6.8": 26, "5.15": 16, "6.1": 14, "5.10": 8, "6.6": 8, "6.5": 5, "6.11": 5, "6.12": 5, "5.4": 4, "5.14": 4,
    "6.14": 2, "4.18": 2,
}  # fmt: skip
FLAVOURS = ("generic", "aws", "azure", "gcp", "amd64", "cloud-amd64", "microsoft-standard-WSL2")

# Entropy in bits, at most: of each fact by itself, and of all together. A fact that gets finer exceeds its bound.
MOST = {"arch": 0.8, "kernel_version": 3.3, "memory_size": 3.0, "processor_count": 2.4, "free_memory": 3.3}
MOST_OF_A_MACHINE = 9.0  # what a machine keeps from report to report
MOST_OF_A_REPORT = 12.0  # with what is free at the moment


class Machine(NamedTuple):
    """What the system calls of one machine answer."""

    release: str
    arch: str
    processors: int
    pages: int
    free: int


@pytest.fixture
def population() -> list[Machine]:
    """Machines whose exact figures hardly two of them share."""
    chance = random.Random(14)  # the same machines each time

    def one_of(weights: dict[Any, int]) -> Any:
        return chance.choices(list(weights), list(weights.values()))[0]

    made = []
    for _ in range(MACHINES):
        size = one_of(MEMORY)
        pages = int(size * GIB * chance.uniform(0.96, 0.995)) // PAGE  # the kernel and the firmware keep some
        made.append(
            Machine(
                f"{one_of(KERNELS)}.{chance.randrange(120)}-{chance.randrange(60)}-{chance.choice(FLAVOURS)}",
                one_of({"x86_64": 85, "aarch64": 15}),
                min(one_of(PROCESSORS), 4 * size),
                pages,
                int(pages * chance.uniform(0.02, 0.95)),
            )
        )
    return made


@pytest.fixture
def told(population: list[Machine], monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What a report says of each of them; free memory as a part of all memory."""

    def facts() -> Iterator[dict[str, Any]]:
        for machine in population:
            names = os.uname_result(("Linux", "of-nobody", machine.release, "#1 SMP", machine.arch))
            sizes = {"SC_PAGE_SIZE": PAGE, "SC_PHYS_PAGES": machine.pages, "SC_AVPHYS_PAGES": machine.free}
            monkeypatch.setattr(os, "uname", lambda names=names: names)
            monkeypatch.setattr(os, "sysconf", sizes.__getitem__)
            monkeypatch.setattr(os, "cpu_count", lambda count=machine.processors: count)
            fact = {**contexts._system(), **contexts._device()}
            yield {**fact, "free_memory": round(fact["free_memory"] / fact["memory_size"], 4)}

    return list(facts())


def bits(values: Iterable[object]) -> float:
    """The entropy of values: how many yes-or-no questions tell one of them from the others."""
    counts = Counter(values)
    total = counts.total()
    return -sum(count / total * log2(count / total) for count in counts.values())


def test_exact_figures_would_tell_machines_apart(population: list[Machine]) -> None:
    """The population is one in which exact figures are a name: nearly every machine has its own."""
    assert bits(population) > log2(MACHINES) - 0.1


@pytest.mark.slow
def test_each_fact_is_coarse(told: list[dict[str, Any]]) -> None:
    """No single fact tells more than a few kinds of machines apart."""
    assert set(told[0]) == {"type", "name", *MOST}
    for name, most in MOST.items():
        assert bits(fact[name] for fact in told) <= most, name


@pytest.mark.slow
def test_a_report_does_not_tell_one_machine_from_another(told: list[dict[str, Any]]) -> None:
    """All facts together are about ten bits: nine that last, and three of the moment."""
    lasting = [tuple(fact[name] for name in MOST if name != "free_memory") for fact in told]
    together = [tuple(fact[name] for name in MOST) for fact in told]

    assert bits(lasting) <= MOST_OF_A_MACHINE
    assert bits(together) <= MOST_OF_A_REPORT
