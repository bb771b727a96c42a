# Appended to the program of docs/frameworks.md: a worker runs the job of the page, which it knows by another name than `__main__`.
import sys
import types

import fakeredis
from rq import Queue, SimpleWorker

sys.modules["jobs"] = jobs = types.ModuleType("jobs")
jobs.work = work
queue = Queue(connection=fakeredis.FakeStrictRedis())
job = queue.enqueue("jobs.work")
SimpleWorker([queue], connection=queue.connection).work(burst=True)
print(job.get_status())
