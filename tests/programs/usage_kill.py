"""A sync that kills itself at a numbered step, again and again: `usage_kill.py URL FOLDER calls|lines`.

Reads step numbers from stdin. For each it forks a child that counts, keeps, sends and closes, and that sends itself
SIGKILL just before the step of that number; and answers with a line of JSON: what the child had counted, what of it
it had been told is durable, and how it ended. A step is a call of the operating system that changes something
(`calls`), or a line of crashguard/usage or crashguard/files.py that runs for the first time (`lines`).
"""

import fcntl
import http.client
import json
import os
import signal
import sys
import threading

from crashguard import files
from crashguard.plugin import Plugin
from crashguard.usage import Steering, UsageClient, client

URL, FOLDER, KIND = sys.argv[1:]
WATCHED = (os.path.dirname(client.__file__), files.__file__)
LAZY = Steering(10**9, 1000.0, 1000.0)
write = os.write

steps_left = 0
lock = threading.Lock()


def step():
    global steps_left
    with lock:
        steps_left -= 1
        if steps_left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def count_calls():
    def numbered(function):
        def wrapper(*args, **kwargs):
            step()
            return function(*args, **kwargs)

        return wrapper

    for name in ("open", "write", "fsync", "rename", "replace", "unlink", "mkdir", "close"):
        counted = numbered(getattr(os, name))
        setattr(os, name, counted)
        setattr(files.system, name, counted)
    fcntl.flock = numbered(fcntl.flock)
    for name in ("connect", "send", "getresponse"):
        setattr(http.client.HTTPConnection, name, numbered(getattr(http.client.HTTPConnection, name)))


def count_lines():
    seen = set()

    def trace(frame, event, _):
        if not frame.f_code.co_filename.startswith(WATCHED):
            return None
        where = (frame.f_code.co_filename, frame.f_lineno)
        if event == "line" and where not in seen:
            seen.add(where)
            step()
        return trace

    threading.settrace(trace)
    sys.settrace(trace)


def sync(tell):
    def count(rows):
        tell(f"+{rows} ")
        usage.increase_for_table("orders", rows)

    def is_durable():
        tell("d ")

    usage = UsageClient(
        Plugin("acme", "source", "orders", "1"),
        url=URL,
        folder=FOLDER,
        steering=LAZY,
        durable_rows=10**9,
        durable_seconds=1000.0,
    )
    count(1)
    count(2)
    usage.checkpoint()
    is_durable()
    count(4)
    usage.flush()
    is_durable()
    count(8)
    usage.checkpoint()
    is_durable()
    count(16)
    usage.close()
    is_durable()


def child(number, pipe):
    global steps_left
    steps_left = number
    {"calls": count_calls, "lines": count_lines}[KIND]()
    status = 1
    try:
        sync(lambda text: write(pipe, text.encode()))
        status = 0
    finally:
        os._exit(status)


for line in sys.stdin:
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        child(int(line), writer)
    os.close(writer)
    with open(reader) as pipe:
        told = pipe.read().split()
    _, status = os.waitpid(pid, 0)
    counted = durable = 0
    for word in told:
        if word == "d":
            durable = counted
        else:
            counted += int(word)
    print(
        json.dumps({"counted": counted, "durable": durable, "status": os.waitstatus_to_exitcode(status)}),
        flush=True,
    )
