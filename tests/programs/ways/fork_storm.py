"""Children are forked while a thread of the parent reports, and each of them crashes."""

import crashguard

crashguard.install(app="demo", version="1.0", note=False)

import os
import sys
import threading

children = int(sys.argv[1])
stop = threading.Event()


def report(number=0):
    while not stop.wait(0.002):
        number += 1
        try:
            exec(
                compile(f"def f{number % 40}():\n    1 / 0\nf{number % 40}()", __file__, "exec"),
                {"__name__": "__main__"},
            )
        except ZeroDivisionError as exc:
            crashguard.capture_exception(exc)


threading.Thread(target=report, daemon=True).start()
ends = []
for _ in range(children):
    pid = os.fork()
    if not pid:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        raise ValueError("child")
    ends.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
stop.set()
print(ends.count(1))
