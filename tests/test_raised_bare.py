"""An exception object that is raised again without the traceback that it had: once more, or on its way up."""

import textwrap

import pytest

from tests.conftest import Run
from tests.test_raised_anew import BEGIN, failures

# What each function failed with, and how often.
ANEW = {
    "in a loop, seen by a guard": """
        def main():
            for number in range(4):
                try:
                    with guard(): raise ERROR.with_traceback(None)
                except LookupError: pass
        main()
        # main 4
    """,
    "in a loop, captured": """
        def main():
            for number in range(4):
                try: raise ERROR.with_traceback(None)
                except LookupError as exc: capture(exc)
        main()
        # main 4
    """,
    "in a loop of the module": """
        for number in range(4):
            try: raise ERROR.with_traceback(None)
            except LookupError as exc: capture(exc)
        # <module> 4
    """,
    "by its attribute": """
        def main():
            for number in range(4):
                try:
                    ERROR.__traceback__ = None
                    with guard(): raise ERROR
                except LookupError: pass
        main()
        # main 4
    """,
    "by whoever caught it": """
        def main():
            for number in range(4):
                try:
                    with guard(): raise ERROR
                except LookupError as exc: exc.__traceback__ = None
        main()
        # main 4
    """,
    "a local": """
        def main():
            error = ValueError("made once")
            for number in range(4):
                try:
                    with guard(): raise error.with_traceback(None)
                except ValueError: pass
        main()
        # main 4
    """,
    "in a function": """
        def fails(): raise ERROR.with_traceback(None)
        for number in range(4): swallow(fails)
        # fails 4
    """,
    "in a function, from different lines": """
        def fails(): raise ERROR.with_traceback(None)
        swallow(fails)
        swallow(fails)
        swallow(fails); swallow(fails)
        # fails 4
    """,
    "in a guarded function": """
        @guard()
        def fails(): raise ERROR.with_traceback(None)
        def main():
            for number in range(4):
                try: fails()
                except LookupError: pass
        main()
        # fails 4
    """,
    "in a function deep below": """
        def fails(): raise ERROR.with_traceback(None)
        def down(number): down(number - 1) if number else fails()
        for number in range(4): swallow(down, 3)
        # fails 4
    """,
    "at two lines in turn": """
        def main():
            for number in range(3):
                try:
                    with guard(): raise ERROR.with_traceback(None)
                except LookupError: pass
                try:
                    with guard(): raise ERROR.with_traceback(None)
                except LookupError: pass
        main()
        # main 3, main 3
    """,
    "in two functions in turn": """
        def first(): raise ERROR.with_traceback(None)
        def second(): raise ERROR.with_traceback(None)
        for number in range(3): swallow(first); swallow(second)
        # first 3, second 3
    """,
    "by a guard and the handlers above it": """
        def fails():
            with guard(): raise ERROR.with_traceback(None)
        for number in range(4): swallow(fails)
        # fails 4
    """,
    "in threads": """
        import threading
        def fails(): raise ERROR.with_traceback(None)
        for number in range(4):
            thread = threading.Thread(target=fails); thread.start(); thread.join()
        # fails 4
    """,
    "in a destructor": """
        class Pipe:
            def __del__(self): raise ERROR.with_traceback(None)
        for number in range(3): Pipe()
        Pipe()
        # Pipe.__del__ 4
    """,
    "in a guard of a destructor": """
        class Pipe:
            def __del__(self):
                with guard(): raise ERROR.with_traceback(None)
        for number in range(3): Pipe()
        Pipe()
        # Pipe.__del__ 4
    """,
    "in tasks": """
        import asyncio
        async def fails():
            with guard(): raise ERROR.with_traceback(None)
        async def main():
            for number in range(4):
                await asyncio.wait([asyncio.ensure_future(fails())])
        asyncio.run(main())
        # fails 4
    """,
    "in tasks that are lost": """
        import asyncio, gc
        async def fails(): raise ERROR.with_traceback(None)
        async def main():
            for number in range(4):
                asyncio.ensure_future(fails())
                await asyncio.sleep(0); await asyncio.sleep(0)
                gc.collect()
        asyncio.run(main())
        # fails 4
    """,
    "in jobs of a pool": """
        from concurrent.futures import ThreadPoolExecutor
        def fails():
            with guard(): raise ERROR.with_traceback(None)
        with ThreadPoolExecutor(1) as pool:
            for number in range(4):
                try: pool.submit(fails).result()
                except LookupError: pass
        # fails 4
    """,
    "while another one is handled": """
        def main():
            for number in range(4):
                try:
                    with guard():
                        try: table[1]
                        except KeyError: raise ERROR.with_traceback(None)
                except LookupError: pass
        main()
        # main 4
    """,
    "made without a traceback, and raised by a helper": """
        def fail(error):
            error.__traceback__ = None
            raise error
        class Job:
            error = ValueError("made once")
            def first(self): fail(self.error)
            def second(self): fail(self.error)
        for number in range(2): swallow(Job().first); swallow(Job().second)
        # fail 2, fail 2
    """,
    "the outcome of a job, asked for twice": """
        class Job:
            error = None
            def run(self):
                try: guard()(load)()
                except ValueError as exc: self.error = exc
            def result(self): raise self.error
        job = Job(); job.run()
        for number in range(3): swallow(job.result)
        # load 1, Job.result 2
    """,
}

# One failure, however often it is seen.
ONCE = {
    "captured twice": """
        def main():
            try: raise ERROR.with_traceback(None)
            except LookupError as exc:
                capture(exc)
                capture(exc)
                raise
        main()
    """,
    "guards in guards": """
        def main():
            with guard("one"), guard("two"):
                with guard("three"): raise ERROR.with_traceback(None)
        guard()(main)()
    """,
    "handlers that call one helper": """
        def log(exc): capture(exc)
        def main():
            try:
                try: raise ERROR.with_traceback(None)
                except LookupError as exc:
                    log(exc)
                    raise
            except LookupError as exc:
                log(exc)
                raise
        main()
    """,
    "two handlers of a log": """
        import logging
        class Handler(logging.Handler):
            def emit(self, record): capture(record.exc_info[1])
        logging.getLogger().addHandler(Handler())
        logging.getLogger("main").addHandler(Handler())
        def main():
            try: raise ValueError("made here")
            except ValueError:
                logging.getLogger("main").exception("twice")
                raise
        main()
    """,
    "a hook that was replaced": """
        import sys
        ours, sys.excepthook = sys.excepthook, lambda *args: ours(*args)
        def main(): raise ERROR.with_traceback(None)
        main()
    """,
    "a hook that was replaced, in the module": """
        import sys
        ours, sys.excepthook = sys.excepthook, lambda *args: ours(*args)
        raise ERROR.with_traceback(None)
    """,
    "taken off on its way": """
        def main():
            try: guard()(load)()
            except ValueError as exc:
                exc.__traceback__ = None
                raise
        guard()(main)()
    """,
    "shortened on its way": """
        def main():
            try: guard()(load)()
            except ValueError as exc: raise exc.with_traceback(exc.__traceback__.tb_next)
        guard()(main)()
    """,
    "a future of the program's own": """
        class Future:
            error = None
            def run(self, call):
                try: call()
                except ValueError as exc: self.error = exc
            def result(self):
                if self.error: raise self.error
        def main():
            future = Future(); future.run(guard()(load)); future.result()
        main()
    """,
    "a thread that is joined, without its traceback": """
        import threading
        class Worker(threading.Thread):
            error = None
            def run(self):
                try:
                    with guard(): int("x")
                except ValueError as exc: self.error = exc
            def join(self):
                super().join()
                if self.error: raise self.error.with_traceback(None)
        def main():
            worker = Worker(); worker.start(); worker.join()
        main()
    """,
    "a thread that is joined after it has died": """
        import threading
        class Worker(threading.Thread):
            error = None
            def run(self):
                try: load()
                except ValueError as exc:
                    self.error = exc
                    raise
            def join(self):
                super().join()
                if self.error: raise self.error
        def main():
            worker = Worker(); worker.start(); worker.join()
        main()
    """,
    "a queue, without its traceback": """
        import queue, threading
        results = queue.Queue()
        def work():
            try: guard()(load)()
            except ValueError as exc: results.put(exc.with_traceback(None))
        def main():
            thread = threading.Thread(target=work); thread.start(); thread.join()
            raise results.get()
        main()
    """,
    "a list of outcomes": """
        def main():
            outcomes = []
            def work():
                try: guard()(load)()
                except ValueError as exc: outcomes.append(exc)
            def ask(): raise outcomes[0]
            work()
            ask()
        main()
    """,
    "a future that is asked again and again": """
        from concurrent.futures import ThreadPoolExecutor
        def fails(): raise ERROR.with_traceback(None)
        def main():
            with ThreadPoolExecutor(1) as pool: job = pool.submit(fails)
            for number in range(3): capture(job.exception())
            job.result()
        main()
    """,
}


@pytest.mark.parametrize("how", ANEW)
def test_a_raise_after_the_program_went_on_counts_for_itself(run: Run, how: str) -> None:
    """Whatever has taken the traceback off, and whoever sees it."""
    program, _, expected = textwrap.dedent(ANEW[how]).partition("# ")

    assert ", ".join(sorted(expected.strip().split(", "))) == failures(run(BEGIN + program))


@pytest.mark.parametrize("how", ONCE)
def test_a_raise_that_is_seen_twice_counts_once(run: Run, how: str) -> None:
    """A guard, a handler, a future and the interpreter may see it, with and without the traceback that it had."""
    done = run(BEGIN + textwrap.dedent(ONCE[how]))

    assert 1 == done.status, done.stderr
    assert ["1"] == [each.rpartition(" ")[2] for each in failures(done).split(", ")]
