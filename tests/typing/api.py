"""Never executed, only type-checked: what a user's type checker sees of the public API."""

from collections.abc import AsyncIterator, Iterator
from typing import assert_type

import crashguard

PLUGIN = crashguard.Plugin("cloudquery", "source", "aws", "1.2.3", official=True)

crashguard.install(app="demo", version="1.0")
crashguard.install(app="demo", version="1.0", dsn=None, telemetry_level=None, delivery="inline", note=False)
crashguard.install(app="demo", version="1.0", note=lambda text: text.upper())
crashguard.install(app="demo", version="1.0", delivery="never")  # type: ignore[arg-type]
crashguard.install("demo", "1.0")  # type: ignore[call-arg]


@crashguard.guard("sync")
def plain(number: int, *, name: str = "") -> str:
    return name * number


def inside(number: int) -> int:
    with crashguard.guard("block"):
        return number  # and nothing behind the block: a guard is not taken for one that swallows


@crashguard.guard(plugin=PLUGIN)
def items(number: int) -> Iterator[int]:
    yield number


@crashguard.guard()
async def fetch(number: int) -> bytes:
    return bytes(number)


@crashguard.guard()
async def stream(number: int) -> AsyncIterator[str]:
    yield str(number)


assert_type(plain(1, name="x"), str)
assert_type(items(1), Iterator[int])
plain("1")  # type: ignore[arg-type]
stream(1).__anext__()


async def use() -> None:
    assert_type(await fetch(1), bytes)
    async for item in stream(1):
        assert_type(item, str)


with crashguard.guard("block", reraise=False):
    pass

assert_type(crashguard.capture_exception(), str | None)
assert_type(crashguard.flush(1.5), bool)
assert_type(crashguard.scrub_text(""), str)
assert_type(crashguard.resolve_telemetry_level().sends_errors, bool)
assert_type(crashguard.child_environment(), dict[str, str])
