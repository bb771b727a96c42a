"""What a host's signal handler raises while a report is made goes on its way, and the report is made all the same."""

import pytest

from tests.conftest import Run

ALARMS = """
import random, signal, sys
import crashguard
crashguard.install(app="demo", version="1.0", delivery="deferred", note=False)

class Alarm({base}): ...

fired = False
def handler(number, frame):
    global fired
    fired = True
    raise Alarm("time is over")
signal.signal(signal.SIGALRM, handler)

def wait():  # a function of its own: CPython 3.13.0 leaves the jump of a loop out of the `try` around it
    while not fired:
        pass

def bug(number):
    space = {{"__name__": "__main__"}}
    exec(f"def bug{{number}}(): raise LookupError({{number}})", space)
    return space[f"bug{{number}}"]

{report}

report(bug(99))  # the import system takes an OSError for a missing file, so what is needed is imported first
random.seed({seed})
lost = 0
for number in range({times}):
    call, fired, surfaced = bug(number % 40), False, False
    try:
        signal.setitimer(signal.ITIMER_REAL, random.uniform(0.00001, {longest}))
        report(call)
        wait()
    except Alarm:
        surfaced = True
    lost += not surfaced
print(lost)
"""
WAYS = {
    "guard": """
def report(call):
    try:
        with crashguard.guard("work"):
            call()
    except LookupError:
        pass
""",
    "capture": """
def report(call):
    try:
        call()
    except LookupError as exc:
        crashguard.capture_exception(exc)
""",
}


@pytest.mark.slow
@pytest.mark.parametrize("base", ["Exception", "TimeoutError", "SystemExit"])
@pytest.mark.parametrize("way", WAYS)
def test_what_a_signal_handler_raises_during_a_report_reaches_the_program(
    run: Run, way: str, base: str
) -> None:
    """At three hundred random moments of it, an OSError too; each crash is on record nevertheless."""
    program = ALARMS.format(base=base, report=WAYS[way], times=300, seed=1, longest=0.002)
    done = run(program)

    assert ("0\n", "") == (done.stdout, done.stderr)
    assert all(event["contexts"]["crashguard"]["complete"] for event in done.events())


IN_HOOKS = """
import asyncio, random, signal, sys, time
import crashguard
crashguard.install(app="demo", version="1.0", delivery="deferred", note=False)

class Alarm({base}): ...

fired = False
def handler(number, frame):
    global fired, in_hook
    fired = True
    # What prints for the interpreter swallows it, with crashguard and without: C code, Python since 3.13.
    while frame is not None and not frame.f_code.co_filename.endswith(("capture/hooks.py", "traceback.py")):
        frame = frame.f_back
    in_hook = frame is not None and frame.f_code.co_name != "show" and not frame.f_code.co_filename.endswith("traceback.py")
    raise Alarm("time is over")
signal.signal(signal.SIGALRM, handler)

def wait():
    while not fired:
        pass
    end = time.monotonic() + 0.1  # until a thread that waits for the end of the hook is there, and then its end
    while time.monotonic() < end or len(sys._current_frames()) > 1:
        pass

def bugs(number):
    space = {{"__name__": "__main__"}}
    exec(
        f"def bug{{number}}(self=None): raise LookupError({{number}})\\n"
        f"class Bug: __del__ = bug{{number}}\\n"
        f"async def lost(): bug{{number}}()",
        space,
    )
    return space[f"bug{{number}}"], space["Bug"], space["lost"]

def arm():
    signal.setitimer(signal.ITIMER_REAL, random.uniform(0.00001, 0.002))

{report}

class Nowhere:
    def write(self, text): pass
    def flush(self): pass

random.seed(1)
during, lost, stderr, sys.stderr = 0, 0, sys.stderr, Nowhere()
for number in range(300):
    fired = in_hook = False
    try:
        report(*bugs(number % 40))
        wait()
    except Alarm:
        pass
    else:
        lost += in_hook
    during += in_hook
sys.stderr = stderr
print(during, lost)
"""
HOOKS = {
    "del": """
def report(call, kind, lost):
    thing = kind()
    arm()
    del thing
""",
    # Both with a loop that stands: one that runs loses its own wake-up by such an exception, with us or without.
    "callback": """
loop = asyncio.new_event_loop()
def report(call, kind, lost):
    try:
        call()
    except LookupError as exc:
        error = exc
    arm()
    loop.call_exception_handler({"message": "a callback failed", "exception": error})
""",
    "task": """
loop = asyncio.new_event_loop()
def report(call, kind, lost):
    task = loop.create_task(lost())
    loop.run_until_complete(asyncio.sleep(0))
    arm()
    del task
""",
}


@pytest.mark.slow
@pytest.mark.parametrize("base", ["TimeoutError", "SystemExit"])
@pytest.mark.parametrize("way", HOOKS)
def test_what_a_signal_handler_raises_in_a_hook_reaches_the_program(run: Run, way: str, base: str) -> None:
    """Nothing that a hook raises goes anywhere; so it is raised behind the hook, and the report is made.

    At three hundred random moments of it. What is raised while the interpreter prints what `__del__` raised
    is lost with and without crashguard, and does not count here. In the first instruction of a hook nobody
    can catch it: 1 in some hundreds.
    """
    done = run(IN_HOOKS.format(base=base, report=HOOKS[way]))

    during, lost = map(int, done.stdout.split())
    assert during > 30
    assert lost <= 4
    assert "" == done.stderr
    # The interpreter may call the handler where a function of the hook begins, before any `try`: 1 in 3,000.
    assert [event["contexts"]["crashguard"]["complete"] for event in done.events()].count(False) <= 1


@pytest.mark.parametrize("status", [0, 7, 143])
def test_a_handler_that_exits_ends_the_program_with_its_status(run: Run, status: int) -> None:
    """SIGTERM comes from inside of a report, at a message that takes its time."""
    done = run(
        "import os, signal, sys\n"
        "import crashguard\n"
        "crashguard.install(app='demo', version='1.0', delivery='deferred', note=False)\n"
        f"signal.signal(signal.SIGTERM, lambda number, frame: sys.exit({status}))\n"
        "class Slow(Exception):\n"
        "    def __str__(self):\n        os.kill(os.getpid(), signal.SIGTERM)\n        return 'slow'\n"
        "with crashguard.guard('work', reraise=False):\n    raise Slow\n"
        "print('not reached')\n"
    )

    assert (status, "") == (done.status, done.stdout)
    assert "slow" == done.event["exception"]["values"][-1]["value"]


FIRST = """
import os, signal, sys
import crashguard
crashguard.install(app="demo", version="1.0", delivery="deferred", note=False)
crashguard.guard  # what a handler raises while the guard itself is imported comes before the guarded block

class Alarm({base}): ...

def handler(number, frame):
    raise Alarm("time is over")
signal.signal(signal.SIGALRM, handler)

class Interrupts:
    def __init__(self, moment): self.left = moment
    def find_spec(self, name, path=None, target=None):
        self.left -= 1
        if not self.left:
            os.kill(os.getpid(), signal.SIGALRM)

def bug(number):
    space = {{"__name__": "__main__"}}
    exec(f"def bug{{number}}(): raise LookupError({{number}})", space)
    return space[f"bug{{number}}"]

{report}

children = []
for moment in range(1, 60):
    if not os.fork():
        call, status = bug(moment), 0
        sys.meta_path.insert(0, interrupts := Interrupts(moment))
        try:
            report(call)
        except Alarm:
            status = 1
        os._exit(status if interrupts.left <= 0 else 2)
    children.append(os.WEXITSTATUS(os.wait()[1]))
print(*sorted(set(children)), children.count(1))
"""


@pytest.mark.slow
@pytest.mark.parametrize("base", ["OSError", "SystemExit"])
@pytest.mark.parametrize("way", WAYS)
def test_what_a_signal_handler_raises_in_the_imports_for_a_first_report_reaches_the_program(
    run: Run, way: str, base: str
) -> None:
    """Before each of the modules that the first report of a process imports; the report is made all the same."""
    done = run(FIRST.format(base=base, report=WAYS[way]))

    kinds, raised = done.stdout.rsplit(maxsplit=1)
    assert (0, "") == (done.status, done.stderr)
    assert kinds in ("1", "1 2")  # 2: so many modules are not imported
    assert int(raised) > 30
    assert 59 == len(done.events())
    assert all(event["contexts"]["crashguard"]["complete"] for event in done.events())


@pytest.mark.parametrize(
    "handler", ["", "signal.signal(signal.SIGTERM, lambda *_: None)\n"], ids=["plain", "handler"]
)
@pytest.mark.parametrize("base", ["Exception", "BaseException"])
def test_what_code_of_the_program_raises_in_a_report_ends_there(run: Run, handler: str, base: str) -> None:
    """Only a handler's exception goes on its way: not that of a module, a finder or a function that is asked."""
    done = run(
        "import signal, sys\n"
        f"class Wrong({base}): ...\n"
        "def wrong(*_): raise Wrong\n"
        "class Module:\n    def __getattribute__(self, name): raise RuntimeError(name)\n"
        "sys.modules['click.exceptions'] = sys.modules['trio'] = Module()\n"
        f"{handler}"
        "import crashguard\n"
        "crashguard.install(app='demo', version='1.0', delivery='deferred', note=False, ignore=wrong)\n"
        "class Asked(Exception):\n    def __str__(self): wrong()\n"
        "def fails(): raise Asked\n"
        "try:\n    fails()\nexcept Asked as exc:\n    crashguard.capture_exception(exc)\n"
        "with crashguard.guard('work', reraise=False):\n    raise LookupError\n"
        "class Falls:\n    def __del__(self): raise ValueError\n"
        "class Nowhere:\n    write = flush = lambda *_: None\n"
        "stderr, sys.stderr = sys.stderr, Nowhere()\nFalls()\nsys.stderr = stderr\n"
        "print('goes on')\n"
    )

    said = "crashguard: ignore: wrong raised Wrong; it hides no crash\n"
    assert (0, "goes on\n", said) == (done.status, done.stdout, done.stderr)
    assert 3 == len(done.events())
