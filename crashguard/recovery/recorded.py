"""The fingerprint of a crash of which only the minimal record is left.

It is computed from the facts that the crashed process has written (`fingerprint_facts`). The rule is the one
of a live exception (`report.fingerprint`), so a minimal record and the full report of one bug have one
fingerprint.
"""

from types import ModuleType

from crashguard import report
from crashguard.minimal_record import fingerprint_facts
from crashguard.program.distributions import Distributions
from crashguard.report import exceptions, fingerprint
from crashguard.report.fingerprint import Bug
from crashguard.report.origins import EXTERNAL, Origins
from crashguard.report.raised import Raised

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import CodeType
    from typing import Any

    from crashguard.report.raised import Where

_EMPTY = compile("", "", "exec")  # in place of code that was not taken down; it is never run


def bug_of(said: str) -> tuple[Bug, str]:
    """The bug of a crash, and the release that crashed.

    Args:
        said: What `fingerprint_facts.text` made.

    Raises:
        ValueError: Another Python wrote it, or it is damaged. Other exceptions may come of damage, too.
    """
    release, plugins, is_stopped, program, path, modules, crash = fingerprint_facts.read(said)
    official, others = (
        [name for packages, is_official in plugins if is_official is which for name in packages]
        for which in (True, False)
    )
    header = {"program": program, "path": path, "plugin_packages": official, "other_packages": others}
    origins = Origins.of_process(header, Distributions, _modules(modules))
    bugs = fingerprint.bugs_behind(_Recorded(crash, 0), origins, stopped=is_stopped)
    return bugs[0], release


def _modules(taken: "Mapping[str, tuple[str | None, list[str]]]") -> dict[str, object]:
    """Modules with a file and names, and nothing in them."""
    modules: dict[str, object] = {}
    for name, (file, names) in taken.items():
        module = modules[name] = ModuleType(name)
        vars(module).update(dict.fromkeys(names))
        if file is not None:
            module.__file__ = file
    return modules


class _Recorded(Raised):
    """One of the exceptions that a dead process took down.

    Args:
        crash: All of them.
        number: Which one.
    """

    __slots__ = ("_crash", "_facts")

    def __init__(self, crash: "Sequence[tuple[Any, ...]]", number: int) -> None:
        super().__init__(BaseException())
        self._crash = crash
        self._facts = crash[number]

    def is_a(self, kind: type[BaseException]) -> bool:
        return (kind.__module__, kind.__qualname__) in self._facts[0]

    @property
    def cause(self) -> "Raised | None":
        number = self._facts[3]
        return None if number < 0 else _Recorded(self._crash, number)

    def members(self) -> "Sequence[Raised]":
        return [_Recorded(self._crash, number) for number in self._facts[4]]

    def kind(self, origins: Origins) -> str:
        for module, name in self._facts[0]:
            if origins.of_class(module, name) != EXTERNAL:
                return str(name)[: report.MOST_NAME].partition(" ")[0]
        return "Exception"

    def frames(self) -> "Iterator[Where]":
        for name, code, lasti in reversed(self._facts[1]):
            yield _where(name, code, lasti)

    def callers(self) -> "Iterator[Where]":
        for name, code, lasti in self._facts[2]:
            yield _where(name, code, lasti)

    def elsewhere(self) -> "exceptions.Elsewhere | None":
        there = self._facts[5]
        return None if there is None else exceptions.Elsewhere(*there)


def _where(name: str | None, code: "tuple[str, str, str, CodeType | None]", lasti: int) -> "Where":
    """A frame; without its code there is no place in it."""
    filename, short, qualname, whole = code
    if whole is not None:
        return name, whole, lasti
    return name, _EMPTY.replace(co_filename=filename, co_name=short, co_qualname=qualname), -1
