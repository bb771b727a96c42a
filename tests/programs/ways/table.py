"""Every way a Python process ends or an exception is lost: the one table behind tests and documentation.

The numbers are those of the list that this table started from; a row that no program can show has none.
"""

import sys

import attrs

WHOLE = "the whole report"
MINIMAL = "the minimal record: type, functions and lines; the next run sends it"
NOTHING = "nothing: it is no crash"
LOST = "nothing"


@attrs.frozen
class Way:
    """One row.

    Attributes:
        number: Which way of dying it belongs to.
        way: What happens, in words.
        program: The program of this folder that ends this way.
        records: What is recorded.
        unseen: What no reporter can see, or what is left out on purpose and why.
        reports: (mechanism, type) of every report it leaves, in any order.
        arguments: The program's arguments.
        options: The interpreter's options.
        minimal: Whether the report may say no more than the minimal record.
        since: The first Python that has it.
    """

    number: int
    way: str
    program: str
    records: str = WHOLE
    unseen: str = ""
    reports: tuple[tuple[str, str], ...] = ()
    arguments: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    minimal: bool = False
    stdin: str = ""
    since: tuple[int, int] = (3, 11)

    @property
    def name(self) -> str:
        typed = ("raises",) if self.stdin and self.reports else ()  # one program, two ways of answering it
        return "-".join((self.program, *self.arguments, *self.options, *typed)).replace("--", "-")


def _one(mechanism: str, kind: str = "ValueError") -> tuple[tuple[str, str], ...]:
    return ((mechanism, kind),)


ZERO = "ZeroDivisionError"
EXCEPTHOOK = _one("excepthook", ZERO)
METHODS = ("fork", "spawn", "forkserver")
LAZY = ("-X", "lazy_imports=all")
_INSIDE = "the whole report, with the type and the frames of the inside"
_FROM_MEMORY = (
    "No file can be written. With a destination the process sends the report from memory: within two seconds when it dies, "
    "at once and again at its end when it goes on."
)

WAYS = [
    Way(1, "an exception leaves the main thread", "main", reports=EXCEPTHOOK),
    Way(2, "an exception ends a thread", "thread", reports=_one("threading", ZERO)),
    Way(2, "a BaseException ends a thread", "thread_base", reports=_one("threading", "Stop")),
    Way(2, "`sys.exit()` in a thread", "thread_exit", records=NOTHING),
    Way(3, "a thread of `_thread`", "low_thread", reports=_one("unraisable")),
    Way(4, "a `threading.Timer`", "timer", reports=_one("threading", ZERO)),
    Way(
        4,
        "a daemon thread at the end of the program",
        "daemon_at_exit",
        records=LOST,
        unseen="The interpreter stops daemon threads without an exception, and calls no hook.",
    ),
    Way(
        5, "`__del__` raises, three times", "del", "one report that counts three", reports=_one("unraisable")
    ),
    Way(5, "the callback of a weak reference raises", "weakref_callback", reports=_one("unraisable")),
    Way(5, "a generator raises while it is thrown away", "generator_close", reports=_one("unraisable")),
    Way(5, "a function that C calls raises (ctypes)", "ctypes_callback", reports=_one("unraisable")),
    Way(
        6,
        "`__del__` raises at the end of the interpreter",
        "del_at_exit",
        MINIMAL,
        "The message, because no module can be imported any more; `__del__` of objects that the interpreter never destroys.",
        reports=(("unraisable", "ValueError"), ("unraisable", "KeyError")),
        minimal=True,
    ),
    Way(
        6,
        "`__del__` raises at the end of the interpreter, after a crash",
        "del_at_exit_after_crash",
        MINIMAL,
        reports=(("excepthook", "OSError"), ("unraisable", "ValueError")),
        minimal=True,
    ),
    Way(7, "a function that `atexit` calls raises", "atexit_callback", reports=_one("unraisable")),
    Way(
        7,
        "a function that `atexit` calls raises, registered before `install()`",
        "atexit_before",
        reports=_one("unraisable"),
    ),
    Way(8, "an exception leaves `asyncio.run()`", "asyncio_main", reports=_one("excepthook")),
    Way(
        9,
        "an asyncio task raises, and the program never asks for its result",
        "asyncio_lost_task",
        reports=_one("asyncio"),
    ),
    *(
        Way(
            9,
            f"the same with the log of asyncio switched off (`{how}`)",
            "asyncio_log_off",
            reports=_one("asyncio"),
            arguments=(argument,),
        )
        for argument, how in (("disable", "logging.disable()"), ("config", "logging.config.dictConfig()"))
    ),
    Way(9, "a callback of the event loop raises", "asyncio_call_soon", reports=_one("asyncio")),
    Way(
        9,
        "a callback of the event loop raises, asyncio imported before `install()`",
        "asyncio_before",
        reports=_one("asyncio", ZERO),
    ),
    Way(
        9,
        "an exception goes to the program's own exception handler of the event loop",
        "asyncio_own_handler",
        NOTHING,
        "The program's own handler has handled the exception.",
    ),
    Way(
        10,
        "a TaskGroup or an ExceptionGroup",
        "task_group",
        "the group with all its members",
        reports=(*_one("excepthook", "ExceptionGroup"), *_one("excepthook", "KeyError")),
    ),
    Way(
        11,
        "a future keeps an exception, and the program never asks for its result",
        "future_lost",
        LOST,
        "The future has handled the exception, and may still be asked for it. A guard on the function reports it.",
    ),
    Way(
        11,
        "a future keeps an exception, with a guard on the function",
        "future_guarded",
        reports=_one("guard", ZERO),
    ),
    Way(
        12,
        "a worker of a ProcessPoolExecutor raises",
        "process_pool",
        "the report of the parent, with the frames of the worker",
        reports=_one("excepthook", ZERO),
    ),
    Way(
        12,
        "a worker of a ProcessPoolExecutor raises, with a guard on the function",
        "process_pool_guarded",
        "the report of the worker; the parent makes none",
        reports=_one("guard", ZERO),
    ),
    *(
        Way(
            12,
            f"a worker of `multiprocessing.Pool` raises ({method})",
            "pool",
            "the report of the parent, with the frames of the worker",
            reports=_one("excepthook", ZERO),
            arguments=(method,),
        )
        for method in METHODS
    ),
    *(
        Way(
            12,
            f"a worker of `multiprocessing.Pool` raises, the program never asks for the result, with a guard on the function ({method})",
            "pool_lost",
            "the report of the worker",
            "Without a guard: the exception is raised nowhere.",
            reports=_one("guard", ZERO),
            arguments=(method,),
        )
        for method in METHODS
    ),
    Way(
        13,
        "a worker of a ProcessPoolExecutor is killed",
        "worker_killed",
        "the parent's BrokenProcessPool, with the signals and exit codes of its children while the pool exists",
        "Where the worker was.",
        reports=_one("excepthook", "BrokenProcessPool"),
    ),
    *(
        Way(
            14,
            f"a `multiprocessing.Process` raises ({method})",
            "process",
            reports=_one("multiprocessing", ZERO),
            arguments=(method,),
        )
        for method in METHODS
    ),
    *(
        Way(
            14,
            f"a Process with a `run()` of its own ({method})",
            "process_subclass",
            reports=_one("multiprocessing"),
            arguments=(method,),
        )
        for method in METHODS
    ),
    *(
        Way(
            14,
            f"a Process of a Process ({method})",
            "process_nested",
            reports=_one("multiprocessing", ZERO),
            arguments=(method,),
        )
        for method in METHODS
    ),
    *(
        Way(14, f"a Process calls `sys.exit(3)` ({method})", "process_exit", NOTHING, arguments=(method,))
        for method in METHODS
    ),
    Way(15, "a child of `os.fork()` raises", "fork", reports=_one("excepthook")),
    Way(
        15,
        "a child of `os.fork()` and its parent raise the same",
        "fork_both",
        "one report each",
        reports=_one("excepthook") * 2,
    ),
    Way(
        15,
        "children are forked while a thread reports",
        "fork_storm",
        "one report a child",
        reports=(),
        arguments=("60",),
    ),
    Way(16, "`os._exit()` after `capture_exception()`", "exit_after_capture", reports=_one("capture", ZERO)),
    Way(
        16,
        "`os._exit()`",
        "exit_at_once",
        LOST,
        "The process ends before any hook is called. Its run marker remains: the next run counts the process as killed.",
    ),
    Way(
        16,
        "`os.execv()` of a program without crashguard",
        "exec_elsewhere",
        LOST,
        "The process becomes that program before any hook is called. Its run marker remains. A run that starts while "
        "that program lives removes it; after its end the next run counts the process as killed, unless the tool "
        "called `uninstall()` before. Of one that becomes a tool with crashguard, that run has the marker.",
    ),
    Way(
        17,
        "a Python program that the program starts as a child process raises",
        "subprocess_python",
        LOST,
        "The child process is a program of its own, which may install crashguard itself. It gets a telemetry level "
        "that the flag lowered; `child_environment()` passes on any other.",
    ),
    Way(18, "`sys.exit()`", "exit_zero", NOTHING),
    Way(19, "`sys.exit('message')`", "sys_exit", NOTHING),
    Way(20, "Ctrl-C", "ctrl_c", NOTHING),
    Way(21, "`GeneratorExit` leaves the main thread", "generator_exit", NOTHING),
    Way(21, "`CancelledError` leaves the main thread", "cancelled", NOTHING),
    Way(22, "the reader of stdout closed the pipe", "broken_pipe", NOTHING),
    Way(
        22,
        "the reader of stdout closed the pipe, noticed in the flush at exit",
        "broken_pipe_at_exit",
        NOTHING,
    ),
    Way(22, "the reader of stderr closed the pipe", "broken_pipe_stderr", NOTHING),
    Way(
        22,
        "a broken pipe other than stdout and stderr",
        "other_broken_pipe",
        reports=_one("excepthook", "BrokenPipeError"),
    ),
    Way(
        22, "the disk of the output is full when the rest is flushed at the end", "output_disk_full", NOTHING
    ),
    Way(23, "the `sys.excepthook` before ours raises", "hook_broken", reports=EXCEPTHOOK),
    Way(
        23,
        "the `threading.excepthook` before ours raises",
        "thread_hook_broken",
        "both exceptions",
        reports=(("threading", ZERO), ("excepthook", "LookupError")),
    ),
    Way(
        23,
        "the `sys.unraisablehook` before ours raises",
        "unraisable_hook_broken",
        reports=_one("unraisable"),
    ),
    Way(
        23,
        "the `sys.excepthook` before ours calls `os._exit()`",
        "hook_exits",
        MINIMAL,
        reports=EXCEPTHOOK,
        minimal=True,
    ),
    Way(
        23, "crashguard's own code cannot be imported", "own_fault", MINIMAL, reports=EXCEPTHOOK, minimal=True
    ),
    Way(
        23,
        "crashguard's own code raises `SystemExit`",
        "own_fault_deep",
        MINIMAL,
        reports=EXCEPTHOOK,
        minimal=True,
    ),
    Way(
        24,
        "`__str__` of the exception raises",
        "hostile_str",
        "everything but the message",
        reports=_one("excepthook", "Hostile"),
    ),
    Way(
        25,
        "a chain of causes that is a circle",
        "cyclic_chain",
        "each exception once",
        reports=_one("excepthook"),
    ),
    Way(
        26,
        "an infinite recursion",
        "recursion",
        "both ends of the stack",
        reports=_one("excepthook", "RecursionError"),
    ),
    Way(
        26,
        "an infinite recursion with a recursion limit of 50,000",
        "recursion_raised_limit",
        "both ends of the stack",
        reports=_one("excepthook", "RecursionError"),
    ),
    Way(
        26,
        "`__del__` raises at the recursion limit",
        "recursion_in_del",
        reports=_one("unraisable"),
        minimal=True,
    ),
    Way(26, "50,000 frames", "deep_stack", "both ends of the stack", reports=_one("excepthook")),
    Way(
        27,
        "no memory is left",
        "memory",
        "the whole report if 4 MiB are enough, else the minimal record",
        reports=_one("excepthook", "MemoryError"),
        minimal=True,
    ),
    *(
        Way(
            28,
            f"a fatal signal: {name}",
            "native",
            "the signal and the frames of all threads, by the next run",
            "Values, messages and C frames. With `install(native=False)`: everything.",
            reports=_one("signalhandler", name),
            arguments=(name,),
        )
        for name in ("SIGSEGV", "SIGABRT", "SIGBUS", "SIGFPE", "SIGILL")
    ),
    *(
        Way(
            28,
            f"a child of multiprocessing dies of a fatal signal ({method})",
            "native_child",
            "the signal and the frames of all threads, by the next run",
            reports=_one("signalhandler", "SIGSEGV"),
            arguments=(method,),
        )
        for method in METHODS
    ),
    Way(
        28,
        "a fatal signal in a program that enabled faulthandler itself",
        "native_enabled",
        LOST,
        "CPython has one faulthandler, and it writes to the file that the program gave it. The run "
        "marker remains: the next run counts the death.",
    ),
    Way(
        28,
        "a fatal signal after the program closed all file descriptors, as daemons do",
        "closes_all",
        LOST,
        "The file of faulthandler is closed as well, and faulthandler never writes to another file of the program. "
        "The run marker remains: the next run counts the process as killed.",
        arguments=("SIGSEGV",),
    ),
    Way(
        29,
        "SIGTERM, SIGHUP",
        "sigterm",
        LOST,
        "Signal handlers belong to the program: crashguard sets none. The run marker remains: the next run counts the process as killed.",
    ),
    Way(
        30,
        "SIGKILL, the OOM killer, a power cut",
        "sigkill",
        LOST,
        "No code of the process runs any more. The run marker remains: the next run counts the process as killed.",
    ),
    Way(31, "a signal handler in Python raises", "signal_handler", reports=_one("excepthook")),
    Way(
        32,
        "`__del__` raises in a sub-interpreter that has called `install()`",
        "sub_interpreter",
        unseen="Without it: what no other interpreter gets, as what a thread or `__del__` raises inside.",
        reports=_one("unraisable"),
    ),
    Way(
        32,
        "a thread of a sub-interpreter raises (`Interpreter.call_in_thread`, 3.14)",
        "interpreter_thread",
        _INSIDE,
        reports=_one("threading"),
        since=(3, 14),
    ),
    *(
        Way(32, f"{way} (3.14)", "interpreter_raises", _INSIDE, "", _one("excepthook"), (how,), since=(3, 14))
        for how, way in (
            ("call", "an exception leaves a sub-interpreter by `Interpreter.call()`"),
            ("exec", "an exception leaves a sub-interpreter by `Interpreter.exec()`"),
            ("pool", "an exception leaves a worker of an `InterpreterPoolExecutor`"),
        )
    ),
    Way(
        32,
        "the same with a guard inside, where a sub-interpreter has called `install()` too",
        "interpreter_raises",
        "the report of the guard; the interpreter outside makes none",
        reports=_one("guard"),
        arguments=("guarded",),
        since=(3, 14),
    ),
    Way(
        32,
        "the same where only the sub-interpreter has called `install()`",
        "interpreter_raises",
        LOST,
        "The exception is uncaught in the interpreter outside: call `install()` there, or put a guard inside.",
        arguments=("inside",),
        since=(3, 14),
    ),
    Way(33, "`python -c`, `-m`, standard input", "main", reports=EXCEPTHOOK, options=("-c",)),
    Way(33, "`python -c`, `-m`, standard input", "main", reports=EXCEPTHOOK, options=("-m",)),
    Way(33, "`python -c`, `-m`, standard input", "main", reports=EXCEPTHOOK, options=("-",)),
    Way(33, "`runpy`", "runpy_path", reports=_one("excepthook")),
    Way(33, "a zipped program", "zip_app", reports=_one("excepthook")),
    Way(34, "`python -i`, the prompt", "main", NOTHING, options=("-i",)),
    Way(34, "a prompt that the program offers (`code`)", "prompt", NOTHING, stdin="1 / 0\n1 +* 1\n[][0]\n"),
    Way(
        34,
        "the program raises after such a prompt has ended",
        "prompt_then_crash",
        stdin="1 / 0\n1 +* 1\n[][0]\n",
        reports=_one("excepthook"),
    ),
    Way(34, "the prompt of `python -m asyncio`", "asyncio_prompt", NOTHING, stdin="1 / 0\n1 +* 1\n[][0]\n"),
    Way(
        35,
        "a debugger's script that `sys.remote_exec()` sends here raises (3.14)",
        "remote_script",
        NOTHING,
        since=(3, 14),
    ),
    Way(
        35,
        "pdb and debuggers",
        "main",
        LOST,
        "The debugger takes the exception itself. A guard still works.",
        options=("-m", "pdb"),
        stdin="c\nq\n",
    ),
    Way(35, "`q` at the prompt of `breakpoint()`", "breakpoint", NOTHING, stdin="1 / 0\nq\n"),
    Way(
        35,
        "the program raises after `c` at the prompt of `breakpoint()`",
        "breakpoint",
        stdin="1 / 0\nc\n",
        reports=_one("excepthook"),
    ),
    Way(
        36,
        "a `sys.excepthook` set before `install()` that does not call the one before it",
        "hook_before",
        reports=EXCEPTHOOK,
    ),
    Way(
        36,
        "a `sys.excepthook` set later that does not call ours",
        "hook_replaced",
        reports=_one("atexit", ZERO),
    ),
    Way(36, "a `sys.excepthook` set later that calls ours", "hook_chained", reports=EXCEPTHOOK),
    Way(37, "wrong options (argparse)", "usage_error", NOTHING),
    Way(42, "C code runs Python code and prints its exception", "embedded", reports=_one("excepthook")),
    Way(43, "a trace function raises", "trace_function", reports=_one("excepthook")),
    Way(44, "notes of PEP 678", "notes", "the notes, scrubbed as the message is", reports=_one("excepthook")),
    Way(
        45, "a module of the tool does not compile", "import_error", reports=_one("excepthook", "SyntaxError")
    ),
    Way(
        46,
        "no file descriptor is left",
        "no_descriptors",
        unseen="A crash in a thread: only when the main thread dies, crashguard uses the descriptor of stdin meanwhile.",
        reports=_one("excepthook", "OSError"),
    ),
    Way(46, "no thread can be started", "no_threads", reports=_one("excepthook", "Own")),
    Way(46, "the working directory is gone", "cwd_gone", reports=EXCEPTHOOK),
    Way(46, "stderr is closed", "stderr_closed", reports=EXCEPTHOOK),
    Way(46, "`sys.stderr` is None", "stderr_none", reports=EXCEPTHOOK),
    Way(46, "`sys.modules` was emptied", "modules_gone", MINIMAL, reports=EXCEPTHOOK, minimal=True),
    Way(46, "`sys.path` was emptied", "path_gone", MINIMAL, reports=EXCEPTHOOK, minimal=True),
    Way(46, "the clock says 1970", "clock_1970", reports=EXCEPTHOOK),
    *(
        Way(
            47,
            "every import is lazy (`-X lazy_imports=all`, 3.15)",
            program,
            "the same as without: threads, asyncio and multiprocessing, too",
            minimal=minimal,
            reports=reports,
            arguments=arguments,
            options=LAZY,
            since=(3, 15),
        )
        for program, arguments, minimal, reports in (
            ("main", (), False, EXCEPTHOOK),
            ("thread", (), False, _one("threading", ZERO)),
            ("asyncio_lost_task", (), False, _one("asyncio")),
            ("asyncio_before", (), False, _one("asyncio", ZERO)),
            ("asyncio_call_soon", (), False, _one("asyncio")),
            *(("process", (method,), False, _one("multiprocessing", ZERO)) for method in METHODS),
            ("process_subclass", ("fork",), False, _one("multiprocessing")),
            ("del_at_exit", (), True, (("unraisable", "ValueError"), ("unraisable", "KeyError"))),
            ("modules_gone", (), True, EXCEPTHOOK),
            ("path_gone", (), True, EXCEPTHOOK),
            ("native", ("SIGSEGV",), False, _one("signalhandler", "SIGSEGV")),
        )
    ),
    Way(
        46,
        "the disk is full",
        "disk_full",
        LOST,
        _FROM_MEMORY,
        reports=(),
    ),
    Way(
        46,
        "no folder of reports can be made, not even a temporary one; or the disk is read-only",
        "no_folder",
        LOST,
        _FROM_MEMORY,
    ),
]


@attrs.frozen
class Elsewhere:
    """A row that a test of another file shows, or that no program can show.

    Attributes:
        number: Which way of dying it belongs to.
        way: What happens, in words.
        records: What is recorded.
        unseen: What no reporter can see, or what is left out on purpose and why.
        shown_by: The case of tests/test_frameworks.py that shows it; empty: none.
    """

    number: int
    way: str
    records: str = WHOLE
    unseen: str = ""
    shown_by: str = ""


ELSEWHERE = [
    Elsewhere(10, "a trio nursery", "the group with all its members", shown_by="trio"),
    Elsewhere(35, "a typo in IPython", NOTHING, shown_by="IPython"),
    Elsewhere(
        35,
        "a test fails under pytest",
        NOTHING,
        "A guard inside of the tested code works.",
        shown_by="pytest",
    ),
    Elsewhere(36, "`rich.traceback.install()` after `install()`", shown_by="Rich"),
    Elsewhere(36, "`rich.traceback.install()` before `install()`", shown_by="rich before install"),
    Elsewhere(
        36,
        "Textual prints the crash itself and returns",
        "the whole report, with `record_app()`",
        "Without it: Textual raises nothing.",
        shown_by="Textual",
    ),
    Elsewhere(37, "click", shown_by="click"),
    Elsewhere(37, "click without standalone mode", shown_by="click without standalone mode"),
    Elsewhere(
        37, "wrong options, `Abort`, `ClickException` (click)", NOTHING, shown_by="click, a wrong option"
    ),
    Elsewhere(38, "Typer with its pretty exceptions", shown_by="Typer"),
    Elsewhere(38, "Typer without them", shown_by="typer without pretty exceptions"),
    Elsewhere(
        39,
        "the test runner of click or Typer",
        NOTHING,
        "The test gets the exception: `result.exception`.",
        shown_by="click's test runner",
    ),
    Elsewhere(
        40,
        "a gRPC handler raises",
        "the whole report, with `CrashInterceptor`",
        "Without it: gRPC takes the exception itself.",
        shown_by="gRPC",
    ),
    Elsewhere(
        40,
        "an endpoint or a background task of FastAPI raises",
        "the whole report, with `CrashMiddleware`",
        "Without it: the server takes the exception itself.",
        shown_by="FastAPI, Starlette, uvicorn",
    ),
    Elsewhere(35, "a cell of a Jupyter notebook raises", NOTHING, shown_by="Jupyter, a cell that fails"),
    Elsewhere(
        40,
        "a slot of PyQt raises",
        "the whole report; the program goes on",
        "That PyQt ends the program (SIGABRT) where no hook is set.",
        shown_by="PyQt, PySide",
    ),
    Elsewhere(40, "a slot of PySide raises", WHOLE, shown_by="PySide"),
    Elsewhere(
        40,
        "a job of APScheduler, Dramatiq, Huey, RQ or pathos fails",
        "the whole report, with a guard on its function",
        "Without one: the worker takes the exception itself.",
        shown_by="RQ",
    ),
    Elsewhere(
        40,
        "a Celery task fails",
        "the whole report, with `record_task_failures()`",
        "Without it: Celery takes the exception itself.",
        shown_by="Celery",
    ),
    Elsewhere(
        41,
        "a greenlet of gevent raises",
        LOST,
        "gevent prints the exception itself and calls no hook: put a guard on the function.",
    ),
    Elsewhere(
        42,
        "C code clears an exception (`PyErr_Clear`)",
        LOST,
        "CPython calls no hook for a cleared exception.",
    ),
    Elsewhere(
        45,
        "the main program does not compile, or raises before `install()`",
        LOST,
        "Nothing of crashguard has run yet. Install it first; `crashguard run` installs it before the program.",
    ),
]
