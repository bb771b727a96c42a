# Appended to the program of docs/frameworks.md: a real worker, and once without one.
from celery.contrib.testing.worker import start_worker


@app.task(bind=True, max_retries=1)
def again(self):
    raise self.retry(countdown=0) if self.request.retries == 0 else KeyError("again")


print(work.apply().state)
app.set_current()
with start_worker(app, perform_ping_check=False, pool="solo"):
    print(type(again.delay().get(timeout=20, propagate=False)).__name__)
