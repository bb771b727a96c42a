"""One exception object, several raises: for another reason, which is a crash of its own, or on its way up."""

import textwrap

import pytest

from tests.conftest import Finished, Run

BEGIN = """
import crashguard
crashguard.install(app="demo", version="1.0", delivery="deferred", note=False)
guard, capture = crashguard.guard, crashguard.capture_exception

ERROR = LookupError("no table")
class Errors:
    GONE, made = OSError("gone"), None
    @classmethod
    def lazy(cls):
        cls.made = cls.made or OSError("made once")
        return cls.made
table = {}

def swallow(call, *args):
    try:
        return call(*args)
    except Exception as exc:
        capture(exc)

def load(): raise ValueError("bad")
"""

# What each function failed with, and how often, where it is raised for a reason of its own each time.
ANEW = {
    "kept by a local": """
        def other(error): raise error
        def main():
            try:
                guard()(load)()
            except ValueError as exc:
                kept = exc
            swallow(other, kept)
        main()
        # load 1, other 1
    """,
    "kept by a local, seen by a guard": """
        @guard()
        def other(error): raise error
        def main():
            try:
                guard()(load)()
            except ValueError as exc:
                kept = exc
            other(kept)
        main()
        # load 1, other 1
    """,
    "a parameter": """
        class Job:
            def __init__(self, error): self.error = error
            def first(self): fail(self.error)
            def second(self): fail(self.error)
        def fail(error): raise error
        job = Job(ValueError("made once"))
        swallow(job.first); swallow(job.second); swallow(job.second)
        # fail 1, fail 2
    """,
    "two lines of one function": """
        def main():
            for number in range(3):
                try:
                    with guard(): raise ERROR
                except LookupError: pass
                try:
                    with guard(): raise ERROR
                except LookupError: pass
        main()
        # main 3, main 3
    """,
    "a global behind a local name": """
        def first():
            error = ERROR
            raise error
        def second(error=ERROR): raise error
        swallow(first); swallow(second); swallow(first)
        # first 2, second 1
    """,
    "the failure of the first call, raised again": """
        class Base:
            error = None
            def connect(self):
                if self.error: raise self.error
                try: raise OSError("down")
                except OSError as error:
                    self.error = error
                    raise
        base = Base()
        @guard()
        def row(): base.connect()
        def attempt():
            try: row()
            except OSError: pass
        for _ in range(5): attempt()
        # Base.connect 1, Base.connect 4
    """,
    "made at the first call": """
        def first(): raise Errors.lazy()
        def second(): raise Errors.lazy()
        swallow(first); swallow(second); swallow(second)
        # first 1, second 2
    """,
    "in place of another exception": """
        def first():
            try: table[1]
            except KeyError: raise ERROR
        def second():
            try: table[2]
            except KeyError: raise ERROR from None
        swallow(first); swallow(second); swallow(first)
        # first 2, second 1
    """,
    "in place of another exception, where the first one was caught": """
        def main():
            swallow(first)
            try: table[2]
            except KeyError: raise ERROR from None
        def first(): raise ERROR
        main()
        # first 1, main 1
    """,
    "two threads": """
        import threading
        def first(): raise Errors.GONE
        def second(error=Errors.GONE): raise error
        for target in (first, second, first):
            thread = threading.Thread(target=target); thread.start(); thread.join()
        # first 2, second 1
    """,
    "two threads, made at the first call": """
        import threading
        def first(): raise Errors.lazy()
        def second(): raise Errors.lazy()
        for target in (first, second):
            thread = threading.Thread(target=target); thread.start(); thread.join()
        # first 1, second 1
    """,
    "two threads, an attribute": """
        import threading
        class Reader:
            def __init__(self): self.error = ValueError("closed")
            def read(self): raise self.error
            def peek(self): raise self.error
        reader = Reader()
        for target in (reader.read, reader.peek):
            thread = threading.Thread(target=target); thread.start(); thread.join()
        # Reader.read 1, Reader.peek 1
    """,
    "two jobs of a pool": """
        from concurrent.futures import ThreadPoolExecutor
        @guard()
        def first(): raise ERROR
        @guard()
        def second(): raise ERROR
        with ThreadPoolExecutor(1) as pool:
            for job in [pool.submit(first), pool.submit(second)]:
                try: job.result()
                except LookupError: pass
        # first 1, second 1
    """,
    "two tasks": """
        import asyncio
        @guard()
        async def first(): raise Errors.GONE
        @guard()
        async def second(): raise Errors.GONE
        async def main():
            tasks = [asyncio.ensure_future(first()), asyncio.ensure_future(second())]
            await asyncio.wait(tasks)
        asyncio.run(main())
        # first 1, second 1
    """,
    "a guard, and the end of the program": """
        @guard(reraise=False)
        def first(): raise ERROR
        def main():
            first()
            second()
        def second(): raise ERROR
        main()
        # first 1, second 1
    """,
    "a destructor": """
        class Pipe:
            def __del__(self): raise ERROR
        def first(): raise ERROR
        swallow(first)
        for number in range(2): Pipe()
        # first 1, Pipe.__del__ 2
    """,
    "taken off, in two functions": """
        def first(): raise ERROR.with_traceback(None)
        def second():
            try: table[2]
            except KeyError: raise ERROR.with_traceback(None)
        swallow(first); swallow(second)
        # first 1, second 1
    """,
}

# The same failure, wherever it is raised again.
ON_ITS_WAY = {
    "an except": """
        def main():
            try: guard()(load)()
            except ValueError: raise
        guard()(main)()
    """,
    "by its name": """
        def main():
            try: guard()(load)()
            except ValueError as exc: raise exc from None
        guard()(main)()
    """,
    "a finally": """
        def main():
            try: guard()(load)()
            finally: table.clear()
        guard()(main)()
    """,
    "a helper in an except": """
        def rethrow(exc): raise exc
        def main():
            try: guard()(load)()
            except ValueError as exc: rethrow(exc)
        guard()(main)()
    """,
    "a helper, through a guard in an except": """
        @guard()
        def rethrow(exc): raise exc
        def main():
            try: guard()(load)()
            except ValueError as exc:
                try: table[1]
                except KeyError: table[1] = 1
                rethrow(exc)
        guard()(main)()
    """,
    "a helper of a helper in a finally": """
        def rethrow(exc): raise exc
        def close(exc): rethrow(exc)
        def main():
            error = None
            try:
                try: guard()(load)()
                except ValueError as exc:
                    error = exc
                    raise
            finally: close(error)
        guard()(main)()
    """,
    "an __exit__": """
        class Context:
            def __enter__(self): pass
            def __exit__(self, kind, exc, tb): raise exc
        def main():
            with Context(): guard()(load)()
        guard()(main)()
    """,
    "contextlib": """
        import contextlib
        @contextlib.contextmanager
        def context():
            try: yield
            except ValueError as exc: raise exc
        def main():
            with context(), contextlib.ExitStack() as stack:
                stack.enter_context(context())
                guard()(load)()
        guard()(main)()
    """,
    "an asynchronous context": """
        import asyncio, contextlib
        @contextlib.asynccontextmanager
        async def context():
            try: yield
            except ValueError as exc: raise exc
        async def fails(): load()
        async def main():
            async with context(), contextlib.AsyncExitStack() as stack:
                await stack.enter_async_context(context())
                await guard()(fails)()
        asyncio.run(guard()(main)())
    """,
    "the last of three tries": """
        def retry(call):
            for _ in range(1):
                try: return call()
                except ValueError as exc: last = exc
            raise last
        guard()(retry)(guard()(load))
    """,
    "a helper in the except of another one": """
        def rethrow(exc): raise exc
        def main():
            try:
                try: table[1]
                except KeyError: guard()(load)()
            except ValueError as exc: rethrow(exc)
        guard()(main)()
    """,
    "a helper that made it": """
        def load(*errors): raise (errors or [ValueError("bad")])[0]
        def main():
            try: guard()(load)()
            except ValueError as exc: load(exc)
        guard()(main)()
    """,
    "its traceback taken off": """
        def main():
            try: guard()(load)()
            except ValueError as exc: raise exc.with_traceback(None) from None
        guard()(main)()
    """,
    "a future": """
        from concurrent.futures import ThreadPoolExecutor
        def main():
            with ThreadPoolExecutor(1) as pool:
                job = pool.submit(guard()(load))
            ask(job)
        def ask(job):
            try: job.result()
            except ValueError as exc: raise exc
        guard()(main)()
    """,
    "a future of a kept exception": """
        from concurrent.futures import ThreadPoolExecutor
        def load(): raise ERROR
        def main():
            with ThreadPoolExecutor(1) as pool:
                job = pool.submit(guard()(load))
            job.result()
        guard()(main)()
    """,
    "a thread that is joined": """
        import threading
        class Worker(threading.Thread):
            error = None
            def run(self):
                try: guard()(load)()
                except ValueError as exc: self.error = exc
            def join(self):
                super().join()
                if self.error: raise self.error
        def main():
            worker = Worker(); worker.start(); worker.join()
        guard()(main)()
    """,
    "results of tasks": """
        import asyncio
        async def fails(): load()
        async def main():
            for each in await asyncio.gather(guard()(fails)(), return_exceptions=True):
                if isinstance(each, Exception): raise each
        asyncio.run(main())
    """,
    "a recursion": """
        def down(number):
            try: down(number - 1) if number else load()
            except ValueError as exc: raise exc
        guard()(guard()(down))(5)
    """,
    "a generator": """
        def items():
            try: yield 1
            except ValueError as exc: raise exc
        def main():
            each = items(); next(each)
            try: guard()(load)()
            except ValueError as exc: each.throw(exc)
        guard()(main)()
    """,
}


def failures(done: Finished) -> str:
    """The functions that raised, and how often."""
    told = [
        f"{event['exception']['values'][-1]['stacktrace']['frames'][-1]['function']}"
        f" {event['contexts']['crashguard']['occurrences']}"
        for event in done.events()
    ]
    return ", ".join(sorted(told))


@pytest.mark.parametrize("how", ANEW)
def test_an_object_that_is_raised_for_another_reason_is_another_crash(run: Run, how: str) -> None:
    """However the program keeps it, and whatever sees it; each has its own frames, and the right count."""
    program, _, expected = textwrap.dedent(ANEW[how]).partition("# ")

    assert ", ".join(sorted(expected.strip().split(", "))) == failures(run(BEGIN + program))


@pytest.mark.parametrize("how", ON_ITS_WAY)
def test_an_object_on_its_way_up_is_one_crash(run: Run, how: str) -> None:
    """Two guards see it, and the interpreter; in between it is raised again."""
    done = run(BEGIN + textwrap.dedent(ON_ITS_WAY[how]))

    assert 1 == done.status, done.stderr
    assert "load 1" == failures(done)
